//! What Pomerium, its ingress controller and the API server refuse, and what nobody can be equal to: each is told once, where it stands.

use crate::elsewhere::{check, offline, variables};

const RESOURCE: &str = "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: { name: global }\nspec:\n  secrets: pomerium/bootstrap\n  authenticate: { url: https://authenticate.corp.example.com }\n  identityProvider: { provider: cognito, url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R, secret: pomerium/idp }\n";

fn annotated(annotation: &str) -> String {
    format!(
        "{RESOURCE}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app\n  annotations:\n    ingress.pomerium.io/allow_any_authenticated_user: 'true'\n    ingress.pomerium.io/{annotation}\nspec:\n  ingressClassName: pomerium\n  rules: [{{ host: app.corp.example.com, http: {{ paths: [{{ path: /, pathType: Prefix, backend: {{ service: {{ name: app, port: {{ number: 80 }} }} }} }}] }} }}]\n"
    )
}

fn file(lines: &str, route: &str) -> String {
    let options = variables("NAME: VALUE\n", &[]).lines().fold(String::new(), |text, line| {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        text + &format!("{}: {value}\n", name.to_lowercase())
    });
    format!(
        "{options}{lines}routes:\n  - from: https://app.corp.example.com\n    to: http://app.internal:8080\n{route}"
    )
}

fn refuses(name: &str, text: &str, options: &[&str], rule: &str, words: &str) {
    let args: Vec<&str> = ["--offline", name].into_iter().chain(options.iter().copied()).collect();
    let checked = check(&[(name, text.to_owned())], &args);
    assert_eq!(checked.failing(), (1, vec![rule]), "{text}{}", checked.screen);
    let screen =
        checked.screen.replace("\n   |", "").split_whitespace().collect::<Vec<_>>().join(" ").replace("| ", "");
    assert!(screen.contains(words), "{words}: {}", checked.screen);
}

#[test]
fn an_annotation_is_decoded_as_strictly_as_the_controller_does() {
    for (annotation, words) in [
        ("allowed_domains: corp.example.com", "unexpected token \"corp.example.com\""),
        ("allowed_users: a@corp.example.com", "unexpected token"),
        ("remove_request_headers: X-A", "unexpected token"),
        ("depends_on: a.example.com", "unexpected token"),
        ("allow_websockets: '1'", "invalid value for bool field allowWebsockets: 1"),
        ("name: '123'", "invalid value for string field name: 123"),
        ("timeout: '5'", "unexpected token 5"),
        ("timeout: 5x", "invalid google.protobuf.Duration value \"5x\""),
        ("tls_skip_verify: \"'true'\"", "invalid value for bool field tlsSkipVerify: \"true\""),
        ("allowed_idp_claims: '{\"cognito:groups\": \"Admins\"}'", "unexpected token \"Admins\""),
        ("outlier_detection: '5'", "unexpected token 5"),
        ("health_checks: '[{\"timeout\": \"abc\"}]'", "invalid google.protobuf.Duration value \"abc\""),
        ("circuit_breaker_thresholds: '{max_requests: -5}'", "invalid value for uint32 field maxRequests: -5"),
        ("load_balancing_policy: foo", "invalid value for enum field loadBalancingPolicy: \"foo\""),
        ("set_request_headers: x", "unexpected token"),
    ] {
        refuses("m.yaml", &annotated(annotation), &[], "crd-field-rejected", words);
    }
    for annotation in [
        "allowed_domains: '[\"corp.example.com\"]'",
        "allow_websockets: 'true'",
        "name: app",
        "timeout: 1m30s",
        "idle_timeout: ''",
        "allowed_idp_claims: '{\"cognito:groups\": [\"Admins\"]}'",
        "outlier_detection: '{\"consecutive_5xx\": 5, \"interval\": \"10s\"}'",
        "health_checks: '[{\"timeout\": \"5s\", \"http_health_check\": {\"path\": \"/\"}}]'",
        "circuit_breaker_thresholds: '{maxRequests: \"5\"}'",
        "load_balancing_policy: Round_Robin",
        "bearer_token_format: default",
        "set_request_headers: '{X-A: 1, X-B: true}'",
        "rewrite_response_headers: '[{header: Location, prefix: \"http://a/\", value: \"https://a/\"}]'",
    ] {
        let checked = check(&[("m.yaml", annotated(annotation))], &["--offline", "m.yaml"]);
        assert_eq!(checked.failing(), (0, vec![]), "{annotation}{}", checked.screen);
    }
}

