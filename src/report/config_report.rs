//! What was found about one configuration.

use std::collections::BTreeSet;

use super::repeat::Repeat;
use super::secrets::Masks;
use super::{Options, fingerprint};
use crate::config::Config;
use crate::engine::{Judged, StageState, login_path};
use crate::evidence::{Exchange, ExchangeId, Missing, Need, World};
use crate::rules::{Edit, Finding, Ignored, POOL_NOT_EXPECTED, Rule, Severity, Stage, Verdict, is_copied};
use crate::secret::{Clean, Scrubber};

/// What was found about one configuration.
pub struct ConfigReport {
    /// The configuration.
    pub config: Config,
    /// The verdicts, in the order of the rules.
    pub judged: Clean<Vec<Judged>>,
    /// How far a login gets.
    pub path: Vec<(Stage, StageState)>,
    /// What the provider answered.
    pub world: Clean<World>,
    /// Notes that were found but not asked for.
    pub hidden: usize,
    /// What counts.
    pub(super) options: Options,
    /// The first stage of which the settings switched an error off, or made a failing one less than an error.
    pub excused: Option<Stage>,
    /// Rules were left out, by these flags or, if there are none, by the settings file.
    pub left_out_by: Option<Vec<&'static str>>,
    /// What makes each finding the same finding in the next run, in their order.
    pub(super) fingerprints: Vec<String>,
    /// The fingerprints of findings that a baseline accepts.
    pub(super) accepted: BTreeSet<String>,
    /// What of each finding other deployments share, in their order.
    pub(super) repeats: Vec<Repeat>,
    /// What of its texts is not shown.
    pub(super) masks: Masks,
    /// The commands that cure some of it.
    pub cures: Vec<Cure>,
}

/// A command that cures something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// As it is typed.
    pub command: String,
    /// The rules of which it cures a finding.
    pub rules: Vec<&'static str>,
}

/// A finding as formats list it.
pub struct Listed<'a> {
    /// The verdict it belongs to.
    pub judged: &'a Judged,
    /// The finding.
    pub finding: &'a Finding,
    /// How bad it is.
    pub severity: Severity,
    /// What makes it the same finding in the next run.
    pub fingerprint: &'a str,
    /// The client id, if the configuration has several.
    pub client: Option<&'a str>,
    /// A baseline accepts it: it is counted, but does not make exit code 1.
    pub accepted: bool,
    /// The other deployments that it concerns, in words.
    pub(super) also_in: Option<String>,
    /// The change for a program, if it is whole: not where another service has a copy of what it changes.
    pub edit: Option<&'a Edit>,
    /// The deployment with which it is told, if it is not this one.
    pub(super) told_with: Option<&'a str>,
}

impl<'a> Listed<'a> {
    /// What is wrong, in one line.
    pub fn title(&self) -> &'a str {
        self.finding.title.as_deref().unwrap_or(self.judged.rule.title())
    }

    /// The title, for which client and which other deployments it is true, and why it does not count.
    pub fn headline(&self) -> String {
        let client = self.client.map(|client| format!(" (client {client})")).unwrap_or_default();
        let pardon = self.pardon().map(|why| format!(" ({why})")).unwrap_or_default();
        let also_in = self.also_in.as_ref().map(|others| format!(" ({others})")).unwrap_or_default();
        format!("{}{client}{also_in}{pardon}", self.title())
    }

    /// Why it does not count: the user ignores it, or a baseline accepts it.
    pub fn pardon(&self) -> Option<String> {
        match &self.finding.ignored {
            Some(ignored) => {
                let until = ignored.until.map(|until| format!(" until {until}")).unwrap_or_default();
                Some(format!("ignored at {}{until}: {}", ignored.place, ignored.reason))
            }
            None => self.accepted.then(|| "accepted by the baseline".to_owned()),
        }
    }
}

