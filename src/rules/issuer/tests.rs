#![allow(clippy::unwrap_used)]

use super::parts::*;
use super::{
    issuer_has_trailing_slash, issuer_is_login_domain, issuer_malformed, issuer_not_cognito, not_an_issuer,
    pool_not_expected,
};
use crate::config::{Cognito, Issuer, Provider, Settings};
use crate::evidence::ExpectedPools;
use crate::rules::{Judgement, testing};

#[test]
fn an_issuer_is_taken_apart_where_it_stands() {
    let text = "https://cognito-idp.eu-west-1.amazonaws.com:443/eu-west-1_9xK2mPq7R?x#y";
    let parts = Parts::of(text);
    assert_eq!((parts.scheme, parts.port, parts.path, parts.tail), ("https", ":443", "/eu-west-1_9xK2mPq7R", "?x#y"));
    assert_eq!(parts.host, "cognito-idp.eu-west-1.amazonaws.com");
    assert_eq!(text.get(parts.host_start..parts.host_start + parts.host.len()), Some(parts.host));
    assert_eq!(Parts::of("cognito-idp.x/y").host, "cognito-idp.x");
    assert_eq!(Parts::of("").host, "");
    assert_eq!(Parts::of("//ä").host, "ä");
}

#[test]
fn a_user_name_before_the_host_is_no_port() {
    let parts = Parts::of("https://u:p@cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R");
    assert_eq!((parts.userinfo, parts.host), ("u:p@", "cognito-idp.eu-west-1.amazonaws.com"));
    assert_eq!((parts.host_start, parts.port), (12, ""));
}

#[test]
fn what_stands_in_place_of_a_pool_id_is_named() {
    for (id, word) in [
        ("", "missing"),
        ("arn:aws:cognito-idp:eu-west-1:123456789012:userpool", "ARN"),
        ("eu-west-1:1f0a6a37-1c3b-4d2e-9c55-0a1b2c3d4e5f", "identity pool"),
        ("4qk2v9s7m1n3b5c8d0f6g7h2u1", "app client"),
        ("eu-west-1_9xK2mPq7R/extra", "before or after"),
        ("9xK2mPq7R", "looks like eu-west-1_"),
    ] {
        assert!(not_a_pool(id, "eu-west-1").contains(word), "{id}");
    }
    let arn = "https://cognito-idp.eu-west-1.amazonaws.com/arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_9xK2mPq7R";
    assert_eq!(pool_id_in(arn), Some("eu-west-1_9xK2mPq7R"));
}

#[test]
fn a_path_below_the_issuer_is_found() {
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    for below in ["/.well-known/openid-configuration", "/.well-known/jwks.json", "/oauth2/authorize"] {
        assert_eq!(discovery_suffix(&format!("{issuer}{below}")), Some(issuer.len()));
    }
    assert_eq!(discovery_suffix(issuer), None);
}

fn issuer(text: &str) -> Issuer {
    Issuer(testing::setting(text))
}

#[test]
fn a_user_name_is_taken_out() {
    let config = testing::config("config.yaml", "key: value");
    let Issuer(setting) = issuer("https://u:p@cognito-idp.eu-west-1.amazonaws.com/p");
    let finding = not_an_issuer(&config, &setting, &Parts::of(&setting.value)).unwrap();
    assert!(finding.says.contains("no user"), "{}", finding.says);
    assert_eq!(finding.fix.last().unwrap(), "idp_provider_url: https://cognito-idp.eu-west-1.amazonaws.com/p");
}

#[test]
fn what_is_no_url_is_nobodys_issuer() {
    for (url, is_found) in [
        ("acme", true),
        ("cognito", true),
        ("keycloak.example.com/realms/acme", true),
        ("login.corp.example.com", true),
        ("https://", true),
        ("https://login.corp.example.com", false),
        ("http://keycloak.example.com:8080/realms/acme", false),
    ] {
        let text = format!("idp_provider: oidc\nidp_provider_url: {url}\n");
        let config = testing::config("config.yaml", &text);
        let judged = issuer_malformed(&config, &issuer(url));
        let finds = matches!(&judged, Judgement::Findings(found) if !found.is_empty());
        assert_eq!(finds, is_found, "{url}");
    }
}

#[test]
fn a_slash_without_a_pool_before_it_is_not_the_trouble() {
    let config = testing::config("config.yaml", "key: value");
    let finds = |text| issuer_has_trailing_slash(&Cognito, &config, &issuer(text)).is_some();
    assert!(finds("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/"));
    assert!(!finds("https://cognito-idp.eu-west-1.amazonaws.com/"));
    assert!(!finds("https://cognito-idp.eu-west-1.amazonaws.com//"));
}

#[test]
fn the_issuer_of_a_login_domain_is_in_its_own_partition() {
    let config = testing::config("config.yaml", "key: value");
    let finding =
        issuer_is_login_domain(&config, &issuer("https://acme.auth.eusc-de-east-1.amazoncognito.eu")).unwrap();
    assert_eq!(
        finding.fix.last().unwrap(),
        "idp_provider_url: https://cognito-idp.eusc-de-east-1.amazonaws.eu/<user pool ID>"
    );
}

#[test]
fn an_emulator_has_an_address_of_its_own() {
    let (config, settings) = (testing::config("config.yaml", "key: value"), testing::settings());
    let provider = Provider(testing::setting("cognito"));
    let judge = |url| issuer_not_cognito(&config, &settings, &provider, &issuer(url));
    let judged = judge("http://localhost:9229/eu-west-1_9xK2mPq7R");
    let why = "an emulator's issuer has the emulator's own address";
    assert!(matches!(judged, Judgement::NotApplicable(reason) if reason == why));
    let elsewhere = judge("https://login.corp.example.com");
    assert!(matches!(&elsewhere, Judgement::Findings(found) if found.len() == 1));
}

#[test]
fn of_a_provider_without_pools_none_is_expected() {
    let settings = Settings { idp_provider: Some(testing::setting("google")), ..testing::settings() };
    let judged = pool_not_expected(&settings, &ExpectedPools(vec!["eu-west-1_9xK2mPq7R".to_owned()]));
    assert!(matches!(judged, Judgement::NotApplicable("this provider has no user pool")));
}
