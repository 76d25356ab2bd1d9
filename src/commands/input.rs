//! Reads what the user named, and prepares how the report is shown.

mod changeable;
mod series;

use std::collections::HashMap;
use std::io::{IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::folder::{self, Listing};
use super::{StartError, cluster};
use crate::cli::{Amount, Colour, Objects, Reading};
use crate::config::{
    CandidateTexts, Config, DiskFiles, Given, GivenBy, LONGEST_TEXT, Loaded, NotOpened, RawFile, Request, not_opened,
    refused_given, replaced, stands_alone,
};
use crate::disk::{Bound, Unread};
use crate::report::{Verbosity, View};

pub(super) use changeable::ChangeableFiles;
pub(super) use series::{Next, Series};

/// What came of reading.
#[derive(Default)]
pub(super) struct Read {
    /// One for each deployment, and one for each named file that is none.
    pub(super) configs: Vec<Config>,
    /// Files of folders that are not Pomerium's.
    pub(super) passed_over: usize,
    /// Files and folders that could not be read, and parts of folders that were left out.
    pub(super) unreadable: Vec<StartError>,
    /// The files that were named, or found in a folder that was.
    pub(super) files: ChangeableFiles,
}

/// A file and what it may name.
pub(super) struct Named {
    path: PathBuf,
    bound: Bound,
    file: RawFile,
    found: bool,
}

impl Named {
    fn by(&self) -> GivenBy {
        if self.found { GivenBy::Folder } else { GivenBy::User }
    }

    /// Reads it once more.
    fn reread(&mut self) -> Result<(), StartError> {
        self.file = read_file(&self.path, &self.bound).map_err(|why| unreadable(&self.path, &why))?;
        Ok(())
    }
}

/// Reads the configurations, each with the environment that the flags name. A file that cannot be read does not keep the
/// others from being judged.
///
/// # Errors
/// If nothing was named at all, or an environment file cannot be read.
pub(super) fn read(paths: &[PathBuf], reading: &Reading) -> Result<Read, StartError> {
    read_over(paths, reading, &CandidateTexts::default())
}

/// The same, if some of the files held other texts.
///
/// # Errors
/// As [`read`].
pub(super) fn read_over(paths: &[PathBuf], reading: &Reading, instead: &CandidateTexts) -> Result<Read, StartError> {
    let outside = Bound::of_outside(&reading.read_outside).map_err(|error| StartError::Option(error.to_string()))?;
    let mut environment = Environment::read(reading, &outside)?;
    if paths.is_empty() && !reading.env && reading.env_file.is_empty() && reading.objects.is_none() {
        return Err(StartError::NoConfig);
    }
    let mut found = Found::default();
    for path in paths {
        found.add(path, &outside);
    }
    let Found { mut named, mut unreadable, not_opened, .. } = found;
    for file in reading.objects.iter().flat_map(|objects| &objects.files) {
        named.push(Named { path: PathBuf::from(&file.name), bound: Bound::default(), file: file.clone(), found: true });
    }
    // A settings file that a pull request brings names nothing with the user's own hands.
    let by_flag = environment.read.iter().filter(|_| reading.env_file_of.is_none());
    let files = ChangeableFiles::of(named.iter().map(|named| &named.file).chain(by_flag));
    for file in named.iter_mut().map(|named| &mut named.file).chain(&mut environment.read) {
        file.bytes = replaced(instead, Path::new(&file.name), std::mem::take(&mut file.bytes));
    }
    environment.instead = instead.clone();
    let mut not_opened: Vec<Config> = not_opened;
    let mut passed_over = 0;
    let mut configs = Vec::new();
    if !named.is_empty() || paths.is_empty() && reading.objects.is_none() {
        Loaded { configs, passed_over } = environment.load(named, reading);
    }
    for config in &mut configs {
        config.reading.is_of_cluster = reading.objects.is_some();
    }
    for kind in reading.objects.iter().flat_map(|objects| &objects.denied) {
        let concerned = configs.iter_mut().filter(|config| cluster::concerns(kind, config));
        concerned.for_each(|config| config.reading.lacks(format!("the {kind} of the namespace")));
    }
    if configs.is_empty() && unreadable.is_empty() && not_opened.is_empty() {
        match &reading.objects {
            None => unreadable.push(nothing_found(paths, passed_over)),
            Some(objects) => configs.push(nothing_shown(objects)?),
        }
    }
    if let Some(why) = refused_given(&reading.given, &configs) {
        return Err(StartError::Option(why));
    }
    if configs.is_empty() {
        // Where nothing else is, it is the configuration that was meant.
        not_opened.iter_mut().filter_map(|config| config.reading.not_opened.as_mut()).for_each(|why| why.found = false);
    }
    configs.append(&mut not_opened);
    Ok(Read { configs, passed_over, unreadable, files })
}

/// What is known of a namespace in which nothing configures a Pomerium that may be seen.
///
/// # Errors
/// If all of it may be seen.
fn nothing_shown(objects: &Objects) -> Result<Config, StartError> {
    const NOTHING: &str = "nothing that the cluster shows of this namespace configures a Pomerium";
    if objects.denied.is_empty() {
        return Err(StartError::Option(format!("{NOTHING}; name another one with --namespace")));
    }
    let why = format!("{NOTHING}, and it does not show {}", objects.denied.join(", "));
    Ok(not_opened("the namespace", NotOpened { why, found: false }))
}

fn nothing_found(paths: &[PathBuf], count: usize) -> StartError {
    let name = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    StartError::NothingFound { name, count }
}

/// What settings come from besides the files.
pub(super) struct Environment {
    /// The files of `--env-file`.
    read: Vec<RawFile>,
    /// Those that lead where nobody may be led, each with the reason.
    not_opened: Vec<String>,
    /// What files would hold.
    instead: CandidateTexts,
}

impl Environment {
    /// Of these files nothing may be missing: what is cut off could be the variable that decides.
    fn read(reading: &Reading, outside: &Bound) -> Result<Self, StartError> {
        let mut files = Self { read: Vec::new(), not_opened: Vec::new(), instead: CandidateTexts::default() };
        for path in &reading.env_file {
            let name = path.display().to_string();
            let bytes = match &reading.env_file_of {
                // A settings file that a pull request brings leads no further than a configuration does.
                Some(settings) => Bound::of_file(settings).or(outside).read(path, LONGEST_TEXT),
                None if name == "-" => from_stdin(LONGEST_TEXT),
                None => Bound::of_named(path, outside).and_then(|bound| bound.read_named(path, LONGEST_TEXT)),
            };
            match bytes {
                Ok(bytes) => files.read.push(RawFile { name, bytes }),
                Err(why @ Unread::Outside(_)) => files.not_opened.push(format!("the environment file {name} ({why})")),
                Err(Unread::TooLong(_)) => {
                    let why = format!("it has more than {} MiB, which no environment file has", LONGEST_TEXT >> 20);
                    return Err(StartError::Unreadable { name, why });
                }
                Err(why) => return Err(StartError::Unreadable { name, why: why.to_string() }),
            }
        }
        Ok(files)
    }

    /// Whether some text of it does so.
    fn any(&self, reading: &Reading, does: impl Fn(&str) -> bool) -> bool {
        let variables = reading.env.then(variables).into_iter().flatten();
        let mut variables = variables.map(|(name, value)| format!("{name}={value}"));
        self.read.iter().any(|file| does(&String::from_utf8_lossy(&file.bytes))) || variables.any(|text| does(&text))
    }

    /// Reads the deployments of these files.
    fn load(&self, named: Vec<Named>, reading: &Reading) -> Loaded {
        let (texts, disks): (Vec<_>, Vec<_>) = named
            .into_iter()
            .map(|named| {
                let (by, files) = (named.by(), DiskFiles::within(&named.path, named.bound));
                let files = files.with(self.instead.clone());
                ((named.file, by), files)
            })
            .unzip();
        let given = texts.into_iter().zip(&disks);
        let request = Request {
            given: given.map(|((file, by), files)| Given { file, files, by }).collect(),
            env_files: self.read.clone(),
            environment: reading.env.then(variables),
            expansion: reading.expand_env.as_ref().map(|_| variables().into_iter().collect()),
            version: reading.pomerium_version,
            values: reading.given.clone(),
            listed: reading.objects.as_ref().map(cluster::listed),
        };
        let mut loaded = request.load();
        let sent = reading.expand_env.as_deref().unwrap_or_default();
        for config in &mut loaded.configs {
            config.reading.expanded.retain(|expanded| !sent.contains(&expanded.variable));
            self.not_opened.iter().for_each(|part| config.reading.lacks(part.clone()));
        }
        loaded
    }
}

/// What the named paths come to.
#[derive(Default)]
struct Found {
    named: Vec<Named>,
    unreadable: Vec<StartError>,
    not_opened: Vec<Config>,
    /// Only their names are kept: each is read again when its turn comes.
    by_name: bool,
    /// Some file may have to be read together with others.
    is_joined: bool,
    /// What a folder holds is of this many bytes so far.
    bytes: usize,
    /// By what it is, and not by what it is called: `a.yaml ./a.yaml` is one.
    known: HashMap<PathBuf, Option<usize>>,
}

impl Found {
    fn add(&mut self, path: &Path, outside: &Bound) {
        let name = |path: &Path| path.display().to_string();
        let bound = match Bound::of_named(path, outside) {
            Ok(bound) => bound,
            Err(why @ Unread::Outside(_)) => return self.leave_closed(path, &why, false),
            // Whatever else is wrong with it is told when it is read.
            Err(_) => outside.clone(),
        };
        if !path.is_dir() {
            return self.file(path, &bound, false);
        }
        let Listing { files, left_out } = folder::list(path);
        if files.is_empty() && left_out.is_empty() {
            self.unreadable.push(StartError::EmptyFolder { name: name(path) });
        }
        self.unreadable.extend(left_out.into_iter().map(|(path, why)| StartError::LeftOut { name: name(&path), why }));
        for file in files {
            if self.bytes > MOST_OF_FOLDER {
                let why = format!("no more than {} MiB are read; name fewer folders", MOST_OF_FOLDER >> 20);
                self.unreadable.push(StartError::LeftOut { name: name(path), why });
                break;
            }
            self.file(&file, &bound, true);
        }
    }

    fn file(&mut self, path: &Path, bound: &Bound, found: bool) {
        let key = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if let Some(index) = self.known.get(&key) {
            // What is named is judged, even if a folder alone would have passed it over.
            if let Some(one) = index.and_then(|index| self.named.get_mut(index)) {
                // As what is named, it may be something else.
                self.is_joined |= one.found && !found;
                one.found &= found;
            }
            return;
        }
        let index = match read_file(path, bound) {
            Ok(file) => {
                self.bytes += file.bytes.len();
                let mut named = Named { path: path.to_path_buf(), bound: bound.clone(), file, found };
                if self.by_name {
                    self.is_joined |= !stands_alone(&named.file, named.by());
                    named.file.bytes = Vec::new();
                }
                self.named.push(named);
                Some(self.named.len() - 1)
            }
            Err(why @ Unread::Outside(_)) => {
                self.leave_closed(path, &why, found);
                None
            }
            Err(why) => {
                self.unreadable.push(unreadable(path, &why));
                None
            }
        };
        self.known.insert(key, index);
    }

    fn leave_closed(&mut self, path: &Path, why: &Unread, found: bool) {
        let why = NotOpened { why: why.to_string(), found };
        self.not_opened.push(not_opened(&path.display().to_string(), why));
    }
}

fn unreadable(path: &Path, why: &Unread) -> StartError {
    StartError::Unreadable { name: path.display().to_string(), why: why.to_string() }
}

/// More text than this lies in no folder of configurations, in bytes.
const MOST_OF_FOLDER: usize = 1 << 30;

/// The variables of this process that are text.
fn variables() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Reads a file, or standard input for `-`; one byte more than is ever judged, so that the loader sees that it is too long.
fn read_file(path: &Path, bound: &Bound) -> Result<RawFile, Unread> {
    let name = path.display().to_string();
    let bytes = if name == "-" { stdin_up_to(LONGEST_TEXT)? } else { bound.read_named_up_to(path, LONGEST_TEXT)? };
    Ok(RawFile { name, bytes })
}

/// Standard input, if it is no longer than this.
pub(super) fn from_stdin(most: usize) -> Result<Vec<u8>, Unread> {
    let bytes = stdin_up_to(most)?;
    if bytes.len() > most { Err(Unread::TooLong(most)) } else { Ok(bytes) }
}

fn stdin_up_to(most: usize) -> Result<Vec<u8>, Unread> {
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Standard input is one text: it cannot be two things.
///
/// # Errors
/// If `-` stands more than once among these names.
pub(super) fn stdin_once<'a>(names: impl IntoIterator<Item = &'a Path>) -> Result<(), StartError> {
    if names.into_iter().filter(|name| name.as_os_str() == "-").count() < 2 {
        return Ok(());
    }
    Err(StartError::Option("standard input (`-`) can be named once only; name a file for the others".to_owned()))
}

/// How the report is shown: as the flags, the environment and the terminal say.
pub(super) fn view(amount: Amount) -> View {
    let verbosity = match (amount.quiet, amount.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    View { verbosity, ..plain_view() }
}

/// The same for commands that have no such flags.
pub(super) fn plain_view() -> View {
    let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let colour = colour();
    colored::control::set_override(colour);
    View { width: columns.unwrap_or(80).clamp(40, 120), colour, links: colour && links(), ..View::default() }
}

/// What `--color` says: for every command alike, and before the first of them looks.
static WANTED: OnceLock<Colour> = OnceLock::new();

/// Heeds `--color`.
pub(super) fn set_colour(wanted: Colour) {
    // Once is enough: there is one command line.
    let _ = WANTED.set(wanted);
}

/// `--color` beats the environment. In that, `NO_COLOR`, whatever it says, beats `FORCE_COLOR` and `CLICOLOR_FORCE`, which beat the terminal.
fn colour() -> bool {
    match WANTED.get() {
        Some(Colour::Always) => return true,
        Some(Colour::Never) => return false,
        Some(Colour::Auto) | None => {}
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let forced = |name: &str| variable(name).is_some_and(|value| value != "0");
    let is_able = || std::io::stdout().is_terminal() && variable("TERM").is_none_or(|name| name != "dumb");
    variable("NO_COLOR").is_none() && (forced("FORCE_COLOR") || forced("CLICOLOR_FORCE") || is_able())
}

/// The terminal is known to understand OSC 8, or `FORCE_HYPERLINK` says that it does.
fn links() -> bool {
    supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
}
