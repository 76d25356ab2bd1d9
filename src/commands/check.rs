//! `pomlint check`: read, ask, judge, report.

use std::path::{Path, PathBuf};

use super::input::{self, Read};
use super::shared::Shared;
use super::{CANNOT_START, StartError, print, selection};
use crate::cli::{Asking, Check, FailOn, Format, Selection, Undecided};
use crate::config::{Config, Literals};
use crate::engine::judge;
use crate::evidence::{GatherOptions, Network, NetworkOptions, Recorder, Replay, Transport, World, gather, plan};
use crate::report::{self, Options, Report, Stream, View};
use crate::rules::{Rule, Severity};

pub(super) fn run(command: &Check) -> Result<u8, StartError> {
    let rules = selection::select(&command.selection)?;
    let Read { configs, passed_over, unreadable } = input::read(&command.configs, &command.reading)?;
    if configs.is_empty() {
        return Err(unreadable.into_iter().next().unwrap_or(StartError::NoConfig));
    }
    let worlds = ask(&configs, &rules, &command.asking)?;
    if let Some(folder) = &command.asking.record {
        record(&configs, &worlds, folder)?;
    }
    let report = judge_all(configs, worlds, &rules, options(&command.selection));
    let view = input::view(&command.showing);
    show(&report, command.showing.format, &view)?;
    if passed_over > 0 && !command.showing.quiet {
        let files = if passed_over == 1 { "1 file" } else { &format!("{passed_over} files") };
        print(Stream::Progress, &format!("passed over {files} in which nothing configures a Pomerium\n"), &report)?;
    }
    for error in &unreadable {
        print(Stream::Progress, &format!("pomlint: {error}\n"), &report)?;
    }
    Ok(if unreadable.is_empty() { report.summary.exit } else { CANNOT_START })
}

/// Gathers what is known about the provider of each configuration; each question is put once, however many need it.
pub(super) fn ask(configs: &[Config], rules: &[&'static Rule], asking: &Asking) -> Result<Vec<World>, StartError> {
    let options = GatherOptions {
        offline: asking.offline,
        probe_secret: asking.probe_secret,
        probe_sign_out: asking.probe_sign_out,
    };
    if let Some(folder) = &asking.replay {
        let replay = Replay::open(folder).map_err(|error| StartError::recording(folder, &error))?;
        return gather_all(configs, rules, options, &replay);
    }
    let network = Network::new(network_options(asking)?).map_err(|error| StartError::Option(error.to_string()))?;
    gather_all(configs, rules, options, &Shared::new(&network))
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

pub(super) fn network_options(asking: &Asking) -> Result<NetworkOptions, StartError> {
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
        ..NetworkOptions::default()
    })
}

/// One folder for one configuration; for several, a folder each, numbered in their order.
fn record(configs: &[Config], worlds: &[World], folder: &Path) -> Result<(), StartError> {
    let folders: Vec<PathBuf> = match worlds.len() {
        1 => vec![folder.to_path_buf()],
        count => (1..=count).map(|number| folder.join(number.to_string())).collect(),
    };
    for ((config, world), folder) in configs.iter().zip(worlds).zip(folders) {
        Recorder::write(world, Path::new(&config.path), &folder)
            .map_err(|error| StartError::recording(&folder, &error))?;
    }
    Ok(())
}

pub(super) fn judge_all(configs: Vec<Config>, worlds: Vec<World>, rules: &[&'static Rule], options: Options) -> Report {
    let cases = configs.into_iter().zip(worlds).map(|(config, world)| {
        let judged = judge(&config, &world, rules);
        (config, world, judged)
    });
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

pub(super) fn show(report: &Report, format: Format, view: &View) -> Result<(), StartError> {
    let name = match format {
        Format::Human => "human",
        Format::Json => "json",
    };
    let text = report::format(name).map(|format| (format.render)(report, view)).unwrap_or_default();
    print(Stream::Report, &text, report)
}
