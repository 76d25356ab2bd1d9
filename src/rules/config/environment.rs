//! What stands in the environment, as Pomerium reads it.

use crate::config::{Config, PomeriumVersion, RefusalKind, Settings, Span, nearest_option, option_names};
use crate::evidence::DecodedValues;
use crate::rules::place::{is_environment, replace};
use crate::rules::{Finding, Judgement, Severity};

/// `environment-overrides-file`
pub(in crate::rules) fn environment_overrides_file(config: &Config, _: &Settings) -> Vec<Finding> {
    let overridden = config.reading.overridden.iter();
    overridden
        .map(|overridden| {
            let name = overridden.option.to_ascii_uppercase();
            Finding::at(
                overridden.file,
                format!("this value does not count: the environment sets {name} to another one"),
            )
            .also(overridden.environment, "this one counts")
            .fix(format!("delete `{}` here, or {name} in the environment", overridden.option))
        })
        .collect()
}

/// The options without which nobody logs in, or gets anywhere.
const NEEDED: [&str; 12] = [
    "authenticate_service_url",
    "idp_provider",
    "idp_provider_url",
    "idp_client_id",
    "idp_client_secret",
    "idp_client_secret_file",
    "shared_secret",
    "shared_secret_file",
    "cookie_secret",
    "cookie_secret_file",
    "policy",
    "routes",
];

/// `wrong-environment-name`
pub(in crate::rules) fn wrong_environment_name(config: &Config, settings: &Settings) -> Judgement {
    if names(config).next().is_none() {
        return Judgement::NotApplicable("Pomerium is given no environment here");
    }
    let names_it = |known: &str, option: &str| {
        let known = known.strip_suffix("_file").unwrap_or(known);
        known.eq_ignore_ascii_case(option.strip_suffix("_file").unwrap_or(option))
    };
    let is_set = |option: &str| {
        names(config).any(|(name, _)| is_in_capitals(name) && names_it(name, option))
            || config.reading.texts.iter().any(|(path, _)| names_it(path, option))
            || config.reading.undecodable.contains(&option)
            || option == "idp_client_id" && settings.idp_client_id.is_some()
    };
    let set = |option: &str| config.reading.texts.iter().any(|(path, _)| names_it(path, option));
    let mut findings: Vec<Finding> = spaced(config).map(|(option, at)| with_space(option, at, set(option))).collect();
    for (name, at) in names(config) {
        if let Some(finding) = unjoined(name, at) {
            findings.push(finding);
            continue;
        }
        if config.reading.nameless.contains(&at) {
            findings.push(nameless(config, at));
            continue;
        }
        let Some(option) = meant(name).filter(|option| !is_set(option)) else { continue };
        let is_anybodys = ANYBODYS.iter().any(|word| name.eq_ignore_ascii_case(word));
        if is_anybodys && !lacks(settings, option) {
            continue;
        }
        let right = option.to_ascii_uppercase();
        let says = format!("Pomerium does not read `{name}`: it ignores the line, and {right} is not set");
        let finding = Finding::at(at, says)
            .fix(format!("rename it to {right}"))
            .edit(replace(config, at, name, &right))
            .unless_set_elsewhere();
        // Without most options Pomerium does as by default, and everybody logs in.
        let is_error = NEEDED.contains(&option) && !is_anybodys;
        findings.push(if is_error { finding } else { finding.severity(Severity::Warning) });
    }
    findings.into()
}

/// Names that another program may have as well, so that they may stand there for it.
const ANYBODYS: [&str; 3] = ["ROUTE", "CLIENT_ID", "CLIENT_SECRET"];

/// Whether a login through a provider of one's own lacks what such a name is meant for.
fn lacks(settings: &Settings, option: &str) -> bool {
    if option == "routes" {
        settings.routes.is_empty() && settings.runs("proxy")
    } else {
        settings.idp_provider.is_some()
    }
}

