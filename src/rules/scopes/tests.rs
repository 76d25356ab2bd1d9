#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::config::{Config, Joined};
use crate::rules::testing::{self, setting, settings, span};

fn config() -> Config {
    testing::config("pomerium.yaml", "key: value")
}

fn scopes(elements: &[&str]) -> RequestedScopes {
    RequestedScopes {
        words: elements.join(" ").split_ascii_whitespace().map(str::to_owned).collect(),
        from: ScopesFrom::Option(setting::<Vec<_>>(
            elements.iter().map(|element| setting::<String>(*element)).collect::<Vec<_>>(),
        )),
        at: span(),
    }
}

fn id() -> ClientId {
    ClientId(setting("4qk2v9s7m1n3b5c8d0f6g7h2u1"))
}

fn found(judgement: Judgement) -> Vec<Finding> {
    match judgement {
        Judgement::Findings(findings) => findings,
        Judgement::NotApplicable(why) => panic!("not applicable: {why}"),
        Judgement::Undecided(missing) => panic!("undecided: {missing:?}"),
    }
}

fn no_code() -> Evidence<ClientCode> {
    Err(crate::evidence::Missing::Declined { flag: "--infra" })
}

fn refused(culprits: &[&str]) -> ScopeStanding {
    ScopeStanding::Refused { culprits: culprits.iter().map(|word| (*word).to_owned()).collect() }
}

#[test]
fn scopes_that_no_pool_has_are_told_from_those_of_a_resource_server() {
    for good in ["openid", "aws.cognito.signin.user.admin", "https://api.example.com/read", "api/read"] {
        assert_eq!(objection(good), None, "{good}");
    }
    for bad in ["api/é".to_owned(), "api\\read/all".to_owned(), format!("api/{}", "x".repeat(253))] {
        assert!(objection(&bad).is_some(), "{bad}");
    }
    for bad in ["offline_access", "groups", "OpenID", "openid,email", "[\"openid\"", "api.read"] {
        assert!(objection(bad).is_some(), "{bad}");
    }
}

#[test]
fn a_refused_scope_beside_an_impossible_one_is_still_named() {
    let asked = scopes(&["openid", "offline_access", "profile"]);
    let findings = found(scope_not_allowed(
        &asked,
        &id(),
        &settings(),
        &config(),
        &refused(&["offline_access", "profile"]),
        &no_code(),
    ));
    assert_eq!(findings.len(), 1);
    assert!(findings[0].says.contains("`profile`"), "{}", findings[0].says);
    let only = scope_not_allowed(&asked, &id(), &settings(), &config(), &refused(&["offline_access"]), &no_code());
    assert!(matches!(only, Judgement::NotApplicable(_)));
    let unnamed = found(scope_not_allowed(
        &scopes(&["openid", "email"]),
        &id(),
        &settings(),
        &config(),
        &refused(&[]),
        &no_code(),
    ));
    assert_eq!(unnamed.len(), 1, "a refusal is a finding even if nobody knows the culprit");
    let all = "app client `4qk2v9s7m1n3b5c8d0f6g7h2u1` may not ask for all of `openid email`: Cognito answers `invalid_scope`";
    assert_eq!(unnamed[0].says, all);
    let spaced = scopes(&["openid", " email"]);
    let findings = found(scope_not_allowed(&spaced, &id(), &settings(), &config(), &refused(&[]), &no_code()));
    let none_alone =
        "Cognito answers `invalid_scope`, though to none of the scopes alone: it may be the two spaces that this makes";
    assert_eq!(findings[0].says, none_alone);
}

#[test]
fn badly_written_scopes_are_not_taken_for_missing_ones() {
    let pieces = scopes(&["[\"openid\"", "\"email\"", "\"profile\"]"]);
    assert!(found(scope_openid_missing(&pieces, &config())).is_empty());
    assert!(found(scope_email_missing(&pieces, &settings(), &config())).is_empty());
    // In these tests every scope stands at the same place: the pieces of one text are one finding.
    assert_eq!(scope_unsupported(&pieces, &config()).len(), 1);
    let finding = &scope_unsupported(&pieces, &config())[0];
    assert_eq!(finding.fix.last().unwrap(), "idp_scopes: [openid, email, profile]");
}

#[test]
fn openid_alone_brings_every_attribute() {
    assert!(found(scope_email_missing(&scopes(&["openid"]), &settings(), &config())).is_empty());
    assert!(found(scope_profile_missing(&scopes(&["openid"]), &settings(), &config())).is_empty());
    assert_eq!(found(scope_email_missing(&scopes(&["openid", "profile"]), &settings(), &config())).len(), 1);
    assert_eq!(found(scope_profile_missing(&scopes(&["openid", "email"]), &settings(), &config())).len(), 1);
}

#[test]
fn a_user_id_in_allowed_users_needs_no_address() {
    let criterion = |name: &str, data: &str| Criterion {
        joined: Joined::Or,
        is_of_policy: true,
        name: name.to_owned(),
        sub_path: String::new(),
        sub_path_written: String::new(),
        data: serde_json::json!({ "is": data }),
        at: span(),
    };
    let by_id = [criterion("user", "3f1c"), criterion("email", "3f1c")];
    let by_address = [criterion("user", "a@example.com"), criterion("email", "a@example.com")];
    let policy = [criterion("email", "a")];
    assert!(!decides_by_email(&by_id, &by_id[1]));
    assert!(decides_by_email(&by_address, &by_address[1]));
    assert!(decides_by_email(&policy, &policy[0]));
    assert!(decides_by_email(&policy, &criterion("domain", "example.com")));
}

#[test]
fn what_works_on_the_wire_is_only_badly_written() {
    let says = |elements: &[&str]| scopes_badly_written(&scopes(elements), &config()).map(|finding| finding.says);
    assert_eq!(says(&["openid", "email"]), None);
    assert!(says(&["openid", " email"]).unwrap().contains("beside the comma"));
    assert!(says(&["openid email"]).unwrap().contains("one scope with spaces"));
    assert!(says(&["openid", ""]).unwrap().contains("empty scope"));
    assert!(says(&["openid email "]).unwrap().contains("around the scopes"));
    for broken in [&["openid\nemail"][..], &["openid\temail"], &["openid", "email\n"]] {
        assert!(says(broken).unwrap().contains("only a space separates"), "{broken:?}");
    }
}

#[test]
fn brackets_are_part_of_a_scope() {
    let says = scopes_badly_written(&scopes(&["[\"openid\"", "\"email\"]"]), &config()).unwrap().says;
    assert_eq!(says, "brackets and quotes become part of the scopes: Pomerium only splits this text at commas");
}
