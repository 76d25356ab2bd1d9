//! The document's text, decoded as Go does.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use url::Url;

use super::Expected;
use crate::config::Change;
use crate::evidence::unclear::{excerpt, status_line};
use crate::evidence::{Answer, DiscoveryDocument, LoginDomain, is_cognito_issuer_host, is_cognito_login_host};
use crate::go;
use crate::go::json::Json;

/// Status and syntax, in the order and the words of `NewProvider` and `unmarshalResp`.
pub(super) fn read(answer: &Answer) -> Result<Json<'_>, String> {
    if answer.status != 200 {
        return Err(format!("{}: {}", status_line(answer.status), excerpt(answer.body.trim())));
    }
    go::json::parse(&answer.body).map_err(|words| malformed(answer, &words)).and_then(|json| {
        let provider = Struct { name: "providerJSON", value: "oidc.providerJSON", fields: PROVIDER_JSON };
        provider.read(json).map(|_| json).map_err(|words| malformed(answer, &words))
    })
}

fn malformed(answer: &Answer, words: &str) -> String {
    let kind = answer.header("content-type").unwrap_or_default();
    let is_json = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    let prefix = "oidc: failed to decode provider discovery object:";
    if is_json {
        format!("{prefix} got Content-Type = application/json, but could not unmarshal as JSON: {words}")
    } else {
        format!("{prefix} expected Content-Type = application/json, got \"{}\": {words}", excerpt(kind))
    }
}

/// What Pomerium still has to say of a document that go-oidc could decode.
pub(super) fn refusal(json: Json<'_>, expected: Expected<'_>) -> Option<String> {
    let document = match decode(json) {
        Ok(document) => document,
        Err(words) => return Some(words),
    };
    if document.issuer != expected.issuer {
        let (sent, got) = (expected.issuer, excerpt(&document.issuer));
        return Some(if expected.version.has(Change::IssuerMismatchReworded) {
            format!(
                "oidc: issuer URL provided to client (\"{sent}\") did not match the issuer URL returned by provider (\"{got}\")"
            )
        } else {
            format!("oidc: issuer did not match the issuer returned by provider, expected \"{sent}\" got \"{got}\"")
        });
    }
    let added = match expected.version {
        version if version.has(Change::CodeChallenge) => PROVIDER,
        _ => PROVIDER.get(..2).unwrap_or_default(),
    };
    if let Err(words) = (Struct { name: "Provider", value: "oidc.Provider", fields: added }).read(json) {
        return Some(format!("could not retrieve additional claims: {words}"));
    }
    expected
        .is_cognito_provider
        .then(|| go::url::parse_and_validate(&document.authorization_endpoint).err())
        .flatten()
        .map(|words| format!("cannot parse cognito auth url: {}", excerpt(&words)))
}

/// A Go struct: its name in errors about a field and about the whole, and its fields.
struct Struct {
    name: &'static str,
    value: &'static str,
    fields: &'static [(&'static str, Field)],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Text,
    Texts,
}

const PROVIDER_JSON: &[(&str, Field)] = &[
    ("issuer", Field::Text),
    ("authorization_endpoint", Field::Text),
    ("token_endpoint", Field::Text),
    ("device_authorization_endpoint", Field::Text),
    ("jwks_uri", Field::Text),
    ("userinfo_endpoint", Field::Text),
    ("id_token_signing_alg_values_supported", Field::Texts),
];

/// What Pomerium reads besides; the last since v0.33.
const PROVIDER: &[(&str, Field)] = &[
    ("revocation_endpoint", Field::Text),
    ("end_session_endpoint", Field::Text),
    ("code_challenge_methods_supported", Field::Texts),
];

