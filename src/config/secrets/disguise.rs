//! Secrets where no option says that there is one: what a value itself tells.

use std::collections::HashSet;
use std::ops::Range;

use memchr::memmem;

use crate::config::releases::options::is_telling;
use crate::offset;
use crate::secret::percent::Decoded;
use crate::secret::{paste, shapes};

/// Shorter values are ordinary words, and ids of clients, which reports need.
const SHORTEST_GENERATED: usize = 32;

/// A file without folder and ending may have a shorter name.
const SHORTEST_PASTED: usize = 12;

/// No name of a file without an ending is longer.
const LONGEST_NAME: usize = 128;

/// Whether a program made this text out of random bytes: digits everywhere, nothing of a sentence or an address.
pub(crate) fn is_generated(text: &str) -> bool {
    let digits = || text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= SHORTEST_GENERATED
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-~".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && digits() * 12 >= text.len()
        && !is_uuid(text)
}

/// Directories and tenants are named like this.
fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

/// Whether the secret itself stands where the path of its file belongs.
pub(in crate::config) fn is_pasted(path: &str) -> bool {
    let path = path.trim();
    let is_name = |character: char| !character.is_ascii_digit() && !matches!(character, '=' | '+');
    if path.contains('\n') || path.starts_with("-----BEGIN") {
        return true;
    }
    path.len() >= SHORTEST_PASTED
        && !has_ending(path)
        && (!path.contains('/') || is_generated(path) && path.ends_with('=') || path.len() > LONGEST_NAME)
        && !path.chars().all(is_name)
}

/// `.txt`, `.v1`; also the folder in `../secret`.
fn has_ending(path: &str) -> bool {
    path.starts_with('.')
        || path.rsplit_once('.').is_some_and(|(_, ending)| {
            (1..=6).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// A user name that is longer may be a token.
const LONGEST_USER: usize = 16;

/// The passwords of the URLs in a text, each alone and with the name before it, and what their parameters call a secret.
pub(in crate::config) fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut done = 0;
    while let Some(mark) = text.get(done..).and_then(|rest| rest.find("://")) {
        let start = done + mark + 3;
        let rest = text.get(start..).unwrap_or_default();
        let url = rest.split(|c: char| c.is_whitespace() || c == '"' || c == '\'').next().unwrap_or_default();
        if let Some((user, end)) = password(url) {
            found.extend((user < end).then_some(start + user + 1..start + end));
            found.push(start..start + end);
        }
        found.extend(parameters(url).map(|at| start + at.start..start + at.end));
        found.extend(hook(url).map(|at| start + at.start..start + at.end));
        done = start + url.len();
    }
    found.extend(bare_passwords(text));
    found.extend(assignments(text));
    if memchr::memchr(b'@', text.as_bytes()).is_some() {
        let ends: HashSet<usize> = found.iter().map(|known| known.end).collect();
        let is_new = |at: &Range<usize>| {
            !ends.contains(&at.end) && text.get(at.clone()).is_some_and(|user| user.contains(char::is_alphanumeric))
        };
        found.extend(paste::credentials_of_addresses(text).into_iter().filter(is_new));
    }
    found
}

/// The passwords of the addresses that a value holds encoded: `postgres%3A%2F%2Fuser%3Apassword%40host`.
pub(super) fn encoded_passwords(text: &str) -> Vec<Range<usize>> {
    /// An `@`, encoded once or twice.
    const SIGNS: [&str; 2] = ["%40", "%2540"];
    let mut found = Vec::new();
    if !SIGNS.iter().any(|sign| text.contains(sign)) {
        return found;
    }
    // An address may be a parameter of another.
    for part in text.split(|end: char| end.is_whitespace() || "?&#=;,\"'".contains(end)) {
        let Some(decoded) = Decoded::of(part) else { continue };
        let at = offset::of(part, text);
        let inside = passwords(&decoded.text).into_iter().chain(encoded_passwords(&decoded.text));
        found.extend(inside.map(|inside| decoded.place(&inside)).map(|inside| at + inside.start..at + inside.end));
    }
    found
}

/// The part of the path that lets anybody post who knows it: of a hook, and what a program made.
fn hook(url: &str) -> Option<Range<usize>> {
    shapes::hook(url).or_else(|| {
        let path = url.get(url.find('/')?..url.find(['?', '#']).unwrap_or(url.len()))?;
        let start = offset::of(path.split('/').find(|segment| is_generated(segment))?, url);
        let part = shapes::bare_path(url.get(start..)?);
        Some(start..start + part.len())
    })
}

/// What stands behind a telling name and `=`, such as `client_secret=…`; what such a value holds in turn is a part of it.
fn assignments(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let (mut from, mut done) = (0, 0);
    text.match_indices('=').filter_map(move |(at, _)| {
        if at < done {
            return None;
        }
        let name = text.as_bytes().get(from..at)?.iter().rev().take_while(|byte| is_name(byte)).count();
        from = at + 1;
        let is_secret = is_telling(&text.get(at - name..at)?.to_lowercase());
        let value = text.get(at + 1..)?;
        let length = value.find(|c: char| c.is_whitespace() || "&;,\"'<>`".contains(c)).unwrap_or(value.len());
        if !is_secret || length == 0 {
            return None;
        }
        done = at + 1 + length;
        Some(at + 1..done)
    })
}

/// Signs that an address or a name stands before the `@`, rather than a user and a password: if behind it stands the domain of a
/// person's address, and nothing more. `user` is a common name of one, too.
const NO_USERS: [&str; 6] = ["mailto", "acct", "sip", "sips", "xmpp", "user"];

/// The passwords of addresses without a scheme, `user:password@host`, each alone and with the name before it.
fn bare_passwords(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '(' | ',' | '[' | '{');
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        let before = text.get(from..at).unwrap_or_default();
        let start =
            from + before.rfind(ends).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
        from = at + 1;
        let host = text.get(at + 1..).unwrap_or_default();
        // `image:tag@sha256:…`
        let is_host = host.starts_with(|c: char| c.is_alphanumeric() || c == '[') && !host.starts_with("sha256:");
        let word = text.get(start..at).unwrap_or_default();
        if let Some((user, password)) = word.split_once(':')
            && is_host
            && !word.contains("://")
            && !password.is_empty()
            && (!NO_USERS.contains(&user) || is_generated(password) || !is_domain_alone(host))
        {
            found.push(start + user.len() + 1..at);
            found.push(start..at);
        }
    }
    found
}

