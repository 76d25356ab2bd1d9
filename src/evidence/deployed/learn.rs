//! From the answers of a running Pomerium to a configuration, and on to its identity provider.

use std::collections::BTreeSet;

use url::Url;

use super::ask::{Answers, answer, ask};
use super::clocks::RunningClocks;
use super::cookies::RunningCookies;
use super::places::Page;
use super::release::ReleaseRange;
use super::route::{RouteAnswer, RouteKind, Seal};
use super::sign_in::{RunningProvider, RunningRequest, SignInAnswer, SignInKind};
use super::{
    AuthenticateHost, Beside, Differs, FrontDoor, LoginHostBeside, NamedCallbacks, Opened, ServedCertificate,
    ServedCertificates, Visit, callback, door, identity, is_hosted, route, sign_in, sign_out,
};
use crate::config::{
    Config, Destination, Form, Literals, Origin, Sent, Setting, Shown, Source, SourceKind, Sources, Span, WrittenAs,
    cognito,
};
use crate::evidence::gather::{gather, gather_login_domain};
use crate::evidence::{
    Evidence, Exchange, ExchangeId, Failure, Flag, GatherOptions, Missing, Need, Outcome, PoolWorld, RunningWorld,
    Seen, Step, Transport, World, told, unclear,
};

/// Asks a running Pomerium, and then its identity provider about the very request that it sends: what it shows of its
/// configuration, and what is known then.
pub async fn visit(
    visit: &Visit<'_>,
    plan: &BTreeSet<Need>,
    options: &GatherOptions<'_>,
    transport: &dyn Transport,
) -> (Config, World) {
    let started = std::time::Instant::now();
    let answers = ask(visit, plan, transport).await;
    let mut learnt = Learnt::of(visit, &answers);
    let mut world = learnt.ask_provider(plan, options, transport).await;
    if let Ok(clocks) = &mut learnt.world.clocks {
        clocks.value.heed_cognito(&world.exchanges);
    }
    let mut exchanges = answers.exchanges();
    exchanges.append(&mut world.exchanges);
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let world = World {
        running: learnt.world.clone(),
        beside: visit.beside.map(|(config, _)| Box::new(Beside(config.clone()))),
        exchanges,
        proxies: transport.proxies(),
        took_ms: transport.took_ms().unwrap_or(took),
        ..world
    };
    (learnt.config, world)
}

/// What the answers show.
struct Learnt<'a> {
    visit: &'a Visit<'a>,
    world: RunningWorld,
    config: Config,
    sources: Sources,
    request: Option<RunningRequest>,
    provider: Option<Setting<String>>,
}

/// Why nobody knows the issuer of a pool that does not name itself.
const NO_ISSUER: &str =
    "the running Pomerium does not show its issuer: give its configuration too, or --given idp_provider_url=…";

/// Why Cognito is not judged.
const OTHER: &str = "the running Pomerium sends users to another identity provider";
const HOSTED: &str = "Pomerium's hosted service runs the login";

impl<'a> Learnt<'a> {
    fn of(visit: &'a Visit<'a>, answers: &Answers) -> Self {
        let mut sources = visit.beside.map_or_else(Sources::default, |(config, _)| config.sources.of_others());
        let mut page = |exchange: &Option<Exchange>| exchange.as_ref().map(|own| Page::write(&mut sources, own));
        let pages = Pages {
            pomerium: page(&answers.pomerium),
            route: page(&answers.route),
            authenticate: page(&answers.authenticate),
            callback: page(&answers.callback),
            sign_in: page(&answers.sign_in),
            sign_out: page(&answers.provider_sign_out),
        };
        let world = read(visit, answers, &pages);
        let request = match world.sign_in.as_ref().map(|seen| &seen.value.kind) {
            Ok(SignInKind::Login(request)) => Some(request.clone()),
            _ => None,
        };
        let provider = world.sign_out.as_ref().ok().map(|seen| {
            let name = if seen.value.is_cognito { "cognito" } else { "oidc" };
            setting(name, seen.value.at)
        });
        let config = Shown {
            url: visit.url.to_string(),
            version: crate::config::PomeriumVersion::NEWEST,
            sources: Sources::default(),
            leads: Destination::Unknown,
            sent: None,
        }
        .config();
        let mut learnt = Self { visit, world, config, sources, request, provider };
        let leads = match learnt.request.as_ref().map(|request| &request.provider) {
            None if learnt.is_hosted() => Destination::Elsewhere(HOSTED),
            None => Destination::Unknown,
            Some(RunningProvider::Hosted) => Destination::Elsewhere(HOSTED),
            Some(RunningProvider::Other) => Destination::Elsewhere(OTHER),
            Some(_) => Destination::Cognito,
        };
        learnt.configure(leads, None);
        learnt
    }

