//! The whole binary on deployments that share a file: one mistake is one finding, and what is left to others is not called fine.

use serde_json::Value;

use crate::elsewhere::check;
use crate::support::Pomlint;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

fn config() -> String {
    format!(
        "authenticate_service_url: https://authenticate.corp.example.com\n\
         shared_secret: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=\n\
         cookie_secret: 3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=\n\
         idp_provider: cognito\nidp_provider_url: {ISSUER}\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n\
         idp_client_secret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n\
         routes:\n  - from: https://app.corp.example.com\n    to: http://app:8080\n    allow_any_authenticated_user: true\n"
    )
}

/// A service that mounts the configuration.
fn service(name: &str, further: &str) -> String {
    format!(
        "  {name}:\n    image: pomerium/pomerium:v0.33.1\n    volumes: [\"./config.yaml:/pomerium/config.yaml:ro\"]\n    \
         environment:\n      SERVICES: {name}\n{further}"
    )
}

fn split(further: &str) -> String {
    let services = ["proxy", "authenticate", "authorize", "databroker"].map(|name| service(name, further));
    format!("services:\n{}", services.concat())
}

fn json(files: &[(&str, String)], args: &[&str]) -> Value {
    check(files, &[&["--offline"], args].concat()).report
}

/// What is printed in another form.
fn printed(files: &[(&str, String)], format: &str, args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Pomlint::new(["check", "--offline", "--format", format]).args(args).in_folder(folder.path()).run().stdout
}

/// The findings of a rule: the deployment, the one with which it is told, and the edit.
fn findings<'j>(json: &'j Value, rule: &str) -> Vec<(&'j str, Option<&'j str>, &'j Value)> {
    let mut found = Vec::new();
    for report in json["reports"].as_array().unwrap() {
        for verdict in report["verdicts"].as_array().unwrap().iter().filter(|verdict| verdict["rule"] == rule) {
            let own = verdict["findings"].as_array().unwrap().iter();
            let path = report["config"]["path"].as_str().unwrap();
            found.extend(own.map(|finding| (path, finding["told_with"].as_str(), &finding["fix"]["edit"])));
        }
    }
    found
}

#[test]
fn a_mistake_in_the_file_of_four_services_is_told_and_counted_once() {
    let config = config().replace(ISSUER, &format!("{ISSUER}/"));
    let files = [("compose.yaml", split("")), ("config.yaml", config)];
    let json = json(&files, &["compose.yaml"]);
    assert_eq!((&json["summary"]["errors"], &json["summary"]["exit"]), (&1.into(), &1.into()), "{json}");
    let first = "compose.yaml: service proxy";
    let found = findings(&json, "issuer-has-trailing-slash");
    assert_eq!(
        found.iter().map(|(_, told_with, _)| *told_with).collect::<Vec<_>>(),
        [None, Some(first), Some(first), Some(first)]
    );
    // One place is changed for all of them.
    assert_eq!(found[0].2["text"], ISSUER);
    let screen = check(&files, &["--offline", "compose.yaml"]).screen;
    assert_eq!(screen.matches("issuer-has-trailing-slash]").count(), 1, "{screen}");
    let screen = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(screen.contains("(also in service authenticate, service authorize, service databroker)"), "{screen}");
    assert!(screen.contains("1 finding is told with compose.yaml: service proxy"), "{screen}");
    let says = "discovery document is found all the same";
    for (format, word, told) in [
        ("concise", says, 1),
        ("github", says, 1),
        ("gitlab", says, 1),
        ("sarif", "\"ruleId\": \"issuer-has-trailing-slash\"", 1),
        ("rdjson", says, 1),
        ("markdown", says, 1),
        ("jsonl", says, 4),
    ] {
        let screen = printed(&files, format, &["compose.yaml"]);
        assert_eq!(screen.matches(word).count(), told, "{format}: {screen}");
    }
}

#[test]
fn of_copies_of_one_value_none_is_changed_alone() {
    let copied = format!("      IDP_PROVIDER_URL: {ISSUER}/\n");
    let files = [("compose.yaml", split(&copied)), ("config.yaml", config())];
    let json = json(&files, &["compose.yaml"]);
    let found = findings(&json, "issuer-has-trailing-slash");
    assert_eq!(found.len(), 4);
    assert_eq!(found.iter().filter(|(_, told_with, _)| told_with.is_none()).count(), 1, "{found:?}");
    assert!(found.iter().all(|(.., edit)| edit.is_null()), "{found:?}");
    assert_eq!(json["summary"]["errors"], 1);
    // Where they are is said; `pomlint fix` changes them all.
    let screen = printed(&files, "concise", &["compose.yaml"]);
    assert!(screen.contains("also in service authenticate at compose.yaml:"), "{screen}");
}

