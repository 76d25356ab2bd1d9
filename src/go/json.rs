//! JSON as Go's `encoding/json` reads and writes it, as far as Pomerium and its libraries use it.
//!
//! It differs from serde: a struct field matches its key in any letter case, the last of two equal keys wins, `null` leaves a
//! field as it is, half of a surrogate pair is replaced, and nesting ends at 10,000. The text is checked once without recursion,
//! so that no depth can exhaust the stack; after that values are slices of the text, decoded where somebody asks for them.

mod scan;
#[cfg(test)]
mod tests;
mod write;

use std::iter::Peekable;
use std::str::Chars;

pub(crate) use scan::{Broken, Part, scan};
pub(crate) use write::{float, integer, time, written};

/// A value, as a slice of a text that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Json<'a>(&'a str);

/// Checks a whole text.
///
/// # Errors
/// Go's words, e.g. `invalid character '<' looking for beginning of value`.
pub(crate) fn parse(text: &str) -> Result<Json<'_>, String> {
    scan(text, &mut |_| {}).map_err(|broken| broken.words)?;
    Ok(Json(text.trim_matches(is_space)))
}

/// The name under which Go finds a struct field: `K` and `ſ` fold to ASCII as `bytes.EqualFold` folds them.
pub(crate) fn fold(key: &str) -> String {
    key.chars()
        .map(|letter| match letter {
            '\u{212a}' => 'k',
            '\u{17f}' => 's',
            letter => letter.to_ascii_lowercase(),
        })
        .collect()
}

impl<'a> Json<'a> {
    /// The type, in Go's words.
    pub(crate) fn kind(self) -> &'static str {
        match self.0.as_bytes().first() {
            Some(b'{') => "object",
            Some(b'[') => "array",
            Some(b'"') => "string",
            Some(b't' | b'f') => "bool",
            Some(b'n') => "null",
            _ => "number",
        }
    }

    /// The text of a value.
    pub(crate) fn source(self) -> &'a str {
        self.0
    }

    /// The value of a string; `None` for any other type.
    pub(crate) fn text(self) -> Option<String> {
        (self.kind() == "string").then(|| decode(self.0.get(1..self.0.len().saturating_sub(1)).unwrap_or_default()))
    }

    /// The elements of a list; none for any other type.
    pub(crate) fn elements(self) -> Vec<Self> {
        if self.kind() == "array" { self.parts().collect() } else { Vec::new() }
    }

    /// The members of an object in their order, repeated keys included; none for any other type.
    pub(crate) fn members(self) -> Vec<(String, Self)> {
        if self.kind() != "object" {
            return Vec::new();
        }
        let mut parts = self.parts();
        let mut members = Vec::new();
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            members.push((key.text().unwrap_or_default(), value));
        }
        members
    }

    /// What stands between the separators of a list or an object.
    fn parts(self) -> impl Iterator<Item = Self> {
        let mut at = 1;
        std::iter::from_fn(move || {
            let rest = self.0.get(at..)?;
            let start = rest.find(|c: char| !is_space(c) && c != ',' && c != ':')?;
            let rest = rest.get(start..)?;
            let length = extent(rest.as_bytes());
            at += start + length;
            (length > 0).then(|| rest.get(..length).map(Json)).flatten()
        })
    }
}

/// The number of bytes of the value with which a checked text begins; 0 at the end of a list or object.
fn extent(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += string_extent(bytes.get(at..).unwrap_or_default());
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 0 { at } else { at + 1 },
            b'}' | b']' => depth -= 1,
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

fn string_extent(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// What a checked string literal stands for; half of a surrogate pair becomes U+FFFD.
fn decode(literal: &str) -> String {
    let mut decoded = String::with_capacity(literal.len());
    let mut letters = literal.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            decoded.push(letter);
            continue;
        }
        decoded.push(match letters.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => decode_unicode(&mut letters),
            Some(letter) => letter,
            None => break,
        });
    }
    decoded
}

fn decode_unicode(letters: &mut Peekable<Chars<'_>>) -> char {
    let first = four_digits(letters);
    if let 0xd800..0xdc00 = first {
        let mut ahead = letters.clone();
        if ahead.next() == Some('\\') && ahead.next() == Some('u') {
            let second = four_digits(&mut ahead);
            if let 0xdc00..0xe000 = second {
                *letters = ahead;
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn four_digits(letters: &mut Peekable<Chars<'_>>) -> u32 {
    letters.by_ref().take(4).fold(0, |code, letter| code * 16 + letter.to_digit(16).unwrap_or(0))
}
