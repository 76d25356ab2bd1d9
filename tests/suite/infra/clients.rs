//! Which of Pomerium's clients a client of the code is: never two, and never one whose id is nobody's.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::tenses::{folder, plan};
use super::verdicts;
use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, healthy};

pub(super) const SHOP: &str = "7abcdefghijklmnopqrstuvwxy";

/// A template with app clients of these names, all of them healthy but for these properties.
pub(super) fn template(clients: &[&str], properties: &str) -> String {
    let client = |name: &&str| {
        format!(
            "  {name}:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n      UserPoolId: eu-west-1_9xK2mPq7R\n      GenerateSecret: true\n      \
             AllowedOAuthFlows: [code]\n      AllowedOAuthScopes: [openid, email, profile]\n      SupportedIdentityProviders: [COGNITO]\n      \
             CallbackURLs: ['https://authenticate.corp.example.com/oauth2/callback']\n      LogoutURLs: \
             ['https://authenticate.corp.example.com/.pomerium/signed_out']\n      AllowedOAuthFlowsUserPoolClient: true\n{properties}"
        )
    };
    format!("Resources:\n{}", clients.iter().map(client).collect::<String>())
}

/// A second route, with an app client of its own.
fn two_clients() -> String {
    let route = format!(
        "  - {{from: 'https://shop.corp.example.com', to: 'http://shop:80', idp_client_id: {SHOP}, idp_client_secret: \
         1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7v}}\n"
    );
    let routes = "routes:\n  - {from: 'https://app.corp.example.com', to: 'http://app:80'}\n";
    healthy().split("routes:").next().unwrap().to_owned() + routes + &route
}

fn with_configuration(config: &str, files: &[(&str, String)]) -> TempDir {
    let folder = folder(files);
    fs::write(folder.path().join("config.yaml"), config).unwrap();
    folder
}

/// The exit code and the verdicts of a run on a rule, as for `pomlint check config.yaml`.
fn run(folder: &TempDir, server: Option<&Server>, args: &[&str], rule: &str) -> (i32, Vec<String>) {
    let mut run = Pomlint::new(["check", "config.yaml", "--format", "json"]).args(args.iter().copied());
    run = match server {
        Some(server) => {
            run.args(server.args()).env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "x")
        }
        None => run.args(["--offline"]),
    };
    let ran = run.in_folder(folder.path()).run();
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args:?}: {}", ran.stderr));
    (ran.code, verdicts(&report, rule).into_iter().map(str::to_owned).collect())
}

fn with_api<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &["--aws"]].concat()
}

fn pool(text: &str) -> Server {
    Server::of(Pool::from_yaml(text).unwrap())
}

/// Cognito chooses the ids: what makes or changes a client of a template gives none of them to an id that is nobody's.
#[test]
fn no_apply_gives_a_client_an_id_that_nobody_has() {
    let folder = with_configuration(
        &healthy(),
        &[
            ("t.yaml", template(&["Pomerium"], "")),
            ("off.yaml", template(&["Pomerium"], "      AllowedOAuthFlowsUserPoolClient: false\n")),
            ("made.json", plan(&["{is: client}"])),
            ("other.json", plan(&["{is: client, does: [no-op], has: {id: 7zzzzzzzzzzzzzzzzzzzzzzzzz}}"])),
        ],
    );
    let nobody = pool("client: {id: 7zzzzzzzzzzzzzzzzzzzzzzzzz}");
    let off = pool("client: {oauth: false}");
    let named = ["--infra", "t.yaml", "--infra-client", "Pomerium"];
    let fails = (1, vec!["fail".to_owned()]);
    let rule = "client-not-usable";
    for args in [&["--infra", "t.yaml"][..], &named, &["--infra", "made.json"]] {
        assert_eq!(run(&folder, Some(&nobody), &with_api(args), rule), fails, "{args:?}");
        let (_, callbacks) = run(&folder, Some(&nobody), &with_api(args), "callback-not-registered");
        assert!(!callbacks.contains(&"pass".to_owned()), "{args:?}: {callbacks:?}");
    }
    // Without the API the id may be nobody's, or OAuth is off; whoever names the client knows which.
    assert_eq!(run(&folder, Some(&nobody), &["--infra", "t.yaml"], rule), fails);
    assert_eq!(run(&folder, Some(&off), &["--infra", "t.yaml"], rule), fails);
    assert_eq!(run(&folder, Some(&off), &named, rule), (0, vec!["pass".to_owned()]));
    // The API shows that it is there, and that the apply cures it.
    assert_eq!(run(&folder, Some(&off), &["--infra", "t.yaml", "--aws"], rule), (0, vec!["pass".to_owned()]));
    // What the template lacks is told all the same.
    assert_eq!(run(&folder, Some(&off), &["--infra", "off.yaml"], "oauth-not-enabled"), fails);
    let made = ["--infra", "made.json", "--infra-client", "aws_cognito_user_pool_client.pomerium"];
    assert_eq!(run(&folder, Some(&nobody), &with_api(&made), rule), fails);
    // A client with another id is not the one that Pomerium sends, whoever names it.
    let other = ["--infra", "other.json", "--infra-client", "aws_cognito_user_pool_client.pomerium"];
    assert_eq!(run(&folder, None, &other, rule), (3, vec!["undecided".to_owned()]));
}

