//! The secrets of a text that may hold any number, most of them alike.

use std::collections::HashSet;
use std::ops::Range;

use crate::config::text::Span;
use crate::secret::Secret;

/// Of more places than these, none is kept by itself: nobody wrote such a text, and what hides all of it hides them.
const MOST: usize = 4096;

/// What stands in these places of a text, each with its place. In a text with very many, each secret is kept once, and the whole text
/// is its place.
pub(super) fn secrets(
    text: &str,
    places: impl Iterator<Item = Range<usize>>,
    whole: Span,
    place: impl Fn(&Range<usize>) -> Span,
) -> Vec<(Secret, Span)> {
    let mut found: Vec<Range<usize>> = places.collect();
    let is_many = found.len() > MOST;
    if is_many {
        let mut known = HashSet::new();
        found.retain(|at| text.get(at.clone()).is_some_and(|part| known.insert(part)));
    }
    let place = |at: &Range<usize>| if is_many { whole } else { place(at) };
    let secret = |at: Range<usize>| Some((Secret::new(text.get(at.clone())?), place(&at)));
    found.into_iter().filter_map(secret).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind, Sources};

    #[test]
    fn of_very_many_places_the_whole_is_one() {
        let source = Sources::default().add(Source::new("c.yaml", SourceKind::File, ""));
        let whole = Span { source, start: 0, end: 3 * 2 * MOST };
        let found = |count: usize| {
            let text = "ab ".repeat(count);
            let places = (0..count).map(|number| 3 * number..3 * number + 2);
            secrets(&text, places, whole, |at| Span { source, start: at.start, end: at.end })
        };
        assert_eq!(found(MOST).len(), MOST);
        let many: Vec<_> = found(2 * MOST).into_iter().map(|(secret, at)| (secret.expose().to_owned(), at)).collect();
        assert_eq!(many, [("ab".to_owned(), whole)]);
    }
}
