//! From nodes to values, as `decode.go` of yaml.v3 does for a map without types.

use std::collections::{HashMap, HashSet};

use super::super::node::{Entry, Node, Value, all_differ};
use super::super::parsed::{MOST_ALIASED_TEXT, MOST_NODES};
use super::super::place::Place;
use super::super::source::Span;
use super::tree::{Kind, NodeId, Raw, Tree};
use super::{Wanted, is_mapping, scalar};
use crate::config::text::parsed::DuplicateKey;
use crate::config::text::refusal::{Refusal, RefusalKind};
use crate::go;

/// How many errors are listed: enough to repair a file, few enough to read.
const MOST_ERRORS: usize = 100;

/// What went wrong while building the values.
#[derive(Default)]
pub(super) struct Problems {
    /// The whole error, in Go's words.
    pub(super) error: Option<Refusal>,
    pub(super) duplicate_keys: Vec<DuplicateKey>,
    /// Where, with what aliases repeat, there are more values than are read.
    pub(super) too_many: Option<Span>,
    /// Why a value that is written is not among those that were built.
    pub(super) lost: Option<Refusal>,
}

/// Builds values and collects what Go would complain about.
pub(super) struct Constructor<'a> {
    tree: &'a Tree<'a>,
    text: &'a str,
    place: &'a Place,
    /// Errors that Go collects and reports together.
    errors: Vec<(String, Span)>,
    /// The error at which Go gives up. We go on, silently, so that other rules still have something to judge.
    fatal: Option<(String, Span)>,
    /// The first error for which a value that is written is left out.
    lost: Option<(String, Span)>,
    duplicate_keys: Vec<DuplicateKey>,
    /// Inside something Go does not decode any more: its errors are not ours to report.
    quiet: usize,
    following: HashSet<NodeId>,
    decoded: u64,
    aliased: u64,
    aliased_text: usize,
    alias_depth: usize,
    too_many: Option<Span>,
    /// A value with a tag that YAML does not know becomes a mapping with that tag as its one key.
    keeps_tags: bool,
}

impl<'a> Constructor<'a> {
    pub(super) fn new(tree: &'a Tree<'a>, text: &'a str, place: &'a Place, keeps_tags: bool) -> Self {
        Self {
            tree,
            text,
            place,
            errors: Vec::new(),
            fatal: None,
            lost: None,
            duplicate_keys: Vec::new(),
            quiet: 0,
            following: HashSet::new(),
            decoded: 0,
            aliased: 0,
            aliased_text: 0,
            alias_depth: 0,
            too_many: None,
            keeps_tags,
        }
    }

    pub(super) fn finish(self) -> Problems {
        let collected = self.errors.first().map(|(_, at)| {
            let lines: Vec<&str> = self.errors.iter().map(|(words, _)| words.as_str()).collect();
            let kind = if self.duplicate_keys.is_empty() { RefusalKind::Text } else { RefusalKind::DuplicateKey };
            Refusal { kind, words: format!("yaml: unmarshal errors:\n  {}", lines.join("\n  ")), at: Some(*at) }
        });
        let refusal = |(words, at): (String, Span)| {
            let words = format!("yaml: {words}");
            Refusal { kind: RefusalKind::Text, words, at: Some(at) }
        };
        Problems {
            error: self.fatal.map(refusal).or(collected),
            duplicate_keys: self.duplicate_keys,
            too_many: self.too_many,
            lost: self.lost.map(refusal),
        }
    }

    /// The top-level value; something of another kind becomes an error and an empty value.
    pub(super) fn top(&mut self, root: NodeId, wanted: Wanted) -> Node {
        let raw = self.tree.get(root);
        let at = self.span(raw);
        let node = match (wanted, raw.kind) {
            (Wanted::Anything, _) => self.value(root),
            (Wanted::Mapping, Kind::Mapping) => self.mapping(root, true),
            (Wanted::ListOfMappings, Kind::Sequence) => {
                for &child in &raw.children {
                    let element = self.tree.get(child);
                    if !is_mapping(self.tree, child) && element.tag != "!!null" {
                        self.cannot_unmarshal(element, "map[interface {}]interface {}");
                    }
                }
                self.value(root)
            }
            _ if raw.tag == "!!null" => Node { value: super::empty(wanted), span: at },
            (Wanted::Mapping, _) => {
                self.cannot_unmarshal(raw, "map[string]interface {}");
                Node { value: super::empty(wanted), span: at }
            }
            (Wanted::ListOfMappings, _) => {
                self.cannot_unmarshal(raw, "[]map[interface {}]interface {}");
                Node { value: super::empty(wanted), span: at }
            }
        };
        Node { span: at, ..node }
    }

    fn span(&self, raw: &Raw) -> Span {
        self.place.span(raw.start, raw.end)
    }

    fn error(&mut self, words: String, at: Span) {
        if self.quiet == 0 && self.fatal.is_none() && self.errors.len() < MOST_ERRORS {
            self.errors.push((words, at));
        }
    }

