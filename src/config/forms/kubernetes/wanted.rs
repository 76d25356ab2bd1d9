//! What a `Secret` must be that an annotation or the `Pomerium` resource names: its type, and the keys that are read from it.

use super::objects::{OPAQUE, Objects, Store, StoreKind};
use crate::config::text::Span;

/// What is wanted of a `Secret`.
pub(super) struct Wanted {
    /// The type, if only one will do.
    pub(super) kind: Option<&'static str>,
    /// The keys of which it needs all, or one.
    pub(super) keys: Keys,
}

pub(super) enum Keys {
    All(&'static [&'static str]),
    Any(&'static [&'static str]),
}

pub(super) const TLS: &str = "kubernetes.io/tls";

/// What the `Secret` of an annotation must be (`applySecretAnnotations` and `applyTLSAnnotations` of
/// `pomerium/ingress_annotations.go`). The token of a service account is put in by the cluster.
pub(super) fn of_annotation(name: &str) -> Option<Wanted> {
    let (kind, keys) = match name {
        "identity_provider_secret" | "set_request_headers_secret" | "set_response_headers_secret" => {
            (Some(OPAQUE), Keys::All(&[]))
        }
        "kubernetes_service_account_token_secret" => (Some("kubernetes.io/service-account-token"), Keys::All(&[])),
        "mcp_server_upstream_oauth2_secret" => (Some(OPAQUE), Keys::Any(&["client_id", "client_secret"])),
        "tls_client_secret" => (None, Keys::All(&["tls.crt", "tls.key"])),
        "tls_custom_ca_secret" | "tls_downstream_client_ca_secret" => (None, Keys::All(&["ca.crt"])),
        _ => return None,
    };
    Some(Wanted { kind, keys })
}

/// Why a `Secret` that is written here will not do: in the controller's words, and what to do about it.
pub(super) fn objection(
    objects: &Objects<'_>,
    namespace: Option<&str>,
    name: &str,
    near: Span,
    wanted: &Wanted,
) -> Option<(String, String)> {
    let store = objects.store(StoreKind::Secret, namespace, name, near)?;
    let kind = store.secret_type.as_deref()?;
    if let Some(wanted) = wanted.kind.filter(|wanted| *wanted != kind) {
        let words = format!("secret is expected to have type {wanted}, got {kind}");
        return Some((words, format!("make the Secret {name} one of `type: {wanted}`")));
    }
    let has = |key: &&str| store.data.iter().any(|datum| datum.key == **key);
    let (lacking, others) = match wanted.keys {
        Keys::All(keys) => (keys.iter().find(|key| !has(key)), ""),
        Keys::Any(keys) => (keys.first().filter(|_| !keys.iter().any(has)), " or another of its keys"),
    };
    let lacking = lacking.filter(|_| is_whole(objects, store))?;
    Some((format!("secret must have {lacking} key"), format!("give the Secret {name} the key `{lacking}`{others}")))
}

/// Whether all of its keys are written here. What stands empty in a file is there to be filled by somebody.
fn is_whole(objects: &Objects<'_>, store: &Store) -> bool {
    !store.is_partial && (!store.data.is_empty() || objects.listed.is_some())
}
