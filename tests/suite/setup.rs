//! `pomlint setup`: each form is read by a reader of its own, and our own readers of infrastructure code find nothing to object to.

mod existing;
mod unknown;

use std::path::Path;
use std::process::Command;

use pomlint::setup::{CURES, SCHEMA};
use serde_json::{Value, json};

use crate::support::{Pomlint, Ran, healthy};

const CALLBACK: &str = "https://authenticate.corp.example.com/oauth2/callback";
const FORMATS: [&str; 5] = ["table", "terraform", "cloudformation", "aws-cli", "json"];

/// Configurations of several kinds, each with a name.
fn configurations() -> Vec<(&'static str, String)> {
    let healthy = healthy();
    let with = |more: &str| format!("{healthy}\n{more}\n");
    let own_clients = "    idp_client_id: 7aabbccddeeff00112233445566\n    idp_client_secret: 9hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n    policy:";
    vec![
        ("plain", healthy.clone()),
        ("oidc", healthy.replace("idp_provider: cognito", "idp_provider: oidc")),
        ("pinned", with("idp_request_params:\n  identity_provider: Okta")),
        ("long", with("cookie_expire: 2000h")),
        ("scopes", with("idp_scopes: [openid, email, openid, profile, api/read]")),
        ("routes", healthy.replacen("    policy:", own_clients, 1)),
        ("no-pool", without(&healthy, &["idp_provider_url", "idp_client_id", "idp_client_secret"])),
    ]
}

fn without(text: &str, options: &[&str]) -> String {
    let is_kept = |line: &&str| !options.iter().any(|option| line.starts_with(&format!("{option}:")));
    text.lines().filter(is_kept).map(|line| format!("{line}\n")).collect()
}

fn setup(folder: &Path, format: &str) -> Ran {
    Pomlint::new(["setup", "config.yaml", "--format", format]).in_folder(folder).run()
}

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.yaml"), text).unwrap();
    folder
}

/// The settings of the first client, as the API names them.
fn settings(folder: &Path) -> Value {
    let document: Value = serde_json::from_str(&setup(folder, "json").stdout).unwrap();
    document["clients"][0]["settings"].clone()
}

#[test]
fn a_public_word_in_a_header_of_a_route_is_in_nobodys_way() {
    let host = "authenticate.corp.example.com";
    let id = healthy().lines().find_map(|line| line.strip_prefix("idp_client_id: ").map(str::to_owned)).unwrap();
    let headers = format!(
        "    set_request_headers: {{X-Env: corp, X-Scope: openid, X-Host: {host}, X-Id: {id}, X-Key: hunterzwo1, Authorization: 'Bearer ${{TOKEN}}'}}\n    policy:"
    );
    let folder = folder(&healthy().replacen("    policy:", &headers, 1));
    let settings = settings(folder.path());
    assert_eq!(settings["CallbackURLs"], json!([CALLBACK]));
    let shown = Pomlint::new(["show", "config.yaml"]).in_folder(folder.path()).run().stdout;
    assert!(shown.contains(CALLBACK) && shown.contains(&id) && !shown.contains("hunterzwo1"), "{shown}");
}