impl ConfigReport {
    /// Takes the engine's verdicts; without `pedantic`, notes are not findings. The scrubber knows the secrets of all
    /// configurations of the report.
    pub fn new(config: Config, world: World, mut judged: Vec<Judged>, options: Options, scrubber: &Scrubber) -> Self {
        let pedantic = options.pedantic || options.named;
        // A note that nobody asked for can be neither found nor missed; but its stage was looked at.
        let unasked = |verdict: &Judged| !pedantic && verdict.severity() == Severity::Note;
        judged.retain(|verdict| !(unasked(verdict) && matches!(verdict.verdict, Verdict::Undecided(_))));
        // Nobody gave the code that would tell: nothing was left out that somebody asked for.
        let untold = |missing: &[Missing]| !missing.is_empty() && missing.iter().all(Missing::is_of_nobody);
        judged.retain(|verdict| options.named || !untold(verdict.missing()));
        let mut path = login_path(&judged);
        let excused = judged.iter().filter(|verdict| is_demoted(verdict) && verdict.is_failed());
        let excused: Vec<&Rule> = excused.map(|verdict| verdict.rule).collect();
        for (stage, state) in path.iter_mut().filter(|(_, state)| *state == StageState::Pass) {
            // It fails, and only the settings have made it too small to be seen.
            if excused.iter().any(|rule| rule.stage == *stage) {
                *state = StageState::Ignored;
            }
        }
        let excused = excused.iter().find(|rule| rule.severity == Severity::Error).map(|rule| rule.stage);
        let mut hidden = 0;
        for verdict in judged.iter_mut().filter(|_| !pedantic) {
            let (rule, is_demoted) = (verdict.rule, is_demoted(verdict));
            if let Verdict::Fail(findings) = &mut verdict.verdict {
                let before = findings.len();
                findings.retain(|finding| severity(rule, finding) > Severity::Note);
                hidden += before - findings.len();
                // What such a rule is there for was looked at, and is in order.
                if findings.is_empty() && rule.severity > Severity::Note && !is_demoted {
                    verdict.verdict = Verdict::Pass;
                }
            }
        }
        judged.retain(|verdict| !matches!(&verdict.verdict, Verdict::Fail(findings) if findings.is_empty()));
        let fingerprints = fingerprint::fingerprints(&config, &judged, scrubber);
        // From here on there is nothing that a form could show but clean texts.
        let (judged, world) = (scrubber.cleaned(judged), scrubber.cleaned(world));
        let (left_out_by, accepted, masks) = (None, BTreeSet::new(), Masks::of(&config));
        let repeats = vec![Repeat::default(); fingerprints.len()];
        Self {
            config,
            judged,
            path,
            world,
            hidden,
            options,
            excused,
            left_out_by,
            fingerprints,
            accepted,
            repeats,
            masks,
            cures: Vec::new(),
        }
    }

    /// The first stage at which a login fails.
    pub fn fails_at(&self) -> Option<Stage> {
        self.path.iter().find(|(_, state)| *state == StageState::Fail).map(|(stage, _)| *stage)
    }

    /// The first stage at which a login fails now, although the infrastructure code cures it.
    pub fn fails_now(&self) -> Option<Stage> {
        let stops = |judged: &&Judged| match &judged.now {
            Some(Verdict::Fail(findings)) if !judged.is_failed() => {
                findings.iter().any(|finding| finding.stops_login && severity(judged.rule, finding) == Severity::Error)
            }
            _ => false,
        };
        self.judged.iter().find(stops).map(|judged| judged.rule.stage)
    }

    /// What stops a login works now: the apply breaks it. Where something else stops it now, no login works yet.
    pub fn is_broken_by_apply(&self) -> bool {
        if self.fails_now().is_some() {
            return false;
        }
        let mut errors = self.judged.iter().filter(|judged| judged.is_error()).peekable();
        errors.peek().is_some() && errors.all(|judged| matches!(judged.now, Some(Verdict::Pass)))
    }

    /// The provider was not asked, as --pool names another user pool.
    pub fn is_of_another_pool(&self) -> bool {
        self.judged.iter().any(|judged| judged.rule.name == POOL_NOT_EXPECTED && judged.is_failed())
    }

