//! A cure in a text within another: the route of a variable or a chart, and the configuration file of a `ConfigMap`. What is written is
//! what that text can hold, and no edit breaks what is around it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::forms::{CLIENT, ISSUER, SECRET, chart};
use crate::elsewhere::{check, compose};
use crate::support::healthy;

/// What is said of a file by a rule, and the edit.
fn cure(name: &str, text: &str, rule: &str) -> (String, Value) {
    let checked = check(&[(name, text.to_owned())], &["--offline", name]);
    let verdicts = checked.report["reports"][0]["verdicts"].as_array().unwrap();
    let found = verdicts.iter().find(|verdict| verdict["rule"] == rule && verdict["verdict"] == "fail");
    let finding = &found.unwrap_or_else(|| panic!("{rule}: {}\n{text}", checked.screen))["findings"][0];
    (finding.to_string().replace("\\\"", "\""), finding["fix"]["edit"].clone())
}

/// A text with an edit done.
fn edited(text: &str, edit: &Value) -> String {
    let offset = |place: &Value| -> usize {
        let [line, column] = ["line", "column"].map(|name| usize::try_from(place[name].as_u64().unwrap()).unwrap() - 1);
        text.split_inclusive('\n').take(line).map(str::len).sum::<usize>() + column
    };
    let mut text = text.to_owned();
    let range = offset(&edit["start"])..offset(&edit["end"]);
    text.replace_range(range, edit["text"].as_str().unwrap());
    text
}

const NUMBER: &str = "1234567890123456789012345";

fn route(id: &str, secret: &str) -> String {
    format!(
        "- from: https://app.corp.example.com\n  to: http://app:80\n  allow_any_authenticated_user: true\n  idp_client_id: {id}\n  idp_client_secret: {secret}\n"
    )
}

/// The app client of a route has names that the global one has too.
#[test]
fn the_client_of_a_route_is_not_the_global_one() {
    const OWN: &str = "6aabbccddeeff0011223344556";
    let url = "https://x.corp.example.com/a";
    for (id, secret, rule, line) in [
        (NUMBER, SECRET, "client-id-read-as-number", "idp_client_id: \"<id of the app client>\""),
        ("6aabbccddeeff 0011223344556", SECRET, "client-id-malformed", "idp_client_id: <id of the app client>"),
        (url, SECRET, "client-id-malformed", "idp_client_id: <id of the app client>"),
        (OWN, &format!("'{SECRET} '"), "client-secret-has-whitespace", "idp_client_secret: \"value\""),
    ] {
        let encoded = STANDARD.encode(route(id, secret));
        let pod = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: pomerium }}\nspec:\n  selector: {{ matchLabels: {{ app: pomerium }} }}\n  template:\n    metadata: {{ labels: {{ app: pomerium }} }}\n    spec:\n      containers:\n        - name: pomerium\n          image: pomerium/pomerium:v0.33.1\n          env:\n{}            - {{ name: ROUTES, value: {encoded} }}\n",
            crate::elsewhere::variables("            - { name: NAME, value: 'VALUE' }\n", &[])
        );
        for (name, text) in [("compose.yaml", compose(&format!("      ROUTES: {encoded}\n"))), ("pod.yaml", pod)] {
            let (said, edit) = cure(name, &text, rule);
            assert!(said.contains(&format!("{line}   # of the route, which the variable holds as base64")), "{said}");
            assert!(!said.contains("IDP_CLIENT") && edit.is_null(), "{said}");
            assert!(!said.contains("TIzNDU2"), "a piece of base64: {said}");
            let read = "the id is read as a number, and Pomerium sends `1234567890123456800000000` as the client id";
            assert_eq!(said.contains(read), rule == "client-id-read-as-number", "{said}");
        }
    }
    let values = |id: &str, secret: &str| {
        let route = format!(
            "    - from: https://app.corp.example.com\n      to: http://app:80\n      allow_any_authenticated_user: true\n      idp_client_id: {id}\n      idp_client_secret: {secret}\n"
        );
        chart("cognito", "").replace("image:", &format!("  routes:\n{route}image:"))
    };
    let text = values(NUMBER, SECRET);
    let (said, edit) = cure("values.yaml", &text, "client-id-read-as-number");
    assert!(said.contains(&format!("idp_client_id: \"{NUMBER}\"")) && !said.contains("clientID"), "{said}");
    let cured = edited(&text, &edit);
    assert!(cured.contains(&format!("idp_client_id: \"{NUMBER}\"\n")), "{cured}");
    let (said, _) = cure("values.yaml", &values(OWN, &format!("'{SECRET} '")), "client-secret-has-whitespace");
    assert!(said.contains("idp_client_secret: \"value\"") && !said.contains("authenticate.idp"), "{said}");
}