#[test]
fn the_same_words_of_deployments_that_have_nothing_in_common_are_two_mistakes() {
    let config = config().replace(ISSUER, &format!("{ISSUER}/"));
    let json = json(&[("a.yaml", config.clone()), ("b.yaml", config)], &["a.yaml", "b.yaml"]);
    assert!(findings(&json, "issuer-has-trailing-slash").iter().all(|(_, told_with, _)| told_with.is_none()));
    assert_eq!(json["summary"]["errors"], 2);
}

#[test]
fn a_service_whose_image_is_mistyped_is_one_of_pomerium() {
    for key in ["images", "imgae"] {
        let compose = format!("services:\n  sso:\n    {key}: pomerium/pomerium:v0.33.1\n    env_file: sso.env\n");
        let checked = check(&[("compose.yaml", compose)], &["--offline", "."]);
        assert!(checked.failing().1.contains(&"form-field-unknown"), "{}", checked.screen);
    }
}

#[test]
fn the_files_that_compose_is_told_of_are_one_deployment() {
    let base = format!("services:\n{}", service("all", ""));
    let over = format!("services:\n  all:\n    environment:\n      IDP_PROVIDER_URL: {ISSUER}/\n");
    let env = "COMPOSE_FILE=\"base.yml:over.yml\"\n".to_owned();
    let files = |over: Option<String>| {
        let mut files = vec![("base.yml", base.clone()), (".env", env.clone()), ("config.yaml", config())];
        files.extend(over.map(|over| ("over.yml", over)));
        files
    };
    let json = json(&files(Some(over)), &["."]);
    assert_eq!(json["reports"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(findings(&json, "issuer-has-trailing-slash").len(), 1);
    // What is not here may say anything.
    let checked = check(&files(None), &["--offline", "."]);
    assert!(checked.screen.contains("`COMPOSE_FILE`") && checked.failing().0 == 3, "{}", checked.screen);
    // Nor is what cannot be laid over the other.
    for broken in ["services:\n  all: [\n", "services: {}\n---\nservices:\n  all: {}\n"] {
        let checked = check(&files(Some(broken.to_owned())), &["--offline", "."]);
        assert!(checked.screen.contains("over.yml of `COMPOSE_FILE`"), "{broken}: {}", checked.screen);
        assert_eq!(checked.failing().0, 3, "{broken}: {}", checked.screen);
    }
}

#[test]
fn an_override_that_compose_is_not_told_of_is_not_read() {
    let over = format!("services:\n  all:\n    environment:\n      IDP_PROVIDER_URL: {ISSUER}/\n");
    let base = format!("services:\n{}", service("all", ""));
    let mut files = vec![("compose.yaml", base), ("compose.override.yaml", over), ("config.yaml", config())];
    assert_eq!(findings(&json(&files, &["."]), "issuer-has-trailing-slash").len(), 1);
    files.push((".env", "COMPOSE_FILE=compose.yaml\n".to_owned()));
    assert_eq!(findings(&json(&files, &["."]), "issuer-has-trailing-slash").len(), 0);
}

#[test]
fn a_reference_in_pomeriums_own_file_of_a_manifest_is_not_called_fine() {
    let pod = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pomerium}\nspec:\n  selector: {matchLabels: {a: b}}\n  \
               template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n        - name: pomerium\n          \
               image: pomerium/pomerium:v0.33.1\n          args: [\"--config=/etc/pomerium/config.yaml\"]\n          \
               volumeMounts: [{name: c, mountPath: /etc/pomerium}]\n      volumes: [{name: c, configMap: {name: pomerium}}]\n";
    let manifest = |config: &str| {
        let data: String = config.lines().map(|line| format!("    {line}\n")).collect();
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: pomerium}}\ndata:\n  config.yaml: |\n{data}{pod}")
    };
    let secret = config().replace("1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u", "${CLIENT_SECRET}");
    for (config, code) in [
        (config(), 0),
        (secret, 3),
        (config() + "address: \":${PORT}\"\n", 3),
        (config() + "cookie_name: ${NAME}\n", 3),
    ] {
        let checked = check(&[("pomerium.yaml", manifest(&config))], &["--offline", "pomerium.yaml"]);
        assert_eq!(checked.failing().0, code, "{}", checked.screen);
    }
}

