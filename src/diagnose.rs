//! From what a person sees to the rules it names: at two in the morning somebody pastes an address, a page, a log, a HAR file or a
//! token, and wants to know whose it is, what it means and what to look at.
//!
//! What may be seen is told by the rule pages (see [`crate::page`]) and, for causes that no rule can judge, by `knowledge.yaml`.
//! Nothing is guessed: what matches no symptom is said to match none.

mod clues;
mod error;
mod har;
mod knowledge;
mod line;
mod pattern;
mod read;
mod sightings;
mod token;

pub use clues::Clues;
pub use error::ReadError;
pub use read::{Progress, read, read_text};
pub use token::{Check, CheckState, TokenReading};

use serde::Deserialize;

use crate::page::{Strength, Symptom};
use crate::rules::{Rule, Stage};
use crate::secret::Clean;

/// What the input was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines of text: an address, a page, a log.
    Text,
    /// A HAR file: what a browser recorded.
    Har,
    /// An ID or access token.
    Token,
}

impl Kind {
    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Har => "har",
            Self::Token => "token",
        }
    }
}

/// What is known from the input alone.
#[derive(Debug)]
pub struct Diagnosis {
    /// What the input was taken for.
    pub kind: Kind,
    /// What was recognised, in the order first seen.
    pub sightings: Vec<Sighting>,
    /// What the token says.
    pub token: Option<TokenReading>,
    /// What the input tells about the login it comes from.
    pub clues: Clues,
    /// How much was read, and what was not understood.
    pub counts: Counts,
    /// The first few lines that complain but match nothing, each kind of line once, fit for printing.
    pub unexplained: Vec<Unexplained>,
}

/// Something recognised, perhaps many times.
#[derive(Debug)]
pub struct Sighting {
    /// The text, shortened.
    pub text: Clean,
    /// The first line, counted from 1; in a HAR file, the request.
    pub first: u64,
    /// The last line.
    pub last: u64,
    /// How often.
    pub count: u64,
    /// Whose page or line it is.
    pub place: Option<&'static Place>,
    /// What it names, the surest first.
    pub names: Vec<Named>,
    /// Stages of the login that worked, or it would not have been seen.
    pub past: Vec<Stage>,
}

/// Something that a sighting names.
#[derive(Clone, Debug)]
pub struct Named {
    /// What.
    pub what: What,
    /// How surely.
    pub strength: Strength,
    /// The symptom that does.
    pub symptom: String,
    /// The releases that print it, in words.
    pub versions: Option<String>,
}

/// What a symptom can name.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// A rule, which can be judged.
    Rule(&'static Rule),
    /// A cause that no rule can judge.
    Cause(&'static Cause),
}

impl What {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.name,
            Self::Cause(cause) => &cause.name,
        }
    }

    /// What is wrong, in one line.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.title(),
            Self::Cause(cause) => &cause.title,
        }
    }
}

impl PartialEq for What {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for What {}

/// A cause that lies outside what the rules judge.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Its name.
    pub name: String,
    /// What is wrong, in one line.
    pub title: String,
    /// What happens.
    pub means: String,
    /// What to do.
    pub cure: String,
    /// Where that is written.
    pub source: String,
    /// It is told beside the address of another identity provider, too.
    #[serde(default)]
    pub elsewhere: bool,
    /// What is seen of it.
    pub symptoms: Vec<Symptom>,
}

/// Where in a login something is seen.
#[derive(Debug)]
pub struct Place {
    /// Whose page or line it is, in one sentence.
    pub whose: String,
    /// Stages of the login that worked, or it would not have been seen.
    pub past: Vec<Stage>,
    /// Nothing is wrong there.
    pub healthy: bool,
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bytes, after unpacking.
    pub bytes: u64,
    /// Lines; in a HAR file, requests.
    pub lines: u64,
    /// Lines that complain but match nothing.
    pub unexplained: u64,
    /// Lines that were longer than is looked at.
    pub shortened: u64,
    /// Recognised lines beyond the kinds that are kept.
    pub beyond: u64,
    /// The first line is one of Pomerium's log.
    pub is_log: bool,
}

/// A line that complains but matches nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained {
    /// Its number, counted from 1.
    pub line: u64,
    /// Its text, shortened.
    pub text: Clean,
}

impl Diagnosis {
    /// Everything named, each once with its surest symptom, the surest first.
    pub fn names(&self) -> Vec<Named> {
        let all = self.sightings.iter().flat_map(|sighting| &sighting.names);
        surest(all.chain(self.token.iter().flat_map(|token| &token.names)).cloned())
    }
}

/// Each name once with its surest symptom, the surest first.
fn surest(names: impl IntoIterator<Item = Named>) -> Vec<Named> {
    let mut surest: Vec<Named> = Vec::new();
    for named in names {
        match surest.iter_mut().find(|other| other.what == named.what) {
            Some(other) if other.strength < named.strength => *other = named,
            Some(_) => {}
            None => surest.push(named),
        }
    }
    surest.sort_by_key(|named| std::cmp::Reverse(named.strength));
    surest
}
