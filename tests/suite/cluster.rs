//! `kubectl pomlint`: what runs in a namespace, through a kubectl that plays back what one said.
#![cfg(unix)]

mod controllers;
mod pods;

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Ran, healthy};

/// What a kubectl says: of each kind, its output or its complaint.
struct Cluster {
    folder: TempDir,
}

/// Says what is recorded of the kind, and notes how it was asked.
const KUBECTL: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >>"$here/asked"
[ "$1" = get ] || exit 9
if [ -f "$here/$2.yaml" ]; then cat "$here/$2.yaml"; exit 0; fi
if [ -f "$here/$2.error" ]; then cat "$here/$2.error" >&2; exit 1; fi
case $2 in
  *.pomerium.io|*.gateway.networking.k8s.io) echo "error: the server doesn't have a resource type \"${2%%.*}\"" >&2; exit 1 ;;
esac
"#;

impl Cluster {
    /// A namespace with a Pomerium whose configuration is this Secret.
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let kubectl = folder.path().join("kubectl");
        std::fs::write(&kubectl, KUBECTL).unwrap();
        std::fs::set_permissions(&kubectl, std::fs::Permissions::from_mode(0o755)).unwrap();
        symlink(env!("CARGO_BIN_EXE_pomlint"), folder.path().join("kubectl-pomlint")).unwrap();
        let cluster = Self { folder };
        cluster.has("deployments.apps", DEPLOYMENT);
        let indented: String = config.lines().map(|line| format!("        {line}\n")).collect();
        cluster.has(
            "secrets",
            &format!(
                "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {{name: pomerium, namespace: pomerium}}\n  stringData:\n      config.yaml: |\n{indented}"
            ),
        );
        cluster
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn has(&self, kind: &str, objects: &str) {
        std::fs::write(self.path(&format!("{kind}.yaml")), objects).unwrap();
    }

    fn denies(&self, kind: &str, words: &str) {
        let _ = std::fs::remove_file(self.path(&format!("{kind}.yaml")));
        std::fs::write(self.path(&format!("{kind}.error")), words).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run(&self.path("kubectl-pomlint"), self.folder.path(), arguments)
    }

    fn asked(&self) -> String {
        std::fs::read_to_string(self.path("asked")).unwrap_or_default()
    }
}

fn run(program: &Path, path: &Path, arguments: &[&str]) -> Ran {
    let system = std::env::var("PATH").unwrap_or_default();
    let path =
        if path.join("kubectl").exists() { format!("{}:{system}", path.display()) } else { path.display().to_string() };
    let ran = Command::new(program).args(arguments).env_clear().env("PATH", path).output().unwrap();
    Ran {
        code: ran.status.code().unwrap(),
        stdout: String::from_utf8(ran.stdout).unwrap(),
        stderr: String::from_utf8(ran.stderr).unwrap(),
    }
}

const DEPLOYMENT: &str = r#"apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: pomerium, namespace: pomerium}
  spec:
    selector: {matchLabels: {app: pomerium}}
    template:
      metadata: {labels: {app: pomerium}}
      spec:
        containers:
        - name: pomerium
          image: pomerium/pomerium:v0.33.1
          args: [--config=/etc/pomerium/config.yaml]
          volumeMounts: [{name: config, mountPath: /etc/pomerium}]
        volumes: [{name: config, secret: {secretName: pomerium}}]
"#;

const FORBIDDEN: &str = "Error from server (Forbidden): secrets is forbidden: User \"ann\" cannot list resource \"secrets\" in API group \"\" in the namespace \"pomerium\"\n";

#[test]
fn what_runs_in_a_namespace_is_judged_as_one_deployment() {
    let text = healthy();
    let cluster = Cluster::new(&text.replace("idp_provider: cognito", "idp_provider: Cognito"));
    let ran = cluster.run(&["check", "--offline", "--namespace", "pomerium"]);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("provider-unknown") && ran.stderr.is_empty(), "{}{}", ran.stdout, ran.stderr);
    let secret = text.lines().find_map(|line| line.strip_prefix("idp_client_secret: ")).unwrap();
    let verbose = cluster.run(&["check", "--offline", "-n", "pomerium", "-v", "--format", "json"]);
    assert!(!verbose.stdout.contains(secret) && !ran.stdout.contains(secret));
    for line in cluster.asked().lines() {
        assert!(
            line.contains("--output yaml")
                && line.contains("--namespace pomerium")
                && line.contains("--request-timeout"),
            "{line}"
        );
        assert_eq!(line.contains("helm.sh/release.v1"), line.contains("get secrets"), "{line}");
    }
    // As the plugin, the namespace of the current context is meant; under its own name, the folder.
    let cluster = Cluster::new(&text);
    let plugin = cluster.run(&["check", "--offline"]);
    assert_eq!(plugin.code, 0, "{}{}", plugin.stdout, plugin.stderr);
    assert!(!cluster.asked().contains("--namespace"));
    let context = cluster.run(&["check", "--offline", "--context", "staging"]);
    assert!(context.code == 0 && cluster.asked().contains("--context staging"), "{}", context.stderr);
    let both = cluster.run(&["check", "x.yaml", "--namespace", "pomerium"]);
    assert!(both.code == 2 && both.stderr.contains("cannot be used with"), "{}", both.stderr);
}

