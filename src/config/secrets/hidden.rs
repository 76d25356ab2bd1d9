//! What is not shown although nothing tells that it is a secret: the value of a key that nobody knows may be anything, and so may
//! the words of a template.
//!
//! These places are left out where the file is quoted. Their texts are no secrets that are looked for elsewhere: `openid` may be
//! one of them.

use std::ops::Range;

use super::disguise::{passwords, template_literals};
use super::names::has_hump;
use crate::config::releases::options::{OPTIONS, ROUTE, bound_to, is_retired};
use crate::config::releases::{Object, Type};
use crate::config::text::{Entry, Node, SourceId, Span, Value, Variable};
use crate::spelling::lower;

/// The values in a tree of settings that nobody needs to see: those of unknown keys, and of fields that hold whatever people put
/// into them.
pub(in crate::config) fn of_tree(root: &Node) -> Vec<Span> {
    let mut finder = Finder { found: Vec::new() };
    finder.entries(root.entries(), Some(&OPTIONS));
    finder.found
}

struct Finder {
    found: Vec<Span>,
}

impl Finder {
    fn entries(&mut self, entries: &[Entry], object: Option<&'static Object>) {
        for Entry { key, value, .. } in entries {
            let key = lower(key);
            match object.map(|object| (object, object.field(&key))) {
                Some((_, Some(field))) if field.private => self.all(&value.value, value.span),
                // A mapping where a word belongs.
                Some((_, Some(field))) if is_word(&field.kind) && !value.entries().is_empty() => {
                    self.all(&value.value, value.span);
                }
                Some((_, Some(field))) => self.value(value, field.kind.object()),
                // What is meant for an option has a value that shows what is wrong.
                Some((object, None)) if !object.is_meant(&key) => self.unknown(value, object),
                _ => self.value(value, None),
            }
        }
    }

    fn value(&mut self, node: &Node, object: Option<&'static Object>) {
        match &node.value {
            Value::List(elements) => elements.iter().for_each(|element| self.value(element, object)),
            Value::Map(entries) => self.entries(entries, object),
            _ => {}
        }
    }

    /// Below a key that nobody knows may stand the options that Pomerium knows.
    fn unknown(&mut self, node: &Node, object: &'static Object) {
        match &node.value {
            Value::List(elements) => elements.iter().for_each(|element| self.unknown(element, object)),
            Value::Map(entries) => self.entries(entries, Some(object)),
            value => self.all(value, node.span),
        }
    }

    fn all(&mut self, value: &Value, span: Span) {
        match value {
            Value::Null | Value::Flag(_) | Value::Integer(-999..=999) => {}
            Value::List(elements) => elements.iter().for_each(|element| self.all(&element.value, element.span)),
            Value::Map(entries) => entries.iter().for_each(|entry| self.all(&entry.value.value, entry.value.span)),
            Value::Text(text) if is_plain(text) => {}
            _ => self.found.push(span),
        }
    }
}

/// Whether a text is nothing that anybody keeps to himself: an address without a password, of a page or of a person.
pub(super) fn is_plain(text: &str) -> bool {
    let is_address = || is_url(text) || is_of_person(text) || text.contains("@sha256:");
    text.len() < SHORTEST || text == "cognito" || !text.contains(' ') && is_address() && passwords(text).is_empty()
}

/// A password may hold `://`, but no scheme has a digit.
fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        let is_scheme = !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'+');
        is_scheme
            && rest.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '[' | '/' | '$' | '{' | '*'))
    })
}

/// A password may hold an `@`, too; but few have the domain of an address behind it.
fn is_of_person(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, rest)| {
        let domain = rest.split([':', '/', '?']).next().unwrap_or_default();
        let is_of_domain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || !byte.is_ascii();
        !name.is_empty()
            && domain.rsplit_once('.').is_some_and(|(_, last)| last.len() > 1 && last.chars().all(char::is_alphabetic))
            && domain.bytes().all(is_of_domain)
    })
}

/// No secret is shorter.
const SHORTEST: usize = 4;

/// Whether a value is a single one.
pub(super) fn is_word(kind: &Type) -> bool {
    matches!(kind.inner(), Type::Text(_) | Type::Flag | Type::Int(..) | Type::Uint(..) | Type::Duration | Type::Enum(_))
}

impl Object {
    /// Whether an unknown key is an option of old, or meant for one.
    fn is_meant(&self, key: &str) -> bool {
        is_retired(key) || [self, &OPTIONS, &ROUTE].iter().any(|object| object.is_near(key))
    }
}

