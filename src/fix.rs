//! The cures that a program may make by itself: which edits of the offline rules are safe, what they make of a file, and whether
//! the file is better for it. Nothing here reads or writes a file.

mod anchors;
mod diff;
mod patch;
mod places;
mod refusal;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
mod verdict;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::config::{Config, Source, SourceId, SourceKind, Span};
use crate::engine::Judged;
use crate::rules::{Edit, Finding, Severity};
use crate::secret::Scrubber;

use places::Places;
use refusal::Ground;

pub use diff::{Shown, unified};
pub use patch::Patch;
pub use refusal::{Refusal, Refused};
pub use verdict::{Tally, verdict};

/// The rules whose edit keeps what is meant, or cures the login, by replacing one text. Whatever adds a scope, chooses a provider
/// or takes something out is for people.
pub const SAFE: [&str; 12] = [
    "authenticate-url-explicit-port",
    "authenticate-url-path-dropped",
    "authenticate-url-uppercase",
    "client-id-read-as-number",
    "client-secret-has-whitespace",
    "issuer-has-discovery-path",
    "issuer-has-trailing-slash",
    "provider-unknown",
    "removed-key-ignored",
    "removed-key-stops-start",
    "scopes-badly-written",
    "wildcard-user-never-matches",
];

/// The one rule whose edit may stand within a secret: it takes out what surrounds it.
const AROUND_SECRET: &str = "client-secret-has-whitespace";

/// What the variables of this process are called, as a text.
const PROCESS: &str = "environment";

/// A safe edit of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, as the user named it.
    pub file: String,
    /// What is replaced, in bytes, and by what.
    pub at: Range<usize>,
    /// What replaces it.
    pub text: String,
    /// The rule that asks for it.
    pub rule: &'static str,
    /// `config.yaml:3:19`.
    pub place: String,
    /// The configurations in which it finds something here.
    pub configs: Vec<String>,
}

/// A file that the user named, or that lies in a folder that he named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What he called it. A configuration that leads to it may call it otherwise.
    pub name: String,
    /// Why it is left as it is, whatever stands in it.
    pub stays: Option<Refusal>,
}

/// What is to be looked for.
pub struct Wanted<'w> {
    /// The rules of `--only`; empty is every safe one.
    pub only: &'w [String],
    /// The file that a text was read from, if it was named.
    pub named: &'w dyn Fn(&str) -> Option<Named>,
    /// Of all that was read.
    pub scrubber: &'w Scrubber,
}

impl Wanted<'_> {
    fn is_wanted(&self, rule: &str) -> bool {
        if self.only.is_empty() { SAFE.contains(&rule) } else { self.only.iter().any(|only| only == rule) }
    }

    /// Whether `check` shows a finding: a note only to whoever asks for it.
    fn is_shown(&self, judged: &Judged, finding: &Finding) -> bool {
        let is_note = finding.severity.unwrap_or(judged.rule.severity) == Severity::Note;
        !finding.is_ignored() && (!is_note || !self.only.is_empty())
    }
}

/// The safe edits, in the order of the findings, each once; and what is refused.
pub fn changes<'a>(
    cases: impl IntoIterator<Item = (&'a Config, &'a [Judged])>,
    wanted: &Wanted<'_>,
) -> (Vec<Change>, Vec<Refused>) {
    let mut found = Found::default();
    for (config, judged) in cases {
        let case = Case { config, wanted, secrets: OnceCell::new() };
        for judged in judged.iter().filter(|judged| wanted.is_wanted(judged.rule.name)) {
            for finding in judged.findings().iter().filter(|finding| wanted.is_shown(judged, finding)) {
                match case.change(judged.rule.name, finding, &mut found.grounds) {
                    Ok(change) => found.take(change),
                    Err(why) => found.refuse(Refused { rule: judged.rule.name, place: place(config, finding.at), why }),
                }
            }
        }
    }
    (found.changes, found.refused)
}

/// What was found so far; a file can hold as many findings as lines.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    known: HashMap<(String, Range<usize>, String, &'static str), usize>,
    refused: Vec<Refused>,
    seen: HashSet<Refused>,
    grounds: Grounds,
}

