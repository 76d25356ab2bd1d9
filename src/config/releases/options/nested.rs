//! The objects inside options and routes, and the enumerations.

use super::{
    ALWAYS, Enumeration, Object, PomeriumVersion, TEXT, TEXT_LIST, TEXT_MAP, Type, UPCOMING, enumeration, field,
    private, secret,
};

pub(super) static BEARER_TOKEN_FORMAT: Enumeration = Enumeration {
    name: "BearerTokenFormat",
    values: &[
        "BEARER_TOKEN_FORMAT_UNKNOWN",
        "BEARER_TOKEN_FORMAT_DEFAULT",
        "BEARER_TOKEN_FORMAT_IDP_ACCESS_TOKEN",
        "BEARER_TOKEN_FORMAT_IDP_IDENTITY_TOKEN",
        "BEARER_TOKEN_FORMAT_JWT",
    ],
    added: Some((1, UPCOMING)),
};

/// Those of which some values came later than the others.
pub(super) static GROWN: [&Enumeration; 2] = [&BEARER_TOKEN_FORMAT, &CODEC_TYPE];

/// Of HTTP/3, `config/codec_type.go` knows nothing before v0.29.0.
pub(super) static CODEC_TYPE: Enumeration = Enumeration {
    name: "CodecType",
    values: &["CODEC_TYPE_AUTO", "CODEC_TYPE_HTTP1", "CODEC_TYPE_HTTP2", "CODEC_TYPE_HTTP3"],
    added: Some((1, PomeriumVersion(0, 29, 0))),
};

pub(super) static HEADERS_WITH_UNDERSCORES_ACTION: Enumeration = enumeration(
    "HeadersWithUnderscoresAction",
    &[
        "HEADERS_WITH_UNDERSCORES_ACTION_UNKNOWN",
        "HEADERS_WITH_UNDERSCORES_ACTION_ALLOW",
        "HEADERS_WITH_UNDERSCORES_ACTION_REJECT_REQUEST",
        "HEADERS_WITH_UNDERSCORES_ACTION_DROP_HEADER",
    ],
);

pub(super) static ISSUER_FORMAT: Enumeration = enumeration("IssuerFormat", &["IssuerHostOnly", "IssuerURI"]);

pub(super) static LOAD_BALANCING_POLICY: Enumeration = enumeration(
    "LoadBalancingPolicy",
    &[
        "LOAD_BALANCING_POLICY_UNSPECIFIED",
        "LOAD_BALANCING_POLICY_ROUND_ROBIN",
        "LOAD_BALANCING_POLICY_MAGLEV",
        "LOAD_BALANCING_POLICY_RANDOM",
        "LOAD_BALANCING_POLICY_RING_HASH",
        "LOAD_BALANCING_POLICY_LEAST_REQUEST",
    ],
);

static MTLS_ENFORCEMENT_MODE: Enumeration =
    enumeration("MtlsEnforcementMode", &["UNKNOWN", "POLICY", "POLICY_WITH_DEFAULT_DENY", "REJECT_CONNECTION"]);

static OAUTH2_AUTH_STYLE: Enumeration = enumeration(
    "OAuth2AuthStyle",
    &["OAUTH2_AUTH_STYLE_UNSPECIFIED", "OAUTH2_AUTH_STYLE_IN_PARAMS", "OAUTH2_AUTH_STYLE_IN_HEADER"],
);

pub(super) static PATH_WITH_ESCAPED_SLASHES_ACTION: Enumeration = enumeration(
    "PathWithEscapedSlashesAction",
    &[
        "PATH_WITH_ESCAPED_SLASHES_ACTION_UNKNOWN",
        "PATH_WITH_ESCAPED_SLASHES_ACTION_KEEP_UNCHANGED",
        "PATH_WITH_ESCAPED_SLASHES_ACTION_REJECT_REQUEST",
        "PATH_WITH_ESCAPED_SLASHES_ACTION_UNESCAPE_AND_REDIRECT",
        "PATH_WITH_ESCAPED_SLASHES_ACTION_UNESCAPE_AND_FORWARD",
    ],
);

pub(super) static CERTIFICATE_FILE_PAIR: Object = Object::of(&[
    field("cert", TEXT, ALWAYS).about("The file with the certificate."),
    field("key", TEXT, ALWAYS).about("The file with its key."),
]);

pub(super) static IDENTITY_PROVIDER: Object = Object::of(&[
    field("issuer", TEXT, ALWAYS).about("The issuer of the tokens, byte for byte."),
    field("jwks_url", TEXT, ALWAYS).about("Where its keys are."),
    field("supported_algs", TEXT_LIST, ALWAYS).about("The algorithms that may have signed a token."),
    field("audiences", TEXT_LIST, ALWAYS).about("The audiences that a token may have."),
]);

pub(super) static GENERIC_KEY_VALUE: Object = Object::of(&[field("key", TEXT, ALWAYS), private("value", TEXT, ALWAYS)]);

