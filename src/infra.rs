//! Infrastructure code: what plans, states and templates say of the pool and its clients, as it is and as it will be.
//!
//! [`read`] turns a text into [`Code`]: the resources of Cognito in it, each setting with its place and with as much of its value
//! as the code tells. Such texts hold other people's secrets in clear, so nothing is kept but the fields of [`settings`], and no
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
pub use links::{Linked, belonging, has_pool, pool_of, same_pool};
pub use parameters::{Parameter, Parameters};
pub use refusal::NotCode;
pub use terraform::KEPT;
pub use value::{Answer, Hole, Part, Pattern, Value};

use crate::disk::Bound;

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

/// Reads a file or a pipe; where a link in a checkout leads, its author says, and so no further than for a configuration.
///
/// # Errors
/// If it cannot be read, or is nothing that is known here; the words say what to run instead.
pub fn load(path: &str, options: &Options) -> Result<Code, NotCode> {
    let name = Path::new(path);
    if name.is_dir() {
        return Err(recognise::folder(name));
    }
    recognise::by_name(path)?;
    read(path, Bound::read_flagged(name, LONGEST)?, options)
}

/// Reads the bytes of a file that has this name.
///
/// # Errors
/// If it is nothing that is known here; the words say what to run instead.
pub fn read(file: &str, bytes: Vec<u8>, options: &Options) -> Result<Code, NotCode> {
    recognise::read(file, text::decode(bytes)?, options)
}
