//! `identity_providers`: who may sign the bearer tokens of machines (`config/identity_provider.go`).

use std::collections::BTreeMap;

use super::super::decode::{Content, Decoded};
use super::{Check, Refusal, Validator};
use crate::config::text::Span;
use crate::go;
use crate::go::url::GoUrl;

/// `bearer_token_format: jwt`.
const JWT: i128 = 4;

impl Validator<'_> {
    pub(super) fn identity_providers(&self) -> Check {
        let entries = self.get("identity_providers").map(Decoded::entries).unwrap_or_default();
        let providers: BTreeMap<&str, (Span, &Decoded)> =
            entries.iter().map(|(name, span, provider)| (&**name, (*span, provider))).collect();
        let mut issuers: BTreeMap<&str, &str> = BTreeMap::new();
        for (name, (span, provider)) in &providers {
            let failed = |words: String| Refusal::new(format!("config: identity_providers{words}"), Some(*span));
            check_name(name).map_err(failed)?;
            check_provider(provider).map_err(|words| failed(format!("[{name}]: {words}")))?;
            let issuer = provider.get("issuer").and_then(Decoded::text).unwrap_or_default();
            if let Some(other) = issuers.insert(issuer, name) {
                let (issuer, other, name) = (go::quote(issuer), go::quote(other), go::quote(name));
                return Err(failed(format!(": issuer {issuer} used by both {other} and {name}")));
            }
        }
        let global = self.assembler.options.get(FORMAT);
        let routes = ["policy", "routes", "AdditionalPolicies"].iter().filter_map(|key| self.get(key));
        for route in routes.flat_map(Decoded::elements) {
            let format = route.get(FORMAT).filter(|format| number(format).is_some()).or(global);
            check_route(route, format.filter(|format| number(format) == Some(JWT)), &providers)?;
        }
        Ok(())
    }
}

/// `jwt` is the format that makes the route take tokens of these providers, where it is that.
fn check_route(route: &Decoded, jwt: Option<&Decoded>, providers: &BTreeMap<&str, (Span, &Decoded)>) -> Check {
    let setting = route.get("identity_providers");
    let names = setting.map(Decoded::elements).unwrap_or_default();
    let from = || go::quote(&name_of(route));
    let at = Some(setting.map_or(route.span, |setting| setting.span));
    let Some(jwt) = jwt else {
        if names.is_empty() {
            return Ok(());
        }
        let words = "identity_providers is only valid on routes with bearer_token_format=jwt";
        return Err(Refusal::new(format!("config: {words} (route {})", from()), at));
    };
    // The ingress controller checks routes apart from the settings (pomerium/pomerium#6777), where no key is in lower case.
    if providers.is_empty() && !route.lower_cased {
        return Ok(());
    }
    if providers.is_empty() {
        let words = "bearer_token_format=jwt requires at least one identity_providers entry";
        return Err(Refusal::new(format!("config: {words} (route {})", from()), Some(jwt.span)));
    }
    if let Some(name) = names.iter().filter_map(Decoded::text).find(|name| !providers.contains_key(name)) {
        let lower = name.to_lowercase();
        let hint = if providers.contains_key(lower.as_str()) {
            format!(" (provider names are lowercase: did you mean {}?)", go::quote(&lower))
        } else {
            String::new()
        };
        let words = format!("config: route {} references unknown identity provider {}{hint}", from(), go::quote(name));
        return Err(Refusal::new(words, at));
    }
    Ok(())
}

/// A route as Pomerium names it: where it comes from and where it goes.
fn name_of(route: &Decoded) -> String {
    let from = route.get("from").and_then(Decoded::text).unwrap_or_default();
    let to = match route.get("to").map(|to| &to.content) {
        Some(Content::Targets(targets)) => targets.iter().map(GoUrl::to_string).collect::<Vec<_>>().join(","),
        _ => "?".to_owned(),
    };
    format!("{from} → {to}")
}

const FORMAT: &str = "bearer_token_format";

fn number(value: &Decoded) -> Option<i128> {
    match value.content {
        Content::Integer(number) => Some(number),
        _ => None,
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        Err(": provider name must not be empty".to_owned())
    } else if name.contains('/') {
        Err(format!("[{name}]: provider name must not contain '/'"))
    } else if name != name.to_lowercase() {
        Err(format!("[{name}]: provider name must be lowercase"))
    } else {
        Ok(())
    }
}

fn check_provider(provider: &Decoded) -> Result<(), String> {
    const ALGORITHMS: [&str; 10] =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
    let text = |key: &str| provider.get(key).and_then(Decoded::text).unwrap_or_default();
    let (issuer, keys) = (text("issuer"), text("jwks_url"));
    if issuer.is_empty() {
        return Err("issuer is required".to_owned());
    }
    let quoted = go::quote(issuer);
    let url = go::url::parse(issuer).map_err(|words| format!("invalid issuer URL {quoted}: {words}"))?;
    if url.scheme == "kubernetes" {
        if !keys.is_empty() {
            let why = "the JWKS URL is the API server's own endpoint";
            return Err(format!("jwks_url must not be set with a kubernetes:// issuer ({why})"));
        }
    } else {
        if url.scheme.is_empty() || url.host.is_empty() {
            return Err(format!("issuer {quoted} must be an absolute URL (scheme://host)"));
        }
        if !is_safe(&url) {
            return Err(format!("issuer {quoted} must use https (http allowed only for loopback)"));
        }
        if !keys.is_empty() {
            let url = go::url::parse(keys).map_err(|words| format!("invalid jwks_url: {words}"))?;
            if url.host.is_empty() || !is_safe(&url) {
                return Err("jwks_url must be an https URL (http allowed only for loopback)".to_owned());
            }
        }
    }
    if provider.get("audiences").is_none_or(|audiences| audiences.elements().is_empty()) {
        return Err("at least one audience is required".to_owned());
    }
    let algorithms = provider.get("supported_algs").map(Decoded::elements).unwrap_or_default();
    match algorithms.iter().filter_map(Decoded::text).find(|name| !ALGORITHMS.contains(name)) {
        Some(name) => {
            let allowed = "RS/PS/ES 256/384/512, EdDSA";
            Err(format!("unsupported signing algorithm {} (allowed: {allowed})", go::quote(name)))
        }
        None => Ok(()),
    }
}

/// Keys fetched without TLS could be anyone's; only this machine is trusted without it.
fn is_safe(url: &GoUrl) -> bool {
    let host = url.hostname().to_ascii_lowercase();
    let is_loopback = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    url.scheme == "https" || url.scheme == "http" && is_loopback
}
