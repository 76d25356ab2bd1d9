//! From a part of a text to its place.

use crate::config::{Source, SourceKind, Span};
use crate::go::json::Json;

use super::settings::Place;

/// A text whose parts have places.
pub(super) struct Places {
    pub(super) source: Source,
}

impl Places {
    pub(super) fn of(text: String) -> Self {
        Self { source: Source::new("", SourceKind::File, text) }
    }

    pub(super) fn text(&self) -> &str {
        &self.source.text
    }

    pub(super) fn between(&self, start: usize, end: usize) -> Place {
        let (start, end) = (self.source.position(start), self.source.position(end));
        Place { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    }

    pub(super) fn span(&self, span: Span) -> Place {
        self.between(span.start, span.end)
    }

    /// The place of a value, which is a slice of this text.
    pub(super) fn json(&self, json: Json<'_>) -> Place {
        let part = json.source();
        let start = part.as_ptr().addr().saturating_sub(self.text().as_ptr().addr());
        self.between(start, start + part.len())
    }
}
