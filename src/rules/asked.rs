//! What a criterion asks for, said of a claim.

use serde_json::{Map, Value as Json, json};

use super::cognito_claims::{self, Claim};
use super::criterion::Placed;
use super::place::{inside_quotes, replace};
use super::{Edit, Finding};
use crate::config::{Config, PLAIN_VALUES, PomeriumVersion, list_operators, text_operators};

impl Finding {
    /// Adds the same criterion with another claim to the cure: as a line to read and, in a `policy`, as an edit of its name.
    #[must_use]
    pub(super) fn ask_for_claim(self, config: &Config, placed: Placed<'_>, claim: &str) -> Self {
        self.fix_lines(placed.with_claim(config, claim)).edit(placed.rename(config, claim))
    }
}

impl<'a> Placed<'a> {
    /// The same criterion with another claim, as it would be written in its place.
    pub(super) fn with_claim(self, config: &Config, claim: &str) -> Vec<String> {
        let value = self.value_in_name().map(|(_, value)| json!(value));
        let data = value.as_ref().or_else(|| self.operand(config.version)).unwrap_or(&self.criterion.data);
        self.on_claim(config, claim, data)
    }

    /// The criterion that a `claim` without a name is meant to be: its name often stands behind the colon.
    pub(super) fn with_name(self, config: &Config) -> Vec<String> {
        let Some((claim, data)) = named(&self.criterion.data) else {
            return self.with_claim(config, "cognito:groups");
        };
        match cognito_claims::look_up(&claim) {
            Claim::Never { instead: Some(instead), .. } => self.on_claim(config, instead, &data),
            _ => self.on_claim(config, &claim, &data),
        }
    }

    /// A claim and its value where both stand in the name: `claim/cognito:groups/admins: true`.
    pub(super) fn value_in_name(self) -> Option<(&'a str, &'a str)> {
        let (claim, value) = self.criterion.sub_path_written.split_once('/')?;
        // The members of an address are claims of their own.
        let is_claim = claim != "address" && cognito_claims::look_up(&claim.to_lowercase()) != Claim::Unknown;
        (is_claim && !value.is_empty() && self.criterion.data == json!(true)).then_some((claim, value))
    }

    /// A criterion on a claim in the place of this one; where it needs several, below what they belong.
    pub(super) fn on_claim(self, config: &Config, claim: &str, data: &Json) -> Vec<String> {
        let asked = asked(claim, data, config.version);
        let excluding = asked.iter().all(|one| one.get("exclude").is_some());
        let below = self.split(excluding).trim_start_matches(", ");
        let has_head = asked.len() > 1 && self.criterion.is_of_policy && !below.is_empty();
        let head = has_head.then(|| format!("{below}:"));
        head.into_iter().chain(self.as_claim(config, claim, &asked.iter().collect::<Vec<_>>())).collect()
    }

    fn rename(self, config: &Config, claim: &str) -> Option<Edit> {
        let data = &self.criterion.data;
        let is_kept = self.operand(config.version).is_none() && self.value_in_name().is_none();
        if !is_kept || !self.is_ppl(config) || asked(claim, data, config.version) != [data.clone()] {
            return None;
        }
        let written = config.sources.slice(inside_quotes(config, self.criterion.at));
        replace(config, self.criterion.at, written, &format!("claim/{claim}"))
    }
}

/// Data as criteria on a claim take them: one value, or operators that have one each (`pkg/policy/criteria/matchers.go`,
/// `matchStringList`).
fn asked(claim: &str, data: &Json, version: PomeriumVersion) -> Vec<Json> {
    let data = match data {
        Json::Object(operators) => of_lists(operators, version),
        data => data.clone(),
    };
    let is_text = cognito_claims::is_text(claim);
    let as_text = |value: Json| match value {
        Json::Bool(_) | Json::Number(_) if is_text => json!(value.to_string()),
        value => value,
    };
    let values: Vec<Json> = one_by_one(data).into_iter().filter(|value| !value.is_null()).map(as_text).collect();
    if values.is_empty() { vec![json!("VALUE")] } else { values }
}

/// The operators of lists that say what those of texts do; nothing, if they are none of either.
fn of_lists(operators: &Map<String, Json>, version: PomeriumVersion) -> Json {
    let is_of_list = |operator: &str| version >= PLAIN_VALUES && list_operators(version).any(|known| known == operator);
    let is_of_text = |operator: &str| text_operators(PomeriumVersion::NEWEST).any(|known| known == operator);
    if operators.is_empty() || !operators.keys().all(|operator| is_of_list(operator) || is_of_text(operator)) {
        return Json::Null;
    }
    let meant = |operator: &str| match operator {
        known if is_of_list(known) => known.to_owned(),
        "not" | "not_in" => "exclude".to_owned(),
        _ => "has".to_owned(),
    };
    let lists: Map<String, Json> = operators.iter().map(|(name, value)| (meant(name), value.clone())).collect();
    match lists.get("has") {
        // `has` is what a value alone means.
        Some(value) if lists.len() == 1 && lists != *operators => value.clone(),
        _ => Json::Object(lists),
    }
}

/// One for each value of the lists in it.
fn one_by_one(data: Json) -> Vec<Json> {
    let operators = match data {
        Json::Array(values) => return values,
        Json::Object(operators) => operators,
        value => return vec![value],
    };
    let list = operators.iter().find_map(|(name, value)| Some((name.clone(), value.as_array()?.clone())));
    let Some((name, values)) = list else { return vec![Json::Object(operators)] };
    let with = |value: Json| {
        let mut one = operators.clone();
        one.insert(name.clone(), value);
        Json::Object(one)
    };
    values.into_iter().map(with).flat_map(one_by_one).collect()
}

/// The claim that is named behind the colon, and what it is to be.
fn named(data: &Json) -> Option<(String, Json)> {
    let is_claim = |name: &str| cognito_claims::look_up(name) != Claim::Unknown;
    let of = |names: [&str; 2]| names.iter().find_map(|name| data.get(name));
    match data {
        Json::Object(fields) => match (of(["name", "claim"]).and_then(Json::as_str), of(["value", "values"])) {
            (Some(name), Some(value)) => Some((name.to_owned(), value.clone())),
            _ if fields.len() == 1 => {
                fields.iter().find(|(name, _)| is_claim(name)).map(|(name, value)| (name.clone(), value.clone()))
            }
            _ => None,
        },
        Json::Array(values) => {
            let (first, rest) = values.split_first()?;
            let name = first.as_str().filter(|name| is_claim(name) && !rest.is_empty())?;
            Some((name.to_owned(), rest.iter().cloned().collect()))
        }
        _ => None,
    }
}
