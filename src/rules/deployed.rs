//! Stage *deployed*: does a Pomerium run there, and where does it send its users?

mod compare;
#[cfg(test)]
mod tests;

use url::Url;

use compare::{deployed_callback_differs, deployed_issuer_differs, deployed_secret_differs, deployed_settings_differ};

use super::pomerium::is_covered;
use super::{Finding, Judgement, Rule, Severity, Stage};
use crate::config::{host_of, is_hosted};
use crate::evidence::{
    AuthenticateHost, Beside, CallbackAnswer, Differs, DiscoveryBeside, Evidence, FrontDoor, Missing, NameAnswer,
    Opened, RouteAnswer, RouteKind, RunningClocks, RunningCookies, RunningIdentity, RunningProvider, RunningRequest,
    Seen, ServedCertificates, SignInAnswer, SignInKind,
};

const STAGE: Stage = Stage::Deployed;

/// The rules of this stage, in the order in which they are shown.
pub(super) fn rules() -> Vec<Rule> {
    vec![
        rule!("deployed-certificate-invalid", Error, deployed_certificate_invalid),
        rule!("deployed-redirects-to-itself", Error, deployed_redirects_to_itself),
        rule!("deployed-not-pomerium", Error, deployed_not_pomerium),
        rule!("deployed-pomerium-unhealthy", Error, deployed_pomerium_unhealthy),
        rule!("deployed-hosted-authenticate", Warning, deployed_hosted_authenticate),
        rule!("deployed-route-unknown", Error, deployed_route_unknown),
        rule!("deployed-route-is-public", Note, deployed_route_is_public),
        rule!("deployed-authenticate-unreachable", Warning, deployed_authenticate_unreachable),
        rule!("authenticate-not-routed", Error, authenticate_not_routed),
        rule!("deployed-discovery-fails", Error, deployed_discovery_fails),
        rule!("deployed-callback-not-routed", Error, deployed_callback_not_routed),
        rule!("deployed-cookie-domain-foreign", Error, deployed_cookie_domain_foreign),
        rule!("deployed-clock-skew", Error, deployed_clock_skew),
        rule!("deployed-provider-not-cognito", Note, deployed_provider_not_cognito),
        rule!("deployed-callback-differs", Warning, deployed_callback_differs),
        rule!("deployed-settings-differ", Warning, deployed_settings_differ),
        rule!("deployed-issuer-differs", Warning, deployed_issuer_differs),
        rule!("deployed-secret-differs", Warning, deployed_secret_differs),
    ]
}

/// The host of a URL, with its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// The command that shows the same.
fn see(url: &str) -> String {
    format!("  curl -sD- -o/dev/null {}", crate::shell::quoted(url.split('?').next().unwrap_or(url)))
}

/// `deployed-certificate-invalid`
fn deployed_certificate_invalid(certificates: &ServedCertificates) -> Vec<Finding> {
    let finding = |served: &crate::evidence::ServedCertificate| {
        Finding::at(served.at, format!("no browser opens a page of `{}`: {}", served.host, served.why))
            .fix(format!(
                "give {} a certificate that covers it and is not expired, and look after its renewal",
                served.host
            ))
            .fix("if whoever ends TLS in front of Pomerium holds the certificate, it is theirs that is wrong")
    };
    certificates.0.iter().map(finding).collect()
}

/// `deployed-redirects-to-itself`
fn deployed_redirects_to_itself(door: &FrontDoor, route: &Evidence<RouteAnswer>) -> Option<Finding> {
    let (found, at, url) = match (door, route) {
        (FrontDoor { opened_by: Opened::Loop(found), at, url }, _)
        | (_, Ok(Seen { value: RouteAnswer { kind: RouteKind::Loop(found), at, url }, .. })) => (found, *at, url),
        _ => return None,
    };
    let says = if found.is_downgrade {
        format!("a visitor of https is sent to {}, and from there to https again: it never ends", found.to)
    } else {
        format!("every visitor is sent to where they are: {}", found.to)
    };
    Some(
        Finding::at(at, says)
            .fix("TLS ends in front of Pomerium, and whoever ends it passes the request on without: have it speak HTTPS to Pomerium, too")
            .fix("at Cloudflare: SSL/TLS → Full (strict), not Flexible; at other balancers: an HTTPS target, and no redirect of their own")
            .fix(see(url)),
    )
}

