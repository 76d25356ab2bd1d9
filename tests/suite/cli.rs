//! The whole binary against bad input: one clear sentence with a next step, the right exit code, in bounded time.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Pomlint, Ran, healthy};
use pomlint::rules::RULES;

fn run(args: &[&str]) -> Ran {
    Pomlint::new(args.iter().copied()).run()
}

fn check(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> Ran {
    std::fs::write(folder.join(name), content).unwrap();
    Pomlint::new(["check", "--offline", name]).in_folder(folder).run()
}

#[test]
fn help_names_every_flag_and_fits_the_terminal() {
    for command in [&[][..], &["check"], &["show"], &["explain"], &["rules"], &["demo"]] {
        let ran = Pomlint::new(command.iter().copied()).args(["--help"]).run();
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains("Usage: pomlint") && ran.stderr.is_empty(), "{ran:?}");
        let long = ran.stdout.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None);
    }
}

#[test]
fn what_was_typed_wrong_is_said_with_what_to_do() {
    for (args, says) in [
        (&["chekc"][..], "check"),
        (&["config.yaml"], "did you mean check?\n  try   pomlint check config.yaml"),
        (&["https://app.corp.example.com"], "did you mean check?"),
        (&["check", "--color", "sometimes"], "sometimes"),
        (&["check", "--ofline", "x"], "--offline"),
        (&["check", "x.yaml", "--only", "callback-not-registred"], "did you mean `callback-not-registered`?"),
        (&["check", "x.yaml", "--skip", "nonsense"], "pomlint rules"),
        (&["check", "x.yaml", "--only", "clock-skew", "--skip", "clock-skew"], "--only and --skip leave none"),
        (&["check", "x.yaml", "--fail-on", "fatal"], "error, warning"),
        (&["check", "x.yaml", "--undecided", "maybe"], "allow, strict"),
        (&["check", "x.yaml", "--format", "xml"], "human, concise, json"),
        (&["check", "x.yaml", "--timeout", "0"], "0.1 to 600"),
        (&["check", "x.yaml", "--timeout", "NaN"], "0.1 to 600"),
        (&["check", "x.yaml", "--pomerium-version", "latest"], "v0.33.1"),
        (&["check", "x.yaml", "-q", "-v"], "cannot be used with"),
        (&["check", "x.yaml", "--offline", "--record", "d"], "cannot be used with"),
        (&["check", "x.yaml"], "there is no such file"),
        (&["check", "--env-file", "x.env"], "there is no such file"),
        (&["explain", "clock-skw"], "did you mean `clock-skew`?"),
        (&["explain", "--format", "markdown"], "name the rule"),
        (&["show", "x.yaml"], "there is no such file"),
    ] {
        let ran = run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.stderr.contains(says) && ran.stdout.is_empty(), "{args:?}: {ran:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    for (args, says) in [(["--connect-to", "nonsense"], "--connect-to nonsense"), (["--ca", "none.pem"], "none.pem")] {
        std::fs::write(folder.path().join("c.yaml"), healthy()).unwrap();
        let ran = Pomlint::new(["check", "c.yaml"]).args(args).in_folder(folder.path()).run();
        assert!(ran.code == 2 && ran.stderr.contains(says), "{args:?}: {ran:?}");
    }
}

#[test]
fn what_cannot_be_read_is_2_and_keeps_nothing_else_from_being_judged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.yaml"), healthy()).unwrap();
    let ran = Pomlint::new(["check", "--offline", "good.yaml", "missing.yaml"]).in_folder(folder.path()).run();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stdout.contains("login path") && ran.stderr.contains("missing.yaml: there is no such file"), "{ran:?}");

    // A pipe into which nobody writes.
    let pipe = folder.path().join("pipe.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let ran = Pomlint::new(["check", "--offline", pipe.to_str().unwrap()]).run();
    assert!(ran.code == 2 && ran.stderr.contains("nothing writes into it"), "{ran:?}");
}

