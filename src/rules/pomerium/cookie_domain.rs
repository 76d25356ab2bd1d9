//! `cookie_domain`: do browsers keep the cookies that Pomerium sets with it?

use std::net::IpAddr;

use crate::config::{Config, CookieDomain, Hosting, Login, Settings, Span, ValueKind, classify, is_public_suffix};
use crate::go;
use crate::host;
use crate::rules::{Finding, Judgement};

const KEY: &str = "cookie_domain";

/// `cookie-domain-too-narrow`
///
/// The session cookies of the authenticate service and of every route carry it (`authenticate/state.go`, `config/session.go`).
pub(in crate::rules) fn cookie_domain_too_narrow(
    config: &Config,
    settings: &Settings,
    domain: &CookieDomain,
) -> Judgement {
    let setting = &domain.0;
    if !is_sent(&setting.value) {
        // `net/http` leaves such an attribute out: each host keeps a cookie of its own.
        return Judgement::pass();
    }
    let domain = setting.value.strip_prefix('.').unwrap_or(&setting.value).to_ascii_lowercase();
    let hosts = hosts(config, settings);
    let mut left_out: Vec<&Host> = Vec::new();
    for host in hosts.iter().filter(|host| !host.is_covered_by(&domain)) {
        if !left_out.iter().any(|known| known.name == host.name) {
            left_out.push(host);
        }
    }
    let Some(first) = left_out.first() else { return Judgement::pass() };
    let is_public = is_public_suffix(&domain);
    let why = if is_public { ", as strangers have sites below it too" } else { "" };
    let says = format!(
        "a browser drops a cookie for `{domain}` that comes from {}{why}: every login there begins anew",
        first.name
    );
    let finding = left_out.iter().fold(Finding::at(setting.span, says), |finding, host| {
        let is_below = is_public && host::is_below(&host.name, &domain);
        let says = if is_below {
            format!("{} is one of many below `{domain}`", host.name)
        } else {
            format!("{} is neither `{domain}` nor below it", host.name)
        };
        finding.also(host.at, says)
    });
    match common(&hosts) {
        Some(common) => finding
            .fix(if settings.runs("authenticate") {
                "name the domain that the authenticate host and all routes are below, or delete the option: each host then has a cookie of its own"
            } else {
                "name the domain that all routes are below, or delete the option: each host then has a cookie of its own"
            })
            .correct(config, setting, KEY, &common)
            .into(),
        None => finding
            .fix("delete the option: each host then has a cookie of its own, which is all that a login needs")
            .into(),
    }
}

/// A host on which Pomerium sets its session cookie.
struct Host {
    name: String,
    /// With a star, the name stands for many.
    is_pattern: bool,
    at: Span,
}

impl Host {
    /// RFC 6265, 5.1.3 and 5.3. Of a pattern the doubtful is believed: some host of it may be below the domain.
    fn is_covered_by(&self, domain: &str) -> bool {
        let name = self.name.trim_start_matches(['*', '.']);
        is_covered(name, domain) || self.is_pattern && (name.is_empty() || is_covered(domain, name))
    }
}

/// Whether a browser keeps a cookie for this domain that a host sets.
pub(in crate::rules) fn is_covered(host: &str, domain: &str) -> bool {
    // The owner of a public suffix may keep a cookie on the name itself (RFC 6265, 5.3, step 5).
    host == domain || host.parse::<IpAddr>().is_err() && host::is_below(host, domain) && !is_public_suffix(domain)
}

/// The hosts that this process sets the cookie on.
fn hosts(config: &Config, settings: &Settings) -> Vec<Host> {
    let mut hosts = Vec::new();
    if let Some(url) = &settings.authenticate_service_url
        && settings.runs("authenticate")
        && Login::of(settings, config.version).hosting == Hosting::Own
    {
        hosts.extend(host(&url.value, url.span));
    }
    if settings.runs("proxy") {
        // Nobody logs in to what is public.
        let routes = settings.routes.iter().filter(|route| !route.public);
        hosts.extend(routes.filter_map(|route| route.from.as_ref()).filter_map(|from| host(&from.value, from.span)));
    }
    hosts
}

/// The host of a URL that browsers visit; `tcp+https://` and `ssh://` are for other programs, which send no cookies.
fn host(url: &str, at: Span) -> Option<Host> {
    let parsed = Some(url)
        .filter(|url| classify(url) == ValueKind::Literal)
        .and_then(|url| go::url::parse_and_validate(url).ok())?;
    let name = parsed.hostname().to_ascii_lowercase();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._*:".contains(&byte);
    // A regular expression or a name in another alphabet is compared in no way that is known here.
    let is_web = ["https", "http"].contains(&parsed.scheme.as_str());
    (is_web && !name.is_empty() && name.bytes().all(is_plain)).then(|| Host {
        is_pattern: name.contains('*'),
        name,
        at,
    })
}

