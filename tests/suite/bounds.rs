//! How far a configuration of a stranger leads: which files are opened, written and printed, and what is sent to whom.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, Ran, healthy};

const CANARY: &str = "zq7CANARYs3cr3tvalue0123";
const POOL: &str = "eu-west-1_9xK2mPq7R";
const OTHER: &str = "eu-west-1_Zz9yX8w7V";

/// A checkout beside files that are none of its own.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["checkout/.git", "outside"] {
            fs::create_dir_all(machine.at(folder)).unwrap();
        }
        fs::write(machine.at("outside/netrc"), format!("machine a login b password {CANARY}\n")).unwrap();
        fs::write(machine.at("checkout/.git/config"), format!("[http]\nextraheader = {CANARY}\n")).unwrap();
        assert!(Command::new("mkfifo").arg(machine.at("outside/pipe")).status().unwrap().success());
        machine
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.at("checkout").join(name);
        let _ = fs::remove_file(&path);
        fs::write(path, text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        Pomlint::new(args.iter().copied()).env("AWS_SECRET_ACCESS_KEY", CANARY).in_folder(&self.at("checkout")).run()
    }
}

/// The ways in which a configuration names a file: the files of a checkout, of which `{}` is the file that is named, and what is
/// checked.
const MECHANISMS: [(&str, &[(&str, &str)], &[&str]); 13] = [
    (
        "a mounted configuration",
        &[("compose.yaml", "services: {p: {image: pomerium/pomerium, volumes: ['{}:/pomerium/config.yaml:ro']}}")],
        &["compose.yaml"],
    ),
    (
        "a mounted configuration of another form",
        &[(
            "compose.yaml",
            "services: {p: {image: pomerium/pomerium, command: [--config, /c/config.env], volumes: ['{}:/c/config.env']}}",
        )],
        &["."],
    ),
    ("env_file", &[("compose.yaml", "services: {p: {image: pomerium/pomerium, env_file: '{}'}}")], &["compose.yaml"]),
    (
        "a raw env_file",
        &[("compose.yaml", "services: {p: {image: pomerium/pomerium, env_file: [{path: '{}', format: raw}]}}")],
        &["compose.yaml"],
    ),
    (
        "extends",
        &[("compose.yaml", "services: {p: {extends: {file: '{}', service: p}, image: pomerium/pomerium}}")],
        &["compose.yaml"],
    ),
    (
        "a config of compose",
        &[(
            "compose.yaml",
            "services: {p: {image: pomerium/pomerium, configs: [{source: c, target: /pomerium/config.yaml}]}}\nconfigs: {c: {file: '{}'}}",
        )],
        &["compose.yaml"],
    ),
    (
        "a secret of compose",
        &[(
            "compose.yaml",
            "services: {p: {image: pomerium/pomerium, secrets: [s], environment: {AUTHENTICATE_SERVICE_URL: 'https://a.example.com', IDP_PROVIDER: cognito, IDP_PROVIDER_URL: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R', IDP_CLIENT_ID: 4qk2v9s7m1n3b5c8d0f6g7h2u1, IDP_CLIENT_SECRET_FILE: /run/secrets/s}}}\nsecrets: {s: {file: '{}'}}",
        )],
        &["compose.yaml"],
    ),
    (
        "idp_client_secret_file",
        &[(
            "c.yaml",
            "authenticate_service_url: https://a.example.com\nidp_provider: cognito\nidp_provider_url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\nidp_client_secret_file: '{}'\n",
        )],
        &["c.yaml"],
    ),
    (
        "shared_secret_file",
        &[(
            "c.yaml",
            "authenticate_service_url: https://a.example.com\nidp_provider: cognito\nidp_provider_url: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\nidp_client_id: 4qk2v9s7m1n3b5c8d0f6g7h2u1\nshared_secret_file: '{}'\n",
        )],
        &["c.yaml"],
    ),
    ("signing_key_file", &[("c.toml", "signing_key_file = '{}'\n")], &["c.toml"]),
    ("certificate_file", &[("c.yaml", "certificate_file: '{}'\ncertificate_key_file: '{}'\n")], &["c.yaml"]),
    ("signing_key_file in YAML", &[("c.yaml", "signing_key_file: '{}'\n")], &["c.yaml"]),
    (
        "env-file in the settings",
        &[("pomlint.toml", "[check]\nenv-file = '{}'\n"), ("c.yaml", "idp_provider: cognito\n")],
        &["c.yaml"],
    ),
];

