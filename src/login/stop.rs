//! Why a sign-in ends before its end.

use crate::evidence::Failure;

/// A callback without what belongs to it.
pub(super) const CALLBACK_BY_HAND: &str = "callback-opened-by-hand";

/// Why a sign-in ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The step that failed, by the name that the screen has for it.
    pub step: &'static str,
    /// What was wrong: `state`, `nonce`, `signature`, …; and how, in words that may come from outside.
    pub says: String,
    /// The pages that explain it, the likeliest first.
    pub pages: Vec<&'static str>,
}

impl Stop {
    pub(super) fn new(step: &'static str, says: impl Into<String>, pages: &[&'static str]) -> Self {
        Self { step, says: says.into(), pages: pages.to_vec() }
    }

    /// No answer came.
    pub(super) fn unanswered(step: &'static str, failure: &Failure) -> Self {
        Self::new(step, format!("no answer: {}", failure.cause), &["network-blocked"])
    }
}
