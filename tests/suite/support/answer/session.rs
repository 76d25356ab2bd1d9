//! The pages of the login domain: log in, log out, and the error page.

use super::authorize::{allows, error as error_redirect, is_usable, parameters_missing};
use super::issuer::overridden;
use super::{HttpAnswer, HttpRequest, sign_in};
use crate::support::pool::Pool;

const HTML: &str = "text/html;charset=UTF-8";

/// `GET /login`, to which `/oauth2/authorize` leads.
pub(super) fn login(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    overridden(login_page(pool, request), &pool.login)
}

fn login_page(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    let client = request.parameter("client_id").and_then(|id| pool.app_client(&id)).filter(|client| is_usable(client));
    let redirect_uri = request.parameter("redirect_uri");
    // Observed for managed login, reached by a sign-out URL that is not registered; inferred for the classic pages.
    let Some(client) = client.filter(|client| redirect_uri.is_some_and(|uri| allows(&client.callback_urls, &uri)))
    else {
        return error_page(400, "redirect_mismatch");
    };
    if let Some(message) = request.parameter("errorMessage") {
        return error_page(401, &message);
    }
    if pool.person.is_some() {
        return sign_in::page(request);
    }
    if !pool.managed_login {
        return HttpAnswer::new(200, HTML, CLASSIC);
    }
    if client.branding {
        HttpAnswer::new(200, HTML, MANAGED)
    } else {
        // Observed: managed login without a branding style. /oauth2/authorize still redirects here.
        HttpAnswer::new(403, HTML, page("Error", "Login pages unavailable. Please contact an administrator."))
    }
}

/// `POST /login`, of whoever signs in here.
pub(super) fn signed_in(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    match (login_page(pool, request), &pool.person) {
        (page, Some(person)) if page.status == 200 => sign_in::signed_in(person, request),
        (page, _) => page,
    }
}

/// `GET /logout`. Wants `client_id` and one of `logout_uri` and `redirect_uri` (documented).
pub(super) fn logout(pool: &Pool, request: &HttpRequest) -> HttpAnswer {
    let host = pool.domain_host().unwrap_or_default();
    let Some(client_id) = request.parameter("client_id").filter(|id| !id.is_empty()) else {
        return parameters_missing(pool);
    };
    let Some(client) = pool.app_client(&client_id) else {
        return error_redirect(pool, "invalid_request", &client_id);
    };
    let login = || HttpAnswer::redirect(format!("https://{host}/login?{}", request.query));
    match (request.parameter("logout_uri"), request.parameter("redirect_uri")) {
        (Some(uri), _) if allows(&client.logout_urls, &uri) => HttpAnswer::redirect(uri),
        // Both observed: managed login leads to /login, which then refuses; the classic pages say that a parameter is missing.
        (Some(_), _) if pool.managed_login => login(),
        (Some(_), _) | (None, None) => parameters_missing(pool),
        // Documented: signs out and shows the login page again.
        (None, Some(_)) => login(),
    }
}

/// `GET /error`: always 400 (observed).
pub(super) fn error(request: &HttpRequest) -> HttpAnswer {
    error_page(400, &request.parameter("error").unwrap_or_default())
}

/// Cognito's error page, with the code below the headline.
pub(super) fn error_page(status: u16, code: &str) -> HttpAnswer {
    let code = code.replace('&', "&amp;").replace('<', "&lt;");
    let text = format!("An error was encountered with the requested page.</p><p>{code}");
    HttpAnswer::new(status, HTML, page("Error", &text))
}

fn page(title: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>{title}</title></head><body><div><p>{text}</p></div></body></html>\n"
    )
}

/// The classic hosted page: what matters is the password field.
const CLASSIC: &str = r#"<!DOCTYPE html>
<html lang="en"><head><title>Signin</title></head><body>
<form action="/login" method="POST" name="cognitoSignInForm">
<input type="hidden" name="_csrf" value="00000000-0000-4000-a000-000000000000"/>
<label for="signInFormUsername">Username</label><input id="signInFormUsername" name="username" type="text"/>
<label for="signInFormPassword">Password</label><input id="signInFormPassword" name="password" type="password"/>
<input name="signInSubmitButton" type="Submit" value="Sign in"/>
</form></body></html>
"#;

/// Managed login is an application in the browser: the page itself says nothing.
const MANAGED: &str = r#"<!DOCTYPE html>
<html lang="en"><head><title>Sign-in</title></head><body>
<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>
</body></html>
"#;
