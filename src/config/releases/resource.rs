//! The fields that `spec` of the `Pomerium` resource has in each release.
//!
//! From `config/crd/bases/ingress.pomerium.io_pomerium.yaml` of pomerium/ingress-controller, v0.18.0 to v0.33.1, and the release
//! notes of v0.34.0. Below a field without rows of its own anything may stand, as far as its type admits it.

use super::version::PomeriumVersion;

/// What a field takes. No release has ever changed that, but for the names of the providers.
#[derive(Clone, Copy)]
pub(in crate::config) enum Kind {
    Flag,
    /// A whole number.
    Whole,
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of [`provider_names`].
    Provider,
    /// A text that begins with `https://`.
    Https,
    /// A list of texts.
    Texts,
    /// Texts by names of the user's own.
    TextMap,
    /// Flags by names.
    FlagMap,
    /// Further fields.
    Object,
    /// It is known by its name alone.
    Unknown,
}

use Kind::{Flag, FlagMap, Https, Object, OneOf, Provider, Text, TextMap, Texts, Unknown, Whole};

/// A field by its path, the minor and patch numbers of the release that added it, and what it takes.
#[rustfmt::skip]
const FIELDS: [(&str, (u16, u16), Kind); 103] = [
    ("accessLogFields", (23, 0), Texts),
    ("allowUpgrades", (33, 0), Texts),
    ("authenticate", (18, 0), Object),
    ("authenticate.callbackPath", (18, 0), Text),
    ("authenticate.url", (18, 0), Https),
    ("authorizeLogFields", (23, 0), Texts),
    ("bearerTokenFormat", (29, 0), OneOf(&["default", "idp_access_token", "idp_identity_token"])),
    ("caSecrets", (21, 2), Texts),
    ("certificateAutoProvision", (33, 0), Object),
    ("certificateAutoProvision.clusterIssuer", (33, 0), Text),
    ("certificateAutoProvision.issuer", (33, 0), Text),
    ("certificates", (18, 0), Texts),
    ("circuitBreakerThresholds", (30, 0), Object),
    ("circuitBreakerThresholds.maxConnectionPools", (30, 0), Whole),
    ("circuitBreakerThresholds.maxConnections", (30, 0), Whole),
    ("circuitBreakerThresholds.maxPendingRequests", (30, 0), Whole),
    ("circuitBreakerThresholds.maxRequests", (30, 0), Whole),
    ("circuitBreakerThresholds.maxRetries", (30, 0), Whole),
    ("codecType", (29, 0), OneOf(&["auto", "http1", "http2", "http3"])),
    ("cookie", (20, 0), Object),
    ("cookie.domain", (20, 0), Text),
    ("cookie.expire", (20, 0), Text),
    ("cookie.httpOnly", (20, 0), Flag),
    ("cookie.name", (20, 0), Text),
    ("cookie.sameSite", (23, 0), OneOf(&["strict", "lax", "none"])),
    ("cookie.secure", (20, 0), Flag),
    ("dataBroker", (31, 0), Object),
    ("dataBroker.clusterLeaderId", (31, 0), Text),
    ("dns", (30, 5), Object),
    ("dns.failureRefreshRate", (30, 6), Text),
    ("dns.lookupFamily", (30, 5), OneOf(&["auto", "v4_only", "v6_only", "v4_preferred", "all"])),
    ("dns.queryTimeout", (30, 5), Text),
    ("dns.queryTries", (30, 5), Whole),
    ("dns.refreshRate", (30, 6), Text),
    ("dns.udpMaxQueries", (30, 5), Whole),
    ("dns.useTcp", (30, 5), Flag),
    ("downstreamMtls", (30, 0), Object),
    ("downstreamMtls.ca", (30, 0), Text),
    ("downstreamMtls.crl", (30, 0), Text),
    ("downstreamMtls.enforcement", (30, 0), OneOf(&["policy_with_default_deny", "policy", "reject_connection"])),
    ("downstreamMtls.matchSubjectAltNames", (30, 0), Object),
    ("downstreamMtls.matchSubjectAltNames.dns", (30, 0), Text),
    ("downstreamMtls.matchSubjectAltNames.email", (30, 0), Text),
    ("downstreamMtls.matchSubjectAltNames.ipAddress", (30, 0), Text),
    ("downstreamMtls.matchSubjectAltNames.uri", (30, 0), Text),
    ("downstreamMtls.matchSubjectAltNames.userPrincipalName", (30, 0), Text),
    ("downstreamMtls.maxVerifyDepth", (30, 0), Whole),
    ("envoyDynamicExtensions", (33, 0), Texts),
    ("headersWithUnderscoresAction", (33, 1), OneOf(&["allow", "reject_request", "drop_header"])),
    ("identityProvider", (18, 0), Object),
    ("identityProvider.provider", (18, 0), Provider),
    ("identityProvider.refreshDirectory", (18, 0), Object),
    ("identityProvider.refreshDirectory.interval", (18, 0), Text),
    ("identityProvider.refreshDirectory.timeout", (18, 0), Text),
    ("identityProvider.requestParams", (18, 0), TextMap),
    ("identityProvider.requestParamsSecret", (18, 0), Text),
    ("identityProvider.scopes", (18, 0), Texts),
    ("identityProvider.secret", (18, 0), Text),
    ("identityProvider.serviceAccountFromSecret", (18, 0), Text),
    ("identityProvider.url", (18, 0), Https),
    ("identityProviders", (34, 0), Unknown),
    ("idpAccessTokenAllowedAudiences", (29, 0), Texts),
    ("jwtClaimHeaders", (20, 0), TextMap),
    ("mcpAllowedAsMetadataDomains", (33, 0), Texts),
    ("mcpAllowedClientIdDomains", (32, 0), Texts),
    ("mergeSlashes", (33, 1), Flag),
    ("normalizePath", (33, 1), Flag),
    ("otel", (29, 0), Object),
    ("otel.bspMaxExportBatchSize", (29, 0), Whole),
    ("otel.bspScheduleDelay", (29, 0), Text),
    ("otel.endpoint", (29, 0), Text),
    ("otel.headers", (29, 0), TextMap),
    ("otel.logLevel", (29, 0), OneOf(&["trace", "debug", "info", "warn", "error"])),
    ("otel.protocol", (29, 0), OneOf(&["grpc", "http/protobuf"])),
    ("otel.resourceAttributes", (29, 0), TextMap),
    ("otel.sampling", (29, 0), Text),
    ("otel.timeout", (29, 0), Text),
    ("passIdentityHeaders", (25, 0), Flag),
    ("pathWithEscapedSlashesAction", (33, 1), OneOf(&["keep_unchanged", "reject_request", "unescape_and_redirect", "unescape_and_forward"])),
    ("programmaticRedirectDomains", (22, 0), Texts),
    ("runtimeFlags", (26, 2), FlagMap),
    ("secrets", (18, 0), Text),
    ("setResponseHeaders", (22, 0), TextMap),
    ("ssh", (30, 0), Object),
    ("ssh.hostKeySecrets", (30, 0), Texts),
    ("ssh.userCaKeySecret", (30, 0), Text),
    ("storage", (18, 0), Object),
    ("storage.file", (31, 0), Object),
    ("storage.file.path", (31, 0), Text),
    ("storage.postgres", (18, 0), Object),
    ("storage.postgres.caSecret", (18, 0), Text),
    ("storage.postgres.secret", (18, 0), Text),
    ("storage.postgres.tlsSecret", (18, 0), Text),
    ("storage.redis", (18, 0), Object),
    ("storage.redis.caSecret", (18, 0), Text),
    ("storage.redis.secret", (18, 0), Text),
    ("storage.redis.tlsSecret", (18, 0), Text),
    ("storage.redis.tlsSkipVerify", (18, 0), Flag),
    ("timeouts", (23, 0), Object),
    ("timeouts.idle", (23, 0), Text),
    ("timeouts.read", (23, 0), Text),
    ("timeouts.write", (23, 0), Text),
    ("useProxyProtocol", (23, 0), Flag),
];

