//! Ingress controllers: their release, and the `Pomerium` resource that each reads.

use super::environment::Environment;
use super::objects::{Object, Objects, key_at};
use super::workload::{Image, containers, words};
use super::{Found, Layer, ListedKind, Reader, schema};
use crate::config::forms::command::flag;
use crate::config::forms::image;
use crate::config::releases::{Dialect, PomeriumVersion};
use crate::config::settings::Rejection;
use crate::config::text::{Node, Room, Span, Value, ValueKind, classify};

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
    told(container, namespace, objects).filter(|name| !name.is_empty() && !name.contains('/'))
}

/// What the controller is told with `--pomerium-config`, or with the variable that stands for the flag (`viperWalk` in
/// `cmd/common.go`), which may be nothing; `None` if that cannot be known here.
fn told(container: &Node, namespace: Option<&str>, objects: &Objects<'_>) -> Option<String> {
    let room = Room::default();
    let environment = Environment::of(container, namespace, objects, &room);
    let words = words(container, &environment);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let variable = environment.variables.iter().rfind(|variable| variable.name == "POMERIUM_CONFIG");
    let has_all = [&environment.unread, &environment.kept, &environment.optional].iter().all(|parts| parts.is_empty());
    let nothing = (has_all && words.contains(&"all-in-one")).then_some("");
    let name = flag(&words, "pomerium-config").or(variable.map(|variable| variable.value.as_str())).or(nothing)?;
    Some(name.to_owned()).filter(|name| classify(name) == ValueKind::Literal)
}

/// Why the controllers in an object do not start: each is told the name of a resource of the whole cluster (`getParam` in
/// `cmd/all_in_one.go`, `ParseNamespacedName` in `util/namespaced_name.go`).
pub(super) fn not_started(object: &Object<'_>, objects: &Objects<'_>) -> Vec<Rejection> {
    let rejected = |container: &Node| {
        let name = told(container, object.namespace, objects)?;
        let (why, name) = match name.rsplit_once('/') {
            None if name.is_empty() => ("resource name cannot be blank", "global"),
            None => return None,
            Some((_, name)) => ("expected cluster-scoped name", name),
        };
        let rejection = Rejection::at_start(start_of(container), format!("--pomerium-config: {why}"));
        Some(rejection.fix(format!("name the Pomerium resource alone in its args: --pomerium-config={name}")))
    };
    of(object).filter_map(rejected).collect()
}

/// Where a container says what it starts.
fn start_of(container: &Node) -> Span {
    ["args", "command"].iter().find_map(|key| key_at(container, &[*key])).unwrap_or(container.span)
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

    /// The resources that the controllers here are told to read, if none of these is among the documents: what is here, nobody here
    /// reads.
    pub(super) fn read_instead(&self) -> Vec<String> {
        let controllers = self.objects.all.iter().flat_map(|object| of(object).map(move |found| (object, found)));
        let names = controllers.map(|(object, container)| resource_of(container, object.namespace, self.objects));
        let names = names.collect::<Option<Vec<_>>>().unwrap_or_default();
        let is_here = |object: &Object<'_>| schema::is_pomerium(object) && names.iter().any(|name| name == object.name);
        if self.objects.all.iter().any(is_here) { Vec::new() } else { names }
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
            deployment.reading.rejections.push(Rejection::by_controller(start_of(container), words).fix(cure));
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
