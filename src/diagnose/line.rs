//! A line, and the addresses in it.

use std::cell::OnceCell;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use url::form_urlencoded;

use super::plain::{plain, unencoded, without_upstream};
use super::status::status;
use super::voice::is_pomerium;
use crate::evidence::{is_cognito_issuer_host, is_cognito_login_host};
use crate::host;

/// An address in an address in an address is enough.
const ROUNDS: usize = 3;

/// Where other identity providers answer, each with the id of whose place that is. What they say is not about Cognito.
const OTHER_PROVIDERS: [(&str, &str); 12] = [
    ("accounts.google.com", "google"),
    ("googleapis.com", "google"),
    ("login.microsoftonline.com", "entra"),
    ("login.live.com", "entra"),
    ("sts.windows.net", "entra"),
    ("okta.com", "okta"),
    ("oktapreview.com", "okta"),
    ("auth0.com", "auth0"),
    ("onelogin.com", "another-provider"),
    ("pingone.com", "another-provider"),
    ("salesforce.com", "another-provider"),
    ("apple.com", "another-provider"),
];

/// An address, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// It is one of http, not of https.
    pub(super) is_plain_http: bool,
    /// The host, in lower case, without a port.
    pub(super) host: Option<String>,
    /// The port, if it is written.
    pub(super) port: Option<u16>,
    /// The path, without a slash at its end.
    pub(super) path: Option<String>,
    /// What stands in the query and in the fragment, decoded.
    pub(super) parameters: Vec<(String, String)>,
}

impl Address {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(other, value)| other.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Its scheme, host and port. Load balancers write the port of https into their logs.
    pub(super) fn origin(&self) -> String {
        let scheme = if self.is_plain_http { "http" } else { "https" };
        let port = self.port.filter(|port| *port != 443).map_or_else(String::new, |port| format!(":{port}"));
        format!("{scheme}://{}{port}", self.host.as_deref().unwrap_or_default())
    }

    /// The same in lower case.
    fn lower(&self) -> Self {
        let lower = |(name, value): &(String, String)| (name.to_lowercase(), value.to_lowercase());
        Self {
            is_plain_http: self.is_plain_http,
            host: self.host.clone(),
            port: self.port,
            path: self.path.as_ref().map(|path| path.to_lowercase()),
            parameters: self.parameters.iter().map(lower).collect(),
        }
    }

    /// The decoded values of its parameters.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(_, value)| value.as_str())
    }

    /// Whether its host has the name of one of Cognito's in it, and is none.
    pub(super) fn is_impostor(&self) -> bool {
        let is_like = |host: &str| {
            let is = |domain: &str| host.contains(domain) && !host::is_below(host, domain);
            is("amazoncognito.com") || is("amazonaws.com") && host.contains("cognito-idp")
        };
        let is_cognito = |host: &str| is_cognito_login_host(host) || is_cognito_issuer_host(host);
        self.host.as_deref().is_some_and(|host| is_like(host) && !is_cognito(host))
    }

    /// Whether it belongs to an identity provider that is not Cognito, or to a host that pretends to be Cognito's.
    pub(super) fn is_of_another_provider(&self) -> bool {
        self.other_provider().is_some() || self.is_impostor()
    }

    /// The place of the identity provider that it belongs to, if that is not Cognito: by its host, or by the paths of Keycloak.
    pub(super) fn other_provider(&self) -> Option<&'static str> {
        let host = self.host.as_deref().unwrap_or_default();
        let by_host = OTHER_PROVIDERS.iter().find(|(domain, _)| host::is_within(host, domain)).map(|(_, place)| *place);
        let is_keycloak = || self.path.as_deref().is_some_and(|path| path.contains("/protocol/openid-connect/"));
        by_host.or_else(|| is_keycloak().then_some("keycloak"))
    }
}

/// A line, ready to be looked at. What few questions need is found when one asks.
pub(super) struct Line {
    /// Without colours and escapes.
    pub(super) plain: String,
    /// The same in lower case.
    pub(super) lower: String,
    addresses: OnceCell<Vec<Address>>,
    low: OnceCell<Vec<Address>>,
    revealed: OnceCell<Vec<String>>,
    status: OnceCell<Option<u16>>,
    is_pomeriums: OnceCell<bool>,
}

