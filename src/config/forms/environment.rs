//! Environment variables, from files and from this process.

use std::ops::Range;

use crate::config::releases::options;
use crate::config::text::{
    RawFile, Source, SourceId, SourceKind, Sources, Span, Variable, ZERO_TOKEN, add, dotenv, script, unknown_text,
};

/// The variables of an environment file, read as container engines do, or as a shell does if it is a script.
pub(in crate::config) fn variables_of_file(sources: &mut Sources, file: &RawFile) -> (SourceId, Vec<Variable>) {
    let source = add(sources, file, SourceKind::Environment);
    let text = sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
    let span = |range: &Range<usize>| Span { source, start: range.start, end: range.end };
    let variable = |(name, value): (Range<usize>, Range<usize>)| Variable {
        name_span: span(&name),
        span: span(&value),
        name: text[name].to_owned(),
        value: text[value].to_owned(),
    };
    if !script::is_script(&text) {
        return (source, dotenv::environment_lines(&text).into_iter().map(variable).collect());
    }
    let assigned = script::assignments(&text).into_iter().map(|found| {
        let is_computed = found.is_computed;
        let variable = variable((found.name, found.value));
        let value = if is_computed { unknown_text(&variable.name) } else { variable.value };
        Variable { value, ..variable }
    });
    (source, assigned.collect())
}

/// The same of a file of which nobody says who reads it: what is in quotes, or between blanks, or before a comment, is known only to
/// whoever does, as `docker run` keeps all of it, and compose and shells take it off. What it may be stands beside it, so that no
/// secret is shown. A line that begins with `export` is one for them.
pub(in crate::config) fn variables_of_found_file(
    sources: &mut Sources,
    file: &RawFile,
) -> (SourceId, Vec<Variable>, Vec<Variable>) {
    let (source, mut variables) = variables_of_file(sources, file);
    let mut bare = Vec::new();
    for variable in &mut variables {
        if let Some(name) = variable.name.strip_prefix("export ").map(str::trim_start) {
            variable.name_span.start += variable.name.len() - name.len();
            variable.name = name.to_owned();
        }
        let inside = unadorned(&variable.value);
        let Some(value) = variable.value.get(inside.clone()).filter(|value| *value != variable.value) else { continue };
        let at = variable.span.start;
        let span = Span { start: at + inside.start, end: at + inside.end, ..variable.span };
        bare.push(Variable { value: value.to_owned(), span, ..variable.clone() });
        variable.value = unknown_text(&format!("{} as its reader takes it", variable.name));
    }
    (source, variables, bare)
}

/// What is left of a value without blanks around it, a comment behind it, and quotes. Quotes around nothing stay.
fn unadorned(value: &str) -> Range<usize> {
    let start = value.len() - value.trim_start().len();
    let rest = value.get(start..).unwrap_or_default();
    let is_rest =
        |rest: &str| rest.trim().is_empty() || rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#');
    if let Some(quote) = rest.chars().next().filter(|first| ['"', '\''].contains(first)) {
        let mut closing = rest.match_indices(quote).map(|(at, _)| at).skip(1);
        if let Some(end) = closing.find(|end| is_rest(rest.get(end + 1..).unwrap_or_default())) {
            return if end == 1 { 0..value.len() } else { start + 1..start + end };
        }
    }
    let comment = [" #", "\t#"].iter().filter_map(|sign| value.find(sign)).min().unwrap_or(value.len());
    let end = value.get(..comment).unwrap_or_default().trim_end().len();
    start.min(end)..end
}

/// The variables of this process that Pomerium would read, written down as a source of their own.
pub(in crate::config) fn variables_of_process(
    sources: &mut Sources,
    process: &[(String, String)],
) -> (SourceId, Vec<Variable>) {
    // A line break inside a value cannot be told from the next variable, so each variable has its own range.
    let mut text = String::new();
    let mut places = Vec::new();
    for (name, value) in process.iter().filter(|(name, _)| options::bound_to(name).is_some() || name == ZERO_TOKEN) {
        let start = text.len();
        text.push_str(name);
        text.push('=');
        places.push((name, value, start..start + name.len(), text.len()..text.len() + value.len()));
        text.push_str(value);
        text.push('\n');
    }
    let source = sources.add(Source::new("environment", SourceKind::Environment, text));
    let span = |range: Range<usize>| Span { source, start: range.start, end: range.end };
    let variable = |(name, value, name_range, range): (&String, &String, Range<usize>, Range<usize>)| Variable {
        name: name.clone(),
        value: value.clone(),
        name_span: span(name_range),
        span: span(range),
    };
    (source, places.into_iter().map(variable).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_of_an_environment_file_differ_in_comes_off() {
        for (value, bare) in [
            ("cognito", "cognito"),
            ("cognito # our pool", "cognito"),
            (" cognito ", "cognito"),
            ("pa#ss", "pa#ss"),
            ("'pa # ss'", "pa # ss"),
            ("\"https://a.example\"  # prod", "https://a.example"),
            ("\"a\"b\"", "a\"b"),
            ("\"a\"#b", "\"a\"#b"),
            ("\"\"", "\"\""),
            (" # later", ""),
            ("", ""),
        ] {
            assert_eq!(&value[unadorned(value)], bare, "{value}");
        }
    }
}