/// What is named: outside, by a path and by a link, a part of git's own, and what is no file at all.
fn targets(machine: &Machine) -> Vec<String> {
    let link = |name: &str, target: &Path| {
        let path = machine.at("checkout").join(name);
        symlink(target, &path).unwrap();
        format!("./{name}")
    };
    vec![
        machine.at("outside/netrc").display().to_string(),
        "../outside/netrc".to_owned(),
        link("link", &machine.at("outside/netrc")),
        link("chain", Path::new("link")),
        link("folder", &machine.at("outside")) + "/netrc",
        "./.git/config".to_owned(),
        link("pipe", &machine.at("outside/pipe")),
        link("zero", Path::new("/dev/zero")),
        link("environ", Path::new("/proc/self/environ")),
        "/proc/self/environ".to_owned(),
        "/dev/zero".to_owned(),
    ]
}

#[test]
fn whatever_a_configuration_names_is_opened_only_below_its_own_folder_or_work_tree() {
    let machine = Machine::new();
    let targets = targets(&machine);
    for (mechanism, files, checked) in MECHANISMS {
        for target in &targets {
            for (name, text) in files {
                machine.write(name, &text.replace("{}", target));
            }
            let args: Vec<&str> = ["check", "--offline", "-v"].iter().chain(checked).copied().collect();
            let ran = machine.run(&args);
            let said = ran.stdout.clone() + &ran.stderr;
            assert!(!said.contains(CANARY), "{mechanism}, {target}: {said}");
            assert!([0, 1, 3].contains(&ran.code), "{mechanism}, {target}: {ran:?}");
            let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains("not opened") && words.contains("--read-outside"), "{mechanism}, {target}: {said}");
        }
        for (name, _) in files {
            fs::remove_file(machine.at("checkout").join(name)).unwrap();
        }
    }
}

#[test]
fn a_link_in_place_of_a_file_that_the_user_names_or_compose_looks_for_leads_nowhere_either() {
    let machine = Machine::new();
    let compose = "services: {p: {image: pomerium/pomerium, environment: {IDP_PROVIDER: '${machine a}'}}}\n";
    machine.write("compose.yaml", compose);
    let outside =
        [machine.at("outside/netrc"), machine.at("outside/pipe"), "/dev/zero".into(), "/proc/self/environ".into()];
    for target in &outside {
        for (name, args) in [
            ("config.yaml", &["config.yaml"][..]),
            ("config.env", &["config.env"]),
            ("config.yaml", &["."]),
            (".env", &["compose.yaml"]),
            ("compose.override.yaml", &["compose.yaml"]),
            ("prod.env", &["compose.yaml", "--env-file", "prod.env"]),
        ] {
            let path = machine.at("checkout").join(name);
            symlink(target, &path).unwrap();
            for format in ["human", "json"] {
                let ran = machine.run(&[&["check", "--offline", "-v", "--format", format], args].concat());
                let said = ran.stdout.clone() + &ran.stderr;
                assert!(!said.contains(CANARY) && [0, 1, 3].contains(&ran.code), "{name} {}: {said}", target.display());
            }
            fs::remove_file(path).unwrap();
        }
        let path = machine.at("checkout/b.json");
        symlink(target, &path).unwrap();
        for args in [
            &["--baseline", "b.json"][..],
            &["--settings", "b.json"],
            &["--output", "json=b.json"],
            &["--write-baseline", "b.json"],
        ] {
            let ran = machine.run(&[&["check", "--offline", "compose.yaml"], args].concat());
            assert_eq!(ran.code, 2, "{args:?} {}: {ran:?}", target.display());
            assert!(!(ran.stdout + &ran.stderr).contains(CANARY), "{args:?}");
        }
        fs::remove_file(path).unwrap();
    }
    assert!(fs::read_to_string(machine.at("outside/netrc")).unwrap().contains(CANARY));
}

