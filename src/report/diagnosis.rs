//! A diagnosis: what was seen, what it names, what became of that when it was judged.

mod answer;
mod cleared;
mod human;
mod json;

pub use human::diagnosis;
#[cfg(test)]
pub(super) use json::Document;
pub use json::{DIAGNOSIS_SCHEMA, diagnosis_json};

use super::{ConfigReport, Report, secrets, words};
use crate::config::cognito::pool_in;
use crate::config::{Config, Literals};
use crate::diagnose::{Diagnosis, Named, Sighting, TokenReading, What, clean};
use crate::engine::Judged;
use crate::evidence::{Differs, Need, Outcome, World};
use crate::host;
use crate::rules::{Finding, NO_FILE, POOL_NOT_EXPECTED, RULES, Rule, Severity, Verdict};
use crate::secret::Scrubber;

/// A diagnosis and, if anybody could be asked, what came of it.
pub struct Answer<'a> {
    /// What was recognised.
    pub diagnosis: &'a Diagnosis,
    /// The verdicts of the rules that were judged.
    pub report: Option<&'a Report>,
    /// What they were judged by.
    pub asked: Asked,
}

/// What the named rules were judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The user's configuration.
    Configuration,
    /// What the input itself reveals.
    Clues,
    /// Nothing: `--offline`.
    Offline,
    /// Nothing: the input reveals no pool, or not enough.
    Nobody,
}

/// What became of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// The rule finds it.
    Confirmed,
    /// The rule passes.
    RuledOut,
    /// The rule could not be judged, for this reason.
    Undecided(String),
    /// The rule makes no sense for the configuration, for this reason.
    NotApplicable(String),
    /// It was not judged, for this reason.
    NotChecked(String),
}

impl Standing {
    fn name(&self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::RuledOut => "ruled-out",
            Self::Undecided(_) => "undecided",
            Self::NotApplicable(_) => "not-applicable",
            Self::NotChecked(_) => "not-checked",
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Confirmed | Self::RuledOut => None,
            Self::Undecided(why) | Self::NotApplicable(why) | Self::NotChecked(why) => Some(why),
        }
    }

    fn is_out(&self) -> bool {
        matches!(self, Self::RuledOut | Self::NotApplicable(_))
    }
}