#[test]
fn what_pomerium_cannot_parse_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain("a: [".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let anchors: String = (1..12).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{},", n - 1).repeat(9))).collect();
    let bomb = format!("a0: &a0 [x]\n{anchors}routes: *a11\n");
    let (deep, deep_json) = ("[".repeat(100_000), "{\"a\":".repeat(20_000));
    for (name, content) in [
        ("broken.yaml", &b"a: [b"[..]),
        ("binary.yaml", b"\x7fELF\x02\x01\x00\xff\xfe"),
        ("utf16.yaml", &utf16),
        ("deep.yaml", deep.as_bytes()),
        ("deep.json", deep_json.as_bytes()),
        ("bomb.yaml", bomb.as_bytes()),
        ("zero.yaml", &vec![0; 64 << 20]),
        ("config.ini", b"idp_provider = cognito"),
    ] {
        let ran = check(folder.path(), name, content);
        assert_eq!(ran.code, 1, "{name}: {:.3000}", ran.stdout);
        assert!(ran.stdout.contains(&format!("{name}:")) && ran.stdout.contains("  more  "), "{name}: {ran:?}");
        assert!(ran.stdout.len() < 20_000, "{name}: {:.3000}", ran.stdout);
    }
}

#[test]
fn marks_and_line_ends_of_other_systems_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plain = check(folder.path(), "c.yaml", healthy());
    assert_eq!(plain.code, 0, "{plain:?}");
    for text in [format!("\u{feff}{}", healthy()), healthy().replace('\n', "\r\n")] {
        assert_eq!(check(folder.path(), "c.yaml", text).stdout, plain.stdout);
    }
    let stdin = Pomlint::new(["check", "--offline", "-"]).stdin(healthy()).run();
    assert_eq!((stdin.code, stdin.stdout), (0, plain.stdout));
}

#[test]
fn a_thousand_findings_are_told_in_a_screenful_and_all_are_in_the_json() {
    let folder = tempfile::tempdir().unwrap();
    let unknown: String = (0..1000).map(|number| format!("unknown_{number}: x\n")).collect();
    let ran = check(folder.path(), "c.yaml", healthy() + &unknown);
    assert!(ran.stdout.contains("980 findings like this one are not shown; -v shows all"), "{ran:?}");
    assert!(ran.stdout.lines().count() < 250);
    let ran = Pomlint::new(["check", "--offline", "--format", "json", "c.yaml"]).in_folder(folder.path()).run();
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["summary"]["warnings"], 1000);
}

#[test]
fn offline_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), healthy()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let proxy = format!("http://127.0.0.1:{port}");
    let map = format!("::127.0.0.1:{port}");
    let check = |more: &[&str]| {
        let ran = Pomlint::new(["check", "c.yaml", "--connect-to", &map, "--timeout", "1"]).args(more.iter().copied());
        ran.env("HTTPS_PROXY", &proxy).env("ALL_PROXY", &proxy).in_folder(folder.path()).run()
    };
    let ran = check(&["--offline", "--probe-secret", "--probe-sign-out"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(listener.accept().is_err(), "something was asked");
    assert_eq!(check(&["--offline", "--undecided", "strict"]).code, 3);
    assert!(listener.accept().is_err(), "something was asked");
    // The trap itself works.
    assert_eq!(check(&[]).code, 3);
    assert!(listener.accept().is_ok(), "nothing was asked");
    assert_eq!(check(&["--undecided", "allow"]).code, 0);
}

#[test]
fn severities_and_selections_decide_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), healthy() + "unknown_key: 1\n").unwrap();
    for (more, code) in [
        (&[][..], 0),
        (&["--fail-on", "warning"], 1),
        (&["--fail-on", "warning", "--skip", "unknown-key"], 0),
        (&["--fail-on", "warning", "--only", "unknown-key,clock-skew"], 1),
        (&["--fail-on", "warning", "--only", "duplicate-key"], 0),
    ] {
        let args = ["check", "--offline", "c.yaml"].iter().chain(more).copied();
        assert_eq!(Pomlint::new(args).in_folder(folder.path()).run().code, code, "{more:?}");
    }
}

#[test]
fn of_a_rule_that_is_named_is_said_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), healthy()).unwrap();
    let run = |args: &[&str]| {
        let args = ["check", "--offline", "c.yaml", "--only"].iter().chain(args);
        Pomlint::new(args.copied()).in_folder(folder.path()).run()
    };
    // Only the settings of the app client tell.
    let untold = run(&["oauth-not-enabled"]);
    assert!(untold.code == 0 && untold.stdout.contains("1 not judged (oauth-not-enabled: add "), "{untold:?}");
    assert_eq!(run(&["oauth-not-enabled", "--undecided", "strict"]).code, 3);
    let note = run(&["secret-in-plain-text"]);
    assert!(note.stdout.contains("secret-in-plain-text") && !note.stdout.contains("hidden"), "{note:?}");
}

