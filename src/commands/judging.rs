//! From configurations to a report: what `check`, `diagnose` and `demo` have in common.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use futures_util::{StreamExt as _, stream};
use url::Url;

use super::progress::Progress;
use super::running::{Compared, compared};
use super::shared::Shared;
use super::{StartError, write};
use crate::cli::{Asking, Reach};
use crate::config::{Config, Date, GivenValue, Literals};
use crate::engine::{Decisions, decide, judge, point_into_code};
use crate::evidence::{
    GatherOptions, Need, Network, NetworkOptions, Replay, Transport, Visit, World, gather, gather_offline, most_calls,
    most_questions, plan, visit,
};
use crate::report::{Format, Options, Report, Stream, View};
use crate::rules::{Rule, Stage};

/// So many configurations are asked about at once. Of a pool two hosts are asked, over two connections each.
pub(super) const AT_ONCE: usize = 16;

/// The day in UTC. A clock that stands before 1970 expires nothing.
pub(super) fn today() -> Date {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Date::of_unix_time(now.as_secs())
}

/// What is known about the provider of each configuration, and about each Pomerium that runs.
pub(super) struct Known {
    /// One for each configuration.
    pub(super) worlds: Vec<World>,
    /// One for each URL, with the configuration that it shows.
    pub(super) running: Vec<(Config, World)>,
}

/// Whom to ask, and for what.
#[derive(Clone, Copy)]
struct Asked<'a> {
    rules: &'a [&'static Rule],
    options: GatherOptions<'a>,
    given: &'a [GivenValue],
}

/// Gathers what is known about the provider of each configuration, and what each running Pomerium shows; each question is put
/// once, however many need it.
pub(super) fn ask(
    configs: &[Config],
    urls: &[Url],
    rules: &[&'static Rule],
    asking: &Asking,
    given: &[GivenValue],
) -> Result<Known, StartError> {
    if asking.offline && urls.is_empty() {
        reaching(&asking.reach)?;
        return Ok(Known { worlds: gather_nothing(configs, rules, &asking.pool), running: Vec::new() });
    }
    let asked = Asked { rules, options: gather_options(asking), given };
    if let Some(folder) = &asking.replay {
        return replay(configs, urls, asked, folder);
    }
    let network = Network::new(network_options(asking, configs, compared(configs, urls).len())?)
        .map_err(|error| StartError::Option(error.to_string()))?;
    let progress = Progress::watch(&network);
    gather_everything(configs, urls, asked, &Shared::new(&progress))
}

/// What may be asked, as the command line says.
pub(super) fn gather_options(asking: &Asking) -> GatherOptions<'_> {
    GatherOptions {
        offline: asking.offline,
        probe_secret: asking.probe_secret,
        probe_sign_out: asking.probe_sign_out,
        pools: &asking.pool,
        aws: asking.aws,
        is_replay: asking.replay.is_some(),
    }
}

