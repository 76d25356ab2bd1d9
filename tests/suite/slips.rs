//! The whole binary on one mistake each: it is told once, by its own name, and the same whichever way the file was named.

use crate::elsewhere::{check, offline};

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

fn resource(provider: &str, annotation: &str) -> String {
    format!(
        "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{ name: global }}\nspec:\n  secrets: pomerium/bootstrap\n  authenticate: {{ url: https://authenticate.corp.example.com }}\n  identityProvider:\n    provider: cognito\n    secret: pomerium/idp\n    {provider}\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app\n  annotations:\n    ingress.pomerium.io/{annotation}: 'true'\nspec:\n  ingressClassName: pomerium\n  rules: [{{ host: app.corp.example.com, http: {{ paths: [{{ path: /, pathType: Prefix, backend: {{ service: {{ name: app, port: {{ number: 80 }} }} }} }}] }} }}]\n"
    )
}

#[test]
fn one_mistake_is_one_finding() {
    let right = "allow_any_authenticated_user";
    let template = "idp_provider: {{ .Values.x }}\nauthenticate_service_url: {{ .Values.y }}\n".to_owned();
    for (text, rule) in [
        (template, "config-syntax-error"),
        (resource(&format!("issuer: {ISSUER}"), right), "crd-field-rejected"),
        (resource(&format!("URL: {ISSUER}"), right), "crd-field-rejected"),
        (resource(&format!("url: {ISSUER}"), "allow_any_authenticated_users"), "crd-field-rejected"),
        (resource(&format!("url: {ISSUER}"), "polcy"), "crd-field-rejected"),
        (
            resource(&format!("url: {ISSUER}"), right).replace("identityProvider", "identityprovider"),
            "crd-field-rejected",
        ),
        (resource(&format!("url: {ISSUER}"), right).replace("authenticate:", "authentication:"), "crd-field-rejected"),
    ] {
        let checked = check(&[("pomerium.yaml", text.clone())], &["--offline", "pomerium.yaml"]);
        assert_eq!(checked.failing(), (1, vec![rule]), "{text}{}", checked.screen);
    }
    let hosted = format!(
        "authenticate_service_url: https://authenticate.corp.example.com\nidp_provider: hosted\nidp_provider_url: {ISSUER}\n"
    );
    let args =
        ["--offline", "--pomerium-version", "v0.31.0", "--only", "provider-unknown,scope-unsupported", "pomerium.yaml"];
    assert_eq!(check(&[("pomerium.yaml", hosted)], &args).failing(), (1, vec!["provider-unknown"]));
}

#[test]
fn a_service_that_compose_refuses_is_given_nobody_knows_what() {
    let compose =
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    enviroment:\n      IDP_PROVIDER: cognito\n";
    let checked = check(&[("compose.yaml", compose.to_owned())], &["--offline", "compose.yaml"]);
    assert_eq!(checked.code, 3, "{}", checked.screen);
    assert!(
        checked.screen.contains("form-field-unknown") && checked.screen.contains("`enviroment`"),
        "{}",
        checked.screen
    );
}

#[test]
fn a_broken_environment_file_is_a_finding_in_a_folder_too() {
    let good = format!(
        "authenticate_service_url: https://authenticate.corp.example.com\nidp_provider: cognito\nidp_provider_url: {ISSUER}\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n"
    );
    for broken in ["IDP_PROVIDER cognito\n", "IDP_PROVIDER cognito\nIDP_CLIENT_ID=4qk2v9s7m1n3b5c8d0f6g7h2u1\n"] {
        let files = [("config.yaml", good.clone()), ("p.env", broken.to_owned())];
        for place in [".", "p.env"] {
            let checked = check(&files, &["--offline", "--only", "config-syntax-error", place]);
            assert_eq!(checked.failing(), (1, vec!["config-syntax-error"]), "{place}: {}", checked.screen);
        }
    }
    // A word that is no assignment says nothing, where it is nobody's option.
    let words = [("config.yaml", good), ("notes.env", "remember the milk\n".to_owned())];
    assert!(offline(&words).rules("fail").iter().all(|rule| *rule != "config-syntax-error"));
}

#[test]
fn a_file_with_options_of_everybodys_is_not_said_to_have_none() {
    for (name, text, says) in [
        ("x.toml", "log_level = \"debug\"\n", "other programs have the same options"),
        ("x.env", "LOG_LEVEL=debug\n", "other programs have the same options"),
        ("x.toml", "colour = \"red\"\n", "none of its keys is an option of Pomerium"),
    ] {
        let checked = check(&[(name, text.to_owned())], &["--offline", name]);
        assert!(checked.code == 3 && checked.screen.contains(says), "{name}: {}", checked.screen);
    }
}

#[test]
fn what_is_not_written_has_a_name() {
    let compose =
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n      AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL:\n      IDP_CLIENT_ID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n      IDP_CLIENT_SECRET:\n".to_owned();
    let values = format!(
        "image: {{ tag: v0.33.0 }}\nrootDomain: corp.example.com\nconfig: {{ sharedSecret: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o= }}\nauthenticate:\n  idp:\n    provider: cognito\n    url: {ISSUER}\n    clientID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n    clientSecret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n"
    );
    for (name, text, says) in [
        ("compose.yaml", compose, "the value of `IDP_PROVIDER_URL` is not known here"),
        ("values.yaml", values, "the value of `config.rootDomain` is not known here"),
    ] {
        let screen = check(&[(name, text)], &["--offline", name]).screen;
        assert!(screen.contains(says) && !screen.contains("``"), "{screen}");
    }
}

#[test]
fn a_slip_of_the_form_is_told_once_and_in_its_own_words() {
    let healthy = crate::support::healthy();
    let (head, _) = healthy.split_once("routes:").unwrap();
    let with = |rest: &str| format!("{head}{rest}\n");
    let route = "from: https://app.corp.example.com\n    to: http://a\n    allowed_domains: [corp.example.com]";
    let scopes = |scopes: &str| healthy.replace("idp_client_id:", &format!("idp_scopes: {scopes}\nidp_client_id:"));
    for (text, rule, words) in [
        (
            with(&format!("routes:\n  app:\n    {route}")),
            "config-refused",
            "cannot be empty`: routes are a list and have no names, so that `app` is taken for a key of one fix take the name away, and begin the route with a dash: - from: https://app.corp.example.com",
        ),
        (
            with("policy:\n  - from: https://app.corp.example.com\n    to: http://a\n    allowed_groups: [x]"),
            "groups-criterion-never-matches",
            "cognito:groups",
        ),
        (scopes("openid+email+profile"), "scope-unsupported", "[openid, email, profile]"),
        (scopes("openid;email;profile"), "scope-unsupported", "[openid, email, profile]"),
        (
            format!("{healthy}certificates: [{{ cert: /a.pem }}]\n"),
            "config-refused",
            "open : no such file or directory` fix name both files: a certificate needs its key, and a key its certificate",
        ),
        (
            format!("{healthy}certificate_key_file: /a.key\n"),
            "config-refused",
            "open : no such file or directory` fix name both files: a certificate needs its key, and a key its certificate",
        ),
    ] {
        let checked = check(&[("pomerium.yaml", text.clone())], &["--offline", "pomerium.yaml"]);
        assert_eq!(checked.failing(), (1, vec![rule]), "{text}{}", checked.screen);
        assert!(checked.screen.replace(" | ", " ").contains(words), "{}", checked.screen);
    }
    let whole = format!("{healthy}certificate_file: /a.pem\ncertificate_key_file: /a.key\n");
    let checked = check(&[("pomerium.yaml", whole)], &["--offline", "pomerium.yaml"]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
}
