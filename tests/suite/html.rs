//! The page that is handed on: it is well-formed, fetches and runs nothing, counts as every other form, and whatever a configuration
//! or a provider puts into it stays text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::formats::{hostile, json, mixed, render, report};
use crate::support;
use pomlint::report::Options;
use pomlint::rules::{Finding, Verdict};

/// Elements without an end.
const VOID: [&str; 3] = ["meta", "br", "hr"];

/// A count of the page, by its name in JSON.
pub(crate) fn counted(page: &str, name: &str) -> u64 {
    let mark = if name == "exit" { "<span class=\"exit\">".to_owned() } else { format!("<li class=\"{name}\"><b>") };
    page.split_once(&mark).map_or(0, |(_, rest)| rest.split('<').next().unwrap().parse().expect(name))
}

/// The elements of a page with their classes, each of them closed by what opened it.
pub(crate) fn elements(page: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = page.strip_prefix("<!doctype html>").expect("a page");
    while let Some((_, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').expect("a tag that ends");
        assert!(!tag.contains('<'), "{tag}");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{}", rest.chars().take(200).collect::<String>());
            continue;
        }
        let name = tag.split(' ').next().unwrap().trim_end_matches('/');
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "<{tag}>");
        all.push(tag.split(" id=").next().unwrap().to_owned());
        if name == "style" {
            rest = rest.split_once("</style>").expect("an end of the style").1;
        } else if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}

/// The values of an attribute.
fn values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!(" {name}=\"");
    page.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn its_policy_allows_its_own_style_and_nothing_else() {
    let page = render(&report(mixed, Options::default()), "html");
    let (_, rest) = page.split_once("<style>").unwrap();
    let (style, _) = rest.split_once("</style>").unwrap();
    let digest = STANDARD.encode(Sha256::digest(style));
    let policy = format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'");
    let first = page.find("<meta http-equiv").unwrap();
    assert!(
        page.get(first..)
            .unwrap()
            .starts_with(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"))
    );
    assert_eq!(page.get(..first).unwrap().matches("<meta").count(), 1, "only the character set stands before it");
    assert_eq!(page.matches("<style").count(), 1);
    assert!(values(&page, "style").is_empty() && values(&page, "src").is_empty());
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn whatever_is_said_stays_text() {
    let page = render(&hostile(), "html");
    let known = elements(&render(&report(mixed, Options::default()), "html"));
    let name = |tag: &String| tag.split(' ').next().unwrap().trim_end_matches('/').to_owned();
    let mut allowed: Vec<String> = known.iter().map(name).collect();
    allowed.extend(["mark", "em", "strong", "table", "thead", "tbody", "tr", "th", "td", "br"].map(str::to_owned));
    for element in elements(&page) {
        assert!(allowed.contains(&name(&element)), "{element}");
        assert!(!element.contains(" on"), "{element}");
    }
    for target in values(&page, "href") {
        assert!(target.starts_with('#') || target.starts_with("https://docs."), "{target}");
    }
    for piece in page.split("alert(1)").take(page.matches("alert(1)").count()) {
        assert!(piece.ends_with("&lt;script&gt;"), "{}", piece.get(piece.len().saturating_sub(80)..).unwrap_or(piece));
    }
    for shown in ["\\u{202e}", "\\u{0}", "\\u{1b}"] {
        assert!(page.contains(shown), "{shown} is not shown");
    }
}

/// Of a thousand alike, each is counted and told, and no page is larger than it must be.
#[test]
fn many_alike_are_folded_and_none_is_lost() {
    let many = |config: &pomlint::config::Config| {
        let place = pomlint::config::Span { source: config.sources.iter().next().unwrap().0, start: 0, end: 1 };
        let findings =
            (0..1000).map(|number| Finding::at(place, format!("finding number {number}.")).fix("correct it"));
        vec![pomlint::engine::Judged::new(
            pomlint::rules::find("unknown-key").unwrap(),
            None,
            Verdict::Fail(findings.collect()),
            Vec::new(),
        )]
    };
    let report = report(many, Options::default());
    let page = render(&report, "html");
    elements(&page);
    assert_eq!(counted(&page, "warnings"), json(&report, "json")["summary"]["warnings"].as_u64().unwrap());
    for number in 0..1000 {
        assert_eq!(page.matches(&format!("finding number {number}.")).count(), 1, "{number}");
    }
    assert_eq!(page.matches("id=\"rule-unknown-key\"").count(), 1);
}

#[test]
fn several_configurations_have_an_index() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.yaml", "b.yaml"] {
        std::fs::write(folder.path().join(name), support::healthy()).unwrap();
    }
    std::fs::write(
        folder.path().join("c.yaml"),
        support::healthy().replace("idp_provider: cognito", "idp_provider: x"),
    )
    .unwrap();
    let run = |format: &str| {
        let args = ["check", "a.yaml", "b.yaml", "c.yaml", "--offline", "--format", format];
        support::Pomlint::new(args).in_folder(folder.path()).run()
    };
    let (page, json) = (run("html"), run("json"));
    assert_eq!((page.code, json.code), (1, 1));
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    for (name, count) in report["summary"].as_object().unwrap() {
        assert_eq!(counted(&page.stdout, name), count.as_u64().unwrap(), "{name}");
    }
    elements(&page.stdout);
    let targets: Vec<&str> =
        values(&page.stdout, "href").into_iter().filter(|target| target.starts_with('#')).collect();
    assert!(["#c0", "#c1", "#c2"].iter().all(|target| targets.contains(target)), "{targets:?}");
    let places = values(&page.stdout, "id");
    for target in &targets {
        assert_eq!(places.iter().filter(|place| target.strip_prefix('#') == Some(place)).count(), 1, "{target}");
    }
}
