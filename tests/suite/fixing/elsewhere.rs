//! Edits in files that another one leads to, and files that are left as they are.

use std::fs;

use super::{ISSUER, SECRET, fix, folder, without_url};
use crate::support::{Pomlint, healthy};

const IMAGE: &str = "services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n";

/// The variables of the healthy configuration, with another issuer.
fn environment(issuer: &str) -> String {
    let line = |line: &str| {
        let (name, value) = line.split_once(": ").filter(|(name, _)| !name.contains(' '))?;
        Some(format!("{}={value}\n", name.to_uppercase()))
    };
    healthy().replace(ISSUER, issuer).lines().filter_map(line).collect()
}

/// Compose files that lead to another file, in which a slash stands behind the issuer.
fn led_to() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let slash = format!("{ISSUER}/");
    let mounted = format!("{IMAGE}    volumes: [\"./c.yaml:/pomerium/config.yaml\"]\n");
    let with_file = format!("{IMAGE}    env_file: p.env\n");
    let variable = format!("{IMAGE}    env_file: p.env\n    environment:\n      IDP_PROVIDER_URL: ${{ISSUER}}\n");
    let issuer = |issuer: &str| format!("{IMAGE}    environment:\n      IDP_PROVIDER_URL: {issuer}\n");
    let base = format!("{}    env_file: p.env\n", issuer(ISSUER));
    vec![
        ("c.yaml", vec![("compose.yaml", mounted), ("c.yaml", healthy().replace(ISSUER, &slash))]),
        ("p.env", vec![("compose.yaml", with_file), ("p.env", environment(&slash))]),
        (
            ".env",
            vec![("compose.yaml", variable), ("p.env", environment(ISSUER)), (".env", format!("ISSUER={slash}\n"))],
        ),
        (
            "compose.override.yaml",
            vec![
                ("compose.yaml", base),
                ("p.env", environment(ISSUER)),
                ("compose.override.yaml", issuer(&slash).replace("    image: pomerium/pomerium:v0.33.1\n", "")),
            ],
        ),
    ]
}

#[test]
fn a_file_that_is_named_is_corrected_whoever_leads_to_it() {
    for (wrong, files) in led_to() {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let rule = ["--only", "issuer-has-trailing-slash"];
        for named in [&["."][..], &names] {
            let folder = folder(&files);
            let text = fs::read_to_string(folder.path().join(wrong)).unwrap();
            let check = Pomlint::new(["check", "--offline"]).args(named.iter().copied()).in_folder(folder.path()).run();
            assert!(check.stdout.contains("try   pomlint fix "), "{wrong} {named:?}: {check:?}");
            let arguments: Vec<&str> = named.iter().copied().chain(rule).collect();
            let shown = fix(folder.path(), &arguments);
            assert!(shown.code == 1 && shown.stdout.contains(&format!("/{wrong}\n")), "{wrong} {named:?}: {shown:?}");
            assert!(!shown.stdout.contains(SECRET), "{shown:?}");
            let ran = fix(folder.path(), &[&arguments[..], &["--write"]].concat());
            assert!(ran.code == 0 && ran.stderr.is_empty(), "{wrong} {named:?}: {ran:?}");
            let after = fs::read_to_string(folder.path().join(wrong)).unwrap();
            assert_eq!(after, text.replacen(&format!("{ISSUER}/"), ISSUER, 1), "{ran:?}");
        }
        // Nobody named it: it is said where it stands, and nothing is promised.
        let folder = folder(&files);
        let ran = fix(folder.path(), &["compose.yaml", "--only", "issuer-has-trailing-slash"]);
        let says = format!("it stands in {wrong}, which was not named: name that file to have it changed");
        assert!(ran.code == 0 && ran.stderr.contains(&says), "{wrong}: {ran:?}");
        let check = Pomlint::new(["check", "--offline", "compose.yaml"]).in_folder(folder.path()).run();
        assert!(!check.stdout.contains("pomlint fix"), "{wrong}: {check:?}");
    }
}

/// What the base says is of no effect as long as the override says it again.
#[test]
fn nothing_is_promised_that_does_not_cure() {
    let issuer = |issuer: &str| {
        format!("{IMAGE}    environment:\n      IDP_PROVIDER_URL: {issuer}\n      IDP_PROVIDER: Cognito\n")
    };
    let (base, over) = (issuer(&format!("{ISSUER}/")), issuer(&format!("${{NOT_SET:-{ISSUER}/}}")));
    let folder = folder(&[("compose.yaml", &base), ("compose.override.yaml", &over)]);
    let check = Pomlint::new(["check", "--offline", "compose.yaml"]).in_folder(folder.path()).run();
    let fixes = fix(folder.path(), &["compose.yaml"]);
    assert_eq!(check.stdout.contains("pomlint fix"), fixes.code == 1, "{check:?} {fixes:?}");
}