#[test]
fn the_configuration_that_is_not_opened_is_undecided_and_the_flag_opens_it() {
    let machine = Machine::new();
    fs::write(machine.at("outside/config.yaml"), healthy()).unwrap();
    symlink("../outside/config.yaml", machine.at("checkout/config.yaml")).unwrap();
    let ran = machine.run(&["check", "--offline", "config.yaml"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let outside = fs::canonicalize(machine.at("outside")).unwrap();
    let flag = format!("--read-outside {}", outside.display());
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&flag), "{said}");
    assert_eq!(machine.run(&["check", "--offline", "config.yaml", "--read-outside", "../outside"]).code, 0);
    // Beside another configuration, nobody says that it is one.
    fs::write(machine.at("checkout/other.yaml"), healthy()).unwrap();
    assert_eq!(machine.run(&["check", "--offline", "."]).code, 0);
    let none = machine.run(&["check", "--offline", "config.yaml", "--read-outside", "none"]);
    assert!(none.code == 2 && none.stderr.contains("--read-outside none"), "{none:?}");
    // Given by its name, a file may lie anywhere, and a mounted ConfigMap is a folder of links.
    assert_eq!(machine.run(&["check", "--offline", "../outside/config.yaml"]).code, 0);
    fs::create_dir_all(machine.at("mounted/..2026")).unwrap();
    fs::write(machine.at("mounted/..2026/config.yaml"), healthy()).unwrap();
    symlink("..2026", machine.at("mounted/..data")).unwrap();
    symlink("..data/config.yaml", machine.at("mounted/config.yaml")).unwrap();
    assert_eq!(machine.run(&["check", "--offline", "../mounted/config.yaml"]).code, 0);
    assert_eq!(machine.run(&["check", "--offline", "../mounted"]).code, 0);
}

#[test]
fn what_comes_through_a_pipe_has_no_ending_and_is_read_like_standard_input() {
    let machine = Machine::new();
    machine.write("c.yaml", &healthy());
    let program = env!("CARGO_BIN_EXE_pomlint");
    let shell = |script: &str| {
        let run = Command::new("bash").args(["-c", script]).current_dir(machine.at("checkout")).output().unwrap();
        (run.status.code(), String::from_utf8_lossy(&run.stdout).into_owned())
    };
    let (code, said) = shell(&format!("{program} check --offline <(cat c.yaml)"));
    assert_eq!(code, Some(0), "{said}");
    // What the caller has opened is written to, a file of his as well as a pipe; the report itself goes there, too.
    for script in ["{} > out", "{} | cat > out"] {
        let command = format!("{program} check --offline c.yaml -q --output json=/dev/stdout");
        let (code, said) = shell(&script.replace("{}", &command));
        assert_eq!(code, Some(0), "{script}: {said}");
        let written = fs::read_to_string(machine.at("checkout/out")).unwrap();
        assert_eq!(written.matches("pomlint/report/v1").count(), 1, "{script}: {written}");
    }
}

#[test]
fn standard_input_is_one_text() {
    let machine = Machine::new();
    machine.write("c.yaml", &healthy());
    let twice = machine.run(&["check", "--offline", "-", "-"]);
    assert!(twice.code == 2 && twice.stderr.contains("once"), "{twice:?}");
    let baseline = machine.run(&["check", "--offline", "-", "--baseline", "-"]);
    assert_eq!(baseline.code, 2, "{baseline:?}");
}