/// `deployed-not-pomerium`
fn deployed_not_pomerium(door: &FrontDoor) -> Option<Finding> {
    let Opened::Stranger(stranger) = &door.opened_by else { return None };
    let says = format!("at {} it is not Pomerium that answers: {}", host(&door.url), stranger.says);
    Some(Finding::at(door.at, says).fix(stranger.cure).fix(see(&door.url)))
}

/// `deployed-pomerium-unhealthy`
fn deployed_pomerium_unhealthy(
    door: &FrontDoor,
    route: &Evidence<RouteAnswer>,
    sign_in: &Evidence<SignInAnswer>,
) -> Option<Finding> {
    let finding = |at, what: &str, came: &str| Finding::at(at, format!("nobody can log in now: {what} ({came})"));
    let (url, at, came, what) = match (door, route, sign_in) {
        (FrontDoor { opened_by: Opened::Down(came), url, at }, ..) => {
            (url, *at, came, "nothing of Pomerium is behind its Envoy")
        }
        (_, Ok(Seen { value: RouteAnswer { kind: RouteKind::Down(came), url, at }, .. }), _) => {
            (url, *at, came, "its Envoy cannot ask the authorize service whether a visitor may pass")
        }
        (_, Ok(Seen { value: RouteAnswer { kind: RouteKind::Fails(came), url, at }, .. }), _) => {
            let what = "Pomerium itself fails before it can send a visitor to the login";
            return Some(
                finding(*at, what, came)
                    .title("Pomerium answers this address with an error of its own")
                    .fix("its log says why: look for the line `httputil: error` with the request-id of this answer")
                    .fix(see(url)),
            );
        }
        (_, _, Ok(Seen { value: SignInAnswer { kind: SignInKind::Down(came), url, at }, .. })) => {
            (url, *at, came, "nothing of Pomerium is behind the Envoy of the authenticate service")
        }
        _ => return None,
    };
    Some(
        finding(at, what, came)
            .fix("see why the process is not up: its log ends with the reason, and `kubectl get pods` shows whether it restarts")
            .fix("in split mode, see that the proxy reaches the authorize service: authorize_service_url, its port and certificate")
            .fix(see(url)),
    )
}

/// Users get there whatever the letters: a browser asks for the host in small ones.
fn leads_to_hosted(url: &str) -> bool {
    is_hosted(&host_of(url).to_ascii_lowercase())
}

/// `deployed-hosted-authenticate`
#[allow(clippy::ref_option, reason = "whether there is one is the fact")]
fn deployed_hosted_authenticate(
    door: &FrontDoor,
    request: &Evidence<RunningRequest>,
    beside: &Option<Box<Beside>>,
) -> Option<Finding> {
    let hosted = match (&door.opened_by, request) {
        (Opened::Pomerium(found), _) if leads_to_hosted(&found.callback) => (found.callback_at, found.callback.clone()),
        (_, Ok(seen)) if seen.value.provider == RunningProvider::Hosted => (seen.value.at, seen.value.endpoint.clone()),
        _ => return None,
    };
    let (at, where_to) = hosted;
    let says = format!("users log in at Pomerium's hosted service ({where_to}): Cognito is never asked");
    let finding = Finding::at(at, says)
        .fix("set authenticate_service_url to a host of your own, which leads to this Pomerium, and the idp_* options")
        .fix("if the hosted service is meant, nothing is wrong, and nothing of Cognito's matters here");
    // `IsHostedAuthenticateDomain` of `internal/urlutil/hostedauthenticate.go` compares byte for byte.
    let finding = if is_hosted(host_of(&where_to)) {
        finding
    } else {
        finding.fix("Pomerium knows that service by its host in small letters alone: write it so")
    };
    let settings = beside.as_ref().and_then(|beside| beside.0.settings.as_ref());
    let own = settings.and_then(|settings| {
        let url = settings.authenticate_service_url.as_ref().filter(|url| !leads_to_hosted(&url.value))?;
        settings.idp_provider.as_ref().map(|_| url)
    });
    Some(match own {
        Some(url) => {
            finding.also(url.span, "the configuration says that this host runs the login").severity(Severity::Error)
        }
        None => finding,
    })
}

