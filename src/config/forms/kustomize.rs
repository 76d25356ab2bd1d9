//! Kustomizations among the manifests: the files that they generate `Secret`s and `ConfigMap`s from, and their patches. Both are
//! parts of what the kustomization makes, and nothing by themselves.

use std::collections::{BTreeSet, HashMap};

use super::compose::normalised;
use super::kubernetes::{Kustomized, Patch, generator_files, is_kustomization};
use super::read::{Reader, Recognised};
use super::recognise::Shape;
use super::text::{RawFile, add};
use crate::config::node::{Node, Value};
use crate::config::place::Place;
use crate::config::source::{SourceId, SourceKind};
use crate::config::yaml;

/// Reads what kustomizations name, and says which files are parts of one.
pub(super) fn read(reader: &mut Reader<'_>, files: &[Recognised<'_>]) -> (Kustomized, BTreeSet<String>) {
    let mut kustomized = Kustomized::default();
    let mut parts = BTreeSet::new();
    let mut known: HashMap<(String, bool), Option<SourceId>> = HashMap::new();
    for file in files.iter().filter(|file| file.shape == Shape::Kubernetes) {
        let text = &file.text.text;
        if !text.contains("Generator") && !text.contains("patches") {
            continue;
        }
        let documents = yaml::documents(text, file.source).into_iter().filter_map(|parsed| parsed.root);
        for document in documents.filter(is_kustomization) {
            let folder = file.name.rfind(['/', '\\']).map_or("", |slash| &file.name[..=slash]);
            for (at, written, is_secret) in generator_files(&document) {
                let path = normalised(&format!("{folder}{written}"));
                let source = known.entry((path.clone(), is_secret)).or_insert_with(|| {
                    let given = files.iter().find(|other| normalised(&other.name) == path);
                    let given = given.map(|other| other.text.text.as_bytes().to_vec());
                    let bytes = given.or_else(|| file.files.read(&path).ok())?;
                    let kind = if is_secret { SourceKind::Secret } else { SourceKind::File };
                    Some(add(&mut reader.sources, &RawFile { name: path.clone(), bytes }, kind))
                });
                kustomized.files.extend(source.map(|source| (at, source)));
                parts.insert(path);
            }
            for patch in patches(&document, folder, file) {
                if let Some(path) = patch.path {
                    parts.insert(path);
                }
                kustomized.patches.extend(patch.patches);
            }
        }
    }
    (kustomized, parts)
}

/// The patches of one entry, and the file that holds them.
struct Entry {
    path: Option<String>,
    patches: Vec<Patch>,
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    match &node.get(key)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn patches(kustomization: &Node, folder: &str, file: &Recognised<'_>) -> Vec<Entry> {
    let list = |key: &str| kustomization.get(key).map(Node::elements).unwrap_or_default();
    let entries = list("patches").iter().chain(list("patchesJson6902")).chain(list("patchesStrategicMerge"));
    let entry = |node: &Node| {
        let (path, inline) = match &node.value {
            // A text is a path, or the patch itself.
            Value::Text(text) if text.contains('\n') => (None, Some(text.as_str())),
            Value::Text(text) => (Some(text.as_str()), None),
            _ => (text(node, "path"), text(node, "patch")),
        };
        let path = path.map(|path| normalised(&format!("{folder}{path}")));
        let content = match (&path, inline) {
            (_, Some(inline)) => inline.to_owned(),
            (Some(path), None) => {
                file.files.read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
            }
            (None, None) => String::new(),
        };
        let what = path.clone().unwrap_or_else(|| format!("in {}", file.name));
        let patches = match node.get("target") {
            Some(target) => target_of(target, &content, &what).into_iter().collect(),
            None => objects(&content, file.source).iter().filter_map(|object| of(object, &content, &what)).collect(),
        };
        Entry { path, patches }
    };
    entries.map(entry).collect()
}

/// The objects in a patch.
fn objects(content: &str, source: SourceId) -> Vec<Node> {
    // Nothing is pointed at in it.
    let parsed = yaml::read(content, &Place::Verbatim(source, 0), yaml::Wanted::Anything);
    parsed.root.into_iter().filter(|root| !root.entries().is_empty()).collect()
}

fn target_of(target: &Node, content: &str, what: &str) -> Option<Patch> {
    let kind = text(target, "kind")?.to_owned();
    let name = text(target, "name").map(str::to_owned);
    matters(&kind, content).then(|| Patch { kind, name, what: what.to_owned() })
}

fn of(object: &Node, content: &str, what: &str) -> Option<Patch> {
    let kind = text(object, "kind")?.to_owned();
    let name = object.get("metadata").and_then(|metadata| text(metadata, "name")).map(str::to_owned);
    matters(&kind, content).then(|| Patch { kind, name, what: what.to_owned() })
}

/// Whether a patch may change what Pomerium is given: how many of it there are, and where they run, does not.
fn matters(kind: &str, content: &str) -> bool {
    kind == "Pomerium" || ["env", "args", "command", "volume", "image"].iter().any(|word| content.contains(word))
}
