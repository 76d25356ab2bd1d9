//! `pomlint login`, in a terminal: a whole sign-in by paste and by loopback, each step that can fail, and what must not be seen.

mod answers;
mod coming_back;
mod screens;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use tempfile::TempDir;
use url::Url;

use crate::support::answer::sign_in::{CANARY, Fault as Spoilt, Person};
use crate::support::answer::{HttpAnswer, HttpRequest, answer};
use crate::support::held::holds;
use crate::support::pomerium::Running as Pomerium;
use crate::support::pool::{CLIENT_SECRET, Domain, Pool};
use crate::support::server::{Behaviour, Fault, Script, Server};
use crate::support::terminal::Terminal;
use crate::support::{Pomlint, healthy};

/// A pool in which somebody can sign in.
fn pool(person: Person) -> Pool {
    Pool { person: Some(person), ..Pool::default() }
}

/// A run to come: a configuration, the pool, and what goes wrong there.
struct Run {
    config: String,
    pool: Pool,
    scripts: Vec<Script>,
    args: Vec<String>,
    environment: Vec<(&'static str, &'static str)>,
    pomerium: Option<Pomerium>,
}

impl Run {
    fn of(pool: Pool) -> Self {
        Self { config: healthy(), pool, scripts: Vec::new(), args: Vec::new(), environment: Vec::new(), pomerium: None }
    }

    fn spoilt(fault: Spoilt) -> Self {
        Self::of(pool(Person::with(fault)))
    }

    fn config(self, config: String) -> Self {
        Self { config, ..self }
    }

    fn args(self, args: &[&str]) -> Self {
        Self { args: args.iter().map(|arg| (*arg).to_owned()).collect(), ..self }
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    /// A Pomerium runs at the callback.
    fn beside_pomerium(self) -> Self {
        Self { pomerium: Some(Pomerium::default()), ..self }
    }

    fn script(mut self, path: &'static str, fault: Fault) -> Self {
        self.scripts.push(Script::always(path, fault));
        self
    }

    fn start(self) -> Running {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.yaml"), &self.config).unwrap();
        let pools = vec![self.pool.clone()];
        let behaviour = Behaviour { pools, running: self.pomerium, scripts: self.scripts, ..Behaviour::default() };
        let server = Server::start(behaviour);
        let mut args = vec!["login".to_owned(), "config.yaml".to_owned()];
        args.extend(server.args());
        args.extend(self.args);
        let terminal = Terminal::run(args, &self.environment, folder.path());
        Running { pool: self.pool, server, terminal, folder }
    }

    /// A sign-in by paste, to its end.
    fn pasted(self) -> (i32, String) {
        let mut running = self.start();
        let address = running.address();
        let back = running.sign_in(&address);
        running.paste(&back);
        running.end()
    }
}

struct Running {
    pool: Pool,
    server: Server,
    terminal: Terminal,
    folder: TempDir,
}

impl Running {
    /// Presses Enter, and reads the address that is to be opened.
    fn address(&mut self) -> String {
        self.terminal.until("Press Enter to begin");
        self.terminal.send("\r");
        self.terminal.until("Ctrl-C gives up");
        let screen = self.terminal.screen();
        let address = screen.lines().find(|line| line.contains("/oauth2/authorize?")).expect("an address");
        address.to_owned()
    }

    /// What a browser does: opens the address, fills in the form, and is sent back.
    fn sign_in(&self, address: &str) -> String {
        let login = self.location(&HttpRequest::get(address));
        self.location(&HttpRequest::post(&login, &[("username", "ann"), ("password", "pw")]))
    }

    fn location(&self, request: &HttpRequest) -> String {
        answer(&self.pool, request).header("location").expect("a redirect").to_owned()
    }

    fn paste(&mut self, text: &str) {
        self.terminal.send(text);
        self.terminal.send("\r");
    }

