//! Recorded providers: a folder with `world.json` and one file for each exchange.
//!
//! A recording holds what was asked and answered, redacted, and nothing of the configuration. It serves as bug report, as
//! fixture and as demonstration alike: a replay gives the very answers, and so the very report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{
    Asking, Exchange, ExchangeId, Failure, NamedClient, Outcome, Question, Request, Step, Transport, World, redact,
};
use crate::disk::{self, Unread};
use crate::infra::Code;
use crate::secret::Scrubber;

const SCHEMA: &str = "pomlint/world/v1";
const WORLD_FILE: &str = "world.json";
/// Within the folder: where a recording is written before it takes the place of an older one.
const STAGE: &str = ".pomlint-new";
/// A larger file is no recording of ours, in bytes: 256 KiB of body, each byte escaped as `\u0000`, and the rest.
const FILE_LIMIT: usize = 2 * 1024 * 1024;
/// A larger recording is none of ours, in bytes.
const WHOLE_LIMIT: usize = 64 * 1024 * 1024;
/// More exchanges are none of ours.
const EXCHANGE_LIMIT: usize = 5000;

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

/// Answers from a recording.
#[derive(Clone, Debug)]
pub struct Replay {
    summary: Summary,
    exchanges: BTreeMap<ExchangeId, Exchange>,
}

impl Replay {
    /// Whether this folder is itself a recording, rather than a folder of several.
    pub fn is_in(folder: &Path) -> bool {
        fs::symlink_metadata(folder.join(WORLD_FILE)).is_ok()
    }

    /// Reads a recording from its folder.
    ///
    /// # Errors
    /// If it is not one, is too large, or cannot be read.
    pub fn open(folder: &Path) -> Result<Self, RecordingError> {
        let mut left = WHOLE_LIMIT;
        Self::load(folder, |name| read_file(&folder.join(name), &mut left))
    }

    /// A recording that is part of the program: its files by name.
    ///
    /// # Errors
    /// If it is not one.
    pub fn embedded(files: &[(&str, &str)]) -> Result<Self, RecordingError> {
        Self::load(Path::new("(embedded)"), |name| {
            let file = files.iter().find(|(own, _)| *own == name);
            let missing = || RecordingError::Invalid { path: name.into(), why: "is not embedded".to_owned() };
            file.map(|(_, text)| (*text).to_owned()).ok_or_else(missing)
        })
    }

    fn load(
        folder: &Path,
        mut read: impl FnMut(&str) -> Result<String, RecordingError>,
    ) -> Result<Self, RecordingError> {
        let summary = read_summary(folder, &read(WORLD_FILE)?)?;
        let mut exchanges = BTreeMap::new();
        for id in &summary.exchanges {
            let name = file_name(id);
            let exchange: Exchange = parse(&folder.join(&name), &read(&name)?)?;
            if exchange.id != *id {
                let why = format!("holds the exchange {}, but {WORLD_FILE} says {id}", exchange.id);
                return Err(RecordingError::Invalid { path: folder.join(name), why });
            }
            exchanges.insert(id.clone(), exchange);
        }
        Ok(Self { summary, exchanges })
    }

    /// When it was recorded, in seconds since 1970.
    pub fn recorded_at(&self) -> u64 {
        self.summary.at
    }

    /// The version of the tool that recorded it.
    pub fn tool_version(&self) -> &str {
        &self.summary.tool.version
    }

    /// The recorded exchange that answers this question, or why none does.
    fn find(&self, question: &Question) -> Result<&Exchange, String> {
        let id = &question.id;
        let exchange = self.exchanges.get(id).ok_or_else(|| format!("the recording holds no exchange {id}"))?;
        let recorded = &exchange.request;
        if question_key(id, recorded) == question_key(id, &question.request) {
            return Ok(exchange);
        }
        Err(format!("the recording answers {id} for another request: {} {}", recorded.method, recorded.url))
    }
}

