//! Thousands of deployments: a list of them, and a part of the work for each of several machines.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use url::Url;

use super::{StartError, input, running};
use crate::cli::{Check, Shard};
use crate::config::{Config, LONGEST_TEXT};
use crate::disk::Bound;
use crate::report::Elsewhere;

/// The lines of `--files-from`, each as if it were typed; and those that are no name.
///
/// # Errors
/// If the list cannot be read.
pub(super) fn listed(command: &Check) -> Result<(Vec<PathBuf>, Vec<StartError>), StartError> {
    let Some(list) = command.fleet.files_from.as_deref() else { return Ok(Default::default()) };
    names(list, &input::outside(&command.reading)?)
}

fn names(file: &Path, outside: &Bound) -> Result<(Vec<PathBuf>, Vec<StartError>), StartError> {
    let name = file.display().to_string();
    // Its lines are shown where they name nothing: a link in a checkout must not lead to what is none of its author's.
    let named = || Bound::of_named(file, outside).and_then(|bound| bound.read_named(file, LONGEST_TEXT));
    let bytes = if name == "-" { input::from_stdin(LONGEST_TEXT) } else { named() };
    let bytes = bytes.map_err(|why| StartError::Unreadable { name: name.clone(), why: why.to_string() })?;
    let (mut paths, mut wrong) = (Vec::new(), Vec::new());
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let why = match std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)) {
            Ok("") => continue,
            Ok("-") => "standard input is named on the command line alone",
            Ok(line) => {
                paths.push(PathBuf::from(line));
                continue;
            }
            Err(_) => "the line is not UTF-8",
        };
        wrong.push(StartError::Unreadable { name: format!("{name}:{}", number + 1), why: why.to_owned() });
    }
    Ok((paths, wrong))
}

/// A list in which nothing stands.
pub(super) fn empty(file: &Path) -> StartError {
    StartError::Option(format!("{} names no configuration: write the name of one on each line", file.display()))
}

/// Keeps what belongs to this shard, and counts the rest. A URL belongs where the configurations are that it is compared with.
pub(super) fn keep(shard: Shard, configs: &mut Vec<Config>, urls: &mut Vec<Url>) -> Elsewhere {
    let all = configs.len() + urls.len();
    urls.retain(|url| {
        let beside = running::beside(configs, url);
        let mut names = beside.iter().filter_map(|index| configs.get(*index)).map(|config| config.path.as_str());
        names.any(|name| holds(shard, name)) || beside.is_empty() && holds(shard, url.as_str())
    });
    configs.retain(|config| holds(shard, &config.path));
    Elsewhere { shard: shard.to_string(), count: all - configs.len() - urls.len() }
}

/// By the name alone: whatever else is in the list, and wherever it stands in it, a deployment stays in its shard.
pub(super) fn holds(shard: Shard, name: &str) -> bool {
    let digest = Sha256::digest(name.as_bytes());
    let hash = digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte));
    hash % u64::from(shard.of) == u64::from(shard.number - 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_in_one_shard() {
        let names: Vec<String> = (0..500).map(|number| format!("deploy/{number}.yaml")).collect();
        for of in [1, 2, 3, 7] {
            let of_name = |name: &str| (1..=of).filter(|number| holds(Shard { number: *number, of }, name)).count();
            assert!(names.iter().all(|name| of_name(name) == 1));
            let sizes = (1..=of).map(|number| names.iter().filter(|name| holds(Shard { number, of }, name)).count());
            assert!(sizes.min().unwrap() > 500 / of as usize / 2);
        }
        // Another release must not shuffle what runs.
        assert!(holds(Shard { number: 2, of: 3 }, "deploy/0.yaml"));
    }

    #[test]
    fn lines_are_names() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a b.yaml\r\n\n#c.yaml\n-\nb\xff.yaml\nhttps://app.corp.example.com").unwrap();
        let (paths, wrong) = names(file.path(), &Bound::default()).unwrap();
        let expected = ["a b.yaml", "#c.yaml", "https://app.corp.example.com"];
        assert_eq!(paths, expected.map(PathBuf::from));
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert!(wrong.len() == 2 && wrong[0].contains(":4:") && wrong[1].ends_with(":5: the line is not UTF-8"));
    }
}
