//! Hostile bytes for everything of pomlint that reads what others wrote. `fuzz/run` builds and runs it.
//!
//! Of each target it must hold that it does not panic, that it ends soon and in little memory (libFuzzer looks after that), and that no
//! secret that it was given comes out.

#![no_main]

mod judged;
mod seeds;
mod targets;

use std::path::PathBuf;
use std::process::exit;
use std::sync::OnceLock;

use libfuzzer_sys::{Corpus, fuzz_target};

use targets::{TARGETS, Target};

/// Which target is run, by the environment: libFuzzer has the command line for itself.
const CHOICE: &str = "POMLINT_FUZZ";

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

/// Finds the target, and puts its seeds into the folder that libFuzzer is about to read; without one, lists the targets.
fn choose() {
    let name = std::env::var(CHOICE).unwrap_or_default();
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        for target in &TARGETS {
            println!("{}", target.name);
        }
        exit(i32::from(!name.is_empty()));
    };
    CHOSEN.get_or_init(|| target);
    let folders = std::env::args_os().skip(1).map(PathBuf::from).filter(|argument| argument.is_dir());
    for folder in folders.take(1) {
        seeds::write(target, &folder);
    }
}

fuzz_target!(
    init: choose(),
    |bytes: &[u8]| -> Corpus {
        match CHOSEN.get() {
            Some(target) => {
                (target.run)(bytes);
                Corpus::Keep
            }
            None => Corpus::Reject,
        }
    }
);
