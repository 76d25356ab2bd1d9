//! The provider's side: what can be known about a Cognito user pool from outside, and who witnessed it.
//!
//! A *fact* answers one question ("does Cognito know this callback URL?"). It is either [`Seen`], together with the exchanges
//! that show it, or [`Missing`], together with the reason. Rules receive facts as parameters; a missing fact never reaches one.

mod address;
mod authorize;
mod configuration;
mod connect;
mod date;
mod discovery;
mod domain;
mod exchange;
mod facts;
mod failure;
mod gather;
mod http;
mod issuer_variant;
mod keys;
mod login_page;
mod page;
mod policy;
mod pools;
mod questions;
mod recording;
mod redact;
#[cfg(test)]
mod sample;
mod secret_probe;
mod sign_out;
mod strict;
mod tls;
mod transport;
mod unclear;
mod wire;

use std::collections::BTreeMap;

pub use crate::config::cognito::{is_issuer_host as is_cognito_issuer_host, is_login_host as is_cognito_login_host};
pub use configuration::{DecodedValues, NamedFiles, SessionStorage};
pub use connect::{ConnectTo, ConnectToError};
pub use exchange::{Answer, Exchange, ExchangeId, Failure, Flag, Outcome, Request, Step};
pub use facts::{
    CallbackStanding, CertificateAnswer, ClientStanding, DiscoveryAnswer, DiscoveryDocument, DomainAnswer,
    FlowStanding, IdentityProviderStanding, IssuerVariant, KeyAnswer, LoginDomain, LoginPage, NameAnswer,
    ProviderClock, ScopeStanding, SecretStanding, SignOutStanding, StrictMetadata,
};
pub use gather::{GatherOptions, gather, gather_login_domain, most_questions, plan, unasked};
pub use http::{Network, NetworkOptions};
pub(crate) use page::visible_text;
pub use pools::{ExpectedPools, pool_of_issuer};
pub use recording::{RecordingError, Replay, record};
pub use redact::{CUT, redact};
pub use tls::CaError;
pub use transport::{Asking, Question, Transport};

use crate::config::{Client, Config, Literals, Span, Subject};

/// A kind of evidence: what a rule needs, and so what has to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The configuration alone.
    File,
    /// The discovery document.
    Discovery,
    /// The discovery document of the `issuer-cognito-idp` host.
    IssuerVariant,
    /// The signing keys.
    Keys,
    /// Name resolution and TLS of the login domain.
    Domain,
    /// The authorize probe.
    Authorize,
    /// The page the authorize probe leads to.
    LoginPage,
    /// The secret probe (`--probe-secret`).
    Token,
    /// The sign-out probe (`--probe-sign-out`).
    SignOut,
}

impl Need {
    /// It is asked for only if a flag of its own says so.
    pub fn is_on_request(self) -> bool {
        matches!(self, Self::Token | Self::SignOut)
    }

    /// The name used in reports and by `pomlint rules`.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Discovery => "discovery",
            Self::IssuerVariant => "issuer variant",
            Self::Keys => "keys",
            Self::Domain => "domain",
            Self::Authorize => "authorize",
            Self::LoginPage => "login page",
            Self::Token => "token",
            Self::SignOut => "sign-out",
        }
    }
}

/// Why a fact is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The user's choice.
    Declined {
        /// The flag that would have it asked, or that kept it from being asked: `--probe-secret`, `--offline`.
        flag: &'static str,
    },
    /// Only the machine on which Pomerium runs can show it, and nobody can be asked there; the text says what it is.
    Elsewhere(String),
    /// No answer.
    Unreachable {
        /// What was asked.
        url: String,
        /// How far it got.
        step: Step,
        /// Why it went no further.
        cause: String,
    },
    /// An answer that says nothing about the question, such as a 403 of a firewall.
    Inconclusive {
        /// What was asked.
        url: String,
        /// The status of the answer.
        status: u16,
        /// What was expected, and what came instead.
        why: String,
    },
    /// Our own policy forbids the question: the host is not one of Cognito's, or its address is a private one.
    Forbidden {
        /// What would have been asked.
        url: String,
        /// Which rule of the policy forbids it.
        why: String,
        /// The flag that allows it, if one does.
        flag: Option<Flag>,
    },
    /// Not asked: the requests of this run, or its app clients, are more than are asked about. The text says which.
    Budget(String),
    /// It could only be asked after something that is itself missing or wrong.
    Follows(Need),
    /// The setting it depends on is a reference or was never filled in.
    Placeholder(Span),
    /// A setting it depends on is missing from the configuration or cannot be read; the text says which.
    Unconfigured(String),
    /// The recording that is replayed does not hold it.
    NotRecorded {
        /// What would have been asked.
        url: String,
    },
    /// The question makes no sense for this configuration; the verdict is *not applicable*.
    NotApplicable(&'static str),
}

