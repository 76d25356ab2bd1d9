//! Whose a page, an event or a text is: browsers, clusters, proxies and other identity providers each say their own.

use crate::pastes::{human, names, told};
use serde_json::json;

/// The owner of the first sighting, and the first name.
fn owned(pasted: &str) -> (String, Option<String>) {
    let value = told(pasted);
    let by = value["sightings"][0]["by"].as_str().unwrap_or_default().to_owned();
    (by, names(&value).first().map(|name| (*name).to_owned()))
}

#[test]
fn the_pages_of_a_browser_are_its_own() {
    for pasted in [
        "This page isn’t working\nauthenticate.corp.example.com is currently unable to handle this request.\nHTTP ERROR 500",
        "Diese Seite funktioniert nicht\nauthenticate.corp.example.com kann diese Anfrage momentan nicht verarbeiten.\nHTTP ERROR 500",
        "Cette page ne fonctionne pas\nImpossible de traiter cette demande via authenticate.corp.example.com à l'heure actuelle.\nHTTP ERROR 500",
        "Esta página no funciona\nauthenticate.corp.example.com no puede procesar esta solicitud ahora.\nHTTP ERROR 500",
        "HTTP ERROR 400",
        "app.corp.example.com didn’t send any data.\nERR_EMPTY_RESPONSE",
        "app.corp.example.com hat keine Daten gesendet.\nERR_EMPTY_RESPONSE",
        "app.corp.example.com n'a envoyé aucune donnée.",
        "app.corp.example.com no ha enviado ningún dato.",
        "This site can’t be reached\nauthenticate.corp.example.com refused to connect.\nERR_CONNECTION_REFUSED",
        "Diese Website ist nicht erreichbar\nauthenticate.corp.example.com hat die Verbindung abgelehnt.\nERR_CONNECTION_REFUSED",
        "Ce site est inaccessible\nERR_CONNECTION_REFUSED",
        "No se puede acceder a este sitio\nERR_CONNECTION_REFUSED",
        "login.corp.example.com\nDNS_PROBE_FINISHED_NXDOMAIN",
        "Unable to connect\nFirefox can’t establish a connection to the server at authenticate.corp.example.com.",
        "Secure Connection Failed\nPR_END_OF_FILE_ERROR",
        "ERR_SSL_PROTOCOL_ERROR",
    ] {
        let (by, _) = owned(pasted);
        assert_eq!(by, "the browser", "{pasted}");
        assert!(told(pasted)["names"].as_array().unwrap().iter().all(|named| named["strength"] == "possible"));
    }
    // Pomerium's own error page is never empty.
    let answer = told("HTTP ERROR 500")["answer"].clone();
    assert!(answer.as_str().unwrap().contains("Pomerium's error pages are never empty"), "{answer}");
}

#[test]
fn a_complaint_that_no_list_knows_has_an_owner() {
    for (pasted, owner) in [
        ("nginx: 2026/11/29 02:11:09 [error] 31#31: *1 open() failed", "the log of nginx"),
        ("keycloak-1  | 2026-11-29 WARN type=LOGIN_ERROR, error=user_temporarily_disabled", "the log of keycloak"),
        ("[error] 7#7: *12 connect() failed (111) while connecting to upstream", "a proxy in front of Pomerium"),
        ("*1 upstream sent too big header while reading response header from upstream", "a proxy in front of Pomerium"),
        ("│ Error: Unsupported argument\n│ \n│   on main.tf line 12", "Terraform"),
        ("❌  Corp failed: Error: The stack named Corp failed creation: ROLLBACK_COMPLETE", "CloudFormation"),
    ] {
        let (by, first) = owned(pasted);
        assert_eq!((by.as_str(), first), (owner, None), "{pasted}");
        assert_eq!(told(pasted)["exit"], 3, "{pasted}");
    }
}

