//! The protocol: the address to open, the exchange of the code, and what is verified of the answer.

use std::cell::Cell;
use std::fmt;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJsonWebKeySet, CoreProviderMetadata, CoreRevocableToken,
    CoreTokenResponse,
};
use openidconnect::http::header::{ACCEPT, AUTHORIZATION};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, RevocationUrl, Scope,
    SignatureVerificationError, TokenResponse as _, http,
};
use serde_json::{Map, Value};

use super::stop::Stop;
use crate::config::Login;
use crate::evidence::{DiscoveryDocument, Failure, Network};
use crate::go;
use crate::secret::{Scrubber, Secret};

/// With what a sign-in is begun.
pub struct Plan<'a> {
    /// The issuer, as it is configured.
    pub issuer: &'a str,
    /// The discovery document.
    pub document: &'a DiscoveryDocument,
    /// The key set, as it was served.
    pub keys: &'a str,
    /// The app client.
    pub client_id: &'a str,
    /// Its secret, if it has one.
    pub secret: Option<&'a Secret>,
    /// What Pomerium would send.
    pub login: &'a Login,
    /// Where the browser is sent back to.
    pub redirect_uri: &'a str,
}

/// A client that knows its endpoints and its redirect URI.
type Ready =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// A sign-in that was begun.
pub struct Attempt {
    client: Ready,
    state: CsrfToken,
    nonce: Nonce,
    verifier: Secret,
    user_info: String,
    revocation: String,
    address: String,
    redirect_uri: String,
}

/// What the token endpoint gave. Nothing of it is ever shown but how long it is good for.
pub struct Tokens(CoreTokenResponse);

/// Parameters of the protocol, which the library sets itself.
const OF_PROTOCOL: [&str; 8] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];