#[test]
fn a_cluster_that_denies_is_told_with_what_to_do() {
    let cluster = Cluster::new(&healthy());
    cluster.denies("secrets", FORBIDDEN);
    let ran = cluster.run(&["check", "--offline", "--namespace", "pomerium"]);
    assert!(
        ran.stderr.contains("not judged is what stands in secrets") && ran.stderr.contains("cannot list resource"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("kubectl auth can-i list secrets --namespace pomerium"), "{}", ran.stderr);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    cluster.denies("deployments.apps", FORBIDDEN);
    let nothing = cluster.run(&["check", "--offline", "--namespace", "pomerium"]);
    assert_eq!(nothing.code, 3, "{}", nothing.stdout);
    assert!(nothing.stdout.contains("does not show secrets, deployments.apps"), "{}", nothing.stdout);
    for (words, told) in [
        (
            "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n",
            "was refused",
        ),
        ("Unable to connect to the server: net/http: TLS handshake timeout\n", "TLS handshake timeout"),
        ("error: You must be logged in to the server (Unauthorized)\n", "(Unauthorized)"),
        ("", "it says nothing"),
    ] {
        cluster.denies("configmaps", words);
        let ran = cluster.run(&["check", "--offline", "--namespace", "pomerium"]);
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{words}: {}", ran.stdout);
        assert!(
            ran.stderr.contains("kubectl cannot read configmaps: ") && ran.stderr.contains(told),
            "{words}: {}",
            ran.stderr
        );
    }
    let empty = tempfile::tempdir().unwrap();
    let none =
        run(Path::new(env!("CARGO_BIN_EXE_pomlint")), empty.path(), &["check", "--offline", "--namespace", "pomerium"]);
    assert!(none.code == 2 && none.stderr.contains("kubectl is not in PATH"), "{}", none.stderr);
}

#[test]
fn what_kubectl_says_of_a_token_is_not_repeated() {
    const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlc2lnbmF0dXJl";
    let cluster = Cluster::new(&healthy());
    for (words, told) in [
        (format!("error: Authorization: Bearer {TOKEN} rejected\n"), "error: Authorization: CUT"),
        (format!("error: token {TOKEN} is expired\n"), "is expired"),
        ("error: password=Winter2024x of ann is wrong\n".to_owned(), "error: password=CUT"),
        (
            "Unable to connect to the server: getting credentials: exec: executable aws not found\n".to_owned(),
            "executable aws not found",
        ),
        (format!("{FORBIDDEN}the token was {TOKEN}\n"), "User \"ann\" cannot list resource \"secrets\""),
        (FORBIDDEN.replace("\"ann\"", &format!("\"{TOKEN}\"")), "cannot list resource \"secrets\""),
    ] {
        cluster.denies("secrets", &words);
        let ran = cluster.run(&["check", "--offline", "--namespace", "pomerium"]);
        assert!(ran.stderr.contains(told), "{words}: {}", ran.stderr);
        for secret in [TOKEN, "c2lnbmF0dXJl", "Winter2024x"] {
            assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{words}: {}", ran.stderr);
        }
    }
}

/// The global settings of the ingress controller, and a route of it.
const CONTROLLER: [(&str, &str); 2] = [
    (
        "pomerium.ingress.pomerium.io",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: ingress.pomerium.io/v1\n  kind: Pomerium\n  metadata:\n    name: global\n  spec:\n    authenticate:\n      url: https://authenticate.corp.example.com\n    identityProvider:\n      provider: Cognito\n      url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n      secret: pomerium/idp\n    secrets: pomerium/bootstrap\n",
    ),
    (
        "ingresses.networking.k8s.io",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.k8s.io/v1\n  kind: Ingress\n  metadata:\n    name: app\n    namespace: pomerium\n    annotations:\n      ingress.pomerium.io/allow_any_authenticated_user: \"true\"\n  spec:\n    ingressClassName: pomerium\n    rules:\n    - host: app.corp.example.com\n      http:\n        paths:\n        - {path: /, pathType: Prefix, backend: {service: {name: app, port: {number: 80}}}}\n",
    ),
];

#[test]
fn what_the_controller_reads_and_the_cluster_denies_is_undecided() {
    let cluster = Cluster::new(&healthy());
    for kind in ["secrets", "deployments.apps"] {
        std::fs::remove_file(cluster.path(&format!("{kind}.yaml"))).unwrap();
    }
    for (kind, objects) in CONTROLLER {
        cluster.has(kind, objects);
    }
    let whole = cluster.run(&["check", "--offline", "--namespace", "pomerium"]);
    // An object is named as kubectl names it, and a line counted as where it prints that object alone.
    assert!(whole.stdout.contains("--> pomerium.ingress.pomerium.io/global.yaml:9:"), "{}", whole.stdout);
    assert_eq!(whole.code, 1, "{}", whole.stdout);
    cluster.denies("pomerium.ingress.pomerium.io", FORBIDDEN);
    let denied =
        cluster.run(&["check", "--offline", "--namespace", "pomerium", "--context", "a b", "--format", "json"]);
    assert_eq!(denied.code, 3, "{}{}", denied.stdout, denied.stderr);
    assert!(denied.stdout.contains("pomerium.ingress.pomerium.io of the namespace"), "{}", denied.stdout);
    assert!(
        denied.stderr.contains("list pomerium.ingress.pomerium.io --namespace pomerium --context 'a b'"),
        "{}",
        denied.stderr
    );
}

#[test]
fn much_that_is_nobodys_is_passed_over() {
    let cluster = Cluster::new(&healthy());
    let one = format!(
        "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: other\n  data:\n    x: {}\n",
        "y".repeat(100_000)
    );
    cluster.has("configmaps", &format!("apiVersion: v1\nitems:\n{}kind: List\n", one.repeat(60)));
    let ran = cluster.run(&["check", "--offline", "--namespace", "pomerium"]);
    assert!(ran.code == 0 && !ran.stdout.contains("too large"), "{}{}", ran.stdout, ran.stderr);
}

/// A Deployment of a Pomerium that reads that `ConfigMap` as its file, with more in its container.
fn deployment(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {{name: pomerium, namespace: pomerium}}\n  spec:\n    template:\n      spec:\n        containers:\n        - name: pomerium\n          image: pomerium/pomerium:v0.33.1\n          args: [--config=/etc/pomerium/config.yaml]\n          volumeMounts: [{{name: config, mountPath: /etc/pomerium}}]\n          {more}\n        volumes: [{{name: config, configMap: {{name: {name}}}}}]\n"
    )
}

