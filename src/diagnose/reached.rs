//! Whose host a browser did not reach: of a host that an address or a page names, what is wrong with another one is not meant.

use super::What;
use super::line::{Address, Line};
use crate::config::retired_key;
use crate::evidence::is_cognito_login_host;

/// What is wrong with the login domain as a browser meets it.
const OF_DOMAIN: [&str; 2] = ["domain-does-not-resolve", "domain-certificate-invalid"];
/// What is wrong with Pomerium's hosts as a browser meets it.
const OF_POMERIUM: [&str; 2] = [AUTHENTICATE, "deployed-certificate-invalid"];
const AUTHENTICATE: &str = "authenticate-host-unreachable-by-browsers";
/// The pages of a login domain, which may be the customer's own.
const PAGES: [&str; 5] = ["/login", "/logout", "/error", "/oauth2/authorize", "/oauth2/idpresponse"];

/// Whether the host that a line names, or its address, shows that this is not meant.
pub(super) fn is_disproved(line: &Line, what: What) -> bool {
    let name = what.name();
    if name == "external-provider-lacks-cognitos-callback" {
        return is_of_another_application(&line.lower);
    }
    if let Some(key) = ignored_key(&line.lower) {
        let is_retired = retired_key(key).is_some();
        if is_retired && name == "unknown-key" || !is_retired && name == "removed-key-ignored" {
            return true;
        }
    }
    if OF_DOMAIN.contains(&name) {
        !is_of_domain(line) && (is_of_pomerium(line) || is_of_a_browser(line))
    } else {
        // A certificate may be that of any host of Pomerium's.
        let is_elsewhere =
            || is_cognitos(line) || is_called_login(line) || name == AUTHENTICATE && is_of_a_browser(line);
        OF_POMERIUM.contains(&name) && !is_of_pomerium(line) && is_elsewhere()
    }
}

/// The key that Pomerium says it ignores.
fn ignored_key(lower: &str) -> Option<&str> {
    let (before, behind) = lower.split_once("unknown config option")?;
    let key = |text: &'_ str| ["\"key\":\"", " key="].iter().find_map(|mark| Some(text.find(mark)? + mark.len()));
    let rest = key(behind).and_then(|at| behind.get(at..)).or_else(|| before.get(key(before)?..))?;
    rest.split([' ', '"']).next()
}

/// Whether a provider's page quotes the address to which it should have sent the browser, and that is not Cognito's.
fn is_of_another_application(lower: &str) -> bool {
    const MARKS: [&str; 4] = ["redirect uri", "redirect_uri", "umleitungs-uri", "antwort-url"];
    let quoted = |mark: &&str| {
        let behind = lower.match_indices(*mark).map(|(at, _)| lower.get(at + mark.len()..).unwrap_or_default());
        let uris = behind.map(|rest| rest.trim_start_matches([' ', '\'', '"', '=', ':', '`', '„', '“']));
        let uris =
            uris.filter(|uri| uri.starts_with("http://") || uri.starts_with("https:") || uri.starts_with("https%"));
        uris.filter_map(|uri| uri.split([' ', '\'', '"', '&', '`']).next()).collect::<Vec<_>>()
    };
    let uris: Vec<&str> = MARKS.iter().flat_map(quoted).collect();
    !uris.is_empty() && !uris.iter().any(|uri| uri.contains("idpresponse"))
}

/// Whether a line names a host or a page through which a login goes.
pub(super) fn is_of_a_login(line: &Line) -> bool {
    is_of_domain(line) || is_of_pomerium(line)
}

fn is_of_domain(line: &Line) -> bool {
    let is_page = |address: &Address| address.path.as_deref().is_some_and(|path| PAGES.contains(&path));
    is_cognitos(line) || is_called_login(line) || line.addresses().iter().any(is_page)
}

/// Whether a host has a name that nobody gives to anything but a login domain.
fn is_called_login(line: &Line) -> bool {
    hosts(line).any(|word| word.starts_with("login."))
}

fn is_cognitos(line: &Line) -> bool {
    let is_host = |word: &str| is_cognito_login_host(word.trim_matches('.'));
    line.may_be_cognitos() && hosts(line).any(is_host)
}

/// Whether a host has the name that Pomerium's documentation gives its authenticate service, or an address is one of its pages.
fn is_of_pomerium(line: &Line) -> bool {
    let is_page = |address: &Address| {
        let path = address.path.as_deref().unwrap_or_default();
        address.host.is_some() && (path.starts_with("/.pomerium/") || path == "/oauth2/callback")
    };
    // `authenticate.OAuthCallback: …` is how each error of the callback begins (authenticate/handlers.go).
    let is_host = |word: &str| word.starts_with("authenticate.") && word.trim_matches('.').matches('.').count() > 1;
    // Envoy tells of those who refused a certificate of Pomerium's, whatever the name they asked for.
    line.lower.contains("downstream-transport-failure-reason")
        || hosts(line).any(is_host)
        || line.addresses().iter().any(is_page)
}

/// Whether a browser's console or recording has the address that was not reached beside the error.
fn is_of_a_browser(line: &Line) -> bool {
    line.lower.contains("net::err_") && line.addresses().iter().any(|address| address.host.is_some())
}

fn hosts(line: &Line) -> impl Iterator<Item = &str> {
    line.lower.split(|char: char| !char.is_ascii_alphanumeric() && !"-.".contains(char))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::diagnose::written::what;

    #[test]
    fn the_host_tells_what_is_not_meant() {
        let is = |text: &str, name: &str| is_disproved(&Line::of(text), what(name).unwrap());
        let (domain, pomerium) = ("domain-does-not-resolve", "authenticate-host-unreachable-by-browsers");
        for (text, of_domain, of_pomerium) in [
            ("GET https://cdn.example.net/x.js net::ERR_NAME_NOT_RESOLVED", true, true),
            ("GET https://login.acme.example.com/oauth2/authorize?a=b net::ERR_NAME_NOT_RESOLVED", false, true),
            ("https://authenticate.example.com/.pomerium/sign_in ERR_NAME_NOT_RESOLVED", true, false),
            ("authenticate.example.com took too long to respond", true, false),
            ("acme.auth.eu-west-1.amazoncognito.com took too long to respond.", false, true),
            ("DNS_PROBE_FINISHED_NXDOMAIN", false, false),
            ("wiki.example.com NET::ERR_CERT_DATE_INVALID", false, false),
            ("login.example.com NET::ERR_CERT_DATE_INVALID", false, true),
            ("authenticate.OAuthCallback: lookup auth.example.com: no such host", false, false),
        ] {
            assert_eq!((is(text, domain), is(text, pomerium)), (of_domain, of_pomerium), "{text}");
        }
    }
}
