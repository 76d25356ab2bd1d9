//! Many deployments: lists of them, and parts of the work for several machines.

use std::collections::BTreeMap;

use crate::support::{Pomlint, Ran, healthy, project};
use serde_json::Value;

/// Folders of deployments, one in ten of them with an error.
fn fleet(size: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..size {
        let below = folder.path().join(format!("team-{}", number % 3));
        std::fs::create_dir_all(&below).unwrap();
        let text = if number % 10 == 0 {
            healthy().replace("idp_provider: cognito", "idp_provider: cognitoo")
        } else {
            healthy()
        };
        std::fs::write(below.join(format!("pomerium-{number}.yaml")), text).unwrap();
    }
    folder
}

fn run(folder: &tempfile::TempDir, args: &[&str]) -> Ran {
    Pomlint::new(["check", "--offline"]).args(args.iter().copied()).in_folder(folder.path()).run()
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// What is said of each deployment.
fn verdicts(report: &Value) -> BTreeMap<String, Value> {
    let reports = report["reports"].as_array().unwrap().iter();
    reports.map(|one| (one["config"]["path"].as_str().unwrap().to_owned(), one["verdicts"].clone())).collect()
}

#[test]
fn the_parts_together_are_the_whole() {
    let folder = fleet(40);
    let whole = json(&run(&folder, &[".", "--format", "json"]));
    let all = verdicts(&whole);
    assert_eq!((all.len(), &whole["shard"]), (40, &Value::Null));
    let mut together = BTreeMap::new();
    let mut exits = Vec::new();
    for part in ["1/4", "2/4", "3/4", "0/4"] {
        let ran = run(&folder, &[".", "--shard", part, "--format", "json"]);
        let own = verdicts(&json(&ran));
        assert_eq!(json(&ran)["shard"]["elsewhere"], 40 - own.len());
        assert!(own.len() > 3, "{part}: {}", own.len());
        for (name, verdicts) in own {
            assert!(together.insert(name, verdicts).is_none(), "a deployment is judged once");
        }
        exits.push(ran.code);
    }
    assert_eq!(together, all);
    assert_eq!(
        exits.iter().max(),
        whole["summary"]["exit"].as_i64().and_then(|exit| i32::try_from(exit).ok()).as_ref()
    );
    let shown = run(&folder, &[".", "--shard", "2/4"]);
    assert!(shown.stdout.contains("Part 2/4 of the deployments was judged; "), "{}", shown.stdout);
}

#[test]
fn a_part_without_a_deployment_is_in_order() {
    let folder = fleet(1);
    let codes: Vec<(i32, bool)> = (1..=3)
        .map(|number| run(&folder, &["team-0/pomerium-0.yaml", "--shard", &format!("{number}/3"), "--format", "json"]))
        .map(|ran| (ran.code, json(&ran)["reports"].as_array().unwrap().is_empty()))
        .collect();
    assert_eq!(codes.iter().filter(|(_, is_empty)| *is_empty).count(), 2, "{codes:?}");
    assert!(codes.iter().filter(|(_, is_empty)| *is_empty).all(|(code, _)| *code == 0), "{codes:?}");
    for wrong in ["5/4", "0/0", "1", "1/-2", "a/b", "+1/2"] {
        let ran = run(&folder, &[".", "--shard", wrong]);
        assert!(ran.code == 2 && (ran.stderr.contains("K/N") || ran.stderr.contains("K is a number")), "{ran:?}");
    }
}

#[test]
fn a_list_names_what_could_be_typed() {
    let folder = fleet(3);
    let names = "team-1/pomerium-1.yaml\r\n\nteam-2/pomerium-2.yaml";
    std::fs::write(folder.path().join("list"), names).unwrap();
    let listed = run(&folder, &["--files-from", "list", "--format", "json"]);
    let typed = run(&folder, &["team-1/pomerium-1.yaml", "team-2/pomerium-2.yaml", "--format", "json"]);
    assert_eq!((listed.code, &listed.stdout), (0, &typed.stdout));
    let piped = Pomlint::new(["check", "--offline", "--files-from", "-", "--format", "json"]).stdin(names);
    assert_eq!(piped.in_folder(folder.path()).run().stdout, typed.stdout);

    std::fs::write(folder.path().join("list"), b"team-1/pomerium-1.yaml\nno.yaml\n\xff\n-\n").unwrap();
    let ran = run(&folder, &["--files-from", "list"]);
    assert!(ran.code == 2 && ran.stdout.contains("1 configuration") || ran.stdout.contains("rules"), "{ran:?}");
    for said in
        ["no.yaml", "list:3: the line is not UTF-8", "list:4: standard input is named on the command line alone"]
    {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    for args in [&["--files-from", "-", "-"][..], &["--files-from", "gone"]] {
        assert_eq!(run(&folder, args).code, 2, "{args:?}");
    }
    std::fs::write(folder.path().join("list"), "").unwrap();
    let empty = run(&folder, &["--files-from", "list"]);
    assert!(empty.code == 2 && empty.stderr.contains("list names no configuration"), "{empty:?}");
}

#[test]
fn the_manifest_shares_the_work_among_its_pods() {
    let text = std::fs::read_to_string(project("packaging/kubernetes/fleet.yaml")).unwrap();
    let job: Value = serde_yaml::from_str(&text).unwrap();
    let (spec, folder) = (&job["spec"], fleet(12));
    let container = &spec["template"]["spec"]["containers"][0];
    let mut judged = 0;
    for index in 0..spec["completions"].as_u64().unwrap() {
        let args = container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap());
        let args = args.map(|arg| arg.replace("$(JOB_COMPLETION_INDEX)", &index.to_string()).replace("/fleet", "."));
        let ran = Pomlint::new(args).args(["--offline", "--output", "json=out.json"]).in_folder(folder.path()).run();
        assert!(ran.code < 2, "{ran:?}");
        let report = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
        judged += verdicts(&serde_json::from_str(&report).unwrap()).len();
        std::fs::remove_file(folder.path().join("out.json")).unwrap();
    }
    assert_eq!(judged, 12);
}

#[test]
fn a_line_for_each_deployment_and_the_summary_last() {
    let folder = fleet(3);
    let schema: Value = serde_json::from_str(&Pomlint::new(["schema", "report-line"]).run().stdout).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let whole = json(&run(&folder, &[".", "--shard", "1/1", "--format", "json"]));
    let ran = run(&folder, &[".", "--shard", "1/1", "--format", "jsonl"]);
    let mut lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((ran.code, lines.len(), ran.stdout.ends_with('\n')), (1, 4, true));
    for line in &mut lines {
        assert!(schema.is_valid(line), "{line}");
        let name = line.as_object_mut().unwrap().shift_remove("schema");
        assert_eq!(name, Some("pomlint/report-line/v1".into()));
    }
    assert_eq!(lines.pop().unwrap(), serde_json::json!({"summary": whole["summary"], "shard": whole["shard"]}));
    assert_eq!(lines, *whole["reports"].as_array().unwrap());
    assert!(!schema.is_valid(&serde_json::json!({"schema": "pomlint/report-line/v1"})));
}
