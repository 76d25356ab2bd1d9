//! Settings as the rules judge them: literal values only.
//!
//! A value that is a reference (`${VAR}`) or was never filled in is a [`Gap`], so that no rule can mistake it for the real one.

use super::gap::{Gap, SERVES_NO_LOGIN, not_shown};
use super::scopes::{RequestedScopes, scopes};
use super::secret::{client_secret, own_secret};
use super::subject::Cognito;
use super::users::{CognitoUsers, ScopesOfUsers, Users};
use crate::config::pomerium::{Hosting, Login};
use crate::config::settings::{Client, Config, Destination, Form, Origin, Setting, Settings, WrittenAs};
use crate::config::text::ValueKind;
use crate::go;
use crate::go::url::GoUrl;
use crate::secret::Secret;

/// `authenticate_service_url`, if it is a literal.
#[derive(Clone, Debug)]
pub struct AuthenticateUrl(pub Setting<String>);

/// The same where this Pomerium runs the login itself, with the URL that Pomerium makes of it.
#[derive(Clone, Debug)]
pub struct OwnAuthenticateUrl {
    /// As it is written.
    pub setting: Setting<String>,
    /// As Pomerium parses it.
    pub url: GoUrl,
}

/// `idp_provider`, if it is a literal.
#[derive(Clone, Debug)]
pub struct Provider(pub Setting<String>);

/// `idp_provider_url`, if it is a literal and this configuration is about Cognito or an issuer that may be asked.
#[derive(Clone, Debug)]
pub struct Issuer(pub Setting<String>);

/// The user pool, by its issuer; of a running Pomerium that does not show its issuer, the place where it sends users, without a name.
#[derive(Clone, Debug)]
pub struct UserPool(pub Setting<String>);

/// The parameter of the request that chooses an identity provider, with its value, if that is a literal.
#[derive(Clone, Debug)]
pub struct NamedProvider {
    /// One of [`PROVIDER_PARAMETERS`].
    pub parameter: Setting<String>,
    /// The provider's name or identifier.
    pub value: Setting<String>,
}

/// The parameters of Cognito's that choose an identity provider: by its name, or by an identifier such as a mail domain.
pub const PROVIDER_PARAMETERS: [&str; 2] = ["identity_provider", "idp_identifier"];

/// The id of an app client, if it is a literal.
#[derive(Clone, Debug)]
pub struct ClientId(pub Setting<String>);

/// The secret of an app client, if it is a literal.
#[derive(Clone)]
pub struct SecretText(pub Setting<Secret>);

/// `shared_secret` or the content of its file, if it is a literal.
#[derive(Clone)]
pub struct SharedSecret(pub Setting<Secret>);

/// `cookie_secret` or the content of its file, if it is a literal.
#[derive(Clone)]
pub struct CookieSecret(pub Setting<Secret>);

/// `cookie_domain`, if it is a literal.
#[derive(Clone, Debug)]
pub struct CookieDomain(pub Setting<String>);

/// A setting that a rule may name in its signature.
pub trait Literal: Sized {
    /// The setting, or why it is no literal.
    fn among(literals: &Literals) -> &Result<Self, Gap>;
}

/// The table of literals: `field: type`. A row is all that lets a rule name the type; [`Literals::about`] says what its value is.
/// Those `besides` are facts of their own, as other settings may take their place.
macro_rules! literals {
    (facts { $($field:ident: $type:ident,)+ } besides { $($other:ident: $other_type:ident,)+ }) => {
        /// The literal settings of one configuration.
        pub struct Literals {
            $(
                #[doc = concat!("See [`", stringify!($type), "`].")]
                pub $field: Result<$type, Gap>,
            )+
            $(
                #[doc = concat!("See [`", stringify!($other_type), "`].")]
                pub $other: Result<$other_type, Gap>,
            )+
            /// One entry for each client of [`Config::clients`].
            pub clients: Vec<ClientLiterals>,
        }

        impl Literals {
            /// No literal at all, for one reason.
            fn none(gap: &Gap) -> Self {
                Self {
                    $($field: Err(gap.clone()),)+
                    $($other: Err(gap.clone()),)+
                    clients: Vec::new(),
                }
            }
        }

        $(
            impl Literal for $type {
                fn among(literals: &Literals) -> &Result<Self, Gap> {
                    &literals.$field
                }
            }
        )+
    };
}

