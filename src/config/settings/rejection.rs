//! What does not get through to Pomerium.

use crate::config::text::Span;

/// Something in a Kubernetes resource that does not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The place.
    pub at: Span,
    /// Who refuses it.
    pub by: RejectedBy,
    /// The words of whoever refuses it.
    pub words: String,
    /// The change that cures it, line by line, as far as it can be told.
    pub fix: Vec<String>,
    /// A release that is not known here may take it.
    pub is_doubted: bool,
    /// What it is meant for is then not set, and nobody logs in without that.
    pub stops_login: bool,
}

impl Rejection {
    fn by(by: RejectedBy, at: Span, words: impl Into<String>) -> Self {
        Self { at, by, words: words.into(), fix: Vec::new(), is_doubted: false, stops_login: false }
    }

    /// The API server refuses the resource.
    pub(in crate::config) fn by_server(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::ApiServer, at, words)
    }

    /// The API server drops the field.
    pub(in crate::config) fn pruned(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::Pruning, at, words)
    }

    /// The ingress controller goes on with what it had before.
    pub(in crate::config) fn by_controller(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::Controller, at, words)
    }

    /// The ingress controller does not start.
    pub(in crate::config) fn at_start(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::Start, at, words)
    }

    /// The container does not start.
    pub(in crate::config) fn by_kubelet(at: Span, words: impl Into<String>) -> Self {
        Self::by(RejectedBy::Kubelet, at, words)
    }

    /// Says that a release that is not known here may take it.
    pub(in crate::config) fn doubted_if(self, is_doubted: bool) -> Self {
        Self { is_doubted, ..self }
    }

    /// Says that nobody logs in without what it is meant for.
    pub(in crate::config) fn stops_login_if(self, stops_login: bool) -> Self {
        Self { stops_login, ..self }
    }

    /// Adds a line to the cure.
    pub(in crate::config) fn fix(mut self, line: impl Into<String>) -> Self {
        self.fix.push(line.into());
        self
    }
}

/// Who refuses a part of a Kubernetes resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectedBy {
    /// The API server refuses the whole resource.
    ApiServer,
    /// The API server drops the field, or refuses the resource if it validates strictly, as `kubectl` asks it to.
    Pruning,
    /// The ingress controller reports an error and goes on with what it had before.
    Controller,
    /// The ingress controller ends with an error.
    Start,
    /// The kubelet does not start the container.
    Kubelet,
}
