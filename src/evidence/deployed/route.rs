//! The URL as it was given: what a visitor without a session gets.

use url::Url;

use super::door::{self, Loop};
use super::own::{self, UPSTREAM_TIME};
use super::places::Page;
use super::who::{self, Stranger};
use super::{OWN_PAGE, SIGN_IN};
use crate::config::Span;
use crate::evidence::unclear::{self, status_line};
use crate::evidence::{Answer, Evidence, Exchange, Missing, Outcome, Seen, redact, told};

/// The parameter of its address that names the client and its settings (`pkg/identity`, and `internal/urlutil/query_params.go`).
pub(in crate::evidence) const PROVIDER_ID: &str = "pomerium_idp_id";

/// What a visitor without a session gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteAnswer {
    /// The address that was asked.
    pub url: String,
    /// The answer: the place of its status.
    pub at: Span,
    /// What it is.
    pub kind: RouteKind,
}

/// What a visitor without a session gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// A redirect to the login.
    SignIn(SignInLink),
    /// What is behind the route; the status.
    Public(u16),
    /// Pomerium knows no such route.
    Unknown,
    /// Pomerium wants a client certificate.
    NeedsClientCertificate,
    /// Envoy cannot ask Pomerium whether a visitor may pass; says what came.
    Down(String),
    /// Pomerium fails to say whether a visitor may pass; says what came.
    Fails(String),
    /// Somebody in front of Pomerium sends every visitor back to where they are.
    Loop(Loop),
    /// Another answer of Pomerium's, which shows no login; the status.
    Other(u16),
}

/// Where a visitor is sent to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// The address, without what is signed or sealed.
    pub url: String,
    /// `pomerium_idp_id`, unless it is sealed.
    pub provider_id: Option<(String, Span)>,
    /// `pomerium_issued` by the clock of the proxy, in seconds since 1970.
    pub issued: Option<i64>,
    /// It is sealed, and in which way.
    pub seal: Option<Seal>,
}

impl SignInLink {
    /// Whether it has what every Pomerium puts into it; anybody can send visitors to a page of this name.
    pub(in crate::evidence) fn is_signed(&self) -> bool {
        self.seal.is_some() || self.issued.is_some()
    }
}

/// How the address of the login is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// `pomerium_hpke_query`.
    Named,
    /// `k` and `q`.
    Short,
}

/// What stands for the page of an application, which is nobody's business.
const CONTENT: &str = "(what is behind the route is not kept)";

/// The answer without what an application says: of that its status counts. What Pomerium itself says stays.
pub(in crate::evidence) fn without_content(mut exchange: Exchange) -> Exchange {
    if let Outcome::Answer(answer) = &mut exchange.outcome {
        let is_own = answer.header(OWN_PAGE).is_some() || is_route_not_found(answer);
        if !is_own && !answer.body.trim().is_empty() {
            CONTENT.clone_into(&mut answer.body);
            if !is_envoys_own(answer) {
                answer.read.remove(told::STATUS_TEXT);
            }
        }
    }
    exchange
}

/// `service` is where Pomerium's own document says that users log in. A route that sends them elsewhere contradicts it, as an old
/// process beside a new one does.
pub(in crate::evidence) fn read(exchange: &Exchange, page: &Page, service: &Url) -> Evidence<RouteAnswer> {
    let answer = unclear::answer(exchange)?;
    let is_pomeriums = answer.header(OWN_PAGE).is_some() || answer.header(UPSTREAM_TIME).is_some();
    if who::is_busy(answer) && !is_pomeriums {
        return Err(unclear::inconclusive(exchange, "a redirect to the login"));
    }
    let kind = kind(exchange, answer, page)?;
    if let RouteKind::SignIn(link) = &kind
        && Url::parse(&link.url).is_ok_and(|url| url.origin() != service.origin())
    {
        let service = service.host_str().unwrap_or_default();
        let expected = format!("a redirect to the login at {service}, where Pomerium's own document says that it is");
        return Err(unclear::inconclusive(exchange, &expected));
    }
    let value = RouteAnswer { url: exchange.request.url.clone(), at: page.status(), kind };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}

