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
        (
            "aws: {client: {ClientSecret: another-secret}}",
            None,
            &["client-secret-rejected"],
            "the AWS API shows another secret of app client `4qk2v9s7m1n3b5c8d0f6g7h2u1`: Cognito will answer `invalid_client` to the configured secret: ",
        ),
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
        ("DescribeUserPoolClient", "throttled by header", "email-not-readable", "TooManyRequestsException"),
        ("DescribeUserPoolClient", "page", "email-not-readable", "got a page"),
        ("DescribeUserPoolClient", "empty", "email-not-readable", "an empty body"),
        ("DescribeUserPoolClient", "expired", "email-not-readable", "ExpiredTokenException"),
        ("DescribeUserPoolClient", "signature", "email-not-readable", "clock of this machine"),
    ] {
        let asked = check(&format!("aws: {{faults: {{{operation}: {fault}}}}}"), &healthy(), &JSON);
        assert_eq!(asked.ran.code, 3, "{operation} {fault}: {}", asked.ran.stderr);
        assert!(asked.rules("undecided").contains(open), "{operation} {fault}: {:?}", asked.rules("undecided"));
        assert!(asked.rules("fail").is_empty(), "{operation} {fault}: {:?}", asked.rules("fail"));
        let passed = asked.rules("pass");
        // The secret stands in the file, and whom Cognito shows its login page has OAuth and an identity provider.
        for rule in ["callback-not-registered", "client-secret-missing", "oauth-not-enabled", "no-identity-provider"] {
            assert!(passed.contains(rule), "{operation} {fault}: {rule}");
        }
        assert!(asked.ran.stdout.contains(says), "{operation} {fault}: {}", asked.ran.stdout);
        let times = asked.calls.iter().filter(|call| *call == operation).count();
        assert_eq!(times, if fault.starts_with("throttled") || fault == "page" { 2 } else { 1 }, "{operation} {fault}");
    }
    // Nobody looks at the style of a classic page, and a page of another kind is no missing style.
    let fault = "aws: {faults: {DescribeManagedLoginBrandingByClient: page}}";
    assert_eq!(check(fault, &healthy(), &JSON).ran.code, 0);
    let managed = check(&format!("managed_login: true\n{fault}"), &healthy(), &JSON);
    assert!(managed.rules("fail").is_empty() && managed.rules("pass").contains("login-page-unavailable"));
    let foreign = check("aws: {foreign: true}", &healthy(), &JSON);
    assert!(foreign.ran.code == 3 && foreign.ran.stdout.contains("another account"), "{}", foreign.ran.stdout);
}

/// What is repeated counts like any other call.
#[test]
fn nine_calls_are_made_at_most_however_many_have_to_be_repeated() {
    let names: Vec<String> = (0..12).map(|number| format!("P{number}")).collect();
    let mappings: Vec<String> = names.iter().map(|name| format!("{name}: {{email: email}}")).collect();
    let busy = ["ListUserPoolClientSecrets", "DescribeUserPoolDomain", "DescribeIdentityProvider"];
    let faults = busy.map(|name| format!("{name}: throttled")).join(", ");
    let pool = format!(
        "client: {{identity_providers: [{}]}}\naws: {{faults: {{{faults}}}, providers: {{{}}}}}",
        names.join(", "),
        mappings.join(", ")
    );
    let asked = check(&pool, &healthy(), &JSON);
    assert_eq!((asked.ran.code, asked.calls.len()), (3, 9), "{:?}", asked.calls);
    assert!(asked.rules("undecided").contains("email-not-mapped"), "{:?}", asked.rules("undecided"));
}

/// Whoever answers about another client, or about none, says nothing of this one.
#[test]
fn an_answer_about_another_client_is_none() {
    for client in ["{ClientId: 7another}", "{ClientId: null}"] {
        let asked = check(&format!("aws: {{client: {client}}}"), &healthy(), &JSON);
        assert_eq!(asked.ran.code, 3, "{client}: {}", asked.ran.stderr);
        assert!(asked.rules("undecided").contains("email-not-readable"), "{client}");
        assert!(asked.rules("fail").is_empty(), "{client}: {:?}", asked.rules("fail"));
    }
}

