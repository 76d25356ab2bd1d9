#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;

use super::*;
use crate::config::{Criterion, Joined, Policy};
use crate::rules::testing;

fn criterion(name: &str) -> Criterion {
    Criterion {
        joined: Joined::Or,
        is_of_policy: true,
        name: name.to_owned(),
        sub_path: String::new(),
        sub_path_written: String::new(),
        data: json!("x"),
        at: testing::span(),
    }
}

fn route(policies: Vec<(&str, Vec<&str>)>) -> Route {
    let policy = |(action, names): (&str, Vec<&str>)| Policy {
        action: action.to_owned(),
        criteria: names.into_iter().map(criterion).collect(),
    };
    Route { policies: policies.into_iter().map(policy).collect(), ..testing::route() }
}

#[test]
fn a_route_needs_one_criterion_that_can_admit_somebody() {
    assert!(lets_somebody_in(&route(vec![("allow", vec!["cors_preflight", "email"])])));
    assert!(lets_somebody_in(&route(vec![("deny", vec!["user"]), ("allow", vec!["accept"])])));
    for nobody in
        [vec![], vec![("allow", vec![])], vec![("deny", vec!["user"])], vec![("allow", vec!["cors_preflight"])]]
    {
        assert!(!lets_somebody_in(&route(nobody.clone())), "{nobody:?}");
    }
}

#[test]
fn a_route_that_denies_whoever_comes_is_meant_so() {
    assert!(is_closed_on_purpose(&route(vec![("deny", vec!["accept"])])));
    assert!(is_closed_on_purpose(&route(vec![("deny", vec!["http_path"])])));
    assert!(!is_closed_on_purpose(&route(vec![("deny", vec!["http_path", "email"])])));
    assert!(!is_closed_on_purpose(&route(vec![("allow", vec![])])));
}

#[test]
fn the_host_of_the_authenticate_service_has_a_rule_of_its_own() {
    let with_from = |from: &str| Route { from: Some(testing::setting(from)), ..testing::route() };
    let settings = Settings {
        authenticate_service_url: Some(testing::setting("https://Login.corp.example.com")),
        routes: vec![with_from("https://login.corp.example.com"), with_from("https://app.corp.example.com")],
        ..testing::settings()
    };
    assert_eq!(route_nobody_can_use(&settings, &testing::config("config.yaml", "key: value")).len(), 1);
}

#[test]
fn what_cannot_be_looked_into_is_not_blamed() {
    let mut settings = testing::settings();
    settings.routes = vec![route(vec![])];
    let mut config = testing::config("config.yaml", "key: value");
    assert_eq!(route_nobody_can_use(&settings, &config).len(), 1);

    let words = "'routes[0].policy' invalid rules in policy: unsupported type for rule: parser.String".to_owned();
    config.reading.type_errors = vec![Refusal { kind: RefusalKind::Policy, words, at: Some(testing::span()) }];
    assert!(route_nobody_can_use(&settings, &config).is_empty());
    assert_eq!(policy_does_not_compile(&config, &settings).len(), 1);

    config.reading.type_errors.clear();
    let rego: Setting<String> = testing::setting("package pomerium.policy");
    config.reading.texts = vec![("routes.sub_policies.rego".into(), rego)];
    assert!(route_nobody_can_use(&settings, &config).is_empty());
}

#[test]
fn stars_are_wildcards_only_where_people_mean_them_so() {
    for (name, text, is) in [
        ("email", "*@corp.example.com", true),
        ("user", "*", true),
        ("email", "anna@*", true),
        ("email", "a*b@corp.example.com", false),
        ("domain", "*.corp.example.com", true),
        ("domain", "corp.example.com", false),
    ] {
        assert_eq!(is_wildcard(name, text), is, "{text}");
    }
    assert_eq!(wanted(&json!({"in": ["a", "b"], "not": "c", "not_in": ["d"]})), ["a", "b"]);
}

#[test]
fn the_cure_says_the_same_without_a_star() {
    let config = testing::config("config.yaml", "key: value");
    for (name, text, is_of_policy, cure) in [
        ("user", "*@corp.example.com", false, "allowed_domains: [corp.example.com]"),
        ("email", "*@corp.example.com", true, "- domain: { is: corp.example.com }"),
        ("user", "*", false, "allow_any_authenticated_user: true"),
        ("email", "*", true, "- authenticated_user: true"),
        ("domain", "*.example.com", false, "- domain: { ends_with: \".example.com\" }"),
        ("email", "*-ops@*", true, "starts_with"),
        ("user", "ann*@x.example", false, "- email: { starts_with: ann }"),
        ("user", "*.example.com", false, "- email: { ends_with: \".example.com\" }"),
    ] {
        let criterion = Criterion { is_of_policy, data: json!({ "is": text }), ..criterion(name) };
        // One of `allowed_users` makes two criteria.
        let twin = (name == "user").then(|| Criterion { name: "email".to_owned(), ..criterion.clone() });
        let criteria = std::iter::once(criterion).chain(twin).collect();
        let policy = Policy { action: "allow".to_owned(), criteria };
        let placed = criterion::Placed { policy: &policy, criterion: &policy.criteria[0] };
        let lines = instead_of_wildcard(&config, placed, text);
        assert!(lines.iter().any(|line| line.contains(cure)), "{text}: {lines:?}");
    }
}
