//! Whatever is read and whatever is answered: no panic, places inside the text, valid JSON, and no pass that was not proven.

use std::cell::{Cell, RefCell};

use crate::support::asked::{ALL, config, world};
use crate::support::pool::Pool;
use crate::support::transport::StandIn;
use crate::support::{healthy, is_thorough};
use pomlint::engine::{Judged, judge};
use pomlint::evidence::{Answer, Asking, ExchangeId, Failure, GatherOptions, Outcome, Question, Step, Transport};
use pomlint::report::{FORMATS, Options, Report, View};
use pomlint::rules::{RULES, Rule, Verdict};
use proptest::prelude::*;

fn rules() -> Vec<&'static Rule> {
    RULES.iter().collect()
}

/// Judges a configuration without asking, writes every report of it, and checks what holds of any.
fn withstands(name: &str, bytes: &[u8]) {
    let config = config(name, bytes);
    let world = world(&config, GatherOptions { offline: true, ..ALL }, &StandIn::new(Pool::default()));
    assert!(world.exchanges.is_empty());
    let judged = judge(&config, &world, &rules());
    let places = |judged: &Judged| match &judged.verdict {
        Verdict::Fail(findings) => {
            findings.iter().flat_map(|f| f.also.iter().map(|(at, _)| *at).chain([f.at])).collect()
        }
        _ => Vec::new(),
    };
    for at in judged.iter().flat_map(places) {
        let text = &config.sources.get(at.source).expect("a source of this configuration").text;
        assert!(text.get(at.start..at.end).is_some(), "{at:?} of {} bytes", text.len());
    }
    let report = Report::new([(config, world, judged)], &Options::default());
    for format in FORMATS {
        let text = (format.render)(&report, &View::default());
        if format.name == "json" {
            let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(json["summary"]["exit"], report.summary.exit);
            assert_eq!(json["summary"]["errors"], report.summary.errors);
        }
    }
}

/// Answers as the pool does, but for some questions.
struct Disturbed {
    pool: StandIn,
    answer: fn(&Outcome, usize, &str) -> Outcome,
    which: u32,
    text: String,
    asked: Cell<usize>,
    /// What was answered otherwise.
    touched: RefCell<Vec<ExchangeId>>,
}

impl Transport for Disturbed {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        Box::pin(async move {
            let number = self.asked.get();
            self.asked.set(number + 1);
            let mut exchange = self.pool.ask(question).await;
            if self.which >> (number % 32) & 1 == 1 {
                exchange.outcome = (self.answer)(&exchange.outcome, number, &self.text);
                self.touched.borrow_mut().push(exchange.id.clone());
            }
            exchange
        })
    }
}

/// The verdicts, and which answers were disturbed.
fn disturbed(
    pool: &str,
    which: u32,
    text: &str,
    answer: fn(&Outcome, usize, &str) -> Outcome,
) -> (Vec<Judged>, Vec<ExchangeId>) {
    let config = config("c.yaml", healthy().as_bytes());
    let pool = StandIn::new(Pool::from_yaml(pool).unwrap());
    let text = text.to_owned();
    let transport = Disturbed { pool, answer, which, text, asked: Cell::default(), touched: RefCell::default() };
    let world = world(&config, ALL, &transport);
    (judge(&config, &world, &rules()), transport.touched.into_inner())
}

/// An answer that says nothing: its status, then its body.
fn strange(_: &Outcome, _: usize, text: &str) -> Outcome {
    let (status, text) = text.split_once(' ').unwrap();
    let headers = [("location", format!("/{text}")), ("content-type", "text/html".to_owned())];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    Outcome::Answer(Answer {
        status: status.parse().unwrap(),
        headers,
        body: text.to_owned(),
        truncated: false,
        ..Answer::default()
    })
}

const POOLS: [&str; 5] = [
    "",
    "client: {callback_urls: [https://other.example.com]}",
    "client: {flows: [implicit]}",
    "client: {scopes: [openid]}",
    "domain: none",
];

