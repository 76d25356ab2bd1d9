//! Places of a text, of which many questions are asked.

use std::ops::Range;

/// Bytes of one text: disjoint, and in their order.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Range<usize>>);

impl FromIterator<Range<usize>> for Places {
    fn from_iter<I: IntoIterator<Item = Range<usize>>>(places: I) -> Self {
        let mut all: Vec<_> = places.into_iter().map(widened).collect();
        all.sort_unstable_by_key(|place| place.start);
        let mut disjoint: Vec<Range<usize>> = Vec::with_capacity(all.len());
        for place in all {
            match disjoint.last_mut() {
                Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
                _ => disjoint.push(place),
            }
        }
        Self(disjoint)
    }
}

impl Places {
    /// Whether one of them and another place have a byte in common.
    pub(super) fn touch(&self, at: &Range<usize>) -> bool {
        let at = widened(at.clone());
        let after = self.0.partition_point(|place| place.end <= at.start);
        self.0.get(after).is_some_and(|place| place.start < at.end)
    }
}

/// What is empty stands before a byte, and belongs to that.
fn widened(at: Range<usize>) -> Range<usize> {
    at.start..at.end.max(at.start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_touch_what_each_of_them_touches() {
        let all = [5..9, 1..2, 6..7, 12..12, 9..10];
        let places: Places = all.iter().cloned().collect();
        for start in 0..16 {
            for end in start..16 {
                let at = start..end.max(start + 1);
                let expected = all.iter().any(|one| one.start < at.end && at.start < one.end.max(one.start + 1));
                assert_eq!(places.touch(&(start..end)), expected, "{start}..{end}");
            }
        }
    }
}
