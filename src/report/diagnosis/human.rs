//! A diagnosis for people: as the first line the answer, then what to do, what was seen, what works, and what else it could be.

use super::{Answer, Asked, Standing, ruled_out};
use crate::diagnose::{CheckState, Kind, Named, Sighting, TokenReading, What, clean, excerpt};
use crate::report::ink::{Ink, paint};
use crate::report::{self, PROGRAM, Verbosity, View, text};
use crate::secret::Scrubber;
use crate::shell;

/// Where the text beside a label begins.
const INDENT: usize = 12;
/// So many other names are shown without `--verbose`.
const MOST_OTHERS: usize = 3;
/// So many other names are shown with why they lead to what is seen, without `--verbose`.
const MOST_WHYS: usize = 4;
/// So many names behind those.
const MOST_REST: usize = 2;
/// So many other sightings are shown without `--verbose`.
const MOST_SIGHTINGS: usize = 3;
/// Of more lines than these, it is said what was read.
const FEW_LINES: u64 = 5;
/// So many characters of a line are shown without `--verbose`.
const LONGEST: usize = 140;

/// What people see, by the stages of a login: for what matches no symptom.
const MENU: [(&str, &str); 5] = [
    ("before", "Pomerium does not start · no page, or no safe one · endless redirects"),
    ("at Cognito", "an error, or nothing, in place of the login form: paste the address"),
    ("back", "400, 404 or 500: paste Pomerium's log line “httputil: error”"),
    ("after", "403 · logged out again · groups or e-mail missing · sign-out fails"),
    ("do", "say what happens in a sentence, or run pomlint check CONFIG"),
];

/// The diagnosis as a person reads it.
pub fn diagnosis(answer: &Answer<'_>, view: &View) -> String {
    let scrubber = answer.scrubber();
    let screen = Screen { answer, view, scrubber: &scrubber };
    let mut blocks = vec![screen.answer()];
    if let Some(report) = answer.report {
        let format = report::format("human");
        let quiet = View { verbosity: Verbosity::Quiet, ..*view };
        let found = format.map(|format| (format.render)(report, &quiet)).unwrap_or_default();
        blocks.push(found.lines().map(str::to_owned).collect());
    }
    if screen.verbose() {
        blocks.extend(answer.diagnosis.sightings.iter().map(|sighting| screen.sighting(sighting)));
        blocks.push(screen.unexplained());
    }
    let blocks = blocks.into_iter().filter(|block| !block.is_empty());
    let blocks: Vec<String> =
        blocks.map(|block| block.into_iter().map(|line| text::inert(line) + "\n").collect()).collect();
    blocks.join("\n")
}

struct Screen<'a> {
    answer: &'a Answer<'a>,
    view: &'a View,
    /// Knows the secrets of the configuration, which may be quoted in what was pasted.
    scrubber: &'a Scrubber,
}

