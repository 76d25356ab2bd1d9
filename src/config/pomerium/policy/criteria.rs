//! The criteria Pomerium knows, and the data each accepts (`pkg/policy/criteria`).

use std::net::IpAddr;

use serde_json::Value as Json;

use crate::config::settings::{Criterion, Policy};
use crate::config::text::{Refusal, RefusalKind};
use crate::go;

/// What fails when the authorize service compiles the policies of one route. Pomerium stops at the first error, and compiles
/// what allows before what denies (`pkg/policy/generator`).
pub(crate) fn start_error(policies: &[Policy]) -> Option<Refusal> {
    let criteria_of = |action| policies.iter().filter(move |policy| policy.action == action).flat_map(|p| &p.criteria);
    criteria_of("allow").chain(criteria_of("deny")).find_map(|criterion| {
        let words = match check(criterion) {
            None => format!("unknown policy criterion: {}", criterion.name),
            Some(Err(words)) => format!("error generating criterion rules: {words}"),
            Some(Ok(())) => return None,
        };
        Some(Refusal { kind: RefusalKind::Policy, words, at: Some(criterion.at) })
    })
}

type Checked = Result<(), String>;

/// Whether the criterion accepts its data; `None` if there is no such criterion.
fn check(criterion: &Criterion) -> Option<Checked> {
    let data = &criterion.data;
    Some(match criterion.name.as_str() {
        "accept"
        | "authenticated_user"
        | "cors_preflight"
        | "invalid_client_certificate"
        | "reject"
        | "ssh_username_matches_email" => Ok(()),
        "claim" | "groups" => string_list(data),
        "domain" | "email" | "http_method" | "http_path" | "mcp_tool" | "ssh_username" | "user" => string(data),
        "client_certificate" => client_certificate(data),
        "device" => device(data),
        "source_ip" => strings(data).and_then(|texts| texts.into_iter().try_for_each(ip_or_range)),
        "ssh_ca" | "ssh_publickey" => strings(data).and_then(|texts| texts.into_iter().try_for_each(ssh_key)),
        "ssh_username_matches_claim" => expect_text(data).map(|_| ()),
        _ => return None,
    })
}

fn expect_text(data: &Json) -> Result<&str, String> {
    data.as_str().ok_or_else(|| format!("expected string value, got: {}", go_type(data)))
}

/// A text, or a mapping of the operators for texts.
fn string(data: &Json) -> Checked {
    let Json::Object(operators) = data else { return Ok(()) };
    operators.iter().try_for_each(|(operator, value)| match operator.as_str() {
        "contains" | "ends_with" | "not" | "is" | "starts_with" => Ok(()),
        "in" | "not_in" if value.is_array() => Ok(()),
        "in" | "not_in" => Err(format!("{operator} matcher requires an array of strings")),
        _ => Err(format!("unknown string matcher operator: {operator}")),
    })
}

/// A text, or a mapping of the operators for lists.
fn string_list(data: &Json) -> Checked {
    let Json::Object(operators) = data else { return Ok(()) };
    match operators.keys().find(|operator| !["has", "is", "exclude"].contains(&operator.as_str())) {
        None => Ok(()),
        Some(operator) => Err(format!("unknown string list matcher operator: {operator}")),
    }
}

/// One text or a list of texts.
fn strings(data: &Json) -> Result<Vec<&str>, String> {
    match data {
        Json::String(text) => Ok(vec![text]),
        Json::Array(elements) => elements.iter().map(expect_text).collect(),
        _ => Err(format!("expected string or array of strings, got: {}", go_type(data))),
    }
}

fn client_certificate(data: &Json) -> Checked {
    let Json::Object(conditions) = data else {
        return Err(format!("expected object for certificate matcher, got: {}", go_type(data)));
    };
    conditions.iter().try_for_each(|(condition, value)| match condition.as_str() {
        "fingerprint" => hashes(value, "fingerprint", fingerprint),
        "spki_hash" => hashes(value, "SPKI hash", spki_hash),
        "san_email" | "san_dns" | "san_uri" => string(value),
        _ => Err(format!("unsupported certificate matcher condition: {condition}")),
    })
}

fn hashes(data: &Json, kind: &str, check: fn(&str) -> Checked) -> Checked {
    let elements = match data {
        Json::Array(elements) => elements.as_slice(),
        Json::String(_) => std::slice::from_ref(data),
        _ => return Err(format!("certificate {kind} condition expects a string or array of strings")),
    };
    elements.iter().try_for_each(|element| match element.as_str() {
        None => Err(format!("certificate {kind} must be a string (was {element})")),
        Some("") => Err(format!("certificate {kind} must not be empty")),
        Some(text) => check(text),
    })
}

fn fingerprint(text: &str) -> Checked {
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let upper_hex = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    let short = text.len() == 64 && text.bytes().all(lower_hex);
    let pairs: Vec<&str> = text.split(':').collect();
    let long = pairs.len() == 32 && pairs.iter().all(|pair| pair.len() == 2 && pair.bytes().all(upper_hex));
    if short || long { Ok(()) } else { Err(format!("unsupported certificate fingerprint format ({text})")) }
}

fn spki_hash(text: &str) -> Checked {
    match go::base64::decode(text) {
        Ok(bytes) if bytes.len() == 32 => Ok(()),
        _ => Err(format!("certificate SPKI hash must be a base64-encoded SHA-256 hash (was {text})")),
    }
}

fn device(data: &Json) -> Checked {
    let Json::Object(fields) = data else {
        return Err(format!("expected object for device criterion, got: {}", go_type(data)));
    };
    if let Some(field) = fields.keys().find(|field| !["approved", "is", "type"].contains(&field.as_str())) {
        return Err(format!("unexpected field in device criterion: {field}"));
    }
    ["is", "type"].into_iter().try_for_each(|field| match fields.get(field) {
        Some(value) if !value.is_string() => {
            Err(format!("expected string for device criterion {field} operator, got {}", go_type(value)))
        }
        _ => Ok(()),
    })
}

fn ip_or_range(text: &str) -> Checked {
    let is_range = text.split_once('/').is_some_and(|(address, bits)| {
        let most = match address.parse() {
            Ok(IpAddr::V4(_)) => 32,
            Ok(IpAddr::V6(_)) => 128,
            Err(_) => return false,
        };
        bits.bytes().all(|byte| byte.is_ascii_digit()) && bits.parse::<u32>().is_ok_and(|bits| bits <= most)
    });
    if is_range || text.parse::<IpAddr>().is_ok() {
        Ok(())
    } else {
        Err(format!("expected IP or CIDR range, got: {}", go::quote(text)))
    }
}

/// A line of an `authorized_keys` file. Whether the key itself is sound is not looked at.
fn ssh_key(text: &str) -> Checked {
    let is_key = |word: &str| {
        let bytes = go::base64::decode(word).unwrap_or_default();
        let name = bytes.get(4..).unwrap_or_default();
        [&b"ssh-"[..], b"ecdsa-", b"sk-"].iter().any(|kind| name.starts_with(kind))
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    if lines.flat_map(|line| line.split([' ', '\t']).skip(1)).any(is_key) {
        Ok(())
    } else {
        Err("ssh: no key found".to_owned())
    }
}

/// The type of a value as Pomerium's messages name it.
fn go_type(data: &Json) -> &'static str {
    match data {
        Json::Null => "parser.Null",
        Json::Bool(_) => "parser.Boolean",
        Json::Number(_) => "parser.Number",
        Json::String(_) => "parser.String",
        Json::Array(_) => "parser.Array",
        Json::Object(_) => "parser.Object",
    }
}
