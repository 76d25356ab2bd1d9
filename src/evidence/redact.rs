//! Cuts what must not be shown or kept of an exchange: cookies, authorization codes, `state`, sessions and tokens.
//!
//! Client secrets never get this far; the scrubber of [`crate::secret`] is the last line of defence for those.

mod page;

use std::borrow::Cow;

use super::exchange::Whole;
use super::{Answer, told};
use crate::config::is_secret_parameter;
use crate::offset;
use crate::secret::Secret;
use page::{cut_form_values, strip_elements};

pub use crate::secret::paste::CUT;

/// Members of JSON whose values are cut, in lower case; those that begin with `session`, and those that speak of `csrf`, are cut as well.
/// A parameter of a URL tells more than a member does: `token_endpoint` is a word of discovery.
const MEMBERS: [&str; 12] = [
    "access_token",
    "assertion",
    "client_secret",
    "code_verifier",
    "id_token",
    "password",
    "refresh_token",
    "relaystate",
    "samlrequest",
    "samlresponse",
    "token",
    "xsrf-token",
];

/// Response headers that are kept: what the rules and a reader of the proof need.
const HEADERS: [&str; 24] = [
    "age",
    "cache-control",
    "cf-mitigated",
    "cf-ray",
    "content-length",
    "content-type",
    "date",
    "location",
    "retry-after",
    "server",
    "set-cookie",
    "via",
    "www-authenticate",
    "x-amz-cf-id",
    "x-amz-cognito-request-id",
    "x-amzn-errortype",
    "x-amzn-requestid",
    "x-amzn-waf-action",
    "x-cache",
    "x-envoy-upstream-service-time",
    "x-iinfo",
    "x-pomerium-intercepted-response",
    "x-request-id",
    "x-squid-error",
];

/// Longer header values are not kept whole, in bytes. Cognito's longest `Location` repeats a request of at most 8 KiB.
const HEADER_LIMIT: usize = 16 * 1024;

/// As much of a page is kept, in bytes. What tells a login page from an error page stands at its top.
const PAGE_LIMIT: usize = 16 * 1024;

/// The text without values of telling parameters in the URLs it holds, however often they are percent-encoded, without
/// passwords in URLs, and without tokens. Everything else stays byte for byte.
///
/// The names are those of a parameter that is not sent, either ([`is_secret_parameter`]).
pub fn redact(text: &str) -> Cow<'_, str> {
    let text = cut_parameters(text);
    [cut_signatures, cut_json_members, cut_tokens, cut_passwords].into_iter().fold(text, map)
}

/// The same of a text where it stands.
pub(super) fn redact_in_place(text: &mut String) {
    if let Cow::Owned(cut) = redact(text) {
        *text = cut;
    }
}

/// An answer as it is kept: what its redirect tells is read first, and then cut.
pub fn redacted(status: u16, headers: &[(String, String)], body: &str) -> Answer {
    let location = headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.as_str());
    let mut read = location.map(told::of_location).unwrap_or_default();
    told::of_page(body, &mut read);
    Answer {
        status,
        headers: redact_headers(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))),
        body: redact_body(body),
        truncated: false,
        read,
        leads: Whole(location.map(Secret::new)),
    }
}

/// The headers worth keeping, names in lower case, with cookies and telling parameters cut.
pub(super) fn redact_headers<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<(String, String)> {
    headers
        .filter(|(name, _)| HEADERS.contains(name))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value);
            let value = if name == "set-cookie" { cut_cookie(&value) } else { redact(&value).into_owned() };
            (name.to_owned(), shorten(value, HEADER_LIMIT, SHORTENED))
        })
        .collect()
}

/// The body without tokens. Pages lose what only a browser needs, and their end if they are long; anything else, such as a
/// discovery document, stays whole.
pub(super) fn redact_body(body: &str) -> String {
    if !body.trim_start().starts_with('<') {
        return redact(body).into_owned();
    }
    let page = strip_elements(body);
    if page.trim().is_empty() {
        // There was a page, if only one for browsers: an empty answer is another thing.
        return SHORTENED_PAGE.to_owned();
    }
    let page = cut_form_values(&page);
    shorten(redact(&page).into_owned(), PAGE_LIMIT, SHORTENED_PAGE)
}

/// The name of the cookie, and for whom it is: that a cookie was set, and which, is telling; its value is a key.
fn cut_cookie(value: &str) -> String {
    const ATTRIBUTES: [&str; 6] = ["path", "domain", "max-age", "httponly", "secure", "samesite"];
    let mut parts = value.split(';').map(str::trim);
    // Without a name, all of it is the value.
    let name = parts.next().and_then(|pair| pair.split_once('=')).map_or("", |(name, _)| name.trim());
    let is_known = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
        ATTRIBUTES.contains(&name.as_str())
    };
    parts.filter(is_known).fold(format!("{name}={CUT}"), |cookie, part| cookie + "; " + part)
}

