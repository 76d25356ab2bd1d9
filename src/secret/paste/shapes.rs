//! Secrets that are told by their shape, whatever stands before them.

use std::ops::Range;

use crate::offset;
use crate::secret::shapes::{self, has_both_cases, hook, is_aws_id, is_key, is_token, words};
use crate::spelling::Words;

/// A run of letters and digits of this length that has both was made by a program.
const LONGEST_WORD: usize = 20;
/// A shorter one is, if it has capitals and small letters, too.
const LONGEST_MIXED: usize = 16;
/// Ids of Cognito's app clients, which diagnosis needs, are 26 digits and small letters.
const CLIENT_ID: usize = 26;
/// A user without a password is a token from this length on, if it has a digit: `https://TOKEN@host`.
const SHORTEST_USER_TOKEN: usize = 8;
/// No address of a hook is longer, in bytes.
const LONGEST_HOOK: usize = 1024;
/// A secret key of AWS.
const AWS_SECRET: usize = 40;

/// The places of what must not be shown for its shape, in no order.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = shapes::find(text);
    let long = words(text).filter(|(_, word)| word.len() >= LONGEST_MIXED);
    found.extend(long.filter(|(at, word)| is_secret(text, *at, word)).map(|(at, word)| at..at + word.len()));
    found.extend(passwords(text));
    found.extend(hooks(text));
    found.extend(behind_hosts(text));
    found.extend(words_of_pgpass(text));
    found.extend(credentials(text));
    found
}

/// The id of an app client or of a user pool: both are public, and diagnosis needs them.
pub(super) fn is_public(word: &str) -> bool {
    is_client_id(word) || is_pool(word)
}

fn is_client_id(run: &str) -> bool {
    run.len() == CLIENT_ID && run.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_secret(text: &str, at: usize, word: &str) -> bool {
    // The digest of an image is public.
    if text.get(..at).is_some_and(|before| before.ends_with("sha256:")) {
        return false;
    }
    let is_path = word.starts_with('/')
        || text.get(..at).is_some_and(|before| before.ends_with([':', '%']) && word.starts_with("//"));
    is_token(word)
        || is_key(word)
        || is_aws(word) && !is_path
        || !is_path && is_mixed(word)
        || word.split(['/', '.', '=', '+', '~']).any(is_part_of_secret)
}

/// An id of AWS, or the secret key to one.
fn is_aws(word: &str) -> bool {
    let value = word.rsplit('=').find(|part| !part.is_empty()).unwrap_or(word);
    let is_key =
        value.len() == AWS_SECRET && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    is_aws_id(word) || is_key && has_both_cases(value)
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
        mixes
            && !is_client_id(run)
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

/// What stands before the `@` of `scheme://user:password@host`.
pub(super) fn credentials_of_addresses(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut done = 0;
    for at in text.match_indices("://").map(|(at, mark)| at + mark.len()) {
        if at < done {
            continue;
        }
        if let Some(end) = credentials_end(text, at) {
            found.push(at..end);
            done = end;
        }
    }
    found
}

/// What stands before the `@` of `user:password@host`, with a scheme or without one.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let ends =
        |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '<' | '>' | '`' | '(' | ',');
    let mut found = credentials_of_addresses(text);
    let mut from = 0;
    let mut last: Option<Range<usize>> = None;
    for (at, _) in text.match_indices('@').filter(|(at, _)| begins_host(text.get(at + 1..).unwrap_or_default())) {
        let before = text.get(from..at).unwrap_or_default();
        let start = before.rfind(ends).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
        let word = before.get(start..).unwrap_or_default();
        let inner = word.find("://").map_or(0, |scheme| scheme + 3);
        let user = word.get(inner..).unwrap_or_default();
        // `user:p@ss@host`
        let is_more =
            start == 0 && inner == 0 && !user.contains('/') && last.as_ref().is_some_and(|last| last.end + 1 == from);
        if let Some(place) = last.take().filter(|_| is_more) {
            // It is a part of what goes on to here.
            found.pop();
            last = Some(place.start..at);
        } else if inner > 0 {
            // In a parameter of an address stands another one.
            let own = user.rsplit(['/', '?', '#', '&', '=']).next().unwrap_or_default();
            let is_token = || own.len() > LONGEST_MIXED || own.len() >= SHORTEST_USER_TOKEN && digits(own) > 0;
            let is_user = own.contains(':') || own.len() == user.len() && is_token();
            last = is_user.then(|| at - own.len()..at);
        } else if user.contains(':') {
            last = Some(from + start..at);
        }
        found.extend(last.clone());
        from = at + 1;
    }
    found
}

