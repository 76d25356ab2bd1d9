//! The commands that a check names, typed as they stand, wherever the deployment is that they are about.

use std::path::Path;

use serde_json::Value;

use crate::support::Pomlint;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

/// A client that has no callback.
const TEMPLATE: &str = "Resources:\n  C:\n    Type: AWS::Cognito::UserPoolClient\n    Properties:\n      UserPoolId: eu-west-1_9xK2mPq7R\n      GenerateSecret: true\n      AllowedOAuthFlowsUserPoolClient: true\n      AllowedOAuthFlows: [code]\n      AllowedOAuthScopes: [openid, email, profile]\n      CallbackURLs: [\"https://other.example.com/oauth2/callback\"]\n      SupportedIdentityProviders: [COGNITO]\n";

/// The variables of a deployment with its own host and client, written by `line`.
fn variables(host: &str, client: &str, line: impl Fn(&str, &str) -> String) -> String {
    let issuer = format!("{ISSUER}/");
    let url = format!("https://{host}.example.com");
    let all = [
        ("AUTHENTICATE_SERVICE_URL", url.as_str()),
        ("IDP_PROVIDER", "cognito"),
        ("IDP_PROVIDER_URL", &issuer),
        ("IDP_CLIENT_ID", client),
        ("IDP_CLIENT_SECRET", "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u"),
    ];
    all.into_iter().map(|(name, value)| line(name, value)).collect()
}

fn service(name: &str, client: &str) -> String {
    let variables = variables(name, client, |name, value| format!("      {name}: {value}\n"));
    format!("  {name}:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n{variables}")
}

fn deployment(name: &str, client: &str) -> String {
    let variables = variables(name, client, |name, value| format!("        - {{name: {name}, value: \"{value}\"}}\n"));
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: pomerium\n        image: pomerium/pomerium:v0.33.0\n        env:\n{variables}"
    )
}

/// The commands of each report, by what they cure.
fn commands(ran: &str) -> Vec<(String, Vec<String>)> {
    let report: Value = serde_json::from_str(ran).unwrap();
    let of = |one: &Value| {
        let cures = one["cures"].as_array().unwrap().iter().map(|cure| cure["command"].as_str().unwrap().to_owned());
        (one["config"]["path"].as_str().unwrap().to_owned(), cures.collect())
    };
    report["reports"].as_array().unwrap().iter().map(of).collect()
}

/// What a shell makes of a command.
fn typed(folder: &Path, command: &str) -> std::process::Output {
    let program = Path::new(env!("CARGO_BIN_EXE_pomlint"));
    let command = command.replacen("pomlint", program.to_str().unwrap(), 1);
    std::process::Command::new("sh").args(["-c", &command]).current_dir(folder).output().unwrap()
}

const CLIENTS: [&str; 2] = ["4qk2v9s7m1n3b5c8d0f6g7h2u1", "5qk2v9s7m1n3b5c8d0f6g7h2u1"];

#[cfg(unix)]
#[test]
fn each_of_several_deployments_has_commands_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("k8s")).unwrap();
    write("template.yaml", TEMPLATE);
    write("compose.yaml", &format!("services:\n{}{}", service("a", CLIENTS[0]), service("b", CLIENTS[1])));
    write("k8s/one.yaml", &deployment("a", CLIENTS[0]));
    write("k8s/two.yaml", &deployment("b", CLIENTS[1]));
    for named in ["compose.yaml", "k8s", "k8s/one.yaml k8s/two.yaml"] {
        let ran = Pomlint::new(["check", "--offline", "--infra", "template.yaml", "--infra-client", "C"]);
        let ran = ran.args(named.split(' ')).args(["--format", "json"]).in_folder(folder.path()).run();
        let found = commands(&ran.stdout);
        assert_eq!(found.len(), 2, "{named}: {}", ran.stdout);
        for ((name, cures), (host, client)) in found.iter().zip([("a", CLIENTS[0]), ("b", CLIENTS[1])]) {
            let [fix, setup] = cures.as_slice() else { panic!("{named}: {cures:?}") };
            let said = typed(folder.path(), setup);
            let text = String::from_utf8(said.stdout).unwrap();
            assert!(said.status.success() && text.contains(client), "{setup}: {text}");
            assert!(text.contains(&format!("https://{host}.example.com/oauth2/callback")), "{setup}: {text}");
            assert!(text.contains(&format!("told for {name} ")), "{setup}: {text}");
            let said = typed(folder.path(), fix);
            let text = String::from_utf8(said.stdout).unwrap();
            let corrected = text.lines().filter(|line| line.starts_with('-') && !line.starts_with("---")).count();
            assert_eq!((said.status.code(), corrected), (Some(1), 2), "{fix}: {text}");
        }
    }
    // Whoever names none is told how.
    let ran = Pomlint::new(["setup", "compose.yaml"]).in_folder(folder.path()).run();
    assert!(ran.stderr.contains("not for: compose.yaml: service b; choose one with --deployment NAME"), "{ran:?}");
    let ran = Pomlint::new(["setup", "compose.yaml", "--deployment", "c"]).in_folder(folder.path()).run();
    assert!(
        ran.code == 2 && ran.stderr.contains("there are: `compose.yaml: service a`, `compose.yaml: serv"),
        "{ran:?}"
    );
    for command in ["show", "setup"] {
        let ran = Pomlint::new([command, "k8s/one.yaml", "k8s/two.yaml", "--deployment", "k8s/two.yaml: Deployment b"]);
        let ran = ran.in_folder(folder.path()).run();
        assert!(ran.code == 0 && ran.stdout.contains(CLIENTS[1]) && !ran.stdout.contains(CLIENTS[0]), "{ran:?}");
    }
    // The check above what is written judges the others as well, and this client for none of them.
    let code = ["setup", "compose.yaml", "--deployment", "compose.yaml: service b", "--format", "cloudformation"];
    let code = Pomlint::new(code).in_folder(folder.path()).run().stdout;
    assert!(code.contains(&format!("--infra-client {}=PomeriumClient\n", CLIENTS[1])), "{code}");
}

