//! The stand-in as a real HTTPS server on loopback, under Amazon's host names.
//!
//! A client reaches it by `--connect-to ::127.0.0.1:PORT`, and trusts it by `--ca FILE`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::answer::{HttpAnswer, HttpRequest, answer};
use super::certificates::Certificates;
use super::pomerium::Running;
use super::pool::{Host, Pool};

/// What the server is to do.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// The pools it stands in for. None is the default one.
    pub pools: Vec<Pool>,
    /// The running Pomerium, if there is one.
    pub running: Option<Running>,
    /// How long each answer takes, from the last byte of the request to the first of the answer.
    pub latency: Duration,
    /// What goes wrong, and where. The first script that fits counts.
    pub scripts: Vec<Script>,
}

/// A fault of the requests whose path ends in a text and whose query contains another.
#[derive(Clone, Debug)]
pub struct Script {
    /// The end of the path; empty fits every request.
    pub path: &'static str,
    /// A part of the query; empty fits every request.
    pub query: &'static str,
    /// What goes wrong.
    pub fault: Fault,
    /// For how many requests.
    pub times: usize,
}

impl Script {
    /// Every time.
    pub fn always(path: &'static str, fault: Fault) -> Self {
        Self { path, query: "", fault, times: usize::MAX }
    }

    /// The first time only.
    pub fn once(path: &'static str, fault: Fault) -> Self {
        Self { path, query: "", fault, times: 1 }
    }
}

/// What can go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// No answer, ever; the connection stays open.
    Hang,
    /// The connection is reset instead of an answer.
    Reset,
    /// The answer has a body of 64 MB.
    Huge,
    /// The connection ends in the middle of the body.
    Truncated,
    /// One byte of the answer every 50 ms.
    SlowDrip,
    /// Bytes that are no HTTP.
    Garbage,
    /// Another answer.
    Answer(HttpAnswer),
    /// These very bytes in place of an answer; the connection ends after them.
    Bytes(Vec<u8>),
}

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// The request.
    pub request: HttpRequest,
    /// The number of the connection it came on, from 0.
    pub connection: usize,
    /// When its last byte arrived.
    pub when: Instant,
}

/// What the server has seen.
#[derive(Debug, Default)]
struct Log {
    received: Vec<Received>,
    /// The name asked for (SNI) on each connection whose TLS handshake succeeded.
    connections: Vec<String>,
    open: usize,
    most_open: usize,
    refused_handshakes: usize,
}

/// A running server. It stops when dropped.
pub struct Server {
    address: SocketAddr,
    authority: NamedTempFile,
    unresolved: Vec<String>,
    log: Arc<Mutex<Log>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that stands in for one pool.
    pub fn of(pool: Pool) -> Self {
        Self::start(Behaviour { pools: vec![pool], ..Behaviour::default() })
    }

    /// Starts a server.
    pub fn start(mut behaviour: Behaviour) -> Self {
        if behaviour.pools.is_empty() {
            behaviour.pools.push(Pool::default());
        }
        let certificates = Certificates::new(behaviour.pools.clone(), behaviour.running.clone());
        let mut authority = tempfile::Builder::new().suffix(".pem").tempfile().expect("a temporary file");
        authority.write_all(certificates.authority_pem().as_bytes()).expect("a file to write");
        let tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certificates));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let address = listener.local_addr().expect("an address");
        let unresolved = behaviour.pools.iter().filter(|pool| !pool.domain_resolves).filter_map(Pool::domain_host);
        let running = behaviour.running.iter().flat_map(|running| running.unresolved.clone());
        let unresolved = unresolved.chain(running).collect();
        let log = Arc::new(Mutex::new(Log::default()));
        let state = Arc::new(State { behaviour: Mutex::new(behaviour), log: Arc::clone(&log) });
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, TlsAcceptor::from(Arc::new(tls)), state) => {}
                }
            });
        });
        Self { address, authority, unresolved, log, stop: Some(stop), thread: Some(thread) }
    }

    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where the certificate of its authority is.
    pub fn authority(&self) -> String {
        self.authority.path().to_str().expect("a path in UTF-8").to_owned()
    }

    /// `--connect-to` for every name.
    ///
    /// A domain that shall not resolve is mapped to a name below `.invalid`, which no name server knows.
    pub fn connect_to_args(&self) -> Vec<String> {
        let unresolved = self.unresolved.iter().map(|host| format!("{host}::{host}.invalid:443"));
        let all = format!("::127.0.0.1:{}", self.port());
        unresolved.chain([all]).flat_map(|map| ["--connect-to".to_owned(), map]).collect()
    }

    /// `--connect-to` and `--ca`.
    pub fn args(&self) -> Vec<String> {
        let mut args = self.connect_to_args();
        args.extend(["--ca".to_owned(), self.authority()]);
        args
    }

    /// Every request so far, in the order of arrival.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.log).received.clone()
    }

    /// The number of requests to each host so far.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        let mut requests = BTreeMap::new();
        for received in &lock(&self.log).received {
            *requests.entry(received.request.host.clone()).or_default() += 1;
        }
        requests
    }

    /// The number of TLS connections to each host so far.
    pub fn connections(&self) -> BTreeMap<String, usize> {
        let mut connections = BTreeMap::new();
        for host in &lock(&self.log).connections {
            *connections.entry(host.clone()).or_default() += 1;
        }
        connections
    }

    /// The greatest number of TLS connections that were open at once so far.
    pub fn most_open(&self) -> usize {
        lock(&self.log).most_open
    }

    /// The number of TLS handshakes that failed so far.
    pub fn refused_handshakes(&self) -> usize {
        lock(&self.log).refused_handshakes
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct State {
    behaviour: Mutex<Behaviour>,
    log: Arc<Mutex<Log>>,
}

/// A test that panicked while it held the lock has failed already.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl State {
    /// Takes note of a request, and says how to answer it, how long that takes, and what goes wrong.
    fn take(&self, request: HttpRequest, connection: usize) -> (HttpAnswer, Duration, Option<Fault>) {
        let mut behaviour = lock(&self.behaviour);
        let fits = |script: &&mut Script| {
            script.times > 0 && request.path.ends_with(script.path) && request.query.contains(script.query)
        };
        let script = behaviour.scripts.iter_mut().find(fits).map(|script| {
            script.times -= 1;
            script.fault.clone()
        });
        let running = behaviour.running.as_ref().filter(|running| running.is_at(&request.host));
        let answer = running
            .map_or_else(|| answer(pool_for(&behaviour.pools, &request), &request), |running| running.answer(&request));
        lock(&self.log).received.push(Received { request, connection, when: Instant::now() });
        (answer, behaviour.latency, script)
    }
}

