//! From configurations to a report: what `check`, `diagnose` and `demo` have in common.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures_util::{StreamExt as _, stream};

use super::progress::Progress;
use super::shared::Shared;
use super::{StartError, write};
use crate::cli::Asking;
use crate::config::{Config, Date, Literals};
use crate::engine::{Decisions, decide, judge, point_into_code};
use crate::evidence::{
    GatherOptions, Network, NetworkOptions, Replay, Transport, World, gather, most_calls, most_questions, plan,
};
use crate::report::{Format, Options, Report, Stream, View};
use crate::rules::Rule;

/// So many configurations are asked about at once. Of a pool two hosts are asked, over two connections each.
const AT_ONCE: usize = 16;

/// The day in UTC. A clock that stands before 1970 expires nothing.
pub(super) fn today() -> Date {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Date::of_unix_time(now.as_secs())
}

/// Gathers what is known about the provider of each configuration; each question is put once, however many need it.
pub(super) fn ask(configs: &[Config], rules: &[&'static Rule], asking: &Asking) -> Result<Vec<World>, StartError> {
    let options = GatherOptions {
        offline: asking.offline,
        probe_secret: asking.probe_secret,
        probe_sign_out: asking.probe_sign_out,
        pools: &asking.pool,
        aws: asking.aws,
        is_replay: asking.replay.is_some(),
    };
    if let Some(folder) = &asking.replay {
        return replay(configs, rules, options, folder);
    }
    let network =
        Network::new(network_options(asking, configs)?).map_err(|error| StartError::Option(error.to_string()))?;
    let progress = Progress::watch(&network);
    gather_all(configs, rules, options, &Shared::new(&progress))
}

/// Judges recordings as `pomlint check --record` lays them out; or, if the folder is itself a recording, that one for all configurations.
fn replay(
    configs: &[Config],
    rules: &[&'static Rule],
    options: GatherOptions<'_>,
    folder: &Path,
) -> Result<Vec<World>, StartError> {
    let open = |folder: &Path| Replay::open(folder).map_err(|error| StartError::recording(folder, &error));
    if configs.len() == 1 || Replay::is_in(folder) {
        return gather_all(configs, rules, options, &open(folder)?);
    }
    let mut worlds = Vec::with_capacity(configs.len());
    for (config, folder) in configs.iter().zip(folders(folder, configs.len())) {
        worlds.extend(gather_all(std::slice::from_ref(config), rules, options, &open(&folder)?)?);
    }
    Ok(worlds)
}

pub(super) fn gather_all(
    configs: &[Config],
    rules: &[&'static Rule],
    options: GatherOptions<'_>,
    transport: &dyn Transport,
) -> Result<Vec<World>, StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let plan = plan(rules.iter().flat_map(|rule| rule.needs.iter().copied()));
    let asking = configs.iter().map(async |config| {
        let clients = config.clients();
        let literals = Literals::of(config, &clients);
        gather(config, &clients, &literals, &plan, &options, transport).await
    });
    let worlds = runtime.block_on(stream::iter(asking).buffered(AT_ONCE).collect());
    // A name server that does not answer must not keep the program from ending.
    runtime.shutdown_background();
    Ok(worlds)
}

/// So many requests one configuration with so many app clients may send.
fn budget(clients: usize, aws: bool) -> usize {
    most_questions(clients) + if aws { most_calls(clients) } else { 0 }
}

pub(super) fn network_options(asking: &Asking, configs: &[Config]) -> Result<NetworkOptions, StartError> {
    let connect_to = asking
        .connect_to
        .iter()
        .map(|text| text.parse().map_err(|error| StartError::Option(format!("--connect-to {text}: {error}"))))
        .collect::<Result<_, _>>()?;
    Ok(NetworkOptions {
        ca: asking.ca.clone(),
        connect_to,
        allow_hosts: asking.allow_host.clone(),
        secret_hosts: asking.secret_to.clone(),
        timeout: asking.timeout,
        budget: configs.iter().map(|config| budget(config.clients().len(), asking.aws)).sum(),
        wait: asking.wait,
    })
}

/// One folder for one configuration; for several, a folder each, numbered in their order.
pub(super) fn folders(folder: &Path, configs: usize) -> Vec<PathBuf> {
    match configs {
        1 => vec![folder.to_path_buf()],
        count => (1..=count).map(|number| folder.join(number.to_string())).collect(),
    }
}

pub(super) fn judge_all(
    configs: Vec<Config>,
    worlds: Vec<World>,
    rules: &[&'static Rule],
    decisions: &Decisions,
    options: Options,
) -> Report {
    let cases = configs.into_iter().zip(worlds).map(|(config, world)| {
        let judged = judge(&config, &world, rules);
        (config, world, judged)
    });
    let mut cases: Vec<_> = cases.collect();
    decide(&mut cases, decisions);
    for (_, world, judged) in &mut cases {
        point_into_code(judged, world);
    }
    Report::new(cases, &options)
}

pub(super) fn show(report: &Report, format: &Format, view: &View) -> Result<(), StartError> {
    write(Stream::Report, &(format.render)(report, view))
}
