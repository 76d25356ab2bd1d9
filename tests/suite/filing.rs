//! What the program does with files, shells and terminals: reports written beside the one that is shown, the baseline,
//! completions, manual pages, schemas.

use std::path::Path;
use std::time::Duration;

use crate::support::pool::Pool;
use crate::support::server::{Behaviour, Server};
use crate::support::{Pomlint, Ran};
use pomlint::report::FORMATS;
use serde_json::Value;

/// A folder with a configuration in which an option is unknown and another has no value yet.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = crate::support::healthy().replace("idp_provider: cognito", "idp_provider: ${PROVIDER}");
    std::fs::write(folder.path().join("bad.yaml"), format!("{text}nonsense: 1\n")).unwrap();
    std::fs::write(folder.path().join("good.yaml"), crate::support::healthy()).unwrap();
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
fn a_file_that_cannot_be_written_is_told_before_anybody_is_asked() {
    let folder = folder();
    let server = Server::of(Pool::default());
    for (file, why) in
        [("none/report.json", "there is no such file or folder"), (".", "it is a folder; name the file in it")]
    {
        let output = format!("json={file}");
        let ran = Pomlint::new(["check", "good.yaml", "--output", "junit=report.xml", "--output", &output])
            .args(server.args())
            .in_folder(folder.path())
            .run();
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{file}");
        assert_eq!(ran.stderr, format!("pomlint: cannot write {file}: {why}\n"));
    }
    assert!(server.received().is_empty());
    assert_eq!(names(folder.path()), ["bad.yaml", "good.yaml"]);
}

/// Each output by itself: none of them takes the others with it.
#[test]
fn what_fails_while_it_is_written_keeps_nothing_else_from_being_written() {
    let folder = folder();
    if !Path::new("/dev/full").exists() {
        return;
    }
    let args = ["good.yaml", "--output", "json=/dev/full", "--output", "junit=report.xml"];
    let ran = check(folder.path(), &args);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("login path"), "{}", ran.stdout);
    assert!(ran.stderr.starts_with("pomlint: cannot write /dev/full: No space left"), "{}", ran.stderr);
    assert!(read(folder.path(), "report.xml").starts_with("<?xml"));

    std::fs::remove_file(folder.path().join("report.xml")).unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_pomlint"))
        .args(["check", "--offline", "good.yaml", "--output", "junit=report.xml"])
        .current_dir(folder.path())
        .stdout(full)
        .output()
        .unwrap();
    let says = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2));
    assert!(says.starts_with("pomlint: cannot write standard output: No space left"), "{says}");
    assert!(read(folder.path(), "report.xml").starts_with("<?xml"));
}

#[test]
fn a_recording_that_cannot_be_kept_leaves_the_report() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("kept")).unwrap();
    std::fs::write(folder.path().join("kept/other"), "").unwrap();
    let server = Server::of(Pool::default());
    let ran = Pomlint::new(["check", "good.yaml", "--record", "kept", "--format", "json"])
        .args(server.args())
        .in_folder(folder.path())
        .run();
    assert!(ran.code == 2 && ran.stderr.starts_with("pomlint: the recording kept: "), "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["summary"]["exit"], 2);
}

#[test]
fn the_report_says_so_if_a_configuration_could_not_be_read() {
    let folder = folder();
    let args = ["good.yaml", "none.yaml", "--format", "json", "--output", "sarif=report.sarif"];
    let ran = check(folder.path(), &args);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &report["summary"]["exit"]), (2, &Value::from(2)));
    let sarif: Value = serde_json::from_str(&read(folder.path(), "report.sarif")).unwrap();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!((&invocation["exitCode"], &invocation["executionSuccessful"]), (&Value::from(2), &Value::from(false)));
}

#[test]
fn no_report_is_written_over_what_is_read() {
    let folder = folder();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir_all(folder.path().join("all")).unwrap();
    write("all/a.yaml", &crate::support::healthy());
    write("all/last.json", "{}");
    write("a.env", "LOG_LEVEL=info\n");
    write("a.pem", "");
    write("pomlint.toml", "");
    let world = crate::support::project("fixtures/worlds/demo");
    let world = world.to_str().unwrap();
    let recorded = format!("json={world}/new.json");
    for args in [
        vec!["all", "--output", "json=all/a.yaml"],
        vec!["all", "--write-baseline", "./all/../all/a.yaml"],
        vec!["good.yaml", "--env-file", "a.env", "--output", "json=a.env"],
        vec!["good.yaml", "--ca", "a.pem", "--output", "json=a.pem"],
        vec!["good.yaml", "--settings", "pomlint.toml", "--output", "json=pomlint.toml"],
        vec!["good.yaml", "--output", "json=pomlint.toml"],
        vec!["good.yaml", "--baseline", "a.json", "--output", "json=a.json"],
        vec!["good.yaml", "--replay", world, "--output", &recorded],
    ] {
        let offline: &[&str] = if args.contains(&"--replay") { &[] } else { &["--offline"] };
        let ran = Pomlint::new(["check"])
            .args(args.iter().copied())
            .args(offline.iter().copied())
            .in_folder(folder.path())
            .run();
        assert!(ran.code == 2 && ran.stderr.contains("would be written over"), "{args:?}: {}", ran.stderr);
    }
    // What a folder holds besides configurations may be the report of the last run.
    assert_eq!(check(folder.path(), &["all", "--output", "json=all/last.json"]).code, 0);
}

