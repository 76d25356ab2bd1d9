//! Collects what is recognised, in bounded memory, however much is read.

use std::collections::HashMap;

use super::access::{self, Loops};
use super::clues::Clues;
use super::complaint::{is_complaint, is_outcry};
use super::hearsay::is_hearsay;
use super::knowledge::{Hit, Knowledge, Known, Points, what};
use super::line::{Address, Line};
use super::plain::plain;
use super::{Named, Place, Sighting, Unexplained, What, asked, decision, owner, rank, release};
use crate::config::PomeriumVersion;
use crate::evidence::is_cognito_login_host;
use crate::page::Strength;
use crate::rules::RULES;
use crate::secret::{Clean, paste};

/// So many kinds of sightings are kept; each is a set of symptoms found together.
const MOST_KINDS: usize = 400;
/// So many lines that match nothing are kept.
const MOST_UNEXPLAINED: usize = 20;
/// Of more lines than these, only what is wrong is told.
const FEW_LINES: u64 = 5;
/// So many bytes of a line are cleaned to show it: what is cut leaves room for more.
const LOOKED_AT: usize = 8192;
/// So many characters of a line are shown.
const LONGEST: usize = 300;

/// What is recognised by its form rather than by a text, under numbers of their own; an answer at a door under its status.
const LOOP: usize = usize::MAX;
const DENIED: usize = usize::MAX - 2;
const DOOR: usize = usize::MAX - 1000;
/// What the address of a request names, each rule under its own number.
const ASKED: usize = usize::MAX - 2000;

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
    pub(super) release: Option<PomeriumVersion>,
    loops: Loops,
}

/// What one line, or one page, is about.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) kind: Vec<usize>,
    pub(super) names: Vec<Named>,
    pub(super) place: Option<&'static Place>,
}

/// A part of what was pasted.
pub(super) struct Part<'a> {
    /// The first line.
    pub(super) first: u64,
    /// The last line.
    pub(super) last: u64,
    /// What is shown of it, as it was written.
    pub(super) text: &'a str,
    /// The addresses in it.
    pub(super) addresses: &'a [Address],
}

impl Sightings {
    /// Looks at one line; whether something is said of it that is not healthy. Some inputs have lines of which none complains.
    pub(super) fn line(&mut self, knowledge: &'static Knowledge, number: u64, written: &str, complains: bool) -> bool {
        let line = Line::of(written);
        let mut hits = knowledge.find(&line, &line.lower);
        weigh(knowledge, &line, &mut hits);
        let seen = self.see(knowledge, &line, &hits);
        let is_explained = !seen.names.is_empty();
        let is_told = is_explained || seen.place.is_some_and(|place| !place.healthy);
        self.file(&Part { first: number, last: number, text: written, addresses: &line.addresses }, seen);
        self.watch(knowledge, number, written, &line);
        if !is_explained && complains && (is_complaint(&line) || is_outcry(&line)) {
            self.leave_unexplained(number, written);
        }
        is_told
    }

