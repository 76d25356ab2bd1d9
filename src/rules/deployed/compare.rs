//! What runs, and what a configuration says.

use url::Url;

use crate::config::{Config, Login, PomeriumVersion, REQUEST_PARAMETERS, ReachedRoute, Setting, Settings, Span};
use crate::evidence::{
    Beside, CallbackStanding, Differs, DiscoveryBeside, Evidence, Missing, NamedCallbacks, ReleaseRange, RouteAnswer,
    RouteKind, RunningIdentity, RunningParameter, RunningRequest, Seen,
};
use crate::rules::{Finding, Judgement, Severity};

/// Why nothing is compared with a configuration that leaves it open.
const OPEN: &str = "the configuration leaves open what is compared";

/// What to do about a difference.
const DEPLOY: &str = "if the configuration is the newer one, deploy it, and restart what still runs with the old one; if not, find the one that runs";

fn literal(setting: Option<&Setting<String>>) -> Option<&Setting<String>> {
    setting.filter(|setting| setting.kind() == crate::config::ValueKind::Literal)
}

/// The release by which a configuration is compared: what runs, where it names none itself.
fn version(config: &Config, release: &Evidence<ReleaseRange>) -> PomeriumVersion {
    let running = release.as_ref().ok().filter(|_| !config.reading.names_release);
    running.map_or(config.version, |seen| seen.value.newest())
}

/// `deployed-callback-differs`
pub(super) fn deployed_callback_differs(
    callbacks: &NamedCallbacks,
    request: &Evidence<RunningRequest>,
    beside: &Beside,
    release: &Evidence<ReleaseRange>,
    standing: &Evidence<CallbackStanding>,
) -> Judgement {
    let config = &beside.0;
    let Some(settings) = &config.settings else { return Judgement::NotApplicable(OPEN) };
    let Some(url) = literal(settings.authenticate_service_url.as_ref()) else { return Judgement::NotApplicable(OPEN) };
    let login = Login::of(settings, version(config, release));
    let said = login.request_parameter("redirect_uri").unwrap_or(&login.redirect_uri);
    let sent = request.as_ref().ok().and_then(|seen| seen.value.parameter("redirect_uri"));
    let sent = sent.and_then(|parameter| Some((parameter.value()?, parameter.at)));
    // What Pomerium says of itself lacks a query.
    let named = || (callbacks.here.0.as_str(), callbacks.here.1);
    let is_same = match sent {
        Some((sent, _)) => sent == said,
        None => said.split('?').next() == Some(named().0),
    };
    if is_same {
        return Judgement::pass();
    }
    let (running, at) = sent.unwrap_or_else(named);
    let is_refused = matches!(
        standing,
        Ok(Seen { value: CallbackStanding::NotRegistered { .. } | CallbackStanding::NotListed { .. }, .. })
    );
    let finding = Finding::at(url.span, "what runs sends another callback than this configuration makes")
        .also(at, "the callback that runs")
        .near(("running", running), ("configured", said))
        .fix(DEPLOY);
    if is_refused { finding.severity(Severity::Error).into() } else { finding.stops_no_login().into() }
}

/// `deployed-settings-differ`: without the request of a login there still is the id of the settings, in the address of its page.
pub(super) fn deployed_settings_differ(
    request: &Evidence<RunningRequest>,
    beside: &Beside,
    route: &Evidence<RouteAnswer>,
    identity: &Evidence<RunningIdentity>,
    release: &Evidence<ReleaseRange>,
) -> Judgement {
    let config = &beside.0;
    let Some(settings) = &config.settings else { return Judgement::NotApplicable(OPEN) };
    let shown = match (request, identity) {
        (Ok(seen), _) => compare(&seen.value, config, settings, route, release),
        (Err(Missing::NotApplicable(why)), Err(_)) => return Judgement::NotApplicable(why),
        (Err(why), Err(_)) => return Judgement::Undecided(vec![why.clone()]),
        (Err(_), Ok(_)) => Shown::default(),
    };
    let identity = identity.as_ref().ok().map(|seen| &seen.value);
    let is_proven = identity.is_some_and(|identity| identity.differs == Differs::Not);
    if let (Some(name), true, false) = (shown.uncompared, shown.differences.is_empty(), is_proven) {
        let why = format!("the parameter {name} holds a secret, which is not compared");
        return Judgement::Undecided(vec![Missing::Elsewhere(why)]);
    }
    let mut findings = shown.differences;
    if let (true, Some(identity)) = (findings.is_empty(), identity) {
        let is_alone = request.is_err();
        findings.extend(by_id(identity, settings, is_alone));
    }
    let of_release = another_release(config, settings, release);
    let finished = findings.into_iter().map(|finding| finding.fix(DEPLOY)).chain(of_release);
    finished.map(Finding::stops_no_login).collect::<Vec<_>>().into()
}

