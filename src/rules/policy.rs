//! Stage policy: does Pomerium take the policies, and do they let in whom they are meant for?

mod hint;

use serde_json::Value as Json;

use super::Finding;
use super::criterion::{self, Placed, contains};
use crate::config::{Config, Refusal, Route, Settings, Span};

/// `policy-does-not-compile`
pub(super) fn policy_does_not_compile(config: &Config, settings: &Settings) -> Vec<Finding> {
    refusals(config)
        .map(|refusal| {
            let words = hint::own_words(&refusal.words);
            let at = refusal.at.unwrap_or(settings.anchor);
            Finding::at(at, format!("Pomerium does not start with this policy: `{words}`"))
                .fix(hint::cure(words, unnamed_claim(settings, refusal)))
        })
        .collect()
}

fn refusals(config: &Config) -> impl Iterator<Item = &Refusal> {
    config.reading.type_errors.iter().chain(&config.reading.start_errors).filter(|refusal| refusal.is_about_policy())
}

/// Whether what Pomerium refuses is a criterion `claim` without the name of a claim.
fn unnamed_claim(settings: &Settings, refusal: &Refusal) -> bool {
    criterion::all(settings).any(|Placed { criterion, .. }| {
        Some(criterion.at) == refusal.at && criterion.name == "claim" && criterion.sub_path.is_empty()
    })
}

/// `route-nobody-can-use`
pub(super) fn route_nobody_can_use(settings: &Settings, config: &Config) -> Vec<Finding> {
    // What a policy that does not compile would allow is not known.
    let refused: Vec<Option<Span>> = refusals(config).map(|refusal| refusal.at).collect();
    // Rego of a sub-policy may let users in, and is not looked into.
    let is_rego = |path: &str| path.rsplit('.').next() == Some("rego");
    let texts = config.reading.texts.iter();
    let rego: Vec<Span> = texts.filter(|(path, _)| is_rego(path)).map(|(_, text)| text.span).collect();
    let usable = |route: &Route| {
        lets_somebody_in(route)
            || refused.iter().any(|at| at.is_none_or(|at| contains(route.at, at)))
            || rego.iter().any(|at| contains(route.at, *at))
    };
    settings.routes.iter().filter(|route| !usable(route)).map(|route| nobody(config, route)).collect()
}

fn lets_somebody_in(route: &Route) -> bool {
    let admits = |name: &str| !matches!(name, "cors_preflight" | "reject");
    let allows = route.policies.iter().filter(|policy| policy.action == "allow");
    allows.flat_map(|policy| &policy.criteria).any(|criterion| admits(&criterion.name))
}

fn nobody(config: &Config, route: &Route) -> Finding {
    let at = route.from.as_ref().map_or(route.at, |from| from.span);
    let denies = route.policies.iter().any(|policy| policy.action == "deny" && !policy.criteria.is_empty());
    let says = if denies {
        "the policy of this route only denies, and what is not allowed is forbidden: everybody gets 403"
    } else {
        "nothing says who may use this route, so Pomerium answers everybody with 403"
    };
    let mut finding = Finding::at(at, says);
    let ignored =
        config.reading.unknown_keys.iter().filter(|key| contains(route.at, key.at) && sounds_like_policy(&key.path));
    for key in ignored {
        finding = finding.also(key.at, "Pomerium does not know this key and ignores it");
    }
    finding
        .fix("say who may: everybody who can log in,")
        .fix("allow_any_authenticated_user: true")
        .fix("or the members of a group, say:")
        .fix("policy: { allow: { or: [ { claim/cognito:groups: admins } ] } }")
}

fn sounds_like_policy(path: &str) -> bool {
    let field = path.rsplit('.').next().unwrap_or(path);
    ["allow", "auth", "user", "group", "domain", "polic", "claim", "email"].iter().any(|word| field.contains(word))
}

/// `wildcard-user-never-matches`
pub(super) fn wildcard_user_never_matches(settings: &Settings, config: &Config) -> Vec<Finding> {
    let mut seen = Vec::new();
    let mut findings = Vec::new();
    for placed in criterion::all(settings) {
        let name = placed.criterion.name.as_str();
        if !matches!(name, "user" | "email" | "domain") {
            continue;
        }
        for text in wanted(&placed.criterion.data).into_iter().filter(|text| is_wildcard(name, text)) {
            // One value of `allowed_users` makes two criteria.
            if seen.contains(&(placed.criterion.at, text)) {
                continue;
            }
            seen.push((placed.criterion.at, text));
            let whose = if name == "domain" { "no domain has one" } else { "nobody's address or id has one there" };
            let says = format!("to Pomerium the star in `{text}` is a character like any other, and {whose}");
            let [meant, line] = instead_of_wildcard(name, text, placed.is_ppl(config));
            findings.push(Finding::at(placed.criterion.at, says).fix(meant).fix(line));
        }
    }
    findings
}

/// The texts that a criterion wants to find.
fn wanted(data: &Json) -> Vec<&str> {
    match data {
        Json::String(text) => vec![text],
        Json::Array(elements) => elements.iter().filter_map(Json::as_str).collect(),
        Json::Object(operators) => operators
            .iter()
            .filter(|(operator, _)| !operator.starts_with("not"))
            .flat_map(|(_, value)| wanted(value))
            .collect(),
        _ => Vec::new(),
    }
}

/// A star may stand in the local part of an address, though nobody has seen one; no domain has one.
fn is_wildcard(name: &str, text: &str) -> bool {
    match name {
        "domain" => text.contains('*'),
        _ => text.starts_with('*') || text.contains("*@") || text.contains("@*"),
    }
}

/// The same without a star, as it would be written in a `policy` or in one of the `allowed_…` fields.
fn instead_of_wildcard(name: &str, text: &str, is_ppl: bool) -> [String; 2] {
    let after = |start: &str| text.strip_prefix(start).filter(|rest| !rest.is_empty() && !rest.contains('*'));
    let (meant, allowed, criterion) = if let Some(domain) = after("*@") {
        ("everybody of this domain", format!("allowed_domains: [{domain}]"), format!("- domain: {{ is: {domain} }}"))
    } else if text.chars().all(|character| "*@.".contains(character)) {
        let any = "allow_any_authenticated_user: true";
        ("everybody who can log in", any.to_owned(), "- authenticated_user: true".to_owned())
    } else if let Some(end) = after("*") {
        let criterion = format!("- {name}: {{ ends_with: {end} }}");
        ("everything that ends so, say it in a policy", criterion.clone(), criterion)
    } else {
        return [
            "say it in a policy with `starts_with`, `ends_with` or `contains`, e.g.".to_owned(),
            format!(
                "- {name}: {{ starts_with: {} }}",
                text.split('*').next().filter(|start| !start.is_empty()).unwrap_or("…")
            ),
        ];
    };
    [format!("if you mean {meant}:"), if is_ppl { criterion } else { allowed }]
}

#[cfg(test)]
mod tests;
