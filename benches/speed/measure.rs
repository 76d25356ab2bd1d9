//! What the benchmarks share.

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// `cargo bench -- quick`: whether all of it still runs, and nothing about how fast.
pub(crate) fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "quick")
}

/// So many runs, or a single one to see that it runs.
pub(crate) fn runs(count: usize) -> usize {
    if is_quick() { 1 } else { count }
}

/// So large, or small enough to see that it runs.
pub(crate) fn of_size(size: usize) -> usize {
    if is_quick() { size.div_ceil(50) } else { size }
}

/// The base configuration of the tests, without its route.
fn base() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/configs/healthy.yaml");
    let text = std::fs::read_to_string(path).expect("the base configuration");
    text.split("routes:").next().unwrap_or_default().to_owned()
}

fn route(text: &mut String, number: usize) {
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "  - from: https://app-{number}.corp.example.com\n    to: http://app-{number}.internal:8080\n    policy:\n      \
         - allow:\n          or:\n            - domain:\n                is: corp.example.com\n"
    );
}

/// A healthy configuration of at least so many bytes.
pub(crate) fn configuration(bytes: usize) -> String {
    let mut text = base() + "routes:\n";
    let mut number = 0;
    while text.len() < bytes {
        route(&mut text, number);
        number += 1;
    }
    text
}

/// A healthy configuration with so many routes.
pub(crate) fn routes(count: usize) -> String {
    let mut text = base() + "routes:\n";
    (0..count).for_each(|number| route(&mut text, number));
    text
}

/// How many instructions a run takes, whatever it finds; `None` without valgrind. They do not depend on what else the machine does.
pub(crate) fn instructions(run: &Command) -> Option<f64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(run.get_program()).args(run.get_args());
    let output = command.stdin(Stdio::null()).output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

/// The most memory that a run takes, in bytes; `None` without GNU time.
pub(crate) fn peak(run: &Command) -> Option<f64> {
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", "peak %M"]).arg(run.get_program()).args(run.get_args());
    let output = command.stdin(Stdio::null()).output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let kibibytes: f64 = told.lines().find_map(|line| line.strip_prefix("peak ")?.trim().parse().ok())?;
    Some(kibibytes * 1024.0)
}

/// How long a process takes that ends with this exit code.
pub(crate) fn once(command: &mut Command, code: i32) -> Duration {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("a process to start");
    let took = start.elapsed();
    assert_eq!(status.code(), Some(code), "{command:?}");
    took
}

/// The one in the middle.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// For people.
pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:8.3} ms", time.as_secs_f64() * 1000.0)
}