/// Whom Cognito serves is there, whatever the API says: then what the API alone tells is open, as where it refuses to tell.
#[test]
fn what_the_api_denies_and_cognito_serves_is_left_open() {
    let served = check("aws: {faults: {DescribeUserPoolClient: no client}}", &healthy(), &JSON);
    assert_eq!(served.ran.code, 3, "{}", served.ran.stdout);
    assert!(served.rules("pass").contains("client-not-usable"));
    for rule in ["email-not-readable", "client-secret-rejected", "refresh-not-allowed", "callback-differs-in-case"] {
        assert!(served.rules("undecided").contains(rule), "{rule}: {}", served.ran.stdout);
    }
    assert!(served.ran.stdout.contains("and Cognito lets it log users in all the same"), "{}", served.ran.stdout);
    let named = check("aws: {pool: {Domain: null}}", &healthy(), &JSON);
    assert_eq!(named.ran.code, 3, "{}", named.ran.stdout);
    assert!(named.rules("pass").contains("pool-has-no-domain"));
    assert!(named.rules("undecided").contains("domain-not-active"));
    assert!(named.ran.stdout.contains("and its discovery document names one"), "{}", named.ran.stdout);
}

/// An endpoint that is asked by https is reached as every host is, and whoever does not answer is named.
#[test]
fn an_endpoint_by_https_is_reached_as_every_host_is() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY)];
    let token = crate::support::project("Cargo.toml").display().to_string();
    let role = [("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()), ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Ci")];
    for (own, variable, host) in [
        (keys, "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "api.internal.example.com"),
        (role, "AWS_ENDPOINT_URL_STS", "sts.internal.example.com"),
    ] {
        let url = format!("https://{host}");
        let asked = with("", &healthy(), &JSON, &[&own[..], &[(variable, url.as_str())]].concat());
        // The stand-in is none of these, and it is there that --connect-to leads.
        let is_reached = asked.received.iter().any(|received| received.request.header("host") == Some(host));
        let is_named = asked.ran.stdout.contains(&format!("https://{host}/"));
        assert!(is_reached || is_named, "{host}: {}", asked.ran.stdout);
        assert!(!asked.ran.stdout.contains("the name server knows no address"), "{host}: {}", asked.ran.stdout);
    }
    // This machine is asked as it is named; nobody listens there.
    let here = [("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "https://127.0.0.1:1")];
    let asked = with("", &healthy(), &JSON, &[&keys[..], &here].concat());
    let told = &asked.ran.stdout;
    assert!(told.contains("https://127.0.0.1:1") && told.contains("refused"), "{told}");
    assert!(!told.contains("loopback address") && !told.contains("can only lead a name elsewhere"), "{told}");
}

/// The path of a container's credentials is all that one needs to have them.
#[test]
fn where_a_container_has_its_credentials_is_not_told() {
    let own = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/v2/credentials/zq7CANARY0123")];
    let asked = with("", &healthy(), &JSON, &own);
    assert!(asked.ran.stdout.contains("127.0.0.1:1"), "{}", asked.ran.stdout);
    assert!(!format!("{:?}", asked.ran).contains("CANARY"), "{:?}", asked.ran);
}

/// One list has what is near to each of them.
#[test]
fn an_id_near_to_each_that_is_not_there_is_told() {
    let own = "    idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u9\n    idp_client_secret: 9hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n    policy:";
    let asked = check("", &healthy().replacen("    policy:", own, 1), &JSON);
    let lists = asked.calls.iter().filter(|call| *call == "ListUserPoolClients").count();
    assert_eq!((asked.ran.code, lists), (1, 1), "{:?}", asked.calls);
    assert!(
        asked.ran.stdout.contains("did you mean") || asked.ran.stdout.contains("4qk2v9s7m1n3b5c8d0f6g7h2u1 ("),
        "{}",
        asked.ran.stdout
    );
}

/// An endpoint that the user names is asked at its path, and the error says that it was.
#[test]
fn the_path_of_an_endpoint_is_asked() {
    const ENDPOINT: &str = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER";
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY)];
    let asked_at = |url: &str| with("", &healthy(), &JSON, &[&keys[..], &[(ENDPOINT, url)]].concat());
    for (path, line) in
        [("", "POST / HTTP"), ("/", "POST / HTTP"), ("/stage", "POST /stage HTTP"), ("/a/", "POST /a/ HTTP")]
    {
        let keeper = Keeper::new(|_| "{}".to_owned());
        asked_at(&format!("{}{path}", keeper.address));
        let asked = keeper.asked();
        assert!(!asked.is_empty() && asked.iter().all(|request| request.starts_with(line)), "{path}: {asked:?}");
    }
    let keeper = Keeper::new(|_| "<html>".to_owned());
    let page = asked_at(&keeper.address);
    assert!(page.ran.stdout.contains("the answer of 127.0.0.1"), "{}", page.ran.stdout);
    assert!(!page.ran.stdout.contains("the answer of cognito-idp"), "{}", page.ran.stdout);
    let query = asked_at("http://127.0.0.1:1/?x=y");
    assert!(query.ran.code == 3 && query.ran.stdout.contains("has a query"), "{}", query.ran.stdout);
    let closed = asked_at("http://127.0.0.1:1");
    assert!(closed.ran.stdout.contains("it is asked at 127.0.0.1"), "{}", closed.ran.stdout);
    // How often it was tried, and how; where on that host stays the user's own.
    let own = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1/zq7CANARYpath")];
    let people = with("", &healthy(), &["--aws", "-v", "--record", "record"], &[&keys[..], &own].concat());
    let shown = people.ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("POST http://127.0.0.1:1/ ") && shown.contains("(2 attempts, "), "{}", people.ran.stdout);
    let mut kept = vec![people.ran.stdout, people.ran.stderr];
    let files = std::fs::read_dir(people.folder.path().join("record")).unwrap();
    kept.extend(files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()));
    assert!(kept.len() > 5 && kept.iter().all(|text| !text.contains("CANARY")), "{kept:?}");
    // Nor is anything kept of what says an endpoint that is none of AWS.
    let page = Keeper::new(|_| r#"{"__type":"zq7CANARY1","message":"zq7CANARY"}"#.to_owned());
    let own = [("AWS_ENDPOINT_URL", page.address.as_str())];
    let said = with("", &healthy(), &JSON, &[&keys[..], &own].concat());
    assert!(!said.ran.stdout.contains("CANARY"), "{}", said.ran.stdout);
}