#[test]
fn it_says_what_pomerium_will_send() {
    let of = |name: &str| {
        let (_, text) = configurations().into_iter().find(|(known, _)| *known == name).unwrap();
        settings(folder(&text).path())
    };
    let expected = json!({
        "ClientName": "pomerium",
        "GenerateSecret": true,
        "AllowedOAuthFlowsUserPoolClient": true,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email", "profile"],
        "CallbackURLs": [CALLBACK],
        "LogoutURLs": ["https://authenticate.corp.example.com/.pomerium/signed_out"],
        "SupportedIdentityProviders": ["COGNITO"],
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "EnableTokenRevocation": true,
        "RefreshTokenValidity": 30,
        "TokenValidityUnits": {"RefreshToken": "days"},
    });
    assert_eq!(of("plain"), expected);
    assert_eq!(of("oidc")["AllowedOAuthScopes"], json!(["openid", "profile", "email"]));
    assert_eq!(of("oidc")["LogoutURLs"], Value::Null, "the provider oidc sends no logout_uri");
    assert_eq!(of("pinned")["SupportedIdentityProviders"], json!(["Okta"]));
    assert_eq!(of("long")["RefreshTokenValidity"], 84);
    assert_eq!(of("scopes")["AllowedOAuthScopes"], json!(["openid", "email", "profile", "api/read"]));
    let old = folder(&healthy());
    let ran = Pomlint::new(["setup", "config.yaml", "--format", "json", "--pomerium-version", "v0.22.0"]);
    let ran = ran.in_folder(old.path()).run();
    assert!(!ran.stdout.contains("LogoutURLs"), "{ran:?}");
}

/// Whatever stands in the address, every format has it byte for byte.
#[test]
fn a_hostile_address_is_text_in_every_format() {
    for query in [
        "'",
        "\"",
        "`id`",
        "$a",
        "$$a",
        "\\",
        "\\\"",
        "\\n",
        "'''",
        "\"\"\"",
        "*a",
        "&a",
        "|",
        "POMLINT",
        "EOF",
        "<script>",
        "]]>",
        "../../etc",
        "%00",
        "%0aPOMLINT%0aid",
        "//c",
        "/*c*/",
        "{0}",
        "~",
        "null",
        "true",
        "file://a",
        "fileb://a",
        "\u{202e}",
        "é",
        "!Sub",
        ";id",
        "||id",
        ">x",
        "0x1",
        "1e3",
        "[a]",
        "{a",
        "%25",
        "@file",
    ] {
        let address = format!("https://authenticate.corp.example.com?x={query}");
        let quoted = Value::from(address).to_string();
        let folder = folder(&healthy().replacen("https://authenticate.corp.example.com", &quoted, 1));
        let callback = serde_json::json!([format!("https://authenticate.corp.example.com/oauth2/callback?x={query}")]);
        let said = |format: &str| {
            let ran = setup(folder.path(), format);
            assert!(ran.code == 0 && !ran.stdout.contains('\u{202e}'), "{format} {query}: {ran:?}");
            ran.stdout
        };
        assert_eq!(settings(folder.path())["CallbackURLs"], callback);
        let template: serde_yaml::Value = serde_yaml::from_str(&said("cloudformation")).unwrap();
        let listed = &template["Resources"]["PomeriumClient"]["Properties"]["CallbackURLs"];
        assert_eq!(listed[0].as_str(), callback[0].as_str());
        let commands = said("aws-cli");
        let wanted = commands.split_once("pomerium.wanted.json <<'POMLINT'\n").unwrap().1;
        let wanted: Value = serde_json::from_str(wanted.split_once("\nPOMLINT\n").unwrap().0).unwrap();
        assert_eq!(wanted["CallbackURLs"], callback);
        let code = said("terraform");
        let list = code.lines().find_map(|line| line.trim().strip_prefix("callback_urls")?.split_once("= ")).unwrap().1;
        // Beside JSON's escapes, HCL has one for its templates.
        let list: Value = serde_json::from_str(&list.replace("$${", "${").replace("%%{", "%{")).unwrap();
        assert_eq!(list, callback);
    }
}

#[test]
fn the_scope_that_cognito_does_not_know_is_left_out_and_named() {
    let oidc = healthy().replace("idp_provider: cognito", "idp_provider: oidc");
    for format in FORMATS {
        let ran = setup(folder(&oidc).path(), format);
        assert!(ran.stdout.contains("Left out: the scope `offline_access`"), "{format}: {ran:?}");
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{format}");
    }
}

