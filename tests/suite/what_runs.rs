//! What runs beside what was seen, what is given, and several files.

use serde_json::Value;

use crate::support::pomerium::{Running, SignIn};
use crate::support::pool::{AppClient, Override, Pool};
use crate::support::server::{Behaviour, Server};
use crate::support::{self, Pomlint};

const URL: &str = "https://app.corp.example.com";
/// The id of the healthy settings with a slash at the end of the issuer.
const WITH_SLASH: &str = "GMpSe7PQKnr8hYko9rytoaBgfRsrTaQOYgSDZctYwkD";
/// And with a newline at the end of the secret.
const WITH_NEWLINE: &str = "yG6dlFKMHtRlmXngsw9YxFzs2VW8pmTLxhQ7Gsfk3TJ";
const SLASH: &str = "oidc: issuer did not match the issuer returned by provider, expected \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/\" got \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\"";

const MISMATCH: &str =
    "https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1";

/// The exit code and the diagnosis of what was seen, with or without the healthy configuration.
fn diagnosed(seen: &str, running: Running, pool: Pool, has_file: bool) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pomerium.yaml"), support::healthy()).unwrap();
    let server = Server::start(Behaviour { pools: vec![pool], running: Some(running), ..Behaviour::default() });
    let file = ["pomerium.yaml"].into_iter().filter(|_| has_file);
    let asked = ["--deployed", URL, "--format", "json"];
    let ran =
        Pomlint::new(["diagnose", seen]).args(file).args(asked).args(server.args()).in_folder(folder.path()).run();
    (ran.code, serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr)))
}

#[test]
fn a_file_rules_out_nothing_of_what_runs_unless_it_is_what_runs() {
    let slash = Running { sign_in: SignIn::Fails, provider_id: WITH_SLASH.to_owned(), ..Running::default() };
    let sealed = Running { release: 24, ..Running::default() };
    let other = Running { provider_id: "XkuOther".to_owned(), ..Running::default() };
    for (running, standing, exit) in [
        (slash, "undecided", 1),
        (sealed, "undecided", 1),
        (other, "undecided", 1),
        (Running::default(), "ruled-out", 0),
    ] {
        let (code, diagnosis) = diagnosed(SLASH, running.clone(), Pool::default(), true);
        let named = &diagnosis["names"][0];
        assert_eq!(
            (named["name"].as_str(), named["standing"].as_str()),
            (Some("issuer-has-trailing-slash"), Some(standing))
        );
        assert_eq!((code, diagnosis["exit"].as_i64()), (exit, Some(i64::from(exit))), "{running:?}: {diagnosis}");
    }
}

#[test]
fn what_is_cleared_is_over_only_where_all_of_what_runs_could_be_judged() {
    let unread = Pool { jwks: Override { status: Some(503), ..Override::default() }, ..Pool::default() };
    for (seen, pool, has_file, exit, answer) in [
        (SLASH, Pool::default(), true, 0, "No longer so: A slash"),
        ("identity: unknown provider: Cognito", Pool::default(), true, 0, "No longer so: Pomerium has no"),
        (MISMATCH, Pool::default(), true, 0, "No longer so: Cognito does not"),
        (MISMATCH, Pool::default(), false, 0, "No longer so: Cognito does not"),
        (SLASH, unread.clone(), true, 3, "Undecided: A slash"),
        ("identity: unknown provider: Cognito", unread.clone(), true, 3, "Undecided: Pomerium has no"),
        (MISMATCH, unread, true, 3, "Undecided: Cognito does not"),
    ] {
        let (code, diagnosis) = diagnosed(seen, Running::default(), pool, has_file);
        let said = diagnosis["answer"].as_str().unwrap();
        let is_told = exit == 0 || said.ends_with("is ruled out now, but not all of what runs could be judged.");
        assert!(code == exit && said.starts_with(answer) && is_told, "{seen}: {code} {said}");
    }
}

