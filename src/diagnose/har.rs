//! A HAR file: what a browser recorded of a login. Its requests are looked at one by one; none is kept.

use std::fmt;
use std::io::{self, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::knowledge::Knowledge;
use super::line::Line;
use super::notes::Notes;
use super::reached::is_of_a_login;
use super::sightings::Sightings;
use super::{Counts, Diagnosis, Kind, ReadError};
use crate::evidence::OWN_PAGE;
use crate::page::Strength;

/// So much of an answer's body, or of any other string, is kept, in bytes.
const LONGEST: usize = 64 * 1024;

/// Whether a text begins as a HAR file does: an object `log`. (Docker's log lines begin with a *string* `log`.)
pub(super) fn is_har(head: &str) -> bool {
    let after = |text: &'static str, rest: &str| rest.trim_start().strip_prefix(text).map(str::to_owned);
    let head = head.trim_start_matches('\u{feff}');
    let rest = after("{", head).and_then(|rest| after("\"log\"", &rest)).and_then(|rest| after(":", &rest));
    rest.is_some_and(|rest| rest.trim_start().starts_with('{'))
}

/// Reads a HAR file; of one that breaks off, the requests before.
///
/// # Errors
/// If not even one request can be read.
pub(super) fn read(knowledge: &'static Knowledge, input: &mut dyn Read) -> Result<Diagnosis, ReadError> {
    let mut sightings = Sightings::new(knowledge);
    let mut counts = Counts::default();
    let mut shortened = Shortened { input, bytes: 0, place: Place::Between };
    let mut look = |entry: Entry| {
        counts.lines += 1;
        sightings.join(entry.look(knowledge, counts.lines), 0);
    };
    let mut json = serde_json::Deserializer::from_reader(io::BufReader::new(&mut shortened));
    let root = Member { name: "log", inner: Member { name: "entries", inner: Entries(&mut look) } };
    let broken = root.deserialize(&mut json).err().map(|error| broken(&error));
    if let Some(why) = broken {
        if counts.lines == 0 {
            return Err(ReadError::Har(why));
        }
        // What is not read may have failed.
        let mut notes = Notes::default();
        notes.leave_unexplained(counts.lines + 1, &format!("the HAR file cannot be read further: {why}"));
        sightings.join(notes, 0);
    }
    counts.bytes = shortened.bytes;
    counts.unexplained = sightings.unexplained_count;
    counts.beyond = sightings.beyond;
    let clues = std::mem::take(&mut sightings.clues);
    Ok(Diagnosis {
        kind: Kind::Har,
        token: None,
        unexplained: sightings.take_unexplained(),
        stray: None,
        counts,
        release: None,
        sightings: sightings.into_found(counts.lines, &clues),
        clues,
    })
}

/// What is wrong with it, without what it says: serde's words quote values.
fn broken(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let why = match error.classify() {
        serde_json::error::Category::Io | serde_json::error::Category::Eof => "it breaks off",
        serde_json::error::Category::Syntax => "it is no JSON",
        serde_json::error::Category::Data => "a value is of another kind than in HAR files",
    };
    format!("{why} at line {line} column {column}")
}

/// Leaves the ends of long strings out of a JSON text, so that none has to be held in memory, and counts what is read.
struct Shortened<'a> {
    input: &'a mut dyn Read,
    bytes: u64,
    place: Place,
}

/// Where in a JSON text the next byte stands.
#[derive(Clone, Copy)]
enum Place {
    Between,
    /// In a string: bytes from its beginning, and from its last backslash.
    String(usize, usize),
    /// Behind a backslash.
    Escape(usize),
    /// In the part of a string that is left out.
    Cut,
    /// There, behind a backslash.
    CutEscape,
}

impl Place {
    /// Goes past a byte; whether it is kept.
    fn pass(&mut self, byte: u8) -> bool {
        *self = match (*self, byte) {
            (Self::Between, b'"') => Self::String(0, LONGEST),
            (Self::Between, _) | (Self::String(..) | Self::Cut, b'"') => Self::Between,
            (Self::String(length, since), b'\\') if is_end(byte, length, since) => Self::CutEscape,
            (Self::String(length, since), _) if is_end(byte, length, since) => Self::Cut,
            (Self::String(length, _), b'\\') => Self::Escape(length + 1),
            (Self::String(length, since), _) => Self::String(length + 1, since + 1),
            (Self::Escape(length), _) => Self::String(length + 1, 1),
            (Self::Cut, b'\\') => Self::CutEscape,
            (Self::Cut | Self::CutEscape, _) => Self::Cut,
        };
        !matches!(self, Self::Cut | Self::CutEscape)
    }
}

/// Whether a string may end before this byte: it is long, and neither a character nor `\ud83d\ude00` is cut in two. One that
/// offers no such place ends all the same.
fn is_end(byte: u8, length: usize, since_escape: usize) -> bool {
    let is_boundary = byte & 0xC0 != 0x80 && byte != b'\\' && since_escape > "u0000".len();
    length >= LONGEST && is_boundary || length >= 2 * LONGEST
}

impl Read for Shortened<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.input.read(buffer)?;
            self.bytes += read as u64;
            let mut kept = 0;
            for at in 0..read {
                let byte = buffer.get(at).copied().unwrap_or_default();
                if self.place.pass(byte)
                    && let Some(slot) = buffer.get_mut(kept)
                {
                    *slot = byte;
                    kept += 1;
                }
            }
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

