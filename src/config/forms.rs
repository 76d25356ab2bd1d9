//! The forms in which people run Pomerium, each read into [`Deployment`]s: what one process of Pomerium is given, and where each
//! piece of it stands.

mod command;
pub(in crate::config) mod compose;
mod deployed;
mod environment;
pub(in crate::config) mod helm;
mod image;
pub(in crate::config) mod kubernetes;
pub(in crate::config) mod recognise;
mod telling;
mod vocabulary;

use std::sync::Arc;

use crate::config::releases::PomeriumVersion;
use crate::config::settings::{Form, Reading};
use crate::config::text::{
    ConfigText, Files, IN_CONTAINER, MOST_DEPLOYMENTS, NOT_FOUND, Node, Place, Problem, RawFile, Room, SourceId,
    Sources, Span, Variable, is_not_found, path,
};
use crate::secret::Secret;

pub use deployed::{REQUEST_PARAMETERS, Sent, Shown};
pub(in crate::config) use environment::{variables_of_file, variables_of_found_file, variables_of_process};
pub use recognise::GivenBy;

/// What one process of Pomerium is given.
pub(in crate::config) struct Deployment {
    /// What reports call it: the path of its file, perhaps with what to look for in it: `compose.yaml: service pomerium`.
    pub(in crate::config) name: String,
    /// The form it came in.
    pub(in crate::config) form: Form,
    /// The release, where the deployment names it (the tag of an image).
    pub(in crate::config) version: Option<PomeriumVersion>,
    /// Where its settings come from. Of two environments the later one wins; every environment beats the file.
    pub(in crate::config) layers: Vec<Layer>,
    /// The texts it was read from, the main one first. Those of kind `SourceKind::Environment` hold variables: a file that
    /// holds both is added twice, once of each kind.
    pub(in crate::config) sources: Vec<SourceId>,
    /// The files that its settings can name; `None` if they are those of this machine, as for a configuration file by itself.
    pub(in crate::config) mounts: Option<Vec<Mount>>,
    /// What is known of it before its settings are read.
    pub(in crate::config) reading: Reading,
    /// The place to point at when the deployment as a whole is meant, if it has no configuration file.
    pub(in crate::config) at: Option<Span>,
    /// Values that must not be printed, besides those of the settings.
    pub(in crate::config) secrets: Vec<(Secret, Span)>,
}

/// One source of settings.
pub(in crate::config) enum Layer {
    /// The text of the configuration file. If there are several, only the first one is read.
    File(ConfigText),
    /// Environment variables.
    Environment(Vec<Variable>),
    /// Options that never were a configuration file, under their names in one. With `keeps_case`, names in policies are
    /// compared as they are written; viper would lower-case them.
    Tree { root: Node, keeps_case: bool },
}

/// A file inside a container.
pub(in crate::config) struct Mount {
    /// Its path, or that of a folder.
    pub(in crate::config) path: String,
    /// What is there.
    pub(in crate::config) content: Mounted,
}

/// What is mounted.
pub(in crate::config) enum Mounted {
    /// A file or folder of this machine, as a path for [`Files`].
    Local(String),
    /// A file or folder of the machine on which it runs, which may be another one.
    Host(String),
    /// These bytes, which several processes may see.
    Content(Arc<[u8]>),
    /// Something that cannot be seen from here; why.
    Unknown(String),
}

impl Mount {
    /// Where Vault's agents put files into pods whose manifests have no volume for them
    /// (<https://developer.hashicorp.com/vault/docs/deploy/kubernetes/injector>).
    pub(in crate::config) fn of_vault() -> Self {
        Self::injected("/vault")
    }

    /// What lies below a folder whose files something puts there that no manifest shows.
    pub(in crate::config) fn injected(path: &str) -> Self {
        let why = format!("{IN_CONTAINER}nothing here says what puts it there");
        Self { path: path.to_owned(), content: Mounted::Unknown(why) }
    }
}

impl Deployment {
    /// A deployment of which nothing is known yet.
    pub(in crate::config) fn new(name: impl Into<String>, form: Form) -> Self {
        Self {
            name: name.into(),
            form,
            version: None,
            layers: Vec::new(),
            sources: Vec::new(),
            mounts: None,
            reading: Reading::default(),
            at: None,
            secrets: Vec::new(),
        }
    }

    /// Whether any variable speaks of Pomerium.
    pub(in crate::config) fn names_pomerium(&self) -> bool {
        self.layers.iter().any(|layer| match layer {
            Layer::Environment(variables) => {
                variables.iter().any(|variable| recognise::is_own_variable(&variable.name))
            }
            _ => true,
        })
    }

    /// Gives up a deployment that grows too much, for a finding that says so at this place.
    pub(in crate::config) fn give_up_if(&mut self, room: &Room, at: Span) {
        if let Some(words) = room.problem() {
            self.give_up(words, at);
        }
    }

    /// Gives up the one with which there are too many in one text.
    fn give_up_as_one_of_many(&mut self, at: Span) {
        self.give_up(format!("this is one more than {MOST_DEPLOYMENTS} in one file, and no more is read"), at);
    }

    fn give_up(&mut self, words: String, at: Span) {
        let (name, place, problem) = (self.name.clone(), Place::Decoded(at), Some(Problem::Grows(words)));
        self.layers = vec![Layer::File(ConfigText { name, text: "".into(), place, problem })];
    }

    /// Adds environment files and the environment of this process, which beats them.
    pub(in crate::config) fn add_environment(
        &mut self,
        sources: &mut Sources,
        files: &[RawFile],
        process: Option<&[(String, String)]>,
    ) {
        let mut add = |(source, variables)| {
            self.sources.push(source);
            self.layers.push(Layer::Environment(variables));
        };
        for file in files {
            add(variables_of_file(sources, file));
        }
        if let Some(process) = process {
            add(variables_of_process(sources, process));
        }
    }
}

/// The path of what lies below a folder of this machine: `rest` is empty or begins with a slash. The current folder is `.`, and
/// what lies in it must not become a path from the root.
pub(in crate::config) fn below(folder: &str, rest: &str) -> String {
    match (folder, rest.trim_start_matches('/')) {
        (folder, "") => folder.to_owned(),
        (".", rest) => rest.to_owned(),
        (folder, rest) => format!("{}/{rest}", folder.trim_end_matches('/')),
    }
}

/// The files a deployment sees.
pub(in crate::config) struct MountedFiles<'a> {
    pub(in crate::config) mounts: &'a [Mount],
    pub(in crate::config) files: &'a dyn Files,
}

impl Files for MountedFiles<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let Some((mount, rest)) = path::innermost(self.mounts, |mount| &mount.path, path) else {
            return Err(NOT_FOUND.to_owned());
        };
        match &mount.content {
            Mounted::Local(local) => self.files.read(&below(local, rest)),
            Mounted::Host(host) => {
                let path = below(host, rest);
                let elsewhere = format!("{IN_CONTAINER}it comes from {path} of the machine on which it runs");
                self.files.read(&path).map_err(|why| if is_not_found(&why) { elsewhere } else { why })
            }
            Mounted::Content(bytes) if rest.is_empty() => Ok(bytes.to_vec()),
            Mounted::Content(_) => Err("not a directory".to_owned()),
            Mounted::Unknown(why) => Err(why.clone()),
        }
    }
}
