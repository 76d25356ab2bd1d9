//! What only secrets are shaped like, wherever they stand: private keys, and tokens that say by their first letters whose they are.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// How tokens begin, as those who give them out document it.
const MARKS: [&str; 24] = [
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxr-",
    "xoxs-",
    "xapp-",
    "sk-",
    "sk_live_",
    "rk_live_",
    "npm_",
    "pypi-",
    "hvs.",
    "dop_v1_",
    "AIza",
    "hf_",
    "AKIA",
    "AGE-SECRET-KEY-",
];

/// Behind such a beginning stands no less.
const SHORTEST_TOKEN: usize = 12;

/// Ids of temporary keys of AWS begin with a word.
const AWS_ID: usize = 20;

/// A part of a token in JSON is no shorter.
const SHORTEST_PART: usize = 16;

/// Base64 of 32 bytes, and of 64: of more are certificates.
const KEYS: std::ops::RangeInclusive<usize> = 44..=88;

/// The places of what nothing but a secret looks like, in no order.
pub(crate) fn find(text: &str) -> Vec<Range<usize>> {
    if text.len() < SHORTEST_PART {
        return Vec::new();
    }
    let mut found = private_keys(text);
    for (at, word) in words(text).filter(|(_, word)| word.len() >= SHORTEST_PART) {
        if is_token(word) || is_marked(word) || is_aws_id(word) || KEYS.contains(&word.len()) && is_key(word) {
            found.push(at..at + word.len());
        } else if is_bare_key(word) {
            // It may go on over several lines.
            let rest = text.get(at..).unwrap_or_default();
            let length = rest.bytes().position(|byte| !(is_of_base64(byte) || byte.is_ascii_whitespace()));
            found.push(at..at + rest.get(..length.unwrap_or(rest.len())).unwrap_or(rest).trim_end().len());
            break;
        }
    }
    found
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-' | b'=' | b'~' | b'.')
}

fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// The words of a text, each with its place.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(from..)?;
        let start = from + rest.iter().position(|byte| is_of_word(*byte))?;
        let word = text.as_bytes().get(start..)?;
        let end = start + word.iter().position(|byte| !is_of_word(*byte)).unwrap_or(word.len());
        from = end;
        Some((start, text.get(start..end)?))
    })
}

/// `eyJ`: Base64url of `{"`, with which every token in JSON begins.
pub(super) fn is_token(word: &str) -> bool {
    word.len() >= SHORTEST_PART
        && memchr::memchr(b'J', word.as_bytes()).is_some()
        && word.contains("eyJ")
        && word.split(['/', '=']).any(|part| part.starts_with("eyJ") && part.len() >= SHORTEST_PART)
}

/// What begins as the tokens of a service do.
pub(crate) fn is_marked(word: &str) -> bool {
    if word.len() < SHORTEST_TOKEN {
        return false;
    }
    let value = word.rsplit('=').find(|part| !part.is_empty()).unwrap_or(word);
    let is_begun = |mark: &str| value.len() >= mark.len() + SHORTEST_TOKEN && value.starts_with(mark);
    // Each begins with one of these letters, and few words do.
    value.bytes().next().is_some_and(|first| b"ghxsrnpdAe".contains(&first)) && MARKS.iter().any(|mark| is_begun(mark))
}

