//! `include`: further compose files, each with a folder and variables of its own
//! (<https://docs.docker.com/reference/compose-file/include/>).

use std::collections::BTreeSet;

use super::{Found, Project, read_file};
use crate::config::text::{Node, SourceKind, Value, Variable, normalised};

/// So many compose files are read for one, and no more.
const MOST_FILES: usize = 20;

impl Project<'_> {
    /// Reads what the documents include. What is laid over one another, or has another folder, is not read but named.
    pub(super) fn include(&mut self, variables: &[Variable], known: &mut BTreeSet<String>, found: &mut Found) {
        for document in self.documents.clone() {
            let entries = document.root.list("include");
            for entry in entries.iter().take(MOST_FILES) {
                self.include_one(entry, variables, known, found);
            }
        }
    }

    fn include_one(&mut self, entry: &Node, variables: &[Variable], known: &mut BTreeSet<String>, found: &mut Found) {
        let path = entry.get("path").unwrap_or(entry);
        let (first, is_one) = match &path.value {
            Value::List(paths) => (paths.first(), paths.len() == 1),
            _ => (Some(path), true),
        };
        let Some(written) = self.text(first) else { return };
        let has_own = ["project_directory", "env_file"].iter().any(|key| entry.get(key).is_some());
        let is_simple = is_one && !has_own && !written.contains("${") && !written.contains("://");
        let local = self.path(&written);
        if is_simple && known.contains(&local) {
            return;
        }
        let may_be_read = is_simple && known.len() < MOST_FILES;
        let source = may_be_read.then(|| self.add_file(&local, SourceKind::File)).flatten();
        let Some(source) = source else {
            found.unread.push(format!("the included file {written}"));
            return;
        };
        known.insert(local.clone());
        let included = read_file(self.sources, (source, None), self.surroundings, variables, known);
        found.read.extend(included.read.into_iter().chain([normalised(&local)]));
        found.services.extend(included.services.into_iter().chain([local]));
        found.env_files.extend(included.env_files);
        found.deployments.extend(included.deployments);
        found.unread.extend(included.unread);
    }
}
