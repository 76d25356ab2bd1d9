//! As JSON: for programs, and for the command line of AWS.

use super::quote;
use super::{AppClient, Property, Registration};

/// The name of the document.
pub const NAME: &str = "pomlint/setup/v1";

/// The JSON Schema of the document.
pub const SCHEMA: &str = include_str!("schema.json");

/// The place of the pool's id where the issuer names none.
pub(super) const POOL_PLACEHOLDER: &str = "REGION_POOL";

/// What is to be told, for programs.
pub fn json(registration: &Registration) -> String {
    let list = |texts: Vec<String>| {
        if texts.is_empty() { "[]".to_owned() } else { format!("[\n    {}\n  ]", texts.join(",\n    ")) }
    };
    let text = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), quote::json);
    let client = |(index, client): (usize, &AppClient)| {
        let (id, route) = (text(client.id.as_deref()), text(client.route.as_deref()));
        let settings = properties(registration, index, &[]).replace('\n', "\n    ");
        format!("{{\"client_id\": {id}, \"route\": {route}, \"settings\": {settings}}}")
    };
    let members = [
        ("schema", quote::json(NAME)),
        ("config", quote::json(&registration.file)),
        ("pomerium", quote::json(&registration.version.to_string())),
        ("user_pool_id", text(registration.pool.as_ref().map(|pool| pool.id.as_str()))),
        ("region", text(registration.pool.as_ref().map(|pool| pool.region.as_str()))),
        ("clients", list(registration.clients.iter().enumerate().map(client).collect())),
        ("notes", list(registration.notes.iter().map(|note| quote::json(note)).collect())),
    ];
    object(members.iter().map(|(name, value)| (*name, value.clone()))) + "\n"
}

/// The pool, to stand in a JSON object.
pub(super) fn pool(registration: &Registration) -> String {
    quote::json(registration.pool.as_ref().map_or(POOL_PLACEHOLDER, |pool| &pool.id))
}

/// An app client as the API takes it, with other members before those.
pub(super) fn properties(registration: &Registration, index: usize, before: &[(&'static str, String)]) -> String {
    let own = registration.properties(index).into_iter().map(|(name, value)| {
        let value = match value {
            Property::Text(text) => quote::json(&text),
            Property::List(members) => {
                format!("[{}]", members.into_iter().map(quote::json).collect::<Vec<_>>().join(", "))
            }
            Property::Number(number) => number.to_string(),
            Property::Unit(member, unit) => format!("{{{}: {}}}", quote::json(member), quote::json(unit)),
            Property::On => "true".to_owned(),
        };
        (name, value)
    });
    object(before.iter().cloned().chain(own))
}

/// An object, a member a line.
pub(super) fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members: Vec<String> =
        members.into_iter().map(|(name, value)| format!("  {}: {value}", quote::json(name))).collect();
    format!("{{\n{}\n}}", members.join(",\n"))
}
