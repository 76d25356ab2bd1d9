//! The `Pomerium` resource of the ingress controller: its fields as options, with the `Secret`s it names.
//!
//! The controller hands them to Pomerium as messages, not as a file, so that map keys keep their letter case
//! (`pomerium/config.go` and `pomerium/ctrl/bootstrap.go` of pomerium/ingress-controller).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::objects::{Further, Lookup, Object, Objects, Store, StoreKind, key_at};
use super::types::is_of_wrong_type;
use super::wanted::{self, Keys, TLS, Wanted};
use crate::config::forms::vocabulary::nearest;
use crate::config::releases::PomeriumVersion;
use crate::config::settings::Rejection;
use crate::config::text::{Entry, Node, Refusal, RefusalKind, Span, Value};
use crate::secret::paste;

/// The group of the resource.
pub(super) const GROUP: &str = "ingress.pomerium.io";

/// Fields that are taken as they are, and the options they become.
const FIELDS: [(&[&str], &str); 26] = [
    (&["authenticate", "url"], "authenticate_service_url"),
    (&["identityProvider", "provider"], "idp_provider"),
    (&["identityProvider", "url"], "idp_provider_url"),
    (&["cookie", "name"], "cookie_name"),
    (&["cookie", "domain"], "cookie_domain"),
    (&["cookie", "httpOnly"], "cookie_http_only"),
    (&["cookie", "expire"], "cookie_expire"),
    (&["cookie", "sameSite"], "cookie_same_site"),
    (&["jwtClaimHeaders"], "jwt_claims_headers"),
    (&["passIdentityHeaders"], "pass_identity_headers"),
    (&["bearerTokenFormat"], "bearer_token_format"),
    (&["idpAccessTokenAllowedAudiences"], "idp_access_token_allowed_audiences"),
    (&["programmaticRedirectDomains"], "programmatic_redirect_domain_whitelist"),
    (&["mcpAllowedClientIdDomains"], "mcp_allowed_client_id_domains"),
    (&["mcpAllowedAsMetadataDomains"], "mcp_allowed_as_metadata_domains"),
    (&["runtimeFlags"], "runtime_flags"),
    (&["setResponseHeaders"], "set_response_headers"),
    (&["accessLogFields"], "access_log_fields"),
    (&["authorizeLogFields"], "authorize_log_fields"),
    (&["useProxyProtocol"], "use_proxy_protocol"),
    (&["codecType"], "codec_type"),
    (&["timeouts", "read"], "timeout_read"),
    (&["timeouts", "write"], "timeout_write"),
    (&["timeouts", "idle"], "timeout_idle"),
    (&["normalizePath"], "normalize_path"),
    (&["mergeSlashes"], "merge_slashes"),
];

/// The Secrets that the resource names besides, each with what the controller calls it: without one of them it takes none of the
/// settings (`controllers/settings/fetch.go`).
const FURTHER: [(&[&str], &str); 10] = [
    (&["caSecrets"], "ca"),
    (&["identityProvider", "serviceAccountFromSecret"], "service account"),
    (&["ssh", "hostKeySecrets"], "error retrieving ssh host key secret"),
    (&["ssh", "userCaKeySecret"], "error retrieving ssh user ca key secret"),
    (&["storage", "postgres", "secret"], "postgres: connection"),
    (&["storage", "postgres", "tlsSecret"], "postgres: tls"),
    (&["storage", "postgres", "caSecret"], "postgres: ca"),
    (&["storage", "redis", "secret"], "redis: connection"),
    (&["storage", "redis", "tlsSecret"], "redis: tls"),
    (&["storage", "redis", "caSecret"], "redis: ca"),
];

/// What the controller applies.
#[derive(Default)]
pub(super) struct Applied {
    /// The options it sets.
    pub(super) options: Vec<Entry>,
    /// What it refuses while it looks up the `Secret`s.
    pub(super) rejections: Vec<Rejection>,
    /// What keeps Pomerium from starting.
    pub(super) start_errors: Vec<Refusal>,
    /// What it sets that stands in a file that is not here.
    pub(super) unread: Vec<String>,
    /// The same for a `Secret` that only the cluster holds.
    pub(super) kept: Vec<String>,
}