/// A run on the healthy configuration with another text in it, against a provider that is there.
fn live(change: (&str, &str), args: &[&str], env: Option<(&str, &str)>) -> (Ran, usize) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::of(Pool::default());
    fs::write(folder.path().join("c.yaml"), healthy().replace(change.0, change.1)).unwrap();
    let mut run = Pomlint::new(args.iter().copied()).args(server.args()).in_folder(folder.path());
    if let Some((name, value)) = env {
        run = run.env(name, value);
    }
    (run.run(), server.received().len())
}

#[test]
fn another_pool_than_the_expected_one_is_an_error_and_nobody_is_asked() {
    for extra in [&[][..], &["--probe-secret"], &["--only", "clock-skew"]] {
        let args = [&["check", "c.yaml", "--pool", POOL], extra].concat();
        let (ran, asked) = live((POOL, OTHER), &args, None);
        assert_eq!((ran.code, asked), (1, 0), "{ran:?}");
        assert!(ran.stdout.contains("[pool-not-expected]") || ran.stdout.contains("pool-not-expected"), "{ran:?}");
        assert!(ran.stdout.contains("Not asked: --pool names another user pool.") && !ran.stdout.contains("will fail"));
        let (ran, asked) = live((POOL, POOL), &args, None);
        assert!(ran.code == 0 && asked > 0, "{ran:?}");
    }
    // Neither an ignore in the configuration nor a settings file nor a baseline takes it away.
    let ignored = format!("{OTHER} # pomlint: ignore[pool-not-expected] reason: ours");
    let (ran, asked) = live((POOL, &ignored), &["check", "c.yaml", "--pool", POOL], None);
    assert_eq!((ran.code, asked), (1, 0), "{ran:?}");
    let args = ["diagnose", "redirect_mismatch", "c.yaml", "--pool", POOL];
    let (ran, asked) = live((POOL, OTHER), &args, None);
    assert!(ran.code == 1 && asked == 0 && ran.stdout.contains(OTHER), "{ran:?}");
    let (ran, _) = live((POOL, POOL), &["check", "c.yaml", "--pool", "eu-west-1"], None);
    assert!(ran.code == 2 && ran.stderr.contains("the ID of a user pool"), "{ran:?}");
}

#[test]
fn only_a_settings_file_that_is_named_says_which_pool_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::of(Pool::default());
    fs::write(folder.path().join("c.yaml"), healthy()).unwrap();
    fs::write(folder.path().join("pomlint.toml"), format!("[check]\npool = \"{OTHER}\"\n")).unwrap();
    let run = |args: &[&str]| Pomlint::new(args.iter().copied()).args(server.args()).in_folder(folder.path()).run();
    let found = run(&["check", "c.yaml"]);
    assert!(found.code == 0 && found.stderr.contains("--settings pomlint.toml"), "{found:?}");
    assert_eq!(run(&["check", "c.yaml", "--settings", "pomlint.toml"]).code, 1);
    assert_eq!(run(&["check", "c.yaml", "--settings", "pomlint.toml", "--pool", POOL]).code, 0);
}

#[test]
fn the_value_of_a_variable_is_sent_only_if_it_is_listed_or_the_pool_is_fixed() {
    const CLIENT: &str = "4qk2v9s7m1n3b5c8d0f6g7h2u1";
    let change = (CLIENT, "${MY_CLIENT}");
    let env = Some(("MY_CLIENT", CLIENT));
    let (ran, asked) = live(change, &["check", "c.yaml", "--expand-env"], env);
    assert_eq!((ran.code, asked), (3, 0), "{ran:?}");
    let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("$MY_CLIENT") && said.contains("--expand-env=MY_CLIENT") && said.contains("--pool ID"),
        "{said}"
    );
    for flags in [&["--expand-env=MY_CLIENT"][..], &["--expand-env=OTHER,MY_CLIENT"], &["--expand-env", "--pool", POOL]]
    {
        let (ran, asked) = live(change, &[&["check", "c.yaml"], flags].concat(), env);
        assert!(ran.code == 0 && asked > 0, "{flags:?}: {ran:?}");
    }
    let (ran, asked) = live(change, &["check", "c.yaml", "--expand-env=OTHER"], env);
    assert_eq!((ran.code, asked), (3, 0), "{ran:?}");
    // What is not sent needs no leave.
    let change = ("routes:", "log_level: ${MY_LEVEL}\nroutes:");
    let (ran, asked) = live(change, &["check", "c.yaml", "--expand-env"], Some(("MY_LEVEL", "info")));
    assert!(ran.code == 0 && asked > 0, "{ran:?}");
}

