//! The discovery document, as Pomerium's library reads it.
//!
//! Follows `NewProvider` of go-oidc (`oidc/oidc.go`) and what Pomerium adds to it (`pkg/identity/oidc/oidc.go`, `cognito/cognito.go`).

mod document;
#[cfg(test)]
mod tests;

use url::Url;

use super::unclear::{self, excerpt, is_html, status_line};
use super::{
    Answer, DiscoveryAnswer, DiscoveryDocument, Evidence, Exchange, Flag, Missing, Need, Outcome, PoolDomain,
    PoolWorld, ProviderClock, Seen, Step, UNASKED, Unweighed, date, is_cognito_issuer_host, strict,
};
use crate::config::PomeriumVersion;
use crate::go;
use crate::host;
use document::{decode, read, refusal};

/// Redirects that are followed; Go follows ten.
pub(super) const HOPS: usize = 3;

/// What the configuration says about the provider.
#[derive(Clone, Copy)]
pub(super) struct Expected<'a> {
    /// `idp_provider_url`, byte for byte.
    pub(super) issuer: &'a str,
    /// `idp_provider` is `cognito`, which also wants an absolute `authorization_endpoint`.
    pub(super) is_cognito_provider: bool,
    /// The release whose behaviour counts.
    pub(super) version: PomeriumVersion,
}

impl PoolWorld {
    /// The same of an issuer that may be Cognito behind another name: why it matters whether it is asked.
    pub(super) fn of_a_stranger(self, issuer: &str) -> Self {
        let Err(Missing::Forbidden { url, flag: Some(Flag::AllowHost), .. }) = &self.discovery else { return self };
        let host = host::of(issuer).unwrap_or_default();
        let why = format!(
            "whether Amazon Cognito stands behind {host} is not known (a login domain is no issuer): its discovery \
             document tells, and --allow-host {host} has it asked"
        );
        Self::missing(&Missing::Forbidden { url: url.clone(), why, flag: Some(Flag::AllowHost) })
    }

    /// Another host of Cognito says that the pool does not exist, where this one only refuses.
    pub(super) fn learn_that_there_is_no_pool(&mut self, exchange: &Exchange) {
        let (Ok(seen), Ok(answer)) = (&mut self.discovery, unclear::answer(exchange)) else { return };
        if no_such_pool(answer) {
            (seen.value.no_such_pool, seen.value.status) = (true, answer.status);
            seen.witnesses.insert(0, exchange.id.clone());
        }
    }
}

/// The URL at which go-oidc looks: one trailing slash of the issuer is dropped.
pub(super) fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Where an answer redirects to, if Go would follow it.
pub(super) fn redirect_target(exchange: &Exchange) -> Option<String> {
    let location = exchange.answer()?.location().filter(|location| !location.is_empty())?;
    Url::parse(&exchange.request.url).ok()?.join(location).ok().map(String::from)
}

/// The next URL to ask for: a redirect that Go would follow, over https, not asked before, within [`HOPS`].
pub(super) fn next_hop(hops: &[Exchange]) -> Option<String> {
    let target = redirect_target(hops.last()?)?;
    let is_new = !hops.iter().any(|hop| hop.request.url == target);
    (hops.len() <= HOPS && is_new && target.starts_with("https://")).then_some(target)
}

/// The document comes from Cognito itself and names the issuer whose URL was asked.
pub(super) fn is_genuine(hops: &[Exchange], document: &DiscoveryDocument) -> bool {
    let [only] = hops else { return false };
    let url = &only.request.url;
    url.starts_with("https://")
        && host::of(url).is_some_and(|host| is_cognito_issuer_host(&host))
        && matches!(&only.outcome, Outcome::Answer(answer) if answer.status == 200)
        && discovery_url(&document.issuer) == *url
}

