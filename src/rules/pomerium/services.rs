//! What must agree between services, and between Pomerium and browsers.

use std::collections::BTreeMap;

use crate::config::{Config, Hosting, Login, Peer, Setting, Settings, Span, ValueKind, classify};
use crate::rules::{Finding, Judgement, Severity};
use crate::secret::Secret;

/// `cookie-same-site-strict`
pub(in crate::rules) fn cookie_same_site_strict(config: &Config, settings: &Settings, login: &Login) -> Judgement {
    if login.hosting == Hosting::Hosted {
        return Judgement::NotApplicable("Pomerium's hosted service runs the login");
    }
    let strict = settings.cookie_same_site.as_ref().filter(|value| value.value.eq_ignore_ascii_case("strict"));
    let Some(setting) = strict else { return Judgement::pass() };
    Finding::at(
        setting.span,
        "browsers send no strict cookie with the redirect from the login page: `invalid CSRF token` at every login",
    )
    .correct(config, setting, "cookie_same_site", "lax")
    .into()
}

/// `services-disagree`
pub(in crate::rules) fn services_disagree(config: &Config, settings: &Settings) -> Judgement {
    if config.peers.is_empty() {
        return Judgement::NotApplicable("only one service was given");
    }
    config.peers.iter().flat_map(|peer| disagreements(settings, peer)).collect::<Vec<_>>().into()
}

fn disagreements(ours: &Settings, peer: &Peer) -> Vec<Finding> {
    let theirs = &peer.settings;
    let texts = [
        ("authenticate_service_url", &ours.authenticate_service_url, &theirs.authenticate_service_url),
        ("idp_provider", &ours.idp_provider, &theirs.idp_provider),
        ("idp_provider_url", &ours.idp_provider_url, &theirs.idp_provider_url),
        ("idp_client_id", &ours.idp_client_id, &theirs.idp_client_id),
    ];
    let secrets = [
        ("idp_client_secret", &ours.idp_client_secret, &theirs.idp_client_secret),
        ("shared_secret", &ours.shared_secret, &theirs.shared_secret),
        ("cookie_secret", &ours.cookie_secret, &theirs.cookie_secret),
    ];
    let texts = texts.into_iter().filter_map(|(key, ours, theirs)| text(peer, key, ours.as_ref()?, theirs.as_ref()?));
    let secrets =
        secrets.into_iter().filter_map(|(key, ours, theirs)| secret(peer, key, ours.as_ref()?, theirs.as_ref()?));
    texts.chain(secrets).chain(scopes(peer, ours, theirs)).chain(parameters(peer, ours, theirs)).collect()
}

fn text(peer: &Peer, key: &str, ours: &Setting<String>, theirs: &Setting<String>) -> Option<Finding> {
    let literal = [&ours.value, &theirs.value].iter().all(|value| classify(value) == ValueKind::Literal);
    if ours.value == theirs.value || !literal {
        return None;
    }
    Some(
        disagreement(peer, key, ours)
            .also(theirs.span, format!("`{}` there", theirs.value))
            .near(("here", &ours.value), ("there", &theirs.value)),
    )
}

fn secret(peer: &Peer, key: &str, ours: &Setting<Secret>, theirs: &Setting<Secret>) -> Option<Finding> {
    let (a, b) = (ours.value.expose(), theirs.value.expose());
    let literal = [a, b].iter().all(|value| classify(value) == ValueKind::Literal);
    if a == b || !literal {
        return None;
    }
    Some(
        disagreement(peer, key, ours)
            .also(theirs.span, format!("{} there, {} here", theirs.value.describe(), ours.value.describe())),
    )
}

fn scopes(peer: &Peer, ours: &Settings, theirs: &Settings) -> Option<Finding> {
    let words =
        |list: &Setting<Vec<Setting<String>>>| list.value.iter().map(|scope| scope.value.clone()).collect::<Vec<_>>();
    match (ours.idp_scopes.as_ref(), theirs.idp_scopes.as_ref()) {
        (Some(ours), Some(theirs)) if words(ours) != words(theirs) => Some(
            disagreement(peer, "idp_scopes", ours).also(theirs.span, format!("`{}` there", words(theirs).join(" "))),
        ),
        (Some(one), None) | (None, Some(one)) => alone(peer, "idp_scopes", one.span, [ours, theirs]),
        _ => None,
    }
}

fn parameters(peer: &Peer, ours: &Settings, theirs: &Settings) -> Option<Finding> {
    let pairs = |settings: &Settings| -> BTreeMap<String, String> {
        settings.idp_request_params.iter().map(|(key, value)| (key.value.clone(), value.value.clone())).collect()
    };
    let at = |settings: &Settings| settings.idp_request_params.first().map(|(key, _)| key.span);
    match (at(ours), at(theirs)) {
        (Some(here), Some(there)) if pairs(ours) != pairs(theirs) => {
            Some(disagreement_at(peer, "idp_request_params", here).also(there, "these there"))
        }
        (Some(one), None) | (None, Some(one)) => alone(peer, "idp_request_params", one, [ours, theirs]),
        _ => None,
    }
}

/// Only one of two services sets the option. The other one may get it from somewhere else, and one that names no provider has
/// no use for it.
fn alone(peer: &Peer, key: &str, at: Span, both: [&Settings; 2]) -> Option<Finding> {
    let names_provider =
        |settings: &&Settings| settings.idp_provider.as_ref().is_some_and(|provider| !provider.value.is_empty());
    both.iter().all(names_provider).then(|| disagreement_at(peer, key, at).severity(Severity::Warning))
}

fn disagreement<T>(peer: &Peer, key: &str, ours: &Setting<T>) -> Finding {
    disagreement_at(peer, key, ours.span)
}

fn disagreement_at(peer: &Peer, key: &str, at: Span) -> Finding {
    Finding::at(
        at,
        format!("`{key}` differs from that in {}, and the services of one deployment must agree on it", peer.path),
    )
    .fix(format!("give all services the same {key}"))
}