/// The last of five: `host:port:database:user:password`.
fn words_of_pgpass(text: &str) -> impl Iterator<Item = Range<usize>> {
    let lines = text.split('\n').filter(|line| memchr::memchr_iter(b':', line.as_bytes()).nth(3).is_some());
    let words = lines.flat_map(|line| line.split(|letter: char| letter.is_whitespace() || "\"'`".contains(letter)));
    words.filter_map(|word| {
        let fields: Vec<&str> = word.splitn(5, ':').collect();
        let [_, port, _, _, password] = fields[..] else { return None };
        let is_port = port == "*" || port.bytes().all(|byte| byte.is_ascii_digit());
        let start = offset::of(password, text);
        (is_port && fields.iter().all(|field| !field.is_empty())).then(|| start..start + password.len())
    })
}

/// What stands behind `user@host:`, and is no port.
fn behind_hosts(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_of_host = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '.');
    // What a value holds in turn is a part of it, and where a word ends is looked for once.
    let (mut word, mut done) = (0..0, 0);
    text.match_indices('@').filter_map(move |(at, _)| {
        let behind = text.get(at + 1..)?;
        let host = behind.find(|letter| !is_of_host(letter))?;
        let value = behind.get(host..)?.strip_prefix(':')?;
        let start = at + 1 + host + 1;
        if start < done {
            return None;
        }
        if start >= word.end {
            let length = value.find(|letter: char| letter.is_whitespace() || "\"'`<>".contains(letter));
            word = start..start + length.unwrap_or(value.len());
        }
        let value = text.get(start..word.end)?;
        let path = value.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let is_port = path.len() < value.len() && value.contains('/') || !path.contains(char::is_alphanumeric);
        let is_user = text.get(..at)?.ends_with(char::is_alphanumeric);
        if host == 0 || !is_user || is_port {
            return None;
        }
        done = word.end;
        Some(start..word.end)
    })
}

/// The parts of addresses with which anybody may post who knows them.
fn hooks(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        // No such address is longer, and a text may hold any number.
        let rest = offset::head(text.get(start..)?, LONGEST_HOOK);
        let url = rest.split(|end: char| end.is_whitespace() || "\"'`<>\\".contains(end)).next()?;
        hook(url).map(|place| start + place.start..start + place.end)
    })
}

fn begins_host(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphanumeric() || first == '[')
}

