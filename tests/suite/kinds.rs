//! Kinds of pastes that only look like those of a failed login: written about, of other programs, of another release; and what the
//! `do` line says.

use pomlint::rules::RULES;

use crate::pastes::{names, told};

const ERROR: &str =
    "https://corp.auth.eu-west-2.amazoncognito.com/error?error=redirect_mismatch&client_id=5n2k8q0v7c3x1m9b4h6j2l8d0f";

/// The first name of a paste and how sure it is.
fn first(pasted: &str) -> (String, String) {
    let value = told(pasted);
    let named = &value["names"][0];
    let text = |name: &str| named[name].as_str().unwrap_or_default().to_owned();
    (text("name"), text("strength"))
}

fn is(pasted: &str, name: &str, strength: &str) {
    assert_eq!(first(pasted), (name.to_owned(), strength.to_owned()), "{pasted}");
}

#[test]
fn a_whole_address_that_somebody_writes_about_is_possible_at_most() {
    for text in [
        "This used to fail with URL until we registered the callback.",
        "An address such as URL means the callback is missing.",
        "Fixed. The old error was URL",
        "- URL: callback not registered",
        "const BAD = \"URL\";",
        "TODO: handle URL in the e2e test",
        "+When you see URL add the callback",
        "curl example for the docs: `curl -sI URL`",
    ] {
        is(&text.replace("URL", ERROR), "callback-not-registered", "possible");
    }
    for text in ["URL", "- URL", "We get URL when we log in", "since the deployment: URL"] {
        is(&text.replace("URL", ERROR), "callback-not-registered", "certain");
    }
}

#[test]
fn what_an_external_provider_refuses_proves_nothing_of_the_domain() {
    for text in [
        "Error 400: redirect_uri_mismatch redirect_uri=https://acme.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse",
        "AADSTS50011: The redirect URI 'https://acme.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse' does not match",
    ] {
        let value = told(text);
        assert_eq!(value["names"][0]["name"], "external-provider-lacks-cognitos-callback", "{value}");
        assert!(!value["answer"].as_str().unwrap().contains("Cognito's own callback"), "{value}");
    }
}

#[test]
fn whoever_names_itself_and_is_not_pomerium_is_not_pomerium() {
    let issuer = r#"oidc: issuer did not match the issuer returned by provider, expected "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_Qw9ErTy1Z/" got "https://cognito-idp.eu-west-2.amazonaws.com/eu-west-2_Qw9ErTy1Z""#;
    let csrf = r#"{"level":"error","logger":"NAME.auth","msg":"oauth callback failed","error":"invalid CSRF token"}"#;
    for name in ["airflow-webserver", "apisix", "ory-hydra", "coder", "backstage", "superset", "dex", "vault"] {
        for text in [
            format!("{name}-1  | {issuer}"),
            format!("{name}-1  | ERROR token exchange failed: oauth2: \"invalid_client\""),
            csrf.replace("NAME", name),
        ] {
            let value = told(&text);
            let strengths = value["names"].as_array().unwrap().iter().map(|named| named["strength"].as_str().unwrap());
            assert!(strengths.into_iter().all(|strength| strength == "possible"), "{value}");
            assert!(!value["answer"].as_str().unwrap().contains("Pomerium's log"), "{value}");
        }
    }
    is(&format!("pomerium-1  | {issuer}"), "issuer-has-trailing-slash", "certain");
}

