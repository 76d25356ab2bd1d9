//! A text with more deployments in it than anybody has.

use std::collections::HashMap;

use super::Found;
use crate::config::text::{MOST_DEPLOYMENTS, SourceId, Span};

/// Reads each of these. Of what stands in one text, only so many are read as are judged, and of one more is said that it is too
/// many: each costs as much as a file of its own.
pub(super) fn read_each<T>(
    all: impl Iterator<Item = T>,
    at: impl Fn(&T) -> Span,
    read: impl Fn(T) -> Found,
) -> Vec<Found> {
    let mut counts: HashMap<SourceId, usize> = HashMap::new();
    let mut found = Vec::new();
    for one in all {
        let at = at(&one);
        let count = counts.entry(at.source).or_default();
        *count += 1;
        if *count <= MOST_DEPLOYMENTS {
            found.push(read(one));
        } else if *count == MOST_DEPLOYMENTS + 1 {
            let mut last = read(one);
            last.deployment.give_up_as_one_of_many(at);
            found.push(last);
        }
    }
    found
}
