//! Pomerium's side: what the configuration says, as Pomerium itself would read it.
//!
//! Nothing here touches the network. [`Request`] turns texts into a [`Config`]: typed [`Settings`], each with the place it was
//! written, and a [`Reading`] of everything Pomerium would refuse, ignore or complain about on the way.
//! [`Login`] is what Pomerium will then send to the identity provider.

pub mod cognito;
mod forms;
mod load;
mod pomerium;
mod provider;
mod releases;
mod secrets;
mod settings;
mod text;

pub use forms::kubernetes::{Listed, ListedKind};
pub use forms::{GivenBy, REQUEST_PARAMETERS, Sent, Shown};
pub use load::{Given, GivenValue, Loaded, Request, names_a_part, not_opened, refused_given, stands_alone};
pub use pomerium::compiled as compiled_policy;
pub(crate) use pomerium::start_error as policy_start_error;
pub use pomerium::{CALLBACK_PATH, Hosting, Login, ProviderSettings, is_hosted, sign_in_error};
pub use provider::{
    ANOTHER_PROVIDER, Alike, AuthenticateUrl, ClientId, ClientLiterals, Cognito, CognitoUsers, CookieDomain,
    CookieSecret, Gap, Issuer, Literal, Literals, MANAGED_BY_ZERO, NAMES_NO_PROVIDER, NamedProvider,
    OwnAuthenticateUrl, PROVIDER_PARAMETERS, Provider, RequestedScopes, SERVES_NO_LOGIN, ScopesFrom, ScopesOfUsers,
    SecretText, SharedSecret, Subject, UserPool, gap_of, host_of, is_emulator, is_left_in_file, is_own_file, kept_back,
    kept_back_issuer, points_to_cognito,
};
pub use releases::{
    COGNITO_SCOPES, COGNITO_SINCE, Change, Dialect, Name, PomeriumVersion, Retired, about, known_since, nearest_option,
    option_names, provider_since, providers, retired_key, retired_of_policy, route_field_names, schema,
    value_known_since, variable_of,
};
pub(crate) use releases::{
    KnownCriterion, PLAIN_VALUES, chart_writes, criteria, criterion_of_any_release, list_operators, text_operators,
};
pub(crate) use secrets::is_configuration;
pub use secrets::{beside, holds_secret, id_is_secret, is_secret_parameter, names_secret, untold};
pub use settings::{
    Client, ClientSecret, Config, Criterion, Destination, Expanded, Form, FormField, GivenOutcome, Joined, KeptSecret,
    NotOpened, OpenValue, Origin, Overridden, Pages, Peer, Policy, ReachedRoute, Reading, RejectedBy, Rejection,
    Replicas, Route, Setting, Settings, SyntaxError, UnknownKey, UnreadableFile, WrittenAs, is_of_host,
};
#[doc(hidden)]
pub use text::is_read_alike;
pub use text::{
    CandidateTexts, Date, DiskFiles, DuplicateKey, Entry, Files, Ignore, LONGEST_TEXT, NoFiles, Node, Position,
    RawFile, Refusal, RefusalKind, Source, SourceId, SourceKind, Sources, Span, Value, ValueKind, classify,
    is_public_suffix, is_sample, is_secret_store, replaced,
};
pub(crate) use text::{json_document, whole_yaml_document, with_last_keys, yaml_document};
