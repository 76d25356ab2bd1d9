//! The description of a user pool, as the `pool` block of a rule page writes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::answer::api::Api;
use super::answer::sign_in::Person;

/// A user pool with its domain and its app clients. The default is one through which a login works.
///
/// A description leaves out what is as in the default; a partial `client:` is laid over the default client.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_field_names, clippy::struct_excessive_bools, reason = "the names and values that a page writes")]
pub struct Pool {
    /// The region it lives in.
    pub region: String,
    /// Its id.
    pub pool_id: String,
    /// The pool that its own redirects name, if it is another one.
    pub told_pool: Option<String>,
    /// `false`: Cognito knows no such pool (any more).
    pub exists: bool,
    /// Where its login pages are.
    pub domain: Domain,
    /// The shape of its discovery document.
    pub generation: Generation,
    /// The issuer that its tokens name.
    pub issuer: IssuerKind,
    /// The domain serves managed login (`ManagedLoginVersion: 2`) rather than the classic hosted pages.
    pub managed_login: bool,
    /// A firewall refuses everything on the login domain.
    pub waf: bool,
    /// How far the provider's clock is ahead, in seconds.
    pub clock_ahead: i64,
    /// `false`: the name server does not know the login domain.
    pub domain_resolves: bool,
    /// The certificate of the login domain.
    pub domain_certificate: DomainCertificate,
    /// What the discovery URL answers instead.
    pub discovery: DiscoveryOverride,
    /// What the key URL answers instead.
    pub jwks: Override,
    /// What the login page answers instead.
    pub login: Override,
    /// The app client.
    pub client: AppClient,
    /// Further app clients.
    pub clients: Vec<AppClient>,
    /// Who signs in there; without anybody, no code is ever made.
    #[serde(skip)]
    pub person: Option<Person>,
    /// What the API of AWS says and refuses; without it, nobody who judges an example asks it.
    pub aws: Option<Api>,
    /// The pools that `--pool` names.
    pub expected_pools: Vec<String>,
}

/// Where a pool serves its login pages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Domain {
    /// Nowhere.
    None,
    /// Below `amazoncognito.com`.
    Prefix(String),
    /// At a host of the customer's own.
    Custom(String),
}

/// The shapes that discovery documents have had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Generation {
    /// With `revocation_endpoint` and `end_session_endpoint`, since 2024-02.
    #[serde(rename = "modern")]
    Modern,
    /// Without these two.
    #[serde(rename = "2019")]
    Y2019,
    /// Without a domain, also without the token and user-info endpoints.
    #[serde(rename = "2017")]
    Y2017,
}

/// `UserPool.IssuerConfiguration.Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerKind {
    /// `https://cognito-idp.REGION.amazonaws.com/POOL`.
    Original,
    /// `https://issuer-cognito-idp.REGION.amazonaws.com/POOL`.
    Updated,
}

/// The certificate that the login domain shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DomainCertificate {
    /// A good one.
    Valid,
    /// One that has expired.
    Expired,
    /// One for another name.
    WrongName,
}

/// Replaces an answer, wholly or in part.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Override {
    /// The status.
    pub status: Option<u16>,
    /// The body.
    pub body: Option<String>,
}

/// Replaces the answer of the discovery URL, wholly or in part.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DiscoveryOverride {
    /// The status.
    pub status: Option<u16>,
    /// Headers to set, or to leave out if `null`.
    pub headers: BTreeMap<String, Option<String>>,
    /// The body.
    pub body: Option<String>,
    /// Keys of the document to set.
    pub set: BTreeMap<String, Value>,
    /// Keys of the document to leave out.
    pub remove: Vec<String>,
}

/// An app client.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppClient {
    /// `ClientId`.
    pub id: String,
    /// `ClientSecret`; `none` is a public client.
    #[serde(deserialize_with = "or_none")]
    pub secret: Option<String>,
    /// `AllowedOAuthFlowsUserPoolClient`.
    pub oauth: bool,
    /// `AllowedOAuthFlows`: `code`, `implicit`, `client_credentials`.
    pub flows: Vec<String>,
    /// `AllowedOAuthScopes`.
    pub scopes: Vec<String>,
    /// `CallbackURLs`.
    pub callback_urls: Vec<String>,
    /// `LogoutURLs`.
    pub logout_urls: Vec<String>,
    /// `SupportedIdentityProviders`.
    pub identity_providers: Vec<String>,
    /// It has a managed-login branding style.
    pub branding: bool,
}

/// The client id of the default client.
pub const CLIENT_ID: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
/// The secret of the default client.
pub const CLIENT_SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
/// The callback URL of the default client.
pub const CALLBACK: &str = "https://authenticate.corp.example.com/oauth2/callback";

