//! `Ingress` resources that Pomerium serves: each rule's path is a route.
//!
//! An annotation is YAML text that the controller decodes by itself, so that names of claims keep their letter case
//! (`pomerium/ingress_annotations.go` and `pomerium/ingress_to_route.go` of pomerium/ingress-controller).

use super::objects::{Lookup, Object, Objects, StoreKind, full_name, place_of};
use super::wanted;
use crate::config::forms::vocabulary::nearest;
use crate::config::pomerium::protojson;
use crate::config::releases::options::{ROUTE, SUB_POLICY};
use crate::config::releases::{Field, PomeriumVersion, State, Type, annotations};
use crate::config::settings::Rejection;
use crate::config::text::{Entry, MOST_ALIASED_TEXT, Node, Span, Value, ValueKind, classify, yaml};
use crate::go;

const PREFIX: &str = "ingress.pomerium.io/";

/// The routes of the `Ingress` resources that Pomerium serves and that belong to a deployment, and what is refused of them.
pub(super) fn routes(
    objects: &Objects<'_>,
    version: PomeriumVersion,
    belongs: &dyn Fn(&Object<'_>) -> bool,
) -> (Vec<Node>, Vec<Rejection>) {
    let mut routes = Vec::new();
    let mut rejections = Vec::new();
    for ingress in served(objects).filter(|ingress| belongs(ingress)) {
        let mut reader = Reader { objects, ingress, version, rejections: &mut rejections };
        reader.secrets();
        let template = reader.template();
        routes.extend(reader.rules(&template));
    }
    (routes, rejections)
}

/// `Ingress` resources that carry Pomerium's annotations, whatever group they claim to be of, or are of its class.
pub(super) fn served<'o, 'a>(objects: &'o Objects<'a>) -> impl Iterator<Item = &'o Object<'a>> {
    let of_kind = |kind: &'static str| objects.all.iter().filter(move |object| object.kind == kind);
    let classes: Vec<&Object<'_>> = of_kind("IngressClass").collect();
    of_kind("Ingress").filter(move |ingress| {
        annotations(ingress).next().is_some() || class_of(ingress).is_some_and(|class| is_pomeriums(class, &classes))
    })
}

/// The class by its field, else by the annotation that came before the field.
fn class_of<'n>(ingress: &Object<'n>) -> Option<&'n str> {
    let annotation = || ingress.node.text_at(&["metadata", "annotations", "kubernetes.io/ingress.class"]);
    ingress.node.text_at(&["spec", "ingressClassName"]).or_else(annotation)
}

/// Whether a class is the controller's: by its `IngressClass`, else by the name that the controller's manifests give it.
fn is_pomeriums(class: &str, classes: &[&Object<'_>]) -> bool {
    let known = classes.iter().find(|object| object.name == class);
    known.map_or(class == "pomerium", |known| {
        known.node.text_at(&["spec", "controller"]).is_some_and(|controller| controller.starts_with("pomerium.io/"))
    })
}

/// Pomerium's annotations, with their names behind the prefix.
pub(super) fn annotations<'n>(object: &Object<'n>) -> impl Iterator<Item = (&'n str, &'n Entry)> {
    let all = object.node.at(&["metadata", "annotations"]).map(Node::entries).unwrap_or_default();
    all.iter().filter_map(|entry| Some((entry.key.strip_prefix(PREFIX)?, entry)))
}

/// About how many bytes a value takes.
fn size(node: &Node) -> usize {
    let own = match &node.value {
        Value::Text(text) => text.len(),
        _ => 0,
    };
    let below = node.elements().iter().chain(node.entries().iter().map(|entry| &entry.value)).map(size);
    own + below.sum::<usize>() + 64
}

