//! From the answers of a running Pomerium to a configuration, and on to its identity provider.

use std::collections::BTreeSet;

use url::Url;

use super::ask::{Answers, ask};
use super::read::read;
use super::{HOSTED, Visit};
use crate::config::{
    CALLBACK_PATH, Change, Config, Destination, Literals, Origin, PomeriumVersion, Sent, Setting, Shown, Source,
    SourceKind, Sources, Span, WrittenAs, cognito, is_hosted,
};
use crate::evidence::gather::{gather, gather_login_domain, took_ms};
use crate::evidence::settled::PoolDomain;
use crate::evidence::stopwatch::Stopwatch;
use crate::evidence::{
    Beside, Differs, Exchange, ExchangeId, Failure, Flag, GatherOptions, Missing, Need, Opened, Outcome, PoolWorld,
    RunningIdentity, RunningParameter, RunningProvider, RunningRequest, RunningWorld, Seen, SignInKind, Step,
    Transport, World, told, unclear,
};
use crate::host;

/// Asks a running Pomerium, and then its identity provider about the very request that it sends: what it shows of its
/// configuration, and what is known then.
pub async fn visit(
    visit: &Visit<'_>,
    plan: &BTreeSet<Need>,
    options: &GatherOptions<'_>,
    transport: &dyn Transport,
) -> (Config, World) {
    let started = Stopwatch::start();
    let answers = ask(visit, plan, transport).await;
    let mut learnt = Learnt::of(visit, &answers);
    let (mut config, mut world) = Box::pin(learnt.ask_provider(&Asking { plan, options, transport })).await;
    learnt.heed_secret(&mut config, &mut world);
    let mut running = learnt.world;
    if let Ok(clocks) = &mut running.clocks {
        clocks.value.heed_cognito(&world.exchanges);
    }
    let mut exchanges = answers.exchanges();
    exchanges.append(&mut world.exchanges);
    let world = World {
        running,
        beside: visit.beside.map(|(config, _)| Box::new(Beside(config.clone()))),
        proxies: transport.proxies(),
        took_ms: took_ms(transport, started, &exchanges),
        exchanges,
        ..world
    };
    (config, world)
}

/// What the answers show.
struct Learnt<'a> {
    visit: &'a Visit<'a>,
    world: RunningWorld,
    sources: Sources,
    request: Option<RunningRequest>,
    provider: Option<Setting<String>>,
}

/// How the identity provider is asked.
struct Asking<'a> {
    plan: &'a BTreeSet<Need>,
    options: &'a GatherOptions<'a>,
    transport: &'a dyn Transport,
}

/// Why nobody knows the issuer of a pool that does not name itself.
const NO_ISSUER: &str =
    "the running Pomerium does not show its issuer: give its configuration too, or --given idp_provider_url=…";

/// Why nobody is asked about the secret that runs.
const OTHER_SECRET: &str =
    "only the running Pomerium has its client secret; that of the configuration is asked about with it";

/// Why Cognito is not judged.
const OTHER: &str = "the running Pomerium sends users to another identity provider";

impl<'a> Learnt<'a> {
    fn of(visit: &'a Visit<'a>, answers: &Answers) -> Self {
        let mut sources = visit.beside.map_or_else(Sources::default, |(config, _)| config.sources.of_others());
        let world = read(visit, answers, &mut sources);
        let request = match world.sign_in.as_ref().map(|seen| &seen.value.kind) {
            Ok(SignInKind::Login(request)) => Some(request.clone()),
            _ => None,
        };
        let shown = world.sign_out.as_ref().ok().map(|seen| {
            let name = if seen.value.is_cognito { "cognito" } else { "oidc" };
            Setting::sent(name, seen.value.at)
        });
        // The id is one of the provider, too.
        let is_it = world.identity.as_ref().is_ok_and(|seen| seen.value.differs == Differs::Not);
        let written = || visit.beside.filter(|_| is_it)?.0.settings.as_ref()?.idp_provider.clone();
        let provider = shown.or_else(written);
        Self { visit, world, sources, request, provider }
    }

    fn is_hosted(&self) -> bool {
        let door = self.world.pomerium.as_ref().map(|seen| &seen.value.opened_by);
        matches!(door, Ok(Opened::Pomerium(found)) if host::of(&found.callback).is_some_and(|host| is_hosted(&host)))
    }

