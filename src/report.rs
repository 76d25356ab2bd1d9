//! What was found, in the form in which it is read: by a person, by a program.
//!
//! A [`Report`] is built once from the engine's verdicts. A format is a function from it to text, in a file of its own, and a
//! line in [`FORMATS`]; it decides nothing, so all formats agree on what was found and on the exit code.

mod baseline;
mod catalogue;
mod cause;
mod conceal;
mod concise;
mod config_report;
mod diagnosis;
mod difference;
mod explain;
mod fingerprint;
mod github;
mod gitlab;
mod html;
mod human;
mod ink;
mod json;
mod junit;
mod lines;
mod markdown;
mod out;
mod place;
mod pretty;
mod rdjson;
mod repeat;
mod repeats;
mod sarif;
mod secrets;
mod show;
mod streamed;
mod summary;
mod text;
mod view;
mod words;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use baseline::{Baseline, BaselineError, Comparison, Entry, SCHEMA as BASELINE_SCHEMA};
pub use catalogue::{catalogue, catalogue_json, catalogue_of_causes};
pub use conceal::{Concealer, plain};
pub use config_report::{ConfigReport, Cure, Listed};
pub use diagnosis::{Answer, Asked, DIAGNOSIS_SCHEMA, diagnosis, diagnosis_json};
pub use explain::{explain, explain_cause, explain_cause_json, explain_json, rule_help};
pub(crate) use ink::{Ink, paint};
pub use json::{LINE_SCHEMA, SCHEMA};
pub use out::{Stream, append_file, feed, status, write, write_file};
pub use secrets::scrubber;
pub use show::{SCHEMA as SHOW_SCHEMA, show, show_json};
pub use streamed::Streamed;
pub use summary::Summary;
pub use text::{cap, count, escape, folded, width, wrap};
pub use view::{Verbosity, View};
pub(crate) use words::first_cure;
pub(crate) use words::missing as reason;

use config_report::{Standing, severity, standing};
use repeats::Told;

use crate::config::Config;
use crate::engine::{Judged, StageState};
use crate::evidence::World;
use crate::rules::{Rule, Severity, Stage, find};
use crate::secret::Scrubber;

/// The program's name in hints such as `pomlint explain RULE`.
const PROGRAM: &str = "pomlint";

/// A form of the report.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Writes the report in this form.
    pub render: fn(&Report, &View) -> String,
}

/// Every form of the report.
pub const FORMATS: &[Format] = &[
    Format { name: "human", about: "for people", render: human::render },
    Format { name: "concise", about: "one line a finding, for editors", render: concise::render },
    Format { name: "json", about: "everything, for programs (pomlint/report/v1)", render: json::render },
    Format {
        name: "jsonl",
        about: "a line a deployment, then the summary (pomlint/report-line/v1)",
        render: streamed::render,
    },
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", render: sarif::render },
    Format { name: "junit", about: "JUnit XML: a test case for each rule", render: junit::render },
    Format { name: "github", about: "annotations of GitHub Actions, and its step summary", render: github::render },
    Format { name: "gitlab", about: "GitLab Code Quality", render: gitlab::render },
    Format { name: "rdjson", about: "reviewdog, with cures as suggestions", render: rdjson::render },
    Format { name: "markdown", about: "a comment on a pull request", render: markdown::render },
    Format { name: "html", about: "a page to hand on: one file, no script", render: html::render },
];

/// The form of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What counts.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The least bad finding that makes exit code 1.
    pub fail_on: Severity,
    /// What undecided rules mean for the exit code.
    pub undecided: Undecided,
    /// Notes are findings too.
    pub pedantic: bool,
    /// The rules were named one by one: of each is said what became of it, notes included.
    pub named: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { fail_on: Severity::Error, undecided: Undecided::Default, pedantic: false, named: false }
    }
}

/// What undecided rules mean for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// Evidence that was wanted and could not be had makes 3.
    Default,
    /// Never 3.
    Allow,
    /// Evidence that the user declined makes 3 too.
    Strict,
}

/// Everything that was found.
pub struct Report {
    /// One for each configuration.
    pub reports: Vec<ConfigReport>,
    /// The counts over all of them, and the exit code.
    pub summary: Summary,
    /// What counts.
    pub options: Options,
    /// What became of the baseline, if there is one.
    pub baseline: Option<Comparison>,
    /// What a settings file changed.
    pub settings: Option<Applied>,
    /// What the command line leaves out.
    pub left_out: Option<LeftOut>,
    /// What is for other machines to judge.
    pub elsewhere: Option<Elsewhere>,
    /// Something that was named could not be read or written.
    incomplete: bool,
    /// Made once: its secrets are spelled out once for all that is printed.
    scrubber: Scrubber,
}

