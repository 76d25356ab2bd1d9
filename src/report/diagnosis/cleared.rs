//! When what was seen is no longer so: an answer about what was certain rules it out, and nothing else was pasted.

use super::{Answer, Asked, Standing};
use crate::diagnose::{Named, Place, Sighting};
use crate::evidence::Need;
use crate::page::Strength;
use crate::rules::Verdict;

/// What to do where the file is right and what runs was not. Pomerium takes its environment before the file, and keeps the
/// configuration that it has where a new one is refused (`config/config_source.go`).
const RESTART: &str = "restart Pomerium and paste the first lines of its log; see which file it mounts, and what its environment sets in place of the file";

impl Answer<'_> {
    /// Whether all that was pasted is what a certain name tells, and an answer rules that out.
    pub(super) fn is_cleared(&self) -> bool {
        let names = self.diagnosis.names();
        let cleared: Vec<&Named> = names.iter().filter(|named| self.is_cleared_of(named)).collect();
        let is_healthy = |sighting: &Sighting| sighting.names.is_empty() && sighting.place.is_some_and(Place::is_fine);
        let is_of_it = |sighting: &Sighting| {
            sighting.names.iter().any(|named| cleared.iter().any(|cleared| cleared.what == named.what))
        };
        !cleared.is_empty()
            && names.iter().all(|named| self.standing(named).is_out())
            && self.diagnosis.is_understood()
            && self.diagnosis.sightings.iter().all(|sighting| is_healthy(sighting) || is_of_it(sighting))
            && self.differences().is_empty()
    }

    /// Whether a certain name is ruled out, and not by a file alone: what a log tells of what runs, no file disproves, unless it is shown to
    /// be what runs.
    fn is_cleared_of(&self, named: &Named) -> bool {
        let reports = self.report.iter().flat_map(|report| &report.reports).filter(|config| config.is_answered());
        let mut judged = reports.flat_map(|config| config.judged.iter());
        named.strength == Strength::Certain
            && self.standing(named) == Standing::RuledOut
            && judged.any(|judged| {
                named.what.is_decided_by(judged.rule.name)
                    && matches!(judged.verdict, Verdict::Pass)
                    && (self.asks_what_runs() || judged.rule.needs.iter().any(|need| *need != Need::File))
            })
    }

    /// Whether the configuration has nothing of what is certain of what runs.
    fn is_of_what_runs(&self) -> bool {
        let names = self.diagnosis.names();
        let surest = names.first().filter(|named| named.strength == Strength::Certain);
        self.asked == Asked::Configuration
            && self.differences().is_empty()
            && self.first().is_none()
            && surest.is_some_and(|named| !self.is_cleared_of(named))
    }

    /// What is said where all that is named is ruled out.
    pub(super) fn nothing_of(&self, named: &Named) -> String {
        let told = format!("{} ({})", named.what.title(), named.what.name());
        if self.is_cleared() {
            match self.exit() {
                0 => format!("No longer so: {told} is ruled out now."),
                1 => format!("{told} is ruled out now, but {} is wrong.", self.wrong()),
                _ => format!("Undecided: {told} is ruled out now, but not all of what runs could be judged."),
            }
        } else if !self.differences().is_empty() {
            "Undecided: what was pasted is not about this configuration.".to_owned()
        } else if self.is_of_what_runs() {
            format!("Undecided: the configuration does not have this fault, but what runs had it: {told}.")
        } else if self.is_cleared_of(named) {
            format!("Undecided: {told} is ruled out now, but that is not all that was pasted.")
        } else {
            "Undecided: all that this may mean is ruled out, so the cause lies elsewhere.".to_owned()
        }
    }

    /// What to do where all that is named is ruled out.
    pub(super) fn step_beyond(&self) -> Option<&'static str> {
        self.is_of_what_runs().then_some(RESTART)
    }
}
