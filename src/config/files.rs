//! The files that options name: secrets and certificates.

use std::io::Read as _;
use std::path::{Path, PathBuf};

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

/// Files on disk: the path as given, then the same beside the configuration.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    folder: PathBuf,
}

const NOT_FOUND: &str = "no such file or directory";

/// Larger files are neither configurations nor certificates.
const LARGEST: u64 = super::LONGEST_TEXT as u64;

impl DiskFiles {
    /// For a configuration file at this path.
    pub fn beside(configuration: &Path) -> Self {
        Self { folder: configuration.parent().map(Path::to_path_buf).unwrap_or_default() }
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        read(Path::new(path))
            .or_else(|why| if path.starts_with('/') { Err(why) } else { read(&self.folder.join(path)) })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let why = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => NOT_FOUND.to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        kind => kind.to_string(),
    };
    // A pipe or a device could block for ever or never end.
    let metadata = std::fs::metadata(path).map_err(why)?;
    if metadata.is_dir() {
        return Err("is a directory".to_owned());
    }
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    let mut content = Vec::new();
    let file = std::fs::File::open(path).map_err(why)?;
    file.take(LARGEST + 1).read_to_end(&mut content).map_err(why)?;
    if content.len() as u64 > LARGEST {
        return Err(format!("larger than {} MiB", LARGEST >> 20));
    }
    Ok(content)
}
