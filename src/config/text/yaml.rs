//! YAML as Pomerium reads it: `go.yaml.in/yaml/v3` decoding into a map without types.
//!
//! [`tree`] turns the events of `libyaml-safer` (a port of the C library that the Go one is a port of too) into nodes with
//! places, [`scalar`] decides what a scalar stands for, and [`construct`] builds the values, with aliases and merge keys.

mod construct;
mod scalar;
mod tree;

#[cfg(test)]
mod tests;

use super::node::{Node, Value};
use super::parsed::Parsed;
use super::place::Place;
use super::refusal::Refusal;
use super::source::SourceId;
use construct::Constructor;
use tree::{Kind, Limit, NodeId, Tree};

/// What the top level of a text must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Wanted {
    /// A configuration file: a mapping.
    Mapping,
    /// `POLICY` and `ROUTES`: a list of mappings.
    ListOfMappings,
    /// Another program's file.
    Anything,
}

/// Reads the first document of a text.
pub(in crate::config) fn read(text: &str, place: &Place, wanted: Wanted) -> Parsed {
    read_with(text, place, wanted, false)
}

/// Reads another program's file, in which a tag that YAML does not know says what to do with the value: `!Sub x` becomes a mapping
/// with the one key `!Sub`.
pub(in crate::config) fn read_tagged(text: &str, place: &Place) -> Parsed {
    read_with(text, place, Wanted::Anything, true)
}

fn read_with(text: &str, place: &Place, wanted: Wanted, keeps_tags: bool) -> Parsed {
    let tree = match Tree::read(text) {
        Ok(tree) => tree,
        Err(error) if error.limit == Some(Limit::Depth) => {
            return Parsed::too_deep(place.span(error.start, error.end));
        }
        Err(error) if error.limit.is_some() => return Parsed::too_many(place.span(error.start, error.end)),
        Err(error) => return Parsed::broken(format!("yaml: {}", error.words), place.span(error.start, error.end)),
    };
    let later_document = tree.later_document.map(|(start, end)| place.span(start, end));
    let Some(root) = tree.root else {
        let root = Some(Node { value: empty(wanted), span: place.span(0, 0) });
        return Parsed { root, later_document, ..Parsed::default() };
    };
    let mut constructor = Constructor::new(&tree, text, place, keeps_tags);
    let node = constructor.top(root, wanted);
    let problems = constructor.finish();
    if let Some(at) = problems.too_many {
        return Parsed::too_many(at);
    }
    Parsed {
        root: Some(node),
        error: problems.error,
        duplicate_keys: problems.duplicate_keys,
        later_document,
        lost: problems.lost,
        ..Parsed::default()
    }
}

/// Whether what reads plain YAML and what reads all of it make the same of a text: for those who try hostile ones.
#[doc(hidden)]
pub fn is_read_alike(text: &str) -> bool {
    Tree::is_read_alike(text)
}

/// Reads a text that holds one value of any kind.
///
/// # Errors
/// The reader's own words, and the place.
pub(in crate::config) fn read_value(text: &str, place: &Place) -> Result<Node, Refusal> {
    let parsed = read(text, place, Wanted::Anything);
    match (parsed.error, parsed.root) {
        (Some(error), _) => Err(error),
        (None, Some(root)) => Ok(root),
        (None, None) => Ok(Node { value: Value::Null, span: place.span(0, 0) }),
    }
}

/// Reads all documents of a source, each by itself, so that one that is broken hides no other. A line that begins with `---`
/// begins a document wherever it stands, even in a block scalar.
pub(in crate::config) fn documents(text: &str, source: SourceId) -> Vec<Parsed> {
    let is_marker = |line: &str| {
        line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
    };
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if is_marker(line) && at > 0 {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let slices = starts.iter().zip(ends).map(|(start, end)| (*start, text.get(*start..end).unwrap_or_default()));
    let says_something = |slice: &str| {
        slice.lines().any(|line| !line.trim().is_empty() && !line.starts_with(['#', '%']) && !is_marker(line))
    };
    slices
        .filter(|(_, slice)| says_something(slice) || slice.lines().any(|line| is_marker(line) && line.len() > 3))
        .map(|(start, slice)| read(slice, &Place::Verbatim(source, start), Wanted::Anything))
        .collect()
}

fn empty(wanted: Wanted) -> Value {
    match wanted {
        Wanted::Mapping => Value::Map(Vec::new()),
        Wanted::ListOfMappings => Value::List(Vec::new()),
        Wanted::Anything => Value::Null,
    }
}

/// Whether a node may be the target of a merge key.
fn is_mapping(tree: &Tree, node: NodeId) -> bool {
    match tree.get(node).kind {
        Kind::Mapping => true,
        Kind::Alias(target) => tree.get(target).kind == Kind::Mapping,
        _ => false,
    }
}
