//! What every text has that stands for another: of one without it, nothing more need be asked. Nearly all texts of a
//! configuration are such, and each is classified several times.

use crate::spelling::Words;

/// Bytes of references, brackets and masks, and whatever is no ASCII.
static MARKS: [bool; 256] = marks(b"${<%*");

const fn marks(ascii: &[u8]) -> [bool; 256] {
    let mut marks = [false; 256];
    marks.split_at_mut(128).1.copy_from_slice(&[true; 128]);
    let mut number = 0;
    while number < ascii.len() {
        marks[ascii[number] as usize] = true;
        number += 1;
    }
    marks
}

/// In lower case. Each phrase, word, host and store that stands for another has one of them, where it has no mark.
const SIGNS: Words<30> = Words::new([
    "ref+",
    "op://",
    "enc[",
    "berglas:",
    "sm://",
    "vault:",
    "bao:",
    "todo",
    "tbd",
    "fixme",
    "replace",
    "fill",
    "redacted",
    "placeholder",
    "xxx",
    "yyyy",
    "change",
    "insert",
    "generate",
    "client",
    "secret",
    "provider",
    "signing",
    "your",
    "here",
    "pool",
    ".region.",
    "_example",
    "__",
    "...",
]);

/// Whether a text may stand for another.
pub(super) fn has_any(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_mark = || bytes.iter().any(|byte| MARKS[usize::from(*byte)]);
    // What stands in a URL in capitals.
    let is_loud = || bytes.windows(2).any(|pair| pair.iter().all(u8::is_ascii_uppercase)) && text.contains("://");
    has_mark() || bytes.starts_with(b"@") || SIGNS.is_any_in(text) || is_loud()
}