/// A name with a dot, and neither a port nor a path behind it.
fn is_domain_alone(text: &str) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') || !byte.is_ascii();
    let length = text.bytes().take_while(|byte| is_of_name(byte)).count();
    let (name, behind) = text.split_at_checked(length).unwrap_or((text, ""));
    let is_port = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    name.contains('.') && !behind.starts_with('/') && !behind.strip_prefix(':').is_some_and(is_port)
}

/// Functions of templates whose arguments are names: of variables, of files, of places in a store.
const NAMING: [&str; 14] = [
    "env",
    "expandenv",
    "lookup",
    "index",
    "include",
    "template",
    "required",
    "get",
    "vault",
    "secret",
    "file",
    "key",
    "dig",
    "hasKey",
];

/// No default that anybody could use as a secret is shorter.
const SHORTEST_LITERAL: usize = 4;

/// The defaults in a text that otherwise stands for another: of `${NAME:-default}`, of `{{ default "…" .x }}`.
pub(in crate::config) fn literals(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = defaults(text).into_iter().map(|(_, at)| at).collect();
    found.retain(|at| {
        text.get(at.clone()).is_some_and(|literal| literal.len() >= SHORTEST_LITERAL && !literal.starts_with("${"))
    });
    found.extend(quoted_in(text, "{{", "}}"));
    found
}

/// The quotations in everything that a template computes: `{{ if eq .x "…" }}`, `{% if x == "…" %}`.
pub(in crate::config) fn template_literals(text: &str) -> Vec<Range<usize>> {
    let mut found = quoted_in(text, "{{", "}}");
    found.extend(quoted_in(text, "{%", "%}"));
    found
}

fn quoted_in(text: &str, open: &str, close: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    let next = |sign: &str, from: usize| {
        let rest = text.as_bytes().get(from..)?;
        memmem::find(rest, sign.as_bytes()).map(|at| from + at)
    };
    while let Some(start) = next(open, from).map(|at| at + open.len()) {
        let end = next(close, start).unwrap_or(text.len());
        found.extend(quotations(text.get(start..end).unwrap_or_default()).map(|at| start + at.start..start + at.end));
        from = end;
    }
    found.retain(|at| {
        text.get(at.clone()).is_some_and(|literal| literal.len() >= SHORTEST_LITERAL && !literal.starts_with("${"))
    });
    found
}

/// The names in `${NAME:-default}`, each with the place of what stands for it.
pub(in crate::config) fn defaults(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut done = 0;
    for at in memchr::memchr_iter(b'$', text.as_bytes()) {
        let Some(inside) = text.get(at + 1..).and_then(|rest| rest.strip_prefix('{')).filter(|_| at >= done) else {
            continue;
        };
        let length = inside.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let (name, rest) = inside.split_at(length);
        let sign = [":-", ":=", ":+", ":?", "-", "=", "?"].iter().find(|sign| rest.starts_with(**sign));
        if let Some(sign) = sign.filter(|_| length > 0) {
            let start = at + 2 + length + sign.len();
            done = start + text.get(start..).map_or(0, |rest| rest.find(['}', '\n']).unwrap_or(rest.len()));
            found.push((name, start..done));
        }
    }
    found
}

/// The quoted texts of an expression of a template, but for names of things that stand elsewhere.
fn quotations(expression: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + expression.get(from..)?.find(['"', '\'', '`'])?;
        let quote = expression.get(start..)?.chars().next()?;
        let inner = start + 1;
        let end = expression.get(inner..)?.find(quote).map_or(expression.len(), |at| inner + at);
        let before = expression.get(..start)?.trim_end_matches([' ', '\\', '(']);
        from = (end + 1).min(expression.len());
        let word = before.rsplit(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
        Some((!NAMING.contains(&word)).then_some(inner..end))
    })
    .flatten()
}

