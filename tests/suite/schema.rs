//! The JSON Schema of Pomerium's configuration: valid itself, complete, and of one mind with what the real Pomerium did.

use std::collections::BTreeSet;
use std::fs;

use pomlint::config::{PomeriumVersion, option_names, route_field_names, schema};
use serde_json::{Map, Value, json};

use crate::support::{Pomlint, project};

const CASES: &str = include_str!("../../fixtures/oracle/cases.json");

/// Files that the real Pomerium takes and the schema does not: nobody writes a configuration in this way on purpose.
const ODD: [&str; 14] = [
    "provider-capitalised",
    "provider-empty",
    "provider-number",
    "provider-null",
    "scopes-with-null",
    "scopes-bool",
    "client-id-small-exponent",
    "client-id-hex",
    "client-id-true",
    "client-id-null",
    "client-id-tilde",
    "null-known-key",
    "route-timeout-number",
    "address-number",
];

fn of(version: PomeriumVersion) -> Value {
    serde_json::from_str(&schema(version)).unwrap()
}

#[test]
fn the_schema_of_each_release_is_one_and_has_every_key_of_it() {
    for version in
        [PomeriumVersion(0, 15, 0), PomeriumVersion(0, 25, 0), PomeriumVersion::NEWEST, PomeriumVersion(0, 34, 0)]
    {
        let schema = of(version);
        assert!(jsonschema::draft7::meta::is_valid(&schema), "{version}");
        jsonschema::validator_for(&schema).unwrap();
        for name in option_names(version) {
            assert!(schema["properties"][name]["description"].is_string(), "{version}: {name}");
        }
        for name in route_field_names(version) {
            assert!(schema["definitions"]["route"]["properties"][name]["description"].is_string(), "{version}: {name}");
        }
        assert!(!schema.to_string().contains("anyOf"), "an error inside would hide behind it");
    }
    let (old, new) = (of(PomeriumVersion(0, 15, 0)), of(PomeriumVersion::NEWEST));
    let gone = |schema: &Value, name: &str| schema["properties"][name]["deprecationMessage"].clone();
    assert_eq!(gone(&old, "forward_auth_url"), Value::Null);
    assert_eq!(
        gone(&new, "forward_auth_url"),
        "Gone since v0.21.0: Pomerium ignores it. Delete it: forward-auth is gone, Pomerium itself must be the proxy."
    );
    assert!(old["properties"]["idp_provider"]["enum"].as_array().unwrap().iter().all(|name| name != "cognito"));
    assert!(old["properties"]["jwt_issuer_format"].is_null() && !new["properties"]["jwt_issuer_format"].is_null());
    // Envoy's own fields, which older releases handed on.
    assert!(!old["definitions"]["route"]["properties"]["lb_policy"].is_null());
    assert!(new["definitions"]["route"]["properties"]["lb_policy"].is_null());
}