fn config_map(name: &str, scalar: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: pomerium }}\ndata:\n  {name}: {scalar}\n")
}

#[test]
fn the_text_of_a_config_map_is_written_as_it_is() {
    let mut config = json!({
        "authenticate_service_url": "https://authenticate.corp.example.com",
        "idp_provider": "cognito", "idp_provider_url": ISSUER, "idp_client_id": CLIENT, "idp_client_secret": SECRET,
        "idp_scopes": [], "routes": [{ "from": "https://app.corp.example.com", "to": "http://app:80", "policy": [{ "allow": { "or": [{ "groups": "a" }] } }] }],
    });
    let single = config_map("config.json", &format!("'{config}'"));
    let (said, edit) = cure("pomerium.yaml", &single, "scope-unsupported");
    assert!(said.contains("\"idp_scopes\": \"openid,profile,email\""), "{said}");
    let cured = edited(&single, &edit);
    assert!(cured.contains("\"idp_scopes\":[\"openid\", \"profile\", \"email\"]"), "{cured}");
    let (said, _) = cure("pomerium.yaml", &single, "groups-criterion-never-matches");
    assert!(said.contains("{\"claim/cognito:groups\":\"a\"}"), "{said}");
    // Within such quotes, others have to be escaped.
    let double = config_map("config.json", &json!(config.to_string()).to_string());
    assert!(cure("pomerium.yaml", &double, "scope-unsupported").1.is_null());
    config["idp_client_id"] = json!(1);
    let double =
        config_map("config.json", &json!(config.to_string().replace(":1,", &format!(":{NUMBER},"))).to_string());
    assert!(cure("pomerium.yaml", &double, "client-id-read-as-number").1.is_null());
    let mut yaml = healthy().replace(&format!("idp_client_id: {CLIENT}"), &format!("idp_client_id: {NUMBER}"));
    let double = config_map("config.yaml", &json!(yaml).to_string());
    assert!(cure("pomerium.yaml", &double, "client-id-read-as-number").1.is_null());
    // A name behind an escaped line break stands there all the same.
    yaml = healthy() + "idp_clientid: x\n";
    let double = config_map("config.yaml", &json!(yaml).to_string());
    assert!(cure("pomerium.yaml", &double, "unknown-key").1.is_null());
    // The chart writes the option itself.
    let values = chart("cognito", "").replace("image:", "  extraOpts:\n    idp_clientid: x\nimage:");
    assert!(cure("values.yaml", &values, "unknown-key").1.is_null());
}

/// What stands in a table of TOML is within it, as what stands in a mapping of YAML is.
#[test]
fn a_policy_that_does_not_compile_is_one_finding_in_toml_too() {
    let route = "[[routes]]\nfrom = \"https://app.corp.example.com\"\nto = \"http://app:80\"\n";
    let options = "authenticate_service_url = \"https://authenticate.corp.example.com\"\nidp_provider = \"cognito\"\n";
    let login =
        format!("idp_provider_url = \"{ISSUER}\"\nidp_client_id = \"{CLIENT}\"\nidp_client_secret = \"{SECRET}\"\n");
    for (policy, rule) in [
        ("allowed_groups = [\"a\"]\n", "removed-key-stops-start"),
        ("policy = [{ allow = { or = [\"authenticated_user\"] } }]\n", "policy-does-not-compile"),
        ("[[routes.policy]]\nallow = { or = [\"authenticated_user\"] }\n", "policy-does-not-compile"),
    ] {
        let text = format!("{options}{login}{route}{policy}");
        let checked = check(&[("config.toml", text)], &["--offline", "config.toml"]);
        let rules = checked.rules("fail");
        assert!(rules.contains(&rule) && !rules.contains(&"route-nobody-can-use"), "{policy}: {}", checked.screen);
    }
}
