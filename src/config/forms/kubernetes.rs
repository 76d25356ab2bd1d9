//! Kubernetes manifests: the `Pomerium` resource of the ingress controller, pods that run Pomerium, and configurations inside a
//! `ConfigMap` or `Secret`.
//!
//! All documents are read as one set, so that a name in one is looked up in the others. A name that is not found stands for a
//! value that is unknown, never for one that is missing: the cluster has more than the files.

mod controllers;
mod crowd;
mod environment;
mod fields;
mod filling;
mod gateway;
mod generator;
mod idle;
mod ingress;
mod listed;
mod objects;
mod operations;
mod orphans;
mod patch;
mod pomerium;
mod promised;
mod replicas;
mod schema;
mod secrets;
mod sorted;
mod telling;
#[cfg(test)]
mod testing;
mod types;
mod volumes;
mod wanted;
mod workload;

use super::{Deployment, Layer};
use crate::config::forms::recognise::is_kustomization;
use crate::config::releases::{Dialect, PomeriumVersion};
use crate::config::settings::{Form, RejectedBy};
use crate::config::text::{Entry, MOST_SHARED_TEXT, Node, Room, SourceId, SourceKind, Sources, Span, Value};
use environment::Environment;
use objects::{Object, Objects, Store, StoreKind};
use telling::is_config;
use volumes::ConfigFile;
use workload::{Image, Workload};

pub(in crate::config) use filling::steps;
pub(in crate::config) use generator::files as generator_files;
pub use listed::{Listed, ListedKind};
pub(in crate::config) use operations::read as operations;
pub(in crate::config) use patch::{Change, GIVEN, Instead, Kustomized, Patch};

/// What a kustomization is said to be that stands by itself.
pub(in crate::config) const KUSTOMIZATION: &str =
    "it is a kustomization, which names files that were not read: kustomize build DIR | pomlint check -";

/// Reads manifests, for the release that the user asks for, if any; otherwise for the one that an image names.
///
/// # Errors
/// What the manifests are instead, in words fit for a report, if nothing in them configures a Pomerium.
pub(in crate::config) fn read(
    sources: &mut Sources,
    documents: &[&Node],
    asked: Option<PomeriumVersion>,
    kustomized: &Kustomized,
    listed: Option<Listed>,
) -> Result<Vec<Deployment>, &'static str> {
    let twins = crate::config::text::add_twins(sources, documents.iter().map(|document| document.span.source));
    let ids = documents.iter().map(|document| document.span.source);
    let secrets = crate::config::text::add_twins_of_kind(sources, SourceKind::Secret, ids);
    let mut objects = Objects::of(documents, sources, &twins, &secrets, &kustomized.files);
    objects.listed = listed;
    if listed.is_some() {
        idle::leave_out(&mut objects);
    }
    let [variables, texts] = [Room::default(), Room::of(MOST_SHARED_TEXT)];
    let resources = objects.all.iter().filter(|object| schema::is_pomerium(object)).map(|object| object.node.span);
    let resources = resources.collect();
    let reader =
        Reader { objects: &objects, resources, asked, controller: controllers::release(&objects), variables, texts };
    let mut found = reader.resources();
    found.extend(reader.without_resource());
    found.extend(reader.workloads());
    found.extend(reader.orphans());
    // A Pomerium of its own has no part in what the ingress controller reads.
    if found.is_empty() || !reader.has_resource() && objects.all.iter().any(is_unknown) {
        found.extend(reader.lone_routes());
    }
    if found.is_empty() {
        return Err(reader.instead());
    }
    if listed.is_some() {
        // What the API server shows, it has taken.
        let is_open = |by| matches!(by, RejectedBy::Controller | RejectedBy::Start | RejectedBy::Kubelet);
        let readings = found.iter_mut().map(|found| &mut found.deployment.reading);
        readings.for_each(|reading| reading.rejections.retain(|rejection| is_open(rejection.by)));
    }
    for patch in &kustomized.patches {
        for found in found.iter_mut().filter(|found| patch.is_of(&found.title)) {
            let part = format!("the patch {}", patch.what);
            if matches!(patch.change, Change::Unknown | Change::Fill { .. }) {
                found.deployment.reading.overlaid.push((found.at, part.clone()));
            }
            found.deployment.reading.lacks(part);
        }
    }
    let mut deployments: Vec<Deployment> = found.into_iter().map(|found| reader.finish(found)).collect();
    // A report keeps the secrets of all its configurations: with all of them in each, there would be their product.
    if let Some(first) = deployments.first_mut() {
        first.secrets = secrets::secrets(reader.objects);
    }
    if deployments.len() == 1
        && let Some(deployment) = deployments.first_mut()
        && let Some((path, _)) = deployment.name.split_once(": ")
    {
        deployment.name = path.to_owned();
    }
    Ok(deployments)
}

