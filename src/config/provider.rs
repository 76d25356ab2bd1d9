//! What a configuration says of the identity provider: whether it is Cognito, and the settings that the rules ask for.

pub(in crate::config) mod gap;
pub(in crate::config) mod issuer_host;
pub(in crate::config) mod literals;
mod scopes;
mod secret;
pub(in crate::config) mod subject;
mod unsent;
mod users;

pub use gap::{Gap, SERVES_NO_LOGIN};
pub use issuer_host::{Alike, host_of, is_emulator, points_to_cognito};
pub use literals::*;
pub use scopes::{RequestedScopes, ScopesFrom};
pub use secret::{gap_of, is_left_in_file, is_own_file};
pub use subject::{Cognito, Subject};
pub use unsent::{kept_back, kept_back_issuer};
pub use users::{CognitoUsers, ScopesOfUsers};
