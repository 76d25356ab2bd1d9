//! From values without types to Pomerium's options, as `mapstructure` with Pomerium's hooks decodes them
//! (`config/constants.go`, `config/custom.go`): weakly typed, case-insensitive, with errors collected.

mod hooks;
mod scalars;
pub(in crate::config) mod targets;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::protojson;
use crate::config::releases::options::ROUTE;
use crate::config::releases::{Field, Object, PomeriumVersion, Type};
use crate::config::settings::Policy;
use crate::config::settings::{UnknownKey, WrittenAs};
use crate::config::text::{Entry, Node, Refusal, RefusalKind, Span, Value, last_of_each};
use crate::go::url::GoUrl;
use hooks::Hooked;

/// A decoded value and where it comes from.
#[derive(Clone)]
pub(in crate::config) struct Decoded {
    pub(in crate::config) content: Content,
    pub(in crate::config) span: Span,
    pub(in crate::config) written_as: WrittenAs,
    /// Whether viper has lower-cased the keys around it.
    pub(in crate::config) lower_cased: bool,
}

/// The key, which is mostly the name of a field, its place, and the value.
pub(in crate::config) type Member = (Cow<'static, str>, Span, Decoded);

/// What a value became.
#[derive(Clone)]
pub(in crate::config) enum Content {
    /// Go's zero value: `null`, or something that could not be decoded.
    Zero,
    /// Whatever somebody fills in before Pomerium decodes it.
    Open,
    Text(String),
    Flag(bool),
    /// A whole number, a duration in nanoseconds, or an enumeration's value.
    Integer(i128),
    List(Vec<Decoded>),
    Map(Vec<Member>),
    /// Where a route leads.
    Targets(Vec<GoUrl>),
    /// Shared with the route that is made of it.
    Ppl(Arc<[Policy]>),
    /// Taken as it is.
    Raw(Box<Node>),
}

impl Content {
    fn raw(node: &Node) -> Self {
        Self::Raw(Box::new(node.clone()))
    }
}

impl Decoded {
    fn new(content: Content, node: &Node) -> Self {
        Self { content, span: node.span, written_as: WrittenAs::of(&node.value), lower_cased: true }
    }

    /// The field of an object.
    pub(in crate::config) fn get(&self, key: &str) -> Option<&Decoded> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|(name, ..)| name == key).map(|(.., value)| value),
            _ => None,
        }
    }

    pub(in crate::config) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(in crate::config) fn elements(&self) -> &[Decoded] {
        match &self.content {
            Content::List(elements) => elements,
            _ => &[],
        }
    }

    pub(in crate::config) fn entries(&self) -> &[Member] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }
}

impl Decoded {
    fn collect_texts(&self, texts: &mut Vec<(String, Span)>) {
        match &self.content {
            Content::Text(text) => texts.push((text.clone(), self.span)),
            Content::List(elements) => elements.iter().for_each(|element| element.collect_texts(texts)),
            Content::Map(entries) => entries.iter().for_each(|(.., value)| value.collect_texts(texts)),
            _ => {}
        }
    }
}

impl WrittenAs {
    pub(in crate::config) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Flag(_) => Self::Flag,
            Value::Integer(_) | Value::Float(_) => Self::Number,
            Value::Text(_) | Value::Timestamp(_) => Self::Text,
            Value::List(_) => Self::List,
            Value::Map(_) => Self::Map,
        }
    }
}

/// The name of a value in an error: `routes[0].from`. Built only when an error needs it.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
    Key(&'a Path<'a>, &'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
            Self::Key(parent, key) => write!(f, "{parent}[{}]", short(key)),
        }
    }
}

/// The beginning of a key, which may stand before the name of each thing below it.
fn short(key: &str) -> &str {
    const LONGEST: usize = 1000;
    key.char_indices().nth(LONGEST).and_then(|(end, _)| key.get(..end)).unwrap_or(key)
}

impl Path<'_> {
    /// As the check for unknown keys names it: without the places in lists.
    fn without_indices(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Field(Path::Root, name) => (*name).to_owned(),
            Self::Field(parent, name) => format!("{}.{name}", parent.without_indices()),
            Self::Index(parent, _) => parent.without_indices(),
            Self::Key(parent, key) => format!("{}[{}]", parent.without_indices(), short(key)),
        }
    }
}

