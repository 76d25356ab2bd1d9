//! Keys that once were options, runtime flags, and keys that the check for unknown ones leaves out.

use super::PomeriumVersion;

/// A key that is no option any more.
#[derive(Debug)]
pub(in crate::config) struct Retired {
    /// The path as Pomerium logs it.
    pub(in crate::config) path: &'static str,
    /// The first release that knew it.
    pub(in crate::config) first: PomeriumVersion,
    /// The first release that does not know it any more.
    pub(in crate::config) removed_in: PomeriumVersion,
    /// Whether Pomerium refuses to start because of it (`config/options_check.go`); it ignores the others.
    pub(in crate::config) fatal: bool,
    /// What to write instead, in words that follow "fix".
    pub(in crate::config) instead: &'static str,
}

const DIRECTORY: &str = "delete it: Pomerium reads groups from the `cognito:groups` claim of the ID token";
const TRACING: &str = "use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`";
const STORAGE: &str = "use `databroker_storage_connection_string`";
const BY_DEFAULT: &str = "delete it: nothing replaces it";

/// A key that Pomerium ignores.
const fn gone(
    path: &'static str,
    first: PomeriumVersion,
    removed_in: PomeriumVersion,
    instead: &'static str,
) -> Retired {
    Retired { path, first, removed_in, fatal: false, instead }
}

/// A key with which Pomerium refuses to start.
const fn fatal(
    path: &'static str,
    first: PomeriumVersion,
    removed_in: PomeriumVersion,
    instead: &'static str,
) -> Retired {
    Retired { path, first, removed_in, fatal: true, instead }
}

