#![allow(clippy::unwrap_used, clippy::expect_used, clippy::needless_pass_by_value)]

use serde_json::json;

use super::*;
use crate::config::releases::PomeriumVersion;
use crate::config::settings::{Origin, WrittenAs};
use crate::config::text::{Source, SourceKind, Sources};

fn span() -> Span {
    let source = Sources::default().add(Source::new("config.yaml", SourceKind::File, ""));
    Span { source, start: 0, end: 0 }
}

fn node(json: Json) -> Node {
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Flag(flag),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Float(number.as_f64().unwrap()), |number| Value::Integer(number.into())),
        Json::String(text) => Value::Text(text),
        Json::Array(elements) => Value::List(elements.into_iter().map(node).collect()),
        Json::Object(fields) => Value::Map(
            fields.into_iter().map(|(key, value)| Entry { key, key_span: span(), value: node(value) }).collect(),
        ),
    };
    Node { value, span: span() }
}

fn ppl(json: Json) -> Json {
    compiled(&parse_ppl(&node(json), true).unwrap())
}

fn refusal(json: Json) -> String {
    parse_ppl(&node(json), true).expect_err("refused")
}

fn start(criterion: Json) -> Option<String> {
    start_in(PomeriumVersion::NEWEST, criterion)
}

fn start_in(version: PomeriumVersion, criterion: Json) -> Option<String> {
    let policies = parse_ppl(&node(json!({"allow": {"or": [criterion]}})), true).unwrap();
    start_error(&policies, version).map(|refusal| refusal.words)
}

fn text(value: &str) -> Setting<String> {
    Setting { value: value.to_owned(), span: span(), origin: Origin::File, written_as: WrittenAs::Text }
}

fn nothing<'a>() -> Allowed<'a> {
    Allowed {
        public: None,
        cors_preflight: None,
        any_authenticated_user: None,
        domains: vec![],
        claims: vec![],
        users: vec![],
    }
}

#[test]
fn a_list_and_a_mapping_mean_the_same() {
    let rule = json!({"allow": {"or": [{"domain": {"is": "b.c"}}]}});
    assert_eq!(ppl(rule.clone()), json!([rule]));
    assert_eq!(ppl(json!([rule])), json!([rule]));
}

#[test]
fn rules_keep_their_order_and_allow_comes_before_deny() {
    assert_eq!(
        ppl(json!([{"deny": {"and": [{"user": "x"}]}, "allow": {"not": [{"email": "y"}], "or": []}}, {"allow": {}}]))
            .to_string(),
        r#"[{"allow":{"not":[{"email":"y"}]}},{"deny":{"and":[{"user":"x"}]}},{"allow":{}}]"#
    );
    assert_eq!(ppl(json!([{"allow": {"or": []}}])), json!([{"allow": {}}]));
    assert_eq!(ppl(json!([])), json!([]));
}

#[test]
fn keys_of_a_file_are_lower_case_to_pomerium_and_those_of_the_environment_are_not() {
    let written = node(json!([{"allow": {"or": [{"claim/custom:Team": {"Has": "X"}}]}}]));
    let policies = parse_ppl(&written, true).unwrap();
    let json = compiled(&policies);
    assert_eq!(json, json!([{"allow": {"or": [{"claim/custom:team": {"has": "X"}}]}}]));
    let criterion = &policies[0].criteria[0];
    assert_eq!((criterion.name.as_str(), criterion.sub_path.as_str()), ("claim", "custom:team"));
    assert_eq!(criterion.sub_path_written, "custom:Team");
    let policies = parse_ppl(&written, false).unwrap();
    let json = compiled(&policies);
    assert_eq!(json, json!([{"allow": {"or": [{"claim/custom:Team": {"Has": "X"}}]}}]));
    assert_eq!(policies[0].criteria[0].sub_path, "custom:Team");
}

#[test]
fn data_is_kept_as_go_writes_it() {
    let data = json!([1, 1.5, 2.0, null, true, {"b": 1, "a": 2}]);
    assert_eq!(
        ppl(json!({"allow": {"or": [{"claim/a/b": data}]}})).to_string(),
        r#"[{"allow":{"or":[{"claim/a/b":[1,1.5,2,null,true,{"a":2,"b":1}]}]}}]"#
    );
}

