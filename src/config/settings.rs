//! The settings a login depends on, each with its value, its place and its origin.

pub(in crate::config) mod clients;
pub(in crate::config) mod config;
pub(in crate::config) mod expanded;
pub(in crate::config) mod form;
#[macro_use]
mod options;
pub(in crate::config) mod reached;
pub(in crate::config) mod reading;
pub(in crate::config) mod rejection;

pub use config::{Config, Peer};
pub use form::{Destination, Form, FormField, KeptSecret, OpenValue, Replicas};
pub(in crate::config) use options::Options;
pub use reached::{Pages, ReachedRoute, is_of_host};
pub use reading::{Expanded, GivenOutcome, NotOpened, Overridden, Reading, SyntaxError, UnknownKey, UnreadableFile};
pub use rejection::{RejectedBy, Rejection};

use std::sync::Arc;
use std::time::Duration;

use crate::config::text::{SourceKind, Sources, Span, ValueKind};
use crate::secret::Secret;

/// Where the value of a setting was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the configuration file.
    File,
    /// In the environment, which beats the file.
    Environment,
    /// In the file that a `*_file` option names.
    SecretFile,
    /// In a `Secret` of Kubernetes.
    Secret,
    /// It was given to this check, as it stands elsewhere.
    Given,
    /// In what a running Pomerium sends.
    Running,
}

impl Origin {
    /// That of what stands at a place.
    pub(in crate::config) fn of(sources: &Sources, span: Span) -> Self {
        match sources.get(span.source).map(|source| source.kind) {
            Some(SourceKind::Environment) => Self::Environment,
            Some(SourceKind::Secret) => Self::Secret,
            Some(SourceKind::Given) => Self::Given,
            _ => Self::File,
        }
    }
}

/// How a value was written before Pomerium's weak decoding turned it into the type it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenAs {
    /// A string, quoted or plain.
    Text,
    /// A number: digits can be lost (`1e3` becomes `1000`).
    Number,
    /// `true` or `false`.
    Flag,
    /// `null` or nothing.
    Null,
    /// A list.
    List,
    /// A mapping.
    Map,
}

/// A value and the place it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value after Pomerium's decoding.
    pub value: T,
    /// The place of the value (not of the key). For a value from a secret file, the place of the file's name.
    pub span: Span,
    /// Where it was found.
    pub origin: Origin,
    /// The type it was written in.
    pub written_as: WrittenAs,
}

impl<T> Setting<T> {
    /// What a running Pomerium sends, at its place in an answer.
    pub fn sent(value: impl Into<T>, span: Span) -> Self {
        Self { value: value.into(), span, origin: Origin::Running, written_as: WrittenAs::Text }
    }

    /// The same place with another value.
    pub fn with<U>(&self, value: U) -> Setting<U> {
        Setting { value, span: self.span, origin: self.origin, written_as: self.written_as }
    }
}

impl Setting<String> {
    /// Whether the value stands for itself, as all does that is on the wire.
    pub fn kind(&self) -> ValueKind {
        match self.origin {
            Origin::Running => ValueKind::Literal,
            _ => crate::config::text::classify(&self.value),
        }
    }
}

options! {
    /// Everything a login depends on. An option that is not written is `None`; one written empty is `Some("")`.
    Settings {
        /// `services`: which services run in this process; `all` unless written.
        services: Option<Setting<String>> = text,
        /// `authenticate_service_url`: the origin of the redirect URI.
        authenticate_service_url: Option<Setting<String>> = text,
        /// `authenticate_internal_service_url`: never part of the redirect URI.
        authenticate_internal_service_url: Option<Setting<String>> = text,
        /// `signout_redirect_url`: where a signed-out user ends up.
        signout_redirect_url: Option<Setting<String>> = text,
        /// `idp_provider`.
        idp_provider: Option<Setting<String>> = text,
        /// `idp_provider_url`: the issuer.
        idp_provider_url: Option<Setting<String>> = text,
        /// `idp_client_id`.
        idp_client_id: Option<Setting<String>> = text,
        /// `idp_client_secret`, as written in the configuration itself.
        idp_client_secret: Option<Setting<Secret>> = secret,
        /// `idp_client_secret_file`: the path.
        idp_client_secret_file: Option<Setting<String>> = text,
        /// `idp_scopes` after comma splitting. `Some` with no element is not the same as `None`.
        idp_scopes: Option<Setting<Vec<Setting<String>>>> = texts,
        /// `idp_request_params`, keys as Pomerium sees them.
        idp_request_params: Vec<(Setting<String>, Setting<String>)> = pairs,
        /// `idp_access_token_allowed_audiences`.
        idp_access_token_allowed_audiences: Option<Setting<Vec<Setting<String>>>> = texts,
        /// `bearer_token_format`.
        bearer_token_format: Option<Setting<String>> = bearer_token_format,
        /// `cookie_secret` or the content of `cookie_secret_file`.
        cookie_secret: Option<Setting<Secret>> = secret_or_file,
        /// `shared_secret` or the content of `shared_secret_file`.
        shared_secret: Option<Setting<Secret>> = secret_or_file,
        /// `signing_key` or the content of `signing_key_file`.
        signing_key: Option<Setting<Secret>> = secret_or_file,
        /// `cookie_domain`.
        cookie_domain: Option<Setting<String>> = text,
        /// `cookie_same_site`.
        cookie_same_site: Option<Setting<String>> = text,
        /// `cookie_expire`: 14 hours unless written.
        cookie_expire: Option<Setting<Duration>> = duration,
        /// `jwt_claims_headers`: header name and claim name.
        jwt_claims_headers: Vec<(Setting<String>, Setting<String>)> = pairs,
        /// `pass_identity_headers`; what cannot be read of it may be true.
        pass_identity_headers: Option<Setting<bool>> = flag,
    }
    at {
        /// The best place to point at when a setting that should be there is not: the first `idp_*` setting or the first line.
        anchor: Span,
    }
    besides {
        /// `authenticate_callback_path`: removed in v0.31.
        authenticate_callback_path: Option<Setting<String>>,
        /// The secret Pomerium will use: the file beats the inline value.
        client_secret: ClientSecret,
        /// `pomerium_zero_token` stands here or in the environment.
        zero_token: Option<Setting<Secret>>,
        /// The routes in Pomerium's order: those of `policy`, then those of `routes`.
        routes: Vec<Route>,
    }
}

