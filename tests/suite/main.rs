//! The integration tests: one binary, because each further one is linked anew, and a failure in one binary hides those after it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::type_complexity,
    clippy::redundant_closure_for_method_calls,
    reason = "a test says what went wrong by failing"
)]

mod aws;
mod bounds;
mod canaries;
mod cleared;
mod cli;
mod cluster;
mod compose;
mod cures;
mod deployed;
mod diagnose;
mod elsewhere;
mod envoy;
mod filing;
mod fixing;
mod fleet;
mod formats;
mod greens;
mod guide;
mod house;
mod html;
mod ignores;
mod infra;
mod kinds;
mod layers;
mod loader;
#[cfg(unix)]
mod login;
mod lsp;
mod manifests;
mod mutations;
mod network;
mod oracle;
mod owners;
mod packaging;
mod pages;
mod pasted;
mod pastes;
mod proofs;
mod properties;
mod recordings;
mod references;
mod refused;
mod sayings;
mod schema;
mod screens;
mod secrets;
mod sentences;
mod server;
mod setup;
mod shared;
mod slips;
mod standin;
mod streams;
mod support;
mod together;
mod tokens;
mod transformed;
mod transport;
mod turned;
mod unread;
mod verdicts;
mod waves;
mod what_runs;
mod whose;
mod worlds;
