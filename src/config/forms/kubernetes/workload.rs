//! Pods that run Pomerium: which container it is, its environment, and the files mounted into it.

use std::collections::HashMap;

use super::objects::{Datum, Lookup, Object, Objects, Store, StoreKind, at, place_of, text_at, text_of};
use crate::config::PomeriumVersion;
use crate::config::forms::image::{is_pomerium, release};
use crate::config::forms::unknown::unknown_text;
use crate::config::forms::{ConfigText, Mount, Mounted, Variable};
use crate::config::node::Node;
use crate::config::room::Room;
use crate::config::source::Span;

/// A container that runs Pomerium.
pub(super) struct Workload<'a> {
    pub(super) object: Object<'a>,
    /// The specification of its pod.
    pod: &'a Node,
    container: &'a Node,
    /// The release its image's tag names.
    pub(super) version: Option<PomeriumVersion>,
}

/// What the image of a container says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Image {
    /// Pomerium itself.
    Pomerium,
    /// The ingress controller, with Pomerium in it.
    Controller,
    /// Something else.
    Other,
}

/// Where the pod's specification stands in each kind of workload.
fn pod_of<'a>(object: &Object<'a>) -> Option<&'a Node> {
    let path: &[&str] = match object.kind {
        "Pod" => &["spec"],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "ReplicationController" => {
            &["spec", "template", "spec"]
        }
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => return None,
    };
    at(object.node, path)
}

/// The containers of an object, each with what its image says.
pub(super) fn containers<'a>(object: &Object<'a>) -> Vec<(&'a Node, &'a Node, Image)> {
    let Some(pod) = pod_of(object) else { return Vec::new() };
    let containers = pod.get("containers").map(Node::elements).unwrap_or_default();
    containers
        .iter()
        .map(|container| (pod, container, image(text_at(container, &["image"]).unwrap_or_default())))
        .collect()
}

/// Tells by the last part of the image's name, whatever registry it comes from.
fn image(name: &str) -> Image {
    let bare = name.split('@').next().unwrap_or(name);
    let last = bare.rsplit('/').next().unwrap_or(bare);
    if is_pomerium(name) {
        Image::Pomerium
    } else if bare.contains("pomerium/") && last.split(':').next() == Some("ingress-controller") {
        Image::Controller
    } else {
        Image::Other
    }
}

/// Variables that only Pomerium reads. Two of them make a container Pomerium's, whatever its image is called.
const TELLING: [&str; 8] = [
    "IDP_PROVIDER",
    "IDP_PROVIDER_URL",
    "IDP_CLIENT_ID",
    "IDP_CLIENT_SECRET",
    "AUTHENTICATE_SERVICE_URL",
    "AUTHORIZE_SERVICE_URL",
    "DATABROKER_SERVICE_URL",
    "SHARED_SECRET",
];

impl<'a> Workload<'a> {
    /// The workloads of an object.
    pub(super) fn of(object: &Object<'a>) -> Vec<Self> {
        let runs_pomerium = |container: &Node, image| match image {
            Image::Pomerium => true,
            Image::Controller => false,
            Image::Other => {
                let env = container.get("env").map(Node::elements).unwrap_or_default();
                let names = env.iter().filter_map(|variable| text_at(variable, &["name"]));
                names.filter(|name| TELLING.contains(name)).count() > 1
            }
        };
        containers(object)
            .into_iter()
            .filter(|(_, container, image)| runs_pomerium(container, *image))
            .map(|(pod, container, image)| Self {
                object: *object,
                pod,
                container,
                version: text_at(container, &["image"]).filter(|_| image == Image::Pomerium).and_then(release),
            })
            .collect()
    }

    /// The stores that the workload refers to, as far as they are here.
    pub(super) fn stores<'o>(&self, objects: &'o Objects<'_>) -> Vec<&'o Store> {
        let mut found = Vec::new();
        collect_references(self.container, &mut found);
        collect_references(self.pod.get("volumes").unwrap_or(self.container), &mut found);
        let store =
            |(kind, name): &(StoreKind, String)| objects.store(*kind, self.object.namespace, name, self.pod.span);
        found.iter().filter_map(store).collect()
    }

