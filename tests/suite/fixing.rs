//! `pomlint fix`: what is corrected is gone, nothing else is touched, and what is not for a program is left alone.

mod elsewhere;
mod settings;
mod shown;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pomlint::fix::SAFE;
use pomlint::page::{Expectation, Page};
use pomlint::rules::RULES;
use serde_json::Value;

use crate::pages::{is_manifest, services};
use crate::support::{Pomlint, Ran, healthy, project};

const SECRET: &str = "1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u";
const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn fix(folder: &Path, arguments: &[&str]) -> Ran {
    Pomlint::new(["fix"]).args(arguments.iter().copied()).in_folder(folder).run()
}

/// The file after `fix --write`, and what was said.
fn fixed(text: &str) -> (String, Ran) {
    let folder = folder(&[("config.yaml", text)]);
    let ran = fix(folder.path(), &["config.yaml", "--write"]);
    (fs::read_to_string(folder.path().join("config.yaml")).unwrap(), ran)
}

#[test]
fn every_safe_edit_replaces_one_text() {
    let more = |line: &str| format!("{}{line}\n", healthy());
    for (rule, text, old, new) in [
        ("issuer-has-trailing-slash", healthy().replace(ISSUER, &format!("{ISSUER}/")), "mPq7R/", "mPq7R"),
        (
            "issuer-has-discovery-path",
            healthy().replace(ISSUER, &format!("{ISSUER}/.well-known/openid-configuration")),
            "/.well-known/openid-configuration",
            "",
        ),
        (
            "authenticate-url-explicit-port",
            healthy().replace("ate.corp.example.com", "ate.corp.example.com:443"),
            ":443",
            "",
        ),
        (
            "authenticate-url-uppercase",
            healthy().replace("https://auth", "https://Auth"),
            "https://Auth",
            "https://auth",
        ),
        ("client-secret-has-whitespace", healthy().replace(SECRET, &format!("'{SECRET}  '")), "  '", "'"),
        ("client-secret-has-whitespace", healthy().replace(SECRET, &format!("\" {SECRET}\"")), "\" 1", "\"1"),
        ("provider-unknown", healthy().replace("cognito\n", "Cognito\n"), "Cognito\n", "cognito\n"),
        (
            "scopes-badly-written",
            more("idp_scopes: [\"openid email profile\"]"),
            "[\"openid email profile\"]",
            "[\"openid\", \"email\", \"profile\"]",
        ),
        (
            "client-id-read-as-number",
            healthy().replace("4qk2v9s7m1n3b5c8d0f6g7h2u1", "12345678901234567890123456"),
            "12345678901234567890123456",
            "\"12345678901234567890123456\"",
        ),
        (
            "removed-key-ignored",
            more("cache_service_url: http://x.internal:5443"),
            "cache_service_url",
            "databroker_service_url",
        ),
        (
            "wildcard-user-never-matches",
            healthy()
                .replace("domain:\n                is: corp", "email:\n                is: '*@corp")
                .replace("'*@corp.example.com", "'*@corp.example.com'"),
            "email:\n                is: '*@corp",
            "domain:\n                is: 'corp",
        ),
    ] {
        assert!(text.contains(old), "{rule}: {text}");
        let (after, ran) = fixed(&text);
        assert_eq!(after, text.replacen(old, new, 1), "{rule}: {ran:?}");
        assert!(ran.code == 0 && ran.stdout.contains(rule), "{rule}: {ran:?}");
        let is_of_callback = ["authenticate-url-explicit-port", "authenticate-url-uppercase"].contains(&rule);
        assert_eq!(ran.stderr.is_empty(), !is_of_callback, "{rule}: {ran:?}");
        let (again, ran) = fixed(&after);
        assert_eq!((again, ran.code, ran.stdout.as_str()), (after, 0, ""), "{rule}: it is done");
    }
}

