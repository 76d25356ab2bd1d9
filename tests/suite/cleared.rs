//! When something that was certain is no longer so: only where an answer says it of what was pasted, and nothing else complains.

use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, Ran};

const MISMATCH: &str =
    "https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1";

/// A paste, judged by the healthy configuration, with the healthy pool to answer.
fn judged(pasted: &str, more: &[&str]) -> Ran {
    let server = Server::of(Pool::default());
    let config = crate::support::project("fixtures/configs/healthy.yaml").display().to_string();
    let run = Pomlint::new(["diagnose", "-", &config]).args(more.iter().copied()).stdin(pasted);
    if more.contains(&"--offline") { run.run() } else { run.args(server.args()).run() }
}

fn first_line(ran: &Ran) -> String {
    let line: Vec<&str> = ran.stdout.lines().take_while(|line| !line.starts_with(' ')).collect();
    line.join(" ")
}

#[test]
fn what_is_ruled_out_outvotes_no_complaint_beside_it() {
    let log = |level: &str, error: &str| {
        format!(r#"{{"level":"{level}","error":"{error}","message":"httputil: error","time":"2026-01-01T00:00:00Z"}}"#)
    };
    assert_eq!(judged(MISMATCH, &[]).code, 0);
    assert_eq!(judged(&format!("An error was encountered with the requested page.\n\n{MISMATCH}"), &[]).code, 0);
    for beside in [
        log("error", "odd thing"),
        log("info", ""),
        r#"{"severity":"ERROR","message":"odd"}"#.to_owned(),
        "panic: runtime error: index out of range".to_owned(),
        "nobody can log in".to_owned(),
        "Anmeldung geht nicht".to_owned(),
        "500".to_owned(),
        "https://authenticate.corp.example.com/oauth2/callback?code=a&state=b".to_owned(),
    ] {
        for pasted in [format!("{MISMATCH}\n{beside}"), format!("{beside}\n\n{MISMATCH}")] {
            let ran = judged(&pasted, &[]);
            assert_eq!(ran.code, 3, "{pasted}: {ran:?}");
            assert!(first_line(&ran).starts_with("Undecided: Cognito does not know this callback URL"), "{ran:?}");
        }
    }
}

#[test]
fn a_file_alone_disproves_nothing_of_what_runs() {
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_9xK2mPq7R";
    let slash =
        format!(r#"oidc: issuer did not match the issuer returned by provider, expected "{issuer}/" got "{issuer}""#);
    for pasted in [
        "identity: unknown provider: Cognito",
        "identity: provider is not defined",
        "identity/oidc: missing provider url",
        &slash,
    ] {
        let ran = judged(pasted, &["--offline"]);
        assert_eq!(ran.code, 3, "{pasted}: {ran:?}");
        let line = first_line(&ran);
        assert!(
            line.starts_with("Undecided: the configuration does not have this fault, but what runs had it:"),
            "{line}"
        );
        assert!(ran.stdout.contains("restart Pomerium"), "{ran:?}");
    }
}

#[test]
fn what_is_of_another_pool_or_login_domain_is_not_about_this_configuration() {
    let other = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Other1234";
    for (pasted, named) in [
        (MISMATCH.replace("acme.", "other."), "login domain other.auth.eu-west-1.amazoncognito.com"),
        (MISMATCH.replace("eu-west-1", "us-east-1"), "login domain acme.auth.us-east-1.amazoncognito.com"),
        (
            format!(r#"oidc: issuer did not match the issuer returned by provider, expected "{other}/" got "{other}""#),
            "user pool eu-central-1_Other1234",
        ),
        (r#"{"message":"User pool eu-west-1_Other1234 does not exist."}"#.to_owned(), "user pool eu-west-1_Other1234"),
        (
            format!("{other}/authorize?client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1&response_type=code"),
            "user pool eu-central-1_Other1234",
        ),
    ] {
        let ran = judged(&pasted, &[]);
        assert_eq!(ran.code, 3, "{pasted}: {ran:?}");
        assert_eq!(first_line(&ran), "Undecided: what was pasted is not about this configuration.", "{pasted}");
        let said = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&format!("What was pasted is about the {named}")), "{said}");
    }
}