#[test]
fn an_event_of_a_cluster_names_what_became_of_the_container() {
    let event = |words: &str| {
        format!("Events:\n  Type     Reason  Age  From     Message\n  Warning  X  5s (x3 over 19s)  kubelet  {words}\n")
    };
    for (words, name) in [
        ("MountVolume.SetUp failed for volume \"idp\" : secret \"idp\" not found", "secret-or-volume-missing"),
        ("Error: secret \"pomerium-idp\" not found", "secret-or-volume-missing"),
        ("Error: couldn't find key client_secret in Secret pomerium/idp", "secret-or-volume-missing"),
        ("CreateContainerConfigError", "secret-or-volume-missing"),
        ("Error: ImagePullBackOff", "image-not-pulled"),
        ("Failed to pull image \"pomerium/pomerium:v9.9.9\": not found", "image-not-pulled"),
        ("OOMKilled", "container-killed-for-memory"),
        ("Back-off restarting failed container pomerium", "container-ends-again-and-again"),
    ] {
        for pasted in [words.to_owned(), event(words)] {
            let (by, first) = owned(&pasted);
            assert_eq!((by.as_str(), first.as_deref()), ("Kubernetes", Some(name)), "{pasted}");
        }
    }
    let pods =
        "NAME         READY  STATUS            RESTARTS  AGE\npomerium-0   0/1    CrashLoopBackOff  7         12m\n";
    assert_eq!(owned(pods).1.as_deref(), Some("container-ends-again-and-again"));
    assert!(human(pods).stdout.contains("kubectl logs POD --previous"));
    // What no list knows has an owner all the same.
    let probe = told(&event("Readiness probe failed: HTTP probe failed with statuscode: 503"));
    assert_eq!((names(&probe), &probe["exit"]), (vec![], &json!(3)));
    assert_eq!(probe["sightings"][0]["by"], "Kubernetes");
}

#[test]
fn what_envoy_says_for_want_of_an_answer_is_not_about_the_login() {
    for body in [
        "no healthy upstream",
        "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
        "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: 111",
        "upstream request timeout",
    ] {
        let (by, first) = owned(body);
        assert!(by.starts_with("Envoy"), "{body}: {by}");
        assert_eq!(first.as_deref(), Some("application-not-reachable"), "{body}");
    }
}

#[test]
fn the_pages_and_addresses_of_other_providers_are_theirs() {
    for (owner, pasted) in [
        (
            "Okta",
            "https://dev-1.okta.com/oauth2/v1/authorize?client_id=0oa1&redirect_uri=https%3A%2F%2Facme.auth.eu-west-1.example%2Foauth2%2Fidpresponse&response_type=code",
        ),
        (
            "Okta",
            "400 Bad Request\nThe 'redirect_uri' parameter must be a Login redirect URI in the client app settings",
        ),
        (
            "Okta",
            "<html><body class=\"okta-signin\"><h1>Access</h1><p>User is not assigned to the client application.</p></body></html>",
        ),
        ("Auth0", "https://corp.eu.auth0.com/authorize?client_id=a&redirect_uri=b&error=c"),
        ("Auth0", "Callback URL mismatch.\nThe provided redirect_uri is not in the list of allowed callback URLs."),
        (
            "Microsoft Entra",
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=a&redirect_uri=b",
        ),
        (
            "Microsoft Entra",
            "<html><div>Sorry, but we’re having trouble signing you in.</div><div>AADSTS900144: x</div></html>",
        ),
        ("Google", "Fehler 400: redirect_uri_mismatch"),
        ("Google", "https://accounts.google.com/o/oauth2/v2/auth?client_id=a&redirect_uri=b"),
        (
            "Keycloak",
            "<html class=\"login-pf\"><h1 id=\"kc-page-title\">We are sorry...</h1><p>Invalid parameter: redirect_uri</p></html>",
        ),
        ("Keycloak", "https://sso.example.com/realms/corp/protocol/openid-connect/auth?client_id=a&redirect_uri=b"),
        ("GitHub", "https://github.com/login/oauth/authorize?client_id=a&redirect_uri=b"),
        ("GitHub", "Be careful!\nThe redirect_uri is not associated with this application."),
        ("another identity provider", "https://corp.onelogin.com/oidc/2/auth?client_id=a&redirect_uri=b"),
    ] {
        let (by, _) = owned(pasted);
        assert_eq!(by, owner, "{pasted}");
        let value = told(pasted);
        assert!(value["names"].as_array().unwrap().iter().all(|named| named["strength"] != "certain"), "{value}");
    }
}

