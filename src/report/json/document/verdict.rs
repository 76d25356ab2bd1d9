//! What became of a rule.

use serde::Serialize;

use super::Tense;
use super::exchange::Reached;
#[cfg(test)]
use crate::report::schema;

/// What became of a rule, for one app client where the rule is keyed to one.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = schema::of_a_verdict())))]
#[allow(clippy::struct_field_names, reason = "its members have these names")]
pub(in crate::report::json) struct Verdict<'a> {
    #[cfg_attr(test, schemars(regex(pattern = schema::RULE)))]
    pub(in crate::report::json) rule: &'static str,
    #[cfg_attr(test, schemars(schema_with = "schema::stage"))]
    pub(in crate::report::json) stage: &'static str,
    /// That of the worst finding; without one, the rule's own.
    #[cfg_attr(test, schemars(schema_with = "schema::severity"))]
    pub(in crate::report::json) severity: &'static str,
    pub(in crate::report::json) verdict: Outcome,
    /// The client id.
    pub(in crate::report::json) client: Option<&'a str>,
    pub(in crate::report::json) findings: Vec<Finding<'a>>,
    /// Ids of the exchanges and testimonies behind the verdict.
    pub(in crate::report::json) witnesses: Vec<&'a str>,
    /// Why it is undecided.
    pub(in crate::report::json) missing: Vec<Missing<'a>>,
    /// The rule whose finding must be cured before this one can be judged.
    pub(in crate::report::json) follows: Option<&'static str>,
    /// Why it is not applicable.
    pub(in crate::report::json) reason: Option<&'static str>,
    /// Whether it holds now or once the infrastructure code is applied.
    pub(in crate::report::json) when: Tense,
    /// What holds until the apply, where that is something else.
    pub(in crate::report::json) now: Option<Outcome>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in crate::report::json) enum Outcome {
    Pass,
    Fail,
    Undecided,
    NotApplicable,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Position {
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(in crate::report::json) line: usize,
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(in crate::report::json) column: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Place<'a> {
    pub(in crate::report::json) file: &'a str,
    pub(in crate::report::json) start: Position,
    pub(in crate::report::json) end: Position,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Finding<'a> {
    /// What is wrong at that place.
    pub(in crate::report::json) message: &'a str,
    /// What is wrong, in the user's words.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(in crate::report::json) title: &'a str,
    #[cfg_attr(test, schemars(schema_with = "schema::severity"))]
    pub(in crate::report::json) severity: &'static str,
    /// The same in the next run, wherever the line has moved.
    #[cfg_attr(test, schemars(regex(pattern = "^[0-9a-f]{32}$")))]
    pub(in crate::report::json) fingerprint: &'a str,
    /// A baseline accepts it: it does not count for the exit code.
    pub(in crate::report::json) accepted: bool,
    /// The deployment (`config.path`) that has the same finding and stands first: it is counted there.
    pub(in crate::report::json) told_with: Option<&'a str>,
    #[serde(flatten)]
    pub(in crate::report::json) place: Place<'a>,
    /// Other places that matter.
    pub(in crate::report::json) also: Vec<Also<'a>>,
    /// Two texts that should be equal, byte by byte.
    pub(in crate::report::json) near: Option<Near<'a>>,
    /// The change that cures it.
    pub(in crate::report::json) fix: Option<Fix<'a>>,
    /// Why it does not count, if the user ignores it.
    pub(in crate::report::json) ignored: Option<Ignored<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Also<'a> {
    pub(in crate::report::json) message: &'a str,
    #[serde(flatten)]
    pub(in crate::report::json) place: Place<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Near<'a> {
    pub(in crate::report::json) left: Labelled<'a>,
    pub(in crate::report::json) right: Labelled<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Labelled<'a> {
    pub(in crate::report::json) label: &'a str,
    pub(in crate::report::json) text: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Fix<'a> {
    pub(in crate::report::json) description: &'a str,
    pub(in crate::report::json) lines: &'a [String],
    /// The same change for a program: the text that takes the place of what stands there. Null if it takes more than that.
    pub(in crate::report::json) edit: Option<Edit<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Edit<'a> {
    #[serde(flatten)]
    pub(in crate::report::json) place: Place<'a>,
    pub(in crate::report::json) text: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Ignored<'a> {
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(in crate::report::json) reason: &'a str,
    /// The last day on which it is ignored.
    #[cfg_attr(test, schemars(extend("format" = "date")))]
    pub(in crate::report::json) until: Option<String>,
    /// The file and line that say so.
    #[serde(rename = "where")]
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(in crate::report::json) place: &'a str,
}

/// What is not known; what is there besides kind and text depends on the kind.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = schema::of_what_is_missing())))]
pub(in crate::report::json) struct Missing<'a> {
    pub(in crate::report::json) kind: Lack,
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(in crate::report::json) text: String,
    #[serde(flatten)]
    pub(in crate::report::json) details: Details<'a>,
}

/// What belongs to some kinds only.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report::json) url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report::json) step: Option<Reached>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report::json) cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 100, max = 999)))]
    pub(in crate::report::json) status: Option<u16>,
    /// The flag that would have it asked, or that kept it from being asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report::json) flag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report::json) need: Option<&'static str>,
    /// What to put into the policy of whoever asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[allow(clippy::option_option, reason = "other kinds have no such member, and here it may be null")]
    pub(in crate::report::json) statement: Option<Option<&'a str>>,
    #[serde(flatten)]
    pub(in crate::report::json) place: Option<Place<'a>>,
}

/// Why something is not known.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in crate::report::json) enum Lack {
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
