//! Judges a case by the rules: pure and short.

mod decide;
mod edits;
mod fold;
mod glob;
mod path;

#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::HashSet;
use std::mem::discriminant;

use crate::config::{Client, ClientId, Config, Literals, Setting, Settings};
use crate::evidence::{Aside, Case, ExchangeId, Missing, Need, Testimony, World};
use crate::infra::Tense;
use crate::rules::{Finding, Rule, Severity, Verdict};

pub use decide::{Acceptance, Accepted, Decisions, decide};
pub use glob::Glob;
pub use path::{StageState, login_path};

use fold::fold;

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

/// Judges one configuration by the given rules, in their order: as it is, or, where infrastructure code says so, as it will be.
pub fn judge(config: &Config, world: &World, rules: &[&'static Rule]) -> Vec<Judged> {
    let mut judged = judge_tenses(config, world, rules);
    edits::withdraw(config, &mut judged);
    judged
}

fn judge_tenses(config: &Config, world: &World, rules: &[&'static Rule]) -> Vec<Judged> {
    let mut now = judge_releases(config, world, rules);
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

/// What each rule says of a world, for every release that it may be: of what runs only a range is known. A rule that says one
/// thing of one release and another of the next is not decided by that.
fn judge_releases(config: &Config, world: &World, rules: &[&'static Rule]) -> Vec<Judged> {
    let mut judged = judge_world(config, world, rules);
    let Ok(release) = &world.running.release else { return judged };
    for version in release.value.releases().filter(|version| *version != config.version) {
        let others = judge_world(&Config { version, ..config.clone() }, world, rules);
        for (judged, other) in judged.iter_mut().zip(others) {
            if says_the_same(&judged.verdict, &other.verdict) {
                continue;
            }
            // What is found of each of them is certain, whatever else is found of some.
            if !keep_common(&mut judged.verdict, &other.verdict) {
                let why = format!("it depends on the release of Pomerium, and what runs may be {}", release.value);
                judged.verdict = Verdict::Undecided(vec![Missing::Elsewhere(why)]);
            }
        }
    }
    judged
}

/// Findings are the same if they are at the same places and as bad; their words may name the release.
fn are_same(one: &Finding, other: &Finding) -> bool {
    (one.at, one.severity, one.stops_login) == (other.at, other.severity, other.stops_login)
}

/// Leaves of the findings those that the other verdict has, too, and says whether there are any.
fn keep_common(verdict: &mut Verdict, other: &Verdict) -> bool {
    let (Verdict::Fail(findings), Verdict::Fail(others)) = (verdict, other) else { return false };
    findings.retain(|finding| others.iter().any(|other| are_same(finding, other)));
    !findings.is_empty()
}

fn says_the_same(one: &Verdict, other: &Verdict) -> bool {
    match (one, other) {
        (Verdict::Fail(one), Verdict::Fail(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| are_same(one, other))
        }
        _ => discriminant(one) == discriminant(other),
    }
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
    let count = |rule: &Rule| if rule.per_client { clients.len().max(1) } else { 1 };
    // Of thousands of services, each keeps them.
    let mut judged: Vec<Judged> = Vec::with_capacity(rules.iter().map(|rule| count(rule)).sum());
    for &rule in rules {
        let unknown = OnceCell::new();
        for client in 0..count(rule) {
            let is_of_file = rule.needs.iter().all(|need| *need == Need::File);
            let literals = filled.as_ref().filter(|_| !is_of_file).unwrap_or(&literals);
            let case = Case { config, world, literals, clients: &clients, client };
            let (mut verdict, witnesses) = rule.judge(&case, &unknown);
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
