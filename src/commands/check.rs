//! `pomlint check`: read, ask, judge, report.

use std::path::{Path, PathBuf};

use super::defaults::{self, Found};
use super::filing::Filing;
use super::infra::{self, Heard, Infra};
use super::input::{self, Read, Series};
use super::judging::{Known, ask, folders, judge_all, show};
use super::progress::say_the_rest;
use super::streaming::Streaming;
use super::{CANNOT_START, StartError, cluster, cures, fleet, running, selection, write};
use crate::cli::Check;
use crate::config::Config;
use crate::evidence::{self, World};
use crate::report::{self, Stream, View};

/// `is_given` knows which arguments were typed.
pub(super) fn run(mut command: Check, is_given: &dyn Fn(&str) -> bool) -> Result<u8, StartError> {
    // Before the list is read: it may be standard input.
    let named = command.configs.iter().chain(&command.infra.infra).chain(&command.filing.baseline);
    let named = named.chain(&command.reading.env_file).chain(&command.fleet.files_from);
    input::stdin_once(named.map(PathBuf::as_path))?;
    let (listed, mut unlisted) =
        command.fleet.files_from.as_deref().map(fleet::listed).transpose()?.unwrap_or_default();
    command.configs.extend(listed);
    let mut urls = running::urls(&mut command.configs, &command.asking.deployed)?;
    let has_environment = command.reading.env || !command.reading.env_file.is_empty();
    let is_unnamed =
        command.configs.is_empty() && !has_environment && urls.is_empty() && command.fleet.files_from.is_none();
    if command.cluster.namespace.is_some() || command.cluster.context.is_some() || is_unnamed && cluster::is_plugin() {
        command.reading.objects = Some(cluster::read(&command.cluster)?);
    } else if is_unnamed {
        command.configs.push(PathBuf::from("."));
    }
    let found = defaults::find(&command.settings)?;
    if let Some(found) = &found {
        found.apply(&mut command, is_given);
        if let Some(note) = found.unheeded_pool(&command.asking.pool) {
            write(Stream::Progress, &note)?;
        }
        // What a pull request brings may name an address only where the pool is fixed.
        found.complete(&mut command.reading, !command.asking.pool.is_empty())?;
    }
    running::may_be_asked(&urls, command.asking.offline)?;
    let off = found.as_ref().map(|found| found.off(&command.selection.only)).unwrap_or_default();
    let rules = selection::select(
        &command.selection,
        found.as_ref().map(|found| found.name.as_str()),
        &off,
        !command.asking.pool.is_empty(),
    )?;
    let decisions = defaults::decisions(found.as_ref(), command.selection.no_ignores);
    let left_out = selection::left_out(&command.selection, &rules, &off);
    let streaming = Streaming {
        command: &command,
        rules: &rules,
        decisions: &decisions,
        found: found.as_ref(),
        left_out: left_out.as_ref(),
    };
    if urls.is_empty()
        && streaming.fits()
        && let Some(series) = Series::of(&command.configs, &command.reading)?
    {
        return streaming.run(series, unlisted);
    }
    let is_read = !command.configs.is_empty() || has_environment || command.reading.objects.is_some();
    let read = is_read.then(|| input::read(&command.configs, &command.reading)).transpose()?;
    let Read { mut configs, passed_over, mut unreadable, files } = read.unwrap_or_default();
    unreadable.append(&mut unlisted);
    if configs.is_empty() && urls.is_empty() {
        let empty = command.fleet.files_from.as_deref().map(fleet::empty);
        return Err(unreadable.into_iter().next().or(empty).unwrap_or(StartError::NoConfig));
    }
    let elsewhere = command.fleet.shard.map(|shard| fleet::keep(shard, &mut configs, &mut urls));
    let shown = command.showing.format;
    let filing = Filing::open(&command.filing, &shown, &inputs(&command, &configs, found.as_ref()))?;
    if command.selection.no_ignores {
        for config in &mut configs {
            config.ignores.clear();
        }
    }
    let code = Infra::open(&command.infra)?;
    running::say_alone(&urls, &configs, is_read)?;
    let Known { worlds, running } = ask(&configs, &urls, &rules, &command.asking, &command.reading.given)?;
    running::contradicted(&command.reading.given, &running)?;
    infra::say_unheard(&command.infra, is_read)?;
    let Heard { mut worlds, refused } = code.witness(&mut configs, worlds)?;
    unreadable.extend(refused);
    for (config, world) in running {
        configs.push(config);
        worlds.push(world);
    }
    if !command.showing.amount.quiet {
        infra::notes(&worlds)?;
    }
    if let Some(folder) = &command.asking.record {
        unreadable.extend(record(&configs, &worlds, folder).err());
    }
    let mut report = judge_all(configs, worlds, &rules, &decisions, selection::options(&command.selection));
    if let Some(found) = found {
        report.apply(found.applied(&command.selection.only));
    }
    if let Some(left_out) = left_out {
        report.leave_out(left_out);
    }
    report.elsewhere = elsewhere;
    filing.accept(&mut report);
    cures::offer(&mut report, &command.configs, &files, (&command.reading, &command.settings));
    if !unreadable.is_empty() {
        report.mark_incomplete();
    }
    // Each by itself: what cannot be written keeps nothing else from being so.
    let view = View { step_summary: filing.has_step_summary(), ..input::view(command.showing.amount) };
    let mut wrong = unreadable;
    wrong.extend(show(&report, &shown, &view).err());
    wrong.extend(filing.write(&report, view));
    say_the_rest(&command, passed_over, &wrong)?;
    let code = if wrong.is_empty() { report.summary.exit } else { CANNOT_START };
    // The program ends here, and the system takes back its memory at once; to do so piece by piece takes a tenth of a run.
    std::mem::forget(report);
    Ok(code)
}

/// The files that are read, and the folders of recordings: no report may be written over them.
fn inputs(command: &Check, configs: &[Config], found: Option<&Found>) -> Vec<PathBuf> {
    // Of a folder, what is a configuration; the rest may be the reports of the last run.
    let mut inputs: Vec<PathBuf> = command.configs.iter().filter(|path| !path.is_dir()).cloned().collect();
    inputs
        .extend(configs.iter().flat_map(|config| config.sources.iter().map(|(_, source)| source.name.clone().into())));
    inputs
        .extend(command.reading.env_file.iter().chain(&command.infra.infra).chain(&command.fleet.files_from).cloned());
    inputs.extend(command.asking.reach.ca.iter().chain(&command.asking.replay).chain(&command.asking.record).cloned());
    inputs.extend(found.map(|found| PathBuf::from(&found.name)));
    inputs
}

fn record(configs: &[Config], worlds: &[World], folder: &Path) -> Result<(), StartError> {
    let secrets = report::scrubber(configs);
    for ((config, world), folder) in configs.iter().zip(worlds).zip(folders(folder, worlds.len())) {
        evidence::record(world, Path::new(&config.path), &folder, &secrets)
            .map_err(|error| StartError::recording(&folder, &error))?;
    }
    Ok(())
}
