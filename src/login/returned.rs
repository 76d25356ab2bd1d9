//! What the browser came back with: an address that anybody may have written, and of which a paste may bring more or less than all.

use sha2::{Digest as _, Sha256};
use url::Url;

use super::attempt::Attempt;
use super::heard::pages_of;
use super::stop::{CALLBACK_BY_HAND, Stop};
use crate::secret::Secret;

/// What came of a text.
pub enum Returned {
    /// The code.
    Code(Secret),
    /// It is not the address that is waited for; in words, which may come from outside. Another one may come.
    NotYet(String),
    /// It is the address, perhaps without its end: if it is not, this is the end of the sign-in.
    Perhaps(String, Stop),
}

/// Longer descriptions are cut, in characters.
const LONGEST: usize = 300;

const NO_ADDRESS: &str = "that is no address; it begins with https:// or http://";
const ANOTHER_PAGE: &str = "that is another page; the address begins with the callback, and has a code in it";
const CUT_OFF: &str = "that address is cut off, or more stands behind it: copy all of it, and paste it in one line";

impl Attempt {
    /// Reads what was pasted: the address at which the browser ended, alone or within what people copy along.
    ///
    /// # Errors
    /// If it is the end of this sign-in, and not a good one: with the name of what is wrong.
    pub fn returned(&self, text: &str) -> Result<Returned, Stop> {
        let texts = spelt(text, self.redirect_uri());
        let addresses: Vec<Url> = texts.iter().filter_map(|text| Url::parse(text).ok()).collect();
        let own = |url: &&Url| is_same_place(url, self.redirect_uri());
        let is_certain = |url: &&Url| own(url) && self.has_state(url);
        if let Some(url) = addresses.iter().find(is_certain) {
            return answered(url);
        }
        if let Some(url) = addresses.iter().find(own) {
            return self.without_state(url);
        }
        if let Some(url) = addresses.iter().find(|url| self.is_error_page(url)) {
            return Err(refused(url, "refused"));
        }
        Ok(Returned::NotYet(if addresses.is_empty() { NO_ADDRESS } else { ANOTHER_PAGE }.to_owned()))
    }

    /// Whether the text holds a code, whoever it is from: it is never shown.
    pub fn codes(&self, text: &str) -> Vec<Secret> {
        let addresses = spelt(text, self.redirect_uri()).into_iter().filter_map(|text| Url::parse(&text).ok());
        let codes = addresses.flat_map(|url| all(&url, "code")).filter(|code| !code.is_empty());
        codes.map(Secret::new).collect()
    }

    fn has_state(&self, url: &Url) -> bool {
        let own = Sha256::digest(self.state());
        matches!(all(url, "state").as_slice(), [state] if Sha256::digest(state) == own)
    }

    /// The login domain's own page for what it cannot tell the callback.
    fn is_error_page(&self, url: &Url) -> bool {
        let domain = Url::parse(self.address()).ok();
        let is_there = domain.is_some_and(|domain| domain.origin() == url.origin());
        is_there && url.path() == "/error" && !all(url, "error").is_empty()
    }

    /// The callback without it. Anybody may have written that; and what is pasted may lack its end.
    fn without_state(&self, url: &Url) -> Result<Returned, Stop> {
        let states = all(url, "state");
        let own = self.state();
        let is_cut = |state: &String| own.starts_with(state.as_str()) || state.starts_with(own);
        let named = if states.is_empty() {
            "state: there is none in the address"
        } else {
            "state: not the one of this sign-in; the address is of another one, or made up"
        };
        if !all(url, "error").is_empty() {
            let stop = refused(url, &format!("{named}. It says"));
            let why = format!("that is the callback, but not with the state of this sign-in. It says: {}", words(url));
            return Ok(Returned::Perhaps(why, stop));
        }
        let page = if states.is_empty() { CALLBACK_BY_HAND } else { "stale-login-tab" };
        let stop = Stop::new("sign-in", named, &[page]);
        match states.as_slice() {
            [] => Ok(Returned::Perhaps(CUT_OFF.to_owned(), stop)),
            [state] if is_cut(state) => Ok(Returned::Perhaps(CUT_OFF.to_owned(), stop)),
            _ if all(url, "code").is_empty() => Ok(Returned::Perhaps(ANOTHER_PAGE.to_owned(), stop)),
            _ => Err(stop),
        }
    }
}

