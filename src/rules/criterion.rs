//! What the rules on policies have in common: the criteria of all routes, and how one is written.

use serde_json::{Value as Json, json};

use super::notation::{toml, yaml};
use super::place::{extension, inside_quotes, replace};
use super::{Edit, Finding};
use crate::config::{Config, Criterion, PLAIN_VALUES, Policy, PomeriumVersion, Settings, Span, list_operators};

impl Finding {
    /// Adds the same criterion with another claim to the cure: as a line to read and, in a `policy`, as an edit of its name.
    #[must_use]
    pub(super) fn ask_for_claim(self, config: &Config, placed: Placed<'_>, claim: &str) -> Self {
        self.fix_lines(placed.with_claim(config, claim)).edit(placed.rename(config, claim))
    }
}

/// A criterion and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) policy: &'a Policy,
    pub(super) criterion: &'a Criterion,
}

/// Every criterion of every route.
pub(super) fn all(settings: &Settings) -> impl Iterator<Item = Placed<'_>> {
    let policies = settings.routes.iter().flat_map(|route| &route.policies);
    policies.flat_map(|policy| policy.criteria.iter().map(move |criterion| Placed { policy, criterion }))
}

impl<'a> Placed<'a> {
    /// What comes of a criterion that is always false.
    pub(super) fn never(self) -> &'static str {
        if self.policy.action == "deny" { "so this never denies anybody" } else { "so this never matches" }
    }

    /// What comes of a claim that is never there. `exclude` asks for just that.
    pub(super) fn never_there(self) -> &'static str {
        let excludes =
            |operators: &serde_json::Map<String, Json>| operators.keys().all(|operator| operator == "exclude");
        match &self.criterion.data {
            Json::Object(operators) if !operators.is_empty() && excludes(operators) => "so this excludes nobody",
            _ => self.never(),
        }
    }

    /// The same criterion with another claim, as it would be written in its place.
    pub(super) fn with_claim(self, config: &Config, claim: &str) -> Vec<String> {
        self.as_claim(config, claim, &[self.operand(config.version).unwrap_or(&self.criterion.data)])
    }

    /// What stands behind an operator below the name of a claim, where a release knows none there: it compares a claim with whatever
    /// stands below its name (`pkg/policy/criteria/claims.go` before v0.28).
    pub(super) fn operand(self, version: PomeriumVersion) -> Option<&'a Json> {
        let operators = self.criterion.data.as_object().filter(|_| version < PLAIN_VALUES)?;
        operators
            .iter()
            .find(|(operator, _)| list_operators(PomeriumVersion::NEWEST).any(|known| known == *operator))
            .map(|(_, value)| value)
    }

    /// Where a comparison with one value is given something that is no text: the operator, which may be left out, and that. `in` and
    /// `not_in` alone take a list; whatever else is given one compares with the list itself (`pkg/policy/criteria/matchers.go`).
    pub(super) fn no_text(self) -> Option<(&'a str, &'a Json)> {
        let Json::Object(operators) = &self.criterion.data else {
            return Some(("", &self.criterion.data)).filter(|(_, value)| !value.is_string());
        };
        let takes_one = |operator: &str| !matches!(operator, "in" | "not_in");
        let found = operators.iter().find(|(operator, value)| takes_one(operator) && !value.is_string());
        found.map(|(operator, value)| (operator.as_str(), value))
    }

    /// What comes of such a comparison.
    pub(super) fn compared_with_no_text(self, operator: &str) -> &'static str {
        if matches!(operator, "not" | "exclude") { "so this is always true" } else { self.never() }
    }

    /// One criterion for each value of a list that stands where one value belongs.
    pub(super) fn one_by_one(self, config: &Config, operator: &str, values: &[Json]) -> Vec<String> {
        let Criterion { name, sub_path_written, at, .. } = self.criterion;
        let one = |value: &Json| if operator.is_empty() { value.clone() } else { json!({ operator: value }) };
        let values: Vec<Json> = values.iter().map(one).collect();
        if sub_path_written.is_empty() {
            return values.iter().map(|value| line(config, *at, name, value)).collect();
        }
        self.as_claim(config, sub_path_written, &values.iter().collect::<Vec<_>>())
    }

    fn rename(self, config: &Config, claim: &str) -> Option<Edit> {
        if !self.is_ppl(config) || self.operand(config.version).is_some() {
            return None;
        }
        let written = config.sources.slice(inside_quotes(config, self.criterion.at));
        replace(config, self.criterion.at, written, &format!("claim/{claim}"))
    }

    /// Whether it stands at its place as it is, in a `policy`: the place of one that comes of `allowed_…` is its value, and that of one
    /// which the variable `ROUTES` holds is the whole of that.
    pub(super) fn is_ppl(self, config: &Config) -> bool {
        let written = config.sources.slice(self.criterion.at).trim_start_matches(['"', '\'']).to_lowercase();
        written.starts_with(&self.criterion.name)
    }
}

/// The text that a criterion is compared with, whatever the operator.
pub(super) fn operand_text(data: &Json) -> Option<&str> {
    match data {
        Json::Object(operators) => operators.values().find_map(Json::as_str),
        value => value.as_str(),
    }
}

/// A criterion of a `policy` as it would be written at a place.
pub(super) fn line(config: &Config, at: Span, name: &str, data: &Json) -> String {
    match extension(config, at) {
        "json" => json!({ name: data }).to_string(),
        "toml" => toml(&json!({ name: data })),
        _ => format!("- {name}: {}", yaml(data)),
    }
}

/// Places in their order, to be found quickly in however many routes.
pub(super) struct Places(Vec<Span>);

impl FromIterator<Span> for Places {
    fn from_iter<I: IntoIterator<Item = Span>>(places: I) -> Self {
        let mut places: Vec<Span> = places.into_iter().collect();
        places.sort_unstable();
        Self(places)
    }
}

impl Places {
    /// Those that begin within another place.
    pub(super) fn within(&self, outer: Span) -> &[Span] {
        let before =
            |offset: usize| self.0.partition_point(|place| (place.source, place.start) < (outer.source, offset));
        self.0.get(before(outer.start)..before(outer.end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_within_another() {
        let span = crate::rules::testing::span();
        let at = |start: usize, end: usize| Span { start, end, ..span };
        let places: Places = [at(8, 9), at(1, 3), at(20, 25)].into_iter().collect();
        assert_eq!(places.within(at(0, 10)), [at(1, 3), at(8, 9)]);
        assert_eq!(places.within(at(20, 25)), [at(20, 25)]);
        assert!(places.within(at(9, 20)).is_empty());
    }
}
