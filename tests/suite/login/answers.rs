//! What the endpoints answer: tokens that Pomerium takes and others refuse, refusals with their pages, and what is revoked.

use serde_json::json;

use super::{Run, Spoilt, ends, pool};
use crate::support::answer::HttpAnswer;
use crate::support::answer::sign_in::{CANARY, Person};
use crate::support::server::Fault;

fn person() -> Run {
    Run::of(pool(Person::default()))
}

/// What go-oidc does not look at is no matter; and what it reads, it reads leniently.
#[test]
fn a_token_that_pomerium_takes_is_taken() {
    let mut one = Person::default();
    let claims = json!({
        "email_verified": "true", "phone_number_verified": "false", "updated_at": "1700000000", "address": "Main St", "name": 5,
        "given_name": ["Ann"], "locale": "en_US.UTF-8", "birthdate": "20/1/2000", "gender": true, "amr": "mfa", "acr": 1,
        "auth_time": "1700000000", "azp": "another", "c_hash": "x", "name#de": "\u{c4}nn", "_claim_names": {}, "nul": null,
    });
    one.id_token.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    let (code, screen) = Run::of(pool(one)).pasted();
    assert!(code == 0 && screen.contains("given_name  "), "{screen}");
    for (name, json) in [
        ("iat", "\"1700000000\""),
        ("iat", ""),
        ("exp", "\"4000000000\""),
        ("exp", "4000000000.5"),
        ("nbf", "1"),
        ("nbf", "null"),
    ] {
        let (code, screen) = Run::spoilt(Spoilt::Claim(name, json)).pasted();
        assert_eq!(code, 0, "{name}: {json}\n{screen}");
    }
}

/// Whatever is wrong, the refresh token that came is revoked.
#[test]
fn a_token_that_nobody_can_read_is_named_and_revoked() {
    for (fault, step, says) in [
        (Spoilt::Claim("iss", ""), "ID token", "issuer: the token names none"),
        (Spoilt::Claim("iss", "\"x\""), "ID token", "issuer: expected"),
        (Spoilt::Claim("iss", "5"), "ID token", "form: `iss` is not a text"),
        (Spoilt::Claim("sub", ""), "ID token", "subject: the token names none"),
        (Spoilt::Claim("exp", ""), "ID token", "expiry: the token names none"),
        (Spoilt::Claim("exp", "\"soon\""), "ID token", "form: `exp` is not a time"),
        (Spoilt::Claim("nonce", "5"), "ID token", "form: `nonce` is not a text"),
        (Spoilt::Claim("aud", "[5]"), "ID token", "form: `aud` is neither"),
        (Spoilt::Claim("nbf", "4000000000"), "ID token", "not before:"),
        (Spoilt::Claim("_claim_names", "{\"a\":\"b\"}"), "ID token", "form: `_claim_names`"),
        (Spoilt::NoToken, "ID token", "form: its header is not"),
        (Spoilt::NoAccessToken, "code", "the answer holds no access token"),
    ] {
        let (code, screen) = Run::spoilt(fault).pasted();
        let folded = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code == 1 && folded.contains(&format!("✗ {step} {says}")), "{fault:?}: {code}\n{screen}");
        assert!(folded.contains("✓ revoke"), "{fault:?}\n{screen}");
        assert!(!screen.contains(" at line ") && screen.contains("/logout?client_id="), "{fault:?}\n{screen}");
    }
}

#[test]
fn a_refusal_names_what_diagnose_names_and_nothing_else() {
    let refusal = |status: u16, body: &str| Fault::Answer(HttpAnswer::new(status, "application/json", body.to_owned()));
    let marked = |status: u16, body: &str| {
        Fault::Answer(HttpAnswer::new(status, "text/html", body.to_owned()).with("x-amz-cognito-request-id", "1"))
    };
    let lambda = r#"{"error":"invalid_request","error_description":"PreTokenGeneration failed with error x."}"#;
    let token = "/oauth2/token";
    for (path, fault, reason, page) in [
        (token, refusal(400, lambda), "code refused: invalid_request: PreTokenGeneration", "lambda-trigger-refused"),
        (token, refusal(400, r#"{"error":"invalid_scope"}"#), "code refused: invalid_scope", "scope-not-allowed"),
        (
            token,
            refusal(500, r#"{"error":"server_error"}"#),
            "code refused: server_error",
            "provider-error-unspecified",
        ),
        (token, marked(500, "<html>Internal</html>"), "status 500, without a word", "provider-error-unspecified"),
        (token, marked(429, ""), "status 429, without a word", "cognito-throttles"),
        (token, refusal(429, r#"{"message":"Rate exceeded"}"#), "status 429: Rate exceeded", "cognito-throttles"),
        (
            token,
            refusal(200, r#"{"error":"invalid_grant"}"#),
            "the answer holds no access token: invalid_grant",
            "code-used-twice",
        ),
        (token, refusal(302, ""), "status 302, and not in the form", "network-blocked"),
        ("/oauth2/userInfo", refusal(302, ""), "status 302, and not in the form", "network-blocked"),
        ("/oauth2/userInfo", marked(429, ""), "status 429, without a word", "cognito-throttles"),
        ("/oauth2/userInfo", marked(503, ""), "status 503, without a word", "provider-error-unspecified"),
    ] {
        let step = if path == token { "code" } else { "userinfo" };
        ends(person().script(path, fault), step, reason, page);
    }
    for (path, fault, says) in [
        (token, refusal(400, r#"{"error":"invalid_request"}"#), "code refused: invalid_request"),
        (token, refusal(400, r#"{"error":"unsupported_grant_type"}"#), "code refused: unsupported_grant_type"),
        (token, refusal(200, "[]"), "the answer is not the JSON"),
        (token, refusal(200, "{}"), "the answer holds no access token"),
        ("/oauth2/userInfo", marked(405, ""), "status 405, without a word"),
        ("/oauth2/userInfo", refusal(200, "{}"), "subject: the answer names none"),
    ] {
        let (code, screen) = person().script(path, fault).pasted();
        assert!(code == 1 && screen.contains(says), "{says}\n{screen}");
        assert!(!screen.contains("pomlint explain"), "nobody saw why: {says}\n{screen}");
    }
}

#[test]
fn a_part_of_what_is_secret_is_not_shown_either() {
    // The access token begins as each of its kind does, and a claim repeats that.
    let mut one = Person::default();
    let code = format!("{CANARY}-refresh");
    one.user_info["again"] = json!(format!("{} and {}", &code[..9], &code[..8]));
    let (code, screen) = Run::of(pool(one)).pasted();
    assert!(code == 0 && screen.contains("again ") && !screen.contains(&CANARY[..8]), "{screen}");
}
