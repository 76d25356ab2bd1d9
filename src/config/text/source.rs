//! The texts a configuration was read from, and places in them.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Which text of a [`Sources`] a [`Span`] lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

#[cfg(test)]
impl SourceId {
    /// The first text of any.
    pub(in crate::config) const FIRST: Self = Self(0);
}

/// A place in a source: byte offsets, on character boundaries of that source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text the place lies in.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: usize,
    /// Offset one past the last byte.
    pub end: usize,
}

impl Span {
    /// The place of this number in a source that has places instead of a text.
    pub fn of_place(source: SourceId, number: usize) -> Self {
        Self { source, start: 2 * number, end: 2 * number + 1 }
    }

    /// The bytes of the span.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether another place lies in this one.
    pub fn covers(self, inner: Self) -> bool {
        self.source == inner.source && self.start <= inner.start && inner.end <= self.end
    }
}

/// A line and a column as people count them: from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

/// What kind of place a text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A file the user named, or standard input.
    File,
    /// The environment of the process or an environment file, one `NAME=value` a line.
    Environment,
    /// A `Secret` of Kubernetes, or the file that it stands in.
    Secret,
    /// The command line or the settings file, which give what stands elsewhere.
    Given,
    /// An answer of a running Pomerium.
    Answer,
    /// A plan, a state or a template: places without a text, because such a text holds other people's secrets.
    Code,
}

/// One text: a file as it stands on disk, or the environment written as one `NAME=value` a line.
///
/// `Debug` shows the name only: the text may hold secrets.
#[derive(Clone)]
pub struct Source {
    /// How the user named it: a path, `-`, or `environment`.
    pub name: String,
    /// File or environment.
    pub kind: SourceKind,
    /// The text.
    pub text: Arc<str>,
    line_starts: Arc<[usize]>,
    /// How many characters begin before each block of [`BLOCK`] bytes: a file of one line has all its places on it.
    blocks: Arc<OnceLock<Vec<usize>>>,
    /// The beginning and the end of each place, where there is no text to count in.
    places: Arc<[(Position, Position)]>,
    /// Whether somebody has looked for secrets here: configurations of one set share their texts.
    searched: Arc<AtomicBool>,
    untold: Arc<OnceLock<Vec<Range<usize>>>>,
    names: Arc<OnceLock<HashSet<String>>>,
}

/// Bytes. A plan of one line has a million places, and half a block is counted for each.
const BLOCK: usize = 256;

/// Counting the bytes that begin a character counts characters.
fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Source {
    /// A text under the name the user gave it.
    pub fn new(name: impl Into<String>, kind: SourceKind, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self {
            name: name.into(),
            kind,
            text,
            line_starts,
            blocks: Arc::default(),
            places: Arc::default(),
            searched: Arc::default(),
            untold: Arc::default(),
            names: Arc::default(),
        }
    }

    /// A file of which only places are kept; [`Span::of_place`] refers to them.
    pub fn of_places(name: impl Into<String>, places: impl Into<Arc<[(Position, Position)]>>) -> Self {
        Self { places: places.into(), ..Self::new(name, SourceKind::Code, "") }
    }

    /// Whether this is the first time that secrets are looked for in the text; the next time it is not.
    pub(in crate::config) fn begin_search(&self) -> bool {
        !self.searched.swap(true, Ordering::Relaxed)
    }

    /// The places that are not shown, which are looked for once: only what is quoted needs them.
    pub(in crate::config) fn untold(&self, find: impl FnOnce(&str) -> Vec<Range<usize>>) -> &[Range<usize>] {
        self.untold.get_or_init(|| find(&self.text))
    }

    /// Whether a name stands anywhere in the text, in any letter case: they are gathered once, as thousands may be asked for.
    pub fn has_name(&self, name: &str) -> bool {
        let names = self.names.get_or_init(|| {
            let is_sign = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
            let words = self.text.split(is_sign);
            // In quotes, a line break is written `\n`.
            let behind = self.text.split('\\').skip(1).filter_map(|rest| rest.get(1..)?.split(is_sign).next());
            words.chain(behind).map(str::to_ascii_lowercase).collect()
        });
        names.contains(&name.to_ascii_lowercase())
    }

    /// Line and column of a byte offset. An offset inside a character counts as that character;
    /// one past the end counts as the end.
    pub fn position(&self, offset: usize) -> Position {
        if let Some((start, end)) = self.places.get(offset / 2) {
            return if offset.is_multiple_of(2) { *start } else { *end };
        }
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start <= offset);
        // A byte order mark is no character of the first line: no editor counts it.
        let mark = if line == 1 && self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0) + mark;
        let before = self.text.as_bytes().get(start..offset).unwrap_or_default();
        let characters = if before.len() < BLOCK {
            characters_in(before)
        } else {
            self.characters_before(offset) - self.characters_before(start)
        };
        Position { line, column: characters + 1 }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let blocks = self.blocks.get_or_init(|| {
            let counts = self.text.as_bytes().chunks(BLOCK).scan(0, |sum, block| {
                let before = *sum;
                *sum += characters_in(block);
                Some(before)
            });
            counts.collect()
        });
        let block = (offset / BLOCK).min(blocks.len().saturating_sub(1));
        let rest = self.text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        blocks.get(block).copied().unwrap_or_default() + characters_in(rest)
    }

    /// The text of a line (counted from 1) without its line end, or `None` past the last one.
    pub fn line(&self, line: usize) -> Option<&str> {
        let start = *self.line_starts.get(line.checked_sub(1)?)?;
        let end = self.line_starts.get(line).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).map(|text| text.strip_suffix('\r').unwrap_or(text))
    }

    /// The byte offset at which a line (counted from 1) begins.
    pub fn line_start(&self, line: usize) -> Option<usize> {
        self.line_starts.get(line.checked_sub(1)?).copied()
    }
}

