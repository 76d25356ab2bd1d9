//! The links on the way to a file.

use std::path::{Component, Path, PathBuf};

/// The first link on the way to a file, the file included. Those that are the machine's do not count: `/tmp` and `/var/run` are
/// links on many. What lies below the current folder, or in a work tree of git, may be a stranger's.
pub(super) fn link_to(path: &Path) -> Option<PathBuf> {
    if super::is_own_descriptor(path) {
        return None;
    }
    let current = std::env::current_dir().unwrap_or_default();
    let mut here = PathBuf::new();
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        here.push(part);
        if !matches!(part, Component::Normal(_)) || !is_link(&here) {
            continue;
        }
        let is_last = parts.peek().is_none();
        if is_last || path.is_relative() || here.starts_with(&current) || is_in_work_tree(&here) {
            return Some(here);
        }
    }
    None
}

fn is_link(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink())
}

fn is_in_work_tree(path: &Path) -> bool {
    path.ancestors().skip(1).any(|folder| folder.join(".git").exists())
}

/// A path without `.` and `..`.
pub fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
        plain
    })
}