/// Judges what came back: the first answer and those of the redirects that were followed.
pub(super) fn judge(hops: &[Exchange], expected: Expected<'_>) -> PoolWorld {
    let (Some(first), Some(last)) = (hops.first(), hops.last()) else {
        return PoolWorld::missing(&Missing::Follows(Need::File));
    };
    let elsewhere = leads_elsewhere(hops);
    let answer = match (&last.outcome, &elsewhere) {
        (Outcome::Answer(answer), _) => answer,
        // The portal itself may not be asked, but that it is one is known.
        (Outcome::Failure(failure), Some(_)) if failure.step == Step::Policy => {
            return judge(hops.get(..hops.len() - 1).unwrap_or_default(), expected);
        }
        _ => return PoolWorld::missing(&unclear::inconclusive(last, "a discovery document")),
    };
    if answer.truncated {
        return PoolWorld::missing(&unclear::inconclusive(last, "a discovery document that fits into what is read"));
    }
    let captive = elsewhere.clone().or_else(|| captive(answer));
    if captive.is_none() && unclear::is_passing(answer) {
        let missing = PoolWorld::missing(&unclear::inconclusive(last, "a discovery document"));
        return PoolWorld { clock: clock(last), ..missing };
    }
    let target = redirect_target(last);
    let loops = target.as_ref().is_some_and(|target| hops.iter().any(|hop| hop.request.url == *target));
    if target.is_some() && !loops && elsewhere.is_none() {
        let why = "a discovery document at the end of a few redirects over https (Pomerium would follow up to ten)";
        return PoolWorld::missing(&unclear::inconclusive(last, why));
    }
    let read = match target {
        Some(_) if loops => {
            let location = answer.header("location").unwrap_or_default();
            Err(format!("Get \"{}\": stopped after 10 redirects", excerpt(location)))
        }
        _ => read(answer),
    };
    let refusal = match &read {
        Ok(json) => refusal(*json, expected),
        Err(words) => Some(words.clone()),
    };
    let witnesses: Vec<_> = hops.iter().rev().map(|hop| hop.id.clone()).collect();
    let document = read.ok().map(|json| (decode(json), json));
    let seen = |value| Seen { value, witnesses: witnesses.clone() };
    let strict = document.as_ref().map_or(Err(Missing::Follows(Need::Discovery)), |(_, json)| {
        Ok(Seen { value: strict::judge(json.source()), witnesses: witnesses.clone() })
    });
    let document = document.and_then(|(document, _)| document.ok()).map(seen);
    PoolWorld {
        strict,
        discovery: Ok(Seen {
            value: DiscoveryAnswer {
                url: first.request.url.clone(),
                status: answer.status,
                no_such_pool: no_such_pool(answer),
                gone: None,
                refusal,
                captive,
            },
            witnesses: witnesses.clone(),
        }),
        clock: clock(last),
        domain: document.as_ref().map(domain).ok_or(Missing::Follows(Need::Discovery)),
        document: document.ok_or(Missing::Follows(Need::Discovery)),
        ..PoolWorld::missing(&UNASKED)
    }
}

/// Whether the pool has a domain, as its document tells.
fn domain(document: &Seen<DiscoveryDocument>) -> Seen<PoolDomain> {
    let endpoint = || Some(document.value.authorization_endpoint.clone());
    let value = if document.value.login_domain.is_some() {
        PoolDomain::Present
    } else {
        PoolDomain::Absent { is_new: false, endpoint: endpoint(), language: Unweighed::default() }
    };
    Seen { value, witnesses: document.witnesses.clone() }
}

/// A redirect to a host that is neither the one asked nor another of Cognito's.
fn leads_elsewhere(hops: &[Exchange]) -> Option<String> {
    let asked = host::of(&hops.first()?.request.url)?;
    hops.iter().filter_map(redirect_target).filter_map(|target| host::of(&target)).find_map(|host| {
        (host != asked && !is_cognito_issuer_host(&host)).then(|| format!("it redirects to {}", excerpt(&host)))
    })
}

fn captive(answer: &Answer) -> Option<String> {
    match answer.status {
        // What it is called does not matter to Pomerium: JSON is JSON.
        200 if is_html(answer) && go::json::parse(&answer.body).is_err() => {
            Some("an HTML page instead of JSON".to_owned())
        }
        407 | 511 => Some(status_line(answer.status)),
        _ => None,
    }
}

/// `{"message":"User pool eu-west-1_… does not exist."}`, with 400 or 404.
fn no_such_pool(answer: &Answer) -> bool {
    let message = || {
        let members = go::json::parse(&answer.body).ok()?.members();
        members.into_iter().find(|(key, _)| go::json::fold(key) == "message")?.1.text()
    };
    (400..500).contains(&answer.status)
        && message().is_some_and(|message| {
            message.trim().strip_prefix("User pool ").is_some_and(|rest| {
                let rest = rest.trim_end_matches('.');
                rest.strip_suffix(" does not exist").is_some_and(is_pool_id)
            })
        })
}

/// One word with the underscore of a pool id, which tells it from the `client` of another message.
fn is_pool_id(text: &str) -> bool {
    text.contains('_') && !text.contains(char::is_whitespace)
}

/// The provider's clock minus ours, in seconds. What a cache says of its age is added.
fn clock(exchange: &Exchange) -> Evidence<ProviderClock> {
    let answer = unclear::answer(exchange)?;
    let ahead = || {
        let theirs = date::parse(answer.header("date")?)?;
        let age = answer.header("age").and_then(|age| age.trim().parse::<u32>().ok()).map_or(0, i64::from);
        theirs.checked_add(age)?.checked_sub(i64::try_from(exchange.at).ok()?)
    };
    let ahead = ahead().ok_or_else(|| Missing::Inconclusive {
        url: exchange.request.url.clone(),
        status: answer.status,
        why: match answer.header("date") {
            None => "expected the time in a `Date` header; got none".to_owned(),
            Some(date) => format!("expected the time in the `Date` header; got `{}`", excerpt(date)),
        },
    })?;
    Ok(Seen { value: ProviderClock { ahead }, witnesses: vec![exchange.id.clone()] })
}
