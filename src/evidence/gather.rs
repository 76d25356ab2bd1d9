//! Asks the provider what the rules need to know, in three waves.
//!
//! 1. Discovery and the issuer variant, on the issuer's hosts; then the keys, beside the rest.
//! 2. On the login domain: the authorize request exactly as Pomerium sends it and its control, and the probes asked for.
//! 3. Only where the second wave needs it: single scopes, similar callbacks, the login page.

mod ask;
mod asking;
mod budget;
mod calls;
mod client;
mod document;
mod repeat;
#[cfg(test)]
mod tests;
mod unsent;

use std::collections::BTreeSet;

use futures_util::future::{FutureExt as _, join, join_all};
use url::Url;

use self::ask::Asker;
pub(super) use self::budget::QUESTIONS;
use self::budget::{BATCH, CLIENTS};
pub use self::budget::{most_calls, most_questions};
use self::client::ClientAnswers;
use self::unsent::Unsent;
use super::aws::Answers;
use super::discovery::{self, Expected};
use super::domain;
use super::pools::{ExpectedPools, permitted};
use super::stopwatch::Stopwatch;
use super::transport::Nobody;
use super::{
    ClientWorld, DiscoveryDocument, DomainWorld, Evidence, Exchange, IssuerVariant, KeyAnswer, LoginDomain, Missing,
    Need, PoolWorld, Question, Seen, Transport, UNASKED, World, authorize, issuer_variant, keys,
};
use crate::config::{
    Client, Config, Gap, Literals, Login, NAMES_NO_PROVIDER, PROVIDER_PARAMETERS, Subject, kept_back_issuer,
};

/// What may be asked.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct GatherOptions<'a> {
    /// `--offline`: nothing at all.
    pub offline: bool,
    /// `--probe-secret`: whether the client secret is right.
    pub probe_secret: bool,
    /// `--probe-sign-out`: whether the sign-out URL is registered.
    pub probe_sign_out: bool,
    /// `--pool`: the user pools that may be asked; none of them is any.
    pub pools: &'a [String],
    /// `--aws`: the API of AWS, with the user's credentials.
    pub aws: bool,
    /// Nobody is asked in truth: a recording answers.
    pub is_replay: bool,
}

/// All that has to be asked for these needs: what each follows from included.
pub fn plan(needs: impl IntoIterator<Item = Need>) -> BTreeSet<Need> {
    let mut plan = BTreeSet::new();
    for need in needs {
        let first: &[Need] = match need {
            Need::File | Need::Discovery | Need::IssuerVariant | Need::Settings | Need::Pomerium => &[],
            Need::Route | Need::Callback => &[Need::Pomerium],
            Need::SignIn => &[Need::Pomerium, Need::Route],
            Need::Keys | Need::Domain => &[Need::Discovery],
            Need::Authorize => &[Need::Discovery, Need::Domain],
            Need::LoginPage | Need::Token | Need::SignOut => &[Need::Discovery, Need::Domain, Need::Authorize],
        };
        plan.extend(first.iter().copied().chain([need]));
    }
    plan
}

/// Asks what the plan needs and says what is known then. Never fails: what could not be asked is [`Missing`], with the reason.
pub async fn gather(
    config: &Config,
    clients: &[Client],
    literals: &Literals,
    plan: &BTreeSet<Need>,
    options: &GatherOptions<'_>,
    transport: &dyn Transport,
) -> World {
    let started = Stopwatch::start();
    let asker = Asker::new(transport, clients.len().clamp(1, CLIENTS), Unsent::of(config, clients));
    let issuer = issuer(config, literals, options)
        .and_then(|issuer| permitted(config, issuer, options.pools, options.is_replay));
    let options = &GatherOptions { aws: options.aws || transport.holds_calls(), ..*options };
    let (world, answers) = match issuer {
        Ok(issuer) => {
            let gathering =
                Gathering { config, clients, literals, plan, options, asker: &asker, issuer, answers: None };
            gathering.run(transport).await
        }
        Err(why) => (World::missing(&why, clients.len()), None),
    };
    let expected_pools = ExpectedPools(options.pools.to_vec());
    let world = World { expected_pools, ..world.completed(literals, asker, transport, started) };
    match answers {
        None => world,
        Some(Ok(answers)) => {
            let literals = Literals::about(config, clients, world.subject(config));
            answers.witness(world, &literals, clients)
        }
        Some(Err(why)) => world.without_answers(&why),
    }
}

