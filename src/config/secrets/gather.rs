//! Collects from a configuration what other parts need in one list: its texts, and everything that must never be printed.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::broken;
use super::disguise::{defaults, is_generated, is_pasted, literals};
use super::names::is_secret_parameter;
use super::once;
use super::open::{is_nobodys, stands_for_another};
use super::within::{is_like_password, is_swapped, spoken, told};
use crate::config::releases::options::{OPTIONS, is_telling};
use crate::config::releases::{Object, Type};
use crate::config::settings::{Client, ClientSecret, Origin, Setting, Settings, WrittenAs};
use crate::config::text::{Entry, Node, Sources, Span, Value, ValueKind, Variable};
use crate::go;
use crate::secret::{Secret, paste};
use crate::spelling::lower;

/// No option has a longer path, in bytes; of what stands deeper in a hostile file, many texts would each have a copy.
const LONGEST_PATH: usize = 200;

/// Every text with the dotted path of its key; places in lists are left out: `routes.from`. A path ends in `…` where it is cut.
/// The many that are the same are shared.
pub(in crate::config) fn texts(settings: &Node, sources: &Sources) -> Vec<(Arc<str>, Setting<String>)> {
    let mut texts = Vec::new();
    let mut paths: HashSet<Arc<str>> = HashSet::new();
    walk(&mut String::new(), settings, &mut |path, text, span| {
        let origin = Origin::of(sources, span);
        let setting = Setting { value: text.to_owned(), span, origin, written_as: WrittenAs::Text };
        let known = paths.get(path).cloned().unwrap_or_else(|| {
            let path: Arc<str> = path.into();
            paths.insert(Arc::clone(&path));
            path
        });
        texts.push((known, setting));
    });
    texts
}

fn walk(path: &mut String, node: &Node, take: &mut dyn FnMut(&str, &str, Span)) {
    match &node.value {
        Value::Text(text) => take(path, text, node.span),
        Value::List(elements) => elements.iter().for_each(|element| walk(path, element, take)),
        Value::Map(entries) => {
            for entry in entries {
                let above = path.len();
                step(path, &entry.key);
                walk(path, &entry.value, take);
                path.truncate(above);
            }
        }
        _ => {}
    }
}

fn step(path: &mut String, key: &str) {
    if path.ends_with('…') {
        return;
    }
    let is_long = path.len() + key.len() > LONGEST_PATH;
    if !path.is_empty() || is_long {
        path.push('.');
    }
    path.push_str(if is_long { "…" } else { key });
}

/// The secrets in a file as written, also those that something else overrides.
pub(in crate::config) fn secrets_of_file(root: &Node, sources: &Sources) -> Vec<(Secret, Span)> {
    let mut finder = Finder { sources, found: Vec::new() };
    finder.entries(root.entries(), Some(&OPTIONS), false);
    finder.found
}

/// What a value is taken for by the key that it stands under.
#[derive(Clone, Copy)]
enum Kept {
    /// It must never be printed.
    Secret,
    /// It is the path of a file.
    Path,
    /// A list or a mapping belongs there; a text is one that somebody encoded.
    Encoded,
    /// It may be shown.
    Open,
}

/// Collects secrets.
struct Finder<'a> {
    sources: &'a Sources,
    found: Vec<(Secret, Span)>,
}

