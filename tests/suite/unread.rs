//! The whole binary where a part of the configuration cannot be read: what is missing is never a pass, and never hides a fault
//! in the rest.

use std::path::Path;

use crate::support::{Pomlint, healthy, project};
use serde_json::Value;

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const SHARED: &str = "yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=";
const COOKIE: &str = "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=";

/// What a check of one file came to, with the healthy pool's recorded answers.
struct Judged {
    code: i32,
    report: Value,
}

impl Judged {
    fn of(name: &str, text: &str) -> Self {
        Self::with(name, text, &[])
    }

    fn with(name: &str, text: &str, others: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in others.iter().chain([&(name, text)]) {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self::run(folder.path(), Pomlint::new(["check", name]))
    }

    fn run(folder: &Path, command: Pomlint) -> Self {
        let world = project("fixtures/worlds/healthy");
        let ran = command.args(["--format", "json", "--replay"]).args([world]).in_folder(folder).run();
        let report = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        Self { code: ran.code, report }
    }

    fn verdicts(&self) -> impl Iterator<Item = (&str, &Value)> {
        let reports = self.report["reports"].as_array().unwrap().iter();
        let verdicts = reports.flat_map(|report| report["verdicts"].as_array().unwrap());
        verdicts.map(|verdict| (verdict["rule"].as_str().unwrap(), verdict))
    }

    /// The rules of a verdict, without repetition.
    fn rules(&self, verdict: &str) -> Vec<&str> {
        let mut rules: Vec<&str> =
            self.verdicts().filter(|(_, judged)| judged["verdict"] == verdict).map(|(rule, _)| rule).collect();
        rules.dedup();
        rules
    }

    fn says(&self, rule: &str) -> String {
        self.verdicts().filter(|(name, _)| *name == rule).map(|(_, verdict)| verdict.to_string()).collect()
    }
}

/// The healthy configuration with some lines in place of those of a key.
fn with(key: &str, lines: &str) -> String {
    let kept: String = healthy()
        .lines()
        .filter(|line| !line.starts_with(&format!("{key}:")))
        .map(|line| format!("{line}\n"))
        .collect();
    format!("{kept}{lines}\n")
}

#[test]
fn an_unreadable_file_is_undecided_and_hides_no_fault_behind_it() {
    let file = "shared_secret_file: /etc/pomerium/secrets/s";
    let judged = Judged::of("c.yaml", &with("shared_secret", file));
    assert_eq!((judged.code, judged.rules("fail")), (3, vec![]));
    assert_eq!(
        judged.rules("undecided"),
        [
            "config-refused",
            "shared-secret-malformed",
            "client-secret-rejected",
            "client-secret-not-expected",
            "sign-out-url-not-registered"
        ]
    );
    assert!(
        judged
            .says("shared-secret-malformed")
            .contains("shared_secret_file `/etc/pomerium/secrets/s` cannot be read here")
    );

    // Each of these names a file before it comes to what Pomerium refuses.
    let route = |lines: &str| format!("routes:\n  - from: https://app.corp.example.com\n    {lines}\n");
    for (what, text) in [
        ("shared secret", with("shared_secret", &format!("{file}\nlog_level: loud"))),
        ("cookie secret", with("cookie_secret", "cookie_secret_file: /etc/pomerium/secrets/c\nsigning_key: nonsense")),
        ("certificate", with("x", "certificate_file: /tls.crt\ncertificate_key_file: /tls.key\nlog_level: loud")),
        ("client authority", with("x", "downstream_mtls: { ca_file: /ca.crt }\nlog_level: loud")),
        ("start", with("shared_secret", &format!("{file}\nsigning_key: nonsense"))),
        (
            "route",
            with("x", "").replace(
                "    to: http://app.internal:8080\n",
                "    to: http://app.internal:8080\n    tls_custom_ca_file: /ca.crt\n    prefix_rewrite: /a\n    \
                 regex_rewrite_pattern: b\n",
            ),
        ),
        (
            "later route",
            format!(
                "{}{}",
                with("shared_secret", file).split("routes:").next().unwrap(),
                route("allow_any_authenticated_user: true")
            ),
        ),
    ] {
        let text = if what == "later route" { format!("{text}{file}\n") } else { text };
        let judged = Judged::of("c.yaml", &text);
        assert_eq!(judged.code, 1, "{what}: {}", judged.report);
        assert_eq!(judged.rules("fail"), ["config-refused"], "{what}");
    }
}

#[test]
fn a_key_file_that_only_the_container_has_is_no_fault() {
    let judged = Judged::of("c.yaml", &with("x", "signing_key_file: /etc/pomerium/secrets/sk"));
    // Nobody wanted to see into the container: it is told, and counts with `--undecided strict` alone.
    assert_eq!((judged.code, judged.rules("fail")), (0, vec![]));
    assert!(judged.rules("undecided").contains(&"config-refused"));
    assert!(judged.says("config-refused").contains("the file `/etc/pomerium/secrets/sk` cannot be read here"));
}

#[test]
fn show_says_what_pomerium_says_here() {
    let folder = tempfile::tempdir().unwrap();
    let text = with("shared_secret", "shared_secret_file: /etc/pomerium/secrets/s\nlog_level: loud");
    std::fs::write(folder.path().join("c.yaml"), text).unwrap();
    let ran = Pomlint::new(["show", "c.yaml", "--format", "json"]).in_folder(folder.path()).run();
    let shown: Value = serde_json::from_str(&ran.stdout).unwrap();
    let load = shown["load"].as_str().unwrap();
    assert!(
        load.ends_with("config: invalid shared secret: open /etc/pomerium/secrets/s: no such file or directory"),
        "{load}"
    );
}

/// A login as variables, with more lines of the same form.
fn variables(form: impl Fn(&str, &str) -> String) -> String {
    [
        ("AUTHENTICATE_SERVICE_URL", "https://authenticate.corp.example.com"),
        ("IDP_PROVIDER", "cognito"),
        ("IDP_PROVIDER_URL", ISSUER),
        ("IDP_CLIENT_ID", "4qk2v9s7m1n3b5c8d0f6g7h2u1"),
        ("IDP_CLIENT_SECRET", "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u"),
        ("SHARED_SECRET", SHARED),
        ("COOKIE_SECRET", COOKIE),
    ]
    .iter()
    .map(|(name, value)| form(name, value))
    .collect()
}

fn compose(lines: &str) -> String {
    let environment = variables(|name, value| format!("      {name}: {value}\n"));
    format!("services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n{lines}    environment:\n{environment}")
}

/// Nothing is wrong with what was read; what judges defaults and lists is undecided; what stands in the environment is decided.
fn assert_partly_judged(judged: &Judged, what: &str) {
    assert_eq!((judged.code, judged.rules("fail")), (3, vec![]), "{what}");
    let undecided = judged.rules("undecided");
    for rule in [
        "unknown-key",
        "scope-unsupported",
        "request-parameter-overrides-protocol",
        "claim-never-sent",
        "route-nobody-can-use",
    ] {
        assert!(undecided.contains(&rule), "{what}: {rule} not in {undecided:?}");
    }
    let passed = judged.rules("pass");
    for rule in [
        "authenticate-url-malformed",
        "provider-unknown",
        "issuer-malformed",
        "issuer-mismatch",
        "client-id-missing",
        "cookie-secret-malformed",
    ] {
        assert!(passed.contains(&rule), "{what}: {rule} not in {passed:?}");
    }
}

#[test]
fn a_part_of_a_compose_deployment_that_is_not_here_is_no_pass() {
    let missing_config = compose("    volumes: [\"./config.yaml:/pomerium/config.yaml\"]\n");
    assert_partly_judged(&Judged::of("compose.yaml", &missing_config), "config");
    let config = "idp_scopes: [openid, email, profile]\nroutes: []\n";
    let here = Judged::with("compose.yaml", &missing_config, &[("config.yaml", config)]);
    assert_eq!(
        here.rules("undecided"),
        ["client-secret-rejected", "client-secret-not-expected", "sign-out-url-not-registered"]
    );
    assert_partly_judged(&Judged::of("compose.yaml", &compose("    env_file: secrets.env\n")), "env_file");
    let optional = compose("    env_file: [{ path: secrets.env, required: false }]\n");
    let scopes = Judged::of("compose.yaml", &optional);
    assert!(!scopes.rules("undecided").contains(&"scope-unsupported"), "an optional file need not exist");
}

#[test]
fn a_config_map_that_is_not_given_is_no_pass() {
    let environment = variables(|name, value| format!("        - {{ name: {name}, value: {value:?} }}\n"));
    let pod = |volume: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: p, namespace: one }}\nspec:\n  containers:\n    - image: \
             pomerium/pomerium:v0.33.1\n      volumeMounts: [{{ name: c, mountPath: /pomerium }}]\n      \
             env:\n{environment}  volumes:\n    - {{ name: c, {volume} }}\n"
        )
    };
    assert_partly_judged(&Judged::of("pod.yaml", &pod("configMap: { name: c }")), "ConfigMap");
    let other =
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c, namespace: two }\ndata: { config.yaml: '' }\n";
    assert_partly_judged(&Judged::of("pod.yaml", &(pod("configMap: { name: c }") + other)), "another namespace");

    // The key is the name of the file, and no other than the one that Pomerium is told to read counts.
    let map = |key: &str| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: c, namespace: one }}\ndata:\n  {key}: |\n    \
             idp_scopes: [openid, email]\n    jwt_claims_headers: [email]\n"
        )
    };
    let misplaced = Judged::of("pod.yaml", &(pod("configMap: { name: c }") + &map("pomerium.yaml")));
    assert_eq!((misplaced.code, misplaced.rules("fail")), (1, vec!["config-not-mounted"]));
    assert!(misplaced.says("config-not-mounted").contains("ends up at `/pomerium/pomerium.yaml`"));
    let right = Judged::of("pod.yaml", &(pod("configMap: { name: c }") + &map("config.yaml")));
    assert!(!right.rules("fail").contains(&"config-not-mounted"));
}

