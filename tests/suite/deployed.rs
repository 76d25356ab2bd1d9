//! The whole binary against a running Pomerium and its Cognito: a table of both, and what must be said of each.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use pomlint::page::{Block, Extent, compose};
use serde::Deserialize;
use serde_json::Value;

use crate::support::pomerium::{APPLICATION, Before, COOKIE, Certificate, Running, SEALED, SIGNATURE, SignIn};
use crate::support::pool::{CLIENT_SECRET, Pool};
use crate::support::server::{Behaviour, Fault, Received, Script, Server};
use crate::support::{self, Pomlint, Ran};

/// So many questions may be put to a Pomerium, and so many more about its sign-out.
const ASKED: usize = 5;
const OF_SIGN_OUT: usize = 2;

/// A running Pomerium, a provider, perhaps a configuration, and what must be said of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    /// Its name.
    #[serde(rename = "world")]
    name: String,
    /// The running Pomerium.
    #[serde(default)]
    running: Running,
    /// The user pool.
    #[serde(default)]
    pool: Pool,
    /// What is laid over the healthy configuration, which is then compared with what runs.
    config: Option<String>,
    /// Further arguments.
    #[serde(default)]
    flags: Vec<String>,
    /// Every rule of the running Pomerium with an error or a warning.
    #[serde(default)]
    fails: BTreeSet<String>,
    /// The exit code.
    exit: i32,
    /// How many questions are put to the Pomerium, if the row cares.
    asked: Option<usize>,
    /// How many are put to all, if the row cares.
    requests: Option<usize>,
    /// Texts that the report for people must contain.
    #[serde(default)]
    says: Vec<String>,
}