#[test]
fn a_difference_is_shown_and_nothing_is_written() {
    let text = healthy().replace(ISSUER, &format!("{ISSUER}/   # ours"));
    let folder = folder(&[("config.yaml", &text)]);
    let ran = fix(folder.path(), &["config.yaml"]);
    let expected = format!("-idp_provider_url: {ISSUER}/   # ours\n+idp_provider_url: {ISSUER}   # ours\n");
    assert!(ran.code == 1 && ran.stdout.starts_with("--- a/config.yaml\n+++ b/config.yaml\n@@ -"), "{ran:?}");
    assert!(ran.stdout.contains(&expected), "{ran:?}");
    assert!(!ran.stdout.contains(SECRET) && ran.stdout.contains("‹"), "a secret stands in the context: {ran:?}");
    assert!(ran.stderr.contains("`patch` cannot apply this"), "{ran:?}");
    assert_eq!(fs::read_to_string(folder.path().join("config.yaml")).unwrap(), text);
    // Where no secret is near, `patch` takes it.
    let text =
        format!("# a\n# b\n# c\nauthenticate_service_url: https://a.example.com:443\n# d\n# e\n# f\n{}", without_url());
    fs::write(folder.path().join("config.yaml"), &text).unwrap();
    let ran = fix(folder.path(), &["config.yaml"]);
    assert!(ran.code == 1 && !ran.stderr.contains("`patch`"), "{ran:?}");
    assert!(
        ran.stdout
            .contains("@@ -1,7 +1,7 @@\n # a\n # b\n # c\n-authenticate_service_url: https://a.example.com:443\n+"),
        "{ran:?}"
    );
    assert_eq!(fix(folder.path(), &["config.yaml", "--only", "issuer-has-trailing-slash"]).code, 0);
    assert_eq!(fix(folder.path(), &["config.yaml", "--only", "no-such-rule"]).code, 2);
    let by_hand = fix(folder.path(), &["config.yaml", "--only", "callback-not-registered"]);
    assert!(
        by_hand.code == 0 && by_hand.stderr.starts_with("callback-not-registered: no program corrects it"),
        "{by_hand:?}"
    );
    assert_eq!(fix(folder.path(), &["no-such.yaml"]).code, 2);
    assert_eq!(fix(folder.path(), &["-", "--write"]).code, 2);
}

