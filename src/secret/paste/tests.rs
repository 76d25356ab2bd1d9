use proptest::prelude::*;

use super::*;
use crate::diagnose;

/// As [`shapes`] would never find it.
const CANARY: &str = "hunterzwo";

fn shown(text: &str) -> String {
    diagnose::clean(text).to_string()
}

#[test]
fn times_and_codes_of_errors_are_no_secrets() {
    for text in [
        "oidc: token is expired (Token Expiry: 2026-11-30 22:00:00 +0000 UTC)",
        "oidc: token is expired (Token Expiry: 2026-11-30 22:00:00 +0530 IST)",
        "token error <Error><Code>AccessDenied</Code>",
        "<Error><Code>NoSuchKey</Code></Error>",
        "token error <Code>AccessDenied",
        "error code: AccessDeniedException",
    ] {
        assert_eq!(shown(text), text);
    }
    for (text, secret) in [
        ("the pin of the token at 2026-11-30 22:00:00 +4711", "4711"),
        ("the token is +0530", "0530"),
        ("<Code>Qx7AccessDenied</Code>", "Qx7Access"),
        ("error code: AccessDeniedHunter", "Hunter"),
    ] {
        assert!(!shown(text).contains(secret), "{text}: {}", shown(text));
    }
}

#[test]
fn all_of_a_query_is_pairs_however_they_are_encoded() {
    let c = CANARY;
    let callback = "https://app.example.com/oauth2/callback?error=invalid_request";
    for text in [
        format!("{callback}&cod%65={c}"),
        format!("{callback}&%63ode={c}"),
        format!("{callback}&st%61te={c}"),
        format!("{callback}&auth%43ode={c}"),
        format!("{callback}&%2563ode={c}"),
        format!("{callback}&sta+te={c}"),
        format!("{callback}&%20code%20={c}"),
        format!("{callback}&code%00={c}"),
        format!("{callback}&c%C2%ADode={c}"),
        format!("{callback}&code%E2%80%8B={c}"),
        format!("{callback}&f%6fo={c}"),
        format!("{callback}&code&{c}"),
        format!("{callback}&code/{c}"),
        format!("https://app.example.com/oauth2/callback?code=abc<{c}>&error=x"),
        format!("{callback}&error_description=The+secret+{c}+is+wrong"),
        format!("{callback}&error_description=The%20secret%20{c}%20is%20wrong"),
        format!("{callback}&error_description=Password+{c}+rejected"),
        format!("{callback}&error_description=bad+code+{c}"),
        format!("{callback}&error_description=PreSignUp+failed+with+error+postgres%3A%2F%2Fpom%3A{c}%40db%3A5432%2Fx"),
        format!("{callback}&error_description=failed%20with%20postgres%253A%252F%252Fpom%253A{c}%2540db"),
        format!("{callback}&error_description={{%22AppClientSecret%22%3A+%22{c}%22}}"),
        format!("{callback}&error_description=contrase%C3%B1a+{c}"),
        format!("{callback}&error_description=%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C%3A+{c}"),
        format!("{callback}&error_description=id,access_token%0A1,{c}"),
        format!("{callback}&error_description=HTTPBasicAuth(%22abc%22,+%22{c}%22)"),
        format!("{callback}&error_description=CognitoIdentityServiceProvider.4qk2.bob.accessToken%09{c}"),
        format!("{callback}&error_description=%FF+postgres%3A%2F%2Fpom%3A{c}%40db"),
        format!("{{\"level\":\"error\",\"error\":\"invalid_request: connect postgres%3A%2F%2Fpom%3A{c}%40db\"}}"),
        format!("level=error error=\"invalid_client\" c%6fde={c}"),
        format!("curl -d \"client_s%65cret={c}\" https://app.example.com"),
        format!("{{\"path\":\"/oauth2/callback\",\"query\":\"error=x&c%6fde={c}\"}}"),
    ] {
        assert!(!shown(&text).contains(c), "{text}\n{}", shown(&text));
    }
    for text in [
        "https://app.example.com/oauth2/callback?error=invalid_request&error_description=Client+is+not+enabled",
        "https://a.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1",
        "https://a.example.com/?redirect_uri=https%3A%2F%2Fb.example.com%2Foauth2%2Fcallback&scope=openid+email",
        "https://a.example.com/?redirect_uri=https%3A%2F%2Fb.example.com&error_description=bob%40example.com+is+not+known",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_stands_under_a_telling_name_is_cut_however_it_is_written() {
    let c = CANARY;
    for text in [
        format!("client_secret={c}"),
        format!("client_secret = {c}"),
        format!("client_secret : '{c}'"),
        format!("clientSecret: {c}"),
        format!("CLIENT-SECRET: \"{c}\""),
        format!("export IDP_CLIENT_SECRET={c}"),
        format!("- name: IDP_CLIENT_SECRET\n  value: {c}"),
        format!("{{\"name\":\"COOKIE_SECRET\",\"value\":\"{c}\"}}"),
        format!("[{{\"name\":\"_csrf\",\"value\":\"{c}\"}}, {{\"Key\": \"x\", \"Value\": \"{c}\"}}]"),
        format!("client_secret: |\n  {c}"),
        format!("client_secret: &anchor {c}"),
        format!("client_secret: !!str {c}"),
        format!("idp: {{clientSecret: {c}, x: 1}}"),
        format!("map[code:[{c}] state:[x] y:z]"),
        format!("url.Values{{\"code\":[]string{{\"{c}\"}}, \"state\":[]string{{\"{c}\"}}}}"),
        format!("&{{AccessToken:{c} TokenType:Bearer RefreshToken:{c} Expiry:now}}"),
        format!("http.Header{{\"Authorization\":[]string{{\"Bearer {c}\"}}}}"),
        format!("{{'client_secret': '{c}', 'code': '{c}'}}"),
        format!("('client_secret', '{c}')"),
        format!("[['code', '{c}'], (\"state\", \"{c}\")]"),
        format!("{{:client_secret=>\"{c}\", :code => '{c}'}}"),
        format!("<input type=\"hidden\" name=\"_csrf\" value=\"{c}\">"),
        format!("<input value='{c}' name=code>"),
        format!("<meta name=csrf-token content=\"{c}\">"),
        format!("<client_secret>{c}</client_secret>"),
        format!("curl -u id:{c} https://a.example"),
        format!("curl -b _pomerium={c} --user id:{c}"),
        format!("curl --cookie '_pomerium={c}; y={c}' --oauth2-bearer {c}"),
        format!("curl -H 'Cookie: _pomerium={c}; y={c}' -H \"Authorization: Basic {c}\""),
        format!("helm install --set authenticate.idp.clientSecret={c},x=y --set-string sharedSecret={c}"),
        format!("pomerium --client-secret {c} --token '{c}'"),
        format!("client_secret   = \"{c}\" # Terraform"),
        format!("resource {{ client_secret=\"{c}\" }}"),
        format!("Cookie: _pomerium={c}; x={c}"),
        format!("Set-Cookie: _pomerium={c}; Path=/"),
        format!("Authorization: Bearer {c}"),
        format!("authorization={c}"),
        format!("password: correct horse {c} staple"),
        format!("password = {c}, more"),
        format!("IDP_CLIENT_SECRET:   {c}"),
        format!("IDP_CLIENT_SECRET    {c}   5d"),
        format!("| client_secret | {c} |"),
        format!("client_secret\t{c}"),
        format!("https://a.example/cb?code={c}&state={c}&scope=openid"),
        format!("https://a.example/cb?x={c}&error=y"),
        format!("https://a.example/.pomerium?pomerium_session={c}&pomerium_anything={c}"),
        format!("https://a.example/cb?to=https%3A%2F%2Fb%3Fcode%3D{c}%26x%3D1"),
        format!("https://a.example/cb?to=https%253A%252F%252Fb%253Fstate%253D{c}"),
        format!("https://user:{c}@a.example/"),
        format!("postgres://:{c}@db"),
        format!("dial svc:{c}@b:80"),
        format!(
            "{{\"level\":\"error\",\"error\":\"token: {{\\\"id\\\":1,\\\"refresh_token\\\":\\\"{c}\\\"}} invalid_grant\"}}"
        ),
        format!(
            "{{\"level\":\"error\",\"foo\":\"{c}\",\"code\":[\"{c}\"],\"state\":{{\"a\":\"{c}\"}},\"bar\":[[\"{c}\"]]}}"
        ),
        format!("{{\"cookie\": \"{c}\", \"error\": \"x"),
        format!("\\\"client_secret\\\":\\\"{c}\\\""),
        format!("\\\\\\\"client_secret\\\\\\\" : \\\\\\\"{c}\\\\\\\""),
        format!("level=error msg=\"x\" foo={c} bar=\"a {c}\""),
        format!("10:12AM ERR failed error=\"invalid_grant\" request-id=1 whatever={c}"),
        format!("token[0]={c} code[]={c}"),
        format!("x-amz-security-token:{c}"),
        format!("\u{1b}[36mclient_secret=\u{1b}[0m{c}"),
        format!("session_state={c}; csrfToken: {c}"),
        format!("token: {c}"),
        format!("we sent the token {c} with it"),
        format!("my token {c}, and"),
        format!("Token {c}"),
        format!("the code \"{c}\" for code=\"{c}\""),
        format!("-----BEGIN RSA PRIVATE KEY-----\n{c}\n-----END RSA PRIVATE KEY-----"),
        format!("secret_key: [{c}, {c}]"),
        format!("secret: >-\n  {c}"),
        format!("secret = {c} two {c}"),
        format!("client_secret -> {c}, secret→{c}"),
        format!("the secret is \"{c}\", secret \"{c}\" was refused"),
        format!("kubectl create secret generic x --from-literal=IDP_CLIENT_SECRET={c}"),
        format!("docker login -u me -p {c} registry"),
        format!("headers={{'Cookie': 'a={c}; b={c}', 'X-Foo': '{c}'}}"),
        format!("requests.post(url, auth=('id', '{c}'))"),
        format!("//registry/:_authToken={c}"),
        format!("code%3D{c}"),
        format!("ENV IDP_CLIENT_SECRET {c}"),
        format!("~ client_secret = \"a\" -> \"{c}\""),
        format!("<key>client_secret</key> <string>{c}</string>"),
        format!("curl -uid:{c} x"),
        format!("curl -sSu id:{c} x"),
        format!("%7B%22client_secret%22%3A%22{c}%22%7D"),
        format!("https://a.example/?x=%2522code%2522%253A%2522{c}%2522"),
        format!("cognito={c}; csrf-state={c}"),
        format!("client_secret,{c}"),
        format!("Token {{ access_token: Some(\"{c}\") }}"),
        format!("> Cookie: a={c}; b={c}"),
        format!("$env:IDP_CLIENT_SECRET = \"{c}\""),
        format!("aws_secret_access_key = {c}"),
        format!("{{\"headers\":{{\"Cookie\":[\"a={c}\"],\"X-Pomerium-Jwt-Assertion\":\"{c}\"}}}}"),
    ] {
        let clean = shown(&format!("error invalid_client {text}"));
        let own = if text.starts_with("the code ") { clean.replacen(CANARY, "", 1) } else { clean.clone() };
        assert!(!own.contains(CANARY), "{text}\n{clean}");
        assert!(clean.contains("error"), "{text}\n{clean}");
    }
}

#[test]
fn hooks_tokens_of_addresses_and_flags_of_programs_give_nothing_back() {
    let c = CANARY;
    for text in [
        format!("posting to https://hooks.slack.com/services/T0ABCDEFG/BZXCVBNMA/{c} failed: invalid_client"),
        format!("invalid_client, see https://discord.com/api/webhooks/123456789012345678/{c}"),
        format!("invalid_client https://corp.webhook.office.com/webhookb2/a@b/IncomingWebhook/{c}/d"),
        format!("git clone https://{c}2@git.example.com/a.git: invalid_client"),
        format!("creds {c} invalid_client"),
        format!("credentials: {c}"),
        format!("la clé {c} invalid_client"),
        format!("Passwort: {c}"),
        format!("mot de passe {c}"),
        format!("contraseña {c}"),
        format!("docker login -p {c}"),
        format!("mongo -p {c} invalid_client"),
        format!("curl -uu:{c} https://x.example.com"),
    ] {
        assert!(!shown(&text).contains(c), "{text}\n{}", shown(&text));
    }
    for text in [
        "git clone ssh://git@git.example.com/a.git",
        "the oracle says invalid_client",
        "https://a.example.com/services/x",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn what_diagnosis_needs_is_left() {
    for text in [
        "https://a.auth.eu-central-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1",
        "oauth2: cannot fetch token: 400 Bad Request Response: {\"error\":\"invalid_grant\"}",
        "{\"level\":\"error\",\"service\":\"authenticate\",\"request-id\":\"0b0c7a0e-1f2d-4c3b-9a8e-7d6c5b4a3f21\",\"error\":\"http: named cookie not present\",\"response-code\":500,\"time\":\"2026-08-20T10:11:12Z\"}",
        "failed to exchange code: oauth2: \"invalid_grant\"",
        "An error was encountered with the requested page. invalid_request, the code has expired",
        "status code: 403, request id: 0b0c7a0e-1f2d-4c3b-9a8e-7d6c5b4a3f21, error_code=invalid_request",
        "https://a.example/oauth2/authorize?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&response_type=code&scope=openid+email&redirect_uri=https://b.example/oauth2/callback",
        "10:12AM ERR http: error=\"oidc: issuer did not match\" request-id=1",
        "user@example.com is not allowed",
        "a bearer token is missing; basic auth is off",
        "IDP_CLIENT_SECRET:  <set to the key 'a' in secret 'b'>  Optional: false",
        "GET /oauth2/callback 502",
        "the client secret is wrong",
        "state mismatch",
        "the token expired an hour ago",
        "token rotation is on",
        "the token lifetime is short, token refreshing fails",
        "Das Token ist abgelaufen, le token expire, el token caducado",
        "each token server-side",
        "GET /oauth2/callback?error_description=any%20token HTTP/1.1",
        "das Passwort ist falsch, le mot de passe est incorrect, la contraseña es incorrecta",
        "The `client_secret` is wrong, and the **password** is not set",
        "│ Error: invalid_client │ with aws_cognito_user_pool_client.main │",
        "VerifyToken(ctx) failed, getSecret() returned nothing, the secret(s) are missing",
        "login failed: invalid_client; http -v https://a.example/oauth2/token",
        "the secret was changed from the old to the new one, use a token instead of a password",
    ] {
        assert_eq!(shown(text), text);
    }
}

/// A log, a command, an address, each with secrets that no line tells by its shape if it is broken at any place.
const BROKEN: [(&str, &[&str]); 5] = [
    (
        "https://authenticate.example.com/oauth2/callback?error=invalid_request&code=7a89b04c-adea-58e5-87ee-1e9a6f74f69a&state=aGVsbG8&error_description=invalid_scope",
        &["7a89b04c-adea-58e5-87ee-1e9a6f74f69a"],
    ),
    (
        "invalid_client postgres://pomerium:correcthorsebatterystaple@db:5432/pomerium invalid_client",
        &["correcthorsebatterystaple"],
    ),
    (
        "invalid_client IDP_CLIENT_SECRET=correcthorsebatterystaple IDP_CLIENT_ID=4qk2v9s7m1n3b5c8d0f6g7h2u1 invalid_client",
        &["correcthorsebatterystaple"],
    ),
    (
        "$ curl -s -u 4qk2v9s7m1n3b5c8d0f6g7h2u1:correcthorsebatterystaple https://corp.example.com/oauth2/token {\"error\":\"invalid_client\"}",
        &["correcthorsebatterystaple"],
    ),
    (
        "x {\"level\":\"error\",\"error\":\"invalid_client\",\"client_secret\":\"correcthorsebatterystaple\",\"message\":\"httputil: error\"",
        &["correcthorsebatterystaple"],
    ),
];

#[test]
fn no_piece_of_a_secret_is_left_wherever_a_window_broke_its_line() {
    /// Less of one tells nothing.
    const PIECE: usize = 9;
    let mut wrong = Vec::new();
    for (text, secrets) in BROKEN {
        for width in 24..110 {
            for indent in ["", "  ", "> "] {
                let letters: Vec<char> = text.chars().collect();
                let lines: Vec<String> =
                    letters.chunks(width).map(|line| indent.to_owned() + &line.iter().collect::<String>()).collect();
                let safe = in_context(&lines.join("\n"), diagnose::is_known);
                for line in safe.lines().map(shown) {
                    let pieces = secrets.iter().flat_map(|secret| secret.as_bytes().windows(PIECE));
                    let left = pieces.map(|piece| String::from_utf8_lossy(piece)).find(|piece| line.contains(&**piece));
                    wrong.extend(left.map(|left| format!("{left} {width}: {line}")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_a_window_broke_still_says_what_is_wrong() {
    for (text, kept) in [
        (
            "https://authenticate.example.com/oauth2/callback?code=7a89b04c-\nadea&error=invalid_request&error_description=invalid_scope",
            "error_description=invalid_scope",
        ),
        ("https://authenticate.example.com/oauth2/callback?code=7a89b04c\ninvalid_request", "invalid_request"),
        ("time=2026-11-29 level=error msg=failed client_secret=hunterzwo\ninvalid_client", "invalid_client"),
    ] {
        let shown = in_context(text, diagnose::is_known);
        assert!(shown.contains(kept), "{shown}");
    }
}

/// Bytes that stand around a pair.
const AROUND: [&str; 34] = [
    "{", "}", "[", "]", "(", ")", "\"", "'", "\\", "\\\"", ",", ";", ":", "=", "&", "?", "#", " ", "\n", "\t", "|",
    "<", ">", "%", "%3D", "é", "map[", "x", "\"a\":", "a=", "--", "curl ", "…", "@",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_shape_survives_whatever_stands_around_it(
        before in prop::collection::vec(prop::sample::select(AROUND.to_vec()), 0..12),
        after in prop::collection::vec(prop::sample::select(AROUND.to_vec()), 0..12),
    ) {
        let canary = "zq7CANARYs3cr3tvalue0123";
        let text = format!("{}{canary}{}", before.concat(), after.concat());
        let clean = shown(&text);
        prop_assert!(!clean.contains(canary), "{text}\n{clean}");
    }

    #[test]
    fn no_value_of_a_telling_name_survives_whatever_stands_around_it(
        before in prop::collection::vec(prop::sample::select(AROUND.to_vec()), 0..12),
        after in prop::collection::vec(prop::sample::select(AROUND.to_vec()), 0..12),
        name in prop::sample::select(vec!["client_secret", "IDP_CLIENT_SECRET", "accessToken", "db-password", "session_cookie"]),
        sign in prop::sample::select(vec!["=", ": ", ":", " = ", "=\"", "\": \"", "': '", "\":[\""]),
    ) {
        let text = format!("{} {name}{sign}{CANARY}{}", before.concat(), after.concat());
        let clean = shown(&text);
        prop_assert!(!clean.contains(CANARY), "{text}\n{clean}");
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,80}") {
        let _ = shown(&text);
    }
}

#[test]
fn what_stands_below_a_name_alone_is_its_value() {
    for name in
        ["cookie", "token", "apikey", "PIN", "code", "otp", "credentials", "Session ID", "password", "Client Secret"]
    {
        for text in [format!("{name}\n{CANARY} redirect_mismatch"), format!("a\n{name} \r\n\"{CANARY}\"\nx")] {
            assert!(!diagnose::clean(&text).contains(CANARY), "{text}");
            assert!(!in_context(&text, diagnose::is_known).contains(CANARY), "{text}");
        }
    }
    let prose = "it has no token\nand redirect_mismatch";
    assert_eq!(shown(prose), prose);
}

#[test]
fn what_errors_go_on_with_is_left() {
    for text in [
        r#"failed getting id_token: error verifying token: oidc: malformed jwt"#,
        r#"idp secret: client_id key is required"#,
        r#"options from config file "/pomerium/config.yaml": failed to read config: open /x: no such file or directory"#,
        r#"failed to refresh oauth2 token: net/http: TLS handshake timeout"#,
        r#"spec.provider: got "cognito": supported values follow"#,
        "no key of that id is published by the pool: another pool signed it, or somebody forged it",
    ] {
        assert_eq!(shown(text), text);
    }
    for text in [
        format!("secret: the key is {CANARY}"),
        format!("id_token: error {CANARY}"),
        format!("\"foo\": {CANARY} is required"),
    ] {
        assert!(!shown(&text).contains(CANARY), "{text}");
    }
}

#[test]
fn a_line_of_one_name_over_and_over_is_read_once() {
    for unit in ["State:", "token:"] {
        let make = |size| unit.repeat(size / unit.len());
        crate::work::grows_with_its_input(unit, 64 * 1024, make, |text| drop(shown(text)));
    }
}
