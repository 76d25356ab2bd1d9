//! What was asked, and what came back.

#[cfg(test)]
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

#[cfg(test)]
use crate::report::schema;

/// How far a request got that was not answered.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(in crate::report::json) enum Reached {
    NoSuchHost,
    Lookup,
    Policy,
    Connect,
    Tls,
    Certificate,
    Timeout,
    Read,
    Budget,
    NotRecorded,
}

/// A question put to the provider, and the telling parts of what came back.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(extend("allOf" = schema::of_an_exchange())))]
pub(in crate::report::json) struct Exchange<'a> {
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub(in crate::report::json) id: &'a str,
    pub(in crate::report::json) request: Request<'a>,
    #[cfg_attr(test, schemars(range(min = 100, max = 999)))]
    pub(in crate::report::json) status: Option<u16>,
    pub(in crate::report::json) failure: Option<Failure>,
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(in crate::report::json) shown: Texts,
    pub(in crate::report::json) ms: u64,
    pub(in crate::report::json) attempts: u8,
}

/// Texts by name, in an order of their own.
pub(in crate::report::json) type Texts = Map<String, Value>;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Request<'a> {
    #[cfg_attr(test, schemars(extend("enum" = ["GET", "POST", "HEAD"])))]
    pub(in crate::report::json) method: &'a str,
    pub(in crate::report::json) url: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub(in crate::report::json) form: Texts,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::report::json) struct Failure {
    pub(in crate::report::json) step: Reached,
    pub(in crate::report::json) cause: String,
}
