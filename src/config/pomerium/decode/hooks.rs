//! Pomerium's decode hooks, in their order (`config/constants.go` `ViperPolicyHooks`).

use std::borrow::Cow;

use super::super::{policy, protojson};
use super::targets::targets;
use super::{Content, Decoded, Decoder, Path, is_route};
use crate::config::releases::Type;
use crate::config::releases::options::WITHOUT_CLUSTER_FIELDS;
use crate::config::text::{Entry, Node, Place, RefusalKind, Span, Value, json, yaml};
use crate::go;

/// Where the text of a value stands: in so many bytes, it stands there as it is.
fn place_of(text: &str, at: Span) -> Place {
    if at.end - at.start == text.len() { Place::Verbatim(at.source, at.start) } else { Place::Decoded(at) }
}

/// What the hooks made of a value.
pub(super) enum Hooked {
    /// Nothing.
    Unchanged,
    /// The final value.
    Done(Content),
    /// The value, but an error has been found that hides all others in it.
    Silently,
    /// Another value to decode, and whether its keys are in lower case.
    Instead(Node, bool),
}

impl Decoder<'_> {
    pub(super) fn hooks(&mut self, path: &Path<'_>, node: &Node, kind: &Type) -> Hooked {
        let at = node.span;
        match (kind, &node.value) {
            (Type::Duration, Value::Text(text)) => Hooked::Done(match go::parse_duration(text) {
                Ok(nanoseconds) => Content::Integer(nanoseconds.into()),
                Err(words) => self.error(path, words, at),
            }),
            (Type::List(element), Value::Text(text)) if is_route(element) => self.encoded_routes(path, text, at),
            (Type::List(_), Value::Text(text)) => Hooked::Instead(split_on_commas(text, at), self.lower_cased),
            (Type::Enum(enumeration), Value::Text(text)) => Hooked::Done(match enumeration.find(text, self.release) {
                Some(number) => Content::Integer(number),
                None => self.error(path, format!("unsupported enum value {text} for {}", enumeration.name), at),
            }),
            (Type::Object(_), value) if is_route(kind) => self.route(path, value, at),
            (Type::Map(go_name, element), Value::Text(text)) => self.json_map(path, text, go_name, element, at),
            (Type::Claims, Value::Text(text)) => self.json_map(path, text, "map[string]interface {}", &Type::Any, at),
            (Type::ClaimHeaders, _) => Hooked::Done(self.claim_headers(path, node)),
            (Type::Ppl, _) => Hooked::Done(match policy::parse_ppl(node, self.lower_cased) {
                Ok(compiled) => Content::Ppl(compiled.into()),
                Err(words) => self.refuse(RefusalKind::Policy, path, words, at),
            }),
            (Type::JsonFlag | Type::JsonText | Type::JsonUint | Type::JsonInt, _) => {
                Hooked::Done(self.by_way_of_json(path, node, kind))
            }
            (Type::SanMatcher, _) => Hooked::Done(self.san_matcher(path, node)),
            (Type::OtelDuration, _) => self.otel_duration(path, node),
            (Type::Targets, _) => {
                let known = self.targets.take().filter(|(known, _)| *known == at).map(|(_, content)| content);
                Hooked::Done(known.unwrap_or_else(|| targets(node).unwrap_or(Content::Zero)))
            }
            _ => Hooked::Unchanged,
        }
    }

    /// `POLICY` and `ROUTES`: base64 of a YAML list. Its keys keep their case.
    fn encoded_routes(&mut self, path: &Path<'_>, text: &str, at: Span) -> Hooked {
        let parts = if text.is_empty() { 0 } else { text.split(',').count() };
        if parts != 1 {
            return Hooked::Done(self.refuse(
                RefusalKind::EncodedRoutes,
                path,
                format!("base64 policy data: expecting 1, got {parts}"),
                at,
            ));
        }
        let bytes = match go::base64::decode(text) {
            Ok(bytes) => bytes,
            Err(words) => {
                return Hooked::Done(self.refuse(
                    RefusalKind::EncodedRoutes,
                    path,
                    format!("base64 decoding policy data: {words}"),
                    at,
                ));
            }
        };
        let yaml_text = String::from_utf8_lossy(&bytes);
        let place = match &yaml_text {
            Cow::Borrowed(_) => place_of(text, at).inside_base64(text),
            Cow::Owned(_) => Place::Decoded(at),
        };
        let parsed = yaml::read(&yaml_text, &place, yaml::Wanted::ListOfMappings);
        if let Some(error) = parsed.error {
            self.refuse(
                RefusalKind::EncodedRoutes,
                path,
                format!("parsing base64-encoded policy data as yaml: {}", error.words),
                at,
            );
        }
        if crate::go::json::parse(&yaml_text).is_ok() {
            self.json.push(at);
        }
        match parsed.root {
            Some(node) => Hooked::Instead(Node { span: at, ..node }, false),
            None => Hooked::Done(Content::Zero),
        }
    }

    /// A route must be a mapping, and `to` is read before anything else of it.
    fn route(&mut self, path: &Path<'_>, value: &Value, at: Span) -> Hooked {
        let Value::Map(entries) = value else {
            return Hooked::Done(self.error(path, "cannot convert nested map: all keys must be strings", at));
        };
        if let Some(to) = entries.iter().find(|entry| entry.key == "to")
            && !matches!(&to.value.value, Value::Text(text) if (self.is_open)(text, to.value.span))
        {
            match targets(&to.value) {
                Ok(content) => self.targets = Some((to.value.span, content)),
                Err(words) => {
                    // Pomerium drops the whole route here; we keep it, so that the other rules can see it.
                    self.error(path, words, to.value.span);
                    return Hooked::Silently;
                }
            }
        }
        if self.release < WITHOUT_CLUSTER_FIELDS
            && let Err(refused) = protojson::cluster(entries, at)
        {
            self.error(path, refused.as_pomerium_says(), refused.at);
            return Hooked::Silently;
        }
        Hooked::Unchanged
    }

    fn json_map(&mut self, path: &Path<'_>, text: &str, go_name: &str, element: &Type, at: Span) -> Hooked {
        let node = match json::read_value(text, &place_of(text, at)) {
            Ok(node) => node,
            Err(words) => return Hooked::Done(self.error(path, words, at)),
        };
        let entries = match node.value {
            Value::Map(entries) => entries,
            Value::Null => Vec::new(),
            other => return Hooked::Done(self.error(path, json::cannot_unmarshal(&other, go_name), at)),
        };
        for entry in &entries {
            let wrong = match (element, &entry.value.value) {
                (Type::Text(_), Value::Null | Value::Text(_)) | (Type::Flag, Value::Null | Value::Flag(_)) => None,
                (Type::Text(name), _) => Some(*name),
                (Type::Flag, _) => Some("bool"),
                _ => None,
            };
            if let Some(name) = wrong {
                return Hooked::Done(self.error(path, json::cannot_unmarshal(&entry.value.value, name), at));
            }
        }
        Hooked::Instead(Node { value: Value::Map(entries), span: at }, false)
    }

    /// `null.Bool` and its like accept what JSON accepts and nothing else.
    fn by_way_of_json(&mut self, path: &Path<'_>, node: &Node, kind: &Type) -> Content {
        let name = match (kind, &node.value) {
            (Type::JsonFlag, Value::Flag(flag)) => return Content::Flag(*flag),
            (Type::JsonText, Value::Text(text)) => return Content::Text(text.clone()),
            (Type::JsonUint | Type::JsonInt, Value::Integer(number)) => {
                return self.json_number(path, node, kind, *number);
            }
            #[allow(clippy::cast_possible_truncation, reason = "it has no fraction")]
            (Type::JsonUint | Type::JsonInt, Value::Float(number)) if number.fract() == 0.0 => {
                return self.json_number(path, node, kind, *number as i128);
            }
            (Type::JsonFlag, _) => "bool",
            (Type::JsonText, _) => "string",
            (Type::JsonUint, _) => "uint64",
            _ => "int64",
        };
        self.error(path, json::cannot_unmarshal(&node.value, name), node.span)
    }

    /// `null.Uint32` and `null.Int32` read 64 bits and keep 32 (`uint32.go` and `int32.go` of volatiletech/null).
    fn json_number(&mut self, path: &Path<'_>, node: &Node, kind: &Type, number: i128) -> Content {
        let (name, wide, kept) = match kind {
            Type::JsonUint => ("uint32", 0..=i128::from(u64::MAX), i128::from(u32::MAX)),
            _ => ("int32", i128::from(i64::MIN)..=i128::from(i64::MAX), i128::from(i32::MAX)),
        };
        if !wide.contains(&number) {
            let wide = name.replace("32", "64");
            let words = format!("json: cannot unmarshal number {number} into Go value of type {wide}");
            return self.error(path, words, node.span);
        }
        if number > kept {
            return self.error(path, format!("json: {number} overflows max {name} value"), node.span);
        }
        Content::Integer(number)
    }

    /// `jwt_claims_headers`: a mapping of header to claim, or claims in a list or in one string, each with the header
    /// `x-pomerium-claim-…`. Pomerium reads them out of JSON (`config/custom.go` `JWTClaimHeaders`), in which a time is a text.
    fn claim_headers(&mut self, path: &Path<'_>, node: &Node) -> Content {
        let text = |text: String, node: &Node| Decoded::new(Content::Text(text), node);
        let claim = |node: &Node| match &node.value {
            Value::Timestamp(written) => go::json::time(written),
            _ => node.printed(),
        };
        let header = |claim: &str| format!("x-pomerium-claim-{}", claim.replace('_', "-").to_ascii_lowercase());
        let mut entries = Vec::new();
        match &node.value {
            Value::Map(written) => {
                for Entry { key, key_span, value } in written {
                    if !is_token(key) {
                        let words = format!("has invalid header name {}", go::quote(key));
                        return self.error(path, words, *key_span);
                    }
                    entries.push((key.clone().into(), *key_span, text(claim(value), value)));
                }
            }
            Value::List(claims) => {
                for element in claims {
                    if matches!(element.value, Value::Map(_)) {
                        let words = "syntax error: found nested object in array of values";
                        return self.error(path, words, element.span);
                    }
                    let name = claim(element);
                    entries.push((header(&name).into(), element.span, text(name, element)));
                }
            }
            Value::Text(_) | Value::Timestamp(_) => {
                for word in claim(node).split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()) {
                    entries.push((header(word).into(), node.span, text(word.to_owned(), node)));
                }
            }
            value => {
                let found = go::json::written(&value.to_json());
                let words = format!("JWTClaimHeaders must be an object or an array of values, got: {found}");
                return self.error(path, words, node.span);
            }
        }
        Content::Map(entries)
    }

    fn san_matcher(&mut self, path: &Path<'_>, node: &Node) -> Content {
        let is_text = |entry: &&Entry| matches!(entry.value.value, Value::Text(_) | Value::Null);
        let words = match &node.value {
            Value::Map(entries) => match entries.iter().find(|entry| !is_text(entry)) {
                Some(entry) => json::cannot_unmarshal(&entry.value.value, "string"),
                None if entries.len() == 1 => return Content::raw(node),
                None => "unsupported SAN matcher format: expected {type: pattern}".to_owned(),
            },
            value => json::cannot_unmarshal(value, "map[string]string"),
        };
        self.error(path, words, node.span)
    }

    fn otel_duration(&mut self, path: &Path<'_>, node: &Node) -> Hooked {
        let text = node.printed();
        Hooked::Done(if let Ok(milliseconds) = text.parse::<i64>() {
            Content::Integer(i128::from(milliseconds.max(0)) * 1_000_000)
        } else {
            let words = format!("strconv.ParseInt: parsing {}: invalid syntax", go::quote(&text));
            self.error(path, words, node.span)
        })
    }
}

/// Elements are not trimmed: ` email` stays ` email`. The empty string has none.
fn split_on_commas(text: &str, at: Span) -> Node {
    let element = |part: &str| Node { value: Value::Text(part.to_owned()), span: at };
    let elements = if text.is_empty() { Vec::new() } else { text.split(',').map(element).collect() };
    Node { value: Value::List(elements), span: at }
}

/// A header name (RFC 9110 §5.6.2).
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
