#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::config::settings::{Origin, WrittenAs};
use crate::config::text::{Source, SourceKind, Sources, Span};
use crate::go::url::query_encode;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";

fn setting<T>(value: T) -> Setting<T> {
    let source = Sources::default().add(Source::new("config.yaml", SourceKind::File, ""));
    Setting { value, span: Span { source, start: 0, end: 0 }, origin: Origin::File, written_as: WrittenAs::Text }
}

/// The settings of a healthy login, changed by `change`.
fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
    let text = |value: &str| Some(setting(value.to_owned()));
    let mut settings = Settings {
        authenticate_service_url: text("https://authenticate.corp.example.com"),
        idp_provider: text("cognito"),
        idp_provider_url: text(ISSUER),
        idp_client_id: text(CLIENT),
        ..Settings::unset(setting(()).span)
    };
    change(&mut settings);
    settings
}

fn with(field: fn(&mut Settings) -> &mut Option<Setting<String>>, value: Option<&str>) -> Settings {
    settings(|settings| *field(settings) = value.map(|value| setting(value.to_owned())))
}

fn with_authenticate_url(value: &str) -> Settings {
    with(|settings| &mut settings.authenticate_service_url, Some(value))
}

fn login(settings: &Settings) -> Login {
    Login::of(settings, PomeriumVersion::NEWEST)
}

fn scope(provider: &str, scopes: Option<&[&str]>) -> String {
    let settings = settings(|settings| {
        settings.idp_provider = Some(setting(provider.to_owned()));
        settings.idp_scopes =
            scopes.map(|list| setting(list.iter().map(|scope| setting((*scope).to_owned())).collect()));
    });
    login(&settings).scope
}

#[test]
fn only_the_path_of_the_authenticate_url_is_replaced() {
    for (written, sent) in [
        ("https://authenticate.corp.example.com/", "https://authenticate.corp.example.com/oauth2/callback"),
        ("https://authenticate.corp.example.com/pomerium", "https://authenticate.corp.example.com/oauth2/callback"),
        ("https://authenticate.corp.example.com:443", "https://authenticate.corp.example.com:443/oauth2/callback"),
        ("https://authenticate.corp.example.com#f", "https://authenticate.corp.example.com/oauth2/callback#f"),
        ("https://authenticate.corp.example.com?x=1", "https://authenticate.corp.example.com/oauth2/callback?x=1"),
        ("https://[::1]:8443", "https://[::1]:8443/oauth2/callback"),
        ("HTTPS://authenticate.corp.example.com", "https://authenticate.corp.example.com/oauth2/callback"),
        ("https://Authenticate.Corp.example.com", "https://Authenticate.Corp.example.com/oauth2/callback"),
        ("https://authenticate.pomerium.app", "https://authenticate.pomerium.app/oauth2/callback"),
        ("authenticate.corp.example.com", ""),
    ] {
        assert_eq!(login(&with_authenticate_url(written)).redirect_uri, sent, "{written}");
    }
}

#[test]
fn the_callback_path_can_be_set_before_0_31_only() {
    let settings = with(|settings| &mut settings.authenticate_callback_path, Some("/callback"));
    let redirect_uri = |version| Login::of(&settings, version).redirect_uri;
    assert_eq!(redirect_uri(PomeriumVersion(0, 30, 8)), "https://authenticate.corp.example.com/callback");
    assert_eq!(redirect_uri(PomeriumVersion(0, 31, 0)), "https://authenticate.corp.example.com/oauth2/callback");
}

#[test]
fn the_internal_host_decides_who_hosts() {
    let unset = with(|settings| &mut settings.authenticate_service_url, None);
    assert_eq!(login(&unset).hosting, Hosting::Hosted);
    assert_eq!(login(&unset).redirect_uri, "https://authenticate.pomerium.app/oauth2/callback");
    assert_eq!(Login::of(&unset, PomeriumVersion(0, 21, 0)).hosting, Hosting::Own);
    assert_eq!(login(&with_authenticate_url("")).hosting, Hosting::Hosted);
    assert_eq!(login(&with_authenticate_url("https://authenticate.staging.pomerium.app:443")).hosting, Hosting::Hosted);
    assert_eq!(login(&with_authenticate_url("https://authenticate.acme.pomerium.app")).hosting, Hosting::Own);
    assert_eq!(login(&with_authenticate_url("nonsense")).hosting, Hosting::Own);
    let internal =
        with(|settings| &mut settings.authenticate_internal_service_url, Some("https://authenticate.pomerium.app"));
    assert_eq!(login(&internal).hosting, Hosting::Hosted);
    assert_eq!(login(&internal).redirect_uri, "https://authenticate.corp.example.com/oauth2/callback");
    let own = settings(|settings| {
        settings.authenticate_service_url = None;
        settings.authenticate_internal_service_url = Some(setting("https://authenticate.svc.cluster.local".to_owned()));
    });
    assert_eq!(login(&own).hosting, Hosting::Own);
}

