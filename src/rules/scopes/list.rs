//! How the scopes that Pomerium should ask for are written into the user's file.

use super::kept;
use crate::config::{Config, Dialect, RequestedScopes, ScopesFrom, Span};
use crate::rules::place::{extension, inside_quotes, is_environment, takes_quotes, written};
use crate::rules::{Edit, Finding};

impl Finding {
    /// Adds the scopes to ask for to the cure: as a line to read and, where the list is written so that it can be, as an edit.
    #[must_use]
    pub(super) fn ask_for<'a>(
        self,
        config: &Config,
        scopes: &RequestedScopes,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        self.fix(line(config, scopes, words.iter().copied())).edit(edit(config, scopes, &words))
    }
}

/// The line that asks for these scopes.
pub(in crate::rules) fn line<'a>(
    config: &Config,
    scopes: &RequestedScopes,
    words: impl IntoIterator<Item = &'a str>,
) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    if matches!(scopes.from, ScopesFrom::Parameter) {
        let scope = words.join(" ");
        // In the environment, the parameters are JSON.
        return match config.reading.dialect {
            _ if is_environment(config, scopes.at) => format!("\"scope\": \"{scope}\""),
            Dialect::Own => written(config, scopes.at, "scope", &scope),
            // It is no option, and stands among the parameters wherever those do.
            _ => format!("scope: {scope}"),
        };
    }
    option(config, scopes.at, words.iter().copied())
}

/// The option that names these scopes.
pub(in crate::rules) fn option<'a>(config: &Config, at: Span, words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    let line = written(config, at, "idp_scopes", &words.join(","));
    // Commas are read in every notation; in YAML people write a list.
    if line.starts_with("idp_scopes: ") { format!("idp_scopes: [{}]", words.join(", ")) } else { line }
}

/// The same scopes and one more.
pub(in crate::rules) fn with(scopes: &RequestedScopes, more: &str) -> Vec<String> {
    let mut words = kept(scopes);
    // `openid` first, as everybody writes it.
    words.insert(if more == "openid" { 0 } else { words.len() }, more.to_owned());
    words
}

/// The edit that puts these scopes in the place of the written ones: a list in brackets, one with an element a line, or a text
/// with commas. A list that holds anything else, a comment or an anchor, is left to its owner.
pub(in crate::rules) fn edit(config: &Config, scopes: &RequestedScopes, words: &[&str]) -> Option<Edit> {
    if !matches!(scopes.from, ScopesFrom::Option(_)) {
        return None;
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:".contains(&byte);
    if !words.iter().all(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.bytes().all(is_name)) {
        return None;
    }
    let at = scopes.at;
    let now = config.sources.slice(at);
    if is_environment(config, at) {
        let at = inside_quotes(config, at);
        return (!now.contains(['\n', '$'])).then(|| Edit { at, text: words.join(",") });
    }
    if config.reading.dialect == Dialect::Chart && now.starts_with(['[', '-']) {
        // The template would print a list with spaces. In quotes, as it may stand in braces, where a comma ends a word.
        return now.ends_with(']').then(|| Edit { at, text: format!("\"{}\"", words.join(",")) });
    }
    if let Some(inside) = now.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let is_empty = inside.trim().is_empty();
        let quote = match extension(config, at) {
            // Where its quotes are escaped, as in a text in quotes, no edit can know how.
            "json" | "toml" if is_empty && !takes_quotes(config, at) => return None,
            "json" | "toml" if is_empty => "\"",
            _ if is_empty => "",
            _ => quote_of(inside.split(','))?,
        };
        return Some(Edit { at, text: format!("[{}]", join(words, quote, ", ")) });
    }
    if now.starts_with("- ") {
        let quote = quote_of(now.lines().map(|line| line.trim_start().strip_prefix("- ").unwrap_or("#")))?;
        return Some(Edit { at, text: format!("- {}", join(words, quote, &format!("{}- ", line_break(config, at)?))) });
    }
    // An unquoted word may stand where a comma would end it, so that only what has one already, or quotes, takes another.
    let inside = inside_quotes(config, at);
    let text = config.sources.slice(inside);
    let is_list = inside != at || text.contains(',') || text.contains(' ');
    let is_plain = text.bytes().all(|byte| is_name(byte) || b", ".contains(&byte));
    (is_list && is_plain && !text.is_empty()).then(|| Edit { at: inside, text: words.join(",") })
}

