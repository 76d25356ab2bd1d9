//! What is aimed at, and what it takes today: instructions where they can be counted, so that whoever measures gets the same.
//!
//! ```text
//! cargo bench -- goals
//! ```

use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use pomlint::diagnose::read;

use crate::diagnose::{hit, write_log};
use crate::measure::{instructions, peak, routes};

/// Deployments in the folder.
const DEPLOYMENTS: usize = 100;

/// Measures, and prints what came of it.
pub(crate) fn run() {
    println!("goals: today, and what is aimed at");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file to write");
        path
    };
    let large = file("10000.yaml", &routes(10_000));
    row("10,000 routes, instructions", instructions(&check(&large)), 1_200e6);
    row("10,000 routes, peak bytes", peak(&check(&large)), 50e6);
    row("50 routes, instructions", instructions(&check(&file("50.yaml", &routes(50)))), 8e6);
    let whole = instructions(&check(&file("whole.yaml", &routes(1_000))));
    let broken = instructions(&check(&file("broken.yaml", &(routes(1_000) + "  - from: [x\n"))));
    row("a broken file, times the whole one", broken.zip(whole).map(|(broken, whole)| broken / whole), 1.2);
    row("each of a folder, instructions", each(folder.path()), 1e6);
    let sentence = &mut Command::new(env!("CARGO_BIN_EXE_pomlint"));
    row(
        "diagnose a sentence, instructions",
        instructions(sentence.args(["diagnose", "--offline", "it is blank"])),
        20e6,
    );
    let log = folder.path().join("pomerium.log");
    let bytes = write_log(&log, hit, 64 << 20);
    let start = Instant::now();
    read(&mut File::open(&log).expect("a log"), 0, &mut |_| {}).expect("a diagnosis");
    row("diagnose, a hit on each line, bytes a second", Some(bytes as f64 / start.elapsed().as_secs_f64()), 200e6);
}

fn check(path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    command.args(["check", "--offline"]).arg(path);
    command
}

/// What a further deployment in a folder takes.
fn each(above: &Path) -> Option<f64> {
    let folder = above.join("deployments");
    std::fs::create_dir(&folder).expect("a folder");
    let text = routes(1);
    let mut counts = [1, DEPLOYMENTS].map(|count| {
        for number in 0..count {
            let own = text.replace("app-0", &format!("app-{number}"));
            std::fs::write(folder.join(format!("{number}.yaml")), own).expect("a file to write");
        }
        instructions(&check(&folder))
    });
    let [one, many] = &mut counts;
    Some((many.take()? - one.take()?) / (DEPLOYMENTS - 1) as f64)
}

fn row(name: &str, today: Option<f64>, goal: f64) {
    let told = |number: f64| match number {
        large if large >= 1e9 => format!("{:.2} G", large / 1e9),
        large if large >= 1e6 => format!("{:.1} M", large / 1e6),
        small => format!("{small:.2}"),
    };
    let today = today.map_or_else(|| "NOT CHECKED".to_owned(), told);
    println!("  {name:<46} {today:>12}   goal {}", told(goal));
}
