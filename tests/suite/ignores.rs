//! Ignores and the settings file, as the program itself heeds them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// What the program printed, and its exit code.
struct Ran {
    out: String,
    err: String,
    code: i32,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// The finding of a rule.
    fn finding(&self, rule: &str) -> Value {
        let json = self.json();
        let verdicts = json["reports"][0]["verdicts"].as_array().unwrap();
        let verdict = verdicts.iter().find(|verdict| verdict["rule"] == rule).unwrap();
        assert_eq!(verdict["verdict"], "fail", "{verdict}");
        verdict["findings"][0].clone()
    }
}

/// A repository with these files; `.git` keeps the search for settings inside.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &str) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_pomlint"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .env_remove("FORCE_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    Ran {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

/// The healthy configuration without the scope that Pomerium cannot do without; `comment` stands behind it.
fn without_email(comment: &str) -> String {
    crate::support::healthy().replace(
        "\nidp_provider: cognito\n",
        &format!("\nidp_provider: cognito\nidp_scopes: [openid, profile]{comment}\n"),
    )
}

const RULE: &str = "scope-email-missing";

#[test]
fn an_ignored_finding_is_listed_and_does_not_count() {
    let text = without_email("  # pomlint: ignore[scope-email-missing] until 9999-12-31 reason: groups come by token");
    let folder = repository(&[("config.yaml", &text)]);
    assert!(text.contains("idp_scopes"));
    let ran = run(folder.path(), "check --offline config.yaml");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(!ran.out.contains("will fail") && !ran.out.contains('✗'), "{}", ran.out);
    assert!(ran.out.contains("scopes ~"), "{}", ran.out);
    let line = "error[scope-email-missing] config.yaml:5 until 9999-12-31: groups come by token";
    assert!(ran.out.replace("\n      ", " ").contains(line), "{}", ran.out);
    assert!(run(folder.path(), "check --offline -q config.yaml").out.contains("ignored"));

    let ran = run(folder.path(), "check --offline --format json config.yaml");
    let ignored = &ran.finding(RULE)["ignored"];
    let wanted = serde_json::json!({"reason": "groups come by token", "until": "9999-12-31", "where": "config.yaml:5"});
    assert_eq!(*ignored, wanted);
    let summary = &ran.json()["summary"];
    assert_eq!((&summary["ignored"], &summary["errors"], &summary["exit"]), (&1.into(), &0.into(), &0.into()));
    let schema: Value = serde_json::from_str(pomlint::report::SCHEMA).unwrap();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&ran.json()).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn what_is_not_ignored_rightly_counts() {
    for (comment, meta) in [
        ("", None),
        ("  # pomlint: ignore[scope-email-missing]", Some("ignore-without-reason")),
        ("  # pomlint: ignore[scope-email-missing] until 2000-01-01 reason: long ago", Some("ignore-expired")),
        ("  # pomlint: ignore[scope-emial-missing] reason: r", Some("ignore-unknown-rule")),
        ("  # pomlint: ignore scope-email-missing", Some("ignore-malformed")),
    ] {
        let folder = repository(&[("config.yaml", &without_email(comment))]);
        let ran = run(folder.path(), "check --offline --format json config.yaml");
        assert_eq!(ran.code, 1, "{comment}");
        assert_eq!(ran.finding(RULE)["ignored"], Value::Null, "{comment}");
        if let Some(meta) = meta {
            assert_eq!(ran.finding(meta)["start"]["line"], 5, "{comment}");
        }
    }
}

#[test]
fn no_ignores_shows_everything_as_if_there_were_none() {
    let text = without_email("  # pomlint: ignore[scope-email-missing, unknown-key] reason: r");
    let settings = "[[ignore]]\nrule = 'scope-email-missing'\npath = '**'\nreason = 'r'\n";
    let folder = repository(&[("config.yaml", &text), ("pomlint.toml", settings)]);
    let ran = run(folder.path(), "check --offline --no-ignores --format json config.yaml");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.json()["summary"]["ignored"], 0);
    let verdicts = ran.json()["reports"][0]["verdicts"].as_array().unwrap().clone();
    let about_ignores = verdicts.iter().filter(|verdict| verdict["rule"].as_str().unwrap().starts_with("ignore-"));
    let states: Vec<_> = about_ignores.map(|verdict| verdict["verdict"].clone()).collect();
    assert_eq!(states, ["not-applicable"; 5]);
    assert_eq!(
        run(folder.path(), "check --offline --format json config.yaml").finding("ignore-unused")["ignored"],
        Value::Null
    );
}

const SETTINGS: &str = "
[rules]
scope-email-missing = 'warning'
secret-in-plain-text = 'off'

[[ignore]]
rule = 'scope-email-missing'
path = 'staging/*.yaml'
reason = 'staging has no mail'

[check]
offline = true
format = 'json'
fail-on = 'warning'
";

