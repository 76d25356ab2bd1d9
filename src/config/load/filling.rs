//! Values that somebody fills in before Pomerium sees them, and values that stand where a name belongs.

use std::sync::Arc;

use crate::config::secrets::is_generated;
use crate::config::settings::{Form, Setting};
use crate::config::text::{SourceKind, Sources, Span, ValueKind, Variable, classify, is_sample, is_secret_store};

/// Who fills in values before Pomerium sees them.
pub(super) struct Filling<'a> {
    pub(super) form: Form,
    pub(super) sources: &'a Sources,
    /// Where variables are mentioned that were to be filled in and are not set.
    pub(super) unset: &'a [Span],
}

impl Filling<'_> {
    /// Whether somebody fills in a value of this kind at a place. Compose, Helm and the cluster fill in references, whoever
    /// makes an environment file does, and a sample is there for nothing else; nobody fills in what a process has been given.
    pub(super) fn is_open(&self, kind: ValueKind, at: Span) -> bool {
        let Some(source) = self.sources.get(at.source) else { return false };
        match kind {
            ValueKind::Literal => false,
            _ if is_secret_store(self.sources.slice(at)) => true,
            _ if is_sample(&source.name) => true,
            ValueKind::Unfilled => false,
            ValueKind::Reference => {
                self.form.is_expanded()
                    || self.unset.contains(&at)
                    || source.kind != SourceKind::File && source.name != "environment"
            }
        }
    }

    /// The same for the text at a place, if it is one of these.
    pub(super) fn is_open_at(&self, not_literal: &[(Arc<str>, Setting<String>)], at: Span) -> bool {
        not_literal.iter().any(|(_, text)| text.span == at && self.is_open(text.kind(), at))
    }
}

/// The variables whose name is a value: somebody pasted it, and no name before it. Base64 ends in `=`, which divides it.
pub(super) fn nameless(environment: &[Variable]) -> Vec<Span> {
    let is_value = |name: &str| {
        let bare = name.strip_prefix("export ").unwrap_or(name).trim();
        classify(bare) == ValueKind::Literal
            && (is_generated(bare) || bare.contains([' ', ':', '/', '+', '{']) || bare.is_empty())
    };
    environment.iter().filter(|variable| is_value(&variable.name)).map(|variable| variable.name_span).collect()
}
