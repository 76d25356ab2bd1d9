//! Kustomizations among the manifests: the files that they generate `Secret`s and `ConfigMap`s from, their patches, and what they
//! fill in. All are parts of what the kustomization makes, and nothing by themselves.

mod fillings;

use std::collections::{BTreeSet, HashMap};

use super::reader::{Reader, Recognised};
use crate::config::forms::kubernetes::{Change, GIVEN, Instead, Kustomized, Patch, generator_files, operations};
use crate::config::forms::recognise::is_kustomization;
use crate::config::forms::recognise::{Shape, is_own_variable, looks_like_ours};
use crate::config::text::normalised;
use crate::config::text::{Entry, Node, Place, RawFile, SourceId, SourceKind, Value, add, yaml};

/// What says in a text that it may be one whose files or changes count.
const TELLING: [&str; 10] = [
    "Generator",
    "patches",
    "resources",
    "components",
    "images",
    "replacements",
    "vars",
    "transformers",
    "commonAnnotations",
    "replicas",
];

/// Reads what kustomizations name, and says which files are parts of one.
pub(in crate::config) fn read(reader: &mut Reader<'_>, files: &[Recognised<'_>]) -> (Kustomized, BTreeSet<String>) {
    let mut kustomized = Kustomized::default();
    let mut parts = BTreeSet::new();
    let mut known: HashMap<(String, bool), Option<SourceId>> = HashMap::new();
    for file in files.iter().filter(|file| file.shape == Shape::Kubernetes) {
        let text = &file.text.text;
        if !TELLING.iter().any(|key| text.contains(key)) {
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
            let named = |key: &str| -> Vec<String> {
                let paths = document.list(key).iter();
                let texts = paths.filter_map(|path| match &path.value {
                    Value::Text(path) => Some(normalised(&format!("{folder}{path}"))),
                    _ => None,
                });
                texts.collect()
            };
            let by = normalised(folder);
            let resources = [named("resources"), named("bases")].concat();
            let components = named("components");
            // A component changes what the kustomization around it takes up.
            for component in &components {
                kustomized.resources.entry(component.clone()).or_default().extend(resources.iter().cloned());
            }
            kustomized.resources.entry(by.clone()).or_default().extend([resources, components].concat());
            let images = document.list("images");
            let mut reading = Patches { reader, files, folder, by: &by, file, parts: &mut parts };
            // The order of kustomize (`runTransformers` in `kusttarget_configplugin.go`).
            for key in ["patchesStrategicMerge", "patches", "patchesJson6902"] {
                let entries = document.list(key);
                kustomized.patches.extend(entries.iter().map(|entry| reading.of(entry)));
            }
            let fillings = reading.fillings(&document);
            kustomized.patches.extend(images.iter().filter_map(|image| image_of(image, &by, file)));
            kustomized.patches.extend(fillings);
        }
    }
    (kustomized, parts)
}

/// Reads the patches of a kustomization.
struct Patches<'r, 'a, 'f> {
    reader: &'r mut Reader<'a>,
    files: &'r [Recognised<'f>],
    folder: &'r str,
    by: &'r str,
    file: &'r Recognised<'f>,
    /// The files that are parts of one.
    parts: &'r mut BTreeSet<String>,
}

