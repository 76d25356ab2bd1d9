//! The HTTP client and its policy, against a real TLS server on loopback.

use std::path::Path;
use std::process::Command;
use std::sync::Barrier;
use std::time::Duration;

use pomlint::evidence::{
    Answer, Exchange, ExchangeId, Failure, Network, NetworkOptions, Outcome, Question, Request, Step, Transport,
};
use pomlint::secret::Secret;

mod server;

use self::server::{Certificate, Door, Proxy, Reply, Server, header};

const LOGIN: &str = "acme.auth.eu-west-1.amazoncognito.com";

fn reply(status: &str, headers: &str, body: &str) -> Reply {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
    Reply::Send(head.into_bytes())
}

fn secret_question(url: &str) -> Question {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let form = vec![pair("grant_type", "authorization_code"), pair("code", "made up")];
    let request = Request { method: "POST".to_owned(), url: url.to_owned(), form };
    let basic = Some(("id".to_owned(), Secret::new("s3cr+t")));
    Question { basic, ..Question::new(ExchangeId("token".to_owned()), request) }
}

/// Trusts the server's authority, and finds it under every name.
fn options(server: &Server) -> NetworkOptions {
    NetworkOptions {
        ca: Some(server.ca.clone()),
        connect_to: vec![format!("::127.0.0.1:{}", server.address.port()).parse().unwrap()],
        timeout: Duration::from_secs(20),
        ..NetworkOptions::default()
    }
}

fn network(server: &Server) -> Network {
    Network::new(options(server)).unwrap()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

fn ask(network: &Network, question: &Question) -> Exchange {
    run(network.ask(question))
}

fn answer(exchange: &Exchange) -> &Answer {
    match &exchange.outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Failure(failure) => panic!("{failure:?}"),
    }
}

fn failure(exchange: &Exchange) -> &Failure {
    match &exchange.outcome {
        Outcome::Answer(answer) => panic!("{answer:?}"),
        Outcome::Failure(failure) => failure,
    }
}

fn login(path: &str) -> String {
    format!("https://{LOGIN}{path}")
}