/// What differs by the id of the settings; alone, no request shows anything of them.
fn by_id(identity: &RunningIdentity, settings: &Settings, is_alone: bool) -> Option<Finding> {
    let (at, says) = match identity.differs {
        Differs::Setting { option, how } => {
            let same = if is_alone { "" } else { "sends the same request, and " };
            (place(settings, option), format!("what runs {same}has another {option}: there, {option} {how}"))
        }
        Differs::Order => {
            (place(settings, "idp_scopes"), "what runs names the same scopes in another order".to_owned())
        }
        Differs::Somehow if is_alone => {
            let which = "its client, secret, issuer, scopes or parameters; which does not show";
            (settings.anchor, format!("what runs has another identity provider than this configuration: {which}"))
        }
        _ => return None,
    };
    Some(
        Finding::at(at, says)
            .title("What runs has other settings than this configuration")
            .also(identity.at, "the id of the settings that run"),
    )
}

/// What a request shows of the settings that run.
#[derive(Default)]
struct Shown {
    differences: Vec<Finding>,
    /// A parameter whose value is not to be seen.
    uncompared: Option<String>,
}

fn compare(
    request: &RunningRequest,
    config: &Config,
    settings: &Settings,
    route: &Evidence<RouteAnswer>,
    release: &Evidence<ReleaseRange>,
) -> Shown {
    let login = Login::of(settings, version(config, release));
    let mut shown = Shown::default();
    if let Some(id) = literal(client(settings, route, request)) {
        shown.differences.extend(differs(request, "client_id", &id.value, id));
    }
    let is_open = settings
        .idp_scopes
        .iter()
        .flat_map(|scopes| &scopes.value)
        .any(|scope| scope.kind() != crate::config::ValueKind::Literal);
    let has_provider = literal(settings.idp_provider.as_ref()).is_some();
    if has_provider && !is_open && config.reading.incomplete.is_empty() {
        shown.differences.extend(other_scopes(request, settings, &login));
        compare_parameters(request, settings, &login, &mut shown);
    }
    shown
}

/// Whether two texts name other scopes; their order is nobody's business, and differs between releases.
fn are_other_scopes(one: &str, other: &str) -> bool {
    let words = |scope: &str| {
        let mut words: Vec<String> = scope.split_ascii_whitespace().map(str::to_owned).collect();
        words.sort();
        words
    };
    words(one) != words(other)
}

fn other_scopes(request: &RunningRequest, settings: &Settings, login: &Login) -> Option<Finding> {
    let at = settings.idp_scopes.as_ref().map_or(settings.anchor, |scopes| scopes.span);
    let (running, place) = request.parameter("scope").and_then(|scope| Some((scope.value()?, scope.at)))?;
    are_other_scopes(running, &login.scope).then(|| {
        Finding::at(at, "what runs asks for other scopes than this configuration")
            .also(place, "the scopes that run")
            .near(("running", running), ("configured", &login.scope))
    })
}