/// An annotation that the controller does not know, so that it refuses the whole resource.
fn unknown(name: &str, at: Span, state: &State, version: PomeriumVersion) -> Rejection {
    let words = match name {
        "allowed_groups" => format!("annotations: {PREFIX}{name} no longer supported"),
        _ => format!("annotations: unknown {PREFIX}{name}"),
    };
    let rejection = Rejection::by_controller(at, words);
    match state {
        State::Since(since) => rejection
            .fix(format!("ingress controller {since} or newer knows it, and this is judged for {version}"))
            .doubted_if(version >= PomeriumVersion::NEWEST),
        // Groups of a directory are gone from Pomerium itself; those of Cognito are a claim.
        State::Until(_) if name == "allowed_groups" => {
            rejection.fix(format!("write `{PREFIX}policy` with the criterion `claim/cognito:groups` instead"))
        }
        State::Until(until) => {
            rejection.fix(format!("take it out: the ingress controller knows it no more since {until}"))
        }
        State::Known(_) | State::Unknown => {
            let cure = match nearest(annotations::names(version), name) {
                Some(known) => format!("write `{PREFIX}{known}` instead of `{PREFIX}{name}`"),
                None => "take it out: the ingress controller has no such annotation".to_owned(),
            };
            rejection.fix(cure).doubted_if(version.is_newer_than_known())
        }
    }
}

/// What to write in place of a value that is of another type than its field.
fn instead(field: &Field, node: &Node) -> String {
    let shown = |value: &str| format!("write `{PREFIX}{}: {value}`", field.name);
    let is_plain = !field.secret && !field.private;
    match (field.kind.inner(), &node.value) {
        (Type::List(Type::Text(_)), Value::Text(text)) => {
            let parts: Vec<String> = text.split(',').map(|part| go::quote(part.trim())).collect();
            shown(&format!("'[{}]'", parts.join(", ")))
        }
        (Type::Text(_), Value::Flag(_) | Value::Integer(_) | Value::Float(_)) if is_plain => {
            shown(&format!("'{}'", go::quote(&node.printed())))
        }
        (Type::Flag, value) => match value {
            Value::Text(text) if go::parse_bool(text) == Some(false) => shown("\"false\""),
            Value::Integer(0) => shown("\"false\""),
            _ => shown("\"true\""),
        },
        (Type::Duration, _) => shown("30s"),
        (Type::Claims, Value::Map(entries)) => {
            let list = |entry: &Entry| match &entry.value.value {
                Value::List(_) => entry.value.value.to_json(),
                value => vec![value.to_json()].into(),
            };
            let claims: serde_json::Map<_, _> = entries.iter().map(|entry| (entry.key.clone(), list(entry))).collect();
            shown(&format!("'{}'", serde_json::Value::Object(claims)))
        }
        (Type::Map(..) | Type::Claims | Type::Object(_) | Type::Message(_), _) => shown("'{NAME: VALUE}'"),
        (Type::List(_), _) => shown("'[…]'"),
        _ => "write a value of the type that these words name".to_owned(),
    }
}

struct Reader<'r, 'a> {
    objects: &'r Objects<'a>,
    ingress: &'r Object<'a>,
    /// The release of the controller.
    version: PomeriumVersion,
    rejections: &'r mut Vec<Rejection>,
}

impl Reader<'_, '_> {
    fn reject(&mut self, at: Span, words: String, cure: &str) {
        self.rejections.push(Rejection::by_controller(at, words).fix(cure));
    }

    /// The Secrets without which the controller does not take the resource: those with its certificates, and whatever an annotation
    /// names (`controllers/ingress/fetch.go`).
    fn secrets(&mut self) {
        let namespace = self.ingress.namespace;
        let tls = self.ingress.node.at(&["spec", "tls"]).map(Node::elements).unwrap_or_default();
        let tls = tls.iter().filter_map(|tls| tls.get("secretName"));
        let named = annotations(self.ingress).filter(|(name, _)| name.ends_with("_secret"));
        for node in tls.chain(named.map(|(_, entry)| &entry.value)) {
            let Some(name) = node.text().filter(|name| !name.is_empty()) else { continue };
            if self.objects.is_nowhere(StoreKind::Secret, namespace)
                && self.objects.store(StoreKind::Secret, namespace, name, node.span).is_none()
            {
                let secret = full_name(namespace, name);
                let words = format!("tls: get secret {secret}: Secret \"{name}\" not found");
                self.reject(node.span, words, &format!("create the Secret {secret}, or name one that is there"));
            }
        }
    }