    /// The configuration as far as it is known with this.
    fn config(&self, leads: Destination, issuer: Option<Setting<String>>) -> Config {
        let release = self.world.release.as_ref().map(|seen| seen.value).unwrap_or_default();
        let mut config = Shown {
            url: self.visit.url.to_string(),
            version: release.newest(),
            sources: self.sources.clone(),
            leads,
            sent: self.request.as_ref().map(|request| Sent {
                at: request.at,
                parameters: request.parameters.iter().map(sent).collect(),
                issuer,
                provider: self.provider.clone(),
                same_site: self.same_site(),
                sign_out: self.sign_out(release.newest()),
                cookie_domain: self.cookie_domain(),
                peer: self.peer(release.newest()),
            }),
        }
        .config();
        if let Some((beside, _)) = self.visit.beside {
            // Its texts are quoted where they differ: nothing shows there that it keeps.
            config.secrets.clone_from(&beside.secrets);
            config.hidden.clone_from(&beside.hidden);
            config.ignores.clone_from(&beside.ignores);
        }
        config
    }

    fn same_site(&self) -> Option<Setting<String>> {
        let guard = self.world.cookies.as_ref().ok()?.value.guard()?;
        Some(Setting::sent(guard.same_site.as_ref()?, guard.at))
    }

    /// A cookie that names no domain says that none is set.
    fn cookie_domain(&self) -> Option<Setting<String>> {
        let session = self.world.cookies.as_ref().ok()?.value.session()?;
        Some(Setting::sent(session.domain.as_deref().unwrap_or_default(), session.at))
    }

    /// Where the sign-out is to end; since v0.25 that is always a page of the authenticate service's own.
    fn sign_out(&self, version: PomeriumVersion) -> Option<Setting<String>> {
        let sign_out = &self.world.sign_out.as_ref().ok().filter(|_| !version.has(Change::SignOutToOwnPage))?.value;
        sign_out.logout_uri.as_ref().map(|(uri, at)| Setting::sent(uri.as_str(), *at))
    }

    /// A host of it whose document names another callback than the one that is sent.
    fn peer(&self, version: PomeriumVersion) -> Option<(String, Setting<String>)> {
        let callbacks = &self.world.callbacks.as_ref().ok()?.value;
        let sent = Url::parse(&self.request.as_ref()?.parameter("redirect_uri")?.shown).ok()?;
        let own = |named| (named, "what it says of itself");
        let sent_to = callbacks.sent.as_ref().map(|named| (named, "where it sends users"));
        let named = [Some(own(&callbacks.here)), callbacks.there.as_ref().map(own), sent_to].into_iter().flatten();
        // The path that is sent may be another one: an option for it, and a parameter, change that alone.
        let is_elsewhere = |named: &str| Url::parse(named).is_ok_and(|named| named.origin() != sent.origin());
        let ((callback, at), how) = named.clone().find(|((named, _), _)| is_elsewhere(named))?;
        // No authenticate_service_url makes such a callback: a parameter replaces the one that all of them name.
        let is_replaced = sent.path() != CALLBACK_PATH && version.has(Change::FixedCallbackPath);
        if is_replaced && named.clone().all(|((named, _), _)| named == callback) {
            return None;
        }
        let source = self.sources.get(at.source).map_or("", |source| source.name.as_str());
        Some((format!("{source} ({how})"), Setting::sent(callback.as_str(), *at)))
    }

    /// Asks Cognito about the request, and learns on the way whose pool it is.
    async fn ask_provider(&mut self, asking: &Asking<'_>) -> (Config, World) {
        let Some(request) = self.request.clone() else {
            let (leads, why) = if self.is_hosted() {
                (Destination::Elsewhere(HOSTED), Missing::NotApplicable(HOSTED))
            } else {
                (Destination::Unknown, Missing::Follows(Need::SignIn))
            };
            return (self.config(leads, None), World::missing(&why, 0).without_settings());
        };
        let elsewhere = match request.provider {
            RunningProvider::Hosted => Some(HOSTED),
            RunningProvider::Other => Some(OTHER),
            _ => None,
        };
        if let Some(why) = elsewhere {
            let config = self.config(Destination::Elsewhere(why), None);
            return (config, World::missing(&Missing::NotApplicable(why), 1));
        }
        let without_domain = match &request.provider {
            RunningProvider::CognitoWithoutDomain(issuer) => Some(Setting::sent(issuer, request.at)),
            _ => None,
        };
        if let Some(issuer) = without_domain.or_else(|| self.issuer_beside(&request)) {
            let config = self.config(Destination::Cognito, Some(issuer));
            let pool = asking.of_pool(&config).await;
            if matches!(request.provider, RunningProvider::CognitoWithoutDomain(_)) {
                return (config, follows(unheeded(pool, &request)));
            }
            let is_its_own = login_host(&pool) == Some(request.host.as_str());
            let world = asking.of_domain(&config, &request.host, is_its_own).await;
            return (config, together(pool, world));
        }
        if let Some(issuer) = self.given_issuer() {
            let config = self.config(Destination::Cognito, Some(issuer.clone()));
            let pool = asking.of_pool(&config).await;
            let is_its_own = login_host(&pool) == Some(request.host.as_str());
            let world = asking.of_domain(&config, &request.host, is_its_own).await;
            return (config, together(unless_another(pool, &issuer.value, &request), world));
        }
        let config = self.config(Destination::Cognito, None);
        let world = asking.of_domain(&config, &request.host, false).await;
        if let Some(why) = forbidden(&world.exchanges) {
            let nothing = World::missing(&why, 1).without_settings();
            return (self.config(Destination::Unknown, None), World { exchanges: world.exchanges, ..nothing });
        }
        let Some(issuer) = issuer_of_pool(&world.exchanges) else { return (config, world) };
        let named = self.config(Destination::Cognito, Some(Setting::sent(issuer, request.at)));
        let pool = asking.of_pool(&named).await;
        if login_host(&pool).is_some_and(|host| host == request.host) {
            return (named, together(pool, world));
        }
        // It is another pool, of which nothing is believed; that it was asked is told all the same.
        let exchanges = world.exchanges.into_iter().chain(pool.exchanges).collect();
        (config, World { exchanges, ..world })
    }

