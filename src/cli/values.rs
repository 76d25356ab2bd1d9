//! What may stand behind a flag, where clap does not know it.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::cognito::region_of_pool;
use crate::report::{self, FORMATS};

/// A file that takes the report.
#[derive(Clone, Debug)]
pub struct Output {
    /// The form of the report.
    pub format: report::Format,
    /// The file.
    pub file: PathBuf,
}

/// `FORMAT=FILE`.
pub(super) fn output(text: &str) -> Result<Output, String> {
    let (name, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("write FORMAT=FILE, such as sarif=pomlint.sarif")?;
    if file == "-" {
        return Err(format!("standard output is for --format {name}"));
    }
    let format = report::format(name).copied().ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        format!("there is no format `{name}`; there are {}", names.join(", "))
    })?;
    Ok(Output { format, file: PathBuf::from(file) })
}

/// A file that a baseline is written to.
pub(super) fn baseline(text: &str) -> Result<PathBuf, String> {
    if text == "-" {
        return Err("standard output is for the report; name a file".to_owned());
    }
    Ok(PathBuf::from(text))
}

/// At most ten minutes.
pub(super) fn patience(text: &str) -> Result<Duration, String> {
    whole_seconds(text, 0..=600)
}

/// A code is good for five minutes.
pub(super) fn waiting(text: &str) -> Result<Duration, String> {
    whole_seconds(text, 1..=300)
}

fn whole_seconds(text: &str, range: RangeInclusive<u64>) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| range.contains(seconds)).map(Duration::from_secs);
    seconds.ok_or_else(|| format!("give the seconds as a whole number from {} to {}", range.start(), range.end()))
}

/// The ID of a user pool.
pub(crate) fn pool(text: &str) -> Result<String, String> {
    match region_of_pool(text) {
        Some(_) => Ok(text.to_owned()),
        None => {
            Err("the ID of a user pool is a region, an underscore and letters, such as eu-west-1_9xK2mPq7R".to_owned())
        }
    }
}

/// At least a tenth of a second and at most ten minutes: anything else is a slip of the finger.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.1..=600.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("give the seconds as a number from 0.1 to 600".to_owned()),
    }
}
