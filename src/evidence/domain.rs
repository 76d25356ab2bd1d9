//! Whether the login domain can be reached at all: how far the questions put to it got.

use std::collections::BTreeMap;

use super::unclear;
use super::{
    CertificateAnswer, DomainAnswer, DomainWorld, Evidence, Exchange, Missing, NameAnswer, Need, Outcome, Seen, Step,
};
use crate::config::cognito::is_in_login_zone;
use crate::host;

/// Judges all that was asked of the login domain. `understood` says whether an answer is one that Cognito gives.
pub(super) fn judge(
    exchanges: &[&Exchange],
    proxies: &BTreeMap<String, String>,
    understood: impl Fn(&Exchange) -> bool,
) -> DomainWorld {
    let is_answered = |exchange: &&&Exchange| matches!(exchange.outcome, Outcome::Answer(_));
    let Some(telling) = exchanges.iter().find(is_answered).or_else(|| exchanges.first()) else {
        return DomainWorld::missing(&Missing::Follows(Need::Discovery));
    };
    let host = host::of(&telling.request.url).unwrap_or_default();
    let (name, certificate) = reached(telling, &host, proxies.contains_key(&host));
    let witnesses = || vec![telling.id.clone()];
    DomainWorld {
        name: name.map(|absent| Seen { value: NameAnswer { host: host.clone(), absent }, witnesses: witnesses() }),
        certificate: certificate
            .map(|refused| Seen { value: CertificateAnswer { host: host.clone(), refused }, witnesses: witnesses() }),
        access: lets_us_through(exchanges, telling, host, understood),
    }
}

/// Why the name has no address, and why the certificate is refused.
type Reached = (Result<Option<String>, Missing>, Result<Option<String>, Missing>);

fn reached(exchange: &Exchange, host: &str, is_proxied: bool) -> Reached {
    let missing = match (&exchange.outcome, unclear::answer(exchange)) {
        (Outcome::Answer(_), _) | (_, Ok(_)) => return (Ok(None), Ok(None)),
        (_, Err(missing)) => missing,
    };
    let Outcome::Failure(failure) = &exchange.outcome else { return (Err(missing.clone()), Err(missing)) };
    match failure.step {
        // Through a proxy it is the proxy that looked, and it may look elsewhere than browsers do.
        Step::NoSuchHost if is_proxied => {
            let cause = format!("the proxy could not reach {host}: {}", failure.cause);
            let missing = Missing::Unreachable { url: exchange.request.url.clone(), step: failure.step, cause };
            (Err(missing.clone()), Err(missing))
        }
        Step::NoSuchHost => (Ok(Some(failure.cause.clone())), Err(Missing::Follows(Need::Domain))),
        // The certificate of a prefix domain is AWS's own: whoever shows another one stands between.
        Step::Certificate | Step::Authority if is_in_login_zone(host) => (Ok(None), Err(missing)),
        Step::Certificate | Step::Authority => (Ok(None), Ok(Some(failure.cause.clone()))),
        Step::Connect | Step::Tls if !is_proxied => (Ok(None), Err(missing)),
        _ => (Err(missing.clone()), Err(missing)),
    }
}

fn lets_us_through(
    exchanges: &[&Exchange],
    telling: &Exchange,
    host: String,
    understood: impl Fn(&Exchange) -> bool,
) -> Evidence<DomainAnswer> {
    let statuses: Vec<u16> =
        exchanges.iter().filter_map(|exchange| exchange.answer()).map(|answer| answer.status).collect();
    let ids = |chosen: &dyn Fn(&Exchange) -> bool| {
        exchanges.iter().filter(|exchange| chosen(exchange)).map(|exchange| exchange.id.clone()).collect::<Vec<_>>()
    };
    let witnesses = ids(&understood);
    if !witnesses.is_empty() {
        Ok(Seen { value: DomainAnswer { host, blocked: false }, witnesses })
    } else if exchanges.iter().any(|exchange| unclear::answer(exchange).is_ok_and(unclear::is_of_cloudfront)) {
        let expected = "an answer as Cognito gives it, not CloudFront's error page";
        // A prefix domain has no alias target: AWS itself keeps its name.
        let advice = if is_in_login_zone(&host) {
            ""
        } else {
            ": does the name lead to the alias target that Cognito shows for the domain?"
        };
        Err(unclear::inconclusive(telling, &format!("{expected}{advice}")))
    } else if !statuses.is_empty() && statuses.iter().all(|status| *status == 403) {
        Ok(Seen {
            value: DomainAnswer { host, blocked: true },
            witnesses: ids(&|exchange| exchange.answer().is_some()),
        })
    } else if statuses.is_empty()
        && matches!(telling.outcome, Outcome::Failure(ref failure) if is_told(failure.step, &host))
    {
        Err(Missing::Follows(Need::Domain))
    } else {
        Err(unclear::inconclusive(telling, "an answer as Cognito gives it"))
    }
}

