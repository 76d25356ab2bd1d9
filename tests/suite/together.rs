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
        // Compose says all of what it mounts.
        (file, String::new(), 3),
        (file, "secrets:\n  idp: { file: ./idp.txt }\n".to_owned(), 3),
        ("IDP_CLIENT_SECRET_FILE: /run/secret/idp", format!("{granted} {{ external: true }}\n"), 3),
        ("IDP_CLIENT_SECRET_FILE: /vault/secrets/idp", String::new(), 3),
        ("IDP_CLIENT_SECRET:", String::new(), 0),
        // Pomerium is given these as they stand here, and expands nothing.
        ("IDP_CLIENT_SECRET: $${IDP_CLIENT_SECRET}", String::new(), 3),
        ("IDP_CLIENT_SECRET: $(IDP_CLIENT_SECRET)", String::new(), 3),
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
fn a_reference_is_filled_in_only_where_compose_expands_it() {
    let without = PROVIDER.split("      IDP_CLIENT_SECRET").next().unwrap();
    let routes = routes("\"allowed_domains\": [\"corp.example.com\"]");
    let compose = |rest: &str| format!("services:\n{}{rest}", service("all", &format!("{without}{routes}")));
    let given = "      IDP_CLIENT_SECRET: ${IDP}\n";
    let mounted = "    volumes: ['./config.yaml:/pomerium/config.yaml']\n";
    for (rest, name, text, code) in [
        (given, ".env", "IDP=${OTHER}\n", 0),
        (given, ".env", "IDP=$${OTHER}\n", 3),
        ("    env_file: [p.env]\n", "p.env", "IDP_CLIENT_SECRET=${IDP}\n", 0),
        ("    env_file: [p.env]\n", "p.env", "IDP_CLIENT_SECRET=\"\\${IDP}\"\n", 3),
        ("    env_file: [{ path: p.env, format: raw }]\n", "p.env", "IDP_CLIENT_SECRET=${IDP}\n", 3),
        (mounted, "config.yaml", "idp_client_secret: ${IDP}\n", 3),
    ] {
        let files = [("compose.yaml", compose(rest)), (name, text.to_owned())];
        let (found, _, screen) = failing(&files, &["compose.yaml"]);
        assert_eq!(found, code, "{rest} {text}: {screen}");
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
    // Where nothing puts it there, nobody holds it.
    let elsewhere = |path: &str, volumes: &str, annotations: &str| {
        let metadata = format!("  template:\n    metadata: {{ annotations: {{ {annotations} }} }}\n    spec:\n");
        let pod = pod("", volumes).replace("/vault/secrets/idp", path);
        pod.replace("  template:\n    spec:\n", &metadata)
    };
    let secret = ", { name: s, secret: { secretName: s } }";
    let injected = "vault.hashicorp.com/agent-inject: 'true'";
    for (path, volumes, annotations, code) in [
        ("/etc/idp/secret", "", "", 3),
        ("/etc/idp/secret", secret, "", 3),
        ("/etc/idp/secret", ", { name: s, emptyDir: {} }", "a: b", 3),
        ("/etc/idp/secret", "", injected, 0),
        ("/etc/idp/secret", "", "vault.hashicorp.com/agent-inject: 'false'", 3),
        // Of the folder of a ConfigMap, all is known.
        ("/etc/pomerium/secret", "", injected, 3),
        ("/vaults/idp", "", "", 3),
    ] {
        let (found, _, screen) = failing(&[("pod.yaml", elsewhere(path, volumes, annotations))], &["pod.yaml"]);
        assert_eq!(found, code, "{path} {volumes} {annotations}: {screen}");
    }
    let variable = |variable: &str| {
        let pod = pod("", "").replace("    idp_client_secret_file: /vault/secrets/idp\n", "");
        let env = format!("          env: [{{ name: IDP_CLIENT_SECRET, {variable} }}]\n          args:");
        pod.replace("          args:", &env)
    };
    for (value, code) in [
        ("value: '${IDP_CLIENT_SECRET}'", 0),
        ("valueFrom: { secretKeyRef: { name: s, key: k } }", 0),
        // Flux makes one dollar sign of two, and the kubelet leaves what it does not know.
        ("value: '$${IDP_CLIENT_SECRET}'", 3),
        ("value: '$(IDP_SECRT)'", 3),
        ("valueFrom: { fieldRef: { fieldPath: metadata.name } }", 3),
    ] {
        let (found, _, screen) = failing(&[("pod.yaml", variable(value))], &["pod.yaml"]);
        assert_eq!(found, code, "{value}: {screen}");
    }
}

fn values(issuer: &str, further: &str) -> String {
    format!(
        "image: {{ tag: v0.33.1 }}\nauthenticate:\n  idp:\n    provider: cognito\n    url: {issuer}\n    \
         clientID: 4qk2v9s7m1n3b5c8d0f6g7h2u1\n    clientSecret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n\
         config:\n  rootDomain: corp.example.com\n{further}"
    )
}

#[test]
fn values_in_a_folder_are_laid_over_one_another_as_their_order_is_written() {
    let over = |issuer: &str| format!("authenticate: {{ idp: {{ url: '{issuer}' }} }}\n");
    let slash = format!("{ISSUER}/");
    let helmfile =
        |files: &str| format!("releases: [{{ name: pomerium, chart: pomerium/pomerium, values: [{files}] }}]\n");
    let argo = |files: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{ name: p }}\nspec:\n  source: {{ chart: pomerium, \
             targetRevision: 34.0.1, helm: {{ valueFiles: [{files}] }} }}\n"
        )
    };
    let kustomization =
        "helmCharts: [{ name: pomerium, releaseName: p, valuesFile: base.yaml, additionalValuesFiles: [prod.yaml] }]\n";
    for (what, files, expected) in [
        ("healthy", vec![("values.yaml", values(ISSUER, "")), ("values-prod.yaml", over(ISSUER))], 0),
        ("by name", vec![("values.yaml", values(ISSUER, "")), ("values-prod.yaml", over(&slash))], 1),
        ("base", vec![("values.yaml", values(&slash, "")), ("values.prod.yaml", over(ISSUER))], 0),
        (
            "helmfile",
            vec![
                ("helmfile.yaml", helmfile("base.yaml, prod.yaml")),
                ("base.yaml", values(&slash, "")),
                ("prod.yaml", over(ISSUER)),
            ],
            0,
        ),
        (
            "the other order",
            vec![
                ("app.yaml", argo("$values/prod.yaml, base.yaml")),
                ("base.yaml", values(&slash, "")),
                ("prod.yaml", over(ISSUER)),
            ],
            1,
        ),
        (
            "argo",
            vec![
                ("app.yaml", argo("base.yaml, prod.yaml")),
                ("base.yaml", values(&slash, "")),
                ("prod.yaml", over(ISSUER)),
            ],
            0,
        ),
        (
            "kustomize",
            vec![
                ("kustomization.yaml", kustomization.to_owned()),
                ("base.yaml", values(ISSUER, "")),
                ("prod.yaml", over(&slash)),
            ],
            1,
        ),
        // Of the values that it is laid over nothing is known.
        ("a part alone", vec![("values-prod.yaml", over(ISSUER))], 3),
        ("a list that names what is not here", vec![("app.yaml", argo("$values/prod.yaml"))], 3),
    ] {
        let (code, rules, screen) = failing(&files, &["."]);
        assert_eq!(code, expected, "{what}: {rules:?} {screen}");
    }
}

