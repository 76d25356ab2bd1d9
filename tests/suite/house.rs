//! How the house is built: which room may use which.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support;

/// The rooms of the library. Each may use those before it, and no other.
const ROOMS: [&str; 18] = [
    "go", "shell", "disk", "secret", "page", "config", "infra", "evidence", "rules", "engine", "diagnose", "report",
    "setup", "fix", "cli", "settings", "commands", "main",
];

#[test]
fn what_a_room_uses_stands_before_it() {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = BTreeSet::new();
    let files = sources(&support::project("src"));
    assert!(files.len() > 200, "{}", files.len());
    for file in files {
        let room = file.strip_prefix(support::project("src")).unwrap().iter().next().unwrap().to_str().unwrap();
        let room = room.trim_end_matches(".rs");
        let text = std::fs::read_to_string(&file).unwrap();
        // What only tests use is no arrow of the house.
        let code = text.split("#[cfg(test)]\n").next().unwrap();
        if room == "lib" || file.ends_with("tests.rs") {
            continue;
        }
        for line in code.lines().map(str::trim_start).filter(|line| !line.starts_with("//")) {
            for rest in line.split("crate::").skip(1) {
                let used = rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap_or_default();
                assert!(!used.is_empty(), "one room a line: {line}");
                if place(used).is_some_and(|used| place(room).is_none_or(|room| used > room)) {
                    wrong.insert(format!("{room} uses {used}: {}", line.trim_end()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
