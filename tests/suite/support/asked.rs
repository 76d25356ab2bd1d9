//! Configurations and what is known about their providers, made by the library itself.

use pomlint::config::{Config, Literals, NoFiles, RawFile, Request};
use pomlint::evidence::{GatherOptions, Transport, World, gather, plan};
use pomlint::rules::RULES;

use super::pool::Pool;
use super::transport::StandIn;

/// Everything is asked that can be asked without credentials.
pub const ALL: GatherOptions<'_> = GatherOptions {
    offline: false,
    probe_secret: true,
    probe_sign_out: true,
    pools: &[],
    aws: false,
    is_replay: false,
};

/// A configuration file of this name.
pub fn config(name: &str, bytes: impl Into<Vec<u8>>) -> Config {
    let file = RawFile { name: name.to_owned(), bytes: bytes.into() };
    Request::of_config(file, &NoFiles).load().configs.remove(0)
}

/// What is known of its provider for all rules.
pub fn world(config: &Config, options: GatherOptions<'_>, transport: &dyn Transport) -> World {
    let clients = config.clients();
    let literals = Literals::of(config, &clients);
    let plan = plan(RULES.iter().flat_map(|rule| rule.needs.iter().copied()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(gather(config, &clients, &literals, &plan, &options, transport))
}

/// What is known if nobody is asked.
pub fn unasked(config: &Config) -> World {
    world(config, GatherOptions { offline: true, ..GatherOptions::default() }, &StandIn::new(Pool::default()))
}
