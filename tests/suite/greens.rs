//! The whole binary where something looks fine and is not, and where a cure must cure.

use crate::elsewhere::{Checked, check, offline, resource};
use crate::support::{healthy, project};

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
const SHARED: &str = "yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=";
const COOKIE: &str = "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=";

fn live(files: &[(&str, String)], path: &str) -> Checked {
    let world = project("fixtures/worlds/healthy").display().to_string();
    check(files, &[path, "--replay", &world])
}

#[test]
fn a_chart_without_a_provider_that_it_reads_is_no_pass() {
    let values = |above: &str, key: &str| {
        format!(
            "{above}:\n  {key}:\n    provider: cognito\n    url: {ISSUER}\n    clientID: {CLIENT}\n    clientSecret: {SECRET}\n\
             config:\n  rootDomain: corp.example.com\n  sharedSecret: {SHARED}\n  cookieSecret: {COOKIE}\n  \
             routes: [{{ from: https://app.corp.example.com, to: http://app, allow_any_authenticated_user: true }}]\n\
             image: {{ tag: v0.33.1 }}\n"
        )
    };
    let right = live(&[("values.yaml", values("authenticate", "idp"))], "values.yaml");
    assert_eq!(right.failing(), (0, vec![]), "{}", right.screen);
    for (above, key, cure) in [
        ("authentication", "idp", "write `authenticate` instead of `authentication`"),
        ("auth", "idp", "write `authenticate` instead of `auth`"),
        ("authentcate", "idp", "write `authenticate` instead of `authentcate`"),
        ("sso", "idp", "write `authenticate` instead of `sso`"),
        ("authenticate", "oidc", "write `idp` instead of `oidc`"),
        ("authenticate", "identityProvider", "write `idp` instead of `identityProvider`"),
    ] {
        let text = values(above, key);
        for checked in
            [live(&[("values.yaml", text.clone())], "values.yaml"), offline(&[("values.yaml", text.clone())])]
        {
            assert_eq!(checked.failing(), (3, vec!["form-field-unknown"]), "{above}.{key}: {}", checked.screen);
            assert!(checked.screen.contains(cure), "{cure}: {}", checked.screen);
        }
    }
    // With another part of the chart in the right place, the block is moved there.
    let beside = values("sso", "idp") + "authenticate: { name: authenticate }\n";
    let checked = offline(&[("values.yaml", beside)]);
    assert!(checked.screen.contains("move it below `authenticate`"), "{}", checked.screen);
    // Another chart's block of that name, beside the right one.
    let checked =
        live(&[("values.yaml", values("authenticate", "idp") + "grafana: { idp: { url: x } }\n")], "values.yaml");
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
}

/// The variables of a healthy Pomerium.
fn variables() -> String {
    format!(
        "AUTHENTICATE_SERVICE_URL=https://authenticate.corp.example.com\nIDP_PROVIDER=cognito\nIDP_PROVIDER_URL={ISSUER}\n\
         IDP_CLIENT_ID={CLIENT}\nIDP_CLIENT_SECRET={SECRET}\nSHARED_SECRET={SHARED}\nCOOKIE_SECRET={COOKIE}\n"
    )
}

#[test]
fn a_broken_file_of_variables_in_a_folder_is_a_finding() {
    let all = variables();
    for (name, text) in [
        ("pomerium.env", format!("foo bar\n{all}")),
        ("pomerium.env", format!("{all}foo bar\n")),
        (".env", format!("IDP_SCOPES=\"openid\n{all}")),
        (".env", "IDP_PROVIDER=cognito\nfoo bar\n".to_owned()),
        ("pomerium.env", "foo bar\n".to_owned()),
        (".env", "POMERIUM_TAG=\"v0.33\n".to_owned()),
    ] {
        let checked = offline(&[("config.yaml", healthy()), (name, text.clone())]);
        assert_eq!(checked.failing(), (1, vec!["config-syntax-error"]), "{text}: {}", checked.screen);
    }
    for (name, text) in [
        (".env", "COLOUR red\nSIZE=1\n".to_owned()),
        ("pomerium.env", all.clone()),
        ("pomerium.env", format!("# foo bar\n\nHOME\n{all}KEY=\"-----BEGIN\nof two lines\n\"\n")),
    ] {
        let checked = offline(&[(name, text.clone()), ("config.yaml", healthy())]);
        assert_eq!(checked.failing(), (0, vec![]), "{text}: {}", checked.screen);
    }
}

