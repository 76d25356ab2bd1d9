//! Collects from a configuration what other parts need in one list: its texts, and everything that must never be printed.

use std::borrow::Cow;

use super::super::forms::Variable;
use super::super::node::{Node, Value};
use super::super::options::{OPTIONS, Object, Type};
use super::super::placeholder::classify;
use super::super::settings::{Client, ClientSecret, Origin, Setting, Settings, ValueKind, WrittenAs};
use super::super::source::{SourceKind, Sources, Span};
use crate::secret::Secret;

/// No option has a longer path, in bytes; of what stands deeper in a hostile file, many texts would each have a copy.
const LONGEST_PATH: usize = 200;

/// Every text with the dotted path of its key; places in lists are left out: `routes.from`. A path ends in `…` where it is cut.
pub(super) fn texts(settings: &Node, sources: &Sources) -> Vec<(String, Setting<String>)> {
    let mut texts = Vec::new();
    walk("", settings, &mut |path, text, span| {
        let origin = match sources.get(span.source).map(|source| source.kind) {
            Some(SourceKind::Environment) => Origin::Environment,
            Some(SourceKind::Secret) => Origin::Secret,
            _ => Origin::File,
        };
        let setting = Setting { value: text.to_owned(), span, origin, written_as: WrittenAs::Text };
        texts.push((path.to_owned(), setting));
    });
    texts
}

fn walk(path: &str, node: &Node, take: &mut dyn FnMut(&str, &str, Span)) {
    match &node.value {
        Value::Text(text) => take(path, text, node.span),
        Value::List(elements) => elements.iter().for_each(|element| walk(path, element, take)),
        Value::Map(entries) => {
            for entry in entries {
                walk(&step(path, &entry.key), &entry.value, take);
            }
        }
        _ => {}
    }
}

fn step<'p>(path: &'p str, key: &'p str) -> Cow<'p, str> {
    if path.ends_with('…') {
        Cow::Borrowed(path)
    } else if path.len() + key.len() > LONGEST_PATH {
        format!("{path}.…").into()
    } else if path.is_empty() {
        Cow::Borrowed(key)
    } else {
        format!("{path}.{key}").into()
    }
}

/// Words in the name of a key that Pomerium does not know, whose value nevertheless may be a secret: a typing error in
/// `idp_client_secret` is no reason to print it.
const TELLING: [&str; 7] = ["secret", "password", "passwd", "token", "credential", "private", "service_account"];

/// Whether a key that Pomerium does not know names a secret, in lower case.
pub(super) fn is_telling(key: &str) -> bool {
    TELLING.iter().any(|word| key.contains(word)) && !key.ends_with("_file")
}

/// The secrets in a file as written, also those that something else overrides.
pub(super) fn secrets_of_file(root: &Node, sources: &Sources) -> Vec<(Secret, Span)> {
    let mut secrets = Vec::new();
    find(root, Some(&OPTIONS), false, sources, &mut secrets);
    secrets
}

fn find(
    node: &Node,
    object: Option<&'static Object>,
    is_secret: bool,
    sources: &Sources,
    found: &mut Vec<(Secret, Span)>,
) {
    match &node.value {
        Value::List(elements) => elements.iter().for_each(|element| find(element, object, is_secret, sources, found)),
        Value::Map(entries) => {
            for entry in entries {
                let key = entry.key.to_lowercase();
                let field = object.and_then(|object| object.field(&key));
                let is_secret = is_secret || field.map_or_else(|| is_telling(&key), |field| field.secret);
                find(&entry.value, field.and_then(|field| object_of(&field.kind)), is_secret, sources, found);
            }
        }
        Value::Null | Value::Flag(_) => {}
        // What was never filled in, or stands for a value that is elsewhere, is none; and the place may hold its name.
        Value::Text(text) if is_secret && stands_for_another(text) => {}
        value if is_secret => {
            if let Value::Text(text) = value {
                found.push((Secret::new(text.clone()), node.span));
            }
            // Escapes and lost digits make the text in the file another one.
            let written = sources.slice(node.span);
            if !matches!(value, Value::Text(text) if text == written) {
                found.push((Secret::new(written), node.span));
            }
        }
        _ => {}
    }
}

