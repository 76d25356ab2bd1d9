//! The whole binary with `--aws`, against the stand-in: what the API says is judged, and nothing of it that is secret is kept.

use std::collections::BTreeSet;

use crate::support::answer::api::PROVIDER_SECRET;
use crate::support::pool::{CLIENT_SECRET, Pool};
use crate::support::server::{Received, Server};
use crate::support::{Pomlint, Ran, healthy};
use serde_json::Value;
use tempfile::TempDir;

const SESSION_TOKEN: &str = "zq7CANARYsessiontoken0123456789";
const ACCESS_KEY: &str = "zq7CANARYaccesskey0123456789";

/// A run against a stand-in.
struct Checked {
    ran: Ran,
    folder: TempDir,
    /// The operations that were called, in order.
    calls: Vec<String>,
    received: Vec<Received>,
}

fn check(pool: &str, config: &str, arguments: &[&str]) -> Checked {
    with(
        pool,
        config,
        arguments,
        &[
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY),
            ("AWS_SESSION_TOKEN", SESSION_TOKEN),
        ],
    )
}

fn with(pool: &str, config: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Checked {
    let server = Server::of(Pool::from_yaml(pool).unwrap_or_else(|why| panic!("{pool}: {why}")));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pomerium.yaml"), config).unwrap();
    let mut run = Pomlint::new(["check", "pomerium.yaml"]).args(arguments.iter().copied()).args(server.args());
    for (name, value) in environment {
        run = run.env(name, value);
    }
    let ran = run.env("HOME", folder.path().to_str().unwrap()).in_folder(folder.path()).run();
    let received = server.received();
    let target = |received: &Received| received.request.header("x-amz-target").map(str::to_owned);
    let calls =
        received.iter().filter_map(target).filter_map(|name| Some(name.split_once('.')?.1.to_owned())).collect();
    Checked { ran, folder, calls, received }
}

impl Checked {
    fn report(&self) -> Value {
        serde_json::from_str(&self.ran.stdout)
            .unwrap_or_else(|why| panic!("{why}: {}{}", self.ran.stdout, self.ran.stderr))
    }

    /// The rules with this verdict; of the undecided ones, those that were wanted.
    fn rules(&self, verdict: &str) -> BTreeSet<String> {
        let report = self.report();
        let verdicts = report["reports"][0]["verdicts"].as_array().expect("verdicts").clone();
        let is_wanted = |one: &Value| {
            let missing = one["missing"].as_array().unwrap();
            verdict != "undecided"
                || one["follows"].is_null()
                    && missing.iter().any(|reason| !matches!(reason["kind"].as_str(), Some("declined" | "elsewhere")))
        };
        let of = verdicts.iter().filter(|one| one["verdict"] == verdict && is_wanted(one));
        of.map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    }

    fn ids(&self) -> Vec<String> {
        let report = self.report();
        let exchanges = report["reports"][0]["exchanges"].as_array().unwrap().clone();
        exchanges.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }
}

const JSON: [&str; 3] = ["--aws", "--format", "json"];

#[test]
fn a_healthy_pool_is_told_by_five_calls_and_without_the_flag_by_none() {
    let asked = check("", &healthy(), &JSON);
    assert_eq!(asked.ran.code, 0, "{}{}", asked.ran.stdout, asked.ran.stderr);
    let first: BTreeSet<&str> = asked.calls[..3].iter().map(String::as_str).collect();
    assert_eq!(first, ["DescribeUserPool", "DescribeUserPoolClient", "ListUserPoolClientSecrets"].into());
    assert_eq!(asked.calls.len(), 5, "{:?}", asked.calls);
    for rule in [
        "oauth-not-enabled",
        "email-not-readable",
        "client-secret-rejected",
        "sign-out-url-not-registered",
        "domain-not-active",
    ] {
        assert!(asked.rules("pass").contains(rule), "{rule}");
    }
    // What would fail with the flag is not even looked at without it.
    let plain = with(
        "",
        &healthy(),
        &["--format", "json"],
        &[("AWS_PROFILE", "nope"), ("AWS_ENDPOINT_URL", "http://10.0.0.1")],
    );
    assert_eq!((plain.ran.code, plain.calls.len()), (0, 0), "{}", plain.ran.stderr);
    assert!(plain.received.iter().all(|received| received.request.method == "GET"));
}

#[test]
fn each_setting_is_judged_as_the_api_tells_it() {
    let id = "idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1";
    for (pool, change, fails, says) in [
        ("client: {oauth: false}", None, &["oauth-not-enabled"][..], ""),
        ("client: {identity_providers: []}", None, &["no-identity-provider"], ""),
        (
            "client: {callback_urls: ['https://authenticate.corp.example.com/oauth2/callback/']}",
            None,
            &["callback-not-registered"],
            "with a slash at the end",
        ),
        ("client: {scopes: [openid, profile]}", None, &["scope-not-allowed"], ""),
        ("client: {logout_urls: []}", None, &["sign-out-url-not-registered"], ""),
        ("aws: {client: {ReadAttributes: [email]}}", None, &["email-not-readable"], "email_verified"),
        ("aws: {domain_status: CREATING}", None, &["domain-not-active"], "CREATING"),
        ("managed_login: true\nclient: {branding: false}", None, &["login-page-unavailable"], ""),
        ("issuer: updated", None, &["issuer-switched"], ""),
        ("domain: none", None, &["pool-has-no-domain"], ""),
        ("client: {secret: none}", None, &["client-secret-not-expected"], ""),
        (
            "aws: {others: 61}",
            Some((id, "idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u7")),
            &["client-not-usable"],
            "4qk2v9s7m1n3b5c8d0f6g7h2u1",
        ),
        ("aws: {client: {ClientSecret: another-secret}}", None, &["client-secret-rejected"], ""),
    ] {
        let config = change.map_or_else(healthy, |(from, to)| healthy().replace(from, to));
        let asked = check(pool, &config, &JSON);
        let failed = asked.rules("fail");
        assert!(fails.iter().all(|rule| failed.contains(*rule)), "{pool}: {failed:?} {}", asked.ran.stderr);
        assert!(asked.ran.stdout.contains(says), "{pool}: {says}");
        assert!(asked.calls.len() <= 9, "{pool}: {:?}", asked.calls);
        assert!(!failed.contains("witnesses-disagree"), "{pool}: {failed:?}");
        let ids = asked.ids();
        assert!(!ids.iter().any(|id| id.starts_with("callback-near") || id.starts_with("scope-")), "{pool}: {ids:?}");
    }
}

#[test]
fn a_call_that_is_refused_leaves_open_what_it_alone_tells() {
    for (operation, fault, open, says) in [
        (
            "DescribeUserPoolClient",
            "denied",
            "email-not-readable",
            r#"{\"Effect\":\"Allow\",\"Action\":\"cognito-idp:DescribeUserPoolClient\",\"Resource\":\"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_9xK2mPq7R\"}"#,
        ),
        ("DescribeUserPool", "denied", "domain-not-active", r#"\"Action\":\"cognito-idp:DescribeUserPool\""#),
        (
            "DescribeUserPoolDomain",
            "denied",
            "domain-not-active",
            r#"\"Action\":\"cognito-idp:DescribeUserPoolDomain\",\"Resource\":\"*\"}"#,
        ),
        ("DescribeUserPoolClient", "throttled", "email-not-readable", "TooManyRequestsException"),
        ("DescribeUserPoolClient", "page", "email-not-readable", "got a page"),
        ("DescribeUserPoolClient", "empty", "email-not-readable", "an empty body"),
        ("DescribeUserPoolClient", "expired", "email-not-readable", "ExpiredTokenException"),
        ("DescribeUserPoolClient", "signature", "email-not-readable", "clock of this machine"),
    ] {
        let asked = check(&format!("aws: {{faults: {{{operation}: {fault}}}}}"), &healthy(), &JSON);
        assert_eq!(asked.ran.code, 3, "{operation} {fault}: {}", asked.ran.stderr);
        assert!(asked.rules("undecided").contains(open), "{operation} {fault}: {:?}", asked.rules("undecided"));
        assert!(asked.rules("fail").is_empty(), "{operation} {fault}: {:?}", asked.rules("fail"));
        assert!(asked.rules("pass").contains("callback-not-registered"), "{operation} {fault}");
        assert!(asked.ran.stdout.contains(says), "{operation} {fault}: {}", asked.ran.stdout);
        let times = asked.calls.iter().filter(|call| *call == operation).count();
        assert_eq!(times, if matches!(fault, "throttled" | "page") { 2 } else { 1 }, "{operation} {fault}");
    }
    // Nobody looks at the style of a classic page, and a page of another kind is no missing style.
    let fault = "aws: {faults: {DescribeManagedLoginBrandingByClient: page}}";
    assert_eq!(check(fault, &healthy(), &JSON).ran.code, 0);
    let managed = check(&format!("managed_login: true\n{fault}"), &healthy(), &JSON);
    assert!(managed.rules("fail").is_empty() && managed.rules("pass").contains("login-page-unavailable"));
    let foreign = check("aws: {foreign: true}", &healthy(), &JSON);
    assert!(foreign.ran.code == 3 && foreign.ran.stdout.contains("another account"), "{}", foreign.ran.stdout);
}

#[test]
fn of_two_secrets_the_one_that_is_not_shown_may_be_the_configured_one() {
    let rule = "client-secret-rejected";
    let other = check("aws: {secrets: 2, client: {ClientSecret: another-secret}}", &healthy(), &JSON);
    assert!(other.ran.code == 3 && other.rules("undecided").contains(rule), "{}", other.ran.stdout);
    assert!(other.ran.stdout.contains("--probe-secret"));
    let same = check("aws: {secrets: 2}", &healthy(), &JSON);
    assert!(same.ran.code == 0 && same.rules("pass").contains(rule), "{}", same.ran.stdout);
    let unlisted = "aws: {faults: {ListUserPoolClientSecrets: denied}, client: {ClientSecret: another-secret}}";
    let unlisted = check(unlisted, &healthy(), &JSON);
    assert!(
        unlisted.rules("undecided").contains(rule)
            && unlisted.ran.stdout.contains("cognito-idp:ListUserPoolClientSecrets")
    );
}

#[test]
fn identity_providers_are_asked_what_they_fill() {
    let pool = |mapping: &str| {
        format!("client: {{identity_providers: [Corp, COGNITO]}}\naws: {{providers: {{Corp: {mapping}}}}}")
    };
    let config = format!(
        "{}routes:\n  - from: https://app.corp.example.com\n    to: http://app\n    policy:\n      - allow: {{or: [{{domain: {{is: corp.example.com}}}}]}}\n",
        without_routes()
    );
    for (mapping, verdict) in [("{email: mail}", "pass"), ("{name: mail}", "fail")] {
        let asked = check(&pool(mapping), &config, &JSON);
        assert!(asked.rules(verdict).contains("email-not-mapped"), "{mapping}: {}", asked.ran.stdout);
    }
    let denied = check(
        "client: {identity_providers: [Corp, COGNITO]}\naws: {faults: {DescribeIdentityProvider: denied}}",
        &config,
        &JSON,
    );
    assert!(
        denied.rules("undecided").contains("email-not-mapped")
            && denied.ran.stdout.contains("cognito-idp:DescribeIdentityProvider")
    );
}

/// The healthy configuration up to its routes.
fn without_routes() -> String {
    healthy().lines().take_while(|line| !line.starts_with("routes:")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn no_secret_of_an_answer_is_shown_or_kept() {
    let pool = "client: {identity_providers: [Corp, COGNITO], secret: zq7CANARYclientsecret0123456789}\naws: {secrets: 2, client: {X: zq7CANARYfield}, providers: {Corp: {email: zq7CANARYmapped}}}";
    for format in ["human", "json", "sarif", "junit", "markdown", "github"] {
        let asked = check(pool, &healthy(), &["--aws", "-v", "--pedantic", "--format", format, "--record", "record"]);
        let mut shown = vec![asked.ran.stdout.clone(), asked.ran.stderr.clone()];
        for file in std::fs::read_dir(asked.folder.path().join("record")).unwrap() {
            shown.push(std::fs::read_to_string(file.unwrap().path()).unwrap());
        }
        assert!(shown.len() > 9, "{format}: {}", shown.len());
        for text in &shown {
            assert!(
                !text.contains("zq7CANARY") && !text.contains(CLIENT_SECRET) && !text.contains(PROVIDER_SECRET),
                "{format}: {text}"
            );
        }
        // It was there to be kept.
        let sent = asked
            .received
            .iter()
            .filter(|received| received.request.header("x-amz-security-token") == Some(SESSION_TOKEN));
        assert!(sent.count() >= 5);
    }
}

#[test]
fn what_was_recorded_is_judged_alike_with_the_flag_and_without() {
    let pool = "client: {callback_urls: []}\naws: {client: {ReadAttributes: [email]}, others: 3}";
    let asked = check(pool, &healthy(), &["--aws", "--format", "json", "--record", "record"]);
    for arguments in [&["--aws"][..], &[]] {
        let again = Pomlint::new(["check", "pomerium.yaml", "--format", "json", "--replay", "record"])
            .args(arguments.iter().copied())
            .in_folder(asked.folder.path())
            .run();
        assert_eq!((again.code, &again.stdout), (asked.ran.code, &asked.ran.stdout), "{}", again.stderr);
    }
}

#[test]
fn whoever_has_no_credentials_is_told_what_to_run() {
    let asked = with("", &healthy(), &JSON, &[]);
    assert!(asked.ran.code == 3 && asked.calls.is_empty(), "{}", asked.ran.stderr);
    assert!(asked.ran.stdout.contains("there are no AWS credentials"), "{}", asked.ran.stdout);
    assert!(asked.rules("pass").contains("callback-not-registered"));
    let unknown = with("", &healthy(), &["--aws"], &[("AWS_PROFILE", "nope")]);
    assert!(unknown.ran.code == 3 && unknown.ran.stdout.contains("no profile `nope`"), "{}", unknown.ran.stdout);
}

#[test]
fn nobody_is_called_offline_or_about_another_pool() {
    let offline = check("", &healthy(), &["--aws", "--offline"]);
    assert!(offline.ran.code == 2 && offline.ran.stderr.contains("--offline"), "{}", offline.ran.stderr);
    let other = check("", &healthy(), &["--aws", "--pool", "eu-west-1_another12"]);
    assert!(other.ran.code == 1 && other.received.is_empty(), "{}", other.ran.stdout);
}