/// Reads a `Pomerium` resource and the `Secret`s it names.
pub(super) fn read(resource: &Object<'_>, objects: &Objects<'_>, version: PomeriumVersion) -> Applied {
    let mut reader = Reader { objects, version, applied: Applied::default() };
    if let Some(spec) = resource.node.get("spec") {
        reader.spec(spec);
        reader.further(spec);
    }
    if objects.listed.is_some() && reader.applied.rejections.is_empty() {
        reader.applied.rejections.extend(reported(resource.node));
    }
    reader.applied
}

/// What the controller itself last said of the resource as it stands, if it did not take it (`SettingsRejected`).
fn reported(resource: &Node) -> Option<Rejection> {
    let status = resource.at(&["status", "settingsStatus"])?;
    let is = |key: &str, value: Value| status.get(key).is_some_and(|node| node.value == value);
    let is_of_now = resource
        .at(&["metadata", "generation"])
        .is_none_or(|generation| is("observedGeneration", generation.value.clone()));
    let error = status.get("error").filter(|_| is_of_now && is("reconciled", Value::Flag(false)))?;
    // It repeats what it could not read, which may be a password; so that its line is not shown either, its parent is.
    let at = key_at(resource, &["status", "settingsStatus"]).unwrap_or(error.span);
    Some(Rejection::by_controller(at, &*paste::clean(error.text()?, |_| false)))
}

struct Reader<'a> {
    objects: &'a Objects<'a>,
    /// The release of the controller.
    version: PomeriumVersion,
    applied: Applied,
}

