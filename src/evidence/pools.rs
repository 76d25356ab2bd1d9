//! Who may be asked at all: a configuration chooses the pool, and its author may own that pool.

use super::Missing;
use crate::config::Config;
use crate::config::cognito::{is_issuer_host, region_of_pool};

/// The user pools of `--pool`; none if the flag is not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedPools(pub Vec<String>);

impl ExpectedPools {
    /// Whether an issuer is that of one of these pools, byte for byte.
    pub fn hold(&self, issuer: &str) -> bool {
        pool_of_issuer(issuer).is_some_and(|pool| self.0.iter().any(|expected| expected == pool))
    }
}

/// The pool that an issuer names, if it is one of Cognito's.
pub fn pool_of_issuer(issuer: &str) -> Option<&str> {
    let (host, pool) = issuer.strip_prefix("https://")?.split_once('/')?;
    (is_issuer_host(host) && region_of_pool(pool).is_some()).then_some(pool)
}

/// The issuer, if it may be asked.
///
/// # Errors
/// Why nothing is sent.
pub(super) fn permitted<'i>(
    config: &Config,
    issuer: &'i str,
    pools: &[String],
    is_replay: bool,
) -> Result<&'i str, Missing> {
    if !pools.is_empty() {
        let is_expected = ExpectedPools(pools.to_vec()).hold(issuer);
        let refused = || Missing::Unconfigured("nobody is asked: this is no user pool that --pool names".to_owned());
        return is_expected.then_some(issuer).ok_or_else(refused);
    }
    let names = config.expanded_into_requests();
    if names.is_empty() || is_replay {
        return Ok(issuer);
    }
    Err(Missing::Unconfigured(format!(
        "nobody is asked: the configuration would have the value of {} sent, which this process holds; let it be sent with \
         --expand-env={}, or say with --pool ID which user pool it goes to",
        names.iter().map(|name| format!("${name}")).collect::<Vec<_>>().join(", "),
        names.join(","),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_issuer_of_a_pool_is_held() {
        let pools = ExpectedPools(vec!["eu-west-1_9xK2mPq7R".to_owned()]);
        assert!(pools.hold("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R"));
        for other in [
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7r",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R?x",
            "https://cognito-idp.eu-west-1.amazonaws.com.evil.example/eu-west-1_9xK2mPq7R",
            "https://me@cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R",
            "https://evil.example/eu-west-1_9xK2mPq7R",
            "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R",
            "",
        ] {
            assert!(!pools.hold(other), "{other}");
        }
    }
}
