//! The files that the user named, or that lie in a folder that he named: they, and no others, may be changed.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::config::RawFile;
use crate::disk;
use crate::fix::{Named, Refusal};

/// The files by their names. What they are on the disk is looked up where somebody asks for it: most runs change nothing.
#[derive(Debug, Default)]
pub(in crate::commands) struct ChangeableFiles {
    /// Whether each is UTF-8.
    is_text: BTreeMap<String, bool>,
    by_path: OnceCell<HashMap<PathBuf, String>>,
    known: RefCell<HashMap<String, Option<Named>>>,
}

impl ChangeableFiles {
    pub(super) fn of<'f>(files: impl IntoIterator<Item = &'f RawFile>) -> Self {
        let is_text = |file: &RawFile| (file.name.clone(), std::str::from_utf8(&file.bytes).is_ok());
        Self { is_text: files.into_iter().map(is_text).collect(), ..Self::default() }
    }

    /// The file that a text was read from: under the name that the user gave it, or under that by which a configuration leads to it.
    pub(in crate::commands) fn named(&self, text: &str) -> Option<Named> {
        if let Some(known) = self.known.borrow().get(text) {
            return known.clone();
        }
        let found = self.find(text);
        self.known.borrow_mut().insert(text.to_owned(), found.clone());
        found
    }

    /// Whether a text was read from the file that the user gave this name.
    pub(in crate::commands) fn is_of(&self, text: &str, file: &str) -> bool {
        text == file || self.named(text).is_some_and(|named| named.name == file)
    }

    fn find(&self, text: &str) -> Option<Named> {
        let real = |name: &str| std::fs::canonicalize(name).ok();
        let by_path = || self.is_text.keys().rev().filter_map(|name| Some((real(name)?, name.clone()))).collect();
        let name = match real(text) {
            // Of one file, one name.
            Some(path) => self.by_path.get_or_init(by_path).get(&path).map(String::as_str),
            None => self.is_text.contains_key(text).then_some(text),
        };
        let name = name?.to_owned();
        let stays = if self.is_text.get(&name) == Some(&false) {
            Some(Refusal::NotText)
        } else {
            disk::may_change(Path::new(&name)).err().map(|error| Refusal::Unwritable(disk::why(error)))
        };
        Some(Named { name, stays })
    }
}
