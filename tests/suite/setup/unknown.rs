//! What stands elsewhere is not taken for absent, and what is wrong in the configuration is told.

use serde_json::{Value, json};

use super::{CALLBACK, FORMATS, folder, settings, setup};
use crate::support::{Pomlint, healthy};

const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";

/// The notes of what is told for a file of this name, with these flags too.
fn notes(name: &str, text: &str, flags: &[&str]) -> (String, Value) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let ran =
        Pomlint::new(["setup", name, "--format", "json"]).args(flags.iter().copied()).in_folder(folder.path()).run();
    let document: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|why| panic!("{why}: {ran:?}"));
    let notes = document["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap().to_owned() + "\n");
    (notes.collect(), document["clients"][0].clone())
}

#[test]
fn a_client_that_stands_elsewhere_is_not_taken_for_a_new_one() {
    let says = "The id of the app client stands elsewhere. Below, one is made anew: if there is one, add --given idp_client_id=ID.";
    let reference = healthy().replace(CLIENT, "${CLIENT_ID}");
    let template = healthy().replace(CLIENT, "\"{{ .Values.id }}\"");
    let resource = "apiVersion: ingress.pomerium.io/v1\nkind: Pomerium\nmetadata: {name: global}\nspec:\n  secrets: pomerium/bootstrap\n  authenticate: {url: https://authenticate.corp.example.com}\n  identityProvider: {provider: cognito, url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R, secret: pomerium/idp}\n";
    for text in [&reference, &template, resource] {
        let (notes, client) = notes("config.yaml", text, &[]);
        assert!(notes.contains(says) && client["client_id"].is_null(), "{text}: {notes}");
        let (notes, client) = self::notes("config.yaml", text, &["--given", &format!("idp_client_id={CLIENT}")]);
        assert_eq!((notes.contains("stands elsewhere"), &client["client_id"]), (false, &json!(CLIENT)), "{text}");
    }
    let table = setup(folder(&reference).path(), "table").stdout;
    assert!(table.contains("\nan app client, made anew as its id stands elsewhere\n"), "{table}");
    // What nobody has made yet stands nowhere.
    let (notes, _) = notes("config.yaml", &healthy().replace(CLIENT, "YOUR_CLIENT_ID"), &[]);
    assert!(!notes.contains("stands elsewhere"), "{notes}");
}

#[test]
fn what_a_session_and_a_request_are_elsewhere_is_told() {
    let variables = format!(
        "      AUTHENTICATE_SERVICE_URL: https://authenticate.corp.example.com\n      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n      IDP_CLIENT_ID: {CLIENT}\n"
    );
    let compose =
        format!("services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n    environment:\n{variables}");
    assert_eq!(notes("compose.yaml", &compose, &[]).0, "");
    let open = format!("{compose}      COOKIE_EXPIRE: ${{X}}\n      IDP_REQUEST_PARAMS: ${{RP}}\n");
    let (said, _) = notes("compose.yaml", &open, &[]);
    assert!(said.contains("How long a session lasts stands elsewhere."), "{said}");
    assert!(said.contains("What idp_request_params holds stands elsewhere:"), "{said}");
    assert!(said.contains("leaves open what follows from that (exit code 3)"), "{said}");
    let (said, client) = notes("compose.yaml", &open, &["--given", "cookie_expire=960h"]);
    assert_eq!(
        (said.contains("a session"), &client["settings"]["RefreshTokenValidity"]),
        (false, &json!(40)),
        "{said}"
    );
}

/// A cure for Cognito's side is none for a file that does not load.
#[test]
fn a_configuration_that_is_refused_is_told() {
    let says =
        "Pomerium does not start with this configuration as it is: correct first what pomlint check finds in it.\n";
    for text in [healthy().replace(CLIENT, "[a]"), healthy() + "idp_client_id: other\n"] {
        assert_eq!(notes("config.yaml", &text, &[]).0, says, "{text}");
    }
    assert_eq!(notes("config.yaml", &healthy(), &[]).0, "");
}

#[test]
fn the_callback_is_that_of_the_token_request() {
    let text = healthy() + "idp_request_params: { redirect_uri: \"https://x.example\" }\n";
    assert_eq!(settings(folder(&text).path())["CallbackURLs"], json!([CALLBACK]));
    let (said, _) = notes("config.yaml", &text, &[]);
    assert!(said.contains("`https://x.example`. The token request names Pomerium's own"), "{said}");
    let same = healthy() + &format!("idp_request_params: {{ redirect_uri: \"{CALLBACK}\" }}\n");
    assert_eq!(notes("config.yaml", &same, &[]).0, "");
}

