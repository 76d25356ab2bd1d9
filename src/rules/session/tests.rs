#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::rules::testing::{self, setting};
use crate::secret::Secret;

fn settings(id: Option<&str>, secret: Option<&str>) -> Settings {
    let secret_of = |text: &str| setting::<String>(text).with(Secret::new(text));
    let route = Route { idp_client_id: id.map(setting), idp_client_secret: secret.map(secret_of), ..testing::route() };
    Settings {
        idp_client_id: Some(setting("global")),
        client_secret: ClientSecret::Known(secret_of("global secret")),
        routes: vec![route],
        ..testing::settings()
    }
}

#[test]
fn a_client_is_whole_or_the_global_one() {
    let findings =
        |id, secret| route_client_half_set(&settings(id, secret), &testing::config("pomerium.yaml", "")).len();
    assert_eq!(findings(Some("other"), None), 1);
    assert_eq!(findings(None, Some("other secret")), 1);
    assert_eq!(findings(Some("other"), Some("other secret")), 0);
    assert_eq!(findings(None, None), 0);
    assert_eq!(findings(Some("global"), None), 0);
    assert_eq!(findings(None, Some("global secret")), 0);

    let public = Settings { client_secret: ClientSecret::Absent, ..settings(Some("other"), None) };
    assert!(
        route_client_half_set(&public, &testing::config("pomerium.yaml", "")).is_empty(),
        "both clients are public"
    );
}

#[test]
fn an_audience_check_harms_only_where_access_tokens_are_accepted() {
    let mut config = testing::config("config.yaml", "key: value");
    let mut settings = testing::settings();
    assert!(audience_check_impossible(&CognitoUsers, &settings, &config).is_empty());

    settings.idp_access_token_allowed_audiences = Some(setting(vec![setting("api")]));
    let severity =
        |settings: &Settings, config: &Config| audience_check_impossible(&CognitoUsers, settings, config)[0].severity;
    assert_eq!(severity(&settings, &config), Some(Severity::Warning));

    settings.routes = vec![testing::route()];
    config.reading.texts = vec![("routes.bearer_token_format".into(), setting("IDP_ACCESS_TOKEN"))];
    assert_eq!(severity(&settings, &config), None);

    config.reading.texts.clear();
    settings.bearer_token_format = Some(setting("idp_access_token"));
    assert_eq!(severity(&settings, &config), None);
}