impl Answer<'_> {
    /// The exit code: 1 if something is named that no answer rules out, or what runs is wrong; 0 if nothing is wrong, or what was is
    /// ruled out by an answer; 3 if nothing is known about the input or a part of it, or all that it might mean is ruled out.
    pub fn exit(&self) -> u8 {
        let names: Vec<(Named, Standing)> =
            self.diagnosis.names().into_iter().map(|named| (named.clone(), self.standing(&named))).collect();
        if self.refused_pool().next().is_some() {
            return 1;
        }
        let token = self.diagnosis.token.as_ref();
        if names.iter().any(|(_, standing)| !standing.is_out()) || token.is_some_and(TokenReading::is_refused) {
            return 1;
        }
        if self.is_cleared() {
            // What stands there now is told by the rest.
            return self.report.filter(|_| self.asks_what_runs()).map_or(0, |report| report.summary.exit);
        }
        if self.errors_of_what_runs().next().is_some() {
            return 1;
        }
        if !names.is_empty() {
            return 3;
        }
        // The configuration is wrong in what comes after all that was seen to work.
        if self.errors().next().is_some() {
            return 1;
        }
        // Even what is healthy proves only what comes before it.
        let is_fine = token.map_or_else(|| self.diagnosis.is_proved_fine(), TokenReading::is_proved);
        if is_fine { 0 } else { 3 }
    }

    /// What is wrong with the pool that would be asked, which must be said whatever was pasted.
    fn refused_pool(&self) -> impl Iterator<Item = &str> {
        let judged = self.report.iter().flat_map(|report| &report.reports).flat_map(|report| report.judged.iter());
        let judged = judged.filter(|judged| judged.rule.name == POOL_NOT_EXPECTED);
        judged.flat_map(crate::engine::Judged::findings).map(|finding| finding.says.as_str())
    }

    /// Knows the secrets of the configuration.
    fn scrubber(&self) -> Scrubber {
        secrets::scrubber(self.report.iter().flat_map(|report| &report.reports).map(|report| &report.config))
    }

    /// What was pasted and the configuration do not belong together: then its verdicts say nothing about what was seen.
    fn differences(&self) -> Vec<String> {
        let mut differences: Vec<String> = self.refused_pool().map(str::to_owned).collect();
        let Some(report) = self.report.filter(|_| self.asked == Asked::Configuration) else { return differences };
        let clues = &self.diagnosis.clues;
        let mut compare = |what: &str, seen: Option<&String>, configured: Vec<String>| {
            if let Some(seen) = seen.filter(|seen| !configured.is_empty() && !configured.contains(seen)) {
                let (ours, seen) = (configured.join(", "), clean(seen));
                differences.push(format!(
                    "What was pasted is about the {what} {seen}, and the configuration has {ours}: perhaps it is another deployment's, or what runs has another configuration."
                ));
            }
        };
        let configs = || report.reports.iter().map(|report| &report.config);
        let clients = configs().flat_map(Config::clients).map(|client| client.id.value);
        compare("client", clues.client_id.as_ref(), clients.filter(|id| !id.is_empty()).collect());
        let callbacks =
            configs().filter_map(|config| Some(Literals::of(config, &config.clients()).login.ok()?.redirect_uri));
        compare("callback", clues.redirect_uri.as_ref(), callbacks.filter(|url| !url.is_empty()).collect());
        let issuers = configs().filter_map(|config| config.settings.as_ref()?.idp_provider_url.as_ref());
        let pools = issuers.filter_map(|issuer| pool_in(&issuer.value));
        compare("user pool", clues.pool.as_ref(), pools.map(str::to_owned).collect());
        compare("login domain", clues.domain.as_ref(), report.reports.iter().filter_map(login_domain).collect());
        differences
    }

    /// What became of a name.
    fn standing(&self, named: &Named) -> Standing {
        if matches!(named.what, What::Cause(cause) if cause.decided_by.is_empty()) {
            let what = if self.asks_what_runs() {
                "it does not show from outside, neither in what runs nor in a configuration or a pool"
            } else {
                "it lies outside what a configuration and a pool can tell"
            };
            return Standing::NotChecked(what.to_owned());
        }
        let worst = |of: &dyn Fn(&ConfigReport) -> bool| {
            let reports = self.reports().iter().filter(|report| of(report));
            let all = reports.flat_map(|report| report.judged.iter().map(move |judged| (report, judged)));
            let named_ones = all.filter(|(_, judged)| named.what.is_decided_by(judged.rule.name));
            let standings = named_ones.map(|(report, judged)| self.became(named, report, judged));
            // Of several app clients, the one that fares worst counts.
            standings.reduce(|worst, other| if rank(&other) > rank(&worst) { other } else { worst })
        };
        let standing = if self.asks_what_runs() {
            // A rule about what runs says nothing of a file.
            let is_file = |report: &ConfigReport| !is_running(report);
            self.folded(worst(&is_running), worst(&is_file))
        } else {
            worst(&|_| true)
        };
        standing.unwrap_or_else(|| Standing::NotChecked(self.why_nobody()))
    }

    /// What was seen is of what runs: where that tells, it decides. What a file does not have rules nothing out, unless it is shown that it
    /// is what runs.
    fn folded(&self, running: Option<Standing>, file: Option<Standing>) -> Option<Standing> {
        match (running, file) {
            (Some(Standing::Confirmed), _) | (_, Some(Standing::Confirmed)) => Some(Standing::Confirmed),
            (Some(out), _) if out.is_out() => Some(out),
            (_, Some(file)) if file.is_out() && self.is_shown_to_run() => Some(file),
            (None | Some(Standing::NotChecked(_)), Some(file)) => {
                Some(if file.is_out() { Standing::Undecided(NOT_SHOWN.to_owned()) } else { file })
            }
            (running, _) => running,
        }
    }

    /// What became of a name by one verdict.
    fn became(&self, named: &Named, report: &ConfigReport, judged: &Judged) -> Standing {
        match (&judged.verdict, judged.follows) {
            // What is found of less weight is something else that the rule tells.
            (Verdict::Fail(findings), _) if matches!(named.what, What::Cause(_)) && findings.iter().all(is_less) => {
                Standing::RuledOut
            }
            (Verdict::Fail(_), _) => Standing::Confirmed,
            (_, Some(cause)) => Standing::Undecided(format!("it waits for {cause}")),
            (Verdict::Undecided(missing), None) => Standing::Undecided(
                missing.first().map_or_else(String::new, |reason| words::missing(&report.config, reason)),
            ),
            // What was pasted is no configuration: only an answer of Cognito's rules anything out.
            (Verdict::NotApplicable(_), None) if self.asked == Asked::Clues => Standing::NotChecked(self.why_nobody()),
            (Verdict::Pass, None) if self.asked == Asked::Clues && !report.is_answered() => {
                Standing::NotChecked("nobody answered".to_owned())
            }
            // Of what runs no file is seen: that rules nothing out of it.
            (Verdict::NotApplicable(why), None) if *why == NO_FILE => Standing::NotChecked((*why).to_owned()),
            (Verdict::NotApplicable(why), None) => Standing::NotApplicable((*why).to_owned()),
            (Verdict::Pass, None) => Standing::RuledOut,
        }
    }

    fn reports(&self) -> &[ConfigReport] {
        self.report.map_or(&[], |report| &report.reports)
    }

    /// What is wrong with the configuration or what runs.
    fn errors(&self) -> impl Iterator<Item = &Judged> {
        self.reports().iter().flat_map(|report| report.judged.iter()).filter(|judged| judged.is_error())
    }

    /// `--deployed`
    fn asks_what_runs(&self) -> bool {
        self.reports().iter().any(is_running)
    }

    /// The rules by which nobody can log in to what runs.
    fn errors_of_what_runs(&self) -> impl Iterator<Item = &'static Rule> {
        let judged = self.reports().iter().filter(|report| is_running(report)).flat_map(|report| report.judged.iter());
        judged.filter(|judged| judged.is_error() && judged.follows.is_none()).map(|judged| judged.rule)
    }

    /// Each file is, by the id of its settings, what runs.
    fn is_shown_to_run(&self) -> bool {
        let is_it = |config: &Config, running: &ConfigReport| {
            let World { running, beside, .. } = &*running.world;
            let is_same = running.identity.as_ref().is_ok_and(|seen| seen.value.differs == Differs::Not);
            is_same && beside.as_ref().is_some_and(|beside| beside.0.path == config.path)
        };
        let (running, files): (Vec<_>, Vec<_>) = self.reports().iter().partition(|report| is_running(report));
        files.iter().all(|file| running.iter().any(|running| is_it(&file.config, running)))
    }

    fn why_nobody(&self) -> String {
        match self.asked {
            Asked::Offline => "not asked: --offline".to_owned(),
            Asked::Configuration => "not judged".to_owned(),
            Asked::Clues | Asked::Nobody => {
                "what was pasted does not tell enough to ask; add the configuration".to_owned()
            }
        }
    }
}