/// `ConfigMap`s with a file each.
fn config_maps(files: &[(&str, &str)]) -> String {
    let one = |(name, text): &(&str, &str)| {
        let lines: String = text.lines().map(|line| format!("      {line}\n")).collect();
        format!(
            "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: {name}, namespace: pomerium}}\n  data:\n    config.yaml: |\n{lines}"
        )
    };
    format!("apiVersion: v1\nkind: List\nitems:\n{}", files.iter().map(one).collect::<String>())
}

/// The healthy configuration without its secrets, and a Secret `keys` with them under these names.
fn split(names: [&str; 3]) -> (String, String) {
    let (secrets, rest): (Vec<String>, Vec<String>) =
        healthy().lines().map(str::to_owned).partition(|line| line.split(':').next().unwrap().ends_with("_secret"));
    let value = |option: &str| secrets.iter().find_map(|line| line.strip_prefix(&format!("{option}: "))).unwrap();
    let values = ["idp_client_secret", "shared_secret", "cookie_secret"].map(value);
    let data: String = names.iter().zip(values).map(|(name, value)| format!("    {name}: {value}\n")).collect();
    let keys = format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {{name: keys, namespace: pomerium}}\n  stringData:\n{data}"
    );
    (rest.join("\n"), keys)
}

/// What a screen says, without the lines and their margin.
fn in_one_line(screen: &str) -> String {
    screen.replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

const VARIABLES: [&str; 3] = ["IDP_CLIENT_SECRET", "SHARED_SECRET", "COOKIE_SECRET"];
const OFFLINE: [&str; 4] = ["check", "--offline", "--namespace", "pomerium"];

#[test]
fn what_all_of_a_namespace_lacks_is_missing() {
    let (text, keys) = split(VARIABLES);
    let reference = |name: &str, key: &str, more: &str| {
        let of_keys = "envFrom: [{secretRef: {name: keys}}]";
        format!(
            "{of_keys}\n          env: [{{name: IDP_CLIENT_SECRET, valueFrom: {{secretKeyRef: {{name: {name}, key: {key}{more}}}}}}}]"
        )
    };
    let cluster = Cluster::new(&text);
    cluster.has("secrets", &keys);
    cluster.has("configmaps", &config_maps(&[("cfg", &text)]));
    for (config_map, more, told) in [
        ("cfg", "envFrom: [{secretRef: {name: keys}}]".to_owned(), None),
        ("cfg", reference("keys", "IDP_CLIENT_SECRET", ""), None),
        (
            "cfg",
            reference("keys", "client_secret", ""),
            Some("couldn't find key client_secret in Secret pomerium/keys"),
        ),
        // Then the variable of `envFrom` stays what it is.
        ("cfg", reference("keys", "client_secret", ", optional: true"), None),
        ("cfg", reference("idp", "client_secret", ""), Some("secret \"idp\" not found")),
        ("cfg", reference("idp", "client_secret", ", optional: true"), None),
        ("cfg", "envFrom: [{secretRef: {name: keyz}}]".to_owned(), Some("secret \"keyz\" not found")),
        ("cfg", "envFrom: [{secretRef: {name: keys}}, {secretRef: {name: x, optional: true}}]".to_owned(), None),
        ("cfh", "envFrom: [{secretRef: {name: keys}}]".to_owned(), Some("configmap \"cfh\" not found")),
    ] {
        cluster.has("deployments.apps", &deployment(config_map, &more));
        let ran = cluster.run(&OFFLINE);
        let said = in_one_line(&ran.stdout);
        match told {
            None => assert!(ran.code == 0 && ran.stderr.is_empty(), "{more}: {}{}", ran.stdout, ran.stderr),
            Some(told) => assert!(ran.code == 1 && said.contains(told), "{more}: {}{}", ran.stdout, ran.stderr),
        }
        assert!(!said.contains("in the cluster alone") || told.is_some(), "{more}: {said}");
    }
    // In files, too, a Secret has the keys that it has; one that is not among them may be in the cluster.
    let folder = tempfile::tempdir().unwrap();
    let check = |more: &str| {
        let objects = [deployment("cfg", more), keys.clone(), config_maps(&[("cfg", &text)])];
        std::fs::write(folder.path().join("all.yaml"), objects.join("---\n")).unwrap();
        run(
            Path::new(env!("CARGO_BIN_EXE_pomlint")),
            folder.path(),
            &["check", "--offline", folder.path().to_str().unwrap()],
        )
    };
    let without = check(&reference("keys", "client_secret", ""));
    assert!(
        without.code == 1 && in_one_line(&without.stdout).contains("couldn't find key client_secret"),
        "{}",
        without.stdout
    );
    let elsewhere = check(&reference("idp", "client_secret", ""));
    assert!(
        elsewhere.code == 0 && in_one_line(&elsewhere.stdout).contains("in the cluster alone"),
        "{}",
        elsewhere.stdout
    );
}

#[test]
fn secrets_that_the_cluster_denies_leave_it_undecided() {
    let (text, _) = split(VARIABLES);
    let cluster = Cluster::new(&text);
    cluster.denies("secrets", FORBIDDEN);
    cluster.has("configmaps", &config_maps(&[("cfg", &text)]));
    cluster.has("deployments.apps", &deployment("cfg", "envFrom: [{secretRef: {name: keys}}]"));
    let ran = cluster.run(&OFFLINE);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    // What is named after an object is no file, and the same user would be denied again.
    assert!(!ran.stdout.contains("pomlint check"), "{}", ran.stdout);
}

#[test]
fn what_no_workload_uses_is_no_deployment() {
    let (text, keys) = split(VARIABLES);
    let old = text.replace("idp_provider: cognito", "idp_provider: Cognito");
    let cluster = Cluster::new(&text);
    cluster.has("secrets", &keys);
    cluster.has("configmaps", &config_maps(&[("cfg-new", &text), ("cfg-old", &old)]));
    cluster.has("deployments.apps", &deployment("cfg-new", "envFrom: [{secretRef: {name: keys}}]"));
    let ran = cluster.run(&OFFLINE);
    assert!(ran.code == 0 && !ran.stdout.contains("cfg-old"), "{}{}", ran.stdout, ran.stderr);
    // What runs in other pods, and may be a Pomerium under another name, is judged.
    let other = "- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: login, namespace: pomerium}\n  spec: {template: {spec: {containers: [{name: login, image: corp/login:1}], volumes: [{name: c, configMap: {name: cfg-old}}]}}}\n";
    cluster.has("deployments.apps", &(deployment("cfg-new", "envFrom: [{secretRef: {name: keys}}]") + other));
    let ran = cluster.run(&OFFLINE);
    assert!(ran.code == 1 && ran.stdout.contains("cfg-old"), "{}{}", ran.stdout, ran.stderr);
    // Who may not see all workloads cannot know.
    cluster.has("deployments.apps", &deployment("cfg-new", "envFrom: [{secretRef: {name: keys}}]"));
    cluster.denies("statefulsets.apps", FORBIDDEN);
    let ran = cluster.run(&OFFLINE);
    assert!(ran.code == 1 && ran.stdout.contains("cfg-old"), "{}{}", ran.stdout, ran.stderr);
}

/// A controller of a release that reads this resource.
fn controller(release: &str, resource: &str) -> String {
    format!(
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {{name: pomerium, namespace: pomerium}}\n  spec: {{template: {{spec: {{containers: [{{name: pomerium, image: 'pomerium/ingress-controller:{release}', args: [all-in-one, --pomerium-config={resource}]}}]}}}}}}\n"
    )
}

/// A Secret, as an item of a list.
fn secret(name: &str, data: &str) -> String {
    format!(
        "- apiVersion: v1\n  kind: Secret\n  metadata: {{name: {name}, namespace: pomerium}}\n  stringData: {data}\n"
    )
}

/// The Secrets that the resource of a healthy cluster names: `bootstrap` and `idp`.
fn secrets_of_resource() -> [String; 2] {
    let values: String = healthy()
        .lines()
        .filter_map(|line| line.strip_prefix("idp_client_"))
        .map(|line| format!("client_{line}, "))
        .collect();
    let bootstrap = format!("{{shared_secret: {}, cookie_secret: {}}}", "a".repeat(32), "b".repeat(32));
    [secret("bootstrap", &bootstrap), secret("idp", &format!("{{{values}}}"))]
}

#[test]
fn a_resource_is_judged_where_its_controller_runs_and_as_the_cluster_took_it() {
    let cluster = Cluster::new(&healthy());
    let [bootstrap, idp] = secrets_of_resource();
    let secrets = |idp: &str| format!("apiVersion: v1\nkind: List\nitems:\n{bootstrap}{idp}");
    cluster.has("secrets", &secrets(&idp));
    let [(kind, resource), (ingresses, routes)] = CONTROLLER;
    let resource = resource.replace("Cognito", "cognito");
    let item = resource.split_once("items:\n").unwrap().1;
    let other = item.replace("name: global", "name: other").replace("provider: cognito", "provider: google");
    cluster.has(ingresses, routes);
    cluster.has(kind, &(resource.clone() + &other));
    cluster.has("deployments.apps", &controller("v0.33.1", "global"));
    let ran = cluster.run(&OFFLINE);
    assert!(!ran.stdout.contains("other.yaml"), "{}{}", ran.stdout, ran.stderr);
    cluster.has(kind, &resource);
    // The schema of this release has no `cognito`; the cluster has another schema, as the resource is there.
    cluster.has("deployments.apps", &controller("v0.32.0", "global"));
    let ran = cluster.run(&OFFLINE);
    assert!(!ran.stdout.contains("crd-field-rejected"), "{}{}", ran.stdout, ran.stderr);
    // The controller's own words are as true as ever.
    cluster.has("secrets", &secrets(""));
    let ran = cluster.run(&OFFLINE);
    let said = in_one_line(&ran.stdout);
    assert!(ran.code == 1 && said.contains("Secret \"idp\" not found"), "{}{}", ran.stdout, ran.stderr);
}

/// Every cluster has Secrets and Deployments: who hears that it does not, or hears no list, has not asked it.
#[test]
fn a_server_that_is_no_cluster_shows_nothing_and_proves_nothing() {
    let unknown = "error: the server doesn't have a resource type \"secrets\"\n";
    for break_it in [
        &(|cluster: &Cluster| cluster.denies("secrets", unknown)) as &dyn Fn(&Cluster),
        &|cluster| {
            cluster.denies(
                "deployments.apps",
                "Error from server (NotFound): the server could not find the requested resource\n",
            );
        },
        &|cluster| cluster.has("secrets", "<!DOCTYPE html><title>Sign in</title>\n"),
        &|cluster| cluster.has("secrets", "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {na"),
    ] {
        let cluster = Cluster::new(&healthy());
        break_it(&cluster);
        let ran = cluster.run(&OFFLINE);
        let said = in_one_line(&ran.stderr);
        assert!(ran.code == 2 && said.contains("kubectl cannot read"), "{}{said}", ran.stdout);
    }
}