/// A member that is `null` is one that is not there.
fn absent<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A request and its answer, as far as they matter.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    #[serde(deserialize_with = "absent")]
    request: Request,
    #[serde(deserialize_with = "absent")]
    response: Response,
    #[serde(rename = "_error")]
    error: Option<String>,
    /// `document`, `xhr`, `image`, …, as Chrome writes it.
    #[serde(rename = "_resourceType")]
    kind: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request {
    #[serde(deserialize_with = "absent")]
    method: String,
    #[serde(deserialize_with = "absent")]
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Response {
    #[serde(deserialize_with = "absent")]
    status: i64,
    #[serde(deserialize_with = "absent")]
    headers: Vec<Header>,
    #[serde(deserialize_with = "absent")]
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: Option<String>,
    #[serde(rename = "_error")]
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Header {
    #[serde(deserialize_with = "absent")]
    name: String,
    #[serde(deserialize_with = "absent")]
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    text: Option<String>,
}

impl Entry {
    fn look(self, knowledge: &'static Knowledge, number: u64) -> Notes {
        let mut notes = Notes::default();
        let fails = self.fails();
        let matters = self.matters();
        let Self { request, response, error, .. } = self;
        let header = |name: &str| {
            let is_it = |header: &&Header| header.name.eq_ignore_ascii_case(name);
            response.headers.iter().find(is_it).map(|header| header.value.clone())
        };
        let own =
            header(OWN_PAGE).filter(|_| response.status >= 400).map_or_else(String::new, |_| format!(" {OWN_PAGE}"));
        let location = header("location").or(response.redirect_url).filter(|location| !location.is_empty());
        let asked = format!("{} {} {}{own}", response.status, request.method, request.url);
        let mut is_told = false;
        let mut look = |line: &str| is_told |= notes.line(knowledge, number, line, false);
        if !is_signed_out(&request.url, location.as_deref()) {
            look(&asked);
        }
        // What the browser was sent to is its next request, too, unless it never got there.
        if let Some(location) = &location {
            look(location);
        }
        let errors = [error, response.error].into_iter().flatten().filter(|error| matters && !error.is_empty());
        let errors = errors.map(|error| format!("{} {} {error}", request.method, request.url));
        // What else is not reached keeps nobody from logging in.
        errors.filter(|error| is_of_a_login(&Line::plain(error.clone()))).for_each(|error| look(&error));
        // A page that went well may quote anything; and Cognito's error page says what its address does, in vaguer words.
        let may_tell = response.status >= 400 || request.url.contains(".amazoncognito.");
        let is_error_page = request.url.contains(".amazoncognito.com/error?");
        let is_told_by_address = notes
            .seen
            .iter()
            .flat_map(|noted| &noted.names)
            .any(|named| is_error_page || named.strength > Strength::Possible);
        let body = response.content.text.filter(|_| may_tell && !is_told_by_address).unwrap_or_default();
        for line in body.lines() {
            is_told |= notes.line(knowledge, number, line, false);
        }
        if fails && !is_told {
            notes.leave_unexplained(number, &asked);
        }
        notes
    }

    /// Whether the page, or what a program in it asked for, was refused or never came. A picture or a script that is missing keeps
    /// nobody out.
    fn fails(&self) -> bool {
        let has_no_answer = self.response.status <= 0 && (self.error.is_some() || self.response.error.is_some());
        self.matters() && (self.response.status >= 400 || has_no_answer)
    }

    fn matters(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or("document");
        let path = self.request.url.split(['?', '#']).next().unwrap_or_default();
        ["document", "xhr", "fetch"].contains(&kind) && !path.ends_with("/favicon.ico")
    }
}

/// Whether Cognito sent the browser where its sign-out was asked to end: then the address is registered.
fn is_signed_out(url: &str, location: Option<&str>) -> bool {
    let line = Line::plain(url.to_owned());
    let asked = || line.addresses().first().and_then(|address| address.parameter("logout_uri"));
    location.is_some_and(|location| url.contains("/logout?") && asked() == Some(location))
}

/// One member of an object, whatever else is in it.
struct Member<S> {
    name: &'static str,
    inner: S,
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for Member<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for Member<S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut inner = Some(self.inner);
        while let Some(key) = map.next_key::<String>()? {
            match inner.take_if(|_| key == self.name) {
                Some(seed) => map.next_value_seed(seed)?,
                None => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }
}

/// The requests, one by one.
struct Entries<'a>(&'a mut dyn FnMut(Entry));

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element()? {
            (self.0)(entry);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shortened(json: &str) -> String {
        let mut text = String::new();
        let mut input = json.as_bytes();
        Shortened { input: &mut input, bytes: 0, place: Place::Between }.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn long_strings_are_shortened_and_the_rest_is_kept() {
        assert_eq!(shortened(r#"{"a": "b\"c", "d": ["\\"]}"#), r#"{"a": "b\"c", "d": ["\\"]}"#);
        for unit in ["a", "ä", "\\n", "\\\"", "a \\ud83d\\ude00", "é\\u00e9 ", "0"] {
            for shift in 0..13 {
                let json = format!("[\"{}{}\", 1]", "x".repeat(shift), unit.repeat(3 * LONGEST / unit.len()));
                let short = shortened(&json);
                let value: serde_json::Value = serde_json::from_str(&short).unwrap();
                assert_eq!(value[1], 1, "{unit}");
                assert!(short.len() <= 2 * LONGEST + 16 && short.len() > LONGEST, "{unit}: {}", short.len());
            }
        }
    }
}
