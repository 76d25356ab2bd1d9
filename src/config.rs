//! Pomerium's side: what the configuration says, as Pomerium itself would read it.
//!
//! Nothing here touches the network. [`load()`] turns texts into a [`Config`]: typed [`Settings`], each with the place it was
//! written, and a [`Reading`] of everything Pomerium would refuse, ignore or complain about on the way.
//! [`Login`] is what Pomerium will then send to the identity provider.

mod assemble;
pub mod cognito;
mod date;
mod decode;
mod deployment;
mod dialect;
mod disguise;
mod document;
mod dotenv;
mod expanded;
mod files;
mod form;
mod forms;
mod given;
mod ignores;
mod issuer_host;
mod json;
mod literals;
mod load;
mod login;
mod node;
mod options;
mod parsed;
mod place;
mod placeholder;
mod policy;
mod refusal;
mod room;
mod script;
mod settings;
mod source;
mod subject;
mod toml;
mod validate;
mod viper;
mod yaml;

pub use date::Date;
pub use deployment::{load_all, not_opened};
pub use dialect::{Dialect, Name};
pub(crate) use document::{json_document, yaml_document};
pub use expanded::Expanded;
pub use files::{DiskFiles, Files, NoFiles};
pub use form::{FormField, KeptSecret, OpenValue, Replicas};
pub use forms::{Given, Loaded, RawFile, Request, load_request, load_request_with};
pub use given::{GivenOutcome, GivenValue, refused_given};
pub use ignores::Ignore;
pub use issuer_host::{Alike, host_of, is_emulator};
pub use literals::{
    ANOTHER_PROVIDER, AuthenticateUrl, ClientId, ClientLiterals, Cognito, CookieDomain, CookieSecret, Gap, Issuer,
    Literals, MANAGED_BY_ZERO, OwnAuthenticateUrl, Provider, RequestedScopes, SERVES_NO_LOGIN, ScopesFrom, SecretText,
    SharedSecret,
};
pub use load::{Input, load, names_secret};
pub use login::{CALLBACK_PATH, COGNITO_SINCE, Hosting, Login, provider_since, providers, sign_in_error};
pub use node::{Entry, Node, Value};
pub use options::{known_since, nearest_option, option_names, removed_in, route_field_names, value_known_since};
pub use parsed::LONGEST_TEXT;
pub use placeholder::{classify, is_sample, is_secret_store};
pub(crate) use policy::start_error as policy_start_error;
pub use refusal::{Refusal, RefusalKind};
pub use settings::{Client, ClientSecret, Criterion, Origin, Policy, Route, Setting, Settings, ValueKind, WrittenAs};
pub use source::{Position, Source, SourceId, SourceKind, Sources, Span};
pub use subject::id_is_secret;

use crate::secret::Secret;

/// A Pomerium release, e.g. `v0.33.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PomeriumVersion(pub u16, pub u16, pub u16);

impl PomeriumVersion {
    /// The newest release that is known in full. The tables are those of v0.33.1; v0.33.3 and v0.33.4 brought new dependencies
    /// and nothing that is configured (their release notes, and branch 0-33-0 of pomerium/pomerium).
    pub const NEWEST: Self = Self(0, 33, 4);

    /// Whether it came after all that is known in full: what it does not seem to know, it may have learnt.
    pub fn is_newer_than_known(self) -> bool {
        self > Self::NEWEST
    }
}

impl std::fmt::Display for PomeriumVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}.{}.{}", self.0, self.1, self.2)
    }
}

impl std::str::FromStr for PomeriumVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Vec<u16> = text
            .strip_prefix('v')
            .unwrap_or(text)
            .split('.')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| format!("`{text}` is not a Pomerium version such as v0.33.1"))?;
        match numbers[..] {
            [major, minor] => Ok(Self(major, minor, 0)),
            [major, minor, patch] => Ok(Self(major, minor, patch)),
            _ => Err(format!("`{text}` is not a Pomerium version such as v0.33.1")),
        }
    }
}

/// In which shape the configuration was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A Pomerium configuration file.
    ConfigFile,
    /// The environment alone.
    Environment,
    /// Services of a compose file.
    Compose,
    /// Manifests of Kubernetes.
    Kubernetes,
    /// Values of a Helm chart.
    Helm,
    /// A list of routes by itself.
    Policy,
    /// Nothing of Pomerium's; what it is instead, in words fit for a report.
    NotPomerium(&'static str),
    /// Nothing that could be told, perhaps for a reason; why, in words fit for a report.
    Unrecognised(&'static str),
}

impl Form {
    /// Whether somebody expands references in it before Pomerium sees them: Compose, a delivery tool, Helm.
    pub fn is_expanded(self) -> bool {
        matches!(self, Self::Compose | Self::Kubernetes | Self::Helm)
    }

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConfigFile => "config",
            Self::Environment => "environment",
            Self::Compose => "compose",
            Self::Kubernetes => "kubernetes",
            Self::Helm => "helm",
            Self::Policy => "policy",
            Self::NotPomerium(_) | Self::Unrecognised(_) => "other",
        }
    }
}

