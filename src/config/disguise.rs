//! Secrets where no option says that there is one: what a value itself tells.

use std::ops::Range;

use super::options::is_telling;

/// Shorter values are ordinary words, and ids of clients, which reports need.
const SHORTEST_GENERATED: usize = 32;

/// A file without folder and ending may have a shorter name.
const SHORTEST_PASTED: usize = 12;

/// No name of a file without an ending is longer.
const LONGEST_NAME: usize = 128;

/// Whether a program made this text out of random bytes: digits everywhere, nothing of a sentence or an address.
pub(super) fn is_generated(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= SHORTEST_GENERATED
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-~".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && digits * 12 >= text.len()
        && !is_uuid(text)
}

/// Directories and tenants are named like this.
fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

/// Whether the secret itself stands where the path of its file belongs.
pub(super) fn is_pasted(path: &str) -> bool {
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
pub(super) fn passwords(text: &str) -> Vec<Range<usize>> {
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
        done = start + url.len();
    }
    found
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
        if !is_telling(&name.to_lowercase()) {
            return None;
        }
        let value = value.split(['&', ';', '#']).next().filter(|value| !value.is_empty())?;
        let start = at + 1 + name.len() + 1;
        done = start + value.len();
        Some(start..done)
    })
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
        let found = |text: &str| passwords(text).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(found("https://user:pa55@host/"), ["pa55", "user:pa55"]);
        assert_eq!(found("a postgres://u:p/#w@h:1/x?y=z b"), ["p/#w", "u:p/#w"]);
        assert_eq!(found("redis://:pa55@host"), ["pa55", ":pa55"]);
        for text in [
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
