//! A parsed configuration before any setting is looked up: values with their places, whatever format they came from.

use std::collections::HashSet;
use std::hash::Hash;

use serde_json::Value as Json;

use super::source::Span;
use crate::go;

/// A value and the place it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place. For a value reached through an alias or a merge key, the place of the value itself (where a change is needed).
    pub span: Span,
}

/// A value as Go's decoders hand it to viper.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, or nothing.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(String),
    /// A date or time (YAML and TOML); the text as written.
    Timestamp(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order written.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, as written (Pomerium lower-cases it later).
    pub key: String,
    /// The place of the key.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value under a key of a mapping, comparing letter case as given.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list; none for anything else.
    pub fn elements(&self) -> &[Node] {
        match &self.value {
            Value::List(elements) => elements,
            _ => &[],
        }
    }

    /// The value at the end of a path of keys.
    pub(in crate::config) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar that is one; a date is one to whoever wants a name.
    pub(in crate::config) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Timestamp(text) => Some(text),
            _ => None,
        }
    }

    /// The text at the end of a path of keys.
    pub(in crate::config) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text()
    }

    /// The elements of the list under a key; none if there is no such list.
    pub(in crate::config) fn list(&self, key: &str) -> &[Node] {
        self.get(key).map(Self::elements).unwrap_or_default()
    }
}

impl Node {
    /// `fmt.Sprint` of a value.
    pub(in crate::config) fn printed(&self) -> String {
        match &self.value {
            Value::Null => "<nil>".to_owned(),
            Value::List(elements) => {
                let elements: Vec<String> = elements.iter().map(Self::printed).collect();
                format!("[{}]", elements.join(" "))
            }
            Value::Map(entries) => {
                let mut entries: Vec<String> =
                    entries.iter().map(|entry| format!("{}:{}", entry.key, entry.value.printed())).collect();
                entries.sort();
                format!("map[{}]", entries.join(" "))
            }
            value => value.scalar(),
        }
    }

    /// `%#v`: the value in Go's own syntax.
    pub(in crate::config) fn syntax(&self) -> String {
        match &self.value {
            Value::Null => "interface {}(nil)".to_owned(),
            Value::Text(text) => go::quote(text),
            Value::List(elements) => {
                let elements: Vec<String> = elements.iter().map(Self::syntax).collect();
                format!("[]interface {{}}{{{}}}", elements.join(", "))
            }
            Value::Map(entries) => {
                let mut entries: Vec<String> =
                    entries.iter().map(|entry| format!("{}:{}", go::quote(&entry.key), entry.value.syntax())).collect();
                entries.sort();
                format!("map[string]interface {{}}{{{}}}", entries.join(", "))
            }
            value => value.scalar(),
        }
    }
}

impl Value {
    /// A scalar as Go writes it, also where it is a key that is no string (`cast.ToStringMap`); nothing for anything else.
    pub(in crate::config) fn scalar(&self) -> String {
        match self {
            Self::Text(text) | Self::Timestamp(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => go::format_float(*number),
            Self::Null | Self::List(_) | Self::Map(_) => String::new(),
        }
    }

    /// The Go type a decoded value has, for messages.
    pub(in crate::config) fn go_type(&self) -> &'static str {
        match self {
            Self::Null => "<nil>",
            Self::Flag(_) => "bool",
            Self::Integer(number) if *number > i128::from(i64::MAX) => "uint64",
            Self::Integer(_) => "int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
            Self::Timestamp(_) => "time.Time",
            Self::List(_) => "[]interface {}",
            Self::Map(_) => "map[string]interface {}",
        }
    }

    /// The Go kind of a value, for the messages that name kinds.
    pub(in crate::config) fn go_kind(&self) -> &'static str {
        match self {
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Timestamp(_) => "struct",
            value => value.go_type(),
        }
    }

    /// The type of a value in JSON: `integer` for a whole number, as JSON Schema has it.
    pub(in crate::config) fn json_type(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Flag(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) => "number",
            Self::Text(_) | Self::Timestamp(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }

    /// The value as `encoding/json` has it: the hooks that go through JSON see this.
    pub(in crate::config) fn to_json(&self) -> Json {
        self.to_json_under(&str::to_owned)
    }

    /// The same, under the keys that viper makes of those written; of two that are equal then, the later one counts.
    pub(in crate::config) fn to_json_under(&self, key: &dyn Fn(&str) -> String) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Flag(flag) => Json::Bool(*flag),
            Self::Integer(number) => go::json::integer(*number),
            Self::Float(number) => go::json::float(*number),
            Self::Text(text) => Json::from(text.as_str()),
            Self::Timestamp(text) => Json::from(go::json::time(text)),
            Self::List(elements) => elements.iter().map(|element| element.value.to_json_under(key)).collect(),
            Self::Map(entries) => {
                let member = |entry: &Entry| (key(&entry.key), entry.value.value.to_json_under(key));
                Json::Object(entries.iter().map(member).collect())
            }
        }
    }
}

/// Whether no two are equal.
pub(in crate::config) fn all_differ<T: Copy + Eq + Hash>(items: impl ExactSizeIterator<Item = T> + Clone) -> bool {
    /// So few are sooner compared with each other than put into a table.
    const FEW: usize = 12;
    let mut rest = items;
    if rest.len() > FEW {
        let mut known = HashSet::with_capacity(rest.len());
        return rest.all(|item| known.insert(item));
    }
    while let Some(item) = rest.next() {
        if rest.clone().any(|other| other == item) {
            return false;
        }
    }
    true
}

/// Of the items under the same key the last one, where it stands.
pub(in crate::config) fn last_of_each<T>(mut items: Vec<T>, key: impl Fn(&T) -> &str) -> Vec<T> {
    if all_differ(items.iter().map(&key)) {
        return items;
    }
    let mut known = HashSet::with_capacity(items.len());
    items.reverse();
    items.retain(|item| known.insert(key(item).to_owned()));
    items.reverse();
    items
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn few_and_many_are_told_apart() {
        for count in [0, 1, 2, 12, 13, 100] {
            let mut items: Vec<usize> = (0..count).collect();
            assert!(all_differ(items.iter()), "{count}");
            items.extend(items.first().copied());
            assert_eq!(all_differ(items.iter()), count == 0, "{count}");
        }
    }

    #[test]
    fn of_equal_keys_the_last_stays_and_each_is_looked_at_once() {
        let asked = Cell::new(0);
        let items: Vec<(String, usize)> = (0..3000).map(|number| (format!("k{}", number % 1000), number)).collect();
        let left = last_of_each(items, |item| {
            asked.set(asked.get() + 1);
            &item.0
        });
        assert!(asked.get() <= 6000);
        assert!(left.iter().map(|(_, number)| *number).eq(2000..3000));
    }
}