    /// What all routes of the resource have in common: its annotations.
    fn template(&mut self) -> Vec<Entry> {
        let mut fields = Vec::new();
        for (name, entry) in annotations(self.ingress) {
            // What is no text the API server refuses; that is the schema's business, not ours.
            let Some(text) = entry.value.text() else { continue };
            let state = annotations::state(name, self.version);
            let names_secret = matches!(state, State::Known(_)) && name.ends_with("_secret");
            if names_secret && self.is_refused_secret(name, text, entry) {
                continue;
            }
            match state {
                State::Known(_) if name == "identity_provider_secret" => fields.extend(self.client(text, entry)),
                State::Known(annotation) if annotation.is_field => {
                    if let Some(value) = self.decode(name, text, entry) {
                        fields.push(Entry { key: name.to_owned(), key_span: entry.key_span, value });
                    }
                }
                State::Known(_) => {}
                state => self.rejections.push(unknown(name, entry.key_span, &state, self.version)),
            }
        }
        fields
    }

    /// The YAML in an annotation. A reference or a template is left to whoever expands it.
    fn decode(&mut self, name: &str, text: &str, entry: &Entry) -> Option<Node> {
        let place = place_of(&entry.value, self.objects.sources);
        match yaml::read_value(text, &place) {
            Ok(node) if node.value == Value::Null => None,
            Ok(node) => self.typed(name, node, entry),
            Err(_) if text.contains("{{") => None,
            Err(error) => {
                let words = format!("annotations: {name}: {}", error.words);
                let at = error.at.unwrap_or(entry.value.span);
                self.reject(at, words, "correct the YAML of the annotation at this place");
                None
            }
        }
    }

    /// The value as the controller decodes it: strictly (`unmarshalAnnotations`). `policy` alone is a text to it.
    fn typed(&mut self, name: &str, node: Node, entry: &Entry) -> Option<Node> {
        let object = if name.starts_with("allowed_") { &SUB_POLICY } else { &ROUTE };
        let is_read = |field: &&Field| field.since <= self.version && !matches!(field.kind, Type::Ppl);
        let is_open = matches!(&node.value, Value::Text(text) if classify(text) != ValueKind::Literal);
        let Some(field) = object.field(name).filter(is_read).filter(|_| !is_open) else { return Some(node) };
        match protojson::field(field, &node, protojson::Reader::Controller) {
            Ok(node) => Some(node),
            Err(refused) => {
                let words = format!("annotations: … {}", refused.words);
                self.reject(entry.key_span, words, &instead(field, &node));
                None
            }
        }
    }

    /// Says why the controller cannot take a `Secret`. An annotation names one of the resource's own namespace, and no name has a
    /// slash in it (`controllers/ingress/fetch.go`).
    fn is_refused_secret(&mut self, annotation: &str, secret: &str, entry: &Entry) -> bool {
        let (namespace, at) = (self.ingress.namespace, entry.value.span);
        if let Some((_, name)) = secret.rsplit_once('/').filter(|_| classify(secret) == ValueKind::Literal) {
            let words = format!("get secret {}: not found", full_name(namespace, secret));
            let cure = format!(
                "write the name without its namespace, which is that of the Ingress: {PREFIX}{annotation}: {name}"
            );
            self.reject(at, words, &cure);
            return true;
        }
        let wanted = wanted::of_annotation(annotation);
        let objection = wanted.and_then(|wanted| wanted::objection(self.objects, namespace, secret, at, &wanted));
        let is_refused = objection.is_some();
        if let Some((words, cure)) = objection {
            self.reject(at, format!("annotation {annotation} {words}"), &cure);
        }
        is_refused
    }

    /// The app client of these routes: `client_id` and `client_secret`, both optional, of a Secret in the same namespace.
    fn client(&self, secret: &str, entry: &Entry) -> Vec<Entry> {
        let namespace = self.ingress.namespace;
        let field = |(key, option): (&str, &str)| {
            let (key_span, value) =
                match self.objects.lookup(StoreKind::Secret, namespace, secret, key, entry.value.span) {
                    Lookup::Found(datum) => {
                        (datum.key_span, Node { value: Value::Text(datum.text.to_string()), span: datum.span })
                    }
                    Lookup::NoKey => return None,
                    Lookup::NoStore | Lookup::Unknown => {
                        let secret = full_name(namespace, secret);
                        (entry.key_span, self.objects.unknown(entry.value.span, &format!("Secret {secret}, key {key}")))
                    }
                };
            Some(Entry { key: option.to_owned(), key_span, value })
        };
        [("client_id", "idp_client_id"), ("client_secret", "idp_client_secret")].into_iter().filter_map(field).collect()
    }

