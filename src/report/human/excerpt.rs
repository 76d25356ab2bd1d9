//! The lines of the user's file that a finding is about, with carets under the very characters.

use std::cmp::Reverse;

use super::{Ink, Screen};
use crate::config::{Source, SourceId, SourceKind, Span, names_secret, untold};
use crate::report::secrets::Masks;
use crate::report::{ConfigReport, text};
use crate::secret::{Scrubber, paste};

/// How far a paragraph below the carets is indented.
const INDENT: usize = 2;

/// A place and what is to be said about it.
pub(super) struct Label {
    /// The place.
    pub(super) span: Span,
    /// What is said, ready for the screen.
    pub(super) says: String,
    /// The finding itself, rather than a place that matters too.
    pub(super) primary: bool,
}

/// Longer lines are cut around the place.
const LONGEST: usize = 160;
/// Of a line, at most so much is looked at on either side of the place, in bytes.
const WINDOW: usize = 8 << 10;
/// A place of more lines is shown by its first and its last ones.
const TALLEST: usize = 5;

/// The excerpt: the file of the first label first.
pub(super) fn excerpt(screen: &Screen<'_>, report: &ConfigReport, labels: &[Label]) -> Vec<String> {
    let config = &report.config;
    let mut files: Vec<(SourceId, Vec<&Label>)> = Vec::new();
    for label in labels {
        match files.iter_mut().find(|(id, _)| *id == label.span.source) {
            Some((_, here)) => here.push(label),
            None => files.push((label.span.source, vec![label])),
        }
    }
    let known = files.iter().filter_map(|(id, here)| config.sources.get(*id).map(|source| (*id, source, here)));
    let digits = known
        .clone()
        .flat_map(|(_, source, here)| here.iter().map(|label| lines_of(source, label.span).1.to_string().len()))
        .max()
        .unwrap_or(1);
    let mut block = Vec::new();
    for (index, (id, source, here)) in known.enumerate() {
        let place = here.first().map(|label| source.position(label.span.start));
        let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
        let arrow = screen.paint(if index == 0 { "-->" } else { ":::" }, Ink::Frame);
        let name = screen.outside(&source.name, 200);
        let place = screen.link(source, format!("{name}:{line}:{column}"));
        block.push(format!("{:digits$} {arrow} {place}", ""));
        let page = Page { screen, id, source, hidden: &report.masks, digits };
        page.show(here, &mut block);
    }
    block
}

/// The first and the last line of a place.
fn lines_of(source: &Source, span: Span) -> (usize, usize) {
    let first = source.position(span.start).line;
    let end = source.position(span.end.max(span.start));
    // A place that ends with a line end covers nothing of the line after it.
    let last = if end.column == 1 && end.line > first { end.line - 1 } else { end.line };
    (first, last)
}

/// The parts of a line that must not be shown, each with what is shown instead; in order, without overlap.
pub(in crate::report) fn masks(
    known: &Masks,
    scrubber: &Scrubber,
    (id, source): (SourceId, &Source),
    start: usize,
    line: &str,
) -> Vec<(usize, usize, String)> {
    let end = start + line.len();
    let here = known.within(Span { source: id, start, end });
    let here = here.map(|(span, label)| (span.start.max(start), span.end.min(end), label.clone()));
    let found = scrubber.find(line).into_iter();
    let mut all: Vec<_> =
        here.chain(found.map(|found| (start + found.start, start + found.end, found.label.to_owned()))).collect();
    all.extend(unnamed(source, start, line));
    // What somebody wrote behind a secret may be the one before it.
    let past = all.iter().map(|(_, to, _)| to - start).min();
    if let Some(comment) = past.and_then(|past| comment(line, past)).or_else(|| telling_comment(line)) {
        all.push((start + comment, end, "# …".to_owned()));
    }
    all.sort_by_key(|(from, to, _)| (*from, Reverse(*to)));
    let mut masks: Vec<(usize, usize, String)> = Vec::with_capacity(all.len());
    for (from, to, label) in all {
        match masks.last_mut() {
            Some((_, last, _)) if from < *last => *last = to.max(*last),
            _ => masks.push((from, to, label)),
        }
    }
    masks
}

/// What no option and no shape tells to be a secret, but the name before it.
fn unnamed(source: &Source, start: usize, line: &str) -> impl Iterator<Item = (usize, usize, String)> {
    let end = start + line.len();
    // What is secret of an answer was cut when it came.
    let places = if source.kind == SourceKind::Answer { &[] } else { untold(source) };
    let first = places.partition_point(|place| place.end <= start);
    let here = places.get(first..).unwrap_or_default().iter().take_while(move |place| place.start < end);
    here.map(move |place| {
        let (from, to) = (place.start.max(start), place.end.min(end));
        let length = line.get(from - start..to - start).map_or(to - from, |text| text.chars().count());
        (from, to, format!("‹not shown, {length} chars›"))
    })
}

