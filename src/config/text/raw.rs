//! Files as they were found, and the texts they become.

use std::sync::Arc;

use super::files::is_stream;
use super::parsed::LONGEST_TEXT;
use super::place::Place;
use super::source::{Source, SourceId, SourceKind, Sources, Span};
use crate::offset;

/// A file as it was found.
#[derive(Clone)]
pub struct RawFile {
    /// How the user named it: a path, or `-` for standard input.
    pub name: String,
    /// Its bytes, whatever they are.
    pub bytes: Vec<u8>,
}

/// The text of a Pomerium configuration file, wherever it stands. Several processes may be given the same one.
#[derive(Clone)]
pub(in crate::config) struct ConfigText {
    /// The path that Pomerium is given: its ending says the format.
    pub(in crate::config) name: String,
    /// What Pomerium reads.
    pub(in crate::config) text: Arc<str>,
    /// Where that stands.
    pub(in crate::config) place: Place,
    /// What keeps it from being read as text.
    pub(in crate::config) problem: Option<Problem>,
}

/// Why there is no text to read.
#[derive(Clone)]
pub(in crate::config) enum Problem {
    /// More bytes than are read.
    TooLong,
    /// More than is read, by what it repeats: variables, and what many processes are given. In words for a report.
    Grows(String),
    /// The words of Pomerium's YAML reader for bytes that are not UTF-8, and their place.
    NotUtf8(&'static str, usize),
}

impl ConfigText {
    /// A file of its own.
    pub(in crate::config) fn of_file(sources: &Sources, source: SourceId, file: &RawFile) -> Self {
        let text = sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
        let problem = match file.bytes.len() {
            length if length > LONGEST_TEXT => Some(Problem::TooLong),
            _ => invalid_utf8(&file.bytes).map(|(words, at)| Problem::NotUtf8(words, at)),
        };
        Self { name: file.name.clone(), text, place: Place::Verbatim(source, 0), problem }
    }

    /// How its name ends, as viper takes it: in exactly this letter case.
    pub(in crate::config) fn ending(&self) -> &str {
        let name = self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name);
        if is_stream(&self.name) { "yaml" } else { name.rsplit_once('.').map_or("", |(_, ending)| ending) }
    }

    /// Where all of it stands.
    pub(in crate::config) fn whole(&self) -> Span {
        self.place.span(0, self.text.len())
    }
}

/// Of a text that is too long, nothing but its beginning is shown, in bytes.
const BEGINNING: usize = 16 * 1024;

impl ConfigText {
    /// Forgets what is not read: what is too long is not looked through for secrets either, and none is shown.
    pub(in crate::config) fn forget_unread(&mut self, sources: &mut Sources, kind: SourceKind) {
        if matches!(self.problem, Some(Problem::TooLong)) {
            self.text = offset::head(&self.text, BEGINNING).into();
            let source = sources.add(Source::new(self.name.clone(), kind, Arc::clone(&self.text)));
            self.place = Place::Verbatim(source, 0);
        }
    }
}

/// Adds a text to the sources, cut if it is too long, with what is not UTF-8 replaced.
pub(in crate::config) fn add(sources: &mut Sources, file: &RawFile, kind: SourceKind) -> SourceId {
    let bytes = file.bytes.get(..LONGEST_TEXT).unwrap_or(&file.bytes);
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Much faster than to look for what is wrong, and mostly nothing is.
        _ => std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), str::to_owned),
    };
    sources.add(Source::new(file.name.clone(), kind, text))
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn invalid_utf8(bytes: &[u8]) -> Option<(&'static str, usize)> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return None;
    }
    let error = std::str::from_utf8(bytes).err()?;
    let at = error.valid_up_to();
    let words = match (bytes.get(at), error.error_len()) {
        (Some(0x80..=0xC1 | 0xF5..), _) => "invalid leading UTF-8 octet",
        (_, None) => "incomplete UTF-8 octet sequence",
        _ => "invalid trailing UTF-8 octet",
    };
    Some((words, at))
}