impl Missing {
    /// Nobody wanted it: it was declined, or is out of sight from here in any case.
    pub fn is_unwanted(&self) -> bool {
        matches!(self, Self::Declined { .. } | Self::Elsewhere(_))
    }

    /// An answer is missing, or waits for another one: nothing that the configuration could tell.
    pub fn is_of_a_question(&self) -> bool {
        self.is_unwanted() || self.was_asked() || matches!(self, Self::Follows(need) if *need != Need::File)
    }

    /// The question was to be put, and no answer is to be had.
    fn was_asked(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Inconclusive { .. }
            | Self::Forbidden { .. }
            | Self::Budget(_)
            | Self::NotRecorded { .. } => true,
            Self::Declined { .. }
            | Self::Elsewhere(_)
            | Self::Follows(_)
            | Self::Placeholder(_)
            | Self::Unconfigured(_)
            | Self::NotApplicable(_) => false,
        }
    }
}

/// A fact and the exchanges that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<T> {
    /// What was learnt.
    pub value: T,
    /// The exchanges that show it, the telling one first.
    pub witnesses: Vec<ExchangeId>,
}

/// What is known of a fact.
pub type Evidence<T> = Result<Seen<T>, Missing>;

/// Everything known about the provider of one configuration.
#[derive(Clone, Debug)]
pub struct World {
    /// What the discovery URL answered.
    pub discovery: Evidence<DiscoveryAnswer>,
    /// The document, if Pomerium's library can decode it.
    pub document: Evidence<DiscoveryDocument>,
    /// What a strict `OpenID` Connect client makes of it.
    pub strict: Evidence<StrictMetadata>,
    /// How its clock and ours differ.
    pub clock: Evidence<ProviderClock>,
    /// What the `issuer-cognito-idp` host says of the pool.
    pub issuer_variant: Evidence<IssuerVariant>,
    /// The signing keys.
    pub keys: Evidence<KeyAnswer>,
    /// Whether the login domain has an address.
    pub name: Evidence<NameAnswer>,
    /// Whether its certificate is good for it.
    pub certificate: Evidence<CertificateAnswer>,
    /// Whether it lets us through at all.
    pub domain: Evidence<DomainAnswer>,
    /// One entry for each client of [`Config::clients`], in that order.
    pub clients: Vec<ClientWorld>,
    /// Every exchange, in the order asked.
    pub exchanges: Vec<Exchange>,
    /// Proxies that exchanges went through, by host.
    pub proxies: BTreeMap<String, String>,
    /// Wall time of the gathering, in milliseconds.
    pub took_ms: u64,
    /// The pools that may be asked.
    pub expected_pools: ExpectedPools,
}

impl World {
    /// What the configuration is about, as far as it tells itself or its discovery document does.
    pub fn subject(&self, config: &Config) -> Subject {
        subject(config, self.document.as_ref().ok().map(|seen| &seen.value))
    }
}

/// What a configuration is about, given the discovery document, if there is one.
fn subject(config: &Config, document: Option<&DiscoveryDocument>) -> Subject {
    match (config.subject(), document) {
        (Subject::Perhaps, Some(document)) if document.is_of_cognito() => Subject::Cognito,
        (Subject::Perhaps, Some(_)) => Subject::Generic,
        (subject, _) => subject,
    }
}

