//! The whole binary on what belongs together: the services of one deployment, the files of one chart or compose project, and a
//! container with the secrets that only it has.

use crate::elsewhere::check;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const PROVIDER: &str = "      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n      \
                        IDP_CLIENT_ID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n      IDP_CLIENT_SECRET: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n";
const COMMON: &str = "      AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n      SHARED_SECRET: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=\n      \
                      COOKIE_SECRET: 3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=\n";

fn service(name: &str, further: &str) -> String {
    format!(
        "  {name}:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n{COMMON}      SERVICES: {name}\n{further}"
    )
}

/// `ROUTES` with one route that lets in whom this says.
fn routes(who: &str) -> String {
    let list = format!("[{{\"from\": \"https://app.corp.example.com\", \"to\": \"http://app\", {who}}}]");
    format!("      ROUTES: {}\n", STANDARD.encode(list))
}

fn failing(files: &[(&str, String)], args: &[&str]) -> (i32, Vec<String>, String) {
    let checked = check(files, &[&["--offline"], args].concat());
    let (code, rules) = checked.failing();
    (code, rules.into_iter().map(str::to_owned).collect(), checked.screen)
}

#[test]
fn the_policies_of_a_split_deployment_meet_the_provider_of_its_authenticate_service() {
    let groups = "\"policy\": [{\"allow\": {\"or\": [{\"groups\": {\"has\": \"x\"}}]}}]";
    let scope = "\"allowed_idp_claims\": {\"scope\": [\"x\"]}";
    let domain = "\"allowed_domains\": [\"corp.example.com\"]";
    let name = "\"policy\": [{\"allow\": {\"or\": [{\"claim/name\": \"x\"}]}}]";
    for (who, scopes, rules) in [
        (groups, "", &["groups-criterion-never-matches"][..]),
        (scope, "", &["claim-never-sent"]),
        (domain, "      IDP_SCOPES: openid,profile\n", &["scope-email-missing"]),
        (name, "      IDP_SCOPES: openid,email\n", &["scope-profile-missing"]),
        (domain, "", &[]),
    ] {
        let routes = routes(who);
        let authenticate = format!("{PROVIDER}{scopes}");
        let compose = format!(
            "services:\n{}{}{}{}",
            service("authenticate", &authenticate),
            service("authorize", &routes),
            service("proxy", &routes),
            service("databroker", &authenticate),
        );
        let (code, found, screen) = failing(&[("compose.yaml", compose)], &["compose.yaml"]);
        let found: Vec<&str> = found.iter().map(String::as_str).filter(|rule| !rule.starts_with("scope-")).collect();
        let of_claims: Vec<&&str> = rules.iter().filter(|rule| !rule.starts_with("scope-")).collect();
        assert_eq!((code, found.len()), (i32::from(!rules.is_empty()), of_claims.len()), "{who}: {screen}");
        for rule in rules {
            assert!(screen.contains(&format!("error[{rule}]")), "{rule}: {screen}");
        }
        assert!(!screen.contains("no identity provider is configured"), "{screen}");
    }
}

#[test]
fn without_its_authenticate_service_nobody_says_that_policies_are_right() {
    let authorize = format!(
        "services:\n{}",
        service("authorize", &routes("\"policy\": [{\"allow\": {\"or\": [{\"groups\": {\"has\": \"x\"}}]}}]"))
    );
    let checked = check(&[("compose.yaml", authorize)], &["--offline", "compose.yaml"]);
    assert_eq!(checked.code, 0, "{}", checked.screen);
    assert!(checked.screen.contains("claims ?"), "{}", checked.screen);
}

#[test]
fn a_secret_that_only_the_container_holds_is_not_asked_for() {
    let compose = |option: &str, rest: &str| {
        let without = PROVIDER.split("      IDP_CLIENT_SECRET").next().unwrap();
        let routes = routes("\"allowed_domains\": [\"corp.example.com\"]");
        format!("services:\n{}{rest}", service("all", &format!("{without}      {option}\n{routes}")))
    };
    let file = "IDP_CLIENT_SECRET_FILE: /run/secrets/idp";
    let granted = "    secrets: [idp]\nsecrets:\n  idp:";
    for (option, rest, code) in [
        (file, format!("{granted}\n    environment: IDP_CLIENT_SECRET\n"), 0),
        (file, format!("{granted} {{ external: true }}\n"), 0),
        (file, "    volumes: ['secrets:/run/secrets']\nvolumes: { secrets: {} }\n".to_owned(), 0),
        (file, "    volumes: ['/etc/pomerium/idp:/run/secrets/idp:ro']\n".to_owned(), 0),
        (file, String::new(), 0),
        ("IDP_CLIENT_SECRET: ${IDP_CLIENT_SECRET}", String::new(), 0),
        ("IDP_CLIENT_SECRET: \"${IDP_CLIENT_SECRET}\"", String::new(), 0),
        // What lies beside it is known, and it is not that.
        (file, "    volumes: ['./other:/run/secrets/other']\n".to_owned(), 3),
        // It is to be in the repository, and is not.
        (file, format!("{granted} {{ file: ./idp.txt }}\n"), 3),
        // Nobody granted it.
        (file, "    secrets: [idp]\n".to_owned(), 3),
        // A variable that is no secret decides more.
        ("IDP_SCOPES: ${SCOPES}", String::new(), 3),
    ] {
        let (found, rules, screen) = failing(&[("compose.yaml", compose(option, &rest))], &["compose.yaml"]);
        let rules: Vec<_> = rules.iter().filter(|rule| *rule != "client-secret-missing").collect();
        assert_eq!((found, rules), (code, vec![]), "{option} {rest}: {screen}");
    }
}

#[test]
fn the_same_of_a_pod() {
    let pod = |mounts: &str, volumes: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: pom, namespace: p }}\ndata:\n  config.yaml: |\n    \
             authenticate_service_url: https://authenticate.corp.example.com\n    idp_provider: cognito\n    \
             idp_provider_url: {ISSUER}\n    idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n    \
             idp_client_secret_file: /vault/secrets/idp\n    shared_secret: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=\n    \
             cookie_secret: 3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=\n---\napiVersion: apps/v1\nkind: Deployment\n\
             metadata: {{ name: pomerium, namespace: p }}\nspec:\n  template:\n    spec:\n      containers:\n        \
             - name: pomerium\n          image: pomerium/pomerium:v0.33.1\n          \
             args: [\"--config=/etc/pomerium/config.yaml\"]\n          \
             volumeMounts: [{{ name: c, mountPath: /etc/pomerium }}{mounts}]\n      \
             volumes: [{{ name: c, configMap: {{ name: pom }} }}{volumes}]\n"
        )
    };
    let mount = ", { name: s, mountPath: /vault/secrets }";
    for (mounts, volumes, code) in [
        ("", "", 0),
        (mount, ", { name: s, emptyDir: {} }", 0),
        (mount, ", { name: s, hostPath: { path: /y } }", 0),
        (mount, ", { name: s, persistentVolumeClaim: { claimName: y } }", 0),
        // It is given to whoever asks.
        (mount, ", { name: s, configMap: { name: elsewhere } }", 3),
    ] {
        let (found, _, screen) = failing(&[("pod.yaml", pod(mounts, volumes))], &["pod.yaml"]);
        assert_eq!(found, code, "{volumes}: {screen}");
    }
}
