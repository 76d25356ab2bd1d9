//! `pomlint/report/v1` as types: the members in the order in which they are written. `schema.json` is made from them, and what is
//! said of a member here is its description there.

pub(super) mod exchange;
pub(super) mod verdict;

use std::collections::BTreeMap;

use serde::Serialize;

use exchange::Exchange;
use verdict::{Place, Verdict};

#[cfg(test)]
use super::super::schema;
use super::super::{Entry, PROGRAM};
use crate::secret::Clean;

/// The name of the document, its first member.
pub(super) const NAME: &str = "pomlint/report/v1";

/// What pomlint found. Fields may be added; none is removed or given another meaning. Lines and columns count from 1, columns in characters; an end is one past the last character.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "pomlint report, version 1"))]
pub(in super::super) struct Document<'a> {
    #[cfg_attr(test, schemars(extend("const" = NAME)))]
    pub(super) schema: &'static str,
    pub(super) tool: Tool,
    pub(super) reports: Vec<Report<'a>>,
    /// What a settings file changed about this run.
    pub(super) settings: Option<Settings<'a>>,
    /// The rules that flags (`--only`, `--skip`) leave out, but for notes: nothing is said of them.
    pub(super) left_out: Option<LeftOut<'a>>,
    /// Which part of the deployments was judged (`--shard`).
    pub(super) shard: Option<Shard<'a>>,
    pub(super) summary: Summary,
    /// What became of the baseline, if one was given.
    pub(super) baseline: Option<Baseline<'a>>,
}

/// The name of a line of `--format jsonl`.
pub(super) const LINE: &str = "pomlint/report-line/v1";

/// What was found for one deployment: an element of `reports`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in super::super) struct ReportLine<'a> {
    #[cfg_attr(test, schemars(extend("const" = LINE)))]
    pub(super) schema: &'static str,
    #[serde(flatten)]
    pub(super) report: Report<'a>,
}

/// The last line.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in super::super) struct LastLine<'a> {
    #[cfg_attr(test, schemars(extend("const" = LINE)))]
    pub(super) schema: &'static str,
    pub(super) summary: Summary,
    /// Which part of the deployments was judged (`--shard`).
    pub(super) shard: Option<Shard<'a>>,
}

/// A line of `--format jsonl`: one for each deployment, and then the summary. What has no last line was interrupted.
#[cfg(test)]
#[allow(dead_code, reason = "a schema is made of it, and no value")]
#[derive(schemars::JsonSchema)]
#[schemars(untagged, title = "pomlint report, a line of it, version 1")]
pub(in super::super) enum Line<'a> {
    One(ReportLine<'a>),
    Last(LastLine<'a>),
}

/// Who wrote it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in super::super) struct Tool {
    #[cfg_attr(test, schemars(extend("const" = PROGRAM)))]
    name: &'static str,
    #[cfg_attr(test, schemars(length(min = 1)))]
    version: &'static str,
}

impl Tool {
    pub(in super::super) const THIS: Self = Self { name: PROGRAM, version: env!("CARGO_PKG_VERSION") };
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Baseline<'a> {
    /// Findings that it accepts.
    pub(super) accepted: usize,
    /// Entries that nothing matches any more, although their rule was judged.
    pub(super) stale: &'a [Clean<Entry>],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LeftOut<'a> {
    pub(super) by: &'a [&'static str],
    pub(super) rules: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Shard<'a> {
    /// `K/N`.
    pub(super) part: &'a str,
    /// So many deployments are for other machines.
    pub(super) elsewhere: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Settings<'a> {
    pub(super) file: &'a str,
    /// Rules that were not judged.
    pub(super) off: &'a [&'static str],
    /// Rules that are worse or better here than they are.
    pub(super) severities: Vec<Changed>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Changed {
    pub(super) rule: &'static str,
    #[cfg_attr(test, schemars(schema_with = "schema::severity"))]
    pub(super) severity: &'static str,
    #[cfg_attr(test, schemars(schema_with = "schema::severity"))]
    pub(super) instead_of: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Report<'a> {
    pub(super) config: Configuration<'a>,
    pub(super) verdicts: Vec<Verdict<'a>>,
    /// The login path: each stage that has a rule among those judged, in the order of a login.
    pub(super) path: Vec<Step>,
    /// The proxy through which each host was asked, without credentials.
    pub(super) proxies: BTreeMap<&'a str, &'a str>,
    pub(super) exchanges: Vec<Exchange<'a>>,
    /// What infrastructure code says.
    pub(super) testimonies: Vec<Testimony<'a>>,
    /// Commands that cure something: `pomlint fix` what can be corrected safely, `pomlint setup` what Cognito must be told.
    pub(super) cures: Vec<Cure<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Configuration<'a> {
    pub(super) path: &'a str,
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) form: &'static str,
    /// The release of Pomerium that it is judged for; `v0.24`, where the last of a minor release is meant.
    pub(super) pomerium: String,
    /// Of what runs, the releases that answer like it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) releases: Option<String>,
    /// That release is newer than all that are known in full.
    pub(super) newer_than_known: bool,
}

/// A stage of the login, and whether one gets past it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Step {
    #[cfg_attr(test, schemars(schema_with = "schema::stage"))]
    pub(super) stage: &'static str,
    pub(super) state: State,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Pass,
    Fail,
    Undecided,
    Follows,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Cure<'a> {
    /// As a POSIX shell takes it.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) command: &'a str,
    /// Those of which it cures a finding.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) rules: &'a [&'static str],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum Tense {
    Now,
    AfterApply,
}

/// What infrastructure code says in one place.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Testimony<'a> {
    pub(super) id: &'a str,
    /// Of the resource.
    pub(super) address: &'a str,
    /// Of the app client, in the language of the code.
    pub(super) setting: Option<&'a str>,
    pub(super) when: Tense,
    /// How the setting came to differ from what the author wrote: `ignore_changes` keeps it; it was changed outside and the apply overwrites that; it was changed outside.
    #[cfg_attr(test, schemars(schema_with = "schema::aside"))]
    pub(super) aside: Option<&'static str>,
    #[serde(flatten)]
    pub(super) place: Place<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Summary {
    /// Findings that make a login fail, accepted ones too.
    pub(super) errors: usize,
    /// Findings that let it work by luck, accepted ones too.
    pub(super) warnings: usize,
    /// Findings of hygiene, if they were asked for.
    pub(super) notes: usize,
    /// Findings that the user ignores; they count as nothing else.
    pub(super) ignored: usize,
    /// Findings that the baseline accepts: they are among the errors, warnings and notes, and do not make exit code 1.
    pub(super) accepted: usize,
    /// Verdicts without a finding.
    pub(super) passed: usize,
    /// Undecided verdicts that lack evidence which was wanted.
    pub(super) undecided: usize,
    /// Undecided verdicts that lack only evidence which the user declined.
    pub(super) declined: usize,
    /// Undecided verdicts that wait for the cure of another finding.
    pub(super) follows: usize,
    pub(super) not_applicable: usize,
    /// Notes that were found but not asked for; they are not among the findings.
    pub(super) hidden_notes: usize,
    pub(super) requests: usize,
    /// The exit code; 2 if something that was named could not be read or written, and the rest is here.
    #[cfg_attr(test, schemars(extend("enum" = [0, 1, 2, 3])))]
    pub(super) exit: u8,
}