    fn is_set(&self, annotation: &str) -> bool {
        let mut all = annotations(self.ingress);
        all.any(|(name, entry)| {
            name == annotation && entry.value.text().is_some_and(|text| text.eq_ignore_ascii_case("true"))
        })
    }

    /// One route for each path of each rule.
    fn rules(&mut self, template: &[Entry]) -> Vec<Node> {
        let spec = self.ingress.node.get("spec");
        let rules = spec.and_then(|spec| spec.get("rules")).map(Node::elements).unwrap_or_default();
        let size = template.iter().map(|field| size(&field.value)).sum::<usize>();
        let mut routes = Vec::new();
        for rule in rules {
            let host = match rule.get("host") {
                Some(host) if host.text().is_some_and(|host| !host.is_empty()) => host.clone(),
                _ if self.is_set("subtle_allow_empty_host") => {
                    Node { value: Value::Text("*".to_owned()), span: rule.span }
                }
                _ => {
                    let words = "ingress rule has empty host".to_owned();
                    self.reject(
                        rule.span,
                        words,
                        "write the host from which the application is reached: host: app.example.com",
                    );
                    continue;
                }
            };
            for path in rule.at(&["http", "paths"]).map(Node::elements).unwrap_or_default() {
                // Each route is a copy of the annotations; the API server keeps both few, a hostile file does not.
                if (routes.len() + 1).saturating_mul(size) > MOST_ALIASED_TEXT {
                    let mebibytes = MOST_ALIASED_TEXT >> 20;
                    let words =
                        format!("its annotations make more than {mebibytes} MiB of routes, and no more is read");
                    self.reject(path.span, words, "spread its paths over several resources");
                    return routes;
                }
                routes.push(self.route(&host, path, template));
            }
        }
        routes
    }

    fn route(&self, host: &Node, path: &Node, template: &[Entry]) -> Node {
        let upstreams = [("tcp_upstream", "tcp+https"), ("udp_upstream", "udp+https"), ("ssh_upstream", "ssh")];
        let scheme = upstreams.iter().find(|(name, _)| self.is_set(name)).map_or("https", |(_, scheme)| scheme);
        let text = |text: String, span: Span| Node { value: Value::Text(text), span };
        let mut fields = Vec::with_capacity(template.len() + 3);
        let mut set = |key: &str, value: Node| {
            fields.push(Entry { key: key.to_owned(), key_span: value.span, value });
        };
        set("from", text(format!("{scheme}://{}", host.text().unwrap_or_default()), host.span));
        if let Some(location) = path.get("path").filter(|location| location.text().is_some_and(|text| !text.is_empty()))
        {
            let key = match path.text_at(&["pathType"]) {
                Some("Exact") => "path",
                Some("ImplementationSpecific") if self.is_set("path_regex") => "regex",
                _ => "prefix",
            };
            set(key, location.clone());
        }
        // Where it leads is no part of a login, but a route must lead somewhere.
        let backend = path.get("backend").map_or(path.span, |backend| backend.span);
        set("to", text("http://service.cluster.local".to_owned(), backend));
        // Lists of who may enter become a policy of their own, which Pomerium does not count among the route's lists.
        let (policy, others): (Vec<Entry>, Vec<Entry>) =
            template.iter().cloned().partition(|field| field.key.starts_with("allowed_"));
        if let Some(first) = policy.first() {
            let span = first.value.span;
            let policy = Node { value: Value::Map(policy), span };
            let value = Node { value: Value::List(vec![policy]), span };
            fields.push(Entry { key: "sub_policies".to_owned(), key_span: span, value });
        }
        fields.extend(others);
        Node { value: Value::Map(fields), span: path.span }
    }
}
