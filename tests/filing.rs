//! What the program does with files, shells and terminals: reports written beside the one that is shown, the baseline,
//! completions, manual pages, schemas.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::path::Path;
use std::time::Duration;

use pomlint::report::FORMATS;
use serde_json::Value;
use support::pool::Pool;
use support::server::{Behaviour, Server};
use support::{Pomlint, Ran};

/// A folder with a configuration in which an option is unknown and another has no value yet.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = support::healthy().replace("idp_provider: cognito", "idp_provider: ${PROVIDER}");
    std::fs::write(folder.path().join("bad.yaml"), format!("{text}nonsense: 1\n")).unwrap();
    std::fs::write(folder.path().join("good.yaml"), support::healthy()).unwrap();
    folder
}

fn check(folder: &Path, args: &[&str]) -> Ran {
    Pomlint::new(["check", "--offline"]).args(args.iter().copied()).in_folder(folder).run()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_exit_code_is_the_same_in_every_form() {
    let folder = folder();
    for format in FORMATS {
        assert_eq!(check(folder.path(), &["bad.yaml", "--format", format.name]).code, 1, "{}", format.name);
        assert_eq!(check(folder.path(), &["good.yaml", "--format", format.name]).code, 0, "{}", format.name);
        let strict = check(folder.path(), &["good.yaml", "--undecided", "strict", "--format", format.name]);
        assert_eq!((strict.code, strict.stderr.as_str()), (3, ""), "{}", format.name);
    }
}

#[test]
fn several_files_are_written_in_one_run() {
    let folder = folder();
    std::fs::write(folder.path().join("old.json"), "x".repeat(100_000)).unwrap();
    let files: Vec<String> = FORMATS.iter().map(|format| format!("--output={0}=report.{0}", format.name)).collect();
    let mut args: Vec<&str> = files.iter().map(String::as_str).collect();
    args.extend(["bad.yaml", "--output", "json=old.json", "--format", "concise"]);
    let ran = check(folder.path(), &args);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert_eq!(ran.stdout, read(folder.path(), "report.concise"));
    assert_eq!(read(folder.path(), "old.json"), read(folder.path(), "report.json"));
    assert_eq!(names(folder.path()).len(), FORMATS.len() + 3, "{:?}", names(folder.path()));
    for format in FORMATS {
        let shown = check(folder.path(), &["bad.yaml", "--format", format.name]);
        assert_eq!(read(folder.path(), &format!("report.{}", format.name)), shown.stdout, "{}", format.name);
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told_after_the_report() {
    let folder = folder();
    let ran = check(folder.path(), &["good.yaml", "--output", "json=none/report.json", "--output", "junit=report.xml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("login path"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "pomlint: cannot write none/report.json: there is no such file or folder\n");
    assert!(read(folder.path(), "report.xml").starts_with("<?xml"), "the other file is written");
}

#[test]
fn slips_are_told_before_anything_is_done() {
    let folder = folder();
    for (args, words) in [
        (vec!["--output", "json=a", "--output", "sarif=./a"], "./a would be written over"),
        (vec!["--output", "json=a", "--write-baseline", "a"], "a would be written over"),
        (vec!["--output", "json=./good.yaml"], "./good.yaml would be written over"),
        (vec!["--output", "json"], "write FORMAT=FILE"),
        (vec!["--output", "json="], "write FORMAT=FILE"),
        (vec!["--output", "json=-"], "standard output is for --format json"),
        (vec!["--output", "yaml=a"], "there is no format `yaml`; there are human, concise"),
        (vec!["--format", "yaml"], "invalid value 'yaml'"),
        (vec!["--baseline", "a", "--write-baseline", "b"], "cannot be used with"),
        (vec!["--baseline", "none.json"], "cannot read none.json: there is no such file"),
    ] {
        let ran = check(folder.path(), &[vec!["good.yaml"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    assert_eq!(names(folder.path()), ["bad.yaml", "good.yaml"]);
}

#[test]
fn a_baseline_is_written_read_and_refused() {
    let folder = folder();
    let written = check(folder.path(), &["bad.yaml", "--write-baseline", "known.json", "--fail-on", "warning"]);
    assert_eq!(written.code, 0, "{}{}", written.stdout, written.stderr);
    let known: Value = serde_json::from_str(&read(folder.path(), "known.json")).unwrap();
    let rules: Vec<&str> =
        known["accepted"].as_array().unwrap().iter().map(|entry| entry["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"unknown-key") && rules.contains(&"placeholder-left"), "{rules:?}");

    // The same findings on other lines are accepted, and a new one is not.
    let text = read(folder.path(), "bad.yaml");
    std::fs::write(folder.path().join("bad.yaml"), format!("# a line\n{text}")).unwrap();
    let same = check(folder.path(), &["bad.yaml", "--baseline", "known.json", "--fail-on", "warning"]);
    assert_eq!(same.code, 0, "{}", same.stdout);
    assert!(same.stdout.contains(&format!("baseline: {} findings accepted", rules.len())), "{}", same.stdout);
    std::fs::write(folder.path().join("bad.yaml"), format!("{text}other_nonsense: 1\n")).unwrap();
    let more = check(folder.path(), &["bad.yaml", "--baseline", "known.json", "--fail-on", "warning"]);
    assert_eq!(more.code, 1, "{}", more.stdout);

    std::fs::write(folder.path().join("bad.yaml"), text.replace("nonsense: 1\n", "")).unwrap();
    let less = check(folder.path(), &["bad.yaml", "--baseline", "known.json"]);
    assert!(less.code == 0 && less.stdout.contains("stale: unknown-key in bad.yaml"), "{}", less.stdout);

    std::fs::write(folder.path().join("known.json"), "{\n  \"schema\": \"pomlint/baseline/v9\"\n}").unwrap();
    let newer = check(folder.path(), &["bad.yaml", "--baseline", "known.json"]);
    assert_eq!((newer.code, newer.stdout.as_str()), (2, ""));
    assert!(newer.stderr.contains("the baseline known.json:2:13: this version of pomlint reads"), "{}", newer.stderr);
}

#[test]
fn github_gets_a_step_summary() {
    let folder = folder();
    let summary = folder.path().join("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let run = |format: &str| {
        Pomlint::new(["check", "--offline", "bad.yaml", "--format", format])
            .env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())
            .in_folder(folder.path())
            .run()
    };
    assert_eq!(run("sarif").code, 1);
    assert_eq!(read(folder.path(), "summary.md"), "before\n");
    assert_eq!(run("github").code, 1);
    let text = read(folder.path(), "summary.md");
    assert_eq!(
        text.strip_prefix("before\n").unwrap(),
        check(folder.path(), &["bad.yaml", "--format", "markdown"]).stdout
    );
}

#[test]
fn no_form_of_the_report_tells_a_secret() {
    let folder = folder();
    let text = support::healthy();
    let secret = text.lines().find_map(|line| line.strip_prefix("idp_client_secret: ")).unwrap();
    let text = text
        .replace("idp_client_id: ", "unknown: ")
        .replace("idp_provider: cognito", &format!("idp_provider: {secret}"));
    std::fs::write(folder.path().join("leak.yaml"), &text).unwrap();
    for format in FORMATS {
        let output = format!("{}=out", format.name);
        let args = ["leak.yaml", "--pedantic", "-v", "--format", format.name, "--output", &output];
        let ran = check(folder.path(), &args);
        for text in [ran.stdout, ran.stderr, read(folder.path(), "out")] {
            assert!(!text.contains(secret), "{}: {text}", format.name);
        }
    }
}

#[test]
fn completions_manual_and_schemas_come_from_the_program_itself() {
    for (shell, mark) in [
        ("bash", "complete -F _pomlint"),
        ("zsh", "#compdef pomlint"),
        ("fish", "complete -c pomlint"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[pomlint]"),
    ] {
        let ran = Pomlint::new(["completions", shell]).run();
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
        assert!(ran.stdout.contains(mark) && ran.stdout.contains("write-baseline"), "{shell}: {}", ran.stdout);
        // Forms of the report are completed too (elvish and PowerShell complete no values).
        assert!(["powershell", "elvish"].contains(&shell) || ran.stdout.contains("gitlab"), "{shell}");
    }
    let man = Pomlint::new(["man"]).run();
    assert!(man.code == 0 && man.stdout.contains(".TH pomlint 1"), "{}", man.stdout);
    let man = Pomlint::new(["man", "check"]).run();
    assert!(man.code == 0 && man.stdout.contains("write\\-baseline"), "{}", man.stdout);
    let none = Pomlint::new(["man", "nonsense"]).run();
    assert!(none.code == 2 && none.stderr.contains("there is no command `nonsense`"), "{}", none.stderr);
    for (args, version) in [
        (vec!["schema"], "pomlint/report/v1"),
        (vec!["schema", "report"], "pomlint/report/v1"),
        (vec!["schema", "baseline"], "pomlint/baseline/v1"),
    ] {
        let ran = Pomlint::new(args).run();
        let schema: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(schema["properties"]["schema"]["const"], version);
        jsonschema::validator_for(&schema).unwrap();
    }
}

#[test]
fn nothing_moves_where_nobody_watches() {
    let behaviour =
        Behaviour { pools: vec![Pool::default()], latency: Duration::from_millis(700), ..Behaviour::default() };
    let server = Server::start(behaviour);
    let folder = folder();
    let ran = Pomlint::new(["check", "good.yaml"]).args(server.args()).in_folder(folder.path()).run();
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    assert!(ran.took > Duration::from_millis(700), "{:?}", ran.took);
}
