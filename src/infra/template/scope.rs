//! What the names in a template stand for: parameters, pseudo parameters, mappings, resources.

use std::collections::HashMap;

use crate::config::Node;

use super::Draft;
use super::dynamic::resolved;
use super::exports::Exports;
use super::function::scalar;
use crate::infra::Options;
use crate::infra::value::{Hole, Pattern, Value};

/// The names of one template.
pub(super) struct Scope<'n> {
    /// The file, as the user named it.
    pub(super) file: &'n str,
    exports: &'n Exports,
    parameters: HashMap<&'n str, Declared>,
    order: Vec<&'n str>,
    mappings: Option<&'n Node>,
    pub(super) conditions: HashMap<&'n str, &'n Node>,
    resources: HashMap<&'n str, &'n Node>,
    region: Option<String>,
    /// `${self:…}` and its like are filled in before `CloudFormation` sees them.
    pub(super) is_serverless: bool,
}

/// A parameter of a template.
struct Declared {
    is_list: bool,
    /// What is given is the name of the value.
    is_stored: bool,
    is_secret: bool,
    default: Option<String>,
    allowed: Vec<String>,
    given: Option<String>,
}

/// What a name stands for.
pub(super) enum Named {
    Text(Value<String>),
    List(Value<Vec<String>>),
    /// `AWS::NoValue`: the property is left out.
    Nothing,
}

impl<'n> Scope<'n> {
    pub(super) fn new(draft: &'n Draft, root: &'n Node, options: &Options, exports: &'n Exports) -> Self {
        let entries = |section: &str| root.get(section).map(Node::entries).unwrap_or_default();
        let declared = entries("Parameters").iter();
        let parameters = declared.map(|entry| (entry.key.as_str(), Declared::of(&entry.key, &entry.value, options)));
        let named = |section: &str| entries(section).iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
        Self {
            file: &draft.file,
            exports,
            parameters: parameters.collect(),
            order: entries("Parameters").iter().map(|entry| entry.key.as_str()).collect(),
            mappings: root.get("Mappings"),
            conditions: named("Conditions"),
            resources: named("Resources"),
            region: options.region.clone(),
            is_serverless: draft.is_serverless,
        }
    }

    pub(super) fn parameter_names(&self) -> impl Iterator<Item = &str> {
        self.order.iter().copied()
    }

    /// What another of the files exports under a name.
    pub(super) fn imported(&self, name: &str) -> Option<&'n Value<String>> {
        self.exports.get(name)
    }

    /// A resource by its logical id.
    pub(super) fn resource(&self, id: &str) -> Option<&'n Node> {
        self.resources.get(id).copied()
    }

    /// What `Ref` of a name gives, if it is no resource.
    pub(super) fn named(&self, name: &str) -> Named {
        if let Some(parameter) = self.parameters.get(name) {
            return parameter.value(name);
        }
        match (name, &self.region) {
            ("AWS::NoValue", _) => Named::Nothing,
            ("AWS::Region", Some(region)) => Named::Text(Value::Known(region.clone())),
            ("AWS::NotificationARNs", _) => Named::List(Value::Unknown("only the deploy knows it".to_owned())),
            _ => Named::Text(hole(name)),
        }
    }

    /// The values under two keys of a mapping, each of which may be unknown: all that it can be.
    pub(super) fn found_in_map(&self, map: &str, first: Option<&str>, second: Option<&str>) -> Vec<&'n Node> {
        let Some(map) = self.mappings.and_then(|mappings| mappings.get(map)) else { return Vec::new() };
        let under = |node: &'n Node, key: Option<&str>| -> Vec<&'n Node> {
            let wanted = node.entries().iter().filter(|entry| key.is_none_or(|key| entry.key == key));
            wanted.map(|entry| &entry.value).collect()
        };
        under(map, first).into_iter().flat_map(|node| under(node, second)).collect()
    }
}

/// A value of which only the name is known, which is the name of one thing.
pub(super) fn hole(name: &str) -> Value<String> {
    Value::Pattern(Pattern::hole(Hole::named(name)))
}

impl Declared {
    fn of(name: &str, node: &Node, options: &Options) -> Self {
        let text = |key: &str| node.get(key).and_then(scalar);
        let kind = text("Type").unwrap_or_default();
        let is_true = |text: String| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes");
        let allowed = node.get("AllowedValues").map(Node::elements).unwrap_or_default();
        Self {
            is_list: kind == "CommaDelimitedList" || kind.contains("List<"),
            is_stored: kind.starts_with("AWS::SSM::Parameter::Value<"),
            is_secret: text("NoEcho").is_some_and(is_true),
            default: text("Default"),
            allowed: allowed.iter().filter_map(scalar).collect(),
            given: options.parameters.get(name).map(str::to_owned),
        }
    }

    fn value(&self, name: &str) -> Named {
        let given = self.given.as_ref().filter(|_| !self.is_stored && !self.is_secret);
        match (given, self.is_list) {
            (Some(given), true) => {
                Named::List(Value::Known(given.split(',').map(|one| one.trim().to_owned()).collect()))
            }
            (Some(given), false) => Named::Text(resolved(Value::Known(given.clone()))),
            (None, true) => Named::List(Value::Unknown(self.why_unknown(name))),
            (None, false) if !self.allowed.is_empty() && !self.is_stored && !self.is_secret => {
                Named::Text(Value::OneOf(self.allowed.iter().cloned().map(Value::Known).collect()))
            }
            (None, false) => {
                let hint = self.default.clone().filter(|_| !self.is_secret && !self.is_stored);
                Named::Text(Value::Pattern(Pattern::hole(Hole { hint, ..Hole::named(name) })))
            }
        }
    }

    fn why_unknown(&self, name: &str) -> String {
        match (self.is_stored, self.is_secret) {
            (true, _) => format!("the parameter {name} names a value in Parameter Store, and only the deploy reads it"),
            (_, true) => format!("the parameter {name} is a secret, and is not read"),
            _ if self.default.is_some() => {
                format!("the value of the parameter {name} is not given; its default may be overruled")
            }
            _ => format!("the value of the parameter {name} is not given"),
        }
    }
}
