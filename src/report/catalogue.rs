//! The list of rules, by the stages of a login, and of the causes that no rule can judge.

use serde_json::{Value, json};

use super::ink::{Ink, paint};
use super::pretty::pretty;
use super::{View, text};
use crate::diagnose::Cause;
use crate::rules::{Rule, Stage};

/// The rules as a table: name, severity, what a rule needs to know, title.
pub fn catalogue(rules: &[&Rule], view: &View) -> String {
    let needs = |rule: &Rule| rule.needs.iter().map(|need| need.name()).collect::<Vec<_>>().join(", ");
    let widest = |of: &dyn Fn(&Rule) -> String| rules.iter().map(|rule| text::width(&of(rule))).max().unwrap_or(0);
    let (names, standing) = (widest(&|rule| rule.name.to_owned()), widest(&needs));
    // Titles stand beside the rest if there is room for all of them; else below, never broken into slivers.
    let room = view.width.saturating_sub(2 + names + 2 + 7 + 2 + standing + 2);
    let beside = rules.iter().all(|rule| text::width(rule.title()) <= room);
    let mut lines = Vec::new();
    for stage in Stage::ALL {
        let here: Vec<&&Rule> = rules.iter().filter(|rule| rule.stage == stage).collect();
        if here.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(paint(stage.name(), Ink::Strong, view));
        for rule in here {
            let severity = rule.severity.name();
            let row = format!("  {:<names$}  {severity:<7}  {:<standing$}", rule.name, needs(rule));
            if beside {
                lines.push(format!("{row}  {}", rule.title()));
            } else {
                lines.push(row.trim_end().to_owned());
                lines.extend(
                    text::wrap(rule.title(), view.width.saturating_sub(6)).iter().map(|line| format!("      {line}")),
                );
            }
        }
    }
    lines.push(String::new());
    lines.push(text::count(rules.len(), "rule"));
    lines.join("\n") + "\n"
}

/// What only `diagnose` names, below the rules.
pub fn catalogue_of_causes(causes: &[Cause], view: &View) -> String {
    let head = "causes that no rule can judge, and that diagnose names";
    let mut lines = vec![String::new(), paint(head, Ink::Strong, view)];
    let names = causes.iter().map(|cause| text::width(&cause.name)).max().unwrap_or(0);
    let beside = causes.iter().all(|cause| 4 + names + text::width(&cause.title) <= view.width);
    for cause in causes {
        if beside {
            lines.push(format!("  {:<names$}  {}", cause.name, cause.title));
        } else {
            lines.push(format!("  {}", cause.name));
            lines.extend(
                text::wrap(&cause.title, view.width.saturating_sub(6)).iter().map(|line| format!("      {line}")),
            );
        }
    }
    lines.push(String::new());
    lines.push(text::count(causes.len(), "cause"));
    lines.join("\n") + "\n"
}

/// The rules and the causes for programs.
pub fn catalogue_json(rules: &[&Rule], causes: &[Cause]) -> String {
    let entry = |rule: &&Rule| {
        json!({
            "name": rule.name,
            "stage": rule.stage.name(),
            "severity": rule.severity.name(),
            "needs": rule.needs.iter().map(|need| need.name()).collect::<Vec<_>>(),
            "title": rule.title(),
        })
    };
    let cause = |cause: &Cause| json!({"name": cause.name, "title": cause.title});
    let value = json!({
        "rules": rules.iter().map(entry).collect::<Vec<Value>>(),
        "causes": causes.iter().map(cause).collect::<Vec<Value>>(),
    });
    pretty(&value)
}
