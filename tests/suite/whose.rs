//! The whole binary on whose a file is and what belongs to it: folders that are mounted, files that are included or given to another
//! program, gateways of another controller, and clients that only routes have.

use crate::elsewhere::{check, compose, offline, resource, variables};
use crate::support::Pomlint;

/// The healthy configuration as a file, without some options.
fn config(without: &[&str]) -> String {
    let written = |(name, value): (&str, &str)| format!("{}: {value}\n", name.to_lowercase());
    variables("NAME=VALUE\n", without).lines().filter_map(|line| line.split_once('=')).map(written).collect()
}

fn service(lines: &str) -> String {
    format!("services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n{lines}")
}

#[test]
fn the_current_folder_can_be_mounted() {
    let mounts = [
        "'./:/pomerium/'",
        ".:/pomerium",
        ".//:/pomerium:Z",
        "sub/..:/pomerium",
        "{ type: bind, source: ., target: /pomerium }",
    ];
    for mount in mounts {
        let files = |folder: &str, issuer: &str| {
            let text = config(&["IDP_PROVIDER_URL"]) + &format!("idp_provider_url: {issuer}\n");
            let compose = service(&format!("    volumes:\n      - {mount}\n"));
            [(format!("{folder}compose.yaml"), compose), (format!("{folder}config.yaml"), text)]
        };
        for (folder, named) in
            [("", "compose.yaml"), ("", "./compose.yaml"), ("", "."), ("d/", "d/compose.yaml"), ("d/", "d")]
        {
            for (issuer, code) in [
                ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", 0),
                ("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/", 1),
            ] {
                let files = files(folder, issuer);
                let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
                let checked = check(&files, &["--offline", named]);
                assert_eq!(checked.code, code, "{mount} {named}: {}", checked.screen);
            }
        }
    }
    // What is missing there is looked for nowhere else.
    let missing = check(&[("compose.yaml", service("    volumes: ['.:/pomerium']\n"))], &["--offline", "compose.yaml"]);
    assert!(missing.code == 3 && missing.screen.contains("the file config.yaml"), "{}", missing.screen);
}

#[test]
fn what_is_named_and_configures_no_pomerium_is_undecided() {
    for (name, text) in [
        ("compose.override.yml", "services:\n  web:\n    environment: { A: b }\n"),
        ("kustomization.yaml", "resources: [a.yaml]\n"),
        ("service.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [{ port: 80 }] }\n"),
        ("include.yaml", "include: [include.yaml]\n"),
    ] {
        let checked = check(&[(name, text.to_owned())], &["--offline", name]);
        assert_eq!((checked.code, checked.rules("pass")), (3, vec![]), "{name}: {}", checked.screen);
    }
    for (variables, code) in [(&[][..], 3), (&[("LOG_LEVEL", "info")], 3), (&[("IDP_PROVIDER", "cognito")], 1)] {
        let ran = variables
            .iter()
            .fold(Pomlint::new(["check", "--offline", "--env"]), |pomlint, (name, value)| pomlint.env(name, value))
            .run();
        assert_eq!(ran.code, code, "{variables:?}: {ran:?}");
    }
}

