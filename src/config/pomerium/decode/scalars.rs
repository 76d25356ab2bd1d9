//! Weak decoding of single values (`decodeString`, `decodeInt`, … of mapstructure).

use super::{Content, Decoder, Path};
use crate::config::releases::Type;
use crate::config::text::{Node, Value};
use crate::go;

impl Decoder<'_> {
    pub(super) fn scalar(&mut self, path: &Path<'_>, node: &Node, kind: &Type) -> Content {
        match kind {
            Type::Text(go_name) => self.text(path, node, go_name),
            Type::Flag => self.flag(path, node),
            Type::Int(go_name, bits) => self.integer(path, node, go_name, *bits, true),
            Type::Uint(go_name, bits) => self.integer(path, node, go_name, *bits, false),
            Type::Duration => self.integer(path, node, "time.Duration", 64, true),
            Type::OtelDuration => self.integer(path, node, "otelconfig.Duration", 64, true),
            Type::Enum(enumeration) => self.integer(path, node, &format!("configpb.{}", enumeration.name), 32, true),
            Type::Number => self.number(path, node),
            _ => Content::raw(node),
        }
    }

    fn text(&mut self, path: &Path<'_>, node: &Node, go_name: &str) -> Content {
        Content::Text(match &node.value {
            Value::Text(text) => text.clone(),
            Value::Flag(flag) => if *flag { "1" } else { "0" }.to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => go::format_float(*number),
            _ => return self.unconvertible(path, go_name, node),
        })
    }

    fn flag(&mut self, path: &Path<'_>, node: &Node) -> Content {
        Content::Flag(match &node.value {
            Value::Flag(flag) => *flag,
            Value::Integer(number) => *number != 0,
            Value::Float(number) => *number != 0.0,
            Value::Text(text) if text.is_empty() => false,
            Value::Text(text) => match go::parse_bool(text) {
                Some(flag) => flag,
                None => return self.unparsable(path, node, "bool", "ParseBool", "invalid syntax"),
            },
            _ => return self.unconvertible(path, "bool", node),
        })
    }

    fn unparsable(&mut self, path: &Path<'_>, node: &Node, go_name: &str, function: &str, words: &str) -> Content {
        self.error(path, format!("cannot parse value as '{go_name}': strconv.{function}: {words}"), node.span)
    }

    fn integer(&mut self, path: &Path<'_>, node: &Node, go_name: &str, bits: u32, signed: bool) -> Content {
        let number = match &node.value {
            Value::Integer(number) => *number,
            #[allow(clippy::cast_possible_truncation, reason = "Go cuts the fraction off")]
            Value::Float(number) => *number as i128,
            Value::Flag(flag) => i128::from(*flag),
            Value::Text(text) => {
                let text = if text.is_empty() { "0" } else { text };
                let (parsed, function) = if signed {
                    (go::parse_int(text, bits), "ParseInt")
                } else {
                    (go::parse_uint(text, bits), "ParseUint")
                };
                match parsed {
                    Ok(number) => number,
                    Err(words) => return self.unparsable(path, node, go_name, function, words),
                }
            }
            _ => return self.unconvertible(path, go_name, node),
        };
        Content::Integer(number)
    }

    /// A fraction. Nothing about a login is one, so only whether it decodes matters.
    fn number(&mut self, path: &Path<'_>, node: &Node) -> Content {
        match &node.value {
            Value::Integer(_) | Value::Float(_) | Value::Flag(_) => Content::raw(node),
            Value::Text(text) => match go::parse_float(if text.is_empty() { "0" } else { text }) {
                Ok(_) => Content::raw(node),
                Err(words) => self.unparsable(path, node, "float64", "ParseFloat", words),
            },
            _ => self.unconvertible(path, "float64", node),
        }
    }
}
