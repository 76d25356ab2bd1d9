//! The steps of a login.

/// The steps of a login, in order. [`Stage::ALL`] is the login path on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Does a Pomerium run there, and where does it send its users?
    Deployed,
    /// Would Pomerium read this file, and what would it read?
    Config,
    /// Can its own side of the login work?
    Pomerium,
    /// Is `idp_provider_url` the pool's issuer?
    Issuer,
    /// Does the pool serve a discovery document that Pomerium accepts?
    Discovery,
    /// Can its tokens be verified?
    Keys,
    /// Has it a domain, and does it answer?
    Domain,
    /// May the app client use the hosted login?
    Client,
    /// Does it know the callback URL?
    Callback,
    /// May it use the authorization-code flow?
    Flow,
    /// May it ask for the scopes?
    Scopes,
    /// Is its secret right?
    Secret,
    /// Do users see a login page?
    Login,
    /// Does Pomerium learn the claims that policies and headers ask for?
    Claims,
    /// Do the policies let in whom they are meant for?
    Policy,
    /// Does each route, and each token that a program sends, come to a session?
    Session,
    /// Does sign-out work?
    SignOut,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Self; 17] = [
        Self::Deployed,
        Self::Config,
        Self::Pomerium,
        Self::Issuer,
        Self::Discovery,
        Self::Keys,
        Self::Domain,
        Self::Client,
        Self::Callback,
        Self::Flow,
        Self::Scopes,
        Self::Secret,
        Self::Login,
        Self::Claims,
        Self::Policy,
        Self::Session,
        Self::SignOut,
    ];

    /// The name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Config => "config",
            Self::Pomerium => "pomerium",
            Self::Issuer => "issuer",
            Self::Discovery => "discovery",
            Self::Keys => "keys",
            Self::Domain => "domain",
            Self::Client => "client",
            Self::Callback => "callback",
            Self::Flow => "flow",
            Self::Scopes => "scopes",
            Self::Secret => "secret",
            Self::Login => "login",
            Self::Claims => "claims",
            Self::Policy => "policy",
            Self::Session => "session",
            Self::SignOut => "sign-out",
        }
    }
}
