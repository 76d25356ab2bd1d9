//! Which commands cure what a check has found.

use std::path::{Path, PathBuf};

use super::input::ChangeableFiles;
use crate::cli::Reading;
use crate::config::Form;
use crate::fix::{Wanted, changes};
use crate::report::{ConfigReport, Cure, Report};
use crate::secret::Scrubber;
use crate::setup::{self, Registration};
use crate::shell;

/// Lets each configuration's report name them. `paths` are what the user named, and `files` what stands there.
pub(super) fn offer(report: &mut Report, paths: &[PathBuf], files: &ChangeableFiles, reading: &Reading) {
    let (count, scrubber) = (report.reports.len(), report.scrubber());
    let cures = report.reports.iter().map(|one| {
        let named: Vec<&Path> = match (count, paths) {
            (1, paths) => paths.iter().map(PathBuf::as_path).collect(),
            _ => vec![Path::new(&one.config.path)],
        };
        let cure = |name, named: &[&Path], rules| Some(Cure { command: repeated(name, named, reading)?, rules });
        let fix = fix(one, files, scrubber, &named, reading).and_then(|rules| cure("fix", &named, rules));
        // It is about one configuration, wherever that stands.
        let one_path = [Path::new(&one.config.path)];
        let for_setup = if named.len() == 1 { &named[..] } else { &one_path };
        let setup = setup(one, scrubber).and_then(|rules| cure("setup", for_setup, rules));
        fix.into_iter().chain(setup).collect()
    });
    let cures: Vec<Vec<Cure>> = cures.collect();
    for (one, cures) in report.reports.iter_mut().zip(cures) {
        one.cures = cures;
    }
}

/// So many changes are tried before they are promised. What needs more is no file that anybody writes by hand.
const MOST_TRIED: usize = 64;

/// The rules of which `pomlint fix` corrects something; nothing if there is none.
fn fix(
    report: &ConfigReport,
    files: &ChangeableFiles,
    scrubber: &Scrubber,
    paths: &[&Path],
    reading: &Reading,
) -> Option<Vec<&'static str>> {
    let wanted = Wanted { only: &[], named: &|text| files.named(text), scrubber };
    let (changes, _) = changes([(&report.config, &report.judged[..])], &wanted);
    let count = changes.len();
    let mut rules = distinct(changes.into_iter().map(|change| change.rule))?;
    if count <= MOST_TRIED {
        // Another file may have a say, so that a change here cures nothing.
        let paths = paths.iter().map(|path| path.to_path_buf()).collect();
        let corrected = super::fix::corrected(paths, reading).unwrap_or_default();
        rules.retain(|rule| corrected.contains(rule));
    }
    distinct(rules.into_iter())
}

/// The rules of which a finding goes where Cognito is told what `pomlint setup` says.
fn setup(report: &ConfigReport, scrubber: &Scrubber) -> Option<Vec<&'static str>> {
    let found = report.findings().map(|(judged, _)| judged.rule.name).filter(|name| setup::CURES.contains(name));
    // What runs is no file that it could read.
    let is_file = !matches!(report.config.form, Form::Deployed(_));
    distinct(found).filter(|_| is_file && Registration::of(&report.config, scrubber).is_ok())
}

fn distinct(names: impl Iterator<Item = &'static str>) -> Option<Vec<&'static str>> {
    let mut rules: Vec<&'static str> = Vec::new();
    for name in names {
        if !rules.contains(&name) {
            rules.push(name);
        }
    }
    (!rules.is_empty()).then_some(rules)
}

/// The command, for what was read in the same way; nothing if it cannot be written down: standard input and a cluster's answer are
/// read once, what the environment fills in is no more in the next command's than in this one's, and nobody types a control
/// character.
pub(super) fn repeated(name: &str, paths: &[&Path], reading: &Reading) -> Option<String> {
    let is_readable = |path: &&Path| path.to_str().is_some_and(|name| name != "-" && !name.contains(char::is_control));
    let named =
        || paths.iter().copied().chain(reading.env_file.iter().chain(&reading.read_outside).map(PathBuf::as_path));
    if reading.expand_env.is_some() || reading.objects.is_some() || !named().all(|path| is_readable(&path)) {
        return None;
    }
    let path = |path: &Path| {
        let name = path.display().to_string();
        // Quotes do not keep a name from being taken for a flag.
        if name.starts_with('-') { format!("./{name}") } else { name }
    };
    let files = reading.env_file.iter().map(|file| ("--env-file", path(file)));
    let folders = reading.read_outside.iter().map(|folder| ("--read-outside", path(folder)));
    let given = reading.given.iter().map(|given| ("--given", given.to_string()));
    let version = reading.pomerium_version.iter().map(|version| ("--pomerium-version", version.to_string()));
    let named = paths.iter().map(|named| shell::quoted(&path(named)).into_owned());
    let flags = files.chain(folders).chain(given).chain(version);
    let flags = flags.map(|(flag, value)| format!("{flag} {}", shell::quoted(&value)));
    // Without a file, the environment is what was read.
    let is_env = reading.env || paths.is_empty() && reading.env_file.is_empty();
    let all = ["pomlint", name].map(str::to_owned).into_iter().chain(named);
    Some(all.chain(is_env.then(|| "--env".to_owned())).chain(flags).collect::<Vec<_>>().join(" "))
}
