//! A diagnosis for people: whose page or line it is, what it names, what became of that; and, as the last line, the answer.

use super::{Answer, Asked, Standing, ruled_out};
use crate::diagnose::{CheckState, Kind, Named, Sighting, TokenReading, What};
use crate::page::Strength;
use crate::report::ink::{Ink, paint};
use crate::report::{self, PROGRAM, Verbosity, View, text};
use crate::shell;

/// Where the text beside a label begins.
const INDENT: usize = 12;
/// So many merely possible names are shown without `--verbose`.
const MOST_POSSIBLE: usize = 3;
/// So many sightings are shown without `--verbose`.
const MOST_SIGHTINGS: usize = 12;

/// The diagnosis as a person reads it.
pub fn diagnosis(answer: &Answer<'_>, view: &View) -> String {
    let screen = Screen { answer, view };
    let mut blocks: Vec<Vec<String>> = Vec::new();
    if view.verbosity != Verbosity::Quiet {
        let most = if screen.verbose() { usize::MAX } else { MOST_SIGHTINGS };
        let sightings = &answer.diagnosis.sightings;
        blocks.extend(sightings.iter().take(most).map(|sighting| screen.sighting(sighting)));
        if sightings.len() > most {
            blocks.push(vec![format!("{} more kinds of symptoms; -v shows them", sightings.len() - most)]);
        }
        blocks.extend(answer.diagnosis.token.as_ref().map(|token| screen.token(token)));
    }
    if let Some(report) = answer.report {
        let format = report::format("human");
        let quiet = View { verbosity: Verbosity::Quiet, ..*view };
        let found = format.map(|format| (format.render)(report, &quiet)).unwrap_or_default();
        blocks.push(found.lines().map(str::to_owned).collect());
    }
    if view.verbosity != Verbosity::Quiet {
        blocks.push(screen.unexplained());
    }
    blocks.push(screen.ending());
    let blocks = blocks.into_iter().filter(|block| !block.is_empty());
    let blocks: Vec<String> =
        blocks.map(|block| block.into_iter().map(|line| text::inert(line) + "\n").collect()).collect();
    answer.scrubber().scrub(&blocks.join("\n")).into_owned()
}

struct Screen<'a> {
    answer: &'a Answer<'a>,
    view: &'a View,
}

