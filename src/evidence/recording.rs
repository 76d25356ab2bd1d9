//! Recorded providers: a folder with `world.json` and one file for each exchange.
//!
//! A recording holds what was asked and answered, redacted, and nothing of the configuration. It serves as bug report, as
//! fixture and as demonstration alike: a replay gives the very answers, and so the very report.

mod replay;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{ExchangeId, NamedClient, Outcome, World};
use crate::disk;
use crate::infra::Code;
use crate::secret::Scrubber;

pub use replay::Replay;
use replay::{WHOLE_LIMIT, read_file, read_summary};

const SCHEMA: &str = "pomlint/world/v1";
const WORLD_FILE: &str = "world.json";
/// Within the folder: where a recording is written before it takes the place of an older one.
const STAGE: &str = ".pomlint-new";

/// Why a recording cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else is there already.
    #[error("{}: {why}; name a new or empty folder, or one that --record wrote", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What is there.
        why: &'static str,
    },
    /// Nothing was answered, and an older recording is worth more than that.
    #[error("{}: nothing was answered, so the recording that is there stays as it was", path.display())]
    NothingAnswered {
        /// The folder.
        path: PathBuf,
    },
    /// What is there is not a recording, or not one that this release can read.
    #[error("{}: {why}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// `world.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Summary {
    schema: String,
    tool: Tool,
    /// The configuration as the user named it.
    config: String,
    /// When it was recorded by the local clock, in seconds since 1970.
    at: u64,
    /// Wall time of the gathering, in milliseconds.
    took_ms: u64,
    /// Proxies by host.
    #[serde(default)]
    proxies: BTreeMap<String, String>,
    /// The exchanges, in the order asked.
    exchanges: Vec<ExchangeId>,
    /// What was taken from infrastructure code: the files themselves hold secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    code: Vec<Code>,
    /// Which of its app clients the user named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    named: Vec<NamedClient>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tool {
    name: String,
    version: String,
}

/// Records a world, in a folder that is new, empty, or an older recording, which it replaces.
///
/// An older recording is replaced only by a whole one that holds an answer: all is written beside it first, and `world.json`
/// takes its place last, as a folder without it is no recording. `config_path` is only noted. What a provider says back of the
/// secrets is not kept.
///
/// # Errors
/// If the folder holds anything else, or cannot be written; or if nothing was answered and it holds a recording.
pub fn record(world: &World, config_path: &Path, folder: &Path, secrets: &Scrubber) -> Result<(), RecordingError> {
    let summary = Summary {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        config: config_path.display().to_string(),
        at: world.exchanges.first().map_or_else(now, |exchange| exchange.at),
        took_ms: world.took_ms,
        proxies: world.proxies.clone(),
        exchanges: world.exchanges.iter().map(|exchange| exchange.id.clone()).collect(),
        code: world.code.clone(),
        named: world.named.clone(),
    };
    let mut names = BTreeSet::new();
    if let Some(twice) = summary.exchanges.iter().find(|id| !names.insert(file_name(id))) {
        let why = format!("two exchanges are called {twice}");
        return Err(RecordingError::Invalid { path: folder.to_owned(), why });
    }
    let old = older(folder)?;
    let is_answered = world.exchanges.iter().any(|exchange| matches!(exchange.outcome, Outcome::Answer(_)));
    if old.is_some() && !is_answered {
        return Err(RecordingError::NothingAnswered { path: folder.to_owned() });
    }
    let stage = folder.join(STAGE);
    let written = write_all(world, &summary, &stage, secrets).and_then(|()| {
        let old = old.unwrap_or_default();
        put_in_place(&stage, folder, &names, &old)
    });
    // Whatever became of it; what is left there is in nobody's way.
    let _ = fs::remove_dir_all(&stage);
    written
}

/// Writes the files of a recording to a folder of their own.
fn write_all(world: &World, summary: &Summary, stage: &Path, secrets: &Scrubber) -> Result<(), RecordingError> {
    // What a run left that was broken off.
    let _ = fs::remove_dir_all(stage);
    disk::create_folder(stage).map_err(|source| RecordingError::Io { path: stage.to_owned(), source })?;
    for exchange in &world.exchanges {
        write_file(stage, &file_name(&exchange.id), exchange, secrets)?;
    }
    write_file(stage, WORLD_FILE, summary, secrets)
}