/// The callback with the state that was sent: the pool says so.
fn answered(url: &Url) -> Result<Returned, Stop> {
    if !all(url, "error").is_empty() {
        return Err(refused(url, "refused"));
    }
    let by_hand = |says: &str| Err(Stop::new("sign-in", says, &[CALLBACK_BY_HAND]));
    match all(url, "code").as_slice() {
        [code] if !code.is_empty() => Ok(Returned::Code(Secret::new(code.as_str()))),
        [_, _, ..] => by_hand("code: it stands there twice"),
        _ => by_hand("code: there is none in the address"),
    }
}

/// Each text in it that may be an address, as it would be written: what people copy along is left out. The callback may stand there
/// twice, or without its scheme, or broken over lines.
fn spelt(text: &str, callback: &str) -> Vec<String> {
    let is_invisible = |c: char| matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}') || c.is_control();
    let visible: String = text.replace("&amp;", "&").chars().filter(|c| !is_invisible(*c)).collect();
    let is_around = |c: char| c.is_whitespace() || "\"'`<>[]()".contains(c);
    let pieces = visible.split(is_around).filter(|piece| !piece.is_empty()).map(str::to_owned);
    // No address has white space in it: what was folded is one again without it.
    let whole: String = visible.split_whitespace().collect();
    let without_scheme = callback.split_once("://").map_or(callback, |(_, rest)| rest);
    let scheme = callback.strip_suffix(without_scheme).unwrap_or_default();
    pieces.chain([whole]).flat_map(|piece| each(&piece, scheme, without_scheme)).collect()
}

/// Every callback in a text, each up to the next; the text itself, if there is none.
fn each(text: &str, scheme: &str, callback: &str) -> Vec<String> {
    let starts: Vec<usize> = text.match_indices(callback).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let alone = starts.iter().zip(ends).filter_map(|(start, end)| {
        let before = text.get(..*start)?;
        // Behind another scheme, or more of a name, it is another address.
        let is_own = before.is_empty() || before.ends_with(scheme);
        let behind = |c: char| ".,;\"'`>)]".contains(c);
        let address = text.get(*start..end)?.trim_end_matches(scheme).trim_end_matches(behind);
        is_own.then(|| format!("{scheme}{address}"))
    });
    let alone: Vec<String> = alone.collect();
    if alone.is_empty() { vec![text.to_owned()] } else { alone }
}

/// The values of a parameter, in order.
fn all(url: &Url, name: &str) -> Vec<String> {
    url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect()
}

/// Whether an address is a redirect URI with something behind its `?`.
pub fn is_same_place(url: &Url, redirect_uri: &str) -> bool {
    let Ok(expected) = Url::parse(redirect_uri) else { return false };
    let place = |url: &Url| {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url
    };
    place(url) == place(&expected)
}

/// The words of an error in an address.
fn words(url: &Url) -> String {
    let words = ["error", "error_description"].into_iter().filter_map(|name| all(url, name).into_iter().next());
    let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ");
    words.chars().take(LONGEST).collect()
}

/// Cognito, or whoever it asked, refused: with its words, and what they are known to mean.
fn refused(url: &Url, how: &str) -> Stop {
    let pages = pages_of(url.as_str());
    let pages = if pages.is_empty() { vec!["provider-error-unspecified"] } else { pages };
    Stop { step: "sign-in", says: format!("{how}: {}", words(url)), pages }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLBACK: &str = "https://auth.example.com/cb";

    #[test]
    fn the_callback_is_found_once_for_each_time_it_stands_there() {
        let both = ["https://auth.example.com/cb?a=1&b=2", "https://auth.example.com/cb?a=1&b=2"];
        for text in [
            "https://auth.example.com/cb?a=1&b=2https://auth.example.com/cb?a=1&b=2",
            "auth.example.com/cb?a=1&amp;b=2. <https://auth.example.com/cb?a=1&b=2>",
            "\u{feff}`https://auth.example.com/cb?a=1&b=2`, \"https://auth.example.com/cb?a=1&b=2\"",
        ] {
            let found: Vec<String> =
                spelt(text, CALLBACK).into_iter().filter(|text| text.starts_with(CALLBACK)).collect();
            assert_eq!(found[..2], both, "{text}");
        }
    }

    #[test]
    fn another_address_that_holds_it_is_another() {
        for text in
            ["http://auth.example.com/cb?a", "https://x@auth.example.com/cb?a", "https://my-auth.example.com/cb?a"]
        {
            let found = spelt(text, CALLBACK);
            assert!(!found.iter().any(|text| text.starts_with(CALLBACK)), "{text}: {found:?}");
        }
    }
}