#[test]
fn refusals_are_in_pomeriums_words() {
    for (policy, words) in [
        (json!("allow:"), "unsupported type for rule: parser.String"),
        (json!(null), "unsupported type for rule: parser.Null"),
        (json!([1]), "unsupported type for rules array: parser.Number"),
        (json!([{"permit": {}}]), "invalid action in rule: unsupported action: \"permit\""),
        (json!({"and": []}), "invalid action in rule: unsupported action: \"and\""),
        (json!({"<x>": 1}), "invalid action in rule: unsupported action: \"\\u003cx\\u003e\""),
        (json!({"allow": []}), "invalid value for action in rule, expected Object, got parser.Array"),
        (json!({"allow": null}), "invalid value for action in rule, expected Object, got parser.Null"),
        (
            json!([{"allow": {"rego": "x"}}]),
            "unsupported conditional \"rego\", only and, or, not, nor and action are allowed",
        ),
        (json!({"allow": {"or": {}}}), "invalid criteria in \"or\"): unsupported type for criteria: parser.Object"),
        (
            json!({"allow": {"or": ["x"]}}),
            "invalid criteria in \"or\"): unsupported type for criteria array: parser.String",
        ),
        (
            json!({"allow": {"and": [{"email": "x", "domain": "y"}]}}),
            "invalid criteria in \"and\"): each criteria may only contain a single key and value",
        ),
        (
            json!({"allow": {"and": [{}]}}),
            "invalid criteria in \"and\"): each criteria may only contain a single key and value",
        ),
    ] {
        assert_eq!(refusal(policy), format!("invalid rules in policy: {words}"));
    }
    assert_eq!(ppl(json!({"allow": {"action": "x"}})), json!([{"allow": {}}]));
}

#[test]
fn allowed_fields_compile_in_pomeriums_order() {
    let claims = node(json!({"Groups": ["a", 1], "custom:Team": "x,y", "empty": null, "none": ""}));
    let (domain, user) = (text("corp.example.com"), text("ann@corp.example.com"));
    let allowed = Allowed {
        public: Some(span()),
        cors_preflight: Some(span()),
        any_authenticated_user: Some(span()),
        domains: vec![&domain],
        claims: vec![&claims],
        users: vec![&user],
    };
    let policies = from_allowed(&allowed, true);
    assert_eq!(
        compiled(&policies),
        json!([{"allow": {"or": [
            {"accept": true}, {"cors_preflight": true}, {"authenticated_user": true},
            {"domain": {"is": "corp.example.com"}},
            {"claim/custom:team": "x"}, {"claim/custom:team": "y"}, {"claim/groups": "a"}, {"claim/groups": 1},
            {"user": {"is": "ann@corp.example.com"}}, {"email": {"is": "ann@corp.example.com"}},
        ]}}])
    );
    assert_eq!(policies[0].criteria[4].sub_path_written, "custom:Team");
    let environment = from_allowed(&Allowed { claims: vec![&claims], ..nothing() }, false);
    assert_eq!(compiled(&environment)[0]["allow"]["or"][0], json!({"claim/Groups": "a"}));
}

#[test]
fn a_policy_stands_alone_unless_something_else_allows_too() {
    let embedded = || Some(parse_ppl(&node(json!({"deny": {"or": [{"user": "x"}]}})), true).unwrap().into());
    assert_eq!(compiled(&combine(from_allowed(&nothing(), true), None)), json!([{"allow": {}}]));
    assert_eq!(
        compiled(&combine(from_allowed(&nothing(), true), embedded())),
        json!([{"deny": {"or": [{"user": "x"}]}}])
    );
    let any = from_allowed(&Allowed { any_authenticated_user: Some(span()), ..nothing() }, true);
    let policies = combine(any, embedded());
    assert_eq!(
        compiled(&policies),
        json!([{"allow": {"or": [{"authenticated_user": true}]}}, {"deny": {"or": [{"user": "x"}]}}])
    );
    assert_eq!(policies.len(), 2);
}

#[test]
fn each_criterion_says_what_it_does_not_accept() {
    let generating = |words: &str| Some(format!("error generating criterion rules: {words}"));
    assert_eq!(start(json!({"nonsense": "x"})).as_deref(), Some("unknown policy criterion: nonsense"));
    assert_eq!(start(json!({"not": [{"email": "x"}]})).as_deref(), Some("unknown policy criterion: not"));
    for (criterion, words) in [
        (json!({"claim/exp": {"after": "0s"}}), "unknown string list matcher operator: after"),
        (json!({"claim/x": {"in": ["a"]}}), "unknown string list matcher operator: in"),
        (json!({"groups": {"contains": "a"}}), "unknown string list matcher operator: contains"),
        (json!({"email": {"has": "a"}}), "unknown string matcher operator: has"),
        (json!({"domain": {"in": "a.b"}}), "in matcher requires an array of strings"),
        (json!({"user": {"not_in": {"a": 1}}}), "not_in matcher requires an array of strings"),
        (json!({"device": "x"}), "expected object for device criterion, got: parser.String"),
        (json!({"device": {"os": "x"}}), "unexpected field in device criterion: os"),
        (json!({"device": {"is": 1}}), "expected string for device criterion is operator, got parser.Number"),
        (json!({"client_certificate": true}), "expected object for certificate matcher, got: parser.Boolean"),
        (json!({"client_certificate": {"issuer": "x"}}), "unsupported certificate matcher condition: issuer"),
        (json!({"client_certificate": {"fingerprint": "ab"}}), "unsupported certificate fingerprint format (ab)"),
        (json!({"client_certificate": {"fingerprint": [""]}}), "certificate fingerprint must not be empty"),
        (json!({"client_certificate": {"fingerprint": [1]}}), "certificate fingerprint must be a string (was 1)"),
        (
            json!({"client_certificate": {"spki_hash": "ab"}}),
            "certificate SPKI hash must be a base64-encoded SHA-256 hash (was ab)",
        ),
        (json!({"source_ip": {"is": "x"}}), "expected string or array of strings, got: parser.Object"),
        (json!({"source_ip": "10.0.0.0/33"}), "expected IP or CIDR range, got: \"10.0.0.0/33\""),
        (json!({"source_ip": ["10.0.0.1", 1]}), "expected string value, got: parser.Number"),
        (json!({"ssh_publickey": "nonsense"}), "ssh: no key found"),
        (json!({"ssh_username_matches_claim": {}}), "expected string value, got: parser.Object"),
    ] {
        assert_eq!(start(criterion.clone()), generating(words), "{criterion}");
    }
}

