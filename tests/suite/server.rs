//! The stand-in's server: a real HTTPS server under Amazon's names, and everything that can go wrong with one.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::answer::HttpAnswer;
use crate::support::pool::Pool;
use crate::support::server::{Behaviour, Fault, Script, Server};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const DOMAIN: &str = "acme.auth.eu-west-1.amazoncognito.com";
const SERVICE: &str = "cognito-idp.eu-west-1.amazonaws.com";
const DISCOVERY: &str = "/eu-west-1_9xK2mPq7R/.well-known/openid-configuration";

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A connection whose TLS handshake succeeded.
fn connect(server: &Server, host: &str) -> std::io::Result<Stream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(server.authority()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = TcpStream::connect(("127.0.0.1", server.port()))?;
    socket.set_read_timeout(Some(Duration::from_millis(1500)))?;
    while tls.is_handshaking() {
        tls.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(tls, socket))
}

fn ask(stream: &mut Stream, host: &str, path: &str) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
}

/// The status and the body of the next answer, as far as it comes.
fn read(stream: &mut Stream) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body)?;
    Ok((head.lines().next().unwrap().to_owned(), body))
}

fn get(server: &Server, host: &str, path: &str) -> std::io::Result<(String, Vec<u8>)> {
    let mut stream = connect(server, host)?;
    ask(&mut stream, host, path);
    read(&mut stream)
}

fn faulty(path: &'static str, fault: Fault) -> Server {
    Server::start(Behaviour { scripts: vec![Script::always(path, fault)], ..Behaviour::default() })
}

#[test]
fn a_connection_is_kept_and_every_request_is_seen() {
    let server = Server::of(Pool::default());
    let mut stream = connect(&server, SERVICE).unwrap();
    for _ in 0..2 {
        ask(&mut stream, SERVICE, DISCOVERY);
        let (status, body) = read(&mut stream).unwrap();
        assert!(status.starts_with("HTTP/1.1 200") && body.starts_with(b"{\"authorization_endpoint\""), "{status}");
    }
    let form = "grant_type=x&client_id=y";
    let mut domain = connect(&server, DOMAIN).unwrap();
    write!(
        domain,
        "POST /oauth2/token?a=b HTTP/1.1\r\nHost: {DOMAIN}:443\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    assert_eq!(read(&mut domain).unwrap().1, br#"{"error":"invalid_client"}"#);

    assert_eq!(server.connections(), [(SERVICE.to_owned(), 1), (DOMAIN.to_owned(), 1)].into());
    assert_eq!(server.requests(), [(SERVICE.to_owned(), 2), (DOMAIN.to_owned(), 1)].into());
    let last = server.received().pop().unwrap();
    assert_eq!((last.request.method.as_str(), last.request.path.as_str()), ("POST", "/oauth2/token"));
    assert_eq!((last.request.query.as_str(), last.request.body.as_str()), ("a=b", form));
    assert_eq!((last.request.host.as_str(), last.connection), (DOMAIN, 1));
}

#[test]
fn only_names_that_exist_have_a_certificate() {
    let server = Server::of(Pool::default());
    assert!(get(&server, "cognito-idp.us-east-1.amazonaws.com", DISCOVERY).unwrap().0.contains("400"));
    assert!(connect(&server, "other.auth.eu-west-1.amazoncognito.com").is_err());
    assert!(connect(&server, "www.example.com").is_err());
    // The server counts after the client has turned away.
    let counted = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        server.refused_handshakes() == 2
    });
    assert!(counted, "{} handshakes refused", server.refused_handshakes());
}

#[test]
fn certificates_can_be_bad() {
    for (description, words) in
        [("domain_certificate: expired", "Expired"), ("domain_certificate: wrong-name", "NotValidForName")]
    {
        let server = Server::of(Pool::from_yaml(description).unwrap());
        let error = connect(&server, DOMAIN).expect_err(description);
        assert!(format!("{error:?}").contains(words), "{error:?}");
        assert!(get(&server, SERVICE, DISCOVERY).is_ok(), "only the login domain has the bad one");
    }
    let custom = Server::of(Pool::from_yaml("domain: login.acme.example").unwrap());
    assert!(get(&custom, "login.acme.example", "/login").is_ok());
}

