//! The files of a folder that may be configurations.

use std::path::{Path, PathBuf};

use crate::disk::why;

/// Deepest folder that is looked into: deeper than the packages of any program, so that only a trap is left out.
const DEEPEST: usize = 40;

/// Most entries that are looked at: a folder of a million pictures must not hold us up.
const MOST_ENTRIES: usize = 100_000;

/// Folders that hold other people's files.
const PASSED_BY: [&str; 3] = ["node_modules", "vendor", "target"];

/// What a folder holds.
#[derive(Default)]
pub(super) struct Listing {
    /// The files whose name ends like that of a configuration, in the order of their names.
    pub(super) files: Vec<PathBuf>,
    /// Where files may be that are not among these, and why: what nobody looked at is not in order.
    pub(super) left_out: Vec<(PathBuf, String)>,
}

/// Looks for files that may be configurations.
pub(super) fn list(folder: &Path) -> Listing {
    let mut walk = Walk { entries_left: MOST_ENTRIES, found: Listing::default() };
    walk.folder(folder, 0);
    walk.found
}

struct Walk {
    entries_left: usize,
    found: Listing,
}

impl Walk {
    fn folder(&mut self, folder: &Path, depth: usize) {
        if depth > DEEPEST {
            return self.leave_out(folder, format!("it lies deeper than {DEEPEST} folders; name it by itself"));
        }
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.leave_out(folder, why(error)),
        };
        let mut here = Vec::new();
        for entry in entries {
            if self.is_at_the_end(folder) {
                break;
            }
            self.entries_left -= 1;
            match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?, entry.path()))) {
                Ok(entry) => here.push(entry),
                Err(error) => self.leave_out(folder, why(error)),
            }
        }
        here.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let mut folders = Vec::new();
        for (name, kind, path) in here {
            let name = name.to_string_lossy();
            if kind.is_dir() {
                if !name.starts_with('.') && !PASSED_BY.contains(&&*name) {
                    folders.push(path);
                }
            } else if is_candidate(&name) && path.is_file() {
                // A link may lead back to where we come from; the file behind it is read only if it is one.
                self.found.files.push(path);
            }
        }
        for folder in folders {
            if self.is_at_the_end(&folder) {
                break;
            }
            self.folder(&folder, depth + 1);
        }
    }

    /// No more may be looked at, and so not this folder.
    fn is_at_the_end(&mut self, folder: &Path) -> bool {
        let is_at_the_end = self.entries_left == 0;
        if is_at_the_end {
            let why = format!("the search ends after {MOST_ENTRIES} files and folders; name fewer folders");
            self.leave_out(folder, why);
        }
        is_at_the_end
    }

    /// Each reason is told once, for the first folder it keeps us from.
    fn leave_out(&mut self, folder: &Path, why: String) {
        if !self.found.left_out.iter().any(|(_, known)| *known == why) {
            self.found.left_out.push((folder.to_owned(), why));
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
        let Listing { files, left_out } = list(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names(&folder, &files), [".env", "b.yaml", "a/c.yml"]);
        assert_eq!(left_out, []);
    }

    fn names(folder: &Path, files: &[PathBuf]) -> Vec<String> {
        let name = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string().replace('\\', "/");
        files.iter().map(name).collect()
    }

    #[test]
    fn what_is_left_out_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let below = |depth: usize| (0..depth).fold(folder.path().to_owned(), |folder, _| folder.join("d"));
        std::fs::create_dir_all(below(DEEPEST + 2)).unwrap();
        for depth in [8, DEEPEST, DEEPEST + 1] {
            std::fs::write(below(depth).join(format!("{depth}.yaml")), "").unwrap();
        }
        let Listing { files, left_out } = list(folder.path());
        assert_eq!(files, [below(8).join("8.yaml"), below(DEEPEST).join(format!("{DEEPEST}.yaml"))]);
        assert!(matches!(left_out.as_slice(), [(at, why)] if *at == below(DEEPEST + 1) && why.contains("deeper")));

        let mut walk = Walk { entries_left: 20, found: Listing::default() };
        walk.folder(folder.path(), 0);
        let found = walk.found;
        assert!(matches!(found.left_out.as_slice(), [(_, why)] if why.contains("100000")), "{:?}", found.left_out);
        assert!(list(&folder.path().join("none")).left_out[0].1.contains("no such"));
    }
}
