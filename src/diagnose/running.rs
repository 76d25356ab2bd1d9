//! Where a running Pomerium was asked for a page, as the lines of access logs tell it beside the path.

use super::access::{self, AUTHORITY, HOST, PATH};
use super::line::Line;
use super::texts::Texts;
use crate::offset;

/// The callback of every Pomerium (`authenticate/handlers.go`), of which others have the like.
const CALLBACK: &str = "/oauth2/callback";
/// Below it are pages that only Pomerium has (`pkg/endpoints/paths.go`).
const OWN: &str = "/.pomerium/";

static PAGES: Texts = Texts::new(&[CALLBACK, OWN]);

/// The host of a Pomerium that was asked for a page of its own; for the callback, only as Pomerium's own log tells it.
pub(super) fn host(line: &Line) -> Option<&str> {
    let lower = &*line.lower;
    if !PAGES.any_in(lower) {
        return None;
    }
    let is_pomeriums = || lower.contains("http-request") || line.is_pomeriums();
    let is_shown = access::is_asked(lower, OWN) || access::is_asked(lower, CALLBACK) && is_pomeriums();
    let host = if is_shown { in_a_field(lower).or_else(|| in_quotes(lower)) } else { None };
    host.filter(|host| is_name(host))
}

/// The host in a field of the record that has the path: the machine of a collector stands in one around it.
fn in_a_field(lower: &str) -> Option<&str> {
    let path = offset::of(access::value(&PATH, lower)?, lower);
    let is_beside = |host: &&str| {
        let at = offset::of(host, lower);
        let between = lower.get(at.min(path)..at.max(path));
        between.is_some_and(|between| !between.contains(['{', '}']))
    };
    [&AUTHORITY, &HOST].into_iter().find_map(|name| access::value(name, lower).filter(is_beside))
}

/// The host that Envoy writes behind the request, as a text of its own between quotes.
fn in_quotes(lower: &str) -> Option<&str> {
    let (_, behind) = lower.split_once(" http/").filter(|_| !lower.contains('{'))?;
    behind.split('"').skip(1).find(|text| is_name(text))
}

/// Whether this is the name of a host, with a port or without, and no address of IP.
fn is_name(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    port.parse::<u16>().is_ok()
        && name.contains('.')
        && name.split('.').all(is_label)
        && last.starts_with(|first: char| first.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_pomerium_is_told_by_its_own_pages() {
        let host = |text: &str| host(&Line::of(text)).map(str::to_owned);
        for shown in [
            r#"{"level":"info","authority":"a.example.com","path":"/oauth2/callback","query":"code=x","response-code":302,"message":"http-request"}"#,
            r#"{"level":"info","service":"envoy","path":"/.pomerium/sign_in?a=b","authority":"A.example.com","response-code":500}"#,
            r#"{"host":"node-7.internal","log":"{\"authority\":\"a.example.com\",\"path\":\"/.pomerium/\",\"message\":\"http-request\"}"}"#,
            r#"{"host":"a.example.com","path":"/.pomerium/callback/?b=c","status":302}"#,
            "3:04AM INF http-request authority=a.example.com path=/oauth2/callback response-code=400",
            r#"[2026-11-29T02:11:09.118Z] "GET /.pomerium/sign_in?a=b HTTP/2" 404 NR route_not_found - "-" 0 0 0 - "10.0.0.9" "Mozilla/5.0 x.y" "5c1f0a52-77aa" "a.example.com" "10.0.0.1:443""#,
        ] {
            assert_eq!(host(shown).as_deref(), Some("a.example.com"), "{shown}");
        }
        for other in [
            r#"{"host":"a.example.com","path":"/oauth2/callback","status":302}"#,
            r#"{"host":"node-7.internal","log":"{\"path\":\"/.pomerium/\",\"message\":\"http-request\"}"}"#,
            r#"{"authority":"10.0.0.1:443","path":"/.pomerium/sign_in","message":"http-request"}"#,
            r#"{"authority":"a.example.com;id","path":"/.pomerium/sign_in","message":"http-request"}"#,
            r#"{"authority":"a.example.com","path":"/x","referer":"https://b.example.com/.pomerium/","message":"http-request"}"#,
            r#"10.0.0.9 - - [x] "GET /.pomerium/sign_in HTTP/2.0" 302 0 "-" "Mozilla""#,
        ] {
            assert_eq!(host(other), None, "{other}");
        }
    }
}
