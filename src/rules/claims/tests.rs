#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::config::{Criterion, Joined, Policy, PomeriumVersion, Route, ScopesFrom};
use crate::evidence::{Seen, Unweighed};
use crate::rules::testing;

/// Settings with one criterion on a claim, written as the first word and read as the second.
fn claim(action: &str, written: &str, read: &str, data: Json) -> Settings {
    let criterion = Criterion {
        joined: Joined::Or,
        is_of_policy: true,
        name: "claim".to_owned(),
        sub_path: read.to_owned(),
        sub_path_written: written.to_owned(),
        data,
        at: testing::span(),
    };
    let route = Route {
        policies: [Policy { action: action.to_owned(), criteria: vec![criterion] }].into(),
        ..testing::route()
    };
    Settings { routes: vec![route], ..testing::settings() }
}

fn config() -> Config {
    testing::config("config.yaml", "key: value")
}

fn of_users(words: &str) -> ScopesOfUsers {
    ScopesOfUsers { scopes: scopes(words), are_of_peer: false }
}

fn scopes(words: &str) -> RequestedScopes {
    let words = words.split_whitespace().map(str::to_owned).collect();
    RequestedScopes { words, from: ScopesFrom::Default, at: testing::span() }
}

#[test]
fn a_claim_that_comes_is_no_finding() {
    for name in ["cognito:groups", "email", "custom:team", "address.country", "sub"] {
        assert!(
            claim_never_sent(&CognitoUsers, &claim("allow", name, name, json!("x")), &config()).is_empty(),
            "{name}"
        );
    }
}

#[test]
fn a_claim_of_others_is_an_error_and_a_stranger_a_warning() {
    let severity = |name: &str, data: Json| {
        let findings = claim_never_sent(&CognitoUsers, &claim("allow", name, name, data), &config());
        findings.first().map(|finding| finding.severity)
    };
    assert_eq!(severity("groups", json!("admins")), Some(None));
    assert_eq!(severity("realm_access/roles", json!("admins")), Some(None));
    assert_eq!(severity("department", json!("x")), Some(Some(Severity::Warning)));
    assert_eq!(severity("token_use", json!("access")), Some(None));
    assert_eq!(severity("token_use", json!("id")), None);
    assert_eq!(severity("", json!("x")), Some(None));
}

#[test]
fn what_comes_of_it_depends_on_the_action_and_the_operator() {
    let says = |action: &str, data: Json| {
        claim_never_sent(&CognitoUsers, &claim(action, "groups", "groups", data), &config()).remove(0).says
    };
    assert!(says("allow", json!("x")).ends_with("so this never matches"));
    assert!(says("deny", json!({"has": "x"})).ends_with("so this never denies anybody"));
    assert!(says("allow", json!({"exclude": "x"})).ends_with("so this excludes nobody"));
}

#[test]
fn a_claim_has_operators_from_one_release_on() {
    let found = |version, data: Json| {
        let config = Config { version, ..config() };
        claim_never_sent(&CognitoUsers, &claim("allow", "cognito:groups", "cognito:groups", data), &config).pop()
    };
    let before = PomeriumVersion(0, 27, 2);
    let finding = found(before, json!({"has": "admins"})).unwrap();
    let says = "before v0.28.0, a claim has no operators: `cognito:groups` would have to be this mapping itself, so this never matches";
    assert_eq!(finding.says, says);
    assert_eq!(finding.fix[0], "write the value alone:");
    assert_eq!(finding.fix[1], "- claim/cognito:groups: admins");
    assert!(found(before, json!("admins")).is_none());
    assert!(found(PLAIN_VALUES, json!({"has": "admins"})).is_none());
}

#[test]
fn a_near_miss_is_named_and_a_stranger_may_be_a_custom_attribute() {
    let fix =
        |name: &str| claim_never_sent(&CognitoUsers, &claim("allow", name, name, json!("x")), &config()).remove(0).fix;
    assert!(fix("cognito:group").iter().any(|line| line.contains("cognito:groups")));
    assert!(fix("department").iter().any(|line| line.contains("custom:department")));
}

#[test]
fn letters_are_lost_only_where_the_claim_has_capitals() {
    let lost =
        |written: &str, read: &str| !claim_case_lost(&claim("allow", written, read, json!("x")), &config()).is_empty();
    assert!(lost("custom:Team", "custom:team"));
    assert!(lost("https://example.com/Roles", "https://example.com/roles"));
    assert!(!lost("Cognito:Groups", "cognito:groups"), "Cognito's claim is lower case, so that the file comes right");
    assert!(!lost("custom:Team", "custom:Team"), "nothing was lower-cased");
}

#[test]
fn a_claim_needs_its_scope_unless_openid_stands_alone() {
    let lacks = |words: &str, name: &str| {
        !claim_needs_scope(&of_users(words), &claim("allow", name, name, json!("x")), &config()).is_empty()
    };
    assert!(lacks("openid email profile", "phone_number"));
    assert!(lacks("openid email", "custom:team"));
    assert!(!lacks("openid", "custom:team"));
    assert!(!lacks("openid phone", "phone_number"));
    assert!(!lacks("openid email", "cognito:groups"));
    assert!(!lacks("openid email", "groups"), "`claim-never-sent` says so");
}

#[test]
fn a_header_is_judged_by_its_claim() {
    let says = |words: &str, claim: &str| {
        let mut settings = testing::settings();
        settings.jwt_claims_headers = vec![(testing::setting("X-Claim"), testing::setting(claim))];
        identity_header_claim_missing(&of_users(words), &settings, &config()).pop().map(|finding| finding.says)
    };
    for sent in ["email", "name", "user", "sid", "cognito:groups", "custom:Team"] {
        assert_eq!(says("openid email profile", sent), None, "{sent}");
    }
    for empty in ["groups", "department", "phone_number", "{\"X-Email\":\"email\"}"] {
        let says = says("openid email profile", empty).expect(empty);
        assert!(says.ends_with("so the header `X-Claim` is always empty"), "{says}");
    }
}

/// Where only the API tells of an identity provider, the code of the client says in whose language the cure is.
#[test]
fn a_mapping_is_cured_in_the_language_of_the_code() {
    let mut settings = claim("allow", "", "", json!({ "is": "corp.example.com" }));
    Arc::get_mut(&mut settings.routes[0].policies).unwrap()[0].criteria[0].name = "domain".to_owned();
    let id = ClientId(testing::setting("4qk2v9s7m1n3b5c8d0f6g7h2u1"));
    let mapping = EmailMapping { unmapped: vec!["Okta".to_owned()], made: Unweighed::default() };
    let of = |language| ClientCode { file: "template.json".to_owned(), address: "Client".to_owned(), language };
    let cure = |language| {
        let code = Ok(Seen { value: of(language), witnesses: Vec::new() });
        email_not_mapped(&id, &settings, &mapping, &code).unwrap().fix[1..].join("\n")
    };
    assert_eq!(
        cure(Language::Terraform),
        "Terraform, in aws_cognito_identity_provider:\n  attribute_mapping = { email = \"email\" }"
    );
    let property = "  \"AttributeMapping\": {\"email\":\"email\"}";
    let resource = "CloudFormation, in the AWS::Cognito::UserPoolIdentityProvider";
    assert_eq!(cure(Language::CloudFormation), format!("{resource}:\n{property}"));
}