/// `deployed-route-unknown`
fn deployed_route_unknown(route: &RouteAnswer) -> Option<Finding> {
    (route.kind == RouteKind::Unknown).then(|| {
        Finding::at(route.at, format!("Pomerium runs here, and knows no route for {}", route.url.split('?').next().unwrap_or_default()))
            .fix("add a route whose `from` is the scheme, the host and the port of this URL, or look whether the last change was taken over")
            .fix("in Kubernetes, see whether the Ingress has Pomerium's class, and what its events say")
            .fix(see(&route.url))
    })
}

/// `deployed-route-is-public`
#[allow(clippy::ref_option, reason = "whether there is one is the fact")]
fn deployed_route_is_public(route: &RouteAnswer, beside: &Option<Box<Beside>>) -> Option<Finding> {
    let RouteKind::Public(status) = route.kind else { return None };
    let says = format!("a visitor without a session gets what is behind the route ({status}), and no login");
    let finding = Finding::at(route.at, says)
        .fix("if that is not meant, take allow_public_unauthenticated_access out of the route");
    let settings = beside.as_ref().and_then(|beside| beside.0.settings.as_ref());
    let reached = settings.zip(Url::parse(&route.url).ok()).and_then(|(own, url)| own.route_of(&url).route());
    let guarded = reached.filter(|own| !own.public && !own.policies.is_empty());
    Some(
        match guarded {
            Some(own) => {
                finding.also(own.at, "the configuration guards this route by a policy").severity(Severity::Warning)
            }
            None => finding,
        }
        .stops_no_login(),
    )
}

/// `deployed-authenticate-unreachable`
fn deployed_authenticate_unreachable(authenticate: &AuthenticateHost) -> Option<Finding> {
    let why = authenticate.absent.as_ref()?;
    let says =
        format!("users are sent to `{}` to log in, and from here that name has no address: {why}", authenticate.host);
    Some(
        Finding::at(authenticate.at, says)
            .fix("give the host a DNS record that leads to Pomerium")
            .fix("if its name is known inside your network only, run the check from there, or name its address with --connect-to"),
    )
}

/// `authenticate-not-routed`
fn authenticate_not_routed(sign_in: &SignInAnswer) -> Option<Finding> {
    let SignInKind::NotRouted(stranger) = &sign_in.kind else { return None };
    let says = format!("users are sent to {} to log in, where {}", host(&sign_in.url), stranger.says);
    Some(
        Finding::at(sign_in.at, says)
            .fix("lead the whole host to Pomerium: the paths /.pomerium/ and /oauth2/callback are its own")
            .fix(stranger.cure)
            .fix(see(&sign_in.url)),
    )
}