#[test]
fn each_client_has_a_block_of_its_own() {
    let (_, text) = configurations().into_iter().find(|(name, _)| *name == "routes").unwrap();
    let folder = folder(&text);
    let document: Value = serde_json::from_str(&setup(folder.path(), "json").stdout).unwrap();
    let ids: Vec<&Value> = document["clients"].as_array().unwrap().iter().map(|client| &client["client_id"]).collect();
    assert!(ids.contains(&&json!("7aabbccddeeff00112233445566")), "{document}");
    let count = |format: &str, what: &str| setup(folder.path(), format).stdout.matches(what).count();
    assert_eq!(count("terraform", "resource \"aws_cognito_user_pool_client\" "), ids.len());
    assert_eq!(count("cloudformation", "AWS::Cognito::UserPoolClient"), ids.len());
    assert_eq!(count("aws-cli", "\naws cognito-idp update-user-pool-client "), ids.len());
}

#[test]
fn a_template_is_read_by_others() {
    let all = tempfile::tempdir().unwrap();
    for (name, text) in configurations() {
        let folder = folder(&text);
        let template = setup(folder.path(), "cloudformation").stdout;
        let read: serde_yaml::Value = serde_yaml::from_str(&template).unwrap();
        let properties = &read["Resources"]["PomeriumClient"]["Properties"];
        for (member, value) in settings(folder.path()).as_object().unwrap() {
            assert_eq!(serde_json::to_value(&properties[member.as_str()]).unwrap(), *value, "{name}: {member}");
        }
        std::fs::write(all.path().join(format!("{name}.yaml")), &template).unwrap();
    }
    if let Some(said) = tool(all.path(), "cfn-lint", &["*.yaml"]) {
        assert_eq!(said, "");
    }
}

#[test]
fn commands_are_read_by_the_shell_and_hold_no_partial_update() {
    for (name, text) in configurations() {
        let folder = folder(&text);
        let script = setup(folder.path(), "aws-cli").stdout;
        std::fs::write(folder.path().join("setup.sh"), &script).unwrap();
        if let Some(said) = tool(folder.path(), "bash", &["-n", "setup.sh"]) {
            assert_eq!(said, "", "{name}");
        }
        for line in script.lines().filter(|line| line.contains("aws cognito-idp") && !line.starts_with('#')) {
            assert!(line.contains("--cli-input-json file://") && !line.contains("https://"), "{name}: {line}");
        }
        assert!(!script.contains("--callback-urls"), "{name}");
        let (describe, update) = (script.find("describe-user-pool-client "), script.find("update-user-pool-client --"));
        assert!(describe.is_some() == update.is_some() && describe <= update, "{name}");
    }
}

/// In the place of the AWS CLI: it answers with `describe.json`, and keeps as `made` the folder from which an update was sent.
const STANDIN: &str = "here=$PWD\naws() { case \"$2\" in describe-*) cat \"$here/describe.json\";; update-*) cp -R . \"$here/made\";; esac; }\n";