#[test]
fn a_part_of_the_environment_is_no_pomerium_of_its_own() {
    let without_provider: String =
        healthy().lines().filter(|line| !line.starts_with("idp_")).map(|line| format!("{line}\n")).collect();
    let provider: String =
        variables().lines().filter(|line| line.starts_with("IDP_")).map(|line| format!("{line}\n")).collect();
    let files = [("config.yaml", without_provider), ("pomerium.env", provider)];
    let together = check(&files, &["--offline", "config.yaml", "--env-file", "pomerium.env"]);
    assert_eq!(together.failing(), (0, vec![]), "{}", together.screen);
    let folder = offline(&files);
    assert_eq!(folder.failing(), (3, vec![]), "{}", folder.screen);
    assert!(folder.screen.contains("the configuration that these variables are a part of"), "{}", folder.screen);
    let alone = offline(&[("idp.env", format!("IDP_CLIENT_SECRET={SECRET}\n"))]);
    assert_eq!(alone.failing(), (3, vec![]), "{}", alone.screen);
    // What is nearly all of it lacks what it lacks.
    let most = variables().replace("AUTHENTICATE_SERVICE_URL", "X");
    assert_eq!(offline(&[("pomerium.env", most)]).failing().0, 1);
}

#[test]
fn a_controller_that_reads_no_resource_is_no_pass() {
    let controller = |args: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: pomerium, namespace: pomerium }}\nspec:\n  \
             template:\n    spec:\n      containers:\n        - name: pomerium\n          \
             image: pomerium/ingress-controller:v0.33.1\n          {args}\n"
        )
    };
    for (args, code, says) in [
        ("args: [all-in-one, --pomerium-config=global]", 0, ""),
        ("{}", 0, ""),
        ("args: [all-in-one]\n          env: [{ name: POMERIUM_CONFIG, value: global }]", 0, ""),
        ("args: [all-in-one]\n          envFrom: [{ configMapRef: { name: x } }]", 0, ""),
        ("args: [all-in-one]", 1, "the ingress controller does not start, and says why:"),
        ("args: [all-in-one, --pomerium-config=]", 1, "--pomerium-config=global"),
        ("args: [all-in-one, --pomerium-config=pomerium/global]", 1, "expected cluster-scoped name"),
        (
            "args: [all-in-one, --pomerium-config=other]",
            3,
            "the Pomerium resource other that the controller here reads",
        ),
    ] {
        let text = match args {
            "{}" => controller("ports: []"),
            args => controller(args),
        };
        let checked = offline(&[("p.yaml", resource() + &text)]);
        let rules: &[&str] = if code == 1 { &["crd-field-rejected"] } else { &[] };
        assert_eq!((checked.code, checked.rules("fail").as_slice()), (code, rules), "{args}: {}", checked.screen);
        assert!(checked.screen.contains(says), "{says}: {}", checked.screen);
    }
}

#[test]
fn the_cure_of_an_issuer_in_a_resource_is_the_issuer() {
    for around in ["“X”", "„X“", "«X»", "‘X’", "(X)", "[X]", "[pool](X)", " X "] {
        let text = resource().replace(ISSUER, &format!("'{}'", around.replace('X', ISSUER)));
        let checked = offline(&[("pomerium.yaml", text)]);
        assert_eq!(checked.failing(), (1, vec!["crd-field-rejected"]), "{around}: {}", checked.screen);
        assert!(checked.screen.contains(&format!("fix url: {ISSUER} ")), "{around}: {}", checked.screen);
    }
    let checked = offline(&[("pomerium.yaml", resource().replace(ISSUER, &ISSUER.to_uppercase()))]);
    assert!(checked.screen.contains("write the issuer as the console shows it"), "{}", checked.screen);
}

