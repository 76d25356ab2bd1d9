//! What is noticed in a few lines, or on a page: a block of a log at a time, of which several are read side by side.

use std::collections::HashMap;

use super::access::{self, Door, Redirect, Served};
use super::clues::{self, Clues};
use super::complaint::{is_complaint, is_outcry};
use super::hearsay::is_hearsay;
use super::knowledge::{Hit, Knowledge, Points};
use super::line::{Address, Line};
use super::weight::{is_providers_page, program, weigh};
use super::written::what;
use super::{Named, Place, What, asked, decision, ignored, owner, rank, reached, release, running};
use crate::config::PomeriumVersion;
use crate::offset;
use crate::page::Strength;
use crate::rules::{RULES, Stage};

/// So many lines that match nothing are kept.
pub(super) const MOST_UNEXPLAINED: usize = 20;
/// So many bytes of a line are kept to show it: what is cut leaves room for more than is shown.
const KEPT: usize = 8192;

/// What is recognised by its form rather than by a text, under numbers of their own; an answer at a door under its status.
const DENIED: usize = usize::MAX - 2;
const DOOR: usize = usize::MAX - 1000;
/// What the address of a request names, each rule under its own number.
const ASKED: usize = usize::MAX - 2000;

/// What was noticed, as it was written: nothing of it may be shown before it was cleaned.
#[derive(Default)]
pub(super) struct Notes {
    kinds: HashMap<Vec<usize>, usize>,
    /// In the order of their first lines.
    pub(super) seen: Vec<Noted>,
    /// Lines that complain and match nothing, each kind of line once.
    pub(super) unexplained: Vec<Complaint>,
    pub(super) unexplained_count: u64,
    pub(super) redirects: Vec<(Redirect, String)>,
    pub(super) clues: Clues,
    pub(super) release: Option<PomeriumVersion>,
}

/// Something recognised, perhaps many times.
pub(super) struct Noted {
    /// What was found together.
    pub(super) kind: Vec<usize>,
    /// The first line that has it.
    pub(super) text: String,
    /// The words of an error that stand in an address of that line.
    pub(super) says: Option<String>,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) count: u64,
    pub(super) place: Option<&'static Place>,
    pub(super) names: Vec<Named>,
    /// Stages of the login that worked, or it would not have been seen.
    pub(super) past: Vec<Stage>,
}

/// A line that complains and matches nothing.
pub(super) struct Complaint {
    pub(super) line: u64,
    pub(super) text: String,
    /// What it has in common with others of its kind.
    pub(super) shape: String,
}

/// What one line, or one page, is about.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) kind: Vec<usize>,
    pub(super) names: Vec<Named>,
    pub(super) place: Option<&'static Place>,
    /// Somebody writes about it, another program says it, or nobody had logged in: it proves nothing.
    pub(super) is_told: bool,
}

impl Seen {
    /// Stages of the login that worked, or it would not have been seen: none that something is named of.
    fn past(&self) -> Vec<Stage> {
        let past = self.place.filter(|_| !self.is_told).map_or(&[][..], |place| &place.past);
        let is_named = |stage: &Stage| {
            self.names.iter().any(|named| {
                matches!(named.what, What::Rule(rule) if rule.stage == *stage) && named.strength > Strength::Possible
            })
        };
        past.iter().copied().take_while(|stage| !is_named(stage)).collect()
    }
}

/// A part of what was pasted.
pub(super) struct Part<'a> {
    /// The first line.
    pub(super) first: u64,
    /// The last line.
    pub(super) last: u64,
    /// What is shown of it, as it was written.
    pub(super) text: &'a str,
    /// What it says.
    pub(super) line: &'a Line,
}