/// What decoding brought up.
pub(in crate::config) struct Outcome {
    pub(in crate::config) options: Decoded,
    /// One for each value that could not be decoded, as mapstructure words them: `'name' problem`.
    pub(in crate::config) errors: Vec<Refusal>,
    /// Keys that no field takes, with their paths.
    pub(in crate::config) unused: Vec<UnknownKey>,
    /// The values of fields that must never be printed.
    pub(in crate::config) secrets: Vec<(String, Span)>,
    /// The values that somebody fills in, with their paths, and whether each holds several.
    pub(in crate::config) open: Vec<(String, Span, bool)>,
    /// The values that encode a text of JSON.
    pub(in crate::config) json: Vec<Span>,
}

/// Whether somebody fills in a text at a place before Pomerium sees it.
pub(in crate::config) type IsOpen<'a> = &'a dyn Fn(&str, Span) -> bool;

/// Decodes a mapping into an object, as a release does that knows no later fields.
pub(in crate::config) fn decode(
    root: &Node,
    object: &'static Object,
    release: PomeriumVersion,
    lower_cased: bool,
    is_open: IsOpen<'_>,
) -> Outcome {
    let (errors, unused, secrets, open) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let json = Vec::new();
    let mut decoder = Decoder { errors, unused, secrets, open, json, release, lower_cased, is_open, targets: None };
    let content = decoder.fields(&Path::Root, root.entries(), object);
    let Decoder { errors, unused, secrets, open, json, .. } = decoder;
    Outcome { options: Decoded::new(content, root), errors, unused, secrets, open, json }
}

/// How many errors are listed: enough to repair a file, few enough to hold.
const MOST_ERRORS: usize = 1000;

struct Decoder<'a> {
    errors: Vec<Refusal>,
    unused: Vec<UnknownKey>,
    secrets: Vec<(String, Span)>,
    open: Vec<(String, Span, bool)>,
    json: Vec<Span>,
    release: PomeriumVersion,
    /// Whether viper has lower-cased the keys of what is being decoded.
    lower_cased: bool,
    is_open: IsOpen<'a>,
    /// Where the route leads that is being decoded: it is read before its other fields, and kept until they are.
    targets: Option<(Span, Content)>,
}

