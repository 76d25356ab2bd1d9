//! Text on a terminal: what may be printed, how wide it is, and where it may be broken.

/// The text with everything escaped that could move the cursor, hide characters, begin another line, or be a command to a CI system.
///
/// Provider answers, file contents and names come from outside: a control character among them must not act.
pub fn escape(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        push_escaped(&mut clean, character);
    }
    without_commands(clean, "\\#")
}

/// Appends one character, escaped if it must not act.
pub(super) fn push_escaped(clean: &mut String, character: char) {
    match character {
        '\n' => clean.push_str("\\n"),
        '\r' => clean.push_str("\\r"),
        '\t' => clean.push_str("\\t"),
        _ if acts(character) => clean.extend(character.escape_unicode()),
        _ => clean.push(character),
    }
}

/// The text with this in the place of the second `#` of each command that a CI system takes wherever it stands in a line: `##vso[…]`
/// and `##[…]` of Azure Pipelines (`Command.cs` of microsoft/azure-pipelines-agent), the second of GitHub Actions, too
/// (`ActionCommand.cs` of actions/runner), `##teamcity[…]`, and whatever name another one gives to its own.
///
/// A command is looked for as a culture compares texts, for which characters that cannot be seen are none: so any that is not ASCII
/// may stand in it.
pub(super) fn without_commands(text: String, hash: &str) -> String {
    if !text.contains('[') || !text.contains('#') {
        return text;
    }
    let is_of_name = |letter: char| !letter.is_whitespace() && !matches!(letter, '#' | '[');
    let mut inert = String::with_capacity(text.len());
    let mut done = 0;
    for (bracket, _) in text.match_indices('[') {
        let before = text.get(done..bracket).unwrap_or_default().trim_end_matches(is_of_name);
        let first = before.strip_suffix('#').map(|before| before.trim_end_matches(|letter: char| !letter.is_ascii()));
        if first.is_some_and(|first| first.ends_with('#')) {
            inert.push_str(before.strip_suffix('#').unwrap_or_default());
            inert.push_str(hash);
            done += before.len();
        }
        inert.push_str(text.get(done..=bracket).unwrap_or_default());
        done = bracket + 1;
    }
    inert.push_str(text.get(done..).unwrap_or_default());
    inert
}

/// The line, made plain text if a CI runner would take it for a command of its own: `::error::` at its beginning, or
/// `##vso[…]` anywhere.
pub(super) fn inert(line: String) -> String {
    let line = without_commands(line, "\\#");
    let words = line.trim_start();
    let command = words.starts_with("::") && !words.starts_with("::: ");
    if command { format!("{}\\{words}", line.strip_suffix(words).unwrap_or_default()) } else { line }
}

/// Control characters, line separators, bidirectional overrides, and characters that cannot be seen at all.
pub(super) fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// At most so many characters, with an ellipsis for the rest.
pub fn cap(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The columns a text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Ranges of characters that take two columns (Unicode East Asian Width W and F, and pictographs), in order.
const WIDE: [(u32, u32); 15] = [
    (0x1100, 0x115f),
    (0x2e80, 0x303e),
    (0x3041, 0x33ff),
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xa000, 0xa4cf),
    (0xa960, 0xa97f),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe30, 0xfe6f),
    (0xff00, 0xff60),
    (0xffe0, 0xffe6),
    (0x1f300, 0x1f64f),
    (0x1f680, 0x1faff),
    (0x20000, 0x3fffd),
];

/// Ranges of the common combining marks, which take none.
const COMBINING: [(u32, u32); 9] = [
    (0x0300, 0x036f),
    (0x0483, 0x0489),
    (0x0591, 0x05bd),
    (0x064b, 0x065f),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x20d0, 0x20ff),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
];

/// The columns a character takes. A table of two dozen ranges is enough to keep carets under Chinese, Japanese and Korean text.
pub(super) fn char_width(character: char) -> usize {
    let code = u32::from(character);
    let among = |ranges: &[(u32, u32)]| ranges.iter().any(|&(first, last)| (first..=last).contains(&code));
    match code {
        0..0x300 => 1,
        _ if among(&COMBINING) => 0,
        _ if among(&WIDE) => 2,
        _ => 1,
    }
}

