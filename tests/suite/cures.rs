//! The lines of a cure, written down and judged again. Edits, which a program makes, are tried beside the pages.

mod commands;
mod everywhere;
mod forms;
mod nested;
mod notations;
mod outcomes;
mod releases;
mod whole;
mod written;

use std::collections::BTreeSet;

use pomlint::config::{Config, PomeriumVersion, RawFile, option_names, route_field_names};
use pomlint::engine::Judged;
use pomlint::page::{Example, Expectation, Page};
use pomlint::rules::{Finding, RULES, Rule, Severity};

use crate::pages::{Around, Case, findings_of, is_manifest, run, services};
use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, healthy};

/// Rules whose cures have no line for the configuration: what is wrong stands at the provider, in a form of its own, or in the
/// file system; or the cure is to take a line out, to write what only the reader knows, or prose. A rule that is not here shows a
/// line that was tried.
const PROSE: [&str; 99] = [
    "authenticate-host-is-the-issuer",
    "authenticate-host-unreachable-by-browsers",
    "authenticate-not-routed",
    "authenticate-url-hosted",
    "authenticate-url-missing",
    "callback-differs-in-case",
    "callback-not-registered",
    "callback-path-ignored",
    "callback-unregistrable",
    "client-id-and-secret-swapped",
    "client-id-malformed",
    "client-id-missing",
    "client-secret-has-whitespace",
    "client-secret-malformed",
    "client-secret-not-expected",
    "client-secret-rejected",
    "client-secret-set-twice",
    "clock-skew",
    "code-flow-disabled",
    "code-response-type-missing",
    "config-format-unsupported",
    "config-not-mounted",
    "config-syntax-error",
    "cookie-secret-malformed",
    "crd-field-rejected",
    "custom-domain-took-over",
    "databroker-not-shared",
    "deployed-authenticate-unreachable",
    "deployed-callback-differs",
    "deployed-callback-not-routed",
    "deployed-certificate-invalid",
    "deployed-clock-skew",
    "deployed-cookie-domain-foreign",
    "deployed-discovery-fails",
    "deployed-hosted-authenticate",
    "deployed-issuer-differs",
    "deployed-not-pomerium",
    "deployed-pomerium-unhealthy",
    "deployed-provider-not-cognito",
    "deployed-redirects-to-itself",
    "deployed-route-is-public",
    "deployed-route-unknown",
    "deployed-secret-differs",
    "deployed-settings-differ",
    "discovery-incomplete",
    "discovery-malformed",
    "discovery-refused",
    "domain-blocked",
    "domain-certificate-invalid",
    "domain-does-not-resolve",
    "domain-not-active",
    "duplicate-key",
    "email-not-mapped",
    "email-not-readable",
    "environment-overrides-file",
    "form-field-unknown",
    "identity-provider-not-enabled",
    "ignore-expired",
    "ignore-malformed",
    "ignore-unknown-rule",
    "ignore-unused",
    "ignore-without-reason",
    "implicit-flow-enabled",
    "issuer-is-login-domain",
    "issuer-missing",
    "keys-differ-only-in-case",
    "later-document-ignored",
    "login-page-broken",
    "login-page-unavailable",
    "managed-by-zero",
    "no-identity-provider",
    "no-signing-keys",
    "oauth-not-enabled",
    "option-misplaced",
    "placeholder-left",
    "policy-does-not-compile",
    "policy-environment-undecodable",
    "pool-does-not-exist",
    "pool-has-no-domain",
    "pool-not-expected",
    "published-secret-in-use",
    "refresh-not-allowed",
    "refresh-rotation-without-grace",
    "removed-key-ignored",
    "removed-key-stops-start",
    "request-parameter-overrides-protocol",
    "route-client-half-set",
    "secret-in-plain-text",
    "secret-not-fixed",
    "services-disagree",
    "shared-secret-malformed",
    "sign-out-url-not-registered",
    "signing-algorithm-unsupported",
    "silent-login-without-session",
    "template-not-checked",
    "token-revocation-off",
    "userinfo-endpoint-missing",
    "witnesses-disagree",
    "wrong-environment-name",
];

