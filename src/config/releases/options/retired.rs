//! Keys that once were options, runtime flags, and keys that the check for unknown ones leaves out.

use std::borrow::Cow;

use super::PomeriumVersion;

/// A key that is no option any more.
#[derive(Debug)]
pub struct Retired {
    /// The path as Pomerium logs it.
    pub path: &'static str,
    /// The first release that knew it.
    pub first: PomeriumVersion,
    /// The first release that does not know it any more.
    pub removed_in: PomeriumVersion,
    /// How that release meets it.
    fate: Fate,
    instead: Instead,
}

/// How Pomerium meets a key that is gone (`config/options_check.go`).
#[derive(Debug)]
enum Fate {
    /// It logs the key and goes on without it.
    Ignored,
    /// It refuses to start.
    Refused,
}

/// What is written instead.
#[derive(Debug)]
enum Instead {
    Nothing,
    /// The same value under this name.
    Renamed(&'static str),
    Told(&'static str),
}

impl Retired {
    /// Whether Pomerium refuses to start because of it.
    pub fn stops_start(&self) -> bool {
        matches!(self.fate, Fate::Refused)
    }

    /// Its new name, if the value means the same under that one.
    pub fn new_name(&self) -> Option<&'static str> {
        match self.instead {
            Instead::Renamed(name) => Some(name),
            Instead::Nothing | Instead::Told(_) => None,
        }
    }

    /// What to do about it.
    pub fn cure(&self) -> Cow<'static, str> {
        match self.instead {
            Instead::Nothing => "delete it: nothing replaces it".into(),
            Instead::Renamed(name) => format!("use `{name}`").into(),
            Instead::Told(cure) => cure.into(),
        }
    }
}

const DIRECTORY: &str = "delete it: Pomerium reads groups from the `cognito:groups` claim of the ID token";
const TRACING: &str = "use `otel_traces_exporter: otlp` and `otel_exporter_otlp_endpoint`";
const STORAGE: &str = "use `databroker_storage_connection_string`";

macro_rules! retired {
    ($($path:literal: $first:tt .. $removed_in:tt, $fate:ident, $instead:ident $(($cure:expr))?;)+) => {
        /// Keys that once were options.
        pub(in crate::config) static RETIRED: &[Retired] = &[$(Retired {
            path: $path,
            first: PomeriumVersion $first,
            removed_in: PomeriumVersion $removed_in,
            fate: Fate::$fate,
            instead: Instead::$instead $(($cure))?,
        }),+];
    };
}

