//! JSON as Go's `encoding/json` reads it into a map without types, with places.

use std::collections::HashMap;

use super::node::{Entry, Node, Value};
use super::parsed::DuplicateKey;
use super::parsed::{DEEPEST, MOST_NODES, Parsed};
use super::place::Place;
use super::source::Span;
use crate::go;
use crate::go::json::{Broken, Json, Part};

/// Reads a configuration file: an object.
pub(in crate::config) fn read(text: &str, place: &Place) -> Parsed {
    let mut duplicate_keys = Vec::new();
    let node = match document(text, place, &mut duplicate_keys) {
        Ok(node) => node,
        Err(Broken { words, at }) => {
            let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let at = place.span(at, at + length);
            return match words.as_str() {
                TOO_DEEP => Parsed::too_deep(at),
                TOO_MANY => Parsed::too_many(at),
                _ => Parsed::broken(words, at),
            };
        }
    };
    let at = node.span;
    let (value, words) = match node.value {
        Value::Map(entries) => (Value::Map(entries), None),
        Value::Null => (Value::Map(Vec::new()), None),
        value => (Value::Map(Vec::new()), Some(cannot_unmarshal(&value, "map[string]interface {}"))),
    };
    Parsed {
        root: Some(Node { value, span: at }),
        error: words.map(|words| super::refusal::Refusal {
            kind: super::refusal::RefusalKind::Text,
            words,
            at: Some(at),
        }),
        duplicate_keys,
        ..Parsed::default()
    }
}

/// Go's words for a depth that only we do not read.
const TOO_DEEP: &str = "exceeded max depth";

/// Ours for more values than are read.
const TOO_MANY: &str = "too many values";

/// Reads any value, e.g. the text of an environment variable.
pub(in crate::config) fn read_value(text: &str, place: &Place) -> Result<Node, String> {
    document(text, place, &mut Vec::new()).map_err(|broken| broken.words)
}

/// Go's words for a value of the wrong type.
pub(in crate::config) fn cannot_unmarshal(value: &Value, into: &str) -> String {
    let name = match value {
        Value::Flag(_) => "bool",
        Value::Integer(_) | Value::Float(_) => "number",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Null | Value::Text(_) | Value::Timestamp(_) => "string",
    };
    format!("json: cannot unmarshal {name} into Go value of type {into}")
}

fn document(text: &str, place: &Place, duplicate_keys: &mut Vec<DuplicateKey>) -> Result<Node, Broken> {
    let mut builder = Builder { place, open: Vec::new(), done: None, refused: None, count: 0, duplicate_keys };
    go::json::scan(text, &mut |part| builder.take(part))?;
    match (builder.refused, builder.done) {
        (None, Some(node)) => Ok(node),
        (refused, _) => Err(refused.unwrap_or_else(|| Broken { words: TOO_DEEP.to_owned(), at: 0 })),
    }
}

/// Builds the tree, innermost first.
struct Builder<'a> {
    place: &'a Place,
    open: Vec<Open>,
    done: Option<Node>,
    /// What Go's scanner takes and is refused all the same; nothing is built after it.
    refused: Option<Broken>,
    count: usize,
    duplicate_keys: &'a mut Vec<DuplicateKey>,
}

/// A list or an object that has not ended.
struct Open {
    start: usize,
    value: Value,
    /// The key whose value comes next, and its place.
    key: Option<(String, Span)>,
    /// Where each key of an object was first.
    first: HashMap<String, Span>,
}

