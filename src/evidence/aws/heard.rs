//! What the answers of the API say of the facts.

mod providers;
mod secret;

use std::collections::BTreeSet;

use super::answer::{Reply, Told, read};
use super::call::Operation;
use super::{refusal, told};
use crate::config::cognito::OWN_USERS;
use crate::config::{Client, Literals};
use crate::evidence::settled::{BothDomains, DomainStatus, ManagedLogin, PageStyle, PoolDomain, Unweighed};
use crate::evidence::{
    ClientStanding, ClientWorld, Evidence, Exchange, ExchangeId, IssuerVariant, LoginPage, Missing, PAGES_OF_TIER,
    PoolWorld, Seen, UNSEEN, World, infra, issuer_variant,
};
use crate::infra::settings::{ClientSettings, Place, PoolSettings};
use crate::infra::{Answer, Code, Form, Picture, Resource};
use crate::secret::Secret;
use crate::spelling;

/// States of a domain that AWS documents. Of another one nobody knows what it means.
const STATES: [&str; 5] = ["ACTIVE", "CREATING", "UPDATING", "DELETING", "FAILED"];

/// The pool that is asked about.
#[derive(Clone)]
pub(in crate::evidence) struct Wanted {
    /// `https://cognito-idp.REGION.amazonaws.com/`.
    pub(in crate::evidence) endpoint: String,
    /// For which the calls are signed.
    pub(in crate::evidence) region: String,
    pub(in crate::evidence) pool: String,
    pub(in crate::evidence) issuer: String,
}

/// All that was answered about a configuration.
pub(in crate::evidence) struct Answers {
    pub(in crate::evidence) wanted: Wanted,
    pub(in crate::evidence) pool: Exchange,
    pub(in crate::evidence) domain: Option<Exchange>,
    /// By name; nothing where more are used than are asked about.
    pub(in crate::evidence) providers: Vec<(String, Option<Exchange>)>,
    /// The pages of all clients of the pool, if one that is asked about is not there.
    pub(in crate::evidence) listed: Vec<Exchange>,
    pub(in crate::evidence) clients: Vec<Result<OfClient, Missing>>,
}

/// What was answered about one app client.
pub(in crate::evidence) struct OfClient {
    pub(in crate::evidence) client: Exchange,
    pub(in crate::evidence) secrets: Exchange,
    pub(in crate::evidence) branding: Option<Exchange>,
    /// The secret that Pomerium sends, if any, or why that is not known.
    pub(in crate::evidence) configured: Result<Option<Secret>, Missing>,
}

impl OfClient {
    /// Its id.
    pub(in crate::evidence) fn id(&self) -> &str {
        refusal::parameter(&self.client, "ClientId")
    }
}

impl Answers {
    /// The settings of the pool, as far as they were told.
    fn pool_told(&self) -> Option<PoolSettings> {
        told_of(&self.pool).map(|told| told::pool(&told))
    }

    fn missing(&self, exchange: &Exchange, operation: Operation) -> Missing {
        refusal::missing(exchange, operation, &self.wanted.region, &self.wanted.pool)
    }

    /// The lists of a client were read, so that nothing about them need be found out by asking.
    pub(in crate::evidence) fn tells_of(&self, index: usize) -> bool {
        self.clients
            .get(index)
            .is_some_and(|client| client.as_ref().is_ok_and(|client| told_of(&client.client).is_some()))
    }

    /// There is no such client.
    pub(in crate::evidence) fn lacks(&self, index: usize) -> bool {
        let Some(Ok(client)) = self.clients.get(index) else { return false };
        matches!(read(&client.client), Some(Reply::Absent(says)) if self.has_pool(&says))
    }

    /// The domain that browsers are sent to: the custom one if there are two.
    pub(in crate::evidence) fn domain_name(&self) -> Option<String> {
        let pool = self.pool_told()?;
        pool.custom_domain.value.known().or(pool.domain.value.known()).cloned()
    }

    /// The identity providers that the clients use, but for the pool itself, whose users have an address without any mapping.
    pub(in crate::evidence) fn provider_names(&self) -> Vec<String> {
        let told = self.clients.iter().flatten().filter_map(|client| told_of(&client.client));
        let names: BTreeSet<String> = told
            .flat_map(|told| {
                let settings = told::client(&told);
                settings
                    .identity_providers
                    .members()
                    .into_iter()
                    .filter_map(|name| name.value.known().cloned())
                    .collect::<Vec<_>>()
            })
            .filter(|name| name != OWN_USERS)
            .collect();
        names.into_iter().collect()
    }

