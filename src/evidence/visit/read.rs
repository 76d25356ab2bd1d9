//! What each answer of a running Pomerium says, and what all of them together say.

use super::ask::{Answers, over_tls};
use super::{HOSTED, Visit};
use crate::config::{CALLBACK_PATH, Sources, Span, is_hosted};
use crate::evidence::deployed::places::Page;
use crate::evidence::deployed::{SIGN_IN, callback, door, identity, own, release, route, sign_in, sign_out};
use crate::evidence::exchange::is_silence;
use crate::evidence::{
    Answer, AuthenticateHost, DiscoveryBeside, Evidence, Exchange, ExchangeId, FrontDoor, Missing, NamedCallbacks,
    Need, OWN_PAGE, Opened, Outcome, RunningClocks, RunningCookies, RunningWorld, Seen, ServedCertificate,
    ServedCertificates, SignInAnswer, SignInKind, SignInLink, Step, Stranger, WellKnown, World, unclear,
};
use crate::host;

/// The answers as texts.
struct Pages {
    pomerium: Option<Page>,
    route: Option<Page>,
    authenticate: Option<Page>,
    callback: Option<Page>,
    sign_in: Option<Page>,
    sign_out: Option<Page>,
}

impl Pages {
    fn write(sources: &mut Sources, answers: &Answers) -> Self {
        let mut page = |exchange: &Option<Exchange>| exchange.as_ref().map(|own| Page::write(sources, own));
        Self {
            pomerium: page(&answers.pomerium),
            route: page(&answers.route),
            authenticate: page(&answers.authenticate),
            callback: page(&answers.callback),
            sign_in: page(&answers.sign_in),
            sign_out: page(&answers.provider_sign_out),
        }
    }
}

/// What each answer says; their texts are written down among the sources.
pub(super) fn read(visit: &Visit<'_>, answers: &Answers, sources: &mut Sources) -> RunningWorld {
    let pages = &Pages::write(sources, answers);
    let mut world = RunningWorld::missing(&Missing::Follows(Need::Pomerium));
    world.certificates = certificates(answers, pages);
    world.pomerium = front_door(answers, pages);
    let Ok(Seen { value: FrontDoor { opened_by: Opened::Pomerium(found), .. }, .. }) = &world.pomerium else {
        return world;
    };
    let found = found.clone();
    if host::of(&found.callback).is_some_and(|host| is_hosted(&host)) {
        let door = world.pomerium;
        let certificates = world.certificates;
        return RunningWorld { pomerium: door, certificates, ..RunningWorld::missing(&Missing::NotApplicable(HOSTED)) };
    }
    let unasked = match &answers.pomerium {
        Some(exchange) if answers.service.is_none() => {
            let expected = format!(
                "a callback on https at port 443 or that of the URL, as nothing else is asked, and not {}",
                found.callback
            );
            unclear::inconclusive(exchange, &expected)
        }
        _ => Missing::Declined { flag: "--only" },
    };
    let is_itself = answers.service.as_ref().is_some_and(|own| over_tls(own).origin() == visit.url.origin());
    world.route = match (answers.route.as_ref(), pages.route.as_ref(), answers.service.as_ref()) {
        _ if is_itself => Err(Missing::NotApplicable("the URL is that of the authenticate service itself")),
        (Some(exchange), Some(page), Some(service)) => route::read(exchange, page, service),
        _ => Err(unasked.clone()),
    };
    world.callback = match (answers.callback.as_ref(), pages.callback.as_ref()) {
        (Some(exchange), Some(page)) => callback::read(exchange, page, answers.is_let_in(exchange)),
        _ => Err(unasked.clone()),
    };
    world.sign_in = match (answers.sign_in.as_ref(), pages.sign_in.as_ref()) {
        (Some(exchange), Some(page)) => sign_in::read(exchange, page, answers.is_let_in(exchange)),
        _ => Err(unasked.clone()),
    };
    world.request = match &world.sign_in {
        Ok(Seen { value: SignInAnswer { kind: SignInKind::Login(request), .. }, witnesses }) => {
            Ok(Seen { value: request.clone(), witnesses: witnesses.clone() })
        }
        Ok(_) => Err(Missing::Follows(Need::SignIn)),
        Err(why) => Err(why.clone()),
    };
    let request = world.request.as_ref().ok().map(|seen| &seen.value);
    (world.identity, world.discovery_beside) = match visit.beside {
        None => (Err(ALONE), Err(ALONE)),
        Some((config, known)) => (identity::read(visit.url, config, &world.route, request), discovery_beside(known)),
    };
    world.authenticate = authenticate_host(answers, &found.callback, found.callback_at, unasked);
    world.callbacks = Ok(named_callbacks(answers, pages, &found.callback, found.callback_at));
    world.sign_out = match (answers.provider_sign_out.as_ref(), pages.sign_out.as_ref()) {
        (Some(exchange), Some(page)) => sign_out::read(exchange, page),
        _ if visit.probe_sign_out => Err(Missing::Follows(Need::SignIn)),
        _ => Err(Missing::Declined { flag: "--probe-sign-out" }),
    };
    let sign_in = answers.sign_in.as_ref().and_then(|exchange| Some((exchange, exchange.answer()?)));
    world.cookies = match (&world.sign_in, sign_in, pages.sign_in.as_ref()) {
        (Ok(seen), Some((_, answer)), Some(page)) => {
            Ok(Seen { value: RunningCookies::of(answer, page), witnesses: seen.witnesses.clone() })
        }
        (Err(why), ..) => Err(why.clone()),
        _ => Err(Missing::Follows(Need::SignIn)),
    };
    let route = world.route.as_ref().ok().map(|seen| &seen.value);
    let seen = world.sign_in.as_ref().ok().map(|seen| &seen.value);
    let door = world.pomerium.as_ref().ok().filter(|_| found.document.is_some()).map(|seen| seen.value.at);
    let clocks = RunningClocks::of(
        answers.pomerium.as_ref().zip(door),
        answers.route.as_ref().zip(route),
        sign_in.zip(seen).map(|((exchange, answer), seen)| (exchange, answer, seen)),
    );
    let release =
        release::read(visit.url, &found, route, sign_in.map(|(_, answer)| answer), world.cookies.as_ref().ok());
    world.release = Ok(Seen { value: release, witnesses: ids([answers.pomerium.as_ref(), answers.sign_in.as_ref()]) });
    let proxy = if clocks.is_dated { &answers.pomerium } else { &answers.route };
    world.clocks = match (&clocks.proxy, &clocks.authenticate) {
        (None, None) => Err(world.sign_in.as_ref().err().cloned().unwrap_or_else(no_clock)),
        _ => Ok(Seen { value: clocks, witnesses: ids([proxy.as_ref(), answers.sign_in.as_ref()]) }),
    };
    world
}

