//! The settings file, `pomlint.toml`: what a team has decided once, so that nobody has to type it.
//!
//! ```toml
//! [rules]
//! secret-in-plain-text = "off"        # or "note", "warning", "error"
//!
//! [[ignore]]
//! rule = "callback-not-registered"
//! path = "staging/**"
//! until = 2027-01-31
//! reason = "staging has no client yet"
//!
//! [check]
//! fail-on = "warning"
//!
//! [given]
//! idp_client_id = "4qk2v9s7m1n3b5c8d0f6g7h2u1"     # it stands in a Secret of the cluster
//! ```
//!
//! A pull request can change this file. Therefore nothing in it widens what may be sent, or to whom: such flags are for the
//! command line, where the pipeline's owner writes them.

mod value;

#[cfg(test)]
mod tests;

use crate::spelling;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::{self, FailOn, Undecided};
use crate::config::{GivenValue, PomeriumVersion};
use crate::engine::{Acceptance, Glob};
use crate::report;
use crate::rules::{self, Severity};
use value::{choice, date, flag, list, seconds, text};

/// The name under which the file is looked for.
pub const FILE: &str = "pomlint.toml";

/// The JSON Schema of the file.
pub const SCHEMA: &str = include_str!("settings.schema.json");

/// What a settings file says.
#[derive(Debug, Default)]
pub struct Settings {
    /// How bad the findings of a rule are; `None` if it is not judged.
    pub rules: BTreeMap<&'static str, Option<Severity>>,
    /// Findings that are accepted.
    pub ignores: Vec<Acceptance>,
    /// What `pomlint check` does where its command line says nothing.
    pub check: Defaults,
    /// What is not secret and stands elsewhere, as with `--given`.
    pub given: Vec<GivenValue>,
}

/// Flags of `pomlint check`; each is described there.
#[derive(Debug, Default)]
#[allow(missing_docs, reason = "these are the flags of the command line, and documented there")]
pub struct Defaults {
    pub fail_on: Option<FailOn>,
    pub undecided: Option<Undecided>,
    pub pedantic: Option<bool>,
    pub offline: Option<bool>,
    pub format: Option<report::Format>,
    pub timeout: Option<Duration>,
    pub pomerium_version: Option<PomeriumVersion>,
    pub env_file: Option<Vec<PathBuf>>,
    pub ca: Option<PathBuf>,
    pub pool: Option<Vec<String>>,
}

/// What is wrong with a settings file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, and what to write instead.
    pub says: String,
    /// The bytes of the text.
    pub at: Range<usize>,
}

impl Problem {
    fn new(says: impl Into<String>, at: Range<usize>) -> Self {
        Self { says: says.into(), at }
    }
}

type Value<'a> = Spanned<DeValue<'a>>;

const TABLES: [&str; 4] = ["rules", "given", "ignore", "check"];
const IGNORE: [&str; 4] = ["rule", "path", "until", "reason"];
const CHECK: [&str; 10] =
    ["fail-on", "undecided", "pedantic", "offline", "format", "timeout", "pomerium-version", "env-file", "ca", "pool"];
/// Flags that send more, or send it elsewhere.
const WIDENING: [&str; 5] = ["allow-host", "secret-to", "connect-to", "probe-secret", "probe-sign-out"];
/// Flags that would answer in the provider's place, read more, or write.
const COMMAND_LINE: [&str; 6] = ["replay", "record", "env", "expand-env", "no-ignores", "read-outside"];

/// Reads a settings file.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read(text: &str) -> Result<Settings, Problem> {
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        Problem::new(format!("this is not TOML: {}", error.message()), at)
    })?;
    let mut settings = Settings::default();
    for (key, value) in entries(document.get_ref()) {
        match key.get_ref().as_ref() {
            "rules" => settings.rules = rules_of(table(value)?)?,
            "ignore" => settings.ignores = ignores_of(value)?,
            "check" => settings.check = defaults_of(table(value)?)?,
            "given" => settings.given = given_of(table(value)?)?,
            other => return Err(unknown("table", other, key.span(), &TABLES)),
        }
    }
    Ok(settings)
}

/// The entries in the order in which they are written.
fn entries<'a, 'b>(table: &'a DeTable<'b>) -> Vec<(&'a Spanned<std::borrow::Cow<'b, str>>, &'a Value<'b>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn table<'a, 'b>(value: &'a Value<'b>) -> Result<&'a DeTable<'b>, Problem> {
    match value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(Problem::new("this must be a table", value.span())),
    }
}

fn unknown(what: &str, name: &str, at: Range<usize>, known: &[&str]) -> Problem {
    let near = spelling::nearest(name, known.iter().copied(), name.len().div_ceil(3));
    let hint =
        near.map_or_else(|| format!("; known are {}", known.join(", ")), |near| format!("; did you mean `{near}`?"));
    Problem::new(format!("there is no {what} `{name}`{hint}"), at)
}

