//! A variable of an environment.

use super::source::Span;

/// A variable of Pomerium's environment.
#[derive(Clone)]
pub(in crate::config) struct Variable {
    pub(in crate::config) name: String,
    pub(in crate::config) value: String,
    /// The place of the name.
    pub(in crate::config) name_span: Span,
    /// The place of the value.
    pub(in crate::config) span: Span,
}

/// A name that Pomerium's launcher reads, not its configuration (`internal/zero/cmd/env.go`).
pub(in crate::config) const ZERO_TOKEN: &str = "POMERIUM_ZERO_TOKEN";