// The key, the releases from the first that knew it to the first that does not, what that one does, what to write instead.
retired! {
    "administrators": (0, 0, 5) .. (0, 13, 0), Ignored, Nothing;
    "audit_key": (0, 14, 0) .. (0, 29, 0), Ignored, Nothing;
    "authenticate_callback_path": (0, 7, 0) .. (0, 31, 0), Ignored, Told("delete it: the path is always `/oauth2/callback`");
    "authenticate_internal_url": (0, 0, 5) .. (0, 4, 0), Ignored, Renamed("authenticate_internal_service_url");
    "cache_service_url": (0, 6, 0) .. (0, 11, 0), Ignored, Renamed("databroker_service_url");
    "cache_store": (0, 6, 0) .. (0, 10, 0), Ignored, Told("use `databroker_storage_type`");
    "cache_store_address": (0, 6, 0) .. (0, 10, 0), Ignored, Told(STORAGE);
    "cache_store_password": (0, 6, 0) .. (0, 10, 0), Ignored, Told(STORAGE);
    "cache_store_path": (0, 6, 0) .. (0, 10, 0), Ignored, Told(STORAGE);
    "client_ca": (0, 9, 0) .. (0, 26, 0), Refused, Told("use `ca` below `downstream_mtls`");
    "client_ca_file": (0, 9, 0) .. (0, 26, 0), Refused, Told("use `ca_file` below `downstream_mtls`");
    "client_crl": (0, 14, 0) .. (0, 23, 0), Ignored, Told("use `crl` below `downstream_mtls`");
    "client_crl_file": (0, 14, 0) .. (0, 23, 0), Ignored, Told("use `crl_file` below `downstream_mtls`");
    "cookie_refresh": (0, 0, 5) .. (0, 6, 0), Ignored, Nothing;
    "cookie_secure": (0, 0, 5) .. (0, 26, 0), Ignored, Told("delete it: cookies are always Secure");
    "databroker_storage_ca_file": (0, 10, 0) .. (0, 27, 2), Ignored, Told("put `sslrootcert` into `databroker_storage_connection_string`");
    "databroker_storage_cert_file": (0, 10, 0) .. (0, 27, 2), Ignored, Told("put `sslcert` into `databroker_storage_connection_string`");
    "databroker_storage_key_file": (0, 10, 0) .. (0, 27, 2), Ignored, Told("put `sslkey` into `databroker_storage_connection_string`");
    "databroker_storage_tls_skip_verify": (0, 10, 0) .. (0, 27, 2), Ignored, Told("put `sslmode` into `databroker_storage_connection_string`");
    "enable_user_impersonation": (0, 11, 0) .. (0, 13, 0), Ignored, Nothing;
    "forward_auth_url": (0, 4, 0) .. (0, 21, 0), Ignored, Told("delete it: forward-auth is gone, Pomerium itself must be the proxy");
    "grpc_client_dns_roundrobin": (0, 3, 0) .. (0, 27, 2), Ignored, Nothing;
    "grpc_server_max_connection_age": (0, 7, 0) .. (0, 15, 0), Ignored, Nothing;
    "grpc_server_max_connection_age_grace": (0, 7, 0) .. (0, 15, 0), Ignored, Nothing;
    "idp_qps": (0, 11, 0) .. (0, 20, 0), Refused, Told(DIRECTORY);
    "idp_refresh_directory_interval": (0, 10, 0) .. (0, 20, 0), Refused, Told(DIRECTORY);
    "idp_refresh_directory_timeout": (0, 10, 0) .. (0, 20, 0), Refused, Told(DIRECTORY);
    "idp_service_account": (0, 0, 5) .. (0, 20, 0), Refused, Told(DIRECTORY);
    "pomerium_debug": (0, 0, 5) .. (0, 32, 0), Ignored, Told("use `log_level: debug`");
    "refresh_cooldown": (0, 0, 5) .. (0, 15, 1), Ignored, Nothing;
    "require_proxy_protocol": (0, 13, 0) .. (0, 13, 5), Ignored, Renamed("use_proxy_protocol");
    "signing_key_algorithm": (0, 11, 0) .. (0, 16, 0), Ignored, Told("delete it: the key itself says its algorithm");
    "timeout_read_header": (0, 0, 5) .. (0, 9, 0), Ignored, Told("use `timeout_read`");
    "tracing_datadog_address": (0, 12, 0) .. (0, 29, 0), Refused, Told(TRACING);
    "tracing_debug": (0, 2, 0) .. (0, 9, 0), Ignored, Nothing;
    "tracing_jaeger_agent_endpoint": (0, 2, 0) .. (0, 29, 0), Refused, Told(TRACING);
    "tracing_jaeger_collector_endpoint": (0, 2, 0) .. (0, 29, 0), Refused, Told(TRACING);
    "tracing_provider": (0, 2, 0) .. (0, 29, 0), Refused, Told(TRACING);
    "tracing_sample_rate": (0, 9, 0) .. (0, 29, 0), Refused, Told("use `otel_traces_sampler_arg`");
    "tracing_zipkin_endpoint": (0, 9, 0) .. (0, 29, 0), Refused, Told(TRACING);
    "routes._envoy_opts": (0, 13, 0) .. (0, 32, 0), Ignored, Nothing;
    "routes.allowed_groups": (0, 1, 0) .. (0, 20, 0), Refused, Told("write a `policy` with the criterion `claim/cognito:groups`");
    "routes.set_authorization_header": (0, 17, 0) .. (0, 24, 0), Refused, Told("use `set_request_headers` with `${pomerium.id_token}` or `${pomerium.access_token}`");
}

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