/// A text of one line, folded to a width; what does not fit goes on below it, indented.
pub fn folded(line: &str, width: usize) -> String {
    const INDENT: &str = "\n  ";
    wrap(line, width.saturating_sub(INDENT.len())).join(INDENT)
}

/// Breaks prose at white space. A word that is too long, such as a URL, keeps a line of its own and is never cut.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    fill(text.split_whitespace(), " ", most)
}

/// Puts pieces that must not be broken on as few lines as possible.
pub(super) fn fill<'a>(pieces: impl IntoIterator<Item = &'a str>, between: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if width(line) + width(between) + width(piece) <= most => {
                line.push_str(between);
                line.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
    }
    lines
}

/// `1 error`, `2 errors`, `no errors` is never said.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `a, b and 6 more`: so many names at most.
pub(super) fn names(names: &[&str], most: usize) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] if names.len() <= most => format!("{} and {last}", first.join(", ")),
        _ => {
            let shown: Vec<&str> = names.iter().take(most).copied().collect();
            format!("{} and {} more", shown.join(", "), names.len().saturating_sub(most))
        }
    }
}

/// `0.24 s`.
pub(super) fn seconds(ms: u64) -> String {
    let hundredths = (ms + 5) / 10;
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_acts_on_the_terminal() {
        assert_eq!(escape("a\u{1b}[31mb\r\nc\u{202e}d\u{9b}"), "a\\u{1b}[31mb\\r\\nc\\u{202e}d\\u{9b}");
        assert_eq!(escape("zero\u{200b}width\u{feff}"), "zero\\u{200b}width\\u{feff}");
        assert_eq!(escape("Grüße, 世界"), "Grüße, 世界");
    }

    #[test]
    fn no_part_of_a_line_is_a_command_to_a_ci_system() {
        for (said, shown) in [
            ("a ##vso[task.complete result=Succeeded;]b", "a #\\#vso[task.complete result=Succeeded;]b"),
            ("##[error]x ##teamcity[y]", "#\\#[error]x #\\#teamcity[y]"),
            ("###vso[x] ##octopus[y]", "##\\#vso[x] #\\#octopus[y]"),
            ("##v\u{fe0f}so[x] #\u{fe0f}#vso[y]", "#\\#v\u{fe0f}so[x] #\u{fe0f}\\#vso[y]"),
            ("[##vso[x]", "[#\\#vso[x]"),
            ("## a heading [x] # y[1] ##", "## a heading [x] # y[1] ##"),
        ] {
            assert_eq!(escape(said), shown);
            assert_eq!(inert(escape(said)), shown, "once is enough");
        }
        assert_eq!(inert("  ::error::x".to_owned()), "  \\::error::x");
        for unit in ["#", "[", "##[", "##a", "#["] {
            crate::work::grows_with_its_input(
                unit,
                256 * 1024,
                |size| unit.repeat(size / unit.len()),
                |text| drop(escape(text)),
            );
        }
    }

    #[test]
    fn urls_are_never_broken() {
        let url = "https://authenticate.corp.example.com/oauth2/callback";
        assert_eq!(wrap(&format!("send {url} there"), 20), ["send", url, "there"]);
    }

    #[test]
    fn width_is_counted_in_columns() {
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("→ ✓ ‹…›"), 7);
    }

    #[test]
    fn lists_and_times_read_well() {
        assert_eq!(names(&["a"], 2), "a");
        assert_eq!(names(&["a", "b"], 2), "a and b");
        assert_eq!(names(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!((seconds(4), seconds(240), seconds(1996)), ("0.00 s".into(), "0.24 s".into(), "2.00 s".into()));
        assert_eq!(cap("abcdef", 4), "abc…");
        assert_eq!(cap("abcd", 4), "abcd");
    }
}
