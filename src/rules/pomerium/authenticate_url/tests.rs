#![allow(clippy::unwrap_used)]

use super::*;
use crate::config::{ClientSecret, Literals};
use crate::evidence::{Missing, Seen};
use crate::rules::testing;

#[test]
fn a_domain_of_a_chart_takes_no_scheme() {
    let mut config = testing::config("values.yaml", "key: value");
    config.form = Form::Helm;
    let url = AuthenticateUrl(testing::setting("https://authenticate.https://corp.example.com"));
    let findings = match authenticate_url_malformed(&config, &url) {
        Judgement::Findings(findings) => findings,
        Judgement::NotApplicable(_) | Judgement::Undecided(_) => Vec::new(),
    };
    assert!(findings[0].fix[0].ends_with(": corp.example.com"), "{:?}", findings[0].fix);
}

#[test]
fn a_port_is_judged_by_what_cognito_knows_and_said_once_if_nothing_is_known() {
    let mut config = testing::config("config.yaml", "key: value");
    let url = "https://authenticate.corp.example.com:443";
    config.settings = Some(Settings { authenticate_service_url: Some(testing::setting(url)), ..testing::settings() });
    let literals = Literals::of(&config, &[]);
    let (own, login) = (literals.own_authenticate_url.unwrap(), literals.login.unwrap());
    let finds = |index, standing: Evidence<CallbackStanding>| {
        let client = Client { index, id: testing::setting("x"), secret: ClientSecret::Absent, route: None };
        authenticate_url_explicit_port(&config, &own, &login, &Cognito, &client, &standing).is_some()
    };
    let unknown = || Err(Missing::Declined { flag: "--offline" });
    let seen = |value| Ok(Seen { value, witnesses: Vec::new() });
    let refused = || CallbackStanding::NotRegistered { near: None, tried: Vec::new() };
    assert!(finds(0, unknown()) && !finds(1, unknown()));
    assert!(finds(0, seen(refused())) && finds(1, seen(refused())));
    assert!(!finds(0, seen(CallbackStanding::Registered)));
}

#[test]
fn the_path_is_found_between_authority_and_query() {
    let path = |url: &str| {
        let (start, end) = path_range(url);
        url.get(start..end).map(str::to_owned)
    };
    assert_eq!(path("https://a.example/b/c?d=/e#/f").as_deref(), Some("/b/c"));
    assert_eq!(path("https://a.example?d").as_deref(), Some(""));
    assert_eq!(path("https://a.example:443").as_deref(), Some(""));
}

#[test]
fn the_host_is_found_behind_a_user_name() {
    for (url, host) in [
        ("https://a.example/b", "a.example"),
        ("https://u:p@a.example:8443/b@c", "a.example:8443"),
        ("https://a.example?b@c", "a.example"),
    ] {
        assert_eq!(url.get(host_range(url)), Some(host), "{url}");
    }
}

#[test]
fn a_missing_scheme_is_added() {
    assert_eq!(repaired("login.corp.example.com").as_deref(), Some("https://login.corp.example.com"));
    assert_eq!(repaired("login.corp.example.com:443").as_deref(), Some("https://login.corp.example.com"));
    assert_eq!(repaired(" https://login.corp.example.com ").as_deref(), Some("https://login.corp.example.com"));
    assert_eq!(repaired("see the wiki"), None);
}