/// The shell and jq do what the commands say, with a stand-in in the place of the AWS CLI.
#[test]
fn an_existing_client_keeps_what_it_has() {
    let folder = folder(&healthy());
    let script = setup(folder.path(), "aws-cli").stdout;
    let now = json!({"UserPoolClient": {
        "UserPoolId": "eu-west-1_9xK2mPq7R", "ClientId": "4qk2v9s7m1n3b5c8d0f6g7h2u1", "ClientName": "theirs",
        "ClientSecret": "never-on-the-disk", "CreationDate": 1, "LastModifiedDate": 2, "RefreshTokenValidity": 60,
        "TokenValidityUnits": {"RefreshToken": "days", "AccessToken": "minutes"}, "AccessTokenValidity": 5,
        "AllowedOAuthFlows": ["implicit"], "CallbackURLs": ["https://other.example.com/cb"], "ReadAttributes": ["email"],
        "SupportedIdentityProviders": ["Okta"], "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "ClientType": "REGULAR", "ClientSecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x",
    }});
    std::fs::write(folder.path().join("describe.json"), now.to_string()).unwrap();
    // What the script writes has the names of files that are here already.
    let theirs = ["pomerium.json", "pomerium.which.json", "pomerium.now.json", "pomerium.wanted.json", "pomerium.jq"];
    for name in theirs {
        std::fs::write(folder.path().join(name), "theirs").unwrap();
    }
    std::fs::write(folder.path().join("setup.sh"), format!("{STANDIN}{script}")).unwrap();
    if tool(folder.path(), "jq", &["--version"]).is_none() {
        return;
    }
    let Some(said) = tool(folder.path(), "bash", &["setup.sh"]) else { return };
    assert_eq!(said, "");
    for name in theirs {
        assert_eq!(std::fs::read_to_string(folder.path().join(name)).unwrap(), "theirs", "{name}");
    }
    let made = folder.path().join("made");
    let sent: Value = serde_json::from_str(&std::fs::read_to_string(made.join("pomerium.json")).unwrap()).unwrap();
    let expected = json!({
        "UserPoolId": "eu-west-1_9xK2mPq7R", "ClientId": "4qk2v9s7m1n3b5c8d0f6g7h2u1", "ClientName": "theirs",
        "RefreshTokenValidity": 60, "TokenValidityUnits": {"RefreshToken": "days", "AccessToken": "minutes"},
        "AccessTokenValidity": 5, "AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": true,
        "CallbackURLs": [CALLBACK, "https://other.example.com/cb"], "ReadAttributes": ["email"],
        "LogoutURLs": ["https://authenticate.corp.example.com/.pomerium/signed_out"],
        "AllowedOAuthScopes": ["email", "openid", "profile"], "EnableTokenRevocation": true,
        "SupportedIdentityProviders": ["Okta"], "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    });
    assert_eq!(sent, expected);
    let files: Vec<_> = std::fs::read_dir(made).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), theirs.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("never-on-the-disk"), "{file:?}");
    }
}

/// What is heard of the app client in infrastructure code.
const OF_CLIENT: [&str; 13] = [
    "callback-differs-in-case",
    "callback-not-registered",
    "client-not-usable",
    "code-flow-disabled",
    "email-not-readable",
    "implicit-flow-enabled",
    "no-identity-provider",
    "oauth-not-enabled",
    "refresh-not-allowed",
    "scope-not-allowed",
    "session-outlives-refresh-token",
    "sign-out-url-not-registered",
    "token-revocation-off",
];

/// Nothing is found at all, and everything that the code speaks of passes.
fn passes(folder: &Path, code: &str, name: &str) {
    let ran = Pomlint::new(["check", "config.yaml", "--offline", "--format", "json", "--infra", code]);
    let address = if code == "plan.json" { "aws_cognito_user_pool_client.pomerium" } else { "PomeriumClient" };
    let ran = ran.args(["--infra-client", address]);
    let ran = ran.in_folder(folder).run();
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|why| panic!("{name}: {why}: {ran:?}"));
    for judged in report["reports"][0]["verdicts"].as_array().unwrap() {
        let (rule, verdict) = (judged["rule"].as_str().unwrap(), judged["verdict"].as_str().unwrap());
        // What Pomerium asks for in vain stands in its own file.
        let is_its_own = name == "oidc" && ["scope-unsupported", "provider-generic-oidc"].contains(&rule);
        // That the example holds its secrets is no business of Cognito's.
        let is_note = judged["severity"] == "note" && !OF_CLIENT.contains(&rule);
        assert!(verdict != "fail" || is_its_own || is_note, "{name}, {code}: {judged}");
        let is_beside = name == "oidc" && ["sign-out-url-not-registered", "scope-not-allowed"].contains(&rule);
        let is_cured = CURES.contains(&rule) && rule != "pool-has-no-domain" && verdict != "not-applicable";
        if (OF_CLIENT.contains(&rule) || is_cured) && !is_beside {
            assert_eq!(verdict, "pass", "{name}, {code}: {judged}");
        }
        if rule == "pool-has-no-domain" {
            // Whether the pool has one already, no code tells that does not make one.
            let text = std::fs::read_to_string(folder.join(code)).unwrap();
            let has_domain =
                text.lines().any(|line| !line.trim_start().starts_with('#') && line.contains("a-prefix-of-your-own"));
            assert_eq!(verdict, if has_domain { "pass" } else { "undecided" }, "{name}, {code}: {judged}");
        }
    }
}

