#![allow(clippy::unwrap_used)]

use serde_json::{Map, Value, json};

use super::*;
use crate::config::{Joined, ScopesFrom};
use crate::rules::testing;

fn claims(claims: Value) -> Claims {
    let claims: Map<String, Value> = serde_json::from_value(claims).unwrap();
    Claims::of(&claims, &Map::new())
}

fn found(name: &str, data: Json, known: Value) -> Option<(String, &'static str)> {
    let (name, sub_path) = name.split_once('/').unwrap_or((name, ""));
    let criterion = Criterion {
        joined: Joined::Or,
        is_of_policy: true,
        name: name.to_owned(),
        sub_path: sub_path.to_owned(),
        sub_path_written: sub_path.to_owned(),
        data,
        at: testing::span(),
    };
    let words = ["openid", "email"].map(str::to_owned).to_vec();
    let scopes = RequestedScopes { words, from: ScopesFrom::Default, at: testing::span() };
    near(&criterion, &claims(known), Some(&scopes)).map(|near| (near.says, near.rule))
}

#[test]
fn what_nearly_fits_is_told_with_the_page_about_it() {
    let ann = || json!({"email": "Ann@Corp.example.com", "sub": "1", "cognito:groups": ["Ops"], "custom:Team": "x"});
    for (name, data, known, part, rule) in [
        ("email", json!({"is": "ann@corp.example.com"}), ann(), "differs in letter case", "policy-denied"),
        ("domain", json!({"is": "corp.example.com"}), ann(), "`Corp.example.com`", "policy-denied"),
        ("domain", json!({"in": ["example.com"]}), ann(), "lies below `example.com`", "policy-denied"),
        ("domain", json!("a.example"), json!({"sub": "1"}), "no e-mail address", "email-not-mapped"),
        ("claim/cognito:groups", json!("ops"), ann(), "differs in letter case", "policy-denied"),
        ("claim/cognito:groups", json!("ops"), json!({"sub": "1"}), "in no group", "policy-denied"),
        ("claim/custom:team", json!("x"), ann(), "the claim is `custom:Team`", "claim-case-lost"),
        ("claim/groups", json!("Ops"), ann(), "Cognito calls it `cognito:groups`", "claim-never-sent"),
        ("claim/name", json!("Ann"), ann(), "the scope `profile`", "claim-needs-scope"),
        ("claim/level", json!(3), json!({"level": "3"}), "another type", "policy-denied"),
        ("claim/g", json!({"is": "a"}), json!({"g": ["a", "b"]}), "`is` wants it alone", "policy-denied"),
        ("claim/a/b", json!("x"), json!({"a": {"b": "x"}}), "`claim/a.b`", "policy-denied"),
        ("groups", json!("ops"), ann(), "the claim `cognito:groups`", "groups-criterion-never-matches"),
    ] {
        let (says, named) = found(name, data.clone(), known).unwrap_or_else(|| unreachable!("{name} {data}"));
        assert!(says.contains(part), "{name} {data}: {says}");
        assert_eq!(named, rule, "{name} {data}");
    }
}

#[test]
fn what_is_quite_different_is_near_nothing() {
    let bob = || json!({"email": "bob@other.example", "sub": "1"});
    assert_eq!(found("email", json!({"is": "ann@corp.example.com"}), bob()), None);
    assert_eq!(found("domain", json!({"ends_with": "corp.example.com"}), bob()), None);
    assert_eq!(found("claim/department", json!("x"), bob()), None);
    let both = || json!({"g": ["a", "b"]});
    assert_eq!(found("claim/g", json!({"has": "a", "exclude": "b"}), both()), None);
    assert_eq!(found("source_ip", json!("10.0.0.1"), bob()), None);
}