/// What a settings file changed about a run.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The file.
    pub file: String,
    /// Rules that are not judged.
    pub off: Vec<&'static str>,
    /// Rules that are worse or better than they are.
    pub severities: Vec<(&'static Rule, Severity)>,
}

/// Rules that the command line leaves out although they may find something.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The flags that leave them out.
    pub by: Vec<&'static str>,
    /// The rules; none of them is a note.
    pub rules: Vec<&'static Rule>,
}

/// What was named and is for other machines to judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Which part was judged here: `2/5`.
    pub shard: String,
    /// So many deployments are in other parts.
    pub count: usize,
}

impl Report {
    /// Counts the verdicts and decides the exit code. Each case is a configuration, what its provider answered, and the
    /// engine's verdicts.
    pub fn new(cases: impl IntoIterator<Item = (Config, World, Vec<Judged>)>, options: &Options) -> Self {
        let cases: Vec<_> = cases.into_iter().collect();
        let scrubber = scrubber(cases.iter().map(|(config, ..)| config));
        let reports: Vec<ConfigReport> = cases
            .into_iter()
            .map(|(config, world, judged)| ConfigReport::new(config, world, judged, *options, &scrubber))
            .collect();
        let (summary, options) = (Summary::default(), *options);
        let mut report = Self {
            reports,
            summary,
            options,
            baseline: None,
            settings: None,
            left_out: None,
            elsewhere: None,
            incomplete: false,
            scrubber,
        };
        report.count();
        report
    }

    /// Lets the findings of a baseline not make exit code 1.
    pub fn accept(&mut self, baseline: &Baseline) {
        self.baseline = Some(baseline.apply(&mut self.reports, &self.scrubber));
        self.count();
    }

    /// Remembers what a settings file changed, and lets no stage of which it switched a rule off look as if all was well.
    pub fn apply(&mut self, applied: Applied) {
        let off = applied.off.iter().filter_map(|name| find(name)).filter(|rule| rule.severity > Severity::Note);
        let off: Vec<&Rule> = off.collect();
        let stages: BTreeSet<Stage> = off.iter().map(|rule| rule.stage).collect();
        let error = off.iter().filter(|rule| rule.severity == Severity::Error).map(|rule| rule.stage).min();
        for report in &mut self.reports {
            report.excused = report.excused.into_iter().chain(error).min();
            if !off.is_empty() {
                report.left_out_by.get_or_insert_default();
            }
            for stage in &stages {
                match report.path.binary_search_by_key(stage, |(stage, _)| *stage) {
                    Ok(at) => {
                        if let Some((_, state @ StageState::Pass)) = report.path.get_mut(at) {
                            *state = StageState::Ignored;
                        }
                    }
                    Err(at) => report.path.insert(at, (*stage, StageState::Ignored)),
                }
            }
        }
        self.settings = Some(applied);
    }

    /// Remembers what the command line leaves out: a stage of which a rule is left out has not passed.
    pub fn leave_out(&mut self, left_out: LeftOut) {
        for report in &mut self.reports {
            report.left_out_by.get_or_insert_default().extend(&left_out.by);
            for (stage, state) in report.path.iter_mut().filter(|(_, state)| *state == StageState::Pass) {
                if left_out.rules.iter().any(|rule| rule.stage == *stage) {
                    *state = StageState::Undecided;
                }
            }
        }
        self.left_out = Some(left_out);
    }

    /// Says with the exit code that something that was named could not be read or written.
    pub fn mark_incomplete(&mut self) {
        self.incomplete = true;
        self.count();
    }

    fn count(&mut self) {
        Told::mark_all(&mut self.reports);
        self.summary = Summary { exit: self.exit(), ..Summary::of(&self.reports) };
    }

    /// 2 if something could not be read or written, else 1 for a finding that counts, else 3 for what is undecided and was
    /// wanted, else 0: the same for every format.
    fn exit(&self) -> u8 {
        let listed = |report: &ConfigReport| report.listed().iter().any(|listed| self.counts(listed));
        let wants = |report: &ConfigReport| report.judged.iter().any(|judged| self.wants(report, judged));
        if self.incomplete {
            2
        } else if self.reports.iter().any(listed) {
            1
        } else if self.reports.iter().any(wants) {
            3
        } else {
            0
        }
    }

    /// Whether a finding makes exit code 1.
    fn counts(&self, listed: &Listed) -> bool {
        listed.pardon().is_none() && listed.severity >= self.options.fail_on
    }

    /// Whether an undecided rule makes exit code 3, if no finding counts.
    fn wants(&self, report: &ConfigReport, judged: &Judged) -> bool {
        match self.options.undecided {
            Undecided::Allow => false,
            Undecided::Default => standing(judged) == Some(Standing::Open) && !report.is_minor(judged),
            Undecided::Strict => matches!(standing(judged), Some(Standing::Open | Standing::Declined)),
        }
    }

    /// Knows every secret of the configurations.
    pub fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }
}
