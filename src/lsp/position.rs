//! Places as the protocol counts them: from 0, in bytes or in units of UTF-16.

use serde::{Deserialize, Serialize};

/// What a character counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Its bytes in UTF-8.
    Utf8,
    /// Its units in UTF-16, two for one beyond U+FFFF: what the protocol takes if nothing else was agreed.
    #[default]
    Utf16,
}

impl Encoding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
        }
    }

    fn units(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
        }
    }
}

/// A place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(super) struct Position {
    /// The line, from 0.
    pub(super) line: usize,
    /// The units before it on the line.
    pub(super) character: usize,
}

/// A part of a document; the end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

/// Where the lines of a text begin. A line ends with a line feed, a carriage return, or both.
pub(super) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes
            .iter()
            .enumerate()
            .filter(|(at, byte)| **byte == b'\n' || **byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        Self { starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The line that a byte stands on.
    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The bytes of a line without its end.
    fn content(&self, text: &str, line: usize) -> std::ops::Range<usize> {
        let start = self.starts.get(line).copied().unwrap_or(text.len());
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let end = start + text.get(start..end).unwrap_or_default().trim_end_matches(['\r', '\n']).len();
        start..end
    }

    /// The beginning of the line that a byte stands on.
    pub(super) fn start_of(&self, offset: usize) -> usize {
        self.starts.get(self.line(offset)).copied().unwrap_or_default()
    }

    pub(super) fn position(&self, text: &str, offset: usize, encoding: Encoding) -> Position {
        let line = self.line(offset);
        let content = self.content(text, line);
        let before = text.get(content.start..offset.min(content.end)).unwrap_or_default();
        Position { line, character: before.chars().map(|character| encoding.units(character)).sum() }
    }

    /// A part of a text. One without any characters becomes the rest of its line, so that something is seen.
    pub(super) fn range(&self, text: &str, bytes: std::ops::Range<usize>, encoding: Encoding) -> Range {
        let end = if bytes.is_empty() { self.content(text, self.line(bytes.start)).end } else { bytes.end };
        Range {
            start: self.position(text, bytes.start, encoding),
            end: self.position(text, end.max(bytes.start), encoding),
        }
    }

    /// A part of a text as it is, for an edit.
    pub(super) fn exact(&self, text: &str, bytes: &std::ops::Range<usize>, encoding: Encoding) -> Range {
        Range { start: self.position(text, bytes.start, encoding), end: self.position(text, bytes.end, encoding) }
    }

    /// The byte at a place; one past the end of a line is that end.
    pub(super) fn offset(&self, text: &str, at: Position, encoding: Encoding) -> usize {
        let content = self.content(text, at.line);
        let mut units = 0;
        let line = text.get(content.clone()).unwrap_or_default();
        let found = line.char_indices().find(|(_, character)| {
            units += encoding.units(*character);
            units > at.character
        });
        found.map_or(content.end, |(index, _)| content.start + index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_as_was_agreed_and_found_again() {
        let text = "a: \"😀😀\" # x\r\nnaïve: e\u{301}x\rtab:\tz\nend";
        let lines = Lines::of(text);
        for (mark, utf8, utf16) in [
            ("#", (0, 14), (0, 10)),
            ("naïve", (1, 0), (1, 0)),
            ("x\r", (1, 11), (1, 9)),
            ("z", (2, 5), (2, 5)),
            ("end", (3, 0), (3, 0)),
        ] {
            let at = text.rfind(mark).unwrap_or_default();
            let at = if mark == "#" { text.find(mark).unwrap_or_default() } else { at };
            for (encoding, (line, character)) in [(Encoding::Utf8, utf8), (Encoding::Utf16, utf16)] {
                let place = Position { line, character };
                assert_eq!(lines.position(text, at, encoding), place, "{mark} {encoding:?}");
                assert_eq!(lines.offset(text, place, encoding), at, "{mark} {encoding:?}");
            }
        }
        // In the middle of a character, past the end of a line, past the end of the text.
        assert_eq!(lines.offset(text, Position { line: 0, character: 5 }, Encoding::Utf16), 4);
        assert_eq!(lines.offset(text, Position { line: 0, character: 99 }, Encoding::Utf8), 17);
        assert_eq!(lines.offset(text, Position { line: 9, character: 9 }, Encoding::Utf8), text.len());
        assert_eq!(lines.position(text, 17, Encoding::Utf16), lines.position(text, 18, Encoding::Utf16));
    }
}