/// A state has the client with the id, and a template one of which nobody tells the id: it is heard only if the user says that it is that.
#[test]
fn a_client_of_a_template_that_is_not_heard_is_told() {
    let state = |callback: &str| {
        let client = json!({"id": "4qk2v9s7m1n3b5c8d0f6g7h2u1", "user_pool_id": "eu-west-1_9xK2mPq7R", "callback_urls": [callback]});
        let resource = json!({
            "mode": "managed", "type": "aws_cognito_user_pool_client", "name": "pomerium",
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]", "instances": [{"attributes": client}]
        });
        json!({"version": 4, "terraform_version": "1.11.4", "serial": 1, "resources": [resource]}).to_string()
    };
    let outdated = state("https://old.example.com/cb");
    let broken = template(&["Pomerium"], "").replace("/oauth2/callback", "/elsewhere");
    let fine = state("https://authenticate.corp.example.com/oauth2/callback");
    for (state, template, before, after) in
        [(&outdated, template(&["Pomerium"], ""), "fail", "pass"), (&fine, broken, "pass", "fail")]
    {
        let folder = with_configuration(&healthy(), &[("p.json", state.clone()), ("t.yaml", template)]);
        let both = ["--infra", "p.json", "--infra", "t.yaml"];
        let (_, unheard) = run(&folder, None, &both, "callback-not-registered");
        assert_eq!(unheard, [before]);
        let ran = Pomlint::new(["check", "config.yaml", "--offline"]).args(both).in_folder(folder.path()).run();
        let said = "t.yaml: of its app clients, Pomerium is not heard: aws_cognito_user_pool_client.pomerium in p.json has the client id";
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
        let named = [&both[..], &["--infra-client", "Pomerium"]].concat();
        let (_, heard) = run(&folder, None, &named, "callback-not-registered");
        assert_eq!(heard, [after], "{}", ran.stderr);
    }
}

#[test]
fn a_disagreement_says_whose_app_client_it_is_about() {
    let state = |more: &str| {
        let shop = format!("{{is: client, name: shop, does: [no-op], has: {{id: {SHOP}{more}}}}}");
        plan(&["{is: client, does: [no-op]}", &shop])
    };
    let files = [("a.json", state("")), ("b.json", state(", callback_urls: ['https://old.example.com/cb']"))];
    let folder = with_configuration(&two_clients(), &files);
    let args = [
        "check",
        "config.yaml",
        "--offline",
        "--pedantic",
        "--format",
        "concise",
        "--infra",
        "a.json",
        "--infra",
        "b.json",
    ];
    let ran = Pomlint::new(args).in_folder(folder.path()).run();
    let says =
        "about the callback URL (the app client of the route https://shop.corp.example.com), and the first is believed";
    assert!(ran.stdout.contains(says), "{}{}", ran.stdout, ran.stderr);
}

