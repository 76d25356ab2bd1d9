//! What to begin with: the fixtures, the pages of the rules and the examples of the guide, cut to what a target reads.

use std::fs;
use std::path::{Path, PathBuf};

use pomlint::page::Page;
use pomlint::rules::RULES;
use serde_json::Value;

use crate::judged::SEEDED;
use crate::targets::{NAMES, Target};

/// Secrets of the fixtures, in whose place the one stands that is looked for.
const SECRETS: [&str; 2] =
    ["1hq0f3l8a7s6d5f4g3h2j1k0l9m8n7b6v5c4x3z2q1w0e9r8t7u", "3gmXKHKeGnXRYwqLPsQxlJBgBnhhPGVqLZ9pc+2KDD8="];

/// Writes the seeds of a target into its corpus.
pub(crate) fn write(target: &Target, corpus: &Path) {
    for (number, seed) in (target.seeds)().iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number}")), seed).expect("a seed in the corpus");
    }
}

/// Every configuration of the fixtures, of the oracle and of the rules.
pub(crate) fn loaders() -> Vec<Vec<u8>> {
    let named = |name: &str, text: &str| {
        let is_its = |own: &&str| Path::new(own).extension() == Path::new(name).extension();
        let form = NAMES.iter().position(|own| *own == name).or(NAMES.iter().position(|own| is_its(&own)));
        let text = SECRETS.iter().fold(text.to_owned(), |text, secret| text.replace(secret, SEEDED));
        [&[u8::try_from(form.unwrap_or_default()).unwrap_or_default()], text.as_bytes()].concat()
    };
    let mut seeds = Vec::new();
    for path in files("fixtures/configs") {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        seeds.push(named(&name, &read(&path)));
    }
    for case in json("fixtures/oracle/cases.json").as_array().into_iter().flatten() {
        seeds.push(named(text(&case["file"]), text(&case["text"])));
    }
    seeds.extend(examples().iter().map(|(name, text)| named(name, text)));
    seeds
}

/// The same, as texts.
pub(crate) fn yaml() -> Vec<Vec<u8>> {
    loaders().into_iter().map(|named| named.get(1..).unwrap_or_default().to_vec()).collect()
}

/// The policies of the rules' examples.
pub(crate) fn policies() -> Vec<Vec<u8>> {
    let mut seeds = vec![b"- allow:\n    or:\n      - domain:\n          is: corp.example.com".to_vec()];
    for (_, text) in examples() {
        for (before, policy) in text.match_indices("policy:\n").map(|(at, mark)| text.split_at(at + mark.len())) {
            let depth = before.lines().last().map_or(0, |line| line.len() - line.trim_start().len());
            let own = |line: &&str| line.len() - line.trim_start().len() >= depth;
            let lines: Vec<&str> = policy.lines().take_while(own).map(|line| line.get(depth..).unwrap_or("")).collect();
            seeds.push(lines.join("\n").into_bytes());
        }
    }
    seeds
}

/// What the guide and the rules' examples ignore.
pub(crate) fn ignores() -> Vec<Vec<u8>> {
    let mut texts: Vec<String> = examples().into_iter().map(|(_, text)| text).collect();
    texts.push(read(&root("docs/src/ignoring.md")));
    let comments = |text: &String| {
        let comments = text.lines().filter_map(|line| line.split_once("# pomlint: "));
        comments.map(|(_, comment)| comment.to_owned()).collect::<Vec<_>>().join("\n")
    };
    texts.iter().map(comments).filter(|comments| !comments.is_empty()).map(String::into_bytes).collect()
}

/// The answers to this question in the recordings of the fixtures: the body, or for what redirects, status, headers and body.
pub(crate) fn answers(id: &str) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for path in files("fixtures/worlds").iter().filter(|path| path.file_stem().is_some_and(|stem| stem == id)) {
        let exchange: Value = serde_json::from_str(&read(path)).unwrap_or_default();
        let answer = &exchange["outcome"]["answer"];
        let body = text(&answer["body"]);
        if id != "authorize" {
            seeds.push(body.as_bytes().to_vec());
            continue;
        }
        let mut head = answer["status"].to_string();
        for header in answer["headers"].as_array().into_iter().flatten() {
            head += &format!("\n{}: {}", text(&header[0]), text(&header[1]));
        }
        seeds.push(format!("{head}\n\n{body}").into_bytes());
    }
    if id == "authorize" {
        let worlds: String = files("tests/worlds").iter().map(|path| read(path)).collect();
        let locations = worlds.split("location: \"").skip(1).filter_map(|rest| rest.split_once('"'));
        seeds.extend(locations.map(|(location, _)| format!("302\nlocation: {location}\n\n").into_bytes()));
    }
    seeds
}

/// The files of recordings, each under its name.
pub(crate) fn recordings() -> Vec<Vec<u8>> {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files("fixtures/worlds").iter().map(|path| format!("{}\n{}", name(path), read(path)).into_bytes()).collect()
}

/// What people paste and say.
pub(crate) fn pasted() -> Vec<Vec<u8>> {
    let symptoms = read(&root("fixtures/symptoms.txt"));
    let symptoms = symptoms.lines().filter_map(|line| line.split_once('\t')).map(|(_, text)| text.replace('⏎', "\n"));
    let sayings = read(&root("fixtures/sayings.txt"));
    let sayings = sayings.lines().filter_map(|line| line.split_once(" | ")).map(|(_, text)| text.to_owned());
    let har = r#"{"log":{"version":"1.2","entries":[{"request":{"method":"GET","url":"https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch","headers":[]},"response":{"status":400,"headers":[{"name":"set-cookie","value":"a=b"}],"content":{"text":"An error was encountered"}}}]}}"#;
    symptoms.chain(sayings).chain([har.to_owned()]).map(String::into_bytes).collect()
}

/// The settings files of the guide.
pub(crate) fn settings() -> Vec<Vec<u8>> {
    let guide: String = files("docs/src").iter().map(|path| read(path)).collect();
    let blocks = guide.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.map(|(block, _)| block.as_bytes().to_vec()).collect()
}

/// The pages of the rules.
pub(crate) fn pages() -> Vec<Vec<u8>> {
    RULES.iter().map(|rule| rule.page.as_bytes().to_vec()).collect()
}

/// The configurations in the pages of the rules, by what they are called.
fn examples() -> Vec<(String, String)> {
    let pages = RULES.iter().filter_map(|rule| Page::parse(rule.page).ok());
    let examples = pages.flat_map(|page| page.examples);
    examples
        .flat_map(|example| [example.config].into_iter().chain(example.peers))
        .map(|block| (block.name, block.text))
        .collect()
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(&root(path))).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Every file below a folder of the tree, in a fixed order.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut open = vec![root(folder)];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        match fs::read_dir(&path) {
            Ok(entries) => open.extend(entries.filter_map(|entry| Some(entry.ok()?.path()))),
            Err(_) => files.push(path),
        }
    }
    files.sort();
    files
}
