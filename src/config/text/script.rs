//! Shell scripts that set variables and are sourced: `export NAME="$(command)"`. A shell reads them, and Pomerium only sees what
//! the shell has made of them.

use std::ops::Range;

/// An assignment, with the places of its name and of its value without the quotes around it.
pub(in crate::config) struct Assignment {
    pub(in crate::config) name: Range<usize>,
    pub(in crate::config) value: Range<usize>,
    /// The shell puts something in: a variable, or what a command prints.
    pub(in crate::config) is_computed: bool,
}

/// Whether a text is for a shell, and no other reader of `NAME=value` lines would take it: it names its interpreter, sources
/// another file, or runs a command for a value.
pub(in crate::config) fn is_script(text: &str) -> bool {
    let runs_command = |line: &str| {
        let value = line.split_once('=').map_or("", |(_, value)| value);
        !line.starts_with('#') && (has_command(value) || value.starts_with("$(") || value.starts_with("\"$("))
    };
    let is_of_shell = |line: &str| {
        ["source ", ". ", "set -", "if [", "unset "].iter().any(|start| line.starts_with(start)) || runs_command(line)
    };
    text.trim_start_matches('\u{feff}').starts_with("#!") || text.lines().map(str::trim_start).any(is_of_shell)
}

/// `$(command …)` or `` `command` ``. `$(NAME)` is Kubernetes' way to name a variable, and no word of a shell's.
fn has_command(value: &str) -> bool {
    let in_parentheses = value.split("$(").skip(1).any(|inside| {
        let inside = inside.split(')').next().unwrap_or(inside);
        inside.contains([' ', '<', '/', '|']) || inside.bytes().any(|byte| byte.is_ascii_lowercase())
    });
    in_parentheses || value.matches('`').count() > 1
}

/// The assignments of a script, each at the beginning of a line. What stands inside quotes or a command is none.
pub(in crate::config) fn assignments(text: &str) -> Vec<Assignment> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let start = at + (rest.len() - rest.trim_start_matches([' ', '\t', '\u{feff}']).len());
        let line = &text[start..];
        let bare = ["export ", "readonly ", "declare -x "].iter().find_map(|word| line.strip_prefix(word));
        let bare = bare.unwrap_or(line).trim_start_matches(' ');
        let name_start = text.len() - bare.len();
        let length = bare.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(bare.len());
        if length > 0 && bare[length..].starts_with('=') {
            let (assignment, end) = assignment(text, name_start..name_start + length);
            found.push(assignment);
            at = end;
        }
        at = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at + length + 1);
    }
    found
}

/// The assignment of a name, and where its value ends.
fn assignment(text: &str, name: Range<usize>) -> (Assignment, usize) {
    let start = name.end + 1;
    let word = Word::read(&text[start..]);
    let end = start + word.length;
    let written = &text[start..end];
    let quotes = usize::from(written.len() > 1 && written.starts_with(['"', '\'']) && word.is_one_quotation);
    let value = start + quotes..end - quotes;
    (Assignment { name, value, is_computed: word.is_computed }, end)
}

/// A word of a shell: as long as it is, quotes and commands included.
struct Word {
    length: usize,
    is_computed: bool,
    /// It is nothing but what stands between a pair of quotes.
    is_one_quotation: bool,
}

impl Word {
    fn read(text: &str) -> Self {
        let mut word = Self { length: text.len(), is_computed: false, is_one_quotation: true };
        let mut quote = None;
        let mut quotations = 0;
        let mut depth = 0_usize;
        let mut characters = text.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match (character, quote) {
                ('\\', None | Some('"')) => {
                    characters.next();
                }
                ('\'' | '"', None) => {
                    quotations += 1;
                    word.is_one_quotation &= quotations == 1 && at == 0;
                    quote = Some(character);
                }
                (closing, Some(open)) if closing == open && depth == 0 => quote = None,
                ('`', None | Some('"')) => word.is_computed = true,
                ('$', None | Some('"')) => {
                    word.is_computed = true;
                    if let Some((_, '(')) = characters.peek() {
                        depth += 1;
                        characters.next();
                    }
                }
                ('(', _) if depth > 0 => depth += 1,
                (')', _) if depth > 0 => depth -= 1,
                (blank, None) if depth == 0 && (blank.is_whitespace() || blank == ';' || blank == '#' && at == 0) => {
                    word.length = at;
                    return word;
                }
                (_, None) => word.is_one_quotation = false,
                _ => {}
            }
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_told_from_a_file_of_variables() {
        for (text, is) in [
            ("#!/bin/sh\nA=b\n", true),
            ("source ./common\nexport A=b\n", true),
            ("export A=\"$(base64 ./policy.yaml)\"\n", true),
            ("A=`hostname`\n", true),
            ("A=$(cat x)\n", true),
            ("export A=b\nB=${A}\n", false),
            ("A=pa`ss\n# B=$(cat x)\n", false),
            ("A=x$(NAME)\n", false),
        ] {
            assert_eq!(is_script(text), is, "{text}");
        }
    }

    #[test]
    fn assignments_are_words_of_a_shell() {
        let text = "#!/bin/sh\nexport A=one # c\nB='$x y'\nC=\"$(head -c32 \"$F\" |\nbase64)\"\nD=a\"b\"; E=1\n  F=$A\nfor x in y; do\n";
        let found: Vec<(&str, &str, bool)> = assignments(text)
            .into_iter()
            .map(|found| (&text[found.name], &text[found.value], found.is_computed))
            .collect();
        assert_eq!(
            found,
            [
                ("A", "one", false),
                ("B", "$x y", false),
                ("C", "$(head -c32 \"$F\" |\nbase64)", true),
                ("D", "a\"b\"", false),
                ("F", "$A", true),
            ]
        );
    }
}
