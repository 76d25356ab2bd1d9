//! The one HTTP client, and its policy.
//!
//! - Only https, only hosts that [`HostPolicy`] admits, only addresses that [`address`] admits, and
//!   then exactly those addresses: names are looked up once, by us, before the connection is made.
//! - Redirects are never followed: where Cognito sends a browser *is* the evidence.
//! - Bodies are read up to [`send::BODY_LIMIT`] and within the timeout; a run has a budget of requests, a host gets two at
//!   a time, and a request is repeated at most once.
//! - A client secret goes only where [`HostPolicy::check_secret`] says.
//!
//! With a proxy (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, as curl reads them) it is the proxy that looks names up, so the
//! address policy covers only addresses that a URL names itself. `--connect-to` goes past any proxy.

mod aws;
mod origins;
mod private;
mod send;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HOST;
use reqwest::{Client, Method, RequestBuilder};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use url::{Host, Url};

use origins::{InUse, Origin, Origins};
use send::{last_word, pause_before_repeating, send};

use super::aws::{Access, Keys};
use super::connect::ConnectTo;
use super::gather::QUESTIONS;
use super::policy::HostPolicy;
use super::tls::{CaError, client_config, read_ca};
use super::wire::{cut_state, fill_state, fresh_state, redact_request};
use super::{Answer, Asking, Exchange, Failure, Outcome, Question, Step, Transport, address, failure};

/// As many requests are under way to one origin at once, and so as many TLS connections.
const AT_ONCE: usize = 2;
/// The tasks that run before a connection can be used again: the connection's own, and the one that returns it.
const TASKS: usize = 3;

/// How to reach the network.
#[derive(Clone, Debug)]
pub struct NetworkOptions {
    /// `--ca`: trusted in addition to the system's roots.
    pub ca: Option<PathBuf>,
    /// `--connect-to`; the first that applies counts.
    pub connect_to: Vec<ConnectTo>,
    /// `--allow-host`: hosts that may be asked besides those of Cognito.
    pub allow_hosts: Vec<String>,
    /// `--secret-to`: hosts that may receive the client secret besides Cognito's own.
    pub secret_hosts: Vec<String>,
    /// The time for one attempt, from looking the name up to the last byte.
    pub timeout: Duration,
    /// How many requests may be sent, repetitions included. The default is what one configuration may ask.
    pub budget: usize,
    /// `--wait`: how long a refusal is asked about again.
    pub wait: Duration,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self {
            ca: None,
            connect_to: Vec::new(),
            allow_hosts: Vec::new(),
            secret_hosts: Vec::new(),
            timeout: Duration::from_secs(10),
            budget: QUESTIONS,
            wait: Duration::ZERO,
        }
    }
}

/// The network. Must be asked within a tokio runtime with I/O and time.
///
/// A name server that does not answer keeps a thread of the runtime busy: end it with `shutdown_background`.
pub struct Network {
    ca: Vec<CertificateDer<'static>>,
    connect_to: Vec<ConnectTo>,
    hosts: HostPolicy,
    timeout: Duration,
    budget: Cell<usize>,
    wait: Duration,
    left: Cell<usize>,
    environment: Matcher,
    proxies: RefCell<BTreeMap<String, String>>,
    tls: OnceCell<Result<ClientConfig, Failure>>,
    origins: Origins,
    /// The connections of [`Network::send_private`].
    private: Origins,
    /// Whose credentials of AWS are used; found out at the first call of its API.
    access: OnceCell<Result<Access, Failure>>,
    keys: tokio::sync::OnceCell<Result<Keys, Failure>>,
}

/// How an origin is reached.
struct Route {
    /// Bound to the vetted addresses or to the proxy; serves this origin alone.
    client: Client,
    /// The proxy, without credentials.
    proxy: Option<String>,
    /// The addresses carry the port. reqwest would overrule it by a port in the URL, so that is sent in `Host` only.
    pinned: bool,
}

impl Route {
    /// A request over it.
    fn request(&self, method: Method, mut url: Url, origin: &Origin) -> Result<RequestBuilder, Failure> {
        let port = url.port().filter(|_| self.pinned);
        if port.is_some() && url.set_port(None).is_err() {
            return Err(Failure::new(Step::Policy, "the URL cannot have a port"));
        }
        let request = self.client.request(method, url);
        Ok(match port {
            Some(port) => request.header(HOST, format!("{}:{port}", origin.host)),
            None => request,
        })
    }
}

