//! The code blocks of a page.

use std::ops::RangeInclusive;

use super::{Block, Example, Expectation, Extent, File, Line, PageError, Screen};

/// A code block.
pub(super) struct Fence {
    /// The lines it takes, its marks included.
    pub(super) lines: RangeInclusive<usize>,
    /// The first word after the mark.
    language: &'static str,
    /// The other words: a name, or `name=value`.
    attributes: Vec<(&'static str, &'static str)>,
    /// What is between the marks.
    text: &'static str,
}

const MARK: &str = "```";

/// All code blocks, in order.
pub(super) fn fences(page: &'static str, lines: &[Line]) -> Result<Vec<Fence>, PageError> {
    let mut fences = Vec::new();
    let mut lines = lines.iter();
    while let Some(opening) = lines.next() {
        let Some(info) = opening.text.strip_prefix(MARK) else { continue };
        let from = opening.start + opening.text.len() + 1;
        let closing = lines
            .find(|line| line.text == MARK)
            .ok_or_else(|| PageError::at(opening.number, "this code block is not ended by ```"))?;
        let mut words = info.split_whitespace();
        fences.push(Fence {
            lines: opening.number..=closing.number,
            language: words.next().unwrap_or_default(),
            attributes: words.map(|word| word.split_once('=').unwrap_or((word, ""))).collect(),
            text: page.get(from..closing.start).unwrap_or_default(),
        });
    }
    Ok(fences)
}

/// The languages of a configuration. An overlay can be laid over YAML only.
const CONFIGURATIONS: [&str; 4] = ["yaml", "json", "toml", "dotenv"];

/// All blocks that an example may have.
const BLOCKS: [&str; 9] = ["yaml", "json", "toml", "dotenv", "pool", "running", "environment", "text", "screen"];

/// The attribute that makes a block infrastructure code, with the name of its file.
const INFRA: &str = "infra";

impl Fence {
    /// It is a configuration of its own, and begins an example.
    pub(super) fn begins_example(&self) -> bool {
        self.is_config() && self.attribute("peer").is_none() && self.attribute(INFRA).is_none()
    }

    fn is_config(&self) -> bool {
        CONFIGURATIONS.contains(&self.language)
    }

    /// The example that it begins.
    pub(super) fn example(&self, expects: Expectation) -> Result<Example, PageError> {
        self.allow(&["whole", "without", "also", "name"])?;
        Ok(Example {
            expects,
            config: self.config("pomerium")?,
            also: list(self.attribute("also")),
            pool: None,
            running: None,
            environment: None,
            files: Vec::new(),
            infra: Vec::new(),
            peers: Vec::new(),
            screen: None,
            end: *self.lines.end(),
        })
    }

    /// The configuration that it is; without a name of its own, the file is called by the stem and the ending of its language.
    fn config(&self, stem: &'static str) -> Result<Block, PageError> {
        let whole = self.attribute("whole").is_some();
        let without = list(self.attribute("without"));
        if whole && !without.is_empty() {
            return Err(self.error("`without` takes keys from the base, and `whole` has no base"));
        }
        if !whole && self.language != "yaml" {
            return Err(self.error("only YAML can be laid over the base: add `whole`"));
        }
        let (text, fail_lines) = unmark(self.text);
        let extent = if whole { Extent::Whole } else { Extent::Overlay { without } };
        let ending = if self.language == "dotenv" { "env" } else { self.language };
        let name = self.attribute("name").map_or_else(|| format!("{stem}.{ending}"), str::to_owned);
        Ok(Block { text, fail_lines, extent, name, line: self.lines.start() + 1 })
    }

    /// Adds what it says to the example it belongs to.
    pub(super) fn join(&self, example: Option<&mut Example>) -> Result<(), PageError> {
        let example =
            example.ok_or_else(|| self.error("this block belongs to a ```yaml block, which must stand before it"))?;
        if example.screen.is_some() {
            return Err(self.error("a `screen` is the last block of its example: this one must stand before it"));
        }
        if self.language == "screen" {
            self.allow(&[])?;
            example.screen = Some(Screen { text: self.text, lines: self.lines.clone() });
            return Ok(());
        }
        example.end = *self.lines.end();
        match self.language {
            _ if self.attribute(INFRA).is_some() => {
                example.infra.push(self.infra()?);
                Ok(())
            }
            _ if self.is_config() => {
                self.allow(&["peer", "whole", "without", "name"])?;
                example.peers.push(self.config("peer")?);
                Ok(())
            }
            "pool" => self.once(&mut example.pool),
            "running" => self.once(&mut example.running),
            "environment" => self.once(&mut example.environment),
            "text" => {
                example.files.push(self.file()?);
                Ok(())
            }
            other => Err(self.error(format!("`{other}` is none of {}", BLOCKS.join(", ")))),
        }
    }

    fn infra(&self) -> Result<Block, PageError> {
        self.allow(&[INFRA])?;
        let name = self.attribute(INFRA).filter(|name| !name.is_empty() && ["json", "yaml"].contains(&self.language));
        let name = name
            .ok_or_else(|| self.error("infrastructure code is JSON or YAML and names its file: ```json infra=NAME"))?;
        let (text, fail_lines) = unmark(self.text);
        Ok(Block { text, fail_lines, extent: Extent::Whole, name: name.to_owned(), line: self.lines.start() + 1 })
    }

    fn file(&self) -> Result<File, PageError> {
        self.allow(&["file", "newline"])?;
        let name = self.attribute("file").filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| self.error("a text block names its file: ```text file=NAME"))?;
        // Whether the file ends with a newline is often the point, and cannot be seen in a code block.
        let is_whole = self.attribute("newline").is_some();
        let text = if is_whole { self.text } else { self.text.strip_suffix('\n').unwrap_or(self.text) };
        Ok(File { name, text: text.to_owned() })
    }

    fn once(&self, place: &mut Option<&'static str>) -> Result<(), PageError> {
        self.allow(&[])?;
        match place.replace(self.text) {
            None => Ok(()),
            Some(_) => Err(self.error(format!("a second `{}` block for the same example", self.language))),
        }
    }

    fn attribute(&self, name: &str) -> Option<&'static str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn allow(&self, names: &[&str]) -> Result<(), PageError> {
        match self.attributes.iter().find(|(name, _)| !names.contains(name)) {
            Some((name, _)) => Err(self.error(format!("a `{}` block takes no `{name}`", self.language))),
            None => Ok(()),
        }
    }

    fn error(&self, why: impl Into<String>) -> PageError {
        PageError::at(*self.lines.start(), why)
    }
}

fn list(value: Option<&'static str>) -> Vec<&'static str> {
    value.into_iter().flat_map(|value| value.split(',')).filter(|item| !item.is_empty()).collect()
}

/// The text without its `# fail` marks, and the lines that have one.
fn unmark(marked: &str) -> (String, Vec<usize>) {
    let mut text = String::with_capacity(marked.len());
    let mut fail_lines = Vec::new();
    for (index, line) in marked.split_inclusive('\n').enumerate() {
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        match content.strip_suffix("# fail") {
            Some(content) => {
                fail_lines.push(index + 1);
                text.push_str(content.trim_end());
            }
            None => text.push_str(content),
        }
        text.push_str(end);
    }
    (text, fail_lines)
}