/// With OAuth off, the login page was seen to come and to refuse: whoever says that it is off is not overruled by it.
#[test]
fn a_login_page_does_not_show_that_oauth_is_on() {
    let off = "{is: client, does: [no-op], has: {allowed_oauth_flows_user_pool_client: false}}";
    let cures = "{is: client, does: [update], has: {allowed_oauth_flows_user_pool_client: false}, becomes: \
                 {allowed_oauth_flows_user_pool_client: true}}";
    let files = [
        ("off.json", plan(&[off])),
        ("on.json", plan(&["{is: client, does: [no-op]}"])),
        ("cures.json", plan(&[cures])),
    ];
    let folder = with_configuration(&healthy(), &files);
    let healthy = pool("");
    let denied = pool("aws: {faults: {DescribeUserPoolClient: denied}}");
    let told_off = pool("aws: {client: {AllowedOAuthFlowsUserPoolClient: false}}");
    let rule = "oauth-not-enabled";
    let is = |verdict: &str| vec![verdict.to_owned()];
    assert_eq!(run(&folder, Some(&healthy), &["--infra", "off.json"], rule), (3, is("undecided")));
    assert_eq!(run(&folder, Some(&healthy), &["--infra", "on.json"], rule), (0, is("pass")));
    assert_eq!(run(&folder, Some(&healthy), &["--infra", "cures.json"], rule), (0, is("pass")));
    // The API has read it just now; where it does not tell, or says that it is off, no plan settles it.
    assert_eq!(run(&folder, Some(&healthy), &with_api(&["--infra", "off.json"]), rule), (0, is("pass")));
    assert_eq!(run(&folder, Some(&denied), &with_api(&["--infra", "off.json"]), rule), (3, is("undecided")));
    assert_eq!(run(&folder, Some(&told_off), &with_api(&["--infra", "on.json"]), rule), (3, is("undecided")));
    // Without a look at the page there is no doubt.
    assert_eq!(run(&folder, None, &["--infra", "off.json"], rule), (1, is("fail")));
}

/// An update goes to an id: of one that nobody has, it makes none.
#[test]
fn no_update_cures_a_client_that_nobody_knows() {
    let other = "{is: client, does: [update], becomes: {refresh_token_validity: 10}}";
    let cures = "{is: client, does: [update], has: {allowed_oauth_flows_user_pool_client: false}, becomes: \
                 {allowed_oauth_flows_user_pool_client: true}}";
    let deletes = "{is: client, does: [delete]}";
    let files = [("other.json", plan(&[other])), ("cures.json", plan(&[cures])), ("deletes.json", plan(&[deletes]))];
    let folder = with_configuration(&healthy(), &files);
    let (nobody, off) = (pool("client: {id: 7zzzzzzzzzzzzzzzzzzzzzzzzz}"), pool("client: {oauth: false}"));
    let rule = "client-not-usable";
    let fails = (1, vec!["fail".to_owned()]);
    for (file, server) in
        [("other.json", &nobody), ("cures.json", &nobody), ("deletes.json", &nobody), ("deletes.json", &off)]
    {
        assert_eq!(run(&folder, Some(server), &with_api(&["--infra", file]), rule), fails, "{file}");
    }
    // From outside, an id that is nobody's looks as one without OAuth does: what changes neither cures neither.
    assert_eq!(run(&folder, Some(&nobody), &["--infra", "other.json"], rule), fails);
    assert_eq!(run(&folder, Some(&off), &["--infra", "cures.json"], rule), (0, vec!["pass".to_owned()]));
    assert_eq!(run(&folder, Some(&off), &with_api(&["--infra", "cures.json"]), rule), (0, vec!["pass".to_owned()]));
}

/// `GenerateSecret` is for ever: where a template has it otherwise, its client is another one, or will be.
#[test]
fn no_deploy_gives_a_client_a_secret_or_takes_it_away() {
    let with = template(&["Pomerium"], "");
    let without = with.replace("      GenerateSecret: true\n", "");
    let folder = with_configuration(&healthy(), &[("with.yaml", with), ("without.yaml", without)]);
    let (secret, public) = (pool(""), pool("client: {secret: none}"));
    let named = |file: &'static str| ["--infra", file, "--infra-client", "Pomerium"];
    let judged = |server: &Server, args: &[&str], rule: &str| run(&folder, Some(server), &with_api(args), rule);
    let one = |exit: i32, verdict: &str| (exit, vec![verdict.to_owned()]);
    for (server, file) in [(&public, "with.yaml"), (&secret, "without.yaml")] {
        assert_eq!(judged(server, &named(file), "client-not-usable"), one(1, "fail"), "{file}");
        assert_eq!(judged(server, &["--infra", file], "client-not-usable"), one(1, "fail"), "{file}");
    }
    assert_eq!(judged(&secret, &["--infra", "with.yaml"], "client-not-usable"), one(0, "pass"));
}