#[test]
fn check_alone_takes_this_folder() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| Pomlint::new(args.iter().copied()).in_folder(folder.path()).run();
    let empty = run(&["check", "--offline"]);
    assert!(empty.code == 2 && empty.stderr.contains("the folder . holds no file"), "{empty:?}");
    std::fs::write(folder.path().join("c.yaml"), healthy()).unwrap();
    assert_eq!(run(&["check", "--offline"]).code, 0);
    // The environment alone is not this folder.
    assert!(!run(&["check", "--offline", "--env", "-v"]).stdout.contains("c.yaml"));
}

#[test]
fn color_beats_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), "a: [").unwrap();
    for (when, variable, coloured) in [
        ("always", "NO_COLOR", true),
        ("never", "FORCE_COLOR", false),
        ("auto", "FORCE_COLOR", true),
        ("auto", "NO_COLOR", false),
    ] {
        for args in
            [["check", "--offline", "c.yaml", "--color", when], ["--color", when, "check", "--offline", "c.yaml"]]
        {
            let ran = Pomlint::new(args).env(variable, "1").in_folder(folder.path()).run();
            assert_eq!(ran.stdout.contains('\u{1b}'), coloured, "{args:?} {variable}: {}", ran.stdout);
        }
    }
}

#[test]
fn colour_is_as_the_environment_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), "a: [").unwrap();
    for (variables, coloured) in [
        (&[][..], false),
        (&[("FORCE_COLOR", "1")], true),
        (&[("CLICOLOR_FORCE", "1")], true),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        (&[("FORCE_COLOR", "0")], false),
        (&[("FORCE_COLOR", "1"), ("NO_COLOR", "0")], false),
        (&[("FORCE_COLOR", "1"), ("TERM", "dumb")], true),
    ] {
        let run = Pomlint::new(["check", "--offline", "c.yaml"]).in_folder(folder.path());
        let ran = variables.iter().fold(run, |run, (name, value)| run.env(name, value)).run();
        assert_eq!(ran.stdout.contains('\u{1b}'), coloured, "{variables:?}: {}", ran.stdout);
    }
}

#[test]
fn nothing_in_a_file_acts_on_a_terminal_or_a_ci_runner() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "\\e[31m\\e]0;x\\a\\u202e\\r\\n::error::pwned\\n##[error]pwned";
    let yaml =
        healthy().replace("idp_provider: cognito", &format!("idp_provider: \"cognito{evil}\"\n\"{evil}\": \"{evil}\""));
    let raw = healthy().replace("corp", "c\u{202e}orp\u{200b}") + "::error::pwned: x\n##[error]: [\n";
    for (name, text) in [("escaped.yaml", yaml), ("raw.yaml", raw)] {
        std::fs::write(folder.path().join(name), text).unwrap();
        for more in
            [&["check", "--offline", "-v", "--pedantic"][..], &["check", "--offline", "--format", "json"], &["show"]]
        {
            let ran = Pomlint::new(more.iter().copied()).args([name]).in_folder(folder.path()).run();
            let acts =
                |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}');
            assert!(!ran.stdout.contains(acts), "{name} {more:?}: {:?}", ran.stdout);
            let command = |line: &str| line.trim_start().starts_with("::error") || line.trim_start().starts_with("##[");
            assert!(!ran.stdout.lines().any(command), "{name} {more:?}: {}", ran.stdout);
        }
    }
}

#[test]
fn a_closed_pipe_is_a_quiet_end_and_a_full_disk_is_not() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.yaml"), healthy()).unwrap();
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
        command.args(["check", "--offline", "c.yaml"]).current_dir(folder.path()).stderr(Stdio::piped());
        command
    };
    let mut child = start().stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.code() == Some(0) && ended.stderr.is_empty(), "{ended:?}");
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let ended = start().stdout(full).output().unwrap();
        assert_eq!(ended.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&ended.stderr).contains("No space left"), "{ended:?}");
    }
}

#[test]
fn every_rule_can_be_explained() {
    for rule in RULES.iter() {
        let text = pomlint::report::explain(rule, &pomlint::report::View::default());
        assert!(text.contains(rule.name) && text.contains(rule.title()), "{}", rule.name);
        let json: serde_json::Value = serde_json::from_str(&pomlint::report::explain_json(rule)).unwrap();
        assert!(json.is_object());
    }
    let ran = run(&["rules"]);
    assert!(ran.code == 0 && RULES.iter().all(|rule| ran.stdout.contains(rule.name)), "{ran:?}");
    assert_eq!(run(&["explain", "clock-skew"]).code, 0);
}
