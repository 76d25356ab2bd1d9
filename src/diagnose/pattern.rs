//! The language of symptoms: see [`crate::page`].

use std::sync::OnceLock;

use memchr::memmem::{self, Finder};

use super::denial::{is_denied, is_denied_at};
use super::line::{Address, Line};
use super::plain::spoken;
use super::squeezed::Squeezed;
use crate::evidence::is_cognito_login_host;
use crate::page::{Strength, Symptom};

/// Paths that only mean something on Cognito's login domain.
const COGNITO_PATHS: [&str; 4] = ["/error", "/login", "/oauth2/idpresponse", "/saml2/idpresponse"];

/// Stands for any characters.
const ANY: char = '…';

/// A symptom's text in lower case, ready to be looked for.
#[derive(Debug)]
pub(super) enum Pattern {
    /// Found in a line; and without any blanks in what was broken.
    Text { pieces: Vec<Piece>, squeezed: Vec<Piece> },
    /// Found in an address.
    Address {
        /// Its path; `None` for any.
        path: Option<String>,
        /// Parameters that must be there.
        parameters: Vec<(String, Vec<Piece>)>,
        /// What is in every line with such an address.
        signs: Vec<Piece>,
    },
    /// Said by people: the parts, in lower case, each in all its ways.
    Said(Vec<Vec<String>>),
}

/// A part of a pattern, ready to be looked for.
#[derive(Debug)]
pub(super) struct Piece {
    text: Box<str>,
    /// Made when the first long text is looked at: most parts never are.
    finder: OnceLock<Finder<'static>>,
}

impl Piece {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.into(), finder: OnceLock::new() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands first.
    pub(super) fn find(&self, text: &str) -> Option<usize> {
        /// In so few bytes a part is found sooner than a finder is made (as `memmem` itself has it).
        const FEW: usize = 64;
        if text.len() < FEW {
            return memmem::find(text.as_bytes(), self.text.as_bytes());
        }
        self.finder().find(text.as_bytes())
    }

    fn finder(&self) -> &Finder<'static> {
        self.finder.get_or_init(|| Finder::new(&*self.text).into_owned())
    }

    /// What comes after it.
    pub(super) fn after<'a>(&self, text: &'a str) -> Option<&'a str> {
        text.get(self.find(text)? + self.text.len()..)
    }
}

impl Pattern {
    pub(super) fn of(symptom: &Symptom) -> Self {
        if !symptom.is_said {
            return Self::new(&symptom.text);
        }
        Self::said(&symptom.text)
    }

    /// What people say: the parts between `&`, each in all its ways between `|`.
    pub(super) fn said(text: &str) -> Self {
        let ways = |part: &str| part.split('|').map(|way| spoken(way.trim())).collect();
        Self::Said(text.split('&').map(ways).collect())
    }

    fn new(text: &str) -> Self {
        let text = &*text.to_lowercase();
        if let Some((path, query)) = text.split_once('?')
            && (path.is_empty() || path.starts_with('/'))
            && !path.contains(char::is_whitespace)
            && query.contains('=')
        {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let parameters: Vec<(String, Vec<Piece>)> =
                pairs.map(|(name, value)| (name.to_owned(), pieces(&value.replace('+', " ")))).collect();
            // An address without its path is a witness, too, if its values tell enough. People leave the slash out.
            let path_sign = is_vague(&parameters).then(|| path.trim_start_matches('/')).into_iter();
            let names = parameters.iter().map(|(name, _)| name.as_str());
            let signs = path_sign.chain(names).filter(|sign| !sign.is_empty()).map(Piece::new).collect();
            let path = Some(path.to_owned()).filter(|path| !path.is_empty());
            return Self::Address { path, parameters, signs };
        }
        let squeezed = text.split_whitespace().collect::<String>();
        Self::Text { pieces: pieces(text), squeezed: pieces(&squeezed) }
    }

