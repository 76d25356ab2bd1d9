//! The page to which users are sent.

use url::Url;

use super::unclear::{self, excerpt, is_html};
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
    let unclear = || unclear::inconclusive(exchange, "a login page");
    let text = visible_text(&answer.body);
    let broken = || LoginPage::Broken { status: answer.status, says: excerpt(&text) };
    let value = match answer.status {
        200 if ERRORS.iter().any(|error| text.contains(error)) => broken(),
        200 if answer.is_from_cognito() || is_html(answer) => LoginPage::Served,
        // The text alone could be another server's, but no other server says this.
        403 if text.contains("Login pages unavailable") => LoginPage::Unavailable,
        // A firewall in front of Cognito answers with these, and browsers may fare better.
        403 | 407 | 408 | 429 | 502..=504 | 511 if !answer.is_from_cognito() => return Err(unclear()),
        300..=399 => redirected(exchange, answer).ok_or_else(unclear)?,
        400..=599 => broken(),
        _ => return Err(unclear()),
    };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}

fn redirected(exchange: &Exchange, answer: &Answer) -> Option<LoginPage> {
    let asked = Url::parse(&exchange.request.url).ok()?;
    let target = asked.join(answer.header("location")?).ok()?;
    if target.origin() == asked.origin() {
        let (_, error) = target.query_pairs().find(|(name, _)| name == "error")?;
        return (target.path() == "/error").then(|| LoginPage::Broken { status: answer.status, says: excerpt(&error) });
    }
    let is_request = target.query_pairs().any(|(name, _)| name == "client_id" || name == "SAMLRequest");
    (target.scheme() == "https" && is_request)
        .then(|| target.host_str().map(str::to_owned))
        .flatten()
        .map(|host| LoginPage::External { host })
}

/// The words of a page without its markup.
fn visible_text(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let hidden = ["script", "style"]
            .into_iter()
            .find(|name| tag.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)));
        let end = hidden.map_or(Some(0), |name| tag.to_ascii_lowercase().find(&format!("</{name}")));
        let after = end.and_then(|end| tag.get(end..));
        rest = after.and_then(|after| after.split_once('>')).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
            (200, "<html><form>", LoginPage::Served),
            (403, "<p>Login pages unavailable. Please contact an administrator.</p>", LoginPage::Unavailable),
            (
                200,
                "<script>a<b</script><p>Client is not enabled for OAuth2.0 flows.</p>",
                broken(200, "Client is not enabled for OAuth2.0 flows."),
            ),
            (400, "<h1>Oops</h1><p>really", broken(400, "Oops really")),
            (500, "", broken(500, "")),
        ] {
            assert_eq!(read(status, &[], body).unwrap().value, page, "{status} {body}");
        }
        assert_eq!(read(403, &[COGNITO], "no").unwrap().value, broken(403, "no"));
        assert_eq!(read(302, &[("location", "/error?error=x")], "").unwrap().value, broken(302, "x"));
        let google = "https://accounts.google.com/o/oauth2/v2/auth?client_id=1";
        let external = LoginPage::External { host: "accounts.google.com".to_owned() };
        assert_eq!(read(302, &[("location", google)], "").unwrap().value, external);
    }

    #[test]
    fn a_firewall_shows_nothing() {
        for status in [204, 302, 403, 429, 503] {
            assert!(matches!(read(status, &[], "Forbidden"), Err(Missing::Inconclusive { .. })), "{status}");
        }
        assert!(read(200, &[], "{}").is_err());
        assert!(read(302, &[("location", "https://portal.example/")], "").is_err());
    }

    proptest! {
        #[test]
        fn only_a_page_is_a_login_page(status in 100u16..600, body in "\\PC{0,40}|(<[a-z/]{0,7}>?|[a-z ]{0,5}){0,9}", location in "\\PC{0,30}") {
            let page = read(status, &[("location", &location)], &body).map(|seen| seen.value);
            prop_assert!(page != Ok(LoginPage::Served) || status == 200 && body.trim_start().starts_with('<'));
        }
    }
}