#[test]
fn settings_are_found_above_and_the_command_line_beats_them() {
    let text = without_email("");
    let folder =
        repository(&[("pomlint.toml", SETTINGS), ("staging/config.yaml", &text), ("production/config.yaml", &text)]);
    let staging = run(&folder.path().join("staging"), "check config.yaml");
    assert_eq!(staging.code, 0, "{}", staging.err);
    let ignored = &staging.finding(RULE)["ignored"];
    assert_eq!(ignored["reason"], "staging has no mail");
    assert!(ignored["where"].as_str().unwrap().ends_with("pomlint.toml:7"), "{ignored}");

    let production = run(folder.path(), "check production/config.yaml");
    assert_eq!(production.code, 1, "{}", production.err);
    assert_eq!(run(folder.path(), "check --fail-on error production/config.yaml").code, 0);
    let finding = production.finding(RULE);
    assert_eq!((&finding["severity"], &finding["ignored"]), (&"warning".into(), &Value::Null));
    let json = production.json();
    assert_eq!(json["settings"]["off"], serde_json::json!(["secret-in-plain-text"]));
    let severity = serde_json::json!([{"rule": RULE, "severity": "warning", "instead_of": "error"}]);
    assert_eq!(json["settings"]["severities"], severity);
    assert!(!production.out.contains("\"rule\": \"secret-in-plain-text\""));

    let human = run(folder.path(), "check --format human -v production/config.yaml");
    assert_eq!(human.code, 1);
    assert!(human.out.contains("1 rule off (pomlint.toml)"), "{}", human.out);
    assert!(human.out.contains("scope-email-missing: instead of error"), "{}", human.out);
    let asked = run(folder.path(), "check --only secret-in-plain-text --pedantic production/config.yaml");
    assert!(asked.out.contains("\"rule\": \"secret-in-plain-text\""), "{}{}", asked.out, asked.err);
    assert_eq!(run(folder.path(), "check --no-settings --offline production/config.yaml").code, 1);
}

#[test]
fn paths_in_the_settings_are_relative_to_their_file() {
    let files = [
        ("pomlint.toml", "[check]\noffline = true\nenv-file = 'pomerium.env'\n"),
        ("pomerium.env", "IDP_SCOPES=openid,profile,email\n"),
        ("inner/other.env", "LOG_LEVEL=info\n"),
        ("inner/config.yaml", &without_email("")),
    ];
    let folder = repository(&files);
    let inner = folder.path().join("inner");
    let ran = run(&inner, "check --only scope-email-missing config.yaml");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let other = run(&inner, "check --only scope-email-missing --env-file other.env config.yaml");
    assert_eq!(other.code, 1, "{}{}", other.out, other.err);
}

#[test]
fn settings_that_are_wrong_keep_it_from_starting() {
    for (settings, says) in [
        (
            "[rules]\nscope-emial-missing = 'off'\n",
            "pomlint.toml:2:1: there is no rule `scope-emial-missing`; did you mean",
        ),
        ("[check]\nfail_on = 'error'\n", "pomlint.toml:2:1: there is no key `fail_on`; did you mean `fail-on`?"),
        ("[check]\nallow-host = 'evil.example'\n", "a file in a pull request must not widen what the tool may send"),
        ("[[ignore]]\nrule = 'unknown-key'\npath = '**'\n", "lacks `reason`"),
        ("[check\n", "this is not TOML"),
    ] {
        let folder = repository(&[("pomlint.toml", settings), ("config.yaml", &crate::support::healthy())]);
        let ran = run(folder.path(), "check --offline config.yaml");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{settings}");
        assert!(ran.err.contains(says), "{}", ran.err);
        assert_eq!(run(folder.path(), "check --offline --no-settings config.yaml").code, 0);
    }
    let folder = repository(&[("config.yaml", &crate::support::healthy())]);
    let ran = run(folder.path(), "check --offline --settings other.toml config.yaml");
    assert!(ran.code == 2 && ran.err.contains("cannot read other.toml: there is no such file"), "{}", ran.err);
}

#[test]
fn the_root_of_a_repository_ends_the_search() {
    let folder = repository(&[("pomlint.toml", "[check]\nnonsense = 1\n"), ("inner/.git", "gitdir: elsewhere\n")]);
    std::fs::write(folder.path().join("inner/config.yaml"), crate::support::healthy()).unwrap();
    let ran = run(&folder.path().join("inner"), "check --offline config.yaml");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_comment_in_a_manifest_counts() {
    let config: String = without_email("  # pomlint: ignore[scope-email-missing] reason: r")
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
        .collect();
    let manifest =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: pomerium\ndata:\n  config.yaml: |\n{config}");
    let folder = repository(&[("manifest.yaml", &manifest)]);
    let ran = run(folder.path(), "check --offline --format json manifest.yaml");
    assert_eq!(ran.finding(RULE)["ignored"]["reason"], "r", "{}", ran.out);
}