/// Keys that once were options.
#[rustfmt::skip]
pub(in crate::config) static RETIRED: &[Retired] = &[
    gone("administrators", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 13, 0), BY_DEFAULT),
    gone("audit_key", PomeriumVersion(0, 14, 0), PomeriumVersion(0, 29, 0), BY_DEFAULT),
    gone("authenticate_callback_path", PomeriumVersion(0, 7, 0), PomeriumVersion(0, 31, 0), "delete it: the path is always `/oauth2/callback`"),
    gone("authenticate_internal_url", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 4, 0), "use `authenticate_internal_service_url`"),
    gone("cache_service_url", PomeriumVersion(0, 6, 0), PomeriumVersion(0, 11, 0), "use `databroker_service_url`"),
    gone("cache_store", PomeriumVersion(0, 6, 0), PomeriumVersion(0, 10, 0), "use `databroker_storage_type`"),
    gone("cache_store_address", PomeriumVersion(0, 6, 0), PomeriumVersion(0, 10, 0), STORAGE),
    gone("cache_store_password", PomeriumVersion(0, 6, 0), PomeriumVersion(0, 10, 0), STORAGE),
    gone("cache_store_path", PomeriumVersion(0, 6, 0), PomeriumVersion(0, 10, 0), STORAGE),
    fatal("client_ca", PomeriumVersion(0, 9, 0), PomeriumVersion(0, 26, 0), "use `ca` below `downstream_mtls`"),
    fatal("client_ca_file", PomeriumVersion(0, 9, 0), PomeriumVersion(0, 26, 0), "use `ca_file` below `downstream_mtls`"),
    gone("client_crl", PomeriumVersion(0, 14, 0), PomeriumVersion(0, 23, 0), "use `crl` below `downstream_mtls`"),
    gone("client_crl_file", PomeriumVersion(0, 14, 0), PomeriumVersion(0, 23, 0), "use `crl_file` below `downstream_mtls`"),
    gone("cookie_refresh", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 6, 0), BY_DEFAULT),
    gone("cookie_secure", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 26, 0), "delete it: cookies are always Secure"),
    gone("databroker_storage_ca_file", PomeriumVersion(0, 10, 0), PomeriumVersion(0, 27, 2), "put `sslrootcert` into `databroker_storage_connection_string`"),
    gone("databroker_storage_cert_file", PomeriumVersion(0, 10, 0), PomeriumVersion(0, 27, 2), "put `sslcert` into `databroker_storage_connection_string`"),
    gone("databroker_storage_key_file", PomeriumVersion(0, 10, 0), PomeriumVersion(0, 27, 2), "put `sslkey` into `databroker_storage_connection_string`"),
    gone("databroker_storage_tls_skip_verify", PomeriumVersion(0, 10, 0), PomeriumVersion(0, 27, 2), "put `sslmode` into `databroker_storage_connection_string`"),
    gone("enable_user_impersonation", PomeriumVersion(0, 11, 0), PomeriumVersion(0, 13, 0), BY_DEFAULT),
    gone("forward_auth_url", PomeriumVersion(0, 4, 0), PomeriumVersion(0, 21, 0), "delete it: forward-auth is gone, Pomerium itself must be the proxy"),
    gone("grpc_client_dns_roundrobin", PomeriumVersion(0, 3, 0), PomeriumVersion(0, 27, 2), BY_DEFAULT),
    gone("grpc_server_max_connection_age", PomeriumVersion(0, 7, 0), PomeriumVersion(0, 15, 0), BY_DEFAULT),
    gone("grpc_server_max_connection_age_grace", PomeriumVersion(0, 7, 0), PomeriumVersion(0, 15, 0), BY_DEFAULT),
    fatal("idp_qps", PomeriumVersion(0, 11, 0), PomeriumVersion(0, 20, 0), DIRECTORY),
    fatal("idp_refresh_directory_interval", PomeriumVersion(0, 10, 0), PomeriumVersion(0, 20, 0), DIRECTORY),
    fatal("idp_refresh_directory_timeout", PomeriumVersion(0, 10, 0), PomeriumVersion(0, 20, 0), DIRECTORY),
    fatal("idp_service_account", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 20, 0), DIRECTORY),
    gone("pomerium_debug", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 32, 0), "use `log_level: debug`"),
    gone("refresh_cooldown", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 15, 1), BY_DEFAULT),
    gone("require_proxy_protocol", PomeriumVersion(0, 13, 0), PomeriumVersion(0, 13, 5), "use `use_proxy_protocol`"),
    gone("signing_key_algorithm", PomeriumVersion(0, 11, 0), PomeriumVersion(0, 16, 0), "delete it: the key itself says its algorithm"),
    gone("timeout_read_header", PomeriumVersion(0, 0, 5), PomeriumVersion(0, 9, 0), "use `timeout_read`"),
    fatal("tracing_datadog_address", PomeriumVersion(0, 12, 0), PomeriumVersion(0, 29, 0), TRACING),
    gone("tracing_debug", PomeriumVersion(0, 2, 0), PomeriumVersion(0, 9, 0), BY_DEFAULT),
    fatal("tracing_jaeger_agent_endpoint", PomeriumVersion(0, 2, 0), PomeriumVersion(0, 29, 0), TRACING),
    fatal("tracing_jaeger_collector_endpoint", PomeriumVersion(0, 2, 0), PomeriumVersion(0, 29, 0), TRACING),
    fatal("tracing_provider", PomeriumVersion(0, 2, 0), PomeriumVersion(0, 29, 0), TRACING),
    fatal("tracing_sample_rate", PomeriumVersion(0, 9, 0), PomeriumVersion(0, 29, 0), "use `otel_traces_sampler_arg`"),
    fatal("tracing_zipkin_endpoint", PomeriumVersion(0, 9, 0), PomeriumVersion(0, 29, 0), TRACING),
    gone("routes._envoy_opts", PomeriumVersion(0, 13, 0), PomeriumVersion(0, 32, 0), BY_DEFAULT),
    fatal("routes.allowed_groups", PomeriumVersion(0, 1, 0), PomeriumVersion(0, 20, 0), "write a `policy` with the criterion `claim/cognito:groups`"),
    fatal("routes.set_authorization_header", PomeriumVersion(0, 17, 0), PomeriumVersion(0, 24, 0), "use `set_request_headers` with `${pomerium.id_token}` or `${pomerium.access_token}`"),
];

