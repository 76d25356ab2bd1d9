//! Stage *issuer*: is `idp_provider_url` the pool's issuer?

mod discovered;
mod expected;
mod parts;
#[cfg(test)]
mod tests;

pub(super) use discovered::{issuer_mismatch, issuer_switched, pool_does_not_exist};
pub(super) use expected::pool_not_expected;

use super::missing::missing_option;
use super::place::{piece, written};
use super::{Finding, Judgement, Severity};
use crate::config::cognito::{
    self, is_in_login_zone, is_issuer_host, region_of_issuer_host, region_of_login_host, region_of_pool, zone_of,
};
use crate::config::{Config, Issuer, Provider, Setting, Settings};
use parts::{Parts, discovery_suffix, pool_id_in};

const KEY: &str = "idp_provider_url";

/// The whole line with the issuer as it should be written.
fn corrected(config: &Config, setting: &Setting<String>, issuer: &str) -> String {
    written(config, setting.span, KEY, issuer)
}

/// `issuer-missing`
pub(super) fn issuer_missing(config: &Config, settings: &Settings, provider: &Provider) -> Judgement {
    let name = provider.0.value.to_ascii_lowercase();
    if !["oidc", "cognito"].contains(&name.as_str()) {
        return Judgement::NotApplicable("this provider needs no issuer");
    }
    if settings.idp_provider_url.as_ref().is_some_and(|url| !url.value.is_empty()) {
        return Judgement::pass();
    }
    let at = settings.idp_provider_url.as_ref().map_or(provider.0.span, |url| url.span);
    missing_option(config, KEY, at, "every login ends in 500, `identity/oidc: missing provider url`")
        .fix("name the issuer of the user pool:")
        .fix(written(config, at, KEY, &cognito::issuer("<region>", "<user pool ID>")))
        .into()
}

/// `issuer-malformed`
pub(super) fn issuer_malformed(config: &Config, issuer: &Issuer) -> Option<Finding> {
    let setting = &issuer.0;
    let text = setting.value.as_str();
    let parts = Parts::of(text);
    let trimmed = text.trim();
    let (range, why, cure) = if trimmed.len() != text.len() {
        (
            0..text.len(),
            "it has white space around it, which becomes part of the issuer".to_owned(),
            Some(trimmed.to_owned()),
        )
    } else if parts.scheme.is_empty() {
        let cure = (!parts.host.is_empty()).then(|| format!("https://{}", text.trim_start_matches('/')));
        (0..text.len(), "it has no scheme: `unsupported protocol scheme \"\"` at every login".to_owned(), cure)
    } else if parts.scheme != "https" {
        (
            0..parts.scheme.len(),
            format!("the issuer of a user pool is an https URL, not {}", parts.scheme),
            Some(text.replacen(parts.scheme, "https", 1)),
        )
    } else if !parts.userinfo.is_empty() {
        let start = parts.host_start - parts.userinfo.len();
        (
            start..parts.host_start,
            "the issuer names no user, and Pomerium compares byte for byte".to_owned(),
            Some(text.replacen(parts.userinfo, "", 1)),
        )
    } else if parts.host.is_empty() {
        (0..text.len(), "it names no host".to_owned(), None)
    } else if !parts.port.is_empty() {
        let start = parts.host_start + parts.host.len();
        (
            start..start + parts.port.len(),
            "the issuer names no port, and Pomerium compares byte for byte".to_owned(),
            Some(text.replacen(parts.port, "", 1)),
        )
    } else if parts.host.chars().any(char::is_uppercase) {
        let range = parts.host_start..parts.host_start + parts.host.len();
        (
            range,
            "the issuer's host is in lower case, and Pomerium compares byte for byte".to_owned(),
            Some(text.replacen(parts.host, &parts.host.to_lowercase(), 1)),
        )
    } else if !parts.tail.is_empty() {
        (
            text.len() - parts.tail.len()..text.len(),
            "an issuer ends with its path".to_owned(),
            text.strip_suffix(parts.tail).map(str::to_owned),
        )
    } else {
        return None;
    };
    let finding = Finding::at(piece(config, setting, range), why);
    Some(match cure {
        Some(cure) => finding.correct(config, setting, KEY, &cure),
        None => finding.fix(corrected(config, setting, &cognito::issuer("<region>", "<user pool ID>"))),
    })
}

/// `issuer-is-login-domain`
pub(super) fn issuer_is_login_domain(config: &Config, issuer: &Issuer) -> Option<Finding> {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    if !is_in_login_zone(parts.host) {
        return None;
    }
    let region = region_of_login_host(parts.host).unwrap_or("<region>");
    let range = parts.host_start..parts.host_start + parts.host.len();
    Some(
        Finding::at(
            piece(config, setting, range),
            "here users log in, but the discovery document is not served here: Cognito answers 400 Bad Request",
        )
        .fix("write the issuer; it ends with the user pool ID that the console shows on the pool's overview:")
        .correct(
            config,
            setting,
            KEY,
            &cognito::issuer(region, pool_id_in(&setting.value).unwrap_or("<user pool ID>")),
        ),
    )
}