fn kind(exchange: &Exchange, answer: &Answer, page: &Page) -> Result<RouteKind, Missing> {
    if let Some(link) = link(exchange, answer, page) {
        return Ok(RouteKind::SignIn(link));
    }
    let is_own = answer.header(OWN_PAGE).is_some();
    Ok(match answer.status {
        404 if is_route_not_found(answer) || is_own => RouteKind::Unknown,
        495 => RouteKind::NeedsClientCertificate,
        401 if is_own || answer.header("www-authenticate").is_some() => RouteKind::Other(401),
        _ if own::is_cut_off(answer) => RouteKind::Down(status_line(answer.status)),
        500..=599 if is_own => RouteKind::Fails(status_line(answer.status)),
        status if is_own => RouteKind::Other(status),
        403 | 404 | 426 | 500..=599 if is_envoys_own(answer) && !is_past_guard(answer) => {
            return Err(of_stranger(exchange, answer));
        }
        status if is_through_envoy(answer) => RouteKind::Public(status),
        _ => match door::redirect_loop(&exchange.request.url, answer) {
            // Whoever sets a cookie on the way may let the next visit pass.
            Some(found) if answer.header("set-cookie").is_none() => RouteKind::Loop(found),
            _ => return Err(of_stranger(exchange, answer)),
        },
    })
}

/// The Envoy of Pomerium was on the way: it says how long whoever is behind it took, and names itself, which a balancer may change.
fn is_through_envoy(answer: &Answer) -> bool {
    answer.header("server") == Some("envoy") || answer.header(UPSTREAM_TIME).is_some()
}

/// An Envoy answers itself: it says of nobody how long he took. Pomerium's own says 404 in a way of its own, and never 403.
fn is_envoys_own(answer: &Answer) -> bool {
    answer.header("server") == Some("envoy") && answer.header(UPSTREAM_TIME).is_none()
}

/// Pomerium's Envoy let the visitor through, and nobody behind the route answered: it asks whether one may pass before that
/// (`config/envoyconfig/filters.go`).
fn is_past_guard(answer: &Answer) -> bool {
    answer.read.get(told::STATUS_TEXT).is_some_and(|word| own::is_of_upstream(word))
}

/// Whatever somebody in front of Pomerium answers tells nothing of the route.
fn of_stranger(exchange: &Exchange, answer: &Answer) -> Missing {
    Stranger::instead(exchange, answer, "a redirect to the login, or an answer through Pomerium's Envoy", "")
}

/// Envoy's answer for a host or a path that no route is from.
fn is_route_not_found(answer: &Answer) -> bool {
    answer.read.get(told::STATUS_TEXT).is_some_and(|text| text == "route_not_found")
}

/// The link to the login of a redirect.
pub(in crate::evidence) fn link(exchange: &Exchange, answer: &Answer, page: &Page) -> Option<SignInLink> {
    let location = redact::whole_pairs(answer.location()?);
    let url = Url::parse(&exchange.request.url).ok()?.join(location).ok()?;
    if url.path() != SIGN_IN {
        return None;
    }
    let value = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let has = |name: &str| url.query_pairs().any(|(own, _)| own == name);
    let seal =
        if has("pomerium_hpke_query") { Some(Seal::Named) } else { (has("k") && has("q")).then_some(Seal::Short) };
    let id = value(PROVIDER_ID).filter(|id| !id.is_empty());
    Some(SignInLink {
        provider_id: id.map(|id| (id.clone(), page.parameter(PROVIDER_ID, &id))),
        issued: value("pomerium_issued").and_then(|issued| issued.parse().ok()),
        url: url.into(),
        seal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::sample;

    fn kept(status: u16, headers: &[(&str, &str)], body: &str) -> String {
        let exchange = without_content(sample::answer("https://app.corp.example.com/", status, headers, body));
        exchange.answer().map(|answer| answer.body.clone()).unwrap_or_default()
    }

    #[test]
    fn of_an_application_nothing_is_kept_and_of_pomerium_all() {
        let own = [("x-pomerium-intercepted-response", "true")];
        for (headers, body, is_kept) in [
            (&[][..], "{\"api_key\":\"x\"}", false),
            (&[], "<html>Welcome</html>", false),
            (&own, "<html>Found</html>", true),
        ] {
            assert_eq!(kept(200, headers, body) == body, is_kept, "{body}");
        }
        assert_eq!(kept(503, &[], ""), "");
        // What was recorded without it is read as it is.
        assert_eq!(kept(200, &[], CONTENT), CONTENT);
    }
}
