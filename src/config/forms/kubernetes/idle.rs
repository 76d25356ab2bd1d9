//! What is scaled to nothing.

use super::objects::{Object, Objects};
use super::workload::Workload;
use super::{Value, controllers, schema};

/// Leaves out what is scaled to nothing beside a Pomerium that runs, as it is kept for the way back; and the resources that only a
/// controller among that would read.
pub(super) fn leave_out(objects: &mut Objects<'_>) {
    let runs = |object: &&Object<'_>| !is_idle(object) && runs_pomerium(object);
    if !objects.all.iter().any(|object| runs(&object)) {
        return;
    }
    let (idle, running): (Vec<_>, Vec<_>) = objects.all.iter().partition(|object| is_idle(object));
    let named = |object: &Object<'_>| {
        let names = controllers::of(object);
        names.filter_map(|container| controllers::resource_of(container, object.namespace, objects)).collect::<Vec<_>>()
    };
    let read = |by: &[&Object<'_>]| by.iter().flat_map(|object| named(object)).collect::<Vec<_>>();
    let (of_idle, of_running) = (read(&idle), read(&running));
    let is_out = |object: &Object<'_>| {
        let is_of_idle = || of_idle.iter().any(|name| name == object.name);
        let is_of_running = || of_running.iter().any(|name| name == object.name);
        is_idle(object) || schema::is_pomerium(object) && is_of_idle() && !is_of_running()
    };
    objects.all.retain(|object| !is_out(object));
}

/// Whether something of Pomerium's is in the pods of an object.
pub(super) fn runs_pomerium(object: &Object<'_>) -> bool {
    controllers::of(object).next().is_some() || !Workload::of(object).is_empty()
}

fn is_idle(object: &Object<'_>) -> bool {
    object.node.at(&["spec", "replicas"]).is_some_and(|replicas| replicas.value == Value::Integer(0))
}
