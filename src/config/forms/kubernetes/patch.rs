//! Patches of kustomizations, laid over the objects that they change.

use std::collections::BTreeSet;

use super::generator::{Kustomized, Patch};
use super::objects::text_at;
use crate::config::text::{Node, Value};

impl Kustomized {
    /// Lays patches over the objects as far as they are parts of them. What several kustomizations patch is one object for each
    /// of them: which is meant is not known, and their patches are left to be told.
    pub(in crate::config) fn merge_into(&mut self, objects: &mut [Node]) {
        let (merges, others): (Vec<Patch>, Vec<Patch>) =
            std::mem::take(&mut self.patches).into_iter().partition(|patch| patch.merge.is_some());
        self.patches = others;
        for patch in &merges {
            let is_same = |other: &&Patch| other.kind == patch.kind && other.name == patch.name;
            let all: BTreeSet<&str> = merges.iter().filter(is_same).map(|other| other.by.as_str()).collect();
            let object = objects.iter_mut().find(|object| {
                text_at(object, &["kind"]) == Some(patch.kind.as_str())
                    && text_at(object, &["metadata", "name"]) == patch.name.as_deref()
            });
            match (object, &patch.merge) {
                (Some(object), Some(merge)) if all.len() == 1 => merge_object(object, merge, &patch.kind),
                _ => self.patches.push(Patch { merge: None, ..patch.clone() }),
            }
        }
    }
}

fn merge_object(object: &mut Node, patch: &Node, kind: &str) {
    // Of a kind that kustomize does not know, lists have no keys (kubectl.docs.kubernetes.io, *patchesStrategicMerge*).
    merge(object, patch, kind != "Pomerium");
}

/// A strategic merge: mappings are joined, lists of named elements too, `null` deletes, and anything else is replaced.
fn merge(below: &mut Node, above: &Node, joins_lists: bool) {
    match (&mut below.value, &above.value) {
        (Value::Map(entries), Value::Map(others)) => {
            for other in others {
                let position = entries.iter().position(|entry| entry.key == other.key);
                match (position, &other.value.value) {
                    (Some(position), Value::Null) => drop(entries.remove(position)),
                    (Some(position), _) => {
                        if let Some(entry) = entries.get_mut(position) {
                            merge(&mut entry.value, &other.value, joins_lists);
                        }
                    }
                    (None, Value::Null) => {}
                    (None, _) => entries.push(other.clone()),
                }
            }
        }
        (Value::List(elements), Value::List(others))
            if joins_lists && others.iter().all(|other| key(other).is_some()) =>
        {
            for other in others {
                match elements.iter_mut().find(|element| key(element) == key(other)) {
                    // Of a variable, the new value takes the place of wherever the old one came from.
                    Some(element) if other.get("value").is_some() => *element = other.clone(),
                    Some(element) => merge(element, other, joins_lists),
                    None => elements.push(other.clone()),
                }
            }
        }
        _ => *below = above.clone(),
    }
}

/// What tells the elements of a list apart: containers, variables and volumes by name, mounts by path.
fn key(element: &Node) -> Option<&str> {
    text_at(element, &["mountPath"]).or_else(|| text_at(element, &["name"]))
}
