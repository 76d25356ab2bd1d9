//! The login path: how far a login gets, stage by stage.

use super::{Ink, Screen};
use crate::engine::StageState;
use crate::report::{ConfigReport, text};
use crate::rules::{Severity, Stage};

/// The mark of a state.
pub(in crate::report) fn mark(state: StageState) -> (&'static str, Ink) {
    match state {
        StageState::Pass => ("✓", Ink::Good),
        StageState::Fail => ("✗", Ink::Bad),
        StageState::Warn => ("!", Ink::Warn),
        StageState::Ignored => ("~", Ink::Warn),
        StageState::Undecided => ("?", Ink::Warn),
        StageState::Follows => ("–", Ink::Frame),
    }
}

/// The states whose marks do not speak for themselves.
const LEGEND: [StageState; 4] = [StageState::Warn, StageState::Ignored, StageState::Undecided, StageState::Follows];

/// What a mark means.
pub(in crate::report) fn meaning(report: &ConfigReport, state: StageState) -> &'static str {
    match state {
        StageState::Pass => "in order",
        StageState::Fail => "broken",
        StageState::Warn if has_error_beside(report) => "stops no login",
        StageState::Warn => "see the warning",
        StageState::Ignored => "ignored or switched off",
        StageState::Undecided => "not judged",
        StageState::Follows => "waits for the cure",
    }
}

/// The path with its marks, and the meaning of those that do not speak for themselves.
pub(super) fn path(screen: &Screen<'_>, report: &ConfigReport) -> Vec<String> {
    if report.path.is_empty() {
        return Vec::new();
    }
    let legend: Vec<String> = LEGEND
        .iter()
        .filter(|state| report.path.iter().any(|(_, here)| here == *state))
        .map(|state| format!("{} {}", mark(*state).0, meaning(report, *state)))
        .collect();
    let heading = screen.paint("login path", Ink::Strong);
    let mut lines = vec![if legend.is_empty() {
        heading
    } else {
        format!("{heading}  {}", screen.paint(&format!("({})", legend.join(", ")), Ink::Frame))
    }];
    let steps: Vec<String> =
        report.path.iter().map(|(stage, state)| format!("{} {}", stage.name(), mark(*state).0)).collect();
    let rows = text::fill(steps.iter().map(String::as_str), "  ", screen.width().saturating_sub(2));
    lines.extend(rows.into_iter().map(|row| format!("  {}", paint(screen, &row))));
    lines
}

/// Whether an error stands at a stage that a login gets past: it is no warning, and stops nobody.
fn has_error_beside(report: &ConfigReport) -> bool {
    let gets_past = |stage: Stage| report.path.iter().any(|(at, state)| *at == stage && *state == StageState::Warn);
    report.listed().iter().any(|listed| listed.severity == Severity::Error && gets_past(listed.judged.rule.stage))
}

/// A row of the path with its marks in colour.
fn paint(screen: &Screen<'_>, row: &str) -> String {
    let states = [StageState::Pass, StageState::Fail].into_iter().chain(LEGEND);
    states.map(mark).fold(row.to_owned(), |row, (mark, ink)| row.replace(mark, &screen.paint(mark, ink)))
}
