//! What is tried. The seeds of each stand in [`crate::seeds`].

use pomlint::config::is_read_alike;
use pomlint::diagnose;
use pomlint::evidence::{Asking, Exchange, Outcome, Question, Replay, Transport, redacted};
use pomlint::page::{Page, cure, meaning};
use pomlint::report::{Answer, Asked, View, diagnosis, diagnosis_json};
use pomlint::settings;

use crate::judged::{GIVEN, alone, asked, assert_hidden, load, tell};
use crate::seeds;

/// Something that reads what others wrote.
pub(crate) struct Target {
    /// Its name, and that of its corpus.
    pub(crate) name: &'static str,
    /// Reads the bytes, and looks at what comes of it.
    pub(crate) run: fn(&[u8]),
    /// What to begin with.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
}

pub(crate) static TARGETS: [Target; 11] = [
    Target { name: "yaml", run: yaml, seeds: seeds::yaml },
    Target { name: "loaders", run: loaders, seeds: seeds::loaders },
    Target { name: "policy", run: policy, seeds: seeds::policies },
    Target { name: "ignores", run: ignores, seeds: seeds::ignores },
    Target { name: "discovery", run: discovery, seeds: || seeds::answers("discovery") },
    Target { name: "authorize", run: authorize, seeds: || seeds::answers("authorize") },
    Target { name: "login-page", run: login_page, seeds: || seeds::answers("login-page") },
    Target { name: "replay", run: replay, seeds: seeds::recordings },
    Target { name: "diagnose", run: diagnose, seeds: seeds::pasted },
    Target { name: "settings", run: settings, seeds: seeds::settings },
    Target { name: "pages", run: pages, seeds: seeds::pages },
];

/// What a configuration may be called: its form follows from that, and from what is in it.
pub(crate) const NAMES: [&str; 9] = [
    "config.yaml",
    "config.json",
    "config.toml",
    "pomerium.env",
    "compose.yaml",
    "values.yaml",
    "manifest.yaml",
    "config.conf",
    "-",
];

/// A configuration whose login works, if the pool is that of [`healthy`].
pub(crate) const HEALTHY: &str = include_str!("../../fixtures/configs/healthy.yaml");

macro_rules! world {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../fixtures/worlds/healthy/", $name)))),*]
    };
}

/// A pool that answers as it should.
const WORLD: [(&str, &str); 11] = world![
    "world.json",
    "discovery.json",
    "issuer-variant.json",
    "keys.json",
    "authorize.json",
    "authorize-control.json",
    "login-page.json",
    "sign-out.json",
    "sign-out-control.json",
    "token.json",
    "token-control.json"
];

/// What plain YAML is read with, and what all of it is read with, make the same of it.
fn yaml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert!(is_read_alike(text));
}

/// The first byte says what it is called.
fn loaders(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else { return };
    tell(load(NAMES[usize::from(*first) % NAMES.len()], text), alone, bytes);
}

/// The policy of a route.
fn policy(bytes: &[u8]) {
    let mut config = HEALTHY.split("    policy:").next().unwrap_or_default().to_owned() + "    policy:\n";
    for line in String::from_utf8_lossy(bytes).lines() {
        config += "      ";
        config += line;
        config += "\n";
    }
    tell(load("config.yaml", config.as_bytes()), alone, bytes);
}

/// Each line is a comment behind a line of a configuration.
fn ignores(bytes: &[u8]) {
    let comments = String::from_utf8_lossy(bytes);
    let mut comments = comments.lines();
    let lines = HEALTHY.lines().map(|line| match comments.next() {
        Some(comment) => format!("{line} # pomlint: {comment}\n"),
        None => format!("{line}\n"),
    });
    tell(load("config.yaml", lines.collect::<String>().as_bytes()), alone, bytes);
}

/// The body of the discovery document.
fn discovery(bytes: &[u8]) {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    answered("discovery", 200, headers, &String::from_utf8_lossy(bytes), bytes);
}

/// The answer to the authorize request: status, headers, an empty line, and the body.
fn authorize(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(302);
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    answered("authorize", status, headers, body, bytes);
}

/// The page on which one would sign in.
fn login_page(bytes: &[u8]) {
    let headers = vec![("content-type".to_owned(), "text/html;charset=UTF-8".to_owned())];
    answered("login-page", 200, headers, &String::from_utf8_lossy(bytes), bytes);
}

/// A recording, of which one file is this: its name on the first line, then the text.
fn replay(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (name, text) = text.split_once('\n').unwrap_or(("world.json", &text));
    let files = WORLD.map(|(own, whole)| if own == name { (own, text) } else { (own, whole) });
    if let Ok(replay) = Replay::embedded(&files) {
        tell(load("config.yaml", HEALTHY.as_bytes()), |config| asked(config, &replay), bytes);
    }
}

/// What was pasted, with a cookie in its last line.
fn diagnose(bytes: &[u8]) {
    let pasted = [bytes, b"\nset-cookie: cognito=", GIVEN.as_bytes(), b"; path=/\n"].concat();
    let Ok(seen) = diagnose::read(&mut &*pasted, 0, &mut |_| {}) else { return };
    let answer = Answer { diagnosis: &seen, report: None, asked: Asked::Offline };
    for text in [diagnosis(&answer, &View::default()), diagnosis_json(&answer)] {
        assert_hidden(&text, GIVEN);
    }
}

/// What is wrong with a settings file lies within it.
fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(problem) = settings::read(&text) {
        assert!(text.get(problem.at.clone()).is_some(), "{:?} is not in it: {}", problem.at, problem.says);
    }
}

/// A page of a rule: part of the program, and so for good, where it is no hostile one.
fn pages(bytes: &[u8]) {
    let lent = Box::into_raw(String::from_utf8_lossy(bytes).into_owned().into_boxed_str());
    {
        // SAFETY: it was a box a line ago, and is none again before the end of this block, with which all ends that borrows from it.
        let page: &'static str = unsafe { &*lent };
        match Page::parse(page) {
            Ok(parsed) => assert!(parsed.sections.iter().all(|section| page.contains(section.heading))),
            Err(error) => assert!(error.line <= page.lines().count() + 1, "{error}"),
        }
        let _ = (meaning(page), cure(page));
    }
    // SAFETY: as above; or a run of millions of pages would hold them all.
    drop(unsafe { Box::from_raw(lent) });
}

/// The healthy pool, but for one answer.
struct But<'a> {
    healthy: &'a Replay,
    id: &'static str,
    outcome: Outcome,
}

impl Transport for But<'_> {
    fn behind(&self) -> Option<&dyn Transport> {
        Some(self.healthy)
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        if question.id.0 != self.id {
            return self.healthy.ask(question);
        }
        Box::pin(std::future::ready(Exchange {
            id: question.id.clone(),
            request: question.request.clone(),
            outcome: self.outcome.clone(),
            at: 0,
            ms: 0,
            attempts: 1,
        }))
    }
}

/// An answer comes with a cookie, and that stays where it is.
fn answered(id: &'static str, status: u16, mut headers: Vec<(String, String)>, body: &str, bytes: &[u8]) {
    headers.push(("set-cookie".to_owned(), format!("cognito={GIVEN}; path=/")));
    let outcome = Outcome::Answer(redacted(status, &headers, body));
    let healthy = Replay::embedded(&WORLD).expect("a fixture");
    let transport = But { healthy: &healthy, id, outcome };
    tell(load("config.yaml", HEALTHY.as_bytes()), |config| asked(config, &transport), bytes);
}
