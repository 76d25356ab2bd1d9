//! The fields that `spec` of the `Pomerium` resource has in each release.
//!
//! From `config/crd/bases/ingress.pomerium.io_pomerium.yaml` of pomerium/ingress-controller, v0.18.0 to v0.33.1, and the release
//! notes of v0.34.0. Below a field without rows of its own anything may stand, as far as its type admits it.

use super::version::PomeriumVersion;

/// A field by its path, and the minor and patch numbers of the release that added it.
const FIELDS: [(&str, (u16, u16)); 103] = [
    ("accessLogFields", (23, 0)),
    ("allowUpgrades", (33, 0)),
    ("authenticate", (18, 0)),
    ("authenticate.callbackPath", (18, 0)),
    ("authenticate.url", (18, 0)),
    ("authorizeLogFields", (23, 0)),
    ("bearerTokenFormat", (29, 0)),
    ("caSecrets", (21, 2)),
    ("certificateAutoProvision", (33, 0)),
    ("certificateAutoProvision.clusterIssuer", (33, 0)),
    ("certificateAutoProvision.issuer", (33, 0)),
    ("certificates", (18, 0)),
    ("circuitBreakerThresholds", (30, 0)),
    ("circuitBreakerThresholds.maxConnectionPools", (30, 0)),
    ("circuitBreakerThresholds.maxConnections", (30, 0)),
    ("circuitBreakerThresholds.maxPendingRequests", (30, 0)),
    ("circuitBreakerThresholds.maxRequests", (30, 0)),
    ("circuitBreakerThresholds.maxRetries", (30, 0)),
    ("codecType", (29, 0)),
    ("cookie", (20, 0)),
    ("cookie.domain", (20, 0)),
    ("cookie.expire", (20, 0)),
    ("cookie.httpOnly", (20, 0)),
    ("cookie.name", (20, 0)),
    ("cookie.sameSite", (23, 0)),
    ("cookie.secure", (20, 0)),
    ("dataBroker", (31, 0)),
    ("dataBroker.clusterLeaderId", (31, 0)),
    ("dns", (30, 5)),
    ("dns.failureRefreshRate", (30, 6)),
    ("dns.lookupFamily", (30, 5)),
    ("dns.queryTimeout", (30, 5)),
    ("dns.queryTries", (30, 5)),
    ("dns.refreshRate", (30, 6)),
    ("dns.udpMaxQueries", (30, 5)),
    ("dns.useTcp", (30, 5)),
    ("downstreamMtls", (30, 0)),
    ("downstreamMtls.ca", (30, 0)),
    ("downstreamMtls.crl", (30, 0)),
    ("downstreamMtls.enforcement", (30, 0)),
    ("downstreamMtls.matchSubjectAltNames", (30, 0)),
    ("downstreamMtls.matchSubjectAltNames.dns", (30, 0)),
    ("downstreamMtls.matchSubjectAltNames.email", (30, 0)),
    ("downstreamMtls.matchSubjectAltNames.ipAddress", (30, 0)),
    ("downstreamMtls.matchSubjectAltNames.uri", (30, 0)),
    ("downstreamMtls.matchSubjectAltNames.userPrincipalName", (30, 0)),
    ("downstreamMtls.maxVerifyDepth", (30, 0)),
    ("envoyDynamicExtensions", (33, 0)),
    ("headersWithUnderscoresAction", (33, 1)),
    ("identityProvider", (18, 0)),
    ("identityProvider.provider", (18, 0)),
    ("identityProvider.refreshDirectory", (18, 0)),
    ("identityProvider.refreshDirectory.interval", (18, 0)),
    ("identityProvider.refreshDirectory.timeout", (18, 0)),
    ("identityProvider.requestParams", (18, 0)),
    ("identityProvider.requestParamsSecret", (18, 0)),
    ("identityProvider.scopes", (18, 0)),
    ("identityProvider.secret", (18, 0)),
    ("identityProvider.serviceAccountFromSecret", (18, 0)),
    ("identityProvider.url", (18, 0)),
    ("identityProviders", (34, 0)),
    ("idpAccessTokenAllowedAudiences", (29, 0)),
    ("jwtClaimHeaders", (20, 0)),
    ("mcpAllowedAsMetadataDomains", (33, 0)),
    ("mcpAllowedClientIdDomains", (32, 0)),
    ("mergeSlashes", (33, 1)),
    ("normalizePath", (33, 1)),
    ("otel", (29, 0)),
    ("otel.bspMaxExportBatchSize", (29, 0)),
    ("otel.bspScheduleDelay", (29, 0)),
    ("otel.endpoint", (29, 0)),
    ("otel.headers", (29, 0)),
    ("otel.logLevel", (29, 0)),
    ("otel.protocol", (29, 0)),
    ("otel.resourceAttributes", (29, 0)),
    ("otel.sampling", (29, 0)),
    ("otel.timeout", (29, 0)),
    ("passIdentityHeaders", (25, 0)),
    ("pathWithEscapedSlashesAction", (33, 1)),
    ("programmaticRedirectDomains", (22, 0)),
    ("runtimeFlags", (26, 2)),
    ("secrets", (18, 0)),
    ("setResponseHeaders", (22, 0)),
    ("ssh", (30, 0)),
    ("ssh.hostKeySecrets", (30, 0)),
    ("ssh.userCaKeySecret", (30, 0)),
    ("storage", (18, 0)),
    ("storage.file", (31, 0)),
    ("storage.file.path", (31, 0)),
    ("storage.postgres", (18, 0)),
    ("storage.postgres.caSecret", (18, 0)),
    ("storage.postgres.secret", (18, 0)),
    ("storage.postgres.tlsSecret", (18, 0)),
    ("storage.redis", (18, 0)),
    ("storage.redis.caSecret", (18, 0)),
    ("storage.redis.secret", (18, 0)),
    ("storage.redis.tlsSecret", (18, 0)),
    ("storage.redis.tlsSkipVerify", (18, 0)),
    ("timeouts", (23, 0)),
    ("timeouts.idle", (23, 0)),
    ("timeouts.read", (23, 0)),
    ("timeouts.write", (23, 0)),
    ("useProxyProtocol", (23, 0)),
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
    let release = |table: &[(&str, (u16, u16))]| {
        let row = table.iter().find(|(known, _)| *known == path);
        row.map(|(_, (minor, patch))| PomeriumVersion(0, *minor, *patch))
    };
    match (release(&FIELDS), release(&REMOVED)) {
        (None, _) => State::Unknown,
        (_, Some(removed)) if version >= removed => State::Until(removed),
        (Some(added), _) if version < added && added > OLDEST => State::Since(added),
        _ => State::Known,
    }
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
    FIELDS.iter().any(|(known, _)| child(known, path).is_some())
}

