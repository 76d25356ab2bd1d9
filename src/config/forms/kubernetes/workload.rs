//! Pods that run Pomerium: which container it is, its environment, and the files mounted into it.

use super::environment::{Environment, is_optional, no_store};
use super::objects::{Datum, Lookup, Object, Objects, Store, StoreKind, at, text_at, text_of};
use crate::config::forms::image::{is_environment_of_pomerium, is_pomerium, is_published, release};
use crate::config::forms::{Mount, Mounted};
use crate::config::releases::PomeriumVersion;
use crate::config::settings::Rejection;
use crate::config::text::{ConfigText, IN_CLUSTER, Node, Room, Span, kept};

/// A container that runs Pomerium.
pub(super) struct Workload<'a> {
    pub(super) object: Object<'a>,
    /// The specification of its pod.
    pod: &'a Node,
    pub(super) container: &'a Node,
    /// The release its image's tag names.
    pub(super) version: Option<PomeriumVersion>,
}

/// What becomes of the configuration file that Pomerium is told to read.
pub(super) enum ConfigFile {
    /// Its text.
    Here(ConfigText),
    /// It is somewhere else; says where.
    Unread(String),
    /// A configuration ends up at another path than the wanted one.
    Misplaced {
        /// The path in the container.
        path: String,
        /// The path that Pomerium reads.
        wanted: String,
        /// The key that names the file.
        at: Span,
    },
    /// There is none.
    None,
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

impl<'a> Workload<'a> {
    /// The workloads of an object.
    pub(super) fn of(object: &Object<'a>) -> Vec<Self> {
        let runs_pomerium = |container: &Node, image| match image {
            Image::Pomerium => true,
            Image::Controller => false,
            Image::Other => {
                let env = container.get("env").map(Node::elements).unwrap_or_default();
                let names: Vec<&str> = env.iter().filter_map(|variable| text_at(variable, &["name"])).collect();
                is_environment_of_pomerium(|name| names.contains(&name))
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

    /// The variables, as far as there is room for them, and what could not be read.
    pub(super) fn environment<'o>(&'o self, objects: &'o Objects<'_>, room: &'o Room) -> Environment<'o> {
        Environment::of(self.container, self.object.namespace, objects, room)
    }

    /// The path of the configuration file: `--config`, else that of the image's default command; and whether it is certain.
    fn config_path(&self) -> Option<(String, bool)> {
        if let Some(path) = flag(self.container, "config") {
            return Some((path.to_owned(), true));
        }
        let has_own_arguments = self.container.get("args").is_some() || self.container.get("command").is_some();
        let is_certain = text_at(self.container, &["image"]).is_some_and(is_published);
        (!has_own_arguments).then(|| ("/pomerium/config.yaml".to_owned(), is_certain))
    }

    /// The configuration file, as far as the volumes say.
    pub(super) fn config_file(&self, objects: &Objects<'_>) -> ConfigFile {
        let Some((path, is_certain)) = self.config_path() else { return ConfigFile::None };
        for mount in self.container.get("volumeMounts").map(Node::elements).unwrap_or_default() {
            let Some(inside) = text_at(mount, &["mountPath"]).and_then(|folder| below(folder, &path)) else { continue };
            let sub_path = text_at(mount, &["subPath"]).unwrap_or_default();
            let inside =
                [sub_path, inside].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
            let Some(volume) = self.volume(mount) else { continue };
            for source in VolumeSource::of(volume) {
                let Some(key) = source.key_of(&inside) else { continue };
                match objects.lookup(source.kind, self.object.namespace, source.name, &key, self.pod.span) {
                    Lookup::Found(datum) if kept(&datum.text).is_none() => {
                        return ConfigFile::Here(config_text(&path, datum));
                    }
                    Lookup::Found(_) | Lookup::NoStore | Lookup::Unknown => {
                        let (kind, name) = (source.kind.name(), source.name);
                        return ConfigFile::Unread(format!("the {kind} {name} with the configuration file {path}"));
                    }
                    Lookup::NoKey => {}
                }
            }
            if !VolumeSource::is_known(volume) {
                return ConfigFile::Unread(format!("the volume with the configuration file {path}"));
            }
        }
        let files = self.files(objects);
        let texts = files.into_iter().map(|(path, datum)| (config_text(&path, datum), datum.key_span));
        match texts.into_iter().find(|(text, _)| super::is_config(text)) {
            Some((text, at)) if is_certain => ConfigFile::Misplaced { path: text.name, wanted: path, at },
            // An image of somebody's own may look there.
            Some((text, _)) => ConfigFile::Here(text),
            None => ConfigFile::None,
        }
    }

    fn volume(&self, mount: &Node) -> Option<&'a Node> {
        let name = text_at(mount, &["name"])?;
        let mut volumes = self.pod.get("volumes").map(Node::elements).unwrap_or_default().iter();
        volumes.find(|volume| text_at(volume, &["name"]) == Some(name))
    }

    /// What is mounted into the container.
    pub(super) fn mounts(&self, objects: &Objects<'_>) -> Vec<Mount> {
        let file = |(path, datum): (String, &Datum)| Mount { path, content: Mounted::Content(datum.bytes.clone()) };
        let mut mounts: Vec<Mount> = self.files(objects).into_iter().map(file).collect();
        for (folder, _, volume) in self.mounted() {
            let unseen = |what: String| Mount { path: folder.to_owned(), content: Mounted::Unknown(what) };
            if !VolumeSource::is_known(volume) {
                mounts.push(unseen(format!("{IN_CLUSTER}it is on a volume of the cluster")));
            }
            for source in VolumeSource::of(volume) {
                if objects.store(source.kind, self.object.namespace, source.name, self.pod.span).is_none() {
                    let (kind, name) = (source.kind.name(), source.name);
                    let of_cluster = if source.kind == StoreKind::Secret { IN_CLUSTER } else { "" };
                    let why = format!("{of_cluster}it is in the {kind} {name}, which is not among the manifests");
                    mounts.push(unseen(why));
                }
            }
        }
        mounts
    }

    /// Why the pod does not start: what it mounts is nowhere.
    pub(super) fn without_volumes(&self, objects: &Objects<'_>) -> Vec<Rejection> {
        let sources = self.mounted().into_iter().flat_map(|(.., volume)| VolumeSource::of(volume));
        let is_missed = |source: &VolumeSource<'_>| {
            let store = objects.store(source.kind, self.object.namespace, source.name, self.pod.span);
            !source.is_optional && store.is_none() && objects.is_nowhere(source.kind, self.object.namespace)
        };
        sources.filter(is_missed).map(|source| no_store(source.kind, source.name, source.at)).collect()
    }

    /// The files in the container, as far as they come from a `Secret` or `ConfigMap` that is here.
    fn files<'o>(&self, objects: &'o Objects<'_>) -> Vec<(String, &'o Datum)> {
        let mut files = Vec::new();
        for (folder, sub_path, volume) in self.mounted() {
            for source in VolumeSource::of(volume) {
                let store = objects.store(source.kind, self.object.namespace, source.name, self.pod.span);
                for (file, datum) in store.map(|store| source.files(store)).unwrap_or_default() {
                    match sub_path {
                        None => files.push((format!("{folder}/{file}"), datum)),
                        Some(sub_path) if sub_path == file => files.push((folder.to_owned(), datum)),
                        Some(_) => {}
                    }
                }
            }
        }
        files
    }