/// One deployment's configuration.
#[derive(Clone)]
pub struct Config {
    /// What the user called it: the path of the main file, `-`, or `environment`.
    pub path: String,
    /// The shape it came in.
    pub form: Form,
    /// The Pomerium release it is judged for.
    pub version: PomeriumVersion,
    /// Every text it was read from.
    pub sources: Sources,
    /// What reading it brought up.
    pub reading: Reading,
    /// The settings; `None` if the text could not be parsed at all.
    pub settings: Option<Settings>,
    /// Every secret found, with the place it is written, so that no output shows it.
    pub secrets: Vec<(Secret, Span)>,
    /// The places that nobody needs to see, and that may hold a secret: they are left out where a text is quoted.
    pub hidden: Vec<Span>,
    /// The other services of a split deployment, if several files were given for one.
    pub peers: Vec<Peer>,
    /// The comments that ignore findings.
    pub ignores: Vec<Ignore>,
}

/// What the configuration is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A login through Amazon Cognito, rightly configured or not.
    Cognito,
    /// A login through an issuer behind which Cognito may stand or somebody else; its discovery document tells.
    Perhaps,
    /// A login through an issuer of somebody else, as its discovery document has shown.
    Generic,
    /// Something else; says what, in words fit for a report.
    Other(&'static str),
}

impl Config {
    /// Whether this is about a login through Cognito, as far as the configuration itself tells.
    pub fn subject(&self) -> Subject {
        subject::subject(self)
    }

    /// The `Secret`s that only the cluster holds and that are read here, each once.
    pub fn kept_secrets(&self) -> Vec<KeptSecret> {
        subject::kept_secrets(self)
    }

    /// The names of the values that were given to this check and taken, as the user wrote them.
    pub fn given_names(&self) -> Vec<&str> {
        let source = self.sources.iter().map(|(_, source)| source).find(|source| source.kind == SourceKind::Given);
        let lines = source.map(|source| source.text.lines()).into_iter().flatten();
        let taken = lines.zip(&self.reading.given).filter(|(_, outcome)| **outcome == GivenOutcome::Taken);
        taken.filter_map(|(line, _)| line.split_once('=')).map(|(name, _)| name).collect()
    }

    /// Says that a part of its settings stands where it was not read.
    pub fn lacks(&mut self, part: String) {
        self.reading.incomplete.push(part.clone());
        self.reading.unread.push(part);
    }

    /// The app clients: the global one first, then each other one that a route names, without repetition.
    pub fn clients(&self) -> Vec<Client> {
        subject::clients(self)
    }
}

/// Another service of the same split deployment.
#[derive(Clone)]
pub struct Peer {
    /// The file it was read from; its text is among [`Config::sources`].
    pub path: String,
    /// Its settings.
    pub settings: Settings,
}

/// What Pomerium would refuse, ignore or complain about while reading.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The error with which Pomerium refuses to load this configuration, in its own words; `None` if it loads.
    pub refusal: Option<Refusal>,
    /// The files, named in the configuration, that Pomerium needs in order to start and that cannot be read here. Where Pomerium
    /// runs they may exist.
    pub unreadable: Vec<UnreadableFile>,
    /// What Pomerium refuses besides, where those files exist.
    pub behind_files: Vec<Refusal>,
    /// The place at which the text stops being YAML (or its format).
    pub syntax_error: Option<SyntaxError>,
    /// Keys written twice in one mapping.
    pub duplicate_keys: Vec<DuplicateKey>,
    /// Options of the file that the environment sets to something else.
    pub overridden: Vec<Overridden>,
    /// Two keys of one mapping that are equal once Pomerium has lower-cased them.
    pub keys_differing_in_case: Vec<DuplicateKey>,
    /// Keys that Pomerium logs as unknown and ignores (it logs nothing if it refuses the file before it looks at them).
    pub unknown_keys: Vec<UnknownKey>,
    /// Names in `runtime_flags` that Pomerium logs as unknown.
    pub unknown_runtime_flags: Vec<UnknownKey>,
    /// Removed keys that stop Pomerium from starting.
    pub removed_keys: Vec<UnknownKey>,
    /// Values of a type that Pomerium's decoder refuses.
    pub type_errors: Vec<Refusal>,
    /// Settings that pass loading but fail when the services start (secrets of a wrong length, policies that do not compile).
    pub start_errors: Vec<Refusal>,
    /// The place where a second YAML document begins, which Pomerium never reads.
    pub later_document: Option<Span>,
    /// Every text value of the configuration that Pomerium takes literally, with the dotted path of its key.
    pub texts: Vec<(String, Setting<String>)>,
    /// The names of the environment variables that Pomerium is given, whether it reads them or not, each with its place.
    pub variables: Vec<(String, Span)>,
    /// What may supply further settings but cannot be read here, in words fit for a report: `the file pomerium.env`. A
    /// setting that is absent may then be set there.
    pub incomplete: Vec<String>,
    /// Those among [`Self::incomplete`] that the configuration says are there: what was read is then a part of what Pomerium reads.
    pub unread: Vec<String>,
    /// Further parts of it that are a `Secret` which only the cluster holds, in the same words as [`Self::incomplete`].
    pub kept: Vec<String>,
    /// The values that somebody fills in before Pomerium decodes them.
    pub open: Vec<OpenValue>,
    /// What became of each value that was given, in their order; none if nothing could be read.
    pub given: Vec<GivenOutcome>,
    /// In whose words the configuration is written.
    pub dialect: Dialect,
    /// Keys of the form itself, of compose or a chart, that nothing reads and that are near one that is read.
    pub form_fields: Vec<FormField>,
    /// What says that several of this Pomerium run, if something does.
    pub replicas: Option<Replicas>,
    /// Entries of an environment that are a value without a name.
    pub nameless: Vec<Span>,
    /// The options whose values cannot be decoded: they are set, to nothing that can be told.
    pub undecodable: Vec<&'static str>,
    /// The error with which Pomerium refuses this file if it is given it as its configuration, although it is none: a list of
    /// routes belongs into one, or into `POLICY`.
    pub refused_as_file: Option<String>,
    /// A configuration file mounted where Pomerium does not look: its path in the container, the path where Pomerium looks,
    /// and the place that mounts it.
    pub misplaced: Option<(String, String, Span)>,
    /// What Kubernetes refuses of the resources that hold the configuration.
    pub rejections: Vec<Rejection>,
    /// What stands in the settings because the configuration names variables of this process, and nobody has said that it may be
    /// sent.
    pub expanded: Vec<Expanded>,
    /// Where it mentions variables that were to be filled in from the environment of this process, and are not set there.
    pub unset_variables: Vec<Span>,
    /// Why the file itself was not opened.
    pub not_opened: Option<NotOpened>,
}