    /// The variables in the order in which later ones win, as far as there is room for them; and what could not be read.
    pub(super) fn environment(&self, objects: &Objects<'_>, room: &Room) -> (Vec<Variable>, Vec<String>) {
        let mut reader = Environment {
            objects,
            namespace: self.object.namespace,
            variables: Vec::new(),
            positions: HashMap::new(),
            room,
            unread: Vec::new(),
        };
        for from in self.container.get("envFrom").map(Node::elements).unwrap_or_default() {
            reader.from(from);
        }
        for variable in self.container.get("env").map(Node::elements).unwrap_or_default() {
            reader.variable(variable);
        }
        (reader.variables, reader.unread)
    }

    /// The path of the configuration file: `--config`, else that of the image's default command.
    fn config_path(&self) -> Option<String> {
        let words = ["command", "args"]
            .into_iter()
            .flat_map(|key| self.container.get(key).map(Node::elements).unwrap_or_default().iter().filter_map(text_of));
        let words: Vec<&str> = words.collect();
        for (index, word) in words.iter().enumerate() {
            let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else { continue };
            match option.split_once('=') {
                Some(("config", path)) => return Some(path.to_owned()),
                None if option == "config" => return words.get(index + 1).map(|path| (*path).to_owned()),
                _ => {}
            }
        }
        let has_own_arguments = self.container.get("args").is_some() || self.container.get("command").is_some();
        (!has_own_arguments).then(|| "/pomerium/config.yaml".to_owned())
    }

    /// The configuration file, if a volume holds it; an error says what the volume comes from.
    pub(super) fn config_text(&self, objects: &Objects<'_>) -> Result<Option<(ConfigText, Span)>, String> {
        let Some(path) = self.config_path() else { return Ok(None) };
        for mount in self.container.get("volumeMounts").map(Node::elements).unwrap_or_default() {
            let Some(inside) = text_at(mount, &["mountPath"]).and_then(|folder| below(folder, &path)) else { continue };
            let sub_path = text_at(mount, &["subPath"]).unwrap_or_default();
            let inside =
                [sub_path, inside].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
            let Some(volume) = self.volume(mount) else { continue };
            for source in VolumeSource::of(volume) {
                let Some(key) = source.key_of(&inside) else { continue };
                match objects.lookup(source.kind, self.object.namespace, source.name, &key, self.pod.span) {
                    Lookup::Found(datum) => return Ok(Some((config_text(&path, datum), datum.span))),
                    Lookup::Unknown => {
                        return Err(format!(
                            "the {} {} with the configuration file {path}",
                            source.kind.name(),
                            source.name
                        ));
                    }
                    Lookup::NoKey => {}
                }
            }
            if !VolumeSource::is_known(volume) {
                return Err(format!("the volume with the configuration file {path}"));
            }
        }
        Ok(None)
    }

    fn volume(&self, mount: &Node) -> Option<&'a Node> {
        let name = text_at(mount, &["name"])?;
        let mut volumes = self.pod.get("volumes").map(Node::elements).unwrap_or_default().iter();
        volumes.find(|volume| text_at(volume, &["name"]) == Some(name))
    }

    /// The files in the container, as far as they come from a `Secret` or `ConfigMap`.
    pub(super) fn mounts(&self, objects: &Objects<'_>) -> Vec<Mount> {
        let mut mounts = Vec::new();
        for mount in self.container.get("volumeMounts").map(Node::elements).unwrap_or_default() {
            let Some(folder) = text_at(mount, &["mountPath"]) else { continue };
            let folder = folder.trim_end_matches('/');
            let Some(volume) = self.volume(mount) else { continue };
            let sub_path = text_at(mount, &["subPath"]);
            let unseen = |what: String| Mount { path: folder.to_owned(), content: Mounted::Unknown(what) };
            if !VolumeSource::is_known(volume) {
                mounts.push(unseen("it is on a volume of the cluster".to_owned()));
            }
            for source in VolumeSource::of(volume) {
                let Some(store) = objects.store(source.kind, self.object.namespace, source.name, self.pod.span) else {
                    let kind = source.kind.name();
                    mounts
                        .push(unseen(format!("it is in the {kind} {}, which is not among the manifests", source.name)));
                    continue;
                };
                for (file, datum) in source.files(store) {
                    let path = match sub_path {
                        None => format!("{folder}/{file}"),
                        Some(sub_path) if sub_path == file => folder.to_owned(),
                        Some(_) => continue,
                    };
                    mounts.push(Mount { path, content: Mounted::Content(datum.bytes.clone()) });
                }
            }
        }
        mounts
    }
}

