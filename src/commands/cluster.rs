//! What runs in a namespace of a cluster, as kubectl reads it: `pomlint check --namespace`, and `kubectl pomlint check`.
//!
//! kubectl knows how to reach the cluster, and who one is there. What it prints stays in memory, as Secrets are in it.

use std::process::{Command, Stdio};
use std::thread;

use super::{StartError, write};
use crate::cli::Cluster;
use crate::report::{Stream, escape};
use crate::shell;

/// What configures a Pomerium, or holds what does. Some of it a cluster knows only where the ingress controller is installed.
const KINDS: [&str; 10] = [
    "secrets",
    "configmaps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "ingresses.networking.k8s.io",
    "pomerium.ingress.pomerium.io",
    "policyfilters.gateway.pomerium.io",
    "gateways.gateway.networking.k8s.io",
    "httproutes.gateway.networking.k8s.io",
];

/// Releases of Helm and tokens of service accounts are Secrets too, and no Pomerium reads them.
const NO_OTHER_SECRETS: &str = "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token";

/// Whether this program was started as `kubectl pomlint`: kubectl looks for a program of that name.
pub(super) fn is_plugin() -> bool {
    let name = std::env::args_os().next().unwrap_or_default();
    std::path::Path::new(&name).file_stem().is_some_and(|stem| stem == "kubectl-pomlint")
}

/// Every object of the namespace that matters, as documents of one text.
///
/// # Errors
/// If kubectl is not there or cannot reach the cluster, or the cluster shows nothing at all.
pub(super) fn read(cluster: &Cluster) -> Result<Vec<u8>, StartError> {
    // Each kind by itself: one that is denied or unknown must not hide the others.
    let answers: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = KINDS.iter().map(|kind| scope.spawn(move || get(kind, cluster))).collect();
        asked.into_iter().map(|one| one.join().unwrap_or(Ok(Answer::Unknown))).collect()
    });
    let mut text = Vec::new();
    let mut denied = Vec::new();
    for (kind, answer) in KINDS.iter().zip(answers) {
        match answer? {
            Answer::Objects(objects) => {
                text.extend_from_slice(b"---\n");
                text.extend(objects);
                text.push(b'\n');
            }
            Answer::Unknown => {}
            Answer::Denied(words) => denied.push((kind, words)),
        }
    }
    let place =
        cluster.namespace.as_ref().map(|name| format!(" --namespace {}", shell::quoted(name))).unwrap_or_default();
    if text.is_empty() {
        let words = denied.into_iter().next().map(|(_, words)| words);
        let words = words.unwrap_or_else(|| "there is nothing in the namespace".to_owned());
        let hint = format!("\n  try   kubectl auth can-i --list{place}");
        return Err(StartError::Option(format!(
            "the cluster shows nothing that could configure a Pomerium: {words}{hint}"
        )));
    }
    for (kind, words) in denied {
        let words = escape(&words);
        write(
            Stream::Progress,
            &format!(
                "not judged is what stands in {kind}, which the cluster does not show you: {words}\n  try   kubectl auth can-i list {kind}{place}\n"
            ),
        )?;
    }
    Ok(text)
}

/// What the cluster answers.
enum Answer {
    Objects(Vec<u8>),
    /// It has no such kind.
    Unknown,
    /// It does not show them, in its own words.
    Denied(String),
}

fn get(kind: &str, cluster: &Cluster) -> Result<Answer, StartError> {
    let mut command = Command::new("kubectl");
    command.args(["get", kind, "--output", "yaml", "--ignore-not-found", "--request-timeout", "20s"]);
    if kind == "secrets" {
        command.args(["--field-selector", NO_OTHER_SECRETS]);
    }
    for (flag, value) in [("--namespace", &cluster.namespace), ("--context", &cluster.context)] {
        if let Some(value) = value {
            command.args([flag, value]);
        }
    }
    let ran = command.stdin(Stdio::null()).output().map_err(|error| {
        let why = if error.kind() == std::io::ErrorKind::NotFound {
            "kubectl is not in PATH, and it is what reads the cluster\n  try   kubectl version --client".to_owned()
        } else {
            format!("kubectl cannot be started: {error}")
        };
        StartError::Option(why)
    })?;
    if ran.status.success() {
        return Ok(Answer::Objects(ran.stdout));
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    let words = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it says nothing").trim().to_owned();
    if said.contains("the server doesn't have a resource type")
        || said.contains("could not find the requested resource")
    {
        return Ok(Answer::Unknown);
    }
    if said.contains("(Forbidden)") {
        return Ok(Answer::Denied(words));
    }
    Err(StartError::Option(format!("kubectl cannot read {kind}: {words}\n  try   kubectl get {kind}")))
}
