//! Compose files: each service that runs Pomerium is a deployment (<https://docs.docker.com/reference/compose-file/>).

mod dotenv;
mod include;
mod interpolate;
mod keys;
mod mounts;
mod service;
mod tags;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::Deployment;
use super::environment::variables_of_file;
use crate::config::text::{
    ConfigText, DuplicateKey, Files, MOST_DEPLOYMENTS, MOST_SHARED_TEXT, Node, Parsed, Place, RawFile, Room, SourceId,
    SourceKind, Sources, Span, Twins, Value, Variable, add, add_twins, is_not_found, normalised, unread,
};
use interpolate::Variables;
use service::Service;

/// What a compose file is read with besides itself.
pub(in crate::config) struct Surroundings<'a> {
    pub(in crate::config) files: &'a dyn Files,
    /// What the user named with `--env-file`: it stands in the place of `.env`.
    pub(in crate::config) env_files: &'a [RawFile],
    /// The environment in which the containers are started, if it counts.
    pub(in crate::config) environment: Option<&'a [(String, String)]>,
    /// The same, asked for by `--expand-env`.
    pub(in crate::config) expansion: Option<&'a HashMap<String, String>>,
}

/// What a compose file comes to.
pub(in crate::config) struct Found {
    /// One for each service that runs Pomerium.
    pub(in crate::config) deployments: Vec<Deployment>,
    /// The other files that were read, by their paths: they are parts of these deployments.
    pub(in crate::config) read: BTreeSet<String>,
    /// Those among them that hold services: the override and what is included.
    pub(in crate::config) services: BTreeSet<String>,
    /// The files of variables that the services are given, whatever these run.
    pub(in crate::config) env_files: BTreeSet<String>,
    /// The included files that were not read, in words fit for a report.
    pub(in crate::config) unread: Vec<String>,
}

/// Longest chain of `extends`.
const LONGEST_CHAIN: usize = 10;

/// Reads the services of a compose file that run Pomerium, and of those that it includes, with these files laid over it; where nobody
/// says which, with the override beside it.
pub(in crate::config) fn read(
    sources: &mut Sources,
    main: SourceId,
    above: Option<&[SourceId]>,
    surroundings: &Surroundings<'_>,
) -> Found {
    let name = sources.get(main).map(|source| normalised(&source.name)).unwrap_or_default();
    read_file(sources, (main, above), surroundings, &[], &mut BTreeSet::from([name]))
}

/// The same for one that may be included: by a file with these variables, after those that are known.
fn read_file(
    sources: &mut Sources,
    (main, above): (SourceId, Option<&[SourceId]>),
    surroundings: &Surroundings<'_>,
    inherited: &[Variable],
    known: &mut BTreeSet<String>,
) -> Found {
    let name = sources.get(main).map(|source| source.name.clone()).unwrap_or_default();
    let folder = name.rfind(['/', '\\']).map_or(String::new(), |slash| name[..=slash].to_owned());
    let mut project = Project {
        sources,
        surroundings,
        folder,
        variables: Variables::default(),
        documents: Vec::new(),
        bases: HashMap::new(),
        files: HashMap::new(),
        env_files: HashMap::new(),
        texts: Room::of(MOST_SHARED_TEXT),
        twins: Twins::new(),
        read: BTreeSet::new(),
        services: BTreeSet::new(),
        not_opened: Vec::new(),
    };
    project.open(main);
    match above {
        None => project.open_override(&name),
        Some(above) => above.iter().for_each(|layer| project.open(*layer)),
    }
    let variables = project.read_variables(inherited);
    let mut deployments = Vec::new();
    for service in project.service_names() {
        let Some(mut deployment) = Service::of(&mut project, &name, &service) else { continue };
        let is_one_more = deployments.len() == MOST_DEPLOYMENTS;
        if is_one_more {
            deployment.give_up_as_one_of_many(Span { source: main, start: 0, end: 0 });
        }
        deployments.push(deployment);
        // What one service says of the whole, the others need not say again.
        if is_one_more || project.grows() {
            break;
        }
    }
    if let [only] = deployments.as_mut_slice() {
        only.name.clone_from(&name);
    }
    let mut found = Found {
        deployments,
        read: std::mem::take(&mut project.read),
        services: std::mem::take(&mut project.services),
        env_files: project.env_files.keys().map(|(path, _)| path.clone()).collect(),
        unread: Vec::new(),
    };
    project.include(&variables, known, &mut found);
    found
}

