//! The login path, drawn: a mark, a word and a line for each stage, so that no colour says anything alone.

use super::sheet::Sheet;
use crate::engine::StageState;
use crate::report::human::path::{mark, meaning};
use crate::report::{ConfigReport, Listed};
use crate::rules::Stage;

/// Every state, in the order in which the marks are explained.
const STATES: [StageState; 6] = [
    StageState::Pass,
    StageState::Fail,
    StageState::Warn,
    StageState::Ignored,
    StageState::Undecided,
    StageState::Follows,
];

/// The path, and what its marks mean. A broken stage leads to its first finding.
pub(super) fn write(sheet: &mut Sheet<'_>, one: &ConfigReport, listed: &[Listed<'_>], number: usize) {
    if one.path.is_empty() {
        return;
    }
    sheet.heading(2, |sheet| sheet.put("Login path"));
    sheet.put("<ol class=\"path\">");
    for (stage, state) in &one.path {
        sheet.put("<li class=\"").put(class(*state)).put("\">");
        let finding = first_finding(listed, *stage, *state);
        if let Some(finding) = finding {
            sheet.put("<a href=\"#f").number(number).put("-").number(finding).put("\">");
        }
        sheet.put("<span class=\"mark\" aria-hidden=\"true\">").put(mark(*state).0).put("</span><span>");
        sheet.put(stage.name()).put("</span><span class=\"unseen\">: ").put(meaning(one, *state)).put("</span>");
        sheet.put(if finding.is_some() { "</a></li>" } else { "</li>" });
    }
    sheet.put("</ol><p class=\"key\" aria-hidden=\"true\">");
    for state in STATES.into_iter().filter(|state| one.path.iter().any(|(_, here)| here == state)) {
        sheet.put("<span>").put(mark(state).0).put(" ").put(meaning(one, state)).put("</span> ");
    }
    sheet.put("</p>\n");
}

fn first_finding(listed: &[Listed<'_>], at: Stage, state: StageState) -> Option<usize> {
    if !matches!(state, StageState::Fail | StageState::Warn) {
        return None;
    }
    listed
        .iter()
        .enumerate()
        .filter(|(_, listed)| listed.judged.rule.stage == at && !listed.finding.is_ignored())
        // The first of the worst.
        .reduce(|best, next| if next.1.severity > best.1.severity { next } else { best })
        .map(|(index, _)| index)
}

fn class(state: StageState) -> &'static str {
    match state {
        StageState::Pass => "pass",
        StageState::Fail => "fail",
        StageState::Warn => "warn",
        StageState::Ignored => "ignored",
        StageState::Undecided => "undecided",
        StageState::Follows => "follows",
    }
}
