//! Documents sorted into objects, and what the `Secret`s and `ConfigMap`s among them hold.

use std::collections::HashMap;

use super::objects::{Datum, OPAQUE, Object, Objects, Store, StoreKind, are_one, place_of};
use super::patch::GeneratorFiles;
use super::{generator, promised};
use crate::config::forms::recognise::is_kustomization;
use crate::config::text::{ENCRYPTED, Entry, Node, Place, Sources, Twins, Value, is_stream, kept_text, last_of_each};
use crate::go;

impl<'a> Objects<'a> {
    /// Sorts documents into objects; the items of a `List` are objects of their own.
    pub(super) fn of(
        documents: &[&'a Node],
        sources: &'a Sources,
        twins: &'a Twins,
        secrets: &Twins,
        files: &GeneratorFiles,
    ) -> Self {
        let mut all = Vec::new();
        for document in documents {
            collect(document, &mut all);
        }
        let mut stores: Vec<Store> = all.iter().filter_map(|object| store(object, sources, secrets)).collect();
        // What is here as it is beats what the cluster is to make; and what the cluster shows is what it made.
        let shown: Vec<&Object<'_>> = all.iter().filter(|object| is_shown(object, sources)).collect();
        let promised = all.iter().flat_map(|object| promised::stores(object, sources, twins));
        let is_kept = |store: &Store| {
            let mut names = shown.iter().filter(|object| object.name == store.name).map(|object| object.namespace);
            !names.any(|namespace| are_one(namespace, store.namespace.as_deref()))
        };
        stores.extend(promised.filter(is_kept));
        let kustomizations = all.iter().filter(|object| is_kustomization(object.node));
        let generated = kustomizations.flat_map(|object| generator::stores(object.node, sources, secrets, files));
        stores.extend(generator::merged(generated.collect()));
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, store) in stores.iter().enumerate() {
            by_name.entry(store.name.clone()).or_default().push(index);
        }
        Self { all, stores, by_name, sources, twins, listed: None }
    }
}

/// Whether it is a `Secret` as the cluster has it: it came through a pipe, as `kubectl get … -o yaml | pomlint check . -` gives it,
/// or carries the id that the API server alone gives.
fn is_shown(object: &Object<'_>, sources: &Sources) -> bool {
    let is_piped = || sources.get(object.node.span.source).is_some_and(|source| is_stream(&source.name));
    (object.kind, object.group()) == ("Secret", "") && (object.node.at(&["metadata", "uid"]).is_some() || is_piped())
}

fn collect<'a>(node: &'a Node, all: &mut Vec<Object<'a>>) {
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
    if text("kind") == "List" {
        node.list("items").iter().for_each(|item| collect(item, all));
        return;
    }
    if node.entries().is_empty() {
        return;
    }
    let metadata = |key: &str| node.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Node::text);
    all.push(Object {
        api_version: text("apiVersion"),
        kind: text("kind"),
        namespace: metadata("namespace").filter(|namespace| !namespace.is_empty()),
        name: metadata("name").unwrap_or_default(),
        node,
    });
}

fn store(object: &Object<'_>, sources: &Sources, twins: &Twins) -> Option<Store> {
    let kind = match (object.kind, object.group()) {
        ("Secret", "") => StoreKind::Secret,
        ("ConfigMap", "") => StoreKind::ConfigMap,
        _ => return None,
    };
    let entries = |key: &str| object.node.get(key).map(Node::entries).unwrap_or_default();
    let mut data: Vec<Datum> = Vec::new();
    for entry in entries("data") {
        data.push(datum(entry, sources, kind == StoreKind::Secret));
    }
    for entry in entries(if kind == StoreKind::Secret { "stringData" } else { "binaryData" }) {
        data.push(datum(entry, sources, kind == StoreKind::ConfigMap));
    }
    // `stringData` overwrites `data`.
    let mut data = last_of_each(data, |datum| &datum.key);
    for datum in data.iter_mut().filter(|datum| datum.text.starts_with(ENCRYPTED)) {
        datum.text = kept_text(&object.full_name(), &datum.key).into();
        datum.place = Place::Decoded(datum.span);
    }
    if kind == StoreKind::Secret {
        for datum in &mut data {
            datum.move_into_secret(twins);
        }
    }
    Some(Store {
        kind,
        namespace: object.namespace.map(str::to_owned),
        name: object.name.to_owned(),
        at: object.node.span,
        data,
        is_partial: false,
        made_by: None,
        secret_type: (kind == StoreKind::Secret).then(|| secret_type(object.node).to_owned()),
    })
}

fn secret_type(secret: &Node) -> &str {
    secret.text_at(&["type"]).filter(|kind| !kind.is_empty()).unwrap_or(OPAQUE)
}

fn datum(entry: &Entry, sources: &Sources, is_base64: bool) -> Datum {
    let written = match entry.value.text() {
        Some(text) => text.to_owned(),
        None if entry.value.value == Value::Null => String::new(),
        None => sources.slice(entry.value.span).to_owned(),
    };
    let place = place_of(&entry.value, sources);
    let plain = Datum {
        key: entry.key.clone(),
        key_span: entry.key_span,
        bytes: written.as_bytes().into(),
        text: written.as_str().into(),
        span: entry.value.span,
        place: place.clone(),
        refusal: None,
    };
    let is_text = matches!(entry.value.value, Value::Text(_) | Value::Null | Value::Timestamp(_));
    if !is_text {
        let kind = entry.value.value.go_kind();
        return Datum { refusal: Some(format!("`{}` is not a text but a {kind}: quote it", entry.key)), ..plain };
    }
    // What a template or a secret store fills in is not base64 yet.
    if !is_base64 || crate::config::text::classify(&written) != crate::config::text::ValueKind::Literal {
        return plain;
    }
    match go::base64::decode(&written) {
        Ok(bytes) => Datum {
            text: String::from_utf8_lossy(&bytes).into(),
            place: match std::str::from_utf8(&bytes) {
                Ok(_) => place.inside_base64(&written),
                Err(_) => Place::Decoded(entry.value.span),
            },
            bytes: bytes.into(),
            ..plain
        },
        Err(words) => Datum { refusal: Some(format!("`data.{}`: {words}", entry.key)), ..plain },
    }
}
