//! URLs as Go reads and writes them.
//!
//! Pomerium sends to Cognito what Go's `net/url` prints after parsing `authenticate_service_url`, and Cognito compares byte for
//! byte. The URL standard of browsers, which the `url` crate follows, would drop default ports and lower-case hosts, so it is
//! no use here. Follows Go 1.26, with which Pomerium v0.33 is built.

mod escape;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) use escape::quote;
use escape::{Part, escape, is_escaped, unescape};

/// A parsed URL. Each part is kept as Go prints it, so that [`Display`](fmt::Display) gives what Pomerium would send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoUrl {
    /// The scheme in lower case; empty if there is none.
    pub scheme: String,
    /// What stands between the scheme and the query if that does not begin with a slash, as in `host:443`; else empty.
    pub opaque: String,
    /// `user` or `user:password`.
    pub userinfo: Option<String>,
    /// Host and port, in the letter case written; empty if there is none.
    pub host: String,
    /// The path; empty if there is none.
    pub path: String,
    /// What follows the first `?`; `Some("")` for a bare question mark.
    pub query: Option<String>,
    /// What follows the `#`, if anything does.
    pub fragment: Option<String>,
    /// No `//` stood before the path.
    omit_host: bool,
}

/// Parses a URL as Go does.
///
/// # Errors
/// Go's words, e.g. `parse "https://${HOST}": invalid character "{" in host name`.
pub fn parse(text: &str) -> Result<GoUrl, String> {
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut url =
        parse_without_fragment(before).map_err(|words| format!("parse {}: {words}", quote(before.as_bytes())))?;
    if !fragment.is_empty() {
        let written = rewrite(fragment, Part::Fragment);
        url.fragment = Some(written.map_err(|words| format!("parse {}: {words}", quote(text.as_bytes())))?);
    }
    Ok(url)
}

/// Parses a URL as Pomerium does, which wants a scheme and a host (`internal/urlutil/url.go`).
///
/// # Errors
/// Pomerium's words, e.g. `auth.corp.example.com url does not contain a valid scheme`.
pub fn parse_and_validate(text: &str) -> Result<GoUrl, String> {
    if text.is_empty() {
        return Err("url cannot be empty".to_owned());
    }
    let url = parse(text).map_err(|words| {
        if words.contains("first path segment in URL cannot contain colon") {
            words + ", have you specified protocol (ex: https)"
        } else {
            words
        }
    })?;
    if url.scheme.is_empty() {
        return Err(format!("{url} url does not contain a valid scheme"));
    }
    if url.host.is_empty() && !["unix", "https+unix"].contains(&url.scheme.as_str()) {
        return Err(format!("{url} url does not contain a valid hostname"));
    }
    Ok(url)
}

/// A text as Go's `url.QueryEscape` writes it.
pub fn query_escape(text: &str) -> String {
    escape(text.as_bytes(), Part::Query)
}

/// Parameters as Go's `url.Values.Encode` writes them, in the order given.
pub fn query_encode<K: AsRef<str>, V: AsRef<str>>(parameters: &[(K, V)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", query_escape(name.as_ref()), query_escape(value.as_ref())))
        .collect();
    pairs.join("&")
}

impl GoUrl {
    /// The host without port and brackets.
    pub fn hostname(&self) -> String {
        let host = self.split_host().0;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        unescape(bare, Part::Path)
            .map_or_else(|_| bare.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The port as written; empty if there is none.
    pub fn port(&self) -> &str {
        self.split_host().1
    }

    /// The same URL with another path, as after setting `Path` in Go: everything else survives.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Self {
        Self { path: escape(path.as_bytes(), Part::Path), ..self.clone() }
    }

    /// The same place with another path and nothing after it, as Go's `ResolveReference` gives for an absolute path.
    #[must_use]
    pub fn resolve_path(&self, path: &str) -> Self {
        Self { query: None, fragment: None, opaque: String::new(), omit_host: false, ..self.with_path(path) }
    }

    fn split_host(&self) -> (&str, &str) {
        match self.host.rfind(':').map(|colon| self.host.split_at(colon)) {
            Some((host, port)) if is_optional_port(port) => (host, port.trim_start_matches(':')),
            _ => (&self.host, ""),
        }
    }
}

impl fmt::Display for GoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut start = String::new();
        if !self.scheme.is_empty() {
            start = format!("{}:", self.scheme);
        }
        if self.opaque.is_empty() {
            let has_authority = !self.host.is_empty() || self.userinfo.is_some();
            if has_authority || !self.scheme.is_empty() && !self.omit_host && !self.path.is_empty() {
                start.push_str("//");
            }
            if let Some(userinfo) = &self.userinfo {
                start.push_str(userinfo);
                start.push('@');
            }
            start.push_str(&self.host);
            if !self.host.is_empty() && !self.path.is_empty() && !self.path.starts_with('/') {
                start.push('/');
            }
            let first_segment = self.path.split('/').next().unwrap_or_default();
            if start.is_empty() && first_segment.contains(':') {
                start.push_str("./");
            }
            start.push_str(&self.path);
        } else {
            start.push_str(&self.opaque);
        }
        f.write_str(&start)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        if let Some(fragment) = &self.fragment {
            write!(f, "#{fragment}")?;
        }
        Ok(())
    }
}