/// Fields that are gone, and the release that removed them.
const REMOVED: [(&str, (u16, u16)); 3] =
    [("authenticate.callbackPath", (31, 0)), ("cookie.secure", (26, 0)), ("storage.redis", (25, 0))];

/// The release that added `cognito`, `apple` and `hosted`, and the rules that join fields.
pub(in crate::config) const JOINED: PomeriumVersion = PomeriumVersion(0, 33, 0);

/// The providers that the resource of a release takes.
pub(in crate::config) fn provider_names(version: PomeriumVersion) -> &'static [&'static str] {
    match version {
        version if version >= JOINED => &[
            "apple", "auth0", "azure", "cognito", "github", "gitlab", "google", "hosted", "oidc", "okta", "onelogin",
            "ping",
        ],
        version if version >= PomeriumVersion(0, 22, 0) => {
            &["auth0", "azure", "github", "gitlab", "google", "oidc", "okta", "onelogin", "ping"]
        }
        _ => &["auth0", "azure", "google", "okta", "onelogin", "oidc", "ping", "github"],
    }
}

/// What a release makes of a field.
pub(in crate::config) enum State {
    Known,
    /// A later release knows it.
    Since(PomeriumVersion),
    /// An earlier one knew it.
    Until(PomeriumVersion),
    Unknown,
}