fn without_url() -> String {
    healthy()
        .lines()
        .filter(|line| !line.starts_with("authenticate_service_url"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn line_ends_marks_quotes_comments_and_the_mode_stay() {
    let text = healthy().replace(ISSUER, &format!("'{ISSUER}/' # \u{e9}")) + "# the end, without a line end";
    for text in [
        text.clone(),
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        format!("\u{feff}{}", text.replace('\n', "\r\n")),
    ] {
        let (after, ran) = fixed(&text);
        assert_eq!(after, text.replace("mPq7R/'", "mPq7R'"), "{ran:?}");
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder(&[("config.yaml", &text)]);
        let path = folder.path().join("config.yaml");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(fix(folder.path(), &["config.yaml", "--write"]).code, 0);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        // What a link leads to is somebody else's.
        fs::rename(&path, folder.path().join("real.yaml")).unwrap();
        fs::write(folder.path().join("real.yaml"), &text).unwrap();
        std::os::unix::fs::symlink("real.yaml", &path).unwrap();
        let ran = fix(folder.path(), &["config.yaml", "--write"]);
        assert!(ran.code == 1 && ran.stderr.contains("is a link"), "{ran:?}");
        assert_eq!(fs::read_to_string(folder.path().join("real.yaml")).unwrap(), text);
    }
}

#[test]
fn each_notation_keeps_what_surrounds_an_edit() {
    let yaml = |issuer: &str| healthy().replace(ISSUER, issuer);
    let pairs = |format: fn(&str, &str) -> String, join: &str| {
        let text = healthy();
        let own = text.lines().filter(|line| line.starts_with("idp_") || line.starts_with("auth"));
        let lines: Vec<String> =
            own.filter_map(|line| line.split_once(": ")).map(|(key, value)| format(key, value)).collect();
        lines.join(join).replace(ISSUER, &format!("{ISSUER}/"))
    };
    let json = format!("{{\n\t{}\n}}", pairs(|key, value| format!("\"{key}\": \"{value}\""), ",\r\n\t"));
    let toml = pairs(|key, value| format!("{key}   = '{value}' # {value}"), "\n");
    let env = pairs(|key, value| format!("export {}=\"{value}\"", key.to_uppercase()), "\n") + "\n\n# end";
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: pomerium}}\ndata:\n  config.yaml: |\n    {}\n",
        yaml(&format!("{ISSUER}/")).trim_end().replace('\n', "\n    ")
    );
    for (name, text) in [
        ("config.yaml", yaml(&format!(">-\n  {ISSUER}/"))),
        ("config.yaml", yaml(&format!(">-  # folded\r\n      {ISSUER}/"))),
        ("config.yaml", yaml(&format!("|-\n  {ISSUER}/\n\n# next"))),
        ("config.yaml", yaml(&format!("{ISSUER}/\t# tab"))),
        ("config.yaml", yaml(&format!("\n  {ISSUER}/"))),
        ("config.yaml", format!("---\n# top\n{}...\n", yaml(&format!("{ISSUER}/")))),
        ("config.json", json.clone()),
        ("config.json", format!("{json}\n\n")),
        ("config.toml", toml.clone()),
        ("config.env", env),
        ("pomerium.yaml", map),
    ] {
        let folder = folder(&[(name, &text)]);
        let ran = fix(folder.path(), &[name, "--write", "--only", "issuer-has-trailing-slash"]);
        let after = fs::read_to_string(folder.path().join(name)).unwrap();
        // In a comment behind it, the address stays as it is.
        assert_eq!(after, text.replacen(&format!("{ISSUER}/"), ISSUER, 1), "{ran:?}\n{text}");
        assert_eq!(ran.code, 0, "{ran:?}");
    }
}

/// Where a list of YAML is not indented, what ends it is the next key, which is no part of it.
#[test]
fn a_list_that_is_not_indented_is_all_that_changes() {
    for (before, after) in [
        (
            "idp_scopes:\n- openid\n- email\n- profile\n- offline_access\ncookie_name: x\n",
            "- profile\ncookie_name: x\n",
        ),
        (
            "idp_scopes:\r\n- openid\r\n- offline_access\r\n\r\n# c\r\ncookie_name: x\r\n",
            "- openid\r\n\r\n# c\r\ncookie_name",
        ),
    ] {
        let text = healthy() + before;
        let report = Pomlint::new(["check", "--offline", "-", "--format", "json"]).stdin(text.clone()).run();
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        let verdicts = report["reports"][0]["verdicts"].as_array().unwrap();
        let mut edits = verdicts.iter().flat_map(|verdict| verdict["findings"].as_array().unwrap());
        let edit = edits.find_map(|finding| finding["fix"]["edit"].as_object()).unwrap();
        let place = |name: &str| {
            let at = &edit[name];
            let number = |name: &str| usize::try_from(at[name].as_u64().unwrap()).unwrap();
            let line: usize = text.split_inclusive('\n').take(number("line") - 1).map(str::len).sum();
            line + number("column") - 1
        };
        let mut edited = text.clone();
        edited.replace_range(place("start")..place("end"), edit["text"].as_str().unwrap());
        assert!(edited.contains(after) && !edited.contains("offline"), "{edited}");
    }
}

#[test]
fn edits_that_touch_each_other_are_made_one_after_another() {
    let text = healthy().replace("https://authenticate.corp.example.com", "https://Authenticate.corp.example.com:443");
    let (after, ran) = fixed(&text);
    assert_eq!(after, healthy(), "{ran:?}");
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 2), "{ran:?}");
}

