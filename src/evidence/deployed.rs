//! A running Pomerium: what it answers to visitors without a session, and what that shows of its configuration.

pub(super) mod callback;
mod clocks;
mod cookies;
pub(super) mod door;
pub(super) mod identity;
pub(super) mod own;
pub(super) mod places;
pub(super) mod release;
pub(super) mod route;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod who;

pub use callback::CallbackAnswer;
pub use clocks::{Clock, RunningClocks};
pub use cookies::{RunningCookie, RunningCookies};
pub use door::{Document, FrontDoor, Loop, Opened, WellKnown};
pub use identity::{Differs, RunningIdentity};
pub use release::ReleaseRange;
pub use route::{RouteAnswer, RouteKind, Seal, SignInLink};
pub use sign_in::{RunningParameter, RunningProvider, RunningRequest, SignInAnswer, SignInKind};
pub use sign_out::RunningSignOut;
pub use who::Stranger;

use crate::config::{Config, Span};

/// The header with which Pomerium marks the pages that are its own (`authorize/check_response.go`).
pub const OWN_PAGE: &str = "x-pomerium-intercepted-response";

/// The page on which the authenticate service takes visitors (`pkg/endpoints/paths.go`).
pub(super) const SIGN_IN: &str = "/.pomerium/sign_in";

/// The certificates that were shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServedCertificates(pub Vec<ServedCertificate>);

/// The certificate of a host that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedCertificate {
    /// The host.
    pub host: String,
    /// Where the answer was to be.
    pub at: Span,
    /// Why it is refused.
    pub why: String,
}

/// The callbacks that the answers of one Pomerium name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCallbacks {
    /// That of the host that was asked.
    pub here: (String, Span),
    /// That of the authenticate service, if it is another host.
    pub there: Option<(String, Span)>,
    /// That of the authenticate service to which the route sends users.
    pub sent: Option<(String, Span)>,
}

/// Where users are sent to log in, as far as it can be reached from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticateHost {
    /// The host.
    pub host: String,
    /// Where it is named.
    pub at: Span,
    /// It has no address here; in the words of the name server.
    pub absent: Option<String>,
}

/// The configuration that the running Pomerium is compared with.
#[derive(Clone)]
pub struct Beside(pub Config);

/// What the discovery document of its pool says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryBeside {
    /// `issuer`.
    pub issuer: String,
    /// The host of the login pages; none if the pool has no domain.
    pub login_host: Option<String>,
}

impl std::fmt::Debug for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Beside").field(&self.0.path).finish()
    }
}
