//! The host of `authenticate_service_url`: can browsers reach it, and is it Pomerium's alone?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::config::go_url::{self, GoUrl};
use crate::config::{AuthenticateUrl, Cognito, Config, Hosting, Login, Settings, ValueKind, classify};
use crate::rules::place::{piece, written};
use crate::rules::{Finding, Judgement};

const UNPARSED: &str = "Pomerium cannot parse authenticate_service_url";

/// `authenticate-host-unreachable-by-browsers`
pub(in crate::rules) fn authenticate_host_unreachable_by_browsers(
    config: &Config,
    url: &AuthenticateUrl,
    login: &Login,
) -> Judgement {
    if login.hosting == Hosting::Hosted {
        return Judgement::pass();
    }
    let setting = &url.0;
    let Ok(go) = go_url::parse_and_validate(&setting.value) else { return Judgement::NotApplicable(UNPARSED) };
    let host = go.hostname();
    let Some(why) = unreachable(&host) else { return Judgement::pass() };
    let start = setting.value.find(&go.host).unwrap_or(0);
    Finding::at(
        piece(config, setting, start..start + go.host.len()),
        format!("after the login the user's browser is sent to this host, and {why}"),
    )
    .fix("name the host under which users reach Pomerium, and register its callback in Cognito:")
    .fix(written(config, setting.span, "authenticate_service_url", "https://authenticate.<your domain>"))
    .into()
}

/// Why browsers elsewhere do not reach a host. Loopback is left alone: whoever writes it is his own user.
fn unreachable(host: &str) -> Option<String> {
    let host = host.to_ascii_lowercase();
    let name = host.trim_end_matches('.');
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
    url: &AuthenticateUrl,
    login: &Login,
) -> Judgement {
    if login.hosting == Hosting::Hosted {
        return Judgement::pass();
    }
    let setting = &url.0;
    let Ok(ours) = go_url::parse_and_validate(&setting.value) else { return Judgement::NotApplicable(UNPARSED) };
    let mut findings: Vec<Finding> = Vec::new();
    for route in &settings.routes {
        let Some(from) = route.from.as_ref().filter(|from| classify(&from.value) == ValueKind::Literal) else {
            continue;
        };
        // The routes of one host share one cause: it is said once.
        if same_site(&ours, &from.value) && findings.is_empty() {
            let start = from.value.find("//").map_or(0, |slashes| slashes + 2);
            findings.push(
                Finding::at(
                    piece(config, from, start..from.value.len()),
                    format!("Pomerium keeps `/`, `/oauth2/callback` and `/robots.txt` of {} for itself: the application behind this route loses them, or the login loops", ours.host),
                )
                .also(setting.span, "the authenticate service is here")
                .fix("give the authenticate service a host of its own, and register its callback in Cognito:")
                .fix(written(config, setting.span, "authenticate_service_url", &format!("https://{}", neighbour(&ours.hostname())))),
            );
        }
    }
    findings.into()
}

/// Browsers reach both at the same host and port.
fn same_site(ours: &GoUrl, from: &str) -> bool {
    let Ok(theirs) = go_url::parse_and_validate(from) else { return false };
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
    url: &AuthenticateUrl,
    _: &Cognito,
) -> Judgement {
    let setting = &url.0;
    let Some(issuer) =
        settings.idp_provider_url.as_ref().filter(|issuer| classify(&issuer.value) == ValueKind::Literal)
    else {
        return Judgement::NotApplicable("idp_provider_url is not set");
    };
    let hosts = go_url::parse_and_validate(&setting.value).ok().zip(go_url::parse_and_validate(&issuer.value).ok());
    let Some((ours, theirs)) = hosts.filter(|(ours, theirs)| ours.hostname().eq_ignore_ascii_case(&theirs.hostname()))
    else {
        return Judgement::pass();
    };
    Finding::at(
        setting.span,
        format!(
            "both this URL and the issuer name {}: the host is either Pomerium's or the provider's",
            ours.hostname()
        ),
    )
    .also(issuer.span, format!("the issuer, on {}", theirs.host))
    .fix("name here the host on which browsers reach Pomerium:")
    .fix(written(config, setting.span, "authenticate_service_url", "https://authenticate.<your domain>"))
    .into()
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
        let ours = go_url::parse_and_validate("https://auth.example.com").unwrap_or_default();
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
