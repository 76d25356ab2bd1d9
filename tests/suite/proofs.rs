//! What a paste proves, and what is said where nothing is named: who writes about a login had none, and whoever has a page or a line
//! is told what to do next.

use crate::pastes::{human, names, told};

const MISMATCH: &str = "https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch";

/// The stages that are said to work, of all sightings.
fn past(pasted: &str) -> Vec<String> {
    let value = told(pasted);
    let sightings = value["sightings"].as_array().unwrap();
    let stages = sightings.iter().flat_map(|sighting| sighting["past"].as_array().unwrap());
    stages.map(|stage| stage.as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_somebody_writes_about_proves_nothing() {
    let decision = |reasons: &str, user: &str| {
        format!(
            r#"{{"level":"info","service":"authorize","user":"{user}","allow":false,"allow-why-false":[{reasons}],"message":"authorize check"}}"#
        )
    };
    for pasted in [
        format!("// {MISMATCH}"),
        format!("If the callback differs, Cognito leads to {MISMATCH}"),
        format!("https://www.google.com/search?q={}", MISMATCH.replace(':', "%3A").replace('=', "%3D")),
        "When the secret is wrong, Pomerium logs \"token exchange failed: oauth2: invalid_client\".".to_owned(),
        "fatal: oauth2: \"invalid_grant\"".to_owned(),
        // Nobody had logged in.
        decision("\"email-unauthorized\",\"user-unauthenticated\"", ""),
        decision("", ""),
        // Google may be asked by Pomerium itself.
        "https://accounts.google.com/o/oauth2/v2/auth?client_id=1&redirect_uri=https://a.example/oauth2/callback"
            .to_owned(),
        "Error 400: redirect_uri_mismatch\nredirect_uri=https://a.example/oauth2/callback".to_owned(),
    ] {
        assert_eq!(past(&pasted), Vec::<String>::new(), "{pasted}");
        assert!(
            told(&pasted)["names"].as_array().unwrap().iter().all(|named| named["strength"] == "possible"),
            "{pasted}"
        );
    }
    assert_eq!(past(MISMATCH), ["domain", "client"]);
    assert!(past(&decision("\"email-unauthorized\"", "7d0c")).contains(&"login".to_owned()));
    // The scopes are what is wrong, whatever page it is seen on.
    let login = "https://acme.auth.eu-west-1.amazoncognito.com/login?client_id=4qk2&response_type=code&scope=openid,email&redirect_uri=https://a.example/oauth2/callback";
    assert_eq!((names(&told(login)), past(login).contains(&"scopes".to_owned())), (vec!["scope-unsupported"], false));
}

#[test]
fn where_nothing_is_named_it_is_said_what_to_do() {
    for pasted in [
        "This page isn't working\nHTTP ERROR 500",
        "https://authenticate.corp.example.com/oauth2/callback?error=invalid_request&error_description=Nobody+knows+this",
        r#"{"level":"error","error":"hpke: failed to open sealed message","message":"httputil: error"}"#,
        r#"{"level":"error","service":"authorize","error":"session databroker record not found","message":"x"}"#,
        r#"{"level":"warn","service":"envoy","message":"gRPC config stream closed"}"#,
        "http: server gave HTTP response to HTTPS client",
        "oidc: malformed jwt",
        "fatal: Authentication failed for 'https://git.example/x.git/'",
        "identity/oidc: couldn't update user info identity/oidc: user info endpoint: 400 Bad Request: {\"error\":\"invalid_request\"}",
        "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/userInfo {\"error\":\"invalid_request\"}",
        "User: x is not authorized to perform: cognito-idp:DescribeUserPool",
    ] {
        let (value, said) = (told(pasted), human(pasted).stdout);
        assert_eq!((names(&value), &value["exit"]), (vec![], &3.into()), "{pasted}");
        assert!(value["sightings"][0]["whose"].is_string(), "{pasted}");
        assert!(said.lines().any(|line| line.starts_with("  do ")), "{said}");
    }
}

#[test]
fn the_words_that_matter_are_shown_of_a_long_line() {
    let headers = "\"user-agent\":\"Mozilla/5.0 (X11; Linux x86_64)\",".repeat(20);
    for error in ["identity/oidc: token exchange failed: oauth2: \\\"invalid_client\\\"", "nobody has seen this"] {
        let line = format!(r#"{{"level":"error",{headers}"error":"{error}","message":"httputil: error"}}"#);
        let words = error.split(['\\', ':']).next().unwrap();
        for pasted in [line.clone(), format!("{line}\n{line}\n")] {
            let said = human(&pasted).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            let end = error.replace('\\', "");
            assert!(said.contains(words) && said.contains(end.rsplit(' ').next().unwrap()), "{said}");
            assert!(told(&pasted)["sightings"][0]["text"].as_str().unwrap().contains(&end), "{pasted}");
        }
    }
}

#[test]
fn an_address_says_by_its_scheme_what_can_be_asked_and_what_was_withheld() {
    let csrf = r#"{"level":"error","error":"Bad Request: invalid CSRF token","message":"httputil: error"}"#;
    let callback =
        |scheme: &str| format!("{scheme}://authenticate.corp.example.com/oauth2/callback?code=a&state=b\n{csrf}");
    assert!(names(&told(&callback("http"))).contains(&"authenticate-url-not-https"));
    assert!(!names(&told(&callback("https"))).contains(&"authenticate-url-not-https"));
    assert_eq!(names(&told(&callback("https"))).first(), Some(&"cookie-same-site-strict"));
    let said = |scheme: &str| human(&callback(scheme)).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said("https").contains("--deployed https://authenticate.corp.example.com"), "{}", said("https"));
    assert!(!said("http").contains("--deployed"), "{}", said("http"));
}

#[test]
fn a_header_of_a_proxy_does_not_make_the_answer_its_own() {
    let curl = "> GET /oauth2/callback?error=invalid_scope HTTP/2\n< HTTP/2 400\n< server: nginx/1.25.3\n";
    let value = told(curl);
    assert_eq!(
        (names(&value)[0], value["sightings"][0]["by"].as_str()),
        ("scope-not-allowed", Some("the answer of the callback"))
    );
    let denied = "403 Forbidden\nIf you should have access, contact your administrator with your request id: 5c1f0a52";
    assert!(human(denied).stdout.contains("Search Pomerium's log for the request id"), "{:?}", human(denied));
}
