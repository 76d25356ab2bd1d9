//! What takes how long, and what is asked: all of it, or what is named.
//!
//! ```text
//! cargo bench
//! cargo bench -- start_up routes
//! cargo bench --profile dev -- quick      (whether all of it runs)
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a benchmark says what it measured, or stops"
)]

mod counts;
mod diagnose;
mod goals;
mod hostile;
mod infra;
mod measure;
mod online;
mod relay;
mod routes;
mod start_up;
#[path = "../../tests/suite/support/mod.rs"]
mod support;

/// A benchmark and its name.
type Bench = (&'static str, fn());

const ALL: [Bench; 8] = [
    ("counts", counts::run),
    ("goals", goals::run),
    ("start_up", start_up::run),
    ("routes", routes::run),
    ("online", online::run),
    ("diagnose", diagnose::run),
    ("hostile", hostile::run),
    ("infra", infra::run),
];

fn main() {
    // Cargo adds `--bench`; a number is how much `diagnose` is to read.
    let named: Vec<String> =
        std::env::args().skip(1).filter(|word| word.starts_with(char::is_alphabetic) && word != "quick").collect();
    if let Some(unknown) = named.iter().find(|name| !ALL.iter().any(|(known, _)| name == known)) {
        eprintln!("there is no benchmark {unknown}: {}", ALL.map(|(name, _)| name).join(", "));
        std::process::exit(2);
    }
    for (name, run) in ALL {
        if named.is_empty() || named.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}