#[test]
fn a_file_of_variables_that_is_named_is_corrected() {
    let slash = environment(&format!("{ISSUER}/"));
    let folder = folder(&[("config.yaml", &without_url()), ("p.env", &slash)]);
    for named in [&["config.yaml", "--env-file", "p.env"][..], &["--env-file", "p.env"]] {
        fs::write(folder.path().join("p.env"), &slash).unwrap();
        fs::write(folder.path().join("config.yaml"), "routes: []\n").unwrap();
        let ran = fix(folder.path(), &[named, &["--only", "issuer-has-trailing-slash", "--write"]].concat());
        assert!(ran.code == 0 && ran.stderr.is_empty(), "{named:?}: {ran:?}");
        assert_eq!(fs::read_to_string(folder.path().join("p.env")).unwrap(), environment(ISSUER), "{ran:?}");
    }
    // Nobody named the variables of this process.
    fs::write(folder.path().join("config.yaml"), "routes: []\n").unwrap();
    let ran =
        Pomlint::new(["fix", "config.yaml", "--env", "--only", "issuer-has-trailing-slash"]).in_folder(folder.path());
    let ran = ran.env("IDP_PROVIDER", "cognito").env("IDP_PROVIDER_URL", &format!("{ISSUER}/")).run();
    assert!(ran.stderr.contains("it stands in the environment, and in no file"), "{ran:?}");
}

/// A difference that `--write` would not make is not shown either.
#[cfg(unix)]
#[test]
fn what_may_not_be_written_is_not_offered() {
    use std::os::unix::fs::PermissionsExt as _;
    let text = healthy().replace(ISSUER, &format!("{ISSUER}/"));
    let folder = folder(&[("config.yaml", &text), ("real.yaml", &text), ("one.yaml", &text), ("dev.yaml", "a")]);
    let path = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink("real.yaml", path("link.yaml")).unwrap();
    fs::hard_link(path("one.yaml"), path("other.yaml")).unwrap();
    fs::set_permissions(path("config.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
    for (name, why) in [("link.yaml", "is a link"), ("config.yaml", "it is read-only"), ("one.yaml", "a hard link")] {
        for write in [&[][..], &["--write"]] {
            let ran = fix(folder.path(), &[&[name][..], write].concat());
            assert!(ran.stdout.is_empty() && ran.stderr.contains(why), "{name}: {ran:?}");
            assert_eq!(ran.code, i32::from(!write.is_empty()), "{name}: {ran:?}");
            assert_eq!(fs::read_to_string(path(name)).unwrap(), text);
        }
        let check = Pomlint::new(["check", "--offline", name]).in_folder(folder.path()).run();
        assert!(!check.stdout.contains("pomlint fix"), "{name}: {check:?}");
    }
}

#[test]
fn what_could_not_be_read_is_told() {
    let folder = folder(&[("broken.yaml", "idp_provider: cognito\na: [\n"), ("config.yaml", &healthy())]);
    fs::write(folder.path().join("bytes.yaml"), b"idp_provider: cognito\nidp_client_id: \xff\n").unwrap();
    for name in ["broken.yaml", "bytes.yaml"] {
        for write in [&[][..], &["--write"]] {
            let ran = fix(folder.path(), &[&[name][..], write].concat());
            let says = format!(
                "left alone {name}: no settings of Pomerium could be read from it\n  try   pomlint check {name}\n"
            );
            assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (1, "", says.as_str()));
        }
    }
}

/// Whoever copies the command names the same file, or is given none.
#[cfg(unix)]
#[test]
fn a_command_names_the_file_that_was_meant() {
    let text = healthy().replace(ISSUER, &format!("{ISSUER}/"));
    let folder = folder(&[("-x.yaml", &text), ("a\nb.yaml", &text)]);
    let check = |name: &str| Pomlint::new(["check", "--offline", "--", name]).in_folder(folder.path()).run().stdout;
    let said = check("-x.yaml");
    assert!(said.contains("try   pomlint fix ./-x.yaml "), "{said}");
    assert_eq!(fix(folder.path(), &["./-x.yaml"]).code, 1);
    let said = check("a\nb.yaml");
    assert!(!said.contains("pomlint fix"), "{said}");
}

/// In the lines around a change, too, nothing is shown that may be a secret.
#[test]
fn no_secret_stands_around_a_change() {
    let config =
        format!("authenticate_service_url: https://a.example.com\nidp_provider: cognito\nidp_provider_url: {ISSUER}/");
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: pomerium}}\ndata:\n  config.yaml: |\n    {}\n  password.txt: hunterRhunterR\n",
        config.replace('\n', "\n    ")
    );
    let toml = format!(
        "authenticate_service_url = \"https://a.example.com\"\nidp_provider = \"cognito\" # x7kq2p\nidp_provider_url = \"{ISSUER}/\" # hunterN\n# ours\n"
    );
    let compose = format!(
        "services:\n  pomerium: {{image: \"pomerium/pomerium:v0.33.0\", environment: {{IDP_PROVIDER: Cognito, IDP_PROVIDER_URL: {ISSUER}}}}}\n  tunnel: {{image: cloudflared, command: tunnel run --token hunter2zwo}}\n  redis: {{command: [redis-server, --requirepass, hunterzwo]}}\n"
    );
    for (name, text) in [("m.yaml", map), ("config.toml", toml), ("compose.yaml", compose)] {
        let folder = folder(&[(name, &text)]);
        let ran = fix(folder.path(), &[name]);
        assert!(ran.code == 1 && !ran.stdout.contains("hunter") && !ran.stdout.contains("x7kq2p"), "{ran:?}");
        assert_eq!(ran.stdout.contains("# ours"), name == "config.toml", "{ran:?}");
    }
}