#[test]
fn a_redirect_is_the_answer_and_what_is_telling_is_cut() {
    let server = Server::start(Certificate::For(LOGIN), |request| {
        let state = request.split("state=").nth(1).unwrap().split([' ', '&']).next().unwrap();
        let headers = format!(
            "location: https://{LOGIN}/login?client_id=x&state={state}\r\nset-cookie: XSRF-TOKEN=0a1b; Path=/\r\n\
             x-amz-cognito-request-id: 7\r\nx-other: {state}\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\n"
        );
        reply("302 Found", &headers, &format!("went with {state}"))
    });
    let network = network(&server);
    let exchange =
        ask(&network, &Question::get("authorize", login("/oauth2/authorize?client_id=x&state=&scope=openid")));
    assert_eq!(exchange.request.url, login("/oauth2/authorize?client_id=x&state=CUT&scope=openid"));
    assert_eq!(exchange.attempts, 1);
    let answer = answer(&exchange);
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("location"), Some(login("/login?client_id=x&state=CUT").as_str()));
    assert_eq!(answer.header("set-cookie"), Some("XSRF-TOKEN=CUT; Path=/"));
    assert_eq!(answer.header("x-other"), None);
    assert!(answer.is_from_cognito() && answer.header("date").is_some());
    assert_eq!((answer.body.as_str(), answer.truncated), ("went with CUT", false));

    let requests = server.requests();
    assert_eq!(requests.len(), 1, "a redirect is not followed");
    let sent = requests[0].lines().next().unwrap();
    let state = sent.split("state=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(state.len(), 43, "{sent}");
    assert!(sent.starts_with("GET /oauth2/authorize?client_id=x&state="), "{sent}");
    assert_eq!(header(&requests[0], "host"), Some(LOGIN));
    assert_eq!(header(&requests[0], "user-agent"), Some(concat!("pomlint/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(header(&requests[0], "cookie"), None);
}

#[test]
fn a_port_in_the_url_stays_in_the_host_header_only() {
    let server = Server::start(Certificate::For(LOGIN), |_| reply("200 OK", "", "hello"));
    let mut options = options(&server);
    options.connect_to = vec![
        format!("{LOGIN}:443:127.0.0.1:1").parse().unwrap(),
        format!("{LOGIN}:9443:localhost:{}", server.address.port()).parse().unwrap(),
    ];
    let network = Network::new(options).unwrap();
    let exchange = ask(&network, &Question::get("x", format!("https://{LOGIN}:9443/a")));
    assert_eq!(answer(&exchange).body, "hello");
    assert_eq!(header(&server.requests()[0], "host"), Some(format!("{LOGIN}:9443").as_str()));
}

#[test]
fn endless_bodies_are_cut_off_compressed_or_not() {
    let plain = Server::start(Certificate::For(LOGIN), |_| {
        Reply::Flood(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n".to_vec(), vec![b'x'; 65536])
    });
    let compressed = Server::start(Certificate::For(LOGIN), |request| {
        assert!(header(request, "accept-encoding").unwrap().contains("gzip"));
        let mut head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 99999999\r\n\r\n".to_vec();
        head.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        // A stored block of 65,535 bytes that is not the last one.
        let block: Vec<_> = [0, 255, 255, 0, 0].into_iter().chain(std::iter::repeat_n(b'x', 65535)).collect();
        Reply::Flood(head, block)
    });
    for server in [plain, compressed] {
        let exchange = ask(&network(&server), &Question::get("x", login("/")));
        let answer = answer(&exchange);
        assert!(answer.truncated);
        assert_eq!(answer.body.len(), 256 * 1024);
        assert!(answer.body.bytes().all(|byte| byte == b'x'));
    }
}

#[test]
fn a_server_that_stalls_is_given_up_in_time() {
    let silent = Server::start(Certificate::For(LOGIN), |_| Reply::Stall);
    let half = |_: &str| Reply::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec());
    let half = Server::start(Certificate::For(LOGIN), half);
    for server in [&silent, &half] {
        let network = Network::new(NetworkOptions { timeout: Duration::from_millis(1500), ..options(server) }).unwrap();
        let exchange = ask(&network, &Question::get("x", login("/")));
        let failure = failure(&exchange);
        assert_eq!(failure.step, Step::Timeout);
        assert!(failure.cause.contains("within 1.5 s"), "{}", failure.cause);
        assert_eq!(exchange.attempts, 1);
        assert!(exchange.ms >= 1500, "{}", exchange.ms);
    }
}

#[test]
fn broken_connections_are_told_apart() {
    let never = |_: &str| reply("200 OK", "", "");
    let reset = Server::start_behind(Door::Reset, Certificate::For(LOGIN), never);
    let exchange = ask(&network(&reset), &Question::get("x", login("/")));
    assert_eq!(failure(&exchange).step, Step::Connect, "{:?}", failure(&exchange));
    assert_eq!((exchange.attempts, reset.connections()), (2, 2), "repeated once");

    let hangs_up = Server::start_behind(Door::HangUp, Certificate::For(LOGIN), never);
    let exchange = ask(&network(&hangs_up), &Question::get("x", login("/")));
    assert_eq!(failure(&exchange).step, Step::Tls, "{:?}", failure(&exchange));

    let half = |_: &str| Reply::HangUp(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec());
    let half = Server::start(Certificate::For(LOGIN), half);
    let exchange = ask(&network(&half), &Question::get("x", login("/")));
    assert_eq!(failure(&exchange).step, Step::Read, "{:?}", failure(&exchange));
    assert_eq!(exchange.attempts, 1);

    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let connect_to = vec![format!("::127.0.0.1:{gone}").parse().unwrap()];
    let network = Network::new(NetworkOptions { connect_to, ..options(&half) }).unwrap();
    let exchange = ask(&network, &Question::get("x", login("/")));
    assert_eq!(failure(&exchange).step, Step::Connect);
    assert!(failure(&exchange).cause.contains("refused"), "{}", failure(&exchange).cause);
}

#[test]
fn a_bad_certificate_says_what_is_wrong_with_it() {
    let never = |_: &str| panic!("nothing must be asked");
    let cause = |server: &Server, options: NetworkOptions| {
        let exchange = ask(&Network::new(options).unwrap(), &Question::get("x", login("/")));
        let failure = failure(&exchange).clone();
        assert!(matches!(failure.step, Step::Certificate | Step::Authority), "{failure:?}");
        assert!(failure.cause.contains(LOGIN), "{}", failure.cause);
        assert_eq!((exchange.attempts, server.requests().len()), (1, 0));
        failure.cause
    };
    let wrong_name = Server::start(Certificate::For("other.example"), never);
    let says = cause(&wrong_name, options(&wrong_name));
    assert!(says.contains("not for") && says.ends_with("only for other.example"), "{says}");

    let expired = Server::start(Certificate::Expired(LOGIN), never);
    let says = cause(&expired, options(&expired));
    assert!(says.contains(" expired ") && says.ends_with(" days ago"), "{says}");

    let unknown = Server::start(Certificate::For(LOGIN), never);
    let says = cause(&unknown, NetworkOptions { ca: Some(wrong_name.ca.clone()), ..options(&unknown) });
    assert!(says.contains("not trusted here") && says.contains("--ca"), "{says}");
}

#[test]
fn what_the_policy_forbids_is_never_asked() {
    let server = Server::start(Certificate::For(LOGIN), |_| panic!("nothing must be asked"));
    let port = server.address.port();
    let allow_hosts = ["localhost", "127.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]"].map(str::to_owned).to_vec();
    let options = NetworkOptions { allow_hosts, connect_to: Vec::new(), ..options(&server) };
    let network = Network::new(options).unwrap();
    for (url, why) in [
        (format!("http://{LOGIN}/"), "only https"),
        (format!("https://{LOGIN}@localhost:{port}/"), "user name"),
        ("https://login.acme.example/".to_owned(), "--allow-host login.acme.example"),
        (format!("https://localhost:{port}/"), "a loopback address; --connect-to"),
        (format!("https://127.0.0.1:{port}/"), "a loopback address"),
        ("https://169.254.169.254/latest/meta-data".to_owned(), "a link-local address"),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), "a loopback address"),
        ("not a url".to_owned(), "not a URL"),
    ] {
        let exchange = ask(&network, &Question::get("x", &url));
        let failure = failure(&exchange);
        assert_eq!(failure.step, Step::Policy, "{url}: {failure:?}");
        assert!(failure.cause.contains(why), "{url}: {}", failure.cause);
        assert_eq!(exchange.attempts, 0);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_url_that_no_client_can_send_is_not_asked() {
    let server = Server::start(Certificate::For(LOGIN), |_| panic!("nothing must be asked"));
    let exchange = ask(&network(&server), &Question::get("x", login(&format!("/{}", "a".repeat(70_000)))));
    assert_eq!(failure(&exchange).step, Step::Policy, "{:?}", failure(&exchange));
    assert!(failure(&exchange).cause.starts_with("this URL cannot be sent: "), "{}", failure(&exchange).cause);
}

#[test]
fn overload_is_tried_once_more_but_a_secret_is_not() {
    let seen = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(Certificate::For(LOGIN), move |request| {
        let first = seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        if first || request.contains("/down") {
            return reply("503 Service Unavailable", "", "later");
        }
        reply("200 OK", "", "hello")
    });
    let network = network(&server);
    let exchange = ask(&network, &Question::get("x", login("/")));
    assert_eq!((answer(&exchange).status, exchange.attempts), (200, 2));
    let exchange = ask(&network, &Question::get("x", login("/down")));
    assert_eq!((answer(&exchange).status, exchange.attempts), (503, 2));

    network.trust_login_domain(LOGIN);
    let exchange = ask(&network, &secret_question(&login("/down")));
    assert_eq!((answer(&exchange).status, exchange.attempts), (503, 1));
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn the_secret_is_sent_as_pomerium_sends_it_and_only_to_a_trusted_host() {
    let server =
        Server::start(Certificate::For(LOGIN), |_| reply("400 Bad Request", "", r#"{"error":"invalid_grant"}"#));
    let network = network(&server);
    let token = secret_question(&login("/oauth2/token"));
    let exchange = ask(&network, &token);
    assert_eq!(failure(&exchange).step, Step::Policy);
    assert!(failure(&exchange).cause.contains(&format!("--secret-to {LOGIN}")));
    assert_eq!(server.connections(), 0);

    network.trust_login_domain(LOGIN);
    let exchange = ask(&network, &token);
    assert_eq!(answer(&exchange).body, r#"{"error":"invalid_grant"}"#);
    let request = server.requests().remove(0);
    // id:s3cr%2Bt
    assert_eq!(header(&request, "authorization"), Some("Basic aWQ6czNjciUyQnQ="));
    assert_eq!(header(&request, "content-type"), Some("application/x-www-form-urlencoded"));
    assert!(request.ends_with("\r\n\r\ngrant_type=authorization_code&code=made+up"), "{request}");
    let kept = serde_json::to_string(&exchange).unwrap();
    for secret in ["s3cr", "aWQ6", "made"] {
        assert!(!kept.contains(secret), "{kept}");
    }
}

#[test]
fn the_budget_is_never_exceeded() {
    let server = Server::start(Certificate::For(LOGIN), |_| reply("503 Service Unavailable", "", ""));
    let network = Network::new(NetworkOptions { budget: 3, ..options(&server) }).unwrap();
    let mut exchanges: Vec<_> = (0..3).map(|_| ask(&network, &Question::get("x", login("/")))).collect();
    let last = exchanges.pop().unwrap();
    assert_eq!(failure(&last).step, Step::Budget);
    assert_eq!(last.attempts, 0);
    assert_eq!((answer(&exchanges[1]).status, exchanges[1].attempts), (503, 1), "no budget to try again");
    assert_eq!(server.requests().len(), 3);
}

/// `hello`.
const HELLO_IN_GZIP: [u8; 25] =
    [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0, 0];

fn chunked(headers: &str, body: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len());
    Reply::Send([head.as_bytes(), body, b"\r\n0\r\n\r\n"].concat())
}

#[test]
fn two_connections_are_enough_and_kept() {
    let server = Server::start(Certificate::For(LOGIN), |request| match request.split(' ').nth(1) {
        Some("/bodyless") => reply("302 Found", "", ""),
        Some("/chunked") => chunked("", b"hello"),
        Some("/compressed") => chunked("content-encoding: gzip\r\n", &HELLO_IN_GZIP),
        _ => reply("200 OK", "", "hello"),
    });
    let paths = ["/", "/bodyless", "/chunked", "/compressed"];
    let first = network(&server);
    run(async {
        for path in paths.iter().chain(&paths) {
            let exchange = first.ask(&Question::get("x", login(path))).await;
            assert_eq!(answer(&exchange).body, if *path == "/bodyless" { "" } else { "hello" });
        }
    });
    assert_eq!((server.connections(), server.requests().len()), (1, 8), "one after the other");

    let second = network(&server);
    let questions: Vec<_> = (0..24).map(|number| Question::get("x", login(paths[number % 4]))).collect();
    run(async {
        for _ in 0..2 {
            for exchange in futures_util::future::join_all(questions.iter().map(|question| second.ask(question))).await
            {
                answer(&exchange);
            }
        }
    });
    assert_eq!((server.connections() - 1, server.requests().len() - 8), (2, 48), "many at once");
}

#[test]
fn a_host_is_asked_two_questions_at_a_time() {
    let both = Barrier::new(2);
    let server = Server::start(Certificate::For(LOGIN), move |_| {
        // No answer before both questions are there: whoever asked them one after the other would wait in vain.
        both.wait();
        reply("200 OK", "", "hello")
    });
    let network = network(&server);
    let questions = ["/a", "/b"].map(|path| Question::get("x", login(path)));
    let exchanges = run(futures_util::future::join_all(questions.iter().map(|question| network.ask(question))));
    assert!(exchanges.iter().all(|exchange| answer(exchange).body == "hello"));
}

const CHILD: &str = "TRANSPORT_TEST_CHILD";

/// Runs this very test again in a process of its own, with these variables: the environment is read as users set it.
fn run_again(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_DIR"] {
        command.env_remove(name);
    }
    let name = format!("transport::{test}");
    let output =
        command.args(["--exact", &name, "--nocapture"]).env(CHILD, "1").envs(variables.to_vec()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_proxy_of_the_environment_is_used_and_named() {
    let test = "a_proxy_of_the_environment_is_used_and_named";
    if std::env::var_os(CHILD).is_some() {
        return ask_through_proxy();
    }
    let server = Server::start(Certificate::For(LOGIN), |_| reply("200 OK", "", "hello"));
    let proxy = Proxy::start(server.address);
    let ca = server.ca.to_str().unwrap();
    let variables = |proxy: &str| {
        run_again(test, &[("HTTPS_PROXY", proxy), ("NO_PROXY", "localhost"), ("SSL_CERT_FILE", ca)]);
    };
    variables(&format!("http://user:pa%20ss@{}", proxy.address));
    let requests = proxy.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert!(requests[0].starts_with(&format!("CONNECT {LOGIN}:443 ")), "{requests:?}");
    // user:pa ss
    assert_eq!(header(&requests[0], "proxy-authorization"), Some("Basic dXNlcjpwYSBzcw=="));
    assert_eq!(server.requests().len(), 1);

    variables(&format!("http://{}", proxy.address));
    assert_eq!(server.requests().len(), 1, "the proxy wants credentials");
    variables("socks5://127.0.0.1:1");
}

/// The child's part: whatever the proxy, `proxies()` names it, and addresses inside are not asked.
fn ask_through_proxy() {
    let proxy = std::env::var("HTTPS_PROXY").unwrap();
    let allow_hosts = ["localhost", "169.254.169.254"].map(str::to_owned).to_vec();
    let network = Network::new(NetworkOptions { allow_hosts, ..NetworkOptions::default() }).unwrap();
    let exchange = ask(&network, &Question::get("x", login("/")));
    if proxy.contains('@') {
        assert_eq!(answer(&exchange).body, "hello");
    } else {
        let failure = failure(&exchange);
        assert_eq!(failure.step, Step::Connect, "{failure:?}");
        let name = proxy.trim_end_matches('/');
        assert!(failure.cause.contains(name), "{}", failure.cause);
    }
    let named: Vec<_> = network.proxies().into_iter().collect();
    if proxy.starts_with("http") {
        let name = format!("http://{}", proxy.rsplit(['@', '/']).next().unwrap());
        assert_eq!(named, [(LOGIN.to_owned(), name)]);
    } else {
        assert_eq!(named, []);
    }
    // NO_PROXY goes direct, and an address in a URL is judged in any case.
    for url in ["https://localhost/", "https://169.254.169.254/"] {
        assert_eq!(failure(&ask(&network, &Question::get("x", url))).step, Step::Policy, "{url}");
    }
}

#[test]
fn without_any_authority_the_cure_is_named() {
    if std::env::var_os(CHILD).is_none() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "").unwrap();
        return run_again("without_any_authority_the_cure_is_named", &[("SSL_CERT_FILE", empty.to_str().unwrap())]);
    }
    let connect_to = vec!["::127.0.0.1:1".parse().unwrap()];
    let network = Network::new(NetworkOptions { connect_to, ..NetworkOptions::default() }).unwrap();
    let exchange = ask(&network, &Question::get("x", login("/")));
    assert_eq!(failure(&exchange).step, Step::Certificate);
    assert!(failure(&exchange).cause.contains("--ca or SSL_CERT_FILE"), "{}", failure(&exchange).cause);
}

#[test]
fn a_ca_file_that_cannot_be_used_is_refused_at_the_start() {
    let ca = Some(Path::new("no/such/ca.pem").to_owned());
    let error = Network::new(NetworkOptions { ca, ..NetworkOptions::default() }).err().unwrap();
    assert!(error.to_string().starts_with("--ca no/such/ca.pem: "), "{error}");
}
