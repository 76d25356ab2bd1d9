#![allow(clippy::unwrap_used)]

use serde_json::{Map, Value, json};

use super::*;
use crate::rules::testing;

fn claims() -> Claims {
    let id_token: Map<String, Value> = serde_json::from_value(json!({
        "sub": "0e1a7f1c", "email": "ann@corp.example.com", "cognito:groups": ["ops", "dev"], "level": 3,
        "address": {"country": "IE"}
    }))
    .unwrap();
    Claims::of(&id_token, &Map::new())
}

fn criterion(joined: Joined, name: &str, data: Json) -> Criterion {
    let (name, sub_path) = name.split_once('/').unwrap_or((name, ""));
    Criterion {
        joined,
        name: name.to_owned(),
        sub_path: sub_path.to_owned(),
        sub_path_written: sub_path.to_owned(),
        data,
        is_of_policy: true,
        at: testing::span(),
    }
}

fn policy(action: &str, criteria: Vec<Criterion>) -> Policy {
    Policy { action: action.to_owned(), criteria }
}

fn judged(policies: Vec<Policy>) -> (Admission, Vec<String>) {
    let route = Route { policies: policies.into(), ..testing::route() };
    let judgement = admits(&route, &claims());
    let names = judgement.deciding.iter().map(|deciding| deciding.criterion.name.clone()).collect();
    (judgement.admission, names)
}

fn alone(name: &str, data: Json) -> Answer {
    holds(&criterion(Joined::Or, name, data), &claims())
}

#[test]
fn criteria_are_compared_as_pomerium_compares_them() {
    for (name, data, answer) in [
        ("email", json!({"is": "ann@corp.example.com"}), Answer::Yes),
        ("email", json!("ann@corp.example.com"), Answer::Yes),
        ("email", json!({"is": "Ann@corp.example.com"}), Answer::No),
        ("email", json!({"starts_with": "ann@", "ends_with": ".com"}), Answer::Yes),
        ("email", json!({"starts_with": "ann@", "ends_with": ".org"}), Answer::No),
        ("email", json!({"in": ["a@b.c", "ann@corp.example.com"]}), Answer::Yes),
        ("email", json!({"not_in": ["a@b.c"]}), Answer::Yes),
        ("email", json!({"contains": 5}), Answer::No),
        ("domain", json!({"is": "corp.example.com"}), Answer::Yes),
        ("domain", json!({"is": "example.com"}), Answer::No),
        ("domain", json!({"not": "example.com"}), Answer::Yes),
        ("user", json!({"is": "0e1a7f1c"}), Answer::Yes),
        ("claim/cognito:groups", json!("ops"), Answer::Yes),
        ("claim/cognito:groups", json!({"has": "ops", "exclude": "admins"}), Answer::Yes),
        ("claim/cognito:groups", json!({"is": "ops"}), Answer::No),
        ("claim/cognito:groups", json!({"exclude": "dev"}), Answer::No),
        ("claim/level", json!(3.0), Answer::Yes),
        ("claim/level", json!("3"), Answer::No),
        ("claim/address.country", json!("IE"), Answer::Yes),
        ("claim/address/country", json!("IE"), Answer::No),
        ("claim/address/country", json!({"exclude": "IE"}), Answer::Yes),
        ("claim/nothing", json!({"exclude": "x"}), Answer::Yes),
        ("authenticated_user", json!(true), Answer::Yes),
        ("accept", json!(true), Answer::Yes),
        ("reject", json!(true), Answer::No),
        ("source_ip", json!("10.0.0.0/8"), Answer::Unknown),
        ("groups", json!({"has": "ops"}), Answer::No),
        ("groups", json!({"exclude": "ops"}), Answer::No),
    ] {
        assert_eq!(alone(name, data.clone()), answer, "{name}: {data}");
    }
}

#[test]
fn without_an_address_no_domain_matches_whatever_is_asked() {
    let nobody = Claims::default();
    let domain = criterion(Joined::Or, "domain", json!({"not": "example.com"}));
    assert_eq!(holds(&domain, &nobody), Answer::No);
    let email = criterion(Joined::Or, "email", json!({"not": "a@b.c"}));
    assert_eq!(holds(&email, &nobody), Answer::Yes);
}

#[test]
fn lists_join_their_criteria_and_each_list_is_enough() {
    use Admission::{Allowed, CannotKnow, Denied};
    use Joined::{And, Nor, Not, Or};
    let yes = |joined| criterion(joined, "domain", json!("corp.example.com"));
    let no = |joined| criterion(joined, "email", json!("bob@corp.example.com"));
    let open = |joined| criterion(joined, "source_ip", json!("10.0.0.0/8"));
    let allow = |criteria| judged(vec![policy("allow", criteria)]);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(allow(vec![yes(Or), no(Or), open(Or)]), (Allowed, names(&["domain"])));
    assert_eq!(allow(vec![no(Or), open(Or)]), (CannotKnow, names(&["source_ip"])));
    assert_eq!(allow(vec![no(Or), no(Or)]), (Denied, names(&["email", "email"])));
    assert_eq!(allow(vec![yes(And), no(And), open(And)]), (Denied, names(&["email"])));
    assert_eq!(allow(vec![yes(And), open(And)]), (CannotKnow, names(&["source_ip"])));
    assert_eq!(allow(vec![yes(And), yes(And)]), (Allowed, names(&["domain", "domain"])));
    assert_eq!(allow(vec![no(Not), no(Not)]), (Allowed, names(&["email", "email"])));
    assert_eq!(allow(vec![no(Not), yes(Not)]), (Denied, names(&["domain"])));
    assert_eq!(allow(vec![yes(Nor), no(Nor)]), (Allowed, names(&["email"])));
    assert_eq!(allow(vec![yes(Nor), open(Nor)]), (CannotKnow, names(&["source_ip"])));
    assert_eq!(allow(vec![no(And), yes(Or)]), (Allowed, names(&["domain"])), "each list is enough");
    assert_eq!(allow(vec![]), (Denied, names(&[])));
}

#[test]
fn what_denies_beats_what_allows() {
    use Admission::{Allowed, CannotKnow, Denied};
    let allow = || policy("allow", vec![criterion(Joined::Or, "authenticated_user", json!(true))]);
    let deny = |name, data| policy("deny", vec![criterion(Joined::Or, name, data)]);
    assert_eq!(judged(vec![allow(), deny("domain", json!("corp.example.com"))]).0, Denied);
    assert_eq!(judged(vec![allow(), deny("domain", json!("example.com"))]).0, Allowed);
    let (admission, names) = judged(vec![allow(), deny("source_ip", json!("10.0.0.0/8"))]);
    assert_eq!((admission, names.as_slice()), (CannotKnow, &["source_ip".to_owned()][..]));
    assert_eq!(judged(vec![deny("source_ip", json!("10.0.0.0/8"))]).0, Denied, "nobody allows it");
}
