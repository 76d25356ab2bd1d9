//! The language of symptoms: see [`crate::page`].

use super::line::Address;
use crate::evidence::is_cognito_login_host;
use crate::page::{Strength, Symptom};

/// Paths that only mean something on Cognito's login domain.
const COGNITO_PATHS: [&str; 4] = ["/error", "/login", "/oauth2/idpresponse", "/saml2/idpresponse"];

/// Stands for any characters.
const ANY: char = '…';

/// A symptom's text, ready to be looked for.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Found in a line.
    Text(Vec<String>),
    /// Found in an address.
    Address {
        /// Its path; `None` for any.
        path: Option<String>,
        /// Parameters that must be there.
        parameters: Vec<(String, Vec<String>)>,
    },
    /// Said by people: the parts, in lower case, each in all its ways.
    Said(Vec<Vec<String>>),
}

impl Pattern {
    pub(super) fn of(symptom: &Symptom) -> Self {
        if !symptom.is_said {
            return Self::new(&symptom.text);
        }
        let ways = |part: &str| part.split('|').map(|way| way.trim().to_lowercase()).collect();
        Self::Said(symptom.text.split('&').map(ways).collect())
    }

    fn new(text: &str) -> Self {
        if let Some((path, query)) = text.split_once('?')
            && (path.is_empty() || path.starts_with('/'))
            && !path.contains(char::is_whitespace)
            && query.contains('=')
        {
            let parameters = query.split('&').filter_map(|pair| pair.split_once('='));
            return Self::Address {
                path: Some(path.to_owned()).filter(|path| !path.is_empty()),
                parameters: parameters
                    .map(|(name, value)| (name.to_owned(), pieces(&value.replace('+', " "))))
                    .collect(),
            };
        }
        Self::Text(pieces(text))
    }

    /// A text that is in every line the pattern is found in, however the line is escaped: what an index looks for.
    pub(super) fn needle(&self) -> &str {
        let texts: Vec<&str> = match self {
            Self::Said(_) => Vec::new(),
            Self::Text(pieces) => pieces.iter().map(String::as_str).collect(),
            Self::Address { path, parameters } => {
                let values = parameters.iter().flat_map(|(_, pieces)| pieces).map(String::as_str);
                // Spaces are written in several ways, and other signs percent-encoded.
                let words = values.flat_map(|value| value.split(|char: char| !is_word(char)));
                let long: Vec<&str> = words.filter(|word| word.len() >= 6).collect();
                if long.is_empty() {
                    path.iter().map(String::as_str).chain(parameters.iter().map(|(name, _)| name.as_str())).collect()
                } else {
                    long
                }
            }
        };
        // These signs are written in other ways by JSON, Go, HTML or a word processor.
        let is_escaped = |char: char| !char.is_ascii() || matches!(char, '"' | '\'' | '\\' | '/' | '<' | '>' | '&');
        let runs = texts.into_iter().flat_map(|text| text.split(is_escaped));
        runs.max_by_key(|run| run.len()).unwrap_or_default()
    }

    /// Whether it is found in a line, or in one of the addresses of the line, and how much that counts if it should be as strong
    /// as `strength`.
    pub(super) fn find(&self, line: &str, addresses: &[Address], strength: Strength) -> Option<Strength> {
        match self {
            Self::Said(_) => None,
            Self::Text(pieces) => {
                let mut values = addresses.iter().flat_map(Address::values);
                (contains(line, pieces) || values.any(|value| contains(value, pieces))).then_some(strength)
            }
            Self::Address { path, parameters } => {
                let has = |address: &Address| {
                    parameters.iter().all(|(name, pieces)| {
                        address.parameters.iter().any(|(other, value)| other == name && equals(value, pieces))
                    })
                };
                let found = addresses.iter().filter(|address| has(address));
                found.filter_map(|address| grade(path.as_deref(), address, strength)).max()
            }
        }
    }
}

impl Pattern {
    /// Whether people say this, in a text in lower case.
    pub(super) fn is_said(&self, text: &str) -> bool {
        let Self::Said(parts) = self else { return false };
        let is_there = |way: &String| text.match_indices(way.as_str()).any(|(at, _)| begins_word(text, at));
        parts.iter().all(|ways| ways.iter().any(is_there))
    }
}

fn pieces(text: &str) -> Vec<String> {
    text.split(ANY).map(str::to_owned).collect()
}

/// An address of which a part is missing, or that is not on one of Cognito's own hosts, is a weaker witness.
fn grade(path: Option<&str>, address: &Address, strength: Strength) -> Option<Strength> {
    match (path, address.path.as_deref()) {
        (Some(path), Some(seen)) if path != seen => None,
        (Some(_), None) => Some(strength.weaker()),
        (Some(path), Some(_)) if COGNITO_PATHS.contains(&path) => {
            let is_cognito = address.host.as_deref().is_some_and(is_cognito_login_host);
            Some(if is_cognito { strength } else { strength.weaker() })
        }
        _ => Some(strength),
    }
}

fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// Whether a value is what the pieces say.
fn equals(value: &str, pieces: &[String]) -> bool {
    let [first, middle @ .., last] = pieces else { return pieces.first().is_none_or(|only| *only == value) };
    let Some(rest) = value.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    after_all(rest, middle).is_some()
}

