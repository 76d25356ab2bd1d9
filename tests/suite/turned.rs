//! The whole binary on what was red and can turn green: by what the cluster shows, by what only the container holds, by samples beside
//! what is deployed.

use serde_json::Value;

use crate::elsewhere::{Checked, check, offline};
use crate::support::{Pomlint, project};

const RESOURCE: &str = "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: { name: global }\nspec:\n  secrets: pomerium/bootstrap\n  authenticate: { url: https://authenticate.corp.example.com }\n  identityProvider: { provider: cognito, url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R, secret: pomerium/idp }\n";

/// The Secrets as a cluster shows them.
fn shown(secret: &str) -> String {
    format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {{ name: idp, namespace: pomerium }}\n  data: {{ client_id: NHFrMnY5czdtMW4zYjVjOGQwZjZnN2gydTE=, client_secret: {secret} }}\n- apiVersion: v1\n  kind: Secret\n  metadata: {{ name: bootstrap, namespace: pomerium }}\n  data: {{ shared_secret: aUKmkQRyBlVSqCXW6LiG8EQ8Hc6wMJ8vMyUOr2sB3kU=, cookie_secret: WwKqS4NbgUlPsfB4lLXB0qbeQ0IyrmQIBphKbJgbR6Q= }}\n"
    )
}

const SOUND: &str = "MWhxMGYzbDhhN3M2ZDVmNGczaDJqMWswbDltOG43YjZ2NWM0eDN6MnExdzBlOXI4dDd1";
/// The same with a newline at its end.
const SPOILT: &str = "MWhxMGYzbDhhN3M2ZDVmNGczaDJqMWswbDltOG43YjZ2NWM0eDN6MnExdzBlOXI4dDd1Cg==";

fn piped(files: &[(&str, &str)], stdin: &str, args: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let ran = Pomlint::new(["check", "--no-settings", ".", "-"])
        .args(args.iter().copied())
        .stdin(stdin)
        .in_folder(folder.path())
        .run();
    (ran.code, ran.stdout + &ran.stderr)
}

fn world() -> String {
    project("fixtures/worlds/healthy").display().to_string()
}

#[test]
fn what_the_cluster_shows_takes_the_place_of_what_it_is_to_make() {
    let external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: idp, namespace: pomerium }\nspec: { data: [{ secretKey: client_id, remoteRef: { key: a } }, { secretKey: client_secret, remoteRef: { key: b } }] }\n";
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: idp, namespace: pomerium }\nspec: { encryptedData: { client_id: AgBx, client_secret: AgBy } }\n";
    let csi = "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata: { name: aws, namespace: pomerium }\nspec: { secretObjects: [{ secretName: idp, data: [{ key: client_id }, { key: client_secret }] }] }\n";
    let world = world();
    for made in [external, sealed, csi] {
        let files = [("pomerium.yaml", RESOURCE), ("made.yaml", made)];
        for way in [&["--replay", &world][..], &["--offline"]] {
            let (code, screen) = piped(&files, &shown(SOUND), way);
            assert!(code == 0 && !screen.contains("in the cluster alone"), "{made}: {screen}");
            let (code, screen) = piped(&files, &shown(SPOILT), way);
            assert!(code == 1 && screen.contains("client-secret-has-whitespace"), "{made}: {screen}");
        }
        // Another namespace has another Secret of that name.
        let other = shown(SOUND).replace("namespace: pomerium", "namespace: other");
        assert_eq!(piped(&files, &other, &["--replay", &world]).0, 3, "{made}");
    }
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: pomerium, namespace: pomerium }\nspec:\n  template:\n    spec:\n      containers:\n        - { name: pomerium, image: \"pomerium/pomerium:v0.33.1\", volumeMounts: [{ name: c, mountPath: /pomerium }] }\n      volumes: [{ name: c, secret: { secretName: pomerium-config } }]\n---\n";

fn config() -> String {
    std::fs::read_to_string(project("fixtures/configs/healthy.yaml")).unwrap()
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}\n")).collect()
}

