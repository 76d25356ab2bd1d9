//! Texts that are looked for all at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

/// Texts of which any may be in another.
pub(super) struct Texts {
    all: &'static [&'static str],
    /// So many bytes were looked at one text after the other.
    looked: AtomicUsize,
    /// Made for who reads much: it takes as long as to look at a few pages without it.
    finder: OnceLock<Option<AhoCorasick>>,
}

/// After so many bytes a finder is worth its making.
const MUCH: usize = 32 * 1024;

impl Texts {
    pub(super) const fn new(texts: &'static [&'static str]) -> Self {
        Self { all: texts, looked: AtomicUsize::new(0), finder: OnceLock::new() }
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, text: &str) -> bool {
        self.all.contains(&text)
    }

    /// Whether any is in this one.
    pub(super) fn any_in(&self, text: &str) -> bool {
        if self.looked.load(Ordering::Relaxed) < MUCH {
            self.looked.fetch_add(text.len(), Ordering::Relaxed);
            return self.all.iter().any(|known| memmem::find(text.as_bytes(), known.as_bytes()).is_some());
        }
        // Of this kind it looks for many bytes at once, if the texts are few.
        let build = || AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(self.all).ok();
        match self.finder.get_or_init(build) {
            Some(finder) => finder.is_match(text),
            None => self.all.iter().any(|known| text.contains(known)),
        }
    }
}
