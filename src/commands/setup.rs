//! `pomlint setup`: what Amazon Cognito must be told.

use std::path::{Path, PathBuf};

use super::repeated::repeated;
use super::show::{say_others, serves_logins, the_one};
use super::{StartError, defaults, write};
use crate::cli::{Setup, SetupFormat};
use crate::report::{self, Stream};
use crate::setup::{Registration, aws_cli, cloudformation, json, table, terraform};

pub(super) fn run(command: &Setup) -> Result<u8, StartError> {
    let mut reading = command.reading.clone();
    // Without a file, the environment is what is meant, whatever file of variables the settings file names.
    reading.env |= command.configs.is_empty() && reading.env_file.is_empty();
    // Nobody is asked, so that it may give an address as well.
    let found = defaults::find(&command.settings)?;
    found.iter().try_for_each(|found| found.complete(&mut reading, true))?;
    let (configs, index) = the_one(&command.configs, &command.which, &reading, serves_logins)?;
    let scrubber = report::scrubber(&configs);
    let Some(config) = configs.get(index) else { return Err(StartError::NoConfig) };
    let mut registration = Registration::of(config, &scrubber)
        .map_err(|why| StartError::Option(scrubber.scrub(&why.to_string()).into_owned()))?;
    let named: Vec<&Path> = command.configs.iter().map(PathBuf::as_path).collect();
    // What the settings file says is not typed: the next command finds it there.
    registration.check = repeated("check", &named, None, (&command.reading, &command.settings));
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
