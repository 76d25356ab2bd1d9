//! The callback without a code: does the path reach Pomerium?

use super::OWN_PAGE;
use super::own::error_id;
use super::places::Page;
use super::who::Stranger;
use crate::config::Span;
use crate::evidence::unclear;
use crate::evidence::{Answer, Evidence, Exchange, Seen};

/// Who takes the codes of the identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// The address that was asked.
    pub url: String,
    /// The place of the answer's status.
    pub at: Span,
    /// Somebody else than Pomerium.
    pub stranger: Option<Stranger>,
}

const EXPECTED: &str = "Pomerium's refusal of a callback without a code (400)";

/// Pomerium refuses a callback without a code: 400, and 401 in some releases (`authenticate/handlers.go` `getOAuthCallback`).
///
/// It marks its answers, and where a balancer takes that away, the shape of its errors decides (`internal/httputil/errors.go`). A
/// refusal without either is somebody else's if he gives himself away; else it may be a balancer's page in place of Pomerium's.
/// `is_let_in` says that Pomerium answers on another page of this host.
pub(in crate::evidence) fn read(exchange: &Exchange, page: &Page, is_let_in: bool) -> Evidence<CallbackAnswer> {
    let answer = unclear::answer(exchange)?;
    let is_own = answer.header(OWN_PAGE).is_some() || error_id(answer).is_some();
    let is_refusal = matches!(answer.status, 400 | 401);
    if !(is_refusal && is_own) {
        Stranger::is_to_judge(exchange, answer, EXPECTED, is_let_in)?;
    }
    let stranger = match answer.status {
        _ if is_refusal && is_own => None,
        _ if is_refusal && !is_anothers(answer) => {
            return Err(unclear::inconclusive(exchange, "Pomerium's own refusal of a callback without a code"));
        }
        500..=599 if !Stranger::is_known(answer) => return Err(unclear::inconclusive(exchange, EXPECTED)),
        _ => Some(Stranger::of(answer)),
    };
    let value = CallbackAnswer { url: exchange.request.url.clone(), at: page.status(), stranger };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}

/// Somebody else refuses: he wants a login of his own, names himself, or words his errors in another way.
fn is_anothers(answer: &Answer) -> bool {
    let names_himself = answer.header("server").is_some_and(|server| !server.eq_ignore_ascii_case("envoy"));
    let is_json = || serde_json::from_str::<serde_json::Value>(&answer.body).is_ok_and(|document| document.is_object());
    answer.header("www-authenticate").is_some() || names_himself || Stranger::is_known(answer) || is_json()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use crate::evidence::sample;

    fn is_routed(status: u16, headers: &[(&str, &str)], body: &str) -> Option<bool> {
        is_routed_of(false, status, headers, body)
    }

    fn is_routed_of(is_let_in: bool, status: u16, headers: &[(&str, &str)], body: &str) -> Option<bool> {
        let exchange = sample::answer("https://authenticate.corp.example.com/oauth2/callback", status, headers, body);
        let read = read(&exchange, &Page::write(&mut Sources::default(), &exchange), is_let_in).ok()?;
        Some(read.value.stranger.is_none())
    }

    #[test]
    fn only_pomerium_refuses_a_callback_without_a_code() {
        let own = [("x-pomerium-intercepted-response", "true")];
        assert_eq!(is_routed(400, &own, r#"{"Status":400,"RequestID":"x"}"#), Some(true));
        // A balancer may take the header away.
        for server in ["envoy", "nginx", "cloudflare"] {
            assert_eq!(
                is_routed(400, &[("server", server)], r#"{"Status":400,"RequestID":"x"}"#),
                Some(true),
                "{server}"
            );
        }
        assert_eq!(is_routed(401, &own, ""), Some(true));
        assert_eq!(is_routed(400, &[("server", "awselb/2.0")], "<html>400</html>"), Some(false));
        assert_eq!(is_routed(401, &[("www-authenticate", "Basic realm=\"x\"")], "401 Unauthorized"), Some(false));
        assert_eq!(is_routed(400, &[("server", "Apache")], "<title>400 Bad Request</title>"), Some(false));
        assert_eq!(is_routed(400, &[], "<h1>Bad Request</h1><h3>Apache Tomcat/9.0.82</h3>"), Some(false));
        assert_eq!(is_routed(400, &[], r#"{"error":"invalid_request"}"#), Some(false));
        assert_eq!(is_routed(400, &[("server", "envoy")], "Bad Request"), None);
        assert_eq!(is_routed(404, &[], "<center>nginx</center>"), Some(false));
        assert_eq!(is_routed(302, &[("location", "https://idp.example/")], ""), Some(false));
        assert_eq!(is_routed(403, &[], "OAuth2 Proxy"), Some(false));
        assert_eq!(is_routed(200, &[("content-type", "text/html")], "<html>"), Some(false));
        for guard in [("server", "awselb/2.0"), ("cf-mitigated", "challenge"), ("x-cache", "Error from cloudfront")] {
            assert_eq!(is_routed(403, &[guard], "<html>403 Forbidden</html>"), None, "{guard:?}");
        }
        // Whoever lets us in at another page keeps everybody from this one, unless he checks for robots.
        assert_eq!(is_routed_of(true, 403, &[("server", "nginx")], "<html>403 Forbidden</html>"), Some(false));
        assert_eq!(is_routed_of(true, 403, &[("cf-mitigated", "challenge")], "<html>"), None);
        assert_eq!(is_routed(202, &[("x-amzn-waf-action", "challenge")], ""), None);
        assert_eq!(is_routed(502, &[], ""), None);
        let (nginx, later) = (("server", "nginx"), ("retry-after", "30"));
        for (status, headers) in [(429, &[][..]), (429, &[nginx]), (503, &[nginx, later])] {
            assert_eq!(is_routed(status, headers, "<center>nginx</center>"), None, "{status} {headers:?}");
        }
        assert_eq!(is_routed(503, &[nginx], "<center>nginx</center>"), Some(false));
    }
}
