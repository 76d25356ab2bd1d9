//! The settings file: found, read, and applied where the command line says nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::StartError;
use super::judging::today;
use crate::cli::{Check, Reading, SettingsFile};
use crate::config::{GivenValue, Source, SourceKind};
use crate::disk::{Bound, Unread};
use crate::engine::{Accepted, Decisions};
use crate::report::Applied;
use crate::rules::{self, Rule, Severity};
use crate::settings::{self, Defaults, FILE, Settings};
use crate::shell;

/// Longer ones are something else.
const LONGEST: usize = 1 << 20;

/// A settings file that was found.
pub(super) struct Found {
    pub(super) name: String,
    /// Its folder, to which the paths in it are relative.
    folder: PathBuf,
    text: String,
    /// The command line names it: no pull request chooses which one it is.
    is_named: bool,
    pub(super) settings: Settings,
}

/// Finds and reads the settings file that the command line names, or else the nearest one.
///
/// # Errors
/// If it cannot be read, or says something that is not understood.
pub(super) fn find(named: &SettingsFile) -> Result<Option<Found>, StartError> {
    let path = match &named.settings {
        _ if named.no_settings => return Ok(None),
        Some(path) => path.clone(),
        None => {
            return std::env::current_dir().map_or(Ok(None), |folder| find_near(&folder));
        }
    };
    open(&path, true).map(Some)
}

/// Finds and reads the nearest settings file of a folder.
///
/// # Errors
/// As [`find`].
pub(super) fn find_near(folder: &Path) -> Result<Option<Found>, StartError> {
    search(folder).map(|path| open(&path, false)).transpose()
}

fn open(path: &Path, is_named: bool) -> Result<Found, StartError> {
    let name = shown(path);
    let text = read(path, is_named).map_err(|why| StartError::Unreadable { name: name.clone(), why })?;
    let settings = settings::read(&text).map_err(|problem| {
        let place = Source::new(name.as_str(), SourceKind::File, text.as_str()).position(problem.at.start);
        StartError::Settings { place: format!("{name}:{}:{}", place.line, place.column), why: problem.says }
    })?;
    let folder = std::path::absolute(path).ok().and_then(|path| path.parent().map(Path::to_path_buf));
    Ok(Found { name, folder: folder.unwrap_or_default(), text, is_named, settings })
}

/// The nearest file in this folder or, within a repository, one above it up to its root: what lies above belongs to others.
fn search(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder);
    let within = folder.ancestors().take_while(|folder| folder.starts_with(root));
    within.map(|folder| folder.join(FILE)).find(|path| path.is_file())
}

/// As short as it can be: relative to the current folder, if it lies in it.
fn shown(path: &Path) -> String {
    let inside = std::env::current_dir().ok().and_then(|folder| path.strip_prefix(folder).ok());
    inside.unwrap_or(path).display().to_string()
}

