//! What the whole binary says of small configurations, one table for each kind: by release, by service, slips of the pen, and options
//! whose effect depends on where they stand.

use serde_json::Value;

use crate::support::{Pomlint, Ran, healthy};

/// A run of `check --offline --format json` over files, and the rules that fail.
struct Said {
    code: i32,
    report: Value,
}

fn say(files: &[(&str, &str)], args: &[&str]) -> Said {
    let ran = run(files, &[&["--format", "json"], args].concat());
    Said {
        code: ran.code,
        report: serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}")),
    }
}

fn run(files: &[(&str, &str)], args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let named = if files.len() == 1 { files[0].0 } else { "." };
    Pomlint::new(["check", "--offline", named]).args(args.iter().copied()).in_folder(folder.path()).run()
}

impl Said {
    fn findings(&self) -> Vec<(&str, &Value)> {
        let verdicts =
            self.report["reports"].as_array().unwrap().iter().flat_map(|one| one["verdicts"].as_array().unwrap());
        verdicts
            .flat_map(|verdict| {
                let rule = verdict["rule"].as_str().unwrap();
                verdict["findings"].as_array().unwrap().iter().map(move |finding| (rule, finding))
            })
            .filter(|(_, finding)| finding["severity"] != "note")
            .collect()
    }

    fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = self.findings().into_iter().map(|(rule, _)| rule).collect();
        rules.dedup();
        rules
    }

    fn undecided(&self) -> Vec<&str> {
        let verdicts =
            self.report["reports"].as_array().unwrap().iter().flat_map(|one| one["verdicts"].as_array().unwrap());
        let undecided = verdicts.filter(|verdict| verdict["verdict"] == "undecided");
        undecided.map(|verdict| verdict["rule"].as_str().unwrap()).collect()
    }

    fn severity(&self, rule: &str) -> &str {
        let findings = self.findings();
        let found =
            findings.iter().find(|(name, _)| *name == rule).unwrap_or_else(|| panic!("no {rule}: {findings:?}"));
        found.1["severity"].as_str().unwrap()
    }
}

/// The healthy configuration with lines after it, or with some text replaced.
fn with(more: &str) -> String {
    healthy() + more
}

/// For releases that do not know Cognito by its name.
fn generic(more: &str) -> String {
    with(more).replace("idp_provider: cognito", "idp_provider: oidc\nidp_scopes: [openid, email, profile]")
}

fn replaced(from: &str, to: &str) -> String {
    let base = healthy();
    assert!(base.contains(from), "{from}");
    base.replace(from, to)
}

fn in_route(line: &str) -> String {
    replaced("    to: http://app.internal:8080\n", &format!("    to: http://app.internal:8080\n    {line}\n"))
}

#[test]
fn keys_and_values_belong_to_their_release() {
    let providers =
        with("identity_providers:\n  cluster: {issuer: https://kubernetes.default.svc, audiences: [pomerium]}\n");
    let jwt = in_route("bearer_token_format: jwt");
    let both = providers.clone() + &jwt[jwt.find("routes:").unwrap()..];
    let both = both.replacen(&healthy()[healthy().find("routes:").unwrap()..], "", 1);
    for (text, version, rules) in [
        (&providers, "v0.33.1", &["unknown-key"][..]),
        (&providers, "v0.33.4", &["unknown-key"]),
        (&providers, "v0.34.0", &[]),
        (&jwt, "v0.33.1", &["value-of-wrong-type"]),
        (&both, "v0.34.0", &[]),
        (&in_route("lb_policy: LEAST_REQUEST"), "v0.31.3", &[]),
        (&in_route("lb_policy: LEAST_REQUEST"), "v0.32.0", &["unknown-key"]),
        (&in_route("outlier_detection: {consecutive_5xx: 3}"), "v0.30.0", &[]),
        (&with("codec_type: http3\n"), "v0.28.0", &["value-of-wrong-type"]),
        (&with("codec_type: http3\n"), "v0.29.0", &[]),
        (&generic("dns_lookup_family: ALL\n"), "v0.21.4", &["config-refused"]),
        (&generic("dns_lookup_family: ALL\n"), "v0.22.0", &[]),
        (&generic("dns_lookup_family: V6_ONLY\n"), "v0.20.0", &[]),
        (&generic("log_level: loud\n"), "v0.22.2", &[]),
        (&generic("log_level: loud\n"), "v0.22.3", &["config-refused"]),
    ] {
        let said = say(&[("config.yaml", text)], &["--pomerium-version", version]);
        assert_eq!(said.rules(), rules, "{version}: {text}");
    }
    assert_eq!(
        say(&[("config.yaml", &jwt)], &["--pomerium-version", "v0.33.1"]).severity("value-of-wrong-type"),
        "error"
    );
    // Whoever names no release may run the one that takes it.
    assert_eq!(say(&[("config.yaml", &jwt)], &[]).severity("value-of-wrong-type"), "warning");
}

