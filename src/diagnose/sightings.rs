//! Collects what is recognised, in bounded memory, however much is read.

use std::collections::HashMap;

use super::access::{Loops, Redirect, Round};
use super::clues::Clues;
use super::excerpt::excerpt;
use super::knowledge::Knowledge;
use super::notes::{Complaint, MOST_UNEXPLAINED, Noted, Notes, kept};
use super::plain::plain;
use super::vocabulary::clean;
use super::{Named, Sighting, Unexplained};
use crate::config::PomeriumVersion;
use crate::secret::Clean;

/// So many kinds of sightings are kept; each is a set of symptoms found together.
const MOST_KINDS: usize = 400;
/// Of more lines than these, only what is wrong is told.
const FEW_LINES: u64 = 5;
/// So many characters of a line are shown.
const LONGEST: usize = 300;

/// The number of what is recognised by many lines together.
const LOOP: usize = usize::MAX;
/// The number of what may become one.
const PERHAPS_LOOP: usize = usize::MAX - 1;

/// What was recognised so far.
pub(super) struct Sightings {
    knowledge: &'static Knowledge,
    kinds: HashMap<Vec<usize>, usize>,
    found: Vec<Noted>,
    unexplained: Vec<Complaint>,
    pub(super) clues: Clues,
    pub(super) unexplained_count: u64,
    pub(super) beyond: u64,
    pub(super) release: Option<PomeriumVersion>,
    loops: Loops,
}

impl Sightings {
    pub(super) fn new(knowledge: &'static Knowledge) -> Self {
        Self {
            knowledge,
            kinds: HashMap::new(),
            found: Vec::new(),
            unexplained: Vec::new(),
            clues: Clues::default(),
            unexplained_count: 0,
            beyond: 0,
            release: None,
            loops: Loops::default(),
        }
    }

    /// Adds what was noticed in the lines behind all that was added before, of which there were so many.
    pub(super) fn join(&mut self, notes: Notes, before: u64) {
        let Notes { seen, unexplained, unexplained_count, redirects, clues, release, .. } = notes;
        self.clues.join(clues);
        self.release = self.release.or(release);
        self.unexplained_count += unexplained_count;
        for complaint in unexplained {
            let is_known = self.unexplained.iter().any(|other| other.shape == complaint.shape);
            if !is_known && self.unexplained.len() < MOST_UNEXPLAINED {
                self.unexplained.push(Complaint { line: before + complaint.line, ..complaint });
            }
        }
        // In the order of the lines: it is what comes first that is shown first.
        let mut redirects = redirects.into_iter().peekable();
        for noted in seen {
            while let Some((redirect, text)) = redirects.next_if(|(redirect, _)| redirect.line < noted.first) {
                self.watch(redirect, text, before);
            }
            self.file(Noted { first: before + noted.first, last: before + noted.last, ..noted });
        }
        redirects.for_each(|(redirect, text)| self.watch(redirect, text, before));
    }

    /// Files what was noticed; whether it is new.
    fn file(&mut self, noted: Noted) -> bool {
        if let Some(known) = self.kinds.get(&noted.kind).and_then(|index| self.found.get_mut(*index)) {
            known.last = noted.last;
            known.count += noted.count;
            return false;
        }
        if self.found.len() >= MOST_KINDS {
            self.beyond += noted.count;
            return false;
        }
        self.kinds.insert(noted.kind.clone(), self.found.len());
        self.found.push(noted);
        true
    }

    /// Notices redirects that never end.
    fn watch(&mut self, redirect: Redirect, text: String, before: u64) {
        let last = before + redirect.line;
        let Some(round) = self.loops.pass(redirect, before) else { return };
        let Round { first, count, is_loop, is_of_decisions, .. } = *round;
        let kind = if is_loop { LOOP } else { PERHAPS_LOOP };
        let is_known = self.kinds.contains_key([kind].as_slice());
        self.file(Noted {
            kind: vec![kind],
            text,
            says: None,
            first,
            last,
            count: if is_known { 1 } else { count },
            place: self.knowledge.place(match (is_loop, is_of_decisions) {
                (true, _) => "redirect-loop",
                (false, true) => "asked-again-and-again",
                (false, false) => "perhaps-a-loop",
            }),
            names: if is_loop { self.knowledge.words.of_loops() } else { Vec::new() },
            past: Vec::new(),
        });
    }

    /// The first few lines that complain and match nothing.
    pub(super) fn take_unexplained(&mut self) -> Vec<Unexplained> {
        let complaints = std::mem::take(&mut self.unexplained).into_iter();
        complaints.map(|complaint| Unexplained { line: complaint.line, text: shown(&complaint.text) }).collect()
    }

    /// What was found. Beside something wrong, and in a log, what is healthy is not worth telling.
    pub(super) fn into_found(mut self, lines: u64, clues: &Clues) -> Vec<Sighting> {
        if clues.is_callback_secure() {
            // The cookie of a login that came back over https was not withheld for want of it.
            let is_disproved =
                |named: &Named| named.what.name() == "authenticate-url-not-https" && named.symptom.contains("CSRF");
            self.found.iter_mut().for_each(|noted| noted.names.retain(|named| !is_disproved(named)));
        }
        if self.kinds.contains_key([LOOP].as_slice()) {
            self.found.retain(|noted| noted.kind != [PERHAPS_LOOP]);
        }
        let is_wrong = |noted: &Noted| !noted.names.is_empty() || noted.place.is_some_and(|place| !place.healthy);
        if lines > FEW_LINES || self.found.iter().any(is_wrong) {
            self.found.retain(is_wrong);
        }
        self.found.into_iter().map(Sighting::from).collect()
    }
}

impl From<Noted> for Sighting {
    fn from(noted: Noted) -> Self {
        let Noted { text, says, first, last, count, place, names, past, .. } = noted;
        let text = excerpt(&cleaned(&text), &names, LONGEST);
        Self { text, first, last, count, place, says: says.as_deref().map(shown), names, past }
    }
}

/// The line as it may be shown: without secrets, as its author meant it, and not too long.
pub(super) fn shown(written: &str) -> Clean {
    excerpt(&cleaned(written), &[], LONGEST)
}

/// The line without secrets, as its author meant it.
///
/// It is cleaned as it was written, where escapes tell what belongs together, and once more without them.
fn cleaned(written: &str) -> Clean {
    clean(&plain(&clean(kept(written))))
}