/// A datum as the configuration file at this path.
pub(super) fn config_text(path: &str, datum: &Datum) -> ConfigText {
    ConfigText { name: path.to_owned(), text: datum.text.clone(), place: datum.place.clone(), problem: None }
}

/// What stands behind a folder in a path.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// A `Secret` or `ConfigMap` in a volume.
struct VolumeSource<'a> {
    kind: StoreKind,
    name: &'a str,
    items: Option<&'a Node>,
}

impl<'a> VolumeSource<'a> {
    fn of(volume: &'a Node) -> Vec<Self> {
        let direct = std::iter::once(volume);
        let projected = at(volume, &["projected", "sources"]).map(Node::elements).unwrap_or_default();
        direct.chain(projected).flat_map(Self::each).collect()
    }

    fn each(node: &'a Node) -> Vec<Self> {
        let source = |(kind, key): (StoreKind, &str)| {
            let node = node.get(key)?;
            let name = text_at(node, &["secretName"]).or_else(|| text_at(node, &["name"]))?;
            Some(Self { kind, name, items: node.get("items") })
        };
        [(StoreKind::ConfigMap, "configMap"), (StoreKind::Secret, "secret")].into_iter().filter_map(source).collect()
    }

    /// Whether the volume holds nothing but `Secret`s, `ConfigMap`s and empty folders.
    fn is_known(volume: &Node) -> bool {
        ["configMap", "secret", "projected", "emptyDir"].iter().any(|key| volume.get(key).is_some())
    }

    /// The key whose value is the file at a path inside the volume.
    fn key_of(&self, path: &str) -> Option<String> {
        let Some(items) = self.items else { return (!path.contains('/')).then(|| path.to_owned()) };
        let item = items.elements().iter().find(|item| text_at(item, &["path"]) == Some(path))?;
        text_at(item, &["key"]).map(str::to_owned)
    }

    /// The files that a store becomes.
    fn files<'s>(&self, store: &'s Store) -> Vec<(String, &'s Datum)> {
        let Some(items) = self.items else {
            return store.data.iter().map(|datum| (datum.key.clone(), datum)).collect();
        };
        let file = |item: &Node| {
            let key = text_at(item, &["key"])?;
            let datum = store.data.iter().find(|datum| datum.key == key)?;
            Some((text_at(item, &["path"])?.to_owned(), datum))
        };
        items.elements().iter().filter_map(file).collect()
    }
}

/// `name` below keys that name a store, anywhere.
fn collect_references(node: &Node, found: &mut Vec<(StoreKind, String)>) {
    node.elements().iter().for_each(|element| collect_references(element, found));
    for entry in node.entries() {
        let kind = match entry.key.as_str() {
            "configMap" | "configMapRef" | "configMapKeyRef" => Some(StoreKind::ConfigMap),
            "secret" | "secretRef" | "secretKeyRef" => Some(StoreKind::Secret),
            _ => None,
        };
        let name = ["name", "secretName"].iter().find_map(|key| text_at(&entry.value, &[key]));
        if let (Some(kind), Some(name)) = (kind, name) {
            found.push((kind, name.to_owned()));
        }
        collect_references(&entry.value, found);
    }
}

/// Builds an environment as the kubelet does.
struct Environment<'a> {
    objects: &'a Objects<'a>,
    namespace: Option<&'a str>,
    variables: Vec<Variable>,
    /// The last variable of each name.
    positions: HashMap<String, usize>,
    room: &'a Room,
    unread: Vec<String>,
}

