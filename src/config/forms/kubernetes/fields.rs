//! The fields of the `Pomerium` resource that its release does not have.

use crate::config::forms::vocabulary::{OF_PROVIDER, nearest, squeezed};
use crate::config::releases::PomeriumVersion;
use crate::config::releases::resource::{self, State};
use crate::config::settings::Rejection;
use crate::config::text::{Entry, Node};

/// The fields that the API server does not know and drops.
pub(super) fn unknown(spec: &Node, version: PomeriumVersion) -> Vec<Rejection> {
    let mut found = Vec::new();
    look(spec, "", version, &mut found);
    found
}

/// Whether a field that is not there was meant by a key that is: one that is nearly its own, or that of something in it.
pub(super) fn is_misspelt(node: &Node, parent: &str, field: &str, version: PomeriumVersion) -> bool {
    node.entries().iter().any(|entry| {
        let is_strange = matches!(state(parent, entry, version), State::Unknown);
        is_strange
            && meant(parent, &entry.key, version).is_some_and(|meant| leads_to(&meant, parent, node) == Some(field))
    })
}

/// The fields without which the API server or the login goes without the rest.
const REQUIRED: [(&str, &[&str]); 3] = [
    ("", &["authenticate", "identityProvider", "secrets"]),
    ("authenticate", &["url"]),
    ("identityProvider", &["provider", "secret", "url"]),
];

/// The required field that is not there, if the path leads to it or into it.
fn leads_to(meant: &str, parent: &str, node: &Node) -> Option<&'static str> {
    let inside = if parent.is_empty() { meant } else { meant.strip_prefix(parent)?.strip_prefix('.')? };
    let first = inside.split('.').next()?;
    let (_, required) = REQUIRED.iter().find(|(of, _)| *of == parent)?;
    required.iter().copied().find(|field| *field == first && node.get(field).is_none())
}

/// What a release makes of a field. The token issuers of `identityProviders` are a list: what has the fields of a provider is one.
fn state(parent: &str, entry: &Entry, version: PomeriumVersion) -> State {
    let is_provider = || ["provider", "url", "secret"].iter().any(|field| entry.value.get(field).is_some());
    match resource::state(&below(parent, &entry.key), version) {
        _ if parent.is_empty() && entry.key == "identityProviders" && is_provider() => State::Unknown,
        state => state,
    }
}

fn look(node: &Node, parent: &str, version: PomeriumVersion, found: &mut Vec<Rejection>) {
    let first = found.len();
    for entry in node.entries() {
        let path = below(parent, &entry.key);
        let (meant, lines) = match state(parent, entry, version) {
            State::Known if resource::has_fields(&path) => {
                look(&entry.value, &path, version, found);
                continue;
            }
            State::Known => continue,
            State::Since(release) => (None, vec![format!("ingress controller {release} or newer has it")]),
            State::Until(release) => (None, vec![format!("delete it: it is gone since {release}")]),
            State::Unknown => {
                let meant = meant(parent, &entry.key, version);
                let lines = cure(parent, &entry.key, meant.as_deref());
                (meant, lines)
            }
        };
        let words = format!("unknown field \"spec.{path}\"");
        // The id and the secret of a client are one mistake, told as the API server tells both.
        let same = found.iter_mut().skip(first).find(|told| is_of_client(parent, &entry.key) && told.fix == lines);
        if let Some(told) = same {
            told.words = format!("{}, {words}", told.words);
            continue;
        }
        // Without one of these there is no login.
        let is_required = meant.is_some_and(|meant| leads_to(&meant, parent, node).is_some());
        let rejection = Rejection::pruned(entry.key_span, words).stops_login_if(is_required);
        found.push(lines.into_iter().fold(rejection, Rejection::fix));
    }
}

fn below(parent: &str, key: &str) -> String {
    if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
}

/// Whether a key is meant to hold what stands in the `Secret` of the provider.
fn is_of_client(parent: &str, key: &str) -> bool {
    parent == "identityProvider" && ["clientid", "clientsecret"].contains(&squeezed(key).as_str())
}

/// The field that was probably meant, by its path.
fn meant(parent: &str, key: &str, version: PomeriumVersion) -> Option<String> {
    if is_of_client(parent, key) {
        return Some("identityProvider.secret".to_owned());
    }
    let name = squeezed(key);
    // `authenticateUrl` is near `authenticate`, and means what stands below it.
    if let Some(meant) = resource::below(parent, version).find(|meant| squeezed(&meant.replace('.', "")) == name) {
        return Some(below(parent, meant));
    }
    let meanings: &[&[(&str, &str)]] = match parent {
        "" => &[&OF_SPEC],
        // What runs the login is no provider, but has an address as well.
        "authenticate" => &[&OF_AUTHENTICATE, &OF_PROVIDER],
        "identityProvider" => &[&OF_PROVIDER, &OF_SECRET],
        _ => &[],
    };
    let known = |field: &&'static str| resource::children(parent, version).any(|known| known == *field);
    let mut meanings = meanings.iter().copied().flatten().filter(|(other, _)| *other == name).map(|(_, meant)| *meant);
    let near = || nearest(resource::children(parent, version), key);
    meanings.find(known).or_else(near).map(|field| below(parent, field))
}

/// How to write what was probably meant.
fn cure(parent: &str, key: &str, meant: Option<&str>) -> Vec<String> {
    let path = below(parent, key);
    let Some(meant) = meant else { return vec![format!("delete it: the resource has no field `{path}`")] };
    if is_of_client(parent, key) {
        return vec![
            "the app client's id and secret stand in a Secret; name it here: secret: pomerium/idp".to_owned(),
            "kubectl create secret generic idp --namespace pomerium --from-literal=client_id=… --from-literal=client_secret=…"
                .to_owned(),
        ];
    }
    let (above, last) = meant.rsplit_once('.').unwrap_or(("", meant));
    vec![if above == parent {
        format!("write `{last}` instead of `{key}`")
    } else {
        format!("write it as `{meant}`: `{last}` below `{above}`")
    }]
}

/// What other programs call the parts of the resource.
const OF_SPEC: [(&str, &str); 8] = [
    ("auth", "authenticate"),
    ("authentication", "authenticate"),
    ("authenticator", "authenticate"),
    ("idp", "identityProvider"),
    ("identity", "identityProvider"),
    ("oidc", "identityProvider"),
    ("bootstrap", "secrets"),
    ("bootstrapsecret", "secrets"),
];

/// The same of the address of the authenticate service.
const OF_AUTHENTICATE: [(&str, &str); 5] = [
    ("authenticateurl", "url"),
    ("authenticateserviceurl", "url"),
    ("serviceurl", "url"),
    ("host", "url"),
    ("hostname", "url"),
];

/// What other resources call the name of a `Secret`.
const OF_SECRET: [(&str, &str); 4] =
    [("secretname", "secret"), ("secretref", "secret"), ("existingsecret", "secret"), ("clientsecretname", "secret")];