#[test]
fn a_secret_in_a_header_is_not_repeated() {
    let secret = "Bearer-c2VjcmV0LXRva2VuLW9mLWEtaGVhZGVy";
    let checked = check(&[("m.yaml", annotated(&format!("set_request_headers: {secret}")))], &["--offline", "m.yaml"]);
    assert!(!checked.screen.contains(secret), "{}", checked.screen);
}

#[test]
fn a_field_of_the_resource_has_the_type_of_its_schema() {
    for (field, path, wanted) in [
        ("passIdentityHeaders: 'true'", "passIdentityHeaders", "of type boolean: \"string\""),
        ("cookie: { httpOnly: 'false' }", "cookie.httpOnly", "of type boolean: \"string\""),
        ("cookie: { expire: 14 }", "cookie.expire", "of type string: \"integer\""),
        ("certificates: a/b", "certificates", "of type array: \"string\""),
        ("timeouts: { read: 5 }", "timeouts.read", "of type string: \"integer\""),
        ("codecType: HTTP2", "codecType", "supported values: \"auto\", \"http1\", \"http2\", \"http3\""),
        ("bearerTokenFormat: foo", "bearerTokenFormat", "supported values: \"default\""),
        ("dns: { queryTries: '3' }", "dns.queryTries", "of type integer: \"string\""),
        ("dns: { lookupFamily: V4_ONLY }", "dns.lookupFamily", "supported values: \"auto\""),
        ("downstreamMtls: { enforcement: foo }", "downstreamMtls.enforcement", "supported values:"),
        ("runtimeFlags: { mcp: 'true' }", "runtimeFlags.mcp", "of type boolean: \"string\""),
        ("setResponseHeaders: { X-A: 1 }", "setResponseHeaders.X-A", "of type string: \"integer\""),
        ("jwtClaimHeaders: email", "jwtClaimHeaders", "of type object: \"string\""),
        ("useProxyProtocol: 1", "useProxyProtocol", "of type boolean: \"integer\""),
        ("programmaticRedirectDomains: a.com", "programmaticRedirectDomains", "of type array: \"string\""),
        ("circuitBreakerThresholds: { maxRequests: '5' }", "circuitBreakerThresholds.maxRequests", "of type integer"),
        ("storage: { postgres: a/b }", "storage.postgres", "of type object: \"string\""),
        ("idpAccessTokenAllowedAudiences: [5]", "idpAccessTokenAllowedAudiences[0]", "of type string: \"integer\""),
    ] {
        let text = format!("{RESOURCE}  {field}\n");
        refuses("m.yaml", &text, &[], "crd-field-rejected", wanted);
        refuses("m.yaml", &text, &[], "crd-field-rejected", &format!("spec.{path}: "));
    }
    for (from, to) in [
        ("provider: cognito", "provider: 5"),
        ("secret: pomerium/idp", "secret: pomerium/idp, requestParams: prompt=login"),
        ("url: https://authenticate", "url: authenticate"),
        ("url: https://authenticate", "url: ' https://authenticate"),
    ] {
        let text = RESOURCE
            .replace(from, to)
            .replace("' https://authenticate.corp.example.com", "' https://authenticate.corp.example.com'");
        refuses("m.yaml", &text, &[], "crd-field-rejected", "spec.");
    }
    let right = "  cookie: { httpOnly: false, expire: 14h, sameSite: lax }\n  timeouts: { read: 30s }\n  codecType: http2\n  runtimeFlags: { mcp: true }\n  dns: { queryTries: 3 }\n  useProxyProtocol: true\n";
    let checked = check(&[("m.yaml", format!("{RESOURCE}{right}"))], &["--offline", "m.yaml"]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
    // Who fills it in may write a flag.
    let checked = check(&[("m.yaml", format!("{RESOURCE}  useProxyProtocol: ${{PROXY}}\n"))], &["--offline", "m.yaml"]);
    assert_eq!(checked.rules("fail"), Vec::<&str>::new(), "{}", checked.screen);
}

#[test]
fn what_pomerium_decodes_by_protobuf_json_or_base64_is_judged() {
    let any = "    allow_any_authenticated_user: true\n";
    for (lines, route, words) in [
        ("", "    health_checks: [{ timeout: abc }]\n", "invalid google.protobuf.Duration value \"abc\""),
        ("", "    health_checks: true\n", "unexpected token true"),
        ("", "    outlier_detection: 5\n", "unexpected token 5"),
        (
            "",
            "    circuit_breaker_thresholds: { max_requests: -5 }\n",
            "cannot unmarshal number -5 into Go value of type uint64",
        ),
        ("dns_query_tries: -1\n", "", "cannot unmarshal number -1 into Go value of type uint64"),
        ("dns_udp_max_queries: 5000000000\n", "", "json: 5000000000 overflows max uint32 value"),
    ] {
        refuses("c.yaml", &file(lines, &format!("{any}{route}")), &[], "value-of-wrong-type", words);
    }
    for (lines, words) in [
        (
            "downstream_mtls: { match_subject_alt_names: [{ dns: '*.example.com' }] }\n",
            "missing argument to repetition operator: `*`",
        ),
        ("autocert_eab_key_id: x\nautocert_eab_mac_key: a+b/\n", "illegal base64 data at input byte 1"),
    ] {
        refuses("c.yaml", &file(lines, any), &[], "config-refused", words);
    }
    let before = ["--pomerium-version", "v0.31.0"];
    for route in ["    load_balancing_policy: round_robin\n", "    health_checks: true\n"] {
        refuses("c.yaml", &file("", &format!("{any}{route}")), &before, "value-of-wrong-type", "unexpected token");
    }
    let right = "    health_checks: [{ timeout: 5s, unhealthy_threshold: 3, tcp_health_check: {} }]\n    outlier_detection: { interval: 10s, unknown_to_us: 1 }\n";
    let mtls = "downstream_mtls: { match_subject_alt_names: [{ dns: '.*\\.example\\.com' }] }\nautocert_eab_key_id: x\nautocert_eab_mac_key: a-b_\n";
    for options in [&[][..], &before] {
        let args: Vec<&str> = ["--offline", "c.yaml"].into_iter().chain(options.iter().copied()).collect();
        let checked = check(&[("c.yaml", file(mtls, &format!("{any}{right}")))], &args);
        assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
    }
}

#[test]
fn a_criterion_that_nothing_is_equal_to_is_told() {
    let policy = |criterion: &str| format!("    policy: [{{ allow: {{ or: [{{ {criterion} }}] }} }}]\n");
    for (criterion, rule) in [
        ("domain: { is: [corp.example.com, other.example.com] }", "user-or-domain-never-matches"),
        ("domain: [corp.example.com]", "user-or-domain-never-matches"),
        ("email: { has: [a] }", "policy-does-not-compile"),
        ("email: { is: '' }", "user-or-domain-never-matches"),
        ("email: { is: null }", "user-or-domain-never-matches"),
        ("email: { ends_with: ['@corp.example.com'] }", "user-or-domain-never-matches"),
        ("email: { contains: 5 }", "user-or-domain-never-matches"),
        ("claim/cognito:groups: [admins, devs]", "claim-never-sent"),
        ("claim/cognito:groups: { has: [admins] }", "claim-never-sent"),
        ("claim/email_verified: 'true'", "claim-never-sent"),
        ("claim/custom:level: 5", "claim-never-sent"),
    ] {
        let checked = check(&[("c.yaml", file("", &policy(criterion)))], &["--offline", "c.yaml"]);
        assert_eq!(checked.failing(), (1, vec![rule]), "{criterion}{}", checked.screen);
    }
    for criterion in [
        "domain: { in: [corp.example.com, other.example.com] }",
        "email: { not_in: [ann@corp.example.com] }",
        "email: { ends_with: '@corp.example.com' }",
        "claim/cognito:groups: admins",
        "claim/cognito:groups: { exclude: admins }",
        "claim/email_verified: true",
        "claim/custom:level: '5'",
        "claim/auth_time: 5",
    ] {
        let checked = check(&[("c.yaml", file("", &policy(criterion)))], &["--offline", "c.yaml"]);
        assert_eq!(checked.failing(), (0, vec![]), "{criterion}{}", checked.screen);
    }
    for (criterion, words) in [
        ("email: { is: '' }", "an empty text is compared, and nobody's is empty, so this never matches"),
        ("email: { is: '' }", "write what is meant, or take it out"),
        ("email: { is: null }", "`email` is compared with `null`, which is no text, so this never matches"),
        ("email: { is: null }", "write what is meant as a text, or take it out"),
        ("email: { ends_with: ['@corp.example.com'] }", "write a criterion for each:"),
    ] {
        refuses("c.yaml", &file("", &policy(criterion)), &[], "user-or-domain-never-matches", words);
    }
    let empty = check(&[("c.yaml", file("", "    allowed_domains: ['']\n"))], &["--offline", "c.yaml"]);
    assert_eq!(empty.failing(), (1, vec!["user-or-domain-never-matches"]), "{}", empty.screen);
}

#[test]
fn a_policy_among_the_routes_is_one_finding() {
    let text = file("policy:\n  - allow:\n      or: [{ domain: { is: corp.example.com } }]\n", "");
    refuses("c.yaml", &text, &[], "config-refused", "the former name of `routes`");
    refuses("c.yaml", &text, &[], "config-refused", "bad source url url cannot be empty");
}

#[test]
fn a_value_that_is_refused_says_nothing_of_what_it_lacks() {
    for lines in ["idp_scopes: { a: b }\n", "idp_request_params: { scope: [openid] }\n"] {
        let text = file(lines, "    allow_any_authenticated_user: true\n");
        refuses("c.yaml", &text, &[], "value-of-wrong-type", "expected type");
    }
}

/// Four services, of which two send users to sign in.
fn split(proxy: &[&'static str], authorize: &[&'static str]) -> String {
    let service = |name: &str, services: &str, without: &[&str]| {
        let variables = variables("      NAME: VALUE\n", without);
        format!(
            "  {name}:\n    image: pomerium/pomerium:v0.33.1\n    environment:\n      SERVICES: {services}\n{variables}"
        )
    };
    let idp = ["IDP_PROVIDER", "IDP_PROVIDER_URL", "IDP_CLIENT_ID", "IDP_CLIENT_SECRET"];
    let (proxy, authorize) = ([&idp[..], proxy].concat(), [&idp[..], authorize].concat());
    format!(
        "services:\n{}{}{}{}",
        service("authn", "authenticate", &[]),
        service("proxy", "proxy", &proxy),
        service("authz", "authorize", &authorize),
        service("db", "databroker", &[])
            + "      DATABROKER_STORAGE_TYPE: postgres\n      DATABROKER_STORAGE_CONNECTION_STRING: postgres://u@p/d\n",
    )
}

#[test]
fn a_service_that_sends_users_to_the_hosted_service_disagrees_with_the_others() {
    const URL: &[&str] = &["AUTHENTICATE_SERVICE_URL"];
    for (proxy, authorize) in [(URL, URL), (URL, &[][..]), (&[][..], URL)] {
        let checked = offline(&[("compose.yaml", split(proxy, authorize))]);
        assert_eq!(checked.failing(), (1, vec!["services-disagree"]), "{}", checked.screen);
    }
    let checked = offline(&[("compose.yaml", split(&[], &[]))]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
    // Only authenticate encrypts with it.
    let other = "COOKIE_SECRET: MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    let text =
        split(&["COOKIE_SECRET"], &[]).replacen("SERVICES: proxy\n", &format!("SERVICES: proxy\n      {other}\n"), 1);
    let checked = offline(&[("compose.yaml", text)]);
    assert_eq!(checked.failing(), (0, vec![]), "{}", checked.screen);
}

#[test]
fn an_id_that_a_template_of_a_secret_writes_down_is_known() {
    let external = "---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: idp, namespace: pomerium }\nspec:\n  target: { name: idp, template: { data: { client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1, client_secret: '{{ .secret }}' } } }\n  data: [{ secretKey: secret, remoteRef: { key: pomerium/idp } }]\n";
    let sealed = "---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: { name: idp, namespace: pomerium }\nspec:\n  encryptedData: { client_secret: AgBy8hCG }\n  template: { data: { client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1 } }\n";
    for made in [external, sealed] {
        let checked = check(&[("m.yaml", format!("{RESOURCE}{made}"))], &["--offline", "m.yaml"]);
        assert_eq!(checked.code, 0, "{}", checked.screen);
        assert!(!checked.screen.contains("client_id"), "{}", checked.screen);
        assert!(checked.screen.contains("client_secret"), "{}", checked.screen);
    }
}

#[test]
fn what_to_do_is_told_in_the_words_of_the_form() {
    let gateway = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: { name: pomerium }\nspec: { controllerName: pomerium.io/gateway-controller }\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: gw }\nspec: { gatewayClassName: pomerium, listeners: [{ name: https, port: 443, protocol: HTTPS }] }\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: app }\nspec:\n  parentRefs: [{ name: gw }]\n  hostnames: [app.corp.example.com]\n  rules: [{ backendRefs: [{ name: app, port: 80 }] }]\n";
    let chart = "authenticate: { idp: { provider: cognito, clientID: x, clientSecret: y } }\nconfig: { rootDomain: corp.example.com }\ntracing: { enabled: true, debug: true }\n";
    for (name, text, rule, words) in [
        (
            "m.yaml",
            format!("{RESOURCE}{gateway}"),
            "route-nobody-can-use",
            "say who may in a PolicyFilter that the rule of the HTTPRoute names",
        ),
        (
            "values.yaml",
            chart.to_owned(),
            "removed-key-ignored",
            "set `tracing.debug` to false: the chart makes this of it",
        ),
        (
            "config.yaml",
            file("policy: x\n", "    allow_any_authenticated_user: true\n"),
            "policy-environment-undecodable",
            "write the list of routes itself: a text is for the variables POLICY and ROUTES",
        ),
    ] {
        refuses(name, &text, &["--only", rule, "--fail-on", "warning"], rule, words);
    }
    let filter = "rules: [{ filters: [{ type: ExtensionRef, extensionRef: { group: gateway.pomerium.io, kind: PolicyFilter, name: team } }]";
    let elsewhere = format!("{RESOURCE}{gateway}").replace("rules: [{ backendRefs", &format!("{filter}, backendRefs"));
    let screen = check(&[("m.yaml", elsewhere)], &["--offline", "m.yaml"]).screen;
    let words = "a route is not judged, as the PolicyFilter team of the HTTPRoute app is in no file that was given: name its file too";
    assert!(screen.split_whitespace().collect::<Vec<_>>().join(" ").contains(words), "{screen}");
}
