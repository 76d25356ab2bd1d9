#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::evidence::{LoginDomain, sample};

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
const URL: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/openid-configuration";
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn expected() -> Expected<'static> {
    Expected { issuer: ISSUER, is_cognito_provider: true, version: PomeriumVersion(0, 31, 0) }
}

/// A healthy document with one member replaced or (with an empty value) removed.
fn document(name: &str, value: &str) -> String {
    let issuer = format!("\"{ISSUER}\"");
    let jwks = format!("\"{ISSUER}/.well-known/jwks.json\"");
    let mut members = vec![
        ("issuer", issuer.as_str()),
        ("authorization_endpoint", r#""https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize""#),
        ("token_endpoint", r#""https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token""#),
        ("jwks_uri", jwks.as_str()),
        ("userinfo_endpoint", r#""https://acme.auth.eu-west-1.amazoncognito.com/oauth2/userInfo""#),
        ("id_token_signing_alg_values_supported", r#"["RS256"]"#),
        ("response_types_supported", r#"["code","token"]"#),
        ("subject_types_supported", r#"["public"]"#),
    ];
    members.retain(|(key, _)| *key != name);
    if !value.is_empty() {
        members.push((name, value));
    }
    let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
    format!("{{{}}}", members.join(", "))
}

fn healthy() -> String {
    document("x", "")
}

fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> Option<String> {
    let hops = [sample::answer(URL, status, headers, body)];
    match judge(&hops, expected()).discovery {
        Ok(seen) => seen.value.refusal,
        // Pomerium refuses it now; that it will in a moment is not said.
        Err(Missing::Inconclusive { .. }) => read(unclear::answer(&hops[0]).unwrap()).err(),
        Err(other) => panic!("{other:?}"),
    }
}

/// Its name, the answer, and what Pomerium said.
type Variant = (&'static str, u16, &'static [(&'static str, &'static str)], String, Option<String>);

/// Each variant was put before a real Pomerium; `None` is a provider that it accepts, else words of its error.
#[test]
fn documents_are_judged_as_pomerium_was_seen_to_judge_them() {
    const UNMARSHAL: &str = "json: cannot unmarshal";
    let long = "x".repeat(200_000);
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let quoted = format!("\"{ISSUER}\"");
    let html: &[(&str, &str)] = &[("content-type", "text/html")];
    let both_wrong_last = healthy().replacen('}', ", \"issuer\": \"https://evil.example\"}", 1);
    let both_right_last = healthy().replacen('{', "{\"issuer\": \"https://evil.example\", ", 1);
    let upper = healthy().replace("\"issuer\"", "\"ISSUER\"").replace("jwks_uri", "JWKS_URI");
    let cases: Vec<Variant> = vec![
        ("plain", 200, JSON, healthy(), None),
        ("charset", 200, &[("content-type", "application/json; charset=utf-8")], healthy(), None),
        ("text-html", 200, html, healthy(), None),
        ("no-content-type", 200, &[], healthy(), None),
        ("bom", 200, JSON, format!("\u{feff}{}", healthy()), Some("invalid character 'ï' looking for beginning of value".into())),
        ("trailing-garbage", 200, JSON, healthy() + " x", Some("invalid character 'x' after top-level value".into())),
        ("trailing-newlines", 200, JSON, healthy() + "\n\n\n", None),
        ("two-documents", 200, JSON, healthy() + "{}", Some("invalid character '{' after top-level value".into())),
        ("comment", 200, JSON, "/* c */".to_owned() + &healthy(), Some("invalid character '/' looking for beginning of value".into())),
        ("upper-case-keys", 200, JSON, upper, None),
        ("duplicate-issuer-last-wrong", 200, JSON, both_wrong_last, Some(format!("oidc: issuer did not match the issuer returned by provider, expected {quoted} got \"https://evil.example\""))),
        ("duplicate-issuer-last-right", 200, JSON, both_right_last, None),
        ("issuer-missing", 200, JSON, document("issuer", ""), Some(format!("expected {quoted} got \"\""))),
        ("issuer-null", 200, JSON, document("issuer", "null"), Some(format!("expected {quoted} got \"\""))),
        ("issuer-number", 200, JSON, document("issuer", "5"), Some(format!("{UNMARSHAL} number into Go struct field providerJSON.issuer of type string"))),
        ("issuer-trailing-slash", 200, JSON, document("issuer", &format!("\"{ISSUER}/\"")), Some(format!("got \"{ISSUER}/\""))),
        ("issuer-upper-scheme", 200, JSON, document("issuer", &quoted.replace("https", "HTTPS")), Some("got \"HTTPS://".into())),
        ("auth-missing", 200, JSON, document("authorization_endpoint", ""), Some("cannot parse cognito auth url: url cannot be empty".into())),
        ("auth-relative", 200, JSON, document("authorization_endpoint", "\"/oauth2/authorize\""), Some("cannot parse cognito auth url: /oauth2/authorize url does not contain a valid scheme".into())),
        ("auth-garbage", 200, JSON, document("authorization_endpoint", "\"::not a url\""), Some("cannot parse cognito auth url: parse \"::not a url\": missing protocol scheme".into())),
        ("token-missing", 200, JSON, document("token_endpoint", ""), None),
        ("jwks-missing", 200, JSON, document("jwks_uri", ""), None),
        ("algs-string", 200, JSON, document("id_token_signing_alg_values_supported", "\"RS256\""), Some(format!("{UNMARSHAL} string into Go struct field providerJSON.id_token_signing_alg_values_supported of type []string"))),
        ("algs-hs256-only", 200, JSON, document("id_token_signing_alg_values_supported", "[\"HS256\"]"), None),
        ("algs-missing", 200, JSON, document("id_token_signing_alg_values_supported", ""), None),
        ("algs-null-entry", 200, JSON, document("id_token_signing_alg_values_supported", "[null, \"RS256\"]"), None),
        ("userinfo-number", 200, JSON, document("userinfo_endpoint", "1"), Some(format!("{UNMARSHAL} number into Go struct field providerJSON.userinfo_endpoint of type string"))),
        ("revocation-number", 200, JSON, document("revocation_endpoint", "1"), Some(format!("could not retrieve additional claims: {UNMARSHAL} number into Go struct field Provider.revocation_endpoint of type string"))),
        ("end-session-number", 200, JSON, document("end_session_endpoint", "1"), Some(format!("could not retrieve additional claims: {UNMARSHAL} number into Go struct field Provider.end_session_endpoint of type string"))),
        ("array", 200, JSON, format!("[{}]", healthy()), Some(format!("{UNMARSHAL} array into Go value of type oidc.providerJSON"))),
        ("null", 200, JSON, "null".into(), Some(format!("expected {quoted} got \"\""))),
        ("empty", 200, JSON, String::new(), Some("unexpected end of JSON input".into())),
        ("html-200", 200, html, "<html>".into(), Some("oidc: failed to decode provider discovery object: expected Content-Type = application/json, got \"text/html\": invalid character '<' looking for beginning of value".into())),
        ("invalid-utf8", 200, JSON, document("note", "\"\u{fffd}\""), None),
        ("status-201", 201, JSON, healthy(), Some("201 Created: {".into())),
        ("status-404", 404, JSON, "{\"message\":\"User pool does not exist.\"}".into(), Some("404 Not Found: {\"message\":\"User pool does not exist.\"}".into())),
        ("status-400", 400, JSON, "{\"message\":\"x\"}".into(), Some("400 Bad Request: {\"message\":\"x\"}".into())),
        ("status-403", 403, JSON, "{\"message\":\"Forbidden\"}".into(), Some("403 Forbidden: {\"message\":\"Forbidden\"}".into())),
        ("status-500", 500, JSON, "oops".into(), Some("500 Internal Server Error: oops".into())),
        ("gzip", 200, JSON, healthy(), None),
        ("redirect-no-location", 302, JSON, String::new(), Some("302 Found: ".into())),
        ("big", 200, JSON, document("padding", &format!("\"{long}\"")), None),
        ("deep-20000", 200, JSON, document("deep", &deep), Some("invalid character '[' exceeded max depth".into())),
    ];
    for (name, status, headers, body, words) in cases {
        match (refused(status, headers, &body), words) {
            (None, None) => {}
            (Some(refusal), Some(words)) => assert!(refusal.contains(&words), "{name}: {refusal}"),
            (refusal, words) => panic!("{name}: {refusal:?} instead of {words:?}"),
        }
    }
}

#[test]
fn redirects_are_judged_as_pomerium_follows_them() {
    let moved = format!("{ISSUER}/moved");
    for status in [301, 302, 307] {
        let hops = [
            sample::answer(URL, status, &[("location", "/eu-west-1_9xK2mPq7R/moved")], ""),
            sample::answer(&moved, 200, JSON, &healthy()),
        ];
        assert_eq!(next_hop(&hops[..1]).as_deref(), Some(moved.as_str()));
        let answer = judge(&hops, expected()).discovery.unwrap().value;
        assert_eq!((answer.refusal, answer.captive), (None, None));
        assert!(!is_genuine(&hops, &decode(go::json::parse(&healthy()).unwrap()).unwrap()));
    }
    let circle = [sample::redirect(URL, URL)];
    assert_eq!(next_hop(&circle), None);
    let refusal = judge(&circle, expected()).discovery.unwrap().value.refusal.unwrap();
    assert!(refusal.ends_with("stopped after 10 redirects"), "{refusal}");
    let long: Vec<_> =
        (0..4).map(|hop| sample::redirect(&format!("{URL}{hop}"), &format!("{URL}{}", hop + 1))).collect();
    assert!(next_hop(&long[..3]).is_some() && next_hop(&long).is_none());
    assert!(matches!(judge(&long, expected()).discovery, Err(Missing::Inconclusive { status: 302, .. })));
    let plain = [sample::redirect(URL, &URL.replace("https", "http"))];
    assert!(next_hop(&plain).is_none());
    assert!(matches!(judge(&plain, expected()).discovery, Err(Missing::Inconclusive { .. })));
}

#[test]
fn a_captive_portal_is_recognised() {
    let portal = "https://portal.example/welcome";
    for hops in [
        vec![sample::answer(URL, 200, &[], "\n<!doctype html>")],
        vec![sample::redirect(URL, "http://portal.example/welcome")],
        vec![sample::redirect(URL, portal), sample::failure(portal, Step::Policy, "portal.example is not known")],
        vec![sample::redirect(URL, portal), sample::answer(portal, 200, JSON, "{}")],
        vec![sample::answer(URL, 511, &[], "")],
        vec![sample::answer(URL, 200, &[("content-type", "text/html")], "Please log in")],
    ] {
        let answer = judge(&hops, expected()).discovery.unwrap().value;
        assert!(answer.captive.is_some() && answer.refusal.is_some(), "{answer:?}");
        assert_eq!(answer.url, URL);
    }
}

#[test]
fn json_is_json_whatever_its_type_is_called() {
    let hops = [sample::answer(URL, 200, &[("content-type", "text/html")], &healthy())];
    let answer = judge(&hops, expected()).discovery.unwrap().value;
    assert_eq!((answer.refusal, answer.captive), (None, None));
}

#[test]
fn a_missing_pool_is_recognised_whatever_the_status() {
    for (status, body, missing) in [
        (400, r#"{"message":"User pool eu-west-1_x does not exist."}"#, true),
        (404, r#"{"Message":"User pool eu-west-1_x does not exist."}"#, true),
        (404, r#"{"message":"User pool  does not exist."}"#, false),
        (404, r#"{"message":"User pool does not exist."}"#, false),
        (400, r#"{"message":"User pool client does not exist."}"#, false),
        (400, r#"{"message":"User pool client 4qk_2 does not exist."}"#, false),
        (200, r#"{"message":"User pool eu-west-1_x does not exist."}"#, false),
        (400, "User pool eu-west-1_x does not exist.", false),
        (403, r#"{"message":"Forbidden"}"#, false),
    ] {
        let hops = [sample::answer(URL, status, JSON, body)];
        assert_eq!(judge(&hops, expected()).discovery.unwrap().value.no_such_pool, missing, "{status} {body}");
    }
}

#[test]
fn the_clock_is_compared_with_the_date_of_the_answer() {
    let ahead = |headers: &[(&str, &str)]| {
        judge(&[sample::answer(URL, 200, headers, "")], expected()).clock.map(|seen| seen.value.ahead)
    };
    assert_eq!(ahead(&[("date", "Mon, 23 Nov 2026 17:06:40 GMT")]), Ok(400));
    assert_eq!(ahead(&[("date", "Mon, 23 Nov 2026 16:59:00 GMT"), ("age", "60")]), Ok(0));
    let unread = |headers: &[(&str, &str)], got: &str| matches!(ahead(headers), Err(Missing::Inconclusive { why, .. }) if why.ends_with(got));
    assert!(unread(&[("date", "yesterday")], "got `yesterday`"));
    assert!(unread(&[], "got none"));
}

#[test]
fn the_login_domain_is_found_in_every_generation_of_documents() {
    let domain =
        |name: &str, value: &str| decode(go::json::parse(&document(name, value)).unwrap()).unwrap().login_domain;
    let prefix = LoginDomain { host: "acme.auth.eu-west-1.amazoncognito.com".into(), custom: false };
    assert_eq!(domain("x", ""), Some(prefix));
    let custom = LoginDomain { host: "login.corp.example.com".into(), custom: true };
    assert_eq!(domain("authorization_endpoint", "\"https://login.corp.example.com/oauth2/authorize\""), Some(custom));
    // 2017, 2019 and since 2024; then forms never seen.
    for (name, value) in [
        ("authorization_endpoint", format!("\"{ISSUER}\"")),
        ("authorization_endpoint", format!("\"{ISSUER}/authorize\"")),
        ("authorization_endpoint", format!("\"{ISSUER}/oauth2/authorize\"")),
        ("authorization_endpoint", "\"https://acme.auth.eu-west-1.amazoncognito.com/authorize\"".into()),
        ("authorization_endpoint", "\"/oauth2/authorize\"".into()),
        ("authorization_endpoint", String::new()),
        ("token_endpoint", String::new()),
    ] {
        assert_eq!(domain(name, &value), None, "{name} {value}");
    }
}

#[test]
fn words_follow_the_release() {
    let hops = [sample::answer(URL, 200, JSON, &document("issuer", "\"https://other\""))];
    let newest = Expected { version: PomeriumVersion::NEWEST, ..expected() };
    let refusal = judge(&hops, newest).discovery.unwrap().value.refusal.unwrap();
    assert!(refusal.starts_with("oidc: issuer URL provided to client"), "{refusal}");
    let hops = [sample::answer(URL, 200, JSON, &document("code_challenge_methods_supported", "\"S256\""))];
    assert!(judge(&hops, newest).discovery.unwrap().value.refusal.is_some());
    assert_eq!(judge(&hops, expected()).discovery.unwrap().value.refusal, None);
    // The generic provider takes any authorization_endpoint.
    let hops = [sample::answer(URL, 200, JSON, &document("authorization_endpoint", ""))];
    let generic = Expected { is_cognito_provider: false, ..expected() };
    assert_eq!(judge(&hops, generic).discovery.unwrap().value.refusal, None);
}

#[test]
fn an_answer_cut_short_shows_nothing() {
    let mut exchange = sample::answer(URL, 200, JSON, &healthy()[..100]);
    if let Outcome::Answer(answer) = &mut exchange.outcome {
        answer.truncated = true;
    }
    assert!(matches!(judge(&[exchange], expected()).discovery, Err(Missing::Inconclusive { .. })));
}

#[test]
fn only_the_issuers_own_answer_is_genuine() {
    let document = decode(go::json::parse(&healthy()).unwrap()).unwrap();
    assert!(is_genuine(&[sample::answer(URL, 200, JSON, &healthy())], &document));
    let elsewhere = URL.replace("cognito-idp.eu-west-1.amazonaws.com", "idp.example.com");
    for hops in [
        [sample::answer(URL, 203, JSON, &healthy())],
        [sample::answer(&elsewhere, 200, JSON, &healthy())],
        [sample::answer(&URL.replace("9xK2mPq7R", "other"), 200, JSON, &healthy())],
        [sample::answer(&URL.replace("https", "http"), 200, JSON, &healthy())],
    ] {
        assert!(!is_genuine(&hops, &document), "{}", hops[0].request.url);
    }
}

proptest! {
    #[test]
    fn no_answer_is_accepted_by_accident(status in 100u16..600, location in "\\PC{0,20}|https?://[a-z.]{1,9}/", body in "\\PC{0,60}|\\{\"(issuer|ISSUER)\": ?(\"[a-z:/.]{0,12}\"|null|[0-9])\\}") {
        let hops = [sample::answer(URL, status, &[("location", &location), ("date", &body)], &body)];
        if let Ok(answer) = judge(&hops, expected()).discovery {
            prop_assert!(answer.value.refusal.is_some());
        }
        let _ = next_hop(&hops);
    }
}
