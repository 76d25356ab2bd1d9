//! `pomlint completions`, `man` and `schema`: what is made from the command line itself, and the JSON Schemas.

use clap::CommandFactory as _;

use super::{StartError, write};
use crate::cli::{Cli, Completions, Document, Man, Schema};
use crate::config::{self, PomeriumVersion};
use crate::report::{self, Stream};
use crate::settings;
use crate::setup;

pub(super) fn completions(command: &Completions) -> Result<u8, StartError> {
    let mut text = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "pomlint", &mut text);
    page(&text)
}

pub(super) fn man(command: &Man) -> Result<u8, StartError> {
    let mut program = Cli::command();
    program.build();
    let subject = match &command.command {
        None => program,
        Some(name) => program
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| StartError::Option(format!("there is no command `{name}`\n  try   pomlint --help")))?,
    };
    let mut text = Vec::new();
    // `clap_mangen` would title the page of a command `check`; as git does, it is `pomlint-check`.
    let name = subject.get_display_name().unwrap_or("pomlint").to_owned();
    clap_mangen::Man::new(subject)
        .title(name.clone())
        .source(format!("{name} {}", env!("CARGO_PKG_VERSION")))
        .render(&mut text)?;
    page(&text)
}

pub(super) fn schema(command: &Schema) -> Result<u8, StartError> {
    if command.pomerium_version.is_some() && command.name != Document::Pomerium {
        let why = "--pomerium-version is for the schema `pomerium`\n  try   pomlint schema pomerium --pomerium-version VERSION";
        return Err(StartError::Option(why.to_owned()));
    }
    let text = match command.name {
        Document::Pomerium => &config::schema(command.pomerium_version.unwrap_or(PomeriumVersion::NEWEST)),
        Document::Report => report::SCHEMA,
        Document::ReportLine => report::LINE_SCHEMA,
        Document::Baseline => report::BASELINE_SCHEMA,
        Document::Settings => settings::SCHEMA,
        Document::Diagnosis => report::DIAGNOSIS_SCHEMA,
        Document::Setup => setup::SCHEMA,
        Document::Show => report::SHOW_SCHEMA,
    };
    page(text.as_bytes())
}

fn page(text: &[u8]) -> Result<u8, StartError> {
    write(Stream::Report, &String::from_utf8_lossy(text))?;
    Ok(0)
}