#[test]
fn a_configuration_that_is_sealed_as_a_whole_is_had_from_the_cluster() {
    let sealed = format!(
        "{DEPLOYMENT}apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{ name: pomerium-config, namespace: pomerium }}\nspec: {{ encryptedData: {{ config.yaml: AgBx }} }}\n"
    );
    let alone = check(&[("m.yaml", sealed.clone())], &["--replay", &world(), "."]);
    assert_eq!(alone.code, 3, "{}", alone.screen);
    assert!(
        alone.screen.contains("kubectl get secret pomerium-config --namespace pomerium -o yaml"),
        "{}",
        alone.screen
    );
    let secret = |config: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{ name: pomerium-config, namespace: pomerium, uid: 1 }}\nstringData:\n  config.yaml: |\n{}",
            indented(config, "    ")
        )
    };
    let (code, screen) = piped(&[("m.yaml", &sealed)], &secret(&config()), &["--replay", &world()]);
    assert_eq!(code, 0, "{screen}");
    let slash = config().replace("eu-west-1_9xK2mPq7R", "eu-west-1_9xK2mPq7R/");
    let (code, screen) = piped(&[("m.yaml", &sealed)], &secret(&slash), &["--replay", &world()]);
    assert!(code == 1 && screen.contains("issuer-"), "{screen}");
}

