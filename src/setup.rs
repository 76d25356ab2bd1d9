//! What Amazon Cognito must be told so that a login through a configuration works: the cure of Cognito's side, computed.
//!
//! [`Registration::of`] reads it off a configuration; each form writes it down for one tool. Every text that comes from outside is
//! written as the string of its language (`quote`), so that no hostile URL can end one; in a shell it stands in JSON only.

mod aws_cli;
mod cloudformation;
mod json;
mod quote;
mod sent;
mod table;
mod terraform;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Duration;

use crate::config::{
    Client, ClientLiterals, Config, Gap, Literals, Login, MANAGED_BY_ZERO, PomeriumVersion, SERVES_NO_LOGIN, Subject,
    ValueKind,
};
use crate::secret::Scrubber;
use crate::shell;

pub use aws_cli::aws_cli;
pub use cloudformation::cloudformation;
pub use json::{NAME, SCHEMA, json};
pub use table::table;
pub use terraform::terraform;

/// The rules of which a finding goes where Cognito is told what is computed here.
pub const CURES: [&str; 15] = [
    "callback-differs-in-case",
    "callback-not-registered",
    "client-secret-not-expected",
    "client-not-usable",
    "code-flow-disabled",
    "identity-provider-not-enabled",
    "implicit-flow-enabled",
    "no-identity-provider",
    "oauth-not-enabled",
    "pool-has-no-domain",
    "refresh-not-allowed",
    "scope-not-allowed",
    "session-outlives-refresh-token",
    "sign-out-url-not-registered",
    "token-revocation-off",
];

/// What Cognito must be told for one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What the user called the configuration.
    pub file: String,
    /// The release that it is for: the sign-out URL depends on it.
    pub version: PomeriumVersion,
    /// The pool, if the issuer names one.
    pub pool: Option<Pool>,
    /// The redirect URI, in Pomerium's bytes.
    pub callback: String,
    /// The sign-out URL, if this release and provider send one.
    pub sign_out: Option<String>,
    /// The scopes that Pomerium asks for and that Cognito can know, each once.
    pub scopes: Vec<String>,
    /// Where users come from: the pool itself, unless Pomerium names a provider.
    pub identity_provider: String,
    /// Whether Pomerium asks for that one by name.
    pub is_provider_pinned: bool,
    /// How long a session lasts: no refresh token may live shorter.
    pub session: Duration,
    /// How long the refresh token of a new client lives.
    pub refresh_days: u64,
    /// The app clients.
    pub clients: Vec<AppClient>,
    /// What the user must know beside it.
    pub notes: Vec<String>,
    /// The command that checks this configuration, if one can be written down.
    pub check: Option<String>,
    /// That command checks others too.
    pub is_among_others: bool,
}

/// A user pool that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its id.
    pub id: String,
    /// Its region.
    pub region: String,
}

/// An app client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppClient {
    /// Its id, if the configuration has one already.
    pub id: Option<String>,
    /// It may have one, which is filled in elsewhere.
    pub is_elsewhere: bool,
    /// The `from` of the first route that uses it; `None` for the global one.
    pub route: Option<String>,
}

/// Why it cannot be said what Cognito must be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// Nothing here logs in through Cognito, or not by these settings.
    #[error("there is nothing to tell Cognito: {0}")]
    NotCognito(&'static str),
    /// The redirect URI is not known, as what it follows from does not stand here; says why.
    #[error(
        "the callback is not known: {0}\n  try   pomlint setup CONFIG --given authenticate_service_url=https://authenticate.example.com"
    )]
    Callback(String),
    /// What is written makes no redirect URI that Cognito could be told; says why.
    #[error("Cognito cannot be told a callback: {0}\n  try   pomlint check CONFIG        (says how to correct it)")]
    Uncallable(String),
    /// The scopes are not known: they are among the parameters of the request.
    #[error("the scopes are not known: the `scope` of idp_request_params is filled in elsewhere")]
    Parameter,
    /// The scopes are not known.
    #[error(
        "the scopes are not known: idp_scopes, or a part of it, is filled in elsewhere\n  try   pomlint setup CONFIG --given idp_scopes=openid,email,profile"
    )]
    Scopes,
    /// A value holds a secret of the configuration.
    #[error(
        "{0} holds the text of a secret that stands in this configuration, and none is ever shown: pomlint check says what is wrong"
    )]
    Secret(&'static str),
}