#[test]
fn the_one_line_cure_says_what_to_do_and_where() {
    let cure = |name: &str| {
        let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
        pomlint::page::cure(rule.page)
    };
    for (name, words) in [
        ("callback-path-ignored", ["delete `authenticate_callback_path`", "/oauth2/callback"]),
        ("identity-headers-not-passed", ["Pomerium", "pass_identity_headers: true"]),
        ("claim-case-lost", ["`ROUTES`", "export ROUTES="]),
        ("callback-not-registered", ["<authenticate_service_url>/oauth2/callback", "Allowed callback URLs"]),
        ("scope-not-allowed", ["OpenID Connect scopes", "app client"]),
        ("login-page-unavailable", ["style", "Branding"]),
        ("groups-criterion-never-matches", ["claim/cognito:groups", "policy"]),
        ("claim-never-sent", ["claim/cognito:groups", "policy"]),
        ("email-not-mapped", ["`email`", "attribute mapping"]),
        ("config-syntax-error", ["line", "pomlint check"]),
        ("request-parameter-overrides-protocol", ["idp_request_params", "settings"]),
        ("provider-unknown", ["`cognito`", "v0.23.0 or later"]),
    ] {
        let cure = cure(name);
        assert!(words.iter().all(|word| cure.contains(word)) && cure.len() < 240, "{name}: {cure}");
    }
}

#[test]
fn the_release_of_a_log_weighs() {
    let start =
        |version: &str| format!("{{\"level\":\"info\",\"version\":\"{version}\",\"message\":\"cmd/pomerium\"}}\n");
    let old = r#"{"level":"error","error":"json: cannot unmarshal string into Go struct field UserInfo.email_verified of type bool","message":"x"}"#;
    is(old, "userinfo-boolean-as-text", "certain");
    is(&(start("0.8.0") + old), "userinfo-boolean-as-text", "certain");
    is(&(start("0.33.1") + old), "userinfo-boolean-as-text", "possible");
}

#[test]
fn an_ended_session_is_no_fault_of_the_scopes() {
    let ended = r#"{"level":"error","error":"identity/oidc: user info endpoint: 401 Unauthorized: {\"error\":\"invalid_token\"}","user_id":"u","session_id":"s","message":"failed to update user info, deleting session"}"#;
    is(ended, "access-token-no-longer-valid", "likely");
    is("identity/oidc: user info endpoint: 401 Unauthorized", "scope-openid-missing", "likely");
}

#[test]
fn an_application_of_its_own_is_none_of_cognitos() {
    let cognitos = "external-provider-lacks-cognitos-callback";
    for text in [
        "AADSTS50011: The redirect URI 'https://portal.contoso.com/signin-oidc' specified in the request does not match the redirect URIs configured for the application '11aa'.",
        "Error 400: redirect_uri_mismatch\nRequest details: redirect_uri=https://shop.example.org/auth/google/callback",
    ] {
        let value = told(text);
        assert!(!names(&value).contains(&cognitos), "{value}");
    }
    let entra = "AADSTS50011: The redirect URI 'https://corp.auth.eu-west-2.amazoncognito.com/oauth2/idpresponse' specified in the request does not match the redirect URIs configured for the application '11aa'.";
    is(entra, cognitos, "likely");
    for (host, owner) in [("login.microsoftonline.com/7c1f", "Microsoft Entra"), ("accounts.google.com/o", "Google")] {
        let asked = format!(
            "https://{host}/oauth2/v2.0/authorize?client_id=a&redirect_uri=https%3A%2F%2Fcorp.auth.eu-west-2.amazoncognito.com%2Foauth2%2Fidpresponse"
        );
        let answer = told(&asked)["answer"].as_str().unwrap().to_owned();
        assert!(!answer.contains("Cognito's own callback") && answer.contains(owner), "{answer}");
    }
    is("Error 401: deleted_client\nThe OAuth client was deleted.", "external-provider-knows-no-client", "possible");
}

