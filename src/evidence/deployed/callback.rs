//! The callback without a code: does the path reach Pomerium?

use super::places::Page;
use super::who::Stranger;
use crate::config::Span;
use crate::evidence::unclear;
use crate::evidence::{Evidence, Exchange, Seen};

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

/// Pomerium refuses a callback without a code: 400, and 401 in some releases (`authenticate/handlers.go` `getOAuthCallback`).
pub(super) fn read(exchange: &Exchange, page: &Page) -> Evidence<CallbackAnswer> {
    let answer = unclear::answer(exchange)?;
    let is_own = answer.header("x-pomerium-intercepted-response").is_some();
    let is_refusal = matches!(answer.status, 400 | 401) && (is_own || !Stranger::is_known(answer));
    let stranger = match answer.status {
        _ if is_refusal => None,
        429 | 500..=599 if !Stranger::is_known(answer) => {
            return Err(unclear::inconclusive(exchange, "Pomerium's refusal of a callback without a code (400)"));
        }
        _ => Some(Stranger::of(answer)),
    };
    let value = CallbackAnswer { url: exchange.request.url.clone(), at: page.status(), stranger };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use crate::evidence::sample;

    fn is_routed(status: u16, headers: &[(&str, &str)], body: &str) -> Option<bool> {
        let exchange = sample::answer("https://authenticate.corp.example.com/oauth2/callback", status, headers, body);
        let read = read(&exchange, &Page::write(&mut Sources::default(), &exchange)).ok()?;
        Some(read.value.stranger.is_none())
    }

    #[test]
    fn only_pomerium_refuses_a_callback_without_a_code() {
        let own = [("x-pomerium-intercepted-response", "true")];
        assert_eq!(is_routed(400, &own, r#"{"Status":400,"RequestID":"x"}"#), Some(true));
        // A balancer may take the header away.
        assert_eq!(is_routed(400, &[], r#"{"Status":400}"#), Some(true));
        assert_eq!(is_routed(401, &own, ""), Some(true));
        assert_eq!(is_routed(400, &[("server", "awselb/2.0")], "<html>400</html>"), Some(false));
        assert_eq!(is_routed(404, &[], "<center>nginx</center>"), Some(false));
        assert_eq!(is_routed(302, &[("location", "https://idp.example/")], ""), Some(false));
        assert_eq!(is_routed(403, &[], "OAuth2 Proxy"), Some(false));
        assert_eq!(is_routed(200, &[("content-type", "text/html")], "<html>"), Some(false));
        assert_eq!((is_routed(429, &[], ""), is_routed(502, &[], "")), (None, None));
    }
}
