//! What is known of a provider, one row for each fact.
//!
//! A row of one of the tables below is all that makes a type a fact: it is a field, it can be missing, and a rule may name it.

use std::collections::BTreeMap;

use super::fact::Evidence;
use super::pools::ExpectedPools;
use super::settled::{
    BothDomains, CallbackSpelling, ClientCode, DomainStatus, EmailMapping, EmailReading, IdentityProviders,
    ImplicitFlow, ManagedLogin, OAuthSwitch, PageStyle, PoolDomain, RefreshFlow, RefreshLifetime, RefreshRotation,
    SecretPresence, TokenRevocation,
};
use super::testimony::{Disagreements, FilledByApply, NamedClient, Testimony, changed, differ, either, overlaid};
use super::{
    AuthenticateHost, Beside, CallbackAnswer, DiscoveryBeside, FrontDoor, NamedCallbacks, ReleaseRange, RouteAnswer,
    RunningClocks, RunningCookies, RunningIdentity, RunningRequest, RunningSignOut, ServedCertificates, SignInAnswer,
};
use super::{
    CallbackStanding, CertificateAnswer, ClientStanding, DiscoveryAnswer, DiscoveryDocument, DomainAnswer, Exchange,
    ExchangeId, FlowStanding, IdentityProviderStanding, IssuerVariant, KeyAnswer, LoginPage, Missing, NameAnswer, Need,
    ProviderClock, ScopeStanding, SecretStanding, SignOutStanding, StrictMetadata, UNSEEN, UNVISITED,
};
use crate::config::{Client, Config, Gap, Literals, Subject};
use crate::infra::Code;

/// One configuration, one of its clients, and all that is known about the provider: what a rule judges.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// What is known.
    pub world: &'a World,
    /// Its literal settings.
    pub literals: &'a Literals,
    /// All clients of the configuration.
    pub clients: &'a [Client],
    /// The one that rules keyed to a client judge now.
    pub client: usize,
}

impl Case<'_> {
    /// Why there is no client to judge: what keeps the configuration from naming one.
    pub(super) fn no_client(&self) -> Missing {
        self.literals.cognito.as_ref().err().map_or(Missing::Follows(Need::File), |gap| self.lacks(gap))
    }

    /// Why a literal is not to be had. Whether the configuration is about Cognito at all, its discovery document would tell.
    pub(super) fn lacks(&self, gap: &Gap) -> Missing {
        match (gap, &self.world.pool.discovery) {
            (Gap::Perhaps, Err(why)) => why.clone(),
            (Gap::Unread, _) if self.config.form.is_running() => Missing::Follows(Need::SignIn),
            _ => gap.into(),
        }
    }
}

/// A question with an answer. A rule asks it by naming the type in its signature.
pub trait Fact: Sized {
    /// The evidence it takes.
    const NEED: Need;
    /// The answer differs from client to client.
    const PER_CLIENT: bool = false;
    /// Whether it is known is an answer as well: a rule judges without it.
    const OPTIONAL: bool = false;
    /// It is every option at once, those with a reference for a value among them.
    const HOLDS_REFERENCES: bool = false;
    /// The answer for this case, and its witnesses.
    ///
    /// # Errors
    /// The reason why it is not known.
    fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing>;
    /// The parts of the answer that cannot be seen from here, although they are known to exist. What is wrong with the rest is
    /// wrong all the same; that nothing is says little.
    fn unseen(_: &Case<'_>) -> Vec<Missing> {
        Vec::new()
    }
}

