//! What must agree between services, and between Pomerium and browsers.

use std::collections::BTreeMap;

use crate::config::{Change, Config, Gap, Hosting, Login, Setting, Settings, Span, ValueKind, classify};
use crate::evidence::Missing;
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
///
/// The first of the services, by its file, speaks for all: each disagreement is told once.
pub(in crate::rules) fn services_disagree(config: &Config, settings: &Settings) -> Judgement {
    if config.peers.is_empty() {
        return Judgement::NotApplicable("only one service was given");
    }
    if config.peers.iter().any(|peer| peer.path < config.path) {
        return Judgement::NotApplicable("what the services disagree about is told with the first of them");
    }
    let ours = Service { path: &config.path, settings };
    let theirs = config.peers.iter().map(|peer| Service { path: &peer.path, settings: &peer.settings });
    let services: Vec<Service<'_>> = std::iter::once(ours).chain(theirs).collect();
    let version = config.version;
    // What is made of it is the callback: one that is written otherwise and comes to the same is none of a browser's business.
    let callback = |settings: &Settings| {
        let url = settings.authenticate_service_url.as_ref()?;
        Some(Value { same: Login::of(settings, version).redirect_uri, ..text(url) })
    };
    let texts =
        TEXTS.iter().filter_map(|(key, of)| disagreement(key, &services, &|settings| Some(text(of(settings)?))));
    let secrets =
        SECRETS.iter().filter_map(|(key, of)| disagreement(key, &services, &|settings| Some(secret(of(settings)?))));
    let texts = disagreement("authenticate_service_url", &services, &callback).into_iter().chain(texts);
    let all = texts.chain(secrets).chain(disagreement("idp_scopes", &services, &scopes));
    let all = all.chain(disagreement("idp_request_params", &services, &parameters));
    let (mut findings, mut doubts) = (Vec::new(), Vec::new());
    for (key, found) in all {
        let need_not_agree = key.starts_with("idp_") && config.version.has(Change::OwnProviderOfServices);
        match found {
            Disagreement::Found(finding) if need_not_agree => findings.push(finding.severity(Severity::Warning)),
            Disagreement::Found(finding) => findings.push(*finding),
            Disagreement::Unknown(_) if need_not_agree => {}
            Disagreement::Unknown(missing) => doubts.push(missing),
        }
    }
    if findings.is_empty() && !doubts.is_empty() { Judgement::Undecided(doubts) } else { findings.into() }
}

/// What two services say of one option.
enum Disagreement {
    Found(Box<Finding>),
    /// The value of one of them is known only where it runs.
    Unknown(Missing),
}

/// One process of the deployment.
struct Service<'a> {
    path: &'a str,
    settings: &'a Settings,
}

/// A value that can be compared, and how it is shown.
struct Value {
    same: String,
    shown: String,
    at: Span,
    is_secret: bool,
    is_literal: bool,
    is_absent: bool,
}

impl Value {
    fn new(same: impl Into<String>, shown: impl Into<String>, at: Span) -> Self {
        let (same, shown) = (same.into(), shown.into());
        Self { same, shown, at, is_secret: false, is_literal: true, is_absent: false }
    }

    /// A service that names a provider and leaves an option of it out.
    fn absent(settings: &Settings) -> Option<Self> {
        let provider = settings.idp_provider.as_ref().filter(|provider| !provider.value.is_empty())?;
        Some(Self { is_absent: true, ..Self::new("", "nothing", provider.span) })
    }
}

type Of<T> = fn(&Settings) -> Option<&Setting<T>>;

const TEXTS: [(&str, Of<String>); 3] = [
    ("idp_provider", |settings| settings.idp_provider.as_ref()),
    ("idp_provider_url", |settings| settings.idp_provider_url.as_ref()),
    ("idp_client_id", |settings| settings.idp_client_id.as_ref()),
];

