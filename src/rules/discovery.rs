//! Stages discovery and keys: does the pool serve a document that Pomerium accepts, and can its tokens be verified?

mod endpoints;

pub(super) use endpoints::{discovery_incomplete, userinfo_endpoint_missing};

use super::{Finding, Judgement, Rule, Severity, Stage, cure};
use crate::config::Issuer;
use crate::config::cognito::is_issuer_host;
use crate::evidence::{DiscoveryAnswer, DiscoveryDocument, Evidence, ProviderClock};
use crate::host;
use crate::shell;
use endpoints::uncallable;

/// At an issuer that is none, there is no discovery document.
pub(super) const NO_DISCOVERY: &[&str] = &[
    "issuer-malformed",
    "issuer-is-login-domain",
    "issuer-has-discovery-path",
    "issuer-not-cognito",
    "issuer-pool-malformed",
];

/// The document is somebody else's, or none that can be read.
pub(super) const UNREADABLE: &[&str] = &["issuer-not-cognito", "discovery-malformed"];

const STAGE: Stage = Stage::Discovery;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("discovery-refused", Error, discovery_refused).after(NO_DISCOVERY).after(&["issuer-not-switched"]),
        rule!("discovery-malformed", Error, discovery_malformed).after(NO_DISCOVERY),
        rule!("discovery-incomplete", Error, discovery_incomplete).after(&[
            "issuer-is-login-domain",
            "issuer-not-cognito",
            "discovery-malformed",
            "pool-has-no-domain",
        ]),
        rule!("userinfo-endpoint-missing", Error, userinfo_endpoint_missing)
            .after(UNREADABLE)
            .after(&["pool-has-no-domain"]),
        rule!("code-response-type-missing", Error, code_response_type_missing).after(UNREADABLE),
        rule!("clock-skew", Warning, clock_skew),
    ]
}

/// Seconds by which two clocks may differ unnoticed: less than the network and a rounded `Date` header explain.
const TOLERABLE_SKEW: u64 = 60;

/// `discovery-refused`
///
/// go-oidc takes nothing but 200 (`NewProvider`), whatever the answer says; Go's client follows ten redirects.
pub(super) fn discovery_refused(issuer: &Issuer, answer: &DiscoveryAnswer) -> Judgement {
    if answer.captive.is_some() {
        return Judgement::NotApplicable("the answer does not come from the provider");
    }
    if answer.no_such_pool {
        return Judgement::NotApplicable("the pool does not exist");
    }
    if answer.status == 200 {
        return Judgement::pass();
    }
    let url = &answer.url;
    let got = answer.refusal.as_deref().unwrap_or_default();
    let finding = Finding::at(
        issuer.0.span,
        format!("Pomerium asks {url} before it can start a login, and takes nothing but 200; the answer is {got}"),
    );
    let finding = if answer.is_redirect() {
        finding.fix("write the issuer whose document is served without a redirect, or have whoever answers serve it at that address")
    } else {
        finding.fix("check that this is the issuer of the pool, letter for letter, and that nothing in between changes the request")
    };
    finding.fix(format!("try it on the machine that runs Pomerium: curl -v {url}")).into()
}