/// Whoever writes down the lines that a cure shows has the finding no more, and no other.
#[test]
fn a_line_cures() {
    let (mut wrong, mut tried, mut shown) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for rule in RULES.iter() {
        let Ok(page) = Page::parse(rule.page) else { continue };
        shown.insert(rule.name);
        for example in page.examples.iter().filter(|example| example.expects == Expectation::Fires) {
            let Some(services) = services(example).filter(|services| !is_manifest(services)) else { continue };
            let (config, _, judged) = run(&services, Around::of(example), pool(example));
            for finding in findings_of(rule, &judged) {
                let ways = ways(&finding);
                let written: Vec<(&Vec<Line>, Vec<RawFile>)> =
                    ways.iter().filter_map(|way| Some((way, written(&config, &services, &finding, way)?))).collect();
                if written.is_empty() {
                    continue;
                }
                tried.insert(rule.name);
                let judgements = written.iter().map(|(way, files)| {
                    let after = run(files, Around::of(example), pool(example));
                    (way, objection(rule, &judged, &after))
                });
                let objections: Vec<String> =
                    judgements.filter_map(|(way, objection)| Some(format!("{way:?}: {}", objection?))).collect();
                // Of several ways each may be one of many, or a part of the only one.
                if objections.len() == written.len() {
                    wrong.push(format!("rules/{}.md:{}: {}", rule.name, example.config.line, objections.join("; ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let untried: Vec<&str> = shown.difference(&tried).copied().collect();
    assert_eq!(untried, PROSE, "a rule whose cure has a line is not prose, and the other way round");
}

fn pool(example: &Example) -> Pool {
    Pool::from_yaml(example.pool.unwrap_or_default()).unwrap()
}

/// What is wrong with a cure that was written down.
fn objection(rule: &Rule, before: &[Judged], (config, _, judged): &Case) -> Option<String> {
    if findings_of(rule, judged).len() >= findings_of(rule, before).len() || config.settings.is_none() {
        return Some("it does not cure".to_owned());
    }
    let known = failing(before);
    let is_new = |found: &&str| !known.contains(found) && !HALVES.contains(&(rule.name, found));
    let new: Vec<&str> = failing(judged).into_iter().filter(is_new).collect();
    (!new.is_empty()).then(|| format!("it brings {}", new.join(", ")))
}

/// The rules that find more than a note.
pub(crate) fn failing(judged: &[Judged]) -> BTreeSet<&'static str> {
    let loud = judged.iter().filter(|judged| judged.is_failed() && judged.severity() > Severity::Note);
    loud.map(|judged| judged.rule.name).filter(|name| !REGISTERED.contains(name)).collect()
}

/// What is registered at the provider does not follow an edit of the file: to change it is the second half of such a cure.
const REGISTERED: [&str; 3] = ["callback-not-registered", "sign-out-url-not-registered", "client-not-usable"];

/// Cures of which the file is one half, and what asks for the other: the app client must allow a scope that is asked for; and
/// whoever asks for fewer is told what the users' names are missing.
const HALVES: [(&str, &str); 4] = [
    ("claim-needs-scope", "scope-not-allowed"),
    ("identity-header-claim-missing", "scope-not-allowed"),
    ("scope-not-allowed", "scope-profile-missing"),
    ("unknown-key", "identity-headers-not-passed"),
];

/// A line of a cure that can be written as it stands.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// An option of the top level.
    Option(&'static str, String),
    /// A field of the route that is wrong.
    Field(&'static str, String),
    /// A criterion, in place of the one that is wrong.
    Criterion(String),
}

/// All lines of a cure together, and each by itself.
fn ways(finding: &Finding) -> Vec<Vec<Line>> {
    let is_open = |line: &String| is_line(line) && line.contains(['<', '…', '‹']);
    if finding.fix.iter().any(is_open) {
        return Vec::new();
    }
    let lines: Vec<Line> =
        finding.fix.iter().filter_map(|line| line_of(line).or_else(|| line_of(line.split_once(": ")?.1))).collect();
    let each = lines.iter().map(|line| vec![line.clone()]);
    let mut ways: Vec<Vec<Line>> = std::iter::once(lines.clone()).chain(each).filter(|way| !way.is_empty()).collect();
    ways.dedup();
    ways
}

/// Whether it is an option and its value.
fn is_line(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(name, _)| option_names(PomeriumVersion::NEWEST).any(|option| option == name))
}

fn line_of(line: &str) -> Option<Line> {
    let is_whole = !line.contains(['<', '…', '‹']) && !line.contains("THE ") && !line.contains("\"value\"");
    let (name, _) = line.split_once(": ").filter(|_| is_whole)?;
    if line.starts_with("- ") {
        return Some(Line::Criterion(line.to_owned()));
    }
    let version = PomeriumVersion::NEWEST;
    let option = option_names(version).find(|option| *option == name).map(|name| Line::Option(name, line.to_owned()));
    option.or_else(|| {
        let field = route_field_names(version).find(|field| *field == name)?;
        Some(Line::Field(field, line.to_owned()))
    })
}

/// The files with these lines in them; `None` if it takes more than to write them.
fn written(config: &Config, services: &[RawFile], finding: &Finding, way: &[Line]) -> Option<Vec<RawFile>> {
    let mut services = services.to_vec();
    let main = services.first_mut().filter(|service| service.name == config.path && service.name.ends_with("yaml"))?;
    let text = String::from_utf8(main.bytes.clone()).ok()?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = text.get(..finding.at.start)?.matches('\n').count();
    // What is wrong goes: it is taken out, or something else stands in its place.
    let goes = |line: &String| line.starts_with("take ") || line.starts_with("move ") || line.contains("write instead");
    if finding.fix.iter().any(goes) && !way.iter().any(|line| matches!(line, Line::Criterion(_))) {
        take_out(&mut lines, at);
    }
    for line in way {
        match line {
            Line::Option(name, line) => set(&mut lines, 0, name, line)?,
            Line::Field(name, line) => {
                let start = (0..=at.min(lines.len() - 1))
                    .rev()
                    .find(|start| lines[*start].trim_start().starts_with("- from:"))?;
                set(&mut lines, start, name, line)?;
            }
            Line::Criterion(line) => {
                let indent = indentation(lines.get(at)?);
                lines[at].trim_start().strip_prefix("- ")?;
                take_out(&mut lines, at);
                lines.insert(at, format!("{}{line}", " ".repeat(indent)));
            }
        }
    }
    main.bytes = (lines.join("\n") + "\n").into_bytes();
    Some(services)
}

/// Writes a line in place of the key's own, or after everything: at the top level, or in the route that begins at a line.
fn set(lines: &mut Vec<String>, start: usize, name: &str, line: &str) -> Option<()> {
    let is_route = lines[start].trim_start().starts_with("- from:");
    let indent = if is_route { indentation(&lines[start]) + 2 } else { 0 };
    let is_within = |line: &String| !is_route || indentation(line) >= indent || line.trim().is_empty();
    let end = (start + 1..lines.len()).find(|at| !is_within(&lines[*at])).unwrap_or(lines.len());
    let is_own =
        |line: &str| indentation(line) == indent && line.trim_start().to_lowercase().starts_with(&format!("{name}:"));
    if is_route && name == "from" {
        lines[start] = format!("{}- {line}", " ".repeat(indent - 2));
        return Some(());
    }
    let line = format!("{}{line}", " ".repeat(indent));
    match (start..end).find(|at| is_own(&lines[*at])) {
        Some(own) => {
            let is_block =
                |next: &String| indentation(next) > indent || next[indent.min(next.len())..].starts_with("- ");
            if lines.get(own + 1).filter(|_| own + 1 < end).is_some_and(is_block) {
                return None;
            }
            lines[own] = line;
        }
        None if is_route => lines.insert(start + 1, line),
        None => lines.push(line),
    }
    Some(())
}

/// Takes out a line and what stands below it.
fn take_out(lines: &mut Vec<String>, at: usize) {
    let indent = indentation(&lines.remove(at));
    while lines.get(at).is_some_and(|next| indentation(next) > indent) {
        lines.remove(at);
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
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
