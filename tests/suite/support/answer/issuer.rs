//! The issuer hosts: the discovery document and the signing keys.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{HttpAnswer, HttpRequest, sign_in};
use crate::support::pool::{Generation, IssuerKind, Override, Pool};

/// The signing keys: key id and modulus. Real RSA keys of 2048 bits, whose private halves were thrown away.
const KEYS: [(&str, &str); 2] = [
    (
        "9Q5UbYSBuu6vCs7cdiV3F92rfpi8R5z8hXVs2M18ER0=",
        "vj3gd42UMQT4H_-ic47gognZCb_n__Fe-SYzfpXQiBK14P9ni_eIlTRSb8rlplY5q9u3qQiJQ_bEbSK_Mo6nWLjd8PrV-TqZOS8RkvLXUJQsdrFi6m_0AbG8lmkgTSAzj0D4OzWbpMzQK6wgbK0PWCZWfXui9wf_AkHk2Uw6Rbq3EXJcDaJ0qLtt4jZrd09vmicojEUe0LhZDva_w34QMGgt28coXr5CYZHkbFVHZMqY2JcP3X0A-CoXwVzZUYb5uoCSRehZHyho_y4WT9DSDgxj8Cu23290s5VxUcXDlRtufzGZvFv7Qze3d-jj0qTyX6sy3a2WNcTaJRoJyP4Xbw",
    ),
    (
        "Ov1jBe/BwbPUt1cD/0Di8frrpF7j2gR6uYrxdI1f//I=",
        "9JChSzpat-rO0owYZWu15zc-MzQtruKIk_DnVJKUMAAGZP3bQpsEorzFWwwLSwI3nMi9Kj43LhvZDb3pHJ2Kt3xWV2QU_9VTCG49Kf2OFLE7n5hzC7sslsMSfamz5HtT0FT9XICWGytR9jL02974gC9VLw8qZZ9-cdlSmwxpi9W8-p-qFvTA0e8oW49hiwE4GWW192rzqjid5yPTijDwK_2dDMY2RK71iTYQ1J8HHt_pPn9F-PkS1_v1KlX2eSzcxREk51MKZcSUN4iu0dYQhD8w0lfSvUwG16S-NcFvLgSbZ6bK3NInFrf2FyvaTze-8aYKmR3YOsCck-VCVvW1rQ",
    ),
];

/// `cognito-idp.REGION`.
pub(super) fn service(pool: &Pool, region: &str, request: &HttpRequest) -> HttpAnswer {
    let Some((asked, file)) = well_known(request) else {
        // Observed: what browsers see at the endpoints of a pool without a domain.
        let body = json!({
            "code": "BadRequest",
            "message": "The server did not understand the operation that was requested.",
            "type": "client",
        });
        return json_answer(400, body.to_string());
    };
    if !is_pool_id(asked) {
        // Observed: an error in JSON; its words are inferred.
        return message(400, "Invalid UserPoolId format.");
    }
    if !pool.exists || region != pool.region || asked != pool.pool_id {
        // The words are observed twice; the status is 400 in the one observation of the service itself.
        return message(400, &format!("User pool {asked} does not exist."));
    }
    match file {
        // Observed once: this host advertises the original issuer even if the tokens carry the updated one.
        "openid-configuration" => discovery(pool),
        _ => overridden(keys(pool), &pool.jwks),
    }
}

/// `issuer-cognito-idp.REGION`. Observed for the keys of a pool that was not switched: 403. That the discovery document behaves
/// alike, and the words of the refusal, are inferred.
pub(super) fn switched(pool: &Pool, region: &str, request: &HttpRequest) -> HttpAnswer {
    match well_known(request) {
        Some((asked, file))
            if pool.exists && pool.issuer == IssuerKind::Updated && region == pool.region && asked == pool.pool_id =>
        {
            match file {
                "openid-configuration" => json_answer(200, json!(document(pool, &pool.updated_issuer())).to_string()),
                _ => overridden(keys(pool), &pool.jwks),
            }
        }
        _ => message(403, "Forbidden"),
    }
}

