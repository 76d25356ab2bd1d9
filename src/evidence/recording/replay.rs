//! Answers from a recording.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{RecordingError, SCHEMA, Summary, WORLD_FILE, file_name};
use crate::disk::{self, Unread};
use crate::evidence::{
    Asking, Exchange, ExchangeId, Failure, NamedClient, Outcome, Question, Request, Step, Transport, redact, told,
};
use crate::infra::Code;

/// A larger file is no recording of ours, in bytes: 256 KiB of body, each byte escaped as `\u0000`, and the rest.
const FILE_LIMIT: usize = 2 * 1024 * 1024;
/// A larger recording is none of ours, in bytes.
pub(super) const WHOLE_LIMIT: usize = 64 * 1024 * 1024;
/// More exchanges are none of ours.
pub(super) const EXCHANGE_LIMIT: usize = 5000;

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
            let mut exchange: Exchange = parse(&folder.join(&name), &read(&name)?)?;
            if exchange.id != *id {
                let why = format!("holds the exchange {}, but {WORLD_FILE} says {id}", exchange.id);
                return Err(RecordingError::Invalid { path: folder.join(name), why });
            }
            read_again(&mut exchange);
            exchanges.insert(id.clone(), exchange);
        }
        Ok(Self { summary, exchanges })
    }

    /// When it was recorded, in seconds since 1970.
    pub fn recorded_at(&self) -> u64 {
        self.summary.at
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

/// What the redirect tells that nobody noted when it was recorded: an answer is judged alike, whoever wrote it down.
fn read_again(exchange: &mut Exchange) {
    let Outcome::Answer(answer) = &mut exchange.outcome else { return };
    for (name, value) in answer.location().map(told::of_location).unwrap_or_default() {
        answer.read.entry(name).or_insert(value);
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

pub(super) fn read_summary(folder: &Path, text: &str) -> Result<Summary, RecordingError> {
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
pub(super) fn read_file(path: &Path, left: &mut usize) -> Result<String, RecordingError> {
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
