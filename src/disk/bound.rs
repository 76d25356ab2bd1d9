//! How far a configuration may lead: what it names is opened only below its own folder or work tree.

use std::path::{Path, PathBuf};

use super::read::{Unread, open, take, whole};
use crate::shell;

/// The folder of a repository's own files: it may hold the token with which CI cloned it.
const GIT: &str = ".git";

/// A folder of `--read-outside` that is none.
#[derive(Debug, thiserror::Error)]
#[error("--read-outside {}: {why}", path.display())]
pub struct NotAFolder {
    path: PathBuf,
    why: String,
}

/// The folders below which a file may be opened that a configuration names, by their real paths.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    folders: Vec<PathBuf>,
    /// Those of `--read-outside`.
    outside: Vec<PathBuf>,
}

impl Bound {
    /// For what lies in this folder: the work tree of git that holds it, or else the folder itself. The user's home and the
    /// root are no bound, as everything lies below them.
    pub fn of_folder(folder: &Path) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let home = std::env::home_dir().and_then(|home| std::fs::canonicalize(home).ok());
        let Ok(folder) = std::fs::canonicalize(folder) else { return Self::default() };
        let bounds = |folder: &&Path| folder.parent().is_some() && Some(*folder) != home.as_deref();
        let tree = folder.ancestors().find(|folder| folder.join(GIT).exists()).filter(bounds);
        let bound = tree.or(Some(folder.as_path()).filter(bounds));
        Self { folders: bound.into_iter().map(Path::to_path_buf).collect(), outside: Vec::new() }
    }

    /// For a file and what it names.
    pub fn of_file(file: &Path) -> Self {
        Self::of_folder(file.parent().unwrap_or(Path::new("")))
    }

    /// Both.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.folders.extend(other.folders.iter().cloned());
        self.outside.extend(other.outside.iter().cloned());
        self
    }

    /// The folders that the user opens with `--read-outside`.
    ///
    /// # Errors
    /// If one is no folder.
    pub fn of_outside(folders: &[PathBuf]) -> Result<Self, NotAFolder> {
        let real = |folder: &PathBuf| {
            let fail = |why: String| NotAFolder { path: folder.clone(), why };
            let real = std::fs::canonicalize(folder).map_err(|error| fail(Unread::from(error).to_string()))?;
            if real.is_dir() { Ok(real) } else { Err(fail("it is no folder".to_owned())) }
        };
        Ok(Self { folders: Vec::new(), outside: folders.iter().map(real).collect::<Result<_, _>>()? })
    }

    /// Reads a regular file that a configuration names.
    ///
    /// # Errors
    /// If it lies outside, is none, is longer than `most` bytes, or cannot be read.
    pub fn read(&self, path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
        whole(self.read_up_to(path, most)?, most)
    }

    /// The same, but of a longer file, one byte more than `most`.
    ///
    /// # Errors
    /// If it lies outside, is none, or cannot be read.
    pub fn read_up_to(&self, path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
        let real = self.real(path)?;
        let (file, about) = open(&real)?;
        // Somebody may have put a link in the way since.
        if self.real(path)? != real || !is_same(&about, &std::fs::symlink_metadata(&real)?) {
            return Err(self.refused(&real));
        }
        take(file, about.len(), most)
    }

    /// The bound of what lies in a folder, or is named by a file, that the user named with his own hands. It may lie anywhere; but
    /// where a link in a checkout leads, its author says.
    ///
    /// # Errors
    /// If a link leads to it out of the folder that the link stands in.
    pub fn of_named(path: &Path, outside: &Self) -> Result<Self, Unread> {
        if let Some(link) = super::link_to(path) {
            let bound = Self::of_file(&link).or(outside);
            bound.real(path)?;
            return Ok(bound);
        }
        Ok(if path.is_dir() { Self::of_folder(path) } else { Self::of_file(path) }.or(outside))
    }

    /// Reads what the user named, or what was found in a folder that he named: a file or pipe wherever it lies, but what a link
    /// leads to only within the bound.
    ///
    /// # Errors
    /// As [`Self::read_up_to`].
    pub fn read_named_up_to(&self, path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
        match super::link_to(path) {
            None => super::read_named_up_to(path, most),
            Some(_) => self.read_up_to(path, most),
        }
    }

    /// The same, but a longer file is an error.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_named(&self, path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
        whole(self.read_named_up_to(path, most)?, most)
    }

    /// Reads a file that a flag names and that leads nowhere else.
    ///
    /// # Errors
    /// As [`Self::of_named`] and [`Self::read_named`].
    pub fn read_flagged(path: &Path, most: usize) -> Result<Vec<u8>, Unread> {
        let read = Self::of_named(path, &Self::default()).and_then(|bound| bound.read_named(path, most));
        read.map_err(|why| match why {
            Unread::Outside(_) => {
                Unread::Outside("a link leads out of the folder that it stands in; name the file itself".to_owned())
            }
            why => why,
        })
    }

    /// The path without links, if it lies within.
    fn real(&self, path: &Path) -> Result<PathBuf, Unread> {
        let real = std::fs::canonicalize(path)?;
        let is_own = |folder: &PathBuf| {
            let mut inside = real.strip_prefix(folder).ok().into_iter().flat_map(Path::components);
            real.starts_with(folder) && !inside.any(|part| part.as_os_str().eq_ignore_ascii_case(GIT))
        };
        if self.folders.iter().chain(&self.outside).any(is_own) { Ok(real) } else { Err(self.refused(&real)) }
    }

    fn refused(&self, real: &Path) -> Unread {
        let folder = real.parent().unwrap_or(real).display().to_string();
        let flag = format!("--read-outside {} allows it", shell::quoted(&folder));
        Unread::Outside(match self.folders.last() {
            Some(bound) if real.starts_with(bound) => format!("it is one of git's own files; {flag}"),
            Some(bound) => format!("it lies outside of {}; {flag}", bound.display()),
            None => format!("a configuration in this folder may not name others; {flag}"),
        })
    }
}

#[cfg(unix)]
fn is_same(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    other.is_file()
}
