//! A cure in the notation of the place that it is for: what JSON, TOML, a variable, a chart and a resource can hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::forms::{CLIENT, ISSUER, SECRET, chart, resource, told};
use crate::support::{Pomlint, healthy};

/// Only what a form reads cures: a chart reads no option of Pomerium's at the top level of its values.
#[test]
fn an_option_that_is_misplaced_goes_where_its_form_reads_it() {
    let route = "  routes:\n    - from: https://app.corp.example.com\n      to: http://app:8080\n      allow_any_authenticated_user: true\n";
    let values = chart("cognito", "").replace("image:", &format!("{route}      idp_scopes: [openid, email]\nimage:"));
    let (_, said) = told("values.yaml", &values, &[]);
    assert!(said.contains("take it out of the route, and set authenticate.idp.scopes"), "{said}");
    // Done wrongly, it hides nothing of what the chart reads.
    let slash = chart("cognito", "").replace(ISSUER, &format!("{ISSUER}/"));
    let (rules, said) = told("values.yaml", &format!("{slash}idp_scopes: [openid, email]\n"), &[]);
    assert!(rules.contains("issuer-has-trailing-slash"), "{said}");
    let own = healthy().replacen("    policy:", "    idp_scopes: [openid]\n    policy:", 1);
    let (_, said) = told("pomerium.yaml", &own, &[]);
    assert!(said.contains("to the top level: beside `routes`, idp_scopes is indented as that is"), "{said}");
}

/// A criterion of a policy can be copied into the file that it stands in.
#[test]
fn a_criterion_is_written_as_its_file_is() {
    let criteria = [
        (
            "domain",
            "is",
            "*.corp.example.com",
            [
                "{\"domain\":{\"ends_with\":\".corp.example.com\"}}",
                "{ domain = { ends_with = \".corp.example.com\" } }",
            ],
        ),
        (
            "groups",
            "has",
            "ops",
            ["{\"claim/cognito:groups\":{\"has\":\"ops\"}}", "{ \"claim/cognito:groups\" = { has = \"ops\" } }"],
        ),
        (
            "user",
            "is",
            "a@corp.example.com",
            ["{\"email\":{\"is\":\"a@corp.example.com\"}}", "{ email = { is = \"a@corp.example.com\" } }"],
        ),
        (
            "claim/cognito_groups",
            "has",
            "ops",
            ["{\"claim/cognito:groups\":{\"has\":\"ops\"}}", "{ \"claim/cognito:groups\" = { has = \"ops\" } }"],
        ),
    ];
    for (name, operator, value, [in_json, in_toml]) in criteria {
        let json = format!(
            "{{\"idp_provider\":\"cognito\",\"idp_provider_url\":\"{ISSUER}\",\"routes\":[{{\"from\":\"https://app.corp.example.com\",\"to\":\"http://a\",\"policy\":[{{\"allow\":{{\"or\":[{{\"{name}\":{{\"{operator}\":\"{value}\"}}}}]}}}}]}}]}}"
        );
        let (_, said) = told("config.json", &json, &[]);
        assert!(said.contains(in_json), "{name}: {said}");
        // What is told is what the next check has no objection to.
        let cured = json.replacen(&format!("{{\"{name}\":{{\"{operator}\":\"{value}\"}}}}"), in_json, 1);
        let (rules, said) = told("config.json", &cured, &[]);
        assert!(!rules.iter().any(|rule| rule.contains("never") || rule.contains("syntax")), "{cured}: {said}");
        let toml = format!(
            "idp_provider = \"cognito\"\nidp_provider_url = \"{ISSUER}\"\n[[routes]]\nfrom = \"https://app.corp.example.com\"\nto = \"http://a\"\npolicy = [{{allow = {{or = [{{\"{name}\" = {{{operator} = \"{value}\"}}}}]}}}}]\n"
        );
        let (_, said) = told("config.toml", &toml, &[]);
        assert!(said.contains(in_toml), "{name}: {said}");
    }
}