impl ConfigReport {
    /// Whether anybody answered.
    fn is_answered(&self) -> bool {
        self.world.exchanges.iter().any(|exchange| matches!(exchange.outcome, Outcome::Answer(_)))
    }
}

/// The host to which Pomerium sends users, as the discovery document has it.
fn login_domain(report: &ConfigReport) -> Option<String> {
    let document = &report.world.pool.document.as_ref().ok()?.value;
    host::of(&document.authorization_endpoint)
}

/// The finding says that it weighs less than its rule says of it.
fn is_less(finding: &Finding) -> bool {
    finding.severity.is_some()
}

/// Why a file rules nothing out.
const NOT_SHOWN: &str = "the configuration does not have it, and is not shown to be the one that runs";

/// What runs, and not a file.
fn is_running(report: &ConfigReport) -> bool {
    report.config.form.is_running()
}

/// How much it counts.
fn rank(standing: &Standing) -> u8 {
    match standing {
        Standing::NotChecked(_) => 0,
        Standing::NotApplicable(_) => 1,
        Standing::RuledOut => 2,
        Standing::Undecided(_) => 3,
        Standing::Confirmed => 4,
    }
}

/// The rules that a sighting rules out: errors of the stages behind it, as far as they are about what the provider answers.
fn ruled_out(sighting: &Sighting) -> Vec<&'static str> {
    let is_out = |rule: &&Rule| {
        sighting.past.contains(&rule.stage)
            && rule.severity == Severity::Error
            && rule.needs.iter().any(|need| *need != Need::File)
            && !sighting.names.iter().any(|named| named.what.name() == rule.name)
    };
    RULES.iter().filter(is_out).map(|rule| rule.name).collect()
}
