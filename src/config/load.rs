//! From texts to a [`Config`], in the order in which Pomerium goes about it: format, environment, types, checks.

mod broken;
mod gather;

use super::assemble::Assembler;
use super::decode::{self, Outcome};
use super::files::Files;
use super::node::{Node, Value};
use super::options::{IGNORED, OPTIONS, RETIRED, RUNTIME_FLAGS};
use super::parsed::{LONGEST_TEXT, Parsed, Place};
use super::settings::{Origin, Setting, WrittenAs};
use super::source::{Source, SourceId, SourceKind, Sources, Span};
use super::validate::{Failed, Validator};
use super::viper::{self, Variable};
use super::{Config, Form, PomeriumVersion, Reading, Refusal, SyntaxError, UnknownKey};
use super::{dotenv, go, json, toml, yaml};
use crate::secret::Secret;

/// A text as it was found.
#[derive(Clone)]
pub struct RawFile {
    /// How the user named it: a path, or `-` for standard input.
    pub name: String,
    /// Its bytes, whatever they are.
    pub bytes: Vec<u8>,
}

/// Everything one configuration is read from.
#[derive(Clone)]
pub struct Input {
    /// The configuration file; without one, Pomerium reads the environment alone.
    pub config: Option<RawFile>,
    /// Files of `NAME=value` lines that a container gets as its environment. Later ones beat earlier ones.
    pub env_files: Vec<RawFile>,
    /// The environment of this process, which beats the files. Names that Pomerium does not read are left out.
    pub environment: Option<Vec<(String, String)>>,
    /// The release to judge for.
    pub version: PomeriumVersion,
}

/// A name that Pomerium's launcher reads, not its configuration (`internal/zero/cmd/env.go`).
const ZERO_TOKEN: &str = "POMERIUM_ZERO_TOKEN";

/// Reads a configuration as Pomerium would. It never fails: what is wrong is in [`Reading`], and as much as can be had is in
/// [`Settings`](super::Settings).
pub fn load(input: &Input, files: &dyn Files) -> Config {
    load_into(Sources::default(), input, files)
}

/// Reads a configuration whose texts join others.
pub(super) fn load_into(mut sources: Sources, input: &Input, files: &dyn Files) -> Config {
    let main = input.config.as_ref().map(|file| add(&mut sources, file, SourceKind::File));
    let environment = environment(&mut sources, input);
    let path = input.config.as_ref().map_or_else(|| "environment".to_owned(), |file| file.name.clone());
    let form = if input.config.is_some() { Form::ConfigFile } else { Form::Environment };
    let mut config = Config {
        path,
        form,
        version: input.version,
        sources,
        reading: Reading::default(),
        settings: None,
        secrets: Vec::new(),
        peers: Vec::new(),
    };
    let parsed = match (&input.config, main) {
        // Too long to be a configuration: reading it would only take time.
        (Some(file), Some(_)) if file.bytes.len() > LONGEST_TEXT => Parsed::default(),
        (Some(file), Some(source)) => parse(&config.sources, file, source, &environment),
        _ => {
            let span = environment.first().map_or_else(|| nowhere(&mut config.sources), |variable| variable.span);
            let span = Span { start: 0, end: 0, ..span };
            Parsed { root: Some(Node { value: Value::Map(Vec::new()), span }), ..Parsed::default() }
        }
    };
    let loader = Loader { input, files, main, environment: &environment, config: &mut config };
    loader.run(parsed);
    config
}

/// An empty environment still needs a place to point at.
fn nowhere(sources: &mut Sources) -> Span {
    let source = sources.add(Source::new("environment", SourceKind::Environment, ""));
    Span { source, start: 0, end: 0 }
}

/// Adds a text to the sources, cut if it is too long, with what is not UTF-8 replaced.
fn add(sources: &mut Sources, file: &RawFile, kind: SourceKind) -> SourceId {
    let bytes = file.bytes.get(..LONGEST_TEXT).unwrap_or(&file.bytes);
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    sources.add(Source::new(file.name.clone(), kind, text))
}

fn utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The variables in the order in which later ones win.
fn environment(sources: &mut Sources, input: &Input) -> Vec<Variable> {
    let mut variables = Vec::new();
    for file in &input.env_files {
        let source = add(sources, file, SourceKind::Environment);
        variables.extend(variables_of(sources, source));
    }
    if let Some(process) = &input.environment {
        let known: std::collections::HashSet<String> = super::options::bindings().map(|(_, name)| name).collect();
        // A line break inside a value cannot be told from the next variable, so each variable has its own range.
        let mut text = String::new();
        let mut places = Vec::new();
        for (name, value) in process.iter().filter(|(name, _)| known.contains(name) || name == ZERO_TOKEN) {
            text.push_str(name);
            text.push('=');
            places.push((name, value, text.len()..text.len() + value.len()));
            text.push_str(value);
            text.push('\n');
        }
        let source = sources.add(Source::new("environment", SourceKind::Environment, text));
        variables.extend(places.into_iter().map(|(name, value, place)| Variable {
            name: name.clone(),
            value: value.clone(),
            span: Span { source, start: place.start, end: place.end },
        }));
    }
    variables
}