/// The pool that a request is about: by its login domain, else by the pool id in its path.
fn pool_for<'a>(pools: &'a [Pool], request: &HttpRequest) -> &'a Pool {
    let id = request.path.split('/').nth(1).unwrap_or_default();
    pools
        .iter()
        .find(|pool| pool.host(&request.host) == Some(Host::Domain))
        .or_else(|| pools.iter().find(|pool| pool.pool_id == id))
        .unwrap_or(&pools[0])
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let Ok(stream) = tls.accept(stream).await else {
                lock(&state.log).refused_handshakes += 1;
                return;
            };
            let connection = {
                let mut log = lock(&state.log);
                let name = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
                log.connections.push(name);
                log.open += 1;
                log.most_open = log.most_open.max(log.open);
                log.connections.len() - 1
            };
            serve(stream, connection, &state).await;
            lock(&state.log).open -= 1;
        });
    }
}

/// Answers the requests of one connection until the client ends it.
async fn serve(mut stream: TlsStream<TcpStream>, connection: usize, state: &State) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        let (answer, latency, fault) = state.take(request, connection);
        tokio::time::sleep(latency).await;
        let sent = match fault {
            None => stream.write_all(&encode(&answer)).await.is_ok(),
            Some(Fault::Answer(other)) => stream.write_all(&encode(&other)).await.is_ok(),
            Some(fault) => {
                fail(&mut stream, &fault, &answer).await;
                false
            }
        };
        if !sent || stream.flush().await.is_err() {
            return;
        }
    }
}

/// Spoils an answer. The connection is of no use afterwards.
async fn fail(stream: &mut TlsStream<TcpStream>, fault: &Fault, answer: &HttpAnswer) {
    match fault {
        Fault::Hang => std::future::pending().await,
        Fault::Reset => {
            let _ = stream.get_ref().0.set_zero_linger();
        }
        Fault::Huge => {
            const MEGABYTE: usize = 1 << 20;
            let _ = stream.write_all(&head(answer, 64 * MEGABYTE)).await;
            let chunk = vec![b' '; MEGABYTE];
            for _ in 0..64 {
                if stream.write_all(&chunk).await.is_err() {
                    return;
                }
            }
            let _ = stream.flush().await;
        }
        Fault::Truncated => {
            let _ = stream.write_all(&head(answer, answer.body.len().max(2))).await;
            let _ = stream.write_all(&answer.body.as_bytes()[..answer.body.len() / 2]).await;
            let _ = stream.flush().await;
        }
        Fault::SlowDrip => {
            for byte in encode(answer) {
                if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Fault::Garbage => {
            let _ = stream.write_all(b"\x00\xff\x16\x03\x01 not HTTP at all\r\n\r\n\xf0\x9f").await;
            let _ = stream.shutdown().await;
        }
        Fault::Bytes(bytes) => {
            if stream.write_all(bytes).await.is_ok() {
                let _ = stream.shutdown().await;
            }
        }
        Fault::Answer(_) => {}
    }
}

fn encode(answer: &HttpAnswer) -> Vec<u8> {
    let mut bytes = head(answer, answer.body.len());
    bytes.extend_from_slice(answer.body.as_bytes());
    bytes
}

fn head(answer: &HttpAnswer, length: usize) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} Stand-in\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {length}\r\n\r\n"));
    head.into_bytes()
}

/// Reads one request; what follows it stays in the buffer. `None` at the end of the connection, or for anything that is no HTTP.
async fn read_request(stream: &mut TlsStream<TcpStream>, buffer: &mut Vec<u8>) -> Option<HttpRequest> {
    const LONGEST_HEAD: usize = 64 * 1024;
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if buffer.len() > LONGEST_HEAD || stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer.drain(..end).collect()).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let header = |name: &str| headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let host = header("host").split(':').next().unwrap_or_default().to_owned();
    let length: usize = header("content-length").parse().unwrap_or(0);
    while buffer.len() < length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&buffer.drain(..length).collect::<Vec<u8>>()).into_owned();
    let (path, query) = (path.to_owned(), query.to_owned());
    Some(HttpRequest { method, host, path, query, headers, body, at: now() })
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs())
}
