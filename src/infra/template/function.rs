//! The functions of templates in their three spellings: `Fn::Sub: x`, `!Sub x`, and the two that have no prefix.

use crate::config::{Node, Value};

/// A call of a function.
pub(super) struct Call<'n> {
    /// Without a prefix: `Sub`, `Ref`, `Condition`.
    pub(super) name: &'n str,
    pub(super) argument: &'n Node,
}

/// The call that a value is, if it is one.
pub(super) fn call(node: &Node) -> Option<Call<'_>> {
    let [entry] = node.entries() else { return None };
    let key = entry.key.as_str();
    let name = key.strip_prefix('!').or_else(|| key.strip_prefix("Fn::"));
    let name = name.or_else(|| ["Ref", "Condition"].contains(&key).then_some(key))?;
    Some(Call { name, argument: &entry.value })
}

/// An expression in one spelling, whichever of the three it has; none, if it need not come to the same each time.
pub(super) fn spelled(node: &Node) -> Option<String> {
    if let Some(call) = call(node) {
        // A macro is a program.
        return if call.name == "Transform" {
            None
        } else {
            Some(format!("{}({})", call.name, spelled(call.argument)?))
        };
    }
    let inner: Option<Vec<String>> = match &node.value {
        Value::List(members) => members.iter().map(spelled).collect(),
        Value::Map(entries) => {
            entries.iter().map(|entry| Some(format!("{:?}: {}", entry.key, spelled(&entry.value)?))).collect()
        }
        _ => return Some(format!("{:?}", scalar(node))),
    };
    Some(format!("[{}]", inner?.join(", ")))
}

/// `Fn::ForEach::Name`, which makes several members of one.
pub(super) fn is_loop(key: &str) -> bool {
    key.starts_with("Fn::ForEach::")
}

/// What adds members to a map beside those that are written: a macro, whose own stand in another file, or a loop, which AWS takes among
/// properties too (`CloudFormation`, `Fn::ForEach`).
pub(super) fn added_beside(node: &Node) -> Option<&str> {
    let mut keys = node.entries().iter().map(|entry| entry.key.as_str());
    keys.find(|key| *key == "Fn::Transform" || is_loop(key))
}

/// The text of a scalar, as `CloudFormation` takes it.
pub(super) fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Timestamp(text) => Some(text.clone()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// The resource and the attribute that `GetAtt` names, as a text or as a list.
pub(super) fn attribute(argument: &Node) -> Option<(String, String)> {
    match argument.elements() {
        [resource, attribute] => Some((scalar(resource)?, scalar(attribute)?)),
        _ => scalar(argument)?.split_once('.').map(|(resource, name)| (resource.to_owned(), name.to_owned())),
    }
}
