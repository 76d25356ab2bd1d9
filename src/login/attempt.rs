//! The protocol: the address to open, the exchange of the code, and what is verified of the answer.

use std::cell::Cell;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
};
use openidconnect::http::header::{ACCEPT, AUTHORIZATION};
use openidconnect::{
    AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyAdditionalClaims, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, RevocationUrl, Scope, StandardErrorResponse,
    http,
};
use serde_json::{Map, Value};

use super::heard::Heard;
use super::id_token::{self, Expected};
use super::stop::Stop;
use super::tokens::Tokens;
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
type Ready = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A sign-in that was begun.
pub struct Attempt {
    client: Ready,
    issuer: IssuerUrl,
    keys: CoreJsonWebKeySet,
    algorithms: Vec<CoreJwsSigningAlgorithm>,
    state: CsrfToken,
    nonce: Nonce,
    verifier: Secret,
    user_info: String,
    revocation: String,
    address: String,
    redirect_uri: String,
}

/// What came of a code.
pub struct Redeemed {
    /// The tokens.
    pub tokens: Tokens,
    /// Why the sign-in ends with them, if there is no access token among them.
    pub lack: Option<Stop>,
    /// How many milliseconds that took.
    pub ms: u64,
}

/// Whether tokens were made is not known then.
const MAYBE: &str = "; if the pool has made tokens, nobody got them, and a refresh token among them is not revoked";

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
        let metadata = metadata(plan.document).map_err(incomplete)?;
        if *metadata.issuer() != IssuerUrl::new(plan.issuer.to_owned()).map_err(url)? {
            let says = format!("issuer: the document names `{}`", metadata.issuer().as_str());
            return Err(Stop::new("discovery", says, &["issuer-mismatch"]));
        }
        let keys: CoreJsonWebKeySet = serde_json::from_str(plan.keys)
            .map_err(|_| Stop::new("keys", "the key set cannot be read", &["no-signing-keys"]))?;
        let secret = plan.secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client_id = ClientId::new(plan.client_id.to_owned());
        let redirect = RedirectUrl::new(plan.redirect_uri.to_owned()).map_err(url)?;
        let (issuer, algorithms) =
            (metadata.issuer().clone(), metadata.id_token_signing_alg_values_supported().clone());
        let client = Client::from_provider_metadata(metadata, client_id, secret)
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
            issuer,
            keys,
            algorithms,
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

    /// Exchanges the code for tokens.
    ///
    /// # Errors
    /// With what the token endpoint said.
    pub async fn redeem(&self, code: &Secret, network: &Network) -> Result<Redeemed, Stop> {
        let code = AuthorizationCode::new(code.expose().to_owned());
        let wire = Wire::over(network);
        let request = self.client.exchange_code(code).map_err(|_| {
            Stop::new("code", "the discovery document names no token_endpoint", &["discovery-incomplete"])
        })?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(self.verifier.expose().to_owned()));
        match request.request_async(&|request| wire.send(request)).await {
            Ok(tokens) => {
                let lacks = || wire.heard.take().lacks("code", "the answer holds no access token");
                let lack = (!tokens.has_access_token()).then(lacks);
                Ok(Redeemed { tokens, lack, ms: wire.ms.get() })
            }
            Err(RequestTokenError::Request(Unsent(failure))) => {
                let Stop { says, .. } = Stop::unanswered("code", &failure);
                Err(Stop::new("code", says + MAYBE, &["network-blocked"]))
            }
            Err(_) => Err(refused(&wire.heard.take(), wire.basic.get())),
        }
    }

    /// Verifies the ID token, and gives its claims.
    ///
    /// # Errors
    /// With the name of what is wrong.
    pub fn verify(&self, tokens: &Tokens) -> Result<Map<String, Value>, Stop> {
        let Some(token) = tokens.id_token() else {
            let says = "none came with the access token";
            return Err(Stop::new("ID token", says, &["scope-openid-missing"]));
        };
        let expected = Expected {
            issuer: &self.issuer,
            client_id: self.client.client_id(),
            nonce: &self.nonce,
            keys: &self.keys,
            algorithms: &self.algorithms,
        };
        id_token::verify(token, tokens.access_token(), &expected)
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
        let bearer = Secret::new(format!("Bearer {}", tokens.access_token().secret()));
        let request = http::Request::get(&self.user_info)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, bearer.expose())
            .body(Vec::new())
            .map_err(|error| stop(error.to_string(), "discovery-incomplete"))?;
        let (answer, ms) = network.send_private(request).await.map_err(|why| Stop::unanswered("userinfo", &why))?;
        let heard = Heard::of(&answer);
        if answer.status() != http::StatusCode::OK {
            return Err(heard.stop("userinfo"));
        }
        let Ok(Value::Object(claims)) = serde_json::from_slice(answer.body()) else {
            return Err(heard.lacks("userinfo", "the answer is no JSON object"));
        };
        match claims.get("sub") {
            Some(Value::String(known)) if known == subject => {}
            None => return Err(heard.lacks("userinfo", "subject: the answer names none")),
            Some(_) => {
                let says = "subject: it speaks of another user than the ID token";
                return Err(stop(says.to_owned(), "token-of-another-client"));
            }
        }
        Ok((claims, ms))
    }

    /// Takes the refresh token back, so that nothing that could renew the session is left. Says why if it cannot.
    ///
    /// # Errors
    /// In words, if it stays good.
    pub async fn revoke(&self, tokens: &Tokens, network: &Network) -> Result<u64, String> {
        let Some(refresh) = tokens.refresh_token() else { return Err("none came".to_owned()) };
        let url = RevocationUrl::new(self.revocation.clone()).map_err(|_| "the pool names no endpoint".to_owned())?;
        let client = self.client.clone().set_revocation_url(url);
        let token = CoreRevocableToken::RefreshToken(refresh.clone());
        let request = client.revoke_token(token).map_err(|error| error.to_string())?;
        let wire = Wire::over(network);
        match request.request_async(&|request| wire.send(request)).await {
            Ok(()) => Ok(wire.ms.get()),
            Err(RequestTokenError::Request(Unsent(failure))) => Err(failure.cause),
            Err(_) => Err(wire.heard.take().says()),
        }
    }
}