impl Screen<'_> {
    fn verbose(&self) -> bool {
        self.view.verbosity == Verbosity::Verbose
    }

    /// The answer, and what stands below it.
    fn answer(&self) -> Vec<String> {
        let sentence = text::wrap(&text::escape(&self.scrubber.clean(&self.answer.sentence())), self.view.width);
        let mut lines: Vec<String> = sentence.iter().map(|line| self.strong(line)).collect();
        if self.view.verbosity == Verbosity::Quiet {
            return lines;
        }
        let first = self.answer.first();
        lines.extend(first.iter().flat_map(|named| self.remedy(named)));
        lines.extend(self.answer.next_step().iter().flat_map(|next| self.beside("do", next)));
        lines.extend(self.answer.diagnosis.token.iter().flat_map(|token| self.token(token)));
        lines.extend(self.evidence(first.as_ref()));
        let works = self.answer.works();
        if !works.is_empty() {
            let stages: Vec<&str> = works.iter().map(|stage| stage.name()).collect();
            lines.extend(self.beside("works", &stages.join(", ")));
        }
        lines.extend(self.others(first.as_ref()));
        lines.extend(self.more(first.as_ref()));
        lines.extend(self.ending(first.is_none()));
        lines
    }

    /// What to do, and what became of the name.
    fn remedy(&self, named: &Named) -> Vec<String> {
        let mut lines = self.beside("do", &named.what.cure());
        if let Standing::Undecided(why) = self.answer.standing(named) {
            lines.extend(self.beside("live", &format!("? not decided: {why}")));
        }
        if let (Some(versions), Some(release)) = (&named.versions, self.answer.diagnosis.release) {
            lines.extend(self.beside("release", &format!("printed by Pomerium {versions}; this is {release}")));
        }
        lines
    }

    /// What the answer rests on.
    fn evidence(&self, first: Option<&Named>) -> Vec<String> {
        let sighting = match first {
            // What is found in what runs nobody pasted.
            Some(named) => self.answer.sighting_of(named).or_else(|| self.answer.diagnosis.sightings.first()),
            None => self.answer.told_of(),
        };
        let Some(sighting) = sighting else { return self.complaint() };
        let place = self.place(sighting);
        let seen = excerpt(&sighting.text, &sighting.names, if self.verbose() { usize::MAX } else { LONGEST });
        self.beside("seen", &format!("{place}{}", breakable(&seen)))
    }

    /// The first line that complains or proves nothing, where nothing better is known.
    fn complaint(&self) -> Vec<String> {
        let diagnosis = self.answer.diagnosis;
        let Some(line) = diagnosis.unexplained.first().or(diagnosis.stray.as_ref()) else { return Vec::new() };
        let is_har = diagnosis.kind == Kind::Har;
        if diagnosis.counts.lines <= 1 && !is_har {
            return Vec::new();
        }
        let unit = if is_har { "request" } else { "line" };
        let seen = excerpt(&line.text, &[], if self.verbose() { usize::MAX } else { LONGEST });
        self.beside("seen", &format!("{unit} {}: {}", thousands(line.line), breakable(&seen)))
    }

    /// Where something was seen, if there is more than one line.
    fn place(&self, sighting: &Sighting) -> String {
        if self.answer.diagnosis.counts.lines <= 1 {
            return String::new();
        }
        let unit = if self.answer.diagnosis.kind == Kind::Har { "request" } else { "line" };
        let times = match sighting.count {
            1 => String::new(),
            count => format!(" ({} times, last on {unit} {})", thousands(count), thousands(sighting.last)),
        };
        format!("{unit} {}{times}: ", thousands(sighting.first))
    }

    /// What else it could be, and what is out.
    fn others(&self, first: Option<&Named>) -> Vec<String> {
        let names = self.answer.diagnosis.names();
        let others: Vec<&Named> =
            names.iter().filter(|named| first.is_none_or(|first| first.what != named.what)).collect();
        let (out, open): (Vec<&Named>, Vec<&Named>) =
            others.into_iter().partition(|named| self.answer.standing(named).is_out());
        let name = |named: &&Named| named.what.name();
        let whys = self.whys(&open);
        let open: Vec<&str> = open.iter().map(name).collect();
        let out: Vec<&str> = out.iter().map(name).collect();
        let most = if self.verbose() { usize::MAX } else { MOST_OTHERS };
        let mut lines = Vec::new();
        if !whys.is_empty() {
            lines.extend(whys);
        } else if !open.is_empty() {
            lines.extend(self.beside("else", &text::names(&open, most)));
        }
        if !out.is_empty() {
            lines.extend(self.beside("not", &format!("✓ ruled out just now: {}", text::names(&out, most))));
        }
        lines
    }

    /// What else it could be, each in a line with why; nothing if that is told of none.
    fn whys(&self, open: &[&Named]) -> Vec<String> {
        if self.verbose() || !open.iter().any(|named| named.why.is_some()) {
            return Vec::new();
        }
        let line = |named: &&Named| match named.why {
            Some(why) => format!("{}: {why}", named.what.name()),
            None => named.what.name().to_owned(),
        };
        let mut told: Vec<String> = open.iter().take(MOST_WHYS).map(line).collect();
        if open.len() > MOST_WHYS {
            let rest: Vec<&str> = open.iter().skip(MOST_WHYS).map(|named| named.what.name()).collect();
            told.push(format!("{} (-v)", text::names(&rest, MOST_REST)));
        }
        let labels = std::iter::once("else").chain(std::iter::repeat(""));
        labels.zip(&told).flat_map(|(label, words)| self.beside(label, words)).collect()
    }

    /// What else was seen: each kind in a line.
    fn more(&self, first: Option<&Named>) -> Vec<String> {
        let told = match first {
            Some(named) => self.answer.sighting_of(named).or_else(|| self.answer.diagnosis.sightings.first()),
            None => self.answer.told_of(),
        };
        let is_told = |sighting: &&Sighting| told.is_some_and(|told| std::ptr::eq(told, *sighting));
        let others: Vec<&Sighting> =
            self.answer.diagnosis.sightings.iter().filter(|sighting| !is_told(sighting)).collect();
        if self.verbose() || others.is_empty() {
            return Vec::new();
        }
        let mut lines = Vec::new();
        for sighting in others.iter().take(MOST_SIGHTINGS) {
            let what = match (sighting.names.first(), sighting.place) {
                (Some(named), _) => format!("{} {}", named.strength, named.what.name()),
                (None, Some(place)) => place.whose.clone(),
                (None, None) => continue,
            };
            lines.extend(self.beside("also", &format!("{}{what}", self.place(sighting))));
        }
        if others.len() > MOST_SIGHTINGS {
            let more = format!("{} more kinds of symptoms; -v shows them", others.len() - MOST_SIGHTINGS);
            lines.extend(self.beside("", &more));
        }
        lines
    }

    /// A sighting whole, for `--verbose`.
    fn sighting(&self, sighting: &Sighting) -> Vec<String> {
        let mut lines = self.beside("seen", &format!("{}{}", self.place(sighting), sighting.text));
        lines.extend(sighting.place.iter().flat_map(|place| self.beside("whose", &place.whose)));
        for named in &sighting.names {
            lines.extend(self.named(named));
        }
        let out = ruled_out(sighting);
        if !out.is_empty() {
            lines.extend(self.beside("not", &out.join(", ")));
        }
        lines
    }

    fn named(&self, named: &Named) -> Vec<String> {
        let versions = named.versions.as_ref().map_or_else(String::new, |versions| format!(" (Pomerium {versions})"));
        let head = format!("{}: {}{versions}", named.what.name(), named.what.title());
        let mut lines = self.beside(named.strength.name(), &head);
        lines.extend(self.beside("", &named.what.means()));
        lines.extend(self.beside("do", &named.what.cure()));
        if let What::Cause(cause) = named.what {
            lines.extend(self.beside("more", &cause.source));
        }
        if let Some(words) = self.standing(named) {
            lines.extend(self.beside("live", &words));
        }
        lines
    }

    fn standing(&self, named: &Named) -> Option<String> {
        Some(match self.answer.standing(named) {
            Standing::Confirmed => "✗ confirmed just now".to_owned(),
            Standing::RuledOut => "✓ ruled out just now".to_owned(),
            Standing::Undecided(why) => format!("? not decided: {why}"),
            Standing::NotApplicable(why) => format!("– does not apply: {why}"),
            // Said once, at the end.
            Standing::NotChecked(_) => return None,
        })
    }

    fn token(&self, token: &TokenReading) -> Vec<String> {
        let mut lines = self.beside("token", &token.kind);
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
        lines
    }

    fn unexplained(&self) -> Vec<String> {
        let diagnosis = self.answer.diagnosis;
        if diagnosis.unexplained.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.strong("These lines complain, but match no known symptom:")];
        for line in &diagnosis.unexplained {
            lines.extend(self.beside(&thousands(line.line), &line.text));
        }
        lines
    }

    /// What was read, and what to do next.
    fn ending(&self, is_nothing: bool) -> Vec<String> {
        let diagnosis = self.answer.diagnosis;
        let mut lines = Vec::new();
        let counts = diagnosis.counts;
        if counts.lines > FEW_LINES || counts.lines > 1 && counts.unexplained > 0 {
            let counts = self.beside("read", &self.counts());
            lines.extend(counts.iter().map(|line| self.dim(line)));
        }
        for difference in self.answer.differences() {
            lines.extend(self.beside("but", &difference));
        }
        if is_nothing && diagnosis.token.is_none() && diagnosis.sightings.is_empty() && self.answer.exit() == 3 {
            lines.extend(MENU.iter().flat_map(|(label, words)| self.beside(label, words)));
        } else if let Some(next) = self.next() {
            lines.extend(self.beside("next", &next));
        }
        let clues = &diagnosis.clues;
        if let Some(host) = clues.custom_domain.as_ref().filter(|_| self.is_unchecked() && !clues.reach_a_pool()) {
            let own = format!(
                "if this login domain is your own, let it be asked: {PROGRAM} diagnose … --allow-host {}",
                shell::quoted(&clean(host))
            );
            lines.extend(self.beside("or", &own));
        }
        if let Some(origin) = clues.running().filter(|_| self.answer.asked != Asked::Configuration) {
            let origin = clean(origin);
            let running = shell::quoted(&origin);
            lines.extend(self.beside("or", &format!("ask what runs there: {PROGRAM} check --deployed {running}")));
        }
        lines
    }

    /// Whether a rule is named that nobody has judged.
    fn is_unchecked(&self) -> bool {
        self.answer.diagnosis.names().iter().any(|named| {
            matches!(named.what, What::Rule(_)) && matches!(self.answer.standing(named), Standing::NotChecked(_))
        })
    }

    fn next(&self) -> Option<String> {
        let is_later =
            self.answer.diagnosis.sightings.iter().any(|sighting| sighting.place.is_some_and(|place| place.healthy));
        if (self.is_unchecked() || is_later && self.answer.first().is_none()) && self.answer.report.is_none() {
            return Some(format!("{PROGRAM} diagnose … CONFIG judges it live"));
        }
        self.answer.first().map(|named| format!("{PROGRAM} explain {}", named.what.name()))
    }

    fn counts(&self) -> String {
        let counts = self.answer.diagnosis.counts;
        let unit = if self.answer.diagnosis.kind == Kind::Har { "requests" } else { "lines" };
        let symptoms = self.answer.diagnosis.sightings.iter().filter(|sighting| !sighting.names.is_empty()).count();
        let mut parts = vec![format!("{} {unit}", thousands(counts.lines)), text::count(symptoms, "symptom")];
        if counts.unexplained > 0 {
            let how = if self.verbose() { "" } else { " (-v)" };
            parts.push(format!("{} others complain, unexplained{how}", thousands(counts.unexplained)));
        }
        if counts.beyond > 0 {
            parts.push(format!("{} more of further kinds, not shown", thousands(counts.beyond)));
        }
        if counts.shortened > 0 {
            parts.push(format!("{} long lines looked at in part", thousands(counts.shortened)));
        }
        parts.join(" · ")
    }

    /// A label and its text, wrapped beside it. Text from outside is made harmless.
    fn beside(&self, label: &str, words: &str) -> Vec<String> {
        let label = text::escape(&self.scrubber.clean(label));
        let clean = text::escape(&self.scrubber.clean(words));
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

/// A record of JSON as it can be broken into lines: with a blank between its members.
fn breakable(record: &str) -> String {
    record.replace(",\"", ", \"")
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
