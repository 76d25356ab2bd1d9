//! How an option is called where its reader has to write it: a resource, a chart and a `Secret` have names of their own.

use super::providers::COGNITO_SINCE;
use super::resource;
use super::version::PomeriumVersion;

/// In whose words a configuration is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// In Pomerium's: options in a file, variables in an environment.
    #[default]
    Own,
    /// In those of the `Pomerium` resource of the ingress controller, of its `Secret`s, and of annotations.
    Resource,
    /// In those of the chart `pomerium/pomerium`.
    Chart,
    /// In the camel case of a chart that somebody wrote for himself.
    Camel,
}

/// An option's name, and what it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The key.
    pub key: String,
    /// What it stands in, in words that follow "below" or "in"; empty for the top level.
    pub inside: &'static str,
}

const PROVIDER: &str = "below identityProvider";
const CLIENT: &str = "in the Secret that identityProvider.secret names";
const BOOTSTRAP: &str = "in the Secret that spec.secrets names";

/// Options by their names in the resource (`pomerium/config.go` of pomerium/ingress-controller).
const RESOURCE: [(&str, &str, &str); 20] = [
    ("authenticate_service_url", "url", "below authenticate"),
    ("idp_provider", "provider", PROVIDER),
    ("idp_provider_url", "url", PROVIDER),
    ("idp_scopes", "scopes", PROVIDER),
    ("idp_request_params", "requestParams", PROVIDER),
    ("idp_client_id", "client_id", CLIENT),
    ("idp_client_secret", "client_secret", CLIENT),
    ("idp_client_secret_file", "client_secret", CLIENT),
    ("shared_secret", "shared_secret", BOOTSTRAP),
    ("cookie_secret", "cookie_secret", BOOTSTRAP),
    ("signing_key", "signing_key", BOOTSTRAP),
    ("cookie_domain", "domain", "below cookie"),
    ("cookie_expire", "expire", "below cookie"),
    ("cookie_name", "name", "below cookie"),
    ("cookie_http_only", "httpOnly", "below cookie"),
    ("cookie_same_site", "sameSite", "below cookie"),
    ("jwt_claims_headers", "jwtClaimHeaders", "below spec"),
    ("pass_identity_headers", "passIdentityHeaders", "below spec"),
    ("bearer_token_format", "bearerTokenFormat", "below spec"),
    ("idp_access_token_allowed_audiences", "idpAccessTokenAllowedAudiences", "below spec"),
];

/// Options by their names among the chart's values (`charts/pomerium/templates/_helpers.tpl` of pomerium/pomerium-helm).
const CHART: [(&str, &str, &str); 11] = [
    ("authenticate_service_url", "authenticateServiceUrl", "below proxy"),
    ("idp_provider", "provider", "below authenticate.idp"),
    ("idp_provider_url", "url", "below authenticate.idp"),
    ("idp_client_id", "clientID", "below authenticate.idp"),
    ("idp_client_secret", "clientSecret", "below authenticate.idp"),
    ("idp_scopes", "scopes", "below authenticate.idp"),
    ("shared_secret", "sharedSecret", "below config"),
    ("cookie_secret", "cookieSecret", "below config"),
    ("signing_key", "signingKey", "below config"),
    ("databroker_storage_type", "type", "below databroker.storage"),
    ("databroker_storage_connection_string", "connectionString", "below databroker.storage"),
];

impl Dialect {
    /// The first release that takes the provider `cognito`: the resource learnt it ten releases after Pomerium.
    pub fn cognito_since(self) -> PomeriumVersion {
        if self == Self::Resource { resource::JOINED } else { COGNITO_SINCE }
    }

    /// What an option is called; nothing if it is called what Pomerium calls it.
    pub fn name(self, option: &str) -> Option<Name> {
        let of = |table: &[(&str, &'static str, &'static str)]| {
            let (_, key, inside) = table.iter().find(|(own, ..)| *own == option)?;
            Some(Name { key: (*key).to_owned(), inside })
        };
        match self {
            Self::Own => None,
            Self::Resource => of(&RESOURCE),
            Self::Chart => {
                Some(of(&CHART).unwrap_or_else(|| Name { key: option.to_owned(), inside: "below config.extraOpts" }))
            }
            Self::Camel => Some(Name { key: camel(option), inside: "" }),
        }
    }

    /// Its name with what it stands in, as people write it: `authenticate.idp.url`.
    pub fn path(self, option: &str) -> Option<String> {
        let Name { key, inside } = self.name(option)?;
        Some(match inside.strip_prefix("below ") {
            Some(inside) => format!("{inside}.{key}"),
            None if inside.is_empty() => key,
            None => format!("{key} {inside}"),
        })
    }
}

/// `idp_client_id` as `idpClientId`, as people, schemas and protobuf's JSON have it.
pub(in crate::config) fn camel(option: &str) -> String {
    let mut words = option.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_has_the_name_of_the_form() {
        for (dialect, option, path) in [
            (Dialect::Own, "idp_provider_url", None),
            (Dialect::Resource, "idp_provider_url", Some("identityProvider.url")),
            (Dialect::Resource, "idp_client_id", Some("client_id in the Secret that identityProvider.secret names")),
            (Dialect::Chart, "idp_client_id", Some("authenticate.idp.clientID")),
            (Dialect::Chart, "cookie_expire", Some("config.extraOpts.cookie_expire")),
            (Dialect::Camel, "idp_provider_url", Some("idpProviderUrl")),
        ] {
            assert_eq!(dialect.path(option).as_deref(), path, "{option}");
        }
    }
}
