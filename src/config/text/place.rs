//! Where a text that is being read stands in its source, whatever it went through on the way: a configuration inside a block
//! scalar, quotes or base64 of another file, or with its variables expanded.

use std::ops::Range;
use std::sync::Arc;

use super::source::{SourceId, Span};

/// Where a text that is being read stands in its source.
#[derive(Clone, Debug)]
pub(in crate::config) enum Place {
    /// It is the part of the source that begins at this byte.
    Verbatim(SourceId, usize),
    /// It was decoded from this part of a source, so that no closer place can be named.
    Decoded(Span),
    /// It was made piece by piece from a text that has a place.
    Rewritten(Arc<Rewritten>),
}

/// How a text was made from another one.
#[derive(Debug)]
pub(in crate::config) struct Rewritten {
    /// In order, without gaps in the new text.
    pieces: Vec<Piece>,
    /// Where the other text stands.
    below: Place,
}

#[derive(Clone, Debug)]
struct Piece {
    /// In the new text.
    new: Range<usize>,
    /// In the other one.
    old: Range<usize>,
    /// The same text, so that places inside it correspond.
    verbatim: bool,
}

impl Place {
    /// The span of a range of the text.
    pub(in crate::config) fn span(&self, start: usize, end: usize) -> Span {
        match self {
            Self::Verbatim(source, base) => Span { source: *source, start: base + start, end: base + end.max(start) },
            Self::Decoded(span) => *span,
            Self::Rewritten(rewritten) => {
                let first = rewritten.start(start);
                let last = if end > start { rewritten.end(end).max(first) } else { first };
                rewritten.below.span(first, last)
            }
        }
    }

    /// The same place in another source with the same text.
    pub(in crate::config) fn in_source(&self, from: SourceId, to: SourceId) -> Self {
        match self {
            Self::Verbatim(source, base) => Self::Verbatim(if *source == from { to } else { *source }, *base),
            Self::Decoded(span) => {
                Self::Decoded(Span { source: if span.source == from { to } else { span.source }, ..*span })
            }
            Self::Rewritten(rewritten) => Self::Rewritten(Arc::new(Rewritten {
                pieces: rewritten.pieces.clone(),
                below: rewritten.below.in_source(from, to),
            })),
        }
    }

    /// The place of what a scalar of YAML or JSON says, where the scalar itself, with its quotes or its block header, stands at
    /// this place.
    pub(in crate::config) fn inside_scalar(self, written: &str, value: &str) -> Self {
        if written == value {
            return self;
        }
        let whole = self.span(0, written.len());
        Alignment::new(written, value, self).finish().unwrap_or(Self::Decoded(whole))
    }

    /// The place of what base64 at this place encodes.
    pub(in crate::config) fn inside_base64(self, encoded: &str) -> Self {
        let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
        let digits: Vec<usize> =
            encoded.bytes().enumerate().filter(|(_, byte)| is_digit(byte)).map(|(at, _)| at).collect();
        let mut pieces = Vec::with_capacity(digits.len() / 4 + 1);
        let mut length = 0;
        for group in digits.chunks(4) {
            let ([first, ..], Some(last)) = (group, group.last()) else { continue };
            // Four digits are three bytes; two and three digits at the end are one and two.
            let new = length..length + group.len().saturating_sub(1);
            length = new.end;
            pieces.push(Piece { new, old: *first..last + 1, verbatim: false });
        }
        Self::Rewritten(Arc::new(Rewritten { pieces, below: self }))
    }
}

impl Rewritten {
    /// Where the character behind this offset comes from.
    fn start(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.new.end <= offset);
        match self.pieces.get(index) {
            Some(piece) if piece.verbatim => piece.old.start + offset.saturating_sub(piece.new.start),
            Some(piece) => piece.old.start,
            None => self.pieces.last().map_or(0, |piece| piece.old.end),
        }
    }

    /// Where the character before this offset ends.
    fn end(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.new.end < offset);
        match self.pieces.get(index) {
            Some(piece) if piece.verbatim => piece.old.start + offset.saturating_sub(piece.new.start),
            Some(piece) => piece.old.end,
            None => self.pieces.last().map_or(0, |piece| piece.old.end),
        }
    }
}

