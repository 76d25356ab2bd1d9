//! What a value holds under a name of its own: a quote in the wrong place makes one value of two lines, `cognito client_secret: …`,
//! and people paste more than belongs there. The value is quoted by what is said of it, and some are sent; what stands behind the
//! name is a secret all the same.

use std::ops::Range;

use super::line::Names;
use super::named::is_open;
use super::names::{is_secret_option, tells};
use crate::config::releases::options::OPTIONS;
use crate::spelling::lower;

/// A word behind these tells how the next one is meant.
const SCHEMES: [&str; 4] = ["Bearer", "Basic", "bearer", "basic"];

/// Words of prose, too: what stands behind them without a sign must look like a password.
const SPOKEN: [&str; 4] = ["password", "passwd", "passphrase", "secret"];

/// So much may stand around a value that is no part of it.
const AROUND: [char; 11] = [' ', '\t', '\r', '\n', '"', '\'', '`', ',', ';', ']', ')'];

/// Whether a value holds a secret under a name of its own, so that it must not be sent to anybody.
pub fn holds_secret(text: &str) -> bool {
    !told(text).is_empty()
}

/// The places of what stands behind names of secrets inside a value, whole and word for word.
pub(in crate::config) fn told(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !text.contains([':', '=', ' ']) || is_address(text) {
        return found;
    }
    let mut known = Names::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        // A value ends where the next name with a sign begins.
        let mut end = line.len();
        for pair in pairs(line).iter().rev() {
            if let Some(value) = pair.value(line, end, &mut known) {
                found.extend(words(line, value).map(|at| start + at.start..start + at.end));
            }
            if pair.sign == Sign::Apart {
                end = pair.name_at;
            }
        }
        start += line.len();
    }
    found
}

/// Whether a text is an address with nothing in it but host, port and path, as most values are that have a colon.
pub(super) fn is_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let is_of_host = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    host.bytes().all(is_of_host)
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && path.bytes().all(|byte| is_of_host(byte) || matches!(byte, b'/' | b'_'))
}

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `: ` or `=`
    Apart,
    /// `:` alone, as before a port.
    Colon,
    /// A blank.
    Blank,
}

/// A word of a line and what stands behind it.
struct Pair<'t> {
    name: &'t str,
    name_at: usize,
    value_at: usize,
    sign: Sign,
}

/// The words of a line that may be names with values.
fn pairs(line: &str) -> Vec<Pair<'_>> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    // A template has words of its own.
    let has_blanks = !line.contains("{{") && !line.contains("${") && !line.contains("$(");
    let words = line.split(move |character| !is_name(character)).filter(|word| word.contains(char::is_alphabetic));
    let pairs = words.filter_map(|name| {
        let name_at = name.as_ptr().addr() - line.as_ptr().addr();
        let before = line.get(..name_at)?;
        let is_begun =
            before.is_empty() || before.ends_with([' ', '\t', '"', '\'', '`', '{', '[', '(', ',', ';', '&', '?']);
        if !is_begun || before.ends_with("${") || before.ends_with("$(") {
            return None;
        }
        let rest = line.get(name_at + name.len()..)?;
        let after = rest.trim_start_matches(['"', '\'', ' ', '\t']);
        let (value, sign) = match after.strip_prefix([':', '=']) {
            Some(_) if after.starts_with("://") => return None,
            // Rego: `password := "…"`
            Some(value) if value.starts_with("= ") => (value.get(1..)?, Sign::Apart),
            Some(value) if after.starts_with('=') || value.starts_with([' ', '\t', '"', '\'']) => (value, Sign::Apart),
            Some(value) => (value, Sign::Colon),
            None if has_blanks && rest.starts_with([' ', '\t']) => (after, Sign::Blank),
            None => return None,
        };
        Some(Pair { name, name_at, value_at: line.len() - value.len(), sign })
    });
    pairs.collect()
}

impl<'t> Pair<'t> {
    /// Where the value stands that is a secret by this name.
    fn value(&self, line: &'t str, end: usize, known: &mut Names<'t>) -> Option<Range<usize>> {
        let rest = line.get(self.value_at..end.max(self.value_at))?;
        let rest = if self.sign == Sign::Apart { rest } else { rest.split_whitespace().next()? };
        let at = rest.as_ptr().addr() - line.as_ptr().addr() + rest.len() - rest.trim_start_matches(AROUND).len();
        let value = rest.trim_matches(AROUND);
        // Of a reference, the brackets are a part.
        let value = if value.contains('{') { value } else { value.trim_end_matches(['}', ' ', '"', '\'']) };
        let bare = self.name.trim_matches('-');
        let mut is_secret = || match self.sign {
            Sign::Apart => known.tells(bare) && tells(bare),
            Sign::Colon => !is_port(value) && known.tells(bare) && tells(bare),
            Sign::Blank if self.name.starts_with("--") => known.tells(bare) && tells(bare),
            Sign::Blank if bare.contains(['_', '-']) => is_secret_option(bare),
            Sign::Blank => SPOKEN.contains(&bare.to_ascii_lowercase().as_str()) && is_like_password(value),
        };
        (!value.is_empty() && is_secret() && !is_open(bare, value)).then_some(at..at + value.len())
    }
}

