//! What is not shown of a text for what stands before it: the value under every name that speaks of a secret, in whichever form of
//! a configuration, and whether anything knows the name.
//!
//! A finding quotes the line at which it points, and what is wrong there is often the name. So the text is looked through as it is
//! written, in no format: `name: value`, `name=value`, `NAME value`, `--name value`; in a block, in braces, in quotes, in a list;
//! `name: NAME` with the value beside it; and everything in a `Secret`. What is found is left out where it stands, and looked for nowhere else.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;

use super::disguise::passwords;
use super::extent::{Below, Inside, Value, quotation};
use super::flags;
use super::line::{Named, Others, first_word, names};
use super::names::{has_hump, is_known, is_secret_option, squeezed, tells};
use super::open::{LONGEST, is_identifier, is_open};
use crate::config::text::Source;
use crate::offset;

/// The places in a text that are not shown, in order and apart; found when they are first asked for.
pub fn untold(source: &Source) -> &[Range<usize>] {
    source.untold(places)
}

/// Under these alone stands no value, but more names; or the names of things that are called so.
const SECTIONS: [&str; 8] =
    ["secret", "secrets", "cookie", "session", "auth", "credentials", "imagepullsecrets", "secretobjects"];

/// Beside the name of a secret, `name: COOKIE_SECRET`, these hold none.
const BESIDE: [&str; 15] = [
    "name",
    "key",
    "secretkeyref",
    "configmapkeyref",
    "fieldref",
    "optional",
    "source",
    "target",
    "type",
    "path",
    "mode",
    "secretkey",
    "remoteref",
    "property",
    "secretref",
];

/// Headers that are written as a word of a sentence is.
const HEADERS: [&str; 2] = ["Authorization", "Cookie"];

/// An element of a list, or an object.
struct Group<'t> {
    /// Lines that are indented less do not belong to it.
    indent: usize,
    /// One of its values is the name of a secret.
    is_told: bool,
    /// What is not shown then, unless it may be read under the name before it; each with where it begins.
    values: Vec<(&'t str, &'t str, usize)>,
    /// Lines that are indented more than this say where the value is.
    elsewhere: Option<usize>,
}

/// The data of a `Secret`: how far they are indented, and their values.
struct Data {
    outer: usize,
    inner: Option<usize>,
}

#[derive(Default)]
struct Scan<'t> {
    known: HashMap<&'t str, bool>,
    found: Vec<Range<usize>>,
    /// What the lines are that are indented more than this.
    below: Option<(usize, Below)>,
    group: Option<Group<'t>>,
    data: Option<Data>,
    is_secret: bool,
    /// The line before ends with the name of a secret, and its value is to come.
    is_asked: bool,
}

