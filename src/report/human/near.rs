//! The near miss: two texts that should be equal, one below the other, with the difference marked.

use super::{INDENT, Ink, Screen};
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

/// The first region in which two texts differ.
struct Difference<'a> {
    before: &'a str,
    left: &'a str,
    right: &'a str,
}

impl<'a> Difference<'a> {
    fn of(left: &'a str, right: &'a str) -> Self {
        let same = left.char_indices().zip(right.chars()).take_while(|((_, a), b)| a == b);
        let start = same.last().map_or(0, |((at, character), _)| at + character.len_utf8());
        let (before, left) = left.split_at_checked(start).unwrap_or((left, ""));
        let right = right.get(start..).unwrap_or_default();
        let common: usize =
            left.chars().rev().zip(right.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let cut = |text: &'a str| text.get(..text.len() - common).unwrap_or(text);
        Self { before, left: cut(left), right: cut(right) }
    }

    /// What the eye may miss.
    fn words(&self, near: &NearMiss) -> String {
        let odd = |text: &str| text.chars().find(|character| !character.is_ascii()).map(u32::from);
        match (self.left, self.right) {
            ("", more) => format!("{} only in `{}`", named(more), near.right_label),
            (more, "") => format!("{} only in `{}`", named(more), near.left_label),
            (a, b) if a.eq_ignore_ascii_case(b) => "upper and lower case".to_owned(),
            (a, b) => match (odd(a), odd(b)) {
                (Some(code), _) => format!("`{}` holds U+{code:04X}", near.left_label),
                (_, Some(code)) => format!("`{}` holds U+{code:04X}", near.right_label),
                _ if a.chars().count().max(b.chars().count()) <= 24 => format!("{} against {}", named(a), named(b)),
                _ => "from here on".to_owned(),
            },
        }
    }
}

/// A text in words if it is easily overlooked.
fn named(text: &str) -> String {
    match text {
        "/" => "a slash".to_owned(),
        " " => "a space".to_owned(),
        "\n" => "a newline".to_owned(),
        "\t" => "a tab".to_owned(),
        _ if text.trim().is_empty() => "white space".to_owned(),
        _ if text.chars().count() > 24 => "this part".to_owned(),
        _ => format!("`{text}`"),
    }
}
