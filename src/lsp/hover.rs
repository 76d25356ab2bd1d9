//! What is said of the place under the cursor.

use serde_json::Value;

use super::document::Document;
use crate::config::cognito::region_of_pool;
use crate::config::{Config, Form, Node, Source, SourceId, Span, Subject, about, yaml_document};
use crate::report::{rule_help, show_json};
use crate::rules;

/// The page of the rule that found something there; or else what the key is for, and what Pomerium makes of it.
pub(super) fn at(document: &Document, offset: usize) -> Option<String> {
    let found = document.found.iter().filter(|found| found.at.contains(&offset));
    let pages: Vec<String> = found.filter_map(|found| rules::find(found.rule)).map(rule_help).collect();
    let keys = document.report.as_ref().and_then(|report| {
        let scrubber = report.scrubber();
        report.reports.iter().find_map(|one| {
            let path = key_at(&one.config, document, offset)?;
            let about = about(&path, one.config.version)?;
            let mut shown: Value = serde_json::from_str(&show_json(&one.config, scrubber)).unwrap_or_default();
            // That a setting is absent is known only where all of it is here.
            let settings = one.config.settings.as_ref();
            if settings.is_none_or(|settings| settings.authenticate_service_url.is_none())
                && !one.config.reading.incomplete.is_empty()
            {
                shown["hosted"] = Value::Null;
            }
            let facts: Vec<String> = facts(&path, &shown, whose(&one.config));
            let facts: String = facts.iter().flat_map(|fact| ["\n\n", fact.as_str()]).collect();
            Some(format!("**{path}**\n\n{about}{facts}"))
        })
    });
    let all: Vec<String> = keys.into_iter().chain(pages).collect();
    (!all.is_empty()).then(|| all.join("\n\n---\n\n"))
}

/// Where a callback is registered.
fn whose(config: &Config) -> &'static str {
    match config.subject() {
        Subject::Cognito => "in Cognito",
        Subject::Perhaps | Subject::Generic | Subject::Other(_) => "at the identity provider",
    }
}

/// What Pomerium makes of an option; `whose` it is to know of it.
fn facts(path: &str, shown: &Value, whose: &str) -> Vec<String> {
    let told = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(|text| text.replace('`', "'"));
    let text = |name: &str| told(&shown[name]);
    // What `idp_request_params` sets takes the place of what other options say.
    let sent = |name: &str| told(&shown["authorize_parameters"][name]);
    if shown["hosted"] == true && (path.starts_with("idp_") || path == "authenticate_service_url") {
        return vec!["Pomerium's hosted service runs the login here: no `idp_` option counts.".to_owned()];
    }
    let sign_out = || text("sign_out").map(|url| format!("Sign-out URL to register {whose}: `{url}`"));
    let facts = match path {
        "authenticate_service_url" => vec![
            sent("redirect_uri").map(|url| format!("Callback to register {whose}, byte for byte: `{url}`")),
            sign_out(),
        ],
        "signout_redirect_url" => vec![sign_out()],
        "idp_scopes" | "idp_provider" => vec![sent("scope").map(|scope| format!("Asked for as `scope={scope}`"))],
        "idp_provider_url" => {
            let pool = text("idp_provider_url")
                .and_then(|url| url.trim_end_matches('/').rsplit('/').next().map(str::to_owned));
            let pool =
                pool.and_then(|pool| region_of_pool(&pool).map(|region| format!("User pool `{pool}` in {region}")));
            vec![pool]
        }
        _ => Vec::new(),
    };
    facts.into_iter().flatten().collect()
}

/// The path of the key at a byte, as Pomerium logs it: of a configuration file, any key; of another form, an option whose value
/// stands there or behind the key there, or whose variable does.
fn key_at(config: &Config, document: &Document, offset: usize) -> Option<String> {
    // A text that holds settings and variables, or a `Secret`, is among the sources more than once.
    let is_own = |source: &&Source| source.name == document.name && *source.text == *document.text;
    let own: Vec<(SourceId, &Source)> = config.sources.iter().filter(|(_, source)| is_own(source)).collect();
    let (id, source) = *own.first()?;
    let is_here =
        |span: &Span| span.start <= offset && offset < span.end && own.iter().any(|(own, _)| *own == span.source);
    if let Some((name, _)) = config.reading.variables.iter().find(|(_, span)| is_here(span)) {
        return Some(name.to_lowercase());
    }
    let texts = || config.reading.texts.iter().filter(|(_, text)| own.iter().any(|(own, _)| *own == text.span.source));
    let text = texts().filter(|(_, text)| is_here(&text.span));
    let text = text.min_by_key(|(_, text)| text.span.end - text.span.start);
    let behind = || {
        let behind = texts().filter(|(_, text)| offset < text.span.start).min_by_key(|(_, text)| text.span.start);
        behind.filter(|(_, text)| document.text.get(offset..text.span.start).is_some_and(is_rest_of_key))
    };
    let option = text.or_else(behind).map(|(path, _)| without_places(path));
    let tree = (config.form == Form::ConfigFile).then(|| yaml_document(source, id).ok()).flatten();
    tree.and_then(|root| within(&root, "", &is_here)).or(option)
}

/// Whether a text is the end of a key and what stands between that and its value in any notation: `ope: [`, `RL="`, `-`.
fn is_rest_of_key(text: &str) -> bool {
    let Some((key, between)) = text.split_once([':', '=']) else { return false };
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    let is_between = |letter: char| letter.is_whitespace() || "[\"'->|+".contains(letter);
    key.trim_end().trim_end_matches(['"', '\'']).chars().all(is_key) && between.chars().all(is_between)
}

/// The path of the innermost key whose name or value is there.
fn within(node: &Node, path: &str, is_here: &dyn Fn(&Span) -> bool) -> Option<String> {
    let below = node.entries().iter().find_map(|entry| {
        let name = entry.key.to_lowercase();
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        if is_here(&entry.key_span) {
            return Some(path);
        }
        within(&entry.value, &path, is_here).or_else(|| is_here(&entry.value.span).then_some(path))
    });
    below.or_else(|| node.elements().iter().find_map(|element| within(element, path, is_here)))
}

/// A path without the places in lists.
fn without_places(path: &str) -> String {
    let part = |part: &str| part.split('[').next().unwrap_or(part).to_lowercase();
    path.split('.').filter(|part| part.parse::<usize>().is_err()).map(part).collect::<Vec<_>>().join(".")
}
