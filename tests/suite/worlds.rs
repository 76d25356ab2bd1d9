//! The whole binary, over real TLS, against the stand-in: a table of worlds, and what must be said of each.
//!
//! The tables are in `tests/worlds/`, one file for each kind of world; [`World`] says what a row may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::support::answer::{HttpAnswer, answer};
use crate::support::pool::{CLIENT_SECRET, Pool};
use crate::support::server::{Behaviour, Fault, Received, Script, Server};
use crate::support::{Pomlint, Ran};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pomlint::page::{Block, Extent, compose};
use serde::Deserialize;
use serde_json::Value;

/// So many requests a run may send for one app client.
const REQUESTS: usize = 15;
/// So many TLS connections a run may open to one host.
const CONNECTIONS: usize = 2;

/// A configuration, a provider, and what must be said of them. What a row leaves out is as in the healthy world.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "the names that the tables write")]
struct World {
    /// Its name.
    world: String,
    /// What is laid over the healthy configuration, as in a rule page.
    #[serde(default)]
    config: String,
    /// Keys of the healthy configuration to leave out.
    #[serde(default)]
    without: Vec<String>,
    /// `config` is the whole file.
    #[serde(default)]
    whole: bool,
    /// The name of the configuration file.
    #[serde(default = "pomerium_yaml")]
    file: String,
    /// Files beside the configuration.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// The user pool.
    #[serde(default)]
    pool: Pool,
    /// What is answered instead at paths that end so.
    #[serde(default)]
    answers: Vec<Instead>,
    /// Names that lead nowhere.
    #[serde(default)]
    unresolved: Vec<String>,
    /// Further arguments.
    #[serde(default)]
    flags: Vec<String>,
    /// App clients, each with a budget of its own.
    #[serde(default = "one")]
    clients: usize,
    /// Every rule with an error or a warning.
    #[serde(default)]
    fails: BTreeSet<String>,
    /// Every rule that could not be judged though it was wanted, if the row cares.
    open: Option<BTreeSet<String>>,
    /// How many requests are sent, if the row cares.
    requests: Option<usize>,
    /// The exit code.
    exit: i32,
    /// The stage at which the login fails.
    stops: Option<String>,
    /// Texts that the report for people must contain.
    #[serde(default)]
    says: Vec<String>,
}

/// An answer in place of the pool's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Instead {
    path: String,
    /// Only where the query contains this.
    #[serde(default)]
    query: String,
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

fn pomerium_yaml() -> String {
    "pomerium.yaml".to_owned()
}

fn one() -> usize {
    1
}

#[test]
fn healthy_worlds_raise_no_alarm() {
    judge_all("healthy");
}

#[test]
fn every_fault_of_a_login_is_named() {
    judge_all("faults");
}

#[test]
fn every_trap_is_seen() {
    judge_all("traps");
}

#[test]
fn what_is_wrong_with_the_issuer_is_named() {
    judge_all("issuers");
}

#[test]
fn what_the_file_says_wrong_is_named() {
    judge_all("files");
}

#[test]
fn what_aws_documents_and_what_was_seen_are_both_understood() {
    judge_all("answers");
}

#[test]
fn what_is_no_answer_of_cognito_proves_nothing() {
    judge_all("strangers");
}