#[test]
fn a_release_that_is_newer_than_what_is_known_is_told_and_alarms_at_most_warn() {
    let text = in_route("bearer_token_format: opaque").replace("routes:", "another_option: 1\nroutes:");
    let said = say(&[("config.yaml", &text)], &["--pomerium-version", "v0.99.0"]);
    assert_eq!((said.code, said.rules()), (0, vec!["unknown-key", "value-of-wrong-type"]));
    assert_eq!(said.report["reports"][0]["config"]["newer_than_known"], true);
    assert_eq!(say(&[("config.yaml", &text)], &[]).code, 1);
    for form in ["human", "concise"] {
        let ran = run(&[("config.yaml", &healthy())], &["--pomerium-version", "v0.99.0", "--format", form]);
        assert!(ran.stdout.contains("v0.99.0 is newer than"), "{form}: {}", ran.stdout);
    }
}

#[test]
fn annotations_have_releases_like_options() {
    let ingress = |annotation: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\n  annotations:\n    ingress.pomerium.io/{annotation}\n    \
             ingress.pomerium.io/allow_any_authenticated_user: \"true\"\nspec:\n  ingressClassName: pomerium\n  rules: [{{host: a.corp.example.com, \
             http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: a, port: {{number: 80}}}}}}}}]}}}}]\n"
        )
    };
    for (annotation, version, severity) in [
        ("mcp_server: \"true\"", "v0.28.0", Some("error")),
        ("mcp_server: \"true\"", "v0.30.0", None),
        ("lb_policy: ROUND_ROBIN", "v0.31.0", None),
        ("lb_policy: ROUND_ROBIN", "v0.32.0", Some("error")),
        ("h2c_upstream: \"true\"", "v0.33.1", Some("error")),
        ("h2c_upstream: \"true\"", "v0.34.0", None),
        ("bearer_token_format: jwt", "v0.34.0", None),
        ("no_such_thing: \"true\"", "v0.33.1", Some("error")),
        ("no_such_thing: \"true\"", "v0.99.0", Some("warning")),
    ] {
        let said = say(&[("ingress.yaml", &ingress(annotation))], &["--pomerium-version", version]);
        let found = said.findings().into_iter().find(|(rule, _)| *rule == "crd-field-rejected");
        assert_eq!(found.map(|(_, finding)| finding["severity"].as_str().unwrap()), severity, "{annotation} {version}");
    }
}

/// A service of its own, with the secrets that all share.
fn service(lines: &str) -> String {
    format!(
        "authenticate_service_url: https://authenticate.corp.example.com\nshared_secret: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=\n\
         cookie_secret: 3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=\n{lines}"
    )
}

const PROXY: &str = "services: proxy\nauthorize_service_url: https://authorize:5443\ndatabroker_service_url: https://databroker:5443\n\
     routes:\n  - from: https://app.corp.example.com\n    to: http://app.internal:8080\n    allow_any_authenticated_user: true\n";

#[test]
fn each_service_is_judged_by_what_it_does() {
    let fronting = "  - from: https://authenticate.corp.example.com\n    to: https://pomerium-authenticate\n    allow_public_unauthenticated_access: true\n";
    let provider = "idp_client_secret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n";
    for (text, rules) in [
        (service(&format!("{PROXY}{fronting}")), &[][..]),
        (service(&format!("{provider}{PROXY}")), &[]),
        (service(&format!("{provider}{}", PROXY.replace("services: proxy", "services: authorize"))), &[]),
        (service(&format!("{provider}{}", PROXY.replace("services: proxy", "services: all"))), &["provider-missing"]),
        (service(&format!("idp_provider: cognito\n{PROXY}")), &[]),
        (healthy() + fronting, &["authenticate-host-is-a-route"]),
    ] {
        assert_eq!(say(&[("config.yaml", &text)], &[]).rules(), rules, "{text}");
    }
}

