//! How far a login gets.

use super::Judged;
use crate::evidence::Need;
use crate::rules::{Finding, Severity, Stage, Verdict};

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

/// The login path: each stage that has a rule among those judged.
pub fn login_path(judged: &[Judged]) -> Vec<(Stage, StageState)> {
    Stage::ALL.into_iter().filter_map(|stage| state(judged, stage).map(|state| (stage, state))).collect()
}

pub(super) fn state(judged: &[Judged], stage: Stage) -> Option<StageState> {
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
