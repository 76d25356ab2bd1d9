//! The `show` object as types: the members in the order in which they are written. `schema.json` is made from them.

#[cfg(test)]
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::secret::Clean;

/// What Pomerium makes of a configuration, as pomlint show writes it. Fields may be added; none is removed or given another meaning.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(title = "pomlint show, version 1"))]
pub(in super::super) struct Document {
    /// `ok`, or the words with which Pomerium refuses the configuration.
    pub(super) load: Clean,
    #[serde(flatten)]
    pub(super) used: Option<Used>,
    /// Keys that Pomerium does not know, if it says so in its log.
    pub(super) unknown_keys: Vec<Clean>,
    /// Why Pomerium does not start with what it has read, in its own words.
    pub(super) start_errors: Vec<Clean>,
    /// The names of what `--given` gave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) given: Vec<Clean>,
}

/// What is used; not there if nothing could be read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Used {
    /// Where the provider sends the browser back to.
    pub(super) redirect_uri: Clean,
    /// Pomerium's own hosted authenticate service is used.
    pub(super) hosted: bool,
    pub(super) idp_provider: Clean,
    pub(super) idp_provider_url: Clean,
    pub(super) idp_client_id: Clean,
    /// The scopes that are asked for, in one text.
    pub(super) scope: Clean,
    /// What Pomerium adds to the address of the login page.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(super) authorize_parameters: Clean<Map<String, Value>>,
    /// Where the provider sends the browser after a sign-out.
    pub(super) sign_out: Option<Clean>,
    pub(super) routes: Vec<Route>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Route {
    pub(super) from: Option<Clean>,
    /// The policy that it compiles to, in Pomerium's Policy Language.
    pub(super) ppl: Clean<Value>,
}
