//! Which commands cure what a check has found.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use super::input::ChangeableFiles;
use super::repeated::{Way, repeated};
use crate::fix::{Change, Wanted, changes};
use crate::report::{ConfigReport, Cure, Report};
use crate::secret::Scrubber;
use crate::setup::{self, Registration};

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
