//! The names of a line that have values, in any notation: what all stand on that look for secrets in a text without its tree.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::config::releases::options::{OPTIONS, ROUTE, names_secret_of};
use crate::offset;
use crate::secret::shapes::is_marked;
use crate::spelling::Words;

/// The keys of `{name: IDP_CLIENT_SECRET, value: x}`.
pub(super) static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("name"));
pub(super) static VALUE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("value"));

/// With these, the name of a secret and its value stand on two lines.
const BESIDE: [&str; 2] = ["name", "value"];

/// Which names in a text tell of a secret. The same few stand on all of its lines, and each is looked for among all options.
#[derive(Default)]
pub(super) struct Names<'t> {
    known: HashMap<&'t str, bool>,
}

impl<'t> Names<'t> {
    pub(super) fn tells(&mut self, name: &'t str) -> bool {
        *self.known.entry(name).or_insert_with(|| is_secret(&name.to_ascii_lowercase()))
    }

    /// Whether nothing is to be looked for behind the key of an ordinary line, nor below it.
    pub(super) fn passes(&mut self, key: &'t str) -> bool {
        !(BESIDE.contains(&key) || self.tells(key))
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

/// The key of a line on which nothing but the key can tell of a secret: `key:`, `- key: value`, `key: "value"`, and the value is made
/// of short words, as hosts and addresses are.
///
/// Most lines of most files are such ones, and what looks for secrets by their shape need not look at them: every shape has a sign that
/// these have not, or is longer.
pub(super) fn ordinary(line: &str) -> Option<&str> {
    /// As long as the names of options are.
    const LONGEST_KEY: usize = 39;
    let blanks = |text: &str| text.bytes().take_while(|byte| *byte == b' ').count();
    let mut bare = line.get(blanks(line)..)?;
    while let Some(item) = bare.strip_prefix("- ") {
        bare = item.get(blanks(item)..)?;
    }
    let (key, rest) = bare.split_at(memchr::memchr(b':', bare.as_bytes())?);
    let is_key = key.len() <= LONGEST_KEY
        && key.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !is_key {
        return None;
    }
    let rest = rest.strip_suffix('\n').map_or(rest, |rest| rest.strip_suffix('\r').unwrap_or(rest));
    let value = rest.strip_prefix(": ").or_else(|| (rest == ":").then_some(""))?;
    let value = match value.as_bytes() {
        [first @ (b'"' | b'\''), .., last] if first == last && value.len() > 1 => value.get(1..value.len() - 1)?,
        _ => value,
    };
    is_of_short_words(value).then_some(key)
}

/// Whether a value is made of short words, as hosts and addresses are, none of which speaks of a secret. Looked at once, letter for
/// letter: this is asked of most lines of most files.
fn is_of_short_words(value: &str) -> bool {
    /// Longer ones may have been made by a program (`secret/paste/shapes.rs`).
    const LONGEST_WORD: usize = 15;
    let (mut word, mut colons, mut part) = (0, 0, 0);
    let is_token = |part: Range<usize>| value.get(part).is_some_and(is_marked);
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'.' => word = 0,
            b':' if is_token(part..at) => return false,
            b':' => (word, colons, part) = (0, colons + 1, at + 1),
            b'-' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' if word < LONGEST_WORD => word += 1,
            _ => return false,
        }
    }
    let last = value.get(part..).unwrap_or_default();
    let is_number = || !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    // Behind the last colon, an address or a port.
    (colons == 0 || colons <= 2 && (last.starts_with("//") || is_number()))
        && !is_token(part..value.len())
        && !SPEAKING.is_any_in(value)
}

/// What is in the names of the options that hold secrets and are no longer than a word, in those of hosts and paths at which
/// anybody may write who knows them, and at the beginning of tokens.
static SPEAKING: Words<6> = Words::new(["hook", "secret", "key", "token", "pass", "eyj"]);

/// The parts of a text without its [`ordinary`] lines.
pub(super) struct Others<'t> {
    text: &'t str,
    from: usize,
    parts: Vec<(usize, &'t str)>,
}

