//! The counts of a report.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use super::{ConfigReport, Listed, Standing, standing, text, words};
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
    /// How often each was sent. By digests: of a thousand pools, all requests would be more than is worth keeping.
    sent: HashMap<u64, usize>,
    hosts: HashSet<u64>,
}

impl Counts {
    /// The counts so far; the exit code is for the report to decide.
    pub(super) fn summary(&self, exit: u8) -> Summary {
        Summary { requests: self.sent.values().sum(), hosts: self.hosts.len(), exit, ..self.summary }
    }

    /// Counts what was found for one more configuration, and was not told with another.
    pub(super) fn add(&mut self, report: &ConfigReport) {
        self.count(report, &report.told());
    }

    fn count(&mut self, report: &ConfigReport, listed: &[Listed<'_>]) {
        let summary = &mut self.summary;
        summary.hidden += report.hidden;
        summary.accepted += listed.iter().filter(|listed| listed.accepted).count();
        summary.took_ms = summary.took_ms.max(report.world.took_ms);
        let (ignored, found): (Vec<_>, Vec<_>) = listed.iter().partition(|listed| listed.finding.is_ignored());
        summary.ignored += ignored.len();
        for listed in found {
            *match listed.severity {
                Severity::Error => &mut summary.errors,
                Severity::Warning => &mut summary.warnings,
                Severity::Note => &mut summary.notes,
            } += 1;
        }
        for judged in report.judged.iter() {
            summary.count(judged);
        }
        let mut sent: HashMap<u64, usize> = HashMap::new();
        for exchange in report.world.exchanges.iter().filter(|exchange| was_sent(exchange)) {
            let request = &exchange.request;
            let key = digest(&(exchange.id.question(), &request.url, &request.form, exchange.at, exchange.ms));
            *sent.entry(key).or_default() += usize::from(exchange.attempts.max(1));
            self.hosts.insert(digest(words::host(&request.url)));
        }
        // Configurations with one pool share its answers, each by its own client's name: a request counts once.
        for (key, times) in sent {
            let known = self.sent.entry(key).or_default();
            *known = times.max(*known);
        }
    }
}

pub(super) fn digest(of: &(impl Hash + ?Sized)) -> u64 {
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

    /// The counts of one report: whatever is told with another is found in it all the same.
    pub(super) fn of_one(report: &ConfigReport) -> Self {
        let mut counts = Counts::default();
        counts.count(report, &report.listed());
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

/// `1 error, 2 warnings, 31 passed, 3 undecided`.
pub(super) fn counts(summary: &Summary) -> String {
    let found = [(summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note")];
    let mut parts: Vec<String> =
        found.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| text::count(number, noun)).collect();
    parts.extend((summary.accepted > 0).then(|| format!("{} of them accepted", summary.accepted)));
    parts.push(format!("{} passed", summary.passed));
    let rest = [
        (summary.ignored, "ignored"),
        (summary.undecided, "undecided"),
        (summary.declined, "not judged"),
        (summary.follows, "waiting"),
        (summary.not_applicable, "not applicable"),
    ];
    parts.extend(rest.iter().filter(|(number, _)| *number > 0).map(|(number, words)| format!("{number} {words}")));
    parts.join(", ")
}

/// A request left the machine, or tried to.
fn was_sent(exchange: &Exchange) -> bool {
    !matches!(exchange.outcome, Outcome::Failure(Failure { step: Step::Policy | Step::Budget | Step::NotRecorded, .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{answered, config, report, unanswered, world};

    #[test]
    fn a_request_counts_as_often_as_it_was_sent_and_once_for_all_who_share_it() {
        let of = |id: &str| {
            let login = answered(id, "https://login.example/oauth2/authorize?client_id=x", 302, &[], "");
            let page = unanswered("login-page", "https://login.example/login", Step::Timeout, "no answer");
            report(config("idp_provider: cognito\n"), world(vec![login, page]), Vec::new())
        };
        let (one, other) = (of("authorize"), of("authorize.2"));
        assert_eq!(Summary::of(&one.reports).requests, 3);
        assert_eq!(Summary::of(one.reports.iter().chain(&other.reports)).requests, 3);
    }
}
