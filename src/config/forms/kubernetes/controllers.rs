//! Ingress controllers: their release, and the `Pomerium` resource that each reads.

use super::environment::Environment;
use super::objects::{Object, Objects, key_at};
use super::workload::{Image, containers, words};
use super::{Found, Layer, ListedKind, Reader, schema};
use crate::config::forms::command::flag;
use crate::config::forms::image;
use crate::config::releases::{Dialect, PomeriumVersion};
use crate::config::settings::Rejection;
use crate::config::text::{Node, Room, Value, ValueKind, classify};

/// A `Pomerium` resource, and who reads it.
pub(super) struct ReadBy<'r> {
    pub(super) name: String,
    object: &'r Object<'r>,
    container: &'r Node,
}

/// The release of the controller that runs here, as its image says.
pub(super) fn release(objects: &Objects<'_>) -> Option<PomeriumVersion> {
    objects.all.iter().flat_map(of).find_map(|container| container.text_at(&["image"]).and_then(image::release))
}

/// The containers of an object in which a controller runs.
pub(super) fn of<'a>(object: &Object<'a>) -> impl Iterator<Item = &'a Node> {
    let all = containers(object).into_iter();
    all.filter(|(.., image)| *image == Image::Controller).map(|(_, container, _)| container)
}

/// The `Pomerium` resource that the controller in this container reads, if it is told which (`cmd/ingress_opts.go` of
/// pomerium/ingress-controller).
pub(super) fn resource_of(container: &Node, namespace: Option<&str>, objects: &Objects<'_>) -> Option<String> {
    let room = Room::default();
    let words = words(container, &Environment::of(container, namespace, objects, &room));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let name = flag(&words, "pomerium-config").filter(|name| classify(name) == ValueKind::Literal)?;
    Some(name.rsplit('/').next().unwrap_or(name).to_owned())
}

impl Reader<'_, '_> {
    /// The names of the `Pomerium` resources that are all that the controllers of this namespace read, as far as they are told which:
    /// the resource is the whole cluster's, and others may be for controllers elsewhere.
    pub(super) fn read_here(&self) -> Vec<ReadBy<'_>> {
        if !self.shows_workloads() {
            return Vec::new();
        }
        let named = self.objects.all.iter().flat_map(|object| {
            of(object).map(move |container| {
                let name = resource_of(container, object.namespace, self.objects)?;
                Some(ReadBy { name, object, container })
            })
        });
        named.collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    /// The controllers whose `Pomerium` resource is nowhere: they leave Pomerium without settings (`FetchConfig` in
    /// `controllers/settings/fetch.go`).
    pub(super) fn without_resource(&self) -> Vec<Found> {
        let is_there =
            |name: &str| self.objects.all.iter().any(|object| schema::is_pomerium(object) && object.name == name);
        let controllers = self.read_here().into_iter().filter(|read| !is_there(&read.name));
        let controllers = controllers.filter(|_| self.objects.shows_all(ListedKind::Resource, None));
        let found = |ReadBy { name, object, container }: ReadBy<'_>| {
            let mut found = Found::new(object);
            let deployment = &mut found.deployment;
            let words = format!("get /{name}: Pomerium.ingress.pomerium.io \"{name}\" not found");
            let cure =
                format!("create the Pomerium resource `{name}`, or name one that is there: --pomerium-config=NAME");
            let at = ["args", "command"].iter().find_map(|key| key_at(container, &[*key])).unwrap_or(container.span);
            deployment.reading.rejections.push(Rejection::by_controller(at, words).fix(cure));
            deployment.reading.lacks(format!("the Pomerium resource {name}, which is not there"));
            deployment.reading.dialect = Dialect::Resource;
            deployment.version = self.controller;
            let root = Node { value: Value::Map(Vec::new()), span: object.node.span };
            deployment.layers.push(Layer::Tree { root, keeps_case: true });
            deployment.mounts = Some(Vec::new());
            found
        };
        controllers.map(found).collect()
    }
}
