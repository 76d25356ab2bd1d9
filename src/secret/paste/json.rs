//! JSON that was pasted: only what stands under names known to be harmless is shown.

use serde_json::Value;

use super::names::{Name, judge};
use super::words::{is_code, is_harmless};
use super::{CUT, DEEPEST, Known, clean_at, is_option};

/// So many times a bracket may turn out to begin no JSON.
const MOST_TRIES: usize = 64;

/// The first JSON object or list of a text, and where it lies.
pub(super) fn first(text: &str, tries: &mut usize) -> Option<(usize, usize, Value)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(['{', '[']).map(|at| from + at) {
        if *tries >= MOST_TRIES {
            return None;
        }
        // `settings["name"]` is an index, and so is what `["name"]=> …` begins with.
        let is_index = |value: &Value, end: usize| {
            let is_behind =
                || text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == ']'));
            let is_before = || text.get(end..).is_some_and(|behind| behind.trim_start().starts_with(['=', ':']));
            value.is_array() && (is_behind() || is_before())
        };
        let mut values = serde_json::Deserializer::from_str(text.get(at..)?).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) if is_telling(&value) && !is_index(&value, at + values.byte_offset()) => {
                return Some((at, at + values.byte_offset(), value));
            }
            _ => *tries += 1,
        }
        from = at + 1;
    }
    None
}

/// `[]` and `[404]` are no structure.
fn is_telling(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(elements) => elements.iter().any(|element| element.is_string() || is_telling(element)),
        _ => false,
    }
}

/// The value as it is shown: as it was written, but for blanks, escapes, and what is cut.
pub(super) fn shown(value: &Value, before: &str, depth: usize, known: Known) -> String {
    let mut text = String::new();
    let name = if value.is_array() && is_harmless_list(before) { Name::Harmless } else { Name::Unknown };
    write(&mut text, value, name, (depth, known));
    text
}

/// Whether what stands before a list says that it holds nothing secret: `allow-why-false=[…]` of a console, and go-oidc's
/// `expected audience "…" got […]` (`oidc/verify.go`).
fn is_harmless_list(before: &str) -> bool {
    let name = before.strip_suffix('=').and_then(|before| before.rsplit(char::is_whitespace).next());
    let is_audience = || before.strip_suffix(" got ").is_some_and(|before| before.contains("expected audience "));
    name.is_some_and(|name| judge(name) == Name::Harmless) || is_audience()
}

fn write(text: &mut String, value: &Value, name: Name, (depth, known): (usize, Known)) {
    match value {
        Value::Object(members) => {
            // `{"name": "location", "value": "…"}`
            let subject = ["name", "key", "header"].iter().find_map(|key| members.get(*key)).and_then(Value::as_str);
            let subject = subject.map_or(Name::Value, judge);
            list(text, '{', '}', members, |text, (key, value)| {
                let own = match judge(key) {
                    Name::Value => subject,
                    own => own,
                };
                // A name may be the secret itself.
                let key = if key.len() <= 64 { clean_at(key, DEEPEST, known) } else { CUT.to_owned() };
                text.extend(["\"", &key, "\":"]);
                // `"key":"routes.idp_scopes"` names an option.
                let names_option = value.as_str().is_some_and(|value| is_option(&key, value, known));
                let own = if names_option { Name::Harmless } else { own };
                let is_hidden = is_hiding(name);
                write(text, value, if is_hidden { name } else { own }, (depth, known));
            });
        }
        Value::Array(elements) => {
            list(text, '[', ']', elements, |text, element| write(text, element, name, (depth, known)));
        }
        Value::String(words) if may_show(name, words) => text.extend(["\"", &clean_at(words, depth + 1, known), "\""]),
        Value::String(_) => text.extend(["\"", CUT, "\""]),
        Value::Number(number) if may_show(name, &number.to_string()) => text.push_str(&number.to_string()),
        Value::Number(_) => text.push_str(CUT),
        Value::Bool(_) | Value::Null => text.push_str(&value.to_string()),
    }
}

/// All that stands below such a name is cut; below an unknown one, names are judged anew.
fn is_hiding(name: Name) -> bool {
    matches!(name, Name::Telling | Name::Password | Name::Header)
}

fn may_show(name: Name, words: &str) -> bool {
    match name {
        Name::Harmless => true,
        Name::Code => is_code(words),
        _ => is_harmless(words),
    }
}

fn list<T>(
    text: &mut String,
    open: char,
    close: char,
    items: impl IntoIterator<Item = T>,
    mut one: impl FnMut(&mut String, T),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        one(text, item);
    }
    text.push(close);
}
