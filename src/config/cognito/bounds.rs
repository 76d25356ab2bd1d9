//! What the API takes as a text, and of how many: the shapes of its service model (`cognito-idp` of 2016-04-18) that Pomerium's
//! settings end up in.

use crate::go::is_format;

/// The most scopes of an app client (`ScopeListType`).
pub const MOST_SCOPES: usize = 50;

/// The longest life of a refresh token, in days (`RefreshTokenValidityType`: ten years).
pub const LONGEST_REFRESH: u64 = 3650;

/// The bounds of a text.
pub struct Bounds {
    /// The most characters.
    pub longest: usize,
    too_long: &'static str,
    takes: fn(char) -> bool,
    foreign: &'static str,
}

/// Bounds: the most characters, which are taken, and what is to be said of any other.
macro_rules! bounds {
    ($longest:literal, $takes:expr, $foreign:literal) => {
        Bounds {
            longest: $longest,
            too_long: concat!("has more than ", $longest, " characters"),
            takes: $takes,
            foreign: $foreign,
        }
    };
}

/// `ClientIdType`.
pub const CLIENT_ID: Bounds = bounds!(128, is_of_id, "has other characters than letters, digits, `_` and `+`");

/// `ProviderNameType`, the name of an identity provider.
pub const PROVIDER: Bounds =
    bounds!(32, |letter| !letter.is_control() && !is_format(letter), "has an invisible character in it");

/// `ScopeType`.
pub const SCOPE: Bounds = bounds!(
    256,
    |letter| matches!(letter, '!' | '#'..='[' | ']'..='~'),
    "has a character in it that no scope of Cognito can have: those of ASCII are taken, but for white space, `\"` and `\\`"
);

/// `RedirectUrlType`, of a callback or of a sign-out.
pub const URL: Bounds =
    bounds!(1024, |letter| !letter.is_control() && !letter.is_whitespace(), "has white space in it");

impl Bounds {
    /// Why the API does not take a text, in words that follow it.
    pub fn objection(&self, text: &str) -> Option<&'static str> {
        if text.chars().count() > self.longest {
            Some(self.too_long)
        } else if !text.chars().all(self.takes) {
            Some(self.foreign)
        } else {
            None
        }
    }
}

/// Whether ids and secrets of app clients may have this in them: `[\w+]+`.
pub(super) fn is_of_id(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_up_to_its_bounds() {
        for (bounds, longest, good, bad) in [
            (CLIENT_ID, 128, "aZ0_+", "a-b"),
            (PROVIDER, 32, "Site Admins, é", "a\u{200b}b"),
            (SCOPE, 256, "https://api.example.com/read:[x]", "api/é"),
            (URL, 1024, "https://a.example.com/?é=😀", "https://a.example.com/ x"),
        ] {
            assert_eq!(bounds.objection(good), None, "{good}");
            assert_eq!(bounds.objection(bad), Some(bounds.foreign), "{bad}");
            assert_eq!(bounds.objection(&"é".repeat(longest + 1)), Some(bounds.too_long));
            assert_eq!(bounds.objection(&"a".repeat(longest)), None);
        }
        for bad in ["api/\"x\"", "api/\\", "api/\u{7f}", "api/ x"] {
            assert!(SCOPE.objection(bad).is_some(), "{bad}");
        }
    }
}
