//! A text as it was before a window, a terminal or a mail broke its lines.

use super::plain::{ENCODED, continues_address};
use super::vocabulary;

/// How lines end that go on in the next: as shells and editors write it.
const ENDS: [char; 4] = ['\\', '↩', '↵', '⏎'];
/// How lines begin that go on from the one before: as mails, boxes and editors write it.
const BEGINS: [char; 8] = ['>', '|', '│', '┃', '↪', '↳', '»', '+'];

/// In narrower windows, words of the same length stand below each other by accident.
const NARROW: usize = 20;
/// A shorter line of prose was not broken for want of room.
const ROOM: usize = 40;

/// A text with its lines put together again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reflowed {
    pub(super) text: String,
    /// So many lines of what was pasted are in each of its lines.
    pub(super) heights: Vec<u64>,
    /// The lines tell themselves that they were broken; if not, it may be an accident.
    pub(super) is_sure: bool,
    /// An address went on where one of them ends: what is left of it there is not what was asked for.
    pub(super) cuts_an_address: bool,
}

impl Reflowed {
    /// The first and the last line of what was pasted that are in this line, all counted from 1.
    pub(super) fn lines_of(&self, line: u64) -> (u64, u64) {
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        let before: u64 = self.heights.iter().take(at).sum();
        (before + 1, before + self.heights.get(at).copied().unwrap_or(1))
    }
}

/// What a text may have been, if its lines look as if they had been broken.
pub(super) fn reflow(text: &str) -> Option<Reflowed> {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    if lines.len() < 2 {
        return None;
    }
    let (unmarked, is_drawn) = without_marks(&lines);
    if is_drawn {
        return Some(Reflowed { is_sure: true, ..put_together(&unmarked, lines.iter().skip(1).map(|_| "")) });
    }
    if let Some(reflowed) = at_marks(&lines) {
        return Some(reflowed);
    }
    let lines = unmarked;
    let at_a_column = at_a_column(&lines);
    at_a_column.clone().filter(|reflowed| reflowed.is_sure).or_else(|| between_words(&lines)).or(at_a_column)
}

/// Lines that say at their end that they go on in the next.
fn at_marks(lines: &[&str]) -> Option<Reflowed> {
    let (end, broken) = lines.split_last()?;
    // In a text with escapes, a line may end with the sign of one by accident.
    let has_escapes = lines.iter().any(|line| line.trim_end_matches('\\').contains('\\'));
    let least = |mark: char| if mark == '\\' && has_escapes { broken.len().div_ceil(2) } else { 1 };
    let has = |mark: char| broken.iter().filter(|line| line.ends_with(mark)).count() >= least(mark);
    // An address may be broken behind the sign of a parameter: that of a mail stands behind each of three lines.
    let is_of_a_mail = || {
        let is_meant = broken.len() > 2 || lines.concat().contains("=3D");
        is_meant && broken.iter().all(|line| line.ends_with('=')) && !lines.ends_with(&[""])
    };
    let mark = ENDS.into_iter().find(|mark| has(*mark)).or_else(|| is_of_a_mail().then_some('='))?;
    let unmarked: Vec<&str> = broken.iter().map(|line| line.strip_suffix(mark).unwrap_or(line)).chain([*end]).collect();
    let joints = broken.iter().map(|line| if line.ends_with(mark) { "" } else { "\n" });
    Some(Reflowed { is_sure: true, ..put_together(&unmarked, joints) })
}

/// The lines without the marks at their beginning that say that they go on; whether these were drawn.
fn without_marks<'a>(lines: &[&'a str]) -> (Vec<&'a str>, bool) {
    let Some((first, others)) = lines.split_first() else { return (Vec::new(), false) };
    // Rows of a table and the lines of a change have a mark each, the first one too; one blank may have stood between two words.
    let is_row = |line: &str| line.ends_with('|') || line.starts_with('+') && first.starts_with('+');
    let marks = others.iter().filter(|line| !is_row(line)).map(|line| mark(line));
    let is_mark = |mark: &&str| {
        let have_it = others.iter().filter(|line| line.starts_with(mark)).count();
        !["", " "].contains(mark) && 2 * have_it > others.len()
    };
    let mark = marks.filter(is_mark).min_by_key(|mark| mark.len()).unwrap_or_default();
    // A line is drawn, and such an arrow set, by nobody but who broke the one before.
    let is_drawn = mark.starts_with(['│', '┃', '↪', '↳']) && !first.starts_with(mark);
    let is_marked = is_drawn && others.iter().all(|line| line.starts_with(mark));
    (lines.iter().map(|line| line.strip_prefix(mark).unwrap_or(line)).collect(), is_marked)
}

