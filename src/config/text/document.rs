//! Another program's text as nodes with places.

use super::node::Node;
use super::place::Place;
use super::source::{Source, SourceId, Span};
use super::{json, yaml};

/// Why a text is no document, and where that shows.
pub(crate) type NotADocument = (String, Option<Span>);

/// Reads JSON.
pub(crate) fn json_document(source: &Source, id: SourceId) -> Result<Node, NotADocument> {
    json::read_value(&source.text, &Place::Verbatim(id, 0)).map_err(|words| (words, None))
}

/// Reads the first document of YAML. A value with a tag of its own, `!Sub x`, becomes a mapping with the tag as its one key.
pub(crate) fn yaml_document(source: &Source, id: SourceId) -> Result<Node, NotADocument> {
    let parsed = yaml::read_tagged(&source.text, &Place::Verbatim(id, 0));
    match (parsed.root, parsed.error) {
        // What Go refuses for its meaning, such as a key that stands twice, is for its own program to refuse.
        (Some(root), _) => Ok(root),
        (None, Some(error)) => Err((error.words, error.at)),
        (None, None) => Err(("the text is empty".to_owned(), None)),
    }
}
