//! The baseline: findings that were there before and are accepted, so that only new ones fail.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::place::from_here;
use super::{ConfigReport, Report};
use crate::rules::{POOL_NOT_EXPECTED, Verdict, find};
use crate::secret::{Clean, Scrub, Scrubber};

/// The version of the file, its first field.
const VERSION: &str = "pomlint/baseline/v1";

/// The JSON Schema of a baseline.
pub const SCHEMA: &str = include_str!("baseline.schema.json");

/// Findings that are accepted: only others count for the exit code. Written with --write-baseline, read with --baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "pomlint baseline, version 1"))]
pub struct Baseline {
    #[cfg_attr(test, schemars(extend("const" = VERSION)))]
    schema: String,
    /// The findings.
    pub accepted: Vec<Entry>,
}

/// An accepted finding. All but the fingerprint is there for whoever reads the file, and to tell stale entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entry {
    /// What makes the finding the same in the next run.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub fingerprint: String,
    /// The rule.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub rule: String,
    /// The configuration, as it was named.
    pub config: String,
    /// What is wrong, for whoever reads this file.
    pub title: String,
}

/// What became of a baseline.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Findings that it accepts.
    pub accepted: usize,
    /// Entries that nothing matches any more, although their rule was judged.
    pub stale: Vec<Clean<Entry>>,
}

/// Why a text is no baseline.
#[derive(Debug, Error)]
#[error("{line}:{column}: {why}")]
pub struct BaselineError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub why: String,
}

/// The only field that every version has.
#[derive(Deserialize)]
struct Version {
    schema: String,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// If the text is not JSON, or no baseline of the version that we know; with the place.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let version: Version = serde_json::from_str(text).map_err(|error| BaselineError::of(&error))?;
        if version.schema != VERSION {
            let before = text.find(&version.schema).and_then(|at| text.get(..at)).unwrap_or_default();
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
            return Err(BaselineError {
                line: before.matches('\n').count() + 1,
                column: column.max(1),
                why: format!("this version of pomlint reads `{VERSION}`, and the file is `{}`", version.schema),
            });
        }
        serde_json::from_str(text).map_err(|error| BaselineError::of(&error))
    }

    /// Accepts every finding of a report.
    pub fn of(report: &Report) -> Self {
        let entry = |report: &ConfigReport| -> Vec<Entry> {
            let config = from_here(&report.config.path);
            let listed = report.listed().into_iter();
            // A pull request can change the baseline, too.
            let listed =
                listed.filter(|listed| !listed.finding.is_ignored() && listed.judged.rule.name != POOL_NOT_EXPECTED);
            listed
                .map(|listed| Entry {
                    fingerprint: listed.fingerprint.to_owned(),
                    rule: listed.judged.rule.name.to_owned(),
                    config: config.clone(),
                    title: listed.finding.title.as_deref().unwrap_or(listed.judged.rule.title()).to_owned(),
                })
                .collect()
        };
        Self { schema: VERSION.to_owned(), accepted: report.reports.iter().flat_map(entry).collect() }
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        super::pretty::pretty(self)
    }

    /// What the baseline means for these reports; the findings that it accepts are marked in them.
    pub(super) fn apply(&self, reports: &mut [ConfigReport], scrubber: &Scrubber) -> Comparison {
        let mut comparison = Comparison::default();
        let mut met = std::collections::HashSet::new();
        for report in reports.iter_mut() {
            let listed = report.listed().into_iter().filter(|listed| !listed.finding.is_ignored());
            let found = listed.map(|listed| listed.fingerprint.to_owned());
            let accepted: Vec<String> =
                found.filter(|found| self.accepted.iter().any(|entry| entry.fingerprint == *found)).collect();
            comparison.accepted += accepted.len();
            met.extend(accepted.iter().cloned());
            report.accepted = accepted.into_iter().collect();
        }
        let stale =
            self.accepted.iter().filter(|entry| !met.contains(&entry.fingerprint) && is_decided(entry, reports));
        comparison.stale = stale.map(|entry| scrubber.cleaned(entry.clone())).collect();
        comparison
    }
}

/// A file may say anything.
impl Scrub for Entry {
    fn scrub(&mut self, scrubber: &Scrubber) {
        if find(&self.rule).is_none() {
            self.rule.scrub(scrubber);
        }
        if !self.fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            self.fingerprint.scrub(scrubber);
        }
        self.title.scrub(scrubber);
    }
}

/// Whether a run could have met the finding: its configuration was read, and its rule, unless it is gone, came to a verdict.
fn is_decided(entry: &Entry, reports: &[ConfigReport]) -> bool {
    let Some(report) = reports.iter().find(|report| from_here(&report.config.path) == entry.config) else {
        return false;
    };
    let mut own = report.judged.iter().filter(|judged| judged.rule.name == entry.rule).peekable();
    match own.peek() {
        None => find(&entry.rule).is_none(),
        Some(_) => own.all(|judged| !matches!(judged.verdict, Verdict::Undecided(_))),
    }
}

impl BaselineError {
    fn of(error: &serde_json::Error) -> Self {
        let words = error.to_string();
        // The place stands beside the words already.
        let why = words.split_once(" at line ").map_or(words.as_str(), |(why, _)| why);
        Self { line: error.line().max(1), column: error.column().max(1), why: format!("this is no baseline: {why}") }
    }
}