#[test]
fn request_parameters_in_a_secret_that_is_not_given_may_replace_the_scopes() {
    let text = format!(
        "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{ name: global }}\nspec:\n  secrets: \
         pomerium/bootstrap\n  authenticate: {{ url: https://authenticate.corp.example.com }}\n  identityProvider:\n    \
         provider: cognito\n    url: {ISSUER}\n    secret: pomerium/idp\n    scopes: [openid, email]\n    \
         requestParamsSecret: pomerium/params\n"
    );
    let with_secret = Judged::of("pomerium.yaml", &text);
    let without = Judged::of("pomerium.yaml", &text.replace("    requestParamsSecret: pomerium/params\n", ""));
    for rule in ["scope-openid-missing", "request-parameter-overrides-protocol"] {
        assert!(with_secret.rules("undecided").contains(&rule), "{rule}");
        assert!(without.rules("pass").contains(&rule), "{rule}");
    }
}

#[test]
fn values_in_an_existing_secret_are_no_pass() {
    let text = "config:\n  rootDomain: corp.example.com\n  existingSecret: pomerium\nauthenticate:\n  idp: {}\n";
    let judged = Judged::of("values.yaml", text);
    assert_eq!((judged.code, judged.rules("fail")), (3, vec![]));
    for rule in ["scope-unsupported", "issuer-malformed", "route-nobody-can-use"] {
        assert!(judged.rules("undecided").contains(&rule), "{rule}");
    }
}