impl Reader<'_> {
    fn spec(&mut self, spec: &Node) {
        for (path, option) in FIELDS {
            let is_taken =
                |node: &&Node| node.value != Value::Null && !is_of_wrong_type(&path.join("."), node, self.version);
            if let Some(node) = spec.at(path).filter(is_taken) {
                self.set(option, node.span, node.clone());
            }
        }
        // An empty list is none: the provider's own scopes apply.
        if let Some(scopes) = spec.at(&["identityProvider", "scopes"]).filter(|list| !list.elements().is_empty()) {
            self.set("idp_scopes", scopes.span, scopes.clone());
        }
        if let Some(provider) = spec.get("identityProvider") {
            self.request_params(provider);
            if provider.text_at(&["provider"]) != Some("hosted") {
                self.client(provider);
            }
        }
        self.bootstrap(spec);
        self.certificates(spec);
    }

    fn set(&mut self, option: &str, key_span: Span, value: Node) {
        self.applied.options.push(Entry { key: option.to_owned(), key_span, value });
    }

    fn reject(&mut self, at: Span, words: String, cure: impl Into<String>) {
        self.applied.rejections.push(Rejection::by_controller(at, words).fix(cure));
    }

    /// The key that is lacking, or the one that is meant for it.
    fn lacking(&self, namespace: &str, name: &str, key: &str, at: Span) -> String {
        let store = self.objects.store(StoreKind::Secret, Some(namespace), name, at);
        let mut others = store.map(|store| store.data.as_slice()).unwrap_or_default().iter();
        match others.find(|other| nearest([key].into_iter(), &other.key).is_some()) {
            Some(other) => format!("in the Secret {namespace}/{name}, write `{key}` instead of `{}`", other.key),
            None => format!("give the Secret {namespace}/{name} a key `{key}`"),
        }
    }

    /// `namespace/name`, as far as it is one.
    fn reference<'n>(&mut self, node: &'n Node) -> Option<(&'n str, &'n str)> {
        let text = node.text()?;
        let parts = text.split_once('/').filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
        if parts.is_none() && crate::config::text::classify(text) == crate::config::text::ValueKind::Literal {
            let words = format!("`{text}` should be namespace/name of a Secret");
            // What is no name may be the secret itself, of which no part is to be read here.
            let is_name = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'));
            let reference = if is_name { format!("pomerium/{text}") } else { "NAMESPACE/NAME".to_owned() };
            self.reject(node.span, words, format!("write its namespace, too: {reference}"));
        }
        parts.filter(|(_, name)| !name.contains('/'))
    }

    /// `client_id` and `client_secret` of the Secret that `identityProvider.secret` names; nothing is trimmed.
    fn client(&mut self, provider: &Node) {
        let Some(secret) = provider.get("secret") else { return };
        let Some((namespace, name)) = self.reference(secret) else { return };
        for (key, option) in [("client_id", "idp_client_id"), ("client_secret", "idp_client_secret")] {
            match self.objects.lookup(StoreKind::Secret, Some(namespace), name, key, secret.span) {
                Lookup::Found(datum) if !datum.text.is_empty() => {
                    let value = Node { value: Value::Text(datum.text.to_string()), span: datum.span };
                    self.set(option, datum.key_span, value);
                }
                Lookup::Found(datum) => {
                    let at = datum.key_span;
                    self.reject(
                        at,
                        format!("idp secret: {key} key is required, and it is empty in {namespace}/{name}"),
                        format!("write the {key} of the app client"),
                    );
                }
                Lookup::NoKey => {
                    let words = format!("idp secret: {key} key is required, and {namespace}/{name} has none");
                    self.reject(secret.span, words, self.lacking(namespace, name, key, secret.span));
                }
                Lookup::NoStore => return self.absent("secret", secret.span, namespace, name),
                Lookup::Unknown => {
                    let value = self.objects.unknown(secret.span, &format!("Secret {namespace}/{name}, key {key}"));
                    self.set(option, secret.span, value);
                }
            }
        }
    }

    /// A Secret that is not there; `what` is what the controller calls it (`controllers/settings/fetch.go`).
    fn absent(&mut self, what: &str, at: Span, namespace: &str, name: &str) {
        let words = format!("{what}: get {namespace}/{name}: Secret \"{name}\" not found");
        self.reject(at, words, format!("create the Secret {namespace}/{name}, or name one that is there"));
    }

    /// The Secrets of which nothing is read here, and which must be there all the same.
    fn further(&mut self, spec: &Node) {
        for (path, what) in FURTHER {
            let Some(node) = spec.at(path) else { continue };
            let named = if let Value::List(all) = &node.value { all.as_slice() } else { std::slice::from_ref(node) };
            // What stands in a list below such a key is not shown: whoever is told of it sees the key.
            let at = key_at(spec, path).unwrap_or(node.span);
            for node in named {
                let Some((namespace, name)) = self.reference(node) else { continue };
                let is_connection = path.first() == Some(&"storage") && path.ends_with(&["secret"]);
                let key = if is_connection { "connection" } else { "" };
                match self.objects.lookup(StoreKind::Secret, Some(namespace), name, key, node.span) {
                    Lookup::NoStore if path.first() == Some(&"ssh") => {
                        self.absent(&format!("{what} ({namespace}/{name})"), at, namespace, name);
                    }
                    Lookup::NoStore => self.absent(what, at, namespace, name),
                    Lookup::NoKey if is_connection => {
                        let words = format!("storage secret {namespace}/{name} should have \"{key}\" key");
                        self.reject(at, words, self.lacking(namespace, name, key, node.span));
                    }
                    _ => {}
                }
            }
        }
    }

    /// `requestParams` and the Secret in `requestParamsSecret`, which must not repeat one of them.
    fn request_params(&mut self, provider: &Node) {
        let plain = provider.get("requestParams");
        let mut params: Vec<Entry> = plain.map(Node::entries).unwrap_or_default().to_vec();
        let mut span = plain.map(|plain| plain.span);
        if let Some(secret) = provider.get("requestParamsSecret")
            && let Some((namespace, name)) = self.reference(secret)
        {
            let store = self.objects.store(StoreKind::Secret, Some(namespace), name, secret.span);
            if store.is_none() && self.objects.is_nowhere(StoreKind::Secret, Some(namespace)) {
                return self.absent("request params", secret.span, namespace, name);
            }
            // Any parameter of the request may be among those that are not here, the scopes too.
            match store.map_or_else(
                || Further::Cluster(format!("the Secret {namespace}/{name} of requestParamsSecret")),
                Store::further,
            ) {
                Further::None => {}
                Further::Files(part) => self.applied.unread.push(part),
                Further::Cluster(part) => self.applied.kept.push(part),
            }
            for datum in store.map(|store| store.data.as_slice()).unwrap_or_default() {
                if params.iter().any(|param| param.key == datum.key) {
                    let key = &datum.key;
                    let words = format!(
                        "idp request params: secret contains key {key} that was already specified by a non-secret rule"
                    );
                    self.reject(datum.key_span, words, "write it in one of the two places only");
                    continue;
                }
                let value = Node { value: Value::Text(datum.text.to_string()), span: datum.span };
                params.push(Entry { key: datum.key.clone(), key_span: datum.key_span, value });
            }
            span = span.or(store.map(|_| secret.span));
        }
        if let Some(span) = span.filter(|_| !params.is_empty()) {
            self.set("idp_request_params", span, Node { value: Value::Map(params), span });
        }
    }

    /// Certificates, of which no login knows anything: but with one that is none, nothing of the resource is applied (`applyCerts` of
    /// `pomerium/config.go`).
    fn certificates(&mut self, spec: &Node) {
        let wanted = Wanted { kind: Some(TLS), keys: Keys::All(&[]) };
        for node in spec.list("certificates") {
            let reference = node.text().and_then(|text| text.split_once('/'));
            let Some((namespace, name)) = reference else { continue };
            if let Some((words, cure)) = wanted::objection(self.objects, Some(namespace), name, node.span, &wanted) {
                self.reject(node.span, format!("certs: {namespace}/{name} {words}"), cure);
            }
        }
    }

    /// The bootstrap Secret holds the bytes themselves, 32 of them, and the controller makes base64 of them.
    fn bootstrap(&mut self, spec: &Node) {
        let Some(secret) = spec.get("secrets") else { return };
        let Some((namespace, name)) = self.reference(secret) else { return };
        for (key, kind) in [
            ("shared_secret", RefusalKind::SharedSecret),
            ("cookie_secret", RefusalKind::CookieSecret),
            ("signing_key", RefusalKind::Other),
        ] {
            match self.objects.lookup(StoreKind::Secret, Some(namespace), name, key, secret.span) {
                Lookup::Found(datum)
                    if crate::config::text::classify(&datum.text) == crate::config::text::ValueKind::Literal =>
                {
                    let length = datum.bytes.len();
                    if key != "signing_key" && length != 32 {
                        let words = format!("secret {namespace}/{name}, key {key} should be 32 bytes, got {length}");
                        self.applied.start_errors.push(Refusal { kind, words, at: Some(datum.span) });
                    }
                    let value = Value::Text(STANDARD.encode(&datum.bytes));
                    self.set(key, datum.key_span, Node { value, span: datum.span });
                }
                Lookup::NoKey if key != "signing_key" => {
                    let words = format!("secret {namespace}/{name} is missing a key {key}");
                    self.reject(secret.span, words, self.lacking(namespace, name, key, secret.span));
                }
                Lookup::NoKey => {}
                Lookup::NoStore => return self.absent("bootstrap secret", secret.span, namespace, name),
                Lookup::Found(_) | Lookup::Unknown => {
                    let value = self.objects.unknown(secret.span, &format!("Secret {namespace}/{name}, key {key}"));
                    self.set(key, secret.span, value);
                }
            }
        }
    }
}