literals! {
    facts {
        authenticate_url: AuthenticateUrl,
        own_authenticate_url: OwnAuthenticateUrl,
        provider: Provider,
        issuer: Issuer,
        pool: UserPool,
        cognito: Cognito,
        login: Login,
        users: CognitoUsers,
        named_provider: NamedProvider,
        shared_secret: SharedSecret,
        cookie_secret: CookieSecret,
        cookie_domain: CookieDomain,
    }
    besides {
        scopes: RequestedScopes,
        users_scopes: ScopesOfUsers,
    }
}

/// The literal settings of one app client.
pub struct ClientLiterals {
    /// See [`ClientId`].
    pub id: Result<ClientId, Gap>,
    /// See [`SecretText`].
    pub secret: Result<SecretText, Gap>,
}

/// The value as a literal; `None` if it is not set.
fn literal(setting: Option<&Setting<String>>) -> Option<Result<Setting<String>, Gap>> {
    let setting = setting.filter(|setting| !setting.value.is_empty())?;
    Some(match setting.kind() {
        ValueKind::Literal => Ok(setting.clone()),
        ValueKind::Reference | ValueKind::Unfilled => Err(Gap::of(&setting.value, setting.span)),
    })
}

/// Why nothing in a file is judged that Pomerium Zero overrules.
pub const MANAGED_BY_ZERO: &str = "Pomerium Zero manages this deployment: its console is the source of truth";

/// Why nothing about Cognito is judged once the discovery document has shown who the provider is.
pub const ANOTHER_PROVIDER: &str = "the identity provider is not Amazon Cognito, as its discovery document shows";

impl Literals {
    /// Reads them off a configuration.
    pub fn of(config: &Config, clients: &[Client]) -> Self {
        Self::about(config, clients, config.subject())
    }

    /// Reads them off a configuration of which more is known than it says itself.
    pub fn about(config: &Config, clients: &[Client], subject: super::subject::Subject) -> Self {
        let Some(settings) = &config.settings else { return Self::none(&unread(config)) };
        if settings.zero_token.is_some() {
            return Self::none(&Gap::Beside(MANAGED_BY_ZERO));
        }
        let reading = &config.reading;
        let is_running = config.form.is_running();
        let unset = |option: &str, why: &'static str| match (reading.unread.first(), reading.kept.first()) {
            _ if is_running => Gap::Kept(not_shown(option)),
            (Some(part), _) => {
                Gap::Unreadable(format!("{option} may be set in {part}, which cannot be read from here"))
            }
            (None, Some(part)) => Gap::Kept(format!("{option} may be set in {part}, which only the cluster holds")),
            (None, None) => Gap::Beside(why),
        };
        let literal = |setting, option, why| literal(setting).unwrap_or_else(|| Err(unset(option, why)));
        let needed = |setting, option, why| match literal(setting, option, why) {
            Err(Gap::Beside(_)) if !settings.runs("authenticate") => Err(Gap::Beside(SERVES_NO_LOGIN)),
            Err(Gap::Beside(why)) => Err(Gap::Unset(why)),
            other => other,
        };
        let cognito = match subject {
            super::subject::Subject::Cognito => Ok(Cognito),
            super::subject::Subject::Perhaps => Err(Gap::Perhaps),
            super::subject::Subject::Generic => Err(Gap::Beside(ANOTHER_PROVIDER)),
            // What the configuration is about must be seen: else nothing of it is.
            super::subject::Subject::Other(why) if is_running => Err(Gap::Beside(why)),
            super::subject::Subject::Other(why)
                if settings.idp_provider.is_none() && settings.idp_provider_url.is_none() =>
            {
                Err(unset("idp_provider", why).wanted("idp_provider"))
            }
            super::subject::Subject::Other(why) => Err(Gap::Beside(why)),
        };
        let authenticate_url = literal(
            settings.authenticate_service_url.as_ref(),
            "authenticate_service_url",
            "authenticate_service_url is not set",
        )
        .map(AuthenticateUrl);
        let issuer = match (&cognito, subject) {
            (Err(gap), super::subject::Subject::Cognito | super::subject::Subject::Other(_)) => Err(gap.clone()),
            _ => needed(settings.idp_provider_url.as_ref(), "idp_provider_url", "idp_provider_url is not set"),
        }
        .map(Issuer);
        let pool = match &issuer {
            Err(Gap::Kept(_)) if is_running => Ok(UserPool(running_pool(settings))),
            issuer => issuer.clone().map(|Issuer(issuer)| UserPool(issuer)),
        };
        let derived = Login::of(settings, config.version);
        let own_authenticate_url = authenticate_url.clone().and_then(|url| own(url, &derived));
        let scopes = cognito.clone().and_then(|_| {
            let scopes = scopes(settings, &derived)?;
            let is_open = !reading.unread.is_empty() || !reading.kept.is_empty();
            let is_set_elsewhere = scopes.is_default() && is_open;
            if is_set_elsewhere { Err(unset("idp_scopes", "idp_scopes is not set")) } else { Ok(scopes) }
        });
        let users = Users::of(config, settings, &cognito, &scopes);
        let named_provider = named_provider(settings, &derived);
        let login = match &authenticate_url {
            Err(gap @ (Gap::Placeholder(_) | Gap::Kept(_))) => Err(gap.clone()),
            _ => Ok(derived),
        };
        Self {
            provider: literal(settings.idp_provider.as_ref(), "idp_provider", "idp_provider is not set").map(Provider),
            clients: clients
                .iter()
                .map(|client| ClientLiterals {
                    id: cognito
                        .clone()
                        .and_then(|_| needed(Some(&client.id), "idp_client_id", "idp_client_id is not set"))
                        .map(ClientId),
                    secret: cognito
                        .clone()
                        .and_then(|_| {
                            let absent = || unset("idp_client_secret", "no client secret is configured");
                            client_secret(&client.secret, config).unwrap_or_else(|| Err(absent()))
                        })
                        .map(SecretText),
                })
                .collect(),
            shared_secret: own_secret(config, "shared_secret_file", settings.shared_secret.as_ref())
                .unwrap_or_else(|| Err(unset("shared_secret", "shared_secret is not set")))
                .map(SharedSecret),
            cookie_secret: own_secret(config, "cookie_secret_file", settings.cookie_secret.as_ref())
                .unwrap_or_else(|| Err(unset("cookie_secret", "cookie_secret is not set")))
                .map(CookieSecret),
            cookie_domain: match &settings.cookie_domain {
                // What runs shows that there is none.
                Some(shown) if is_running && shown.value.is_empty() => Err(Gap::Beside(NO_COOKIE_DOMAIN)),
                setting => literal(setting.as_ref(), "cookie_domain", NO_COOKIE_DOMAIN).map(CookieDomain),
            },
            authenticate_url,
            own_authenticate_url,
            issuer,
            pool,
            cognito,
            login,
            scopes,
            users: users.users,
            users_scopes: users.scopes,
            named_provider,
        }
    }
}