#[test]
fn a_release_whose_values_the_cluster_has_is_not_passed_over() {
    let release = |kind: &str, chart: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{ name: p }}\nspec:\n  \
             chart: {{ spec: {{ chart: {chart}, version: 34.0.1 }} }}\n  valuesFrom: [{{ kind: {kind}, name: v }}]\n"
        )
    };
    let (code, _, screen) = failing(&[("p.yaml", release("ConfigMap", "pomerium"))], &["."]);
    assert_eq!(code, 3, "{screen}");
    assert!(screen.contains("the values in v"), "{screen}");
    let (code, _, screen) = failing(&[("p.yaml", release("Secret", "pomerium"))], &["."]);
    assert_ne!(code, 2, "{screen}");
    assert!(screen.contains("the Secret v with values"), "{screen}");
    let healthy = ("values.yaml", values(ISSUER, ""));
    let (code, _, screen) = failing(&[("p.yaml", release("ConfigMap", "grafana")), healthy], &["."]);
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn what_the_chart_writes_itself_stands_in_extra_options_once_too_often() {
    for (extra, code) in [
        ("  extraOpts: { idp_client_id: other }\n", 1),
        ("  extraOpts: { autocert: true }\n", 1),
        ("  extraOpts: { certificates: [] }\n", 1),
        ("  insecure: true\n  extraOpts: { certificates: [] }\n", 0),
        ("  extraOpts: { routes: [] }\n", 0),
        ("  extraOpts: { log_level: debug }\n", 0),
    ] {
        let (found, rules, screen) = failing(&[("values.yaml", values(ISSUER, extra))], &["values.yaml"]);
        let expected: &[&str] = if code == 1 { &["duplicate-key"] } else { &[] };
        assert_eq!(
            (found, rules.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
            (code, expected),
            "{extra}: {screen}"
        );
    }
    let extra = "  extraOpts: { idp_client_id: other }\n";
    let screen = failing(&[("values.yaml", values(ISSUER, extra))], &["values.yaml"]).2.replace(" | ", " ");
    for sentence in [
        "the chart writes `idp_client_id` too, so that it stands twice: Pomerium refuses the whole file",
        "delete it from `extraOpts`, and set `authenticate.idp.clientID` instead",
    ] {
        assert!(screen.contains(sentence), "{screen}");
    }
}

#[test]
fn a_chart_reads_its_routes_where_it_has_them() {
    let release = |version: &str| {
        let indented: String = values(ISSUER, "  policy: [{ from: https://a.example.com, to: http://a }]\n")
            .lines()
            .map(|line| format!("    {line}\n"))
            .collect();
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{ name: p }}\nspec:\n  \
             chart: {{ spec: {{ chart: pomerium, version: {version} }} }}\n  values:\n{indented}"
        )
    };
    let rules = |version: &str| check(&[("p.yaml", release(version))], &["--offline", "p.yaml"]).screen;
    let (new, old) = (rules("34.0.1"), rules("22.0.0"));
    assert!(new.contains("form-field-unknown") && !new.contains("route-nobody-can-use"), "{new}");
    assert!(!old.contains("form-field-unknown") && old.contains("route-nobody-can-use"), "{old}");
}

