//! What viper does between the file and mapstructure: keys in lower case, dotted keys, the environment over the file.

use std::collections::{HashMap, HashSet};

use super::forms::Variable;
use super::node::{Entry, Node, Value};
use super::options;
use super::parsed::DEEPEST;
use super::source::Span;
use super::{DuplicateKey, Overridden};

/// Keys below which Pomerium compares names with claims. They are lower-cased like all others, but later, where the spelling
/// as written is still wanted.
const KEPT: [&str; 3] = ["policy", "allowed_idp_claims", "ssh_policy"];

/// Lower-cases every key, also inside lists, and returns the keys that become equal by it. Which of two wins is chance.
pub(super) fn lower_case(root: &mut Node) -> Vec<DuplicateKey> {
    let mut collisions = Vec::new();
    if let Value::Map(entries) = &mut root.value {
        lower_keys(entries, &mut collisions);
        for entry in entries {
            let is_routes = entry.key == "policy" || entry.key == "routes";
            lower_within(&mut entry.value, is_routes, false, &mut collisions);
        }
    }
    collisions
}

fn lower_within(node: &mut Node, in_routes: bool, keep: bool, collisions: &mut Vec<DuplicateKey>) {
    match &mut node.value {
        Value::List(elements) => {
            for element in elements {
                lower_within(element, in_routes, keep, collisions);
            }
        }
        Value::Map(entries) => {
            if keep {
                find_collisions(entries, collisions);
            } else {
                lower_keys(entries, collisions);
            }
            for entry in entries {
                let keep = keep || in_routes && KEPT.contains(&entry.key.as_str());
                lower_within(&mut entry.value, in_routes, keep, collisions);
            }
        }
        _ => {}
    }
}

fn find_collisions(entries: &[Entry], collisions: &mut Vec<DuplicateKey>) {
    let mut places: HashMap<String, &Entry> = HashMap::new();
    for entry in entries {
        if let Some(first) = places.insert(entry.key.to_lowercase(), entry)
            && first.key != entry.key
        {
            let (first, second) = (first.key_span, entry.key_span);
            collisions.push(DuplicateKey { key: entry.key.clone(), first, second });
        }
    }
}

fn lower_keys(entries: &mut Vec<Entry>, collisions: &mut Vec<DuplicateKey>) {
    find_collisions(entries, collisions);
    let mut positions: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for mut entry in entries.drain(..) {
        entry.key = entry.key.to_lowercase();
        if let Some(&position) = positions.get(&entry.key) {
            kept[position] = entry;
        } else {
            positions.insert(entry.key.clone(), kept.len());
            kept.push(entry);
        }
    }
    *entries = kept;
}

/// `downstream_mtls.ca` has two steps, and no variable sets anything deeper.
const LONGEST_BOUND_PATH: usize = 2;

/// One setting on its way through viper: the keys that lead to it, and its value.
type Leaf = (Vec<(String, Span)>, Node);

/// The settings that viper hands to mapstructure (`AllSettings`): the environment beats the file, an empty variable does not
/// count, `null` is no setting.
pub(super) fn all_settings(file: Node, environment: &[Variable]) -> Node {
    let bound: HashMap<String, String> = options::bindings().collect();
    let paths: HashSet<&str> = bound.keys().map(String::as_str).collect();
    let span = file.span;
    let mut leaves = Vec::new();
    if let Value::Map(entries) = file.value {
        for entry in entries {
            flatten(&mut Vec::new(), entry, &paths, &mut leaves);
        }
    }
    // A key below one that the environment may set is hidden by it, even if it does not.
    leaves.retain(|(keys, node)| node.value != Value::Null && !is_shadowed(keys, &paths));
    let mut root = Branch::default();
    for (keys, node) in leaves {
        root.insert(&keys, node);
    }
    let variables: HashMap<&str, &Variable> =
        environment.iter().filter(|variable| !variable.value.is_empty()).map(|v| (v.name.as_str(), v)).collect();
    let mut set: Vec<(&String, &&Variable)> =
        bound.iter().filter_map(|(path, name)| Some((path, variables.get(name.as_str())?))).collect();
    set.sort_by_key(|(_, variable)| variable.span);
    for (path, variable) in set {
        let keys: Vec<(String, Span)> = path.split('.').map(|key| (key.to_owned(), variable.span)).collect();
        root.insert(&keys, Node { value: Value::Text(variable.value.clone()), span: variable.span });
    }
    root.into_node(span)
}