/// Whether the chart's template prints a list as Go does, `[openid email]`, which YAML reads as one text with spaces in it
/// (`charts/pomerium/templates/_helpers.tpl` of pomerium/pomerium-helm).
pub(in crate::rules) fn is_printed(config: &Config, scopes: &RequestedScopes) -> bool {
    let ScopesFrom::Option(written) = &scopes.from else { return false };
    let is_list = config.sources.slice(scopes.at).starts_with(['[', '-']);
    let is_one = matches!(written.value.as_slice(), [one] if one.value.contains(' '));
    config.reading.dialect == Dialect::Chart && is_list && is_one
}

/// The quote that every element of a list has, or none; `None` if they differ or are no plain words.
fn quote_of<'a>(elements: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let mut quotes = elements.map(|element| {
        let element = element.trim();
        let (quote, word) = match element.as_bytes().first() {
            Some(b'"') => ("\"", element.strip_prefix('"')?.strip_suffix('"')?),
            Some(b'\'') => ("'", element.strip_prefix('\'')?.strip_suffix('\'')?),
            _ => ("", element),
        };
        let is_word = !word.contains(['"', '\'', '#', '&', '*', '{', '[', '\\', '\n']);
        is_word.then_some(quote)
    });
    let first = quotes.next()??;
    quotes.all(|quote| quote == Some(first)).then_some(first)
}

fn join(words: &[&str], quote: &str, between: &str) -> String {
    words.iter().map(|word| format!("{quote}{word}{quote}")).collect::<Vec<_>>().join(between)
}

/// The line break and the indentation with which an element follows another that stands at a place.
fn line_break(config: &Config, at: Span) -> Option<String> {
    let source = config.sources.get(at.source)?;
    let start = source.line_start(source.position(at.start).line)?;
    let indentation = source.text.get(start..at.start)?;
    let end = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
    indentation.bytes().all(|byte| byte == b' ').then(|| format!("{end}{indentation}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rules::testing::{self, setting};

    /// The file after an edit of what stands between `«` and `»` in it.
    fn edited(name: &str, marked: &str) -> Option<String> {
        let start = marked.find('«').unwrap();
        let end = marked.find('»').unwrap() - '«'.len_utf8();
        let mut text = marked.replace(['«', '»'], "");
        let config = testing::config(name, &text);
        let (source, _) = config.sources.iter().next().unwrap();
        let at = Span { source, start, end };
        let scopes = RequestedScopes { words: Vec::new(), from: ScopesFrom::Option(setting::<Vec<_>>(Vec::new())), at };
        let edit = edit(&config, &scopes, &["openid", "email"])?;
        text.replace_range(edit.at.range(), &edit.text);
        Some(text)
    }

    #[test]
    fn a_list_keeps_the_way_it_is_written() {
        for (name, marked, expected) in [
            ("c.yaml", "a: «[openid]» # why", Some("a: [openid, email] # why")),
            ("c.json", "{\"a\": «[\"openid\", \"x\"]»}", Some("{\"a\": [\"openid\", \"email\"]}")),
            ("c.json", "{\"a\": «[]»}", Some("{\"a\": [\"openid\", \"email\"]}")),
            ("c.toml", "a = «[ ]»", Some("a = [\"openid\", \"email\"]")),
            ("c.yaml", "a: «[]»", Some("a: [openid, email]")),
            ("c.yaml", "a:\n  «- x\n  - y»\nb: 1", Some("a:\n  - openid\n  - email\nb: 1")),
            ("c.yaml", "a:\r\n  «- 'x'»\r\nb: 1", Some("a:\r\n  - 'openid'\r\n  - 'email'\r\nb: 1")),
            ("c.yaml", "a: «openid,x»", Some("a: openid,email")),
            ("c.yaml", "a: «\"openid\"»", Some("a: \"openid,email\"")),
            ("c.env", "A=«[\"openid\"]»", Some("A=openid,email")),
            // It may stand in braces, where a comma ends it.
            ("c.yaml", "{a: «openid»}", None),
            ("c.yaml", "a:\n  «- x # because\n  - y»", None),
            ("c.yaml", "a: «[openid, *more]»", None),
            ("c.yaml", "a: «*scopes»", None),
            ("c.env", "A=«${SCOPES}»", None),
        ] {
            assert_eq!(edited(name, marked).as_deref(), expected, "{marked}");
        }
    }
}
