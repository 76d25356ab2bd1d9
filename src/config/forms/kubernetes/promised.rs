//! `Secret`s that the cluster makes: the repository says where their values come from and under which keys, never the values.

use super::objects::{Datum, Object, Store, StoreKind, full_name};
use crate::config::text::{Entry, Node, Place, Span, Twins, kept_text, twin};

/// The keys of a `Secret` that is to be made.
struct Promise<'n> {
    name: &'n str,
    keys: Vec<Key<'n>>,
    /// It may have keys that are not written down.
    is_open: bool,
}

/// A key, its place, and the value if that is written down: that of a template in which nothing is to be filled in.
type Key<'n> = (&'n str, Span, Option<&'n Node>);

/// The `Secret`s that an object has the cluster make.
pub(super) fn stores(object: &Object<'_>, twins: &Twins) -> Vec<Store> {
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
    promises.into_iter().map(|promise| store(object, &promise, twins)).collect()
}

fn store(object: &Object<'_>, promise: &Promise<'_>, twins: &Twins) -> Store {
    let name = full_name(object.namespace, promise.name);
    let datum = |(key, key_span, value): &Key<'_>| {
        let written = value.and_then(|value| Some((value.span, value.text()?.to_owned())));
        let (at, text) = written.unwrap_or_else(|| (*key_span, kept_text(&name, key)));
        let (key_span, at) = (twin(twins, *key_span), twin(twins, at));
        Datum {
            key: (*key).to_owned(),
            key_span,
            bytes: text.as_bytes().into(),
            text: text.into(),
            span: at,
            place: Place::Decoded(at),
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

/// One whose keys nobody wrote down.
fn open(name: &str) -> Promise<'_> {
    Promise { name, keys: Vec::new(), is_open: true }
}

fn entry(entry: &Entry) -> Key<'_> {
    (entry.key.as_str(), entry.key_span, None)
}

/// An entry of a template: its value is the one that the `Secret` gets, unless the template fills something in.
fn templated(entry: &Entry) -> Key<'_> {
    let is_written = entry.value.text().is_some_and(|text| !text.contains("{{"));
    (entry.key.as_str(), entry.key_span, Some(&entry.value).filter(|_| is_written))
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