/// The values of variables that Pomerium does not read.
pub(in crate::config) fn of_environment(environment: &[Variable]) -> Vec<Span> {
    let is_unknown = |variable: &&Variable| {
        let name = variable.name.to_lowercase();
        bound_to(&variable.name).is_none()
            && OPTIONS.field(&name).is_none()
            && !OPTIONS.is_meant(&name)
            && !is_plain(&variable.value)
            && variable.span != variable.name_span
    };
    environment.iter().filter(is_unknown).map(|variable| variable.span).collect()
}

/// Tags whose words are known.
const TAGS: [&str; 12] =
    ["reference", "ref", "sub", "getatt", "include", "secret", "vault", "env", "override", "reset", "join", "file"];

/// The places in any text that no parser gives a value: the quotations of templates, what stands at a merge key, tags.
pub(in crate::config) fn of_text(text: &str, source: SourceId) -> Vec<Span> {
    let span = |at: Range<usize>| Span { source, start: at.start, end: at.end };
    let mut found: Vec<Span> = template_literals(text).into_iter().chain(remarks(text)).map(span).collect();
    if !text.contains('!') && !text.contains("<<:") {
        return found;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(at) = line.find("<<:").map(|at| at + 3) {
            let rest = line.get(at..).unwrap_or_default();
            let value = rest.trim();
            let is_alias = value.trim_start_matches(['[', ' ']).starts_with('*') && !value.contains(", ");
            if !value.is_empty() && !is_alias && !value.starts_with(['{', '&']) {
                let from = start + at + rest.len() - rest.trim_start().len();
                found.push(span(from..from + value.len()));
            }
        }
        if line.contains('!') {
            found.extend(tags(line).map(|at| span(start + at.start..start + at.end)));
        }
        start += line.len();
    }
    found
}

/// Comments of one word that is written as no word of a language is, `# hunterX` or `# x7kq2p`: what was a value once, and is kept
/// beside the one that took its place.
fn remarks(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('#') {
        let before = text.get(..at).unwrap_or_default();
        let rest = text.get(at + 1..).unwrap_or_default().trim_start_matches([' ', '\t']);
        let length = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(length);
        let behind = behind.trim_start_matches([' ', '\t', '\r']);
        let is_alone = behind.is_empty() || behind.starts_with('\n');
        if is_alone && (before.is_empty() || before.ends_with([' ', '\t', '\n'])) && is_odd(word) {
            let from = text.len() - rest.len();
            found.push(from..from + word.len());
        }
    }
    found
}

/// Letters and digits mixed, or a capital behind a small letter.
fn is_odd(word: &str) -> bool {
    let is_word = word.len() >= SHORTEST_REMARK && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let has = |is_it: fn(&u8) -> bool| word.as_bytes().iter().any(is_it);
    is_word && (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) || has_hump(word))
}

/// Shorter words with a digit in them are versions and names of things.
const SHORTEST_REMARK: usize = 6;

/// The names of tags that nobody knows.
fn tags(line: &str) -> impl Iterator<Item = Range<usize>> {
    // Where a word ends is looked for once.
    let mut end = 0;
    line.match_indices('!').filter_map(move |(at, _)| {
        let (before, rest) = (line.get(..at)?, line.get(at + 1..)?);
        if at >= end {
            let length = rest.find([' ', '\t', '\r', '\n', ',', ']', '}']).unwrap_or(rest.len());
            end = at + 1 + length;
        }
        let name = line.get(at + 1..end)?;
        let bare = name.trim_start_matches('<');
        let is_start = before.is_empty() || before.ends_with([' ', '\t', '[', '{', ',', ':']);
        let is_it = |tag: &&str| bare.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        (is_start && name.len() > 3 && !name.starts_with('!') && !TAGS.iter().any(is_it)).then_some(at + 1..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind, Sources};

    #[test]
    fn a_long_line_is_looked_through_once() {
        let source = Sources::default().add(Source::new("c.yaml", SourceKind::File, ""));
        for unit in ["# ", "#", "# hunterX ", "!a", "[!ref", " !a", "x7kq2p # "] {
            let make = |size| unit.repeat(size / unit.len());
            crate::work::grows_with_its_input(unit, 512 * 1024, make, |text| drop(of_text(text, source)));
        }
    }

    #[test]
    fn an_address_is_told_from_a_password() {
        for text in
            ["https://a.example.com/x", "me@example.com", "git@example.com:x/y", "a/b:v1@sha256:0123", "http://b:80"]
        {
            assert!(is_plain(text), "{text}");
        }
        for text in ["pa55@Tr0ub4dor", "pa55://Tr0ub4dor", "hunter2@", "@hunter2", "https://u:p@h", "a.b@c d.ef"] {
            assert!(!is_plain(text), "{text}");
        }
    }
}
