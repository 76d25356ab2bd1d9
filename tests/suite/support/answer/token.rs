//! The endpoints that Pomerium's server calls: token, revoke, user info.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::authorize::allows;
use super::{HttpAnswer, HttpRequest, sign_in};
use crate::support::pool::{AppClient, Pool};

/// `POST /oauth2/token`.
///
/// The client is authenticated first. Documented for the codes; the order is inferred, strongly supported by tools that rely on it.
/// Unless somebody signs in there, the stand-in never issued a code or a refresh token, so none is valid.
pub(super) fn token(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    if !is_form(request) {
        return refusal(400, "invalid_request");
    }
    let Some(client) = authenticate(pool, request) else {
        return refusal(400, "invalid_client");
    };
    let given = |name| request.field(name).filter(|value: &String| !value.is_empty());
    if given("grant_type").as_deref() == Some("authorization_code")
        && client.oauth
        && let Some(person) = &pool.person
        && let Some(tokens) = sign_in::redeem(pool, person, client, request)
    {
        return token_answer(200, tokens.to_string());
    }
    let error = match given("grant_type").as_deref() {
        None => "invalid_request",
        Some("authorization_code") if given("code").is_none() || given("redirect_uri").is_none() => "invalid_request",
        // Observed: a client made without AllowedOAuthFlowsUserPoolClient is told this.
        Some("authorization_code") if !client.oauth => "invalid_grant",
        Some("authorization_code") if !allows(&client.flows, "code") => "unauthorized_client",
        Some("refresh_token") if given("refresh_token").is_none() => "invalid_request",
        Some("authorization_code" | "refresh_token") => "invalid_grant",
        Some("client_credentials") if client.secret.is_some() && allows(&client.flows, "client_credentials") => {
            // Succeeds and is billed: a tool that ever asks for it must be caught.
            let body = json!({"access_token": "e30.e30.stand-in", "expires_in": 3600, "token_type": "Bearer"});
            return token_answer(200, body.to_string());
        }
        Some("client_credentials") => "unauthorized_client",
        Some(_) => "unsupported_grant_type",
    };
    refusal(400, error)
}

/// `POST /oauth2/revoke` (documented). Whether garbage gives 200 or `unsupported_token_type` is not known.
pub(super) fn revoke(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    if authenticate(pool, request).is_none() {
        return refusal(401, "invalid_client");
    }
    match request.field("token").filter(|token| !token.is_empty()) {
        Some(_) => HttpAnswer::empty(200),
        None => refusal(400, "invalid_request"),
    }
}

/// `GET /oauth2/userInfo` (documented). No access token is good, unless somebody has signed in.
pub(super) fn user_info(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    if let Some(answer) = pool.person.as_ref().and_then(|person| sign_in::user_info(person, request)) {
        return answer;
    }
    let (status, error, description) = match request.header("authorization") {
        Some(_) => (
            401,
            "invalid_token",
            "Access token is expired, disabled, or deleted, or the user has globally signed out.",
        ),
        None => (400, "invalid_request", "Bad OAuth2 request at UserInfo Endpoint"),
    };
    let challenge = format!("error=\"{error}\", error_description=\"{description}\"");
    refusal(status, error).with("www-authenticate", challenge)
}

/// The client, if its id and secret are right, by HTTP Basic or by form (both documented).
///
/// A client with a secret must show it; one without must not (observed), not even an empty one.
fn authenticate<'a>(pool: &'a Pool, request: &HttpRequest) -> Option<&'a AppClient> {
    let (id, secret) = match request.header("authorization") {
        Some(header) => basic(header)?,
        None => (request.field("client_id")?, request.field("client_secret")),
    };
    pool.app_client(&id).filter(|client| client.secret == secret)
}

/// Id and secret of an `Authorization` header. One broken by a line end is no pair at all (observed: `invalid_client`).
///
/// Both halves are form-encoded before base64 (RFC 6749, 2.3.1), as the Go client of Pomerium does.
fn basic(header: &str) -> Option<(String, Option<String>)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let decode =
        |text: &str| url::form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, v)| v.into_owned());
    scheme.eq_ignore_ascii_case("basic").then_some((decode(id)?, decode(secret)))
}

fn is_form(request: &HttpRequest) -> bool {
    let content_type = request.header("content-type").unwrap_or_default();
    content_type.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
}

fn refusal(status: u16, error: &str) -> HttpAnswer {
    token_answer(status, json!({ "error": error }).to_string())
}

fn token_answer(status: u16, body: String) -> HttpAnswer {
    HttpAnswer::new(status, "application/json;charset=UTF-8", body).with("access-control-allow-origin", "*")
}
