//! `pomlint/diagnosis/v1` as types: the members in the order in which they are written. `schema.json` is made from them.

use std::borrow::Cow;

use serde::Serialize;

use crate::report::json::{self, Tool};
#[cfg(test)]
use crate::report::schema;
use crate::secret::Clean;

/// The name of the document, its first member.
pub(super) const NAME: &str = "pomlint/diagnosis/v1";

/// What pomlint diagnose recognised. Fields may be added; none is removed or given another meaning. Lines count from 1; in a HAR file they are requests.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "pomlint diagnosis, version 1"))]
pub(in crate::report) struct Document<'a> {
    #[cfg_attr(test, schemars(extend("const" = NAME)))]
    pub(super) schema: &'static str,
    pub(super) tool: Tool,
    pub(super) input: Input,
    /// The first line of the answer for people: how certain it is, whose page or line says so, what is wrong.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) answer: Clean,
    /// The release of Pomerium that wrote the log, if that or the configuration tells.
    pub(super) release: Option<String>,
    /// Everything that is named, each once with its surest symptom, the surest first.
    pub(super) names: Vec<Named>,
    pub(super) sightings: Vec<Sighting>,
    pub(super) token: Option<Token>,
    pub(super) clues: Clues,
    pub(super) unexplained: Unexplained,
    /// Recognised lines beyond the kinds that are listed.
    pub(super) beyond: u64,
    pub(super) judged_by: JudgedBy,
    /// Why what was pasted may not belong to the configuration, in words.
    pub(super) differences: Vec<Clean>,
    /// What check reports of the named rules: pomlint/report/v1.
    #[cfg_attr(test, schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub(super) report: Option<json::Document<'a>>,
    #[cfg_attr(test, schemars(extend("enum" = [0, 1, 3])))]
    pub(super) exit: u8,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Input {
    #[cfg_attr(test, schemars(extend("enum" = ["text", "har", "token"])))]
    pub(super) kind: &'static str,
    pub(super) bytes: u64,
    pub(super) lines: u64,
    /// Lines too long to be looked at whole.
    pub(super) shortened: u64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Named {
    #[serde(flatten)]
    pub(super) name: Name,
    #[cfg_attr(test, schemars(schema_with = "schema::stage_or_none"))]
    pub(super) stage: Option<&'static str>,
    #[cfg_attr(test, schemars(schema_with = "schema::severity_or_none"))]
    pub(super) severity: Option<&'static str>,
    pub(super) source: Option<String>,
    /// What happens, in one line.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) means: String,
    /// What to do, in one line.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) cure: String,
    #[cfg_attr(test, schemars(extend("enum" = ["confirmed", "ruled-out", "undecided", "not-applicable", "not-checked"])))]
    pub(super) standing: &'static str,
    pub(super) reason: Option<Clean>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(clippy::struct_field_names, reason = "its members have these names")]
pub(super) struct Name {
    pub(super) kind: Kind,
    #[cfg_attr(test, schemars(regex(pattern = schema::RULE)))]
    pub(super) name: &'static str,
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(super) title: &'static str,
    #[cfg_attr(test, schemars(extend("enum" = ["certain", "likely", "possible"])))]
    pub(super) strength: &'static str,
    pub(super) symptom: Cow<'static, str>,
    pub(super) versions: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Rule,
    Cause,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Sighting {
    /// Without secrets, shortened.
    pub(super) text: Clean,
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(super) first: u64,
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(super) last: u64,
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(super) count: u64,
    pub(super) whose: Option<&'static str>,
    /// Whose it is, in two or three words.
    pub(super) by: Option<&'static str>,
    /// The words of an error that stand in an address.
    pub(super) says: Option<Clean>,
    pub(super) names: Vec<Name>,
    /// Stages of the login that worked, or it would not have been seen.
    pub(super) past: Vec<&'static str>,
    /// Rules of those stages.
    pub(super) ruled_out: Vec<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Token {
    pub(super) kind: String,
    pub(super) issuer: Option<Clean>,
    pub(super) client_id: Option<Clean>,
    pub(super) checks: Vec<Check>,
    /// The names of the claims; never their values.
    pub(super) claims: Vec<Clean>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Check {
    pub(super) name: String,
    #[cfg_attr(test, schemars(extend("enum" = ["pass", "fail", "undecided"])))]
    pub(super) state: &'static str,
    pub(super) says: Clean,
}

/// What the input reveals of the login.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("additionalProperties" = {"type": ["string", "null"]})))]
pub(super) struct Clues {
    pub(super) issuer: Option<Clean>,
    pub(super) domain: Option<Clean>,
    pub(super) client_id: Option<Clean>,
    pub(super) redirect_uri: Option<Clean>,
    pub(super) scope: Option<Clean>,
}

/// Lines that complain but match no symptom: how many, and the first of each kind.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Unexplained {
    pub(super) count: u64,
    pub(super) lines: Vec<Line>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Line {
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub(super) line: u64,
    pub(super) text: Clean,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum JudgedBy {
    Configuration,
    Clues,
    Nothing,
}
