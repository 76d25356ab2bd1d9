//! Configurations for the unit tests of rules. Whole rules are tested by their pages.

use crate::config::{Config, Form, PomeriumVersion, Reading, Source, SourceKind, Sources};

/// A configuration of which only the text is known.
pub(super) fn config(name: &str, text: &str) -> Config {
    let mut sources = Sources::default();
    let kind = if name.starts_with("environment") { SourceKind::Environment } else { SourceKind::File };
    sources.add(Source::new(name, kind, text));
    Config {
        path: name.to_owned(),
        form: Form::ConfigFile,
        version: PomeriumVersion::NEWEST,
        sources,
        reading: Reading::default(),
        settings: None,
        secrets: Vec::new(),
        peers: Vec::new(),
    }
}