/// `deployed-discovery-fails`
#[allow(clippy::ref_option, reason = "whether there is one is the fact")]
fn deployed_discovery_fails(
    sign_in: &SignInAnswer,
    beside: &Option<Box<Beside>>,
    discovery: &Evidence<DiscoveryBeside>,
    identity: &Evidence<RunningIdentity>,
) -> Option<Finding> {
    let SignInKind::Fails { request_id } = &sign_in.kind else { return None };
    let finding = Finding::at(
        sign_in.at,
        "nobody can log in now: Pomerium cannot get to its identity provider, and answers 500 instead",
    );
    let finding = match request_id {
        Some(id) => {
            finding.fix(format!("its log says why: look for the line `httputil: error` with the request-id {id}"))
        }
        None => finding.fix("its log says why: look for the line `httputil: error`"),
    };
    let issuer = beside.as_ref().and_then(|beside| beside.0.settings.as_ref()?.idp_provider_url.as_ref());
    let running = identity.as_ref().ok().map(|seen| &seen.value.differs);
    if let (Some(issuer), Some(Differs::Setting { option: "idp_provider_url", how: how @ "ends with a slash" })) =
        (issuer, running)
    {
        return Some(
            finding
                .also(issuer.span, format!("likely this: what runs has another idp_provider_url, which {how}"))
                .fix("deploy this configuration, and restart what still runs with the other one"),
        );
    }
    Some(match (issuer, discovery) {
        (None, _) => finding
            .fix("as a rule the discovery document cannot be had from there, or its issuer is another one: check its configuration, too")
            .fix("  pomlint check CONFIG"),
        (Some(issuer), Ok(Seen { value, .. })) if value.issuer == issuer.value => {
            let other = match running {
                Some(Differs::Not) => "; it is this configuration that runs, byte for byte, and from here its document is in order",
                _ => ", or another configuration runs: from here, that of this one is in order",
            };
            let why = "as a rule Pomerium does not reach the discovery document then (name server, proxy, firewall, certificates of its container)";
            finding.fix(format!("{why}{other}"))
        }
        (Some(issuer), Ok(Seen { value, .. })) => finding
            .also(issuer.span, "likely this: the discovery document names another issuer")
            .fix(format!("write the issuer as the discovery document has it: {}", value.issuer)),
        (Some(issuer), Err(_)) => finding
            .also(issuer.span, "likely this: its discovery document cannot be had from here either")
            .fix("see what was found about this configuration: its issuer and discovery"),
    })
}

/// The callback that is sent.
fn sent_callback(sign_in: &SignInAnswer) -> Option<&str> {
    let SignInKind::Login(request) = &sign_in.kind else { return None };
    request.parameter("redirect_uri")?.value()
}

/// `deployed-callback-not-routed`
fn deployed_callback_not_routed(callback: &CallbackAnswer, sign_in: &SignInAnswer) -> Judgement {
    if !matches!(sign_in.kind, SignInKind::Login(_)) {
        return Judgement::NotApplicable("nobody is sent to the identity provider, and so nobody comes back");
    }
    let Some(stranger) = &callback.stranger else { return Judgement::pass() };
    let says = match sent_callback(sign_in).filter(|sent| sent.split('?').next() != Some(callback.url.as_str())) {
        Some(sent) => format!(
            "users come back from the login to {sent}, and Pomerium takes codes at {} alone, where {}",
            callback.url, stranger.says
        ),
        None => format!("users come back from the login to {}, where {}", callback.url, stranger.says),
    };
    Finding::at(callback.at, says)
        .fix("lead /oauth2/callback of this host to Pomerium, too, and past any login of a balancer's own")
        .fix(stranger.cure)
        .fix(see(&callback.url))
        .into()
}

/// `deployed-cookie-domain-foreign`
///
/// RFC 6265, 5.3: a browser drops a cookie whose `Domain` does not cover the host that sets it.
fn deployed_cookie_domain_foreign(
    cookies: &RunningCookies,
    authenticate: &AuthenticateHost,
    door: &FrontDoor,
) -> Option<Finding> {
    // Whoever stands in front sets cookies, too.
    let cookie = cookies.session()?;
    let domain = cookie.domain.as_deref()?;
    let bare = |host: &str| host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
    let hosts = [bare(&authenticate.host), bare(host(&door.url))];
    let left_out = hosts.iter().find(|host| !is_covered(host, domain))?;
    let says =
        format!("a browser drops a cookie for `{domain}` that comes from {left_out}: every login there begins anew");
    Some(
        Finding::at(cookie.at, says)
            .fix("set cookie_domain to a domain that the authenticate host and all routes are below, or delete it: each host then has a cookie of its own"),
    )
}

