//! The words by which Pomerium is known as the writer of a line.

use super::texts::Texts;

/// Words that only Pomerium and its libraries write.
static POMERIUM: Texts = Texts::new(&[
    "authenticate.oauthcallback",
    "identity/oidc",
    "httputil: error",
    "internal/urlutil",
    "internal/cryptutil",
    "cryptutil: ",
    "\"server-name\"",
    "allow-why-",
    "cmd/pomerium",
    "\"config-file\"",
    "config: options",
    "config: bad ",
    "cognito provider: ",
    "config option",
    "identity_manager",
    "identity-manager",
    "upstream-cluster",
    "identity: unknown provider",
    "identity: provider",
    "validation error config",
    "deleting session",
    "hpke: error",
    "error creating authenticate service",
    "error redeeming authenticate code",
    "invalid rules in policy",
    "error verifying access token audience",
    "authorize check",
    "invalid csrf token",
    "no csrf cookie",
    "internal/sessions",
    "internal/httputil",
    "pkg/cryptutil",
    "config_file_source",
    "\"service\":\"authorize\"",
    "\"service\":\"authenticate\"",
    "\"service\":\"databroker\"",
    "\"service\":\"proxy\"",
    "\"service\":\"envoy\"",
    "\"service\":\"autocert\"",
    "\"service\":\"controlplane\"",
    " service=authorize",
    " service=authenticate",
    " service=databroker",
    "rejected grpc request",
    "databroker record",
]);

/// Whether a line is in the words of Pomerium or its libraries.
pub(super) fn is_pomerium(lower: &str) -> bool {
    POMERIUM.any_in(lower)
}
