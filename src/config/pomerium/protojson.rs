//! Values that protobuf's own decoder of JSON reads (`encoding/protojson`): strictly typed, where mapstructure is weakly so.
//!
//! The ingress controller reads every annotation so (`pomerium/proto.go` of pomerium/ingress-controller, which readies a few values
//! for it), and Pomerium what a route says in Envoy's words (`decodeProtoHookFunc` of `config/custom.go`).

use crate::config::releases::options::{CLUSTER, Enumeration};
use crate::config::releases::{Field, Object, Type, camel};
use crate::config::text::{Entry, Node, Span, Value};
use crate::go;

/// What the decoder refuses, in its own words behind the place in the JSON that it names.
pub(in crate::config) struct Refused {
    pub(in crate::config) at: Span,
    pub(in crate::config) words: String,
}

impl Refused {
    /// As Pomerium logs it, but for the place in the JSON.
    pub(in crate::config) fn as_pomerium_says(&self) -> String {
        format!("proto: … {}", self.words)
    }
}

/// Who reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Reader {
    /// The ingress controller: a field that it does not know stops it, and durations may be Go's.
    Controller,
    /// Pomerium: what it does not know is left out (`protoPartial`).
    Pomerium,
}

/// The value of a field as it is taken, with numbers, texts and names in the form in which Pomerium's other decoder takes them too.
pub(in crate::config) fn field(field: &Field, node: &Node, reader: Reader) -> Result<Node, Refused> {
    Decoder { reader, is_private: field.secret || field.private }.value(&field.kind, field.name, node)
}

/// A message of Envoy's in a list or by itself.
pub(in crate::config) fn message(object: &'static Object, node: &Node, reader: Reader) -> Result<Node, Refused> {
    Decoder { reader, is_private: false }.value(&Type::Message(object), "", node)
}

/// A route as Envoy's cluster, with what is no field of one left out (`parseEnvoyClusterOpts` of `config/custom.go`, v0.31).
pub(in crate::config) fn cluster(route: &[Entry], at: Span) -> Result<(), Refused> {
    let fields: Vec<Entry> = route.iter().filter(|entry| CLUSTER.field(&entry.key).is_some()).cloned().collect();
    message(&CLUSTER, &Node { value: Value::Map(fields), span: at }, Reader::Pomerium).map(|_| ())
}

struct Decoder {
    reader: Reader,
    /// No value may be shown.
    is_private: bool,
}

impl Decoder {
    fn value(&self, kind: &Type, name: &str, node: &Node) -> Result<Node, Refused> {
        let with = |value: Value| Ok(Node { value, span: node.span });
        match (kind, &node.value) {
            (Type::Nullable(inner), _) => self.value(inner, name, node),
            (Type::Flag | Type::JsonFlag, Value::Flag(_))
            | (Type::Text(_) | Type::JsonText, Value::Text(_) | Value::Timestamp(_)) => Ok(node.clone()),
            (Type::Flag | Type::JsonFlag, _) => Err(self.invalid("bool", name, node)),
            (Type::Text(_) | Type::JsonText, _) => Err(self.invalid("string", name, node)),
            (Type::Int(_, bits), _) => {
                self.number(i64::MIN >> (64 - bits), i64::MAX >> (64 - bits), "int", *bits, name, node)
            }
            (Type::JsonInt, _) => self.number(i32::MIN.into(), i32::MAX.into(), "int", 32, name, node),
            (Type::Uint(..) | Type::JsonUint, _) => self.number(0, u32::MAX.into(), "uint", 32, name, node),
            (Type::Duration, Value::Text(text)) if self.is_duration(text) => Ok(node.clone()),
            (Type::Duration, Value::Text(_)) => {
                let words = format!("invalid google.protobuf.Duration value {}", self.raw(node));
                Err(Refused { at: node.span, words })
            }
            (Type::Enum(enumeration), _) => self.enumeration(enumeration, name, node),
            (Type::List(element), Value::List(nodes)) => {
                let nodes: Result<Vec<Node>, Refused> =
                    nodes.iter().map(|node| self.value(element, name, node)).collect();
                with(Value::List(nodes?))
            }
            // `fmt.Sprint` makes a text of each value.
            (Type::Map(..), Value::Map(entries)) => {
                let text = |entry: &Entry| {
                    let value = Node { value: Value::Text(entry.value.printed()), span: entry.value.span };
                    Entry { value, ..entry.clone() }
                };
                with(Value::Map(entries.iter().map(text).collect()))
            }
            (Type::Claims, Value::Map(entries)) => {
                match entries.iter().find(|entry| !matches!(entry.value.value, Value::List(_))) {
                    Some(entry) => Err(self.unexpected(&entry.value)),
                    None => Ok(node.clone()),
                }
            }
            (Type::Object(object) | Type::Message(object), Value::Map(entries)) => {
                let is_of_envoy = matches!(kind, Type::Message(_));
                let entries: Result<Vec<Entry>, Refused> =
                    entries.iter().map(|entry| self.entry(object, is_of_envoy, entry)).collect();
                with(Value::Map(entries?))
            }
            (Type::Duration | Type::List(_) | Type::Map(..) | Type::Claims | Type::Object(_) | Type::Message(_), _) => {
                Err(self.unexpected(node))
            }
            _ => Ok(node.clone()),
        }
    }

