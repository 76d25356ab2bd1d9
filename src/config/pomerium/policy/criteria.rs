//! The criteria Pomerium knows, and the data each accepts (`pkg/policy/criteria`).

use std::net::IpAddr;

use serde_json::{Map, Value as Json};

use crate::config::releases::PomeriumVersion;
use crate::config::releases::criteria::{self, PLAIN_VALUES};
use crate::config::settings::{Criterion, Policy};
use crate::config::text::{Refusal, RefusalKind};
use crate::go;

/// What fails when the authorize service of a release compiles the policies of one route. Pomerium stops at the first error, and
/// compiles what allows before what denies (`pkg/policy/generator`).
pub(crate) fn start_error(policies: &[Policy], version: PomeriumVersion) -> Option<Refusal> {
    let criteria_of = |action| policies.iter().filter(move |policy| policy.action == action).flat_map(|p| &p.criteria);
    let compiler = Compiler { version };
    criteria_of("allow").chain(criteria_of("deny")).find_map(|criterion| {
        let words = match compiler.check(criterion) {
            None => format!("unknown policy criterion: {}", criterion.name),
            Some(Err(words)) => format!("error generating criterion rules: {words}"),
            Some(Ok(())) => return None,
        };
        Some(Refusal { kind: RefusalKind::Policy, words, at: Some(criterion.at) })
    })
}

type Checked = Result<(), String>;

/// What a release compiles.
struct Compiler {
    version: PomeriumVersion,
}

impl Compiler {
    /// Whether the criterion accepts its data; `None` if there is no such criterion.
    fn check(&self, criterion: &Criterion) -> Option<Checked> {
        let data = &criterion.data;
        let known = criteria::criteria(self.version).find(|known| known.name == criterion.name)?;
        Some(match known.name {
            // Before it has operators, it takes whatever it is to be equal to.
            "claim" if self.version < PLAIN_VALUES => Ok(()),
            "claim" | "groups" => self.string_list(data),
            "domain" | "email" | "http_method" | "http_path" | "mcp_tool" | "ssh_username" | "user" => {
                self.string(data)
            }
            "client_certificate" => self.client_certificate(data),
            "device" => device(data),
            "source_ip" => strings(data).and_then(|texts| texts.into_iter().try_for_each(ip_or_range)),
            "ssh_ca" | "ssh_publickey" => strings(data).and_then(|texts| texts.into_iter().try_for_each(ssh_key)),
            "ssh_username_matches_claim" => expect_text(data).map(|_| ()),
            _ => Ok(()),
        })
    }

    /// A text, or a mapping of the operators for texts.
    fn string(&self, data: &Json) -> Checked {
        let operators = self.operators(data, "string matcher")?;
        operators.into_iter().flatten().try_for_each(|(operator, value)| match operator.as_str() {
            name if !criteria::text_operators(self.version).any(|known| known == name) => {
                Err(format!("unknown string matcher operator: {operator}"))
            }
            "in" | "not_in" if !value.is_array() => Err(format!("{operator} matcher requires an array of strings")),
            _ => Ok(()),
        })
    }

    /// A text, or a mapping of the operators for lists.
    fn string_list(&self, data: &Json) -> Checked {
        let is_known = |operator: &str| criteria::list_operators(self.version).any(|known| known == operator);
        let operators = self.operators(data, "string list matcher")?;
        match operators.into_iter().flatten().find(|(operator, _)| !is_known(operator)) {
            None => Ok(()),
            Some((operator, _)) => Err(format!("unknown string list matcher operator: {operator}")),
        }
    }

    /// The operators below a criterion; none of a value that is compared as it stands.
    fn operators<'d>(&self, data: &'d Json, matcher: &str) -> Result<Option<&'d Map<String, Json>>, String> {
        match data {
            Json::Object(operators) => Ok(Some(operators)),
            _ if self.version < PLAIN_VALUES => Err(format!("expected object for {matcher}, got: {}", go_type(data))),
            _ => Ok(None),
        }
    }

    fn client_certificate(&self, data: &Json) -> Checked {
        let Json::Object(conditions) = data else {
            return Err(format!("expected object for certificate matcher, got: {}", go_type(data)));
        };
        let is_known = |condition: &str| criteria::certificate_conditions(self.version).any(|known| known == condition);
        conditions.iter().try_for_each(|(condition, value)| match condition.as_str() {
            name if !is_known(name) => Err(format!("unsupported certificate matcher condition: {condition}")),
            "fingerprint" => hashes(value, "fingerprint", fingerprint),
            "spki_hash" => hashes(value, "SPKI hash", spki_hash),
            _ => self.string(value),
        })
    }
}

fn expect_text(data: &Json) -> Result<&str, String> {
    data.as_str().ok_or_else(|| format!("expected string value, got: {}", go_type(data)))
}

/// One text or a list of texts.
fn strings(data: &Json) -> Result<Vec<&str>, String> {
    match data {
        Json::String(text) => Ok(vec![text]),
        Json::Array(elements) => elements.iter().map(expect_text).collect(),
        _ => Err(format!("expected string or array of strings, got: {}", go_type(data))),
    }
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