#[test]
fn several_pools_answer_each_for_itself() {
    let other = Pool::from_yaml("{pool_id: eu-west-1_Other0000, domain: other}").unwrap();
    let server = Server::start(Behaviour { pools: vec![Pool::default(), other], ..Behaviour::default() });
    let body = |path: &str| String::from_utf8(get(&server, SERVICE, path).unwrap().1).unwrap();
    assert!(body(DISCOVERY).contains("https://acme.auth."));
    assert!(body("/eu-west-1_Other0000/.well-known/openid-configuration").contains("https://other.auth."));
    assert!(get(&server, "other.auth.eu-west-1.amazoncognito.com", "/login").is_ok());
}

#[test]
fn answers_can_be_late() {
    let latency = Duration::from_millis(200);
    let server = Server::start(Behaviour { latency, ..Behaviour::default() });
    let mut stream = connect(&server, SERVICE).unwrap();
    let start = Instant::now();
    ask(&mut stream, SERVICE, DISCOVERY);
    read(&mut stream).unwrap();
    assert!(start.elapsed() >= latency);
}

#[test]
fn faults_are_what_they_say() {
    let error = |fault| get(&faulty("/openid-configuration", fault), SERVICE, DISCOVERY).unwrap_err().kind();
    assert!(matches!(error(Fault::Hang), ErrorKind::WouldBlock | ErrorKind::TimedOut));
    assert_eq!(error(Fault::Reset), ErrorKind::ConnectionReset);
    assert_eq!(error(Fault::Truncated), ErrorKind::UnexpectedEof);
    let huge = faulty("", Fault::Huge);
    let (status, body) = get(&huge, SERVICE, DISCOVERY).unwrap();
    assert!(status.contains("200") && body.len() == 64 << 20);

    let garbage = faulty("", Fault::Garbage);
    let mut stream = connect(&garbage, SERVICE).unwrap();
    ask(&mut stream, SERVICE, DISCOVERY);
    let mut start = [0; 4];
    stream.read_exact(&mut start).unwrap();
    assert_ne!(&start, b"HTTP");

    let slow = faulty("", Fault::SlowDrip);
    let mut stream = connect(&slow, SERVICE).unwrap();
    ask(&mut stream, SERVICE, DISCOVERY);
    let began = Instant::now();
    stream.read_exact(&mut [0; 10]).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(400));
}

#[test]
fn a_script_can_end() {
    let busy = Fault::Answer(HttpAnswer::empty(503));
    let scripts = vec![Script::once("/openid-configuration", busy)];
    let server = Server::start(Behaviour { scripts, ..Behaviour::default() });
    assert!(get(&server, SERVICE, "/eu-west-1_9xK2mPq7R/.well-known/jwks.json").unwrap().0.contains("200"));
    assert!(get(&server, SERVICE, DISCOVERY).unwrap().0.contains("503"));
    assert!(get(&server, SERVICE, DISCOVERY).unwrap().0.contains("200"));
}

#[test]
fn it_stops_when_dropped() {
    let server = Server::of(Pool::default());
    let port = server.port();
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn names_are_mapped_to_loopback() {
    let server = Server::of(Pool::default());
    let all = format!("::127.0.0.1:{}", server.port());
    assert_eq!(server.connect_to_args(), ["--connect-to", &all]);
    let server = Server::of(Pool::from_yaml("domain_resolves: false").unwrap());
    let args = server.connect_to_args();
    assert_eq!(args.len(), 4);
    assert_eq!(args[1], format!("{DOMAIN}::{DOMAIN}.invalid:443"));
    assert!(server.args().contains(&"--ca".to_owned()));
}

#[test]
fn the_binary_can_be_run() {
    // More input than a pipe holds, which the binary does not read.
    let ran = crate::support::Pomlint::new(["--version"]).stdin(vec![b'x'; 1 << 20]).run();
    assert_eq!(ran.code, 0, "{ran:?}");
}
