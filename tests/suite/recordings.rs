//! The recordings of `fixtures/worlds`: what each replays to, and the demonstration that one of them is.

use std::collections::BTreeSet;

use crate::support::pool::{CLIENT_SECRET, Pool};
use crate::support::server::Server;
use crate::support::{Pomlint, Ran, project};
use serde_json::Value;

/// A recording: a configuration and a user pool, and what they come to.
struct Recording {
    /// The folder in `fixtures/worlds`.
    name: &'static str,
    /// The file in `fixtures/configs`.
    config: &'static str,
    /// The user pool, as a rule page describes one.
    pool: &'static str,
    /// Further arguments, of the recording and of the replay.
    flags: &'static [&'static str],
    /// Every rule with an error or a warning.
    fails: &'static [&'static str],
    /// The exit code.
    exit: i32,
    /// How the report for people answers.
    answer: &'static str,
}

const PROBES: &[&str] = &["--probe-secret", "--probe-sign-out"];

#[rustfmt::skip]
const RECORDINGS: &[Recording] = &[
    Recording { name: "healthy", config: "healthy.yaml", pool: "", flags: PROBES, fails: &[], exit: 0, answer: "A login should work" },
    Recording {
        name: "demo", config: "demo.yaml", flags: &[],
        pool: "client: {callback_urls: ['https://authenticate.corp.example.com/oauth2/callback/']}",
        fails: &["callback-not-registered"], exit: 1, answer: "A login will fail at: callback.",
    },
    Recording { name: "no-domain", config: "healthy.yaml", pool: "domain: none", flags: PROBES, fails: &["pool-has-no-domain"], exit: 1, answer: "A login will fail at: domain." },
    Recording { name: "updated-issuer", config: "healthy.yaml", pool: "issuer: updated", flags: PROBES, fails: &["issuer-switched"], exit: 0, answer: "1 warning" },
    Recording {
        name: "branding-missing", config: "healthy.yaml", pool: "{managed_login: true, client: {branding: false}}", flags: PROBES,
        fails: &["login-page-unavailable"], exit: 1, answer: "A login will fail at: login.",
    },
    Recording { name: "waf-403", config: "healthy.yaml", pool: "waf: true", flags: PROBES, fails: &["domain-blocked"], exit: 3, answer: "This is not a pass." },
];

impl Recording {
    fn check(&self, format: &str) -> Pomlint {
        let config = project("fixtures/configs").join(self.config);
        let args = ["check", self.config, "--format", format];
        Pomlint::new(args).args(self.flags.iter().copied()).in_folder(config.parent().unwrap())
    }

    fn replay(&self, format: &str) -> Ran {
        let folder = project("fixtures/worlds").join(self.name);
        self.check(format).args(["--replay".into(), folder]).run()
    }
}

/// Records them anew, after a change of what is asked or of how it is kept:
///
/// ```text
/// cargo test --test suite recordings:: -- --ignored
/// ```
///
/// Times and the control's random callback differ each time; commit what differs otherwise.
#[test]
#[ignore = "writes fixtures/worlds"]
fn record() {
    for recording in RECORDINGS {
        let folder = project("fixtures/worlds").join(recording.name);
        let server = Server::of(Pool::from_yaml(recording.pool).unwrap());
        let ran = recording.check("human").args(server.args()).args(["--record".into(), folder]).run();
        assert_eq!(ran.code, recording.exit, "{}: {}{}", recording.name, ran.stdout, ran.stderr);
    }
}

#[test]
fn each_replays_to_what_it_shows() {
    for Recording { name, fails, exit, answer, .. } in RECORDINGS {
        let recording = RECORDINGS.iter().find(|recording| recording.name == *name).unwrap();
        let (json, human) = (recording.replay("json"), recording.replay("human"));
        assert_eq!((json.code, human.code), (*exit, *exit), "{name}: {}{}", human.stdout, human.stderr);
        assert!(human.stdout.contains(answer), "{name}: {}", human.stdout);
        let report: Value = serde_json::from_str(&json.stdout).unwrap();
        let verdicts = report["reports"][0]["verdicts"].as_array().unwrap();
        let failed: BTreeSet<&str> = verdicts
            .iter()
            .filter(|verdict| verdict["verdict"] == "fail" && verdict["severity"] != "note")
            .map(|verdict| verdict["rule"].as_str().unwrap())
            .collect();
        assert_eq!(failed, fails.iter().copied().collect(), "{name}");
    }
}

#[test]
fn every_recording_has_its_row_and_holds_no_secret() {
    let mut folders = BTreeSet::new();
    for folder in std::fs::read_dir(project("fixtures/worlds")).unwrap() {
        let folder = folder.unwrap().path();
        folders.insert(folder.file_name().unwrap().to_str().unwrap().to_owned());
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains(CLIENT_SECRET) && !text.contains("127.0.0.1"), "{}", file.display());
            for marker in ["state=", "XSRF-TOKEN="] {
                let values = text.match_indices(marker).map(|(at, _)| &text[at + marker.len()..]);
                for value in values {
                    assert!(value.starts_with("CUT"), "{}: {marker}{value:.20}", file.display());
                }
            }
        }
    }
    assert_eq!(folders, RECORDINGS.iter().map(|recording| recording.name.to_owned()).collect());
}