    /// What a line is about, by its hits and by its form.
    pub(super) fn see(&mut self, knowledge: &'static Knowledge, line: &Line, hits: &[Hit]) -> Seen {
        self.release = self.release.or_else(|| release::of(&line.lower));
        let mut kind: Vec<usize> = hits.iter().map(|hit| hit.number).collect();
        let place_of = |hit: &Hit| match knowledge.known(hit.number).map(|known| known.names) {
            Some(Points::Place(place)) => Some((place, hit.strength)),
            _ => None,
        };
        let found = hits.iter().filter_map(place_of).min_by_key(|(place, _)| *place);
        let mut place = found.and_then(|(place, _)| knowledge.places.get(place));
        let mut names = rank::named(knowledge, hits, place);
        // A place of Cognito's on a host that is none of its own is nobody's, unless something is named there.
        if names.is_empty() && found.is_some_and(|(_, strength)| strength < Strength::Certain) {
            place = None;
        }
        if let Some((door, status)) = access::door(line).filter(|(_, status)| *status >= 400) {
            kind.push(DOOR + usize::from(status));
            let is_elsewhere = matches!(status, 404 | 405);
            place = knowledge.place(match status {
                _ if is_elsewhere => "callback-not-served",
                502..=504 if access::is_of_a_browser(line) => "no-answer-behind-a-proxy",
                _ if access::is_of_a_proxy(line, status) => "proxy-in-front",
                _ => "callback-failed",
            });
            let cause = what("callback-not-routed-to-pomerium").filter(|_| is_elsewhere);
            names.extend(
                cause.map(|cause| Named::because(cause, Strength::Likely, &format!("{}: {status}", door.path()))),
            );
        }
        if let Some(denied) = decision::denied(line) {
            kind.push(DENIED);
            place = place.or_else(|| knowledge.place("decision"));
            names.retain(|named| !decision::is_disproved(line, named.what.name()));
            names.push(denied);
        }
        // Something healthy in a line that complains is not what the line is about.
        if names.is_empty() && place.is_some_and(|place| place.healthy) && (is_complaint(line) || is_outcry(line)) {
            place = knowledge.place("proxy-in-front").filter(|_| !owner::is_pomeriums_log(&line.plain));
        }
        let of_requests =
            if names.is_empty() { asked::named(&line.addresses) } else { asked::refused(&line.addresses) };
        let number = |named: &Named| RULES.iter().position(|rule| rule.name == named.what.name());
        kind.extend(of_requests.iter().filter_map(number).map(|number| ASKED - number));
        names.extend(of_requests);
        let place = match program(knowledge, line) {
            // Another program may use the same libraries.
            Some(other) => Some(other).filter(|_| !names.is_empty()),
            None => place.or_else(|| {
                let is_pomeriums = !names.is_empty() && owner::is_pomerium(&line.lower);
                is_pomeriums.then(|| knowledge.place("pomerium")).flatten()
            }),
        };
        Seen { kind, names: rank::ranked([(names.as_slice(), 1)]), place }
    }

    /// Files what was seen, if it is worth telling.
    pub(super) fn file(&mut self, part: &Part<'_>, seen: Seen) {
        let Seen { kind, names, place } = seen;
        self.clues.learn(part.addresses, place.is_some() || !names.is_empty());
        if names.is_empty() && place.is_none() {
            return;
        }
        if let Some(sighting) = self.kinds.get(&kind).and_then(|index| self.found.get_mut(*index)) {
            sighting.last = part.last;
            sighting.count += 1;
        } else if self.found.len() < MOST_KINDS {
            self.kinds.insert(kind, self.found.len());
            self.found.push(Sighting {
                text: shown(part.text),
                first: part.first,
                last: part.last,
                count: 1,
                place,
                says: says(part.addresses),
                names,
                past: place.map(|place| place.past.clone()).unwrap_or_default(),
            });
        } else {
            self.beyond += 1;
        }
    }

    /// Notices redirects that never end.
    fn watch(&mut self, knowledge: &'static Knowledge, number: u64, written: &str, line: &Line) {
        let Some(round) = self.loops.pass(line, number) else { return };
        let (first, before) = (round.first, round.count - 1);
        let is_new = !self.kinds.contains_key([LOOP].as_slice());
        let seen =
            Seen { kind: vec![LOOP], names: knowledge.words.of_loops(), place: knowledge.place("redirect-loop") };
        self.file(&Part { first, last: number, text: written, addresses: &[] }, seen);
        if is_new && let Some(sighting) = self.found.last_mut() {
            sighting.count += before;
        }
    }

    /// Notes the release that a line names.
    pub(super) fn learn_release(&mut self, line: &Line) {
        self.release = self.release.or_else(|| release::of(&line.lower));
    }

    pub(super) fn leave_unexplained(&mut self, line: u64, text: &str) {
        self.unexplained_count += 1;
        if self.unexplained.len() >= MOST_UNEXPLAINED {
            return;
        }
        let text = shown(text);
        // Lines that differ in times, numbers and ids are one kind.
        let shape: String = text.chars().filter(|char| !char.is_ascii_digit()).take(80).collect();
        if !self.shapes.contains(&shape) {
            self.shapes.push(shape);
            self.unexplained.push(Unexplained { line, text });
        }
    }

