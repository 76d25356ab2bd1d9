//! What is one page or message, and no log of many lines: what its lines say is about the same thing, so it is one sighting.

use super::complaint::{is_complaint, is_outcry};
use super::hearsay::{is_hearsay, is_treatise};
use super::knowledge::{Hit, Knowledge, Points};
use super::line::{Address, Line};
use super::notes::{Notes, Part, Seen};
use super::owner;
use super::plain::{fold, joined, plain, spoken};
use super::rank;
use super::reached;
use super::squeezed::Squeezed;
use super::vocabulary;
use super::voice::is_pomerium;
use super::weight::{
    drop_disproved, is_elsewhere, is_name, is_of_a_program, is_providers_page, is_strangers, keep_told_elsewhere,
    program, weaken, weaken_quoted, weigh,
};
use super::{Named, What, asked};
use crate::page::Strength;
use crate::secret::paste;

/// A longer text, in bytes, is no message in which people tell what they see.
const LONGEST_MESSAGE: usize = 4096;

/// A page: its lines, and the whole as one line.
struct Page {
    lines: Vec<Line>,
    whole: Line,
    squeezed: Squeezed,
    /// The whole in lower case, once more as it was before its words were broken, and without blanks.
    context: String,
    is_elsewhere: bool,
}

/// What was found on a page.
#[derive(Default)]
struct Found {
    hits: Vec<Hit>,
    /// The line that says most, and how surely.
    best: Option<(Strength, usize)>,
    /// Somebody writes about it, or another program says it.
    is_told: bool,
    /// It is told of another identity provider.
    is_elsewhere: bool,
    /// Each line tells of what is certain.
    is_of_one_thing: bool,
}

impl Notes {
    /// Looks at what is one page or message, however its lines were broken; whether each of its lines tells of what is certain.
    pub(super) fn page(&mut self, knowledge: &'static Knowledge, written: &str) -> bool {
        let page = Page::of(written);
        let is_log = owner::is_pomeriums_log(&page.whole.plain);
        let found = page.find(knowledge, written);
        // A line is shown by itself, and the one before it may say what it is.
        let safe = paste::in_context(written, vocabulary::is_known);
        let mut seen = self.see(knowledge, &page.whole, &found.hits);
        seen.is_told |= found.is_told;
        if seen.names.is_empty() && seen.place.is_none() {
            seen.names.extend(asked::by_hand(&page.whole));
        }
        if seen.names.is_empty() && page.is_elsewhere {
            seen.place = seen.place.or_else(|| {
                let provider = page.whole.addresses().iter().find_map(Address::other_provider)?;
                knowledge.place(provider)
            });
        }
        let said = spoken(&without_addresses(&page.whole.plain));
        // The line of a status is not what people say of the address beside it.
        let is_status = found.is_healthy(knowledge) && said.starts_with("http/");
        let is_elsewhere = found.is_elsewhere || is_strangers(knowledge, &found.hits);
        if !is_elsewhere && page.is_told_by_people(&seen) && !is_status {
            seen.add_told(knowledge, &said);
            seen.names.retain(|named| !reached::is_disproved(&page.whole, named.what));
        }
        // Where nothing is named, it is at least said whose the line is.
        if seen.names.is_empty() && seen.place.is_none() {
            seen.place = program(knowledge, &page.whole);
        }
        for (index, (line, raw)) in page.lines.iter().zip(safe.lines()).enumerate() {
            self.learn_release(line);
            let is_seen = found.best.is_none_or(|(_, best)| best == index) && !seen.names.is_empty();
            let is_named = || knowledge.find(line, &page.context).iter().any(|hit| is_name(knowledge, hit));
            let complains = is_complaint(line) || is_log && is_outcry(line);
            if !is_seen && complains && !is_named() {
                self.leave_unexplained(index as u64 + 1, raw);
            }
        }
        let count = page.lines.len().max(1) as u64;
        let line = found.best.and_then(|(_, index)| Some((index as u64 + 1, safe.lines().nth(index)?)));
        let whole = fold(&safe);
        let (first, last, text) = line.map_or((1, count, whole.as_str()), |(at, line)| (at, at, line));
        self.file(&Part { first, last, text, line: &page.whole }, seen);
        found.is_of_one_thing
    }
}

impl Found {
    /// Whether something healthy is on the page.
    fn is_healthy(&self, knowledge: &Knowledge) -> bool {
        let place = |hit: &Hit| match knowledge.known(hit.number)?.names {
            Points::Place(place) => knowledge.places.get(place),
            Points::At(_) => None,
        };
        self.hits.iter().filter_map(place).any(|place| place.healthy)
    }
}

impl Page {
    fn of(written: &str) -> Self {
        let whole = Line::plain(fold(&plain(written)));
        let is_elsewhere = is_elsewhere(whole.addresses());
        let squeezed = Squeezed::of(&whole.plain);
        let context = format!("{}\n{}\n{}", whole.lower, joined(&plain(written)).to_lowercase(), squeezed.text);
        Self { lines: written.lines().map(Line::of).collect(), whole, squeezed, context, is_elsewhere }
    }