/// The mark that a line may begin with: blanks, or a sign once or several times, each with one blank behind it at most. What follows
/// is of the text.
fn mark(line: &str) -> &str {
    let Some(sign) = line.trim_start().chars().next().filter(|sign| BEGINS.contains(sign)) else {
        return line.get(..line.len() - line.trim_start_matches(' ').len()).unwrap_or_default();
    };
    let mut rest = line.trim_start_matches(' ');
    while let Some(behind) = rest.strip_prefix(sign) {
        rest = behind.strip_prefix(' ').unwrap_or(behind);
    }
    line.get(..line.len() - rest.len()).unwrap_or_default()
}

/// Lines that are all as wide as a window was, but for the last of each text.
fn at_a_column(lines: &[&str]) -> Option<Reflowed> {
    let widths: Vec<usize> = lines.iter().map(|line| line.chars().count()).collect();
    let widest = widths.iter().copied().max()?;
    let first = lines.first()?;
    // So narrow that a word of the text may be all that a line has, only most of them can tell how records begin.
    let alike = lines.iter().filter(|line| shape(line) == shape(first)).count();
    let is_list = widest >= BEGINNING || 2 * alike > lines.len();
    let mut goes_on: Vec<bool> = Vec::with_capacity(lines.len());
    for (pair, width) in lines.windows(2).zip(&widths) {
        let [line, next] = pair else { continue };
        goes_on.push(*width == widest && !(is_list && begins_anew(first, line, next)) && !is_apart(line, next));
    }
    let broken = goes_on.iter().filter(|goes_on| **goes_on).count();
    let is_sure = broken > 1 && (broken == goes_on.len() || widest >= NARROW);
    let may_be = || {
        let mut broken = lines.windows(2).zip(&goes_on).filter(|(_, goes_on)| **goes_on);
        (broken.clone().count() == goes_on.len() || widest >= NARROW)
            && broken
                .all(|(pair, _)| pair.first().zip(pair.last()).is_some_and(|(line, next)| is_in_a_word(line, next)))
    };
    (broken > 0 && (is_sure || may_be())).then(|| {
        let joints = goes_on.iter().map(|goes_on| if *goes_on { "" } else { "\n" });
        Reflowed { is_sure, ..put_together(lines, joints) }
    })
}

/// Whether the end of one line is not between two words of ours, each whole, or within an address.
fn is_in_a_word(line: &str, next: &str) -> bool {
    if is_in_an_address(line, next) {
        return true;
    }
    let is_other = |char: char| !char.is_ascii_alphanumeric();
    let last = line.rsplit(is_other).next().unwrap_or_default();
    let first = next.split(is_other).next().unwrap_or_default();
    last.is_empty() || first.is_empty() || !(vocabulary::is_known(last) && vocabulary::is_known(first))
}

/// Whether an address may go on from the end of one line in the next.
fn is_in_an_address(line: &str, next: &str) -> bool {
    let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    let first = next.split(char::is_whitespace).next().unwrap_or_default();
    let is_begun = last.contains("://") || ENCODED.iter().any(|start| last.contains(start));
    is_begun && (last.ends_with(['=', '&', '?', '%']) && first == next || continues_address(first))
}

/// What stands in addresses and records, and in no word.
const OF_ADDRESSES: [char; 6] = ['=', '&', '?', '%', '/', '{'];

/// Prose of which each line was filled with as many words as there was room for.
fn between_words(lines: &[&str]) -> Option<Reflowed> {
    let widest = lines.iter().map(|line| line.chars().count()).max().filter(|widest| *widest >= ROOM)?;
    let goes_on = |pair: &[&str]| {
        let [line, next] = pair else { return false };
        let word = next.split_whitespace().next().unwrap_or_default();
        let is_full = line.trim_end().chars().count() + 1 + word.chars().count() > widest;
        let is_a_sentence = word.starts_with(char::is_lowercase) && line.trim_end().ends_with(char::is_alphanumeric);
        let last = line.split_whitespace().next_back().unwrap_or_default();
        is_full && is_a_sentence && !last.contains(OF_ADDRESSES) && !word.contains("://") && !line.contains("://")
    };
    let joints: Vec<bool> = lines.windows(2).map(goes_on).collect();
    joints.iter().any(|goes_on| *goes_on).then(|| {
        let joints = joints.iter().map(|goes_on| if *goes_on { " " } else { "\n" });
        Reflowed { is_sure: true, ..put_together(lines, joints) }
    })
}

