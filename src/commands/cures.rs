//! Which commands cure what a check has found.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use super::input::ChangeableFiles;
use crate::cli::{Reading, SettingsFile};
use crate::fix::{Change, Wanted, changes};
use crate::report::{ConfigReport, Cure, Report};
use crate::secret::Scrubber;
use crate::setup::{self, Registration};
use crate::shell;

/// How a command reads: what was typed, completed by the settings file, and which one that is.
type Way<'a> = (&'a Reading, &'a SettingsFile);

/// Lets each configuration's report name them. `paths` are what the user named, and `files` what stands there.
pub(super) fn offer(report: &mut Report, paths: &[PathBuf], files: &ChangeableFiles, way: Way<'_>) {
    let is_only = report.reports.len() == 1 && report.elsewhere.is_none();
    let cures: Vec<Vec<Cure>> = {
        let reports = &report.reports;
        let offer = Offer { reports, is_only, paths, files, way, scrubber: report.scrubber(), tried: OnceCell::new() };
        reports.iter().map(|one| offer.cures(one)).collect()
    };
    for (one, cures) in report.reports.iter_mut().zip(cures) {
        one.cures = cures;
    }
}

/// So many changes are tried before they are promised. What needs more is no file that anybody writes by hand.
const MOST_TRIED: usize = 64;

/// What was read, and what is asked of each deployment in it.
struct Offer<'a> {
    reports: &'a [ConfigReport],
    /// There is one deployment, in whatever was named.
    is_only: bool,
    paths: &'a [PathBuf],
    files: &'a ChangeableFiles,
    way: Way<'a>,
    scrubber: &'a Scrubber,
    /// What `pomlint fix` corrects in all that was named; nothing if that is too much to be tried.
    tried: OnceCell<Option<Vec<Change>>>,
}

/// How the next command names what one report is about.
struct Meant<'a> {
    paths: Vec<&'a Path>,
    /// The name of the deployment, if there are others in these.
    deployment: Option<&'a str>,
}

impl Offer<'_> {
    fn cures(&self, one: &ConfigReport) -> Vec<Cure> {
        let (changes, by_setup) = (self.changes(std::slice::from_ref(one)), self.setup(one));
        if changes.is_empty() && by_setup.is_none() {
            return Vec::new();
        }
        let Meant { paths, deployment } = self.meant(one);
        // Of several that are called alike, none is meant.
        let same = self.reports.iter().filter(|other| other.config.path == one.config.path);
        let by_setup = by_setup.filter(|_| deployment.is_none() || same.count() == 1);
        let by_fix = self.corrected(one, &changes, &paths, deployment.is_some());
        let cure = |name, deployment, rules: Option<_>| {
            let rules = rules?;
            Some(Cure { command: repeated(name, &paths, deployment, self.way)?, rules })
        };
        cure("fix", None, by_fix).into_iter().chain(cure("setup", deployment, by_setup)).collect()
    }

    /// A file that holds one deployment is named by itself; of several that were read together, all are, and the deployment.
    fn meant<'r>(&'r self, one: &'r ConfigReport) -> Meant<'r> {
        let path = one.config.path.as_str();
        if !self.is_only && self.stands_alone(one) {
            return Meant { paths: vec![Path::new(path)], deployment: None };
        }
        let paths = self.paths.iter().map(PathBuf::as_path).collect();
        Meant { paths, deployment: Some(path).filter(|_| !self.is_only) }
    }

    /// Whether a deployment is called like its file, and no other file that was named has a part in it.
    fn stands_alone(&self, one: &ConfigReport) -> bool {
        let Some(own) = self.files.named(&one.config.path) else { return false };
        let is_env_file = |name: &str| self.way.0.env_file.iter().any(|file| file.as_os_str() == name);
        let mut texts = one.config.sources.iter().map(|(_, source)| source.name.as_str());
        texts.all(|text| is_env_file(text) || self.files.named(text).is_none_or(|named| named.name == own.name))
    }

    /// What could be changed for these.
    fn changes(&self, reports: &[ConfigReport]) -> Vec<Change> {
        let wanted = Wanted { only: &[], named: &|text| self.files.named(text), scrubber: self.scrubber };
        changes(reports.iter().map(|one| (&one.config, &one.judged[..])), &wanted).0
    }

    /// The rules of which `pomlint fix` corrects something; nothing if there is none.
    fn corrected(
        &self,
        one: &ConfigReport,
        changes: &[Change],
        paths: &[&Path],
        is_among_others: bool,
    ) -> Option<Vec<&'static str>> {
        let rules = distinct(changes.iter().map(|change| change.rule))?;
        let own;
        let tried = if is_among_others {
            self.tried.get_or_init(|| self.try_all(paths, self.changes(self.reports).len())).as_ref()
        } else {
            own = self.try_all(paths, changes.len());
            own.as_ref()
        };
        let Some(tried) = tried else { return Some(rules) };
        let is_of = |change: &Change, rule| change.rule == rule && change.configs.contains(&one.config.path);
        distinct(rules.into_iter().filter(|rule| tried.iter().any(|change| is_of(change, *rule))))
    }

    /// What is corrected: another file may have a say, so that a change cures nothing.
    fn try_all(&self, paths: &[&Path], count: usize) -> Option<Vec<Change>> {
        let paths = || paths.iter().map(|path| path.to_path_buf()).collect();
        (count <= MOST_TRIED).then(|| super::fix::corrected(paths(), self.way).unwrap_or_default())
    }

    /// The rules of which a finding goes where Cognito is told what `pomlint setup` says.
    fn setup(&self, one: &ConfigReport) -> Option<Vec<&'static str>> {
        let found = one.findings().map(|(judged, _)| judged.rule.name).filter(|name| setup::CURES.contains(name));
        // What runs is no file that it could read.
        let is_file = !one.config.form.is_running();
        distinct(found).filter(|_| is_file && Registration::of(&one.config, self.scrubber).is_ok())
    }
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

