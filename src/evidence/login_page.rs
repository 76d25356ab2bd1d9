//! The page to which users are sent.

use url::Url;

use super::authorize::external_provider;
use super::page::visible_text;
use super::unclear::{self, excerpt};
use super::{Answer, Evidence, Exchange, LoginPage, Seen};

/// Errors that Cognito shows on a page of status 200 as well.
const ERRORS: [&str; 3] = [
    "Client is not enabled for OAuth2.0 flows",
    "An error was encountered with the requested page",
    "Login option is not available",
];

/// What the login page shows.
pub(super) fn judge(exchange: &Exchange) -> Evidence<LoginPage> {
    let answer = unclear::answer(exchange)?;
    let unclear = || unclear::inconclusive(exchange, "a login page of Cognito's");
    // AWS WAF puts a riddle to whoever is no browser (`captcha`, `challenge`), whatever the status.
    if answer.header("x-amzn-waf-action").is_some() {
        return Err(unclear());
    }
    let text = visible_text(&answer.body);
    let broken = || LoginPage::Broken { status: answer.status, says: excerpt(&text) };
    let value = match answer.status {
        // Throttling and faults of the server pass.
        429 | 500..=599 => return Err(unclear()),
        // The text alone could be another server's, but no other server says this.
        200 | 403 if text.contains("Login pages unavailable") => LoginPage::Unavailable,
        200 if ERRORS.iter().any(|error| text.contains(error)) => broken(),
        200 if is_cognitos(answer) && is_page(answer) => LoginPage::Served,
        300..=399 => redirected(exchange, answer).ok_or_else(unclear)?,
        // Anybody between here and Cognito may answer with these, and browsers may fare better.
        400..=499 if answer.is_from_cognito() => broken(),
        _ => return Err(unclear()),
    };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}

/// Sent by Cognito: with its request id, or with the cookie that guards its forms. A page of managed login says nothing by itself.
fn is_cognitos(answer: &Answer) -> bool {
    let is_guard = |(name, value): &(String, String)| name == "set-cookie" && value.starts_with("XSRF-TOKEN=");
    answer.is_from_cognito() || answer.headers.iter().any(is_guard)
}

/// What users sign in with is in it, whatever its type is called.
///
/// The classic pages have a form, or a button for each provider. Those of managed login are drawn by a script that is loaded, or
/// have no words of their own until one draws them: a page that only says something is somebody's notice. A place that does not
/// end is a page that was cut off.
fn is_page(answer: &Answer) -> bool {
    let body = answer.body.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let has = |elements: &[&str]| elements.iter().any(|element| body.contains(element));
    let is_bare = || has(&["</div>", "</script>"]) && visible_text(&shown_by_scripts(&body)).is_empty();
    let is_application = || loads_script(&body) || is_bare();
    let is_sign_in = has(&["<form", "<input", "<button"]) || is_application();
    body.starts_with('<') && is_sign_in && !is_riddle(&body) && !answer.truncated
}

/// A script of it comes from a file of its own.
fn loads_script(body: &str) -> bool {
    body.split("<script").skip(1).any(|rest| rest.split('>').next().is_some_and(|tag| tag.contains("src=")))
}

/// The page as a browser with scripts shows it below its title.
fn shown_by_scripts(body: &str) -> String {
    ["title", "noscript"].iter().fold(body.to_owned(), |page, name| without(&page, name))
}

/// Without the elements of this name.
fn without(page: &str, name: &str) -> String {
    let mut kept = String::new();
    let mut rest = page;
    while let Some((before, element)) = rest.split_once(&format!("<{name}")) {
        kept.push_str(before);
        rest = element.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
    }
    kept + rest
}

/// The pages that AWS WAF shows instead of what was asked for (AWS WAF, *How the CAPTCHA and Challenge rule actions work*). They
/// come with a header that says so, which something on the way may have taken off.
fn is_riddle(body: &str) -> bool {
    ["challenge-container", "captcha-container", ".awswaf.com/", "awswafintegration", "you're not a robot"]
        .iter()
        .any(|mark| body.contains(mark))
}

