//! `/.well-known/pomerium`: who answers on a host.

use url::Url;

use super::own::{document, has_reset, is_cut_off};
use super::places::Page;
use super::who::Stranger;
use crate::config::Span;
use crate::evidence::unclear::{excerpt, status_line};
use crate::evidence::{Answer, Exchange};

/// Who answers on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontDoor {
    /// The address that was asked.
    pub url: String,
    /// The answer, and the place of its status.
    pub at: Span,
    /// Who it is.
    pub opened_by: Opened,
}

/// Who opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Pomerium.
    Pomerium(WellKnown),
    /// Pomerium's Envoy, and nothing of Pomerium behind it; says what came.
    Down(String),
    /// Whoever sends every visitor back to where they are.
    Loop(Loop),
    /// Somebody else.
    Stranger(Stranger),
}

/// A redirect that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// Where it leads.
    pub to: String,
    /// From https to http of the same host.
    pub is_downgrade: bool,
}

/// What Pomerium says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WellKnown {
    /// The callback that it sends to the identity provider, but for a query.
    pub callback: String,
    /// Where that stands.
    pub callback_at: Span,
    /// What its document says of this host; where somebody keeps that from being read, the address of the login alone shows Pomerium.
    pub document: Option<Document>,
}

/// What Pomerium's document says of the host that it was asked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// `issuer`, since v0.28.
    pub issuer: Option<String>,
    /// Where it serves its signing keys.
    pub jwks_uri: String,
}

pub(in crate::evidence) fn read(exchange: &Exchange, answer: &Answer, page: &Page) -> FrontDoor {
    let opened_by = match well_known(answer, page) {
        Some(pomerium) => Opened::Pomerium(pomerium),
        None => opened_by(exchange, answer),
    };
    FrontDoor { url: exchange.request.url.clone(), at: page.status(), opened_by }
}

fn opened_by(exchange: &Exchange, answer: &Answer) -> Opened {
    if let Some(found) = redirect_loop(&exchange.request.url, answer) {
        return Opened::Loop(found);
    }
    let words = || format!("{} {}", status_line(answer.status), excerpt(answer.body.trim()));
    if has_reset(answer) || is_cut_off(answer) { Opened::Down(words()) } else { Opened::Stranger(Stranger::of(answer)) }
}

fn well_known(answer: &Answer, page: &Page) -> Option<WellKnown> {
    let (callback, document) = document(answer)?;
    let text = |name: &str| document.get(name)?.as_str().map(str::to_owned);
    let (issuer, jwks_uri) = (text("issuer"), text("jwks_uri")?);
    Some(WellKnown { callback_at: page.place(&callback), callback, document: Some(Document { issuer, jwks_uri }) })
}

/// A redirect to the very address that was asked, or to its like without TLS.
pub(super) fn redirect_loop(asked: &str, answer: &Answer) -> Option<Loop> {
    let location = answer.header("location").filter(|_| (300..400).contains(&answer.status))?;
    let asked = Url::parse(asked).ok()?;
    let target = asked.join(location).ok()?;
    let is_same_page =
        target.host_str() == asked.host_str() && target.path() == asked.path() && target.query() == asked.query();
    let is_downgrade = target.scheme() == "http" && target.host_str() == asked.host_str();
    (is_downgrade || is_same_page && target.scheme() == "https" && target.port() == asked.port())
        .then(|| Loop { to: excerpt(location), is_downgrade })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Sources;
    use crate::evidence::{Outcome, sample};

    const URL: &str = "https://app.corp.example.com/.well-known/pomerium";
    const DOCUMENT: &str = r#"{"issuer":"https://app.corp.example.com/","authentication_callback_endpoint":"https://authenticate.corp.example.com/oauth2/callback","jwks_uri":"https://app.corp.example.com/.well-known/pomerium/jwks.json","frontchannel_logout_uri":"https://app.corp.example.com/.pomerium/sign_out"}"#;

    fn opened(status: u16, headers: &[(&str, &str)], body: &str) -> Opened {
        let exchange = sample::answer(URL, status, headers, body);
        let page = Page::write(&mut Sources::default(), &exchange);
        let Outcome::Answer(answer) = &exchange.outcome else { unreachable!() };
        read(&exchange, answer, &page).opened_by
    }

    #[test]
    fn only_pomeriums_own_document_is_pomerium() {
        assert!(
            matches!(opened(200, &[], DOCUMENT), Opened::Pomerium(found) if found.document.as_ref().is_some_and(|own| own.issuer.is_some()))
        );
        for body in [
            DOCUMENT.replace("/oauth2/callback", "/cb"),
            DOCUMENT.replace("https://authenticate.corp.example.com", ""),
            DOCUMENT.replace("frontchannel_logout_uri", "x"),
            "{}".to_owned(),
            "[]".to_owned(),
            "<html>".to_owned(),
        ] {
            assert!(matches!(opened(200, &[], &body), Opened::Stranger(_)), "{body}");
        }
        assert!(matches!(opened(404, &[], DOCUMENT), Opened::Stranger(_)));
    }

    #[test]
    fn a_redirect_back_is_a_loop_and_one_elsewhere_is_not() {
        for (location, found) in [
            (URL, Some(false)),
            ("/.well-known/pomerium", Some(false)),
            ("http://app.corp.example.com/.well-known/pomerium", Some(true)),
            ("http://app.corp.example.com/", Some(true)),
            ("https://www.example.com/.well-known/pomerium", None),
            ("https://app.corp.example.com/.well-known/pomerium/", None),
        ] {
            let opened = opened(301, &[("location", location)], "");
            let is_downgrade = match opened {
                Opened::Loop(found) => Some(found.is_downgrade),
                _ => None,
            };
            assert_eq!(is_downgrade, found, "{location}");
        }
    }

    #[test]
    fn an_envoy_without_pomerium_behind_it_is_told_from_another_one() {
        let reset = r#"{"requestId":"x","status":"503","statusText":"upstream_reset_before_response_started{connection_failure}"}"#;
        assert!(matches!(opened(503, &[("server", "envoy")], reset), Opened::Down(_)));
        let own = [("server", "envoy"), ("x-request-id", "1")];
        assert!(matches!(opened(503, &own, ""), Opened::Down(_)));
        let of_the_application = [own[0], own[1], ("x-envoy-upstream-service-time", "2")];
        assert!(matches!(opened(503, &of_the_application, ""), Opened::Stranger(_)));
        assert!(matches!(opened(503, &[("server", "istio-envoy"), ("x-request-id", "1")], ""), Opened::Stranger(_)));
        assert!(matches!(opened(503, &[("server", "awselb/2.0")], "x"), Opened::Stranger(_)));
    }
}
