//! What the form of a configuration says besides its settings.

use super::{Setting, Span};

/// A `Secret` that only the cluster holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptSecret {
    /// Its name, with its namespace as far as that is known.
    pub name: String,
    /// The keys that are read; none if nobody wrote them down.
    pub keys: Vec<String>,
    /// The options that they become.
    pub options: Vec<String>,
}

/// A key that a form has not, and the one that is probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// The key as it is written.
    pub key: String,
    /// The key that is read, with the keys above it: `authenticate.idp.url`.
    pub near: String,
    /// The place of the key.
    pub at: Span,
}

/// What says that several replicas run, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replicas {
    /// In words fit for a report: `replicas: 2`.
    pub says: String,
    /// The place.
    pub at: Span,
}

/// A value that somebody fills in before Pomerium decodes it: nothing can be told of what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenValue {
    /// The dotted path of its key.
    pub path: String,
    /// What stands in its place.
    pub text: Setting<String>,
    /// It becomes a list or a mapping, whatever is in that then.
    pub holds_several: bool,
}
