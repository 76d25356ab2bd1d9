//! What a service finds in its file system: `volumes`, `configs` and `secrets`.

use std::rc::Rc;
use std::sync::Arc;

use super::Project;
use crate::config::forms::{Mount, Mounted};
use crate::config::text::{IN_CLUSTER, IN_CONTAINER, Node, Place, Span, Value};

/// Something mounted into a container.
pub(super) struct Attached {
    /// Where in the container.
    pub(super) target: String,
    pub(super) what: What,
    /// The place that says so.
    pub(super) span: Span,
}

pub(super) enum What {
    /// A file or folder of this machine.
    Local(String),
    /// One with a path from the root of whichever machine it runs on.
    Host(String),
    /// A text in the compose file itself.
    Inline(Arc<str>, Place),
    /// Not to be seen from here; why.
    Unknown(String),
}

impl Attached {
    pub(super) fn into_mount(self) -> Mount {
        let content = match self.what {
            What::Local(path) => Mounted::Local(path),
            What::Host(path) => Mounted::Host(path),
            What::Inline(text, _) => Mounted::Content(text.into()),
            What::Unknown(why) => Mounted::Unknown(why),
        };
        Mount { path: self.target, content }
    }
}

impl Project<'_> {
    /// Everything mounted by the layers of a service.
    pub(super) fn attached(&self, layers: &[Rc<Node>]) -> Vec<Attached> {
        let all = |key: &'static str| layers.iter().filter_map(move |layer| layer.get(key)).flat_map(Node::elements);
        let volumes = all("volumes").filter_map(|volume| self.volume(volume));
        let configs = all("configs").filter_map(|config| self.granted(config, "configs", "/"));
        let secrets = all("secrets").filter_map(|secret| self.granted(secret, "secrets", "/run/secrets/"));
        volumes.chain(configs).chain(secrets).collect()
    }

    /// A text with its variables replaced.
    pub(super) fn text(&self, node: Option<&Node>) -> Option<String> {
        match &node?.value {
            Value::Text(text) => Some(self.variables.interpolate(text, Place::Decoded(node?.span)).0),
            Value::Integer(number) => Some(number.to_string()),
            Value::Flag(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    fn volume(&self, node: &Node) -> Option<Attached> {
        let (source, target) = if let Value::Map(_) = node.value {
            (self.text(node.get("source"))?, self.text(node.get("target"))?)
        } else {
            let written = self.text(Some(node))?;
            let mut parts = written.splitn(3, ':');
            (parts.next()?.to_owned(), parts.next()?.to_owned())
        };
        let what = if source.contains("${") {
            What::Unknown(format!("{IN_CONTAINER}the file {source}"))
        } else if source.starts_with(['/', '~']) {
            What::Host(self.path(&source))
        } else if source.contains('/') || source.starts_with('.') {
            What::Local(self.path(&source))
        } else {
            What::Unknown(format!("{IN_CONTAINER}the volume {source}"))
        };
        Some(Attached { target, what, span: node.span })
    }

    /// A config or secret that a service is granted.
    fn granted(&self, node: &Node, section: &str, folder: &str) -> Option<Attached> {
        let (name, target) = match &node.value {
            Value::Map(_) => (self.text(node.get("source"))?, self.text(node.get("target"))),
            _ => (self.text(Some(node))?, None),
        };
        let target = target.unwrap_or_else(|| name.clone());
        let target = if target.starts_with('/') { target } else { format!("{folder}{target}") };
        let what = self.defined(&name, section);
        Some(Attached { target, what, span: node.span })
    }

    fn defined(&self, name: &str, section: &str) -> What {
        let unknown = || What::Unknown(format!("the {} {name}", section.trim_end_matches('s')));
        let Some(definition) = self.definition(section, name) else { return unknown() };
        if section == "secrets" && definition.get("external").is_some_and(|flag| flag.value != Value::Flag(false)) {
            return What::Unknown(format!("{IN_CLUSTER}it is the external secret {name}"));
        }
        if let Some(path) = self.text(definition.get("file")) {
            return What::Local(self.path(&path));
        }
        if let Some(Node { value: Value::Text(text), span }) = definition.get("content") {
            let written = self.sources.slice(*span);
            let place = Place::Verbatim(span.source, span.start).inside_scalar(written, text);
            let (text, place) = self.variables.interpolate(text, place);
            self.variables.ended_up(*span);
            return match self.variables.room().take(name, &text) {
                Some(_) => What::Inline(text.into(), place),
                None => unknown(),
            };
        }
        let variable = self.text(definition.get("environment"));
        let value = |variable: String| {
            let value = self.variables.get(&variable)?;
            self.variables.mention(&variable, value);
            self.variables.ended_up(definition.span);
            self.variables.room().take(name, value)
        };
        match variable.and_then(value) {
            Some(value) => What::Inline(value.into(), Place::Decoded(definition.span)),
            None if definition.get("environment").is_some() => {
                What::Unknown(format!("{IN_CONTAINER}the secret {name}, a variable of whoever runs compose"))
            }
            None => unknown(),
        }
    }
}
