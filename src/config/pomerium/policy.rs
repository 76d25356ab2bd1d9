//! Pomerium's policy language: what a route's `policy` and its `allowed_*` fields compile to.
//!
//! Follows `pkg/policy/parser` and `config/policy_ppl.go`. Viper lower-cases every key of a configuration *file*, also inside
//! policies, but no key of the `POLICY` and `ROUTES` variables; so each function is told which of the two it reads.

mod criteria;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::config::settings::{Criterion, Joined, Policy, Setting};
use crate::config::text::{Entry, Node, Span, Value, last_of_each};
use crate::go;

pub(crate) use criteria::start_error;

/// The operators in the order in which Pomerium reads and compiles them.
const OPERATORS: [Joined; 4] = [Joined::And, Joined::Or, Joined::Not, Joined::Nor];

/// What the fields of a route other than `policy` allow.
pub(in crate::config) struct Allowed<'a> {
    /// The place of `allow_public_unauthenticated_access`, if it is on.
    pub(in crate::config) public: Option<Span>,
    /// The place of `cors_allow_preflight`, if it is on.
    pub(in crate::config) cors_preflight: Option<Span>,
    /// The place of `allow_any_authenticated_user`, if it is on.
    pub(in crate::config) any_authenticated_user: Option<Span>,
    /// `allowed_domains`: those of the route, then those of each of its `sub_policies`.
    pub(in crate::config) domains: Vec<&'a Setting<String>>,
    /// `allowed_idp_claims`, likewise.
    pub(in crate::config) claims: Vec<&'a Node>,
    /// `allowed_users`, likewise.
    pub(in crate::config) users: Vec<&'a Setting<String>>,
}

/// Reads the `policy` of a route. (One that is null is no policy: do not ask.)
///
/// # Errors
/// Pomerium's words without the name of the field, e.g. `invalid rules in policy: unsupported type for rule: parser.String`.
pub(in crate::config) fn parse_ppl(node: &Node, lower_cased: bool) -> Result<Vec<Policy>, String> {
    let rules = Reader { lower_cased }.rules(node).map_err(|words| format!("invalid rules in policy: {words}"))?;
    Ok(rules.into_iter().map(Rule::compile).collect())
}

/// Compiles the `allowed_*` fields of a route to the one rule they make, which is empty if none is set.
pub(in crate::config) fn from_allowed(allowed: &Allowed, lower_cased: bool) -> Vec<Policy> {
    let reader = Reader { lower_cased };
    let mut criteria = Vec::new();
    let mut add = |name: &str, sub_path: (String, &str), data: Json, at: Span| {
        let (sub_path, written) = sub_path;
        let (name, sub_path_written) = (name.to_owned(), written.to_owned());
        criteria.push(Criterion {
            joined: Joined::Or,
            name,
            sub_path,
            sub_path_written,
            data,
            is_of_policy: false,
            at,
        });
    };
    let none = || (String::new(), "");
    let is = |text: &Setting<String>| serde_json::json!({ "is": text.value });
    let switches = [
        ("accept", allowed.public),
        ("cors_preflight", allowed.cors_preflight),
        ("authenticated_user", allowed.any_authenticated_user),
    ];
    for (name, at) in switches {
        if let Some(at) = at {
            add(name, none(), Json::Bool(true), at);
        }
    }
    for domain in &allowed.domains {
        add("domain", none(), is(domain), domain.span);
    }
    for claims in &allowed.claims {
        for (claim, entry) in reader.merged_fields(claims) {
            for (data, at) in reader.claim_values(&entry.value) {
                add("claim", (claim.clone(), &entry.key), data, at);
            }
        }
    }
    for user in &allowed.users {
        add("user", none(), is(user), user.span);
        add("email", none(), is(user), user.span);
    }
    vec![Rule { action: "allow", criteria }.compile()]
}

