//! The answer: one plain sentence that says how certain it is, and whose page or line says so.

use super::{Answer, Asked, Standing};
use crate::config::Form;
use crate::diagnose::{Kind, Named, Place, Sighting, TokenReading};
use crate::page::Strength;
use crate::report::{ConfigReport, text};
use crate::rules::{Stage, Verdict};

impl Answer<'_> {
    /// The name that the answer is about: what was confirmed, or else the first that is not ruled out.
    pub(super) fn first(&self) -> Option<Named> {
        let names = self.diagnosis.names();
        let confirmed = names.iter().find(|named| self.standing(named) == Standing::Confirmed);
        confirmed.or_else(|| names.iter().find(|named| !self.standing(named).is_out())).cloned()
    }

    /// The sighting that a name is from, the surest first.
    pub(super) fn sighting_of(&self, named: &Named) -> Option<&Sighting> {
        let is_of = |sighting: &&Sighting| sighting.names.iter().any(|other| other.what == named.what);
        let strength = |sighting: &&Sighting| {
            sighting.names.iter().filter(|other| other.what == named.what).map(|other| other.strength).max()
        };
        let sightings = self.diagnosis.sightings.iter().filter(is_of);
        // Of several that are as sure, the first in the input.
        sightings.rev().max_by_key(strength)
    }

    /// The answer in one sentence.
    pub(super) fn sentence(&self) -> String {
        let first = self.first();
        // What a check refutes is said before what may be; a name that is sure says why it fails.
        let is_sure =
            |named: &Named| named.strength == Strength::Certain || self.standing(named) == Standing::Confirmed;
        let failure = self.diagnosis.token.as_ref().and_then(TokenReading::first_failure);
        if let Some(failure) = failure.filter(|_| !first.as_ref().is_some_and(is_sure)) {
            return format!("Certain: {failure}.");
        }
        if let Some(named) = first {
            return self.about(&named);
        }
        if let Some(named) = self.diagnosis.names().first() {
            return self.nothing_of(named);
        }
        if self.exit() == 1 && self.diagnosis.token.is_none() {
            let found = text::names(&self.found(), 3);
            let is_healthy = self.told_of().and_then(|sighting| sighting.place).is_some_and(|place| place.healthy);
            return if is_healthy {
                format!("What was pasted works; {} is wrong in what comes after: {found}.", self.judged())
            } else {
                format!("What was pasted is on no list of symptoms, and {} is wrong: {found}.", self.judged())
            };
        }
        self.nothing()
    }

    fn about(&self, named: &Named) -> String {
        let told = format!("{} ({})", named.what.title(), named.what.name());
        if self.standing(named) == Standing::Confirmed {
            let by = if self.asked == Asked::Clues { "Cognito's answers" } else { self.judged() };
            return format!("Confirmed just now by {by}: {told}.");
        }
        let word = match named.strength {
            Strength::Certain => "Certain",
            Strength::Likely => "Likely",
            Strength::Possible => "Possible",
        };
        format!("{word}, by {}: {told}.", self.by(named))
    }

    /// What was judged.
    fn judged(&self) -> &'static str {
        let reports = self.report.map_or(&[][..], |report| &report.reports);
        let is_running = |config: &ConfigReport| matches!(config.config.form, Form::Deployed(_));
        let is_of_what_runs = !reports.is_empty() && reports.iter().all(is_running);
        if is_of_what_runs { "what runs" } else { "the configuration" }
    }

    /// Who says so, in two or three words.
    fn by(&self, named: &Named) -> String {
        let place = self.sighting_of(named).and_then(|sighting| sighting.place);
        match (place, &self.diagnosis.token) {
            (Some(Place { by, .. }), _) => by.clone(),
            (None, Some(token)) => format!("what this {} says", token.kind),
            (None, None) => "what was pasted".to_owned(),
        }
    }

    fn found(&self) -> Vec<&'static str> {
        let judged = self.report.iter().flat_map(|report| &report.reports).flat_map(|config| config.judged.iter());
        judged.filter(|judged| matches!(judged.verdict, Verdict::Fail(_))).map(|judged| judged.rule.name).collect()
    }

    /// What is said when nothing is named.
    fn nothing(&self) -> String {
        let diagnosis = self.diagnosis;
        if let Some(token) = &diagnosis.token {
            let kind = format!("an {}", token.kind).replace("an token", "a token");
            return match (token.first_doubt(), self.exit()) {
                (Some(doubt), _) => format!("Undecided: {doubt}."),
                (None, 0) => format!("This is {kind}, made by the pool, and good for this configuration."),
                (None, _) => {
                    format!("This is {kind}, and what it says is in order; whether it is genuine was not proved.")
                }
            };
        }
        if let Some(sighting) = self.told_of()
            && let Some(place) = sighting.place
        {
            let error = sighting.says.as_ref().filter(|_| !place.healthy);
            let error = error.map_or_else(String::new, |says| format!(" It is on no list: “{says}”."));
            return format!("Undecided. {}{error}", place.whose);
        }
        if diagnosis.is_proved_fine() {
            return "No known symptom, and no line that complains.".to_owned();
        }
        let is_har = diagnosis.kind == Kind::Har;
        match (diagnosis.counts.unexplained, &diagnosis.stray) {
            (0, Some(stray)) => {
                let number = stray.line;
                format!("Undecided: no line complains, but line {number} is no whole line of Pomerium's log.")
            }
            (0, None) => "Undecided: this matches no known symptom.".to_owned(),
            (1, _) if is_har => "Undecided: a request failed, and it matches no known symptom.".to_owned(),
            (count, _) if is_har => format!("Undecided: {count} requests failed, and match no known symptom."),
            (1, _) => "Undecided: a line complains, and matches no known symptom.".to_owned(),
            (count, _) => format!("Undecided: {count} lines complain, and match no known symptom."),
        }
    }

    /// The sighting that is told of if nothing is named. A complaint that is not understood outweighs what is healthy.
    pub(super) fn told_of(&self) -> Option<&Sighting> {
        let diagnosis = self.diagnosis;
        let is_trouble = |sighting: &&Sighting| sighting.place.is_some_and(|place| !place.healthy);
        let healthy = || diagnosis.sightings.first().filter(|_| diagnosis.counts.unexplained == 0);
        diagnosis.sightings.iter().find(is_trouble).or_else(healthy)
    }

    /// What to do where nothing is named, and it is known whose the page or line is.
    pub(super) fn next_step(&self) -> Option<&'static str> {
        let is_nothing = self.diagnosis.names().is_empty() && self.diagnosis.token.is_none();
        self.step_beyond().or_else(|| self.told_of().filter(|_| is_nothing)?.place?.next.as_deref())
    }

    /// The stages that are proved to work by the sighting that the answer is about.
    pub(super) fn works(&self) -> &[Stage] {
        let sighting = match self.first() {
            Some(named) => self.sighting_of(&named),
            None => self.told_of().or(self.diagnosis.sightings.first()),
        };
        sighting.map_or(&[], |sighting| sighting.past.as_slice())
    }
}
