//! `pomlint login`: one real sign-in, in a terminal, by the person at the keyboard.

#[cfg(unix)]
mod before;
#[cfg_attr(not(unix), allow(dead_code, reason = "no sign-in is begun there"))]
mod brief;
#[cfg(unix)]
mod door;
#[cfg(unix)]
mod flow;
#[cfg(unix)]
mod terminal;

use std::io::IsTerminal as _;

use super::StartError;
use super::judging::runtime;
use super::show::{serves_logins, the_one};
use crate::cli::Login;
use crate::report;

/// Somebody gave up, or time was up, or what was asked cannot be known.
#[cfg(unix)]
const OPEN: u8 = 3;

pub(super) fn run(command: &Login) -> Result<u8, StartError> {
    refuse_where_nobody_is()?;
    leave_no_core();
    let (configs, index) = the_one(&command.configs, &command.which, &command.reading, serves_logins)?;
    let scrubber = report::scrubber(&configs);
    let Some(config) = configs.get(index) else { return Err(StartError::NoConfig) };
    let brief =
        brief::Brief::of(config, command).map_err(|why| StartError::Option(scrubber.scrub(&why).into_owned()))?;
    let network = brief.network(command)?;
    let runtime = runtime()?;
    let code = go(&brief, command, &network, &runtime, scrubber);
    runtime.shutdown_background();
    code
}

#[cfg(unix)]
use flow::go;

/// Reading without an echo, and waiting for one of two things, is done in the way of Unix.
#[cfg(not(unix))]
fn go(
    _: &brief::Brief<'_>,
    _: &Login,
    _: &crate::evidence::Network,
    _: &tokio::runtime::Runtime,
    _: crate::secret::Scrubber,
) -> Result<u8, StartError> {
    let why = "login needs a terminal that can keep what you paste to itself, which this build has for Unix alone; run it in WSL";
    Err(StartError::Option(why.to_owned()))
}

/// A sign-in is for a person: where its output is kept, or nobody can answer, none begins.
fn refuse_where_nobody_is() -> Result<(), StartError> {
    let why = if std::env::var_os("CI").is_some() {
        "login is a real sign-in by a person, and CI is set\n  try   pomlint check CONFIG"
    } else if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        "login is a real sign-in by a person: it reads from a terminal and writes to one, and neither may be a pipe or a file\n  try   pomlint check CONFIG"
    } else {
        return Ok(());
    };
    Err(StartError::Option(why.to_owned()))
}

/// If the program dies, its memory with the tokens in it is not written anywhere.
fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // That it cannot be had is no reason not to sign in.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    // A limit does not keep a core from a program that takes them over a pipe (core(5)).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
