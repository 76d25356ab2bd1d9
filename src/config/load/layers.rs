//! Files that are laid over one another, the later one on top: values of a chart (`helm -f A -f B`) and compose files
//! (`docker compose -f A -f B`).
//!
//! In a folder, a delivery tool lists the values that it lays over one another, or their names say it: `values-prod.yaml` beside
//! `values.yaml`, `compose.prod.yaml` beside `compose.yaml`.
//!
//! Two files that were named together may as well be two deployments. What cannot stand alone is a layer; and of two layers that
//! say the same setting, each is one of a deployment of its own, so that neither hides a mistake of the other.

use std::collections::{BTreeSet, HashMap};

use super::reader::{Recognised, end_of, ends_in};
use crate::config::forms::helm;
use crate::config::forms::recognise::Shape;
use crate::config::text::{Node, SourceId, Value, dotenv, normalised, yaml};

/// What is laid over a file: for each deployment that comes of it, the files on top, the lowest first.
#[derive(Default)]
pub(in crate::config) struct Layers {
    /// The file at the bottom, by its position among the files.
    pub(in crate::config) base: usize,
    /// The other files, by deployment.
    pub(in crate::config) above: Vec<Vec<Layer>>,
    /// Files that belong to it and are not here, or cannot be read as one document.
    pub(in crate::config) missing: Vec<String>,
    /// Somebody says all that is laid over it, be it nothing.
    pub(in crate::config) is_whole: bool,
}

/// A file that is laid over another one.
#[derive(Clone)]
pub(in crate::config) struct Layer {
    pub(in crate::config) name: String,
    pub(in crate::config) source: SourceId,
    pub(in crate::config) root: Node,
}

