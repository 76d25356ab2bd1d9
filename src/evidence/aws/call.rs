//! The operations of the API that are asked, and what of each answer is kept.

use std::cell::Cell;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// An operation of the API of user pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "AWS documents them under these names")]
pub enum Operation {
    DescribeUserPoolClient,
    DescribeUserPool,
    ListUserPoolClientSecrets,
    DescribeUserPoolDomain,
    DescribeManagedLoginBrandingByClient,
    DescribeIdentityProvider,
    ListUserPoolClients,
}

impl Operation {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::DescribeUserPoolClient => "DescribeUserPoolClient",
            Self::DescribeUserPool => "DescribeUserPool",
            Self::ListUserPoolClientSecrets => "ListUserPoolClientSecrets",
            Self::DescribeUserPoolDomain => "DescribeUserPoolDomain",
            Self::DescribeManagedLoginBrandingByClient => "DescribeManagedLoginBrandingByClient",
            Self::DescribeIdentityProvider => "DescribeIdentityProvider",
            Self::ListUserPoolClients => "ListUserPoolClients",
        }
    }

    /// The header that names it.
    pub fn target(self) -> String {
        format!("AWSCognitoIdentityProviderService.{}", self.name())
    }

    /// The member that every answer has.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::DescribeUserPoolClient => "UserPoolClient",
            Self::DescribeUserPool => "UserPool",
            Self::ListUserPoolClientSecrets => "ClientSecrets",
            Self::DescribeUserPoolDomain => "DomainDescription",
            Self::DescribeManagedLoginBrandingByClient => "ManagedLoginBranding",
            Self::DescribeIdentityProvider => "IdentityProvider",
            Self::ListUserPoolClients => "UserPoolClients",
        }
    }

    /// What of that member is kept, by name. Everything else may be a secret, or be one some day.
    pub(super) fn kept(self) -> &'static [(&'static str, Kind)] {
        use Kind::{Addresses, Attributes, Flag, Number, Text, Texts, Within};
        match self {
            Self::DescribeUserPoolClient => &[
                ("UserPoolId", Text),
                ("ClientId", Text),
                ("ClientName", Text),
                ("AllowedOAuthFlowsUserPoolClient", Flag),
                ("AllowedOAuthFlows", Texts),
                ("AllowedOAuthScopes", Texts),
                ("CallbackURLs", Addresses),
                ("LogoutURLs", Addresses),
                ("SupportedIdentityProviders", Texts),
                ("ReadAttributes", Texts),
                ("ExplicitAuthFlows", Texts),
                ("RefreshTokenValidity", Number),
                ("AccessTokenValidity", Number),
                ("IdTokenValidity", Number),
                ("TokenValidityUnits", Within(&[("RefreshToken", Text), ("AccessToken", Text), ("IdToken", Text)])),
                ("RefreshTokenRotation", Within(&[("Feature", Text), ("RetryGracePeriodSeconds", Number)])),
                ("EnableTokenRevocation", Flag),
            ],
            Self::DescribeUserPool => &[
                ("Id", Text),
                ("Domain", Text),
                ("CustomDomain", Text),
                ("UserPoolTier", Text),
                ("IssuerConfiguration", Within(&[("Type", Text)])),
            ],
            // How many there are is all that is to be known.
            Self::ListUserPoolClientSecrets | Self::DescribeManagedLoginBrandingByClient => &[],
            Self::DescribeUserPoolDomain => {
                &[("UserPoolId", Text), ("Domain", Text), ("Status", Text), ("ManagedLoginVersion", Number)]
            }
            Self::DescribeIdentityProvider => {
                &[("ProviderName", Text), ("ProviderType", Text), ("AttributeMapping", Attributes)]
            }
            Self::ListUserPoolClients => &[("ClientId", Text), ("ClientName", Text)],
        }
    }

    /// The member is a list.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::ListUserPoolClientSecrets | Self::ListUserPoolClients)
    }
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Texts,
    /// Texts that are URLs, without passwords and secret parameters.
    Addresses,
    Number,
    Flag,
    /// An object of which these are kept.
    Within(&'static [(&'static str, Kind)]),
    /// Attributes of Cognito, of which the names are kept: what fills them may be anything.
    Attributes,
}

/// A call of the API.
pub struct Call {
    /// What is called.
    pub operation: Operation,
    /// For which region it is signed.
    pub region: String,
    /// The page that is wanted, where the answer before said how it is named.
    pub(super) page: Option<String>,
    /// How many more requests may be sent, to repeat what AWS was too busy to answer.
    pub(super) left: Rc<Cell<usize>>,
    /// The secret that Pomerium sends. The answer is compared with it when it comes in, and only the outcome is kept.
    pub(super) configured: Option<Secret>,
}

impl Call {
    pub(in crate::evidence) fn new(
        operation: Operation,
        region: &str,
        configured: Option<Secret>,
        page: Option<String>,
        left: Rc<Cell<usize>>,
    ) -> Self {
        Self { operation, region: region.to_owned(), page, left, configured }
    }

    /// Takes one more request out of what is left; nothing, if nothing is.
    pub(in crate::evidence) fn take_one(&self) -> Option<()> {
        self.left.set(self.left.get().checked_sub(1)?);
        Some(())
    }

    /// What a recorded request says of the call.
    pub(in crate::evidence) fn form(&self, parameters: &[(&str, &str)]) -> Vec<(String, String)> {
        let all = [(ACTION, self.operation.name())].into_iter().chain(parameters.iter().copied());
        all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// What sets the call apart from another one with the same parameters: the page that it asks for, and of the secret that it
    /// compares, a digest.
    pub fn key(&self) -> (String, [u8; 32]) {
        let secret = self.configured.as_ref().map_or("", |secret| secret.expose());
        (self.page.clone().unwrap_or_default(), Sha256::digest(secret).into())
    }

    /// The body of the request, given its parameters.
    pub fn body(&self, parameters: &[(String, String)]) -> String {
        let mut body = serde_json::Map::new();
        for (name, value) in parameters.iter().filter(|(name, _)| name != ACTION) {
            let number = (name == "MaxResults").then(|| value.parse::<u64>().ok()).flatten();
            body.insert(name.clone(), number.map_or_else(|| value.as_str().into(), Into::into));
        }
        if let Some(page) = &self.page {
            body.insert("NextToken".to_owned(), page.as_str().into());
        }
        serde_json::Value::Object(body).to_string()
    }
}

/// Under this name a recorded request says what it called.
pub(super) const ACTION: &str = "Action";
