//! What is shown of a difference: who can apply it, what is hidden in it, and what is not for a program.

use std::fs;

use super::{fix, folder};

const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

/// Of what is taken out of a secret both lines tell, in whichever text the secret is found.
#[test]
fn a_line_that_changes_is_not_shown_as_one_that_stays() {
    let block = format!("        - name: IDP_CLIENT_SECRET\n          value: \"{SECRET} \"\n");
    let flow = format!("        - {{name: IDP_CLIENT_SECRET, value: \" {SECRET}\"}}\n");
    for variable in [block, flow] {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: p}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: p\n        image: pomerium/pomerium:v0.33.0\n        env:\n{variable}        - name: IDP_PROVIDER\n          value: cognito\n"
        );
        let folder = folder(&[("d.yaml", &text)]);
        let ran = fix(folder.path(), &["d.yaml"]);
        let of = |sign: &str| {
            let mut lines =
                ran.stdout.lines().filter(|line| line.starts_with(sign) && !line.starts_with(&sign.repeat(3)));
            lines.next().unwrap_or_default().trim_start_matches(['-', '+']).to_owned()
        };
        assert!(of("-").contains("52 chars") && of("+").contains("51 chars›"), "{}", ran.stdout);
        assert!(!ran.stdout.contains(SECRET) && ran.stderr.contains("secrets are masked here"), "{ran:?}");
    }
}

/// GNU patch and git write to the file that is named, whatever it is called.
#[cfg(unix)]
#[test]
fn a_difference_is_for_a_file_of_any_name() {
    let text = format!("idp_provider: cognito\nidp_provider_url: {ISSUER}/\n");
    let folder = folder(&[]);
    for name in ["a b.yaml", "tab\tx.yaml", "é \"q\".yaml", "back\\slash.yaml", "plain.yaml"] {
        fs::write(folder.path().join(name), &text).unwrap();
    }
    let ran = fix(folder.path(), &["."]);
    for heading in [
        "--- a/a b.yaml\t\n",
        "--- \"a/tab\\011x.yaml\"\n",
        "+++ \"b/\\303\\251 \\\"q\\\".yaml\"\n",
        "+++ b/plain.yaml\n",
    ] {
        assert!(ran.stdout.contains(heading), "{heading}: {}", ran.stdout);
    }
    fs::write(folder.path().join("all.patch"), &ran.stdout).unwrap();
    for (program, arguments) in
        [("patch", &["-p1", "--dry-run", "-i", "all.patch"][..]), ("git", &["apply", "--check", "all.patch"])]
    {
        let ran = std::process::Command::new(program).args(arguments).current_dir(folder.path()).output();
        // Not every machine has them.
        let Ok(ran) = ran else { continue };
        assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
    }
    // Neither takes a file that may lie anywhere.
    let path = folder.path().join("plain.yaml");
    let ran = fix(folder.path(), &[path.to_str().unwrap()]);
    assert!(ran.stderr.contains("the file is none below this folder by its name, so that `patch`"), "{ran:?}");
}

/// That a character is written out is not that a secret is hidden.
#[test]
fn why_a_difference_cannot_be_applied_is_told() {
    let folder = folder(&[("c.yaml", "idp_provider: cognito\rauthenticate_service_url: https://a.example.com:443\r")]);
    let ran = fix(folder.path(), &["c.yaml"]);
    assert!(ran.stdout.contains("\\r") && !ran.stderr.contains("secret"), "{ran:?}");
    assert!(
        ran.stderr.contains("c.yaml: characters that act on a terminal or in a CI system are written out"),
        "{ran:?}"
    );
    let folder = self::folder(&[(
        "c.yaml",
        "idp_provider: cognito # ##vso[x]\nauthenticate_service_url: https://a.example.com:443\n",
    )]);
    let ran = fix(folder.path(), &["c.yaml"]);
    assert!(ran.stdout.contains("#\\#vso[x]") && ran.stderr.contains("in a CI system"), "{ran:?}");
}