/// The command, for what was read in the same way; nothing if it cannot be written down: a cluster's answer is read once, nobody
/// types a control character, and what comes from standard input is no file that could be corrected.
pub(super) fn repeated(name: &str, paths: &[&Path], deployment: Option<&str>, way: Way<'_>) -> Option<String> {
    let (reading, settings) = way;
    let is_typed = |text: &str| !text.contains(char::is_control) && (text != "-" || name != "fix");
    let named = || {
        paths
            .iter()
            .copied()
            .chain(reading.env_file.iter().chain(&reading.read_outside).chain(&settings.settings).map(PathBuf::as_path))
    };
    let expanded = reading.expand_env.as_ref().map(|names| names.join(","));
    let mut texts = deployment.into_iter().chain(expanded.as_deref());
    let is_readable = named().all(|path| path.to_str().is_some_and(is_typed)) && texts.all(is_typed);
    if reading.objects.is_some() || !is_readable {
        return None;
    }
    let path = |path: &Path| {
        let name = path.display().to_string();
        // Quotes do not keep a name from being taken for a flag.
        if name.starts_with('-') && name != "-" { format!("./{name}") } else { name }
    };
    let deployment = deployment.map(|name| ("--deployment", name.to_owned()));
    let files = reading.env_file.iter().map(|file| ("--env-file", path(file)));
    let folders = reading.read_outside.iter().map(|folder| ("--read-outside", path(folder)));
    let given = reading.given.iter().map(|given| ("--given", given.to_string()));
    let version = reading.pomerium_version.iter().map(|version| ("--pomerium-version", version.to_string()));
    let named_settings = settings.settings.iter().map(|file| ("--settings", path(file)));
    let quoted = |name: String| if name == "-" { name } else { shell::quoted(&name).into_owned() };
    let named = paths.iter().map(|named| quoted(path(named)));
    let flags = deployment.into_iter().chain(files).chain(folders).chain(given).chain(version).chain(named_settings);
    let flags = flags.map(|(flag, value)| format!("{flag} {}", shell::quoted(&value)));
    let expanded = expanded.map(|variables| match variables.as_str() {
        "" => "--expand-env".to_owned(),
        listed => format!("--expand-env={}", shell::quoted(listed)),
    });
    // Without a file, the environment is what was read.
    let is_env = reading.env || paths.is_empty() && reading.env_file.is_empty();
    let all = ["pomlint", name].map(str::to_owned).into_iter().chain(named);
    let no_settings = settings.no_settings.then(|| "--no-settings".to_owned());
    let all = all.chain(is_env.then(|| "--env".to_owned())).chain(flags).chain(expanded).chain(no_settings);
    Some(all.collect::<Vec<_>>().join(" "))
}
