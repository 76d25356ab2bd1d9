//! Several files that make one deployment: one service of Pomerium each.

use super::files::Files;
use super::load::{Input, load, load_into};
use super::{Config, Peer};

/// Reads several configurations. Those that each run a part of Pomerium belong together and become each other's peers;
/// those that run all of it stand alone.
pub fn load_all(inputs: &[(Input, &dyn Files)]) -> Vec<Config> {
    let mut configs: Vec<Config> = inputs.iter().map(|(input, files)| load(input, *files)).collect();
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
        return configs;
    }
    for (index, config) in configs.iter_mut().enumerate() {
        for (other, (input, files)) in inputs.iter().enumerate() {
            if other != index && services[index].is_some() && services[other].is_some() {
                add_peer(config, input, *files);
            }
        }
    }
    configs
}

/// The part of Pomerium that a configuration runs; `None` if it runs all of it or cannot be read.
fn part(config: &Config) -> Option<String> {
    let services = config.settings.as_ref()?.services.as_ref()?.value.to_lowercase();
    let mut names: Vec<&str> = services.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    (!names.is_empty() && !names.contains(&"all")).then(|| names.join(","))
}

/// Reads another configuration of the same deployment into the texts of this one, so that both can be pointed at.
fn add_peer(config: &mut Config, input: &Input, files: &dyn Files) {
    let peer = load_into(std::mem::take(&mut config.sources), input, files);
    config.sources = peer.sources;
    config.secrets.extend(peer.secrets);
    if let Some(settings) = peer.settings {
        config.peers.push(Peer { path: peer.path, settings });
    }
}
