//! Files of the form `NAME=value`: as a configuration file, where `subosito/gotenv` reads them with quotes and `${NAME}`, and
//! as an environment file for a container, where every character counts.

use std::collections::HashMap;
use std::ops::Range;

use super::node::{Entry, Node, Value};
use super::parsed::{MOST_NODES, Parsed};
use super::place::Place;
use super::refusal::{Refusal, RefusalKind};
use super::room::Room;

/// Reads a configuration file ending in `.env` or `.dotenv`. `environment` answers `${NAME}` before the file does.
pub(in crate::config) fn read<'e>(text: &str, place: &Place, environment: &dyn Fn(&str) -> Option<&'e str>) -> Parsed {
    let room = Room::default();
    let mut entries: Vec<Entry> = Vec::new();
    let mut positions: HashMap<String, usize> = HashMap::new();
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Lines { text: body, at: 0 };
    let shift = text.len() - body.len();
    let all = place.span(0, text.len());
    let refuse = |words: String, start: usize, end: usize, entries: Vec<Entry>| Parsed {
        root: Some(Node { value: Value::Map(entries), span: all }),
        error: Some(Refusal { kind: RefusalKind::Text, words, at: Some(place.span(start + shift, end + shift)) }),
        is_syntax: true,
        ..Parsed::default()
    };
    while let Some((start, end)) = lines.next() {
        let (start, mut end) = trimmed(body, start, end);
        let line = &body[start..end];
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(quote) = open_quote(line) {
            match lines.until_quote(quote) {
                Some(closed) => end = closed,
                None => return refuse("missing quotes".to_owned(), start, end, entries),
            }
        }
        let statement = &body[start..end];
        let Some(found) = assignment(statement) else {
            let words = match statement.strip_prefix("export ") {
                Some(name) if statement.starts_with("export") && !positions.contains_key(name) => {
                    format!("line `{statement}` has an unset variable")
                }
                _ => format!("line `{statement}` doesn't match format"),
            };
            return refuse(words, start, end, entries);
        };
        let known = |name: &str| {
            environment(name).or_else(|| match &entries[*positions.get(name)?].value.value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })
        };
        let at = |range: &Range<usize>| place.span(start + shift + range.start, start + shift + range.end);
        let value = found.value(&known, &room);
        if let Some(words) = room.problem() {
            return Parsed::grows(words, at(&found.value_range()));
        }
        let node = Node { value: Value::Text(value), span: at(&found.value_range()) };
        let key = found.key.to_owned();
        let entry = Entry { key: key.clone(), key_span: at(&found.key_range), value: node };
        if let Some(&position) = positions.get(&key) {
            entries[position] = entry;
        } else {
            if entries.len() == MOST_NODES {
                return Parsed::too_many(entry.key_span);
            }
            positions.insert(key, entries.len());
            entries.push(entry);
        }
    }
    Parsed { root: Some(Node { value: Value::Map(entries), span: all }), ..Parsed::default() }
}

/// Reads an environment file as container engines do: `NAME=value` a line, nothing trimmed from the value, nothing unquoted.
/// Yields the byte ranges of name and value.
pub(in crate::config) fn environment_lines(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let mut lines = Lines { text, at: 0 };
    let mut found = Vec::new();
    while let Some((start, end)) = lines.next() {
        let line = &text[start..end];
        let start = start + (line.len() - line.trim_start_matches([' ', '\t', '\u{feff}']).len());
        let line = &text[start..end];
        if line.starts_with('#') {
            continue;
        }
        if let Some(equals) = line.find('=') {
            found.push((start..start + equals, start + equals + 1..end));
        }
    }
    found
}

/// Whether all who read environment files stop at something in it, or take it for what nobody meant: words that set nothing, or a
/// quote that nothing closes (`docker run --env-file` refuses the first as compose does, and keeps the second in the value).
pub(in crate::config) fn is_broken(text: &str) -> bool {
    let mut lines = Lines { text, at: 0 };
    while let Some((start, end)) = lines.next() {
        let line = text[start..end].trim_start_matches('\u{feff}').trim();
        if line.starts_with('#') {
            continue;
        }
        let sets_nothing = !line.contains(['=', ':']) && !line.starts_with("export ");
        if sets_nothing && line.split_whitespace().nth(1).is_some()
            || open_quote(line).is_some_and(|quote| lines.until_quote(quote).is_none())
        {
            return true;
        }
    }
    false
}

