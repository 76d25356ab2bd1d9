//! Where a finding points, and how its cure is written in the user's own file.

use std::ops::Range;

use serde_json::Value as Json;

use super::notation::{toml, yaml};
use super::{Edit, Finding};
use crate::config::{
    Config, Dialect, Form, Name, Origin, PomeriumVersion, Setting, SourceKind, Span, option_names, variable_of,
};

impl Finding {
    /// Adds an option with the value it should have to the cure: as a line to read and, where it can be, as an edit.
    #[must_use]
    pub(super) fn correct(self, config: &Config, setting: &Setting<String>, key: &str, value: &str) -> Self {
        self.fix(written(config, setting.span, key, value)).edit(replace(config, setting.span, &setting.value, value))
    }
}

/// Who sends what a configuration says: of what runs, a range of releases is known, and what it sends.
pub(super) fn who(config: &Config) -> String {
    if config.form.is_running() { "what runs".to_owned() } else { format!("Pomerium {}", config.version) }
}

/// The place of a piece of a value: exact if the value stands in the source as it is, perhaps in quotes, else the whole value.
pub(super) fn piece(config: &Config, setting: &Setting<String>, piece: Range<usize>) -> Span {
    let inside = inside_quotes(config, setting.span);
    if config.sources.slice(inside) != setting.value || setting.value.get(piece.clone()).is_none() {
        return setting.span;
    }
    Span { start: inside.start + piece.start, end: inside.start + piece.end, ..inside }
}

/// What stands at a place, without the quotes around it or the mark of a block before it.
pub(super) fn inside_quotes(config: &Config, at: Span) -> Span {
    let written = config.sources.slice(at);
    if let Some(line) = line_of_block(written) {
        return Span { start: at.start + line.start, end: at.start + line.end, ..at };
    }
    let quotes = usize::from(written.len() > 1 && written.starts_with(['"', '\'']));
    Span { start: at.start + quotes, end: at.end - quotes, ..at }
}

/// A value with the quotes around it, if the place is what stands between them.
pub(super) fn with_quotes(config: &Config, at: Span) -> Span {
    let Some(source) = config.sources.get(at.source) else { return at };
    let quote = |at: Option<usize>| source.text.as_bytes().get(at?).copied().filter(|byte| b"\"'".contains(byte));
    match (quote(at.start.checked_sub(1)), quote(Some(at.end))) {
        (Some(open), Some(close)) if open == close => Span { start: at.start - 1, end: at.end + 1, ..at },
        _ => at,
    }
}

/// The text of a block of YAML (`>-`, `|-`) that has one line and nothing behind it: without the sign, its line break is part of the
/// value.
fn line_of_block(written: &str) -> Option<Range<usize>> {
    let (head, body) = written.strip_prefix(['>', '|'])?.split_once('\n')?;
    let mark = head.split('#').next().unwrap_or_default().trim_end();
    let line = body.trim();
    let is_one = !line.is_empty() && !line.contains('\n') && mark.trim_matches(char::is_numeric) == "-";
    let start = written.len() - body.trim_start().len();
    is_one.then(|| start..start + line.len())
}

/// The quotes that word processors and chats make of straight ones. No notation reads them as quotes.
pub(super) const CURLY_QUOTES: [char; 10] = ['“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»'];

/// The text without the curly quotes around it.
pub(super) fn without_curly_quotes(text: &str) -> &str {
    text.trim_matches(CURLY_QUOTES)
}

/// The edit that replaces a text: only where the old one stands in the source as it is, perhaps in quotes, and where no notation
/// reads anything but itself in the new one.
pub(super) fn replace(config: &Config, at: Span, old: &str, new: &str) -> Option<Edit> {
    let at = inside_quotes(config, at);
    (config.sources.slice(at) == old && is_itself(new)).then(|| Edit { at, text: new.to_owned() })
}

