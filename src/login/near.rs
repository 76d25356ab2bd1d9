//! Why a criterion does not hold although it nearly does: another letter case, `cognito:` left out, a scope not asked for.

use serde_json::Value as Json;

use super::admit::same;
use super::claims::Claims;
use crate::config::{Criterion, RequestedScopes};
use crate::host;
use crate::rules::missing_scope;

/// What is nearly right, in words, and the page about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// In words.
    pub says: String,
    /// The rule whose page explains it.
    pub rule: &'static str,
}

/// What comes nearest to a criterion that does not hold.
pub fn near(criterion: &Criterion, claims: &Claims, scopes: Option<&RequestedScopes>) -> Option<Near> {
    match criterion.name.as_str() {
        "email" | "domain" if claims.email().is_empty() => {
            let says = "no e-mail address came with this login".to_owned();
            let rule = if lacks(scopes, "email").is_some() { "scope-email-missing" } else { "email-not-mapped" };
            Some(Near { says, rule })
        }
        "email" => text(&criterion.data, claims.email()),
        "user" => text(&criterion.data, claims.user_id()),
        "domain" => domain(&criterion.data, claims.domain()?),
        "claim" => claim(criterion, claims, scopes),
        "groups" => {
            let says = "`groups` are those of a directory; Cognito's groups are the claim `cognito:groups`".to_owned();
            Some(Near { says, rule: "groups-criterion-never-matches" })
        }
        _ => None,
    }
}

fn claim(criterion: &Criterion, claims: &Claims, scopes: Option<&RequestedScopes>) -> Option<Near> {
    let name = criterion.sub_path.as_str();
    if claims.has(name) {
        return value(&criterion.data, claims.values(name));
    }
    let other = |says: String, rule| Some(Near { says, rule });
    let known = |is_meant: &dyn Fn(&str) -> bool| claims.iter().map(|(known, _)| known).find(|known| is_meant(known));
    if let Some(known) = known(&|known| known.eq_ignore_ascii_case(name)) {
        return other(
            format!("the claim is `{known}`, and Pomerium looks for `{name}`, letter by letter"),
            "claim-case-lost",
        );
    }
    if let Some(known) = known(&|known| known.strip_prefix("cognito:") == Some(name)) {
        return other(format!("Cognito calls it `{known}`"), "claim-never-sent");
    }
    let dotted = name.replace('/', ".");
    if dotted != name && claims.has(&dotted) {
        let says = format!("what lies below a claim has a name with dots: `claim/{dotted}`");
        return other(says, "policy-denied");
    }
    if name == "cognito:groups" {
        return other("the user is in no group of the pool".to_owned(), "policy-denied");
    }
    if let Some(scope) = lacks(scopes, name) {
        return other(format!("`{name}` comes with the scope `{scope}`, which is not asked for"), "claim-needs-scope");
    }
    None
}

fn lacks(scopes: Option<&RequestedScopes>, claim: &str) -> Option<&'static str> {
    missing_scope(scopes?, claim)
}

/// The texts that are to be found whole.
fn wanted(data: &Json) -> Vec<&Json> {
    match data {
        Json::Object(operators) => operators
            .iter()
            .filter(|(operator, _)| ["is", "in", "has"].contains(&operator.as_str()))
            .flat_map(|(_, wanted)| wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice))
            .collect(),
        wanted => vec![wanted],
    }
}

fn text(data: &Json, own: &str) -> Option<Near> {
    let is_near = |text: &&str| *text != own && text.trim().eq_ignore_ascii_case(own.trim());
    let near = wanted(data).into_iter().filter_map(Json::as_str).find(is_near)?;
    let says = format!("it is `{own}`, and `{near}` differs in letter case or white space");
    Some(Near { says, rule: "policy-denied" })
}

fn domain(data: &Json, own: &str) -> Option<Near> {
    let is_above = |text: &&str| host::is_below(own, text);
    let above = || wanted(data).into_iter().filter_map(Json::as_str).find(is_above);
    let below = |above| format!("`{own}` lies below `{above}`, and a domain is compared as a whole");
    text(data, own).or_else(|| above().map(|above| Near { says: below(above), rule: "policy-denied" }))
}

/// A value of another letter case, of another type, or beside others.
fn value(data: &Json, values: &[Json]) -> Option<Near> {
    let plain = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let near = |says: String| Some(Near { says, rule: "policy-denied" });
    for wanted in wanted(data) {
        let meant = plain(wanted);
        if values.iter().any(|value| same(value, wanted)) {
            if values.len() > 1 && data.get("is") == Some(wanted) {
                let count = values.len();
                return near(format!(
                    "{wanted} is one of {count} values: `is` wants it alone, and `has` takes one of several"
                ));
            }
            continue;
        }
        let Some(own) = values.iter().find(|value| plain(value).trim().eq_ignore_ascii_case(meant.trim())) else {
            continue;
        };
        return near(if plain(own) == meant {
            format!("it is {own}, and {wanted} is of another type")
        } else {
            format!("it is {own}, and {wanted} differs in letter case or white space")
        });
    }
    None
}

#[cfg(test)]
mod tests;
