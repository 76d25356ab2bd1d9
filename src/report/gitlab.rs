//! GitLab's Code Quality report: a JSON array that a merge request compares with the one of its target branch.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cause;
use super::place::{self, Place, portable};
use super::pretty::pretty;
use super::{ConfigReport, Report, View, text, words};
use crate::rules::Severity;

/// The report as Code Quality entries.
pub(super) fn render(report: &Report, _: &View) -> String {
    let entries = report.reports.iter().flat_map(entries).chain(settings(report)).collect();
    pretty(&Value::Array(entries))
}

fn entries(one: &ConfigReport) -> Vec<Value> {
    // GitLab shows descriptions as they are: a line end in one is a slip.
    let clean = text::escape;
    let findings = one.told().into_iter().map(|listed| {
        let place = Place::of(&one.config, listed.finding.at);
        let (path, line) = place.file_and_line(&one.config);
        let end = if place.file().is_some() { place.end.line } else { line };
        json!({
            "description": format!("{}: {}", clean(&listed.headline()), clean(&listed.finding.says)),
            "check_name": listed.judged.rule.name,
            "fingerprint": listed.fingerprint,
            "severity": if listed.pardon().is_some() { "info" } else { severity(listed.severity) },
            "location": {"path": path, "lines": {"begin": line, "end": end}},
        })
    });
    // What could not be judged is no pass, and this format has no other place to say so: an entry for each cause.
    let file = place::main_file(&one.config).unwrap_or_else(|| portable(&one.config.path));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let undecided = cause::rows(one).into_iter().map(move |row| {
        let config = portable(&one.config.path);
        let key = [row.rule, &config, "", "undecided"];
        let count = counts.entry(row.rule).or_default();
        *count += 1;
        let place = row.at.map(|at| Place::of(&one.config, at).file_and_line(&one.config));
        let (path, line) = place.unwrap_or_else(|| (file.clone(), 1));
        json!({
            "description": format!("{} could not be judged: {}", row.rule, clean(&row.says)),
            "check_name": row.rule,
            "fingerprint": super::fingerprint::digest(&key.map(str::to_owned), *count),
            "severity": "minor",
            "location": {"path": path, "lines": {"begin": line, "end": line}},
        })
    });
    findings.chain(undecided).collect()
}

/// What the settings file excuses, which a merge request then shows as new.
fn settings(report: &Report) -> Option<Value> {
    let says = words::settings(report)?;
    let path = portable(&report.settings.as_ref()?.file);
    Some(json!({
        "description": text::escape(&says),
        "check_name": "settings",
        "fingerprint": super::fingerprint::digest(&["settings".to_owned(), says], 1),
        "severity": "info",
        "location": {"path": path, "lines": {"begin": 1, "end": 1}},
    }))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Note => "info",
    }
}
