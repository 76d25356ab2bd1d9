//! Places in a text, in bytes, that the standard library of the oldest Rust needed here does not tell yet.

/// Where a part of a text begins in it (as `str::substr_range` will say).
pub fn of(part: &str, text: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}

/// This place, or the beginning of the character that it lies in, or the end of the text (`str::floor_char_boundary`, from Rust 1.91 on).
pub fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// As many bytes of its beginning as hold no part of a character, so many at most.
pub fn head(text: &str, most: usize) -> &str {
    text.get(..floor(text, most)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_cut_in_two() {
        let text = "aé€";
        assert_eq!((0..9).map(|at| floor(text, at)).collect::<Vec<_>>(), [0, 1, 1, 3, 3, 3, 6, 6, 6]);
        assert_eq!((head(text, 2), head(text, 6), head("", 3)), ("a", text, ""));
    }

    #[test]
    fn a_part_is_where_it_stands_and_not_where_its_like_does() {
        let text = "x, x";
        assert_eq!(text.split(", ").map(|part| of(part, text)).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(of(&text[4..], text), 4);
    }
}
