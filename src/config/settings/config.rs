//! What was read, as a whole.

use super::Settings;
use super::form::{Form, KeptSecret};
use super::reading::{GivenOutcome, Reading};
use crate::config::releases::PomeriumVersion;
use crate::config::text::{Ignore, SourceKind, Sources, Span, kept};
use crate::secret::Secret;

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

/// Another service of the same split deployment.
#[derive(Clone)]
pub struct Peer {
    /// The file it was read from; its text is among [`Config::sources`].
    pub path: String,
    /// Its settings.
    pub settings: Settings,
    /// A part of its configuration that was not read, if there is one.
    pub unread: Option<String>,
}

impl Config {
    /// One of which nothing is read yet.
    pub fn unread(path: impl Into<String>, form: Form, sources: Sources) -> Self {
        Self {
            path: path.into(),
            form,
            version: PomeriumVersion::NEWEST,
            sources,
            reading: Reading::default(),
            settings: None,
            secrets: Vec::new(),
            hidden: Vec::new(),
            peers: Vec::new(),
            ignores: Vec::new(),
        }
    }

    /// The `Secret`s that only the cluster holds and that are read here, each once.
    pub fn kept_secrets(&self) -> Vec<KeptSecret> {
        let mut found: Vec<KeptSecret> = Vec::new();
        let mut add = |name: &str, key: Option<(&str, &str)>| {
            let position = found.iter().position(|known| known.name == name).unwrap_or_else(|| {
                found.push(KeptSecret { name: name.to_owned(), ..KeptSecret::default() });
                found.len() - 1
            });
            let (Some(secret), Some((key, option))) = (found.get_mut(position), key) else { return };
            if !secret.keys.iter().any(|known| known == key) {
                secret.keys.push(key.to_owned());
                secret.options.push(option.rsplit('.').next().unwrap_or(option).to_owned());
            }
        };
        for (path, text) in &self.reading.texts {
            if let Some((name, key)) = kept(&text.value).filter(|(name, _)| !name.is_empty()) {
                add(name, Some((key, path)));
            }
        }
        for part in &self.reading.kept {
            if let Some(rest) = part.strip_prefix("the Secret ") {
                add(rest.split(' ').next().unwrap_or(rest), None);
            }
        }
        found
    }

    /// The names of the values that were given to this check and taken, as the user wrote them.
    pub fn given_names(&self) -> Vec<&str> {
        let source = self.sources.iter().map(|(_, source)| source).find(|source| source.kind == SourceKind::Given);
        let lines = source.map(|source| source.text.lines()).into_iter().flatten();
        let taken = lines.zip(&self.reading.given).filter(|(_, outcome)| **outcome == GivenOutcome::Taken);
        taken.filter_map(|(line, _)| line.split_once('=')).map(|(name, _)| name).collect()
    }
}