/// What a release makes of the field at this path.
pub(in crate::config) fn state(path: &str, version: PomeriumVersion) -> State {
    let release = |(minor, patch): (u16, u16)| PomeriumVersion(0, minor, patch);
    let added = FIELDS.iter().find(|(known, ..)| *known == path).map(|(_, added, _)| release(*added));
    let removed = REMOVED.iter().find(|(known, _)| *known == path).map(|(_, removed)| release(*removed));
    match (added, removed) {
        (None, _) => State::Unknown,
        (_, Some(removed)) if version >= removed => State::Until(removed),
        (Some(added), _) if version < added && added > OLDEST => State::Since(added),
        _ => State::Known,
    }
}

/// What the field at this path takes, if there is one.
pub(in crate::config) fn kind(path: &str) -> Option<Kind> {
    FIELDS.iter().find(|(known, ..)| *known == path).map(|(.., kind)| *kind)
}

/// The first release of the table; what it has may be older.
const OLDEST: PomeriumVersion = PomeriumVersion(0, 18, 0);

/// The field behind a path, if the field stands directly below it.
fn child<'p>(path: &'p str, parent: &str) -> Option<&'p str> {
    let rest = if parent.is_empty() { path } else { path.strip_prefix(parent)?.strip_prefix('.')? };
    (!rest.contains('.')).then_some(rest)
}

/// Whether the fields below this one are known.
pub(in crate::config) fn has_fields(path: &str) -> bool {
    FIELDS.iter().any(|(known, ..)| child(known, path).is_some())
}

/// The names of the fields that a release has directly below another, or below `spec`.
pub(in crate::config) fn children(parent: &str, version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    let known = FIELDS.iter().filter(move |(known, ..)| matches!(state(known, version), State::Known));
    known.filter_map(move |(known, ..)| child(known, parent))
}

/// The paths of all fields that a release has further below another, from there on: below `spec`, `authenticate.url`.
pub(in crate::config) fn below(parent: &str, version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    let known = FIELDS.iter().filter(move |(known, ..)| matches!(state(known, version), State::Known));
    let rest = move |known: &'static str| {
        if parent.is_empty() { Some(known) } else { known.strip_prefix(parent)?.strip_prefix('.') }
    };
    known.filter_map(move |(known, ..)| rest(known)).filter(|rest| rest.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_parent_and_every_removed_one_was_there() {
        for (path, ..) in FIELDS {
            let parent = path.rsplit_once('.').map(|(parent, _)| parent);
            assert!(parent.is_none_or(|parent| matches!(kind(parent), Some(Object))), "{path}");
        }
        for (path, removed) in REMOVED {
            assert!(FIELDS.iter().any(|(known, added, _)| *known == path && *added < removed), "{path}");
        }
    }
}
