//! Writes the sources of the guide: what is in `docs/`, with a page for each rule and a table of all symptoms.
//!
//! ```text
//! cargo run --example guide && mdbook build target/guide
//! ```

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use pomlint::diagnose::causes;
use pomlint::page::{Page, Strength};
use pomlint::rules::{RULES, Rule, Stage};

/// Stands in a page where the table of symptoms is to be.
const SYMPTOMS: &str = "<!-- symptoms -->";

/// Begins the block of a rule page that shows what is printed, and what a chapter has in its place.
const SCREEN: &str = "\n```screen\n";
const PRINTED: &str = "\n\n`pomlint check` prints:\n\n```text\n";

fn main() -> io::Result<()> {
    write(Path::new("target/guide"))
}

/// Writes the book's sources into a folder, which is emptied before.
///
/// # Errors
/// If a file cannot be read or written, or a rule page is malformed.
pub fn write(book: &Path) -> io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    if book.exists() {
        fs::remove_dir_all(book)?;
    }
    fs::create_dir_all(book.join("src/rules"))?;
    fs::copy(docs.join("book.toml"), book.join("book.toml"))?;
    for file in fs::read_dir(docs.join("src"))? {
        let file = file?;
        let text = fs::read_to_string(file.path())?.replace(SYMPTOMS, &symptoms()?);
        fs::write(book.join("src").join(file.file_name()), text)?;
    }
    for rule in RULES.iter() {
        fs::write(book.join("src/rules").join(format!("{}.md", rule.name)), chapter(rule)?)?;
    }
    fs::create_dir_all(book.join("src/causes"))?;
    for cause in causes() {
        fs::write(book.join("src/causes").join(format!("{}.md", cause.name)), cause.page())?;
    }
    let contents = book.join("src/SUMMARY.md");
    fs::write(&contents, fs::read_to_string(&contents)? + &rules() + &outside())
}

fn page(rule: &Rule) -> io::Result<Page> {
    Page::parse(rule.page).map_err(|error| io::Error::other(format!("rules/{}.md: {error}", rule.name)))
}

/// A rule's page without its front matter, whose facts stand below the title instead.
fn chapter(rule: &Rule) -> io::Result<String> {
    let Page { title, front, opening, sections, .. } = page(rule)?;
    let facts = format!("`{}` · {} · stage *{}* · since {}", rule.name, rule.severity, rule.stage.name(), front.since);
    let mut text = format!("# {title}\n\n{facts}\n\n{opening}\n");
    for section in sections {
        let _ = write!(text, "\n## {}\n\n{}\n", section.heading, section.body.replace(SCREEN, PRINTED));
    }
    if !front.sources.is_empty() {
        text += "\n## Sources\n\n";
        for source in front.sources {
            let _ = writeln!(text, "- <{source}>");
        }
    }
    Ok(text)
}

/// The rules for the table of contents, by the stages of a login.
fn rules() -> String {
    let mut text = String::new();
    for stage in Stage::ALL {
        let _ = writeln!(text, "  - [{}]()", stage.name());
        for rule in RULES.iter().filter(|rule| rule.stage == stage) {
            let _ = writeln!(text, "    - [{}](rules/{name}.md)", rule.title(), name = rule.name);
        }
    }
    text
}

/// The causes that no rule can judge, for the table of contents.
fn outside() -> String {
    let mut text = "  - [no rule]()\n".to_owned();
    for cause in causes() {
        let _ = writeln!(text, "    - [{}](causes/{name}.md)", cause.title, name = cause.name);
    }
    text
}

/// A table: what a user may have seen, and the rules that explain it, the surest first.
fn symptoms() -> io::Result<String> {
    let mut explained: BTreeMap<String, Vec<(Strength, String)>> = BTreeMap::new();
    for rule in RULES.iter() {
        for symptom in page(rule)?.front.symptoms.into_iter().filter(|symptom| !symptom.is_said) {
            let cause = format!("[{name}](rules/{name}.md), {}", symptom.strength.name(), name = rule.name);
            explained.entry(symptom.text).or_default().push((symptom.strength, cause));
        }
    }
    for cause in causes() {
        for symptom in cause.symptoms.iter().filter(|symptom| !symptom.is_said) {
            let named = format!("[{name}](causes/{name}.md), {}", symptom.strength.name(), name = cause.name);
            explained.entry(symptom.text.clone()).or_default().push((symptom.strength, named));
        }
    }
    let mut text = "| you see | it may be, and how surely |\n|---|---|\n".to_owned();
    for (symptom, mut causes) in explained {
        causes.sort_by_key(|(strength, _)| Reverse(*strength));
        let causes: Vec<String> = causes.into_iter().map(|(_, cause)| cause).collect();
        let _ = writeln!(text, "| {} | {} |", code(&symptom), causes.join("<br>"));
    }
    Ok(text)
}

/// A text as code in a cell of a table.
fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", text.replace('|', "\\|"))
}
