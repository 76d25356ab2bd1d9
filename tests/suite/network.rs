//! The whole binary over real networks: slow ones, broken ones, proxied ones, recorded ones.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::answer::HttpAnswer;
use crate::support::pool::Pool;
use crate::support::server::{Behaviour, Fault, Script, Server};
use crate::support::{Pomlint, Ran, is_due};
use pomlint::evidence::Need;
use pomlint::rules::{RULES, find};
use serde_json::Value;

const SERVICE: &str = "cognito-idp.eu-west-1.amazonaws.com";
const VARIANT: &str = "issuer-cognito-idp.eu-west-1.amazonaws.com";
const DOMAIN: &str = "acme.auth.eu-west-1.amazoncognito.com";

const DISCOVERY: &str = "/eu-west-1_9xK2mPq7R/.well-known/openid-configuration";
const KEYS: &str = "/jwks.json";
const AUTHORIZE: &str = "/oauth2/authorize";
const LOGIN: &str = "/login";

fn pool(description: &str) -> Pool {
    Pool::from_yaml(description).unwrap()
}

/// A run on the healthy configuration.
fn check(args: &[&str]) -> Pomlint {
    let folder = crate::support::project("fixtures/configs");
    Pomlint::new(["check", "healthy.yaml"]).args(args.iter().copied()).in_folder(&folder)
}

/// The report of a run.
struct Report {
    ran: Ran,
    json: Value,
}

impl Report {
    fn of(ran: Ran) -> Self {
        let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        Self { ran, json }
    }

    fn verdicts(&self) -> impl Iterator<Item = &Value> {
        self.json["reports"].as_array().unwrap().iter().flat_map(|report| report["verdicts"].as_array().unwrap())
    }

    fn with(&self, verdict: &str) -> BTreeSet<&str> {
        let named = self.verdicts().filter(|judged| judged["verdict"] == verdict);
        named.map(|judged| judged["rule"].as_str().unwrap()).collect()
    }

    /// The verdicts that need nobody's answer, findings and all.
    fn of_the_file(&self) -> BTreeMap<&str, Value> {
        let rules = self.verdicts().map(|judged| (judged["rule"].as_str().unwrap(), judged));
        rules
            .filter(|(name, _)| find(name).unwrap().needs.iter().all(|need| *need == Need::File))
            .map(|(name, judged)| {
                let mut judged = judged.clone();
                // What an earlier failure explains is told by the whole of a run.
                judged["follows"] = Value::Null;
                (name, judged)
            })
            .collect()
    }

    /// The steps at which requests failed.
    fn steps(&self) -> BTreeSet<&str> {
        let exchanges = self.json["reports"][0]["exchanges"].as_array().unwrap();
        exchanges.iter().filter_map(|exchange| exchange["failure"]["step"].as_str()).collect()
    }
}

// Faults

/// A body of 64 MB of spaces in 420 KB of gzip: matches of 258 bytes at distance 1, in fixed Huffman codes (RFC 1951).
fn gzip_bomb() -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let code = |bits: &mut Vec<bool>, code: u32, length: u32| {
        bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
    };
    // The last block, of fixed codes: 1, then 01 with its low bit first.
    bits.extend([true, true, false]);
    code(&mut bits, 0x30 + u32::from(b' '), 8);
    for _ in 0..(64 << 20) / 258 {
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    code(&mut bits, 0, 7);
    let deflated = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
    let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    body.extend(deflated);
    let mut bytes = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    bytes
}

fn answer(status: u16, location: Option<&str>, body: &str) -> Fault {
    let answer = HttpAnswer::new(status, "text/html", body);
    Fault::Answer(match location {
        Some(location) => answer.with("location", location),
        None => answer,
    })
}