/// Read outside of mapstructure, hence never unknown.
pub(in crate::config) static IGNORED: &[&str] = &["set_response_headers"];

/// The first release that does not read a route as a description of Envoy's cluster, too.
pub(in crate::config) const WITHOUT_CLUSTER_FIELDS: PomeriumVersion = PomeriumVersion(0, 32, 0);

/// Whether older releases gave a key of a route to Envoy (`config/custom.go` `parseEnvoyClusterOpts`, `config/options_check.go` of
/// v0.31.3): it worked, although it is none of Pomerium's own.
pub(in crate::config) fn is_cluster_field(path: &str) -> bool {
    path.split_once('.').is_some_and(|(list, field)| ["routes", "policy"].contains(&list) && CLUSTER.contains(&field))
}

/// The keys of a route that a release gives to Envoy.
pub(in crate::config) fn cluster_fields(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    CLUSTER.into_iter().filter(move |_| version < WITHOUT_CLUSTER_FIELDS)
}

/// The fields of Envoy's `envoy.config.cluster.v3.Cluster`.
static CLUSTER: [&str; 53] = [
    "alt_stat_name",
    "circuit_breakers",
    "cleanup_interval",
    "close_connections_on_host_health_failure",
    "cluster_type",
    "common_http_protocol_options",
    "common_lb_config",
    "connect_timeout",
    "connection_pool_per_downstream_connection",
    "dns_failure_refresh_rate",
    "dns_jitter",
    "dns_lookup_family",
    "dns_refresh_rate",
    "dns_resolution_config",
    "dns_resolvers",
    "eds_cluster_config",
    "filters",
    "health_checks",
    "http2_protocol_options",
    "http_protocol_options",
    "ignore_health_on_host_removal",
    "lb_policy",
    "lb_subset_config",
    "least_request_lb_config",
    "load_assignment",
    "load_balancing_policy",
    "lrs_report_endpoint_metrics",
    "lrs_server",
    "maglev_lb_config",
    "max_requests_per_connection",
    "metadata",
    "name",
    "original_dst_lb_config",
    "outlier_detection",
    "per_connection_buffer_limit_bytes",
    "preconnect_policy",
    "protocol_selection",
    "respect_dns_ttl",
    "ring_hash_lb_config",
    "round_robin_lb_config",
    "track_cluster_stats",
    "track_timeout_budgets",
    "transport_socket",
    "transport_socket_matches",
    "type",
    "typed_dns_resolver_config",
    "typed_extension_protocol_options",
    "upstream_bind_config",
    "upstream_config",
    "upstream_connection_options",
    "upstream_http_protocol_options",
    "use_tcp_for_dns_lookups",
    "wait_for_warm_on_init",
];

/// `config/runtime_flags.go`.
pub(in crate::config) static RUNTIME_FLAGS: &[&str] = &[
    "add_extra_metrics_labels",
    "allow_any_sign_out_redirect_uri",
    "authorize_use_synced_data",
    "config_hot_reload",
    "debug_admin_endpoints",
    "envoy_resource_manager",
    "grpc_databroker_keepalive",
    "match_any_incoming_port",
    "mcp",
    "mcp_dynamic_client_registration",
    "pomerium_jwt_endpoint",
    "refresh_session_at_id_token_expiration",
    "routes_portal",
    "set_envoy_concurrency_to_go_max_procs",
    "ssh_allow_direct_tcpip",
    "ssh_routes_portal",
    "ssh_upstream_tunnel",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::held::holds;

    #[test]
    fn what_to_write_instead_is_said() {
        let told: String =
            RETIRED.iter().flat_map(|Retired { path, instead, .. }| ["\n", path, ": ", instead]).collect();
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
routes.set_authorization_header: use `set_request_headers` with `${pomerium.id_token}` or `${pomerium.access_token}`"#,
        );
    }
}
