//! `idp_provider`: which of Pomerium's providers runs the login.

use super::{NO_PROVIDER, identity_setting};
use crate::config::{Cognito, Config, PomeriumVersion, Provider, Settings};
use crate::rules::config::missing_option;
use crate::rules::place::written;
use crate::rules::{Finding, Judgement};

const KEY: &str = "idp_provider";

/// The providers and the first release that has each (`pkg/identity/providers.go`). Names are compared byte for byte.
const PROVIDERS: [(&str, PomeriumVersion); 12] = [
    ("apple", PomeriumVersion(0, 22, 0)),
    ("auth0", PomeriumVersion(0, 0, 0)),
    ("azure", PomeriumVersion(0, 0, 0)),
    ("cognito", COGNITO_SINCE),
    ("github", PomeriumVersion(0, 0, 0)),
    ("gitlab", PomeriumVersion(0, 0, 0)),
    ("google", PomeriumVersion(0, 0, 0)),
    ("hosted", PomeriumVersion(0, 32, 0)),
    ("oidc", PomeriumVersion(0, 0, 0)),
    ("okta", PomeriumVersion(0, 0, 0)),
    ("onelogin", PomeriumVersion(0, 0, 0)),
    ("ping", PomeriumVersion(0, 0, 0)),
];

const COGNITO_SINCE: PomeriumVersion = PomeriumVersion(0, 23, 0);

/// Providers that people ask for by name and that Pomerium serves as `oidc`.
const PLAIN_OIDC: [&str; 9] =
    ["keycloak", "dex", "authentik", "authelia", "zitadel", "jumpcloud", "openid", "generic", "aws"];

/// `provider-missing`
pub(in crate::rules) fn provider_missing(config: &Config, settings: &Settings) -> Judgement {
    if settings.idp_provider.as_ref().is_some_and(|provider| !provider.value.is_empty()) {
        return Judgement::pass();
    }
    let Some((_, at)) = identity_setting(settings) else { return Judgement::NotApplicable(NO_PROVIDER) };
    let at = settings.idp_provider.as_ref().map_or(at, |provider| provider.span);
    missing_option(config, KEY, at, "every login ends in 500, `identity: provider is not defined`")
        .fix("say which provider it is:")
        .fix(written(config, at, KEY, name_of_cognito(config.version)))
        .into()
}

fn name_of_cognito(version: PomeriumVersion) -> &'static str {
    if version >= COGNITO_SINCE { "cognito" } else { "oidc" }
}

/// `provider-unknown`
pub(in crate::rules) fn provider_unknown(config: &Config, provider: &Provider) -> Judgement {
    let setting = &provider.0;
    let name = setting.value.as_str();
    let version = config.version;
    let known = PROVIDERS.iter().find(|(known, _)| *known == name);
    if known.is_some_and(|(_, since)| *since <= version) {
        return Judgement::pass();
    }
    let says = match known {
        Some((_, since)) => format!(
            "`{name}` exists since {since}, and this is Pomerium {version}: `identity: unknown provider: {name}`"
        ),
        None => format!(
            "Pomerium has no provider of this name, letter for letter: `identity: unknown provider: {name}` at every login"
        ),
    };
    let finding = Finding::at(setting.span, says);
    match meant(name, version) {
        Some(meant) => finding.correct(config, setting, KEY, meant),
        None => finding.fix(format!("write one of {}", names(version))),
    }
    .into()
}

fn names(version: PomeriumVersion) -> String {
    let names: Vec<&str> = PROVIDERS.iter().filter(|(_, since)| *since <= version).map(|(name, _)| *name).collect();
    names.join(", ")
}

fn meant(name: &str, version: PomeriumVersion) -> Option<&'static str> {
    let lower = name.trim().to_ascii_lowercase();
    if lower.contains("cognito") {
        return Some(name_of_cognito(version));
    }
    if PLAIN_OIDC.contains(&lower.as_str()) {
        return Some("oidc");
    }
    let near = PROVIDERS
        .iter()
        .filter(|(_, since)| *since <= version)
        .map(|(known, _)| (*known, strsim::osa_distance(known, &lower)));
    near.min_by_key(|(_, distance)| *distance).filter(|(_, distance)| *distance <= 1).map(|(known, _)| known)
}

/// `provider-generic-oidc`
pub(in crate::rules) fn provider_generic_oidc(config: &Config, provider: &Provider, _: &Cognito) -> Judgement {
    let setting = &provider.0;
    if setting.value != "oidc" {
        return Judgement::pass();
    }
    if config.version < COGNITO_SINCE {
        return Judgement::NotApplicable("this Pomerium has no provider `cognito`");
    }
    Finding::at(
        setting.span,
        "this works, but sign-out ends Pomerium's session only, and without `idp_scopes` it asks for `offline_access`, which Cognito refuses",
    )
    .correct(config, setting, KEY, "cognito")
    .fix("and register <authenticate_service_url>/.pomerium/signed_out as a sign-out URL of the app client")
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_is_traced_to_the_right_one() {
        for (name, right) in [
            ("Cognito", Some("cognito")),
            ("aws-cognito", Some("cognito")),
            ("keycloak", Some("oidc")),
            ("OIDC", Some("oidc")),
            ("gogle", Some("google")),
            ("saml", None),
        ] {
            assert_eq!(meant(name, PomeriumVersion::NEWEST), right, "{name}");
        }
        assert_eq!(meant("Cognito", PomeriumVersion(0, 22, 0)), Some("oidc"));
    }
}