    /// Its exit code and its screen, of which nothing may be seen that is a token, and every page of which exists.
    fn end(mut self) -> (i32, String) {
        let (code, screen) = self.terminal.end();
        hides_everything(&screen, self.folder.path());
        explains(&screen);
        (code, screen)
    }
}

/// Nothing of code, token or secret is in a text, nor in a file of the folder that the program ran in.
fn hides_everything(screen: &str, folder: &Path) {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("\"canary\":\"{CANARY}\""));
    for canary in [CANARY, CLIENT_SECRET, "eyJ", &encoded[4..20]] {
        assert!(!screen.contains(canary), "{canary}:\n{screen}");
    }
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["config.yaml"], "nothing is written");
}

/// Each page that the screen names is one that `explain` has.
fn explains(screen: &str) {
    for name in screen.lines().filter_map(|line| line.trim().strip_prefix("pomlint explain ")) {
        let ran = Pomlint::new(["explain", name]).run();
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
    }
}

/// Asserts that a sign-in ends with 1 at a step, for a reason, with a page.
fn ends(run: Run, step: &str, reason: &str, page: &str) {
    let (code, screen) = run.pasted();
    let folded = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 1 && folded.contains(&format!("✗ {step} {reason}")), "{step}: {reason}: {code}\n{screen}");
    assert!(folded.contains(&format!("pomlint explain {page}")), "{page}:\n{screen}");
    assert!(!screen.contains("would be let in"), "{screen}");
}

#[test]
fn a_sign_in_by_paste_shows_each_step_and_what_the_policies_make_of_it() {
    let mut running = Run::of(pool(Person::default())).start();
    let address = running.address();
    let parameters: Vec<(String, String)> = Url::parse(&address).unwrap().query_pairs().into_owned().collect();
    let value = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(value("scope"), Some("openid email profile"), "as Pomerium asks");
    assert_eq!(value("redirect_uri"), Some("https://authenticate.corp.example.com/oauth2/callback"));
    assert_eq!(value("code_challenge_method"), Some("S256"));
    assert!(value("state").unwrap().len() >= 16 && value("nonce").unwrap().len() >= 16);
    let before = running.terminal.screen().len();
    let back = running.sign_in(&address);
    running.paste(&back);
    let received = running.server.received();
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen[before..].contains("https://authenticate.corp.example.com/oauth2/callback?"), "no echo:\n{screen}");
    for step in ["discovery", "keys", "authorize", "login page", "sign-in", "code", "ID token", "userinfo", "revoke"] {
        let line = screen.lines().find(|line| line.starts_with(&format!("  ✓ {step} ")));
        assert!(line.is_some_and(|line| line.ends_with(" ms") || line.ends_with(" s")), "{step}:\n{screen}");
    }
    for shown in [
        "ann@corp.example.com",
        "cognito:groups",
        "custom:Team",
        "✓ https://app.corp.example.com: let in",
        "domain is corp.example.com: holds; it is corp.example.com",
        "config.yaml:18",
        "A login would be let in: at 1 of 1 routes.",
        "/logout?client_id=",
    ] {
        assert!(screen.contains(shown), "{shown}:\n{screen}");
    }
    let wide = screen.lines().filter(|line| line.chars().count() > 80 && !line.starts_with("https://"));
    assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new(), "{screen}");
    let is_form = |request: &HttpRequest| (request.method.as_str(), request.path.as_str()) == ("POST", "/login");
    assert!(!received.iter().any(|one| is_form(&one.request)), "no password goes through it");
}