impl Notes {
    /// Looks at one line; whether something is said of it that is not healthy. Some inputs have lines of which none complains.
    pub(super) fn line(&mut self, knowledge: &'static Knowledge, number: u64, written: &str, complains: bool) -> bool {
        let line = Line::of(written);
        let mut hits = knowledge.find(&line, &line.lower);
        let is_told = weigh(knowledge, &line, &mut hits);
        let mut seen = self.see(knowledge, &line, &hits);
        seen.is_told |= is_told;
        let is_explained = !seen.names.is_empty();
        let is_told = is_explained || seen.place.is_some_and(|place| !place.healthy);
        self.file(&Part { first: number, last: number, text: written, line: &line }, seen);
        self.redirects.extend(Redirect::of(&line, number).map(|redirect| (redirect, kept(written).to_owned())));
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
        // The page of another provider quotes the address of Cognito to which it would have sent the browser.
        let is_providers = is_providers_page(knowledge, line, hits);
        let is_its = |place: &(usize, Strength)| {
            !is_providers || knowledge.places.get(place.0).is_some_and(|place| place.is_foreign)
        };
        let found = hits.iter().filter_map(place_of).filter(is_its).min_by_key(|(place, _)| *place);
        let mut place = found.and_then(|(place, _)| knowledge.places.get(place));
        let mut names = rank::named(knowledge, hits, place);
        if let Some(option) = ignored::named(line) {
            let is_vaguer = |named: &Named| named.symptom == ignored::MESSAGE;
            if names.iter().all(is_vaguer) {
                names.push(option);
            }
            names.retain(|named| !is_vaguer(named));
        }
        // A place of Cognito's on a host that is none of its own is nobody's, unless something is named there.
        if names.is_empty() && found.is_some_and(|(_, strength)| strength < Strength::Certain) {
            place = None;
        }
        // What another provider is asked has that address as a parameter.
        let asked_first = line.addresses().iter().find(|address| address.host.is_some());
        if let Some(provider) = asked_first.and_then(Address::other_provider)
            && place.and_then(|place| place.id.as_deref()).is_some_and(|id| id.starts_with("own-callback"))
        {
            place = knowledge.place(provider);
        }
        if let Some((door, status)) = access::door(line).filter(|(_, status)| *status >= 400) {
            kind.push(DOOR + usize::from(status));
            let is_elsewhere = matches!(status, 404 | 405);
            place = knowledge.place(match status {
                _ if is_elsewhere => "callback-not-served",
                502..=504 if access::is_of_a_browser(line) => "no-answer-behind-a-proxy",
                _ if access::is_of_a_proxy(line, status) => "proxy-in-front",
                _ if door == Door::SignIn => "sign-in-failed",
                _ => "callback-failed",
            });
            let cause = what("callback-not-routed-to-pomerium").filter(|_| is_elsewhere);
            names.extend(
                cause.map(|cause| Named::because(cause, Strength::Likely, format!("{}: {status}", door.path()))),
            );
        }
        if let Some(denied) = decision::denied(line) {
            kind.push(DENIED);
            place = place.or_else(|| knowledge.place("decision"));
            names.retain(|named| !decision::is_disproved(line, named.what.name()));
            // What a policy asks for and never gets says more than that it refuses.
            let is_explained =
                names.iter().any(|named| named.what != denied.what && named.strength > Strength::Possible);
            names.push(denied);
            let denied = names.iter_mut().filter(|named| named.what.name() == decision::DENIED && is_explained);
            denied.for_each(|named| named.strength = Strength::Possible);
        }
        // Something healthy in a line that complains is not what the line is about.
        let complains = || is_complaint(line) || is_outcry(line) || line.status().is_some_and(|status| status >= 400);
        if names.is_empty() && place.is_some_and(|place| place.healthy) && complains() {
            // A program that ends, and what Cognito answers, is none.
            let is_a_proxys =
                !line.lower.contains("panic: ") && place.is_some_and(|place| !place.by.contains("Cognito"));
            let is_callback = place.is_some_and(|place| place.id.as_deref() == Some("callback"));
            place = match access::page_of_a_callback(line).filter(|_| is_callback) {
                Some(Served::Failed) => knowledge.place("callback-failed"),
                Some(Served::Not) => {
                    let cause = what("callback-not-routed-to-pomerium");
                    names.extend(cause.map(|cause| Named::because(cause, Strength::Likely, "404 at the callback")));
                    knowledge.place("callback-not-served")
                }
                None => {
                    knowledge.place("proxy-in-front").filter(|_| is_a_proxys && !owner::is_pomeriums_log(&line.plain))
                }
            };
        }
        let mut of_requests = if names.is_empty() { asked::named(line) } else { asked::refused(line) };
        of_requests.extend(asked::misspelt(line));
        if names.is_empty() {
            of_requests.extend(asked::discovered(line));
        }
        let number = |named: &Named| RULES.iter().position(|rule| rule.name == named.what.name());
        kind.extend(of_requests.iter().filter_map(number).map(|number| ASKED - number));
        names.extend(of_requests);
        names.retain(|named| !reached::is_disproved(line, named.what));
        // What another program's log tells of a Pomerium may be of another login.
        let running = running::host(line).filter(|_| self.clues.pomerium.is_none());
        let is_told = !names.is_empty() || place.is_some() || running.is_some();
        let writer = is_told.then(|| program(knowledge, line)).flatten();
        running.filter(|_| writer.is_none()).into_iter().for_each(|host| self.clues.learn_running(host));
        let place = match writer {
            // Another program may use the same libraries.
            Some(other) => Some(other).filter(|_| !names.is_empty()),
            None => place.or_else(|| {
                let is_about = !names.is_empty() || is_complaint(line) || !owner::is_log(&line.plain);
                let is_pomeriums = is_about && line.is_pomeriums() && !is_hearsay(line);
                is_pomeriums.then(|| knowledge.place("pomerium")).flatten()
            }),
        };
        Seen { kind, names: rank::ranked([(names.as_slice(), 1)]), place, is_told: decision::is_of_nobody(line) }
    }

