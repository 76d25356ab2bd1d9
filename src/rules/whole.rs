//! A cure of one value among others: what it stands in is written as a whole, so that no other value is lost with the wrong one.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::criterion::{Placed, line};
use super::place::on_route;
use crate::config::{Config, Criterion, Joined};

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
    /// stand beside in a list stays.
    pub(super) fn as_criterion(
        self,
        config: &Config,
        name: &str,
        operator: &str,
        meant: impl Fn(&str) -> Option<String>,
    ) -> Vec<String> {
        let Criterion { name: own, data, at, .. } = self.criterion;
        let list = data.get("in").and_then(Json::as_array);
        let listed: Vec<&str> = match (list, data) {
            (Some(list), _) => list.iter().filter_map(Json::as_str).collect(),
            (None, Json::Object(operators)) => operators.values().filter_map(Json::as_str).collect(),
            (None, value) => value.as_str().into_iter().collect(),
        };
        let (moved, kept): (Vec<&str>, Vec<&str>) = listed.into_iter().partition(|text| meant(text).is_some());
        let moved: Vec<String> = moved.into_iter().filter_map(&meant).collect();
        let of = |texts: &[String], operator: &str| match texts {
            [one] => json!({ operator: one }),
            _ => json!({ "in": texts }),
        };
        let mut lines = vec![line(config, *at, name, &of(&moved, operator))];
        if list.is_some() && !kept.is_empty() {
            let kept: Vec<String> = kept.into_iter().map(str::to_owned).collect();
            lines.push(line(config, *at, own, &of(&kept, "is")));
        }
        lines
    }

    /// Whether two criteria in the place of one mean the same as a list did.
    pub(super) fn may_be_split(self) -> bool {
        matches!(self.criterion.joined, Joined::Or | Joined::Not)
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
