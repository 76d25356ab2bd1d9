//! What a value holds under a name of its own: a quote in the wrong place makes one value of two lines, `cognito client_secret: …`,
//! and people paste more than belongs there. The value is quoted by what is said of it, and some are sent; what stands behind the
//! name is a secret all the same.

use std::ops::Range;

use super::disguise::{encoded_passwords, passwords};
use super::line::Names;
use super::names::{has_hump, is_secret_option, tells};
use super::open::is_open;
use crate::config::releases::options::OPTIONS;
use crate::offset;
use crate::secret::{paste, shapes};
use crate::spelling::lower;

/// A word behind these tells how the next one is meant.
const SCHEMES: [&str; 4] = ["Bearer", "Basic", "bearer", "basic"];

/// Words of prose, too: what stands behind them without a sign must look like a password.
const SPOKEN: [&str; 7] = ["password", "passwd", "passphrase", "secret", "token", "bearer", "basic"];

/// So much may stand around a value that is no part of it.
const AROUND: [char; 13] = [' ', '\t', '\r', '\n', '"', '\'', '`', ',', ';', ']', ')', '<', '>'];

/// What ends a value that stands behind a name without `:` or `=`.
const CLOSING: &str = " \t\r\n\"'`,;)]}<>|&";

/// What may stand between a name and its value besides signs: words, and signs as URLs and programs write them.
const LINKS: [&str; 10] = ["is ", "was ", "ist ", "lautet ", "%20", "%3D", "%3d", "%3A", "%3a", "%09"];

/// Whether a value holds a secret, so that it must not be sent to anybody.
pub fn holds_secret(text: &str) -> bool {
    !told(text).is_empty() || !spoken(text).is_empty()
}

/// The places of secrets inside a value that is one of another kind: the passwords of its addresses, what only secrets are shaped
/// like, and what stands behind names of secrets.
pub(in crate::config) fn told(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if is_address(text) {
        return found;
    }
    found.extend(shapes::find(text));
    if text.bytes().all(is_of_name) {
        return found;
    }
    found.extend(passwords(text));
    found.extend(encoded_passwords(text));
    let mut known = Names::default();
    let mut start = 0;
    // The line before ends with this name, and its value is to come.
    let mut asked = None;
    for line in text.split_inclusive('\n') {
        let pairs = pairs(line, asked.take());
        // A value ends where the next name with a sign begins.
        let mut end = line.len();
        for pair in pairs.iter().rev() {
            if let Some(value) = pair.value(line, end, &mut known) {
                found.extend(words(line, value).map(|at| start + at.start..start + at.end));
            }
            if pair.sign == Sign::Apart {
                end = pair.name_at;
            }
        }
        let is_below = |pair: &&Pair<'_>| line.get(pair.value_at..).is_some_and(|rest| rest.trim().is_empty());
        asked = pairs.last().filter(is_below).map(|pair| pair.name);
        start += line.len();
    }
    found
}

/// What nobody knows in a value of several words that speaks of a secret. Few values are sentences, and none that is sent.
pub(in crate::config) fn spoken(text: &str) -> Vec<Range<usize>> {
    if !text.trim().contains(char::is_whitespace) {
        return Vec::new();
    }
    let mut places = paste::spoken(text, |_| false);
    let words: Vec<&str> = text.split_whitespace().collect();
    let behind_schemes = words.windows(2).filter(|pair| SCHEMES.contains(&pair[0]) && is_no_word(pair[1]));
    places.extend(behind_schemes.map(|pair| place(text, pair[1])));
    places.retain(|at| text.get(at.clone()).is_some_and(|word| is_no_word(word) && !is_open("", word)));
    places
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
    /// A slash, which stands in paths and between the parts of a scope, too.
    Slash,
    /// A blank, the end of the line, or whatever else: `->`, `, `, `(`, ` is `.
    Other,
}

/// A word of a line and what stands behind it.
struct Pair<'t> {
    name: &'t str,
    name_at: usize,
    value_at: usize,
    sign: Sign,
}

