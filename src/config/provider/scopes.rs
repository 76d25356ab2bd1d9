//! The scopes that Pomerium asks for.

use super::gap::Gap;
use crate::config::pomerium::Login;
use crate::config::settings::{Setting, Settings};
use crate::config::text::{Span, ValueKind};

/// The scopes Pomerium will ask for, if they are literals and the configuration is about Cognito.
#[derive(Clone, Debug)]
pub struct RequestedScopes {
    /// Each scope as Cognito will see it: the `scope` parameter split at white space.
    pub words: Vec<String>,
    /// Where they come from.
    pub from: ScopesFrom,
    /// The best place to point at.
    pub at: Span,
}

impl RequestedScopes {
    /// Nobody writes any.
    pub(super) fn is_default(&self) -> bool {
        matches!(self.from, ScopesFrom::Default)
    }
}

/// Where the scopes come from that Pomerium asks for.
#[derive(Clone, Debug)]
pub enum ScopesFrom {
    /// The provider: nobody writes any.
    Default,
    /// `idp_scopes`, with its elements.
    Option(Setting<Vec<Setting<String>>>),
    /// The `scope` of `idp_request_params`, which takes the place of `idp_scopes`.
    Parameter,
}

pub(super) fn scopes(settings: &Settings, login: &Login) -> Result<RequestedScopes, Gap> {
    let words = |scope: &str| scope.split_ascii_whitespace().map(str::to_owned).collect();
    // Not every provider takes `idp_request_params`.
    if let Some(scope) = login.request_parameter("scope")
        && let Some((_, parameter)) = settings.idp_request_params.iter().find(|(key, _)| key.value == "scope")
    {
        return match parameter.kind() {
            ValueKind::Literal => {
                Ok(RequestedScopes { words: words(scope), from: ScopesFrom::Parameter, at: parameter.span })
            }
            ValueKind::Reference | ValueKind::Unfilled => Err(Gap::of(&parameter.value, parameter.span)),
        };
    }
    let written = settings.idp_scopes.as_ref();
    let mut elements = written.into_iter().flat_map(|list| &list.value);
    if let Some(element) = elements.find(|element| !element.value.is_empty() && element.kind() != ValueKind::Literal) {
        return Err(Gap::of(&element.value, element.span));
    }
    // Where nobody writes any, they are those of the provider.
    if let Some(provider) = settings.idp_provider.as_ref().filter(|provider| provider.kind() != ValueKind::Literal)
        && written.is_none_or(|list| list.value.is_empty())
    {
        return Err(Gap::of(&provider.value, provider.span));
    }
    let provider = || settings.idp_provider.as_ref().map_or(settings.anchor, |provider| provider.span);
    Ok(RequestedScopes {
        words: words(&login.scope),
        at: written.map_or_else(provider, |list| list.span),
        from: written.map_or(ScopesFrom::Default, |list| ScopesFrom::Option(list.clone())),
    })
}
