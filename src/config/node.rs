//! A parsed configuration before any setting is looked up: values with their places, whatever format they came from.

use std::collections::HashSet;

use super::source::Span;

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
}

/// Of the items under the same key the last one, where it stands.
pub(super) fn last_of_each<T>(mut items: Vec<T>, key: impl Fn(&T) -> &String) -> Vec<T> {
    let mut known = HashSet::with_capacity(items.len());
    items.reverse();
    items.retain(|item| known.insert(key(item).clone()));
    items.reverse();
    items
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn of_equal_keys_the_last_stays_and_each_is_looked_at_once() {
        let asked = Cell::new(0);
        let items: Vec<(String, usize)> = (0..3000).map(|number| (format!("k{}", number % 1000), number)).collect();
        let left = last_of_each(items, |item| {
            asked.set(asked.get() + 1);
            &item.0
        });
        assert_eq!(asked.get(), 3000);
        assert!(left.iter().map(|(_, number)| *number).eq(2000..3000));
    }
}
