//! The secrets of a text that may hold any number, most of them alike.

use std::collections::HashMap;

use crate::secret::Secret;

/// Each is kept once, wherever it stands.
#[derive(Default)]
pub(super) struct Once<'t>(HashMap<&'t str, Secret>);

impl<'t> Once<'t> {
    pub(super) fn secret(&mut self, text: &'t str) -> Secret {
        self.0.entry(text).or_insert_with(|| Secret::new(text)).clone()
    }
}
