//! Deployments that are judged one by one, each told as soon as it is judged: what `--format jsonl` does where none needs another.

use std::path::PathBuf;
use std::pin::pin;

use futures_util::{StreamExt as _, stream};

use super::defaults::Found;
use super::fleet;
use super::input::{Next, Series};
use super::judging::{
    AT_ONCE, budget, gather_one, gather_options, judge_all, network_options, plan_of, reaching, runtime,
};
use super::progress::{Progress, say_the_rest};
use super::selection::options;
use super::shared::Shared;
use super::{CANNOT_START, StartError, cures, write};
use crate::cli::{Check, Filing};
use crate::engine::Decisions;
use crate::evidence::{Network, World, gather_offline};
use crate::report::{Elsewhere, LeftOut, Stream, Streamed, feed};
use crate::rules::Rule;

/// How each deployment is judged, whatever the others are.
pub(super) struct Streaming<'a> {
    pub(super) command: &'a Check,
    pub(super) rules: &'a [&'static Rule],
    pub(super) decisions: &'a Decisions,
    pub(super) found: Option<&'a Found>,
    pub(super) left_out: Option<&'a LeftOut>,
}

impl Streaming<'_> {
    /// Whether what is said of one deployment depends on no other, and nothing but the lines is wanted.
    pub(super) fn fits(&self) -> bool {
        let Check { configs, cluster: _, fleet: _, reading, selection: _, asking, infra, showing, filing, settings: _ } =
            self.command;
        let Filing { output, baseline, write_baseline } = filing;
        let is_told_alone = showing.format.name == "jsonl" && output.is_empty();
        let is_compared = baseline.is_some() || write_baseline.is_some() || !self.decisions.accepted.ignores.is_empty();
        let is_heard = !infra.infra.is_empty() || asking.replay.is_some() || asking.record.is_some();
        let is_shared = reading.objects.is_some() || !reading.given.is_empty();
        // What comes through a pipe can be read once.
        let is_other = |path: &PathBuf| path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir());
        let is_pipe = |path: &PathBuf| path.as_os_str() == "-" || is_other(path);
        let is_again = !configs.is_empty() && !configs.iter().any(is_pipe);
        is_told_alone && is_again && !is_compared && !is_heard && !is_shared
    }

    /// Judges them all, in their order. `wrong` is what is to be told at the end.
    ///
    /// # Errors
    /// If there is nothing to judge, or nothing can be written.
    pub(super) fn run(&self, mut series: Series<'_>, mut wrong: Vec<StartError>) -> Result<u8, StartError> {
        let shard = self.command.fleet.shard;
        let mut elsewhere = shard.map(|shard| Elsewhere { shard: shard.to_string(), count: 0 });
        let is_here = |next: &Next| {
            let is_here = shard.is_none_or(|shard| fleet::holds(shard, &next.config.path));
            elsewhere.iter_mut().filter(|_| !is_here).for_each(|elsewhere| elsewhere.count += 1);
            is_here
        };
        let mut here = series.by_ref().filter(is_here).peekable();
        let first = here.next();
        // What is judged elsewhere stands in the same folder.
        let is_only = shard.is_none() && here.peek().is_none();
        let mut told = Telling { streaming: self, is_only, streamed: Streamed::default() };
        let is_whole = self.each(first.into_iter().chain(here), &mut told)?;
        if !is_whole {
            // Whoever read it has seen enough; but not all was judged.
            return Ok(CANNOT_START);
        }
        let rest = series.rest();
        let empty = self.command.fleet.files_from.as_deref().map(fleet::empty);
        wrong.splice(0..0, rest.unreadable);
        if rest.count == 0 {
            return Err(wrong.into_iter().next().or(empty).unwrap_or(StartError::NoConfig));
        }
        let (last, exit) = told.streamed.end(elsewhere.as_ref(), !wrong.is_empty());
        write(Stream::Report, &last)?;
        say_the_rest(self.command, rest.passed_over, &wrong)?;
        Ok(exit)
    }

    /// Asks about each, some of them side by side. Says whether all of them were told.
    fn each(&self, all: impl Iterator<Item = Next>, told: &mut Telling<'_>) -> Result<bool, StartError> {
        let asking = &self.command.asking;
        if asking.offline {
            reaching(&asking.reach)?;
            let plan = plan_of(self.rules);
            for next in all {
                let world = gather_offline(&next.config, &plan, &asking.pool);
                if !told.tell(next, world)? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        let network =
            Network::new(network_options(asking, &[], 0)?).map_err(|error| StartError::Option(error.to_string()))?;
        let progress = Progress::watch(&network);
        let shared = Shared::new(&progress);
        let (plan, options) = (plan_of(self.rules), gather_options(asking));
        let runtime = runtime()?;
        let is_whole = runtime.block_on(async {
            let asked = stream::iter(all).map(async |next| {
                network.allow(budget(&next.config, asking.aws));
                let world = gather_one(&next.config, &plan, &options, &shared).await;
                (next, world)
            });
            let mut asked = pin!(asked.buffered(AT_ONCE));
            while let Some((next, world)) = asked.next().await {
                if !told.tell(next, world)? {
                    return Ok(false);
                }
            }
            Ok(true)
        });
        // A name server that does not answer must not keep the program from ending.
        runtime.shutdown_background();
        is_whole
    }
}

/// What was told so far.
struct Telling<'a> {
    streaming: &'a Streaming<'a>,
    /// There is but one deployment.
    is_only: bool,
    streamed: Streamed,
}

impl Telling<'_> {
    /// Judges a deployment and writes its line. Says whether it is read.
    fn tell(&mut self, next: Next, world: World) -> Result<bool, StartError> {
        let Streaming { command, rules, decisions, found, left_out } = self.streaming;
        let Next { mut config, file } = next;
        if command.selection.no_ignores {
            config.ignores.clear();
        }
        let named = [config.path.clone().into()];
        let mut report = judge_all(vec![config], vec![world], rules, decisions, options(&command.selection));
        if let Some(found) = found {
            report.apply(found.applied(&command.selection.only));
        }
        if let Some(left_out) = left_out {
            report.leave_out((*left_out).clone());
        }
        let paths = if self.is_only { &command.configs[..] } else { &named };
        cures::offer(&mut report, paths, &file, (&command.reading, &command.settings));
        let line = self.streamed.add(&mut report);
        feed(&line).map_err(|error| StartError::unwritable("standard output".as_ref(), error))
    }
}
