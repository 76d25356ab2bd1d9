//! `.env` and `env_file` as compose reads them: quotes come off, and variables are replaced
//! (<https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax>).

use super::interpolate::Variables;
use crate::config::text::{Place, SourceId, Span, Variable};

/// Reads the variables. Each may use those of `variables` and those before it.
pub(super) fn read(text: &str, source: SourceId, variables: &Variables<'_>) -> Vec<Variable> {
    let mut known = Variables::inside(variables);
    let mut found: Vec<Variable> = Vec::new();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let blank = rest.len() - rest.trim_start().len();
        let line = &rest[blank..];
        let length = line.find('\n').unwrap_or(line.len());
        let statement = &line[..length];
        let start = at + blank;
        at = start + length;
        let unexported = statement.strip_prefix("export ").unwrap_or(statement);
        let Some(separator) = unexported.find(['=', ':']).filter(|_| !statement.starts_with('#')) else { continue };
        let name = unexported[..separator].trim_end();
        let name_start = start + statement.len() - unexported.len();
        let written = unexported[separator + 1..].trim_start_matches([' ', '\t']);
        let value_start = start + statement.len() - written.len();
        let (range, quote) = value(text, value_start, written);
        at = at.max(range.end);
        let raw = text.get(range.clone()).unwrap_or_default();
        let value = if quote == Some('\'') {
            raw.to_owned()
        } else {
            let plain = if quote.is_some() { unescape(raw) } else { raw.to_owned() };
            let value = known.interpolate(&plain, Place::Verbatim(source, range.start)).0;
            known.ended_up(Span { source, start: range.start, end: range.end });
            value
        };
        known.set(name, value.clone(), None);
        found.push(Variable {
            name: name.to_owned(),
            value,
            name_span: Span { source, start: name_start, end: name_start + name.len() },
            span: Span { source, start: range.start, end: range.end },
        });
    }
    found
}

/// The range of a value without its quotes, and the quote.
fn value(text: &str, start: usize, written: &str) -> (std::ops::Range<usize>, Option<char>) {
    if let Some(quote) = written.chars().next().filter(|c| ['"', '\''].contains(c)) {
        let inside = &text[start + 1..];
        let mut escaped = false;
        let end = inside.char_indices().find_map(|(at, c)| {
            let closes = c == quote && !escaped;
            escaped = quote == '"' && c == '\\' && !escaped;
            closes.then_some(at)
        });
        if let Some(end) = end {
            return (start + 1..start + 1 + end, Some(quote));
        }
    }
    // A comment needs a blank before it: secrets have `#` in them.
    let end = [" #", "\t#"].iter().filter_map(|comment| written.find(comment)).min().unwrap_or(written.len());
    let end = if written.starts_with('#') { 0 } else { end };
    (start..start + written[..end].trim_end().len(), None)
}

/// The escapes inside double quotes; `\$` keeps a variable from being replaced.
fn unescape(raw: &str) -> String {
    let mut plain = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        match (character, if character == '\\' { characters.next() } else { None }) {
            ('\\', Some('n')) => plain.push('\n'),
            ('\\', Some('r')) => plain.push('\r'),
            ('\\', Some('t')) => plain.push('\t'),
            ('\\', Some('$')) => plain.push_str("$$"),
            ('\\', Some(other @ ('"' | '\\' | '\''))) => plain.push(other),
            ('\\', Some(other)) => plain.extend(['\\', other]),
            (other, _) => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind, Sources};

    #[test]
    fn values_are_read_as_compose_reads_them() {
        let text = "# comment\nPLAIN=a b # note\nHASH=pa#ss\nexport EXPORTED='$PLAIN'\nDOUBLE=\"x\\n${HASH} \\$Y\"\nEMPTY=\nUSES=${PLAIN}/${UNSET:-z}\nSPACED = 1\nMULTI=\"one\ntwo\"\nLAST=end";
        let mut sources = Sources::default();
        let source = sources.add(Source::new(".env", SourceKind::Environment, text));
        let found = read(text, source, &Variables::default());
        let values: Vec<(&str, &str)> =
            found.iter().map(|variable| (variable.name.as_str(), variable.value.as_str())).collect();
        assert_eq!(
            values,
            [
                ("PLAIN", "a b"),
                ("HASH", "pa#ss"),
                ("EXPORTED", "$PLAIN"),
                ("DOUBLE", "x\npa#ss $Y"),
                ("EMPTY", ""),
                ("USES", "a b/z"),
                ("SPACED", "1"),
                ("MULTI", "one\ntwo"),
                ("LAST", "end"),
            ]
        );
        let written: Vec<&str> = found.iter().map(|variable| sources.slice(variable.name_span)).collect();
        assert_eq!(written[3], "DOUBLE");
        assert_eq!(sources.slice(found[0].span), "a b");
    }

    #[test]
    fn a_file_that_doubles_itself_stays_small() {
        let text = format!("A=xxxx\n{}", "A=$A$A\n".repeat(26));
        let source = Sources::default().add(Source::new(".env", SourceKind::Environment, text.as_str()));
        let variables = Variables::default();
        let found = read(&text, source, &variables);
        assert!(found.iter().map(|variable| variable.value.len()).sum::<usize>() < 5 << 20);
        assert!(variables.room().problem().is_some_and(|words| words.contains("`A`")));
    }
}
