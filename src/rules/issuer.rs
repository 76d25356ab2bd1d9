//! Stage *issuer*: is `idp_provider_url` the pool's issuer?

mod discovered;
mod expected;
mod meant;
mod parts;
#[cfg(test)]
mod tests;

pub(super) use discovered::{issuer_mismatch, issuer_not_switched, issuer_switched, pool_does_not_exist};
pub(super) use expected::pool_not_expected;

use super::missing::{missing_option, place_of_missing};
use super::place::{piece, without_curly_quotes, written};
use super::pomerium::SERVES_NO_LOGIN;
use super::{Finding, Judgement, NO_VALUE, REJECTED, Rule, Severity, Stage};
use crate::config::cognito::{
    self, is_in_login_zone, is_issuer_host, is_known_region, nearest_region, region_of_issuer_host, region_of_pool,
    zone_of,
};
use crate::config::{Alike, Cognito, Config, Issuer, Provider, Setting, Settings, Subject, is_emulator};
use crate::evidence::{DiscoveryDocument, Evidence, IssuerVariant};
use parts::{Parts, discovery_suffix};

const STAGE: Stage = Stage::Issuer;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("issuer-missing", Error, issuer_missing)
            .decided_by(NO_VALUE)
            .wants(&["idp_provider_url"])
            .after(REJECTED),
        rule!("issuer-malformed", Error, issuer_malformed),
        rule!("issuer-is-login-domain", Error, issuer_is_login_domain).after(&["issuer-malformed"]),
        rule!("issuer-has-discovery-path", Error, issuer_has_discovery_path).after(&[
            "issuer-malformed",
            "issuer-is-login-domain",
            "issuer-not-cognito",
        ]),
        rule!("issuer-has-trailing-slash", Error, issuer_has_trailing_slash)
            .after(&["issuer-malformed", "issuer-is-login-domain"]),
        rule!("issuer-not-cognito", Error, issuer_not_cognito).decided_by(NO_VALUE).after(&["issuer-malformed"]),
        rule!("issuer-pool-malformed", Error, issuer_pool_malformed)
            .after(&["issuer-malformed", "issuer-has-discovery-path"]),
        rule!("issuer-region-contradicts-pool", Warning, issuer_region_contradicts_pool).after(&["issuer-malformed"]),
        rule!("issuer-on-fips-host", Warning, issuer_on_fips_host),
        rule!("pool-not-expected", Error, pool_not_expected).decided_by(&["idp_provider"]).after(&[
            "issuer-malformed",
            "issuer-is-login-domain",
            "issuer-has-discovery-path",
            "issuer-has-trailing-slash",
        ]),
        rule!("pool-does-not-exist", Error, pool_does_not_exist).after(&[
            "issuer-malformed",
            "issuer-has-discovery-path",
            "issuer-pool-malformed",
        ]),
        rule!("issuer-mismatch", Error, issuer_mismatch).after(&[
            "issuer-malformed",
            "issuer-has-discovery-path",
            "issuer-has-trailing-slash",
            "issuer-pool-malformed",
            "issuer-not-switched",
            "discovery-refused",
        ]),
        rule!("issuer-not-switched", Error, issuer_not_switched).after(&[
            "issuer-malformed",
            "issuer-pool-malformed",
            "pool-does-not-exist",
        ]),
        rule!("issuer-switched", Warning, issuer_switched).after(&[
            "issuer-malformed",
            "issuer-has-trailing-slash",
            "pool-does-not-exist",
            "issuer-mismatch",
            "discovery-refused",
        ]),
    ]
}

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
    if !settings.runs("authenticate") {
        return Judgement::NotApplicable(SERVES_NO_LOGIN);
    }
    let at = settings.idp_provider_url.as_ref().map_or(provider.0.span, |url| url.span);
    let at = place_of_missing(config, KEY, at);
    missing_option(config, KEY, at, "every login ends in 500, `identity/oidc: missing provider url`")
        .fix("name the issuer of the user pool:")
        .fix(written(config, at, KEY, &cognito::issuer("<region>", "<user pool ID>")))
        .into()
}