/// One thing that was found, and the object it was found in.
struct Found {
    at: Span,
    title: String,
    deployment: Deployment,
}

impl Found {
    fn new(object: &Object<'_>) -> Self {
        let title = format!("{} {}", object.kind, object.full_name());
        Self { at: object.node.span, title, deployment: Deployment::new("", Form::Kubernetes) }
    }
}

struct Reader<'r, 'a> {
    objects: &'r Objects<'a>,
    /// Where the `Pomerium` resources stand.
    resources: Vec<Span>,
    asked: Option<PomeriumVersion>,
    /// The release of the ingress controller that runs here, as its image says.
    controller: Option<PomeriumVersion>,
    /// For the values of variables, and for copies of them in several pods.
    variables: Room,
    /// For configuration files that several pods are given: each of them is judged by itself.
    texts: Room,
}

impl Reader<'_, '_> {
    fn has_resource(&self) -> bool {
        !self.resources.is_empty()
    }

    /// One deployment for each `Pomerium` resource.
    fn resources(&self) -> Vec<Found> {
        let resources = self.objects.all.iter().filter(|object| schema::is_pomerium(object));
        let mut resources: Vec<&Object<'_>> = resources.collect();
        let read_here = self.read_here();
        if !read_here.is_empty() {
            resources.retain(|resource| read_here.iter().any(|read| read.name == resource.name));
        }
        let (version, instead) = (self.controller, self.read_instead());
        let read = |resource: &Object<'_>| {
            let mut found = Found::new(resource);
            let deployment = &mut found.deployment;
            let mut applied = pomerium::read(resource, self.objects, self.judged_for());
            for part in applied.unread {
                deployment.reading.lacks(part);
            }
            for part in applied.kept {
                deployment.reading.keeps(part);
            }
            for name in &instead {
                deployment.reading.lacks(format!("the Pomerium resource {name} that the controller here reads"));
            }
            deployment.reading.rejections = schema::of_pomerium(resource, self.judged_for());
            deployment.reading.rejections.append(&mut applied.rejections);
            deployment.reading.rejections.extend(schema::of_stores(self.secrets_of(resource)));
            deployment.reading.start_errors = applied.start_errors;
            deployment.reading.dialect = Dialect::Resource;
            deployment.reading.replicas = replicas::of_controller(resource, self.objects);
            self.add_routes(&mut applied.options, resource.node.span, deployment);
            deployment.version = version;
            let root = Node { value: Value::Map(applied.options), span: resource.node.span };
            deployment.layers.push(Layer::Tree { root, keeps_case: true });
            // What the environment sets has no effect: the controller begins with the defaults.
            deployment.mounts = Some(Vec::new());
            found
        };
        crowd::read_each(resources.into_iter(), |resource| resource.node.span, read)
    }

    /// Whether all that runs pods in the namespace is here.
    fn shows_workloads(&self) -> bool {
        self.objects.shows_all(ListedKind::Workload, None)
    }

    /// The release of the ingress controller to judge for.
    fn judged_for(&self) -> PomeriumVersion {
        self.asked.or(self.controller).unwrap_or(PomeriumVersion::NEWEST)
    }

    /// The `Secret`s that a `Pomerium` resource names.
    fn secrets_of<'s>(&'s self, resource: &Object<'_>) -> impl Iterator<Item = &'s Store> {
        let paths: [&[&str]; 3] = [
            &["spec", "secrets"],
            &["spec", "identityProvider", "secret"],
            &["spec", "identityProvider", "requestParamsSecret"],
        ];
        let names: Vec<String> =
            paths.iter().filter_map(|path| resource.node.text_at(path)).map(str::to_owned).collect();
        names.into_iter().filter_map(|name| {
            let (namespace, name) = name.split_once('/')?;
            self.objects.store(StoreKind::Secret, Some(namespace), name, resource.node.span)
        })
    }

    /// Adds the routes of all `Ingress` resources that Pomerium serves.
    fn add_routes(&self, options: &mut Vec<Entry>, span: Span, deployment: &mut Deployment) {
        // With several clusters in one folder, an Ingress belongs to the resource that stands nearest.
        let belongs = |ingress: &Object<'_>| {
            let nearness = |resource: Span| self.objects.nearness(ingress.node.span, resource);
            self.resources.iter().all(|other| nearness(*other) <= nearness(span))
        };
        let (mut routes, rejections) = ingress::routes(self.objects, self.judged_for(), &belongs);
        deployment.reading.rejections.extend(schema::of_ingresses(self.objects, &belongs));
        deployment.reading.rejections.extend(rejections);
        let near = self.objects.all.iter().filter(|object| belongs(object));
        deployment.reading.rejections.extend(near.flat_map(|object| controllers::not_started(object, self.objects)));
        let gateway = gateway::routes(self.objects, &belongs);
        routes.extend(gateway.routes);
        deployment.reading.rejections.extend(gateway.rejections);
        deployment.reading.http_routes.extend(gateway.at);
        deployment.reading.rejections.extend(schema::of_http_routes(self.objects, &belongs));
        deployment.reading.rejections.extend(schema::of_filters(self.objects, self.judged_for(), &belongs));
        deployment.reading.unread_policies.extend(gateway.unread);
        for object in self.objects.all.iter().filter(|object| is_unknown(object) && belongs(object)) {
            deployment.reading.lacks(unknown_part(object));
        }
        if !routes.is_empty() {
            let value = Node { value: Value::List(routes), span };
            options.push(Entry { key: "routes".to_owned(), key_span: span, value });
        }
    }

    /// Routes and other resources of Pomerium's whose `Pomerium` resource is not among the documents.
    fn lone_routes(&self) -> Option<Found> {
        let routes = ingress::served(self.objects).chain(gateway::served(self.objects));
        let filters = self.objects.all.iter().filter(|object| object.group() == gateway::GROUP);
        let first = routes.chain(filters).chain(self.objects.all.iter().filter(|object| is_unknown(object))).next()?;
        let mut found = Found::new(first);
        found.deployment.reading.dialect = Dialect::Resource;
        let mut options = Vec::new();
        self.add_routes(&mut options, first.node.span, &mut found.deployment);
        found.deployment.reading.incomplete.push("the Pomerium resource".to_owned());
        let root = Node { value: Value::Map(options), span: first.node.span };
        found.deployment.layers.push(Layer::Tree { root, keeps_case: true });
        Some(found)
    }

    /// One deployment for each pod that runs Pomerium.
    fn workloads(&self) -> Vec<Found> {
        let workloads = self.objects.all.iter().flat_map(Workload::of);
        let read = |workload: Workload<'_>| {
            let mut found = Found::new(&workload.object);
            let deployment = &mut found.deployment;
            deployment.version = workload.version;
            let environment = workload.environment(self.objects, &self.variables);
            let mounts = workload.mounts(self.objects, &environment);
            let (file, by) = workload.config_file(&mounts, &environment);
            match file {
                ConfigFile::Here(text) if self.texts.take_again(&text.name, &text.text) => {
                    deployment.layers.push(Layer::File(text));
                }
                ConfigFile::Here(_) | ConfigFile::None => {}
                ConfigFile::Misplaced { path, wanted, at } => deployment.reading.misplaced = Some((path, wanted, at)),
                ConfigFile::Unread(part) => deployment.reading.lacks(part),
                ConfigFile::Kept(part) => deployment.reading.keeps(part),
            }
            if let Some(by) = by {
                deployment.reading.lacks(by);
            }
            deployment.mounts = Some(workload.files(&mounts));
            let Environment { variables, unread, kept, optional, rejections, .. } = environment;
            for part in unread {
                deployment.reading.lacks(part);
            }
            for part in kept {
                deployment.reading.keeps(part);
            }
            deployment.reading.incomplete.extend(optional);
            deployment.layers.push(Layer::Environment(variables));
            deployment.reading.replicas = replicas::of(&workload.object, self.objects);
            deployment.reading.rejections = schema::of_stores(workload.stores(self.objects).into_iter());
            deployment.reading.rejections.extend(schema::of_environment(workload.container));
            deployment.reading.rejections.extend(rejections);
            deployment.reading.rejections.extend(workload.without(self.objects));
            for room in [&self.variables, &self.texts] {
                deployment.give_up_if(room, workload.object.node.span);
            }
            found
        };
        // What one pod says of the whole, the others need not say again.
        let is_first = || self.variables.problem().is_none() && self.texts.problem().is_none();
        crowd::read_each(workloads.take_while(|_| is_first()), |workload| workload.object.node.span, read)
    }

    /// What manifests are in which nothing configures a Pomerium.
    fn instead(&self) -> &'static str {
        let mut images = self.objects.all.iter().flat_map(|object| workload::containers(object));
        if images.any(|(_, _, image)| image == Image::Controller) {
            return "it installs the ingress controller, without the Pomerium resource that configures it";
        }
        if self.objects.all.iter().any(|object| is_kustomization(object.node)) {
            return KUSTOMIZATION;
        }
        let defines = |object: &Object<'_>| object.kind == "CustomResourceDefinition";
        if self.objects.all.iter().any(defines) {
            return "it defines custom resources, and none of them is here";
        }
        if self.objects.all.iter().all(|object| ["Secret", "ConfigMap"].contains(&object.kind)) {
            return "it holds Secrets and ConfigMaps, and no configuration of Pomerium's in them";
        }
        "it holds Kubernetes manifests, and none of them configures a Pomerium"
    }

    /// Fills in the name and the sources.
    fn finish(&self, found: Found) -> Deployment {
        let Found { at, title, mut deployment } = found;
        let file = self.objects.sources.get(at.source).map_or("", |source| source.name.as_str());
        deployment.name = format!("{file}: {title}");
        deployment.sources = Self::sources_of(at.source, &deployment);
        deployment
    }

    /// The texts a deployment was read from, the main one first.
    fn sources_of(main: SourceId, deployment: &Deployment) -> Vec<SourceId> {
        let mut sources = vec![main];
        let mut add = |span: Span| {
            if !sources.contains(&span.source) {
                sources.push(span.source);
            }
        };
        for layer in &deployment.layers {
            match layer {
                Layer::File(text) => add(text.place.span(0, 0)),
                Layer::Environment(variables) => variables.iter().for_each(|variable| add(variable.span)),
                Layer::Tree { root, .. } => walk(root, &mut add),
            }
        }
        deployment.reading.rejections.iter().for_each(|rejection| add(rejection.at));
        deployment.reading.misplaced.iter().for_each(|(.., at)| add(*at));
        sources
    }
}

/// A resource of one of Pomerium's groups that is none that we read: what it says is not known.
fn is_unknown(object: &Object<'_>) -> bool {
    let group = object.group();
    let is_ours = group == "pomerium.io" || group.ends_with(".pomerium.io");
    let known = [(pomerium::GROUP, "Pomerium"), (pomerium::GROUP, "Ingress"), (gateway::GROUP, "PolicyFilter")];
    is_ours && !known.contains(&(group, object.kind)) && !object.kind.is_empty()
}

fn unknown_part(object: &Object<'_>) -> String {
    format!("the {} {}, a kind of {} that is not known here", object.kind, object.full_name(), object.api_version)
}

fn walk(node: &Node, visit: &mut dyn FnMut(Span)) {
    visit(node.span);
    node.elements().iter().for_each(|element| walk(element, visit));
    node.entries().iter().for_each(|entry| walk(&entry.value, visit));
}