/// A compose file with everything beside it. Whatever is mentioned often is read once.
struct Project<'a> {
    sources: &'a mut Sources,
    surroundings: &'a Surroundings<'a>,
    /// Where paths begin: empty or ending in a slash.
    folder: String,
    variables: Variables<'static>,
    /// The file and its override.
    documents: Vec<Rc<Document>>,
    /// Files that services extend those of, by their paths.
    bases: HashMap<String, Rc<Document>>,
    files: HashMap<(String, SourceKind), Result<(SourceId, ConfigText), String>>,
    /// What the files of `env_file` hold, by their paths; raw ones apart.
    env_files: HashMap<(String, bool), Rc<EnvFile>>,
    /// For configuration files that many services are given: each of them is judged by itself.
    texts: Room,
    twins: Twins,
    read: BTreeSet<String>,
    /// See [`Found::services`].
    services: BTreeSet<String>,
    /// Files of variables and services that are there and were not read, each with the reason.
    not_opened: Vec<String>,
}

/// A file of variables.
struct EnvFile {
    source: SourceId,
    variables: Vec<Variable>,
}

/// One file of services.
struct Document {
    source: SourceId,
    root: Node,
    duplicate_keys: Vec<DuplicateKey>,
    services: Vec<(String, Rc<Node>)>,
    positions: HashMap<String, usize>,
}

impl Document {
    fn new(source: SourceId, root: Node, duplicate_keys: Vec<DuplicateKey>) -> Self {
        let written = root.get("services").map(Node::entries).unwrap_or_default();
        let services: Vec<_> = written.iter().map(|entry| (entry.key.clone(), Rc::new(entry.value.clone()))).collect();
        let mut positions = HashMap::new();
        for (position, (name, _)) in services.iter().enumerate() {
            positions.entry(name.clone()).or_insert(position);
        }
        Self { source, root, duplicate_keys, services, positions }
    }

    fn service(&self, name: &str) -> Option<&Rc<Node>> {
        self.services.get(*self.positions.get(name)?).map(|(_, service)| service)
    }
}