/// `issuer-malformed`
pub(super) fn issuer_malformed(config: &Config, issuer: &Issuer) -> Judgement {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    // What is no URL at all is nobody's issuer.
    if !parts.scheme.is_empty() && !parts.host.is_empty() && config.subject() != Subject::Cognito {
        return Judgement::NotApplicable("the issuer may be one of another provider");
    }
    not_an_issuer(config, setting, &parts).into()
}

fn not_an_issuer(config: &Config, setting: &Setting<String>, parts: &Parts<'_>) -> Option<Finding> {
    let text = setting.value.as_str();
    let trimmed = text.trim();
    let bare = without_curly_quotes(trimmed);
    if is_in_login_zone(parts.host) {
        // `issuer-is-login-domain` says it, however it is written.
        return None;
    }
    let (range, why, cure) = if bare != trimmed {
        (
            0..text.len(),
            "curly quotes are part of the value: YAML and environment files know straight ones only".to_owned(),
            Some(bare.to_owned()),
        )
    } else if trimmed.len() != text.len() {
        (
            0..text.len(),
            "it has white space around it, which becomes part of the issuer".to_owned(),
            Some(trimmed.to_owned()),
        )
    } else if parts.scheme.is_empty() {
        let rest = parts::behind_one_slash(text).unwrap_or(text).trim_start_matches('/');
        (0..text.len(), parts::not_a_url(text, parts), Some(format!("https://{rest}")))
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
    Some(Finding::at(piece(config, setting, range), why).issuer(config, setting, cure.as_deref()))
}

/// `issuer-is-login-domain`
pub(super) fn issuer_is_login_domain(config: &Config, issuer: &Issuer) -> Option<Finding> {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    if !is_in_login_zone(parts.host) {
        return None;
    }
    let range = parts.host_start..parts.host_start + parts.host.len();
    Some(
        Finding::at(
            piece(config, setting, range),
            "here users log in, but the discovery document is not served here: Cognito answers 400 Bad Request",
        )
        .fix("write the issuer; it ends with the user pool ID that the console shows on the pool's overview:")
        .issuer(config, setting, None),
    )
}

/// `issuer-has-discovery-path`
pub(super) fn issuer_has_discovery_path(_: &Cognito, config: &Config, issuer: &Issuer) -> Option<Finding> {
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
        .issuer(config, setting, Some(bare)),
    )
}

/// `issuer-has-trailing-slash`
pub(super) fn issuer_has_trailing_slash(_: &Cognito, config: &Config, issuer: &Issuer) -> Option<Finding> {
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
        .issuer(config, setting, Some(bare)),
    )
}

/// `issuer-not-cognito`
pub(super) fn issuer_not_cognito(
    config: &Config,
    settings: &Settings,
    provider: &Provider,
    issuer: &Issuer,
) -> Judgement {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    let alike = Alike::of(parts.host);
    let expects_pool = provider.0.value.to_ascii_lowercase().contains("cognito");
    if !expects_pool && alike.is_none() {
        return Judgement::NotApplicable("the provider is not `cognito`");
    }
    if is_issuer_host(parts.host) || is_in_login_zone(parts.host) || parts.host.is_empty() {
        return Judgement::pass();
    }
    if is_emulator(parts.host) {
        return Judgement::NotApplicable("an emulator's issuer has the emulator's own address");
    }
    let range = parts.host_start..parts.host_start + parts.host.len();
    let host = parts.host;
    let says = match alike {
        Some(Alike::IdentityPools) => {
            format!("`{host}` is the issuer of identity pools, another product than user pools: nobody logs in there")
        }
        Some(Alike::Misspelt) => {
            format!(
                "`{host}` is not a host of Cognito's issuers, but nearly: they look like cognito-idp.eu-west-1.amazonaws.com"
            )
        }
        Some(Alike::MisspeltLogin) => format!(
            "`{host}` is nearly a login domain of Cognito's, and no host of its issuers, which look like cognito-idp.eu-west-1.amazonaws.com"
        ),
        Some(Alike::China) | None if is_pomeriums(settings, host) => format!(
            "`{host}` is Pomerium's own host: the issuer is the user pool's, and users come back to Pomerium by another setting"
        ),
        Some(Alike::China) | None => {
            format!("`{host}` is not a host of Cognito's issuers, which look like cognito-idp.eu-west-1.amazonaws.com")
        }
    };
    let finding = Finding::at(piece(config, setting, range), says);
    let finding =
        if expects_pool { finding.also(provider.0.span, "the provider expects a user pool") } else { finding };
    if alike == Some(Alike::China) {
        // Nobody was seen to say so outright.
        return finding
            .severity(Severity::Warning)
            .fix("name a pool in another partition: AWS lists no endpoint of user pools in China")
            .into();
    }
    let finding = finding
        .fix("write the issuer of the user pool, even if its login pages have a domain of their own:")
        .issuer(config, setting, None);
    if expects_pool && alike.is_none() {
        let path = config.reading.dialect.path("idp_provider").map(|path| format!("{path}: oidc"));
        let oidc = path.unwrap_or_else(|| written(config, provider.0.span, "idp_provider", "oidc"));
        return finding.fix(format!("or, if another provider is meant, use `{oidc}`")).into();
    }
    finding.into()
}

