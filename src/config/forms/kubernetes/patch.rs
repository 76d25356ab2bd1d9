//! Patches of kustomizations, laid over the objects that they change.

use std::collections::{BTreeSet, HashMap};

use super::filling;
use super::operations::{self, Operation};
use crate::config::text::normalised;
use crate::config::text::{Node, SourceId, Sources, Span, Value};

/// A patch of an object.
#[derive(Clone)]
pub(in crate::config) struct Patch {
    /// The kind of the object; without one, all are meant.
    pub(in crate::config) kind: Option<String>,
    /// The name of the object; without one, all of the kind are meant.
    pub(in crate::config) name: Option<String>,
    /// The file, or the place of the patch.
    pub(in crate::config) what: String,
    pub(in crate::config) change: Change,
    /// Whether it may change what a Pomerium is given.
    pub(in crate::config) matters: bool,
    /// Whether it says itself that a Pomerium is changed.
    pub(in crate::config) is_ours: bool,
    /// The folder of the kustomization that says so.
    pub(in crate::config) by: String,
    /// The kustomization.
    pub(in crate::config) at: SourceId,
}

/// What a patch does with an object.
#[derive(Clone)]
pub(in crate::config) enum Change {
    /// It is a part of the object.
    Merge(Node),
    Operations(Vec<Operation>),
    /// Containers of the image of this name run another one.
    Image {
        name: String,
        instead: Instead,
    },
    /// A value from elsewhere takes the place of what is at these paths.
    Fill {
        paths: Vec<Vec<String>>,
        with: Node,
    },
    /// A value from elsewhere takes the place of `$(NAME)`.
    Variable {
        name: String,
        with: Node,
    },
    /// Something that we cannot do.
    Unknown,
}

/// What Pomerium is given by objects of these kinds, their own titles do not say.
pub(in crate::config) const GIVEN: [&str; 6] =
    ["ConfigMap", "Secret", "Ingress", "HTTPRoute", "Gateway", "PolicyFilter"];

/// What takes the place of the parts of an image's name.
#[derive(Clone)]
pub(in crate::config) struct Instead {
    pub(in crate::config) name: Option<String>,
    /// The tag or the digest, with the sign before it.
    pub(in crate::config) version: Option<String>,
}

impl Patch {
    fn fits(&self, kind: Option<&str>, name: Option<&str>) -> bool {
        let is = |wanted: &Option<String>, own| wanted.as_deref().is_none_or(|wanted| Some(wanted) == own);
        is(&self.kind, kind) && is(&self.name, name)
    }

    fn is_of_object(&self, object: &Node) -> bool {
        match &self.change {
            Change::Variable { name, .. } => filling::names(object, name),
            Change::Image { name, .. } => images(&mut object.clone()).iter().any(|image| split(image).0 == name),
            _ => self.fits(object.text_at(&["kind"]), object.text_at(&["metadata", "name"])),
        }
    }

    /// Whether it may change what an object of a title, `Deployment namespace/name`, is given.
    pub(super) fn is_of(&self, title: &str) -> bool {
        let Some((kind, name)) = title.split_once(' ') else { return false };
        let is_given = self.kind.as_deref().is_some_and(|kind| GIVEN.contains(&kind));
        self.matters && (is_given || self.fits(Some(kind), name.rsplit('/').next()))
    }
}

/// What became of a patch.
#[derive(Clone, Copy, Default)]
struct Fate {
    /// An object that it changes is here.
    is_here: bool,
    /// It could not be laid over one of them.
    is_left: bool,
}

/// The files that generators name, by the places that name them.
pub(in crate::config) type GeneratorFiles = HashMap<Span, SourceId>;

/// What kustomizations say of the manifests beside them.
#[derive(Default)]
pub(in crate::config) struct Kustomized {
    /// The files that generators name.
    pub(in crate::config) files: GeneratorFiles,
    /// What is patched, each kustomization in the order in which kustomize does it.
    pub(in crate::config) patches: Vec<Patch>,
    /// What each kustomization takes up, files and folders, by its own folder.
    pub(in crate::config) resources: HashMap<String, Vec<String>>,
}

