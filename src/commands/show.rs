//! `pomlint show`: what Pomerium will make of a configuration, without asking anyone.

use super::{StartError, input, write};
use crate::cli::{Format, Show};
use crate::config::load;
use crate::report::{self, Stream};

pub(super) fn run(command: &Show) -> Result<u8, StartError> {
    let configs: Vec<_> = command.config.iter().cloned().collect();
    let mut reading = command.reading.clone();
    // Without a file, the environment is what there is to show.
    reading.env |= configs.is_empty() && reading.env_file.is_empty();
    let (named, unreadable) = input::read(&configs, &reading)?;
    let Some(named) = named.first() else {
        return Err(unreadable.into_iter().next().unwrap_or(StartError::NoConfig));
    };
    let config = load(&named.input, &named.files);
    let text = match command.format {
        Format::Human => report::show(&config, &input::plain_view()),
        Format::Json => report::show_json(&config),
    };
    write(Stream::Report, &text, &report::scrubber([&config]))?;
    Ok(0)
}
