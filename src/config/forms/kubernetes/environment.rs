//! The environment of a container, as the kubelet builds it.

use std::collections::HashMap;

use super::objects::{Datum, Further, Lookup, Objects, Store, StoreKind, full_name, place_of};
use crate::config::settings::Rejection;
use crate::config::text::{Node, Room, Span, Value, Variable, unknown_text};

/// Builds an environment as the kubelet does.
pub(super) struct Environment<'a> {
    objects: &'a Objects<'a>,
    namespace: Option<&'a str>,
    /// The variables, of which later ones win.
    pub(super) variables: Vec<Variable>,
    /// The last variable of each name.
    positions: HashMap<String, usize>,
    room: &'a Room,
    /// Where others come from that are not here.
    pub(super) unread: Vec<String>,
    /// The same for a `Secret`, which only the cluster holds.
    pub(super) kept: Vec<String>,
    /// Where others may come from, if it exists.
    pub(super) optional: Vec<String>,
    /// Why the container does not start.
    pub(super) rejections: Vec<Rejection>,
}

impl<'a> Environment<'a> {
    /// The environment of a container, as far as there is room for it.
    pub(super) fn of(container: &Node, namespace: Option<&'a str>, objects: &'a Objects<'a>, room: &'a Room) -> Self {
        let (variables, positions) = (Vec::new(), HashMap::new());
        let (unread, kept, optional, rejections) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut environment =
            Self { objects, namespace, variables, positions, room, unread, kept, optional, rejections };
        for from in container.list("envFrom") {
            environment.from(from);
        }
        for variable in container.list("env") {
            environment.variable(variable);
        }
        environment
    }

    fn push(&mut self, name: String, value: String, name_span: Span, span: Span) {
        if self.room.take(&name, &value).is_none() {
            return;
        }
        self.positions.insert(name.clone(), self.variables.len());
        let [name_span, span] = [name_span, span].map(|span| self.objects.as_environment(span));
        self.variables.push(Variable { name, value, name_span, span });
    }

    /// All values of a store, perhaps with a prefix before their names.
    fn from(&mut self, from: &Node) {
        let prefix = from.text_at(&["prefix"]).unwrap_or_default();
        for (kind, key) in [(StoreKind::ConfigMap, "configMapRef"), (StoreKind::Secret, "secretRef")] {
            let Some(name) = from.get(key).and_then(|reference| reference.text_at(&["name"])) else { continue };
            let Some(store) = self.objects.store(kind, self.namespace, name, from.span) else {
                let is_optional = from.get(key).is_some_and(is_optional);
                let is_nowhere = self.objects.is_nowhere(kind, self.namespace);
                let part = format!("the {} {}", kind.name(), full_name(self.namespace, name));
                match kind {
                    _ if is_optional && is_nowhere => {}
                    _ if is_optional => self.optional.push(part),
                    _ if is_nowhere => {
                        self.rejections.push(no_store(kind, name, from.at(&[key, "name"]).unwrap_or(from).span));
                        self.unread.push(part);
                    }
                    StoreKind::Secret => self.kept.push(part),
                    StoreKind::ConfigMap => self.unread.push(part),
                }
                continue;
            };
            match store.further() {
                Further::None => {}
                Further::Files(part) => self.unread.push(part),
                Further::Cluster(part) => self.kept.push(part),
            }
            for datum in &store.data {
                let (key_span, span) = (datum.key_span, datum.span);
                self.push(format!("{prefix}{}", datum.key), datum.text.to_string(), key_span, span);
            }
        }
    }

