//! A reference is no value: as long as somebody is still to fill one in, no rule passes that some value there would fail.

use std::collections::BTreeSet;

use crate::pages::services;
use crate::support::asked::{ALL, world};
use crate::support::pool::Pool;
use crate::support::transport::StandIn;
use pomlint::config::{Config, Given, GivenBy, NoFiles, RawFile, Request, SourceKind, Span};
use pomlint::engine::{Judged, judge};
use pomlint::evidence::GatherOptions;
use pomlint::page::{Expectation, Page};
use pomlint::rules::{RULES, Rule, Verdict};

const REFERENCE: &str = "${POMLINT_TEST_UNSET}";

/// What a reference hides is how a value is written, and of that alone these speak.
const OF_WRITING: [&str; 6] = [
    "client-id-read-as-number",
    "client-secret-set-twice",
    "config-syntax-error",
    "placeholder-left",
    "secret-in-plain-text",
    "template-not-checked",
];

fn judged(files: &[RawFile]) -> (Config, Vec<Judged>) {
    let given = files.iter().map(|file| Given { file: file.clone(), files: &NoFiles, by: GivenBy::User }).collect();
    let config = Request { given, ..Request::default() }.load().configs.swap_remove(0);
    let world = world(&config, GatherOptions { offline: true, ..ALL }, &StandIn::new(Pool::default()));
    let judged = judge(&config, &world, &RULES.iter().collect::<Vec<_>>());
    (config, judged)
}

fn verdicts<'j>(judged: &'j [Judged], rule: &Rule) -> impl Iterator<Item = &'j Judged> {
    judged.iter().filter(move |judged| judged.rule.name == rule.name)
}

/// The values that a rule may have found wrong: those it points at, and whatever else is written on these lines.
fn values(config: &Config, judged: &[Judged], rule: &Rule) -> BTreeSet<(usize, usize)> {
    let findings = verdicts(judged, rule).flat_map(Judged::findings);
    let places: Vec<Span> =
        findings.flat_map(|finding| finding.also.iter().map(|(at, _)| *at).chain([finding.at])).collect();
    let is_main = |at: Span| {
        let source = config.sources.get(at.source).unwrap();
        source.kind == SourceKind::File && source.name == config.path
    };
    let texts = config.reading.texts.iter().map(|(_, text)| text.span).filter(|at| is_main(*at));
    let touched = texts.filter(|at| {
        places
            .iter()
            .any(|place| place.source == at.source && place.start < at.end && at.start < place.end.max(place.start + 1))
    });
    let written = touched.filter(|at| !config.sources.slice(*at).trim_matches(['"', '\'']).is_empty());
    written.map(|at| (at.start, at.end)).collect()
}

