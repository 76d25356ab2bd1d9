//! Keys that sign nothing but these tests' tokens: to make one takes seconds in an unoptimised build.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

pub struct SigningKey(KeyPair);

impl SigningKey {
    /// The key that a pool publishes.
    pub fn own() -> Self {
        Self::of(include_bytes!("keys/own.der"))
    }

    /// A key that nobody publishes.
    pub fn other() -> Self {
        Self::of(include_bytes!("keys/other.der"))
    }

    fn of(pkcs1: &[u8]) -> Self {
        Self(KeyPair::from_der(pkcs1).expect("a key"))
    }

    /// What a key set says of it.
    pub fn published(&self, id: &str) -> Value {
        let public: PublicKeyComponents<Vec<u8>> = self.0.public().into();
        let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
        json!({"alg": "RS256", "kty": "RSA", "use": "sig", "kid": id, "n": n, "e": e})
    }

    /// A token, signed by RS256 whatever its head says.
    pub fn sign(&self, head: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(head), part(claims));
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = SystemRandom::new();
        self.0.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).expect("a signature");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
