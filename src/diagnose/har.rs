//! A HAR file: what a browser recorded of a login. Its requests are looked at one by one; none is kept.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::knowledge::Knowledge;
use super::read::ReadError;
use super::sightings::Sightings;
use super::{Counts, Diagnosis, Kind};

/// So much of an answer's body is looked at, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// Whether a text begins as a HAR file does: an object `log`. (Docker's log lines begin with a *string* `log`.)
pub(super) fn is_har(head: &str) -> bool {
    let after = |text: &'static str, rest: &str| rest.trim_start().strip_prefix(text).map(str::to_owned);
    let head = head.trim_start_matches('\u{feff}');
    let rest = after("{", head).and_then(|rest| after("\"log\"", &rest)).and_then(|rest| after(":", &rest));
    rest.is_some_and(|rest| rest.trim_start().starts_with('{'))
}

/// Reads a HAR file.
///
/// # Errors
/// If it is not one to its end.
pub(super) fn read(knowledge: &'static Knowledge, input: &mut dyn Read) -> Result<Diagnosis, ReadError> {
    let mut sightings = Sightings::default();
    let mut counts = Counts::default();
    let mut counted = Counted { input, bytes: 0 };
    let mut look = |entry: Entry| {
        counts.lines += 1;
        entry.look(knowledge, counts.lines, &mut sightings);
    };
    let mut json = serde_json::Deserializer::from_reader(&mut counted);
    let root = Member { name: "log", inner: Member { name: "entries", inner: Entries(&mut look) } };
    root.deserialize(&mut json).map_err(|error| ReadError::Har(error.to_string()))?;
    counts.bytes = counted.bytes;
    counts.unexplained = sightings.unexplained_count;
    counts.beyond = sightings.beyond;
    Ok(Diagnosis {
        kind: Kind::Har,
        token: None,
        clues: std::mem::take(&mut sightings.clues),
        unexplained: std::mem::take(&mut sightings.unexplained),
        counts,
        sightings: sightings.into_found(counts.lines),
    })
}

/// Counts what is read.
struct Counted<'a> {
    input: &'a mut dyn Read,
    bytes: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

/// A request and its answer, as far as they matter.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    request: Request,
    response: Response,
    #[serde(rename = "_error")]
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request {
    method: String,
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Response {
    status: i64,
    headers: Vec<Header>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: Option<String>,
    #[serde(rename = "_error")]
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Header {
    name: String,
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    text: Option<String>,
}

impl Entry {
    fn look(self, knowledge: &'static Knowledge, number: u64, sightings: &mut Sightings) {
        let Self { request, response, error } = self;
        let mut look = |line: &str| sightings.line(knowledge, number, line, false);
        look(&format!("{} {} {}", response.status, request.method, request.url));
        let header = |header: Header| header.name.eq_ignore_ascii_case("location").then_some(header.value);
        let location = response.headers.into_iter().find_map(header).or(response.redirect_url);
        // What the browser was sent to is its next request, too, unless it never got there.
        for text in [location, error, response.error].into_iter().flatten().filter(|text| !text.is_empty()) {
            look(&text);
        }
        // A page that went well may quote anything.
        if response.status >= 400 || request.url.contains(".amazoncognito.") {
            let body = response.content.text.unwrap_or_default();
            let end = (0..=LONGEST_BODY.min(body.len())).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
            for line in body.get(..end).unwrap_or_default().lines() {
                look(line);
            }
        }
    }
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