/// A placeholder, or nothing but a reference.
fn stands_for_another(text: &str) -> bool {
    let is_whole = |open: &str, close: char| text.starts_with(open) && text.find(close) == Some(text.len() - 1);
    match classify(text) {
        ValueKind::Literal => false,
        ValueKind::Unfilled => true,
        ValueKind::Reference => is_whole("${", '}') || is_whole("$(", ')'),
    }
}

fn object_of(kind: &Type) -> Option<&'static Object> {
    match kind.inner() {
        Type::Object(object) => Some(object),
        Type::List(element) | Type::Map(_, element) => object_of(element),
        _ => None,
    }
}

/// The secrets among the variables; encoded routes may hold some.
pub(super) fn secrets_of_environment(environment: &[Variable]) -> Vec<(Secret, Span)> {
    let is_secret = |name: &str| match OPTIONS.field(&name.to_lowercase()) {
        Some(field) => field.secret || matches!(field.name, "policy" | "routes"),
        None => is_telling(&name.to_lowercase()),
    };
    environment
        .iter()
        .filter(|variable| is_secret(&variable.name) && !variable.value.is_empty())
        .map(|variable| (Secret::new(variable.value.clone()), variable.span))
        .collect()
}

/// The secrets that stand where a client id belongs.
pub(super) fn secrets_of_clients(clients: &[Client]) -> Vec<(Secret, Span)> {
    let misplaced = clients.iter().filter(|client| client.id_may_be_secret());
    misplaced.map(|client| (Secret::new(client.id.value.clone()), client.id.span)).collect()
}

/// The passwords in the two URLs of a login.
pub(super) fn passwords_of_urls(settings: &Settings, sources: &Sources) -> Vec<(Secret, Span)> {
    let urls = [&settings.authenticate_service_url, &settings.idp_provider_url];
    let password = |url: &Setting<String>| {
        let authority = url.value.split_once("://")?.1.split(['/', '?', '#']).next()?;
        let (_, password) = authority.rsplit_once('@')?.0.split_once(':')?;
        let start = url.span.start + sources.slice(url.span).find(password)?;
        Some((Secret::new(password), Span { start, end: start + password.len(), ..url.span }))
    };
    urls.into_iter().flatten().filter_map(password).collect()
}

/// The secrets that stand in files of their own.
pub(super) fn secrets_of_settings(settings: &Settings) -> Vec<(Secret, Span)> {
    let client = match &settings.client_secret {
        ClientSecret::Known(secret) => Some(secret),
        _ => None,
    };
    let others = [&settings.cookie_secret, &settings.shared_secret, &settings.signing_key];
    client
        .into_iter()
        .chain(others.into_iter().flatten())
        .filter(|secret| secret.origin == Origin::SecretFile)
        .map(|secret| (secret.value.clone(), secret.span))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::node::Entry;
    use super::super::super::source::Source;
    use super::*;

    #[test]
    fn a_long_key_is_not_copied_for_each_text_below_it() {
        let source = Sources::default().add(Source::new("c.yaml", SourceKind::File, ""));
        let span = Span { source, start: 0, end: 0 };
        let node = |value| Node { value, span };
        let map = |key: &str, value| node(Value::Map(vec![Entry { key: key.to_owned(), key_span: span, value }]));
        let list = node(Value::List(vec![map("k", node(Value::Text("t".to_owned()))); 1000]));
        let found = texts(&map("routes", map(&"x".repeat(100_000), list.clone())), &Sources::default());
        assert!(found.len() == 1000 && found.iter().all(|(path, _)| path == "routes.…"));
        assert_eq!(texts(&map("a", map("b", list)), &Sources::default())[0].0, "a.b.k");
    }
}
