//! Why a literal value is not to be had.

use crate::config::text::{Span, is_secret_store, kept};

/// Why a literal value is not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The text could not be read at all.
    Unread,
    /// The option is not set and need not be, or the configuration is not about Cognito; says which.
    Beside(&'static str),
    /// An option without which there is no login is not set; says which.
    Unset(&'static str),
    /// Whether the configuration is about Cognito is not known without the discovery document.
    Perhaps,
    /// It is a reference or was never filled in.
    Placeholder(Span),
    /// It stands in a file that cannot be read here; says which and why.
    Unreadable(String),
    /// It stands where only the cluster can look; says where.
    Kept(String),
    /// It stands in a file that lies where the configuration may not lead; says which, and what allows it.
    NotOpened(String),
}

impl Gap {
    /// Why a value that stands for another one is not to be had.
    pub fn of(value: &str, at: Span) -> Self {
        match kept(value) {
            Some(("", _)) => Self::Kept("the value is encrypted, and only the cluster has the key".to_owned()),
            None if is_secret_store(value) => {
                Self::Kept("the value stands in a secret store, from which a tool takes it".to_owned())
            }
            Some((secret, key)) => Self::Kept(format!("only the cluster holds the Secret {secret} with the key {key}")),
            None => Self::Placeholder(at),
        }
    }

    /// The reason for a question that was to be put to the provider: that only the cluster knows the answer is none.
    #[must_use]
    pub fn wanted(&self, option: &str) -> Self {
        match self {
            Self::Kept(why) => Self::Unreadable(format!("{why}: give what is no secret with --given {option}=VALUE")),
            other => other.clone(),
        }
    }
}

/// Why a setting that only logins need may be missing: a process that serves none passes users on, and the authenticate service
/// takes its own provider for an id that it does not know (`config/identity.go`, since v0.21).
pub const SERVES_NO_LOGIN: &str = "the authenticate service runs in another process, and serves the logins";

/// Why an option of a running Pomerium is not known.
pub(super) fn not_shown(option: &str) -> String {
    let help = match option {
        "idp_provider_url" => ": give its configuration too, or --given idp_provider_url=…",
        "idp_provider" => ": --probe-sign-out may show it",
        _ => "",
    };
    format!("the running Pomerium does not show its {option}{help}")
}
