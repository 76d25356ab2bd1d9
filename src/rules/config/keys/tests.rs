use super::*;
use crate::config::Reading;
use crate::held::holds;
use crate::rules::testing;

fn unknown(path: &str) -> Config {
    unknown_in("config.yaml", path)
}

fn unknown_in(file: &str, written: &str) -> Config {
    let mut config = testing::config(file, written);
    let path = written.to_lowercase();
    let (source, _) = config.sources.iter().next().expect("a source");
    let at = Span { source, start: 0, end: path.len() };
    config.reading = Reading { unknown_keys: vec![UnknownKey { path, at }], ..Reading::default() };
    config
}

#[test]
fn the_nearest_option_is_suggested_if_it_is_near() {
    for (written, meant) in [
        ("idp_providerurl", Some("idp_provider_url")),
        ("idp-client-id", Some("idp_client_id")),
        ("idp_client_ID", Some("idp_client_id")),
        ("jwt_claim_headers", Some("jwt_claims_headers")),
        ("idp_service_acount", None),
        ("authenticate_servce_url", Some("authenticate_service_url")),
        ("routes.allowed_domain", Some("allowed_domains")),
        ("policy.alowed_users", Some("allowed_users")),
        ("keycloak", None),
        ("x", None),
        ("routes.mcp.nonsense", None),
    ] {
        assert_eq!(nearest_option(written, PomeriumVersion::NEWEST), meant, "{written}");
    }
}

#[test]
fn a_removed_route_field_is_known_under_both_names_of_the_list() {
    assert!(retired("policy.allowed_groups").is_some());
    assert!(retired("routes.allowed_groups").is_some());
    assert!(retired("allowed_groups").is_none());
}

#[test]
fn a_missing_option_is_told_from_its_misspelling() {
    assert!(misspelt(&unknown("idp_providerurl"), "idp_provider_url").is_some());
    assert!(misspelt(&unknown("idp_url"), "idp_provider_url").is_some());
    assert!(misspelt(&unknown("idp_providerurl"), "idp_provider").is_none());
}

#[test]
fn a_variable_is_renamed_to_one() {
    for (file, text, edited) in [
        ("pomerium.env", "IDP_PROVIDER_URL_", Some("IDP_PROVIDER_URL")),
        ("pomerium.env", "idp_provider_url_", Some("IDP_PROVIDER_URL")),
        ("config.yaml", "idp_provider_url_", Some("idp_provider_url")),
    ] {
        let config = unknown_in(file, text);
        let key = &config.reading.unknown_keys[0];
        assert_eq!(rename(&config, key).map(|edit| edit.text).as_deref(), edited, "{file}");
    }
}

#[test]
fn what_to_write_instead_is_said() {
    let told: String = NEVER_KNOWN.iter().map(|(key, instead)| format!("\n{key}: {instead}")).collect();
    holds(
        &told,
        r#"
certificates.privkey: write `key`
service: write `services`
policies: write `routes`
idp_name: write `idp_provider`
idp_url: write `idp_provider_url`
idp_issuer: write `idp_provider_url`
idp_client_id_file: write `idp_client_id`: only the secret has a `_file` form
jwt_groups_filter: delete it: only Pomerium Zero and Enterprise know it
self_signed_cert: write `certificate_file` and `certificate_key_file`
routes.allow: write it below `policy`, as in `policy: [{ allow: { or: [ … ] } }]`
routes.lb_policy: write `load_balancing_policy`
routes.allow_websocket_upgrade: write `allow_websockets: true`
routes.authorized_users: write `allowed_users`
routes.request_headers: write `set_request_headers`"#,
    );
}
