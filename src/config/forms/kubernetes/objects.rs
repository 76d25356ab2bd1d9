//! The objects in Kubernetes manifests, and what the `Secret`s and `ConfigMap`s among them hold.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Listed, ListedKind};
use crate::config::text::{Node, Place, Sources, Span, Twins, twin, unknown};

/// One object of a manifest.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    /// `apiVersion`, e.g. `ingress.pomerium.io/v1`.
    pub(super) api_version: &'a str,
    /// `kind`.
    pub(super) kind: &'a str,
    /// `metadata.namespace`.
    pub(super) namespace: Option<&'a str>,
    /// `metadata.name`; empty if there is none.
    pub(super) name: &'a str,
    /// The whole object.
    pub(super) node: &'a Node,
}

impl Object<'_> {
    /// The group of the API: what stands before the slash.
    pub(super) fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// `namespace/name` as people write it, or the name alone.
    pub(super) fn full_name(&self) -> String {
        full_name(self.namespace, self.name)
    }
}

/// `namespace/name` as people write it, or the name alone.
pub(super) fn full_name(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// `Secret` or `ConfigMap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreKind {
    /// Values are bytes.
    Secret,
    /// Values are texts.
    ConfigMap,
}

impl StoreKind {
    /// The name of the kind.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }
}

impl From<StoreKind> for ListedKind {
    fn from(kind: StoreKind) -> Self {
        match kind {
            StoreKind::Secret => Self::Secret,
            StoreKind::ConfigMap => Self::ConfigMap,
        }
    }
}

/// A `Secret`, a `ConfigMap`, or what a kustomization generates one from.
pub(super) struct Store {
    pub(super) kind: StoreKind,
    pub(super) namespace: Option<String>,
    pub(super) name: String,
    /// The object, or what it is generated from.
    pub(super) at: Span,
    /// Its values, in the order written.
    pub(super) data: Vec<Datum>,
    /// Some of its values come from files that were not read, or from where only the cluster looks.
    pub(super) is_partial: bool,
    /// The kind of the object that has the cluster make it, e.g. `ExternalSecret`: its values are the cluster's alone.
    pub(super) made_by: Option<String>,
    /// The type of a `Secret` that is written here; what is made of something else has one that nobody wrote.
    pub(super) secret_type: Option<String>,
}

/// Where a store has values that are not here.
pub(super) enum Further {
    /// Nowhere.
    None,
    /// In files of the kustomization that generates it; in words fit for a report.
    Files(String),
    /// In the cluster alone; in words fit for a report.
    Cluster(String),
}

impl Store {
    /// Where its other values are.
    pub(super) fn further(&self) -> Further {
        let name = full_name(self.namespace.as_deref(), &self.name);
        match (&self.made_by, self.is_partial) {
            (_, false) => Further::None,
            (Some(kind), true) => Further::Cluster(format!("the Secret {name} that the {kind} makes")),
            (None, true) => Further::Files(format!("the files of the generated {} {name}", self.kind.name())),
        }
    }
}

/// One value of a store.
#[derive(Clone)]
pub(super) struct Datum {
    pub(super) key: String,
    pub(super) key_span: Span,
    /// The text as a process gets it; bytes that are not UTF-8 are replaced.
    pub(super) text: Arc<str>,
    /// The bytes themselves.
    pub(super) bytes: Arc<[u8]>,
    /// Where the value is written.
    pub(super) span: Span,
    /// Where each character of the text is written.
    pub(super) place: Place,
    /// Why the API server refuses the value.
    pub(super) refusal: Option<String>,
}

/// What became of a reference to a value.
pub(super) enum Lookup<'a> {
    /// The value.
    Found(&'a Datum),
    /// The store is there and has no such key.
    NoKey,
    /// The store is nowhere.
    NoStore,
    /// The store is not among the documents: its values are unknown, not missing.
    Unknown,
}

/// All objects of the documents.
pub(super) struct Objects<'a> {
    pub(super) all: Vec<Object<'a>>,
    pub(super) stores: Vec<Store>,
    /// Where the stores of each name are among them.
    pub(super) by_name: HashMap<String, Vec<usize>>,
    pub(super) sources: &'a Sources,
    pub(super) twins: &'a Twins,
    /// What is all that the cluster has; of files, nobody knows that.
    pub(super) listed: Option<Listed>,
}