fn rule(name: &str, at: Range<usize>) -> Result<&'static str, Problem> {
    rules::find(name).map(|rule| rule.name).ok_or_else(|| {
        let hint = rules::nearest(name)
            .map_or_else(|| "; `pomlint rules` lists them".to_owned(), |near| format!("; did you mean `{near}`?"));
        Problem::new(format!("there is no rule `{name}`{hint}"), at)
    })
}

fn rules_of(table: &DeTable<'_>) -> Result<BTreeMap<&'static str, Option<Severity>>, Problem> {
    let mut rules = BTreeMap::new();
    for (key, value) in entries(table) {
        let severity = match text(value)? {
            "off" => None,
            "note" => Some(Severity::Note),
            "warning" => Some(Severity::Warning),
            "error" => Some(Severity::Error),
            other => return Err(unknown("severity", other, value.span(), &["off", "note", "warning", "error"])),
        };
        rules.insert(rule(key.get_ref(), key.span())?, severity);
    }
    Ok(rules)
}

fn given_of(table: &DeTable<'_>) -> Result<Vec<GivenValue>, Problem> {
    let given = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Value<'_>)| {
        let written = format!("{}={}", key.get_ref(), text(value)?);
        written.parse().map_err(|why: String| Problem::new(why, key.span()))
    };
    entries(table).into_iter().map(given).collect()
}

fn ignores_of(value: &Value<'_>) -> Result<Vec<Acceptance>, Problem> {
    match value.get_ref() {
        DeValue::Array(elements) => elements.iter().map(ignore_of).collect(),
        _ => {
            Err(Problem::new("write `[[ignore]]`, with two brackets: each ignore is a table of its own", value.span()))
        }
    }
}

fn ignore_of(element: &Value<'_>) -> Result<Acceptance, Problem> {
    let (mut name, mut path, mut until, mut reason) = (None, None, None, None);
    for (key, value) in entries(table(element)?) {
        match key.get_ref().as_ref() {
            "rule" => name = Some((rule(text(value)?, value.span())?, value.span())),
            "path" => path = Some(Glob::new(text(value)?)),
            "until" => until = Some((date(value)?, value.span())),
            "reason" => reason = Some(text(value)?.trim().to_owned()),
            other => return Err(unknown("key", other, key.span(), &IGNORE)),
        }
    }
    let lacks = |key: &str, why: &str| Problem::new(format!("this ignore lacks `{key}`: {why}"), element.span());
    Ok(Acceptance {
        rule: name.ok_or_else(|| lacks("rule", "the rule whose findings are accepted"))?,
        path: path.ok_or_else(|| lacks("path", "the configurations, e.g. `staging/**`, as seen from this file"))?,
        until,
        reason: reason
            .filter(|reason| !reason.is_empty())
            .ok_or_else(|| lacks("reason", "who reads it later must be able to judge whether it still holds"))?,
    })
}

fn defaults_of(table: &DeTable<'_>) -> Result<Defaults, Problem> {
    let mut check = Defaults::default();
    for (key, value) in entries(table) {
        match key.get_ref().as_ref() {
            "fail-on" => check.fail_on = Some(choice(value)?),
            "undecided" => check.undecided = Some(choice(value)?),
            "pedantic" => check.pedantic = Some(flag(value)?),
            "offline" => check.offline = Some(flag(value)?),
            "format" => check.format = Some(choice(value)?),
            "timeout" => check.timeout = Some(seconds(value)?),
            "pomerium-version" => {
                let version = text(value)?.parse().map_err(|why: String| Problem::new(why, value.span()))?;
                check.pomerium_version = Some(version);
            }
            "env-file" => check.env_file = Some(list(value)?.into_iter().map(PathBuf::from).collect()),
            "ca" => check.ca = Some(PathBuf::from(text(value)?)),
            "pool" => {
                let pools = list(value)?.into_iter().map(cli::pool).collect::<Result<_, _>>();
                check.pool = Some(pools.map_err(|why| Problem::new(why, value.span()))?);
            }
            flag if WIDENING.contains(&flag) => {
                let says = format!(
                    "`{flag}` is not taken from a file: a file in a pull request must not widen what the tool may send; \
                     give --{flag} on the command line"
                );
                return Err(Problem::new(says, key.span()));
            }
            flag if COMMAND_LINE.contains(&flag) => {
                let says = format!("`{flag}` is not taken from a file; give --{flag} on the command line");
                return Err(Problem::new(says, key.span()));
            }
            "only" | "skip" => {
                let says = "write the rules to leave out as `NAME = \"off\"` under `[rules]`";
                return Err(Problem::new(says, key.span()));
            }
            other => return Err(unknown("key", other, key.span(), &CHECK)),
        }
    }
    Ok(check)
}