    fn is_hosted(&self) -> bool {
        let door = self.world.pomerium.as_ref().map(|seen| &seen.value.opened_by);
        matches!(door, Ok(Opened::Pomerium(found)) if host_of(&found.callback).is_some_and(|host| is_hosted(&host)))
    }

    /// Makes the configuration anew, with what is known by now.
    fn configure(&mut self, leads: Destination, issuer: Option<Setting<String>>) {
        let release = self.world.release.as_ref().map(|seen| seen.value).unwrap_or_default();
        self.config = Shown {
            url: self.visit.url.to_string(),
            version: release.newest(),
            sources: self.sources.clone(),
            leads,
            sent: self.request.as_ref().map(|request| Sent {
                at: request.at,
                parameters: request.parameters.clone(),
                issuer,
                provider: self.provider.clone(),
                same_site: self.same_site(),
                peer: self.peer(),
            }),
        }
        .config();
        if let Some((beside, _)) = self.visit.beside {
            // Its texts are quoted where they differ: nothing shows there that it keeps.
            self.config.secrets.clone_from(&beside.secrets);
            self.config.hidden.clone_from(&beside.hidden);
            self.config.ignores.clone_from(&beside.ignores);
        }
    }

    fn same_site(&self) -> Option<Setting<String>> {
        let guard = self.world.cookies.as_ref().ok()?.value.guard()?;
        Some(setting(guard.same_site.as_ref()?, guard.at))
    }

    /// A host of it whose document names another callback than the one that is sent.
    fn peer(&self) -> Option<(String, Setting<String>)> {
        let callbacks = &self.world.callbacks.as_ref().ok()?.value;
        let (sent, _) = self.request.as_ref()?.parameter("redirect_uri")?;
        let sent = sent.split('?').next().unwrap_or_default();
        let named = [Some(&callbacks.here), callbacks.there.as_ref()];
        let (callback, at) = named.into_iter().flatten().find(|(named, _)| named != sent)?;
        Some((format!("{} (what it says of itself)", self.visit.url), setting(callback, *at)))
    }

    /// Asks Cognito about the request, and learns on the way whose pool it is.
    async fn ask_provider(
        &mut self,
        plan: &BTreeSet<Need>,
        options: &GatherOptions<'_>,
        transport: &dyn Transport,
    ) -> World {
        let Some(request) = self.request.clone() else {
            let why = if self.is_hosted() { Missing::NotApplicable(HOSTED) } else { Missing::Follows(Need::SignIn) };
            return World::missing(&why, 0).without_settings();
        };
        if let Form::Deployed(Destination::Elsewhere(why)) = self.config.form {
            return World::missing(&Missing::NotApplicable(why), 1);
        }
        let without_domain = match &request.provider {
            RunningProvider::CognitoWithoutDomain(issuer) => Some(setting(issuer, request.at)),
            _ => None,
        };
        if let Some(issuer) = self.given_issuer().or(without_domain).or_else(|| self.issuer_beside(&request)) {
            self.configure(Destination::Cognito, Some(issuer));
            let pool = self.gather_pool(plan, options, transport).await;
            let has_domain = pool.pool.document.as_ref().is_ok_and(|seen| seen.value.login_domain.is_some());
            if matches!(request.provider, RunningProvider::CognitoWithoutDomain(_)) {
                // Whether it got one since then is another matter: this is where users are sent.
                return if has_domain { pool } else { follows(pool) };
            }
            let world = self.gather_domain(&request.host, plan, options, transport).await;
            return together(pool, world);
        }
        let world = self.gather_domain(&request.host, plan, options, transport).await;
        if let Some(why) = forbidden(&world.exchanges) {
            self.configure(Destination::Unknown, None);
            return World { exchanges: world.exchanges, ..World::missing(&why, 1).without_settings() };
        }
        let Some(issuer) = issuer_of_pool(&world.exchanges) else { return world };
        self.configure(Destination::Cognito, Some(setting(&issuer, request.at)));
        let pool = self.gather_pool(plan, options, transport).await;
        if login_host(&pool).is_some_and(|host| host == request.host) {
            return together(pool, world);
        }
        self.configure(Destination::Cognito, None);
        world
    }

