//! Compose files: each service that runs Pomerium is a deployment (<https://docs.docker.com/reference/compose-file/>).

mod dotenv;
mod interpolate;
mod mounts;
mod service;

use std::collections::{BTreeSet, HashMap};

use super::text::{RawFile, add};
use super::unknown::{Twins, add_twins};
use super::{Deployment, variables_of_file};
use crate::config::files::Files;
use crate::config::node::{Node, Value};
use crate::config::place::Place;
use crate::config::source::{SourceId, SourceKind, Sources};
use crate::config::yaml;
use interpolate::Variables;
use service::Service;

/// What a compose file is read with besides itself.
pub(super) struct Surroundings<'a> {
    pub(super) files: &'a dyn Files,
    /// What the user named with `--env-file`: it stands in the place of `.env`.
    pub(super) env_files: &'a [RawFile],
    /// The environment in which the containers are started, if it counts.
    pub(super) environment: Option<&'a [(String, String)]>,
    /// The same, asked for by `--expand-env`.
    pub(super) expansion: Option<&'a HashMap<String, String>>,
}

/// What a compose file comes to.
pub(super) struct Found {
    /// One for each service that runs Pomerium.
    pub(super) deployments: Vec<Deployment>,
    /// The other files that were read, by their paths: they are parts of these deployments.
    pub(super) read: BTreeSet<String>,
}

/// Longest chain of `extends`.
const LONGEST_CHAIN: usize = 10;

/// Reads the services of a compose file that run Pomerium.
pub(super) fn read(sources: &mut Sources, main: SourceId, surroundings: &Surroundings<'_>) -> Found {
    let name = sources.get(main).map(|source| source.name.clone()).unwrap_or_default();
    let folder = name.rfind(['/', '\\']).map_or(String::new(), |slash| name[..=slash].to_owned());
    let mut project = Project {
        sources,
        surroundings,
        folder,
        variables: Variables::default(),
        documents: Vec::new(),
        twins: Twins::new(),
        read: BTreeSet::new(),
    };
    project.open(main);
    project.open_override(&name);
    project.read_variables();
    let mut deployments: Vec<Deployment> =
        project.service_names().into_iter().filter_map(|service| Service::of(&mut project, &name, &service)).collect();
    if let [only] = deployments.as_mut_slice() {
        only.name.clone_from(&name);
    }
    Found { deployments, read: project.read }
}

/// A compose file with everything beside it.
struct Project<'a> {
    sources: &'a mut Sources,
    surroundings: &'a Surroundings<'a>,
    /// Where paths begin: empty or ending in a slash.
    folder: String,
    variables: Variables,
    /// The file and its override, each with its source.
    documents: Vec<(SourceId, Node)>,
    twins: Twins,
    read: BTreeSet<String>,
}

impl Project<'_> {
    /// Reads the tree of a source.
    fn open(&mut self, source: SourceId) {
        let root = self.tree(source);
        self.documents.push((source, root));
    }

    fn tree(&mut self, source: SourceId) -> Node {
        let text = self.sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
        let twins = add_twins(self.sources, std::iter::once(source).filter(|id| !self.twins.contains_key(id)));
        self.twins.extend(twins);
        let place = Place::Verbatim(source, 0);
        let root = yaml::read(&text, &place, yaml::Wanted::Anything).root;
        root.unwrap_or_else(|| Node { value: Value::Null, span: place.span(0, 0) })
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
            if let Ok(source) = self.add_file(&format!("{}{stem}.override.{ending}", self.folder), SourceKind::File) {
                return self.open(source);
            }
        }
    }

    /// Adds a file of this machine to the sources.
    fn add_file(&mut self, path: &str, kind: SourceKind) -> Result<SourceId, String> {
        let bytes = self.surroundings.files.read(path)?;
        self.read.insert(normalised(path));
        Ok(add(self.sources, &RawFile { name: path.to_owned(), bytes }, kind))
    }

    /// What `${NAME}` stands for: the environment of whoever starts the containers beats files.
    fn read_variables(&mut self) {
        let mut found = Vec::new();
        if self.surroundings.env_files.is_empty()
            && let Ok(source) = self.add_file(&format!("{}.env", self.folder), SourceKind::Environment)
        {
            let text = self.sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
            found = dotenv::read(&text, source, &Variables::default());
        }
        for file in self.surroundings.env_files {
            found.extend(variables_of_file(self.sources, file).1);
        }
        for variable in found {
            self.variables.set(variable.name, variable.value, Some(variable.span));
        }
        let given = self.surroundings.environment.unwrap_or_default().iter().map(|(name, value)| (name, value));
        for (name, value) in given.chain(self.surroundings.expansion.into_iter().flatten()) {
            self.variables.set(name, value, None);
        }
    }

    /// A path of the compose file, as one for [`Files`].
    fn path(&self, written: &str) -> String {
        let joined =
            if written.starts_with(['/', '~']) { written.to_owned() } else { format!("{}{written}", self.folder) };
        normalised(&joined)
    }

    fn service_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (_, root) in &self.documents {
            for entry in root.get("services").map(Node::entries).unwrap_or_default() {
                if !names.contains(&entry.key) {
                    names.push(entry.key.clone());
                }
            }
        }
        names
    }

    /// What is said of a service, what it extends first.
    fn layers(&mut self, name: &str) -> Vec<Node> {
        let mut layers = Vec::new();
        let documents: Vec<Node> = self.documents.iter().map(|(_, root)| root.clone()).collect();
        for root in &documents {
            self.add_layers(root, name, LONGEST_CHAIN, &mut layers);
        }
        layers
    }

    fn add_layers(&mut self, root: &Node, name: &str, left: usize, layers: &mut Vec<Node>) {
        let Some(service) = root.get("services").and_then(|services| services.get(name)) else { return };
        if let Some(extends) = service.get("extends").filter(|_| left > 0) {
            let text = |node: Option<&Node>| match node.map(|node| &node.value) {
                Some(Value::Text(text)) => Some(text.clone()),
                _ => None,
            };
            let base = text(Some(extends)).or_else(|| text(extends.get("service")));
            match (base, text(extends.get("file"))) {
                (Some(base), None) => self.add_layers(root, &base, left - 1, layers),
                (Some(base), Some(file)) => {
                    let path = self.path(&file);
                    if let Ok(source) = self.add_file(&path, SourceKind::File) {
                        let root = self.tree(source);
                        self.add_layers(&root, &base, left - 1, layers);
                    }
                }
                _ => {}
            }
        }
        layers.push(service.clone());
    }

    /// The definition of a top-level `configs` or `secrets`; the override's wins.
    fn definition(&self, section: &str, name: &str) -> Option<Node> {
        self.documents.iter().rev().find_map(|(_, root)| root.get(section)?.get(name).cloned())
    }
}

/// A path without `.` and `..` as far as they can be resolved.
pub(super) fn normalised(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !["", ".."].contains(last)) => {
                parts.pop();
            }
            "" if !parts.is_empty() => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}
