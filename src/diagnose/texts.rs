//! Texts that are looked for all at once.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Texts of which any may be in another.
pub(super) struct Texts {
    texts: &'static [&'static str],
    finder: OnceLock<Option<AhoCorasick>>,
}

impl Texts {
    pub(super) const fn new(texts: &'static [&'static str]) -> Self {
        Self { texts, finder: OnceLock::new() }
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, text: &str) -> bool {
        self.texts.contains(&text)
    }

    /// Whether any is in this one.
    pub(super) fn any_in(&self, text: &str) -> bool {
        // Of this kind it looks for many bytes at once, if the texts are few.
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(self.texts).ok();
        match self.finder.get_or_init(build) {
            Some(finder) => finder.is_match(text),
            None => self.texts.iter().any(|known| text.contains(known)),
        }
    }
}