/// A screen without what differs from run to run: times, and the address.
fn steady(screen: &str) -> String {
    let line = |line: &str| match line.rsplit_once("  ") {
        _ if line.contains("/oauth2/authorize?") => {
            "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?…".to_owned()
        }
        Some((says, time)) if time.trim().ends_with(" ms") || time.trim().ends_with(" s") => {
            format!("{}  …", says.trim_end())
        }
        _ => line.to_owned(),
    };
    screen.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn the_screen_of_a_sign_in_that_works() {
    let (_, screen) = Run::of(pool(Person::default())).pasted();
    holds(
        &steady(&screen),
        r#"First what costs nothing, as `pomlint check` asks it:

  ✓ discovery   the pool's document is as Pomerium wants it  …
  ✓ keys        the pool has keys that its tokens are signed with  …
  ✓ authorize   client, callback, flow and scopes are taken  …
  ✓ login page  there is one  …

A real sign-in, at
  issuer        https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R
  login domain  acme.auth.eu-west-1.amazoncognito.com
  app client    4qk2v9s7m1n3b5c8d0f6g7h2u1
  back to       https://authenticate.corp.example.com/oauth2/callback

  - It is real. The pool records a sign-in and an active user of the month; a
    first sign-in may create a user, and ask for a second factor or for consent.
  - You sign in at the pool that this file names. If somebody else wrote the
    file, make sure that you know the pool.
  - The client secret (‹secret, 51 chars›), the code and the tokens go to
    acme.auth.eu-west-1.amazoncognito.com, and nowhere else.
  - You come back to Pomerium's own address, with a code in it. Pomerium refuses
    it and may log it; it is worthless without a key that never leaves this
    program.
  - Type no password in here: the browser asks for it. No token is shown or
    kept, and the refresh token is revoked at the end. You have 180 s.

Press Enter to begin, or Ctrl-C to leave it.

Open this address in a browser, and sign in:

https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?…

Then the browser shows an error: 400 Bad Request of Pomerium, or that the page
cannot be reached. That is meant. Copy the whole address from its address bar,
paste it here (it is not shown), and press Enter. Ctrl-C gives up.

  ✓ sign-in     back with a code, and with the state that was sent  …
  ✓ code        redeemed: ID token, access token (good for 60 min),  …
                refresh token
  ✓ ID token    signature, issuer, audience, expiry and nonce are  …
                right
  ✓ userinfo    of the same user, with 6 claims  …
  ✓ revoke      the refresh token is good for nothing now  …

What Pomerium learns of you, and who tells it
  cognito:groups    ops, dev                                            ID token
  cognito:username  ann                                                 ID token
  custom:Team       blue                                                    both
  email             ann@corp.example.com                                    both
  email_verified    true                                                    both
  name              Ann                                                     both
  sub               0e1a7f1c-3a1d-4c55-9d0c-6a3a5e5b8f11                    both
  username          ann                                                 userinfo
  and of the protocol: at_hash, aud, auth_time, exp, iat, iss, jti, nonce,
  token_use

What the policies make of it
  ✓ https://app.corp.example.com: let in
    domain is corp.example.com: holds; it is corp.example.com (config.yaml:18)

A login would be let in: at 1 of 1 routes.
The browser is still signed in at the pool. To sign it out:
https://acme.auth.eu-west-1.amazoncognito.com/logout?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&logout_uri=https%3A%2F%2Fauthenticate.corp.example.com%2F.pomerium%2Fsigned_out
"#,
    );
}

#[test]
fn the_screen_of_a_sign_in_that_nobody_lets_in() {
    let config = healthy().replace("is: corp.example.com", "is: Corp.example.com");
    let (_, screen) = Run::of(pool(Person::default())).config(config).pasted();
    let end = steady(&screen).split_once("\nWhat the policies").map(|(_, end)| end.to_owned());
    holds(
        &end.unwrap_or_default(),
        r#" make of it
  ✗ https://app.corp.example.com: denied
    domain is Corp.example.com: does not hold; it is corp.example.com
      (config.yaml:18)
        near: it is `corp.example.com`, and `Corp.example.com` differs in letter
        case or white space
        pomlint explain policy-denied

A login would not be let in: no policy allows it, at any route.
  pomlint explain policy-denied
The browser is still signed in at the pool. To sign it out:
https://acme.auth.eu-west-1.amazoncognito.com/logout?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&logout_uri=https%3A%2F%2Fauthenticate.corp.example.com%2F.pomerium%2Fsigned_out
"#,
    );
}

#[test]
fn the_screen_of_a_sign_in_that_ends_early() {
    let (_, screen) = Run::spoilt(Spoilt::Nonce).pasted();
    let end = steady(&screen).split_once("Ctrl-C gives up.").map(|(_, end)| end.to_owned());
    holds(
        &end.unwrap_or_default(),
        r#"

  ✓ sign-in     back with a code, and with the state that was sent  …
  ✓ code        redeemed: ID token, access token (good for 60 min),  …
                refresh token
  ✗ ID token    nonce: not the one of this sign-in
                pomlint explain nonce-from-cognito
  ✓ revoke      the refresh token is good for nothing now  …

The sign-in ends here.
The browser is still signed in at the pool. To sign it out:
https://acme.auth.eu-west-1.amazoncognito.com/logout?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&logout_uri=https%3A%2F%2Fauthenticate.corp.example.com%2F.pomerium%2Fsigned_out
"#,
    );
}

#[test]
fn the_refresh_token_is_revoked_whatever_came_of_it() {
    for person in [Person::default(), Person::with(Spoilt::Nonce)] {
        let mut running = Run::of(pool(person)).start();
        let address = running.address();
        let back = running.sign_in(&address);
        running.paste(&back);
        running.terminal.end();
        let paths: Vec<String> = running.server.received().into_iter().map(|one| one.request.path).collect();
        assert_eq!(paths.iter().filter(|path| *path == "/oauth2/revoke").count(), 1, "{paths:?}");
        assert_eq!(paths.iter().filter(|path| *path == "/oauth2/token").count(), 1, "{paths:?}");
    }
}

/// A sign-in that comes back to a port of this machine.
fn at_loopback() -> (u16, String, Running) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let callback = format!("http://localhost:{port}/callback");
    let mut pool = pool(Person::default());
    pool.client.callback_urls.push(callback.clone());
    let running = Run::of(pool).args(&["--loopback", &callback]).start();
    (port, callback, running)
}

