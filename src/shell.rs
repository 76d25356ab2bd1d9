//! Words of a command that somebody will copy into a shell; and other programs, run with bounds.

mod run;

use std::borrow::Cow;

pub(crate) use run::{Ran, run};

/// A word as a POSIX shell takes it for one, whatever it holds: a provider or a configuration may have chosen it. What would act
/// on the terminal is left out, as nobody types it.
pub fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if !word.is_empty() && !word.starts_with(['-', '=']) && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(enclosed(word))
}

/// The same, in quotes even if it needs none.
pub fn enclosed(word: &str) -> String {
    let inert: String = word.chars().filter(|c| !c.is_control()).collect();
    // Two `#` in a row may begin a command to a CI system: there the quotation ends, and another begins.
    format!("'{}'", inert.replace('\'', r"'\''").replace("##", "#''#").replace("##", "#''#"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_ends_its_quotes_or_begins_a_command() {
        for (word, written) in [
            ("eu-west-1_9xK2mPq7R", "eu-west-1_9xK2mPq7R"),
            ("https://example.com/a?b=c&d", "'https://example.com/a?b=c&d'"),
            ("a'; rm -rf ~; '", r"'a'\''; rm -rf ~; '\'''"),
            ("$(id)`id`\n", "'$(id)`id`'"),
            ("-o/etc/passwd", "'-o/etc/passwd'"),
            ("###vso[x]", "'#''#''#vso[x]'"),
            ("", "''"),
            ("~", "'~'"),
        ] {
            assert_eq!(quoted(word), written);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_what_was_meant() {
        for word in ["a b", "$HOME", "*", "!x", "\\", "'", "''\"", "#", "###vso[x]", "a;b|c>d", "ä{b,c}"] {
            let said = std::process::Command::new("sh").args(["-c", &format!("printf %s {}", quoted(word))]).output();
            assert_eq!(String::from_utf8_lossy(&said.map(|said| said.stdout).unwrap_or_default()), word);
        }
    }
}
