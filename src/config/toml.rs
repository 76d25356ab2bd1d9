//! TOML configuration files.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::go;
use super::node::{Entry, Node, Value};
use super::parsed::Parsed;
use super::place::Place;

/// Reads a configuration file.
///
/// The grammar is TOML's; Pomerium's library words most errors differently, so here they are those of ours.
pub(super) fn read(text: &str, place: &Place) -> Parsed {
    match DeTable::parse(text) {
        Ok(table) => {
            let span = table.span();
            let root = Node { value: map(table.get_ref(), place), span: place.span(span.start, span.end) };
            Parsed { root: Some(root), ..Parsed::default() }
        }
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            let words = match error.message() {
                "duplicate key" => format!("key {} is already defined", text.get(at.clone()).unwrap_or_default()),
                message => message.to_owned(),
            };
            Parsed::broken(format!("toml: {words}"), place.span(at.start, at.end))
        }
    }
}

fn map(table: &DeTable<'_>, place: &Place) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: place.span(key.span().start, key.span().end),
            value: node(value, place),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    Value::Map(entries)
}

fn node(value: &Spanned<DeValue<'_>>, place: &Place) -> Node {
    let span = place.span(value.span().start, value.span().end);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            i128::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::Integer)
        }
        DeValue::Float(number) => go::parse_float(number.as_str()).map_or(Value::Null, Value::Float),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(time) => Value::Timestamp(time.to_string()),
        DeValue::Array(elements) => Value::List(elements.iter().map(|element| node(element, place)).collect()),
        DeValue::Table(table) => map(table, place),
    };
    Node { value, span }
}
