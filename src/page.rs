//! Rule pages: documentation, the text of `explain`, symptoms to search, and tests, in one Markdown file.
//!
//! A page is parsed only when something asks for it: nothing here runs at start-up.
//!
//! After the [`FrontMatter`] come the title and the sections. In the sections `Example` and `Counter-example`, a code block with a
//! configuration begins an [`Example`], and the other blocks after it belong to it:
//!
//! | block | what it is |
//! |---|---|
//! | `yaml` | top-level keys, laid over the base configuration; `without=a,b` takes keys of the base away |
//! | `yaml whole` (or `json`, `toml`, `dotenv`) | the whole file; `name=NAME` is what the file is called |
//! | … `also=a,b` | other rules that may find something in a counter-example |
//! | … `peer` | no example of its own: another service of the same deployment |
//! | `pool` | how the user pool differs from the healthy one |
//! | `running` | how a running Pomerium differs from the healthy one: it is asked, and compared with the configuration |
//! | `environment` | an environment file |
//! | `json infra=NAME` (or `yaml`) | a plan, a state or a template, heard as with `--infra NAME`; a mark on a line of it counts there |
//! | `text file=NAME` | a file beside the configuration; with `newline`, it ends with one |
//! | `screen` | the last of an example: what `check` prints for the findings of the rule |
//!
//! A line of a configuration that ends with `# fail` must be the beginning of a finding. No one types a `screen`: a test holds each
//! of them to what is printed, and `POMLINT_BLESS=1 cargo test --test suite pages::` writes them.
//!
//! # Symptoms
//!
//! What a user may have seen of a failure, in the front matter, for `pomlint diagnose`. A plain string says that the rule is the
//! *likely* cause; `certain: TEXT` that nothing else causes it, `possible: TEXT` that other causes are as usual. `versions:` names
//! the releases of Pomerium that print it: `before v0.32`, `v0.32 and later`; with another release it is no more than possible.
//! With one of the texts of `unless:` in the same line, or on the same page, it is no symptom. `vague: true` says that it is none
//! where anything else is named.
//!
//! ```yaml
//! symptoms:
//!   - "a text"
//!   - certain: "/error?error=redirect_mismatch"
//!   - likely: "expected \"…/\" got"
//!     versions: "before v0.32"
//! ```
//!
//! The text is matched as it stands, with two exceptions:
//!
//! - `…` stands for any characters of the same line, or none.
//! - A text without white space that begins with `/` or `?` and has a `?` is an *address*: its path must be the path of the
//!   address seen, and each of its parameters must be there with that value, in any order, in the query or the fragment, however
//!   encoded. `name=…` is a parameter with any value.
//!
//! Everything else is found anywhere in a line, in any letter case, and as whole words: `invalid_client` is not found in
//! `invalid_client_metadata`. It is also found in the decoded values of an address, and in a page that was broken anywhere. JSON, Go,
//! Markdown and HTML escapes and the colours of a terminal are undone before.
//!
//! `said: TEXT` is what people say of it in words of their own: `sign out|log out & still logged in|no password`. All parts between
//! `&` must be there, each in one of its ways, in any order and letter case, each at the beginning of a word, in a short text that is
//! no log. It is never more than possible.

mod compose;
mod cure;
mod fence;
mod symptom;

use std::fmt;
use std::ops::RangeInclusive;

use serde::Deserialize;

pub use compose::{Composed, compose};
pub use cure::{cure, meaning};
use fence::Fence;
pub use symptom::{Strength, Symptom};

/// The address of a rule's page, once the guide is published: its site is `homepage` in `Cargo.toml`, and until that is set, nobody
/// is sent anywhere.
pub fn address(rule: &str) -> Option<String> {
    address_at(env!("CARGO_PKG_HOMEPAGE"), rule)
}

fn address_at(site: &str, rule: &str) -> Option<String> {
    (!site.is_empty()).then(|| format!("{}/rules/{rule}.html", site.trim_end_matches('/')))
}