impl Finder<'_> {
    /// The entries of a mapping. If the mapping itself stands for a secret (`key_too`), then so do its keys.
    fn entries(&mut self, entries: &[Entry], object: Option<&'static Object>, key_too: bool) {
        let is_named = names_secret_beside(entries);
        for entry in entries {
            let key = lower(&entry.key);
            if key_too && !is_word(&key) || object.is_some() && is_generated(&key) {
                self.found.push((Secret::new(entry.key.clone()), entry.key_span));
            }
            let field = object.and_then(|object| object.field(&key));
            if field.is_none() {
                if matches!(&entry.value.value, Value::Text(name) if object.is_some() && is_swapped(&entry.key, name)) {
                    self.found.push((Secret::new(entry.key.clone()), entry.key_span));
                }
                self.found.extend(secrets_of_text(&entry.key, entry.key_span, self.sources));
            }
            let is_secret = key_too
                || is_named && key == "value"
                || match (object, field) {
                    (_, Some(field)) => field.secret,
                    (Some(object), None) => object.names_secret(&key),
                    (None, None) => is_telling(&key),
                };
            let kept = match (is_secret, &entry.value.value) {
                (true, _) => Kept::Secret,
                (false, _) if key.ends_with("_file") || field.is_some() && key == "key" => Kept::Path,
                // A program made what stands here, and it is for none that Pomerium knows.
                (false, value) if object.is_some() && field.is_none() && holds_generated(value) => Kept::Secret,
                _ if field.is_some_and(|field| field.kind.object().is_some()) => Kept::Encoded,
                _ => Kept::Open,
            };
            // Below a section that Pomerium does not know may stand the options that it knows.
            let below = field.map_or_else(|| object.map(|_| &OPTIONS), |field| field.kind.object());
            let is_map = field.is_some_and(|field| matches!(field.kind.inner(), Type::Map(..)));
            self.value(&entry.value, below, kept, is_map);
        }
    }

    /// `[client_secret, value]`, where a mapping belongs.
    fn pairs(&mut self, elements: &[Node]) {
        for pair in elements.windows(2) {
            if let [Node { value: Value::Text(name), .. }, Node { value: Value::Text(text), span }] = pair
                && OPTIONS.names_secret(&lower(name))
                && is_like_password(text)
            {
                self.found.push((Secret::new(text.clone()), *span));
            }
        }
    }

    fn value(&mut self, node: &Node, object: Option<&'static Object>, kept: Kept, is_map: bool) {
        match (&node.value, kept) {
            (Value::List(elements), _) => {
                for element in elements {
                    self.value(element, object, kept, is_map);
                }
                if is_map {
                    self.pairs(elements);
                }
            }
            (Value::Map(entries), Kept::Secret) if is_map => {
                for entry in entries {
                    self.value(&entry.value, None, kept, false);
                }
            }
            (Value::Map(entries), _) => self.entries(entries, object, matches!(kept, Kept::Secret)),
            (Value::Null | Value::Flag(_), _) => {}
            // What was never filled in, or stands for a value that is elsewhere, is none; and the place may hold its name.
            (Value::Text(text), Kept::Secret) if stands_for_another(text) => {
                self.found.extend(secrets_of_reference(text, node.span));
            }
            (value, Kept::Secret) => {
                if let Value::Text(text) = value {
                    self.found.push((Secret::new(text.clone()), node.span));
                }
                // Escapes and lost digits make the text in the file another one.
                let written = self.sources.slice(node.span);
                if !matches!(value, Value::Text(text) if text == written) {
                    self.found.push((Secret::new(written), node.span));
                }
            }
            (Value::Text(text), Kept::Path) if is_pasted(text) => {
                self.found.push((Secret::new(text.clone()), node.span));
            }
            (Value::Text(text), Kept::Encoded) => self.found.extend(secrets_of_encoded(text, node.span)),
            (Value::Text(text), _) => {
                self.found.extend(secrets_of_text(text, node.span, self.sources));
            }
            _ => {}
        }
    }
}

/// `name: Authorization`: a header, say, whose value stands beside it.
fn names_secret_beside(entries: &[Entry]) -> bool {
    let is_called = |entry: &Entry, names: &[&str]| names.iter().any(|name| entry.key.eq_ignore_ascii_case(name));
    let tells = |entry: &Entry| matches!(&entry.value.value, Value::Text(name) if OPTIONS.names_secret(&lower(name)));
    entries.iter().any(|entry| is_called(entry, &["value"]))
        && entries.iter().any(|entry| is_called(entry, &["name", "header", "key"]) && tells(entry))
}

/// A text that a program made, or a list with one.
fn holds_generated(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_generated(text),
        Value::List(elements) => elements.iter().any(|element| holds_generated(&element.value)),
        _ => false,
    }
}

