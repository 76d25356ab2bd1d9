#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::replay::EXCHANGE_LIMIT;
use super::*;
use crate::evidence::{Answer, Exchange, Failure, Missing, Question, Request, Step, Transport};

fn exchange(id: &str, url: &str) -> Exchange {
    Exchange {
        id: ExchangeId(id.to_owned()),
        request: Request::get(url),
        outcome: Outcome::Answer(Answer {
            status: 302,
            headers: vec![("location".to_owned(), "https://a.example/error?error=x".to_owned())],
            body: "hello \u{1f600} \u{0}".to_owned(),
            truncated: true,
            ..Answer::default()
        }),
        at: 1_700_000_000,
        ms: 41,
        attempts: 2,
    }
}

fn world(exchanges: Vec<Exchange>) -> World {
    World {
        exchanges,
        proxies: BTreeMap::from([("a.example".to_owned(), "http://proxy.example:3128".to_owned())]),
        took_ms: 123,
        ..World::missing(&Missing::NotApplicable("test"), 0)
    }
}

fn question(id: &str, method: &str, url: &str) -> Question {
    let request = Request { method: method.to_owned(), ..Request::get(url) };
    Question::new(ExchangeId(id.to_owned()), request)
}

fn ask(replay: &Replay, question: &Question) -> Exchange {
    match pin!(replay.ask(question)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(exchange) => exchange,
        Poll::Pending => unreachable!("a replay never waits"),
    }
}

fn record(exchanges: Vec<Exchange>, folder: &Path) -> Result<(), RecordingError> {
    super::record(&world(exchanges), Path::new("pomerium.yaml"), folder, &crate::secret::Scrubber::new())
}

const DISCOVERY: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a/.well-known/openid-configuration";
const AUTHORIZE: &str = "https://a.example/oauth2/authorize?client_id=x&redirect_uri=https%3A%2F%2Fb%2Fcb&state=";

#[test]
fn what_was_recorded_is_replayed_to_the_letter() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("deep/recording");
    let mut failed = exchange("scope-https://api/Read", "https://a.example/oauth2/authorize?scope=r&state=CUT");
    failed.outcome = Outcome::Failure(Failure::new(Step::NoSuchHost, "no address"));
    let exchanges = vec![exchange("discovery", DISCOVERY), exchange("authorize.2", &format!("{AUTHORIZE}CUT")), failed];
    record(exchanges.clone(), &folder).unwrap();

    let replay = Replay::open(&folder).unwrap();
    assert_eq!(ask(&replay, &question("discovery", "GET", DISCOVERY)), exchanges[0]);
    assert_eq!(ask(&replay, &question("authorize.2", "GET", AUTHORIZE)), exchanges[1]);
    let scope = question("scope-https://api/Read", "GET", "https://a.example/oauth2/authorize?scope=r&state=");
    assert_eq!(ask(&replay, &scope), exchanges[2]);
    assert_eq!(replay.took_ms(), Some(123));
    assert_eq!(replay.proxies()["a.example"], "http://proxy.example:3128");
    assert_eq!(replay.recorded_at(), 1_700_000_000);

    let names: BTreeSet<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let expected = ["authorize.2.json", "discovery.json", "scope-https%3a%2f%2fapi%2f%52ead.json", "world.json"];
    assert_eq!(names, expected.map(str::to_owned).into());

    // The same again gives the same bytes, and a replay of embedded files the same answers.
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let before: Vec<_> = names.iter().map(|name| (name.as_str(), read(name))).collect();
    record(exchanges.clone(), &folder).unwrap();
    for (name, text) in &before {
        assert_eq!(read(name), *text);
    }
    let files: Vec<_> = before.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let embedded = Replay::embedded(&files).unwrap();
    assert_eq!(ask(&embedded, &question("discovery", "GET", DISCOVERY)), exchanges[0]);
    assert!(Replay::embedded(&files[..3]).unwrap_err().to_string().contains("not embedded"));
}

#[test]
fn a_question_that_was_not_asked_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let control = AUTHORIZE.replace("state=", "state=CUT");
    record(vec![exchange("authorize", &control), exchange("authorize-control", &control)], folder.path()).unwrap();
    let replay = Replay::open(folder.path()).unwrap();
    let step = |question: &Question| match ask(&replay, question).outcome {
        Outcome::Answer(_) => None,
        Outcome::Failure(failure) => Some(failure.step),
    };
    let other_callback = AUTHORIZE.replace("%2Fcb", "%2Fother");
    assert_eq!(step(&question("authorize", "GET", AUTHORIZE)), None);
    assert_eq!(step(&question("authorize", "GET", &other_callback)), Some(Step::NotRecorded));
    assert_eq!(step(&question("authorize-control", "GET", &other_callback)), None);
    let other_client = AUTHORIZE.replace("client_id=x", "client_id=y");
    assert_eq!(step(&question("authorize-control", "GET", &other_client)), Some(Step::NotRecorded));
    assert_eq!(step(&question("authorize", "POST", AUTHORIZE)), Some(Step::NotRecorded));
    assert_eq!(step(&question("authorize.2", "GET", AUTHORIZE)), Some(Step::NotRecorded));
    let asked = ask(&replay, &question("other", "GET", "https://a.example/?code=abc"));
    assert_eq!((asked.attempts, asked.request.url.as_str()), (0, "https://a.example/?code=CUT"));
}

