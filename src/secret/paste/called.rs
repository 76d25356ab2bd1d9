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
    found.chain(others(text)).collect()
}

/// `using secret … instead of …`, `the secret was changed from … to …`: the other one.
fn others(text: &str) -> impl Iterator<Item = Range<usize>> {
    /// So far before it the name stands, in bytes.
    const NEAR: usize = 96;
    let links = [" instead of ", " rather than ", " from ", " to ", " statt ", " au lieu de ", " en lugar de "];
    links.into_iter().flat_map(|link| text.match_indices(link)).filter_map(move |(at, link)| {
        let line = text.get(..at)?.rsplit('\n').next()?;
        let far = (0..=line.len().saturating_sub(NEAR)).rev().find(|at| line.is_char_boundary(*at))?;
        let before = line.get(far..)?;
        let is_changed =
            || [" changed", " rotated", " switched", " updated", " set "].iter().any(|verb| before.contains(verb));
        let is_told = before
            .split(|c: char| !(c.is_alphanumeric() || "_-".contains(c)))
            .any(|name| judge(name) == Name::Password);
        let start = at + link.len();
        let word = text.get(start..)?.split(char::is_whitespace).next()?.trim_end_matches([',', '.', ';']);
        let bare = word.trim_matches(|character: char| !character.is_alphanumeric());
        let is_value = bare.len() > 3 && !is_of_prose(bare) && !is_harmless(bare) && !word.contains("://");
        let is_link = !["from", "to"].contains(&link.trim()) || is_changed();
        (is_told && is_link && is_value).then(|| start..start + word.len())
    })
}
