//! What the rules say is held: each sentence in `src/rules` stands in the screen of an example or in a test.
//!
//! A sentence is a string literal of words. Its placeholders are filled where it is printed, so what is between them is looked
//! for, in order, in one screen or one text of a test. Prose in a page does not count: nothing turns red when it goes stale.

use std::fs;
use std::path::{Path, PathBuf};

use pomlint::page::Page;

use crate::pages::sheets;
use crate::support::project;

/// Shorter ones are words in a sentence that is put together.
const SHORTEST: usize = 25;

/// So many of a hundred must be held.
const HELD: usize = 99;

/// A string literal, and the line on which it begins.
#[derive(Debug, PartialEq, Eq)]
struct Literal {
    line: usize,
    text: String,
}

#[test]
fn every_sentence_of_a_rule_is_held() {
    let held = held();
    let (mut count, mut missing) = (0, Vec::new());
    for file in sources("src/rules").iter().filter(|file| !is_test(file)) {
        let source = fs::read_to_string(project(".").join(file)).unwrap();
        for Literal { line, text } in literals(program(&source)).into_iter().filter(is_sentence) {
            count += 1;
            let pieces = pieces(&text);
            if !held.iter().any(|held| has_in_order(held, &pieces)) {
                missing.push(format!("{}:{line}: {text}", file.display()));
            }
        }
    }
    assert!(count > 300, "only {count} sentences were found");
    let advice = "no screen of an example (rules/*.md) and no test has these; add an example, or delete the sentence";
    let enough = (count - missing.len()) * 100 >= count * HELD;
    assert!(enough, "{} of {count} sentences are held; {advice}:\n{}", count - missing.len(), missing.join("\n"));
}

/// The texts by which sentences are held: the screens of the pages, what the tests say, and the tables of worlds and of readings.
fn held() -> Vec<String> {
    let pages = sheets().into_iter().filter_map(|sheet| Page::parse(sheet.text).ok());
    let mut held: Vec<String> = pages
        .flat_map(|page| page.examples.into_iter().filter_map(|example| example.screen))
        .map(|screen| folded(screen.text))
        .collect();
    for file in [sources("src"), sources("tests")].concat() {
        let source = fs::read_to_string(project(".").join(&file)).unwrap();
        let tests = if is_test(&file) { &source } else { &source[program(&source).len()..] };
        held.extend(literals(tests).iter().map(|literal| folded(&literal.text)));
    }
    for tables in ["tests/worlds", "fixtures/infra/readings"] {
        for table in fs::read_dir(project(tables)).unwrap() {
            held.push(folded(&fs::read_to_string(table.unwrap().path()).unwrap()));
        }
    }
    held
}

/// The Rust sources below a folder of the project.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(project(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = Path::new(folder).join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files.extend(sources(path.to_str().unwrap()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The file is a test, or helps one.
fn is_test(file: &Path) -> bool {
    let helps = |stem: &str| ["tests", "testing", "sample", "samples"].contains(&stem);
    file.starts_with("tests") || file.file_stem().is_some_and(|stem| helps(stem.to_str().unwrap()))
}

/// The source without the tests at its end.
fn program(source: &str) -> &str {
    let tests = source.find("#[cfg(test)]\n").filter(|at| source[*at..].contains("mod tests {"));
    &source[..tests.unwrap_or(source.len())]
}

/// Words, and not a name, an address or a path.
fn is_sentence(literal: &Literal) -> bool {
    // A table of domains or countries is no sentence.
    let has_a_word = literal.text.split_whitespace().any(|word| word.chars().count() > 3);
    literal.text.chars().count() >= SHORTEST && literal.text.trim().contains(' ') && has_a_word
}

/// What is between the placeholders, without what is too short to be found by.
fn pieces(text: &str) -> Vec<String> {
    let text = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let parts = text.split('{').enumerate().map(|(index, part)| match part.split_once('}') {
        Some((_, after)) if index > 0 => after,
        _ => part,
    });
    parts
        .map(|part| folded(&part.replace('\u{1}', "{").replace('\u{2}', "}")))
        .filter(|part| part.chars().filter(|char| char.is_alphabetic()).count() >= 2)
        .collect()
}

