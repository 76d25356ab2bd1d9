//! The counts of a report.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use super::{ConfigReport, Standing, severity, standing, words};
use crate::engine::Judged;
use crate::evidence::{Exchange, Failure, Outcome, Step};
use crate::rules::{Severity, Verdict};

/// Counts, and the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Findings that make a login fail.
    pub errors: usize,
    /// Findings that make it work by luck.
    pub warnings: usize,
    /// Findings of hygiene, if they were asked for.
    pub notes: usize,
    /// Notes that were found but not asked for.
    pub hidden: usize,
    /// Findings that the user ignores; they count as nothing else.
    pub ignored: usize,
    /// Findings that a baseline accepts; they are among the errors, warnings and notes.
    pub accepted: usize,
    /// Verdicts without a finding.
    pub passed: usize,
    /// Verdicts that lack evidence which was wanted.
    pub undecided: usize,
    /// Verdicts that lack evidence which the user declined.
    pub declined: usize,
    /// Verdicts that wait for the cure of an earlier finding.
    pub follows: usize,
    /// Verdicts of rules that make no sense for the configuration.
    pub not_applicable: usize,
    /// Requests that were sent.
    pub requests: usize,
    /// The hosts they were sent to.
    pub hosts: usize,
    /// Wall time of asking, in milliseconds. Configurations are asked about side by side: the longest counts.
    pub took_ms: u64,
    /// 0 to 3.
    pub exit: u8,
}

/// Counts that are not complete yet.
#[derive(Default)]
pub(super) struct Counts {
    summary: Summary,
    /// Digests: of a thousand pools, all requests would be more than is worth keeping.
    sent: HashSet<u64>,
    hosts: HashSet<u64>,
}

impl Counts {
    /// The counts so far; the exit code is for the report to decide.
    pub(super) fn summary(&self, exit: u8) -> Summary {
        Summary { requests: self.sent.len(), hosts: self.hosts.len(), exit, ..self.summary }
    }

    /// Counts what was found for one more configuration.
    pub(super) fn add(&mut self, report: &ConfigReport) {
        let summary = &mut self.summary;
        summary.hidden += report.hidden;
        summary.ignored += report.ignored().count();
        summary.accepted += report.accepted.len();
        summary.took_ms = summary.took_ms.max(report.world.took_ms);
        for (judged, finding) in report.findings() {
            *match severity(judged.rule, finding) {
                Severity::Error => &mut summary.errors,
                Severity::Warning => &mut summary.warnings,
                Severity::Note => &mut summary.notes,
            } += 1;
        }
        for judged in report.judged.iter() {
            summary.count(judged);
        }
        for exchange in report.world.exchanges.iter().filter(|exchange| was_sent(exchange)) {
            // Configurations with one pool share its answers: a request counts once.
            self.sent.insert(digest(&(&exchange.id, &exchange.request.url, exchange.at, exchange.ms)));
            self.hosts.insert(digest(words::host(&exchange.request.url)));
        }
    }
}

fn digest(of: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

impl Summary {
    /// The counts over these reports; the exit code is for the report to decide.
    pub(super) fn of<'a>(reports: impl IntoIterator<Item = &'a ConfigReport>) -> Self {
        let mut counts = Counts::default();
        reports.into_iter().for_each(|report| counts.add(report));
        counts.summary(0)
    }

    fn count(&mut self, judged: &Judged) {
        match &judged.verdict {
            Verdict::Pass => self.passed += 1,
            Verdict::NotApplicable(_) => self.not_applicable += 1,
            Verdict::Fail(_) => {}
            Verdict::Undecided(_) => match standing(judged) {
                Some(Standing::Follows) => self.follows += 1,
                Some(Standing::Declined) => self.declined += 1,
                _ => self.undecided += 1,
            },
        }
    }
}

/// A request left the machine, or tried to.
fn was_sent(exchange: &Exchange) -> bool {
    !matches!(exchange.outcome, Outcome::Failure(Failure { step: Step::Policy | Step::Budget | Step::NotRecorded, .. }))
}
