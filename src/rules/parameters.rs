//! Stage scopes: what `idp_request_params` adds to the authorize request, or replaces in it.

use super::cure::Wanted;
use super::place::called;
use super::{Finding, Severity, cure};
use crate::config::{Change, ClientId, Cognito, Config, Login, NamedProvider, Settings, ValueKind, WrittenAs};
use crate::evidence::{ClientCode, Evidence, IdentityProviderStanding};
use crate::infra::Attribute;

/// Why a rule about a parameter of the request does not apply once somebody has replaced it.
pub(super) const OVERRIDDEN: &str = "idp_request_params replaces this parameter of the request";

/// Whether `idp_request_params` puts something else in the place of what Pomerium sends itself.
pub(super) fn is_overridden(settings: &Settings, parameter: &str, own: &str) -> bool {
    settings.idp_request_params.iter().any(|(key, value)| key.value == parameter && value.value != own)
}

/// Whether Pomerium sends this anyway, whichever client it asks for.
fn is_own(config: &Config, settings: &Settings, parameter: &str, value: &str) -> bool {
    match parameter {
        "client_id" => config.clients().iter().all(|client| client.id.value == value),
        "redirect_uri" if may_be_an_option(config) => true,
        "redirect_uri" => Login::of(settings, config.version).redirect_uri == value,
        "response_type" => value == "code",
        "response_mode" => value == "query",
        _ => false,
    }
}

/// What runs shows a callback, and not what made it: while there was `authenticate_callback_path`, that may have been it.
fn may_be_an_option(config: &Config) -> bool {
    config.form.is_running() && !config.version.has(Change::FixedCallbackPath)
}

/// The parameters that Pomerium sets itself, and what comes of replacing them by this value, if that stands here.
fn override_effect(parameter: &str, value: Option<&str>) -> Option<(Severity, &'static str)> {
    let effect = match parameter {
        // It may be filled in with Pomerium's own.
        "client_id" | "redirect_uri" | "response_type" | "response_mode" if value.is_none() => return None,
        "client_id" => (Severity::Error, "Cognito issues tokens for this client, whichever one Pomerium expects"),
        "redirect_uri" => {
            (Severity::Error, "the token request names another URL than this one, and Cognito refuses it")
        }
        "state" => (Severity::Error, "Pomerium cannot read back its own state, and refuses every login"),
        "response_type" => (Severity::Error, "Pomerium waits for a code, and this asks for something else"),
        "code_challenge" => (Severity::Error, "Pomerium has no verifier to it, so the token request is refused"),
        "code_challenge_method" => (Severity::Warning, "it belongs to a challenge that Pomerium does not send"),
        "response_mode" => (Severity::Warning, "if it is heeded, the code does not come where Pomerium looks for it"),
        // The login works if the value happens to be right.
        "scope" if value.is_none_or(|value| value.split_ascii_whitespace().any(|word| word == "openid")) => {
            (Severity::Warning, "`idp_scopes` no longer has any effect")
        }
        "scope" => {
            (Severity::Error, "`idp_scopes` no longer has any effect, and without `openid` there is no ID token")
        }
        _ => return None,
    };
    Some(effect)
}

/// `request-parameter-overrides-protocol`
pub(super) fn request_parameter_overrides_protocol(_: &Cognito, settings: &Settings, config: &Config) -> Vec<Finding> {
    settings
        .idp_request_params
        .iter()
        // What is no text Pomerium refuses, and sends none of it.
        .filter(|(_, value)| !matches!(value.written_as, WrittenAs::List | WrittenAs::Map))
        .filter(|(key, value)| !is_own(config, settings, &key.value, &value.value))
        .filter_map(|(key, value)| {
            let written = Some(value.value.as_str()).filter(|_| value.kind() == ValueKind::Literal);
            let (severity, effect) = override_effect(&key.value, written)?;
            let own = if key.value.starts_with("code_challenge") {
                "is Pomerium's to set"
            } else {
                "replaces Pomerium's own"
            };
            let finding = Finding::at(key.span, {
                let effect = effect.replace("idp_scopes", &called(config, key.span, "idp_scopes"));
                format!("`{}` {own}: {effect}", key.value)
            })
            .severity(severity);
            Some(match key.value.as_str() {
                "scope" => finding
                    .fix(format!("take it out, and name the scopes in {}", called(config, key.span, "idp_scopes"))),
                "client_id" => finding
                    .fix(format!("take it out, and name the client in {}", called(config, key.span, "idp_client_id"))),
                "redirect_uri" => {
                    let from = called(config, key.span, "authenticate_service_url");
                    finding.fix(format!("take it out: Pomerium derives it from {from}"))
                }
                name => finding.fix(format!("take `{name}` out of {}", called(config, key.span, "idp_request_params"))),
            })
        })
        .collect()
}