impl Patches<'_, '_, '_> {
    /// The patch of one entry.
    fn of(&mut self, entry: &Node) -> Patch {
        let (path, inline) = match &entry.value {
            // A text is a path, or the patch itself.
            Value::Text(text) if text.contains('\n') => (None, Some(entry)),
            Value::Text(text) => (Some(text.as_str()), None),
            _ => (entry.text_at(&["path"]), entry.get("patch")),
        };
        let path = path.map(|path| normalised(&format!("{}{path}", self.folder)));
        let (content, place) = match (&path, inline.map(|inline| (&inline.value, inline.span))) {
            (_, Some((Value::Text(text), span))) => {
                let written = self.reader.sources.slice(span);
                let place = Place::Verbatim(span.source, span.start).inside_scalar(written, text);
                (text.clone(), place)
            }
            (Some(path), _) => self.of_file(path),
            _ => (String::new(), Place::Verbatim(self.file.source, 0)),
        };
        let what = path.clone().unwrap_or_else(|| format!("in {}", normalised(&self.file.name)));
        self.parts.extend(path);
        let parsed = yaml::read(&content, &place, yaml::Wanted::Anything);
        let root = parsed.root.filter(|_| parsed.later_document.is_none());
        let selected = match (entry.get("target"), &root) {
            (Some(target), _) => selected(target),
            (None, Some(root)) => {
                let name = root.get("metadata").and_then(|metadata| metadata.text_at(&["name"]));
                Some((root.text_at(&["kind"]).map(str::to_owned), name.map(str::to_owned)))
            }
            // Several in one text, or nothing that can be read.
            (None, None) => None,
        };
        let change = match (&selected, root) {
            (Some(_), Some(root)) => change(root, &content),
            _ => Change::Unknown,
        };
        let (kind, name) = selected.unwrap_or_default();
        let matters = matters(kind.as_deref(), &content);
        let is_ours =
            kind.as_deref() == Some("Pomerium") || content.split(|c: char| !is_of_name(c)).any(is_own_variable);
        Patch { kind, name, what, change, matters, is_ours, by: self.by.to_owned(), at: self.file.source }
    }

    /// The text of a file that holds patches, and its place.
    fn of_file(&mut self, path: &str) -> (String, Place) {
        if let Some(given) = self.files.iter().find(|other| normalised(&other.name) == path) {
            return (given.text.text.to_string(), Place::Verbatim(given.source, 0));
        }
        let bytes = self.file.files.read(path).unwrap_or_default();
        let content = String::from_utf8_lossy(&bytes).into_owned();
        let source = add(&mut self.reader.sources, &RawFile { name: path.to_owned(), bytes }, SourceKind::File);
        (content, Place::Verbatim(source, 0))
    }
}

/// The change that an entry of `images` makes.
fn image_of(entry: &Node, by: &str, file: &Recognised<'_>) -> Option<Patch> {
    let version = entry.text_at(&["newTag"]).map(|tag| format!(":{tag}"));
    let version = entry.text_at(&["digest"]).map(|digest| format!("@{digest}")).or(version);
    let instead = Instead { name: entry.text_at(&["newName"]).map(str::to_owned), version };
    Some(Patch {
        kind: None,
        name: None,
        what: format!("of images in {}", file.name),
        change: Change::Image { name: entry.text_at(&["name"])?.to_owned(), instead },
        matters: true,
        is_ours: false,
        by: by.to_owned(),
        at: file.source,
    })
}

/// The kind and the name that a target selects; nothing where it says more than that, so that other objects may be meant.
fn selected(target: &Node) -> Option<(Option<String>, Option<String>)> {
    // They are patterns.
    let is_word = |text: &str| text.chars().all(|c| is_of_name(c) || "-.".contains(c));
    let is_plain = |entry: &Entry| match (entry.key.as_str(), &entry.value.value) {
        ("kind" | "name", Value::Text(text)) => is_word(text),
        (key, _) => ["group", "version", "namespace"].contains(&key),
    };
    let word = |key: &str| target.text_at(&[key]).map(str::to_owned);
    target.entries().iter().all(is_plain).then(|| (word("kind"), word("name")))
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What a patch does, as far as we can do it. What an object is called, the target says.
fn change(mut root: Node, content: &str) -> Change {
    if root.entries().is_empty() {
        return operations(&root).map_or(Change::Unknown, Change::Operations);
    }
    if content.contains("$patch") {
        return Change::Unknown;
    }
    if let Value::Map(entries) = &mut root.value {
        entries.retain(|entry| !["apiVersion", "kind"].contains(&entry.key.as_str()));
        let metadata = entries.iter_mut().find(|entry| entry.key == "metadata").map(|entry| &mut entry.value.value);
        if let Some(Value::Map(metadata)) = metadata {
            metadata.retain(|entry| !["name", "namespace"].contains(&entry.key.as_str()));
        }
    }
    Change::Merge(root)
}

/// Whether a patch may change what a Pomerium is given: how many of it there are, and where they run, does not.
fn matters(kind: Option<&str>, content: &str) -> bool {
    match kind {
        Some("Pomerium" | "PolicyFilter") => true,
        Some(kind) if GIVEN.contains(&kind) => looks_like_ours("", content),
        _ => ["env", "args", "command", "volume", "image"].iter().any(|word| content.contains(word)),
    }
}
