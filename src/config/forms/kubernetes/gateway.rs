//! Routes of the Gateway API that Pomerium serves: an `HTTPRoute` is a route for each of its hosts and matches, and the
//! `PolicyFilter` that it names holds the policy (`controllers/gateway/httproute.go`, `pomerium/gateway/translate.go` and
//! `filters.go` of pomerium/ingress-controller).

use super::ListedKind;
use super::objects::{Object, Objects, full_name, place_of};
use crate::config::settings::Rejection;
use crate::config::text::{Entry, Node, Span, Value, yaml};

/// The group of Pomerium's own filters.
pub(super) const GROUP: &str = "gateway.pomerium.io";
/// The one version of its filter that is served (`config/crd/bases/gateway.pomerium.io_policyfilters.yaml`).
pub(super) const FILTER_VERSION: &str = "gateway.pomerium.io/v1alpha1";
/// The group of the API itself.
const API: &str = "gateway.networking.k8s.io";
/// How the name of Pomerium's controller begins; its end can be chosen (`cmd/ingress_opts.go`).
const CONTROLLER: &str = "pomerium.io/";

/// What the resources of the Gateway API come to.
#[derive(Default)]
pub(super) struct Read {
    pub(super) routes: Vec<Node>,
    pub(super) rejections: Vec<Rejection>,
    /// Where each resource stands.
    pub(super) at: Vec<Span>,
    /// The filters that are named and not here, in words fit for a report.
    pub(super) unread: Vec<String>,
}

/// Most routes that are made of the resources: each is a copy of a policy.
const MOST_ROUTES: usize = 10_000;

/// The routes of the resources that Pomerium serves and that belong to a deployment.
pub(super) fn routes(objects: &Objects<'_>, belongs: &dyn Fn(&Object<'_>) -> bool) -> Read {
    let mut read = Read::default();
    for route in served(objects).filter(|route| belongs(route)) {
        read.at.push(route.node.span);
        Reader { objects, route, read: &mut read }.rules();
    }
    read
}

/// The `HTTPRoute` resources that Pomerium serves. A filter of its own tells as long as nothing says who else serves the route.
pub(super) fn served<'o, 'a>(objects: &'o Objects<'a>) -> impl Iterator<Item = &'o Object<'a>> {
    let routes = objects.all.iter().filter(|object| object.kind == "HTTPRoute" && object.group() == API);
    routes
        .filter(|route| !listeners(objects, route).is_empty() || uses_own_filter(route) && !is_anothers(objects, route))
}

/// Whether all gateways of a route are here and of classes that another controller serves.
fn is_anothers(objects: &Objects<'_>, route: &Object<'_>) -> bool {
    let parents = parents(route);
    let is_anothers = |parent: &Node| {
        let gateway = gateway(objects, route, parent);
        let class = gateway.and_then(|gateway| gateway.node.text_at(&["spec", "gatewayClassName"]));
        class.and_then(|class| controller(objects, class)).is_some_and(|controller| !controller.starts_with(CONTROLLER))
    };
    !parents.is_empty() && parents.iter().all(is_anothers)
}

fn parents<'n>(route: &Object<'n>) -> &'n [Node] {
    route.node.at(&["spec", "parentRefs"]).map(Node::elements).unwrap_or_default()
}

fn uses_own_filter(route: &Object<'_>) -> bool {
    rules(route).iter().flat_map(filters).any(|filter| filter.text_at(&["extensionRef", "group"]) == Some(GROUP))
}

fn rules<'n>(route: &Object<'n>) -> &'n [Node] {
    route.node.at(&["spec", "rules"]).map(Node::elements).unwrap_or_default()
}

fn filters(rule: &Node) -> &[Node] {
    rule.list("filters")
}

/// The listeners of Pomerium's gateways that a route attaches to.
fn listeners<'n>(objects: &Objects<'n>, route: &Object<'n>) -> Vec<&'n Node> {
    let attached = |parent: &Node| {
        let gateway = gateway(objects, route, parent).filter(|gateway| is_ours(objects, gateway))?;
        let section = parent.text_at(&["sectionName"]);
        let all = gateway.node.at(&["spec", "listeners"]).map(Node::elements).unwrap_or_default();
        let fits = move |listener: &&Node| section.is_none_or(|section| listener.text_at(&["name"]) == Some(section));
        Some(all.iter().filter(fits).filter(move |listener| admits(listener, gateway.namespace, route)).collect())
    };
    parents(route).iter().filter_map(attached).flat_map(|found: Vec<&Node>| found).collect()
}

/// The gateway that a route names as its parent, whoever serves it.
fn gateway<'o, 'a>(objects: &'o Objects<'a>, route: &Object<'a>, parent: &Node) -> Option<&'o Object<'a>> {
    let namespace = parent.text_at(&["namespace"]).or(route.namespace);
    let name = parent.text_at(&["name"])?;
    objects.all.iter().find(|object| {
        let same = object.namespace == namespace || object.namespace.is_none() || namespace.is_none();
        object.kind == "Gateway" && object.group() == API && object.name == name && same
    })
}

