//! How much counts what was found in a line: less beside another identity provider, of another program, and where somebody only
//! writes about it.

use super::hearsay::is_hearsay;
use super::knowledge::{Hit, Knowledge, Known, Points};
use super::line::{Address, Line};
use super::owner;
use super::quoted::Quoting;
use super::voice::is_pomerium;
use super::{Place, What};
use crate::evidence::is_cognito_login_host;
use crate::page::Strength;

/// Whose line it is, if another program's.
pub(super) fn program(knowledge: &'static Knowledge, line: &Line) -> Option<&'static Place> {
    let programs = &knowledge.words.programs;
    let listed = owner::program(line, programs.iter().map(|(name, _)| name.as_str()));
    let listed = listed.and_then(|program| programs.get(program)).map(|(_, place)| place);
    listed.or_else(|| knowledge.place("another-program").filter(|_| owner::is_of_another(line)))
}

/// Drops and weakens what a line does not mean: beside the address of another identity provider only what may be told there is left,
/// and what somebody writes about an error, or another program says, is no more than possible. Whether it is one of these, and proves
/// nothing.
pub(super) fn weigh(knowledge: &'static Knowledge, line: &Line, hits: &mut Vec<Hit>) -> bool {
    if hits.is_empty() {
        return false;
    }
    drop_disproved(knowledge, &line.lower, hits);
    if !line.is_pomeriums() && (is_elsewhere(line.addresses()) || is_providers_page(knowledge, line, hits)) {
        keep_told_elsewhere(knowledge, hits);
    }
    let is_told = !hits.is_empty()
        && (is_hearsay(line)
            || is_of_another_service(&line.lower)
            || is_strangers(knowledge, hits)
            || is_of_a_program(knowledge, line));
    if is_told {
        weaken(knowledge, hits);
    }
    weaken_quoted(knowledge, line, hits) || is_told
}

/// Whether another program wrote a line, or a component of Kubernetes.
pub(super) fn is_of_a_program(knowledge: &'static Knowledge, line: &Line) -> bool {
    program(knowledge, line).is_some() || owner::is_klog(&line.plain)
}

/// Makes what is only quoted in a line no more than possible; whether all that is named there is.
pub(super) fn weaken_quoted(knowledge: &Knowledge, line: &Line, hits: &mut [Hit]) -> bool {
    let Some(quoting) = Quoting::of(line).filter(|_| hits.iter().any(|hit| is_name(knowledge, hit))) else {
        return false;
    };
    let starts =
        |hit: &Hit| knowledge.known(hit.number).into_iter().flat_map(|known| known.pattern.starts(&line.lower));
    let first = hits.iter().flat_map(starts).min().unwrap_or_default();
    let mut is_all = true;
    for hit in hits.iter_mut().filter(|hit| is_name(knowledge, hit)) {
        let mut places = starts(hit).peekable();
        if places.peek().is_some() && places.all(|at| quoting.is_quoted(at, first)) {
            hit.strength = Strength::Possible;
        } else {
            is_all = false;
        }
    }
    is_all
}

/// The places that were found.
fn places<'a>(knowledge: &'a Knowledge, hits: &'a [Hit]) -> impl Iterator<Item = &'a Place> {
    hits.iter().filter_map(|hit| match knowledge.known(hit.number)?.names {
        Points::Place(place) => knowledge.places.get(place),
        Points::At(_) => None,
    })
}

/// Whether a program says this of a login of its own.
pub(super) fn is_strangers(knowledge: &Knowledge, hits: &[Hit]) -> bool {
    places(knowledge, hits).any(|place| place.is_strangers)
}

/// Whether this is the page of another identity provider, and not an address that quotes its words.
pub(super) fn is_providers_page(knowledge: &Knowledge, line: &Line, hits: &[Hit]) -> bool {
    let quotes =
        |address: &Address| ["error", "error_description"].iter().any(|name| address.parameter(name).is_some());
    places(knowledge, hits).any(|place| place.is_foreign) && !line.addresses().iter().any(quotes)
}

/// Whether AWS says in a line that the answer is of another service than Cognito: `(Service: Lambda`, `calling the CreateRole operation`.
fn is_of_another_service(lower: &str) -> bool {
    /// What is in the names of Cognito's operations.
    const COGNITOS: [&str; 8] =
        ["userpool", "auth", "user", "signup", "password", "identityprovider", "resourceserver", "managedlogin"];
    let named =
        |mark: &str| lower.split_once(mark).map(|(_, rest)| rest.split([' ', ',', ')']).next().unwrap_or_default());
    let is_of_a_tool = ["aws::", "│ error: "].iter().any(|mark| lower.contains(mark)) && !lower.contains("cognito");
    is_of_a_tool
        || named("(service: ").is_some_and(|service| !service.contains("cognito"))
        || is_asked_elsewhere(lower)
        || named("when calling the ").is_some_and(|operation| !COGNITOS.iter().any(|part| operation.contains(part)))
}

/// Whether Go's client tells in a line that it asked somebody else: `Get "https://registry.example/v2/": oauth2: …`.
fn is_asked_elsewhere(lower: &str) -> bool {
    /// The endpoints of a login domain, which may be the customer's own.
    const COGNITOS: [&str; 5] = ["cognito", "/oauth2/token", "/oauth2/userinfo", "/.well-known/", "jwks"];
    let asked = ["get \"https://", "post \"https://"].iter().find_map(|words| lower.split_once(words));
    let asked = asked.and_then(|(_, rest)| rest.split('"').next());
    asked.is_some_and(|asked| !COGNITOS.iter().any(|part| asked.contains(part))) && !is_pomerium(lower)
}

/// Drops what the text itself disproves: a switch of the issuer changes its host, and neither the pool nor a realm.
pub(super) fn drop_disproved(knowledge: &Knowledge, lower: &str, hits: &mut Vec<Hit>) {
    let is_switch = |hit: &Hit| {
        let named = knowledge.known(hit.number).map(|known| known.names);
        matches!(named, Some(Points::At(what)) if ["issuer-switched", "issuer-not-switched"].contains(&what.name()))
    };
    if hits.iter().any(is_switch) && is_another_issuer(lower) {
        hits.retain(|hit| !is_switch(hit));
    }
}

/// Whether the two issuers that go-oidc compares (`oidc/verify.go`) differ in more than their hosts.
fn is_another_issuer(lower: &str) -> bool {
    let path = |issuer: &str| {
        let (_, rest) = issuer.split('"').next()?.split_once("://")?;
        rest.split_once('/').map(|(_, path)| path.trim_end_matches('/').to_owned())
    };
    let issuers = lower.split_once("issued by a different provider, expected \"");
    let issuers = issuers.and_then(|(_, rest)| rest.split_once(" got \""));
    issuers.and_then(|(expected, got)| Some(path(expected)? != path(got)?)).unwrap_or(false)
}

/// Makes what is named no more than possible.
pub(super) fn weaken(knowledge: &Knowledge, hits: &mut [Hit]) {
    for hit in hits.iter_mut().filter(|hit| is_name(knowledge, hit)) {
        hit.strength = Strength::Possible;
    }
}

pub(super) fn is_name(knowledge: &Knowledge, hit: &Hit) -> bool {
    knowledge.known(hit.number).is_some_and(|known| matches!(known.names, Points::At(_)))
}

/// Beside the address of another identity provider, keeps what may be told there: no cause by the parameters of an address.
pub(super) fn keep_told_elsewhere(knowledge: &Knowledge, hits: &mut Vec<Hit>) {
    let is_by_parameters =
        |hit: &Hit| is_name(knowledge, hit) && knowledge.known(hit.number).is_some_and(Known::is_of_an_address);
    hits.retain(|hit| is_told_elsewhere(knowledge, hit) && !is_by_parameters(hit));
}

fn is_told_elsewhere(knowledge: &Knowledge, hit: &Hit) -> bool {
    match knowledge.known(hit.number).map(|known| known.names) {
        Some(Points::At(What::Cause(cause))) => cause.elsewhere,
        Some(Points::Place(place)) => knowledge.places.get(place).is_some_and(|place| place.is_foreign),
        _ => false,
    }
}

/// Whether what is told beside these addresses is told of another identity provider.
pub(super) fn is_elsewhere(addresses: &[Address]) -> bool {
    let is_cognito = |address: &Address| address.host.as_deref().is_some_and(is_cognito_login_host);
    addresses.iter().any(Address::is_of_another_provider) && !addresses.iter().any(is_cognito)
}
