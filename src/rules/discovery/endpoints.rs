//! The endpoints that the discovery document names: can Pomerium call them, and are they the pool's own?

use super::is_of_pool;
use crate::config::Issuer;
use crate::evidence::{DiscoveryAnswer, DiscoveryDocument, Evidence, StrictMetadata};
use crate::go;
use crate::rules::{Finding, Severity, cure};
use crate::shell;

/// Why Pomerium cannot call this endpoint; nothing if it can. Go's client speaks http too, but no provider may be asked so
/// (`OpenID` Connect Discovery 1.0 §3): what is sent there are codes, secrets and tokens.
pub(super) fn uncallable(endpoint: &str) -> Option<String> {
    match go::url::parse_and_validate(endpoint) {
        Err(words) => Some(words),
        Ok(url) if url.scheme != "https" => Some(format!("`{}` is not https", url.scheme)),
        // Go sends `%20`, where others would cut it off.
        Ok(_) if endpoint.contains(' ') => Some("the blank in it becomes part of the address".to_owned()),
        Ok(_) => url::Url::parse(endpoint).err().map(|error| error.to_string()),
    }
}

/// `discovery-incomplete`
///
/// Pomerium is more tolerant than the standard: a document that it takes all the same stops no login today.
pub(in crate::rules) fn discovery_incomplete(
    issuer: &Issuer,
    answer: &DiscoveryAnswer,
    strict: &StrictMetadata,
    document: &Evidence<DiscoveryDocument>,
) -> Vec<Finding> {
    let severity = if answer.refusal.is_some() { Severity::Error } else { Severity::Warning };
    let objections = strict.objections.iter().map(|objection| {
        Finding::at(issuer.0.span, format!("a strict OpenID Connect client refuses the discovery document: {objection}"))
            .fix("Cognito itself serves complete documents: check that the issuer names the pool itself, not a proxy, a cache or an emulator")
            .fix("compare:")
                .fix(format!("  curl {}", shell::quoted(&answer.url)))
            .severity(severity)
    });
    // A document of another issuer is another rule's matter.
    let own = document.iter().filter(|seen| is_of_pool(issuer) && seen.value.issuer == issuer.0.value);
    let astray = own.flat_map(|seen| astray(&seen.value)).map(|says| {
        Finding::at(issuer.0.span, says)
            .title("The discovery document leads elsewhere than to the pool")
            .fix("Cognito itself names its own endpoints: check what stands between this machine and Cognito")
            .fix("compare:")
            .fix(format!("  curl {}", shell::quoted(&answer.url)))
            .severity(Severity::Warning)
    });
    objections.chain(astray).collect()
}

/// What is not where Cognito keeps it: tokens and users on the login domain, under the same paths on each, and the keys beside the
/// document. What cannot be called at all is told by others.
fn astray(document: &DiscoveryDocument) -> Vec<String> {
    let Some(domain) = &document.login_domain else { return Vec::new() };
    let keys = format!("{}/.well-known/jwks.json", document.issuer);
    let places = [
        ("token_endpoint", &document.token_endpoint, format!("https://{}/oauth2/token", domain.host)),
        ("userinfo_endpoint", &document.userinfo_endpoint, format!("https://{}/oauth2/userInfo", domain.host)),
        ("jwks_uri", &document.jwks_uri, keys),
    ];
    let is_astray = |named: &str, own: &str| {
        let same = url::Url::parse(named).ok().zip(url::Url::parse(own).ok()).is_some_and(|(named, own)| named == own);
        // Both issuers of a pool have the same keys.
        !same
            && named.replacen("issuer-cognito-idp", "cognito-idp", 1)
                != own.replacen("issuer-cognito-idp", "cognito-idp", 1)
    };
    places
        .into_iter()
        .filter(|(_, named, own)| uncallable(named).is_none() && is_astray(named, own))
        .map(|(name, named, own)| format!("`{name}` is `{named}`, and the pool has it at `{own}`"))
        .collect()
}