    /// Files what was seen, if it is worth telling.
    pub(super) fn file(&mut self, part: &Part<'_>, seen: Seen) {
        let worked = seen.past();
        let Seen { kind, names, place, .. } = seen;
        let is_told = !names.is_empty() || place.is_some();
        let may_be_pomeriums = || self.clues.pomerium.is_none() && clues::may_be_pomeriums(&part.line.lower);
        if is_told || part.line.may_be_cognitos() || may_be_pomeriums() {
            self.clues.learn(part.line.addresses(), is_told);
        }
        if !is_told {
            return;
        }
        self.clues.learn_pool(part.line);
        if let Some(noted) = self.kinds.get(&kind).and_then(|index| self.seen.get_mut(*index)) {
            noted.last = part.last;
            noted.count += 1;
            return;
        }
        self.kinds.insert(kind.clone(), self.seen.len());
        let (text, says) = (kept(part.text).to_owned(), part.line.says().map(|says| kept(says).to_owned()));
        self.seen.push(Noted {
            kind,
            text,
            says,
            first: part.first,
            last: part.last,
            count: 1,
            place,
            names,
            past: worked,
        });
    }

    /// Notes the release that a line names.
    pub(super) fn learn_release(&mut self, line: &Line) {
        self.release = self.release.or_else(|| release::of(&line.lower));
    }

    pub(super) fn leave_unexplained(&mut self, line: u64, text: &str) {
        self.unexplained_count += 1;
        let is_room = self.unexplained.len() < MOST_UNEXPLAINED;
        let shape = if is_room { shape(text) } else { return };
        if !self.unexplained.iter().any(|other| other.shape == shape) {
            self.unexplained.push(Complaint { line, text: kept(text).to_owned(), shape });
        }
    }
}

/// What a line has in common with those that differ from it in times, numbers and ids.
fn shape(text: &str) -> String {
    /// So many characters tell a kind of line.
    const TELLING: usize = 80;
    text.trim_start().chars().filter(|char| !char.is_ascii_digit()).take(TELLING).collect()
}

/// So much of a line as is kept of it.
pub(super) fn kept(text: &str) -> &str {
    offset::head(text.trim(), KEPT)
}