    /// Every finding that counts, with the verdict it belongs to, in the order of the rules.
    pub fn findings(&self) -> impl Iterator<Item = (&Judged, &Finding)> {
        self.all_findings().filter(|(_, finding)| !finding.is_ignored())
    }

    /// Every finding that the user ignores, and why.
    pub fn ignored(&self) -> impl Iterator<Item = (&Judged, &Finding, &Ignored)> {
        self.all_findings().filter_map(|(judged, finding)| Some((judged, finding, finding.ignored.as_ref()?)))
    }

    pub(super) fn all_findings(&self) -> impl Iterator<Item = (&Judged, &Finding)> {
        self.judged.iter().flat_map(|judged| judged.findings().iter().map(move |finding| (judged, finding)))
    }

    /// Every finding, in the order of the rules, with what formats say about it.
    pub fn listed(&self) -> Vec<Listed<'_>> {
        self.all_findings()
            .zip(self.fingerprints.iter().zip(&self.repeats))
            .map(|((judged, finding), (fingerprint, repeat))| Listed {
                judged,
                finding,
                severity: severity(judged.rule, finding),
                client: self.client(judged),
                accepted: !finding.is_ignored() && self.accepted.contains(fingerprint),
                fingerprint,
                also_in: repeat.says(&self.config.path),
                told_with: repeat.told_with.as_deref(),
                edit: finding.edit.as_ref().filter(|edit| !is_copied(&self.config, edit.at)),
            })
            .collect()
    }

    /// Of all that is found, what no other deployment has told before.
    pub fn told(&self) -> Vec<Listed<'_>> {
        let mut listed = self.listed();
        listed.retain(|listed| listed.told_with.is_none());
        listed
    }

    /// The client id of a verdict, if there are several to tell apart.
    pub(super) fn client<'a>(&self, judged: &'a Judged) -> Option<&'a str> {
        judged.client.as_deref().filter(|_| self.world.clients.len() > 1)
    }

    /// It is undecided for want of an answer alone, and could have found nothing that makes exit code 1. What a flag of its own asks
    /// for was wanted all the same.
    pub(super) fn is_minor(&self, judged: &Judged) -> bool {
        let severity = judged.set_to.unwrap_or(judged.rule.severity);
        // Infrastructure code is given for whatever it tells, and not for one question.
        let is_wanted = |need: &Need| need.is_on_request() && *need != Need::Settings;
        let on_request = judged.rule.needs.iter().any(is_wanted);
        severity < self.options.fail_on && !on_request && judged.missing().iter().all(Missing::is_of_a_question)
    }

    /// The exchanges that prove a verdict.
    pub(super) fn proof(&self, judged: &Judged) -> Vec<&Exchange> {
        let exchange = |id: &ExchangeId| self.world.exchanges.iter().find(|exchange| exchange.id == *id);
        let mut proof: Vec<&Exchange> = judged.witnesses.iter().filter_map(exchange).collect();
        // Past the discovery stage that document is only how we got there, unless nothing else was asked.
        if judged.rule.stage > Stage::Discovery && proof.iter().any(|exchange| exchange.id.0 != "discovery") {
            proof.retain(|exchange| exchange.id.0 != "discovery");
        }
        proof
    }
}

/// Why a rule is undecided.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It waits for the cure of an earlier finding.
    Follows,
    /// The user declined the evidence.
    Declined,
    /// Evidence was wanted and is missing.
    Open,
}

pub(super) fn standing(judged: &Judged) -> Option<Standing> {
    match &judged.verdict {
        Verdict::Undecided(_) if judged.follows.is_some() => Some(Standing::Follows),
        Verdict::Undecided(_) if judged.is_declined() => Some(Standing::Declined),
        Verdict::Undecided(_) => Some(Standing::Open),
        _ => None,
    }
}

/// The settings make its findings less bad than the rule does.
pub(super) fn is_demoted(judged: &Judged) -> bool {
    judged.set_to.is_some_and(|severity| severity < judged.rule.severity)
}

/// How bad a finding is.
pub(super) fn severity(rule: &Rule, finding: &Finding) -> Severity {
    finding.severity.unwrap_or(rule.severity)
}
