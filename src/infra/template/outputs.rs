//! The outputs of templates that are given together, as far as others may import them.

use crate::config::Node;

use super::bounds::Steps;
use super::evaluate::Evaluator;
use super::exports::Exports;
use super::function::scalar;
use super::scope::Scope;
use super::{Draft, Options};
use crate::infra::value::{Answer, Value};

/// Stacks import what other stacks import, so many times.
const LONGEST_CHAIN: usize = 8;

/// What the templates export. One stack takes nothing from itself.
pub(in crate::infra) fn exports<'d>(drafts: impl Iterator<Item = &'d Draft>, options: &Options) -> Exports {
    let drafts: Vec<&Draft> = drafts.collect();
    let mut exports = Exports::default();
    if drafts.len() < 2 {
        return exports;
    }
    for _ in 0..LONGEST_CHAIN {
        let mut next = Exports::default();
        for draft in &drafts {
            add(&mut next, draft, options, &exports);
        }
        if next == exports {
            break;
        }
        exports = next;
    }
    exports
}

fn add(exports: &mut Exports, draft: &Draft, options: &Options, known: &Exports) {
    for part in draft.parts() {
        let scope = Scope::new(draft, part, options, known);
        let steps = Steps::default();
        let evaluator = Evaluator::new(&scope, &draft.places, &steps);
        for output in part.get("Outputs").map(Node::entries).unwrap_or_default() {
            steps.begin();
            let exported = output.value.get("Export").and_then(|export| export.get("Name"));
            let condition = output.value.get("Condition").and_then(scalar);
            let is_left_out = condition.is_some_and(|name| evaluator.holds(&name) == Answer::No);
            let (Some(name), Some(value), false) = (exported, output.value.get("Value"), is_left_out) else { continue };
            let Value::Known(name) = evaluator.text(name) else { continue };
            let value = evaluator.text(value).exported_from(&draft.file);
            exports.add(name, (!steps.are_too_many()).then_some(value));
        }
    }
}
