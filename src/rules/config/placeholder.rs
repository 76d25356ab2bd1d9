//! Values that nobody filled in.

use std::collections::HashSet;
use std::sync::Arc;

use crate::config::{
    ClientSecret, Config, Dialect, Form, Gap, Refusal, Setting, Settings, SourceKind, Span, ValueKind, is_left_in_file,
    is_own_file,
};
use crate::evidence::{FilledByApply, Missing};
use crate::rules::place::{first_line, is_environment};
use crate::rules::{Finding, Judgement};

/// Options whose text may well look like a placeholder: headers take `${pomerium.…}`, the others are patterns, prose, or what a
/// portal shows, on which no login depends.
const NOT_LITERAL: [&str; 12] = [
    "set_request_headers",
    "set_response_headers",
    "rewrite_response_headers",
    "regex",
    "regex_rewrite_pattern",
    "regex_rewrite_substitution",
    "host_path_regex_rewrite_pattern",
    "host_path_regex_rewrite_substitution",
    "name",
    "description",
    "logo_url",
    "response",
];

/// `placeholder-left`
pub(in crate::rules) fn placeholder_left(config: &Config, settings: &Settings, filled: &FilledByApply) -> Judgement {
    let not_literal = &config.reading.not_literal;
    let mut places = places(config, not_literal, |text, from_file| match crate::config::classify(&text.value) {
        ValueKind::Literal => false,
        ValueKind::Unfilled => true,
        // A tool is sure to fill these in: nobody writes them for anything else.
        ValueKind::Reference if crate::config::is_secret_store(&text.value) => false,
        // Compose expands the variables of an environment file, and Docker does not; nobody expands Pomerium's own file.
        ValueKind::Reference => {
            let is_filled_in = config.form.is_expanded() || config.reading.unset_variables.contains(&text.span);
            from_file && !is_template(&text.value) && !is_filled_in
        }
    });
    places.retain(|(_, at)| !filled.0.iter().any(|(filled, _)| filled == at));
    let Some((first, at)) = places.first().cloned() else {
        return match (left_in_file(config, settings), rendered(config)) {
            (None, rendered) if !rendered.is_empty() => Judgement::Undecided(rendered),
            (found, _) => found.into(),
        };
    };
    if is_meant_to_be_filled(config, at) {
        return Judgement::NotApplicable("by its name, the file is a sample to be filled in");
    }
    places.remove(0);
    let reference = crate::config::classify(config.sources.slice(at)) == ValueKind::Reference;
    let says = if reference {
        format!("Pomerium takes the value of `{first}` literally: it expands no variables in its configuration")
    } else {
        format!("`{first}` was never filled in: Pomerium takes the placeholder as the value")
    };
    let mut finding = Finding::at(at, says);
    for (path, at) in &places {
        finding = finding.also(*at, format!("`{path}` likewise"));
    }
    let option = first.rsplit('.').next().unwrap_or(&first);
    finding = finding.fix("write the value itself, or fill in the file before Pomerium reads it, e.g. with `envsubst`");
    if reference {
        finding = finding
            .fix("if something fills it in already, say so with --expand-env: what is not set here is then left open");
    }
    // What the resource lacks is refused, whatever the environment says; and a variable stands there already.
    let is_variable =
        matches!(config.form, Form::Compose | Form::Environment | Form::Helm) || is_environment(config, at);
    if !first.contains('.') && config.reading.dialect != Dialect::Resource && !is_variable {
        finding = finding
            .fix(format!("or delete the line and set {} in Pomerium's environment", option.to_ascii_uppercase()));
    }
    finding.into()
}

/// The references in Pomerium's own file in a manifest: whatever delivers it may fill them in, and if nothing does, Pomerium takes them
/// literally.
fn rendered(config: &Config) -> Vec<Missing> {
    let is_left = |text: &Setting<String>, _: bool| {
        is_own_file(config, text.origin)
            && matches!(Gap::of(&text.value, text.span), Gap::Placeholder(_))
            && !is_template(&text.value)
    };
    places(config, &config.reading.not_literal, is_left).into_iter().map(|(_, at)| Missing::Placeholder(at)).collect()
}