impl Default for Pool {
    fn default() -> Self {
        Self {
            region: "eu-west-1".into(),
            pool_id: "eu-west-1_9xK2mPq7R".into(),
            told_pool: None,
            exists: true,
            domain: Domain::Prefix("acme".into()),
            generation: Generation::Modern,
            issuer: IssuerKind::Original,
            managed_login: false,
            waf: false,
            clock_ahead: 0,
            domain_resolves: true,
            domain_certificate: DomainCertificate::Valid,
            discovery: DiscoveryOverride::default(),
            jwks: Override::default(),
            login: Override::default(),
            client: AppClient::default(),
            clients: Vec::new(),
            person: None,
            aws: None,
            expected_pools: Vec::new(),
        }
    }
}

impl Default for AppClient {
    fn default() -> Self {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        Self {
            id: CLIENT_ID.into(),
            secret: Some(CLIENT_SECRET.into()),
            oauth: true,
            flows: list(&["code"]),
            scopes: list(&["openid", "email", "profile"]),
            callback_urls: list(&[CALLBACK]),
            logout_urls: list(&["https://authenticate.corp.example.com/.pomerium/signed_out"]),
            identity_providers: list(&["COGNITO"]),
            branding: true,
        }
    }
}

impl From<String> for Domain {
    fn from(text: String) -> Self {
        match text.as_str() {
            "none" => Self::None,
            name if name.contains('.') => Self::Custom(text),
            _ => Self::Prefix(text),
        }
    }
}

fn or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    Ok((text != "none").then_some(text))
}

/// The regions that have user pools (the SDK's endpoint data of 2026-08). A list of its own: a stand-in that asked the program what
/// exists would confirm whatever the program believes.
const REGIONS: [&str; 37] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// The regions that also answer under a FIPS name.
const FIPS_REGIONS: [&str; 5] = ["us-east-1", "us-east-2", "us-west-1", "us-west-2", "us-gov-west-1"];

/// What a host is to a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// `cognito-idp` (or its FIPS name) of a region.
    Service {
        /// The region.
        region: String,
    },
    /// `issuer-cognito-idp` of a region.
    Issuer {
        /// The region.
        region: String,
    },
    /// The login domain of the pool.
    Domain,
}

impl Pool {
    /// Reads a description.
    ///
    /// # Errors
    /// What is wrong with it, and the line.
    pub fn from_yaml(text: &str) -> Result<Self, String> {
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Self::default());
        }
        serde_yaml::from_str(text).map_err(|error| error.to_string())
    }

    /// The issuer that the plain host advertises, whatever the tokens say.
    pub fn original_issuer(&self) -> String {
        format!("https://cognito-idp.{}.{}/{}", self.region, suffix(&self.region), self.pool_id)
    }

    /// The issuer of a pool that was switched to the new kind.
    pub fn updated_issuer(&self) -> String {
        format!("https://issuer-cognito-idp.{}.{}/{}", self.region, suffix(&self.region), self.pool_id)
    }

    /// The host of the login pages.
    pub fn domain_host(&self) -> Option<String> {
        match &self.domain {
            Domain::None => None,
            Domain::Custom(host) => Some(host.clone()),
            // GovCloud has FIPS names only.
            Domain::Prefix(prefix) if self.region.starts_with("us-gov-") => {
                Some(format!("{prefix}.auth-fips.{}.amazoncognito.com", self.region))
            }
            Domain::Prefix(prefix) => Some(format!("{prefix}.auth.{}.amazoncognito.com", self.region)),
        }
    }

    /// The app client of that id.
    pub fn app_client(&self, id: &str) -> Option<&AppClient> {
        std::iter::once(&self.client).chain(&self.clients).find(|client| client.id == id)
    }

    /// What a host is to this pool; `None` for a name that Cognito does not answer to.
    ///
    /// A region of that spelling must exist, and of the names below `amazoncognito.com` only the pool's own does.
    pub fn host(&self, name: &str) -> Option<Host> {
        let name = name.to_ascii_lowercase();
        if self.exists && self.domain_host().is_some_and(|host| host.eq_ignore_ascii_case(&name)) {
            return Some(Host::Domain);
        }
        let (service, rest) = name.split_once('.')?;
        let (region, rest) = rest.split_once('.')?;
        if !REGIONS.contains(&region) || rest != suffix(region) {
            return None;
        }
        let region = region.to_owned();
        match service {
            "cognito-idp" => Some(Host::Service { region }),
            "cognito-idp-fips" if FIPS_REGIONS.contains(&region.as_str()) => Some(Host::Service { region }),
            "issuer-cognito-idp" => Some(Host::Issuer { region }),
            _ => None,
        }
    }

    /// Whether the name server knows a host.
    pub fn resolves(&self, name: &str) -> bool {
        match self.host(name) {
            Some(Host::Domain) => self.domain_resolves,
            known => known.is_some(),
        }
    }
}

/// The DNS suffix of a region's partition.
fn suffix(region: &str) -> &'static str {
    if region.starts_with("eusc-") { "amazonaws.eu" } else { "amazonaws.com" }
}
