//! The names of a line that have values, in any notation: what all stand on that look for secrets in a text without its tree.

use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::config::releases::options::{OPTIONS, ROUTE, names_secret_of};
use crate::offset;

/// The keys of `{name: IDP_CLIENT_SECRET, value: x}`.
pub(super) static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("name"));
pub(super) static VALUE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("value"));

/// Which names in a text tell of a secret. The same few stand on all of its lines, and each is looked for among all options.
#[derive(Default)]
pub(super) struct Names<'t> {
    known: HashMap<&'t str, bool>,
}

impl<'t> Names<'t> {
    pub(super) fn tells(&mut self, name: &'t str) -> bool {
        *self.known.entry(name).or_insert_with(|| is_secret(&name.to_ascii_lowercase()))
    }
}

/// Where a value begins behind each telling name of a line.
pub(super) fn values<'t>(line: &'t str, known: &mut Names<'t>) -> Vec<usize> {
    names(line).filter(|named| known.tells(named.name)).map(|named| named.value).collect()
}

/// A name on a line, and where its value begins.
pub(super) struct Named<'t> {
    pub(super) name: &'t str,
    pub(super) value: usize,
    /// No separator stands between them: it may be what is missing.
    pub(super) is_bare: bool,
}

/// The names of a line that have values.
pub(super) fn names(line: &str) -> impl Iterator<Item = Named<'_>> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    let mut is_first = true;
    // What stands between two words is looked at once: a line may have any number of blanks and quotes.
    let words = line.split(move |character| !is_name(character));
    // The `-` of a list is none.
    words.filter(|word| word.contains(|character: char| character.is_ascii_alphanumeric())).filter_map(move |name| {
        let end = offset::of(name, line) + name.len();
        let rest = line.get(end..).unwrap_or_default();
        let after = rest.trim_start_matches(['"', '\'', ' ', '\t']);
        let is_begun = is_first && after.len() < rest.len() && !after.is_empty();
        is_first &= name == "export";
        let behind = after.strip_prefix([':', '=']).filter(|_| !after.starts_with("://"));
        let (value, is_bare) = match behind {
            Some(value) => (value, false),
            None if is_begun && !after.starts_with("://") => (after, true),
            None => return None,
        };
        Some(Named { name, value: line.len() - value.len(), is_bare })
    })
}

pub(super) fn is_secret(name: &str) -> bool {
    names_secret_of(&[&OPTIONS, &ROUTE], name)
}

/// Where a value begins behind this very key.
pub(super) fn after(line: &str, key: &Finder<'_>) -> Option<usize> {
    let is_key = |at: &usize| !line.get(..*at).unwrap_or_default().ends_with(|before: char| before.is_alphanumeric());
    let mut keys = key.find_iter(line.as_bytes()).filter(is_key);
    keys.find_map(|at| {
        let rest = line.get(at + key.needle().len()..)?;
        let value = rest.trim_start_matches(['"', '\'']).strip_prefix(':')?;
        Some(line.len() - value.len())
    })
}

pub(super) fn first_word(value: &str) -> Option<&str> {
    value.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').find(|word| !word.is_empty())
}