fn compare_parameters(request: &RunningRequest, settings: &Settings, login: &Login, shown: &mut Shown) {
    for (name, value) in
        login.request_parameters.iter().filter(|(name, _)| !REQUEST_PARAMETERS.contains(&name.as_str()))
    {
        let at = settings.idp_request_params.iter().find(|(key, _)| key.value == *name);
        let at = at.map_or(settings.anchor, |(_, value)| value.span);
        // The place shows what the configuration says, as far as that is to be shown.
        let says = match request.parameter(name).map(RunningParameter::value) {
            None if name == "state" => {
                "what runs sends a `state` of Pomerium's own, and not what stands here".to_owned()
            }
            // It is not kept, and that there is one is all that can be compared.
            Some(None) if name == "state" => continue,
            None => format!("what runs sends no `{name}`, which this configuration sets"),
            Some(Some(running)) if running != value => {
                format!("what runs sends `{running}` as `{name}`, and not what stands here")
            }
            Some(None) => {
                shown.uncompared.get_or_insert_with(|| name.clone());
                continue;
            }
            Some(Some(_)) => continue,
        };
        shown.differences.push(Finding::at(at, says));
    }
    let is_set = |name: &str| login.request_parameters.iter().any(|(known, _)| known == name);
    for parameter in &request.parameters {
        let RunningParameter { name, at: place, .. } = parameter;
        if !REQUEST_PARAMETERS.contains(&name.as_str()) && !is_set(name) {
            let sent = parameter.value().map_or_else(|| format!("a `{name}`"), |value| format!("`{name}={value}`"));
            let says = format!("what runs sends {sent}, of which this configuration says nothing");
            shown.differences.push(Finding::at(settings.anchor, says).also(*place, "it is sent here"));
        }
    }
}

/// The place of an option of the identity provider.
fn place(settings: &Settings, option: &str) -> Span {
    let text = |setting: &Option<Setting<String>>| setting.as_ref().map(|setting| setting.span);
    let found = match option {
        "idp_client_id" => text(&settings.idp_client_id),
        "idp_provider" => text(&settings.idp_provider),
        "idp_provider_url" => text(&settings.idp_provider_url),
        "authenticate_service_url" => text(&settings.authenticate_service_url),
        "idp_scopes" => settings.idp_scopes.as_ref().map(|scopes| scopes.span),
        "idp_request_params" => settings.idp_request_params.first().map(|(name, _)| name.span),
        _ => None,
    };
    found.unwrap_or(settings.anchor)
}

/// The release that the configuration names is none of those that answer like what runs.
fn another_release(config: &Config, settings: &Settings, release: &Evidence<ReleaseRange>) -> Option<Finding> {
    let range = release.as_ref().ok()?.value;
    if !config.reading.names_release || range.holds(config.version) {
        return None;
    }
    let says = format!("this configuration is that of Pomerium {}, and what runs answers like {range}", config.version);
    Some(
        Finding::at(settings.anchor, says)
            .title("What runs is another release than this configuration names")
            .fix("if this image is the newer one, deploy it; if not, write the tag that runs: options and their defaults differ by release")
            .fix("to judge this configuration for another release: --pomerium-version"),
    )
}

/// The client of the route that was asked; nothing if which route that is cannot be told.
fn client<'a>(
    settings: &'a Settings,
    route: &Evidence<RouteAnswer>,
    request: &RunningRequest,
) -> Option<&'a Setting<String>> {
    let Ok(Seen { value: RouteAnswer { url, kind, .. }, .. }) = route else {
        // Without a route it is the global client that is asked for.
        return settings.idp_client_id.as_ref();
    };
    let own = match Url::parse(url).ok().map(|url| settings.route_of(&url)) {
        Some(ReachedRoute::Unclear) => return None,
        reached => reached.and_then(ReachedRoute::route).and_then(|route| route.idp_client_id.as_ref()),
    };
    // What tells programs where to log in takes the client of a route only if that has no path.
    let sent = request.parameter("client_id").and_then(RunningParameter::value);
    let is_sent = |id: &&Setting<String>| sent == Some(id.value.as_str());
    let own = own.filter(|own| matches!(kind, RouteKind::SignIn(_)) || is_sent(own));
    own.or(settings.idp_client_id.as_ref())
}

fn differs(request: &RunningRequest, name: &str, said: &str, at: &Setting<String>) -> Option<Finding> {
    let parameter = request.parameter(name)?;
    let (running, place) = (parameter.value()?, parameter.at);
    (running != said).then(|| {
        Finding::at(at.span, format!("what runs sends another `{name}` than this configuration"))
            .also(place, "the one that runs")
            .near(("running", running), ("configured", said))
    })
}

