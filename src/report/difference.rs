//! In what two texts that should be equal differ.

use crate::rules::NearMiss;

/// The first region in which two texts differ.
pub(super) struct Difference<'a> {
    /// What both begin with.
    pub(super) before: &'a str,
    /// What only the first has there.
    pub(super) left: &'a str,
    /// What only the second has there.
    pub(super) right: &'a str,
}

impl<'a> Difference<'a> {
    /// Compares them.
    pub(super) fn of(left: &'a str, right: &'a str) -> Self {
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
    pub(super) fn words(&self, near: &NearMiss) -> String {
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