/// A file of a secret that nobody filled in: Pomerium takes what it holds (`GetClientSecret` in `config/options.go`).
fn left_in_file(config: &Config, settings: &Settings) -> Option<Finding> {
    let clients = config.clients();
    let of_client = clients.iter().find_map(|client| match &client.secret {
        ClientSecret::Known(secret) => Some(("idp_client_secret_file", secret)),
        _ => None,
    });
    let own = [
        ("shared_secret_file", settings.shared_secret.as_ref()),
        ("cookie_secret_file", settings.cookie_secret.as_ref()),
        ("signing_key_file", settings.signing_key.as_ref()),
    ];
    let own = own.into_iter().filter_map(|(option, secret)| Some((option, secret?)));
    let mut all = of_client.into_iter().chain(own);
    let (option, secret) = all.find(|(_, secret)| is_left_in_file(secret, config.form))?;
    let says = format!("the file of `{option}` was never filled in: Pomerium takes the placeholder in it as the value");
    Some(Finding::at(secret.span, says).fix("write the value itself into the file, without a newline"))
}

/// Of the values that Pomerium refuses, those that were never filled in: `placeholder-left` says all there is to say of them.
pub(in crate::rules) fn left_open<'r>(
    config: &Config,
    refusals: impl IntoIterator<Item = &'r Refusal>,
) -> HashSet<Span> {
    let refused: HashSet<Span> = refusals.into_iter().filter_map(|refusal| refusal.at).collect();
    if refused.is_empty() {
        return refused;
    }
    let is_open = |text: &Setting<String>, _: bool| refused.contains(&text.span);
    places(config, &config.reading.not_literal, is_open).into_iter().map(|(_, at)| at).collect()
}

/// `template-not-checked`
pub(in crate::rules) fn template_not_checked(config: &Config, _: &Settings) -> Option<Finding> {
    let places = places(config, &config.reading.texts, |text, from_file| from_file && is_template(&text.value));
    let (first, at) = places.first()?;
    let mut finding = Finding::at(*at, format!("the value of `{first}` comes from a template and was not checked"));
    for (path, at) in places.iter().skip(1) {
        finding = finding.also(*at, format!("nor was `{path}`"));
    }
    Some(finding.fix("render the template and check the result, e.g. `helm template … | pomlint check -`"))
}

fn places(
    config: &Config,
    texts: &[(Arc<str>, Setting<String>)],
    is: impl Fn(&Setting<String>, bool) -> bool,
) -> Vec<(Arc<str>, Span)> {
    let ignored: HashSet<&str> = config.reading.unknown_keys.iter().map(|key| key.path.as_str()).collect();
    texts
        .iter()
        .filter(|(_, setting)| {
            let from_file =
                config.sources.get(setting.span.source).is_some_and(|source| source.kind == SourceKind::File);
            is(setting, from_file)
        })
        .filter(|(path, _)| !path.split('.').any(|key| NOT_LITERAL.contains(&key)) && !is_below(path, &ignored))
        .map(|(path, setting)| (path.clone(), setting.span))
        .collect()
}

/// The path is one of these, or leads through one: Pomerium does not read the value at all.
fn is_below(path: &str, ignored: &HashSet<&str>) -> bool {
    let mut above = path.match_indices('.').filter_map(|(dot, _)| path.get(..dot));
    ignored.contains(path) || above.any(|above| ignored.contains(above))
}

/// Go, Helm, Vault or Jinja.
fn is_template(text: &str) -> bool {
    memchr::memchr(b'{', text.as_bytes()).is_some() && (text.contains("{{") || text.contains("{%"))
}

/// Whether the text at a place is a sample that is to be filled in.
fn is_meant_to_be_filled(config: &Config, at: Span) -> bool {
    let source =
        config.sources.get(at.source).or_else(|| first_line(config).and_then(|line| config.sources.get(line.source)));
    source.is_some_and(|source| crate::config::is_sample(&source.name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::rules::testing;

    #[test]
    fn samples_are_told_by_their_names() {
        for (name, is) in [
            ("deploy/config.example.yaml", true),
            ("pomerium.yaml.template", true),
            ("config.yaml.j2", true),
            ("example.env", true),
            (".env-example", true),
            ("example-corp.yaml", false),
            ("example/config.yaml", false),
            ("config.yaml", false),
        ] {
            let config = testing::config(name, "a: b");
            assert_eq!(is_meant_to_be_filled(&config, first_line(&config).unwrap()), is, "{name}");
        }
    }
}