#[test]
fn what_services_disagree_about_is_told_once() {
    let authenticate = |id: &str| {
        healthy().split("routes:").next().unwrap().replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", id)
            + "services: authenticate\n"
    };
    let proxy = service(&format!("idp_provider: cognito\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n{PROXY}"));
    let files = |a: &str, b: &str| say(&[("a.yaml", a), ("b.yaml", b)], &[]);
    let of = |said: &Said| said.findings().iter().filter(|(rule, _)| *rule == "services-disagree").count();
    let ids = files(&authenticate("5rl3w0t8n2o4c6d9e1g7h8i3v2"), &proxy);
    assert_eq!((ids.code, of(&ids), ids.severity("services-disagree")), (0, 1, "warning"));
    let urls = files(&authenticate("4qk2v9s7m1n3b5c8d0f6g7h2u1"), &proxy.replace("//authenticate.", "//auth."));
    assert_eq!((urls.code, of(&urls), urls.severity("services-disagree")), (1, 1, "error"));
    let same = files(&authenticate("4qk2v9s7m1n3b5c8d0f6g7h2u1"), &proxy);
    assert_eq!(of(&same), 0);
    // The same reference is the same value; of another, nobody knows from here.
    let secret = "shared_secret: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=";
    assert!(proxy.contains(secret), "{proxy}");
    let judged = |ours: &str, theirs: &str| {
        let ours = authenticate("4qk2v9s7m1n3b5c8d0f6g7h2u1").replace(secret, &format!("shared_secret: {ours}"));
        let said = files(&ours, &proxy.replace(secret, &format!("shared_secret: {theirs}")));
        (of(&said), said.undecided().contains(&"services-disagree"))
    };
    let literal = "yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=";
    assert_eq!(judged("${SHARED}", "${SHARED}"), (0, false));
    assert_eq!(judged("${SHARED}", literal), (0, true));
    assert_eq!(judged("${SHARED}", "${OTHER}"), (0, true));
}

#[test]
fn with_the_hosted_service_no_provider_is_missing() {
    let said = say(
        &[("half.env", "COOKIE_SECRET=3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8=\nIDP_CLIENT_SECRET=abc\n")],
        &[],
    );
    assert!(
        said.rules().contains(&"authenticate-url-missing") && !said.rules().contains(&"provider-missing"),
        "{:?}",
        said.rules()
    );
}

#[test]
fn an_edit_of_the_issuer_is_an_issuer_or_there_is_none() {
    let whole = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    for (written, edit) in [
        ("eu-west-1_9xK2mPq7R", Some(whole)),
        ("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_9xK2mPq7R", Some(whole)),
        ("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", Some(whole)),
        ("http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", Some(whole)),
        ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/oauth2/token", Some(whole)),
        ("“https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R”", Some(whole)),
        ("cognito-idp.us-east-1.amazonaws.com", None),
        ("acme.auth.eu-west-1.amazoncognito.com", None),
        ("https://acme.auth.eu-west-1.amazoncognito.com", None),
        ("https://authenticate.corp.example.com/oauth2/callback", None),
        ("acme", None),
    ] {
        let text = replaced(whole, written);
        let said = say(&[("config.yaml", &text)], &[]);
        let findings = said.findings();
        let edits: Vec<&str> =
            findings.iter().filter_map(|(_, finding)| finding["fix"]["edit"]["text"].as_str()).collect();
        assert_eq!(edits, edit.into_iter().collect::<Vec<_>>(), "{written}: {findings:?}");
        assert_eq!(said.rules().len(), 1, "one mistake is one finding: {written}: {findings:?}");
        let lines = findings[0].1["fix"]["lines"].to_string() + &findings[0].1["fix"]["description"].to_string();
        assert!(lines.contains("https://cognito-idp."), "{written}: {lines}");
    }
}

#[test]
fn a_cure_belongs_to_the_release() {
    let oidc = replaced("idp_provider: cognito", "idp_provider: oidc");
    let cure = |version: &str| run(&[("config.yaml", &oidc)], &["--pomerium-version", version]).stdout;
    assert!(!cure("v0.22.2").contains("idp_provider: cognito") && cure("v0.22.2").contains("v0.23.0"));
    assert!(cure("v0.23.0").contains("idp_provider: cognito"));
}

#[test]
fn slips_of_the_pen_have_words_of_their_own() {
    for (text, rule, says, edit) in [
        (
            replaced("to: http://app.internal:8080", "to: grafana:3000"),
            "value-of-wrong-type",
            "to: http://grafana:3000",
            None,
        ),
        (replaced("to: http://app.internal:8080", "to: grafana"), "value-of-wrong-type", "to: http://grafana", None),
        (
            replaced("from: https://app", "from: app"),
            "config-refused",
            "from: https://app.corp.example.com",
            Some("https://app.corp.example.com"),
        ),
        (
            replaced("from: https://app.corp.example.com", "from: “https://app.corp.example.com”"),
            "config-refused",
            "straight quotes",
            Some("https://app.corp.example.com"),
        ),
        (with("cookie_expire: “14h”\n"), "value-of-wrong-type", "straight quotes", None),
        (with("idp_scopes: “openid,email,profile”\n"), "scope-unsupported", "curly quote", None),
        (
            replaced("4qk2v9s7m1n3b5c8d0f6g7h2u1", "“4qk2v9s7m1n3b5c8d0f6g7h2u1”"),
            "client-id-malformed",
            "curly quotes",
            None,
        ),
        (
            replaced("https://authenticate.corp.example.com", "“https://authenticate.corp.example.com”"),
            "authenticate-url-malformed",
            "straight quotes",
            Some("https://authenticate.corp.example.com"),
        ),
    ] {
        let said = say(&[("config.yaml", &text)], &[]);
        assert_eq!(said.rules(), [rule], "{text}");
        let findings = said.findings();
        let finding = findings[0].1;
        assert!(finding.to_string().contains(says), "{finding}");
        assert_eq!(finding["fix"]["edit"]["text"].as_str(), edit, "{finding}");
    }
}

