//! How many of a workload run at once.

use super::objects::{Object, Objects};
use super::workload::{Image, containers};
use crate::config::settings::Replicas;

/// What says that several run: the workload itself, an autoscaler, or a kustomization. A `DaemonSet` runs once on each node.
pub(super) fn of(workload: &Object<'_>, objects: &Objects<'_>) -> Option<Replicas> {
    if workload.kind == "DaemonSet" {
        let at = workload.node.get("kind").map_or(workload.node.span, |kind| kind.span);
        return Some(Replicas::several("kind: DaemonSet", at));
    }
    let written = workload.node.at(&["spec", "replicas"]).and_then(|node| Replicas::of("replicas", node));
    match written {
        Some(known) if !known.is_unknown => Some(known),
        unknown => objects.all.iter().find_map(|object| scaled(workload, object)).or(unknown),
    }
}

/// The same for the controller that reads a `Pomerium` resource: it keeps sessions in memory unless the resource says otherwise.
pub(super) fn of_controller(resource: &Object<'_>, objects: &Objects<'_>) -> Option<Replicas> {
    let is_set = |path: &[&str]| resource.node.at(path).is_some();
    let is_shared = is_set(&["spec", "storage", "postgres"]) || is_set(&["spec", "storage", "redis"]);
    if is_shared || is_set(&["spec", "dataBroker"]) {
        return None;
    }
    let runs_it = |object: &&Object<'_>| containers(object).iter().any(|(_, _, image)| *image == Image::Controller);
    objects.all.iter().filter(runs_it).find_map(|controller| of(controller, objects))
}

fn scaled(workload: &Object<'_>, object: &Object<'_>) -> Option<Replicas> {
    let target = |key: &str| object.node.text_at(&["spec", "scaleTargetRef", key]);
    let is_target = target("name") == Some(workload.name) && target("kind").is_none_or(|kind| kind == workload.kind);
    let most = |key: &str| object.node.at(&["spec", key]).and_then(|node| Replicas::of(key, node));
    match object.kind {
        "HorizontalPodAutoscaler" if is_target => most("maxReplicas"),
        "ScaledObject" if is_target => most("maxReplicaCount"),
        _ => {
            let counts = object.node.list("replicas");
            let own = counts.iter().find(|count| count.text_at(&["name"]) == Some(workload.name))?;
            Replicas::of("count", own.get("count")?)
        }
    }
}
