//! What viper does between the file and mapstructure: keys in lower case, dotted keys, the environment over the file.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::config::releases::options;
use crate::config::settings::Overridden;
use crate::config::text::{DEEPEST, DuplicateKey, Entry, Node, Span, Value, Variable, all_differ};
use crate::spelling::lower;

/// Keys below which Pomerium compares names with claims. They are lower-cased like all others, but later, where the spelling
/// as written is still wanted.
const KEPT: [&str; 3] = ["policy", "allowed_idp_claims", "ssh_policy"];

/// Lower-cases every key, also inside lists, and returns the keys that become equal by it. Which of two wins is chance.
pub(in crate::config) fn lower_case(root: &mut Node) -> Vec<DuplicateKey> {
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

/// Whether no key changes by it, and none stands twice: so it is in nearly every mapping.
fn are_lower(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| matches!(lower(&entry.key), Cow::Borrowed(_)))
        && all_differ(entries.iter().map(|entry| entry.key.as_str()))
}

fn find_collisions(entries: &[Entry], collisions: &mut Vec<DuplicateKey>) {
    if are_lower(entries) {
        return;
    }
    let mut places: HashMap<Cow<'_, str>, &Entry> = HashMap::new();
    for entry in entries {
        if let Some(first) = places.insert(lower(&entry.key), entry)
            && first.key != entry.key
        {
            let (first, second) = (first.key_span, entry.key_span);
            collisions.push(DuplicateKey { key: entry.key.clone(), first, second });
        }
    }
}

fn lower_keys(entries: &mut Vec<Entry>, collisions: &mut Vec<DuplicateKey>) {
    if are_lower(entries) {
        return;
    }
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

/// The settings that viper hands to mapstructure (`AllSettings`): the environment beats the file, an empty variable does not
/// count, `null` is no setting.
pub(in crate::config) fn all_settings(file: Node, environment: &[Variable]) -> Node {
    let span = file.span;
    let mut root = Branch::default();
    if let Value::Map(entries) = file.value {
        for mut entry in entries {
            if keep(&Way::default(), &mut entry) {
                lay(&Way::default(), entry, &mut root);
            }
        }
    }
    // Of two variables of one name the later one counts.
    let variables: HashMap<&str, &Variable> =
        environment.iter().filter(|variable| !variable.value.is_empty()).map(|v| (v.name.as_str(), v)).collect();
    let mut set: Vec<(String, &Variable)> =
        variables.values().filter_map(|variable| Some((options::bound_to(&variable.name)?, *variable))).collect();
    // Two that a form makes of one word stand at one place: nothing but their names tells which is first.
    set.sort_by(|(path, variable), (other, next)| (variable.span, path).cmp(&(next.span, other)));
    for (path, variable) in set {
        let value = Node { value: Value::Text(variable.value.clone()), span: variable.span };
        *root.at(path.split('.'), variable.span) = Branch::of(value);
    }
    root.into_node(span)
}

/// The options of the file, keys in lower case, that the environment sets to something else. An empty variable sets nothing.
pub(in crate::config) fn overridden(file: &Node, environment: &[Variable]) -> Vec<Overridden> {
    let set = environment.iter().filter(|variable| !variable.value.is_empty());
    set.filter_map(|variable| {
        let option = options::bound_to(&variable.name)?;
        let node = file
            .get(&option)
            .filter(|node| node.value != Value::Null && written(node).as_deref() != Some(variable.value.as_str()))?;
        Some(Overridden { option, file: node.span, environment: variable.span })
    })
    .collect()
}

/// A value as it would stand in a variable, if it can.
fn written(node: &Node) -> Option<String> {
    match &node.value {
        Value::Map(_) | Value::Float(_) | Value::Null => None,
        Value::List(elements) => elements.iter().map(written).collect::<Option<Vec<_>>>().map(|words| words.join(",")),
        value => Some(value.scalar()),
    }
}

/// The keys above a setting.
#[derive(Clone, Default)]
struct Way {
    /// Their number.
    depth: usize,
    /// Their dotted name, if an option begins so; no other is ever put together.
    name: Option<String>,
    /// They are the name of an option.
    is_option: bool,
    /// Some of them are. An option hides what is below it, even if nothing sets it.
    is_hidden: bool,
}

/// The keys that a written one stands for, and the way with them.
fn step<'k>(above: &Way, written: &'k str) -> (Vec<&'k str>, Way) {
    // A dot in a key is a step down. A hostile number of dots is not worth a hostile number of mappings.
    let is_taken_apart = written.matches('.').count() + above.depth < DEEPEST;
    let keys: Vec<&str> = if is_taken_apart { written.split('.').collect() } else { vec![written] };
    let way = keys.iter().fold(above.clone(), |above, key| below(&above, key));
    (keys, way)
}

fn below(above: &Way, key: &str) -> Way {
    let name = match &above.name {
        _ if above.depth == 0 => Some(key.to_owned()),
        parent => parent.as_ref().map(|parent| format!("{parent}.{key}")),
    };
    Way {
        depth: above.depth + 1,
        is_option: name.as_deref().is_some_and(options::is_bound),
        is_hidden: above.is_hidden || above.is_option,
        name: name.filter(|name| options::is_section(name)),
    }
}