/// `identity-provider-not-enabled`
pub(super) fn identity_provider_not_enabled(
    id: &ClientId,
    settings: &Settings,
    standing: &IdentityProviderStanding,
    named: &NamedProvider,
    code: &Evidence<ClientCode>,
) -> Option<Finding> {
    let answer = match standing {
        IdentityProviderStanding::Enabled => return None,
        IdentityProviderStanding::NotListed => String::new(),
        IdentityProviderStanding::Gone { how } => format!(": {how}"),
        IdentityProviderStanding::NotEnabled { message } => format!(": Cognito answers “{message}”"),
    };
    let NamedProvider { parameter, value } = named;
    let client = &id.0.value;
    let (at, name) = (value.span, &value.value);
    if parameter.value == "idp_identifier" {
        return Some(
            Finding::at(
                at,
                format!("no identity provider of app client `{client}` has the identifier `{name}`{answer}"),
            )
            .also(id.0.span, "the app client")
            .fix("write an identifier of the provider, give it this one, or enable the provider on the client:")
            .fix("Terraform, in aws_cognito_identity_provider:")
            .fix(cure::copied(&format!("idp_identifiers = [{name:?}]")))
            .fix(cure::client_console(settings, client, "Login pages → Edit → Identity providers")),
        );
    }
    let finding = Finding::at(at, format!("app client `{client}` has no identity provider `{name}`{answer}"))
        .also(id.0.span, "the app client");
    if matches!(standing, IdentityProviderStanding::Gone { .. }) {
        return Some(finding.fix("keep the identity provider in the pool, or make it there, or name another one"));
    }
    Some(
        finding
            .fix("write the name exactly as in the pool, letter case included, or enable the provider on the client:")
            .fix_lines(cure::client_setting(code, Attribute::IdentityProviders, &Wanted::Member(name)))
            .fix(cure::client_console(settings, client, "Login pages → Edit → Identity providers")),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::rules::testing;

    #[test]
    fn overriding_a_parameter_with_its_own_value_harms_nobody() {
        let config = testing::config("pomerium.yaml", "key: value");
        let settings = Settings {
            authenticate_service_url: Some(testing::setting("https://authenticate.corp.example.com")),
            ..testing::settings()
        };
        let own = |parameter, value| is_own(&config, &settings, parameter, value);
        assert!(own("response_type", "code") && own("response_mode", "query"));
        assert!(own("redirect_uri", "https://authenticate.corp.example.com/oauth2/callback"));
        assert!(!own("redirect_uri", "https://other.corp.example.com/oauth2/callback"));
        assert_eq!(override_effect("identity_provider", Some("Google")), None);
        assert_eq!(
            override_effect("scope", Some("openid email")).map(|(severity, _)| severity),
            Some(Severity::Warning)
        );
        assert_eq!(override_effect("scope", Some("email")).map(|(severity, _)| severity), Some(Severity::Error));
        assert_eq!(override_effect("scope", None).map(|(severity, _)| severity), Some(Severity::Warning));
        assert_eq!(override_effect("client_id", None), None);
    }

    #[test]
    fn an_identifier_is_looked_for_among_the_identifiers() {
        let (parameter, value) = (testing::setting("idp_identifier"), testing::setting("corp.example.com"));
        let (named, settings) = (NamedProvider { parameter, value }, testing::settings());
        let id = ClientId(testing::setting("4qk2v9s7m1n3b5c8d0f6g7h2u1"));
        let code = Err(crate::evidence::Missing::Unconfigured("no code".to_owned()));
        let finds = |standing| identity_provider_not_enabled(&id, &settings, &standing, &named, &code);
        assert_eq!(finds(IdentityProviderStanding::Enabled), None);
        let finding =
            finds(IdentityProviderStanding::NotEnabled { message: "Login option is not available".to_owned() });
        let finding = finding.unwrap();
        assert_eq!(
            finding.says,
            "no identity provider of app client `4qk2v9s7m1n3b5c8d0f6g7h2u1` has the identifier `corp.example.com`: Cognito answers “Login option is not available”"
        );
        assert_eq!(
            finding.fix[..3],
            [
                "write an identifier of the provider, give it this one, or enable the provider on the client:",
                "Terraform, in aws_cognito_identity_provider:",
                "  idp_identifiers = [\"corp.example.com\"]",
            ]
        );
    }
}