/// The words of a line that may be names with values; the first value may be that of a name on the line before.
fn pairs<'t>(line: &'t str, asked: Option<&'t str>) -> Vec<Pair<'t>> {
    // A template has words of its own.
    let has_others = !line.contains("{{") && !line.contains("${") && !line.contains("$(");
    let words = line.split(|letter: char| !u8::try_from(letter).is_ok_and(is_of_name));
    let words = words.filter(|word| word.contains(char::is_alphabetic));
    let pairs = words.filter_map(|name| {
        let name_at = offset::of(name, line);
        let before = line.get(..name_at)?;
        let is_begun = before.is_empty()
            || before.ends_with([' ', '\t', '"', '\'', '`', '{', '[', '(', ',', ';', '&', '?', '<', '|']);
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
            None if has_others => {
                let value = behind_others(rest).filter(|value| value.len() < rest.len() || rest.is_empty())?;
                (value, if rest.starts_with('/') { Sign::Slash } else { Sign::Other })
            }
            None => return None,
        };
        Some(Pair { name, name_at, value_at: line.len() - value.len(), sign })
    });
    let above = asked.map(|name| Pair { name, name_at: 0, value_at: 0, sign: Sign::Other });
    above.into_iter().chain(pairs).collect()
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// What stands behind the signs and linking words that may divide a name from its value.
fn behind_others(rest: &str) -> Option<&str> {
    let mut value = rest;
    // `user@host` is one thing.
    while !value.starts_with('@') {
        let bare = value.trim_start_matches(|sign: char| !sign.is_alphanumeric() && !"@%\\$".contains(sign));
        let bare = ["\\n", "\\t", "\\\""].iter().find_map(|escape| bare.strip_prefix(escape)).unwrap_or(bare);
        let is_apart = bare.len() < value.len() || bare.starts_with('%');
        let link = LINKS.iter().filter(|_| is_apart).find_map(|link| bare.strip_prefix(link));
        match link {
            Some(behind) => value = behind,
            None if bare.len() < value.len() => value = bare,
            None => return Some(value),
        }
    }
    None
}

impl<'t> Pair<'t> {
    /// Where the value stands that is a secret by this name.
    fn value(&self, line: &'t str, end: usize, known: &mut Names<'t>) -> Option<Range<usize>> {
        let rest = line.get(self.value_at..end.max(self.value_at))?;
        let rest = match self.sign {
            Sign::Apart => rest,
            Sign::Colon => rest.split_whitespace().next()?,
            Sign::Slash | Sign::Other => rest.trim_start().split(|end: char| CLOSING.contains(end)).next()?,
        };
        let at = offset::of(rest, line) + rest.len() - rest.trim_start_matches(AROUND).len();
        let value = rest.trim_matches(AROUND);
        // Of a reference, the brackets are a part.
        let value = if value.contains('{') { value } else { value.trim_end_matches(['}', ' ', '"', '\'']) };
        let bare = self.name.trim_matches('-');
        let is_secret = !value.is_empty()
            && match self.sign {
                Sign::Apart => known.tells(bare) && tells(bare),
                Sign::Colon => !is_port(value) && known.tells(bare) && tells(bare),
                Sign::Other if self.name.starts_with("--") => known.tells(bare) && tells(bare),
                Sign::Slash | Sign::Other => self.is_of_secret(bare, value),
            };
        (is_secret && !is_open(bare, value)).then_some(at..at + value.len())
    }

    /// Whether such a value stands behind such a name, although no sign says that it is its value.
    fn is_of_secret(&self, name: &str, value: &str) -> bool {
        let is_variable = || name.contains('_') && !name.contains(|letter: char| letter.is_ascii_lowercase());
        if name.contains(['_', '-']) && is_secret_option(name) {
            return true;
        }
        if self.sign == Sign::Slash {
            return is_variable() && tells(name) && is_no_word(value);
        }
        if name.contains('_') || has_hump(name) {
            return is_no_word(value) && tells(name);
        }
        let is_told = || SPOKEN.iter().any(|spoken| spoken.eq_ignore_ascii_case(name));
        is_like_password(value) && (is_told() || name.contains('-') && tells(name))
    }
}

