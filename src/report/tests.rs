//! The screens, character by character, and the contract of the JSON.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::format_collect, clippy::needless_raw_string_hashes, reason = "one form for all screens")]

use super::samples::*;
use super::*;
use crate::config::{Source, SourceKind};
use crate::evidence::{ExchangeId, Missing, Need};

fn screen(report: &Report) -> String {
    human::render(report, &View::default())
}

fn with(report: &Report, verbosity: Verbosity) -> String {
    human::render(report, &View { verbosity, ..View::default() })
}

fn report(config: Config, world: World, judged: Vec<Judged>) -> Report {
    Report::new([(config, world, judged)], &Options::default())
}

/// One finding at a place of a file, alone.
fn single(config: Config, finding: Finding) -> Report {
    let verdict =
        judged(rule("a-rule", Stage::Config, Severity::Error, "Something is wrong"), Verdict::Fail(vec![finding]));
    report(config, world(Vec::new()), vec![verdict])
}

fn callback_failure() -> Report {
    let config = config(FILE);
    let mut verdicts = passing();
    let callback =
        rule("callback-not-registered", Stage::Callback, Severity::Error, "Cognito does not know this callback URL");
    let groups =
        rule("groups-criterion-never-matches", Stage::Scopes, Severity::Warning, "This policy can never match");
    for verdict in &mut verdicts {
        match verdict.rule.name {
            "callback-not-registered" => {
                verdict.rule = callback;
                verdict.verdict = Verdict::Fail(vec![callback_finding(&config)]);
                verdict.witnesses = ["discovery", "authorize"].map(|id| ExchangeId(id.to_owned())).to_vec();
            }
            "code-flow-disabled" | "scope-not-allowed" | "login-page-unavailable" => {
                verdict.verdict = Verdict::Undecided(vec![Missing::Follows(Need::Authorize)]);
                verdict.follows = Some("callback-not-registered");
            }
            "client-secret-rejected" => {
                verdict.verdict = Verdict::Undecided(vec![Missing::Declined { flag: "--probe-secret" }]);
            }
            "sign-out-url-not-registered" => {
                verdict.verdict = Verdict::Undecided(vec![Missing::Declined { flag: "--probe-sign-out" }]);
            }
            _ => {}
        }
    }
    let finding = Finding::at(span(&config, "claim/groups"), "Cognito puts groups in `cognito:groups`")
        .also(span(&config, "cognito"), "tokens come from Cognito")
        .fix("claim/cognito:groups: admins");
    verdicts.push(judged(groups, Verdict::Fail(vec![finding])));
    report(config, world(vec![discovery(), refused_authorize()]), verdicts)
}

#[test]
fn a_callback_that_is_not_registered() {
    assert_eq!(
        screen(&callback_failure()),
        r#"error[callback-not-registered]: Cognito does not know this callback URL
  --> pomerium.yaml:2:27
   |
 2 | authenticate_service_url: https://auth.corp.example.com
   |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |            Pomerium will send https://auth.corp.example.com/oauth2/callback
   |
  seen  GET https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?…
        302 → /error?error=redirect_mismatch&client_id=4qk…2u1  (41 ms)
  near  registered  https://auth.corp.example.com/oauth2/callback/
        sent        https://auth.corp.example.com/oauth2/callback
                                    a slash only in `registered` ^
  fix   register the URL exactly as sent. Terraform:
          callback_urls = ["https://auth.corp.example.com/oauth2/callback"]
  more  pomlint explain callback-not-registered

warning[groups-criterion-never-matches]: This policy can never match
   --> pomerium.yaml:14:15
    |
  4 | idp_provider: cognito
    |               ------- tokens come from Cognito
   ...
 14 |             - claim/groups: admins
    |               ^^^^^^^^^^^^ Cognito puts groups in `cognito:groups`
    |
  fix   claim/cognito:groups: admins
  more  pomlint explain groups-criterion-never-matches

login path  (? not judged, – waits for the cure)
  config ✓  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✗  flow –  scopes –  secret ?  login –  sign-out ?
A login will fail at: callback.
1 error, 1 warning, 7 passed · 3 wait for callback
2 not judged (add --probe-secret, --probe-sign-out)
2 requests to 2 hosts in 0.08 s
"#
    );
}

