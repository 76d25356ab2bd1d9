//! The lines of the user's files as they are shown: without secrets, unable to act, and cut around the place that is meant.

use std::cmp::Reverse;

use super::secrets::Masks;
use super::text;
use crate::config::{Source, SourceId, SourceKind, Span, beside, names_secret, untold};
use crate::diagnose::is_known;
use crate::offset;
use crate::secret::{Scrubber, paste};

/// Longer lines are cut around the place.
const LONGEST: usize = 160;
/// Of a line, at most so much is looked at on either side of the place, in bytes.
const WINDOW: usize = 8 << 10;

/// The first and the last line of a place.
pub(super) fn lines_of(source: &Source, span: Span) -> (usize, usize) {
    let first = source.position(span.start).line;
    let end = source.position(span.end.max(span.start));
    // A place that ends with a line end covers nothing of the line after it.
    let last = if end.column == 1 && end.line > first { end.line - 1 } else { end.line };
    (first, last)
}

/// The parts of a line that must not be shown, each with what is shown instead; in order, without overlap.
pub(super) fn masks(
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
    apart(all)
}

/// The same parts in order, without overlap.
fn apart(mut all: Vec<(usize, usize, String)>) -> Vec<(usize, usize, String)> {
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

/// A comment that names a secret, such as a line that was taken out, that holds what is shaped like one, or that speaks of one in
/// words that nobody knows.
fn telling_comment(line: &str) -> Option<usize> {
    let tells = |comment: &str| {
        names_secret(comment) || !paste::shaped(comment).is_empty() || !paste::spoken(comment, is_known).is_empty()
    };
    comment(line, 0).filter(|at| line.get(*at..).is_some_and(tells))
}

/// One character of a line, or one secret, as it is shown.
pub(super) struct Cell {
    /// Its first byte in the source.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
    /// What is shown.
    pub(super) shown: String,
    /// The columns that takes.
    pub(super) width: usize,
}

/// The lines of one file.
pub(super) struct Lines<'a> {
    /// The file.
    pub(super) source: &'a Source,
    /// Its number.
    pub(super) id: SourceId,
    /// What of it is not shown.
    pub(super) masks: &'a Masks,
    /// Knows what secrets look like elsewhere.
    pub(super) scrubber: &'a Scrubber,
}

impl Lines<'_> {
    /// The part of a place that lies on a line, as offsets.
    pub(super) fn focus(&self, line: usize, span: Span) -> (usize, usize) {
        let start = self.source.line_start(line).unwrap_or(0);
        let end = start + self.source.line(line).unwrap_or_default().len();
        (span.start.clamp(start, end), span.end.clamp(start, end))
    }

    /// What is shown of a line, cut around a place if it is long.
    pub(super) fn cells(&self, number: usize, focus: (usize, usize)) -> Vec<Cell> {
        let mut cells = self.whole(number, focus);
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

    /// A line, or of a very long one what is near the place.
    fn whole(&self, number: usize, focus: (usize, usize)) -> Vec<Cell> {
        let line = self.source.line(number).unwrap_or_default();
        let start = self.source.line_start(number).unwrap_or(0);
        let near = focus.0.saturating_sub(start);
        let from = offset::floor(line, near.saturating_sub(WINDOW));
        let to = offset::floor(line, near.saturating_add(WINDOW));
        let (line, start) = (line.get(from..to).unwrap_or(line), start + from);
        let mut masks = masks(self.masks, self.scrubber, (self.id, self.source), start, line);
        if self.source.kind != SourceKind::Answer {
            let beside = beside(line, &(focus.0.saturating_sub(start)..focus.1.saturating_sub(start).min(line.len())));
            masks.extend(beside.into_iter().map(|at| (start + at.start, start + at.end, "…".to_owned())));
            masks = apart(masks);
        }
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