impl Environment<'_> {
    fn push(&mut self, name: String, value: String, name_span: Span, span: Span) {
        if self.room.take(&name, &value).is_none() {
            return;
        }
        self.positions.insert(name.clone(), self.variables.len());
        let [name_span, span] = [name_span, span].map(|span| self.objects.as_environment(span));
        self.variables.push(Variable { name, value, name_span, span });
    }

    /// All values of a store, perhaps with a prefix before their names.
    fn from(&mut self, from: &Node) {
        let prefix = text_at(from, &["prefix"]).unwrap_or_default();
        for (kind, key) in [(StoreKind::ConfigMap, "configMapRef"), (StoreKind::Secret, "secretRef")] {
            let Some(name) = from.get(key).and_then(|reference| text_at(reference, &["name"])) else { continue };
            let Some(store) = self.objects.store(kind, self.namespace, name, from.span) else {
                self.unread.push(format!("the {} {name}", kind.name()));
                continue;
            };
            if store.is_partial {
                self.unread.push(format!("the files of the generated {} {name}", kind.name()));
            }
            for datum in &store.data {
                let (key_span, span) = (datum.key_span, datum.span);
                self.push(format!("{prefix}{}", datum.key), datum.text.to_string(), key_span, span);
            }
        }
    }

    /// A variable with a value of its own or one of a store's.
    fn variable(&mut self, variable: &Node) {
        let Some(name) = variable.get("name").and_then(|name| Some((text_of(name)?, name.span))) else { return };
        if let Some(value) = variable.get("value") {
            let text = text_of(value).map_or_else(|| self.objects.sources.slice(value.span).to_owned(), str::to_owned);
            let place = place_of(value, self.objects.sources);
            let span = if text.is_empty() { value.span } else { place.span(0, text.len()) };
            let text = self.expand(&text);
            self.push(name.0.to_owned(), text, name.1, span);
            return;
        }
        let Some(from) = variable.get("valueFrom") else { return };
        for (kind, key) in [(StoreKind::ConfigMap, "configMapKeyRef"), (StoreKind::Secret, "secretKeyRef")] {
            let Some(reference) = from.get(key) else { continue };
            let (Some(store), Some(key)) = (text_at(reference, &["name"]), text_at(reference, &["key"])) else {
                continue;
            };
            let (text, span) = match self.objects.lookup(kind, self.namespace, store, key, reference.span) {
                Lookup::Found(datum) => (datum.text.to_string(), datum.span),
                // Without the key the pod does not start, or the variable is optional. Both are the cluster's to say.
                Lookup::NoKey | Lookup::Unknown => {
                    (unknown_text(&format!("{} {store}, key {key}", kind.name())), reference.span)
                }
            };
            self.push(name.0.to_owned(), text, name.1, span);
            return;
        }
        // A field of the pod or a resource limit.
        self.push(name.0.to_owned(), unknown_text("field of the pod"), name.1, from.span);
    }

    /// `$(NAME)` stands for a variable before this one; `$$` for a dollar sign.
    fn expand(&self, text: &str) -> String {
        let mut done = String::with_capacity(text.len());
        let mut rest = text;
        // Where nothing closes, nothing is looked for.
        let closed = text.rfind(')').map_or(0, |last| text.len() - last);
        while let Some(at) = rest.find('$') {
            let (before, after) = rest.split_at(at);
            done.push_str(before);
            let inner = after.strip_prefix("$(").filter(|inner| closed > 0 && inner.len() >= closed);
            let name = inner.and_then(|inner| inner.split_once(')'));
            if let Some(escaped) = after.strip_prefix("$$") {
                done.push('$');
                rest = escaped;
            } else if let Some((name, behind)) = name {
                match self.positions.get(name).and_then(|position| self.variables.get(*position)) {
                    Some(variable) => done.push_str(self.room.take(name, &variable.value).unwrap_or_default()),
                    None => done.push_str(&after[..name.len() + 3]),
                }
                rest = behind;
            } else {
                done.push('$');
                rest = &after[1..];
            }
        }
        done.push_str(rest);
        done
    }
}

/// Variables as a store of its own gives them, without a workload.
pub(super) fn variables_of(store: &Store, objects: &Objects<'_>) -> Vec<Variable> {
    let variable = |datum: &Datum| Variable {
        name: datum.key.clone(),
        value: datum.text.to_string(),
        name_span: objects.as_environment(datum.key_span),
        span: objects.as_environment(datum.span),
    };
    store.data.iter().map(variable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_by_their_last_part() {
        for (name, expected) in [
            ("pomerium/pomerium:v0.33.1", Image::Pomerium),
            ("registry.corp.example.com:5000/mirror/pomerium@sha256:00", Image::Pomerium),
            ("pomerium/ingress-controller:v0.31.0", Image::Controller),
            ("registry.k8s.io/ingress-nginx/ingress-controller:v1", Image::Other),
            ("pomerium/verify", Image::Other),
            ("", Image::Other),
        ] {
            assert_eq!(image(name), expected, "{name}");
        }
    }
}