/// Makes a new text from another one and remembers where everything comes from.
pub(in crate::config) struct Rewriter<'a> {
    old: &'a str,
    new: String,
    pieces: Vec<Piece>,
    below: Place,
}

impl<'a> Rewriter<'a> {
    /// Begins with nothing. `old` stands at `place`.
    pub(in crate::config) fn new(old: &'a str, place: Place) -> Self {
        Self { old, new: String::with_capacity(old.len()), pieces: Vec::new(), below: place }
    }

    /// Takes over a range of the old text.
    pub(in crate::config) fn keep(&mut self, old: Range<usize>) {
        let Some(text) = self.old.get(old.clone()).filter(|text| !text.is_empty()) else { return };
        let start = self.new.len();
        self.new.push_str(text);
        match self.pieces.last_mut() {
            Some(last) if last.verbatim && last.old.end == old.start => {
                last.old.end = old.end;
                last.new.end = self.new.len();
            }
            _ => self.pieces.push(Piece { new: start..self.new.len(), old, verbatim: true }),
        }
    }

    /// Puts another text in the place of a range of the old one.
    pub(in crate::config) fn replace(&mut self, old: Range<usize>, with: &str) {
        let start = self.new.len();
        self.new.push_str(with);
        self.pieces.push(Piece { new: start..self.new.len(), old, verbatim: false });
    }

    /// What has been made so far.
    pub(in crate::config) fn text(&self) -> &str {
        &self.new
    }

    /// The new text and its place.
    pub(in crate::config) fn finish(self) -> (String, Place) {
        (self.new, Place::Rewritten(Arc::new(Rewritten { pieces: self.pieces, below: self.below })))
    }
}

/// Lays the value of a scalar beside the way it is written. The parser has already said what the value is, so that all that is
/// left is to find it again; where that fails, nothing is claimed.
struct Alignment<'a> {
    written: &'a str,
    value: &'a str,
    at: usize,
    style: Style,
    rewriter: Rewriter<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Block,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn blanks(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches(is_blank).len()]
}

impl<'a> Alignment<'a> {
    fn new(written: &'a str, value: &'a str, place: Place) -> Self {
        let mut at = 0;
        // An anchor or a tag stands before the scalar.
        while written[at..].starts_with(['&', '!']) {
            let rest = &written[at..];
            let word = rest.find(is_blank).unwrap_or(rest.len());
            at += word + blanks(&rest[word..]).len();
        }
        let style = match written[at..].chars().next() {
            Some('\'') => Style::Single,
            Some('"') => Style::Double,
            Some('|' | '>') => Style::Block,
            _ => Style::Plain,
        };
        at += match style {
            Style::Plain => 0,
            Style::Single | Style::Double => 1,
            Style::Block => written[at..].find('\n').map_or(written.len() - at, |end| end + 1),
        };
        Self { written, value, at, style, rewriter: Rewriter::new(written, place) }
    }

    fn finish(mut self) -> Option<Place> {
        if self.style == Style::Block {
            self.blanks();
        }
        while self.rewriter.text().len() < self.value.len() {
            self.step()?;
        }
        (self.rewriter.text() == self.value).then(|| self.rewriter.finish().1)
    }

    fn step(&mut self) -> Option<()> {
        let done = self.rewriter.text().len();
        let (left, wanted) = (self.written.get(self.at..)?, self.value.get(done..)?);
        let Some(next) = left.chars().next() else {
            // The end mark of a block scalar leaves out the line ends that belong to it.
            self.rewriter.replace(self.at..self.at, wanted);
            return Some(());
        };
        match (self.style, next) {
            (Style::Double, '\\') => self.escape(left),
            (Style::Single, '\'') if left.starts_with("''") => {
                self.rewriter.replace(self.at..self.at + 2, "'");
                self.at += 2;
                Some(())
            }
            _ if is_blank(next) => self.blanks(),
            _ if wanted.starts_with(next) => {
                self.rewriter.keep(self.at..self.at + next.len_utf8());
                self.at += next.len_utf8();
                Some(())
            }
            _ => None,
        }
    }

