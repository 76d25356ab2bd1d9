//! JSON as Go's `encoding/json` reads it, as far as Pomerium's libraries use it.
//!
//! It differs from serde: a struct field matches its key in any letter case, the last of two equal keys wins, `null` leaves a
//! field as it is, half of a surrogate pair is replaced, and nesting ends at 10,000. The text is checked once without recursion,
//! so that no depth can exhaust the stack; after that values are slices of the text, decoded where somebody asks for them.

#[cfg(test)]
mod tests;

use std::iter::Peekable;
use std::str::Chars;

/// Nesting beyond this is refused (`maxNestingDepth` in `encoding/json/scanner.go`).
const DEEPEST: usize = 10_000;

/// A value, as a slice of a text that [`parse`] has checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Json<'a>(&'a str);

/// Checks a whole text.
///
/// # Errors
/// Go's words, e.g. `invalid character '<' looking for beginning of value`.
pub(super) fn parse(text: &str) -> Result<Json<'_>, String> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, open: Vec::new() };
    scanner.document()?;
    Ok(Json(text.trim_matches(is_space)))
}

/// The name under which Go finds a struct field: `K` and `ſ` fold to ASCII as `bytes.EqualFold` folds them.
pub(super) fn fold(key: &str) -> String {
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
    pub(super) fn kind(self) -> &'static str {
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
    pub(super) fn source(self) -> &'a str {
        self.0
    }

    /// The value of a string; `None` for any other type.
    pub(super) fn text(self) -> Option<String> {
        (self.kind() == "string").then(|| decode(self.0.get(1..self.0.len().saturating_sub(1)).unwrap_or_default()))
    }

    /// The elements of a list; none for any other type.
    pub(super) fn elements(self) -> Vec<Self> {
        if self.kind() == "array" { self.parts().collect() } else { Vec::new() }
    }

    /// The members of an object in their order, repeated keys included; none for any other type.
    pub(super) fn members(self) -> Vec<(String, Self)> {
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

/// Go's scanner, state for state, with its words.
struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    open: Vec<u8>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), String> {
        loop {
            if self.value()? {
                continue;
            }
            if !self.after_value()? {
                return Ok(());
            }
        }
    }

    /// Reads a value or the beginning of one; true if another value must follow at once.
    fn value(&mut self) -> Result<bool, String> {
        const WANTED: &str = "looking for beginning of value";
        let byte = self.next_visible()?;
        match byte {
            b'{' => {
                self.push(byte)?;
                let byte = self.next_visible()?;
                if byte == b'}' {
                    self.open.pop();
                    return Ok(false);
                }
                self.key(byte).map(|()| true)
            }
            b'[' => {
                self.push(byte)?;
                if self.next_visible()? == b']' {
                    self.open.pop();
                    return Ok(false);
                }
                self.at -= 1;
                Ok(true)
            }
            b'"' => self.string().map(|()| false),
            b'-' | b'0'..=b'9' => self.number(byte).map(|()| false),
            b't' => self.literal("true").map(|()| false),
            b'f' => self.literal("false").map(|()| false),
            b'n' => self.literal("null").map(|()| false),
            byte => Err(unexpected(byte, WANTED)),
        }
    }

    /// Reads what follows a value; true if another value must follow.
    fn after_value(&mut self) -> Result<bool, String> {
        loop {
            let Some(open) = self.open.last().copied() else {
                self.skip_space();
                return self
                    .bytes
                    .get(self.at)
                    .map_or(Ok(false), |&byte| Err(unexpected(byte, "after top-level value")));
            };
            match (open, self.next_visible()?) {
                (b'{', b',') => {
                    let byte = self.next_visible()?;
                    return self.key(byte).map(|()| true);
                }
                (_, b',') => return Ok(true),
                (b'{', b'}') | (b'[', b']') => {
                    self.open.pop();
                }
                (b'{', byte) => return Err(unexpected(byte, "after object key:value pair")),
                (_, byte) => return Err(unexpected(byte, "after array element")),
            }
        }
    }

    fn key(&mut self, first: u8) -> Result<(), String> {
        if first != b'"' {
            return Err(unexpected(first, "looking for beginning of object key string"));
        }
        self.string()?;
        match self.next_visible()? {
            b':' => Ok(()),
            byte => Err(unexpected(byte, "after object key")),
        }
    }

    /// Reads the rest of a string.
    fn string(&mut self) -> Result<(), String> {
        loop {
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => match self.next()? {
                    b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => {}
                    b'u' => {
                        for _ in 0..4 {
                            let byte = self.next()?;
                            if !byte.is_ascii_hexdigit() {
                                return Err(unexpected(byte, "in \\u hexadecimal character escape"));
                            }
                        }
                    }
                    byte => return Err(unexpected(byte, "in string escape code")),
                },
                byte if byte < 0x20 => return Err(unexpected(byte, "in string literal")),
                _ => {}
            }
        }
    }

    /// Reads the rest of a number.
    fn number(&mut self, first: u8) -> Result<(), String> {
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.skip_digits(),
            byte => return Err(unexpected(byte, "in numeric literal")),
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn digits(&mut self, place: &str) -> Result<(), String> {
        let byte = self.next()?;
        if !byte.is_ascii_digit() {
            return Err(unexpected(byte, place));
        }
        self.skip_digits();
        Ok(())
    }

    fn skip_digits(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    /// Reads the rest of a literal.
    fn literal(&mut self, word: &str) -> Result<(), String> {
        for expected in word.bytes().skip(1) {
            let byte = self.next()?;
            if byte != expected {
                return Err(unexpected(byte, &format!("in literal {word} (expecting '{}')", char::from(expected))));
            }
        }
        Ok(())
    }

    fn push(&mut self, byte: u8) -> Result<(), String> {
        self.open.push(byte);
        if self.open.len() > DEEPEST { Err(unexpected(byte, "exceeded max depth")) } else { Ok(()) }
    }

    fn skip_space(&mut self) {
        while self.bytes.get(self.at).is_some_and(|&byte| is_space(char::from(byte))) {
            self.at += 1;
        }
    }

    fn next_visible(&mut self) -> Result<u8, String> {
        self.skip_space();
        self.next()
    }

    fn next(&mut self) -> Result<u8, String> {
        let byte = self.bytes.get(self.at).copied().ok_or("unexpected end of JSON input")?;
        self.at += 1;
        Ok(byte)
    }
}

/// Go takes the byte for a character of its own, so that the first byte of a BOM is shown as `ï`.
fn unexpected(byte: u8, place: &str) -> String {
    let shown = match byte {
        b'\'' => "\\'".to_owned(),
        b'"' => "\"".to_owned(),
        0x20..=0x7e | 0xa1..=0xac | 0xae..=0xff => char::from(byte).to_string().replace('\\', "\\\\"),
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        0x80..=0xff => format!("\\u{byte:04x}"),
        _ => format!("\\x{byte:02x}"),
    };
    format!("invalid character '{shown}' {place}")
}
