//! What must agree between services, and between Pomerium and browsers.

use std::collections::BTreeMap;

use super::identity_setting;
use crate::config::{
    Change, Config, Gap, Hosting, Login, Peer, PomeriumVersion, Setting, Settings, Span, ValueKind, classify,
};
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
    if !is_first(config) {
        return Judgement::NotApplicable("what the services disagree about is told with the first of them");
    }
    let services = services(config, settings);
    let version = config.version;
    let all = COMPARED.iter().filter_map(|(key, of)| disagreement(key, &services, version, *of));
    let (mut findings, mut doubts) = (Vec::new(), Vec::new());
    for (key, found) in all {
        let need_not_agree = need_not_agree(key, version);
        match found {
            Disagreement::Found(finding) if need_not_agree => findings.push(finding.severity(Severity::Warning)),
            Disagreement::Found(finding) => findings.push(*finding),
            Disagreement::Unknown(_) if need_not_agree => {}
            Disagreement::Unknown(missing) => doubts.push(missing),
        }
    }
    if findings.is_empty() && !doubts.is_empty() { Judgement::Undecided(doubts) } else { findings.into() }
}

/// Whether what stands at a place is the value of an option that another service has, too, written down once more elsewhere: to change
/// it here alone would make the services disagree.
pub(crate) fn is_copied(config: &Config, at: Span) -> bool {
    let Some(settings) = config.settings.as_ref().filter(|_| !config.peers.is_empty()) else { return false };
    let services = services(config, settings);
    let Some((own, peers)) = services.split_first() else { return false };
    COMPARED.iter().any(|(_, of)| {
        let Some(own) = of(own, config.version).filter(|own| !own.is_absent && own.at.covers(at)) else { return false };
        peers
            .iter()
            .filter_map(|peer| of(peer, config.version))
            .any(|there| there.same == own.same && there.at != own.at)
    })
}

fn services<'a>(config: &'a Config, settings: &'a Settings) -> Vec<Service<'a>> {
    let ours = Service { path: &config.path, settings, unread: config.reading.incomplete.first() };
    let theirs = config.peers.iter().map(|peer| {
        let Peer { path, settings, unread } = peer;
        Service { path, settings, unread: unread.as_ref() }
    });
    std::iter::once(ours).chain(theirs).collect()
}

/// Whether a configuration speaks for its peers. The other host of what runs is only heard of: nothing of it is judged elsewhere.
fn is_first(config: &Config) -> bool {
    config.form.is_running() || config.peers.iter().all(|peer| config.path <= peer.path)
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
    /// A part of its configuration that is not here, and that may set whatever is not set here.
    unread: Option<&'a String>,
}

/// What a service may have otherwise than the others: the authenticate service goes by its own provider (since v0.21.0).
fn need_not_agree(key: &str, version: PomeriumVersion) -> bool {
    key.starts_with("idp_") && version.has(Change::OwnProviderOfServices)
}

/// A value that can be compared, and how it is shown.
struct Value {
    same: String,
    shown: String,
    at: Span,
    is_secret: bool,
    is_literal: bool,
    is_absent: bool,
    /// The part that may set it where it is absent.
    unread: Option<String>,
}

impl Value {
    fn new(same: impl Into<String>, shown: impl Into<String>, at: Span) -> Self {
        let (same, shown) = (same.into(), shown.into());
        Self { same, shown, at, is_secret: false, is_literal: true, is_absent: false, unread: None }
    }

    /// Why it is not known.
    fn missing(&self) -> Missing {
        match &self.unread {
            Some(part) => Missing::Unconfigured(format!("it may be set in {part}, which cannot be read from here")),
            None => Missing::from(&Gap::of(&self.same, self.at)),
        }
    }

    /// A service that names a provider and leaves an option of it out.
    fn absent(settings: &Settings) -> Option<Self> {
        let provider = settings.idp_provider.as_ref().filter(|provider| !provider.value.is_empty())?;
        Some(Self { is_absent: true, ..Self::new("", "nothing", provider.span) })
    }
}

/// What is compared of each service, in the order in which it is told.
const COMPARED: [(&str, Of); 9] = [
    ("authenticate_service_url", callback),
    ("idp_provider", |service, _| service.settings.idp_provider.as_ref().map(text)),
    ("idp_provider_url", |service, _| service.settings.idp_provider_url.as_ref().map(text)),
    ("idp_client_id", |service, _| service.settings.idp_client_id.as_ref().map(text)),
    ("idp_client_secret", |service, _| service.settings.idp_client_secret.as_ref().map(secret)),
    ("shared_secret", |service, _| service.settings.shared_secret.as_ref().map(secret)),
    ("cookie_secret", |service, _| cookie_secret(service)),
    ("idp_scopes", |service, _| scopes(service.settings)),
    ("idp_request_params", |service, _| parameters(service.settings)),
];

