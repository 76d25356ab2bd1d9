//! What runs in a namespace of a cluster, as kubectl reads it: `pomlint check --namespace`, and `kubectl pomlint check`.
//!
//! kubectl knows how to reach the cluster, and who one is there. What it prints stays in memory, as Secrets are in it.

mod pods;

use std::process::Command;
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{StartError, write};
use crate::cli::{Cluster, Objects};
use crate::config::{Config, Dialect, Listed, ListedKind, RawFile};
use crate::diagnose::is_known;
use crate::report::{Stream, escape};
use crate::secret::Clean;
use crate::shell;

/// kubectl itself is told to give up after a third of it; a program that it starts to log in is not.
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// No kind of a namespace that a Pomerium runs in has more text, in bytes.
const MOST: usize = 256 << 20;

/// What configures a Pomerium, or holds what does. Some of it a cluster knows only where the ingress controller is installed.
const KINDS: [&str; 11] = [
    "secrets",
    "configmaps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    pods::KIND,
    "ingresses.networking.k8s.io",
    "pomerium.ingress.pomerium.io",
    "policyfilters.gateway.pomerium.io",
    "gateways.gateway.networking.k8s.io",
    "httproutes.gateway.networking.k8s.io",
];

/// Releases of Helm are Secrets too, and no pod reads them.
const NO_RELEASES: &str = "type!=helm.sh/release.v1";

/// How the API server denies something: it writes the line itself, of whom it denies what.
const FORBIDDEN: &str = "(Forbidden)";

/// Words in which kubectl says why nobody can log in, besides those of our own pages.
const OF_KUBECTL: [&str; 8] = ["auth", "aws", "exec", "executable", "gcloud", "gke", "kubelogin", "plugin"];

/// What runs pods for as long as a Pomerium runs.
const WORKLOADS: [&str; 3] = ["deployments.apps", "statefulsets.apps", "daemonsets.apps"];

/// Whether this program was started as `kubectl pomlint`: kubectl looks for a program of that name.
pub(super) fn is_plugin() -> bool {
    let name = std::env::args_os().next().unwrap_or_default();
    std::path::Path::new(&name).file_stem().is_some_and(|stem| stem == "kubectl-pomlint")
}

/// Every object of the namespace that matters.
///
/// # Errors
/// If kubectl is not there or cannot reach the cluster, or the cluster shows nothing at all.
pub(super) fn read(cluster: &Cluster) -> Result<Objects, StartError> {
    // Each kind by itself: one that is denied or unknown must not hide the others.
    let answers: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = KINDS.iter().map(|kind| scope.spawn(move || get(kind, cluster))).collect();
        asked.into_iter().map(|one| one.join().unwrap_or(Ok(Answer::Unknown))).collect()
    });
    let mut objects = Objects { files: Vec::new(), denied: Vec::new() };
    let mut hints = Vec::new();
    let place = place(cluster);
    for (kind, answer) in KINDS.iter().zip(answers) {
        match answer? {
            Answer::Objects(text) if *kind == pods::KIND => {
                let of_others = pods::of_others(items(kind, &text), &objects.files);
                objects.files.extend(of_others);
            }
            Answer::Objects(text) => objects.files.extend(items(kind, &text)),
            Answer::Unknown => {}
            Answer::Denied(words) => {
                objects.denied.push(kind);
                hints.push(format!("not judged is what stands in {kind}, which the cluster does not show you: {}\n  try   kubectl auth can-i list {kind}{place}\n", escape(&words)));
            }
        }
    }
    if objects.files.is_empty() && objects.denied.is_empty() {
        return Err(StartError::Option(format!(
            "the cluster shows nothing that could configure a Pomerium: there is nothing in the namespace\n  try   kubectl get all{place}"
        )));
    }
    hints.iter().try_for_each(|hint| write(Stream::Progress, hint))?;
    Ok(objects)
}

/// The kinds of which all is here.
pub(super) fn listed(objects: &Objects) -> Listed {
    let is_shown = |kinds: &[&str]| !kinds.iter().any(|kind| objects.denied.contains(kind));
    let workloads = [WORKLOADS.as_slice(), &[pods::KIND]].concat();
    let all: [(&[&str], ListedKind); 5] = [
        (&["secrets"], ListedKind::Secret),
        (&["configmaps"], ListedKind::ConfigMap),
        (&workloads, ListedKind::Workload),
        (&["pomerium.ingress.pomerium.io"], ListedKind::Resource),
        (&["policyfilters.gateway.pomerium.io"], ListedKind::Filter),
    ];
    let shown = all.iter().filter(|(kinds, _)| is_shown(kinds));
    shown.fold(Listed::default(), |listed, (_, kind)| listed.with(*kind))
}

/// Whether a configuration may have a part in objects of a kind that the cluster does not show. What a workload of its own names is
/// told by its references; the ingress controller reads whatever is there.
pub(super) fn concerns(kind: &str, config: &Config) -> bool {
    let reading = &config.reading;
    match kind {
        "secrets" => !config.kept_secrets().is_empty() || !reading.unreadable.is_empty(),
        "configmaps" => !reading.unreadable.is_empty(),
        _ if WORKLOADS.contains(&kind) => true,
        // What stands alone is not known to be there.
        pods::KIND => false,
        _ => config.reading.dialect == Dialect::Resource,
    }
}

/// The flags of kubectl that lead to the same namespace.
fn place(cluster: &Cluster) -> String {
    let flags = [("--namespace", &cluster.namespace), ("--context", &cluster.context)];
    let named = flags.into_iter().filter_map(|(flag, value)| Some((flag, value.as_ref()?)));
    named.fold(String::new(), |place, (flag, value)| place + " " + flag + " " + &shell::quoted(value))
}

