//! Causes and consequences, and how far a login gets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::fold::fold;
use super::path::state;
use super::*;
use crate::config::{PomeriumVersion, Source, SourceKind, Sources, Span};
use crate::evidence::{ReleaseRange, Seen};
use crate::rules::{self, Finding, Stage, testing};

#[test]
fn every_cause_is_a_rule() {
    for rule in rules::RULES.iter() {
        for cause in &rule.follows {
            assert!(rules::find(cause).is_some_and(|cause| cause.name != rule.name), "{} after {cause}", rule.name);
        }
    }
}

fn judged(rule: &str, client: Option<&str>, verdict: Verdict) -> Judged {
    Judged::new(rules::find(rule).unwrap(), client.map(str::to_owned), verdict, Vec::new())
}

fn failed() -> Verdict {
    let source = Sources::default().add(Source::new("pomerium.yaml", SourceKind::File, "a: b"));
    Verdict::Fail(vec![Finding::at(Span { source, start: 3, end: 4 }, "wrong")])
}

#[test]
fn an_error_that_stops_no_login_neither_hides_nor_ends_anything() {
    let Verdict::Fail(findings) = failed() else { unreachable!() };
    let harmless = Verdict::Fail(findings.into_iter().map(Finding::stops_no_login).collect());
    let mut verdicts = [judged("published-secret-in-use", None, harmless), judged("issuer-mismatch", None, open())];
    fold(&mut verdicts);
    assert_eq!(verdicts[1].follows, None);
    assert_eq!(state(&verdicts, Stage::Pomerium), Some(StageState::Warn));
    assert_eq!(verdicts[0].severity(), Severity::Error);
}

#[test]
fn a_stage_of_which_nothing_was_judged_has_not_passed() {
    let not_applicable = Verdict::NotApplicable("there is no client");
    let of_file = || judged("callback-unregistrable", None, Verdict::Pass);
    let unasked = [of_file(), judged("callback-not-registered", None, not_applicable)];
    assert_eq!(state(&unasked, Stage::Callback), Some(StageState::Undecided));
    let asked = [of_file(), judged("callback-not-registered", None, Verdict::Pass)];
    assert_eq!(state(&asked, Stage::Callback), Some(StageState::Pass));
    // If only such rules were chosen, they are what was asked for.
    assert_eq!(state(&[of_file()], Stage::Callback), Some(StageState::Pass));
}

fn open() -> Verdict {
    Verdict::Undecided(vec![Missing::Follows(Need::Authorize)])
}

#[test]
fn a_cause_hides_its_consequences_for_the_same_client_only() {
    let mut verdicts = [
        judged("client-id-malformed", Some("one"), failed()),
        judged("client-not-usable", Some("one"), failed()),
        judged("client-not-usable", Some("two"), failed()),
        judged("callback-not-registered", Some("one"), open()),
        judged("callback-not-registered", Some("two"), open()),
    ];
    fold(&mut verdicts);
    let follows = verdicts.map(|judged| judged.follows);
    assert_eq!(
        follows,
        [None, Some("client-id-malformed"), None, Some("client-id-malformed"), Some("client-not-usable")]
    );
}

#[test]
fn what_waits_waits_for_the_cause_and_not_for_another_consequence() {
    let mut verdicts = [
        judged("userinfo-endpoint-missing", None, failed()),
        judged("pool-has-no-domain", None, failed()),
        judged("client-not-usable", Some("one"), open()),
    ];
    fold(&mut verdicts);
    let follows = verdicts.map(|judged| judged.follows);
    assert_eq!(follows, [Some("pool-has-no-domain"), None, Some("pool-has-no-domain")]);
}

/// Only from v0.33 on this is wrong.
fn since_33(config: &Config) -> Option<Finding> {
    (config.version >= PomeriumVersion(0, 33, 0)).then(|| Finding::at(testing::span(), "wrong"))
}

#[test]
fn of_what_runs_a_rule_counts_that_says_the_same_of_each_release() {
    let rule: &'static Rule =
        Box::leak(Box::new(Rule::new("clock-skew", "", Stage::Pomerium, Severity::Error, since_33)));
    let verdict = |from: u16, before: Option<u16>| {
        let minor = |minor| PomeriumVersion(0, minor, 0);
        let range = ReleaseRange { from: Some(minor(from)), before: before.map(minor) };
        let mut world = World::missing(&Missing::Follows(Need::Pomerium), 0);
        world.running.release = Ok(Seen { value: range, witnesses: Vec::new() });
        let config = Config { version: range.newest(), ..testing::config("pomerium.yaml", "a: b") };
        judge(&config, &world, &[rule]).remove(0)
    };
    assert!(matches!(verdict(33, None).verdict, Verdict::Fail(_)));
    assert!(matches!(verdict(31, Some(33)).verdict, Verdict::Pass));
    let open = verdict(31, None);
    assert!(open.is_declined(), "nobody can see it from here: {:?}", open.verdict);
    assert!(format!("{:?}", open.verdict).contains("what runs may be v0.31 or later"), "{:?}", open.verdict);
}