/// Every example of every page says what a rule fails with. With a reference in the place of the value, it must not pass.
#[test]
fn no_rule_passes_what_a_value_would_fail() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeSet::new());
    for rule in RULES.iter().filter(|rule| !OF_WRITING.contains(&rule.name)) {
        let Ok(page) = Page::parse(rule.page) else { continue };
        for example in page.examples.iter().filter(|example| example.expects == Expectation::Fires) {
            let Some(files) = services(example) else { continue };
            if files.len() > 1
                || example.environment.is_some()
                || !example.infra.is_empty()
                || example.running.is_some()
            {
                continue;
            }
            let (config, before) = judged(&files);
            for (start, end) in values(&config, &before, rule) {
                // By its name, the file is there to be filled in.
                let mut file = RawFile { name: format!("example.{}", files[0].name), ..files[0].clone() };
                file.bytes.splice(start..end, format!("{REFERENCE:?}").into_bytes());
                let (_, after) = judged(&[file]);
                tried.insert(rule.name);
                if verdicts(&after, rule).all(|judged| judged.verdict == Verdict::Pass) {
                    let was = config.sources.slice(Span { start, end, ..config.settings.as_ref().unwrap().anchor });
                    wrong.push(format!(
                        "rules/{}.md:{}: it passes {REFERENCE} for {was:?}",
                        rule.name, example.config.line
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(tried.len() >= 50, "only of these was a value taken away: {tried:?}");
}

/// The options of which no page shows that they stop Pomerium, and others that a rule once passed: each with a value that fails.
const OPTIONS: &[(&str, &str, &str)] = &[
    ("cookie-same-site-strict", "COOKIE_SAME_SITE", "strict"),
    ("authenticate-url-hosted", "AUTHENTICATE_INTERNAL_SERVICE_URL", "https://authenticate.pomerium.app"),
    ("config-refused", "SIGNING_KEY", "abc"),
    ("config-refused", "SERVICES", "nonsense"),
    ("config-refused", "SIGNOUT_REDIRECT_URL", "x"),
    ("config-refused", "LOG_LEVEL", "loud"),
    ("config-refused", "DATABROKER_STORAGE_TYPE", "bogus"),
    ("config-refused", "HEADERS", "x"),
    ("config-refused", "METRICS_ADDRESS", "x"),
    ("config-refused", "DNS_LOOKUP_FAMILY", "x"),
    ("value-of-wrong-type", "AUTOCERT", "maybe"),
    ("scope-unsupported", "IDP_PROVIDER", "oidc"),
    ("silent-login-without-session", "IDP_REQUEST_PARAMS", "{\"prompt\":\"none\"}"),
    ("request-parameter-overrides-protocol", "IDP_REQUEST_PARAMS", "{\"client_id\":\"x\"}"),
    ("identity-headers-not-passed", "PASS_IDENTITY_HEADERS", "false"),
    ("published-secret-in-use", "COOKIE_SECRET", "WwMtDXWaRDMBQCylle8OJ+w4kLIDIGd8W3cB4/zFFtg="),
    ("session-ends-at-once", "COOKIE_EXPIRE", "5ns"),
    ("cookie-domain-too-narrow", "COOKIE_DOMAIN", "other.example.com"),
    ("secret-not-fixed", "SHARED_SECRET", ""),
];

fn compose(name: &str, value: &str, deploy: &str) -> RawFile {
    let mut variables = vec![
        ("AUTHENTICATE_SERVICE_URL", "https://authenticate.corp.example.com"),
        ("IDP_PROVIDER", "cognito"),
        ("IDP_PROVIDER_URL", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R"),
        ("IDP_CLIENT_ID", "4qk2v9s7m1n3b5c8d0f6g7h2u1"),
        ("IDP_CLIENT_SECRET", "1f0l8qvh3m9b2k7r4t6y5u0c8x2z1a3s5d7g9j1l3n5p7r9t2v4"),
        ("SHARED_SECRET", "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8="),
        ("COOKIE_SECRET", "7hmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8="),
        ("JWT_CLAIMS_HEADERS", "email"),
        ("PASS_IDENTITY_HEADERS", "true"),
        // - from: https://app.corp.example.com, to: http://app, allowed_domains: [corp.example.com]
        (
            "ROUTES",
            "LSBmcm9tOiBodHRwczovL2FwcC5jb3JwLmV4YW1wbGUuY29tCiAgdG86IGh0dHA6Ly9hcHAKICBhbGxvd2VkX2RvbWFpbnM6IFtjb3JwLmV4YW1wbGUuY29tXQo=",
        ),
    ];
    variables.retain(|(known, _)| *known != name);
    variables.push((name, value));
    let lines: String = variables.iter().map(|(name, value)| format!("      {name}: {value:?}\n")).collect();
    let text =
        format!("services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.0\n{deploy}    environment:\n{lines}");
    RawFile { name: "compose.yaml".to_owned(), bytes: text.into_bytes() }
}

#[test]
fn an_option_that_is_a_reference_is_undecided() {
    let mut wrong = Vec::new();
    let fails = |verdict: &Verdict| matches!(verdict, Verdict::Fail(_));
    for (name, option, value) in OPTIONS {
        let rule = pomlint::rules::find(name).unwrap();
        let (_, with_value) = judged(&[compose(option, value, "")]);
        let (_, with_reference) = judged(&[compose(option, REFERENCE, "")]);
        if !verdicts(&with_value, rule).any(|judged| fails(&judged.verdict)) {
            wrong.push(format!("{name} does not fail {option}={value}"));
        }
        // What has a value, whichever it is, is there.
        let passes = verdicts(&with_reference, rule).all(|judged| judged.verdict == Verdict::Pass);
        if passes && !value.is_empty() {
            wrong.push(format!("{name} passes {option}={REFERENCE}"));
        }
    }
    let shared = pomlint::rules::find("databroker-not-shared").unwrap();
    for (replicas, option, value, is) in [
        ("\"3\"", "LOG_LEVEL", "info", "fail"),
        (REFERENCE, "LOG_LEVEL", "info", "undecided"),
        (REFERENCE, "DATABROKER_STORAGE_TYPE", "postgres", "undecided"),
        ("3", "DATABROKER_STORAGE_TYPE", REFERENCE, "undecided"),
        ("3", "SERVICES", REFERENCE, "undecided"),
        ("1", "DATABROKER_STORAGE_TYPE", REFERENCE, "pass"),
    ] {
        let (_, judged) = judged(&[compose(option, value, &format!("    deploy:\n      replicas: {replicas}\n"))]);
        let found = match verdicts(&judged, shared).next().unwrap().verdict {
            Verdict::Pass => "pass",
            Verdict::Fail(_) => "fail",
            _ => "undecided",
        };
        if found != is {
            wrong.push(format!("{replicas} replicas with {option}={value}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Nobody knows what a reference to an identity provider will be: neither the pool nor a template refuses it for its letters, and
/// no parameter is said to replace Pomerium's own that may be the same.
#[test]
fn a_reference_to_a_provider_is_no_name() {
    let parameters = |value: &str| format!("{}idp_request_params: {{ {value} }}\n", crate::support::healthy());
    let verdict = |text: &str, rule: &str| {
        let file = RawFile { name: "example.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
        let given = vec![Given { file, files: &NoFiles, by: GivenBy::User }];
        let config = Request { given, ..Request::default() }.load().configs.swap_remove(0);
        let world = world(&config, ALL, &StandIn::new(Pool::default()));
        let judged = judge(&config, &world, &RULES.iter().collect::<Vec<_>>());
        judged.into_iter().find(|judged| judged.rule.name == rule).unwrap().verdict
    };
    let not_enabled = "identity-provider-not-enabled";
    let named = verdict(&parameters("identity_provider: Nobody"), not_enabled);
    assert!(matches!(named, Verdict::Fail(_)), "{named:?}");
    for parameter in ["identity_provider", "idp_identifier"] {
        let open = verdict(&parameters(&format!("{parameter}: \"${{IDP}}\"")), not_enabled);
        assert!(matches!(open, Verdict::Undecided(_)), "{parameter}: {open:?}");
    }
    let overrides = "request-parameter-overrides-protocol";
    for parameter in ["client_id", "redirect_uri", "response_type", "response_mode"] {
        let open = verdict(&parameters(&format!("{parameter}: \"${{OWN}}\"")), overrides);
        assert!(matches!(open, Verdict::Undecided(_)), "{parameter}: {open:?}");
    }
    let Verdict::Fail(findings) = verdict(&parameters("scope: \"${SCOPE}\""), overrides) else { panic!("scope") };
    assert!(!findings[0].says.contains("openid"), "{}", findings[0].says);
}

#[test]
fn a_template_refuses_no_reference_to_a_provider() {
    let folder = tempfile::tempdir().unwrap();
    let text = crate::support::healthy() + "idp_request_params: { identity_provider: \"${IDP}\" }\n";
    std::fs::write(folder.path().join("example.yaml"), text).unwrap();
    let run = |arguments: &[&str]| {
        crate::support::Pomlint::new(arguments.iter().copied()).in_folder(folder.path()).run().stdout
    };
    std::fs::write(folder.path().join("t.yaml"), run(&["setup", "example.yaml", "--format", "cloudformation"]))
        .unwrap();
    let report = run(&["check", "example.yaml", "--offline", "--infra", "t.yaml", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let verdicts = report["reports"][0]["verdicts"].as_array().unwrap();
    let judged = verdicts.iter().find(|judged| judged["rule"] == "identity-provider-not-enabled").unwrap();
    assert_eq!(judged["verdict"], "undecided", "{judged}");
}