const NO_COOKIE_DOMAIN: &str = "cookie_domain is not set";

fn running_pool(settings: &Settings) -> Setting<String> {
    let (span, origin) = (settings.anchor, Origin::Running);
    Setting { value: String::new(), span, origin, written_as: WrittenAs::Text }
}

/// Why no setting is known at all.
fn unread(config: &Config) -> Gap {
    match config.form {
        Form::Deployed(Destination::Elsewhere(why)) => Gap::Beside(why),
        _ => Gap::Unread,
    }
}

fn own(AuthenticateUrl(setting): AuthenticateUrl, login: &Login) -> Result<OwnAuthenticateUrl, Gap> {
    if login.hosting == Hosting::Hosted {
        return Err(Gap::Beside("Pomerium's hosted service runs the login"));
    }
    match go::url::parse_and_validate(&setting.value) {
        Ok(url) => Ok(OwnAuthenticateUrl { setting, url }),
        Err(_) => Err(Gap::Beside("Pomerium cannot parse authenticate_service_url")),
    }
}

fn named_provider(settings: &Settings, login: &Login) -> Result<NamedProvider, Gap> {
    // Not every provider takes `idp_request_params`.
    let is_it = |name: &str| PROVIDER_PARAMETERS.contains(&name) && login.chosen_provider(name).is_some();
    let named = settings.idp_request_params.iter().find(|(parameter, _)| is_it(&parameter.value));
    let (parameter, value) = named.ok_or(Gap::Beside(NAMES_NO_PROVIDER))?;
    match value.kind() {
        ValueKind::Literal => Ok(NamedProvider { parameter: parameter.clone(), value: value.clone() }),
        ValueKind::Reference | ValueKind::Unfilled => Err(Gap::of(&value.value, value.span)),
    }
}

/// Why nothing is to be known of an identity provider.
pub const NAMES_NO_PROVIDER: &str = "idp_request_params names no identity provider";
