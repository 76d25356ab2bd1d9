//! What the API server or the ingress controller refuses of the resources themselves.
//!
//! The schema is that of `config/crd/bases/ingress.pomerium.io_pomerium.yaml` in pomerium/ingress-controller, release by release.

use super::fields;
use super::gateway;
use super::ingress::{annotations, served};
use super::objects::{Object, Objects, StoreKind};
use super::pomerium::GROUP;
use super::types::{self, OIDC};
use crate::config::releases::PomeriumVersion;
use crate::config::releases::resource::JOINED;
use crate::config::settings::Rejection;
use crate::config::text::{Node, Span, Value};

/// What is wrong with the `Pomerium` resource, for a release.
pub(super) fn of_pomerium(resource: &Object<'_>, version: PomeriumVersion) -> Vec<Rejection> {
    let mut check = Check { version, found: Vec::new() };
    let group = resource.group();
    if resource.api_version != format!("{GROUP}/v1") {
        let at = resource.node.get("apiVersion").map_or(resource.node.span, |node| node.span);
        let words = format!("no matches for kind \"Pomerium\" in version \"{}\"", resource.api_version);
        check.found.push(Rejection::by_server(at, words).fix(format!("apiVersion: {GROUP}/v1")));
    }
    debug_assert!(group.contains("pomerium"), "somebody else's kind of the same name");
    match resource.node.get("spec") {
        Some(spec) => check.spec(spec),
        None => check.required(resource.node.span, "spec", "write the fields below `spec:`"),
    }
    check.found
}

struct Check {
    version: PomeriumVersion,
    found: Vec<Rejection>,
}

impl Check {
    fn required(&mut self, at: Span, path: &str, cure: &str) {
        self.found.push(Rejection::by_server(at, format!("{path}: Required value")).fix(cure));
    }

    /// Whether a field is not there, and nothing that says of itself that it was meant for it.
    fn lacks(&self, node: &Node, parent: &str, field: &str) -> bool {
        set(node, field).is_none() && !fields::is_misspelt(node, parent, field, self.version)
    }

    fn spec(&mut self, spec: &Node) {
        self.found.extend(fields::unknown(spec, self.version));
        self.found.extend(types::wrong(spec, self.version));
        let (authenticate, provider) = (set(spec, "authenticate"), set(spec, "identityProvider"));
        if let Some(authenticate) = authenticate {
            self.authenticate(authenticate);
        }
        if let Some(provider) = provider {
            self.provider(provider);
        }
        if self.version >= JOINED {
            let lacks = |missing: &str, given: &str| {
                format!("spec.{missing}: Required value: {missing} is required if {given} is set")
            };
            match (authenticate, provider) {
                (Some(authenticate), None) if !fields::is_misspelt(spec, "", "identityProvider", self.version) => {
                    let words = lacks("identityProvider", "authenticate");
                    self.found.push(
                        Rejection::by_server(key_of(spec, "authenticate", authenticate), words)
                            .fix("identityProvider: { provider: cognito, url: THE ISSUER, secret: NAMESPACE/NAME }"),
                    );
                }
                (None, Some(provider)) if !fields::is_misspelt(spec, "", "authenticate", self.version) => {
                    let words = lacks("authenticate", "identityProvider");
                    self.found.push(
                        Rejection::by_server(key_of(spec, "identityProvider", provider), words)
                            .fix("authenticate: { url: https://authenticate.… }"),
                    );
                }
                _ => {}
            }
        }
        if self.lacks(spec, "", "secrets") {
            let rejection = Rejection::by_server(spec.span, "spec.secrets: Required value");
            self.found
                .push(rejection.fix("secrets: pomerium/bootstrap, the Secret with shared_secret and cookie_secret"));
        }
    }

    fn authenticate(&mut self, authenticate: &Node) {
        if is_object(authenticate) && self.lacks(authenticate, "authenticate", "url") {
            self.required(authenticate.span, "spec.authenticate.url", "url: https://authenticate.…");
        }
    }

    fn provider(&mut self, provider: &Node) {
        if !is_object(provider) {
            return;
        }
        let name = set(provider, "provider");
        if self.lacks(provider, "identityProvider", "provider") {
            let cure = if self.version < JOINED { OIDC } else { "provider: cognito" };
            self.required(provider.span, "spec.identityProvider.provider", cure);
        }
        if self.lacks(provider, "identityProvider", "secret") && name.and_then(Node::text) != Some("hosted") {
            let words = if self.version >= JOINED {
                "spec.identityProvider.secret: Required value: secret is required unless provider is 'hosted'"
            } else {
                "spec.identityProvider.secret: Required value"
            };
            let at = name.map_or(provider.span, |name| name.span);
            self.found.push(
                Rejection::by_server(at, words).fix("secret: pomerium/idp, a Secret with client_id and client_secret"),
            );
        }
    }
}

fn is_object(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}

/// A field that is written and not null.
fn set<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key).filter(|value| value.value != Value::Null)
}

fn key_of(node: &Node, key: &str, value: &Node) -> Span {
    node.entries().iter().find(|entry| entry.key == key).map_or(value.span, |entry| entry.key_span)
}

/// What is wrong with the `Ingress` resources that Pomerium serves.
pub(super) fn of_ingresses(objects: &Objects<'_>, belongs: &dyn Fn(&Object<'_>) -> bool) -> Vec<Rejection> {
    let mut found = Vec::new();
    for ingress in served(objects).filter(|ingress| belongs(ingress)) {
        if ingress.group() == GROUP {
            let at = ingress.node.get("apiVersion").map_or(ingress.node.span, |node| node.span);
            let words = format!("no matches for kind \"Ingress\" in version \"{}\"", ingress.api_version);
            found.push(Rejection::by_server(at, words).fix("apiVersion: networking.k8s.io/v1"));
        }
        if OLD_INGRESS.contains(&ingress.api_version) {
            let rejection = unserved(ingress, "networking.k8s.io/v1");
            found.push(
                rejection.fix("with `service: {name: …, port: {number: …}}` in each `backend`, and a `pathType`"),
            );
        }
        for (name, entry) in annotations(ingress) {
            found.extend(unquoted(&entry.value, &format!("annotation {GROUP}/{name}")));
        }
    }
    found
}