impl Screen<'_> {
    fn verbose(&self) -> bool {
        self.view.verbosity == Verbosity::Verbose
    }

    fn sighting(&self, sighting: &Sighting) -> Vec<String> {
        let mut lines = Vec::new();
        if self.answer.diagnosis.counts.lines > 1 {
            let unit = if self.answer.diagnosis.kind == Kind::Har { "request" } else { "line" };
            let times = match sighting.count {
                1 => String::new(),
                count => format!(" ({} times, last on {unit} {})", thousands(count), thousands(sighting.last)),
            };
            lines.push(self.strong(&format!("{unit} {}{times}", thousands(sighting.first))));
        }
        lines.extend(self.beside("seen", &sighting.text));
        if let Some(place) = sighting.place {
            lines.extend(self.beside("whose", &place.whose));
        }
        // Beside something certain, what is merely possible is worth a name and no more.
        let is_certain = sighting.names.iter().any(|named| named.strength == Strength::Certain);
        let most = if is_certain { 0 } else { MOST_POSSIBLE };
        let mut possible = 0;
        let mut hidden = Vec::new();
        for named in &sighting.names {
            possible += usize::from(named.strength == Strength::Possible);
            if possible > most && named.strength == Strength::Possible && !self.verbose() {
                hidden.push(named.what.name());
                continue;
            }
            lines.extend(self.named(named));
        }
        if !hidden.is_empty() {
            lines.extend(self.beside("possible", &hidden.join(", ")));
        }
        if !sighting.past.is_empty() {
            let stages: Vec<&str> = sighting.past.iter().map(|stage| stage.name()).collect();
            let mut past = format!("{}: worked, or this would not have been seen", stages.join(", "));
            let out = ruled_out(sighting);
            if self.verbose() && !out.is_empty() {
                past.push_str(". Ruled out: ");
                past.push_str(&out.join(", "));
            }
            lines.extend(self.beside("past", &past));
        }
        lines
    }

    fn named(&self, named: &Named) -> Vec<String> {
        let versions = named.versions.as_ref().map_or_else(String::new, |versions| format!(" (Pomerium {versions})"));
        let head = format!("{}: {}{versions}", named.what.name(), named.what.title());
        let mut lines = self.beside(named.strength.name(), &head);
        match named.what {
            What::Cause(cause) => {
                lines.extend(self.beside("", &cause.means));
                lines.extend(self.beside("do", &cause.cure));
                if self.verbose() {
                    lines.extend(self.beside("more", &cause.source));
                }
            }
            What::Rule(rule) => {
                let standing = self.answer.standing(named);
                if let Some(words) = self.standing(&standing, named.strength) {
                    lines.extend(self.beside("", &words));
                }
                if self.answer.report.is_none() && named.strength > Strength::Possible {
                    lines.extend(self.beside("more", &format!("{PROGRAM} explain {}", rule.name)));
                }
            }
        }
        lines
    }

    fn standing(&self, standing: &Standing, strength: Strength) -> Option<String> {
        let by = match self.answer.asked {
            Asked::Clues => "what was pasted",
            _ => "the configuration",
        };
        Some(match standing {
            Standing::Confirmed => format!("✗ confirmed just now, by {by}"),
            Standing::RuledOut if strength == Strength::Certain && self.answer.differences().is_empty() => {
                format!("✓ ruled out just now, by {by}: it was so when this was seen")
            }
            Standing::RuledOut => format!("✓ ruled out just now, by {by}"),
            Standing::Undecided(why) => format!("? not decided: {why}"),
            Standing::NotApplicable(why) => format!("– does not apply: {why}"),
            // Said once, at the end.
            Standing::NotChecked(_) => return None,
        })
    }

    fn token(&self, token: &TokenReading) -> Vec<String> {
        let mut lines = vec![self.strong(&format!("This is an {}.", token.kind).replace("an token", "a token"))];
        for check in &token.checks {
            let mark = match check.state {
                CheckState::Pass => "✓",
                CheckState::Fail => "✗",
                CheckState::Undecided => "?",
            };
            lines.extend(self.beside(&check.name, &format!("{mark} {}", check.says)));
        }
        if !token.checks.iter().any(|check| check.name == "signature") && token.issuer.is_some() {
            lines.extend(self.beside("signature", "? not asked: decoded only, and not proved"));
        }
        if self.verbose() && !token.claims.is_empty() {
            lines.extend(self.beside("claims", &token.claims.join(", ")));
        }
        for named in &token.names {
            lines.extend(self.named(named));
        }
        lines
    }

    fn unexplained(&self) -> Vec<String> {
        let diagnosis = self.answer.diagnosis;
        if !self.verbose() || diagnosis.unexplained.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.strong("These lines complain, but match no known symptom:")];
        for line in &diagnosis.unexplained {
            lines.extend(self.beside(&thousands(line.line), &line.text));
        }
        lines
    }

    /// What was read, what to do next, and the answer.
    fn ending(&self) -> Vec<String> {
        let diagnosis = self.answer.diagnosis;
        let names = diagnosis.names();
        let mut lines = Vec::new();
        if diagnosis.counts.lines > 1 && self.view.verbosity != Verbosity::Quiet {
            lines.push(self.dim(&self.counts()));
        }
        let unchecked = names.iter().any(|named| {
            matches!(named.what, What::Rule(_)) && matches!(self.answer.standing(named), Standing::NotChecked(_))
        });
        if unchecked && self.view.verbosity != Verbosity::Quiet {
            let why = match self.answer.asked {
                Asked::Offline => "Nobody was asked: --offline.".to_owned(),
                _ => format!("To have these judged live, name the configuration: {PROGRAM} diagnose … CONFIG"),
            };
            lines.extend(text::wrap(&why, self.view.width));
            let clues = &diagnosis.clues;
            if let Some(host) = clues.custom_domain.as_ref().filter(|_| !clues.reach_a_pool()) {
                lines.push("Or, if this is a login domain of your own, let it be asked:".to_owned());
                lines.push(format!("  {PROGRAM} diagnose … --allow-host {}", shell::quoted(&text::escape(host))));
            }
        }
        for difference in self.answer.differences() {
            lines.extend(text::wrap(&text::escape(&difference), self.view.width));
        }
        lines.extend(text::wrap(&self.conclusion(&names), self.view.width).iter().map(|line| self.strong(line)));
        lines
    }

    fn counts(&self) -> String {
        let counts = self.answer.diagnosis.counts;
        let unit = if self.answer.diagnosis.kind == Kind::Har { "requests" } else { "lines" };
        let symptoms = self.answer.diagnosis.sightings.iter().filter(|sighting| !sighting.names.is_empty()).count();
        let mut parts = vec![format!("{} {unit} read", thousands(counts.lines)), text::count(symptoms, "symptom")];
        if counts.unexplained > 0 {
            let how = if self.verbose() { "" } else { " (-v shows them)" };
            parts.push(format!(
                "{} other lines complain but match no known symptom{how}",
                thousands(counts.unexplained)
            ));
        }
        if counts.beyond > 0 {
            parts.push(format!("{} more of further kinds, not shown", thousands(counts.beyond)));
        }
        if counts.shortened > 0 {
            parts.push(format!("{} long lines looked at in part", thousands(counts.shortened)));
        }
        parts.join(" · ")
    }

    fn conclusion(&self, names: &[Named]) -> String {
        let with = |is: fn(&Standing) -> bool| {
            let found = names.iter().filter(|named| is(&self.answer.standing(named)));
            found.map(|named| named.what.name()).collect::<Vec<_>>()
        };
        let confirmed = with(|standing| *standing == Standing::Confirmed);
        if !confirmed.is_empty() {
            return format!("Confirmed: {}.", confirmed.join(", "));
        }
        let open: Vec<&Named> = names.iter().filter(|named| !self.answer.standing(named).is_out()).collect();
        if let Some(surest) = open.iter().map(|named| named.strength).max() {
            let of: Vec<&str> =
                open.iter().filter(|named| named.strength == surest).map(|named| named.what.name()).collect();
            let word = match surest {
                Strength::Certain => "This is",
                Strength::Likely => "Most likely:",
                Strength::Possible => "Possibly:",
            };
            return format!("{word} {}.", of.join(" or "));
        }
        if self.answer.exit() == 0 && !names.is_empty() {
            return format!("No longer so: {} is ruled out now.", text::names(&with(Standing::is_out), 3));
        }
        if !names.is_empty() && !self.answer.differences().is_empty() {
            return "Nothing is decided: what was pasted is not about this configuration.".to_owned();
        }
        if !names.is_empty() {
            return "All that this may mean is ruled out: the cause lies elsewhere.".to_owned();
        }
        self.nothing()
    }

    /// What is said when nothing is named.
    fn nothing(&self) -> String {
        let diagnosis = self.answer.diagnosis;
        if let Some(token) = &diagnosis.token {
            let failed: Vec<&str> = token
                .checks
                .iter()
                .filter(|check| check.state == CheckState::Fail)
                .map(|check| check.name.as_str())
                .collect();
            return match (failed.is_empty(), self.answer.exit()) {
                (false, _) => format!("This token would not do: {}.", failed.join(", ")),
                (true, 0) => "Nothing is wrong with this token.".to_owned(),
                (true, _) => {
                    "Nothing is wrong with what this token says; whether it is genuine was not proved.".to_owned()
                }
            };
        }
        if !diagnosis.sightings.is_empty() {
            return "Nothing is wrong here.".to_owned();
        }
        if diagnosis.counts.is_log && diagnosis.counts.unexplained == 0 {
            return "No known symptom, and no line that complains.".to_owned();
        }
        format!("This matches no known symptom. To judge a configuration as a whole: {PROGRAM} check CONFIG")
    }

    /// A label and its text, wrapped beside it. Text from outside is made harmless.
    fn beside(&self, label: &str, words: &str) -> Vec<String> {
        let label = text::escape(label);
        let clean = text::escape(words);
        let long = text::width(&label) + 2 > INDENT - 1;
        let mut lines: Vec<String> = if long { vec![format!("  {label}")] } else { Vec::new() };
        for line in text::wrap(&clean, self.view.width.saturating_sub(INDENT)) {
            let shown = if lines.is_empty() { label.as_str() } else { "" };
            let gap = INDENT.saturating_sub(2 + text::width(shown));
            let shown = self.strong(shown);
            lines.push(format!("  {shown}{:gap$}{line}", ""));
        }
        lines
    }

    fn strong(&self, words: &str) -> String {
        paint(words, Ink::Strong, self.view)
    }

    fn dim(&self, words: &str) -> String {
        paint(words, Ink::Frame, self.view)
    }
}

/// `12,388`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
