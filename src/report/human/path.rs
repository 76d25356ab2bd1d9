//! The login path: how far a login gets, stage by stage.

use super::{Ink, Screen};
use crate::engine::StageState;
use crate::report::{ConfigReport, text};
use crate::rules::{Severity, Stage};

/// The mark of a state.
fn mark(state: StageState) -> (&'static str, Ink) {
    match state {
        StageState::Pass => ("✓", Ink::Good),
        StageState::Fail => ("✗", Ink::Bad),
        StageState::Warn => ("!", Ink::Warn),
        StageState::Ignored => ("~", Ink::Warn),
        StageState::Undecided => ("?", Ink::Warn),
        StageState::Follows => ("–", Ink::Frame),
    }
}

/// What the marks mean; the first two need no words.
const LEGEND: [(StageState, &str); 4] = [
    (StageState::Warn, "see the warning"),
    (StageState::Ignored, "ignored or switched off"),
    (StageState::Undecided, "not judged"),
    (StageState::Follows, "waits for the cure"),
];

/// The path with its marks, and the meaning of those that do not speak for themselves.
pub(super) fn path(screen: &Screen<'_>, report: &ConfigReport) -> Vec<String> {
    if report.path.is_empty() {
        return Vec::new();
    }
    let meaning = |state: StageState, meaning: &'static str| match state {
        StageState::Warn if has_error_beside(report) => "stops no login",
        _ => meaning,
    };
    let legend: Vec<String> = LEGEND
        .iter()
        .filter(|(state, _)| report.path.iter().any(|(_, here)| here == state))
        .map(|(state, words)| format!("{} {}", mark(*state).0, meaning(*state, words)))
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
    let states = [StageState::Pass, StageState::Fail].into_iter().chain(LEGEND.map(|(state, _)| state));
    states.map(mark).fold(row.to_owned(), |row, (mark, ink)| row.replace(mark, &screen.paint(mark, ink)))
}