/// Names of options with white space around them, as `- "NAME = value"` of a compose file has: it stays a part of the name.
fn spaced(config: &Config) -> impl Iterator<Item = (&'static str, Span)> {
    config.reading.variables.iter().filter_map(|(name, at)| {
        let option = option(&name.trim().to_ascii_lowercase())?;
        (name.trim() != name).then_some((option, *at))
    })
}

fn with_space(option: &str, at: Span, is_set: bool) -> Finding {
    let right = option.to_ascii_uppercase();
    let says = format!("the white space beside the name is part of it, and Pomerium reads no `{right}` here");
    let finding = Finding::at(at, says).fix(format!("write it without a space before or behind the sign: {right}=…"));
    if NEEDED.contains(&option) && !is_set { finding } else { finding.severity(Severity::Warning) }
}

/// A value without a name; it may be a secret, so it is not repeated.
fn nameless(config: &Config, at: Span) -> Finding {
    let is_set = |option: &&str| {
        config.reading.texts.iter().any(|(path, _)| path.strip_suffix("_file").unwrap_or(path) == *option)
    };
    let unset: Vec<String> = ["shared_secret", "cookie_secret"]
        .iter()
        .filter(|option| !is_set(option))
        .map(|option| option.to_uppercase())
        .collect();
    let finding = Finding::at(at, "this entry of the environment is a value without a name, and nothing reads it")
        .title("An entry of the environment has no name");
    if !is_set(&"idp_provider_url") && is_nameless_issuer(config, at) {
        return finding.fix(format!("write its name before it: IDP_PROVIDER_URL={}", config.sources.slice(at)));
    }
    let finding = finding.severity(Severity::Warning).fix("write its name before it: NAME=value");
    if unset.is_empty() { finding } else { finding.fix(format!("not set here: {}", unset.join(", "))) }
}

/// Whether a value without a name is an issuer, which is no secret and belongs to one option alone.
fn is_nameless_issuer(config: &Config, at: Span) -> bool {
    let value = config.sources.slice(at).trim_matches(['"', '\'']);
    crate::evidence::pool_of_issuer(value).is_some()
}

/// Where the value of an option stands, if only its name does not.
pub(in crate::rules) fn nameless_value(config: &Config, option: &str) -> Option<Span> {
    let mut nameless = config.reading.nameless.iter().filter(|_| option == "idp_provider_url");
    nameless.find(|at| is_nameless_issuer(config, **at)).copied()
}

/// A name and a value that something else than `=` joins. The value is not repeated, as it may be a secret.
fn unjoined(name: &str, at: Span) -> Option<Finding> {
    let end = name.find([' ', ':']).filter(|_| !name.contains("://"))?;
    let option = option(&name.get(..end)?.to_ascii_lowercase())?;
    let right = option.to_ascii_uppercase();
    let says = format!("no `=` joins {right} and its value: the variable is not set");
    Some(Finding::at(Span { end: at.start + end, ..at }, says).fix(format!("write it as one text: {right}=…")))
}

/// The top-level option of this name.
fn option(name: &str) -> Option<&'static str> {
    option_names(PomeriumVersion::NEWEST).find(|option| *option == name)
}

/// The variables that are meant for Pomerium, with the places of their names. The environment of the check itself is full of
/// other programs' names, so it is left out.
pub(super) fn names(config: &Config) -> impl Iterator<Item = (&str, Span)> {
    let is_process = |at: Span| config.sources.get(at.source).is_some_and(|source| source.name == "environment");
    let variables = config.reading.variables.iter().filter(move |(_, at)| !is_process(*at));
    variables.map(|(name, at)| {
        let bare = name.strip_prefix("export ").unwrap_or(name).trim_start();
        (
            bare.trim_end(),
            Span {
                start: at.end.saturating_sub(bare.len()),
                end: at.end - (bare.len() - bare.trim_end().len()),
                ..*at
            },
        )
    })
}

fn is_in_capitals(name: &str) -> bool {
    !name.contains(|letter: char| letter.is_ascii_lowercase())
}

