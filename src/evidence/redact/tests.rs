#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;
use crate::work::grows_with_its_input;

#[test]
fn telling_parameters_are_cut_however_they_are_written() {
    for (text, clean) in [
        (
            "https://a.example/cb?code=abc-123&state=x.y&scope=openid",
            "https://a.example/cb?code=CUT&state=CUT&scope=openid",
        ),
        ("https://a.example/cb#id_token=a.b.c&access_token=q", "https://a.example/cb#id_token=CUT&access_token=CUT"),
        (
            "https://a.example/?session_state=1&SessionId=2&XSRF-TOKEN=3",
            "https://a.example/?session_state=CUT&SessionId=CUT&XSRF-TOKEN=CUT",
        ),
        ("https://a.example/?STATE=abc%3D%3D&x=1", "https://a.example/?STATE=CUT&x=1"),
        (
            "https://a.example/?to=https%3A%2F%2Fb%3Fcode%3Dabc%26x%3D1&y=2",
            "https://a.example/?to=https%3A%2F%2Fb%3Fcode%3DCUT%26x%3D1&y=2",
        ),
        ("https://a.example/?to=%253Fstate%253Dabc%252Bd%2526x", "https://a.example/?to=%253Fstate%253DCUT%2526x"),
        ("<a href=\"/login?x=1&amp;state=abc\">", "<a href=\"/login?x=1&amp;state=CUT\">"),
        (r#"{"url":"/x?a=1\u0026state=abc"}"#, r#"{"url":"/x?a=1\u0026state=CUT"}"#),
        ("https://user:pass:wo@rd@a.example/x@y:z", "https://user:CUT@a.example/x@y:z"),
        (
            "https://a.example/?jwt=1&signature=2&sid=3&api_token=4&nonce=5",
            "https://a.example/?jwt=CUT&signature=CUT&sid=CUT&api_token=CUT&nonce=5",
        ),
        ("see https://a.example/?code=abc and go", "see https://a.example/?code=CUT and go"),
    ] {
        assert_eq!(redact(text), clean);
    }
}

#[test]
fn everything_else_stays() {
    for text in [
        "https://a.example/oauth2/authorize?client_id=x&response_type=code&scope=openid+email",
        "https://a.example/error?error=redirect_mismatch&client_id=x",
        "grant_type=authorization_code",
        "status code=403 from the firewall",
        r#"{"code":"BadRequest","state":"open","token_endpoint":"https://x/oauth2/token"}"#,
        r#"{"response_types_supported":["code","token"],"error":"invalid_grant"}"#,
        "eyJ is how a token begins, eyJhbGciOi.too short",
        "https://a.example/?code=&state=",
        "50 % of a=b",
        "https://user@a.example:8443/ and https://a.example:1/@",
    ] {
        assert!(matches!(redact(text), Cow::Borrowed(_)), "{text} became {}", redact(text));
    }
}

#[test]
fn tokens_are_cut_from_bodies() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    assert_eq!(redact(&format!("x {jwt}, y")), "x CUT, y");
    assert_eq!(
        redact(r#"{"access_token" : "a\"b", "csrfToken":"q", "expires_in":3600}"#),
        r#"{"access_token" : "CUT", "csrfToken":"CUT", "expires_in":3600}"#
    );
    assert_eq!(redact(r#"{"refresh_token":"never closed"#), r#"{"refresh_token":"CUT"#);
}

#[test]
fn a_cut_url_is_still_a_url() {
    let clean = redact("https://a.example/cb?code=abc&state=%7Bx%7D#id_token=q").into_owned();
    let url = url::Url::parse(&clean).unwrap();
    assert_eq!(url.as_str(), clean);
    assert_eq!(redact(&clean), clean, "cutting twice changes nothing");
}

#[test]
fn headers_worth_nothing_are_dropped_and_cookies_cut() {
    let headers: [(&str, &[u8]); 4] = [
        ("set-cookie", b"XSRF-TOKEN=0a1b; Path=/; Secure; HttpOnly"),
        ("location", b"https://a.example/login?state=abc"),
        ("x-secret-header", b"1"),
        ("server", b"Serv\xffer"),
    ];
    let kept = redact_headers(headers.into_iter());
    let expected = [
        ("set-cookie", "XSRF-TOKEN=CUT; Path=/; Secure; HttpOnly"),
        ("location", "https://a.example/login?state=CUT"),
        ("server", "Serv\u{fffd}er"),
    ];
    assert_eq!(kept, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let nameless = redact_headers([("set-cookie", &b"0a1b; Path=/"[..])].into_iter());
    assert_eq!(nameless, [("set-cookie".to_owned(), "=CUT; Path=/".to_owned())]);
}

#[test]
fn a_page_keeps_its_words_and_loses_its_keys() {
    let page = concat!(
        "<!DOCTYPE html><html><head><STYLE>body { a: 1 }</STYLE><!-- build 7 --><script>var key = 'k';</script>",
        "<script type=\"application/json\">{\"message\":\"Hello\",\"csrfToken\":\"q\"}</script></head>",
        "<body><input name=\"_csrf\" value=\"0a1b\"><a href=\"/x?state=abc\">Login pages unavailable</a></body>",
    );
    let clean = redact_body(page);
    assert_eq!(
        clean,
        concat!(
            "<!DOCTYPE html><html><head>",
            "<script type=\"application/json\">{\"message\":\"Hello\",\"csrfToken\":\"CUT\"}</script></head>",
            "<body><input name=\"_csrf\" value=\"CUT\"><a href=\"/x?state=CUT\">Login pages unavailable</a></body>",
        )
    );
    let long = redact_body(&format!("<p>{}", "é".repeat(PAGE_LIMIT)));
    assert!(long.ends_with("é<!-- shortened -->") && long.len() < PAGE_LIMIT + 20, "{}", long.len());
    assert_eq!(redact_body("<script>never closed"), "<!-- shortened -->");
}

#[test]
fn a_document_stays_whole() {
    let document = format!(r#"{{"issuer":"x","padding":"{}"}}"#, "x".repeat(100_000));
    assert_eq!(redact_body(&document), document);
}

#[test]
fn hostile_text_takes_linear_time() {
    for unit in [
        "=",
        "://",
        "://a:b@",
        "%",
        "%25",
        "&state=",
        "\"",
        "eyJ",
        "<",
        "<script",
        " value=",
        "a",
        "\\",
        "\"token\":\"",
    ] {
        let text = |size: usize| unit.repeat(size / unit.len());
        let redact = |text: &String| {
            let _ = redact_body(text);
            let _ = redact_body(&format!("<{text}"));
        };
        grows_with_its_input(unit, 64 * 1024, text, redact);
    }
}

const SECRET: [&str; 12] = [
    "access_token",
    "api_key",
    "code",
    "_csrf",
    "id_token_hint",
    "jwt",
    "password",
    "relaystate",
    "sid",
    "signature",
    "state",
    "xsrf-token",
];

const WORDS: [&str; 30] = [
    "?",
    "&",
    "&amp;",
    "#",
    ";",
    "=",
    "%",
    "%25",
    "%26",
    "%3D",
    "%253D",
    "\\u0026",
    "\\",
    "\"",
    ":",
    " ",
    "code",
    "state",
    "access_token",
    "csrf",
    "abc",
    "é",
    "eyJ",
    ".",
    "://",
    "@",
    "<",
    "<script",
    "</script>",
    " value=",
];

proptest! {
    #[test]
    fn nothing_makes_it_panic_and_cutting_twice_is_cutting_once(
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..30)
    ) {
        let text = words.concat();
        let once = redact(&text).into_owned();
        prop_assert_eq!(redact(&once), once.as_str());
        let _ = redact_body(&format!("<{text}"));
        let _ = redact_headers([("set-cookie", text.as_bytes()), ("location", text.as_bytes())].into_iter());
    }

    #[test]
    fn no_value_of_a_telling_parameter_survives(
        prefix in "[a-z&?=%#]{0,12}", name in prop::sample::select(SECRET.to_vec()), secret in "Q[A-Z0-9._~%-]{6,40}"
    ) {
        let text = format!("https://a.example/{prefix}?{name}={secret}&x=1");
        prop_assert!(!redact(&text).contains(&secret), "{}", redact(&text));
    }
}

#[test]
fn of_pomeriums_addresses_the_signature_and_the_page_are_cut() {
    for (text, clean) in [
        (
            "https://auth.a.example/.pomerium/sign_in?pomerium_expiry=1&pomerium_idp_id=Xk&pomerium_redirect_uri=https%3A%2F%2Fapp.a.example%2Fsecret%3Fx&pomerium_signature=abc%3D",
            "https://auth.a.example/.pomerium/sign_in?pomerium_expiry=1&pomerium_idp_id=Xk&pomerium_redirect_uri=https%3A%2F%2Fapp.a.example%2FCUT&pomerium_signature=CUT",
        ),
        ("https://auth.a.example/.pomerium/sign_in?k=a&q=b", "https://auth.a.example/.pomerium/sign_in?k=CUT&q=CUT"),
        (
            "<a href=\"/.pomerium/sign_in?pomerium_redirect_uri=https%3A%2F%2Fapp.a.example%2F&q=x\">q=1</a>",
            "<a href=\"/.pomerium/sign_in?pomerium_redirect_uri=https%3A%2F%2Fapp.a.example%2F&q=CUT\">q=1</a>",
        ),
        ("https://a.example/search?q=x&k=y", "https://a.example/search?q=x&k=y"),
    ] {
        assert_eq!(redact(text), clean);
        assert_eq!(redact(clean), clean);
    }
}

#[test]
fn of_a_cookie_its_name_and_its_reach_stay() {
    let cookie = "_pomerium_csrf=MTc5; Path=/; Domain=corp.example.com; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=43200; HttpOnly; Secure; SameSite=Lax";
    let kept = redact_headers([("set-cookie", cookie.as_bytes())].into_iter());
    let value = "_pomerium_csrf=CUT; Path=/; Domain=corp.example.com; Max-Age=43200; HttpOnly; Secure; SameSite=Lax";
    assert_eq!(kept, [("set-cookie".to_owned(), value.to_owned())]);
}
