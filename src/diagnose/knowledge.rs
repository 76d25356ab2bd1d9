//! Every symptom there is, with what it names.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use super::complaint::{FAILED, FAILURES, OUTCRIES};
use super::grams::Grams;
use super::line::Line;
use super::pattern::{Pattern, Piece};
use super::squeezed::Squeezed;
use super::watched::{COMPLAINTS, OTHERS};
use super::words::Words;
use super::written::WRITTEN;
use super::{Place, What};
use crate::page::{FrontMatter, Strength, Symptom};
use crate::rules::RULES;
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};

/// A symptom and what it names.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) symptom: Symptom,
    pub(super) names: Points,
    /// What speaks against it, in lower case, with and without blanks.
    unless: Vec<Piece>,
    pub(super) pattern: Pattern,
}

/// What a pattern points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Points {
    At(What),
    /// The place of that number.
    Place(usize),
}

/// All that is known, with an index over it.
pub(super) struct Knowledge {
    pub(super) places: Vec<Place>,
    pub(super) words: Words,
    /// First those that are looked for in lines, then those that people say.
    known: Vec<Known>,
    /// So many are looked for in lines.
    printed: usize,
    /// The needles of `known`, each once, and after them those of [`OTHERS`], [`COMPLAINTS`], [`OUTCRIES`], [`FAILURES`] and [`FAILED`].
    needles: Vec<Piece>,
    /// Finds the needles, in any letter case.
    ///
    /// To build it takes as long as to read a megabyte with it: for a page or a few lines, nobody does.
    index: OnceLock<Option<AhoCorasick>>,
    /// The symptoms that have each of the needles.
    owners: Vec<Vec<usize>>,
    /// The same, faster and much slower to build: for what is long.
    scanner: OnceLock<AhoCorasick>,
}

/// What was found in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// The number of the symptom.
    pub(super) number: usize,
    pub(super) strength: Strength,
}

/// The knowledge; an error is a mistake in the embedded texts, which tests find.
pub(super) static KNOWLEDGE: LazyLock<Result<Knowledge, String>> = LazyLock::new(Knowledge::load);

impl Knowledge {
    fn load() -> Result<Self, String> {
        let written = WRITTEN.as_ref().map_err(Clone::clone)?;
        let mut known = Vec::new();
        let mut add = |symptom: Symptom, names: Points| {
            let pattern = Pattern::of(&symptom);
            let unless = symptom.unless.iter().map(|text| text.to_lowercase());
            // On a page, blanks may stand anywhere or nowhere.
            let unless = unless.flat_map(|text| [text.split_whitespace().collect(), text]);
            let unless = unless.map(|text: String| Piece::new(&text)).collect();
            known.push(Known { symptom, names, unless, pattern });
        };
        for rule in RULES.iter() {
            let front = FrontMatter::parse(rule.page).map_err(|error| format!("{}: {error}", rule.name))?;
            // As pomlint's own reports name it: `error[callback-not-registered]`.
            add(Symptom::of(format!("[{}]", rule.name)), Points::At(What::Rule(rule)));
            for symptom in front.symptoms {
                add(symptom, Points::At(What::Rule(rule)));
            }
        }
        for cause in &written.causes {
            for symptom in &cause.symptoms {
                add(symptom.clone(), Points::At(What::Cause(cause)));
            }
        }
        let mut places = Vec::new();
        for place in &written.places {
            for text in place.seen.clone() {
                let symptom = Symptom { strength: Strength::Certain, ..Symptom::of(text) };
                add(symptom, Points::Place(places.len()));
            }
            places.push(place.place()?);
        }
        let (mut known, mut said): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|known: &Known| !known.symptom.is_said);
        let printed = known.len();
        let (needles, owners) = needles(&known);
        let needles = needles.into_iter().map(Piece::new).collect();
        known.append(&mut said);
        let (index, scanner) = (OnceLock::new(), OnceLock::new());
        Ok(Self { places, words: Words::load()?, known, printed, needles, index, owners, scanner })
    }

    /// The first place at or after `from` where something may be found.
    pub(super) fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..).filter(|rest| !rest.is_empty())?;
        let index = self.index.get_or_init(|| builder().build(self.needles()).ok());
        match self.scanner.get().or(index.as_ref()) {
            Some(index) => index.find(rest).map(|found| from + found.end().saturating_sub(1)),
            None => Some(from),
        }
    }

    /// Builds the faster scanner, for who reads much.
    pub(super) fn hurry(&self) {
        if self.scanner.get().is_none()
            && let Ok(dfa) = builder().kind(Some(AhoCorasickKind::DFA)).build(self.needles())
        {
            // Somebody else may have been first, with the same.
            let _ = self.scanner.set(dfa);
        }
    }

    fn needles(&self) -> impl Iterator<Item = &str> {
        self.needles.iter().map(Piece::text)
    }

    /// The numbers of the needles in a text in lower case.
    fn needles_in(&self, text: &str) -> Vec<usize> {
        if let Some(index) = self.scanner.get().or(self.index.get().and_then(Option::as_ref)) {
            return index.find_overlapping_iter(text).map(|found| found.pattern().as_usize()).collect();
        }
        let grams = Grams::of(text);
        let is_in = |needle: &Piece| grams.may_have(needle.text()) && needle.find(text).is_some();
        (0..).zip(&self.needles).filter(|(_, needle)| is_in(needle)).map(|(number, _)| number).collect()
    }

    fn printed(&self) -> &[Known] {
        self.known.get(..self.printed).unwrap_or_default()
    }

    pub(super) fn known(&self, number: usize) -> Option<&Known> {
        self.known.get(number)
    }

    /// The place of a form that no text tells.
    pub(super) fn place(&self, id: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.id.as_deref() == Some(id))
    }

    /// Every symptom that is found in a line. What speaks against one may stand anywhere in the context of the line, which is in
    /// lower case.
    pub(super) fn find(&self, line: &Line, context: &str) -> Vec<Hit> {
        let texts = [&line.lower].into_iter().chain(line.revealed());
        let mut needles: Vec<usize> = texts.flat_map(|text| self.needles_in(text)).collect();
        needles.sort_unstable();
        needles.dedup();
        let mut candidates: Vec<usize> =
            needles.into_iter().filter_map(|needle| self.owners.get(needle)).flatten().copied().collect();
        candidates.sort_unstable();
        let hit = |number: usize| {
            let known = self.known.get(number)?;
            let strength = known.pattern.find(line, known.symptom.strength)?;
            (!known.is_excused(context)).then_some(Hit { number, strength })
        };
        candidates.into_iter().filter_map(hit).collect()
    }

    /// Every symptom that is found in a text of which nobody knows where it was broken.
    pub(super) fn find_squeezed(&self, text: &Squeezed, context: &str) -> Vec<Hit> {
        let found = self.printed().iter().enumerate().filter(|(_, known)| known.pattern.is_in(text));
        let hits = found.filter(|(_, known)| !known.is_excused(context));
        hits.map(|(number, known)| Hit { number, strength: known.symptom.strength }).collect()
    }

    /// Every symptom that people tell in a text, which is as [`super::plain::spoken`] makes it.
    pub(super) fn said(&self, text: &str) -> Vec<Hit> {
        let told = self
            .known
            .iter()
            .enumerate()
            .skip(self.printed)
            .filter(|(_, known)| known.pattern.is_said(text) && !known.is_excused(text));
        told.map(|(number, known)| Hit { number, strength: known.symptom.strength }).collect()
    }
}