impl Registration {
    /// Reads it off a configuration. The scrubber knows the secrets of all that was read.
    ///
    /// # Errors
    /// If the configuration does not tell.
    pub fn of(config: &Config, scrubber: &Scrubber) -> Result<Self, Unknown> {
        let unread = Unknown::NotCognito("the configuration could not be read; pomlint check says why");
        let settings = config.settings.as_ref().ok_or(unread)?;
        if settings.zero_token.is_some() {
            return Err(Unknown::NotCognito(MANAGED_BY_ZERO));
        }
        // Before there is a pool, nothing says yet that it will be one of Cognito's.
        let names_another = settings.idp_provider.is_some() || settings.idp_provider_url.is_some();
        match config.subject() {
            Subject::Other(why) if names_another || why == SERVES_NO_LOGIN => return Err(Unknown::NotCognito(why)),
            _ => {}
        }
        let clients = config.clients();
        let literals = Literals::of(config, &clients);
        let login = Login::of(settings, config.version);
        let known = clients.iter().zip(&literals.clients);
        let mut known: Vec<AppClient> = known.map(|(client, own)| AppClient::of(client, own, scrubber)).collect();
        // Of one client, Pomerium may hold two secrets, or one in two ways.
        let mut ids = HashSet::new();
        known.retain(|client| client.id.as_ref().is_none_or(|id| ids.insert(id.clone())));
        let mut notes = Vec::new();
        sent::refused(config, &mut notes);
        sent::elsewhere(config, &known, &mut notes);
        sent::clients(&known, &mut notes);
        let scopes = sent::scopes(config, &literals, &login, &mut notes)?;
        let issuer = settings.idp_provider_url.as_ref().map_or("", |issuer| issuer.value.as_str());
        let session = sent::session(settings.cookie_expire.as_ref());
        let sign_out = sent::sign_out(settings, config.version, &login, &mut notes);
        let this = Self {
            file: config.path.clone(),
            version: config.version,
            pool: sent::pool(issuer),
            callback: sent::callback(settings, &literals, &login, &mut notes)?,
            sign_out,
            scopes,
            identity_provider: sent::identity_provider(&login, &mut notes),
            is_provider_pinned: login.chosen_provider("identity_provider").is_some(),
            session,
            refresh_days: sent::refresh_days(session, &mut notes),
            clients: known,
            notes,
            check: None,
            is_among_others: false,
        };
        this.without_secrets(scrubber)
    }

    /// A value that is a secret, or holds one, would be of no use without it.
    fn without_secrets(mut self, scrubber: &Scrubber) -> Result<Self, Unknown> {
        let is_clean = |text: &str| matches!(scrubber.scrub(text), Cow::Borrowed(_));
        let wrong = [
            ("the callback", is_clean(&self.callback)),
            ("the sign-out URL", self.sign_out.as_deref().is_none_or(is_clean)),
            ("a scope", self.scopes.iter().all(|scope| is_clean(scope))),
            ("the identity provider", is_clean(&self.identity_provider)),
            ("the user pool", self.pool.as_ref().is_none_or(|pool| is_clean(&pool.id))),
        ];
        if let Some((what, _)) = wrong.into_iter().find(|(_, is_clean)| !is_clean) {
            return Err(Unknown::Secret(what));
        }
        for words in &mut self.notes {
            *words = scrubber.scrub(words).into_owned();
        }
        Ok(self)
    }

    /// The members that describe an app client in the API, in its order; the names are those of `CreateUserPoolClient`.
    fn properties(&self, index: usize) -> Vec<(&'static str, Property<'_>)> {
        use Property::{List, Number, On, Text};
        let one = |text: &'static str| List(vec![text]);
        let mut all = vec![
            ("ClientName", Text(Cow::Owned(client_name(index)))),
            ("GenerateSecret", On),
            ("AllowedOAuthFlowsUserPoolClient", On),
            ("AllowedOAuthFlows", one("code")),
            ("AllowedOAuthScopes", List(self.scopes.iter().map(String::as_str).collect())),
            ("CallbackURLs", List(vec![&self.callback])),
        ];
        all.extend(self.sign_out.iter().map(|url| ("LogoutURLs", List(vec![url]))));
        all.extend([
            ("SupportedIdentityProviders", List(vec![&self.identity_provider])),
            ("ExplicitAuthFlows", one("ALLOW_REFRESH_TOKEN_AUTH")),
            ("EnableTokenRevocation", On),
            ("RefreshTokenValidity", Number(self.refresh_days)),
            ("TokenValidityUnits", Property::Unit("RefreshToken", "days")),
        ]);
        all
    }