    /// Adds the style that the login page has for each client.
    pub(in crate::evidence) fn add(&mut self, brandings: Vec<Option<Exchange>>) {
        for (client, branding) in self.clients.iter_mut().zip(brandings) {
            if let Ok(client) = client {
                client.branding = branding;
            }
        }
    }

    /// How the page after this one is named, if there is one.
    pub(in crate::evidence) fn next_page(page: &Exchange) -> Option<String> {
        told_of(page)?.next_page()
    }

    /// What is known with what the API says: whoever was asked from outside is believed before it.
    pub(in crate::evidence) fn witness(&self, world: World, literals: &Literals, clients: &[Client]) -> World {
        let mut disagreements = world.disagreements;
        let mut known = Vec::with_capacity(world.clients.len());
        for (index, own) in world.clients.into_iter().enumerate() {
            let told = against(&own, self.client(index, literals, clients));
            let (own, told) = own.doubting(told, &mut disagreements, index);
            let own = own.sharpened_by(&told);
            disagreements.add(Some(index), own.disagreements(&told));
            known.push(own.or(told));
        }
        let told = against_document(&world.pool, self.pool());
        let pool = world.pool.decided_by(&told);
        disagreements.add(None, pool.disagreements(&told));
        disagreements.add(None, self.pages_of_tier().into_iter().collect());
        World { pool: pool.or(told), clients: known, disagreements, ..world }
    }

    fn client(&self, index: usize, literals: &Literals, clients: &[Client]) -> ClientWorld {
        let answers = match self.clients.get(index) {
            Some(Ok(answers)) => answers,
            Some(Err(why)) => return unknown(why),
            None => return unknown(&Missing::Limit("more app clients than are asked about".to_owned())),
        };
        let told = match read(&answers.client) {
            // Whoever puts another client before us, or none, says nothing of this one.
            Some(Reply::Told(told)) if told::is_of(&told, answers.id()) => told,
            Some(Reply::Absent(says)) if self.has_pool(&says) => return self.absent(answers),
            _ => return unknown(&self.missing(&answers.client, Operation::DescribeUserPoolClient)),
        };
        let settings = ClientSettings { has_secret: secret::has_secret(answers, &told), ..told::client(&told) };
        let address = answers.client.id.0.clone();
        let code = self.code(&settings, &address);
        let read = infra::read_answer(&code, literals, clients, index, &address);
        let world = self.without_absent(read.unwrap_or_else(|| unknown(&UNSEEN)), &settings, literals);
        ClientWorld {
            mapping: match (world.mapping, self.refused_provider(&settings)) {
                (Ok(mapping), _) if !mapping.value.unmapped.is_empty() => Ok(mapping),
                (mapping, refused) => refused.map_or(mapping, Err),
            },
            secret: self.secret(answers, &told),
            login_page: self.login_page(answers),
            style: self.style(answers),
            code: Err(UNSEEN),
            ..world
        }
    }

    /// It is the client that is not there, and not the pool.
    fn has_pool(&self, says: &str) -> bool {
        match read(&self.pool) {
            Some(Reply::Told(_)) => true,
            Some(Reply::Absent(_)) => false,
            _ => says.to_ascii_lowercase().contains("client"),
        }
    }

    /// The client is not in the pool: which one may be meant?
    fn absent(&self, answers: &OfClient) -> ClientWorld {
        let id = answers.id();
        let listed: Vec<(String, String)> =
            self.listed.iter().filter_map(told_of).flat_map(|told| told::clients(&told)).collect();
        let near = nearest(id, &listed).map(|(id, name)| (id.clone(), name.clone()));
        let value = ClientStanding::NotInPool { pool: self.wanted.pool.clone(), near };
        let witnesses = [&answers.client].into_iter().chain(&self.listed).map(|exchange| exchange.id.clone());
        let standing = Ok(Seen { value, witnesses: witnesses.collect() });
        ClientWorld { standing, ..unknown(&Missing::NotApplicable("the user pool has no such app client")) }
    }

