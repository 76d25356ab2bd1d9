//! What the browser came back with: an address that anybody may have written.

use sha2::{Digest as _, Sha256};
use url::Url;

use super::attempt::Attempt;
use super::stop::{CALLBACK_BY_HAND, Stop};
use crate::diagnose::{What, read_text};
use crate::evidence::redact;
use crate::secret::Secret;

/// What came of an address.
pub enum Returned {
    /// The code.
    Code(Secret),
    /// It is not the address that is waited for; in words. Another one may come.
    NotYet(&'static str),
}

/// Longer descriptions are cut, in characters.
const LONGEST: usize = 300;

impl Attempt {
    /// Reads the address at which the browser ended.
    ///
    /// # Errors
    /// If it is the end of this sign-in, and not a good one: with the name of what is wrong.
    pub fn returned(&self, address: &str) -> Result<Returned, Stop> {
        let Ok(url) = Url::parse(address.trim()) else {
            return Ok(Returned::NotYet("that is no address; it begins with https:// or http://"));
        };
        let one = |name: &str| {
            let mut values = url.query_pairs().filter(|(known, _)| known == name).map(|(_, value)| value.into_owned());
            (values.next(), values.next().is_none())
        };
        let error = one("error").0;
        if !is_same_place(&url, self.redirect_uri()) {
            return match error {
                Some(_) => Err(refused(&url)),
                None => Ok(Returned::NotYet(
                    "that is another page; the address begins with the callback, and has a code in it",
                )),
            };
        }
        match one("state") {
            (Some(state), true) if Sha256::digest(&state) == Sha256::digest(self.state()) => {}
            (None, _) => return Err(Stop::new("sign-in", "state: there is none in the address", &[CALLBACK_BY_HAND])),
            _ => {
                let says = "state: not the one of this sign-in; the address is of another one, or made up";
                return Err(Stop::new("sign-in", says, &["stale-login-tab"]));
            }
        }
        if error.is_some() {
            return Err(refused(&url));
        }
        match one("code") {
            (Some(code), true) if !code.is_empty() => Ok(Returned::Code(Secret::new(code))),
            (Some(_), false) => Err(Stop::new("sign-in", "code: it stands there twice", &[CALLBACK_BY_HAND])),
            _ => Err(Stop::new("sign-in", "code: there is none in the address", &[CALLBACK_BY_HAND])),
        }
    }
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

/// Cognito, or whoever it asked, refused: with its words, and what they are known to mean.
fn refused(url: &Url) -> Stop {
    let words = ["error", "error_description"].map(|name| {
        let value = url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        value.unwrap_or_default()
    });
    let says: String = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ");
    let says = says.chars().take(LONGEST).collect::<String>();
    let names = read_text(&redact(url.as_str()), 0).map(|diagnosis| diagnosis.names()).unwrap_or_default();
    let pages = names.into_iter().take(2).map(|named| match named.what {
        What::Rule(rule) => rule.name,
        What::Cause(cause) => cause.name.as_str(),
    });
    let pages: Vec<&'static str> = pages.collect();
    let pages = if pages.is_empty() { vec!["provider-error-unspecified"] } else { pages };
    Stop { step: "sign-in", says: format!("refused: {says}"), pages }
}