pub(super) static DOWNSTREAM_MTLS: Object = Object::of(&[
    field("ca", TEXT, ALWAYS).about("Who must have signed the certificate of a browser, PEM in base64."),
    field("ca_file", TEXT, ALWAYS).about("The file with ca."),
    field("crl", TEXT, ALWAYS).about("Certificates that are revoked, PEM in base64."),
    field("crl_file", TEXT, ALWAYS).about("The file with crl."),
    field("enforcement", Type::Nullable(&Type::Enum(&MTLS_ENFORCEMENT_MODE)), ALWAYS)
        .default("policy_with_default_deny")
        .about("What becomes of a request without a good certificate."),
    field("match_subject_alt_names", Type::List(&Type::SanMatcher), ALWAYS)
        .about("What a certificate must name besides."),
    field("max_verify_depth", Type::Uint("uint32", 32), ALWAYS)
        .default("1")
        .about("How many authorities may stand between a certificate and ca."),
]);

pub(super) static DATABROKER_CLUSTER_NODE: Object = Object::of(&[
    field("id", TEXT, ALWAYS),
    field("grpc_address", TEXT, ALWAYS),
    field("raft_address", Type::JsonText, ALWAYS),
]);

pub(super) static CIRCUIT_BREAKER_THRESHOLDS: Object = Object::of(&[
    field("max_connections", Type::JsonUint, ALWAYS),
    field("max_pending_requests", Type::JsonUint, ALWAYS),
    field("max_requests", Type::JsonUint, ALWAYS),
    field("max_retries", Type::JsonUint, ALWAYS),
    field("max_connection_pools", Type::JsonUint, ALWAYS),
]);

pub(super) static BLOB_STORAGE: Object =
    Object::of(&[field("bucket_uri", TEXT, ALWAYS), field("managed_prefix", TEXT, ALWAYS)]);

pub(super) static SESSION_RECORDING: Object = Object::of(&[field("enabled", Type::Nullable(&Type::Flag), ALWAYS)]);

pub(super) static REDIRECT: Object = Object::of(&[
    field("https_redirect", Type::Flag, ALWAYS),
    field("scheme_redirect", TEXT, ALWAYS),
    field("host_redirect", TEXT, ALWAYS),
    field("port_redirect", Type::Uint("uint32", 32), ALWAYS),
    field("path_redirect", TEXT, ALWAYS),
    field("prefix_rewrite", TEXT, ALWAYS),
    field("response_code", Type::Int("int32", 32), ALWAYS),
    field("strip_query", Type::Flag, ALWAYS),
]);

pub(super) static DIRECT_RESPONSE: Object =
    Object::of(&[field("status", Type::Int("int", 64), ALWAYS), private("body", TEXT, ALWAYS)]);

pub(in crate::config) static SUB_POLICY: Object = Object::of(&[
    field("id", TEXT, ALWAYS),
    field("name", TEXT, ALWAYS),
    field("allowed_users", TEXT_LIST, ALWAYS),
    field("allowed_domains", TEXT_LIST, ALWAYS),
    field("allowed_idp_claims", Type::Claims, ALWAYS),
    field("rego", TEXT_LIST, ALWAYS),
    field("source_ppl", TEXT, ALWAYS),
    field("explanation", TEXT, ALWAYS),
    field("remediation", TEXT, ALWAYS),
]);

pub(super) static REWRITE_HEADER: Object =
    Object::of(&[field("header", TEXT, ALWAYS), field("prefix", TEXT, ALWAYS), private("value", TEXT, ALWAYS)]);

pub(super) static MCP: Object = Object::of(&[
    field("server", Type::Object(&MCP_SERVER), ALWAYS),
    field("client", Type::Object(&MCP_CLIENT), ALWAYS),
]);

static MCP_SERVER: Object = Object::of(&[
    field("upstream_oauth2", Type::Object(&UPSTREAM_OAUTH2), ALWAYS),
    field("max_request_bytes", Type::Uint("uint32", 32), ALWAYS),
    field("path", TEXT, ALWAYS),
    field("authorization_server_url", TEXT, ALWAYS),
]);

static UPSTREAM_OAUTH2: Object = Object::of(&[
    field("client_id", TEXT, ALWAYS),
    secret("client_secret", TEXT, ALWAYS),
    field("endpoint", Type::Object(&OAUTH2_ENDPOINT), ALWAYS),
    field("scopes", TEXT_LIST, ALWAYS),
    private("authorization_url_params", TEXT_MAP, ALWAYS),
]);

static OAUTH2_ENDPOINT: Object = Object::of(&[
    field("auth_url", TEXT, ALWAYS),
    field("token_url", TEXT, ALWAYS),
    field("auth_style", Type::Nullable(&Type::Enum(&OAUTH2_AUTH_STYLE)), ALWAYS),
]);

pub(super) static UPSTREAM_TUNNEL: Object =
    Object::of(&[field("ssh_policy", Type::Ppl, ALWAYS), field("ssh_policy_rego", TEXT_LIST, ALWAYS)]);

static MCP_CLIENT: Object = Object::of(&[]);

