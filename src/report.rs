//! What was found, in the form in which it is read: by a person, by a program.
//!
//! A [`Report`] is built once from the engine's verdicts. A format is a function from it to text, in a file of its own, and a
//! line in [`FORMATS`]; it decides nothing, so all formats agree on what was found and on the exit code.

mod baseline;
mod catalogue;
mod cause;
mod conceal;
mod concise;
mod diagnosis;
mod explain;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod ink;
mod json;
mod junit;
mod markdown;
mod out;
mod place;
mod pretty;
mod rdjson;
mod sarif;
mod secrets;
mod show;
mod summary;
mod text;
mod view;
mod words;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use baseline::{Baseline, BaselineError, Comparison, Entry, SCHEMA as BASELINE_SCHEMA};
pub use catalogue::{catalogue, catalogue_json, catalogue_of_causes};
pub use conceal::Concealer;
pub use diagnosis::{Answer, Asked, DIAGNOSIS_SCHEMA, diagnosis, diagnosis_json};
pub use explain::{explain, explain_cause, explain_cause_json, explain_json, rule_help};
pub use json::SCHEMA;
pub use out::{Stream, append_file, status, write, write_file};
pub use secrets::scrubber;
pub use show::{show, show_json};
pub use summary::Summary;
pub use text::{escape, folded};
pub use view::{Verbosity, View};

use secrets::Masks;

use crate::config::Config;
use crate::engine::{Judged, StageState, login_path};
use crate::evidence::{Exchange, ExchangeId, Missing, Need, World};
use crate::rules::{Finding, Ignored, POOL_NOT_EXPECTED, Rule, Severity, Stage, Verdict, find};
use crate::secret::{Clean, Scrubber};

/// The program's name in hints such as `pomlint explain RULE`.
const PROGRAM: &str = "pomlint";

/// A form of the report.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Writes the report in this form.
    pub render: fn(&Report, &View) -> String,
}

/// Every form of the report.
pub const FORMATS: &[Format] = &[
    Format { name: "human", about: "for people", render: human::render },
    Format { name: "concise", about: "one line a finding, for editors", render: concise::render },
    Format { name: "json", about: "everything, for programs (pomlint/report/v1)", render: json::render },
    Format { name: "sarif", about: "SARIF 2.1.0, for code scanning", render: sarif::render },
    Format { name: "junit", about: "JUnit XML: a test case for each rule", render: junit::render },
    Format { name: "github", about: "annotations of GitHub Actions, and its step summary", render: github::render },
    Format { name: "gitlab", about: "GitLab Code Quality", render: gitlab::render },
    Format { name: "rdjson", about: "reviewdog, with cures as suggestions", render: rdjson::render },
    Format { name: "markdown", about: "a comment on a pull request", render: markdown::render },
];

/// The form of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What counts.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The least bad finding that makes exit code 1.
    pub fail_on: Severity,
    /// What undecided rules mean for the exit code.
    pub undecided: Undecided,
    /// Notes are findings too.
    pub pedantic: bool,
    /// The rules were named one by one: of each is said what became of it, notes included.
    pub named: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { fail_on: Severity::Error, undecided: Undecided::Default, pedantic: false, named: false }
    }
}

/// What undecided rules mean for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// Evidence that was wanted and could not be had makes 3.
    Default,
    /// Never 3.
    Allow,
    /// Evidence that the user declined makes 3 too.
    Strict,
}

/// Everything that was found.
pub struct Report {
    /// One for each configuration.
    pub reports: Vec<ConfigReport>,
    /// The counts over all of them, and the exit code.
    pub summary: Summary,
    /// What counts.
    pub options: Options,
    /// What became of the baseline, if there is one.
    pub baseline: Option<Comparison>,
    /// What a settings file changed.
    pub settings: Option<Applied>,
    /// What the command line leaves out.
    pub left_out: Option<LeftOut>,
    /// Something that was named could not be read or written.
    incomplete: bool,
    /// Made once: its secrets are spelled out once for all that is printed.
    scrubber: Scrubber,
}

/// What a settings file changed about a run.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The file.
    pub file: String,
    /// Rules that are not judged.
    pub off: Vec<&'static str>,
    /// Rules that are worse or better than they are.
    pub severities: Vec<(&'static Rule, Severity)>,
}

