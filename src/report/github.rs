//! Annotations of GitHub Actions.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message>

use super::place::{self, Place};
use super::summary::counts;
use super::{ConfigReport, Listed, Report, View, cause, text, words};
use crate::rules::Severity;

/// GitHub shows no more annotations of a step.
const MOST: usize = 10;
/// Longer texts from outside are cut.
const LONGEST: usize = 600;

/// At most ten workflow commands, the worst first, and a line with the counts.
pub(super) fn render(report: &Report, view: &View) -> String {
    let mut commands: Vec<(Rank, String)> = Vec::new();
    for one in &report.reports {
        let listed = one.told();
        let counting = listed.iter().filter(|listed| listed.pardon().is_none());
        commands.extend(counting.map(|listed| (Rank::of(listed.severity), finding(one, listed))));
        commands.extend(undecided(one).into_iter().map(|command| (Rank::Undecided, command)));
    }
    commands.extend(settings(report).map(|command| (Rank::Settings, command)));
    // Stable: within a rank, in the order of the login.
    commands.sort_by_key(|(rank, _)| *rank);
    let left = commands.len().saturating_sub(MOST);
    let mut lines: Vec<String> = commands.into_iter().take(MOST).map(|(_, command)| command).collect();
    let more = match left {
        0 => String::new(),
        _ if view.step_summary => format!("; {left} more are in the step summary"),
        _ => format!("; {left} more have no annotation, of which GitHub shows {MOST}"),
    };
    lines.push(format!("pomlint: {}{more}", counts(&report.summary)));
    let about = words::elsewhere(report).into_iter().chain(words::baseline(report));
    lines.extend(about.map(|line| text::inert(text::escape(&line))));
    lines.join("\n") + "\n"
}

/// The order in which annotations are shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Error,
    Undecided,
    Settings,
    Warning,
    Note,
}

impl Rank {
    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

fn finding(one: &ConfigReport, listed: &Listed) -> String {
    let place = Place::of(&one.config, listed.finding.at);
    let (file, line) = place.file_and_line(&one.config);
    let mut properties = vec![("file", file), ("line", line.to_string())];
    if place.file().is_some() {
        properties.push(("endLine", place.end.line.to_string()));
        // GitHub takes columns only within one line, and shows the last one too.
        if place.start.line == place.end.line {
            let last = place.end.column.saturating_sub(1).max(place.start.column);
            properties.push(("col", place.start.column.to_string()));
            properties.push(("endColumn", last.to_string()));
        }
    }
    properties.push(("title", format!("{}: {}", listed.judged.rule.name, listed.headline())));
    let name = match listed.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut message = vec![listed.finding.says.as_str()];
    message.extend(listed.finding.fix.iter().map(String::as_str));
    command(name, &properties, &message)
}

/// A warning for each cause for which something could not be judged.
fn undecided(one: &ConfigReport) -> Vec<String> {
    let rows = cause::rows(one).into_iter();
    rows.map(|row| {
        let place = row.at.map(|at| Place::of(&one.config, at).file_and_line(&one.config));
        let place = place.or_else(|| place::main_file(&one.config).map(|file| (file, 1)));
        let mut properties: Vec<(&str, String)> = Vec::new();
        if let Some((file, line)) = place {
            properties.extend([("file", file), ("line", line.to_string())]);
        }
        properties.push(("title", format!("undecided: {}", row.rule)));
        command("warning", &properties, &[&row.says])
    })
    .collect()
}

/// What the settings file excuses, so that whoever looks at a green run knows.
fn settings(report: &Report) -> Option<String> {
    let file = place::portable(&report.settings.as_ref()?.file);
    let properties = [("file", file), ("line", "1".to_owned()), ("title", "pomlint settings".to_owned())];
    Some(command("notice", &properties, &[&words::settings(report)?]))
}

/// `::error file=pomerium.yaml,line=3::message`, with everything escaped that could end a part of it.
fn command(name: &str, properties: &[(&str, String)], message: &[&str]) -> String {
    let clean = |words: &str| text::cap(&text::escape(words), LONGEST);
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(&clean(value)))).collect();
    let message: Vec<String> = message.iter().map(|line| clean(line)).collect();
    format!("::{name} {}::{}", properties.join(","), data(&message.join("\n")))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
