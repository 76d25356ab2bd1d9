use super::*;
use crate::config::Reading;
use crate::held::holds;
use crate::rules::testing;

fn unknown(path: &str) -> Config {
    let mut config = testing::config("config.yaml", path);
    let (source, _) = config.sources.iter().next().expect("a source");
    let at = Span { source, start: 0, end: path.len() };
    config.reading = Reading { unknown_keys: vec![UnknownKey { path: path.to_owned(), at }], ..Reading::default() };
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
    assert!(removal("policy.allowed_groups").is_some());
    assert!(removal("routes.allowed_groups").is_some());
    assert!(removal("allowed_groups").is_none());
}

#[test]
fn a_missing_option_is_told_from_its_misspelling() {
    assert!(misspelt(&unknown("idp_providerurl"), "idp_provider_url").is_some());
    assert!(misspelt(&unknown("idp_url"), "idp_provider_url").is_some());
    assert!(misspelt(&unknown("idp_providerurl"), "idp_provider").is_none());
}

#[test]
fn what_to_write_instead_is_said() {
    let told: String = INSTEAD.iter().chain(&NEVER_KNOWN).map(|(key, instead)| format!("\n{key}: {instead}")).collect();
    holds(
        &told,
        r#"
administrators: delete it: nothing replaces it
audit_key: delete it: nothing replaces it
authenticate_callback_path: delete it: the path is always `/oauth2/callback`
authenticate_internal_url: use `authenticate_internal_service_url`
cache_service_url: use `databroker_service_url`
cache_store: use `databroker_storage_type`
cache_store_address: use `databroker_storage_connection_string`
cache_store_password: use `databroker_storage_connection_string`
cache_store_path: use `databroker_storage_connection_string`
client_ca: use `ca` below `downstream_mtls`
client_ca_file: use `ca_file` below `downstream_mtls`
client_crl: use `crl` below `downstream_mtls`
client_crl_file: use `crl_file` below `downstream_mtls`
cookie_refresh: delete it: nothing replaces it
cookie_secure: delete it: cookies are always Secure
databroker_storage_ca_file: put `sslrootcert` into `databroker_storage_connection_string`
databroker_storage_cert_file: put `sslcert` into `databroker_storage_connection_string`
databroker_storage_key_file: put `sslkey` into `databroker_storage_connection_string`
databroker_storage_tls_skip_verify: put `sslmode` into `databroker_storage_connection_string`
enable_user_impersonation: delete it: nothing replaces it
forward_auth_url: delete it: forward-auth is gone, Pomerium itself must be the proxy
grpc_client_dns_roundrobin: delete it: nothing replaces it
grpc_server_max_connection_age: delete it: nothing replaces it
grpc_server_max_connection_age_grace: delete it: nothing replaces it
idp_qps: delete it: Pomerium reads groups from the `cognito:groups` claim of the ID token
idp_refresh_directory_interval: delete it: Pomerium reads groups from the `cognito:groups` claim of the ID token
idp_refresh_directory_timeout: delete it: Pomerium reads groups from the `cognito:groups` claim of the ID token
idp_service_account: delete it: Pomerium reads groups from the `cognito:groups` claim of the ID token
pomerium_debug: use `log_level: debug`
refresh_cooldown: delete it: nothing replaces it
require_proxy_protocol: use `use_proxy_protocol`
signing_key_algorithm: delete it: the key itself says its algorithm
timeout_read_header: use `timeout_read`
tracing_datadog_address: use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`
tracing_debug: delete it: nothing replaces it
tracing_jaeger_agent_endpoint: use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`
tracing_jaeger_collector_endpoint: use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`
tracing_provider: use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`
tracing_sample_rate: use `otel_traces_sampler_arg`
tracing_zipkin_endpoint: use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`
routes._envoy_opts: delete it: nothing replaces it
routes.allowed_groups: write a `policy` with the criterion `claim/cognito:groups`
routes.set_authorization_header: use `set_request_headers` with `${pomerium.id_token}` or `${pomerium.access_token}`
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