/// The values of parameters such as `client_secret`.
fn parameters(url: &str) -> impl Iterator<Item = Range<usize>> {
    // A value is looked at once, even if it looks like parameters itself.
    let mut done = 0;
    url.match_indices(['?', '&', ';']).filter_map(move |(at, _)| {
        let name = url.get(at + 1..).filter(|_| at >= done)?;
        let length = name.bytes().take(LONGEST_PARAMETER).position(|byte| b"=&;#".contains(&byte))?;
        let (name, value) = name.split_at(length);
        let value = value.strip_prefix('=')?;
        if !is_telling_parameter(&name.to_lowercase()) {
            return None;
        }
        let value = value.split(['&', ';', '#']).next().filter(|value| !value.is_empty())?;
        let start = at + 1 + name.len() + 1;
        done = start + value.len();
        Some(start..done)
    })
}

/// Signed addresses and hooks have more names for what opens them than options do.
fn is_telling_parameter(name: &str) -> bool {
    let ends = ["key", "signature", "sig", "code", "pass", "pwd", "session", "cookie", "auth"];
    is_telling(name) || ends.iter().any(|end| name.ends_with(end))
}

/// No parameter has a longer name, in bytes.
const LONGEST_PARAMETER: usize = 256;

/// Where a URL, from its authority on, has the colon before its password and the `@` behind it; without a colon, twice the `@`.
fn password(url: &str) -> Option<(usize, usize)> {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    // A password with a slash in it, which belongs escaped, is one too; a port is none.
    let end = authority.rfind('@').or_else(|| {
        let (_, port) = authority.split_once(':')?;
        if port.bytes().all(|byte| byte.is_ascii_digit()) { None } else { url.rfind('@') }
    })?;
    match url.get(..end)?.find(':') {
        Some(colon) => (colon + 1 < end).then_some((colon, end)),
        None => (end >= LONGEST_USER).then_some((end, end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_made_is_told_from_words() {
        for text in ["1hq7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u", "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8="] {
            assert!(is_generated(text), "{text}");
        }
        for text in [
            "4qk2v9s7m1n3b5c8d0f6g7h2u1",
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E",
            "0b0c7a0e-1f2d-4c3b-9a8e-7d6c5b4a3f21",
            "a-rather-long-name-of-something-that-is-no-secret",
            "some words and 1234567890 digits in a sentence",
        ] {
            assert!(!is_generated(text), "{text}");
        }
    }

    #[test]
    fn a_path_is_told_from_a_secret() {
        for text in
            ["1hqcanary7s6d5f4", "3gmXKHKe/GnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=", "-----BEGIN EC PRIVATE KEY-----"]
        {
            assert!(is_pasted(text), "{text}");
        }
        for text in ["/run/secrets/client1", "secret.txt", "secrets/idp2", "client-secret-of-pomerium", "secret"] {
            assert!(!is_pasted(text), "{text}");
        }
    }

    #[test]
    fn passwords_are_found_in_urls() {
        assert_eq!(defaults("${IDP_CLIENT_SECRET:-abc} ${B}"), [("IDP_CLIENT_SECRET", 21..24)]);
        let found = |text: &str| passwords(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(found("https://user:pa55@host/"), ["pa55", "user:pa55"]);
        assert_eq!(found("a postgres://u:p/#w@h:1/x?y=z b"), ["p/#w", "u:p/#w"]);
        assert_eq!(found("redis://:pa55@host"), ["pa55", ":pa55"]);
        assert_eq!(found("https://h/?X-Amz-Signature=abc&key=def&to=x"), ["abc", "def"]);
        let made = "zq7Kp2XvN4rY5s3Lm8tV4lwe9H76wPmT0bQ";
        assert_eq!(found(&format!("user:{made}@h.example.com")), [made, &format!("user:{made}")]);
        assert_eq!(found("https://me:my pass word@host/"), ["me:my pass word"]);
        assert_eq!(found("https://token:@host/"), ["token:"]);
        assert_eq!(found("http://http://me:pa55@host"), ["me:pa55"]);
        assert!(found("user:me@example.com").is_empty());
        assert_eq!(found("svc:pa55@b:80"), ["pa55", "svc:pa55"]);
        for host in ["app:8080", "proxy", "db.example.com/x", "db.example.com:5432"] {
            assert_eq!(found(&format!("user:pa55@{host}")), ["pa55", "user:pa55"], "{host}");
        }
        assert!(found("sip:me@example.com, mailto:me@example.com?subject=x").is_empty());
        assert_eq!(found("dial {redis:pa55@b}, x"), ["pa55", "redis:pa55"]);
        for text in [
            "pomerium/pomerium:v0.33.1@sha256:0123",
            "mailto:me@example.com",
            "git@example.com:x/y",
            "https://host:443/x",
            "https://host:443/?to=me@example.com",
            "https://user@host",
            "me@example.com",
            "https://:@host",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