#[test]
fn a_browser_on_this_machine_comes_back_by_itself() {
    let (port, callback, mut running) = at_loopback();
    let address = running.address();
    // A connection that says nothing, and a request for something else, keep nobody from coming back.
    let _silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert!(get(port, "/favicon.ico").starts_with("HTTP/1.1 404"));
    let back = running.sign_in(&address);
    assert!(back.starts_with(&callback), "{back}");
    let page = get(port, back.strip_prefix(&format!("http://localhost:{port}")).unwrap());
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("can be closed") && !page.contains("code="), "{page}");
    assert!(page.contains("no-store") && page.contains("no-referrer") && page.contains("default-src 'none'"), "{page}");
    let (code, screen) = running.end();
    assert!(code == 0 && screen.contains("✓ loopback"), "{screen}");
}

/// What Chromium ends with, having opened the address and signed in: the address in its bar, and the words of the page.
fn browser(server: &Server, address: &str) -> (String, String) {
    let script = crate::support::project("tests/browser/sign-in.cjs");
    let port = server.port().to_string();
    let ran = std::process::Command::new("node").arg(script).args([address, &port]).output().unwrap();
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    let (bar, page) = said.split_once('\n').expect("an address and a page");
    (bar.to_owned(), page.to_owned())
}

/// `tests/browser/run` runs it, where there are Chromium and playwright-core.
#[test]
#[ignore = "needs a browser: tests/browser/run"]
fn in_a_browser_a_sign_in_works_by_paste_and_by_loopback() {
    let mut running = Run::of(pool(Person::default())).beside_pomerium().start();
    let address = running.address();
    let (bar, page) = browser(&running.server, &address);
    assert!(bar.starts_with("https://authenticate.corp.example.com/oauth2/callback?"), "{bar}: {page}");
    running.paste(&bar);
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");

    let (_, callback, mut running) = at_loopback();
    let address = running.address();
    let (bar, page) = browser(&running.server, &address);
    assert!(bar.starts_with(&callback) && page.contains("You are back"), "{bar}: {page}");
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");
}

