//! What Go does with JSON, URLs, base64, numbers and quoting: the ground on which both sides stand, as Pomerium is written in it.

pub(crate) mod base64;
pub(crate) mod json;
mod number;
pub(crate) mod regexp;
pub mod url;

pub(crate) use number::{format_float, parse_bool, parse_duration, parse_float, parse_int, parse_uint, to_float};

/// `%q`: in double quotes, with what is not printable escaped.
pub(crate) fn quote(text: &str) -> String {
    url::quote(text.as_bytes())
}

/// The invisible characters that people paste into configurations, of Unicode's category `Cf`: Go takes none of them for printable.
pub(crate) fn is_format(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