/// Where the password of an address ends that begins here behind its scheme: at the last `@` before the path. People do not
/// encode what stands in it: quotes, brackets, commas, slashes, a blank.
fn credentials_end(text: &str, start: usize) -> Option<usize> {
    /// Nobody has a longer password, in bytes.
    const LONGEST: usize = 256;
    /// So many words it has at most.
    const MOST_WORDS: usize = 4;
    // A line may hold any number of addresses: of what is behind one, no more is read than a password takes.
    let rest = text.get(start..)?;
    let rest = offset::head(rest, LONGEST);
    let line = rest.split(['\n', '\r']).next()?;
    // The next address has its own.
    let line = line.find("://").map_or(line, |next| line.get(..next).unwrap_or(line));
    let mut before = None;
    let closes = |(at, character): (usize, char)| {
        let is_inner = before.replace(character).is_some_and(char::is_alphanumeric)
            && line.get(at + character.len_utf8()..).is_some_and(|behind| behind.starts_with(char::is_alphanumeric));
        let is_end = matches!(character, '"' | '\'' | '`') && !is_inner || matches!(character, '<' | '>');
        is_end.then_some(at)
    };
    let line = line.char_indices().find_map(closes).map_or(line, |end| line.get(..end).unwrap_or(line));
    let word = line.split(char::is_whitespace).next()?;
    let authority = word.split(['/', '?', '#']).next()?;
    let last = |text: &str| {
        text.match_indices('@').map(|(at, _)| at).rfind(|at| begins_host(line.get(at + 1..).unwrap_or_default()))
    };
    let (user, password) = authority.split_once(':')?;
    let is_port = !password.is_empty() && password.bytes().all(|byte| byte.is_ascii_digit());
    if authority.contains('@') {
        return last(word.split(['?', '#']).next()?).map(|end| start + end);
    }
    if is_port || user.starts_with('[') {
        return None;
    }
    let far = || {
        let at =
            line.find('@').filter(|at| line.get(..*at).is_some_and(|words| words.split(' ').count() <= MOST_WORDS))?;
        let length = line.get(at..)?.find(char::is_whitespace).unwrap_or(line.len() - at);
        last(line.get(..at + length)?)
    };
    Some(start + last(word).or_else(far)?)
}

/// Schemes of the `Authorization` header.
const SCHEMES: [&str; 5] = ["bearer", "basic", "digest", "negotiate", "dpop"];

/// Few texts hold one.
static HAS_SCHEME: Words<5> = Words::new(SCHEMES);

/// What follows the name of a scheme: `Bearer …`.
fn credentials(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if !HAS_SCHEME.is_any_in(text) {
        return found;
    }
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
            "YfMewEsqbBTqWTNcEtczBrxHnoSaXtcRowrcG/UPNcd=",
            "/fMewEsqbBTqWTNcEtczBrxHnoSaXtcRowrcGaUPNcd=",
        ] {
            assert!(is_found(word), "{word}");
        }
        assert!(!find("Authorization: Bearer hunter22").is_empty());
        assert!(!find("-----BEGIN EC PRIVATE KEY----- ab cd").is_empty());
    }

    #[test]
    fn a_password_goes_on_to_the_last_sign_before_the_path() {
        for password in
            ["hunter", "p@ss@hunter", "p/w", "p#w?x", "(hunter)", "h\"unter", "it's", "a,b;c", "a b c", "a@b/c@d", "#a"]
        {
            let text = format!("dial postgres://pomerium:{password}@db:5432/pom, a@b.c");
            let shown = super::super::without(&text, passwords(&text));
            assert_eq!(shown, "dial postgres://CUT@db:5432/pom, a@b.c");
        }
        let text = "dial pomerium:p@ss@w@db:5432 failed";
        assert_eq!(super::super::without(text, passwords(text)), "dial CUT@db:5432 failed");
    }

    #[test]
    fn a_line_of_many_addresses_is_read_once() {
        for unit in
            ["http://a ", "http://a:b", "a@b:", "a@b:1 ", "a@b:c@", "-----BEGIN PRIVATE KEY-----", "http://a:b c"]
        {
            let make = |size| unit.repeat(size / unit.len());
            crate::work::grows_with_its_input(unit, 256 * 1024, make, |text| drop(find(text)));
        }
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
            "https://host:443/?to=me@example.com",
            "https://h/cb?login_hint=me@example.com",
            "\"https://h:80/x\",\"email\":\"me@example.com\"",
            "https://authenticate.corp.example.com/oauth2/callback",
            "ip-10-0-12-34.eu-central-1.compute.internal:8443",
        ] {
            assert!(find(word).is_empty(), "{word}: {:?}", find(word));
        }
    }
}