/// What must never pass when the answers at a path are spoilt: every rule that needs them, or what follows from them.
fn needing(path: &str) -> BTreeSet<&'static str> {
    let is_hit = |need: &Need| match path {
        DISCOVERY => !matches!(need, Need::File | Need::IssuerVariant),
        KEYS => *need == Need::Keys,
        AUTHORIZE => matches!(need, Need::Authorize | Need::LoginPage | Need::Token | Need::SignOut),
        _ => *need == Need::LoginPage,
    };
    // A clock is read off any answer at all, what is there or not there is seen in the file, and the keys are where Cognito keeps
    // them even if the document that says so is not to be had.
    let of_the_file = [
        "authenticate-host-is-the-issuer",
        "authenticate-url-explicit-port",
        "issuer-region-contradicts-pool",
        "silent-login-without-session",
    ];
    let is_decided_otherwise = |name| {
        matches!(name, "clock-skew" | "client-secret-missing" | "no-signing-keys") || of_the_file.contains(&name)
    };
    RULES
        .iter()
        .filter(|rule| !is_decided_otherwise(rule.name) && rule.needs.iter().any(is_hit))
        .map(|rule| rule.name)
        .collect()
}

#[test]
fn a_broken_answer_is_told_and_nothing_passes_for_it() {
    let page = "<html><title>Welcome to the network</title></html>";
    let oneself = format!("https://{SERVICE}{DISCOVERY}");
    let faults: Vec<(&str, Fault)> = vec![
        ("hang", Fault::Hang),
        ("reset", Fault::Reset),
        ("huge", Fault::Huge),
        ("truncated", Fault::Truncated),
        ("slow", Fault::SlowDrip),
        ("garbage", Fault::Garbage),
        ("bomb", Fault::Bytes(gzip_bomb())),
        ("nothing", Fault::Bytes(Vec::new())),
        ("half a head", Fault::Bytes(b"HTTP/1.1 200 OK\r\ncontent-ty".to_vec())),
        (
            "no gzip",
            Fault::Bytes(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello".to_vec()),
        ),
        ("page", answer(200, None, page)),
        ("loop", answer(302, Some(&oneself), "")),
        ("to plain http", answer(302, Some("http://portal.example.net/"), "")),
        ("to this machine", answer(302, Some("https://127.0.0.1:1/"), "")),
        ("to the cloud's metadata", answer(307, Some("https://169.254.169.254/latest/meta-data"), "")),
        ("nowhere", answer(302, None, "")),
        ("to nonsense", answer(302, Some("https://[::"), "")),
        ("299", answer(299, None, "")),
        ("204", answer(204, None, "")),
        ("403", answer(403, None, "Forbidden")),
        ("418", answer(418, None, "short and stout")),
        ("429", answer(429, None, "slow down")),
        ("503", answer(503, None, "busy")),
        ("599", answer(599, None, "")),
    ];
    // What is complete in its head is an answer.
    let is_answer = |name: &str, path: &str| name == "huge" && path == AUTHORIZE;
    // A page that is refused is a page; it is another rule that says so.
    let is_page = |name: &str, path: &str| path == LOGIN && matches!(name, "418" | "599");
    let offline = Report::of(check(&["--offline", "--format", "json"]).run());
    assert_eq!(offline.ran.code, 0);
    let mut wrong: Vec<String> = Vec::new();
    for (row, path) in [DISCOVERY, KEYS, AUTHORIZE, LOGIN].into_iter().enumerate() {
        for (_, (name, fault)) in faults.iter().enumerate().filter(|(column, _)| is_due(row + column, 2)) {
            let scripts = vec![Script::always(path, fault.clone())];
            let server = Server::start(Behaviour { scripts, ..Behaviour::default() });
            let report = Report::of(check(&["--timeout", "1", "--format", "json"]).args(server.args()).run());
            let mut object = |why: String| wrong.push(format!("{name} at {path}: {why}"));
            let (failed, passed) = (report.with("fail"), report.with("pass"));
            let errors = report.json["summary"]["errors"].as_u64().unwrap();
            let open = report.json["summary"]["undecided"].as_u64().unwrap();
            let expected = if errors > 0 { 1 } else { 3 };
            // A login page may be refused by a firewall for us alone, and 4xx or 5xx pages are broken for everybody.
            if is_answer(name, path) {
                assert_eq!(report.ran.code, 0, "{name} at {path}: {failed:?}");
                continue;
            }
            if report.ran.code != expected || errors == 0 && open == 0 {
                object(format!("exit {}, {errors} errors, {open} open, fails {failed:?}", report.ran.code));
            }
            let false_passes: Vec<_> = needing(path).intersection(&passed).copied().collect();
            if !false_passes.is_empty() && !is_page(name, path) {
                object(format!("{false_passes:?} pass"));
            }
            if report.of_the_file() != offline.of_the_file() {
                object("rules of the file are judged otherwise".to_owned());
            }
            if server.received().len() > 15 {
                object(format!("{} requests", server.received().len()));
            }
            if !report.ran.stderr.is_empty() {
                object(format!("stderr: {}", report.ran.stderr));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_broke_is_said_in_words() {
    for (fault, step, words) in [
        (Fault::Hang, "timeout", "gave no whole answer within 1 s"),
        (Fault::SlowDrip, "timeout", "gave no whole answer within 1 s"),
        (Fault::Reset, "read", "broke before the answer was complete"),
        (Fault::Truncated, "read", "broke amid the answer"),
        (Fault::Garbage, "read", "broke before the answer was complete"),
    ] {
        let server = Server::start(Behaviour {
            scripts: vec![Script::always(DISCOVERY, fault.clone())],
            ..Behaviour::default()
        });
        let args = ["--timeout", "1", "--format"];
        let report = Report::of(check(&args).args(["json"]).args(server.args()).run());
        assert_eq!((report.ran.code, report.steps()), (3, BTreeSet::from([step])), "{fault:?}");
        let human = check(&args).args(["human"]).args(server.args()).run();
        let unbroken = human.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(unbroken.contains(words) && unbroken.contains(SERVICE), "{fault:?}: {}", human.stdout);
        assert!(unbroken.contains("This is not a pass."), "{fault:?}: {}", human.stdout);
        assert!(!unbroken.contains("should work"), "{fault:?}: {}", human.stdout);
    }
}

/// `--connect-to` for one host, ahead of those of the server.
fn led(host: &str, to: &str) -> [String; 2] {
    ["--connect-to".to_owned(), format!("{host}::{to}")]
}

/// A server that takes connections and answers each with these bytes and nothing more.
fn plain_server(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        // Kept open: whoever waits for more waits in vain.
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(bytes);
            open.push(stream);
        }
    });
    port
}

#[test]
fn whoever_cannot_be_reached_proves_nothing() {
    let silent = format!("127.0.0.1:{}", plain_server(b""));
    let plain = format!("127.0.0.1:{}", plain_server(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
    for (host, to, code, step) in [
        (SERVICE, "nowhere.invalid:443", 3, "no-such-host"),
        (SERVICE, "127.0.0.1:1", 3, "connect"),
        (SERVICE, silent.as_str(), 3, "timeout"),
        (SERVICE, plain.as_str(), 3, "tls"),
        (DOMAIN, "nowhere.invalid:443", 1, "no-such-host"),
        (DOMAIN, "127.0.0.1:1", 3, "connect"),
        (DOMAIN, silent.as_str(), 3, "timeout"),
        (DOMAIN, plain.as_str(), 3, "tls"),
        // All that it tells is worth a warning.
        (VARIANT, "nowhere.invalid:443", 0, "no-such-host"),
        (VARIANT, silent.as_str(), 0, "timeout"),
    ] {
        let server = Server::of(Pool::default());
        let args = ["--timeout", "1", "--format"];
        let run = |format: &str| check(&args).args([format]).args(led(host, to)).args(server.args()).run();
        let report = Report::of(run("json"));
        assert_eq!((report.ran.code, report.steps()), (code, BTreeSet::from([step])), "{host} at {to}");
        let passed = report.with("pass");
        let path = if host == DOMAIN { AUTHORIZE } else { DISCOVERY };
        if host != VARIANT {
            let false_passes: Vec<_> = needing(path).intersection(&passed).copied().collect();
            assert!(false_passes.is_empty(), "{host} at {to}: {false_passes:?} pass");
        }
        assert_eq!(passed.contains("issuer-switched"), host != VARIANT, "{host} at {to}");
        let human = run("human");
        assert!(human.stdout.contains(host) && !human.stdout.contains("should work"), "{}", human.stdout);
    }
}

#[test]
fn an_answer_that_fails_once_is_asked_for_again() {
    let busy = || Fault::Answer(HttpAnswer::empty(503));
    let scripts = [DISCOVERY, KEYS, AUTHORIZE, LOGIN].map(|path| Script::once(path, busy())).into();
    let server = Server::start(Behaviour { scripts, ..Behaviour::default() });
    let ran = check(&[]).args(server.args()).run();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    // The same path on the two issuer hosts, and the control.
    assert_eq!(server.received().len(), 6 + 4, "{:?}", server.requests());
}

#[test]
fn a_connection_that_is_closed_without_an_answer_is_tried_again() {
    for fault in [Fault::Reset, Fault::Bytes(Vec::new())] {
        let scripts = [DISCOVERY, AUTHORIZE].map(|path| Script::once(path, fault.clone())).into();
        let server = Server::start(Behaviour { scripts, ..Behaviour::default() });
        let ran = check(&[]).args(server.args()).run();
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        assert_eq!(server.received().len(), 6 + 2, "{:?}", server.requests());
    }
}

/// A script for the request with the configured callback.
fn refused_at_first(times: usize) -> Script {
    let location = format!("https://{DOMAIN}/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1");
    let query = "redirect_uri=https%3A%2F%2Fauthenticate.corp.example.com%2Foauth2%2Fcallback&";
    Script { query, times, ..Script::always(AUTHORIZE, Fault::Answer(HttpAnswer::redirect(location))) }
}

#[test]
fn a_refusal_is_asked_about_again_before_it_counts() {
    let run = |times: usize, flags: &[&str]| {
        let server = Server::start(Behaviour { scripts: vec![refused_at_first(times)], ..Behaviour::default() });
        let folder = tempfile::tempdir().unwrap();
        let recording = folder.path().join("new").to_str().unwrap().to_owned();
        let ran = check(flags).args(server.args()).args(["--record", &recording]).run();
        let again = check(&[]).args(["--replay", &recording]).run();
        assert_eq!((ran.code, &ran.stdout), (again.code, &again.stdout), "a replay waits for nobody");
        (ran, server.received().len())
    };
    let (ran, _) = run(1, &[]);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(words.contains("contradict each other") && words.contains("--wait 120"), "{}", ran.stdout);
    let (ran, requests) = run(usize::MAX, &[]);
    assert_eq!((ran.code, requests), (1, 15), "{}", ran.stdout);
    // Twice in a row it is taken, and the rest is asked as if it had been so at once.
    let (ran, _) = run(1, &["--wait", "2"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    let (ran, requests) = run(usize::MAX, &["--wait", "1"]);
    assert_eq!((ran.code, requests), (1, 16), "{}", ran.stdout);
}

// Recordings

#[test]
fn a_replay_prints_what_the_recording_did() {
    let both = ["--probe-secret", "--probe-sign-out"];
    let worlds = [
        ("", None),
        ("domain: none", None),
        ("domain: login.corp.example.com", None),
        ("{domain: none, generation: '2017'}", None),
        ("issuer: updated", None),
        ("waf: true", None),
        ("exists: false", None),
        ("clock_ahead: 120", None),
        ("domain_resolves: false", None),
        ("domain_certificate: expired", None),
        ("{managed_login: true, client: {branding: false}}", None),
        ("client: {callback_urls: []}", None),
        ("client: {scopes: [openid]}", None),
        ("client: {secret: none, logout_urls: []}", None),
        ("", Some((DISCOVERY, Fault::Garbage))),
        ("", Some((AUTHORIZE, Fault::Hang))),
    ];
    for (row, (description, faulty)) in worlds.into_iter().enumerate() {
        let scripts = faulty.iter().map(|(path, fault)| Script::always(path, fault.clone())).collect();
        let server = Server::start(Behaviour { pools: vec![pool(description)], scripts, ..Behaviour::default() });
        let forms = [&["--format", "human", "-v"][..], &["--format", "json"]];
        for (_, form) in forms.into_iter().enumerate().filter(|(column, _)| is_due(row + column, 2)) {
            let folder = tempfile::tempdir().unwrap();
            let recording = folder.path().join("new").to_str().unwrap().to_owned();
            let args = [&both[..], &["--timeout", "1"], form].concat();
            let live = check(&args).args(server.args()).args(["--record", &recording]).run();
            let again = check(&args).args(["--replay", &recording]).run();
            assert_eq!((live.code, &live.stdout), (again.code, &again.stdout), "{description} {faulty:?}");
            // And a recording of the replay of it all is the recording.
            let other = check(&args).args(["--replay", &recording]).env("HTTPS_PROXY", "http://127.0.0.1:1").run();
            assert_eq!(other.stdout, live.stdout, "a replay asks nobody");
        }
    }
}

// Proxies

/// A proxy that leads every `CONNECT` to one port of this machine, and remembers the targets.
struct Proxy {
    port: u16,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let targets = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&targets);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || tunnel(stream, server, &seen));
            }
        });
        Self { port, targets }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn targets(&self) -> BTreeSet<String> {
        self.targets.lock().unwrap().iter().cloned().collect()
    }
}

fn tunnel(stream: TcpStream, server: u16, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line).ok()?;
    }
    seen.lock().unwrap().push(target);
    let upstream = TcpStream::connect(("127.0.0.1", server)).ok()?;
    let mut client = stream;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let (mut up, mut down) = (upstream.try_clone().ok()?, upstream);
    let back = std::thread::spawn(move || {
        let _ = std::io::copy(&mut down, &mut client);
        let _ = client.shutdown(Shutdown::Both);
    });
    let _ = std::io::copy(&mut reader.by_ref(), &mut up);
    let _ = up.shutdown(Shutdown::Both);
    back.join().ok()
}