    /// Blanks with a line end in them were folded or lost their indentation.
    fn blanks(&mut self) -> Option<()> {
        let done = self.rewriter.text().len();
        let (written, wanted) = (blanks(self.written.get(self.at..)?), blanks(self.value.get(done..)?));
        if !written.contains('\n') && self.style != Style::Block {
            if !wanted.starts_with(written) {
                return None;
            }
            self.rewriter.keep(self.at..self.at + written.len());
            self.at += written.len();
            return Some(());
        }
        let common = written.bytes().rev().zip(wanted.bytes().rev()).take_while(|(a, b)| a == b).count();
        let kept = self.at + written.len() - common;
        self.rewriter.replace(self.at..kept, &wanted[..wanted.len() - common]);
        self.rewriter.keep(kept..kept + common);
        self.at += written.len();
        Some(())
    }

    /// An escape of YAML or JSON stands for what the value has in its place.
    fn escape(&mut self, left: &str) -> Option<()> {
        let kind = left[1..].chars().next()?;
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            '\n' | '\r' => {
                self.at += 1 + blanks(&left[1..]).len();
                return Some(());
            }
            _ => 0,
        };
        let mut length = 1 + kind.len_utf8() + digits;
        let character = self.value.get(self.rewriter.text().len()..)?.chars().next()?;
        // JSON writes a character behind U+FFFF as two escapes.
        if kind == 'u' && u32::from(character) > 0xFFFF {
            length += 6;
        }
        self.rewriter.replace(self.at..self.at + length, character.encode_utf8(&mut [0; 4]));
        self.at += length;
        Some(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::source::{Source, SourceKind, Sources};
    use super::*;

    /// What stands in the source where `word` stands in the value.
    fn found(written: &str, value: &str, word: &str) -> String {
        let mut sources = Sources::default();
        let source = sources.add(Source::new("x", SourceKind::File, written));
        let place = Place::Verbatim(source, 0).inside_scalar(written, value);
        let start = value.find(word).unwrap();
        let span = place.span(start, start + word.len());
        sources.slice(span).to_owned()
    }

    #[test]
    fn words_in_scalars_are_found_where_they_stand() {
        for (written, value, word) in [
            ("|\n  a: 1\n\n  b:\n    c: two", "a: 1\n\nb:\n  c: two\n", "two"),
            ("|-\n    a: 1\n     odd\n    b", "a: 1\n odd\nb", "odd"),
            (">\n  folded\n  text\n\n  end", "folded text\nend\n", "text"),
            ("\"a\\n\\\"b\\\" \\u00e4 word\"", "a\n\"b\" ä word", "word"),
            ("'it''s here'", "it's here", "here"),
            ("plain\n  on two lines", "plain on two lines", "two"),
            ("!!str &a 'x y'", "x y", "y"),
            ("\"\\ud83d\\ude00 after\"", "😀 after", "after"),
        ] {
            assert_eq!(found(written, value, word), word, "{written:?}");
        }
    }

    #[test]
    fn an_escape_is_found_whole() {
        assert_eq!(found("\"a\\u00e4b\"", "aäb", "ä"), "\\u00e4");
        assert_eq!(found("\"a\\u00e4b\"", "aäb", "äb"), "\\u00e4b");
    }

    #[test]
    fn what_does_not_fit_is_the_whole() {
        assert_eq!(found("abc", "xyz", "y"), "abc");
    }

    #[test]
    fn base64_is_found_by_groups() {
        let mut sources = Sources::default();
        let source = sources.add(Source::new("x", SourceKind::File, "YWJj\nZGVm"));
        let place = Place::Verbatim(source, 0).inside_base64("YWJj\nZGVm");
        assert_eq!(sources.slice(place.span(3, 6)), "ZGVm");
        assert_eq!(sources.slice(place.span(1, 2)), "YWJj");
    }
}