#[test]
fn the_json_keeps_its_contract() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, text) in configurations() {
        let folder = folder(&text);
        let document: Value = serde_json::from_str(&setup(folder.path(), "json").stdout).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
        // What is described is there.
        let settings = schema["$defs"]["settings"]["properties"].as_object().unwrap();
        let written = document["clients"][0]["settings"].as_object().unwrap();
        assert!(written.keys().all(|key| settings.contains_key(key)), "{name}: {written:?}");
    }
    assert_eq!(Pomlint::new(["schema", "setup"]).run().stdout, SCHEMA);
}

#[test]
fn our_own_reader_of_templates_has_no_objection() {
    for (name, text) in configurations().into_iter().filter(|(name, _)| !["no-pool", "routes"].contains(name)) {
        let folder = folder(&text);
        let template = setup(folder.path(), "cloudformation").stdout;
        for code in [template.clone(), with_domain(&template, "  # ", "PomeriumDomain:")] {
            std::fs::write(folder.path().join("template.yaml"), code).unwrap();
            passes(folder.path(), "template.yaml", name);
        }
    }
}

/// The code with the domain that stands in its comments, as whoever has none takes it.
fn with_domain(code: &str, mark: &str, begins: &str) -> String {
    let mut is_in = false;
    let lines = code.lines().map(|line| {
        let Some(inside) = line.strip_prefix(mark) else { return line.to_owned() };
        is_in = inside.starts_with(begins) || is_in && (inside.starts_with(' ') || inside == "}");
        if is_in { format!("{}{inside}", &mark[..mark.len() - 2]) } else { line.to_owned() }
    });
    let taken = lines.collect::<Vec<_>>().join("\n") + "\n";
    assert_ne!(taken, code, "{begins}");
    taken
}

/// A plan as `terraform show -json` writes it, made of the attributes of the resource by hand.
fn plan(code: &str) -> Value {
    let mut after = serde_json::Map::new();
    attributes(code, "aws_cognito_user_pool_client", &mut after);
    after.insert("token_validity_units".to_owned(), json!([{"refresh_token": "days"}]));
    let address = "aws_cognito_user_pool_client.pomerium";
    let common =
        json!({"address": address, "mode": "managed", "type": "aws_cognito_user_pool_client", "name": "pomerium"});
    let mut change = common.clone();
    change["provider_name"] = json!("registry.terraform.io/hashicorp/aws");
    change["change"] = json!({"actions": ["create"], "before": null, "after": after, "after_unknown": {"id": true, "client_secret": true}});
    let mut changes = vec![change];
    let mut of_domain = serde_json::Map::new();
    attributes(code, "aws_cognito_user_pool_domain", &mut of_domain);
    if !of_domain.is_empty() {
        changes.push(json!({
            "address": "aws_cognito_user_pool_domain.pomerium", "mode": "managed", "type": "aws_cognito_user_pool_domain", "name": "pomerium",
            "change": {"actions": ["create"], "before": null, "after": of_domain, "after_unknown": {}},
        }));
    }
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {}},
        "resource_changes": changes, "configuration": {"root_module": {"resources": [common]}},
    })
}