/// What only the provider can prove.
const PROVEN: [&str; 7] = [
    "pool-has-no-domain",
    "callback-not-registered",
    "code-flow-disabled",
    "scope-not-allowed",
    "client-not-usable",
    "issuer-mismatch",
    "no-signing-keys",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: if is_thorough() { 64 } else { 16 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_withstood(bytes in prop::collection::vec(any::<u8>(), 0..300), ending in "yaml|json|toml|env|ini") {
        withstands(&format!("c.{ending}"), &bytes);
    }

    #[test]
    fn any_text_that_looks_like_a_configuration_is_withstood(
        lines in prop::collection::vec("(routes|policy|idp_[a-z]{2,9}|idp_client_secret|idp_client_id|idp_scopes|idp_request_params|\
            authenticate_service_url|shared_secret|cookie_expire|  - from|    policy|runtime_flags|x): ?(|[&*!|>][a-z]?|\\[.{0,9}|\\{.{0,9}|\
            https://.{0,12}|'.{0,9}|\"\\PC{0,9}\"?|\\$\\{[A-Z]*\\}?|[0-9.e+-]{1,12}|\\PC{0,20})", 0..12),
        ending in "yaml|env",
    ) {
        withstands(&format!("c.{ending}"), lines.join("\n").as_bytes());
    }

    #[test]
    fn a_healthy_configuration_with_a_slip_is_withstood(from in 0usize..25, to in 0usize..25, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let text = healthy();
        let mut lines: Vec<&str> = text.lines().collect();
        let line = lines[from % lines.len()];
        lines.insert(to % lines.len(), line);
        let mut bytes = lines.join("\n").into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        withstands("c.yaml", &bytes);
    }

    #[test]
    fn less_evidence_never_turns_a_verdict(pool in prop::sample::select(&POOLS[..]), which in any::<u32>()) {
        let lost = |_: &Outcome, _, _: &str| Outcome::Failure(Failure::new(Step::Timeout, "no answer"));
        let (full, _) = disturbed(pool, 0, "", lost);
        for (whole, less) in full.iter().zip(&disturbed(pool, which, "", lost).0) {
            let turned = matches!(
                (&whole.verdict, &less.verdict),
                (Verdict::Fail(_) | Verdict::Undecided(_), Verdict::Pass) | (Verdict::Pass, Verdict::Fail(_))
            );
            prop_assert!(!turned, "{}: {:?} became {:?}", whole.rule.name, whole.verdict, less.verdict);
        }
    }

    #[test]
    fn a_strange_answer_proves_nothing(
        // Without the discovery document nothing further would be asked: most runs spare it.
        which in prop_oneof![Just(u32::MAX), Just(u32::MAX - 1), any::<u32>().prop_map(|which| which & !1)],
        status in prop::sample::select(&[200u16, 204, 301, 302, 400, 401, 403, 404, 429, 500, 503][..]),
        body in "\\PC{0,60}|<html>.{0,30}|\\{\"error\":\"[a-z_]{0,20}\"\\}|\\{\"issuer\":\"https://.{0,20}\"\\}|\\{\"keys\":\\[.{0,9}\\]\\}",
    ) {
        let (judged, touched) = disturbed("", which, &format!("{status} {body}"), strange);
        for judged in judged.iter().filter(|judged| judged.verdict == Verdict::Pass) {
            let name = judged.rule.name;
            let strange = judged.witnesses.iter().find(|id| touched.contains(id));
            prop_assert!(!PROVEN.contains(&name) || !judged.witnesses.is_empty(), "{name} passes by nothing");
            prop_assert!(!PROVEN.contains(&name) || strange.is_none(), "{name} passes by {strange:?}");
        }
    }
}

#[test]
fn what_is_proven_is_proven_by_answers_of_every_wave() {
    let passing = |which| {
        let (judged, touched) = disturbed("", which, "200 <html>", strange);
        let judged = judged.iter().filter(|judged| PROVEN.contains(&judged.rule.name));
        (judged.filter(|judged| judged.verdict == Verdict::Pass).count(), touched.len())
    };
    assert_eq!(passing(0), (PROVEN.len(), 0));
    // A strange answer to the first question ends the matter; one to each later question leaves what the first one proves.
    let (passed, touched) = passing(u32::MAX);
    assert!(passed == 0 && touched > 0);
    let (passed, touched) = passing(u32::MAX - 1);
    assert!((1..PROVEN.len()).contains(&passed) && touched > 4, "{passed} {touched}");
}

#[test]
fn the_order_of_the_rules_changes_no_verdict() {
    let config = config("c.yaml", healthy().as_bytes());
    let world = world(&config, ALL, &StandIn::new(Pool::from_yaml(POOLS[1]).unwrap()));
    let mut backwards = rules();
    backwards.reverse();
    let told = |rules: &[&'static Rule]| {
        let mut told: Vec<_> = judge(&config, &world, rules)
            .iter()
            .map(|j| format!("{} {:?} {:?}", j.rule.name, j.client, j.verdict))
            .collect();
        told.sort();
        told
    };
    assert_eq!(told(&rules()), told(&backwards));
}
