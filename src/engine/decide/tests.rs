//! Which findings are ignored, and what is said about ignores that do nothing.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::config::{NoFiles, RawFile, Request};
use crate::engine::{StageState, login_path};
use crate::rules;

const TODAY: &str = "2026-11-23";

fn config(name: &str, text: &str) -> Config {
    let file = RawFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    Request::of_config(file, &NoFiles).load().configs.remove(0)
}

/// The verdict of a rule that finds something at each of these texts; undecided if there is none.
fn judged(rule: &str, config: &Config, at: &[&str]) -> Judged {
    let (id, source) = config.sources.iter().next().unwrap();
    let finding = |text: &&str| {
        let start = source.text.find(*text).unwrap();
        Finding::at(Span { source: id, start, end: start + text.len() }, "wrong")
    };
    let verdict = if at.is_empty() { Verdict::Pass } else { Verdict::Fail(at.iter().map(finding).collect()) };
    Judged::new(rules::find(rule).unwrap(), None, verdict, Vec::new())
}

fn case(name: &str, text: &str, found: &[(&str, &[&str])]) -> (Config, (), Vec<Judged>) {
    let config = config(name, text);
    let meta = [EXPIRED, UNUSED].map(|rule| judged(rule, &config, &[]));
    let judged = meta.into_iter().chain(found.iter().map(|(rule, at)| judged(rule, &config, at))).collect();
    (config, (), judged)
}

/// What is found, as `rule line`, with `(reason)` where it is ignored.
fn shown(cases: &[(Config, (), Vec<Judged>)]) -> Vec<String> {
    let mut shown = Vec::new();
    for (config, (), judged) in cases {
        for judged in judged {
            for finding in judged.findings() {
                let source = config.sources.get(finding.at.source).unwrap();
                let line = source.position(finding.at.start).line;
                let why = finding.ignored.as_ref().map(|ignored| format!(" ({})", ignored.reason)).unwrap_or_default();
                shown.push(format!("{} {}:{line}{why}", judged.rule.name, source.name));
            }
        }
    }
    shown
}

fn decided(mut cases: Vec<(Config, (), Vec<Judged>)>, settings: &str) -> Vec<String> {
    decide(&mut cases, &decisions(settings));
    shown(&cases)
}

fn decisions(settings: &str) -> Decisions {
    let read = crate::settings::read(settings).unwrap();
    let severities = read.rules.into_iter().filter_map(|(rule, severity)| Some((rule, severity?))).collect();
    let accepted = Accepted {
        file: "pomlint.toml".to_owned(),
        text: settings.to_owned(),
        folder: "/repo".into(),
        current: "/repo/deploy".into(),
        ignores: read.ignores,
    };
    Decisions { today: TODAY.parse().unwrap(), severities, accepted }
}

const COMMENT: &str = "a: 1 # pomlint: ignore[unknown-key] reason: ours\nb: 2\n";

#[test]
fn a_comment_ignores_findings_of_its_rule_in_its_place() {
    let cases = vec![case("c.yaml", COMMENT, &[("unknown-key", &["a", "b"]), ("removed-key-ignored", &["a: 1"])])];
    assert_eq!(
        decided(cases, ""),
        ["unknown-key c.yaml:1 (ours)", "unknown-key c.yaml:2", "removed-key-ignored c.yaml:1"]
    );
}

#[test]
fn an_ignore_holds_on_its_last_day_and_not_after_it() {
    for (day, found) in [
        ("2026-11-23", vec!["unknown-key c.yaml:1 (ours)"]),
        ("2026-11-22", vec!["ignore-expired c.yaml:1", "unknown-key c.yaml:1"]),
    ] {
        let text = COMMENT.replace("reason", &format!("until {day} reason"));
        assert_eq!(decided(vec![case("c.yaml", &text, &[("unknown-key", &["a"])])], ""), found);
    }
    let two = "a: 1 # pomlint: ignore[unknown-key, duplicate-key] until 2020-01-01 reason: both\n";
    assert_eq!(decided(vec![case("c.yaml", two, &[])], ""), ["ignore-expired c.yaml:1"]);
}

#[test]
fn an_ignore_that_does_nothing_is_told_if_its_rule_was_judged() {
    assert_eq!(
        decided(vec![case("c.yaml", COMMENT, &[("unknown-key", &["b"])])], ""),
        ["ignore-unused c.yaml:1", "unknown-key c.yaml:2"]
    );
    assert_eq!(decided(vec![case("c.yaml", COMMENT, &[("unknown-key", &[])])], ""), ["ignore-unused c.yaml:1"]);
    // Not asked for, or not judged: it may be needed.
    assert_eq!(decided(vec![case("c.yaml", COMMENT, &[])], ""), Vec::<String>::new());
    let mut undecided = case("c.yaml", COMMENT, &[("unknown-key", &[])]);
    undecided.2.last_mut().unwrap().verdict = Verdict::Undecided(Vec::new());
    assert_eq!(decided(vec![undecided], ""), Vec::<String>::new());
}

