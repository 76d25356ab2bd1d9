//! The ID token, verified by the library's verifier in full, of the claims that Pomerium's go-oidc looks at.
//!
//! go-oidc reads `iss`, `sub`, `aud`, `exp`, `iat`, `nbf`, `nonce` and `at_hash` of a token, and whatever else stands in it is no
//! matter (`oidc/verify.go`, `oidc.go`). The library has a type for each claim of the standard, and refuses a token whole in which
//! `email_verified` is a text, or `name` a number. So its verifier reads the token with those claims alone, while its keys check the
//! signature over the token as it came.

mod claims;
mod key;

use std::str::FromStr as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, EmptyAdditionalClaims, IdToken, IdTokenVerifier,
    IssuerUrl, JsonWebKeySet, Nonce, SignatureVerificationError,
};
use serde_json::{Map, Value};

use self::claims::OfProtocol;
use self::key::Key;
use super::stop::Stop;
use crate::go;
use crate::secret::Secret;

/// go-oidc takes a token that is good from a moment on which so many seconds are left to (`oidc/verify.go`).
const LEEWAY: i64 = 5 * 60;

/// What a token must be.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a IssuerUrl,
    pub(super) client_id: &'a ClientId,
    pub(super) nonce: &'a Nonce,
    pub(super) keys: &'a CoreJsonWebKeySet,
    pub(super) algorithms: &'a [CoreJwsSigningAlgorithm],
}

type Narrow =
    IdToken<EmptyAdditionalClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// Verifies it as the standard asks, and gives its claims: algorithm and signature, issuer, audience, expiry without grace, nonce,
/// and that the access token belongs to it (`OpenID` Connect Core 1.0, 3.1.3.7 and 3.1.3.8).
pub(super) fn verify(
    token: &Secret,
    access: &AccessToken,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Stop> {
    let mut parts = token.expose().split('.');
    let (Some(head), Some(body), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("it does not have the three parts of a token"));
    };
    let object = |part: &str| serde_json::from_slice(&go::base64::decode_raw_url(part).ok()?).ok();
    let header: Map<String, Value> = object(head).ok_or_else(|| malformed("its header is not a JSON object"))?;
    let claims: Map<String, Value> = object(body).ok_or_else(|| malformed("its claims are not a JSON object"))?;
    let protocol = OfProtocol::of(&claims, expected.issuer)?;
    let narrow = format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(protocol.to_json()));
    let narrow = Narrow::from_str(&narrow).map_err(|_| unreadable(&header))?;
    let signed = Secret::new(format!("{head}.{body}"));
    let key = |key| Key::of(key, &signed);
    // go-oidc tries each key if the token names none.
    let eligible: Vec<Vec<Key>> = if header.get("kid").is_some_and(Value::is_string) {
        vec![expected.keys.keys().iter().map(key).collect()]
    } else {
        expected.keys.keys().iter().map(|one| vec![key(one)]).collect()
    };
    let mut verified =
        Err(unverified(&ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)));
    for keys in eligible {
        verified = by(&narrow, keys, access, expected);
        if verified.is_ok() {
            break;
        }
    }
    verified?;
    protocol.is_valid_by(now() + LEEWAY)?;
    Ok(claims)
}

/// Verifies it by keys of which it must name one, if there are several.
fn by(token: &Narrow, keys: Vec<Key>, access: &AccessToken, expected: &Expected<'_>) -> Result<(), Stop> {
    let set = JsonWebKeySet::new(keys);
    let (client, issuer) = (expected.client_id.clone(), expected.issuer.clone());
    let verifier =
        IdTokenVerifier::new_public_client(client, issuer, set).set_allowed_algs(expected.algorithms.iter().cloned());
    let claims = token.claims(&verifier, expected.nonce).map_err(|error| unverified(&error))?;
    let Some(hash) = claims.access_token_hash() else { return Ok(()) };
    let made_with = token.signing_alg().ok().zip(token.signing_key(&verifier).ok());
    let own = made_with.and_then(|(algorithm, key)| AccessTokenHash::from_token(access, algorithm, key).ok());
    if own.as_ref() == Some(hash) {
        return Ok(());
    }
    Err(wrong("at_hash: the access token is not the one it was made with", "token-of-another-client"))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}

fn wrong(says: impl Into<String>, page: &'static str) -> Stop {
    Stop::new("ID token", says, &[page])
}

/// Something that Cognito never makes, so that no page is about it.
fn malformed(why: impl AsRef<str>) -> Stop {
    Stop::new("ID token", format!("form: {}; Pomerium cannot read it either", why.as_ref()), &[])
}

/// What keeps the library from reading the header or the signature.
fn unreadable(header: &Map<String, Value>) -> Stop {
    let algorithm = header.get("alg").and_then(Value::as_str).unwrap_or_default();
    let is_known = serde_json::from_value::<CoreJwsSigningAlgorithm>(algorithm.into()).is_ok();
    if is_known || algorithm == "none" {
        return malformed("its header or its signature is not what a token has there");
    }
    wrong(
        format!("signature: made by the algorithm `{algorithm}`, which nobody knows"),
        "signing-algorithm-unsupported",
    )
}

/// What the library says is wrong, by its name.
fn unverified(error: &ClaimsVerificationError) -> Stop {
    match error {
        ClaimsVerificationError::InvalidIssuer(why) => another_issuer(why),
        ClaimsVerificationError::InvalidAudience(why) => wrong(format!("audience: {why}"), "token-of-another-client"),
        ClaimsVerificationError::Expired(why) => wrong(format!("expiry: {why}"), "clock-skew"),
        ClaimsVerificationError::InvalidNonce(_) => wrong("nonce: not the one of this sign-in", "nonce-from-cognito"),
        ClaimsVerificationError::SignatureVerification(why) => signature(why),
        other => malformed(other.to_string()),
    }
}

fn another_issuer(why: &str) -> Stop {
    let page = if why.contains("issuer-cognito-idp.") { "issuer-switched" } else { "issuer-mismatch" };
    wrong(format!("issuer: {why}"), page)
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
