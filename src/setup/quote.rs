//! Texts as strings of other languages. What is written is printable ASCII: nothing in it can end a string, a line or a comment.

use std::fmt::Write as _;

use crate::report::escape;

/// A string of JSON.
pub(super) fn json(text: &str) -> String {
    quoted(text, |string, character| {
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(string, "\\u{unit:04x}");
        }
    })
}

/// A string of YAML. It has an escape of its own for what lies beyond U+FFFF.
pub(super) fn yaml(text: &str) -> String {
    quoted(text, push_escape)
}

/// A string of HCL, in which `${` and `%{` begin a template. A sign before those must not make another escape with it.
pub(super) fn hcl(text: &str) -> String {
    let plain = quoted(text, push_escape);
    let mut string = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(at) = rest.find(['$', '%']) {
        string.push_str(&rest[..at]);
        rest = &rest[at..];
        let signs = rest.len() - rest.trim_start_matches(['$', '%']).len();
        let (run, behind) = rest.split_at(signs);
        let last = run.chars().last().filter(|_| behind.starts_with('{'));
        let before = run.len() - usize::from(last.is_some());
        for sign in run[..before].chars() {
            if last.is_some() { push_escape(&mut string, sign) } else { string.push(sign) }
        }
        string.extend(last.into_iter().flat_map(|sign| [sign, sign]));
        rest = behind;
    }
    string + rest
}

fn push_escape(string: &mut String, character: char) {
    let code = u32::from(character);
    let _ = if code > 0xffff { write!(string, "\\U{code:08x}") } else { write!(string, "\\u{code:04x}") };
}

fn quoted(text: &str, escape: impl Fn(&mut String, char)) -> String {
    let mut string = String::with_capacity(text.len() + 2);
    string.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => string.extend(['\\', character]),
            // Two in a row may begin a command to a CI system.
            '#' if string.ends_with('#') => escape(&mut string, character),
            ' '..='~' => string.push(character),
            _ => escape(&mut string, character),
        }
    }
    string + "\""
}

/// The lines as comments of a language in which they begin with `#`, or with this and `#`.
pub(super) fn comment<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    lines.into_iter().map(|line| format!("# {}", escape(line.as_ref())).trim_end().to_owned() + "\n").collect()
}