#[test]
fn what_a_compose_file_includes_is_read_or_named() {
    let variables = variables("NAME=VALUE\n", &[]);
    let part = service("    env_file: p.env\n    environment: { IDP_SCOPES: '${SCOPES}' }\n");
    let files = |include: &str, scopes: &str| {
        let env = format!("SCOPES={scopes}\n");
        vec![
            ("main.yaml", include.to_owned()),
            ("d/compose.yaml", part.clone()),
            ("d/p.env", variables.clone()),
            ("d/.env", env),
        ]
    };
    for include in [
        "include: [d/compose.yaml]\n",
        "include:\n  - path: ./d/compose.yaml\n",
        "include: [{ path: [d/compose.yaml] }]\n",
    ] {
        for named in ["main.yaml", "."] {
            let right = check(&files(include, "openid email"), &["--offline", named]);
            assert_eq!(right.code, 0, "{include} {named}: {}", right.screen);
            assert_eq!(
                right.report["reports"].as_array().map(Vec::len),
                Some(1),
                "{include} {named}: {}",
                right.screen
            );
            let wrong = check(&files(include, "email"), &["--offline", named]);
            assert_eq!(wrong.code, 1, "{include} {named}: {}", wrong.screen);
        }
    }
    // What the including file's folder says beats what the included one's does.
    let mut over = files("include: [d/compose.yaml]\n", "email");
    over.push((".env", "SCOPES=openid email\n".to_owned()));
    assert_eq!(check(&over, &["--offline", "main.yaml"]).code, 0);
    for include in [
        "include: [{ path: [d/compose.yaml, other.yaml] }]\n",
        "include: [{ path: d/compose.yaml, project_directory: x }]\n",
        "include: ['${WHERE}/compose.yaml']\n",
        "include: [absent.yaml]\n",
        "include: [../../outside.yaml]\n",
    ] {
        let checked = check(&files(include, "openid"), &["--offline", "main.yaml"]);
        assert!(checked.code == 3 && checked.screen.contains("the included file"), "{include}: {}", checked.screen);
    }
}

#[test]
fn another_programs_variables_are_nobodys_mistake() {
    let pomerium = ("pomerium/config.yaml", config(&[]));
    for (name, text) in [
        ("web/.env", "PORT=8080\nCOOKIE_SECRET=correct-horse\n"),
        ("web/app.yaml", "port: 8080\ncookie_secret: correct-horse\n"),
        ("web/app.env", "SHARED_SECRET=battery-staple\n"),
    ] {
        let checked = offline(&[pomerium.clone(), (name, text.to_owned())]);
        assert_eq!(checked.failing(), (0, vec![]), "{name}: {}", checked.screen);
    }
    // Whom compose gives the variables to, owns them.
    let given = |image: &str| {
        let web = format!("services:\n  web:\n    image: {image}\n    env_file: web.env\n");
        let text = "IDP_CLIENT_ID=abc\nSHARED_SECRET=battery-staple\nCOOKIE_SECRET=correct-horse\n";
        offline(&[pomerium.clone(), ("web/compose.yaml", web), ("web/web.env", text.to_owned())])
    };
    assert_eq!(given("node:20").failing(), (0, vec![]));
    assert_eq!(given("pomerium/pomerium:v0.33.1").code, 1);
    let own = offline(&[("web.env", variables("NAME=VALUE\n", &["IDP_CLIENT_ID"]))]);
    assert_eq!(own.failing(), (1, vec!["client-id-missing"]), "{}", own.screen);
}

#[test]
fn a_wrong_name_is_an_error_only_where_it_costs_a_login() {
    let without = |option: &str, line: &str| {
        let variables = variables("      NAME: VALUE\n", &[option]);
        offline(&[("compose.yaml", service(&format!("    environment:\n{variables}      {line}\n")))])
    };
    let idle = offline(&[("compose.yaml", compose("      POMERIUM_LOG_LEVEL: info\n"))]);
    assert_eq!(idle.failing(), (0, vec!["wrong-environment-name"]), "{}", idle.screen);
    assert!(idle.screen.contains("warning[wrong-environment-name]"), "{}", idle.screen);
    let needed = without("IDP_CLIENT_SECRET", "IDP_SECRET: x");
    assert!(needed.screen.contains("error[wrong-environment-name]"), "{}", needed.screen);
    let file = without("IDP_CLIENT_SECRET", "IDP_SECRET: x\n      IDP_CLIENT_SECRET_FILE: /run/secrets/idp");
    assert!(!file.rules("fail").contains(&"wrong-environment-name"), "{}", file.screen);
    // What a file that is not here may set is not known to be unset.
    let elsewhere = without("IDP_CLIENT_SECRET", "IDP_SECRET: x\n    volumes: ['./absent.yaml:/pomerium/config.yaml']");
    assert_eq!(elsewhere.failing(), (3, vec![]), "{}", elsewhere.screen);
    assert!(elsewhere.rules("undecided").contains(&"wrong-environment-name"), "{}", elsewhere.screen);
}