/// A table of facts: `what it answers, field: type, what it needs`. Of each table there is a struct with these fields, and a
/// way to say that none of them is known; `find` says where a case keeps it.
///
/// Two facts, in truth. A rule that names `T` judges the answer, and is undecided without one. A rule that names
/// [`Evidence<T>`] says in its signature that it has a verdict either way and only judges more sharply with an answer:
/// *whether* something is known is itself always known. No other rule is weakened by it, because `T` stays out of reach
/// of a rule that does not name it. The exception is an answer that the user has asked for with a flag of its own: if it was
/// asked for and did not come, the rule is undecided as well.
macro_rules! facts {
    (
        $(#[$about:meta])*
        $table:ident, per client: $per_client:literal, find: $find:expr;
        $($(#[$doc:meta])* $field:ident: $type:ty, $need:ident;)+
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug)]
        pub struct $table {
            $($(#[$doc])* pub $field: Evidence<$type>,)+
        }

        #[allow(dead_code, reason = "of the login domain only those speak who reach it")]
        impl $table {
            /// Nothing is known, for one reason.
            pub fn missing(why: &Missing) -> Self {
                Self { $($field: Err(why.clone()),)+ }
            }

            /// What either of two witnesses knows; the first is believed where both do.
            pub(super) fn or(self, other: Self) -> Self {
                Self { $($field: either(self.$field, other.$field),)+ }
            }

            /// What will be, beside what is: where the apply changes something to what nobody knows yet, what is says nothing.
            pub(super) fn over(self, now: Self) -> Self {
                Self { $($field: overlaid(self.$field, now.$field),)+ }
            }

            /// What will be otherwise than this witness says it is: what it says of both times alike is no change, and whoever
            /// was asked knows better what is.
            pub(super) fn beyond(self, before: &Self) -> Self {
                Self { $($field: changed(self.$field, &before.$field),)+ }
            }

            /// The facts of which two witnesses say different things, with those who say it first.
            pub(super) fn disagreements(&self, other: &Self) -> Vec<(&'static str, Vec<ExchangeId>, Vec<ExchangeId>)> {
                let all = [$(differ(Need::$need, stringify!($field), &self.$field, &other.$field),)+];
                all.into_iter().flatten().collect()
            }

            /// Nobody who sees the settings was asked.
            pub(super) fn without_settings(self) -> Self {
                self.without_settings_for(&UNSEEN)
            }

            /// Nobody who sees the settings tells them, for this reason.
            pub(super) fn without_settings_for(mut self, why: &Missing) -> Self {
                $(
                    if Need::$need == Need::Settings && !matches!(self.$field, Err(Missing::NotApplicable(_))) {
                        self.$field = Err(why.clone());
                    }
                )+
                self
            }
        }

        $(
            impl Fact for Evidence<$type> {
                const NEED: Need = Need::$need;
                const PER_CLIENT: bool = $per_client;
                const OPTIONAL: bool = true;

                fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
                    let find: fn(&Case<'a>) -> Result<&'a $table, Missing> = $find;
                    known(Self::NEED, &find(case)?.$field)
                }
            }

            impl Fact for $type {
                const NEED: Need = Need::$need;
                const PER_CLIENT: bool = $per_client;

                fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
                    let find: fn(&Case<'a>) -> Result<&'a $table, Missing> = $find;
                    seen(&find(case)?.$field)
                }
            }
        )+
    };
}

facts! {
    /// What is known of the user pool: what the hosts of its issuer answer.
    PoolWorld, per client: false, find: |case| Ok(&case.world.pool);

    /// What the discovery URL answered.
    discovery: DiscoveryAnswer, Discovery;
    /// The document, if Pomerium's library can decode it.
    document: DiscoveryDocument, Discovery;
    /// What a strict `OpenID` Connect client makes of it.
    strict: StrictMetadata, Discovery;
    /// How its clock and ours differ.
    clock: ProviderClock, Discovery;
    /// What the `issuer-cognito-idp` host says of the pool.
    issuer_variant: IssuerVariant, IssuerVariant;
    /// The signing keys.
    keys: KeyAnswer, Keys;
    /// Whether it has a domain.
    domain: PoolDomain, Discovery;
    /// What state its domain is in.
    domain_status: DomainStatus, Settings;
    /// Whether it has both kinds of domain.
    domains: BothDomains, Settings;
    /// Which login pages it serves.
    managed_login: ManagedLogin, Settings;
}

facts! {
    /// What is known of the login domain.
    DomainWorld, per client: false, find: |case| Ok(&case.world.domain);

    /// Whether it has an address.
    name: NameAnswer, Domain;
    /// Whether its certificate is good for it.
    certificate: CertificateAnswer, Domain;
    /// Whether it lets us through at all.
    access: DomainAnswer, Authorize;
}

facts! {
    /// What is known of one app client.
    ClientWorld, per client: true,
    find: |case| case.world.clients.get(case.client).ok_or_else(|| case.no_client());

    /// Whether Cognito lets the client use the hosted login at all.
    standing: ClientStanding, Authorize;
    /// Whether it knows the callback URL.
    callback: CallbackStanding, Authorize;
    /// Whether it may use the authorization-code flow.
    flow: FlowStanding, Authorize;
    /// Which scopes it may ask for.
    scopes: ScopeStanding, Authorize;
    /// Whether it has the identity provider that `idp_request_params` names.
    identity_provider: IdentityProviderStanding, Authorize;
    /// The page users would see.
    login_page: LoginPage, LoginPage;
    /// Whether it has a style of them.
    style: PageStyle, Settings;
    /// Whether its secret is accepted.
    secret: SecretStanding, Token;
    /// Whether it has one.
    has_secret: SecretPresence, Token;
    /// Whether it knows the sign-out URL.
    sign_out: SignOutStanding, SignOut;
    /// The infrastructure code that makes it.
    code: ClientCode, Settings;
    /// Whether it may use OAuth at all.
    oauth: OAuthSwitch, Settings;
    /// Through whom it lets users log in.
    providers: IdentityProviders, Settings;
    /// Whether it may use the implicit flow.
    implicit: ImplicitFlow, Settings;
    /// How the callback is written in its list.
    spelling: CallbackSpelling, Settings;
    /// Whether it may read the e-mail address.
    email: EmailReading, Settings;
    /// Whether its identity providers tell the e-mail address.
    mapping: EmailMapping, Settings;
    /// Whether it may use refresh tokens.
    refresh: RefreshFlow, Settings;
    /// How long they live.
    refresh_lifetime: RefreshLifetime, Settings;
    /// Whether they are good once only.
    rotation: RefreshRotation, Settings;
    /// Whether tokens can be revoked.
    revocation: TokenRevocation, Settings;
}

facts! {
    /// What is known of a running Pomerium.
    RunningWorld, per client: false, find: |case| Ok(&case.world.running);

    /// Who answers at its URL.
    pomerium: FrontDoor, Pomerium;
    /// Which certificates are refused.
    certificates: ServedCertificates, SignIn;
    /// Which release it is.
    release: ReleaseRange, Pomerium;
    /// What a visitor of the URL gets.
    route: RouteAnswer, Route;
    /// Where users are sent to log in.
    authenticate: AuthenticateHost, SignIn;
    /// What the authenticate service does with them.
    sign_in: SignInAnswer, SignIn;
    /// The request with which they come to the identity provider.
    request: RunningRequest, SignIn;
    /// The callbacks that its hosts name.
    callbacks: NamedCallbacks, SignIn;
    /// The cookies that are set.
    cookies: RunningCookies, SignIn;
    /// The clocks of its services.
    clocks: RunningClocks, SignIn;
    /// Whether a configuration is the one that runs.
    identity: RunningIdentity, Route;
    /// What discovery says of that configuration: where its users would be sent.
    discovery_beside: DiscoveryBeside, Discovery;
    /// Who answers at the callback.
    callback: CallbackAnswer, Callback;
    /// Where a sign-out leads.
    sign_out: RunningSignOut, SignOut;
}

/// Everything known about the provider of one configuration.
#[derive(Clone, Debug)]
pub struct World {
    /// The user pool.
    pub pool: PoolWorld,
    /// Its login domain.
    pub domain: DomainWorld,
    /// One entry for each client of [`Config::clients`], in that order.
    pub clients: Vec<ClientWorld>,
    /// The running Pomerium.
    pub running: RunningWorld,
    /// The configuration that it is compared with.
    pub beside: Option<Box<Beside>>,
    /// Every exchange, in the order asked.
    pub exchanges: Vec<Exchange>,
    /// Proxies that exchanges went through, by host.
    pub proxies: BTreeMap<String, String>,
    /// Wall time of the gathering, in milliseconds.
    pub took_ms: u64,
    /// The pools that may be asked.
    pub expected_pools: ExpectedPools,
    /// What was taken from infrastructure code.
    pub code: Vec<Code>,
    /// Which of its app clients the user named.
    pub named: Vec<NamedClient>,
    /// Why a client that the user named is not the one that was taken.
    pub unheard: Vec<String>,
    /// What infrastructure code says, each in a place of its own.
    pub testimonies: Vec<Testimony>,
    /// Where two witnesses of one time say different things.
    pub disagreements: Disagreements,
    /// The settings that only an apply can fill in.
    pub filled: FilledByApply,
    /// The same once the infrastructure code is applied, if any was given that says what will be.
    pub after: Option<Box<World>>,
}

impl World {
    /// Nothing is known, for one reason, with so many clients.
    pub fn missing(why: &Missing, clients: usize) -> Self {
        Self {
            pool: PoolWorld::missing(why),
            domain: DomainWorld::missing(why),
            clients: vec![ClientWorld::missing(why); clients],
            running: RunningWorld::missing(&UNVISITED),
            beside: None,
            exchanges: Vec::new(),
            proxies: BTreeMap::new(),
            took_ms: 0,
            expected_pools: ExpectedPools::default(),
            code: Vec::new(),
            named: Vec::new(),
            unheard: Vec::new(),
            testimonies: Vec::new(),
            disagreements: Disagreements::default(),
            filled: FilledByApply::default(),
            after: None,
        }
    }

    /// Nobody who sees the settings was asked.
    pub(super) fn without_settings(self) -> Self {
        Self {
            pool: self.pool.without_settings(),
            clients: self.clients.into_iter().map(ClientWorld::without_settings).collect(),
            ..self
        }
    }

    /// What the configuration is about, as far as it tells itself or its discovery document does.
    pub fn subject(&self, config: &Config) -> Subject {
        subject(config, self.pool.document.as_ref().ok().map(|seen| &seen.value))
    }
}

/// What a configuration is about, given the discovery document, if there is one.
pub(super) fn subject(config: &Config, document: Option<&DiscoveryDocument>) -> Subject {
    match (config.subject(), document) {
        (Subject::Perhaps, Some(document)) if document.is_of_cognito() => Subject::Cognito,
        (Subject::Perhaps, Some(_)) => Subject::Generic,
        (subject, _) => subject,
    }
}

fn seen<T>(evidence: &Evidence<T>) -> Result<(&T, &[ExchangeId]), Missing> {
    evidence.as_ref().map(|seen| (&seen.value, seen.witnesses.as_slice())).map_err(Clone::clone)
}

pub(super) fn known<T>(need: Need, evidence: &Evidence<T>) -> Result<(&Evidence<T>, &[ExchangeId]), Missing> {
    match evidence {
        Ok(seen) => Ok((evidence, &seen.witnesses)),
        Err(why) if need.is_on_request() && (why.was_asked() || matches!(why, Missing::Follows(_))) => Err(why.clone()),
        Err(_) => Ok((evidence, &[])),
    }
}
