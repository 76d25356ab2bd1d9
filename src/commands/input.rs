//! Reads what the user named, and prepares how the report is shown.

use std::collections::HashMap;
use std::io::{IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use super::StartError;
use super::folder::{self, Listing};
use crate::cli::{Amount, Colour, Reading};
use crate::config::{
    Config, DiskFiles, Given, LONGEST_TEXT, Loaded, RawFile, Request, load_request_with, refused_given,
};
use crate::report::{Verbosity, View};

/// What came of reading.
pub(super) struct Read {
    /// One for each deployment, and one for each named file that is none.
    pub(super) configs: Vec<Config>,
    /// Files of folders that are not Pomerium's.
    pub(super) passed_over: usize,
    /// Files and folders that could not be read, and parts of folders that were left out.
    pub(super) unreadable: Vec<StartError>,
}

/// A file and what it may name.
struct Named {
    file: RawFile,
    files: DiskFiles,
    found: bool,
}

impl Named {
    fn given(&self) -> Given<'_> {
        Given { file: self.file.clone(), files: &self.files, found: self.found }
    }
}

/// Reads the configurations, each with the environment that the flags name. A file that cannot be read does not keep the
/// others from being judged.
///
/// # Errors
/// If nothing was named at all, or an environment file cannot be read.
pub(super) fn read(paths: &[PathBuf], reading: &Reading) -> Result<Read, StartError> {
    let env_files = reading.env_file.iter().map(|path| read_whole(path)).collect::<Result<Vec<_>, _>>()?;
    if paths.is_empty() && !reading.env && env_files.is_empty() {
        return Err(StartError::NoConfig);
    }
    let mut unreadable = Vec::new();
    let mut named: Vec<Named> = Vec::new();
    // By what it is, and not by what it is called: `a.yaml ./a.yaml` is one.
    let mut known: HashMap<PathBuf, Option<usize>> = HashMap::new();
    for path in paths {
        let found = path.is_dir();
        let Listing { files, left_out } =
            if found { folder::list(path) } else { Listing { files: vec![path.clone()], ..Listing::default() } };
        let name = |path: &Path| path.display().to_string();
        if files.is_empty() && left_out.is_empty() {
            unreadable.push(StartError::EmptyFolder { name: name(path) });
        }
        unreadable.extend(left_out.into_iter().map(|(path, why)| StartError::LeftOut { name: name(&path), why }));
        for path in files {
            let key = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if let Some(index) = known.get(&key) {
                // What is named is judged, even if a folder alone would have passed it over.
                if let Some(one) = index.and_then(|index| named.get_mut(index)) {
                    one.found &= found;
                }
                continue;
            }
            match read_file(&path) {
                Ok(file) => {
                    known.insert(key, Some(named.len()));
                    named.push(Named { file, files: DiskFiles::beside(&path), found });
                }
                Err(error) => {
                    known.insert(key, None);
                    unreadable.push(error);
                }
            }
        }
    }
    if named.is_empty() && !paths.is_empty() {
        return Ok(Read { configs: Vec::new(), passed_over: 0, unreadable });
    }
    let request = Request {
        given: named.iter().map(Named::given).collect(),
        env_files,
        environment: reading.env.then(environment),
        expansion: reading.expand_env.then(|| environment().into_iter().collect()),
        version: reading.pomerium_version,
    };
    let Loaded { configs, passed_over } = load_request_with(&request, &reading.given);
    if let Some(why) = refused_given(&reading.given, &configs) {
        return Err(StartError::Option(why));
    }
    if configs.is_empty() && unreadable.is_empty() {
        let name = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        unreadable.push(StartError::NothingFound { name, count: passed_over });
    }
    Ok(Read { configs, passed_over, unreadable })
}

/// The variables of this process that are text.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Reads a file of which nothing may be missing: what is cut off could be the variable that decides.
fn read_whole(path: &Path) -> Result<RawFile, StartError> {
    let file = read_file(path)?;
    if file.bytes.len() <= LONGEST_TEXT {
        return Ok(file);
    }
    let why = format!("it has more than {} MiB, which no environment file has", LONGEST_TEXT >> 20);
    Err(StartError::Unreadable { name: file.name, why })
}

/// Reads a file, or standard input for `-`; one byte more than is ever judged, so that the loader sees that it is too long.
fn read_file(path: &Path) -> Result<RawFile, StartError> {
    let name = path.display().to_string();
    let unreadable = |why: String| StartError::Unreadable { name: name.clone(), why };
    let limit = u64::try_from(LONGEST_TEXT).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if name == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(why(&error)))?;
        return Ok(RawFile { name, bytes });
    }
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(why(&error)))?;
    if metadata.is_dir() {
        return Err(unreadable("it is a folder; name the file in it".to_owned()));
    }
    let bytes = if metadata.is_file() {
        let file = std::fs::File::open(path).map_err(|error| unreadable(why(&error)))?;
        file.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(why(&error)))?;
        bytes
    } else {
        read_pipe(path.to_owned(), limit).map_err(unreadable)?
    };
    Ok(RawFile { name, bytes })
}

/// Somebody has opened the other end of a pipe after this time, or never will: `<(…)` has it open from the start.
const UNTIL_OPEN: Duration = Duration::from_secs(2);
/// Whatever writes into a pipe is done after this time.
const UNTIL_READ: Duration = Duration::from_secs(60);

/// Reads what is not an ordinary file, such as `<(helm template …)`, and does not wait for ever.
fn read_pipe(path: PathBuf, limit: u64) -> Result<Vec<u8>, String> {
    let (opened, is_open) = mpsc::channel();
    let (done, content) = mpsc::channel();
    // A thread that hangs ends with the program.
    std::thread::spawn(move || {
        let file = std::fs::File::open(path);
        // If nobody waits any more, nobody needs to know.
        let _ = opened.send(());
        let mut bytes = Vec::new();
        let read = file.and_then(|file| file.take(limit).read_to_end(&mut bytes));
        let _ = done.send(read.map(|_| bytes).map_err(|error| why(&error)));
    });
    is_open.recv_timeout(UNTIL_OPEN).map_err(|_| "it is a pipe, and nothing writes into it".to_owned())?;
    let seconds = UNTIL_READ.as_secs();
    content
        .recv_timeout(UNTIL_READ)
        .map_err(|_| format!("it is a pipe, and its writer is not done after {seconds} s"))?
}

/// The operating system's words, without its error number.
pub(super) fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
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
