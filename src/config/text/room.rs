//! How much a file may grow by what it repeats: twenty-four lines of `A=$A$A` are a text of 64 MiB.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::sync::Arc;

use super::parsed::MOST_EXPANDED_TEXT;

/// The room that is left for texts that are taken again and again. What does not fit is left out, and remembered by its name.
#[derive(Debug)]
pub(in crate::config) struct Room {
    size: usize,
    left: Cell<usize>,
    refused: RefCell<Option<String>>,
    /// The texts that were taken for the first time, by where they lie.
    known: RefCell<HashSet<*const str>>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(MOST_EXPANDED_TEXT)
    }
}

impl Room {
    /// Room for this many bytes.
    pub(in crate::config) fn of(size: usize) -> Self {
        Self { size, left: Cell::new(size), refused: RefCell::default(), known: RefCell::default() }
    }

    /// Takes room for a value under its name, as for a line `NAME=value`; `None` if there is not enough.
    pub(in crate::config) fn take<'v>(&self, name: &str, value: &'v str) -> Option<&'v str> {
        if let Some(left) = self.left.get().checked_sub(name.len() + 1 + value.len()) {
            self.left.set(left);
            return Some(value);
        }
        self.refused.borrow_mut().get_or_insert_with(|| name.to_owned());
        None
    }

    /// Takes room for a text that is read already, each time but the first; whether there is enough.
    pub(in crate::config) fn take_again(&self, name: &str, text: &Arc<str>) -> bool {
        self.known.borrow_mut().insert(Arc::as_ptr(text)) || self.take(name, text).is_some()
    }

    /// What is wrong if something did not fit. What was left out could decide, so nothing of the whole may be judged.
    pub(in crate::config) fn problem(&self) -> Option<String> {
        let refused = self.refused.borrow();
        let mebibytes = self.size >> 20;
        let words =
            |name| format!("with `{name}`, what is to be read grows beyond {mebibytes} MiB, and no more is read");
        refused.as_ref().map(words)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_and_named_and_what_fits_is_still_taken() {
        let room = Room::default();
        let half = "x".repeat(MOST_EXPANDED_TEXT / 2);
        assert!(room.take("A", &half).is_some() && room.take("B", &half[8..]).is_some());
        assert_eq!(room.problem(), None);
        assert!(room.take("C", &half).is_none() && room.take("D", &half).is_none());
        assert_eq!(room.take("E", "x"), Some("x"));
        assert!(room.problem().unwrap().starts_with("with `C`, what is to be read grows beyond 4 MiB"));
    }

    #[test]
    fn a_text_that_is_given_to_many_counts_each_time_but_the_first() {
        let room = Room::of(20);
        let [one, other] = ["0123456789", "0123456789"].map(Arc::<str>::from);
        assert!(room.take_again("A", &one) && room.take_again("A", &other) && room.take_again("A", &one));
        assert_eq!(room.problem(), None);
        assert!(!room.take_again("A", &other) && room.problem().is_some());
    }
}