#[test]
fn a_configuration_that_is_named_twice_is_judged_once() {
    let folder = folder();
    for args in [vec!["bad.yaml", "./bad.yaml"], vec![".", "bad.yaml"]] {
        let ran = check(folder.path(), &[args, vec!["--format", "json"]].concat());
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let paths: Vec<&str> =
            report["reports"].as_array().unwrap().iter().map(|one| one["config"]["path"].as_str().unwrap()).collect();
        assert_eq!(paths.iter().filter(|path| path.ends_with("bad.yaml")).count(), 1, "{paths:?}");
    }
}

/// A pull request can change what these messages quote.
#[test]
fn nothing_that_is_said_on_standard_error_acts() {
    let folder = folder();
    let evil = "\u{1b}[31m\n::error::pwned\n##[error]pwned\u{202e}\u{9b}";
    let toml = serde_json::to_string(evil).unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write("key.toml", format!("{toml} = 1\n"));
    write("rule.toml", format!("[rules]\n{toml} = 'off'\n"));
    write("value.toml", format!("[check]\nfail-on = {toml}\n"));
    write("base.json", format!("{{\"schema\": {toml}}}"));
    std::fs::create_dir(folder.path().join("world")).unwrap();
    write("world/world.json", format!("{{\"schema\": {toml}}}"));
    let outcome = format!(
        "{{\"schema\": \"pomlint/world/v1\", \"tool\": {{\"name\": \"x\", \"version\": \"x\"}}, \"config\": \"x\", \"at\": 1, \"took_ms\": 1, \"exchanges\": [\"a\"], \"proxies\": {{\"x\": {{{toml}: 1}}}}}}"
    );
    std::fs::create_dir(folder.path().join("variant")).unwrap();
    write("variant/world.json", outcome);
    for args in [
        vec!["check", "--offline", "good.yaml", "--settings", "key.toml"],
        vec!["check", "--offline", "good.yaml", "--settings", "rule.toml"],
        vec!["check", "--offline", "good.yaml", "--settings", "value.toml"],
        vec!["check", "--offline", "good.yaml", "--baseline", "base.json"],
        vec!["check", "good.yaml", "--replay", "world"],
        vec!["check", "good.yaml", "--replay", "variant"],
        vec!["check", "--offline", evil],
        vec!["check", "--offline", "good.yaml", evil],
        vec!["check", "--offline", "good.yaml", "--only", evil],
        vec!["check", "--offline", "good.yaml", "--format", evil],
        vec!["check", "--offline", "good.yaml", "--connect-to", evil],
        vec!["explain", evil],
        vec!["man", evil],
        vec!["show", evil],
    ] {
        let ran = Pomlint::new(args.iter().copied()).in_folder(folder.path()).run();
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(!ran.stderr.is_empty());
        for line in ran.stderr.lines() {
            let acts = |c: char| c.is_control() || c == '\u{202e}';
            assert!(!line.contains(acts) && !line.contains("##["), "{args:?}: {line:?}");
            assert!(!line.trim_start().starts_with("::"), "{args:?}: {line:?}");
        }
    }
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
        (vec!["--write-baseline", "-"], "standard output is for the report"),
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
fn what_comes_after_a_thousand_accepted_findings_still_counts() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        |keys: usize| (0..keys).fold(crate::support::healthy(), |text, key| format!("{text}nonsense_{key}: 1\n"));
    let file = folder.path().join("many.yaml");
    std::fs::write(&file, text(1_000)).unwrap();
    check(folder.path(), &["many.yaml", "--write-baseline", "known.json"]);
    let args = ["many.yaml", "--baseline", "known.json", "--fail-on", "warning"];
    assert_eq!(check(folder.path(), &args).code, 0);
    std::fs::write(&file, text(1_001)).unwrap();
    assert_eq!(check(folder.path(), &args).code, 1);
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
    let text = crate::support::healthy();
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
        // … and the names of rules, which the help does not list.
        assert!(
            ["powershell", "elvish"].contains(&shell) || ran.stdout.contains("issuer-has-trailing-slash"),
            "{shell}"
        );
    }
    let man = Pomlint::new(["man"]).run();
    assert!(man.code == 0 && man.stdout.contains(".TH pomlint 1"), "{}", man.stdout);
    let man = Pomlint::new(["man", "check"]).run();
    assert!(man.code == 0 && man.stdout.contains("write\\-baseline"), "{}", man.stdout);
    assert!(man.stdout.contains(".TH pomlint-check 1") && man.stdout.contains("Exit codes: "), "{}", man.stdout);
    let none = Pomlint::new(["man", "nonsense"]).run();
    assert!(none.code == 2 && none.stderr.contains("there is no command `nonsense`"), "{}", none.stderr);
    for (args, version) in [
        (vec!["schema"], "pomlint/report/v1"),
        (vec!["schema", "report"], "pomlint/report/v1"),
        (vec!["schema", "baseline"], "pomlint/baseline/v1"),
        (vec!["schema", "diagnosis"], "pomlint/diagnosis/v1"),
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
}
