//! What people say in words of their own, and what is written about errors that nobody has.

use crate::pastes::{human, names, told};
use crate::transformed::printed;
use serde_json::Value;

/// In each line: the first name it leads to (`menu` for none), a bar, and what is said.
const SAID: &str = include_str!("../../fixtures/sayings.txt");

#[test]
fn what_people_say_leads_to_a_short_list_or_the_menu() {
    let lines = SAID.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, text) in lines.map(|line| line.split_once(" | ").unwrap()) {
        count += 1;
        let value = told(text);
        let found = names(&value);
        let first = found.first().copied().unwrap_or("menu");
        let is_sure = value["names"].as_array().unwrap().iter().any(|named| named["strength"] != "possible");
        let exit = if name == "menu" { 3 } else { 1 };
        if first != name || is_sure || found.len() > 9 || value["exit"] != exit {
            wrong.push(format!("{name}: {text}: {found:?} {}", value["exit"]));
        }
    }
    assert!(count >= 60, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(human("how do I cook rice").stdout.contains("at Cognito"));
}

#[test]
fn texts_about_errors_are_no_errors() {
    for text in [
        "it('x', async () => {\n  expect(r.error).toBe(\n    'redirect_mismatch',\n  );\n});",
        "switch err.Code {\n\tcase \"invalid_grant\",\n\t\t\"invalid_client\":\n\t\tretry()\n}",
        "ERRORS = {\n    \"redirect_mismatch\": \"The URL is not registered\",\n}",
        "if grep -q \"redirect_mismatch\" out; then\n  echo \"still broken\"\nfi",
        "kubectl logs deploy/pomerium | grep \"invalid CSRF token\"",
        "- alert: Redirects\n  expr: rate(log{msg=\"redirect_mismatch\"}[5m]) > 0\n  annotations:\n    summary: redirect_mismatch seen",
        "## [2.3.0] - 2025-03-01\n### Fixed\n- redirect_mismatch after changing the host\n- invalid CSRF token on slow networks",
        "v7.6.0\n* oauth: handle invalid_grant on refresh\n* cognito: redirect_mismatch hint",
        "Troubleshooting\n\nredirect_mismatch\nThe callback URL is not among those of the client.\n\ninvalid_client\nThe client secret is wrong.",
        "<p>If the client is not known the response is <code>invalid_client</code>.</p>",
        "[ ] test redirect_mismatch\n[x] test invalid_client",
        "Re: Re: redirect_mismatch fixed?",
        "oauth 2.0 - AWS Cognito: redirect_mismatch error - Stack Overflow",
        "https://duckduckgo.com/?q=cognito+redirect_mismatch",
        "https://repost.aws/questions/QU1/cognito-redirect_mismatch",
        "[2026/01/01 10:00:00] [oauthproxy.go:823] Error redeeming code during OAuth2 callback: token exchange failed: oauth2: \"invalid_client\"",
    ] {
        for named in told(text)["names"].as_array().unwrap() {
            assert_eq!(named["strength"], "possible", "{text}: {named}");
        }
    }
    // Who has the error is not silenced by how it is laid out.
    for text in [
        "{\n  \"error\": \"invalid_client\"\n}",
        "<html>\n<body onload=\"go();\">\n{\"error\":\"invalid_client\"}\n</body>\n</html>",
    ] {
        assert_eq!(told(text)["names"][0]["strength"], "likely", "{text}");
    }
}

#[test]
fn no_name_lacks_its_meaning_or_its_cure() {
    let is_line = |value: &Value| value.as_str().is_some_and(|text| text.len() > 10 && !text.contains('\n'));
    let texts = printed();
    for chunk in texts.chunks(60) {
        let value = told(&chunk.join("\n"));
        for named in value["names"].as_array().unwrap() {
            assert!(is_line(&named["means"]) && is_line(&named["cure"]), "{named}");
        }
    }
}
