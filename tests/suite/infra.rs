//! Infrastructure code, through the whole program: what plans, states and templates make of each rule, now and after the apply.

mod canaries;
mod clients;
mod fewer;
mod sheet;
mod tenses;

use std::fmt::Write as _;

use crate::support::{Pomlint, Ran, project};
use serde_json::Value;
use sheet::Reading;

fn readings() -> Vec<Reading> {
    let mut files: Vec<_> =
        std::fs::read_dir(project("fixtures/infra/readings")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| -> Vec<Reading> {
        let text = std::fs::read_to_string(path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().flat_map(read).collect()
}

fn check(folder: &std::path::Path, args: &[String]) -> Ran {
    Pomlint::new(args).in_folder(folder).run()
}

/// The verdicts of a report on a rule, one for each client.
fn verdicts<'r>(report: &'r Value, rule: &str) -> Vec<&'r str> {
    let reports = report["reports"].as_array().unwrap();
    let all = reports.iter().flat_map(|report| report["verdicts"].as_array().unwrap());
    all.filter(|verdict| verdict["rule"] == rule).map(|verdict| verdict["verdict"].as_str().unwrap()).collect()
}

fn is_right(found: &[&str], wanted: &str) -> bool {
    match wanted.strip_prefix('!') {
        Some(not) => !found.contains(&not),
        None if wanted == "fail" => found.contains(&"fail"),
        None => !found.is_empty() && found.iter().all(|found| *found == wanted),
    }
}

#[test]
fn each_reading_comes_to_what_was_said_before() {
    let mut wrong = String::new();
    let readings = readings();
    assert!(readings.len() >= 80, "{}", readings.len());
    for reading in &readings {
        let folder = tempfile::tempdir().unwrap();
        let mut args = reading.lay_out(folder.path());
        args.insert(1, "--offline".to_owned());
        let people = check(folder.path(), &[&args[..], &["--verbose".to_owned()]].concat());
        args.extend(["--format".to_owned(), "json".to_owned()]);
        let ran = check(folder.path(), &args);
        let mut tell = |what: String| writeln!(wrong, "{}: {what}", reading.name).unwrap();
        if ran.code != reading.exit || people.code != ran.code {
            tell(format!("exit {} and {}, not {}: {}", ran.code, people.code, reading.exit, ran.stderr));
        }
        let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        for (rule, wanted) in &reading.verdicts {
            let found = if report.is_null() { Vec::new() } else { verdicts(&report, rule) };
            if !is_right(&found, wanted) {
                tell(format!("{rule} is {found:?}, not {wanted}"));
            }
        }
        let said = format!("{}{}{}", ran.stdout, ran.stderr, people.stdout);
        let one_line = people.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in &reading.says {
            if !said.contains(words) && !one_line.contains(words) {
                tell(format!("does not say {words:?}\n{}", people.stdout));
            }
        }
        for words in reading.never.iter().map(String::as_str).chain(["canary"]) {
            if said.contains(words) {
                tell(format!("says {words:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