/// The words with one space between them. On a screen, lines are broken and stand beside the marks of an excerpt.
fn folded(text: &str) -> String {
    let is_mark = |word: &str| word.chars().all(|char| "|^-".contains(char));
    text.split_whitespace().filter(|word| !is_mark(word)).collect::<Vec<_>>().join(" ")
}

fn has_in_order(mut text: &str, pieces: &[String]) -> bool {
    pieces.iter().all(|piece| match text.split_once(piece.as_str()) {
        Some((_, after)) => {
            text = after;
            true
        }
        None => false,
    })
}

/// The string literals of a Rust source, as far as this project writes them; not those in comments and attributes, and no paths.
fn literals(source: &str) -> Vec<Literal> {
    let mut literals = Vec::new();
    let mut at = 0;
    while let Some(next) = source[at..].find(['/', '"', '\'', '#']).map(|found| at + found) {
        let rest = &source[next..];
        at = next
            + if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("#[") || rest.starts_with("#![") {
                attribute(rest)
            } else if rest.starts_with('"') {
                let before = &source[..next];
                let hashes = raw(before);
                let (text, length) = hashes.map_or_else(|| cooked(rest), |count| verbatim(rest, count));
                if !before.trim_end_matches(['r', '#']).ends_with("include_str!(") {
                    literals.push(Literal { line: before.matches('\n').count() + 1, text });
                }
                length
            } else if rest.starts_with('\'') {
                character(rest)
            } else {
                1
            };
    }
    literals
}

/// How many `#` a raw string has, of which this is what stands before its quote; `None` for another string.
fn raw(before: &str) -> Option<usize> {
    let bare = before.trim_end_matches('#');
    let mut ends = bare.chars().rev();
    let is_raw = ends.next() == Some('r') && ends.next().is_none_or(|char| !char.is_alphanumeric() || char == 'b');
    is_raw.then_some(before.len() - bare.len())
}

/// The text of a raw string from its quote, and how long the string is.
fn verbatim(rest: &str, hashes: usize) -> (String, usize) {
    let end = format!("\"{}", "#".repeat(hashes));
    let length = rest[1..].find(&end).unwrap();
    (rest[1..=length].to_owned(), 1 + length + end.len())
}

/// The text of a string with its escapes undone, and how long the string is.
fn cooked(rest: &str) -> (String, usize) {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (text, at + 1),
            '\\' => match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('\n') => while chars.next_if(|(_, char)| char.is_whitespace()).is_some() {},
                Some(escaped) => text.push(escaped),
                None => {}
            },
            char => text.push(char),
        }
    }
    (text, rest.len())
}

/// How long a character literal is, or the mark of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, _))) => rest[at + 1..].find('\'').map_or(1, |end| at + end + 2),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// How long an attribute is.
fn attribute(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut is_text = false;
    for (at, char) in rest.char_indices() {
        match char {
            '"' => is_text = !is_text,
            '[' if !is_text => depth += 1,
            ']' if !is_text => depth -= 1,
            _ => {}
        }
        if char == ']' && depth == 0 {
            return at + 1;
        }
    }
    rest.len()
}

#[test]
fn literals_are_read_as_rust_writes_them() {
    let source = "// \"no\"\n#[allow(x, reason = \"no\")]\nlet a: &'static str = \"a \\\"b\\\" \\\n    c\"; let q = ['\"', '\\'', '\\u{1}'];\nr#\"raw \"x\" \\n\"#; include_str!(\"no\"); for x in y { \"{{}} {x}\" }";
    let read = literals(source);
    let texts: Vec<_> = read.iter().map(|literal| (literal.line, literal.text.as_str())).collect();
    assert_eq!(texts, [(3, "a \"b\" c"), (5, "raw \"x\" \\n"), (5, "{{}} {x}")]);
    assert_eq!(pieces("one {x} two\n  three {{y}} {z:?}."), ["one", "two three {y}"]);
    assert!(has_in_order("a one b two", &["one".into(), "two".into()]));
    assert!(!has_in_order("two one", &["one".into(), "two".into()]));
}
