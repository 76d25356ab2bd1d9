//! How far a value goes that stands behind a name on a line, whatever format the line is of.

/// Where on a line a name stands.
#[derive(Default)]
pub(super) struct Inside {
    at: usize,
    /// In a quotation that begins with this quote.
    quote: Option<char>,
    /// In so many brackets.
    depth: usize,
    before: Option<char>,
}

/// What the lines are that are indented more.
#[derive(Clone, Copy)]
pub(super) enum Below {
    /// They are the value, or go on with it.
    Lines,
    /// Values, some with names of their own.
    Values,
    /// They go on with it up to this quote.
    Quoted(char),
}

/// A value on a line.
pub(super) struct Value<'t> {
    /// Without its quotes; nothing if it stands on other lines.
    pub(super) text: &'t str,
    /// Where that begins on the line.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
    /// Where it goes on.
    pub(super) below: Option<Below>,
}

impl Inside {
    /// Goes on to a place on the line.
    pub(super) fn read(&mut self, line: &str, to: usize) {
        for character in line.get(self.at..to).unwrap_or_default().chars() {
            let is_escaped = self.before == Some('\\');
            match (self.quote, character) {
                (Some(quote), end) if end == quote && !is_escaped => self.quote = None,
                (None, '"' | '\'') if !self.before.is_some_and(char::is_alphanumeric) => self.quote = Some(character),
                (None, '[' | '{') => self.depth += 1,
                (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            self.before = Some(character);
        }
        self.at = to;
    }

    /// The value that stands behind there.
    pub(super) fn value<'t>(&self, line: &'t str, from: usize) -> Value<'t> {
        let rest = line.get(from..).unwrap_or_default();
        let start = from + rest.len() - rest.trim_start().len();
        let rest = rest.trim();
        let up_to = |length: usize, below| {
            let text = rest.get(..length).unwrap_or(rest).trim_end();
            Value { text, start, end: start + text.len(), below }
        };
        if let Some(quote) = self.quote {
            return up_to(quotation(rest, quote).unwrap_or(rest.len()), None);
        }
        match rest.chars().next() {
            None => Value { text: "", start, end: start, below: Some(Below::Values) },
            Some(quote @ ('"' | '\'')) => {
                let inner = rest.get(1..).unwrap_or_default();
                let end = quotation(inner, quote);
                let text = inner.get(..end.unwrap_or(inner.len())).unwrap_or(inner);
                let below = end.is_none().then_some(Below::Quoted(quote));
                Value { text, start: start + 1, end: start + 1 + text.len(), below }
            }
            Some('[' | '{') if !rest.starts_with("{{") => match closing(rest) {
                Some(end) => up_to(end, None),
                None => up_to(rest.len(), Some(Below::Lines)),
            },
            Some('|' | '>') if is_mark(rest) => Value { text: "", start, end: start, below: Some(Below::Lines) },
            _ if self.depth > 0 => up_to(rest.find([',', ']', '}']).unwrap_or(rest.len()), None),
            // A comment behind a secret is left out wherever one is.
            _ => up_to(rest.find(" #").unwrap_or(rest.len()), Some(Below::Lines)),
        }
    }
}

/// Where a quotation ends.
fn quotation(inner: &str, quote: char) -> Option<usize> {
    let mut before = None;
    inner.char_indices().find_map(|(at, character)| {
        let is_escaped = before.replace(character) == Some('\\');
        (character == quote && !is_escaped).then_some(at)
    })
}

/// Behind the bracket that closes the first one.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.bytes().enumerate().find_map(|(at, byte)| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at + 1)
    })
}

/// `|`, `>-`, `|2`, and perhaps a comment.
fn is_mark(text: &str) -> bool {
    let mark = text.split(" #").next().unwrap_or_default().trim_end();
    mark.len() < 4
        && mark.get(1..).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte)))
}
