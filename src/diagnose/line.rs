//! A line as its author meant it: without colours and escapes; and the addresses in it.

use std::borrow::Cow;

use url::form_urlencoded;

/// Undoing escapes in escapes in escapes is enough: a log line in JSON, in a log line in JSON; an address in an address.
const ROUNDS: usize = 3;

/// Where other identity providers answer. What they say is not about Cognito.
const OTHER_PROVIDERS: [&str; 12] = [
    "accounts.google.com",
    "googleapis.com",
    "login.microsoftonline.com",
    "login.live.com",
    "sts.windows.net",
    "okta.com",
    "oktapreview.com",
    "auth0.com",
    "onelogin.com",
    "pingone.com",
    "salesforce.com",
    "apple.com",
];

/// An address, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
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
            .find(|(other, value)| other == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The decoded values of its parameters.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(_, value)| value.as_str())
    }

    /// Whether it belongs to an identity provider that is not Cognito: by its host, or by the paths of Keycloak.
    pub(super) fn is_of_another_provider(&self) -> bool {
        let is_below = |host: &str, domain: &&str| {
            host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let host = self.host.as_deref().unwrap_or_default();
        OTHER_PROVIDERS.iter().any(|domain| is_below(host, domain))
            || self.path.as_deref().is_some_and(|path| path.contains("/protocol/openid-connect/"))
    }
}

/// The line without colours and without the escapes of JSON, Go and HTML.
pub(super) fn plain(line: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(line);
    if plain.contains('\u{1b}') {
        plain = Cow::Owned(without_colours(&plain));
    }
    for _ in 0..ROUNDS {
        if !plain.contains('\\') {
            break;
        }
        plain = Cow::Owned(unescape(&plain));
    }
    if plain.contains('&') {
        plain = Cow::Owned(without_entities(&plain));
    }
    if plain.contains(['’', '“', '”', '\u{a0}']) {
        plain = Cow::Owned(plain.replace('’', "'").replace(['“', '”'], "\"").replace('\u{a0}', " "));
    }
    plain
}

/// Drops `ESC [ … letter`.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
        } else if characters.next() == Some('[') {
            // What follows are parameters up to a letter.
            let _ = characters.by_ref().find(|character| ('\u{40}'..='\u{7e}').contains(character));
        }
    }
    plain
}

fn unescape(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut characters = after.chars();
        match characters.next() {
            Some(character @ ('"' | '\\' | '/' | '\'')) => plain.push(character),
            Some('n' | 'r' | 't') => plain.push(' '),
            Some('u') => {
                let code = after.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                if let Some(character) = code.and_then(char::from_u32) {
                    plain.push(character);
                    characters = after.get(5..).unwrap_or_default().chars();
                } else {
                    plain.push_str("\\u");
                }
            }
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
        rest = characters.as_str();
    }
    plain.push_str(rest);
    plain
}

fn without_entities(line: &str) -> String {
    let pairs = [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    pairs.iter().fold(
        line.to_owned(),
        |line, (entity, sign)| if line.contains(entity) { line.replace(entity, sign) } else { line },
    )
}

/// Several lines as one, as their author meant them: without the signs of a quotation before each, and with an address whole that
/// a window or a mail broke.
pub(super) fn fold(text: &str) -> String {
    /// A shorter line was not broken for want of room.
    const ROOM: usize = 40;
    let mut folded = String::with_capacity(text.len());
    let mut is_broken = false;
    for line in text.lines() {
        let line = line.trim_start_matches(['>', '|', '│', '*', ' ', '\t']).trim_end();
        let first = line.split_whitespace().next().unwrap_or_default();
        let goes_on =
            !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>".contains(&byte));
        let is_the_same_address = is_broken && goes_on;
        if !folded.is_empty() && !is_the_same_address {
            folded.push(' ');
        }
        let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
        is_broken =
            line.len() >= ROOM && (last.contains("://") || is_broken && line == last) && last.contains(['?', '%']);
        folded.extend(line.split_whitespace().flat_map(|word| [word, " "]));
        folded.truncate(folded.trim_end().len());
    }
    folded
}

/// The words of a line. `ERR_CONNECTION_REFUSED` is one.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|char: char| !char.is_ascii_alphanumeric() && char != '_')
}