#[test]
fn without_a_reason_nothing_is_ignored() {
    let text = "a: 1 # pomlint: ignore[unknown-key]\nb: 1 # pomlint: ignore[unknown-key] because reason: x\n";
    assert_eq!(
        decided(vec![case("c.yaml", text, &[("unknown-key", &["a: 1", "b: 1"])])], ""),
        ["unknown-key c.yaml:1", "unknown-key c.yaml:2"]
    );
}

const SETTINGS: &str = "[[ignore]]\nrule = 'unknown-key'\npath = 'deploy/staging/**'\nreason = 'ours'\n";

#[test]
fn the_settings_file_ignores_by_path() {
    let cases = || {
        ["staging/a.yaml", "./staging/x/../b.yaml", "production/a.yaml", "/repo/deploy/staging/c.yaml"]
            .map(|name| case(name, "a: 1\n", &[("unknown-key", &["a"])]))
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        decided(cases(), SETTINGS),
        [
            "unknown-key staging/a.yaml:1 (ours)",
            "unknown-key ./staging/x/../b.yaml:1 (ours)",
            "unknown-key production/a.yaml:1",
            "unknown-key /repo/deploy/staging/c.yaml:1 (ours)",
        ]
    );
}

#[test]
fn an_ignore_of_the_settings_file_is_unused_if_no_configuration_of_its_path_needs_it() {
    let clean = |name: &str| case(name, "a: 1\n", &[("unknown-key", &[])]);
    let unclean = |name: &str| case(name, "a: 1\n", &[("unknown-key", &["a"])]);
    let unused = ["ignore-unused pomlint.toml:2"];
    assert_eq!(decided(vec![clean("staging/a.yaml"), clean("staging/b.yaml")], SETTINGS), unused);
    assert_eq!(decided(vec![clean("staging/a.yaml"), unclean("staging/b.yaml")], SETTINGS).len(), 1);
    assert_eq!(decided(vec![clean("production/a.yaml")], SETTINGS), Vec::<String>::new());
    let expired = SETTINGS.replace("reason", "until = 2020-01-01\nreason");
    assert_eq!(
        decided(vec![unclean("staging/a.yaml"), unclean("staging/b.yaml")], &expired),
        ["ignore-expired pomlint.toml:4", "unknown-key staging/a.yaml:1", "unknown-key staging/b.yaml:1",]
    );
}

#[test]
fn findings_about_ignores_can_be_ignored_too() {
    let text = "# pomlint: ignore-file[ignore-unused] reason: templates\n".to_owned() + COMMENT;
    let found = decided(vec![case("c.yaml", &text, &[("unknown-key", &[])])], "");
    assert_eq!(found, ["ignore-unused c.yaml:2 (templates)"]);
}

#[test]
fn a_severity_that_is_set_holds_for_every_finding_and_verdict() {
    let mut cases = vec![case("c.yaml", "a: 1\n", &[("unknown-key", &["a"]), ("duplicate-key", &[])])];
    decide(&mut cases, &decisions("[rules]\nunknown-key = 'error'\nduplicate-key = 'note'\nignore-unused = 'note'\n"));
    let judged = &cases[0].2;
    let severity = |rule: &str| judged.iter().find(|judged| judged.rule.name == rule).unwrap().severity();
    assert_eq!(severity("unknown-key"), Severity::Error);
    assert_eq!(severity("duplicate-key"), Severity::Note);
    assert!(!judged.iter().any(Judged::is_error), "hygiene raised to an error stops no login");
}

#[test]
fn an_ignored_error_fails_no_stage_but_its_consequences_still_wait() {
    let text = "a: 1 # pomlint: ignore[client-id-malformed] reason: soon\n";
    let mut consequence = judged("client-not-usable", &config("c.yaml", text), &[]);
    consequence.verdict = Verdict::Undecided(Vec::new());
    consequence.follows = Some("client-id-malformed");
    let mut cases = vec![case("c.yaml", text, &[("client-id-malformed", &["a"])])];
    decide(&mut cases, &decisions(""));
    assert_eq!(login_path(&cases[0].2).last().map(|(_, state)| *state), Some(StageState::Ignored));
    cases[0].2.push(consequence);
    assert_eq!(login_path(&cases[0].2).last().map(|(_, state)| *state), Some(StageState::Follows));
    assert!(!cases[0].2.iter().any(Judged::is_error));
}
