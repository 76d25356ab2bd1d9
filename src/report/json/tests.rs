//! The contract of the JSON.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::super::samples::*;
use super::*;
use crate::evidence::{Flag, Missing, Need, Step};
use crate::rules::Verdict;

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
            Missing::Forbidden { url: LOGIN.to_owned(), why: "a page".to_owned(), flag: Some(Flag::AllowHost) },
            Missing::Forbidden { url: LOGIN.to_owned(), why: "a page".to_owned(), flag: None },
            Missing::Budget("used up".to_owned()),
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
        let value: serde_json::Value = serde_json::from_str(&render(&report, &View::default())).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
        assert_eq!(value["summary"]["exit"], report.summary.exit);
        let verdicts = value["reports"][0]["verdicts"].as_array().unwrap();
        let undecided = verdicts.iter().filter(|verdict| verdict["verdict"] == "undecided").count();
        assert_eq!(undecided, report.summary.undecided + report.summary.declined + report.summary.follows);
    }
    let valid: serde_json::Value = serde_json::from_str(&render(&callback_failure(), &View::default())).unwrap();
    for (pointer, wrong) in [
        ("/reports/0/verdicts/0/verdict", serde_json::json!("passed")),
        ("/reports/0/path/0/state", serde_json::json!("warn")),
        ("/reports/0/verdicts/7/findings", serde_json::json!([])),
        ("/reports/0/verdicts/7/findings/0/start/line", serde_json::json!(0)),
        ("/reports/0/exchanges/0/status", serde_json::json!(null)),
        ("/summary/exit", serde_json::json!(4)),
    ] {
        let mut broken = valid.clone();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        assert!(!validator.is_valid(&broken), "{pointer} is not checked");
    }
}

#[test]
fn the_json_of_a_finding() {
    let value: serde_json::Value = serde_json::from_str(&render(&callback_failure(), &View::default())).unwrap();
    let expected = serde_json::json!({
        "rule": "callback-not-registered", "stage": "callback", "severity": "error", "verdict": "fail", "client": null,
        "findings": [{
            "message": "Pomerium will send https://auth.corp.example.com/oauth2/callback",
            "title": "Cognito does not know this callback URL", "severity": "error",
            "fingerprint": value["reports"][0]["verdicts"][7]["findings"][0]["fingerprint"], "accepted": false,
                "told_with": null, "file": "pomerium.yaml",
            "start": {"line": 2, "column": 27}, "end": {"line": 2, "column": 56}, "also": [],
            "near": {
                "left": {"label": "registered", "text": "https://auth.corp.example.com/oauth2/callback/"},
                "right": {"label": "sent", "text": "https://auth.corp.example.com/oauth2/callback"}
            },
            "fix": {
                "description": "register the URL exactly as sent. Terraform:",
                "lines": ["callback_urls = [\"https://auth.corp.example.com/oauth2/callback\"]"],
                "edit": null
            },
            "ignored": null
        }],
        "witnesses": ["discovery", "authorize"], "missing": [], "follows": null, "reason": null, "when": "now", "now": null
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
    assert!(render(&report, &View::default()).contains("\"stage\": \"secret\""));
}

#[test]
fn nothing_acts_on_a_terminal_and_nothing_is_lost() {
    let hostile = "\u{9b}31m\u{202e}\u{7f}\u{e0041}\n";
    let config = config(FILE);
    let finding = place(&config, "cognito").title(hostile);
    let text = render(&single(config, finding), &View::default());
    assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{7f}', '\u{e0041}']), "{text}");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["reports"][0]["verdicts"][0]["findings"][0]["title"], hostile);
}