impl Line {
    pub(super) fn of(written: &str) -> Self {
        Self::plain(plain(written).into_owned())
    }

    /// A line that is plain already.
    pub(super) fn plain(plain: String) -> Self {
        let lower = plain.to_lowercase();
        let (addresses, low, revealed) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { plain, lower, addresses, low, revealed, status: OnceCell::new(), is_pomeriums: OnceCell::new() }
    }

    /// The addresses in it.
    pub(super) fn addresses(&self) -> &[Address] {
        self.addresses.get_or_init(|| addresses(&self.plain))
    }

    /// The same in lower case.
    pub(super) fn low(&self) -> &[Address] {
        self.low.get_or_init(|| self.addresses().iter().map(Address::lower).collect())
    }

    /// The line in lower case as the values of its addresses may read once they are decoded: whatever they say is in one of these,
    /// and most lines say nothing there that is worth taking their addresses apart.
    pub(super) fn revealed(&self) -> &[String] {
        self.revealed.get_or_init(|| revealed(self))
    }

    /// Whether a test that holds for a text holds for those that hold more holds for the line, or for what it reveals.
    pub(super) fn any_text(&self, holds: impl Fn(&str) -> bool) -> bool {
        holds(&self.lower) || self.revealed().iter().any(|text| holds(text))
    }

    /// Whether an address of Cognito's may be in it.
    pub(super) fn may_be_cognitos(&self) -> bool {
        self.lower.contains("cognito")
    }

    /// The words of an error that stand in an address.
    pub(super) fn says(&self) -> Option<&str> {
        let names = ["error_description", "errorMessage", "error"];
        names.iter().find_map(|name| self.addresses().iter().find_map(|address| address.parameter(name)))
    }

    /// The status of the answer that it tells.
    pub(super) fn status(&self) -> Option<u16> {
        *self.status.get_or_init(|| status(&self.lower))
    }

    /// Whether it is in the words of Pomerium or its libraries.
    pub(super) fn is_pomeriums(&self) -> bool {
        *self.is_pomeriums.get_or_init(|| is_pomerium(&self.lower))
    }
}

/// A line decoded once, twice, and so on.
fn revealed(line: &Line) -> Vec<String> {
    /// Nobody encodes as often.
    const MOST: usize = 8;
    let mut revealed: Vec<String> = Vec::new();
    while revealed.len() < MOST {
        let last = revealed.last().unwrap_or(&line.lower);
        if memchr::memchr2(b'%', b'+', last.as_bytes()).is_none() {
            break;
        }
        let next = unencoded(last).to_lowercase();
        if next == *last {
            break;
        }
        revealed.push(next);
    }
    // What Google writes is not found by decoding.
    if line.lower.contains("autherror=") {
        revealed.extend(line.low().iter().flat_map(Address::values).map(str::to_owned));
    }
    revealed
}

/// Every address in a line: `https://host/path?query`, `/path?query`, and a query alone; and those that stand in their parameters.
fn addresses(line: &str) -> Vec<Address> {
    if !line.contains('=') && !line.contains("://") {
        return Vec::new();
    }
    let is_end = |char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '<' | '>' | '`' | '\\' | '|');
    let shown = without_upstream(line);
    let words = shown.split(is_end).filter(|word| word.contains('=') || word.contains("://"));
    let mut addresses: Vec<Address> =
        words.filter_map(|word| address(word.strip_prefix("query=").unwrap_or(word))).collect();
    // Pomerium's log has the query of a request beside its path.
    if let Some(path) = logged_path(line) {
        let query = logged_query(line).map(parameters).unwrap_or_default();
        let is_query = |address: &Address| {
            address.path.is_none() && address.host.is_none() && !query.is_empty() && address.parameters == query
        };
        for address in addresses.iter_mut().filter(|address| is_query(address) || is_bare_query(address)) {
            address.path = Some(path.to_owned());
        }
    }
    let mut from = 0;
    for _ in 0..ROUNDS {
        let values = addresses.iter().skip(from).flat_map(Address::values);
        let inner: Vec<Address> =
            values.filter(|value| value.contains("://") && value.contains('=')).filter_map(address).collect();
        from = addresses.len();
        addresses.extend(inner);
    }
    addresses
}

