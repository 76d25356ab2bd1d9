//! Conditions of a template: yes, no, or a matter of what nobody here knows.

use crate::config::{Node, Value};

use super::evaluate::Evaluator;
use super::function::{call, scalar};
use crate::infra::value::Answer;

/// How deep conditions name others.
const DEEPEST: usize = 32;

impl Evaluator<'_, '_> {
    /// Whether a condition holds, by its name.
    pub(super) fn holds(&self, name: &str) -> Answer {
        self.holds_at(name, 0)
    }

    fn holds_at(&self, name: &str, depth: usize) -> Answer {
        match self.scope.conditions.get(name) {
            Some(condition) if depth < DEEPEST => self.is_so(condition, depth + 1),
            _ => Answer::Maybe,
        }
    }

    fn is_so(&self, node: &Node, depth: usize) -> Answer {
        if depth > DEEPEST || !self.steps.take() {
            return Answer::Maybe;
        }
        if let Value::Flag(flag) = node.value {
            return flag.into();
        }
        let Some(call) = call(node) else { return Answer::Maybe };
        let each = || call.argument.elements().iter().map(|part| self.is_so(part, depth + 1));
        match (call.name, call.argument.elements()) {
            ("Condition", _) => scalar(call.argument).map_or(Answer::Maybe, |name| self.holds_at(&name, depth)),
            ("Equals", [one, other]) => self.text(one).same(&self.text(other)),
            ("Not", [_]) => Answer::all(each()).not(),
            ("And", [_, ..]) => Answer::all(each()),
            ("Or", [_, ..]) => Answer::any(each()),
            _ => Answer::Maybe,
        }
    }
}
