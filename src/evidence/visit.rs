//! A visit of a running Pomerium: what it is asked, what its answers say, and what its identity provider says of them.

mod ask;
mod learn;
mod read;

pub use learn::visit;
use url::Url;

use super::World;
use crate::config::{Config, GivenValue};

/// The URL of a running Pomerium, and what is known of it.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The URL, as the user named it.
    pub url: &'a Url,
    /// The configuration that it is compared with, and what is known of its provider.
    pub beside: Option<(&'a Config, &'a World)>,
    /// What was given.
    pub given: &'a [GivenValue],
    /// `--probe-sign-out`.
    pub probe_sign_out: bool,
}

/// Why Cognito is not judged.
const HOSTED: &str = "Pomerium's hosted service runs the login";