impl Struct {
    /// Decodes as `json.Unmarshal` into this struct; a text is a list of one.
    fn read(&self, json: Json<'_>) -> Result<BTreeMap<&'static str, Vec<String>>, String> {
        if !["object", "null"].contains(&json.kind()) {
            return Err(format!("json: cannot unmarshal {} into Go value of type {}", json.kind(), self.value));
        }
        let mut read = BTreeMap::new();
        for (key, value) in json.members() {
            let key = go::json::fold(&key);
            let Some(&(name, field)) = self.fields.iter().find(|(name, _)| *name == key) else { continue };
            let wrong = |value: Json<'_>, kind: &str| {
                let struct_name = self.name;
                format!(
                    "json: cannot unmarshal {} into Go struct field {struct_name}.{name} of type {kind}",
                    value.kind()
                )
            };
            match (field, value.kind()) {
                // `null` leaves a string as it is, and empties a slice.
                (Field::Text, "null") => {}
                (Field::Texts, "null") => {
                    read.remove(name);
                }
                (Field::Text, _) => {
                    read.insert(name, vec![value.text().ok_or_else(|| wrong(value, "string"))?]);
                }
                (Field::Texts, "array") => {
                    let texts = value.elements().into_iter().map(|element| match element.kind() {
                        "null" => Ok(String::new()),
                        _ => element.text().ok_or_else(|| wrong(element, "string")),
                    });
                    read.insert(name, texts.collect::<Result<_, _>>()?);
                }
                (Field::Texts, _) => return Err(wrong(value, "[]string")),
            }
        }
        Ok(read)
    }
}

/// The document as go-oidc decodes it.
pub(super) fn decode(json: Json<'_>) -> Result<DiscoveryDocument, String> {
    let read = Struct { name: "providerJSON", value: "oidc.providerJSON", fields: PROVIDER_JSON }.read(json)?;
    // A field of Pomerium's own that is of another type is Pomerium's refusal, not an unreadable document.
    let added = |field| {
        let one = Struct { name: "Provider", value: "oidc.Provider", fields: field };
        one.read(json).unwrap_or_default()
    };
    let added: [BTreeMap<_, _>; 3] = [
        added(PROVIDER.get(..1).unwrap_or_default()),
        added(PROVIDER.get(1..2).unwrap_or_default()),
        added(PROVIDER.get(2..).unwrap_or_default()),
    ];
    let texts = |name: &str| {
        read.get(name).or_else(|| added.iter().find_map(|added| added.get(name))).cloned().unwrap_or_default()
    };
    let text = |name: &str| texts(name).into_iter().next().unwrap_or_default();
    let mut document = DiscoveryDocument {
        issuer: text("issuer"),
        authorization_endpoint: text("authorization_endpoint"),
        token_endpoint: text("token_endpoint"),
        userinfo_endpoint: text("userinfo_endpoint"),
        jwks_uri: text("jwks_uri"),
        revocation_endpoint: text("revocation_endpoint"),
        response_types: response_types(json),
        signing_algorithms: texts("id_token_signing_alg_values_supported"),
        code_challenge_methods: texts("code_challenge_methods_supported"),
        raw: raw(json),
        login_domain: None,
    };
    document.login_domain = login_domain(&document);
    Ok(document)
}

fn response_types(json: Json<'_>) -> Option<Vec<String>> {
    let members = json.members();
    let (_, value) = members.iter().rev().find(|(key, _)| go::json::fold(key) == "response_types_supported")?;
    (value.kind() == "array").then(|| value.elements().into_iter().map(Json::text).collect()).flatten()
}

/// The members as serde reads them. One that it cannot read (nested too deeply, a number out of range) is left out.
fn raw(json: Json<'_>) -> Map<String, Value> {
    json.members()
        .into_iter()
        .filter_map(|(key, value)| Some((key, serde_json::from_str(value.source()).ok()?)))
        .collect()
}

/// The host of the login pages. A pool without a domain names endpoints on the issuer's host, without `/oauth2/`, or not at
/// all, according to its age.
fn login_domain(document: &DiscoveryDocument) -> Option<LoginDomain> {
    let endpoint = Url::parse(&document.authorization_endpoint).ok()?;
    let name = endpoint.host_str()?;
    // A gateway may have both on one host of its own.
    if is_cognito_issuer_host(name)
        || !endpoint.path().ends_with("/oauth2/authorize")
        || document.token_endpoint.is_empty()
    {
        return None;
    }
    let port = endpoint.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(LoginDomain { host: format!("{name}{port}"), custom: !is_cognito_login_host(name) })
}