#[test]
fn an_entry_of_the_environment_without_a_name_is_pointed_at() {
    let compose = |entry: &str| {
        format!(
            "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      - {entry}\n    volumes:\n      - ./config.yaml:/pomerium/config.yaml:ro\n"
        )
    };
    let secret = "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc2KDD8";
    for (entry, severity) in [
        (format!("{secret}="), Some("warning")),
        ("IDP_PROVIDER cognito".to_owned(), Some("error")),
        ("TZ".to_owned(), None),
    ] {
        let text = compose(&entry);
        let files = [("compose.yaml", text.as_str()), ("config.yaml", &healthy())];
        let said = say(&files, &[]);
        let found = said.findings().into_iter().find(|(rule, _)| *rule == "wrong-environment-name");
        assert_eq!(found.map(|(_, finding)| finding["severity"].as_str().unwrap()), severity, "{entry}");
        if let Some((_, finding)) = found {
            assert!(
                finding["file"].as_str().unwrap().ends_with("compose.yaml") && finding["start"]["line"] == 5,
                "{finding}"
            );
        }
        assert!(!run(&files, &["-v"]).stdout.contains(secret));
    }
}

#[test]
fn an_option_that_is_gone_is_named_in_the_environment_too() {
    let compose = |version: &str| {
        format!(
            "services:\n  pomerium:\n    image: pomerium/pomerium:{version}\n    environment:\n      FORWARD_AUTH_URL: https://fwd.corp.example.com\n    \
             volumes:\n      - ./config.yaml:/pomerium/config.yaml:ro\n"
        )
    };
    let rules = |version: &str| {
        let said = say(&[("compose.yaml", &compose(version)), ("config.yaml", &healthy())], &[]);
        said.rules().contains(&"removed-key-ignored")
    };
    assert!(rules("v0.33.1") && !rules("v0.20.1"));
}

#[test]
fn an_ignore_of_an_unknown_key_covers_one_at_the_wrong_level() {
    let text = with("allow_websockets: true # pomlint: ignore[unknown-key] reason: it does no harm\n");
    let said = say(&[("config.yaml", &text)], &["--fail-on", "warning"]);
    assert_eq!(said.code, 0, "{:?}", said.findings());
}

#[test]
fn a_routes_client_is_half_set_at_different_costs() {
    let id = in_route("idp_client_id: 7h2u14qk2v9s7m1n3b5c8d0f6g");
    let same = in_route("idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1");
    let alone = id.replacen("idp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n", "", 1);
    assert_eq!(say(&[("config.yaml", &id)], &[]).severity("route-client-half-set"), "error");
    assert_eq!(say(&[("config.yaml", &alone)], &[]).severity("route-client-half-set"), "warning");
    assert!(say(&[("config.yaml", &same)], &[]).rules().is_empty());
}

#[test]
fn where_a_misplaced_option_belongs_is_told_in_the_words_of_the_file() {
    let toml = "idp_provider = \"cognito\"\nprefix = \"/x\"\n[[routes]]\nfrom = \"https://a.corp.example.com\"\nto = \"http://a:80\"\nidp_scopes = [\"openid\"]\n";
    let json = r#"{"idp_provider": "cognito", "routes": [{"from": "https://a.corp.example.com", "to": "http://a:80", "idp_scopes": ["openid"]}]}"#;
    let only = ["--only", "option-misplaced"];
    for (name, text, fix) in [
        ("c.toml", toml, "move it above the first `[[routes]]`"),
        ("c.toml", toml, "move it below each `[[routes]]`"),
        ("c.json", json, "move it into the outermost object, beside `routes`"),
    ] {
        let said = say(&[(name, text)], &only);
        let findings = said.findings();
        assert!(findings.iter().any(|(_, finding)| finding.to_string().contains(fix)), "{fix}: {findings:?}");
        let lines: Vec<_> = findings.iter().map(|(_, finding)| finding["start"]["line"].as_u64()).collect();
        assert!(lines.is_sorted(), "{lines:?}");
    }
}
