//! Every symptom there is, with what it names.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use serde::Deserialize;

use super::line::Address;
use super::pattern::Pattern;
use super::{Cause, Place, What};
use crate::page::{FrontMatter, Strength, Symptom};
use crate::rules::{RULES, Stage};

/// The embedded knowledge: see its own comments.
const TEXT: &str = include_str!("knowledge.yaml");

/// From this length on, in bytes, a text is worth a faster scanner.
const LONG: usize = 64 * 1024;

/// Lines with one of these are looked at, too: what they say may be encoded.
const DESCRIPTIONS: [&str; 2] = ["error_description", "errorMessage"];

/// Lines with one of these complain, be they known or not: Pomerium's log in JSON and on a console (`zerolog`).
pub(super) const COMPLAINTS: [&str; 5] =
    ["\"level\":\"error\"", "\"level\":\"fatal\"", "\"level\":\"panic\"", "ERR", "FTL"];

/// The embedded knowledge, read once.
static WRITTEN: LazyLock<Result<Written, String>> =
    LazyLock::new(|| serde_yaml::from_str(TEXT).map_err(|error| format!("knowledge.yaml: {error}")));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    places: Vec<WrittenPlace>,
    causes: Vec<Cause>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPlace {
    seen: Vec<String>,
    whose: String,
    past: Vec<String>,
    #[serde(default)]
    healthy: bool,
}

/// A symptom and what it names.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) symptom: Symptom,
    pub(super) names: Points,
    pattern: Pattern,
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
    /// First those that are looked for in lines, then those that people say.
    known: Vec<Known>,
    /// So many are looked for in lines.
    printed: usize,
    /// Finds the needles of `known`, each under its number, and after them those of [`DESCRIPTIONS`] and [`COMPLAINTS`].
    index: AhoCorasick,
    /// The same, twice as fast and ten times as slow to build: for what is long.
    scanner: OnceLock<AhoCorasick>,
}

/// What was found in a line.
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
            known.push(Known { symptom, names, pattern });
        };
        for rule in RULES.iter() {
            let front = FrontMatter::parse(rule.page).map_err(|error| format!("{}: {error}", rule.name))?;
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
            let stage = |name: &String| {
                Stage::ALL.into_iter().find(|stage| stage.name() == name).ok_or(format!("there is no stage {name}"))
            };
            let past = place.past.iter().map(stage).collect::<Result<_, _>>()?;
            for text in place.seen.clone() {
                let symptom =
                    Symptom { text, is_said: false, strength: Strength::Certain, unless: Vec::new(), versions: None };
                add(symptom, Points::Place(places.len()));
            }
            places.push(Place { whose: place.whose.clone(), past, healthy: place.healthy });
        }
        let (mut known, mut said): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|known: &Known| !known.symptom.is_said);
        let printed = known.len();
        let index = AhoCorasick::new(needles(&known)).map_err(|error| error.to_string())?;
        known.append(&mut said);
        Ok(Self { places, known, printed, index, scanner: OnceLock::new() })
    }

    /// The first place at or after `from` where something may be found.
    pub(super) fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let scanner = if text.len() < LONG { &self.index } else { self.scanner() };
        scanner.find(rest).map(|found| from + found.end().saturating_sub(1))
    }

    fn scanner(&self) -> &AhoCorasick {
        self.scanner.get_or_init(|| {
            let dfa = AhoCorasickBuilder::new().kind(Some(AhoCorasickKind::DFA)).build(needles(self.printed()));
            dfa.unwrap_or_else(|_| self.index.clone())
        })
    }

    fn printed(&self) -> &[Known] {
        self.known.get(..self.printed).unwrap_or_default()
    }

    pub(super) fn known(&self, number: usize) -> Option<&Known> {
        self.known.get(number)
    }

    /// Every symptom that is found in a line. What speaks against one may stand anywhere in the context of the line.
    pub(super) fn find(&self, line: &str, addresses: &[Address], context: &str) -> Vec<Hit> {
        let texts = [line].into_iter().chain(addresses.iter().flat_map(Address::values));
        let found = |text| self.index.find_overlapping_iter(text).map(|found| found.pattern().as_usize());
        let mut candidates: Vec<usize> = texts.flat_map(found).filter(|number| *number < self.printed).collect();
        candidates.sort_unstable();
        candidates.dedup();
        let hit = |number: usize| {
            let known = self.known.get(number)?;
            let strength = known.pattern.find(line, addresses, known.symptom.strength)?;
            let is_excused = known.symptom.unless.iter().any(|text| context.contains(text.as_str()));
            (!is_excused).then_some(Hit { number, strength })
        };
        candidates.into_iter().filter_map(hit).collect()
    }

    /// Every symptom that people tell in a text.
    pub(super) fn said(&self, text: &str) -> Vec<Hit> {
        let text = text.to_lowercase();
        let told = self.known.iter().enumerate().skip(self.printed).filter(|(_, known)| known.pattern.is_said(&text));
        told.map(|(number, known)| Hit { number, strength: known.symptom.strength }).collect()
    }
}

/// What the index looks for: each symptom's needle under the symptom's number, then what makes a line worth a look.
fn needles(known: &[Known]) -> impl Iterator<Item = &str> {
    known.iter().map(|known| known.pattern.needle()).chain(DESCRIPTIONS).chain(COMPLAINTS)
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
