//! Stage *pomerium*: can its own side of the login work?

mod authenticate_host;
mod authenticate_url;
mod cookie_domain;
mod databroker;
mod identity_headers;
mod provider;
mod published;
mod secrets;
mod services;

pub(super) use authenticate_host::{
    authenticate_host_is_a_route, authenticate_host_is_the_issuer, authenticate_host_unreachable_by_browsers,
};
pub(super) use authenticate_url::{
    authenticate_url_explicit_port, authenticate_url_hosted, authenticate_url_malformed, authenticate_url_missing,
    authenticate_url_not_ascii, authenticate_url_not_https, authenticate_url_path_dropped, authenticate_url_query_sent,
    authenticate_url_uppercase, callback_path_ignored,
};
pub(super) use cookie_domain::cookie_domain_too_narrow;
pub(super) use databroker::databroker_not_shared;
pub(super) use identity_headers::identity_headers_not_passed;
pub(super) use provider::{provider_generic_oidc, provider_missing, provider_not_cognito, provider_unknown};
pub(super) use published::published_secret_in_use;
pub(super) use secrets::{cookie_secret_malformed, secret_in_plain_text, secret_not_fixed, shared_secret_malformed};
pub(super) use services::{cookie_same_site_strict, services_disagree};

pub(super) use crate::config::SERVES_NO_LOGIN;
use crate::config::{Settings, Span};

/// Why rules on a login of one's own do not concern a configuration.
const NO_PROVIDER: &str = "no identity provider is configured here";

/// A setting of an identity provider of one's own, to point at; `None` if there is none at all.
fn identity_setting(settings: &Settings) -> Option<(&'static str, Span)> {
    // `hosted` is Pomerium's own service under another name (v0.32).
    let texts = [
        ("idp_provider", settings.idp_provider.as_ref().filter(|provider| provider.value != "hosted")),
        ("idp_provider_url", settings.idp_provider_url.as_ref()),
        ("idp_client_id", settings.idp_client_id.as_ref()),
        ("idp_client_secret_file", settings.idp_client_secret_file.as_ref()),
    ];
    let written = texts
        .into_iter()
        .filter_map(|(name, setting)| Some((name, setting.filter(|setting| !setting.value.is_empty())?.span)));
    let secret = settings.idp_client_secret.as_ref().filter(|secret| !secret.value.expose().is_empty());
    written.chain(secret.map(|secret| ("idp_client_secret", secret.span))).next()
}