#[test]
fn an_empty_scope_list_is_not_an_unset_one() {
    assert_eq!(scope("cognito", None), "openid email profile");
    assert_eq!(scope("cognito", Some(&[])), "openid profile email offline_access");
    assert_eq!(scope("oidc", None), "openid profile email offline_access");
    assert_eq!(scope("oidc", Some(&[])), "openid profile email offline_access");
    assert_eq!(scope("google", Some(&[])), "openid profile email");
    assert_eq!(scope("onelogin", Some(&["openid"])), "openid profile email groups offline_access");
    assert_eq!(scope("Cognito", None), "openid email profile");
    assert_eq!(scope("cognito", Some(&["openid", " email", ""])), "openid  email ");
}

#[test]
fn the_authorize_request_is_the_one_pomerium_sends() {
    let request = |settings: &Settings| query_encode(&login(settings).authorize_parameters(CLIENT));
    let pair = |name: &str, value: &str| (setting(name.to_owned()), setting(value.to_owned()));
    let expected = "client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1\
        &redirect_uri=https%3A%2F%2Fauthenticate.corp.example.com%2Foauth2%2Fcallback\
        &response_type=code&scope=openid+email+profile&state=STATE";
    assert_eq!(request(&settings(|_| ())), expected);
    let added = settings(|settings| settings.idp_request_params = vec![pair("identity_provider", "Google")]);
    assert_eq!(request(&added), expected.replace("&redirect", "&identity_provider=Google&redirect"));
    let overridden = settings(|settings| {
        settings.idp_request_params = vec![pair("scope", "openid"), pair("redirect_uri", "https://x.example")];
    });
    assert_eq!(
        request(&overridden),
        "client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&redirect_uri=https%3A%2F%2Fx.example&response_type=code&scope=openid&state=STATE"
    );
    let google = settings(|settings| settings.idp_provider = Some(setting("google".to_owned())));
    assert!(request(&google).starts_with("access_type=offline&client_id="), "{}", request(&google));
}

#[test]
fn each_release_signs_out_elsewhere() {
    let sign_out = |settings: &Settings, minor| Login::of(settings, PomeriumVersion(0, minor, 0)).sign_out_uri;
    let plain = with_authenticate_url("https://h.example:8443/x?y#z");
    let with_target = settings(|settings| {
        settings.signout_redirect_url = Some(setting("https://www.corp.example.com/bye".to_owned()));
    });
    let signed_out = "https://authenticate.corp.example.com/.pomerium/signed_out";
    assert_eq!(sign_out(&plain, 33).as_deref(), Some("https://h.example:8443/.pomerium/signed_out"));
    assert_eq!(sign_out(&plain, 24).as_deref(), Some("https://h.example:8443/.pomerium/signed_out"));
    assert_eq!(sign_out(&plain, 23), None);
    let on_request = |minor| Login::sign_out_on_request(&plain, PomeriumVersion(0, minor, 0));
    assert_eq!(on_request(23).as_deref(), Some("https://h.example:8443/"));
    assert_eq!((on_request(22), on_request(24)), (None, None));
    assert_eq!(sign_out(&with_target, 33).as_deref(), Some(signed_out));
    assert_eq!(sign_out(&with_target, 24).as_deref(), Some("https://www.corp.example.com/bye"));
    assert_eq!(sign_out(&with_target, 23).as_deref(), Some("https://authenticate.corp.example.com/"));
    let oidc = with(|settings| &mut settings.idp_provider, Some("oidc"));
    assert_eq!(sign_out(&oidc, 33), None);
}

#[test]
fn a_login_that_cannot_begin_says_why_in_pomeriums_words() {
    let error = |provider: Option<&str>, issuer: Option<&str>, version| {
        let settings = settings(|settings| {
            settings.idp_provider = provider.map(|name| setting(name.to_owned()));
            settings.idp_provider_url = issuer.map(|url| setting(url.to_owned()));
        });
        sign_in_error(&settings, version)
    };
    let newest = PomeriumVersion::NEWEST;
    assert_eq!(error(None, Some(ISSUER), newest).as_deref(), Some("identity: provider is not defined"));
    assert_eq!(error(Some("Cognito"), Some(ISSUER), newest).as_deref(), Some("identity: unknown provider: Cognito"));
    assert_eq!(
        error(Some("cognito"), Some(ISSUER), PomeriumVersion(0, 22, 2)).as_deref(),
        Some("identity: unknown provider: cognito")
    );
    assert_eq!(
        error(Some("cognito"), Some(""), newest).as_deref(),
        Some("failed creating oidc provider: identity/oidc: missing provider url")
    );
    assert_eq!(error(Some("oidc"), None, newest).as_deref(), Some("identity/oidc: missing provider url"));
    assert_eq!(error(Some("google"), None, newest), None);
    assert_eq!(error(Some("cognito"), Some(ISSUER), newest), None);
}