/// A runtime flag, the first release that has it, and the first that has it no more.
struct RuntimeFlag(&'static str, PomeriumVersion, PomeriumVersion);

/// It is there still.
const STILL: PomeriumVersion = PomeriumVersion(u16::MAX, 0, 0);

/// `config/runtime_flags.go`, by tag.
static RUNTIME_FLAGS: [RuntimeFlag; 19] = [
    RuntimeFlag("add_extra_metrics_labels", PomeriumVersion(0, 29, 0), STILL),
    RuntimeFlag("allow_any_sign_out_redirect_uri", PomeriumVersion(0, 33, 0), STILL),
    RuntimeFlag("authorize_use_synced_data", PomeriumVersion(0, 30, 0), STILL),
    RuntimeFlag("config_hot_reload", PomeriumVersion(0, 27, 0), STILL),
    RuntimeFlag("debug_admin_endpoints", PomeriumVersion(0, 32, 0), STILL),
    RuntimeFlag("envoy_resource_manager", PomeriumVersion(0, 27, 0), STILL),
    RuntimeFlag("grpc_databroker_keepalive", PomeriumVersion(0, 26, 0), STILL),
    RuntimeFlag("legacy_identity_manager", PomeriumVersion(0, 26, 0), PomeriumVersion(0, 30, 0)),
    RuntimeFlag("match_any_incoming_port", PomeriumVersion(0, 26, 0), STILL),
    RuntimeFlag("mcp", PomeriumVersion(0, 30, 0), STILL),
    RuntimeFlag("mcp_dynamic_client_registration", PomeriumVersion(0, 33, 0), STILL),
    RuntimeFlag("pomerium_jwt_endpoint", PomeriumVersion(0, 27, 0), STILL),
    RuntimeFlag("refresh_session_at_id_token_expiration", PomeriumVersion(0, 30, 4), STILL),
    RuntimeFlag("routes_portal", PomeriumVersion(0, 32, 0), STILL),
    RuntimeFlag("set_envoy_concurrency_to_go_max_procs", PomeriumVersion(0, 29, 5), STILL),
    RuntimeFlag("ssh_allow_direct_tcpip", PomeriumVersion(0, 30, 0), STILL),
    RuntimeFlag("ssh_routes_portal", PomeriumVersion(0, 30, 0), STILL),
    RuntimeFlag("ssh_upstream_tunnel", PomeriumVersion(0, 32, 0), STILL),
    RuntimeFlag("tmp_unlimited_connections", PomeriumVersion(0, 29, 3), PomeriumVersion(0, 30, 0)),
];

/// The runtime flags of a release.
pub(in crate::config) fn runtime_flags(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    RUNTIME_FLAGS
        .iter()
        .filter(move |RuntimeFlag(_, since, gone)| (*since..*gone).contains(&version))
        .map(|flag| flag.0)
}

/// What is known of a key that once was an option, e.g. `routes.allowed_groups`.
pub fn retired_key(path: &str) -> Option<&'static Retired> {
    RETIRED.iter().find(|retired| retired.path == path)
}

/// The same of a key under `policy`, which Pomerium reads as one list with `routes`.
pub fn retired_of_policy(path: &str) -> Option<&'static Retired> {
    retired_key(&format!("routes.{}", path.strip_prefix("policy.")?))
}

#[cfg(test)]
mod tests {
    use super::RETIRED;
    use crate::held::holds;

    #[test]
    fn what_to_write_instead_is_said() {
        let told = |retired: &super::Retired| format!("\n{}: {}", retired.path, retired.cure());
        holds(
            &RETIRED.iter().map(told).collect::<String>(),
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
