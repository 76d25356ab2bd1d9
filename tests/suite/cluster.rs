//! `kubectl pomlint`: what runs in a namespace, through a kubectl that plays back what one said.
#![cfg(unix)]

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
    assert!(ran.stdout.contains("undecided") || ran.stdout.contains("not judged") || ran.code == 0, "{}", ran.stdout);
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
