//! Lays the configuration of an example over the base.
//!
//! It works on lines rather than on parsed YAML, so that comments, quotes, and what is wrong with the text all stay as written.

use super::{Example, Extent, PageError};

/// A configuration to be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// The text.
    pub text: String,
    /// The lines of the text on which a finding must start, counted from 1.
    pub fail_lines: Vec<usize>,
}

/// A line, and whether a finding must start on it.
type Marked<'a> = (&'a str, bool);

/// Some lines that belong together: a top-level key with its value, or comments and empty lines.
struct Chunk<'a> {
    key: Option<&'a str>,
    lines: Vec<Marked<'a>>,
}

/// The configuration of an example: each of its top-level keys replaces the whole block of that key in the base, or is added at the end.
///
/// # Errors
/// If `without` names a key that the base does not have.
pub fn compose(example: &Example, base: &str) -> Result<Composed, PageError> {
    let block = &example.config;
    let without = match &block.extent {
        Extent::Whole => {
            return Ok(Composed { text: block.text.clone(), fail_lines: block.fail_lines.clone() });
        }
        Extent::Overlay { without } => without,
    };
    let base = chunks(base, &[]);
    if let Some(unknown) = without.iter().find(|key| !base.iter().any(|chunk| chunk.key == Some(key))) {
        let why = format!("`without` names `{unknown}`, which the base configuration does not have");
        return Err(PageError::at(example.line.saturating_sub(1), why));
    }
    let mut overlay = bind_comments(chunks(&block.text, &block.fail_lines));
    let mut lines: Vec<Marked<'_>> = Vec::new();
    for chunk in base {
        let Some(key) = chunk.key else {
            lines.extend(chunk.lines);
            continue;
        };
        // A key that the overlay writes twice stays written twice.
        let (replacing, others) = overlay.into_iter().partition(|over: &Chunk<'_>| over.key == Some(key));
        overlay = others;
        if !replacing.is_empty() {
            lines.extend(replacing.into_iter().flat_map(|over| over.lines));
        } else if !without.contains(&key) {
            lines.extend(chunk.lines);
        }
    }
    lines.extend(overlay.into_iter().flat_map(|over| over.lines));
    Ok(Composed {
        fail_lines: lines.iter().enumerate().filter(|(_, (_, fail))| *fail).map(|(index, _)| index + 1).collect(),
        text: lines.into_iter().flat_map(|(line, _)| [line, "\n"]).collect(),
    })
}

fn chunks<'a>(text: &'a str, fail_lines: &[usize]) -> Vec<Chunk<'a>> {
    let mut chunks: Vec<Chunk<'a>> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let marked = (line, fail_lines.contains(&(index + 1)));
        let is_loose = line.trim().is_empty() || line.starts_with('#');
        if let Some(key) = top_level_key(line) {
            chunks.push(Chunk { key: Some(key), lines: vec![marked] });
        } else if is_loose {
            match chunks.last_mut() {
                Some(last) if last.key.is_none() => last.lines.push(marked),
                _ => chunks.push(Chunk { key: None, lines: vec![marked] }),
            }
        } else {
            // What continues a value also owns the empty lines and comments before it.
            let loose = chunks.pop_if(|last| last.key.is_none()).map_or_else(Vec::new, |loose| loose.lines);
            let lines = loose.into_iter().chain([marked]);
            match chunks.last_mut() {
                Some(last) => last.lines.extend(lines),
                None => chunks.push(Chunk { key: None, lines: lines.collect() }),
            }
        }
    }
    chunks
}

/// A comment of an overlay belongs to the key after it.
fn bind_comments(chunks: Vec<Chunk<'_>>) -> Vec<Chunk<'_>> {
    let mut bound: Vec<Chunk<'_>> = Vec::new();
    for mut chunk in chunks {
        if let Some(loose) = bound.pop_if(|last| last.key.is_none()) {
            chunk.lines.splice(0..0, loose.lines);
        }
        bound.push(chunk);
    }
    bound
}

/// The key of a line such as `key: value` or `"key": value` that is not indented.
fn top_level_key(line: &str) -> Option<&str> {
    let (key, rest) = match line.as_bytes().first()? {
        quote @ (b'"' | b'\'') => line.get(1..)?.split_once(char::from(*quote))?,
        b'#' | b' ' | b'\t' | b'-' | b'{' | b'[' => return None,
        _ => line.split_at(line.find(": ").or_else(|| line.trim_end().strip_suffix(':').map(str::len))?),
    };
    rest.trim_start().starts_with(':').then_some(key.trim_end())
}
