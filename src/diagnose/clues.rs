//! What the input tells about the login it comes from, so that the pool can be asked without a configuration.

use std::fmt::Write as _;

use super::line::{Address, Line};
use super::texts::Texts;
use crate::config::cognito::pool_in;
use crate::evidence::{Need, is_cognito_issuer_host, is_cognito_login_host};
use crate::host;
use crate::rules::{Rule, Stage};

/// Longer values are nobody's.
const LONGEST: usize = 1024;

/// The path of every callback of Pomerium (`authenticate/handlers.go`).
const CALLBACK: &str = "/oauth2/callback";

/// Pages that only Pomerium has (`pkg/endpoints/paths.go`).
const OWN_PAGES: [&str; 2] = ["/.pomerium", "/.well-known/pomerium"];

static OWN: Texts = Texts::new(&OWN_PAGES);

/// Whether a page of Pomerium's own may stand in a text in lower case.
pub(super) fn may_be_pomeriums(lower: &str) -> bool {
    OWN.any_in(lower)
}

/// Whether a path is this one, or one below it.
fn is_below(path: &str, page: &str) -> bool {
    path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whose pages are pasted for what they say, and never for a Pomerium that runs there. Clouds have the hosts of their customers' machines
/// below other names.
const NOT_POMERIUMS: [&str; 15] = [
    "amazoncognito.com",
    "amazonaws.com",
    "aws.amazon.com",
    "aws.dev",
    "awsapps.com",
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "google.com",
    "stackoverflow.com",
    "slack.com",
    "pomerium.com",
    "microsoft.com",
    "cloudflare.com",
    "atlassian.net",
];

/// Rules that judge the scopes alone, and nobody's answer.
const OF_SCOPES: [&str; 2] = ["scope-unsupported", "scope-openid-missing"];

/// What was revealed: the first of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clues {
    /// The pool's issuer.
    pub issuer: Option<String>,
    /// The user pool, whatever names it.
    pub pool: Option<String>,
    /// The host of the login pages.
    pub domain: Option<String>,
    /// A host that may be a login domain of the customer's own: it has the path of one of Cognito's pages.
    pub custom_domain: Option<String>,
    /// The app client.
    pub client_id: Option<String>,
    /// The callback URL.
    pub redirect_uri: Option<String>,
    /// The scopes asked for.
    pub scope: Option<String>,
    /// Where a page of Pomerium's own was asked for.
    pub pomerium: Option<String>,
}

impl Clues {
    /// Takes what the addresses of a line reveal: of a recognised line anything, of another only what is on Cognito's hosts.
    pub(super) fn learn(&mut self, addresses: &[Address], is_recognised: bool) {
        for address in addresses {
            let host = address.host.as_deref().unwrap_or_default();
            let path = address.path.as_deref().unwrap_or_default();
            let is_login = is_cognito_login_host(host);
            if is_login {
                keep(&mut self.domain, host);
            }
            if is_cognito_issuer_host(host) {
                let pool = path.split('/').nth(1).unwrap_or_default();
                if pool.contains('_') {
                    keep(&mut self.issuer, &format!("https://{host}/{pool}"));
                    keep(&mut self.pool, pool);
                }
            }
            if path == CALLBACK && !host.is_empty() && is_recognised {
                keep(&mut self.redirect_uri, &(address.origin() + CALLBACK));
            }
            if !host.is_empty() && OWN_PAGES.iter().any(|page| is_below(path, page)) {
                keep(&mut self.pomerium, &address.origin());
            }
            let is_page = is_recognised && ["/error", "/login", "/oauth2/authorize"].contains(&path);
            if is_page && !is_login && !address.is_impostor() {
                keep(&mut self.custom_domain, host);
            }
            if is_login || is_page && !address.is_impostor() {
                for (slot, name) in [
                    (&mut self.client_id, "client_id"),
                    (&mut self.redirect_uri, "redirect_uri"),
                    (&mut self.scope, "scope"),
                ] {
                    if let Some(value) = address.parameter(name) {
                        keep(slot, value);
                    }
                }
            }
        }
    }

    /// Takes an address that stands alone, by which one asks after whatever runs there: of a host that is nobody's whom a login is known
    /// to lead to.
    pub(super) fn learn_alone(&mut self, line: &Line) {
        let ([address], text) = (line.addresses(), line.plain.trim().trim_matches(['<', '>', '"', '\'', '`'])) else {
            return;
        };
        let host = address.host.as_deref().unwrap_or_default();
        let is_alone = text.starts_with("https://") && !text.contains(char::is_whitespace);
        let is_strangers =
            address.is_of_another_provider() || NOT_POMERIUMS.iter().any(|domain| host::is_within(host, domain));
        if is_alone && host.contains('.') && !is_strangers {
            keep(&mut self.pomerium, &address.origin());
        }
    }

    /// Takes the host at which a page of a Pomerium was asked for. Load balancers write the port of https into their logs.
    pub(super) fn learn_running(&mut self, host: &str) {
        keep(&mut self.pomerium, &format!("https://{}", host.strip_suffix(":443").unwrap_or(host)));
    }

