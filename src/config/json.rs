//! JSON as Go's `encoding/json` reads it into a map without types, with places.

use std::collections::HashMap;

use super::DuplicateKey;
use super::go;
use super::node::{Entry, Node, Value};
use super::parsed::{DEEPEST, Parsed};
use super::place::Place;

/// Reads a configuration file: an object.
pub(super) fn read(text: &str, place: &Place) -> Parsed {
    let mut reader = Reader { text, place, at: 0, depth: 0, duplicate_keys: Vec::new() };
    let node = match reader.document() {
        Ok(node) => node,
        Err(Problem { words, at }) => {
            let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let at = place.span(at, at + length);
            return if words == TOO_DEEP { Parsed::too_deep(at) } else { Parsed::broken(words, at) };
        }
    };
    let at = node.span;
    let (value, words) = match node.value {
        Value::Map(entries) => (Value::Map(entries), None),
        Value::Null => (Value::Map(Vec::new()), None),
        value => (Value::Map(Vec::new()), Some(cannot_unmarshal(&value, "map[string]interface {}"))),
    };
    Parsed {
        root: Some(Node { value, span: at }),
        error: words.map(|words| super::Refusal { kind: super::RefusalKind::Text, words, at: Some(at) }),
        duplicate_keys: reader.duplicate_keys,
        ..Parsed::default()
    }
}

/// Go's words for a depth that only we do not read.
const TOO_DEEP: &str = "exceeded max depth";

/// Reads any value, e.g. the text of an environment variable.
pub(super) fn read_value(text: &str, place: &Place) -> Result<Node, String> {
    Reader { text, place, at: 0, depth: 0, duplicate_keys: Vec::new() }.document().map_err(|problem| problem.words)
}

/// Go's words for a value of the wrong type.
pub(super) fn cannot_unmarshal(value: &Value, into: &str) -> String {
    let name = match value {
        Value::Flag(_) => "bool",
        Value::Integer(_) | Value::Float(_) => "number",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Null | Value::Text(_) | Value::Timestamp(_) => "string",
    };
    format!("json: cannot unmarshal {name} into Go value of type {into}")
}

struct Problem {
    words: String,
    at: usize,
}

struct Reader<'a> {
    text: &'a str,
    place: &'a Place,
    at: usize,
    depth: usize,
    duplicate_keys: Vec<DuplicateKey>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Node, Problem> {
        let node = self.value("looking for beginning of value")?;
        self.skip_space();
        if self.at < self.text.len() { Err(self.unexpected("after top-level value")) } else { Ok(node) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// Go names a byte, not a character, so a non-ASCII one appears as its first byte.
    fn unexpected(&self, context: &str) -> Problem {
        let words = match self.peek() {
            None => "unexpected end of JSON input".to_owned(),
            Some(b'\'') => format!("invalid character '\\'' {context}"),
            Some(b'"') => format!("invalid character '\"' {context}"),
            Some(byte) => {
                let quoted = go::quote(&char::from(byte).to_string());
                format!("invalid character '{}' {context}", quoted.trim_matches('"'))
            }
        };
        Problem { words, at: self.at }
    }

    fn value(&mut self, context: &str) -> Result<Node, Problem> {
        self.skip_space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b't') => self.word("true", Value::Flag(true))?,
            Some(b'f') => self.word("false", Value::Flag(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.unexpected(context)),
        };
        Ok(Node { value, span: self.place.span(start, self.at) })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Problem>) -> Result<Value, Problem> {
        if self.depth >= DEEPEST {
            return Err(Problem { words: TOO_DEEP.to_owned(), at: self.at });
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut positions: HashMap<String, usize> = HashMap::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Map(entries));
        }
        loop {
            self.skip_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let key = self.string()?;
            let key_span = self.place.span(start, self.at);
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            let value = self.value("looking for beginning of value")?;
            let entry = Entry { key: key.clone(), key_span, value };
            match positions.get(&key) {
                // The last one wins, silently: viper's lower-casing sees to it, as it does for keys that differ in case.
                Some(&position) => {
                    let first = entries[position].key_span;
                    self.duplicate_keys.push(DuplicateKey { key, first, second: key_span });
                }
                None => {
                    positions.insert(key, entries.len());
                }
            }
            entries.push(entry);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Map(entries));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn array(&mut self) -> Result<Value, Problem> {
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::List(elements));
        }
        loop {
            elements.push(self.value("looking for beginning of value")?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Value::List(elements));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Problem> {
        for (position, expected) in word.bytes().enumerate() {
            if self.peek() != Some(expected) {
                let expected = char::from(expected);
                debug_assert!(position > 0, "the first letter chose the word");
                return Err(self.unexpected(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self, context: &str) -> Result<(), Problem> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected(context));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    /// Go reads every number as a float.
    fn number(&mut self) -> Result<Value, Problem> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let written = self.text.get(start..self.at).unwrap_or_default();
        go::parse_float(written).map(Value::Float).map_err(|_| Problem {
            words: format!("json: cannot unmarshal number {written} into Go value of type float64"),
            at: start,
        })
    }

    fn string(&mut self) -> Result<String, Problem> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            string.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => {
                    self.at += 1;
                    string.push(self.escape()?);
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let character = match self.peek() {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(character)
    }

    /// `\uXXXX`; half a surrogate pair becomes the replacement character.
    fn unicode_escape(&mut self) -> Result<char, Problem> {
        self.at += 1;
        let first = self.hexadecimal()?;
        if !(0xD800..0xDC00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let here = self.at;
        if self.text.as_bytes().get(here..here + 2) == Some(b"\\u") {
            self.at += 2;
            let second = self.hexadecimal()?;
            if (0xDC00..0xE000).contains(&second) {
                let combined = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(combined).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = here;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hexadecimal(&mut self) -> Result<u32, Problem> {
        let mut number = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            number = number * 16 + digit.ok_or_else(|| self.unexpected("in \\u hexadecimal character escape"))?;
            self.at += 1;
        }
        Ok(number)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::source::{Source, SourceKind, Sources};
    use super::*;

    fn parse(text: &str) -> Parsed {
        let source = Sources::default().add(Source::new("c.json", SourceKind::File, text));
        read(text, &Place::Verbatim(source, 0))
    }

    #[test]
    fn errors_are_gos() {
        for (text, words) in [
            ("", "unexpected end of JSON input"),
            ("{\"a\": 1,}", "invalid character '}' looking for beginning of object key string"),
            ("a: b", "invalid character 'a' looking for beginning of value"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\": 1 \"b\": 2}", "invalid character '\"' after object key:value pair"),
            ("{'a': 1}", "invalid character '\\'' looking for beginning of object key string"),
            ("{\"a\": tru}", "invalid character '}' in literal true (expecting 'e')"),
            ("{\"a\": \"\n\"}", "invalid character '\\n' in string literal"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("[]", "json: cannot unmarshal array into Go value of type map[string]interface {}"),
            ("{\"a\": 1e999}", "json: cannot unmarshal number 1e999 into Go value of type float64"),
        ] {
            assert_eq!(parse(text).error.unwrap().words, words, "{text}");
        }
    }

    #[test]
    fn values_and_places() {
        let text = "{\"ä\": \"\\u00e4\\ud83d\\ude00\", \"n\": -1.5e1}";
        let root = parse(text).root.unwrap();
        assert_eq!(root.get("ä").unwrap().value, Value::Text("ä😀".to_owned()));
        assert_eq!(root.get("n").unwrap().value, Value::Float(-15.0));
        assert_eq!(&text[root.get("n").unwrap().span.range()], "-1.5e1");
    }
}
