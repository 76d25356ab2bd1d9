//! The provider's side: what can be known about a Cognito user pool from outside, and who witnessed it.
//!
//! A *fact* answers one question ("does Cognito know this callback URL?"). It is either [`Seen`], together with the exchanges
//! that show it, or [`Missing`], together with the reason. Rules receive facts as parameters; a missing fact never reaches one.

#[cfg_attr(target_arch = "wasm32", allow(dead_code, reason = "nobody connects there"))]
mod address;
mod authorize;
mod aws;
mod besides;
mod configuration;
mod connect;
mod date;
mod deployed;
mod discovery;
mod domain;
mod exchange;
mod fact;
mod facts;
#[cfg(not(target_arch = "wasm32"))]
mod failure;
mod gather;
#[cfg(not(target_arch = "wasm32"))]
mod http;
mod infra;
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
mod settled;
mod sign_out;
mod stopwatch;
mod strict;
mod testimony;
#[cfg(not(target_arch = "wasm32"))]
mod tls;
mod told;
mod transport;
mod unclear;
mod visit;
mod wire;
mod witnesses;
mod world;

pub use crate::config::cognito::{is_issuer_host as is_cognito_issuer_host, is_login_host as is_cognito_login_host};
pub use authorize::knows_callback;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use aws::is_loopback;
pub use aws::{Call, Operation};
pub use configuration::{CheckedValues, DecodedValues, NamedFiles, SessionStorage, unknown_values};
pub use connect::{ConnectTo, ConnectToError};
pub use deployed::{
    AuthenticateHost, Beside, CallbackAnswer, Clock, Differs, DiscoveryBeside, Document, FrontDoor, Loop,
    NamedCallbacks, OWN_PAGE, Opened, ReleaseRange, RouteAnswer, RouteKind, RunningClocks, RunningCookie,
    RunningCookies, RunningIdentity, RunningParameter, RunningProvider, RunningRequest, RunningSignOut, Seal,
    ServedCertificate, ServedCertificates, SignInAnswer, SignInKind, SignInLink, Stranger, WellKnown,
};
pub(crate) use exchange::COGNITO_MARK;
pub use exchange::{AFTER_APPLY, Answer, Exchange, ExchangeId, Failure, Flag, NOW, Outcome, Request, Step};
pub use fact::{Evidence, Seen};
pub use facts::{
    CallbackStanding, CertificateAnswer, ClientStanding, DiscoveryAnswer, DiscoveryDocument, DomainAnswer,
    FlowStanding, IdentityProviderStanding, IssuerVariant, KeyAnswer, LoginDomain, LoginPage, NameAnswer,
    ProviderClock, ScopeStanding, SecretStanding, SignOutStanding, StrictMetadata,
};
pub use gather::{
    GatherOptions, gather, gather_login_domain, gather_offline, most_calls, most_questions, plan, unasked,
};
#[cfg(not(target_arch = "wasm32"))]
pub use http::{Network, NetworkOptions};
pub use infra::{InfraError, choices, witness, witness_of};
pub(crate) use page::visible_text;
pub use pools::{ExpectedPools, pool_of_issuer};
pub use recording::{RecordingError, Replay, record};
pub use redact::{CUT, redact, redacted};
pub use settled::{
    BothDomains, CallbackSpelling, ClientCode, DomainStatus, EmailMapping, EmailReading, IdentityProviders,
    ImplicitFlow, ManagedLogin, OAuthSwitch, PageStyle, PoolDomain, RefreshFlow, RefreshLifetime, RefreshRotation,
    SecretPresence, TokenRevocation, Unweighed,
};
pub use testimony::{Aside, Disagreement, Disagreements, FilledByApply, NamedClient, OAUTH, PAGES_OF_TIER, Testimony};
#[cfg(not(target_arch = "wasm32"))]
pub use tls::CaError;
pub use transport::{Asking, Question, Repeats, Transport};
pub use visit::{Visit, visit};
use world::subject;
pub use world::{Case, ClientWorld, DomainWorld, Fact, PoolWorld, RunningWorld, World};

