//! `idp_provider`: which of Pomerium's providers runs the login.

use super::{NO_PROVIDER, SERVES_NO_LOGIN, identity_setting};
use crate::config::{
    Alike, COGNITO_SCOPES, Cognito, Config, Form, Hosting, Issuer, Login, Provider, Setting, Settings, Span, ValueKind,
    classify, host_of, points_to_cognito, provider_since, providers,
};
use crate::rules::cure;
use crate::rules::missing::{missing_option, place_of_missing};
use crate::rules::place::{CURLY_QUOTES, called, replace, without_curly_quotes, written};
use crate::rules::scopes::list;
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
    let at = place_of_missing(config, KEY, at);
    missing_option(config, KEY, at, "every login ends in 500, `identity: provider is not defined`")
        .fix("say which provider it is:")
        .fix_lines(lines(config, settings, at, right(config, settings)))
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
        .fix_lines(lines(config, settings, at, right(config, settings)))
        .severity(Severity::Warning)
        .into()
}

/// Whether users are to log in through a user pool, as far as provider and issuer tell.
fn is_of_pool(settings: &Settings) -> bool {
    let text =
        |setting: &Option<Setting<String>>| setting.as_ref().map_or("", |setting| setting.value.as_str()).to_owned();
    let (provider, issuer) = (text(&settings.idp_provider).to_ascii_lowercase(), text(&settings.idp_provider_url));
    let is_open = !issuer.contains("://") || classify(&issuer) != ValueKind::Literal;
    provider.contains("cognito") || points_to_cognito(&issuer) || provider.is_empty() && is_open
}

/// The provider to name here: `oidc` for somebody else's issuer, and where this form of this release has no `cognito`.
fn right(config: &Config, settings: &Settings) -> &'static str {
    let is_known = config.version >= config.reading.dialect.cognito_since();
    if is_known && is_of_pool(settings) { "cognito" } else { "oidc" }
}

/// The line that names a provider. Without scopes of its own, `oidc` asks for one that Cognito refuses: then it takes a second line.
fn lines(config: &Config, settings: &Settings, at: Span, name: &str) -> Vec<String> {
    let asks_for_default = name == "oidc" && settings.idp_scopes.is_none() && is_of_pool(settings);
    let scopes = asks_for_default.then(|| list::option(config, at, COGNITO_SCOPES.iter().copied()));
    [written(config, at, KEY, name)].into_iter().chain(scopes).collect()
}

impl Finding {
    /// Adds the provider to the cure; what takes two lines is nothing for a program.
    fn provider(self, config: &Config, settings: &Settings, setting: &Setting<String>, name: &str) -> Self {
        let lines = lines(config, settings, setting.span, name);
        let edit = replace(config, setting.span, &setting.value, name).filter(|_| lines.len() == 1);
        self.fix_lines(lines).edit(edit)
    }
}

/// `provider-unknown`
pub(in crate::rules) fn provider_unknown(config: &Config, provider: &Provider) -> Judgement {
    // Only the cure looks further.
    let Some(settings) = &config.settings else { return Judgement::pass() };
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
    let finding = match meant(name, config, settings) {
        Some(meant) => finding.provider(config, settings, setting, meant),
        None => finding.fix(format!("write one of {}", providers(version).collect::<Vec<_>>().join(", "))),
    };
    match since {
        Some(since) if config.form == Form::Helm => {
            finding.fix(format!("or have the chart install {since} or later: image.tag")).into()
        }
        _ => finding.into(),
    }
}

fn meant(name: &str, config: &Config, settings: &Settings) -> Option<&'static str> {
    let lower = without_curly_quotes(name.trim()).to_ascii_lowercase();
    if is_of_pool(settings) {
        // Of a user pool no other provider is right, whatever its name is near to.
        Some(right(config, settings))
    } else if PLAIN_OIDC.contains(&lower.as_str()) {
        Some("oidc")
    } else {
        spelling::nearest(&lower, providers(config.version), 1)
    }
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
    let issuer = cure::issuer(settings);
    if Alike::of(host_of(issuer)).is_some() {
        return Judgement::NotApplicable("the issuer is no user pool's");
    }
    if config.version < config.reading.dialect.cognito_since() {
        return Judgement::NotApplicable("this Pomerium has no provider `cognito`");
    }
    Finding::at(
        setting.span,
        format!(
            "this works, but sign-out ends Pomerium's session only, and without `{}` it asks for `offline_access`, which Cognito refuses",
            called(config, setting.span, "idp_scopes")
        ),
    )
    .correct(config, setting, KEY, "cognito")
    .fix("and register <authenticate_service_url>/.pomerium/signed_out as a sign-out URL of the app client")
    .into()
}

/// `provider-not-cognito`
pub(in crate::rules) fn provider_not_cognito(config: &Config, provider: &Provider, issuer: &Issuer) -> Judgement {
    let Some(settings) = &config.settings else { return Judgement::pass() };
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
        .provider(config, settings, setting, right(config, settings))
        .fix(format!(
            "or, if the other provider is meant, take {} out",
            called(config, issuer.0.span, "idp_provider_url")
        ))
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
    use crate::config::PomeriumVersion;
    use crate::rules::testing::{self, setting};

    #[test]
    fn a_wrong_name_is_traced_to_the_right_one() {
        let of = |name, version, issuer: Option<&str>| {
            let config = testing::config("pomerium.yaml", "key: value");
            let config = Config { version, ..config };
            let settings = Settings {
                idp_provider: Some(setting(name)),
                idp_provider_url: issuer.map(setting),
                ..testing::settings()
            };
            meant(name, &config, &settings)
        };
        let (newest, pool) =
            (PomeriumVersion::NEWEST, "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R");
        for (name, right) in [
            ("Cognito", Some("cognito")),
            ("aws-cognito", Some("cognito")),
            ("keycloak", Some("oidc")),
            ("OIDC", Some("oidc")),
            ("gogle", Some("google")),
            ("“google”", Some("google")),
            ("saml", None),
        ] {
            assert_eq!(of(name, newest, None), right, "{name}");
            assert_eq!(of(name, newest, Some(pool)), Some("cognito"), "{name}");
        }
        assert_eq!(of("OIDC", newest, Some("https://keycloak.example.com/realms/x")), Some("oidc"));
        assert_eq!(of("Cognito", PomeriumVersion(0, 22, 0), None), Some("oidc"));
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
