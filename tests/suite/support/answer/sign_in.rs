//! One person who signs in, and the tokens that come of it. What each endpoint does is documented; each fault is one that a test puts in.
//!
//! A code says itself what it is for, so that the stand-in stays a function of pool and request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::{HttpAnswer, HttpRequest};
use crate::support::pool::{AppClient, IssuerKind, Pool};
use crate::support::signing::SigningKey;

/// Stands in every token and code: it must not be seen anywhere.
pub const CANARY: &str = "C4n4ryT0k3n";
/// The id of the key.
const KEY: &str = "k3yOfTheStandIn0000000000000000000000000000=";
/// The `sub` of the person.
pub const SUBJECT: &str = "0e1a7f1c-3a1d-4c55-9d0c-6a3a5e5b8f11";

/// Who signs in, and what goes wrong then.
#[derive(Clone, Debug)]
pub struct Person {
    /// Claims of the ID token beside those of the protocol.
    pub id_token: Value,
    /// What userinfo answers beside `sub`.
    pub user_info: Value,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// What can go wrong once somebody has signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The browser comes back with the state of somebody else.
    State,
    /// … with none.
    NoState,
    /// … with no code.
    NoCode,
    /// … with two codes.
    TwoCodes,
    /// … with a code of another sign-in.
    Code,
    /// … with an error, and a description.
    Refused(&'static str, &'static str),
    /// There is no ID token.
    NoIdToken,
    /// There is no refresh token.
    NoRefreshToken,
    /// The ID token has another nonce.
    Nonce,
    /// … none.
    NoNonce,
    /// … another issuer.
    Issuer,
    /// … the new issuer of the pool.
    SwitchedIssuer,
    /// … another audience.
    Audience,
    /// … the right one, and another.
    TwoAudiences,
    /// … has expired.
    Expiry,
    /// … is signed by another key.
    Signature,
    /// … names a key that is not published.
    Key,
    /// … is signed by nobody.
    Unsigned,
    /// … is signed with the client secret.
    Symmetric,
    /// … belongs to another access token.
    AtHash,
    /// … is no token.
    NoToken,
    /// … has this claim, as JSON; without it, if that is empty.
    Claim(&'static str, &'static str),
    /// There is no access token.
    NoAccessToken,
    /// Userinfo refuses.
    UserInfo,
    /// … speaks of another user.
    Subject,
    /// … answers with a page.
    UserInfoPage,
}

impl Default for Person {
    fn default() -> Self {
        let of_user = json!({"email": "ann@corp.example.com", "name": "Ann", "custom:Team": "blue"});
        let mut id_token = of_user.clone();
        id_token["cognito:groups"] = json!(["ops", "dev"]);
        id_token["cognito:username"] = json!("ann");
        id_token["email_verified"] = json!(true);
        let mut user_info = of_user;
        user_info["email_verified"] = json!("true");
        user_info["username"] = json!("ann");
        Self { id_token, user_info, fault: None }
    }
}

impl Person {
    /// The person of every day, with a fault.
    pub fn with(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

/// The keys that such a pool publishes.
pub(super) fn keys() -> HttpAnswer {
    HttpAnswer::new(200, "application/json", json!({ "keys": [SigningKey::own().published(KEY)] }).to_string())
}

/// The login page, whose form keeps the request.
pub(super) fn page(request: &HttpRequest) -> HttpAnswer {
    let query = request.query.replace('&', "&amp;").replace('"', "&quot;");
    let form = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Signin</title></head><body>\n<form action=\"/login?{query}\" method=\"POST\">\n\
         <input name=\"username\" type=\"text\"/><input name=\"password\" type=\"password\"/>\n\
         <input name=\"signInSubmitButton\" type=\"Submit\" value=\"Sign in\"/>\n</form></body></html>\n"
    );
    HttpAnswer::new(200, "text/html;charset=UTF-8", form)
}

/// `POST /login`: back to the callback.
pub(super) fn signed_in(person: &Person, request: &HttpRequest) -> HttpAnswer {
    let given = |name| request.parameter(name).unwrap_or_default();
    let code = json!({
        "canary": CANARY, "client": given("client_id"), "redirect": given("redirect_uri"),
        "challenge": given("code_challenge"), "nonce": given("nonce"),
    });
    let code = URL_SAFE_NO_PAD.encode(code.to_string());
    let mut query = Serializer::new(String::new());
    match person.fault {
        Some(Fault::Refused(error, description)) => {
            query.append_pair("error_description", description).append_pair("error", error);
        }
        Some(Fault::NoCode) => {}
        Some(Fault::TwoCodes) => {
            query.append_pair("code", &code).append_pair("code", "another");
        }
        Some(Fault::Code) => {
            query.append_pair("code", &format!("{CANARY}-of-another-sign-in"));
        }
        _ => {
            query.append_pair("code", &code);
        }
    }
    match person.fault {
        Some(Fault::NoState) => {}
        Some(Fault::State) => {
            query.append_pair("state", "the-state-of-somebody-else");
        }
        _ => {
            query.append_pair("state", &given("state"));
        }
    }
    HttpAnswer::redirect(format!("{}?{}", given("redirect_uri"), query.finish()))
}

/// The tokens for a code, if it is one, and this client's, and redeemed as it was asked for.
pub(super) fn redeem(pool: &Pool, person: &Person, client: &AppClient, request: &HttpRequest) -> Option<Value> {
    let code: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(request.field("code")?).ok()?).ok()?;
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, request.field("code_verifier")?.as_bytes()));
    let fits = code["client"] == client.id.as_str()
        && code["redirect"] == request.field("redirect_uri")?.as_str()
        && code["challenge"] == challenge.as_str();
    fits.then(|| tokens(pool, person, client, &code, request.at))
}

