//! A rule, and what becomes of it.

use std::cell::OnceCell;
use std::fmt;

use super::{Check, Severity, Stage, Verdict};
use crate::config::{Config, Span};
use crate::evidence::{Case, ExchangeId, Missing, Need, unknown_values};

/// A rule: its name, its place in the login chain, how bad a finding is, its page, and its judgement.
pub struct Rule {
    /// Its name: the contract that reports, ignore comments and CI histories rely on.
    pub name: &'static str,
    /// Its place in the login chain.
    pub stage: Stage,
    /// How bad a finding is, unless the finding itself says otherwise.
    pub severity: Severity,
    /// The text of its page in `rules/`.
    pub page: &'static str,
    /// The evidence it takes, read off its signature.
    pub needs: Vec<Need>,
    /// It is judged once for each app client.
    pub per_client: bool,
    /// Rules whose finding explains this one's: if one of them fails, this rule *follows* and is not judged.
    pub follows: Vec<&'static str>,
    /// The rule in whose place it speaks: what ignores that one ignores this one too.
    pub replaces: Option<&'static str>,
    /// The options that it wants to be set. Where one may be set after all, that none is set is no finding.
    pub wants: &'static [&'static str],
    /// The options whose values decide it, beside those that are facts of its own; `None` is every option.
    pub decided_by: Option<&'static [&'static str]>,
    /// What it judges of the configuration is sent at every login: a running Pomerium shows it.
    pub is_of_request: bool,
    judge: Judge,
    unseen: fn(&Case<'_>) -> Vec<Missing>,
}

/// Why rules about a file do not concern what runs.
pub const NO_FILE: &str = "a running Pomerium shows what it sends, and no file";

/// A check with its facts filled in: the verdict, and the exchanges behind it.
type Judge = Box<dyn Fn(&Case<'_>) -> (Verdict, Vec<ExchangeId>) + Send + Sync>;

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.name).finish()
    }
}

