//! Whether this is the user pool that whoever starts the check expects.

use crate::config::Settings;
use crate::evidence::{ExpectedPools, pool_of_issuer};
use crate::rules::{Finding, Judgement};

/// `pool-not-expected`
pub(crate) fn pool_not_expected(settings: &Settings, pools: &ExpectedPools) -> Judgement {
    let provider = settings.idp_provider.as_ref().map(|provider| provider.value.to_ascii_lowercase());
    if provider.is_some_and(|name| !["oidc", "cognito"].contains(&name.as_str())) {
        return Judgement::NotApplicable("this provider has no user pool");
    }
    let Some(issuer) = settings.idp_provider_url.as_ref().filter(|issuer| !issuer.value.is_empty()) else {
        return Judgement::NotApplicable("no issuer is configured");
    };
    if pools.hold(&issuer.value) {
        return Judgement::pass();
    }
    let expected = pools.0.join(" or ");
    let (what, fix) = match pool_of_issuer(&issuer.value) {
        Some(pool) => (
            format!("this is the user pool {pool}"),
            "if this change is meant, name the pool where the check is started, not in the change itself".to_owned(),
        ),
        None => (
            "this is the issuer of no user pool".to_owned(),
            format!(
                "write the issuer of the user pool {expected}; if another provider is meant, leave out --pool where the check is started"
            ),
        ),
    };
    // Such a change may work: it is only not asked about.
    Finding::at(issuer.span, format!("{what}, and --pool names {expected}: nobody was asked, and nothing was sent"))
        .fix(fix)
        .stops_no_login()
        .into()
}