/// `AKIA…`, `ASIA…`.
pub(super) fn is_aws_id(word: &str) -> bool {
    let is_id = |part: &str| {
        part.len() == AWS_ID
            && (part.starts_with("AKIA") || part.starts_with("ASIA"))
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    word.len() >= AWS_ID && word.split(['=', '/']).any(is_id)
}

/// Base64 of 32 bytes or more, alone or behind a name, whatever it begins with; few of them have no digit, and some only one.
pub(super) fn is_key(word: &str) -> bool {
    let bare = word.trim_end_matches('=');
    let value = bare.rsplit('=').next().unwrap_or(bare);
    let length = value.len() + word.len() - bare.len();
    word.len() > bare.len()
        && length >= *KEYS.start()
        && length.is_multiple_of(4)
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
        && has_both_cases(value)
}

pub(super) fn has_both_cases(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase()) && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Base64 of a private key, in PEM or in DER: a sequence that begins with the number of its version, which that of a certificate
/// or of a public key does not (RFC 5208, RFC 5915, RFC 8017).
fn is_bare_key(word: &str) -> bool {
    /// So many letters of base64 tell it.
    const ENOUGH: usize = 64;
    let decoded = |length: usize| {
        let head = word.get(..word.len().min(length) / 4 * 4)?.trim_end_matches('=');
        STANDARD_NO_PAD.decode(head).ok()
    };
    if word.starts_with("LS0tLS1CRUdJTi") {
        return decoded(ENOUGH).is_some_and(|pem| {
            pem.split(|byte| *byte == b'\n')
                .next()
                .is_some_and(|line| line.windows(11).any(|kind| kind == b"PRIVATE KEY"))
        });
    }
    word.starts_with('M')
        && word.len() >= ENOUGH
        && decoded(12).is_some_and(|der| {
            let long = der.get(1).filter(|length| **length > 0x80).map_or(0, |length| usize::from(length & 0x7f));
            matches!(der.get(2 + long..), Some([0x02, 0x01, 0 | 1, ..]))
        })
}

/// The part of an address, from its host on, with which anybody may post who knows it: of the hooks of chats,
/// `hooks.slack.com/services/…`, `discord.com/api/webhooks/…`, `….webhook.office.com/webhookb2/…`.
pub(crate) fn hook(url: &str) -> Option<Range<usize>> {
    /// No such part is shorter.
    const SHORTEST: usize = 6;
    let slash = url.get(..url.find(['?', '#']).unwrap_or(url.len()))?.find('/')?;
    let (host, path) = url.split_at_checked(slash)?;
    let host = host.rsplit('@').next()?;
    let is_of_hooks = host.starts_with("hooks.") || host.contains("webhook") || host.contains(".hook");
    let folder = || ["/webhooks/", "/hooks/"].iter().find_map(|folder| Some(path.find(folder)? + folder.len()));
    let start = slash + if is_of_hooks { 1 } else { folder()? };
    let part = bare_path(url.get(start..)?);
    (part.len() >= SHORTEST).then(|| start..start + part.len())
}

/// The path with which a text begins, without what stands behind it.
pub(crate) fn bare_path(text: &str) -> &str {
    text.get(..text.find(['?', '#']).unwrap_or(text.len())).unwrap_or(text).trim_end_matches([',', ';', ']', '}', ')'])
}

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to that of the text.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("-----BEGIN ")).map(|at| from + at) {
        let rest = text.get(start + 11..).unwrap_or_default();
        from = start + 11;
        if rest.split("-----").next().is_some_and(|kind| kind.contains("PRIVATE KEY")) {
            let end = rest.find("-----END").map_or(text.len(), |at| from + at);
            found.push(start..end);
            from = end;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_told_from_what_is_public() {
        for text in [
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n  MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3S",
            "MIIEpAIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEeQzNmYhqUvXzKLCaJFVwWRv",
            "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49",
            "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2UUlCQURBTkJna3Foa2lH",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "AKIAIOSFODNN7EXAMPLE",
            "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=",
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        ] {
            assert_eq!(find(text).first().map(|at| at.start), Some(0), "{text}");
        }
        for text in [
            "-----BEGIN CERTIFICATE-----\nMIIDazCC\n-----END CERTIFICATE-----",
            "MIIDazCCAlOgAwIBAgIUf5tqk9mZ3zQnRrC1mJzXl0wq5dUwDQYJKoZIhvcNAQEL",
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo",
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURhekNDQWxPZ0F3SUJBZ0lV",
            "4qk2v9s7m1n3b5c8d0f6g7h2u1",
            "sk-learn",
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_long_text_is_read_once() {
        for unit in ["-----BEGIN PRIVATE KEY-----", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC ", "eyJ=", "ghp_", "a "] {
            let make = |size| unit.repeat(size / unit.len());
            crate::work::grows_with_its_input(unit, 256 * 1024, make, |text| drop(find(text)));
        }
    }
}