/// What stands in the addresses of Pomerium's own pages: its signatures and what it seals are good for five minutes, and the page
/// that a visitor asked for is nobody's business.
const SIGNED: [&str; 5] = ["pomerium_signature", "pomerium_hpke_query", "pomerium_hpke_sender_pub", "k", "q"];
const VISITED: &str = "pomerium_redirect_uri";

/// Cuts the signatures of Pomerium's addresses, and of the page that was asked for all but its host.
fn cut_signatures(text: &str) -> Cow<'_, str> {
    let ends = |letter: char| matches!(letter, '"' | '\'' | '<' | '>' | '`') || letter.is_whitespace();
    let mut cutter = Cutter::new(text);
    let mut at = 0;
    while let Some(start) = find(text, at, "/.pomerium/") {
        let address = text.get(start..).and_then(|rest| rest.split(ends).next()).unwrap_or_default();
        at = start + address.len();
        let Some(query) = address.find('?').map(|mark| start + mark + 1) else { continue };
        let mut begin = query;
        for pair in text.get(query..at).unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (from, to) = (begin + name.len() + 1, begin + pair.len());
            if SIGNED.contains(&name) {
                cutter.replace(from, to, CUT);
            } else if name == VISITED {
                let page = page_of(value);
                if !["", "/", "%2F"].contains(&&value[page..]) {
                    cutter.replace(from + page, to, &format!("%2F{CUT}"));
                }
            }
            begin += pair.len() + 1;
        }
    }
    cutter.finish()
}

/// Where the path of an address begins, be it percent-encoded or not.
fn page_of(address: &str) -> usize {
    let scheme = ["%3A%2F%2F", "%3a%2f%2f", "://"].iter().find_map(|mark| Some(address.find(mark)? + mark.len()));
    let host = scheme.unwrap_or(0);
    let ends = ["%2F", "%2f", "/", "%3F", "%3f", "?"].iter().filter_map(|mark| address.get(host..)?.find(mark));
    ends.min().map_or(address.len(), |end| host + end)
}

/// What follows a header of which the end is not kept.
const SHORTENED: &str = "…";

/// What stands for the end of a page, or for all of it.
const SHORTENED_PAGE: &str = "<!-- shortened -->";

/// As much of an address as is kept whole: of one that is longer, the last parameter is not.
pub(super) fn whole_pairs(location: &str) -> &str {
    let Some(kept) = location.strip_suffix(SHORTENED) else { return location };
    kept.rsplit_once('&').map_or(kept, |(whole, _)| whole)
}

/// Whether the end of a header is not kept.
pub(super) fn is_shortened(value: &str) -> bool {
    value.ends_with(SHORTENED)
}

/// At most `limit` bytes of the text, and `mark` if that is not all of it.
fn shorten(mut text: String, limit: usize, mark: &str) -> String {
    if text.len() > limit {
        text.truncate(offset::floor(&text, limit));
        text.push_str(mark);
    }
    text
}

fn map(text: Cow<'_, str>, cut: fn(&str) -> Cow<'_, str>) -> Cow<'_, str> {
    match cut(&text) {
        Cow::Owned(changed) => Cow::Owned(changed),
        Cow::Borrowed(_) => text,
    }
}

/// A text that is copied piece by piece, leaving out spans.
struct Cutter<'a> {
    text: &'a str,
    done: String,
    at: usize,
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, done: String::new(), at: 0 }
    }

    /// Puts `instead` in place of the span. Spans come in order; one that begins within the last is ignored.
    fn replace(&mut self, start: usize, end: usize, instead: &str) {
        if start >= self.at && start < end {
            self.done.push_str(self.text.get(self.at..start).unwrap_or_default());
            self.done.push_str(instead);
            self.at = end;
        }
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.at == 0 {
            return Cow::Borrowed(self.text);
        }
        self.done.push_str(self.text.get(self.at..).unwrap_or_default());
        Cow::Owned(self.done)
    }
}

/// Cuts `name=value` after `?`, `&`, `#` or `;`, where all of these may be percent-encoded, also several times, or
/// escaped as JSON does.
fn cut_parameters(text: &str) -> Cow<'_, str> {
    let mut cutter = Cutter::new(text);
    for (at, byte) in text.bytes().enumerate() {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
        let (separator, encoded) = match byte {
            b'=' => (1, false),
            b'%' => match encoded_length(after, &["3d"]) {
                Some(length) => (length, true),
                None => continue,
            },
            _ => continue,
        };
        if at < cutter.at || !ends_with_cut_name(before) {
            continue;
        }
        let start = at + separator;
        let value = text.get(start..).unwrap_or_default();
        cutter.replace(start, start + value_length(value, encoded), CUT);
    }
    cutter.finish()
}

