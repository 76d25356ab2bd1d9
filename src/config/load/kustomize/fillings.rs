//! What a kustomization fills in: `replacements`, `vars`, `commonAnnotations`, `replicas` and `transformers`. A value that is
//! copied from elsewhere is a reference, wherever it is put.

use super::{Patches, normalised, selected};
use crate::config::forms::kubernetes::{Change, Patch, steps};
use crate::config::text::{Entry, Node, Place, SourceId, Twins, Value, add_twins, twin, unknown, yaml};

/// Transformers that change nothing that a Pomerium is given.
const HARMLESS: [&str; 5] =
    ["LabelTransformer", "NamespaceTransformer", "PrefixTransformer", "SuffixTransformer", "PrefixSuffixTransformer"];

/// The kinds that the count of `replicas` is for (`api/internal/konfig/builtinpluginconsts/replicas.go` of kustomize).
const COUNTED: [&str; 4] = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];

impl Patches<'_, '_, '_> {
    /// Everything that a kustomization fills in, in the order of kustomize.
    pub(super) fn fillings(&mut self, document: &Node) -> Vec<Patch> {
        let list = |key: &str| document.list(key);
        let mut patches: Vec<Patch> =
            document.get("commonAnnotations").map(|all| self.annotations(all)).into_iter().collect();
        patches.extend(list("replicas").iter().flat_map(|entry| self.replicas(entry)));
        for entry in list("replacements") {
            patches.extend(self.replacement(entry));
        }
        for entry in list("transformers") {
            patches.extend(self.transformer(entry));
        }
        patches.extend(list("vars").iter().filter_map(|entry| self.variable(entry)));
        patches
    }

    fn filling(&self, key: &str, kind: Option<String>, name: Option<String>, change: Change) -> Patch {
        Patch {
            is_ours: kind.as_deref() == Some("Pomerium"),
            kind,
            name,
            what: format!("of {}", self.list(key)),
            change,
            matters: true,
            by: self.by.to_owned(),
            at: self.file.source,
        }
    }

    /// Which list of the kustomization it is, in words.
    fn list(&self, key: &str) -> String {
        format!("{key} in {}", normalised(&self.file.name))
    }

    /// Annotations are routes of the ingress controller's.
    fn annotations(&self, all: &Node) -> Patch {
        let part = wrapped("metadata", wrapped("annotations", all.clone()));
        Patch { matters: false, ..self.filling("commonAnnotations", None, None, Change::Merge(part)) }
    }

    fn replicas(&self, entry: &Node) -> Vec<Patch> {
        let (Some(name), Some(count)) = (entry.text_at(&["name"]), entry.get("count")) else { return Vec::new() };
        let part = wrapped("spec", wrapped("replicas", count.clone()));
        let patch = |kind: &str| {
            let change = Change::Merge(part.clone());
            Patch { matters: false, ..self.filling("replicas", Some(kind.to_owned()), Some(name.to_owned()), change) }
        };
        COUNTED.into_iter().map(patch).collect()
    }

    /// A replacement, or a file with one or several.
    fn replacement(&mut self, entry: &Node) -> Vec<Patch> {
        if let Some(path) = entry.text_at(&["path"]) {
            let (content, place) = self.of_part(path);
            let root = yaml::read(&content, &place, yaml::Wanted::Anything).root;
            return match root {
                Some(root) if !root.elements().is_empty() => {
                    root.elements().iter().flat_map(|entry| self.targets(entry)).collect()
                }
                Some(root) => self.targets(&root),
                None => vec![self.filling("replacements", None, None, Change::Unknown)],
            };
        }
        self.targets(entry)
    }

    /// The text of a file that is named beside the kustomization, which makes it a part of it; and its place.
    fn of_part(&mut self, path: &str) -> (String, Place) {
        let path = normalised(&format!("{}{path}", self.folder));
        let read = self.of_file(&path);
        self.parts.insert(path);
        read
    }

    /// The patches of the targets of a replacement.
    fn targets(&mut self, replacement: &Node) -> Vec<Patch> {
        let targets = replacement.list("targets");
        let twins = self.twins(replacement.span.source);
        let patch = |target: &Node| {
            let with = unknown(twin(&twins, target.span), &self.list("replacements"));
            let fields = target.list("fieldPaths");
            let paths: Option<Vec<Vec<String>>> = fields
                .iter()
                .map(|field| match &field.value {
                    Value::Text(path) => Some(steps(path)),
                    _ => None,
                })
                .collect();
            let select = target.get("select").and_then(selected);
            let change = match (paths, &select) {
                (Some(paths), Some(_)) if !paths.is_empty() && target.get("reject").is_none() => {
                    Change::Fill { paths, with }
                }
                _ => Change::Unknown,
            };
            let (kind, name) = select.unwrap_or_default();
            self.filling("replacements", kind, name, change)
        };
        targets.iter().map(patch).collect()
    }

    /// `$(NAME)` in any object stands for a value of another one.
    fn variable(&mut self, entry: &Node) -> Option<Patch> {
        let name = entry.text_at(&["name"])?.to_owned();
        let twins = self.twins(entry.span.source);
        let with = unknown(twin(&twins, entry.span), &self.list("vars"));
        Some(self.filling("vars", None, None, Change::Variable { name, with }))
    }

    /// A reference is no text that somebody wrote into a configuration.
    fn twins(&mut self, source: SourceId) -> Twins {
        add_twins(&mut self.reader.sources, std::iter::once(source))
    }

    /// Another program, or a patch in another dress: what it changes, nobody knows from here.
    fn transformer(&mut self, entry: &Node) -> Option<Patch> {
        let Value::Text(written) = &entry.value else { return None };
        let content = if written.contains('\n') { written.clone() } else { self.of_part(written).0 };
        let is_harmless = |kind: &str| HARMLESS.contains(&kind.trim().trim_matches(['"', '\'']));
        let kinds: Vec<&str> = content.lines().filter_map(|line| line.strip_prefix("kind:")).collect();
        let changes = kinds.is_empty() || !kinds.into_iter().all(is_harmless);
        changes.then(|| self.filling("transformers", None, None, Change::Unknown))
    }
}

/// A mapping with this one key, at the place of its value.
fn wrapped(key: &str, value: Node) -> Node {
    let span = value.span;
    Node { value: Value::Map(vec![Entry { key: key.to_owned(), key_span: span, value }]), span }
}
