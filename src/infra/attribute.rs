//! What a setting of an app client is called, by whom.

use serde::{Deserialize, Serialize};

/// A setting of an app client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the table says what each is called")]
pub enum Attribute {
    OauthEnabled,
    Flows,
    Scopes,
    Callbacks,
    SignOutUrls,
    IdentityProviders,
    ReadAttributes,
    AuthFlows,
    RefreshValidity,
    Rotation,
    TokenRevocation,
    HasSecret,
}

/// Attribute, Terraform's name, the name in templates and in the API.
const NAMES: [(Attribute, &str, &str); 12] = [
    (Attribute::OauthEnabled, "allowed_oauth_flows_user_pool_client", "AllowedOAuthFlowsUserPoolClient"),
    (Attribute::Flows, "allowed_oauth_flows", "AllowedOAuthFlows"),
    (Attribute::Scopes, "allowed_oauth_scopes", "AllowedOAuthScopes"),
    (Attribute::Callbacks, "callback_urls", "CallbackURLs"),
    (Attribute::SignOutUrls, "logout_urls", "LogoutURLs"),
    (Attribute::IdentityProviders, "supported_identity_providers", "SupportedIdentityProviders"),
    (Attribute::ReadAttributes, "read_attributes", "ReadAttributes"),
    (Attribute::AuthFlows, "explicit_auth_flows", "ExplicitAuthFlows"),
    (Attribute::RefreshValidity, "refresh_token_validity", "RefreshTokenValidity"),
    (Attribute::Rotation, "refresh_token_rotation", "RefreshTokenRotation"),
    (Attribute::TokenRevocation, "enable_token_revocation", "EnableTokenRevocation"),
    (Attribute::HasSecret, "generate_secret", "GenerateSecret"),
];

impl Attribute {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(attribute, ..)| *attribute)
    }

    /// What Terraform's AWS provider calls it.
    pub fn terraform(self) -> &'static str {
        self.names().0
    }

    /// What `CloudFormation` and the API call it.
    pub fn aws(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        let found = NAMES.iter().find(|(attribute, ..)| *attribute == self);
        found.map_or(("", ""), |(_, terraform, aws)| (terraform, aws))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attribute_has_its_names() {
        assert!(Attribute::all().all(|attribute| !attribute.terraform().is_empty() && !attribute.aws().is_empty()));
        assert_eq!(Attribute::HasSecret.terraform(), "generate_secret");
        assert_eq!(Attribute::Callbacks.aws(), "CallbackURLs");
    }
}
