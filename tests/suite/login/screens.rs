//! How much is shown, and in how many columns.

use serde_json::json;

use super::{Run, pool};
use crate::support::answer::sign_in::Person;
use crate::support::healthy;
use crate::support::server::Fault;

fn person() -> Run {
    Run::of(pool(Person::default()))
}

/// A configuration with these lines below its first route.
fn with_policy(policy: &str) -> String {
    let (head, _) = healthy().split_once("routes:").map(|(head, rest)| (head.to_owned(), rest.to_owned())).unwrap();
    format!("{head}routes:\n  - from: https://a.corp.example.com\n    to: http://x\n    policy:\n{policy}")
}

fn folded(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn claims_stay_in_their_columns_whatever_they_hold() {
    let mut one = Person::default();
    one.user_info["picture"] = json!(format!("https://lh3.example.com/{}", "a".repeat(90)));
    one.id_token["cognito:preferred_role"] =
        json!("arn:aws:iam::123456789012:role/corp-engineering-operators-readonly");
    one.id_token["https://corp.example.com/claims/roles"] = json!(["ops"]);
    one.id_token["w"] = json!("\u{6f22}".repeat(60));
    let (code, screen) = Run::of(pool(one)).pasted();
    assert_eq!(code, 0, "{screen}");
    let claims =
        screen.split_once("who tells it\n").and_then(|(_, rest)| rest.split_once("\nWhat the policies")).unwrap().0;
    let columns = |line: &str| line.chars().map(|c| if c == '\u{6f22}' { 2 } else { 1 }).sum::<usize>();
    assert!(claims.lines().all(|line| columns(line) <= 80), "{claims}");
    for teller in ["ID token", "userinfo", "both"] {
        let told = claims.lines().filter(|line| line.ends_with(teller));
        assert!(
            told.clone().count() > 0 && told.clone().all(|line| line.ends_with(&format!("  {teller}"))),
            "{claims}"
        );
    }
    assert!(claims.contains("  https://corp.example.com/claims/roles  ") && claims.contains("\n  w "), "{claims}");
}

#[test]
fn what_is_nearly_right_is_shown_however_many_criteria_there_are() {
    let criteria: String =
        ["a", "b", "c", "d", "OPS"].map(|group| format!("            - claim/cognito:groups: {group}\n")).concat();
    let (code, screen) = person().config(with_policy(&format!("      - allow:\n          or:\n{criteria}"))).pasted();
    assert!(code == 1 && screen.contains("\"OPS\" differs in letter case"), "{screen}");
    assert!(screen.contains("and 1 more criteria like these"), "{screen}");
}

#[test]
fn a_criterion_and_its_verdict_read_as_one_sentence() {
    for (policy, says) in [
        (
            "      - allow: { not: [{ domain: { is: evil.example } }] }\n",
            "not domain is evil.example: holds; it is corp",
        ),
        (
            "      - allow: { not: [{ domain: { is: corp.example.com } }] }\n",
            "not domain is corp.example.com: does not hold; it is corp",
        ),
        (
            "      - allow: { or: [{ accept: true }] }\n      - deny: { not: [{ claim/cognito:groups: adm }] }\n",
            "deny if not claim/cognito:groups has adm: holds; it is ops, dev",
        ),
        (
            "      - allow: { or: [{ claim/email_verified: false }] }\n",
            "claim/email_verified has false: does not hold; it is true",
        ),
        (
            "      - allow: { or: [{ claim/cognito:groups: { is: ops } }] }\n",
            "near: \"ops\" is one of 2 values: `is` wants it alone",
        ),
        (
            "      - allow: { or: [{ claim/token_use: access }] }\n",
            "claim/token_use has access: does not hold; it is id",
        ),
        ("      - allow: { or: [{ groups: { has: ops } }] }\n", "denied groups has ops: does not hold"),
        ("      - allow: { or: [{ groups: { has: ops } }] }\n", "pomlint explain groups-criterion-never-matches"),
    ] {
        let (_, screen) = person().config(with_policy(policy)).pasted();
        assert!(folded(&screen).contains(says), "{says}\n{screen}");
    }
}

#[test]
fn without_a_route_nobody_says_that_anybody_is_let_in() {
    let (head, _) = healthy().split_once("routes:").map(|(head, rest)| (head.to_owned(), rest.to_owned())).unwrap();
    let (code, screen) = person().config(head).pasted();
    assert!(code == 3 && folded(&screen).contains("whether anybody is let in cannot be known"), "{code}\n{screen}");
}

#[test]
fn a_step_without_an_answer_is_shown_once() {
    let mut running = person().script("/login", Fault::Reset).start();
    running.terminal.until("Press Enter to begin");
    running.terminal.send("\u{3}");
    let (_, screen) = running.end();
    assert!(screen.contains("  ? login page  no answer: "), "{screen}");
    let keys = person().script("/.well-known/jwks.json", Fault::Reset).start().end().1;
    assert!(keys.contains("✗ keys") && !keys.contains("? keys"), "{keys}");
    assert!(!keys.contains("docs.rs"), "{keys}");
}

#[test]
fn what_to_try_stands_on_lines_of_its_own() {
    let placeholder = healthy().replace(crate::support::pool::CLIENT_SECRET, "${SECRET}");
    let (code, screen) = person().config(placeholder.clone()).start().end();
    assert!(code == 2 && screen.contains("\n        --expand-env=NAME") && !screen.contains("\\n"), "{screen}");
    // Without a name, what this process holds may not be sent.
    let run =
        person().config(placeholder).variable("SECRET", crate::support::pool::CLIENT_SECRET).args(&["--expand-env"]);
    let (code, screen) = run.start().end();
    assert!(code == 2 && folded(&screen).contains("--expand-env=SECRET"), "{code}\n{screen}");
}

#[test]
fn a_callback_with_a_password_is_none_and_is_not_repeated() {
    let (code, screen) = person().args(&["--loopback", "http://u:pa55word@localhost:8000/cb"]).start().end();
    assert!(code == 2 && folded(&screen).contains("no address of this") && !screen.contains("pa55word"), "{screen}");
}

#[test]
fn what_was_not_begun_is_begun_anew() {
    let mut pool = pool(Person::default());
    pool.client.callback_urls.clear();
    let (_, screen) = Run::of(pool).start().end();
    assert!(folded(&screen).contains("then start `pomlint login` anew"), "{screen}");
}
