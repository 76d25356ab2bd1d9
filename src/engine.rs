//! Judges a case by the rules: pure and short.

mod decide;
mod glob;

use std::collections::{HashMap, HashSet};
use std::mem::discriminant;

use crate::config::{Client, ClientId, Config, Literals, Setting, Settings, Span};
use crate::evidence::{Aside, Case, ExchangeId, Missing, Need, Testimony, World};
use crate::infra::Tense;
use crate::rules::{Finding, Rule, Severity, Stage, Verdict};

pub use decide::{Acceptance, Accepted, Decisions, decide};
pub use glob::Glob;

/// A rule's verdict, for one client where the rule is keyed to one.
#[derive(Debug)]
pub struct Judged {
    /// The rule.
    pub rule: &'static Rule,
    /// The client id, for a rule that is judged for each.
    pub client: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// The exchanges behind it.
    pub witnesses: Vec<ExchangeId>,
    /// The rule or stage whose failure explains why this was not judged.
    pub follows: Option<&'static str>,
    /// How bad the user's settings make it.
    pub set_to: Option<Severity>,
    /// It holds once the infrastructure code is applied.
    pub is_after_apply: bool,
    /// What holds until then.
    pub now: Option<Verdict>,
}

impl Judged {
    /// A verdict before anything else is known of it.
    pub fn new(rule: &'static Rule, client: Option<String>, verdict: Verdict, witnesses: Vec<ExchangeId>) -> Self {
        Self { rule, client, verdict, witnesses, follows: None, set_to: None, is_after_apply: false, now: None }
    }

    /// How bad it is: the worst of its findings that count, or of those that are ignored, or what the rule says.
    pub fn severity(&self) -> Severity {
        let worst = |ignored: bool| {
            let own = |finding: &Finding| finding.severity.unwrap_or(self.rule.severity);
            self.findings().iter().filter(|finding| finding.is_ignored() == ignored).map(own).max()
        };
        worst(false).or_else(|| worst(true)).or(self.set_to).unwrap_or(self.rule.severity)
    }

    /// What it found, ignored or not.
    pub fn findings(&self) -> &[Finding] {
        match &self.verdict {
            Verdict::Fail(findings) => findings,
            _ => &[],
        }
    }

    /// It found something that nobody ignores.
    pub fn is_failed(&self) -> bool {
        !self.findings().iter().all(Finding::is_ignored)
    }

    /// It failed, and a login will fail with it.
    pub fn is_error(&self) -> bool {
        let is_error = |finding: &Finding| finding.severity.unwrap_or(self.rule.severity) == Severity::Error;
        self.findings().iter().any(|finding| !finding.is_ignored() && finding.stops_login && is_error(finding))
    }

    /// Undecided although the evidence was wanted, and nothing found earlier explains it: not a pass.
    pub fn is_open(&self) -> bool {
        self.follows.is_none() && self.missing().iter().any(|reason| !reason.is_unwanted())
    }

    /// Undecided by the user's choice alone, or by what nobody can see from here.
    pub fn is_declined(&self) -> bool {
        self.follows.is_none() && !self.missing().is_empty() && !self.is_open()
    }

    /// The reasons for which it is undecided.
    pub fn missing(&self) -> &[Missing] {
        match &self.verdict {
            Verdict::Undecided(missing) => missing,
            _ => &[],
        }
    }
}

/// How far a login gets, stage by stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageState {
    /// Every rule that applies passed.
    Pass,
    /// An error.
    Fail,
    /// A warning, and no error.
    Warn,
    /// Nothing but what is ignored.
    Ignored,
    /// Something was not judged.
    Undecided,
    /// Not judged because of an earlier failure.
    Follows,
}

