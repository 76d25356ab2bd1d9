//! A certificate authority made for one test, and the certificates of Amazon's hosts that it issues.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::pomerium::{Certificate, Running};
use super::pool::{DomainCertificate, Host, Pool};

/// Chooses the certificate by the name that the client asks for (SNI), and issues it when it is first asked for.
///
/// A name that no pool answers to has no certificate: the handshake fails.
pub struct Certificates {
    pools: Vec<Pool>,
    running: Option<Running>,
    authority: Issuer<'static, KeyPair>,
    stranger: Issuer<'static, KeyPair>,
    authority_pem: String,
    key: KeyPair,
    issued: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    /// A new authority.
    pub fn new(pools: Vec<Pool>, running: Option<Running>) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name.push(DnType::CommonName, "stand-in authority");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("a key");
        let mut others = parameters.clone();
        others.distinguished_name.push(DnType::CommonName, "an authority that nobody knows");
        let stranger = Issuer::new(others, KeyPair::generate().expect("a key"));
        let certificate = parameters.self_signed(&key).expect("a certificate");
        Self {
            pools,
            running,
            stranger,
            authority_pem: certificate.pem(),
            authority: Issuer::new(parameters, key),
            key: KeyPair::generate().expect("a key"),
            issued: Mutex::default(),
        }
    }

    /// The certificate of the authority, for `--ca`.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    fn issue(&self, host: &str, kind: DomainCertificate, authority: &Issuer<'static, KeyPair>) -> CertifiedKey {
        let name = if kind == DomainCertificate::WrongName { "another-name.example.net" } else { host };
        let mut parameters = CertificateParams::new([name.to_owned()]).expect("a host name");
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.use_authority_key_identifier_extension = true;
        if kind == DomainCertificate::Expired {
            parameters.not_before = date_time_ymd(2020, 1, 1);
            parameters.not_after = date_time_ymd(2021, 1, 1);
        }
        let certificate = parameters.signed_by(&self.key, authority).expect("a certificate");
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        CertifiedKey::new(vec![certificate.into()], any_supported_type(&key).expect("a key that rustls can use"))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name()?.to_owned();
        let of_pool = |pool: &Pool| match pool.host(&host)? {
            Host::Domain => Some(pool.domain_certificate),
            Host::Service { .. } | Host::Issuer { .. } => Some(DomainCertificate::Valid),
        };
        let running = self.running.as_ref().and_then(|running| running.certificate(&host));
        let authority = if running.is_some_and(Certificate::is_of_stranger) { &self.stranger } else { &self.authority };
        let kind = match running {
            None => self.pools.iter().find_map(of_pool)?,
            Some(certificate) => certificate.into(),
        };
        let mut issued = self.issued.lock().expect("no thread panicked");
        Some(Arc::clone(issued.entry(host.clone()).or_insert_with(|| Arc::new(self.issue(&host, kind, authority)))))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}
