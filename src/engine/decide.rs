//! What the user has decided about findings: how bad a rule's are, and which are accepted for a time.
//!
//! It comes after judging: an ignored finding is found, shown and counted as ignored. Its consequences wait for it as before.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Glob, Judged};
use crate::config::{Config, Date, Ignore, Source, SourceId, SourceKind, Span};
use crate::disk::plain;
use crate::rules::{Finding, Ignored, POOL_NOT_EXPECTED, Severity, Verdict};

/// The rules about ignores whose findings only the engine can know.
const EXPIRED: &str = "ignore-expired";
const UNUSED: &str = "ignore-unused";

/// What the user has decided.
#[derive(Clone, Debug)]
pub struct Decisions {
    /// The day on which it is judged.
    pub today: Date,
    /// How bad the findings of a rule are.
    pub severities: BTreeMap<&'static str, Severity>,
    /// The findings that the settings file ignores.
    pub accepted: Accepted,
}

impl Decisions {
    /// Nothing but the comments of the configuration counts.
    pub fn on(today: Date) -> Self {
        Self { today, severities: BTreeMap::new(), accepted: Accepted::default() }
    }
}

/// The ignores of a settings file.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// The file, as it is shown.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Its folder, to which paths are relative.
    pub folder: PathBuf,
    /// The folder to which the names of configurations are relative.
    pub current: PathBuf,
    /// The ignores.
    pub ignores: Vec<Acceptance>,
}

/// An ignore of a settings file.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The rule, and where it is written.
    pub rule: (&'static str, std::ops::Range<usize>),
    /// The configurations.
    pub path: Glob,
    /// The last day on which it holds, and where that is written.
    pub until: Option<(Date, std::ops::Range<usize>)>,
    /// Why.
    pub reason: String,
}

/// Applies the decisions to the verdicts about several configurations; what was learnt about their providers is left alone.
pub fn decide<World>(cases: &mut [(Config, World, Vec<Judged>)], decisions: &Decisions) {
    let mut ledger = Ledger::default();
    let mut terms: Vec<Vec<Term>> = Vec::with_capacity(cases.len());
    for (config, _, judged) in cases.iter_mut() {
        set_severities(judged, decisions);
        let own = terms_of(config, decisions);
        mark(judged, &own, config, |_| true);
        ledger.look(judged, &own);
        terms.push(own);
    }
    for ((config, _, judged), own) in cases.iter_mut().zip(&terms) {
        let expired: Vec<&Term> = own.iter().filter(|term| term.is_expired && ledger.told.insert(term.day())).collect();
        let unused: Vec<&Term> = own.iter().filter(|term| ledger.is_unused(term)).collect();
        let expired = expired.into_iter().map(|term| term.expired(config, decisions)).collect();
        let unused = unused.into_iter().map(|term| term.unused(config, decisions)).collect();
        add(judged, EXPIRED, expired);
        add(judged, UNUSED, unused);
        set_severities(judged, decisions);
        mark(judged, own, config, |rule| rule == EXPIRED || rule == UNUSED);
    }
}

/// Whether findings of a rule can be ignored, or made less: what the command line asks for, no file takes away.
fn is_decidable(rule: &str) -> bool {
    rule != POOL_NOT_EXPECTED
}

fn set_severities(judged: &mut [Judged], decisions: &Decisions) {
    if decisions.severities.is_empty() {
        return;
    }
    for verdict in judged.iter_mut().filter(|verdict| is_decidable(verdict.rule.name)) {
        let Some(severity) = decisions.severities.get(verdict.rule.name) else { continue };
        verdict.set_to = Some(*severity);
        if let Verdict::Fail(findings) = &mut verdict.verdict {
            for finding in findings {
                // What is raised to an error stops a login no more than before.
                finding.stops_login &= finding.severity.unwrap_or(verdict.rule.severity) == Severity::Error;
                finding.severity = Some(*severity);
            }
        }
    }
}

/// One rule that is ignored at some place.
struct Term {
    rule: String,
    ignored: Ignored,
    is_expired: bool,
    /// It ignores something.
    is_used: Cell<bool>,
    reach: Reach,
    /// What tells it from all others, across configurations that share a file.
    key: (String, usize),
    /// Where the rule is written, and where the day.
    rule_at: Place,
    day_at: Option<Place>,
}

