//! Collects what is recognised, in bounded memory, however much is read.

use std::collections::HashMap;

use super::clues::Clues;
use super::knowledge::{Hit, Knowledge, Known, Points};
use super::line::{self, Address};
use super::{Named, Sighting, Unexplained, What, surest};
use crate::evidence::is_cognito_login_host;
use crate::rules::Stage;
use crate::secret::{Clean, paste};

/// So many kinds of sightings are kept; each is a set of symptoms found together.
const MOST_KINDS: usize = 200;
/// So many lines that match nothing are kept.
const MOST_UNEXPLAINED: usize = 20;
/// Of more lines than these, only what is wrong is told.
const FEW_LINES: u64 = 5;
/// A longer text, in bytes, is no message in which people tell what they see.
const LONGEST_MESSAGE: usize = 4096;
/// So many bytes of a line are cleaned to show it: what is cut leaves room for more.
const LOOKED_AT: usize = 8192;
/// So many characters of a line are shown.
const LONGEST: usize = 300;

/// What was recognised so far.
#[derive(Default)]
pub(super) struct Sightings {
    kinds: HashMap<Vec<usize>, usize>,
    found: Vec<Sighting>,
    pub(super) unexplained: Vec<Unexplained>,
    shapes: Vec<String>,
    pub(super) clues: Clues,
    pub(super) unexplained_count: u64,
    pub(super) beyond: u64,
    /// What was pasted, if it is one page or message, and no log of many: its lines speak of the same thing.
    page: Option<Page>,
}

struct Page {
    text: String,
    is_elsewhere: bool,
}

impl Sightings {
    /// Learns that the lines to come are those of one page or message.
    pub(super) fn open_page(&mut self, text: &str) {
        let text = line::fold(&line::plain(text));
        let is_elsewhere = is_elsewhere(&line::addresses(&text));
        self.page = Some(Page { text, is_elsewhere });
    }

    /// Looks at one line; whether anything is known of it.
    pub(super) fn line(&mut self, knowledge: &'static Knowledge, number: u64, written: &str, complains: bool) -> bool {
        let text = line::plain(written);
        let addresses = line::addresses(&text);
        let hits = self.find(knowledge, &text, &addresses);
        let is_known = self.add(knowledge, number, written, &addresses, &hits);
        if !is_known && complains && is_complaint(&text) {
            self.unexplained_count += 1;
            self.keep_unexplained(number, written);
        }
        is_known
    }

    /// Every symptom that is found in a line; beside the address of another identity provider, only what may be told there.
    fn find(&self, knowledge: &'static Knowledge, text: &str, addresses: &[Address]) -> Vec<Hit> {
        let page = self.page.as_ref();
        let mut hits = knowledge.find(text, addresses, page.map_or(text, |page| &page.text));
        if (page.is_some_and(|page| page.is_elsewhere) || is_elsewhere(addresses)) && !is_of_pomerium(text) {
            hits.retain(|hit| {
                let names = knowledge.known(hit.number).map(|known| known.names);
                matches!(names, Some(Points::At(What::Cause(cause))) if cause.elsewhere)
            });
        }
        hits
    }

    /// Files the hits of one line, as it was written.
    fn add(
        &mut self,
        knowledge: &'static Knowledge,
        number: u64,
        written: &str,
        addresses: &[Address],
        hits: &[Hit],
    ) -> bool {
        let point = |hit: &Hit| knowledge.known(hit.number).map(|known| known.names);
        let places = hits.iter().filter_map(|hit| match point(hit) {
            Some(Points::Place(place)) => Some(place),
            _ => None,
        });
        let place = places.min();
        let names = hits.iter().filter_map(|hit| {
            let known = knowledge.known(hit.number)?;
            let Points::At(what) = known.names else { return None };
            let symptom = known.symptom.text.clone();
            Some(Named { what, strength: hit.strength, symptom, versions: known.symptom.versions.clone() })
        });
        let names = surest(names);
        self.clues.learn(addresses, place.is_some() || !names.is_empty());
        let place = place.and_then(|place| knowledge.places.get(place));
        if names.is_empty() && !place.is_some_and(|place| place.healthy) {
            return false;
        }
        let kind: Vec<usize> = hits.iter().map(|hit| hit.number).collect();
        if let Some(sighting) = self.kinds.get(&kind).and_then(|index| self.found.get_mut(*index)) {
            sighting.last = number;
            sighting.count += 1;
        } else if self.found.len() < MOST_KINDS {
            let past: Vec<Stage> = place.map(|place| place.past.clone()).unwrap_or_default();
            self.kinds.insert(kind, self.found.len());
            let text = shown(written);
            self.found.push(Sighting { text, first: number, last: number, count: 1, place, names, past });
        } else {
            self.beyond += 1;
        }
        true
    }