#[test]
fn a_har_tells_what_failed_behind_the_callback() {
    let entry = |url: &str, status: u16, more: &str| {
        format!(r#"{{"request":{{"method":"GET","url":"{url}"}},"response":{{"status":{status},"headers":[]{more}}}}}"#)
    };
    let har = |entries: &[String]| format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","));
    let callback = entry("https://authenticate.corp.example.com/oauth2/callback?code=a&state=b", 302, "");
    let page = |status: u16, more: &str| entry("https://app.corp.example.com/", status, more);
    for failed in [page(403, ""), page(500, ""), page(0, r#","_error":"net::ERR_FAILED""#)] {
        let value = told(&har(&[callback.clone(), failed]));
        assert_eq!((&value["exit"], &value["unexplained"]["count"]), (&json!(3), &json!(1)), "{value}");
        assert_eq!(value["answer"], "Undecided: a request failed, and it matches no known symptom.");
        assert_eq!(value["unexplained"]["lines"][0]["line"], 2);
    }
    let fine =
        told(&har(&[callback.clone(), page(200, ""), entry("https://app.corp.example.com/favicon.ico", 404, "")]));
    assert_eq!(fine["unexplained"]["count"], 0);
    // The browser's own account of the callback's status is no line of a proxy's log.
    let refused = told(&har(&[callback.replace("302", "500")]));
    assert!(refused["answer"].as_str().unwrap().contains("the answer of Pomerium's callback"), "{refused}");
    let nobody = told(&har(&[callback.replace("302", "502")]));
    assert!(nobody["answer"].as_str().unwrap().contains("a proxy's in front of Pomerium"), "{nobody}");
}

