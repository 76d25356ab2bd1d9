//! Pomerium's side: what the configuration says, as Pomerium itself would read it.
//!
//! Nothing here touches the network. [`load()`] turns texts into a [`Config`]: typed [`Settings`], each with the place it was
//! written, and a [`Reading`] of everything Pomerium would refuse, ignore or complain about on the way.
//! [`Login`] is what Pomerium will then send to the identity provider.

mod assemble;
mod clients;
pub mod cognito;
#[allow(clippy::module_inception)]
mod config;
mod date;
mod decode;
mod deployment;
mod dialect;
mod disguise;
mod document;
mod dotenv;
mod expanded;
mod files;
mod form;
mod forms;
mod given;
mod ignores;
mod issuer_host;
mod json;
mod literals;
mod load;
mod login;
mod names;
mod node;
mod options;
mod parsed;
mod place;
mod placeholder;
mod policy;
mod providers;
mod reading;
mod refusal;
mod rejection;
mod room;
mod script;
mod settings;
mod source;
mod subject;
mod toml;
mod validate;
mod variable;
mod version;
mod viper;
mod yaml;

pub use config::{Config, Peer};
pub use date::Date;
pub use deployment::{load_all, not_opened};
pub use dialect::{Dialect, Name};
pub(crate) use document::{json_document, yaml_document};
pub use expanded::Expanded;
pub use files::{DiskFiles, Files, NoFiles};
pub use form::{Form, FormField, KeptSecret, OpenValue, Replicas};
pub use forms::{Given, Loaded, RawFile, Request, load_request, load_request_with};
pub use given::{GivenValue, refused_given};
pub use ignores::Ignore;
pub use issuer_host::{Alike, host_of, is_emulator};
pub use literals::{
    ANOTHER_PROVIDER, AuthenticateUrl, ClientId, ClientLiterals, Cognito, CookieDomain, CookieSecret, Gap, Issuer,
    Literals, MANAGED_BY_ZERO, OwnAuthenticateUrl, Provider, RequestedScopes, SERVES_NO_LOGIN, ScopesFrom, SecretText,
    SharedSecret,
};
pub use load::{Input, load, names_secret};
pub use login::{CALLBACK_PATH, Hosting, Login, sign_in_error};
pub use names::id_is_secret;
pub use node::{Entry, Node, Value};
pub use options::{known_since, nearest_option, option_names, removed_in, route_field_names, value_known_since};
pub use parsed::{DuplicateKey, LONGEST_TEXT};
pub use placeholder::{ValueKind, classify, is_sample, is_secret_store};
pub(crate) use policy::start_error as policy_start_error;
pub use providers::{COGNITO_SINCE, provider_since, providers};
pub use reading::{GivenOutcome, NotOpened, Overridden, Reading, SyntaxError, UnknownKey, UnreadableFile};
pub use refusal::{Refusal, RefusalKind};
pub use rejection::{RejectedBy, Rejection};
pub use settings::{Client, ClientSecret, Criterion, Origin, Policy, Route, Setting, Settings, WrittenAs};
pub use source::{Position, Source, SourceId, SourceKind, Sources, Span};
pub use subject::Subject;
pub use version::PomeriumVersion;