#[test]
fn routes_with_clients_of_their_own_need_no_global_one() {
    let route = |host: &str, lines: &str| {
        format!(
            "  - from: https://{host}.corp.example.com\n    to: http://app\n    allow_any_authenticated_user: true\n{lines}"
        )
    };
    let own = "    idp_client_id: 5rk2v9s7m1n3b5c8d0f6g7h2u2\n    idp_client_secret: 2hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u\n";
    let of = |routes: String| {
        let text = config(&["IDP_CLIENT_ID", "IDP_CLIENT_SECRET"]) + "routes:\n" + &routes;
        check(&[("c.yaml", text)], &["--offline", "c.yaml"])
    };
    let all = of(route("a", own) + &route("b", own));
    assert_eq!(all.failing(), (0, vec![]), "{}", all.screen);
    let verdicts = all.report["reports"][0]["verdicts"].as_array().unwrap();
    let named: Vec<&str> = verdicts.iter().filter_map(|verdict| verdict["client"].as_str()).collect();
    assert!(!named.is_empty() && named.iter().all(|client| !client.is_empty()), "{named:?}");
    let some = of(route("a", own) + &route("b", ""));
    assert!(some.rules("fail").contains(&"client-id-missing"), "{}", some.screen);
}

#[test]
fn a_route_of_another_controllers_gateway_is_none_of_ours() {
    let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: app }\nspec:\n  parentRefs: [{ name: g }]\n  hostnames: [app.corp.example.com]\n  rules:\n    - filters: [{ type: ExtensionRef, extensionRef: { group: gateway.pomerium.io, kind: PolicyFilter, name: p } }]\n";
    let filter = "apiVersion: gateway.pomerium.io/v1alpha1\nkind: PolicyFilter\nmetadata: { name: p }\nspec: { ppl: 'allow: { and: [{ no_such: true }] }' }\n";
    let class = |controller: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {{ name: c }}\nspec: {{ controllerName: {controller} }}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{ name: g }}\nspec: {{ gatewayClassName: c, listeners: [{{ name: a, port: 443, protocol: HTTPS }}] }}\n"
        )
    };
    let of = |controller: &str| {
        let files =
            [("pomerium.yaml", resource()), ("gateway.yaml", class(controller)), ("route.yaml", route.to_owned())];
        offline(&[&files[..], &[("filter.yaml", filter.to_owned())]].concat())
    };
    assert_eq!(of("istio.io/gateway-controller").failing(), (0, vec![]));
    assert_eq!(of("pomerium.io/gateway-controller").failing(), (1, vec!["policy-does-not-compile"]));
    // A filter that no route names does nothing.
    let unused =
        offline(&[("pomerium.yaml", resource()), ("filter.yaml", filter.replace("no_such: true", "accept: true"))]);
    assert_eq!(unused.failing(), (0, vec![]), "{}", unused.screen);
}

#[test]
fn a_variable_that_is_not_set_stays_open() {
    for option in ["IDP_CLIENT_ID", "IDP_PROVIDER_URL", "AUTHENTICATE_SERVICE_URL"] {
        for mention in ["${NOWHERE_SET}", "$NOWHERE_SET", "$nowhere"] {
            let text = config(&[option]) + &format!("{}: {mention}\n", option.to_lowercase());
            let checked = check(&[("c.yaml", text)], &["--offline", "--expand-env", "c.yaml"]);
            assert_eq!(checked.failing(), (3, vec![]), "{option} {mention}: {}", checked.screen);
            assert!(checked.screen.to_lowercase().contains("nowhere"), "{option} {mention}: {}", checked.screen);
        }
    }
}
