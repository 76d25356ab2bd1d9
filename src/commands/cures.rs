//! Which commands cure what a check has found.

use std::path::{Path, PathBuf};

use crate::cli::Reading;
use crate::config::Form;
use crate::fix::{Named, Wanted, changes};
use crate::report::{ConfigReport, Cure, Report};
use crate::secret::Scrubber;
use crate::setup::{self, Registration};
use crate::shell;

/// Lets each configuration's report name them. `paths` are what the user named, and `files` what stands there.
pub(super) fn offer(report: &mut Report, paths: &[PathBuf], files: &Named, reading: &Reading) {
    // What the environment fills in is no more in the next command's than in this one's.
    if paths.iter().any(|path| path.as_os_str() == "-") || reading.expand_env.is_some() || reading.objects.is_some() {
        return;
    }
    let (count, scrubber) = (report.reports.len(), report.scrubber());
    let cures = report.reports.iter().map(|one| {
        let named: Vec<&Path> = match (count, paths) {
            (1, paths) => paths.iter().map(PathBuf::as_path).collect(),
            _ => vec![Path::new(&one.config.path)],
        };
        let fix = fix(one, files, scrubber).map(|rules| Cure { command: command("fix", &named, reading), rules });
        // It is about one configuration, wherever that stands.
        let one_path = [Path::new(&one.config.path)];
        let for_setup = if named.len() == 1 { &named[..] } else { &one_path };
        let setup = setup(one, scrubber).map(|rules| Cure { command: command("setup", for_setup, reading), rules });
        fix.into_iter().chain(setup).collect()
    });
    let cures: Vec<Vec<Cure>> = cures.collect();
    for (one, cures) in report.reports.iter_mut().zip(cures) {
        one.cures = cures;
    }
}

/// The rules of which `pomlint fix` corrects something; nothing if there is none.
fn fix(report: &ConfigReport, named: &Named, scrubber: &Scrubber) -> Option<Vec<&'static str>> {
    let (changes, _) = changes([(&report.config, &report.judged[..])], &Wanted { only: &[], named, scrubber });
    distinct(changes.into_iter().map(|change| change.rule))
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

/// The command, for what was read in the same way.
fn command(name: &str, paths: &[&Path], reading: &Reading) -> String {
    let path = |path: &Path| path.display().to_string();
    let files = reading.env_file.iter().map(|file| ("--env-file", path(file)));
    let folders = reading.read_outside.iter().map(|folder| ("--read-outside", path(folder)));
    let given = reading.given.iter().map(|given| ("--given", given.to_string()));
    let version = reading.pomerium_version.iter().map(|version| ("--pomerium-version", version.to_string()));
    let named = paths.iter().map(|named| shell::quoted(&path(named)).into_owned());
    let flags = files.chain(folders).chain(given).chain(version);
    let flags = flags.map(|(flag, value)| format!("{flag} {}", shell::quoted(&value)));
    let all = ["pomlint", name].map(str::to_owned).into_iter().chain(named);
    all.chain(reading.env.then(|| "--env".to_owned())).chain(flags).collect::<Vec<_>>().join(" ")
}