#[test]
fn a_proxy_is_used_and_named() {
    let server = Server::of(Pool::default());
    let proxy = Proxy::to(server.port());
    let authority = server.authority();
    let run = |args: &[&str]| {
        let args = [&["--ca", authority.as_str()], args].concat();
        check(&args).env("HTTPS_PROXY", &proxy.url()).run()
    };
    let ran = run(&[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(proxy.targets(), [SERVICE, VARIANT, DOMAIN].map(|host| format!("{host}:443")).into());
    assert!(server.connections().values().all(|count| *count <= 2), "{:?}", server.connections());
    let name = format!("127.0.0.1:{}", proxy.port);
    assert!(ran.stdout.contains(&name), "the proxy is not named: {}", ran.stdout);
    let json = Report::of(run(&["--format", "json"])).json;
    assert!(
        json["reports"][0]["proxies"][DOMAIN].as_str().unwrap().contains(&name),
        "{}",
        json["reports"][0]["proxies"]
    );
}

#[test]
fn no_proxy_is_honoured() {
    // No name server knows it, so that whoever asks directly must find nothing.
    let server = Server::of(pool("domain: login.nowhere.invalid"));
    let proxy = Proxy::to(server.port());
    let run = |exempt: &str| {
        check(&["--ca", &server.authority()]).env("HTTPS_PROXY", &proxy.url()).env("NO_PROXY", exempt).run()
    };
    let ran = run("");
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(proxy.targets().contains("login.nowhere.invalid:443"));
    proxy.targets.lock().unwrap().clear();
    let ran = run("localhost,.nowhere.invalid");
    assert_eq!(ran.code, 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("domain-does-not-resolve"), "{}", ran.stdout);
    assert_eq!(proxy.targets(), [SERVICE, VARIANT].map(|host| format!("{host}:443")).into());
}

#[test]
fn a_proxy_that_is_not_there_is_said_to_be_missing() {
    let ran = check(&["--timeout", "1"]).env("HTTPS_PROXY", "http://user:pass-word@127.0.0.1:1").run();
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("through the proxy") && ran.stdout.contains("127.0.0.1:1"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("pass-word"), "{}", ran.stdout);
}

// Several files

fn write(folder: &Path, name: &str, pool_id: &str) {
    let (region, _) = pool_id.split_once('_').unwrap();
    let text = crate::support::healthy()
        .replace("eu-west-1_9xK2mPq7R", pool_id)
        .replace("eu-west-1.a", &format!("{region}.a"));
    std::fs::write(folder.join(name), text).unwrap();
}

#[test]
fn many_pools_are_all_asked_and_their_recordings_replayed() {
    // Six questions each, and so more than are allowed for one configuration.
    const POOLS: usize = 36;
    let id = |number: usize| format!("eu-west-1_Pool{number:05}");
    let pools = (0..POOLS).map(|number| pool(&format!("{{pool_id: {}, domain: acme-{number}}}", id(number)))).collect();
    let server = Server::start(Behaviour { pools, ..Behaviour::default() });
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..POOLS).map(|number| format!("{number}.yaml")).collect();
    for (number, name) in names.iter().enumerate() {
        write(folder.path(), name, &id(number));
    }
    let run = |args: &[&str]| {
        let args = [&["check", "--format", "json"], args].concat();
        Pomlint::new(args).args(names.clone()).args(server.args()).in_folder(folder.path()).run()
    };
    let live = run(&["--record", "recordings"]);
    assert_eq!(live.code, 0, "{}", live.stdout);
    assert_eq!(server.received().len(), 6 * POOLS);
    assert!(server.connections().values().all(|count| *count <= 2), "{:?}", server.connections());
    let again = run(&["--replay", "recordings"]);
    assert_eq!((again.code, again.stdout), (0, live.stdout));
    // One recording for all of them answers the one it is of, and says that it answers no other.
    let one = run(&["--replay", "recordings/1"]);
    assert_eq!(one.code, 3, "{}", one.stdout);
    assert_eq!(server.received().len(), 6 * POOLS);
}

/// One after the other, they would take the time of four answers each.
#[test]
fn pools_are_asked_side_by_side_over_few_connections() {
    const POOLS: usize = 40;
    const REGIONS: [&str; 4] = ["eu-west-1", "eu-west-2", "eu-central-1", "us-east-1"];
    let region = |number: usize| REGIONS[number % REGIONS.len()];
    let id = |number: usize| format!("{}_Pool{number:05}", region(number));
    let described = |number| format!("{{pool_id: {}, region: {}, domain: acme-{number}}}", id(number), region(number));
    let pools = (0..POOLS).map(|number| pool(&described(number))).collect();
    let latency = Duration::from_millis(20);
    let server = Server::start(Behaviour { pools, latency, ..Behaviour::default() });
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..POOLS).map(|number| format!("{number}.yaml")).collect();
    for (number, name) in names.iter().enumerate() {
        write(folder.path(), name, &id(number));
    }
    let args = || [vec!["check".to_owned()], names.clone(), server.args()].concat();
    let ran = Pomlint::new(args()).in_folder(folder.path()).run();
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert_eq!(server.received().len(), 6 * POOLS);
    let first: BTreeSet<String> =
        server.received().iter().take(POOLS).map(|asked| asked.request.path.clone()).collect();
    assert!(first.len() > POOLS / 4, "one pool was asked after the other: {first:?}");
    assert!((5..=64).contains(&server.most_open()), "{} at once", server.most_open());
    #[cfg(unix)]
    {
        let few = Pomlint::with_files(64, args()).in_folder(folder.path()).run();
        assert_eq!(few.code, 0, "{}", few.stdout);
    }
}

#[test]
fn each_pool_is_asked_once() {
    let other = "{pool_id: eu-west-1_Other0000, domain: other}";
    let server = Server::start(Behaviour { pools: vec![Pool::default(), pool(other)], ..Behaviour::default() });
    let folder = tempfile::tempdir().unwrap();
    let first: Vec<String> = (1..=20).map(|number| format!("{number}.yaml")).collect();
    for name in &first {
        write(folder.path(), name, "eu-west-1_9xK2mPq7R");
    }
    write(folder.path(), "other.yaml", "eu-west-1_Other0000");
    let run = |names: &[String]| {
        let before = server.received().len();
        let ran =
            Pomlint::new(["check", "--format", "json"]).args(names).args(server.args()).in_folder(folder.path()).run();
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        server.received().len() - before
    };
    let one = run(&first[..1]);
    assert_eq!(one, 6, "{:?}", server.requests());
    assert_eq!(run(&first), one);
    let both = [&first[..], &["other.yaml".to_owned()]].concat();
    assert_eq!(run(&both), 2 * one);
}
