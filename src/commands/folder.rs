//! The files of a folder that may be configurations.

use std::path::{Path, PathBuf};

/// Deepest folder that is looked into.
const DEEPEST: usize = 6;

/// Most files that are read.
const MOST_FILES: usize = 2_000;

/// Most entries that are looked at: a folder of a million pictures must not hold us up.
const MOST_ENTRIES: usize = 100_000;

/// Folders that hold other people's files.
const PASSED_BY: [&str; 3] = ["node_modules", "vendor", "target"];

/// The files whose name ends like that of a configuration, in the order of their names.
pub(super) fn list(folder: &Path) -> Vec<PathBuf> {
    let mut walk = Walk { files: Vec::new(), entries: 0 };
    walk.folder(folder, 0);
    walk.files
}

struct Walk {
    files: Vec<PathBuf>,
    entries: usize,
}

impl Walk {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let left = MOST_ENTRIES.saturating_sub(self.entries);
        let mut entries: Vec<_> = entries.take(left).filter_map(Result::ok).collect();
        self.entries += entries.len();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        let mut folders = Vec::new();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link may lead back to where we come from; the file behind it is read only if it is one.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !name.starts_with('.') && !PASSED_BY.contains(&name.as_str()) => {
                    folders.push(entry.path());
                }
                Ok(kind)
                    if !kind.is_dir()
                        && is_candidate(&name)
                        && entry.path().is_file()
                        && self.files.len() < MOST_FILES =>
                {
                    self.files.push(entry.path());
                }
                _ => {}
            }
        }
        if depth < DEEPEST {
            for folder in folders {
                self.folder(&folder, depth + 1);
            }
        }
    }
}

/// `.env` itself is hidden, but it is what compose reads.
fn is_candidate(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_lock = ["package.json", "package-lock.json", "pnpm-lock.yaml"].contains(&name);
    ["yaml", "yml", "json", "toml", "env"].contains(&ending) && (!name.starts_with('.') || name == ".env") && !is_lock
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn configurations_are_told_by_their_ending_and_hidden_folders_left_alone() {
        let folder = std::env::temp_dir().join(format!("pomlint-folder-{}", std::process::id()));
        for path in ["b.yaml", "a/c.yml", ".env", ".git/x.yaml", "node_modules/y.json", "z.txt", ".hidden.yaml"] {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let mut deep = folder.clone();
        for _ in 0..8 {
            deep.push("d");
        }
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(deep.join("deep.yaml"), "").unwrap();
        let names: Vec<String> = list(&folder)
            .iter()
            .map(|path| path.strip_prefix(&folder).unwrap().display().to_string().replace('\\', "/"))
            .collect();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, [".env", "b.yaml", "a/c.yml"]);
    }
}
