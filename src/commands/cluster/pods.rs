//! The pods of a namespace that nothing else shows: those that stand alone, and those that a controller runs of which only few
//! clusters know, Argo's `Rollout` or a `CloneSet`.

use std::collections::HashSet;

use serde::Deserialize;

use super::file_of;
use crate::config::RawFile;

/// As kubectl calls them.
pub(super) const KIND: &str = "pods";

#[derive(Deserialize)]
struct Pod {
    metadata: Metadata,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    owner_references: Vec<Owner>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Labels {
    pod_template_hash: Option<String>,
}

#[derive(Clone, Deserialize, PartialEq, Eq, Hash)]
struct Owner {
    kind: String,
    name: String,
    #[serde(default)]
    controller: bool,
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default)]
    phase: String,
}

/// Those whose controller is not among what was read, one of each controller: they are alike.
pub(super) fn of_others(pods: Vec<RawFile>, read: &[RawFile]) -> Vec<RawFile> {
    let names: HashSet<&str> = read.iter().map(|file| file.name.as_str()).collect();
    let mut controllers = HashSet::new();
    let is_one_more = |file: &RawFile| {
        let Ok(Pod { metadata, status }) = serde_yaml::from_slice(&file.bytes) else { return true };
        let has_ended = ["Succeeded", "Failed"].contains(&status.phase.as_str());
        let controller = metadata.owner_references.iter().find(|owner| owner.controller);
        !has_ended
            && controller.is_none_or(|controller| {
                let is_read =
                    name_of_file(controller, &metadata.labels).is_some_and(|name| names.contains(name.as_str()));
                // A node runs any number of pods that have nothing in common.
                !is_read && (controller.kind == "Node" || controllers.insert(controller.clone()))
            })
    };
    pods.into_iter().filter(is_one_more).collect()
}

/// As what the controller of a pod was read. A Deployment has its pods by way of a `ReplicaSet`, which it names after itself and the
/// hash of its template.
fn name_of_file(controller: &Owner, labels: &Labels) -> Option<String> {
    let name = controller.name.as_str();
    match controller.kind.as_str() {
        "StatefulSet" => Some(file_of("statefulsets.apps", name)),
        "DaemonSet" => Some(file_of("daemonsets.apps", name)),
        "ReplicaSet" => {
            let hash = labels.pod_template_hash.as_deref()?;
            Some(file_of("deployments.apps", name.strip_suffix(hash)?.strip_suffix('-')?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_read_unless_its_controller_is() {
        let file = |name: &str, text: String| RawFile { name: name.to_owned(), bytes: text.into_bytes() };
        let owned = |name: &str, kind: &str, owner: &str, hash: &str| {
            let owner = format!("ownerReferences: [{{kind: {kind}, name: {owner}, controller: true}}]");
            file(name, format!("metadata: {{name: {name}, labels: {{pod-template-hash: '{hash}'}}, {owner}}}\n"))
        };
        let read = [file("deployments.apps/a.yaml", String::new()), file("statefulsets.apps/s.yaml", String::new())];
        let pods = vec![
            owned("of-deployment", "ReplicaSet", "a-5d4f", "5d4f"),
            owned("of-rollout", "ReplicaSet", "b-77c9", "77c9"),
            owned("of-rollout-too", "ReplicaSet", "b-77c9", "77c9"),
            owned("of-set", "StatefulSet", "s", ""),
            owned("of-other-set", "StatefulSet", "t", ""),
            owned("of-node", "Node", "n", ""),
            owned("of-node-too", "Node", "n", ""),
            file("alone", "metadata: {name: alone}\n".to_owned()),
            file("ended", "metadata: {name: ended}\nstatus: {phase: Succeeded}\n".to_owned()),
        ];
        let left: Vec<String> = of_others(pods, &read).into_iter().map(|file| file.name).collect();
        assert_eq!(left, ["of-rollout", "of-other-set", "of-node", "of-node-too", "alone"]);
    }
}