impl Settings {
    /// Whether every route brings an app client of its own, so that nobody logs in through the global one.
    pub fn has_only_own_clients(&self) -> bool {
        let has_own = |route: &Route| route.idp_client_id.as_ref().is_some_and(|id| !id.value.is_empty());
        !self.routes.is_empty() && self.routes.iter().all(has_own)
    }

    /// Whether this process runs a service: all of them, unless `services` names some.
    pub fn runs(&self, service: &str) -> bool {
        self.services.as_ref().filter(|services| services.kind() == ValueKind::Literal).is_none_or(|services| {
            let mut names = services.value.split(',').map(str::trim);
            names.any(|name| [service, "all", ""].iter().any(|known| name.eq_ignore_ascii_case(known)))
        })
    }
}

/// Where the client secret comes from.
#[derive(Clone, Default)]
pub enum ClientSecret {
    /// Neither option is set: Pomerium acts as a public client.
    #[default]
    Absent,
    /// The value.
    Known(Setting<Secret>),
    /// `idp_client_secret_file` names a file that cannot be read here.
    Unreadable {
        /// The path as written.
        path: Setting<String>,
        /// Why it cannot be read, e.g. `no such file`.
        why: String,
    },
}

impl ClientSecret {
    /// Pomerium sends none.
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Known(secret) => secret.value.expose().is_empty(),
            Self::Unreadable { .. } => false,
        }
    }
}

options! {
    /// One route.
    Route {
        /// `from`.
        from: Option<Setting<String>> = text,
        /// `idp_client_id` of this route; none if it is empty.
        idp_client_id: Option<Setting<String>> = filled_text,
        /// `idp_client_secret` of this route; none if it is empty.
        idp_client_secret: Option<Setting<Secret>> = filled_secret,
        /// `idp_access_token_allowed_audiences` of this route.
        idp_access_token_allowed_audiences: Option<Setting<Vec<Setting<String>>>> = texts,
        /// `pass_identity_headers` of this route; what cannot be read of it may be true.
        pass_identity_headers: Option<Setting<bool>> = flag,
    }
    at {
        /// The place of the whole route.
        at: Span,
    }
    besides {
        /// `regex`, `path` or `prefix`.
        pages: Pages,
        /// Everybody is let in without a login: `allow_public_unauthenticated_access` is on, or the policy says the same.
        public: bool,
        /// `allow_any_authenticated_user` is on.
        any_authenticated_user: bool,
        /// `allowed_users`.
        allowed_users: Vec<Setting<String>>,
        /// The policies of the route: what `allowed_*` compiles to, then what `policy` says.
        policies: Arc<[Policy]>,
    }
}

/// One rule of Pomerium's policy language.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `allow` or `deny`.
    pub action: String,
    /// Its criteria, whatever operator joins them.
    pub criteria: Vec<Criterion>,
}

/// What joins the criteria of a rule that stand in one list. Of several lists in a rule each is enough
/// (`pkg/policy/generator/conditionals.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// All hold.
    And,
    /// One holds.
    Or,
    /// None holds.
    Not,
    /// One does not hold.
    Nor,
}

impl Joined {
    /// As it is written: `and`, `or`, `not` or `nor`.
    pub fn name(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Not => "not",
            Self::Nor => "nor",
        }
    }
}

/// One criterion, e.g. `claim/cognito:groups: admins`.
#[derive(Clone, Debug)]
pub struct Criterion {
    /// What joins it with the other criteria of its rule.
    pub joined: Joined,
    /// The name before the slash: `email`, `domain`, `claim`, …
    pub name: String,
    /// What follows the slash, as Pomerium will compare it; empty if there is none.
    pub sub_path: String,
    /// What follows the slash, as it was written: differs in case if Pomerium lower-cased it.
    pub sub_path_written: String,
    /// What it is compared with, as JSON.
    pub data: serde_json::Value,
    /// It is written in a `policy`, and comes of no `allowed_*`.
    pub is_of_policy: bool,
    /// The place of the criterion's name, or of the `allowed_*` value it comes from.
    pub at: Span,
}

/// An app client: the global one, or the one a route names for itself.
#[derive(Clone)]
pub struct Client {
    /// Its place in [`config::Config::clients`]; 0 is the global one.
    pub index: usize,
    /// The client id. Empty if none is configured.
    pub id: Setting<String>,
    /// Its secret.
    pub secret: ClientSecret,
    /// The `from` of the first route that uses it; `None` for the global one.
    pub route: Option<String>,
}
