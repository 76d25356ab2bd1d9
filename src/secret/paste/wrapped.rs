//! Lines that a window, a mail or `fold` broke in the middle of a word: what they tell to be a secret only if put together.

use std::ops::Range;

/// A shorter line was not broken for want of room.
const NARROWEST: usize = 20;
/// A line of which only the next one tells that it was broken is no shorter.
const ROOM: usize = 40;

/// Lines put together.
pub(super) struct Joined {
    pub(super) text: String,
    /// Where the lines begin in it, and where what was taken of each begins in the text that was pasted.
    lines: Vec<(usize, usize)>,
    /// How long the first one is.
    width: usize,
}

impl Joined {
    /// The places in the pasted text of a place in this one, line by line, if it lies on several lines or its line is not the first.
    pub(super) fn places(&self, place: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let first = self.lines.partition_point(|(start, _)| *start <= place.start).saturating_sub(1);
        let lines = self.lines.get(first..).unwrap_or_default().iter().enumerate();
        lines.take_while(|(_, (start, _))| *start < place.end).map(move |(index, (start, written))| {
            let end = self.lines.get(first + index + 1).map_or(self.text.len(), |(next, _)| *next);
            let (from, to) = (place.start.max(*start), place.end.min(end));
            written + (from - start)..written + (to - start)
        })
    }
}

/// The lines that belong together, put together.
pub(super) fn joined(text: &str) -> Vec<Joined> {
    let mut all: Vec<Joined> = Vec::new();
    let mut open: Option<Joined> = None;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let widths: Vec<usize> = lines.iter().map(|line| line.trim_end().chars().count()).collect();
    let width = |index: usize| widths.get(index).copied().unwrap_or_default();
    let mut start = 0;
    for (index, line) in lines.iter().enumerate() {
        let bare = line.trim_start_matches(['>', '|', '│', ' ', '\t']);
        let written = start + line.len() - bare.len();
        let bare = bare.trim_end_matches(['\r', '\n']);
        let is_broken = lines.get(index + 1).is_some_and(|next| {
            let before = index.checked_sub(1).filter(|_| open.is_some()).map(width);
            is_broken(bare, next, [width(index), width(index + 1)], before)
        });
        if is_broken || open.is_some() {
            let whole =
                open.get_or_insert_with(|| Joined { text: String::new(), lines: Vec::new(), width: width(index) });
            // The blank at its end is gone, as on every screen.
            if whole.lines.len() > 1 && index > 0 && width(index - 1) < whole.width {
                whole.text.push(' ');
            }
            whole.lines.push((whole.text.len(), written));
            whole.text.push_str(bare);
        }
        if !is_broken {
            all.extend(open.take());
        }
        start += line.len();
    }
    all.extend(open);
    all
}

/// Whether a line goes on in the next one without a blank: it is as long as the one before it, or its last word is one of a program.
fn is_broken(line: &str, next: &str, [width, after]: [usize; 2], before: Option<usize>) -> bool {
    let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    let next = next.trim_start_matches(['>', '|', '│', ' ', '\t']);
    let goes_on = next.starts_with(|first: char| !first.is_whitespace());
    // A blank at the end of a line is seen on no screen.
    let is_like = |other: usize| other == width || other + 1 == width || other == width + 1;
    let is_full = width >= NARROWEST && (before.is_some_and(is_like) || is_like(after)) && after <= width + 1;
    let is_address = last.contains("://") || last.contains(['?', '&', '%']) && last.contains('=');
    let is_structured = |word: &str| word.contains('=') || word.len() > NARROWEST && word.contains(['"', ':']);
    let is_cut = width >= ROOM && (is_address || after <= width && is_structured(last));
    goes_on && !last.is_empty() && (is_full || is_cut)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_was_broken_is_put_together() {
        let text = "x\n  https://authenticate.example.com/cb?code=7a89b04c\n  dea-58e5&error=invalid_request\nthen";
        let joined = joined(text);
        assert_eq!(joined.len(), 1);
        let whole = &joined[0];
        assert!(whole.text.contains("code=7a89b04cdea-58e5&error"), "{}", whole.text);
        let at = whole.text.find("7a89").unwrap();
        let places: Vec<&str> = whole.places(&(at..at + 16)).map(|place| &text[place]).collect();
        assert_eq!(places, ["7a89b04c", "dea-58e5"]);
    }

    #[test]
    fn lines_of_prose_are_not() {
        assert!(
            joined("error: the client secret is wrong,\nand what now?\nclient_secret=hunterzwo\ninvalid_client")
                .is_empty()
        );
    }
}
