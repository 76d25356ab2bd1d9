//! Requests that carry credentials of AWS: where they may go, and how they get there.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::send::{BODY_LIMIT, PAUSE, last_word};
use super::{Network, Origin, Route, TASKS, redact_request};
use crate::evidence::aws::{
    Access, Call, Raw, Reach, Sender, Wire, is_loopback, is_of_container, is_passing, now, refused,
};
use crate::evidence::exchange::ASKED_AT;
use crate::evidence::redact::redact_headers;
use crate::evidence::{Answer, Exchange, Failure, Outcome, Question, Step, address, failure};

impl Network {
    /// Calls the API. What the exchange keeps of the answer is what is known to be harmless.
    pub(super) async fn call(&self, question: &Question, call: &Call) -> Exchange {
        let mut sent = Sent { attempts: 0, begun: Instant::now(), call: Some(call) };
        let outcome = match self.answer(question, call, &mut sent).await {
            Ok(answer) => Outcome::Answer(answer),
            Err(failure) => Outcome::Failure(failure),
        };
        Exchange {
            id: question.id.clone(),
            request: redact_request(&question.request, &question.request.url),
            outcome,
            at: now(),
            ms: u64::try_from(sent.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            attempts: sent.attempts,
        }
    }

    async fn answer(&self, question: &Question, call: &Call, sent: &mut Sent<'_>) -> Result<Answer, Failure> {
        let access = self.access.get_or_init(|| Access::of_process(self.timeout).map_err(refused));
        let access = access.as_ref().map_err(Clone::clone)?;
        let keys = self.keys.get_or_init(|| access.keys(&call.region, self)).await;
        let keys = keys.as_ref().map_err(Clone::clone)?;
        let wire = call.wire(access, keys, &question.request.url, &question.request.form)?;
        let raw = self.put_wire(&wire, sent).await.map_err(|failure| asked_elsewhere(&wire, failure))?;
        let body = call.kept(raw.status, raw.error(), &raw.body, raw.is_whole);
        // Where it was asked, if that is not where the question is put: the service's own host.
        let elsewhere = (wire.reach == Reach::Named).then(|| (ASKED_AT.to_owned(), shown(&wire).to_string()));
        let read = elsewhere.into_iter().collect();
        // Of the headers nothing is judged but the time, and how old that is.
        let mut headers = raw.headers;
        headers.retain(|(name, _)| ["age", "date"].contains(&name.as_str()));
        Ok(Answer { status: raw.status, headers, body, truncated: false, read, ..Answer::default() })
    }

    /// Sends a request, once more if what went wrong may pass.
    async fn put_wire(&self, wire: &Wire, sent: &mut Sent<'_>) -> Result<Raw, Failure> {
        let origin = self.origin(&wire.url).await?;
        let _turn = origin.turns.acquire().await;
        sent.begun = Instant::now();
        let first = self.attempt_wire(wire, &origin, sent).await;
        for _ in 0..TASKS {
            tokio::task::yield_now().await;
        }
        let may_pass = match &first {
            Ok(raw) => is_passing(raw.status, raw.error(), &raw.body),
            Err(failure) => failure.step == Step::Connect || failure.hung_up,
        };
        if !may_pass || !sent.may_be_repeated() {
            return first;
        }
        tokio::time::sleep(PAUSE + jitter()).await;
        last_word(first, self.attempt_wire(wire, &origin, sent).await)
    }

    async fn attempt_wire(&self, wire: &Wire, origin: &Origin, sent: &mut Sent<'_>) -> Result<Raw, Failure> {
        let work = async {
            let route = origin.route.get_or_try_init(|| self.route(wire, origin)).await?;
            self.take_one()?;
            sent.attempts += 1;
            if let Some(proxy) = &route.proxy {
                self.proxies.borrow_mut().insert(origin.host.clone(), proxy.clone());
            }
            transmit(wire, origin, route).await
        };
        let outcome = tokio::time::timeout(self.timeout, work).await;
        outcome.unwrap_or_else(|_| Err(failure::timed_out(&origin.host, self.timeout)))
    }

    /// How a place is reached. Whoever names it himself may mean a private address.
    async fn route(&self, wire: &Wire, origin: &Origin) -> Result<Route, Failure> {
        let is_plain = wire.url.scheme() == "http";
        let is_here = is_loopback(&wire.url);
        match wire.reach {
            Reach::Aws => return self.find_route(&wire.url, origin).await,
            // By https it is reached as every host is, but for this machine: who names it means it.
            Reach::Named if !is_plain && !is_here => return self.find_route_to(&wire.url, origin, true).await,
            Reach::Named | Reach::Container => {}
        }
        let is_known = wire.reach == Reach::Container && is_of_container(&wire.url);
        if is_plain && !is_here && !is_known {
            return Err(refused(format!("{} is plain http to another machine", origin.host)));
        }
        let addresses: Vec<SocketAddr> = match wire.url.host() {
            Some(Host::Domain(name)) => address::resolve(name, origin.port).await?,
            Some(Host::Ipv4(address)) => vec![(address, origin.port).into()],
            Some(Host::Ipv6(address)) => vec![(address, origin.port).into()],
            None => Vec::new(),
        };
        if is_plain && is_here && addresses.iter().any(|address| !address.ip().is_loopback()) {
            return Err(refused(format!("{} does not lead to this machine", origin.host)));
        }
        let client = self.client(|builder| builder.https_only(!is_plain).resolve_to_addrs(&origin.host, &addresses))?;
        Ok(Route { client, proxy: None, pinned: false })
    }
}

/// How often a request was sent, and since when.
struct Sent<'c> {
    attempts: u8,
    begun: Instant,
    /// Whose budget a repetition is taken from; it counts like any other call.
    call: Option<&'c Call>,
}

