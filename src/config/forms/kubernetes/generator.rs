//! `Secret`s and `ConfigMap`s that a kustomization generates, from literals and from files beside it
//! (<https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/>).

use super::objects::{Datum, Store, StoreKind, place_of};
use super::patch::GeneratorFiles;
use crate::config::text::{Node, Place, SourceId, Sources, Span, Twins, dotenv, last_of_each, unknown_text};

/// A store and what becomes of one of the same name in a base.
pub(super) struct Generated {
    store: Store,
    behavior: Behavior,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Behavior {
    Create,
    Merge,
    Replace,
}

/// Each file that a generator names: the place that names it, its path, and whether it is for a `Secret`.
pub(in crate::config) fn files(node: &Node) -> Vec<(Span, &str, bool)> {
    let mut found = Vec::new();
    for (key, is_secret) in [("configMapGenerator", false), ("secretGenerator", true)] {
        for generator in node.list(key) {
            let envs = generator.list("envs").iter();
            let named = generator.list("files").iter();
            for file in envs.chain(named).chain(generator.get("env")) {
                let Some(text) = file.text() else { continue };
                found.push((file.span, text.split_once('=').map_or(text, |(_, path)| path), is_secret));
            }
        }
    }
    found
}

/// What a kustomization generates.
pub(super) fn stores(node: &Node, sources: &Sources, twins: &Twins, files: &GeneratorFiles) -> Vec<Generated> {
    let namespace = node.text_at(&["namespace"]);
    let generators = |key: &str| node.list(key);
    let config_maps = generators("configMapGenerator").iter().map(|generator| (StoreKind::ConfigMap, generator));
    let secrets = generators("secretGenerator").iter().map(|generator| (StoreKind::Secret, generator));
    let store = |(kind, generator): (StoreKind, &Node)| {
        let mut reader = Reader { sources, files, data: Vec::new(), is_partial: false };
        reader.read(generator);
        let Reader { mut data, is_partial, .. } = reader;
        if kind == StoreKind::Secret {
            for datum in &mut data {
                datum.move_into_secret(twins);
            }
        }
        let behavior = match generator.text_at(&["behavior"]) {
            Some("merge") => Behavior::Merge,
            Some("replace") => Behavior::Replace,
            _ => Behavior::Create,
        };
        let store = Store {
            kind,
            namespace: generator.text_at(&["namespace"]).or(namespace).map(str::to_owned),
            name: generator.text_at(&["name"]).unwrap_or_default().to_owned(),
            at: generator.span,
            data: last_of_each(data, |datum| &datum.key),
            is_partial,
            made_by: None,
            secret_type: None,
        };
        Generated { store, behavior }
    };
    config_maps.chain(secrets).map(store).collect()
}

/// Lays what overlays generate over what their bases do. With one overlay there is no doubt; of several, each makes another
/// deployment, and what they make of a value is not known without choosing one.
pub(super) fn merged(generated: Vec<Generated>) -> Vec<Store> {
    let (bases, overlays): (Vec<Generated>, Vec<Generated>) =
        generated.into_iter().partition(|generated| generated.behavior == Behavior::Create);
    let mut stores: Vec<Store> = bases.into_iter().map(|base| base.store).collect();
    let mut orphans = Vec::new();
    for index in 0..overlays.len() {
        let Some(Generated { store: overlay, behavior }) = overlays.get(index) else { continue };
        let is_same = |other: &Store| other.kind == overlay.kind && other.name == overlay.name;
        let count = overlays.iter().filter(|other| is_same(&other.store)).count();
        let Some(base) = stores.iter_mut().find(|base| is_same(base)) else {
            orphans.push(index);
            continue;
        };
        if *behavior == Behavior::Replace && count == 1 {
            base.data.clear();
        }
        let overlay_data = overlay.data.iter().map(|datum| if count == 1 { datum.clone() } else { undecided(datum) });
        base.data.extend(overlay_data);
        base.data = last_of_each(std::mem::take(&mut base.data), |datum| &datum.key);
        base.is_partial |= overlay.is_partial || count > 1;
    }
    let mut overlays: Vec<Option<Store>> = overlays.into_iter().map(|overlay| Some(overlay.store)).collect();
    stores.extend(orphans.into_iter().filter_map(|index| {
        let store = overlays.get_mut(index)?.take()?;
        // Its base is not here.
        Some(Store { is_partial: true, ..store })
    }));
    stores
}

/// A value that each overlay sets for itself.
fn undecided(datum: &Datum) -> Datum {
    let text = unknown_text(&format!("{} of an overlay", datum.key));
    Datum { bytes: text.as_bytes().into(), text: text.into(), place: Place::Decoded(datum.span), ..datum.clone() }
}

struct Reader<'a> {
    sources: &'a Sources,
    files: &'a GeneratorFiles,
    data: Vec<Datum>,
    is_partial: bool,
}

impl Reader<'_> {
    fn read(&mut self, generator: &Node) {
        let list = |key: &str| generator.list(key);
        for file in list("envs").iter().chain(generator.get("env")) {
            match self.files.get(&file.span) {
                Some(source) => self.variables(*source),
                None => self.is_partial = true,
            }
        }
        for file in list("files") {
            match (self.files.get(&file.span), file.text()) {
                (Some(source), Some(written)) => self.file(*source, written, file),
                _ => self.is_partial = true,
            }
        }
        self.data.extend(list("literals").iter().filter_map(|literal| literal_datum(literal, self.sources)));
    }

    /// `NAME=value` a line, nothing unquoted (`api/kv/kv.go` of kubernetes-sigs/kustomize).
    fn variables(&mut self, source: SourceId) {
        let Some(text) = self.sources.get(source).map(|source| source.text.clone()) else { return };
        for (name, value) in dotenv::environment_lines(&text) {
            let span = |start, end| Span { source, start, end };
            let written = text.get(value.clone()).unwrap_or_default();
            self.data.push(Datum {
                key: text.get(name.clone()).unwrap_or_default().to_owned(),
                key_span: span(name.start, name.end),
                text: written.into(),
                bytes: written.as_bytes().into(),
                span: span(value.start, value.end),
                place: Place::Verbatim(source, value.start),
                refusal: None,
            });
        }
    }

    /// `path`, under the name of the file, or `key=path`.
    fn file(&mut self, source: SourceId, written: &str, node: &Node) {
        let Some(text) = self.sources.get(source).map(|source| source.text.clone()) else { return };
        let own_name = || written.rsplit('/').next().unwrap_or(written);
        self.data.push(Datum {
            key: written.split_once('=').map_or_else(own_name, |(key, _)| key).to_owned(),
            key_span: node.span,
            bytes: text.as_bytes().into(),
            span: Span { source, start: 0, end: text.len() },
            text,
            place: Place::Verbatim(source, 0),
            refusal: None,
        });
    }
}

/// `KEY=value` in a generator's `literals`; quotes around the value are taken off, as kustomize does.
fn literal_datum(node: &Node, sources: &Sources) -> Option<Datum> {
    let text = node.text()?;
    let (key, value) = text.split_once('=')?;
    let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let bare = quoted.unwrap_or(value);
    let start = key.len() + 1 + usize::from(quoted.is_some());
    let place = place_of(node, sources);
    let span = place.span(start, start + bare.len());
    Some(Datum {
        key: key.to_owned(),
        key_span: place.span(0, key.len()),
        text: bare.into(),
        bytes: bare.as_bytes().into(),
        span,
        place: Place::Decoded(span),
        refusal: None,
    })
}
