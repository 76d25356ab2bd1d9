//! What Amazon Cognito must be told so that a login through a configuration works: the cure of Cognito's side, computed.
//!
//! [`Registration::of`] reads it off a configuration; each form writes it down for one tool. Every text that comes from outside is
//! written as the string of its language (`quote`), so that no hostile URL can end one; in a shell it stands in JSON only.

mod aws_cli;
mod cloudformation;
mod json;
mod quote;
mod table;
mod terraform;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use crate::config::cognito::OWN_USERS;
use crate::config::cognito::region_of_pool;
use crate::config::{
    Client, Config, Gap, Hosting, Literals, Login, MANAGED_BY_ZERO, PomeriumVersion, Setting, Settings, Subject,
    ValueKind, classify,
};
use crate::evidence::pool_of_issuer;
use crate::rules::{scope_objection, url_refusal};
use crate::secret::Scrubber;

pub use aws_cli::aws_cli;
pub use cloudformation::cloudformation;
pub use json::{NAME, SCHEMA, json};
pub use table::table;
pub use terraform::terraform;

/// What Cognito takes if nobody says otherwise, in days.
const USUAL_REFRESH: u64 = 30;
/// The longest that Cognito takes: ten years (API reference, `RefreshTokenValidity`).
const LONGEST_REFRESH: u64 = 3650;

