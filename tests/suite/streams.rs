//! Deployments that are told line by line: the same bytes as all at once, in the memory of one, and for as long as somebody reads.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::pool::Pool;
use crate::support::server::{Behaviour, Server};
use crate::support::{Pomlint, Ran, healthy, is_thorough};

/// A folder of deployments, one in ten of them with an error, and none with more than another.
fn fleet(size: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..size {
        let provider = if number % 10 == 0 { "cognitoo" } else { "cognito" };
        let text = healthy().replace("idp_provider: cognito", &format!("idp_provider: {provider}"));
        std::fs::write(folder.path().join(format!("{number:05}.yaml")), text).unwrap();
    }
    folder
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn run(folder: &Path, args: &[&str]) -> Ran {
    Pomlint::new(["check", "--format", "jsonl"]).args(args.iter().copied()).in_folder(folder).run()
}

/// Where a report goes to a file too, all of it is held.
fn both(folder: &Path, args: &[&str]) -> [Ran; 2] {
    let whole = [args, &["--output", "jsonl=../whole"]].concat();
    [run(folder, args), run(folder, &whole)]
}

#[test]
fn line_by_line_it_is_what_it_is_as_a_whole() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("fleet");
    let (text, broken) = (healthy(), healthy().replace("idp_provider: cognito", "idp_provider: cognitoo"));
    let part = |name: &str| text.clone() + "services: " + name + "\n";
    let ignored = broken.replace(
        "idp_provider: cognitoo",
        "idp_provider: cognitoo # pomlint: ignore[provider-unknown] reason: a trial\nidp_scopes: [openid, email] # \
         pomlint: ignore[scope-openid-missing] reason: nothing to find",
    );
    let compose =
        "services: {pomerium: {image: pomerium/pomerium:v0.30.0, volumes: ['./b.yaml:/pomerium/config.yaml']}}";
    let secret = "kind: Secret\napiVersion: v1\nmetadata: {name: idp}\nstringData: {client_id: a, client_secret: b}";
    let settings = "[rules]\nauthenticate-url-uppercase = \"off\"\nprovider-unknown = \"warning\"\n";
    let accepted = "[[ignore]]\nrule = \"provider-unknown\"\npath = \"b.yaml\"\nreason = \"a trial\"\n";
    let (proxy, authenticate) = (part("proxy"), part("authenticate"));
    let (all, whole_env) = (part("all"), "IDP_CLIENT_ID=4qk2v9s7m1n3b5c8d0f6g7h2u1\n");
    let a_and_b = [("a.yaml", &*text), ("b.yaml", &*broken), ("c/d.yaml", &*ignored), ("x.json", "{\"name\": 1}")];
    let cases: [(&str, &[(&str, &str)], &[&str]); 14] = [
        ("a folder", &a_and_b, &["."]),
        ("one of it", &a_and_b, &["b.yaml"]),
        ("one and a folder", &a_and_b, &["c", "b.yaml", "./b.yaml", "."]),
        ("with what is not there", &a_and_b, &["a.yaml", "none.yaml", "b.yaml"]),
        ("what is nobody's", &a_and_b, &["x.json", "a.yaml"]),
        ("nothing but what is nobody's", &[("x.json", "{}")], &["."]),
        ("without ignores", &a_and_b, &["--no-ignores", "--pedantic", "."]),
        ("some rules", &a_and_b, &["--skip", "provider-unknown", "."]),
        ("a settings file", &[a_and_b[0], a_and_b[1], ("pomlint.toml", settings)], &["."]),
        ("accepted", &[a_and_b[0], a_and_b[1], ("pomlint.toml", accepted)], &["."]),
        ("parts of one", &[("a.yaml", &authenticate), ("b.yaml", &proxy), ("c.yaml", &all)], &["."]),
        ("compose", &[a_and_b[0], a_and_b[1], ("compose.yaml", compose)], &["."]),
        ("manifests", &[a_and_b[0], ("secret.yaml", secret)], &["."]),
        ("an environment", &[a_and_b[0], a_and_b[1], ("../idp.env", whole_env)], &["--env-file", "../idp.env", "."]),
    ];
    for (name, files, args) in cases {
        write(&folder, files);
        for flags in [&["--offline"][..], &["--offline", "--shard", "1/2"]] {
            let [streamed, whole] = both(&folder, &[flags, args].concat());
            assert_eq!(streamed.stdout, whole.stdout, "{name} {flags:?}");
            assert_eq!((streamed.code, &streamed.stderr), (whole.code, &whole.stderr), "{name} {flags:?}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
#[cfg(unix)]
fn what_comes_through_a_pipe_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a.yaml", &*healthy())]);
    let program = env!("CARGO_BIN_EXE_pomlint");
    let script = format!("cat a.yaml | {program} check --offline --format jsonl a.yaml /dev/fd/3 3<&0");
    let ran = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    assert_eq!((ran.status.code(), String::from_utf8_lossy(&ran.stdout).lines().count()), (Some(0), 3), "{ran:?}");
}

#[test]
fn asked_side_by_side_they_are_told_in_their_order() {
    let pool = |id: &str| Pool::from_yaml(&format!("{{pool_id: {id}, domain: {}}}", id[10..].to_lowercase())).unwrap();
    let ids = ["eu-west-1_Aaaa00000", "eu-west-1_Bbbb00000", "eu-west-1_Cccc00000"];
    let server = Server::start(Behaviour { pools: ids.map(pool).to_vec(), ..Behaviour::default() });
    let folder = tempfile::tempdir().unwrap();
    for number in 0..40 {
        let text = healthy().replace("eu-west-1_9xK2mPq7R", ids[number % ids.len()]);
        std::fs::write(folder.path().join(format!("{number:02}.yaml")), text).unwrap();
    }
    let args = server.args();
    let args: Vec<&str> = args.iter().map(String::as_str).chain(["."]).collect();
    let streamed = run(folder.path(), &args);
    let asked = server.received().len();
    let whole = Pomlint::new(["check", "--format", "json"]).args(args).in_folder(folder.path()).run();
    assert_eq!(server.received().len(), 2 * asked, "each question is put once");
    let whole: Value = serde_json::from_str(&whole.stdout).unwrap();
    let mut lines: Vec<Value> = streamed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((streamed.code, lines.pop().unwrap()["summary"].clone()), (0, whole["summary"].clone()), "{streamed:?}");
    let paths = |reports: &[Value]| reports.iter().map(|one| one["config"].clone()).collect::<Vec<_>>();
    let verdicts = |reports: &[Value]| reports.iter().map(|one| one["verdicts"].clone()).collect::<Vec<_>>();
    let reports = whole["reports"].as_array().unwrap();
    assert_eq!((paths(&lines), verdicts(&lines)), (paths(reports), verdicts(reports)));
}

#[test]
fn whoever_has_read_enough_is_told_no_more() {
    let folder = fleet(60);
    let whole = run(folder.path(), &["--offline", "."]).stdout;
    let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    command.args(["check", "--offline", ".", "--format", "jsonl"]).current_dir(folder.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut first).unwrap();
    drop(output);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.stderr.is_empty(), "{ended:?}");
    assert_eq!((Some(&*first), ended.status.code()), (whole.split_inclusive('\n').next(), Some(2)));
}

/// The most memory that a run took until so many lines were told, in kibibytes.
#[cfg(target_os = "linux")]
fn peak(deployments: usize) -> u64 {
    /// So many lines more than fill a pipe.
    const AHEAD: usize = 15;
    let folder = fleet(deployments);
    let mut command = Command::new(env!("CARGO_BIN_EXE_pomlint"));
    command.args(["check", "--offline", ".", "--format", "jsonl"]).current_dir(folder.path());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for line in output.by_ref().lines().take(deployments - AHEAD) {
        assert!(line.unwrap().starts_with("{\"schema\":\"pomlint/report-line/v1\""));
    }
    // It cannot have ended: there is no room for what it has not told yet.
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    assert_eq!(output.lines().count(), AHEAD + 1);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    peak.unwrap().trim().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn many_take_the_memory_of_few() {
    let (few, many) = if is_thorough() { (500, 2000) } else { (60, 240) };
    let (low, high) = (peak(few), peak(many));
    assert!(high < low + low / 5, "{few} take {low} KiB, {many} take {high}");
}
