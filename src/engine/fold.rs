//! A cause hides its consequences.

use std::collections::HashMap;

use super::Judged;
use crate::config::Span;
use crate::rules::{Finding, Rule, Verdict};

/// The rules that found an error, in order.
#[derive(Default)]
struct Errors {
    any: Vec<&'static Rule>,
    of_no_client: Vec<(usize, &'static Rule)>,
    of_client: HashMap<String, Vec<(usize, &'static Rule)>>,
}

impl Errors {
    fn of(judged: &[Judged]) -> Self {
        let mut errors = Self::default();
        for (order, error) in judged.iter().enumerate().filter(|(_, judged)| judged.is_error()) {
            errors.any.push(error.rule);
            let list = match &error.client {
                None => &mut errors.of_no_client,
                Some(client) => errors.of_client.entry(client.clone()).or_default(),
            };
            list.push((order, error.rule));
        }
        errors
    }

    /// Those that may explain something about a client: what is wrong with another one explains nothing about it.
    fn about(&self, client: Option<&str>) -> Vec<&'static Rule> {
        let Some(client) = client else { return self.any.clone() };
        let mut about: Vec<_> =
            self.of_no_client.iter().chain(self.of_client.get(client).into_iter().flatten()).collect();
        about.sort_unstable_by_key(|(order, _)| *order);
        about.into_iter().map(|(_, rule)| *rule).collect()
    }
}

/// What Kubernetes refuses is told in its words, and at the same place not once more in Pomerium's.
const REJECTED: &str = "crd-field-rejected";

/// What is missing because its variable has another name, or none, points at that variable, of which this rule tells.
const MISNAMED: &str = "wrong-environment-name";

/// What a rule tells is not told once more; `is_told` says that a finding is explained by one at these places.
fn fold_told(judged: &mut [Judged], cause: &'static str, is_told: impl Fn(&[Span], &Finding) -> bool) {
    let causes = judged.iter().filter(|judged| judged.rule.name == cause && judged.is_error());
    let places: Vec<Span> = causes.flat_map(Judged::findings).map(|finding| finding.at).collect();
    if places.is_empty() {
        return;
    }
    for verdict in judged.iter_mut().filter(|judged| judged.rule.name != cause && !judged.findings().is_empty()) {
        if verdict.findings().iter().all(|finding| is_told(&places, finding)) {
            verdict.verdict = Verdict::Undecided(Vec::new());
            verdict.follows = Some(cause);
        }
    }
}

/// A cause hides its consequences.
pub(super) fn fold(judged: &mut [Judged]) {
    fold_told(judged, REJECTED, |places, finding| places.iter().any(|place| place.covers(finding.at)));
    fold_told(judged, MISNAMED, |places, finding| finding.also.iter().any(|(at, _)| places.contains(at)));
    let errors = Errors::of(judged);
    if errors.any.is_empty() {
        return;
    }
    for verdict in judged.iter_mut() {
        if verdict.rule.follows.is_empty() || matches!(verdict.verdict, Verdict::Pass | Verdict::NotApplicable(_)) {
            continue;
        }
        let about = errors.about(verdict.client.as_deref());
        if let Some(cause) = verdict.rule.follows.iter().find(|name| about.iter().any(|rule| rule.name == **name)) {
            verdict.verdict = Verdict::Undecided(Vec::new());
            verdict.follows = Some(cause);
        }
    }
    // The chain is broken at the first error that is left: what could not be judged after it waits for the repair.
    let errors = Errors::of(judged);
    for verdict in judged.iter_mut().filter(|verdict| verdict.is_open()) {
        let broken = errors.about(verdict.client.as_deref()).into_iter().find(|rule| rule.stage <= verdict.rule.stage);
        verdict.follows = broken.map(|rule| rule.name);
    }
}
