//! What is mounted into the containers of a pod, as the kubelet puts it there.

use super::environment::{Environment, is_optional, no_store};
use super::objects::{Datum, Lookup, Objects, Store, StoreKind, full_name};
use crate::config::forms::{Mount, Mounted};
use crate::config::settings::Rejection;
use crate::config::text::path::behind;
use crate::config::text::{ConfigText, IN_CLUSTER, NOT_FOUND, Node, Span, ValueKind, classify, kept};

/// All that is mounted into one container: what lies deeper hides what lies above it, whatever their order (containerd sorts them).
pub(super) struct Mounts<'a> {
    objects: &'a Objects<'a>,
    namespace: Option<&'a str>,
    pod: Span,
    /// The deeper ones behind the others.
    all: Vec<VolumeMount<'a>>,
}

/// A volume, or a part of it, at a place in a container.
struct VolumeMount<'a> {
    /// The path in the container, without a slash at its end.
    folder: &'a str,
    /// The path inside the volume, if it is not all of it.
    sub_path: Option<String>,
    volume: &'a Node,
    /// It holds nothing but what manifests say: the values of `Secret`s and `ConfigMap`s.
    is_known: bool,
}

/// What becomes of the configuration file that Pomerium is told to read.
pub(super) enum ConfigFile {
    /// Its text.
    Here(ConfigText),
    /// It is somewhere else; says where.
    Unread(String),
    /// It is in a `Secret` that only the cluster holds; says in which.
    Kept(String),
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

impl<'a> Mounts<'a> {
    /// The mounts of a container.
    pub(super) fn of(
        pod: &'a Node,
        container: &'a Node,
        namespace: Option<&'a str>,
        objects: &'a Objects<'a>,
        environment: &Environment<'_>,
    ) -> Self {
        let mount = |mount: &'a Node| {
            let folder = mount.text_at(&["mountPath"])?.trim_end_matches('/');
            let expanded = mount.text_at(&["subPathExpr"]).map(|path| environment.expand(path));
            let sub_path = mount.text_at(&["subPath"]).map(str::to_owned).or(expanded);
            let is_open = sub_path.as_deref().is_some_and(|path| classify(path) != ValueKind::Literal);
            let volume = volume(pod, mount)?;
            let is_known = !is_open && is_of_stores(volume) || is_empty(volume) && !is_shared(pod, container, mount);
            Some(VolumeMount { folder, sub_path: sub_path.filter(|path| !path.is_empty()), volume, is_known })
        };
        let mut all: Vec<VolumeMount<'a>> = container.list("volumeMounts").iter().filter_map(mount).collect();
        all.sort_by_key(|mount| mount.folder.split('/').count());
        Self { objects, namespace, pod: pod.span, all }
    }

    /// What becomes of the configuration file at a path; whether Pomerium looks there and nowhere else is told.
    pub(super) fn config_file(&self, path: &str, is_certain: bool) -> ConfigFile {
        let mut deepest = self.all.iter().rev().filter_map(|mount| Some((mount, below(mount.folder, path)?)));
        if let Some((mount, inside)) = deepest.next()
            && let Some(file) = self.in_volume(mount, inside, path)
        {
            return file;
        }
        let texts = self.files().into_iter().map(|(path, datum)| (config_text(&path, datum), datum.key_span));
        match texts.into_iter().find(|(text, _)| super::is_config(text)) {
            Some((text, at)) if is_certain => ConfigFile::Misplaced { path: text.name, wanted: path.to_owned(), at },
            // An image of somebody's own may look there.
            Some((text, _)) => ConfigFile::Here(text),
            None => ConfigFile::None,
        }
    }