/// `userinfo-endpoint-missing`
pub(in crate::rules) fn userinfo_endpoint_missing(issuer: &Issuer, document: &DiscoveryDocument) -> Option<Finding> {
    let endpoint = &document.userinfo_endpoint;
    let why = uncallable(endpoint)?;
    let says = if endpoint.is_empty() {
        "the discovery document names no `userinfo_endpoint`, and Pomerium asks it at every login".to_owned()
    } else {
        format!("Pomerium asks the `userinfo_endpoint` at every login, and cannot call `{endpoint}`: {why}")
    };
    let finding = Finding::at(issuer.0.span, says);
    let finding = if endpoint.is_empty() {
        finding
    } else {
        finding.title("The userinfo endpoint cannot be called, and Pomerium always asks it")
    };
    Some(if is_of_pool(issuer) {
        finding
            .fix("give the user pool a domain: Cognito then serves /oauth2/userInfo on it and says so in the document")
            .fix(cure::pool_console(&issuer.0.value, "Branding → Domain"))
    } else {
        finding.fix("have the provider serve userinfo over https, and name it in its discovery document")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::evidence::{LoginDomain, Seen};
    use crate::rules::testing::setting;

    const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

    fn issuer() -> Issuer {
        Issuer(setting(ISSUER))
    }

    fn document() -> DiscoveryDocument {
        let host = "acme.auth.eu-west-1.amazoncognito.com".to_owned();
        DiscoveryDocument {
            issuer: ISSUER.to_owned(),
            token_endpoint: format!("https://{host}/oauth2/token"),
            userinfo_endpoint: format!("https://{host}/oauth2/userInfo"),
            jwks_uri: format!("{ISSUER}/.well-known/jwks.json"),
            login_domain: Some(LoginDomain { host, custom: false }),
            ..DiscoveryDocument::default()
        }
    }

    fn answer(refusal: Option<&str>) -> DiscoveryAnswer {
        DiscoveryAnswer {
            url: format!("{ISSUER}/.well-known/openid-configuration"),
            status: 200,
            no_such_pool: false,
            gone: None,
            refusal: refusal.map(str::to_owned),
            captive: None,
        }
    }

    fn incomplete(refusal: Option<&str>, objections: &[&str], document: DiscoveryDocument) -> Vec<Finding> {
        let strict =
            StrictMetadata { objections: objections.iter().map(|objection| (*objection).to_owned()).collect() };
        let document = Ok(Seen { value: document, witnesses: Vec::new() });
        discovery_incomplete(&issuer(), &answer(refusal), &strict, &document)
    }

    #[test]
    fn what_pomerium_takes_all_the_same_is_a_warning() {
        let severity = |refusal| incomplete(refusal, &["subject_types_supported is missing"], document())[0].severity;
        assert_eq!(severity(None), Some(Severity::Warning));
        assert_eq!(severity(Some("oidc: issuer did not match")), Some(Severity::Error));
        assert!(incomplete(None, &[], document()).is_empty());
    }

    #[test]
    fn an_endpoint_that_leads_elsewhere_is_named() {
        let says = |change: fn(&mut DiscoveryDocument)| {
            let mut document = document();
            change(&mut document);
            incomplete(None, &[], document).into_iter().map(|finding| finding.says).collect::<Vec<_>>()
        };
        for change in [
            (|d| d.token_endpoint = "https://evil.example/oauth2/token".to_owned()) as fn(&mut DiscoveryDocument),
            |d| d.userinfo_endpoint = "https://other.auth.eu-west-1.amazoncognito.com/oauth2/userInfo".to_owned(),
            |d| d.userinfo_endpoint = d.userinfo_endpoint.replace("userInfo", "userinfo"),
            |d| d.jwks_uri = d.jwks_uri.replace("9xK2mPq7R", "0ther"),
        ] {
            assert_eq!(says(change).len(), 1);
        }
        assert!(says(|d| d.jwks_uri = d.jwks_uri.replace("//cognito-idp", "//issuer-cognito-idp")).is_empty());
        assert!(says(|d| d.token_endpoint = d.token_endpoint.replace("acme.auth", "ACME.auth")).is_empty());
    }

    #[test]
    fn an_endpoint_that_nothing_can_call_is_told() {
        for endpoint in [
            "https://acme.example/userInfo ",
            "htdps://acme.example/userInfo",
            "http://acme.example/userInfo",
            "/userInfo",
            "https://",
            "::",
            "",
        ] {
            assert!(uncallable(endpoint).is_some(), "{endpoint}");
            let document = DiscoveryDocument { userinfo_endpoint: endpoint.to_owned(), ..document() };
            assert!(userinfo_endpoint_missing(&issuer(), &document).is_some(), "{endpoint}");
        }
        assert_eq!(userinfo_endpoint_missing(&issuer(), &document()), None);
    }

    #[test]
    fn a_provider_that_is_no_pool_is_cured_where_it_is() {
        let issuer = Issuer(setting("https://login.corp.example.com"));
        let finding = userinfo_endpoint_missing(&issuer, &DiscoveryDocument::default()).unwrap();
        assert_eq!(finding.fix, ["have the provider serve userinfo over https, and name it in its discovery document"]);
    }
}
