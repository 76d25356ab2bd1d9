//! How many of a workload run at once.

use super::objects::{Object, Objects, at, text_at};
use super::workload::{Image, containers};
use crate::config::settings::Replicas;
use crate::config::text::Node;

/// What says that several run: the workload itself, an autoscaler, or a kustomization. A `DaemonSet` runs once on each node.
pub(super) fn of(workload: &Object<'_>, objects: &Objects<'_>) -> Option<Replicas> {
    if workload.kind == "DaemonSet" {
        let at = workload.node.get("kind").map_or(workload.node.span, |kind| kind.span);
        return Some(Replicas::several("kind: DaemonSet", at));
    }
    let written = at(workload.node, &["spec", "replicas"]).and_then(|node| Replicas::of("replicas", node));
    match written {
        Some(known) if !known.is_unknown => Some(known),
        unknown => objects.all.iter().find_map(|object| scaled(workload, object)).or(unknown),
    }
}

/// The same for the controller that reads a `Pomerium` resource: it keeps sessions in memory unless the resource says otherwise.
pub(super) fn of_controller(resource: &Object<'_>, objects: &Objects<'_>) -> Option<Replicas> {
    let is_set = |path: &[&str]| at(resource.node, path).is_some();
    let is_shared = is_set(&["spec", "storage", "postgres"]) || is_set(&["spec", "storage", "redis"]);
    if is_shared || is_set(&["spec", "dataBroker"]) {
        return None;
    }
    let runs_it = |object: &&Object<'_>| containers(object).iter().any(|(_, _, image)| *image == Image::Controller);
    objects.all.iter().filter(runs_it).find_map(|controller| of(controller, objects))
}

fn scaled(workload: &Object<'_>, object: &Object<'_>) -> Option<Replicas> {
    let target = |key: &str| text_at(object.node, &["spec", "scaleTargetRef", key]);
    let is_target = target("name") == Some(workload.name) && target("kind").is_none_or(|kind| kind == workload.kind);
    let most = |key: &str| at(object.node, &["spec", key]).and_then(|node| Replicas::of(key, node));
    match object.kind {
        "HorizontalPodAutoscaler" if is_target => most("maxReplicas"),
        "ScaledObject" if is_target => most("maxReplicaCount"),
        _ => {
            let counts = object.node.get("replicas").map(Node::elements).unwrap_or_default();
            let own = counts.iter().find(|count| text_at(count, &["name"]) == Some(workload.name))?;
            Replicas::of("count", own.get("count")?)
        }
    }
}