#[test]
fn every_criterion_is_known() {
    for criterion in [
        json!({"accept": true}),
        json!({"authenticated_user": null}),
        json!({"claim/cognito:groups": "admins"}),
        json!({"claim/cognito:groups": {"has": "a", "is": "b", "exclude": 3}}),
        json!({"client_certificate": {"san_email": {"ends_with": "@corp.example.com"}}}),
        json!({"client_certificate": {"spki_hash": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}}),
        json!({"cors_preflight": true}),
        json!({"device": {"approved": true, "type": "any"}}),
        json!({"domain": {"in": ["a.b", "c.d"]}}),
        json!({"email": 5}),
        json!({"groups": ["a"]}),
        json!({"http_method": {"is": "GET"}}),
        json!({"http_path": {"starts_with": "/x", "not": "/xy"}}),
        json!({"invalid_client_certificate": true}),
        json!({"mcp_tool": {"not_in": []}}),
        json!({"reject": true}),
        json!({"source_ip": ["10.0.0.0/8", "::1"]}),
        json!({"ssh_ca": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me"}),
        json!({"ssh_username": "root"}),
        json!({"ssh_username_matches_claim": "name"}),
        json!({"ssh_username_matches_email": true}),
        json!({"user": {"contains": "x"}}),
    ] {
        assert_eq!(start(criterion.clone()), None, "{criterion}");
    }
}

/// `pkg/policy/criteria` of each release, by tag.
#[test]
fn each_release_has_its_criteria_and_operators() {
    for (version, criterion, words) in [
        ((0, 30, 8), json!({"source_ip": "10.0.0.0/8"}), Some("unknown policy criterion: source_ip")),
        ((0, 31, 0), json!({"source_ip": "10.0.0.0/8"}), None),
        ((0, 25, 2), json!({"groups": {"has": "a"}}), Some("unknown policy criterion: groups")),
        ((0, 22, 0), json!({"pomerium_routes": true}), None),
        ((0, 27, 2), json!({"email": "a@b.c"}), Some("expected object for string matcher, got: parser.String")),
        ((0, 28, 0), json!({"email": "a@b.c"}), None),
        ((0, 27, 2), json!({"groups": {"is": "a"}}), Some("unknown string list matcher operator: is")),
        ((0, 27, 2), json!({"claim/a": {"nonsense": "a"}}), None),
        ((0, 28, 0), json!({"claim/a": {"exclude": "a"}}), Some("unknown string list matcher operator: exclude")),
        ((0, 28, 0), json!({"email": {"not": "a"}}), Some("unknown string matcher operator: not")),
        ((0, 29, 0), json!({"email": {"in": ["a"]}}), Some("unknown string matcher operator: in")),
        ((0, 25, 0), json!({"client_certificate": {"san_dns": "a"}}), Some("condition: san_dns")),
        ((0, 26, 0), json!({"client_certificate": {"san_dns": {"is": "a"}}}), None),
    ] {
        let (major, minor, patch) = version;
        let said = start_in(PomeriumVersion(major, minor, patch), criterion.clone());
        match words {
            Some(words) => assert!(said.as_ref().is_some_and(|said| said.contains(words)), "{version:?}: {said:?}"),
            None => assert_eq!(said, None, "{version:?} {criterion}"),
        }
    }
}

#[test]
fn what_allows_is_compiled_before_what_denies() {
    let policy =
        node(json!([{"deny": {"or": [{"first": 1}]}}, {"allow": {"nor": [{"third": 1}], "and": [{"second": 1}]}}]));
    let policies = parse_ppl(&policy, true).unwrap();
    assert_eq!(start_error(&policies, PomeriumVersion::NEWEST).unwrap().words, "unknown policy criterion: second");
}