    /// What the hosts of the issuer answer.
    async fn gather_pool(
        &self,
        plan: &BTreeSet<Need>,
        options: &GatherOptions<'_>,
        transport: &dyn Transport,
    ) -> World {
        let clients = self.config.clients();
        let literals = Literals::of(&self.config, &clients);
        let of_pool = [Need::Discovery, Need::IssuerVariant, Need::Keys];
        let plan = of_pool.into_iter().filter(|need| plan.contains(need)).collect();
        gather(&self.config, &clients, &literals, &plan, options, transport).await
    }

    async fn gather_domain(
        &self,
        host: &str,
        plan: &BTreeSet<Need>,
        options: &GatherOptions<'_>,
        transport: &dyn Transport,
    ) -> World {
        let clients = self.config.clients();
        if !options.pools.is_empty() {
            let why = "nobody is asked: a login domain alone does not tell whether it is that of a pool of --pool";
            return World::missing(&Missing::Unconfigured(why.to_owned()), clients.len()).without_settings();
        }
        let literals = Literals::of(&self.config, &clients);
        let world = gather_login_domain(&self.config, &clients, &literals, plan, host, options, transport).await;
        World { pool: PoolWorld::missing(&Missing::Elsewhere(NO_ISSUER.to_owned())), ..world }.without_settings()
    }

    /// The issuer of `--given`, with its place.
    fn given_issuer(&mut self) -> Option<Setting<String>> {
        let is_issuer = |given: &&crate::config::GivenValue| given.name() == "idp_provider_url";
        let issuer = self.visit.given.iter().find(is_issuer)?.value.clone();
        let text = format!("idp_provider_url={issuer}\n");
        let start = text.len() - 1 - issuer.len();
        let source = self.sources.add(Source::new("--given", SourceKind::Given, text));
        let span = Span { source, start, end: start + issuer.len() };
        Some(Setting { value: issuer, span, origin: Origin::Given, written_as: WrittenAs::Text })
    }

    /// The issuer of the configuration beside, if its pool has this login domain.
    fn issuer_beside(&self, request: &RunningRequest) -> Option<Setting<String>> {
        let (config, world) = self.visit.beside?;
        let is_it = login_host(world) == Some(request.host.as_str());
        let identity = self.world.identity.as_ref().map(|seen| seen.value.differs);
        config.settings.as_ref()?.idp_provider_url.clone().filter(|_| is_it || identity == Ok(Differs::Not))
    }
}

/// What is known of the pool, and of the login domain that users are sent to.
fn together(pool: World, domain: World) -> World {
    let exchanges = pool.exchanges.into_iter().chain(domain.exchanges).collect();
    let clients = domain.clients.into_iter().zip(pool.clients).map(|(own, told)| own.or(told)).collect();
    World { pool: pool.pool, clients, exchanges, ..domain }
}

/// Nobody logs in where there is no domain.
fn follows(pool: World) -> World {
    let clients = pool.clients.len();
    let why = World::missing(&Missing::Follows(Need::Domain), clients).without_settings();
    World { domain: why.domain, clients: why.clients, ..pool }
}

fn setting(value: &str, span: Span) -> Setting<String> {
    Setting { value: value.to_owned(), span, origin: Origin::Running, written_as: WrittenAs::Text }
}

/// The host of the login pages that a discovery document names.
fn login_host(world: &World) -> Option<&str> {
    let domain = world.pool.document.as_ref().ok()?.value.login_domain.as_ref()?;
    Some(domain.host.as_str())
}

/// Our own policy keeps the login server from being asked.
fn forbidden(exchanges: &[Exchange]) -> Option<Missing> {
    let is_refused = |exchange: &&Exchange| {
        matches!(&exchange.outcome, Outcome::Failure(Failure { step: Step::Policy, flag: Some(Flag::AllowHost), .. }))
    };
    exchanges.iter().find(is_refused).and_then(|exchange| unclear::answer(exchange).err())
}

/// The pool that its own redirect names.
fn issuer_of_pool(exchanges: &[Exchange]) -> Option<String> {
    let authorize = exchanges.iter().find(|exchange| exchange.id.0 == "authorize")?;
    let pool = answer(authorize)?.read.get(told::USER_POOL)?;
    Some(cognito::issuer(cognito::region_of_pool(pool)?, pool))
}

fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// The answers as texts.
struct Pages {
    pomerium: Option<Page>,
    route: Option<Page>,
    authenticate: Option<Page>,
    callback: Option<Page>,
    sign_in: Option<Page>,
    sign_out: Option<Page>,
}