/// Files that are one deployment together are named together.
#[cfg(unix)]
#[test]
fn a_deployment_of_several_files_is_named_by_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("template.yaml", TEMPLATE);
    write(
        "pomerium.yaml",
        &format!(
            "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{name: global}}\nspec:\n  secrets: pomerium/bootstrap\n  authenticate: {{url: https://a.example.com}}\n  identityProvider: {{provider: cognito, url: {ISSUER}, secret: pomerium/idp}}\n"
        ),
    );
    write(
        "secret.yaml",
        &format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: idp, namespace: pomerium}}\nstringData: {{client_id: {}, client_secret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u}}\n",
            CLIENTS[0]
        ),
    );
    let ran =
        Pomlint::new(["check", "--offline", "--infra", "template.yaml", "--infra-client", "C", "--format", "json"]);
    let ran = ran.args(["pomerium.yaml", "secret.yaml"]).in_folder(folder.path()).run();
    let found = commands(&ran.stdout);
    let setup = found[0].1.last().unwrap();
    assert_eq!(setup, "pomlint setup pomerium.yaml secret.yaml");
    assert!(String::from_utf8(typed(folder.path(), setup).stdout).unwrap().contains(CLIENTS[0]));
}

/// What is filled in from the environment, or comes through a pipe, is so the next time too.
#[cfg(unix)]
#[test]
fn what_was_read_in_another_way_is_named_in_that_way() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("template.yaml"), TEMPLATE).unwrap();
    let config = crate::support::healthy().replace("https://authenticate.corp.example.com", "${URL}");
    std::fs::write(folder.path().join("config.yaml"), &config).unwrap();
    let check = ["check", "--offline", "--infra", "template.yaml", "--infra-client", "C", "--format", "json"];
    for (arguments, expected) in [
        (&["config.yaml", "--expand-env=URL,A"][..], "pomlint setup config.yaml --expand-env=URL,A"),
        (&["config.yaml", "--expand-env"], "pomlint setup config.yaml --expand-env"),
        (&["-", "--expand-env"], "pomlint setup - --expand-env"),
    ] {
        let run = |first: &[&str]| {
            let ran = Pomlint::new(first.iter().copied()).env("URL", "https://a.example.com").stdin(config.clone());
            ran.in_folder(folder.path())
        };
        let ran = run(&check).args(arguments.iter().copied()).run();
        assert_eq!(commands(&ran.stdout)[0].1, [expected], "{}", ran.stdout);
        let ran = run(&expected.split(' ').skip(1).collect::<Vec<_>>()).run();
        assert!(ran.code == 0 && ran.stdout.contains("https://a.example.com/oauth2/callback"), "{ran:?}");
    }
    // What comes through a pipe is no file that could be corrected.
    let slash = crate::support::healthy().replace("eu-west-1_9xK2mPq7R", "eu-west-1_9xK2mPq7R/");
    let ran = Pomlint::new(["check", "--offline", "-", "--format", "json"]).stdin(slash).run();
    assert!(
        ran.stdout.contains("issuer-has-trailing-slash") && commands(&ran.stdout)[0].1.is_empty(),
        "{}",
        ran.stdout
    );
}
