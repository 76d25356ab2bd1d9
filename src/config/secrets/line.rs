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
    let mut from = 0;
    let signs = memchr::memchr2_iter(b':', b'=', line.as_bytes()).filter_map(move |sign| {
        // What stands between two signs is looked at once: a line may have any number of blanks and quotes.
        let before = line.get(std::mem::replace(&mut from, sign + 1)..sign)?;
        let name = last_name(before.trim_end_matches(BETWEEN))?;
        let is_url = line.get(sign..).is_some_and(|rest| rest.starts_with("://"));
        (!is_url).then_some(Named { name, value: sign + 1, is_bare: false })
    });
    first_names(line).chain(signs)
}

/// What may stand between a name and its sign.
const BETWEEN: [char; 4] = ['"', '\'', ' ', '\t'];

fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.')
}

/// The `-` of a list is no name.
fn is_name(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_alphanumeric())
}

fn last_name(text: &str) -> Option<&str> {
    text.get(text.trim_end_matches(is_of_name).len()..).filter(|word| is_name(word))
}

/// The first name of a line, behind `export` the next one too, where a value follows without a sign.
fn first_names(line: &str) -> impl Iterator<Item = Named<'_>> {
    let words = line.split(|character| !is_of_name(character)).filter(|word| is_name(word));
    let mut is_first = true;
    words.take_while(move |word| std::mem::replace(&mut is_first, *word == "export")).filter_map(move |name| {
        let rest = line.get(offset::of(name, line) + name.len()..)?;
        let value = rest.trim_start_matches(BETWEEN);
        let is_value = value.len() < rest.len() && !value.is_empty() && !value.starts_with([':', '=']);
        is_value.then_some(Named { name, value: line.len() - value.len(), is_bare: true })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_by_their_signs_and_the_first_without_one() {
        let of = |line| names(line).map(|named| (named.name, &line[named.value..], named.is_bare)).collect::<Vec<_>>();
        assert_eq!(of("- from: https://a.b.c:80"), [("from", " https://a.b.c:80", false), ("a.b.c", "80", false)]);
        assert_eq!(of("export A=b"), [("export", "A=b", true), ("A", "b", false)]);
        assert_eq!(of("export SECRET word"), [("export", "SECRET word", true), ("SECRET", "word", true)]);
        assert_eq!(of("{\"a\" : 1, 'b'=2}"), [("a", " 1, 'b'=2}", false), ("b", "2}", false)]);
        assert_eq!(of("ä - \"word\" \"value\""), [("word", "value\"", true)]);
        assert_eq!(of("--: =x ://y a :// b"), []);
    }
}
