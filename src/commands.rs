//! The commands: from parsed arguments to an exit code.

mod check;
mod cluster;
mod cures;
mod defaults;
mod demo;
mod describe;
mod diagnose;
mod filing;
mod fix;
mod fleet;
mod folder;
mod generate;
mod infra;
mod input;
mod judging;
mod login;
mod lsp;
mod progress;
mod repeated;
mod running;
mod selection;
mod setup;
mod shared;
mod show;
mod streaming;

use std::fmt::Display;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use thiserror::Error;

use crate::cli::{Cli, Command};
use crate::disk;
use crate::report::{self, BaselineError, Stream, escape};

/// Exit code 2: nothing was judged, or not all that was named could be read or written.
const CANNOT_START: u8 = 2;

/// Why a command cannot start. Each says what is wrong, where, and what to do.
#[derive(Debug, Error)]
enum StartError {
    #[error(
        "no configuration was named\n  try   pomlint check config.yaml\n        pomlint check --env        (the environment alone)\n        pomlint demo               (see what a finding looks like)"
    )]
    NoConfig,
    #[error("cannot read {}: {}", escape(name), escape(why))]
    Unreadable { name: String, why: String },
    #[error("the folder {} holds no file that could be a configuration (.yaml .yml .json .toml .env)", escape(name))]
    EmptyFolder { name: String },
    #[error("not everything in {} was looked at: {}", escape(name), escape(why))]
    LeftOut { name: String, why: String },
    #[error(
        "nothing in {} configures a Pomerium (files looked at: {count})\n  try   pomlint check FILE           (says what a single file is taken for)",
        escape(name)
    )]
    NothingFound { name: String, count: usize },
    #[error("{} is not a Pomerium configuration: {why}", escape(name))]
    NotPomerium { name: String, why: &'static str },
    #[error("cannot write {}: {}", escape(name), escape(why))]
    Unwritable { name: String, why: String },
    #[error("the baseline {}:{}", escape(name), escape(&why.to_string()))]
    Baseline { name: String, why: BaselineError },
    #[error("there is no rule `{}`{}\n  try   pomlint rules", escape(name), hint(.near.as_deref()))]
    UnknownRule { name: String, near: Option<String> },
    #[error("no rule is left to judge: {by} leave none over")]
    NoRules { by: String },
    #[error("{}", with_hint(.0))]
    Option(String),
    #[error("{}: {}", escape(place), escape(why))]
    Settings { place: String, why: String },
    #[error("cannot take {} for infrastructure code: {}", escape(name), escape(why))]
    NotCode { name: String, why: String },
    #[error("the recording {}: {}", escape(dir), escape(why))]
    Recording { dir: String, why: String },
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl StartError {
    fn recording(folder: &Path, error: &dyn Display) -> Self {
        Self::Recording { dir: folder.display().to_string(), why: error.to_string() }
    }

    fn unwritable(name: &Path, error: std::io::Error) -> Self {
        Self::Unwritable { name: name.display().to_string(), why: disk::why(error) }
    }
}

/// A sentence, of which a part may come from outside, and perhaps what to try.
fn with_hint(text: &str) -> String {
    const TRY: &str = "\n  try   ";
    match text.rsplit_once(TRY) {
        Some((sentence, hint)) => {
            let lines: Vec<String> = hint.lines().map(escape).collect();
            escape(sentence) + TRY + &lines.join("\n")
        }
        None => escape(text),
    }
}

fn hint(near: Option<&str>) -> String {
    near.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Writes a text.
fn write(stream: Stream, text: &str) -> Result<(), StartError> {
    let name = match stream {
        Stream::Report => "standard output",
        Stream::Progress => "standard error",
    };
    report::write(stream, text).map_err(|error| StartError::unwritable(name.as_ref(), error))
}

/// Reads the arguments, does what they say, and says with what code to exit.
pub fn run() -> ExitCode {
    report_bugs();
    let code = parse().map_or_else(
        |error| usage(&error),
        |(cli, matches)| {
            input::set_colour(cli.color);
            match perform(cli.command, &matches) {
                Ok(code) => code,
                Err(error @ StartError::Unwritable { .. }) => complain(&told(&format!("pomlint: {error}"))),
                Err(error) => complain(&told(&format!("pomlint cannot start: {error}"))),
            }
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
        // Not every command has every argument.
        let has = |matches: &ArgMatches| matches.try_contains_id(argument).unwrap_or(false);
        matches.is_some_and(|matches| has(matches) && matches.value_source(argument) == Some(ValueSource::CommandLine))
    };
    match command {
        Command::Check(command) => check::run(*command, &is_given),
        Command::Show(command) => show::run(&command),
        Command::Setup(command) => setup::run(&command),
        Command::Fix(command) => fix::run(*command),
        Command::Login(command) => login::run(&command),
        Command::Diagnose(command) => diagnose::run(&command),
        Command::Explain(command) => describe::explain(&command),
        Command::Rules(command) => describe::list(&command),
        Command::Demo(command) => demo::run(&command),
        Command::Completions(command) => generate::completions(&command),
        Command::Lsp(command) => lsp::run(command),
        Command::Man(command) => generate::man(&command),
        Command::Schema(command) => generate::schema(&command),
    }
}

/// Help and version go to standard output and are no failure.
fn usage(error: &clap::Error) -> u8 {
    if let Some(named) = named_without_command(error) {
        let name = escape(named);
        return complain(&format!(
            "pomlint cannot start: there is no command `{name}`; did you mean check?\n  try   pomlint check {name}"
        ));
    }
    let text = without_value(error, error.render().to_string());
    if error.use_stderr() {
        return complain(&text);
    }
    write(Stream::Report, &text).map_or(CANNOT_START, |()| 0)
}

/// What is said of an argument, without the value in it: it may be a secret, which `--given` refuses.
fn without_value(error: &clap::Error, text: String) -> String {
    match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => match value.split_once(['=', ':']) {
            Some((name, _)) => text.replace(value, &format!("{name}=…")),
            None => text,
        },
        _ => text,
    }
}

/// What stands in the place of a command and is a file, a folder or an address: it was meant to be checked.
fn named_without_command(error: &clap::Error) -> Option<&str> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let is_meant = named.contains(['.', '/', '\\']) || Path::new(named).exists();
    is_meant.then_some(named)
}

/// A reason, folded to the width of the terminal, if that is where it goes; what to try stands on lines of its own. A program that
/// reads it gets each sentence in one piece.
fn told(reason: &str) -> String {
    if !std::io::stderr().is_terminal() {
        return reason.to_owned();
    }
    let width = input::plain_view().width;
    let fold = |line: &str| {
        let is_command = line.starts_with(' ');
        if is_command { line.to_owned() } else { report::folded(line, width) }
    };
    reason.lines().map(fold).collect::<Vec<_>>().join("\n")
}

/// If not even standard error takes it, the exit code is all that is left to say.
fn complain(text: &str) -> u8 {
    let _ = write(Stream::Progress, text);
    CANNOT_START
}

/// A bug is told by its place alone: the message of a panic may quote the input, and so a secret.
fn report_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" ({}:{})", place.file(), place.line()));
        complain(&format!("pomlint has a bug{place}: please report it with the command you typed"));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_named_by_others_says_nothing_of_its_own() {
        let evil = || "a\n::error::pwned\u{1b}[31m".to_owned();
        let said = StartError::LeftOut { name: evil(), why: evil() }.to_string();
        assert!(said.contains("pwned") && !said.chars().any(char::is_control), "{said:?}");
    }

    #[test]
    fn what_to_try_may_take_several_lines() {
        let said = StartError::Option("a\u{7}b\n  try   one\n        two\u{7}".to_owned()).to_string();
        assert_eq!(said, "a\\u{7}b\n  try   one\n        two\\u{7}");
    }
}