/// What the schema lists for an option that has a list, and what the loader makes of each word and release.
#[test]
fn words_and_releases_are_those_that_the_loader_takes() {
    let words = |of: &Value| {
        of["enum"].as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let new = of(PomeriumVersion::NEWEST);
    for of in [&new["properties"], &new["definitions"]["route"]["properties"]] {
        assert_eq!(words(&of["jwt_issuer_format"]), ["hostOnly", "uri", "HOSTONLY", "URI"]);
    }
    assert_eq!(new["properties"]["jwt_issuer_format"]["default"], "hostOnly");
    for (release, kind, is_taken) in [
        ("v0.20.0", "redis", true),
        ("v0.23.0", "redis", true),
        ("v0.24.0", "redis", false),
        ("v0.25.0", "redis", false),
        ("v0.30.0", "file", false),
        ("v0.31.0", "file", true),
        ("v0.20.0", "postgres", true),
    ] {
        let listed = words(&of(release.parse().unwrap())["properties"]["databroker_storage_type"]);
        assert_eq!(listed.iter().any(|word| word == kind), is_taken, "{release} {kind}");
        let folder = tempfile::tempdir().unwrap();
        let text = crate::support::healthy()
            + &format!("databroker_storage_type: {kind}\ndatabroker_storage_connection_string: x://y\n");
        let path = folder.path().join("config.yaml");
        fs::write(&path, text).unwrap();
        let ran = Pomlint::new(["check", "--offline", "--pomerium-version", release, path.to_str().unwrap()]).run();
        assert_eq!(!ran.stdout.contains("config-refused"), is_taken, "{release} {kind}: {}", ran.stdout);
    }
}

#[test]
fn the_command_prints_it_for_a_release() {
    let ran = Pomlint::new(["schema", "pomerium", "--pomerium-version", "v0.25.0"]).run();
    assert_eq!((ran.code, ran.stdout), (0, schema(PomeriumVersion(0, 25, 0))));
    let ran = Pomlint::new(["schema", "pomerium"]).run();
    assert_eq!((ran.code, ran.stdout), (0, schema(PomeriumVersion::NEWEST)));
    let ran = Pomlint::new(["schema", "report", "--pomerium-version", "v0.25.0"]).run();
    assert!(ran.code == 2 && ran.stderr.contains("pomlint schema pomerium --pomerium-version"), "{}", ran.stderr);
}

/// Under the old name of the list, Pomerium looks for nothing that stops it.
#[test]
fn what_stops_pomerium_among_the_routes_is_passed_over_in_the_policy() {
    let validator = jsonschema::validator_for(&of(PomeriumVersion::NEWEST)).unwrap();
    for (list, is_taken) in [("routes", false), ("policy", true)] {
        let route = json!({"from": "https://a.example.com", "to": "http://b", "allowed_groups": ["admins"]});
        assert_eq!(validator.is_valid(&json!({list: [route]})), is_taken, "{list}");
    }
    assert!(validator.is_valid(&json!({"downstream_mtls.enforcement": "policy"})));
    let words = validator.iter_errors(&json!({"self_signed_cert": true})).next().unwrap().to_string();
    assert!(words.contains("'self_signed_cert' was unexpected"), "{words}");
}

/// The first document of a text, with its keys as viper has them.
fn document(text: &str) -> Option<Value> {
    use serde::Deserialize as _;
    let first = serde_yaml::Deserializer::from_str(text).next()?;
    Some(lower_case(Value::deserialize(first).ok()?))
}

fn lower_case(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.into_iter().map(|(key, value)| (key.to_lowercase(), lower_case(value))).collect::<Map<_, _>>(),
        ),
        Value::Array(elements) => elements.into_iter().map(lower_case).collect(),
        other => other,
    }
}

/// What the schema refuses, apart from keys that are unknown to it; and these.
fn refused(validator: &jsonschema::Validator, document: &Value) -> (Vec<String>, BTreeSet<String>) {
    let (mut refused, mut unknown) = (Vec::new(), BTreeSet::new());
    for error in validator.iter_errors(document) {
        if let jsonschema::error::ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
            let path = error.instance_path().to_string();
            let section: Vec<&str> =
                path.split('/').filter(|part| !part.is_empty() && part.parse::<usize>().is_err()).collect();
            let dotted = |key: &String| section.iter().copied().chain([key.as_str()]).collect::<Vec<_>>().join(".");
            unknown.extend(unexpected.iter().map(dotted));
        } else {
            refused.push(format!("{}: {error}", error.instance_path()));
        }
    }
    (refused, unknown)
}

