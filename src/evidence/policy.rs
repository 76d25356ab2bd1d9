//! Which hosts may be asked, and which may receive a client secret.

use std::cell::RefCell;
use std::collections::BTreeSet;

use url::{Host, Url};

use super::{Failure, Flag, Step};

/// The hosts of this run beyond those of Cognito.
///
/// Every refusal names the flag that allows it, if one does.
pub(super) struct HostPolicy {
    /// `--allow-host`.
    allowed: BTreeSet<String>,
    /// `--secret-to`.
    secret: BTreeSet<String>,
    /// Login domains that genuine discovery documents name.
    login_domains: RefCell<BTreeSet<String>>,
}

impl HostPolicy {
    pub(super) fn new(allowed: &[String], secret: &[String]) -> Self {
        let hosts = |hosts: &[String]| hosts.iter().map(|host| normalize(host)).collect();
        Self { allowed: hosts(allowed), secret: hosts(secret), login_domains: RefCell::default() }
    }

    pub(super) fn trust_login_domain(&self, host: &str) {
        self.login_domains.borrow_mut().insert(normalize(host));
    }

    /// Whether this URL may be asked at all.
    pub(super) fn check(&self, url: &Url) -> Result<(), Failure> {
        if url.scheme() != "https" {
            return Err(Failure::new(Step::Policy, format!("only https is asked, and this is {}", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Failure::new(Step::Policy, "a URL with a user name or password is not asked"));
        }
        let host = url.host_str().unwrap_or_default();
        let known = is_cognito_issuer_host(host)
            || is_cognito_login_host(host)
            || self.allowed.contains(host)
            || self.login_domains.borrow().contains(host);
        if known {
            return Ok(());
        }
        let cause = format!(
            "{host} is neither a host of Cognito nor a login domain that Cognito's own discovery document names; \
             --allow-host {host} allows it"
        );
        Err(Failure::forbidden(Flag::AllowHost, cause))
    }

    /// Whether this URL may receive the client secret.
    pub(super) fn check_secret(&self, url: &Url) -> Result<(), Failure> {
        let host = url.host_str().unwrap_or_default();
        if self.secret.contains(host) {
            return Ok(());
        }
        // Whoever owns a pool may point its custom domain anywhere; a prefix domain is always Cognito's own server.
        let why = if !is_cognito_login_host(host) {
            "is not one of Cognito's own login hosts"
        } else if !self.login_domains.borrow().contains(host) {
            "was not named by a discovery document of Cognito"
        } else {
            return Ok(());
        };
        let cause = format!("the client secret is not sent to {host}, which {why}; --secret-to {host} allows it");
        Err(Failure::forbidden(Flag::SecretTo, cause))
    }
}

/// The host as a parsed URL spells it: lower case, IDN in ASCII.
fn normalize(host: &str) -> String {
    Host::parse(host).map_or_else(|_| host.to_ascii_lowercase(), |host| host.to_string())
}

/// Whether this is a host where Cognito serves issuers: `cognito-idp.REGION.amazonaws.com`, its FIPS and
/// `issuer-cognito-idp` variants, and those of the European sovereign cloud (`.amazonaws.eu`).
///
/// Letter case does not matter; a trailing dot does. Takes a host, not a URL, and no port.
pub fn is_cognito_issuer_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match *host.split('.').collect::<Vec<_>>() {
        ["cognito-idp" | "cognito-idp-fips" | "issuer-cognito-idp", region, "amazonaws", top] => is_region(region, top),
        _ => false,
    }
}

/// Whether this is a prefix domain of Cognito: `PREFIX.auth.REGION.amazoncognito.com`, `PREFIX.auth-fips.REGION.…`, or
/// `.amazoncognito.eu` in the European sovereign cloud.
///
/// Letter case does not matter; a trailing dot does. Takes a host, not a URL, and no port.
pub fn is_cognito_login_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match *host.split('.').collect::<Vec<_>>() {
        [prefix, "auth" | "auth-fips", region, "amazoncognito", top] => is_label(prefix) && is_region(region, top),
        _ => false,
    }
}

