//! Pastes as they come: whose they are, and what must not be said of them.

use pomlint::diagnose::causes;
use pomlint::report::DIAGNOSIS_SCHEMA;
use pomlint::rules::RULES;
use serde_json::Value;

use crate::support::{Pomlint, Ran, healthy};
use crate::transformed::printed;

/// What comes out for a text without any network: the exit code, the answer, and the whole.
pub(crate) fn told(pasted: &str) -> Value {
    let ran = Pomlint::new(["diagnose", "--offline", "--format", "json", "-"]).stdin(pasted).run();
    let value: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let schema: Value = serde_json::from_str(DIAGNOSIS_SCHEMA).unwrap();
    assert!(jsonschema::is_valid(&schema, &value), "{value}");
    assert_eq!(value["exit"], ran.code);
    value
}

pub(crate) fn human(pasted: &str) -> Ran {
    Pomlint::new(["diagnose", "--offline", "-"]).stdin(pasted).run()
}

pub(crate) fn names(value: &Value) -> Vec<&str> {
    value["names"].as_array().unwrap().iter().map(|named| named["name"].as_str().unwrap()).collect()
}

fn access(path: &str, status: u16) -> String {
    format!(
        r#"{{"level":"info","service":"envoy","method":"GET","authority":"authenticate.corp.example.com","path":"{path}","response-code":{status},"time":"2026-01-01T00:00:00Z","message":"http-request"}}"#
    )
}

#[test]
fn the_status_of_an_access_counts() {
    for path in ["/oauth2/callback?code=a&state=b", "/.pomerium/sign_in?x=y"] {
        for status in [404, 405] {
            let value = told(&access(path, status));
            assert_eq!((names(&value), &value["exit"]), (vec!["callback-not-routed-to-pomerium"], &1.into()), "{path}");
        }
        for status in [400, 500, 502, 503] {
            for text in [access(path, status), format!("{}\n{}\n", access("/", 200), access(path, status))] {
                let value = told(&text);
                assert_eq!((names(&value), &value["exit"]), (vec![], &3.into()), "{text}");
                assert!(value["answer"].as_str().unwrap().starts_with("Undecided. This is the answer of Pomerium's"));
            }
        }
    }
    let good = |path: &str| told(&format!("{}\n{}\n", access(path, 302), access(path, 302)))["exit"].clone();
    assert_eq!(good("/.pomerium/sign_in?x=y"), 0);
    // That the browser came back proves only what lies before.
    assert_eq!(good("/oauth2/callback?code=a&state=b"), 3);
}

