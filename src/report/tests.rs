//! The screens, character by character, and the exit code.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::format_collect, clippy::needless_raw_string_hashes, reason = "one form for all screens")]

use super::samples::*;
use super::*;
use crate::evidence::{Flag, Missing, Step};
use crate::held::holds;
use crate::rules::{Finding, Verdict};

#[test]
fn a_callback_that_is_not_registered() {
    holds(
        &screen(&callback_failure()),
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
"#,
    );
}

#[test]
fn all_green() {
    let report = report(config(FILE), world(vec![discovery(), refused_authorize()]), passing());
    assert_eq!(report.summary.exit, 0);
    holds(
        &screen(&report),
        r#"login path
  config ✓  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✓  flow ✓  scopes ✓  secret ✓  login ✓  sign-out ✓
A login should work: 13 rules, all decided · 2 requests to 2 hosts in 0.08 s
"#,
    );
    assert_eq!(with(&report, Verbosity::Quiet), "");
}

#[test]
fn evidence_is_not_available() {
    let report = unavailable();
    assert_eq!(report.summary.exit, 3);
    holds(
        &screen(&report),
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
2 requests to 1 host in 0.61 s
"#,
    );
    let quiet = with(&report, Verbosity::Quiet);
    assert_eq!(quiet, "undecided: 11 of 13 rules could not be judged. This is not a pass.\n");
}

#[test]
fn verbose() {
    holds(
        &with(&callback_failure(), Verbosity::Verbose),
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
  not judged client-secret-rejected: not asked without --probe-secret
  not judged sign-out-url-not-registered: not asked without --probe-sign-out
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
"#,
    );
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
    holds(
        &screen(&report),
        r#"login path  (? not judged)
  config ✓  pomerium ✓  issuer ?  discovery ?  keys ?  domain ?  client ?
  callback ?  flow ?  scopes ?  secret ?  login ?  sign-out ?
Nothing wrong in the 2 rules that were judged · 11 not judged (--offline)
"#,
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
        let options = Options { fail_on, undecided, ..Options::default() };
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
    holds(
        &screen(&report),
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
"#,
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
    // An answer that is missing for a note's sake makes nothing undecided.
    assert_eq!((shown.summary.notes, shown.summary.hidden, shown.summary.exit), (1, 0, 0));
    holds(
        &screen(&shown),
        r#"note[secret-in-plain-text]: The client secret stands in a plain file
  --> pomerium.yaml:7:20
   |
 7 | idp_client_secret: ‹secret, 51 chars›
   |                    ^^^^^^^^^^^^^^^^^^ readable by all
   |
  more  pomlint explain secret-in-plain-text

undecided: 1 of 15 rules could not be judged. At worst a warning is missed.
  the recording does not hold it
      GET https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R/.well-known/openid-configuration
      needed by template-not-checked
  try   pomlint check --record DIR  records it with the same flags

login path  (? not judged)
  config ?  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✓  flow ✓  scopes ✓  secret ✓  login ✓  sign-out ✓
No error, 1 note in the 14 rules that could be judged
"#,
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
        assert!(!text.contains(&SECRET[2..]) && text.contains("‹secret, 51 chars›"), "{}: {text}", format.name);
    }
}

#[test]
fn several_configurations() {
    let mut other = config(FILE);
    other.path = "staging.yaml".to_owned();
    let cases = [callback_case(), (other, world(Vec::new()), passing())];
    let report = Report::new(cases, &Options::default());
    let text = screen(&report);
    let start = text.find("── staging").unwrap();
    assert!(text.starts_with("── pomerium.yaml ──\n\nerror["), "{text}");
    holds(
        &text[start..],
        r#"── staging.yaml ──

login path
  config ✓  pomerium ✓  issuer ✓  discovery ✓  keys ✓  domain ✓  client ✓
  callback ✓  flow ✓  scopes ✓  secret ✓  login ✓  sign-out ✓
A login should work: 13 rules, all decided

2 configurations: 1 will fail, 1 should work
1 error, 1 warning, 20 passed · 2 requests to 2 hosts in 0.08 s
"#,
    );
}

#[test]
fn what_pomerium_will_make_of_it() {
    let mut config = config(FILE);
    config.reading.unknown_keys =
        vec![crate::config::UnknownKey { path: "routes.lb_policy".to_owned(), at: span(&config, "routes") }];
    let value: serde_json::Value = serde_json::from_str(&show_json(&config, &scrubber([&config]))).unwrap();
    assert_eq!(value["load"], "ok");
    assert_eq!(value["idp_client_id"], CLIENT);
    assert_eq!(value["authorize_parameters"]["client_id"], CLIENT);
    assert_eq!(value["unknown_keys"], serde_json::json!(["routes.lb_policy"]));
    holds(
        &show(&config, &View::default(), &scrubber([&config])),
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
"#,
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
                flag: Some(Flag::AllowHost),
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
    holds(
        &screen(&report(config, world, verdicts)),
        r#"undecided: 5 of 13 rules could not be judged. This is not a pass.
  `${CLIENT_ID}` stands for a value that is not known here
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
  try   --given NAME=VALUE            what is no secret and stands elsewhere
        --env-file FILE               Pomerium's environment, as NAME=value lines
        --expand-env                  if this process has the variables
        --allow-host idp.example.com  if you trust this host
        --ca FILE                     if a proxy of yours signs certificates
        HTTPS_PROXY=URL               if a proxy stands in between
        pomlint check --replay DIR    a recording made with --record elsewhere

login path  (? not judged)
  config ✓  pomerium ✓  issuer ?  discovery ?  keys ?  domain ✓  client ?
  callback ✓  flow ✓  scopes ✓  secret ?  login ✓  sign-out ✓
Nothing wrong in the 8 rules that could be judged
through the proxy proxy.corp.example.com:3128
"#,
    );
}

#[test]
fn a_rule_page_for_programs() {
    let rule = rule("a-rule", Stage::Keys, Severity::Error, "The title");
    let value: serde_json::Value = serde_json::from_str(&explain_json(rule)).unwrap();
    assert_eq!(value["title"], "The title");
    assert_eq!(value["markdown"], "# The title\n");
    assert!(explain(rule, &View::default()).contains("error · keys · needs: file\n"));
    let list: serde_json::Value = serde_json::from_str(&catalogue_json(&[rule], crate::diagnose::causes())).unwrap();
    assert_eq!(list["rules"][0]["needs"], serde_json::json!(["file"]));
    assert!(list["causes"].as_array().unwrap().iter().any(|cause| cause["name"] == "code-used-twice"));
}
