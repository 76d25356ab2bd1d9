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

/// Sources that hold settings, variables and secrets, each with a second self for the variables and a third for the secrets.
pub(in crate::config) type Twins = HashMap<(SourceId, SourceKind), SourceId>;

/// Adds each of these sources twice more.
pub(in crate::config) fn add_twins(sources: &mut Sources, of: impl Iterator<Item = SourceId>) -> Twins {
    let mut twins = Twins::new();
    for id in of {
        let Some(source) = sources.get(id) else { continue };
        let (name, text) = (source.name.clone(), source.text.clone());
        for kind in [SourceKind::Environment, SourceKind::Secret] {
            let add = || sources.add(Source::new(name.clone(), kind, text.clone()));
            twins.entry((id, kind)).or_insert_with(add);
        }
    }
    twins
}

/// The same place as that of a variable. A place in a `Secret` stays one.
pub(in crate::config) fn twin(twins: &Twins, span: Span) -> Span {
    other(twins, span, SourceKind::Environment)
}

/// The same place as that of something in a `Secret`.
pub(in crate::config) fn secret_twin(twins: &Twins, span: Span) -> Span {
    other(twins, span, SourceKind::Secret)
}

fn other(twins: &Twins, span: Span, kind: SourceKind) -> Span {
    Span { source: twins.get(&(span.source, kind)).copied().unwrap_or(span.source), ..span }
}
