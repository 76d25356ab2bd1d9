//! The facts that rules judge.

use serde_json::{Map, Value};

/// What the discovery URL answered, whatever it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryAnswer {
    /// The URL asked.
    pub url: String,
    /// The status of the last answer.
    pub status: u16,
    /// Cognito said that the pool does not exist in this region.
    pub no_such_pool: bool,
    /// What Pomerium's library makes of it: nothing if it accepts, else the error it reports, in its words.
    pub refusal: Option<String>,
    /// The apply takes the pool away, so that this will be the answer; how, in words fit for a report.
    pub gone: Option<String>,
    /// The answer looks like a captive portal's or a proxy's page rather than the provider's; says what gives it away.
    pub captive: Option<String>,
}

impl DiscoveryAnswer {
    /// The answer leads elsewhere, or says so without saying where.
    pub fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status)
    }
}

/// What the provider's clock shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderClock {
    /// It minus ours, in seconds, from the `Date` header.
    pub ahead: i64,
}

/// The discovery document as Pomerium's library decodes it: keys match whatever their case, the last of two wins, `null` is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiscoveryDocument {
    /// `issuer`.
    pub issuer: String,
    /// `authorization_endpoint`.
    pub authorization_endpoint: String,
    /// `token_endpoint`.
    pub token_endpoint: String,
    /// `userinfo_endpoint`.
    pub userinfo_endpoint: String,
    /// `jwks_uri`.
    pub jwks_uri: String,
    /// `revocation_endpoint`.
    pub revocation_endpoint: String,
    /// `response_types_supported`, if present as a list of strings.
    pub response_types: Option<Vec<String>>,
    /// `id_token_signing_alg_values_supported`.
    pub signing_algorithms: Vec<String>,
    /// `code_challenge_methods_supported`.
    pub code_challenge_methods: Vec<String>,
    /// The whole document.
    pub raw: Map<String, Value>,
    /// The host of the login pages, `None` if the pool has no domain.
    pub login_domain: Option<LoginDomain>,
}

/// The domain on which a pool serves its login pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginDomain {
    /// The host, with a port if one is written.
    pub host: String,
    /// It is a domain of the customer's own rather than one below `amazoncognito.com`.
    pub custom: bool,
}

/// What a strict `OpenID` Connect client (`openidconnect`) makes of the discovery document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrictMetadata {
    /// Each reason to refuse it; empty if it is accepted.
    pub objections: Vec<String>,
}

/// What the `issuer-cognito-idp` host says of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerVariant {
    /// It refuses, or the pool is set to its first issuer: tokens carry that one.
    Original {
        /// Somebody who sees the settings of the pool says so.
        is_set: bool,
    },
    /// It serves a document with this issuer, or the pool is set to it: tokens carry it.
    Updated {
        /// The new issuer.
        issuer: String,
        /// Somebody who sees the settings of the pool says so.
        is_set: bool,
    },
}

/// The signing keys of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAnswer {
    /// Where they were asked for.
    pub url: String,
    /// The algorithm and id of each key that can verify an ID token, as Pomerium's library sees it.
    pub usable: Vec<(String, String)>,
    /// Why each of the others cannot be used.
    pub unusable: Vec<String>,
    /// The answer is not a key set at all; says why.
    pub malformed: Option<String>,
}

/// Whether the login domain has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAnswer {
    /// The host.
    pub host: String,
    /// The name server says that it does not exist, or that it has no address; in its words.
    pub absent: Option<String>,
}

/// Whether the certificate of the login domain is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateAnswer {
    /// The host.
    pub host: String,
    /// Why it is refused; `None` if it is good.
    pub refused: Option<String>,
}

/// Whether the login domain lets us through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainAnswer {
    /// The host.
    pub host: String,
    /// Every endpoint asked answered 403.
    pub blocked: bool,
}

/// Whether Cognito lets the client use the hosted login at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientStanding {
    /// It does.
    Usable,
    /// It belongs to another user pool than the issuer's.
    OfOtherPool {
        /// The id of that pool.
        pool: String,
    },
    /// It will be gone, with its id and its secret; how, in words fit for a report.
    Gone {
        /// What takes it away.
        how: String,
    },
    /// The pool has no such client.
    NotInPool {
        /// The pool.
        pool: String,
        /// The id and name of the client that is probably meant.
        near: Option<(String, String)>,
    },
    /// `/error?error=invalid_request`: unknown client, OAuth off, or no identity provider enabled on it.
    NotUsable {
        /// The `error` that Cognito gave.
        error: String,
    },
}

/// Whether Cognito knows the callback URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackStanding {
    /// It does.
    Registered,
    /// It does not.
    NotRegistered {
        /// A similar URL that it does know, found by asking.
        near: Option<String>,
        /// The similar URLs that were asked and are not registered either.
        tried: Vec<String>,
    },
    /// It is not in the client's list, which was read.
    NotListed {
        /// The one that was probably meant.
        near: Option<String>,
        /// All that are.
        listed: Vec<String>,
    },
}

/// Whether the client may use the authorization-code flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowStanding {
    /// It may.
    Allowed,
    /// It may not: `code` is not in its list, which was read.
    NotListed {
        /// The flows that are.
        listed: Vec<String>,
    },
    /// It may not; the `error` and `error_description` that Cognito gave.
    Refused {
        /// The `error`.
        error: String,
        /// The `error_description`, if any.
        description: Option<String>,
    },
}

/// Which of the requested scopes the client may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeStanding {
    /// All of them.
    Allowed,
    /// Cognito refused the request for its scopes.
    Refused {
        /// The scopes it refuses, each found by asking for it alone (together with `openid`). Empty if the single
        /// questions did not tell.
        culprits: Vec<String>,
    },
}

/// Whether the client has the identity provider that `idp_request_params.identity_provider` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityProviderStanding {
    /// It has.
    Enabled,
    /// It has not: it is not in the client's list, which was read.
    NotListed,
    /// It is in the list, and is not there itself; how that is, in words fit for a report.
    Gone {
        /// What takes it away.
        how: String,
    },
    /// It has not; what Cognito said.
    NotEnabled {
        /// The `errorMessage` of the login page.
        message: String,
    },
}

/// The page users see when Pomerium sends them to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginPage {
    /// A login page.
    Served,
    /// The identity provider's own login, without any Cognito page in between.
    External {
        /// Its host.
        host: String,
    },
    /// `Login pages unavailable`: managed login without a branding style.
    Unavailable,
    /// None: Cognito sends users back to Pomerium, because they have no session with it and no login is to be shown.
    Refused {
        /// The `error` it gives.
        error: String,
    },
    /// Another error page.
    Broken {
        /// Its status.
        status: u16,
        /// What it says, shortened.
        says: String,
    },
}

/// What Cognito makes of the configured client id and secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretStanding {
    /// The pair is accepted; and a wrong one was refused, so the probe can tell.
    Accepted {
        /// The client has another secret beside it, which is taken as well.
        is_one_of_two: bool,
    },
    /// The pair is refused, and so is the client without a secret.
    Rejected {
        /// Cognito was asked and said so; else the API shows that the client has another secret.
        is_answer: bool,
    },
    /// The client has no secret, but one is configured.
    NotExpected,
    /// The client has a secret, but none is configured.
    Required,
    /// The client has no secret and none is configured.
    Public,
}

/// Whether Cognito knows the sign-out URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignOutStanding {
    /// It does.
    Registered,
    /// It is not in the client's list, which was read.
    NotListed,
    /// It does not; where it redirected instead.
    NotRegistered {
        /// The `Location` it answered with.
        location: String,
    },
}