/// `discovery-malformed`
pub(super) fn discovery_malformed(
    issuer: &Issuer,
    answer: &DiscoveryAnswer,
    document: &Evidence<DiscoveryDocument>,
) -> Judgement {
    let finding = |says: String| Finding::at(issuer.0.span, says);
    let by_hand = format!("try it on the machine that runs Pomerium: curl -v {}", shell::quoted(&answer.url));
    if let Some(sign) = &answer.captive {
        return finding(format!("the answer to the discovery request does not come from Cognito: {sign}"))
            .title("Something in between answers in place of Cognito")
            .fix("let this machine, and the one that runs Pomerium, reach Cognito directly or through a proxy that passes it on")
            .fix(by_hand)
            .into();
    }
    if answer.status != 200 {
        return Judgement::NotApplicable("discovery did not answer 200: there is no document to judge");
    }
    let wrong = match document {
        Err(_) => Some(answer.refusal.clone().unwrap_or_else(|| "it is not a JSON object".to_owned())),
        Ok(seen) if seen.value.issuer.is_empty() => Some("it has no `issuer`".to_owned()),
        Ok(seen) if seen.value.jwks_uri.is_empty() => {
            Some("it has no `jwks_uri`, so no token can be verified".to_owned())
        }
        // A document of the right issuer, with a login domain, that is refused all the same: one of its values has the wrong type.
        Ok(seen)
            if seen.value.issuer == issuer.0.value && seen.value.login_domain.is_some() && answer.refusal.is_some() =>
        {
            answer.refusal.clone()
        }
        Ok(seen) => bad_endpoint(issuer, &seen.value),
    };
    wrong
        .map(|why| {
            let whose = if is_of_pool(issuer) {
                "Cognito itself always serves a sound document: check that this is the issuer of the pool and that nothing in between rewrites the answer"
            } else {
                "have the provider say it in its discovery document, and check that nothing in between rewrites the answer"
            };
            finding(format!("the discovery document is of no use to Pomerium: {why}"))
                .fix(whose)
                .fix(by_hand)
        })
        .into()
}

/// An endpoint that a login needs, besides userinfo, and that cannot be called.
fn bad_endpoint(issuer: &Issuer, document: &DiscoveryDocument) -> Option<String> {
    let bad = |name: &str, endpoint: &str| {
        uncallable(endpoint).map(|why| format!("its `{name}` `{endpoint}` cannot be called: {why}"))
    };
    let authorization = || match document.authorization_endpoint.as_str() {
        // Of a pool without a domain another rule tells.
        _ if is_of_pool(issuer) && document.login_domain.is_none() => None,
        // Pomerium sends the browser there as it stands: to nothing, it would send it back to itself, for ever.
        "" => Some("it has no `authorization_endpoint`, so no login can begin".to_owned()),
        endpoint => bad("authorization_endpoint", endpoint),
    };
    bad_token_endpoint(issuer, document).or_else(authorization).or_else(|| bad("jwks_uri", &document.jwks_uri))
}

/// The code of a login is exchanged there. A pool without a domain may have none, and another rule says that.
fn bad_token_endpoint(issuer: &Issuer, document: &DiscoveryDocument) -> Option<String> {
    let endpoint = &document.token_endpoint;
    match uncallable(endpoint) {
        _ if endpoint.is_empty() && is_of_pool(issuer) => None,
        Some(_) if endpoint.is_empty() => Some("it has no `token_endpoint`, so no code can be exchanged".to_owned()),
        Some(why) => Some(format!("its `token_endpoint` `{endpoint}` cannot be called: {why}")),
        None => None,
    }
}

/// The issuer is a user pool's.
fn is_of_pool(issuer: &Issuer) -> bool {
    let host = host::of(&issuer.0.value);
    host.is_some_and(|host| is_issuer_host(&host))
}

/// `code-response-type-missing`
pub(super) fn code_response_type_missing(issuer: &Issuer, document: &DiscoveryDocument) -> Option<Finding> {
    let offered = document.response_types.as_ref()?;
    (!offered.iter().any(|response_type| response_type == "code")).then(|| {
        let offered = cure::list(offered.iter().map(String::as_str));
        Finding::at(
            issuer.0.span,
            format!("`response_types_supported` offers {offered}, but Pomerium logs in with `code` alone"),
        )
        .fix("Cognito always offers `code`: check that the issuer names the pool itself, not a proxy or an emulator")
    })
}

/// `clock-skew`
pub(super) fn clock_skew(issuer: &Issuer, clock: &ProviderClock) -> Option<Finding> {
    let ahead = clock.ahead;
    let seconds = ahead.unsigned_abs();
    if seconds <= TOLERABLE_SKEW {
        return None;
    }
    let direction = if ahead > 0 { "behind" } else { "ahead of" };
    let effect =
        if ahead > 0 { "tokens will seem to come from the future" } else { "tokens will seem to have expired early" };
    Some(
        Finding::at(
            issuer.0.span,
            format!("the clock of this machine is {} {direction} Cognito's: {effect}", duration(seconds)),
        )
        .fix("set the clock by NTP on the machine that runs Pomerium: timedatectl set-ntp true")
        .fix("if Pomerium runs elsewhere, compare there: date -u")
        .severity(Severity::Warning),
    )
}

