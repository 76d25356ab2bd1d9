//! A text without any blanks, for what was broken nobody knows where: by a window, a mail, a terminal.

use super::grams::Grams;

/// A text in lower case without white space, and where that stood.
pub(super) struct Squeezed {
    pub(super) text: String,
    /// Whether white space stood before the byte.
    gaps: Vec<bool>,
    pub(super) grams: Grams,
}

impl Squeezed {
    /// Of a text that was folded.
    pub(super) fn of(folded: &str) -> Self {
        let mut text = String::with_capacity(folded.len());
        let mut gaps = Vec::with_capacity(folded.len());
        let mut is_gap = true;
        for character in folded.chars().flat_map(char::to_lowercase) {
            if character.is_whitespace() {
                is_gap = true;
                continue;
            }
            text.push(character);
            gaps.push(is_gap);
            gaps.resize(text.len(), false);
            is_gap = false;
        }
        Self { grams: Grams::of(&text), text, gaps }
    }

    /// Whether white space stood there, or the text begins or ends.
    pub(super) fn is_gap(&self, at: usize) -> bool {
        self.gaps.get(at).copied().unwrap_or(true)
    }
}
