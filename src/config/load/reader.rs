//! What is asked for, and what has been read of it so far.

use std::collections::HashMap;

use super::given::GivenValue;
use crate::config::forms::Deployment;
use crate::config::forms::kubernetes::Listed;
use crate::config::forms::recognise::{GivenBy, Shape};
use crate::config::releases::PomeriumVersion;
use crate::config::text::{ConfigText, Files, RawFile, SourceId, Sources, normalised};

/// Everything that configurations are read from.
#[derive(Default)]
pub struct Request<'a> {
    /// The files, in the order in which they were named or found.
    pub given: Vec<Given<'a>>,
    /// Files of `NAME=value` lines: Pomerium's environment, or what a compose file's variables stand for. Later ones win.
    pub env_files: Vec<RawFile>,
    /// The environment of this process, if it counts; it beats the files.
    pub environment: Option<Vec<(String, String)>>,
    /// The variables that replace `$NAME` and `${NAME}` in every value, if any do.
    pub expansion: Option<HashMap<String, String>>,
    /// The release to judge for; without one, that of an image's tag, or else the newest.
    pub version: Option<PomeriumVersion>,
    /// Values that stand elsewhere; [`refused_given`](super::given::refused_given) says which cannot be filled in.
    pub values: Vec<GivenValue>,
    /// If the manifests are what a cluster shows of a namespace: what of it they are all of.
    pub listed: Option<Listed>,
}

/// One file.
pub struct Given<'a> {
    /// Its name and content.
    pub file: RawFile,
    /// The files it may name.
    pub files: &'a dyn Files,
    /// Who says that it has to do with Pomerium.
    pub by: GivenBy,
}

impl Request<'_> {
    /// Whether a file that another one names is among those that were given.
    pub(in crate::config) fn has(&self, file: &str) -> bool {
        let end = end_of(file);
        self.given.iter().any(|given| ends_in(&given.file.name, &end))
    }
}

/// How the path of a file ends that another one names: the path begins in a folder that only its reader knows.
pub(in crate::config) fn end_of(name: &str) -> String {
    normalised(name.trim_start_matches("$values/")).trim_start_matches("../").to_owned()
}

/// Whether the path of a file ends so.
pub(in crate::config) fn ends_in(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// A file that has been recognised.
pub(in crate::config) struct Recognised<'a> {
    pub(in crate::config) name: String,
    pub(in crate::config) source: SourceId,
    pub(in crate::config) shape: Shape,
    pub(in crate::config) text: ConfigText,
    pub(in crate::config) files: &'a dyn Files,
    pub(in crate::config) found: bool,
}

/// Collects deployments.
pub(in crate::config) struct Reader<'a> {
    pub(in crate::config) request: &'a Request<'a>,
    pub(in crate::config) sources: Sources,
    pub(in crate::config) deployments: Vec<(Deployment, &'a dyn Files)>,
    pub(in crate::config) passed_over: usize,
}