    fn fail(&mut self, words: impl Into<String>, at: Span) {
        if self.quiet == 0 && self.fatal.is_none() {
            self.fatal = Some((words.into(), at));
        }
    }

    /// An error for which a value that is written is left out.
    fn lose(&mut self, words: impl Into<String>, at: Span) {
        let words = words.into();
        self.lost.get_or_insert_with(|| (words.clone(), at));
        self.fail(words, at);
    }

    fn cannot_unmarshal(&mut self, raw: &Raw, into: &str) {
        let value = match raw.kind {
            Kind::Scalar if raw.value.len() > 10 => {
                // Go cuts bytes; a cut character shows as the replacement character.
                format!(" `{}...`", String::from_utf8_lossy(&raw.value.as_bytes()[..7]))
            }
            Kind::Scalar => format!(" `{}`", raw.value),
            _ => String::new(),
        };
        self.error(format!("line {}: cannot unmarshal {}{value} into {into}", raw.line, raw.tag), self.span(raw));
    }

    /// Counts a decoding step as yaml.v3 does and refuses documents that are made of aliases.
    fn count(&mut self, at: Span) {
        self.decoded += 1;
        if self.alias_depth > 0 {
            self.aliased += 1;
        }
        if self.decoded > MOST_NODES as u64 {
            self.too_many.get_or_insert(at);
            self.aliased_text = usize::MAX;
            return;
        }
        #[allow(clippy::cast_precision_loss, reason = "the ratio needs no precision: counts stay far below 2^52")]
        let ratio = self.aliased as f64 / self.decoded as f64;
        if self.aliased > 100 && self.decoded > 1000 && ratio > allowed_alias_ratio(self.decoded)
            || self.aliased_text > MOST_ALIASED_TEXT
        {
            let why = ("document contains excessive aliasing".to_owned(), at);
            self.lost.get_or_insert_with(|| why.clone());
            self.fatal.get_or_insert(why);
            self.aliased_text = usize::MAX;
        }
    }

    fn value(&mut self, id: NodeId) -> Node {
        let raw = self.tree.get(id);
        let at = self.span(raw);
        self.count(at);
        let node = self.untagged(id, raw, at);
        if !self.keeps_tags || !raw.tag.starts_with('!') || raw.tag.starts_with("!!") {
            return node;
        }
        let key_span = self.place.span(raw.start, raw.start + raw.tag.len());
        Node { value: Value::Map(vec![Entry { key: raw.tag.to_string(), key_span, value: node }]), span: at }
    }

    fn untagged(&mut self, id: NodeId, raw: &Raw, at: Span) -> Node {
        match raw.kind {
            Kind::Scalar => Node { value: self.scalar(raw), span: at },
            Kind::Mapping => self.mapping(id, false),
            Kind::Sequence => {
                let elements = raw.children.iter().map(|&child| self.value(child)).collect();
                Node { value: Value::List(elements), span: at }
            }
            Kind::Alias(target) => self.alias(id, target),
        }
    }

    fn alias(&mut self, id: NodeId, target: NodeId) -> Node {
        let raw = self.tree.get(id);
        let at = self.span(raw);
        if self.following.contains(&target) {
            self.lose(format!("anchor '{}' value contains itself", raw.value), at);
            return Node { value: Value::Null, span: at };
        }
        if self.aliased_text == usize::MAX {
            return Node { value: Value::Null, span: at };
        }
        self.following.insert(target);
        self.alias_depth += 1;
        let node = self.value(target);
        self.alias_depth -= 1;
        self.following.remove(&target);
        node
    }

    fn scalar(&mut self, raw: &Raw) -> Value {
        if self.alias_depth > 0 {
            self.aliased_text = self.aliased_text.saturating_add(raw.value.len());
        }
        match scalar::resolve(&raw.tag, &raw.value) {
            Ok(Some(value)) => value,
            Ok(None) if raw.tag == "!!binary" => self.binary(raw),
            Ok(None) => Value::Text(raw.value.to_string()),
            Err(words) => {
                self.fail(words, self.span(raw));
                Value::Text(raw.value.to_string())
            }
        }
    }

    fn binary(&mut self, raw: &Raw) -> Value {
        if let Ok(bytes) = go::base64::decode(&raw.value) {
            Value::Text(String::from_utf8_lossy(&bytes).into_owned())
        } else {
            self.fail("!!binary value contains invalid base64 data", self.span(raw));
            Value::Text(raw.value.to_string())
        }
    }