/// What is known without asking anybody: at once, and with neither a network nor a runtime for one.
pub fn gather_offline(config: &Config, plan: &BTreeSet<Need>, pools: &[String]) -> World {
    let clients = config.clients();
    let literals = Literals::of(config, &clients);
    let options = GatherOptions { offline: true, pools, ..GatherOptions::default() };
    let world = gather(config, &clients, &literals, plan, &options, &Nobody).now_or_never();
    // Nobody is asked, so nothing is waited for.
    world.unwrap_or_else(|| unasked(&clients, &Missing::Declined { flag: "--offline" }))
}

/// What is known if nobody is asked, for this reason.
pub fn unasked(clients: &[Client], why: &Missing) -> World {
    World::missing(why, clients.len()).without_settings()
}

/// Asks a login domain alone, for whoever knows no issuer: of discovery and keys nothing is known then.
pub async fn gather_login_domain(
    config: &Config,
    clients: &[Client],
    literals: &Literals,
    plan: &BTreeSet<Need>,
    host: &str,
    options: &GatherOptions<'_>,
    transport: &dyn Transport,
) -> World {
    let started = Stopwatch::start();
    let asker = Asker::new(transport, clients.len().clamp(1, CLIENTS), Unsent::of(config, clients));
    let domain = LoginDomain { host: host.to_owned(), custom: !super::is_cognito_login_host(host) };
    let value = DiscoveryDocument::of_login_domain(domain.clone());
    let document = Seen { value, witnesses: Vec::new() };
    let gathering = Gathering { config, clients, literals, plan, options, asker: &asker, issuer: "", answers: None };
    let (domain, clients) = gathering.login_domain(transport, Ok(&document), Some((&document.value, &domain))).await;
    let unknown = Missing::Unconfigured("only the login domain is known, not the pool".to_owned());
    let world = World { domain, clients, ..World::missing(&unknown, 0) };
    world.completed(literals, asker, transport, started)
}

/// The issuer to ask, or why nothing is asked at all.
fn issuer<'a>(config: &Config, literals: &'a Literals, options: &GatherOptions<'_>) -> Result<&'a str, Missing> {
    if config.settings.is_none() {
        return Err(Missing::Follows(Need::File));
    }
    if let Subject::Other(why) = config.subject() {
        return Err(Missing::NotApplicable(why));
    }
    match &literals.issuer {
        Err(gap @ (Gap::Beside(_) | Gap::Unset(_))) => Err(gap.into()),
        _ if options.offline => Err(Missing::Declined { flag: "--offline" }),
        Err(gap) => Err((&gap.wanted("idp_provider_url")).into()),
        Ok(issuer) => {
            let issuer = issuer.0.value.as_str();
            if let Some(why) = kept_back_issuer(issuer) {
                return Err(Missing::Unconfigured(why.to_owned()));
            }
            let is_https = Url::parse(issuer).is_ok_and(|url| url.scheme() == "https" && url.has_host());
            is_https.then_some(issuer).ok_or_else(|| {
                Missing::Unconfigured("idp_provider_url is not an https URL, and nothing else is asked".to_owned())
            })
        }
    }
}

impl World {
    /// Adds what is the same however it was asked.
    fn completed(
        mut self,
        literals: &Literals,
        asker: Asker<'_>,
        transport: &dyn Transport,
        started: Stopwatch,
    ) -> Self {
        let names_provider =
            |login: &Login| PROVIDER_PARAMETERS.iter().any(|name| login.chosen_provider(name).is_some());
        if literals.login.as_ref().is_ok_and(|login| !names_provider(login)) {
            for client in &mut self.clients {
                client.identity_provider = Err(UNNAMED);
            }
        }
        self.exchanges = asker.into_exchanges();
        self.code = transport.code();
        self.named = transport.named();
        self.proxies = transport.proxies();
        self.took_ms = took_ms(transport, started, &self.exchanges);
        self.without_settings()
    }
}