/// A variable is text: in YAML a flag has quotes there, and elsewhere none.
#[test]
fn a_flag_is_written_as_its_place_takes_it() {
    let container = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: p}\nspec:\n  template:\n    spec:\n      containers:\n      - name: p\n        image: pomerium/pomerium:v0.33.0\n        env:\n        - name: IDP_PROVIDER\n          value: cognito\n        - name: AUTOCERT\n          value: \"maybe\"\n";
    let service = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n";
    let map = format!("{service}      IDP_PROVIDER: cognito\n      AUTOCERT: maybe\n");
    let list = format!("{service}      - IDP_PROVIDER=cognito\n      - AUTOCERT=maybe\n");
    for (name, text, says) in [
        ("d.yaml", container, "write `true` or `false`, in quotes"),
        ("compose.yaml", &map, "write `true` or `false`, in quotes"),
        ("compose.yaml", &list, "write `true` or `false`\""),
        ("pomerium.env", "IDP_PROVIDER=cognito\nAUTOCERT=maybe\n", "write `true` or `false`\""),
        ("pomerium.yaml", "idp_provider: cognito\nautocert: maybe\n", "write `true` or `false`, without quotes"),
    ] {
        let (_, said) = told(name, text, &[]);
        assert!(said.contains(says), "{name}: {said}");
    }
}

/// The resource takes nothing from the environment that it lacks itself, and an issuer is a URL there too.
#[test]
fn a_resource_is_cured_in_the_resource() {
    let open = resource().replace(CLIENT, "CHANGE_ME");
    let (rules, said) = told("pomerium.yaml", &open, &[]);
    assert!(rules.contains("placeholder-left") && !said.contains("Pomerium's environment"), "{said}");
    let own = healthy().replace(CLIENT, "CHANGE_ME");
    assert!(told("pomerium.yaml", &own, &[]).1.contains("or delete the line and set IDP_CLIENT_ID"));
    let pool = "eu-west-1_9xK2mPq7R";
    let arn = format!("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{pool}");
    let host = ISSUER.trim_start_matches("https://");
    for written in [pool, &arn, host] {
        let (_, said) = told("pomerium.yaml", &resource().replace(ISSUER, written), &[]);
        assert!(said.contains(&format!("\"url: {ISSUER}\"")), "{written}: {said}");
    }
}

/// No cure drops what another one asks for.
#[test]
fn a_scope_in_other_letters_is_kept() {
    let text = healthy() + "idp_scopes: OpenID,email,Api/Read\n";
    let (_, said) = told("pomerium.yaml", &text, &[]);
    for line in ["idp_scopes: [openid, email, Api/Read]", "idp_scopes: [openid, email, Api/Read, profile]"] {
        assert!(said.contains(&format!("\"{line}\"")), "{line}: {said}");
    }
}

/// In capitals a pool's id has lost its own letters: nobody can tell it, and what can be told is told at once.
#[test]
fn an_issuer_in_capitals_is_written_out() {
    let of = |issuer: &str| told("pomerium.yaml", &healthy().replace(ISSUER, issuer), &[]).1;
    let says = "idp_provider_url: https://cognito-idp.eu-west-1.amazonaws.com/<user pool ID>";
    let said = of(&ISSUER.to_uppercase());
    assert!(said.contains(says), "{said}");
    let said = of(&ISSUER.replace("https://cognito-idp", "HTTPS://COGNITO-IDP"));
    assert!(said.contains(&format!("idp_provider_url: {ISSUER}\"")), "{said}");
}

/// What compose puts into its own file is corrected where it stands, under its own name.
#[test]
fn a_variable_that_compose_fills_in_is_cured_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let compose = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n      AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL: ${ISSUER}\n      IDP_CLIENT_ID: ${CID}\n      COOKIE_SAME_SITE: ${CS}\n";
    std::fs::write(folder.path().join("compose.yaml"), compose).unwrap();
    std::fs::write(folder.path().join(".env"), format!("ISSUER={ISSUER}/\nCID={CLIENT}\nCS=strict\n")).unwrap();
    let check = ["check", "--offline", "compose.yaml", "--format", "json"];
    let said = Pomlint::new(check).in_folder(folder.path()).run().stdout;
    for line in [
        &format!("ISSUER={ISSUER}"),
        "CS=lax",
        "IDP_CLIENT_SECRET_FILE: /run/secrets/idp_client_secret   # beside IDP_CLIENT_ID in the compose file",
    ] {
        assert!(said.contains(&format!("\"{line}\"")), "{line}: {said}");
    }
    assert!(!said.contains("\"COOKIE_SAME_SITE=") && !said.contains("\"IDP_PROVIDER_URL="), "{said}");
}

