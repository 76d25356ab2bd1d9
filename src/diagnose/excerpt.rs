//! What is shown of a long line: the words that matter, and what stands around them.

use super::Named;
use crate::secret::Clean;

/// Where a line that nothing is named by says what is wrong: the fields and levels of logs.
const TELLING: [&str; 8] =
    ["\"error\":", " error=", "\"err\":", " err=", "error_description", " err ", "error:", "x509: "];

/// At most so many characters of a text, among them the words for which something is named.
pub fn excerpt(text: &Clean, names: &[Named], most: usize) -> Clean {
    let lower = text.to_ascii_lowercase();
    let seen = names.iter().find_map(|named| place(&lower, &named.symptom));
    let told = || TELLING.iter().find_map(|words| Some((lower.find(words)?, words.len())));
    let (at, length) = seen.or_else(told).unwrap_or_default();
    text.excerpt(at, length, most)
}

/// Where the longest words of a symptom stand, and how long they are.
fn place(lower: &str, symptom: &str) -> Option<(usize, usize)> {
    let symptom = symptom.to_ascii_lowercase();
    let words = symptom.split(['…', '?', '&', '=', '|']).map(str::trim).max_by_key(|words| words.len())?;
    let at = lower.find(words).filter(|_| !words.is_empty())?;
    Some((at, words.len()))
}
