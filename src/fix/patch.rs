//! Edits of one text, laid one over another.

use std::ops::Range;

/// Edits of a text: each replaces a part of the original, in order and without overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    edits: Vec<(Range<usize>, String)>,
}

impl Patch {
    /// Nothing is edited.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The edits, in order.
    pub fn edits(&self) -> &[(Range<usize>, String)] {
        &self.edits
    }

    /// Adds edits of the text that this patch makes of the original, in any order; of two that touch each other, the first wins.
    /// Says for each whether it was taken.
    #[must_use]
    pub fn with<'e>(
        &self,
        original: &str,
        edits: impl IntoIterator<Item = (&'e Range<usize>, &'e str)>,
    ) -> (Self, Vec<bool>) {
        let mut taken: Vec<(Range<usize>, &str)> = Vec::new();
        let is_taken = edits.into_iter().map(|(at, text)| {
            let is_free = taken.iter().all(|(other, _)| at.end < other.start || other.end < at.start);
            if is_free {
                taken.push((at.clone(), text));
            }
            is_free
        });
        let is_taken = is_taken.collect();
        // From the last one on, so that none moves those before it.
        taken.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
        let mut patch = self.clone();
        for (at, text) in taken {
            patch.add(original, &at, text);
        }
        (patch, is_taken)
    }

    /// Adds an edit of what the others have made.
    fn add(&mut self, original: &str, at: &Range<usize>, text: &str) {
        let (mut before, mut touched, mut after) = (Vec::new(), Vec::new(), Vec::new());
        // Where each part of the original begins in the new text: offsets differ by what the edits before it have added.
        let (mut grown, mut shrunk) = (0, 0);
        let (mut start_shift, mut end_shift) = ((0, 0), (0, 0));
        for (old, new) in self.edits.drain(..) {
            let new_start = old.start + grown - shrunk;
            let new_end = new_start + new.len();
            grown += new.len();
            shrunk += old.len();
            if new_end < at.start {
                start_shift = (grown, shrunk);
                end_shift = (grown, shrunk);
                before.push((old, new));
            } else if new_start > at.end {
                after.push((old, new));
            } else {
                end_shift = (grown, shrunk);
                touched.push((new_start, new_end, old, new));
            }
        }
        let mut start = at.start + start_shift.1 - start_shift.0;
        let mut end = (at.end + end_shift.1).saturating_sub(end_shift.0);
        let mut new = text.to_owned();
        if let Some((new_start, _, old, own)) = touched.first()
            && *new_start < at.start
        {
            start = old.start;
            new = own.get(..at.start - new_start).unwrap_or_default().to_owned() + &new;
        }
        if let Some((new_start, new_end, old, own)) = touched.last()
            && *new_end > at.end
        {
            end = old.end;
            new += own.get(at.end - new_start..).unwrap_or_default();
        }
        if original.get(start..end) != Some(new.as_str()) {
            before.push((start..end, new));
        }
        before.append(&mut after);
        self.edits = before;
    }

    /// The text with the edits made.
    pub fn apply(&self, original: &str) -> String {
        let mut text = String::with_capacity(original.len());
        let mut done = 0;
        for (at, new) in &self.edits {
            text.push_str(original.get(done..at.start).unwrap_or_default());
            text.push_str(new);
            done = at.end;
        }
        text + original.get(done..).unwrap_or_default()
    }
}