use crate::config::{Gap, Span};

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
    /// The settings themselves: infrastructure code (`--infra`).
    Settings,
    /// Who answers at the URL of a running Pomerium (`--deployed`).
    Pomerium,
    /// What a visitor of that URL gets.
    Route,
    /// What the authenticate service of it sends to the identity provider.
    SignIn,
    /// Who answers at its callback.
    Callback,
}

impl Need {
    /// It is asked for only if a flag of its own says so.
    pub fn is_on_request(self) -> bool {
        matches!(self, Self::Token | Self::SignOut | Self::Settings)
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
            Self::Settings => "settings",
            Self::Pomerium => "pomerium",
            Self::Route => "route",
            Self::SignIn => "sign-in",
            Self::Callback => "callback",
        }
    }
}

/// Why a fact is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// Not asked: the requests of this run are used up. The text says which.
    Budget(String),
    /// Not asked: it has more app clients, or identity providers, than are asked about. The text says which.
    Limit(String),
    /// It could only be asked after something that is itself missing or wrong.
    Follows(Need),
    /// The setting it depends on is a reference or was never filled in.
    Placeholder(Span),
    /// A setting it depends on is missing from the configuration or cannot be read; the text says which.
    Unconfigured(String),
    /// Whoever sees the settings speaks of it, and it is open all the same; the text says what.
    Untold(String),
    /// The recording that is replayed does not hold it.
    NotRecorded {
        /// What would have been asked.
        url: String,
    },
    /// AWS was asked with credentials, and does not tell.
    Refused {
        /// Why, and what to do.
        says: String,
        /// The statement of a policy that would let it tell.
        statement: Option<String>,
    },
    /// The question makes no sense for this configuration; the verdict is *not applicable*.
    NotApplicable(&'static str),
}

/// Why nothing is known of a running Pomerium.
const UNVISITED: Missing = Missing::Declined { flag: "--deployed" };

/// Why a fact that no rule asked for is not known.
const UNASKED: Missing = Missing::Declined { flag: "--only" };

/// Why a setting that nobody sees from outside is not known.
const UNSEEN: Missing = Missing::Declined { flag: "--infra" };

/// Why nobody asks where a sign-out ends.
const NO_SIGN_OUT: Missing = Missing::NotApplicable("this provider or release sends no sign-out URL to Cognito");

impl Missing {
    /// Nobody wanted it: it was declined, or is out of sight from here in any case.
    pub fn is_unwanted(&self) -> bool {
        matches!(self, Self::Declined { .. } | Self::Elsewhere(_))
    }

    /// Nobody was given who could be asked: who sees the settings, or a running Pomerium.
    pub fn is_of_nobody(&self) -> bool {
        *self == UNVISITED || self.is_of_settings()
    }

    /// Nobody was given who sees the settings, or who was given says nothing of this one.
    pub fn is_of_settings(&self) -> bool {
        *self == UNSEEN
    }

    /// An answer is missing, or waits for another one: nothing that the configuration could tell.
    pub fn is_of_a_question(&self) -> bool {
        self.is_unwanted()
            || self.was_asked()
            || matches!(self, Self::Untold(_))
            || matches!(self, Self::Follows(need) if *need != Need::File)
    }

    /// The question was to be put, and no answer is to be had.
    fn was_asked(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Inconclusive { .. }
            | Self::Forbidden { .. }
            | Self::Refused { .. }
            | Self::Budget(_)
            | Self::Limit(_)
            | Self::NotRecorded { .. } => true,
            Self::Declined { .. }
            | Self::Elsewhere(_)
            | Self::Follows(_)
            | Self::Placeholder(_)
            | Self::Unconfigured(_)
            | Self::Untold(_)
            | Self::NotApplicable(_) => false,
        }
    }
}

impl From<&Gap> for Missing {
    fn from(gap: &Gap) -> Self {
        match gap {
            Gap::Unread => Self::Follows(Need::File),
            Gap::Beside(why) => Self::NotApplicable(why),
            Gap::Unset(why) => Self::Unconfigured((*why).to_owned()),
            Gap::Perhaps => Self::Follows(Need::Discovery),
            Gap::Placeholder(span) => Self::Placeholder(*span),
            Gap::Unreadable(why) => Self::Unconfigured(why.clone()),
            Gap::Kept(why) | Gap::NotOpened(why) => Self::Elsewhere(why.clone()),
        }
    }
}