/// Joins what the `allowed_*` fields and `policy` compile to: any of them may let a user in.
pub(in crate::config) fn combine(allowed: Vec<Policy>, embedded: Option<Arc<[Policy]>>) -> Arc<[Policy]> {
    let Some(embedded) = embedded else { return allowed.into() };
    if allowed.iter().all(|policy| policy.criteria.is_empty()) {
        return embedded;
    }
    allowed.into_iter().chain(embedded.iter().cloned()).collect()
}

/// The rules of a route in Pomerium's JSON.
pub fn compiled(policies: &[Policy]) -> Json {
    let rule = |policy: &Policy| {
        let mut body: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
        for criterion in &policy.criteria {
            body.entry(criterion.joined.name()).or_default().push(criterion_json(criterion));
        }
        serde_json::json!({ policy.action.as_str(): body })
    };
    policies.iter().map(rule).collect()
}

/// Whether a compiled policy lets in whoever comes, logged in or not: each operator of `allow` is a rule of its own.
pub(in crate::config) fn lets_everybody_in(policies: &[Policy]) -> bool {
    let is_accept = |criterion: &&Criterion| criterion.name == "accept";
    let is_open = |policy: &Policy| {
        let of = |joined| policy.criteria.iter().filter(move |criterion| criterion.joined == joined);
        of(Joined::Or).any(|criterion| is_accept(&criterion))
            || of(Joined::And).next().is_some() && of(Joined::And).all(|criterion| is_accept(&criterion))
    };
    policies.iter().filter(|policy| policy.action == "allow").any(is_open)
}

fn criterion_json(criterion: &Criterion) -> Json {
    let name = match criterion.sub_path.as_str() {
        "" => criterion.name.clone(),
        sub_path => format!("{}/{sub_path}", criterion.name),
    };
    serde_json::json!({ name: criterion.data })
}

/// One rule while it is read.
struct Rule {
    action: &'static str,
    criteria: Vec<Criterion>,
}

impl Rule {
    fn compile(self) -> Policy {
        Policy { action: self.action.to_owned(), criteria: self.criteria }
    }
}

/// Reads nodes as Pomerium has them after loading.
struct Reader {
    /// Viper has lower-cased the keys.
    lower_cased: bool,
}

impl Reader {
    fn rules(&self, node: &Node) -> Result<Vec<Rule>, String> {
        match &node.value {
            Value::Map(_) => self.rules_of_map(node),
            Value::List(elements) => {
                let mut rules = Vec::new();
                for element in elements {
                    let Value::Map(_) = element.value else {
                        return Err(format!("unsupported type for rules array: {}", parser_type(element)));
                    };
                    rules.extend(self.rules_of_map(element)?);
                }
                Ok(rules)
            }
            _ => Err(format!("unsupported type for rule: {}", parser_type(node))),
        }
    }

    fn rules_of_map(&self, node: &Node) -> Result<Vec<Rule>, String> {
        let fields = self.fields(node);
        let mut rules = Vec::with_capacity(fields.len());
        for (key, entry) in fields {
            let action = match key.as_str() {
                "allow" => "allow",
                "deny" => "deny",
                // The key is a JSON value here, and prints as one.
                _ => {
                    return Err(format!(
                        "invalid action in rule: unsupported action: {}",
                        go::json::written(&key.into())
                    ));
                }
            };
            let Value::Map(_) = entry.value.value else {
                let found = parser_type(&entry.value);
                return Err(format!("invalid value for action in rule, expected Object, got {found}"));
            };
            rules.push(self.rule(action, &entry.value)?);
        }
        rules.sort_by_key(|rule| rule.action);
        Ok(rules)
    }

