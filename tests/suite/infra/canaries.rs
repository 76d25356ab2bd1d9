//! Plans, states and templates hold other people's secrets in clear: none comes out, and none is recorded.

use std::fs;
use std::path::Path;

use pomlint::report::FORMATS;
use serde_json::{Value, json};

use super::sheet::{CLIENT, POOL};
use super::tenses::plan;
use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, healthy};

const MARK: &str = "zq7CANARY";

/// A plan with a secret in each place that can hold one.
fn hostile_plan() -> String {
    let changes = [
        "{is: client, does: [update], becomes: {callback_urls: ['https://u:zq7CANARY14plan@new.example.com/cb?client_secret=zq7CANARY15plan']}}",
        "{is: domain, does: [no-op]}",
    ];
    let mut told: Value = serde_json::from_str(&plan(&changes)).unwrap();
    let secret = |number: usize| format!("{MARK}{number:02}plan0123456789");
    let provider = json!({
        "address": "aws_cognito_identity_provider.okta", "mode": "managed", "type": "aws_cognito_identity_provider", "name": "okta",
        "change": {
            "actions": ["no-op"], "after_unknown": {}, "before": null,
            "after": {
                "provider_name": "Okta", "provider_type": "OIDC", "user_pool_id": POOL,
                "provider_details": {"client_secret": secret(0)}, "attribute_mapping": {"email": "email", "client_secret": secret(1)},
            },
        },
    });
    for side in ["before", "after"] {
        told["resource_changes"][0]["change"][side]["client_secret"] = secret(2).into();
    }
    told["resource_changes"].as_array_mut().unwrap().push(provider);
    told["resource_changes"].as_array_mut().unwrap().push(json!({
        "address": "aws_db_instance.x", "mode": "managed", "type": "aws_db_instance", "name": "x",
        "change": {"actions": ["create"], "before": null, "after": {"password": secret(3)}, "after_unknown": {}},
    }));
    told["variables"] = json!({"google_secret": {"value": secret(4)}, "list": {"value": [secret(5)]}});
    told["planned_values"] = json!({
        "outputs": {"s": {"sensitive": true, "value": secret(6)}},
        "root_module": {"resources": [{"address": "a", "type": "aws_cognito_user_pool_client", "values": {"id": CLIENT, "client_secret": secret(7)}}]},
    });
    told["output_changes"] = json!({"s": {"after": secret(8)}});
    told["prior_state"] = json!({"format_version": "1.0", "values": {
        "outputs": {"s": {"value": secret(9)}},
        "root_module": {"resources": [{
            "address": "data.aws_cognito_user_pool_client.d", "mode": "data", "type": "aws_cognito_user_pool_client", "name": "d",
            "values": {"id": "aaaaaaaaaaaaaaaaaaaaaaaaaa", "client_secret": secret(10), "user_pool_id": POOL}, "sensitive_values": {"client_secret": true},
        }]},
    }});
    told["configuration"]["provider_config"] =
        json!({"aws": {"expressions": {"secret_key": {"constant_value": secret(11)}}}});
    told["configuration"]["root_module"]["variables"] = json!({"v": {"default": secret(12)}});
    told["configuration"]["root_module"]["resources"][0]["expressions"]["client_secret"] =
        json!({"constant_value": secret(13)});
    serde_json::to_string_pretty(&told).unwrap()
}

/// A state: the answer of `show -json`, and the raw one.
fn hostile_states() -> [String; 2] {
    let secret = |number: usize| format!("{MARK}{number:02}state0123456789");
    let client = json!({"id": CLIENT, "user_pool_id": POOL, "client_secret": secret(0), "callback_urls": [format!("https://u:{}@x.example.com/cb", secret(5))], "logout_urls": [format!("https://x.example.com/?client_secret={}", secret(6))]});
    let shown = json!({"format_version": "1.0", "values": {
        "outputs": {"s": {"value": secret(1)}},
        "root_module": {"resources": [{"address": "aws_cognito_user_pool_client.c", "type": "aws_cognito_user_pool_client", "name": "c", "values": client}]},
    }});
    let raw = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {"s": {"value": secret(2)}},
        "resources": [
            {"mode": "managed", "type": "aws_cognito_user_pool_client", "name": "c", "instances": [{"attributes": client, "private": secret(3)}]},
            {"mode": "managed", "type": "random_password", "name": "p", "instances": [{"attributes": {"result": secret(4)}}]},
        ],
    });
    [shown, raw].map(|state| serde_json::to_string_pretty(&state).unwrap())
}

