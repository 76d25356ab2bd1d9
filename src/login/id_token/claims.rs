//! The claims of the protocol, read as Go reads them into go-oidc's `idToken` (`oidc.go`): `null` is nothing, a time may be a number or
//! a text of one, an audience a text or a list of texts.

use openidconnect::IssuerUrl;
use serde_json::{Map, Value};

use super::{Stop, another_issuer, malformed, wrong};

/// Those that are there, each of the type that it must have.
pub(super) struct OfProtocol(Map<String, Value>);

/// The first and the last second of what calendars have.
const YEARS: (i64, i64) = (-62_135_596_800, 253_402_300_799);

impl OfProtocol {
    /// Picks them out of all claims.
    pub(super) fn of(claims: &Map<String, Value>, issuer: &IssuerUrl) -> Result<Self, Stop> {
        let known = |name: &str| claims.get(name).filter(|value| !value.is_null());
        let mut own = Map::new();
        for name in ["iss", "sub", "nonce", "at_hash"] {
            match known(name) {
                Some(Value::String(text)) => drop(own.insert(name.to_owned(), text.as_str().into())),
                Some(_) => return Err(malformed(format!("`{name}` is not a text"))),
                None => {}
            }
        }
        for name in ["exp", "iat", "nbf"] {
            if let Some(value) = known(name) {
                let time = time(value).ok_or_else(|| malformed(format!("`{name}` is not a time")))?;
                own.insert(name.to_owned(), time.into());
            }
        }
        let audience = known("aud").cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        let is_text =
            |value: &Value| value.is_string() || value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
        if !is_text(&audience) {
            return Err(malformed("`aud` is neither a text nor a list of texts"));
        }
        own.insert("aud".to_owned(), audience);
        has_sources(claims)?;
        Self(own).with_what_must_be(issuer)
    }

    /// The library, as the standard, wants four of them; go-oidc compares what is not there as nothing, and that is never right.
    fn with_what_must_be(mut self, issuer: &IssuerUrl) -> Result<Self, Stop> {
        let text = |name: &str| self.0.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("iss") {
            "" => return Err(another_issuer("the token names none")),
            iss if url::Url::parse(iss).is_err() => {
                return Err(another_issuer(&format!("expected `{}` (found `{iss}`)", issuer.as_str())));
            }
            _ => {}
        }
        if text("sub").is_empty() {
            return Err(Stop::new("ID token", "subject: the token names none, so it is of nobody", &[]));
        }
        if !self.0.contains_key("exp") {
            let says = "expiry: the token names none, and Pomerium takes that for expired";
            return Err(Stop::new("ID token", says, &[]));
        }
        // Nothing is compared with it.
        self.0.entry("iat").or_insert_with(|| 0.into());
        Ok(self)
    }

    pub(super) fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// Whether it is good from this moment on at the latest.
    pub(super) fn is_valid_by(&self, moment: i64) -> Result<(), Stop> {
        match self.0.get("nbf").and_then(Value::as_i64) {
            Some(from) if from > moment => {
                let says = "not before: it becomes good only later, by more than the five minutes that Pomerium grants";
                Err(wrong(says, "token-not-valid-yet"))
            }
            _ => Ok(()),
        }
    }
}

/// Seconds since 1970, without what is less than one.
fn time(value: &Value) -> Option<i64> {
    let number = match value {
        Value::String(text) => serde_json::from_str::<serde_json::Number>(text).ok()?,
        Value::Number(number) => number.clone(),
        _ => return None,
    };
    #[allow(clippy::cast_possible_truncation, reason = "as Go does it; what is beyond all years is cut below")]
    let seconds = number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64))?;
    Some(seconds.clamp(YEARS.0, YEARS.1))
}

/// Claims may stand elsewhere (`OpenID` Connect Core 1.0, 5.6.2): then it must be said where.
fn has_sources(claims: &Map<String, Value>) -> Result<(), Stop> {
    let known = |name: &str| claims.get(name).filter(|value| !value.is_null());
    let sources = known("_claim_sources").and_then(Value::as_object);
    let has = |source: &Value| source.as_str().is_some_and(|name| sources.is_some_and(|all| all.contains_key(name)));
    match known("_claim_names") {
        None => Ok(()),
        Some(Value::Object(names)) if names.values().all(has) => Ok(()),
        Some(_) => Err(malformed("`_claim_names` names a source that is not there")),
    }
}