impl Kustomized {
    /// Lays patches over the objects, those of a base before those of its overlays. What several overlays patch is one object for
    /// each of them: which is meant is not known, and their patches are left to be told, as those that cannot be applied are.
    /// Returns the patches of objects that are not here.
    pub(in crate::config) fn patch(&mut self, objects: &mut [Node], sources: &Sources) -> Vec<Patch> {
        let patches = std::mem::take(&mut self.patches);
        if patches.is_empty() {
            return patches;
        }
        let mut fates = vec![Fate::default(); patches.len()];
        for object in objects.iter_mut() {
            let file = sources.get(object.span.source).map_or("", |source| source.name.as_str());
            let file = normalised(file);
            let of_object = |patch: &Patch| patch.is_of_object(object) && self.takes_up(&patch.by, &file);
            let own = patches.iter().zip(&mut fates).filter(|(patch, _)| of_object(patch));
            let mut own: Vec<(&Patch, &mut Fate)> = own.collect();
            let folders: BTreeSet<&str> = own.iter().map(|(patch, _)| patch.by.as_str()).collect();
            let below = |folder: &str| folders.iter().filter(|other| self.takes_up(folder, other)).count();
            let is_chain = folders.iter().map(|folder| below(folder)).collect::<BTreeSet<_>>().len() == folders.len();
            own.sort_by_key(|(patch, _)| below(&patch.by));
            for (patch, fate) in own {
                fate.is_here = true;
                match patch.change.of(object).filter(|_| is_chain) {
                    Some(changed) => *object = changed,
                    None => fate.is_left = true,
                }
            }
        }
        let mut absent = Vec::new();
        for (patch, Fate { is_here, is_left }) in patches.into_iter().zip(fates) {
            match (is_here, is_left) {
                (false, _) => absent.push(patch),
                (true, true) => self.patches.push(patch),
                (true, false) => {}
            }
        }
        absent
    }

    /// Whether the kustomization of a folder takes up a file or a folder, by itself or through another one. What is below a
    /// folder whose kustomization was not read may be a part of it.
    fn takes_up(&self, folder: &str, wanted: &str) -> bool {
        let mut folders = vec![folder];
        let mut known = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for resource in self.resources.get(folder).into_iter().flatten() {
                let is_below = || wanted.strip_prefix(resource.as_str()).is_some_and(|rest| rest.starts_with('/'));
                if resource == wanted || !self.resources.contains_key(resource) && is_below() {
                    return true;
                }
                if known.insert(resource) {
                    folders.push(resource);
                }
            }
        }
        false
    }
}

impl Change {
    /// What it makes of an object, if it can be said.
    fn of(&self, object: &Node) -> Option<Node> {
        match self {
            Self::Merge(part) => {
                let mut merged = object.clone();
                merge(&mut merged, part, has_keyed_lists(object));
                Some(merged)
            }
            Self::Operations(list) => operations::apply(list, object),
            Self::Image { name, instead } => {
                let mut changed = object.clone();
                for image in images(&mut changed) {
                    let (own, version) = split(image);
                    if own == name {
                        let version = instead.version.as_deref().unwrap_or(version);
                        *image = format!("{}{version}", instead.name.as_deref().unwrap_or(own));
                    }
                }
                Some(changed)
            }
            Self::Fill { paths, with } => {
                let mut filled = object.clone();
                let is_filled = paths.iter().all(|path| filling::fill(&mut filled, path, with));
                is_filled.then_some(filled)
            }
            Self::Variable { name, with } => {
                let mut resolved = object.clone();
                filling::resolve(&mut resolved, name, with);
                Some(resolved)
            }
            Self::Unknown => None,
        }
    }
}

/// The images of all containers, wherever a kind has them.
fn images(node: &mut Node) -> Vec<&mut String> {
    match &mut node.value {
        Value::Map(entries) => entries
            .iter_mut()
            .flat_map(|entry| match entry.key.as_str() {
                "containers" | "initContainers" => of_containers(&mut entry.value),
                _ => images(&mut entry.value),
            })
            .collect(),
        Value::List(elements) => elements.iter_mut().flat_map(images).collect(),
        _ => Vec::new(),
    }
}

fn of_containers(list: &mut Node) -> Vec<&mut String> {
    let Value::List(containers) = &mut list.value else { return Vec::new() };
    let entries = containers.iter_mut().filter_map(|container| match &mut container.value {
        Value::Map(entries) => entries.iter_mut().find(|entry| entry.key == "image"),
        _ => None,
    });
    entries
        .filter_map(|entry| match &mut entry.value.value {
            Value::Text(image) => Some(image),
            _ => None,
        })
        .collect()
}

/// An image's name, and its tag and digest with the signs before them.
fn split(image: &str) -> (&str, &str) {
    let path = image.rfind('/').map_or(0, |slash| slash + 1);
    let at = image.get(path..).and_then(|last| last.find([':', '@'])).map_or(image.len(), |at| path + at);
    image.split_at(at)
}

/// Of a kind that kustomize does not know, lists have no keys (kubectl.docs.kubernetes.io, *patchesStrategicMerge*).
fn has_keyed_lists(object: &Node) -> bool {
    let group =
        object.text_at(&["apiVersion"]).and_then(|version| version.split_once('/')).map_or("", |(group, _)| group);
    !group.contains('.') || ["networking.k8s.io", "rbac.authorization.k8s.io"].contains(&group)
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
    element.text_at(&["mountPath"]).or_else(|| element.text_at(&["name"]))
}
