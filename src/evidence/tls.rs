//! Whom we trust to name a server: the roots of `--ca`, of `SSL_CERT_FILE` and `SSL_CERT_DIR`, and of the system.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::{Failure, Step};
use crate::config::cognito::{is_in_login_zone, is_issuer_host};
use crate::disk::Bound;

/// A `--ca` file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("--ca {}: {why}", path.display())]
pub struct CaError {
    path: PathBuf,
    why: String,
}

/// Larger files are not certificates, in bytes.
const CA_LIMIT: usize = 4 * 1024 * 1024;

/// Reads the certificates of a `--ca` file, in PEM.
pub(super) fn read_ca(path: &Path) -> Result<Vec<CertificateDer<'static>>, CaError> {
    let fail = |why: String| CaError { path: path.to_owned(), why };
    let text = Bound::read_flagged(path, CA_LIMIT).map_err(|why| fail(why.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(fail("holds no certificate in PEM".to_owned())),
        Ok(found) => {
            for certificate in &found {
                let added = RootCertStore::empty().add(certificate.clone());
                added.map_err(|error| fail(format!("holds something that is no certificate: {error}")))?;
            }
            Ok(found)
        }
        Err(error) => Err(fail(format!("cannot be read as PEM: {error}"))),
    }
}

/// The TLS settings of all connections: the system's roots, or those that the environment names instead, and `extra`.
///
/// # Errors
/// [`Step::Certificate`] if there is not a single root to trust.
pub(super) fn client_config(extra: &[CertificateDer<'static>]) -> Result<ClientConfig, Failure> {
    let system = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(system.certs);
    roots.add_parsable_certificates(extra.iter().cloned());
    if roots.is_empty() {
        let why = system.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        let cause = format!(
            "no certificate authority to trust was found{why}; install the system's CA certificates, or name a file \
             with --ca or SSL_CERT_FILE"
        );
        return Err(Failure::new(Step::Certificate, cause));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::new(Step::Tls, error.to_string()))?;
    let known = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    let known = known.map_err(|error| Failure::new(Step::Tls, error.to_string()))?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(Verifier(known))).with_no_client_auth())
}

/// Takes what rustls' own verifier takes. Of what it refuses for want of a known authority, it says that it is for another name, if it
/// is: then nobody's trust cures that. On Cognito's own hosts such a certificate is that of a proxy in between, which may name itself.
#[derive(Debug)]
struct Verifier(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.0.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        if let Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) = &verified
            && !is_cognitos(&name.to_str())
        {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

fn is_cognitos(host: &str) -> bool {
    is_in_login_zone(host) || is_issuer_host(host)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_that_holds_no_certificate_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(read_ca(&path).unwrap_err().to_string().starts_with(&format!("--ca {}", path.display())));
        for (text, why) in [
            ("", "no certificate"),
            ("hello", "no certificate"),
            ("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", "is no certificate"),
            ("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", "PEM"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = read_ca(&path).unwrap_err().to_string();
            assert!(error.contains(why), "{text:?}: {error}");
        }
        assert!(read_ca(folder.path()).unwrap_err().to_string().contains("it is a folder"));
    }
}
