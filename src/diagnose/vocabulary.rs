//! The words of our own pages: of a line that speaks of a secret, the others are not shown.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{ignored, plain, words, written};
use crate::rules::RULES;
use crate::secret::{Clean, paste};

/// In lower case, as all here are compared.
static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let pages = RULES.iter().flat_map(|rule| prose(rule.page));
    let all = pages.chain([written::TEXT, words::TEXT]);
    all.flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric())).map(str::to_lowercase).collect()
});

/// A page without its examples: what stands there as a secret is no word of ours.
fn prose(page: &'static str) -> impl Iterator<Item = &'static str> {
    page.split("```").step_by(2)
}

/// Whether this is a word of our pages, in whatever letter case, or the name of an option.
pub(crate) fn is_known(word: &str) -> bool {
    let lower = word.to_lowercase();
    WORDS.contains(lower.as_str())
        || WORDS.contains(plain::spoken(word).as_str())
        || word.contains('_') && ignored::is_option(&lower)
}

/// What was pasted, or a piece of it, as it may be shown again.
pub fn clean(text: &str) -> Clean {
    paste::clean(text, is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_example_of_a_secret_is_a_word() {
        for word in ["client", "mismatch", "redirect", "cognito", "anmeldeseite"] {
            assert!(is_known(word), "{word}");
        }
        for word in ["hunterzwo", "hunter2", "swordfish", "correcthorse", "s3cr3t"] {
            assert!(!is_known(word), "{word}");
        }
    }
}