#[test]
fn a_configuration_that_a_template_holds_is_read() {
    let made = |config: &str| {
        let config: String = config
            .lines()
            .map(|line| match line.split_once(": ") {
                Some((key, _)) if key.ends_with("_secret") => format!("{key}: {{{{ .{key} }}}}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        format!(
            "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{ name: pomerium-config, namespace: pomerium }}\nspec:\n  target:\n    template:\n      data:\n        config.yaml: |\n{}",
            indented(&config, "          ")
        )
    };
    for before in [DEPLOYMENT, ""] {
        let healthy = check(&[("m.yaml", format!("{before}{}", made(&config())))], &["--replay", &world(), "."]);
        assert_eq!(healthy.failing(), (0, vec![]), "{}", healthy.screen);
        let slash = config().replace("eu-west-1_9xK2mPq7R", "eu-west-1_9xK2mPq7R/");
        let found = check(&[("m.yaml", format!("{before}{}", made(&slash)))], &["--offline", "."]);
        assert_eq!(found.code, 1, "{}", found.screen);
        // At the very line.
        assert!(found.screen.contains("idp_provider_url: https://cognito-idp"), "{}", found.screen);
    }
}

#[test]
fn a_sample_beside_what_is_deployed_is_no_alarm() {
    let spoilt = |from: &str, to: &str| config().replace(from, to);
    let template = config().lines().fold(String::new(), |text, line| match line.strip_prefix("idp_provider_url: ") {
        Some(_) => format!("{text}idp_provider_url: {{{{ issuer }}}}\n"),
        None => format!("{text}{line}\n"),
    });
    let samples = [
        ("config.template.yaml", template.clone()),
        ("config.tpl.yaml", template.clone()),
        ("config.dist.yaml", template),
        ("config.example.yaml", spoilt("4qk2v9s7m1n3b5c8d0f6g7h2u1", "YOUR_CLIENT_ID")),
        ("examples/config.yaml", spoilt("4qk2v9s7m1n3b5c8d0f6g7h2u1", "REPLACE_ME")),
        ("docs/pomerium.yaml", spoilt("eu-west-1_9xK2mPq7R", "us-east-1_EXAMPLE")),
        ("tests/fixtures/config.yaml", spoilt("eu-west-1_9xK2mPq7R", "us-east-1_xxxxxxxxx")),
    ];
    for (name, text) in samples {
        let beside = offline(&[("config.yaml", config()), (name, text.clone())]);
        assert_eq!(beside.failing(), (0, vec![]), "{name}: {}", beside.screen);
        // Where it is all there is, it is what was meant.
        assert_ne!(offline(&[(name, text)]).code, 0, "{name}");
    }
}

#[test]
fn a_reference_that_compose_fills_in_is_declined_however_it_is_written() {
    for reference in ["${SHARED_SECRET}", "$SHARED_SECRET", "${SHARED_SECRET:?}"] {
        let compose = format!(
            "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.4\n    environment:\n      - AUTHENTICATE_SERVICE_URL=https://authenticate.corp.example.com\n      - IDP_PROVIDER=cognito\n      - IDP_PROVIDER_URL=https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n      - IDP_CLIENT_ID=4qk2v9s7m1n3b5c8d0f6g7h2u1\n      - IDP_CLIENT_SECRET=${{IDP_CLIENT_SECRET}}\n      - SHARED_SECRET={reference}\n      - COOKIE_SECRET={reference}\n      - SIGNING_KEY={reference}\n"
        );
        let checked = check(&[("docker-compose.yml", compose)], &["--replay", &world(), "."]);
        assert_eq!(checked.failing(), (0, vec![]), "{reference}: {}", checked.screen);
    }
}

/// The findings of a rule: their words and cures.
fn told(checked: &Checked, rule: &str) -> Vec<String> {
    let reports = checked.report["reports"].as_array().map(Vec::as_slice).unwrap_or_default();
    let verdicts = reports.iter().flat_map(|report| report["verdicts"].as_array().unwrap());
    let of_rule = verdicts.filter(|verdict| verdict["rule"] == rule);
    of_rule.flat_map(|verdict| verdict["findings"].as_array().unwrap()).map(Value::to_string).collect()
}

#[test]
fn a_list_that_a_release_does_not_have_yet_stands_for_no_required_field() {
    let text = RESOURCE.replacen(
        "  identityProvider: {",
        "  identityProviders: [{ name: a, issuer: https://x.example.com }]\n  x: {",
        1,
    );
    assert_ne!(text, RESOURCE);
    let checked = check(&[("m.yaml", text)], &["--offline", "--pomerium-version", "0.33.0", "m.yaml"]);
    assert!(told(&checked, "crd-field-rejected").concat().contains("Required value"), "{}", checked.screen);
}

#[test]
fn a_mistyped_field_of_the_resource_is_one_finding_that_keeps_the_setting() {
    for (from, to, cure) in [
        ("provider: cognito", "providers: cognito", "write `provider` instead of `providers`"),
        (", secret: pomerium/idp", ", secretName: pomerium/idp", "write `secret` instead of `secretName`"),
        ("  secrets:", "  secret:", "write `secrets` instead of `secret`"),
        ("  authenticate:", "  authentication:", "write `authenticate` instead of `authentication`"),
        ("  authenticate:", "  auth:", "write `authenticate` instead of `auth`"),
        (
            "authenticate: { url: https://authenticate.corp.example.com }",
            "authenticateUrl: https://authenticate.corp.example.com",
            "write it as `authenticate.url`",
        ),
        ("authenticate: { url:", "authenticate: { issuer:", "write `url` instead of `issuer`"),
        ("  identityProvider:", "  idp:", "write `identityProvider` instead of `idp`"),
        ("  identityProvider:", "  identityProviders:", "write `identityProvider` instead of `identityProviders`"),
        (", secret: pomerium/idp", ", clientID: a, clientSecret: b", "secret: pomerium/idp"),
    ] {
        let text = RESOURCE.replacen(from, to, 1);
        assert_ne!(text, RESOURCE, "{from}");
        let checked = offline(&[("m.yaml", text)]);
        assert_eq!(checked.failing(), (1, vec!["crd-field-rejected"]), "{to}: {}", checked.screen);
        let told = told(&checked, "crd-field-rejected");
        assert!(told.len() == 1 && told[0].contains(cure), "{to}: {told:#?}");
    }
}

#[test]
fn nobody_comes_back_from_the_hosted_service_whichever_flow_is_run_here() {
    const URL: &str = "https://authenticate.corp.example.com";
    let hosted = config().replacen(URL, "https://authenticate.pomerium.app", 1);
    let hosted = format!("authenticate_internal_service_url: https://authenticate.internal\n{hosted}");
    let checked = check(&[("c.yaml", hosted)], &["--offline", "c.yaml"]);
    assert_eq!(checked.failing(), (1, vec!["authenticate-url-hosted"]), "{}", checked.screen);
    let says = "this is Pomerium's hosted service, and this Pomerium runs the login itself: users are sent there, and nobody comes back";
    assert!(told(&checked, "authenticate-url-hosted")[0].contains(says), "{}", checked.screen);
}
