//! Secrets that are told by their shape, whatever stands before them.

use std::ops::Range;

/// A run of letters and digits of this length that has both was made by a program.
const LONGEST_WORD: usize = 20;
/// A shorter one is, if it has capitals and small letters, too.
const LONGEST_MIXED: usize = 16;
/// Ids of Cognito's app clients, which diagnosis needs, are 26 digits and small letters.
const CLIENT_ID: usize = 26;
/// A secret key of AWS.
const AWS_SECRET: usize = 40;
/// `AKIA…`, `ASIA…`.
const AWS_ID: usize = 20;

/// The places of what must not be shown for its shape, in no order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = private_keys(text);
    found.extend(words(text).filter(|(at, word)| is_secret(text, *at, word)).map(|(at, word)| at..at + word.len()));
    found.extend(passwords(text));
    found.extend(credentials(text));
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/_-=~.".contains(&byte)
}

/// The words of a text, each with its place.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(from..)?;
        let start = from + rest.iter().position(|byte| is_word(*byte))?;
        let word = text.as_bytes().get(start..)?;
        let end = start + word.iter().position(|byte| !is_word(*byte)).unwrap_or(word.len());
        from = end;
        Some((start, text.get(start..end)?))
    })
}

fn is_secret(text: &str, at: usize, word: &str) -> bool {
    // The digest of an image is public.
    if text.get(..at).is_some_and(|before| before.ends_with("sha256:")) {
        return false;
    }
    let is_path = word.starts_with('/')
        || text.get(..at).is_some_and(|before| before.ends_with([':', '%']) && word.starts_with("//"));
    is_token(word)
        || is_aws(word) && !is_path
        || !is_path && is_mixed(word)
        || word.split(['/', '.', '=', '+', '~']).any(is_part_of_secret)
}

/// `eyJ`: Base64url of `{"`, with which every token in JSON begins.
fn is_token(word: &str) -> bool {
    word.split(['/', '=']).any(|part| part.starts_with("eyJ") && part.len() >= LONGEST_MIXED)
}

fn is_aws(word: &str) -> bool {
    let is_id = |part: &str| {
        part.len() == AWS_ID
            && (part.starts_with("AKIA") || part.starts_with("ASIA"))
            && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let value = word.rsplit('=').find(|part| !part.is_empty()).unwrap_or(word);
    let is_key =
        value.len() == AWS_SECRET && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    word.split(['=', '/']).any(is_id) || is_key && has_both_cases(value)
}

fn has_both_cases(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase()) && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// Base64 and Base64url of random bytes: some digits, and letters of both cases.
fn is_mixed(word: &str) -> bool {
    word.split(['.', '=']).any(|part| {
        part.len() > LONGEST_WORD
            && digits(part) * 15 >= part.len()
            && has_both_cases(part)
            && !is_name(part)
            && !is_pool(part)
    })
}

/// A part between hyphens that no person chose.
fn is_part_of_secret(part: &str) -> bool {
    if is_uuid(part) || is_name(part) || is_pool(part) {
        return false;
    }
    part.split(['-', '_']).any(|run| {
        let mixes = digits(run) > 1 && digits(run) < run.len();
        let is_client_id =
            run.len() == CLIENT_ID && run.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        mixes
            && !is_client_id
            && (run.len() >= LONGEST_WORD || run.len() >= LONGEST_MIXED && has_both_cases(run) && digits(run) > 2)
    })
}

/// Words with numbers behind them, which people give as names: `Pomerium-Route-2024`.
fn is_name(part: &str) -> bool {
    let is_plain = |run: &str| {
        let letters = run.trim_end_matches(|digit: char| digit.is_ascii_digit());
        let rest = letters.strip_prefix(|first: char| first.is_ascii_uppercase()).unwrap_or(letters);
        run.len() < LONGEST_MIXED
            && digits(letters) == 0
            && (rest.bytes().all(|byte| byte.is_ascii_lowercase()) || !has_both_cases(rest))
    };
    part.contains(['-', '_']) && part.split(['-', '_']).all(is_plain)
}

/// The id of a user pool: `eu-central-1_Ab12Cd34E`.
fn is_pool(part: &str) -> bool {
    /// The pool's own part.
    const OWN: usize = 9;
    part.split_once('_').is_some_and(|(region, own)| {
        own.len() == OWN
            && own.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && region.split('-').count() > 2
            && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    })
}

fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
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

/// What stands before the `@` of `user:password@host`, with a scheme or without one.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let ends =
        |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '<' | '>' | '`' | '(' | ',');
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices('@').filter(|(at, _)| {
        text.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['))
    }) {
        let before = text.get(from..at).unwrap_or_default();
        let start = before.rfind(ends).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
        let word = before.get(start..).unwrap_or_default();
        let inner = word.find("://").map_or(0, |scheme| scheme + 3);
        let user = word.get(inner..).unwrap_or_default();
        if user.contains(':') || user.len() > LONGEST_MIXED && inner > 0 {
            found.push(from + start + inner..at);
        }
        from = at + 1;
    }
    found
}

/// Schemes of the `Authorization` header.
const SCHEMES: [&str; 5] = ["bearer", "basic", "digest", "negotiate", "dpop"];

/// What follows the name of a scheme: `Bearer …`.
fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut scheme = false;
    let mut at = 0;
    for word in text.split_inclusive(|character: char| character.is_whitespace() || character == '+') {
        let bare = word.trim_matches(|character: char| !character.is_ascii_alphanumeric());
        // `basic auth` and the like are words; credentials are not.
        if scheme
            && (digits(bare) > 0 || has_both_cases(bare.get(1..).unwrap_or_default()) || bare.len() > LONGEST_MIXED)
        {
            let end = word.trim_end().len();
            let end = word.get(..end).and_then(|word| word.find(['"', '\'', '<', '\\'])).unwrap_or(end);
            found.push(at..at + end);
        }
        scheme = SCHEMES.iter().any(|known| {
            bare.len() >= known.len()
                && bare.is_char_boundary(bare.len() - known.len())
                && bare[bare.len() - known.len()..].eq_ignore_ascii_case(known)
        });
        at += word.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(word: &str) -> bool {
        find(word).iter().any(|at| at.start <= 1)
    }

    #[test]
    fn secrets_are_told_by_their_shape() {
        for word in [
            "1hq7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u",
            "zq7CANARYs3cr3tvalue0123",
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "3gmXKHKe/GnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "u:p@host",
        ] {
            assert!(is_found(word), "{word}");
        }
        assert!(!find("Authorization: Bearer hunter22").is_empty());
        assert!(!find("-----BEGIN EC PRIVATE KEY----- ab cd").is_empty());
    }

    #[test]
    fn what_diagnosis_needs_is_left() {
        for word in [
            "4qk2v9s7m1n3b5c8d0f6g7h2u1",
            "eu-central-1_Ab12Cd34E",
            "0b0c7a0e-1f2d-4c3b-9a8e-7d6c5b4a3f21",
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E",
            "pomerium-7d9c6b5f4d-x2x9z",
            "d111111abcdef8.cloudfront.net",
            "/oauth2/authorize",
            "NotAuthorizedException",
            "2026-08-20T10:11:12.123456Z",
            "Sign in with basic auth, or a bearer token",
            "me@example.com",
            "https://authenticate.corp.example.com/oauth2/callback",
            "ip-10-0-12-34.eu-central-1.compute.internal:8443",
        ] {
            assert!(find(word).is_empty(), "{word}: {:?}", find(word));
        }
    }
}
