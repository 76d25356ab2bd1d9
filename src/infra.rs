//! Infrastructure code: what plans, states and templates say of the pool and its clients, as it is and as it will be.
//!
//! [`draft`] and [`together`] turn texts into [`Code`]: the resources of Cognito in them, each setting with its place and with as much of
//! its value as the code tells. Such texts hold other people's secrets in clear, so nothing is kept but the fields of [`settings`], and no
//! text: whoever shows a finding shows what was read. Nothing here judges.

mod attribute;
mod choose;
mod code;
mod links;
mod parameters;
mod places;
mod recognise;
mod refusal;
pub mod settings;
mod template;
mod terraform;
mod text;
mod value;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use attribute::Attribute;
pub use choose::{By, Candidate, Choice, Lack, Wish, addresses, choose};
pub use code::{Code, Drift, Fate, Form, Language, Note, OfPool, Picture, Pools, Resource, Tense};
pub use links::{Linked, belonging, has_pool, pool_id, pool_of, same_pool};
pub use parameters::{Parameter, Parameters};
pub use refusal::NotCode;
pub use terraform::KEPT;
pub use value::{Answer, Hole, Part, Pattern, Value};

use crate::disk::Bound;
use template::HandedOn;

/// Longest file that is read: the plans of the largest folders that are known have some fifty MiB.
pub const LONGEST: usize = 256 << 20;

/// What the user gives beside the files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The values of a template's parameters.
    pub parameters: Parameters,
    /// The region of the issuer, which `AWS::Region` is then.
    pub region: Option<String>,
}

/// A file that is recognised, as far as it can be read without the others.
pub struct Draft(Kind);

enum Kind {
    /// It needs none.
    Whole(Box<Code>),
    /// What others export may stand in it.
    Template(Box<template::Draft>),
}

impl Kind {
    fn template(&self) -> Option<&template::Draft> {
        match self {
            Self::Whole(_) => None,
            Self::Template(draft) => Some(draft),
        }
    }
}

/// Recognises a file or a pipe; where a link in a checkout leads, its author says, and so no further than for a configuration.
///
/// # Errors
/// If it cannot be read, or is nothing that is known here; the words say what to run instead.
pub fn load(path: &str) -> Result<Draft, NotCode> {
    let name = Path::new(path);
    if name.is_dir() {
        return Err(recognise::folder(name));
    }
    recognise::by_name(path)?;
    draft(path, Bound::read_flagged(name, LONGEST)?)
}

/// Recognises the bytes of a file that has this name.
///
/// # Errors
/// If it is nothing that is known here; the words say what to run instead.
pub fn draft(file: &str, bytes: Vec<u8>) -> Result<Draft, NotCode> {
    recognise::read(file, text::decode(bytes)?).map(Draft)
}

impl Draft {
    /// Reads what needs no others at once: a text takes many times the room of what it says.
    #[must_use]
    pub fn settled(self, options: &Options) -> Self {
        match self.0 {
            Kind::Template(draft) if draft.stands_alone() => {
                Self(Kind::Whole(Box::new(draft.read(options, &template::Exports::default()))))
            }
            _ => self,
        }
    }
}

/// Reads the files that are given together: what one template exports, another may import.
pub fn together(drafts: Vec<Draft>, options: &Options) -> Vec<Code> {
    let templates = || drafts.iter().filter_map(|draft| draft.0.template());
    let exports = template::exports(templates(), options);
    let handed_on: Vec<HandedOn> = templates().flat_map(|draft| HandedOn::by(draft, options, &exports)).collect();
    let read = |draft: Draft| match draft.0 {
        Kind::Whole(code) => *code,
        Kind::Template(draft) => draft.read(options, &exports),
    };
    let mut codes: Vec<Code> = drafts.into_iter().map(read).collect();
    HandedOn::heed(&handed_on, &mut codes);
    codes
}