/// Rules that the command line leaves out although they may find something.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// The flags that leave them out.
    pub by: Vec<&'static str>,
    /// The rules; none of them is a note.
    pub rules: Vec<&'static Rule>,
}

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
    options: Options,
    /// The first stage of which the settings switched an error off, or made a failing one less than an error.
    pub excused: Option<Stage>,
    /// Rules were left out, by these flags or, if there are none, by the settings file.
    pub left_out_by: Option<Vec<&'static str>>,
    /// What makes each finding the same finding in the next run, in their order.
    fingerprints: Vec<String>,
    /// The fingerprints of findings that a baseline accepts.
    accepted: BTreeSet<String>,
    /// What of its texts is not shown.
    masks: Masks,
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
}

impl Listed<'_> {
    /// What is wrong, in one line.
    pub fn title(&self) -> &str {
        self.finding.title.as_deref().unwrap_or(self.judged.rule.title())
    }

    /// The title, for which client it is true, and why it does not count.
    pub fn headline(&self) -> String {
        let client = self.client.map(|client| format!(" (client {client})")).unwrap_or_default();
        let pardon = self.pardon().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{}{client}{pardon}", self.title())
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
            let rule = verdict.rule;
            if let Verdict::Fail(findings) = &mut verdict.verdict {
                let before = findings.len();
                findings.retain(|finding| severity(rule, finding) > Severity::Note);
                hidden += before - findings.len();
            }
        }
        judged.retain(|verdict| !matches!(&verdict.verdict, Verdict::Fail(findings) if findings.is_empty()));
        let fingerprints = fingerprint::fingerprints(&config, &judged, scrubber);
        // From here on there is nothing that a form could show but clean texts.
        let (judged, world) = (scrubber.cleaned(judged), scrubber.cleaned(world));
        let (left_out_by, accepted, masks) = (None, BTreeSet::new(), Masks::of(&config));
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

    /// What stops a login works now: the apply breaks it.
    pub fn is_broken_by_apply(&self) -> bool {
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

    fn all_findings(&self) -> impl Iterator<Item = (&Judged, &Finding)> {
        self.judged.iter().flat_map(|judged| judged.findings().iter().map(move |finding| (judged, finding)))
    }

    /// Every finding, in the order of the rules, with what formats say about it.
    pub fn listed(&self) -> Vec<Listed<'_>> {
        self.all_findings()
            .zip(&self.fingerprints)
            .map(|((judged, finding), fingerprint)| Listed {
                judged,
                finding,
                severity: severity(judged.rule, finding),
                client: self.client(judged),
                accepted: !finding.is_ignored() && self.accepted.contains(fingerprint),
                fingerprint,
            })
            .collect()
    }

    /// The client id of a verdict, if there are several to tell apart.
    fn client<'a>(&self, judged: &'a Judged) -> Option<&'a str> {
        judged.client.as_deref().filter(|_| self.world.clients.len() > 1)
    }

    /// The verdicts that lack evidence which was wanted, each with the reason in words.
    fn open(&self) -> Vec<(&Judged, String)> {
        let open = self.judged.iter().filter(|judged| standing(judged) == Some(Standing::Open));
        open.map(|judged| (judged, words::undecided(&self.config, judged))).collect()
    }

    /// It is undecided for want of an answer alone, and could have found nothing that makes exit code 1. What a flag of its own asks
    /// for was wanted all the same.
    fn is_minor(&self, judged: &Judged) -> bool {
        let severity = judged.set_to.unwrap_or(judged.rule.severity);
        // Infrastructure code is given for whatever it tells, and not for one question.
        let is_wanted = |need: &Need| need.is_on_request() && *need != Need::Settings;
        let on_request = judged.rule.needs.iter().any(is_wanted);
        severity < self.options.fail_on && !on_request && judged.missing().iter().all(Missing::is_of_a_question)
    }

    /// The exchanges that prove a verdict.
    fn proof(&self, judged: &Judged) -> Vec<&Exchange> {
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
enum Standing {
    /// It waits for the cure of an earlier finding.
    Follows,
    /// The user declined the evidence.
    Declined,
    /// Evidence was wanted and is missing.
    Open,
}

fn standing(judged: &Judged) -> Option<Standing> {
    match &judged.verdict {
        Verdict::Undecided(_) if judged.follows.is_some() => Some(Standing::Follows),
        Verdict::Undecided(_) if judged.is_declined() => Some(Standing::Declined),
        Verdict::Undecided(_) => Some(Standing::Open),
        _ => None,
    }
}

/// The settings make its findings less bad than the rule does.
fn is_demoted(judged: &Judged) -> bool {
    judged.set_to.is_some_and(|severity| severity < judged.rule.severity)
}

/// How bad a finding is.
fn severity(rule: &Rule, finding: &Finding) -> Severity {
    finding.severity.unwrap_or(rule.severity)
}

impl Report {
    /// Counts the verdicts and decides the exit code. Each case is a configuration, what its provider answered, and the
    /// engine's verdicts.
    pub fn new(cases: impl IntoIterator<Item = (Config, World, Vec<Judged>)>, options: &Options) -> Self {
        let cases: Vec<_> = cases.into_iter().collect();
        let scrubber = scrubber(cases.iter().map(|(config, ..)| config));
        let reports: Vec<ConfigReport> = cases
            .into_iter()
            .map(|(config, world, judged)| ConfigReport::new(config, world, judged, *options, &scrubber))
            .collect();
        let (summary, options) = (Summary::default(), *options);
        let mut report = Self {
            reports,
            summary,
            options,
            baseline: None,
            settings: None,
            left_out: None,
            incomplete: false,
            scrubber,
        };
        report.count();
        report
    }

    /// Lets the findings of a baseline not make exit code 1.
    pub fn accept(&mut self, baseline: &Baseline) {
        self.baseline = Some(baseline.apply(&mut self.reports, &self.scrubber));
        self.count();
    }

    /// Remembers what a settings file changed, and lets no stage of which it switched a rule off look as if all was well.
    pub fn apply(&mut self, applied: Applied) {
        let off = applied.off.iter().filter_map(|name| find(name)).filter(|rule| rule.severity > Severity::Note);
        let off: Vec<&Rule> = off.collect();
        let stages: BTreeSet<Stage> = off.iter().map(|rule| rule.stage).collect();
        let error = off.iter().filter(|rule| rule.severity == Severity::Error).map(|rule| rule.stage).min();
        for report in &mut self.reports {
            report.excused = report.excused.into_iter().chain(error).min();
            if !off.is_empty() {
                report.left_out_by.get_or_insert_default();
            }
            for stage in &stages {
                match report.path.binary_search_by_key(stage, |(stage, _)| *stage) {
                    Ok(at) => {
                        if let Some((_, state @ StageState::Pass)) = report.path.get_mut(at) {
                            *state = StageState::Ignored;
                        }
                    }
                    Err(at) => report.path.insert(at, (*stage, StageState::Ignored)),
                }
            }
        }
        self.settings = Some(applied);
    }

    /// Remembers what the command line leaves out: a stage of which a rule is left out has not passed.
    pub fn leave_out(&mut self, left_out: LeftOut) {
        for report in &mut self.reports {
            report.left_out_by.get_or_insert_default().extend(&left_out.by);
            for (stage, state) in report.path.iter_mut().filter(|(_, state)| *state == StageState::Pass) {
                if left_out.rules.iter().any(|rule| rule.stage == *stage) {
                    *state = StageState::Undecided;
                }
            }
        }
        self.left_out = Some(left_out);
    }

    /// Says with the exit code that something that was named could not be read or written.
    pub fn mark_incomplete(&mut self) {
        self.incomplete = true;
        self.count();
    }

    fn count(&mut self) {
        self.summary = Summary { exit: self.exit(), ..Summary::of(&self.reports) };
    }

    /// 2 if something could not be read or written, else 1 for a finding that counts, else 3 for what is undecided and was
    /// wanted, else 0: the same for every format.
    fn exit(&self) -> u8 {
        let listed = |report: &ConfigReport| report.listed().iter().any(|listed| self.counts(listed));
        let wants = |report: &ConfigReport| report.judged.iter().any(|judged| self.wants(report, judged));
        if self.incomplete {
            2
        } else if self.reports.iter().any(listed) {
            1
        } else if self.reports.iter().any(wants) {
            3
        } else {
            0
        }
    }

    /// Whether a finding makes exit code 1.
    fn counts(&self, listed: &Listed) -> bool {
        listed.pardon().is_none() && listed.severity >= self.options.fail_on
    }

    /// Whether an undecided rule makes exit code 3, if no finding counts.
    fn wants(&self, report: &ConfigReport, judged: &Judged) -> bool {
        match self.options.undecided {
            Undecided::Allow => false,
            Undecided::Default => standing(judged) == Some(Standing::Open) && !report.is_minor(judged),
            Undecided::Strict => matches!(standing(judged), Some(Standing::Open | Standing::Declined)),
        }
    }

    /// Knows every secret of the configurations.
    pub fn scrubber(&self) -> &Scrubber {
        &self.scrubber
    }
}