#[test]
fn what_is_found_wrong_with_what_runs_heads_the_diagnosis() {
    let foreign = Running { cookie_domain: Some("example.net".to_owned()), ..Running::default() };
    let ahead = Running { authenticate_ahead: 4000, ..Running::default() };
    let newline = Running { provider_id: WITH_NEWLINE.to_owned(), ..Running::default() };
    let no_code = Pool { client: AppClient { flows: Vec::new(), ..AppClient::default() }, ..Pool::default() };
    let client = AppClient { branding: false, ..AppClient::default() };
    let unstyled = Pool { managed_login: true, client, ..Pool::default() };
    let healthy = Pool::default;
    for (seen, running, pool, has_file, rule) in [
        ("ERR_TOO_MANY_REDIRECTS", foreign, healthy(), false, "deployed-cookie-domain-foreign"),
        ("oauth2: \"invalid_client\"", newline, healthy(), true, "deployed-secret-differs"),
        ("redirect_mismatch", Running::default(), no_code.clone(), true, "code-flow-disabled"),
        (SLASH, Running::default(), no_code.clone(), true, "code-flow-disabled"),
        ("identity: unknown provider: Cognito", Running::default(), no_code, true, "code-flow-disabled"),
        (SLASH, Running::default(), unstyled.clone(), true, "login-page-unavailable"),
        ("redirect_mismatch", Running::default(), unstyled.clone(), true, "login-page-unavailable"),
        (MISMATCH, Running::default(), unstyled.clone(), true, "login-page-unavailable"),
        (MISMATCH, Running::default(), unstyled, false, "login-page-unavailable"),
    ] {
        let (code, diagnosis) = diagnosed(seen, running, pool, has_file);
        let answer = diagnosis["answer"].as_str().unwrap();
        let is_head = answer.starts_with("Found just now in what runs: ") && answer.ends_with(&format!("({rule})."));
        assert!(code == 1 && is_head, "{seen}: {code} {answer}");
    }
    // What was seen is confirmed by whom it is wrong with.
    let refused = Pool { client: AppClient { callback_urls: Vec::new(), ..AppClient::default() }, ..Pool::default() };
    let elsewhere = Running { authenticate: "login.corp.example.com".to_owned(), ..Running::default() };
    let expired = "oidc: token is expired (Token Expiry: 2026-11-30 22:00:00 +0000 UTC)";
    for (seen, running, pool, has_file) in [
        ("redirect_mismatch", Running::default(), refused, true),
        ("redirect_mismatch", elsewhere, healthy(), true),
        (expired, ahead, healthy(), false),
    ] {
        let (code, diagnosis) = diagnosed(seen, running, pool, has_file);
        let answer = diagnosis["answer"].as_str().unwrap();
        assert!(code == 1 && answer.starts_with("Confirmed just now by what runs"), "{seen}: {code} {answer}");
    }
}

#[test]
fn whose_fault_it_is_is_said_by_what_is_found() {
    let ahead = Running { proxy_ahead: 300, ..Running::default() };
    let all_ahead = Running { proxy_ahead: 300, authenticate_ahead: 300, ..Running::default() };
    let missing = Running { sign_in: SignIn::Missing, ..Running::default() };
    let (unknown, slash) = ("something nobody knows", SLASH);
    for (seen, running, code, says) in [
        (unknown, ahead.clone(), 1, "and a clock is wrong: deployed-clock-skew."),
        (unknown, missing, 1, "and what runs is wrong: authenticate-not-routed."),
        // A warning is none of the configuration's, either, and stops nobody.
        (unknown, all_ahead, 3, "Undecided: this matches no known symptom."),
        (slash, ahead, 1, "(deployed-clock-skew)."),
    ] {
        let (exit, diagnosis) = diagnosed(seen, running, Pool::default(), true);
        let answer = diagnosis["answer"].as_str().unwrap();
        assert!(exit == code && answer.ends_with(says), "{seen}: {exit} {answer}");
    }
}

#[test]
fn what_no_rule_tells_stays_open_whatever_runs() {
    let (exit, diagnosis) =
        diagnosed("cryptutil: decryption failed (mismatched keys?)", Running::default(), Pool::default(), true);
    let names = diagnosis["names"].as_array().unwrap();
    let replica = names.iter().find(|one| one["name"] == "state-of-another-replica").unwrap();
    let why = "it does not show from outside, neither in what runs nor in a configuration or a pool";
    assert_eq!((exit, replica["standing"].as_str()), (1, Some("not-checked")), "{diagnosis}");
    assert!(diagnosis.to_string().contains(why), "{diagnosis}");
}

