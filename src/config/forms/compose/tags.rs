//! `!override` and `!reset`, by which a compose file takes back what files below it say
//! (<https://docs.docker.com/reference/compose-file/merge/#reset-value>).

use std::rc::Rc;

use crate::config::text::{Entry, Node, Parsed, Place, Value, yaml};

const OVERRIDE: &str = "!override";
const RESET: &str = "!reset";

/// Reads a compose file. Only where a tag is, values carry it: as the one key of a mapping.
pub(super) fn read(text: &str, place: &Place) -> Parsed {
    let is_tagged = [OVERRIDE, RESET].iter().any(|tag| text.contains(tag));
    if is_tagged { yaml::read_tagged(text, place) } else { yaml::read(text, place, yaml::Wanted::Anything) }
}

/// What a tag says of the value behind it.
enum Said {
    /// Nothing below it counts.
    Instead(Node),
    /// Nothing below it counts, and neither does it.
    Nothing,
}

fn said(node: &Node) -> Option<Said> {
    match node.entries() {
        [Entry { key, value, .. }] if key == OVERRIDE => Some(Said::Instead(value.clone())),
        [Entry { key, .. }] if key == RESET => Some(Said::Nothing),
        _ => None,
    }
}

/// Heeds the tags of what is said of a service: on the service itself, on a part of it, and on an entry of a part.
pub(super) fn heed(layers: &mut Vec<Rc<Node>>) {
    let mut heeded: Vec<Rc<Node>> = Vec::with_capacity(layers.len());
    for layer in layers.drain(..) {
        let mut layer = match said(&layer) {
            Some(Said::Nothing) => {
                heeded.clear();
                continue;
            }
            Some(Said::Instead(node)) => {
                heeded.clear();
                Rc::new(node)
            }
            None => layer,
        };
        // Several services share what a file says of one: only what has a tag is changed.
        if has_tags(&layer) {
            heed_parts(Rc::make_mut(&mut layer), &mut heeded);
        }
        heeded.push(layer);
    }
    *layers = heeded;
}

/// Whether a tag is on a part of a service, or on an entry of a part.
fn has_tags(layer: &Node) -> bool {
    let is_tagged =
        |node: &Node| matches!(node.entries(), [Entry { key, .. }] if [OVERRIDE, RESET].contains(&key.as_str()));
    layer
        .entries()
        .iter()
        .any(|part| is_tagged(&part.value) || part.value.entries().iter().any(|entry| is_tagged(&entry.value)))
}

fn heed_parts(layer: &mut Node, below: &mut [Rc<Node>]) {
    let Value::Map(parts) = &mut layer.value else { return };
    parts.retain_mut(|part| {
        let Some(what) = said(&part.value) else {
            heed_entries(part, below);
            return true;
        };
        for layer in below.iter_mut() {
            remove(Rc::make_mut(layer), &part.key);
        }
        keep(part, what)
    });
}

fn heed_entries(part: &mut Entry, below: &mut [Rc<Node>]) {
    let Value::Map(entries) = &mut part.value.value else { return };
    entries.retain_mut(|entry| {
        let Some(what) = said(&entry.value) else { return true };
        for layer in below.iter_mut() {
            let Value::Map(parts) = &mut Rc::make_mut(layer).value else { continue };
            let same = parts.iter_mut().filter(|other| other.key == part.key);
            same.for_each(|other| remove(&mut other.value, &entry.key));
        }
        keep(entry, what)
    });
}

/// Puts the value itself in the place of the tagged one; whether there is one.
fn keep(entry: &mut Entry, what: Said) -> bool {
    match what {
        Said::Instead(value) => {
            entry.value = value;
            true
        }
        Said::Nothing => false,
    }
}

/// Takes a name out of a mapping, or out of a list of `NAME=value`.
fn remove(node: &mut Node, name: &str) {
    match &mut node.value {
        Value::Map(entries) => entries.retain(|entry| entry.key != name),
        Value::List(elements) => elements.retain(|element| match &element.value {
            Value::Text(text) => text.split('=').next() != Some(name),
            _ => true,
        }),
        _ => {}
    }
}