/// Every address in a line: `https://host/path?query`, `/path?query`, and a query alone; and those that stand in their parameters.
pub(super) fn addresses(line: &str) -> Vec<Address> {
    let is_end = |char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '<' | '>' | '`' | '\\' | '|');
    let words = line.split(is_end).filter(|word| word.contains('=') || word.contains("://"));
    let mut addresses: Vec<Address> = words.filter_map(address).collect();
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

/// The address that a word is, or ends with: a console log writes `url=https://…`.
fn address(word: &str) -> Option<Address> {
    let word = word.trim_end_matches([',', ';', ')', ']', '}', '.']);
    // An address in the query of another that has no host is not the one that is seen.
    let is_seen = |at: &usize| !(word.starts_with('/') && word.get(..*at).is_some_and(|before| before.contains('?')));
    if let Some(at) = word.find("https://").or_else(|| word.find("http://")).filter(is_seen) {
        let rest = word.get(at..)?.split_once("://")?.1;
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(authority_end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, port.parse().ok()));
        let (path, parameters) = path_and_parameters(rest);
        return Some(Address { host: Some(host.to_ascii_lowercase()), port, path: Some(path), parameters });
    }
    if let Some(at) = word.find('/')
        && word.find('?').is_none_or(|question| at < question)
        && word.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(['=', '(', '[', '{']))
    {
        let (path, parameters) = path_and_parameters(word.get(at..)?);
        return Some(Address { host: None, port: None, path: Some(path), parameters });
    }
    let query = word.split_once('?').map_or(word, |(_, query)| query).trim_start_matches(['#', '&', '(', '[', '{']);
    Some(Address { host: None, port: None, path: None, parameters: parameters(query) })
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
        .map(|(name, value)| (name.into_owned(), decoded(value.into_owned())))
        .collect()
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
    fn escapes_are_undone() {
        assert_eq!(
            plain(r#"{"error":"oauth2: \"invalid_client\" a\u0026b\n"}"#),
            r#"{"error":"oauth2: "invalid_client" a&b "}"#
        );
        assert_eq!(plain("\u{1b}[31mERR\u{1b}[0m a\u{1b}"), "ERR a");
        assert_eq!(plain("can’t &amp; &quot;x&#39;"), "can't & \"x'");
        assert_eq!(plain("\\u12 \\ud800 \\q \\"), "\\u12 \\ud800 \\q \\");
    }

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
        assert_eq!(
            addresses("?a=b%2520c&d=e%252Bf")[0].parameters,
            [("a".into(), "b c".into()), ("d".into(), "e f".into())]
        );
        let inside = found("https://safe.example/?url=https%3A%2F%2Fh%2Fx%3Fa%3Db&data=1");
        assert_eq!(inside, [(path("safe.example"), path("")), (path("h"), path("/x"))]);
    }

    #[test]
    fn broken_lines_are_put_together() {
        assert_eq!(fold("> Invalid identity\n> provider\r\n"), "Invalid identity provider");
        let address = "https://acme.example/error?error=redirect_mismatch&client_id=4";
        let (first, rest) = address.split_at(45);
        assert_eq!(fold(&format!("see\n{first}\n{rest}\nthanks")), format!("see {address} thanks"));
        assert_eq!(fold("https://a.example/?b=c\nthen"), "https://a.example/?b=c then");
    }

    #[test]
    fn other_providers_are_told_by_their_hosts() {
        let is_other = |line: &str| addresses(line).iter().any(Address::is_of_another_provider);
        assert!(is_other("https://dev-1.okta.com/x and https://kc.example/realms/a/protocol/openid-connect/token"));
        assert!(!is_other("https://acme.auth.eu-west-1.amazoncognito.com/error https://notokta.com/"));
    }
}
