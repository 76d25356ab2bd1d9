//! Why Pomerium does not start, in its own words and in ours.

use super::source::Span;

/// An error of Pomerium's own, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it is about. The words quote the user's text, so that nothing can be told from them.
    pub kind: RefusalKind,
    /// Pomerium's words.
    pub words: String,
    /// The place that provokes it, if there is one.
    pub at: Option<Span>,
}

/// What Pomerium refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The ending of the file's name.
    Format,
    /// The grammar of the text, or what it holds at its top level.
    Text,
    /// A text in which a key stands twice.
    DuplicateKey,
    /// A value of a type that its option does not take.
    Type,
    /// `POLICY` or `ROUTES`, which it cannot decode.
    EncodedRoutes,
    /// The policy of a route, while it decodes the file or when its authorize service starts.
    Policy,
    /// A key that it knows no more.
    RemovedKey,
    /// `authenticate_service_url`.
    AuthenticateUrl,
    /// `shared_secret`, or what is in its file.
    SharedSecret,
    /// `cookie_secret`, or what is in its file.
    CookieSecret,
    /// A file that cannot be read here. Where Pomerium runs it may exist.
    UnreadableFile,
    /// Anything else.
    Other,
}

impl RefusalKind {
    /// Whether Pomerium stops before it knows all values, and so before it looks at unknown keys and checks any value.
    pub(in crate::config) fn is_before_checks(self) -> bool {
        match self {
            Self::Format | Self::Text | Self::DuplicateKey | Self::Type | Self::EncodedRoutes | Self::Policy => true,
            Self::RemovedKey
            | Self::AuthenticateUrl
            | Self::SharedSecret
            | Self::CookieSecret
            | Self::UnreadableFile
            | Self::Other => false,
        }
    }
}
