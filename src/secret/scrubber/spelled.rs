//! What a scrubber looks for.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use zeroize::Zeroizing;

use crate::offset;
use crate::secret::Secret;
use crate::secret::spellings::{self, HEAD, Head, Spell, spellings};

/// What to look for, in order: a text is read once, however many secrets there are.
///
/// To spell a secret takes long, and few texts have what one begins with: only of those it is all spelled. (56,000 secrets took
/// 3.5 s, and of the smallest configuration a tenth of the time.)
pub(super) struct Spelled {
    /// How the spellings begin, in order, each with the number of its secret.
    heads: Zeroizing<Vec<(Head, usize)>>,
    /// The first two bytes of the heads.
    pairs: Vec<bool>,
    /// From this secret on, none is encoded: of what a text holds encoded, more is decoded instead.
    pub(super) many: Option<usize>,
    /// Which secrets are spelled.
    pub(super) made: Vec<bool>,
    /// Their spellings, each with the number of the first secret that has it.
    pub(super) needles: BTreeMap<Needle, usize>,
}

/// Of so many secrets every spelling is looked for: no deployment has more, and with the thousands of a file that is made to cost,
/// a hundred spellings of each would fill the memory.
pub(super) const MOST_ENCODED: usize = 4_000;

/// The number in the place of the first secret of a head whose secrets are spelled, all of them.
const DONE: usize = usize::MAX;

impl Spelled {
    pub(super) fn of(secrets: &[Secret]) -> Self {
        let mut heads = Zeroizing::new(Vec::new());
        let mut pairs = vec![false; 1 << 16];
        // Files read together repeat their secrets.
        let mut known = HashSet::new();
        let mut many = None;
        for (number, secret) in secrets.iter().enumerate() {
            if !known.insert(secret.expose()) {
                continue;
            }
            if known.len() > MOST_ENCODED {
                many.get_or_insert(number);
            }
            for head in spellings::heads(secret.expose(), how(many, number)) {
                pairs.get_mut(pair(head)).into_iter().for_each(|pair| *pair = true);
                heads.push((head, number));
            }
        }
        heads.sort_unstable();
        heads.dedup();
        Self { heads, pairs, many, made: vec![false; secrets.len()], needles: BTreeMap::new() }
    }

    /// Whether a spelling may begin with these bytes. If so, all that do are known from then on.
    fn begins(&mut self, head: Head, secrets: &[Secret]) -> bool {
        if !self.pairs.get(pair(head)).is_some_and(|is_known| *is_known) {
            return false;
        }
        let first = self.heads.partition_point(|(known, _)| *known < head);
        let Some((_, number)) = self.heads.get_mut(first).filter(|(known, _)| *known == head) else { return false };
        let number = std::mem::replace(number, DONE);
        if number != DONE {
            let rest = self.heads.iter().skip(first + 1).take_while(|(known, _)| *known == head);
            let numbers: Vec<usize> = std::iter::once(number).chain(rest.map(|(_, number)| *number)).collect();
            for number in numbers {
                self.spell(number, secrets);
            }
        }
        true
    }

    fn spell(&mut self, number: usize, secrets: &[Secret]) {
        let (Some(secret), Some(is_spelled)) = (secrets.get(number), self.made.get_mut(number)) else { return };
        if std::mem::replace(is_spelled, true) {
            return;
        }
        for spelling in spellings(secret.expose(), how(self.many, number)) {
            let first = self.needles.entry(Needle(spelling)).or_insert(number);
            *first = number.min(*first);
        }
    }
}

fn how(many: Option<usize>, number: usize) -> Spell {
    if many.is_some_and(|many| number >= many) { spellings::as_it_stands } else { spellings::encoded }
}

fn pair([first, second, ..]: Head) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

/// A spelling of a secret; zeroed on drop, as the secret is.
#[derive(PartialEq, Eq)]
pub(super) struct Needle(Zeroizing<String>);

impl Ord for Needle {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.as_str().cmp(other.0.as_str())
    }
}

impl PartialOrd for Needle {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Borrow<str> for Needle {
    fn borrow(&self) -> &str {
        self.0.as_str()
    }
}

impl Spelled {
    /// The longest spelling that begins at a place of a text, and the number of its secret.
    pub(super) fn at(&mut self, text: &str, start: usize, secrets: &[Secret]) -> Option<(usize, usize)> {
        let head = Head::try_from(text.as_bytes().get(start..start + HEAD)?).ok()?;
        // A byte inside a character begins no spelling, so that the places are on boundaries.
        if self.begins(head, secrets) { self.longest_at(text.get(start..)?) } else { None }
    }

    /// The longest spelling with which the text begins, and the number of its secret.
    fn longest_at(&self, text: &str) -> Option<(usize, usize)> {
        let mut most = text;
        loop {
            #[cfg(test)]
            super::tests::LOOKED_UP.with(|count| count.set(count.get() + 1));
            // Of all that begin alike, the shortest comes first: the last one up to the text is the longest it begins with,
            // or differs from it somewhere, and then only a shorter one can be it.
            let range = (Bound::Unbounded, Bound::Included(most));
            let (needle, number) = self.needles.range::<str, _>(range).next_back()?;
            let needle = needle.0.as_str();
            let common = common_length(needle, most);
            if common == needle.len() {
                return Some((common, *number));
            }
            most = most.get(..common).filter(|common| !common.is_empty())?;
        }
    }
}

/// How many bytes two texts have in common at their beginning, in whole characters.
///
/// By whole chunks first: this is asked at every byte of what is shown, and a secret may be all that there is.
fn common_length(a: &str, b: &str) -> usize {
    const CHUNK: usize = 32;
    let chunks = a.as_bytes().chunks_exact(CHUNK).zip(b.as_bytes().chunks_exact(CHUNK));
    let alike = CHUNK * chunks.take_while(|(a, b)| a == b).count();
    let pairs = a.bytes().zip(b.bytes()).skip(alike);
    let common = alike + pairs.take_while(|(a, b)| a == b).count();
    offset::floor(a, common)
}
