//! What comes of a criterion that nobody meets, or everybody: the report says it, and only where it keeps somebody out who is meant
//! to come in does a login fail. As Pomerium has it: `pkg/policy/generator/conditionals.go`, `authorize/check_response.go`.

use serde_json::{Value, json};

use super::whole::config;
use crate::elsewhere::check;

const STAR: &str = "wildcard-user-never-matches";
const USER: &str = "user-or-domain-never-matches";
const CLAIM: &str = "claim-never-sent";
const GROUPS: &str = "groups-criterion-never-matches";

/// An action, an operator, what is said, and whether a login fails.
type Row = (&'static str, &'static str, &'static str, bool);

const NEVER: [Row; 8] = [
    ("allow", "or", "", true),
    ("allow", "and", "", true),
    ("allow", "not", "so below `not` this keeps nobody out", false),
    ("allow", "nor", "so below `nor` this lets in everybody who logs in", false),
    ("deny", "or", "so this never denies anybody", false),
    ("deny", "and", "so this never denies anybody", false),
    ("deny", "not", "so below `not` this spares nobody", true),
    ("deny", "nor", "so below `nor` this denies everybody", true),
];

const ALWAYS: [Row; 8] = [
    ("allow", "or", "so this is always true", false),
    ("allow", "and", "so this is always true", false),
    ("allow", "not", "so below `not` this lets nobody in", true),
    ("allow", "nor", "so below `nor` this lets nobody in", true),
    ("deny", "or", "so this denies everybody", true),
    ("deny", "and", "so this is always true", true),
    ("deny", "not", "so this never denies anybody", false),
    ("deny", "nor", "so this never denies anybody", false),
];

#[test]
fn a_login_fails_only_where_somebody_is_kept_out() {
    for (rule, criterion) in [
        (STAR, json!({ "email": { "is": "*@b.example" } })),
        (STAR, json!({ "email": { "is": "*@b.example", "not": "bad@b.example" } })),
        (USER, json!({ "email": { "is": "b.example" } })),
        (USER, json!({ "email": ["a@b.example"] })),
        (USER, json!({ "user": { "is": "" } })),
        (CLAIM, json!({ "claim/groups": "a" })),
        (CLAIM, json!({ "claim/token_use": "access" })),
        (CLAIM, json!({ "claim/cognito:groups": ["a"] })),
        (CLAIM, json!({ "claim/email_verified": "true" })),
        (GROUPS, json!({ "groups": { "has": "a" } })),
        // Of a directory that is not there, nobody knows who is in no group.
        (GROUPS, json!({ "groups": { "exclude": "a" } })),
        ("claim-case-lost", json!({ "claim/custom:Team": "a" })),
    ] {
        all(rule, &criterion, &NEVER, "");
    }
    for (rule, criterion) in [
        (USER, json!({ "email": { "not": ["a@b.example"] } })),
        (USER, json!({ "email": { "not": 5 } })),
        (CLAIM, json!({ "claim/groups": { "exclude": "a" } })),
        (CLAIM, json!({ "claim/token_use": { "exclude": "access" } })),
        (CLAIM, json!({ "claim/cognito:groups": { "exclude": ["a"] } })),
        (CLAIM, json!({ "claim/email_verified": { "exclude": "true" } })),
    ] {
        all(rule, &criterion, &ALWAYS, "so this excludes nobody");
    }
    // The rest of it decides.
    for (action, operator, ..) in ALWAYS {
        let other = json!({ "email": { "not": ["a@b.example"], "ends_with": "@b.example" } });
        one(USER, &other, (action, operator, "so this is always true", false), "");
    }
}

fn all(rule: &str, criterion: &Value, rows: &[Row; 8], or: &str) {
    for row in rows {
        one(rule, criterion, *row, or);
    }
}

/// A rule with this criterion, beside one that lets somebody in.
fn one(rule: &str, criterion: &Value, (action, operator, says, stops): Row, or: &str) {
    let ann = json!({ "allow": { "or": [{ "email": { "is": "ann@b.example" } }] } });
    let fields = json!({ "policy": [ann, { action: { operator: [criterion] } }] });
    let checked = check(&[("config.json", config(&fields))], &["--offline", "config.json"]);
    let (rules, said) = (checked.rules("fail"), checked.screen.replace(" | ", " "));
    assert!(rules.contains(&rule), "{action} {operator} {criterion}: {said}");
    assert!(said.contains(says) || !or.is_empty() && said.contains(or), "{action} {operator} {criterion}: {said}");
    assert_eq!(said.contains("A login will fail"), stops, "{action} {operator} {criterion}: {said}");
    let is_of_stars = rule == STAR && (action == "deny" || ["not", "nor"].contains(&operator));
    assert_eq!(said.contains("A star in this user or domain matches nobody"), is_of_stars, "{said}");
}
