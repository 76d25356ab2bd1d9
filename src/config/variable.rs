//! A variable of an environment.

use super::Span;

/// A variable of Pomerium's environment.
#[derive(Clone)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
    /// The place of the name.
    pub(super) name_span: Span,
    /// The place of the value.
    pub(super) span: Span,
}

/// A name that Pomerium's launcher reads, not its configuration (`internal/zero/cmd/env.go`).
pub(super) const ZERO_TOKEN: &str = "POMERIUM_ZERO_TOKEN";
