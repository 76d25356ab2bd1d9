//! The fields of the `Pomerium` resource that its release does not have.

use crate::config::forms::vocabulary::{OF_PROVIDER, nearest, squeezed};
use crate::config::releases::PomeriumVersion;
use crate::config::releases::resource::{self, State};
use crate::config::settings::Rejection;
use crate::config::text::Node;

/// The fields that the API server does not know and drops.
pub(super) fn unknown(spec: &Node, version: PomeriumVersion) -> Vec<Rejection> {
    let mut found = Vec::new();
    look(spec, "", version, &mut found);
    found
}

/// Whether a field of the resource is there, under a name that is nearly its own.
pub(super) fn is_misspelt(spec: &Node, field: &str, version: PomeriumVersion) -> bool {
    let is_it = |key: &str| {
        matches!(resource::state(key, version), State::Unknown) && cure("", key, key, version) == [instead(field, key)]
    };
    spec.get(field).is_none() && spec.entries().iter().any(|entry| is_it(&entry.key))
}

fn look(node: &Node, parent: &str, version: PomeriumVersion, found: &mut Vec<Rejection>) {
    for entry in node.entries() {
        let path = below(parent, &entry.key);
        let lines = match resource::state(&path, version) {
            State::Known if resource::has_fields(&path) => {
                look(&entry.value, &path, version, found);
                continue;
            }
            State::Known => continue,
            State::Since(release) => vec![format!("ingress controller {release} or newer has it")],
            State::Until(release) => vec![format!("delete it: it is gone since {release}")],
            State::Unknown => cure(parent, &path, &entry.key, version),
        };
        // Without one of these there is no login.
        let is_meant = |field: &str| node.get(field).is_none() && lines == [instead(field, &entry.key)];
        let is_issuer = match parent {
            "identityProvider" => is_meant("url"),
            "" => is_meant("identityProvider") || is_meant("authenticate"),
            _ => false,
        };
        let rejection = Rejection::pruned(entry.key_span, format!("unknown field \"spec.{path}\""));
        let rejection = rejection.stops_login_if(is_issuer);
        found.push(lines.into_iter().fold(rejection, Rejection::fix));
    }
}

fn below(parent: &str, key: &str) -> String {
    if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
}

fn instead(known: &str, key: &str) -> String {
    format!("write `{known}` instead of `{key}`")
}

/// What was probably meant.
fn cure(parent: &str, path: &str, key: &str, version: PomeriumVersion) -> Vec<String> {
    let name = squeezed(key);
    if parent == "identityProvider" && ["clientid", "clientsecret"].contains(&name.as_str()) {
        return vec![
            "the app client's id and secret stand in a Secret; name it here: secret: pomerium/idp".to_owned(),
            "kubectl create secret generic idp --namespace pomerium --from-literal=client_id=… --from-literal=client_secret=…"
                .to_owned(),
        ];
    }
    // `authenticateUrl` is near `authenticate`, and means what stands below it.
    if let Some(meant) = resource::below(parent, version).find(|meant| squeezed(&meant.replace('.', "")) == name) {
        let whole = below(parent, meant);
        let (above, last) = whole.rsplit_once('.').unwrap_or_default();
        return vec![format!("write it as `{whole}`: `{last}` below `{above}`")];
    }
    let is_it = |(other, _): &&(&str, &str)| parent == "identityProvider" && *other == name;
    let meant = OF_PROVIDER.iter().chain(&OF_SECRET).find(is_it);
    match nearest(resource::children(parent, version), key).or_else(|| meant.map(|(_, meant)| *meant)) {
        Some(known) => vec![instead(known, key)],
        None => vec![format!("delete it: the resource has no field `{path}`")],
    }
}

/// What other resources call the name of a `Secret`.
const OF_SECRET: [(&str, &str); 4] =
    [("secretname", "secret"), ("secretref", "secret"), ("existingsecret", "secret"), ("clientsecretname", "secret")];