    /// A variable with a value of its own or one of a store's.
    fn variable(&mut self, variable: &Node) {
        let Some(name) = variable.get("name").and_then(|name| Some((name.text()?, name.span))) else { return };
        if let Some(value) = variable.get("value") {
            let text = value.text().map_or_else(|| self.objects.sources.slice(value.span).to_owned(), str::to_owned);
            let place = place_of(value, self.objects.sources);
            let span = if text.is_empty() { value.span } else { place.span(0, text.len()) };
            let text = self.expand(&text);
            self.push(name.0.to_owned(), text, name.1, span);
            return;
        }
        let Some(from) = variable.get("valueFrom") else { return };
        for (kind, key) in [(StoreKind::ConfigMap, "configMapKeyRef"), (StoreKind::Secret, "secretKeyRef")] {
            let Some(reference) = from.get(key) else { continue };
            let (Some(store), Some(key)) = (reference.text_at(&["name"]), reference.text_at(&["key"])) else {
                continue;
            };
            let (text, span) = match self.objects.lookup(kind, self.namespace, store, key, reference.span) {
                Lookup::Found(datum) => (datum.text.to_string(), datum.span),
                Lookup::NoKey | Lookup::NoStore if is_optional(reference) => return,
                Lookup::NoKey => {
                    let what = format!("{} {}", kind.name(), full_name(self.namespace, store));
                    let at = reference.get("key").unwrap_or(reference).span;
                    let rejection = Rejection::by_kubelet(at, format!("couldn't find key {key} in {what}"));
                    self.rejections
                        .push(rejection.fix(format!("give the {what} a key `{key}`, or name one that it has")));
                    (unknown_text(&format!("{what}, which has no key {key}")), reference.span)
                }
                Lookup::NoStore => {
                    self.rejections.push(no_store(kind, store, reference.get("name").unwrap_or(reference).span));
                    let store = full_name(self.namespace, store);
                    (unknown_text(&format!("{} {store}, which is not there", kind.name())), reference.span)
                }
                Lookup::Unknown => {
                    let store = full_name(self.namespace, store);
                    (unknown_text(&format!("{} {store}, key {key}", kind.name())), reference.span)
                }
            };
            self.push(name.0.to_owned(), text, name.1, span);
            return;
        }
        // A field of the pod or a resource limit.
        self.push(name.0.to_owned(), unknown_text("field of the pod"), name.1, from.span);
    }

    /// `$(NAME)` stands for a variable before this one; `$$` for a dollar sign.
    pub(super) fn expand(&self, text: &str) -> String {
        let mut done = String::with_capacity(text.len());
        let mut rest = text;
        // Where nothing closes, nothing is looked for.
        let closed = text.rfind(')').map_or(0, |last| text.len() - last);
        while let Some(at) = rest.find('$') {
            let (before, after) = rest.split_at(at);
            done.push_str(before);
            let inner = after.strip_prefix("$(").filter(|inner| closed > 0 && inner.len() >= closed);
            let name = inner.and_then(|inner| inner.split_once(')'));
            if let Some(escaped) = after.strip_prefix("$$") {
                done.push('$');
                rest = escaped;
            } else if let Some((name, behind)) = name {
                match self.positions.get(name).and_then(|position| self.variables.get(*position)) {
                    Some(variable) => done.push_str(self.room.take(name, &variable.value).unwrap_or_default()),
                    None => done.push_str(&after[..name.len() + 3]),
                }
                rest = behind;
            } else {
                done.push('$');
                rest = &after[1..];
            }
        }
        done.push_str(rest);
        done
    }
}

/// Whether a container starts without what a reference names.
pub(super) fn is_optional(reference: &Node) -> bool {
    reference.get("optional").is_some_and(|flag| flag.value == Value::Flag(true))
}

/// Why a container does not start that needs a store (`makeEnvironmentVariables` in `pkg/kubelet/kubelet_pods.go` of Kubernetes).
pub(super) fn no_store(kind: StoreKind, name: &str, at: Span) -> Rejection {
    let rejection = Rejection::by_kubelet(at, format!("{} \"{name}\" not found", kind.name().to_lowercase()));
    rejection.fix(format!("create the {} `{name}` in this namespace, or name one that is there", kind.name()))
}

/// Variables as a store of its own gives them, without a workload.
pub(super) fn variables_of(store: &Store, objects: &Objects<'_>) -> Vec<Variable> {
    let variable = |datum: &Datum| Variable {
        name: datum.key.clone(),
        value: datum.text.to_string(),
        name_span: objects.as_environment(datum.key_span),
        span: objects.as_environment(datum.span),
    };
    store.data.iter().map(variable).collect()
}