/// A file that stands in the place of a configuration, and leads out of its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOpened {
    /// Where it leads, and what allows it.
    pub why: String,
    /// It was found in a folder: nobody says that it is a configuration.
    pub found: bool,
}

/// A file that cannot be read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableFile {
    /// Its path, as written.
    pub path: String,
    /// Why it cannot be read, e.g. `no such file or directory`.
    pub why: String,
}

/// Something in a Kubernetes resource that does not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The place.
    pub at: Span,
    /// Who refuses it.
    pub by: RejectedBy,
    /// The words of whoever refuses it.
    pub words: String,
    /// The change that cures it, line by line, as far as it can be told.
    pub fix: Vec<String>,
    /// A release that is not known here may take it.
    pub is_doubted: bool,
}

impl Rejection {
    fn by(by: RejectedBy, at: Span, words: impl Into<String>) -> Self {
        Self { at, by, words: words.into(), fix: Vec::new(), is_doubted: false }
    }

    /// The API server refuses the resource.
    fn by_server(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::ApiServer, at, words)
    }

    /// The API server drops the field.
    fn pruned(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::Pruning, at, words)
    }

    /// The ingress controller goes on with what it had before.
    fn by_controller(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::Controller, at, words)
    }

    /// Says that a release that is not known here may take it.
    fn doubted_if(self, is_doubted: bool) -> Self {
        Self { is_doubted, ..self }
    }

    /// Adds a line to the cure.
    fn fix(mut self, line: impl Into<String>) -> Self {
        self.fix.push(line.into());
        self
    }
}

/// Who refuses a part of a Kubernetes resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectedBy {
    /// The API server refuses the whole resource.
    ApiServer,
    /// The API server drops the field, or refuses the resource if it validates strictly, as `kubectl` asks it to.
    Pruning,
    /// The ingress controller reports an error and goes on with what it had before.
    Controller,
}

/// An option that the environment sets to something else than the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overridden {
    /// The name of the option.
    pub option: String,
    /// The value in the file, which does not count.
    pub file: Span,
    /// The value in the environment.
    pub environment: Span,
}

impl Reading {
    /// Everything that keeps Pomerium from starting wherever the files exist that it names.
    pub fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        let all = self.refusal.iter().chain(&self.behind_files).chain(&self.start_errors);
        all.filter(|refusal| refusal.kind != RefusalKind::UnreadableFile)
    }

    /// Whether Pomerium gets as far as logging unknown keys. It does not if it refuses the grammar or the types of the text;
    /// the lists are filled all the same, for whoever repairs the file.
    pub fn logs_unknown_keys(&self) -> bool {
        self.refusal.as_ref().is_none_or(|refusal| !refusal.kind.is_before_checks())
    }
}

/// Where and why a text does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The parser's words.
    pub words: String,
    /// The place.
    pub at: Span,
    /// The text is a template (`{{ … }}`, `{% … %}`) rather than broken.
    pub template: bool,
    /// The text is longer, deeper, or repeats more than is read here. Pomerium itself might read it.
    pub limit: bool,
}

/// One key standing twice in a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key as written at the second place.
    pub key: String,
    /// The first place.
    pub first: Span,
    /// The second place.
    pub second: Span,
}

/// A key that is not an option of this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// The path as Pomerium logs it, e.g. `routes.lb_policy`.
    pub path: String,
    /// Where the key stands.
    pub at: Span,
}