    /// The configuration file in the volume that holds it; `None` if it is not in there.
    fn in_volume(&self, mount: &VolumeMount<'_>, inside: &str, path: &str) -> Option<ConfigFile> {
        let parts = [mount.sub_path.as_deref().unwrap_or_default(), inside];
        let inside = parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
        let mut unread = None;
        let mut kept_part = None;
        // Of two sources with the same file, the later one has it (`collectData` in `pkg/volume/projected` of Kubernetes).
        for source in VolumeSource::of(mount.volume).iter().rev() {
            let Some(key) = source.key_of(&inside) else { continue };
            let (kind, name) = (source.kind.name(), source.name);
            let is_named = source.items.is_some() && !source.is_optional;
            match self.objects.lookup(source.kind, self.namespace, source.name, &key, self.pod) {
                Lookup::Found(datum) if kept(&datum.text).is_none() => {
                    return Some(ConfigFile::Here(config_text(path, datum)));
                }
                Lookup::NoKey if !is_named => {}
                Lookup::Found(_) | Lookup::Unknown if source.kind == StoreKind::Secret => {
                    let name = full_name(self.namespace, name);
                    kept_part = Some(format!("the Secret {name} with the configuration file {path}"));
                }
                _ => unread = Some(format!("the {kind} {name} with the configuration file {path}")),
            }
        }
        let unread =
            unread.or_else(|| (!mount.is_known).then(|| format!("the volume with the configuration file {path}")));
        // With a Secret that only the cluster holds, who may read it there has all.
        unread.map(ConfigFile::Unread).or(kept_part.map(ConfigFile::Kept))
    }

    /// What settings can name in the container.
    pub(super) fn mounts(&self) -> Vec<Mount> {
        let file = |(path, datum): (String, &Datum)| Mount { path, content: Mounted::Content(datum.bytes.clone()) };
        let mut mounts = vec![Mount::of_vault()];
        // Of what Kubernetes puts into a folder itself, all is known.
        let known = self.all.iter().filter(|mount| mount.is_known && is_of_stores(mount.volume));
        let nothing = || Mounted::Unknown(NOT_FOUND.to_owned());
        mounts.extend(known.map(|mount| Mount { path: mount.folder.to_owned(), content: nothing() }));
        mounts.extend(self.files().into_iter().map(file));
        for VolumeMount { folder, volume, is_known, .. } in &self.all {
            let unseen = |what: String| Mount { path: (*folder).to_owned(), content: Mounted::Unknown(what) };
            if !is_known {
                mounts.push(unseen(format!("{IN_CLUSTER}it is on a volume of the cluster")));
            }
            for source in VolumeSource::of(volume) {
                if self.store(&source).is_none() {
                    let (kind, name) = (source.kind.name(), source.name);
                    let of_cluster = if source.kind == StoreKind::Secret { IN_CLUSTER } else { "" };
                    let why = format!("{of_cluster}it is in the {kind} {name}, which is not among the manifests");
                    mounts.push(unseen(why));
                }
            }
        }
        mounts
    }

    /// The files in the container, as far as they come from a `Secret` or `ConfigMap` that is here.
    fn files(&self) -> Vec<(String, &'a Datum)> {
        let mut files = Vec::new();
        for VolumeMount { folder, sub_path, volume, .. } in &self.all {
            for source in VolumeSource::of(volume) {
                for (file, datum) in self.store(&source).map(|store| source.files(store)).unwrap_or_default() {
                    match sub_path.as_deref() {
                        None => files.push((format!("{folder}/{file}"), datum)),
                        Some(sub_path) => files.extend(below(sub_path, &file).map(|rest| {
                            let path = if rest.is_empty() { (*folder).to_owned() } else { format!("{folder}/{rest}") };
                            (path, datum)
                        })),
                    }
                }
            }
        }
        files
    }

    fn store(&self, source: &VolumeSource<'_>) -> Option<&'a Store> {
        self.objects.store(source.kind, self.namespace, source.name, self.pod)
    }
}

/// Why a pod does not start: what one of its containers mounts is nowhere, and the kubelet waits for all of it before any container
/// (`WaitForAttachAndMount`, and `MakePayload` in `pkg/volume/secret` and `configmap`).
pub(super) fn without(pod: &Node, namespace: Option<&str>, objects: &Objects<'_>) -> Vec<Rejection> {
    let is_mounted = |volume: &&Node| {
        let name = volume.text_at(&["name"]);
        let mut mounts = all_containers(pod).flat_map(|container| container.list("volumeMounts"));
        mounts.any(|mount| mount.text_at(&["name"]) == name)
    };
    let volumes = pod.list("volumes").iter().filter(is_mounted);
    let sources = volumes.flat_map(VolumeSource::of).filter(|source| !source.is_optional);
    sources.flat_map(|source| source.lacks(namespace, objects, pod.span)).collect()
}

/// The containers of a pod, those that run before it included.
pub(super) fn all_containers(pod: &Node) -> impl Iterator<Item = &Node> {
    ["initContainers", "containers"].into_iter().flat_map(|key| pod.list(key))
}

fn volume<'a>(pod: &'a Node, mount: &Node) -> Option<&'a Node> {
    let name = mount.text_at(&["name"])?;
    pod.list("volumes").iter().find(|volume| volume.text_at(&["name"]) == Some(name))
}