impl Transport for Replay {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        let exchange = self.find(question).cloned().unwrap_or_else(|cause| Exchange {
            id: question.id.clone(),
            request: Request { url: redact(&question.request.url).into_owned(), ..question.request.clone() },
            outcome: Outcome::Failure(Failure::new(Step::NotRecorded, cause)),
            at: self.summary.at,
            ms: 0,
            attempts: 0,
        });
        Box::pin(std::future::ready(exchange))
    }

    fn proxies(&self) -> BTreeMap<String, String> {
        self.summary.proxies.clone()
    }

    fn took_ms(&self) -> Option<u64> {
        Some(self.summary.took_ms)
    }

    fn code(&self) -> Vec<Code> {
        self.summary.code.clone()
    }

    fn named(&self) -> Vec<NamedClient> {
        self.summary.named.clone()
    }

    fn holds_calls(&self) -> bool {
        self.summary.exchanges.iter().any(ExchangeId::is_call)
    }

    fn patience(&self) -> Option<Duration> {
        None
    }
}

/// What must agree for a recorded answer to answer a question: the method and the URL, but for `state`, and for the URL
/// that a control probe (`authorize-control`, `sign-out-control`) sends, which is random.
fn question_key(id: &ExchangeId, request: &Request) -> (String, String, Vec<(String, String)>) {
    let url = redact(&request.url);
    let Ok(url) = Url::parse(&url) else { return (request.method.clone(), url.into_owned(), Vec::new()) };
    let is_control = id.0.contains("-control");
    let is_random = |name: &str| name == "state" || is_control && matches!(name, "redirect_uri" | "logout_uri");
    let mut pairs: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| !is_random(name)).collect();
    // In whichever order they are written, they are the same question.
    pairs.sort();
    let mut base = url.clone();
    base.set_query(None);
    if id.is_call() {
        // All calls of the API have one URL.
        pairs.extend(request.form.iter().cloned());
    }
    (request.method.clone(), base.into(), pairs)
}

fn read_summary(folder: &Path, text: &str) -> Result<Summary, RecordingError> {
    let path = folder.join(WORLD_FILE);
    let invalid = |why| RecordingError::Invalid { path: path.clone(), why };
    // The schema first: of another release, nothing else need be as we know it.
    let value: serde_json::Value = parse(&path, text)?;
    match value.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => {}
        Some(other) if other.starts_with("pomlint/world/") => {
            return Err(invalid(format!("was recorded in the format {other}; this release reads {SCHEMA}")));
        }
        _ => return Err(invalid(format!("is not a recording: its `schema` is not {SCHEMA}"))),
    }
    let summary: Summary = parse(&path, text)?;
    if summary.exchanges.len() > EXCHANGE_LIMIT {
        return Err(invalid(format!("lists {} exchanges; at most {EXCHANGE_LIMIT} are read", summary.exchanges.len())));
    }
    Ok(summary)
}

fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<T, RecordingError> {
    serde_json::from_str(text)
        .map_err(|error| RecordingError::Invalid { path: path.to_owned(), why: format!("is not as recorded: {error}") })
}

/// Reads a file of a recording, which must be an ordinary file: a link could lead anywhere, a pipe never ends.
fn read_file(path: &Path, left: &mut usize) -> Result<String, RecordingError> {
    let invalid = |why: &str| RecordingError::Invalid { path: path.to_owned(), why: why.to_owned() };
    if !fs::symlink_metadata(path).is_ok_and(|about| !about.is_symlink()) {
        let why = if path.is_symlink() { Unread::NotRegular } else { Unread::NotFound };
        return Err(invalid(&why.to_string()));
    }
    let bytes = disk::read(path, FILE_LIMIT.min(*left)).map_err(|why| match why {
        Unread::TooLong(_) => invalid("is too large for a recording"),
        Unread::Folder => invalid(&Unread::NotRegular.to_string()),
        why => invalid(&why.to_string()),
    })?;
    *left -= bytes.len();
    String::from_utf8(bytes).map_err(|_| invalid("is not UTF-8 text"))
}

#[cfg(test)]
mod tests;