fn read(path: &Path, is_named: bool) -> Result<String, String> {
    let bytes = if is_named {
        Bound::of_named(path, &Bound::default()).and_then(|bound| bound.read_named(path, LONGEST))
    } else {
        // No flag opens more for a file that nobody named.
        Bound::of_file(path).read(path, LONGEST).map_err(|why| match why {
            Unread::Outside(_) => {
                Unread::Outside("it is a link to a file elsewhere; put the file itself here".to_owned())
            }
            other => other,
        })
    };
    let bytes = bytes.map_err(|why| why.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

/// What the user has decided about findings, on this day.
pub(super) fn decisions(found: Option<&Found>, no_ignores: bool) -> Decisions {
    let mut decisions = Decisions::on(today());
    if let Some(found) = found {
        decisions.severities = found.severities();
        if !no_ignores {
            decisions.accepted = found.accepted();
        }
    }
    decisions
}

impl Found {
    /// Fills in what the command line does not say. `is_given` knows the arguments by the names of their fields.
    pub(super) fn apply(&self, command: &mut Check, is_given: &dyn Fn(&str) -> bool) {
        let Defaults { fail_on, undecided, pedantic, offline, format, timeout, ca, pool, .. } = &self.settings.check;
        let beside = |path: &PathBuf| self.folder.join(path);
        fill(&mut command.selection.fail_on, fail_on.as_ref(), is_given("fail_on"));
        fill(&mut command.selection.pedantic, pedantic.as_ref(), is_given("pedantic"));
        // Whoever names a recording wants neither to ask nor to be kept from it, and whoever asks AWS wants to ask.
        let answers = is_given("offline") || is_given("replay") || is_given("record") || is_given("aws");
        fill(&mut command.asking.offline, offline.as_ref(), answers);
        fill(&mut command.asking.timeout, timeout.as_ref(), is_given("timeout"));
        fill(&mut command.showing.format, format.as_ref(), is_given("format"));
        command.selection.undecided = command.selection.undecided.or(*undecided);
        command.asking.reach.ca = command.asking.reach.ca.take().or_else(|| ca.as_ref().map(beside));
        // A pull request chooses what is in a file that is only found.
        if let Some(pool) = pool.as_ref().filter(|_| self.is_named && !is_given("pool")) {
            command.asking.pool.clone_from(pool);
        }
    }

    /// Fills in what the command line does not say of how configurations are read.
    ///
    /// # Errors
    /// If it gives an address and the pool is not fixed.
    pub(super) fn complete(&self, reading: &mut Reading, is_pool_fixed: bool) -> Result<(), StartError> {
        let Defaults { pomerium_version, env_file, .. } = &self.settings.check;
        reading.pomerium_version = reading.pomerium_version.or(*pomerium_version);
        if let Some(files) = env_file.as_ref().filter(|_| reading.env_file.is_empty()) {
            reading.env_file = files.iter().map(|path| self.folder.join(path)).collect();
            reading.env_file_of = (!self.is_named).then(|| self.folder.join(FILE));
        }
        reading.given.extend(self.given(&reading.given, is_pool_fixed)?);
        Ok(())
    }

    /// What to say of a pool that does not protect.
    pub(super) fn unheeded_pool(&self, given: &[String]) -> Option<String> {
        self.settings.check.pool.as_ref().filter(|_| !self.is_named && given.is_empty())?;
        let name = &self.name;
        Some(format!(
            "`pool` in {name} counts only if the command line names that file: --settings {}\n",
            shell::quoted(name)
        ))
    }

    /// The values that it gives, but for those that are typed.
    ///
    /// # Errors
    /// If it gives an address and the pool is not fixed: a file in a pull request must not choose who is asked.
    fn given(&self, typed: &[GivenValue], is_pool_fixed: bool) -> Result<Vec<GivenValue>, StartError> {
        let is_address = |given: &&GivenValue| given.value.to_ascii_lowercase().contains("://");
        if let Some(given) = self.settings.given.iter().find(is_address).filter(|_| !is_pool_fixed) {
            let why = format!("`{}` is an address, which is taken from a file only together with --pool", given.name());
            return Err(StartError::Settings { place: self.name.clone(), why });
        }
        let is_typed = |given: &&GivenValue| typed.iter().any(|typed| typed.name() == given.name());
        Ok(self.settings.given.iter().filter(|given| !is_typed(given)).cloned().collect())
    }

    /// The rules that are not judged, unless the command line asks for one by name.
    pub(super) fn off(&self, only: &[String]) -> Vec<&'static str> {
        let off = self.settings.rules.iter().filter(|(_, severity)| severity.is_none());
        off.map(|(name, _)| *name).filter(|name| !only.iter().any(|wanted| wanted == name)).collect()
    }

    pub(super) fn severities(&self) -> BTreeMap<&'static str, Severity> {
        self.settings.rules.iter().filter_map(|(name, severity)| Some((*name, (*severity)?))).collect()
    }

    pub(super) fn accepted(&self) -> Accepted {
        Accepted {
            file: self.name.clone(),
            text: self.text.clone(),
            folder: self.folder.clone(),
            current: std::env::current_dir().unwrap_or_default(),
            ignores: self.settings.ignores.clone(),
        }
    }

    /// What the report says about it.
    pub(super) fn applied(&self, only: &[String]) -> Applied {
        let changed = |(name, severity): (&str, Severity)| {
            let rule: &'static Rule = rules::find(name)?;
            (rule.severity != severity).then_some((rule, severity))
        };
        let severities = self.severities().into_iter().filter_map(changed).collect();
        Applied { file: self.name.clone(), off: self.off(only), severities }
    }
}

fn fill<T: Clone>(place: &mut T, default: Option<&T>, is_given: bool) {
    if let Some(value) = default.filter(|_| !is_given) {
        *place = value.clone();
    }
}