/// The pages that the domain will serve, and the style that the client has or has not.
#[test]
fn the_login_page_is_judged_as_it_will_be() {
    let domain = |versions: &str| format!("{{is: domain, does: [update], {versions}}}");
    let switch = domain("has: {managed_login_version: 1}, becomes: {managed_login_version: 2}");
    let back = domain("has: {managed_login_version: 2}, becomes: {managed_login_version: 1}");
    let style = |does: &str| {
        format!(
            "{{is: aws_cognito_managed_login_branding, does: [{does}], has: {{client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1}}}}"
        )
    };
    let client = "{is: client, does: [no-op]}";
    let files = [
        ("switch.json", plan(&[client, &switch])),
        ("styled.json", plan(&[client, &switch, &style("create")])),
        ("back.json", plan(&[client, &back])),
        ("adds.json", plan(&[client, &style("create")])),
        ("takes.json", plan(&[client, &style("delete")])),
        ("stays.json", plan(&["{is: client, does: [update], becomes: {refresh_token_validity: 10}}", &style("no-op")])),
    ];
    let folder = with_configuration(&healthy(), &files);
    let bare = pool("client: {branding: false}");
    let managed = pool("managed_login: true\nclient: {branding: true}");
    let broken = pool("managed_login: true\nclient: {branding: false}");
    let (fails, open, passes) = ((1, "fail"), (3, "undecided"), (0, "pass"));
    for (server, file, with, without) in [
        (&bare, "switch.json", fails, open),
        (&bare, "styled.json", passes, passes),
        (&managed, "takes.json", fails, open),
        (&managed, "stays.json", passes, passes),
        (&broken, "back.json", passes, passes),
        (&broken, "adds.json", passes, passes),
        (&broken, "stays.json", fails, fails),
    ] {
        let rule = "login-page-unavailable";
        for (args, (exit, verdict)) in [(vec!["--infra", file, "--aws"], with), (vec!["--infra", file], without)] {
            assert_eq!(run(&folder, Some(server), &args, rule), (exit, vec![verdict.to_owned()]), "{args:?}");
        }
    }
}

#[test]
fn one_client_of_the_code_is_one_of_pomeriums() {
    let files = [
        ("one.yaml", template(&["Pomerium"], "")),
        (
            "off.yaml",
            template(&["Pomerium"], "      AllowedOAuthFlowsUserPoolClient: false\n").replacen(
                "      AllowedOAuthFlowsUserPoolClient: true\n",
                "",
                1,
            ),
        ),
        ("two.yaml", template(&["Pomerium", "Shop"], "")),
        ("made.json", plan(&["{is: client}"])),
    ];
    let folder = with_configuration(&two_clients(), &files);
    let sorted = |args: &[&str], server: Option<&Server>, rule: &str| {
        let (code, mut all) = run(&folder, server, args, rule);
        all.sort_unstable();
        (code, all.join(" "))
    };
    let callback = "callback-not-registered";
    // Several want the only one.
    assert_eq!(sorted(&["--infra", "one.yaml"], None, callback), (3, "undecided undecided".to_owned()));
    // What was named for one is nobody else's, in either direction, and its lack neither.
    for name in ["Pomerium", "https://shop.corp.example.com=Pomerium"] {
        let args = ["--infra", "one.yaml", "--infra-client", name];
        assert_eq!(sorted(&args, None, callback), (3, "pass undecided".to_owned()), "{name}");
        let args = ["--infra", "off.yaml", "--infra-client", name];
        assert_eq!(sorted(&args, None, "oauth-not-enabled"), (1, "fail undecided".to_owned()), "{name}");
    }
    // The only one that is left is the other's.
    let args = ["--infra", "two.yaml", "--infra-client", "Pomerium"];
    assert_eq!(sorted(&args, None, callback), (0, "pass pass".to_owned()));
    let both = [
        "--infra",
        "one.yaml",
        "--infra-client",
        "Pomerium",
        "--infra-client",
        "https://shop.corp.example.com=Pomerium",
    ];
    assert_eq!(sorted(&both, None, callback), (3, "undecided undecided".to_owned()));
    // Live: nothing cures the client that the code does not speak of.
    let named = ["--infra", "one.yaml", "--infra-client", "Pomerium"];
    assert_eq!(sorted(&named, Some(&pool("")), "client-not-usable"), (1, "fail pass".to_owned()));
    let old = "{callback_urls: ['https://old.example.com/cb']}";
    let old = pool(&format!("client: {old}\nclients: [{{id: {SHOP}, callback_urls: ['https://old.example.com/cb']}}]"));
    assert_eq!(sorted(&named, Some(&old), callback), (1, "fail pass".to_owned()));
    // Two placeholders are two clients as well.
    let open = two_clients()
        .replace("idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1", "idp_client_id: ${MAIN}")
        .replace(&format!("idp_client_id: {SHOP}"), "idp_client_id: '${SHOP}'");
    fs::write(folder.path().join("config.yaml"), open).unwrap();
    assert_eq!(sorted(&["--infra", "made.json"], None, callback).1, "undecided undecided");
}