    /// Takes the pool that a recognised line in lower case calls one: `User pool eu-west-1_9xK2mPq7R does not exist.`
    pub(super) fn learn_pool(&mut self, line: &Line) {
        const CALLED: &str = "user pool ";
        let behind = || line.lower.find(CALLED).and_then(|at| line.plain.get(at + CALLED.len()..));
        if self.pool.is_none()
            && let Some(pool) = behind().and_then(pool_in)
        {
            keep(&mut self.pool, pool);
        }
    }

    /// Takes what the lines behind reveal.
    pub(super) fn join(&mut self, behind: Self) {
        let Self { issuer, pool, domain, custom_domain, client_id, redirect_uri, scope, pomerium } = behind;
        for (slot, value) in [
            (&mut self.issuer, issuer),
            (&mut self.pool, pool),
            (&mut self.domain, domain),
            (&mut self.custom_domain, custom_domain),
            (&mut self.client_id, client_id),
            (&mut self.redirect_uri, redirect_uri),
            (&mut self.scope, scope),
            (&mut self.pomerium, pomerium),
        ] {
            *slot = slot.take().or(value);
        }
    }

    /// The issuer and client that a token names.
    pub(super) fn of_token(issuer: Option<&str>, client_id: Option<&str>) -> Self {
        let mut clues = Self::default();
        if let Some(issuer) = issuer {
            let host = host::of(issuer).unwrap_or_default();
            if is_cognito_issuer_host(&host) {
                keep(&mut clues.issuer, issuer);
            }
        }
        if let Some(client_id) = client_id {
            keep(&mut clues.client_id, client_id);
        }
        clues
    }

    /// Takes the host that may be a custom domain for one, if the user lets it be asked and nothing better is known.
    pub fn trust(&mut self, hosts: &[String]) {
        let is_trusted = |host: &String| hosts.iter().any(|trusted| trusted.eq_ignore_ascii_case(host));
        if !self.reach_a_pool() {
            self.domain = self.custom_domain.clone().filter(is_trusted);
        }
    }

    /// Whether anybody could be asked.
    pub fn reach_a_pool(&self) -> bool {
        self.issuer.is_some() || self.domain.is_some()
    }

    /// The origin of Pomerium's authenticate service, if the callback is one of Pomerium's.
    pub fn origin(&self) -> Option<&str> {
        self.redirect_uri.as_deref()?.strip_suffix(CALLBACK)
    }

    /// Where a running Pomerium can be asked: over https alone.
    pub fn running(&self) -> Option<&str> {
        self.origin().or(self.pomerium.as_deref()).filter(|origin| origin.starts_with("https://"))
    }

    /// Whether the browser came back from Cognito over https.
    pub(super) fn is_callback_secure(&self) -> bool {
        self.redirect_uri.as_deref().is_some_and(|callback| callback.starts_with("https://"))
    }

    /// Whether the clues are enough to judge a rule.
    pub fn can_judge(&self, rule: &Rule) -> bool {
        if OF_SCOPES.contains(&rule.name) {
            return self.scope.is_some() && self.issuer.is_some();
        }
        let asks = rule.needs.iter().any(|need| *need != Need::File && *need != Need::Token && *need != Need::SignOut);
        let has_client = self.client_id.is_some();
        let has_login = has_client && self.origin().is_some();
        asks && match rule.stage {
            Stage::Issuer | Stage::Discovery | Stage::Keys => self.issuer.is_some(),
            Stage::Domain => self.reach_a_pool(),
            Stage::Client => self.reach_a_pool() && has_client,
            Stage::Callback | Stage::Flow | Stage::Login => self.reach_a_pool() && has_login,
            Stage::Scopes => self.reach_a_pool() && has_login && self.scope.is_some(),
            _ => false,
        }
    }

    /// The Pomerium configuration that the clues describe, as far as they go.
    ///
    /// Without a callback, one that nobody can have registered stands in: Cognito looks at the client before the callback.
    pub fn configuration(&self) -> String {
        let mut text = String::from("# What was pasted says this much of the configuration.\n");
        let mut set = |name: &str, value: &str| {
            let value = serde_json::to_string(value).unwrap_or_default();
            let _ = writeln!(text, "{name}: {value}");
        };
        set("authenticate_service_url", self.origin().unwrap_or("https://callback-not-known.invalid"));
        set("idp_provider", "cognito");
        if let Some(issuer) = &self.issuer {
            set("idp_provider_url", issuer);
        }
        if let Some(client_id) = &self.client_id {
            set("idp_client_id", client_id);
        }
        if let Some(scope) = &self.scope {
            set("idp_scopes", &scope.split_ascii_whitespace().collect::<Vec<_>>().join(","));
        }
        text
    }
}

/// Keeps the first value there is.
fn keep(slot: &mut Option<String>, value: &str) {
    if slot.is_none() && !value.is_empty() && value.len() <= LONGEST && !value.chars().any(char::is_control) {
        *slot = Some(value.to_owned());
    }
}
