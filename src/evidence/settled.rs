//! What only those know who see the settings of a pool and its clients: plans, states and templates.

use crate::infra::settings::TimeUnit;
use crate::infra::{Answer, Attribute, Language};

/// What is told beside a fact: with another one, it is the same fact. Witnesses that agree on it tell it in different ways.
#[derive(Clone, Debug, Default)]
pub struct Unweighed<T>(pub T);

impl<T> PartialEq for Unweighed<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> Eq for Unweighed<T> {}

/// The infrastructure code that makes the client, or something else: in whose language a cure is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCode {
    /// The file, as the user named it.
    pub file: String,
    /// The address.
    pub address: String,
    /// Whose language it is.
    pub language: Language,
}

impl ClientCode {
    /// What the language calls a setting of the client.
    pub fn name_of(&self, setting: Attribute) -> &'static str {
        self.language.name_of(setting)
    }
}

/// Whether the client may use OAuth at all (`AllowedOAuthFlowsUserPoolClient`): without it, flows and scopes are stored and dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OAuthSwitch {
    /// It may.
    pub is_on: bool,
}

/// Through whom the client lets users log in (`SupportedIdentityProviders`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProviders {
    /// Through nobody.
    pub is_empty: bool,
    /// It names some, and none of them is there; how that is, in words fit for a report.
    pub gone: Option<String>,
}

/// Whether the client may use the implicit flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImplicitFlow {
    /// It may.
    pub is_on: bool,
}

/// How the callback that Pomerium sends is written in the client's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackSpelling {
    /// With a host in other letter case, and not as it is sent as well.
    pub other_case: Option<String>,
}

/// Which attributes the client may read (`ReadAttributes`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailReading {
    /// Those of `email` and `email_verified` that it may not.
    pub lacking: Vec<&'static str>,
    /// It may read none of those behind the scope `profile`.
    pub has_no_profile: bool,
}

/// Whether the client's federated identity providers fill the attribute `email`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailMapping {
    /// The names of those that do not.
    pub unmapped: Vec<String>,
    /// Where infrastructure code makes them.
    pub made: Unweighed<Vec<ClientCode>>,
}

/// Whether the client may use refresh tokens (`ExplicitAuthFlows`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshFlow {
    /// It may.
    pub is_allowed: bool,
}

/// How long a refresh token of the client lives. Two are the same however they are measured.
#[derive(Clone, Copy, Debug)]
pub struct RefreshLifetime {
    /// In seconds.
    pub seconds: u64,
    /// In which unit the client has it, as far as that is known.
    pub unit: Option<TimeUnit>,
}

impl PartialEq for RefreshLifetime {
    fn eq(&self, other: &Self) -> bool {
        self.seconds == other.seconds
    }
}

impl Eq for RefreshLifetime {}

/// Whether a refresh token is good once only (`RefreshTokenRotation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRotation {
    /// How many seconds it stays good after its first use, if it is.
    pub grace: Option<u64>,
}

/// Whether tokens can be revoked (`EnableTokenRevocation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRevocation {
    /// They can.
    pub is_on: bool,
}

/// Whether the client has a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretPresence {
    /// It has one.
    Present,
    /// It has none.
    Absent,
}

/// Whether the pool has a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolDomain {
    /// It has.
    Present,
    /// It has none.
    Absent {
        /// The apply makes the pool, and no domain with it: another stack, or a later apply, may.
        is_new: bool,
        /// The `authorization_endpoint` that its discovery document names all the same, if that is who says so.
        endpoint: Option<String>,
        /// In whose language code makes the pool.
        language: Unweighed<Option<Language>>,
    },
    /// It has one by now, and the running Pomerium does not know it.
    Unheeded {
        /// Where users are sent instead: `https://cognito-idp…/authorize`.
        endpoint: String,
        /// The host of the domain.
        host: String,
    },
}

/// Which login pages the domain of the pool serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedLogin {
    /// Those of managed login (`ManagedLoginVersion: 2`), and not the classic ones.
    pub is_on: Answer,
}

/// Whether the client has a style, without which managed login serves it no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageStyle {
    /// It has one.
    pub is_there: bool,
}

/// What state the pool's domain is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainStatus {
    /// The domain.
    pub domain: String,
    /// `ACTIVE`, `CREATING`, `UPDATING`, `DELETING` or `FAILED`.
    pub status: String,
}

/// Both kinds of domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BothDomains {
    /// The prefix domain and the custom one, if the pool has both.
    pub both: Option<(String, String)>,
}
