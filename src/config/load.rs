//! From texts to a [`Config`], in the order in which Pomerium goes about it: format, environment, types, checks.

pub(in crate::config) mod alone;
pub(in crate::config) mod given;
pub(in crate::config) mod kustomize;
pub(in crate::config) mod layers;
pub(in crate::config) mod manifests;
pub(in crate::config) mod reader;
pub(in crate::config) mod request;
mod samples;
pub(in crate::config) mod together;

pub use alone::{names_a_part, stands_alone};
pub use given::{GivenValue, refused_given};
pub use reader::{Given, Request};
pub use request::Loaded;
pub use together::not_opened;

mod checks;
mod expand;
mod filling;
mod parse;

use std::collections::HashMap;

use crate::config::forms::{Deployment, Layer, MountedFiles};
use crate::config::pomerium::{Assembler, Outcome, decode, viper};
use crate::config::releases::PomeriumVersion;
use crate::config::releases::options::{
    IGNORED, OPTIONS, Retired, WITHOUT_CLUSTER_FIELDS, is_cluster_field, retired_key, retired_of_policy, runtime_flags,
};
use crate::config::secrets::{broken, conceal, gather, hidden, odd, open, parts, public};
use crate::config::settings::{
    Config, OpenValue, Origin, RejectedBy, Rejection, Setting, SyntaxError, UnknownKey, WrittenAs,
};
use crate::config::text::{
    ConfigText, Files, Node, Parsed, Refusal, RefusalKind, Source, SourceKind, Sources, Span, Value, ValueKind,
    Variable, ZERO_TOKEN, classify, too_many_routes,
};
use crate::secret::Secret;
use checks::Checks;
use expand::Expansion;
use filling::{Filling, nameless};
use given::Givens;
use parse::{options_from_file, parse};

/// Reads what one process of Pomerium is given, out of texts that may be shared with others.
///
/// `expansion` replaces variables in every value: after parsing, so that each value keeps its place.
pub(super) fn load_deployment(
    sources: &Sources,
    deployment: Deployment,
    files: &dyn Files,
    expansion: Option<&HashMap<String, String>>,
    givens: &Givens,
) -> Config {
    let mut given = Layers { expansion, givens: Some(givens), at: deployment.at, ..Layers::default() };
    for layer in deployment.layers {
        match layer {
            Layer::File(text) => given.file = given.file.or(Some(text)),
            Layer::Environment(variables) => given.environment.extend(variables),
            Layer::Tree { root, keeps_case } => given.tree = Some((root, keeps_case)),
        }
    }
    let mut config = Config {
        version: deployment.version.unwrap_or(PomeriumVersion::NEWEST),
        reading: deployment.reading,
        secrets: deployment.secrets,
        ..Config::unread(deployment.name, deployment.form, sources.only(deployment.sources))
    };
    config.reading.names_release = deployment.version.is_some();
    match deployment.mounts {
        Some(mounts) => given.load(&mut config, &MountedFiles { mounts: &mounts, files }),
        None => given.load(&mut config, files),
    }
    keep_secrets(&mut config, expansion);
    config
}

/// Completes what is known of secrets, and lets no error quote a piece of one.
fn keep_secrets(config: &mut Config, expansion: Option<&HashMap<String, String>>) {
    // The first configuration of a set holds what stands in the texts of all: with all of it in each, there would be their product.
    let texts = config.sources.iter().filter(|(_, source)| source.begin_search());
    let texts: Vec<_> = texts.collect();
    let odd: Vec<_> = texts.iter().flat_map(|(id, source)| odd::secrets(&source.text, *id)).collect();
    config.hidden.extend(texts.iter().flat_map(|(id, source)| hidden::of_text(&source.text, *id)));
    let expanded = gather::secrets_of_expansion(expansion, &config.sources);
    config.secrets.extend(odd.into_iter().chain(expanded.iter().cloned()));
    let each = config
        .secrets
        .iter()
        .flat_map(|(secret, at)| parts(secret.expose()).into_iter().map(|part| (Secret::new(part), *at)));
    let each: Vec<_> = each.collect();
    config.secrets.extend(each);
    config.secrets.retain(|(secret, _)| !open::is_nobodys(secret.expose()));
    public::release(config, &expanded);
    let Config { reading, secrets, hidden, sources, .. } = config;
    conceal::conceal(reading, secrets, hidden, sources);
}

