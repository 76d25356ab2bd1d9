//! What the stacks that are given together take from each other: `Outputs.….Export.Name` in one, `Fn::ImportValue` in another. The CDK
//! writes both wherever a resource is used in another stack.

use std::collections::BTreeMap;

use crate::infra::value::Value;

/// The values by the names under which they are exported.
#[derive(Default, PartialEq)]
pub(in crate::infra) struct Exports(BTreeMap<String, Option<Value<String>>>);

impl Exports {
    pub(super) fn get(&self, name: &str) -> Option<&Value<String>> {
        self.0.get(name)?.as_ref()
    }

    /// Adds one. A name is exported once in an account and a region: where it is twice, these are stacks of several, and which is meant
    /// nobody says.
    pub(super) fn add(&mut self, name: String, value: Option<Value<String>>) {
        self.0.entry(name).and_modify(|taken| *taken = None).or_insert(value);
    }
}
