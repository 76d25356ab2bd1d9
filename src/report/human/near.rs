//! The near miss: two texts that should be equal, one below the other, with the difference marked.

use super::{INDENT, Ink, Screen};
use crate::report::difference::Difference;
use crate::report::text;
use crate::rules::NearMiss;

/// The two texts, and a mark under what differs.
pub(super) fn near(screen: &Screen<'_>, near: &NearMiss) -> Vec<String> {
    let labels = text::width(near.left_label).max(text::width(near.right_label)) + 2;
    let row = |label: &str, value: &str| format!("{label:<labels$}{}", screen.outside(value, super::LONGEST));
    let mut lines = vec![row(near.left_label, &near.left), row(near.right_label, &near.right)];
    // Secrets are cut first: what is left of one after a comparison would no longer be known as one.
    let (left, right) = (screen.scrubber.scrub(&near.left), screen.scrubber.scrub(&near.right));
    let difference = Difference::of(&left, &right);
    if difference.left.is_empty() && difference.right.is_empty() {
        return lines;
    }
    let words = difference.words(near);
    let before = text::width(&screen.outside(difference.before, super::LONGEST));
    let marked = if difference.right.is_empty() { difference.left } else { difference.right };
    let length = text::width(&screen.outside(marked, super::LONGEST)).max(1);
    if INDENT + labels + before + length > screen.width() {
        // The terminal breaks such a line: a caret below it would point nowhere.
        let place = difference.before.chars().count() + 1;
        let sentence = format!("they differ at character {place}: {}", screen.outside(&words, 200));
        lines.extend(text::wrap(&sentence, screen.width() - INDENT));
        return lines;
    }
    let carets = "^".repeat(length);
    let words = screen.outside(&words, 200);
    let column = labels + before;
    let room = screen.width() - INDENT;
    // Beside the carets, on the side that has room for it.
    let (left, marked) = if column + length + 1 + text::width(&words) <= room {
        (column, format!("{carets} {words}"))
    } else {
        (column.saturating_sub(text::width(&words) + 1), format!("{words} {carets}"))
    };
    lines.push(format!("{:left$}{}", "", screen.paint(&marked, Ink::Bad)));
    lines
}
