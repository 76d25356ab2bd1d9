//! The lines of a cure, written down and judged again. Edits, which a program makes, are tried beside the pages.

use std::collections::BTreeSet;

use pomlint::config::{Config, PomeriumVersion, RawFile, option_names};
use pomlint::engine::Judged;
use pomlint::page::{Expectation, Page};
use pomlint::rules::{Finding, RULES, Severity};

use crate::pages::{Around, findings_of, is_manifest, run, services};
use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, healthy};

/// Whoever writes down the line that a cure shows has the finding no more, and no other.
#[test]
fn a_line_cures() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeSet::new());
    for rule in RULES.iter() {
        let Ok(page) = Page::parse(rule.page) else { continue };
        for example in page.examples.iter().filter(|example| example.expects == Expectation::Fires) {
            let Some(services) = services(example).filter(|services| !is_manifest(services)) else { continue };
            let pool = || Pool::from_yaml(example.pool.unwrap_or_default()).unwrap();
            let (config, _, judged) = run(&services, Around::of(example), pool());
            let (before, known) = (findings_of(rule, &judged), failing(&judged));
            for (option, line) in before.iter().filter_map(whole_cure).collect::<BTreeSet<_>>() {
                let Some(services) = written(&config, &services, option, line) else { continue };
                let (config, _, judged) = run(&services, Around::of(example), pool());
                tried.insert(rule.name);
                let place = format!("rules/{}.md:{}: `{line}`", rule.name, example.config.line);
                if findings_of(rule, &judged).len() >= before.len() || config.settings.is_none() {
                    wrong.push(format!("{place} does not cure it"));
                }
                wrong.extend(failing(&judged).difference(&known).map(|new| format!("{place} brings {new}")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(tried.len() >= 20, "only these have lines: {tried:?}");
}

/// The rules that find more than a note.
pub(crate) fn failing(judged: &[Judged]) -> BTreeSet<&'static str> {
    let loud = judged.iter().filter(|judged| judged.is_failed() && judged.severity() > Severity::Note);
    loud.map(|judged| judged.rule.name).filter(|name| !REGISTERED.contains(name)).collect()
}

/// What is registered at the provider does not follow an edit of the file: to change it is the second half of such a cure.
const REGISTERED: [&str; 3] = ["callback-not-registered", "sign-out-url-not-registered", "client-not-usable"];

/// The line that is all of a cure: no other is to be written as well, and nothing is to be taken out.
fn whole_cure(finding: &Finding) -> Option<(&'static str, &str)> {
    let mut lines = finding.fix.iter().filter_map(|line| option_line(line));
    let line = lines.next().filter(|_| lines.next().is_none())?;
    (!finding.fix.first()?.starts_with("take ")).then_some(line)
}

/// An option of the top level with a value that can be written as it stands.
fn option_line(line: &str) -> Option<(&'static str, &str)> {
    let (name, value) = line.split_once(": ")?;
    let option = option_names(PomeriumVersion::NEWEST).find(|option| *option == name)?;
    let is_whole = !value.contains(['<', '…', '‹']) && !value.contains("THE ");
    is_whole.then_some((option, line))
}

/// The files with this line in place of the option's own, or after everything; `None` if it takes more than a line.
fn written(config: &Config, services: &[RawFile], option: &str, line: &str) -> Option<Vec<RawFile>> {
    let mut services = services.to_vec();
    let main = services.first_mut().filter(|service| service.name == config.path && service.name.ends_with("yaml"))?;
    let text = String::from_utf8(main.bytes.clone()).ok()?;
    let begins = |at: &str| at.to_lowercase().starts_with(&format!("{option}:"));
    let mut lines: Vec<&str> = text.lines().collect();
    match lines.iter().position(|at| begins(at)) {
        Some(at) if lines.get(at + 1).is_none_or(|next| !next.starts_with([' ', '-'])) => lines[at] = line,
        Some(_) => return None,
        None => lines.push(line),
    }
    main.bytes = (lines.join("\n") + "\n").into_bytes();
    Some(services)
}

/// A check names the commands that cure what it found, as they are typed; and no other.
#[test]
fn a_check_names_the_commands_that_cure() {
    let folder = tempfile::tempdir().unwrap();
    let names = |config: &str, pool: &str, more: &[&str]| -> Vec<(String, Vec<String>)> {
        std::fs::write(folder.path().join("a config.yaml"), config).unwrap();
        let server = Server::of(Pool::from_yaml(pool).unwrap());
        let run = || {
            Pomlint::new(["check", "a config.yaml"])
                .args(more.iter().copied())
                .args(server.args())
                .in_folder(folder.path())
        };
        let report: serde_json::Value = serde_json::from_str(&run().args(["--format", "json"]).run().stdout).unwrap();
        let people = run().run().stdout;
        let cures = report["reports"][0]["cures"].as_array().unwrap().iter().map(|cure| {
            let command = cure["command"].as_str().unwrap().to_owned();
            assert!(people.contains(&format!("{command}  ")), "{people}");
            let rules = cure["rules"].as_array().unwrap().iter().map(|rule| rule.as_str().unwrap().to_owned());
            (command, rules.collect())
        });
        let cures: Vec<_> = cures.collect();
        assert_eq!(people.contains("  try   pomlint "), !cures.is_empty(), "{people}");
        cures
    };
    let owned = |rules: &[&str]| rules.iter().map(|rule| (*rule).to_owned()).collect::<Vec<_>>();
    let slash = healthy().replace("eu-west-1_9xK2mPq7R", "eu-west-1_9xK2mPq7R/");
    let setup = |more: &str| format!("pomlint setup 'a config.yaml'{more}");
    assert_eq!(names(&healthy(), "", &[]), []);
    let fix = "pomlint fix 'a config.yaml'".to_owned();
    assert_eq!(names(&slash, "", &[]), [(fix, owned(&["issuer-has-trailing-slash"]))]);
    let no_callback = "client: {callback_urls: []}";
    assert_eq!(names(&healthy(), no_callback, &[]), [(setup(""), owned(&["callback-not-registered"]))]);
    let release = ["--pomerium-version", "v0.31.0"];
    let found = names(&healthy(), no_callback, &release);
    assert_eq!(found[0].0, setup(" --pomerium-version v0.31.0"));
    // What the command is, a shell runs.
    let ran = Pomlint::new(["setup", "a config.yaml"]).args(release).in_folder(folder.path()).run();
    assert!(ran.code == 0 && ran.stdout.contains("/oauth2/callback"), "{}", ran.stderr);
    // A secret is no text that another can take the place of, and what must be decided is nobody's to offer.
    assert_eq!(names(&healthy().replace("cognito", "keycloak"), "", &["--offline"]), []);
}
