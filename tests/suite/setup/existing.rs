//! Clients that exist keep what they have, and of several each is judged by what is written for it.

use serde_json::{Value, json};

use super::{CALLBACK, STANDIN, configurations, folder, passes, plan, setup, tool};
use crate::support::{Pomlint, healthy};

const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";

fn configuration(name: &str) -> String {
    configurations().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// The API never says that a secret was generated: without the exception Terraform would take it for a change, and make another client.
#[test]
fn terraform_takes_a_client_over_and_makes_no_other() {
    let left_alone = "\n  lifecycle {\n    ignore_changes = [name, generate_secret]\n  }\n}\n";
    let code = setup(folder(&healthy()).path(), "terraform").stdout;
    let import = format!(
        "# import {{\n#   to = aws_cognito_user_pool_client.pomerium\n#   id = \"eu-west-1_9xK2mPq7R/{CLIENT}\"\n"
    );
    assert!(code.contains(left_alone) && code.contains(&import), "{code}");
    assert!(code.contains("# What stands below takes the place of what the client has:"), "{code}");
    // Without an id there is none to take over; without a pool, its id is to come.
    let new = setup(folder(&configuration("no-pool")).path(), "terraform").stdout;
    assert!(!new.contains("lifecycle") && !new.contains("import"), "{new}");
    assert!(new.contains(".${data.aws_partition.current.dns_suffix}/${var.user_pool_id}\""), "{new}");
    let half = folder(&super::without(&healthy(), &["idp_provider_url"]));
    let code = setup(half.path(), "terraform").stdout;
    assert!(code.contains(&format!("#   id = \"${{var.user_pool_id}}/{CLIENT}\"\n")), "{code}");
}

/// The plan of an import, as Terraform 1.11 with version 6 of the provider makes it of a client that others use.
#[test]
fn our_own_reader_of_plans_has_no_objection_to_an_import() {
    let folder = folder(&healthy());
    let mut plan = plan(&setup(folder.path(), "terraform").stdout);
    let change = &mut plan["resource_changes"][0]["change"];
    let before = json!({
        "id": CLIENT, "user_pool_id": "eu-west-1_9xK2mPq7R", "name": "theirs", "generate_secret": null, "client_secret": "x",
        "allowed_oauth_flows": ["implicit"], "allowed_oauth_flows_user_pool_client": false, "allowed_oauth_scopes": ["openid", "x/y"],
        "callback_urls": ["https://other.example.com/cb"], "logout_urls": ["https://other.example.com/out"],
        "enable_token_revocation": false, "explicit_auth_flows": ["ALLOW_USER_SRP_AUTH"], "refresh_token_validity": 1,
        "supported_identity_providers": ["Okta"], "token_validity_units": [{"refresh_token": "days"}],
    });
    for name in ["id", "name", "generate_secret", "client_secret"] {
        change["after"][name] = before[name].clone();
    }
    change["actions"] = json!(["update"]);
    change["importing"] = json!({"id": format!("eu-west-1_9xK2mPq7R/{CLIENT}")});
    change["before"] = before;
    change["after_unknown"] = json!({});
    for side in ["before_sensitive", "after_sensitive"] {
        change[side] = json!({"client_secret": true});
    }
    std::fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    passes(folder.path(), "plan.json", "plain");
}

#[test]
fn a_template_says_how_a_client_is_kept() {
    let template = setup(folder(&healthy()).path(), "cloudformation").stdout;
    for says in [
        "but for ClientName, and for GenerateSecret, of which another value replaces the client;",
        "add `DeletionPolicy: Retain` beside Type, leave out Outputs,",
        "An import changes nothing: update the stack with these properties then.",
        "What stands below takes the place of what the client has",
    ] {
        assert!(template.contains(says), "{says}: {template}");
    }
    let new = setup(folder(&configuration("no-pool")).path(), "cloudformation").stdout;
    assert!(!new.contains("DeletionPolicy"), "{new}");
}

/// What the shell and jq make of an answer; nothing where they are not.
fn sent(configuration: &str, answer: &Value) -> Option<Result<Value, String>> {
    let folder = folder(configuration);
    let script = setup(folder.path(), "aws-cli").stdout;
    std::fs::write(folder.path().join("describe.json"), json!({"UserPoolClient": answer}).to_string()).unwrap();
    std::fs::write(folder.path().join("setup.sh"), format!("{STANDIN}{script}")).unwrap();
    tool(folder.path(), "jq", &["--version"])?;
    let ran = std::process::Command::new("sh").arg("setup.sh").current_dir(folder.path()).output().ok()?;
    let made = folder.path().join("made");
    let is_sent = made.exists();
    assert_eq!(ran.status.success(), is_sent);
    Some(if is_sent {
        Ok(serde_json::from_str(&std::fs::read_to_string(made.join("pomerium.json")).unwrap()).unwrap())
    } else {
        Err(String::from_utf8_lossy(&ran.stderr).into_owned())
    })
}

#[test]
fn a_refresh_token_that_outlives_the_session_is_left_as_it_is() {
    let answer = |days: u64| json!({"ClientName": "x", "RefreshTokenValidity": days, "TokenValidityUnits": {"RefreshToken": "days"}});
    for (session, days, expected) in
        [("14h", 1, 1), ("25h", 1, 30), ("48h", 2, 2), ("1441h", 30, 61), ("1441h", 90, 90)]
    {
        let Some(sent) = sent(&format!("{}cookie_expire: {session}\n", healthy()), &answer(days)) else { return };
        assert_eq!(sent.unwrap()["RefreshTokenValidity"], expected, "{session} {days}");
    }
    let Some(sent) =
        sent(&healthy(), &json!({"RefreshTokenValidity": 13, "TokenValidityUnits": {"RefreshToken": "hours"}}))
    else {
        return;
    };
    assert_eq!(sent.unwrap()["TokenValidityUnits"], json!({"RefreshToken": "days"}));
}

/// What the newest API answers besides is not sent back; what this script does not know is neither reset nor refused midway.
#[test]
fn what_no_update_takes_is_not_sent_back() {
    let answer =
        |name: &str| json!({"ClientName": "x", "ClientType": "REGULAR", "ClientSecretArn": "arn:x", name: "y"});
    let Some(known) = sent(&healthy(), &answer("ClientSecret")) else { return };
    let known = known.unwrap();
    assert!(known["ClientType"].is_null() && known["ClientSecretArn"].is_null() && known["ClientSecret"].is_null());
    let unknown = sent(&healthy(), &answer("Brandnew")).unwrap().unwrap_err();
    assert!(unknown.contains("[\"Brandnew\"]: nothing was changed"), "{unknown}");
    let script = setup(folder(&healthy()).path(), "aws-cli").stdout;
    assert!(script.contains("Pomerium needs the clientSecretValue there"), "{script}");
    assert!(
        script.contains("create-user-pool-domain --region eu-west-1 --user-pool-id eu-west-1_9xK2mPq7R"),
        "{script}"
    );
    assert!(script.contains(&format!("--user-pool-id eu-west-1_9xK2mPq7R --client-id {CLIENT} ")), "{script}");
}

/// The command that stands above what is written, done; with every client judged.
#[test]
fn what_is_written_for_several_clients_is_judged_by_the_command_above_it() {
    let two = configuration("routes");
    let hostile = two.replace("https://app.corp.example.com", "\"https://app.corp.example.com/$(id)\\nx\"");
    for (text, arguments) in [(healthy(), &[][..]), (two, &["--pomerium-version", "v0.32.0"]), (hostile, &[])] {
        let folder = folder(&text);
        let said = |format: &str| {
            let ran = Pomlint::new(["setup", "config.yaml", "--format", format]).args(arguments.iter().copied());
            ran.in_folder(folder.path()).run().stdout
        };
        for (format, file) in [("cloudformation", "template.yaml"), ("terraform", "plan.json")] {
            let code = said(format);
            let command = code.lines().find_map(|line| line.strip_prefix("#   pomlint ")).unwrap();
            assert!(!command.contains(['\'', '$']), "{command}");
            let content = if format == "terraform" { plan_of_all(&code).to_string() } else { code.clone() };
            std::fs::write(folder.path().join(file), content).unwrap();
            let arguments: Vec<&str> = command.split_whitespace().chain(["--offline", "--format", "json"]).collect();
            let ran = Pomlint::new(arguments).in_folder(folder.path()).run();
            let report: Value =
                serde_json::from_str(&ran.stdout).unwrap_or_else(|why| panic!("{why}: {command} {ran:?}"));
            let verdicts = report["reports"][0]["verdicts"].as_array().unwrap();
            let of = |rule: &str| verdicts.iter().filter(|verdict| verdict["rule"] == rule).collect::<Vec<_>>();
            for rule in ["callback-not-registered", "scope-not-allowed", "code-flow-disabled", "oauth-not-enabled"] {
                let clients = said("json").matches("\"client_id\"").count();
                assert_eq!(of(rule).len(), clients, "{rule}: {command}");

                assert!(of(rule).iter().all(|verdict| verdict["verdict"] == "pass"), "{:?}", of(rule));
            }
        }
        assert!(said("cloudformation").contains(CALLBACK));
    }
}

/// Pomerium may hold one client with two secrets, or with one that is written twice.
#[test]
fn one_client_has_one_block() {
    let own = format!(
        "    idp_client_id: {CLIENT}\n    idp_client_secret: 9hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n    policy:"
    );
    let folder = folder(&healthy().replacen("    policy:", &own, 1));
    let said =
        |format: &str| Pomlint::new(["setup", "config.yaml", "--format", format]).in_folder(folder.path()).run().stdout;
    assert_eq!(said("json").matches("\"client_id\"").count(), 1);
    let template = said("cloudformation");
    std::fs::write(folder.path().join("template.yaml"), &template).unwrap();
    let command = template.lines().find_map(|line| line.strip_prefix("#   pomlint ")).unwrap();
    let ran = Pomlint::new(command.split_whitespace().chain(["--offline"])).in_folder(folder.path()).run();
    assert!(ran.code == 0 && ran.stdout.contains("callback ✓"), "{command}: {ran:?}");
}

/// As `terraform show -json` tells of all clients that are taken over.
fn plan_of_all(code: &str) -> Value {
    let first = plan(code);
    let mut changes = Vec::new();
    for (index, part) in code.split("\nresource \"aws_cognito_user_pool_client\" ").skip(1).enumerate() {
        let (label, body) = part.split_once(" {\n").unwrap();
        let label = label.trim_matches('"');
        let ids: Vec<&str> =
            code.lines().filter_map(|line| line.strip_prefix("#   id = \"eu-west-1_9xK2mPq7R/")).collect();
        let mut change =
            plan(&format!("\nresource \"aws_cognito_user_pool_client\" \"pomerium\" {{\n{body}"))["resource_changes"]
                [0]
            .clone();
        let id = json!(ids[index].trim_end_matches('"'));
        change["address"] = json!(format!("aws_cognito_user_pool_client.{label}"));
        change["name"] = json!(label);
        change["change"]["actions"] = json!(["update"]);
        change["change"]["after"]["id"] = id.clone();
        change["change"]["before"] = json!({"id": id, "user_pool_id": "eu-west-1_9xK2mPq7R"});
        change["change"]["after_unknown"] = json!({});
        changes.push(change);
    }
    let mut all = first;
    all["resource_changes"] = json!(changes);
    all
}