/// Whoever names a client by a route means the one through which its users log in.
#[test]
fn a_client_is_named_by_each_route_that_uses_it() {
    let folder = with_configuration(&two_clients(), &[("two.yaml", template(&["Pomerium", "Shop"], ""))]);
    for name in [
        "https://app.corp.example.com=Pomerium",
        "https://app.corp.example.com/=Pomerium",
        "https://shop.corp.example.com/=Shop",
        "4qk2v9s7m1n3b5c8d0f6g7h2u1=Pomerium",
    ] {
        let args = ["--infra", "two.yaml", "--infra-client", name];
        let (code, all) = run(&folder, None, &args, "callback-not-registered");
        assert_eq!((code, all.join(" ").as_str()), (0, "pass pass"), "{name}");
    }
    let twice = ["Pomerium", "https://app.corp.example.com=Shop"];
    let args: Vec<&str> = twice.into_iter().flat_map(|name| ["--infra-client", name]).collect();
    let ran = Pomlint::new(["check", "--offline", "config.yaml", "--infra", "two.yaml"])
        .args(args)
        .in_folder(folder.path())
        .run();
    assert!(ran.code == 2 && ran.stderr.contains("has one already"), "{} {}", ran.code, ran.stderr);
}

/// One client at very many addresses costs no more than it should, and is not compared.
#[test]
fn a_client_at_very_many_addresses_is_left_open() {
    let folder = folder(&[]);
    let at = |count: usize| {
        let clients: Vec<String> =
            (0..count).map(|number| format!("{{is: client, index: {number}, does: [no-op]}}")).collect();
        plan(&clients.iter().map(String::as_str).collect::<Vec<_>>())
    };
    for (count, verdict) in [(3, "pass"), (101, "undecided")] {
        fs::write(folder.path().join("plan.json"), at(count)).unwrap();
        assert_eq!(run(&folder, None, &["--infra", "plan.json"], "callback-not-registered").1, [verdict], "{count}");
    }
}

/// The client that is named for one deployment is none of another's, which has another id.
#[test]
fn two_deployments_have_two_clients() {
    let service = |name: &str, host: &str, id: &str| {
        format!(
            "  {name}:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      AUTHENTICATE_SERVICE_URL: https://{host}.corp.example.com\n      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n      IDP_CLIENT_ID: {id}\n"
        )
    };
    let (one, two) = ("4qk2v9s7m1n3b5c8d0f6g7h2u1", "6aabbccddeeff0011223344556");
    let compose = format!("services:\n{}{}", service("one", "authenticate", one), service("two", "other", two));
    let client = "  Client:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n      UserPoolId: eu-west-1_9xK2mPq7R\n      CallbackURLs: [https://authenticate.corp.example.com/oauth2/callback]\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("compose.yaml"), compose).unwrap();
    std::fs::write(folder.path().join("template.yaml"), format!("Resources:\n{client}")).unwrap();
    let check = |more: &[&str]| {
        let args = ["check", "--offline", "compose.yaml", "--infra", "template.yaml", "--format", "json"];
        let run = Pomlint::new(args).args(more.iter().copied()).in_folder(folder.path()).run();
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let of = |report: &serde_json::Value| {
            let verdicts = report["verdicts"].as_array().unwrap();
            let own = verdicts.iter().find(|verdict| verdict["rule"] == "callback-not-registered").unwrap();
            own["verdict"].as_str().unwrap().to_owned()
        };
        (report["reports"].as_array().unwrap().iter().map(of).collect::<Vec<_>>(), run.stdout)
    };
    let (verdicts, report) = check(&["--infra-client", &format!("{one}=Client")]);
    assert_eq!(verdicts, ["pass", "undecided"], "{report}");
    assert!(report.contains("is that of the global app client in compose.yaml: service one"), "{report}");
    assert_eq!(check(&[]).0, ["undecided", "undecided"]);
}