#[test]
fn what_a_secret_file_holds_is_said_and_cured() {
    let config = healthy().replace("idp_client_secret:", "idp_client_secret_file: secret.txt #");
    let with =
        |held: &str| check(&[("c.yaml", config.clone()), ("secret.txt", held.to_owned())], &["--offline", "c.yaml"]);
    assert_eq!(with(SECRET).failing(), (0, vec![]));
    for held in [
        format!(" {SECRET}"),
        format!("{SECRET}\t"),
        format!("\"{SECRET}\""),
        format!("'{SECRET}'\r\n"),
        format!("{SECRET}\n"),
    ] {
        let checked = with(&held);
        assert_eq!(checked.failing(), (1, vec!["client-secret-has-whitespace"]), "{held:?}: {}", checked.screen);
        let command = r#"tr -d "[:space:]\"'" < secret.txt > secret.txt.new && mv secret.txt.new secret.txt"#;
        assert!(checked.screen.contains(command), "{}", checked.screen);
        #[cfg(unix)]
        {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("secret.txt"), held).unwrap();
            let ran = std::process::Command::new("sh").args(["-c", command]).current_dir(folder.path()).status();
            assert!(ran.unwrap().success());
            assert_eq!(std::fs::read_to_string(folder.path().join("secret.txt")).unwrap(), SECRET);
        }
    }
    for held in ["YOUR_CLIENT_SECRET", "CHANGE_ME", "<client secret>", "${SECRET}"] {
        let checked = with(held);
        assert_eq!(checked.failing(), (1, vec!["placeholder-left"]), "{held}: {}", checked.screen);
        assert!(
            !checked.screen.contains("stands for a value") && checked.screen.contains("was never filled in"),
            "{}",
            checked.screen
        );
    }
    // In a container the file has another path than here.
    let compose = format!(
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    secrets: [idp]\n    environment:\n{}      \
         IDP_CLIENT_SECRET_FILE: /run/secrets/idp\nsecrets: {{ idp: {{ file: ./idp.txt }} }}\n",
        variables()
            .lines()
            .filter(|line| !line.starts_with("IDP_CLIENT_SECRET"))
            .map(|line| format!("      {}\n", line.replacen('=', ": ", 1)))
            .collect::<String>()
    );
    let checked = offline(&[("compose.yaml", compose), ("idp.txt", format!("{SECRET}\n"))]);
    assert_eq!(checked.failing(), (1, vec!["client-secret-has-whitespace"]), "{}", checked.screen);
    assert!(
        checked.screen.contains("< FILE > FILE.new")
            && !checked.screen.contains("mv /run")
            && checked.screen.contains("with FILE for the file that is mounted as /run/secrets/idp:"),
        "{}",
        checked.screen
    );
}

#[test]
fn an_edit_in_a_chart_writes_no_option_twice() {
    let values = format!(
        "authenticate: {{ idp: {{ provider: cognito, url: {ISSUER}, clientID: {CLIENT}, clientSecret: {SECRET} }} }}\nconfig:\n  \
         rootDomain: corp.example.com\n  sharedSecret: {SHARED}\n  cookieSecret: {COOKIE}\n  extraOpts: {{ KEY: x }}\nimage: {{ tag: v0.33.1 }}\n"
    );
    for (key, is_edited) in [("idp_provider_uri", false), ("idp_scope", false), ("log_leve", true)] {
        let checked = offline(&[("values.yaml", values.replace("KEY", key))]);
        assert_eq!(checked.rules("fail"), ["unknown-key"], "{}", checked.screen);
        assert_eq!(checked.report.to_string().contains("\"edit\":{"), is_edited, "{key}: {}", checked.report);
    }
}

#[test]
fn a_mistyped_key_of_a_chart_is_one_finding() {
    let values = format!(
        "authenticate:\n  idp:\n    provider: cognito\n    url: {ISSUER}\n    clientID: {CLIENT}\n    clientSecret: {SECRET}\nconfig: \
         {{ rootDomain: corp.example.com, sharedSecret: {SHARED}, cookieSecret: {COOKIE} }}\nimage: {{ tag: v0.33.1 }}\n"
    );
    for (key, typed) in [("clientID", "clientId"), ("clientSecret", "client_secret"), ("url", "providerUrl")] {
        let text = values.replace(&format!("    {key}:"), &format!("    {typed}:"));
        let checked = offline(&[("values.yaml", text.clone())]);
        assert_eq!(checked.failing(), (1, vec!["form-field-unknown"]), "{typed}: {}", checked.screen);
        assert!(checked.screen.contains("error[form-field-unknown]"), "{typed}: {}", checked.screen);
        // What the environment sets all the same is not missing.
        let (name, value) = match key {
            "clientID" => ("IDP_CLIENT_ID", CLIENT),
            "clientSecret" => ("IDP_CLIENT_SECRET", SECRET),
            _ => ("IDP_PROVIDER_URL", ISSUER),
        };
        let checked = offline(&[("values.yaml", text + &format!("extraEnv: {{ {name}: '{value}' }}\n"))]);
        assert_eq!(checked.failing(), (0, vec!["form-field-unknown"]), "{typed}: {}", checked.screen);
    }
}
