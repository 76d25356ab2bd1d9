#![allow(clippy::unwrap_used, clippy::expect_used)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::config::ClientSecret;
use crate::rules::testing::{self, setting, settings, span};

const GOOD: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";

fn text(value: &str) -> SecretText {
    SecretText(setting::<Secret>(Secret::new(value)))
}

fn id() -> ClientId {
    ClientId(setting("4qk2v9s7m1n3b5c8d0f6g7h2u1"))
}

#[test]
fn without_a_secret_the_probe_sharpens_the_verdict_and_its_absence_leaves_one() {
    let client = Client { index: 0, id: setting(id().0.value), secret: ClientSecret::Absent, route: None };
    let judge = |presence| {
        client_secret_missing(
            &Cognito,
            &client,
            &settings(),
            &testing::config("pomerium.yaml", "key: value"),
            &presence,
        )
    };
    let severity = |standing| judge(standing).map(|finding| finding.severity.unwrap());
    let unknown = judge(None).unwrap();
    assert_eq!(unknown.severity, Some(Severity::Warning));
    let says =
        "no client secret is set: Pomerium will act as a public client, which works only if the app client has none";
    assert_eq!(unknown.says, says);
    let told = [
        "if the environment supplies it (IDP_CLIENT_SECRET), check with that: --env or --env-file FILE",
        "to find out whether the client has one: --probe-secret",
    ];
    assert_eq!(unknown.fix[unknown.fix.len() - 2..], told);
    assert_eq!(severity(Some(SecretPresence::Present)), Some(Severity::Error));
    assert_eq!(severity(Some(SecretPresence::Absent)), None);
}

#[test]
fn white_space_is_told_from_the_rest_and_never_shows_the_secret() {
    assert_eq!(
        client_secret_has_whitespace(&text(GOOD), &settings(), &testing::config("pomerium.yaml", "key: value")),
        None
    );
    for bad in [format!("{GOOD}\n"), format!(" {GOOD}"), format!("\"{GOOD}\"")] {
        let finding =
            client_secret_has_whitespace(&text(&bad), &settings(), &testing::config("pomerium.yaml", "key: value"))
                .unwrap();
        assert_eq!(finding.at, span());
        assert!(!format!("{finding:?}").contains(GOOD));
        assert_eq!(client_secret_malformed(&text(&bad), &id(), &settings()), None, "one fault is one finding");
    }
}

#[test]
fn base64_of_a_secret_is_recognised() {
    let says = |value: &str| client_secret_malformed(&text(value), &id(), &settings()).map(|finding| finding.says);
    assert_eq!(says(GOOD), None);
    assert!(says(&STANDARD.encode(GOOD)).unwrap().contains("base64"));
    assert!(says(&STANDARD.encode(format!("{GOOD}\n"))).unwrap().contains("base64"));
    assert!(says("abc").unwrap().contains("24 to 64"));
    assert!(says(&format!("“{GOOD}”")).unwrap().contains("curly quotes"));
    assert!(says("not-a-secret-of-cognito-at-all").unwrap().contains("others"));
}

#[test]
fn of_a_file_that_was_only_named_it_is_said_that_it_may_not_exist() {
    let fix = |origin| {
        let file = Setting { origin, ..setting("/run/secrets/idp") };
        let settings = Settings {
            idp_client_secret: Some(setting::<Secret>(Secret::new(GOOD))),
            idp_client_secret_file: Some(file),
            ..settings()
        };
        client_secret_set_twice(&Cognito, &settings).unwrap().fix
    };
    assert_eq!(fix(Origin::Given), ["delete it; or, if Pomerium has no such file, do not give idp_client_secret_file"]);
    assert_ne!(fix(Origin::File), fix(Origin::Given));
}