/// A word that says what a value is for, such as `secretKeyRef`, rather than a part of one.
fn is_word(key: &str) -> bool {
    key.len() <= 12 && key.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A whole list or mapping as one text, such as the routes in `POLICY`: it is not shown, in case that some secret is in it.
fn secrets_of_encoded(text: &str, span: Span) -> Vec<(Secret, Span)> {
    if text.len() < SHORTEST_ENCODED || stands_for_another(text) {
        return Vec::new();
    }
    let decoded = go::base64::decode(text).unwrap_or_default();
    let inner = secrets_inside(&String::from_utf8_lossy(&decoded), span);
    std::iter::once((Secret::new(text), span)).chain(inner).chain(secrets_inside(text, span)).collect()
}

/// The secrets in a text that is more than a value, all of them in its place.
fn secrets_inside(text: &str, span: Span) -> Vec<(Secret, Span)> {
    if !text.contains([':', '{']) {
        return Vec::new();
    }
    broken::secrets(text, span.source).into_iter().map(|(secret, _)| (secret, span)).collect()
}

/// Shorter ones are words that stand where a list belongs.
const SHORTEST_ENCODED: usize = 16;

/// The secrets in a text that is shown: those that it holds beside what it says, with their places if the text is written as it is,
/// and those of a mapping that somebody made one text of.
fn secrets_of_text(text: &str, span: Span, sources: &Sources) -> Vec<(Secret, Span)> {
    if text.trim_start().starts_with('{') {
        return secrets_inside(text, span);
    }
    // Under whatever option it stands, what a telling variable is without a value is a secret.
    let defaults = defaults(text).into_iter().filter(|(name, at)| names_secret_variable(name) && !at.is_empty());
    let mut places = told(text);
    places.extend(defaults.map(|(_, at)| at));
    at_places(text, places, span, sources)
}

/// The parts of a text as secrets.
fn at_places(text: &str, places: Vec<Range<usize>>, span: Span, sources: &Sources) -> Vec<(Secret, Span)> {
    if places.is_empty() {
        return Vec::new();
    }
    let shift = sources.slice(span).find(text).map(|shift| span.start + shift);
    let place =
        |at: &Range<usize>| shift.map_or(span, |shift| Span { start: shift + at.start, end: shift + at.end, ..span });
    once::secrets(text, places.into_iter(), span, place)
}

/// What a reference stands for if nobody says anything else: the default in it.
fn secrets_of_reference(text: &str, span: Span) -> impl Iterator<Item = (Secret, Span)> {
    literals(text).into_iter().filter_map(move |at| Some((Secret::new(text.get(at)?), span)))
}

/// The values of variables that the files expand, if the name of one speaks of a secret.
pub(in crate::config) fn secrets_of_expansion(
    known: Option<&HashMap<String, String>>,
    sources: &Sources,
) -> Vec<(Secret, Span)> {
    let is_used = |name: &str| {
        sources.iter().find(|(_, source)| {
            source.text.contains(&format!("${name}")) || source.text.contains(&format!("${{{name}"))
        })
    };
    let telling = known.into_iter().flatten().filter(|(name, _)| names_secret_variable(name));
    let place = |(name, value): (&String, &String)| {
        let (source, _) = is_used(name)?;
        Some((Secret::new(value.clone()), Span { source, start: 0, end: 0 }))
    };
    telling.filter_map(place).collect()
}

/// In the name of a variable, these speak of a secret.
const TELLING: [&str; 6] = ["token", "secret", "pass", "pwd", "credential", "private"];
/// What a name that ends so is about is a place: `SESSION_HOST`.
const PLACES: [&str; 6] = ["host", "hostname", "domain", "url", "uri", "port"];

/// Whether the name of a variable speaks of a key, token, secret, password or credential.
fn names_secret_variable(name: &str) -> bool {
    let name = name.to_lowercase();
    // Pomerium's own name for an option says whether that is one: `AUTHENTICATE_SERVICE_URL`.
    if let Some(field) = OPTIONS.field(&name) {
        return field.secret;
    }
    let parts = || name.split(|letter: char| !letter.is_alphanumeric());
    // A keycloak is no key.
    let is_key = |part: &str| part.replace("keycloak", "").contains("key");
    // `AUTH_HEADER`, `AUTH_BASIC`: what is sent to prove who asks.
    let is_sent = |part: &str| ["header", "headers", "basic", "b64", "base64", "authorization"].contains(&part);
    if TELLING.iter().any(|word| name.contains(word)) || parts().any(|part| is_key(part) || is_sent(part)) {
        return true;
    }
    let is_place = parts().next_back().is_some_and(|last| PLACES.contains(&last));
    !is_place && (OPTIONS.names_secret(&name) || paste::tells(name.strip_prefix("pomerium_").unwrap_or(&name)))
}

/// The secrets among the variables; encoded routes may hold some.
pub(in crate::config) fn secrets_of_environment(environment: &[Variable], sources: &Sources) -> Vec<(Secret, Span)> {
    // A value that stands where a name belongs.
    let nameless = environment.iter().filter(|variable| is_generated(&variable.name));
    let mut found: Vec<_> = nameless.map(|variable| (Secret::new(variable.name.clone()), variable.name_span)).collect();
    for variable in environment.iter().filter(|variable| !variable.value.is_empty()) {
        let Variable { name, value, span, .. } = variable;
        let name = name.to_lowercase();
        let is_encoded = OPTIONS.field(&name).is_some_and(|field| field.kind.object().is_some());
        let is_unknown = OPTIONS.field(&name).is_none();
        if is_encoded {
            found.extend(secrets_of_encoded(value, *span));
        } else if OPTIONS.names_secret(&name)
            || name.ends_with("_file") && is_pasted(value)
            || is_unknown && is_generated(value)
        {
            found.push((Secret::new(value.clone()), *span));
            found.extend(secrets_of_reference(value, *span));
        } else {
            found.extend(secrets_of_text(value, *span, sources));
        }
    }
    found
}

/// The secrets that stand where a client id belongs.
pub(in crate::config) fn secrets_of_clients(clients: &[Client]) -> Vec<(Secret, Span)> {
    let misplaced = clients.iter().filter(|client| client.id_may_be_secret());
    misplaced.map(|client| (Secret::new(client.id.value.clone()), client.id.span)).collect()
}

/// The secrets that stand in files of their own.
pub(in crate::config) fn secrets_of_settings(settings: &Settings) -> Vec<(Secret, Span)> {
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

/// What the request of a login would carry, and must not.
pub(in crate::config) fn secrets_of_login(settings: &Settings, sources: &Sources) -> Vec<(Secret, Span)> {
    let scopes = settings.idp_scopes.iter().flat_map(|scopes| &scopes.value);
    let parameters = || settings.idp_request_params.iter();
    let urls = [&settings.authenticate_service_url, &settings.idp_provider_url, &settings.signout_redirect_url];
    let sent = urls.into_iter().flatten().chain(&settings.idp_client_id).chain(scopes);
    let sent = sent.chain(parameters().map(|(_, value)| value));
    let sent = sent.filter(|sent| sent.kind() == ValueKind::Literal);
    let spoken = sent.flat_map(|sent| at_places(&sent.value, spoken(&sent.value), sent.span, sources));
    let named = parameters().filter(|(name, value)| is_secret_parameter(&name.value) && !is_nobodys(&value.value));
    spoken.chain(named.map(|(_, value)| (Secret::new(value.value.clone()), value.span))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::Source;
    use crate::config::text::{Entry, SourceKind};

    #[test]
    fn a_long_key_is_not_copied_for_each_text_below_it() {
        let source = Sources::default().add(Source::new("c.yaml", SourceKind::File, ""));
        let span = Span { source, start: 0, end: 0 };
        let node = |value| Node { value, span };
        let map = |key: &str, value| node(Value::Map(vec![Entry { key: key.to_owned(), key_span: span, value }]));
        let list = node(Value::List(vec![map("k", node(Value::Text("t".to_owned()))); 1000]));
        let found = texts(&map("routes", map(&"x".repeat(100_000), list.clone())), &Sources::default());
        assert!(found.len() == 1000 && found.iter().all(|(path, _)| **path == *"routes.…"));
        assert_eq!(texts(&map("a", map("b", list)), &Sources::default())[0].0.as_ref(), "a.b.k");
    }
}
