//! What the stacks that are given together take from each other: `Outputs.….Export.Name` in one, `Fn::ImportValue` in another. The CDK
//! writes both wherever a resource is used in another stack.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::config::Node;

use super::bounds::Steps;
use super::evaluate::Evaluator;
use super::function::scalar;
use super::scope::Scope;
use super::{Draft, Options};
use crate::infra::value::{Answer, Value};

/// Stacks import what other stacks import, so many times.
const LONGEST_CHAIN: usize = 8;

/// The values by the names under which they are exported.
#[derive(Default, PartialEq)]
pub(in crate::infra) struct Exports(BTreeMap<String, Option<Value<String>>>);

impl Exports {
    /// What the templates that are given together export. One stack takes nothing from itself.
    pub(in crate::infra) fn of<'d>(drafts: impl Iterator<Item = &'d Draft>, options: &Options) -> Self {
        let drafts: Vec<&Draft> = drafts.collect();
        let mut exports = Self::default();
        if drafts.len() < 2 {
            return exports;
        }
        for _ in 0..LONGEST_CHAIN {
            let mut next = Self::default();
            drafts.iter().for_each(|draft| next.add(draft, options, &exports));
            if next == exports {
                break;
            }
            exports = next;
        }
        exports
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value<String>> {
        self.0.get(name)?.as_ref()
    }

    fn add(&mut self, draft: &Draft, options: &Options, known: &Self) {
        for part in draft.parts() {
            let scope = Scope::new(draft, part, options, known);
            let steps = Steps::default();
            let evaluator = Evaluator::new(&scope, &draft.places, &steps);
            for output in part.get("Outputs").map(Node::entries).unwrap_or_default() {
                steps.begin();
                let exported = output.value.get("Export").and_then(|export| export.get("Name"));
                let condition = output.value.get("Condition").and_then(scalar);
                let is_left_out = condition.is_some_and(|name| evaluator.holds(&name) == Answer::No);
                let (Some(name), Some(value), false) = (exported, output.value.get("Value"), is_left_out) else {
                    continue;
                };
                let Value::Known(name) = evaluator.text(name) else { continue };
                let value = evaluator.text(value).exported_from(&draft.file);
                match self.0.entry(name) {
                    Entry::Vacant(free) => drop(free.insert((!steps.are_too_many()).then_some(value))),
                    // A name is exported once in an account and a region: these are stacks of several, and which is meant nobody says.
                    Entry::Occupied(mut taken) => drop(taken.insert(None)),
                }
            }
        }
    }
}
