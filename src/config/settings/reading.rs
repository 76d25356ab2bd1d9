//! What reading a configuration brings up.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::form::{FormField, OpenValue, Replicas};
use super::rejection::Rejection;
use super::{Origin, Setting};
use crate::config::releases::Dialect;
use crate::config::text::{DuplicateKey, Refusal, RefusalKind, SourceId, Span};

/// A variable whose value stands in a setting now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// Its name.
    pub variable: String,
    /// Where it was mentioned.
    pub at: Span,
}

/// What Pomerium would refuse, ignore or complain about while reading.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Where the client ids of routes stand, and their secrets, with the origin of each; known when they are first asked for.
    pub of_routes: OnceLock<HashMap<(Span, bool), Origin>>,
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
    /// The same in the compose file that the configuration stands in.
    pub duplicate_keys_of_compose: Vec<DuplicateKey>,
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
    pub texts: Vec<(Arc<str>, Setting<String>)>,
    /// Those of them that stand for another value, or that nobody filled in: few, and many rules ask for them.
    pub not_literal: Vec<(Arc<str>, Setting<String>)>,
    /// The names of the environment variables that Pomerium is given, whether it reads them or not, each with its place.
    pub variables: Vec<(String, Span)>,
    /// Those among them that Pomerium is given without a text, which it takes for unset: the name, its place, and that of the text.
    pub empty_variables: Vec<(String, Span, Span)>,
    /// What may supply further settings but cannot be read here, in words fit for a report: `the file pomerium.env`. A
    /// setting that is absent may then be set there.
    pub incomplete: Vec<String>,
    /// Those among [`Self::incomplete`] that the configuration says are there: what was read is then a part of what Pomerium reads.
    pub unread: Vec<String>,
    /// Resources that hold the policies of routes and are in no file that was given, in the same words: those routes are not read.
    pub unread_policies: Vec<String>,
    /// Objects that something changes which cannot be done here, each with what that is.
    pub overlaid: Vec<(Span, String)>,
    /// Further parts of it that are a `Secret` which only the cluster holds, in the same words as [`Self::incomplete`].
    pub kept: Vec<String>,
    /// The values that somebody fills in before Pomerium decodes them.
    pub open: Vec<OpenValue>,
    /// The values among these, and texts besides, that Pomerium would refuse as they stand here, and checks when it starts.
    pub unchecked: Vec<(Arc<str>, Setting<String>)>,
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
    /// Where the text of the configuration file stands, and how its name ends, which may be another than that of the file around it.
    pub file: Option<(Span, String)>,
    /// The variables that hold routes as JSON, in base64.
    pub json: Vec<Span>,
    /// The options whose values cannot be decoded: they are set, to nothing that can be told.
    pub undecodable: Vec<&'static str>,
    /// The error with which Pomerium refuses this file if it is given it as its configuration, although it is none: a list of
    /// routes belongs into one, or into `POLICY`.
    pub refused_as_file: Option<String>,
    /// Its image, chart or the user names the release; otherwise it is judged for the newest.
    pub names_release: bool,
    /// A configuration file mounted where Pomerium does not look: its path in the container, the path where Pomerium looks,
    /// and the place that mounts it.
    pub misplaced: Option<(String, String, Span)>,
    /// Where the `HTTPRoute` resources stand that routes are made of.
    pub http_routes: Vec<Span>,
    /// What Kubernetes refuses of the resources that hold the configuration.
    pub rejections: Vec<Rejection>,
    /// What stands in the settings because the configuration names variables of this process, and nobody has said that it may be
    /// sent.
    pub expanded: Vec<Expanded>,
    /// Where it mentions variables that were to be filled in from the environment of this process, and are not set there.
    pub unset_variables: Vec<Span>,
    /// Texts that nobody expands, though the form is one that is expanded: files that compose mounts, and those whose variables it
    /// takes as they are.
    pub unexpanded: Vec<SourceId>,
    /// A cluster has shown it: it stands in no file that anybody could name.
    pub is_of_cluster: bool,
    /// Why the file itself was not opened.
    pub not_opened: Option<NotOpened>,
}

impl Reading {
    /// Everything that keeps Pomerium from starting wherever the files exist that it names.
    pub fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        let all = self.refusal.iter().chain(&self.behind_files).chain(&self.start_errors);
        all.filter(|refusal| refusal.kind != RefusalKind::UnreadableFile)
    }

    /// Says that a part of the settings is somewhere else, where it cannot be read.
    pub fn lacks(&mut self, part: impl Into<String>) {
        let part = part.into();
        self.incomplete.push(part.clone());
        self.unread.push(part);
    }

    /// Says that a part of the settings is in a `Secret` that only the cluster holds.
    pub fn keeps(&mut self, part: impl Into<String>) {
        let part = part.into();
        self.incomplete.push(part.clone());
        self.kept.push(part);
    }

    /// Whether Pomerium gets as far as logging unknown keys. It does not if it refuses the grammar or the types of the text;
    /// the lists are filled all the same, for whoever repairs the file.
    pub fn logs_unknown_keys(&self) -> bool {
        self.refusal.as_ref().is_none_or(|refusal| !refusal.kind.is_before_checks())
    }
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

/// A key that is not an option of this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// The path as Pomerium logs it, e.g. `routes.lb_policy`.
    pub path: String,
    /// Where the key stands.
    pub at: Span,
}

/// What became of a given value in one configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenOutcome {
    /// It took the place of nothing, or of a reference; or it is what is written.
    Taken,
    /// Another value is written here.
    Contradicted(Span),
    /// Nothing here reads it.
    Unread,
}