/// Whether the class of a gateway is Pomerium's: by its controller, or, if the class is not here, by its name.
fn is_ours(objects: &Objects<'_>, gateway: &Object<'_>) -> bool {
    gateway.node.text_at(&["spec", "gatewayClassName"]).is_some_and(|class| {
        controller(objects, class).map_or(class.contains("pomerium"), |controller| controller.starts_with(CONTROLLER))
    })
}

/// The controller of a class, if the class is here; of one that names none, nobody.
fn controller<'n>(objects: &Objects<'n>, class: &str) -> Option<&'n str> {
    let known = objects.all.iter().find(|object| object.kind == "GatewayClass" && object.name == class)?;
    Some(known.node.text_at(&["spec", "controllerName"]).unwrap_or_default())
}

/// Whether a listener takes routes of that namespace. Which namespaces a selector means, only the cluster knows.
fn admits(listener: &Node, namespace: Option<&str>, route: &Object<'_>) -> bool {
    match listener.text_at(&["allowedRoutes", "namespaces", "from"]) {
        Some("All" | "Selector") => true,
        None | Some("Same") => route.namespace == namespace || route.namespace.is_none() || namespace.is_none(),
        Some(_) => false,
    }
}

/// What two host names have in common; `*.` stands for any beginning.
fn intersection<'h>(listener: &'h str, route: &'h str) -> Option<&'h str> {
    let covers = |wildcard: &str, host: &str| wildcard.starts_with("*.") && host.ends_with(&wildcard[1..]);
    if listener == route || covers(listener, route) { Some(route) } else { covers(route, listener).then_some(listener) }
}

/// A filter that cannot be applied; what is wrong with it has been said.
struct Failed;

struct Reader<'r, 'a> {
    objects: &'r Objects<'a>,
    route: &'r Object<'a>,
    read: &'r mut Read,
}

impl Reader<'_, '_> {
    /// Each host, with the place that names it. Of a route whose gateway is not here, those that it names itself.
    fn hosts(&self) -> Vec<(String, Span)> {
        let own: Vec<&Node> =
            self.route.node.at(&["spec", "hostnames"]).map(Node::elements).unwrap_or_default().iter().collect();
        let listeners = listeners(self.objects, self.route);
        let own_text = |node: &&Node| node.text().map(|host| (host.to_owned(), node.span));
        let mut hosts: Vec<(String, Span)> = Vec::new();
        for listener in &listeners {
            let host = listener.get("hostname").and_then(|node| Some((node.text()?, node.span)));
            match host {
                None if own.is_empty() => hosts.push(("*".to_owned(), self.route.node.span)),
                None => hosts.extend(own.iter().filter_map(own_text)),
                Some((host, at)) if own.is_empty() => hosts.push((host.to_owned(), at)),
                Some((host, _)) => hosts.extend(
                    own.iter()
                        .filter_map(|node| intersection(host, node.text()?).map(|host| (host.to_owned(), node.span))),
                ),
            }
        }
        if listeners.is_empty() {
            hosts.extend(own.iter().filter_map(own_text));
        }
        hosts.sort();
        hosts.dedup_by(|a, b| a.0 == b.0);
        hosts
    }

    fn rules(&mut self) {
        let hosts = self.hosts();
        for rule in rules(self.route) {
            // A rule whose filter cannot be applied answers 500 (`pomerium/gateway/translate.go`): nobody is let in or kept out.
            let Ok(policy) = self.policy(rule) else { continue };
            let matches = rule.list("matches");
            // What asks for headers, parameters or methods makes no route (`pomerium/gateway/matches.go`).
            let is_served =
                |found: &&Node| !["headers", "queryParams", "method"].iter().any(|key| found.get(key).is_some());
            let paths: Vec<Option<&Node>> = match matches {
                [] => vec![None],
                all => all.iter().filter(is_served).map(|found| found.get("path")).collect(),
            };
            for (host, span) in &hosts {
                for path in &paths {
                    if self.read.routes.len() >= MOST_ROUTES {
                        return;
                    }
                    let route = route(host, *span, *path, rule, policy.as_ref());
                    self.read.routes.push(route);
                }
            }
        }
    }

    /// The policies of all filters of a rule, as one.
    fn policy(&mut self, rule: &Node) -> Result<Option<Node>, Failed> {
        let mut policies: Vec<Node> = Vec::new();
        let mut is_whole = true;
        for filter in filters(rule) {
            match filter.text_at(&["type"]) {
                Some("RequestHeaderModifier" | "RequestRedirect") | None => {}
                Some("ExtensionRef") => match filter.get("extensionRef").map(|named| self.named(named)) {
                    Some(Ok(policy)) => policies.extend(policy),
                    _ => is_whole = false,
                },
                Some(other) => {
                    let words = format!("couldn't apply filter: filter type \"{other}\" not supported");
                    self.read
                        .rejections
                        .push(Rejection::by_controller(filter.span, words).fix(
                            "take it out: Pomerium knows RequestHeaderModifier, RequestRedirect and ExtensionRef",
                        ));
                    is_whole = false;
                }
            }
        }
        if !is_whole {
            return Err(Failed);
        }
        let Some(first) = policies.first().map(|policy| policy.span) else { return Ok(None) };
        let elements = policies.into_iter().flat_map(|policy| match policy.value {
            Value::List(elements) => elements,
            _ => vec![policy],
        });
        Ok(Some(Node { value: Value::List(elements.collect()), span: first }))
    }

