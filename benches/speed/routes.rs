//! Whether ten times the routes take ten times the time, and how that compares with a YAML linter, if one is installed.
//!
//! ```text
//! cargo bench -- routes
//! ```

use std::path::Path;
use std::process::{Command, Stdio};

use crate::measure::{median, milliseconds, of_size, once, routes, runs};

const RUNS: usize = 9;

/// Measures, and prints what came of it.
pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files: Vec<_> = [of_size(1_000), of_size(10_000)]
        .into_iter()
        .map(|count| {
            let file = folder.path().join(format!("{count}.yaml"));
            std::fs::write(&file, routes(count)).expect("a file to write");
            file
        })
        .collect();
    let pomlint = |file: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
        command.args(["check", "--offline"]).arg(file);
        command
    };
    let yamllint = |file: &Path| {
        let mut command = Command::new("yamllint");
        command.args(["-d", "relaxed"]).arg(file);
        command
    };
    println!("routes: 1,000 and 10,000, medians of {RUNS} runs");
    report("pomlint check --offline", &files, runs(RUNS), pomlint);
    let is_there =
        Command::new("yamllint").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if is_there {
        report("yamllint -d relaxed", &files, 1, yamllint);
    } else {
        println!("  yamllint is not on PATH: no comparison");
    }
}

fn report(name: &str, files: &[impl AsRef<Path>], runs: usize, command: impl Fn(&Path) -> Command) {
    let times: Vec<_> =
        files.iter().map(|file| median((0..runs).map(|_| once(&mut command(file.as_ref()), 0)).collect())).collect();
    if let [thousand, ten_thousand] = times[..] {
        println!(
            "  {name:<24} {}  {}  ratio {:.1}  (linear: at most 10)",
            milliseconds(thousand),
            milliseconds(ten_thousand),
            ten_thousand.as_secs_f64() / thousand.as_secs_f64()
        );
    }
}