/// A scope is taken out where it is written, and what is written as one is written apart.
#[test]
fn the_cure_of_a_scope_is_where_it_is_written() {
    let with = |scopes: &str| healthy() + scopes + "\n";
    let (said, client) = notes("config.yaml", &with("idp_scopes: [\"openid,email\", profile]"), &[]);
    assert_eq!(client["settings"]["AllowedOAuthScopes"], json!(["openid", "email", "profile"]));
    assert_eq!(
        said,
        "`openid,email` is one scope to Cognito, which knows none of that name: write each of its parts by itself.\n"
    );
    let (said, _) = notes("config.yaml", &with("idp_scopes: [openid, offline_access]"), &[]);
    assert!(said.ends_with("refuses that: take it out of `idp_scopes`.\n"), "{said}");
    let (said, _) = notes("config.yaml", &with("idp_request_params: { scope: \"openid groups\" }"), &[]);
    assert!(said.ends_with("refuses that: take it out of the `scope` of `idp_request_params`.\n"), "{said}");
    let (said, _) = notes("config.yaml", &healthy().replace("idp_provider: cognito", "idp_provider: oidc"), &[]);
    assert!(said.contains("take it out of what Pomerium asks for, with `idp_provider: cognito`"), "{said}");
    // An option that says nothing has nothing to be taken out of.
    let (said, _) =
        notes("config.yaml", &with("idp_scopes: []").replace("idp_provider: cognito", "idp_provider: oidc"), &[]);
    assert!(said.contains("take it out of what Pomerium asks for, with `idp_provider: cognito`"), "{said}");
    let many: Vec<String> = (0..51).map(|number| format!("api/read{number}")).collect();
    let (said, _) = notes("config.yaml", &with(&format!("idp_scopes: [openid, {}]", many.join(", "))), &[]);
    assert_eq!(said, "These are 52 scopes, and an app client of Cognito takes 50 at most: ask for fewer.\n");
}

/// A name that is empty is none.
#[test]
fn an_empty_identity_provider_is_none() {
    let text = healthy() + "idp_request_params: { identity_provider: \"\" }\n";
    assert_eq!(settings(folder(&text).path())["SupportedIdentityProviders"], json!(["COGNITO"]));
}

/// What a team has decided once counts here, too.
#[test]
fn the_settings_file_says_what_the_command_line_leaves_open() {
    let folder = folder(&healthy().replace(CLIENT, "${CLIENT_ID}"));
    let says = "[check]\npomerium-version = \"v0.25.0\"\n[given]\nidp_client_id = \"5qk2v9s7m1n3b5c8d0f6g7h2u1\"\n";
    std::fs::write(folder.path().join("pomlint.toml"), says).unwrap();
    let run = |flags: &[&str]| {
        let setup = Pomlint::new(["setup", "config.yaml"]).args(flags.iter().copied());
        setup.in_folder(folder.path()).run().stdout
    };
    let said = run(&[]);
    assert!(said.contains("(Pomerium v0.25.0)") && said.contains("app client 5qk2v9s7m1n3b5c8d0f6g7h2u1\n"), "{said}");
    let typed = run(&["--pomerium-version", "v0.26.0"]);
    assert!(typed.contains("(Pomerium v0.26.0)"), "{typed}");
    assert!(!run(&["--no-settings"]).contains("5qk2v9s7m1n3b5c8d0f6g7h2u1"));
}

/// What Cognito could not store is said, and not written down (service model of `cognito-idp`).
#[test]
fn what_is_out_of_the_bounds_of_the_api_is_left_out_and_named() {
    let with = |line: String| folder(&format!("{}\n{line}\n", healthy()));
    let long = "Workforce-Identity-of-Corp-Production";
    let scope = format!("api/{}", "read".repeat(64));
    for (line, absent, says) in [
        (
            format!("idp_request_params: {{identity_provider: {long}}}"),
            long,
            "has more than 32 characters: no pool has one",
        ),
        (
            "idp_request_params: {identity_provider: \"a\\u200bb\"}".to_owned(),
            "a\u{200b}b",
            "has an invisible character in it",
        ),
        (format!("idp_scopes: [openid, \"{scope}\"]"), scope.as_str(), "has more than 256 characters"),
        ("idp_scopes: [openid, api/é]".to_owned(), "api/é", "has a character in it that no scope of Cognito can have"),
    ] {
        let folder = with(line);
        for format in FORMATS {
            let ran = setup(folder.path(), format);
            assert!(ran.code == 0, "{ran:?}");
            let flat = ran.stdout.replace("\n#", "").replace("  ", " ");
            assert!(flat.contains(says), "{format}: {says}: {ran:?}");
        }
        let settings = settings(folder.path()).to_string();
        assert!(!settings.contains(absent), "{settings}");
    }
    let folder = folder(&healthy().replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", "my-client"));
    let ran = setup(folder.path(), "table");
    assert!(ran.stdout.contains("no app client has that id"), "{ran:?}");
}

/// A parameter without a value is as good as none (RFC 6749, section 3.1).
#[test]
fn an_identity_provider_without_a_name_is_none() {
    for name in ["identity_provider", "idp_identifier"] {
        let folder = folder(&format!("{}\nidp_request_params: {{{name}: \"\"}}\n", healthy()));
        assert_eq!(settings(folder.path())["SupportedIdentityProviders"], json!(["COGNITO"]));
        let ran = setup(folder.path(), "table");
        assert!(!ran.stdout.contains("in the place of COGNITO"), "{ran:?}");
        let ran =
            Pomlint::new(["check", "config.yaml", "--offline", "--format", "json"]).in_folder(folder.path()).run();
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let judged = report["reports"][0]["verdicts"].as_array().unwrap().clone();
        let own = judged.iter().find(|judged| judged["rule"] == "identity-provider-not-enabled").unwrap();
        assert_eq!(own["verdict"], "not-applicable", "{own}");
    }
}
