//! The guide in `docs/`: every command in it does what it says, and every link leads somewhere.
//!
//! In a block `console`, each line `$ pomlint …` is run in a folder that holds what a reader would have. Its exit code is 0, or
//! what stands behind it as `# exit N`. If lines follow, they are its output; `…` stands for any text within a line, and on a
//! line of its own for any lines. A check that would ask the real Cognito asks a stand-in. A block with `file=NAME` is a file of
//! that folder.

#[allow(dead_code, unreachable_pub, reason = "its `main` is for the command line")]
#[path = "../../docs/guide.rs"]
mod site;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::pool::Pool;
use crate::support::server::Server;
use crate::support::{Pomlint, Ran, healthy, project};
use clap::Parser;
use pomlint::cli::Cli;
use pomlint::page::Page;
use pomlint::rules::RULES;
use tempfile::TempDir;

/// A block of code in a page.
struct Block {
    /// The page and the line.
    place: String,
    /// What stands behind the fence.
    info: String,
    /// Its lines.
    lines: Vec<String>,
}

/// A command of the guide.
struct Command<'a> {
    place: &'a str,
    arguments: Vec<String>,
    /// The file behind `<`.
    stdin: Option<String>,
    exit: i32,
    output: Vec<&'a str>,
}

/// The pages written by hand, by their names.
fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<_> = fs::read_dir(project("docs/src"))
        .unwrap()
        .map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), fs::read_to_string(file.path()).unwrap())
        })
        .collect();
    pages.sort();
    pages
}

fn blocks(pages: &[(String, String)]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (name, text) in pages {
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if let Some(info) = line.trim_start().strip_prefix("```") {
                let body =
                    lines.by_ref().map(|(_, line)| line).take_while(|line| !line.trim_start().starts_with("```"));
                let lines = body.map(str::to_owned).collect();
                blocks.push(Block { place: format!("{name}:{}", number + 1), info: info.to_owned(), lines });
            }
        }
    }
    blocks
}

/// The words of a command line, of which the guide quotes some with `'`.
fn words(typed: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in typed.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

fn commands(block: &Block) -> Vec<Command<'_>> {
    let mut commands: Vec<Command<'_>> = Vec::new();
    for line in &block.lines {
        if let Some(typed) = line.strip_prefix("$ ") {
            let (typed, exit) = typed.rsplit_once("# exit ").unwrap_or((typed, "0"));
            let mut arguments = words(typed);
            let stdin = arguments.iter().position(|word| word == "<").map(|at| arguments.split_off(at).remove(1));
            let exit = exit.parse().unwrap_or_else(|_| panic!("{}: exit code {exit}", block.place));
            commands.push(Command { place: &block.place, arguments, stdin, exit, output: Vec::new() });
        } else if let Some(command) = commands.last_mut() {
            command.output.push(line);
        }
    }
    commands
}

/// What a reader would have: configurations, and recordings.
fn folder(blocks: &[Block]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    // It is a checkout: what a file in it names may lie anywhere in it.
    fs::create_dir(folder.path().join(".git")).unwrap();
    write("config.yaml", &healthy());
    write("wrong-callback.yaml", &healthy().replace("https://authenticate.corp", "https://login.corp"));
    write("pomerium.env", "LOG_LEVEL=info\n");
    for block in blocks {
        if let Some((_, name)) = block.info.split_once("file=") {
            write(name, &(block.lines.join("\n") + "\n"));
        }
    }
    for world in fs::read_dir(project("fixtures/worlds")).unwrap() {
        let world = world.unwrap();
        for file in fs::read_dir(world.path()).unwrap() {
            let file = file.unwrap();
            let name = Path::new("recordings").join(world.file_name()).join(file.file_name());
            write(name.to_str().unwrap(), &fs::read_to_string(file.path()).unwrap());
        }
    }
    folder
}

fn run(command: &Command<'_>, folder: &Path, server: &Server) -> Ran {
    let given = &command.arguments[1..];
    let can_ask = ["check", "diagnose"].contains(&given[0].as_str());
    let declines = given.iter().any(|argument| ["--offline", "--replay"].contains(&argument.as_str()));
    let server_args = if can_ask && !declines { server.args() } else { Vec::new() };
    let stdin = command.stdin.as_ref().map(|name| fs::read(folder.join(name)).unwrap());
    Pomlint::new(given).args(server_args).in_folder(folder).stdin(stdin.unwrap_or_default()).run()
}

/// Whether the lines are these, where `…` stands for any lines.
fn shows(lines: &[&str], expected: &[&str]) -> bool {
    match expected {
        [] => lines.is_empty(),
        ["…", rest @ ..] => (0..=lines.len()).any(|skipped| shows(&lines[skipped..], rest)),
        [first, rest @ ..] => lines.first().is_some_and(|line| fits(line, first)) && shows(&lines[1..], rest),
    }
}

/// Whether a line is this one, where `…` stands for any text. A program's own `…` fits, too.
fn fits(line: &str, expected: &str) -> bool {
    let Some((start, rest)) = expected.split_once('…') else { return line == expected };
    let Some(line) = line.strip_prefix(start) else { return false };
    line.char_indices().map(|(at, _)| at).chain([line.len()]).any(|at| fits(&line[at..], rest))
}

