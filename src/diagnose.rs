//! From what a person sees to the rules it names: at two in the morning somebody pastes an address, a page, a log, a HAR file or a
//! token, and wants to know whose it is, what it means and what to look at.
//!
//! What may be seen is told by the rule pages (see [`crate::page`]) and, for causes that no rule can judge, by `knowledge.yaml`.
//! Nothing is guessed: what matches no symptom is said to match none.

mod access;
mod asked;
mod blocks;
mod cited;
mod clues;
mod complaint;
mod decision;
mod denial;
mod envelope;
mod error;
mod excerpt;
mod form;
mod grams;
mod har;
mod hearsay;
mod ignored;
mod knowledge;
mod line;
mod notes;
mod opener;
mod owner;
mod page;
mod pattern;
mod plain;
mod quoted;
mod rank;
mod reached;
mod read;
mod reflow;
mod release;
mod running;
mod sightings;
mod squeezed;
mod status;
mod texts;
mod token;
mod utf16;
mod vocabulary;
mod voice;
mod wanted;
mod watched;
mod weight;
mod words;
mod written;

pub use clues::Clues;
pub use error::ReadError;
pub use excerpt::excerpt;
pub use read::{Progress, read, read_text};
pub use token::{Check, CheckState, TokenReading};
pub use vocabulary::clean;
pub(crate) use vocabulary::is_known;
pub use written::causes;

use std::borrow::Cow;

use serde::Deserialize;

use crate::config::PomeriumVersion;
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
    /// The release of Pomerium that wrote the log, if that tells.
    pub release: Option<PomeriumVersion>,
    /// The first few lines that complain but match nothing, each kind of line once, fit for printing.
    pub unexplained: Vec<Unexplained>,
    /// The first line in Pomerium's log that is none of its own, or that was cut: it may say anything.
    pub stray: Option<Unexplained>,
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
    /// The words of an error that stand in an address, without secrets, shortened.
    pub says: Option<Clean>,
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
    pub symptom: Cow<'static, str>,
    /// The releases that print it, in words.
    pub versions: Option<&'static str>,
    /// Why it leads to what is seen, in a few words.
    pub why: Option<&'static str>,
    /// How surely the symptom names it where nothing speaks against it.
    weight: Strength,
    /// The symptom says little: what people tell beside it says more.
    is_vague: bool,
}

impl Named {
    /// Something that is named, and the symptom that does.
    pub(crate) fn because(what: What, strength: Strength, symptom: impl Into<Cow<'static, str>>) -> Self {
        Self { what, strength, symptom: symptom.into(), versions: None, why: None, weight: strength, is_vague: false }
    }
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

    /// Whether a rule of this name tells what became of it.
    pub fn is_decided_by(self, rule: &str) -> bool {
        match self {
            Self::Rule(own) => own.name == rule,
            Self::Cause(cause) => cause.decided_by.iter().any(|name| name == rule),
        }
    }

