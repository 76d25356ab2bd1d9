//! How the house is built: which room may use which.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support;

mod circles;

/// The rooms of the library. Each may use those before it, and no other.
const ROOMS: [&str; 23] = [
    "go", "offset", "host", "spelling", "secret", "shell", "disk", "page", "config", "infra", "evidence", "rules",
    "engine", "diagnose", "report", "setup", "fix", "login", "cli", "settings", "lsp", "commands", "main",
];

/// The rooms inside `src/config`, likewise. What stands in `config.rs` itself is for those outside.
const ROOMS_OF_CONFIG: [&str; 9] =
    ["cognito", "text", "releases", "settings", "secrets", "pomerium", "provider", "forms", "load"];

#[test]
fn what_a_room_uses_stands_before_it() {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = BTreeSet::new();
    let files = sources(&support::project("src"));
    assert!(files.len() > 200, "{}", files.len());
    for file in files {
        let room = module(&file, "src").remove(0);
        if room == "lib" {
            continue;
        }
        for (used, line) in used(&file, "crate::") {
            assert!(!used.is_empty(), "one room a line: {line}");
            if place(&used).is_some_and(|used| place(&room).is_none_or(|room| used > room)) {
                wrong.insert(format!("{room} uses {used}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_room_of_config_uses_stands_before_it() {
    let place = |room: &str| ROOMS_OF_CONFIG.iter().position(|known| *known == room);
    let mut wrong = BTreeSet::new();
    let files = sources(&support::project("src/config"));
    assert!(files.len() > 80, "{}", files.len());
    for file in files {
        let path = module(&file, "src/config");
        let own = place(&path[0]).unwrap_or_else(|| panic!("{} is no room", path[0]));
        for (used, line) in used(&file, "crate::config::") {
            // None is the front door, which knows every room.
            if place(&used).is_none_or(|used| used > own) {
                wrong.insert(format!("{} uses {used}: {line}", path[0]));
            }
        }
        let way_out = "super::".repeat(path.len());
        let leaving = code(&file).into_iter().filter(|line| line.contains(&way_out));
        wrong.extend(leaving.map(|line| format!("{} is left by `super`: {line}", path[0])));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_room_is_a_file_beside_its_folder() {
    let second: Vec<_> =
        sources(&support::project("src")).into_iter().filter(|file| file.ends_with("mod.rs")).collect();
    assert!(second.is_empty(), "{second:#?}");
}

/// The lines of a file that are neither comments nor for tests: what only tests use is no arrow of the house.
fn code(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let text = if file.ends_with("tests.rs") { "" } else { &text };
    // A declaration for tests hides its line, and a module that stands there all that follows.
    let mut pieces = text.split("#[cfg(test)]\n");
    let code: String = pieces.next().into_iter().chain(pieces.map_while(behind_declaration)).collect();
    code.lines().map(str::trim).filter(|line| !line.starts_with("//")).map(str::to_owned).collect()
}

/// What follows a declaration of one line, below its attributes.
fn behind_declaration(text: &str) -> Option<&str> {
    let (line, rest) = text.split_once('\n')?;
    if line.starts_with("#[") { behind_declaration(rest) } else { line.ends_with(';').then_some(rest) }
}

/// What follows a path in the code of a file, with its line.
fn used(file: &Path, path: &str) -> Vec<(String, String)> {
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
    let word = |rest: &str| rest.split(|c| !is_word(c)).next().unwrap_or_default().to_owned();
    let lines = code(file).into_iter();
    lines.flat_map(|line| line.split(path).skip(1).map(|rest| (word(rest), line.clone())).collect::<Vec<_>>()).collect()
}

/// The path of a file's module below a folder.
fn module(file: &Path, below: &str) -> Vec<String> {
    let path = file.strip_prefix(support::project(below)).unwrap().with_extension("");
    path.iter().map(|name| name.to_str().unwrap().to_owned()).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