/// The names of the fields that a release has directly below another, or below `spec`.
pub(in crate::config) fn children(parent: &str, version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    let known = FIELDS.iter().filter(move |(known, _)| matches!(state(known, version), State::Known));
    known.filter_map(move |(known, _)| child(known, parent))
}

/// The paths of all fields that a release has further below another, from there on: below `spec`, `authenticate.url`.
pub(in crate::config) fn below(parent: &str, version: PomeriumVersion) -> impl Iterator<Item = &'static str> {
    let known = FIELDS.iter().filter(move |(known, _)| matches!(state(known, version), State::Known));
    let rest = move |known: &'static str| {
        if parent.is_empty() { Some(known) } else { known.strip_prefix(parent)?.strip_prefix('.') }
    };
    known.filter_map(move |(known, _)| rest(known)).filter(|rest| rest.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_its_parent_and_every_removed_one_was_there() {
        for (path, _) in FIELDS {
            let parent = path.rsplit_once('.').map(|(parent, _)| parent);
            assert!(parent.is_none_or(|parent| FIELDS.iter().any(|(known, _)| *known == parent)), "{path}");
        }
        for (path, removed) in REMOVED {
            assert!(FIELDS.iter().any(|(known, added)| *known == path && *added < removed), "{path}");
        }
    }
}