impl Known {
    /// Whether it is found in the parameters of an address.
    pub(super) fn is_of_an_address(&self) -> bool {
        matches!(self.pattern, Pattern::Address { .. })
    }

    fn is_excused(&self, context: &str) -> bool {
        self.unless.iter().any(|text| text.find(context).is_some())
    }
}

fn builder() -> AhoCorasickBuilder {
    let mut builder = AhoCorasickBuilder::new();
    // Of so many needles, no few bytes tell where to look.
    builder.ascii_case_insensitive(true).prefilter(false);
    builder
}

/// What the index looks for: each needle of a symptom, with the symptoms that have it; then what makes a line worth a look.
fn needles(known: &[Known]) -> (Vec<&str>, Vec<Vec<usize>>) {
    let (mut needles, mut owners): (Vec<&str>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (number, known) in known.iter().enumerate() {
        let needle = known.pattern.needle();
        let place = *places.entry(needle).or_insert(needles.len());
        if place == needles.len() {
            needles.push(needle);
            owners.push(Vec::new());
        }
        owners.get_mut(place).into_iter().for_each(|owners| owners.push(number));
    }
    needles.extend(OTHERS.iter().chain(&COMPLAINTS).chain(&OUTCRIES).chain(&FAILURES).chain(&FAILED));
    (needles, owners)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_lines_are_passed_over_without_a_look() {
        let knowledge = KNOWLEDGE.as_ref().unwrap();
        for line in [
            r#"{"level":"info","service":"envoy","upstream-cluster":"route-5f","method":"GET","authority":"app.example.com","path":"/api/items","user-agent":"Mozilla/5.0","referer":"","duration":3.1,"size":18,"response-code":200,"response-code-details":"via_upstream","message":"http-request"}"#,
            r#"{"level":"info","service":"authorize","request-id":"0b8f","method":"GET","path":"/","user":"u","email":"a@example.com","allow":true,"allow-why-true":["claim-ok"],"deny":false,"deny-why-false":[],"message":"authorize check"}"#,
        ] {
            let found = knowledge.next(line.as_bytes(), 0);
            assert_eq!(found.and_then(|at| line.get(at.saturating_sub(12)..=at)), None);
        }
    }

    #[test]
    fn the_knowledge_is_sound() {
        let knowledge = KNOWLEDGE.as_ref().unwrap();
        for known in knowledge.printed() {
            let needle = known.pattern.needle();
            assert!(needle.len() >= 4, "{}: `{needle}` is in every line", known.symptom.text);
        }
        let causes = &WRITTEN.as_ref().unwrap().causes;
        for (index, cause) in causes.iter().enumerate() {
            assert!(crate::rules::find(&cause.name).is_none(), "{} is a rule", cause.name);
            assert!(causes.iter().skip(index + 1).all(|other| other.name != cause.name), "{} twice", cause.name);
            assert!(cause.source.starts_with("https://"), "{}", cause.name);
        }
        for known in &knowledge.known {
            let twice = knowledge
                .known
                .iter()
                .filter(|other| other.names == known.names && other.symptom.text == known.symptom.text);
            assert_eq!(twice.count(), 1, "{} twice", known.symptom.text);
        }
    }
}
