//! A key of the pool that is asked about one token, whatever of it the verifier was given to read.

use std::fmt;

use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeyType, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyId, SignatureVerificationError};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// A published key, and what it must have signed: header and claims as they came.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Key {
    key: CoreJsonWebKey,
    #[serde(skip)]
    signed: Option<Secret>,
}

impl Key {
    pub(super) fn of(key: &CoreJsonWebKey, signed: &Secret) -> Self {
        Self { key: key.clone(), signed: Some(signed.clone()) }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(formatter)
    }
}

impl JsonWebKey for Key {
    type KeyUse = CoreJsonWebKeyUse;
    type SigningAlgorithm = CoreJwsSigningAlgorithm;

    fn key_id(&self) -> Option<&JsonWebKeyId> {
        self.key.key_id()
    }

    fn key_type(&self) -> &CoreJsonWebKeyType {
        self.key.key_type()
    }

    fn key_use(&self) -> Option<&CoreJsonWebKeyUse> {
        self.key.key_use()
    }

    fn signing_alg(&self) -> JsonWebKeyAlgorithm<&CoreJwsSigningAlgorithm> {
        self.key.signing_alg()
    }

    /// For signatures with the client secret, which the verifier of a public client refuses before.
    fn new_symmetric(key: Vec<u8>) -> Self {
        Self { key: CoreJsonWebKey::new_symmetric(key), signed: None }
    }

    fn verify_signature(
        &self,
        algorithm: &CoreJwsSigningAlgorithm,
        _: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureVerificationError> {
        let signed = self.signed.as_ref().ok_or(SignatureVerificationError::NoSignature)?;
        self.key.verify_signature(algorithm, signed.expose().as_bytes(), signature)
    }

    fn hash_bytes(&self, bytes: &[u8], algorithm: &CoreJwsSigningAlgorithm) -> Result<Vec<u8>, String> {
        self.key.hash_bytes(bytes, algorithm)
    }
}
