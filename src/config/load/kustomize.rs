//! Kustomizations among the manifests: the files that they generate `Secret`s and `ConfigMap`s from, and their patches. Both are
//! parts of what the kustomization makes, and nothing by themselves.

use std::collections::{BTreeSet, HashMap};

use super::request::{Reader, Recognised};
use crate::config::forms::compose::normalised;
use crate::config::forms::kubernetes::{Kustomized, Patch, generator_files, is_kustomization};
use crate::config::forms::recognise::Shape;
use crate::config::text::{Node, Place, RawFile, SourceId, SourceKind, Value, add, yaml};

/// Reads what kustomizations name, and says which files are parts of one.
pub(in crate::config) fn read(reader: &mut Reader<'_>, files: &[Recognised<'_>]) -> (Kustomized, BTreeSet<String>) {
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
            for patch in patches(reader, files, &document, folder, file) {
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

fn patches(
    reader: &mut Reader<'_>,
    files: &[Recognised<'_>],
    kustomization: &Node,
    folder: &str,
    file: &Recognised<'_>,
) -> Vec<Entry> {
    let list = |key: &str| kustomization.get(key).map(Node::elements).unwrap_or_default();
    let entries = list("patches").iter().chain(list("patchesJson6902")).chain(list("patchesStrategicMerge"));
    let mut entry = |node: &Node| {
        let (path, inline) = match &node.value {
            // A text is a path, or the patch itself.
            Value::Text(text) if text.contains('\n') => (None, Some(node)),
            Value::Text(text) => (Some(text.as_str()), None),
            _ => (text(node, "path"), node.get("patch")),
        };
        let path = path.map(|path| normalised(&format!("{folder}{path}")));
        let (content, place) = match (&path, inline.map(|inline| (&inline.value, inline.span))) {
            (_, Some((Value::Text(text), span))) => {
                let written = reader.sources.slice(span);
                let place = Place::Verbatim(span.source, span.start).inside_scalar(written, text);
                (text.clone(), place)
            }
            (Some(path), _) => of_file(reader, files, path, file),
            _ => (String::new(), Place::Verbatim(file.source, 0)),
        };
        let what = path.clone().unwrap_or_else(|| format!("in {}", file.name));
        let by = |patch: Patch| Patch { by: file.name.clone(), ..patch };
        let patches = match node.get("target") {
            Some(target) => target_of(target, &content, &what).into_iter().map(by).collect(),
            None => objects(&content, &place).iter().filter_map(|object| of(object, &content, &what)).map(by).collect(),
        };
        Entry { path, patches }
    };
    entries.map(&mut entry).collect()
}

/// The text of a file that holds patches, and its place.
fn of_file(reader: &mut Reader<'_>, files: &[Recognised<'_>], path: &str, by: &Recognised<'_>) -> (String, Place) {
    if let Some(given) = files.iter().find(|other| normalised(&other.name) == path) {
        return (given.text.text.to_string(), Place::Verbatim(given.source, 0));
    }
    let bytes = by.files.read(path).unwrap_or_default();
    let content = String::from_utf8_lossy(&bytes).into_owned();
    let source = add(&mut reader.sources, &RawFile { name: path.to_owned(), bytes }, SourceKind::File);
    (content, Place::Verbatim(source, 0))
}

/// The objects in a patch.
fn objects(content: &str, place: &Place) -> Vec<Node> {
    let parsed = yaml::read(content, place, yaml::Wanted::Anything);
    parsed.root.into_iter().filter(|root| !root.entries().is_empty()).collect()
}

fn target_of(target: &Node, content: &str, what: &str) -> Option<Patch> {
    let kind = text(target, "kind")?.to_owned();
    let name = text(target, "name").map(str::to_owned);
    matters(&kind, content).then(|| Patch { kind, name, what: what.to_owned(), merge: None, by: String::new() })
}

/// A patch that is a part of the object itself is laid over it, unless it says to delete something.
fn of(object: &Node, content: &str, what: &str) -> Option<Patch> {
    let kind = text(object, "kind")?.to_owned();
    let name = object.get("metadata").and_then(|metadata| text(metadata, "name")).map(str::to_owned);
    let is_plain = name.is_some() && !content.contains("$patch") && !content.contains("\n---");
    let merge = is_plain.then(|| object.clone());
    let is_store = ["ConfigMap", "Secret"].contains(&kind.as_str()) && merge.is_some();
    let patch = Patch { kind, name, what: what.to_owned(), merge, by: String::new() };
    (is_store || matters(&patch.kind, content)).then_some(patch)
}

/// Whether a patch may change what Pomerium is given: how many of it there are, and where they run, does not.
fn matters(kind: &str, content: &str) -> bool {
    kind == "Pomerium" || ["env", "args", "command", "volume", "image"].iter().any(|word| content.contains(word))
}