    /// The client secret is nobody's to ask about here, as a host that only what runs names must not get it. Where what runs is the
    /// configuration beside, byte for byte, what is known of that one's secret is known of this one; where it is not, that one's
    /// was asked about, and nobody has another.
    fn heed_secret(&self, config: &mut Config, world: &mut World) {
        let (Some((beside, known)), Some(settings)) = (self.visit.beside, &mut config.settings) else { return };
        let id = settings.idp_client_id.as_ref().map_or("", |id| id.value.as_str());
        let own = beside.clients().into_iter().zip(&known.clients).find(|(client, _)| client.id.value == id);
        let identity = self.world.identity.as_ref().ok().filter(|seen| seen.value.differs == Differs::Not);
        let Some(client) = world.clients.first_mut() else { return };
        match (own, identity) {
            (Some((own, known)), Some(identity)) => {
                settings.client_secret = own.secret;
                client.secret = known.secret.clone().map(|seen| by(seen, identity));
                client.has_secret = known.has_secret.clone().map(|seen| by(seen, identity));
            }
            _ if matches!(client.secret, Err(Missing::Unconfigured(_))) => {
                let why = Missing::Elsewhere(OTHER_SECRET.to_owned());
                (client.secret, client.has_secret) = (Err(why.clone()), Err(why));
            }
            _ => {}
        }
    }

    /// The issuer of `--given`, with its place. A slash at its end is no other pool's: what runs compared its own with the document's,
    /// which has none, before it could send anybody anywhere.
    fn given_issuer(&mut self) -> Option<Setting<String>> {
        let is_issuer = |given: &&crate::config::GivenValue| given.name() == "idp_provider_url";
        let given = &self.visit.given.iter().find(is_issuer)?.value;
        let text = format!("idp_provider_url={given}\n");
        let start = text.len() - 1 - given.len();
        let issuer = given.trim_end_matches('/').to_owned();
        let source = self.sources.add(Source::new("--given", SourceKind::Given, text));
        let span = Span { source, start, end: start + issuer.len() };
        Some(Setting { value: issuer, span, origin: Origin::Given, written_as: WrittenAs::Text })
    }

    /// The issuer of the configuration beside, if it is what runs byte for byte, or its pool has this login domain. Then what runs has
    /// the issuer that the document names, however the configuration spells it: with another one it would not have got so far.
    fn issuer_beside(&self, request: &RunningRequest) -> Option<Setting<String>> {
        let (config, world) = self.visit.beside?;
        let written = config.settings.as_ref()?.idp_provider_url.as_ref()?;
        if self.world.identity.as_ref().is_ok_and(|seen| seen.value.differs == Differs::Not) {
            return Some(written.clone());
        }
        let document = &world.pool.document.as_ref().ok()?.value;
        let is_it = login_host(world) == Some(request.host.as_str());
        let named = || Setting::sent(document.issuer.as_str(), request.at);
        is_it.then(|| if written.value == document.issuer { written.clone() } else { named() })
    }
}

/// What is known of a configuration, as its id tells it of what runs.
fn by<T>(seen: Seen<T>, identity: &Seen<RunningIdentity>) -> Seen<T> {
    Seen { witnesses: identity.witnesses.clone(), ..seen }
}

