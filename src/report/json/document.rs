//! `pomlint/report/v1` as types: the members in the order in which they are written. `schema.json` is made from them, and what is
//! said of a member here is its description there.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

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
pub(super) struct ReportLine<'a> {
    #[cfg_attr(test, schemars(extend("const" = LINE)))]
    pub(super) schema: &'static str,
    #[serde(flatten)]
    pub(super) report: Report<'a>,
}

/// The last line.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LastLine<'a> {
    #[cfg_attr(test, schemars(extend("const" = LINE)))]
    pub(super) schema: &'static str,
    pub(super) summary: Summary,
    /// Which part of the deployments was judged (`--shard`).
    pub(super) shard: Option<Shard<'a>>,
}

/// A line of `--format jsonl`: one for each deployment, and then the summary. What has no last line was interrupted.
#[cfg(test)]
#[derive(Serialize, schemars::JsonSchema)]
#[serde(untagged)]
#[schemars(title = "pomlint report, a line of it, version 1")]
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
    /// The release of Pomerium that it is judged for.
    pub(super) pomerium: String,
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

/// What became of a rule, for one app client where the rule is keyed to one.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = schema::of_a_verdict())))]
pub(super) struct Verdict<'a> {
    #[cfg_attr(test, schemars(regex(pattern = schema::RULE)))]
    pub(super) rule: &'static str,
    #[cfg_attr(test, schemars(schema_with = "schema::stage"))]
    pub(super) stage: &'static str,
    /// That of the worst finding; without one, the rule's own.
    #[cfg_attr(test, schemars(schema_with = "schema::severity"))]
    pub(super) severity: &'static str,
    pub(super) verdict: Outcome,
    /// The client id.
    pub(super) client: Option<&'a str>,
    pub(super) findings: Vec<Finding<'a>>,
    /// Ids of the exchanges and testimonies behind the verdict.
    pub(super) witnesses: Vec<&'a str>,
    /// Why it is undecided.
    pub(super) missing: Vec<Missing<'a>>,
    /// The rule whose finding must be cured before this one can be judged.
    pub(super) follows: Option<&'static str>,
    /// Why it is not applicable.
    pub(super) reason: Option<&'static str>,
    /// Whether it holds now or once the infrastructure code is applied.
    pub(super) when: Tense,
    /// What holds until the apply, where that is something else.
    pub(super) now: Option<Outcome>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Pass,
    Fail,
    Undecided,
    NotApplicable,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Position {
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(super) line: usize,
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(super) column: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) start: Position,
    pub(super) end: Position,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Finding<'a> {
    /// What is wrong at that place.
    pub(super) message: &'a str,
    /// What is wrong, in the user's words.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) title: &'a str,
    #[cfg_attr(test, schemars(schema_with = "schema::severity"))]
    pub(super) severity: &'static str,
    /// The same in the next run, wherever the line has moved.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{32}$")))]
    pub(super) fingerprint: &'a str,
    /// A baseline accepts it: it does not count for the exit code.
    pub(super) accepted: bool,
    #[serde(flatten)]
    pub(super) place: Place<'a>,
    /// Other places that matter.
    pub(super) also: Vec<Also<'a>>,
    /// Two texts that should be equal, byte by byte.
    pub(super) near: Option<Near<'a>>,
    /// The change that cures it.
    pub(super) fix: Option<Fix<'a>>,
    /// Why it does not count, if the user ignores it.
    pub(super) ignored: Option<Ignored<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Also<'a> {
    pub(super) message: &'a str,
    #[serde(flatten)]
    pub(super) place: Place<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Near<'a> {
    pub(super) left: Labelled<'a>,
    pub(super) right: Labelled<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Labelled<'a> {
    pub(super) label: &'a str,
    pub(super) text: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Fix<'a> {
    pub(super) description: &'a str,
    pub(super) lines: &'a [String],
    /// The same change for a program: the text that takes the place of what stands there. Null if it takes more than that.
    pub(super) edit: Option<Edit<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Edit<'a> {
    #[serde(flatten)]
    pub(super) place: Place<'a>,
    pub(super) text: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Ignored<'a> {
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) reason: &'a str,
    /// The last day on which it is ignored.
    #[cfg_attr(test, schemars(extend("format" = "date")))]
    pub(super) until: Option<String>,
    /// The file and line that say so.
    #[serde(rename = "where")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) place: &'a str,
}

/// What is not known; what is there besides kind and text depends on the kind.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = schema::of_what_is_missing())))]
pub(super) struct Missing<'a> {
    pub(super) kind: Lack,
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) text: String,
    #[serde(flatten)]
    pub(super) details: Details<'a>,
}

/// What belongs to some kinds only.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) step: Option<Reached>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 100, max = 999)))]
    pub(super) status: Option<u16>,
    /// The flag that would have it asked, or that kept it from being asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) need: Option<&'static str>,
    /// What to put into the policy of whoever asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) statement: Option<Option<&'a str>>,
    #[serde(flatten)]
    pub(super) place: Option<Place<'a>>,
}

/// Why something is not known.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum Lack {
    Declined,
    Elsewhere,
    Unreachable,
    Inconclusive,
    Forbidden,
    Follows,
    Placeholder,
    Unconfigured,
    Untold,
    Policy,
    Budget,
    NotRecorded,
    Refused,
    NotApplicable,
}

/// How far a request got that was not answered.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reached {
    NoSuchHost,
    Lookup,
    Policy,
    Connect,
    Tls,
    Certificate,
    Timeout,
    Read,
    Budget,
    NotRecorded,
}

/// A question put to the provider, and the telling parts of what came back.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = schema::of_an_exchange())))]
pub(super) struct Exchange<'a> {
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) id: &'a str,
    pub(super) request: Request<'a>,
    #[cfg_attr(test, schemars(range(min = 100, max = 999)))]
    pub(super) status: Option<u16>,
    pub(super) failure: Option<Failure>,
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(super) shown: Texts,
    pub(super) ms: u64,
    pub(super) attempts: u8,
}

/// Texts by name, in an order of their own.
pub(super) type Texts = Map<String, Value>;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Request<'a> {
    #[cfg_attr(test, schemars(extend("enum" = ["GET", "POST", "HEAD"])))]
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(super) form: Texts,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Failure {
    pub(super) step: Reached,
    pub(super) cause: String,
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
