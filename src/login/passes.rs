//! What the cheap questions tell before anybody signs in: the same that `pomlint check` asks, judged by the same rules.

use crate::engine::Judged;
use crate::evidence::{Exchange, Outcome, World};
use crate::rules::{Rule, Severity, Stage};

/// A rule that fails, with its first finding in words.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The rule.
    pub rule: &'static Rule,
    /// The finding.
    pub says: String,
}

/// The stages that a sign-in goes through itself. What is wrong at another one does not keep it from beginning.
const OF_SIGN_IN: std::ops::RangeInclusive<Stage> = Stage::Issuer..=Stage::Login;

/// The errors that stand in the way of a sign-in, and those that do not, which are of other stages; of what is judged of its client.
pub fn failed(judged: &[Judged]) -> (Vec<Failed>, Vec<Failed>) {
    let errors = judged.iter().filter_map(|judged| {
        let is_error = |finding: &&crate::rules::Finding| {
            finding.severity.unwrap_or(judged.rule.severity) == Severity::Error && !finding.is_ignored()
        };
        let finding = judged.findings().iter().find(is_error)?;
        Some(Failed { rule: judged.rule, says: finding.says.clone() })
    });
    errors.partition(|failed| OF_SIGN_IN.contains(&failed.rule.stage))
}

/// A question that was answered before anybody signs in.
pub struct Passed {
    /// The step.
    pub step: &'static str,
    /// What the answer shows, or why there is none.
    pub says: String,
    /// How many milliseconds it took, if it was answered.
    pub ms: Option<u64>,
    /// Whether it really shows that; else it leaves it open.
    pub is_sure: bool,
}

const NOT_SURE: &str = "no answer that tells; `pomlint check` says why";

/// The steps that were taken, those that were not answered too. Those at which something fails are not among them.
///
/// `number` is that of the client, from 1.
pub fn passed(world: &World, judged: &[Judged], number: usize) -> Vec<Passed> {
    use Stage::{Callback, Client, Discovery, Domain, Flow, Issuer, Keys, Login, Scopes};
    const STEPS: [(&str, &str, &str, &[Stage]); 4] = [
        ("discovery", "discovery", "the pool's document is as Pomerium wants it", &[Issuer, Discovery]),
        ("keys", "keys", "the pool has keys that its tokens are signed with", &[Keys]),
        (
            "authorize",
            "authorize",
            "client, callback, flow and scopes are taken",
            &[Domain, Client, Callback, Flow, Scopes],
        ),
        ("login page", "login-page", "there is one", &[Login]),
    ];
    let asked = |id: &str| {
        let numbered = format!("{id}.{number}");
        let is_it = |known: &str| {
            known == numbered || known == id && (number == 1 || !["authorize", "login-page"].contains(&id))
        };
        let all = || world.exchanges.iter().filter(|exchange| is_it(&exchange.id.0));
        let is_answered = |exchange: &&Exchange| matches!(exchange.outcome, Outcome::Answer(_));
        all().find(is_answered).or_else(|| all().next_back())
    };
    let is_open = |judged: &Judged| judged.missing().iter().any(|why| !why.is_unwanted() && !why.is_of_nobody());
    let step = |(step, id, says, stages): (&'static str, &str, &'static str, &[Stage])| {
        let is_of = |judged: &&Judged| stages.contains(&judged.rule.stage) && judged.rule.severity == Severity::Error;
        let of_step: Vec<&Judged> = judged.iter().filter(is_of).collect();
        if of_step.iter().any(|judged| judged.is_failed()) {
            return None;
        }
        let asked = asked(id)?;
        let is_sure = !of_step.into_iter().any(is_open);
        Some(match &asked.outcome {
            Outcome::Failure(why) => {
                Passed { step, says: format!("no answer: {}", why.cause), ms: None, is_sure: false }
            }
            Outcome::Answer(_) if is_sure => Passed { step, says: says.to_owned(), ms: Some(asked.ms), is_sure },
            Outcome::Answer(_) => Passed { step, says: NOT_SURE.to_owned(), ms: Some(asked.ms), is_sure },
        })
    };
    STEPS.into_iter().filter_map(step).collect()
}
