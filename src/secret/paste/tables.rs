//! Tables: the names stand in a row of their own, and the values in those below it.

use std::ops::Range;

use super::names::{Name, judge};

/// No name at the head of a column is longer, in bytes.
const LONGEST_HEAD: usize = 40;
/// More columns has no table that people paste.
const MOST_COLUMNS: usize = 64;
/// No name of a column has more words.
const MOST_WORDS: usize = 3;
/// What SQL has before what it puts into columns.
const SQL: &str = "values";

/// What divides the cells of a row.
#[derive(Clone, Copy, PartialEq)]
enum Divider {
    Mark(char),
    Blanks,
}

/// The places of the values below the names of secrets, and of what SQL puts into its columns.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = rows(text);
    found.extend(tuples(text));
    found
}

fn rows(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut table: Option<(Divider, Vec<usize>)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            table = None;
        } else if let Some(head) = head(line) {
            table = Some(head);
        } else if let Some((divider, columns)) = &table {
            let cells = cells(line, *divider);
            let told = columns.iter().filter_map(|column| cells.get(*column));
            found.extend(told.filter(|cell| is_value(line, cell)).map(|cell| start + cell.start..start + cell.end));
        }
        start += line.len();
    }
    found
}

/// `---` below the names is no value.
fn is_value(line: &str, cell: &Range<usize>) -> bool {
    line.get(cell.clone()).is_some_and(|cell| cell.contains(|character: char| !"-:=+ ─━".contains(character)))
}

/// The columns of secrets, if a line is the head of a table with such ones.
fn head(line: &str) -> Option<(Divider, Vec<usize>)> {
    let dividers = [
        Divider::Mark('|'),
        Divider::Mark('│'),
        Divider::Mark('┃'),
        Divider::Mark('\t'),
        Divider::Mark(','),
        Divider::Mark(';'),
        Divider::Blanks,
    ];
    dividers.into_iter().find_map(|divider| {
        let cells = cells(line, divider);
        let names: Vec<&str> = cells
            .iter()
            .filter_map(|cell| line.get(cell.clone()))
            .map(|cell| cell.trim_matches(['"', '\'', '*', '`']))
            .collect();
        let is_close = divider == Divider::Mark(',') || divider == Divider::Mark(';');
        let is_after_blank = |cell: &Range<usize>| line.get(..cell.start).is_some_and(|before| before.ends_with(' '));
        let is_loose = is_close && cells.iter().any(is_after_blank);
        let is_name = |name: &&str| {
            name.len() <= LONGEST_HEAD
                && name.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c))
                && name.split_whitespace().count() <= if is_loose { 1 } else { MOST_WORDS }
        };
        if !(2..=MOST_COLUMNS).contains(&names.len()) || !names.iter().all(is_name) {
            return None;
        }
        let is_secret = |name: &str| matches!(judge(name), Name::Telling | Name::Password | Name::Header);
        let is_told = names.iter().any(|name| is_secret(name));
        let is_hidden = |name: &str| is_secret(name) || judge(name) == Name::Value;
        let columns: Vec<usize> =
            names.iter().enumerate().filter(|(_, name)| is_hidden(name)).map(|(column, _)| column).collect();
        is_told.then_some((divider, columns))
    })
}

/// The cells of a line, without what is blank around them.
fn cells(line: &str, divider: Divider) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut quoted = false;
    let mut from = 0;
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = line.get(at..).unwrap_or_default();
        let length = match divider {
            Divider::Mark(mark) if rest.starts_with(mark) && !quoted => mark.len_utf8(),
            Divider::Mark(_) => 0,
            Divider::Blanks => {
                Some(rest.len() - rest.trim_start_matches(' ').len()).filter(|run| *run > 1).unwrap_or(0)
            }
        };
        quoted ^= rest.starts_with('"') && matches!(divider, Divider::Mark(','));
        if length > 0 {
            cells.push(from..at);
            from = at + length;
        }
        at += length.max(rest.chars().next().map_or(1, char::len_utf8));
    }
    cells.push(from..line.len());
    let trimmed = cells.into_iter().map(|cell| {
        let text = line.get(cell.clone()).unwrap_or_default();
        let start = cell.start + text.len() - text.trim_start().len();
        start..start + text.trim().len()
    });
    let mut cells: Vec<_> = trimmed.collect();
    // `| a | b |` begins and ends with a bar.
    if ['|', '│', '┃'].map(Divider::Mark).contains(&divider) {
        cells.retain(|cell| !cell.is_empty());
    }
    if divider == Divider::Blanks && cells.first().is_some_and(Range::is_empty) {
        cells.remove(0);
    }
    cells
}

/// What stands in the brackets behind `VALUES`.
fn tuples(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find(SQL)).map(|at| from + at + SQL.len()) {
        from = at;
        while let Some(rest) = text.get(from..) {
            let open = rest.trim_start_matches([' ', '\n', '\r', '\t', ',']);
            let start = from + rest.len() - open.len();
            if !open.starts_with('(') {
                break;
            }
            let end = start + tuple_end(open);
            found.push(start + 1..end);
            from = end + 1;
        }
    }
    found
}

/// Where a bracket closes that stands in no quotation.
fn tuple_end(open: &str) -> usize {
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, byte) in open.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    open.len()
}