#[test]
fn it_refuses_nothing_that_pomerium_takes() {
    let validator = jsonschema::validator_for(&of(PomeriumVersion::NEWEST)).unwrap();
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let (mut wrong, mut odd, mut taken, mut caught) = (Vec::new(), Vec::new(), 0, 0);
    for case in &cases {
        let (name, file) = (case["name"].as_str().unwrap(), case["file"].as_str().unwrap());
        let is_yaml = [".yaml", ".yml", ".json"].iter().any(|ending| file.ends_with(ending));
        let Some(document) = document(case["text"].as_str().unwrap()).filter(|_| is_yaml) else { continue };
        let (refused, unknown) = refused(&validator, &document);
        let is_started = case["pomerium"]["start"].as_array().is_none_or(Vec::is_empty);
        if case["pomerium"]["load"] != "ok" || !is_started {
            caught += usize::from(!refused.is_empty() || !unknown.is_empty());
            continue;
        }
        taken += 1;
        let logged: Vec<&str> =
            case["pomerium"]["logs"].as_array().unwrap().iter().filter_map(|log| log["key"].as_str()).collect();
        // Pomerium logs the ignored block once, and the schema whatever is unknown in it.
        if let Some(key) = unknown.iter().find(|key| !logged.iter().any(|logged| key.starts_with(logged))) {
            wrong.push(format!("{name}: {key} is known to Pomerium"));
        }
        if !refused.is_empty() {
            odd.push(format!("{name}: {}", refused.join("; ")));
        }
    }
    let names: BTreeSet<&str> = odd.iter().map(|told| told.split(':').next().unwrap()).collect();
    assert!(wrong.is_empty() && names == BTreeSet::from(ODD), "{wrong:#?}\n{odd:#?}");
    assert!(taken > 100 && caught > 15, "{taken} {caught}");
}

/// Written as Pomerium's own pages write them (`reference/global-timeouts`, `reference/routes/load-balancing`).
#[test]
fn what_pomeriums_pages_show_is_taken() {
    let validator = jsonschema::validator_for(&of(PomeriumVersion::NEWEST)).unwrap();
    for (text, is_taken) in [
        ("timeout_write: 0", true),
        ("timeout_write: 30s", true),
        ("timeout_write: 30", false),
        ("timeout_write: true", false),
        ("routes: [{from: 'https://a.example.com', to: 'http://b', load_balancing_policy: LEAST_REQUEST}]", true),
        ("routes: [{from: 'https://a.example.com', to: 'http://b', load_balancing_policy: least_request}]", true),
        ("routes: [{from: 'https://a.example.com', to: 'http://b', load_balancing_policy: LEAST}]", false),
    ] {
        assert_eq!(validator.is_valid(&document(text).unwrap()), is_taken, "{text}");
    }
}

#[test]
fn the_files_of_this_project_are_as_it_says() {
    let validator = jsonschema::validator_for(&of(PomeriumVersion::NEWEST)).unwrap();
    for name in ["healthy.yaml", "demo.yaml"] {
        let text = fs::read_to_string(project("fixtures/configs").join(name)).unwrap();
        let document = document(&text).unwrap();
        assert!(validator.is_valid(&document), "{name}: {:?}", validator.iter_errors(&document).next());
        let mut broken = document.clone();
        broken["routes"][0]["allow_any_authenticated_user"] = "maybe".into();
        let told: Vec<String> = validator.iter_errors(&broken).map(|error| error.instance_path().to_string()).collect();
        assert_eq!(told, ["/routes/0/allow_any_authenticated_user"], "an error names the very key");
    }
}

#[test]
fn words_and_defaults_are_those_of_their_release() {
    for (release, option, words, default) in [
        ("v0.20.0", "dns_lookup_family", Some(3), Some("AUTO")),
        ("v0.22.0", "dns_lookup_family", Some(5), Some("V4_PREFERRED")),
        ("v0.22.2", "log_level", None, Some("info")),
        ("v0.22.3", "log_level", Some(12), Some("info")),
        ("v0.28.0", "codec_type", Some(6), Some("auto")),
        ("v0.29.0", "codec_type", Some(8), Some("auto")),
    ] {
        let ran = Pomlint::new(["schema", "pomerium", "--pomerium-version", release]).run();
        let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let property = &schema["properties"][option];
        let own = |word: &&serde_json::Value| word.as_str().is_some_and(|word| !word.is_empty());
        let known = property["enum"].as_array().map(|words| words.iter().filter(own).count());
        assert_eq!((known, property["default"].as_str()), (words, default), "{release} {option}: {property}");
    }
}