impl Rule {
    pub(crate) fn new<Facts, F: Check<Facts> + Send + Sync + 'static>(
        name: &'static str,
        page: &'static str,
        stage: Stage,
        severity: Severity,
        check: F,
    ) -> Self {
        let (needs, per_client) = (F::needs(), F::per_client());
        Self {
            name,
            stage,
            severity,
            page,
            needs,
            per_client,
            follows: Vec::new(),
            replaces: None,
            wants: &[],
            decided_by: if F::meets_references() { None } else { Some(&[]) },
            is_of_request: false,
            unseen: F::unseen,
            judge: Box::new(move |case| check.judge(case)),
        }
    }

    /// Names the rules whose finding explains this one's.
    pub(super) fn after(mut self, causes: &'static [&'static str]) -> Self {
        self.follows.extend(causes);
        self
    }

    /// Names the rule in whose place it speaks.
    pub(super) fn replaces(mut self, rule: &'static str) -> Self {
        self.replaces = Some(rule);
        self
    }

    /// Names the options that it wants to be set.
    pub(super) fn wants(mut self, options: &'static [&'static str]) -> Self {
        self.wants = options;
        self
    }

    /// Names the options whose values decide it: `routes.from` is that field of a route, however deep. As long as one of them is
    /// a reference, it does not pass. A rule that takes [`Settings`](crate::config::Settings) and names none is decided by all.
    pub(super) fn decided_by(mut self, options: &'static [&'static str]) -> Self {
        self.decided_by = Some(options);
        self
    }

    /// Says that what it judges of the configuration is sent at every login.
    pub(super) fn of_request(mut self) -> Self {
        self.is_of_request = true;
        self
    }

    /// Judges one case; also names the exchanges behind the verdict. The same values are unknown in every case of a configuration.
    pub(crate) fn judge(&self, case: &Case<'_>, unknown: &OnceCell<Vec<Missing>>) -> (Verdict, Vec<ExchangeId>) {
        let is_of_file = self.needs.iter().all(|need| *need == Need::File);
        if case.config.form.is_running() && is_of_file && !self.is_of_request {
            return (Verdict::NotApplicable(NO_FILE), Vec::new());
        }
        let (mut verdict, witnesses) = (self.judge)(case);
        let doubts = match &mut verdict {
            Verdict::Fail(findings) if findings.iter().any(|finding| finding.is_of_unset) => {
                let mut doubts = self.doubts(case);
                if !doubts.is_empty() {
                    findings.retain(|finding| !finding.is_of_unset);
                }
                // What is certain is said all the same.
                doubts.retain(|_| findings.is_empty());
                doubts
            }
            Verdict::Fail(findings) if !case.config.reading.overlaid.is_empty() => {
                let mut doubts = Vec::new();
                findings.retain(|finding| match overlaid(case.config, finding.at) {
                    Some(doubt) => {
                        doubts.push(doubt);
                        false
                    }
                    None => true,
                });
                doubts.dedup();
                // What stands is said all the same.
                doubts.retain(|_| findings.is_empty());
                doubts
            }
            Verdict::Fail(_) if !self.wants.is_empty() => self.doubts(case),
            Verdict::Pass => {
                // An option that is set where everything was read stays set.
                let mut doubts = if self.wants.is_empty() { (self.unseen)(case) } else { Vec::new() };
                if self.is_of_routes() {
                    doubts.extend(case.config.reading.unread_policies.iter().map(|part| elsewhere(part)));
                }
                if self.decided_by != Some(&[]) {
                    let values = || unknown_values(case.config, self.decided_by);
                    doubts.extend_from_slice(unknown.get_or_init(values));
                }
                doubts
            }
            _ => Vec::new(),
        };
        (if doubts.is_empty() { verdict } else { Verdict::Undecided(doubts) }, witnesses)
    }

    /// It judges routes, one by one.
    fn is_of_routes(&self) -> bool {
        let names_some =
            self.decided_by.is_none_or(|options| options.iter().any(|option| option.starts_with("routes.")));
        names_some || matches!(self.stage, Stage::Claims | Stage::Policy)
    }

    /// Why an option that it wants may be set although no value of it is known.
    fn doubts(&self, case: &Case<'_>) -> Vec<Missing> {
        let reading = &case.config.reading;
        // Of a text that does not parse, nobody knows what it says in the end.
        if reading.syntax_error.is_some() || self.wants.iter().any(|option| reading.undecodable.contains(option)) {
            return vec![Missing::Follows(Need::File)];
        }
        // A part that only the cluster holds counts where nothing else may set it.
        let is_kept = |part: &&String| reading.kept.contains(part);
        let elsewhere = reading.incomplete.iter().find(|part| !is_kept(part)).map_or_else(
            || {
                let part = reading.incomplete.first()?;
                Some(Missing::Elsewhere(format!("it may be set in {part}, which only the cluster holds")))
            },
            |part| Some(Missing::Unconfigured(format!("it may be set in {part}, which cannot be read from here"))),
        );
        elsewhere.into_iter().collect()
    }

    /// The title of its page: what is wrong, in one line.
    pub fn title(&self) -> &'static str {
        self.page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(self.name)
    }
}

/// What may change a place in a way that nobody knows from here.
fn overlaid(config: &Config, at: Span) -> Option<Missing> {
    let name = |span: Span| config.sources.get(span.source).map(|source| source.name.as_str());
    let is_around = |object: &Span| name(*object) == name(at) && object.start <= at.start && at.end <= object.end;
    let (_, part) = config.reading.overlaid.iter().find(|(object, _)| is_around(object))?;
    Some(Missing::Unconfigured(format!("{part} may change what is here, and cannot be done from here")))
}

/// The policy of a route that nobody gave.
fn elsewhere(part: &str) -> Missing {
    Missing::Unconfigured(format!("a route is not judged, as {part} is in no file that was given: name its file too"))
}