/// The layers of a deployment, each kind by itself.
#[derive(Default)]
struct Layers<'a> {
    givens: Option<&'a Givens>,
    expansion: Option<&'a HashMap<String, String>>,
    file: Option<ConfigText>,
    environment: Vec<Variable>,
    at: Option<Span>,
    tree: Option<(Node, bool)>,
}

impl Layers<'_> {
    fn load(&mut self, config: &mut Config, files: &dyn Files) {
        let keeps_case = self.tree.as_ref().is_some_and(|(_, keeps_case)| *keeps_case);
        let expansion = self.expansion.map(Expansion::of);
        if let Some(expansion) = &expansion {
            for variable in &mut self.environment {
                variable.value = expansion.text(&variable.value, variable.span);
            }
        }
        config.reading.file = self.file.as_ref().map(|file| (file.whole(), file.ending().to_owned()));
        let mut parsed = match (self.tree.take(), &self.file) {
            (Some((root, _)), _) => Parsed { root: Some(root), ..Parsed::default() },
            (None, Some(file)) => parse(file, &self.environment),
            (None, None) => {
                let span = self.at.unwrap_or_else(|| beginning(config, &self.environment));
                Parsed { root: Some(Node { value: Value::Map(Vec::new()), span }), ..Parsed::default() }
            }
        };
        if let Some((words, at)) = parsed.root.as_ref().and_then(too_many_routes) {
            parsed = Parsed::grows(words, at);
        }
        if let (Some(expansion), Some(root)) = (&expansion, &mut parsed.root) {
            expansion.values(root, &config.sources);
            if let Some(words) = expansion.problem() {
                parsed = Parsed::grows(words, Span { end: root.span.start, ..root.span });
            }
        }
        config.reading.unset_variables = expansion.as_ref().map(Expansion::unset).unwrap_or_default();
        let unset = config.reading.unset_variables.clone();
        if let Some((found, secrets)) = expansion.map(Expansion::into_found) {
            config.reading.expanded.extend(found);
            config.secrets.extend(secrets);
        }
        let name = |variable: &Variable| (variable.name.clone(), variable.name_span);
        config.reading.variables = self.environment.iter().map(name).collect();
        let empty = self.environment.iter().filter(|variable| variable.value.is_empty());
        config.reading.empty_variables = empty.map(|empty| (empty.name.clone(), empty.name_span, empty.span)).collect();
        config.reading.nameless = nameless(&self.environment);
        let file = self.file.as_ref();
        let environment = &self.environment;
        Loader { file, files, environment, unset: &unset, givens: self.givens, keeps_case, config }.run(parsed);
    }
}

/// A deployment without a file still needs a place to point at.
fn beginning(config: &mut Config, environment: &[Variable]) -> Span {
    let known = environment.first().map(|variable| variable.span.source);
    let known = known.or_else(|| config.sources.iter().next().map(|(id, _)| id));
    let source = known.unwrap_or_else(|| config.sources.add(Source::new("environment", SourceKind::Environment, "")));
    Span { source, start: 0, end: 0 }
}

/// The steps behind parsing.
struct Loader<'a> {
    file: Option<&'a ConfigText>,
    files: &'a dyn Files,
    environment: &'a [Variable],
    /// Where variables are mentioned that are not set.
    unset: &'a [Span],
    givens: Option<&'a Givens>,
    keeps_case: bool,
    config: &'a mut Config,
}