impl Network {
    /// Opens nothing yet; reads the `--ca` file and the proxies of the environment.
    ///
    /// # Errors
    /// If the `--ca` file cannot be used.
    pub fn new(options: NetworkOptions) -> Result<Self, CaError> {
        Ok(Self {
            ca: options.ca.as_deref().map(read_ca).transpose()?.unwrap_or_default(),
            connect_to: options.connect_to,
            hosts: HostPolicy::new(&options.allow_hosts, &options.secret_hosts),
            timeout: options.timeout,
            budget: Cell::new(options.budget),
            wait: options.wait,
            left: Cell::new(options.budget),
            environment: Matcher::from_env(),
            proxies: RefCell::default(),
            tls: OnceCell::new(),
            origins: Origins::default(),
            private: Origins::default(),
            access: OnceCell::new(),
            keys: tokio::sync::OnceCell::new(),
        })
    }

    /// Allows for so many more requests, for a configuration that was not known at first.
    pub fn allow(&self, requests: usize) {
        for count in [&self.budget, &self.left] {
            count.set(count.get().saturating_add(requests));
        }
    }

    async fn exchange(&self, question: &Question) -> Exchange {
        let state = fresh_state();
        let wire = fill_state(&question.request.url, &state);
        let mut asked = Asked { attempts: 0, begun: Instant::now() };
        let outcome = match self.put(question, &wire, &mut asked).await {
            Ok(mut answer) => {
                cut_state(&mut answer, &state);
                Outcome::Answer(answer)
            }
            Err(failure) => Outcome::Failure(failure),
        };
        Exchange {
            id: question.id.clone(),
            request: redact_request(&question.request, &wire),
            outcome,
            at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            ms: u64::try_from(asked.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            attempts: asked.attempts,
        }
    }

    /// Puts the question, once more if the first attempt deserves it.
    async fn put(&self, question: &Question, wire: &str, asked: &mut Asked) -> Result<Answer, Failure> {
        let url =
            Url::parse(wire).map_err(|error| Failure::new(Step::Policy, format!("this is not a URL: {error}")))?;
        self.hosts.check(&url)?;
        if question.basic.is_some() {
            self.hosts.check_secret(&url)?;
        }
        let origin = self.origin(&url).await?;
        // The semaphore is never closed, so there is always a permit to come.
        let _turn = origin.turns.acquire().await;
        asked.begun = Instant::now();
        let first = self.attempt(question, &url, &origin, asked).await;
        // The connection goes back to the pool in a task of its own. Whoever has the next turn must not come before that, or a
        // third connection is made.
        for _ in 0..TASKS {
            tokio::task::yield_now().await;
        }
        let Some(pause) = pause_before_repeating(&question.request.method, &first) else { return first };
        if !question.repeats.take() {
            return first;
        }
        tokio::time::sleep(pause).await;
        last_word(first, self.attempt(question, &url, &origin, asked).await)
    }

    async fn origin(&self, url: &Url) -> Result<InUse<'_>, Failure> {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(Failure::new(Step::Policy, "the URL names no host"));
        };
        Ok(self.origins.find(host, port).await)
    }

    async fn attempt(
        &self,
        question: &Question,
        url: &Url,
        origin: &Origin,
        asked: &mut Asked,
    ) -> Result<Answer, Failure> {
        let work = async {
            // A way that was not found may be found later: a new name takes its time.
            let route = origin.route.get_or_try_init(|| self.find_route(url, origin)).await?;
            self.take_one()?;
            asked.attempts += 1;
            if let Some(proxy) = &route.proxy {
                self.proxies.borrow_mut().insert(origin.host.clone(), proxy.clone());
            }
            send(question, url, origin, route).await
        };
        let outcome = tokio::time::timeout(self.timeout, work).await;
        outcome.unwrap_or_else(|_| Err(failure::timed_out(&origin.host, self.timeout)))
    }

    /// Takes one request out of the budget.
    fn take_one(&self) -> Result<(), Failure> {
        let used_up = || Failure::new(Step::Budget, format!("the budget of {} requests is used up", self.budget.get()));
        self.left.set(self.left.get().checked_sub(1).ok_or_else(used_up)?);
        Ok(())
    }

    /// Finds out how the origin is reached: by `--connect-to`, through a proxy, or at its own vetted addresses.
    async fn find_route(&self, url: &Url, origin: &Origin) -> Result<Route, Failure> {
        self.find_route_to(url, origin, self.hosts.may_be_inside(&origin.host)).await
    }

    /// The same, where it is known whether the addresses may be private.
    async fn find_route_to(&self, url: &Url, origin: &Origin, may_be_inside: bool) -> Result<Route, Failure> {
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        let name = literal.map_or_else(|| origin.host.clone(), |address| address.to_string());
        if let Some(elsewhere) = self.connect_to.iter().find(|entry| entry.applies(&name, origin.port)) {
            if literal.is_some() {
                let cause = format!("{name} is an address, and --connect-to can only lead a name elsewhere");
                return Err(Failure::new(Step::Policy, cause));
            }
            let port = elsewhere.to_port.unwrap_or(origin.port);
            let addresses = match &elsewhere.to_host {
                // The user named the target, so it may be any.
                Some(target) => address::resolve(target, port).await?,
                None => self.addresses(&name, port, may_be_inside).await?,
            };
            return self.direct(&name, &addresses);
        }
        if let Some(address) = literal {
            address::vet_literal(address, may_be_inside)?;
            self.hosts.found(&origin.host, address::is_internal(address));
        }
        if let Some(route) = self.through_proxy(origin)? {
            return Ok(route);
        }
        match literal {
            Some(_) => Ok(Route { client: self.client(|builder| builder)?, proxy: None, pinned: false }),
            None => self.direct(&name, &self.addresses(&name, origin.port, may_be_inside).await?),
        }
    }

    /// The addresses of a name that may be asked.
    async fn addresses(&self, name: &str, port: u16, may_be_inside: bool) -> Result<Vec<SocketAddr>, Failure> {
        let addresses = address::resolve_allowed(name, port, may_be_inside).await?;
        self.hosts.found(name, addresses.iter().any(|address| address::is_internal(address.ip())));
        Ok(addresses)
    }

    fn direct(&self, host: &str, addresses: &[SocketAddr]) -> Result<Route, Failure> {
        let client = self.client(|builder| builder.resolve_to_addrs(host, addresses))?;
        Ok(Route { client, proxy: None, pinned: true })
    }

    /// The route through the proxy that the environment names for this origin, if it names one.
    fn through_proxy(&self, origin: &Origin) -> Result<Option<Route>, Failure> {
        // Of the origin alone: the rest of a URL may hold what `http::Uri` cannot read, and no rule depends on it.
        let uri = format!("https://{}:{}", origin.host, origin.port).parse();
        let Some(intercept) = uri.ok().and_then(|uri| self.environment.intercept(&uri)) else { return Ok(None) };
        let name = intercept.uri().to_string().trim_end_matches('/').to_owned();
        let unusable = |why: &str| {
            let cause = format!("the proxy {name} that the environment names for {} {why}", origin.host);
            Failure::new(Step::Connect, cause)
        };
        if !matches!(intercept.uri().scheme_str(), Some("http" | "https")) {
            return Err(unusable("is not an HTTP proxy; name one in HTTPS_PROXY, or the host in NO_PROXY"));
        }
        let mut proxy = reqwest::Proxy::all(&name).map_err(|_| unusable("is not a URL of a proxy"))?;
        if let Some(credentials) = intercept.basic_auth() {
            proxy = proxy.custom_http_auth(credentials.clone());
        }
        let client = self.client(|builder| builder.proxy(proxy))?;
        Ok(Some(Route { client, proxy: Some(name), pinned: false }))
    }

    /// A client that trusts our roots, follows nothing, and ignores the environment but for what `route` adds.
    fn client(&self, route: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> Result<Client, Failure> {
        let tls = self.tls.get_or_init(|| client_config(&self.ca)).clone()?;
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(AT_ONCE)
            .https_only(true)
            .no_proxy();
        let built = route(builder).build();
        built.map_err(|error| Failure::new(Step::Tls, format!("no HTTP client can be made: {error}")))
    }
}

impl Transport for Network {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        match &question.call {
            Some(call) => Box::pin(self.call(question, call)),
            None => Box::pin(self.exchange(question)),
        }
    }

    fn trust_login_domain(&self, host: &str) {
        self.hosts.trust_login_domain(host);
    }

    fn admit_pomerium(&self, host: &str, of: Option<&str>, is_trusted: bool) {
        self.hosts.admit_pomerium(host, of, is_trusted);
    }

    fn proxies(&self) -> BTreeMap<String, String> {
        self.proxies.borrow().clone()
    }

    fn patience(&self) -> Option<Duration> {
        Some(self.wait)
    }
}

/// How often a question was sent, and since when.
struct Asked {
    attempts: u8,
    begun: Instant,
}