/// The option that a wrong name is meant for.
fn meant(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    if let Some(option) = option(&lower) {
        // The names of variables are read as they are written (`viper.BindEnv` of `config/options.go`).
        return (!is_in_capitals(name)).then_some(option);
    }
    if let Some(bare) = lower.strip_prefix("pomerium_") {
        return option(bare);
    }
    let guess = match lower.as_str() {
        "idp_url" | "idp_issuer" | "idp_issuer_url" => Some("idp_provider_url"),
        "idp_client" | "client_id" => Some("idp_client_id"),
        "idp_type" => Some("idp_provider"),
        "route" => Some("routes"),
        "idp_secret" | "client_secret" => Some("idp_client_secret"),
        "idp_scope" => Some("idp_scopes"),
        "authenticate_url" => Some("authenticate_service_url"),
        _ => None,
    };
    let ours = ["idp_", "ipd_", "cookie_", "authenticate_", "shared_", "signout_"]
        .iter()
        .any(|prefix| lower.starts_with(prefix));
    guess.and_then(option).or_else(|| if ours { nearest_option(&lower, PomeriumVersion::NEWEST) } else { None })
}

/// A variable that Pomerium does not read and that may be meant for an option.
pub(in crate::rules) fn misspelt<'a>(config: &'a Config, option: &str) -> Option<(&'a str, Span)> {
    let spaced = spaced(config).find(|(spaced, _)| *spaced == option).map(|(_, at)| (config.sources.slice(at), at));
    spaced.or_else(|| names(config).find(|(name, _)| meant(name) == Some(option)))
}

/// `policy-environment-undecodable` (`config/custom.go` `DecodePolicyBase64Hook`)
pub(in crate::rules) fn policy_environment_undecodable(
    config: &Config,
    _: &Settings,
    _: &DecodedValues,
) -> Option<Finding> {
    let error = config.reading.type_errors.iter().find(|error| error.kind == RefusalKind::EncodedRoutes)?;
    let at = error.at.or_else(|| config.settings.as_ref().map(|settings| settings.anchor))?;
    let name = if error.words.starts_with("'routes' ") { "ROUTES" } else { "POLICY" };
    let words = super::own_words(&error.words);
    let finding = Finding::at(at, format!("Pomerium wants base64 of a YAML or JSON list here and stops: `{words}`"));
    if !is_environment(config, at) {
        return Some(finding.fix("write the list of routes itself: a text is for the variables POLICY and ROUTES"));
    }
    Some(
        finding
            .fix(format!("encode the whole list on one line, and write what comes of it as the value of {name}:"))
            .fix("base64 -w0 routes.yaml"),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::rules::testing;

    #[test]
    fn near_misses_of_a_name_are_understood_and_others_left_alone() {
        for (name, option) in [
            ("POMERIUM_IDP_PROVIDER", Some("idp_provider")),
            ("IDP_URL", Some("idp_provider_url")),
            ("IDP_CLIENTID", Some("idp_client_id")),
            ("IDP_CLIENT_ID", None),
            ("idp_client_id", Some("idp_client_id")),
            ("IPD_CLIENT_ID", Some("idp_client_id")),
            ("IDP_CLIENT", Some("idp_client_id")),
            ("IDP_TYPE", Some("idp_provider")),
            ("ROUTE", Some("routes")),
            ("POMERIUM_IMAGE", None),
            ("PATH", None),
            ("KEYCLOAK_ADMIN", None),
        ] {
            assert_eq!(meant(name), option, "{name}");
        }
    }

    #[test]
    fn names_are_found_where_they_stand() {
        let mut config = testing::config("environment.env", "export IDP_URL=x\n");
        let (source, _) = config.sources.iter().next().unwrap();
        let at = Span { source, start: 0, end: "export IDP_URL".len() };
        config.reading.variables = vec![("export IDP_URL".to_owned(), at)];
        let found: Vec<&str> = names(&config).map(|(_, at)| config.sources.slice(at)).collect();
        assert_eq!(found, ["IDP_URL"]);
    }
}