/// Puts the files of a recording into the place of those of an older one.
fn put_in_place(
    stage: &Path,
    folder: &Path,
    names: &BTreeSet<String>,
    old: &BTreeSet<String>,
) -> Result<(), RecordingError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        |source| RecordingError::Io { path, source }
    };
    let world = folder.join(WORLD_FILE);
    match fs::remove_file(&world) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(&world)(error)),
        _ => {}
    }
    for name in names.iter().map(String::as_str).chain([WORLD_FILE]) {
        let path = folder.join(name);
        fs::rename(stage.join(name), &path).map_err(fail(&path))?;
    }
    for stale in old.difference(names) {
        let path = folder.join(stale);
        fs::remove_file(&path).map_err(fail(&path))?;
    }
    Ok(())
}

/// Makes the folder, or makes sure that it is ours to fill. Gives the exchange files of the recording that is there, if there
/// is one.
fn older(folder: &Path) -> Result<Option<BTreeSet<String>>, RecordingError> {
    let fail = |source| RecordingError::Io { path: folder.to_owned(), source };
    let occupied = |why| RecordingError::Occupied { path: folder.to_owned(), why };
    match disk::create_folder(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Err(occupied("is not a folder")),
        made => made.map_err(fail)?,
    }
    let entries: Result<BTreeSet<_>, _> =
        fs::read_dir(folder).map_err(fail)?.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let mut entries = entries.map_err(fail)?;
    entries.remove(STAGE.as_ref() as &std::ffi::OsStr);
    if entries.is_empty() {
        return Ok(None);
    }
    let mut left = WHOLE_LIMIT;
    let old = read_file(&folder.join(WORLD_FILE), &mut left).and_then(|text| read_summary(folder, &text));
    let old = old.map_err(|_| occupied("holds other things than a recording"))?;
    let names: BTreeSet<_> = old.exchanges.iter().map(file_name).collect();
    let is_ours = |name: &str| name == WORLD_FILE || names.contains(name);
    if !entries.iter().all(|entry| entry.to_str().is_some_and(is_ours)) {
        return Err(occupied("holds other things besides a recording"));
    }
    // Before anything is removed: what is no regular file is not replaced.
    let is_file = |entry| fs::symlink_metadata(folder.join(entry)).is_ok_and(|about| about.is_file());
    if !entries.iter().all(is_file) {
        return Err(occupied("holds a link or a folder in the place of a recorded file"));
    }
    // A file that was listed but is not there needs no removal.
    Ok(Some(names.into_iter().filter(|name| entries.contains(name.as_ref() as &std::ffi::OsStr)).collect()))
}

fn write_file(folder: &Path, name: &str, content: &impl Serialize, secrets: &Scrubber) -> Result<(), RecordingError> {
    let path = folder.join(name);
    let write = || {
        let text = serde_json::to_string_pretty(content)?;
        let mut text = secrets.scrub_json(&text).into_owned();
        text.push('\n');
        disk::write(&path, text.as_bytes())
    };
    write().map_err(|source| RecordingError::Io { path: path.clone(), source })
}

/// The file of an exchange. Never leaves the folder, and never meets another's, not even where letter case is ignored:
/// all but small letters, digits, hyphens and inner dots is percent-encoded.
fn file_name(id: &ExchangeId) -> String {
    /// Longer names are cut and told apart by a digest, in bytes.
    const LONGEST: usize = 100;
    let mut name = String::new();
    for byte in id.0.bytes() {
        let plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if plain || byte == b'.' && !name.is_empty() {
            name.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(name, "%{byte:02x}");
        }
    }
    if name.len() > LONGEST {
        let digest = Sha256::digest(id.0.as_bytes());
        name.truncate(LONGEST);
        name.push('~');
        for byte in digest.iter().take(8) {
            let _ = write!(name, "{byte:02x}");
        }
    }
    // `world` is taken.
    if name == "world" || name.is_empty() {
        name.push('~');
    }
    format!("{name}.json")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
