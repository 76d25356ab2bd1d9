//! One service of a compose file that runs Pomerium.

use std::rc::Rc;
use std::sync::Arc;

use super::mounts::{Attached, What};
use super::{Project, keys};
use crate::config::text::path::innermost;

use crate::config::forms::command::{Start, USUAL};
use crate::config::forms::recognise::{GivenBy, Shape, recognise};
use crate::config::forms::{Deployment, Layer, below, image};
use crate::config::settings::{Form, FormField, Replicas};
use crate::config::text::{
    ConfigText, Node, Place, SourceId, SourceKind, Span, Value, Variable, holder, is_not_found, normalised, twin,
    unknown_text, unread,
};

/// The keys of a service by which a Pomerium is given anything.
const GIVING: [&str; 6] = ["environment", "env_file", "volumes", "configs", "secrets", "command"];

/// A service while its deployment is being put together.
pub(super) struct Service {
    layers: Vec<Rc<Node>>,
    image: Option<String>,
    attached: Vec<Attached>,
    deployment: Deployment,
}

impl Service {
    /// The deployment of a service; `None` if it does not run Pomerium.
    pub(super) fn of(project: &mut Project<'_>, file: &str, name: &str) -> Option<Deployment> {
        let layers = project.layers(name);
        let last = Rc::clone(layers.last()?);
        let image = layers
            .iter()
            .rev()
            .find_map(|layer| project.text(layer.get("image").or_else(|| keys::meant(layer, "image"))));
        let mut deployment = Deployment::new(format!("{file}: service {name}"), Form::Compose);
        deployment.version = image.as_deref().and_then(image::release);
        deployment.at = Some(twin(&project.twins, Span { end: last.span.start, ..last.span }));
        let attached = project.attached(&layers);
        let mut service = Self { layers, image, attached, deployment };
        service.add_sources(project);
        project.not_opened.iter().for_each(|part| service.deployment.reading.lacks(part.clone()));
        service.read_env_files(project);
        service.read_environment(project);
        if !service.runs_pomerium(project) {
            return None;
        }
        service.read_config(project);
        service.note_build();
        let fields = service.layers.iter().flat_map(|layer| keys::unknown(layer));
        let fields: Vec<FormField> = fields.collect();
        // Nothing runs as it is written, and what is meant is not known.
        for field in fields.iter().filter(|field| GIVING.contains(&field.near.as_str())) {
            service.deployment.reading.lacks(format!("`{}`", field.key));
        }
        service.deployment.reading.form_fields = fields;
        service.deployment.reading.duplicate_keys_of_compose = project.duplicate_keys();
        service.deployment.reading.replicas = service.replicas(project);
        for room in [project.variables.room(), &project.texts] {
            service.deployment.give_up_if(room, last.span);
        }
        let Self { attached, mut deployment, .. } = service;
        deployment.reading.expanded = project.variables.expanded();
        deployment.secrets.extend(project.variables.secrets().into_iter().map(|secret| (secret, last.span)));
        deployment.mounts = Some(attached.into_iter().map(Attached::into_mount).collect());
        Some(deployment)
    }

    /// Each file twice: with settings in it (a `configs` entry), and with variables.
    fn add_sources(&mut self, project: &Project<'_>) {
        for document in &project.documents {
            self.deployment.sources.push(document.source);
            self.deployment.sources.extend(project.twins.get(&document.source));
        }
    }

    fn runs_pomerium(&self, project: &Project<'_>) -> bool {
        if let Some(image) = &self.image {
            if image::is_pomerium(image) {
                return true;
            }
            if ["verify", "ingress-controller", "pomerium-console", "datasource"]
                .iter()
                .any(|other| image.contains(other))
            {
                return false;
            }
        }
        let is_set = |name: &str| self.variables().any(|variable| variable.name == name);
        let names_config = self.command(project).iter().any(|word| word.contains(USUAL));
        names_config
            || self.attached.iter().any(|attached| attached.target == USUAL)
            || image::is_environment_of_pomerium(is_set)
    }

    fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.deployment.layers.iter().flat_map(|layer| match layer {
            Layer::Environment(variables) => variables.as_slice(),
            _ => &[],
        })
    }

    fn read_env_files(&mut self, project: &mut Project<'_>) {
        for layer in self.layers.clone() {
            let Some(node) = layer.get("env_file") else { continue };
            let entries =
                if let Value::List(entries) = &node.value { entries.as_slice() } else { std::slice::from_ref(node) };
            for entry in entries {
                let Some(written) = project.text(entry.get("path").or(Some(entry))) else { continue };
                let is_raw = project.text(entry.get("format")).is_some_and(|format| format == "raw");
                let is_optional = entry.get("required").is_some_and(|required| required.value == Value::Flag(false));
                self.read_env_file(project, &written, is_raw, is_optional);
            }
        }
    }

    fn read_env_file(&mut self, project: &mut Project<'_>, written: &str, is_raw: bool, is_optional: bool) {
        let path = project.path(written);
        let file = match project.env_file(&path, is_raw) {
            Ok(file) => file,
            Err(why) => {
                // Where Pomerium runs, it may exist; it must, unless it is optional.
                let part = unread(&format!("the file {written}"), &why);
                if is_optional && is_not_found(&why) {
                    self.deployment.reading.incomplete.push(part);
                } else {
                    self.deployment.reading.lacks(part);
                }
                return;
            }
        };
        self.add_source(file.source);
        if is_raw {
            self.deployment.reading.unexpanded.push(file.source);
        }
        let room = project.variables.room();
        let fits = |variable: &&Variable| room.take(&variable.name, &variable.value).is_some();
        let variables = file.variables.iter().take_while(fits).cloned().collect();
        self.deployment.layers.push(Layer::Environment(variables));
    }

    fn add_source(&mut self, source: SourceId) {
        if !self.deployment.sources.contains(&source) {
            self.deployment.sources.push(source);
        }
    }

    /// `environment`, as a list or as a mapping; it beats `env_file`.
    fn read_environment(&mut self, project: &Project<'_>) {
        let mut variables = Vec::new();
        for node in self.layers.iter().filter_map(|layer| layer.get("environment")) {
            let mapped = node.entries().iter().map(|entry| {
                let value = Self::value(project, &entry.key, &entry.value);
                Variable { name_span: twin(&project.twins, entry.key_span), ..value }
            });
            let listed = node.elements().iter().filter_map(|element| match &element.value {
                Value::Text(text) => Some(listed(project, text, element.span)),
                _ => None,
            });
            let room = project.variables.room();
            // Many services may have all this from one that they extend.
            let fits = |variable: &Variable| room.take(&variable.name, &variable.value).is_some();
            variables.extend(mapped.chain(listed).take_while(fits));
        }
        // The `.env` beside the file holds values that are variables of this service now.
        for source in variables.iter().map(|variable| variable.span.source) {
            self.add_source(source);
        }
        if !variables.is_empty() {
            self.deployment.layers.push(Layer::Environment(variables));
        }
    }

    fn value(project: &Project<'_>, name: &str, node: &Node) -> Variable {
        let at = twin(&project.twins, node.span);
        let (value, span) = match &node.value {
            Value::Null => passed_on(project, name, at),
            Value::Text(text) => interpolated(project, text, Place::Decoded(at), at),
            Value::Float(_) => (project.sources.slice(node.span).to_owned(), at),
            _ => (project.text(Some(node)).unwrap_or_default(), at),
        };
        Variable { name: name.to_owned(), value, name_span: at, span }
    }

    /// The words of `entrypoint` and `command`.
    fn command(&self, project: &Project<'_>) -> Vec<String> {
        let words = |key: &str| {
            let Some(node) = self.layers.iter().rev().find_map(|layer| layer.get(key)) else { return Vec::new() };
            match &node.value {
                Value::List(elements) => elements.iter().filter_map(|element| project.text(Some(element))).collect(),
                _ => project
                    .text(Some(node))
                    .map(|text| text.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect())
                    .unwrap_or_default(),
            }
        };
        let mut command: Vec<String> = words("entrypoint");
        command.extend(words("command"));
        command
    }

    fn read_config(&mut self, project: &mut Project<'_>) {
        let start = Start::of(&self.command(project));
        if let Some(by) = &start.by {
            self.deployment.reading.lacks(by);
        }
        let Some(path) = start.path() else { return };
        match self.locate(path) {
            Some(Located::Local(local)) => self.add_config(project, path, &local),
            Some(Located::Inline(text, place)) => {
                let name = path.to_owned();
                self.deployment.layers.push(Layer::File(ConfigText { name, text, place, problem: None }));
            }
            Some(Located::Unknown(why)) => self.deployment.reading.lacks(why),
            None => self.look_elsewhere(project, path, start.by.is_some()),
        }
    }

    /// What is mounted at a path of the container.
    fn locate(&self, path: &str) -> Option<Located> {
        let (attached, rest) = innermost(&self.attached, |attached| &attached.target, path)?;
        Some(match &attached.what {
            What::Local(local) | What::Host(local) => Located::Local(below(local, rest)),
            What::Inline(text, place) => Located::Inline(text.clone(), place.clone()),
            What::Unknown(why) => Located::Unknown(holder(why).map_or(why.as_str(), |(_, what)| what).to_owned()),
        })
    }

    fn add_config(&mut self, project: &mut Project<'_>, path: &str, local: &str) {
        let (source, text) = match project.file(local, SourceKind::File) {
            Ok(file) => file,
            Err(why) => return self.deployment.reading.lacks(unread(&format!("the file {local}"), &why)),
        };
        project.read.insert(normalised(local));
        if !project.texts.take_again(local, &text.text) {
            return;
        }
        let text = ConfigText { name: path.to_owned(), ..text };
        // The rules take the first file for the one to point at.
        self.deployment.sources.insert(0, source);
        self.deployment.reading.unexpanded.push(source);
        self.deployment.layers.push(Layer::File(text));
    }

    /// Nothing is mounted where Pomerium looks. An image of somebody's own may look elsewhere, and a script may move a file.
    fn look_elsewhere(&mut self, project: &mut Project<'_>, path: &str, is_scripted: bool) {
        let own_image = self.image.as_deref().is_none_or(|image| !image::is_published(image));
        let candidates: Vec<(String, String, Span)> = self
            .attached
            .iter()
            .filter_map(|attached| match &attached.what {
                What::Local(local) | What::Host(local)
                    if [".yaml", ".yml", ".json", ".toml"].iter().any(|end| attached.target.ends_with(end)) =>
                {
                    Some((attached.target.clone(), local.clone(), attached.span))
                }
                _ => None,
            })
            .collect();
        for (target, local, span) in candidates {
            if !is_config(project, &local) {
                continue;
            }
            if own_image || is_scripted {
                return self.add_config(project, &target, &local);
            }
            project.read.insert(local);
            self.deployment.reading.misplaced = Some((target, path.to_owned(), span));
            return;
        }
        if own_image {
            self.deployment.reading.incomplete.push("the image, which may bring a configuration along".to_owned());
        }
    }

    /// `deploy.replicas`, or `scale`, of more than one; or one on each node of a swarm.
    fn replicas(&self, project: &Project<'_>) -> Option<Replicas> {
        let mode = self.layers.iter().rev().find_map(|layer| layer.get("deploy")?.get("mode"));
        if let Some(mode) = mode.filter(|mode| project.text(Some(mode)).is_some_and(|text| text == "global")) {
            return Some(Replicas::several("deploy.mode: global", mode.span));
        }
        let written = self.layers.iter().rev().find_map(|layer| {
            let replicas = layer.get("deploy").and_then(|deploy| deploy.get("replicas"));
            replicas.map(|node| ("deploy.replicas", node)).or_else(|| Some(("scale", layer.get("scale")?)))
        });
        let (key, node) = written?;
        let value = Value::Text(project.text(Some(node))?);
        Replicas::of(key, &Node { value, span: node.span })
    }

    /// An image that is built here may bring a configuration along.
    fn note_build(&mut self) {
        let builds = self.layers.iter().any(|layer| layer.get("build").is_some());
        let has_file = self.deployment.layers.iter().any(|layer| matches!(layer, Layer::File(_)));
        if builds && !has_file {
            self.deployment
                .reading
                .incomplete
                .push("the image that is built here, which may bring a configuration along".to_owned());
        }
    }
}

