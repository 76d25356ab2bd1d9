//! Templates of `CloudFormation`, SAM, `cdk synth` and the Serverless framework, in YAML and JSON.
//!
//! A property that is left out has the API's default, also where an update takes it out. What only the deploy knows is a hole, a
//! condition on it keeps both its arms, and a default of a parameter is a hint and no value.

mod bounds;
mod condition;
mod dynamic;
mod evaluate;
mod framework;
mod function;
mod programs;
mod resources;
mod scope;

use crate::config::{Entry, Node, Span};

use super::Options;
use super::code::{Code, Form};
use super::places::Places;
use scope::Scope;

/// Reads a template; nothing, if it is none.
pub(super) fn read(file: &str, root: &Node, places: &Places, options: &Options) -> Option<Code> {
    let (parts, is_serverless) = parts(root)?;
    let mut code = Code::new(file, Form::Template);
    for elsewhere in root.get("resources").into_iter().filter(|_| is_serverless).flat_map(files_within) {
        code.lacks("a part of the resources stands in another file, which is not read", Some(places.span(elsewhere)));
    }
    for part in parts {
        let scope = Scope::new(part, options, is_serverless);
        code.parameters.extend(scope.parameter_names().map(str::to_owned));
        resources::read(&mut code, part, &scope, places);
    }
    Some(code)
}

/// The templates in a text: itself, or what a file of the Serverless framework adds to its own.
fn parts(root: &Node) -> Option<(Vec<&Node>, bool)> {
    if is_template(root) {
        return Some((vec![root], false));
    }
    let added = root.get("resources")?;
    root.get("service").or(root.get("provider")).or(root.get("functions"))?;
    let parts: Vec<&Node> = std::iter::once(added).chain(added.elements()).filter(|part| is_template(part)).collect();
    (!parts.is_empty()).then_some((parts, true))
}

/// Where a file of the Serverless framework takes resources from another file: `${file(cognito.yml)}` in place of a part, or of its
/// resources.
fn files_within(added: &Node) -> Vec<Span> {
    let parts = std::iter::once(added).chain(added.elements());
    let places = parts.flat_map(|part| [Some(part), part.get("Resources")]).flatten();
    places.filter(|place| function::scalar(place).is_some()).map(|place| place.span).collect()
}

/// Whether it is a file of the Serverless framework of which all resources stand in other files.
pub(super) fn is_serverless_of_files(root: &Node) -> bool {
    root.get("service").is_some() && root.get("resources").is_some_and(|added| !files_within(added).is_empty())
}

/// Resources by their logical ids, each with a type; or none of them, in a text that says by its version what it is.
fn is_template(node: &Node) -> bool {
    let Some(resources) = node.get("Resources") else { return false };
    let has_type = |entry: &Entry| entry.value.get("Type").is_some() || function::is_loop(&entry.key);
    let says_so = ["AWSTemplateFormatVersion", "Transform"].iter().any(|key| node.get(key).is_some());
    says_so || resources.entries().iter().any(has_type)
}