/// Versions of `Ingress` that no Kubernetes has since v1.22
/// (<https://kubernetes.io/docs/reference/using-api/deprecation-guide/#ingress-v122>).
const OLD_INGRESS: [&str; 2] = ["extensions/v1beta1", "networking.k8s.io/v1beta1"];

/// Whether a cluster of old still serves that version, only the cluster knows.
fn unserved(object: &Object<'_>, served: &str) -> Rejection {
    let at = object.node.get("apiVersion").map_or(object.node.span, |node| node.span);
    let words = format!("no matches for kind \"{}\" in version \"{}\"", object.kind, object.api_version);
    Rejection::by_server(at, words).fix(format!("apiVersion: {served}")).doubted_if(true)
}

/// A version of `HTTPRoute` that is not served where the API has the version that the controller watches
/// (`config/crd/standard/gateway.networking.k8s.io_httproutes.yaml` of kubernetes-sigs/gateway-api v1.0).
pub(super) fn of_http_routes(objects: &Objects<'_>, belongs: &dyn Fn(&Object<'_>) -> bool) -> Vec<Rejection> {
    let routes = gateway::served(objects).filter(|route| belongs(route));
    let is_old = |route: &&Object<'_>| route.api_version.contains("/v1alpha");
    routes.filter(is_old).map(|route| unserved(route, "gateway.networking.k8s.io/v1")).collect()
}

/// A version of `PolicyFilter` that is not served, and fields that it does not have (`apis/gateway/v1alpha1/filter_types.go` of pomerium/ingress-controller).
pub(super) fn of_filters(
    objects: &Objects<'_>,
    version: PomeriumVersion,
    belongs: &dyn Fn(&Object<'_>) -> bool,
) -> Vec<Rejection> {
    let filters = objects.all.iter().filter(|object| object.kind == "PolicyFilter" && object.group() == gateway::GROUP);
    let filters: Vec<_> = filters.filter(|filter| belongs(filter)).collect();
    let unserved = filters.iter().filter(|filter| !gateway::is_served(filter)).map(|filter| {
        let at = filter.node.get("apiVersion").map_or(filter.node.span, |node| node.span);
        let words = format!("no matches for kind \"PolicyFilter\" in version \"{}\"", filter.api_version);
        let rejection = Rejection::by_server(at, words).doubted_if(version.is_newer_than_known());
        rejection.fix(format!("apiVersion: {}", gateway::FILTER_VERSION))
    });
    let specs = filters.iter().filter_map(|filter| filter.node.get("spec"));
    let unknown = specs.flat_map(|spec| {
        let is_there = set(spec, "ppl").is_some();
        spec.entries().iter().filter(|entry| entry.key != "ppl").map(move |entry| {
            let words = format!("unknown field \"spec.{}\"", entry.key);
            Rejection::pruned(entry.key_span, words).doubted_if(version.is_newer_than_known()).fix(if is_there {
                "delete it: the policy stands in `ppl`, and there is no other field".to_owned()
            } else {
                format!("write `ppl` instead of `{}`", entry.key)
            })
        })
    });
    unserved.chain(unknown).collect()
}

/// Environment variables without a name, and values that are no strings.
pub(super) fn of_environment(container: &Node) -> Vec<Rejection> {
    let variables = container.list("env");
    let wrong = |variable: &Node| {
        let name = variable.text_at(&["name"]).unwrap_or_default();
        if name.is_empty() && matches!(variable.value, Value::Map(_) | Value::Text(_)) {
            let words = "spec.containers[].env[].name: Required value";
            let rejection = Rejection::by_server(variable.span, words);
            return Some(rejection.fix("write it as `- name: NAME` and `value: …` below it"));
        }
        unquoted(variable.get("value")?, &format!("environment variable {name}"))
    };
    variables.iter().filter_map(wrong).collect()
}

/// A value that YAML reads as something else than the string that it must be.
fn unquoted(value: &Node, of: &str) -> Option<Rejection> {
    if value.text().is_some() || value.value == Value::Null {
        return None;
    }
    let words = format!("the value of {of} must be a string, and this is of type {}", value.value.json_type());
    Some(Rejection::by_server(value.span, words).fix("put quotes around the value"))
}

/// Values of `Secret`s and `ConfigMap`s that the API server cannot take.
pub(super) fn of_stores<'s>(stores: impl Iterator<Item = &'s super::objects::Store>) -> Vec<Rejection> {
    let mut found = Vec::new();
    for store in stores {
        for datum in &store.data {
            let Some(refusal) = &datum.refusal else { continue };
            let kind = store.kind.name();
            let rejection = Rejection::by_server(datum.span, format!("{kind} {}: {refusal}", store.name));
            found.push(if store.kind == StoreKind::Secret && refusal.contains("base64") {
                rejection.fix(
                    "write the value itself under `stringData`, or its base64 under `data`: printf %s VALUE | base64",
                )
            } else {
                rejection
            });
        }
    }
    found
}

/// The document carries a resource of Pomerium's, by its own kind.
pub(super) fn is_pomerium(object: &Object<'_>) -> bool {
    object.kind == "Pomerium" && object.group().contains("pomerium") && object.node.text_at(&["kind"]).is_some()
}
