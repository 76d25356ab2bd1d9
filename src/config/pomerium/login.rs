//! What Pomerium will send to the identity provider.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::config::releases::{
    COGNITO_SCOPES, Change, GENERIC_SCOPES, ONELOGIN_2_SCOPES, ONELOGIN_SCOPES, PomeriumVersion, known_provider,
};
use crate::config::settings::{Setting, Settings};
use crate::go;
use crate::go::url::GoUrl;

/// Who runs the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// This Pomerium itself, with its `idp_*` settings.
    Own,
    /// Pomerium's hosted authenticate service: every `idp_*` setting is ignored.
    Hosted,
}

/// What Pomerium will send, derived from the settings as Pomerium derives it (`config/options.go`, `pkg/identity/oidc`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who runs the login.
    pub hosting: Hosting,
    /// The redirect URI, byte for byte. Empty if `authenticate_service_url` cannot be parsed.
    pub redirect_uri: String,
    /// The elements of `idp_scopes` or the provider's default, in Pomerium's order.
    pub scopes: Vec<String>,
    /// The `scope` parameter: the elements joined by one space.
    pub scope: String,
    /// What `idp_request_params` or the provider adds to, or overrides in, the authorize request, in query order.
    pub request_parameters: Vec<(String, String)>,
    /// The `logout_uri` sent at sign-out; `None` if this provider or version sends none.
    pub sign_out_uri: Option<String>,
}

/// The hosted authenticate service, used when `authenticate_service_url` is not set.
const HOSTED_URL: &str = "https://authenticate.pomerium.app";

/// Whether a host is one of Pomerium's hosted authenticate service (`internal/urlutil/hostedauthenticate.go`).
pub fn is_hosted(host: &str) -> bool {
    ["authenticate.pomerium.app", "authenticate.staging.pomerium.app"].contains(&host)
}

/// The one path on which Pomerium takes authorization codes (`pkg/endpoints/paths.go`).
pub const CALLBACK_PATH: &str = "/oauth2/callback";
const SIGNED_OUT_PATH: &str = "/.pomerium/signed_out";

impl Login {
    /// Derives it from the settings, for a release of Pomerium.
    pub fn of(settings: &Settings, version: PomeriumVersion) -> Self {
        let authenticate = authenticate_url(settings, version).ok();
        let scopes = scopes(settings, version);
        Self {
            hosting: hosting(settings, authenticate.as_ref()),
            redirect_uri: authenticate
                .as_ref()
                .map(|url| url.with_path(&callback_path(settings, version)).to_string())
                .unwrap_or_default(),
            scope: scopes.join(" "),
            scopes,
            request_parameters: request_parameters(settings),
            sign_out_uri: authenticate.and_then(|url| sign_out_uri(settings, version, &url)),
        }
    }

    /// The `logout_uri` of a sign-out that names where it is to end (`pomerium_redirect_uri`), where any other visits no Cognito: v0.23
    /// alone has it (`signOutRedirect` of `authenticate/handlers.go`).
    pub fn sign_out_on_request(settings: &Settings, version: PomeriumVersion) -> Option<String> {
        let is_so = text(settings.idp_provider.as_ref()) == "cognito"
            && version.has(Change::SignOutAtProvider)
            && !version.has(Change::SignOutToRedirectUrl);
        Some(authenticate_url(settings, version).ok().filter(|_| is_so)?.resolve_path("/").to_string())
    }

