//! The answer: one plain sentence that says how certain it is, and whose page or line says so.

use super::{Answer, Asked, Standing, is_running};
use crate::diagnose::{Kind, Named, Place, Sighting, TokenReading, What};
use crate::page::Strength;
use crate::report::text;
use crate::rules::Stage;

impl Answer<'_> {
    /// The name that the answer is about: what was confirmed, or what is sure and not ruled out; or else what is found wrong with what
    /// runs, which is as sure; or else the first that is not ruled out.
    pub(super) fn first(&self) -> Option<Named> {
        let names = self.diagnosis.names();
        let standing = |named: &&Named| self.standing(named);
        let confirmed = names.iter().find(|named| standing(named) == Standing::Confirmed);
        let open = || names.iter().filter(|named| !standing(named).is_out());
        let sure = confirmed.or_else(|| open().find(|named| named.strength == Strength::Certain));
        let found = || self.errors_of_what_runs().next().filter(|_| !names.is_empty());
        let found = || found().map(|rule| Named::because(What::Rule(rule), Strength::Certain, ""));
        sure.cloned().or_else(found).or_else(|| open().next().cloned())
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
                format!("What was pasted works; {} is wrong in what comes after: {found}.", self.wrong())
            } else {
                format!("What was pasted is on no list of symptoms, and {} is wrong: {found}.", self.wrong())
            };
        }
        self.nothing()
    }

    fn about(&self, named: &Named) -> String {
        let told = format!("{} ({})", named.what.title(), named.what.name());
        if self.standing(named) == Standing::Confirmed {
            let is_of_what_runs = self.errors_of_what_runs().any(|rule| named.what.is_decided_by(rule.name));
            let is_named = self.diagnosis.names().iter().any(|other| other.what == named.what);
            return match (is_of_what_runs, self.asked) {
                (true, _) if !is_named => format!("Found just now in what runs: {told}."),
                (true, _) => format!("Confirmed just now by what runs: {told}."),
                (false, Asked::Clues) => format!("Confirmed just now by Cognito's answers: {told}."),
                (false, _) => format!("Confirmed just now by {}: {told}.", self.judged()),
            };
        }
        let word = match named.strength {
            Strength::Certain => "Certain",
            Strength::Likely => "Likely",
            Strength::Possible => "Possible",
        };
        format!("{word}, by {}: {told}.", self.by(named))
    }

    /// What was judged, or of a configuration and what runs, what is wrong.
    pub(super) fn judged(&self) -> &'static str {
        let is_wrong = self.errors_of_what_runs().next().is_some();
        let is_alone = !self.reports().is_empty() && self.reports().iter().all(is_running);
        if is_wrong || is_alone { "what runs" } else { "the configuration" }
    }

    /// What is wrong, by the rules that say so: a clock belongs to no configuration.
    pub(super) fn wrong(&self) -> &'static str {
        let found = self.found();
        let is_clock = |name: &&str| name.ends_with("clock-skew");
        if !found.is_empty() && found.iter().all(is_clock) { "a clock" } else { self.judged() }
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
        self.errors().map(|judged| judged.rule.name).collect()
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