    fn rule(&self, action: &'static str, body: &Node) -> Result<Rule, String> {
        let fields = self.fields(body);
        let mut criteria = Vec::new();
        for joined in OPERATORS {
            let operator = joined.name();
            if let Some((_, entry)) = fields.iter().find(|(key, _)| key == operator) {
                let read = self.criteria(&entry.value, joined);
                let read = read.map_err(|words| format!("invalid criteria in \"{operator}\"): {words}"))?;
                // Most rules have one, and there may be a rule a route.
                criteria.reserve_exact(read.len());
                criteria.extend(read);
            }
        }
        let is_known = |key: &str| key == "action" || OPERATORS.iter().any(|joined| joined.name() == key);
        let unknown = fields.iter().find(|(key, _)| !is_known(key));
        match unknown {
            None => Ok(Rule { action, criteria }),
            Some((key, _)) => {
                Err(format!("unsupported conditional \"{key}\", only and, or, not, nor and action are allowed"))
            }
        }
    }

    fn criteria(&self, node: &Node, joined: Joined) -> Result<Vec<Criterion>, String> {
        let Value::List(elements) = &node.value else {
            return Err(format!("unsupported type for criteria: {}", parser_type(node)));
        };
        elements.iter().map(|element| self.criterion(element, joined)).collect()
    }

    fn criterion(&self, node: &Node, joined: Joined) -> Result<Criterion, String> {
        let Value::Map(_) = node.value else {
            return Err(format!("unsupported type for criteria array: {}", parser_type(node)));
        };
        let fields = self.fields(node);
        let [(key, entry)] = fields.as_slice() else {
            return Err("each criteria may only contain a single key and value".to_owned());
        };
        let (name, sub_path) = key.split_once('/').unwrap_or((key, ""));
        Ok(Criterion {
            joined,
            name: name.to_owned(),
            sub_path: sub_path.to_owned(),
            sub_path_written: entry.key.split_once('/').map_or("", |(_, written)| written).to_owned(),
            data: self.json(&entry.value),
            is_of_policy: true,
            at: entry.key_span,
        })
    }

    /// The keys of a mapping as Pomerium has them. Of two keys that are the same to Pomerium, the later one stays.
    fn fields<'n>(&self, node: &'n Node) -> Vec<(String, &'n Entry)> {
        let fields = node.entries().iter().map(|entry| (self.key(&entry.key), entry)).collect();
        last_of_each(fields, |(key, _)| key)
    }

    fn key(&self, written: &str) -> String {
        if self.lower_cased { written.to_lowercase() } else { written.to_owned() }
    }

    /// The claims of `allowed_idp_claims`, sorted by name. A list of mappings counts as one mapping.
    fn merged_fields<'n>(&self, node: &'n Node) -> BTreeMap<String, &'n Entry> {
        let parts = if let Value::List(elements) = &node.value { elements.iter().collect() } else { vec![node] };
        parts.into_iter().flat_map(|part| self.fields(part)).collect()
    }

    /// The values of one claim of `allowed_idp_claims`, weakly decoded: a text is split at commas, anything else is a list of one.
    fn claim_values(&self, node: &Node) -> Vec<(Json, Span)> {
        match &node.value {
            Value::List(elements) => elements.iter().map(|element| (self.json(element), element.span)).collect(),
            Value::Text(text) if !text.is_empty() => {
                text.split(',').map(|value| (Json::String(value.to_owned()), node.span)).collect()
            }
            Value::Null | Value::Text(_) => Vec::new(),
            Value::Map(entries) if entries.is_empty() => Vec::new(),
            _ => vec![(self.json(node), node.span)],
        }
    }

    /// The node as Go's `json.Marshal` has it, which sorts keys.
    fn json(&self, node: &Node) -> Json {
        let mut json = node.value.to_json_under(&|key| self.key(key));
        json.sort_all_objects();
        json
    }
}

/// The type of a value as Pomerium's messages name it.
fn parser_type(node: &Node) -> &'static str {
    match node.value {
        Value::Null => "parser.Null",
        Value::Flag(_) => "parser.Boolean",
        Value::Integer(_) | Value::Float(_) => "parser.Number",
        Value::Text(_) | Value::Timestamp(_) => "parser.String",
        Value::List(_) => "parser.Array",
        Value::Map(_) => "parser.Object",
    }
}
