//! What the token endpoint gave, read as Go's oauth2 reads it: a text or a number for a lifetime, any kind of token. What is
//! missing is said by the step that wants it, so that what has come is revoked whatever else is wrong.

use std::fmt;
use std::time::Duration;

use openidconnect::core::{CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreTokenType};
use openidconnect::{AccessToken, EmptyAdditionalClaims, IdToken, OAuth2TokenResponse, RefreshToken, Scope};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::secret::{Scrubber, Secret};

/// What the token endpoint gave. Nothing of it is ever shown but how long it is good for.
#[derive(Clone)]
pub struct Tokens {
    access: AccessToken,
    id: Option<Secret>,
    refresh: Option<RefreshToken>,
    life: Option<Duration>,
}

impl Tokens {
    pub(super) fn id_token(&self) -> Option<&Secret> {
        self.id.as_ref()
    }

    pub(super) fn has_access_token(&self) -> bool {
        !self.access.secret().is_empty()
    }

    /// Teaches what must never be shown: each token, and what it is made of, as somebody may repeat a part of it.
    pub fn teach(&self, scrubber: &mut Scrubber) {
        let refresh = self.refresh.as_ref().map(|token| token.secret().as_str());
        let id = self.id.as_ref().map(Secret::expose);
        for token in [Some(self.access.secret().as_str()), id, refresh].into_iter().flatten() {
            scrubber.learn(&Secret::new(token));
            for piece in pieces(token) {
                scrubber.learn(&piece);
            }
        }
    }

    /// What came, in words: the kinds of tokens, and how long the access token is good for.
    pub fn describe(&self) -> String {
        let minutes = self.life.map(|life| format!(" (good for {} min)", life.as_secs() / 60));
        let kinds = [
            self.id.as_ref().map(|_| "ID token".to_owned()),
            Some(format!("access token{}", minutes.unwrap_or_default())),
            self.refresh.as_ref().map(|_| "refresh token".to_owned()),
        ];
        kinds.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A token in its parts between the dots, and each in pieces of a few characters: of a part that somebody repeats, whatever its length, no
/// more is left than such a piece lacks.
fn pieces(token: &str) -> Vec<Secret> {
    const PIECE: usize = 8;
    let pieces = |part: &str| {
        let characters: Vec<char> = part.chars().collect();
        characters.chunks_exact(PIECE).map(String::from_iter).collect::<Vec<_>>()
    };
    let parts: Vec<&str> = token.split('.').filter(|part| part.len() >= PIECE).collect();
    let all = parts.iter().flat_map(|part| std::iter::once((*part).to_owned()).chain(pieces(part)));
    all.map(Secret::new).collect()
}

impl<'de> Deserialize<'de> for Tokens {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer: Map<String, Value> = Map::deserialize(deserializer)?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let access = AccessToken::new(text("access_token").unwrap_or_default().to_owned());
        let (id, refresh) = (text("id_token").map(Secret::new), text("refresh_token"));
        let refresh = refresh.map(|token| RefreshToken::new(token.to_owned()));
        let life = text("expires_in").and_then(|life| life.parse().ok());
        let life = life.or_else(|| answer.get("expires_in").and_then(Value::as_u64)).map(Duration::from_secs);
        Ok(Self { access, id, refresh, life })
    }
}

/// Asked for by the library, which never does it: tokens are written nowhere.
impl Serialize for Tokens {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tokens")
    }
}

impl OAuth2TokenResponse for Tokens {
    type TokenType = CoreTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access
    }

    fn token_type(&self) -> &CoreTokenType {
        &CoreTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        self.life
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// The library's own reading of an ID token refuses more than Pomerium does: see `id_token`.
impl
    openidconnect::TokenResponse<
        EmptyAdditionalClaims,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    > for Tokens
{
    fn id_token(
        &self,
    ) -> Option<
        &IdToken<EmptyAdditionalClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>,
    > {
        None
    }
}