/// Which findings a term is about.
enum Reach {
    /// Those that begin here.
    Span(Span),
    /// Those in these texts.
    Texts(HashSet<SourceId>),
}

/// A place in a configuration, or in the settings file.
#[derive(Clone)]
enum Place {
    Config(Span),
    Settings(std::ops::Range<usize>),
}

fn terms_of(config: &Config, decisions: &Decisions) -> Vec<Term> {
    let complete = |ignore: &&Ignore| ignore.fault.is_none();
    let comments =
        config.ignores.iter().filter(complete).flat_map(|ignore| terms_of_comment(config, ignore, decisions));
    comments.chain(decisions.accepted.ignores.iter().map(|accepted| term_of(config, accepted, decisions))).collect()
}

fn terms_of_comment(config: &Config, ignore: &Ignore, decisions: &Decisions) -> Vec<Term> {
    let (Some(reason), Some(source)) = (&ignore.reason, config.sources.get(ignore.at.source)) else {
        return Vec::new();
    };
    let until = ignore.until.map(|(date, _)| date);
    let place = format!("{}:{}", source.name, source.position(ignore.at.start).line);
    let term = |(rule, span): &(String, Span)| Term {
        rule: rule.clone(),
        ignored: Ignored { reason: reason.clone(), until, place: place.clone() },
        is_expired: until.is_some_and(|until| decisions.today > until),
        is_used: Cell::new(false),
        reach: Reach::Span(ignore.covers),
        key: (source.name.clone(), span.start),
        rule_at: Place::Config(*span),
        day_at: ignore.until.map(|(_, span)| Place::Config(span)),
    };
    ignore.rules.iter().map(term).collect()
}

fn term_of(config: &Config, acceptance: &Acceptance, decisions: &Decisions) -> Term {
    let accepted = &decisions.accepted;
    let matches = |name: &str| acceptance.path.matches(&relative(name, accepted));
    // The first text is the configuration itself; others, such as environment files, come with it.
    let main = config.sources.iter().next().map_or(config.path.as_str(), |(_, source)| source.name.as_str());
    let whole = matches(main);
    let texts = config.sources.iter().filter(|(_, source)| whole || matches(&source.name)).map(|(id, _)| id).collect();
    let until = acceptance.until.as_ref().map(|(date, _)| *date);
    let start = acceptance.rule.1.start;
    let line = accepted.text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
    Term {
        rule: acceptance.rule.0.to_owned(),
        ignored: Ignored { reason: acceptance.reason.clone(), until, place: format!("{}:{line}", accepted.file) },
        is_expired: until.is_some_and(|until| decisions.today > until),
        is_used: Cell::new(false),
        reach: Reach::Texts(texts),
        key: (accepted.file.clone(), start),
        rule_at: Place::Settings(acceptance.rule.1.clone()),
        day_at: acceptance.until.as_ref().map(|(_, range)| Place::Settings(range.clone())),
    }
}

