//! What goes onto the wire beyond the URL: credentials, forms, and `state`; and how the record of it looks.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use zeroize::Zeroizing;

use super::redact::{CUT, redact};
use super::{Answer, Request};
use crate::config::is_secret_parameter;
use crate::go::url::query_escape;
use crate::secret::Secret;

/// HTTP Basic as golang.org/x/oauth2 sends it, with both parts escaped (RFC 6749 §2.3.1). The client never logs it.
pub(super) fn basic(id: &str, secret: &Secret) -> HeaderValue {
    let secret = Zeroizing::new(query_escape(secret.expose()));
    let pair = Zeroizing::new(format!("{}:{}", query_escape(id), *secret));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    // Base64 is always a valid header.
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// 32 random bytes that look like Pomerium's `state` and mean nothing.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn fresh_state() -> String {
    let mut bytes = [0; 32];
    // If the system had no randomness, the TLS handshake would fail too; `state` is no secret of ours.
    let _ = rustls::crypto::ring::default_provider().secure_random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The URL with its empty or cut `state` parameter filled in, else as it stands.
pub(super) fn fill_state(url: &str, state: &str) -> String {
    let Some((base, query)) = url.split_once('?') else { return url.to_owned() };
    let (query, fragment) = query.split_at(query.find('#').unwrap_or(query.len()));
    let fill = |pair: &str| match pair.split_once('=') {
        Some(("state", value)) if value.is_empty() || value == CUT => format!("state={state}"),
        _ => pair.to_owned(),
    };
    let query: Vec<_> = query.split('&').map(fill).collect();
    format!("{base}?{}{fragment}", query.join("&"))
}

/// Cuts our `state` wherever else the answer repeats it.
pub(super) fn cut_state(answer: &mut Answer, state: &str) {
    answer.body = answer.body.replace(state, CUT);
    for (_, value) in &mut answer.headers {
        *value = value.replace(state, CUT);
    }
}

pub(super) fn redact_request(request: &Request, wire: &str) -> Request {
    let cut = |(name, value): &(String, String)| {
        let value = if is_secret_parameter(name) { CUT.to_owned() } else { redact(value).into_owned() };
        (name.clone(), value)
    };
    Request {
        method: request.method.clone(),
        url: redact(wire).into_owned(),
        form: request.form.iter().map(cut).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn state_is_filled_where_it_is_empty_or_cut_and_nowhere_else() {
        for (url, filled) in [
            ("https://a.example/x?a=1&state=&b=2", "https://a.example/x?a=1&state=NEW&b=2"),
            ("https://a.example/x?state=CUT#f", "https://a.example/x?state=NEW#f"),
            ("https://a.example/x?state=own", "https://a.example/x?state=own"),
            ("https://a.example/x?xstate=", "https://a.example/x?xstate="),
            ("https://a.example/x", "https://a.example/x"),
        ] {
            assert_eq!(fill_state(url, "NEW"), filled);
        }
    }

    #[test]
    fn a_fresh_state_is_random_and_needs_no_escaping() {
        let (one, two) = (fresh_state(), fresh_state());
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
        assert_eq!(query_escape(&one), one);
    }

    #[test]
    fn credentials_are_escaped_as_go_does() {
        assert_eq!(query_escape("a b+c/d~e*f\n%é"), "a+b%2Bc%2Fd~e%2Af%0A%25%C3%A9");
        let header = basic("id:1", &Secret::new("s/+"));
        assert!(header.is_sensitive());
        let expected = format!("Basic {}", STANDARD.encode("id%3A1:s%2F%2B"));
        assert_eq!(header.to_str().unwrap(), expected);
    }

    #[test]
    fn a_recorded_request_holds_no_code_and_no_state() {
        let pairs = [("code", "abc"), ("grant_type", "authorization_code"), ("redirect_uri", "https://a/?code=x")];
        let request = Request {
            method: "POST".to_owned(),
            url: String::new(),
            form: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        };
        let clean = redact_request(&request, "https://a.example/x?response_type=code&state=abc");
        assert_eq!(clean.url, "https://a.example/x?response_type=code&state=CUT");
        let values: Vec<_> = clean.form.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["CUT", "authorization_code", "https://a/?code=CUT"]);
    }
}
