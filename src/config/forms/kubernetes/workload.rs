//! Pods that run Pomerium: which container it is, its environment, and the files mounted into it.

use super::environment::Environment;
use super::objects::{Object, Objects, Store, StoreKind};
use super::volumes::{self, ConfigFile, Mounts, all_containers};
use crate::config::forms::Mount;
use crate::config::forms::command::Start;
use crate::config::forms::image::{is_environment_of_pomerium, is_pomerium, is_published, release};
use crate::config::releases::PomeriumVersion;
use crate::config::settings::Rejection;
use crate::config::text::{Entry, Node, Room, Value, ValueKind, classify};

/// A container that runs Pomerium.
pub(super) struct Workload<'a> {
    pub(super) object: Object<'a>,
    /// The specification of its pod.
    pod: &'a Node,
    pub(super) container: &'a Node,
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

/// Annotations of a pod by which something puts files into it that its manifest does not show: the agents of Vault
/// (<https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector/annotations>), of Bank-Vaults and of Akeyless.
const INJECTORS: [&str; 3] = ["vault.hashicorp.com/agent-inject", "vault.security.banzaicloud.io/", "akeyless/enabled"];

/// Where the pod's specification stands in each kind of workload.
fn pod_of<'a>(object: &Object<'a>) -> Option<&'a Node> {
    template_of(object)?.get("spec")
}

/// The same for what the specification stands in, beside the metadata of the pod.
fn template_of<'a>(object: &Object<'a>) -> Option<&'a Node> {
    let path: &[&str] = match object.kind {
        "Pod" => &[],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "ReplicationController" => {
            &["spec", "template"]
        }
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        _ => return None,
    };
    object.node.at(path)
}

/// The containers of an object, each with what its image says.
pub(super) fn containers<'a>(object: &Object<'a>) -> Vec<(&'a Node, &'a Node, Image)> {
    let Some(pod) = pod_of(object) else { return Vec::new() };
    let containers = pod.list("containers");
    containers
        .iter()
        .map(|container| (pod, container, image(container.text_at(&["image"]).unwrap_or_default())))
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
                let env = container.list("env");
                let names: Vec<&str> = env.iter().filter_map(|variable| variable.text_at(&["name"])).collect();
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
                version: container.text_at(&["image"]).filter(|_| image == Image::Pomerium).and_then(release),
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

    /// What is mounted into the container.
    pub(super) fn mounts<'w>(&'w self, objects: &'w Objects<'w>, environment: &Environment<'_>) -> Mounts<'w> {
        Mounts::of(self.pod, self.container, self.object.namespace, objects, environment)
    }

    /// What settings can name in the container.
    pub(super) fn files(&self, mounts: &Mounts<'_>) -> Vec<Mount> {
        let annotations = template_of(&self.object).and_then(|template| template.at(&["metadata", "annotations"]));
        let injects = |entry: &Entry| {
            let is_off = entry.value.value == Value::Flag(false) || entry.value.text() == Some("false");
            !is_off && INJECTORS.iter().any(|injector| entry.key.starts_with(injector))
        };
        let is_injected = annotations.is_some_and(|annotations| annotations.entries().iter().any(injects));
        let mut files = mounts.mounts();
        files.extend(is_injected.then(|| Mount::injected("/")));
        files
    }

    /// The configuration file, as far as the command and the volumes say; and what starts Pomerium, if nobody here knows what that
    /// sets.
    pub(super) fn config_file(
        &self,
        mounts: &Mounts<'_>,
        environment: &Environment<'_>,
    ) -> (ConfigFile, Option<String>) {
        let start = Start::of(&words(self.container, environment));
        let is_certain = start.config.is_some() || self.container.text_at(&["image"]).is_some_and(is_published);
        let file = match start.path() {
            None => ConfigFile::None,
            Some(path) if classify(path) != ValueKind::Literal => {
                ConfigFile::Unread("the configuration file that its command names".to_owned())
            }
            Some(path) => mounts.config_file(path, is_certain && start.by.is_none()),
        };
        (file, start.by)
    }

    /// Why its pod does not start, or is never ready: what one of the containers is given is nowhere.
    pub(super) fn without(&self, objects: &Objects<'_>) -> Vec<Rejection> {
        let room = Room::default();
        let others = all_containers(self.pod).filter(|container| !std::ptr::eq(*container, self.container));
        let environments = others.map(|container| Environment::of(container, self.object.namespace, objects, &room));
        let mut found: Vec<Rejection> = environments.flat_map(|environment| environment.rejections).collect();
        found.extend(volumes::without(self.pod, self.object.namespace, objects));
        found
    }
}

/// The words of the command of a container, as the kubelet hands them over (`ExpandContainerCommandAndArgs` of Kubernetes).
pub(super) fn words(container: &Node, environment: &Environment<'_>) -> Vec<String> {
    let of = |key| container.list(key).iter().filter_map(Node::text);
    ["command", "args"].into_iter().flat_map(of).map(|word| environment.expand(word)).collect()
}

/// The stores that the pods of an object refer to, whatever runs in them.
pub(super) fn named_stores(object: &Object<'_>) -> Vec<(StoreKind, String)> {
    let mut found = Vec::new();
    if let Some(pod) = pod_of(object) {
        collect_references(pod, &mut found);
    }
    found
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
        let name = ["name", "secretName"].iter().find_map(|key| entry.value.text_at(&[key]));
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
