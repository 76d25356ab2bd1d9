//! What only a browser needs of a page, and what its forms hold.

use std::borrow::Cow;

use super::{CUT, Cutter, find};

/// Removes comments, styles, drawings, and scripts that are programs: none of it is seen, and it may hold session keys.
/// Scripts of data stay, since managed login writes its messages there.
pub(super) fn strip_elements(page: &str) -> Cow<'_, str> {
    let lower = page.to_ascii_lowercase();
    let mut cutter = Cutter::new(page);
    let mut at = 0;
    while let Some(start) = find(&lower, at, "<") {
        let rest = lower.get(start..).unwrap_or_default();
        let close = ["<!--", "<style", "<svg", "<script"].iter().position(|open| rest.starts_with(open));
        let close = match close {
            Some(0) => "-->",
            Some(1) => "</style>",
            Some(2) => "</svg>",
            Some(3) if !is_data(rest) => "</script>",
            _ => {
                at = start + 1;
                continue;
            }
        };
        let end = find(&lower, start, close).map_or(page.len(), |found| found + close.len());
        cutter.replace(start, end, "");
        at = end;
    }
    cutter.finish()
}

/// Whether a script's tag, at the start of the text, says that it holds JSON.
fn is_data(script: &str) -> bool {
    /// Longer tags are not looked at, in characters.
    const LONGEST: usize = 200;
    let tag: String = script.chars().take(LONGEST).take_while(|char| *char != '>').collect();
    tag.contains("json")
}

/// Cuts what form fields hold: `value="…"`.
pub(super) fn cut_form_values(page: &str) -> Cow<'_, str> {
    let lower = page.to_ascii_lowercase();
    let mut cutter = Cutter::new(page);
    let mut at = 0;
    while let Some(start) = find(&lower, at, " value=") {
        let start = start + " value=".len();
        at = start;
        let rest = page.get(start..).unwrap_or_default();
        let Some(quote) = rest.chars().next().filter(|char| matches!(char, '"' | '\'')) else { continue };
        let end = rest.get(1..).and_then(|rest| rest.find(quote)).map_or(page.len(), |length| start + 1 + length);
        cutter.replace(start + 1, end, CUT);
        at = end;
    }
    cutter.finish()
}