impl Loader<'_> {
    fn run(mut self, parsed: Parsed) {
        let mut refusal = None;
        if let Some(error) = parsed.error {
            self.note_syntax(&error, parsed.is_syntax, parsed.is_limit);
            if !parsed.is_limit {
                refusal = Some(Refusal { words: format!("failed to read config: {}", error.words), ..error });
            }
        }
        self.config.reading.duplicate_keys.extend(parsed.duplicate_keys);
        self.config.reading.later_document = parsed.later_document;
        self.config.secrets.extend(gather::secrets_of_environment(self.environment, &self.config.sources));
        // A word or a list where keys belong: nothing tells what it is.
        if parsed.root.as_ref().is_some_and(|root| !matches!(root.value, Value::Map(_) | Value::Null)) {
            self.note_broken_secrets();
        }
        match parsed.root {
            Some(root) if self.config.reading.syntax_error.is_none() || !parsed.is_syntax => {
                let later = self.settle(root);
                refusal = refusal.or(later);
            }
            _ => self.note_broken_secrets(),
        }
        if self.keeps_case {
            // The ingress controller checks what it hands to Pomerium, and keeps what it had before. What the API server refuses
            // does not come so far.
            let rejections = &self.config.reading.rejections;
            let is_told = |refusal: &Refusal| {
                let mut by_server = rejections.iter().filter(|known| known.by == RejectedBy::ApiServer);
                by_server.any(|known| Some(known.at) == refusal.at)
            };
            let rejected = refusal.take().filter(|refusal| !is_told(refusal)).map(|refusal| Rejection {
                at: refusal.at.unwrap_or_else(|| beginning(self.config, self.environment)),
                by: RejectedBy::Controller,
                words: refusal.words.strip_prefix("validation error ").unwrap_or(&refusal.words).to_owned(),
                fix: Vec::new(),
                is_doubted: false,
                stops_login: false,
            });
            self.config.reading.rejections.extend(rejected);
        }
        let file = self.file.map_or("", |file| file.name.as_str());
        self.config.reading.refusal =
            refusal.map(|refusal| Refusal { words: options_from_file(file, &refusal.words), ..refusal });
    }

    /// What may be a secret in texts of which nothing else is known.
    fn note_broken_secrets(&mut self) {
        let texts = self.config.sources.iter();
        let mut secrets: Vec<_> = texts.flat_map(|(id, source)| broken::secrets(&source.text, id)).collect();
        // A file that stands encoded in a manifest.
        if let Some(ConfigText { text, place, .. }) = self.file {
            let source = place.span(0, 0).source;
            let is_whole = self.config.sources.get(source).is_some_and(|whole| *whole.text == **text);
            let inside = if is_whole { Vec::new() } else { broken::secrets(text, source) };
            secrets.extend(inside.into_iter().map(|(secret, span)| (secret, place.span(span.start, span.end))));
        }
        self.config.secrets.extend(secrets);
    }

    /// An error of grammar, or braces that nobody has filled in.
    fn note_syntax(&mut self, error: &Refusal, is_syntax: bool, limit: bool) {
        let Some(at) = error.at else { return };
        let text = self.config.sources.get(at.source).map(|source| source.text.clone()).unwrap_or_default();
        let template = text.contains("{{") || text.contains("{%");
        if is_syntax || template && error.words.contains("invalid map key") {
            self.config.reading.syntax_error = Some(SyntaxError { words: error.words.clone(), at, template, limit });
        }
    }

    /// Everything behind the parser. Returns the first refusal, and fills in all that can be had in spite of it.
    fn settle(&mut self, mut root: Node) -> Option<Refusal> {
        self.config.secrets.extend(gather::secrets_of_file(&root, &self.config.sources));
        self.config.hidden.extend(hidden::of_tree(&root));
        self.config.hidden.extend(hidden::of_environment(self.environment));
        let mut settings = if self.keeps_case {
            root
        } else {
            self.config.reading.keys_differing_in_case = viper::lower_case(&mut root);
            self.config.reading.overridden = viper::overridden(&root, self.environment);
            viper::all_settings(root, self.environment)
        };
        self.config.reading.given = self.givens.map(|givens| givens.fill(&mut settings)).unwrap_or_default();
        let texts = gather::texts(&settings, &self.config.sources);
        let not_literal = texts.iter().filter(|(_, text)| text.kind() != ValueKind::Literal);
        self.config.reading.not_literal = not_literal.cloned().collect();
        self.config.reading.texts = texts;
        let is_open = |text: &str, at: Span| self.is_open(text, at);
        let Outcome { options, errors, unused, secrets, open, json } =
            decode::decode(&settings, &OPTIONS, self.config.version, !self.keeps_case, &is_open);
        self.note_open(open);
        self.config.reading.json = json;
        self.config.secrets.extend(secrets.into_iter().map(|(text, span)| (Secret::new(text), span)));
        self.note_keys(unused, &options);
        self.config.reading.undecodable.extend(undecodable(&options));
        let zero_token = self.zero_token(&settings);
        let reading = &mut self.config.reading;
        let mut refusal = type_refusal(&errors);
        reading.type_errors = errors;
        if let Some(first) = reading.removed_keys.first() {
            let words = "some configuration options are no longer supported, please check logs for details".to_owned();
            refusal = refusal.or(Some(Refusal { kind: RefusalKind::RemovedKey, words, at: Some(first.at) }));
        }
        let assembler = Assembler { options: &options, sources: &self.config.sources, files: self.files };
        let version = self.config.version;
        let mut outcome = assembler.settings(zero_token);
        outcome.authenticate_callback_path = callback_path(&settings);
        if refusal.is_none() {
            let filling = Filling { form: self.config.form, sources: &self.config.sources, unset: self.unset };
            let (assembler, settings, routes) = (&assembler, &settings, outcome.routes.as_slice());
            refusal = Checks { assembler, settings, routes, filling, version }.run(reading);
        }
        self.config.secrets.extend(gather::secrets_of_settings(&outcome));
        self.config.secrets.extend(gather::secrets_of_login(&outcome, &self.config.sources));
        self.config.settings = Some(outcome);
        self.config.secrets.extend(gather::secrets_of_clients(&self.config.clients()));
        refusal
    }

    /// Whether somebody fills in a text before Pomerium sees it.
    fn is_open(&self, text: &str, at: Span) -> bool {
        let filling = Filling { form: self.config.form, sources: &self.config.sources, unset: self.unset };
        filling.is_open(classify(text), at)
    }

    fn note_open(&mut self, open: Vec<(String, Span, bool)>) {
        if open.is_empty() {
            return;
        }
        let texts = self.config.reading.texts.iter();
        let known: HashMap<Span, &Setting<String>> = texts.map(|(_, text)| (text.span, text)).collect();
        let value = |(path, at, holds_several): (String, Span, bool)| {
            let text = (*known.get(&at)?).clone();
            Some(OpenValue { path, text, holds_several })
        };
        self.config.reading.open = open.into_iter().filter_map(value).collect();
    }

    /// Sorts the keys that nothing takes into unknown and removed ones, for this release.
    fn note_keys(&mut self, unused: Vec<UnknownKey>, options: &decode::Decoded) {
        let version = self.config.version;
        // Of `policy` and `routes`, it refuses a key that is gone in the second alone.
        let is_known = |retired: &Retired| version >= retired.first && version < retired.removed_in;
        for key in unused {
            match retired_key(&key.path) {
                _ if IGNORED.contains(&key.path.as_str()) => {}
                _ if version < WITHOUT_CLUSTER_FIELDS && is_cluster_field(&key.path) => {}
                retired if retired.or_else(|| retired_of_policy(&key.path)).is_some_and(is_known) => {}
                Some(retired) if retired.stops_start() && version >= retired.removed_in => {
                    self.config.reading.removed_keys.push(key);
                }
                _ => self.config.reading.unknown_keys.push(key),
            }
        }
        let flags = options.get("runtime_flags").map(decode::Decoded::entries).unwrap_or_default();
        let unknown = flags.iter().filter(|(name, ..)| !runtime_flags(version).any(|known| known == name));
        let unknown = unknown.map(|(name, at, _)| UnknownKey { path: name.to_string(), at: *at });
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
        let token = node.printed();
        Some(Setting {
            value: Secret::new(token),
            span: node.span,
            origin: Origin::File,
            written_as: WrittenAs::of(&node.value),
        })
    }
}