#[test]
fn a_recording_replaces_only_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("thesis.txt"), "years of work").unwrap();
    let error = record(vec![exchange("discovery", DISCOVERY)], path).unwrap_err().to_string();
    assert!(error.contains("other things than a recording"), "{error}");
    assert_eq!(fs::read_dir(path).unwrap().count(), 1);

    fs::write(path.join("world.json"), "{\"schema\": \"of another tool\"}").unwrap();
    assert!(record(vec![], path).is_err());
    fs::remove_file(path.join("world.json")).unwrap();
    fs::remove_file(path.join("thesis.txt")).unwrap();

    record(vec![exchange("discovery", DISCOVERY), exchange("keys", DISCOVERY)], path).unwrap();
    record(vec![exchange("keys", DISCOVERY)], path).unwrap();
    assert!(!path.join("discovery.json").exists(), "what is no longer part of it goes");
    fs::write(path.join("thesis.txt"), "years of work").unwrap();
    let error = record(vec![], path).unwrap_err().to_string();
    assert!(error.contains("besides a recording"), "{error}");
    assert!(path.join("keys.json").exists());

    let error = record(vec![], &path.join("thesis.txt")).unwrap_err().to_string();
    assert!(error.contains("not a folder"), "{error}");
}

#[test]
fn names_stay_in_the_folder_and_apart() {
    let ids = [
        "world",
        "world~",
        "",
        ".",
        "..",
        "../x",
        "/etc/passwd",
        "a",
        "A",
        "a.b",
        "a%2eb",
        ".a",
        "C:\\x",
        "a\0b",
        "é",
        &"x".repeat(300),
        &"x".repeat(301),
    ];
    let mut names = BTreeSet::new();
    for id in ids {
        let name = file_name(&ExchangeId(id.to_owned()));
        assert!(!name.contains(['/', '\\', ':', '\0']) && !name.starts_with('.') && name.len() < 200, "{name}");
        assert_eq!(name, name.to_lowercase());
        assert!(name != WORLD_FILE, "{id}");
        assert!(names.insert(name), "{id}");
    }
    let folder = tempfile::tempdir().unwrap();
    let error = record(vec![exchange("a", DISCOVERY), exchange("a", DISCOVERY)], folder.path()).unwrap_err();
    assert!(error.to_string().contains("two exchanges"), "{error}");
}

#[test]
fn a_folder_that_is_no_recording_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let open = || Replay::open(path).unwrap_err().to_string();
    assert!(open().contains("world.json"));
    for (text, why) in [
        ("", "is not as recorded"),
        ("[1, 2", "is not as recorded"),
        ("[]", "is not a recording"),
        ("{\"schema\": \"pomlint/world/v9\"}", "format pomlint/world/v9; this release reads pomlint/world/v1"),
        ("{\"schema\": \"pomlint/world/v1\"}", "missing field"),
        (&"[".repeat(100_000), "is not as recorded"),
        (&" ".repeat(3 * 1024 * 1024), "too large"),
    ] {
        fs::write(path.join("world.json"), text).unwrap();
        let error = open();
        assert!(error.contains(why) && error.contains("world.json"), "{error}");
    }
    fs::write(path.join("world.json"), b"\xff\xfe").unwrap();
    assert!(open().contains("UTF-8"));
    fs::remove_file(path.join("world.json")).unwrap();

    record(vec![exchange("keys", DISCOVERY), exchange("discovery", DISCOVERY)], path).unwrap();
    fs::copy(path.join("keys.json"), path.join("discovery.json")).unwrap();
    assert!(open().contains("holds the exchange keys"));
    fs::remove_file(path.join("discovery.json")).unwrap();
    assert!(open().contains("discovery.json"));
    fs::create_dir(path.join("discovery.json")).unwrap();
    assert!(open().contains("no regular file"));

    let many: Vec<_> = (0..=EXCHANGE_LIMIT).map(|number| format!("\"{number}\"")).collect();
    let world = fs::read_to_string(path.join("world.json")).unwrap();
    let start = world.find("\"exchanges\"").unwrap();
    fs::write(path.join("world.json"), format!("{}\"exchanges\": [{}]}}", &world[..start], many.join(","))).unwrap();
    assert!(open().contains(&format!("{} exchanges", EXCHANGE_LIMIT + 1)));
}

#[cfg(unix)]
#[test]
fn links_are_neither_read_nor_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("outside.json");
    let inside = folder.path().join("recording");
    record(vec![exchange("keys", DISCOVERY)], &inside).unwrap();
    fs::rename(inside.join("keys.json"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("keys.json")).unwrap();
    assert!(Replay::open(&inside).unwrap_err().to_string().contains("no regular file"));

    let before = fs::read_to_string(&outside).unwrap();
    let refused = record(vec![exchange("keys", "https://a.example/other")], &inside).unwrap_err().to_string();
    assert!(refused.contains("holds a link"), "{refused}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), before);
    assert!(fs::symlink_metadata(inside.join("keys.json")).unwrap().is_symlink() && inside.join("world.json").exists());

    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder.path().join("link")).unwrap();
    let refused = record(vec![exchange("keys", DISCOVERY)], &folder.path().join("link")).unwrap_err().to_string();
    assert!(refused.contains("is a link") && fs::read_dir(&elsewhere).unwrap().count() == 0, "{refused}");
}