impl Builder<'_> {
    fn take(&mut self, part: Part<'_>) {
        if self.refused.is_some() {
            return;
        }
        if let Part::Open(_, at) | Part::Scalar(_, at) = &part {
            self.count += 1;
            if self.count > MOST_NODES {
                return self.refuse(TOO_MANY.to_owned(), *at);
            }
        }
        match part {
            Part::Open(_, at) if self.open.len() >= DEEPEST => self.refuse(TOO_DEEP.to_owned(), at),
            Part::Open(bracket, start) => {
                let value = if bracket == b'{' { Value::Map(Vec::new()) } else { Value::List(Vec::new()) };
                self.open.push(Open { start, value, key: None, first: HashMap::new() });
            }
            Part::Key(key, start) => {
                let span = self.place.span(start, start + key.source().len());
                if let Some(object) = self.open.last_mut() {
                    object.key = Some((key.text().unwrap_or_default(), span));
                }
            }
            Part::Scalar(json, start) => {
                let written = json.source();
                match scalar(json) {
                    Some(value) => self.add(Node { value, span: self.place.span(start, start + written.len()) }),
                    None => self.refuse(
                        format!("json: cannot unmarshal number {written} into Go value of type float64"),
                        start,
                    ),
                }
            }
            Part::Close(end) => {
                if let Some(Open { start, value, .. }) = self.open.pop() {
                    self.add(Node { value, span: self.place.span(start, end) });
                }
            }
        }
    }

    fn refuse(&mut self, words: String, at: usize) {
        self.refused = Some(Broken { words, at });
    }

    /// Puts a value where it belongs.
    fn add(&mut self, node: Node) {
        let Some(parent) = self.open.last_mut() else {
            self.done = Some(node);
            return;
        };
        match (&mut parent.value, parent.key.take()) {
            (Value::Map(entries), Some((key, key_span))) => {
                // The last one wins, silently: viper's lower-casing sees to it, as it does for keys that differ in case.
                match parent.first.get(&key) {
                    Some(&first) => {
                        self.duplicate_keys.push(DuplicateKey { key: key.clone(), first, second: key_span });
                    }
                    None => {
                        parent.first.insert(key.clone(), key_span);
                    }
                }
                entries.push(Entry { key, key_span, value: node });
            }
            (Value::List(elements), _) => elements.push(node),
            _ => {}
        }
    }
}

/// A value as Go has it in an `interface{}`, where every number is a float; `None` for a number that is none.
fn scalar(json: Json<'_>) -> Option<Value> {
    Some(match (json.kind(), json.source()) {
        ("string", _) => Value::Text(json.text()?),
        ("bool", written) => Value::Flag(written == "true"),
        ("null", _) => Value::Null,
        (_, written) => Value::Float(go::parse_float(written).ok()?),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::source::{Source, SourceKind, Sources};
    use super::*;

    fn parse(text: &str) -> Parsed {
        let source = Sources::default().add(Source::new("c.json", SourceKind::File, text));
        read(text, &Place::Verbatim(source, 0))
    }

    #[test]
    fn errors_are_gos() {
        for (text, words) in [
            ("", "unexpected end of JSON input"),
            ("{\"a\": 1,}", "invalid character '}' looking for beginning of object key string"),
            ("a: b", "invalid character 'a' looking for beginning of value"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\": 1 \"b\": 2}", "invalid character '\"' after object key:value pair"),
            ("{'a': 1}", "invalid character '\\'' looking for beginning of object key string"),
            ("{\"a\": tru}", "invalid character '}' in literal true (expecting 'e')"),
            ("{\"a\": \"\n\"}", "invalid character '\\n' in string literal"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
            ("{\"a\": 1e999}", "json: cannot unmarshal number 1e999 into Go value of type float64"),
        ] {
            assert_eq!(parse(text).error.unwrap().words, words, "{text}");
        }
    }

    #[test]
    fn values_and_places() {
        let text = "{\"ä\": \"\\u00e4\\ud83d\\ude00\", \"n\": -1.5e1}";
        let root = parse(text).root.unwrap();
        assert_eq!(root.get("ä").unwrap().value, Value::Text("ä😀".to_owned()));
        assert_eq!(root.get("n").unwrap().value, Value::Float(-15.0));
        assert_eq!(&text[root.get("n").unwrap().span.range()], "-1.5e1");
    }

    #[test]
    fn what_is_refused_beyond_the_grammar_has_its_place() {
        let at = |text: &str| parse(text).error.unwrap().at.unwrap().start;
        assert_eq!(at("{\"a\": [1e999]}"), 7);
        assert_eq!(at("{\"a\": 1e999,}"), 12, "the grammar comes first");
        assert_eq!(at(&"[".repeat(10_001)), 10_000);
        let deep = format!("{}{}", "[".repeat(DEEPEST + 1), "]".repeat(DEEPEST + 1));
        assert!(parse(&deep).error.is_some());
        let twice = parse("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}");
        assert_eq!(twice.duplicate_keys.len(), 1);
        assert_eq!(twice.root.unwrap().entries().len(), 3);
    }
}
