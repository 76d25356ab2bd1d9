//! The host of `authenticate_service_url`: can browsers reach it, and is it Pomerium's alone?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::config::{
    CALLBACK_PATH, Cognito, Config, OwnAuthenticateUrl, Setting, Settings, ValueKind, classify, cognito,
};
use crate::evidence::{DiscoveryDocument, Evidence};
use crate::go;
use crate::go::url::GoUrl;
use crate::rules::place::{piece, written};
use crate::rules::{Finding, Judgement, Severity};

const KEY: &str = "authenticate_service_url";
/// What to write where the host is not Pomerium's.
const ORIGIN: &str = "https://authenticate.<your domain>";

/// `authenticate-host-unreachable-by-browsers`
pub(in crate::rules) fn authenticate_host_unreachable_by_browsers(
    config: &Config,
    own: &OwnAuthenticateUrl,
) -> Option<Finding> {
    let (setting, go) = (&own.setting, &own.url);
    let why = unreachable(&go.hostname())?;
    let start = setting.value.find(&go.host).unwrap_or(0);
    let finding = Finding::at(
        piece(config, setting, start..start + go.host.len()),
        format!("after the login the user's browser is sent to this host, and {why}"),
    )
    .fix("name the host under which users reach Pomerium, and register its callback in Cognito:")
    .fix(written(config, setting.span, KEY, ORIGIN));
    Some(finding)
}

/// Why browsers elsewhere do not reach a host. Loopback is left alone: whoever writes it is his own user.
fn unreachable(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let name = host.trim_end_matches('.');
    if name.contains('*') {
        return Some("a star is no host: here it stands for itself and not for any name".to_owned());
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return is_private(address).then(|| "a private address is reached in its own network only".to_owned());
    }
    if name == "localhost" || name.ends_with(".localhost") {
        return None;
    }
    if !name.contains('.') {
        return Some("a name without a dot is known in one network only".to_owned());
    }
    let endings = [
        (".svc", "names of a Kubernetes cluster are known inside it only"),
        (".cluster.local", "names of a Kubernetes cluster are known inside it only"),
        (".local", "`.local` names are known on one local network only"),
    ];
    endings.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, why)| (*why).to_owned())
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| is_private_v6(v6), is_private_v4),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    address.is_private() || address.is_link_local()
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_unique_local() || address.is_unicast_link_local()
}

/// `authenticate-host-is-a-route`
pub(in crate::rules) fn authenticate_host_is_a_route(
    config: &Config,
    settings: &Settings,
    own: &OwnAuthenticateUrl,
) -> Judgement {
    if !settings.runs("authenticate") {
        // `config/envoyconfig/routes.go`, `isProxyFrontingAuthenticate`: there the route leads to the authenticate service.
        return Judgement::NotApplicable("the authenticate service runs in another process, which a route may lead to");
    }
    let (setting, ours) = (&own.setting, &own.url);
    let literal = |from: &&Setting<String>| classify(&from.value) == ValueKind::Literal;
    let host = ours.hostname().to_ascii_lowercase();
    // No other address needs to be taken apart.
    let may_be = |from: &&Setting<String>| from.value.contains('%') || from.value.to_ascii_lowercase().contains(&host);
    let mut origins = settings.routes.iter().filter_map(|route| route.from.as_ref()).filter(may_be).filter(literal);
    // The routes of one host share one cause: it is said once.
    let Some(from) = origins.find(|from| same_site(ours, &from.value)) else { return Judgement::pass() };
    let start = from.value.find("//").map_or(0, |slashes| slashes + 2);
    Finding::at(
        piece(config, from, start..from.value.len()),
        format!("Pomerium keeps `/`, `{CALLBACK_PATH}` and `/robots.txt` of {} for itself: the application behind this route loses them, or the login loops", ours.host),
    )
    .also(setting.span, "the authenticate service is here")
    .fix("give the authenticate service a host of its own, and register its callback in Cognito:")
    .fix(written(config, setting.span, KEY, &format!("https://{}", neighbour(&ours.hostname()))))
    .into()
}