/// The length of a percent-encoded character, encoded once or more, at the start of the text: `%3D`, `%253D`, …
fn encoded_length(text: &str, codes: &[&str]) -> Option<usize> {
    let mut rest = text.strip_prefix('%')?;
    while let Some(deeper) = rest.strip_prefix("25") {
        rest = deeper;
    }
    let code = rest.get(..2)?;
    codes.iter().any(|known| known.eq_ignore_ascii_case(code)).then(|| text.len() - rest.len() + 2)
}

/// Whether the text ends with a parameter's name that is to be cut, and what comes before it begins a parameter.
fn ends_with_cut_name(text: &str) -> bool {
    /// Longer than any name that is cut, with an encoded boundary before it.
    const LONGEST: usize = 64;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = text.bytes().rev().take(LONGEST).take_while(|byte| is_name(byte)).count();
    let (before, name) = text.split_at(text.len() - length);
    let name = match before.bytes().next_back() {
        Some(b'?' | b'&' | b'#' | b';') => name,
        // `%26name`, `%253Fname`: the code runs into the name.
        Some(b'%') => {
            let whole = text.get(before.len() - 1..).unwrap_or_default();
            match encoded_length(whole, &["26", "3f", "23", "3b"]) {
                Some(boundary) => whole.get(boundary..).unwrap_or_default(),
                None => return false,
            }
        }
        // `\u0026name` in JSON.
        Some(b'\\') => match name.get(..5) {
            Some(escape) if escape.eq_ignore_ascii_case("u0026") || escape.eq_ignore_ascii_case("u003f") => {
                name.get(5..).unwrap_or_default()
            }
            _ => return false,
        },
        _ => return false,
    };
    is_secret_parameter(name)
}

/// How far a parameter's value goes.
fn value_length(value: &str, encoded: bool) -> usize {
    let ends = |(at, char): (usize, char)| match char {
        '&' | '#' | '"' | '\'' | '<' | '>' | '`' | '\\' => true,
        '%' if encoded => {
            let rest = value.get(at..).unwrap_or_default();
            encoded_length(rest, &["26", "23", "22", "27", "3c", "3e", "20", "5c"]).is_some()
        }
        _ => char.is_whitespace() || char.is_control(),
    };
    value.char_indices().find(|found| ends(*found)).map_or(value.len(), |(at, _)| at)
}

/// Cuts the values of `"access_token": "…"` and the like.
fn cut_json_members(text: &str) -> Cow<'_, str> {
    let mut cutter = Cutter::new(text);
    let mut at = 0;
    while let Some(name_start) = find(text, at, "\"") {
        let Some(name_end) = find_quote(text, name_start + 1) else { break };
        at = name_end + 1;
        let name = text.get(name_start + 1..name_end).unwrap_or_default().to_ascii_lowercase();
        let begins = |start: &&str| name.starts_with(*start);
        let is_token = name.contains("csrf")
            || ["session", "pomerium_session"].iter().any(begins)
            || MEMBERS.contains(&name.as_str());
        let rest = text.get(at..).unwrap_or_default().trim_start();
        let Some(rest) = rest.strip_prefix(':').map(str::trim_start) else { continue };
        let Some(value) = rest.strip_prefix('"') else { continue };
        let start = text.len() - value.len();
        let end = find_quote(text, start).unwrap_or(text.len());
        if is_token {
            cutter.replace(start, end, CUT);
        }
        at = (end + 1).min(text.len());
    }
    cutter.finish()
}

/// Cuts what looks like a JWT or JWE: Base64url of `{"`, and at least two further parts.
fn cut_tokens(text: &str) -> Cow<'_, str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let mut cutter = Cutter::new(text);
    let mut at = 0;
    while let Some(start) = find(text, at, "eyJ") {
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| is_part(byte) || *byte == b'.').count();
        let token = rest.get(..length).unwrap_or_default();
        if token.split('.').count() >= 3 {
            cutter.replace(start, start + length, CUT);
        }
        at = start + length.max(1);
    }
    cutter.finish()
}

/// Cuts the password of `https://user:password@host`.
fn cut_passwords(text: &str) -> Cow<'_, str> {
    let ends = |char: char| matches!(char, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\') || char.is_whitespace();
    let mut cutter = Cutter::new(text);
    let mut at = 0;
    while let Some(start) = find(text, at, "://") {
        let start = start + "://".len();
        let authority = text.get(start..).and_then(|rest| rest.split(ends).next()).unwrap_or_default();
        if let Some((credentials, _)) = authority.rsplit_once('@')
            && let Some((user, password)) = credentials.split_once(':')
        {
            let password_start = start + user.len() + 1;
            cutter.replace(password_start, password_start + password.len(), CUT);
        }
        at = start + authority.len();
    }
    cutter.finish()
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

/// The next quotation mark that no backslash escapes.
fn find_quote(text: &str, from: usize) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