#[test]
fn a_log_is_fine_only_if_no_line_of_any_form_complains() {
    let info = r#"{"level":"info","message":"x"}"#;
    for fine in [info, r#"{ "level" : "info", "message": "x" }"#, "{\n  \"level\": \"info\",\n  \"message\": \"x\"\n}"]
    {
        assert_eq!(told(fine)["exit"], 0, "{fine}");
    }
    for line in [
        "panic: boom",
        "fatal error: all goroutines are asleep - deadlock!",
        "[critical] no more room",
        "exec /bin/pomerium: exec format error",
        "Error: unknown flag: --confg",
        r#"{"level":"warn","message":"nobody has seen this"}"#,
        r#"{"level" : "critical","message":"nobody has seen this"}"#,
        "3:04AM WRN nobody has seen this",
        &access("/", 401),
        &access("/", 500),
        &access("/.pomerium/callback/?x=y", 400),
        &access("/.well-known/pomerium/jwks.json", 503),
        "3:04AM INF http-request method=GET path=/ response-code=503",
        &access("/", 0),
        r#"{"level":"info","message":"could not refresh, giving up"}"#,
        r#"{"level":"info","message":"x","err":"tls: handshake failure"}"#,
        r#"{"level":"eror","message":"nobody has seen this"}"#,
        r#"{"message":"another program, which names no level"}"#,
    ] {
        for text in [format!("{info}\n{line}\n"), format!("{info}\n{info}\n{line}\n{info}\n")] {
            let value = told(&text);
            assert_eq!((names(&value), &value["exit"]), (vec![], &3.into()), "{text}");
        }
    }
}

#[test]
fn what_cannot_be_read_to_its_end_is_not_fine() {
    let entry = |status: u16| {
        format!(
            r#"{{"request":{{"method":"GET","url":"https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2"}},"response":{{"status":{status}}}}}"#
        )
    };
    let whole = format!(r#"{{"log":{{"entries":[{},{}]}}}}"#, entry(400), entry(400));
    for end in [whole.len() - 5, whole.len() / 2 + 20] {
        let value = told(&whole[..end]);
        assert_eq!((names(&value)[0], &value["exit"]), ("callback-not-registered", &1.into()), "{value}");
        assert_eq!(value["unexplained"]["count"], 1, "{value}");
    }
    let console = "2:11AM INF started\n2:11AM ??? nobody has seen this\n";
    assert_eq!(told(console)["exit"], 3);
    assert_eq!(told(&console.replace("???", "INF"))["exit"], 0);
}

#[test]
fn the_words_of_pomlint_itself_name_their_rule() {
    let report = "error[callback-not-registered]: Cognito does not know this callback URL\n  --> config.yaml:3\n";
    let value = told(report);
    assert_eq!((names(&value)[0], &value["exit"]), ("callback-not-registered", &1.into()), "{value}");
    assert_eq!(names(&told("error[E0308]: mismatched types")), Vec::<&str>::new());
}

#[test]
fn a_loop_says_why_each_of_its_causes_leads_to_it() {
    for said in ["ERR_TOO_MANY_REDIRECTS", "we are in a redirect loop since today", "Anmeldeschleife nach dem Login"] {
        let ran = Pomlint::new(["diagnose", "--offline", said]).run();
        assert!(ran.stdout.contains("cookie-domain-too-narrow: the browser refuses the session cookie"), "{ran:?}");
        assert!(!ran.stdout.contains("clock-skew:") && ran.stdout.lines().count() <= 12, "{ran:?}");
    }
}

#[test]
fn a_loop_is_seen_in_every_form_of_a_log() {
    for line in [
        access("/", 302),
        r#"10.0.0.9 - - [29/Nov/2026:02:11:09 +0000] "GET / HTTP/2.0" 302 0 "-" "Mozilla""#.to_owned(),
        "2:11AM INF http-request authority=app.corp.example.com forwarded-for=10.0.0.9 method=GET path=/ response-code=302"
            .to_owned(),
    ] {
        let value = told(&format!("{line}\n").repeat(12));
        assert_eq!((names(&value)[0], &value["exit"]), ("authenticate-host-is-a-route", &1.into()), "{value}");
        assert_eq!(value["sightings"][0]["count"], 12, "{value}");
    }
}

#[test]
fn the_status_is_found_whatever_a_log_calls_it() {
    for line in [
        r#"{"httpRequest":{"requestMethod":"GET","requestUrl":"https://a.example/oauth2/callback?code=x","status":404},"severity":"INFO"}"#,
        r#"{"ClientRequestMethod":"GET","ClientRequestURI":"/oauth2/callback?code=x","EdgeResponseStatus":404}"#,
        r#"{"ClientHost":"10.0.0.1","DownstreamStatus":404,"RequestPath":"/oauth2/callback?code=x","level":"info"}"#,
        r#"{"level":"info","msg":"handled request","request":{"method":"GET","uri":"/oauth2/callback?code=a"},"status":404}"#,
        "2026-11-29 02:11:09 GET /oauth2/callback code=x 404 0 0 12",
    ] {
        let value = told(line);
        assert_eq!((names(&value), &value["exit"]), (vec!["callback-not-routed-to-pomerium"], &1.into()), "{value}");
    }
}

#[test]
fn what_a_refresh_meets_is_no_code_that_was_used_twice() {
    for text in [
        r#"oauth2: "invalid_grant" "Invalid Refresh Token""#,
        r#"{"error":"invalid_grant","error_description":"Refresh Token has expired"}"#,
    ] {
        let value = told(text);
        assert_eq!(names(&value), ["session-could-not-be-refreshed"], "{value}");
    }
}

#[test]
fn a_refusal_of_a_policy_names_the_policy() {
    let denied = access("/", 403).replace(r#""time""#, r#""response-code-details":"ext_authz_denied","time""#);
    let check = |rest: &str| {
        format!(
            r#"{{"level":"info","host":"app.example.com","email":"ada@example.com",{rest},"message":"authorize check"}}"#
        )
    };
    for (line, strength) in [
        (denied.clone(), "possible"),
        (check(r#""allow":true,"deny":true,"deny-why-true":["ip-denied"]"#), "likely"),
        (
            check(r#""allow":false,"allow-why-false":["email-unauthorized","non-pomerium-route"],"deny": false"#),
            "likely",
        ),
        (check(r#""allow":false,"allow-why-false":["domain-unauthorized"],"deny":false"#), "likely"),
    ] {
        for text in [line.clone(), format!("{line}\n{line}\n")] {
            let value = told(&text);
            assert_eq!(value["names"][0]["name"], "policy-denied", "{value}");
            assert_eq!(value["names"][0]["strength"], strength, "{text}");
            assert!(!names(&value).contains(&"scope-email-missing"), "{text}");
        }
    }
    let login = denied.replace(":403", ":302");
    assert_eq!(names(&told(&login)), Vec::<&str>::new());
}

#[test]
fn who_only_resembles_an_owner_is_none() {
    for text in ["identityProvider: hello", "kind: Pomerium\nspec:\n  identityProvider:\n    provider: cognito\n"] {
        let value = told(text);
        assert_eq!(value["sightings"], serde_json::json!([]), "{value}");
    }
    for address in [
        "https://acme.auth.eu-west-1.amazoncognito.com.evil.example/error?error=redirect_mismatch&client_id=4qk2",
        "https://acme.auth.eu-west-1.amazoncognito.com.evil.example/login?client_id=4qk2&redirect_uri=https%3A%2F%2Fa.example%2Foauth2%2Fcallback",
    ] {
        let ran = human(address);
        assert!(!ran.stdout.contains("works") && !ran.stdout.contains("--allow-host"), "{ran:?}");
        assert_eq!(names(&told(address)), Vec::<&str>::new(), "{address}");
    }
}

#[test]
fn a_proxy_in_front_is_not_pomerium() {
    let nginx = |status: u16| {
        format!(
            r#"10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /oauth2/callback?code=a&state=b HTTP/1.1" {status} 153 "-" "curl""#
        )
    };
    let request = r#"client: 10.0.0.9, server: a.example, request: "GET /oauth2/callback?code=a&state=b HTTP/1.1", upstream: "https://10.0.0.1:443/oauth2/callback?code=a&state=b", host: "a.example""#;
    let mut lines: Vec<String> = [429, 499, 502, 503, 504].map(nginx).to_vec();
    for why in [
        "upstream sent too big header while reading response header from upstream",
        "connect() failed (111: Connection refused) while connecting to upstream",
    ] {
        lines.push(format!("2026/11/29 02:11:02 [error] 31#31: *5 {why}, {request}"));
    }
    for line in lines {
        for text in [line.clone(), format!("{line}\n{line}\n")] {
            let value = told(&text);
            assert_eq!((names(&value), &value["exit"]), (vec![], &3.into()), "{value}");
            assert!(value["answer"].as_str().unwrap().contains("a proxy in front"), "{value}");
            assert_eq!(value["sightings"][0]["past"], serde_json::json!([]), "{value}");
        }
    }
}

#[test]
fn a_healthy_address_outvotes_nothing() {
    let callback = "https://authenticate.corp.example.com/oauth2/callback?code=a&state=b";
    let value = told(callback);
    assert_eq!(value["exit"], 3);
    assert!(value["answer"].as_str().unwrap().contains("it does not tell"), "{value}");
    let complaint = r#"{"level":"error","error":"nobody has seen this","message":"httputil: error"}"#;
    let value = told(&format!("{callback}\n{complaint}"));
    assert_eq!((&value["exit"], &value["unexplained"]["count"]), (&3.into(), &1.into()));
    let foreign = "https://acme.auth.eu-west-1.amazoncognito.com/login/?client_id=4qk2&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb\ninvalid_request";
    assert!(!human(foreign).stdout.contains("accepted Pomerium's request"));
}

#[test]
fn what_comes_after_a_healthy_address_is_judged_by_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.yaml");
    std::fs::write(&config, healthy() + "cookie_secret: tooshort\n").unwrap();
    let callback = "https://authenticate.corp.example.com/oauth2/callback?code=a&state=b";
    let ran = Pomlint::new(["diagnose", callback, config.to_str().unwrap(), "--offline"]).run();
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.starts_with("What was pasted works; the configuration is wrong"), "{ran:?}");
}

#[test]
fn a_line_has_its_owner_by_its_form() {
    let whose = |pasted: &str| told(pasted)["sightings"][0]["whose"].as_str().unwrap_or_default().to_owned();
    for (owner, pasted) in [
        ("Pomerium's", r#"11:47PM ERR httputil: ErrorResponse error="Bad Request: invalid CSRF token" ip=127.0.0.1"#),
        (
            "Pomerium's",
            r#"3:04AM ERR httputil: error error="identity/oidc: token exchange failed: oauth2: \"invalid_client\"""#,
        ),
        ("Pomerium's", "403 Forbidden\ncontact your administrator with your request id 1a2b."),
        (
            "AWS",
            "An error occurred (ResourceNotFoundException) when calling the DescribeUserPool operation: User pool x does not exist.",
        ),
        ("Terraform", "Error: creating Cognito User Pool Client: ScopeDoesNotExistException"),
        (
            "Kubernetes",
            "The Pomerium \"global\" is invalid: Unsupported value: \"cognito\": supported values: \"google\"",
        ),
        ("Entra", "AADSTS50011: The redirect URI does not match"),
        ("Google", "Error 400: redirect_uri_mismatch"),
        (
            "browser",
            "Safari can't open the page “https://login.acme.example.com/oauth2/authorize?client_id=4” because Safari can't find the server.",
        ),
        ("dex", "dex-1 | level=error msg=\"oauth2: invalid_client\""),
        ("Cognito", "https://acme.auth.eu-west-1.amazoncognito.com/error?error=Something+new"),
    ] {
        assert!(whose(pasted).contains(owner), "{owner}: {pasted}: {}", whose(pasted));
    }
}

#[test]
fn an_error_of_no_list_has_an_owner_and_is_told_word_for_word() {
    for description in ["Bad token response: HTTP/1.1 400", "Something that AWS wrote yesterday"] {
        let encoded = description.replace(' ', "+");
        let address = format!(
            "https://authenticate.corp.example.com/oauth2/callback?error_description={encoded}&state=a&error=invalid_request"
        );
        let value = told(&address);
        assert_eq!((names(&value), &value["exit"]), (vec![], &3.into()));
        assert!(value["answer"].as_str().unwrap().contains(description), "{value}");
        assert_eq!(value["sightings"][0]["past"], serde_json::json!(["domain", "client", "callback"]));
    }
}

#[test]
fn words_that_resemble_a_symptom_do_not_name_it() {
    for (pasted, name, not) in [
        (
            r#"{"level":"error","error":"identity/oidc: refresh failed: oauth2: \"invalid_grant\"","message":"failed to refresh oauth2 token, deleting session"}"#,
            "session-could-not-be-refreshed",
            "code-used-twice",
        ),
        (
            r#"oidc: id token issued by a different provider, expected "https://a.example/p/" got "https://a.example/p""#,
            "issuer-has-trailing-slash",
            "issuer-switched",
        ),
        ("User pool client 4qk2 does not exist.", "client-not-usable", "pool-does-not-exist"),
        (
            "Invalid SAML response received: Audience restriction was not satisfied",
            "saml-response-refused",
            "identity-provider-sent-no-attribute",
        ),
        (
            "identity/oidc: could not connect to oidc: 400 Bad Request: <p>An error was encountered with the requested page.</p>",
            "issuer-is-login-domain",
            "callback-not-registered",
        ),
        (
            "An error was encountered with the requested page.\nerror?error=invalid_request&client_id=4",
            "client-not-usable",
            "callback-not-registered",
        ),
    ] {
        let value = told(pasted);
        assert_eq!(names(&value).first(), Some(&name), "{pasted}");
        assert!(!names(&value).contains(&not), "{pasted}: {value}");
    }
    let alias =
        "403 ERROR The request could not be satisfied. Bad request. We can't connect to the server for this app";
    assert_eq!(names(&told(alias)), Vec::<&str>::new());
}

#[test]
fn redirects_that_never_end_are_a_loop() {
    let log: String = (0..12).map(|_| access("/.pomerium/", 302) + "\n").collect();
    let nginx: String = (0..12)
        .map(|second| {
            format!("10.0.0.1 - - [01/Jan/2026:00:00:{second:02} +0000] \"GET /?s={second} HTTP/1.1\" 302 0\n")
        })
        .collect();
    let entry = r#"{"request":{"method":"GET","url":"https://a.example/x"},"response":{"status":302,"headers":[]}}"#;
    let har = format!(r#"{{"log":{{"entries":[{}]}}}}"#, [entry; 12].join(","));
    for text in [log, nginx, har] {
        let value = told(&text);
        assert_eq!(names(&value).first(), Some(&"authenticate-host-is-a-route"), "{text}: {value}");
        assert_eq!(value["sightings"][0]["count"], 12, "{value}");
        assert!(value["answer"].as_str().unwrap().contains("redirect loop"), "{value}");
        assert!(value["sightings"][0]["whose"].as_str().unwrap().contains("redirect loop"));
        assert!(names(&value).contains(&"cookie-domain-too-narrow") && !names(&value).contains(&"clock-skew"));
    }
    let few: String = (0..4).map(|_| access("/", 302) + "\n").collect();
    assert_eq!(names(&told(&few)), Vec::<&str>::new());
}

#[test]
fn what_may_be_a_loop_is_not_fine() {
    let second = |path: &str, second: u64| {
        let time = format!("{{\"time\":\"2026-01-01T00:00:{second:02}Z\",");
        access(path, 302).replacen('{', &time, 1) + "\n"
    };
    let rounds = |many: u64, apart: u64| -> String {
        let round = |number: u64| {
            let paths = ["/", "/.pomerium/sign_in", "/oauth2/callback", "/.pomerium/callback/"];
            paths.map(|path| second(path, number * apart)).concat()
        };
        (0..many).map(round).collect()
    };
    let short = told(&rounds(3, 1));
    assert_eq!((names(&short), &short["exit"]), (vec![], &3.into()), "{short}");
    assert!(short["answer"].as_str().unwrap().contains("one user in a loop, or several tabs"), "{short}");
    assert_eq!((&told(&rounds(2, 1))["exit"], &told(&rounds(3, 10))["exit"]), (&0.into(), &0.into()));
    let long = told(&rounds(6, 1));
    assert!(
        names(&long).contains(&"authenticate-host-is-a-route") && !long.to_string().contains("several tabs"),
        "{long}"
    );
}

#[test]
fn who_is_asked_to_log_in_again_and_again_may_be_in_a_loop() {
    let told_of = |many: u64, apart: u64, who: fn(u64) -> String| {
        let decision = |number: u64| {
            let (who, second) = (who(number), number * apart);
            format!(
                "{{\"level\":\"info\",\"service\":\"authorize\",\"host\":\"app.example.com\",\"path\":\"/\",{who},\"allow\":false,\"allow-why-false\":[\"user-unauthenticated\"],\"time\":\"2026-01-01T00:{:02}:{:02}Z\",\"message\":\"authorize check\"}}\n",
                second / 60,
                second % 60
            )
        };
        told(&(0..many).map(decision).collect::<String>())
    };
    let same: fn(u64) -> String = |_| "\"ip\":\"10.0.0.1\",\"session-id\":\"\"".to_owned();
    let address: fn(u64) -> String = |number| format!("\"ip\":\"10.0.0.{number}\",\"session-id\":\"\"");
    let session: fn(u64) -> String = |number| format!("\"ip\":\"10.0.0.1\",\"session-id\":\"s{number}\"");
    for (many, apart, who, exit) in
        [(12, 1, same, 3), (7, 1, same, 0), (12, 10, same, 0), (12, 1, address, 0), (12, 1, session, 0)]
    {
        let value = told_of(many, apart, who);
        assert_eq!((&value["exit"], names(&value)), (&exit.into(), vec![]), "{many} {apart}: {value}");
        let says_so = value["answer"].as_str().unwrap().contains("asked for again and again without a login");
        assert_eq!(says_so, exit == 3, "{value}");
    }
}

#[test]
fn a_filled_error_field_complains_at_every_level() {
    for level in ["debug", "info"] {
        let value = told(&format!(r#"{{"level":"{level}","msg":"reconcile","error":"Secret \"idp\" not found"}}"#));
        assert_eq!((&value["exit"], &value["unexplained"]["count"]), (&3.into(), &1.into()));
    }
    assert_eq!(told(r#"{"level":"info","message":"reconcile","error":""}"#)["exit"], 0);
    // What is written as for a console says the same.
    let fine = "8:31AM INF config: loaded configuration\n";
    for complaint in [
        "8:31AM INF malformed token error=\"unexpected length (want 32, got 0)\"",
        "8:31AM DBG the databroker says no error=EOF service=x",
        "8:31AM INF both a cookie and a header; rejecting as 400 request-id=9b",
    ] {
        assert_eq!(told(&format!("{fine}{complaint}\n{fine}"))["exit"], 3, "{complaint}");
    }
    assert_eq!(told(&fine.repeat(3))["exit"], 0);
}

#[test]
fn what_is_written_about_an_error_is_possible_at_most() {
    for text in [
        "The PKCE cookie did not come back: \"pkce verifier expired or missing\" is what v0.33 says.",
        "If provider is unset you will see \"identity: provider is not defined\" in the log.",
        "A refresh failure reads: failed to refresh oauth2 token, deleting session.",
        "The error `error verifying access token audience claim, invalid audience` means the audience is not allowed.",
        "In case of a Lambda error you get PreSignUp failed with error <message>.",
        "The server then answers with `{\"error\":\"unauthorized_client\",\"error_description\":\"invalid_redirect\"}`, see RFC 6749.",
        "  - \"pkce verifier expired or missing\"  # new in v0.33",
        "* authenticate: add \"identity provider returned empty code\" error (#2211)",
        "msgid \"Login pages unavailable\"",
        "Look for lines such as failed to refresh oauth2 token, deleting session in the log.",
    ] {
        let value = told(text);
        let named = value["names"].as_array().unwrap();
        assert!(!named.is_empty() && named.iter().all(|name| name["strength"] == "possible"), "{text}: {value}");
    }
}

#[test]
fn a_record_of_another_program_proves_nothing() {
    for record in [r#"{"level":"info","msg":"started","app":"shop"}"#, r#"{"level":"info","app":"shop"}"#] {
        assert_eq!(told(record)["exit"], 3, "{record}");
    }
}

#[test]
fn a_loop_is_one_in_every_envelope_and_behind_every_mark() {
    let lines: Vec<String> = (0..12)
        .map(|second| format!(r#"{{"level":"info","service":"envoy","method":"GET","authority":"app.example.com","path":"/","response-code":302,"time":"2026-10-04T08:31:{second:02}Z","message":"http-request"}}"#))
        .collect();
    let each = |form: &dyn Fn(&String) -> String| lines.iter().map(form).collect::<Vec<_>>().join("\n");
    let json = |value: serde_json::Value| value.to_string();
    for form in [
        json(
            serde_json::json!({"streams": [{"stream": {"app": "p"}, "values": lines.iter().map(|line| ["1", line]).collect::<Vec<_>>()}]}),
        ),
        json(
            serde_json::json!({"events": lines.iter().map(|line| serde_json::json!({"message": line})).collect::<Vec<_>>()}),
        ),
        each(&|line| json(serde_json::json!({"log": format!("{line}\n"), "stream": "stderr"}))),
        each(&|line| json(serde_json::json!({"content": {"message": line}}))),
        each(&|line| format!("> {line}")),
        each(&|line| format!("- {line}")),
        each(&|line| format!("\u{1b}[31m{line}\u{1b}[0m")),
        each(&|line| line.replace('"', "&quot;")),
        each(&String::to_owned).to_uppercase(),
    ] {
        let value = told(&form);
        let answer = value["answer"].as_str().unwrap();
        assert!(answer.contains("by a redirect loop"), "{form}: {answer}");
    }
}

#[test]
fn the_release_of_a_log_is_compared_with_that_of_a_symptom() {
    let start = r#"{"level":"info","envoy_version":"1.34.1","version":"0.33.1","message":"cmd/pomerium"}"#;
    let old = r#"{"level":"error","error":"json: cannot unmarshal string into Go struct field UserInfo.email_verified of type bool","message":"httputil: error"}"#;
    let strength = |text: &str| told(text)["names"][0]["strength"].as_str().unwrap().to_owned();
    assert_eq!(strength(old), "certain");
    let value = told(&format!("{start}\n{old}\n"));
    assert_eq!((&value["release"], &value["names"][0]["strength"]), (&"v0.33.1".into(), &"possible".into()));
}

#[test]
fn the_answer_is_the_first_line_and_short() {
    let mut lines: Vec<usize> = Vec::new();
    for text in printed().iter().step_by(10) {
        lines.push(human(text).stdout.trim_end().lines().count());
    }
    lines.sort_unstable();
    assert!(lines[lines.len() / 2] <= 8, "{lines:?}");
    let mismatch = human("https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4");
    assert!(mismatch.stdout.starts_with("Certain, by Cognito's error page: Cognito does not know"), "{mismatch:?}");
    assert!(
        mismatch.stdout.contains("\n  do        Cognito: add `<authenticate_service_url>/oauth2/callback`"),
        "{mismatch:?}"
    );
    let nothing = human("what is this");
    assert!(
        nothing.code == 3 && nothing.stdout.contains("at Cognito") && nothing.stdout.contains("pomlint check CONFIG")
    );
}

#[test]
fn every_name_says_what_it_means_and_what_to_do() {
    for rule in RULES.iter() {
        let (means, cure) = (pomlint::page::meaning(rule.page), pomlint::page::cure(rule.page));
        assert!(
            means.len() > 10 && cure.len() > 10 && !cure.contains('\n') && !cure.ends_with(':'),
            "{}: {cure}",
            rule.name
        );
        assert!(!cure.to_lowercase().contains("nothing to change"), "{}: {cure}", rule.name);
    }
    for cause in causes() {
        let is_line = |text: &str| text.len() > 10 && !text.contains('\n');
        assert!(is_line(&cause.means) && is_line(&cause.cure), "{}", cause.name);
    }
    // Whatever a text names, it is one of those.
    for text in crate::transformed::printed() {
        for named in pomlint::diagnose::read_text(&text, 0).unwrap().names() {
            assert!(named.what.means().len() > 10 && named.what.cure().len() > 10, "{text}: {}", named.what.name());
        }
    }
    for named in told("{\"error\":\"invalid_client\"}")["names"].as_array().unwrap() {
        assert!(named["means"].is_string() && named["cure"].is_string() && named["source"].is_string(), "{named}");
    }
}

#[test]
fn every_cause_can_be_explained() {
    for cause in causes() {
        let text = pomlint::report::explain_cause(cause, &pomlint::report::View::default());
        assert!(text.contains(&cause.name) && text.contains("How we know"), "{}", cause.name);
        let json: Value = serde_json::from_str(&pomlint::report::explain_cause_json(cause)).unwrap();
        assert_eq!(json["cause"], cause.name.as_str());
    }
    for format in ["human", "json", "markdown"] {
        let ran = Pomlint::new(["explain", "code-used-twice", "--format", format]).run();
        assert!(ran.code == 0 && ran.stdout.contains("used twice"), "{ran:?}");
    }
}

fn answer(pasted: &str) -> String {
    told(pasted)["answer"].as_str().unwrap().to_owned()
}

#[test]
fn the_first_line_of_a_token_agrees_with_its_checks() {
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    let token = |iss: &str, rest: &str| {
        format!(r#"{{"iss":"{iss}","aud":"4qk2","token_use":"id","email":"a@example.com"{rest}}}"#)
    };
    let good = r#","exp":99999999999"#;
    for (text, says) in [
        (token(issuer, r#","exp":1700000000"#), "Certain: this ID token expired"),
        (token(issuer, ""), "Certain: this ID token says no time of expiry"),
        (token(&format!("{issuer}/"), good), "Certain: its issuer is not right"),
        (token(&issuer.replace("https", "http"), good), "Certain: its issuer is not right"),
        (
            token(&issuer.replace("idp.eu-west-1", "idp.us-east-1"), good),
            "Possible, by what this ID token says: The issuer's region",
        ),
        (token("https://idp.example.com", good), "Undecided: its issuer is not right"),
        (token("", good), "Undecided: its issuer is not there"),
        (token(issuer, good).replace(r#""id""#, r#""refresh""#), "Undecided: its token_use is not right"),
        (token(issuer, good).replace(r#""token_use":"id","#, ""), "Undecided: its token_use is not there"),
        (token(issuer, good), "This is an ID token, and what it says is in order"),
    ] {
        assert!(answer(&text).starts_with(says), "{text}: {}", answer(&text));
    }
}

#[test]
fn the_way_a_request_is_logged_does_not_change_its_name() {
    let console = "3:04AM INF http-request method=GET path=/oauth2/callback query=error_description=";
    for (code, name) in [("invalid_scope", "scope-not-allowed"), ("unauthorized_client", "code-flow-disabled")] {
        for text in [
            format!("{console}{code}&error=invalid_request"),
            format!(
                r#"{{"level":"info","path":"/oauth2/callback","query":"error_description={code}&error=invalid_request","message":"http-request"}}"#
            ),
        ] {
            assert_eq!(names(&told(&text)).first(), Some(&name), "{text}");
        }
    }
    let slow = r#"{"level":"error","error":"identity/oidc: refresh failed: Post \"https://a.example\": context deadline exceeded","message":"failed to refresh oauth2 token"}"#;
    assert_eq!(names(&told(slow)), ["refresh-is-tried-again"]);
    let document = r#"{"issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a","authorization_endpoint":"https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize"}"#;
    assert_eq!(names(&told(document)), Vec::<&str>::new());
}

#[test]
fn who_has_no_error_is_told_no_more_than_possible() {
    for text in [
        r#"level=error app=dex msg="oauth2: \"invalid_client\"""#,
        r#"t=2026-01-01 level=error logger=grafana msg="oauth2: \"invalid_client\"""#,
        "gitea-7d9c6b5f4-x2vkp invalid_client",
        "log.warn(`redirect_mismatch for ${client}`)",
        "if (e.message === 'invalid_client') retry();",
        "| redirect_mismatch | the URL is not on the list |",
        "Q: redirect_mismatch, and now?",
        "Is redirect_mismatch a Pomerium error?",
        "redirect_mismatch is solved, thanks",
        "we no longer get redirect_mismatch",
        "Q: redirect_mismatch, and now?\nA: solved by adding the URL",
        "no redirect_mismatch any more",
        "v0.33.1: no redirect_mismatch",
        "### redirect_mismatch",
        "<!-- redirect_mismatch -->",
        r#"@pytest.mark.parametrize("msg", ["redirect_mismatch"])"#,
        "expected: redirect_mismatch",
        "Das Problem „redirect_mismatch“ ist behoben.",
        "v0.33.1: no more Login pages unavailable. Please contact an administrator.",
        r#"title="Use this if Hosted UI shows login pages unavailable""#,
        r#"var ErrMissingRefreshToken = errors.New("identity/oidc: missing refresh token")"#,
        r#"return nil, fmt.Errorf("identity: provider is not defined")"#,
        "| `identity: provider is not defined` | `idp_provider` is empty | set it |",
        r#"* Fixed a bug that caused "identity: provider is not defined" (#1234)"#,
        "* authenticate: redirect to the dashboard on invalid CSRF token",
        "Upgrading: an option listed here logs `config option was removed` and stops the start.",
        "We no longer get config option was removed.",
        "# If you see `invalid CSRF token`, check cookie_same_site",
        "A mismatched `shared_secret` leads to `internal/urlutil: hmac failed`.",
        r#"{ "error": "Invalid CSRF token" } is what our Django app answers"#,
    ] {
        for named in told(text)["names"].as_array().unwrap() {
            assert_eq!(named["strength"], "possible", "{text}: {named}");
        }
    }
}

#[test]
fn the_words_of_the_menu_lead_somewhere() {
    for words in [
        "Pomerium does not start",
        "no page",
        "no page, or no safe one",
        "endless redirects",
        "an error in place of the login form",
        "an error, or nothing, in place of the login form",
        "403",
        "logged out again",
        "groups missing",
        "groups or e-mail missing",
        "e-mail missing",
        "sign-out fails",
    ] {
        assert_ne!(names(&told(words)), Vec::<&str>::new(), "{words}");
    }
    assert_eq!(names(&told("there is no page about that")), Vec::<&str>::new());
}

#[test]
fn the_name_of_an_option_is_shown() {
    let ran = human(r#"{"level":"warn","key":"routes.idp_scopes","message":"unknown config option"}"#);
    assert!(ran.stdout.contains("routes.idp_scopes"), "{ran:?}");
    let ran = human(r#"{"level":"warn","key":"q8Zr2Lw0vN","message":"unknown config option"}"#);
    assert!(!ran.stdout.contains("q8Zr2Lw0vN"), "{ran:?}");
}

/// Default deny leaves the one word that tells: the name of an option, a code, what Kubernetes says, words of our own pages.
#[test]
fn what_matters_of_a_line_is_shown() {
    for (pasted, shown) in [
        (
            "8:14AM ERR unknown config option config-file=/pomerium/config.yaml key=idp_providerurl",
            "key=idp_providerurl",
        ),
        ("8:14AM WRN unknown config option key=authenticate_callback_path", "key=authenticate_callback_path"),
        (
            r#"{"level":"warn","config-file":"/c.yaml","key":"forward_auth_url","message":"unknown config option"}"#,
            "forward_auth_url",
        ),
        (
            "    State:          Waiting\n    Last State:     Terminated\n      Reason:       OOMKilled",
            "Reason: OOMKilled",
        ),
        ("Warning: Potential Security Risk Ahead\nError code: SSL_ERROR_BAD_CERT_DOMAIN", "SSL_ERROR_BAD_CERT_DOMAIN"),
        ("Error: secret \"pomerium-idp\" not found", "secret \"pomerium-idp\" not found"),
        (
            "error verifying token: oidc: expected audience \"3v7gk2m9q1c8d5h0n4r6t2b1s7\" got [\"4qk2v9s7m1n3b5c8d0f6g7h2u1\"]",
            "[\"4qk2v9s7m1n3b5c8d0f6g7h2u1\"]",
        ),
        (
            "8:14AM INF authorize check allow=false allow-why-false=[\"groups-unauthorized\"] deny=false",
            "[\"groups-unauthorized\"]",
        ),
        ("The Pomerium \"global\" is invalid: provider.secret: Required value", "Required value"),
        (
            r#"{"level":"error","server-name":"all","error":"identity: provider is not defined","message":"httputil: error"}"#,
            "\"all\"",
        ),
    ] {
        let seen = human(pasted).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(seen.contains(shown), "{pasted}: {seen}");
    }
    for pasted in [
        "8:14AM ERR unknown config option key=hunterzwo",
        "Error: secret \"hunterzwo\" not found",
        "Error code: hunter2zwo",
        "8:14AM INF authorize check allow=false token=[\"hunterzwo\"] allow-why-false=[]",
        "State: hunterzwo",
        "got [\"hunterzwo\"]",
    ] {
        let ran = human(pasted);
        assert!(!ran.stdout.contains("hunter"), "{pasted}: {ran:?}");
    }
}

#[test]
fn the_key_of_an_unknown_option_names_its_rule() {
    for (key, name) in [
        ("authenticate_callback_path", "callback-path-ignored"),
        ("forward_auth_url", "removed-key-ignored"),
        ("idp_providerurl", "unknown-key"),
    ] {
        for line in [
            format!(r#"{{"level":"warn","key":"{key}","message":"unknown config option"}}"#),
            format!("8:14AM WRN unknown config option config-file=/c.yaml key={key}"),
        ] {
            let value = told(&line);
            assert_eq!((names(&value), &value["names"][0]["strength"]), (vec![name], &"likely".into()), "{line}");
        }
    }
}
