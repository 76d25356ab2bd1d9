//! What is aimed at, and what it takes today: instructions where they can be counted, so that whoever measures gets the same;
//! else ratios, round trips and connections.
//!
//! ```text
//! cargo bench -- goals
//! ```

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pomlint::diagnose::read;

use crate::diagnose::{hit, write_log};
use crate::measure::{configuration, instructions, median, of_size, once, peak, routes, runs};
use crate::relay::relay;
use crate::support::Pomlint;
use crate::support::pool::Pool;
use crate::support::server::{Behaviour, Server};

/// Measures, and prints what came of it.
pub(crate) fn run() {
    println!("goals: today, and what is aimed at");
    let folder = tempfile::tempdir().expect("a temporary folder");
    offline(folder.path());
    peers(folder.path());
    pasted(folder.path());
    one_pool(folder.path());
    many_pools(folder.path());
}

fn offline(folder: &Path) {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file to write");
        path
    };
    let large = file("large.yaml", &routes(of_size(10_000)));
    row("10,000 routes, instructions", instructions(&check(&large)), 1_200e6);
    row("10,000 routes, peak bytes", peak(&check(&large)), 50e6);
    row("50 routes, instructions", instructions(&check(&file("50.yaml", &routes(50)))), 8e6);
    let whole = instructions(&check(&file("whole.yaml", &routes(of_size(1_000)))));
    let broken = instructions(&check(&file("broken.yaml", &(routes(of_size(1_000)) + "  - from: [x\n"))));
    row("a broken file, times the whole one", broken.zip(whole).map(|(broken, whole)| broken / whole), 1.2);
    row("each of a folder, instructions", each(folder), 1e6);
}

/// Programs that read files of as many lines, where they are installed.
fn peers(folder: &Path) {
    let large = folder.join("large.yaml");
    let ours = median((0..runs(3)).map(|_| once(&mut check(&large), 0)).collect());
    let lines = std::fs::read_to_string(&large).map_or(0, |text| text.lines().count());
    let python = folder.join("large.py");
    std::fs::write(&python, "value = {\"key\": 1}\n".repeat(lines)).expect("a file to write");
    for (name, args, file, goal) in [
        ("yamllint", &["-d", "relaxed"][..], &large, 60.0),
        ("ruff", &["check", "--no-cache", "--select", "E,F"], &python, 1.0),
    ] {
        let is_there = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        let took = is_there.then(|| {
            let mut command = Command::new(name);
            command.args(args).arg(file);
            once(&mut command, 0).as_secs_f64() / ours.as_secs_f64()
        });
        row(&format!("as many lines, times faster than {name}"), took, goal);
    }
}

fn pasted(folder: &Path) {
    let sentence = &mut Command::new(env!("CARGO_BIN_EXE_pomlint"));
    row(
        "diagnose a sentence, instructions",
        instructions(sentence.args(["diagnose", "--offline", "it is blank"])),
        20e6,
    );
    let log = folder.join("pomerium.log");
    let bytes = write_log(&log, hit, (of_size(64) as u64) << 20);
    let start = Instant::now();
    read(&mut File::open(&log).expect("a log"), 0, &mut |_| {}).expect("a diagnosis");
    row("diagnose, a hit on each line, bytes a second", Some(bytes as f64 / start.elapsed().as_secs_f64()), 200e6);
}

/// A network in which a round trip takes a tenth of a second, connecting included.
fn one_pool(folder: &Path) {
    const ROUND_TRIP: Duration = Duration::from_millis(100);
    let file = folder.join("one.yaml");
    std::fs::write(&file, configuration(0)).expect("a file to write");
    let server = Server::start(Behaviour::default());
    let far = format!("::127.0.0.1:{}", relay(server.port(), ROUND_TRIP));
    let mut asking = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    asking.args(["check", "--connect-to", &far, "--ca", &server.authority()]).arg(&file);
    once(&mut asking, 0);
    let connections: usize = server.connections().values().sum();
    let took = median((0..runs(9)).map(|_| once(&mut asking, 0)).collect());
    let alone = median((0..runs(9)).map(|_| once(&mut check(&file), 0)).collect());
    let trips = took.saturating_sub(alone).as_secs_f64() / ROUND_TRIP.as_secs_f64();
    row("one pool, round trips", Some(trips), 6.0);
    row("one pool, connections", Some(connections as f64), 4.0);
}

/// In one region all pools are on one host, which gets two connections: two hundred answers are the floor of five seconds.
fn many_pools(folder: &Path) {
    const REGIONS: [&str; 4] = ["eu-west-1", "eu-west-2", "eu-central-1", "us-east-1"];
    let count = of_size(100);
    for (name, regions) in [("four regions", &REGIONS[..]), ("one region", &REGIONS[..1])] {
        let below = folder.join(name);
        std::fs::create_dir(&below).expect("a folder");
        let region = |number: usize| regions[number % regions.len()];
        let id = |number: usize| format!("{}_Pool{number:05}", region(number));
        let pool = |number| format!("{{pool_id: {}, region: {}, domain: acme-{number}}}", id(number), region(number));
        let pools = (0..count).map(|number| Pool::from_yaml(&pool(number)).expect("a pool")).collect();
        for number in 0..count {
            let text = configuration(0).replace("eu-west-1_9xK2mPq7R", &id(number));
            let text = text.replace("cognito-idp.eu-west-1", &format!("cognito-idp.{}", region(number)));
            std::fs::write(below.join(format!("{number}.yaml")), text).expect("a file to write");
        }
        let latency = Duration::from_millis(50);
        let server = Server::start(Behaviour { pools, latency, ..Behaviour::default() });
        let mut asking = Command::new(env!("CARGO_BIN_EXE_pomlint"));
        let took = once(asking.arg("check").arg(&below).args(server.args()), 0);
        row(&format!("{count} pools of {name}, seconds"), Some(took.as_secs_f64()), 2.0);
        row(&format!("{count} pools of {name}, open at once"), Some(server.most_open() as f64), 64.0);
        #[cfg(unix)]
        if regions.len() > 1 {
            let few = Pomlint::with_files(128, ["check", "--format", "json"]).args([&below]).args(server.args()).run();
            let report: serde_json::Value = serde_json::from_str(&few.stdout).expect("a report");
            row("with 128 files open, undecided", report["summary"]["undecided"].as_f64(), 0.0);
        }
    }
}

fn check(path: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    command.args(["check", "--offline"]).arg(path);
    command
}

/// What a further deployment in a folder takes.
fn each(above: &Path) -> Option<f64> {
    let deployments = of_size(100);
    let folder = above.join("deployments");
    std::fs::create_dir(&folder).expect("a folder");
    let text = routes(1);
    let mut counts = [1, deployments].map(|count| {
        for number in 0..count {
            let own = text.replace("app-0", &format!("app-{number}"));
            std::fs::write(folder.join(format!("{number}.yaml")), own).expect("a file to write");
        }
        instructions(&check(&folder))
    });
    let [one, many] = &mut counts;
    Some((many.take()? - one.take()?) / (deployments - 1) as f64)
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