/// Seconds by which clocks may differ: `issued in the future` is said from there on (`internal/urlutil/signed.go`).
const TOLERABLE: u64 = 60;

/// An address is good for five minutes, and that leeway.
const EXPIRY: u64 = 5 * 60 + TOLERABLE;

/// `deployed-clock-skew`: what Cognito's clock says is in the answers of its login domain, which is asked for that.
fn deployed_clock_skew(
    clocks: &RunningClocks,
    sign_in: &Evidence<SignInAnswer>,
    _domain: &Evidence<NameAnswer>,
) -> Judgement {
    let words = |ahead: i64| if ahead > 0 { "ahead of" } else { "behind" };
    let proxy_of = if clocks.is_dated { "the proxy, by its Date," } else { "the proxy" };
    if let (Some((proxy, at)), Some((authenticate, other))) = (clocks.proxy, clocks.authenticate) {
        let ahead = proxy.ahead_of(authenticate);
        if ahead.unsigned_abs() > TOLERABLE {
            let seconds = ahead.unsigned_abs();
            let services = ["the proxy", "the authenticate service"];
            let [early, late] = if ahead > 0 { services } else { [services[1], services[0]] };
            let expired = format!(", and {early} takes for expired what {late} signs");
            let says = format!(
                "the clock of {proxy_of} is {seconds} s {} that of the authenticate service: {late} takes for not yet valid what {early} signs{}",
                words(ahead),
                if seconds > EXPIRY { expired.as_str() } else { "" }
            );
            return Finding::at(at, says)
                .also(other, "the time of the authenticate service stands in this `state`")
                .fix(NTP)
                .into();
        }
    }
    // The provider's clock is the one that dates tokens; ours stands in for it where nothing was heard of it.
    let reference = clocks.cognito.unwrap_or(crate::evidence::Clock { least: 0, most: 0 });
    let whose = if clocks.cognito.is_some() { "Cognito's" } else { "that of this machine" };
    let of = [("the authenticate service", clocks.authenticate), (proxy_of, clocks.proxy)];
    for (who, clock) in of {
        let Some((clock, at)) = clock else { continue };
        let ahead = clock.ahead_of(reference);
        if ahead.unsigned_abs() > TOLERABLE {
            let says = format!("the clock of {who} is {} s {} {whose}", ahead.unsigned_abs(), words(ahead));
            return Finding::at(at, says).severity(Severity::Warning).fix(NTP).into();
        }
    }
    // One clock alone does not tell that the other agrees with it.
    match (clocks.proxy, clocks.authenticate, sign_in) {
        (Some(_), Some(_), _) => Judgement::pass(),
        (_, None, Err(why)) => Judgement::Undecided(vec![why.clone()]),
        (_, None, Ok(_)) => undecided("the authenticate service shows no time"),
        (None, Some(_), _) => {
            undecided("what runs seals or does not tell the time of the proxy, and no Date of its Envoy shows it")
        }
    }
}

fn undecided(why: &str) -> Judgement {
    Judgement::Undecided(vec![Missing::Elsewhere(why.to_owned())])
}

const NTP: &str = "set the clocks by NTP on the machines that run Pomerium: timedatectl set-ntp true";

/// `deployed-provider-not-cognito`
fn deployed_provider_not_cognito(request: &RunningRequest) -> Option<Finding> {
    (request.provider == RunningProvider::Other).then(|| {
        let says =
            format!("users are sent to {}, which is not Amazon Cognito: nothing about Cognito is judged", request.host);
        Finding::at(request.at, says)
            .fix("if Cognito is meant, set idp_provider and idp_provider_url, and restart Pomerium")
            .stops_no_login()
    })
}