/// Why nothing is compared.
const ALONE: Missing = Missing::NotApplicable("no configuration is compared with what runs");

fn discovery_beside(world: &World) -> Evidence<DiscoveryBeside> {
    let document = &world.pool.document.as_ref().map_err(Clone::clone)?.value;
    let login_host = document.login_domain.as_ref().map(|domain| domain.host.clone());
    Ok(Seen { value: DiscoveryBeside { issuer: document.issuer.clone(), login_host }, witnesses: Vec::new() })
}

fn no_clock() -> Missing {
    Missing::Elsewhere("what this Pomerium sends shows no time".to_owned())
}

fn ids<const N: usize>(exchanges: [Option<&Exchange>; N]) -> Vec<ExchangeId> {
    exchanges.into_iter().flatten().map(|exchange| exchange.id.clone()).collect()
}

/// Who answers: Pomerium's document says so, and where somebody answers in its place, the login to which the address leads.
fn front_door(answers: &Answers, pages: &Pages) -> Evidence<FrontDoor> {
    let (Some(exchange), Some(page)) = (&answers.pomerium, &pages.pomerium) else {
        return Err(Missing::Follows(Need::Pomerium));
    };
    let answer = match unclear::answer(exchange) {
        Ok(answer) => answer,
        Err(_) if is_certificate(exchange) => return Err(Missing::Follows(Need::Pomerium)),
        Err(why) => return Err(in_pomeriums_words(why)),
    };
    let route = answers.route.as_ref().filter(|_| own::callback(answer).is_none());
    let link = route.and_then(|_| shown_link(answers, pages)).filter(|(link, _)| link.is_signed());
    if let Some((route, (callback, callback_at))) = route.zip(link.and_then(shown_callback)) {
        let opened_by = Opened::Pomerium(WellKnown { callback, callback_at, document: None });
        let value = FrontDoor { url: route.request.url.clone(), at: callback_at, opened_by };
        return Ok(Seen { value, witnesses: vec![route.id.clone()] });
    }
    // Somebody else has the document's path alone, and the page that was asked for shows no login.
    if route.and_then(Exchange::answer).is_some_and(is_pomeriums) {
        return Err(unclear::inconclusive(exchange, "Pomerium's own document"));
    }
    Stranger::is_to_judge(exchange, answer, "Pomerium's own document", false)?;
    Ok(Seen { value: door::read(exchange, answer, page), witnesses: vec![exchange.id.clone()] })
}

/// A page of Pomerium itself, or the way to one.
fn is_pomeriums(answer: &Answer) -> bool {
    let leads_to_own = || answer.location().is_some_and(|location| location.contains("/.pomerium/"));
    answer.header(OWN_PAGE).is_some() || leads_to_own()
}

/// Why there is no answer, if that is a way in which Pomerium may be set up.
fn in_pomeriums_words(why: Missing) -> Missing {
    let Missing::Unreachable { url, step, cause } = why else { return why };
    let host = host::of(&url).unwrap_or_default();
    let cause = if cause.contains("CertificateRequired") {
        format!(
            "{host} asks every visitor for a client certificate (downstream_mtls says reject_connection), and none is held here"
        )
    } else if cause.contains("HandshakeFailure") {
        // Before TLS 1.3 there is one alert for all that is refused.
        cause
            + "; a Pomerium whose downstream_mtls says reject_connection refuses like this whoever has no client certificate"
    } else if step == Step::Read && is_silence(&cause) {
        format!(
            "{host} hangs up when HTTP/1.1 is spoken to it, as a Pomerium whose codec_type is http2 does: HTTP/2 is not spoken here ({cause})"
        )
    } else {
        cause
    };
    Missing::Unreachable { url, step, cause }
}