impl<'t> Others<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, from: 0, parts: Vec::new() }
    }

    /// The key of an ordinary line, which is left out then; the lines come in their order.
    pub(super) fn line(&mut self, start: usize, line: &'t str) -> Option<&'t str> {
        let key = ordinary(line)?;
        self.take(start);
        self.from = start + line.len();
        Some(key)
    }

    fn take(&mut self, end: usize) {
        let part = self.text.get(self.from..end).filter(|part| !part.is_empty());
        self.parts.extend(part.map(|part| (self.from, part)));
    }

    /// What looks at each part for itself, over all of them.
    pub(super) fn find<F, I>(mut self, find: F) -> impl Iterator<Item = Range<usize>>
    where
        F: Fn(&'t str) -> I,
        I: IntoIterator<Item = Range<usize>>,
    {
        self.take(self.text.len());
        let in_part = move |(start, part): (usize, &'t str)| {
            find(part).into_iter().map(move |at| start + at.start..start + at.end)
        };
        self.parts.into_iter().flat_map(in_part)
    }
}

pub(super) fn first_word(value: &str) -> Option<&str> {
    value.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').find(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::disguise::passwords;
    use super::super::flags;
    use super::*;
    use crate::config::releases::PomeriumVersion;
    use crate::secret::paste;

    #[test]
    fn what_has_a_sign_or_is_long_is_not_ordinary() {
        for (line, key) in [
            ("routes:", "routes"),
            ("  - from: https://app-7.corp.example.com:8443\r\n", "from"),
            ("    is: \"corp.example.com\"\n", "is"),
            ("shared_secret: abc", "shared_secret"),
        ] {
            assert_eq!(ordinary(line), Some(key), "{line}");
        }
        for line in [
            "",
            "# x",
            "- x",
            "a:b",
            "a: b c",
            "a: 'b",
            "a: b # c",
            "a: b=c",
            "a: b@c",
            "a: [b]",
            "a: https://hooks.x.io/T/B/abc",
            "a: 1:2:3:4",
            "a: https://b:8443/c",
            "a: 1234567890abcdef",
            "a: https://x/abcdefg/hijklmnop",
            "a1: b",
            "\"a\": b",
            "a : b",
            "a: *b",
            "--a: b",
        ] {
            assert_eq!(ordinary(line), None, "{line}");
        }
    }

    #[test]
    fn the_name_of_a_secret_is_no_ordinary_value() {
        let secrets = OPTIONS.fields_of(PomeriumVersion::NEWEST).filter(|field| field.secret);
        for name in secrets.flat_map(|field| [field.name.to_owned(), field.name.replace('_', "-")]) {
            assert_eq!(ordinary(&format!("a: {name}")), None, "{name}");
        }
    }

    #[test]
    fn no_shape_of_a_secret_is_on_an_ordinary_line() {
        let words =
            ["a", "Ab3Cd5Ef7Gh9Ij1", "abc", "xoxb-1-2", "A1-b2-C3-d4", "443", "x/Y2/z3", "//u", "AKIA1", "eyJa"];
        let signs = [".", ":", "://", "", "-"];
        let mut tried = 0;
        for one in words {
            for (two, sign) in words.iter().flat_map(|two| signs.map(|sign| (two, sign))) {
                for (three, other) in words.iter().flat_map(|three| signs.map(|sign| (three, sign))) {
                    let line = format!("- key_of: {one}{sign}{two}{other}{three}");
                    if ordinary(&line).is_some() {
                        tried += 1;
                        let found = [paste::shaped(&line), passwords(&line), flags::find(&line)].concat();
                        assert!(found.is_empty(), "{line}");
                    }
                }
            }
        }
        assert!(tried > 3000, "{tried}");
    }

    #[test]
    fn the_other_lines_are_kept_together() {
        let of = |text: &'static str| {
            let mut others = Others::of(text);
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                others.line(start, line);
                start += line.len();
            }
            others.find(|part| std::iter::once(0..part.len())).collect::<Vec<_>>()
        };
        assert_eq!(of("# x\na: b\nc\n d\ne: f\n-"), [0..4, 9..14, 19..20]);
        assert_eq!((of(""), of("a: b")), (vec![], vec![]));
    }

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