    /// The policy in a filter of the route's namespace, if there is one in it.
    fn named(&mut self, named: &Node) -> Result<Option<Node>, Failed> {
        let [group, kind, name] = ["group", "kind", "name"].map(|key| named.text_at(&[key]).unwrap_or_default());
        if group != GROUP {
            let words = format!("couldn't apply filter: unsupported filter group \"{group}\"");
            self.read.rejections.push(Rejection::by_controller(named.span, words).fix(format!("group: {GROUP}")));
            return Err(Failed);
        }
        let namespace = self.route.namespace;
        let found = self.objects.all.iter().find(|object| {
            let same = object.namespace == namespace || object.namespace.is_none() || namespace.is_none();
            object.kind == kind && object.group() == GROUP && object.name == name && same
        });
        let Some(found) = found else {
            if self.objects.shows_all(ListedKind::Filter, namespace) {
                // What is not there in the place of a namespace, Go prints as nothing.
                let words = format!(
                    "couldn't apply filter: filter not found ({{{kind} {} {name}}})",
                    namespace.unwrap_or_default()
                );
                let rejection = Rejection::by_controller(named.span, words);
                self.read.rejections.push(
                    rejection
                        .fix(format!("create the {kind} {}, or name one that is there", full_name(namespace, name))),
                );
                return Err(Failed);
            }
            let part = format!("the {kind} {} of the HTTPRoute {}", full_name(namespace, name), self.route.full_name());
            if !self.read.unread.contains(&part) {
                self.read.unread.push(part);
            }
            return Err(Failed);
        };
        // What is wrong with it has been said, and without that it would have a policy.
        if !is_served(found) {
            return Err(Failed);
        }
        let ppl = found.node.at(&["spec", "ppl"]).filter(|ppl| ppl.value != Value::Null);
        let Some(ppl) = ppl else {
            let is_mistyped =
                found.node.get("spec").is_some_and(|spec| spec.entries().iter().any(|it| it.key != "ppl"));
            return if is_mistyped { Err(Failed) } else { Ok(None) };
        };
        let Some(text) = ppl.text() else {
            let words = "spec.ppl: Invalid value: spec.ppl in body must be of type string";
            self.read.rejections.push(Rejection::by_server(ppl.span, words).fix("ppl: |, with the policy below it"));
            return Err(Failed);
        };
        match yaml::read_value(text, &place_of(ppl, self.objects.sources)) {
            Ok(policy) => Ok(Some(policy).filter(|policy| policy.value != Value::Null)),
            Err(_) if text.contains("{{") => Err(Failed),
            Err(error) => {
                let words = format!("PolicyFilter {}: {}", found.full_name(), error.words);
                let rejection = Rejection::by_controller(error.at.unwrap_or(ppl.span), words);
                self.read.rejections.push(rejection.fix("correct the YAML of the policy at this place"));
                Err(Failed)
            }
        }
    }
}

/// Whether the API server knows the version of a filter.
pub(super) fn is_served(filter: &Object<'_>) -> bool {
    filter.kind != "PolicyFilter" || filter.api_version == FILTER_VERSION
}

fn route(host: &str, span: Span, path: Option<&Node>, rule: &Node, policy: Option<&Node>) -> Node {
    let text = |text: String, span: Span| Node { value: Value::Text(text), span };
    let mut fields = Vec::new();
    let mut set = |key: &str, value: Node| {
        fields.push(Entry { key: key.to_owned(), key_span: value.span, value });
    };
    set("from", text(format!("https://{host}"), span));
    if let Some(location) = path.and_then(|path| path.get("value")) {
        let key = match path.and_then(|path| path.text_at(&["type"])) {
            Some("Exact") => "path",
            Some("RegularExpression") => "regex",
            _ => "prefix",
        };
        set(key, location.clone());
    }
    // Where it leads is no part of a login, but a route must lead somewhere.
    let backend = rule.get("backendRefs").map_or(rule.span, |backend| backend.span);
    set("to", text("http://service.cluster.local".to_owned(), backend));
    if let Some(policy) = policy {
        set("policy", policy.clone());
    }
    Node { value: Value::Map(fields), span: rule.span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_a_listener_and_a_route_meet() {
        for (listener, route, expected) in [
            ("a.example.com", "a.example.com", Some("a.example.com")),
            ("*.example.com", "a.example.com", Some("a.example.com")),
            ("a.example.com", "*.example.com", Some("a.example.com")),
            ("*.example.com", "example.com", None),
            ("a.example.com", "b.example.com", None),
        ] {
            assert_eq!(intersection(listener, route), expected, "{listener} {route}");
        }
    }
}
