//! The cures that a program may make by itself: which edits of the offline rules are safe, what they make of a file, and whether
//! the file is better for it. Nothing here reads or writes a file.

mod anchors;
mod diff;
mod patch;
mod refusal;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
mod verdict;

use std::collections::BTreeMap;

use crate::config::{Config, SourceKind, Span};
use crate::engine::Judged;
use crate::rules::{Edit, Finding};
use crate::secret::Scrubber;

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

/// A safe edit of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, as the user named it.
    pub file: String,
    /// What is replaced, in bytes, and by what.
    pub at: std::ops::Range<usize>,
    /// What replaces it.
    pub text: String,
    /// The rule that asks for it.
    pub rule: &'static str,
    /// `config.yaml:3:19`.
    pub place: String,
    /// The configurations in which it finds something here.
    pub configs: Vec<String>,
}

/// The files that the user named, and of which the text is what stands on the disk.
pub type Named = BTreeMap<String, bool>;

/// What is to be looked for.
pub struct Wanted<'w> {
    /// The rules of `--only`; empty is every safe one.
    pub only: &'w [String],
    /// The files.
    pub named: &'w Named,
    /// Of all that was read.
    pub scrubber: &'w Scrubber,
}

impl Wanted<'_> {
    fn is_wanted(&self, rule: &str) -> bool {
        if self.only.is_empty() { SAFE.contains(&rule) } else { self.only.iter().any(|only| only == rule) }
    }
}

/// The safe edits, in the order of the findings, each once; and what is refused.
pub fn changes<'a>(
    cases: impl IntoIterator<Item = (&'a Config, &'a [Judged])>,
    wanted: &Wanted<'_>,
) -> (Vec<Change>, Vec<Refused>) {
    let (mut changes, mut refused): (Vec<Change>, Vec<Refused>) = (Vec::new(), Vec::new());
    for (config, judged) in cases {
        for judged in judged.iter().filter(|judged| wanted.is_wanted(judged.rule.name)) {
            for finding in judged.findings().iter().filter(|finding| !finding.is_ignored()) {
                match change(config, judged.rule.name, finding, wanted) {
                    Ok(change) => match changes.iter_mut().find(|known| known.is_same(&change)) {
                        Some(known) => known.configs.extend(change.configs),
                        None => changes.push(change),
                    },
                    Err(why) => {
                        let refusal = Refused { rule: judged.rule.name, place: place(config, finding.at), why };
                        if !refused.contains(&refusal) {
                            refused.push(refusal);
                        }
                    }
                }
            }
        }
    }
    (changes, refused)
}

impl Change {
    fn is_same(&self, other: &Self) -> bool {
        (&self.file, &self.at, &self.text, self.rule) == (&other.file, &other.at, &other.text, other.rule)
    }
}

fn place(config: &Config, at: Span) -> String {
    let Some(source) = config.sources.get(at.source) else { return config.path.clone() };
    let position = source.position(at.start);
    format!("{}:{}:{}", source.name, position.line, position.column)
}

fn change(config: &Config, rule: &'static str, finding: &Finding, wanted: &Wanted<'_>) -> Result<Change, Refusal> {
    if !SAFE.contains(&rule) {
        return Err(Refusal::ByHand);
    }
    let at = finding.edit.as_ref().map_or(finding.at, |edit| edit.at);
    let source = config.sources.get(at.source).ok_or(Refusal::NoEdit)?;
    match source.kind {
        SourceKind::Secret => return Err(Refusal::KubernetesSecret),
        SourceKind::Given => return Err(Refusal::Given),
        SourceKind::Answer | SourceKind::Code => return Err(Refusal::NoEdit),
        SourceKind::File | SourceKind::Environment => {}
    }
    match wanted.named.get(&source.name) {
        Some(true) => {}
        Some(false) => return Err(Refusal::NotText),
        None if source.kind == SourceKind::Environment => return Err(Refusal::Environment),
        None => return Err(Refusal::OtherFile(source.name.clone())),
    }
    refusal::of_place(&source.text, at.range())?;
    let Some(edit) = &finding.edit else { return Err(refusal::of_missing(config.sources.slice(at))) };
    if !keeps_secrets(config, rule, edit, wanted.scrubber) {
        return Err(Refusal::Secret);
    }
    if rule == "provider-unknown" && !edit.text.eq_ignore_ascii_case(config.sources.slice(at)) {
        // Which provider is meant, only its owner knows.
        return Err(Refusal::ByHand);
    }
    Ok(Change {
        file: source.name.clone(),
        at: at.range(),
        text: edit.text.clone(),
        rule,
        place: place(config, at),
        configs: vec![config.path.clone()],
    })
}

/// Whether an edit neither writes a secret nor changes one.
fn keeps_secrets(config: &Config, rule: &str, edit: &Edit, scrubber: &Scrubber) -> bool {
    if rule == AROUND_SECRET {
        return edit.text.is_empty() && config.sources.slice(edit.at).trim().is_empty();
    }
    let overlaps = |at: &Span| {
        at.source == edit.at.source && at.start < edit.at.end.max(edit.at.start + 1) && edit.at.start < at.end
    };
    let is_clean = matches!(scrubber.scrub(&edit.text), std::borrow::Cow::Borrowed(_));
    is_clean && !config.secrets.iter().any(|(_, at)| overlaps(at))
}
