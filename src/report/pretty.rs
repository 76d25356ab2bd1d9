//! JSON as it is written.

use serde::Serialize;

use super::text;

/// A value on lines of its own, with nothing in it that acts on a terminal or a CI runner.
pub(super) fn pretty(value: &impl Serialize) -> String {
    // Only text keys and finite numbers are put in: this cannot fail.
    let json = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    escape(&json)
}

/// A value on one line, and no less inert.
pub(super) fn line(value: &impl Serialize) -> String {
    escape(&(serde_json::to_string(value).unwrap_or_default() + "\n"))
}

/// What acts stands in strings only, and there JSON has an escape for it.
fn escape(json: &str) -> String {
    let mut clean = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && text::acts(character) {
            let mut units = [0; 2];
            clean.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            clean.push(character);
        }
    }
    text::without_commands(clean, "\\u0023")
}
