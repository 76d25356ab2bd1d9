//! `pomlint setup`: what Amazon Cognito must be told.

use std::path::{Path, PathBuf};

use super::show::the_one;
use super::{StartError, cures, write};
use crate::cli::{Setup, SetupFormat};
use crate::report::{self, Stream, escape};
use crate::setup::{Registration, aws_cli, cloudformation, json, table, terraform};

pub(super) fn run(command: &Setup) -> Result<u8, StartError> {
    let (configs, index) = the_one(command.config.as_ref(), &command.reading)?;
    let scrubber = report::scrubber(&configs);
    let Some(config) = configs.get(index) else { return Err(StartError::NoConfig) };
    let mut registration = Registration::of(config, &scrubber)
        .map_err(|why| StartError::Option(scrubber.scrub(&why.to_string()).into_owned()))?;
    let named: Vec<&Path> = command.config.iter().map(PathBuf::as_path).collect();
    registration.check = cures::repeated("check", &named, &command.reading);
    let text = match command.format {
        SetupFormat::Table => table(&registration),
        SetupFormat::Terraform => terraform(&registration),
        SetupFormat::CloudFormation => cloudformation(&registration),
        SetupFormat::AwsCli => aws_cli(&registration),
        SetupFormat::Json => json(&registration),
    };
    write(Stream::Report, &text)?;
    let others: Vec<&str> =
        configs.iter().filter(|other| !std::ptr::eq(*other, config)).map(|other| other.path.as_str()).collect();
    if !others.is_empty() {
        let says = format!("this is for {}; not for: {}", escape(&config.path), escape(&others.join(", ")));
        write(Stream::Progress, &(says + "\n"))?;
    }
    Ok(0)
}