/// Whether a text means itself in YAML, JSON, TOML and an environment file, in quotes and without.
pub(super) fn is_itself(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(harmless) && !text.ends_with(':')
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

/// An option and its value as they would be written at a place: in the words of the form, as a variable of its container, or as
/// YAML, JSON or TOML.
pub(super) fn written(config: &Config, at: Span, key: &str, value: &str) -> String {
    let kind = config.sources.get(at.source).map(|source| source.kind);
    if kind == Some(SourceKind::Given) {
        return format!("--given {key}={value}");
    }
    if let Some(origin) = client_of_route(config, at, key) {
        return for_route(config, at, origin, key, value);
    }
    if let Some(line) = interpolated(config, at, key, value) {
        return line;
    }
    if let Some(name) = config.reading.dialect.name(key).filter(|_| !is_named_variable(config, at, key)) {
        return in_words_of(config.reading.dialect, &name, value);
    }
    if is_variable(config, at) {
        return variable(config, at, &key.to_ascii_uppercase(), value);
    }
    match extension(config, at) {
        "json" | "toml" => noted(extension(config, at), key, &Json::from(value)),
        _ => format!("{key}: {value}"),
    }
}

/// Where a value came from that is the client of a route, and not the global one, which has options of the same names.
fn client_of_route(config: &Config, at: Span, key: &str) -> Option<Origin> {
    match key {
        "idp_client_id" => config.origin_of_route(at, true),
        "idp_client_secret" => config.origin_of_route(at, false),
        _ => None,
    }
}

/// A field of the route that has a client of its own.
fn for_route(config: &Config, at: Span, origin: Origin, key: &str, value: &str) -> String {
    if config.reading.dialect == Dialect::Resource {
        return on_route(config, key, value);
    }
    match extension(config, at) {
        notation @ ("json" | "toml") => noted(notation, key, &Json::from(value)),
        _ if origin == Origin::Environment => {
            format!("{key}: {value}   # of the route, which the variable holds as base64")
        }
        _ => format!("{key}: {value}"),
    }
}

/// An option with its text in quotes, where the notation would take it for something else.
pub(super) fn in_quotes(config: &Config, at: Span, key: &str, text: &str) -> String {
    match extension(config, at) {
        "json" | "toml" => written(config, at, key, text),
        _ => {
            // What a container's `env` has is in quotes already.
            let line = written(config, at, key, text);
            let is_quoted = line.contains(&format!("\"{text}\""));
            if is_quoted { line } else { written(config, at, key, &quoted(config, at, key, text)) }
        }
    }
}

/// A text in quotes; the template of the chart takes one pair off, but not from a route (`charts/pomerium/templates/_helpers.tpl` of
/// pomerium/pomerium-helm).
pub(super) fn quoted(config: &Config, at: Span, key: &str, text: &str) -> String {
    let is_printed = config.reading.dialect == Dialect::Chart && client_of_route(config, at, key).is_none();
    if is_printed { format!("'\"{text}\"'") } else { format!("\"{text}\"") }
}

/// Whether double quotes can be written at a place: not within a text that stands in such quotes itself.
pub(super) fn takes_quotes(config: &Config, at: Span) -> bool {
    let Some((text, _)) = config.reading.file.as_ref().filter(|(text, _)| text.covers(at)) else { return true };
    let before = config.sources.get(text.source).and_then(|source| source.text.get(..text.start)).unwrap_or_default();
    !before.ends_with('"') && !config.sources.slice(*text).starts_with('"')
}

/// An option that is a mapping. A variable cannot hold it, and holds `instead`.
pub(super) fn mapping(config: &Config, at: Span, key: &str, value: &Json, instead: &str) -> String {
    match extension(config, at) {
        notation @ ("json" | "toml") => noted(notation, key, value),
        _ if config.reading.dialect == Dialect::Own && is_environment(config, at) => written(config, at, key, instead),
        _ => written(config, at, key, &yaml(value)),
    }
}

/// An option with the text that stands elsewhere in the file, quotes included.
pub(super) fn moved(config: &Config, from: Span, key: &str) -> String {
    let text = config.sources.slice(from);
    match extension(config, from) {
        "json" => format!("\"{key}\": {text}"),
        "toml" => format!("{key} = {text}"),
        _ => written(config, from, key, text),
    }
}

/// A key and its value in the notation of the files that end like this.
fn noted(extension: &str, key: &str, value: &Json) -> String {
    match extension {
        "json" => format!("\"{key}\": {value}"),
        "toml" => format!("{key} = {}", toml(value)),
        _ => format!("{key}: {}", yaml(value)),
    }
}

/// An option by the name that it has where its reader writes it: in the words of the form, or as a variable.
pub(super) fn called(config: &Config, at: Span, option: &str) -> String {
    if config.reading.dialect != Dialect::Resource && client_of_route(config, at, option).is_some() {
        return option.to_owned();
    }
    let own = config.reading.dialect.path(option).filter(|_| !is_named_variable(config, at, option));
    own.unwrap_or_else(|| if is_variable(config, at) { option.to_ascii_uppercase() } else { option.to_owned() })
}

/// A sentence about options, `use_proxy_protocol`, where each is a variable.
pub(super) fn reworded(config: &Config, at: Span, sentence: &str) -> String {
    if !is_environment(config, at) {
        return sentence.to_owned();
    }
    let is_option = |word: &str| option_names(PomeriumVersion::NEWEST).any(|option| option == word);
    let mut words: Vec<String> = sentence.split('`').map(str::to_owned).collect();
    // `ca_file` below `downstream_mtls` is a variable of its own.
    while let Some(below) = words.iter().position(|word| word == " below ") {
        let around = words.get(below.saturating_sub(1)).zip(words.get(below + 1));
        let Some(name) = around.and_then(|(name, section)| variable_of(&format!("{section}.{name}"))) else { break };
        words.splice(below - 1..=below + 1, [name]);
    }
    let words = words.into_iter().map(|word| match word.split_once(": ") {
        _ if is_option(&word) => word.to_ascii_uppercase(),
        Some((option, value)) if is_option(option) => variable(config, at, &option.to_ascii_uppercase(), value),
        _ => word,
    });
    words.collect::<Vec<_>>().join("`")
}

/// Whether the variable of an option stands at a place. A chart has variables beside its own keys; what is missing is best written as
/// one of those.
fn is_named_variable(config: &Config, at: Span, option: &str) -> bool {
    is_environment(config, at) && line_before(config, at).to_ascii_uppercase().contains(&option.to_ascii_uppercase())
}

/// A field of a route as it would be written: of an `Ingress`, an annotation is one, which names a `Secret` for an app client.
pub(super) fn on_route(config: &Config, key: &str, value: impl Into<Json>) -> String {
    let value = value.into();
    match config.reading.dialect {
        Dialect::Resource if key.starts_with("idp_client_") => {
            let key = key.strip_prefix("idp_").unwrap_or(key);
            format!("{key}: {}   # in the Secret that ingress.pomerium.io/identity_provider_secret names", yaml(&value))
        }
        Dialect::Resource => {
            let text = value.as_str().map_or_else(|| yaml(&value), str::to_owned);
            format!("ingress.pomerium.io/{key}: '{}'", text.replace('\'', "''"))
        }
        _ => {
            let first = config.settings.iter().flat_map(|settings| &settings.routes).next();
            noted(first.map_or(ending(&config.path), |route| extension(config, route.at)), key, &value)
        }
    }
}

/// A key of a resource or a chart, with what it stands in.
fn in_words_of(dialect: Dialect, name: &Name, value: &str) -> String {
    let Name { key, inside } = name;
    let value = match (dialect, key.as_str()) {
        (Dialect::Resource, "scopes") => format!("[{}]", value.split(',').collect::<Vec<_>>().join(", ")),
        _ => value.to_owned(),
    };
    if inside.is_empty() { format!("{key}: {value}") } else { format!("{key}: {value}   # {inside}") }
}

/// A variable as its neighbours are written: `NAME=value`, `NAME: value`, or as the list of a container's `env`.
fn variable(config: &Config, at: Span, name: &str, value: &str) -> String {
    let before = line_before(config, at);
    // Whatever the variable itself holds.
    let is_yaml = config.sources.get(at.source).is_some_and(|file| ["yaml", "yml"].contains(&ending(&file.name)));
    let is_listed = config.form == Form::Compose && before.trim_start().starts_with('-');
    if !is_yaml || is_listed || before.contains('=') {
        format!("{name}={value}")
    } else if config.form == Form::Kubernetes && (before.contains("value") || before.contains("name")) {
        format!("- {{ name: {name}, value: {} }}", serde_json::Value::from(value))
    } else {
        format!("{name}: {value}")
    }
}

/// The same where a place holds what compose puts into its own file (`${NAME}`): the option's value under the name that it has there,
/// and another option in the compose file, as no other line of this one reaches a container.
fn interpolated(config: &Config, at: Span, key: &str, value: &str) -> Option<String> {
    if config.form != Form::Compose || !is_environment(config, at) || ["yaml", "yml"].contains(&extension(config, at)) {
        return None;
    }
    let before = line_before(config, at).trim_end_matches(['"', '\'']).strip_suffix('=')?.trim();
    let name = before.strip_prefix("export ").unwrap_or(before).trim();
    let mut options = config.reading.texts.iter().filter(|(_, text)| text.span == at).map(|(path, _)| &**path);
    let is_own = |option: &str| option.eq_ignore_ascii_case(name);
    match options.next() {
        Some(option) if !is_own(option) && option == key => Some(format!("{name}={value}")),
        Some(option) if !is_own(option) => {
            let (key, beside) = (key.to_ascii_uppercase(), option.to_ascii_uppercase());
            Some(format!("{key}: {value}   # beside {beside} in the compose file"))
        }
        _ => None,
    }
}

/// What stands before a place on its line.
fn line_before(config: &Config, at: Span) -> &str {
    let text = config.sources.get(at.source).map_or("", |source| &*source.text);
    let before = text.get(..at.start).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or(before)
}

/// Whether a place is in the environment or in a file that is written like it.
pub(in crate::rules) fn is_environment(config: &Config, at: Span) -> bool {
    is_of_kind(config, at, SourceKind::Environment) || ["env", "dotenv"].contains(&extension(config, at))
}

/// Whether options are variables at a place: there, and in a Secret, whose keys become some.
fn is_variable(config: &Config, at: Span) -> bool {
    is_environment(config, at) || is_of_kind(config, at, SourceKind::Secret)
}

/// What a place is in; a configuration file is one, whatever it stands in.
fn is_of_kind(config: &Config, at: Span, kind: SourceKind) -> bool {
    let source = config.sources.get(at.source).filter(|_| file_around(config, at).is_none());
    source.is_some_and(|source| source.kind == kind)
}

/// How the name of the file ends that a place is in: of the configuration file, where that stands in another one.
pub(in crate::rules) fn extension(config: &Config, at: Span) -> &str {
    if let Some(ending) = file_around(config, at) {
        return ending;
    }
    if config.reading.json.iter().any(|text| text.covers(at)) {
        return "json";
    }
    config.sources.get(at.source).map_or("", |source| ending(&source.name))
}

/// How the name of the configuration file ends, if that stands in another one and the place is in it.
fn file_around(config: &Config, at: Span) -> Option<&str> {
    config.reading.file.as_ref().filter(|(text, _)| text.covers(at)).map(|(_, ending)| ending.as_str())
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::config::{Source, WrittenAs};
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
    fn a_file_within_a_secret_has_its_own_keys() {
        let text = "stringData: {config.yaml: 'idp_provider: Cognito'}";
        let mut config = testing::config("config.yaml", "");
        let source = config.sources.add(Source::new("secret.yaml", SourceKind::Secret, text));
        let start = text.find("idp_provider").unwrap();
        let file = Span { source, start, end: start + "idp_provider: Cognito".len() };
        let at = Span { start: start + "idp_provider: ".len(), ..file };
        assert!(written(&config, at, "idp_provider", "cognito").contains("IDP_PROVIDER"));
        config.reading.file = Some((file, "yaml".to_owned()));
        assert_eq!(written(&config, at, "idp_provider", "cognito"), "idp_provider: cognito");
        assert_eq!(called(&config, at, "idp_scopes"), "idp_scopes");
    }

    #[test]
    fn a_piece_is_exact_where_the_source_shows_the_value_as_it_is() {
        assert_eq!(place("a: https://x/", "https://x/", 9..10), "/");
        assert_eq!(place("a: 'https://x/'", "https://x/", 9..10), "/");
        assert_eq!(place("a: \"https:\\/\\/x\"", "https://x", 8..9), "\"https:\\/\\/x\"");
        assert_eq!(place("a: ä/", "ä/", 1..2), "ä/");
    }

    fn edited(text: &str, old: &str, new: &str) -> Option<String> {
        let config = testing::config("config.yaml", text);
        let (source, _) = config.sources.iter().next().unwrap();
        let start = text.find(": ").map_or(0, |colon| colon + 2);
        let edit = replace(&config, Span { source, start, end: text.len() }, old, new)?;
        let mut text = text.to_owned();
        text.replace_range(edit.at.range(), &edit.text);
        Some(text)
    }

    #[test]
    fn an_edit_keeps_quotes_and_changes_nothing_it_does_not_understand() {
        assert_eq!(edited("a: https://x/", "https://x/", "https://x").as_deref(), Some("a: https://x"));
        assert_eq!(edited("a: 'https://x/'", "https://x/", "https://x").as_deref(), Some("a: 'https://x'"));
        assert_eq!(
            edited("a: >-\r\n  https://x/\r\n", "https://x/", "https://x").as_deref(),
            Some("a: >-\r\n  https://x\r\n")
        );
        assert_eq!(edited("a: >-\n  https://\n  x/\n", "https:// x/", "https://x"), None);
        assert_eq!(edited("a: *anchor", "https://x/", "https://x"), None);
        assert_eq!(edited("a: \"https:\\/\\/x/\"", "https://x/", "https://x"), None);
        for new in ["https://<host>", "a: b", "[a]", "true #", "\"", "", "*x", "a\nb", "x:"] {
            assert_eq!(edited("a: b", "b", new), None, "{new}");
        }
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
