//! The `configuration` of a plan: what the author wrote, as far as Terraform tells. Of an expression that is no constant it tells
//! what it refers to and nothing else.

use std::collections::HashMap;

use crate::go::json::Json;

use super::Kind;
use super::address::{Address, Step, steps};
use super::object::{Object, present};

/// How many references are followed from one to the next: module upon module.
const LONGEST_CHAIN: usize = 32;

/// How deep modules are looked into.
const DEEPEST: usize = 64;

/// A module: the expressions of its resources of Cognito, its outputs and its calls of other modules.
#[derive(Debug, Default)]
pub(super) struct Module<'a> {
    resources: HashMap<String, Object<'a>>,
    outputs: HashMap<String, Json<'a>>,
    calls: HashMap<String, Call<'a>>,
}

#[derive(Debug, Default)]
struct Call<'a> {
    inputs: HashMap<String, Json<'a>>,
    module: Module<'a>,
}

/// What an expression refers to in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The resource, if it is one; its modules have an index where that is known.
    pub(super) address: Address,
    /// The reference, with the module it stands in.
    pub(super) name: String,
    /// Whether it depends on the instance that refers to it.
    pub(super) by: By,
}

/// On what it depends which instance of a resource is meant. Of an expression only its references are told: what it makes of them,
/// nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// On nothing.
    Nothing,
    /// On `each.key` or `count.index`, which is this.
    Index(String),
    /// On the value that belongs to the instance, or on several instances.
    Instance,
}

impl By {
    /// With what the next expression depends on; it stands where this is the index.
    fn and(self, next: Own, index: Option<&String>) -> Self {
        match (self, next, index) {
            (by, Own::No, _) => by,
            (Self::Nothing, Own::Key, Some(index)) => Self::Index(index.clone()),
            _ => Self::Instance,
        }
    }
}

/// What an expression says of the instance for which it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    No,
    /// `each.key`, `count.index`.
    Key,
    /// `each.value`.
    Value,
}

impl<'a> Module<'a> {
    /// From `configuration`.
    pub(super) fn of_plan(configuration: Option<Json<'a>>) -> Option<Self> {
        let root = Object::of(configuration?).get("root_module")?;
        Some(Self::of(root, 0))
    }

    fn of(module: Json<'a>, depth: usize) -> Self {
        let module = Object::of(module);
        let resources = module.elements("resources").into_iter().filter_map(|resource| {
            let resource = Object::of(resource);
            Kind::of(&resource.text("type")?)?;
            Some((resource.text("address")?, resource.object("expressions")))
        });
        let outputs = module.object("outputs");
        let outputs = outputs.members().iter();
        let outputs = outputs.filter_map(|(name, output)| Some((name.clone(), Object::of(*output).get("expression")?)));
        let calls = module.object("module_calls");
        let calls = calls.members().iter().filter(|_| depth < DEEPEST).map(|(name, call)| {
            let call = Object::of(*call);
            let inputs = call.object("expressions").members().iter().cloned().collect();
            let module = call.get("module").map(|module| Self::of(module, depth + 1)).unwrap_or_default();
            (name.clone(), Call { inputs, module })
        });
        Self { resources: resources.collect(), outputs: outputs.collect(), calls: calls.collect() }
    }

    /// The expressions of a resource.
    pub(super) fn expressions(&self, of: &Address) -> Option<&Object<'a>> {
        self.at(&of.modules)?.resources.get(&of.local)
    }

    fn at(&self, path: &[Step]) -> Option<&Self> {
        path.iter().try_fold(self, |module, step| Some(&module.calls.get(&step.name)?.module))
    }

    /// What an expression of this resource refers to. Nothing, if it is more than one thing.
    pub(super) fn target(&self, of: &Address, expression: Json<'a>) -> Option<Target> {
        let (mut modules, mut expression) = (of.modules.clone(), expression);
        let (mut by, mut index) = (By::Nothing, of.index.clone());
        for _ in 0..LONGEST_CHAIN {
            let (reference, own) = only_reference(expression)?;
            by = by.and(own, index.as_ref());
            match self.follow(&modules, &reference) {
                Some((next_modules, next_index, next)) if only_reference(next).is_some() => {
                    (modules, index, expression) = (next_modules, next_index, next);
                }
                _ => {
                    let name = written(&modules, &reference);
                    return Some(Target { address: resource(modules, &reference), name, by });
                }
            }
        }
        None
    }

    /// The expression behind an input or an output, the module it stands in, and the index that `each.key` is there.
    fn follow(&self, modules: &[Step], reference: &str) -> Option<(Vec<Step>, Option<String>, Json<'a>)> {
        let steps = steps(reference);
        match steps.first()?.as_str() {
            "var" => {
                let (call, above) = modules.split_last()?;
                let input = self.at(above)?.calls.get(&call.name)?.inputs.get(steps.get(1)?)?;
                Some((above.to_vec(), call.index.clone(), *input))
            }
            "module" => {
                let inner = Address::of(&steps.iter().take(2).cloned().collect::<Vec<_>>().join(".")).modules;
                let path: Vec<Step> = modules.iter().cloned().chain(inner).collect();
                let output = self.at(&path)?.outputs.get(steps.get(2)?)?;
                Some((path, None, *output))
            }
            _ => None,
        }
    }
}

/// The one thing that an expression refers to, its longest name; and what it says of the instance besides.
fn only_reference(expression: Json<'_>) -> Option<(String, Own)> {
    let all: Vec<String> = Object::of(expression).elements("references").into_iter().filter_map(Json::text).collect();
    let is_key = |reference: &&String| ["each.key", "count.index"].contains(&reference.as_str());
    let is_own = |reference: &&String| reference.starts_with("each.") || is_key(reference);
    let own = match all.iter().filter(is_own).collect::<Vec<_>>()[..] {
        [] => Own::No,
        [one] if is_key(&one) => Own::Key,
        _ => Own::Value,
    };
    let mut others = all.iter().filter(|reference| !is_own(reference));
    let Some(first) = others.next() else { return all.first().map(|first| (first.clone(), own)) };
    let extends = |reference: &String| {
        first.strip_prefix(reference.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    others.all(extends).then(|| (first.clone(), own))
}

/// The resource that a reference is an attribute of.
fn resource(modules: Vec<Step>, reference: &str) -> Address {
    let steps = steps(reference);
    let length = if steps.first().is_some_and(|first| first == "data") { 3 } else { 2 };
    let named = Address::of(&steps.into_iter().take(length).collect::<Vec<_>>().join("."));
    Address { modules, ..named }
}

fn written(modules: &[Step], reference: &str) -> String {
    let calls = modules.iter().map(|step| match &step.index {
        Some(index) => format!("module.{}[{index}].", step.name),
        None => format!("module.{}.", step.name),
    });
    calls.chain([reference.to_owned()]).collect()
}

/// The constant that the author wrote, if it is one.
pub(super) fn constant(expression: Json<'_>) -> Option<Json<'_>> {
    present(Object::of(expression).get("constant_value"))
}

/// What an expression refers to, for people: its longest names.
pub(super) fn references(expression: Json<'_>) -> Vec<String> {
    let all: Vec<String> = Object::of(expression).elements("references").into_iter().filter_map(Json::text).collect();
    let is_longest =
        |name: &&String| !all.iter().any(|other| other.len() > name.len() && other.starts_with(name.as_str()));
    all.iter().filter(is_longest).cloned().collect()
}