const SECRETS: [(&str, Of<Secret>); 3] = [
    ("idp_client_secret", |settings| settings.idp_client_secret.as_ref()),
    ("shared_secret", |settings| settings.shared_secret.as_ref()),
    ("cookie_secret", |settings| settings.cookie_secret.as_ref()),
];

fn text(setting: &Setting<String>) -> Value {
    let is_literal = setting.kind() == ValueKind::Literal;
    Value { is_literal, ..Value::new(&setting.value, format!("`{}`", setting.value), setting.span) }
}

fn secret(setting: &Setting<Secret>) -> Value {
    let value = setting.value.expose();
    let is_literal = classify(value) == ValueKind::Literal;
    Value { is_literal, is_secret: true, ..Value::new(value, setting.value.describe(), setting.span) }
}

fn scopes(settings: &Settings) -> Option<Value> {
    let Some(list) = &settings.idp_scopes else { return Value::absent(settings) };
    let words: Vec<&str> = list.value.iter().map(|scope| scope.value.as_str()).collect();
    let same = words.join(" ");
    let is_literal = list.value.iter().all(|scope| scope.kind() == ValueKind::Literal);
    Some(Value { is_literal, ..Value::new(same.as_str(), format!("`{same}`"), list.span) })
}

fn parameters(settings: &Settings) -> Option<Value> {
    let Some((first, _)) = settings.idp_request_params.first() else { return Value::absent(settings) };
    let pairs: BTreeMap<&str, &str> =
        settings.idp_request_params.iter().map(|(key, value)| (key.value.as_str(), value.value.as_str())).collect();
    let is_literal = settings.idp_request_params.iter().all(|(_, value)| value.kind() == ValueKind::Literal);
    Some(Value { is_literal, ..Value::new(format!("{pairs:?}"), "these", first.span) })
}

/// The services that set an option to different values. One that does not set it may get it from somewhere else.
fn disagreement<'k>(
    key: &'k str,
    services: &[Service<'_>],
    value_of: &dyn Fn(&Settings) -> Option<Value>,
) -> Option<(&'k str, Disagreement)> {
    let all = services.iter().filter_map(|service| Some((service.path, value_of(service.settings)?)));
    let (mut others, references): (Vec<_>, Vec<_>) = all.partition(|(_, value)| value.is_literal);
    // The same reference is the same value; of any other, nobody knows from here.
    let doubt = || {
        let (_, value) = references.first()?;
        let mut rest = others.iter().chain(references.iter().skip(1)).map(|(_, other)| other);
        let differs = rest.any(|other| !other.is_absent && other.same != value.same);
        differs.then(|| (key, Disagreement::Unknown(Missing::from(&Gap::of(&value.same, value.at)))))
    };
    let Some(position) = others.iter().position(|(_, value)| !value.is_absent) else { return doubt() };
    let doubt = doubt();
    let (_, here) = others.remove(position);
    let differing: Vec<_> = others.iter().filter(|(_, there)| there.same != here.same).collect();
    let Some((path, first)) = differing.first() else { return doubt };
    let says = format!("`{key}` differs from that in {path}, and the services of one deployment must agree on it");
    let mut finding = Finding::at(here.at, says);
    for (path, there) in &differing {
        finding = finding.also(there.at, format!("{} in {path}, {} here", there.shown, here.shown));
    }
    if !here.is_secret && !["idp_scopes", "idp_request_params"].contains(&key) {
        finding = finding.near(("here", &here.same), ("there", &first.same));
    }
    Some((key, Disagreement::Found(Box::new(finding.fix(format!("give all services the same {key}"))))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Peer;
    use crate::rules::testing;

    #[test]
    fn the_first_of_the_services_speaks_for_all() {
        let mut config = testing::config("b.yaml", "key: value");
        config.peers = vec![Peer { path: "a.yaml".to_owned(), settings: testing::settings() }];
        let judged = services_disagree(&config, &testing::settings());
        let why = "what the services disagree about is told with the first of them";
        assert!(matches!(judged, Judgement::NotApplicable(reason) if reason == why));
    }
}
