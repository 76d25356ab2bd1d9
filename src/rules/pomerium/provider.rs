//! `idp_provider`: which of Pomerium's providers runs the login.

use super::{NO_PROVIDER, SERVES_NO_LOGIN, identity_setting};
use crate::config::{
    Alike, COGNITO_SINCE, Cognito, Config, Form, Hosting, Issuer, Login, PomeriumVersion, Provider, Settings, host_of,
    provider_since, providers,
};
use crate::rules::missing::missing_option;
use crate::rules::place::{CURLY_QUOTES, without_curly_quotes, written};
use crate::rules::{Finding, Judgement, Severity};
use crate::spelling;

const KEY: &str = "idp_provider";

/// Providers that people ask for by name and that Pomerium serves as `oidc`.
const PLAIN_OIDC: [&str; 9] =
    ["keycloak", "dex", "authentik", "authelia", "zitadel", "jumpcloud", "openid", "generic", "aws"];

/// `provider-missing`
pub(in crate::rules) fn provider_missing(config: &Config, settings: &Settings) -> Judgement {
    if settings.idp_provider.as_ref().is_some_and(|provider| !provider.value.is_empty()) {
        return Judgement::pass();
    }
    if !settings.runs("authenticate") {
        return refreshing(config, settings);
    }
    let Some((_, at)) = identity_setting(settings) else { return Judgement::NotApplicable(NO_PROVIDER) };
    let at = settings.idp_provider.as_ref().map_or(at, |provider| provider.span);
    missing_option(config, KEY, at, "every login ends in 500, `identity: provider is not defined`")
        .fix("say which provider it is:")
        .fix(written(config, at, KEY, name_of_cognito(config.version)))
        .into()
}

/// A databroker alone serves no login, but refreshes the sessions of all, and for that asks the provider
/// (`databroker/databroker.go`, `pkg/identity/manager/manager.go`). Behind Pomerium's hosted service nothing is refreshed.
fn refreshing(config: &Config, settings: &Settings) -> Judgement {
    let refreshes = ["databroker", "cache"].iter().any(|name| settings.runs(name));
    let peers = config.peers.iter().map(|peer| &peer.settings);
    let mut services = std::iter::once(settings).chain(peers);
    if !refreshes || services.all(|service| Login::of(service, config.version).hosting == Hosting::Hosted) {
        return Judgement::NotApplicable(SERVES_NO_LOGIN);
    }
    let at = settings.services.as_ref().map_or(settings.anchor, |services| services.span);
    let effect =
        "this databroker can refresh no session and deletes each when its tokens expire, after an hour as a rule";
    missing_option(config, KEY, at, effect)
        .title("The databroker is not told which identity provider to ask for new tokens")
        .fix("give it the same idp_* settings as the authenticate service, beginning with:")
        .fix(written(config, at, KEY, name_of_cognito(config.version)))
        .severity(Severity::Warning)
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
    let since = provider_since(name);
    if since.is_some_and(|since| since <= version) {
        return Judgement::pass();
    }
    let says = match since {
        Some(since) => format!(
            "`{name}` exists since {since}, and this is Pomerium {version}: `identity: unknown provider: {name}`"
        ),
        None if name.contains(CURLY_QUOTES) => {
            format!("curly quotes are part of the name: `identity: unknown provider: {name}` at every login")
        }
        None => format!(
            "Pomerium has no provider of this name, letter for letter: `identity: unknown provider: {name}` at every login"
        ),
    };
    let finding = Finding::at(setting.span, says);
    let finding = match meant(name, version) {
        Some(meant) => finding.correct(config, setting, KEY, meant),
        None => finding.fix(format!("write one of {}", providers(version).collect::<Vec<_>>().join(", "))),
    };
    match since {
        Some(since) if config.form == Form::Helm => {
            finding.fix(format!("or have the chart install {since} or later: image.tag")).into()
        }
        _ => finding.into(),
    }
}

