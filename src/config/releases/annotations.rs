//! The annotations of an `Ingress` that the ingress controller reads, release by release.
//!
//! From `pomerium/ingress_annotations.go` and `model/ingress_config.go` of pomerium/ingress-controller, v0.15.0 to v0.33.1. What
//! v0.34.0 added is known from its release notes (pull requests 1516 and 1522).

use super::version::PomeriumVersion;

/// An annotation, by its name behind `ingress.pomerium.io/`.
pub(in crate::config) struct Annotation {
    name: &'static str,
    /// It is a field of a route under the same name. The others are read elsewhere or name a `Secret`: no login hangs on them.
    pub(in crate::config) is_field: bool,
    since: (u16, u16),
    until: Option<(u16, u16)>,
}

/// What a release makes of an annotation.
pub(in crate::config) enum State {
    Known(&'static Annotation),
    /// A later release knows it.
    Since(PomeriumVersion),
    /// An earlier one knew it.
    Until(PomeriumVersion),
    Unknown,
}

/// What a release makes of the annotation of this name.
pub(in crate::config) fn state(name: &str, version: PomeriumVersion) -> State {
    let release = |(minor, patch): (u16, u16)| PomeriumVersion(0, minor, patch);
    let Some(known) = ALL.iter().find(|annotation| annotation.name == name) else { return State::Unknown };
    match known.until.map(release) {
        Some(until) if version >= until => State::Until(until),
        _ if version < release(known.since) => State::Since(release(known.since)),
        _ => State::Known(known),
    }
}

/// The annotations that a release knows.
pub(in crate::config) fn names(version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|annotation| annotation.name).filter(move |name| matches!(state(name, version), State::Known(_)))
}

const fn field(name: &'static str, since: (u16, u16)) -> Annotation {
    Annotation { name, is_field: true, since, until: None }
}

const fn other(name: &'static str, since: (u16, u16)) -> Annotation {
    Annotation { name, is_field: false, since, until: None }
}

const fn gone(name: &'static str, since: (u16, u16), until: (u16, u16)) -> Annotation {
    Annotation { name, is_field: false, since, until: Some(until) }
}

/// The first release that this table tells from others.
const FIRST: (u16, u16) = (15, 0);

static ALL: &[Annotation] = &[
    field("allow_any_authenticated_user", FIRST),
    field("allow_public_unauthenticated_access", FIRST),
    field("allow_spdy", (15, 2)),
    field("allow_upgrades", (33, 0)),
    field("allow_websockets", FIRST),
    field("allowed_domains", FIRST),
    field("allowed_idp_claims", FIRST),
    field("allowed_users", FIRST),
    field("bearer_token_format", (29, 0)),
    field("circuit_breaker_thresholds", (30, 0)),
    field("cors_allow_preflight", FIRST),
    field("depends_on", (30, 0)),
    field("description", (29, 0)),
    field("enable_google_cloud_serverless_authentication", (33, 0)),
    field("health_checks", FIRST),
    field("healthy_panic_threshold", (30, 4)),
    field("host_path_regex_rewrite_pattern", (15, 1)),
    field("host_path_regex_rewrite_substitution", (15, 1)),
    field("host_rewrite", (15, 1)),
    field("host_rewrite_header", (15, 1)),
    field("identity_providers", (34, 0)),
    field("idle_timeout", FIRST),
    field("idp_access_token_allowed_audiences", (29, 0)),
    field("load_balancing_policy", (32, 0)),
    field("logo_url", (29, 0)),
    field("name", (31, 0)),
    field("outlier_detection", FIRST),
    field("pass_identity_headers", FIRST),
    field("policy", FIRST),
    field("prefix_rewrite", (17, 2)),
    field("preserve_host_header", FIRST),
    field("regex_rewrite_pattern", (17, 2)),
    field("regex_rewrite_substitution", (17, 2)),
    field("remove_request_headers", FIRST),
    field("rewrite_response_headers", FIRST),
    field("set_request_headers", FIRST),
    field("set_response_headers", FIRST),
    field("timeout", FIRST),
    field("tls_skip_verify", FIRST),
    gone("allowed_groups", FIRST, (20, 0)),
    gone("lb_config", FIRST, (16, 1)),
    gone("lb_policy", (16, 1), (32, 0)),
    gone("least_request_lb_config", (16, 1), (32, 0)),
    gone("maglev_lb_config", (16, 1), (32, 0)),
    gone("ring_hash_lb_config", (16, 1), (32, 0)),
    other("h2c_upstream", (34, 0)),
    other("identity_provider_secret", (32, 0)),
    other("kubernetes_service_account_token_secret", (17, 2)),
    other("mcp_client", (30, 0)),
    other("mcp_server", (30, 0)),
    other("mcp_server_authorization_server_url", (33, 0)),
    other("mcp_server_max_request_bytes", (30, 0)),
    other("mcp_server_path", (31, 0)),
    other("mcp_server_upstream_oauth2_auth_style", (33, 0)),
    other("mcp_server_upstream_oauth2_auth_url", (31, 0)),
    other("mcp_server_upstream_oauth2_authorization_url_params", (33, 0)),
    other("mcp_server_upstream_oauth2_scopes", (30, 0)),
    other("mcp_server_upstream_oauth2_secret", (30, 0)),
    other("mcp_server_upstream_oauth2_token_url", (30, 0)),
    other("path_regex", (15, 3)),
    other("secure_upstream", FIRST),
    other("service_proxy_upstream", (16, 1)),
    other("set_request_headers_secret", (17, 2)),
    other("set_response_headers_secret", (17, 2)),
    other("ssh_upstream", (33, 0)),
    other("subtle_allow_empty_host", (26, 0)),
    other("tcp_upstream", (17, 2)),
    other("tls_client_secret", FIRST),
    other("tls_custom_ca_secret", FIRST),
    other("tls_downstream_client_ca_secret", FIRST),
    other("tls_server_name", FIRST),
    other("udp_upstream", (29, 0)),
    other("upstream_tunnel", (33, 0)),
    other("upstream_tunnel_ssh_policy", (33, 0)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_annotation_has_its_releases() {
        let known = |name, version| matches!(state(name, version), State::Known(_));
        for (name, version, expected) in [
            ("mcp_server", PomeriumVersion(0, 28, 0), false),
            ("mcp_server", PomeriumVersion(0, 30, 0), true),
            ("lb_policy", PomeriumVersion(0, 31, 3), true),
            ("lb_policy", PomeriumVersion(0, 32, 0), false),
            ("h2c_upstream", PomeriumVersion(0, 33, 4), false),
            ("h2c_upstream", PomeriumVersion(0, 34, 0), true),
            ("h2c_upstream", PomeriumVersion(0, 40, 0), true),
            ("mcp_sever", PomeriumVersion(0, 40, 0), false),
        ] {
            assert_eq!(known(name, version), expected, "{name} {version}");
        }
    }
}