    /// Each mount: its path, the path inside the volume, and the volume.
    fn mounted(&self) -> Vec<(&'a str, Option<&'a str>, &'a Node)> {
        let mounts = self.container.get("volumeMounts").map(Node::elements).unwrap_or_default();
        let parts = |mount: &'a Node| {
            let folder = text_at(mount, &["mountPath"])?.trim_end_matches('/');
            Some((folder, text_at(mount, &["subPath"]), self.volume(mount)?))
        };
        mounts.iter().filter_map(parts).collect()
    }
}

/// What stands behind a flag of the command of a container: `--config PATH`, `--config=PATH`.
fn flag<'a>(container: &'a Node, name: &str) -> Option<&'a str> {
    let words = ["command", "args"]
        .into_iter()
        .flat_map(|key| container.get(key).map(Node::elements).unwrap_or_default().iter().filter_map(text_of));
    let words: Vec<&str> = words.collect();
    words.iter().enumerate().find_map(|(index, word)| {
        let option = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
        match option.split_once('=') {
            Some((option, value)) => Some(value).filter(|_| option == name),
            None => words.get(index + 1).copied().filter(|_| option == name),
        }
    })
}

/// The `Pomerium` resource that an ingress controller in this container reads, if it is told which (`cmd/ingress_opts.go` of
/// pomerium/ingress-controller).
pub(super) fn resource_of(container: &Node) -> Option<&str> {
    let name = flag(container, "pomerium-config")?;
    Some(name.rsplit('/').next().unwrap_or(name))
}

/// The stores that the pods of an object refer to, whatever runs in them.
pub(super) fn named_stores(object: &Object<'_>) -> Vec<(StoreKind, String)> {
    let mut found = Vec::new();
    if let Some(pod) = pod_of(object) {
        collect_references(pod, &mut found);
    }
    found
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
    /// Where it is named.
    at: Span,
    is_optional: bool,
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
            let name = node.get("secretName").or_else(|| node.get("name"))?;
            let (at, is_optional) = (name.span, is_optional(node));
            Some(Self { kind, name: text_of(name)?, at, is_optional, items: node.get("items") })
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
