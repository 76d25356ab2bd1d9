//! What a discovery document tells of who serves it, and what stands in for one.

use url::Url;

use crate::evidence::{DiscoveryDocument, LoginDomain, is_cognito_issuer_host, is_cognito_login_host};

impl DiscoveryDocument {
    /// What only Cognito's documents have: a host of Cognito, or its endpoints, which have these names on every domain.
    pub(in crate::evidence) fn is_of_cognito(&self) -> bool {
        let at = |url: &String| Url::parse(url).ok();
        let hosts = [&self.issuer, &self.jwks_uri, &self.authorization_endpoint].map(at);
        let is_known = |host: &str| is_cognito_issuer_host(host) || is_cognito_login_host(host);
        let endpoints = [&self.authorization_endpoint, &self.token_endpoint, &self.userinfo_endpoint].map(at);
        let paths = endpoints.map(|url| url.map(|url| url.path().to_owned()).unwrap_or_default());
        hosts.into_iter().flatten().any(|url| url.host_str().is_some_and(is_known))
            || paths == ["/oauth2/authorize", "/oauth2/token", "/oauth2/userInfo"]
    }

    /// As far as a login domain tells it: Cognito's endpoints have the same paths on each.
    pub(super) fn of_login_domain(domain: LoginDomain) -> Self {
        let endpoint = |path: &str| format!("https://{}{path}", domain.host);
        Self {
            issuer: String::new(),
            authorization_endpoint: endpoint("/oauth2/authorize"),
            token_endpoint: endpoint("/oauth2/token"),
            userinfo_endpoint: endpoint("/oauth2/userInfo"),
            jwks_uri: String::new(),
            revocation_endpoint: endpoint("/oauth2/revoke"),
            response_types: None,
            signing_algorithms: Vec::new(),
            code_challenge_methods: Vec::new(),
            raw: serde_json::Map::new(),
            login_domain: Some(domain),
        }
    }
}
