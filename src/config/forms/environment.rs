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

/// The same of a file of which nobody says who reads it: what is in quotes is known only to whoever does, as `docker run` keeps them,
/// and compose, systemd and shells take them off. What it may be stands beside it, so that no secret is shown.
pub(in crate::config) fn variables_of_found_file(
    sources: &mut Sources,
    file: &RawFile,
) -> (SourceId, Vec<Variable>, Vec<Variable>) {
    let (source, mut variables) = variables_of_file(sources, file);
    let mut bare = Vec::new();
    for variable in &mut variables {
        let inside = ['"', '\''].into_iter().find_map(|quote| variable.value.strip_prefix(quote)?.strip_suffix(quote));
        let Some(inside) = inside.filter(|inside| !inside.is_empty()).map(str::to_owned) else { continue };
        let span = Span { start: variable.span.start + 1, end: variable.span.end - 1, ..variable.span };
        bare.push(Variable { value: inside, span, ..variable.clone() });
        variable.value = unknown_text(&format!("{} in quotes", variable.name));
    }
    (source, variables, bare)
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