/// Another rule says that the questions got no further than this.
fn is_told(step: Step, host: &str) -> bool {
    match step {
        Step::NoSuchHost => true,
        Step::Certificate | Step::Authority => !is_in_login_zone(host),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::evidence::sample;

    const URL: &str = "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize";
    const HOST: &str = "acme.auth.eu-west-1.amazoncognito.com";

    fn read(exchanges: &[Exchange], is_proxied: bool) -> DomainWorld {
        let proxies = is_proxied.then(|| (HOST.to_owned(), "http://proxy:3128".to_owned())).into_iter().collect();
        judge(
            &exchanges.iter().collect::<Vec<_>>(),
            &proxies,
            |exchange| matches!(&exchange.outcome, Outcome::Answer(answer) if answer.status == 302),
        )
    }

    #[test]
    fn an_answer_proves_name_and_certificate() {
        let reach = read(&[sample::failure(URL, Step::Timeout, "late"), sample::redirect(URL, "/login")], false);
        assert_eq!(reach.name.unwrap().value, NameAnswer { host: HOST.into(), absent: None });
        assert_eq!(reach.certificate.unwrap().value, CertificateAnswer { host: HOST.into(), refused: None });
        assert!(!reach.access.unwrap().value.blocked);
    }

    #[test]
    fn a_failure_shows_how_far_it_got() {
        let fail = |step| [sample::failure(URL, step, "cause")];
        let reach = read(&fail(Step::NoSuchHost), false);
        assert_eq!(reach.name.unwrap().value.absent.as_deref(), Some("cause"));
        assert_eq!(reach.certificate.unwrap_err(), Missing::Follows(Need::Domain));
        assert_eq!(reach.access.unwrap_err(), Missing::Follows(Need::Domain));
        for step in [Step::Connect, Step::Tls, Step::Authority, Step::Certificate] {
            let reach = read(&fail(step), false);
            assert!(reach.name.is_ok() && matches!(reach.certificate, Err(Missing::Unreachable { .. })));
        }
        for (step, is_proxied) in [
            (Step::NoSuchHost, true),
            (Step::Connect, true),
            (Step::Lookup, false),
            (Step::Timeout, false),
            (Step::Policy, false),
        ] {
            let reach = read(&fail(step), is_proxied);
            assert!(reach.name.is_err() && reach.certificate.is_err() && reach.access.is_err(), "{step:?}");
        }
    }

    #[test]
    fn a_firewall_is_told_from_cognito() {
        let blocked = sample::answer(URL, 403, &[], "Forbidden");
        assert!(read(&[blocked.clone(), blocked.clone()], false).access.unwrap().value.blocked);
        let other = sample::answer(URL, 200, &[], "<html>");
        assert!(matches!(read(&[blocked.clone(), other], false).access, Err(Missing::Inconclusive { .. })));
        assert!(!read(&[blocked, sample::redirect(URL, "/login")], false).access.unwrap().value.blocked);
    }

    #[test]
    fn a_distribution_that_does_not_know_the_name_is_no_web_acl() {
        let page =
            "<H1>403 ERROR</H1>The request could not be satisfied.<PRE>Generated by cloudfront (CloudFront)</PRE>";
        for (headers, body) in [(&[][..], page), (&[("x-cache", "Error from cloudfront")][..], "")] {
            let answer = sample::answer(URL, 403, headers, body);
            let domain = read(&[answer.clone(), answer], false).access;
            assert!(
                matches!(&domain, Err(Missing::Inconclusive { why, .. }) if why.contains("CloudFront") && !why.contains("alias")),
                "{domain:?}"
            );
        }
    }

    #[test]
    fn a_bad_certificate_is_a_matter_of_the_domains_owner_and_none_of_awss_own() {
        let custom = "https://login.corp.example.com/oauth2/authorize";
        for step in [Step::Authority, Step::Certificate] {
            let reach = read(&[sample::failure(custom, step, "cause")], false);
            assert_eq!(reach.certificate.unwrap().value.refused.as_deref(), Some("cause"));
            assert_eq!(reach.access.unwrap_err(), Missing::Follows(Need::Domain));
            assert!(read(&[sample::failure(URL, step, "cause")], false).certificate.is_err());
        }
    }
}
