//! Places in a configuration, as reports name them.

use std::path::Path;

use crate::config::{Config, Position, Source, SourceKind, Span};
use crate::disk::plain;

/// Where a span begins and ends, in which text.
pub(super) struct Place<'a> {
    /// How the user named the text.
    pub(super) name: &'a str,
    /// Its first character.
    pub(super) start: Position,
    /// One past its last character.
    pub(super) end: Position,
    /// The text is on disk, and not standard input or the environment of this process.
    on_disk: bool,
}

impl<'a> Place<'a> {
    pub(super) fn of(config: &'a Config, span: Span) -> Self {
        let first = Position { line: 1, column: 1 };
        match config.sources.get(span.source) {
            None => Self { name: &config.path, start: first, end: first, on_disk: false },
            Some(source) => Self {
                name: &source.name,
                start: source.position(span.start),
                end: source.position(span.end.max(span.start)),
                on_disk: is_on_disk(source),
            },
        }
    }

    /// The file as CI systems name it; none for what is in no file.
    pub(super) fn file(&self) -> Option<String> {
        self.on_disk.then(|| portable(self.name))
    }

    /// The file and the line, for CI systems that want both: what is in no file is shown at the top of the configuration.
    pub(super) fn file_and_line(&self, config: &Config) -> (String, usize) {
        self.file().map_or_else(
            || (main_file(config).unwrap_or_else(|| portable(&config.path)), 1),
            |file| (file, self.start.line),
        )
    }
}

/// The first file that the configuration was read from; none if it is in no file.
pub(super) fn main_file(config: &Config) -> Option<String> {
    config.sources.iter().find(|(_, source)| is_on_disk(source)).map(|(_, source)| portable(&source.name))
}

fn is_on_disk(source: &Source) -> bool {
    let environment = source.kind == SourceKind::Environment && source.name == "environment";
    let environment = environment || matches!(source.kind, SourceKind::Given | SourceKind::Answer);
    source.name != "-" && !environment
}

/// The path of a file as it is seen from the current folder, however it was typed; one that has nothing in common with it stays
/// whole, as it would be another from every other folder.
pub(super) fn from_here(path: &str) -> String {
    let Ok(here) = std::env::current_dir() else { return portable(path) };
    let bare = path.split(": ").next().unwrap_or(path);
    if !Path::new(bare).is_absolute() && !bare.split(['/', std::path::MAIN_SEPARATOR]).any(|part| part == "..") {
        return portable(path);
    }
    // A folder above this one may be a link.
    let real = |path: &str| {
        let whole = here.join(path);
        let folder = whole.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
        folder.zip(whole.file_name()).map_or_else(|| whole.clone(), |(folder, name)| folder.join(name))
    };
    let rest = &path[bare.len()..];
    relative(&plain(&real(bare)), &plain(&here)).map_or_else(|| portable(path), |near| portable(&near) + rest)
}

/// The way from a folder to a file; nothing if they have only the root in common.
fn relative(path: &Path, folder: &Path) -> Option<String> {
    let names = |path: &Path| -> Vec<String> {
        path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let (path, folder) = (names(path), names(folder));
    let common = path.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    let up = vec!["..".to_owned(); folder.len() - common];
    (common > 1).then(|| [up.as_slice(), path.get(common..).unwrap_or_default()].concat().join("/"))
}

/// A path without `./`, with `/` between its parts on every system.
pub(super) fn portable(path: &str) -> String {
    let path = if std::path::MAIN_SEPARATOR == '\\' { path.replace('\\', "/") } else { path.to_owned() };
    let mut rest = path.as_str();
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    rest.to_owned()
}