/// The path that a line of a log has in a field of its own, without a query.
fn logged_path(line: &str) -> Option<&str> {
    let (_, rest) = [" path=/", "\"path\":\"/", "\"path\": \"/"].iter().find_map(|name| line.split_once(name))?;
    let end = rest.find(|char: char| char.is_whitespace() || "\"?".contains(char)).unwrap_or(rest.len());
    let start = line.len() - rest.len() - 1;
    line.get(start..start + 1 + end).filter(|_| !rest.get(end..).is_some_and(|rest| rest.starts_with('?')))
}

/// The query that a line of a log has in a field of its own.
fn logged_query(line: &str) -> Option<&str> {
    let (_, rest) = [" query=", "\"query\":\"", "\"query\": \""].iter().find_map(|name| line.split_once(name))?;
    rest.trim_start_matches('"').split(|char: char| char.is_whitespace() || char == '"').next()
}

/// Whether an address is the query of one that is answered at the callback, and nothing else.
fn is_bare_query(address: &Address) -> bool {
    let has = |name| address.parameter(name).is_some();
    address.host.is_none()
        && address.path.is_none()
        && address.parameters.len() > 1
        && (has("error") || has("code") || has("error_description"))
}

/// The address that a word is, or ends with: a console log writes `url=https://…`.
fn address(word: &str) -> Option<Address> {
    let word = without_end_marks(word);
    // An address in the query of another that has no host is not the one that is seen.
    let is_seen = |at: &usize| !(word.starts_with('/') && word.get(..*at).is_some_and(|before| before.contains('?')));
    let lower = word.to_ascii_lowercase();
    if let Some(at) = lower.find("https://").or_else(|| lower.find("http://")).filter(is_seen) {
        let rest = word.get(at..)?.split_once("://")?.1;
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(authority_end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, port.parse().ok()));
        let (path, parameters) = path_and_parameters(rest);
        let is_plain_http = lower.get(at..).is_some_and(|address| address.starts_with("http:"));
        return Some(Address {
            is_plain_http,
            host: Some(host.to_ascii_lowercase()),
            port,
            path: Some(path),
            parameters,
        });
    }
    if let Some(at) = word.find('/')
        && word.find('?').is_none_or(|question| at < question)
        && word.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(['=', '(', '[', '{']))
    {
        let (path, parameters) = path_and_parameters(word.get(at..)?);
        return Some(Address { path: Some(path), parameters, ..Address::default() });
    }
    if let Some((before, query)) = word.split_once(['?', '#'])
        && let Some((host, path)) = typed(before.trim_start_matches(['(', '[', '{', '*', '_']))
    {
        return Some(Address { host, path: Some(path), parameters: parameters(query), ..Address::default() });
    }
    let query = word.split_once('?').map_or(word, |(_, query)| query).trim_start_matches(['#', '&', '(', '[', '{']);
    Some(Address { parameters: parameters(query), ..Address::default() })
}

/// A word without what a sentence or Markdown puts behind an address. The marks of emphasis may end a value, too: they are none of
/// it where they stand before the address as well.
fn without_end_marks(word: &str) -> &str {
    let word = word.trim_end_matches([',', ';', ')', ']', '}', '.', '!', '…']);
    match word.chars().next() {
        Some(mark @ ('*' | '_' | '~')) => word.trim_end_matches([mark, ',', ';', ')', '.', '!', '…']),
        _ => word,
    }
}

/// The host and path of an address as browsers show it, without a scheme, or as people cut it: `error?error=…`.
fn typed(text: &str) -> Option<(Option<String>, String)> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-._/:".contains(char);
    if text.is_empty() || !text.chars().all(is_plain) {
        return None;
    }
    match text.split_once('/') {
        Some((host, path)) if host.contains('.') => {
            let host = host.split_once(':').map_or(host, |(host, _)| host);
            Some((Some(host.to_ascii_lowercase()), format!("/{}", path.trim_end_matches('/'))))
        }
        _ => Some((None, format!("/{}", text.trim_end_matches('/')))),
    }
}

fn path_and_parameters(rest: &str) -> (String, Vec<(String, String)>) {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, query) = rest.split_at(end);
    (path.trim_end_matches('/').to_owned(), parameters(query.get(1..).unwrap_or_default()))
}

