//! A small real TLS server on loopback, an authority for its certificate, and a proxy.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Sends these bytes, and keeps the connection.
    Send(Vec<u8>),
    /// Sends these bytes, then the last ones again and again up to 64 MB.
    Flood(Vec<u8>, Vec<u8>),
    /// Sends nothing, ever.
    Stall,
    /// Sends these bytes and hangs up.
    HangUp(Vec<u8>),
}

/// What the server does with a connection before any request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Speaks TLS.
    Open,
    /// Closes it while bytes are unread, which resets it.
    Reset,
    /// Reads the greeting and hangs up.
    HangUp,
}

/// The certificate that the server shows.
#[derive(Clone, Copy)]
pub(crate) enum Certificate {
    For(&'static str),
    Expired(&'static str),
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The authority of its certificate, in PEM.
    pub(crate) ca: PathBuf,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
    runtime: Runtime,
}

impl Server {
    pub(crate) fn start(certificate: Certificate, reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_behind(Door::Open, certificate, reply)
    }

    pub(crate) fn start_behind(
        door: Door,
        certificate: Certificate,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (config, ca_text) = issue(certificate);
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, ca_text).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            ca,
            connections: Arc::default(),
            requests: Arc::default(),
            _folder: folder,
            runtime,
        };
        let (connections, requests) = (Arc::clone(&server.connections), Arc::clone(&server.requests));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let reply: Arc<dyn Fn(&str) -> Reply + Send + Sync> = Arc::new(reply);
        server.runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, door, acceptor.clone(), Arc::clone(&requests), Arc::clone(&reply)));
            }
        });
        server
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Heads and bodies of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    door: Door,
    acceptor: TlsAcceptor,
    requests: Arc<Mutex<Vec<String>>>,
    reply: Arc<dyn Fn(&str) -> Reply + Send + Sync>,
) -> Option<()> {
    if door != Door::Open {
        let mut greeting = [0; 4096];
        if door == Door::Reset {
            stream.peek(&mut greeting).await.ok()?;
        } else {
            let _ = stream.read(&mut greeting).await.ok()?;
        }
        return None;
    }
    let mut stream = acceptor.accept(stream).await.ok()?;
    while let Some(request) = read_request(&mut stream).await {
        requests.lock().unwrap().push(request.clone());
        // It may wait for another one, which this thread must not keep from being served.
        match tokio::task::block_in_place(|| reply(&request)) {
            Reply::Send(bytes) => stream.write_all(&bytes).await.ok()?,
            Reply::Flood(bytes, again) => {
                stream.write_all(&bytes).await.ok()?;
                for _ in 0..64 * 1024 * 1024 / again.len() {
                    stream.write_all(&again).await.ok()?;
                }
            }
            Reply::Stall => std::future::pending().await,
            Reply::HangUp(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                return None;
            }
        }
        stream.flush().await.ok()?;
    }
    None
}

async fn read_request(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
        }
    }
}

/// The value of a header in the head of a request.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (own, value) = line.split_once(": ")?;
        own.eq_ignore_ascii_case(name).then_some(value)
    })
}

static AUTHORITIES: AtomicUsize = AtomicUsize::new(0);

fn issue(certificate: Certificate) -> (ServerConfig, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    // Authorities of the same name would pass for one whose signature is broken.
    let number = AUTHORITIES.fetch_add(1, Ordering::SeqCst);
    ca.distinguished_name.push(DnType::CommonName, format!("Test authority {number}"));
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_text = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = Issuer::new(ca, ca_key);

    let key = KeyPair::generate().unwrap();
    let (Certificate::For(name) | Certificate::Expired(name)) = certificate;
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if matches!(certificate, Certificate::Expired(_)) {
        (leaf.not_before, leaf.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    }
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    (config, ca_text)
}

/// A proxy that leads every CONNECT to one address.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Proxy {
    pub(crate) fn start(target: SocketAddr) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&requests);
        runtime.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let request = read_request(&mut stream).await?;
                    let welcome = header(&request, "proxy-authorization").is_some();
                    seen.lock().unwrap().push(request);
                    if !welcome {
                        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
                        return stream.write_all(refusal).await.ok();
                    }
                    let mut onward = TcpStream::connect(target).await.ok()?;
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
                    tokio::io::copy_bidirectional(&mut stream, &mut onward).await.ok()?;
                    Some(())
                });
            }
        });
        Self { address, requests, _runtime: runtime }
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}
