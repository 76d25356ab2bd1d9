//! What the address of a redirect tells in values that are cut before anybody sees them: who made them, and when.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::{DeflateDecoder, GzDecoder};
use serde_json::Value;
use url::Url;

use crate::config::cognito::region_of_pool;
use crate::go;

/// When the authenticate service made its `state`, in seconds since 1970.
pub(super) const STATE_TIME: &str = "state-time";
/// The length of the token in that `state`, which differs between releases.
pub(super) const STATE_TOKEN: &str = "state-token";
/// The user pool that sends a browser on to another provider.
pub(super) const USER_POOL: &str = "user-pool";
/// Where a SAML request wants its answer to be sent.
pub(super) const SAML_CALLBACK: &str = "saml-callback";

/// The words with which Pomerium's Envoy answers itself.
pub(super) const STATUS_TEXT: &str = "status-text";

/// More of what is compressed is not looked at, in bytes.
const MOST: u64 = 64 * 1024;

/// Base64 for URLs, with or without its padding.
fn decode(text: &str) -> Option<Vec<u8>> {
    go::base64::decode_raw_url(text.trim_end_matches('=')).ok()
}

/// Reads the values of a `Location`, by the names above; what is not understood tells nothing.
pub(super) fn of_location(location: &str) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let Ok(url) = Url::parse(location) else { return told };
    let value = |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let state = value("state");
    if let Some((time, token)) = state.as_deref().and_then(of_pomerium) {
        told.insert(STATE_TIME.to_owned(), time.to_string());
        told.insert(STATE_TOKEN.to_owned(), token.to_string());
    }
    let request = value("SAMLRequest").and_then(|request| saml(&request)).unwrap_or_default();
    if let Some(callback) = of_saml(&request, "AssertionConsumerServiceURL=\"", |letter| letter == '"') {
        told.insert(SAML_CALLBACK.to_owned(), callback.to_owned());
    }
    // What the provider behind it believes is the request itself.
    let issuer =
        of_saml(&request, "urn:amazon:cognito:sp:", |letter| !letter.is_ascii_alphanumeric() && !"-_".contains(letter));
    let issuer = issuer.filter(|pool| region_of_pool(pool).is_some()).map(str::to_owned);
    let pool = issuer.or_else(|| state.or_else(|| value("RelayState")).and_then(|state| of_cognito(&state)));
    if let Some(pool) = pool {
        told.insert(USER_POOL.to_owned(), pool);
    }
    told
}

/// Reads the script of Envoy's own error page, of which nothing else is kept (`config/envoyconfig/local_reply.go`).
pub(super) fn of_page(body: &str, told: &mut BTreeMap<String, String>) {
    let text = body.split_once("\"statusText\":").and_then(|(_, rest)| rest.trim_start().strip_prefix('"'));
    let word = text.and_then(|text| text.split('"').next()).map(word).unwrap_or_default();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !word.is_empty() && word.len() <= 100 && word.bytes().all(is_word) {
        told.insert(STATUS_TEXT.to_owned(), word.to_owned());
    }
}

/// What Envoy says, without what it adds in braces, which may be the words of whatever failed (`remote_connection_failure|TLS_error:…`).
pub(super) fn word(text: &str) -> &str {
    text.split('{').next().unwrap_or(text)
}

/// Pomerium's: `token|time|…|sealed` in base64 (`authenticate/handlers.go`). The time, and the length of the token.
fn of_pomerium(state: &str) -> Option<(u64, usize)> {
    let bytes = decode(state)?;
    let mut parts = bytes.splitn(3, |byte| *byte == b'|');
    let (token, time, _) = (parts.next()?, parts.next()?, parts.next()?);
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte);
    let is_time = (9..=11).contains(&time.len()) && time.iter().all(u8::is_ascii_digit);
    let time = std::str::from_utf8(time).ok().filter(|_| is_time)?.parse().ok()?;
    (!token.is_empty() && token.iter().all(is_token)).then_some((time, token.len()))
}

/// Cognito's, for a provider behind it: JSON and 32 bytes, each compressed, and a digit. The pool, by its name of 2022 or of 2024; the
/// pattern of a pool's id is all that is believed of it.
fn of_cognito(state: &str) -> Option<String> {
    let [content, digest, digit] = state.split('.').collect::<Vec<_>>()[..] else { return None };
    let unzipped = |part: &str| {
        let mut text = Vec::new();
        GzDecoder::new(decode(part)?.as_slice()).take(MOST).read_to_end(&mut text).ok()?;
        Some(text)
    };
    let is_digit = digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digit || unzipped(digest)?.len() != 32 {
        return None;
    }
    let content: Value = serde_json::from_slice(&unzipped(content)?).ok()?;
    let pool = content.get("userPoolId").or_else(|| content.get("a"))?.as_str()?;
    region_of_pool(pool).map(|_| pool.to_owned())
}