type Of = fn(&Service<'_>, PomeriumVersion) -> Option<Value>;

/// Of all services, authenticate alone encrypts with it: the proxy looks at its length and never uses it (`proxy/proxy.go`).
fn cookie_secret(service: &Service<'_>) -> Option<Value> {
    service.settings.cookie_secret.as_ref().filter(|_| service.settings.runs("authenticate")).map(secret)
}

/// What is made of `authenticate_service_url` is the callback: one that is written otherwise and comes to the same is none of a
/// browser's business.
///
/// The proxy and the authorize service send users there themselves, and to Pomerium's hosted service where they have none
/// (`GetAuthenticateURL` of `config/options.go`, `authorize/check_response.go`). Where `idp_*` stands beside the gap,
/// `authenticate-url-missing` tells it.
fn callback(service: &Service<'_>, version: PomeriumVersion) -> Option<Value> {
    let settings = service.settings;
    let same = Login::of(settings, version).redirect_uri;
    if let Some(url) = settings.authenticate_service_url.as_ref().filter(|url| !url.value.is_empty()) {
        return Some(Value { same, ..text(url) });
    }
    let sends_users = ["proxy", "authorize"].iter().any(|name| settings.runs(name));
    let services = settings.services.as_ref().filter(|_| sends_users && version.has(Change::HostedByDefault))?;
    if identity_setting(settings).is_some() {
        return None;
    }
    let shown = "nothing, and so Pomerium's hosted service,";
    let unread = service.unread.cloned();
    Some(Value { is_absent: true, is_literal: unread.is_none(), unread, ..Value::new(same, shown, services.span) })
}

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
    version: PomeriumVersion,
    of: Of,
) -> Option<(&'k str, Disagreement)> {
    let all = services.iter().filter_map(|service| Some((service.path, of(service, version)?)));
    let (mut others, references): (Vec<_>, Vec<_>) = all.partition(|(_, value)| value.is_literal);
    // The same reference is the same value; of any other, nobody knows from here.
    let doubt = || {
        let (_, value) = references.first()?;
        let mut rest = others.iter().chain(references.iter().skip(1)).map(|(_, other)| other);
        let differs = rest.any(|other| !other.is_absent && other.same != value.same);
        differs.then(|| (key, Disagreement::Unknown(value.missing())))
    };
    let Some(position) = others.iter().position(|(_, value)| !value.is_absent) else { return doubt() };
    let doubt = doubt();
    let (_, here) = others.remove(position);
    let differing: Vec<_> = others.iter().filter(|(_, there)| there.same != here.same).collect();
    let Some((path, first)) = differing.first() else { return doubt };
    let why = if need_not_agree(key, version) {
        "the authenticate service goes by its own, whatever the others have"
    } else {
        "the services of one deployment must agree on it"
    };
    let says = format!("`{key}` differs from that in {path}, and {why}");
    let mut finding = Finding::at(here.at, says);
    for (path, there) in &differing {
        finding = finding.also(there.at, format!("{} in {path}, {} here", there.shown, here.shown));
    }
    if !here.is_secret && !first.is_absent && !["idp_scopes", "idp_request_params"].contains(&key) {
        finding = finding.near(("here", &here.same), ("there", &first.same));
    }
    Some((key, Disagreement::Found(Box::new(finding.fix(format!("give all services the same {key}"))))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Destination, Form};
    use crate::rules::testing;

    #[test]
    fn the_first_of_the_services_speaks_for_all() {
        let mut config = testing::config("b.yaml", "key: value");
        config.peers = vec![Peer { path: "a.yaml".to_owned(), settings: testing::settings(), unread: None }];
        let judged = services_disagree(&config, &testing::settings());
        let why = "what the services disagree about is told with the first of them";
        assert!(matches!(judged, Judgement::NotApplicable(reason) if reason == why));
    }

    #[test]
    fn what_runs_speaks_for_its_other_host_however_they_are_called() {
        let callback =
            |url: &str| Settings { authenticate_service_url: Some(testing::setting(url)), ..testing::settings() };
        for app in ["https://app.corp.example.com/", "https://wiki.corp.example.com/"] {
            let mut config = testing::config(app, "key: value");
            config.form = Form::Deployed(Destination::Cognito);
            let path = "https://authenticate.corp.example.com/.well-known/pomerium".to_owned();
            config.peers = vec![Peer { path, settings: callback("https://sso.corp.example.com"), unread: None }];
            let judged = services_disagree(&config, &callback("https://authenticate.corp.example.com"));
            assert!(matches!(&judged, Judgement::Findings(found) if found.len() == 1), "{app}");
        }
    }
}