/// The pool id and the file of `/POOL/.well-known/FILE`.
fn well_known(request: &HttpRequest) -> Option<(&str, &str)> {
    let (pool, file) = request.path.strip_prefix('/')?.split_once("/.well-known/")?;
    let is_known = matches!(file, "openid-configuration" | "jwks.json") && !pool.contains('/');
    (is_known && request.method == "GET").then_some((pool, file))
}

/// The API's pattern: `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters (documented).
fn is_pool_id(text: &str) -> bool {
    text.len() <= 55
        && text.rsplit_once('_').is_some_and(|(region, id)| {
            !region.is_empty()
                && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
                && !id.is_empty()
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn discovery(pool: &Pool) -> HttpAnswer {
    let change = &pool.discovery;
    let mut document = document(pool, &pool.original_issuer());
    for key in &change.remove {
        document.remove(key.as_str());
    }
    for (key, value) in &change.set {
        document.insert(key, value.clone());
    }
    let body = change.body.clone().unwrap_or_else(|| json!(document).to_string());
    let mut answer = json_answer(change.status.unwrap_or(200), body);
    for (name, value) in &change.headers {
        let name = name.to_ascii_lowercase();
        answer = match value {
            Some(value) => answer.with(&name, value),
            None => answer.without(&name),
        };
    }
    answer
}

/// The discovery document, after the recordings of 2017 to 2025: keys in alphabetical order, on one line.
fn document<'a>(pool: &Pool, issuer: &str) -> BTreeMap<&'a str, Value> {
    let generation = pool.generation;
    let host = pool.domain_host();
    let endpoint = |name: &str| match (&host, name) {
        (Some(host), "logout") => json!(format!("https://{host}/logout")),
        (Some(host), _) => json!(format!("https://{host}/oauth2/{name}")),
        (None, _) => json!(format!("{issuer}/{name}")),
    };
    let mut document = BTreeMap::from([
        ("id_token_signing_alg_values_supported", json!(["RS256"])),
        ("issuer", json!(issuer)),
        ("jwks_uri", json!(format!("{issuer}/.well-known/jwks.json"))),
        ("response_types_supported", json!(["code", "token"])),
        ("subject_types_supported", json!(["public"])),
    ]);
    if generation == Generation::Y2017 && host.is_none() {
        document.insert("authorization_endpoint", json!(issuer));
        document.insert("response_types_supported", json!(["code", "id_token", "token id_token", "none"]));
        return document;
    }
    document.insert("authorization_endpoint", endpoint("authorize"));
    document.insert("token_endpoint", endpoint("token"));
    document.insert("userinfo_endpoint", endpoint("userInfo"));
    document.insert("scopes_supported", json!(["openid", "email", "phone", "profile"]));
    document.insert("token_endpoint_auth_methods_supported", json!(["client_secret_basic", "client_secret_post"]));
    match generation {
        Generation::Modern => {
            document.insert("revocation_endpoint", endpoint("revoke"));
            document.insert("end_session_endpoint", endpoint("logout"));
        }
        Generation::Y2019 => {}
        Generation::Y2017 => {
            document.insert("response_types_supported", json!(["code", "token", "token id_token"]));
        }
    }
    document
}

fn keys(pool: &Pool) -> HttpAnswer {
    if pool.person.is_some() {
        return sign_in::keys();
    }
    let keys: Vec<Value> = KEYS
        .iter()
        .map(|(id, modulus)| json!({"alg": "RS256", "e": "AQAB", "kid": id, "kty": "RSA", "n": modulus, "use": "sig"}))
        .collect();
    json_answer(200, json!({ "keys": keys }).to_string())
}

pub(super) fn overridden(mut answer: HttpAnswer, change: &Override) -> HttpAnswer {
    answer.status = change.status.unwrap_or(answer.status);
    if let Some(body) = &change.body {
        answer.body.clone_from(body);
    }
    answer
}

fn message(status: u16, words: &str) -> HttpAnswer {
    json_answer(status, json!({ "message": words }).to_string())
}

fn json_answer(status: u16, body: String) -> HttpAnswer {
    HttpAnswer::new(status, "application/json", body)
}
