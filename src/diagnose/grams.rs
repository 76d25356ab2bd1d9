//! The runs of three bytes of a text: they tell of most texts at once that they are not in it.

/// So many bits hold them: of a page, few are set.
const BITS: usize = 1 << 16;

/// Which runs are there.
pub(super) struct Grams(Vec<u64>);

impl Grams {
    pub(super) fn of(text: &str) -> Self {
        let mut bits = vec![0; BITS / 64];
        for gram in text.as_bytes().windows(3) {
            let (word, bit) = place(gram);
            bits.get_mut(word).into_iter().for_each(|word| *word |= bit);
        }
        Self(bits)
    }

    /// Whether another text may be in this one; if not, it is not.
    pub(super) fn may_have(&self, text: &str) -> bool {
        text.as_bytes().windows(3).all(|gram| {
            let (word, bit) = place(gram);
            self.0.get(word).is_some_and(|word| word & bit != 0)
        })
    }
}

/// The word and the bit of a run.
fn place(gram: &[u8]) -> (usize, u64) {
    let hash = gram.iter().fold(0_usize, |hash, byte| hash * 41 + usize::from(*byte)) % BITS;
    (hash / 64, 1 << (hash % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_a_text_may_be_in_it() {
        let text = "authenticate.OAuthCallback: Bad Request: größer";
        let grams = Grams::of(text);
        for (start, _) in text.char_indices() {
            assert!(grams.may_have(text.get(start..).unwrap_or_default()), "{start}");
        }
        assert!(grams.may_have("zz") && !grams.may_have("redirect_mismatch") && !Grams::of("").may_have("abc"));
    }
}
