//! What the settings file says counts for `fix` as it counts for `check`.

use super::{ISSUER, fix, folder};
use crate::support::{Pomlint, healthy};

fn ported() -> String {
    healthy().replace("ate.corp.example.com", "ate.corp.example.com:443")
}

#[test]
fn what_is_ignored_or_off_is_not_corrected() {
    let ignore =
        "[[ignore]]\nrule = \"authenticate-url-explicit-port\"\npath = \"config.yaml\"\nreason = \"registered so\"\n";
    for says in [ignore, "[rules]\nauthenticate-url-explicit-port = \"off\"\n"] {
        let folder = folder(&[("config.yaml", &ported()), ("pomlint.toml", says)]);
        let ran = fix(folder.path(), &["config.yaml"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{says}");
        assert_eq!(fix(folder.path(), &["config.yaml", "--no-settings"]).code, 1, "{says}");
    }
}

#[test]
fn a_release_is_that_of_the_settings_file() {
    let text = healthy().replace("idp_provider: cognito", "idp_provider: Cognito");
    let folder = folder(&[("config.yaml", &text), ("pomlint.toml", "[check]\npomerium-version = \"v0.22.0\"\n")]);
    let ran = fix(folder.path(), &["config.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
    assert_eq!(fix(folder.path(), &["config.yaml", "--pomerium-version", "v0.33.0"]).code, 1);
}

/// The command that is named reads as the check did.
#[test]
fn a_check_names_the_settings_file_that_it_was_given() {
    let text = healthy().replace(ISSUER, &format!("{ISSUER}/"));
    let folder = folder(&[("config.yaml", &text), ("team.toml", "")]);
    let check = |flags: &[&str]| {
        let check = Pomlint::new(["check", "--offline", "config.yaml"]).args(flags.iter().copied());
        check.in_folder(folder.path()).run().stdout
    };
    assert!(check(&["--settings", "team.toml"]).contains("pomlint fix config.yaml --settings team.toml "));
    assert!(check(&["--no-settings"]).contains("pomlint fix config.yaml --no-settings "));
    assert!(check(&[]).contains("pomlint fix config.yaml   #"));
}

/// What Cognito knows is not changed by a file: whoever changes the callback is told what must be known first.
#[test]
fn another_callback_is_told() {
    let folder = folder(&[("config.yaml", &ported())]);
    for flags in [&["config.yaml"][..], &["config.yaml", "--write"]] {
        let said = fix(folder.path(), flags).stderr;
        let callback = "https://authenticate.corp.example.com/oauth2/callback";
        assert!(said.contains(&format!("Pomerium sends the callback {callback} instead of")), "{said}");
    }
    let slash = healthy().replace(ISSUER, &format!("{ISSUER}/"));
    assert_eq!(
        fix(super::folder(&[("config.yaml", &slash)]).path(), &["config.yaml"]).stderr,
        "config.yaml: secrets are masked here, so that `patch` cannot apply this; `pomlint fix --write` can\n"
    );
}