/// What each answer says.
fn read(visit: &Visit<'_>, answers: &Answers, pages: &Pages) -> RunningWorld {
    let mut world = RunningWorld::missing(&Missing::Follows(Need::Pomerium));
    world.certificates = certificates(answers, pages);
    world.pomerium = front_door(answers.pomerium.as_ref(), pages.pomerium.as_ref());
    let Ok(Seen { value: FrontDoor { opened_by: Opened::Pomerium(found), .. }, .. }) = &world.pomerium else {
        return world;
    };
    let found = found.clone();
    if host_of(&found.callback).is_some_and(|host| is_hosted(&host)) {
        let door = world.pomerium;
        let certificates = world.certificates;
        return RunningWorld { pomerium: door, certificates, ..RunningWorld::missing(&Missing::NotApplicable(HOSTED)) };
    }
    let unasked = Missing::Declined { flag: "--only" };
    world.route = match (answers.route.as_ref(), pages.route.as_ref()) {
        (Some(exchange), Some(page)) => route::read(exchange, page),
        _ if answers.service.as_ref().is_some_and(|service| service.origin() == visit.url.origin()) => {
            Err(Missing::NotApplicable("the URL is that of the authenticate service itself"))
        }
        _ => Err(unasked.clone()),
    };
    world.callback = match (answers.callback.as_ref(), pages.callback.as_ref()) {
        (Some(exchange), Some(page)) => callback::read(exchange, page),
        _ => Err(unasked.clone()),
    };
    world.sign_in = match (answers.sign_in.as_ref(), pages.sign_in.as_ref()) {
        (Some(exchange), Some(page)) => sign_in::read(exchange, page),
        _ => Err(unasked),
    };
    world.request = match &world.sign_in {
        Ok(Seen { value: SignInAnswer { kind: SignInKind::Login(request), .. }, witnesses }) => {
            Ok(Seen { value: request.clone(), witnesses: witnesses.clone() })
        }
        Ok(_) => Err(Missing::Follows(Need::SignIn)),
        Err(why) => Err(why.clone()),
    };
    (world.identity, world.login_host) = match visit.beside {
        None => (Err(ALONE), Err(ALONE)),
        Some((config, known)) => (identity::read(visit.url, config, &world.route), login_host_beside(known)),
    };
    world.authenticate = authenticate_host(answers, &found.callback, found.callback_at);
    world.callbacks = Ok(named_callbacks(answers, pages, &found.callback, found.callback_at));
    world.sign_out = match (answers.provider_sign_out.as_ref(), pages.sign_out.as_ref()) {
        (Some(exchange), Some(page)) => sign_out::read(exchange, page),
        _ if visit.probe_sign_out => Err(Missing::Follows(Need::SignIn)),
        _ => Err(Missing::Declined { flag: "--probe-sign-out" }),
    };
    let sign_in = answers.sign_in.as_ref().and_then(|exchange| Some((exchange, answer(exchange)?)));
    world.cookies = match (&world.sign_in, sign_in, pages.sign_in.as_ref()) {
        (Ok(seen), Some((_, answer)), Some(page)) => {
            Ok(Seen { value: RunningCookies::of(answer, page), witnesses: seen.witnesses.clone() })
        }
        (Err(why), ..) => Err(why.clone()),
        _ => Err(Missing::Follows(Need::SignIn)),
    };
    let route = world.route.as_ref().ok().map(|seen| &seen.value);
    let seen = world.sign_in.as_ref().ok().map(|seen| &seen.value);
    let clocks = RunningClocks::of(
        answers.route.as_ref().zip(route),
        sign_in.zip(seen).map(|((exchange, answer), seen)| (exchange, answer, seen)),
    );
    let release = release(visit, &found, route, sign_in.map(|(_, answer)| answer), world.cookies.as_ref().ok());
    world.release = Ok(Seen { value: release, witnesses: ids([answers.pomerium.as_ref(), answers.sign_in.as_ref()]) });
    world.clocks = match (&clocks.proxy, &clocks.authenticate) {
        (None, None) => Err(world.sign_in.as_ref().err().cloned().unwrap_or_else(no_clock)),
        _ => Ok(Seen { value: clocks, witnesses: ids([answers.route.as_ref(), answers.sign_in.as_ref()]) }),
    };
    world
}

/// Why nothing is compared.
const ALONE: Missing = Missing::NotApplicable("no configuration is compared with what runs");

