//! The lines of the user's file that a finding is about, with carets under the very characters.

use super::{Ink, Screen};
use crate::config::{SourceId, SourceKind, Span};
use crate::report::lines::{Cell, Lines, lines_of};
use crate::report::{ConfigReport, text};

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
        let lines = Lines { source, id, masks: &report.masks, scrubber: screen.scrubber };
        let page = Page { screen, lines, digits };
        page.show(here, &mut block);
    }
    block
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

/// A file of which some lines are shown.
struct Page<'a> {
    screen: &'a Screen<'a>,
    lines: Lines<'a>,
    digits: usize,
}

impl Page<'_> {
    fn show(&self, labels: &[&Label], block: &mut Vec<String>) {
        let mut sorted = labels.to_vec();
        sorted.sort_by_key(|label| (lines_of(self.lines.source, label.span).1, label.span.start));
        block.push(self.bar());
        let mut shown_to = None;
        for label in sorted {
            if self.lines.source.kind == SourceKind::Code {
                // Nothing of such a file is kept but places.
                self.paragraph(label, block);
                continue;
            }
            let (first, last) = lines_of(self.lines.source, label.span);
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
        let cells = self.lines.cells(number, self.lines.focus(number, label.span));
        let shown: String = cells.iter().map(|cell| cell.shown.as_str()).collect();
        let margin = self.screen.paint(if marked { ">" } else { "|" }, Ink::Frame);
        let number = self.screen.paint(&format!("{number:>width$}", width = self.digits), Ink::Frame);
        format!(" {number} {margin} {shown}").trim_end().to_owned()
    }

    /// The carets under the last line of a place, and what is said beside or below them.
    fn underline(&self, label: &Label, first: usize, last: usize, block: &mut Vec<String>) {
        let cells = self.lines.cells(last, self.lines.focus(last, label.span));
        let (start, end) = self.lines.focus(last, label.span);
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
        let line = self.lines.source.line(line).unwrap_or_default();
        line.len() - line.trim_start().len()
    }
}