#[test]
fn the_demonstration_shows_a_finding_and_what_to_type_next() {
    // A proxy that nobody could miss: nothing is to be sent.
    let demo = |args: &[&str]| {
        Pomlint::new(["demo"]).args(args.iter().copied()).env("HTTPS_PROXY", "http://127.0.0.1:1").run()
    };
    let shown = demo(&[]);
    assert_eq!((shown.code, shown.stderr.as_str()), (1, ""), "{}", shown.stdout);
    for words in [
        "error[callback-not-registered]",
        "demo.yaml:2:27",
        "a slash only in `registered` ^",
        "callback ✗",
        "A login will fail at: callback.",
        "7 requests to 3 hosts",
        "pomlint check config.yaml",
        "pomlint explain callback-not-registered",
    ] {
        assert!(shown.stdout.contains(words), "`{words}` is not in\n{}", shown.stdout);
    }
    assert!(!shown.stdout.contains("127.0.0.1") && !shown.stdout.contains(CLIENT_SECRET));
    let quiet = demo(&["--quiet"]);
    assert!(quiet.code == 1 && !quiet.stdout.contains("pomlint check"), "{}", quiet.stdout);
    let json = demo(&["--format", "json"]);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, report["summary"]["errors"].as_u64()), (1, Some(1)));
    // What the demonstration embeds is all of the recording, and the recording as it is.
    let folder = project("fixtures/worlds/demo");
    let exchanges = report["reports"][0]["exchanges"].as_array().unwrap();
    assert_eq!(exchanges.len() + 1, std::fs::read_dir(folder).unwrap().count());
    let replayed = RECORDINGS.iter().find(|recording| recording.name == "demo").unwrap().replay("json");
    // Whoever has the file is told the command that cures it.
    let report = |text: &str| -> Value {
        let mut report: Value = serde_json::from_str(text).unwrap();
        report["reports"][0]["cures"] = Value::Null;
        report
    };
    assert_eq!(report(&json.stdout), report(&replayed.stdout));
}

#[test]
fn what_is_left_out_is_no_pass() {
    let config = project("fixtures/configs/healthy.yaml");
    let check = |args: &[&str]| {
        let replay = ["--replay".into(), project("fixtures/worlds/healthy").into_os_string()];
        Pomlint::new(["check".into(), config.clone().into_os_string()]).args(replay).args(args.iter().copied()).run()
    };
    let all = check(PROBES);
    assert!(all.stdout.contains("A login should work") && all.stdout.contains("callback ✓"), "{}", all.stdout);
    for (args, by) in [(["--only", "unknown-key"], "--only"), (["--skip", "callback-not-registered"], "--skip")] {
        let ran = check(&[PROBES, &args].concat());
        assert!(ran.code == 0 && !ran.stdout.contains("should work"), "{}", ran.stdout);
        assert!(ran.stdout.contains("Nothing wrong in the ") && ran.stdout.contains(&format!("judged ({by})")));
        assert!(!ran.stdout.contains("callback ✓"), "{}", ran.stdout);
        let markdown = check(&[PROBES, &args, &["--format", "markdown"]].concat()).stdout;
        assert!(markdown.contains("not every rule was judged"), "{markdown}");
        let json: Value = serde_json::from_str(&check(&[&args[..], &["--format", "json"]].concat()).stdout).unwrap();
        assert_eq!(json["left_out"]["by"][0], by);
    }
    let strict =
        Pomlint::new(["check".into(), config.into_os_string()]).args(["--offline", "--undecided", "strict"]).run();
    assert!(strict.code == 3 && strict.stdout.contains("(--undecided strict)"), "{}", strict.stdout);
}

#[test]
fn a_recording_in_which_nothing_is_answered_replaces_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("answers");
    let config = project("fixtures/configs/healthy.yaml");
    let server = Server::of(Pool::default());
    let check = || {
        Pomlint::new(["check".into(), config.clone().into_os_string(), "--record".into(), at.clone().into_os_string()])
    };
    assert_eq!(check().args(server.args()).run().code, 0);
    let files = || -> Vec<_> {
        let mut files: Vec<_> = std::fs::read_dir(&at).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
    };
    let before = files();
    let ran = check().args(["--pool", "eu-west-1_Another00"]).run();
    assert!(ran.code == 2 && ran.stderr.contains("stays as it was"), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(files(), before);
    assert_eq!(check().args(server.args()).run().code, 0);
    assert_eq!(files().len(), before.len());
}