fn variables_of(sources: &Sources, source: SourceId) -> Vec<Variable> {
    let text = sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
    let variable = |(name, value): (std::ops::Range<usize>, std::ops::Range<usize>)| Variable {
        name: text[name].to_owned(),
        value: text[value.clone()].to_owned(),
        span: Span { source, start: value.start, end: value.end },
    };
    dotenv::environment_lines(&text).into_iter().map(variable).collect()
}

/// Reads the format that the file's name says, as viper does: by the ending, in exactly this letter case.
fn parse(sources: &Sources, file: &RawFile, source: SourceId, environment: &[Variable]) -> Parsed {
    let text = sources.get(source).map(|source| source.text.clone()).unwrap_or_default();
    let place = Place::Verbatim(source, 0);
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or(&file.name);
    let ending = match name.rfind('.') {
        _ if file.name == "-" => "yaml",
        Some(dot) => &name[dot + 1..],
        None => "",
    };
    let parsing = |words: String| format!("While parsing config: {words}");
    let mut parsed = match ending {
        "yaml" | "yml" => match invalid_utf8(&file.bytes) {
            Some((words, at)) => Parsed::broken(format!("yaml: {words}"), place.span(at, at)),
            None => yaml::read(&text, place, yaml::Wanted::Mapping),
        },
        "json" => json::read(&text, place),
        "toml" => toml::read(&text, place),
        "env" | "dotenv" => dotenv::read(&text, place, &|name| {
            let variable = environment.iter().rfind(|variable| variable.name == name)?;
            Some(variable.value.clone())
        }),
        "hcl" | "tfvars" | "properties" | "props" | "prop" | "ini" => {
            Parsed::broken("decoder not found for this format", place.span(0, 0))
        }
        other => {
            let mut parsed = Parsed::broken(format!("Unsupported Config Type {}", go::quote(other)), place.span(0, 0));
            parsed.is_syntax = true;
            return parsed;
        }
    };
    if let Some(error) = &mut parsed.error {
        error.words = parsing(std::mem::take(&mut error.words));
    }
    parsed
}

/// The words of the YAML reader for bytes that are not UTF-8, and their place.
fn invalid_utf8(bytes: &[u8]) -> Option<(&'static str, usize)> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return None;
    }
    let bytes = bytes.get(..LONGEST_TEXT).unwrap_or(bytes);
    let error = std::str::from_utf8(bytes).err()?;
    let at = error.valid_up_to();
    let words = match (bytes.get(at), error.error_len()) {
        (Some(0x80..=0xC1 | 0xF5..), _) => "invalid leading UTF-8 octet",
        (_, None) => "incomplete UTF-8 octet sequence",
        _ => "invalid trailing UTF-8 octet",
    };
    Some((words, at))
}

/// The steps behind parsing.
struct Loader<'a> {
    input: &'a Input,
    files: &'a dyn Files,
    main: Option<SourceId>,
    environment: &'a [Variable],
    config: &'a mut Config,
}