    /// The answers about the pool in the shape in which infrastructure code is read.
    fn code(&self, client: &ClientSettings, address: &str) -> Code {
        let providers = self.providers.iter().filter_map(|(name, exchange)| {
            let exchange = exchange.as_ref()?;
            let pool = client.pool.value.known().unwrap_or(&self.wanted.pool);
            let settings = told::provider(name, pool, &told_of(exchange)?)?;
            Some(resource(&exchange.id.0, settings))
        });
        let now = Picture {
            clients: vec![resource(address, client.clone())],
            providers: providers.collect(),
            ..Picture::default()
        };
        Code { now, ..Code::new("AWS", Form::Api) }
    }

    /// Managed login without a style for the client shows no page; what else the page may lack, only a look at it tells.
    fn login_page(&self, answers: &OfClient) -> Evidence<LoginPage> {
        let (Some(domain), Some(branding)) = (&self.domain, &answers.branding) else { return Err(UNSEEN) };
        if self.managed_login()?.value.is_on != Answer::Yes || self.style(answers)?.value.is_there {
            return Err(UNSEEN);
        }
        Ok(Seen { value: LoginPage::Unavailable, witnesses: vec![branding.id.clone(), domain.id.clone()] })
    }

    fn managed_login(&self) -> Evidence<ManagedLogin> {
        let domain = self.domain.as_ref().ok_or(UNSEEN)?;
        let told = told_of(domain).ok_or_else(|| self.missing(domain, Operation::DescribeUserPoolDomain))?;
        let version = told::domain(&told).and_then(|(_, version)| version);
        Ok(Seen { value: ManagedLogin { is_on: (version == Some(2)).into() }, witnesses: vec![domain.id.clone()] })
    }

    /// A pool of the tier LITE has the classic pages only (AWS, "User pool feature plans"): a domain of it that serves the others
    /// contradicts that.
    fn pages_of_tier(&self) -> Option<(&'static str, Vec<ExchangeId>, Vec<ExchangeId>)> {
        let tier = self.pool_told()?.tier;
        let domain = self.domain.as_ref()?;
        let is_managed = self.managed_login().ok()?.value.is_on == Answer::Yes;
        let is_lite = tier.value.known().is_some_and(|tier| tier == "LITE");
        (is_lite && is_managed).then(|| (PAGES_OF_TIER, vec![domain.id.clone()], vec![self.pool.id.clone()]))
    }

    fn style(&self, answers: &OfClient) -> Evidence<PageStyle> {
        let branding = answers.branding.as_ref().ok_or(UNSEEN)?;
        let is_there = match read(branding) {
            Some(Reply::Told(_)) => true,
            Some(Reply::Absent(_)) => false,
            _ => return Err(self.missing(branding, Operation::DescribeManagedLoginBrandingByClient)),
        };
        Ok(Seen { value: PageStyle { is_there }, witnesses: vec![branding.id.clone()] })
    }

    fn pool(&self) -> PoolWorld {
        let nothing = PoolWorld::missing(&UNSEEN);
        let Some(pool) = self.pool_told() else {
            let why = self.missing(&self.pool, Operation::DescribeUserPool);
            let of_settings = PoolWorld::missing(&why);
            return PoolWorld {
                domain: of_settings.domain,
                domains: of_settings.domains,
                domain_status: of_settings.domain_status,
                issuer_variant: of_settings.issuer_variant,
                ..nothing
            };
        };
        let (prefix, custom) = (pool.domain.value.known(), pool.custom_domain.value.known());
        let both = prefix.cloned().zip(custom.cloned());
        let domain = match prefix.or(custom) {
            Some(_) => PoolDomain::Present,
            None => PoolDomain::Absent { endpoint: None, is_new: false, language: Unweighed::default() },
        };
        PoolWorld {
            domain: self.of_pool(domain),
            domains: self.of_pool(BothDomains { both }),
            domain_status: self.status(custom.or(prefix)),
            managed_login: self.managed_login(),
            issuer_variant: self.variant(&pool),
            ..nothing
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "it is evidence as all of its callers give it")]
    fn of_pool<T>(&self, value: T) -> Evidence<T> {
        Ok(Seen { value, witnesses: vec![self.pool.id.clone()] })
    }