impl Attempt {
    /// Makes up state, nonce and verifier, and the address to open.
    ///
    /// # Errors
    /// If the document or the keys are not what the standard asks for.
    pub fn begin(plan: &Plan<'_>) -> Result<Self, Stop> {
        let incomplete = |why: String| Stop::new("discovery", why, &["discovery-incomplete"]);
        let url = |error: url::ParseError| incomplete(format!("not a URL: {error}"));
        let metadata = serde_json::to_string(&plan.document.raw).map_err(|error| incomplete(error.to_string()))?;
        let metadata: CoreProviderMetadata =
            serde_json::from_str(&metadata).map_err(|error| incomplete(error.to_string()))?;
        if *metadata.issuer() != IssuerUrl::new(plan.issuer.to_owned()).map_err(url)? {
            let says = format!("issuer: the document names `{}`", metadata.issuer().as_str());
            return Err(Stop::new("discovery", says, &["issuer-mismatch"]));
        }
        let keys: CoreJsonWebKeySet = serde_json::from_str(plan.keys)
            .map_err(|_| Stop::new("keys", "the key set cannot be read", &["no-signing-keys"]))?;
        let secret = plan.secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client_id = ClientId::new(plan.client_id.to_owned());
        let redirect = RedirectUrl::new(plan.redirect_uri.to_owned()).map_err(url)?;
        let client = CoreClient::from_provider_metadata(metadata.set_jwks(keys), client_id, secret)
            .set_redirect_uri(redirect)
            .disable_openid_scope();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state, nonce) = {
            let flow = CoreAuthenticationFlow::AuthorizationCode;
            let mut request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
            // As Pomerium asks for them: joined by one space.
            let scopes = plan.login.request_parameter("scope").unwrap_or(&plan.login.scope);
            request = request.add_scope(Scope::new(scopes.to_owned())).set_pkce_challenge(challenge);
            for (name, value) in &plan.login.request_parameters {
                if !OF_PROTOCOL.contains(&name.as_str()) {
                    request = request.add_extra_param(name, value);
                }
            }
            request.url()
        };
        Ok(Self {
            client,
            state,
            nonce,
            verifier: Secret::new(verifier.into_secret()),
            user_info: plan.document.userinfo_endpoint.clone(),
            revocation: revocation(plan.document),
            address: address.to_string(),
            redirect_uri: plan.redirect_uri.to_owned(),
        })
    }

    /// The address at which the user signs in.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where the browser is sent back to.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The `state` that must come back.
    pub(super) fn state(&self) -> &str {
        self.state.secret()
    }

    /// Teaches what must never be shown of this sign-in before there are tokens.
    pub fn teach(&self, scrubber: &mut Scrubber) {
        scrubber.learn(&self.verifier);
    }

    /// Exchanges the code for tokens. Also tells how many milliseconds that took.
    ///
    /// # Errors
    /// With what the token endpoint said.
    pub async fn redeem(&self, code: &Secret, network: &Network) -> Result<(Tokens, u64), Stop> {
        let code = AuthorizationCode::new(code.expose().to_owned());
        let wire = Wire::over(network);
        let request = self.client.exchange_code(code).map_err(|_| {
            Stop::new("code", "the discovery document names no token_endpoint", &["discovery-incomplete"])
        })?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(self.verifier.expose().to_owned()));
        match request.request_async(&|request| wire.send(request)).await {
            Ok(tokens) => Ok((Tokens(tokens), wire.ms.get())),
            Err(error) => Err(refused(error, wire.basic.get(), wire.status.get())),
        }
    }

    /// Verifies the ID token as the standard asks, and gives its claims: algorithm and signature, issuer, audience, expiry without
    /// grace, nonce, and that the access token belongs to it (`OpenID` Connect Core 1.0, 3.1.3.7 and 3.1.3.8).
    ///
    /// # Errors
    /// With the name of what is wrong.
    pub fn verify(&self, tokens: &Tokens) -> Result<Map<String, Value>, Stop> {
        let Some(token) = tokens.0.id_token() else {
            return Err(wrong("none came with the access token", "scope-openid-missing"));
        };
        let verifier = self.client.id_token_verifier();
        let claims = token.claims(&verifier, &self.nonce).map_err(|error| unverified(&error))?;
        if let Some(hash) = claims.access_token_hash() {
            let own =
                token.signing_alg().ok().zip(token.signing_key(&verifier).ok()).and_then(|(algorithm, key)| {
                    AccessTokenHash::from_token(tokens.0.access_token(), algorithm, key).ok()
                });
            if own.as_ref() != Some(hash) {
                return Err(wrong(
                    "at_hash: the access token is not the one it was made with",
                    "token-of-another-client",
                ));
            }
        }
        payload(token).ok_or_else(|| wrong("its claims are not a JSON object", "no-signing-keys"))
    }

    /// Asks for what the userinfo endpoint tells, as Pomerium always does. The answer is taken as go-oidc takes it: the types of the
    /// library refuse what Cognito writes, such as `email_verified` as a text.
    ///
    /// # Errors
    /// With what the endpoint said.
    pub async fn user_info(
        &self,
        tokens: &Tokens,
        subject: &str,
        network: &Network,
    ) -> Result<(Map<String, Value>, u64), Stop> {
        let stop = |says: String, page| Stop::new("userinfo", says, &[page]);
        let bearer = Secret::new(format!("Bearer {}", tokens.0.access_token().secret()));
        let request = http::Request::get(&self.user_info)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, bearer.expose())
            .body(Vec::new())
            .map_err(|error| stop(error.to_string(), "discovery-incomplete"))?;
        let (answer, ms) = network.send_private(request).await.map_err(|why| Stop::unanswered("userinfo", &why))?;
        if answer.status() != http::StatusCode::OK {
            let says = format!("status {}{}", answer.status().as_u16(), described(answer.body()));
            return Err(stop(says, "scope-openid-missing"));
        }
        let Ok(Value::Object(claims)) = serde_json::from_slice(answer.body()) else {
            return Err(stop("the answer is no JSON object".to_owned(), "discovery-incomplete"));
        };
        if claims.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(stop(
                "subject: it speaks of another user than the ID token".to_owned(),
                "token-of-another-client",
            ));
        }
        Ok((claims, ms))
    }

    /// Takes the refresh token back, so that nothing that could renew the session is left. Says why if it cannot.
    ///
    /// # Errors
    /// In words, if it stays good.
    pub async fn revoke(&self, tokens: &Tokens, network: &Network) -> Result<u64, String> {
        let Some(refresh) = tokens.0.refresh_token() else { return Err("none came".to_owned()) };
        let url = RevocationUrl::new(self.revocation.clone()).map_err(|_| "the pool names no endpoint".to_owned())?;
        let client = self.client.clone().set_revocation_url(url);
        let token = CoreRevocableToken::RefreshToken(refresh.clone());
        let request = client.revoke_token(token).map_err(|error| error.to_string())?;
        let wire = Wire::over(network);
        match request.request_async(&|request| wire.send(request)).await {
            Ok(()) => Ok(wire.ms.get()),
            Err(RequestTokenError::Request(Unsent(failure))) => Err(failure.cause),
            Err(_) => Err(format!("the pool answered with status {}", wire.status.get())),
        }
    }
}

impl Tokens {
    /// Teaches what must never be shown.
    pub fn teach(&self, scrubber: &mut Scrubber) {
        scrubber.learn(&Secret::new(self.0.access_token().secret().clone()));
        if let Some(token) = self.0.refresh_token() {
            scrubber.learn(&Secret::new(token.secret().clone()));
        }
        if let Some(token) = self.0.id_token() {
            scrubber.learn(&Secret::new(token.to_string()));
        }
    }