/// What is known of the provider of each configuration without asking anybody.
pub(super) fn gather_nothing(configs: &[Config], rules: &[&'static Rule], pools: &[String]) -> Vec<World> {
    let plan = plan_of(rules);
    configs.iter().map(|config| gather_offline(config, &plan, pools)).collect()
}

/// Judges recordings as `pomlint check --record` lays them out; or, if the folder is itself a recording, that one for all configurations.
fn replay(configs: &[Config], urls: &[Url], asked: Asked<'_>, folder: &Path) -> Result<Known, StartError> {
    let open = |folder: &Path| Replay::open(folder).map_err(|error| StartError::recording(folder, &error));
    let running = compared(configs, urls);
    let all = configs.len() + running.len();
    if all == 1 || Replay::is_in(folder) {
        return gather_everything(configs, urls, asked, &open(folder)?);
    }
    let folders = folders(folder, all);
    let mut known = Known { worlds: Vec::with_capacity(configs.len()), running: Vec::with_capacity(running.len()) };
    for (config, folder) in configs.iter().zip(&folders) {
        let replay = open(folder)?;
        known.worlds.extend(gather_all(std::slice::from_ref(config), asked.rules, asked.options, &replay)?);
    }
    for (compared, folder) in running.into_iter().zip(folders.iter().skip(configs.len())) {
        let replay = open(folder)?;
        let runtime = runtime()?;
        known.running.push(runtime.block_on(gather_running(compared, configs, &known.worlds, asked, &replay)));
    }
    Ok(known)
}

fn gather_everything(
    configs: &[Config],
    urls: &[Url],
    asked: Asked<'_>,
    transport: &dyn Transport,
) -> Result<Known, StartError> {
    let runtime = runtime()?;
    let known = runtime.block_on(async {
        let worlds = gather_each(configs, asked.rules, asked.options, transport).await;
        let mut running = Vec::with_capacity(urls.len());
        for compared in compared(configs, urls) {
            running.push(Box::pin(gather_running(compared, configs, &worlds, asked, transport)).await);
        }
        Known { worlds, running }
    });
    // A name server that does not answer must not keep the program from ending.
    runtime.shutdown_background();
    Ok(known)
}

async fn gather_running(
    Compared { url, beside, is_one_of_several }: Compared<'_>,
    configs: &[Config],
    worlds: &[World],
    asked: Asked<'_>,
    transport: &dyn Transport,
) -> (Config, World) {
    let beside = beside.and_then(|index| Some((configs.get(index)?, worlds.get(index)?)));
    let told = Visit { url, beside, given: asked.given, probe_sign_out: asked.options.probe_sign_out };
    let (mut config, world) = Box::pin(visit(&told, &plan_of_running(asked.rules), &asked.options, transport)).await;
    if let (Some((own, _)), true) = (beside, is_one_of_several) {
        config.path = format!("{} beside {}", config.path, own.path);
    }
    (config, world)
}

pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

pub(super) fn plan_of(rules: &[&'static Rule]) -> BTreeSet<Need> {
    plan(rules.iter().flat_map(|rule| rule.needs.iter().copied()))
}

/// Of a running Pomerium, what a configuration says elsewhere is what it sends: whatever judges that needs its login page. A rule about
/// what runs asks for the discovery document of the configuration beside, which is asked about by itself.
fn plan_of_running(rules: &[&'static Rule]) -> BTreeSet<Need> {
    let is_of_what_runs = |rule: &Rule| rule.stage == Stage::Deployed;
    let judges_settings = rules.iter().any(|rule| !is_of_what_runs(rule));
    let needs = rules.iter().flat_map(|rule| {
        rule.needs.iter().copied().filter(|need| !(is_of_what_runs(rule) && *need == Need::Discovery))
    });
    plan(needs.chain(judges_settings.then_some(Need::SignIn)))
}

pub(super) fn gather_all(
    configs: &[Config],
    rules: &[&'static Rule],
    options: GatherOptions<'_>,
    transport: &dyn Transport,
) -> Result<Vec<World>, StartError> {
    let runtime = runtime()?;
    let worlds = runtime.block_on(gather_each(configs, rules, options, transport));
    runtime.shutdown_background();
    Ok(worlds)
}

async fn gather_each(
    configs: &[Config],
    rules: &[&'static Rule],
    options: GatherOptions<'_>,
    transport: &dyn Transport,
) -> Vec<World> {
    let plan = plan_of(rules);
    let asking = configs.iter().map(|config| gather_one(config, &plan, &options, transport));
    stream::iter(asking).buffered(AT_ONCE).collect().await
}

/// What is known about the provider of one configuration.
pub(super) async fn gather_one(
    config: &Config,
    plan: &BTreeSet<Need>,
    options: &GatherOptions<'_>,
    transport: &dyn Transport,
) -> World {
    let clients = config.clients();
    let literals = Literals::of(config, &clients);
    gather(config, &clients, &literals, plan, options, transport).await
}

/// So many requests one configuration may send.
pub(super) fn budget(config: &Config, aws: bool) -> usize {
    let clients = config.clients().len();
    most_questions(clients) + if aws { most_calls(clients) } else { 0 }
}

/// A network that is reached as the command line says.
pub(super) fn reaching(reach: &Reach) -> Result<NetworkOptions, StartError> {
    let parse =
        |text: &String| text.parse().map_err(|error| StartError::Option(format!("--connect-to {text}: {error}")));
    Ok(NetworkOptions {
        ca: reach.ca.clone(),
        connect_to: reach.connect_to.iter().map(parse).collect::<Result<_, _>>()?,
        allow_hosts: reach.allow_host.clone(),
        ..NetworkOptions::default()
    })
}

/// So many requests to one running Pomerium, with the one repetition of each.
const RUNNING: usize = 14;

pub(super) fn network_options(asking: &Asking, configs: &[Config], urls: usize) -> Result<NetworkOptions, StartError> {
    Ok(NetworkOptions {
        secret_hosts: asking.secret_to.clone(),
        timeout: asking.timeout,
        budget: configs.iter().map(|config| budget(config, asking.aws)).sum::<usize>()
            + urls * (RUNNING + 2 * most_questions(1)),
        wait: asking.wait,
        ..reaching(&asking.reach)?
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
    judge_each(configs.into_iter().zip(worlds), &|_| rules, decisions, options)
}

/// The same, where not all are judged by the same rules.
pub(super) fn judge_each<'r>(
    known: impl Iterator<Item = (Config, World)>,
    rules: &dyn Fn(&Config) -> &'r [&'static Rule],
    decisions: &Decisions,
    options: Options,
) -> Report {
    let cases = known.map(|(config, world)| {
        let judged = judge(&config, &world, rules(&config));
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
