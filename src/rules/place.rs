//! Where a finding points, and how its cure is written in the user's own file.

use std::ops::Range;

use crate::config::{Config, Setting, SourceKind, Span};

/// The place of a piece of a value: exact if the value stands in the source as it is, perhaps in quotes, else the whole value.
pub(super) fn piece(config: &Config, setting: &Setting<String>, piece: Range<usize>) -> Span {
    let (whole, value) = (setting.span, setting.value.as_str());
    let written = config.sources.slice(whole);
    let quotes = usize::from(written.starts_with(['"', '\'']));
    let inside = written.get(quotes..written.len().saturating_sub(quotes));
    if inside != Some(value) || value.get(piece.clone()).is_none() {
        return whole;
    }
    let start = whole.start + quotes;
    Span { start: start + piece.start, end: start + piece.end, ..whole }
}

/// The place to point at when the text as a whole is meant: its first line.
pub(super) fn first_line(config: &Config) -> Option<Span> {
    let (source, text) = config
        .sources
        .iter()
        .find(|(_, source)| source.kind == SourceKind::File)
        .or_else(|| config.sources.iter().next())?;
    Some(Span { source, start: 0, end: text.line(1).map_or(0, str::len) })
}

/// An option and its value as they would be written at a place: YAML, JSON, TOML, or `NAME=value`.
pub(super) fn written(config: &Config, at: Span, key: &str, value: &str) -> String {
    let source = config.sources.get(at.source);
    let extension = source.and_then(|source| source.name.rsplit_once('.')).map_or("", |(_, extension)| extension);
    if source.is_some_and(|source| source.kind == SourceKind::Environment) || ["env", "dotenv"].contains(&extension) {
        return format!("{}={value}", key.to_ascii_uppercase());
    }
    match extension {
        "json" => format!("\"{key}\": {}", serde_json::Value::from(value)),
        "toml" => format!("{key} = {}", serde_json::Value::from(value)),
        _ => format!("{key}: {value}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::config::Origin;
    use crate::config::WrittenAs;
    use crate::rules::testing;

    fn place(text: &str, value: &str, range: Range<usize>) -> String {
        let config = testing::config("config.yaml", text);
        let start = text.find(": ").map_or(0, |colon| colon + 2);
        let (source, _) = config.sources.iter().next().unwrap();
        let span = Span { source, start, end: text.len() };
        let setting = Setting { value: value.to_owned(), span, origin: Origin::File, written_as: WrittenAs::Text };
        config.sources.slice(piece(&config, &setting, range)).to_owned()
    }

    #[test]
    fn a_piece_is_exact_where_the_source_shows_the_value_as_it_is() {
        assert_eq!(place("a: https://x/", "https://x/", 9..10), "/");
        assert_eq!(place("a: 'https://x/'", "https://x/", 9..10), "/");
        assert_eq!(place("a: \"https:\\/\\/x\"", "https://x", 8..9), "\"https:\\/\\/x\"");
        assert_eq!(place("a: ä/", "ä/", 1..2), "ä/");
    }

    #[test]
    fn a_cure_is_written_as_the_file_is() {
        for (name, line) in [
            ("c.yaml", "idp_provider: oidc"),
            ("c.json", "\"idp_provider\": \"oidc\""),
            ("c.toml", "idp_provider = \"oidc\""),
            ("c.env", "IDP_PROVIDER=oidc"),
        ] {
            let config = testing::config(name, "");
            let at = first_line(&config).unwrap();
            assert_eq!(written(&config, at, "idp_provider", "oidc"), line);
        }
    }
}