/// The attributes of a resource, if it stands there.
fn attributes(code: &str, kind: &str, into: &mut serde_json::Map<String, Value>) {
    let Some(resource) = code.split(&format!("\nresource \"{kind}\" \"pomerium\" {{\n")).nth(1) else { return };
    for line in resource.split("\n}").next().unwrap().lines() {
        if let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with("    ")) {
            into.insert(name.trim().to_owned(), serde_json::from_str(value.trim()).unwrap());
        }
    }
}

#[test]
fn our_own_reader_of_plans_has_no_objection() {
    for (name, text) in configurations().into_iter().filter(|(name, _)| !["no-pool", "routes"].contains(name)) {
        let folder = folder(&text);
        let code = setup(folder.path(), "terraform").stdout;
        for code in [code.clone(), with_domain(&code, "# ", "resource \"aws_cognito_user_pool_domain\"")] {
            std::fs::write(folder.path().join("plan.json"), plan(&code).to_string()).unwrap();
            passes(folder.path(), "plan.json", name);
        }
    }
}

/// Terraform's own opinion, where it is; and where `POMLINT_TERRAFORM_MIRROR` names a folder with the provider, its plan.
#[test]
fn terraform_has_no_objection() {
    for (name, text) in configurations() {
        let folder = folder(&text);
        let code = setup(folder.path(), "terraform").stdout;
        std::fs::write(folder.path().join("main.tf"), code).unwrap();
        let Some(said) = tool(folder.path(), "terraform", &["fmt", "-check", "-diff"]) else { return };
        assert_eq!(said, "", "{name}");
        if name != "plain" || std::env::var_os("POMLINT_TERRAFORM_MIRROR").is_none() {
            continue;
        }
        let provider = "provider \"aws\" {\n  region = \"eu-west-1\"\n  access_key = \"testing\"\n  secret_key = \"testing\"\n  skip_credentials_validation = true\n  skip_requesting_account_id = true\n  skip_metadata_api_check = true\n}\n";
        std::fs::write(folder.path().join("provider.tf"), provider).unwrap();
        for arguments in [&["init"][..], &["validate"], &["plan", "-refresh=false", "-out=plan"]] {
            tool(folder.path(), "terraform", arguments);
        }
        let plan = tool(folder.path(), "terraform", &["show", "-json", "plan"]).unwrap();
        std::fs::write(folder.path().join("plan.json"), plan).unwrap();
        passes(folder.path(), "plan.json", name);
    }
}

/// What a program of somebody else's says, if it is on this machine; that it is not is told.
fn tool(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("CHECKPOINT_DISABLE", "1");
    if let Some(mirror) = std::env::var_os("POMLINT_TERRAFORM_MIRROR").filter(|_| program == "terraform") {
        let file = folder.join("mirror.rc");
        let mirror = Path::new(&mirror).display();
        let text = format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n");
        std::fs::write(&file, text).unwrap();
        command.env("TF_CLI_CONFIG_FILE", file);
    } else if program == "terraform" {
        command.env_remove("TF_CLI_CONFIG_FILE").env("HOME", folder);
    }
    match command.output() {
        Err(_) => {
            let words = format!("skipped: there is no {program} on this machine\n");
            std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes()).unwrap();
            None
        }
        Ok(output) => {
            let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{program} {arguments:?}: {said}{wrong}");
            Some(said.into_owned())
        }
    }
}