    /// What came, in words: the kinds of tokens, and how long the access token is good for.
    pub fn describe(&self) -> String {
        let mut kinds = Vec::new();
        if self.0.id_token().is_some() {
            kinds.push("ID token".to_owned());
        }
        let minutes = self.0.expires_in().map(|life| format!(" (good for {} min)", life.as_secs() / 60));
        kinds.push(format!("access token{}", minutes.unwrap_or_default()));
        if self.0.refresh_token().is_some() {
            kinds.push("refresh token".to_owned());
        }
        kinds.join(", ")
    }
}

/// Where tokens are revoked: at the place that the document names, or, as Pomerium does, beside the authorize endpoint.
fn revocation(document: &DiscoveryDocument) -> String {
    if !document.revocation_endpoint.is_empty() {
        return document.revocation_endpoint.clone();
    }
    let url = go::url::parse_and_validate(&document.authorization_endpoint).ok();
    url.map_or_else(String::new, |url| url.resolve_path("/oauth2/revoke").to_string())
}

/// The claims that the library has verified, each of them: it keeps only those that it knows.
fn payload(token: &CoreIdToken) -> Option<Map<String, Value>> {
    let text = Secret::new(token.to_string());
    let bytes = go::base64::decode_raw_url(text.expose().split('.').nth(1)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn wrong(says: impl Into<String>, page: &'static str) -> Stop {
    Stop::new("ID token", says, &[page])
}

/// What the library says is wrong, by its name.
fn unverified(error: &ClaimsVerificationError) -> Stop {
    match error {
        ClaimsVerificationError::InvalidIssuer(why) => {
            let is_switched = why.contains("issuer-cognito-idp.");
            let page = if is_switched { "issuer-switched" } else { "issuer-mismatch" };
            wrong(format!("issuer: {why}"), page)
        }
        ClaimsVerificationError::InvalidAudience(why) => wrong(format!("audience: {why}"), "token-of-another-client"),
        ClaimsVerificationError::Expired(why) => wrong(format!("expiry: {why}"), "clock-skew"),
        ClaimsVerificationError::InvalidNonce(_) => wrong("nonce: not the one of this sign-in", "nonce-from-cognito"),
        ClaimsVerificationError::SignatureVerification(why) => signature(why),
        other => wrong(format!("form: {other}"), "signing-algorithm-unsupported"),
    }
}

fn signature(error: &SignatureVerificationError) -> Stop {
    match error {
        SignatureVerificationError::NoMatchingKey => {
            wrong("signature: made with a key that the pool does not publish", "no-signing-keys")
        }
        SignatureVerificationError::CryptoError(_) => {
            wrong("signature: not made with the pool's key; the token was changed or made up", "no-signing-keys")
        }
        other => wrong(format!("signature: {other}"), "signing-algorithm-unsupported"),
    }
}

/// What the token endpoint's refusal means.
fn refused<E: openidconnect::ErrorResponse + fmt::Display>(
    error: RequestTokenError<Unsent, E>,
    has_secret: bool,
    status: u16,
) -> Stop {
    match error {
        RequestTokenError::ServerResponse(refusal) => {
            let says = refusal.to_string();
            let pages: &[&str] = match says.split([':', ' ']).next().unwrap_or_default() {
                "invalid_client" if has_secret => &["client-secret-rejected"],
                "invalid_client" => &["client-secret-missing"],
                "unauthorized_client" => &["code-flow-disabled", "authenticate-url-explicit-port"],
                _ => &["code-used-twice", "email-not-readable"],
            };
            Stop::new("code", format!("code refused: {says}"), pages)
        }
        RequestTokenError::Request(Unsent(failure)) => Stop::unanswered("code", &failure),
        RequestTokenError::Parse(error, _) if status == 200 => {
            // The words of the parser may quote a token; where it stopped does not.
            let says = format!("form: the answer cannot be read at `{}`", error.path());
            Stop::new("ID token", says, &["signing-algorithm-unsupported"])
        }
        _ => {
            let says = format!("status {status}, and not in the form of OAuth: something else answers there");
            Stop::new("code", says, &["network-blocked"])
        }
    }
}

/// What an error of RFC 6750 says: its code and its description, and nothing else of the body.
fn described(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let words = ["error", "error_description"].map(|name| body.get(name).and_then(Value::as_str));
    let words: Vec<&str> = words.into_iter().flatten().collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(": ")) }
}

/// The request could not be sent, or no answer came.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.cause)]
struct Unsent(Failure);

/// Our own HTTP client, as the library wants it.
struct Wire<'n> {
    network: &'n Network,
    ms: Cell<u64>,
    status: Cell<u16>,
    basic: Cell<bool>,
}

impl<'n> Wire<'n> {
    fn over(network: &'n Network) -> Self {
        Self { network, ms: Cell::new(0), status: Cell::new(0), basic: Cell::new(false) }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unsent> {
        self.basic.set(request.headers().contains_key(AUTHORIZATION));
        let (answer, ms) = self.network.send_private(request).await.map_err(Unsent)?;
        self.ms.set(ms);
        self.status.set(answer.status().as_u16());
        Ok(answer)
    }
}
