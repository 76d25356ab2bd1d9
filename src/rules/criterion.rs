//! What the rules on policies have in common: the criteria of all routes, and how one is written.

use serde_json::{Value as Json, json};

use super::notation::{toml, yaml};
use super::place::extension;
use crate::config::{Config, Criterion, Joined, PLAIN_VALUES, Policy, PomeriumVersion, Settings, Span, list_operators};

/// A criterion and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) policy: &'a Policy,
    pub(super) criterion: &'a Criterion,
}

/// Every criterion of every route.
pub(super) fn all(settings: &Settings) -> impl Iterator<Item = Placed<'_>> {
    let policies = settings.routes.iter().flat_map(|route| &*route.policies);
    policies.flat_map(|policy| policy.criteria.iter().map(move |criterion| Placed { policy, criterion }))
}

impl<'a> Placed<'a> {
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

    /// One criterion for each value of a list that stands where one value belongs, with the operators beside it.
    pub(super) fn one_by_one(self, config: &Config, operator: &str, values: &[Json]) -> Vec<String> {
        let Criterion { name, sub_path_written, at, .. } = self.criterion;
        let values: Vec<Json> = values.iter().map(|value| self.compared_with(operator, value.clone())).collect();
        if sub_path_written.is_empty() {
            return values.iter().map(|value| line(config, *at, name, value)).collect();
        }
        self.as_claim(config, sub_path_written, &values.iter().collect::<Vec<_>>())
    }

    /// What stands above those.
    pub(super) fn for_each(self, operator: &str) -> String {
        format!("write a criterion for each{}:", self.split(matches!(operator, "not" | "exclude")))
    }

    /// What it is compared with, with something else behind one of the operators.
    pub(super) fn compared_with(self, operator: &str, value: Json) -> Json {
        let mut data = self.criterion.data.clone();
        match data.get_mut(operator) {
            Some(place) => *place = value,
            None => data = value,
        }
        data
    }

    /// Where several criteria in the place of one mean the same as a list did. An `excluding` one means each of its list, any other one
    /// of them; of several lists in a rule, and of several rules, each is enough (`pkg/policy/generator/conditionals.go`).
    pub(super) fn split(self, excluding: bool) -> &'static str {
        let joined = self.criterion.joined;
        let is_alone = || self.policy.criteria.iter().filter(|other| other.joined == joined).count() == 1;
        match (joined, excluding) {
            (Joined::Or | Joined::Not, false) | (Joined::And | Joined::Nor, true) => "",
            (Joined::And, false) if is_alone() => ", each below `or`",
            (Joined::Not, true) if is_alone() => ", each below `nor`",
            (Joined::And, false) | (Joined::Not, true) => ", each in a copy of this rule",
            (Joined::Nor, false) => ", each below `not`",
            (Joined::Or, true) => ", each below `and`",
        }
    }

    /// Whether it stands at its place as it is, in a `policy`: the place of one that comes of `allowed_…` is its value, and that of one
    /// which the variable `ROUTES` holds is the whole of that.
    pub(super) fn is_ppl(self, config: &Config) -> bool {
        let written = config.sources.slice(self.criterion.at).trim_start_matches(['"', '\'']).to_lowercase();
        written.starts_with(&self.criterion.name)
    }
}

/// The text that a criterion is compared with, and the operator before it, which may be left out.
pub(super) fn operand_text(data: &Json) -> Option<(&str, &str)> {
    match data {
        Json::Object(operators) => {
            operators.iter().find_map(|(operator, value)| Some((operator.as_str(), value.as_str()?)))
        }
        value => Some(("", value.as_str()?)),
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
