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