/// Lines by any line end, as byte ranges without it.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl Lines<'_> {
    fn next(&mut self) -> Option<(usize, usize)> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let end = start + length;
        let line_end = if rest[length..].starts_with("\r\n") { 2 } else { usize::from(length < rest.len()) };
        self.at = end + line_end;
        Some((start, end))
    }

    /// Reads lines until one ends a quotation; the end of that line.
    fn until_quote(&mut self, quote: char) -> Option<usize> {
        while let Some((start, end)) = self.next() {
            let line = &self.text[start..end];
            match line.rfind(quote) {
                Some(at) if at > 0 && line.as_bytes()[at - 1] == b'\\' => {}
                Some(_) => return Some(end),
                None => {}
            }
        }
        None
    }
}

fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let line = &text[start..end];
    let start = start + (line.len() - line.trim_start().len());
    (start, start + line.trim().len())
}

/// The quote character of a value that does not end on its line.
fn open_quote(line: &str) -> Option<char> {
    let at = line.find('=').or_else(|| line.find(':'))?;
    if at == 0 || at + 1 >= line.len() {
        return None;
    }
    let value = line[at + 1..].trim();
    let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    match value[1..].trim().rfind(quote) {
        Some(end) if value.as_bytes().get(end) != Some(&b'\\') => None,
        _ => Some(quote),
    }
}

/// The parts of `export NAME = value # comment`.
struct Assignment<'a> {
    key: &'a str,
    key_range: Range<usize>,
    value: &'a str,
    value_start: usize,
}

fn assignment(statement: &str) -> Option<Assignment<'_>> {
    let unexported = match statement.strip_prefix("export") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => statement,
    };
    let key_start = statement.len() - unexported.len();
    let key_length =
        unexported.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(unexported.len());
    let (key, rest) = unexported.split_at(key_length);
    if key.is_empty() {
        return None;
    }
    let after = if let Some(after) = rest.trim_start().strip_prefix('=') {
        after.trim_start()
    } else {
        let after = rest.strip_prefix(':')?;
        after.starts_with(char::is_whitespace).then(|| after.trim_start())?
    };
    let value = value_of(after)?;
    Some(Assignment {
        key,
        key_range: key_start..key_start + key_length,
        value,
        value_start: statement.len() - after.len(),
    })
}

/// The value before a comment: up to the last quote behind which only a comment stands, else up to `#` or the line's end.
fn value_of(after: &str) -> Option<&str> {
    let last_line = after.rfind('\n').map_or(0, |at| at + 1);
    let is_end = |end: usize| {
        let rest = after[end..].trim_start();
        rest.is_empty() || rest.starts_with('#') && after.len() - rest.len() >= last_line
    };
    if let Some(quote) = after.chars().next().filter(|c| *c == '"' || *c == '\'') {
        let mut ends = after.rmatch_indices(quote).map(|(at, _)| at + 1).filter(|&end| end > 1);
        if let Some(end) = ends.find(|&end| is_end(end)) {
            return Some(&after[..end]);
        }
    }
    let end = after.find(['#', '\n']).unwrap_or(after.len());
    is_end(end).then(|| after[..end].trim())
}

impl Assignment<'_> {
    fn quote(&self) -> Option<char> {
        let first = self.value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
        (self.value.len() >= 2 && self.value.ends_with(first)).then_some(first)
    }

    fn value_range(&self) -> Range<usize> {
        let quote = usize::from(self.quote().is_some());
        self.value_start + quote..self.value_start + self.value.len() - quote
    }

    fn value<'k>(&self, known: &dyn Fn(&str) -> Option<&'k str>, room: &Room) -> String {
        match self.quote() {
            Some('\'') => self.value[1..self.value.len() - 1].to_owned(),
            Some(_) => {
                let inner = self.value[1..self.value.len() - 1].replace("\\n", "\n").replace("\\r", "\r");
                interpolate(&unescape(&inner), known, room)
            }
            None => interpolate(self.value, known, room),
        }
    }
}