/// A configuration's path as seen from the folder of the settings file; unchanged if it lies elsewhere.
fn relative(name: &str, accepted: &Accepted) -> String {
    let path = plain(&accepted.current.join(name));
    let inside = path.strip_prefix(plain(&accepted.folder)).unwrap_or(Path::new(name));
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Marks the findings that are ignored.
fn mark(judged: &mut [Judged], terms: &[Term], config: &Config, which: fn(&str) -> bool) {
    if terms.is_empty() {
        return;
    }
    let mut by_rule: HashMap<&str, Vec<&Term>> = HashMap::new();
    for term in terms.iter().filter(|term| !term.is_expired) {
        by_rule.entry(&term.rule).or_default().push(term);
    }
    for verdict in judged.iter_mut().filter(|verdict| is_decidable(verdict.rule.name) && which(verdict.rule.name)) {
        let names = [Some(verdict.rule.name), verdict.rule.replaces];
        let terms: Vec<&Term> =
            names.into_iter().flatten().filter_map(|name| by_rule.get(name)).flatten().copied().collect();
        let Verdict::Fail(findings) = &mut verdict.verdict else { continue };
        for finding in findings {
            for term in terms.iter().filter(|term| term.reaches(finding.at, config)) {
                finding.ignored.get_or_insert_with(|| term.ignored.clone());
                term.is_used.set(true);
            }
        }
    }
}

/// Puts findings into the verdict of a rule that is judged.
fn add(judged: &mut [Judged], rule: &str, findings: Vec<Finding>) {
    if let Some(verdict) = judged.iter_mut().find(|verdict| verdict.rule.name == rule)
        && !findings.is_empty()
    {
        verdict.verdict = Verdict::Fail(findings);
    }
}

/// What became of each term.
#[derive(Default)]
struct Ledger {
    used: HashSet<(String, usize)>,
    /// Its rule was judged.
    judged: HashSet<(String, usize)>,
    /// Its rule could not be judged: it may be needed.
    open: HashSet<(String, usize)>,
    told: HashSet<(String, usize)>,
}

impl Ledger {
    fn look(&mut self, judged: &[Judged], terms: &[Term]) {
        // Most configurations ignore nothing.
        if terms.is_empty() {
            return;
        }
        let mut is_open: HashMap<&str, bool> = HashMap::new();
        for verdict in judged {
            *is_open.entry(verdict.rule.name).or_default() |= matches!(verdict.verdict, Verdict::Undecided(_));
        }
        let reaches = |term: &&Term| !matches!(&term.reach, Reach::Texts(texts) if texts.is_empty());
        for term in terms.iter().filter(|term| term.rule != EXPIRED && term.rule != UNUSED).filter(reaches) {
            if term.is_used.get() {
                self.used.insert(term.key.clone());
            }
            match is_open.get(term.rule.as_str()) {
                Some(true) => self.open.insert(term.key.clone()),
                Some(false) => self.judged.insert(term.key.clone()),
                None => false,
            };
        }
    }

    /// Says so once.
    fn is_unused(&mut self, term: &Term) -> bool {
        !term.is_expired
            && self.judged.contains(&term.key)
            && !self.open.contains(&term.key)
            && !self.used.contains(&term.key)
            && self.told.insert(term.key.clone())
    }
}

impl Term {
    fn reaches(&self, at: Span, config: &Config) -> bool {
        match &self.reach {
            // A text may be among the sources twice, under two ids.
            Reach::Span(span) => span.start <= at.start && at.start <= span.end && same_text(*span, at, config),
            Reach::Texts(texts) => texts.contains(&at.source),
        }
    }

    /// What tells its day from others: the rules of one comment share it.
    fn day(&self) -> (String, usize) {
        let start = match &self.day_at {
            Some(Place::Config(span)) => span.start,
            Some(Place::Settings(range)) => range.start,
            None => 0,
        };
        (self.key.0.clone(), start)
    }

    fn expired(&self, config: &mut Config, decisions: &Decisions) -> Finding {
        let at = self.day_at.as_ref().unwrap_or(&self.rule_at).span(config, decisions);
        Finding::at(at, format!("that day is over, today is {}: what was ignored here counts again", decisions.today))
            .fix("cure the finding, then delete this; or name a later day")
    }

    fn unused(&self, config: &mut Config, decisions: &Decisions) -> Finding {
        let at = self.rule_at.span(config, decisions);
        let says = match self.reach {
            Reach::Span(_) => format!("`{}` finds nothing here", self.rule),
            Reach::Texts(_) => format!("`{}` finds nothing in the files of this path", self.rule),
        };
        Finding::at(at, says).fix("delete it, so that it cannot hide a finding to come")
    }
}

fn same_text(a: Span, b: Span, config: &Config) -> bool {
    let name = |span: Span| config.sources.get(span.source).map(|source| &source.name);
    a.source == b.source || name(a) == name(b)
}

impl Place {
    /// The place among the texts of this configuration, of which the settings file becomes one if need be.
    fn span(&self, config: &mut Config, decisions: &Decisions) -> Span {
        let range = match self {
            Self::Config(span) => return *span,
            Self::Settings(range) => range,
        };
        let accepted = &decisions.accepted;
        let known = config.sources.iter().find(|(_, source)| source.name == accepted.file).map(|(id, _)| id);
        let source = known.unwrap_or_else(|| {
            config.sources.add(Source::new(accepted.file.clone(), SourceKind::File, accepted.text.clone()))
        });
        Span { source, start: range.start, end: range.end }
    }
}