#[test]
fn a_compose_file_takes_no_more_from_this_process_than_a_template() {
    let machine = Machine::new();
    machine.write(
        "compose.yaml",
        "services:\n  p:\n    image: pomerium/pomerium\n    environment:\n      IDP_PROVIDER: cognito\n      IDP_PROVIDER_URL: \
         https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R\n      IDP_CLIENT_ID: ${AWS_SECRET_ACCESS_KEY}\n      \
         IDP_SCOPES: openid,${AWS_SECRET_ACCESS_KEY}\n      AWS_SECRET_ACCESS_KEY:\n    volumes: ['./${AWS_SECRET_ACCESS_KEY}:/pomerium/config.yaml']\n",
    );
    let server = Server::of(Pool::default());
    for flag in ["--env", "--expand-env"] {
        for format in ["human", "json", "sarif"] {
            let args = ["check", "compose.yaml", "-v", flag, "--format", format];
            let ran = Pomlint::new(args)
                .args(server.args())
                .env("AWS_SECRET_ACCESS_KEY", CANARY)
                .in_folder(&machine.at("checkout"))
                .run();
            assert!(!(ran.stdout.clone() + &ran.stderr).contains(CANARY), "{flag} {format}: {ran:?}");
        }
    }
    assert!(server.received().is_empty(), "{:?}", server.received());
}

#[test]
fn a_list_of_configurations_is_no_way_out_and_a_device_is_no_file() {
    let machine = Machine::new();
    machine.write("config.yaml", &healthy());
    symlink("../outside/netrc", machine.at("checkout/list.txt")).unwrap();
    let ran = machine.run(&["check", "--offline", "--files-from", "list.txt"]);
    assert!(ran.code == 2 && ran.stderr.contains("not opened: it lies outside of"), "{}", ran.stderr);
    assert!(!ran.stderr.contains(CANARY), "{}", ran.stderr);
    for flag in ["--infra", "--baseline", "--files-from"] {
        let ran = machine.run(&["check", "--offline", flag, "/dev/zero", "config.yaml"]);
        assert!(ran.code == 2 && ran.stderr.contains("it is no regular file"), "{flag}: {}", ran.stderr);
    }
}

/// A secret is refused as a value, and the refusal goes into a log.
#[test]
fn what_is_refused_as_an_argument_is_not_shown_again() {
    for given in ["idp_client_secret", "idp_client_secrt", "no_such_option", "https://a.example.com:cookie_secret"] {
        let ran = Pomlint::new(["check", "--given", &format!("{given}={CANARY}"), "config.yaml"]).run();
        assert!(ran.code == 2 && !ran.stderr.contains(CANARY), "{given}: {}", ran.stderr);
    }
}

#[test]
fn a_command_or_a_placeholder_around_a_secret_does_not_show_it() {
    for around in [
        "$(echo zq7CANARYs3cr3tvalue0123 | base64)",
        "changeme-zq7CANARYs3cr3tvalue0123",
        "https://pom:zq7CANARY s3cr3tvalue0123@h/",
    ] {
        let text = healthy().replace("1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u", around);
        let address =
            healthy().replace("https://authenticate.corp.example.com", "https://pom:zq7CANARY s3c@h.example.com");
        for text in [text, address] {
            let machine = Machine::new();
            machine.write("config.yaml", &text);
            for format in ["human", "json", "html"] {
                let ran = machine.run(&["check", "--offline", "--format", format, "config.yaml"]);
                assert!(!ran.stdout.contains("zq7CANARY"), "{format}: {}", ran.stdout);
            }
        }
    }
}