enum Located {
    Local(String),
    Inline(Arc<str>, Place),
    Unknown(String),
}

/// `NAME=value`, or `NAME` alone.
fn listed(project: &Project<'_>, text: &str, span: Span) -> Variable {
    let written = project.sources.slice(span);
    let source: SourceId = twin(&project.twins, span).source;
    let place = Place::Verbatim(source, span.start).inside_scalar(written, text);
    let Some((name, value)) = text.split_once('=') else {
        let name_span = place.span(0, text.len());
        let (value, span) = passed_on(project, text, name_span);
        return Variable { name: text.to_owned(), value, name_span, span };
    };
    let at = place.span(name.len() + 1, text.len());
    let (value, span) = interpolated(project, value, Place::Decoded(at), at);
    Variable { name: name.to_owned(), value, name_span: place.span(0, name.len()), span }
}

/// A value whose place is where it is written: in `.env` if it is nothing but a variable from there.
fn interpolated(project: &Project<'_>, text: &str, place: Place, at: Span) -> (String, Span) {
    let span = project.variables.place_of(text).unwrap_or(at);
    let value = project.variables.interpolate(text, place).0;
    project.variables.ended_up(span);
    (value, span)
}

/// A variable without a value is passed on from whoever starts the containers.
fn passed_on(project: &Project<'_>, name: &str, at: Span) -> (String, Span) {
    let value = project.variables.get(name).and_then(|value| project.variables.room().take(name, value));
    match value {
        Some(value) => {
            let span = project.variables.place_of(&unknown_text(name)).unwrap_or(at);
            project.variables.mention(name, value);
            project.variables.ended_up(span);
            (value.to_owned(), span)
        }
        None => (unknown_text(name), at),
    }
}

/// Whether a file of this machine is a configuration of Pomerium.
fn is_config(project: &mut Project<'_>, path: &str) -> bool {
    let Ok((source, _)) = project.file(path, SourceKind::File) else { return false };
    recognise(project.sources, source, GivenBy::Folder) == Shape::Config
}
