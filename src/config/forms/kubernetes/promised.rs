//! `Secret`s that the cluster makes: the repository says where their values come from and under which keys, never the values.

use super::objects::{Datum, Object, Store, StoreKind, full_name, place_of};
use crate::config::text::{Entry, Node, Place, Rewriter, Sources, Span, Twins, kept_text, twin};

/// The keys of a `Secret` that is to be made.
struct Promise<'n> {
    name: &'n str,
    keys: Vec<Key<'n>>,
    /// It may have keys that are not written down.
    is_open: bool,
}

/// A key, its place, and the value if that is written down: that of a template.
type Key<'n> = (&'n str, Span, Option<&'n Node>);

/// The `Secret`s that an object has the cluster make.
pub(super) fn stores(object: &Object<'_>, sources: &Sources, twins: &Twins) -> Vec<Store> {
    let promises = match (object.kind, object.group()) {
        ("ExternalSecret", "external-secrets.io") => vec![external_secret(object)],
        ("SealedSecret", "bitnami.com") => vec![sealed_secret(object)],
        ("SecretProviderClass", "secrets-store.csi.x-k8s.io") => provider_class(object),
        ("SopsSecret", "isindir.github.com") => sops_secret(object),
        ("VaultStaticSecret" | "VaultDynamicSecret", "secrets.hashicorp.com") => {
            vec![open(object.node.text_at(&["spec", "destination", "name"]).unwrap_or(object.name))]
        }
        ("OnePasswordItem", "onepassword.com") => vec![open(object.name)],
        _ => Vec::new(),
    };
    promises.into_iter().map(|promise| store(object, &promise, sources, twins)).collect()
}

fn store(object: &Object<'_>, promise: &Promise<'_>, sources: &Sources, twins: &Twins) -> Store {
    let name = full_name(object.namespace, promise.name);
    let datum = |(key, key_span, value): &Key<'_>| {
        let filled =
            |value: &&Node| Some((value.span, filled(value.text()?, &kept_text(&name, key), place_of(value, sources))));
        let nothing = || (*key_span, (kept_text(&name, key), Place::Decoded(*key_span)));
        let (from, (text, place)) = value.as_ref().and_then(filled).unwrap_or_else(nothing);
        let (key_span, at) = (twin(twins, *key_span), twin(twins, from));
        Datum {
            key: (*key).to_owned(),
            key_span,
            bytes: text.as_bytes().into(),
            text: text.into(),
            span: at,
            place: place.in_source(from.source, at.source),
            refusal: None,
        }
    };
    Store {
        kind: StoreKind::Secret,
        namespace: object.namespace.map(str::to_owned),
        name: promise.name.to_owned(),
        at: object.node.span,
        data: promise.keys.iter().map(datum).collect(),
        is_partial: promise.is_open,
        made_by: Some(object.kind.to_owned()),
        secret_type: None,
    }
}

/// The text that a template becomes, with what only the cluster fills in as references to that.
fn filled(template: &str, kept: &str, place: Place) -> (String, Place) {
    let mut text = Rewriter::new(template, place);
    let mut end = 0;
    while let Some(start) = template[end..].find("{{").map(|at| end + at) {
        text.keep(end..start);
        end = template[start..].find("}}").map_or(template.len(), |length| start + length + 2);
        text.replace(start..end, kept);
    }
    text.keep(end..template.len());
    text.finish()
}

/// One whose keys nobody wrote down.
fn open(name: &str) -> Promise<'_> {
    Promise { name, keys: Vec::new(), is_open: true }
}

fn entry(entry: &Entry) -> Key<'_> {
    (entry.key.as_str(), entry.key_span, None)
}

/// An entry of a template: its value is the one that the `Secret` gets, but for what the template fills in.
fn templated(entry: &Entry) -> Key<'_> {
    (entry.key.as_str(), entry.key_span, Some(&entry.value))
}

/// A template takes the place of `data`, unless it says that it joins it
/// (<https://external-secrets.io/latest/guides/templating/>).
fn external_secret<'n>(object: &Object<'n>) -> Promise<'n> {
    let target = object.node.at(&["spec", "target"]);
    let inside = |path: &[&str]| target.and_then(|target| target.at(path));
    let text = |path: &[&str]| target.and_then(|target| target.text_at(path));
    let template = inside(&["template", "data"]).map(Node::entries).unwrap_or_default().iter().map(templated);
    let data = object.node.at(&["spec", "data"]).map(Node::elements).unwrap_or_default();
    let data = data.iter().filter_map(|element| Some((element.text_at(&["secretKey"])?, element.span, None)));
    let is_replaced = inside(&["template", "data"]).is_some() && text(&["template", "mergePolicy"]) != Some("Merge");
    Promise {
        name: text(&["name"]).unwrap_or(object.name),
        keys: if is_replaced { template.collect() } else { data.chain(template).collect() },
        is_open: inside(&["template", "templateFrom"]).is_some()
            || text(&["creationPolicy"]) == Some("Merge")
            || !is_replaced && object.node.at(&["spec", "dataFrom"]).is_some(),
    }
}

fn sealed_secret<'n>(object: &Object<'n>) -> Promise<'n> {
    let entries = |path: &[&str]| object.node.at(path).map(Node::entries).unwrap_or_default().iter();
    Promise {
        name: object.node.text_at(&["spec", "template", "metadata", "name"]).unwrap_or(object.name),
        keys: {
            let sealed = entries(&["spec", "encryptedData"]).map(entry);
            sealed.chain(entries(&["spec", "template", "data"]).map(templated)).collect()
        },
        is_open: false,
    }
}

/// The driver of the CSI keeps what it mounts in `Secret`s, too, if it is told to.
fn provider_class<'n>(object: &Object<'n>) -> Vec<Promise<'n>> {
    let objects = object.node.at(&["spec", "secretObjects"]).map(Node::elements).unwrap_or_default();
    let promise = |made: &'n Node| {
        let data = made.list("data");
        let keys = data.iter().filter_map(|element| Some((element.text_at(&["key"])?, element.span, None))).collect();
        Some(Promise { name: made.text_at(&["secretName"])?, keys, is_open: false })
    };
    objects.iter().filter_map(promise).collect()
}

fn sops_secret<'n>(object: &Object<'n>) -> Vec<Promise<'n>> {
    let templates = object.node.at(&["spec", "secretTemplates"]).map(Node::elements).unwrap_or_default();
    let promise = |made: &'n Node| {
        let entries = ["data", "stringData"].into_iter().filter_map(|key| made.get(key)).flat_map(Node::entries);
        Some(Promise { name: made.text_at(&["name"])?, keys: entries.map(entry).collect(), is_open: false })
    };
    templates.iter().filter_map(promise).collect()
}