    /// What Pomerium sends as a parameter that `idp_request_params` sets, whoever else would set it.
    pub fn request_parameter(&self, name: &str) -> Option<&str> {
        self.request_parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The identity provider that a parameter of [`PROVIDER_PARAMETERS`] chooses. Without a value, a parameter is as good as none (RFC
    /// 6749, section 3.1).
    ///
    /// [`PROVIDER_PARAMETERS`]: crate::config::PROVIDER_PARAMETERS
    pub fn chosen_provider(&self, parameter: &str) -> Option<&str> {
        self.request_parameter(parameter).filter(|name| !name.is_empty())
    }

    /// The query of the authorize request, sorted by name as Go sorts it. The `state` is the word `STATE`, as Pomerium makes up
    /// another one for each login.
    ///
    /// The parameters of `idp_request_params` are set last and so override any other (`pkg/identity/oidc/oidc.go` `SignIn`).
    /// The provider `hosted` sends them inside one signed `request` parameter.
    pub fn authorize_parameters(&self, client_id: &str) -> Vec<(String, String)> {
        let mut parameters = BTreeMap::from([
            ("client_id", client_id),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", "code"),
            ("scope", &self.scope),
            ("state", "STATE"),
        ]);
        parameters.extend(self.request_parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// Why Pomerium cannot even begin a login with these settings, in the words of its log; `None` if it can.
///
/// Pomerium finds this out at the first login only, and answers it with status 500.
pub fn sign_in_error(settings: &Settings, version: PomeriumVersion) -> Option<String> {
    let name = text(settings.idp_provider.as_ref());
    if name.is_empty() {
        return Some("identity: provider is not defined".to_owned());
    }
    match known_provider(name).filter(|provider| provider.since <= version) {
        None => Some(format!("identity: unknown provider: {name}")),
        Some(provider) if text(settings.idp_provider_url.as_ref()).is_empty() => {
            provider.missing_url.map(str::to_owned)
        }
        Some(_) => None,
    }
}

fn text(setting: Option<&Setting<String>>) -> &str {
    setting.map_or("", |setting| setting.value.as_str())
}

/// `GetAuthenticateURL` of `config/options.go`.
fn authenticate_url(settings: &Settings, version: PomeriumVersion) -> Result<GoUrl, String> {
    let written = settings.authenticate_service_url.as_ref();
    let url = match text(written) {
        // The hosted service came with v0.22 as a default, which an empty text could still unset before v0.25.
        "" if !version.has(Change::HostedByDefault) || written.is_some() && !version.has(Change::EmptyUrlIsNone) => {
            "https://127.0.0.1"
        }
        "" => HOSTED_URL,
        url => url,
    };
    // Pomerium prints and parses it once more when it copies it (`urlutil.DeepCopy`).
    go::url::parse_and_validate(&go::url::parse_and_validate(url)?.to_string())
}

/// The host of the *internal* URL decides (`UseStatelessAuthenticateFlow` of `config/options.go`).
fn hosting(settings: &Settings, authenticate: Option<&GoUrl>) -> Hosting {
    let hostname = match text(settings.authenticate_internal_service_url.as_ref()) {
        "" => authenticate.map(GoUrl::hostname),
        url => go::url::parse_and_validate(url).ok().map(|url| url.hostname()),
    };
    match hostname {
        Some(hostname) if is_hosted(&hostname) => Hosting::Hosted,
        _ => Hosting::Own,
    }
}

/// The path of the redirect URI, which could be set until v0.31.
fn callback_path(settings: &Settings, version: PomeriumVersion) -> String {
    match text(settings.authenticate_callback_path.as_ref()) {
        path if !path.is_empty() && !version.has(Change::FixedCallbackPath) => path.to_owned(),
        _ => CALLBACK_PATH.to_owned(),
    }
}

/// The scopes asked for.
///
/// With a provider name that this Pomerium does not know nothing is asked for at all; the default of `cognito` then stands in, so
/// that the one mistake is not found a second time among the scopes.
fn scopes(settings: &Settings, version: PomeriumVersion) -> Vec<String> {
    let name = text(settings.idp_provider.as_ref());
    let written = settings.idp_scopes.as_ref().map(|list| &list.value);
    let default = match (name, written) {
        // onelogin overrules what is written (`pkg/identity/oidc/onelogin`).
        ("onelogin", _) if text(settings.idp_provider_url.as_ref()).contains("/oidc/2") => ONELOGIN_2_SCOPES,
        ("onelogin", _) => ONELOGIN_SCOPES,
        (_, Some(list)) if !list.is_empty() => return list.iter().map(|scope| scope.value.clone()).collect(),
        // An empty list is not the same as none: `cognito` sets its default only for none, and leaves the rest to `oidc`.
        ("cognito", Some(_)) => GENERIC_SCOPES,
        _ => {
            let known = known_provider(name).filter(|provider| provider.since <= version);
            known.map_or(COGNITO_SCOPES, |provider| provider.scopes)
        }
    };
    default.iter().map(|&scope| scope.to_owned()).collect()
}

/// What is set on top of the authorize request's own parameters.
fn request_parameters(settings: &Settings) -> Vec<(String, String)> {
    let name = text(settings.idp_provider.as_ref());
    let own = known_provider(name).map_or(&[][..], |provider| provider.parameters);
    let written = &settings.idp_request_params;
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    // apple adds to its own, github ignores what is written, and the others have what is written in place of their own.
    if written.is_empty() || ["apple", "github"].contains(&name) {
        parameters.extend(own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    }
    if name != "github" {
        parameters.extend(written.iter().map(|(key, value)| (key.value.clone(), value.value.clone())));
    }
    parameters.into_iter().collect()
}

/// `authenticate/handlers_sign_out.go` and `pkg/identity/oidc/cognito` of each release. The provider `oidc` sends parameters
/// of another standard, and no `logout_uri`.
fn sign_out_uri(settings: &Settings, version: PomeriumVersion, authenticate: &GoUrl) -> Option<String> {
    if text(settings.idp_provider.as_ref()) != "cognito" {
        return None;
    }
    let signed_out = || authenticate.resolve_path(SIGNED_OUT_PATH).to_string();
    let after = text(settings.signout_redirect_url.as_ref());
    let after = (!after.is_empty()).then(|| go::url::parse_and_validate(after).ok()).flatten();
    if version.has(Change::SignOutToOwnPage) {
        Some(signed_out())
    } else if version.has(Change::SignOutToRedirectUrl) {
        Some(after.map_or_else(signed_out, |url| url.to_string()))
    } else if version.has(Change::SignOutAtProvider) {
        after.map(|_| authenticate.resolve_path("/").to_string())
    } else {
        None
    }
}