/// All texts of one configuration.
///
/// Configurations that were read together share their texts, so that a span of one can be looked up in the other; but each lists
/// its own only.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    all: Arc<Vec<Source>>,
    own: Vec<SourceId>,
}

impl Sources {
    /// Adds a text and says under which id spans refer to it.
    pub fn add(&mut self, source: Source) -> SourceId {
        // More than four thousand million texts do not fit in memory.
        let id = SourceId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        Arc::make_mut(&mut self.all).push(source);
        self.own.push(id);
        id
    }

    /// The text an id stands for. Ids of another `Sources` give `None`.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.all.get(id.0 as usize)
    }

    /// This configuration's own texts with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.own.iter().filter_map(|id| Some((*id, self.get(*id)?)))
    }

    /// The text a span covers, or nothing if it lies outside.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).and_then(|source| source.text.get(span.range())).unwrap_or_default()
    }

    /// The same texts, of which none is this configuration's own: more can be added, and spans of both be looked up.
    #[must_use]
    pub fn of_others(&self) -> Self {
        self.only(Vec::new())
    }

    /// The same texts, of which these are one configuration's own.
    pub(in crate::config) fn only(&self, own: Vec<SourceId>) -> Self {
        Self { all: Arc::clone(&self.all), own }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn positions_on_a_long_line_count_characters_too() {
        let text = format!("a: 1\n{}", "ä€x".repeat(3 * BLOCK));
        let source = Source::new("x", SourceKind::File, text.as_str());
        for (number, (at, _)) in text.char_indices().enumerate().skip(5).step_by(997) {
            assert_eq!(source.position(at), Position { line: 2, column: number - 4 });
        }
    }

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("x", SourceKind::File, "ä: b\r\nç: d");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(source.text.find('b').unwrap()), Position { line: 1, column: 4 });
        assert_eq!(source.position(source.text.find('d').unwrap()), Position { line: 2, column: 4 });
        assert_eq!(source.line(1), Some("ä: b"));
        assert_eq!(source.line(3), None);
        let marked = Source::new("x", SourceKind::File, "\u{feff}a: b\nc: d");
        let places = ["\u{feff}", "a", "b", "d"].map(|text| marked.position(marked.text.find(text).unwrap()));
        assert_eq!(places.map(|place| (place.line, place.column)), [(1, 1), (1, 1), (1, 4), (2, 4)]);
    }

    #[test]
    fn a_place_without_a_text_is_where_it_was_said_to_be() {
        let at = |line, column| Position { line, column };
        let source = Source::of_places("plan.json", [(at(1, 7), at(1, 9)), (at(12, 1), at(14, 2))]);
        let mut sources = Sources::default();
        let id = sources.add(source);
        let span = Span::of_place(id, 1);
        let source = sources.get(id).unwrap();
        assert_eq!((source.position(span.start), source.position(span.end)), (at(12, 1), at(14, 2)));
        assert_eq!((source.line(12), sources.slice(span)), (None, ""));
    }

    #[test]
    fn a_place_past_the_end_is_the_end() {
        let source = Source::new("x", SourceKind::File, "ab\n");
        assert_eq!(source.position(99), Position { line: 2, column: 1 });
    }
}