    /// A field goes by its name and by that name in camel case. A null is as good as nothing.
    fn entry(&self, object: &'static Object, is_of_envoy: bool, entry: &Entry) -> Result<Entry, Refused> {
        let known = object.fields.iter().find(|field| field.name == entry.key || camel(field.name) == entry.key);
        let Some(field) = known else {
            // Of Envoy's messages, a release may have more than is known here.
            return if self.reader == Reader::Pomerium || is_of_envoy {
                Ok(entry.clone())
            } else {
                Err(Refused { at: entry.key_span, words: format!("unknown field {}", go::quote(&entry.key)) })
            };
        };
        if entry.value.value == Value::Null {
            return Ok(Entry { key: field.name.to_owned(), ..entry.clone() });
        }
        // Envoy's numbers and flags that may be absent are messages of their own, with the field `value`.
        let is_wrapped = is_of_envoy && matches!(field.kind, Type::JsonUint | Type::JsonFlag);
        let inner = Decoder { reader: self.reader, is_private: self.is_private || field.secret || field.private };
        let value = inner.value(&field.kind, if is_wrapped { "value" } else { field.name }, &entry.value)?;
        Ok(Entry { key: field.name.to_owned(), key_span: entry.key_span, value })
    }

    /// A whole number, or a text that is one.
    fn number(&self, least: i64, most: i64, kind: &str, bits: u32, name: &str, node: &Node) -> Result<Node, Refused> {
        #[allow(clippy::cast_possible_truncation, reason = "it has no fraction")]
        let number = match &node.value {
            Value::Integer(number) => Some(*number),
            Value::Float(number) if number.fract() == 0.0 => Some(*number as i128),
            Value::Text(text) => text.parse::<i128>().ok().filter(|_| !text.starts_with('+')),
            _ => None,
        };
        match number.filter(|number| (i128::from(least)..=i128::from(most)).contains(number)) {
            Some(number) => Ok(Node { value: Value::Integer(number), span: node.span }),
            None => Err(self.invalid(&format!("{kind}{bits}"), name, node)),
        }
    }

    /// The name of a value, or its number. The controller takes it without what all names begin with, too, and of one enumeration in
    /// any letter case (`preprocessAnnotationField`).
    fn enumeration(&self, enumeration: &'static Enumeration, name: &str, node: &Node) -> Result<Node, Refused> {
        let is_known = match &node.value {
            Value::Integer(number) => i32::try_from(*number).is_ok(),
            Value::Text(text) if enumeration.name == "LoadBalancingPolicy" => {
                enumeration.is_called(&text.to_lowercase()) || enumeration.is_called(&text.to_uppercase())
            }
            Value::Text(text) => enumeration.is_called(text),
            _ => false,
        };
        if is_known { Ok(node.clone()) } else { Err(self.invalid("enum", name, node)) }
    }

    /// Seconds with a fraction; the controller makes such of Go's durations.
    fn is_duration(&self, text: &str) -> bool {
        let is_go = self.reader == Reader::Controller && go::parse_duration(text).is_ok();
        let digits = text.strip_suffix('s').map(|seconds| seconds.strip_prefix(['-', '+']).unwrap_or(seconds));
        let is_seconds = |seconds: &str| {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            // Of 315,576,000,000 seconds on, it is out of range.
            !(whole.is_empty() && fraction.is_empty())
                && whole.len() <= 12
                && fraction.len() <= 9
                && are_digits(whole)
                && are_digits(fraction)
        };
        is_go || digits.is_some_and(is_seconds)
    }

    fn invalid(&self, kind: &str, name: &str, node: &Node) -> Refused {
        match node.value {
            Value::List(_) | Value::Map(_) => {
                let open = if matches!(node.value, Value::List(_)) { "[" } else { "{" };
                Refused { at: node.span, words: format!("invalid value for {kind} field {}: {open}", camel(name)) }
            }
            _ => Refused {
                at: node.span,
                words: format!("invalid value for {kind} field {}: {}", camel(name), self.raw(node)),
            },
        }
    }

    fn unexpected(&self, node: &Node) -> Refused {
        Refused { at: node.span, words: format!("unexpected token {}", self.raw(node)) }
    }

    /// The first token of a value as Go writes it in JSON.
    fn raw(&self, node: &Node) -> String {
        match &node.value {
            Value::List(_) => "[".to_owned(),
            Value::Map(_) => "{".to_owned(),
            Value::Text(_) | Value::Timestamp(_) if self.is_private => "…".to_owned(),
            value => go::json::written(&value.to_json()),
        }
    }
}