/// The document as the library wants it. Three members that the standard asks for are none that Pomerium looks at, or it has a default.
fn metadata(document: &DiscoveryDocument) -> Result<CoreProviderMetadata, String> {
    let mut raw = serde_json::to_value(&document.raw).map_err(|error| error.to_string())?;
    let defaults = [
        ("subject_types_supported", "public"),
        ("response_types_supported", "code"),
        ("id_token_signing_alg_values_supported", "RS256"),
    ];
    if let Some(members) = raw.as_object_mut() {
        for (name, default) in defaults {
            if members.get(name).is_none_or(|known| known.is_null() || *known == Value::Array(Vec::new())) {
                members.insert(name.to_owned(), Value::from(vec![default]));
            }
        }
    }
    serde_json::from_value(raw).map_err(|error| error.to_string())
}

/// Where tokens are revoked: at the place that the document names, or, as Pomerium does, beside the authorize endpoint.
fn revocation(document: &DiscoveryDocument) -> String {
    if !document.revocation_endpoint.is_empty() {
        return document.revocation_endpoint.clone();
    }
    let url = go::url::parse_and_validate(&document.authorization_endpoint).ok();
    url.map_or_else(String::new, |url| url.resolve_path("/oauth2/revoke").to_string())
}

/// What the token endpoint's refusal means.
fn refused(heard: &Heard, has_secret: bool) -> Stop {
    if heard.is_ok() {
        return heard.lacks("code", "the answer is not the JSON that tokens come in");
    }
    let pages = match heard.error() {
        "invalid_client" if has_secret => vec!["client-secret-rejected"],
        "invalid_client" => vec!["client-secret-missing"],
        _ => heard.pages(),
    };
    let stop = heard.stop("code");
    let says = if heard.error().is_empty() { stop.says } else { format!("code refused: {}", heard.words()) };
    Stop { says, pages, ..stop }
}

/// The request could not be sent, or no answer came.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.cause)]
struct Unsent(Failure);

/// Our own HTTP client, as the library wants it.
struct Wire<'n> {
    network: &'n Network,
    ms: Cell<u64>,
    basic: Cell<bool>,
    heard: Cell<Heard>,
}

impl<'n> Wire<'n> {
    fn over(network: &'n Network) -> Self {
        Self { network, ms: Cell::new(0), basic: Cell::new(false), heard: Cell::default() }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unsent> {
        self.basic.set(request.headers().contains_key(AUTHORIZATION));
        let (answer, ms) = self.network.send_private(request).await.map_err(Unsent)?;
        self.ms.set(ms);
        self.heard.set(Heard::of(&answer));
        Ok(answer)
    }
}