/// The rules of which a finding goes where Cognito is told what is computed here.
pub const CURES: [&str; 13] = [
    "callback-differs-in-case",
    "callback-not-registered",
    "client-not-usable",
    "code-flow-disabled",
    "identity-provider-not-enabled",
    "implicit-flow-enabled",
    "no-identity-provider",
    "oauth-not-enabled",
    "pool-has-no-domain",
    "refresh-not-allowed",
    "scope-not-allowed",
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
    /// How long a refresh token must live: no shorter than a session.
    pub refresh_days: u64,
    /// The app clients.
    pub clients: Vec<AppClient>,
    /// What the user must know beside it.
    pub notes: Vec<String>,
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
    #[error("Cognito cannot be told a callback: {0}\n  pomlint check says how to correct it")]
    Uncallable(String),
    /// The scopes are not known: they are among the parameters of the request.
    #[error("the scopes are not known: the `scope` of idp_request_params does not stand here")]
    Parameter,
    /// The scopes are not known.
    #[error(
        "the scopes are not known: idp_scopes does not stand here\n  try   pomlint setup CONFIG --given idp_scopes=openid,email,profile"
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
            Subject::Other(why) if names_another => return Err(Unknown::NotCognito(why)),
            _ => {}
        }
        let clients = config.clients();
        let literals = Literals::of(config, &clients);
        let login = Login::of(settings, config.version);
        let mut notes = Vec::new();
        let scopes = scopes(config, &literals, &login, &mut notes)?;
        let issuer = settings.idp_provider_url.as_ref().map_or("", |issuer| issuer.value.as_str());
        let sign_out = sign_out(settings, config.version, &login, &mut notes);
        let this = Self {
            file: config.path.clone(),
            version: config.version,
            pool: pool(issuer),
            callback: callback(settings, &literals, &login)?,
            sign_out,
            scopes,
            identity_provider: identity_provider(&login, &mut notes),
            is_provider_pinned: login.request_parameter("identity_provider").is_some(),
            refresh_days: refresh_days(settings.cookie_expire.as_ref(), &mut notes),
            clients: clients.iter().map(|client| AppClient::of(client, scrubber)).collect(),
            notes,
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

/// Why an existing client is not given a secret.
const SECRET_STAYS: &str = "Whether a client has a secret is decided when it is made, and no update changes it.";

impl AppClient {
    fn of(client: &Client, scrubber: &Scrubber) -> Self {
        // If id and secret are swapped, the id is no id.
        let is_shown = |text: &str| matches!(scrubber.scrub(text), Cow::Borrowed(_));
        let id = Some(&client.id).filter(|id| !id.value.is_empty() && id.kind() == ValueKind::Literal);
        Self {
            id: id.map(|id| id.value.clone()).filter(|id| is_shown(id)),
            route: client.route.as_deref().map(|route| scrubber.scrub(route).into_owned()),
        }
    }

    /// Whose client it is, for a heading.
    fn whose(&self) -> String {
        let id = self.id.as_ref().map_or_else(|| "a new app client".to_owned(), |id| format!("app client {id}"));
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

fn callback(settings: &Settings, literals: &Literals, login: &Login) -> Result<String, Unknown> {
    let callback = callback_sent(settings, literals, login)?;
    match url_refusal(&callback) {
        Some(why) => Err(Unknown::Uncallable(format!("it does not take `{callback}`, as {why}"))),
        None => Ok(callback),
    }
}

fn callback_sent(settings: &Settings, literals: &Literals, login: &Login) -> Result<String, Unknown> {
    // `idp_request_params` are set last, and so are what is sent.
    if let Some(sent) = login.request_parameter("redirect_uri").filter(|sent| classify(sent) == ValueKind::Literal) {
        return Ok(sent.to_owned());
    }
    let is_set = |url: &Option<Setting<String>>| url.as_ref().is_some_and(|url| !url.value.is_empty());
    match &literals.own_authenticate_url {
        Ok(_) if !login.redirect_uri.is_empty() => Ok(login.redirect_uri.clone()),
        Err(Gap::Placeholder(_)) => {
            Err(Unknown::Callback("authenticate_service_url is filled in elsewhere".to_owned()))
        }
        Err(Gap::Unreadable(why) | Gap::Kept(why) | Gap::NotOpened(why)) => Err(Unknown::Callback(why.clone())),
        _ if login.hosting == Hosting::Hosted => {
            let names = |option: &str| {
                Err(Unknown::Uncallable(format!(
                    "{option} names Pomerium's hosted service, where the login then runs and no idp_* setting is heeded"
                )))
            };
            if is_set(&settings.authenticate_internal_service_url) {
                return names("authenticate_internal_service_url");
            }
            if is_set(&settings.authenticate_service_url) {
                return names("authenticate_service_url");
            }
            Err(Unknown::Callback(
                "without authenticate_service_url the login runs on Pomerium's hosted service, which heeds no idp_* setting"
                    .to_owned(),
            ))
        }
        Err(Gap::Unset(why)) => Err(Unknown::Callback((*why).to_owned())),
        Err(Gap::Beside(why)) => Err(Unknown::Uncallable((*why).to_owned())),
        _ => Err(Unknown::Uncallable("Pomerium cannot parse authenticate_service_url".to_owned())),
    }
}

/// The URL to which a sign-out comes back.
fn sign_out(settings: &Settings, version: PomeriumVersion, login: &Login, notes: &mut Vec<String>) -> Option<String> {
    let url = login.sign_out_uri.clone().or_else(|| Login::sign_out_on_request(settings, version))?;
    if let Some(why) = url_refusal(&url) {
        notes.push(format!("Left out: Pomerium signs users out to `{url}`, which Cognito does not take, as {why}."));
        return None;
    }
    Some(url)
}

fn scopes(
    config: &Config,
    literals: &Literals,
    login: &Login,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Unknown> {
    if let Err(Gap::Placeholder(_) | Gap::Unreadable(_) | Gap::Kept(_) | Gap::NotOpened(_)) = &literals.scopes {
        return Err(if login.request_parameter("scope").is_some() { Unknown::Parameter } else { Unknown::Scopes });
    }
    let parameter = login.request_parameter("scope");
    let sent = parameter.unwrap_or(&login.scope);
    let named = |option: &str| config.reading.dialect.path(option).unwrap_or_else(|| option.to_owned());
    let cure = if config.version < config.reading.dialect.cognito_since() {
        format!("with `{}`", named("idp_scopes"))
    } else {
        format!("with `{}: cognito` or with `{}`", named("idp_provider"), named("idp_scopes"))
    };
    let mut scopes: Vec<String> = Vec::new();
    for word in sent.split_ascii_whitespace() {
        if classify(word) != ValueKind::Literal {
            return Err(if parameter.is_some() { Unknown::Parameter } else { Unknown::Scopes });
        }
        match scope_objection(word) {
            Some(why) => notes.push(format!(
                "Left out: the scope `{word}` {why}. Pomerium asks for it all the same, and Cognito refuses that: take it out of \
                 what Pomerium asks for, {cure}."
            )),
            None if scopes.iter().any(|known| known == word) => {}
            None => scopes.push(word.to_owned()),
        }
    }
    if scopes.is_empty() {
        notes.push(
            "No scope is left: Cognito takes a client for the code flow only with one, `openid` at least.".to_owned(),
        );
    }
    Ok(scopes)
}

fn identity_provider(login: &Login, notes: &mut Vec<String>) -> String {
    match login.request_parameter("identity_provider") {
        Some(name) if classify(name) == ValueKind::Literal => return name.to_owned(),
        Some(_) => notes.push(
            "Which identity_provider Pomerium asks for is filled in elsewhere: name that one in the place of COGNITO."
                .to_owned(),
        ),
        None if login.request_parameter("idp_identifier").is_some() => notes.push(
            "Pomerium asks for a provider by its idp_identifier: name that provider of the pool in the place of COGNITO."
                .to_owned(),
        ),
        None => {}
    }
    OWN_USERS.to_owned()
}

fn refresh_days(session: Option<&Setting<Duration>>, notes: &mut Vec<String>) -> u64 {
    let days = session.map_or(0, |session| session.value.as_secs().div_ceil(86_400));
    if days > LONGEST_REFRESH {
        notes.push(format!(
            "A session of `cookie_expire` lasts {days} days, and a refresh token of Cognito at most {LONGEST_REFRESH}."
        ));
    }
    days.clamp(USUAL_REFRESH, LONGEST_REFRESH)
}

/// The pool of an issuer, also of one that is written with too much behind it.
fn pool(issuer: &str) -> Option<Pool> {
    let issuer = issuer.trim_end_matches('/');
    let issuer = issuer.strip_suffix("/.well-known/openid-configuration").unwrap_or(issuer);
    let id = pool_of_issuer(issuer)?;
    Some(Pool { id: id.to_owned(), region: region_of_pool(id)?.to_owned() })
}