    /// A text that is in every line the pattern is found in, however the line is escaped: what an index looks for.
    pub(super) fn needle(&self) -> &str {
        let texts: Vec<&str> = match self {
            Self::Said(_) => Vec::new(),
            Self::Text { pieces, .. } => pieces.iter().map(Piece::text).collect(),
            Self::Address { path, parameters, .. } => {
                let values = parameters.iter().flat_map(|(_, pieces)| pieces).map(Piece::text);
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
    pub(super) fn find(&self, line: &Line, strength: Strength) -> Option<Strength> {
        match self {
            Self::Said(_) => None,
            Self::Text { pieces, .. } => {
                let is_in = |text: &str| contains(text, pieces, &|_| false);
                let is_revealed = || line.revealed().iter().any(|text| after_all(text, pieces).is_some());
                let is_hidden = || is_revealed() && line.low().iter().flat_map(Address::values).any(is_in);
                (is_in(&line.lower) || is_hidden()).then_some(strength)
            }
            Self::Address { path, parameters, signs } => {
                // Most lines have no address for which it is worth to take all apart.
                if !signs.iter().all(|sign| line.any_text(|text| sign.find(text).is_some())) {
                    return None;
                }
                let has = |address: &Address| {
                    parameters.iter().all(|(name, pieces)| {
                        address.parameters.iter().any(|(other, value)| other == name && equals(value, pieces))
                    })
                };
                let found = line.low().iter().filter(|address| has(address));
                let is_vague = is_vague(parameters);
                found.filter_map(|address| grade(path.as_deref(), address, strength, is_vague)).max()
            }
        }
    }

    /// Where a text in lower case may have it, if it is one.
    pub(super) fn starts<'a>(&'a self, lower: &'a str) -> impl Iterator<Item = usize> + 'a {
        let first = match self {
            Self::Text { pieces, .. } => pieces.iter().map(Piece::text).find(|text| !text.is_empty()),
            Self::Address { .. } | Self::Said(_) => None,
        };
        first.into_iter().flat_map(|first| lower.match_indices(first)).map(|(at, _)| at)
    }

    /// Whether it is found in a text of which nobody knows where it was broken.
    pub(super) fn is_in(&self, text: &Squeezed) -> bool {
        let Self::Text { squeezed, .. } = self else { return false };
        let may_be = squeezed.iter().all(|piece| text.grams.may_have(piece.text()));
        may_be && contains(&text.text, squeezed, &|at| text.is_gap(at))
    }
}

impl Pattern {
    /// Whether people say this, in a text in lower case.
    pub(super) fn is_said(&self, text: &str) -> bool {
        let Self::Said(parts) = self else { return false };
        let is_alone = parts.len() == 1;
        let is_there = |way: &String| {
            let is_meant = |at: usize| !((is_alone || is_fault(way)) && is_denied_at(text, at, at + way.len()));
            text.match_indices(way.as_str()).any(|(at, _)| begins_word(text, at) && is_meant(at))
        };
        parts.iter().all(|ways| ways.iter().any(is_there))
    }

    /// Whether a text, which is in lower case and in people's words, denies it.
    pub(super) fn is_denied(&self, text: &str) -> bool {
        let Self::Text { pieces, .. } = self else { return false };
        pieces.first().is_some_and(|first| is_denied(text, first.text()))
    }
}

/// Whether this is the name of a fault by itself: a status, or an error of OAuth. Others are what a fault is told with, and may have
/// a negation of their own: `does not work`.
fn is_fault(way: &str) -> bool {
    way.contains('_')
        || way.len() == 3 && way.bytes().all(|byte| byte.is_ascii_digit())
        || ["clock", "uhr", "csrf"].contains(&way)
}

/// Whether any values will do.
fn is_vague(parameters: &[(String, Vec<Piece>)]) -> bool {
    parameters.iter().all(|(_, pieces)| pieces.iter().all(|piece| piece.text().is_empty()))
}

fn pieces(text: &str) -> Vec<Piece> {
    text.split(ANY).map(Piece::new).collect()
}

/// An address of which a part is missing, or that is not on one of Cognito's own hosts, is a weaker witness. One without a path
/// is none for a parameter of any value: a log on a console writes `error=…`, too.
fn grade(path: Option<&str>, address: &Address, strength: Strength, is_vague: bool) -> Option<Strength> {
    match (path, address.path.as_deref()) {
        (Some(path), Some(seen)) if path != seen => None,
        (Some(_), None) => (!is_vague).then(|| strength.weaker()),
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
fn equals(value: &str, pieces: &[Piece]) -> bool {
    let [first, middle @ .., last] = pieces else { return pieces.first().is_none_or(|only| only.text() == value) };
    if value.is_empty() {
        return false;
    }
    let Some(rest) = value.strip_prefix(first.text()).and_then(|rest| rest.strip_suffix(last.text())) else {
        return false;
    };
    after_all(rest, middle).is_some()
}

/// Whether the pieces stand in a line in this order, the whole as words of their own. At a gap a word may begin or end, too.
fn contains(line: &str, pieces: &[Piece], is_gap: &dyn Fn(usize) -> bool) -> bool {
    let Some((first, others)) = pieces.split_first() else { return false };
    let begins = |at: usize| begins_word(line, at) || is_gap(at);
    let ends = |at: usize| ends_word(line, at) || is_gap(at);
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| first.find(rest)) {
        let start = from + at;
        let end = start + first.text().len();
        match others {
            [] if begins(start) && ends(end) => return true,
            // What does not follow here follows nowhere later.
            [_, ..] if begins(start) => return follow(line, end, others, &ends),
            _ => {}
        }
        let step = line.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        from = start + step;
    }
    false
}

/// Whether the other pieces follow, and the last of all ends with a word.
fn follow(line: &str, end: usize, others: &[Piece], ends: &dyn Fn(usize) -> bool) -> bool {
    let Some((last, middle)) = others.split_last() else { return ends(end) };
    let rest = line.get(end..).unwrap_or_default();
    let Some(rest) = after_all(rest, middle) else { return false };
    let offset = line.len() - rest.len();
    last.finder().find_iter(rest.as_bytes()).any(|at| ends(offset + at + last.text().len()))
}

/// What comes after these pieces, each at its first place.
fn after_all<'a>(text: &'a str, pieces: &[Piece]) -> Option<&'a str> {
    pieces.iter().try_fold(text, |rest, piece| piece.after(rest))
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
    use super::super::plain::plain;
    use super::*;

    fn find(pattern: &str, line: &str) -> Option<Strength> {
        Pattern::new(pattern).find(&Line::of(line), Strength::Certain)
    }

    #[test]
    fn text_is_found_wherever_it_was_broken() {
        let pattern = Pattern::new("invalid CSRF token");
        for text in ["in\nvalid CSRF\n token", "x invalid\u{a0}CSRF  token.", "INVALID CSRFTOKEN"] {
            assert!(pattern.is_in(&Squeezed::of(&plain(text))), "{text}");
        }
        assert!(
            !pattern.is_in(&Squeezed::of("invalid CSRF tokens"))
                && !pattern.is_in(&Squeezed::of("noinvalid CSRF token"))
        );
    }

    #[test]
    fn text_is_found_as_whole_words() {
        assert!(find("invalid_client", "error: invalid_client.").is_some());
        assert!(find("invalid_client", "invalid_client_metadata").is_none());
        assert!(find("redirect_mismatch", "my_redirect_mismatch redirect_mismatch").is_some());
        assert!(find("Invalid", "INVALID").is_some());
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
        let pattern = Pattern::said("sign out|log out & still logged in|no password");
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
        assert_eq!(find("/error?error=…", "ERR x error=\"a b\" error=c"), None);
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