/// The options of the file, keys in lower case, that the environment sets to something else. An empty variable sets nothing.
pub(super) fn overridden(file: &Node, environment: &[Variable]) -> Vec<Overridden> {
    let names: HashMap<String, String> = options::bindings().map(|(path, name)| (name, path)).collect();
    let set = environment.iter().filter(|variable| !variable.value.is_empty());
    set.filter_map(|variable| {
        let option = names.get(&variable.name)?;
        let node = file
            .get(option)
            .filter(|node| node.value != Value::Null && written(node).as_deref() != Some(variable.value.as_str()))?;
        Some(Overridden { option: option.clone(), file: node.span, environment: variable.span })
    })
    .collect()
}

/// A value as it would stand in a variable, if it can.
fn written(node: &Node) -> Option<String> {
    match &node.value {
        Value::Map(_) | Value::Float(_) | Value::Null => None,
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Text(text) | Value::Timestamp(text) => Some(text.clone()),
        Value::List(elements) => elements.iter().map(written).collect::<Option<Vec<_>>>().map(|words| words.join(",")),
    }
}

/// Takes a mapping apart unless it is the value of an option; empty mappings vanish.
fn flatten(above: &mut Vec<(String, Span)>, entry: Entry, bound: &HashSet<&str>, leaves: &mut Vec<Leaf>) {
    let depth = above.len();
    // A dot in a key is a step down. A hostile number of dots is not worth a hostile number of mappings.
    if entry.key.matches('.').count() + depth < DEEPEST {
        above.extend(entry.key.split('.').map(|key| (key.to_owned(), entry.key_span)));
    } else {
        above.push((entry.key.clone(), entry.key_span));
    }
    let whole = above.len() <= LONGEST_BOUND_PATH && bound.contains(joined(above).as_str());
    match entry.value {
        Node { value: Value::Map(entries), .. } if !whole => {
            for entry in entries {
                flatten(above, entry, bound, leaves);
            }
        }
        node => leaves.push((above.clone(), node)),
    }
    above.truncate(depth);
}

fn joined(keys: &[(String, Span)]) -> String {
    let keys: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
    keys.join(".")
}

fn is_shadowed(keys: &[(String, Span)], bound: &HashSet<&str>) -> bool {
    (1..keys.len().min(LONGEST_BOUND_PATH + 1)).any(|length| bound.contains(joined(&keys[..length]).as_str()))
}

/// A mapping while it is being filled.
#[derive(Default)]
struct Branch {
    entries: Vec<(String, Span, Child)>,
    positions: HashMap<String, usize>,
}

enum Child {
    Leaf(Node),
    Branch(Branch),
}

impl Branch {
    /// Sets a value at a path, making the mappings on the way.
    fn insert(&mut self, keys: &[(String, Span)], value: Node) {
        let Some(((key, key_span), rest)) = keys.split_first() else { return };
        let position = *self.positions.entry(key.clone()).or_insert_with(|| {
            self.entries.push((key.clone(), *key_span, Child::Branch(Branch::default())));
            self.entries.len() - 1
        });
        let entry = &mut self.entries[position];
        entry.1 = *key_span;
        if rest.is_empty() {
            entry.2 = Child::Leaf(value);
            return;
        }
        if let Child::Leaf(_) = entry.2 {
            entry.2 = Child::Branch(Branch::default());
        }
        if let Child::Branch(branch) = &mut entry.2 {
            branch.insert(rest, value);
        }
    }

    fn into_node(self, span: Span) -> Node {
        let entry = |(key, key_span, child): (String, Span, Child)| {
            let value = match child {
                Child::Leaf(node) => node,
                Child::Branch(branch) => branch.into_node(key_span),
            };
            Entry { key, key_span, value }
        };
        Node { value: Value::Map(self.entries.into_iter().map(entry).collect()), span }
    }
}