    fn variant(&self, pool: &PoolSettings) -> Evidence<IssuerVariant> {
        let Some(kind) = pool.issuer_type.value.known() else {
            return self.of_pool(IssuerVariant::Original { is_set: true });
        };
        let unknown =
            || Missing::Unconfigured("the pool has an issuer of a kind that this release does not know".to_owned());
        self.of_pool(issuer_variant::of_type(kind, &self.wanted.issuer).ok_or_else(unknown)?)
    }

    fn status(&self, name: Option<&String>) -> Evidence<DomainStatus> {
        let (Some(name), Some(exchange)) = (name, &self.domain) else {
            return Err(Missing::NotApplicable("the user pool has no domain"));
        };
        let Some(told) = told_of(exchange) else {
            return Err(self.missing(exchange, Operation::DescribeUserPoolDomain));
        };
        match told::domain(&told) {
            Some((status, _)) if STATES.contains(&status.as_str()) => {
                Ok(Seen { value: DomainStatus { domain: name.clone(), status }, witnesses: vec![exchange.id.clone()] })
            }
            Some(_) => {
                Err(Missing::Unconfigured("the domain is in a state that this release does not know".to_owned()))
            }
            None => Err(Missing::Unconfigured(format!("the pool has the domain {name}, and AWS knows nothing of it"))),
        }
    }
}

/// Whom Cognito shows its login page, it knows: an answer that there is no such client leaves open all that only the API tells of one.
fn against(own: &ClientWorld, told: ClientWorld) -> ClientWorld {
    match (&own.standing, &told.standing) {
        (Ok(Seen { value: ClientStanding::Usable, .. }), Ok(Seen { value: ClientStanding::NotInPool { .. }, .. })) => {
            let doubt = Missing::Untold(
                "the AWS API says that the user pool has no such app client, and Cognito lets it log users in all the same: ask again, if it was made or deleted just now".to_owned(),
            );
            ClientWorld { standing: told.standing, ..unknown(&doubt) }
        }
        _ => told,
    }
}

/// The same of a domain that the discovery document names.
fn against_document(own: &PoolWorld, told: PoolWorld) -> PoolWorld {
    match (&own.domain, &told.domain) {
        (Ok(Seen { value: PoolDomain::Present, .. }), Ok(Seen { value: PoolDomain::Absent { .. }, .. })) => {
            let doubt = Missing::Untold(
                "the AWS API says that the user pool has no domain, and its discovery document names one: ask again, if it was made or deleted just now".to_owned(),
            );
            let (domains, domain_status) = (Err(doubt.clone()), Err(doubt.clone()));
            PoolWorld { domains, domain_status, managed_login: Err(doubt), ..told }
        }
        _ => told,
    }
}

/// The facts of the settings are not known, for this reason. In whose language a cure is written says no API.
fn unknown(why: &Missing) -> ClientWorld {
    ClientWorld { code: Err(UNSEEN), login_page: Err(UNSEEN), ..ClientWorld::missing(why) }
}

fn told_of(exchange: &Exchange) -> Option<Told> {
    match read(exchange) {
        Some(Reply::Told(told)) => Some(told),
        _ => None,
    }
}

/// The client that was probably meant: by a slip of the pen in its id, by its name, or as the only one that there is.
fn nearest<'l>(id: &str, listed: &'l [(String, String)]) -> Option<&'l (String, String)> {
    /// More slips make another id.
    const SLIPS: usize = 3;
    let slips = |own: &str| spelling::distance(&own.to_ascii_lowercase(), &id.to_ascii_lowercase());
    let by_id = listed.iter().min_by_key(|(own, _)| slips(own)).filter(|(own, _)| slips(own) <= SLIPS);
    let by_name = || listed.iter().find(|(_, name)| name.eq_ignore_ascii_case(id));
    by_id.or_else(by_name).or(if let [only] = listed { Some(only) } else { None })
}

/// What an exchange says of something, as if it stood in code.
fn resource<S>(exchange: &str, settings: S) -> Resource<S> {
    Resource {
        address: exchange.to_owned(),
        at: Place { line: 1, column: 1, end_line: 1, end_column: 1 },
        fate: None,
        doubt: None,
        drift: None,
        left_alone: Vec::new(),
        settings,
    }
}
