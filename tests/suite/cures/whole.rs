//! A cure of one value among others: done, the finding is gone, no other comes, and whoever else got in still does.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::forms::{CLIENT, ISSUER, SECRET, told};
use crate::support::Pomlint;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

pub(super) fn config(fields: &Value) -> String {
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
        (
            json!({ "claim/email_verified": { "exclude": "false" } }),
            vec![json!({ "claim/email_verified": { "exclude": false } })],
        ),
        // Operators of one criterion hold together: an exclusion stays, and goes on comparing the address.
        (
            json!({ "email": { "is": "*@b.example", "not": "bad@b.example" } }),
            vec![json!({ "email": { "ends_with": "@b.example", "not": "bad@b.example" } })],
        ),
        (
            json!({ "user": { "is": "*@b.example", "not": "bad@b.example" } }),
            vec![json!({ "email": { "ends_with": "@b.example", "not": "bad@b.example" } })],
        ),
        (
            json!({ "email": { "is": "*@b.example", "starts_with": "admin" } }),
            vec![json!({ "email": { "ends_with": "@b.example", "starts_with": "admin" } })],
        ),
        (
            json!({ "email": { "is": "b.example", "not": "bad@b.example" } }),
            vec![json!({ "email": { "ends_with": "@b.example", "not": "bad@b.example" } })],
        ),
        (
            json!({ "email": { "in": ["*@b.example", "x@y.example"], "not_in": ["bad@b.example"] } }),
            vec![
                json!({ "email": { "ends_with": "@b.example", "not_in": ["bad@b.example"] } }),
                json!({ "email": { "is": "x@y.example", "not_in": ["bad@b.example"] } }),
            ],
        ),
        (
            json!({ "email": { "is": ["a@b.example"], "not": "bad@b.example" } }),
            vec![json!({ "email": { "in": ["a@b.example"], "not": "bad@b.example" } })],
        ),
        (
            json!({ "claim/cognito:groups": { "has": ["a", "b"], "exclude": "c" } }),
            vec![
                json!({ "claim/cognito:groups": { "has": "a", "exclude": "c" } }),
                json!({ "claim/cognito:groups": { "has": "b", "exclude": "c" } }),
            ],
        ),
    ] {
        let policy = |criteria: &[Value]| config(&json!({ "policy": [{ "allow": { "or": criteria } }] }));
        let cured = lines(&policy(&[wrong]));
        assert_eq!(cured, right);
        assert_eq!(told("config.json", &policy(&cured), &[]).0, BTreeSet::new(), "{cured:?}");
    }
}

/// A claim takes one value, by the operators for lists, and its name stands before the colon.
#[test]
fn groups_and_claims_are_asked_for_as_pomerium_takes_them() {
    let groups = |value: Value| json!({ "claim/cognito:groups": value });
    for (wrong, right) in [
        (json!({ "groups": ["a", "b"] }), vec![groups(json!("a")), groups(json!("b"))]),
        (json!({ "groups": { "in": ["a", "b"] } }), vec![groups(json!("a")), groups(json!("b"))]),
        (json!({ "groups": { "has": ["a", "b"] } }), vec![groups(json!({"has": "a"})), groups(json!({"has": "b"}))]),
        (json!({ "groups": { "not": "a" } }), vec![groups(json!({ "exclude": "a" }))]),
        (json!({ "groups": { "is": "a" } }), vec![groups(json!({ "is": "a" }))]),
        (json!({ "groups": 5 }), vec![groups(json!("5"))]),
        (json!({ "groups": [] }), vec![groups(json!("VALUE"))]),
        (json!({ "groups": { "a": true } }), vec![groups(json!("VALUE"))]),
        (json!({ "claim/roles": ["a", "b"] }), vec![groups(json!("a")), groups(json!("b"))]),
        (json!({ "claim": "a" }), vec![groups(json!("a"))]),
        (json!({ "claim": { "cognito:groups": "a" } }), vec![groups(json!("a"))]),
        (json!({ "claim": { "cognito:groups": { "has": "a" } } }), vec![groups(json!({ "has": "a" }))]),
        (json!({ "claim": { "groups": ["a", "b"] } }), vec![groups(json!("a")), groups(json!("b"))]),
        (json!({ "claim": { "name": "cognito:groups", "value": "a" } }), vec![groups(json!("a"))]),
        (json!({ "claim": ["cognito:groups", "a"] }), vec![groups(json!("a"))]),
        (json!({ "claim/groups/a": true }), vec![groups(json!("a"))]),
        (json!({ "claim/custom:team/a": true }), vec![json!({ "claim/custom:team": "a" })]),
    ] {
        let policy = |criteria: &[Value]| config(&json!({ "policy": [{ "allow": { "or": criteria } }] }));
        let text = policy(std::slice::from_ref(&wrong));
        assert_eq!(lines(&text), right, "{wrong}");
        assert_eq!(told("config.json", &policy(&right), &[]).0, BTreeSet::new(), "{right:?}");
        // What a program would write is no worse.
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), &text).unwrap();
        Pomlint::new(["fix", "--write", "config.json"]).in_folder(folder.path()).run();
        let written = std::fs::read_to_string(folder.path().join("config.json")).unwrap();
        assert!(written == text || told("config.json", &written, &[]).0.is_empty(), "{wrong}: {written}");
    }
    let path = json!({ "policy": [{ "allow": { "or": [{ "claim/cognito:groups/a": true }] } }] });
    let said = told("config.json", &config(&path), &[]).1;
    assert!(said.contains("the value follows a colon:"), "{said}");
    assert!(said.contains("[\"{\"claim/cognito:groups\":\"a\"}\""), "{said}");
}

/// Where one becomes several, or several become one, what stands there goes.
#[test]
fn what_the_lines_take_the_place_of_is_told() {
    let of = |fields: Value| told("config.json", &config(&fields), &[]).1;
    let below = |operator: &str, criteria: Value| of(json!({ "policy": [{ "allow": { operator: criteria } }] }));
    let under = |criterion: Value| below("and", json!([criterion]));
    let http = json!({ "http_method": "GET" });
    let groups = json!({ "groups": ["a", "b"] });
    let excluded = json!({ "claim/cognito:groups": { "exclude": ["a", "b"] } });
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
        (
            below("and", json!([http, { "email": { "in": ["b.example", "x@y.example"] } }])),
            "say what is meant, each in a copy of this rule:",
        ),
        (below("and", json!([http, groups])), "[\"each in a copy of this rule:\","),
        (below("nor", json!([groups])), "[\"each below `not`:\","),
        (below("or", json!([excluded])), "write a criterion for each, each below `and`:"),
        (below("not", json!([excluded])), "write a criterion for each, each below `nor`:"),
        (
            under(json!({ "user": { "is": "*@b.example", "not": "0e1a7f1c-3a1d-4c55-9d0c-6a3a5e5b8f11" } })),
            "beside what else this criterion says, both below `and` in a rule of their own",
        ),
        (under(json!({ "user": { "not": ["a@b.example"] } })), "say that it is none of the list:"),
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
}
