//! Values that exist, but not here: in a Secret of the cluster, in a chart's defaults.

use std::collections::HashMap;

use crate::config::node::{Node, Value};
use crate::config::source::{Source, SourceId, SourceKind, Sources, Span};

/// A text that no rule takes for a value, since it reads as a reference: `${Secret pomerium/idp, key client_id}`.
pub(in crate::config) fn unknown_text(what: &str) -> String {
    format!("${{{what}}}")
}

/// A value of which only the origin is known. Its place should lie in a source of kind [`SourceKind::Environment`], so that
/// nobody takes the reference for one that was written into a configuration file.
pub(in crate::config) fn unknown(span: Span, what: &str) -> Node {
    Node { value: Value::Text(unknown_text(what)), span }
}

/// Sources that hold settings, variables and secrets, each with a second and a third self for the latter.
#[derive(Default)]
pub(in crate::config) struct Twins(HashMap<(SourceId, bool), SourceId>);

impl Twins {
    /// Adds each of these sources twice more.
    pub(in crate::config) fn of(sources: &mut Sources, ids: impl Iterator<Item = SourceId>) -> Self {
        let mut twins = Self::default();
        for id in ids {
            let Some(source) = sources.get(id) else { continue };
            let (name, text) = (source.name.clone(), source.text.clone());
            for (is_secret, kind) in [(false, SourceKind::Environment), (true, SourceKind::Secret)] {
                let add = || sources.add(Source::new(name.clone(), kind, text.clone()));
                twins.0.entry((id, is_secret)).or_insert_with(add);
            }
        }
        twins
    }

    /// The same place as that of a variable. A place in a `Secret` stays one.
    pub(in crate::config) fn variable(&self, span: Span) -> Span {
        self.other(span, false)
    }

    /// The same place as that of something in a `Secret`.
    pub(in crate::config) fn secret(&self, span: Span) -> Span {
        self.other(span, true)
    }

    fn other(&self, span: Span, is_secret: bool) -> Span {
        Span { source: self.0.get(&(span.source, is_secret)).copied().unwrap_or(span.source), ..span }
    }
}