/// The options that are set to something that could not be decoded, or that hold such a value.
fn undecodable(options: &decode::Decoded) -> Vec<&'static str> {
    let is_lost =
        |value: &decode::Decoded| matches!(value.content, decode::Content::Zero) && value.written_as != WrittenAs::Null;
    let holds_lost = |value: &decode::Decoded| {
        value.elements().iter().any(is_lost) || value.entries().iter().any(|(.., value)| is_lost(value))
    };
    let lost = options.entries().iter().filter(|(.., value)| is_lost(value) || holds_lost(value));
    lost.filter_map(|(name, ..)| OPTIONS.field(name)).map(|field| field.name).collect()
}

/// mapstructure's message for all values that could not be decoded.
fn type_refusal(errors: &[Refusal]) -> Option<Refusal> {
    let first = errors.first()?;
    let lines: Vec<&str> = errors.iter().map(|error| error.words.as_str()).collect();
    let words =
        format!("failed to unmarshal config: decoding failed due to the following error(s):\n\n{}", lines.join("\n"));
    Some(Refusal { kind: RefusalKind::Type, words, at: first.at })
}

/// An option of old releases, which the decoder knows no more.
fn callback_path(settings: &Node) -> Option<Setting<String>> {
    let node = settings.get("authenticate_callback_path")?;
    let Value::Text(text) = &node.value else { return None };
    Some(Setting { value: text.clone(), span: node.span, origin: Origin::File, written_as: WrittenAs::Text })
}
