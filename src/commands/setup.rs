//! `pomlint setup`: what Amazon Cognito must be told.

use std::path::{Path, PathBuf};

use super::show::{say_others, the_one};
use super::{StartError, cures, write};
use crate::cli::{Setup, SetupFormat};
use crate::report::{self, Stream};
use crate::setup::{Registration, aws_cli, cloudformation, json, table, terraform};

pub(super) fn run(command: &Setup) -> Result<u8, StartError> {
    let (configs, index) = the_one(&command.configs, &command.which, &command.reading)?;
    let scrubber = report::scrubber(&configs);
    let Some(config) = configs.get(index) else { return Err(StartError::NoConfig) };
    let mut registration = Registration::of(config, &scrubber)
        .map_err(|why| StartError::Option(scrubber.scrub(&why.to_string()).into_owned()))?;
    let named: Vec<&Path> = command.configs.iter().map(PathBuf::as_path).collect();
    registration.check = cures::repeated("check", &named, None, &command.reading);
    registration.is_among_others = configs.len() > 1;
    let text = match command.format {
        SetupFormat::Table => table(&registration),
        SetupFormat::Terraform => terraform(&registration),
        SetupFormat::CloudFormation => cloudformation(&registration),
        SetupFormat::AwsCli => aws_cli(&registration),
        SetupFormat::Json => json(&registration),
    };
    write(Stream::Report, &text)?;
    say_others(&configs, index, ("this is for", "not for"))?;
    Ok(0)
}
