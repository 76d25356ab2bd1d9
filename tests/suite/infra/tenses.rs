//! What works now and what will work, which client is meant, and whence the code comes.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::sheet::{File, Plan, Resource};
use super::{check, verdicts};
use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, Ran, healthy};

pub(super) fn folder(files: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.yaml"), healthy()).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A plan of these resources, each in YAML's short form.
pub(super) fn plan(changes: &[&str]) -> String {
    let changes: Vec<Resource> = changes.iter().map(|change| serde_yaml::from_str(change).unwrap()).collect();
    File { plan: Some(Plan { changes, ..Plan::default() }), ..File::default() }.text()
}

const DOMAIN: &str = "{is: domain, does: [no-op]}";
const BREAKS: &str = "{is: client, does: [update], becomes: {callback_urls: ['https://new.example.com/cb']}}";
const CURES: &str = "{is: client, does: [update], has: {callback_urls: ['https://old.example.com/cb']}, becomes: {callback_urls: \
    ['https://authenticate.corp.example.com/oauth2/callback']}}";
const MANAGED: &str = "{is: aws_cognito_managed_user_pool_client, without: [allowed_oauth_flows_user_pool_client, supported_identity_providers]}";
const OPENS: &str =
    "{is: client, does: [update], unknown: {callback_urls: true}, refers: {callback_urls: [aws_lb.front.dns_name]}}";

fn live(pool: &str, folder: &Path, args: &[&str]) -> Ran {
    let server = Server::of(Pool::from_yaml(pool).unwrap());
    Pomlint::new(["check", "config.yaml"]).args(args.iter().copied()).args(server.args()).in_folder(folder).run()
}

fn last_line(ran: &Ran) -> &str {
    ran.stdout.trim_end().lines().last().unwrap_or_default()
}

const OLD: &str = "client: {callback_urls: ['https://old.example.com/cb']}";

#[test]
fn what_is_asked_and_a_plan_are_judged_together() {
    let files = [
        ("breaks.json", plan(&[BREAKS, DOMAIN])),
        ("cures.json", plan(&[CURES, DOMAIN])),
        ("worse.json", plan(&[&CURES.replace("becomes: {", "becomes: {allowed_oauth_scopes: [openid], "), DOMAIN])),
        ("opens.json", plan(&[OPENS, DOMAIN])),
        ("stays.json", plan(&["{is: client, does: [no-op]}", DOMAIN])),
        ("pool.json", plan(&["{is: pool, does: [delete]}"])),
        ("managed.json", plan(&[MANAGED, DOMAIN])),
    ];
    let folder = folder(&files);
    let with = |pool: &str, plan: &str, more: &[&str]| live(pool, folder.path(), &[&["--infra", plan], more].concat());
    assert_eq!(live("", folder.path(), &[]).code, 0);

    let broken = with("", "breaks.json", &[]);
    assert_eq!(broken.code, 1, "{}{}", broken.stdout, broken.stderr);
    assert!(
        broken.stdout.contains("A login will fail at: callback. It works now: the apply breaks it."),
        "{}",
        broken.stdout
    );
    let json: Value = serde_json::from_str(&with("", "breaks.json", &["--format", "json"]).stdout).unwrap();
    let all = json["reports"][0]["verdicts"].as_array().unwrap();
    let told = all.iter().find(|verdict| verdict["rule"] == "callback-not-registered").unwrap();
    assert_eq!(
        (&told["verdict"], &told["when"], &told["now"]),
        (&"fail".into(), &"after-apply".into(), &"pass".into())
    );

    let cured = with(OLD, "cures.json", &[]);
    assert_eq!(
        (cured.code, last_line(&cured)),
        (0, "A login fails now at: callback, until the apply."),
        "{}",
        cured.stdout
    );
    // What the apply cures is told to be cured, and no more than that.
    let worse = with(OLD, "worse.json", &[]);
    assert_eq!(
        (worse.code, last_line(&worse)),
        (1, "A login fails now at: callback, until the apply. Then it will fail at: scopes."),
        "{}",
        worse.stdout
    );

    // An apply that writes nothing cures nothing: what was asked knows better what is, and so what will be.
    let stays = with(OLD, "stays.json", &[]);
    assert_eq!(stays.code, 1, "{}", stays.stdout);
    assert_eq!(with("", "stays.json", &[]).code, 0);
    assert_eq!(with("domain: none", "stays.json", &[]).code, 1);

    // Without its pool there is no login, whether or not the plan tells of a client.
    let taken = with("", "pool.json", &[]);
    assert_eq!(taken.code, 1, "{}", taken.stdout);
    assert!(taken.stdout.contains("It works now: the apply breaks it."), "{}", taken.stdout);

    // What is taken over keeps what the author left out: who is asked knows that.
    let kept: Value = serde_json::from_str(&with("", "managed.json", &["--format", "json"]).stdout).unwrap();
    assert_eq!(verdicts(&kept, "client-not-usable"), ["pass"]);

    // What the apply leaves open is no pass because of what is, and what fails now fails.
    assert_eq!(with("", "opens.json", &[]).code, 3);
    assert_eq!(with(OLD, "opens.json", &[]).code, 1);
}

#[test]
fn a_recording_holds_what_the_code_said_and_replays_to_the_same() {
    let two = ["{is: client}", "{is: client, name: shop, has: {allowed_oauth_scopes: [openid]}}", DOMAIN];
    let folder = folder(&[("plan.json", plan(&[BREAKS, DOMAIN])), ("two.json", plan(&two))]);
    let server = Server::of(Pool::default());
    let shop = ["--infra-client", "aws_cognito_user_pool_client.shop"];
    for (file, more, exit) in [("plan.json", &[][..], 1), ("two.json", &shop[..], 1)] {
        let run = |args: &[&str]| {
            let args = [&["check", "config.yaml", "--format", "json"], args].concat();
            let ran = Pomlint::new(args).args(server.args()).in_folder(folder.path()).run();
            let report: Value = serde_json::from_str(&ran.stdout).unwrap();
            (ran.code, report["reports"].clone())
        };
        let recorded = run(&[&["--infra", file, "--record", "recording"], more].concat());
        assert_eq!(recorded.0, exit, "{recorded:?}");
        assert_eq!(run(&["--replay", "recording"]), recorded);
        // The plan of today counts, and not that of the recording.
        assert_eq!(run(&["--replay", "recording", "--infra", "plan.json"]).1[0]["testimonies"][0]["file"], "plan.json");
    }
}

#[test]
fn code_comes_by_a_pipe_too_and_once() {
    let folder = folder(&[]);
    let run = |args: &[&str], stdin: &str| {
        Pomlint::new(["check", "--offline"]).args(args.iter().copied()).stdin(stdin).in_folder(folder.path()).run()
    };
    let piped = run(&["config.yaml", "--infra", "-", "--format", "json"], &plan(&[BREAKS, DOMAIN]));
    assert_eq!(piped.code, 1, "{}", piped.stderr);
    assert_eq!(verdicts(&serde_json::from_str(&piped.stdout).unwrap(), "callback-not-registered"), ["fail"]);
    for twice in [&["config.yaml", "--infra", "-", "--infra", "-"][..], &["-", "--infra", "-"]] {
        let ran = run(twice, &healthy());
        assert_eq!(ran.code, 2, "{}", ran.stdout);
        assert!(ran.stderr.contains('-'), "{}", ran.stderr);
    }
    let none = run(&["config.yaml", "--infra", "nowhere.json"], "");
    assert!(none.code == 2 && none.stderr.contains("nowhere.json"), "{}", none.stderr);
    let bare = run(&["config.yaml", "--infra-client", "x"], "");
    assert_eq!(bare.code, 2);
}

const ROUTES: &str = "routes:\n  - {from: 'https://shop.corp.example.com', to: 'http://shop:80', idp_client_id: 7abcdefghijklmnopqrstuvwxy, \
    idp_client_secret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7v}\n";

#[test]
fn each_client_of_pomerium_has_its_own() {
    let folder = folder(&[(
        "plan.json",
        plan(&["{is: client, does: [no-op]}", "{is: client, name: shop, has: {allowed_oauth_flows: []}}", DOMAIN]),
    )]);
    let text = healthy();
    fs::write(folder.path().join("config.yaml"), text.split("routes:").next().unwrap().to_owned() + ROUTES).unwrap();
    let run = |client: &str| {
        let args =
            ["check", "--offline", "--infra", "plan.json", "--infra-client", client, "--format", "json", "config.yaml"];
        check(folder.path(), &args.map(str::to_owned))
    };
    for name in ["https://shop.corp.example.com", "7abcdefghijklmnopqrstuvwxy"] {
        let ran = run(&format!("{name}=aws_cognito_user_pool_client.shop"));
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let mut of_each = verdicts(&report, "code-flow-disabled");
        of_each.sort_unstable();
        assert_eq!((ran.code, of_each), (1, vec!["fail", "pass"]), "{name}");
    }
    // What is for nobody, or in no file, is a slip of the pen, and says what there is.
    for (name, says) in [
        (
            "https://shop.corp.example.org=aws_cognito_user_pool_client.shop",
            "there are 4qk2v9s7m1n3b5c8d0f6g7h2u1, https://shop",
        ),
        (
            "aws_cognito_user_pool_client.pomerum",
            "there are aws_cognito_user_pool_client.pomerium, aws_cognito_user_pool_client.shop",
        ),
    ] {
        let ran = run(name);
        assert!(ran.code == 2 && ran.stderr.contains(says), "{name}: {} {}", ran.code, ran.stderr);
        assert_eq!(ran.stderr.matches("--infra-client").count(), 1, "{}", ran.stderr);
    }
    let (shop, client) = ("aws_cognito_user_pool_client.shop", "aws_cognito_user_pool_client.pomerium");
    let twice =
        ["check", "--offline", "--infra", "plan.json", "--infra-client", shop, "--infra-client", client, "config.yaml"];
    let ran = check(folder.path(), &twice.map(str::to_owned));
    assert!(ran.code == 2 && ran.stderr.contains("has one already"), "{} {}", ran.code, ran.stderr);
}

#[test]
fn parameters_come_one_by_one_or_by_a_file() {
    let template = "Parameters: {Host: {Type: String}}\nResources:\n  C:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n      UserPoolId: \
        eu-west-1_9xK2mPq7R\n      CallbackURLs: [!Sub 'https://${Host}/oauth2/callback']\n";
    let host = "authenticate.corp.example.com";
    let list = format!(r#"[{{"ParameterKey": "Host", "ParameterValue": "{host}"}}]"#);
    let folder = folder(&[
        ("t.yaml", template.to_owned()),
        ("list.json", list),
        ("object.json", format!(r#"{{"Host": "{host}"}}"#)),
        ("broken.json", "canary".to_owned()),
    ]);
    let run = |parameter: &str| {
        let args = [
            "check",
            "--offline",
            "--infra",
            "t.yaml",
            "--infra-parameter",
            parameter,
            "--format",
            "json",
            "config.yaml",
        ];
        check(folder.path(), &args.map(str::to_owned))
    };
    for parameter in [format!("Host={host}"), "@list.json".to_owned(), "@object.json".to_owned()] {
        let report: Value = serde_json::from_str(&run(&parameter).stdout).unwrap();
        assert_eq!(verdicts(&report, "callback-not-registered"), ["pass"], "{parameter}");
    }
    // It may be a value without its name.
    for wrong in ["canary", "=canary", "@nowhere.json", "@broken.json"] {
        let ran = run(wrong);
        assert!(ran.code == 2 && !ran.stderr.contains("canary"), "{wrong}: {} {}", ran.code, ran.stderr);
    }
}

/// Line and column of what follows `behind`, at its last place.
fn place(text: &str, behind: &str) -> (usize, usize) {
    let at = text.rfind(behind).unwrap() + behind.len();
    let before = &text[..at];
    (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap().chars().count() + 1)
}

#[test]
fn every_form_of_the_report_points_into_the_plan() {
    let text = plan(&[BREAKS, DOMAIN]);
    let after = text.split("\"configuration\"").next().unwrap();
    let (line, column) = place(after, "\"callback_urls\": ");
    let folder = folder(&[("plan.json", text.clone())]);
    let run = |format: &str| {
        let args = ["check", "--offline", "--infra", "plan.json", "--format", format, "config.yaml"];
        let ran = check(folder.path(), &args.map(str::to_owned));
        assert_eq!(ran.code, 1, "{format}: {}", ran.stderr);
        ran.stdout
    };
    let json: Value = serde_json::from_str(&run("json")).unwrap();
    let schema: Value = serde_json::from_str(pomlint::report::SCHEMA).unwrap();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let all = json["reports"][0]["verdicts"].as_array().unwrap();
    let finding = &all.iter().find(|verdict| verdict["rule"] == "callback-not-registered").unwrap()["findings"][0];
    let at = &finding["start"];
    assert_eq!((&at["line"], &at["column"]), (&line.into(), &column.into()), "{finding}");
    assert_eq!(finding["file"], "plan.json");
    let said = json["reports"][0]["testimonies"].as_array().unwrap();
    let is_it = |said: &&Value| said["setting"] == "callback_urls" && said["when"] == "after-apply";
    let told = said.iter().find(is_it).unwrap();
    assert_eq!((&told["file"], &told["start"]["line"]), (&"plan.json".into(), &line.into()), "{told}");

    let sarif: Value = serde_json::from_str(&run("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "callback-not-registered").unwrap();
    let found = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        (&found["region"]["startLine"], &found["region"]["startColumn"]),
        (&line.into(), &column.into()),
        "{found}"
    );
    assert!(found["artifactLocation"]["uri"].as_str().unwrap().ends_with("plan.json"), "{found}");

    let gitlab: Value = serde_json::from_str(&run("gitlab")).unwrap();
    let issue =
        gitlab.as_array().unwrap().iter().find(|issue| issue["check_name"] == "callback-not-registered").unwrap();
    assert_eq!(issue["location"]["path"], "plan.json", "{issue}");
    assert!(issue["location"].to_string().contains(&format!(":{line}")), "{issue}");

    let github = run("github");
    assert!(
        // A place of several lines has no column there.
        github.contains(&format!("file=plan.json,line={line},")),
        "{github}"
    );
    for format in ["junit", "markdown", "concise", "human"] {
        let text = run(format);
        assert!(text.contains(&format!("plan.json:{line}")), "{format}: {text}");
    }
}
