//! Several configurations, and which of them are parts of one deployment.

use std::collections::{HashMap, HashSet};

use super::given::Givens;
use super::load_deployment;
use crate::config::forms::Deployment;
use crate::config::settings::{Config, Form, NotOpened, Peer};
use crate::config::text::{Files, Ignore, NoFiles, Source, SourceId, SourceKind, Sources, of_source};

/// What is known of a file that was not opened: its name.
pub fn not_opened(path: &str, why: NotOpened) -> Config {
    let mut sources = Sources::default();
    let mut deployment = Deployment::new(path, Form::Unrecognised("it was not opened"));
    deployment.sources.push(sources.add(Source::new(path, SourceKind::File, "")));
    let mut config = load_deployment(&sources, deployment, &NoFiles, None, &Givens::default());
    config.reading.not_opened = Some(why);
    config
}

/// Loads deployments that were read from the same sources. Those that each run a part of Pomerium belong together and become each
/// other's peers; those that run all of it stand alone.
pub(in crate::config) fn load_together(
    sources: &Sources,
    deployments: Vec<(Deployment, &dyn Files)>,
    expansion: Option<&HashMap<String, String>>,
    givens: &Givens,
) -> Vec<Config> {
    let load = |(deployment, files)| load_deployment(sources, deployment, files, expansion, givens);
    let mut configs: Vec<Config> = deployments.into_iter().map(load).collect();
    introduce(&mut configs);
    attach(&mut configs);
    configs
}

/// Makes the parts of one deployment each other's peers.
fn introduce(configs: &mut [Config]) {
    let services: Vec<Option<String>> = configs.iter().map(part).collect();
    let is_split = {
        let mut parts: Vec<&String> = services.iter().flatten().collect();
        let count = parts.len();
        parts.sort_unstable();
        parts.dedup();
        // The same part twice is two deployments, and which belongs to which cannot be known.
        count > 1 && parts.len() == count
    };
    if !is_split {
        return;
    }
    let parts: Vec<(usize, Peer, _)> = configs
        .iter()
        .enumerate()
        .filter(|(index, _)| services.get(*index).is_some_and(Option::is_some))
        .filter_map(|(index, config)| {
            let unread = config.reading.incomplete.first().cloned();
            let peer = Peer { path: config.path.clone(), settings: config.settings.clone()?, unread };
            Some((index, peer, (config.secrets.clone(), config.hidden.clone())))
        })
        .collect();
    for (index, _, _) in &parts {
        let Some(config) = configs.get_mut(*index) else { continue };
        for (_, peer, (secrets, hidden)) in parts.iter().filter(|(other, ..)| other != index) {
            config.peers.push(peer.clone());
            config.secrets.extend(secrets.iter().cloned());
            config.hidden.extend(hidden);
        }
    }
}

/// The part of Pomerium that a configuration runs; `None` if it runs all of it or cannot be read.
fn part(config: &Config) -> Option<String> {
    let services = config.settings.as_ref()?.services.as_ref()?.value.to_lowercase();
    let mut names: Vec<&str> = services.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    (!names.is_empty() && !names.contains(&"all")).then(|| names.join(","))
}

/// Gives each configuration the comments in its own texts. A text is read once, however many configurations it holds.
fn attach(configs: &mut [Config]) {
    let mut read_before: HashMap<SourceId, Vec<Ignore>> = HashMap::new();
    for config in configs {
        let mut names: HashSet<&str> = HashSet::new();
        let mut ignores = Vec::new();
        for (id, source) in config.sources.iter() {
            // A text that holds settings and variables is among the sources twice.
            if names.insert(&source.name) {
                ignores.extend_from_slice(read_before.entry(id).or_insert_with(|| of_source(id, source)));
            }
        }
        config.ignores = ignores;
    }
}