fn hostile_template() -> String {
    let secret = |number: usize| format!("{MARK}{number:02}template0123456789");
    format!(
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {{Function: {{Environment: {{Variables: {{T: {}}}}}}}}}\nParameters:\n  P: {{Type: \
         String, NoEcho: true, Default: {}}}\nResources:\n  C:\n    Type: AWS::Cognito::UserPoolClient\n    Metadata: {{t: {}}}\n    Properties:\n      \
         UserPoolId: {POOL}\n      ClientName: !Ref P\n      CallbackURLs: [!Sub 'https://${{P}}/oauth2/callback', 'https://u:{MARK}05@x.example.com/', !Sub 'https://u:{MARK}06@${{AWS::Region}}.example.com/?client_secret={MARK}07']\n  I:\n    Type: \
         AWS::Cognito::UserPoolIdentityProvider\n    Properties: {{ProviderName: G, ProviderType: Google, UserPoolId: {POOL}, ProviderDetails: \
         {{client_secret: {}}}}}\nOutputs: {{S: {{Value: {}}}}}\n",
        secret(0),
        secret(1),
        secret(2),
        secret(3),
        secret(4)
    )
}

/// All that was written below a folder.
fn written(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => text += &written(&path),
            path => text += &String::from_utf8_lossy(&fs::read(path).unwrap()),
        }
    }
    text
}

#[test]
fn no_form_and_no_recording_tells_a_secret_of_the_code() {
    let [shown, raw] = hostile_states();
    let files = [
        ("plan.json", hostile_plan()),
        ("state.json", shown),
        ("terraform.tfstate", raw),
        ("t.yaml", hostile_template()),
    ];
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.yaml"), healthy()).unwrap();
    let server = Server::of(Pool::default());
    let mut leaks = Vec::new();
    for (name, text) in &files {
        assert!(text.contains(MARK));
        fs::write(folder.path().join(name), text).unwrap();
        for format in FORMATS {
            let args = [
                "check",
                "config.yaml",
                "--infra",
                name,
                "--format",
                format.name,
                "--verbose",
                "--pedantic",
                "--offline",
            ];
            let parameter = format!("P={MARK}given");
            let more: &[&str] = if *name == "t.yaml" { &["--infra-parameter", &parameter] } else { &[] };
            let ran = Pomlint::new(args).args(more.iter().copied()).in_folder(folder.path()).run();
            assert!(ran.code != 2, "{name} {}: {}", format.name, ran.stderr);
            if [&ran.stdout, &ran.stderr].iter().any(|text| text.contains(MARK)) {
                leaks.push(format!("{name} as {}", format.name));
            }
        }
        let args = ["check", "config.yaml", "--infra", name, "--record", "recording", "--format", "json"];
        let ran = Pomlint::new(args).args(server.args()).in_folder(folder.path()).run();
        let recorded = written(&folder.path().join("recording"));
        assert!(recorded.contains("\"code\""), "{}", ran.stderr);
        if recorded.contains(MARK) || ran.stdout.contains(MARK) {
            leaks.push(format!("{name} in a recording"));
        }
        fs::remove_dir_all(folder.path().join("recording")).unwrap();
        // Cut off anywhere, it is broken, and the complaint quotes nothing.
        for share in 1..16 {
            let mut end = text.len() * share / 16;
            while !text.is_char_boundary(end) {
                end += 1;
            }
            fs::write(folder.path().join(format!("cut-{name}")), &text[..end]).unwrap();
            let args = ["check", "config.yaml", "--offline", "--infra", &format!("cut-{name}")];
            let ran = Pomlint::new(args).in_folder(folder.path()).run();
            if [&ran.stdout, &ran.stderr].iter().any(|text| text.contains(MARK)) {
                leaks.push(format!("{share} sixteenths of {name}: {}", ran.stderr));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}