#[test]
fn the_lines_of_other_programs_name_nothing_surely() {
    for (pasted, owner) in [
        ("TooManyRequestsException: Rate exceeded (Service: Lambda)", "what was pasted"),
        (
            "An error occurred (LimitExceededException) when calling the CreateRole operation: Cannot exceed quota",
            "the AWS CLI",
        ),
        ("postgres FATAL: listen tcp :5432: bind: address already in use", "the log of postgres"),
        (
            r#"Warning FailedMount kubelet MountVolume.SetUp failed for volume "config" : secret "grafana" not found"#,
            "the log of grafana",
        ),
        (r#"grafana logger=oauth level=error error="oauth2: \"invalid_client\"""#, "the log of grafana"),
        (r#"traefik level=error msg="redirect_mismatch""#, "the log of traefik"),
        (r"[warn] Symfony\Component\Security: Invalid CSRF token.", "the log of symfony"),
    ] {
        let value = told(pasted);
        let by = value["sightings"][0]["by"].as_str().unwrap_or("what was pasted");
        let is_sure = value["names"].as_array().unwrap().iter().any(|named| named["strength"] != "possible");
        assert!(by == owner && !is_sure, "{pasted}: {value}");
    }
    let quota = "TooManyRequestsException: Rate exceeded (Service: CognitoIdentityProvider)";
    assert_eq!(told(quota)["names"][0]["strength"], "likely");
}

#[test]
fn what_stands_beside_a_healthy_address_is_not_said_of_it() {
    let page = "https://acme.auth.eu-west-1.amazoncognito.com/login?client_id=a&redirect_uri=https%3A%2F%2Fx.example%2Foauth2%2Fcallback";
    let wanted = format!("{page}&response_type=code&scope=openid");
    for pasted in [
        format!("HTTP/1.1 503 Service Unavailable\n{wanted}"),
        format!("An error was encountered with the requested page.\n{page}"),
        "panic: runtime error: x\nhttps://authenticate.corp.example.com/oauth2/callback?code=a&state=b".to_owned(),
        format!("{wanted}\nhelp"),
    ] {
        let value = told(&pasted);
        assert_eq!((names(&value), &value["exit"]), (vec![], &3.into()), "{pasted}");
        assert!(value["sightings"][0]["by"] != "a proxy in front of Pomerium", "{value}");
    }
}

#[test]
fn the_door_that_answered_is_named() {
    let line = r#"{"level":"info","path":"/.pomerium/sign_in?a=b","response-code":500,"message":"http-request"}"#;
    assert_eq!(owned(line), ("the answer of the sign-in page".to_owned(), None));
    let page = r#"{"Status":"500 Internal Server Error","RequestID":"5c1f0a52"}"#;
    assert_eq!(owned(page), ("Pomerium's error page".to_owned(), None));
    for details in ["no_healthy_upstream", "upstream_reset_before_response_started{connection_failure}"] {
        let line = format!(
            r#"{{"level":"info","service":"envoy","authority":"grafana.io","path":"/","response-code":503,"response-code-details":"{details}","message":"http-request"}}"#
        );
        assert_eq!(owned(&line).1.as_deref(), Some("application-not-reachable"), "{line}");
    }
}

#[test]
fn a_text_that_resembles_another_has_its_own_name() {
    let issued = |expected: &str, got: &str| {
        owned(&format!(r#"oidc: id token issued by a different provider, expected "{expected}" got "{got}""#)).1
    };
    let host = "cognito-idp.eu-west-1.amazonaws.com";
    let pool = format!("https://{host}/eu-west-1_9xK2mPq7R");
    assert_eq!(issued(&pool, &format!("https://{host}/eu-west-1_AAAAAAAAA")), None);
    assert_eq!(issued("https://kc.example/realms/a", "https://kc.example/realms/b"), None);
    let switched = format!("https://issuer-{host}/eu-west-1_9xK2mPq7R");
    assert_eq!(issued(&pool, &switched).as_deref(), Some("issuer-switched"));

    let edge = "504 ERROR\nThe request could not be satisfied.\nCloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin closed the connection.\nGenerated by cloudfront (CloudFront)\nhttps://login.corp.example.com/oauth2/authorize?client_id=x";
    assert_eq!(owned(edge), ("CloudFront".to_owned(), None));
    assert_eq!(owned(&edge.replace('\n', " ")), ("CloudFront".to_owned(), None));

    let keys = "error verifying token: failed to verify signature: fetching keys oidc: get keys failed Get \"https://x.example/jwks.json\": ";
    for (text, name) in [
        ("The provider Google does not exist for User Pool eu-west-1_9xK2mPq7R.", "identity-provider-not-enabled"),
        (&format!("{keys}dial tcp 10.0.0.1:443: i/o timeout"), "network-blocked"),
        (&format!("{keys}tls: x509: certificate signed by unknown authority"), "private-certificate-authority"),
        (
            "https://acme.auth.eu-west-1.amazoncognito.com/error?error=invalid_request&id_token_hint=x&post_logout_redirect_uri=https%3A%2F%2Fx",
            "provider-generic-oidc",
        ),
        (
            r#"{"level":"warn","error":"context deadline exceeded","message":"failed to refresh oauth2 token"}"#,
            "refresh-is-tried-again",
        ),
        (r#"{"level":"info","message":"disabling refresh of user sessions"}"#, "authenticate-url-missing"),
        ("curl -si https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token\nHTTP/2 405", "wrong-method-or-path"),
        (
            "Hum, nous ne parvenons pas à trouver ce site.\nImpossible de se connecter au serveur à l’adresse authenticate.fabrikam.io.",
            "authenticate-host-unreachable-by-browsers",
        ),
        (
            r#"{"log":{"entries":[{"request":{"url":"https://x.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch"},"response":{"status":4"#,
            "callback-not-registered",
        ),
    ] {
        assert_eq!(owned(text).1.as_deref(), Some(name), "{text}");
    }
}

#[test]
fn a_token_that_pomerium_refuses_is_not_in_order() {
    let claims = |extra: serde_json::Value| {
        let mut claims = json!({
            "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R", "aud": "4qk2v9s7m1n3b5c8d0f6g7h2u1",
            "token_use": "id", "email": "a@example.com", "iat": 1_700_000_000, "exp": 5_000_000_000_u64,
        });
        claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        told(&claims.to_string())["exit"].clone()
    };
    assert_eq!(claims(json!({})), 3);
    assert_eq!(claims(json!({"nbf": 1_700_000_000})), 3);
    for wrong in [
        json!({"nbf": 4_000_000_000_u64}),
        json!({"email": ""}),
        json!({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known"}),
    ] {
        assert_eq!(claims(wrong.clone()), 1, "{wrong}");
    }
}

#[test]
fn what_a_browser_does_not_reach_is_its_hosts() {
    let page = |host: &str, code: &str| {
        format!(
            "Your connection is not private\nAttackers might be trying to steal your information from {host}\nNET::{code}"
        )
    };
    let (pomerium, cognito) = ("authenticate.corp.example.com", "acme.auth.eu-west-1.amazoncognito.com");
    for code in ["ERR_CERT_AUTHORITY_INVALID", "ERR_CERT_DATE_INVALID", "ERR_CERT_COMMON_NAME_INVALID"] {
        assert_eq!(names(&told(&page(pomerium, code))), ["deployed-certificate-invalid"], "{code}");
        assert_eq!(names(&told(&page(cognito, code))), ["domain-certificate-invalid"], "{code}");
        let of_either = ["domain-certificate-invalid", "deployed-certificate-invalid"];
        assert_eq!(names(&told(&page("wiki.example.com", code))), of_either, "{code}");
    }
    for (pasted, named) in [
        ("GET https://cdn.example.net/x.js net::ERR_NAME_NOT_RESOLVED", vec![]),
        ("GET https://wiki.example.com/ net::ERR_NAME_NOT_RESOLVED", vec![]),
        (
            "GET https://authenticate.corp.example.com/.pomerium/sign_in?x net::ERR_NAME_NOT_RESOLVED",
            vec!["authenticate-host-unreachable-by-browsers"],
        ),
        (
            "GET https://login.corp.example.com/oauth2/authorize?a=b net::ERR_NAME_NOT_RESOLVED",
            vec!["domain-does-not-resolve"],
        ),
        ("acme.auth.eu-west-1.amazoncognito.com took too long to respond. ERR_CONNECTION_TIMED_OUT", vec![]),
    ] {
        let value = told(pasted);
        assert_eq!((names(&value), value["sightings"][0]["by"].as_str()), (named, Some("the browser")), "{pasted}");
    }
}

#[test]
fn what_is_not_of_the_login_is_not_the_answer_of_its_recording() {
    let entry = |url: &str, status: u16, more: &str| {
        format!(r#"{{"request":{{"method":"GET","url":"{url}"}},"response":{{"status":{status}{more}}}}}"#)
    };
    let har = |entries: &[String]| told(&format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(",")));
    let unresolved = r#","_error":"net::ERR_NAME_NOT_RESOLVED""#;
    let elsewhere = entry("https://cdn.example.net/x.js", 0, unresolved);
    let callback =
        |status: u16| entry("https://authenticate.corp.example.com/oauth2/callback?code=a&state=b", status, "");
    let healthy = har(&[callback(302), elsewhere.clone()]);
    assert_eq!((names(&healthy), &healthy["exit"]), (vec![], &json!(3)), "{healthy}");
    let failed = har(&[elsewhere, callback(500)]);
    assert!(failed["answer"].as_str().unwrap().contains("the answer of Pomerium's callback"), "{failed}");
    let sign_in = entry("https://authenticate.corp.example.com/.pomerium/sign_in?a=b", 0, unresolved);
    assert_eq!(names(&har(&[sign_in])), ["authenticate-host-unreachable-by-browsers"]);

    let signed_out = "https://authenticate.corp.example.com/.pomerium/signed_out";
    let logout = |location: &str| {
        let url = "https://acme.auth.eu-west-1.amazoncognito.com/logout?client_id=4qk2&logout_uri=https%3A%2F%2Fauthenticate.corp.example.com%2F.pomerium%2Fsigned_out";
        har(&[entry(url, 302, &format!(r#","headers":[{{"name":"Location","value":"{location}"}}]"#))])
    };
    assert_eq!(names(&logout(signed_out)), Vec::<&str>::new());
    let refused = "https://acme.auth.eu-west-1.amazoncognito.com/login?client_id=4qk2&logout_uri=x";
    assert_eq!(names(&logout(refused)).first(), Some(&"sign-out-url-not-registered"));

    let own = r#","headers":[{"name":"x-pomerium-intercepted-response","value":"true"}]"#;
    assert_eq!(names(&har(&[entry("https://app.corp.example.com/", 403, own)])), ["policy-denied"]);
}

#[test]
fn the_answer_of_pomerium_is_not_that_of_a_proxy() {
    let callback = "https://authenticate.corp.example.com/oauth2/callback?code=a&state=b";
    let loaded = "Failed to load resource: the server responded with a status of";
    for (pasted, owner, named) in [
        (format!("{callback}\n\n500 Internal Server Error"), "the answer of the callback", None),
        (format!("{callback}: {loaded} 500 ()"), "the answer of the callback", None),
        (
            r#"10.0.0.1 - - [x] "GET /oauth2/callback?code=a HTTP/1.1" 500 153 "-" "curl""#.to_owned(),
            "the answer of the callback",
            None,
        ),
        (
            format!("{loaded} 404 (Not Found) {callback}"),
            "the answer at Pomerium's address",
            Some("callback-not-routed-to-pomerium"),
        ),
        (format!("{callback}\n\n502 Bad Gateway"), "a proxy in front of Pomerium", None),
        (format!("{callback}\n\n500 Internal Server Error\nnginx/1.25.3"), "the log of nginx", None),
    ] {
        assert_eq!(owned(&pasted), (owner.to_owned(), named.map(str::to_owned)), "{pasted}");
    }
}

#[test]
fn what_pomerium_and_cognito_say_of_their_own_is_theirs() {
    let line = |error: &str| format!(r#"{{"level":"error","error":"{error}","message":"httputil: error"}}"#);
    let databroker = "its databroker, which keeps sessions and users";
    for (pasted, whose, named) in [
        (line("authenticate: error saving session: rpc error: code = Unavailable desc = upstream connect error or disconnect/reset before headers. reset reason: connection failure"), databroker, None),
        (line("authenticate: error saving user: rpc error: code = Unavailable desc = no healthy upstream"), databroker, None),
        (line("authenticate.OAuthCallback: identity provider: interaction_required"), "Cognito sent the browser back", None),
        (
            r#"{"level":"error","logger":"pomerium-ingress","msg":"Reconciler error","error":"idp secret: client_id key is required"}"#.to_owned(),
            "Pomerium's ingress controller",
            Some("secret-or-volume-missing"),
        ),
        (r#"<script>window.POMERIUM_DATA = {"page":"Error","requestId":"d5b3","status":500};</script>"#.to_owned(), "This page is Pomerium's", None),
        ("HTTP/2 500\nx-pomerium-intercepted-response: true\nserver: envoy".to_owned(), "This page is Pomerium's", None),
        ("HTTP/2 403\nx-pomerium-intercepted-response: true\nserver: envoy".to_owned(), "This page is Pomerium's", Some("policy-denied")),
        (r#"{"requestId":"0a1b","status":"404","statusText":"route_not_found"}"#.to_owned(), "This page is Pomerium's", Some("deployed-route-unknown")),
        ("https://acme.auth.eu-west-1.amazoncognito.com/saml2/idpresponse\n400 Bad Request".to_owned(), "Cognito's own callback", None),
        ("https://acme.auth.eu-west-1.amazoncognito.com/forgotPassword?client_id=4qk2".to_owned(), "This page is Cognito's", None),
        (
            r#"E1130 08:14:22.101234       1 oidc.go:335] oidc: issuer did not match the issuer returned by provider, expected "https://a.example/" got "https://a.example""#.to_owned(),
            "kube-apiserver and many other programs in Go",
            Some("issuer-has-trailing-slash"),
        ),
    ] {
        let value = told(&pasted);
        assert!(value["sightings"][0]["whose"].as_str().unwrap_or_default().contains(whose), "{pasted}: {value}");
        assert_eq!(names(&value).first().copied(), named, "{pasted}");
    }
}
