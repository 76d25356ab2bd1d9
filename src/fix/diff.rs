//! The difference that edits make, as `diff -u` writes it.

use std::ops::Range;

use super::Patch;
use crate::report::plain;

/// Lines around a change.
const CONTEXT: usize = 3;

/// A part of the lines that differs: old and new lines, by their numbers from 0.
#[derive(Clone, Debug)]
struct Block {
    old: Range<usize>,
    new: Range<usize>,
}

/// The lines of a text, with where each begins.
struct Lines<'t>(Vec<(usize, &'t str)>);

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            start += line.len();
            (start - line.len(), line)
        });
        Self(lines.collect())
    }

    /// The line in which a byte stands.
    fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|(start, _)| *start <= offset).saturating_sub(1)
    }

    fn get(&self, index: usize) -> (usize, &'t str) {
        self.0.get(index).copied().unwrap_or_default()
    }
}

/// How a line is shown that begins at a byte, without its end: of the old text, and of the new one.
pub struct Shown<'s> {
    /// Of the old text.
    pub old: &'s dyn Fn(usize, &str) -> String,
    /// Of the new one.
    pub new: &'s dyn Fn(usize, &str) -> String,
}

/// The difference; and why `patch` cannot apply it, if something is not shown as it is.
pub fn unified(name: &str, original: &str, patch: &Patch, shown: &Shown<'_>) -> (String, Option<&'static str>) {
    let changed = patch.apply(original);
    let (old, new) = (Lines::of(original), Lines::of(&changed));
    let mut writer = Writer { old: &old, new: &new, shown, text: headings(name), is_masked: false, is_escaped: false };
    for hunk in hunks(blocks(patch, &old, &new), old.0.len()) {
        writer.hunk(&hunk);
    }
    // Neither GNU patch nor git writes to such a file.
    let is_outside = name.starts_with('/') || name.split('/').any(|part| part == "..");
    let whys = [
        (writer.is_masked, "secrets are masked here"),
        (writer.is_escaped, "characters that act on a terminal or in a CI system are written out here"),
        (is_outside, "the file is none below this folder by its name"),
    ];
    let why = whys.into_iter().find(|(is_so, _)| *is_so).map(|(_, why)| why);
    (writer.text, why)
}

fn headings(name: &str) -> String {
    let parts: Vec<&str> = name.split('/').filter(|part| *part != ".").collect();
    let name = parts.join("/");
    let of = |side: &str| if name.starts_with('/') { quoted(&name) } else { quoted(&format!("{side}/{name}")) };
    format!("--- {}\n+++ {}\n", of("a"), of("b"))
}

/// A name as GNU diff and git write it: in quotes where a program could not read it otherwise, and with a tab behind it where it
/// holds a space.
fn quoted(name: &str) -> String {
    if plain(name) == name && !name.contains(['"', '\\', '\t']) {
        let end = if name.contains(' ') { "\t" } else { "" };
        return format!("{name}{end}");
    }
    let mut text = String::from("\"");
    for byte in name.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            // Two in a row may begin a command to a CI system.
            b' '..=b'~' if byte != b'#' => text.push(char::from(byte)),
            _ => text.extend([format!("\\{byte:03o}")]),
        }
    }
    text + "\""
}

/// The lines that each edit changes; those that share a line, or follow each other, are one.
fn blocks(patch: &Patch, old: &Lines<'_>, new: &Lines<'_>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut grown, mut shrunk) = (0, 0);
    for (at, text) in patch.edits() {
        let start = at.start + grown - shrunk;
        let block =
            Block { old: old.at(at.start)..old.at(at.end) + 1, new: new.at(start)..new.at(start + text.len()) + 1 };
        grown += text.len();
        shrunk += at.len();
        match blocks.last_mut() {
            Some(last) if block.old.start <= last.old.end => {
                last.old.end = block.old.end.max(last.old.end);
                last.new.end = block.new.end.max(last.new.end);
            }
            _ => blocks.push(block),
        }
    }
    for block in &mut blocks {
        block.old.end = block.old.end.min(old.0.len());
        block.new.end = block.new.end.min(new.0.len());
    }
    blocks
}

/// The blocks whose contexts meet, together.
fn hunks(blocks: Vec<Block>, lines: usize) -> Vec<Vec<Block>> {
    let mut hunks: Vec<Vec<Block>> = Vec::new();
    for block in blocks {
        match hunks.last_mut() {
            Some(hunk)
                if hunk.last().is_some_and(|last| (last.old.end + 2 * CONTEXT).min(lines) >= block.old.start) =>
            {
                hunk.push(block);
            }
            _ => hunks.push(vec![block]),
        }
    }
    hunks
}

struct Writer<'w> {
    old: &'w Lines<'w>,
    new: &'w Lines<'w>,
    shown: &'w Shown<'w>,
    text: String,
    /// What stands there is not shown.
    is_masked: bool,
    /// It is shown in other characters.
    is_escaped: bool,
}

impl Writer<'_> {
    fn hunk(&mut self, blocks: &[Block]) {
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return };
        let before = first.old.start.min(CONTEXT);
        let after = (self.old.0.len() - last.old.end).min(CONTEXT);
        let old = first.old.start - before..last.old.end + after;
        let new = first.new.start - before..last.new.end + after;
        self.text.extend([format!("@@ -{} +{} @@\n", numbers(&old), numbers(&new))]);
        let mut next = old.start;
        for block in blocks {
            (next..block.old.start).for_each(|index| self.line(' ', index));
            block.old.clone().for_each(|index| self.line('-', index));
            block.new.clone().for_each(|index| self.line('+', index));
            next = block.old.end;
        }
        (next..old.end).for_each(|index| self.line(' ', index));
    }

    fn line(&mut self, sign: char, index: usize) {
        let (lines, shown) = if sign == '+' { (self.new, self.shown.new) } else { (self.old, self.shown.old) };
        let (start, line) = lines.get(index);
        let (body, end) = match line.strip_suffix("\r\n") {
            Some(body) => (body, "\r\n"),
            None => line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n")),
        };
        let said = shown(start, body);
        if said != body {
            let is_masked = said != plain(body);
            self.is_masked |= is_masked;
            self.is_escaped |= !is_masked;
        }
        self.text.push(sign);
        self.text += &said;
        self.text += if end.is_empty() { "\n\\ No newline at end of file\n" } else { end };
    }
}

/// `3,7`; one line goes without its count, and of none the line before is named.
fn numbers(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}
