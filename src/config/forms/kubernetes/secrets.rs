//! What of the manifests must not be printed.

use super::objects::{Objects, StoreKind};
use super::schema;
use crate::config::releases::options::OPTIONS;
use crate::config::secrets::{is_generated, is_pasted};
use crate::config::text::{Node, Span, Value};
use crate::secret::Secret;

/// Everything in a `Secret` that must not be printed: what is encoded, and the values whose keys say so.
pub(super) fn secrets(objects: &Objects<'_>) -> Vec<(Secret, Span)> {
    let mut secrets = Vec::new();
    for datum in
        // What the cluster is to make has keys here, and no values.
        objects
            .stores
            .iter()
            .filter(|store| store.kind == StoreKind::Secret && store.made_by.is_none())
            .flat_map(|store| &store.data)
    {
        let written = objects.sources.slice(datum.span);
        let key = datum.key.to_ascii_lowercase();
        let is_telling =
            ["secret", "password", "token", "key", "credential", "cookie"].iter().any(|word| key.contains(word));
        let is_telling = is_telling || OPTIONS.names_secret(&key) || is_generated(&datum.text);
        let is_encoded = !written.contains(&*datum.text);
        if is_encoded && !written.is_empty() {
            secrets.push((Secret::new(written), datum.span));
        }
        if is_telling && datum.text.len() > 3 {
            secrets.push((Secret::new(&*datum.text), datum.span));
        }
    }
    for object in objects.all.iter().filter(|object| schema::is_pomerium(object)) {
        pasted(object.node, false, &mut secrets);
    }
    secrets
}

/// Secrets that stand in a resource, perhaps where the name of one belongs, `namespace/name`.
fn pasted(node: &Node, is_secret: bool, secrets: &mut Vec<(Secret, Span)>) {
    if let Value::Text(text) = &node.value
        && is_secret
        && is_pasted(text)
    {
        secrets.push((Secret::new(text.clone()), node.span));
    }
    node.elements().iter().for_each(|element| pasted(element, is_secret, secrets));
    for entry in node.entries() {
        pasted(&entry.value, is_secret || OPTIONS.names_secret(&entry.key.to_lowercase()), secrets);
    }
}
