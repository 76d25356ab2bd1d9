//! Reviewdog's diagnostic format, with cures as suggestions.
//!
//! <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>: lines and columns count from 1, and columns are bytes of UTF-8.

use serde_json::{Value, json};

use super::place::{self, Place, portable};
use super::pretty::pretty;
use super::words::first_cure;
use super::{ConfigReport, Listed, PROGRAM, Report, View, cause, text, words};
use crate::config::{Config, Span};
use crate::page::address;
use crate::rules::Severity;

/// The report as one `DiagnosticResult`.
pub(super) fn render(report: &Report, _: &View) -> String {
    let diagnostics: Vec<Value> = report.reports.iter().flat_map(diagnostics).chain(settings(report)).collect();
    pretty(&json!({"source": {"name": PROGRAM}, "diagnostics": diagnostics}))
}

fn diagnostics(one: &ConfigReport) -> Vec<Value> {
    let findings = one.told().into_iter().map(|listed| finding(&one.config, &listed));
    // What could not be judged is no pass, and this format has no other place to say so: a remark for each cause, not for each rule.
    let path = place::main_file(&one.config).unwrap_or_else(|| portable(&one.config.path));
    let undecided = cause::rows(one).into_iter().map(|row| {
        json!({
            "message": format!("{} could not be judged: {}", row.rule, text::escape(&row.says)),
            "location": row.at.map_or_else(|| json!({"path": path}), |at| location(&one.config, at)),
            "severity": "INFO",
            "code": code(row.rule),
        })
    });
    findings.chain(undecided).collect()
}

/// The rule, and where its page is.
fn code(rule: &str) -> Value {
    match address(rule) {
        Some(page) => json!({"value": rule, "url": page}),
        None => json!({"value": rule}),
    }
}

/// Where something stands, as far as that is in a file.
fn location(config: &Config, at: Span) -> Value {
    let place = Place::of(config, at);
    match place.file() {
        Some(path) => json!({"path": path, "range": range(config, at)}),
        None => json!({"path": place.file_and_line(config).0}),
    }
}

fn finding(config: &Config, listed: &Listed) -> Value {
    let finding = listed.finding;
    let place = Place::of(config, finding.at);
    let cure = first_cure(&finding.fix);
    let fix = if cure.is_empty() { cure } else { format!("\nfix: {}", text::escape(&cure)) };
    let mut diagnostic = json!({
        "message": format!("{}: {}{fix}", text::escape(&listed.headline()), text::escape(&finding.says)),
        "location": location(config, finding.at),
        "severity": if listed.pardon().is_some() { "INFO" } else { severity(listed.severity) },
        "code": code(listed.judged.rule.name),
    });
    // A suggestion is made for the file of the finding.
    let edit = listed.edit.filter(|edit| edit.at.source == finding.at.source && place.file().is_some());
    if let Some(edit) = edit.filter(|_| listed.pardon().is_none()) {
        diagnostic["suggestions"] = json!([{"range": range(config, edit.at), "text": edit.text}]);
    }
    diagnostic
}

fn range(config: &Config, span: Span) -> Value {
    let position = |offset: usize| {
        let Some(source) = config.sources.get(span.source) else { return json!({"line": 1, "column": 1}) };
        let line = source.position(offset).line;
        // In bytes of the line as it stands in the file, a byte order mark among them: by these reviewdog cuts it.
        let start = source.line_start(line).unwrap_or_default();
        json!({"line": line, "column": offset.min(source.text.len()).saturating_sub(start) + 1})
    };
    json!({"start": position(span.start), "end": position(span.end)})
}

/// What the settings file excuses.
fn settings(report: &Report) -> Option<Value> {
    let says = words::settings(report)?;
    let path = portable(&report.settings.as_ref()?.file);
    let message = text::escape(&says);
    Some(json!({"message": message, "location": {"path": path}, "severity": "INFO", "code": {"value": "settings"}}))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    }
}