/// Where a comment begins on a line, from some place on.
fn comment(line: &str, from: usize) -> Option<usize> {
    let rest = line.get(from..)?;
    let mut marks = rest.match_indices('#').map(|(at, _)| from + at);
    marks.find(|at| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t'])))
}

/// A comment that names a secret, such as a line that was taken out, or that holds what is shaped like one.
fn telling_comment(line: &str) -> Option<usize> {
    comment(line, 0)
        .filter(|at| line.get(*at..).is_some_and(|comment| names_secret(comment) || !paste::shaped(comment).is_empty()))
}

/// One character of a line, or one secret, as it is shown.
struct Cell {
    /// Its first byte in the source.
    start: usize,
    /// One past its last byte.
    end: usize,
    /// What is shown.
    shown: String,
    /// The columns that takes.
    width: usize,
}

/// The column at which the carets begin, and their number: they cover whole cells, one at least.
fn covered(cells: &[Cell], start: usize, end: usize) -> (usize, usize) {
    let mut before = 0;
    let mut first = None;
    let mut past = 0;
    for cell in cells {
        if cell.start < end && cell.end > start {
            first.get_or_insert(before);
            past = before + cell.width;
        }
        before += cell.width;
    }
    // An empty place stands before the cell that follows it.
    let empty = || cells.iter().take_while(|cell| cell.start < start).map(|cell| cell.width).sum();
    let column = first.unwrap_or_else(empty);
    (column, past.saturating_sub(column).max(1))
}

/// The offset, or the beginning of the character it lies in.
fn boundary(line: &str, offset: usize) -> usize {
    (0..=offset.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0)
}

/// A file of which some lines are shown.
struct Page<'a> {
    screen: &'a Screen<'a>,
    id: SourceId,
    source: &'a Source,
    hidden: &'a Masks,
    digits: usize,
}

