//! What carries the binary to its users: the GitHub Action against a folder of releases, and the names and versions that must agree.
//!
//! `packaging/test` does what needs the ecosystems' own tools.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use crate::support::{healthy, project};
use tempfile::TempDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const TARGET: &str = "x86_64-unknown-linux-musl";

/// A runner with a folder of releases, in which there is this build as the release of this version.
struct Runner {
    folder: TempDir,
}

impl Runner {
    fn new() -> Self {
        let runner = Self { folder: tempfile::tempdir().unwrap() };
        let release = runner.path("releases").join(format!("v{VERSION}"));
        fs::create_dir_all(&release).unwrap();
        for file in fs::read_dir(packed().path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), release.join(file.file_name())).unwrap();
        }
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Runs a script of the action as the runner does.
    fn run(&self, name: &str, inputs: &[(&str, &str)]) -> Output {
        let mut command = script(&format!("action/{name}"));
        command
            .current_dir(self.folder.path())
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_TEMP", self.folder.path())
            .env("GITHUB_PATH", self.path("path"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("POMLINT_RELEASES", self.path("releases"));
        command.envs(inputs.iter().copied()).output().unwrap()
    }

    /// Installs the release, and runs the check with it.
    fn check(&self, inputs: &[(&str, &str)]) -> Output {
        let installed = self.run("install.sh", &[]);
        assert!(installed.status.success(), "{}{}", text(&installed.stdout), text(&installed.stderr));
        let path = format!("{}:{}", self.file("path").replace('\n', ":"), std::env::var("PATH").unwrap());
        self.run("check.sh", &[inputs, &[("PATH", path.as_str())]].concat())
    }
}

/// The files of the release, packed once. Its program runs this build: with the tables for finding faults that is a hundred
/// megabytes, which every runner would have to unpack.
fn packed() -> &'static TempDir {
    static PACKED: LazyLock<TempDir> = LazyLock::new(|| {
        let (folder, built) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let program = built.path().join("pomlint");
        fs::write(&program, format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_pomlint"))).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut archive = script("release/archive.sh");
        archive.arg(&program).args([VERSION, TARGET]).arg(folder.path());
        let mut checksums = script("release/checksums.sh");
        checksums.arg(folder.path());
        for mut command in [archive, checksums] {
            let ran = command.output().unwrap();
            assert!(ran.status.success(), "{}", text(&ran.stderr));
        }
        folder
    });
    &PACKED
}

fn script(name: &str) -> Command {
    let mut command = Command::new("bash");
    command.arg(project("packaging").join(name));
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read(name: &str) -> String {
    fs::read_to_string(project(name)).unwrap()
}

/// The archive in the folder of releases.
fn archive(runner: &Runner) -> PathBuf {
    runner.path("releases").join(format!("v{VERSION}")).join(format!("pomlint-{VERSION}-{TARGET}.tar.gz"))
}

#[test]
fn the_action_installs_its_own_release() {
    let runner = Runner::new();
    let ran = runner.run("install.sh", &[]);
    assert_eq!(text(&ran.stdout), format!("pomlint {VERSION}\n"), "{}", text(&ran.stderr));
    assert!(Path::new(runner.file("path").trim_end()).join("pomlint").is_file(), "{}", runner.file("path"));
}

#[test]
fn a_named_release_may_begin_with_v() {
    let ran = Runner::new().run("install.sh", &[("POMLINT_VERSION", &format!("v{VERSION}"))]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
}

#[test]
fn an_archive_that_was_changed_is_not_installed() {
    let runner = Runner::new();
    let mut bytes = fs::read(archive(&runner)).unwrap();
    bytes.push(0);
    fs::write(archive(&runner), bytes).unwrap();
    let ran = runner.run("install.sh", &[]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains("it is not installed"), "{}", text(&ran.stderr));
    assert_eq!(runner.file("path"), "");
}

#[test]
fn a_checksum_of_ones_own_beats_that_of_the_release() {
    let ran = Runner::new().run("install.sh", &[("POMLINT_CHECKSUM", &"0".repeat(64))]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains(&format!("and not {}", "0".repeat(64))), "{}", text(&ran.stderr));
}

#[test]
fn an_archive_without_a_checksum_is_not_installed() {
    let runner = Runner::new();
    fs::write(archive(&runner).with_file_name("SHA256SUMS"), "").unwrap();
    let ran = runner.run("install.sh", &[]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains("does not list"), "{}", text(&ran.stderr));
}

#[test]
fn what_is_no_release_is_refused_in_words() {
    let runner = Runner::new();
    for (version, says) in [
        ("9.9.9", "no v9.9.9/pomlint-9.9.9-"),
        ("../../secret", "must be a release"),
        ("latest", "must be a release"),
        ("1.0.0$(touch stolen)", "must be a release"),
    ] {
        let ran = runner.run("install.sh", &[("POMLINT_VERSION", version)]);
        assert_eq!(ran.status.code(), Some(2), "{version}");
        assert!(text(&ran.stderr).contains(says), "{version}: {}", text(&ran.stderr));
    }
    assert!(!runner.path("stolen").exists());
    let ran = runner.run("install.sh", &[("RUNNER_ARCH", "RISCV64")]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(text(&ran.stderr).contains("no release for Linux on RISCV64"), "{}", text(&ran.stderr));
}

#[test]
fn the_action_gives_its_inputs_to_the_check() {
    let runner = Runner::new();
    fs::create_dir(runner.path("a folder")).unwrap();
    fs::write(runner.path("a folder/good one.yaml"), healthy()).unwrap();
    let bad = healthy().replace("idp_provider: cognito\n", "idp_provider: congito\n");
    fs::write(runner.path("-bad.yaml"), bad).unwrap();
    fs::write(runner.path("empty.env"), "\n").unwrap();
    let good = [
        ("INPUT_CONFIG", "a folder/good one.yaml\r\n"),
        ("INPUT_ENV_FILE", "empty.env\n"),
        ("INPUT_FORMAT", "json"),
        ("INPUT_ARGS", "--offline\n--only\nprovider-unknown\n"),
    ];
    let ran = runner.check(&good);
    assert_eq!(ran.status.code(), Some(0), "{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(text(&ran.stdout).contains("\"path\": \"a folder/good one.yaml\""), "{}", text(&ran.stdout));
    assert_eq!(runner.file("output"), "exit-code=0\n");

    let ran = runner.check(&[("INPUT_CONFIG", "a folder/good one.yaml\n-bad.yaml"), ("INPUT_ARGS", "--offline")]);
    assert_eq!(ran.status.code(), Some(1), "{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(text(&ran.stdout).contains("provider-unknown"), "{}", text(&ran.stdout));
    assert_eq!(runner.file("output"), "exit-code=0\nexit-code=1\n");
}

/// What the action declares as its defaults are flags of this build.
#[test]
fn the_action_runs_with_its_own_defaults() {
    let runner = Runner::new();
    let action: serde_yaml::Value = serde_yaml::from_str(&read("action.yml")).unwrap();
    let default = |input: &str| action["inputs"][input]["default"].as_str().unwrap().to_owned();
    fs::write(runner.path("bad.yaml"), healthy().replace("idp_provider: cognito\n", "idp_provider: congito\n"))
        .unwrap();
    let ran = runner.check(&[
        ("INPUT_CONFIG", "bad.yaml"),
        ("INPUT_FAIL_ON", &default("fail-on")),
        ("INPUT_FORMAT", &default("format")),
        ("INPUT_SARIF_FILE", "a report.sarif"),
        ("INPUT_ARGS", "--offline"),
    ]);
    assert_eq!(ran.status.code(), Some(1), "{}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(text(&ran.stdout).starts_with("::error file=bad.yaml,line=4,"), "{}", text(&ran.stdout));
    assert!(runner.file("a report.sarif").contains("\"2.1.0\""), "{}", runner.file("a report.sarif"));
}

#[test]
fn an_input_is_never_read_as_shell() {
    let runner = Runner::new();
    let ran = runner.check(&[
        ("INPUT_CONFIG", "$(touch stolen).yaml\n`touch stolen`.yaml\n; touch stolen"),
        ("INPUT_ARGS", "--only\n$(touch stolen)"),
        ("INPUT_FAIL_ON", "error; touch stolen"),
    ]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(!runner.path("stolen").exists());
}

/// The action's shell reads nothing but its environment, and every input of it is declared.
#[test]
fn the_action_puts_no_expression_into_its_shell() {
    let action: serde_yaml::Value = serde_yaml::from_str(&read("action.yml")).unwrap();
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    assert_eq!(steps.len(), 2);
    for step in steps {
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step:?}");
    }
    let inputs = action["inputs"].as_mapping().unwrap();
    let used = read("action.yml");
    for (name, _) in inputs {
        let name = name.as_str().unwrap();
        assert!(used.contains(&format!("${{{{ inputs.{name} ")), "input `{name}` is not used");
    }
}

/// `cargo binstall` must find the archive, and the binary in it, under the names that `archive.sh` gives them.
#[test]
fn binstall_finds_the_archives() {
    let manifest = read("Cargo.toml");
    let setting = |section: &str, key: &str, target: &str| {
        let section = manifest.split_once(&format!("\n[{section}]\n")).unwrap().1;
        let value =
            section.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')).unwrap();
        [
            ("repo", "REPO"),
            ("version", VERSION),
            ("name", "pomlint"),
            ("target", target),
            ("bin", "pomlint"),
            ("binary-ext", ""),
        ]
        .iter()
        .fold(value.to_owned(), |text, (name, value)| text.replace(&format!("{{ {name} }}"), value))
    };
    let name = format!("pomlint-{VERSION}-{TARGET}");
    let base = "package.metadata.binstall";
    let from_gnu = format!("{base}.overrides.x86_64-unknown-linux-gnu");
    for (section, target) in [(base, TARGET), (&from_gnu, "x86_64-unknown-linux-gnu")] {
        let url = setting(section, "pkg-url", target);
        assert_eq!(url, format!("REPO/releases/download/v{VERSION}/{name}.tar.gz"));
        assert_eq!(setting(section, "bin-dir", target), format!("{name}/pomlint"));
    }
    let runner = Runner::new();
    let listed = Command::new("tar").arg("-tzf").arg(archive(&runner)).output().unwrap();
    assert!(text(&listed.stdout).lines().any(|line| line == format!("{name}/pomlint")), "{}", text(&listed.stdout));
}

/// The targets that the action asks for are those that a release has.
#[test]
fn the_release_has_every_target_of_the_action() {
    let workflow: serde_yaml::Value = serde_yaml::from_str(&read(".github/workflows/release.yml")).unwrap();
    let built = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_sequence().unwrap();
    let mut built: Vec<String> = built.iter().map(|one| one["target"].as_str().unwrap().to_owned()).collect();
    built.sort();
    let install = read("packaging/action/install.sh");
    let mut asked: Vec<String> = install
        .lines()
        .filter_map(|line| line.split_once(") echo ")?.1.split_once(" ;;").map(|(target, _)| target.to_owned()))
        .collect();
    asked.sort();
    assert_eq!(asked, built);
}

/// What is published is what the script built, under the name that it gave to it.
#[test]
fn the_site_is_the_guide_of_a_release() {
    let workflow: serde_yaml::Value = serde_yaml::from_str(&read(".github/workflows/pages.yml")).unwrap();
    let steps = workflow["jobs"]["build"]["steps"].as_sequence().unwrap();
    let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert_eq!(runs, ["packaging/release/guide.sh site dist", "tar -xzf dist/pomlint-site-guide.tar.gz"]);
    let published = steps.iter().find_map(|step| step["with"]["path"].as_str());
    assert_eq!(published, Some("pomlint-site-guide"));
    let script = read("packaging/release/guide.sh");
    assert!(script.contains("name=pomlint-$version-guide") && script.contains("\"$folder/$name.tar.gz\" \"$name\""));
    assert_eq!(workflow["jobs"]["deploy"]["needs"], "build");
}

/// Where the page of the guide that judges in a browser cannot be built, there is no release.
#[test]
fn the_release_has_the_guide_with_the_page_that_judges() {
    let workflow: serde_yaml::Value = serde_yaml::from_str(&read(".github/workflows/release.yml")).unwrap();
    let steps = workflow["jobs"]["guide"]["steps"].as_sequence().unwrap();
    assert!(steps.iter().any(|step| step["run"].as_str() == Some("packaging/release/guide.sh \"$VERSION\" dist")));
    assert!(workflow["jobs"]["release"]["needs"].as_sequence().unwrap().iter().any(|needed| needed == "guide"));
    let folder = tempfile::tempdir().unwrap();
    let packaging = folder.path().join("packaging/release");
    std::fs::create_dir_all(&packaging).unwrap();
    std::fs::create_dir_all(folder.path().join("web")).unwrap();
    std::fs::write(packaging.join("guide.sh"), read("packaging/release/guide.sh")).unwrap();
    // One that says that it cannot be built here, as on a developer's machine.
    std::fs::write(folder.path().join("web/build"), "#!/bin/sh\necho NOT CHECKED\n").unwrap();
    let ran = Command::new("sh")
        .args([
            "-c",
            "printf '#!/bin/sh\\n' >mdbook; chmod +x mdbook web/build; bash packaging/release/guide.sh 1.0.0 out",
        ])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap()))
        .output()
        .unwrap();
    assert_eq!((ran.status.code(), text(&ran.stderr).trim()), (Some(1), "the page \"What do you see?\" has no engine"));
}

/// A version that is raised in one place only stops here, and not in the middle of a release. The changelog's heading is written
/// last.
#[test]
fn every_place_names_the_version_of_the_crate() {
    let ran = script("release/version.sh").arg(VERSION).output().unwrap();
    let wrong: Vec<String> =
        text(&ran.stderr).lines().filter(|line| !line.starts_with("CHANGELOG.md ")).map(str::to_owned).collect();
    assert_eq!(wrong, [""; 0]);
    let ran = script("release/version.sh").arg("99.0.0").output().unwrap();
    assert_eq!((ran.status.code(), text(&ran.stderr).lines().count()), (Some(1), 8), "{}", text(&ran.stderr));
}

#[test]
fn whoever_builds_it_is_told_which_rust_it_takes() {
    let rust = format!("Rust {}", env!("CARGO_PKG_RUST_VERSION"));
    for name in ["README.md", "CONTRIBUTING.md", "docs/src/install.md"] {
        assert!(read(name).contains(&rust), "{name} does not say {rust}");
    }
}

#[test]
fn krew_takes_each_archive_of_a_release_by_its_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let release = read(".github/workflows/release.yml");
    let targets = release.lines().filter_map(|line| line.trim().strip_prefix("- {target: ")?.split(',').next());
    let targets: Vec<String> = targets.map(str::to_owned).collect();
    assert_eq!(targets.len(), 5, "{targets:?}");
    let sums = |targets: &[String]| {
        let sum = |(number, target): (usize, &String)| format!("{number:064x}  pomlint-{VERSION}-{target}.tar.gz\n");
        let sums: String = targets.iter().enumerate().map(sum).collect();
        std::fs::write(folder.path().join("SHA256SUMS"), sums).unwrap();
        script("krew/manifest.sh").arg(VERSION).arg(folder.path()).output().unwrap()
    };
    let ran = sums(&targets);
    let manifest: serde_json::Value = serde_yaml::from_slice(&ran.stdout).unwrap();
    assert_eq!(manifest["metadata"]["name"], "pomlint");
    let platforms = manifest["spec"]["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), targets.len(), "{manifest}");
    for (number, target) in targets.iter().enumerate() {
        let ending = format!("/pomlint-{VERSION}-{target}.tar.gz");
        let of_target = |platform: &&serde_json::Value| platform["uri"].as_str().unwrap().ends_with(&ending);
        let platform = platforms.iter().find(of_target).unwrap_or_else(|| panic!("{target}: {manifest}"));
        assert_eq!(platform["sha256"], format!("{number:064x}"), "{target}");
        let binary = platform["bin"].as_str().unwrap();
        assert_eq!(platform["files"][0]["from"], format!("pomlint-{VERSION}-{target}/{binary}"));
    }
    let ran = sums(&targets[1..]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(text(&ran.stderr).contains("has no checksum of"), "{}", text(&ran.stderr));
}

#[test]
fn the_notes_of_a_release_are_its_part_of_the_changelog() {
    let ran = script("release/notes.sh").arg("Unreleased").output().unwrap();
    let notes = text(&ran.stdout);
    assert!(notes.contains("### Added") && !notes.contains("## ["), "{notes}");
    let ran = script("release/notes.sh").arg("99.0.0").output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
}
