//! How far a value goes that stands behind a name on a line, whatever format the line is of.

use crate::offset;

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
                let end = quotations(inner, quote);
                let text = inner.get(..end.unwrap_or(inner.len())).unwrap_or(inner);
                let below = match end {
                    Some(_) => None,
                    // A slip: what stands behind the quote belongs to the value, too.
                    None if quotes(inner, quote).next().is_some() => Some(Below::Lines),
                    None => Some(Below::Quoted(quote)),
                };
                Value { text, start: start + 1, end: start + 1 + text.len(), below }
            }
            Some('[' | '{') if !rest.starts_with("{{") => match closing(rest) {
                Some(end) if rest.get(end..).is_some_and(is_end) => up_to(end, None),
                Some(end) => {
                    let more = rest.get(end..).unwrap_or_default().find(char::is_whitespace);
                    up_to(more.map_or(rest.len(), |more| end + more), None)
                }
                None => up_to(rest.len(), Some(Below::Lines)),
            },
            Some('|' | '>') if is_mark(rest) => Value { text: "", start, end: start, below: Some(Below::Lines) },
            _ if self.depth > 0 => up_to(element(rest), None),
            // A comment behind a secret is left out wherever one is.
            _ => up_to(rest.find(" #").unwrap_or(rest.len()), Some(Below::Lines)),
        }
    }
}

/// Where a quotation ends: at a quote behind which a value may end.
pub(super) fn quotation(inner: &str, quote: char) -> Option<usize> {
    quotes(inner, quote).find(|at| inner.get(at + 1..).is_some_and(is_end))
}

/// The same for all that stand behind each other with nothing but blanks between: no format has two values there.
fn quotations(inner: &str, quote: char) -> Option<usize> {
    let mut end = quotation(inner, quote)?;
    loop {
        let behind = inner.get(end + 1..).unwrap_or_default().trim_start_matches([' ', '\t']);
        let Some(next) = behind.chars().next().filter(|next| matches!(next, '"' | '\'')) else { return Some(end) };
        let start = inner.len() - behind.len() + 1;
        let Some(length) = inner.get(start..).and_then(|next_inner| quotation(next_inner, next)) else {
            return Some(inner.trim_end().len());
        };
        end = start + length;
    }
}

/// Where a quote stands that nothing escapes. In single quotes of YAML, two of them stand for one.
fn quotes(inner: &str, quote: char) -> impl Iterator<Item = usize> {
    let mut is_escaped = false;
    let mut quotes = inner.char_indices().filter_map(move |(at, character)| {
        let is_quote = character == quote && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        is_quote.then_some(at)
    });
    let mut next = quotes.next();
    std::iter::from_fn(move || {
        loop {
            let at = next?;
            next = quotes.next();
            if quote == '"' || next != Some(at + 1) {
                return Some(at);
            }
            next = quotes.next();
        }
    })
}

/// Whether a value may end before this.
fn is_end(behind: &str) -> bool {
    behind.is_empty() || behind.starts_with(|next: char| next.is_whitespace() || ",:;)]}&|<\\".contains(next))
}

/// How far a bare value in brackets goes: in a mapping, what stands behind a comma and has no name is a part of it.
fn element(rest: &str) -> usize {
    /// So near a bracket is looked for: a line may hold any number of elements.
    const NEAR: usize = 1024;
    let near = offset::head(rest, NEAR);
    let close = near.find([']', '}']).unwrap_or(near.len());
    let is_mapping = rest.get(close..).is_some_and(|rest| rest.starts_with('}'));
    let mut end = 0;
    for part in rest.get(..close).unwrap_or(rest).split(',') {
        if end > 0 && (!is_mapping || part.contains([':', '='])) {
            break;
        }
        end += part.len() + usize::from(end > 0);
    }
    end
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