fn redirected(exchange: &Exchange, answer: &Answer) -> Option<LoginPage> {
    let asked = Url::parse(&exchange.request.url).ok()?;
    let target = asked.join(answer.header("location")?).ok()?;
    if target.origin() == asked.origin() {
        let (_, error) = target.query_pairs().find(|(name, _)| name == "error")?;
        return (target.path() == "/error").then(|| LoginPage::Broken { status: answer.status, says: excerpt(&error) });
    }
    external_provider(&asked, &target, answer).map(|host| LoginPage::External { host: host.to_owned() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::{Missing, sample};

    const URL: &str = "https://acme.auth.eu-west-1.amazoncognito.com/login?client_id=4qk";
    const COGNITO: (&str, &str) = ("x-amz-cognito-request-id", "1");

    fn read(status: u16, headers: &[(&str, &str)], body: &str) -> Evidence<LoginPage> {
        judge(&sample::answer(URL, status, headers, body))
    }

    #[test]
    fn pages_are_told_apart() {
        let broken = |status, says: &str| LoginPage::Broken { status, says: says.to_owned() };
        for (status, body, page) in [
            (200, "<p>Login pages unavailable. Please contact an administrator.</p>", LoginPage::Unavailable),
            (403, "<p>Login pages unavailable. Please contact an administrator.</p>", LoginPage::Unavailable),
            (
                200,
                "<script>a<b</script><p>Client is not enabled for OAuth2.0 flows.</p>",
                broken(200, "Client is not enabled for OAuth2.0 flows."),
            ),
            (400, "<h1>Oops</h1><p>really", broken(400, "Oops really")),
            (404, "", broken(404, "")),
        ] {
            assert_eq!(read(status, &[COGNITO], body).unwrap().value, page, "{status} {body}");
        }
        assert_eq!(read(200, &[COGNITO], "\u{feff}\n<html><form>").unwrap().value, LoginPage::Served);
        let managed = "<html><div id=root></div>";
        let titled = "<html><title>Sign-in</title><noscript>Turn scripts on</noscript><div id=root></div>";
        let loading = "<html><div id=root>Loading…</div><script defer src=/_next/a.js></script>";
        assert_eq!(read(200, &[COGNITO], loading).unwrap().value, LoginPage::Served);
        assert_eq!(read(200, &[COGNITO], titled).unwrap().value, LoginPage::Served);
        assert_eq!(read(200, &[COGNITO], "<html><p>Sign in with <button>Google").unwrap().value, LoginPage::Served);
        assert_eq!(read(200, &[("set-cookie", "XSRF-TOKEN=CUT")], managed).unwrap().value, LoginPage::Served);
        assert_eq!(read(403, &[COGNITO], "no").unwrap().value, broken(403, "no"));
        assert_eq!(read(302, &[("location", "/error?error=x")], "").unwrap().value, broken(302, "x"));
        let google = "https://accounts.google.com/auth?redirect_uri=https://acme.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse";
        let external = LoginPage::External { host: "accounts.google.com".to_owned() };
        assert_eq!(read(302, &[("location", google)], "").unwrap().value, external);
    }

    #[test]
    fn a_firewall_shows_nothing() {
        for status in [204, 302, 400, 403, 404, 405, 429, 503] {
            assert!(matches!(read(status, &[], "Forbidden"), Err(Missing::Inconclusive { .. })), "{status}");
        }
        // What passes says nothing, whoever sends it; nor does what only a browser can answer.
        for (status, action) in
            [(429, ""), (500, ""), (503, ""), (405, "captcha"), (202, "challenge"), (200, "captcha")]
        {
            let headers = [COGNITO, ("x-amzn-waf-action", action)];
            let headers = if action.is_empty() { &headers[..1] } else { &headers[..] };
            assert!(matches!(read(status, headers, "<html>"), Err(Missing::Inconclusive { .. })), "{status} {action}");
        }
        let html = ("content-type", "text/html");
        for (headers, body) in [
            (&[html][..], "<html>Access denied by web filter"),
            (&[], "<html><form><input type=password>"),
            (&[html, COGNITO], ""),
            (&[COGNITO], "{}"),
            (&[COGNITO], "<html>Sign in to the network"),
            (&[COGNITO], "<html><div>We are back soon</div><script>1</script>"),
            (&[COGNITO], "<html><title>Notice</title><p>Closed"),
            (&[COGNITO], "<html><title>Sign-in</title><div id=\"root\">"),
            (&[COGNITO], "<html><title>Sign-in</title><div id=\"root\"></div"),
            (&[COGNITO], "<html><title></title><div id=\"challenge-container\"></div><noscript>JavaScript is disabled"),
            (&[COGNITO], "<html><form><script src=\"https://1a.eu-west-1.token.awswaf.com/1a/challenge.js\">"),
            (&[], "{}"),
        ] {
            assert!(matches!(read(200, headers, body), Err(Missing::Inconclusive { .. })), "{headers:?} {body}");
        }
        for portal in ["https://portal.example/", "https://portal.example/?client_id=1"] {
            assert!(read(302, &[("location", portal)], "").is_err(), "{portal}");
        }
    }

    proptest! {
        #[test]
        fn only_a_page_is_a_login_page(status in 100u16..600, body in "\\PC{0,40}|(<[a-z/]{0,7}>?|[a-z ]{0,5}){0,9}", location in "\\PC{0,30}") {
            let page = read(status, &[("location", &location), COGNITO], &body).map(|seen| seen.value);
            prop_assert!(page != Ok(LoginPage::Served) || status == 200 && body.trim_start().starts_with('<'));
        }
    }
}