#[test]
fn every_deployment_that_has_the_host_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("prod.yaml", support::healthy());
    write("new.yaml", support::healthy() + "idp_scopes: [openid, email]\n");
    write(
        "star.yaml",
        support::healthy()
            .replace("app.corp", "'*.corp")
            .replace(".com\n    to", ".com'\n    to")
            .replace("authenticate.corp", "sso.stage"),
    );
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let differs = |files: &[&str]| {
        let check = || {
            Pomlint::new(["check"]).args(files.iter().copied()).args([URL, "--format", "json"]).in_folder(folder.path())
        };
        let ran = check().args(server.args()).args(["--record", "recording"]).run();
        let again = check().args(["--replay", "recording"]).run();
        assert_eq!((ran.code, &ran.stdout), (again.code, &again.stdout), "{}", again.stderr);
        std::fs::remove_dir_all(folder.path().join("recording")).unwrap();
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let mut found = Vec::new();
        for one in report["reports"].as_array().unwrap().iter().filter(|one| one["config"]["form"] == "deployed") {
            let verdicts = one["verdicts"].as_array().unwrap();
            let failed = verdicts.iter().filter(|verdict| verdict["verdict"] == "fail");
            let rules =
                failed.filter_map(|verdict| verdict["rule"].as_str()).filter(|rule| rule.starts_with("deployed-"));
            found.push((
                one["config"]["path"].as_str().unwrap().to_owned(),
                rules.map(str::to_owned).collect::<Vec<_>>(),
            ));
        }
        found
    };
    let (url, differ) = ("https://app.corp.example.com/", "deployed-settings-differ".to_owned());
    let (prod, new) = (format!("{url} beside prod.yaml"), format!("{url} beside new.yaml"));
    assert_eq!(differs(&["prod.yaml", "new.yaml"]), [(prod.clone(), vec![]), (new.clone(), vec![differ.clone()])]);
    assert_eq!(differs(&["new.yaml", "prod.yaml"]), [(new, vec![differ]), (prod, vec![])]);
    // Whoever names the host is meant, and not a star of another.
    assert_eq!(differs(&["star.yaml", "prod.yaml"]), [(url.to_owned(), vec![])]);
}

#[test]
fn the_secret_that_is_the_same_is_asked_about_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pomerium.yaml"), support::healthy()).unwrap();
    let other = Running { provider_id: "XkuOther".to_owned(), ..Running::default() };
    for (running, verdict) in [(Running::default(), "pass"), (other, "undecided")] {
        let server = Server::start(Behaviour { running: Some(running), ..Behaviour::default() });
        let asked = ["check", "--probe-secret", "pomerium.yaml", URL, "--format", "json"];
        let ran = Pomlint::new(asked).args(server.args()).in_folder(folder.path()).run();
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let verdicts = report["reports"][1]["verdicts"].as_array().unwrap();
        let rejected = verdicts.iter().find(|verdict| verdict["rule"] == "client-secret-rejected").unwrap();
        assert_eq!((ran.code, rejected["verdict"].as_str()), (0, Some(verdict)), "{}", ran.stdout);
        let posted = server.received().iter().filter(|received| received.request.method == "POST").count();
        assert_eq!(posted, 2);
    }
}

#[test]
fn what_is_given_and_does_not_run_is_refused() {
    for (given, says) in [
        ("idp_client_id=zzz", Some("sends 4qk2v9s7m1n3b5c8d0f6g7h2u1")),
        ("idp_scopes=openid", Some("sends openid email profile")),
        ("idp_scopes=profile,email,openid", None),
        ("idp_client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1", None),
    ] {
        let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
        let ran = Pomlint::new(["check", URL, "--given", given]).args(server.args()).run();
        assert_eq!(ran.code, if says.is_some() { 2 } else { 0 }, "{given}: {}{}", ran.stdout, ran.stderr);
        assert!(says.is_none_or(|says| ran.stderr.contains(says)), "{given}: {}", ran.stderr);
    }
}

#[test]
fn code_that_nothing_is_compared_with_is_said_not_to_be_heard() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("state.json"), "{}").unwrap();
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let ran = Pomlint::new(["check", URL, "--infra", "state.json"]).args(server.args()).in_folder(folder.path()).run();
    assert!(ran.stderr.contains("--infra is not heard"), "{}", ran.stderr);
}

#[test]
fn an_address_is_shown_by_its_flag_too() {
    let server = Server::start(Behaviour { running: Some(Running::default()), ..Behaviour::default() });
    let shown =
        |arguments: &[&str]| Pomlint::new(["show"]).args(arguments.iter().copied()).args(server.args()).run().stdout;
    assert_eq!(shown(&["--deployed", URL]), shown(&[URL]));
    assert!(shown(&[URL]).contains("redirect_uri"));
}
