//! The lines of the user's files that a finding is about, with the places marked and what is said below them.

use std::collections::BTreeMap;

use super::sheet::Sheet;
use crate::config::{SourceId, SourceKind, Span};
use crate::report::ConfigReport;
use crate::report::lines::{Cell, Lines, lines_of};
use crate::rules::Finding;

/// A place of more lines is shown by its first and its last ones.
const TALLEST: usize = 5;
/// More places of one finding are counted, not shown.
const MOST_PLACES: usize = 40;

/// A place and what is to be said about it.
struct Label<'a> {
    span: Span,
    says: &'a str,
    is_primary: bool,
}

/// The excerpt: the file of the finding itself first.
pub(super) fn write(sheet: &mut Sheet<'_>, one: &ConfigReport, finding: &Finding) {
    let also = finding.also.iter().take(MOST_PLACES);
    let labels = std::iter::once(Label { span: finding.at, says: &finding.says, is_primary: true })
        .chain(also.map(|(span, says)| Label { span: *span, says, is_primary: false }));
    let mut files: Vec<(SourceId, Vec<Label<'_>>)> = Vec::new();
    for label in labels {
        match files.iter_mut().find(|(id, _)| *id == label.span.source) {
            Some((_, here)) => here.push(label),
            None => files.push((label.span.source, vec![label])),
        }
    }
    for (id, labels) in files {
        match one.config.sources.get(id) {
            Some(source) => {
                let masks = &one.masks;
                file(sheet, &Lines { source, id, masks, scrubber: sheet.screen.scrubber }, &labels);
            }
            None => labels.iter().for_each(|label| said(sheet, label)),
        }
    }
    let left = finding.also.len().saturating_sub(MOST_PLACES);
    if left > 0 {
        sheet.put("<p class=\"meta\">and ").number(left).put(" more places</p>");
    }
}

/// The lines of one file, each place with what is said of it below its last line.
fn file(sheet: &mut Sheet<'_>, lines: &Lines<'_>, labels: &[Label<'_>]) {
    let source = lines.source;
    let place = labels.first().map(|label| source.position(label.span.start));
    let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
    sheet.put("<p class=\"place\">").text(&source.name).put(":").number(line).put(":").number(column).put("</p>");
    sheet.put("<div class=\"lines\">");
    if source.kind == SourceKind::Code {
        // Nothing of such a file is kept but places.
        for label in labels {
            said(sheet, label);
        }
        sheet.put("</div>");
        return;
    }
    let mut before = None;
    for (number, here) in shown(lines, labels) {
        if before.is_some_and(|before| number > before + 1) {
            sheet.put("<p class=\"gap\">⋮</p>");
        }
        line_of(sheet, lines, number, &here);
        for label in here.iter().filter(|label| lines_of(source, label.span).1 == number) {
            said(sheet, label);
        }
        before = Some(number);
    }
    sheet.put("</div>");
}

/// The lines that are shown, each with the places that touch it.
fn shown<'a, 'b>(lines: &Lines<'_>, labels: &'b [Label<'a>]) -> BTreeMap<usize, Vec<&'b Label<'a>>> {
    let mut shown: BTreeMap<usize, Vec<&Label<'_>>> = BTreeMap::new();
    for label in labels {
        let (first, last) = lines_of(lines.source, label.span);
        let is_tall = last - first + 1 > TALLEST;
        for number in (first..=last).filter(|number| !is_tall || *number < first + 3 || *number == last) {
            shown.entry(number).or_default().push(label);
        }
    }
    shown
}

/// A line with its number, and its places marked.
fn line_of(sheet: &mut Sheet<'_>, lines: &Lines<'_>, number: usize, labels: &[&Label<'_>]) {
    let places: Vec<((usize, usize), bool)> =
        labels.iter().map(|label| (lines.focus(number, label.span), label.is_primary)).collect();
    let focus = places.first().map_or((0, 0), |(focus, _)| *focus);
    sheet.put("<p class=\"line\"><span class=\"number\">").number(number).put("</span><code>");
    let mut open = None;
    for cell in lines.cells(number, focus) {
        let kind = kind(&cell, &places);
        if kind != open {
            sheet.put(if open.is_some() { "</mark>" } else { "" });
            sheet.put(match kind {
                Some(true) => "<mark>",
                Some(false) => "<mark class=\"also\">",
                None => "",
            });
            open = kind;
        }
        sheet.shown(&cell.shown);
    }
    sheet.put(if open.is_some() { "</mark></code></p>" } else { "</code></p>" });
}

/// Whether a cell belongs to the finding itself, to another place, or to none.
fn kind(cell: &Cell, places: &[((usize, usize), bool)]) -> Option<bool> {
    let touches = |(start, end): (usize, usize)| {
        // An empty place is the character that follows it.
        (cell.start < end || (start == end && cell.start == start)) && cell.end > start
    };
    let here = places.iter().filter(|(place, _)| touches(*place)).map(|(_, is_primary)| *is_primary);
    here.max()
}

fn said(sheet: &mut Sheet<'_>, label: &Label<'_>) {
    if label.says.is_empty() {
        return;
    }
    sheet.put(if label.is_primary { "<p class=\"says\">" } else { "<p class=\"says also\">" });
    sheet.prose(label.says).put("</p>");
}
