//! From what the user named to configurations: each file is recognised, files that belong together are read together.

use std::collections::BTreeSet;

use super::given::Givens;
use super::kustomize;
use super::layers::{self, Layers};
use super::parse::options_from_file;
use super::reader::{Given, Reader, Recognised, Request};
use super::samples::{self, Candidate};
use super::together::load_together;
use crate::config::forms::compose::Surroundings;
use crate::config::forms::recognise::{GivenBy, Shape, looks_like_ours, recognise, says_nothing};
use crate::config::forms::{Deployment, Layer, compose, variables_of_found_file};
use crate::config::secrets::gather;
use crate::config::settings::{Config, Form};
use crate::config::text::{
    ConfigText, Entry, Files, Node, Place, Problem, RawFile, SourceId, SourceKind, Sources, Value, ZERO_TOKEN, add,
    normalised, yaml,
};

/// What came of a [`Request`].
pub struct Loaded {
    /// One for each deployment, and one for each file that the user named and that is none.
    pub configs: Vec<Config>,
    /// Files of folders that are not Pomerium's.
    pub passed_over: usize,
}

impl<'a> Request<'a> {
    /// One file, which `pomerium -config` is given.
    pub fn of_config(file: RawFile, files: &'a dyn Files) -> Self {
        Self { given: vec![Given { file, files, by: GivenBy::Command }], ..Self::default() }
    }

    /// Reads everything as Pomerium would. It never fails: what is wrong is in [`Reading`](crate::config::settings::Reading), as
    /// much as can be had is in [`Settings`](crate::config::settings::Settings), and a mistake in one file never hides another.
    pub fn load(mut self) -> Loaded {
        let mut sources = Sources::default();
        let text_of = |given: &mut Given<'_>| {
            let source = add(&mut sources, &given.file, SourceKind::File);
            let text = ConfigText::of_file(&sources, source, &given.file);
            // It stands in the source from here on; two of a large file are one too many.
            given.file.bytes = Vec::new();
            (source, text)
        };
        let texts: Vec<(SourceId, ConfigText)> = self.given.iter_mut().map(text_of).collect();
        let mut reader = Reader { request: &self, sources, deployments: Vec::new(), passed_over: 0 };
        reader.read(texts);
        let Reader { mut sources, mut deployments, passed_over, .. } = reader;
        let givens = Givens::of(&self.values, &mut sources);
        for (deployment, _) in &mut deployments {
            deployment.version = self.version.or(deployment.version);
            deployment.sources.extend(givens.source);
        }
        Loaded { configs: load_together(&sources, deployments, self.expansion.as_ref(), &givens), passed_over }
    }
}

/// What a file of variables lacks that is only a part of what Pomerium is given.
const REST: &str = "the configuration that these variables are a part of";

impl<'a> Reader<'a> {
    fn read(&mut self, texts: Vec<(SourceId, ConfigText)>) {
        let given = self.request.given.iter().zip(texts);
        let files: Vec<Recognised<'a>> =
            given.map(|(given, (source, text))| self.recognise(given, source, text)).collect();
        let files = self.without_samples(files);
        if self.request.given.is_empty() {
            let mut deployment = Deployment::new("environment", Form::Environment);
            self.add_environment(&mut deployment);
            if !deployment.names_pomerium() {
                deployment.form = Form::Unrecognised("no variable of the environment is Pomerium's own");
            }
            self.deployments.push((deployment, &crate::config::text::NoFiles));
        }
        let layers = layers::find(&files);
        let mut read = BTreeSet::new();
        let above = layers.iter().flat_map(|layers| layers.above.iter().flatten());
        read.extend(above.map(|layer| normalised(&layer.name)));
        read.extend(self.compose_files(&files, &layers));
        let (kustomized, parts) = kustomize::read(self, &files);
        read.extend(parts);
        let mut manifests = Vec::new();
        let has_config =
            files.iter().any(|file| file.shape == Shape::Config && !read.contains(&normalised(&file.name)));
        for (index, file) in files.into_iter().enumerate() {
            // What a compose file mounts or lays over itself is a part of that deployment; so is what a kustomization takes up.
            if read.contains(&normalised(&file.name)) {
                continue;
            }
            match file.shape {
                Shape::Config => self.config(file),
                Shape::Environment => self.environment(&file, has_config),
                Shape::Policy => self.policy(&file),
                Shape::Compose => {}
                Shape::Kubernetes => manifests.push(file),
                Shape::Helm => match layers.iter().find(|layers| layers.base == index) {
                    Some(layers) => layers.above.iter().for_each(|above| self.helm(&file, above)),
                    None => self.helm(&file, &[]),
                },
                Shape::Other(what) => self.other(&file, Form::NotPomerium(what)),
                Shape::Unknown(what) => self.other(&file, Form::Unrecognised(what)),
                Shape::Encrypted(what) => self.encrypted(&file, what),
            }
        }
        self.manifests(&manifests, kustomized);
    }