/// `8443/path`
fn is_port(value: &str) -> bool {
    let port = value.split('/').next().unwrap_or_default();
    !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// No word of a sentence or name of a thing: letters and digits, or longer than words are.
pub(super) fn is_like_password(word: &str) -> bool {
    /// The shortest that has a digit, and that has none.
    const SHORTEST: (usize, usize) = (6, 16);
    let has = |is_it: fn(&u8) -> bool| word.as_bytes().iter().any(is_it);
    !word.contains("://")
        && (word.len() >= SHORTEST.0 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
            || word.len() >= SHORTEST.1)
}

/// `zq7…: cookie_secret`: somebody has swapped a secret and the name of its option.
pub(super) fn is_swapped(name: &str, value: &str) -> bool {
    is_secret_option(value) && is_like_password(name) && !OPTIONS.names_secret(&lower(name))
}

/// A value, and those of its words that somebody may quote alone.
fn words(line: &str, value: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    /// Shorter ones are words of a sentence.
    const SHORTEST: usize = 6;
    let text = line.get(value.clone()).unwrap_or_default();
    let is_plain = |word: &str| word.len() < SHORTEST || word.bytes().all(|byte| byte.is_ascii_lowercase());
    let words = text.split_whitespace().filter(|word| !SCHEMES.contains(word)).enumerate();
    let alone = words.filter(move |(number, word)| {
        text.len() > word.len() && !is_open("", word) && (*number == 0 || !is_plain(word))
    });
    let place = move |word: &str| {
        let at = word.as_ptr().addr() - line.as_ptr().addr();
        at..at + word.len()
    };
    std::iter::once(value).chain(alone.map(move |(_, word)| place(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        told(text).into_iter().filter_map(|at| text.get(at)).collect()
    }

    #[test]
    fn what_a_value_holds_under_a_name_is_found() {
        for text in [
            "cognito client_secret: correcthorsebattery",
            "client_secret: correcthorsebattery",
            "client_secret:correcthorsebattery",
            "cognito --client-secret correcthorsebattery",
            "cognito password correcthorsebattery",
            "4qk2 idp_client_secret correcthorsebattery",
            "x cookie_secret = correcthorsebattery",
            "allow { password := \"correcthorsebattery\" }",
            "https://a.example.com COOKIE_SECRET: correcthorsebattery",
            "x \"shared_secret\": \"correcthorsebattery\" from: https://b",
            "openid\nidp_client_secret: correcthorsebattery\n",
        ] {
            assert_eq!(found(text), ["correcthorsebattery"], "{text}");
        }
        assert_eq!(found("a Authorization: Bearer hunter2hunter2 to: b"), ["Bearer hunter2hunter2", "hunter2hunter2"]);
        assert_eq!(
            found("client_secret: Tr0ub4dor and my 0therOne"),
            ["Tr0ub4dor and my 0therOne", "Tr0ub4dor", "0therOne"]
        );
    }

    #[test]
    fn a_long_value_is_looked_through_once() {
        for unit in ["a ", "a: ", "client_secret: x ", "password ", "a:b ", "secret:1 "] {
            crate::work::grows_with_its_input(
                unit,
                64 * 1024,
                |size| unit.repeat(size / unit.len()),
                |text| drop(told(text)),
            );
        }
    }

    #[test]
    fn what_only_speaks_of_a_secret_is_none() {
        for text in [
            "https://token.example.com:8443/secret",
            "https://secret:8443/x",
            "token-service:8080",
            "token-service:8080/path",
            "cognito idp_client_secret_file: /run/secrets/idp",
            "client_secret: ${IDP_CLIENT_SECRET}",
            "client_secret: {{ .Values.secret }}",
            "{{ .Values.client_secret | quote }}",
            "${CLIENT_SECRET:-}",
            "client_secret: REPLACE_ME",
            "secretName: pomerium-tls",
            "reset your password here, or ask the administrator",
            "a secret place",
            "openid email profile",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:idp-a1",
            "X-Access-Token:access_token",
            "response_type=token",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
