//! A cure of one value among others: done, the finding is gone, no other comes, and whoever else got in still does.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::forms::{CLIENT, ISSUER, SECRET, told};
use crate::support::Pomlint;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn config(fields: &Value) -> String {
    let mut route = json!({ "from": "https://app.corp.example.com", "to": "http://app:8080" });
    route.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let config = json!({
        "authenticate_service_url": "https://authenticate.corp.example.com",
        "idp_provider": "cognito", "idp_provider_url": ISSUER, "idp_client_id": CLIENT, "idp_client_secret": SECRET,
        "shared_secret": KEY, "cookie_secret": KEY, "routes": [route],
    });
    config.to_string()
}

/// The lines of the first cure that hold a field or a criterion.
fn lines(text: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), text).unwrap();
    let run = Pomlint::new(["check", "--offline", "config.json", "--format", "json"]).in_folder(folder.path()).run();
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let verdicts = report["reports"][0]["verdicts"].as_array().unwrap();
    let mut findings = verdicts.iter().flat_map(|verdict| verdict["findings"].as_array().unwrap());
    let finding = findings.find(|finding| finding["severity"] == "error").unwrap();
    let said: Vec<&str> = finding["fix"]["lines"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let whole = finding["fix"]["description"].as_str().into_iter().chain(said);
    whole
        .filter_map(|line| serde_json::from_str(line).or_else(|_| serde_json::from_str(&format!("{{{line}}}"))).ok())
        .collect()
}

#[test]
fn the_other_values_of_a_field_stay() {
    let healthy = told("config.json", &config(&json!({ "allowed_domains": ["corp.example.com"] })), &[]).0;
    for (wrong, right) in [
        (
            json!({ "allowed_users": ["*@a.example", "*@b.example", "bob@x.example"] }),
            json!({ "allowed_users": ["bob@x.example"], "allowed_domains": ["a.example", "b.example"] }),
        ),
        (
            json!({ "allowed_users": ["*@a.example"], "allowed_domains": ["x.example"] }),
            json!({ "allowed_domains": ["x.example", "a.example"] }),
        ),
        (
            json!({ "allowed_users": ["*"], "allowed_domains": ["x.example"] }),
            json!({ "allow_any_authenticated_user": true }),
        ),
        (
            json!({ "allowed_domains": ["*@a.example", "x.example"] }),
            json!({ "allowed_domains": ["a.example", "x.example"] }),
        ),
        (
            json!({ "allowed_users": ["a.example", "bob@x.example"] }),
            json!({ "allowed_users": ["bob@x.example"], "allowed_domains": ["a.example"] }),
        ),
        (
            json!({ "allowed_idp_claims": { "groups": ["a", "b"], "email": ["c@d.example"] } }),
            json!({ "allowed_idp_claims": { "email": ["c@d.example"], "cognito:groups": ["a", "b"] } }),
        ),
        (
            json!({ "allowed_idp_claims": { "groups": ["a"], "cognito:groups": ["b"] } }),
            json!({ "allowed_idp_claims": { "cognito:groups": ["b", "a"] } }),
        ),
        (
            json!({ "allowed_idp_claims": { "email_verified": ["true"], "email": ["c@d.example"] } }),
            json!({ "allowed_idp_claims": { "email": ["c@d.example"], "email_verified": [true] } }),
        ),
    ] {
        let cured: Map<String, Value> =
            lines(&config(&wrong)).into_iter().flat_map(|line| line.as_object().unwrap().clone()).collect();
        assert_eq!(Value::from(cured), right, "{wrong}");
        assert_eq!(told("config.json", &config(&right), &[]).0, healthy, "{right}");
    }
}

#[test]
fn the_other_values_of_a_criterion_stay() {
    for (wrong, right) in [
        (
            json!({ "email": { "in": ["*@b.example", "x@y.example"] } }),
            vec![json!({ "domain": { "is": "b.example" } }), json!({ "email": { "is": "x@y.example" } })],
        ),
        (
            json!({ "email": { "in": ["*@b.example", "*@c.example"] } }),
            vec![json!({ "domain": { "in": ["b.example", "c.example"] } })],
        ),
        (
            json!({ "domain": { "in": ["*.b.example", "y.example"] } }),
            vec![json!({ "domain": { "ends_with": ".b.example" } }), json!({ "domain": { "is": "y.example" } })],
        ),
        (json!({ "claim/email_verified": "true" }), vec![json!({ "claim/email_verified": true })]),
    ] {
        let policy = |criteria: &[Value]| config(&json!({ "policy": [{ "allow": { "or": criteria } }] }));
        let cured = lines(&policy(&[wrong]));
        assert_eq!(cured, right);
        assert_eq!(told("config.json", &policy(&cured), &[]).0, BTreeSet::new(), "{cured:?}");
    }
}

/// Where one becomes several, or several become one, what stands there goes.
#[test]
fn what_the_lines_take_the_place_of_is_told() {
    let of = |fields: Value| told("config.json", &config(&fields), &[]).1;
    let under = |criterion: Value| of(json!({ "policy": [{ "allow": { "and": [criterion] } }] }));
    for (said, says) in [
        (
            of(json!({ "allowed_users": ["*@a.example", "bob@x.example"] })),
            "if you mean everybody of this domain, write instead of what the route has in these fields:",
        ),
        (
            of(json!({ "allowed_users": ["*"], "allowed_domains": ["x.example"] })),
            "if you mean everybody who can log in, write instead of all that the route has in `allowed_…`:",
        ),
        (
            of(json!({ "allowed_domains": ["*.a.example", "x.example"] })),
            "if you mean everything that ends so, in a `policy`, write instead of this one value:",
        ),
        (
            under(json!({ "email": { "in": ["*@b.example", "x@y.example"] } })),
            "if you mean everybody of this domain, write instead, each below `or`:",
        ),
        (
            under(json!({ "user": { "in": ["ann@x.example", "0e1a7f1c-3a1d-4c55-9d0c-6a3a5e5b8f11"] } })),
            "say what is meant, each below `or`:",
        ),
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
}