impl Found {
    fn take(&mut self, change: Change) {
        let key = (change.file.clone(), change.at.clone(), change.text.clone(), change.rule);
        match self.known.entry(key) {
            Entry::Occupied(known) => self.changes[*known.get()].configs.extend(change.configs),
            Entry::Vacant(new) => {
                new.insert(self.changes.len());
                self.changes.push(change);
            }
        }
    }

    fn refuse(&mut self, refused: Refused) {
        if self.seen.insert(refused.clone()) {
            self.refused.push(refused);
        }
    }
}

/// By the text itself: configurations of one file share it.
#[derive(Default)]
struct Grounds(HashMap<*const u8, Ground>);

impl Grounds {
    fn of(&mut self, source: &Source) -> &Ground {
        self.0.entry(source.text.as_ptr()).or_insert_with(|| Ground::of(&source.text))
    }
}

fn place(config: &Config, at: Span) -> String {
    let Some(source) = config.sources.get(at.source) else { return config.path.clone() };
    let position = source.position(at.start);
    format!("{}:{}:{}", source.name, position.line, position.column)
}

/// One configuration, and what its findings ask for.
struct Case<'c, 'w> {
    config: &'c Config,
    wanted: &'c Wanted<'w>,
    secrets: OnceCell<HashMap<SourceId, Places>>,
}

impl Case<'_, '_> {
    fn change(&self, rule: &'static str, finding: &Finding, grounds: &mut Grounds) -> Result<Change, Refusal> {
        if !SAFE.contains(&rule) {
            return Err(Refusal::ByHand);
        }
        let at = finding.edit.as_ref().map_or(finding.at, |edit| edit.at);
        let source = self.config.sources.get(at.source).ok_or(Refusal::NoEdit)?;
        let file = self.file(source)?;
        if let Some(why) = grounds.of(source).refuses(&source.text, &at.range()) {
            return Err(why);
        }
        let written = self.config.sources.slice(at);
        let Some(edit) = &finding.edit else { return Err(refusal::of_missing(written)) };
        if !self.keeps_secrets(rule, edit) {
            return Err(Refusal::Secret);
        }
        if rule == "provider-unknown" && !edit.text.eq_ignore_ascii_case(written) {
            // Which provider is meant, only its owner knows.
            return Err(Refusal::ByHand);
        }
        Ok(Change {
            file,
            at: at.range(),
            text: edit.text.clone(),
            rule,
            place: place(self.config, at),
            configs: vec![self.config.path.clone()],
        })
    }

    /// The file of a text, if the user named it and it may be changed.
    fn file(&self, source: &Source) -> Result<String, Refusal> {
        match source.kind {
            SourceKind::Secret => return Err(Refusal::KubernetesSecret),
            SourceKind::Given => return Err(Refusal::Given),
            SourceKind::Answer | SourceKind::Code => return Err(Refusal::NoEdit),
            SourceKind::Environment if source.name == PROCESS => return Err(Refusal::Environment),
            SourceKind::File | SourceKind::Environment => {}
        }
        let named = (self.wanted.named)(&source.name).ok_or_else(|| Refusal::OtherFile(source.name.clone()))?;
        named.stays.map_or(Ok(named.name), Err)
    }

    /// Whether an edit neither writes a secret nor changes one.
    fn keeps_secrets(&self, rule: &str, edit: &Edit) -> bool {
        if rule == AROUND_SECRET {
            return edit.text.is_empty() && self.config.sources.slice(edit.at).trim().is_empty();
        }
        let is_clean = matches!(self.wanted.scrubber.scrub(&edit.text), Cow::Borrowed(_));
        let secrets = self.secrets.get_or_init(|| secrets(self.config)).get(&edit.at.source);
        is_clean && !secrets.is_some_and(|secrets| secrets.touch(&edit.at.range()))
    }
}

/// Where each text of a configuration holds a secret.
fn secrets(config: &Config) -> HashMap<SourceId, Places> {
    let mut by_source: HashMap<SourceId, Vec<Range<usize>>> = HashMap::new();
    // What is empty hides nothing.
    for (_, at) in config.secrets.iter().filter(|(_, at)| at.start < at.end) {
        by_source.entry(at.source).or_default().push(at.range());
    }
    by_source.into_iter().map(|(source, places)| (source, places.into_iter().collect())).collect()
}