#[test]
fn what_is_not_for_a_program_is_left_alone() {
    let issuer = |value: &str| healthy().replace(ISSUER, value);
    let slash = format!("{ISSUER}/");
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: pomerium}\nstringData:\n  config.yaml: |\n    ".to_owned();
    let manifest = secret + &issuer(&slash).replace('\n', "\n    ");
    let two = "idp_client_secret: \"".to_owned() + SECRET + "\\n\"";
    for (text, says) in [
        (issuer(&format!("&issuer {slash}\nx-again: *issuer")), "belongs to an anchor"),
        (format!("x-issuer: &issuer {slash}\n{}", issuer("*issuer")), "anchor"),
        (
            format!(
                "x-base: &base\n  idp_provider_url: {slash}\n<<: *base\n{}",
                issuer(&slash).replace("idp_provider_url", "#")
            ),
            "anchor",
        ),
        (manifest, "Secret of Kubernetes"),
        (healthy().replace(&format!("idp_client_secret: {SECRET}"), &two), "encoded"),
        (issuer(&format!("\"{}\"", slash.replace('/', "\\/"))), "encoded"),
    ] {
        let (after, ran) = fixed(&text);
        assert_eq!(after, text, "{ran:?}");
        assert!(ran.code == 1 && ran.stdout.is_empty() && ran.stderr.contains(says), "{says}: {ran:?}\n{text}");
        let diff = fix(folder(&[("config.yaml", &text)]).path(), &["config.yaml"]);
        assert!(diff.code == 0 && diff.stdout.is_empty(), "{diff:?}");
    }
    // Scopes are never added, and no other provider is chosen.
    let scopes = healthy() + "idp_scopes: [openid, profile]\n";
    for (text, rule) in
        [(scopes, "scope-email-missing"), (healthy().replace("cognito\n", "cogntio\n"), "provider-unknown")]
    {
        let folder = folder(&[("config.yaml", &text)]);
        let ran = fix(folder.path(), &["config.yaml", "--only", rule, "--write"]);
        assert!(ran.code == 1 && ran.stderr.contains("for you to decide"), "{ran:?}");
        assert_eq!(fs::read_to_string(folder.path().join("config.yaml")).unwrap(), text);
    }
}

#[test]
fn another_file_and_the_environment_are_left_alone() {
    let compose = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    env_file: pomerium.env\n";
    let line = |line: &str| match line.split_once(": ") {
        Some((name, value)) if line.starts_with(|c: char| c.is_ascii_lowercase()) => {
            format!("{}={value}\n", name.to_uppercase())
        }
        _ => String::new(),
    };
    let environment: String = healthy().replace(ISSUER, &format!("{ISSUER}/")).lines().map(line).collect();
    let folder = folder(&[("compose.yaml", compose), ("pomerium.env", &environment)]);
    let ran = fix(folder.path(), &["compose.yaml", "--write"]);
    assert!(
        ran.code == 1 && ran.stderr.contains("pomerium.env") && ran.stderr.contains("issuer-has-trailing-slash"),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(folder.path().join("pomerium.env")).unwrap(), environment);
}

#[test]
fn an_ignored_finding_is_not_corrected() {
    let text = healthy()
        .replace(ISSUER, &format!("{ISSUER}/ # pomlint: ignore[issuer-has-trailing-slash] reason: ours has one"));
    let (after, ran) = fixed(&text);
    assert_eq!((after, ran.stdout.as_str()), (text, ""), "{ran:?}");
}

/// The lines of a file that are not those of another one.
fn changed(old: &str, new: &str) -> BTreeSet<usize> {
    assert_eq!(old.lines().count(), new.lines().count());
    let lines = old.split('\n').zip(new.split('\n')).enumerate();
    lines.filter(|(_, (old, new))| old != new).map(|(index, _)| index + 1).collect()
}