#[test]
fn all_green() {
    let report = report(config(FILE), world(vec![discovery(), refused_authorize()]), passing());
    assert_eq!(report.summary.exit, 0);
    assert_eq!(
        screen(&report),
        r#"login path
  config ✓  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✓  flow ✓  scopes ✓  secret ✓  login ✓  sign-out ✓
A login should work: 13 rules, all decided · 2 requests to 2 hosts in 0.08 s
"#
    );
    assert_eq!(with(&report, Verbosity::Quiet), "");
}

fn unavailable() -> Report {
    let cause = "failed to lookup address information: Name or service not known";
    let mut verdicts = passing();
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.rule.stage >= Stage::Issuer) {
        verdict.verdict = Verdict::Undecided(vec![if verdict.rule.stage < Stage::Client {
            Missing::Unreachable { url: DISCOVERY.to_owned(), step: Step::NoSuchHost, cause: cause.to_owned() }
        } else {
            Missing::Follows(Need::Discovery)
        }]);
    }
    report(config(FILE), world(vec![unanswered("discovery", DISCOVERY, Step::NoSuchHost, cause)]), verdicts)
}

#[test]
fn evidence_is_not_available() {
    let report = unavailable();
    assert_eq!(report.summary.exit, 3);
    assert_eq!(
        screen(&report),
        r#"undecided: 11 of 13 rules could not be judged. This is not a pass.
  no answer from cognito-idp.eu-west-1.amazonaws.com
      GET https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/openid-configuration
      no such host: failed to lookup address information: Name or service not
      known (2 attempts, 0.61 s)
      needed by issuer-mismatch, discovery-malformed and 2 more
  not asked: `discovery` must be answered first
      needed by client-not-usable, callback-not-registered and 5 more
  try   HTTPS_PROXY=URL             if a proxy stands in between
        pomlint check --replay DIR  a recording made with --record elsewhere
        --connect-to cognito-idp.eu-west-1.amazonaws.com:443:ADDR:443
                                    if this machine does not know its address

login path  (? not judged)
  config ✓  pomerium ✓  issuer ?  discovery ?  keys ?  domain ?  client ?
  callback ?  flow ?  scopes ?  secret ?  login ?  sign-out ?
Nothing wrong in the 2 rules that could be judged
1 request to 1 host in 0.61 s
"#
    );
    let quiet = with(&report, Verbosity::Quiet);
    assert_eq!(quiet, "undecided: 11 of 13 rules could not be judged. This is not a pass.\n");
}

#[test]
fn verbose() {
    assert_eq!(
        with(&callback_failure(), Verbosity::Verbose),
        r#"error[callback-not-registered]: Cognito does not know this callback URL
  --> pomerium.yaml:2:27
   |
 2 | authenticate_service_url: https://auth.corp.example.com
   |                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |            Pomerium will send https://auth.corp.example.com/oauth2/callback
   |
  seen  GET https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&redirect_uri=https%3A%2F%2Fauth.corp.example.com%2Foauth2%2Fcallback&response_type=code&scope=openid+email+profile&state=%E2%80%A6
        302 → /error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1  (41 ms)
  near  registered  https://auth.corp.example.com/oauth2/callback/
        sent        https://auth.corp.example.com/oauth2/callback
                                    a slash only in `registered` ^
  fix   register the URL exactly as sent. Terraform:
          callback_urls = ["https://auth.corp.example.com/oauth2/callback"]
  more  pomlint explain callback-not-registered

warning[groups-criterion-never-matches]: This policy can never match
   --> pomerium.yaml:14:15
    |
  4 | idp_provider: cognito
    |               ------- tokens come from Cognito
   ...
 14 |             - claim/groups: admins
    |               ^^^^^^^^^^^^ Cognito puts groups in `cognito:groups`
    |
  fix   claim/cognito:groups: admins
  more  pomlint explain groups-criterion-never-matches

exchanges
  discovery  curl -si 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/openid-configuration'
      200  issuer: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R  (41 ms)
  authorize  curl -si 'https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&redirect_uri=https%3A%2F%2Fauth.corp.example.com%2Foauth2%2Fcallback&response_type=code&scope=openid+email+profile&state=%E2%80%A6'
      302 → /error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1  (41 ms)

rules
  passed     unknown-key, provider-missing, issuer-mismatch,
             discovery-malformed, no-signing-keys, pool-has-no-domain,
             client-not-usable
  declined   client-secret-rejected: not asked without --probe-secret
  declined   sign-out-url-not-registered: not asked without --probe-sign-out
  waits      code-flow-disabled, scope-not-allowed, login-page-unavailable: for
             callback-not-registered
  unseen     users, groups, multi-factor authentication and Lambda triggers: a
             login can still fail there

login path  (? not judged, – waits for the cure)
  config ✓  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✗  flow –  scopes –  secret ?  login –  sign-out ?
A login will fail at: callback.
1 error, 1 warning, 7 passed · 3 wait for callback
2 not judged (add --probe-secret, --probe-sign-out)
2 requests to 2 hosts in 0.08 s
"#
    );
}