#[test]
fn a_secret_that_only_the_environment_of_compose_holds_is_declined() {
    let variables =
        "      SHARED_SECRET: ${SHARED_SECRET}\n      COOKIE_SECRET: ${COOKIE_SECRET:?}\n      SIGNING_KEY: ${KEY}\n";
    let bare = config()
        .lines()
        .filter(|line| !line.contains("d_secret") && !line.contains("cookie_"))
        .collect::<Vec<_>>()
        .join("\n");
    let files = [("compose.yaml", format!("services:\n{}", service("all", variables))), ("config.yaml", bare)];
    let checked = check(&files, &["--offline", "compose.yaml"]);
    assert_eq!(checked.failing().0, 0, "{}", checked.screen);
    // What is no secret is still asked for.
    let open = variables.to_owned() + "      IDP_CLIENT_ID: ${CLIENT_ID}\n";
    let checked = check(
        &[("compose.yaml", format!("services:\n{}", service("all", &open))), ("config.yaml", files[1].1.clone())],
        &["--offline", "compose.yaml"],
    );
    assert_eq!(checked.failing().0, 3, "{}", checked.screen);
}

#[test]
fn old_versions_of_an_ingress_and_of_a_route_are_read_and_named() {
    let ingress = |version: &str, backend: &str| {
        format!(
            "apiVersion: {version}\nkind: Ingress\nmetadata: {{name: app}}\nspec:\n  ingressClassName: pomerium\n  rules:\n    - host: app.corp.example.com\n      \
             http: {{paths: [{{path: /, backend: {backend}}}]}}\n"
        )
    };
    let route = |version: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: pomerium}}\nspec:\n  gatewayClassName: pomerium-gateway\n  \
             listeners: [{{name: https, port: 443, hostname: \"*.corp.example.com\"}}]\n---\napiVersion: gateway.networking.k8s.io/{version}\n\
             kind: HTTPRoute\nmetadata: {{name: app}}\nspec:\n  parentRefs: [{{name: pomerium}}]\n  hostnames: [app.corp.example.com]\n  \
             rules: [{{backendRefs: [{{name: app, port: 80}}]}}]\n"
        )
    };
    let old = "{serviceName: app, servicePort: 8080}";
    for (manifest, is_old, cure) in [
        (ingress("extensions/v1beta1", old), true, "allow_any_authenticated_user"),
        (ingress("networking.k8s.io/v1beta1", old), true, "allow_any_authenticated_user"),
        (
            ingress("networking.k8s.io/v1", "{service: {name: app, port: {number: 80}}}"),
            false,
            "allow_any_authenticated_user",
        ),
        (route("v1alpha2"), true, "PolicyFilter"),
        (route("v1beta1"), false, "PolicyFilter"),
        (route("v1"), false, "PolicyFilter"),
    ] {
        let json = json(&[("app.yaml", manifest.clone())], &["app.yaml"]);
        assert_eq!(findings(&json, "crd-field-rejected").len(), usize::from(is_old), "{manifest}");
        assert_eq!(findings(&json, "route-nobody-can-use").len(), 1, "{manifest}");
        let fix = json["reports"][0]["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["rule"] == "route-nobody-can-use")
            .unwrap();
        let fix = fix["findings"][0]["fix"].to_string();
        assert!(fix.contains(cure) && (cure == "PolicyFilter") != fix.contains("ingress.pomerium.io"), "{fix}");
    }
}

#[test]
fn quotes_inside_of_quotes_are_a_part_of_the_value() {
    let compose = format!("services:\n{}", service("all", "      PASS_IDENTITY_HEADERS: \"'true'\"\n"));
    let checked = check(&[("compose.yaml", compose), ("config.yaml", config())], &["--offline", "compose.yaml"]);
    assert_eq!(checked.failing(), (1, vec!["value-of-wrong-type"]), "{}", checked.screen);
    let cure = "take away the inner quotes: they are a part of the value, which is `true` or `false`";
    assert!(checked.screen.contains(cure), "{}", checked.screen);
}
