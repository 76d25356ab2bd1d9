//! The files that options name: secrets and certificates.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::absent::IN_CONTAINER;
use crate::disk::{Bound, Unread, is_own_descriptor};

/// Reads files that a configuration names.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// Why it cannot be read, as the operating system says it: `no such file or directory`.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// No file exists.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Err(NOT_FOUND.to_owned())
    }
}

/// Files on disk, as far as a configuration may lead: the path as given, then the same beside the configuration.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    folder: PathBuf,
    bound: Bound,
    instead: CandidateTexts,
}

/// What files would hold, by their real paths.
pub type CandidateTexts = Arc<BTreeMap<PathBuf, String>>;

/// As Go says it.
pub(in crate::config) const NOT_FOUND: &str = "no such file or directory";

impl DiskFiles {
    /// For a configuration file at this path, which may name what lies in its folder or its work tree.
    pub fn beside(configuration: &Path) -> Self {
        Self::within(configuration, Bound::of_file(configuration))
    }

    /// For a configuration file that may name what lies within this bound.
    pub fn within(configuration: &Path, bound: Bound) -> Self {
        Self {
            folder: configuration.parent().map(Path::to_path_buf).unwrap_or_default(),
            bound,
            instead: CandidateTexts::default(),
        }
    }

    /// As if these files held other texts.
    #[must_use]
    pub fn with(self, instead: CandidateTexts) -> Self {
        Self { instead, ..self }
    }

    fn read_at(&self, path: &Path) -> Result<Vec<u8>, String> {
        // Larger files are neither configurations nor certificates.
        let read = self.bound.read(path, super::parsed::LONGEST_TEXT).map(|bytes| replaced(&self.instead, path, bytes));
        read.map_err(|why| match why {
            Unread::NotFound => why_absent(path, &|folder| folder.exists()),
            Unread::Folder => "is a directory".to_owned(),
            Unread::NotRegular => "not a regular file".to_owned(),
            Unread::TooLong(_) => format!("larger than {} MiB", super::parsed::LONGEST_TEXT >> 20),
            other => other.to_string(),
        })
    }
}

/// Where a container has its secrets (<https://docs.docker.com/compose/how-tos/use-secrets/>; a pod has the token of its account there).
const SECRETS_OF_CONTAINERS: [&str; 2] = ["/run/secrets", "/var/run/secrets"];

/// Why a file is not here. A machine without any secrets of containers is not the one that the path is of; on any other one, the file is
/// missing.
fn why_absent(path: &Path, exists: &dyn Fn(&Path) -> bool) -> String {
    let is_below = |folder: &Path| {
        let mut parts = path.strip_prefix(folder).ok().into_iter().flat_map(Path::components).peekable();
        parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    let is_of_another = |folder: &&&str| is_below(Path::new(folder)) && !exists(Path::new(folder));
    let of_container = SECRETS_OF_CONTAINERS.iter().find(is_of_another);
    match of_container {
        Some(folder) => {
            format!("{IN_CONTAINER}containers have their secrets in {folder}, and this machine has no such folder")
        }
        None => NOT_FOUND.to_owned(),
    }
}

/// The bytes of a file, or those that it would hold.
pub fn replaced(instead: &CandidateTexts, path: &Path, bytes: Vec<u8>) -> Vec<u8> {
    if instead.is_empty() {
        return bytes;
    }
    let text = std::fs::canonicalize(path).ok().and_then(|real| instead.get(&real));
    text.map_or(bytes, |text| text.clone().into_bytes())
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let as_given = self.read_at(Path::new(path));
        match as_given {
            Err(_) if !path.starts_with('/') => match self.read_at(&self.folder.join(path)) {
                // What lies where it was meant says more than what does not lie elsewhere.
                Err(why) if is_not_found(&why) => as_given,
                beside => beside,
            },
            _ => as_given,
        }
    }
}

/// Whether a text came through a pipe, standard input or `<(…)` of a shell: it has no name that tells its format.
pub(in crate::config) fn is_stream(name: &str) -> bool {
    name == "-" || is_own_descriptor(Path::new(name))
}

/// A part of what is to be read, with the reason if it is more than that there is no such file.
pub(in crate::config) fn unread(part: &str, why: &str) -> String {
    if is_not_found(why) { part.to_owned() } else { format!("{part} ({why})") }
}

/// Whether this is the reason that the configuration may not lead there.
pub(in crate::config) fn is_not_opened(why: &str) -> bool {
    why.starts_with("not opened: ")
}

/// Whether this is the reason that there is no such file.
pub(in crate::config) fn is_not_found(why: &str) -> bool {
    why == NOT_FOUND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_a_container_is_missing_only_where_there_are_such() {
        let why = |path: &str, is_there: bool| why_absent(Path::new(path), &|_| is_there);
        for path in ["/run/secrets/idp", "/var/run/secrets/pomerium/idp"] {
            assert!(why(path, false).starts_with(IN_CONTAINER), "{path}");
            assert_eq!(why(path, true), NOT_FOUND, "{path}");
        }
        for path in
            ["/etc/pomerium/idp", "/run/secrets-of-mine/idp", "run/secrets/idp", "/run/secrets/../idp", "/run/secrets/"]
        {
            assert_eq!(why(path, false), NOT_FOUND, "{path}");
        }
    }
}
