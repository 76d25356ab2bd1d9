//! TOML configuration files.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Entry, Node, Value};
use super::parsed::{MOST_NODES, Parsed};
use super::place::Place;
use super::source::Span;
use crate::go;

/// Reads a configuration file.
///
/// The grammar is TOML's; Pomerium's library words most errors differently, so here they are those of ours.
pub(in crate::config) fn read(text: &str, place: &Place) -> Parsed {
    // Before a tree is built of them; what stands in strings and comments is counted along.
    if text.bytes().filter(|byte| matches!(byte, b'=' | b',')).count() > MOST_NODES {
        return Parsed::too_many(place.span(0, 0));
    }
    match DeTable::parse(text) {
        Ok(table) => {
            let span = table.span();
            if let Some((at, words)) = too_wide(table.get_ref()) {
                return Parsed::broken(format!("toml: {words}"), place.span(at.start, at.end));
            }
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

/// The first integer that Go cannot hold, where it stands and in the library's words (`decode.go` of go-toml). TOML itself has
/// no limit.
fn too_wide(table: &DeTable<'_>) -> Option<(Range<usize>, String)> {
    table.values().filter_map(too_wide_value).min_by_key(|(at, _)| at.start)
}

fn too_wide_value(value: &Spanned<DeValue<'_>>) -> Option<(Range<usize>, String)> {
    match value.get_ref() {
        DeValue::Integer(number) if i64::from_str_radix(number.as_str(), number.radix()).is_err() => {
            let kind = match number.radix() {
                2 => "binary",
                8 => "octal",
                16 => "hexadecimal",
                _ => "decimal",
            };
            let parsing = format!("strconv.ParseInt: parsing {}: value out of range", go::quote(number.as_str()));
            Some((value.span(), format!("couldn't parse {kind} number: {parsing}")))
        }
        DeValue::Array(elements) => elements.iter().filter_map(too_wide_value).min_by_key(|(at, _)| at.start),
        DeValue::Table(table) => too_wide(table),
        _ => None,
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
    Node { span: with_parts(span, &value), value }
}

/// A table as far as what stands in it: by itself, that of `[[routes]]` is its header alone.
fn with_parts(span: Span, value: &Value) -> Span {
    let last = match value {
        Value::Map(entries) => entries.iter().map(|entry| entry.value.span).max_by_key(|part| part.end),
        Value::List(elements) => elements.iter().map(|element| element.span).max_by_key(|part| part.end),
        _ => None,
    };
    last.map_or(span, |last| Span { end: span.end.max(last.end), ..span })
}