/// A parameter as one of a configuration. Of a `state` nothing is kept; one of ours takes the place of an empty one.
fn sent(parameter: &RunningParameter) -> (String, String, Span) {
    let value = if parameter.name == "state" { "" } else { parameter.shown.as_str() };
    (parameter.name.clone(), value.to_owned(), parameter.at)
}

/// What the hosts of an issuer are asked.
const OF_POOL: [Need; 3] = [Need::Discovery, Need::IssuerVariant, Need::Keys];

impl Asking<'_> {
    /// What the login domain is asked: where the pool is to be asked too, its answer may be what names it.
    fn of_login(&self) -> BTreeSet<Need> {
        let wants = |need: Need| self.plan.contains(&need);
        // Whatever asks for the domain names discovery, too.
        let seeks_pool =
            wants(Need::IssuerVariant) || wants(Need::Keys) || wants(Need::Discovery) && !wants(Need::Domain);
        let more = [Need::Domain, Need::Authorize].into_iter().filter(|_| seeks_pool);
        self.plan.iter().copied().chain(more).collect()
    }

    /// What the hosts of the issuer answer.
    async fn of_pool(&self, config: &Config) -> World {
        let clients = config.clients();
        let literals = Literals::of(config, &clients);
        let plan = OF_POOL.into_iter().filter(|need| self.plan.contains(need)).collect();
        gather(config, &clients, &literals, &plan, self.options, self.transport).await
    }

    /// What a login domain answers; with `--pool`, only that of a pool that may be asked.
    async fn of_domain(&self, config: &Config, host: &str, is_of_pool: bool) -> World {
        let clients = config.clients();
        if !self.options.pools.is_empty() && !is_of_pool {
            let why = "nobody is asked: a login domain alone does not tell whether it is that of a pool of --pool; name the pool's issuer too, with --given idp_provider_url=…";
            return World::missing(&Missing::Unconfigured(why.to_owned()), clients.len()).without_settings();
        }
        let literals = Literals::of(config, &clients);
        let world =
            gather_login_domain(config, &clients, &literals, &self.of_login(), host, self.options, self.transport)
                .await;
        World { pool: PoolWorld::missing(&Missing::Elsewhere(NO_ISSUER.to_owned())), ..world }.without_settings()
    }
}

/// What is known of the pool, and of the login domain that users are sent to.
fn together(pool: World, domain: World) -> World {
    let exchanges = pool.exchanges.into_iter().chain(domain.exchanges).collect();
    let clients = domain.clients.into_iter().zip(pool.clients).map(|(own, told)| own.or(told)).collect();
    World { pool: pool.pool, clients, exchanges, ..domain }
}

/// From v0.30 on, Pomerium keeps the discovery document that it has: this is where users are sent, whatever the pool got since then.
fn unheeded(mut world: World, request: &RunningRequest) -> World {
    if let Some(host) = login_host(&world).map(str::to_owned) {
        let value = PoolDomain::Unheeded { endpoint: request.endpoint.clone(), host };
        world.pool.domain = Ok(Seen { value, witnesses: vec![ExchangeId("sign-in".to_owned())] });
    }
    world
}

/// What is given is not what runs: only a pool whose own document names that issuer and the login domain that users are sent to can be
/// meant, and of another one nothing is told.
fn unless_another(world: World, given: &str, request: &RunningRequest) -> World {
    let is_answered = world.pool.discovery.is_ok();
    let why = match (&world.pool.document, login_host(&world)) {
        (Err(_), _) if !is_answered => return world,
        (Err(_), _) => format!(
            "what runs had a discovery document, and of the issuer that was given, {given}, there is none to be used"
        ),
        (Ok(Seen { value: document, .. }), Some(host)) if host == request.host => match document.issuer.as_str() {
            named if named == given => return world,
            named => format!(
                "the document of the issuer that was given, {given}, names another one, which is what runs: {named}"
            ),
        },
        (Ok(Seen { value: document, .. }), host) => {
            let login =
                host.map_or_else(|| "has no login domain".to_owned(), |host| format!("logs users in at {host}"));
            format!(
                "what runs sends users to {}, and the pool of the issuer that was given, {}, {login}: it is another one, or its domain was changed since",
                request.host, document.issuer
            )
        }
    };
    World { pool: PoolWorld::missing(&Missing::Unconfigured(why)), ..world }
}

/// Nobody logs in where there is no domain.
fn follows(pool: World) -> World {
    let clients = pool.clients.len();
    let why = World::missing(&Missing::Follows(Need::Domain), clients).without_settings();
    World { domain: why.domain, clients: why.clients, ..pool }
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
    let pool = authorize.answer()?.read.get(told::USER_POOL)?;
    Some(cognito::issuer(cognito::region_of_pool(pool)?, pool))
}
