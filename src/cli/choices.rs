//! What some arguments can be.

use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, ValueEnum};

use crate::report::{self, FORMATS};
use crate::rules::RULES;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// As `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE` and the terminal say.
    #[default]
    Auto,
    /// Into files and pipes too.
    Always,
    /// On no terminal.
    Never,
}

/// What has a JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// The report of --format json.
    Report,
    /// A line of --format jsonl.
    ReportLine,
    /// The file of --write-baseline.
    Baseline,
    /// The settings file, pomlint.toml.
    Settings,
    /// What diagnose --format json writes.
    Diagnosis,
    /// What setup --format json writes.
    Setup,
    /// What show --format json writes.
    Show,
    /// Pomerium's own configuration, for editors.
    Pomerium,
}

/// One part of the work, for one of several machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1 to the number of parts.
    pub number: u32,
    /// How many parts there are.
    pub of: u32,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let (one, of) = text.split_once('/').ok_or("write it as K/N, for example 1/4")?;
        match (number(one), number(of)) {
            // Kubernetes counts the Pods of an indexed Job from 0, and nothing there could add one.
            (Some(0), Some(of)) if of > 0 => Ok(Self { number: of, of }),
            (Some(number), Some(of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("K is a number from 1 to N: of four parts the first is 1/4, the last 4/4 or 0/4"),
        }
    }
}

impl Display for Shard {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// The least bad finding that makes exit code 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A login will fail.
    #[default]
    Error,
    /// It works by luck.
    Warning,
}

/// What undecided rules mean for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Undecided {
    /// Never exit 3.
    Allow,
    /// Exit 3 for declined evidence too.
    Strict,
}

/// The forms of what is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// The forms of what Cognito must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SetupFormat {
    /// For people.
    Table,
    /// Resources of the provider `aws`.
    Terraform,
    /// A template.
    #[value(name = "cloudformation")]
    CloudFormation,
    /// Commands for a shell, with jq.
    AwsCli,
    /// For programs.
    Json,
}

/// The forms of a rule page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// For a terminal.
    Human,
    /// For programs.
    Json,
    /// The page as it stands in the repository.
    Markdown,
}

impl ValueEnum for report::Format {
    fn value_variants<'a>() -> &'a [Self] {
        FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.about))
    }
}

/// The name of a rule. Any word is taken, so that a wrong one can be told with the nearest; shells complete the right ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleName;

impl TypedValueParser for RuleName {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(RULES.iter().map(|rule| PossibleValue::new(rule.name))))
    }
}
