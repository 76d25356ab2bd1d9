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
}

/// Keys that once were options.
pub(in crate::config) static RETIRED: &[Retired] = &[
    Retired {
        path: "administrators",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 13, 0),
        fatal: false,
    },
    Retired {
        path: "audit_key",
        first: PomeriumVersion(0, 14, 0),
        removed_in: PomeriumVersion(0, 29, 0),
        fatal: false,
    },
    Retired {
        path: "authenticate_callback_path",
        first: PomeriumVersion(0, 7, 0),
        removed_in: PomeriumVersion(0, 31, 0),
        fatal: false,
    },
    Retired {
        path: "authenticate_internal_url",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 4, 0),
        fatal: false,
    },
    Retired {
        path: "cache_service_url",
        first: PomeriumVersion(0, 6, 0),
        removed_in: PomeriumVersion(0, 11, 0),
        fatal: false,
    },
    Retired {
        path: "cache_store",
        first: PomeriumVersion(0, 6, 0),
        removed_in: PomeriumVersion(0, 10, 0),
        fatal: false,
    },
    Retired {
        path: "cache_store_address",
        first: PomeriumVersion(0, 6, 0),
        removed_in: PomeriumVersion(0, 10, 0),
        fatal: false,
    },
    Retired {
        path: "cache_store_password",
        first: PomeriumVersion(0, 6, 0),
        removed_in: PomeriumVersion(0, 10, 0),
        fatal: false,
    },
    Retired {
        path: "cache_store_path",
        first: PomeriumVersion(0, 6, 0),
        removed_in: PomeriumVersion(0, 10, 0),
        fatal: false,
    },
    Retired { path: "client_ca", first: PomeriumVersion(0, 9, 0), removed_in: PomeriumVersion(0, 26, 0), fatal: true },
    Retired {
        path: "client_ca_file",
        first: PomeriumVersion(0, 9, 0),
        removed_in: PomeriumVersion(0, 26, 0),
        fatal: true,
    },
    Retired {
        path: "client_crl",
        first: PomeriumVersion(0, 14, 0),
        removed_in: PomeriumVersion(0, 23, 0),
        fatal: false,
    },
    Retired {
        path: "client_crl_file",
        first: PomeriumVersion(0, 14, 0),
        removed_in: PomeriumVersion(0, 23, 0),
        fatal: false,
    },
    Retired {
        path: "cookie_refresh",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 6, 0),
        fatal: false,
    },
    Retired {
        path: "cookie_secure",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 26, 0),
        fatal: false,
    },
    Retired {
        path: "databroker_storage_ca_file",
        first: PomeriumVersion(0, 10, 0),
        removed_in: PomeriumVersion(0, 27, 2),
        fatal: false,
    },
    Retired {
        path: "databroker_storage_cert_file",
        first: PomeriumVersion(0, 10, 0),
        removed_in: PomeriumVersion(0, 27, 2),
        fatal: false,
    },
    Retired {
        path: "databroker_storage_key_file",
        first: PomeriumVersion(0, 10, 0),
        removed_in: PomeriumVersion(0, 27, 2),
        fatal: false,
    },
    Retired {
        path: "databroker_storage_tls_skip_verify",
        first: PomeriumVersion(0, 10, 0),
        removed_in: PomeriumVersion(0, 27, 2),
        fatal: false,
    },
    Retired {
        path: "enable_user_impersonation",
        first: PomeriumVersion(0, 11, 0),
        removed_in: PomeriumVersion(0, 13, 0),
        fatal: false,
    },
    Retired {
        path: "forward_auth_url",
        first: PomeriumVersion(0, 4, 0),
        removed_in: PomeriumVersion(0, 21, 0),
        fatal: false,
    },
    Retired {
        path: "grpc_client_dns_roundrobin",
        first: PomeriumVersion(0, 3, 0),
        removed_in: PomeriumVersion(0, 27, 2),
        fatal: false,
    },
    Retired {
        path: "grpc_server_max_connection_age",
        first: PomeriumVersion(0, 7, 0),
        removed_in: PomeriumVersion(0, 15, 0),
        fatal: false,
    },
    Retired {
        path: "grpc_server_max_connection_age_grace",
        first: PomeriumVersion(0, 7, 0),
        removed_in: PomeriumVersion(0, 15, 0),
        fatal: false,
    },
    Retired { path: "idp_qps", first: PomeriumVersion(0, 11, 0), removed_in: PomeriumVersion(0, 20, 0), fatal: true },
    Retired {
        path: "idp_refresh_directory_interval",
        first: PomeriumVersion(0, 10, 0),
        removed_in: PomeriumVersion(0, 20, 0),
        fatal: true,
    },
    Retired {
        path: "idp_refresh_directory_timeout",
        first: PomeriumVersion(0, 10, 0),
        removed_in: PomeriumVersion(0, 20, 0),
        fatal: true,
    },
    Retired {
        path: "idp_service_account",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 20, 0),
        fatal: true,
    },
    Retired {
        path: "pomerium_debug",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 32, 0),
        fatal: false,
    },
    Retired {
        path: "refresh_cooldown",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 15, 1),
        fatal: false,
    },
    Retired {
        path: "require_proxy_protocol",
        first: PomeriumVersion(0, 13, 0),
        removed_in: PomeriumVersion(0, 13, 5),
        fatal: false,
    },
    Retired {
        path: "signing_key_algorithm",
        first: PomeriumVersion(0, 11, 0),
        removed_in: PomeriumVersion(0, 16, 0),
        fatal: false,
    },
    Retired {
        path: "timeout_read_header",
        first: PomeriumVersion(0, 0, 5),
        removed_in: PomeriumVersion(0, 9, 0),
        fatal: false,
    },
    Retired {
        path: "tracing_datadog_address",
        first: PomeriumVersion(0, 12, 0),
        removed_in: PomeriumVersion(0, 29, 0),
        fatal: true,
    },
    Retired {
        path: "tracing_debug",
        first: PomeriumVersion(0, 2, 0),
        removed_in: PomeriumVersion(0, 9, 0),
        fatal: false,
    },
    Retired {
        path: "tracing_jaeger_agent_endpoint",
        first: PomeriumVersion(0, 2, 0),
        removed_in: PomeriumVersion(0, 29, 0),
        fatal: true,
    },
    Retired {
        path: "tracing_jaeger_collector_endpoint",
        first: PomeriumVersion(0, 2, 0),
        removed_in: PomeriumVersion(0, 29, 0),
        fatal: true,
    },
    Retired {
        path: "tracing_provider",
        first: PomeriumVersion(0, 2, 0),
        removed_in: PomeriumVersion(0, 29, 0),
        fatal: true,
    },
    Retired {
        path: "tracing_sample_rate",
        first: PomeriumVersion(0, 9, 0),
        removed_in: PomeriumVersion(0, 29, 0),
        fatal: true,
    },
    Retired {
        path: "tracing_zipkin_endpoint",
        first: PomeriumVersion(0, 9, 0),
        removed_in: PomeriumVersion(0, 29, 0),
        fatal: true,
    },
    Retired {
        path: "routes._envoy_opts",
        first: PomeriumVersion(0, 13, 0),
        removed_in: PomeriumVersion(0, 32, 0),
        fatal: false,
    },
    Retired {
        path: "routes.allowed_groups",
        first: PomeriumVersion(0, 1, 0),
        removed_in: PomeriumVersion(0, 20, 0),
        fatal: true,
    },
    Retired {
        path: "routes.set_authorization_header",
        first: PomeriumVersion(0, 17, 0),
        removed_in: PomeriumVersion(0, 24, 0),
        fatal: true,
    },
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
