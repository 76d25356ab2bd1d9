//! The sign-out of a running Pomerium: which provider it takes itself to talk to.

use url::Url;

use super::places::Page;
use crate::config::Span;
use crate::evidence::unclear;
use crate::evidence::{Evidence, Exchange, Seen};

/// Where a sign-out leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningSignOut {
    /// Where the answer stands.
    pub at: Span,
    /// `idp_provider` is `cognito`: it leads to Cognito's own sign-out. Else it does not.
    pub is_cognito: bool,
    /// Where Cognito is to send users after that, and where it says so.
    pub logout_uri: Option<(String, Span)>,
}

/// `authenticate/handlers_sign_out.go`, `pkg/identity/oidc/cognito` (since v0.24).
pub(in crate::evidence) fn read(exchange: &Exchange, page: &Page) -> Evidence<RunningSignOut> {
    let answer = unclear::answer(exchange)?;
    let location = answer.header("location").filter(|_| matches!(answer.status, 302 | 303));
    let url = location.and_then(|location| Url::parse(&exchange.request.url).ok()?.join(location).ok());
    let Some(url) = url else { return Err(unclear::inconclusive(exchange, "a redirect to a sign-out")) };
    let value = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let logout_uri = value("logout_uri");
    let is_cognito = url.path() == "/logout" && logout_uri.is_some() && value("client_id").is_some();
    let logout_uri = logout_uri.filter(|_| is_cognito).map(|uri| {
        let at = page.parameter("logout_uri", &uri);
        (uri, at)
    });
    let value = RunningSignOut { at: page.status(), is_cognito, logout_uri };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}