/// A rule page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The title: what is wrong, in the user's words.
    pub title: &'static str,
    /// The front matter.
    pub front: FrontMatter,
    /// The text between the title and the first section.
    pub opening: &'static str,
    /// The sections, in order.
    pub sections: Vec<Section>,
    /// What is run as a test, in order.
    pub examples: Vec<Example>,
}

/// What stands between the two `---` lines of a page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    /// The release of this program that first had the rule.
    pub since: String,
    /// What a user may have seen: on a page, in the address bar, in a log.
    pub symptoms: Vec<Symptom>,
    /// The addresses of what the rule rests on.
    pub sources: Vec<String>,
}

impl FrontMatter {
    /// Reads the front matter alone.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(page: &'static str) -> Result<Self, PageError> {
        // The lines behind it need not be told apart.
        let end = page.match_indices("\n---").next().map_or(page.len(), |(at, mark)| at + mark.len());
        front_matter(page, &lines(page.get(..end).unwrap_or(page))).map(|(front, _)| front)
    }
}

/// A section of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading, without `##`.
    pub heading: &'static str,
    /// The text below it, without surrounding empty lines.
    pub body: &'static str,
    /// The line of the heading, counted from 1.
    pub line: usize,
}

/// Whether the rule is to find something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// It is: from a section `Example`.
    Fires,
    /// It is not: from a section `Counter-example`.
    Silent,
}

/// A configuration with its surroundings, and what the rule makes of it.
#[derive(Clone, Debug)]
pub struct Example {
    /// What the rule makes of it.
    pub expects: Expectation,
    /// The configuration.
    pub config: Block,
    /// Other rules that a counter-example may provoke.
    pub also: Vec<&'static str>,
    /// The description of the user pool; `None` for the healthy one.
    pub pool: Option<&'static str>,
    /// How a running Pomerium differs from the healthy one, if one is asked.
    pub running: Option<&'static str>,
    /// An environment file, one `NAME=value` a line.
    pub environment: Option<&'static str>,
    /// Files that lie beside the configuration.
    pub files: Vec<File>,
    /// Infrastructure code that is heard.
    pub infra: Vec<Block>,
    /// The other services of a split deployment.
    pub peers: Vec<Block>,
    /// What `check` prints for the findings of the rule.
    pub screen: Option<Screen>,
    /// The line of the page on which its last block ends, the screen left out; counted from 1.
    pub end: usize,
}

/// What is printed for an [`Example`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The text.
    pub text: &'static str,
    /// The lines of the page that its block takes, its marks included; counted from 1.
    pub lines: RangeInclusive<usize>,
}

/// A configuration of an [`Example`], or infrastructure code of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The text, without the `# fail` marks.
    pub text: String,
    /// The lines of the text on which a finding must start, counted from 1.
    pub fail_lines: Vec<usize>,
    /// What the text is.
    pub extent: Extent,
    /// The name of the file it is put into.
    pub name: String,
    /// The line of the page on which it begins, counted from 1.
    pub line: usize,
}

/// What the text of a [`Block`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The whole file.
    Whole,
    /// Top-level keys to be laid over the base configuration, from which some keys are taken away.
    Overlay {
        /// The keys to take away.
        without: Vec<&'static str>,
    },
}

/// A file beside the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// Its content.
    pub text: String,
}

/// What is wrong with a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there, and what to do.
    pub why: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for PageError {}

impl PageError {
    fn at(line: usize, why: impl Into<String>) -> Self {
        Self { line, why: why.into() }
    }
}

/// A line of a page: its number, counted from 1, where it begins, and its text without the line end.
#[derive(Clone, Copy, Debug)]
struct Line {
    number: usize,
    start: usize,
    text: &'static str,
}

