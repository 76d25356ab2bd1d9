//! `GET /oauth2/authorize`, in Cognito's order of evaluation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::form_urlencoded::byte_serialize;

use super::{HttpAnswer, HttpRequest};
use crate::support::pool::{AppClient, Pool};

/// The first answer to a browser without a session.
pub(super) fn authorize(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    let given = |name| request.parameter(name).filter(|value: &String| !value.is_empty());
    // 1. The required parameters. Observed for `client_id`, and weakly for `redirect_uri`.
    let (Some(client_id), Some(redirect_uri)) = (given("client_id"), given("redirect_uri")) else {
        return parameters_missing(pool);
    };
    // 2. The client. Observed: one answer for an unknown one, one without OAuth and one without any identity provider.
    //    That it comes before the callback is inferred.
    let Some(client) = pool.app_client(&client_id).filter(|client| is_usable(client)) else {
        return error(pool, "invalid_request", &client_id);
    };
    // 3. The callback, as an exact string. Observed, many times.
    if !client.callback_urls.contains(&redirect_uri) {
        return error(pool, "redirect_mismatch", &client_id);
    }
    // 4. All else goes back to the callback. The order of grant and scope is not known.
    let response_type = given("response_type");
    let refused = |reason| back(&redirect_uri, response_type.as_deref(), given("state").as_deref(), reason);
    match response_type.as_deref() {
        // Observed: this one does not go to the callback.
        Some("token id_token" | "id_token token") => return error(pool, "invalid_request", &client_id),
        Some("code") if !allows(&client.flows, "code") => return refused(Reason::Described("unauthorized_client")),
        Some("token") if !allows(&client.flows, "implicit") => {
            return refused(Reason::Described("unauthorized_client"));
        }
        Some("code" | "token") => {}
        // Documented for a missing one; inferred for any other word.
        _ => return refused(Reason::Plain("invalid_request")),
    }
    // Documented: S256 or nothing. A short challenge is accepted (observed).
    if given("code_challenge").is_some() && given("code_challenge_method").as_deref() != Some("S256") {
        return refused(Reason::Plain("invalid_request"));
    }
    // Observed, against the documentation: as a description. Without any scope all scopes of the client are meant.
    if given("scope").is_some_and(|scope| scope.split(' ').any(|word| !allows(&client.scopes, word))) {
        return refused(Reason::Described("invalid_scope"));
    }
    // Documented, for managed login only.
    if pool.managed_login && given("prompt").as_deref() == Some("none") {
        return refused(Reason::Plain("login_required"));
    }
    choose_provider(pool, client, request)
}

/// The login page, or the provider's own login.
fn choose_provider(pool: &Pool, client: &AppClient, request: &HttpRequest) -> HttpAnswer {
    let host = pool.domain_host().unwrap_or_default();
    let query = &request.query;
    match (request.parameter("identity_provider").as_deref(), client.identity_providers.as_slice()) {
        // Observed: names are compared with their case.
        (Some(name), enabled) if !allows(enabled, name) => HttpAnswer::redirect(format!(
            "https://{host}/login?{query}&errorMessage=Login+option+is+not+available.+Please+try+another+one"
        )),
        (Some(name), _) if name != "COGNITO" => external(name, &host, pool),
        // Inferred: with one external provider and no users of the pool's own, nobody sees a page of Cognito's.
        (None, [only]) if only != "COGNITO" => external(only, &host, pool),
        // Documented and observed.
        _ => HttpAnswer::redirect(format!("https://{host}/login?{query}")),
    }
}

/// Where an external provider lets people log in.
///
/// The `state` is Cognito's own: JSON, 32 bytes, each compressed, and a digit (seen in public recordings).
fn external(name: &str, domain: &str, pool: &Pool) -> HttpAnswer {
    let login = match name {
        "Google" => "https://accounts.google.com/o/oauth2/v2/auth",
        "SignInWithApple" => "https://appleid.apple.com/auth/authorize",
        "Facebook" => "https://www.facebook.com/v17.0/dialog/oauth",
        "LoginWithAmazon" => "https://www.amazon.com/ap/oa",
        _ => "https://idp.example.net/authorize",
    };
    let back = encode(&format!("https://{domain}/oauth2/idpresponse"));
    HttpAnswer::redirect(format!(
        "{login}?client_id=pool-at-idp&redirect_uri={back}&response_type=code&state={}",
        state(pool)
    ))
}

fn state(pool: &Pool) -> String {
    let zipped = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, bytes).expect("memory");
        URL_SAFE_NO_PAD.encode(encoder.finish().expect("memory"))
    };
    let json =
        format!("{{\"a\":\"{}\",\"b\":\"provider\",\"e\":\"code\"}}", pool.told_pool.as_ref().unwrap_or(&pool.pool_id));
    format!("{}.{}.4", zipped(json.as_bytes()), zipped(&[7; 32]))
}

/// The client may use the hosted login.
pub(super) fn is_usable(client: &AppClient) -> bool {
    client.oauth && !client.identity_providers.is_empty()
}

pub(super) fn allows(list: &[String], word: &str) -> bool {
    list.iter().any(|item| item == word)
}

/// Cognito's error page for a request that lacks parameters.
pub(super) fn parameters_missing(pool: &Pool) -> HttpAnswer {
    let host = pool.domain_host().unwrap_or_default();
    HttpAnswer::redirect(format!("https://{host}/error?error=Required+parameters+missing"))
}

/// Cognito's error page for a client.
pub(super) fn error(pool: &Pool, code: &str, client_id: &str) -> HttpAnswer {
    let host = pool.domain_host().unwrap_or_default();
    HttpAnswer::redirect(format!("https://{host}/error?error={code}&client_id={}", encode(client_id)))
}

/// How the callback is told.
#[derive(Clone, Copy)]
enum Reason {
    /// `error=WORD`.
    Plain(&'static str),
    /// `error_description=WORD…&error=invalid_request`.
    Described(&'static str),
}

/// Back to the callback, with AWS's order of parameters; in the fragment for the implicit flow (observed).
fn back(callback: &str, response_type: Option<&str>, state: Option<&str>, reason: Reason) -> HttpAnswer {
    let (description, error) = match reason {
        Reason::Plain(error) => (None, error),
        Reason::Described(description) => (Some(description), "invalid_request"),
    };
    let parameters: Vec<String> = [
        description.map(|description| format!("error_description={description}")),
        state.map(|state| format!("state={}", encode(state))),
        Some(format!("error={error}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mark = match response_type {
        Some("token") => '#',
        _ if callback.contains('?') => '&',
        _ => '?',
    };
    HttpAnswer::redirect(format!("{callback}{mark}{}", parameters.join("&")))
}

fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}