/// A variable that holds nothing is corrected where it stands, and not written beside itself.
#[test]
fn an_empty_variable_is_cured_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let compose = format!(
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n      AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n      IDP_PROVIDER: ${{NAME}}\n      IDP_PROVIDER_URL: {ISSUER}\n      IDP_CLIENT_ID: ${{CID}}\n"
    );
    std::fs::write(folder.path().join(".env"), "NAME=cognito\nCID=\n").unwrap();
    let check = |compose: &str| {
        std::fs::write(folder.path().join("compose.yaml"), compose).unwrap();
        Pomlint::new(["check", "--offline", "compose.yaml"]).in_folder(folder.path()).run().stdout
    };
    let said = check(&compose);
    for line in
        ["compose.yaml:8:7", "`IDP_CLIENT_ID` is empty", "::: .env:2:5", "IDP_CLIENT_ID: <id of the app client>\n"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
    let twice =
        compose.replace("      IDP_CLIENT_ID:", &format!("      IDP_CLIENT_ID: {CLIENT}\n      IDP_CLIENT_ID:"));
    let (rules, said) = told("compose.yaml", &twice, &[]);
    assert!(rules.contains("duplicate-key"), "{said}");
    assert!(said.contains("`IDP_CLIENT_ID` stands twice: Docker Compose refuses the whole file"), "{said}");
    std::fs::write(folder.path().join(".env"), "NAME=\nCID=\n").unwrap();
    let said = check(&compose);
    assert!(said.contains("`IDP_PROVIDER` is empty") && said.contains("IDP_PROVIDER: cognito\n"), "{said}");
}

/// An option that is gone is replaced by a variable, where one stands.
#[test]
fn a_variable_that_is_gone_is_replaced_by_a_variable() {
    let with = |line: &str| {
        format!(
            "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n      IDP_PROVIDER: cognito\n      {line}\n"
        )
    };
    for (line, cure) in [
        ("CLIENT_CA_FILE: /x", "use `DOWNSTREAM_MTLS_CA_FILE`"),
        ("CLIENT_CRL: x", "use `DOWNSTREAM_MTLS_CRL`"),
        ("TRACING_PROVIDER: jaeger", "use `OTEL_TRACES_EXPORTER: otlp` and `OTEL_EXPORTER_OTLP_ENDPOINT`"),
        ("POMERIUM_DEBUG: \"true\"", "use `LOG_LEVEL: debug`"),
    ] {
        let (_, said) = told("compose.yaml", &with(line), &[]);
        assert!(said.contains(&format!("\"{cure}\"")), "{line}: {said}");
    }
    let (_, said) = told("pomerium.env", "IDP_PROVIDER=cognito\nPOMERIUM_DEBUG=true\n", &[]);
    assert!(said.contains("use `LOG_LEVEL=debug`"), "{said}");
}

/// What a template lacks is written as the template is.
#[test]
fn a_template_in_json_is_cured_in_json() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.yaml"), healthy()).unwrap();
    let template = serde_json::json!({"Resources": {"C": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {
        "UserPoolId": "eu-west-1_9xK2mPq7R", "GenerateSecret": true, "AllowedOAuthFlowsUserPoolClient": false,
        "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "email", "profile"], "RefreshTokenValidity": 60,
        "CallbackURLs": [], "SupportedIdentityProviders": ["COGNITO"], "TokenValidityUnits": {"RefreshToken": "minutes"},
    }}}});
    std::fs::write(folder.path().join("t.json"), template.to_string()).unwrap();
    let check = ["check", "--offline", "config.yaml", "--infra", "t.json", "--infra-client", "C", "--pedantic"];
    let said = Pomlint::new(check).in_folder(folder.path()).run().stdout;
    for line in ["\"AllowedOAuthFlowsUserPoolClient\": true", "\"RefreshTokenValidity\": 840"] {
        assert!(said.contains(&format!(" {line}\n")), "{line}: {said}");
    }
}