fn meant(name: &str, version: PomeriumVersion) -> Option<&'static str> {
    let lower = without_curly_quotes(name.trim()).to_ascii_lowercase();
    if lower.contains("cognito") {
        return Some(name_of_cognito(version));
    }
    if PLAIN_OIDC.contains(&lower.as_str()) {
        return Some("oidc");
    }
    spelling::nearest(&lower, providers(version), 1)
}

/// `provider-generic-oidc`
pub(in crate::rules) fn provider_generic_oidc(
    config: &Config,
    provider: &Provider,
    _: &Cognito,
    settings: &Settings,
) -> Judgement {
    let setting = &provider.0;
    if setting.value != "oidc" {
        return Judgement::pass();
    }
    let issuer = settings.idp_provider_url.as_ref().map_or("", |issuer| issuer.value.as_str());
    if Alike::of(host_of(issuer)).is_some() {
        return Judgement::NotApplicable("the issuer is no user pool's");
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

/// `provider-not-cognito`
pub(in crate::rules) fn provider_not_cognito(config: &Config, provider: &Provider, issuer: &Issuer) -> Judgement {
    let setting = &provider.0;
    let name = setting.value.as_str();
    if ["cognito", "oidc"].contains(&name) {
        return Judgement::pass();
    }
    if provider_since(name).is_none_or(|since| since > config.version) {
        return Judgement::NotApplicable("Pomerium has no provider of this name");
    }
    let (severity, what) = made_of_issuer(name);
    Finding::at(setting.span, format!("the URL is that of a Cognito user pool, and `{name}` {what}"))
        .severity(severity)
        .also(issuer.0.span, "the user pool")
        .correct(config, setting, KEY, name_of_cognito(config.version))
        .fix("or, if the other provider is meant, take idp_provider_url out")
        .into()
}

/// What a provider that is made for another company makes of the issuer of a user pool (`pkg/identity`).
fn made_of_issuer(provider: &str) -> (Severity, &'static str) {
    match provider {
        "github" => (
            Severity::Error,
            "sends users to `/login/oauth/authorize` below it, where Cognito has nothing: no discovery document is read",
        ),
        "apple" => (
            Severity::Error,
            "sends users to `/auth/authorize` below it, where Cognito has nothing: no discovery document is read",
        ),
        "auth0" => (
            Severity::Error,
            "adds a slash to it, which the `issuer` in the discovery document does not have: every login ends in 500",
        ),
        "hosted" => {
            (Severity::Error, "sends one signed request, as Pomerium's hosted service wants it and Cognito does not")
        }
        _ => (
            Severity::Warning,
            "reads its discovery document, but asks and signs out in the way of another company, which nobody has tried with Cognito",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{self, setting};

    #[test]
    fn a_wrong_name_is_traced_to_the_right_one() {
        for (name, right) in [
            ("Cognito", Some("cognito")),
            ("aws-cognito", Some("cognito")),
            ("keycloak", Some("oidc")),
            ("OIDC", Some("oidc")),
            ("gogle", Some("google")),
            ("“google”", Some("google")),
            ("saml", None),
        ] {
            assert_eq!(meant(name, PomeriumVersion::NEWEST), right, "{name}");
        }
        assert_eq!(meant("Cognito", PomeriumVersion(0, 22, 0)), Some("oidc"));
    }

    #[test]
    fn of_a_misspelt_issuer_the_spelling_is_told_and_not_the_provider() {
        let issuer = "https://cognito-idp.eu-west-1.amazonaw.com/eu-west-1_9xK2mPq7R";
        let settings = Settings { idp_provider_url: Some(setting(issuer)), ..testing::settings() };
        let config = testing::config("pomerium.yaml", "key: value");
        let judged = provider_generic_oidc(&config, &Provider(setting("oidc")), &Cognito, &settings);
        assert!(matches!(judged, Judgement::NotApplicable("the issuer is no user pool's")));
    }
}