fn places(text: &str) -> Vec<Range<usize>> {
    // Most texts have no such word, and a text may have any number of documents.
    let may_be_secret = memchr::memmem::find(text.as_bytes(), b"Secret").is_some();
    let mut scan = Scan { is_secret: may_be_secret && is_secret(text), ..Scan::default() };
    let mut start = 0;
    let mut others = Others::of(text);
    for line in text.split_inclusive('\n') {
        scan.line(start, line, others.line(start, line));
        start += line.len();
        if line.starts_with("---") {
            scan.is_secret = may_be_secret && text.get(start..).is_some_and(is_secret);
        }
    }
    scan.end_group();
    let mut found = scan.found;
    found.extend(others.find(passwords));
    // The program may stand on the line above its flag, and that is an ordinary one.
    found.extend(flags::find(text));
    found.retain(|place| !place.is_empty());
    found.sort_unstable_by_key(|place| (place.start, place.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for place in found {
        match apart.last_mut() {
            Some(last) if place.start < last.end => last.end = last.end.max(place.end),
            _ => apart.push(place),
        }
    }
    apart
}

/// Whether the first document of a text is a `Secret` of Kubernetes.
fn is_secret(text: &str) -> bool {
    let mut document = text.split_inclusive('\n').take_while(|line| !line.starts_with("---"));
    document.any(|line| {
        line.contains("Secret")
            && names(line).any(|named| {
                named.name == "kind" && line.get(named.value..).is_some_and(|value| first_word(value) == Some("Secret"))
            })
    })
}

impl<'t> Scan<'t> {
    fn line(&mut self, start: usize, line: &'t str, ordinary: Option<&'t str>) {
        let bare = line.trim_start_matches([' ', '\t', '-']);
        let (indent, outer) = (line.len() - bare.len(), line.len() - line.trim_start_matches([' ', '\t']).len());
        if bare.trim().is_empty() {
            return;
        }
        if !self.is_element_below(bare, outer) {
            self.begin(line, indent, outer);
        }
        if let Some(name) = ordinary.filter(|name| self.is_free() && !self.tells(name)) {
            let named = Named { name, value: indent + name.len() + 1, is_bare: false };
            return self.note_beside(&named, start, indent, &Inside::default().value(line, named.value));
        }
        if self.is_taken(start, line, bare, outer) {
            return;
        }
        self.note_below(start + indent, bare, indent);
        let mut inside = Inside::default();
        let mut done = 0;
        for named in names(line) {
            if named.value < done {
                continue;
            }
            inside.read(line, named.value);
            let is_datum = done == 0 && self.data.as_ref().is_some_and(|data| data.inner == Some(indent));
            let value =
                self.told(&named, &inside, line).or_else(|| self.datum(&named, &inside, line, indent, is_datum));
            if let Some(value) = value {
                done = value.end.max(named.value + 1);
                self.found.push(start + value.start..start + value.end);
                self.below = value.below.map(|below| (indent, below));
            } else if !named.is_bare && line.len() <= LONGEST {
                self.note_beside(&named, start, indent, &inside.value(line, named.value));
            }
        }
        self.behind_any_sign(start, line);
    }

    /// Nothing above a line has a say in what stands on it.
    fn is_free(&self) -> bool {
        let is_told = self.group.as_ref().is_some_and(|group| group.is_told);
        self.below.is_none() && self.data.is_none() && !(self.is_secret || self.is_asked || is_told)
    }

    /// What stands behind the very name of a secret option, whatever sign a slip put between them: `+=`, `/`, a comma, or that on
    /// the line below it.
    fn behind_any_sign(&mut self, start: usize, line: &'t str) {
        let is_sign = |letter: char| !letter.is_alphanumeric();
        let place = |rest: &str| {
            let value = rest.trim_start_matches(is_sign);
            let from = start + line.len() - value.len();
            from..from + value.trim_end_matches(is_sign).len()
        };
        if std::mem::take(&mut self.is_asked) && line.trim_start().starts_with(':') {
            self.found.push(place(line));
        }
        for name in line.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))) {
            if !(name.contains(['_', '-']) && is_secret_option(name) && self.tells(name)) {
                continue;
            }
            let behind = offset::of(name, line) + name.len();
            let rest = line.get(behind..).unwrap_or_default();
            let value = rest.trim_start_matches(is_sign);
            let is_pair = rest.trim_start_matches(['"', '\'', ' ']).starts_with([':', '=']);
            let is_next = || names(value).next().is_some_and(|next| value.starts_with(next.name) && !next.is_bare);
            self.is_asked |= value.is_empty() && !is_pair;
            if !is_pair && !is_next() && !is_open(name, value.trim_end_matches(is_sign)) {
                self.found.push(place(rest));
                return;
            }
        }
    }

    /// Whether a line is an element of a list that stands where a value belongs: `value:`, and below it `- …`.
    fn is_element_below(&self, bare: &str, outer: usize) -> bool {
        let is_below = |group: &Group<'_>| group.elsewhere.is_some_and(|name| outer >= name);
        self.group.as_ref().is_some_and(is_below) && names(bare).all(|named| named.is_bare)
    }

    /// Ends what a line does not belong to, and begins what begins there.
    fn begin(&mut self, line: &str, indent: usize, outer: usize) {
        let is_told = || self.group.as_ref().is_some_and(|group| group.is_told && outer >= group.indent);
        // `value: {…}` beside the name of a secret is of the same element.
        let bare = line.trim_start();
        let opens = bare.starts_with("- ") || bare.contains('{') && (bare.starts_with(['{', '}', '[']) || !is_told());
        if opens || self.group.as_ref().is_some_and(|group| outer < group.indent) {
            self.end_group();
        }
        if opens {
            self.group = Some(Group { indent, is_told: false, values: Vec::new(), elsewhere: None });
        }
        match &mut self.data {
            Some(data) if outer <= data.outer => self.data = None,
            Some(data) => {
                data.inner.get_or_insert(outer);
            }
            None => {}
        }
    }

    fn end_group(&mut self) {
        if let Some(group) = self.group.take().filter(|group| group.is_told) {
            let is_hidden = |name: &str, value: &str| !is_beside(name) && !is_open(name, value);
            let hidden = group.values.into_iter().filter(|(name, value, _)| is_hidden(name, value));
            self.found.extend(hidden.map(|(_, value, start)| start..start + value.len()));
        }
    }

    /// Whether a line belongs to what was named above it, and is done with.
    fn is_taken(&mut self, start: usize, line: &str, bare: &str, outer: usize) -> bool {
        let Some((name, below)) = self.below else { return false };
        let is_element = line.trim_start().starts_with("- ") && outer == name;
        let is_named = || names(bare).next().is_some_and(|named| !named.is_bare);
        let first = start + line.len() - bare.len();
        let whole = first..start + line.trim_end().len();
        match below {
            Below::Quoted(quote) if outer > name || !is_named() => {
                let end = quotation(bare, quote);
                if end.is_some() {
                    self.below = None;
                }
                self.found.push(first..end.map_or(whole.end, |end| first + end));
                true
            }
            Below::Lines if outer > name => {
                self.found.push(whole);
                true
            }
            Below::Values if outer > name || is_element => {
                let mut inside = Inside::default();
                let value = names(bare).find(|named| !named.is_bare).map(|named| {
                    inside.read(bare, named.value);
                    inside.value(bare, named.value)
                });
                if value.as_ref().is_none_or(|value| !is_open("", value.text)) {
                    self.found.push(value.map_or(whole, |value| first + value.start..first + value.end));
                }
                true
            }
            _ => {
                self.below = None;
                false
            }
        }
    }

    /// The value under a name that speaks of a secret.
    fn told(&mut self, named: &Named<'t>, inside: &Inside, line: &'t str) -> Option<Value<'t>> {
        let is_beside = !named.is_bare
            && self.group.as_ref().is_some_and(|group| group.is_told && group.elsewhere.is_none())
            && !is_beside(named.name);
        let is_name = !named.is_bare || is_name_alone(named.name);
        if !(is_beside || is_name && self.tells(named.name)) {
            return None;
        }
        let rest = line.get(named.value..)?.trim_start();
        // `valueFrom: {secretKeyRef: …}` says where it is.
        let is_whole = rest.starts_with(['{', '[']) && is_beside && !rest.contains("Ref");
        let has_names = !is_whole && (rest.trim_end().is_empty() || rest.starts_with(['{', '[']));
        if has_names && (SECTIONS.contains(&squeezed(named.name).as_str()) || !self.tells(named.name)) {
            return None;
        }
        let value = inside.value(line, named.value);
        (value.text.is_empty() || !is_open(named.name, value.text)).then_some(value)
    }

    /// A value in the data of a `Secret`; of a file there, each line is judged.
    fn datum(
        &mut self,
        named: &Named<'t>,
        inside: &Inside,
        line: &'t str,
        indent: usize,
        is_datum: bool,
    ) -> Option<Value<'t>> {
        if is_datum {
            let is_file = |value: &Value<'_>| value.text.is_empty();
            return Some(inside.value(line, named.value))
                .filter(|value| !is_file(value) && !is_open(named.name, value.text) && !is_known(named.name));
        }
        if !self.is_secret || !["data", "stringData", "encryptedData"].contains(&named.name) {
            return None;
        }
        let value = inside.value(line, named.value);
        if value.text.is_empty() {
            self.data = Some(Data { outer: indent, inner: None });
            return None;
        }
        Some(value)
    }

    fn tells(&mut self, name: &'t str) -> bool {
        *self.known.entry(name).or_insert_with(|| tells(name))
    }

    /// Keeps a line without a name that is the value of the name above it: `value:`, and there it stands.
    fn note_below(&mut self, start: usize, bare: &'t str, indent: usize) {
        let Some(group) = &mut self.group else { return };
        let is_below = group.elsewhere.is_some_and(|outer| indent > outer);
        if is_below && names(bare).all(|named| named.is_bare) {
            group.values.push(("", bare.trim_end(), start));
        }
    }

    /// Keeps what must not be shown if the name of a secret stands beside it.
    fn note_beside(&mut self, named: &Named<'t>, start: usize, indent: usize, value: &Value<'t>) {
        let Some(group) = &mut self.group else { return };
        if group.elsewhere.is_some_and(|outer| indent > outer) {
            return;
        }
        group.elsewhere = value.text.is_empty().then_some(indent);
        if value.text.is_empty() {
            return;
        }
        // `existingSecretKey: clientSecret` says where it is.
        let is_camel = || has_hump(value.text) && !squeezed(named.name).ends_with("key");
        let is_alone = || is_name_alone(value.text) || HEADERS.contains(&value.text) || is_camel();
        // `bearer_token_format: idp_access_token` is an option with its own value.
        let is_name = is_identifier(value.text) && is_alone() && self.tells(value.text) && !is_known(named.name);
        let Some(group) = &mut self.group else { return };
        if is_name {
            group.is_told = true;
        } else if !value.text.starts_with(['{', '[']) {
            group.values.push((named.name, value.text, start + value.start));
        }
    }
}

fn is_beside(name: &str) -> bool {
    BESIDE.contains(&squeezed(name).as_str())
}

/// Written as no word of a sentence is: `COOKIE_SECRET`, `client-secret`, `auth.password`, `PASSWORD`.
fn is_name_alone(text: &str) -> bool {
    text.contains(['_', '-', '.']) || !text.contains(|letter: char| letter.is_lowercase())
}
