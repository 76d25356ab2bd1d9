//! What Pomerium's releases changed about a login, each change with the first release that has it.

use super::version::PomeriumVersion;

macro_rules! changes {
    ($($(#[$about:meta])+ $change:ident = ($major:literal, $minor:literal, $patch:literal),)+) => {
        /// A change of how Pomerium acts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Change { $($(#[$about])+ $change,)+ }

        impl Change {
            /// The first release that has it.
            const fn since(self) -> PomeriumVersion {
                match self { $(Self::$change => PomeriumVersion($major, $minor, $patch),)+ }
            }
        }
    };
}

changes! {
    /// Identity headers are passed on only where `pass_identity_headers` is on (`config/envoyconfig/routes.go`).
    HeadersOnRequest = (0, 10, 0),
    /// The services need not agree on the provider: the authenticate service takes its own for one that it does not know
    /// (pomerium/pomerium#3917).
    OwnProviderOfServices = (0, 21, 0),
    /// Without `authenticate_service_url`, users log in at Pomerium's hosted service (`config/options.go`).
    HostedByDefault = (0, 22, 0),
    /// A sign-out visits Cognito if `signout_redirect_url` is set, and comes back to the authenticate service's root
    /// (`pkg/identity/oidc/cognito`).
    SignOutAtProvider = (0, 23, 0),
    /// A sign-out always visits Cognito, and comes back to `signout_redirect_url` if that is set.
    SignOutToRedirectUrl = (0, 24, 0),
    /// A sign-out comes back to the authenticate service's own page, whatever is set.
    SignOutToOwnPage = (0, 25, 0),
    /// An empty `authenticate_service_url` is as good as none (`config/options.go`).
    EmptyUrlIsNone = (0, 25, 0),
    /// `pass_identity_headers` may stand at the top level as well.
    GlobalHeaders = (0, 25, 0),
    /// `authenticate_callback_path` is ignored.
    FixedCallbackPath = (0, 31, 0),
    /// go-oidc v3.17 or later: it says in other words that an issuer is not the one that was asked for.
    IssuerMismatchReworded = (0, 32, 0),
    /// A code challenge is sent if the discovery document says that the provider takes one (`authenticate/pkce.go`).
    CodeChallenge = (0, 33, 0),
}

impl PomeriumVersion {
    /// Whether this release has a change.
    pub fn has(self, change: Change) -> bool {
        self >= change.since()
    }
}
