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

/// Whoever writes down the line that a cure shows, in the words and the notation of the form, has the finding no more, and no other.
#[test]
fn a_line_cures() {
    let (mut wrong, mut tried) = (Vec::new(), BTreeSet::new());
    for rule in RULES.iter() {
        let Ok(page) = Page::parse(rule.page) else { continue };
        for example in page.examples.iter().filter(|example| example.expects == Expectation::Fires) {
            let Some(services) = services(example) else { continue };
            let pool = || Pool::from_yaml(example.pool.unwrap_or_default()).unwrap();
            let (config, _, judged) = run(&services, Around::of(example), pool());
            let (before, known) = (findings_of(rule, &judged), failing(&judged));
            let cures: BTreeSet<_> = before.iter().filter_map(|finding| whole_cure(&config, finding)).collect();
            for Line { key, text } in cures {
                let Some(services) = written(&config, &services, &key, &text) else { continue };
                let (config, _, judged) = run(&services, Around::of(example), pool());
                tried.insert(rule.name);
                let place = format!("rules/{}.md:{}: `{text}`", rule.name, example.config.line);
                if findings_of(rule, &judged).len() >= before.len() || config.settings.is_none() {
                    wrong.push(format!("{place} does not cure it"));
                }
                wrong.extend(failing(&judged).difference(&known).map(|new| format!("{place} brings {new}")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(tried.len() >= 30, "only these have lines: {tried:?}");
}

/// The notation of the first file.
fn form(services: &[RawFile]) -> &str {
    if is_manifest(services) { "manifest" } else { services[0].name.rsplit('.').next().unwrap() }
}

/// The rules that find more than a note.
pub(crate) fn failing(judged: &[Judged]) -> BTreeSet<&'static str> {
    let loud = judged.iter().filter(|judged| judged.is_failed() && judged.severity() > Severity::Note);
    loud.map(|judged| judged.rule.name).filter(|name| !REGISTERED.contains(name)).collect()
}

/// What is registered at the provider does not follow an edit of the file: to change it is the second half of such a cure.
const REGISTERED: [&str; 3] = ["callback-not-registered", "sign-out-url-not-registered", "client-not-usable"];

/// A line of a cure.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    /// The option, as it is called there.
    key: String,
    text: String,
}

/// The line that is all of a cure: no other is to be written as well, and nothing is to be taken out.
fn whole_cure(config: &Config, finding: &Finding) -> Option<Line> {
    let mut lines = finding.fix.iter().filter_map(|line| option_line(config, line));
    let line = lines.next().filter(|_| lines.next().is_none())?;
    (!finding.fix.first()?.starts_with("take ")).then_some(line)
}

/// An option with a value that can be written as it stands, in YAML, JSON, TOML or an environment file.
fn option_line(config: &Config, line: &str) -> Option<Line> {
    // Where it stands is told behind it.
    let line = line.split_once("   # ").map_or(line, |(line, _)| line);
    let (name, value) = line
        .split_once(" = ")
        .or_else(|| line.split_once(": "))
        .or_else(|| line.split_once('='))
        .filter(|(name, _)| !name.contains(' '))?;
    let name = name.trim_matches('"');
    let is_it = |option: &str| {
        option == name.to_lowercase() || config.reading.dialect.name(option).is_some_and(|own| own.key == name)
    };
    let is_whole = !value.contains(['<', '…', '‹']) && !value.contains("THE ") && !value.contains("$(");
    let is_option = option_names(PomeriumVersion::NEWEST).any(is_it);
    (is_whole && is_option).then(|| Line { key: name.to_owned(), text: line.to_owned() })
}

/// The files with this line in place of the option's own, or beside everything; `None` if it takes more than a line.
fn written(config: &Config, services: &[RawFile], key: &str, line: &str) -> Option<Vec<RawFile>> {
    let form = form(services).to_owned();
    let mut services = services.to_vec();
    let main = services.first_mut().filter(|service| service.name == config.path)?;
    let text = String::from_utf8(main.bytes.clone()).ok()?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let depth = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let is_own = |line: &String| {
        let rest = line
            .trim_start_matches([' ', '-', '"'])
            .get(..key.len())
            .zip(line.trim_start_matches([' ', '-', '"']).get(key.len()..));
        rest.is_some_and(|(own, rest)| {
            own.eq_ignore_ascii_case(key) && rest.trim_start_matches(['"', ' ']).starts_with([':', '='])
        })
    };
    match lines.iter().position(is_own) {
        Some(at) => {
            let (lead, comma) = (depth(&lines[at]), if lines[at].ends_with(',') { "," } else { "" });
            if lines.get(at + 1).is_some_and(|next| depth(next) > lead && form != "env") {
                return None;
            }
            lines[at] = format!("{}{line}{comma}", &lines[at][..lead]);
        }
        None if form == "toml" && line.starts_with(&format!("{key} =")) => lines.insert(0, line.to_owned()),
        None if form == "yaml" && line.starts_with(&format!("{key}:")) => lines.push(line.to_owned()),
        None if form == "env" && line.starts_with(&format!("{key}=")) => lines.push(line.to_owned()),
        None => return None,
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