#[test]
fn the_page_behind_an_address_is_the_same_sighting() {
    let entry = |url: &str, status: u16, more: &str| {
        format!(r#"{{"request":{{"method":"GET","url":"{url}"}},"response":{{"status":{status}{more}}}}}"#)
    };
    let page = r#","content":{"text":"<h1>An error was encountered with the requested page.</h1>"}"#;
    for (error, name) in [("redirect_mismatch", "callback-not-registered"), ("invalid_request", "client-not-usable")] {
        let url = ERROR.replace("redirect_mismatch", error);
        let har = format!(r#"{{"log":{{"entries":[{}]}}}}"#, entry(&url, 400, page));
        let alone = told(&url);
        let (bare, value) = (names(&alone), told(&har));
        assert_eq!((names(&value)[0], names(&value)), (name, bare), "{value}");
    }
}

#[test]
fn the_specific_comes_before_the_vague() {
    let refused = r#"{"level":"info","service":"authorize","request-id":"0b8f","path":"/","user":"u","email":"a@example.com","allow":false,"allow-why-false":["groups-unauthorized"],"deny":false,"message":"authorize check"}"#;
    let value = told(refused);
    assert_eq!(names(&value), ["groups-criterion-never-matches", "policy-denied"], "{value}");
    assert_eq!(value["names"][1]["strength"], "possible");
    is(
        "group based access doesn't work, everyone in cognito group devs is denied",
        "groups-criterion-never-matches",
        "possible",
    );
    let dropped = r#"{"level":"error","error":"authenticate.OAuthCallback: Bad Request: identity provider: invalid_request","status":400,"message":"httputil: error"}"#;
    assert_eq!(first(dropped).0, "scope-not-allowed");
}

#[test]
fn the_cluster_and_the_start_are_understood() {
    is(
        r#"error: error validating "pomerium.yaml": error validating data: ValidationError(Pomerium.spec.identityProvider): missing required field "secret" in com.pomerium.ingress.v1.Pomerium.spec.identityProvider"#,
        "crd-field-rejected",
        "likely",
    );
    is(
        r#"The Pomerium "global" is invalid: spec.identityProvider.secret: Required value"#,
        "crd-field-rejected",
        "likely",
    );
    assert_eq!(first("bootstrap: cookie_secret should be 32 bytes, got 44").0, "cookie-secret-malformed");
    assert_eq!(
        first(r#"{"level":"warn","config-file":"/p/config.yaml","key":"authenticate_callback_path","message":"unknown config option"}"#).0,
        "callback-path-ignored"
    );
    let gone =
        r#"{"level":"warn","config-file":"/p/config.yaml","key":"forward_auth_url","message":"unknown config option"}"#;
    assert_eq!(first(gone).0, "removed-key-ignored");
    assert_eq!(first(&gone.replace("forward_auth_url", "idp_providerurl")).0, "unknown-key");
}

#[test]
fn plain_sentences_lead_somewhere() {
    for (text, name) in [
        ("everyone gets 403", "policy-denied"),
        ("some users get 403, others are fine", "policy-denied"),
        ("session expires immediately", "session-ends-at-once"),
        ("session lost after a minute", "session-ends-at-once"),
        ("the request expired", "request-expired"),
        ("identity headers are not passed to the upstream", "identity-headers-not-passed"),
        ("jwt assertion header is not passed to my app", "identity-headers-not-passed"),
        ("pomerium pod crashloops after upgrade to v0.33", "config-refused"),
        ("login fails after we moved pomerium to 3 replicas", "databroker-not-shared"),
    ] {
        is(text, name, "possible");
    }
}

#[test]
fn the_private_address_behind_a_proxy_is_not_what_is_asked() {
    let line = r#"2026/11/29 02:11:09 [error] 31#31: *7 upstream sent too big header while reading response header from upstream, client: 10.0.0.9, server: authenticate.wingtip.dev, request: "GET /oauth2/callback?code=a&state=b HTTP/2.0", upstream: "https://10.0.3.4:443/oauth2/callback?code=a&state=b", host: "authenticate.wingtip.dev""#;
    assert!(!told(line).to_string().contains("--deployed https://10."), "{}", told(line));
}

#[test]
fn every_tool_that_finds_no_host_is_understood() {
    for text in [
        "wget: unable to resolve host address 'corp.auth.eu-west-2.amazoncognito.com'",
        "ping: corp.auth.eu-west-2.amazoncognito.com: Name or service not known",
    ] {
        is(text, "domain-does-not-resolve", "likely");
    }
}
