//! Slips of the pen behind the words with which Pomerium stops: a quote of the wrong kind, a URL without its scheme.

use serde_json::json;

use crate::config::{Config, Span, UnknownKey};
use crate::go;
use crate::rules::place::{CURLY_QUOTES, inside_quotes, on_route, replace, without_curly_quotes};
use crate::rules::{Edit, Finding};

/// The finding with the cure of a slip; `None` if its place shows none.
pub(super) fn cured(config: &Config, finding: &Finding, words: &str) -> Option<Finding> {
    if words.contains("bad source url url cannot be empty") {
        let mut within = config.reading.unknown_keys.iter().filter(|key| finding.at.covers(key.at));
        let texts = sorted_texts(config);
        match within.find(|key| is_no_field(&texts, key)) {
            Some(key) if is_rule(key) => return Some(policy_among_routes(finding)),
            Some(key) => return Some(routes_by_name(config, finding, key)),
            None => {}
        }
    }
    if words.ends_with("open : no such file or directory") {
        let sentence = "name both files: a certificate needs its key, and a key its certificate";
        return Some(with(finding, sentence, None, None));
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

/// A key that is taken for one of a route's own, and with which something else begins: a rule of a policy, or a whole route that
/// somebody gave a name.
pub(super) fn is_no_field(texts: &[Text<'_>], key: &UnknownKey) -> bool {
    let from =
        || path_of_source(key).is_some_and(|from| texts.binary_search_by(|(path, _)| (*path).cmp(&from)).is_ok());
    is_rule(key) || from()
}

/// Whether any key is such a one.
pub(in crate::rules) fn has_no_field(config: &Config) -> bool {
    let texts = sorted_texts(config);
    config.reading.unknown_keys.iter().any(|key| is_no_field(&texts, key))
}

/// A text of the configuration: its path, and where it stands.
pub(super) type Text<'c> = (&'c str, Span);

/// The texts in the order of their paths.
pub(super) fn sorted_texts(config: &Config) -> Vec<Text<'_>> {
    let mut texts: Vec<Text<'_>> = config.reading.texts.iter().map(|(path, text)| (&**path, text.span)).collect();
    texts.sort_unstable();
    texts
}

/// The path of the URL that a route has which somebody gave a name, as only a mapping of routes gives it one.
fn path_of_source(key: &UnknownKey) -> Option<String> {
    let name = key.path.strip_prefix("routes.").or_else(|| key.path.strip_prefix("policy."))?;
    (!name.contains('.')).then(|| format!("{}.from", key.path))
}

fn routes_by_name(config: &Config, finding: &Finding, key: &UnknownKey) -> Finding {
    let name = config.sources.slice(inside_quotes(config, key.at));
    let mut finding = finding.clone();
    let why = format!(": routes are a list and have no names, so that `{name}` is taken for a key of one");
    finding.says.push_str(&why);
    let path = path_of_source(key);
    let from = config.reading.texts.iter().find(|(text, _)| Some(&**text) == path.as_deref());
    let from = from.map_or("https://…", |(_, text)| text.value.as_str());
    finding.fix("take the name away, and begin the route with a dash:").fix(format!("- from: {from}"))
}

/// A key of a route that begins a rule of a policy.
fn is_rule(key: &UnknownKey) -> bool {
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