/// How long it took to ask, in milliseconds. Where nobody was asked that is no time, on a busy machine too.
pub(super) fn took_ms(transport: &dyn Transport, started: Stopwatch, exchanges: &[Exchange]) -> u64 {
    transport.took_ms().unwrap_or_else(|| if exchanges.is_empty() { 0 } else { started.ms() })
}

/// Why nothing is to be known of an identity provider.
const UNNAMED: Missing = Missing::NotApplicable(NAMES_NO_PROVIDER);

/// One configuration whose issuer can be asked.
#[derive(Clone, Copy)]
struct Gathering<'a> {
    config: &'a Config,
    clients: &'a [Client],
    literals: &'a Literals,
    plan: &'a BTreeSet<Need>,
    options: &'a GatherOptions<'a>,
    asker: &'a Asker<'a>,
    issuer: &'a str,
    /// What the API has said, once it was asked.
    answers: Option<&'a Answers>,
}

impl Gathering<'_> {
    fn wants(&self, need: Need) -> bool {
        self.plan.contains(&need)
    }

    async fn run(&self, transport: &dyn Transport) -> (World, Option<Result<Answers, Missing>>) {
        let updated = issuer_variant::updated_issuer(self.issuer);
        // The calls come first: to find credentials may take a program, and nobody's answer shall wait for that.
        let (answers, (hops, variant)) =
            join(self.calls(), join(self.discovery(), self.issuer_variant(updated.as_deref()))).await;
        let mut found = if self.wants(Need::Discovery) {
            discovery::judge(&hops, self.expected())
        } else {
            PoolWorld::missing(&UNASKED)
        };
        if self.config.subject() == Subject::Perhaps {
            found = found.of_a_stranger(self.issuer);
        }
        let variant = variant.or_else(|| hops.first().cloned());
        found.issuer_variant = self.first_issuer(self.judge_variant(variant, updated.as_deref()), &mut found).await;
        let document = found.document.as_ref().ok().map(|seen| &seen.value);
        let domain = document.and_then(|document| Some((document, document.login_domain.as_ref()?)));
        if let Some((_, domain)) = domain.filter(|(document, _)| discovery::is_genuine(&hops, document)) {
            transport.trust_login_domain(without_port(&domain.host));
        }
        // By now more may be known than the configuration says itself.
        let literals = Literals::about(self.config, self.clients, super::subject(self.config, document));
        let told = answers.as_ref().and_then(|answers| answers.as_ref().ok());
        let settled = Gathering { literals: &literals, answers: told, ..*self };
        let (keys, (domain, clients)) =
            join(self.keys(&hops, document), settled.login_domain(transport, found.document.as_ref(), domain)).await;
        let world = World { pool: PoolWorld { keys, ..found }, domain, clients, ..World::missing(&UNASKED, 0) };
        (world, answers)
    }

    fn expected(&self) -> Expected<'_> {
        let is_cognito = |provider: &crate::config::Provider| provider.0.value == "cognito";
        Expected {
            issuer: self.issuer,
            is_cognito_provider: self.literals.provider.as_ref().is_ok_and(is_cognito),
            version: self.config.version,
        }
    }

    /// Asks for the document and follows redirects as Go would, within limits.
    async fn discovery(&self) -> Vec<Exchange> {
        let mut hops = Vec::new();
        if !self.wants(Need::Discovery) {
            return hops;
        }
        hops.push(self.asker.ask(Question::get("discovery", discovery::discovery_url(self.issuer))).await);
        while let Some(target) = discovery::next_hop(&hops) {
            let id = format!("discovery-redirect-{}", hops.len());
            hops.push(self.asker.ask(Question::get(&id, target)).await);
        }
        hops
    }

    /// Asks for the document of the updated issuer, unless that is the one configured.
    async fn issuer_variant(&self, updated: Option<&str>) -> Option<Exchange> {
        let url = discovery::discovery_url(updated?);
        let is_new = !self.wants(Need::Discovery) || url != discovery::discovery_url(self.issuer);
        if !self.wants(Need::IssuerVariant) || !is_new {
            return None;
        }
        Some(self.asker.ask(Question::get("issuer-variant", url)).await)
    }

    fn judge_variant(&self, exchange: Option<Exchange>, updated: Option<&str>) -> Evidence<IssuerVariant> {
        match (updated, exchange) {
            _ if !self.wants(Need::IssuerVariant) => Err(UNASKED),
            (Some(updated), Some(exchange)) => issuer_variant::judge(&exchange, updated),
            _ => Err(Missing::NotApplicable("the issuer is not on a host of Cognito")),
        }
    }

    /// The updated issuer is configured, and refused: whether the pool is there at all, its first issuer tells.
    async fn first_issuer(&self, variant: Evidence<IssuerVariant>, found: &mut PoolWorld) -> Evidence<IssuerVariant> {
        let (Ok(seen), Some(first)) = (&variant, issuer_variant::first_issuer(self.issuer)) else { return variant };
        if !matches!(seen.value, IssuerVariant::Original { .. }) || !self.wants(Need::Discovery) {
            return variant;
        }
        let exchange = self.asker.ask(Question::get("issuer-variant", discovery::discovery_url(&first))).await;
        found.learn_that_there_is_no_pool(&exchange);
        let witnesses = seen.witnesses.iter().cloned().chain([exchange.id]).collect();
        Ok(Seen { value: seen.value.clone(), witnesses })
    }

    /// Asks for the keys where the document says that they are; if there was another answer, where Cognito keeps them. They are asked for
    /// on the connection of the document, while the login domain is connected to.
    async fn keys(&self, hops: &[Exchange], document: Option<&DiscoveryDocument>) -> Evidence<KeyAnswer> {
        if !self.wants(Need::Keys) {
            return Err(UNASKED);
        }
        let is_silent = hops.last().is_some_and(|hop| hop.answer().is_none());
        let issuer = self.issuer.strip_suffix('/').unwrap_or(self.issuer);
        let (url, algorithms) = match document {
            Some(document) => (document.jwks_uri.clone(), document.signing_algorithms.as_slice()),
            None if is_silent || self.config.subject() == Subject::Perhaps => {
                return Err(Missing::Follows(Need::Discovery));
            }
            None => (format!("{issuer}/.well-known/jwks.json"), &[][..]),
        };
        if url.is_empty() {
            let malformed = Some("the discovery document names no jwks_uri".to_owned());
            let value = KeyAnswer { url, usable: Vec::new(), unusable: Vec::new(), malformed };
            return Ok(Seen { value, witnesses: vec![super::ExchangeId("discovery".to_owned())] });
        }
        keys::judge(&self.asker.ask(Question::get("keys", url)).await, algorithms)
    }

    /// The second and third wave.
    async fn login_domain(
        &self,
        transport: &dyn Transport,
        document: Result<&Seen<DiscoveryDocument>, &Missing>,
        domain: Option<(&DiscoveryDocument, &LoginDomain)>,
    ) -> (DomainWorld, Vec<ClientWorld>) {
        let all = |domain: &Missing, clients: &Missing| {
            (DomainWorld::missing(domain), vec![ClientWorld::missing(clients); self.clients.len()])
        };
        if !self.wants(Need::Domain) {
            return all(&UNASKED, &UNASKED);
        }
        if let Err(gap @ Gap::Beside(_)) = &self.literals.cognito {
            let why = gap.into();
            return all(&why, &why);
        }
        let Some((document, _)) = domain else {
            let discovery = Missing::Follows(Need::Discovery);
            let clients = if document.is_ok() { Missing::Follows(Need::Domain) } else { discovery.clone() };
            return all(&discovery, &clients);
        };
        let mut answers: Vec<ClientAnswers> = Vec::with_capacity(self.clients.len());
        for batch in self.clients.chunks(BATCH) {
            let asked = batch.iter().zip(answers.len()..);
            answers.extend(join_all(asked.map(|(client, index)| self.client(index, client, document))).await);
        }
        let mut exchanges: Vec<&Exchange> = answers.iter().flat_map(|answers| &answers.authorize).collect();
        let bare;
        if exchanges.is_empty() {
            // No client can be asked about, but whether the domain answers can.
            bare = self.asker.ask(Question::get("domain", document.authorization_endpoint.clone())).await;
            exchanges.push(&bare);
        }
        let domain = domain::judge(&exchanges, &transport.proxies(), |exchange| {
            !matches!(authorize::classify(exchange), authorize::Reply::Nothing(_))
        });
        (domain, answers.into_iter().map(|answers| answers.world).collect())
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
