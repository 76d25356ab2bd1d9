//! Writes the sources of the guide: what is in `docs/`, with a page for each rule and a card for each symptom; and the page that judges in the browser.
//!
//! ```text
//! cargo run --example guide && mdbook build target/guide
//! ```

mod symptoms;

use std::cmp::Reverse;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use pomlint::diagnose::causes;
use pomlint::page::{Page, Strength, Symptom};
use pomlint::rules::{RULES, Rule, Stage};

/// Stands in a page where the cards of the symptoms are to be.
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
    for file in ["book.toml", "guide.css", "paste.js"] {
        fs::copy(docs.join(file), book.join(file))?;
    }
    let symptoms = symptoms::cards()?;
    for file in fs::read_dir(docs.join("src"))? {
        let file = file?;
        let text = fs::read_to_string(file.path())?.replace(SYMPTOMS, &symptoms);
        fs::write(book.join("src").join(file.file_name()), text)?;
    }
    for rule in RULES.iter() {
        fs::write(book.join("src/rules").join(format!("{}.md", rule.name)), chapter(rule)?)?;
    }
    fs::create_dir_all(book.join("src/causes"))?;
    for cause in causes() {
        fs::write(book.join("src/causes").join(format!("{}.md", cause.name)), cause.page())?;
    }
    see(&book.join("src/see"))?;
    let contents = book.join("src/SUMMARY.md");
    fs::write(&contents, fs::read_to_string(&contents)? + &rules() + &outside())
}

/// The page "What do you see?", with what it runs, if that was built (`web/build`).
fn see(folder: &Path) -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(folder)?;
    for file in fs::read_dir(root.join("web/page"))? {
        let file = file?;
        fs::copy(file.path(), folder.join(file.file_name()))?;
    }
    let rules = RULES.iter().map(|rule| (rule.name, "rules"));
    let names = rules.chain(causes().iter().map(|cause| (cause.name.as_str(), "causes")));
    let names: Vec<String> = names.map(|(name, folder)| format!("\"{name}\": \"{folder}\"")).collect();
    fs::write(folder.join("names.js"), format!("const NAMES = {{{}}};\n", names.join(", ")))?;
    match fs::copy(root.join("target/web/engine.js"), folder.join("engine.js")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn page(rule: &Rule) -> io::Result<Page> {
    Page::parse(rule.page).map_err(|error| io::Error::other(format!("rules/{}.md: {error}", rule.name)))
}

/// A rule's page without its front matter, whose facts stand below the title instead.
fn chapter(rule: &Rule) -> io::Result<String> {
    let Page { title, front, opening, sections, .. } = page(rule)?;
    let facts = format!("`{}` · {} · stage *{}* · since {}", rule.name, rule.severity, rule.stage.name(), front.since);
    let mut text = format!("# {title}\n\n{facts}\n\n{opening}\n");
    text += &signs(front.symptoms);
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

/// What tells it surely, or likely: short, so that the search finds the page by it before those that only mention it.
fn signs(mut symptoms: Vec<Symptom>) -> String {
    symptoms.retain(|symptom| !symptom.is_said && symptom.strength > Strength::Possible);
    symptoms.sort_by_key(|symptom| Reverse(symptom.strength));
    let signs: Vec<String> =
        symptoms.iter().map(|sign| format!("- {}, {}\n", symptoms::code(&sign.text), sign.strength.name())).collect();
    if signs.is_empty() { String::new() } else { format!("\n## Signs\n\n{}", signs.concat()) }
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