/// The lines with a finding of a safe rule, and the rules that find more than a note: what a cause hid may come as one.
fn found(folder: &Path) -> (BTreeSet<usize>, BTreeSet<String>) {
    let ran = Pomlint::new(["check", "--offline", "--pedantic", "--format", "json", "."]).in_folder(folder).run();
    let Ok(report) = serde_json::from_str::<Value>(&ran.stdout) else { return Default::default() };
    let (mut lines, mut rules) = (BTreeSet::new(), BTreeSet::new());
    for judged in report["reports"].as_array().unwrap().iter().flat_map(|one| one["verdicts"].as_array().unwrap()) {
        let rule = judged["rule"].as_str().unwrap();
        for finding in judged["findings"].as_array().unwrap() {
            if finding["severity"] != "note" {
                rules.insert(rule.to_owned());
            }
            if SAFE.contains(&rule) {
                let edit = &finding["fix"]["edit"];
                let place = if edit.is_null() { finding } else { edit };
                let line = |end: &str| usize::try_from(place[end]["line"].as_u64().unwrap_or(0)).unwrap();
                lines.extend(line("start")..=line("end"));
            }
        }
    }
    (lines, rules)
}

/// Whatever the file: only lines with a finding change, no finding comes, and a second run has nothing to do.
fn holds(folder: &Path, name: &str) -> bool {
    let path = folder.join(name);
    let before = fs::read(&path).unwrap();
    let (lines, rules) = found(folder);
    let ran = fix(folder, &[".", "--write"]);
    let after = fs::read(&path).unwrap();
    assert!(!ran.stdout.contains(SECRET) && !ran.stderr.contains(SECRET), "{name}: {ran:?}");
    if before == after {
        assert!(!ran.stdout.contains("corrected"), "{name}: {ran:?}");
        return false;
    }
    let (old, new) = (String::from_utf8(before).unwrap(), String::from_utf8(after).unwrap());
    let changed = changed(&old, &new);
    assert!(changed.is_subset(&lines), "{name}: {changed:?} of {lines:?}: {ran:?}");
    let (_, now) = found(folder);
    let come: Vec<_> = now.difference(&rules).collect();
    assert!(come.is_empty(), "{name}: {come:?}");
    let again = fix(folder, &["."]);
    assert!(again.code == 0 && again.stdout.is_empty(), "{name}: {again:?}");
    true
}

#[test]
fn of_every_page_the_lines_without_a_finding_stay() {
    let mut tried = BTreeSet::new();
    for rule in RULES.iter().filter(|rule| SAFE.contains(&rule.name)) {
        let page = Page::parse(rule.page).unwrap();
        for example in page.examples.iter().filter(|example| example.expects == Expectation::Fires) {
            let Some(files) = services(example).filter(|files| files.len() == 1 && !is_manifest(files)) else {
                continue;
            };
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(&files[0].name), &files[0].bytes).unwrap();
            for file in &example.files {
                fs::write(folder.path().join(file.name), &file.text).unwrap();
            }
            if holds(folder.path(), &files[0].name) {
                tried.insert(rule.name);
            }
        }
    }
    assert!(tried.len() >= 8, "only these were corrected: {tried:?}");
}

#[test]
fn of_every_fixture_the_lines_without_a_finding_stay() {
    let cases: Vec<Value> = serde_json::from_slice(&fs::read(project("fixtures/oracle/cases.json")).unwrap()).unwrap();
    let step = if std::env::var_os("POMLINT_THOROUGH").is_some() { 1 } else { 12 };
    for case in cases.iter().step_by(step) {
        let (Some(name), Some(text)) = (case["file"].as_str(), case["text"].as_str()) else { continue };
        // One of them is an environment alone.
        if !name.is_empty() {
            holds(folder(&[(name, text)]).path(), name);
        }
    }
}