/// Whether this is the host of `authenticate_service_url`.
fn is_pomeriums(settings: &Settings, host: &str) -> bool {
    let own = settings.authenticate_service_url.as_ref();
    own.is_some_and(|own| Parts::of(&own.value).host.eq_ignore_ascii_case(host))
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
    let says = parts::not_a_pool(id, region);
    let start = parts.host_start + parts.host.len() + parts.port.len();
    // If the path is missing, the host is what there is to point at.
    let range =
        if id.is_empty() { parts.host_start..parts.host_start + parts.host.len() } else { start..start + path.len() };
    Finding::at(piece(config, setting, range), says)
        .fix("write the user pool ID as the console shows it on the pool's overview, and nothing after it:")
        .issuer(config, setting, None)
        .into()
}

/// `issuer-region-contradicts-pool`
pub(super) fn issuer_region_contradicts_pool(
    config: &Config,
    issuer: &Issuer,
    document: &Evidence<DiscoveryDocument>,
    variant: &Evidence<IssuerVariant>,
) -> Judgement {
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    let pool = parts.path.trim_matches('/');
    let Some((host, home)) = region_of_issuer_host(parts.host).zip(region_of_pool(pool)) else {
        return Judgement::NotApplicable("the issuer is not that of a user pool");
    };
    // A region that serves the document exists, whatever the list says.
    if document.is_err() && !is_known_region(host) {
        return no_such_region(config, setting, host, home).into();
    }
    if host.eq_ignore_ascii_case(home) {
        return Judgement::pass();
    }
    let start = setting.value.find(host).unwrap_or(parts.host_start);
    // A pool that is set to its new issuer puts that one into its tokens.
    let cured = match variant.as_ref().map(|seen| &seen.value) {
        Ok(IssuerVariant::Updated { issuer, is_set: true }) => issuer.clone(),
        _ => setting.value.replacen(&zone_of(host), &zone_of(home), 1),
    };
    Finding::at(
        piece(config, setting, start..start + host.len()),
        format!("the pool was made in {home}, and is known in {host} only if it is replicated there"),
    )
    .fix(corrected(config, setting, &cured))
    .into()
}

/// AWS opens new regions every year, so the list of those that are known is a hint.
fn no_such_region(config: &Config, setting: &Setting<String>, host: &str, home: &str) -> Finding {
    let start = setting.value.find(host).unwrap_or_default();
    let says =
        format!("no region `{host}` of AWS is known to this release: unless it is new, this host does not exist");
    let finding = Finding::at(piece(config, setting, start..start + host.len()), says)
        .title("The issuer names a region that AWS does not have");
    let meant = if is_known_region(home) { Some(home) } else { nearest_region(host) };
    match meant {
        Some(meant) => {
            let cured = setting.value.replacen(&zone_of(host), &zone_of(meant), 1);
            // A pool's id begins with the region, and so with the same slip.
            let cured = if host.eq_ignore_ascii_case(home) { cured.replacen(home, meant, 1) } else { cured };
            finding.fix(format!("is {meant} meant?")).fix(corrected(config, setting, &cured))
        }
        None => finding.fix("copy the region from the user pool ID: it is what stands before the underscore"),
    }
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
        .issuer(config, setting, Some(&setting.value.replacen("-fips", "", 1))),
    )
}