/// No file that is read is run by a shell, and a list of routes is no variable.
#[test]
fn routes_are_encoded_for_a_variable_alone() {
    let service = format!(
        "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n      IDP_PROVIDER: cognito\n      IDP_CLIENT_SECRET: {SECRET}\n      POLICY: x\n"
    );
    let (_, said) = told("compose.yaml", &service, &[]);
    assert!(said.contains("\"base64 -w0 routes.yaml\"") && !said.contains("$(base64"), "{said}");
    for (name, text) in [
        ("pomerium.yaml", "idp_provider: cognito\npolicy: x\n"),
        ("config.json", "{\"idp_provider\":\"cognito\",\"policy\":\"x\"}"),
    ] {
        let (_, said) = told(name, text, &[]);
        assert!(said.contains("write the list of routes itself") && !said.contains("base64 -w0"), "{name}: {said}");
    }
}

/// What stands in the routes that a variable holds is in the words of a route.
#[test]
fn a_route_in_a_variable_is_a_route() {
    let routes = "[{\"from\":\"https://a.example.com\",\"to\":\"http://a\",\"allowed_groups\":[\"x\"]},{\"from\":\"https://b.example.com\",\"to\":\"http://b\",\"policy\":[{\"allow\":{\"or\":[{\"claim/cognito_groups\":\"x\"}]}}]}]";
    let text = format!("IDP_PROVIDER=cognito\nIDP_PROVIDER_URL={ISSUER}\nROUTES={}\n", STANDARD.encode(routes));
    let (_, said) = told("pomerium.env", &text, &[]);
    assert!(said.contains("write a `policy` with the criterion") && !said.contains("`POLICY`"), "{said}");
    assert!(said.contains("\"- claim/cognito:groups: x\"") && !said.contains("allowed_idp_claims"), "{said}");
}

/// The variable `ROUTES` is base64: what it encodes is JSON or YAML, and so are the cures.
#[test]
fn routes_in_a_variable_are_cured_in_their_own_notation() {
    use base64::Engine as _;
    let json = r#"[{"from":"https://a.corp.example.com","to":"http://a:80","policy":[{"allow":{"or":[{"groups":{"has":"x"}}]}}]},
        {"from":"https://b.corp.example.com","to":"http://b:80","allowed_users":["*@corp.example.com"]}]"#;
    let yaml = "- from: https://a.corp.example.com\n  to: http://a:80\n  policy: [{allow: {or: [{groups: {has: x}}]}}]\n\
                - from: https://b.corp.example.com\n  to: http://b:80\n  allowed_users: ['*@corp.example.com']\n";
    for (routes, cures) in [
        (json, [r#"{"claim/cognito:groups":{"has":"x"}}"#, r#""allowed_domains": ["corp.example.com"]"#]),
        (yaml, ["- claim/cognito:groups: { has: x }", "allowed_domains: [corp.example.com]"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let encoded = base64::engine::general_purpose::STANDARD.encode(routes);
        let text = format!(
            "IDP_PROVIDER=cognito\nIDP_PROVIDER_URL=https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n\
             IDP_CLIENT_ID=4qk2v9s7m1n3b5c8d0f6g7h2u1\nAUTHENTICATE_SERVICE_URL=https://authenticate.corp.example.com\n\
             ROUTES={encoded}\n"
        );
        std::fs::write(folder.path().join("pomerium.env"), text).unwrap();
        let ran = Pomlint::new(["check", "--env-file", "pomerium.env", "--offline", "--format", "json"]);
        let ran = ran.in_folder(folder.path()).run();
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let said = report["reports"][0]["verdicts"].to_string().replace("\\\"", "\"");
        for cure in cures {
            assert!(said.contains(cure), "{cure}: {said}");
        }
    }
}