fn place(config: &Config, text: &str) -> Finding {
    Finding::at(span(config, text), "is wrong")
}

/// The excerpt of a report of one finding: what stands above `more`.
fn excerpt(report: &Report) -> String {
    let screen = screen(report);
    screen.lines().skip(1).take_while(|line| !line.contains("  more")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn declined_evidence_is_one_line_and_no_exit_3() {
    let verdicts = || {
        let mut verdicts = passing();
        for verdict in verdicts.iter_mut().filter(|verdict| verdict.rule.stage >= Stage::Issuer) {
            verdict.verdict = Verdict::Undecided(vec![Missing::Declined { flag: "--offline" }]);
        }
        verdicts
    };
    let report = report(config(FILE), world(Vec::new()), verdicts());
    assert_eq!(report.summary.exit, 0);
    assert_eq!(
        screen(&report),
        r#"login path  (? not judged)
  config ✓  pomerium ✓  issuer ?  discovery ?  keys ?  domain ?  client ?
  callback ?  flow ?  scopes ?  secret ?  login ?  sign-out ?
Nothing wrong in the 2 rules that were judged · 11 not judged (--offline)
"#
    );
    let strict = Options { undecided: Undecided::Strict, ..Options::default() };
    assert_eq!(Report::new([(config(FILE), world(Vec::new()), verdicts())], &strict).summary.exit, 3);
}

#[test]
fn the_exit_code() {
    let exit = |severity, fail_on, undecided, open: bool| {
        let config = config(FILE);
        let finding = place(&config, "cognito").severity(severity);
        let mut verdicts = passing();
        set(&mut verdicts, "unknown-key", Verdict::Fail(vec![finding]));
        if open {
            let reason = Missing::NotRecorded { url: DISCOVERY.to_owned() };
            set(&mut verdicts, "no-signing-keys", Verdict::Undecided(vec![reason]));
        }
        let options = Options { fail_on, undecided, pedantic: false };
        Report::new([(config, world(Vec::new()), verdicts)], &options).summary.exit
    };
    assert_eq!(exit(Severity::Error, Severity::Error, Undecided::Default, true), 1);
    assert_eq!(exit(Severity::Error, Severity::Error, Undecided::Allow, false), 1);
    assert_eq!(exit(Severity::Warning, Severity::Error, Undecided::Default, false), 0);
    assert_eq!(exit(Severity::Warning, Severity::Warning, Undecided::Default, false), 1);
    assert_eq!(exit(Severity::Warning, Severity::Error, Undecided::Default, true), 3);
    assert_eq!(exit(Severity::Warning, Severity::Error, Undecided::Allow, true), 0);
    assert_eq!(exit(Severity::Note, Severity::Note, Undecided::Default, false), 0, "notes are not asked for");
}

#[test]
fn warnings_only() {
    let config = config(FILE);
    let unknown = Finding::at(span(&config, "policy"), "did you mean `ppl`?").title("Pomerium ignores this key");
    let mut verdicts = passing();
    set(&mut verdicts, "unknown-key", Verdict::Fail(vec![unknown.severity(Severity::Warning)]));
    let report = report(config, world(Vec::new()), verdicts);
    assert_eq!(
        screen(&report),
        r#"warning[unknown-key]: Pomerium ignores this key
   --> pomerium.yaml:11:5
    |
 11 |     policy:
    |     ^^^^^^ did you mean `ppl`?
    |
  more  pomlint explain unknown-key

login path  (! see the warning)
  config !  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✓  flow ✓  scopes ✓  secret ✓  login ✓  sign-out ✓
A login should work, with 1 warning: 13 rules, all decided
"#
    );
}

#[test]
fn notes_are_hidden_unless_asked_for() {
    let build = |pedantic| {
        let config = config(FILE);
        let note =
            rule("secret-in-plain-text", Stage::Pomerium, Severity::Note, "The client secret stands in a plain file");
        let missing = rule("template-not-checked", Stage::Config, Severity::Note, "A template");
        let mut verdicts = passing();
        verdicts.push(judged(note, Verdict::Fail(vec![Finding::at(span(&config, SECRET), "readable by all")])));
        let reason = Missing::NotRecorded { url: DISCOVERY.to_owned() };
        verdicts.push(judged(missing, Verdict::Undecided(vec![reason])));
        let options = Options { pedantic, ..Options::default() };
        Report::new([(config, world(Vec::new()), verdicts)], &options)
    };
    let hidden = build(false);
    assert_eq!((hidden.summary.notes, hidden.summary.hidden, hidden.summary.exit), (0, 1, 0));
    assert!(screen(&hidden).ends_with("all decided · 1 note hidden (--pedantic)\n"), "{}", screen(&hidden));
    let shown = build(true);
    assert_eq!((shown.summary.notes, shown.summary.hidden, shown.summary.exit), (1, 0, 3));
    assert_eq!(
        screen(&shown),
        r#"note[secret-in-plain-text]: The client secret stands in a plain file
  --> pomerium.yaml:7:20
   |
 7 | idp_client_secret: ‹secret, 51 chars›
   |                    ^^^^^^^^^^^^^^^^^^ readable by all
   |
  more  pomlint explain secret-in-plain-text

undecided: 1 of 15 rules could not be judged. This is not a pass.
  the recording does not hold it
      GET https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/openid-configuration
      needed by template-not-checked
  try   pomlint check --record DIR  records it with the same flags

login path  (? not judged)
  config ?  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✓  flow ✓  scopes ✓  secret ✓  login ✓  sign-out ✓
No error, 1 note in the 14 rules that could be judged
"#
    );
}

#[test]
fn the_secret_on_the_line_is_masked_and_the_carets_stay_right() {
    let text = format!("a: {SECRET}, b: wrong\n");
    let config = config(&text);
    let finding = place(&config, "wrong").also(span(&config, &SECRET[5..9]), "part of it");
    assert_eq!(
        excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:60
   |
 1 | a: ‹secret, 51 chars›, b: wrong
   |    ------------------ part of it
   |                           ^^^^^ is wrong
   |
"#
    );
}

#[test]
fn a_secret_never_shows_even_as_a_message() {
    let config = config(FILE);
    let finding =
        place(&config, "cognito").title(SECRET).fix(format!("not {SECRET}")).near(("a", SECRET), ("b", &SECRET[..2]));
    let report = single(config, finding);
    for format in FORMATS {
        let text = (format.render)(&report, &View { verbosity: Verbosity::Verbose, ..View::default() });
        assert!(!text.contains(&SECRET[2..12]) && text.contains("‹secret, 51 chars›"), "{}: {text}", format.name);
    }
}

#[test]
fn lines_that_end_in_crlf() {
    let config = config("a: 1\r\nb: wrong\r\nc: 3\r\n");
    let finding = place(&config, "wrong\r\n");
    assert_eq!(
        excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:2:4
   |
 2 | b: wrong
   |    ^^^^^ is wrong
   |
"#
    );
}

#[test]
fn a_place_at_the_end_of_the_file() {
    let config = config("a: 1\nb:");
    let end = Span { source: first_source(&config), start: 7, end: 7 };
    assert_eq!(
        excerpt(&single(config, Finding::at(end, "a value is missing"))),
        r#"  --> pomerium.yaml:2:3
   |
 2 | b:
   |   ^ a value is missing
   |
"#
    );
    let empty = self::config("");
    let start = Span { source: first_source(&empty), start: 0, end: 0 };
    assert_eq!(
        excerpt(&single(empty, Finding::at(start, "nothing here"))),
        r#"  --> pomerium.yaml:1:1
   |
 1 |
   | ^ nothing here
   |
"#
    );
}

#[test]
fn a_very_long_line_is_cut_around_the_place() {
    let config = config(&format!("{{{}\"bad\": 1{}}}", "\"a\": 1, ".repeat(100), ", \"a\": 1".repeat(100)));
    let finding = place(&config, "\"bad\"");
    assert_eq!(
        excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:802
   |
 1 | … 1, "a": 1, "a": 1, "bad": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a": 1, "a…
   |                      ^^^^^ is wrong
   |
"#
    );
}

#[test]
fn wide_characters_and_tabs() {
    let config = config("名前:\t\"東京 wrong\" # \u{1b}[2J\u{202e}x\n");
    let finding = place(&config, "wrong");
    assert_eq!(
        excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:9
   |
 1 | 名前:    "東京 wrong" # \u{1b}[2J\u{202e}x
   |                ^^^^^ is wrong
   |
"#
    );
}

#[test]
fn a_place_of_several_lines() {
    let config = config(FILE);
    let block = "from: https://app.corp.example.com\n    to: http://app.internal:8080\n    policy:\n";
    let all = Finding::at(span(&config, block), "this route");
    let short = excerpt(&single(config, all));
    let config = self::config(FILE);
    let whole = Finding::at(span(&config, FILE), "all of it");
    assert_eq!(
        short + &excerpt(&single(config, whole)),
        r#"   --> pomerium.yaml:9:5
    |
  9 >   - from: https://app.corp.example.com
 10 >     to: http://app.internal:8080
 11 >     policy:
    |     ^^^^^^^ this route
    |
   --> pomerium.yaml:1:1
    |
  1 > # sign-in
  2 > authenticate_service_url: https://auth.corp.example.com
  3 >
   ...
 14 >             - claim/groups: admins
    |             ^^^^^^^^^^^^^^^^^^^^^^ all of it
    |
"#
    );
}

#[test]
fn several_files() {
    let mut config = config("idp_provider: cognito\n");
    let other = config.sources.add(Source::new("pomerium.env", SourceKind::Environment, "A=1\nIDP_PROVIDER=oidc\n"));
    let finding = place(&config, "cognito").also(Span { source: other, start: 17, end: 21 }, "this beats it");
    assert_eq!(
        excerpt(&single(config, finding)),
        r#"  --> pomerium.yaml:1:15
   |
 1 | idp_provider: cognito
   |               ^^^^^^^ is wrong
   |
  ::: pomerium.env:2:14
   |
 2 | IDP_PROVIDER=oidc
   |              ---- this beats it
   |
"#
    );
}

#[test]
fn nothing_from_outside_acts() {
    let config = config("a: wrong\n");
    let hostile = "\u{1b}[31m\r\nerror[x]: \u{202e}::warning::";
    let finding = place(&config, "wrong")
        .title(hostile)
        .fix(hostile)
        .near(("a", hostile), ("b", "b"))
        .fix("::add-mask::x")
        .fix("##[error]x");
    let mut verdict = judged(rule("a-rule", Stage::Client, Severity::Error, "t"), Verdict::Fail(vec![finding]));
    verdict.witnesses = vec![ExchangeId("x".to_owned())];
    let exchange = answered("x", LOGIN, 400, &[], &format!("<html><body>{hostile}"));
    let report = report(config, world(vec![exchange]), vec![verdict]);
    let text = with(&report, Verbosity::Verbose);
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text}");
    assert!(!text.contains("\nerror[x]"), "{text}");
    let commands = |line: &str| line.trim_start().starts_with("::") || line.trim_start().starts_with("##[");
    assert!(!text.lines().any(commands), "a CI runner would obey: {text}");
}

#[test]
fn several_configurations() {
    let failing = callback_failure().reports.pop().unwrap();
    let mut other = config(FILE);
    other.path = "staging.yaml".to_owned();
    let cases = [(failing.config, failing.world, failing.judged), (other, world(Vec::new()), passing())];
    let report = Report::new(cases, &Options::default());
    let text = screen(&report);
    let start = text.find("── staging").unwrap();
    assert!(text.starts_with("── pomerium.yaml ──\n\nerror["), "{text}");
    assert_eq!(
        &text[start..],
        r#"── staging.yaml ──

login path
  config ✓  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✓  flow ✓  scopes ✓  secret ✓  login ✓  sign-out ✓
A login should work: 13 rules, all decided

2 configurations: 1 will fail, 1 should work
1 error, 1 warning, 20 passed · 2 requests to 2 hosts in 0.08 s
"#
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    colored::control::set_override(true);
    let report = callback_failure();
    let painted = human::render(&report, &View { colour: true, ..View::default() });
    colored::control::unset_override();
    let mut plain = String::new();
    let mut rest = painted.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_ne!(painted, plain);
    assert_eq!(plain, screen(&report));
}

#[test]
fn the_json_keeps_its_contract() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let every_reason = {
        let config = config(FILE);
        let reasons = vec![
            Missing::Declined { flag: "--probe-secret" },
            Missing::Unreachable { url: DISCOVERY.to_owned(), step: Step::Tls, cause: "x".to_owned() },
            Missing::Inconclusive { url: LOGIN.to_owned(), status: 403, why: "a page".to_owned() },
            Missing::Forbidden { url: LOGIN.to_owned(), why: "a page".to_owned(), flag: "--allow-host" },
            Missing::Follows(Need::Domain),
            Missing::Placeholder(span(&config, CLIENT)),
            Missing::Unconfigured("no file".to_owned()),
            Missing::NotRecorded { url: LOGIN.to_owned() },
        ];
        let mut verdicts = passing();
        set(&mut verdicts, "no-signing-keys", Verdict::Undecided(reasons));
        set(&mut verdicts, "unknown-key", Verdict::NotApplicable("not here"));
        report(config, world(Vec::new()), verdicts)
    };
    for report in [callback_failure(), unavailable(), every_reason] {
        let value: serde_json::Value = serde_json::from_str(&json::render(&report, &View::default())).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
        assert_eq!(value["summary"]["exit"], report.summary.exit);
        let verdicts = value["reports"][0]["verdicts"].as_array().unwrap();
        let undecided = verdicts.iter().filter(|verdict| verdict["verdict"] == "undecided").count();
        assert_eq!(undecided, report.summary.undecided + report.summary.declined + report.summary.follows);
    }
    let valid: serde_json::Value = serde_json::from_str(&json::render(&callback_failure(), &View::default())).unwrap();
    for (pointer, wrong) in [
        ("/reports/0/verdicts/0/verdict", serde_json::json!("passed")),
        ("/reports/0/path/0/state", serde_json::json!("warn")),
        ("/reports/0/verdicts/7/findings", serde_json::json!([])),
        ("/reports/0/verdicts/7/findings/0/start/line", serde_json::json!(0)),
        ("/reports/0/exchanges/0/status", serde_json::json!(null)),
        ("/summary/exit", serde_json::json!(2)),
    ] {
        let mut broken = valid.clone();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        assert!(!validator.is_valid(&broken), "{pointer} is not checked");
    }
}

#[test]
fn the_json_of_a_finding() {
    let value: serde_json::Value = serde_json::from_str(&json::render(&callback_failure(), &View::default())).unwrap();
    let expected = serde_json::json!({
        "rule": "callback-not-registered", "stage": "callback", "severity": "error", "verdict": "fail", "client": null,
        "findings": [{
            "message": "Pomerium will send https://auth.corp.example.com/oauth2/callback",
            "title": "Cognito does not know this callback URL", "severity": "error", "file": "pomerium.yaml",
            "start": {"line": 2, "column": 27}, "end": {"line": 2, "column": 56}, "also": [],
            "near": {
                "left": {"label": "registered", "text": "https://auth.corp.example.com/oauth2/callback/"},
                "right": {"label": "sent", "text": "https://auth.corp.example.com/oauth2/callback"}
            },
            "fix": {
                "description": "register the URL exactly as sent. Terraform:",
                "lines": ["callback_urls = [\"https://auth.corp.example.com/oauth2/callback\"]"]
            }
        }],
        "witnesses": ["discovery", "authorize"], "missing": [], "follows": null, "reason": null
    });
    assert_eq!(value["reports"][0]["verdicts"][7], expected);
    assert_eq!(value["reports"][0]["path"][7], serde_json::json!({"stage": "callback", "state": "fail"}));
}

#[test]
fn a_secret_that_is_a_word_of_ours_breaks_nothing() {
    let mut config = config(FILE);
    let place = span(&config, "idp_client_secret");
    config.secrets = vec![(crate::secret::Secret::new("secret"), place)];
    let report = report(config, world(Vec::new()), passing());
    assert!(screen(&report).contains("secret ✓"), "{}", screen(&report));
    assert!(json::render(&report, &View::default()).contains("\"stage\": \"secret\""));
}

#[test]
fn what_pomerium_will_make_of_it() {
    let mut config = config(FILE);
    config.reading.unknown_keys =
        vec![crate::config::UnknownKey { path: "routes.lb_policy".to_owned(), at: span(&config, "routes") }];
    let value: serde_json::Value = serde_json::from_str(&show_json(&config)).unwrap();
    assert_eq!(value["load"], "ok");
    assert_eq!(value["idp_client_id"], CLIENT);
    assert_eq!(value["authorize_parameters"]["client_id"], CLIENT);
    assert_eq!(value["unknown_keys"], serde_json::json!(["routes.lb_policy"]));
    assert_eq!(
        show(&config, &View::default()),
        r#"load                  ok
redirect_uri          https://auth.corp.example.com/oauth2/callback
hosted                no
idp_provider          cognito
idp_provider_url      https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R
idp_client_id         4qk2v9s7m1n3b5c8d0f6g7h2u1
scope                 openid email profile
authorize_parameters  client_id = 4qk2v9s7m1n3b5c8d0f6g7h2u1
                      redirect_uri = https://auth.corp.example.com/oauth2/callback
                      response_type = code
                      scope = openid email profile
                      state = STATE
sign_out              https://auth.corp.example.com/.pomerium/signed_out
routes                –
unknown_keys          routes.lb_policy
start_errors          –
"#
    );
}

#[test]
fn the_list_of_rules() {
    let rules = [
        rule("unknown-key", Stage::Config, Severity::Warning, "Pomerium ignores this key"),
        rule("callback-not-registered", Stage::Callback, Severity::Error, "Cognito does not know this callback URL"),
    ];
    let expected = "\
config
  unknown-key              warning  file  Pomerium ignores this key

callback
  callback-not-registered  error    file  Cognito does not know this callback URL

2 rules
";
    assert_eq!(catalogue(&rules, &View { width: 81, ..View::default() }), expected);
    assert!(catalogue(&rules, &View::default()).contains("file\n      Cognito does not know this callback URL\n"));
}

#[test]
fn a_secret_in_base64_on_the_line() {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(SECRET);
    let mut config = config(&format!("data: {{{}secret: {base64}}}\n", " ".repeat(120)));
    config.secrets =
        vec![(crate::secret::Secret::new(SECRET), Span { source: first_source(&config), start: 0, end: 0 })];
    let finding = place(&config, "data");
    let shown = excerpt(&single(config, finding));
    assert!(!shown.contains(&base64[..12]), "{shown}");
}

#[test]
fn every_cause_has_its_words_and_its_hint() {
    let mut config = config(&FILE.replace(CLIENT, "${CLIENT_ID}"));
    config.path = "pomerium.yaml".to_owned();
    let authorize = format!("{LOGIN}/oauth2/authorize?client_id=x");
    let reasons = [
        ("issuer-mismatch", Missing::Placeholder(span(&config, "${CLIENT_ID}"))),
        (
            "discovery-malformed",
            Missing::Forbidden {
                url: "https://idp.example.com/x".to_owned(),
                why: "the host is not one of Cognito's".to_owned(),
                flag: "--allow-host",
            },
        ),
        (
            "no-signing-keys",
            Missing::Unreachable {
                url: DISCOVERY.to_owned(),
                step: Step::Certificate,
                cause: "unknown issuer".to_owned(),
            },
        ),
        (
            "client-not-usable",
            Missing::Inconclusive {
                url: authorize,
                status: 403,
                why: "expected a redirect, got a page: Request blocked".to_owned(),
            },
        ),
        (
            "client-secret-rejected",
            Missing::Unconfigured("idp_client_secret_file `/run/secret` cannot be read here".to_owned()),
        ),
    ];
    let mut verdicts = passing();
    for (name, reason) in reasons {
        set(&mut verdicts, name, Verdict::Undecided(vec![Missing::Declined { flag: "--probe-secret" }, reason]));
    }
    let mut world = world(Vec::new());
    let proxy = "http://user:password@proxy.corp.example.com:3128".to_owned();
    world.proxies.insert("acme.auth.eu-west-1.amazoncognito.com".to_owned(), proxy);
    assert_eq!(
        screen(&report(config, world, verdicts)),
        r#"undecided: 5 of 13 rules could not be judged. This is not a pass.
  `${CLIENT_ID}` is not filled in
      pomerium.yaml:6:16
      needed by issuer-mismatch
  idp.example.com was not asked
      the host is not one of Cognito's
      needed by discovery-malformed
  no answer from cognito-idp.eu-west-1.amazonaws.com
      GET https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/openid-configuration
      its certificate is not accepted: unknown issuer
      needed by no-signing-keys
  no telling answer from acme.auth.eu-west-1.amazoncognito.com
      GET https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?…
      403: expected a redirect, got a page: Request blocked
      through the proxy proxy.corp.example.com:3128
      needed by client-not-usable
  idp_client_secret_file `/run/secret` cannot be read here
      needed by client-secret-rejected
  try   --env-file FILE               Pomerium's environment, as NAME=value lines
        --allow-host idp.example.com  if you trust this host
        --ca FILE                     if a proxy of yours signs certificates
        HTTPS_PROXY=URL               if a proxy stands in between
        pomlint check --replay DIR    a recording made with --record elsewhere

login path  (? not judged)
  config ✓  pomerium ✓  issuer ?  discovery ?  keys ?  domain ✓  client ?
  callback ✓  flow ✓  scopes ✓  secret ?  login ✓  sign-out ✓
Nothing wrong in the 8 rules that could be judged
"#
    );
}

#[test]
fn one_rule_at_several_places_is_explained_once() {
    let config = config(FILE);
    let at = |text| Finding::at(span(&config, text), "unknown").fix("remove it");
    let mut verdicts = passing();
    set(&mut verdicts, "unknown-key", Verdict::Fail(vec![at("routes"), at("policy")]));
    let text = screen(&report(config, world(Vec::new()), verdicts));
    assert_eq!(text.matches("pomlint explain unknown-key").count(), 1, "{text}");
    assert_eq!(text.matches("remove it").count(), 1, "{text}");
    assert!(text.contains("2 errors, 12 passed"), "{text}");
}

#[test]
fn near_misses() {
    let shown = |left: &str, right: &str| {
        let config = config(FILE);
        let finding = place(&config, "cognito").near(("sent", left), ("known", right));
        let screen = screen(&single(config, finding));
        screen
            .lines()
            .skip_while(|line| !line.contains("  near"))
            .take(3)
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let all = [
        shown("https://a.example/callback", "https://A.example/callback"),
        shown("http://a.example", "https://a.example"),
        shown("https://a.example", "https://\u{430}.example"),
        shown("value", "value\n"),
        shown(&"x".repeat(90), &("x".repeat(89) + "y")),
        shown("same", "same"),
    ];
    assert_eq!(
        all.concat(),
        r#"  near  sent   https://a.example/callback
        known  https://A.example/callback
                       ^ upper and lower case
  near  sent   http://a.example
        known  https://a.example
                   ^ `s` only in `known`
  near  sent   https://a.example
        known  https://а.example
                       ^ `known` holds U+0430
  near  sent   value
        known  value\n
                    ^^ a newline only in `known`
  near  sent   xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        known  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy
        they differ at character 90: `x` against `y`
  near  sent   same
        known  same
  more  pomlint explain a-rule
"#
    );
}

#[test]
fn a_rule_page_for_programs() {
    let rule = rule("a-rule", Stage::Keys, Severity::Error, "The title");
    let value: serde_json::Value = serde_json::from_str(&explain_json(rule)).unwrap();
    assert_eq!(value["title"], "The title");
    assert_eq!(value["markdown"], "# The title\n");
    assert!(explain(rule, &View::default()).contains("error · keys · needs: file\n"));
    let list: serde_json::Value = serde_json::from_str(&catalogue_json(&[rule])).unwrap();
    assert_eq!(list["rules"][0]["needs"], serde_json::json!(["file"]));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever a file holds and wherever a place lies in it: no panic, nothing that acts, and the caret line below the text.
    #[test]
    fn any_text_can_be_shown(text in "(?s)[a\u{4e16}\u{301}\t\r\n\u{1b}\u{202e}: -]{0,400}", from in 0..400_usize, length in 0..400_usize) {
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let config = config(&text);
        let place = Span { source: first_source(&config), start: boundary(from), end: boundary(from + length) };
        let shown = screen(&single(config, Finding::at(place, "here")));
        let acts = shown.contains(['\u{1b}', '\u{202e}', '\r', '\t']);
        proptest::prop_assert!(!acts, "{shown:?}");
        proptest::prop_assert!(shown.lines().any(|line| line.contains('^')) && shown.contains("here"), "{shown}");
    }
}