    /// What its lines say, and what is found only if they are put together.
    fn find(&self, knowledge: &'static Knowledge, written: &str) -> Found {
        let context = &self.context;
        let mut found = Found::default();
        let mut told_in_lines = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let mut hits = knowledge.find(line, context);
            let is_told = weigh(knowledge, line, &mut hits);
            let strength = hits.iter().filter(|hit| is_name(knowledge, hit)).map(|hit| hit.strength).max();
            if let Some(strength) = strength.filter(|strength| found.best.is_none_or(|(best, _)| best < *strength)) {
                found.best = Some((strength, index));
                found.is_told = is_told;
            }
            if !line.plain.trim().is_empty() {
                told_in_lines.push(names(knowledge, &hits, Strength::Possible));
            }
            merge(&mut found.hits, hits);
        }
        let mut broken = knowledge.find(&self.whole, context);
        broken.extend(knowledge.find_squeezed(&self.squeezed, context));
        if self.lines.len() > 1 {
            broken.extend(knowledge.find(&Line::of(&joined(&plain(written))), context));
        }
        broken.retain(|hit| !found.hits.iter().any(|other| other.number == hit.number));
        if is_hearsay(&self.whole) || self.lines.iter().all(|line| line.plain.trim().is_empty() || is_hearsay(line)) {
            weaken(knowledge, &mut broken);
            found.is_told |= found.best.is_none();
        }
        weaken_quoted(knowledge, &self.whole, &mut broken);
        let surest = broken.iter().filter(|hit| is_name(knowledge, hit)).map(|hit| hit.strength).max();
        if surest.is_some_and(|surest| found.best.is_none_or(|(best, _)| best < surest)) {
            found.best = None;
        }
        merge(&mut found.hits, broken);
        drop_disproved(knowledge, &self.whole.lower, &mut found.hits);
        // Where a window broke a line, its writer is named in one part of it alone.
        let is_of_a_program = is_of_a_program(knowledge, &self.whole);
        if is_treatise(&self.lines) || is_strangers(knowledge, &found.hits) || is_of_a_program {
            weaken(knowledge, &mut found.hits);
            found.is_told = true;
        }
        if self.is_in_peoples_words() {
            let spoken = spoken(&self.whole.plain);
            let is_denied =
                |hit: &Hit| knowledge.known(hit.number).is_some_and(|known| known.pattern.is_denied(&spoken));
            found.hits.retain(|hit| !is_denied(hit));
        }
        let certain = names(knowledge, &found.hits, Strength::Certain);
        found.is_of_one_thing = told_in_lines.iter().all(|told| told.iter().any(|what| certain.contains(what)));
        found.is_elsewhere = self.is_elsewhere || is_providers_page(knowledge, &self.whole, &found.hits);
        if found.is_elsewhere && !is_pomerium(context) {
            keep_told_elsewhere(knowledge, &mut found.hits);
        }
        found
    }

    /// Whether somebody says this, and no program: a short text that is no log, no answer and no page.
    fn is_in_peoples_words(&self) -> bool {
        self.whole.plain.len() <= LONGEST_MESSAGE
            && !self.whole.plain.trim_start().starts_with(['{', '<'])
            && !self.lines.iter().any(|line| owner::is_log(&line.plain))
    }

    /// Whether what people say counts: in a short text that is no log, and in which no program names anything surely.
    fn is_told_by_people(&self, seen: &Seen) -> bool {
        self.whole.plain.len() <= LONGEST_MESSAGE
            && !self.lines.iter().any(|line| owner::is_log(&line.plain))
            && seen.names.iter().all(|named| named.strength == Strength::Possible)
    }
}

impl Seen {
    /// Adds what people say, behind what programs print.
    fn add_told(&mut self, knowledge: &'static Knowledge, text: &str) {
        let said = rank::named(knowledge, &knowledge.said(text), None);
        let (vague, printed) = std::mem::take(&mut self.names).into_iter().partition(|named| named.is_vague);
        self.names = printed;
        let place = self.place;
        let is_silenced =
            |named: &Named| place.is_some_and(|place| place.silences.iter().any(|name| name == named.what.name()));
        let told = knowledge.words.told(text).into_iter().chain(said).chain::<Vec<Named>>(vague);
        for named in told.filter(|named| !is_silenced(named)) {
            if !self.names.iter().any(|other| other.what == named.what) {
                self.names.push(named);
            }
        }
    }
}

/// What these hits name, so surely at least.
fn names(knowledge: &Knowledge, hits: &[Hit], least: Strength) -> Vec<What> {
    let named = |hit: &Hit| match knowledge.known(hit.number)?.names {
        Points::At(what) => Some(what).filter(|_| hit.strength >= least),
        Points::Place(_) => None,
    };
    hits.iter().filter_map(named).collect()
}

/// Adds hits; of two of the same symptom the surer counts.
fn merge(hits: &mut Vec<Hit>, more: Vec<Hit>) {
    for hit in more {
        match hits.iter_mut().find(|other| other.number == hit.number) {
            Some(other) => other.strength = other.strength.max(hit.strength),
            None => hits.push(hit),
        }
    }
    hits.sort_by_key(|hit| hit.number);
}

/// What people say, without the addresses they paste.
fn without_addresses(text: &str) -> String {
    /// Shorter words with a question mark are questions.
    const SHORT: usize = 24;
    let has_host = |word: &str| word.split_once("://").is_some_and(|(_, rest)| !rest.is_empty());
    let is_address = |word: &&str| has_host(word) || word.contains('?') && word.len() >= SHORT;
    let words = text.split_whitespace().filter(|word| !is_address(word));
    words.collect::<Vec<_>>().join(" ")
}