/// Whether Go's `net/http` sends the attribute at all (`validCookieDomain`).
fn is_sent(domain: &str) -> bool {
    let name = domain.strip_prefix('.').unwrap_or(domain);
    let is_label = |label: &str| {
        label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let labels = name.strip_suffix('.').unwrap_or(name).split('.');
    let is_name = domain.len() <= 255
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && labels.clone().all(|label| !label.is_empty() && is_label(label));
    is_name || domain.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4())
}

/// The longest domain that all hosts are below, if it is one that browsers take.
fn common(hosts: &[Host]) -> Option<String> {
    let labels = |host: &Host| host.name.split('.').rev().map(str::to_owned).collect::<Vec<_>>();
    if hosts.iter().any(|host| host.name.parse::<IpAddr>().is_ok()) {
        return None;
    }
    let mut shared = labels(hosts.first()?);
    for host in hosts {
        let same = shared.iter().zip(labels(host)).take_while(|(a, b)| *a == b && !a.contains('*')).count();
        shared.truncate(same);
    }
    // `co.uk` and its like are public suffixes; what is as short is left to people.
    let is_own = shared.len() > 2 || shared.len() == 2 && shared.get(1).is_some_and(|label| label.len() > 3);
    shared.reverse();
    Some(shared.join(".")).filter(|shared| is_own && !is_public_suffix(shared))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rules::testing::span;

    #[test]
    fn a_domain_covers_itself_and_what_is_below_it() {
        for (url, domain, covered) in [
            ("https://app.corp.example.com", "corp.example.com", true),
            ("https://APP.corp.example.com:8443", "corp.example.com", true),
            ("https://corp.example.com", "corp.example.com", true),
            ("https://app.othercorp.example.com", "corp.example.com", false),
            ("https://example.com", "corp.example.com", false),
            ("https://10.0.0.7", "10.0.0.7", true),
            ("https://10.0.0.7", "0.0.7", false),
            ("https://app.lan", "lan", false),
            ("https://app.example.co.uk", "co.uk", false),
            ("https://app.example.com", "com", false),
            ("https://acme.github.io", "github.io", false),
            ("https://app.example.co.uk", "example.co.uk", true),
            ("https://github.io", "github.io", true),
            ("https://*.corp.example.com", "corp.example.com", true),
            ("https://*.example.com", "corp.example.com", true),
            ("https://*.example.net", "corp.example.com", false),
            ("https://*", "corp.example.com", true),
        ] {
            assert_eq!(host(url, span()).unwrap().is_covered_by(domain), covered, "{url} {domain}");
        }
        for url in
            ["tcp+https://db.example.com:5432", "ssh://host.example.com", "https://${HOST}", "https://bücher.example"]
        {
            assert!(host(url, span()).is_none(), "{url}");
        }
    }

    #[test]
    fn what_go_does_not_send_narrows_nothing() {
        for domain in ["corp.example.com", ".corp.example.com", "localhost", "10.0.0.7", "corp.example.com."] {
            assert!(is_sent(domain), "{domain}");
        }
        for domain in
            ["https://corp.example.com", "corp.example.com:443", "*.corp.example.com", "a_b.example.com", "::1", "a..b"]
        {
            assert!(!is_sent(domain), "{domain}");
        }
    }

    #[test]
    fn the_domain_that_all_share_is_proposed_unless_it_is_everybodys() {
        let common_of = |urls: &[&str]| common(&urls.iter().filter_map(|url| host(url, span())).collect::<Vec<_>>());
        assert_eq!(
            common_of(&["https://a.corp.example.com", "https://b.corp.example.com"]).as_deref(),
            Some("corp.example.com")
        );
        assert_eq!(common_of(&["https://a.example.com", "https://example.com"]).as_deref(), Some("example.com"));
        assert_eq!(
            common_of(&["https://*.corp.example.com", "https://b.corp.example.com"]).as_deref(),
            Some("corp.example.com")
        );
        for urls in [
            ["https://a.co.uk", "https://b.co.uk"],
            ["https://a.com", "https://b.net"],
            ["https://10.0.0.7", "https://a.b.c"],
        ] {
            assert_eq!(common_of(&urls), None, "{urls:?}");
        }
    }
}