/// What is known about one app client.
#[derive(Clone, Debug)]
pub struct ClientWorld {
    /// Whether Cognito lets the client use the hosted login at all.
    pub standing: Evidence<ClientStanding>,
    /// Whether it knows the callback URL.
    pub callback: Evidence<CallbackStanding>,
    /// Whether it may use the authorization-code flow.
    pub flow: Evidence<FlowStanding>,
    /// Which scopes it may ask for.
    pub scopes: Evidence<ScopeStanding>,
    /// Whether it has the identity provider that `idp_request_params` names.
    pub identity_provider: Evidence<IdentityProviderStanding>,
    /// The page users would see.
    pub login_page: Evidence<LoginPage>,
    /// Whether its secret is accepted.
    pub secret: Evidence<SecretStanding>,
    /// Whether it knows the sign-out URL.
    pub sign_out: Evidence<SignOutStanding>,
}

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
    fn no_client(&self) -> Missing {
        self.literals.cognito.as_ref().err().map_or(Missing::Follows(Need::File), |gap| self.lacks(gap))
    }
}

/// A question with an answer. A rule asks it by naming the type in its signature.
pub trait Fact: Sized {
    /// The evidence it takes.
    const NEED: Need;
    /// The answer differs from client to client.
    const PER_CLIENT: bool = false;
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

/// Makes a field of [`World`] or [`ClientWorld`] a fact: the type, what it needs, and where it is kept.
///
/// Two facts, in truth. A rule that names `T` judges the answer, and is undecided without one. A rule that names
/// [`Evidence<T>`] says in its signature that it has a verdict either way and only judges more sharply with an answer:
/// *whether* something is known is itself always known. No other rule is weakened by it, because `T` stays out of reach
/// of a rule that does not name it. The exception is an answer that the user has asked for with a flag of its own: if it was
/// asked for and did not come, the rule is undecided as well.
macro_rules! fact {
    ($type:ty, $need:expr, world.$field:ident) => {
        impl Fact for Evidence<$type> {
            const NEED: Need = $need;

            fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
                known($need, &case.world.$field)
            }
        }

        impl Fact for $type {
            const NEED: Need = $need;

            fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
                seen(&case.world.$field)
            }
        }
    };
    ($type:ty, $need:expr, client.$field:ident) => {
        impl Fact for Evidence<$type> {
            const NEED: Need = $need;
            const PER_CLIENT: bool = true;

            fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
                let client = case.world.clients.get(case.client).ok_or_else(|| case.no_client())?;
                known($need, &client.$field)
            }
        }

        impl Fact for $type {
            const NEED: Need = $need;
            const PER_CLIENT: bool = true;

            fn of<'a>(case: &Case<'a>) -> Result<(&'a Self, &'a [ExchangeId]), Missing> {
                let client = case.world.clients.get(case.client).ok_or_else(|| case.no_client())?;
                seen(&client.$field)
            }
        }
    };
}

fact!(DiscoveryAnswer, Need::Discovery, world.discovery);
fact!(DiscoveryDocument, Need::Discovery, world.document);
fact!(StrictMetadata, Need::Discovery, world.strict);
fact!(ProviderClock, Need::Discovery, world.clock);
fact!(IssuerVariant, Need::IssuerVariant, world.issuer_variant);
fact!(KeyAnswer, Need::Keys, world.keys);
fact!(NameAnswer, Need::Domain, world.name);
fact!(CertificateAnswer, Need::Domain, world.certificate);
fact!(DomainAnswer, Need::Authorize, world.domain);
fact!(ClientStanding, Need::Authorize, client.standing);
fact!(CallbackStanding, Need::Authorize, client.callback);
fact!(FlowStanding, Need::Authorize, client.flow);
fact!(ScopeStanding, Need::Authorize, client.scopes);
fact!(IdentityProviderStanding, Need::Authorize, client.identity_provider);
fact!(LoginPage, Need::LoginPage, client.login_page);
fact!(SecretStanding, Need::Token, client.secret);
fact!(SignOutStanding, Need::SignOut, client.sign_out);

fn seen<T>(evidence: &Evidence<T>) -> Result<(&T, &[ExchangeId]), Missing> {
    evidence.as_ref().map(|seen| (&seen.value, seen.witnesses.as_slice())).map_err(Clone::clone)
}

fn known<T>(need: Need, evidence: &Evidence<T>) -> Result<(&Evidence<T>, &[ExchangeId]), Missing> {
    match evidence {
        Ok(seen) => Ok((evidence, &seen.witnesses)),
        Err(why) if need.is_on_request() && why.was_asked() => Err(why.clone()),
        Err(_) => Ok((evidence, &[])),
    }
}
