//! A value as the notations of configuration files have it, on one line.

use serde_json::Value as Json;

/// In YAML.
pub(super) fn yaml(data: &Json) -> String {
    match data {
        Json::String(text) => yaml_text(text),
        Json::Array(elements) => format!("[{}]", elements.iter().map(yaml).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{}: {}", yaml_text(key), yaml(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn yaml_text(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { Json::from(text).to_string() }
}

/// Whether a text needs no quotes: it is neither a number nor a word of YAML's own, and has no sign that YAML could mistake.
fn is_plain(text: &str) -> bool {
    const OWN: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "null", "y"];
    let harmless = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | '+' | ':' | ' ');
    text.starts_with(char::is_alphabetic)
        && text.chars().all(harmless)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !OWN.contains(&text.to_ascii_lowercase().as_str())
}

/// In TOML.
pub(super) fn toml(data: &Json) -> String {
    match data {
        Json::Array(elements) => format!("[{}]", elements.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{} = {}", toml_key(key), toml(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn toml_key(key: &str) -> String {
    let is_bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_bare { key.to_owned() } else { Json::from(key).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_quoted_only_where_the_notation_asks_for_it() {
        for (data, in_yaml, in_toml) in [
            (json!("admins"), "admins", "\"admins\""),
            (json!("cognito:groups"), "cognito:groups", "\"cognito:groups\""),
            (json!("Site Admins"), "Site Admins", "\"Site Admins\""),
            (json!("12"), "\"12\"", "\"12\""),
            (json!("yes"), "\"yes\"", "\"yes\""),
            (json!("a: b"), "\"a: b\"", "\"a: b\""),
            (json!("*@corp.example.com"), "\"*@corp.example.com\"", "\"*@corp.example.com\""),
            (json!({"has": "admins"}), "{ has: admins }", "{ has = \"admins\" }"),
            (json!({"*": {"a:b": 1}}), "{ \"*\": { a:b: 1 } }", "{ \"*\" = { \"a:b\" = 1 } }"),
            (json!(["a", 1, true]), "[a, 1, true]", "[\"a\", 1, true]"),
        ] {
            assert_eq!((yaml(&data).as_str(), toml(&data).as_str()), (in_yaml, in_toml));
        }
    }
}