fn duration(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::rules::testing::{discovery_answer, issuer, setting, span};

    #[test]
    fn the_clock_is_judged_by_how_far_it_is_off() {
        let severity = |ahead| clock_skew(&issuer(), &ProviderClock { ahead }).map(|finding| finding.severity.unwrap());
        assert_eq!(severity(60), None);
        assert_eq!(severity(-60), None);
        assert_eq!(severity(61), Some(Severity::Warning));
        assert_eq!(severity(300), Some(Severity::Warning));
        // It is the clock of this machine, which need not be Pomerium's.
        assert_eq!(severity(-301), Some(Severity::Warning));
        assert_eq!(severity(i64::MIN), Some(Severity::Warning));
        let behind = clock_skew(&issuer(), &ProviderClock { ahead: 95 }).unwrap();
        assert_eq!(behind.at, span());
        assert!(behind.says.contains("1 min 35 s behind"), "{}", behind.says);
    }

    #[test]
    fn a_document_of_another_issuer_is_not_called_malformed() {
        let document = DiscoveryDocument {
            issuer: "https://elsewhere.example".to_owned(),
            jwks_uri: "https://elsewhere.example/keys".to_owned(),
            ..DiscoveryDocument::default()
        };
        let refused = discovery_answer(Some("oidc: issuer did not match"));
        let seen = Ok(crate::evidence::Seen { value: document, witnesses: vec![] });
        assert!(
            matches!(discovery_malformed(&issuer(), &refused, &seen), Judgement::Findings(found) if found.is_empty())
        );
    }

    #[test]
    fn a_provider_without_a_token_endpoint_is_of_no_use() {
        let without = |issuer: &str| {
            let document = DiscoveryDocument {
                issuer: issuer.to_owned(),
                jwks_uri: format!("{issuer}/keys"),
                authorization_endpoint: format!("{issuer}/authorize"),
                ..DiscoveryDocument::default()
            };
            bad_endpoint(&Issuer(setting(issuer)), &document)
        };
        let told = without("https://login.corp.example.com");
        assert_eq!(told.as_deref(), Some("it has no `token_endpoint`, so no code can be exchanged"));
        let value = DiscoveryDocument {
            issuer: "https://login.corp.example.com".to_owned(),
            jwks_uri: "https://login.corp.example.com/keys".to_owned(),
            ..DiscoveryDocument::default()
        };
        let (asked, seen) = (Issuer(setting(&value.issuer)), Ok(crate::evidence::Seen { value, witnesses: vec![] }));
        let Judgement::Findings(found) = discovery_malformed(&asked, &discovery_answer(None), &seen) else {
            panic!("judged")
        };
        assert_eq!(
            found[0].fix[0],
            "have the provider say it in its discovery document, and check that nothing in between rewrites the answer"
        );
        // Of a pool without a domain another rule tells.
        assert_eq!(without(&issuer().0.value), None);
    }

    #[test]
    fn a_provider_to_which_no_browser_can_be_sent_is_of_no_use() {
        let at = |endpoint: &str| {
            let issuer = "https://login.corp.example.com".to_owned();
            let document = DiscoveryDocument {
                jwks_uri: format!("{issuer}/keys"),
                token_endpoint: format!("{issuer}/token"),
                authorization_endpoint: endpoint.to_owned(),
                issuer: issuer.clone(),
                ..DiscoveryDocument::default()
            };
            bad_endpoint(&Issuer(setting(&issuer)), &document)
        };
        for endpoint in ["/authorize", "https:///a", "ftp://x.example/a", "http://login.corp.example.com/a", "https://"]
        {
            let told = at(endpoint).unwrap_or_default();
            assert!(
                told.contains("`authorization_endpoint`") && told.contains("cannot be called"),
                "{endpoint}: {told}"
            );
        }
        assert_eq!(at("").as_deref(), Some("it has no `authorization_endpoint`, so no login can begin"));
        assert_eq!(at("https://login.corp.example.com/authorize"), None);
    }
}