/// Whether the pieces stand in a line in this order, the whole as words of their own.
fn contains(line: &str, pieces: &[String]) -> bool {
    let Some((first, others)) = pieces.split_first() else { return false };
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find(first.as_str())) {
        let start = from + at;
        let end = start + first.len();
        match others {
            [] if begins_word(line, start) && ends_word(line, end) => return true,
            // What does not follow here follows nowhere later.
            [_, ..] if begins_word(line, start) => return ends(line, end, others),
            _ => {}
        }
        let step = line.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        from = start + step;
    }
    false
}

/// Whether the other pieces follow, and the last of all ends with a word.
fn ends(line: &str, end: usize, others: &[String]) -> bool {
    let Some((last, middle)) = others.split_last() else { return ends_word(line, end) };
    let rest = line.get(end..).unwrap_or_default();
    let Some(rest) = after_all(rest, middle) else { return false };
    let offset = line.len() - rest.len();
    rest.match_indices(last.as_str()).any(|(at, _)| ends_word(line, offset + at + last.len()))
}

/// What comes after these pieces, each at its first place.
fn after_all<'a>(text: &'a str, pieces: &[String]) -> Option<&'a str> {
    pieces.iter().try_fold(text, |rest, piece| rest.split_once(piece.as_str()).map(|(_, after)| after))
}

fn begins_word(line: &str, at: usize) -> bool {
    let before = line.get(..at).and_then(|before| before.chars().next_back());
    let first = line.get(at..).and_then(|rest| rest.chars().next());
    !(before.is_some_and(is_word) && first.is_some_and(is_word))
}

fn ends_word(line: &str, at: usize) -> bool {
    let last = line.get(..at).and_then(|before| before.chars().next_back());
    let after = line.get(at..).and_then(|rest| rest.chars().next());
    !(last.is_some_and(is_word) && after.is_some_and(is_word))
}

#[cfg(test)]
mod tests {
    use super::super::line::addresses;
    use super::*;

    fn find(pattern: &str, line: &str) -> Option<Strength> {
        Pattern::new(pattern).find(line, &addresses(line), Strength::Certain)
    }

    #[test]
    fn text_is_found_as_whole_words() {
        assert!(find("invalid_client", "error: invalid_client.").is_some());
        assert!(find("invalid_client", "invalid_client_metadata").is_none());
        assert!(find("redirect_mismatch", "my_redirect_mismatch redirect_mismatch").is_some());
        assert!(find("Invalid", "invalid").is_none());
        assert!(find("expected \"…/\" got \"", "expected \"https://a/\" got \"https://a\"").is_some());
        assert!(find("expected \"…/\" got \"", "expected \"https://a\" got \"https://a/\"").is_none());
        assert!(find("a…", "so a b").is_some() && find("a…b", "xa b").is_none());
        assert!(find("a…bad", "a badly done, then bad").is_some());
    }

    #[test]
    fn text_is_found_in_the_values_of_an_address() {
        let text = "Client is not enabled for OAuth2.0 flows";
        assert!(
            find(text, "/cb?error_description=Client%20is%20not%20enabled%20for%20OAuth2%2E0+flows%20&a=b").is_some()
        );
        assert!(
            find(text, "/cb?error_description=Client%2520is%2520not%2520enabled%2520for%2520OAuth2.0%2520flows")
                .is_some()
        );
    }

    #[test]
    fn what_people_say_is_found_in_any_order() {
        let pattern = Pattern::of(&Symptom {
            text: "sign out|log out & still logged in|no password".to_owned(),
            is_said: true,
            strength: Strength::Possible,
            unless: Vec::new(),
            versions: None,
        });
        assert!(pattern.is_said("i log out and am still logged in"));
        assert!(pattern.is_said("no password is asked after the sign out"));
        assert!(!pattern.is_said("i am still logged in"));
        assert!(!pattern.is_said("a blog outage, still logged in"));
    }

    #[test]
    fn an_address_is_found_by_its_path_and_parameters() {
        let pattern = "/error?error=redirect_mismatch";
        let host = "https://acme.auth.eu-west-1.amazoncognito.com";
        assert_eq!(
            find(pattern, &format!("{host}/error?client_id=4&error=redirect_mismatch")),
            Some(Strength::Certain)
        );
        assert_eq!(find(pattern, &format!("see <{host}/error#error=redirect%5Fmismatch>")), Some(Strength::Certain));
        assert_eq!(find(pattern, "https://login.example/error?error=redirect_mismatch"), Some(Strength::Likely));
        assert_eq!(find(pattern, "error=redirect_mismatch&client_id=4"), Some(Strength::Likely));
        assert_eq!(find(pattern, &format!("{host}/errors?error=redirect_mismatch")), None);
        assert_eq!(find(pattern, &format!("{host}/error?error=redirect_mismatches")), None);
        assert_eq!(
            find(
                "/error?error=Required parameters missing",
                &format!("{host}/error?error=Required+parameters%20missing")
            ),
            Some(Strength::Certain)
        );
        assert_eq!(
            find("?error_description=…Read timed out…", "/x?error_description=IdP+Read+timed+out&error=a"),
            Some(Strength::Certain)
        );
    }
}