    /// What was found. Beside something wrong, and in a log, what is healthy is not worth telling.
    pub(super) fn into_found(mut self, lines: u64) -> Vec<Sighting> {
        let is_wrong =
            |sighting: &Sighting| !sighting.names.is_empty() || sighting.place.is_some_and(|place| !place.healthy);
        if lines > FEW_LINES || self.found.iter().any(is_wrong) {
            self.found.retain(is_wrong);
        }
        self.found
    }
}

/// Whose line it is, if another program's.
fn program(knowledge: &'static Knowledge, line: &Line) -> Option<&'static Place> {
    let programs = &knowledge.words.programs;
    let program = owner::program(line, programs.iter().map(|(name, _)| name.as_str()))?;
    programs.get(program).map(|(_, place)| place)
}

/// Drops and weakens what a line does not mean: beside the address of another identity provider only what may be told there is left,
/// and what somebody writes about an error, or another program says, is no more than possible.
pub(super) fn weigh(knowledge: &'static Knowledge, line: &Line, hits: &mut Vec<Hit>) {
    if is_elsewhere(&line.addresses) && !owner::is_pomerium(&line.lower) {
        keep_told_elsewhere(knowledge, hits);
    }
    if !hits.is_empty() && (is_hearsay(line) || program(knowledge, line).is_some()) {
        weaken(knowledge, hits);
    }
}

/// Makes what is named no more than possible.
pub(super) fn weaken(knowledge: &Knowledge, hits: &mut [Hit]) {
    for hit in hits.iter_mut().filter(|hit| is_name(knowledge, hit)) {
        hit.strength = Strength::Possible;
    }
}

pub(super) fn is_name(knowledge: &Knowledge, hit: &Hit) -> bool {
    knowledge.known(hit.number).is_some_and(|known| matches!(known.names, Points::At(_)))
}

/// Beside the address of another identity provider, keeps what may be told there: no cause by the parameters of an address.
pub(super) fn keep_told_elsewhere(knowledge: &Knowledge, hits: &mut Vec<Hit>) {
    let is_by_parameters =
        |hit: &Hit| is_name(knowledge, hit) && knowledge.known(hit.number).is_some_and(Known::is_of_an_address);
    hits.retain(|hit| is_told_elsewhere(knowledge, hit) && !is_by_parameters(hit));
}

fn is_told_elsewhere(knowledge: &Knowledge, hit: &Hit) -> bool {
    match knowledge.known(hit.number).map(|known| known.names) {
        Some(Points::At(What::Cause(cause))) => cause.elsewhere,
        Some(Points::Place(place)) => knowledge.places.get(place).is_some_and(Place::is_foreign),
        _ => false,
    }
}

impl Place {
    /// Whether it is a page of another identity provider.
    fn is_foreign(&self) -> bool {
        self.whose.contains("external identity provider")
    }
}

/// The words of an error that stand in an address.
fn says(addresses: &[Address]) -> Option<Clean> {
    let names = ["error_description", "errorMessage", "error"];
    let said = names.iter().find_map(|name| addresses.iter().find_map(|address| address.parameter(name)));
    said.map(shown)
}

/// Whether what is told beside these addresses is told of another identity provider.
pub(super) fn is_elsewhere(addresses: &[Address]) -> bool {
    let is_cognito = |address: &Address| address.host.as_deref().is_some_and(is_cognito_login_host);
    addresses.iter().any(Address::is_of_another_provider) && !addresses.iter().any(is_cognito)
}

/// The line as it may be shown: without secrets, as its author meant it, and not too long.
///
/// It is cleaned as it was written, where escapes tell what belongs together, and once more without them.
pub(super) fn shown(written: &str) -> Clean {
    let written = written.trim();
    let end = (0..=LOOKED_AT.min(written.len())).rev().find(|at| written.is_char_boundary(*at)).unwrap_or(0);
    let clean = paste::clean(&plain(&paste::clean(written.get(..end).unwrap_or_default())));
    match clean.char_indices().nth(LONGEST) {
        Some((end, _)) => clean.shortened(end),
        None => clean,
    }
}