/// Judges one configuration by the given rules, in their order: as it is, or, where infrastructure code says so, as it will be.
pub fn judge(config: &Config, world: &World, rules: &[&'static Rule]) -> Vec<Judged> {
    let mut now = judge_world(config, world, rules);
    let Some(after) = &world.after else {
        fold(&mut now);
        return now;
    };
    let mut judged = judge_world(config, after, rules);
    for (judged, now) in judged.iter_mut().zip(&now) {
        // What fails now, and of which nobody knows what the apply makes of it, fails.
        if matches!((&judged.verdict, &now.verdict), (Verdict::Undecided(_), Verdict::Fail(_))) {
            judged.verdict = now.verdict.clone();
            judged.witnesses.clone_from(&now.witnesses);
            judged.is_after_apply = false;
        }
    }
    fold(&mut judged);
    fold(&mut now);
    for (judged, now) in judged.iter_mut().zip(now) {
        if judged.is_open() && now.follows.is_some() && judged.missing().iter().all(waits) {
            judged.verdict = Verdict::Undecided(vec![Missing::Elsewhere(AFTER_THE_CURE.to_owned())]);
        }
        let is_other = discriminant(&judged.verdict) != discriminant(&now.verdict);
        judged.now = (is_other || judged.is_after_apply).then_some(now.verdict);
    }
    judged
}

/// Lets the findings that rest on infrastructure code point into it: what has to change stands there. To be done when all that
/// the configuration says about findings has been heeded.
pub fn point_into_code(judged: &mut [Judged], world: &World) {
    let witnesses = world.after.as_deref().map_or(&world.testimonies, |after| &after.testimonies);
    for judged in judged {
        let cited: Vec<&Testimony> =
            judged.witnesses.iter().filter_map(|id| witnesses.iter().find(|own| own.id == *id)).collect();
        let (Some(telling), Verdict::Fail(findings)) = (cited.first(), &mut judged.verdict) else { continue };
        for finding in findings {
            let configured = std::mem::replace(&mut finding.at, telling.at);
            finding.also.insert(0, (configured, "what Pomerium is configured with".to_owned()));
            if let Some((says, cure)) = telling
                .setting
                .zip(telling.aside)
                .map(|(setting, aside)| told(telling.language.name_of(setting), aside))
            {
                finding.says.push_str(says);
                finding.fix.extend(cure);
            }
        }
    }
}

/// How a setting came to differ from the code, behind what is said of it; and what the cure needs besides.
fn told(setting: &str, aside: Aside) -> (&'static str, Option<String>) {
    match aside {
        Aside::LeftAlone => (
            ". The code has another value, and the apply keeps this one",
            Some(format!("and take {setting} out of `ignore_changes`, or the apply keeps what is there")),
        ),
        Aside::Overwritten => (". It was changed outside since the last apply, and the next one overwrites that", None),
        Aside::ChangedOutside => (". It was changed outside since the last apply", None),
    }
}

/// The configuration with the ids that an apply fills in, under the address of the app client that gets them.
fn filled(mut literals: Literals, clients: &[Client], world: &World) -> Literals {
    for (literals, client) in literals.clients.iter_mut().zip(clients) {
        if let Some((_, address)) = world.filled.0.iter().find(|(span, _)| *span == client.id.span) {
            literals.id = Ok(ClientId(Setting { value: address.clone(), ..client.id.clone() }));
        }
    }
    literals
}

/// Whether nothing but an id that the apply fills in keeps a rule from judging what is written.
fn waits_for_apply(verdict: &Verdict, world: &World) -> bool {
    let Verdict::Undecided(missing) = verdict else { return false };
    let is_filled = |reason: &Missing| match reason {
        Missing::Placeholder(at) => world.filled.0.iter().any(|(filled, _)| filled == at),
        _ => false,
    };
    !missing.is_empty() && missing.iter().all(is_filled)
}

/// Why nobody could be asked about what only a cured login shows.
const AFTER_THE_CURE: &str = "what fails now has to be cured by the apply before anybody can be asked";

fn waits(reason: &Missing) -> bool {
    matches!(reason, Missing::Follows(_))
}

/// What each rule says of a world, before causes hide their consequences.
fn judge_world(config: &Config, world: &World, rules: &[&'static Rule]) -> Vec<Judged> {
    let clients = config.clients();
    let literals = Literals::about(config, &clients, world.subject(config));
    let filled = (!world.filled.0.is_empty())
        .then(|| filled(Literals::about(config, &clients, world.subject(config)), &clients, world));
    let after: HashSet<&ExchangeId> = world
        .testimonies
        .iter()
        .filter(|testimony| testimony.tense == Tense::AfterApply)
        .map(|testimony| &testimony.id)
        .collect();
    let is_unused = config.settings.as_ref().is_some_and(Settings::has_only_own_clients);
    let is_global =
        |client: usize| clients.get(client).is_none_or(|client| client.index == 0 && client.route.is_none());
    let mut judged: Vec<Judged> = Vec::new();
    for &rule in rules {
        let count = if rule.per_client { clients.len().max(1) } else { 1 };
        for client in 0..count {
            let is_of_file = rule.needs.iter().all(|need| *need == Need::File);
            let literals = filled.as_ref().filter(|_| !is_of_file).unwrap_or(&literals);
            let case = Case { config, world, literals, clients: &clients, client };
            let (mut verdict, witnesses) = rule.judge(&case);
            if is_of_file && waits_for_apply(&verdict, world) {
                verdict = Verdict::NotApplicable("only the apply will know the client id");
            }
            if let (true, Verdict::Fail(findings)) = (rule.per_client && is_unused && is_global(client), &mut verdict) {
                for finding in findings.iter_mut() {
                    finding.stops_login = false;
                }
            }
            let client = rule.per_client.then(|| clients.get(client).map(|client| client.id.value.clone())).flatten();
            let is_after_apply = witnesses.iter().any(|id| after.contains(id));
            judged.push(Judged { is_after_apply, ..Judged::new(rule, client, verdict, witnesses) });
        }
    }
    judged
}

/// The rules that found an error, in order.
#[derive(Default)]
struct Errors {
    any: Vec<&'static Rule>,
    of_no_client: Vec<(usize, &'static Rule)>,
    of_client: HashMap<String, Vec<(usize, &'static Rule)>>,
}

impl Errors {
    fn of(judged: &[Judged]) -> Self {
        let mut errors = Self::default();
        for (order, error) in judged.iter().enumerate().filter(|(_, judged)| judged.is_error()) {
            errors.any.push(error.rule);
            let list = match &error.client {
                None => &mut errors.of_no_client,
                Some(client) => errors.of_client.entry(client.clone()).or_default(),
            };
            list.push((order, error.rule));
        }
        errors
    }

    /// Those that may explain something about a client: what is wrong with another one explains nothing about it.
    fn about(&self, client: Option<&str>) -> Vec<&'static Rule> {
        let Some(client) = client else { return self.any.clone() };
        let mut about: Vec<_> =
            self.of_no_client.iter().chain(self.of_client.get(client).into_iter().flatten()).collect();
        about.sort_unstable_by_key(|(order, _)| *order);
        about.into_iter().map(|(_, rule)| *rule).collect()
    }
}

/// The rule whose findings are told in the words of Kubernetes.
const REJECTED: &str = "crd-field-rejected";

/// What Kubernetes refuses is not told at the same place once more in Pomerium's words.
fn fold_rejected(judged: &mut [Judged]) {
    let rejected = judged.iter().filter(|judged| judged.rule.name == REJECTED && judged.is_error());
    let places: Vec<Span> = rejected.flat_map(Judged::findings).map(|finding| finding.at).collect();
    let covers = |place: &Span, at: Span| place.source == at.source && place.start <= at.start && at.end <= place.end;
    for verdict in judged.iter_mut().filter(|judged| judged.rule.name != REJECTED && !judged.findings().is_empty()) {
        if verdict.findings().iter().all(|finding| places.iter().any(|place| covers(place, finding.at))) {
            verdict.verdict = Verdict::Undecided(Vec::new());
            verdict.follows = Some(REJECTED);
        }
    }
}

/// A cause hides its consequences.
fn fold(judged: &mut [Judged]) {
    fold_rejected(judged);
    let errors = Errors::of(judged);
    if errors.any.is_empty() {
        return;
    }
    for verdict in judged.iter_mut() {
        if verdict.rule.follows.is_empty() || matches!(verdict.verdict, Verdict::Pass | Verdict::NotApplicable(_)) {
            continue;
        }
        let about = errors.about(verdict.client.as_deref());
        if let Some(cause) = verdict.rule.follows.iter().find(|name| about.iter().any(|rule| rule.name == **name)) {
            verdict.verdict = Verdict::Undecided(Vec::new());
            verdict.follows = Some(cause);
        }
    }
    // The chain is broken at the first error that is left: what could not be judged after it waits for the repair.
    let errors = Errors::of(judged);
    for verdict in judged.iter_mut().filter(|verdict| verdict.is_open()) {
        let broken = errors.about(verdict.client.as_deref()).into_iter().find(|rule| rule.stage <= verdict.rule.stage);
        verdict.follows = broken.map(|rule| rule.name);
    }
}

/// The login path: each stage that has a rule among those judged.
pub fn login_path(judged: &[Judged]) -> Vec<(Stage, StageState)> {
    Stage::ALL.into_iter().filter_map(|stage| state(judged, stage).map(|state| (stage, state))).collect()
}

fn state(judged: &[Judged], stage: Stage) -> Option<StageState> {
    let here: Vec<&Judged> = judged
        .iter()
        .filter(|judged| judged.rule.stage == stage && !matches!(judged.verdict, Verdict::NotApplicable(_)))
        .collect();
    let any = |is: fn(&Judged) -> bool| here.iter().any(|judged| is(judged));
    if here.is_empty() {
        None
    } else if any(Judged::is_error) {
        Some(StageState::Fail)
    } else if any(Judged::is_open) {
        Some(StageState::Undecided)
    } else if any(|judged| judged.follows.is_some()) {
        Some(StageState::Follows)
    } else if any(|judged| judged.is_failed() && judged.severity() >= Severity::Warning) {
        Some(StageState::Warn)
    } else if any(|judged| judged.severity() > Severity::Note && judged.findings().iter().any(Finding::is_ignored)) {
        Some(StageState::Ignored)
    } else if any(Judged::is_declined) || is_unasked(judged, stage) {
        Some(StageState::Undecided)
    } else {
        Some(StageState::Pass)
    }
}

/// What the file says of a stage on the provider's side proves little as long as nothing that the provider says was judged.
fn is_unasked(judged: &[Judged], stage: Stage) -> bool {
    let needs_answers = |judged: &&Judged| judged.rule.needs.iter().any(|need| *need != Need::File);
    let mut of_provider = judged.iter().filter(|judged| judged.rule.stage == stage).filter(needs_answers).peekable();
    let is_judged = |judged: &Judged| matches!(judged.verdict, Verdict::Pass | Verdict::Fail(_));
    (Stage::Issuer..=Stage::Login).contains(&stage) && of_provider.peek().is_some() && !of_provider.any(is_judged)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::config::{Source, SourceKind, Sources};
    use crate::rules::{self, Finding};

    #[test]
    fn every_cause_is_a_rule() {
        for rule in rules::RULES.iter() {
            for cause in &rule.follows {
                assert!(rules::find(cause).is_some_and(|cause| cause.name != rule.name), "{} after {cause}", rule.name);
            }
        }
    }

    fn judged(rule: &str, client: Option<&str>, verdict: Verdict) -> Judged {
        Judged::new(rules::find(rule).unwrap(), client.map(str::to_owned), verdict, Vec::new())
    }

    fn failed() -> Verdict {
        let source = Sources::default().add(Source::new("pomerium.yaml", SourceKind::File, "a: b"));
        Verdict::Fail(vec![Finding::at(Span { source, start: 3, end: 4 }, "wrong")])
    }

    #[test]
    fn an_error_that_stops_no_login_neither_hides_nor_ends_anything() {
        let Verdict::Fail(findings) = failed() else { unreachable!() };
        let harmless = Verdict::Fail(findings.into_iter().map(Finding::stops_no_login).collect());
        let mut verdicts = [judged("published-secret-in-use", None, harmless), judged("issuer-mismatch", None, open())];
        fold(&mut verdicts);
        assert_eq!(verdicts[1].follows, None);
        assert_eq!(state(&verdicts, Stage::Pomerium), Some(StageState::Warn));
        assert_eq!(verdicts[0].severity(), Severity::Error);
    }

    #[test]
    fn a_stage_of_which_nothing_was_judged_has_not_passed() {
        let not_applicable = Verdict::NotApplicable("there is no client");
        let of_file = || judged("callback-unregistrable", None, Verdict::Pass);
        let unasked = [of_file(), judged("callback-not-registered", None, not_applicable)];
        assert_eq!(state(&unasked, Stage::Callback), Some(StageState::Undecided));
        let asked = [of_file(), judged("callback-not-registered", None, Verdict::Pass)];
        assert_eq!(state(&asked, Stage::Callback), Some(StageState::Pass));
        // If only such rules were chosen, they are what was asked for.
        assert_eq!(state(&[of_file()], Stage::Callback), Some(StageState::Pass));
    }

    fn open() -> Verdict {
        Verdict::Undecided(vec![Missing::Follows(Need::Authorize)])
    }

    #[test]
    fn a_cause_hides_its_consequences_for_the_same_client_only() {
        let mut verdicts = [
            judged("client-id-malformed", Some("one"), failed()),
            judged("client-not-usable", Some("one"), failed()),
            judged("client-not-usable", Some("two"), failed()),
            judged("callback-not-registered", Some("one"), open()),
            judged("callback-not-registered", Some("two"), open()),
        ];
        fold(&mut verdicts);
        let follows = verdicts.map(|judged| judged.follows);
        assert_eq!(
            follows,
            [None, Some("client-id-malformed"), None, Some("client-id-malformed"), Some("client-not-usable")]
        );
    }

    #[test]
    fn what_waits_waits_for_the_cause_and_not_for_another_consequence() {
        let mut verdicts = [
            judged("userinfo-endpoint-missing", None, failed()),
            judged("pool-has-no-domain", None, failed()),
            judged("client-not-usable", Some("one"), open()),
        ];
        fold(&mut verdicts);
        let follows = verdicts.map(|judged| judged.follows);
        assert_eq!(follows, [Some("pool-has-no-domain"), None, Some("pool-has-no-domain")]);
    }
}
