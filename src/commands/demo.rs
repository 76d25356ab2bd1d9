//! `pomlint demo`: a built-in configuration judged against a built-in recording.

use super::judging::{gather_all, judge_all, show, today};
use super::{StartError, input, write};
use crate::cli::Demo;
use crate::config::{NoFiles, RawFile, Request};
use crate::engine::Decisions;
use crate::evidence::{GatherOptions, Replay};
use crate::report::{Options, Stream, Verbosity};
use crate::rules::RULES;

/// The configuration: one of the tests'.
const CONFIG: &str = include_str!("../../fixtures/configs/demo.yaml");

/// One file of the recording.
macro_rules! recorded {
    ($name:literal) => {
        ($name, include_str!(concat!("../../fixtures/worlds/demo/", $name)))
    };
}

/// The recording: `fixtures/worlds/demo`.
const WORLD: &[(&str, &str)] = &[
    recorded!("world.json"),
    recorded!("discovery.json"),
    recorded!("issuer-variant.json"),
    recorded!("keys.json"),
    recorded!("authorize.json"),
    recorded!("authorize-control.json"),
    recorded!("callback-near-1.json"),
    recorded!("callback-near-2.json"),
    recorded!("callback-near-3.json"),
    recorded!("callback-near-4.json"),
];

/// What to type next.
const NEXT: &str = "
This was a built-in configuration, judged by recorded answers of Cognito. Next:
  pomlint check config.yaml              judge yours, live; no AWS credentials needed
  pomlint show config.yaml               what Pomerium will make of it
  pomlint explain callback-not-registered
";

pub(super) fn run(command: &Demo) -> Result<u8, StartError> {
    let file = RawFile { name: "demo.yaml".to_owned(), bytes: CONFIG.into() };
    let configs = Request::of_config(file, &NoFiles).load().configs;
    let replay = Replay::embedded(WORLD).map_err(|error| StartError::recording("demo".as_ref(), &error))?;
    let rules: Vec<_> = RULES.iter().collect();
    let worlds = gather_all(&configs, &rules, GatherOptions::default(), &replay)?;
    let report = judge_all(configs, worlds, &rules, &Decisions::on(today()), Options::default());
    let view = input::view(command.showing.amount);
    show(&report, &command.showing.format, &view)?;
    if command.showing.format.name == "human" && view.verbosity != Verbosity::Quiet {
        write(Stream::Report, NEXT)?;
    }
    Ok(report.summary.exit)
}
