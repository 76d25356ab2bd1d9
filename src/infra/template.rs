//! Templates of `CloudFormation`, SAM, `cdk synth` and the Serverless framework, in YAML and JSON.
//!
//! A property that is left out has the API's default, also where an update takes it out. What only the deploy knows is a hole, a
//! condition on it keeps both its arms, and a default of a parameter is a hint and no value.

mod bounds;
mod condition;
mod dynamic;
mod evaluate;
mod exports;
mod framework;
mod function;
mod outputs;
mod programs;
mod resources;
mod scope;

use crate::config::{Entry, Node, Span};

use super::Options;
use super::code::{Code, Form};
use super::places::Places;
pub(super) use exports::Exports;
pub(super) use outputs::exports;
pub(super) use programs::HandedOn;
use scope::Scope;

/// A template that was recognised. What it says may depend on what others export.
pub(super) struct Draft {
    file: String,
    root: Node,
    places: Places,
    is_serverless: bool,
    /// The keys that stand twice, where the one is that does not count.
    uncounted: Vec<(String, Span)>,
}

/// So many keys that stand twice are told of.
const MOST_REPEATED: usize = 10;

impl Draft {
    /// A text as a template; the text again, if it is none.
    pub(super) fn of(file: &str, root: Node, places: Places, uncounted: Vec<(String, Span)>) -> Result<Self, Node> {
        match parts(&root).map(|(_, is_serverless)| is_serverless) {
            Some(is_serverless) => Ok(Self { file: file.to_owned(), root, places, is_serverless, uncounted }),
            None => Err(root),
        }
    }

    /// Whether it neither exports nor imports anything, as far as its words tell.
    pub(super) fn stands_alone(&self) -> bool {
        let is_in = |word: &str| memchr::memmem::find(self.places.text().as_bytes(), word.as_bytes()).is_some();
        !["Export", "ImportValue"].into_iter().any(is_in)
    }

    fn parts(&self) -> Vec<&Node> {
        parts(&self.root).map(|(parts, _)| parts).unwrap_or_default()
    }

    /// What it says, with what the others export.
    pub(super) fn read(&self, options: &Options, exports: &Exports) -> Code {
        let mut code = Code::new(&self.file, Form::Template);
        let added = self.root.get("resources").into_iter().filter(|_| self.is_serverless);
        for elsewhere in added.flat_map(files_within) {
            let at = Some(self.places.span(elsewhere));
            code.lacks("a part of the resources stands in another file, which is not read", at);
        }
        for part in self.parts() {
            let scope = Scope::new(self, part, options, exports);
            code.parameters.extend(scope.parameter_names().map(str::to_owned));
            resources::read(&mut code, part, &scope, &self.places);
        }
        for (key, at) in self.uncounted.iter().take(MOST_REPEATED) {
            let words = format!("{key} stands here twice; CloudFormation takes the last");
            code.note(words, Some(self.places.span(*at)));
        }
        code
    }
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