    /// The sentences above everything.
    fn heading(&self) -> Vec<String> {
        let mut lines =
            vec![format!("What Amazon Cognito must be told for {} (Pomerium {}).", self.file, self.version)];
        lines.extend(self.notes.iter().cloned());
        lines
    }

    /// The command that judges what is written here, once it stands in this file. A client of a route is named by its id, if it has one:
    /// several routes can have one `from`; and so is one beside which those of others are judged.
    fn judged(&self, file: &str, address: impl Fn(usize) -> String) -> Option<String> {
        let named = |(index, client): (usize, &AppClient)| {
            let id = client.id.as_ref().filter(|_| client.route.is_some() || self.is_among_others);
            let name = id.or(client.route.as_ref());
            let named = name.map_or_else(String::new, |name| format!("{name}=")) + &address(index);
            format!(" --infra-client {}", shell::quoted(&named))
        };
        let clients: String = self.clients.iter().enumerate().map(named).collect();
        Some(format!("{} --infra {file}{clients}", self.check.as_ref()?))
    }

    /// What comes back into Pomerium's configuration.
    fn comes_back(&self, client: &AppClient) -> String {
        let mut names = Vec::new();
        if self.pool.is_none() {
            names.push("idp_provider_url (the issuer: https://cognito-idp.REGION.amazonaws.com/POOL)");
        }
        if client.id.is_none() {
            names.push("idp_client_id");
        }
        names.push("idp_client_secret");
        format!("Into Pomerium's configuration come back: {}.", names.join(", "))
    }
}

/// The value of a property of an app client.
enum Property<'r> {
    Text(Cow<'r, str>),
    List(Vec<&'r str>),
    Number(u64),
    /// An object with one member.
    Unit(&'static str, &'static str),
    On,
}

/// Why a pool's domain is not among it.
const NO_DOMAIN: &str = "The pool needs a domain for its login pages. It is not made here, as a pool has one prefix domain and one \
                         custom domain for all its clients, and may have it already.";

/// What managed login wants besides.
const BRANDING: &str =
    "With managed login (version 2) Cognito serves no page to a client that has no style of its own.";

/// What happens to an existing client where code says what it is.
const LISTS_REPLACED: &str =
    "What stands below takes the place of what the client has: write into the lists first what others use.";

/// Why an existing client is not given a secret.
const SECRET_STAYS: &str = "Whether a client has a secret is decided when it is made, and no update changes it.";

impl AppClient {
    fn of(client: &Client, literals: &ClientLiterals, scrubber: &Scrubber) -> Self {
        // If id and secret are swapped, the id is no id.
        let is_shown = |text: &str| matches!(scrubber.scrub(text), Cow::Borrowed(_));
        let id = Some(&client.id).filter(|id| !id.value.is_empty() && id.kind() == ValueKind::Literal);
        // What nobody has filled in yet is to come.
        let is_elsewhere = client.id.kind() != ValueKind::Unfilled
            && matches!(literals.id, Err(Gap::Placeholder(_) | Gap::Unreadable(_) | Gap::Kept(_) | Gap::NotOpened(_)));
        Self {
            id: id.map(|id| id.value.clone()).filter(|id| is_shown(id)),
            is_elsewhere,
            route: client.route.as_deref().map(|route| scrubber.scrub(route).into_owned()),
        }
    }

    /// Whose client it is, for a heading.
    fn whose(&self) -> String {
        let id = match &self.id {
            Some(id) => format!("app client {id}"),
            None if self.is_elsewhere => "an app client, made anew as its id stands elsewhere".to_owned(),
            None => "a new app client".to_owned(),
        };
        match &self.route {
            Some(route) => format!("{id}, of the route {route}"),
            None => id,
        }
    }
}

/// The name of an app client; no two of them are called alike.
fn client_name(index: usize) -> String {
    if index == 0 { "pomerium".to_owned() } else { format!("pomerium-{}", index + 1) }
}