fn parameters(query: &str) -> Vec<(String, String)> {
    /// More parameters are nobody's.
    const MOST: usize = 64;
    query
        .split(['#', '?'])
        .flat_map(|part| form_urlencoded::parse(part.as_bytes()))
        .take(MOST)
        .map(|(name, value)| {
            let value = if name == "authError" { google(&value) } else { decoded(value.into_owned()) };
            (name.into_owned(), value)
        })
        .collect()
}

/// What Google's error page has in its address: base64 of a record in which the name of the error stands in clear text.
fn google(value: &str) -> String {
    let value = value.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(value).or_else(|_| STANDARD_NO_PAD.decode(value)).unwrap_or_default();
    let is_text = |char: char| char.is_ascii_graphic();
    String::from_utf8_lossy(&bytes).chars().map(|char| if is_text(char) { char } else { ' ' }).collect()
}

/// The value of a parameter that was encoded again on its way. An address in it keeps its own.
fn decoded(mut value: String) -> String {
    for _ in 0..ROUNDS {
        if !value.contains(['%', '+']) || value.contains(char::is_whitespace) || value.contains("://") {
            break;
        }
        let form = value.replace('&', "%26").replace('=', "%3D");
        let Some((again, _)) = form_urlencoded::parse(form.as_bytes()).next() else { break };
        value = again.into_owned();
    }
    value
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_a_line() {
        let found =
            |line: &str| addresses(line).into_iter().map(|address| (address.host, address.path)).collect::<Vec<_>>();
        let path = |path: &str| Some(path.to_owned());
        assert_eq!(found("see (https://U:P@Host.example:8443/a/?b=c#d=e), or"), [(path("host.example"), path("/a"))]);
        assert_eq!(found("GET /oauth2/callback?error=a HTTP/1.1"), [(None, path("/oauth2/callback"))]);
        assert_eq!(found("url=https://h/x level=error"), [(path("h"), path("/x")), (None, None)]);
        assert_eq!(found("path=/oauth2/callback?error=a"), [(None, path("/oauth2/callback"))]);
        assert_eq!(addresses("?a=b&c=d%20e")[0].parameters, [("a".into(), "b".into()), ("c".into(), "d e".into())]);
        assert_eq!(found("/a?b=https://h/x"), [(None, path("/a"))]);
        assert!(found("plain words / and slashes").is_empty());
        let logged = [(None, path("/oauth2/callback"))];
        for line in
            ["path=/oauth2/callback query=error=weird x", r#"{"path":"/oauth2/callback","query":"error=weird"}"#]
        {
            assert_eq!(found(&format!(" {line}")).last(), logged.last(), "{line}");
        }
        for mark in ["**A**", "*A*", "_A_", "A!", "A…", "**A**.", "(A)."] {
            let written = mark.replace('A', "https://h/x?error=invalid_request");
            let values: Vec<String> = addresses(&written).iter().flat_map(Address::values).map(str::to_owned).collect();
            assert_eq!(values, ["invalid_request"], "{written}");
        }
        assert_eq!(addresses("https://h/x?state=a_")[0].parameter("state"), Some("a_"));
        assert_eq!(found("`error?error=a`"), [(None, path("/error"))]);
        assert_eq!(found("Login.example.com/error?error=a"), [(path("login.example.com"), path("/error"))]);
        assert_eq!(
            addresses("?a=b%2520c&d=e%252Bf")[0].parameters,
            [("a".into(), "b c".into()), ("d".into(), "e f".into())]
        );
        let inside = found("https://safe.example/?url=https%3A%2F%2Fh%2Fx%3Fa%3Db&data=1");
        assert_eq!(inside, [(path("safe.example"), path("")), (path("h"), path("/x"))]);
    }

    #[test]
    fn other_providers_are_told_by_their_hosts() {
        let is_other = |line: &str| addresses(line).iter().any(Address::is_of_another_provider);
        assert!(is_other("https://dev-1.okta.com/x and https://kc.example/realms/a/protocol/openid-connect/token"));
        assert!(!is_other("https://acme.auth.eu-west-1.amazoncognito.com/error https://notokta.com/"));
    }
}
