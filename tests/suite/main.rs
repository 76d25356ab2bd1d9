//! The integration tests: one binary, because each further one is linked anew, and a failure in one binary hides those after it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_collect,
    reason = "a test says what went wrong by failing"
)]

mod bounds;
mod cli;
mod compose;
mod diagnose;
mod filing;
mod formats;
mod guide;
mod ignores;
mod loader;
mod manifests;
mod network;
mod oracle;
mod packaging;
mod pages;
mod properties;
mod recordings;
mod secrets;
mod server;
mod standin;
mod support;
mod transport;
mod unread;
mod worlds;