impl Decoder<'_> {
    fn error(&mut self, path: &Path<'_>, problem: impl fmt::Display, at: Span) -> Content {
        self.refuse(RefusalKind::Type, path, problem, at)
    }

    fn refuse(&mut self, kind: RefusalKind, path: &Path<'_>, problem: impl fmt::Display, at: Span) -> Content {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(Refusal { kind, words: format!("'{path}' {problem}"), at: Some(at) });
        }
        Content::Zero
    }

    fn unconvertible(&mut self, path: &Path<'_>, expected: &str, node: &Node) -> Content {
        let found = node.value.go_type();
        self.error(path, format!("expected type '{expected}', got unconvertible type '{found}'"), node.span)
    }

    fn value(&mut self, path: &Path<'_>, node: &Node, kind: &Type) -> Decoded {
        if node.value == Value::Null {
            return Decoded::new(Content::Zero, node);
        }
        if let Some(content) = self.filled_in(path, node, kind) {
            return Decoded::new(content, node);
        }
        let content = match self.hooks(path, node, kind) {
            Hooked::Done(content) => content,
            Hooked::Instead(node, lower_cased) => {
                let before = std::mem::replace(&mut self.lower_cased, lower_cased);
                let content = self.plain(path, &node, kind);
                self.lower_cased = before;
                content
            }
            Hooked::Unchanged => self.plain(path, node, kind),
            Hooked::Silently => {
                let known = self.errors.len();
                let content = self.plain(path, node, kind);
                self.errors.truncate(known);
                content
            }
        };
        Decoded { lower_cased: self.lower_cased, ..Decoded::new(content, node) }
    }

    /// What becomes of a value that somebody fills in: of what type it will be, its spelling does not say.
    fn filled_in(&mut self, path: &Path<'_>, node: &Node, kind: &Type) -> Option<Content> {
        let Value::Text(text) = &node.value else { return None };
        match kind {
            Type::Text(_) | Type::JsonText | Type::Nullable(_) | Type::Any | Type::Unchecked => return None,
            _ if !(self.is_open)(text, node.span) => return None,
            // A text by itself is the only one of a list, as far as can be told.
            Type::List(Type::Text(_)) => {
                return Some(Content::List(vec![Decoded::new(Content::Text(text.clone()), node)]));
            }
            _ => {}
        }
        let holds_several = matches!(
            kind,
            Type::List(_) | Type::Map(..) | Type::Object(_) | Type::Claims | Type::ClaimHeaders | Type::Ppl
        );
        self.open.push((path.without_indices(), node.span, holds_several));
        Some(Content::Open)
    }

    /// mapstructure's own decoding, behind the hooks.
    fn plain(&mut self, path: &Path<'_>, node: &Node, kind: &Type) -> Content {
        match kind {
            Type::List(element) => self.list(path, node, element),
            Type::Map(go_name, element) => self.map(path, node, go_name, element),
            Type::Claims => {
                self.map(path, node, "identity.FlattenedClaims", &Type::List(&Type::Any));
                Content::raw(node)
            }
            Type::Object(object) => match &node.value {
                Value::Map(entries) => self.fields(path, entries, object),
                value => {
                    let found = value.go_kind();
                    self.error(path, format!("expected a map or struct, got \"{found}\""), node.span)
                }
            },
            Type::Nullable(inner) => self.value(&Path::Field(path, "Value"), node, inner).content,
            Type::Interface(go_name) => self.unconvertible(path, go_name, node),
            Type::Any | Type::Unchecked => Content::raw(node),
            Type::Message(object) => match protojson::message(object, node, protojson::Reader::Pomerium) {
                Ok(node) => Content::Raw(node.into()),
                Err(refused) => self.error(path, refused.as_pomerium_says(), refused.at),
            },
            scalar => self.scalar(path, node, scalar),
        }
    }

    fn list(&mut self, path: &Path<'_>, node: &Node, element: &Type) -> Content {
        match &node.value {
            Value::List(nodes) => Content::List(
                nodes.iter().enumerate().map(|(i, node)| self.value(&Path::Index(path, i), node, element)).collect(),
            ),
            Value::Map(entries) if entries.is_empty() => Content::List(Vec::new()),
            // Anything else becomes the only element.
            _ => Content::List(vec![self.value(&Path::Index(path, 0), node, element)]),
        }
    }

    fn map(&mut self, path: &Path<'_>, node: &Node, go_name: &'static str, element: &'static Type) -> Content {
        match &node.value {
            Value::Map(entries) => Content::Map(
                entries
                    .iter()
                    .map(|Entry { key, key_span, value }| {
                        (key.clone().into(), *key_span, self.value(&Path::Key(path, key), value, element))
                    })
                    .collect(),
            ),
            // A list of mappings is laid one over the other.
            Value::List(nodes) => {
                let mut all: Vec<Member> = Vec::new();
                for (index, node) in nodes.iter().enumerate() {
                    let kind = Type::Map(go_name, element);
                    let decoded = self.value(&Path::Index(path, index), node, &kind);
                    if let Content::Map(entries) = decoded.content {
                        all.extend(entries);
                    }
                }
                Content::Map(last_of_each(all, |(key, ..)| key))
            }
            _ => self.unconvertible(path, go_name, node),
        }
    }

    /// The fields of an object, in the object's order, then the keys that no field takes.
    fn fields(&mut self, path: &Path<'_>, entries: &[Entry], object: &'static Object) -> Content {
        let mut used = vec![false; entries.len()];
        let mut decoded = Vec::with_capacity(entries.len());
        for (field, position) in self.taken(entries, object) {
            used[position] = true;
            let entry = &entries[position];
            let value = self.value(&Path::Field(path, field.name), &entry.value, &field.kind);
            if field.secret {
                value.collect_texts(&mut self.secrets);
                if matches!((&entry.value.value, field.kind.inner()), (Value::List(_) | Value::Map(_), Type::Text(_))) {
                    // The message says it as Go prints it.
                    self.secrets.push((entry.value.printed(), entry.value.span));
                }
            }
            decoded.push((field.name.into(), entry.key_span, value));
        }
        for (entry, _) in entries.iter().zip(used).filter(|(_, used)| !used) {
            let path = Path::Field(path, &entry.key).without_indices();
            self.unused.push(UnknownKey { path, at: entry.key_span });
        }
        Content::Map(decoded)
    }

    /// The fields that are set, in the object's order, each with the place of its entry: the first with exactly its name, or else
    /// the first in other letter case.
    fn taken(&self, entries: &[Entry], object: &'static Object) -> Vec<(&'static Field, usize)> {
        let mut taken: Vec<(usize, bool, usize)> = Vec::with_capacity(entries.len());
        for (position, entry) in entries.iter().enumerate() {
            let Some(place) = object.place(&entry.key) else { continue };
            let Some(field) = object.fields.get(place).filter(|field| field.since <= self.release) else { continue };
            taken.push((place, field.name != entry.key, position));
        }
        taken.sort_unstable();
        taken.dedup_by_key(|(place, ..)| *place);
        let field = |(place, _, position): (usize, bool, usize)| Some((object.fields.get(place)?, position));
        taken.into_iter().filter_map(field).collect()
    }
}

fn is_route(kind: &Type) -> bool {
    matches!(kind, Type::Object(object) if std::ptr::eq(*object, &raw const ROUTE))
}