/// Removes backslashes, except before `$`.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some(&next)) if next != '$' => {
                plain.push(next);
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    plain
}

/// `$NAME`, `${NAME}`, `\$`: names are of capital letters, digits and `_`.
fn interpolate<'k>(text: &str, known: &dyn Fn(&str) -> Option<&'k str>, room: &Room) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let escaped = rest[..at].ends_with('\\');
        done.push_str(&rest[..at - usize::from(escaped)]);
        let braced = rest[at + 1..].strip_prefix('{');
        let after = braced.unwrap_or(&rest[at + 1..]);
        let length =
            after.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_').unwrap_or(after.len());
        let name = &after[..length];
        let mut end = rest.len() - after.len() + length;
        if rest[end..].starts_with('}') {
            end += 1;
        }
        if escaped || name.is_empty() {
            done.push_str(&rest[at..end]);
        } else {
            done.push_str(known(name).and_then(|value| room.take(name, value)).unwrap_or_default());
        }
        rest = &rest[end..];
    }
    done.push_str(rest);
    done
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::super::source::{Source, SourceKind, Sources};
    use super::*;

    fn parse(text: &str) -> Parsed {
        let source = Sources::default().add(Source::new("c.env", SourceKind::File, text));
        read(text, &Place::Verbatim(source, 0), &|name| (name == "OUTSIDE").then_some("outer"))
    }

    fn value(text: &str) -> String {
        let parsed = parse(text);
        assert_eq!(parsed.error, None, "{text}");
        match &parsed.root.unwrap().get("A").unwrap().value {
            Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_are_what_gotenv_makes_of_them() {
        for (written, expected) in [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("A: b", "b"),
            ("export A=b", "b"),
            ("A=", ""),
            ("A=b # c", "b"),
            ("A=b#c", "b"),
            ("A=\"b # c\"", "b # c"),
            ("A=\"b\" # c", "b"),
            ("A='b\\n$X'", "b\\n$X"),
            ("A=\"b\\nc\"", "b\nc"),
            ("A=\"b\\\"c\"", "b\"c"),
            ("A=\"b\nc\"", "b\nc"),
            ("A=one\r\nA=two\r\n", "two"),
            ("X=x\nA=a${X}$X", "axx"),
            ("A=$MISSING.", "."),
            ("A=\\$X", "$X"),
            ("A=$OUTSIDE", "outer"),
            ("\u{feff}A=b", "b"),
        ] {
            assert_eq!(value(written), expected, "{written:?}");
        }
    }

    #[test]
    fn a_line_without_assignment_is_refused() {
        assert_eq!(parse("A=b\nnonsense\n").error.unwrap().words, "line `nonsense` doesn't match format");
        assert_eq!(parse("export B\n").error.unwrap().words, "line `export B` has an unset variable");
        assert_eq!(parse("A=\"b\n").error.unwrap().words, "missing quotes");
    }

    #[test]
    fn a_file_that_doubles_itself_is_told_by_the_variable() {
        let text = format!("A=xxxx\n{}B=b\n", "A=$A$A\n".repeat(26));
        let parsed = parse(&text);
        let words = parsed.error.unwrap().words;
        assert!(parsed.is_limit && words.contains("`A`") && words.contains("4 MiB"), "{words}");
        // What the environment sets counts as well.
        let long = "x".repeat(1 << 20);
        let source = Sources::default().add(Source::new("c.env", SourceKind::File, ""));
        let read = |text: &str| read(text, &Place::Verbatim(source, 0), &|_| Some(&long));
        assert!(read("B=$A\nC=$A\n").error.is_none());
        assert!(read("B=$A$A$A\nC=$A$A\n").is_limit);
    }

    #[test]
    fn an_environment_file_keeps_every_character() {
        let text = "# c\nA=\"b\" # c\n  B= x \nC\n";
        let lines: Vec<(&str, &str)> =
            environment_lines(text).into_iter().map(|(name, value)| (&text[name], &text[value])).collect();
        assert_eq!(lines, [("A", "\"b\" # c"), ("B", " x ")]);
    }
}