#[test]
fn what_is_not_known_is_asked_for() {
    let reference = healthy().replace("https://authenticate.corp.example.com", "${AUTHENTICATE_URL}");
    let hosted = without(&healthy(), &["authenticate_service_url"]);
    let google = healthy().replace("cognito\n", "google\n");
    let scopes = healthy() + "idp_scopes: [\"${SCOPES}\"]\n";
    let command = healthy() + "idp_scopes: [openid, \"$(id)\"]\n";
    for (text, says) in [
        (reference.as_str(), "--given authenticate_service_url="),
        (&hosted, "hosted"),
        (&scopes, "--given idp_scopes="),
        (&command, "idp_scopes, or a part of it, is filled in elsewhere"),
        ("a: [", "could not be read"),
    ] {
        for format in FORMATS {
            let ran = setup(folder(text).path(), format);
            assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{format}: {ran:?}");
            assert!(ran.stderr.contains(says), "{format}: {ran:?}");
        }
    }
    // What is written is corrected, and nothing may be given in its place.
    let with = |url: &str| healthy().replace("https://authenticate.corp.example.com", url);
    for (url, says) in [
        ("https://authenticate.pomerium.app", "authenticate_service_url names Pomerium's hosted service"),
        ("http://authenticate.corp.example.com", "plain `http` is for `localhost`"),
        ("\"https://authenticate.corp.example.com?x=1#f\"", "it has a fragment (`#…`)"),
        ("authenticate.corp.example.com", "Pomerium cannot parse authenticate_service_url"),
    ] {
        let ran = setup(folder(&with(url)).path(), "table");
        assert!(ran.code == 2 && ran.stdout.is_empty() && ran.stderr.contains(says), "{url}: {ran:?}");
        assert!(!ran.stderr.contains("--given") && !ran.stderr.contains("\\n"), "{url}: {ran:?}");
        assert!(ran.stderr.contains("\n  try   pomlint check CONFIG "), "{url}: {ran:?}");
    }
    let parameter = healthy() + "idp_request_params: { scope: \"${SCOPE}\" }\n";
    let ran = setup(folder(&parameter).path(), "table");
    assert!(
        ran.code == 2 && ran.stderr.contains("`scope` of idp_request_params") && !ran.stderr.contains("--given"),
        "{ran:?}"
    );
    let google = without(&google, &["idp_provider_url"]);
    assert_eq!(setup(folder(&google).path(), "table").code, 2);
    assert_eq!(Pomlint::new(["setup", "no-such.yaml"]).run().code, 2);
    let given = folder(&(healthy() + "idp_scopes: [openid, \"${SCOPE}\"]\n"));
    let ran =
        Pomlint::new(["setup", "config.yaml", "--given", "idp_scopes=openid,email,profile"]).in_folder(given.path());
    assert_eq!(ran.run().code, 0, "a list of which a part stands elsewhere");
    let given = folder(&reference);
    let ran = Pomlint::new(["setup", "config.yaml", "--format", "json", "--given"]);
    let ran =
        ran.args(["authenticate_service_url=https://authenticate.corp.example.com"]).in_folder(given.path()).run();
    assert!(ran.code == 0 && ran.stdout.contains(CALLBACK), "{ran:?}");
}

#[test]
fn without_a_pool_it_says_what_comes_back() {
    let (_, text) = configurations().pop().unwrap();
    let folder = folder(&text);
    for (format, says) in [
        ("table", "come back: idp_provider_url"),
        ("terraform", "variable \"user_pool_id\""),
        ("cloudformation", "UserPoolId: !Ref UserPoolId"),
        ("aws-cli", "Put the id of your pool in the place of REGION_POOL first."),
        ("json", "\"user_pool_id\": null"),
    ] {
        let ran = setup(folder.path(), format);
        assert!(ran.code == 0 && ran.stdout.contains(says), "{format}: {ran:?}");
    }
}

#[test]
fn no_secret_is_shown() {
    for (name, text) in configurations() {
        for format in FORMATS {
            let ran = setup(folder(&text).path(), format);
            for canary in ["1hq0f3l8a7s6d5f4", "9hq0f3l8a7s6d5f4", "yIDIh0mUWpJt", "3gmXKHKeGnXR"] {
                assert!(!(ran.stdout.clone() + &ran.stderr).contains(canary), "{name}, {format}: {ran:?}");
            }
        }
    }
    let secret = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
    let within = healthy().replace("authenticate.corp", &format!("{}.corp", &secret));
    let swapped = healthy().replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", secret);
    for format in FORMATS {
        let ran = setup(folder(&within).path(), format);
        assert!(ran.code == 2 && !ran.stderr.contains(secret), "{format}: {ran:?}");
        let ran = setup(folder(&swapped).path(), format);
        assert!(ran.code == 0 && !ran.stdout.contains(secret), "{format}: {ran:?}");
    }
}