/// Finds the layers among the files.
pub(in crate::config) fn find(files: &[Recognised<'_>]) -> Vec<Layers> {
    let mut found = named(files);
    composed(files, &mut found);
    listed(files, &mut found);
    beside(files, &mut found);
    found
}

/// Those among the files that the user named, in their order.
fn named(files: &[Recognised<'_>]) -> Vec<Layers> {
    let mut found: Vec<Layers> = Vec::new();
    let mut bases: Vec<(usize, Node)> = Vec::new();
    for (index, file) in files.iter().enumerate().filter(|(_, file)| !file.found) {
        let Some(root) = root(file) else { continue };
        let below = bases.iter().rev().find(|(base, below)| is_over(files.get(*base), below, file, &root));
        let Some((base, _)) = below else {
            if matches!(file.shape, Shape::Helm | Shape::Compose) {
                bases.push((index, root));
            }
            continue;
        };
        let layer = Layer { name: file.name.clone(), source: file.source, root };
        match found.iter_mut().find(|layers| layers.base == *base) {
            Some(layers) => layers.add(layer),
            None => found.push(Layers { base: *base, above: vec![vec![layer]], ..Layers::default() }),
        }
    }
    found
}

/// Those that the `.env` of a folder lists: `docker compose` reads these and no others
/// (<https://docs.docker.com/compose/how-tos/environment-variables/envvars/#compose_file>).
fn composed(files: &[Recognised<'_>], found: &mut Vec<Layers>) {
    let is_env = |file: &&Recognised<'_>| file.found && file.name.get(folder(&file.name)..) == Some(".env");
    for env in files.iter().filter(is_env) {
        let text = &env.text.text;
        let set = |name: &str| {
            let mut lines = dotenv::environment_lines(text).into_iter();
            let (_, value) = lines.find(|(own, _)| text.get(own.clone()).is_some_and(|own| own.trim() == name))?;
            Some(text.get(value)?.trim().trim_matches(['"', '\'']))
        };
        let Some(list) = set("COMPOSE_FILE").filter(|list| !list.is_empty()) else { continue };
        let (mut base, mut above, mut missing) = (None, Vec::new(), Vec::new());
        for name in list.split(set("COMPOSE_PATH_SEPARATOR").unwrap_or(":")) {
            let path = normalised(&format!("{}{name}", &env.name[..folder(&env.name)]));
            let index = files.iter().position(|file| normalised(&file.name) == path);
            if base.is_none() && index.is_some() {
                base = index;
                continue;
            }
            match index.and_then(|index| files.get(index)).and_then(layer) {
                Some(layer) => above.push(layer),
                None => missing.push(format!("the file {name} of `COMPOSE_FILE` in {}", env.name)),
            }
        }
        let Some(base) = base.filter(|base| is_free(files, found, *base)) else { continue };
        found.push(Layers { base, above: vec![above], missing, is_whole: true });
    }
}

/// Those that a delivery tool lists, in its order.
fn listed(files: &[Recognised<'_>], found: &mut Vec<Layers>) {
    let lists = files.iter().filter(|file| file.found && names_files(file)).flat_map(|file| {
        let documents = yaml::documents(&file.text.text, file.source).into_iter().filter_map(|document| document.root);
        documents.flat_map(|document| helm::value_files(&document)).collect::<Vec<_>>()
    });
    for list in lists {
        let positions = list.iter().map(|name| {
            let end = end_of(name);
            files.iter().position(|file| ends_in(&file.name, &end))
        });
        let Some(positions) = positions.collect::<Option<Vec<usize>>>() else { continue };
        let Some((&base, above)) = positions.split_first() else { continue };
        let layers = above.iter().map(|index| files.get(*index).and_then(layer)).collect::<Option<Vec<Layer>>>();
        if let Some(layers) = layers.filter(|layers| !layers.is_empty() && is_free(files, found, base)) {
            match found.iter_mut().find(|other| other.base == base) {
                Some(other) => other.above.push(layers),
                None => found.push(Layers { base, above: vec![layers], ..Layers::default() }),
            }
        }
    }
}

/// Whether a file may list files of values.
fn names_files(file: &Recognised<'_>) -> bool {
    let keys = ["valueFiles", "releases", "additionalValuesFiles"];
    matches!(file.shape, Shape::Helm | Shape::Kubernetes) && keys.iter().any(|key| file.text.text.contains(key))
}

/// Those that their names lay over the file beside them. Compose runs that one by itself too, without being asked; values of a
/// chart are then never used alone.
fn beside(files: &[Recognised<'_>], found: &mut Vec<Layers>) {
    let mut bases: HashMap<&str, usize> = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        if let Some(stem) = stem(&file.name) {
            bases.entry(stem).or_insert(index);
        }
    }
    for file in files.iter().filter(|file| file.found) {
        let Some(&index) = stem_of_base(&file.name).and_then(|stem| bases.get(stem)) else { continue };
        let Some(base) = files.get(index).filter(|_| is_free(files, found, index)) else { continue };
        let is_layer =
            found.iter().flat_map(|layers| layers.above.iter().flatten()).any(|layer| layer.source == file.source);
        let (Some(below), Some(layer)) = (root(base), layer(file)) else { continue };
        if is_layer || !is_over(Some(base), &below, file, &layer.root) {
            continue;
        }
        match found.iter_mut().find(|layers| layers.base == index) {
            Some(layers) => layers.above.push(vec![layer]),
            None if base.shape == Shape::Compose => {
                found.push(Layers { base: index, above: vec![Vec::new(), vec![layer]], ..Layers::default() });
            }
            None => found.push(Layers { base: index, above: vec![vec![layer]], ..Layers::default() }),
        }
    }
}

/// Whether a file can be the lowest one: it is read for itself, and is laid over no other.
fn is_free(files: &[Recognised<'_>], found: &[Layers], index: usize) -> bool {
    files.get(index).is_some_and(|file| {
        let is_layer = |layer: &Layer| layer.source == file.source;
        matches!(file.shape, Shape::Helm | Shape::Compose)
            && !found.iter().flat_map(|layers| layers.above.iter().flatten()).any(is_layer)
    })
}

/// How the names of files begin that others may be variants of.
const BASES: [&str; 3] = ["values", "compose", "docker-compose"];

/// The path of a file without its ending, if others may be its variants.
fn stem(path: &str) -> Option<&str> {
    let stem = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml"))?;
    BASES.contains(&stem.get(folder(stem)..)?).then_some(stem)
}

/// The stem of the file beside it of which a file is the variant for some surroundings: `values-prod.yaml`, `compose.prod.yaml`. The
/// override is compose's own, and is read with its file.
fn stem_of_base(path: &str) -> Option<&str> {
    let own = path.get(folder(path)..)?;
    let rest = BASES.iter().find_map(|base| own.strip_prefix(base))?;
    let is_variant =
        rest.starts_with(['.', '-', '_']) && ![".yaml", ".yml"].contains(&rest) && !rest.starts_with(".override.");
    path.strip_suffix(rest).filter(|_| is_variant)
}

/// Where the name of a file begins in its path.
fn folder(path: &str) -> usize {
    path.rfind('/').map_or(0, |slash| slash + 1)
}

fn layer(file: &Recognised<'_>) -> Option<Layer> {
    Some(Layer { name: file.name.clone(), source: file.source, root: root(file)? })
}

impl Layers {
    fn add(&mut self, layer: Layer) {
        let said = leaves(&layer.root);
        let is_apart = |above: &Vec<Layer>| above.iter().any(|other| !leaves(&other.root).is_disjoint(&said));
        match self.above.iter_mut().find(|above| !is_apart(above)) {
            Some(above) => above.push(layer),
            None => self.above.push(vec![layer]),
        }
    }
}

/// What a deployment is called that comes of several files.
pub(in crate::config) fn name(base: &str, above: &[Layer]) -> String {
    above.iter().fold(base.to_owned(), |name, layer| format!("{name} + {}", layer.name))
}

/// The one document of a file.
fn root(file: &Recognised<'_>) -> Option<Node> {
    if !matches!(file.shape, Shape::Helm | Shape::Compose | Shape::Other(_) | Shape::Unknown(_)) {
        return None;
    }
    let mut documents = yaml::documents(&file.text.text, file.source).into_iter();
    let root = documents.next()?.root.filter(|root| !root.entries().is_empty() && root.get("kind").is_none())?;
    documents.next().is_none().then_some(root)
}

fn is_over(base: Option<&Recognised<'_>>, below: &Node, file: &Recognised<'_>, above: &Node) -> bool {
    match (base.map(|base| &base.shape), &file.shape) {
        (Some(Shape::Helm), Shape::Helm) => !leaves(above).is_superset(&telling(below)),
        // Of a part of the values alone nobody can tell that they are Pomerium's.
        (Some(Shape::Helm), Shape::Other(_) | Shape::Unknown(_)) => {
            above.entries().iter().all(|entry| below.get(&entry.key).is_some())
        }
        (Some(Shape::Compose), Shape::Compose) => is_part_of_project(below, above),
        _ => false,
    }
}

/// Without an image of its own, a service is a part of the one of the same name.
fn is_part_of_project(below: &Node, above: &Node) -> bool {
    let services = |node: &Node| node.get("services").map(|services| services.entries().to_vec()).unwrap_or_default();
    let below = services(below);
    services(above).iter().any(|service| {
        let is_whole = ["image", "build", "extends"].iter().any(|key| service.value.get(key).is_some());
        !is_whole && below.iter().any(|other| other.key == service.key)
    })
}

/// Keys of charts, without their case and dashes, that every deployment of Pomerium needs.
const NEEDED: [&str; 9] = [
    "authenticateserviceurl",
    "clientid",
    "idpclientid",
    "idpprovider",
    "idpproviderurl",
    "issuer",
    "provider",
    "rootdomain",
    "url",
];

/// Where the values say what no deployment can do without.
fn telling(values: &Node) -> BTreeSet<String> {
    let is_needed = |path: &String| {
        let key = path.rsplit('.').next().unwrap_or(path);
        let bare: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        NEEDED.contains(&bare.to_ascii_lowercase().as_str())
    };
    leaves(values).into_iter().filter(is_needed).collect()
}

/// The paths of all that is said below a node.
fn leaves(node: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(node, "", &mut found);
    found
}

fn collect(node: &Node, path: &str, found: &mut BTreeSet<String>) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                collect(&entry.value, &format!("{path}.{}", entry.key), found);
            }
        }
        // `NAME=value` in a list is as good as an entry.
        Value::List(elements) => found.extend(elements.iter().map(|element| match &element.value {
            Value::Text(text) => format!("{path}.{}", text.split('=').next().unwrap_or(text)),
            _ => path.to_owned(),
        })),
        _ => {
            found.insert(path.to_owned());
        }
    }
}