impl Page<'_> {
    fn show(&self, labels: &[&Label], block: &mut Vec<String>) {
        let mut sorted = labels.to_vec();
        sorted.sort_by_key(|label| (lines_of(self.source, label.span).1, label.span.start));
        block.push(self.bar());
        let mut shown_to = None;
        for label in sorted {
            if self.source.kind == SourceKind::Code {
                // Nothing of such a file is kept but places.
                self.paragraph(label, block);
                continue;
            }
            let (first, last) = lines_of(self.source, label.span);
            let tall = last - first + 1 > TALLEST;
            for line in first..=last {
                if shown_to.is_some_and(|shown| line <= shown) {
                    continue;
                }
                if tall && (first + 3..last).contains(&line) {
                    if line == first + 3 {
                        block.push(self.gap());
                    }
                    continue;
                }
                if shown_to.is_some_and(|shown| line > shown + 1) && line == first {
                    block.push(self.gap());
                }
                block.push(self.line(line, label, last > first));
                shown_to = Some(line);
            }
            self.underline(label, first, last, block);
        }
        block.push(self.bar());
    }

    fn bar(&self) -> String {
        format!("{:1$} {2}", "", self.digits + 1, self.screen.paint("|", Ink::Frame))
    }

    fn gap(&self) -> String {
        format!("{:1$} {2}", "", self.digits, self.screen.paint("...", Ink::Frame))
    }

    /// A line with its number. Those of a place of several lines are marked in the margin.
    fn line(&self, number: usize, label: &Label, marked: bool) -> String {
        let cells = self.cells(number, self.focus(number, label.span));
        let shown: String = cells.iter().map(|cell| cell.shown.as_str()).collect();
        let margin = self.screen.paint(if marked { ">" } else { "|" }, Ink::Frame);
        let number = self.screen.paint(&format!("{number:>width$}", width = self.digits), Ink::Frame);
        format!(" {number} {margin} {shown}").trim_end().to_owned()
    }

    /// The part of a place that lies on a line, as offsets.
    fn focus(&self, line: usize, span: Span) -> (usize, usize) {
        let start = self.source.line_start(line).unwrap_or(0);
        let end = start + self.source.line(line).unwrap_or_default().len();
        (span.start.clamp(start, end), span.end.clamp(start, end))
    }

    /// The carets under the last line of a place, and what is said beside or below them.
    fn underline(&self, label: &Label, first: usize, last: usize, block: &mut Vec<String>) {
        let cells = self.cells(last, self.focus(last, label.span));
        let (start, end) = self.focus(last, label.span);
        let start = if last > first { start + self.indentation(last) } else { start };
        let (column, length) = covered(&cells, start, end);
        let (mark, ink) = if label.primary { ("^", Ink::Bad) } else { ("-", Ink::Frame) };
        let room = self.screen.width().saturating_sub(self.digits + 4);
        // Carets that the terminal would break onto another row tell nothing more.
        let length = length.min(room.saturating_sub(column).max(1));
        let carets = self.screen.paint(&mark.repeat(length), ink);
        let bar = self.bar();
        if label.says.is_empty() {
            block.push(format!("{bar} {:column$}{carets}", ""));
        } else if column + length + 1 + text::width(&label.says) <= room {
            block.push(format!("{bar} {:column$}{carets} {}", "", self.screen.paint(&label.says, ink)));
        } else {
            block.push(format!("{bar} {:column$}{carets}", ""));
            // A single line stands below the carets, or as far to the left as it needs; a paragraph where all paragraphs do.
            let lines = text::wrap(&label.says, room.saturating_sub(INDENT).min(72));
            let indent = match lines.as_slice() {
                [line] => column.min(room.saturating_sub(text::width(line))),
                _ => INDENT,
            };
            block.extend(lines.iter().map(|line| format!("{bar} {:indent$}{}", "", self.screen.paint(line, ink))));
        }
    }

    /// What is said of a place whose text is not kept.
    fn paragraph(&self, label: &Label, block: &mut Vec<String>) {
        let room = self.screen.width().saturating_sub(self.digits + 4);
        let ink = if label.primary { Ink::Bad } else { Ink::Frame };
        let lines = text::wrap(&label.says, room.saturating_sub(INDENT).min(72));
        block.extend(lines.iter().map(|line| format!("{} {:INDENT$}{}", self.bar(), "", self.screen.paint(line, ink))));
    }

    fn indentation(&self, line: usize) -> usize {
        let line = self.source.line(line).unwrap_or_default();
        line.len() - line.trim_start().len()
    }

    /// What is shown of a line, cut around a place if it is long.
    fn cells(&self, number: usize, focus: (usize, usize)) -> Vec<Cell> {
        let mut cells = self.whole(number, focus.0);
        let total: usize = cells.iter().map(|cell| cell.width).sum();
        if total <= LONGEST {
            return cells;
        }
        let at = cells.iter().position(|cell| cell.start >= focus.0).unwrap_or(cells.len());
        let to = cells.iter().position(|cell| cell.start >= focus.1).unwrap_or(cells.len());
        // The place with what stands before it, if that fits; else from a little before the place.
        let first = if to <= LONGEST - 20 { 0 } else { at.saturating_sub(20) };
        let mut kept = 0;
        let length = cells
            .iter()
            .skip(first)
            .take_while(|cell| {
                kept += cell.width;
                kept <= LONGEST
            })
            .count();
        let more = first + length < cells.len();
        cells.drain(..first);
        cells.truncate(length);
        let ellipsis = |at| Cell { start: at, end: at, shown: "…".to_owned(), width: 1 };
        if first > 0 {
            let start = cells.first().map_or(0, |cell| cell.start);
            cells.insert(0, ellipsis(start.saturating_sub(1)));
        }
        if more {
            let end = cells.last().map_or(0, |cell| cell.end);
            cells.push(ellipsis(end));
        }
        cells
    }

    /// A line, or of a very long one what is near an offset.
    fn whole(&self, number: usize, near: usize) -> Vec<Cell> {
        let line = self.source.line(number).unwrap_or_default();
        let start = self.source.line_start(number).unwrap_or(0);
        let near = near.saturating_sub(start);
        let from = boundary(line, near.saturating_sub(WINDOW));
        let to = boundary(line, near.saturating_add(WINDOW));
        let (line, start) = (line.get(from..to).unwrap_or(line), start + from);
        let masks = masks(self.hidden, self.screen.scrubber, (self.id, self.source), start, line);
        let mut masks = masks.into_iter().peekable();
        let mut cells: Vec<Cell> = Vec::new();
        let mut hidden = start;
        for (at, character) in line.char_indices().map(|(at, character)| (start + at, character)) {
            if let Some((from, to, label)) = masks.next_if(|(from, ..)| *from <= at) {
                cells.push(Cell { start: from, end: to, width: text::width(&label), shown: label });
                hidden = to;
            }
            if at >= hidden {
                let mut shown = String::new();
                match character {
                    '\t' => shown.push_str("    "),
                    _ => text::push_escaped(&mut shown, character),
                }
                let end = at + character.len_utf8();
                cells.push(Cell { start: at, end, width: text::width(&shown), shown });
            }
        }
        cells
    }
}