/// v0.23 visits Cognito at a sign-out that says where it is to end, and can send one URL only (`authenticate/handlers.go`).
#[test]
fn the_sign_out_url_is_that_of_the_release() {
    let folder = folder(&healthy());
    for (release, url) in [
        ("v0.23.0", Some("https://authenticate.corp.example.com/")),
        ("v0.24.0", Some("https://authenticate.corp.example.com/.pomerium/signed_out")),
        ("v0.33.1", Some("https://authenticate.corp.example.com/.pomerium/signed_out")),
    ] {
        let ran = Pomlint::new(["setup", "config.yaml", "--format", "json", "--pomerium-version", release]);
        let document: Value = serde_json::from_str(&ran.in_folder(folder.path()).run().stdout).unwrap();
        assert_eq!(document["clients"][0]["settings"]["LogoutURLs"][0].as_str(), url, "{release}");
    }
}

const SHARED: &str = "      SHARED_SECRET: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=\n      AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n";

/// A process that sends its users to another one for the login has nothing to be told to Cognito.
#[test]
fn the_deployment_that_serves_logins_is_set_up() {
    let service = |name: &str| {
        format!("  {name}:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      SERVICES: {name}\n{SHARED}")
    };
    let login = "      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n      IDP_CLIENT_ID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n";
    let folder = tempfile::tempdir().unwrap();
    let set_up = |text: &str| {
        std::fs::write(folder.path().join("compose.yaml"), text).unwrap();
        Pomlint::new(["setup", "compose.yaml", "--format", "json"]).in_folder(folder.path()).run()
    };
    let ran = set_up(&format!("services:\n{}{}{login}", service("proxy"), service("authenticate")));
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|why| panic!("{why}: {ran:?}"));
    assert_eq!(document["clients"][0]["client_id"], "4qk2v9s7m1n3b5c8d0f6g7h2u1", "{ran:?}");
    let alone = set_up(&format!("services:\n{}", service("proxy")));
    assert_eq!((alone.code, alone.stdout.as_str()), (2, ""), "{alone:?}");
    assert!(
        alone.stderr.contains("nothing to tell Cognito: the authenticate service runs in another process"),
        "{alone:?}"
    );
}

/// What a variable is called makes no secret of a public address.
#[test]
fn the_callback_is_no_secret_by_the_name_of_a_variable() {
    let set_up = |name: &str| {
        let text = format!("authenticate_service_url: ${{{name}}}\nidp_provider: cognito\n");
        let ran = Pomlint::new(["setup", "config.yaml", "--format", "json", &format!("--expand-env={name}")]);
        ran.env(name, "https://authenticate.corp.example.com").in_folder(folder(&text).path()).run()
    };
    for name in
        ["AUTHENTICATE_SERVICE_URL", "AUTH_HOST", "OAUTH_HOST", "POMERIUM_DOMAIN", "KEYCLOAK_HOST", "SESSION_HOST"]
    {
        let ran = set_up(name);
        assert!(ran.code == 0 && ran.stdout.contains(CALLBACK), "{name}: {ran:?}");
    }
    for name in [
        "API_KEY",
        "SSHKEY2",
        "MY_TOKEN",
        "DB_PASSWORD",
        "SIGNINGKEYBASE64",
        "AUTH_HEADER",
        "AUTH_B64",
        "SOME_CREDENTIALS",
        "SECRET_URL",
    ] {
        assert_eq!(set_up(name).code, 2, "{name}");
    }
}