#[test]
fn every_command_does_what_the_guide_says() {
    let mut pages = pages();
    pages.push(("README.md".to_owned(), fs::read_to_string(project("README.md")).unwrap()));
    let mut blocks = blocks(&pages);
    // The README also shows what to type with a cluster at hand.
    blocks.retain(|block| !block.place.starts_with("README") || block.lines[0].starts_with("$ pomlint demo"));
    let folder = folder(&blocks);
    let server = Server::of(Pool::from_yaml("").unwrap());
    let console = blocks.iter().filter(|block| block.info == "console");
    let commands: Vec<Command<'_>> = console.flat_map(commands).collect();
    assert!(commands.len() >= 20, "only {} commands were found", commands.len());
    let mut wrong = String::new();
    for command in &commands {
        let typed = command.arguments.join(" ");
        assert_eq!(command.arguments[0], "pomlint", "{}: only pomlint is run: {typed}", command.place);
        let ran = run(command, folder.path(), &server);
        let lines: Vec<&str> = ran.stdout.lines().collect();
        let shown = command.output.is_empty() || shows(&lines, &command.output);
        if ran.code != command.exit || !shown {
            let _ = write!(
                wrong,
                "{}: $ {typed}\nexpected exit code {}, found {}; output as shown: {shown}\n{}{}\n",
                command.place, command.exit, ran.code, ran.stdout, ran.stderr
            );
        }
    }
    assert_eq!(wrong, "");
}

/// Commands in recipes and in the README, which are not run, at least exist.
#[test]
fn every_command_line_in_a_recipe_is_understood() {
    let mut pages = pages();
    pages.push(("README.md".to_owned(), fs::read_to_string(project("README.md")).unwrap()));
    let mut found = 0;
    for block in blocks(&pages).iter().filter(|block| block.info != "console" || block.place.starts_with("README")) {
        for line in &block.lines {
            let commands =
                ["check", "show", "diagnose", "explain", "rules", "login"].map(|name| format!("pomlint {name}"));
            let Some(at) = commands.iter().find_map(|name| line.find(name)) else { continue };
            let typed = line[at..].split(" # ").next().unwrap_or_default();
            let parsed = Cli::try_parse_from(words(typed));
            assert!(parsed.is_ok(), "{}: {typed}: {}", block.place, parsed.unwrap_err());
            found += 1;
        }
    }
    assert!(found > 0, "no recipe was found");
}

fn book() -> TempDir {
    let book = tempfile::tempdir().unwrap();
    site::write(&book.path().join("guide")).unwrap();
    book
}

#[test]
fn each_rule_has_a_chapter_without_front_matter() {
    let book = book();
    let contents = fs::read_to_string(book.path().join("guide/src/SUMMARY.md")).unwrap();
    for rule in RULES.iter() {
        let chapter =
            fs::read_to_string(book.path().join("guide/src/rules").join(format!("{}.md", rule.name))).unwrap();
        assert!(chapter.starts_with(&format!("# {}\n\n`{}` · ", rule.title(), rule.name)), "{chapter}");
        assert!(!chapter.contains("\nsymptoms:") && chapter.contains("\n## How we know\n"), "{chapter}");
        assert_eq!(contents.matches(&format!("(rules/{}.md)", rule.name)).count(), 1, "{contents}");
        for screen in Page::parse(rule.page).unwrap().examples.into_iter().filter_map(|example| example.screen) {
            let shown = format!("\n`pomlint check` prints:\n\n```text\n{}```\n", screen.text);
            assert!(chapter.contains(&shown), "{chapter}");
        }
    }
}

#[test]
fn each_symptom_leads_to_its_rule() {
    let book = book();
    let page = fs::read_to_string(book.path().join("guide/src/troubleshooting.md")).unwrap();
    let cards: Vec<&str> = page.split("\n- ").skip(1).filter(|card| card.contains("](rules/")).collect();
    let mut symptoms = 0;
    for rule in RULES.iter() {
        let link = format!("[{name}](rules/{name}.md)", name = rule.name);
        // What people say in words of their own is for `diagnose`, and no text to look up.
        for symptom in Page::parse(rule.page).unwrap().front.symptoms.into_iter().filter(|symptom| !symptom.is_said) {
            let symptom = symptom.text;
            let is_card = |card: &&str| card.lines().next().unwrap().contains(&symptom) && card.contains(&link);
            assert!(cards.iter().any(is_card), "{symptom} does not lead to {}:\n{}", rule.name, cards.join("\n"));
            symptoms += 1;
        }
    }
    assert!(symptoms >= cards.len() && cards.len() > 10, "{symptoms} symptoms on {} cards", cards.len());
    let places = page.matches("<details class=\"symptoms\">").count();
    assert!(places > 5, "they stand by where they are seen: {places}");
}

/// The heading as mdBook and GitHub name it in an address.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>();
    kept.replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let book = book();
    let source = book.path().join("guide/src");
    let mut linked = BTreeSet::new();
    for (name, _) in pages() {
        let text = fs::read_to_string(source.join(&name)).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            if link.is_empty() || link.starts_with("https://") {
                continue;
            }
            let file = if file.is_empty() { name.as_str() } else { file };
            let target = fs::read_to_string(source.join(file))
                .unwrap_or_else(|_| panic!("{name}: the link {link} leads nowhere"));
            let headings = target
                .lines()
                .filter_map(|line| line.strip_prefix('#'))
                .map(|line| anchor(line.trim_start_matches('#').trim()));
            assert!(
                part.is_empty() || headings.into_iter().any(|heading| heading == part),
                "{name}: {link} has no such heading"
            );
            if name == "SUMMARY.md" {
                linked.insert(file.to_owned());
            }
        }
    }
    for (name, _) in pages() {
        assert!(name == "SUMMARY.md" || linked.contains(&name), "{name} is not in SUMMARY.md");
    }
}