/// Drops what is no setting below an entry: `null`, empty mappings, and what an option hides. Whether anything is left.
fn keep(above: &Way, entry: &mut Entry) -> bool {
    let (_, way) = step(above, &entry.key);
    match &mut entry.value.value {
        Value::Map(entries) if !way.is_option => {
            entries.retain_mut(|entry| keep(&way, entry));
            !entries.is_empty()
        }
        Value::Null => false,
        _ => !way.is_hidden,
    }
}

/// Lays what is left of an entry into the settings; the value of an option stays whole.
fn lay(above: &Way, entry: Entry, settings: &mut Branch) {
    let (keys, way) = step(above, &entry.key);
    let branch = settings.at(keys.into_iter(), entry.key_span);
    match entry.value {
        Node { value: Value::Map(entries), .. } if !way.is_option => {
            for entry in entries {
                lay(&way, entry, branch);
            }
        }
        node => *branch = Branch::of(node),
    }
}

/// A setting while all are put together: a value, or else a mapping that is being filled.
#[derive(Default)]
struct Branch {
    leaf: Option<Node>,
    entries: Vec<(String, Span, Branch)>,
    positions: HashMap<String, usize>,
}

impl Branch {
    fn of(leaf: Node) -> Self {
        Self { leaf: Some(leaf), ..Self::default() }
    }

    /// The place at the end of some keys, with the mappings on the way.
    fn at<'k>(&mut self, keys: impl Iterator<Item = &'k str>, key_span: Span) -> &mut Self {
        let mut branch = self;
        for key in keys {
            branch = branch.below(key, key_span);
        }
        branch
    }

    fn below(&mut self, key: &str, key_span: Span) -> &mut Self {
        // A mapping takes the place of any value.
        self.leaf = None;
        let position = *self.positions.entry(key.to_owned()).or_insert_with(|| {
            self.entries.push((key.to_owned(), key_span, Self::default()));
            self.entries.len() - 1
        });
        let (_, span, branch) = &mut self.entries[position];
        *span = key_span;
        branch
    }

    fn into_node(self, span: Span) -> Node {
        let entry = |(key, key_span, branch): (String, Span, Self)| {
            let value = branch.into_node(key_span);
            Entry { key, key_span, value }
        };
        let Self { leaf, entries, .. } = self;
        leaf.unwrap_or_else(|| Node { value: Value::Map(entries.into_iter().map(entry).collect()), span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::text::Place;
    use crate::config::text::yaml;
    use crate::config::text::{Source, SourceKind, Sources};

    fn settings(text: &str) -> Node {
        let source = Sources::default().add(Source::new("c.yaml", SourceKind::File, text));
        let root = yaml::read(text, &Place::Verbatim(source, 0), yaml::Wanted::Mapping).root;
        let empty = Node { value: Value::Map(Vec::new()), span: Span { source, start: 0, end: 0 } };
        all_settings(root.unwrap_or(empty), &[])
    }

    /// The settings as `a.b=c`, with a space between them.
    fn flat(node: &Node, path: &str) -> String {
        let below = |entry: &Entry| flat(&entry.value, &format!("{path}.{}", entry.key));
        match &node.value {
            Value::Map(entries) => entries.iter().map(below).collect::<Vec<_>>().join(" "),
            value => format!("{}={}", path.trim_start_matches('.'), value.scalar()),
        }
    }

    #[test]
    fn mappings_are_taken_apart_and_laid_together_by_their_dots() {
        for (text, expected) in [
            ("a: {b: 1, c: {d: 2}}", "a.b=1 a.c.d=2"),
            ("a.b: 1\na: {c: 2}\na.c.x: 3", "a.b=1 a.c.x=3"),
            ("a: {b: 1}\nx: 2\na.c: 3", "a.b=1 a.c=3 x=2"),
            ("a: 1\na.b: 2", "a.b=2"),
            ("a.b: 2\na: 1", "a=1"),
            ("a: 1\na.b: null\na.c: {}\nb: {c: {d: null}}", "a=1"),
            (
                "idp_provider.x: 1\nidp_provider: {y: 2}\ndownstream_mtls: {ca.x: 1, other: 3}",
                "idp_provider.y=2 downstream_mtls.other=3",
            ),
        ] {
            assert_eq!(flat(&settings(text), ""), expected, "{text}");
        }
    }

    #[test]
    fn variables_of_one_place_have_an_order() {
        let source = Sources::default().add(Source::new("c.yaml", SourceKind::File, "x"));
        let span = Span { source, start: 0, end: 1 };
        let names = ["SHARED_SECRET", "COOKIE_SECRET", "SIGNING_KEY", "IDP_CLIENT_ID", "IDP_CLIENT_SECRET"];
        let variables =
            names.map(|name| Variable { name: name.to_owned(), value: "x".to_owned(), name_span: span, span });
        for _ in 0..3 {
            let settings = all_settings(Node { value: Value::Map(Vec::new()), span }, &variables);
            let keys: Vec<&str> = settings.entries().iter().map(|entry| entry.key.as_str()).collect();
            assert!(keys.len() == 5 && keys.is_sorted(), "{keys:?}");
        }
    }

    #[test]
    fn nobody_puts_together_the_name_of_what_is_no_option() {
        let (_, way) = step(&Way::default(), "downstream_mtls");
        assert!(way.name.is_some() && step(&way, "ca").1.is_option);
        let (_, way) = step(&Way::default(), &"x".repeat(200_000));
        assert!(way.name.is_none() && step(&way, "ca").1.name.is_none());
    }
}