fn is_certificate(exchange: &Exchange) -> bool {
    matches!(&exchange.outcome, Outcome::Failure(failure) if failure.step == Step::Certificate)
}

/// Which certificates are refused; an authority that is not known here may be known to the users.
fn certificates(answers: &Answers, pages: &Pages) -> Evidence<ServedCertificates> {
    let asked = [
        (answers.pomerium.as_ref(), pages.pomerium.as_ref()),
        (answers.authenticate.as_ref(), pages.authenticate.as_ref()),
        (answers.sign_in.as_ref(), pages.sign_in.as_ref()),
    ];
    let mut refused: Vec<ServedCertificate> = Vec::new();
    let mut witnesses = Vec::new();
    let mut is_answered = false;
    for (exchange, page) in asked.into_iter().filter_map(|(exchange, page)| exchange.zip(page)) {
        let host = host::of(&exchange.request.url).unwrap_or_default();
        match &exchange.outcome {
            Outcome::Answer(_) => is_answered = true,
            Outcome::Failure(failure) if failure.step == Step::Certificate => {
                if refused.iter().all(|known| known.host != host) {
                    refused.push(ServedCertificate { host, at: page.status(), why: failure.cause.clone() });
                }
            }
            Outcome::Failure(_) if is_answered => {}
            Outcome::Failure(_) => return Err(unclear::answer(exchange).err().map_or(no_clock(), in_pomeriums_words)),
        }
        witnesses.push(exchange.id.clone());
    }
    Ok(Seen { value: ServedCertificates(refused), witnesses })
}

fn authenticate_host(answers: &Answers, callback: &str, at: Span, unasked: Missing) -> Evidence<AuthenticateHost> {
    let host = host::of(callback).unwrap_or_default();
    let exchange = answers.sign_in.as_ref().or(answers.callback.as_ref());
    let Some(exchange) = exchange else { return Err(unasked) };
    let absent = match &exchange.outcome {
        Outcome::Answer(_) => None,
        Outcome::Failure(failure) if failure.step == Step::NoSuchHost => Some(failure.cause.clone()),
        Outcome::Failure(_) if is_certificate(exchange) => None,
        Outcome::Failure(_) => return Err(unclear::answer(exchange).err().map_or(no_clock(), in_pomeriums_words)),
    };
    Ok(Seen { value: AuthenticateHost { host, at, absent }, witnesses: vec![exchange.id.clone()] })
}

fn named_callbacks(answers: &Answers, pages: &Pages, callback: &str, at: Span) -> Seen<NamedCallbacks> {
    let there = answers.authenticate.as_ref().zip(pages.authenticate.as_ref()).and_then(|(exchange, page)| {
        let named = own::callback(exchange.answer()?)?;
        let at = page.place(&named);
        Some((named, at))
    });
    let sent = shown_link(answers, pages).and_then(shown_callback);
    let witnesses = ids([answers.pomerium.as_ref(), answers.authenticate.as_ref(), answers.route.as_ref()]);
    Seen { value: NamedCallbacks { here: (callback.to_owned(), at), there, sent }, witnesses }
}

/// The link to the login to which the address sends its visitors, and the answer that it stands in.
fn shown_link<'p>(answers: &Answers, pages: &'p Pages) -> Option<(SignInLink, &'p Page)> {
    let (exchange, page) = answers.route.as_ref().zip(pages.route.as_ref())?;
    Some((route::link(exchange, exchange.answer()?, page)?, page))
}

/// The callback of the authenticate service to which such a link leads, and where that stands.
fn shown_callback((link, page): (SignInLink, &Page)) -> Option<(String, Span)> {
    let page_url = link.url.split('?').next()?;
    Some((page_url.strip_suffix(SIGN_IN)?.to_owned() + CALLBACK_PATH, page.place(page_url)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::exchange::BROKE;

    #[test]
    fn only_whoever_hangs_up_without_a_word_may_speak_another_http() {
        let words = |why: &str| {
            let (url, cause) = ("https://app.corp.example.com/".to_owned(), format!("the connection {BROKE}: {why}"));
            match in_pomeriums_words(Missing::Unreachable { url, step: Step::Read, cause }) {
                Missing::Unreachable { cause, .. } => cause.contains("codec_type"),
                _ => false,
            }
        };
        for silent in [
            "connection closed before message completed",
            "it was closed too early",
            "connection closed",
            "connection was not ready",
        ] {
            assert!(words(silent), "{silent}");
        }
        for answered in [
            "invalid HTTP version parsed",
            "message head is too large",
            "invalid HTTP header parsed",
            "received unexpected message from connection",
        ] {
            assert!(!words(answered), "{answered}");
        }
    }
}