    /// Looks for what is broken over several lines, and for what people say in words of their own.
    pub(super) fn whole(&mut self, knowledge: &'static Knowledge, text: &str, lines: u64) {
        let words = self.page.as_ref().map_or_else(|| line::fold(&line::plain(text)), |page| page.text.clone());
        let addresses = line::addresses(&words);
        let mut hits = if lines > 1 { self.find(knowledge, &words, &addresses) } else { Vec::new() };
        match &self.page {
            // The lines of a log have nothing to do with each other.
            None => {
                let is_on_one_line = |known: &Known| !known.symptom.text.contains('…');
                hits.retain(|hit| knowledge.known(hit.number).is_some_and(is_on_one_line));
            }
            Some(page) if words.len() <= LONGEST_MESSAGE && !page.is_elsewhere => hits.extend(knowledge.said(&words)),
            Some(_) => {}
        }
        let is_new = |hit: &Hit| {
            knowledge.known(hit.number).is_some_and(|known| match known.names {
                Points::Place(_) => true,
                Points::At(what) => {
                    let mut names = self.found.iter().flat_map(|seen| &seen.names);
                    !names.any(|name| name.what == what && name.strength >= hit.strength)
                }
            })
        };
        hits.retain(is_new);
        let is_name =
            |hit: &Hit| !matches!(knowledge.known(hit.number).map(|known| known.names), Some(Points::Place(_)));
        if !hits.iter().any(is_name) {
            return;
        }
        let before = self.found.len();
        self.add(knowledge, 1, &line::fold(text), &addresses, &hits);
        for sighting in self.found.iter_mut().skip(before) {
            sighting.last = lines;
        }
    }

    fn keep_unexplained(&mut self, line: u64, written: &str) {
        if self.unexplained.len() >= MOST_UNEXPLAINED {
            return;
        }
        let text = shown(written);
        // Lines that differ in times, numbers and ids are one kind.
        let shape: String = text.chars().filter(|char| !char.is_ascii_digit()).take(80).collect();
        if !self.shapes.contains(&shape) {
            self.shapes.push(shape);
            self.unexplained.push(Unexplained { line, text });
        }
    }

    /// What was found. Beside something wrong, and in a log, what is healthy is not worth telling.
    pub(super) fn into_found(mut self, lines: u64) -> Vec<Sighting> {
        let is_wrong = |sighting: &Sighting| !sighting.names.is_empty();
        if lines > FEW_LINES || self.found.iter().any(is_wrong) {
            self.found.retain(is_wrong);
        }
        self.found
    }
}

/// Whether what is told beside these addresses is told of another identity provider.
fn is_elsewhere(addresses: &[Address]) -> bool {
    let is_cognito = |address: &Address| address.host.as_deref().is_some_and(is_cognito_login_host);
    addresses.iter().any(Address::is_of_another_provider) && !addresses.iter().any(is_cognito)
}

/// Whether a line is in the words of Pomerium or its libraries, which are the same for every provider.
fn is_of_pomerium(text: &str) -> bool {
    ["identity/oidc", "oidc: ", "OAuthCallback"].iter().any(|words| text.contains(words))
}

/// Whether a line says itself that something went wrong.
fn is_complaint(text: &str) -> bool {
    ["error", "fatal", "panic"].iter().any(|level| text.contains(&format!("\"level\":\"{level}\"")))
        || line::words(text).any(|word| matches!(word, "ERR" | "FTL"))
}

/// The line as it may be shown: without secrets, as its author meant it, and not too long.
///
/// It is cleaned as it was written, where escapes tell what belongs together, and once more without them.
pub(super) fn shown(written: &str) -> Clean {
    let written = written.trim();
    let end = (0..=LOOKED_AT.min(written.len())).rev().find(|at| written.is_char_boundary(*at)).unwrap_or(0);
    let clean = paste::clean(&line::plain(&paste::clean(written.get(..end).unwrap_or_default())));
    match clean.char_indices().nth(LONGEST) {
        Some((end, _)) => clean.shortened(end),
        None => clean,
    }
}
