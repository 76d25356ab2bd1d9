//! The ingress controller: what it is told to read, and the Secrets and filters without which it takes nothing.

use super::{CONTROLLER, Cluster, OFFLINE, controller, in_one_line, secret, secrets_of_resource};
use crate::support::healthy;

/// A namespace in which a controller reads the resource `global`, and all of it is healthy.
fn namespace() -> Cluster {
    let cluster = Cluster::new(&healthy());
    let [bootstrap, idp] = secrets_of_resource();
    let all = [bootstrap, idp, secret("pg", "{url: x}")];
    cluster.has("secrets", &format!("apiVersion: v1\nkind: List\nitems:\n{}", all.concat()));
    cluster.has("deployments.apps", &controller("v0.33.1", "global"));
    cluster.has(RESOURCES, &resource(""));
    cluster
}

const RESOURCES: &str = CONTROLLER[0].0;

/// The resource with more in its specification, or beside it.
fn resource(more: &str) -> String {
    CONTROLLER[0].1.replace("provider: Cognito", "provider: cognito") + more
}

fn said(cluster: &Cluster) -> (i32, String) {
    let ran = cluster.run(&OFFLINE);
    (ran.code, in_one_line(&format!("{}{}", ran.stdout, ran.stderr)))
}

#[test]
fn each_secret_that_the_resource_names_must_be_there() {
    let cluster = namespace();
    let (code, words) = said(&cluster);
    assert_eq!(code, 0, "{words}");
    for (more, told) in [
        ("    storage: {postgres: {secret: pomerium/absent}}\n", "postgres: connection: get pomerium/absent: Secret"),
        (
            "    storage: {postgres: {secret: pomerium/pg}}\n",
            "storage secret pomerium/pg should have \"connection\" key",
        ),
        (
            "    caSecrets: [pomerium/bootstrap, pomerium/absent]\n",
            "ca: get pomerium/absent: Secret \"absent\" not found",
        ),
        (
            "    ssh: {hostKeySecrets: [pomerium/absent]}\n",
            "error retrieving ssh host key secret (pomerium/absent): get",
        ),
        ("    caSecrets: [elsewhere/absent]\n", ""),
        ("    certificates: [pomerium/absent]\n", ""),
        // What the controller itself says of it, unless that is of another state.
        ("  status: {settingsStatus: {reconciled: false, error: 'certs: broken'}}\n", "reports: `certs: broken`"),
        ("  status: {settingsStatus: {reconciled: true, error: 'certs: broken'}}\n", ""),
    ] {
        cluster.has(RESOURCES, &resource(more));
        let (code, words) = said(&cluster);
        assert!(code == i32::from(!told.is_empty()) && words.contains(told), "{more}: {words}");
    }
}

#[test]
fn what_the_controller_says_of_it_is_shown_without_secrets() {
    let cluster = namespace();
    for (error, secret) in [
        ("parse \"postgres://pom:hunter2hunter2@db.corp/x\": invalid", "hunter2hunter2"),
        ("failed: host=db password=hunter2hunter2 dbname=x", "hunter2hunter2"),
        ("get x: Authorization: Bearer hunter2hunter2abcdef", "hunter2hunter2abcdef"),
        ("x Bearer qwertz9876543210qwertz9876543210", "qwertz9876"),
        ("-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEEIHh4\\n-----END EC PRIVATE KEY-----", "MHcCAQ"),
        ("bad value client_secret: \"hunter2hunter2\"", "hunter2hunter2"),
    ] {
        let error = error.replace('"', "\\\"");
        let status = format!("  status:\n    settingsStatus:\n      error: \"{error}\"\n      reconciled: false\n");
        cluster.has(RESOURCES, &resource(&status));
        for format in ["human", "json", "rdjson", "github", "gitlab", "sarif", "junit", "markdown"] {
            let ran = cluster.run(&[&OFFLINE[..], &["--format", format]].concat());
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(ran.code == 1 && !said.contains(secret) && said.contains("CUT"), "{format}: {said}");
        }
    }
}