/// `issuer-has-discovery-path`
pub(super) fn issuer_has_discovery_path(config: &Config, issuer: &Issuer) -> Option<Finding> {
    let setting = &issuer.0;
    let text = setting.value.as_str();
    let start = discovery_suffix(text)?;
    let suffix = text.get(start..).unwrap_or_default();
    let bare = text.get(..start).unwrap_or(text);
    Some(
        Finding::at(
            piece(config, setting, start..text.len()),
            format!("Pomerium adds `/.well-known/openid-configuration` itself: the issuer ends before `{suffix}`"),
        )
        .correct(config, setting, KEY, bare),
    )
}

/// `issuer-has-trailing-slash`
pub(super) fn issuer_has_trailing_slash(config: &Config, issuer: &Issuer) -> Option<Finding> {
    let setting = &issuer.0;
    let text = setting.value.as_str();
    let bare = text.trim_end_matches('/');
    // Without a pool nothing is found in the first place.
    let has_pool = !Parts::of(text).path.trim_matches('/').is_empty();
    if bare.len() == text.len() || !has_pool || discovery_suffix(text).is_some() {
        return None;
    }
    Some(
        Finding::at(
            piece(config, setting, bare.len()..text.len()),
            "the discovery document is found all the same, but the `issuer` in it has no slash at the end, and Pomerium compares byte for byte",
        )
        .near(("configured", text), ("issuer", bare))
        .correct(config, setting, KEY, bare),
    )
}

/// `issuer-not-cognito`
pub(super) fn issuer_not_cognito(config: &Config, provider: &Provider, issuer: &Issuer) -> Judgement {
    if !provider.0.value.to_ascii_lowercase().contains("cognito") {
        return Judgement::NotApplicable("the provider is not `cognito`");
    }
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    if is_issuer_host(parts.host) || is_in_login_zone(parts.host) || parts.host.is_empty() {
        return Judgement::pass();
    }
    let range = parts.host_start..parts.host_start + parts.host.len();
    let says = format!(
        "`{}` is not a host of Cognito's issuers, which look like cognito-idp.eu-west-1.amazonaws.com",
        parts.host
    );
    let finding =
        Finding::at(piece(config, setting, range), says).also(provider.0.span, "the provider expects a user pool");
    let pool = pool_id_in(&setting.value).unwrap_or("<user pool ID>");
    let region = region_of_pool(pool).unwrap_or("<region>");
    if parts.host.to_ascii_lowercase().ends_with(".amazonaws.com.cn") {
        // Nobody was seen to say so outright.
        return finding
            .severity(Severity::Warning)
            .fix("name a pool in another partition: AWS lists no endpoint of user pools in China")
            .into();
    }
    finding
        .fix("write the issuer of the user pool, even if its login pages have a domain of their own:")
        .fix(corrected(config, setting, &cognito::issuer(region, pool)))
        .fix("or, if another provider is meant, use `idp_provider: oidc`")
        .into()
}

/// `issuer-pool-malformed`
pub(super) fn issuer_pool_malformed(config: &Config, issuer: &Issuer) -> Judgement {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    if !is_issuer_host(parts.host) {
        return Judgement::NotApplicable("the issuer's host is not Cognito's");
    }
    let path = parts.path.trim_end_matches('/');
    let id = path.strip_prefix('/').unwrap_or(path);
    if region_of_pool(id).is_some() {
        return Judgement::pass();
    }
    let region = region_of_issuer_host(parts.host).unwrap_or("<region>");
    let pool = pool_id_in(&setting.value);
    let says = parts::not_a_pool(id, region);
    let start = parts.host_start + parts.host.len() + parts.port.len();
    // If the path is missing, the host is what there is to point at.
    let range =
        if id.is_empty() { parts.host_start..parts.host_start + parts.host.len() } else { start..start + path.len() };
    Finding::at(piece(config, setting, range), says)
        .fix("write the user pool ID as the console shows it on the pool's overview, and nothing after it:")
        .correct(
            config,
            setting,
            KEY,
            &cognito::issuer(pool.and_then(region_of_pool).unwrap_or(region), pool.unwrap_or("<user pool ID>")),
        )
        .into()
}

/// `issuer-region-contradicts-pool`
pub(super) fn issuer_region_contradicts_pool(config: &Config, issuer: &Issuer) -> Judgement {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    let pool = parts.path.trim_matches('/');
    let Some((host, home)) = region_of_issuer_host(parts.host).zip(region_of_pool(pool)) else {
        return Judgement::NotApplicable("the issuer is not that of a user pool");
    };
    if host.eq_ignore_ascii_case(home) {
        return Judgement::pass();
    }
    let start = setting.value.find(host).unwrap_or(parts.host_start);
    Finding::at(
        piece(config, setting, start..start + host.len()),
        format!("the pool was made in {home}, and is known in {host} only if it is replicated there"),
    )
    .fix(corrected(config, setting, &setting.value.replacen(&zone_of(host), &zone_of(home), 1)))
    .into()
}

/// `issuer-on-fips-host`
pub(super) fn issuer_on_fips_host(config: &Config, issuer: &Issuer) -> Option<Finding> {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    if !is_issuer_host(parts.host) || !parts.host.to_ascii_lowercase().starts_with("cognito-idp-fips.") {
        return None;
    }
    let start = parts.host_start + "cognito-idp".len();
    Some(
        Finding::at(
            piece(config, setting, start..start + "-fips".len()),
            "the issuer in the pool's tokens names the plain host, so the comparison will most likely fail",
        )
        .correct(config, setting, KEY, &setting.value.replacen("-fips", "", 1)),
    )
}
