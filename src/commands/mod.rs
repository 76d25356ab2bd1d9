//! The commands: from parsed arguments to an exit code.

mod check;
mod defaults;
mod demo;
mod describe;
mod diagnose;
mod filing;
mod folder;
mod generate;
mod input;
mod progress;
mod selection;
mod shared;
mod show;

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use thiserror::Error;

use crate::cli::{Cli, Command};
use crate::report::{self, BaselineError, Report, Stream};
use crate::secret::Scrubber;

/// Exit code 2: nothing was judged.
const CANNOT_START: u8 = 2;

/// Why a command cannot start. Each says what is wrong, where, and what to do.
#[derive(Debug, Error)]
enum StartError {
    #[error(
        "no configuration was named\n  try   pomlint check config.yaml\n        pomlint check --env        (the environment alone)\n        pomlint demo               (see what a finding looks like)"
    )]
    NoConfig,
    #[error("cannot read {name}: {why}")]
    Unreadable { name: String, why: String },
    #[error("the folder {name} holds no file that could be a configuration (.yaml .yml .json .toml .env)")]
    EmptyFolder { name: String },
    #[error("not everything in {name} was looked at: {why}")]
    LeftOut { name: String, why: String },
    #[error(
        "nothing in {name} configures a Pomerium (files looked at: {count})\n  try   pomlint check FILE           (says what a single file is taken for)"
    )]
    NothingFound { name: String, count: usize },
    #[error("{name} is not a Pomerium configuration: {why}")]
    NotPomerium { name: String, why: &'static str },
    #[error("cannot write {name}: {why}")]
    Unwritable { name: String, why: String },
    #[error("the baseline {name}:{why}")]
    Baseline { name: String, why: BaselineError },
    #[error("there is no rule `{name}`{}\n  try   pomlint rules", hint(.near.as_deref()))]
    UnknownRule { name: String, near: Option<String> },
    #[error("no rule is left to judge: --only and --skip leave none over")]
    NoRules,
    #[error("{0}")]
    Option(String),
    #[error("{place}: {why}")]
    Settings { place: String, why: String },
    #[error("the recording {dir}: {why}")]
    Recording { dir: String, why: String },
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl StartError {
    fn recording(folder: &Path, error: &dyn Display) -> Self {
        Self::Recording { dir: folder.display().to_string(), why: error.to_string() }
    }
}

fn hint(near: Option<&str>) -> String {
    near.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Writes a text without the secrets of a report's configurations.
fn print(stream: Stream, text: &str, report: &Report) -> Result<(), StartError> {
    write(stream, text, report.scrubber())
}

/// Writes a text without the secrets the scrubber knows.
fn write(stream: Stream, text: &str, scrubber: &Scrubber) -> Result<(), StartError> {
    Ok(report::write(stream, text, scrubber)?)
}

/// Reads the arguments, does what they say, and says with what code to exit.
pub fn run() -> ExitCode {
    report_bugs();
    let code = parse().map_or_else(
        |error| usage(&error),
        |(cli, matches)| match perform(cli.command, &matches) {
            Ok(code) => code,
            Err(error) => complain(&format!("pomlint cannot start: {error}")),
        },
    );
    ExitCode::from(code)
}

fn parse() -> Result<(Cli, ArgMatches), clap::Error> {
    let matches = Cli::command().try_get_matches()?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut Cli::command()))?;
    Ok((cli, matches))
}

fn perform(command: Command, matches: &ArgMatches) -> Result<u8, StartError> {
    let matches = matches.subcommand().map(|(_, matches)| matches);
    let is_given = |argument: &str| {
        matches.is_some_and(|matches| matches.value_source(argument) == Some(ValueSource::CommandLine))
    };
    match command {
        Command::Check(command) => check::run(*command, &is_given),
        Command::Show(command) => show::run(&command),
        Command::Diagnose(command) => diagnose::run(&command),
        Command::Explain(command) => describe::explain(&command),
        Command::Rules(command) => describe::rules(&command),
        Command::Demo(command) => demo::run(&command),
        Command::Completions(command) => generate::completions(&command),
        Command::Man(command) => generate::man(&command),
        Command::Schema(command) => generate::schema(&command),
    }
}

/// Help and version go to standard output and are no failure.
fn usage(error: &clap::Error) -> u8 {
    let text = error.render().to_string();
    if error.use_stderr() {
        return complain(&text);
    }
    write(Stream::Report, &text, &Scrubber::new()).map_or(CANNOT_START, |()| 0)
}

/// If not even standard error takes it, the exit code is all that is left to say.
fn complain(text: &str) -> u8 {
    let _ = write(Stream::Progress, text, &Scrubber::new());
    CANNOT_START
}

/// A bug is told by its place alone: the message of a panic may quote the input, and so a secret.
fn report_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
        complain(&format!("pomlint has a bug{place}: please report it with the command you typed"));
    }));
}
