//! Elements of XML and HTML that name a secret in one attribute and hold it in another, or inside.

use std::ops::Range;

use super::names::{Name, judge};
use crate::offset;

/// No element that names something is longer, in bytes.
const LONGEST: usize = 4096;

/// Attributes that say what an element is about.
const SUBJECTS: [&str; 8] = ["name", "key", "id", "property", "header", "param", "field", "for"];

/// Attributes that hold no value.
const KINDS: [&str; 10] =
    ["type", "class", "serializeas", "xmlns", "method", "style", "role", "lang", "autocomplete", "http-equiv"];

/// The places of what stands in elements that are about a secret.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut done = 0;
    for (at, _) in text.match_indices('<') {
        if at < done {
            continue;
        }
        let longest = offset::floor(text, at + LONGEST);
        let inside = text.get(at + 1..longest).unwrap_or_default();
        if !inside.starts_with(|first: char| first.is_ascii_alphabetic()) {
            continue;
        }
        let attributes = attributes(inside);
        let is_subject = |name: &str| SUBJECTS.iter().any(|subject| name.eq_ignore_ascii_case(subject));
        let value = |place: &Range<usize>| inside.get(place.clone()).unwrap_or_default();
        let is_secret = attributes.list.iter().any(|(name, place)| {
            is_subject(name) && matches!(judge(value(place)), Name::Telling | Name::Password | Name::Header)
        });
        done = at + 1 + attributes.end;
        if !is_secret {
            continue;
        }
        let is_kind = |name: &str| is_subject(name) || KINDS.iter().any(|kind| name.eq_ignore_ascii_case(kind));
        let hidden = attributes.list.iter().filter(|(name, _)| !is_kind(name));
        found.extend(hidden.map(|(_, place)| at + 1 + place.start..at + 1 + place.end));
        let content = text.get(done..).unwrap_or_default();
        if !attributes.is_closed && content.starts_with('>') {
            let end = content.find("</").unwrap_or(content.len());
            found.push(done + 1..done + end);
            done += end;
        }
    }
    found
}

/// The attributes of an element.
struct Attributes<'t> {
    /// The name of each, and where its value stands.
    list: Vec<(&'t str, Range<usize>)>,
    /// Where its `>` stands.
    end: usize,
    /// It has no content.
    is_closed: bool,
}

fn attributes(inside: &str) -> Attributes<'_> {
    let mut list = Vec::new();
    let mut from = 0;
    loop {
        let rest = inside.get(from..).unwrap_or_default();
        let Some(sign) = rest.find(['=', '>']) else { break };
        if rest.get(sign..).is_some_and(|rest| rest.starts_with('>')) {
            let is_closed = rest.get(..sign).is_some_and(|before| before.ends_with('/'));
            return Attributes { list, end: from + sign, is_closed };
        }
        let name = rest.get(..sign).unwrap_or_default().trim_end();
        let name = name.rsplit(|character: char| character.is_whitespace()).next().unwrap_or_default();
        let behind = rest.get(sign + 1..).unwrap_or_default();
        let value = behind.trim_start().trim_start_matches('\\');
        let start = from + sign + 1 + behind.len() - value.len();
        let place = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let length = value.get(1..).and_then(|inner| inner.find(quote)).unwrap_or(value.len() - 1);
                start + 1..start + 1 + length
            }
            _ => start..start + value.find([' ', '\t', '\n', '>']).unwrap_or(value.len()),
        };
        from = place.end;
        list.push((name, place));
    }
    Attributes { list, end: inside.len(), is_closed: true }
}
