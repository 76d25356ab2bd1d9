//! The issuer against what the provider says of it.

use super::parts::Parts;
use super::{KEY, corrected};
use crate::config::cognito::{is_issuer_host, region_of_issuer_host, region_of_pool, zone_of};
use crate::config::{Config, Issuer};
use crate::evidence::{DiscoveryAnswer, DiscoveryDocument, Evidence, ExchangeId, IssuerVariant};
use crate::rules::place::written;
use crate::rules::{Finding, Judgement, Severity, cure};
use crate::shell;

/// `pool-does-not-exist`
pub(in crate::rules) fn pool_does_not_exist(
    config: &Config,
    issuer: &Issuer,
    answer: &DiscoveryAnswer,
    document: &Evidence<DiscoveryDocument>,
) -> Judgement {
    if let Some(how) = &answer.gone {
        return Finding::at(issuer.0.span, format!("this user pool will not be there: {how}"))
            .fix("keep the pool, or give Pomerium the issuer, the app client and its secret of another one in the same deploy")
            .fix("the users of a pool, and their passwords, go with it")
            .into();
    }
    if !answer.no_such_pool {
        // Only a document shows that the pool is there: somebody else's page says nothing of it.
        return match document {
            Ok(_) => Judgement::pass(),
            Err(_) => Judgement::NotApplicable("the answer to the discovery request says nothing of the pool"),
        };
    }
    let setting = &issuer.0;
    let parts = Parts::of(&setting.value);
    let pool = parts.path.trim_matches('/');
    let region = region_of_issuer_host(parts.host).unwrap_or(parts.host);
    let finding =
        Finding::at(setting.span, format!("{region} answers {}: user pool `{pool}` does not exist", answer.status));
    match region_of_pool(pool) {
        Some(home) if home != region => finding.fix(format!("the pool was made in {home}: ask there")).fix(corrected(
            config,
            setting,
            &setting.value.replacen(&zone_of(region), &zone_of(home), 1),
        )),
        _ => finding
            .fix("copy the user pool ID from the console, letter for letter: its capitals count")
            .fix(format!("aws cognito-idp list-user-pools --region {} --max-results 60", shell::quoted(region))),
    }
    .into()
}

/// `issuer-mismatch`
pub(in crate::rules) fn issuer_mismatch(config: &Config, issuer: &Issuer, document: &DiscoveryDocument) -> Judgement {
    let setting = &issuer.0;
    let discovered = document.issuer.as_str();
    if discovered.is_empty() {
        return Judgement::NotApplicable("the discovery document names no issuer");
    }
    if setting.value == discovered {
        return Judgement::pass();
    }
    Finding::at(
        setting.span,
        "the discovery document found with this URL names another issuer, and Pomerium compares byte for byte",
    )
    .near(("configured", &setting.value), ("issuer", discovered))
    .fix("write the issuer as the document has it:")
    .correct(config, setting, KEY, discovered)
    .into()
}

/// `issuer-not-switched`
pub(in crate::rules) fn issuer_not_switched(
    config: &Config,
    issuer: &Issuer,
    variant: &Evidence<IssuerVariant>,
) -> Judgement {
    let setting = &issuer.0;
    let Some(first) = first_issuer(&setting.value) else {
        return Judgement::NotApplicable("the issuer is not a pool's new one");
    };
    let Ok(seen) = variant else {
        return Judgement::NotApplicable("the answer to the discovery request says nothing of the pool");
    };
    let IssuerVariant::Original { is_set } = seen.value else { return Judgement::pass() };
    let will_be = seen.witnesses.iter().any(ExchangeId::is_after_apply);
    let says = match (will_be, is_set) {
        (true, _) => format!("the apply sets the pool to its first issuer, which its tokens then carry: {REFUSED}"),
        (_, true) => format!("the pool is set to its first issuer, which its tokens carry: {REFUSED}"),
        _ => "the host of the new issuers refuses this pool, as it does until a pool is switched: its tokens carry the first issuer".to_owned(),
    };
    let finding = Finding::at(setting.span, says).near(("configured", &setting.value), ("issuer", &first));
    if will_be {
        return finding
            .fix("leave the pool at its new issuer in the code (UPDATED), or give Pomerium the first one in the same deploy:")
            .fix(cure::copied(&written(config, setting.span, KEY, &first)))
            .into();
    }
    finding
        .fix("write the pool's first issuer:")
        .correct(config, setting, KEY, &first)
        .fix("or switch the pool: IssuerConfiguration with Type=UPDATED in `aws cognito-idp update-user-pool`, which replaces every property that is left out")
        .into()
}

/// What go-oidc makes of a token of the pool's other issuer.
const REFUSED: &str = "every login ends with `id token issued by a different provider`";

/// The issuer that a pool has until it is switched to this one.
fn first_issuer(issuer: &str) -> Option<String> {
    let parts = Parts::of(issuer);
    let is_new = is_issuer_host(parts.host) && parts.host.to_ascii_lowercase().starts_with("issuer-");
    is_new.then(|| issuer.replacen(parts.host, parts.host.get("issuer-".len()..).unwrap_or_default(), 1))
}

/// `issuer-switched`
pub(in crate::rules) fn issuer_switched(
    config: &Config,
    issuer: &Issuer,
    variant: &IssuerVariant,
    told: &Evidence<IssuerVariant>,
) -> Judgement {
    let setting = &issuer.0;
    let IssuerVariant::Updated { issuer: updated, is_set } = variant else { return Judgement::pass() };
    if setting.value == *updated {
        return Judgement::pass();
    }
    if *is_set {
        let will_be = told.as_ref().is_ok_and(|seen| seen.witnesses.iter().any(ExchangeId::is_after_apply));
        let cure = if will_be {
            "give Pomerium the new issuer in the same deploy, or leave the pool at its first one (ORIGINAL):"
        } else {
            "write the pool's new issuer:"
        };
        return Finding::at(
            setting.span,
            format!("the pool is set to its new issuer, which its tokens carry: {REFUSED}"),
        )
        .severity(Severity::Error)
        .near(("configured", &setting.value), ("issuer", updated))
        .fix(cure)
        .fix(cure::copied(&written(config, setting.span, KEY, updated)))
        .into();
    }
    Finding::at(
        setting.span,
        format!("the pool answers under its new issuer too: if its tokens carry that one, {REFUSED}"),
    )
    .near(("configured", &setting.value), ("issuer", updated))
    .fix("look at IssuerConfiguration in `aws cognito-idp describe-user-pool`; if its Type is UPDATED:")
    .fix(written(config, setting.span, KEY, updated))
    .into()
}
