//! Tokens as they are copied: several at once, in a sentence, in a command, and those that are not Cognito's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::pastes::{human, names, told};

const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

/// A token that says this, and what all of them say.
fn token(more: &Value) -> String {
    let mut claims = json!({"iss": ISSUER, "exp": 99_999_999_999_u64, "sub": "7d0c"});
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        part(json!({"alg": "RS256", "kid": "a"}).to_string()),
        part(claims.to_string()),
        part("x".repeat(256))
    )
}

fn id(email: &str) -> String {
    token(&json!({"aud": "4qk2", "token_use": "id", "email": email}))
}

fn access() -> String {
    token(&json!({"client_id": "4qk2", "token_use": "access", "scope": "openid email"}))
}

#[test]
fn several_tokens_are_told_by_the_one_that_says_most() {
    for between in ["\n", " ", "\n\n", "\r\n", ",", ", "] {
        let value = told(&[id("a@example.com"), access()].join(between));
        assert_eq!((&value["token"]["kind"], &value["exit"]), (&"ID token".into(), &3.into()), "{value}");
        let value = told(&[access(), id("")].join(between));
        assert_eq!(names(&value).first(), Some(&"scope-email-missing"), "{between:?}: {value}");
        // Of two of a kind the worse one is told of, and that there is another.
        let value = told(&[id("a@example.com"), access(), id(""), access()].join(between));
        assert_eq!(names(&value).first(), Some(&"scope-email-missing"), "{between:?}: {value}");
        assert!(value["token"].to_string().contains("it was judged alone"), "{value}");
        let same = told(&[id("a@example.com"), id("a@example.com")].join(between));
        assert!(!same["token"].to_string().contains("it was judged alone"), "{same}");
    }
    let wrapped = |token: String| {
        token.as_bytes().chunks(64).map(|part| String::from_utf8_lossy(part) + "\n").collect::<String>()
    };
    assert_eq!(told(&(wrapped(access()) + &wrapped(id("a@example.com"))))["token"]["kind"], "ID token");
    let refresh = "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ.AAAA.BBBB.CCCC.DDDD";
    assert_eq!(told(&format!("{}\n{refresh}", id("a@example.com")))["token"]["kind"], "ID token");
    assert!(human(refresh).stdout.starts_with("Certain: this encrypted token can be read by Cognito alone"));
}

#[test]
fn a_token_is_read_wherever_it_stands() {
    let id = id("");
    let quoted = |mark: &str| {
        id.as_bytes().chunks(60).map(|part| format!("{mark}{}\n", String::from_utf8_lossy(part))).collect::<String>()
    };
    for pasted in [
        format!("curl -H 'Authorization: Bearer {id}' https://app.corp.example.com"),
        format!("https://authenticate.corp.example.com/oauth2/callback#id_token={id}&state=x"),
        format!("my token {id}."),
        quoted("> "),
        quoted("| "),
        json!({"textPayload": id}).to_string(),
        format!("\u{1b}[32m{id}\u{1b}[0m"),
    ] {
        let value = told(&pasted);
        assert_eq!(
            (&value["token"]["kind"], names(&value).first()),
            (&"ID token".into(), Some(&"scope-email-missing")),
            "{pasted}"
        );
    }
    // Beside a complaint it is no more than what was pasted along with that.
    let beside = format!("{{\"level\":\"error\",\"error\":\"nobody knows\",\"token\":\"{id}\"}}");
    assert_eq!((&told(&beside)["token"], &told(&beside)["exit"]), (&Value::Null, &3.into()));
}

#[test]
fn a_token_of_another_maker_is_not_judged_as_cognitos() {
    for expires in [1, 99_999_999_999_u64] {
        let own = token(
            &json!({"iss": "app.corp.example.com", "aud": "app.corp.example.com", "exp": expires, "email": "a@example.com"}),
        );
        let value = told(&format!("X-Pomerium-Jwt-Assertion: {own}"));
        assert_eq!((names(&value), &value["exit"]), (vec![], &3.into()), "{value}");
        assert!(value["answer"].as_str().unwrap().contains("made by Pomerium for the application"), "{value}");
    }
    // A replica of a pool has the region of its host, and the pool's id (AWS, multi-region replication).
    let replica = token(
        &json!({"iss": ISSUER.replace("idp.eu-west-1", "idp.us-east-1"), "aud": "4qk2", "token_use": "id", "email": "a@example.com"}),
    );
    let value = told(&replica);
    let first = &value["names"][0];
    assert_eq!(
        (&first["name"], &first["strength"]),
        (&"issuer-region-contradicts-pool".into(), &"possible".into()),
        "{value}"
    );
}
