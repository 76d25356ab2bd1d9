//! `pomlint check`: read, ask, judge, report.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::defaults::{self, Found};
use super::filing::Filing;
use super::input::{self, Read};
use super::progress::Progress;
use super::shared::Shared;
use super::{CANNOT_START, StartError, selection, write};
use crate::cli::{Asking, Check, FailOn, Selection, Undecided};
use crate::config::{Config, Date, Literals};
use crate::engine::{Decisions, decide, judge};
use crate::evidence::{GatherOptions, Network, NetworkOptions, Recorder, Replay, Transport, World, gather, plan};
use crate::report::{self, Format, Options, Report, Stream, View};
use crate::rules::{Rule, Severity};

/// `is_given` knows which arguments were typed.
pub(super) fn run(mut command: Check, is_given: &dyn Fn(&str) -> bool) -> Result<u8, StartError> {
    let found = defaults::find(&command.settings)?;
    if let Some(found) = &found {
        found.apply(&mut command, is_given);
    }
    let off = found.as_ref().map(|found| found.off(&command.selection.only)).unwrap_or_default();
    let rules = selection::select(&command.selection, found.as_ref().map(|found| found.name.as_str()), &off)?;
    let Read { mut configs, passed_over, mut unreadable } = input::read(&command.configs, &command.reading)?;
    if configs.is_empty() {
        return Err(unreadable.into_iter().next().unwrap_or(StartError::NoConfig));
    }
    let shown = command.showing.format;
    let filing = Filing::open(&command.filing, &shown, &inputs(&command, &configs, found.as_ref()))?;
    if command.selection.no_ignores {
        for config in &mut configs {
            config.ignores.clear();
        }
    }
    let worlds = ask(&configs, &rules, &command.asking)?;
    if let Some(folder) = &command.asking.record {
        unreadable.extend(record(&configs, &worlds, folder).err());
    }
    let decisions = decisions(found.as_ref(), command.selection.no_ignores);
    let mut report = judge_all(configs, worlds, &rules, &decisions, options(&command.selection));
    if let Some(found) = found {
        report.apply(found.applied(&command.selection.only));
    }
    filing.accept(&mut report);
    if !unreadable.is_empty() {
        report.mark_incomplete();
    }
    // Each by itself: what cannot be written keeps nothing else from being so.
    let view = View { step_summary: filing.has_step_summary(), ..input::view(command.showing.amount) };
    let mut wrong = unreadable;
    wrong.extend(show(&report, &shown, &view).err());
    wrong.extend(filing.write(&report, view));
    if passed_over > 0 && !command.showing.amount.quiet {
        let files = if passed_over == 1 { "1 file" } else { &format!("{passed_over} files") };
        write(Stream::Progress, &format!("passed over {files} in which nothing configures a Pomerium\n"))?;
    }
    for error in &wrong {
        write(Stream::Progress, &format!("pomlint: {error}\n"))?;
    }
    Ok(if wrong.is_empty() { report.summary.exit } else { CANNOT_START })
}

/// The files that are read, and the folders of recordings: no report may be written over them.
fn inputs(command: &Check, configs: &[Config], found: Option<&Found>) -> Vec<PathBuf> {
    // Of a folder, what is a configuration; the rest may be the reports of the last run.
    let mut inputs: Vec<PathBuf> = command.configs.iter().filter(|path| !path.is_dir()).cloned().collect();
    inputs
        .extend(configs.iter().flat_map(|config| config.sources.iter().map(|(_, source)| source.name.clone().into())));
    inputs.extend(command.reading.env_file.iter().cloned());
    inputs.extend(command.asking.ca.iter().chain(&command.asking.replay).chain(&command.asking.record).cloned());
    inputs.extend(found.map(|found| PathBuf::from(&found.name)));
    inputs
}

/// What the user has decided about findings, on this day.
fn decisions(found: Option<&Found>, no_ignores: bool) -> Decisions {
    let mut decisions = Decisions::on(today());
    if let Some(found) = found {
        decisions.severities = found.severities();
        if !no_ignores {
            decisions.accepted = found.accepted();
        }
    }
    decisions
}

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
    };
    if let Some(folder) = &asking.replay {
        return replay(configs, rules, options, folder);
    }
    let network =
        Network::new(network_options(asking, configs.len())?).map_err(|error| StartError::Option(error.to_string()))?;
    let progress = Progress::watch(&network);
    gather_all(configs, rules, options, &Shared::new(&progress))
}

/// Judges recordings as [`record`] lays them out; or, if the folder is itself a recording, that one for all configurations.
fn replay(
    configs: &[Config],
    rules: &[&'static Rule],
    options: GatherOptions,
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
    options: GatherOptions,
    transport: &dyn Transport,
) -> Result<Vec<World>, StartError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let plan = plan(rules.iter().flat_map(|rule| rule.needs.iter().copied()));
    let worlds = runtime.block_on(async {
        let mut worlds = Vec::with_capacity(configs.len());
        for config in configs {
            let clients = config.clients();
            let literals = Literals::of(config, &clients);
            worlds.push(gather(config, &clients, &literals, &plan, &options, transport).await);
        }
        worlds
    });
    // A name server that does not answer must not keep the program from ending.
    runtime.shutdown_background();
    Ok(worlds)
}

pub(super) fn network_options(asking: &Asking, configs: usize) -> Result<NetworkOptions, StartError> {
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
        budget: NetworkOptions::default().budget.saturating_mul(configs),
    })
}

/// One folder for one configuration; for several, a folder each, numbered in their order.
fn folders(folder: &Path, configs: usize) -> Vec<PathBuf> {
    match configs {
        1 => vec![folder.to_path_buf()],
        count => (1..=count).map(|number| folder.join(number.to_string())).collect(),
    }
}

fn record(configs: &[Config], worlds: &[World], folder: &Path) -> Result<(), StartError> {
    let secrets = report::scrubber(configs);
    for ((config, world), folder) in configs.iter().zip(worlds).zip(folders(folder, worlds.len())) {
        Recorder::write(world, Path::new(&config.path), &folder, &secrets)
            .map_err(|error| StartError::recording(&folder, &error))?;
    }
    Ok(())
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
    Report::new(cases, &options)
}

fn options(selection: &Selection) -> Options {
    Options {
        fail_on: match selection.fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
        },
        undecided: match selection.undecided {
            None => report::Undecided::Default,
            Some(Undecided::Allow) => report::Undecided::Allow,
            Some(Undecided::Strict) => report::Undecided::Strict,
        },
        pedantic: selection.pedantic,
    }
}

pub(super) fn show(report: &Report, format: &Format, view: &View) -> Result<(), StartError> {
    write(Stream::Report, &(format.render)(report, view))
}
