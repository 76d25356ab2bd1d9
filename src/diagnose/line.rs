//! A line as its author meant it: without colours and escapes; and the addresses in it.

use std::borrow::Cow;

use url::form_urlencoded;

/// Undoing escapes in escapes in escapes is enough: a log line in JSON, in a log line in JSON.
const ROUNDS: usize = 3;

/// An address, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The host, in lower case, without a port.
    pub(super) host: Option<String>,
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
    if plain.contains(['’', '\u{a0}']) {
        plain = Cow::Owned(plain.replace('’', "'").replace('\u{a0}', " "));
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

/// Every address in a line: `https://host/path?query`, `/path?query`, and a query alone.
pub(super) fn addresses(line: &str) -> Vec<Address> {
    let is_end = |char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '<' | '>' | '`' | '\\' | '|');
    line.split(is_end).filter(|word| word.contains('=') || word.contains("://")).filter_map(address).collect()
}

/// The address that a word is, or ends with: a console log writes `url=https://…`.
fn address(word: &str) -> Option<Address> {
    let word = word.trim_end_matches([',', ';', ')', ']', '}', '.']);
    if let Some(at) = word.find("https://").or_else(|| word.find("http://")) {
        let rest = word.get(at..)?.split_once("://")?.1;
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(authority_end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let (path, parameters) = path_and_parameters(rest);
        return Some(Address { host: Some(host), path: Some(path), parameters });
    }
    if let Some(at) = word.find('/')
        && word.find('?').is_none_or(|question| at < question)
        && word.get(..at).is_some_and(|before| before.is_empty() || before.ends_with(['=', '(', '[', '{']))
    {
        let (path, parameters) = path_and_parameters(word.get(at..)?);
        return Some(Address { host: None, path: Some(path), parameters });
    }
    let query = word.split_once('?').map_or(word, |(_, query)| query).trim_start_matches(['#', '&', '(', '[', '{']);
    Some(Address { host: None, path: None, parameters: parameters(query) })
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
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
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
        assert!(found("plain words / and slashes").is_empty());
    }
}
