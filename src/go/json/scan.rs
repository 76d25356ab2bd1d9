//! Go's scanner: checks a text from its beginning to its end, without recursion.

use super::{Json, is_space};
use crate::go;

/// Nesting beyond this is refused (`maxNestingDepth` in `encoding/json/scanner.go`).
const DEEPEST: usize = 10_000;

/// Where a text stops being JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Go's words.
    pub(crate) words: String,
    /// The byte that is not expected, or the end.
    pub(crate) at: usize,
}

/// A part of a text, met from its beginning to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// The bracket with which a list or an object begins, and its place.
    Open(u8, usize),
    /// A key of an object, with its quotes, and its place.
    Key(Json<'a>, usize),
    /// A value that is neither list nor object, and its place.
    Scalar(Json<'a>, usize),
    /// The place behind the bracket with which a list or an object ends.
    Close(usize),
}

/// Goes through a whole text once and tells what it meets.
///
/// # Errors
/// Go's words and the place. What was met before has been told.
pub(crate) fn scan<'a>(text: &'a str, tell: &mut dyn FnMut(Part<'a>)) -> Result<(), Broken> {
    let mut scanner = Scanner { text, at: 0, open: Vec::new(), tell };
    scanner.document().map_err(|words| {
        // A byte that is not expected has been read, the end has not.
        let at = if words == END { text.len() } else { scanner.at.saturating_sub(1) };
        Broken { words, at }
    })
}

/// What Go says of a text that ends too early.
const END: &str = "unexpected end of JSON input";

/// Go's scanner, state for state, with its words.
struct Scanner<'a, 't> {
    text: &'a str,
    at: usize,
    open: Vec<u8>,
    tell: &'t mut dyn FnMut(Part<'a>),
}

impl<'a> Scanner<'a, '_> {
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
                    self.close();
                    return Ok(false);
                }
                self.key(byte).map(|()| true)
            }
            b'[' => {
                self.push(byte)?;
                if self.next_visible()? == b']' {
                    self.close();
                    return Ok(false);
                }
                self.at -= 1;
                Ok(true)
            }
            byte => {
                let start = self.at - 1;
                match byte {
                    b'"' => self.string()?,
                    b'-' | b'0'..=b'9' => self.number(byte)?,
                    b't' => self.literal("true")?,
                    b'f' => self.literal("false")?,
                    b'n' => self.literal("null")?,
                    byte => return Err(unexpected(byte, WANTED)),
                }
                let scalar = Part::Scalar(self.since(start), start);
                (self.tell)(scalar);
                Ok(false)
            }
        }
    }

    /// Reads what follows a value; true if another value must follow.
    fn after_value(&mut self) -> Result<bool, String> {
        loop {
            let Some(open) = self.open.last().copied() else {
                self.skip_space();
                return self.next().map_or(Ok(false), |byte| Err(unexpected(byte, "after top-level value")));
            };
            match (open, self.next_visible()?) {
                (b'{', b',') => {
                    let byte = self.next_visible()?;
                    return self.key(byte).map(|()| true);
                }
                (_, b',') => return Ok(true),
                (b'{', b'}') | (b'[', b']') => self.close(),
                (b'{', byte) => return Err(unexpected(byte, "after object key:value pair")),
                (_, byte) => return Err(unexpected(byte, "after array element")),
            }
        }
    }

    fn key(&mut self, first: u8) -> Result<(), String> {
        if first != b'"' {
            return Err(unexpected(first, "looking for beginning of object key string"));
        }
        let start = self.at - 1;
        self.string()?;
        let key = Part::Key(self.since(start), start);
        (self.tell)(key);
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
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
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
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
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
        if self.open.len() > DEEPEST {
            return Err(unexpected(byte, "exceeded max depth"));
        }
        (self.tell)(Part::Open(byte, self.at - 1));
        Ok(())
    }

    fn close(&mut self) {
        self.open.pop();
        (self.tell)(Part::Close(self.at));
    }

    /// What was read since a place.
    fn since(&self, start: usize) -> Json<'a> {
        Json(self.text.get(start..self.at).unwrap_or_default())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| is_space(char::from(byte))) {
            self.at += 1;
        }
    }

    fn next_visible(&mut self) -> Result<u8, String> {
        self.skip_space();
        self.next()
    }

    fn next(&mut self) -> Result<u8, String> {
        let byte = self.peek().ok_or(END)?;
        self.at += 1;
        Ok(byte)
    }
}

/// Go takes the byte for a character of its own, so that the first byte of a BOM is shown as `ï`.
fn unexpected(byte: u8, place: &str) -> String {
    match byte {
        b'\'' => format!("invalid character '\\'' {place}"),
        b'"' => format!("invalid character '\"' {place}"),
        byte => {
            let quoted = go::quote(&char::from(byte).to_string());
            format!("invalid character '{}' {place}", quoted.trim_matches('"'))
        }
    }
}
