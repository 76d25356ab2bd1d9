//! Turns a function of facts into a rule: the signature is the plan.

use super::{Finding, Judgement, Verdict};
use crate::config::Config;
use crate::evidence::{Case, ExchangeId, Fact, Missing, Need};

/// A function whose parameters are facts.
#[diagnostic::on_unimplemented(
    message = "the function of a rule takes one to six references, each to a fact, and nothing else",
    label = "a parameter of this function is no fact, or what it returns is no judgement",
    note = "a fact is a literal setting (a row of `src/config/provider/literals.rs`: `Issuer`, …; or `ClientId`, `RequestedScopes`, …), the whole of `Settings` or `Config`, or a row of the tables of `src/evidence/world.rs` (`CallbackStanding`, `Evidence<KeyAnswer>`, …)"
)]
pub trait Check<Facts> {
    /// What its facts take, without repetition.
    fn needs() -> Vec<Need>;
    /// One of its facts differs from client to client.
    fn per_client() -> bool;
    /// It may pass over an option whose value is a reference: one of its facts is all options, and no answer decides.
    fn meets_references() -> bool;
    /// What cannot be seen of its facts, if the configuration alone answers for them.
    fn unseen(case: &Case<'_>) -> Vec<Missing>;
    /// Asks for each fact; calls the function only if all are known.
    fn judge(&self, case: &Case<'_>) -> (Verdict, Vec<ExchangeId>);
}

macro_rules! check {
    ($($fact:ident),+) => {
        impl<Function, Said, $($fact: Fact),+> Check<($($fact,)+)> for Function
        where
            Function: Fn($(&$fact),+) -> Said,
            Said: Into<Judgement>,
        {
            fn needs() -> Vec<Need> {
                let mut needs = vec![$($fact::NEED),+];
                needs.sort_unstable();
                needs.dedup();
                needs
            }

            fn per_client() -> bool {
                $($fact::PER_CLIENT)||+
            }

            fn meets_references() -> bool {
                let is_answered = [$($fact::NEED != Need::File && !$fact::OPTIONAL),+].contains(&true);
                !is_answered && [$($fact::HOLDS_REFERENCES),+].contains(&true)
            }

            fn unseen(case: &Case<'_>) -> Vec<Missing> {
                // Where the provider has answered, its answer decides.
                let is_answered = [$($fact::NEED),+].iter().any(|need| *need != Need::File);
                if is_answered { Vec::new() } else { [$($fact::unseen(case)),+].concat() }
            }

            #[allow(non_snake_case, reason = "a fact's type names its variable")]
            fn judge(&self, case: &Case<'_>) -> (Verdict, Vec<ExchangeId>) {
                let mut missing = Vec::new();
                let mut witnesses = Vec::new();
                $(let $fact = ask::<$fact>(case, &mut witnesses, &mut missing);)+
                match ($($fact,)+) {
                    ($(Some($fact),)+) => (decide(case.config, self($($fact),+).into()), witnesses),
                    _ => (lacking(missing), witnesses),
                }
            }
        }
    };
}

check!(A);
check!(A, B);
check!(A, B, C);
check!(A, B, C, D);
check!(A, B, C, D, E);
check!(A, B, C, D, E, F);

fn ask<'a, F: Fact>(case: &Case<'a>, witnesses: &mut Vec<ExchangeId>, missing: &mut Vec<Missing>) -> Option<&'a F> {
    match F::of(case) {
        Ok((fact, seen)) => {
            for id in seen {
                if !witnesses.contains(id) {
                    witnesses.push(id.clone());
                }
            }
            Some(fact)
        }
        Err(reason) => {
            if !missing.contains(&reason) {
                missing.push(reason);
            }
            None
        }
    }
}

fn decide(config: &Config, judgement: Judgement) -> Verdict {
    match judgement {
        Judgement::Findings(findings) if findings.is_empty() => Verdict::Pass,
        Judgement::Findings(findings) => {
            Verdict::Fail(findings.into_iter().map(|finding| without_idle_edit(config, finding)).collect())
        }
        Judgement::NotApplicable(reason) => Verdict::NotApplicable(reason),
        Judgement::Undecided(missing) => Verdict::Undecided(missing),
    }
}

/// What already stands there is no change to offer.
fn without_idle_edit(config: &Config, finding: Finding) -> Finding {
    let edit = finding.edit.filter(|edit| config.sources.slice(edit.at) != edit.text);
    Finding { edit, ..finding }
}

/// A question that makes no sense needs no answer to the others.
fn lacking(missing: Vec<Missing>) -> Verdict {
    missing
        .iter()
        .find_map(|reason| match reason {
            Missing::NotApplicable(why) => Some(Verdict::NotApplicable(why)),
            _ => None,
        })
        .unwrap_or(Verdict::Undecided(missing))
}
