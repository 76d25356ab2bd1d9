//! Slips of the pen behind the words with which Pomerium stops: a quote of the wrong kind, a URL without its scheme.

use serde_json::json;

use crate::config::{Config, Span, UnknownKey};
use crate::go;
use crate::rules::place::{CURLY_QUOTES, inside_quotes, on_route, replace, without_curly_quotes};
use crate::rules::{Edit, Finding};

/// The finding with the cure of a slip; `None` if its place shows none.
pub(super) fn cured(config: &Config, finding: &Finding, words: &str) -> Option<Finding> {
    if words.contains("bad source url url cannot be empty") && is_rule_among_routes(config, finding.at) {
        return Some(policy_among_routes(finding));
    }
    if words.contains("`allowed_groups` requires") {
        let line = on_route(config, "allowed_idp_claims", json!({ "cognito:groups": ["THE GROUPS"] }));
        return Some(with(finding, "write the groups as values of Cognito's claim:", Some(line), None));
    }
    let at = inside_quotes(config, finding.at);
    let value = config.sources.slice(at);
    let edit = |text: &str| replace(config, at, value, text);
    if value.contains(CURLY_QUOTES) {
        let bare = without_curly_quotes(value);
        return Some(with(
            finding,
            "write straight quotes, or none: curly ones are part of the value",
            None,
            edit(bare),
        ));
    }
    if !words.contains("url does not contain a valid") && !words.contains("first path segment in URL")
        || !is_place(value)
        // What is decoded first, such as the variable ROUTES, does not stand there as Pomerium reads it.
        || !words.contains(value)
    {
        return None;
    }
    if words.contains("policy bad source url") {
        let url = format!("https://{value}");
        let is_whole = go::url::parse_and_validate(&url).is_ok();
        return is_whole.then(|| {
            with(finding, "write the scheme before the host:", Some(on_route(config, "from", url.as_str())), edit(&url))
        });
    }
    // Of a target, nobody but its owner knows whether it speaks TLS.
    let sentence = match value.split_once(':') {
        Some((host, _)) => {
            format!("write a URL: what stands before the first colon, `{host}`, is taken for its scheme")
        }
        None => "write a URL, with its scheme:".to_owned(),
    };
    words
        .starts_with("'routes[")
        .then(|| with(finding, &sentence, Some(on_route(config, "to", format!("http://{value}"))), None))
}

/// Whether the route at a place is a rule of a policy, which was taken for one.
fn is_rule_among_routes(config: &Config, route: Span) -> bool {
    let is_within = |at: Span| at.source == route.source && route.start <= at.start && at.end <= route.end;
    config.reading.unknown_keys.iter().any(|key| is_rule(key) && is_within(key.at))
}

/// A key of a route that begins a rule of a policy.
pub(in crate::rules) fn is_rule(key: &UnknownKey) -> bool {
    matches!(key.path.as_str(), "policy.allow" | "policy.deny" | "routes.allow" | "routes.deny")
}

fn policy_among_routes(finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    finding.says += ": `policy` at the top level is the former name of `routes`, and takes this rule for a route";
    finding.fix("move the rule into the route that it is meant for, as its `policy`, beside `from` and `to`")
}

fn with(finding: &Finding, sentence: &str, line: Option<String>, edit: Option<Edit>) -> Finding {
    let finding = finding.clone().fix(sentence).edit(edit);
    line.into_iter().fold(finding, Finding::fix)
}

/// `host`, `host:port`, `host/path`: what a URL is without its scheme.
fn is_place(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/".contains(&byte);
    value.starts_with(|first: char| first.is_ascii_alphanumeric())
        && value.bytes().all(is_part)
        && !value.contains("://")
}