/// `deployed-issuer-differs`
pub(super) fn deployed_issuer_differs(
    request: &RunningRequest,
    beside: &Beside,
    discovery: &DiscoveryBeside,
) -> Judgement {
    let settings = beside.0.settings.as_ref();
    let Some(issuer) = settings.and_then(|settings| settings.idp_provider_url.as_ref()) else {
        return Judgement::NotApplicable(OPEN);
    };
    match &discovery.login_host {
        Some(host) if *host != request.host => Finding::at(
            issuer.span,
            format!("what runs sends users to `{}`, and the pool of this configuration logs them in at `{host}`", request.host),
        )
        .also(request.at, "where users are sent")
        .fix("if it is another pool, deploy the configuration, or find the one that runs")
        .fix("if the pool got another domain since, restart Pomerium: from v0.30 on it keeps the discovery document that it has")
        .stops_no_login()
        .into(),
        _ => Judgement::pass(),
    }
}

/// `deployed-secret-differs`
pub(super) fn deployed_secret_differs(
    identity: &RunningIdentity,
    beside: &Beside,
    request: &Evidence<RunningRequest>,
    route: &Evidence<RouteAnswer>,
    discovery: &Evidence<DiscoveryBeside>,
    release: &Evidence<ReleaseRange>,
) -> Judgement {
    let Some(settings) = &beside.0.settings else { return Judgement::NotApplicable(OPEN) };
    let finding = |says: String| {
        Finding::at(identity.secret_at, says).also(identity.at, "the id of the settings that run").fix(DEPLOY)
    };
    match identity.differs {
        Differs::Not | Differs::Setting { .. } | Differs::Order | Differs::Shown => Judgement::pass(),
        Differs::Secret { how, is_broken: true } => {
            finding(format!("the running Pomerium has another client secret: {how}; Cognito answers it with invalid_client"))
                .severity(Severity::Error)
                .into()
        }
        Differs::Secret { how, is_broken: false } => {
            finding(format!("the running Pomerium has another client secret: {how}")).stops_no_login().into()
        }
        Differs::Somehow if is_explained(request, discovery, settings, beside, route, release) => {
            Judgement::NotApplicable("what is seen to differ explains it")
        }
        Differs::Somehow => finding(
            "the running Pomerium has another client secret than this configuration, or something else that does not show"
                .to_owned(),
        )
        .stops_no_login()
        .into(),
    }
}

/// What is seen to differ may be all that does; without the request of a login, it is seen that something does.
fn is_explained(
    request: &Evidence<RunningRequest>,
    discovery: &Evidence<DiscoveryBeside>,
    settings: &Settings,
    beside: &Beside,
    route: &Evidence<RouteAnswer>,
    release: &Evidence<ReleaseRange>,
) -> bool {
    request.as_ref().map_or(true, |seen| {
        let login = Login::of(settings, version(&beside.0, release));
        is_elsewhere(&seen.value, discovery) || is_seen_to_differ(settings, &login, &seen.value, route)
    })
}

/// Users are sent to another login host than the pool of the configuration has.
fn is_elsewhere(request: &RunningRequest, discovery: &Evidence<DiscoveryBeside>) -> bool {
    matches!(discovery, Ok(Seen { value: DiscoveryBeside { login_host: Some(host), .. }, .. }) if *host != request.host)
}

/// How many parameters there are beside those that Pomerium itself sends.
fn added<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.filter(|name| !REQUEST_PARAMETERS.contains(name)).count()
}

/// A difference that shows makes another id, whatever the secret is.
fn is_seen_to_differ(
    settings: &Settings,
    login: &Login,
    request: &RunningRequest,
    route: &Evidence<RouteAnswer>,
) -> bool {
    // What is not to be seen is not seen to differ.
    let differs = |name: &str, said: &str| {
        request.parameter(name).map_or(Some(""), RunningParameter::value).is_some_and(|sent| sent != said)
    };
    let scope = request.parameter("scope").map_or(Some(""), RunningParameter::value);
    let mut sent = login.request_parameters.iter();
    client(settings, route, request).is_none_or(|id| differs("client_id", &id.value))
        || differs("redirect_uri", &login.redirect_uri)
        || scope.is_some_and(|scope| are_other_scopes(scope, &login.scope))
        || sent.any(|(name, value)| differs(name, value))
        || added(request.parameters.iter().map(|sent| sent.name.as_str()))
            != added(login.request_parameters.iter().map(|(name, _)| name.as_str()))
}
