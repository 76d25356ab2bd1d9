//! Values that exist, but not here: in a Secret of the cluster, in a chart's defaults.

use std::collections::HashMap;

use super::node::{Node, Value};
use super::source::{Source, SourceId, SourceKind, Sources, Span};

/// A text that no rule takes for a value, since it reads as a reference: `${Secret pomerium/idp, key client_id}`.
pub(in crate::config) fn unknown_text(what: &str) -> String {
    format!("${{{what}}}")
}

/// The same for the value under a key of a `Secret` that only the cluster holds.
pub(in crate::config) fn kept_text(secret: &str, key: &str) -> String {
    unknown_text(&format!("Secret {secret}, key {key}"))
}

/// The `Secret` and the key that such a text stands for; what SOPS encrypted has neither.
pub(in crate::config) fn kept(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("${Secret ").and_then(|inside| inside.strip_suffix('}'));
    let kept = inside.and_then(|inside| inside.split_once(", key "));
    kept.or_else(|| text.starts_with(ENCRYPTED).then_some(("", "")))
}

/// How SOPS begins a value.
pub(in crate::config) const ENCRYPTED: &str = "ENC[AES256_GCM,";

/// How the reason begins for which a file cannot be read that is a secret of the cluster's.
pub(in crate::config) const IN_CLUSTER: &str = "only the cluster holds it: ";

/// The same for a file that only a container has: it is on a volume, or something puts it there as the container starts.
pub(in crate::config) const IN_CONTAINER: &str = "only the container holds it: ";

/// Who alone holds a file, and where it is there, if the reason says so for which it cannot be read.
pub(in crate::config) fn holder(why: &str) -> Option<(&'static str, &str)> {
    let holders = [("cluster", IN_CLUSTER), ("container", IN_CONTAINER)];
    holders.into_iter().find_map(|(holder, start)| Some((holder, why.strip_prefix(start)?)))
}

/// A value of which only the origin is known. Its place should lie in a source of kind [`SourceKind::Environment`], so that
/// nobody takes the reference for one that was written into a configuration file.
pub(in crate::config) fn unknown(span: Span, what: &str) -> Node {
    Node { value: Value::Text(unknown_text(what)), span }
}

/// Sources that hold settings and something else, each with its second self for that.
pub(in crate::config) type Twins = HashMap<SourceId, SourceId>;

/// Adds each of these sources once more, as one that holds variables.
pub(in crate::config) fn add_twins(sources: &mut Sources, of: impl Iterator<Item = SourceId>) -> Twins {
    add_twins_of_kind(sources, SourceKind::Environment, of)
}

/// Adds each of these sources once more, as one of another kind.
pub(in crate::config) fn add_twins_of_kind(
    sources: &mut Sources,
    kind: SourceKind,
    of: impl Iterator<Item = SourceId>,
) -> Twins {
    let mut twins = Twins::new();
    for id in of {
        let Some(source) = sources.get(id) else { continue };
        let (name, text) = (source.name.clone(), source.text.clone());
        twins.entry(id).or_insert_with(|| sources.add(Source::new(name, kind, text)));
    }
    twins
}

/// The same place in the second self of its source.
pub(in crate::config) fn twin(twins: &Twins, span: Span) -> Span {
    Span { source: twins.get(&span.source).copied().unwrap_or(span.source), ..span }
}