impl Loader<'_> {
    fn run(mut self, parsed: Parsed) {
        let too_long = self.too_long();
        let mut refusal = None;
        if let Some(error) = parsed.error {
            self.note_syntax(&error, parsed.is_syntax);
            refusal = Some(Refusal { words: format!("failed to read config: {}", error.words), ..error });
        }
        if let Some(error) = too_long {
            // Not Pomerium's limit but ours: it would not refuse.
            refusal = None;
            self.config.reading.syntax_error = Some(error);
        }
        self.config.reading.duplicate_keys = parsed.duplicate_keys;
        self.config.reading.later_document = parsed.later_document;
        self.config.secrets = gather::secrets_of_environment(self.environment);
        match parsed.root {
            Some(root) if self.config.reading.syntax_error.is_none() || !parsed.is_syntax => {
                let later = self.settle(root);
                refusal = refusal.or(later);
            }
            _ => self.note_broken_secrets(),
        }
        let file = self.input.config.as_ref().map_or("", |file| file.name.as_str());
        self.config.reading.refusal = refusal.map(|refusal| Refusal {
            words: format!("config: options from config file {}: {}", go::quote(file), refusal.words),
            at: refusal.at,
        });
    }

    /// What may be a secret in a text of which nothing else is known.
    fn note_broken_secrets(&mut self) {
        let Some(main) = self.main else { return };
        let text = self.config.sources.get(main).map(|source| source.text.clone()).unwrap_or_default();
        self.config.secrets.extend(broken::secrets(&text, main));
    }

    fn too_long(&self) -> Option<SyntaxError> {
        let file = self.input.config.as_ref().filter(|file| file.bytes.len() > LONGEST_TEXT)?;
        let (length, limit) = (file.bytes.len() >> 20, LONGEST_TEXT >> 20);
        let words = format!("the file has more than {length} MiB, and no more than {limit} MiB are read");
        Some(SyntaxError { words, at: Span { source: self.main?, start: 0, end: 0 }, template: false })
    }

    /// An error of grammar, or braces that nobody has filled in.
    fn note_syntax(&mut self, error: &Refusal, is_syntax: bool) {
        let Some(at) = error.at else { return };
        let text = self.config.sources.get(at.source).map(|source| source.text.clone()).unwrap_or_default();
        let template = text.contains("{{") || text.contains("{%");
        if is_syntax || template && error.words.contains("invalid map key") {
            self.config.reading.syntax_error = Some(SyntaxError { words: error.words.clone(), at, template });
        }
    }

    /// Everything behind the parser. Returns the first refusal, and fills in all that can be had in spite of it.
    fn settle(&mut self, mut root: Node) -> Option<Refusal> {
        self.config.secrets.extend(gather::secrets_of_file(&root, &self.config.sources));
        self.config.reading.keys_differing_in_case = viper::lower_case(&mut root);
        let settings = viper::all_settings(root, self.environment);
        self.config.reading.texts = gather::texts(&settings, &self.config.sources);
        let release = Some(self.input.version).filter(|version| *version < PomeriumVersion::NEWEST);
        let Outcome { options, errors, unused, secrets } = decode::decode(&settings, &OPTIONS, release);
        self.config.secrets.extend(secrets.into_iter().map(|(text, span)| (Secret::new(text), span)));
        self.note_keys(unused, &options);
        let zero_token = self.zero_token(&settings);
        let reading = &mut self.config.reading;
        let mut refusal = type_refusal(&errors);
        reading.type_errors = errors;
        if let Some(first) = reading.removed_keys.first() {
            let words = "some configuration options are no longer supported, please check logs for details".to_owned();
            refusal = refusal.or(Some(Refusal { words, at: Some(first.at) }));
        }
        let assembler = Assembler { options: &options, sources: &self.config.sources, files: self.files };
        let mut assembled = assembler.settings(zero_token);
        assembled.authenticate_callback_path = callback_path(&settings);
        let validator = Validator { assembler: &assembler, settings: &settings };
        match (refusal.is_none(), validator.validate()) {
            (true, Err(Failed { words, at, file })) => {
                reading.missing_file = file;
                refusal = Some(Refusal { words: format!("validation error {words}"), at });
            }
            (true, Ok(())) => reading.start_errors = validator.start_errors(&assembled.routes),
            _ => {}
        }
        self.config.secrets.extend(gather::secrets_of_settings(&assembled));
        self.config.settings = Some(assembled);
        refusal
    }

    /// Sorts the keys that nothing takes into unknown and removed ones, for this release.
    fn note_keys(&mut self, unused: Vec<UnknownKey>, options: &decode::Decoded) {
        let version = self.input.version;
        for key in unused {
            let retired = RETIRED.iter().find(|retired| retired.path == key.path);
            match retired {
                _ if IGNORED.contains(&key.path.as_str()) => {}
                Some(retired) if version >= retired.first && version < retired.removed_in => {}
                Some(retired) if retired.fatal && version >= retired.removed_in => {
                    self.config.reading.removed_keys.push(key)
                }
                _ => self.config.reading.unknown_keys.push(key),
            }
        }
        let flags = options.get("runtime_flags").map(decode::Decoded::entries).unwrap_or_default();
        let unknown = flags.iter().filter(|(name, ..)| !RUNTIME_FLAGS.contains(&name.as_str()));
        let unknown = unknown.map(|(name, at, _)| UnknownKey { path: name.clone(), at: *at });
        self.config.reading.unknown_runtime_flags = unknown.collect();
    }

    fn zero_token(&self, settings: &Node) -> Option<Setting<Secret>> {
        let variable =
            self.environment.iter().rfind(|variable| variable.name == ZERO_TOKEN && !variable.value.is_empty());
        if let Some(Variable { value, span, .. }) = variable {
            let (origin, written_as) = (Origin::Environment, WrittenAs::Text);
            return Some(Setting { value: Secret::new(value.clone()), span: *span, origin, written_as });
        }
        let node = settings.get("pomerium_zero_token")?;
        let token = decode::targets::printed(node);
        Some(Setting {
            value: Secret::new(token),
            span: node.span,
            origin: Origin::File,
            written_as: WrittenAs::of(&node.value),
        })
    }
}

/// mapstructure's message for all values that could not be decoded.
fn type_refusal(errors: &[Refusal]) -> Option<Refusal> {
    let first = errors.first()?;
    let lines: Vec<&str> = errors.iter().map(|error| error.words.as_str()).collect();
    let words =
        format!("failed to unmarshal config: decoding failed due to the following error(s):\n\n{}", lines.join("\n"));
    Some(Refusal { words, at: first.at })
}

/// An option of old releases, which the decoder knows no more.
fn callback_path(settings: &Node) -> Option<Setting<String>> {
    let node = settings.get("authenticate_callback_path")?;
    let Value::Text(text) = &node.value else { return None };
    Some(Setting { value: text.clone(), span: node.span, origin: Origin::File, written_as: WrittenAs::Text })
}