#[test]
fn a_compose_file_for_other_surroundings_lies_over_the_one_beside_it() {
    let routes = routes("\"allowed_domains\": [\"corp.example.com\"]");
    let base = format!("services:\n{}", service("all", &format!("{PROVIDER}{routes}")));
    let over = |environment: &str| format!("services:\n  all:\n    environment: {environment}\n");
    let slash = format!("{{ IDP_PROVIDER_URL: {ISSUER}/ }}");
    for (name, environment, code, rules) in [
        ("compose.prod.yaml", slash.as_str(), 1, &["issuer-has-trailing-slash"][..]),
        ("compose.prod.yaml", "{ LOG_LEVEL: debug }", 0, &[]),
        ("compose.override.yaml", slash.as_str(), 1, &["issuer-has-trailing-slash"]),
        // Nothing is left of what stands below.
        (
            "compose.override.yaml",
            "!override { IDP_PROVIDER: cognito }",
            1,
            &[
                "authenticate-url-missing",
                "secret-not-fixed",
                "issuer-missing",
                "client-id-missing",
                "client-secret-missing",
            ],
        ),
        ("compose.override.yaml", "{ IDP_CLIENT_ID: !reset null }", 1, &["client-id-missing"]),
        ("compose.override.yaml", "{ IDP_CLIENT_ID: !override 4qk2v9s7m1n3b5c8d0f6g7h2u1 }", 0, &[]),
    ] {
        let (found, failed, screen) = failing(&[("compose.yaml", base.clone()), (name, over(environment))], &["."]);
        assert_eq!(
            (found, failed.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
            (code, rules),
            "{environment}: {screen}"
        );
    }
}

#[test]
fn the_secret_of_a_resource_is_no_environment() {
    let open = "allow_any_authenticated_user: 'true'";
    let bootstrap = "---\napiVersion: v1\nkind: Secret\nmetadata: { name: bootstrap, namespace: pomerium }\ndata: { SHARED_SECRET: \
                     yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o=, COOKIE_SECRET: yIDIh0mUWpJtSfPMBlGd9vNVZVzRHuyuY4W2uK3yJ3o= }\n";
    let text = ingress(open, "", "type: Opaque") + bootstrap;
    let checked = check(&[("p.yaml", text)], &["--offline", "p.yaml"]);
    assert_eq!(checked.failing(), (1, vec!["crd-field-rejected"]), "{}", checked.screen);
    assert_eq!(checked.report["reports"].as_array().unwrap().len(), 1, "{}", checked.screen);
}

/// A healthy Pomerium, with one route and what its Ingress names.
fn ingress(annotation: &str, spec: &str, secret: &str) -> String {
    format!(
        "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {{ name: global }}\nspec:\n  secrets: pomerium/bootstrap\n  \
         authenticate: {{ url: https://authenticate.corp.example.com }}\n  identityProvider: {{ provider: cognito, url: {ISSUER}, \
         secret: pomerium/idp }}\n{spec}---\napiVersion: v1\nkind: Secret\nmetadata: {{ name: idp, namespace: pomerium }}\n\
         stringData: {{ client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1, client_secret: 1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u }}\n\
         ---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app\n  namespace: pomerium\n  annotations:\n    \
         ingress.pomerium.io/{annotation}\nspec:\n  ingressClassName: pomerium\n  rules: [{{ host: app.corp.example.com, http: {{ paths: \
         [{{ path: /, pathType: Prefix, backend: {{ service: {{ name: app, port: {{ number: 80 }} }} }} }}] }} }}]\n---\n\
         apiVersion: v1\nkind: Secret\nmetadata: {{ name: x, namespace: pomerium }}\n{secret}\n"
    )
}

#[test]
fn a_secret_that_the_controller_cannot_take_is_told() {
    let open = "allow_any_authenticated_user: 'true'";
    let and = |secret: &str| format!("{open}\n    ingress.pomerium.io/{secret}");
    let opaque = "type: Opaque\nstringData: { a: b }";
    let client = "stringData: { client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1 }";
    let tls = "type: kubernetes.io/tls\nstringData: { tls.crt: a, tls.key: b }";
    for (annotation, spec, secret, is_told) in [
        (and("identity_provider_secret: pomerium/x"), "", client, true),
        (and("identity_provider_secret: x"), "", client, false),
        (and("identity_provider_secret: x"), "", "type: kubernetes.io/basic-auth\nstringData: { a: b }", true),
        (and("kubernetes_service_account_token_secret: x"), "", opaque, true),
        (and("set_request_headers_secret: x"), "", tls, true),
        (and("set_request_headers_secret: x"), "", opaque, false),
        (and("tls_custom_ca_secret: x"), "", opaque, true),
        (and("tls_custom_ca_secret: x"), "", "stringData: { ca.crt: a }", false),
        (and("mcp_server_upstream_oauth2_secret: x"), "", opaque, true),
        (and("mcp_server_upstream_oauth2_secret: x"), "", client, false),
        (open.to_owned(), "  certificates: [pomerium/x]\n", opaque, true),
        (open.to_owned(), "  certificates: [pomerium/x]\n", tls, false),
        // Somebody fills it.
        (and("tls_custom_ca_secret: x"), "", "type: Opaque", false),
    ] {
        let (code, rules, screen) = failing(&[("p.yaml", ingress(&annotation, spec, secret))], &["p.yaml"]);
        let is_found = rules.iter().any(|rule| rule == "crd-field-rejected");
        assert_eq!((is_found, code == 1), (is_told, is_told), "{annotation} {spec} {secret}: {screen}");
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_not_one_that_is_missing() {
    for annotation in [
        "allow_any_authenticated_user: true",
        "allow_public_unauthenticated_access: true",
        "allowed_domains: [x]",
        "policy: [{ allow: { or: [{ domain: { is: x } }] } }]",
        "policy: \"allow: {or: [\"",
    ] {
        let (code, rules, screen) = failing(&[("p.yaml", ingress(annotation, "", "type: Opaque"))], &["p.yaml"]);
        assert_eq!((code, rules), (1, vec!["crd-field-rejected".to_owned()]), "{annotation}: {screen}");
    }
    let policy = "policy: |\n      allow: { or: [{ nonsense: { is: x } }] }";
    let (code, rules, screen) = failing(&[("p.yaml", ingress(policy, "", "type: Opaque"))], &["p.yaml"]);
    assert_eq!((code, rules), (1, vec!["policy-does-not-compile".to_owned()]), "{screen}");
    for sentence in [
        "The ingress controller does not understand a policy, and leaves its resource out",
        "the ingress controller goes on without this resource: `unknown policy criterion: nonsense`",
    ] {
        assert!(screen.replace(" | ", " ").contains(sentence), "{screen}");
    }
    assert!(!screen.contains("does not start"), "{screen}");
}
