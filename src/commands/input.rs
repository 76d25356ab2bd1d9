//! Reads what the user named, and prepares how the report is shown.

use std::io::{IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use super::StartError;
use crate::cli::{Reading, Showing};
use crate::config::{DiskFiles, Input, LONGEST_TEXT, RawFile};
use crate::report::{Verbosity, View};

/// One configuration to be read, and the files it may name.
pub(super) struct Named {
    pub(super) input: Input,
    pub(super) files: DiskFiles,
}

/// Reads the configurations, each with the environment that the flags name. A file that cannot be read does not keep the
/// others from being judged.
///
/// # Errors
/// If nothing was named at all, or an environment file cannot be read.
pub(super) fn read(configs: &[PathBuf], reading: &Reading) -> Result<(Vec<Named>, Vec<StartError>), StartError> {
    let env_files = reading.env_file.iter().map(|path| read_file(path)).collect::<Result<Vec<_>, _>>()?;
    let environment = reading.env.then(environment);
    let input = |config: Option<RawFile>| Input {
        config,
        env_files: env_files.clone(),
        environment: environment.clone(),
        version: reading.pomerium_version,
    };
    if configs.is_empty() {
        if !reading.env && reading.env_file.is_empty() {
            return Err(StartError::NoConfig);
        }
        return Ok((vec![Named { input: input(None), files: DiskFiles::beside(Path::new("")) }], Vec::new()));
    }
    let mut named = Vec::new();
    let mut unreadable = Vec::new();
    for path in configs {
        match read_file(path) {
            Ok(file) => named.push(Named { input: input(Some(file)), files: DiskFiles::beside(path) }),
            Err(error) => unreadable.push(error),
        }
    }
    Ok((named, unreadable))
}

/// The variables of this process that are text.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
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
        return Err(unreadable("it is a folder; name the configuration file in it".to_owned()));
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
fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// How the report is shown: as the flags, the environment and the terminal say.
pub(super) fn view(showing: &Showing) -> View {
    let verbosity = match (showing.quiet, showing.verbose) {
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
    View { verbosity: Verbosity::Normal, width: columns.unwrap_or(80).clamp(60, 120), colour }
}

/// `NO_COLOR` beats `FORCE_COLOR` and `CLICOLOR_FORCE`, which beat the terminal.
fn colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    !set("NO_COLOR") && (set("FORCE_COLOR") || set("CLICOLOR_FORCE") || std::io::stdout().is_terminal())
}
