//! How long a healthy check of a live pool takes beside the pool's latency, and what it asks.
//!
//! ```text
//! cargo bench -- online
//! ```
//!
//! The pool is the tests' stand-in, which takes its time over each answer. Connecting costs nothing on loopback, so what is
//! measured is the number of waves and what the program itself needs.

use std::process::Command;
use std::time::Duration;

use crate::measure::{configuration, median, milliseconds, once, runs};
use crate::support::pool::Pool;
use crate::support::server::{Behaviour, Server};

const RUNS: usize = 21;
const LATENCY: Duration = Duration::from_millis(100);

/// Measures, and prints what came of it.
pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("pomerium.yaml");
    std::fs::write(&file, configuration(10_000)).expect("a file to write");
    println!("online: {} per answer, medians of {RUNS} runs", milliseconds(LATENCY).trim());

    let mut offline = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    offline.args(["check", "--offline"]).arg(&file);
    let offline = median((0..runs(RUNS)).map(|_| once(&mut offline, 0)).collect());
    println!("  {:<34} {}", "--offline", milliseconds(offline));

    for (name, pool, flags, code) in [
        ("healthy", "", &[][..], 0),
        ("healthy, both probes", "", &["--probe-secret", "--probe-sign-out"], 0),
        ("no domain", "domain: none", &[], 1),
        ("callback not registered", "client: {callback_urls: []}", &[], 1),
    ] {
        let server = Server::start(Behaviour {
            pools: vec![Pool::from_yaml(pool).expect("a pool")],
            latency: LATENCY,
            ..Behaviour::default()
        });
        let mut check = Command::new(env!("CARGO_BIN_EXE_pomlint"));
        check.arg("check").arg(&file).args(flags).args(server.args());
        once(&mut check, code);
        let (requests, connections) = (server.requests(), server.connections());
        let times = (0..runs(RUNS)).map(|_| once(&mut check, code)).collect();
        let took = median(times);
        println!(
            "  {name:<34} {}  {:.2} × latency, {:.2} × without the start  {} requests, {} connections, at most {} to a host",
            milliseconds(took),
            took.as_secs_f64() / LATENCY.as_secs_f64(),
            took.saturating_sub(offline).as_secs_f64() / LATENCY.as_secs_f64(),
            requests.values().sum::<usize>(),
            connections.values().sum::<usize>(),
            connections.values().max().unwrap_or(&0),
        );
    }
    println!("  (wanted for healthy: at most 3.3 × latency and the start)");
}