/// How an object is named as a file.
fn file_of(kind: &str, name: &str) -> String {
    format!("{kind}/{name}.yaml")
}

/// The objects of a list as kubectl prints it, each as it prints one alone: whoever looks for a line finds it there.
fn items(kind: &str, text: &[u8]) -> Vec<RawFile> {
    let text = String::from_utf8_lossy(text).replace("\r\n", "\n");
    let file = |number: usize, object: String| {
        let name = name_of(&object).unwrap_or_else(|| (number + 1).to_string());
        RawFile { name: file_of(kind, &name), bytes: object.into_bytes() }
    };
    let Some((_, list)) = text.split_once("\nitems:\n").filter(|(_, list)| list.starts_with("- ")) else {
        let is_empty = text.trim().is_empty();
        return (!is_empty).then(|| file(0, text)).into_iter().collect();
    };
    let mut objects: Vec<String> = Vec::new();
    // Behind the last one stand the list's own keys.
    for line in list.split_inclusive('\n').take_while(|line| line.starts_with(['-', ' ', '\n', '\r'])) {
        if line.starts_with("- ") {
            objects.push(String::new());
        }
        if let Some(object) = objects.last_mut() {
            object.push_str(line.get(2..).unwrap_or("\n"));
        }
    }
    objects.into_iter().enumerate().map(|(number, object)| file(number, object)).collect()
}

/// The name in the metadata of an object.
fn name_of(object: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        name: String,
    }
    let Named { metadata } = serde_yaml::from_str(object).ok()?;
    Some(metadata.name)
}

/// Whether a cluster may lack a kind. It has all others: who hears that it does not speaks to another server, or is not logged in.
fn is_installed(kind: &str) -> bool {
    kind.ends_with(".pomerium.io") || kind.ends_with(".gateway.networking.k8s.io")
}

/// Whether this is a list, or an object, to its end: behind the objects stands the kind of what they are in.
fn is_whole(printed: &[u8]) -> bool {
    let mut lines = printed.split(|byte| *byte == b'\n');
    printed.trim_ascii().is_empty() || lines.any(|line| line.starts_with(b"kind:"))
}

/// What the cluster answers.
enum Answer {
    Objects(Zeroizing<Vec<u8>>),
    /// It has no such kind.
    Unknown,
    /// It does not show them, in its own words.
    Denied(Clean),
}

fn get(kind: &str, cluster: &Cluster) -> Result<Answer, StartError> {
    let mut command = Command::new("kubectl");
    command.args(["get", kind, "--output", "yaml", "--ignore-not-found", "--request-timeout", "20s"]);
    if kind == "secrets" {
        command.args(["--field-selector", NO_RELEASES]);
    }
    for (flag, value) in [("--namespace", &cluster.namespace), ("--context", &cluster.context)] {
        if let Some(value) = value {
            command.args([flag, value]);
        }
    }
    let unreadable =
        |why: &str| format!("kubectl cannot read {kind}: {why}\n  try   kubectl get {kind}{}", place(cluster));
    let ran = shell::run(&mut command, LONGEST_RUN, MOST).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => {
                "kubectl is not in PATH, and it is what reads the cluster\n  try   kubectl version --client".to_owned()
            }
            _ => unreadable(&error.to_string()),
        };
        StartError::Option(why)
    })?;
    if ran.is_well {
        let why = "what it prints is no list of them, or not all of it";
        return if is_whole(&ran.said) {
            Ok(Answer::Objects(ran.said))
        } else {
            Err(StartError::Option(unreadable(why)))
        };
    }
    let complaint = ran.complaint;
    let is_unknown = complaint.says("the server doesn't have a resource type")
        || complaint.says("could not find the requested resource");
    if is_unknown && is_installed(kind) {
        return Ok(Answer::Unknown);
    }
    if complaint.says(FORBIDDEN) {
        return Ok(Answer::Denied(complaint.line(FORBIDDEN)));
    }
    let words = complaint.end(|word| is_known(word) || OF_KUBECTL.contains(&word));
    let words = if words.is_empty() { "it says nothing" } else { &words };
    Err(StartError::Option(unreadable(words)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_its_objects_as_each_is_printed_alone() {
        let list = "apiVersion: v1\nitems:\n- apiVersion: v1\n  data:\n    a: |\n      x\n\n      - y\n  kind: ConfigMap\n  metadata:\n    name: one\n- kind: ConfigMap\n  metadata: {name: two}\nkind: List\nmetadata:\n  resourceVersion: \"\"\n";
        let objects = items("configmaps", list.as_bytes());
        let told: Vec<_> =
            objects.iter().map(|file| (file.name.as_str(), std::str::from_utf8(&file.bytes).unwrap())).collect();
        let one = "apiVersion: v1\ndata:\n  a: |\n    x\n\n    - y\nkind: ConfigMap\nmetadata:\n  name: one\n";
        assert_eq!(
            told,
            [("configmaps/one.yaml", one), ("configmaps/two.yaml", "kind: ConfigMap\nmetadata: {name: two}\n")]
        );
        let named =
            |list: String| items("configmaps", list.as_bytes()).into_iter().map(|file| file.name).collect::<Vec<_>>();
        assert_eq!(named(list.replace('\n', "\r\n")), ["configmaps/one.yaml", "configmaps/two.yaml"]);
        assert!(items("configmaps", b"").is_empty());
        assert_eq!(items("configmaps", b"kind: ConfigMap\n")[0].name, "configmaps/1.yaml");
    }
}
