//! The commands that cure what was found.

use super::{Screen, labelled};
use crate::report::{ConfigReport, Verbosity, text};

/// So wide at most is a command beside which another's words begin in the same column.
const WIDEST: usize = 44;

/// The block; nothing if there is none.
pub(super) fn block(screen: &Screen<'_>, report: &ConfigReport) -> Option<Vec<String>> {
    if report.cures.is_empty() || screen.view.verbosity == Verbosity::Quiet {
        return None;
    }
    let commands: Vec<String> = report.cures.iter().map(|cure| screen.outside(&cure.command, 600)).collect();
    let widest = commands.iter().map(|command| text::width(command)).max().unwrap_or(0);
    let lines = commands.into_iter().map(|command| {
        let about = about(&command);
        let gap = widest.min(WIDEST).saturating_sub(text::width(&command));
        format!("{command}{:gap$}   # {about}", "")
    });
    Some(labelled("try", lines.collect()))
}

/// What a command does.
pub(in crate::report) fn about(command: &str) -> &'static str {
    if command.starts_with("pomlint fix") {
        "what can be corrected safely, as a diff"
    } else {
        "what Cognito must be told"
    }
}