fn lines(page: &'static str) -> Vec<Line> {
    let mut start = 0;
    page.split_inclusive('\n')
        .enumerate()
        .map(|(index, whole)| {
            let line = Line { number: index + 1, start, text: whole.trim_end_matches(['\n', '\r']) };
            start += whole.len();
            line
        })
        .collect()
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(page: &'static str) -> Result<Self, PageError> {
        let lines = lines(page);
        let (front, rest) = front_matter(page, &lines)?;
        let blocks = fence::fences(page, rest)?;
        // A `#` inside a code block is a comment.
        let is_text = |line: &&Line| !blocks.iter().any(|block| block.lines.contains(&line.number));
        let mut headings = rest.iter().filter(is_text).filter(|line| line.text.starts_with('#')).peekable();
        let title_line = headings
            .next_if(|line| line.text.starts_with("# "))
            .ok_or_else(|| PageError::at(rest.first().map_or(1, |line| line.number), "expected the title, `# …`"))?;
        let headings: Vec<&Line> = headings.filter(|line| !line.text.starts_with("###")).collect();
        if let Some(other) = headings.iter().find(|line| !line.text.starts_with("## ")) {
            return Err(PageError::at(other.number, "expected the heading of a section, `## …`"));
        }
        let end_of = |index: usize| headings.get(index).map_or(page.len(), |line| line.start);
        let body = |line: &Line, end: usize| page.get(line.start + line.text.len()..end).unwrap_or_default().trim();
        let sections: Vec<Section> = headings
            .iter()
            .enumerate()
            .map(|(index, line)| Section {
                heading: line.text.trim_start_matches('#').trim(),
                body: body(line, end_of(index + 1)),
                line: line.number,
            })
            .collect();
        Ok(Self {
            title: title_line.text.trim_start_matches('#').trim(),
            front,
            opening: body(title_line, end_of(0)),
            examples: examples(&sections, &blocks)?,
            sections,
        })
    }

    /// The text of the section with that heading.
    pub fn section(&self, heading: &str) -> Option<&'static str> {
        self.sections.iter().find(|section| section.heading == heading).map(|section| section.body)
    }
}

/// The front matter, and the lines after it.
fn front_matter<'a>(page: &str, lines: &'a [Line]) -> Result<(FrontMatter, &'a [Line]), PageError> {
    let is_mark = |line: &Line| line.text == "---";
    let [first, rest @ ..] = lines else { return Err(PageError::at(1, "the page is empty")) };
    if !is_mark(first) {
        return Err(PageError::at(1, "expected the front matter, which begins with `---`"));
    }
    let end = rest
        .iter()
        .position(is_mark)
        .ok_or_else(|| PageError::at(1, "the front matter is not ended by a second `---`"))?;
    let (inside, rest) = rest.split_at(end);
    let text = match (inside.first(), rest.first()) {
        (Some(from), Some(to)) => page.get(from.start..to.start).unwrap_or_default(),
        _ => "",
    };
    let front = serde_yaml::from_str(text).map_err(|error| {
        // From the line after the mark; and counted here, as YAML ends a line at a lone carriage return too, and this page does not.
        let read = error.location().map_or(0, |place| place.index());
        let line = 2 + text.chars().take(read).filter(|read| *read == '\n').count();
        PageError::at(line, format!("front matter: {error}"))
    })?;
    Ok((front, rest.get(1..).unwrap_or_default()))
}

/// The examples: each configuration begins one, and the blocks after it belong to it.
fn examples(sections: &[Section], blocks: &[Fence]) -> Result<Vec<Example>, PageError> {
    let mut examples: Vec<Example> = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let expects = match section.heading {
            "Example" => Expectation::Fires,
            "Counter-example" => Expectation::Silent,
            _ => continue,
        };
        let end = sections.get(index + 1).map_or(usize::MAX, |next| next.line);
        let before = examples.len();
        for block in blocks.iter().filter(|block| (section.line..end).contains(block.lines.start())) {
            if block.begins_example() {
                examples.push(block.example(expects)?);
            } else {
                let here = examples.get_mut(before..).unwrap_or_default().last_mut();
                block.join(here)?;
            }
        }
        if examples.len() == before {
            return Err(PageError::at(section.line, "there is no ```yaml block in this section"));
        }
    }
    Ok(examples)
}

#[cfg(test)]
mod tests;