fn tokens(pool: &Pool, person: &Person, client: &AppClient, code: &Value, now: u64) -> Value {
    let fault = person.fault;
    let issuer = match (fault, pool.issuer) {
        (Some(Fault::Issuer), _) => "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_0ther0000".to_owned(),
        (Some(Fault::SwitchedIssuer), _) | (_, IssuerKind::Updated) => pool.updated_issuer(),
        _ => pool.original_issuer(),
    };
    let access =
        json!({"sub": SUBJECT, "canary": CANARY, "token_use": "access", "client_id": client.id, "iss": issuer});
    let access = SigningKey::own().sign(&json!({"alg": "RS256", "kid": KEY}), &access);
    let hash = digest(&SHA256, if fault == Some(Fault::AtHash) { "another" } else { &access }.as_bytes());
    let mut claims = person.id_token.as_object().cloned().unwrap_or_default();
    claims.extend(object(&json!({
        "sub": SUBJECT, "iss": issuer, "token_use": "id", "iat": now, "auth_time": now, "jti": CANARY,
        "aud": match fault {
            Some(Fault::Audience) => json!("another-client"),
            Some(Fault::TwoAudiences) => json!([client.id, "another-client"]),
            _ => json!(client.id),
        },
        "exp": if fault == Some(Fault::Expiry) { now - 1 } else { now + 3600 },
        "nonce": if fault == Some(Fault::Nonce) { json!("another") } else { code["nonce"].clone() },
        "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]),
    })));
    if fault == Some(Fault::NoNonce) {
        claims.remove("nonce");
    }
    match fault {
        Some(Fault::Claim(name, "")) => drop(claims.remove(name)),
        Some(Fault::Claim(name, json)) => {
            claims.insert(name.to_owned(), serde_json::from_str(json).expect("JSON"));
        }
        _ => {}
    }
    let head = match fault {
        Some(Fault::Key) => json!({"alg": "RS256", "kid": "unknown"}),
        Some(Fault::Unsigned) => json!({"alg": "none"}),
        Some(Fault::Symmetric) => json!({"alg": "HS256"}),
        _ => json!({"alg": "RS256", "kid": KEY}),
    };
    let id_token = match fault {
        Some(Fault::NoToken) => format!("{CANARY}.is.none"),
        Some(Fault::Signature) => SigningKey::other().sign(&head, &Value::Object(claims)),
        _ => SigningKey::own().sign(&head, &Value::Object(claims)),
    };
    let mut answer = object(&json!({
        "access_token": access, "id_token": id_token, "refresh_token": format!("{CANARY}-refresh"),
        "expires_in": 3600, "token_type": "Bearer",
    }));
    if fault == Some(Fault::NoIdToken) {
        answer.remove("id_token");
    }
    if fault == Some(Fault::NoAccessToken) {
        answer.remove("access_token");
    }
    if fault == Some(Fault::NoRefreshToken) {
        answer.remove("refresh_token");
    }
    Value::Object(answer)
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// `GET /oauth2/userInfo` with an access token of the stand-in.
pub(super) fn user_info(person: &Person, request: &HttpRequest) -> Option<HttpAnswer> {
    let token = request.header("authorization")?.strip_prefix("Bearer ")?;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let mut answer = person.user_info.as_object().cloned().unwrap_or_default();
    answer.insert("sub".to_owned(), claims["sub"].clone());
    match person.fault {
        Some(Fault::UserInfo) => return None,
        Some(Fault::Subject) => {
            answer.insert("sub".to_owned(), json!("somebody-else"));
        }
        Some(Fault::UserInfoPage) => return Some(HttpAnswer::new(200, "text/html", "<html>welcome</html>")),
        _ => {}
    }
    Some(HttpAnswer::new(200, "application/json;charset=UTF-8", Value::Object(answer).to_string()))
}