impl Sent<'_> {
    fn may_be_repeated(&self) -> bool {
        self.call.is_none_or(|call| call.take_one().is_some())
    }
}

impl Sender for Network {
    async fn send(&self, wire: Wire) -> Result<Raw, Failure> {
        let sent = self.put_wire(&wire, &mut Sent { attempts: 0, begun: Instant::now(), call: None }).await;
        sent.map_err(|failure| failed_at(&wire, failure))
    }
}

/// An address as it is told. Its path is the user's own, and whoever knows that of a container's credentials gets them; what stands
/// behind the path may name an account.
fn shown(wire: &Wire) -> Url {
    let mut url = wire.url.clone();
    url.set_query(None);
    if wire.reach != Reach::Aws {
        url.set_path("");
    }
    url
}

/// A failure of a host that the user names says which that is.
fn asked_elsewhere(wire: &Wire, mut failure: Failure) -> Failure {
    if wire.reach != Reach::Named {
        return failure;
    }
    let host = wire.url.host_str().unwrap_or_default();
    failure.cause = format!("it is asked at {host}, as AWS_ENDPOINT_URL or the profile says: {}", failure.cause);
    failed_at(wire, failure)
}

/// A failure of another host than the one that the question is put to.
fn failed_at(wire: &Wire, failure: Failure) -> Failure {
    Failure { at: Some(shown(wire).to_string()), ..failure }
}

/// Those who were refused together shall not come back together.
fn jitter() -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    Duration::from_millis(RandomState::new().hash_one(0) % 250)
}

async fn transmit(wire: &Wire, origin: &Origin, route: &Route) -> Result<Raw, Failure> {
    let method = if wire.method == "POST" { Method::POST } else { Method::GET };
    let mut request = route.request(method, wire.url.clone(), origin)?.body(wire.body.to_vec());
    for (name, value) in &wire.headers {
        let value = HeaderValue::from_str(value);
        let mut value = value.map_err(|_| refused("the credentials hold what no header can".to_owned()))?;
        value.set_sensitive(true);
        request = request.header(HeaderName::from_static(name), value);
    }
    let response = request.send().await;
    let mut response = response.map_err(|error| failure::classify(&error, &origin.host, route.proxy.as_deref()))?;
    let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let (status, headers) = (response.status().as_u16(), redact_headers(headers));
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(|error| failure::classify_body(&error, &origin.host))? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY_LIMIT {
            break;
        }
    }
    let is_whole = body.len() <= BODY_LIMIT;
    Ok(Raw { status, headers, body, is_whole })
}
