//! How much longer than an empty process `pomlint check --offline` takes on a file of 10 KB.
//!
//! ```text
//! cargo bench -- start_up
//! ```
//!
//! Both are started in turn, so that what else the machine does falls on both alike; the medians are compared.

use std::process::Command;

use crate::measure::{configuration, median, milliseconds, once, runs};

/// So many runs of each.
const RUNS: usize = 200;

/// Measures, and prints what came of it.
pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("pomerium.yaml");
    let text = configuration(10_000);
    std::fs::write(&file, &text).expect("a file to write");

    let mut check = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    check.args(["check", "--offline"]).arg(&file);
    let mut version = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    version.arg("--version");
    let mut nothing = Command::new("true");

    let (mut checks, mut versions, mut nothings) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs(RUNS) {
        nothings.push(once(&mut nothing, 0));
        versions.push(once(&mut version, 0));
        checks.push(once(&mut check, 0));
    }
    let (checks, versions, nothings) = (median(checks), median(versions), median(nothings));
    println!("start_up: {} bytes, {RUNS} runs of each in turn, medians", text.len());
    println!("  empty process        {}", milliseconds(nothings));
    println!("  pomlint --version    {}", milliseconds(versions));
    println!("  check --offline      {}", milliseconds(checks));
    println!("  above an empty one   {}  (wanted: at most 3 ms)", milliseconds(checks.saturating_sub(nothings)));
    println!("  ratio                {:.2}", checks.as_secs_f64() / nothings.as_secs_f64());
}