/// The XML of a SAML request. One of Cognito's names the pool as its issuer (AWS: `urn:amazon:cognito:sp:POOL`).
fn saml(request: &str) -> Option<String> {
    let mut text = String::new();
    DeflateDecoder::new(go::base64::decode(request).ok()?.as_slice()).take(MOST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// What follows a mark in a SAML request, up to its end.
fn of_saml<'x>(xml: &'x str, mark: &str, ends: impl Fn(char) -> bool) -> Option<&'x str> {
    let (_, rest) = xml.split_once(mark)?;
    rest.split(ends).next().filter(|value| !value.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE as PADDED, URL_SAFE_NO_PAD};
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder};

    use super::*;

    fn told(name: &str, value: &str) -> BTreeMap<String, String> {
        let query: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        of_location(&format!("https://idp.example.net/authorize?client_id=x&{name}={query}"))
    }

    fn gzip(bytes: &[u8]) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        URL_SAFE_NO_PAD.encode(encoder.finish().unwrap())
    }

    #[test]
    fn pomeriums_state_tells_its_time_and_how_long_its_token_is() {
        for (length, trace) in [(88, ""), (44, "|")] {
            let mut state = format!("{}|1795453200|{trace}", "a".repeat(length)).into_bytes();
            state.extend([0, b'|', 255, 7]);
            let read = told("state", &PADDED.encode(state));
            assert_eq!(read.get(STATE_TIME).map(String::as_str), Some("1795453200"));
            assert_eq!(read.get(STATE_TOKEN), Some(&length.to_string()));
        }
        for nothing in ["", "abc", "a|b|c", &PADDED.encode("token|soon|sealed"), &PADDED.encode("|1795453200|x")] {
            assert!(told("state", nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_pool_that_sends_users_on_names_itself() {
        let digest = gzip(&[7; 32]);
        let state = |json: &str| format!("{}.{digest}.4", gzip(json.as_bytes()));
        for (json, pool) in [
            (r#"{"userPoolId":"us-east-2_BKAbICWff","providerName":"okta"}"#, Some("us-east-2_BKAbICWff")),
            (r#"{"a":"eu-west-1_9xK2mPq7R","b":"okta","c":"4qk"}"#, Some("eu-west-1_9xK2mPq7R")),
            (r#"{"a":"evil.example/eu-west-1_x"}"#, None),
            (r#"{"b":"eu-west-1_9xK2mPq7R"}"#, None),
            ("[]", None),
        ] {
            assert_eq!(told("state", &state(json)).get(USER_POOL).map(String::as_str), pool, "{json}");
            assert_eq!(told("RelayState", &state(json)).get(USER_POOL).map(String::as_str), pool, "{json}");
        }
        let good = gzip(br#"{"a":"eu-west-1_9xK2mPq7R"}"#);
        for strange in [format!("{good}.{digest}"), format!("{good}.{good}.4"), format!("{good}.{digest}.44"), good] {
            assert!(told("state", &strange).is_empty(), "{strange}");
        }
    }

    #[test]
    fn a_saml_request_names_the_pool() {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"<saml2:Issuer>urn:amazon:cognito:sp:us-east-2_BKAbICWff</saml2:Issuer>").unwrap();
        let request = STANDARD.encode(encoder.finish().unwrap());
        assert_eq!(told("SAMLRequest", &request).get(USER_POOL).map(String::as_str), Some("us-east-2_BKAbICWff"));
        assert_eq!(told("SAMLRequest", &request).get(SAML_CALLBACK), None);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let xml = "<saml2p:AuthnRequest AssertionConsumerServiceURL=\"https://a.example/saml2/idpresponse\" ID=\"_1\">";
        encoder.write_all(xml.as_bytes()).unwrap();
        let request = STANDARD.encode(encoder.finish().unwrap());
        let told_of = told("SAMLRequest", &request);
        assert_eq!(told_of.get(SAML_CALLBACK).map(String::as_str), Some("https://a.example/saml2/idpresponse"));
        assert_eq!(told_of.get(USER_POOL), None);
        assert!(told("SAMLRequest", "nonsense").is_empty());
    }
}
