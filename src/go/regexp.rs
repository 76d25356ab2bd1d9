//! Mistakes in a regular expression, in the words of Go's `regexp/syntax`.

/// Go's words for the first mistake of a common kind: a group or a class that is not closed, a repetition of nothing, or syntax of
/// Perl's that Go does not have.
pub(crate) fn error(pattern: &str) -> Option<String> {
    let (mut rest, mut depth, mut is_after_atom) = (pattern, 0_usize, false);
    let says = |words: &str, what: &str| Some(format!("error parsing regexp: {words}: `{what}`"));
    while let Some(first) = rest.chars().next() {
        let behind = rest.get(first.len_utf8()..).unwrap_or_default();
        let mut next = behind;
        match first {
            '\\' if behind.is_empty() => return says("trailing backslash at end of expression", ""),
            '\\' => {
                let literal = behind.strip_prefix('Q').map(|text| text.split_once("\\E").map_or("", |(_, text)| text));
                next = literal.unwrap_or_else(|| {
                    let escaped = behind.chars().next().map_or(0, char::len_utf8);
                    behind.get(escaped..).unwrap_or_default()
                });
                is_after_atom = true;
            }
            '(' => {
                for [perl, named] in [["?=", "(?="], ["?!", "(?!"], ["?<=", "(?<"], ["?<!", "(?<"]] {
                    if behind.starts_with(perl) {
                        return says("invalid or unsupported Perl syntax", named);
                    }
                }
                depth += 1;
                is_after_atom = false;
                if let Some(head) = behind.strip_prefix('?') {
                    let end = head.find([':', ')', '>'])?;
                    // `(?i)` sets a flag and is closed at once.
                    let is_closed = head.get(end..)?.starts_with(')');
                    next = head.get(end + usize::from(!is_closed)..)?;
                }
            }
            ')' if depth == 0 => return says("unexpected )", pattern),
            ')' => {
                depth -= 1;
                is_after_atom = true;
            }
            '[' => {
                let Some(end) = end_of_class(rest) else { return says("missing closing ]", rest) };
                next = rest.get(end..)?;
                is_after_atom = true;
            }
            '*' | '+' | '?' if !is_after_atom => {
                return says("missing argument to repetition operator", first.encode_utf8(&mut [0; 4]));
            }
            '|' => is_after_atom = false,
            _ => is_after_atom = true,
        }
        rest = next;
    }
    if depth > 0 { says("missing closing )", pattern) } else { None }
}

/// Where the class at the beginning of a text ends. A bracket right at its beginning is one of its characters.
fn end_of_class(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    characters.next_if(|(_, character)| *character == '^');
    characters.next_if(|(_, character)| *character == ']');
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '[' if text.get(at..)?.starts_with("[:") => {
                let end = at + text.get(at..)?.find(":]")? + 1;
                while characters.next_if(|(at, _)| *at <= end).is_some() {}
            }
            ']' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::error;

    #[test]
    fn common_mistakes_are_told_in_the_words_of_go() {
        for (pattern, words) in [
            ("(", "missing closing ): `(`"),
            ("a(b", "missing closing ): `a(b`"),
            ("a)b", "unexpected ): `a)b`"),
            ("*.corp.example.com", "missing argument to repetition operator: `*`"),
            ("a|+", "missing argument to repetition operator: `+`"),
            ("x[a-z", "missing closing ]: `[a-z`"),
            ("a\\", "trailing backslash at end of expression: ``"),
            ("(?!a)b", "invalid or unsupported Perl syntax: `(?!`"),
        ] {
            assert_eq!(error(pattern), Some(format!("error parsing regexp: {words}")), "{pattern}");
        }
    }

    #[test]
    fn what_go_takes_is_no_mistake() {
        for pattern in [
            "",
            ".*\\.corp\\.example\\.com",
            "(a|b)*?c+",
            "[]a]x",
            "[^]()*]x",
            "[[:alpha:]\\]]{2,3}",
            "(?i)a",
            "(?P<name>a)",
            "(?:a)?",
            "\\Q(*\\Eb",
            "\\(\\)\\*",
            "^*",
        ] {
            assert_eq!(error(pattern), None, "{pattern}");
        }
    }
}