#[test]
fn of_two_secrets_the_one_that_is_not_shown_may_be_the_configured_one() {
    let rule = "client-secret-rejected";
    let other = check("aws: {secrets: 2, client: {ClientSecret: another-secret}}", &healthy(), &JSON);
    assert!(other.ran.code == 3 && other.rules("undecided").contains(rule), "{}", other.ran.stdout);
    assert!(other.ran.stdout.contains("--probe-secret"));
    let paged = "aws: {secrets: 1, pages_of_secrets: true, client: {ClientSecret: another-secret}}";
    let paged = check(paged, &healthy(), &JSON);
    assert!(paged.ran.code == 3 && paged.rules("undecided").contains(rule), "{}", paged.ran.stdout);
    assert!(paged.ran.stdout.contains("further pages"), "{}", paged.ran.stdout);
    let hidden = "aws: {secrets: 0, pages_of_secrets: true, client: {ClientSecret: null}}";
    let hidden = check(hidden, &healthy(), &JSON);
    assert!(!hidden.rules("fail").contains("client-secret-not-expected"), "{}", hidden.ran.stdout);
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
fn a_secret_that_is_not_shown_is_no_public_client() {
    let (not_expected, rejected) = ("client-secret-not-expected", "client-secret-rejected");
    for (api, says) in [
        ("secrets: 1, client: {ClientSecret: null}", "a secret that the API does not show"),
        (
            "client: {ClientSecret: null, ClientSecretArn: 'arn:aws:secretsmanager:x'}",
            "a secret that the API does not show",
        ),
        (
            "faults: {ListUserPoolClientSecrets: denied}, client: {ClientSecret: null}",
            "cognito-idp:ListUserPoolClientSecrets",
        ),
    ] {
        let hidden = check(&format!("aws: {{{api}}}"), &healthy(), &JSON);
        assert!(hidden.ran.code == 3 && hidden.rules("undecided").contains(rejected), "{api}: {}", hidden.ran.stdout);
        assert!(!hidden.rules("fail").contains(not_expected), "{api}");
        assert!(hidden.ran.stdout.contains(says) && hidden.ran.stdout.contains("--probe-secret"), "{api}");
        let probed = check(&format!("aws: {{{api}}}"), &healthy(), &[&JSON[..], &["--probe-secret"]].concat());
        assert!(probed.ran.code == 0 && probed.rules("pass").contains(rejected), "{api}: {}", probed.ran.stdout);
    }
    let shown = check("client: {secret: none}", &healthy(), &JSON);
    assert!(shown.ran.code == 1 && shown.rules("fail").contains(not_expected), "{}", shown.ran.stdout);
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
    // Of more than are asked about, one that is known to fill nothing is so all the same.
    let five = |mapping: &str| {
        format!(
            "client: {{identity_providers: [COGNITO, A, B, C, D, E]}}\naws: {{providers: {{A: {mapping}, B: {{email: m}}, C: {{email: m}}, D: {{email: m}}}}}}"
        )
    };
    let asked = check(&five("{name: m}"), &config, &JSON);
    assert!(asked.rules("fail").contains("email-not-mapped"), "{}", asked.ran.stdout);
    assert!(asked.ran.stdout.contains("users of `A` come") && asked.calls.len() <= 9, "{}", asked.ran.stdout);
    let asked = check(&five("{email: m}"), &config, &["--aws"]);
    assert!(
        asked.ran.stdout.contains("provider E was not asked") && !asked.ran.stdout.contains("--only RULE"),
        "{}",
        asked.ran.stdout
    );
    let gone = check("client: {identity_providers: [Corp, COGNITO]}", &config, &JSON);
    assert!(
        gone.rules("undecided").contains("email-not-mapped")
            && gone.ran.stdout.contains("has no identity provider `Corp`, which the app client names"),
        "{}",
        gone.ran.stdout
    );
    assert!(gone.rules("pass").contains("no-identity-provider"), "{}", gone.ran.stdout);
    // Where none of them is there, nobody logs in.
    let two = "client: {identity_providers: [Corp, Shop]}";
    let gone = check(two, &config, &JSON);
    assert!(gone.rules("fail").contains("no-identity-provider"), "{}", gone.ran.stdout);
    let there = check(&format!("{two}\naws: {{providers: {{Corp: {{email: mail}}}}}}"), &config, &JSON);
    assert!(there.rules("pass").contains("no-identity-provider"), "{}", there.ran.stdout);
    // Who sends users on to one shows that it is there.
    let led = check("client: {identity_providers: [Corp]}", &config, &["--aws", "--format", "json", "--pedantic"]);
    assert!(led.rules("pass").contains("no-identity-provider"), "{}", led.ran.stdout);
    assert!(led.rules("fail").contains("witnesses-disagree"), "{}", led.ran.stdout);
}

/// The healthy configuration up to its routes.
fn without_routes() -> String {
    healthy().lines().take_while(|line| !line.starts_with("routes:")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn no_secret_of_an_answer_is_shown_or_kept() {
    let pool = "client: {identity_providers: [Corp, COGNITO], secret: zq7CANARYclientsecret0123456789}\naws: {secrets: 2, client: {X: zq7CANARYfield, CallbackURLs: ['https://u:zq7CANARYpassword@x.example.com/?client_secret=zq7CANARYparameter'], LogoutURLs: ['https://u:zq7CANARYpassword@x.example.com/']}, providers: {Corp: {email: zq7CANARYmapped}}}";
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
    for rule in ["callback-not-registered", "client-secret-missing", "oauth-not-enabled", "no-identity-provider"] {
        assert!(asked.rules("pass").contains(rule), "{rule}");
    }
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

/// What the API may answer one day, each named for what it is, in two waves of nine calls at most.
#[test]
fn each_world_of_the_api_is_named() {
    are_named(&[
        // Whom Cognito shows its login page has somebody to log in through; that page was seen with OAuth off.
        (
            "aws: {client: {AllowedOAuthFlowsUserPoolClient: null}}",
            "",
            3,
            "undecided",
            "oauth-not-enabled",
            "Client is not enabled for OAuth2.0 flows.",
        ),
        ("aws: {client: {AllowedOAuthFlowsUserPoolClient: false}}", "", 3, "undecided", "oauth-not-enabled", ""),
        (
            "aws: {client: {AllowedOAuthFlowsUserPoolClient: null}}",
            "",
            3,
            "fail",
            "witnesses-disagree",
            "whether OAuth is on, and it is left open who is right",
        ),
        ("aws: {client: {SupportedIdentityProviders: null}}", "", 0, "pass", "no-identity-provider", ""),
        ("aws: {client: {SupportedIdentityProviders: null}}", "", 0, "fail", "witnesses-disagree", ""),
        ("aws: {client: {ReadAttributes: null}}", "", 0, "pass", "email-not-readable", ""),
        ("aws: {client: {ExplicitAuthFlows: [ALLOW_USER_SRP_AUTH]}}", "", 1, "fail", "refresh-not-allowed", ""),
        (
            "aws: {client: {ExplicitAuthFlows: [ALLOW_USER_SRP_AUTH], RefreshTokenRotation: {Feature: ENABLED, RetryGracePeriodSeconds: 30}}}",
            "",
            3,
            "undecided",
            "refresh-not-allowed",
            "",
        ),
        (
            "aws: {client: {RefreshTokenRotation: {Feature: ENABLED}}}",
            "",
            0,
            "fail",
            "refresh-rotation-without-grace",
            "",
        ),
        (
            "aws: {client: {RefreshTokenValidity: 5, TokenValidityUnits: {RefreshToken: hours}}}",
            "",
            0,
            "fail",
            "session-outlives-refresh-token",
            "",
        ),
        (
            "aws: {client: {RefreshTokenValidity: 5, TokenValidityUnits: {RefreshToken: fortnights}}}",
            "",
            0,
            "undecided",
            "session-outlives-refresh-token",
            "what RefreshTokenValidity of the app client means as AWS has it is not documented",
        ),
        ("aws: {client: {AllowedOAuthFlows: [code, tomorrow]}}", "", 0, "pass", "code-flow-disabled", ""),
        ("aws: {client: {CallbackURLs: 7}}", "", 3, "!fail", "callback-not-registered", ""),
        ("aws: {client: {EnableTokenRevocation: null}}", "", 0, "pass", "callback-not-registered", ""),
        ("aws: {pool: {IssuerConfiguration: {Type: TOMORROW}}}", "", 0, "!fail", "issuer-switched", ""),
        (
            "aws: {pool: {UserPoolTier: LITE, KeyConfiguration: [], Status: null}}",
            "",
            0,
            "pass",
            "domain-not-active",
            "",
        ),
        ("aws: {domain_status: FAILED}", "", 1, "fail", "domain-not-active", "FAILED"),
        ("aws: {domain_status: TOMORROW}", "", 3, "!fail", "domain-not-active", ""),
        ("aws: {others: 130}", "another", 1, "fail", "client-not-usable", "4qk2v9s7m1n3b5c8d0f6g7h2u1"),
        (
            "aws: {faults: {DescribeUserPool: throttled}}",
            "",
            3,
            "undecided",
            "domain-not-active",
            "TooManyRequestsException",
        ),
        ("aws: {faults: {DescribeUserPoolDomain: page}}", "", 3, "undecided", "domain-not-active", "got a page"),
        ("aws: {faults: {DescribeUserPoolDomain: empty}}", "", 3, "undecided", "domain-not-active", "an empty body"),
        ("aws: {faults: {ListUserPoolClientSecrets: throttled}}", "", 0, "pass", "client-secret-rejected", ""),
        (
            "aws: {faults: {DescribeUserPool: expired}}",
            "",
            3,
            "undecided",
            "domain-not-active",
            "ExpiredTokenException",
        ),
        (
            "aws: {faults: {ListUserPoolClients: denied}}",
            "another",
            1,
            "fail",
            "client-not-usable",
            "4qk2v9s7m1n3b5c8d0f6g7h2u9",
        ),
    ]);
}

#[test]
fn what_stops_no_login_is_told_by_its_weight() {
    are_named(&[
        (
            "aws: {client: {ReadAttributes: [email, email_verified]}}",
            "",
            0,
            "fail",
            "email-not-readable",
            "may read no attribute behind the scope `profile`",
        ),
        ("aws: {client: {ReadAttributes: [email, email_verified, name]}}", "", 0, "pass", "email-not-readable", ""),
        (
            "aws: {client: {ReadAttributes: [email]}}",
            "",
            1,
            "fail",
            "email-not-readable",
            "may not read `email_verified`",
        ),
        ("aws: {secrets: 2}", "", 0, "fail", "client-secret-rejected", "its rotation is unfinished"),
        ("aws: {secrets: 1}", "", 0, "pass", "client-secret-rejected", ""),
        (
            "managed_login: true\naws: {pool: {UserPoolTier: LITE}}",
            "",
            0,
            "fail",
            "witnesses-disagree",
            "the pool is of the tier LITE, which has the classic login pages only",
        ),
        ("managed_login: true\naws: {pool: {UserPoolTier: TOMORROW}}", "", 0, "pass", "witnesses-disagree", ""),
    ]);
}

/// The setting of the pool decides which issuer its tokens carry, whatever the hosts of both answer.
#[test]
fn each_issuer_is_the_one_that_is_set() {
    are_named(&[
        // That the new issuer answers leaves open whether tokens carry it; the setting does not.
        ("issuer: updated", "", 1, "fail", "issuer-switched", "the pool is set to its new issuer"),
        ("issuer: updated\naws: {pool: {IssuerConfiguration: {Type: ORIGINAL}}}", "", 0, "pass", "issuer-switched", ""),
        // Nor does a refusal there: a replica's host refuses a pool that is switched.
        (
            "aws: {pool: {IssuerConfiguration: {Type: UPDATED}}}",
            "",
            1,
            "fail",
            "issuer-switched",
            "the pool is set to its new issuer",
        ),
        ("aws: {pool: {IssuerConfiguration: {Type: UPDATED}}}", "", 1, "!fail", "witnesses-disagree", ""),
        (
            "issuer: updated\naws: {pool: {IssuerConfiguration: {Type: ORIGINAL}}}",
            "new issuer",
            1,
            "fail",
            "issuer-not-switched",
            "the pool is set to its first issuer",
        ),
        (
            "aws: {pool: {IssuerConfiguration: {Type: UPDATED}}}",
            "new issuer",
            1,
            "!fail",
            "issuer-not-switched",
            "403 Forbidden",
        ),
    ]);
}

/// A pool, which configuration asks about it, the exit code, and a rule with its verdict and words.
type World = (&'static str, &'static str, i32, &'static str, &'static str, &'static str);

fn are_named(worlds: &[World]) {
    let no_client = healthy().replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", "4qk2v9s7m1n3b5c8d0f6g7h2u9");
    for &(pool, config, exit, verdict, rule, says) in worlds {
        let config = match config {
            "" => healthy(),
            "new issuer" => healthy().replace("https://cognito-idp.", "https://issuer-cognito-idp."),
            _ => no_client.clone(),
        };
        let asked = check(pool, &config, &["--aws", "--pedantic", "--format", "json"]);
        assert_eq!(asked.ran.code, exit, "{pool}: {:?}{}", asked.rules("fail"), asked.ran.stderr);
        match verdict.strip_prefix('!') {
            Some(not) => assert!(!asked.rules(not).contains(rule), "{pool}: {rule}"),
            None => assert!(asked.rules(verdict).contains(rule), "{pool}: {rule} is not {verdict}"),
        }
        assert!(asked.ran.stdout.contains(says), "{pool}: {says}");
        assert!(asked.calls.len() <= 9, "{pool}: {:?}", asked.calls);
    }
}

/// What hands out credentials on this machine: to each request line the answer, and what was asked.
struct Keeper {
    address: String,
    asked: std::sync::mpsc::Receiver<String>,
}

impl Keeper {
    fn new(answer: fn(&str) -> String) -> Self {
        use std::io::{Read as _, Write as _};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().take(8).filter_map(Result::ok) {
                let (mut stream, mut request, mut part) = (stream, Vec::new(), [0; 4096]);
                stream.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
                // To its end: the body of a form comes behind the head.
                while let Ok(read @ 1..) = stream.read(&mut part) {
                    request.extend_from_slice(&part[..read]);
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let body = answer(&request);
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = tell.send(request);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.try_iter().collect()
    }
}

const HANDED_OUT: &str = "zq7CANARYhandedout0123456789";

/// STS, the portal of IAM Identity Center and a container, as AWS describes their answers.
fn keep(request: &str) -> String {
    let expires = "2099-01-01T00:00:00Z";
    if request.contains("Action=Assume") {
        let key = if request.contains("WebIdentity") { "AKIDWEB" } else { "AKIDROLE" };
        return format!(
            "<R><X><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{HANDED_OUT}</SecretAccessKey><SessionToken>{HANDED_OUT}</SessionToken><Expiration>{expires}</Expiration></Credentials></X></R>"
        );
    }
    if request.contains("/federation/credentials") {
        return format!(
            r#"{{"roleCredentials": {{"accessKeyId": "AKIDSSO", "secretAccessKey": "{HANDED_OUT}", "sessionToken": "{HANDED_OUT}", "expiration": 4070908800000}}}}"#
        );
    }
    format!(
        r#"{{"AccessKeyId": "AKIDCONTAINER", "SecretAccessKey": "{HANDED_OUT}", "Token": "{HANDED_OUT}", "Expiration": "{expires}"}}"#
    )
}

#[test]
fn credentials_that_are_handed_out_over_the_wire_sign_the_calls() {
    let files = [
        ("token", "zq7CANARYwebtoken0123456789"),
        (
            ".aws/config",
            "[profile chain]\nrole_arn = arn:aws:iam::123456789012:role/Check\nsource_profile = base\n\n[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Check\n\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.example/start\n",
        ),
        (".aws/credentials", "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = zq7CANARYbase0123456789\n"),
        // The name is the SHA-1 of the session's.
        (
            ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json",
            r#"{"accessToken": "zq7CANARYssotoken0123456789", "expiresAt": "2099-01-01T00:00:00Z"}"#,
        ),
    ];
    let keeper = Keeper::new(keep);
    let container = format!("{}/v2/credentials", keeper.address);
    for (environment, key, sent) in [
        (
            vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.as_str()),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "zq7CANARYcontainer0123456789"),
            ],
            "AKIDCONTAINER",
            "zq7CANARYcontainer0123456789",
        ),
        (
            vec![
                ("AWS_ENDPOINT_URL_STS", keeper.address.as_str()),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", "token"),
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/Ci"),
            ],
            "AKIDWEB",
            "WebIdentityToken=zq7CANARYwebtoken0123456789",
        ),
        (
            vec![("AWS_ENDPOINT_URL_STS", keeper.address.as_str()), ("AWS_PROFILE", "chain")],
            "AKIDROLE",
            "Credential=AKIDBASE/",
        ),
        (
            vec![("AWS_ENDPOINT_URL_SSO", keeper.address.as_str()), ("AWS_PROFILE", "sso")],
            "AKIDSSO",
            "zq7CANARYssotoken0123456789",
        ),
    ] {
        let server = Server::of(Pool::default());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pomerium.yaml"), healthy()).unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut run = Pomlint::new(["check", "pomerium.yaml", "--aws", "-v"]).args(server.args());
        for (name, value) in &environment {
            let value =
                if *value == "token" { folder.path().join("token").display().to_string() } else { (*value).to_owned() };
            run = run.env(name, &value);
        }
        let ran = run.env("HOME", folder.path().to_str().unwrap()).in_folder(folder.path()).run();
        assert_eq!(ran.code, 0, "{key}: {}{}", ran.stdout, ran.stderr);
        assert!(![&ran.stdout, &ran.stderr].iter().any(|text| text.contains("zq7CANARY")), "{key}: {}", ran.stdout);
        let asked = keeper.asked();
        assert!(asked.len() == 1 && asked[0].contains(sent), "{key}: {asked:?}");
        let received = server.received();
        let signed: Vec<&str> =
            received.iter().filter_map(|received| received.request.header("authorization")).collect();
        let is_by = format!("Credential={key}/");
        assert!(signed.len() >= 5 && signed.iter().all(|header| header.contains(&is_by)), "{key}: {signed:?}");
    }
}