/// Whether the text has the form of a region of the partition with this top-level domain: `eu-west-1`, `us-gov-west-1`;
/// `eusc-de-east-1` under `.eu`.
fn is_region(text: &str, top: &str) -> bool {
    let sovereign = text.starts_with("eusc-");
    let words: Vec<_> = text.split('-').collect();
    let [area, places @ .., number] = words.as_slice() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (top == "com" && !sovereign || top == "eu" && sovereign)
        && area.len() >= 2
        && is_word(area)
        && !places.is_empty()
        && places.iter().all(is_word)
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A domain prefix as Cognito's API admits it (`DomainType`): 1 to 63 letters, digits and inner hyphens.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_cognito_are_known() {
        for host in [
            "cognito-idp.eu-west-1.amazonaws.com",
            "COGNITO-IDP.EU-WEST-1.AMAZONAWS.COM",
            "cognito-idp.ap-southeast-7.amazonaws.com",
            "cognito-idp-fips.us-gov-west-1.amazonaws.com",
            "issuer-cognito-idp.eu-west-1.amazonaws.com",
            "cognito-idp.eusc-de-east-1.amazonaws.eu",
        ] {
            assert!(is_cognito_issuer_host(host), "{host}");
            assert!(!is_cognito_login_host(host), "{host}");
        }
        for host in [
            "acme.auth.eu-west-1.amazoncognito.com",
            "Acme-1.auth.eu-west-1.amazoncognito.com",
            "acme.auth-fips.us-gov-west-1.amazoncognito.com",
            "acme.auth.eusc-de-east-1.amazoncognito.eu",
        ] {
            assert!(is_cognito_login_host(host), "{host}");
            assert!(!is_cognito_issuer_host(host), "{host}");
        }
    }

    #[test]
    fn hosts_that_look_like_those_of_cognito_are_not() {
        for host in [
            "",
            ".",
            "amazonaws.com",
            "cognito-idp.amazonaws.com",
            "cognito-idp.eu-west-1.amazonaws.com.",
            "cognito-idp.eu-west-1.amazonaws.com.evil.example",
            "cognito-idp.eu-west-1.amazonaws.co",
            "cognito-idp.eu-west-1.evil-amazonaws.com",
            "evil-cognito-idp.eu-west-1.amazonaws.com",
            "evil.cognito-idp.eu-west-1.amazonaws.com",
            "cognito-idp.eu-west-1.evil.amazonaws.com",
            "cognito-idp.eu-west-1.elb.amazonaws.com",
            "cognito-idp.eu-west-1.amazonaws.eu",
            "cognito-idp.eusc-de-east-1.amazonaws.com",
            "cognito-idp.eu-west.amazonaws.com",
            "cognito-idp.1.amazonaws.com",
            "cognito-idp.eu--1.amazonaws.com",
            "cognito-idp.eu-west-1.amazonaws.com:443",
            "s3.eu-west-1.amazonaws.com",
            "acme.auth.eu-west-1.evil-amazoncognito.com",
            "acme.auth.eu-west-1.amazoncognito.com.",
            "acme.auth.eu-west-1.amazoncognito.com.evil.example",
            "evil.acme.auth.eu-west-1.amazoncognito.com",
            ".auth.eu-west-1.amazoncognito.com",
            "-acme.auth.eu-west-1.amazoncognito.com",
            "acme_.auth.eu-west-1.amazoncognito.com",
            "acme.auth.amazoncognito.com",
            "acme.evil.eu-west-1.amazoncognito.com",
        ] {
            assert!(!is_cognito_issuer_host(host) && !is_cognito_login_host(host), "{host}");
        }
    }

    fn check(policy: &HostPolicy, url: &str) -> Result<(), String> {
        policy.check(&Url::parse(url).unwrap()).map_err(|failure| failure.cause)
    }

    #[test]
    fn only_known_hosts_are_asked_and_only_over_https() {
        let policy = HostPolicy::new(&["Proxy.Corp.Example".to_owned()], &[]);
        for url in [
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a",
            "https://COGNITO-IDP.eu-west-1.amazonaws.com/eu-west-1_a",
            // Full-width letters are the same name to the name server.
            "https://cognito-idp.eu-west-1.ａmazonaws.com/",
            "https://proxy.corp.example/",
        ] {
            assert_eq!(check(&policy, url), Ok(()), "{url}");
        }
        for (url, why) in [
            ("http://cognito-idp.eu-west-1.amazonaws.com/", "only https"),
            ("https://cognito-idp.eu-west-1.amazonaws.com@evil.example/", "user name"),
            ("https://evil.example/cognito-idp.eu-west-1.amazonaws.com", "--allow-host evil.example"),
            ("https://evil.example?.amazoncognito.com", "--allow-host evil.example"),
            // A Cyrillic letter.
            ("https://cognito-idp.eu-west-1.аmazonaws.com/", "--allow-host cognito-idp.eu-west-1.xn--"),
            ("https://login.acme.example/", "--allow-host login.acme.example"),
            ("https://169.254.169.254/latest/meta-data", "--allow-host"),
        ] {
            let cause = check(&policy, url).unwrap_err();
            assert!(cause.contains(why), "{url}: {cause}");
        }
        policy.trust_login_domain("Login.Acme.example");
        assert_eq!(check(&policy, "https://login.acme.example/"), Ok(()));
    }

    #[test]
    fn the_secret_goes_only_where_genuine_discovery_or_the_user_says() {
        let policy = HostPolicy::new(&["allowed.example".to_owned()], &["told.example".to_owned()]);
        policy.trust_login_domain("acme.auth.eu-west-1.amazoncognito.com");
        policy.trust_login_domain("login.acme.example");
        let check = |host: &str| policy.check_secret(&Url::parse(&format!("https://{host}/")).unwrap());
        assert_eq!(check("acme.auth.eu-west-1.amazoncognito.com"), Ok(()));
        assert_eq!(check("told.example"), Ok(()));
        for (host, why) in [
            ("other.auth.eu-west-1.amazoncognito.com", "not named"),
            ("login.acme.example", "not one of Cognito's own"),
            ("allowed.example", "not one of Cognito's own"),
            ("cognito-idp.eu-west-1.amazonaws.com", "not one of Cognito's own"),
        ] {
            let failure = check(host).unwrap_err();
            assert_eq!(failure.step, Step::Policy);
            assert!(failure.cause.contains(why) && failure.flag == Some(Flag::SecretTo), "{}", failure.cause);
        }
    }
}
