//! What the user has accepted, in comments of the configuration itself:
//!
//! ```yaml
//! idp_scopes: [openid]   # pomlint: ignore[scope-email-missing] until 2027-01-31 reason: groups come by token
//! ```
//!
//! On the line of a setting the comment covers that line; on a line of its own, the next line and the block that it opens;
//! as `ignore-file` among the comments at the top, the whole text. Which findings that are, the engine decides.

mod comments;
#[cfg(test)]
mod tests;

use std::ops::Range;

use self::comments::{Format, Lines};
use super::date::Date;
use super::files;
use super::source::{Source, SourceId, SourceKind, Span};

/// A comment that ignores findings, or would if it were complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// The rules, as written, each with its place.
    pub rules: Vec<(String, Span)>,
    /// The last day on which it holds, and where that is written.
    pub until: Option<(Date, Span)>,
    /// Why the findings are accepted. Without a reason, nothing is ignored.
    pub reason: Option<String>,
    /// The comment.
    pub at: Span,
    /// Findings that begin here are meant.
    pub covers: Span,
    /// Why it cannot be read; then it ignores nothing.
    pub fault: Option<String>,
}

/// The word that makes a comment one for us.
const MARK: &str = "pomlint:";

/// More of them are a mistake, and would make judging slow.
const MOST: usize = 1000;

/// How such a comment is written.
const FORM: &str = "write `# pomlint: ignore[RULE] reason: WHY`, with `until 2027-01-31` before the reason if it ends";

/// The comments for us in a text, in their order.
pub(in crate::config) fn of_source(id: SourceId, source: &Source) -> Vec<Ignore> {
    let mut ignores = Vec::new();
    // Few texts have such a comment; only those are read a second time.
    if let Some(format) = format(source).filter(|_| source.text.contains(MARK)) {
        let inner = read(&source.text, 0..source.text.len(), format, id, &mut ignores);
        // A text in a text in a text is nobody's configuration.
        for (part, format) in inner {
            read(&source.text, part, format, id, &mut ignores);
        }
    }
    ignores
}

fn format(source: &Source) -> Option<Format> {
    match (source.kind, Format::of_name(&source.name)) {
        (_, Some(format @ (Format::Yaml | Format::Toml))) => Some(format),
        // The environment of a process has values only.
        (SourceKind::Given | SourceKind::Answer | SourceKind::Code, _) => None,
        (SourceKind::Environment, _) => (source.name != "environment").then_some(Format::Environment),
        (SourceKind::File | SourceKind::Secret, format) => {
            format.or(files::is_stream(&source.name).then_some(Format::Yaml))
        }
    }
}

/// Reads the comments of a part of a text; returns the texts that are values in it.
fn read(
    text: &str,
    part: Range<usize>,
    format: Format,
    source: SourceId,
    ignores: &mut Vec<Ignore>,
) -> Vec<(Range<usize>, Format)> {
    let (base, Some(part)) = (part.start, text.get(part)) else { return Vec::new() };
    let layout = format.layout(part);
    let lines = Lines::of(part, &layout);
    let place = |range: Range<usize>| Span { source, start: base + range.start, end: base + range.end };
    for comment in lines.comments() {
        let words = part.get(comment.range.clone()).unwrap_or_default();
        let Some(directive) = words.trim_start_matches('#').trim_start().strip_prefix(MARK) else { continue };
        if ignores.len() > MOST {
            break;
        }
        let start = comment.range.start + words.len() - directive.len();
        let mut read = parse(directive, &|range| place(start + range.start..start + range.end));
        let covers = if read.whole_text { lines.whole(&comment) } else { Some(lines.below(&comment)) };
        if covers.is_none() {
            read.fault
                .get_or_insert_with(|| "`ignore-file` belongs into the comments at the top of the file".to_owned());
        }
        if ignores.len() == MOST {
            read.fault = Some(format!("from here on, comments are not read: {MOST} are the limit"));
        }
        ignores.push(Ignore {
            rules: read.rules,
            until: read.until,
            reason: read.reason,
            at: place(comment.range.clone()),
            covers: place(covers.unwrap_or(comment.range)),
            fault: read.fault,
        });
    }
    layout.texts.into_iter().map(|(inner, format)| (base + inner.start..base + inner.end, format)).collect()
}

/// What a comment says.
#[derive(Default)]
struct Directive {
    whole_text: bool,
    rules: Vec<(String, Span)>,
    until: Option<(Date, Span)>,
    reason: Option<String>,
    fault: Option<String>,
}

/// Reads ` ignore[a, b] until DATE reason: WHY`.
fn parse(text: &str, place: &dyn Fn(Range<usize>) -> Span) -> Directive {
    let mut read = Directive::default();
    let at = |rest: &str| text.len() - rest.len();
    let rest = text.trim_start();
    let rest = if let Some(rest) = rest.strip_prefix("ignore-file") {
        read.whole_text = true;
        rest
    } else if let Some(rest) = rest.strip_prefix("ignore") {
        rest
    } else {
        return Directive { fault: Some(FORM.to_owned()), ..read };
    };
    let Some((names, rest)) = rest.trim_start().strip_prefix('[').and_then(|names| names.split_once(']')) else {
        return Directive { fault: Some(FORM.to_owned()), ..read };
    };
    let mut start = at(rest) - names.len() - 1;
    for piece in names.split(',') {
        let name = piece.trim();
        let from = start + piece.len() - piece.trim_start().len();
        if !name.is_empty() {
            read.rules.push((name.to_owned(), place(from..from + name.len())));
        }
        start += piece.len() + 1;
    }
    if read.rules.is_empty() {
        read.fault = Some("name the rules to ignore between the brackets".to_owned());
    }
    let mut rest = rest.trim_start();
    if let Some(after) = rest.strip_prefix("until").filter(|after| after.starts_with(char::is_whitespace)) {
        let after = after.trim_start();
        let day = after.split(char::is_whitespace).next().unwrap_or_default();
        match day.parse() {
            Ok(date) => read.until = Some((date, place(at(after)..at(after) + day.len()))),
            // What stands there in the place of a day may be anything: it is not said again.
            Err(why) if day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => read.fault = Some(why),
            Err(_) => read.fault = Some(FORM.to_owned()),
        }
        rest = after.get(day.len()..).unwrap_or_default().trim_start();
    }
    match rest.strip_prefix("reason:") {
        Some(reason) => read.reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
        None if rest.is_empty() => {}
        None => {
            read.fault.get_or_insert_with(|| FORM.to_owned());
        }
    }
    read
}