impl Objects<'_> {
    /// Whether a store that is not here is nowhere: all of its kind and namespace were shown.
    pub(super) fn is_nowhere(&self, kind: StoreKind, namespace: Option<&str>) -> bool {
        self.shows_all(kind.into(), namespace)
    }

    /// Whether all of a kind was shown, and of this namespace.
    pub(super) fn shows_all(&self, kind: ListedKind, namespace: Option<&str>) -> bool {
        let is_shown = |namespace: &str| self.all.iter().any(|object| object.namespace == Some(namespace));
        self.listed.is_some_and(|listed| listed.has_all(kind)) && namespace.is_none_or(is_shown)
    }

    /// The same place as one of a variable.
    pub(super) fn as_environment(&self, span: Span) -> Span {
        twin(self.twins, span)
    }

    /// A value that is not among the documents.
    pub(super) fn unknown(&self, span: Span, what: &str) -> Node {
        unknown(self.as_environment(span), what)
    }

    /// The store of that name that stands nearest to a place. A namespace that is not written may be any: kustomize and
    /// `kubectl -n` set it later.
    pub(super) fn store(&self, kind: StoreKind, namespace: Option<&str>, name: &str, near: Span) -> Option<&Store> {
        let fits = |store: &&Store| store.kind == kind && are_one(store.namespace.as_deref(), namespace);
        let rank = |store: &&Store| (self.nearness(near, store.at), store.namespace.as_deref() == namespace);
        // Of equals the first one: the second is usually an example.
        let named = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        named.iter().filter_map(|index| self.stores.get(*index)).filter(fits).rev().max_by_key(rank)
    }

    /// How many folders the files of two places have in common: an overlay for one cluster does not use those of another.
    pub(super) fn nearness(&self, a: Span, b: Span) -> usize {
        if a.source == b.source {
            return usize::MAX;
        }
        let folders = |span: Span| {
            let name = self.sources.get(span.source).map_or("", |source| source.name.as_str());
            name.rsplit_once('/').map_or("", |(folder, _)| folder).split('/')
        };
        folders(a).zip(folders(b)).take_while(|(a, b)| a == b).count()
    }

    /// A value of a store.
    pub(super) fn lookup(
        &self,
        kind: StoreKind,
        namespace: Option<&str>,
        name: &str,
        key: &str,
        near: Span,
    ) -> Lookup<'_> {
        let Some(store) = self.store(kind, namespace, name, near) else {
            return if self.is_nowhere(kind, namespace) { Lookup::NoStore } else { Lookup::Unknown };
        };
        match store.data.iter().find(|datum| datum.key == key) {
            Some(datum) => Lookup::Found(datum),
            // What stands empty in a file is there to be filled by somebody.
            None if store.is_partial || store.data.is_empty() && self.listed.is_none() => Lookup::Unknown,
            None => Lookup::NoKey,
        }
    }
}

/// Whether two namespaces may be the same: one that is not written may be any.
pub(super) fn are_one(one: Option<&str>, other: Option<&str>) -> bool {
    one == other || one.is_none() || other.is_none()
}

/// Where the last key of a path is written.
pub(super) fn key_at(node: &Node, path: &[&str]) -> Option<Span> {
    let (last, above) = path.split_last()?;
    node.at(above)?.entries().iter().find(|entry| entry.key == *last).map(|entry| entry.key_span)
}

/// The place of what a scalar says.
pub(super) fn place_of(node: &Node, sources: &Sources) -> Place {
    let text = node.text().unwrap_or_default();
    Place::Verbatim(node.span.source, node.span.start).inside_scalar(sources.slice(node.span), text)
}

/// What the API server takes for the type of a `Secret` where nothing else is written.
pub(super) const OPAQUE: &str = "Opaque";

impl Datum {
    /// Says of its places that they lie in a `Secret`.
    pub(super) fn move_into_secret(&mut self, twins: &Twins) {
        self.key_span = twin(twins, self.key_span);
        let (from, to) = (self.span, twin(twins, self.span));
        self.span = to;
        self.place = self.place.in_source(from.source, to.source);
    }
}
