//! `pomlint` says whether a login through a Pomerium configuration and an Amazon Cognito user pool will work, and if not,
//! which setting, on which side, breaks it.
//!
//! Data flows one way: [`go`], [`spelling`], [`secret`], [`page`] ← [`config`] ← [`infra`] ← [`evidence`] ← [`rules`] ← [`engine`] ← [`report`] ←
//! [`commands`].

// In a browser nobody is asked (see `web/`), and much of what asks is left without a use.
#![cfg_attr(target_arch = "wasm32", allow(dead_code, unused_imports))]

pub mod cli;
#[cfg(not(target_arch = "wasm32"))]
pub mod commands;
pub mod config;
pub mod diagnose;
pub mod disk;
pub mod engine;
pub mod evidence;
pub mod fix;
pub mod go;
mod host;
pub mod infra;
#[cfg(not(target_arch = "wasm32"))]
pub mod login;
#[cfg(not(target_arch = "wasm32"))]
pub mod lsp;
pub mod offset;
pub mod page;
pub mod report;
pub mod rules;
pub mod secret;
pub mod settings;
pub mod setup;
pub mod shell;
pub mod spelling;

#[cfg(test)]
#[path = "../tests/suite/support/held.rs"]
mod held;

#[cfg(test)]
#[path = "../tests/suite/support/work.rs"]
mod work;