/// A Secret is left to whoever keeps it, and nothing else is one.
#[test]
fn a_secret_is_an_object_and_not_the_file_that_it_stands_in() {
    let items = |secret: &str| {
        format!(
            "apiVersion: v1\nkind: List\nitems:\n{secret}- apiVersion: ingress.pomerium.io/v1\n  kind: Pomerium\n  metadata: {{name: global}}\n  spec:\n    secrets: pomerium/bootstrap\n    authenticate: {{url: 'https://a.example.com:443'}}\n    identityProvider: {{provider: cognito, url: {ISSUER}, secret: pomerium/idp}}\n"
        )
    };
    let fields = format!("{{client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1, client_secret: '{SECRET} '}}");
    let block = format!(
        "- apiVersion: v1\n  kind: Secret\n  metadata: {{name: idp, namespace: pomerium}}\n  stringData: {fields}\n"
    );
    let flow = format!(
        "- {{apiVersion: v1, kind: Secret, metadata: {{name: idp, namespace: pomerium}}, stringData: {fields}}}\n"
    );
    for secret in [block, flow] {
        let folder = folder(&[("l.yaml", &items(&secret))]);
        let ran = fix(folder.path(), &["l.yaml"]);
        assert!(ran.stdout.contains("+    authenticate: {url: 'https://a.example.com'}\n"), "{ran:?}");
        assert_eq!(ran.stdout.matches("\n-").count(), 1, "{ran:?}");
        assert!(ran.stderr.contains("client-secret-has-whitespace: it stands in a Secret of Kubernetes"), "{ran:?}");
    }
    let note = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: p}}\ndata:\n  note: |\n    kind: Secret\n  config.yaml: |\n    idp_provider: cognito\n    idp_provider_url: {ISSUER}/\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: p}}\nspec: {{template: {{spec: {{containers: [{{name: p, image: \"pomerium/pomerium:v0.33.0\", args: [\"--config=/e/config.yaml\"], volumeMounts: [{{name: c, mountPath: /e}}]}}], volumes: [{{name: c, configMap: {{name: p}}}}]}}}}}}\n"
    );
    let folder = folder(&[("m.yaml", &note)]);
    assert!(fix(folder.path(), &["m.yaml"]).stdout.contains(&format!("+    idp_provider_url: {ISSUER}\n")));
}

/// White space is taken out wherever one text takes it out.
#[test]
fn a_variable_loses_the_space_around_its_secret() {
    let service = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n      - IDP_PROVIDER=cognito\n";
    let list = format!("{service}      - \"IDP_CLIENT_SECRET={SECRET} \"\n");
    let folder = folder(&[("compose.yaml", &list)]);
    let ran = fix(folder.path(), &["compose.yaml", "--write"]);
    let written = fs::read_to_string(folder.path().join("compose.yaml")).unwrap();
    assert_eq!((ran.code, written), (0, list.replace(&format!("{SECRET} "), SECRET)), "{ran:?}");
}

/// What `check` shows to nobody who does not ask is corrected for nobody who does not.
#[test]
fn a_note_is_corrected_for_whoever_names_its_rule() {
    let text = format!("idp_provider = \"cognito\"\nidp_provider_url = \"{ISSUER}\"\nidp_client_id = 123456789\n");
    let folder = folder(&[("config.toml", &text)]);
    assert_eq!(fix(folder.path(), &["config.toml"]).code, 0);
    assert_eq!(fix(folder.path(), &["config.toml", "--only", "client-id-read-as-number"]).code, 1);
}

/// Whoever writes a value in quotes has his reasons.
#[test]
fn the_quotes_of_scopes_stay() {
    for (quote, scopes) in [
        ("\"", "openid, email, profile"),
        ("'", "openid, email, profile"),
        ("\"", "openid email profile"),
        ("", "openid, email, profile"),
    ] {
        let text = format!(
            "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL: {ISSUER}\n      IDP_SCOPES: {quote}{scopes}{quote}\n      IDP_CLIENT_ID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n"
        );
        let ran = fix(folder(&[("compose.yaml", &text)]).path(), &["compose.yaml"]);
        let line = format!("+      IDP_SCOPES: {quote}openid,email,profile{quote}\n");
        assert!(ran.stdout.contains(&line), "{quote}{scopes}: {}", ran.stdout);
    }
}
