//! What a sign-in needs to know of a configuration, and the reason if it does not tell.

use url::Url;

use crate::cli::Login;
use crate::commands::StartError;
use crate::commands::judging::reaching;
use crate::config::{Client, ClientSecret, Config, Gap, Hosting, Literals, Route, kept_back, kept_back_issuer};
use crate::evidence::{Network, NetworkOptions, is_loopback, most_questions};
use crate::secret::Secret;

/// Further requests: the callback on this machine, the code, userinfo, and the refresh token.
const OF_SIGN_IN: usize = 8;

/// What a sign-in is made with.
pub(super) struct Brief<'a> {
    pub(super) config: &'a Config,
    pub(super) clients: Vec<Client>,
    pub(super) literals: Literals,
    /// The place of the client among them.
    index: usize,
    /// The routes whose users log in with this client, or the one that was asked for.
    pub(super) routes: Vec<&'a Route>,
    /// How many routes are left out, as their users log in with another client.
    pub(super) others: usize,
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) secret: Option<Secret>,
    pub(super) login: crate::config::Login,
    /// A callback on this machine, and whether the user named it.
    pub(super) loopback: Option<(Url, bool)>,
}

impl<'a> Brief<'a> {
    /// Reads it off a configuration.
    ///
    /// # Errors
    /// In words, with what to do.
    pub(super) fn of(config: &'a Config, command: &Login) -> Result<Self, String> {
        let clients = config.clients();
        let literals = Literals::of(config, &clients);
        let all = config.settings.as_ref().map_or(&[][..], |settings| settings.routes.as_slice());
        let asked = command.route.as_deref().map(|from| route(all, from)).transpose()?;
        let client = match asked {
            Some(route) => config.client_of(route, &clients),
            None => clients.first(),
        };
        let Some(client) = client else { return Err("no app client is configured".to_owned()) };
        let index = client.index;
        let routes: Vec<&Route> = match asked {
            Some(route) => vec![route],
            None => all.iter().filter(|route| is_of(config, route, &clients, index)).collect(),
        };
        let known = literals.clients.get(index).ok_or("no app client is configured")?;
        let issuer = literals.issuer.as_ref().map_err(|gap| lacking("idp_provider_url", gap))?.0.value.clone();
        let client_id = known.id.as_ref().map_err(|gap| lacking("idp_client_id", gap))?.0.value.clone();
        let login = literals.login.as_ref().map_err(|gap| lacking("authenticate_service_url", gap))?.clone();
        if login.hosting == Hosting::Hosted {
            return Err(
                "Pomerium's hosted service runs the login of this configuration, and never asks Cognito".to_owned()
            );
        }
        let kept = kept_back_issuer(&issuer).map(str::to_owned).or_else(|| kept_back(&login, &client_id));
        if let Some(why) = kept {
            return Err(why);
        }
        let secret = match (&client.secret, &known.secret) {
            _ if command.no_secret => None,
            (ClientSecret::Absent, _) => return Err(NO_SECRET.to_owned()),
            (_, Ok(secret)) if secret.0.value.expose().is_empty() => return Err(NO_SECRET.to_owned()),
            (_, Ok(secret)) => Some(secret.0.value.clone()),
            (_, Err(gap)) => return Err(lacking("idp_client_secret", gap)),
        };
        let others = if asked.is_some() { 0 } else { all.len() - routes.len() };
        let loopback = match &command.loopback {
            Some(url) => Some((own_machine(url).ok_or_else(|| not_loopback(url))?, true)),
            None => own_machine(&login.redirect_uri).map(|url| (url, false)),
        };
        Ok(Self { config, clients, literals, index, routes, others, issuer, client_id, secret, login, loopback })
    }

    /// The network of this sign-in.
    pub(super) fn network(&self, command: &Login) -> Result<Network, StartError> {
        let options = NetworkOptions {
            secret_hosts: command.secret_to.clone(),
            timeout: command.timeout,
            budget: most_questions(self.clients.len()) + OF_SIGN_IN,
            ..reaching(&command.reach)?
        };
        Network::new(options).map_err(|error| StartError::Option(error.to_string()))
    }

    /// Whether this is a client of more than one.
    pub(super) fn has_several_clients(&self) -> bool {
        self.clients.len() > 1
    }

    /// The number of its client, from 1.
    pub(super) fn number(&self) -> usize {
        self.index + 1
    }
}

const NO_SECRET: &str = "no client secret is configured here\n  try   --env or --env-file FILE, if it stands in the environment\n        --no-secret, if the app client has none";

fn is_of(config: &Config, route: &Route, clients: &[Client], index: usize) -> bool {
    config.client_of(route, clients).is_some_and(|client| client.index == index)
}

fn route<'a>(routes: &'a [Route], from: &str) -> Result<&'a Route, String> {
    let of = |route: &&Route| route.from.as_ref().is_some_and(|known| known.value == from);
    routes.iter().find(of).ok_or_else(|| {
        let known: Vec<&str> = routes.iter().filter_map(|route| Some(route.from.as_ref()?.value.as_str())).collect();
        format!("no route has the `from` {from}; there are: {}", known.join(", "))
    })
}

/// Why an option is not at hand, and what to do.
fn lacking(option: &str, gap: &Gap) -> String {
    match gap {
        Gap::Unread => "the configuration cannot be read\n  try   pomlint check CONFIG".to_owned(),
        Gap::Beside(why) | Gap::Unset(why) => (*why).to_owned(),
        Gap::Perhaps => {
            format!("{option} is not at hand: whose the issuer is cannot be told\n  try   pomlint check CONFIG")
        }
        Gap::Placeholder(_) => format!(
            "{option} is a placeholder here\n  try   --env or --env-file FILE, if it stands in the environment\n        --expand-env=NAME, if the variable NAME is filled in before it is deployed"
        ),
        Gap::Unreadable(why) | Gap::Kept(why) | Gap::NotOpened(why) => format!("{option} is not at hand: {why}"),
    }
}

/// A URL of this machine, at which a browser can be waited for.
fn own_machine(text: &str) -> Option<Url> {
    let is_plain = |url: &Url| url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    Url::parse(text).ok().filter(|url| url.scheme() == "http" && is_loopback(url) && is_plain(url))
}

fn not_loopback(url: &str) -> String {
    // Whoever writes a password into it does not want to see it.
    let url = crate::evidence::redact(url);
    format!(
        "--loopback {url} is no address of this machine; Cognito takes http://localhost[:PORT][/PATH], 127.0.0.1 and [::1]"
    )
}
