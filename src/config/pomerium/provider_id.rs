//! The id that Pomerium gives to the settings of its identity provider: a digest of all of them, the client secret included.
//!
//! `pomerium_idp_id` in the address of every login (`config/identity.go`, `pkg/grpc/identity/identity.go`): SHA-256 over the
//! deterministic protobuf encoding, in base62 since v0.27 and in base58 before.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// What the id is made of.
#[derive(Clone)]
pub struct ProviderSettings {
    /// `idp_client_id`.
    pub client_id: String,
    /// `idp_client_secret`.
    pub client_secret: Secret,
    /// `idp_provider`.
    pub provider: String,
    /// `idp_scopes` as they are configured; none if they are not.
    pub scopes: Vec<String>,
    /// `idp_provider_url`.
    pub url: String,
    /// `idp_request_params`.
    pub parameters: BTreeMap<String, String>,
    /// `authenticate_service_url`.
    pub authenticate_url: String,
}

impl ProviderSettings {
    /// Whether a Pomerium with these settings gives this id, whichever release it is.
    pub fn make(&self, id: &str) -> bool {
        [true, false].into_iter().any(|with_url| {
            let digest = Sha256::digest(self.encode(with_url));
            base62(&digest) == id || base58(&digest) == id
        })
    }

    /// The message, fields in their order; what is empty is left out. The URL of the authenticate service is part of it since v0.27.
    fn encode(&self, with_url: bool) -> Vec<u8> {
        let mut message = Vec::new();
        let mut text = |number: u8, value: &str| {
            if !value.is_empty() {
                field(&mut message, number, value.as_bytes());
            }
        };
        text(2, &self.client_id);
        text(3, self.client_secret.expose());
        text(4, &self.provider);
        for scope in &self.scopes {
            field(&mut message, 5, scope.as_bytes());
        }
        let mut text = |number: u8, value: &str| {
            if !value.is_empty() {
                field(&mut message, number, value.as_bytes());
            }
        };
        text(7, &self.url);
        for (name, value) in &self.parameters {
            let mut entry = Vec::new();
            field(&mut entry, 1, name.as_bytes());
            field(&mut entry, 2, value.as_bytes());
            field(&mut message, 8, &entry);
        }
        if with_url && !self.authenticate_url.is_empty() {
            field(&mut message, 9, self.authenticate_url.as_bytes());
        }
        message
    }
}

/// A field of bytes: its number, its length, itself.
fn field(message: &mut Vec<u8>, number: u8, value: &[u8]) {
    message.push(number << 3 | 2);
    let mut length = value.len();
    while length >= 0x80 {
        message.push(u8::try_from(length & 0x7f).unwrap_or_default() | 0x80);
        length >>= 7;
    }
    message.push(u8::try_from(length).unwrap_or_default());
    message.extend_from_slice(value);
}

/// As github.com/jxskiss/base62 writes it: six bits a letter from the end, and five where six would be 62 or 63.
fn base62(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const COMPACT: usize = 0b1_1110;
    let bit = |at: usize| usize::from(bytes.get(at / 8).copied().unwrap_or_default() >> (7 - at % 8) & 1);
    let mut text = String::new();
    let mut left = bytes.len() * 8;
    while left > 0 {
        let from = left.saturating_sub(6);
        let mut letter = (from..left).fold(0, |letter, at| letter << 1 | bit(at));
        left = from;
        if letter & COMPACT == COMPACT {
            if left > 0 || letter > 0b1_1111 {
                left += 1;
            }
            letter &= 0b1_1111;
        }
        text.push(LETTERS.get(letter).map_or('?', |letter| char::from(*letter)));
    }
    text
}

/// As Bitcoin writes it.
fn base58(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut digits: Vec<u32> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| 0);
    let digits = zeros.chain(digits.into_iter().rev());
    let letter =
        |digit: u32| LETTERS.get(usize::try_from(digit).unwrap_or_default()).map_or('?', |letter| char::from(*letter));
    digits.map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ProviderSettings {
        ProviderSettings {
            client_id: "4qk2v9s7m1n3b5c8d0f6g7h2u1".to_owned(),
            client_secret: Secret::new("1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u"),
            provider: "cognito".to_owned(),
            scopes: Vec::new(),
            url: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R".to_owned(),
            parameters: BTreeMap::new(),
            authenticate_url: "https://authenticate.corp.example.com".to_owned(),
        }
    }

    const ID: &str = "XkuIeyek8MEntfpCPENbWMNLdtqbW3DJflRZppR9BIvC";

    #[test]
    fn the_id_is_the_one_that_pomerium_gives() {
        assert!(settings().make(ID));
    }

    #[test]
    fn whatever_differs_gives_another_id() {
        let with = |change: fn(&mut ProviderSettings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.make(ID)
        };
        assert!(!with(|settings| settings.client_secret = Secret::new("other")));
        assert!(!with(|settings| settings.url.push('/')));
        assert!(!with(|settings| settings.provider = "oidc".to_owned()));
        assert!(!with(|settings| settings.scopes.push("openid".to_owned())));
        assert!(!with(|settings| drop(settings.parameters.insert("prompt".to_owned(), String::new()))));
        assert!(!with(|settings| settings.authenticate_url.push('/')));
    }

    #[test]
    fn known_texts_are_written_as_others_write_them() {
        assert_eq!(base58(b"Hello World!"), "2NEpo7TZRRrLZSi2U");
        assert_eq!(base58(&[0, 0, 1]), "112");
        assert_eq!((base62(&[]), base62(&[0]), base62(&[255])), (String::new(), "AA".to_owned(), "fH".to_owned()));
    }
}