fn worlds() -> Vec<World> {
    let path = support::project("tests/worlds/deployed.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn what_runs_is_judged_as_it_is() {
    let mut names = BTreeSet::new();
    let mut wrong = String::new();
    for world in worlds() {
        assert!(names.insert(world.name.clone()), "two worlds are called {}", world.name);
        for why in world.objections() {
            let _ = write!(wrong, "\n{}: {why}", world.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(names.len() >= 40, "{}", names.len());
}

impl World {
    fn objections(&self) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut arguments = vec!["check".to_owned(), self.running.url.clone()];
        if let Some(text) = &self.config {
            let extent = Extent::Overlay { without: Vec::new() };
            let name = "pomerium.yaml".to_owned();
            let block = Block { name, text: text.clone(), extent, line: 1, fail_lines: Vec::new() };
            let text = compose(&block, &support::healthy()).unwrap_or_else(|error| panic!("{}", error.why)).text;
            std::fs::write(folder.path().join("pomerium.yaml"), text).unwrap();
            arguments.insert(1, "pomerium.yaml".to_owned());
        }
        let running = Some(self.running.clone());
        let server = Server::start(Behaviour { pools: vec![self.pool.clone()], running, ..Behaviour::default() });
        let check = || {
            let flags = self.flags.iter().cloned();
            Pomlint::new(arguments.clone()).args(flags).args(["--format", "json"]).in_folder(folder.path())
        };
        let also = ["--record", "recording", "--output", "human=for-people.txt"];
        let live = check().args(server.args()).args(also).run();
        let received = server.received();
        let again = check().args(["--replay", "recording"]).run();
        let human = std::fs::read_to_string(folder.path().join("for-people.txt")).unwrap_or_default();
        let mut wrong = self.misjudged(&live, &human);
        wrong.extend(self.ill_mannered(&received));
        let is_told = |received: &&Received| {
            live.stdout.contains(received.request.host.as_str()) && live.stdout.contains(received.request.path.as_str())
        };
        for Received { request, .. } in received.iter().filter(|received| !is_told(received)) {
            wrong.push(format!("no report tells of https://{}{}", request.host, request.path));
        }
        if (&live.stdout, live.code) != (&again.stdout, again.code) {
            wrong.push(format!(
                "the replay differs: exit {}\n{}{}",
                again.code,
                again.stderr,
                first_difference(&live.stdout, &again.stdout)
            ));
        }
        let mut kept = human.clone() + &live.stdout + &live.stderr;
        read_all(&folder.path().join("recording"), &mut kept);
        for secret in [SIGNATURE, SEALED, COOKIE, "secret-page", CLIENT_SECRET, APPLICATION, "dHR0dHR0", "hunter2"] {
            if kept.contains(secret) {
                wrong.push(format!("`{secret}` shows"));
            }
        }
        if !wrong.is_empty() {
            wrong.push(format!("the report:\n{human}{}", live.stderr));
        }
        wrong
    }

    fn misjudged(&self, live: &Ran, human: &str) -> Vec<String> {
        let Ok(report) = serde_json::from_str::<Value>(&live.stdout) else {
            return vec![format!("no report, exit {}: {}{}", live.code, live.stdout, live.stderr)];
        };
        let of_what_runs = report["reports"].as_array().unwrap().last().unwrap();
        let verdicts = of_what_runs["verdicts"].as_array().unwrap();
        let is_failed = |verdict: &&Value| verdict["verdict"] == "fail" && verdict["severity"] != "note";
        let fails = verdicts.iter().filter(is_failed).map(|verdict| verdict["rule"].as_str().unwrap().to_owned());
        let fails: BTreeSet<String> = fails.collect();
        let mut wrong = Vec::new();
        if fails != self.fails {
            wrong.push(format!("fails {fails:?}, not {:?}", self.fails));
        }
        if live.code != self.exit || report["summary"]["exit"] != self.exit {
            wrong.push(format!("exit {}, not {}", live.code, self.exit));
        }
        let path = of_what_runs["path"].as_array().unwrap();
        let is_whole = self.flags.iter().all(|flag| flag != "--only");
        if is_whole && path.first().is_none_or(|first| first["stage"] != "deployed") {
            wrong.push(format!("the path begins otherwise: {path:?}"));
        }
        let unbroken = human.replace('|', " ");
        let unbroken = unbroken.split_whitespace().collect::<Vec<_>>().join(" ");
        wrong.extend(
            self.says
                .iter()
                .filter(|text| !unbroken.contains(text.as_str()))
                .map(|text| format!("does not say `{text}`")),
        );
        wrong
    }

    fn ill_mannered(&self, received: &[Received]) -> Vec<String> {
        let mut wrong = Vec::new();
        let of_pomerium = received.iter().filter(|received| self.running.is_at(&received.request.host)).count();
        let asks_more = self.flags.iter().any(|flag| flag == "--probe-sign-out");
        // What passes, a refusal of a balancer's say, is asked once more, and counts.
        let most = ASKED + if asks_more { OF_SIGN_OUT } else { 0 };
        if of_pomerium > most {
            wrong.push(format!("{of_pomerium} questions to Pomerium"));
        }
        if self.asked.is_some_and(|count| count != of_pomerium) {
            wrong.push(format!("{of_pomerium} questions to Pomerium, not {:?}", self.asked));
        }
        if self.requests.is_some_and(|count| count != received.len()) {
            wrong.push(format!("{} requests, not {:?}", received.len(), self.requests));
        }
        for Received { request, .. } in received {
            let place = format!("{} https://{}{}", request.method, request.host, request.path);
            for header in ["authorization", "cookie", "origin", "x-requested-with"] {
                if request.header(header).is_some() {
                    wrong.push(format!("{header} was sent: {place}"));
                }
            }
            if request.method != "GET" {
                wrong.push(format!("not a question: {place}"));
            }
            if request.header("user-agent").is_none_or(|agent| !agent.starts_with("pomlint/")) {
                wrong.push(format!("who asks is not said: {place}"));
            }
            let of_pomerium = self.running.is_at(&request.host);
            if of_pomerium && request.header("accept-encoding") != Some("identity") {
                wrong.push(format!("an encoding is offered: {place}"));
            }
            if ["hunter2", "=CUT"].iter().any(|kept| format!("{request:?}").contains(kept)) {
                wrong.push(format!("a secret, or what stands for one, was sent: {place}"));
            }
            if format!("{request:?}").contains(CLIENT_SECRET) {
                wrong.push(format!("the client secret was sent: {place}"));
            }
        }
        wrong
    }
}

fn first_difference(one: &str, other: &str) -> String {
    let pair = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    pair.map_or_else(String::new, |(one, other)| format!("  - {one}\n  + {other}"))
}

fn read_all(folder: &Path, text: &mut String) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn what_cannot_be_asked_is_said_before_anybody_is() {
    for (arguments, says) in [
        (vec!["check", "http://app.corp.example.com/x"], "pomlint check https://app.corp.example.com/x"),
        (vec!["check", "app.corp.example.com"], "pomlint check https://app.corp.example.com"),
        (vec!["check", "https://me@app.corp.example.com"], "user name"),
        (vec!["check", "--deployed", "ftp://app.corp.example.com"], "begins with https://"),
        (vec!["check", "--offline", "--deployed", "https://app.corp.example.com"], "--offline"),
        (vec!["check", "https://app.corp.example.com", "--offline"], "--offline"),
        (vec!["check", "https://127.0.0.1/", "--timeout", "5"], "undecided"),
    ] {
        let ran = Pomlint::new(arguments.clone()).in_folder(&support::project("tests")).run();
        let expected = if says == "undecided" { 3 } else { 2 };
        assert_eq!(ran.code, expected, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        assert!((ran.stdout.clone() + &ran.stderr).contains(says), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn whoever_asks_nobody_asks_no_address_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let url = "https://app.corp.example.com";
    std::fs::write(folder.path().join("list.txt"), format!("{url}\n")).unwrap();
    std::fs::write(folder.path().join("offline.toml"), "[check]\noffline = true\n").unwrap();
    for arguments in [
        vec!["check", url, "--offline"],
        vec!["check", "--offline", "--files-from", "list.txt"],
        vec!["check", url, "--settings", "offline.toml"],
    ] {
        let ran = Pomlint::new(arguments.clone()).args(server.args()).in_folder(folder.path()).run();
        assert!(ran.code == 2 && ran.stderr.contains("nobody is asked"), "{arguments:?}: {} {}", ran.code, ran.stderr);
    }
    assert!(server.received().is_empty());
}

#[test]
fn the_hosted_service_is_shown_as_such() {
    let running = Running { authenticate: "authenticate.pomerium.app".to_owned(), ..Running::default() };
    let server = Server::start(Behaviour { running: Some(running), ..Behaviour::default() });
    let ran = Pomlint::new(["show", "https://app.corp.example.com", "--format", "json"]).args(server.args()).run();
    let shown: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
    assert!(ran.code == 0 && shown["hosted"] == true, "{}{}", ran.stdout, ran.stderr);
    // It is not asked what it sends.
    let unseen = (&shown["scope"], &shown["authorize_parameters"]);
    assert_eq!(unseen, (&Value::from(""), &serde_json::json!({})), "{}", ran.stdout);
}

#[test]
fn what_is_given_and_is_not_what_runs_is_refused() {
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    for (given, code) in [
        ("authenticate_service_url=https://login.corp.example.com", 2),
        ("authenticate_service_url=https://authenticate.corp.example.com/", 0),
        ("idp_client_id=7x2a9s7m1n3b5c8d0f6g7h2u1q", 2),
    ] {
        let ran = Pomlint::new(["check", "https://app.corp.example.com", "--given", given]).args(server.args()).run();
        assert_eq!(ran.code, code, "{given}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn the_releases_that_answer_like_it_are_a_range() {
    let server = Server::start(Behaviour {
        running: Some(Running { release: 24, ..Running::default() }),
        ..Behaviour::default()
    });
    let ran = Pomlint::new(["check", "https://app.corp.example.com", "--format", "json"]).args(server.args()).run();
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let config = &report["reports"][0]["config"];
    assert_eq!((&config["pomerium"], &config["releases"]), (&"v0.24".into(), &"v0.23 to v0.24".into()));
}

#[test]
fn several_are_several_reports_and_what_they_share_is_asked_once() {
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let urls = ["https://app.corp.example.com/one", "https://app.corp.example.com/two"];
    let ran = Pomlint::new(["check", urls[0], "--deployed", urls[1], "--format", "json"]).args(server.args()).run();
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, report["reports"].as_array().unwrap().len()), (0, 2), "{}", ran.stderr);
    let received = server.received();
    let count = |path: &str| received.iter().filter(|received| received.request.path == path).count();
    assert_eq!((count("/.well-known/pomerium"), count("/oauth2/callback"), count("/oauth2/authorize")), (2, 1, 2));
    // One client, one login page.
    assert_eq!(count("/.pomerium/sign_in"), 1);
}

#[test]
fn what_runs_confirms_or_rules_out_what_was_seen() {
    let nginx = Before {
        host: "authenticate.corp.example.com".to_owned(),
        path: "/oauth2/".to_owned(),
        status: 404,
        body: "<center>nginx</center>".to_owned(),
        ..Before::default()
    };
    let not_routed = Running { before: vec![nginx], ..Running::default() };
    let ahead = Running { proxy_ahead: 300, ..Running::default() };
    let all_ahead = Running { proxy_ahead: 300, authenticate_ahead: 300, ..Running::default() };
    let sealed_ahead = Running { release: 24, proxy_ahead: 300, ..Running::default() };
    let foreign = Running { cookie_domain: Some("example.net".to_owned()), ..Running::default() };
    let (lost, future) = ("404 page not found on /oauth2/callback after login", "url hmac issued in the future");
    let expired = "oidc: token is expired (Token Expiry: 2026-12-01 10:00:00 +0000 UTC)";
    for (running, seen, name, standing) in [
        (not_routed, lost, "callback-not-routed-to-pomerium", "confirmed"),
        (Running::default(), lost, "callback-not-routed-to-pomerium", "ruled-out"),
        (ahead, future, "clocks-of-services-differ", "confirmed"),
        (Running::default(), future, "clocks-of-services-differ", "ruled-out"),
        (sealed_ahead, future, "clocks-of-services-differ", "confirmed"),
        (foreign, "ERR_TOO_MANY_REDIRECTS", "cookie-domain-too-narrow", "undecided"),
        // They agree with each other, if with nobody else.
        (all_ahead.clone(), future, "clocks-of-services-differ", "ruled-out"),
        // The clock that counts is that of what runs.
        (all_ahead, expired, "deployed-clock-skew", "confirmed"),
        (Running::default(), expired, "deployed-clock-skew", "ruled-out"),
        (Running::default(), future, "deployed-clock-skew", "ruled-out"),
    ] {
        let server = Server::start(Behaviour { running: Some(running), ..Behaviour::default() });
        let asked = ["--deployed", "https://app.corp.example.com", "--format", "json"];
        let ran = Pomlint::new(["diagnose", seen]).args(asked).args(server.args()).run();
        let diagnosis: Value = serde_json::from_str(&ran.stdout).unwrap();
        let names = diagnosis["names"].as_array().unwrap();
        let found = names.iter().find(|found| found["name"] == name).unwrap();
        assert_eq!(found["standing"], standing, "{seen}: {}", ran.stdout);
        assert!(names.iter().all(|found| found["name"] != "clock-skew"), "{seen}: {}", ran.stdout);
    }
}

#[test]
fn of_a_sign_out_that_is_not_asked_about_the_flag_is_named() {
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pomerium.yaml"), support::healthy()).unwrap();
    let app = "https://app.corp.example.com";
    for (arguments, provider) in [(vec![app], "undecided"), (vec![app, "pomerium.yaml"], "pass")] {
        let check = Pomlint::new(["check", "--format", "json"]).args(arguments).args(server.args());
        let ran = check.in_folder(folder.path()).run();
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let judged = report["reports"].as_array().unwrap().last().unwrap()["verdicts"].as_array().unwrap().clone();
        let of = |name: &str| judged.iter().find(|one| one["rule"] == name).unwrap().clone();
        let sign_out = of("sign-out-url-not-registered");
        assert_eq!(sign_out["verdict"], "undecided", "{sign_out}");
        assert!(sign_out.to_string().contains("--probe-sign-out"), "{sign_out}");
        assert_eq!(of("provider-generic-oidc")["verdict"], provider, "{}", of("provider-generic-oidc"));
    }
}

#[test]
fn a_release_that_never_signs_out_at_the_provider_has_no_address_to_register() {
    let running = Running { release: 22, ..Running::default() };
    let server = Server::start(Behaviour { running: Some(running), ..Behaviour::default() });
    let check = Pomlint::new(["check", "https://app.corp.example.com", "--probe-sign-out", "--format", "json"]);
    let ran = check.args(server.args()).run();
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let judged = report["reports"][0]["verdicts"].as_array().unwrap();
    let sign_out = judged.iter().find(|one| one["rule"] == "sign-out-url-not-registered").unwrap();
    assert_eq!(sign_out["verdict"], "not-applicable", "{sign_out}");
}

#[test]
fn an_address_of_pomeriums_own_is_one_to_ask() {
    for pasted in ["https://app.corp.example.com/.pomerium/", "https://app.corp.example.com/.pomerium"] {
        let ran = Pomlint::new(["diagnose", pasted]).run();
        let says = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(says.contains("pomlint check --deployed https://app.corp.example.com"), "{}", ran.stdout);
    }
    let help = Pomlint::new(["diagnose", "--help"]).run().stdout;
    assert!(help.contains("--replay") && !help.contains("--record"), "{help}");
}

#[test]
fn an_error_that_is_on_no_list_does_not_work() {
    let running = Running { sign_in: SignIn::Fails, ..Running::default() };
    let server = Server::start(Behaviour { running: Some(running), ..Behaviour::default() });
    let pasted = "Pomerium 500 Internal Server Error request-id d0c0ffee-0000-4000-8000-000000000001";
    let ran =
        Pomlint::new(["diagnose", pasted, "--deployed", "https://app.corp.example.com"]).args(server.args()).run();
    let says = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(says.contains("what runs is wrong: deployed-discovery-fails") && !says.contains("works"), "{says}");
}

#[test]
fn an_address_of_pomeriums_own_can_be_asked() {
    let host = "authenticate.corp.example.com";
    let pages = ["/.pomerium/sign_in?pomerium_signature=x", "/.well-known/pomerium", "/oauth2/callback?code=x&state=x"];
    let addresses = pages.map(|page| format!("https://{host}{page}"));
    let lines = [
        format!(
            r#"{{"level":"info","service":"envoy","authority":"{host}","path":"/oauth2/callback","query":"code=x","response-code":500,"message":"http-request"}}"#
        ),
        format!(
            r#"{{"level":"info","authority":"{host}:443","path":"/.pomerium/callback/","response-code":302,"message":"http-request"}}"#
        ),
        format!(r#"{{"host":"{host}","path":"/.pomerium/sign_in?a=b","status":404}}"#),
        format!(
            r#"[2026-11-29T02:11:09Z] "GET /.pomerium/sign_in?a=b HTTP/2" 404 NR - "-" 0 0 "10.0.0.9" "curl" "5c1f" "{host}" "-""#
        ),
    ];
    let says = |pasted: &str| {
        let ran = Pomlint::new(["diagnose", pasted]).run();
        ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for pasted in addresses.iter().chain(&lines) {
        let says = says(pasted);
        let command = format!("pomlint check --deployed https://{host}");
        assert!(says.contains(&command) && !says.contains(&format!("--deployed https://{host}/")), "{pasted}: {says}");
    }
    let strangers = [
        format!(r#"oauth2-proxy-1 | {{"level":"error","host":"{host}","path":"/oauth2/callback","status":500}}"#),
        format!(
            r#"dex-0 | {{"authority":"{host}","path":"/.pomerium/sign_in","error":"invalid_client","status":500}}"#
        ),
        format!(
            r#"{{"authority":"{host}; rm x","path":"/.pomerium/sign_in","response-code":500,"message":"http-request"}}"#
        ),
    ];
    for pasted in strangers {
        let says = says(&pasted);
        assert!(!says.contains("check --deployed"), "{pasted}: {says}");
    }
}

#[test]
fn whoever_hangs_up_may_speak_another_http_however_the_end_comes() {
    for fault in [Fault::Reset, Fault::Bytes(Vec::new())] {
        let scripts = vec![Script::always("/.well-known/pomerium", fault.clone())];
        let server = Server::start(Behaviour { running: Some(Running::default()), scripts, ..Behaviour::default() });
        let ran = Pomlint::new(["check", "https://app.corp.example.com"]).args(server.args()).run();
        let says = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.code == 3 && says.contains("a Pomerium whose codec_type is http2"), "{fault:?}: {says}");
    }
}

#[test]
fn why_nothing_can_be_shown_is_said() {
    let nginx = Before { status: 404, body: "<center>nginx</center>".to_owned(), ..Before::default() };
    let expired = [("app.corp.example.com".to_owned(), Certificate::Expired)];
    for (running, why) in [
        (Running { before: vec![nginx], ..Running::default() }, "nginx answers: 404 Not Found"),
        (Running { certificates: expired.into(), ..Running::default() }, "expired"),
        (Running { sign_in: SignIn::Fails, ..Running::default() }, "cannot get to its identity provider"),
    ] {
        let server = Server::start(Behaviour { running: Some(running), ..Behaviour::default() });
        let ran = Pomlint::new(["show", "https://app.corp.example.com"]).args(server.args()).run();
        assert!(ran.code == 2 && ran.stderr.contains(why), "{why}: {}", ran.stderr);
    }
}

#[test]
fn the_file_that_the_environment_beats_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pomerium.yaml"), support::healthy()).unwrap();
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let arguments = ["check", "pomerium.yaml", "https://app.corp.example.com", "--env"];
    let check = Pomlint::new(arguments)
        .args(server.args())
        .env("IDP_CLIENT_SECRET", "another-secret-of-the-environment-0123456789");
    let ran = check.in_folder(folder.path()).run();
    let says = ran.stdout.replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(says.contains("it is the one in the file, which the environment beats here"), "{says}{}", ran.stderr);
}