/// What Envoy asks hosts (`HealthCheck` of `pkg/grpc/config/config.proto`, which is Envoy's own).
pub(super) static HEALTH_CHECK: Object = Object::of(&[
    field("timeout", Type::Duration, ALWAYS),
    field("interval", Type::Duration, ALWAYS),
    field("initial_jitter", Type::Duration, ALWAYS),
    field("interval_jitter", Type::Duration, ALWAYS),
    field("no_traffic_interval", Type::Duration, ALWAYS),
    field("no_traffic_healthy_interval", Type::Duration, ALWAYS),
    field("unhealthy_interval", Type::Duration, ALWAYS),
    field("unhealthy_edge_interval", Type::Duration, ALWAYS),
    field("healthy_edge_interval", Type::Duration, ALWAYS),
    field("interval_jitter_percent", Type::Uint("uint32", 32), ALWAYS),
    field("unhealthy_threshold", Type::JsonUint, ALWAYS),
    field("healthy_threshold", Type::JsonUint, ALWAYS),
    field("alt_port", Type::JsonUint, ALWAYS),
    field("reuse_connection", Type::JsonFlag, ALWAYS),
    field("always_log_health_check_failures", Type::Flag, ALWAYS),
    field("always_log_health_check_success", Type::Flag, ALWAYS),
    field("http_health_check", Type::Message(&HTTP_HEALTH_CHECK), ALWAYS),
    field("tcp_health_check", Type::Message(&ANY_MESSAGE), ALWAYS),
    field("grpc_health_check", Type::Message(&GRPC_HEALTH_CHECK), ALWAYS),
]);

static HTTP_HEALTH_CHECK: Object = Object::of(&[
    field("host", TEXT, ALWAYS),
    field("path", TEXT, ALWAYS),
    field("response_buffer_size", Type::Unchecked, ALWAYS),
    field("request_headers_to_remove", TEXT_LIST, ALWAYS),
]);

static GRPC_HEALTH_CHECK: Object = Object::of(&[field("service_name", TEXT, ALWAYS), field("authority", TEXT, ALWAYS)]);

/// When Envoy leaves a host out (`OutlierDetection`, likewise).
pub(super) static OUTLIER_DETECTION: Object = Object::of(&[
    field("consecutive_5xx", Type::JsonUint, ALWAYS),
    field("max_ejection_percent", Type::JsonUint, ALWAYS),
    field("enforcing_consecutive_5xx", Type::JsonUint, ALWAYS),
    field("enforcing_success_rate", Type::JsonUint, ALWAYS),
    field("success_rate_minimum_hosts", Type::JsonUint, ALWAYS),
    field("success_rate_request_volume", Type::JsonUint, ALWAYS),
    field("success_rate_stdev_factor", Type::JsonUint, ALWAYS),
    field("consecutive_gateway_failure", Type::JsonUint, ALWAYS),
    field("enforcing_consecutive_gateway_failure", Type::JsonUint, ALWAYS),
    field("consecutive_local_origin_failure", Type::JsonUint, ALWAYS),
    field("enforcing_consecutive_local_origin_failure", Type::JsonUint, ALWAYS),
    field("enforcing_local_origin_success_rate", Type::JsonUint, ALWAYS),
    field("failure_percentage_threshold", Type::JsonUint, ALWAYS),
    field("enforcing_failure_percentage", Type::JsonUint, ALWAYS),
    field("enforcing_failure_percentage_local_origin", Type::JsonUint, ALWAYS),
    field("failure_percentage_minimum_hosts", Type::JsonUint, ALWAYS),
    field("failure_percentage_request_volume", Type::JsonUint, ALWAYS),
    field("interval", Type::Duration, ALWAYS),
    field("base_ejection_time", Type::Duration, ALWAYS),
    field("max_ejection_time", Type::Duration, ALWAYS),
    field("max_ejection_time_jitter", Type::Duration, ALWAYS),
    field("split_external_local_origin_errors", Type::Flag, ALWAYS),
    field("successful_active_health_check_uneject_host", Type::JsonFlag, ALWAYS),
    field("always_eject_one_host", Type::JsonFlag, ALWAYS),
]);

/// A message of which no more is known here.
static ANY_MESSAGE: Object = Object::of(&[]);

/// What releases before v0.32 read of a route as Envoy's cluster, as far as it is known here.
pub(in crate::config) static CLUSTER: Object = Object::of(&[
    field("health_checks", Type::List(&Type::Message(&HEALTH_CHECK)), ALWAYS),
    field("load_balancing_policy", Type::Message(&ANY_MESSAGE), ALWAYS),
    field("outlier_detection", Type::Message(&OUTLIER_DETECTION), ALWAYS),
]);

/// A Go type whose only field is private.
pub(super) static GROUPS_FILTER: Object = Object::of(&[]);

/// A protobuf message that mapstructure fills by its Go names.
pub(super) static CERTIFICATE_DATA: Object = Object::of(&[
    secret("CertBytes", Type::Unchecked, ALWAYS),
    secret("KeyBytes", Type::Unchecked, ALWAYS),
    field("Id", TEXT, ALWAYS),
]);
