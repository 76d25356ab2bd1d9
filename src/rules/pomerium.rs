//! Stage *pomerium*: can its own side of the login work?

mod authenticate_host;
mod authenticate_url;
mod cookie_domain;
mod databroker;
mod identity_headers;
mod provider;
mod published;
mod secrets;
pub(super) mod services;

use authenticate_host::{
    authenticate_host_is_a_route, authenticate_host_is_the_issuer, authenticate_host_unreachable_by_browsers,
};
use authenticate_url::{
    authenticate_url_explicit_port, authenticate_url_hosted, authenticate_url_malformed, authenticate_url_missing,
    authenticate_url_not_ascii, authenticate_url_not_https, authenticate_url_path_dropped, authenticate_url_query_sent,
    authenticate_url_uppercase, callback_path_ignored,
};
use cookie_domain::cookie_domain_too_narrow;
pub(super) use cookie_domain::is_covered;
use databroker::databroker_not_shared;
use identity_headers::identity_headers_not_passed;
use provider::{provider_generic_oidc, provider_missing, provider_not_cognito, provider_unknown};
use published::published_secret_in_use;
use secrets::{cookie_secret_malformed, secret_in_plain_text, secret_not_fixed, shared_secret_malformed};
use services::{cookie_same_site_strict, services_disagree};

use super::{NO_VALUE, REJECTED, Rule, Stage};
pub(super) use crate::config::SERVES_NO_LOGIN;
use crate::config::{Settings, Span};

const STAGE: Stage = Stage::Pomerium;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("authenticate-url-missing", Error, authenticate_url_missing)
            .decided_by(NO_VALUE)
            .wants(&["authenticate_service_url"])
            .after(REJECTED),
        rule!("authenticate-url-hosted", Error, authenticate_url_hosted)
            .decided_by(&["authenticate_internal_service_url"]),
        rule!("authenticate-url-malformed", Error, authenticate_url_malformed),
        rule!("authenticate-url-not-https", Error, authenticate_url_not_https).of_request(),
        rule!("authenticate-url-path-dropped", Warning, authenticate_url_path_dropped)
            .after(&["authenticate-url-malformed"]),
        rule!("authenticate-url-explicit-port", Warning, authenticate_url_explicit_port).of_request(),
        rule!("authenticate-url-uppercase", Warning, authenticate_url_uppercase).of_request(),
        rule!("authenticate-url-not-ascii", Warning, authenticate_url_not_ascii).of_request(),
        rule!("authenticate-url-query-sent", Error, authenticate_url_query_sent).of_request(),
        rule!("authenticate-host-unreachable-by-browsers", Warning, authenticate_host_unreachable_by_browsers)
            .of_request(),
        rule!("authenticate-host-is-a-route", Error, authenticate_host_is_a_route).decided_by(&["routes.from"]),
        rule!("authenticate-host-is-the-issuer", Warning, authenticate_host_is_the_issuer)
            .decided_by(&["idp_provider_url"]),
        rule!("callback-path-ignored", Warning, callback_path_ignored)
            .decided_by(&["authenticate_callback_path"])
            .of_request(),
        rule!("provider-missing", Error, provider_missing)
            .decided_by(NO_VALUE)
            .wants(&["idp_provider"])
            // Pomerium's own service then runs the login, and asks no provider of the user's.
            .after(&["authenticate-url-missing", "authenticate-url-hosted", "crd-field-rejected"]),
        rule!("provider-unknown", Error, provider_unknown),
        rule!("provider-not-cognito", Error, provider_not_cognito),
        rule!("provider-generic-oidc", Warning, provider_generic_oidc).decided_by(NO_VALUE).of_request(),
        rule!("shared-secret-malformed", Error, shared_secret_malformed),
        rule!("cookie-secret-malformed", Error, cookie_secret_malformed),
        rule!("secret-not-fixed", Warning, secret_not_fixed)
            .decided_by(NO_VALUE)
            .wants(&["shared_secret", "cookie_secret"])
            .after(REJECTED),
        rule!("published-secret-in-use", Error, published_secret_in_use).decided_by(&[
            "shared_secret",
            "cookie_secret",
            "signing_key",
        ]),
        rule!("secret-in-plain-text", Note, secret_in_plain_text).decided_by(NO_VALUE),
        rule!("cookie-same-site-strict", Error, cookie_same_site_strict).decided_by(&["cookie_same_site"]).of_request(),
        rule!("databroker-not-shared", Warning, databroker_not_shared)
            .decided_by(NO_VALUE)
            .wants(&["databroker_storage_type"]),
        rule!("cookie-domain-too-narrow", Error, cookie_domain_too_narrow)
            .decided_by(&["authenticate_service_url", "routes.from"])
            .after(&["deployed-cookie-domain-foreign"])
            .of_request(),
        rule!("identity-headers-not-passed", Warning, identity_headers_not_passed)
            .decided_by(&["pass_identity_headers", "routes.pass_identity_headers"])
            .wants(&["pass_identity_headers"]),
        rule!("services-disagree", Error, services_disagree).decided_by(NO_VALUE).of_request(),
    ]
}

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