    /// What is wrong, in one line.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.title(),
            Self::Cause(cause) => &cause.title,
        }
    }

    /// What happens, in one line.
    pub fn means(self) -> String {
        match self {
            Self::Rule(rule) => crate::page::meaning(rule.page),
            Self::Cause(cause) => cause.means.clone(),
        }
    }

    /// What to do, in one line.
    pub fn cure(self) -> String {
        match self {
            Self::Rule(rule) => crate::page::cure(rule.page),
            Self::Cause(cause) => cause.cure.clone(),
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
    /// Rules about what runs whose finding confirms it, and which rule it out if they find nothing.
    #[serde(default)]
    pub decided_by: Vec<String>,
    /// What is seen of it.
    pub symptoms: Vec<Symptom>,
}

impl Cause {
    /// Its page, in the form of a rule's.
    pub fn page(&self) -> String {
        let printed = self.symptoms.iter().filter(|symptom| !symptom.is_said);
        let seen: Vec<String> = printed.map(|symptom| format!("- `{}`", symptom.text.replace('`', "'"))).collect();
        let seen = if seen.is_empty() { "- nothing that a program prints".to_owned() } else { seen.join("\n") };
        let judged = if self.decided_by.is_empty() {
            "No rule judges this: neither a configuration nor a user pool tells it.".to_owned()
        } else {
            let rules: Vec<String> = self.decided_by.iter().map(|rule| format!("`{rule}`")).collect();
            format!("A running Pomerium tells it, if it is asked with `--deployed URL`: {}.", rules.join(", "))
        };
        format!(
            "# {}\n\n{}\n\n{judged}\n\n## You may have seen\n{seen}\n\n## Fix\n{}\n\n## How we know\n<{}>\n",
            self.title, self.means, self.cure, self.source
        )
    }
}

/// Where in a login something is seen.
#[derive(Debug)]
pub struct Place {
    /// The name of a form that no text tells.
    id: Option<String>,
    /// Whose page or line it is, in two or three words.
    pub by: String,
    /// Whose page or line it is, in one sentence.
    pub whose: String,
    /// Stages of the login that worked, or it would not have been seen.
    pub past: Vec<Stage>,
    /// Only rules of these stages can be meant.
    stages: Option<Vec<Stage>>,
    /// What the words resemble, and do not mean here.
    silences: Vec<String>,
    /// Nothing is wrong there.
    pub healthy: bool,
    /// What to do where nothing is named.
    pub next: Option<String>,
    /// The words are another program's, of a login of its own: what they resemble is possible at most.
    is_strangers: bool,
    /// It is a page of another identity provider.
    is_foreign: bool,
}

impl Place {
    /// Whether nothing is wrong there.
    pub fn is_fine(&self) -> bool {
        self.healthy
    }
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
    /// It is a page of which each line tells of what is certain.
    pub is_of_one_thing: bool,
}

impl Diagnosis {
    /// Whether this is Pomerium's log, read whole, and no line of it complains or can hide a complaint.
    pub fn is_proved_fine(&self) -> bool {
        let Counts { is_log, unexplained, shortened, .. } = self.counts;
        is_log && unexplained == 0 && shortened == 0 && self.stray.is_none() && self.sightings.is_empty()
    }

    /// Whether nothing of it was recognised, complains, or is a log.
    fn says_nothing(&self) -> bool {
        !self.counts.is_log && self.counts.unexplained == 0 && self.sightings.is_empty()
    }

    /// Whether nothing was pasted beside what was recognised: no complaint, and no line that may say anything.
    pub fn is_understood(&self) -> bool {
        let Counts { is_log, is_of_one_thing, unexplained, shortened, beyond, .. } = self.counts;
        let is_read = match self.kind {
            Kind::Har => true,
            Kind::Text => is_log && self.stray.is_none() || is_of_one_thing,
            Kind::Token => false,
        };
        is_read && unexplained == 0 && shortened == 0 && beyond == 0
    }
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
    /// Everything named, each once with its surest symptom; the surest first, then what was seen most, then in the order of a login.
    pub fn names(&self) -> Vec<Named> {
        let seen = self.sightings.iter().map(|sighting| (sighting.names.as_slice(), sighting.count));
        rank::ranked(seen.chain(self.token.iter().map(|token| (token.names.as_slice(), 1))))
    }

    /// Takes what was seen for what runs, whose answers tell: of the rules about the machine that asks, their like about that is meant.
    pub fn heed_running(&mut self) {
        let Some(rule) = crate::rules::find("deployed-clock-skew") else { return };
        let sightings = self.sightings.iter_mut().map(|sighting| &mut sighting.names);
        for names in sightings.chain(self.token.iter_mut().map(|token| &mut token.names)) {
            let of_this_machine = names.iter_mut().filter(|named| named.what.name() == "clock-skew");
            of_this_machine.for_each(|named| named.what = What::Rule(rule));
            *names = rank::ranked([(std::mem::take(names).as_slice(), 1)]);
        }
    }

    /// Weakens what another release prints, by the release that the log or, if it does not tell, the configuration names.
    pub fn heed_release(&mut self, configured: Option<PomeriumVersion>) {
        self.release = self.release.or(configured);
        let Some(release) = self.release else { return };
        for sighting in &mut self.sightings {
            for named in &mut sighting.names {
                if named.versions.is_some_and(|versions| !release::is_among(release, versions)) {
                    named.strength = Strength::Possible;
                }
            }
            sighting.names = rank::ranked([(std::mem::take(&mut sighting.names).as_slice(), 1)]);
        }
    }
}
