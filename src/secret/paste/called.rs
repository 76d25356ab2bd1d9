//! What is said to be a secret: `hunter2 is the client secret`.

use std::ops::Range;

use super::names::{Name, judge};
use super::words::{is_harmless, is_of_prose};

/// What stands between a secret and what it is called.
const LINKS: [&str; 8] =
    [" is the ", " is my ", " is our ", " as the ", " as my ", " as our ", " was the ", " was my "];

/// `is the old client secret`
const MOST_WORDS: usize = 3;

/// The places of the words before what calls them a secret.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let found = LINKS.iter().flat_map(|link| text.match_indices(link)).filter_map(|(at, link)| {
        let names = text
            .get(at + link.len()..)?
            .split(|character: char| !(character.is_alphanumeric() || "_-".contains(character)));
        let is_secret = names.take(MOST_WORDS).any(|name| judge(name) == Name::Password);
        let before = text.get(..at)?;
        let start = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        let word = before.get(start..)?;
        let bare = word.trim_matches(|character: char| !character.is_alphanumeric());
        let is_value = bare.len() > 3 && !is_of_prose(bare) && !is_harmless(bare);
        (is_secret && is_value).then_some(start..at)
    });
    found.collect()
}