    /// Passes over the samples beside what is deployed.
    fn without_samples(&mut self, files: Vec<Recognised<'a>>) -> Vec<Recognised<'a>> {
        fn candidate<'f>(file: &'f Recognised<'_>) -> Candidate<'f> {
            Candidate { name: &file.name, shape: file.shape, text: &file.text.text, found: file.found }
        }
        let waiting = samples::waiting(&files.iter().map(candidate).collect::<Vec<_>>());
        self.passed_over += waiting.iter().filter(|waits| **waits).count();
        files.into_iter().zip(waiting).filter(|(_, waits)| !waits).map(|(file, _)| file).collect()
    }

    fn recognise(&self, given: &Given<'a>, source: SourceId, text: ConfigText) -> Recognised<'a> {
        let found = given.by == GivenBy::Folder;
        let too_long = matches!(text.problem, Some(Problem::TooLong));
        let shape = match recognise(&self.sources, source, given.by) {
            // Of a text that was cut nothing can be told, least of all that nothing is wrong with it.
            Shape::Other(_) | Shape::Unknown(_) if too_long && found => Shape::Other("it is too long to be one"),
            _ if too_long => Shape::Config,
            // The environment may say it all.
            Shape::Unknown(_) if !found && self.has_environment() && self.is_empty(source) => Shape::Config,
            shape => shape,
        };
        Recognised { name: given.file.name.clone(), source, shape, text, files: given.files, found }
    }

    fn has_environment(&self) -> bool {
        !self.request.env_files.is_empty() || self.request.environment.is_some()
    }

    fn is_empty(&self, source: SourceId) -> bool {
        self.sources.get(source).is_some_and(|source| says_nothing(&source.text))
    }

    /// The environment that the user named.
    pub(in crate::config) fn add_environment(&mut self, deployment: &mut Deployment) {
        let Request { env_files, environment, .. } = self.request;
        deployment.add_environment(&mut self.sources, env_files, environment.as_deref());
    }

    /// Reads the compose files, and returns the files that belong to them.
    fn compose_files(&mut self, files: &[Recognised<'a>], layers: &[Layers]) -> BTreeSet<String> {
        let mut all: Vec<(&Recognised<'a>, String, compose::Found)> = Vec::new();
        let is_layer = |file: &Recognised<'a>| {
            layers.iter().flat_map(|layers| layers.above.iter().flatten()).any(|layer| layer.source == file.source)
        };
        for (index, file) in files.iter().enumerate() {
            if file.shape != Shape::Compose || is_layer(file) {
                continue;
            }
            let alone = [Vec::new()];
            let own = layers.iter().find(|layers| layers.base == index);
            let is_whole = own.is_some_and(|own| own.is_whole);
            for above in own.map_or(&alone[..], |own| &own.above) {
                let mut found = self.compose(file, above, is_whole);
                for deployment in &mut found.deployments {
                    for part in own.iter().flat_map(|own| &own.missing) {
                        deployment.reading.lacks(part.as_str());
                    }
                }
                all.push((file, normalised(&file.name), found));
            }
        }
        // What is laid over another file, or included by it, is a part of that one; of two that include each other, the later.
        let is_part = |index: usize, path: &String, services: &BTreeSet<String>| {
            all.iter().enumerate().any(|(other, (_, name, found))| {
                other != index && found.services.contains(path) && (other < index || !services.contains(name))
            })
        };
        let parts: Vec<bool> =
            all.iter().enumerate().map(|(index, (_, path, found))| is_part(index, path, &found.services)).collect();
        let mut read = BTreeSet::new();
        for ((file, _, found), is_part) in all.into_iter().zip(parts) {
            // A file of variables belongs to whom it is given, whatever that one runs.
            read.extend(found.env_files);
            if is_part {
                continue;
            }
            if found.deployments.is_empty() {
                self.no_service(file, found.unread);
            } else {
                read.extend(found.read);
                self.deployments.extend(found.deployments.into_iter().map(|deployment| (deployment, file.files)));
            }
        }
        read
    }

    /// A compose file in which no service runs Pomerium, as far as it was read.
    fn no_service(&mut self, file: &Recognised<'a>, unread: Vec<String>) {
        if file.found || unread.is_empty() {
            return self.other(file, Form::NotPomerium("a compose file in which no service runs Pomerium"));
        }
        let mut deployment = Deployment::new(&file.name, Form::Compose);
        deployment.sources.push(file.source);
        for part in unread {
            deployment.reading.lacks(part);
        }
        self.deployments.push((deployment, file.files));
    }

    fn compose(&mut self, file: &Recognised<'a>, above: &[layers::Layer], is_whole: bool) -> compose::Found {
        let surroundings = Surroundings {
            files: file.files,
            env_files: &self.request.env_files,
            environment: self.request.environment.as_deref(),
            expansion: self.request.expansion.as_ref(),
        };
        let laid: Vec<SourceId> = above.iter().map(|layer| layer.source).collect();
        let laid = Some(laid).filter(|laid| is_whole || !laid.is_empty());
        let mut found = compose::read(&mut self.sources, file.source, laid.as_deref(), &surroundings);
        for deployment in &mut found.deployments {
            deployment.name = layers::name(&deployment.name, above);
        }
        found
    }

    fn config(&mut self, mut file: Recognised<'a>) {
        file.text.forget_unread(&mut self.sources, SourceKind::File);
        let mut deployment = Deployment::new(file.name, Form::ConfigFile);
        deployment.sources.push(file.text.place.span(0, 0).source);
        deployment.layers.push(Layer::File(file.text));
        self.add_environment(&mut deployment);
        self.deployments.push((deployment, file.files));
    }

    /// A file of variables in a folder: the environment of Pomerium's container, or a part of it.
    fn environment(&mut self, file: &Recognised<'a>, has_config: bool) {
        let mut deployment = Deployment::new(&file.name, Form::Environment);
        let raw = RawFile { name: file.name.clone(), bytes: file.text.text.as_bytes().to_vec() };
        let (source, variables, bare) = variables_of_found_file(&mut self.sources, &raw);
        deployment.sources.push(source);
        let sets = |name: &str| variables.iter().any(|variable| variable.name.eq_ignore_ascii_case(name));
        let needed = ["AUTHENTICATE_SERVICE_URL", "IDP_PROVIDER", "SHARED_SECRET", "COOKIE_SECRET"];
        // A configuration beside it may hold the rest, or a file that is not here.
        let is_part =
            if has_config { !needed.into_iter().all(sets) } else { !needed[..2].iter().any(|name| sets(name)) };
        if is_part && !sets(ZERO_TOKEN) {
            deployment.reading.lacks(REST);
        }
        deployment.layers.push(Layer::Environment(variables));
        deployment.secrets.extend(gather::secrets_of_environment(&bare, &self.sources));
        self.add_environment(&mut deployment);
        self.deployments.push((deployment, file.files));
    }

    /// A list of routes, as `routes` of a configuration that is not here.
    fn policy(&mut self, file: &Recognised<'a>) {
        let mut deployment = Deployment::new(&file.name, Form::Policy);
        deployment.sources.push(file.source);
        deployment.reading.incomplete.push("the configuration that these routes belong to".to_owned());
        let place = Place::Verbatim(file.source, 0);
        let list = yaml::read(&file.text.text, &place, yaml::Wanted::Anything).root;
        let refused = yaml::read(&file.text.text, &place, yaml::Wanted::Mapping).error;
        deployment.reading.refused_as_file = refused.map(|error| {
            let words = format!("failed to read config: While parsing config: {}", error.words);
            options_from_file(&file.name, &words)
        });
        let span = place.span(0, 0);
        let entry = |value| Entry { key: "routes".to_owned(), key_span: span, value };
        let root = Node { value: Value::Map(list.into_iter().map(entry).collect()), span };
        deployment.layers.push(Layer::Tree { root, keeps_case: false });
        self.add_environment(&mut deployment);
        self.deployments.push((deployment, file.files));
    }

    /// A file that only a key opens. One that was only found counts if what can be read of it speaks of Pomerium.
    fn encrypted(&mut self, file: &Recognised<'a>, what: &'static str) {
        let form = Form::Unrecognised(what);
        if file.found && !looks_like_ours(&file.name, &file.text.text) {
            return self.other(file, form);
        }
        let mut deployment = Deployment::new(&file.name, form);
        deployment.sources.push(file.source);
        self.deployments.push((deployment, file.files));
    }

    /// Says what a file is that the user took for a configuration; passes over one that was only found.
    pub(in crate::config) fn other(&mut self, file: &Recognised<'a>, form: Form) {
        if file.found {
            self.passed_over += 1;
            return;
        }
        let mut deployment = Deployment::new(&file.name, form);
        deployment.sources.push(file.source);
        self.deployments.push((deployment, file.files));
    }
}