/// Browsers reach both at the same host and port.
fn same_site(ours: &GoUrl, from: &str) -> bool {
    let Ok(theirs) = go::url::parse_and_validate(from) else { return false };
    // `tcp+https://` and `ssh://` name a service behind Pomerium, not a site.
    ["https", "http"].contains(&theirs.scheme.as_str())
        && theirs.hostname().eq_ignore_ascii_case(&ours.hostname())
        && port(&theirs) == port(ours)
}

fn port(url: &GoUrl) -> &str {
    match (url.port(), url.scheme.as_str()) {
        ("", "http") => "80",
        ("", _) => "443",
        (port, _) => port,
    }
}

/// `app.corp.example.com` → `authenticate.corp.example.com`
fn neighbour(host: &str) -> String {
    match host.split_once('.') {
        Some(("authenticate", domain)) => format!("login.{domain}"),
        Some((_, domain)) if domain.contains('.') => format!("authenticate.{domain}"),
        _ => format!("authenticate.{host}"),
    }
}

/// `authenticate-host-is-the-issuer`
pub(in crate::rules) fn authenticate_host_is_the_issuer(
    config: &Config,
    settings: &Settings,
    own: &OwnAuthenticateUrl,
    _: &Cognito,
    document: &Evidence<DiscoveryDocument>,
) -> Option<Finding> {
    let host = own.url.hostname();
    let login_domain = document.as_ref().ok().and_then(|seen| seen.value.login_domain.as_ref());
    let is_cognitos = cognito::is_issuer_host(&host)
        || cognito::is_in_login_zone(&host)
        // On another port there may be another server.
        || login_domain.is_some_and(|domain| domain.host.eq_ignore_ascii_case(own.url.host.trim_end_matches(":443")));
    let finding = if is_cognitos {
        let says = format!("{host} is where the pool is served: no user who is sent there comes back to Pomerium");
        Finding::at(own.setting.span, says)
            .title("authenticate_service_url names Cognito instead of Pomerium")
            .severity(Severity::Error)
    } else {
        shared_with_issuer(settings, own, &host)?
    };
    let line = written(config, own.setting.span, KEY, ORIGIN);
    Some(finding.fix("name here the host on which browsers reach Pomerium:").fix(line))
}

fn shared_with_issuer(settings: &Settings, own: &OwnAuthenticateUrl, host: &str) -> Option<Finding> {
    let issuer = settings.idp_provider_url.as_ref().filter(|issuer| classify(&issuer.value) == ValueKind::Literal)?;
    let theirs = go::url::parse_and_validate(&issuer.value).ok()?;
    // An address of Pomerium's own is no issuer, and `issuer-not-cognito` says so: the other setting is right.
    let is_pomeriums = theirs.path == CALLBACK_PATH || theirs.path.starts_with("/.pomerium");
    if !host.eq_ignore_ascii_case(&theirs.hostname()) || is_pomeriums {
        return None;
    }
    let says = format!("both this URL and the issuer name {host}: the host is either Pomerium's or the provider's");
    Some(Finding::at(own.setting.span, says).also(issuer.span, format!("the issuer, on {}", theirs.host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_only_some_networks_know_are_told() {
        for host in [
            "pomerium",
            "10.0.0.7",
            "192.168.1.2",
            "fd00::1",
            "pomerium.local",
            "auth.pomerium.svc.cluster.local",
            "auth.ns.svc",
            "*.corp.example.com",
        ] {
            assert!(unreachable(host).is_some(), "{host}");
        }
        for host in [
            "localhost",
            "127.0.0.1",
            "::1",
            "authenticate.localhost.pomerium.io",
            "auth.corp.example.com",
            "8.8.8.8",
            "auth.localhost",
        ] {
            assert_eq!(unreachable(host), None, "{host}");
        }
    }

    #[test]
    fn a_route_is_on_the_host_only_if_browsers_go_to_the_same_place() {
        let ours = go::url::parse_and_validate("https://auth.example.com").unwrap_or_default();
        for from in ["https://auth.example.com", "https://AUTH.example.com:443", "https://auth.example.com/x"] {
            assert!(same_site(&ours, from), "{from}");
        }
        for from in [
            "https://auth.example.com:8443",
            "tcp+https://auth.example.com:22",
            "https://*.example.com",
            "ssh://auth.example.com",
        ] {
            assert!(!same_site(&ours, from), "{from}");
        }
    }
}