impl Project<'_> {
    /// Reads the services of a source.
    fn open(&mut self, source: SourceId) {
        let document = self.document(source);
        self.documents.push(document);
    }

    fn document(&mut self, source: SourceId) -> Rc<Document> {
        let text = self.sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
        let twins = add_twins(self.sources, std::iter::once(source).filter(|id| !self.twins.contains_key(id)));
        self.twins.extend(twins);
        let place = Place::Verbatim(source, 0);
        let Parsed { root, duplicate_keys, .. } = tags::read(&text, &place);
        let root = root.unwrap_or_else(|| Node { value: Value::Null, span: place.span(0, 0) });
        Rc::new(Document::new(source, root, duplicate_keys))
    }

    /// The keys that stand twice in the files of this project.
    fn duplicate_keys(&self) -> Vec<DuplicateKey> {
        self.documents.iter().flat_map(|document| document.duplicate_keys.iter().cloned()).collect()
    }

    /// `docker compose` lays `compose.override.yaml` over `compose.yaml` without being asked.
    fn open_override(&mut self, name: &str) {
        let file = name.get(self.folder.len()..).unwrap_or_default();
        let Some((stem, ending)) = file.rsplit_once('.') else { return };
        if !["compose", "docker-compose"].contains(&stem) {
            return;
        }
        let other = if ending == "yml" { "yaml" } else { "yml" };
        for ending in [ending, other] {
            let path = format!("{}{stem}.override.{ending}", self.folder);
            if let Some(source) = self.add_file(&path, SourceKind::File) {
                self.services.insert(normalised(&path));
                return self.open(source);
            }
        }
    }

    /// Adds a file of this machine to the sources, as a part of the deployments.
    fn add_file(&mut self, path: &str, kind: SourceKind) -> Option<SourceId> {
        match self.file(path, kind) {
            Ok((source, _)) => {
                self.read.insert(normalised(path));
                Some(source)
            }
            Err(why) => {
                let part = unread(&format!("the file {path}"), &why);
                if !is_not_found(&why) && !self.not_opened.contains(&part) {
                    self.not_opened.push(part);
                }
                None
            }
        }
    }

    /// A file of this machine.
    fn file(&mut self, path: &str, kind: SourceKind) -> Result<(SourceId, ConfigText), String> {
        let key = (normalised(path), kind);
        if let Some(known) = self.files.get(&key) {
            return known.clone();
        }
        let read = self.surroundings.files.read(path).map(|bytes| {
            let file = RawFile { name: path.to_owned(), bytes };
            let source = add(self.sources, &file, kind);
            (source, ConfigText::of_file(self.sources, source, &file))
        });
        self.files.insert(key, read.clone());
        read
    }

    /// The variables in a file that an `env_file` names; raw ones are read as container engines do.
    fn env_file(&mut self, path: &str, is_raw: bool) -> Result<Rc<EnvFile>, String> {
        let key = (path.to_owned(), is_raw);
        if let Some(known) = self.env_files.get(&key) {
            return Ok(Rc::clone(known));
        }
        let bytes = self.surroundings.files.read(path)?;
        self.read.insert(path.to_owned());
        let (source, mut variables) = variables_of_file(self.sources, &RawFile { name: path.to_owned(), bytes });
        if !is_raw {
            let text = self.sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
            variables = dotenv::read(&text, source, &self.variables);
        }
        let read = Rc::new(EnvFile { source, variables });
        self.env_files.insert(key, Rc::clone(&read));
        Ok(read)
    }

    /// What `${NAME}` stands for: the environment of whoever starts the containers beats files, and what the including file has
    /// beats an included one's. Returns those of files.
    fn read_variables(&mut self, inherited: &[Variable]) -> Vec<Variable> {
        let mut found = Vec::new();
        if self.surroundings.env_files.is_empty()
            && let Some(source) = self.add_file(&format!("{}.env", self.folder), SourceKind::Environment)
        {
            let text = self.sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
            found = dotenv::read(&text, source, &self.variables);
        }
        for file in self.surroundings.env_files {
            found.extend(variables_of_file(self.sources, file).1);
        }
        found.extend_from_slice(inherited);
        for variable in &found {
            self.variables.set(variable.name.clone(), variable.value.clone(), Some(variable.span));
        }
        let given = self.surroundings.environment.unwrap_or_default().iter().map(|(name, value)| (name, value));
        for (name, value) in given.chain(self.surroundings.expansion.into_iter().flatten()) {
            self.variables.set_by_process(name, value);
        }
        found
    }

    /// A path of the compose file, as one for [`Files`].
    fn path(&self, written: &str) -> String {
        let joined =
            if written.starts_with(['/', '~']) { written.to_owned() } else { format!("{}{written}", self.folder) };
        normalised(&joined)
    }

    /// There is more to read than is read.
    fn grows(&self) -> bool {
        self.variables.room().problem().is_some() || self.texts.problem().is_some()
    }

    fn service_names(&self) -> Vec<String> {
        let mut known = HashSet::new();
        let names = self.documents.iter().flat_map(|document| &document.services).map(|(name, _)| name);
        names.filter(|name| known.insert(*name)).cloned().collect()
    }

    /// What is said of a service, what it extends first.
    fn layers(&mut self, name: &str) -> Vec<Rc<Node>> {
        let mut layers = Vec::new();
        for document in self.documents.clone() {
            self.add_layers(&document, name, LONGEST_CHAIN, &mut layers);
        }
        tags::heed(&mut layers);
        layers
    }

    fn add_layers(&mut self, document: &Document, name: &str, left: usize, layers: &mut Vec<Rc<Node>>) {
        let Some(service) = document.service(name) else { return };
        if let Some(extends) = service.get("extends").filter(|_| left > 0) {
            let text = |node: Option<&Node>| match node.map(|node| &node.value) {
                Some(Value::Text(text)) => Some(text.clone()),
                _ => None,
            };
            let base = text(Some(extends)).or_else(|| text(extends.get("service")));
            match (base, text(extends.get("file"))) {
                (Some(base), None) => self.add_layers(document, &base, left - 1, layers),
                (Some(base), Some(file)) => {
                    if let Some(document) = self.base(&file) {
                        self.add_layers(&document, &base, left - 1, layers);
                    }
                }
                _ => {}
            }
        }
        layers.push(Rc::clone(service));
    }

    /// The file of a service that is extended.
    fn base(&mut self, written: &str) -> Option<Rc<Document>> {
        let path = self.path(written);
        if let Some(known) = self.bases.get(&path) {
            return Some(Rc::clone(known));
        }
        let source = self.add_file(&path, SourceKind::File)?;
        let document = self.document(source);
        self.bases.insert(path, Rc::clone(&document));
        Some(document)
    }

    /// The definition of a top-level `configs` or `secrets`; the override's wins.
    fn definition(&self, section: &str, name: &str) -> Option<&Node> {
        self.documents.iter().rev().find_map(|document| document.root.get(section)?.get(name))
    }
}
