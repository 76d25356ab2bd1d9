//! A cure of one value among others: what it stands in is written as a whole, so that no other value is lost with the wrong one.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::criterion::{Placed, line};
use super::place::on_route;
use crate::config::{Config, Criterion};

impl<'a> Placed<'a> {
    /// The same criterion with another claim and these values, as it would be written in its place: in a `policy` a criterion for each
    /// value, in a route the whole of `allowed_idp_claims`.
    pub(super) fn as_claim(self, config: &Config, claim: &str, values: &[&Json]) -> Vec<String> {
        let Criterion { at, is_of_policy, .. } = self.criterion;
        if *is_of_policy {
            return values.iter().map(|value| line(config, *at, &format!("claim/{claim}"), value)).collect();
        }
        let mut claims: Map<String, Json> = Map::new();
        for other in self.allowed().filter(|other| other.name == "claim") {
            let is_it = std::ptr::eq(other, self.criterion);
            // What is written under the same name is meant for the same claim.
            let is_renamed = other.sub_path == self.criterion.sub_path;
            let name = if is_renamed { claim } else { &other.sub_path_written };
            let values = if is_it { values.to_vec() } else { vec![&other.data] };
            let Json::Array(list) = claims.entry(name).or_insert_with(|| json!([])) else { continue };
            list.extend(values.into_iter().cloned());
        }
        vec![on_route(config, "allowed_idp_claims", Json::Object(claims))]
    }

    /// The same where some of the texts are to be compared with something else, which `meant` tells: criteria of a `policy`. What they
    /// stand beside in a list stays, and so do the other operators.
    pub(super) fn as_criterion(
        self,
        config: &Config,
        name: &str,
        operator: &str,
        meant: impl Fn(&str) -> Option<String>,
    ) -> Vec<String> {
        let Criterion { name: own, data, at, .. } = self.criterion;
        let (listed, beside) = asked_and_beside(data, &meant);
        let (moved, kept): (Vec<&str>, Vec<&str>) = listed.into_iter().partition(|text| meant(text).is_some());
        let moved: Vec<String> = moved.into_iter().filter_map(&meant).collect();
        let kept: Vec<String> = kept.into_iter().map(str::to_owned).collect();
        let of = |texts: &[String], operator: &str| match texts {
            [one] => Map::from_iter([(operator.to_owned(), json!(one))]),
            _ => Map::from_iter([("in".to_owned(), json!(texts))]),
        };
        let new = line(config, *at, name, &Json::Object(of(&moved, operator)));
        let kept = (!kept.is_empty()).then(|| of(&kept, "is").into_iter().chain(beside.clone()).collect());
        let kept = kept.map(|data| line(config, *at, own, &Json::Object(data)));
        if beside.is_empty() {
            return std::iter::once(new).chain(kept).collect();
        }
        match with_operators(own, (name, operator), &moved, &beside) {
            Some((name, each)) => each.iter().map(|data| line(config, *at, name, data)).chain(kept).collect(),
            None => {
                vec![new, "beside what else this criterion says, both below `and` in a rule of their own".to_owned()]
            }
        }
    }

    /// Where the criteria that take the place of one with a list belong.
    pub(super) fn split_of_list(self) -> &'static str {
        if self.criterion.data.get("in").is_some() { self.split(false) } else { "" }
    }

    /// The fields of a route that say which users may use it, where some of `allowed_users` are domains, which `domain` tells.
    /// Each domain is written as it is `meant`.
    pub(super) fn with_domains(
        self,
        config: &Config,
        domain: impl Fn(&str) -> Option<String>,
        meant: impl Fn(&str) -> String,
    ) -> Vec<String> {
        let mut domains: Vec<String> = self.allowed_texts("domain").iter().map(|domain| meant(domain)).collect();
        // One of `allowed_users` makes two criteria.
        let users = self.allowed_texts("email");
        domains.extend(users.iter().filter_map(|user| domain(user)));
        let mut known = BTreeSet::new();
        domains.retain(|domain| known.insert(domain.clone()));
        let users: Vec<String> = users.into_iter().filter(|user| domain(user).is_none()).collect();
        let users = (!users.is_empty()).then(|| on_route(config, "allowed_users", users));
        users.into_iter().chain([on_route(config, "allowed_domains", domains)]).collect()
    }

    /// The whole of `allowed_domains`, with each of them as it is meant.
    pub(super) fn domains(self, config: &Config, meant: impl Fn(&str) -> String) -> Vec<String> {
        let domains: Vec<String> = self.allowed_texts("domain").iter().map(|domain| meant(domain)).collect();
        vec![on_route(config, "allowed_domains", domains)]
    }

    /// Whether the route lets somebody in by another field than the one that this criterion comes of, or by another value of it.
    pub(super) fn is_among_others(self) -> bool {
        self.allowed().any(|other| other.at != self.criterion.at)
    }

    fn allowed_texts(self, name: &str) -> Vec<String> {
        let own = self.allowed().filter(|criterion| criterion.name == name);
        own.filter_map(|criterion| criterion.data.get("is").and_then(Json::as_str)).map(str::to_owned).collect()
    }

    /// The criteria that come of the `allowed_…` fields of the route.
    fn allowed(self) -> impl Iterator<Item = &'a Criterion> {
        self.policy.criteria.iter().filter(|criterion| !criterion.is_of_policy)
    }
}

/// The texts of the operator that asks for what `meant` knows, and the other operators: all of them hold together
/// (`pkg/policy/criteria/matchers.go`, `matchString`).
fn asked_and_beside(data: &Json, meant: impl Fn(&str) -> Option<String>) -> (Vec<&str>, Map<String, Json>) {
    let Json::Object(operators) = data else { return (texts(data), Map::new()) };
    let asks = |value: &Json| texts(value).into_iter().any(|text| meant(text).is_some());
    let found = operators.iter().find(|(operator, value)| !operator.starts_with("not") && asks(value));
    let Some((asking, value)) = found else { return (Vec::new(), operators.clone()) };
    let beside = operators.iter().filter(|(operator, _)| *operator != asking);
    (texts(value), beside.map(|(operator, value)| (operator.clone(), value.clone())).collect())
}

/// One text, or those of a list.
fn texts(data: &Json) -> Vec<&str> {
    match data {
        Json::Array(list) => list.iter().filter_map(Json::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// Another operator for each text beside the operators that stay, where these go on comparing what they compare: whoever is excluded by
/// address cannot be by domain.
fn with_operators<'n>(
    own: &'n str,
    (name, operator): (&'n str, &str),
    texts: &[String],
    beside: &Map<String, Json>,
) -> Option<(&'n str, Vec<Json>)> {
    let is_of_addresses = beside.values().all(|value| value.to_string().contains('@'));
    let own = if own == "user" && is_of_addresses { "email" } else { own };
    let (operator, sign) = match (own, name) {
        _ if own == name => (operator, ""),
        ("email", "domain") => ("ends_with", "@"),
        _ => return None,
    };
    let one = |text: &String| {
        let new = (operator.to_owned(), json!(format!("{sign}{text}")));
        Json::Object(std::iter::once(new).chain(beside.clone()).collect())
    };
    (!beside.contains_key(operator)).then(|| (own, texts.iter().map(one).collect()))
}