#[test]
fn a_value_that_is_filled_in_later_hides_no_fault_behind_it() {
    let text = compose("") + "      SIGNOUT_REDIRECT_URL: ${SIGNED_OUT}\n      LOG_LEVEL: loud\n";
    let judged = Judged::of("compose.yaml", &text);
    assert!(judged.rules("fail").contains(&"config-refused"), "{}", judged.report);
}

#[test]
fn nothing_judged_is_not_a_pass() {
    let nested = |key: &str| {
        let below: String = healthy().lines().map(|line| format!("  {line}\n")).collect();
        format!("{key}:\n{below}")
    };
    for (what, text, says) in [
        ("empty", String::new(), "it holds no settings"),
        ("comments", "# later\n".to_owned(), "it holds no settings"),
        ("nested", nested("pomerium"), "stand below another key"),
        ("nested", nested("config"), "stand below another key"),
        ("foreign", "greeting: hello\n".to_owned(), "none of its keys"),
    ] {
        let judged = Judged::of("config.yaml", &text);
        assert_eq!((judged.code, judged.rules("pass")), (3, vec![]), "{what}");
        assert!(judged.says("config-refused").contains(says), "{what}: {}", judged.says("config-refused"));
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Judged::run(folder.path(), Pomlint::new(["check", "-"]).stdin("")).code, 3);

    // What is plainly something else was named for a configuration, and nothing of it is called good.
    for text in [
        "apiVersion: v1\nkind: Namespace\nmetadata: { name: pomerium }\n",
        "apiVersion: v2\nname: pomerium\nversion: 1.0.0\n",
        "resources: [pomerium.yaml]\n",
    ] {
        let other = Judged::of("pomerium.yaml", text);
        assert_eq!((other.code, other.rules("pass")), (3, vec![]), "{text}");
    }
    let hosted = "authenticate_service_url: https://authenticate.corp.example.com\n";
    assert_eq!(Judged::of("pomerium.yaml", hosted).code, 0);
}

#[test]
fn a_text_that_is_one_value_is_refused() {
    let judged = Judged::of("config.yaml", "foo\n");
    assert_eq!((judged.code, judged.rules("fail")), (1, vec!["config-refused"]));
}

#[test]
fn behind_an_empty_first_document_nothing_counts() {
    for text in [format!("---\n---\n{}", healthy()), format!("# ours\n\n--- # settings\n{}---\n", "---\n") + &healthy()]
    {
        let judged = Judged::of("config.yaml", &text);
        assert_eq!((judged.code, judged.rules("fail")), (1, vec!["later-document-ignored"]), "{text}");
    }
    let judged = Judged::of("config.yaml", &format!("{}---\nlog_level: info\n", healthy()));
    assert_eq!((judged.code, judged.rules("fail")), (0, vec!["later-document-ignored"]));
}

#[test]
fn words_that_pomerium_quotes_hide_no_refusal() {
    for quoted in ["mapping key", "policy data", "invalid shared secret", "Unsupported Config Type"] {
        let judged = Judged::of("config.yaml", &with("x", &format!("log_level: {quoted:?}")));
        assert_eq!((judged.code, judged.rules("fail")), (1, vec!["config-refused"]), "{quoted}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_not_said_to_be_missing() {
    for key in ["idp_client_id", "idp_provider", "idp_provider_url", "authenticate_service_url", "cookie_secret"] {
        let judged = Judged::of("config.yaml", &with(key, &format!("{key}: [x]")));
        assert_eq!((judged.code, judged.rules("fail")), (1, vec!["value-of-wrong-type"]), "{key}");
    }
}