/// A plain request to this machine.
fn get(port: u16, target: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(format!("GET {target} HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_loopback_may_be_pasted_too_must_be_registered_and_free() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let callback = format!("http://localhost:{}/callback", listener.local_addr().unwrap().port());
    let mut known = pool(Person::default());
    known.client.callback_urls.push(callback.clone());
    let (code, screen) = Run::of(known.clone()).args(&["--loopback", &callback]).start().end();
    assert!(code == 2 && screen.contains("nobody can be waited for"), "{code}\n{screen}");
    drop(listener);
    let (code, _) = Run::of(known).args(&["--loopback", &callback]).pasted();
    assert_eq!(code, 0);
    let (code, screen) = Run::of(pool(Person::default())).args(&["--loopback", &callback]).start().end();
    assert!(code == 1 && screen.contains("pomlint explain callback-not-registered"), "{code}\n{screen}");
    let (code, screen) = Run::of(pool(Person::default())).args(&["--loopback", "https://a.example/cb"]).start().end();
    assert!(code == 2 && screen.contains("no address of this"), "{code}\n{screen}");
}

#[test]
fn whatever_comes_back_wrong_ends_it_with_its_name() {
    for (fault, reason, page) in [
        (Spoilt::State, "state:", "stale-login-tab"),
        (Spoilt::NoCode, "code:", "callback-opened-by-hand"),
        (Spoilt::TwoCodes, "code:", "callback-opened-by-hand"),
        (
            Spoilt::Refused("invalid_request", "invalid_scope"),
            "refused: invalid_request: invalid_scope",
            "scope-not-allowed",
        ),
        (Spoilt::Refused("access_denied", "User is disabled."), "refused: access_denied", "user-is-disabled"),
        (
            Spoilt::Refused("invalid_request", "PreTokenGeneration failed with error x."),
            "refused: invalid_request",
            "lambda-trigger-refused",
        ),
    ] {
        ends(Run::spoilt(fault), "sign-in", reason, page);
    }
    ends(Run::spoilt(Spoilt::Code), "code", "code refused: invalid_grant", "code-used-twice");
}

#[test]
fn a_token_that_is_wrong_ends_it_with_its_name() {
    for (fault, reason, page) in [
        (Spoilt::NoIdToken, "none came", "scope-openid-missing"),
        (Spoilt::Nonce, "nonce:", "nonce-from-cognito"),
        (Spoilt::NoNonce, "nonce:", "nonce-from-cognito"),
        (Spoilt::Issuer, "issuer:", "issuer-mismatch"),
        (Spoilt::SwitchedIssuer, "issuer:", "issuer-switched"),
        (Spoilt::Audience, "audience:", "token-of-another-client"),
        (Spoilt::TwoAudiences, "audience:", "token-of-another-client"),
        (Spoilt::Expiry, "expiry:", "clock-skew"),
        (Spoilt::Signature, "signature:", "no-signing-keys"),
        (Spoilt::Key, "signature:", "no-signing-keys"),
        (Spoilt::Unsigned, "signature:", "signing-algorithm-unsupported"),
        (Spoilt::Symmetric, "signature:", "signing-algorithm-unsupported"),
        (Spoilt::AtHash, "at_hash:", "token-of-another-client"),
    ] {
        ends(Run::spoilt(fault), "ID token", reason, page);
    }
}

#[test]
fn a_userinfo_answer_that_is_wrong_ends_it() {
    ends(Run::spoilt(Spoilt::UserInfo), "userinfo", "status 401: invalid_token", "access-token-no-longer-valid");
    ends(Run::spoilt(Spoilt::Subject), "userinfo", "subject:", "token-of-another-client");
    let (code, screen) = Run::spoilt(Spoilt::UserInfoPage).pasted();
    assert!(code == 1 && screen.contains("✗ userinfo    the answer is no JSON object\n"), "{screen}");
    let page = Fault::Answer(HttpAnswer::new(200, "text/html", "<html>welcome</html>"));
    let elsewhere = Run::of(pool(Person::default())).script("/oauth2/userInfo", page);
    ends(elsewhere, "userinfo", "the answer is no JSON object; something else answers there", "network-blocked");
    let reset = Run::of(pool(Person::default())).script("/oauth2/userInfo", Fault::Reset);
    ends(reset, "userinfo", "no answer:", "network-blocked");
}

#[test]
fn what_the_token_endpoint_refuses_has_its_page() {
    let refusal = |error: &str| {
        Fault::Answer(HttpAnswer::new(
            400,
            "application/json",
            format!("{{\"error\":\"{error}\",\"access_token\":\"{CANARY}\"}}"),
        ))
    };
    let run = || Run::of(pool(Person::default()));
    for (fault, reason, page) in [
        (refusal("invalid_client"), "code refused: invalid_client", "client-secret-rejected"),
        (refusal("unauthorized_client"), "code refused: unauthorized_client", "code-flow-disabled"),
        (Fault::Answer(HttpAnswer::new(403, "text/html", "<html>blocked</html>")), "status 403", "network-blocked"),
        (Fault::Reset, "no answer:", "network-blocked"),
        (Fault::Huge, "no answer:", "network-blocked"),
        (Fault::Garbage, "no answer:", "network-blocked"),
    ] {
        ends(run().script("/oauth2/token", fault), "code", reason, page);
    }
    let wrong = healthy().replace(CLIENT_SECRET, &"w".repeat(CLIENT_SECRET.len()));
    ends(run().config(wrong), "code", "code refused: invalid_client", "client-secret-rejected");
    let mut public = pool(Person::default());
    public.client.secret = None;
    let (code, screen) = Run::of(public).args(&["--no-secret"]).pasted();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn a_sign_in_that_would_fail_anyway_is_not_begun() {
    let spoil = |spoil: fn(&mut Pool)| {
        let mut pool = pool(Person::default());
        spoil(&mut pool);
        Run::of(pool)
    };
    for (run, page) in [
        (spoil(|pool| pool.exists = false), "pool-does-not-exist"),
        (spoil(|pool| pool.domain = Domain::None), "pool-has-no-domain"),
        (spoil(|pool| pool.domain_resolves = false), "domain-does-not-resolve"),
        (spoil(|pool| pool.client.callback_urls.clear()), "callback-not-registered"),
        (spoil(|pool| pool.client.oauth = false), "client-not-usable"),
        (spoil(|pool| pool.client.flows.clear()), "code-flow-disabled"),
        (spoil(|pool| pool.client.scopes.truncate(1)), "scope-not-allowed"),
        (spoil(|pool| pool.login.status = Some(400)), "login-page-broken"),
        (spoil(|pool| pool.jwks.body = Some("{\"keys\":[]}".to_owned())), "no-signing-keys"),
        (spoil(|_| {}).args(&["--pool", "eu-west-1_0ther0000"]), "pool-not-expected"),
    ] {
        let (code, screen) = run.start().end();
        assert!(code == 1 && screen.contains(&format!("pomlint explain {page}\n")), "{page}: {code}\n{screen}");
        assert!(screen.contains("No sign-in was begun") && !screen.contains("Press Enter"), "{screen}");
    }
}

#[test]
fn without_document_or_keys_it_ends_at_them() {
    for (path, step) in [("/.well-known/openid-configuration", "discovery"), ("/.well-known/jwks.json", "keys")] {
        let (code, screen) = Run::of(pool(Person::default())).script(path, Fault::Reset).start().end();
        assert!(code == 1 && screen.contains(&format!("✗ {step} ")), "{step}: {code}\n{screen}");
        assert!(screen.contains("no answer from") && screen.contains("pomlint explain network-blocked"), "{screen}");
    }
}

#[test]
fn policies_are_judged_by_their_criteria_and_near_misses_are_told() {
    let route =
        |name: &str, policy: &str| format!("  - from: https://{name}.corp.example.com\n    to: http://x\n{policy}");
    let (head, _) = healthy().split_once("routes:").map(|(head, rest)| (head.to_owned(), rest.to_owned())).unwrap();
    let routes = [
        route("users", "    allowed_users: [Ann@corp.example.com]\n"),
        route("groups", "    allowed_idp_claims: { groups: [ops] }\n"),
        route("team", "    allowed_idp_claims: { 'custom:Team': [blue] }\n"),
        route("phone", "    allowed_idp_claims: { phone_number: ['1'] }\n"),
        route(
            "office",
            "    policy: { allow: { and: [{ domain: { is: corp.example.com } }, { source_ip: 10.0.0.0/8 }] } }\n",
        ),
        route(
            "nobody",
            "    policy: { allow: { or: [{ authenticated_user: true }] }, deny: { or: [{ email: { ends_with: example.com } }] } }\n",
        ),
        route("anybody", "    allow_any_authenticated_user: true\n"),
    ];
    let config = format!("{head}routes:\n{}", routes.concat());
    let (code, screen) = Run::of(pool(Person::default())).config(config).pasted();
    assert_eq!(code, 0, "{screen}");
    let folded = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    for shown in [
        "✗ https://users.corp.example.com: denied",
        "`Ann@corp.example.com` differs in letter case",
        "✗ https://groups.corp.example.com: denied",
        "Cognito calls it `cognito:groups` pomlint explain claim-never-sent",
        "the claim is `custom:Team`, and Pomerium looks for `custom:team`, letter by letter pomlint explain claim-case-lost",
        "comes with the scope `phone`, which is not asked for pomlint explain claim-needs-scope",
        "? https://office.corp.example.com: cannot know source_ip is 10.0.0.0/8: cannot know from here",
        "✗ https://nobody.corp.example.com: denied deny if email ends with example.com: holds",
        "✓ https://anybody.corp.example.com: let in authenticated_user: holds",
        "A login would be let in: at 1 of 7 routes.",
    ] {
        assert!(folded.contains(shown), "{shown}:\n{screen}");
    }
    let only = |name: &str| {
        let route = routes.iter().find(|route| route.contains(name)).unwrap();
        Run::of(pool(Person::default())).config(format!("{head}routes:\n{route}")).pasted()
    };
    let (code, screen) = only("nobody");
    assert!(code == 1 && screen.contains("pomlint explain policy-denied"), "{code}\n{screen}");
    let (code, screen) = only("office");
    assert!(code == 3 && screen.contains("cannot be known from here"), "{code}\n{screen}");
}

#[test]
fn a_route_with_a_client_of_its_own_is_chosen_by_its_address() {
    let own = "  - from: https://own.corp.example.com\n    to: http://x\n    idp_client_id: 5qk2v9s7m1n3b5c8d0f6g7h2u1\n    \
               idp_client_secret: 2hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n    allow_any_authenticated_user: true\n";
    let mut pool = pool(Person::default());
    let mut client = pool.client.clone();
    client.id = "5qk2v9s7m1n3b5c8d0f6g7h2u1".to_owned();
    client.secret = Some("2hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u".to_owned());
    pool.clients.push(client);
    let run = || Run::of(pool.clone()).config(format!("{}{own}", healthy()));
    let (code, screen) = run().pasted();
    assert!(code == 0 && screen.contains("at 1 of 1 routes"), "{screen}");
    assert!(screen.contains("another app client, not judged: 1"), "{screen}");
    let (code, screen) = run().args(&["--route", "https://own.corp.example.com"]).pasted();
    assert!(code == 0 && screen.contains("✓ https://own.corp.example.com: let in"), "{screen}");
    assert!(screen.contains("5qk2v9s7m1n3b5c8d0f6g7h2u1"), "{screen}");
    let (code, screen) = run().args(&["--route", "https://none.corp.example.com"]).start().end();
    assert!(code == 2 && screen.contains("https://own.corp.example.com"), "{screen}");
}

#[test]
fn hostile_and_clumsy_pastes_do_no_harm() {
    let mut running = Run::of(pool(Person::default())).start();
    let address = running.address();
    for clumsy in ["hello", &address, "https://evil.example/?code=x&state=y", "\u{1b}[200~x\u{1b}[201~", "\u{1b}[A", ""]
    {
        running.paste(clumsy);
    }
    running.terminal.until("that is another page");
    running.terminal.send("a line that is taken back\u{15}");
    let back = running.sign_in(&address);
    running.terminal.send("xy\u{7f}\u{7f}");
    // As a terminal that marks pastes sends it, and with the space that is copied along.
    running.paste(&format!("\u{1b}[200~ {back} \u{1b}[201~"));
    let (code, screen) = running.end();
    assert_eq!(code, 0, "{screen}");

    // The page of Cognito that tells of an error is one end of a sign-in.
    let mut running = Run::of(pool(Person::default())).start();
    running.address();
    running.paste("https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=x");
    let (code, screen) = running.end();
    assert!(code == 1 && screen.contains("pomlint explain callback-not-registered"), "{screen}");

    // What it says cannot act on the terminal.
    let (code, screen) = Run::spoilt(Spoilt::Refused("x", "\u{1b}]0;pwned\u{7}")).pasted();
    assert!(code == 1 && screen.contains("\\u{1b}]0;pwned\\u{7}") && !screen.contains('\u{7}'), "{screen}");
}

#[test]
fn who_gives_up_or_takes_too_long_has_begun_nothing_or_redeemed_nothing() {
    for keys in ["\u{3}", "\u{4}", "n\r"] {
        let mut running = Run::of(pool(Person::default())).start();
        running.terminal.until("Press Enter to begin");
        running.terminal.send(keys);
        let (code, screen) = running.end();
        assert!(code == 3 && screen.contains("Nothing was begun") && !screen.contains("Open this address"), "{screen}");
    }
    let mut running = Run::of(pool(Person::default())).start();
    running.address();
    running.terminal.send("half an address\u{3}");
    let (code, screen) = running.end();
    assert!(code == 3 && screen.contains("Given up") && !screen.contains("half"), "{screen}");
    let mut running = Run::of(pool(Person::default())).args(&["--within", "1"]).start();
    running.address();
    let (code, screen) = running.end();
    assert!(code == 3 && screen.contains("Time is up"), "{screen}");
}

#[test]
fn it_is_refused_where_nobody_sits() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.yaml"), healthy()).unwrap();
    for value in ["true", "", "0"] {
        let mut terminal = Terminal::run(["login", "config.yaml"], &[("CI", value)], folder.path());
        let (code, screen) = terminal.end();
        assert!(code == 2 && screen.contains("CI is set"), "{value}: {screen}");
    }
    let ran = Pomlint::new(["login", "config.yaml"]).in_folder(folder.path()).run();
    assert!(ran.code == 2 && ran.stderr.contains("terminal") && ran.stdout.is_empty(), "{}", ran.stderr);
}

#[test]
fn what_is_not_at_hand_is_said_and_nobody_is_asked() {
    let line = |name: &str| healthy().lines().find(|line| line.starts_with(name)).unwrap().to_owned() + "\n";
    let without = |name: &str| healthy().replace(&line(name), "");
    let with = |name: &str, value: &str| healthy().replace(&line(name), &format!("{name}: {value}\n"));
    for (config, says) in [
        (without("idp_client_secret"), "--no-secret"),
        (with("idp_client_secret", "${SECRET}"), "placeholder"),
        (with("idp_client_secret", "\"\""), "--no-secret"),
        (without("idp_provider_url"), "idp_provider_url"),
        (with("idp_provider_url", "${ISSUER}"), "placeholder"),
        (without("idp_client_id"), "idp_client_id"),
        (without("authenticate_service_url"), "hosted"),
        (with("idp_client_id", "\"4qk2v9s7m1n3b5c8d0f6g7h2u1 idp_client_secret: zq7c\""), "holds more than an id"),
        (with("idp_provider_url", "\"https://a.example.com client_secret: zq7canary\""), "holds a secret"),
    ] {
        let mut running = Run::of(pool(Person::default())).config(config).start();
        let (code, screen) = running.terminal.end();
        assert!(code == 2 && screen.contains(says), "{says}: {code}\n{screen}");
        assert!(running.server.received().is_empty(), "{screen}");
    }
}

#[test]
fn a_secret_gets_into_no_address() {
    let config = healthy() + &format!("idp_request_params: {{ login_hint: {CLIENT_SECRET} }}\n");
    let (code, screen) = Run::of(pool(Person::default())).config(config).start().end();
    assert!(code == 2 && screen.contains("a secret of this configuration would stand"), "{code}\n{screen}");
}

#[test]
fn a_custom_login_domain_gets_nothing_unless_it_is_named() {
    let own = || Pool { domain: Domain::Custom("login.acme.example".to_owned()), ..pool(Person::default()) };
    let (code, screen) = Run::of(own()).start().end();
    assert!(code == 2 && screen.contains("--secret-to login.acme.example"), "{code}\n{screen}");
    let (code, screen) = Run::of(own()).args(&["--secret-to", "login.acme.example"]).pasted();
    assert_eq!(code, 0, "{screen}");
}

/// A core of the process, or its environment, would hold what no output does.
#[test]
#[cfg(target_os = "linux")]
fn the_process_leaves_no_core() {
    let mut running = Run::of(pool(Person::default())).start();
    running.terminal.until("Press Enter to begin");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.terminal.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    running.terminal.send("\u{3}");
    running.terminal.end();
}
