//! The host of an issuer that is none of Cognito's: whether it is meant to be one, and whether somebody else is known to stand there.

use crate::config::cognito;
use crate::spelling;

/// The zones of AWS in which Cognito has its hosts.
const ZONES: [&str; 2] = ["amazonaws.com", "amazonaws.eu"];
/// So many slips of the pen are taken for a mistake, not for another name.
const SLIPS: usize = 2;

/// What a host is that looks like one of Cognito's and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alike {
    /// The issuer of identity pools, another product of the same name.
    IdentityPools,
    /// In China, where AWS lists no endpoint of user pools.
    China,
    /// A slip of the pen away from a host of issuers.
    Misspelt,
    /// A slip of the pen away from a login domain.
    MisspeltLogin,
}

impl Alike {
    /// What this host is; `None` if it is one of Cognito's, or nothing like it.
    pub fn of(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        if cognito::is_issuer_host(&host) || cognito::is_in_login_zone(&host) {
            return None;
        }
        let labels: Vec<&str> = host.split('.').collect();
        let [.., domain, top] = labels.as_slice() else { return None };
        let zone = format!("{domain}.{top}");
        let near = |known: &str| spelling::distance(&zone, known) <= SLIPS;
        let service = labels.first().copied().unwrap_or_default();
        let is_service = service.starts_with("cognito") || spelling::distance(service, "cognito-idp") <= SLIPS;
        if is_service && host.ends_with(".amazonaws.com.cn") {
            Some(Self::China)
        } else if service == "cognito-identity" && ZONES.into_iter().any(near) {
            Some(Self::IdentityPools)
        } else if (is_service || service.starts_with("issuer-cognito"))
            && (ZONES.into_iter().any(near) || zone == "amazon.com")
        {
            Some(Self::Misspelt)
        } else if near("amazoncognito.com") || near("amazoncognito.eu") {
            Some(Self::MisspeltLogin)
        } else {
            None
        }
    }
}

/// Whether an issuer is on a host of Cognito's, or on one that is meant to be.
pub fn points_to_cognito(issuer: &str) -> bool {
    let host = host_of(issuer);
    cognito::is_issuer_host(host) || cognito::is_in_login_zone(host) || Alike::of(host).is_some()
}

/// Providers that everybody knows, and programs that are known by the path of their issuers.
pub(in crate::config) struct Others;

