//! Another program's text as nodes with places.

use super::node::{Entry, Node, Value, all_differ, last_of_each};
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

/// The same, where what is left out of a tree would be taken for what nobody wrote.
pub(crate) fn whole_yaml_document(source: &Source, id: SourceId) -> Result<Node, NotADocument> {
    let parsed = yaml::read_tagged(&source.text, &Place::Verbatim(id, 0));
    match (parsed.lost.or(parsed.error.filter(|_| parsed.root.is_none())), parsed.root) {
        (None, Some(root)) => Ok(root),
        (Some(error), _) => Err((error.words, error.at)),
        (None, None) => Err(("the text is empty".to_owned(), None)),
    }
}

/// The same value with each key once: the last one, as for the readers of most programs. The others are added to those that do not
/// count.
pub(crate) fn with_last_keys(node: Node, uncounted: &mut Vec<(String, Span)>) -> Node {
    let value = match node.value {
        Value::Map(entries) => {
            let keys = |entries: &[Entry]| entries.iter().map(|entry| (entry.key.clone(), entry.key_span)).collect();
            let is_unique = all_differ(entries.iter().map(|entry| entry.key.as_str()));
            let all: Vec<(String, Span)> = if is_unique { Vec::new() } else { keys(&entries) };
            let left = if is_unique { entries } else { last_of_each(entries, |entry| &entry.key) };
            let mut last = left.iter().map(|entry| entry.key_span).peekable();
            uncounted.extend(all.into_iter().filter(|(_, at)| last.next_if_eq(at).is_none()));
            let with_last = |entry: Entry| Entry { value: with_last_keys(entry.value, uncounted), ..entry };
            Value::Map(left.into_iter().map(with_last).collect())
        }
        Value::List(elements) => {
            Value::List(elements.into_iter().map(|element| with_last_keys(element, uncounted)).collect())
        }
        value => value,
    };
    Node { value, ..node }
}