/// Neither a word of a sentence nor the name of a secret, which may stand behind one, too.
fn is_no_word(value: &str) -> bool {
    !paste::is_of_prose(value) && !tells(value)
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
    std::iter::once(value).chain(alone.map(move |(_, word)| place(line, word)))
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> Range<usize> {
    let at = offset::of(part, text);
    at..at + part.len()
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
            "x DB_PASSWORD correcthorsebattery",
            "API_KEY\tcorrecthorsebattery",
            "x cookieSecret correcthorsebattery",
            "COOKIE_SECRET_KEY, correcthorsebattery",
            "COOKIE_SECRET_KEY;correcthorsebattery",
            "COOKIE_SECRET_KEY/correcthorsebattery",
            "COOKIE_SECRET_KEY | correcthorsebattery",
            "cookie_secret->correcthorsebattery",
            "cookie_secret is correcthorsebattery",
            "x (cookie_secret correcthorsebattery)",
            "cookie_secret(correcthorsebattery)",
            "cookie_secret[correcthorsebattery]",
            "<cookie_secret>correcthorsebattery</cookie_secret>",
            "cookie_secret%20correcthorsebattery",
            "cookie_secret%3Dcorrecthorsebattery",
            "cookie_secret：correcthorsebattery",
            "\"DB_PASSWORD\" \"correcthorsebattery\"",
            "openid\nDB_PASSWORD\ncorrecthorsebattery\n",
            "cognito\nexport COOKIE_SECRET_KEY \"correcthorsebattery",
            "Bearer correcthorsebattery",
        ] {
            assert_eq!(found(text), ["correcthorsebattery"], "{text}");
        }
        let credentials = found("a Authorization: Bearer hunter2hunter2 to: b");
        assert!(["Bearer hunter2hunter2", "hunter2hunter2"].iter().all(|part| credentials.contains(part)));
        assert_eq!(
            found("client_secret: Tr0ub4dor and my 0therOne"),
            ["Tr0ub4dor and my 0therOne", "Tr0ub4dor", "0therOne"]
        );
    }

    #[test]
    fn what_only_a_secret_is_shaped_like_is_found_without_a_name() {
        let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        assert_eq!(found(&format!("x {token}")), [token]);
        assert!(found("https://pom:hunterzwodrei@authenticate.example.com").contains(&"hunterzwodrei"));
        for text in [
            "https%3A%2F%2Fpom%3Ahunterzwodrei%40h%2F",
            "https://a.example.com/?x=postgres%3a%2f%2fpom%3ahunterzwodrei%40db%3a5432",
            "postgres%253A%252F%252Fpom%253Ahunterzwodrei%2540db",
        ] {
            assert!(found(text).contains(&"hunterzwodrei"), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn a_sentence_that_speaks_of_a_secret_is_not_sent() {
        for text in [
            "password hunterzwodrei",
            "my token is hunterzwodrei",
            "the client secret: hunterzwodrei",
            "hunterzwodrei is the cookie_secret",
            "api key hunterzwodrei",
            "Basic hunterzwodrei",
            "geheim: hunterzwodrei",
        ] {
            assert!(holds_secret(text), "{text}");
        }
        for text in ["openid email", "api/token.read", "Jane Doe", "https://authenticate.example.com/oauth2/callback"] {
            assert!(!holds_secret(text), "{text}");
        }
    }

    #[test]
    fn a_long_value_is_looked_through_once() {
        for unit in
            ["a/", "cookie_secret ", "a->", "x%20", "a ", "a: ", "client_secret: x ", "password ", "a:b ", "secret:1 "]
        {
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
            "billing/api-token.read",
            "secrets/read",
            "alice@corp.example.com",
            "the client_secret is wrong",
            "Uses the API_KEY of the vault",
            "Basic authentication",
            "Rotates each access token nightly",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
