//! Whether the policies of a route let a user in, and which criteria decide it.
//!
//! Criteria about the user's address, its domain, the id and claims are judged as `pkg/policy/criteria` compares them. Any other,
//! such as an address of the network or a device, needs a request that nobody makes here: of that the answer is *cannot know*.

use serde_json::Value as Json;

use super::claims::Claims;
use crate::config::{Criterion, Joined, Policy, Route};

/// What is known of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Nobody can tell from here.
    Unknown,
}

/// Whether a route lets the user in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It does.
    Allowed,
    /// It does not.
    Denied,
    /// It depends on what is not known here.
    CannotKnow,
}

/// A criterion that decides, with what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Deciding<'a> {
    /// The rule that it stands in.
    pub policy: &'a Policy,
    /// The criterion.
    pub criterion: &'a Criterion,
    /// Whether it holds, whatever joins it.
    pub holds: Answer,
}

impl Deciding<'_> {
    /// Whether it does what its list asks of it: what `not` or `nor` joins must not hold.
    pub fn verdict(&self) -> Answer {
        let is_negated = matches!(self.criterion.joined, Joined::Not | Joined::Nor);
        if is_negated { self.holds.not() } else { self.holds }
    }
}

/// Whether a route lets the user in, and why.
#[derive(Clone, Debug)]
pub struct Judgement<'a> {
    /// The answer.
    pub admission: Admission,
    /// What decides it. Of a route without any criterion, nothing.
    pub deciding: Vec<Deciding<'a>>,
}

impl Answer {
    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// An answer, with the criteria that decide it.
struct Decided<'a> {
    answer: Answer,
    by: Vec<Deciding<'a>>,
}

/// Judges the policies of a route. What denies beats what allows, and what nobody allows is denied
/// (`authorize/check_response.go`).
pub fn admits<'a>(route: &'a Route, claims: &Claims) -> Judgement<'a> {
    let of = |action: &str| {
        let policies = route.policies.iter().filter(|policy| policy.action == action);
        one_of(policies.flat_map(|policy| lists(policy, claims)).collect())
    };
    let (allow, deny) = (of("allow"), of("deny"));
    let (admission, by) = match (allow.answer, deny.answer) {
        (_, Answer::Yes) => (Admission::Denied, deny.by),
        (Answer::No, _) => (Admission::Denied, allow.by),
        (Answer::Yes, Answer::No) => (Admission::Allowed, allow.by),
        (Answer::Yes, Answer::Unknown) => (Admission::CannotKnow, deny.by),
        (Answer::Unknown, _) => (Admission::CannotKnow, allow.by),
    };
    Judgement { admission, deciding: by }
}

/// Each list of criteria of a rule, judged.
fn lists<'a>(policy: &'a Policy, claims: &Claims) -> Vec<Decided<'a>> {
    let list = |joined: Joined| {
        let criteria: Vec<_> = policy
            .criteria
            .iter()
            .filter(|criterion| criterion.joined == joined)
            .map(|criterion| Deciding { policy, criterion, holds: holds(criterion, claims) })
            .collect();
        let alone = criteria.into_iter().map(|deciding| Decided { answer: deciding.verdict(), by: vec![deciding] });
        let alone: Vec<_> = alone.collect();
        if alone.is_empty() {
            return None;
        }
        Some(if matches!(joined, Joined::And | Joined::Not) { all_of(alone) } else { one_of(alone) })
    };
    [Joined::And, Joined::Or, Joined::Not, Joined::Nor].into_iter().filter_map(list).collect()
}

/// One is enough. None at all is none.
fn one_of(decided: Vec<Decided<'_>>) -> Decided<'_> {
    fold(decided, Answer::Yes, Answer::No)
}

/// Each must hold.
fn all_of(decided: Vec<Decided<'_>>) -> Decided<'_> {
    fold(decided, Answer::No, Answer::Yes)
}

/// The first with the answer that settles it; else those that leave it open; else all.
fn fold(mut decided: Vec<Decided<'_>>, settles: Answer, otherwise: Answer) -> Decided<'_> {
    if let Some(first) = decided.iter().position(|one| one.answer == settles) {
        return decided.swap_remove(first);
    }
    let is_open = decided.iter().any(|one| one.answer == Answer::Unknown);
    let answer = if is_open { Answer::Unknown } else { otherwise };
    let by = decided.into_iter().filter(|one| one.answer == answer).flat_map(|one| one.by).collect();
    Decided { answer, by }
}

/// Whether a criterion holds for this user.
fn holds(criterion: &Criterion, claims: &Claims) -> Answer {
    match criterion.name.as_str() {
        // Whoever has logged in is one, and a public route asks for nobody.
        "accept" | "authenticated_user" => Answer::Yes,
        // `groups` are those of a directory, of which Pomerium keeps none (`pkg/policy/criteria/groups.go`).
        "reject" | "groups" => Answer::No,
        "email" => Answer::of(fits(&criterion.data, claims.email())),
        "user" => Answer::of(fits(&criterion.data, claims.user_id())),
        // `split(email, "@")[1]`, which an address without an `@` does not have.
        "domain" => Answer::of(claims.domain().is_some_and(|domain| fits(&criterion.data, domain))),
        // By its very name: a path with slashes is looked for below a claim, and there is none below any, as mappings were flattened
        // (`object_get`, `pkg/policy/rules/rules.go`).
        "claim" => Answer::of(fits_list(&criterion.data, claims.values(&criterion.sub_path))),
        _ => Answer::Unknown,
    }
}

/// Pomerium's matcher of texts: each of its operators must hold (`matchString`).
fn fits(data: &Json, text: &str) -> bool {
    let part = |wanted: &Json, is_so: fn(&str, &str) -> bool| wanted.as_str().is_some_and(|wanted| is_so(text, wanted));
    let is = |wanted: &Json| wanted.as_str() == Some(text);
    let among = |wanted: &Json| wanted.as_array().is_some_and(|list| list.iter().any(is));
    match data {
        Json::Object(operators) => operators.iter().all(|(operator, wanted)| match operator.as_str() {
            "is" => is(wanted),
            "not" => !is(wanted),
            "in" => among(wanted),
            "not_in" => !among(wanted),
            "contains" => part(wanted, |text, wanted| text.contains(wanted)),
            "starts_with" => part(wanted, |text, wanted| text.starts_with(wanted)),
            "ends_with" => part(wanted, |text, wanted| text.ends_with(wanted)),
            _ => false,
        }),
        wanted => is(wanted),
    }
}

/// Pomerium's matcher of lists (`matchStringList`).
fn fits_list(data: &Json, values: &[Json]) -> bool {
    let has = |wanted: &Json| values.iter().any(|value| same(value, wanted));
    match data {
        Json::Object(operators) => operators.iter().all(|(operator, wanted)| match operator.as_str() {
            "has" => has(wanted),
            "is" => values.len() == 1 && has(wanted),
            "exclude" => !has(wanted),
            _ => false,
        }),
        wanted => has(wanted),
    }
}

/// Numbers are floats to Pomerium, so that `1` is `1.0`; a text is never a number.
pub(super) fn same(one: &Json, other: &Json) -> bool {
    match (one.as_f64(), other.as_f64()) {
        #[allow(clippy::float_cmp, reason = "as Pomerium compares them")]
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests;