    /// A mapping. The keys of the top level are Go strings, so each key is its text; below, a key is a value of its own.
    fn mapping(&mut self, id: NodeId, top: bool) -> Node {
        let raw = self.tree.get(id);
        let at = self.span(raw);
        if top {
            self.count(at);
        }
        // At the top level such a key is only one that is no text.
        if let Some(template) = if top { None } else { self.template(raw, at) } {
            return template;
        }
        let repeated = self.check_repeated(raw);
        self.quiet += usize::from(repeated);
        let mut entries: Vec<Entry> = Vec::with_capacity(raw.children.len() / 2);
        let mut merged = None;
        for pair in raw.children.chunks_exact(2) {
            let (key, value) = (pair[0], pair[1]);
            let key_raw = self.tree.get(key);
            if key_raw.kind == Kind::Scalar && key_raw.plain && key_raw.value == "<<" && key_raw.tag == "!!merge" {
                merged = Some(value);
                continue;
            }
            let Some(name) = self.key(key, top) else { continue };
            let key_span = self.span(key_raw);
            let value = self.value(value);
            // A repeated key keeps both its values: what must be masked is masked in both.
            entries.push(Entry { key: name, key_span, value });
        }
        if let Some(merged) = merged {
            self.merge(merged, &mut entries);
        }
        self.quiet -= usize::from(repeated);
        Node { value: Value::Map(entries), span: at }
    }

    /// The text of a key, as viper turns keys into strings; `None` if Go leaves the entry out.
    fn key(&mut self, id: NodeId, top: bool) -> Option<String> {
        let raw = self.tree.get(id);
        let target = match raw.kind {
            Kind::Alias(target) => self.tree.get(target),
            _ => raw,
        };
        if top {
            return match target.kind {
                Kind::Scalar if target.tag == "!!null" => None,
                Kind::Scalar => Some(target.value.to_string()),
                _ => {
                    self.cannot_unmarshal(target, "string");
                    None
                }
            };
        }
        let at = self.span(raw);
        let node = self.value(id);
        match node.value {
            Value::Map(_) | Value::List(_) => {
                self.lose(format!("invalid map key: {}", node.syntax()), at);
                None
            }
            value => Some(value.scalar()),
        }
    }

    /// `{{ .Values.x }}` without quotes is a mapping with a mapping for its key. It is a template that nobody has filled in,
    /// and its text tells the other rules so.
    fn template(&mut self, raw: &Raw, at: Span) -> Option<Node> {
        let written = self.text.get(raw.start..raw.end)?;
        if !written.starts_with("{{") || !written.ends_with("}}") {
            return None;
        }
        let [key, _] = raw.children[..] else { return None };
        let key_span = self.span(self.tree.get(key));
        let key = self.value(key);
        self.fail(format!("invalid map key: {}", key.syntax()), key_span);
        Some(Node { value: Value::Text(written.to_owned()), span: at })
    }

    /// Complains about keys that stand twice; whether there are any.
    fn check_repeated(&mut self, raw: &Raw) -> bool {
        let tree = self.tree;
        let keys = raw.children.iter().step_by(2).map(|&key| {
            let raw = tree.get(key);
            ((std::mem::discriminant(&raw.kind), &*raw.value), key)
        });
        if all_differ(keys.clone().map(|(key, _)| key)) {
            return false;
        }
        let mut places: HashMap<_, Vec<NodeId>> = HashMap::new();
        for (name, key) in keys {
            places.entry(name).or_default().push(key);
        }
        let mut repeated: Vec<Vec<NodeId>> = places.into_values().filter(|keys| keys.len() > 1).collect();
        repeated.sort();
        for keys in repeated {
            for (position, &first) in keys.iter().enumerate().take(MOST_ERRORS) {
                for &second in keys.iter().skip(position + 1).take(MOST_ERRORS) {
                    self.repeated(first, second, position == 0);
                }
            }
        }
        true
    }

    fn repeated(&mut self, first: NodeId, second: NodeId, is_first: bool) {
        let (first, second) = (self.tree.get(first), self.tree.get(second));
        let (first_span, second_span) = (self.span(first), self.span(second));
        let key = go::quote(&second.value);
        let words = format!("line {}: mapping key {key} already defined at line {}", second.line, first.line);
        self.error(words, second_span);
        if is_first && self.duplicate_keys.len() < MOST_ERRORS && self.alias_depth == 0 {
            let key = second.value.to_string();
            self.duplicate_keys.push(DuplicateKey { key, first: first_span, second: second_span });
        }
    }

    /// `<<`: explicit keys win over merged ones, earlier merged ones over later ones.
    fn merge(&mut self, value: NodeId, entries: &mut Vec<Entry>) {
        let mut known: HashSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
        let raw = self.tree.get(value);
        let sources: Vec<NodeId> = match raw.kind {
            Kind::Sequence => raw.children.clone(),
            _ => vec![value],
        };
        for source in sources {
            if !is_mapping(self.tree, source) {
                let at = self.span(self.tree.get(source));
                self.lose("map merge requires map or sequence of maps as the value", at);
                return;
            }
            let Value::Map(merged) = self.value(source).value else { continue };
            for entry in merged {
                if known.insert(entry.key.clone()) {
                    entries.push(entry);
                }
            }
        }
    }
}

/// 99 of 100 steps may come from aliases in a small document, 10 of 100 in a large one (`decode.go`).
fn allowed_alias_ratio(decoded: u64) -> f64 {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    match decoded {
        0..=LOW => 0.99,
        HIGH.. => 0.10,
        #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        _ => 0.99 - 0.89 * ((decoded - LOW) as f64 / (HIGH - LOW) as f64),
    }
}