fn put_together<'a>(lines: &[&str], joints: impl Iterator<Item = &'a str>) -> Reflowed {
    let cuts = |(pair, joint): (&[&str], &str)| {
        joint.is_empty() && matches!(pair, [line, next] if is_in_an_address(line, next))
    };
    let joints: Vec<&str> = joints.collect();
    let cuts_an_address = lines.windows(2).zip(joints.iter().copied()).any(cuts);
    let mut reflowed = Reflowed { text: String::new(), heights: Vec::new(), is_sure: false, cuts_an_address };
    let mut height = 0;
    for (line, joint) in lines.iter().zip(joints.into_iter().chain(["\n"])) {
        height += 1;
        reflowed.text.push_str(line);
        reflowed.text.push_str(joint);
        if joint == "\n" {
            reflowed.heights.push(height);
            height = 0;
        }
    }
    reflowed
}

/// So many characters tell how a record begins.
const BEGINNING: usize = 12;

/// How a line begins, whatever its numbers are.
fn shape(line: &str) -> String {
    let digit = |char: char| if char.is_ascii_digit() { '0' } else { char };
    line.chars().take(BEGINNING).map(digit).collect()
}

/// Whether a line begins as the first or the one before it does: another record, page or address, and not the rest of that.
fn begins_anew(first: &str, line: &str, next: &str) -> bool {
    [first, line].into_iter().any(|line| shape(line) == shape(next))
}

/// Whether two lines are two records or rows.
fn is_apart(line: &str, next: &str) -> bool {
    let is_row = |mark: [char; 2]| line.ends_with(mark[0]) && next.starts_with(mark[1]);
    line.trim().is_empty() || next.trim().is_empty() || is_row(['}', '{']) || is_row(['|', '|'])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const LINE: &str = "https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2";

    fn wrapped(text: &str, column: usize, joint: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        characters.chunks(column).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join(joint)
    }

    #[test]
    fn what_was_broken_at_a_column_is_put_together() {
        for joint in ["\n", "\r\n", "\n> ", "\n    ", "\n│ ", "\\\n", "↩\n", "\n+"] {
            for column in 5..LINE.len() {
                let Some(found) = reflow(&wrapped(LINE, column, joint)) else {
                    // Between two words, nothing shows that a line was broken.
                    let (line, next) = LINE.split_at(column);
                    assert!(!is_in_a_word(line, next), "{column} {joint:?}");
                    continue;
                };
                assert_eq!(found.text.trim_end(), LINE, "{column} {joint:?}");
                assert!(found.is_sure || LINE.len() <= 2 * column, "{column} {joint:?}");
            }
        }
        let log = format!("{{\"level\":\"info\",\"message\":\"{LINE}\"}}\n{{\"level\":\"error\",\"error\":\"x\"}}");
        let lines: Vec<String> = log.lines().map(|line| wrapped(line, 30, "\n")).collect();
        assert_eq!(reflow(&lines.join("\n")).unwrap().text.trim_end(), log);
        let prose = "If a URL is not on the list of the client, Cognito\nreturns an error.";
        assert_eq!(reflow(prose).unwrap().text.trim_end(), prose.replace('\n', " "));
    }

    #[test]
    fn lines_of_their_own_are_left() {
        for text in [
            "one line",
            "{\"level\":\"info\",\"n\":1}\n{\"level\":\"info\",\"n\":2}\n{\"level\":\"info\",\"n\":3}\n",
            "2026-01-01 00:00:00 a\n2026-01-01 00:00:01 b\n2026-01-01 00:00:02 c\n",
            "This page isn't working\napp.example is currently unable to handle this request.\nHTTP ERROR 500",
            "| error | means |\n| redirect_mismatch | a |\n| redirect_mismatch | b |",
            "https://a.example/oauth2/callback?code=abc\n404 Not Found\nnginx",
        ] {
            assert!(reflow(text).is_none_or(|reflowed| !reflowed.is_sure), "{text}");
        }
    }
}