#[test]
fn a_resource_that_no_controller_here_reads_is_not_judged_in_its_place() {
    let cluster = namespace();
    for (argument, told) in [
        ("--pomerium-config=global", None),
        ("--pomerium-config, global", None),
        ("--pomerium-config=global2", Some("get /global2: Pomerium.ingress.pomerium.io \"global2\" not found")),
        ("--pomerium-config, global2", Some("get /global2: Pomerium.ingress.pomerium.io \"global2\" not found")),
        ("--pomerium-config=$(RESOURCE)", None),
    ] {
        let env = "env: [{name: RESOURCE, value: global}], args: [all-in-one, ";
        let text = controller("v0.33.1", "global").replace("--pomerium-config=global", argument);
        cluster.has("deployments.apps", &text.replace("args: [all-in-one, ", env));
        let (code, words) = said(&cluster);
        assert_eq!(code, i32::from(told.is_some()), "{argument}: {words}");
        assert!(told.is_none_or(|told| words.contains(told)), "{argument}: {words}");
    }
    cluster.has("deployments.apps", &controller("v0.33.1", "global"));
    for routes in [false, true] {
        std::fs::remove_file(cluster.path(&format!("{RESOURCES}.yaml"))).unwrap_or_default();
        if routes {
            cluster.has(CONTROLLER[1].0, CONTROLLER[1].1);
        }
        let (code, words) = said(&cluster);
        assert!(code == 1 && words.contains("get /global: Pomerium"), "{words}");
    }
    // A controller that is scaled to nothing reads nothing, beside a Pomerium that runs.
    let idle = controller("v0.33.1", "global").replace("spec: {template", "spec: {replicas: 0, template");
    let alone = super::deployment("pomerium", "").replace("configMap: {name", "secret: {secretName");
    let runs = alone.split_once("items:\n").unwrap().1;
    cluster.has("deployments.apps", &(idle + runs));
    cluster.has(RESOURCES, CONTROLLER[0].1);
    let (_, words) = said(&cluster);
    assert!(!words.contains("provider-unknown"), "{words}");
}

#[test]
fn each_secret_and_filter_that_a_route_names_must_be_there() {
    let cluster = namespace();
    let (kind, routes) = CONTROLLER[1];
    for (annotation, tls, told) in [
        ("", "", ""),
        ("", "    tls: [{hosts: [app.corp.example.com], secretName: idp}]\n", ""),
        (
            "",
            "    tls: [{hosts: [app.corp.example.com], secretName: absent}]\n",
            "tls: get secret pomerium/absent: Secret",
        ),
        (
            "      ingress.pomerium.io/set_request_headers_secret: absent\n",
            "",
            "tls: get secret pomerium/absent: Secret",
        ),
    ] {
        let text = routes.replace("  spec:\n", &format!("{annotation}  spec:\n{tls}"));
        cluster.has(kind, &text);
        let (code, words) = said(&cluster);
        assert!(code == i32::from(!told.is_empty()) && words.contains(told), "{annotation}{tls}: {words}");
    }
    cluster.has(kind, routes);
    cluster.has(
        "gateways.gateway.networking.k8s.io",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: gateway.networking.k8s.io/v1\n  kind: Gateway\n  metadata: {name: gw, namespace: pomerium}\n  spec: {gatewayClassName: pomerium-gateway, listeners: [{name: https, hostname: '*.corp.example.com', port: 443, protocol: HTTPS}]}\n",
    );
    cluster.has(
        "httproutes.gateway.networking.k8s.io",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: gateway.networking.k8s.io/v1\n  kind: HTTPRoute\n  metadata: {name: hr, namespace: pomerium}\n  spec: {parentRefs: [{name: gw}], hostnames: [b.corp.example.com], rules: [{backendRefs: [{name: app, port: 80}], filters: [{type: ExtensionRef, extensionRef: {group: gateway.pomerium.io, kind: PolicyFilter, name: pf}}]}]}\n",
    );
    let (code, words) = said(&cluster);
    assert!(code == 1 && words.contains("filter not found ({PolicyFilter pomerium pf})"), "{words}");
}
