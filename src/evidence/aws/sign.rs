//! Signature Version 4, as AWS documents it ("Create a signed AWS API request").

use ring::{digest, hmac};
use url::Url;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Whoever asks.
#[derive(Clone)]
pub(in crate::evidence) struct Keys {
    pub(super) id: Secret,
    pub(super) secret: Secret,
    /// Of credentials that expire.
    pub(super) token: Option<Secret>,
}

/// For whom a signature is good.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// A header of a request. Its value may be a secret.
pub(in crate::evidence) type Header = (&'static str, Zeroizing<String>);

/// Where a request goes, as it is signed.
pub(super) struct Place {
    host: String,
    path: String,
}

impl Place {
    /// That of a URL. Of its path, what is signed is written once more as a URL would have it, and no part of it is empty
    /// (`SigV4Auth._normalize_url_path` of botocore/auth.py).
    pub(super) fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let parts: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
        let end = if url.path().ends_with('/') && !parts.is_empty() { "/" } else { "" };
        let path = format!("/{}{end}", parts.join("/"));
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
        let written = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        Self { host, path: path.bytes().map(written).collect() }
    }
}

/// A POST with these headers, signed: its headers, with those that the signature adds. `at` is in seconds since 1970.
pub(super) fn signed(
    keys: &Keys,
    scope: Scope<'_>,
    place: &Place,
    mut headers: Vec<Header>,
    body: &[u8],
    at: u64,
) -> Vec<Header> {
    let time = timestamp(at);
    headers.push(("x-amz-date", Zeroizing::new(time.clone())));
    if let Some(token) = &keys.token {
        headers.push(("x-amz-security-token", Zeroizing::new(token.expose().to_owned())));
    }
    let value = authorization(keys, scope, ("POST", &place.path, ""), &place.host, &headers, body, &time);
    headers.push(("authorization", value));
    headers
}

/// The header that proves who asks for this method, path and query.
fn authorization(
    keys: &Keys,
    scope: Scope<'_>,
    (method, path, query): (&str, &str, &str),
    host: &str,
    headers: &[Header],
    body: &[u8],
    time: &str,
) -> Zeroizing<String> {
    let mut signed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.trim())).collect();
    signed.push(("host", host));
    signed.sort_unstable();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let mut canonical = Zeroizing::new(format!("{method}\n{path}\n{query}\n"));
    for (name, value) in &signed {
        for part in [name, ":", value, "\n"] {
            canonical.push_str(part);
        }
    }
    for part in ["\n", &names, "\n", &hash(body)] {
        canonical.push_str(part);
    }
    let day = time.get(..8).unwrap_or_default();
    let place = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{place}\n{}", hash(canonical.as_bytes()));
    let first = Zeroizing::new(format!("AWS4{}", keys.secret.expose()));
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, first.as_bytes());
    for part in [day, scope.region, scope.service, "aws4_request"] {
        key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
    }
    let signature = hex(hmac::sign(&key, text.as_bytes()).as_ref());
    Zeroizing::new(format!(
        "AWS4-HMAC-SHA256 Credential={}/{place}, SignedHeaders={names}, Signature={signature}",
        keys.id.expose()
    ))
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// `20150830T123600Z`.
pub(super) fn timestamp(at: u64) -> String {
    let day = crate::config::Date::of_unix_time(at).to_string().replace('-', "");
    let second = at % 86_400;
    format!("{day}T{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    /// 2015-08-30 12:36:00 UTC.
    const AT: u64 = 1_440_938_160;

    /// The credentials of AWS's public test suite.
    fn keys(token: Option<&str>) -> Keys {
        Keys {
            id: Secret::new("AKIDEXAMPLE"),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            token: token.map(Secret::new),
        }
    }

    fn signature(request: (&str, &str, &str), headers: &[(&'static str, &str)], body: &str) -> String {
        let mut all = vec![("x-amz-date", Zeroizing::new(timestamp(AT)))];
        all.extend(headers.iter().map(|(name, value)| (*name, Zeroizing::new((*value).to_owned()))));
        let scope = Scope { region: "us-east-1", service: "service" };
        let value =
            authorization(&keys(None), scope, request, "example.amazonaws.com", &all, body.as_bytes(), &timestamp(AT));
        value.rsplit_once('=').unwrap().1.to_owned()
    }

    /// As botocore 1.43 writes them.
    #[test]
    fn the_path_is_written_as_it_is_signed() {
        for (url, host, path) in [
            ("https://a.example", "a.example", "/"),
            ("http://localhost:4566/", "localhost:4566", "/"),
            ("https://a.example/path", "a.example", "/path"),
            ("https://a.example/a//b/", "a.example", "/a/b/"),
            ("https://a.example/a b/ü~x", "a.example", "/a%2520b/%25C3%25BC~x"),
        ] {
            let place = Place::of(&Url::parse(url).unwrap());
            assert_eq!((place.host.as_str(), place.path.as_str()), (host, path), "{url}");
        }
    }

    #[test]
    fn the_vectors_of_the_public_test_suite_hold() {
        let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
        let form = ("content-type", "application/x-www-form-urlencoded");
        for (name, request, headers, body, expected) in [
            (
                "get-vanilla",
                ("GET", "/", ""),
                vec![],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "post-vanilla",
                ("POST", "/", ""),
                vec![],
                "",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "get-vanilla-query-order-key-case",
                ("GET", "/", "Param1=value1&Param2=value2"),
                vec![],
                "",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "post-x-www-form-urlencoded",
                ("POST", "/", ""),
                vec![form],
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
            (
                "post-sts-header-before",
                ("POST", "/", ""),
                vec![("x-amz-security-token", token)],
                "",
                "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            ),
        ] {
            assert_eq!(signature(request, &headers, body), expected, "{name}");
        }
    }

    #[test]
    fn a_request_is_signed_with_all_that_it_sends() {
        let target = ("x-amz-target", Zeroizing::new("X.Y".to_owned()));
        let scope = Scope { region: "eu-west-1", service: "cognito-idp" };
        let headers = signed(
            &keys(Some("t+/=")),
            scope,
            &Place::of(&Url::parse("https://h.example/").unwrap()),
            vec![target],
            b"{}",
            AT,
        );
        let (_, value) = headers.iter().find(|(name, _)| *name == "authorization").unwrap();
        assert!(value.contains("Credential=AKIDEXAMPLE/20150830/eu-west-1/cognito-idp/aws4_request, "));
        assert!(value.contains("SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target, "));
    }
}