fn judge_all(table: &str) {
    let path = crate::support::project(&format!("tests/worlds/{table}.yaml"));
    let text = std::fs::read_to_string(&path).expect("a table of worlds");
    let worlds: Vec<World> = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut names = BTreeSet::new();
    let mut wrong = String::new();
    for world in &worlds {
        assert!(names.insert(&world.world), "{table}: two worlds are called {}", world.world);
        for why in world.objections() {
            let _ = write!(wrong, "\n{table}: {}: {why}", world.world);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

impl World {
    fn configuration(&self) -> String {
        let extent = if self.whole {
            Extent::Whole
        } else {
            Extent::Overlay { without: self.without.iter().map(|key| &*key.clone().leak()).collect() }
        };
        let block =
            Block { name: self.file.clone(), text: self.config.clone(), extent, line: 1, fail_lines: Vec::new() };
        compose(&block, &crate::support::healthy()).unwrap_or_else(|error| panic!("{}: {}", self.world, error.why)).text
    }

    fn behaviour(&self) -> Behaviour {
        let scripts = self.answers.iter().map(|instead| {
            let mut answer = HttpAnswer { status: instead.status, headers: Vec::new(), body: instead.body.clone() };
            for (name, value) in &instead.headers {
                answer = answer.with(name, value);
            }
            let query = instead.query.clone().leak();
            Script { query, ..Script::always(instead.path.clone().leak(), Fault::Answer(answer)) }
        });
        Behaviour { pools: vec![self.pool.clone()], scripts: scripts.collect(), ..Behaviour::default() }
    }

    /// What is not as the row says, or as it must be in every world.
    fn objections(&self) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(&self.file);
        std::fs::write(&file, self.configuration()).unwrap();
        for (name, text) in &self.files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let server = Server::start(self.behaviour());
        let recording = folder.path().join("recording");
        let check = || {
            Pomlint::new(["check", self.file.as_str(), "--format", "json"])
                .args(self.flags.iter().cloned())
                .in_folder(folder.path())
        };
        let nowhere =
            self.unresolved.iter().flat_map(|name| ["--connect-to".to_owned(), format!("{name}::{name}.invalid:443")]);
        let also = ["--record", "recording", "--output", "human=for-people.txt"];
        let live = check().args(nowhere).args(server.args()).args(also).run();
        let received = server.received();
        let again = check().args(["--replay", "recording"]).run();
        let human = std::fs::read_to_string(folder.path().join("for-people.txt")).unwrap_or_default();

        let mut wrong = Vec::new();
        wrong.extend(self.misjudged(&live, &human));
        wrong.extend(self.ill_mannered(&server, &received));
        if (&live.stdout, live.code) != (&again.stdout, again.code) {
            wrong.push(format!("the replay differs:\n{}", differences(&live.stdout, &again.stdout)));
        }
        let mut kept = String::new();
        read_all(&recording, &mut kept);
        kept.push_str(&human);
        for ran in [&live, &again] {
            kept.push_str(&ran.stdout);
            kept.push_str(&ran.stderr);
        }
        wrong.extend(self.leaks(&kept, &received));
        if !wrong.is_empty() {
            wrong.push(format!("the report:\n{human}{}", live.stderr));
        }
        wrong
    }

    /// The verdicts, the exit code and the stage are not those of the row.
    fn misjudged(&self, live: &Ran, human: &str) -> Vec<String> {
        let Ok(report) = serde_json::from_str::<Value>(&live.stdout) else {
            return vec![format!("no report, exit {}: {}{}", live.code, live.stdout, live.stderr)];
        };
        let verdicts: Vec<&Value> =
            report["reports"].as_array().unwrap().iter().flat_map(|one| one["verdicts"].as_array().unwrap()).collect();
        let named = |is: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
            verdicts
                .iter()
                .filter(|verdict| is(verdict))
                .map(|verdict| verdict["rule"].as_str().unwrap().to_owned())
                .collect()
        };
        let mut wrong = Vec::new();
        let none = BTreeSet::new();
        let fails = named(&|verdict| verdict["verdict"] == "fail" && verdict["severity"] != "note");
        if fails != self.fails {
            wrong.push(format!("fails {fails:?}, not {:?}", self.fails));
        }
        let is_wanted =
            |verdict: &Value| verdict["missing"].as_array().unwrap().iter().any(|why| why["kind"] != "declined");
        let open =
            named(&|verdict| verdict["verdict"] == "undecided" && verdict["follows"].is_null() && is_wanted(verdict));
        if open != *self.open.as_ref().unwrap_or(if self.exit == 0 { &none } else { &open }) {
            wrong.push(format!("open: {open:?}, not {:?}", self.open));
        }
        if live.code != self.exit || report["summary"]["exit"] != self.exit {
            wrong.push(format!("exit {}, not {}", live.code, self.exit));
        }
        if self.exit == 3 && open.is_empty() {
            wrong.push("exit 3, and nothing is open".to_owned());
        }
        let stops = stops_at(human);
        if stops.as_deref() != self.stops.as_deref() {
            wrong.push(format!("stops at {stops:?}, not {:?}", self.stops));
        }
        let unbroken = human.replace('|', " ");
        let unbroken = unbroken.split_whitespace().collect::<Vec<_>>().join(" ");
        let unsaid = self.says.iter().filter(|text| !unbroken.contains(text.as_str()));
        wrong.extend(unsaid.map(|text| format!("does not say `{text}`")));
        wrong
    }

    /// More was asked of the provider than a guest may ask.
    fn ill_mannered(&self, server: &Server, received: &[Received]) -> Vec<String> {
        let mut wrong = Vec::new();
        if received.len() > REQUESTS * self.clients {
            wrong.push(format!("{} requests", received.len()));
        }
        if self.requests.is_some_and(|count| count != received.len()) {
            wrong.push(format!("{} requests, not {:?}", received.len(), self.requests));
        }
        let busy = server.connections().into_iter().filter(|(_, count)| *count > CONNECTIONS);
        wrong.extend(busy.map(|(host, count)| format!("{count} connections to {host}")));
        let may_tell = self.flags.iter().any(|flag| flag == "--probe-secret");
        for Received { request, .. } in received {
            let place = format!("{} https://{}{}", request.method, request.host, request.path);
            if request.header("authorization").is_some() && !may_tell {
                wrong.push(format!("credentials were sent: {place}"));
            }
            if request.header("cookie").is_some() {
                wrong.push(format!("a cookie was sent: {place}"));
            }
            if request.header("user-agent").is_none_or(|agent| !agent.starts_with("pomlint/")) {
                wrong.push(format!("who asks is not said: {place}"));
            }
            if request.method != "GET" && !may_tell {
                wrong.push(format!("not a question: {place}"));
            }
            if request.field("grant_type").is_some_and(|grant| grant != "authorization_code") {
                wrong.push(format!("a grant that may succeed: {place}"));
            }
        }
        wrong
    }

    /// What shows in the output or the recording and must not.
    fn leaks(&self, kept: &str, received: &[Received]) -> Vec<String> {
        let mut secrets: BTreeSet<String> = BTreeSet::from([CLIENT_SECRET.to_owned()]);
        secrets.extend(self.pool.client.secret.clone());
        for line in self.configuration().lines() {
            if let Some((key, value)) = line.split_once(": ").filter(|(key, _)| key.trim_end().ends_with("secret")) {
                let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
                // What is not secret may stand in the report: the id of the client, say, or a value that is to come.
                if value.len() >= 20
                    && !value.starts_with("${")
                    && !key.starts_with('#')
                    && value != self.pool.client.id
                {
                    secrets.insert(value.to_owned());
                }
            }
        }
        for Received { request, .. } in received {
            secrets.extend(request.parameter("state"));
            secrets
                .extend(request.header("authorization").map(|header| header.trim_start_matches("Basic ").to_owned()));
            let cookie = answer(&self.pool, request).header("set-cookie").map(str::to_owned);
            secrets.extend(cookie.and_then(|cookie| Some(cookie.split_once('=')?.1.split(';').next()?.to_owned())));
        }
        let mut wrong = Vec::new();
        for secret in secrets.iter().filter(|secret| secret.len() >= 8) {
            let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for form in [secret.clone(), encoded, STANDARD.encode(secret)] {
                if let Some(at) = kept.find(&form) {
                    let around: String =
                        kept[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
                    wrong.push(format!("`{form}` shows after {around:?}"));
                }
            }
        }
        wrong
    }
}

/// The stage that the answer for people names.
fn stops_at(human: &str) -> Option<String> {
    if human.contains("A login may work, but sign-out will fail.") {
        return Some("sign-out".to_owned());
    }
    let (_, rest) = human.split_once("A login will fail at: ")?;
    Some(rest.split('.').next().unwrap_or_default().to_owned())
}

/// The first lines in which two texts differ.
fn differences(one: &str, other: &str) -> String {
    let pairs = one.lines().zip(other.lines()).filter(|(one, other)| one != other);
    let mut shown = String::new();
    for (one, other) in pairs.take(5) {
        let _ = writeln!(shown, "  - {one}\n  + {other}");
    }
    let _ = write!(shown, "  ({} and {} lines)", one.lines().count(), other.lines().count());
    shown
}

/// The texts of all files of a folder; none if there is no folder.
fn read_all(folder: &Path, text: &mut String) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
