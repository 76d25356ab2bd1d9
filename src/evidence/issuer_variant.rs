//! Which of its two issuers a pool puts into its tokens.
//!
//! A pool that was switched to the updated issuer serves a document on `issuer-cognito-idp.REGION.amazonaws.com`, one that was
//! not is refused there with 403, while the document on the plain host looks the same for both.

use url::Url;

use super::discovery::discovery_url;
use super::unclear;
use super::{Evidence, Exchange, IssuerVariant, Seen, is_cognito_issuer_host, pool_of_issuer};
use crate::config::cognito::{region_of_issuer_host, region_of_pool, zone_of};
use crate::go;
use crate::host;

const PREFIX: &str = "issuer-cognito-idp";

/// The updated issuer of the pool whose issuer this is; `None` unless that is on a host of Cognito.
pub(super) fn updated_issuer(issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    let host = url.host_str().filter(|host| url.scheme() == "https" && is_cognito_issuer_host(host))?;
    let (_, rest) = host.split_once('.')?;
    Some(format!("https://{PREFIX}.{rest}{}", url.path().trim_end_matches('/')))
}

/// The issuer that the pool had first, if this is its updated one.
pub(super) fn first_issuer(issuer: &str) -> Option<String> {
    let updated = updated_issuer(issuer).filter(|updated| updated == issuer)?;
    Some(updated.replacen(PREFIX, "cognito-idp", 1))
}

/// What a pool whose issuer this is puts into its tokens if its `IssuerConfiguration.Type` is of this kind; nothing for a kind that
/// is not known.
pub(super) fn of_type(kind: &str, issuer: &str) -> Option<IssuerVariant> {
    match kind {
        "ORIGINAL" => Some(IssuerVariant::Original { is_set: true }),
        "UPDATED" => Some(IssuerVariant::Updated { issuer: at_home(&updated_issuer(issuer)?), is_set: true }),
        _ => None,
    }
}

/// An updated issuer on the host of the pool's primary region, which its id names, whichever replica is asked (API reference,
/// `IssuerConfigurationType`).
fn at_home(issuer: &str) -> String {
    let host = host::of(issuer).unwrap_or_default();
    let home = pool_of_issuer(issuer).and_then(region_of_pool);
    match region_of_issuer_host(&host).zip(home) {
        Some((region, home)) => issuer.replacen(&zone_of(region), &zone_of(home), 1),
        None => issuer.to_owned(),
    }
}

/// What the host of the updated issuer says.
pub(super) fn judge(exchange: &Exchange, updated: &str) -> Evidence<IssuerVariant> {
    let answer = unclear::answer(exchange)?;
    let issuer = || {
        let members = go::json::parse(&answer.body).ok()?.members();
        members.into_iter().rev().find(|(key, _)| go::json::fold(key) == "issuer")?.1.text()
    };
    let value = match answer.status {
        // A firewall's page says nothing about the pool.
        403 if unclear::is_from_aws(answer) => IssuerVariant::Original { is_set: false },
        200 => match issuer().filter(|issuer| issuer == updated && exchange.request.url == discovery_url(updated)) {
            Some(issuer) => IssuerVariant::Updated { issuer, is_set: false },
            None => {
                return Err(unclear::inconclusive(exchange, &format!("403, or a document with the issuer {updated}")));
            }
        },
        _ => return Err(unclear::inconclusive(exchange, "a 403 of Cognito's, or a discovery document")),
    };
    Ok(Seen { value, witnesses: vec![exchange.id.clone()] })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::{Missing, sample};

    const REFUSED: IssuerVariant = IssuerVariant::Original { is_set: false };
    const UPDATED: &str = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

    fn read(status: u16, headers: &[(&str, &str)], body: &str) -> Evidence<IssuerVariant> {
        judge(&sample::answer(&discovery_url(UPDATED), status, headers, body), UPDATED)
    }

    #[test]
    fn the_updated_issuer_is_derived_for_hosts_of_cognito_only() {
        for (issuer, updated) in [
            ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", Some(UPDATED)),
            (
                "https://cognito-idp-fips.us-gov-west-1.amazonaws.com/p/",
                Some("https://issuer-cognito-idp.us-gov-west-1.amazonaws.com/p"),
            ),
            (UPDATED, Some(UPDATED)),
            ("https://acme.auth.eu-west-1.amazoncognito.com", None),
            ("https://cognito-idp.eu-west-1.amazonaws.com.evil.example/p", None),
            ("http://cognito-idp.eu-west-1.amazonaws.com/p", None),
            ("", None),
        ] {
            assert_eq!(updated_issuer(issuer).as_deref(), updated, "{issuer}");
        }
        let first = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
        assert_eq!((first_issuer(UPDATED).as_deref(), first_issuer(first)), (Some(first), None));
    }

    #[test]
    fn a_pool_that_is_set_to_its_updated_issuer_has_it_in_its_own_region() {
        let replica = "https://cognito-idp.us-east-1.amazonaws.com/eu-west-1_9xK2mPq7R";
        let updated = IssuerVariant::Updated { issuer: UPDATED.to_owned(), is_set: true };
        assert_eq!(of_type("UPDATED", replica), Some(updated.clone()));
        assert_eq!(of_type("UPDATED", UPDATED), Some(updated));
        assert_eq!(of_type("ANOTHER", UPDATED), None);
    }

    #[test]
    fn a_refusal_and_a_document_are_told_from_anything_else() {
        let document = format!(r#"{{"issuer":"{UPDATED}"}}"#);
        assert_eq!(read(403, &[], r#"{"message":"Forbidden"}"#).unwrap().value, REFUSED);
        assert_eq!(read(403, &[("x-amzn-requestid", "1")], "<html>").unwrap().value, REFUSED);
        assert_eq!(
            read(200, &[], &document).unwrap().value,
            IssuerVariant::Updated { issuer: UPDATED.to_owned(), is_set: false }
        );
        for (status, body) in [
            (403, "<html>Blocked"),
            (403, "Blocked by ACME proxy"),
            (403, ""),
            (403, "{}"),
            (200, "{}"),
            (200, r#"{"issuer":"https://x"}"#),
            (404, ""),
            (302, ""),
            (503, ""),
        ] {
            assert!(matches!(read(status, &[], body), Err(Missing::Inconclusive { .. })), "{status} {body}");
        }
    }

    proptest! {
        #[test]
        fn only_a_refusal_says_original(status in 100u16..600, body in "\\PC{0,30}") {
            prop_assert!(read(status, &[], &body).is_err() || status == 403);
        }
    }
}
