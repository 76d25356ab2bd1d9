//! Which hosts may be asked, and which may receive a client secret.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use url::{Host, Url};

use super::{Failure, Flag, Step, address, is_cognito_issuer_host, is_cognito_login_host};

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
    /// The hosts on which a Pomerium is to be asked.
    pomeriums: RefCell<BTreeMap<String, Pomerium>>,
    /// Those of them that lie at internal addresses.
    inside: RefCell<BTreeSet<String>>,
}

/// Why a Pomerium is to be asked on a host.
struct Pomerium {
    /// The host whose Pomerium sends users there; none if the user named it.
    of: Option<String>,
    /// It need not be allowed.
    is_trusted: bool,
}

impl HostPolicy {
    pub(super) fn new(allowed: &[String], secret: &[String]) -> Self {
        let hosts = |hosts: &[String]| hosts.iter().map(|host| normalize(host)).collect();
        Self {
            allowed: hosts(allowed),
            secret: hosts(secret),
            login_domains: RefCell::default(),
            pomeriums: RefCell::default(),
            inside: RefCell::default(),
        }
    }

    pub(super) fn trust_login_domain(&self, host: &str) {
        self.login_domains.borrow_mut().insert(normalize(host));
    }

    /// Admits a host on which a Pomerium is to be asked. What the user named once stays so.
    pub(super) fn admit_pomerium(&self, host: &str, of: Option<&str>, is_trusted: bool) {
        let mut pomeriums = self.pomeriums.borrow_mut();
        let known = pomeriums.entry(normalize(host)).or_insert_with(|| Pomerium { of: of.map(normalize), is_trusted });
        known.is_trusted |= is_trusted;
        if of.is_none() {
            known.of = None;
        }
    }

    /// Whether this host may lie at an internal address: one that the user named, or one that belongs to such a one.
    pub(super) fn may_be_inside(&self, host: &str) -> bool {
        let pomeriums = self.pomeriums.borrow();
        pomeriums.get(host).is_some_and(|pomerium| match &pomerium.of {
            None => true,
            Some(of) => self.inside.borrow().contains(of),
        })
    }

    /// Takes note of where a host was found.
    pub(super) fn found(&self, host: &str, is_inside: bool) {
        if is_inside {
            self.inside.borrow_mut().insert(host.to_owned());
        }
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
        if let Some(why) = address::never(url.host(), self.may_be_inside(host)) {
            return Err(Failure::new(Step::Policy, format!("{host} is {why}, and no such address is asked")));
        }
        let pomeriums = self.pomeriums.borrow();
        let pomerium = pomeriums.get(host);
        if known || pomerium.is_some_and(|pomerium| pomerium.is_trusted) {
            return Ok(());
        }
        if let Some(of) = pomerium.and_then(|pomerium| pomerium.of.as_ref()) {
            let cause = format!(
                "the Pomerium of {of} sends users to {host}, which is not beside it and which no configuration names; \
                 --allow-host {host} allows it"
            );
            return Err(Failure::forbidden(Flag::AllowHost, cause));
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
        let flag = crate::shell::quoted(host);
        let cause = format!("the client secret is not sent to {host}, which {why}; --secret-to {flag} allows it");
        Err(Failure::forbidden(Flag::SecretTo, cause))
    }
}

/// The host as a parsed URL spells it: lower case, IDN in ASCII.
fn normalize(host: &str) -> String {
    Host::parse(host).map_or_else(|_| host.to_ascii_lowercase(), |host| host.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

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
            ("https://169.254.169.254/latest/meta-data", "a link-local address, and no such address is asked"),
        ] {
            let cause = check(&policy, url).unwrap_err();
            assert!(cause.contains(why), "{url}: {cause}");
        }
        policy.trust_login_domain("Login.Acme.example");
        assert_eq!(check(&policy, "https://login.acme.example/"), Ok(()));
    }

    #[test]
    fn a_pomerium_is_asked_where_it_was_named_and_inside_only_with_it() {
        let policy = HostPolicy::new(&[], &[]);
        policy.admit_pomerium("App.corp.example", None, true);
        policy.admit_pomerium("auth.corp.example", Some("app.corp.example"), true);
        policy.admit_pomerium("auth.other.example", Some("app.corp.example"), false);
        assert_eq!(check(&policy, "https://app.corp.example/"), Ok(()));
        assert_eq!(check(&policy, "https://auth.corp.example/"), Ok(()));
        let cause = check(&policy, "https://auth.other.example/").unwrap_err();
        assert!(cause.contains("--allow-host auth.other.example"), "{cause}");
        assert!(policy.may_be_inside("app.corp.example") && !policy.may_be_inside("auth.corp.example"));
        policy.found("app.corp.example", true);
        assert!(policy.may_be_inside("auth.corp.example") && !policy.may_be_inside("elsewhere.example"));
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