fn parse_without_fragment(text: &str) -> Result<GoUrl, String> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let (scheme, rest) = split_scheme(text)?;
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, Some(query.to_owned())),
        None => (rest, None),
    };
    let mut url = GoUrl { scheme: scheme.to_ascii_lowercase(), query, ..GoUrl::default() };
    if !rest.starts_with('/') {
        if !scheme.is_empty() {
            rest.clone_into(&mut url.opaque);
            return Ok(url);
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let mut path = rest;
    match rest.strip_prefix("//") {
        Some(authority) if !scheme.is_empty() || !authority.starts_with('/') => {
            let slash = authority.find('/').unwrap_or(authority.len());
            let (authority, after) = authority.split_at(slash);
            (url.userinfo, url.host) = parse_authority(&url.scheme, authority, after.contains('@'))?;
            path = after;
        }
        _ => url.omit_host = !scheme.is_empty() && rest.starts_with('/'),
    }
    url.path = rewrite(path, Part::Path)?;
    Ok(url)
}

/// Go's `getScheme`: a scheme is a letter and then letters, digits, `+`, `-` and `.` up to a colon.
fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    match end.map(|end| text.split_at(end)) {
        Some(("", rest)) if rest.starts_with(':') => Err("missing protocol scheme".to_owned()),
        Some((scheme, rest)) if rest.starts_with(':') && scheme.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Ok((scheme, rest.strip_prefix(':').unwrap_or(rest)))
        }
        _ => Ok(("", text)),
    }
}

/// A path or fragment as Go prints it again.
fn rewrite(text: &str, part: Part) -> Result<String, String> {
    let bytes = unescape(text, part)?;
    Ok(if is_escaped(text, part) { text.to_owned() } else { escape(&bytes, part) })
}

/// Where the path `has_user`, a password goes on behind a slash that nobody has encoded.
fn parse_authority(scheme: &str, authority: &str, has_user: bool) -> Result<(Option<String>, String), String> {
    let Some((userinfo, host)) = authority.rsplit_once('@') else {
        return Ok((None, parse_host(scheme, authority, has_user)?));
    };
    let host = parse_host(scheme, host, has_user)?;
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !userinfo.bytes().all(is_valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let rewrite = |text| Ok::<_, String>(escape(&unescape(text, Part::UserPassword)?, Part::UserPassword));
    let userinfo = match userinfo.split_once(':') {
        Some((name, password)) => format!("{}:{}", rewrite(name)?, rewrite(password)?),
        None => rewrite(userinfo)?,
    };
    Ok((Some(userinfo), host))
}

fn parse_host(scheme: &str, host: &str, has_user: bool) -> Result<String, String> {
    // Go prints the port, which is the beginning of a password then.
    let shown = |port: &str| if has_user { "…".to_owned() } else { quote(port.as_bytes()) };
    let bad_port = |port: &str| format!("invalid port {} after host", shown(port));
    match host.rfind('[') {
        Some(0) => {
            let (inner, port) = host.rsplit_once(']').ok_or("missing ']' in host")?;
            if !is_optional_port(port) {
                return Err(bad_port(port));
            }
            let inner = inner.strip_prefix('[').unwrap_or(inner);
            let literal = parse_ip_literal(inner)?;
            return Ok(format!("[{literal}]{port}"));
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Since Go 1.26 a second colon in the host of a web address is refused.
    let colon = if ["http", "https"].contains(&scheme) { host.find(':') } else { host.rfind(':') };
    if let Some((_, port)) = colon.map(|colon| host.split_at(colon))
        && !is_optional_port(port)
    {
        return Err(bad_port(port));
    }
    Ok(escape(&unescape(host, Part::Host)?, Part::Host))
}

/// What stands between brackets: an IPv6 address, perhaps with a zone.
fn parse_ip_literal(text: &str) -> Result<String, String> {
    let (address, zone) = text.find("%25").map_or((text, ""), |zone| text.split_at(zone));
    let address = unescape(address, Part::Host)?;
    let zone = unescape(zone, Part::Zone)?;
    let shown = [address.as_slice(), zone.as_slice()].concat();
    let address = String::from_utf8_lossy(&address);
    if zone.is_empty() && address.parse::<Ipv4Addr>().is_ok() {
        return Err("invalid IP-literal".to_owned());
    }
    if address.parse::<Ipv6Addr>().is_err() {
        return Err(format!("invalid host: ParseAddr({}): unable to parse IP", quote(&shown)));
    }
    Ok(escape(&shown, Part::Host))
}

/// Empty, or a colon and digits.
fn is_optional_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}
