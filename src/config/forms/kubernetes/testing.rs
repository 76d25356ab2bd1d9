//! Helpers for the tests of the resources.

#![allow(clippy::unwrap_used)]

use crate::config::text::{Node, Place, RawFile, SourceKind, Sources, add, yaml};

/// A text in YAML as it is read.
pub(super) fn node(text: &str) -> Node {
    let source = add(&mut Sources::default(), &RawFile { name: String::new(), bytes: Vec::new() }, SourceKind::File);
    yaml::read(text, &Place::Verbatim(source, 0), yaml::Wanted::Anything).root.unwrap()
}
