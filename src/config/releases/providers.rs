//! The identity providers that Pomerium knows, release by release.

use super::version::PomeriumVersion;

/// An identity provider Pomerium knows (`pkg/identity/providers.go`).
pub(in crate::config) struct Provider {
    /// The value of `idp_provider`, in exactly this letter case.
    pub(in crate::config) name: &'static str,
    /// The first release that has it.
    pub(in crate::config) since: PomeriumVersion,
    /// What it asks for if `idp_scopes` is not set.
    pub(in crate::config) scopes: &'static [&'static str],
    /// What it adds to the authorize request.
    pub(in crate::config) parameters: &'static [(&'static str, &'static str)],
    /// The error if `idp_provider_url` is empty; `None` if it has a default.
    pub(in crate::config) missing_url: Option<&'static str>,
}

/// The first release with the provider `cognito`.
pub const COGNITO_SINCE: PomeriumVersion = PomeriumVersion(0, 23, 0);

const ALWAYS: PomeriumVersion = PomeriumVersion(0, 0, 0);
pub(in crate::config) const GENERIC_SCOPES: &[&str] = &["openid", "profile", "email", "offline_access"];
const GOOGLE_SCOPES: &[&str] = &["openid", "profile", "email"];
/// What the provider `cognito` asks for if `idp_scopes` is not set.
pub const COGNITO_SCOPES: &[&str] = &["openid", "email", "profile"];

#[rustfmt::skip]
const PROVIDERS: &[Provider] = &[
    Provider { name: "apple", since: PomeriumVersion(0, 22, 0), scopes: &["name", "email"], parameters: &[("response_mode", "form_post")], missing_url: None },
    Provider { name: "auth0", since: ALWAYS, scopes: GENERIC_SCOPES, parameters: &[], missing_url: None },
    Provider { name: "azure", since: ALWAYS, scopes: GENERIC_SCOPES, parameters: &[("prompt", "select_account")], missing_url: None },
    Provider { name: "cognito", since: COGNITO_SINCE, scopes: COGNITO_SCOPES, parameters: &[], missing_url: Some("failed creating oidc provider: identity/oidc: missing provider url") },
    Provider { name: "github", since: ALWAYS, scopes: &["user:email", "read:org"], parameters: &[("access_type", "offline")], missing_url: None },
    Provider { name: "gitlab", since: ALWAYS, scopes: GOOGLE_SCOPES, parameters: &[], missing_url: None },
    Provider { name: "google", since: ALWAYS, scopes: GOOGLE_SCOPES, parameters: &[("access_type", "offline"), ("prompt", "select_account consent")], missing_url: None },
    Provider { name: "hosted", since: PomeriumVersion(0, 32, 0), scopes: GENERIC_SCOPES, parameters: &[], missing_url: None },
    Provider { name: "oidc", since: ALWAYS, scopes: GENERIC_SCOPES, parameters: &[], missing_url: Some("identity/oidc: missing provider url") },
    Provider { name: "okta", since: ALWAYS, scopes: GENERIC_SCOPES, parameters: &[], missing_url: Some("okta: failed creating oidc provider: identity/oidc: missing provider url") },
    Provider { name: "onelogin", since: ALWAYS, scopes: ONELOGIN_SCOPES, parameters: &[], missing_url: None },
    Provider { name: "ping", since: ALWAYS, scopes: GENERIC_SCOPES, parameters: &[], missing_url: Some("ping: failed creating oidc provider: identity/oidc: missing provider url") },
];

pub(in crate::config) const ONELOGIN_SCOPES: &[&str] = &["openid", "profile", "email", "groups", "offline_access"];
pub(in crate::config) const ONELOGIN_2_SCOPES: &[&str] = &["openid", "profile", "email", "groups"];

/// The names of the providers that a release has, as `idp_provider` must spell them.
pub fn providers(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().filter(move |provider| provider.since <= version).map(|provider| provider.name)
}

/// The first release that has a provider of exactly this name; `None` if none has.
pub fn provider_since(name: &str) -> Option<PomeriumVersion> {
    known_provider(name).map(|provider| provider.since)
}

pub(in crate::config) fn known_provider(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name == name)
}