/// Whether a volume holds nothing but `Secret`s and `ConfigMap`s.
fn is_of_stores(volume: &Node) -> bool {
    ["configMap", "secret", "projected"].iter().any(|key| volume.get(key).is_some())
}

fn is_empty(volume: &Node) -> bool {
    volume.get("emptyDir").is_some()
}

/// Whether another container of the pod has the volume of a mount as well, and so may put files there.
fn is_shared(pod: &Node, container: &Node, mount: &Node) -> bool {
    let name = mount.text_at(&["name"]);
    let mut others = all_containers(pod).filter(|other| !std::ptr::eq(*other, container));
    others.any(|other| other.list("volumeMounts").iter().any(|mount| mount.text_at(&["name"]) == name))
}

/// What stands behind a folder in a path.
fn below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    behind(folder, path).map(|rest| rest.strip_prefix('/').unwrap_or(rest))
}

/// A datum as the configuration file at this path.
pub(super) fn config_text(path: &str, datum: &Datum) -> ConfigText {
    ConfigText { name: path.to_owned(), text: datum.text.clone(), place: datum.place.clone(), problem: None }
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
        let projected = volume.at(&["projected", "sources"]).map(Node::elements).unwrap_or_default();
        direct.chain(projected).flat_map(Self::each).collect()
    }

    fn each(node: &'a Node) -> Vec<Self> {
        let source = |(kind, key): (StoreKind, &str)| {
            let node = node.get(key)?;
            let name = node.get("secretName").or_else(|| node.get("name"))?;
            let (at, is_optional) = (name.span, is_optional(node));
            Some(Self { kind, name: name.text()?, at, is_optional, items: node.get("items") })
        };
        [(StoreKind::ConfigMap, "configMap"), (StoreKind::Secret, "secret")].into_iter().filter_map(source).collect()
    }

    /// The key whose value is the file at a path inside the volume.
    fn key_of(&self, path: &str) -> Option<String> {
        let Some(items) = self.items else { return (!path.contains('/')).then(|| path.to_owned()) };
        let item = items.elements().iter().find(|item| item.text_at(&["path"]) == Some(path))?;
        item.text_at(&["key"]).map(str::to_owned)
    }

    /// The files that a store becomes.
    fn files<'s>(&self, store: &'s Store) -> Vec<(String, &'s Datum)> {
        let Some(items) = self.items else {
            return store.data.iter().map(|datum| (datum.key.clone(), datum)).collect();
        };
        let file = |item: &Node| {
            let key = item.text_at(&["key"])?;
            let datum = store.data.iter().find(|datum| datum.key == key)?;
            Some((item.text_at(&["path"])?.to_owned(), datum))
        };
        items.elements().iter().filter_map(file).collect()
    }

    /// What of it is nowhere: the store, or keys that its items name.
    fn lacks(&self, namespace: Option<&str>, objects: &Objects<'_>, near: Span) -> Vec<Rejection> {
        if objects.store(self.kind, namespace, self.name, near).is_none() {
            let is_nowhere = objects.is_nowhere(self.kind, namespace);
            return is_nowhere.then(|| no_store(self.kind, self.name, self.at)).into_iter().collect();
        }
        let keys = self.items.map(Node::elements).unwrap_or_default().iter().filter_map(|item| item.get("key"));
        let is_lacking = |(name, _): &(&str, Span)| {
            matches!(objects.lookup(self.kind, namespace, self.name, name, near), Lookup::NoKey)
        };
        let lacking = keys.filter_map(|key| Some((key.text()?, key.span))).filter(is_lacking);
        let (what, kind) = match self.kind {
            StoreKind::Secret => ("secret", "Secret"),
            StoreKind::ConfigMap => ("config", "ConfigMap"),
        };
        let rejection = |(key, at): (&str, Span)| {
            let rejection = Rejection::by_kubelet(at, format!("references non-existent {what} key: {key}"));
            rejection.fix(format!("give the {kind} `{}` a key `{key}`, or name one that it has", self.name))
        };
        lacking.map(rejection).collect()
    }
}