impl Others {
    /// Hosts, and zones of hosts with a dot before them.
    const HOSTS: [&'static str; 18] = [
        "accounts.google.com",
        "appleid.apple.com",
        "gitlab.com",
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.salesforce.com",
        "oauth.id.jumpcloud.com",
        "sts.windows.net",
        "token.actions.githubusercontent.com",
        ".auth0.com",
        ".b2clogin.com",
        ".ciamlogin.com",
        ".cloudflareaccess.com",
        ".okta.com",
        ".okta-emea.com",
        ".oktapreview.com",
        ".onelogin.com",
        ".pingone.com",
    ];
    /// Keycloak, Authentik, Dex, Okta's and `OneLogin`'s own paths: Cognito has none of them.
    const PATHS: [&'static str; 5] = ["/realms/", "/application/o/", "/dex", "/oauth2/default", "/oidc/2"];

    /// The issuer is somebody else's for all that is known.
    pub(in crate::config) fn serve(issuer: &str) -> bool {
        let host = host_of(issuer);
        let is_known = |known: &&str| host == *known || known.starts_with('.') && host.ends_with(known);
        let path = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        let path = path.get(path.find('/').unwrap_or(path.len())..).unwrap_or_default();
        Self::HOSTS.iter().any(is_known) || Self::PATHS.iter().any(|known| path.starts_with(known))
    }
}

/// Where emulators of Cognito listen: on the machine itself, under `LocalStack`'s own names, or under those of their containers.
pub fn is_emulator(host: &str) -> bool {
    const NAMES: [&str; 8] = [
        "cognito",
        "cognito-local",
        "cognitolocal",
        "host.docker.internal",
        "localhost",
        "localstack",
        "moto",
        "motoserver",
    ];
    let host = host.to_ascii_lowercase().replace('_', "-");
    NAMES.contains(&host.as_str())
        || [".localhost", ".localstack.cloud"].iter().any(|zone| host.ends_with(zone))
        || host.parse().is_ok_and(|address: std::net::Ipv4Addr| address.is_loopback() || address.is_unspecified())
}

/// The host of a URL as it is written, without a port; of a text without a scheme, what stands before the first slash.
pub fn host_of(url: &str) -> &str {
    let rest = url.trim().split_once("://").map_or(url.trim(), |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_name() {
        for (host, alike) in [
            ("cognito-idp.eu-west-1.amazonaw.com", Some(Alike::Misspelt)),
            ("cognito-idp.eu-west-1.amazonaws.co", Some(Alike::Misspelt)),
            ("cognito-idp.eu-west-1.amzonaws.com", Some(Alike::Misspelt)),
            ("congito-idp.eu-west-1.amazonaws.com", Some(Alike::Misspelt)),
            ("cognito-idp.amazonaws.com", Some(Alike::Misspelt)),
            ("cognito.eu-west-1.amazonaws.com", Some(Alike::Misspelt)),
            ("cognito-idp-eu-west-1.amazonaws.com", Some(Alike::Misspelt)),
            ("cognito-idp.eu-west-1.amazonaws.eu", Some(Alike::Misspelt)),
            ("cognito-identity.amazonaws.com", Some(Alike::IdentityPools)),
            ("cognito-identity.eu-west-1.amazonaws.com", Some(Alike::IdentityPools)),
            ("cognito-idp.cn-north-1.amazonaws.com.cn", Some(Alike::China)),
            ("acme.auth.eu-west-1.amazoncognito.co", Some(Alike::MisspeltLogin)),
            ("acme.auth.eu-west-1.amazoncogito.com", Some(Alike::MisspeltLogin)),
            ("cognito-idp.eu-west-1.amazonaws.com", None),
            ("acme.auth.eu-west-1.amazoncognito.com", None),
            ("oidc.eks.eu-west-1.amazonaws.com", None),
            ("cognito-idp.localhost.localstack.cloud", None),
            ("cognito.corp.example.com", None),
            ("login.corp.example.com", None),
            ("localhost", None),
            ("", None),
        ] {
            assert_eq!(Alike::of(host), alike, "{host}");
        }
    }

    #[test]
    fn emulators_are_told_by_where_they_listen() {
        for host in ["localhost", "127.0.0.1", "cognito_local", "localstack", "cognito-idp.localhost.localstack.cloud"]
        {
            assert!(is_emulator(host), "{host}");
        }
        for host in
            ["cognito-idp.eu-west-1.amazonaws.com", "localhost.example.com", "10.0.0.7", "login.corp.example.com"]
        {
            assert!(!is_emulator(host), "{host}");
        }
    }

    #[test]
    fn well_known_providers_are_not_asked_about() {
        for issuer in [
            "https://accounts.google.com",
            "https://login.microsoftonline.com/0000/v2.0",
            "https://acme.okta.com/oauth2/default",
            "https://acme.eu.auth0.com/",
            "https://keycloak.corp.example.com/realms/staff",
            "https://sso.corp.example.com/application/o/pomerium/",
            "http://dex:5556/dex",
        ] {
            assert!(Others::serve(issuer), "{issuer}");
        }
        for issuer in [
            "https://login.corp.example.com",
            "https://gateway.corp.example.com/eu-west-1_9xK2mPq7R",
            "https://okta.com.evil.example",
            "https://evil-okta.com",
            "http://localhost:9229/local_1",
            "",
        ] {
            assert!(!Others::serve(issuer), "{issuer}");
        }
    }
}