fn login_host_beside(world: &World) -> Evidence<LoginHostBeside> {
    let document = world.pool.document.as_ref().map_err(Clone::clone)?;
    let host = document.value.login_domain.as_ref().map(|domain| domain.host.clone());
    Ok(Seen { value: LoginHostBeside(host), witnesses: Vec::new() })
}

fn no_clock() -> Missing {
    Missing::Elsewhere("what this Pomerium sends shows no time".to_owned())
}

fn ids<const N: usize>(exchanges: [Option<&Exchange>; N]) -> Vec<ExchangeId> {
    exchanges.into_iter().flatten().map(|exchange| exchange.id.clone()).collect()
}

fn front_door(exchange: Option<&Exchange>, page: Option<&Page>) -> Evidence<FrontDoor> {
    let (Some(exchange), Some(page)) = (exchange, page) else { return Err(Missing::Follows(Need::Pomerium)) };
    let answer = match unclear::answer(exchange) {
        Ok(answer) => answer,
        Err(_) if is_certificate(exchange) => return Err(Missing::Follows(Need::Pomerium)),
        Err(why) => return Err(in_pomeriums_words(why)),
    };
    if answer.status == 429 {
        return Err(unclear::inconclusive(exchange, "Pomerium's own document"));
    }
    Ok(Seen { value: door::read(exchange, answer, page), witnesses: vec![exchange.id.clone()] })
}

/// Why there is no answer, if that is a way in which Pomerium may be set up.
fn in_pomeriums_words(why: Missing) -> Missing {
    let Missing::Unreachable { url, step, cause } = why else { return why };
    let hint = if ["CertificateRequired", "HandshakeFailure"].iter().any(|alert| cause.contains(alert)) {
        "; Pomerium asks every visitor for a client certificate if downstream_mtls says reject_connection, and none is held here"
    } else if step == Step::Read {
        "; a Pomerium whose codec_type is http2 hangs up like this, as HTTP/1.1 is spoken here"
    } else {
        ""
    };
    Missing::Unreachable { url, step, cause: cause + hint }
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
        let host = host_of(&exchange.request.url).unwrap_or_default();
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

fn authenticate_host(answers: &Answers, callback: &str, at: Span) -> Evidence<AuthenticateHost> {
    let host = host_of(callback).unwrap_or_default();
    let exchange = answers.sign_in.as_ref().or(answers.callback.as_ref());
    let Some(exchange) = exchange else { return Err(Missing::Declined { flag: "--only" }) };
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
        let named = door::callback(answer(exchange)?)?;
        let at = page.place(&named);
        Some((named, at))
    });
    let witnesses = ids([answers.pomerium.as_ref(), answers.authenticate.as_ref()]);
    Seen { value: NamedCallbacks { here: (callback.to_owned(), at), there }, witnesses }
}

/// Which releases answer like this.
fn release(
    visit: &Visit<'_>,
    found: &super::WellKnown,
    route: Option<&RouteAnswer>,
    sign_in: Option<&crate::evidence::Answer>,
    cookies: Option<&Seen<RunningCookies>>,
) -> ReleaseRange {
    let mut range = ReleaseRange::default();
    if found.issuer.is_some() {
        range.has(28);
    } else {
        range.lacks(28);
    }
    let (keys, own, service) =
        (host_of(&found.jwks_uri), visit.url.host_str().map(str::to_owned), host_of(&found.callback));
    if own != service {
        if keys == own {
            range.has(21);
        } else if keys == service {
            range.lacks(21);
        }
    }
    if let Some(session) = cookies.and_then(|cookies| cookies.value.session()) {
        if session.name.ends_with("_authenticate") { range.has(22) } else { range.lacks(22) }
    }
    if let Some(RouteAnswer { kind: RouteKind::SignIn(link), .. }) = route {
        match link.seal {
            Some(Seal::Named) => {
                range.has(21);
                range.lacks(23);
            }
            Some(Seal::Short) => {
                range.has(23);
                range.lacks(25);
            }
            None => {}
        }
        // Letters that base58 leaves out.
        if link.provider_id.as_ref().is_some_and(|(id, _)| id.contains(['0', 'O', 'I', 'l'])) {
            range.has(27);
        }
    }
    match sign_in.and_then(|answer| answer.read.get(told::STATE_TOKEN)).map(String::as_str) {
        Some("88") => range.lacks(31),
        Some("44") => range.has(31),
        _ => {}
    }
    range
}
