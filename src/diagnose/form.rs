//! The form of Pomerium's log: a line that is no whole record of it may say anything, so it proves nothing.

use super::plain::words;

/// Levels as zerolog writes them on a console.
const CONSOLE: [&str; 7] = ["INF", "WRN", "ERR", "DBG", "FTL", "TRC", "PNC"];

/// So many words of a line on a console are a time and a level.
const FRONT: usize = 12;

/// The levels that a record in JSON may have: one with another, or with none, is another program's.
const LEVELS: [&[u8]; 7] = [b"info", b"debug", b"trace", b"warn", b"error", b"fatal", b"panic"];

/// How the lines of a log are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One object of JSON on each line.
    Json,
    /// A time, a level and a message.
    Console,
}

impl Form {
    /// The form of a line, if it is one of Pomerium's log. (Others that write JSON have numbers for the level.)
    pub(super) fn of(line: &str) -> Option<Self> {
        let start = line.trim_start();
        let level = || start.split_once("\"level\"").and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
        if start.starts_with('{') && level().is_some_and(|level| level.trim_start().starts_with('"')) {
            return Some(Self::Json);
        }
        words(line).take(FRONT).any(|word| CONSOLE.contains(&word)).then_some(Self::Console)
    }

    /// The first line of a text that is no whole record of this form, and its number, counted from 0. Empty lines are nothing.
    pub(super) fn first_stray(self, text: &[u8]) -> Option<(u64, &[u8])> {
        let is_stray = |line: &[u8]| match line {
            [] => false,
            [first, .., last] => !self.begins(*first) || !self.ends(*last) || !self.is_record(line),
            [only] => !self.begins(*only),
        };
        let mut start = 0;
        let ends = memchr::memchr_iter(b'\n', text).chain([text.len()]);
        let lines = ends.map(|end| {
            let line = text.get(start..end).unwrap_or_default();
            start = end + 1;
            line
        });
        (0..).zip(lines).find(|(_, line)| is_stray(line))
    }

    fn begins(self, byte: u8) -> bool {
        let is_record = match self {
            Self::Json => byte == b'{',
            Self::Console => byte.is_ascii_digit() || byte == 0x1b,
        };
        is_record || byte == b'\n' || byte == b'\r'
    }

    /// Whether a record has one of Pomerium's levels and, in JSON, a message by the name that Pomerium's has; empty lines need none.
    fn is_record(self, line: &[u8]) -> bool {
        if line.trim_ascii().is_empty() {
            return true;
        }
        if self == Self::Console {
            let mut words = line.split(|byte| !byte.is_ascii_alphanumeric()).take(FRONT);
            return words.any(|word| CONSOLE.iter().any(|level| is_level(word, level)));
        }
        // Others have `msg`. It is the last field as zerolog writes them.
        if memchr::memmem::rfind(line, b"\"message\"").is_none() {
            return false;
        }
        let name = b"\"level\"";
        let behind = memchr::memmem::find(line, name).and_then(|at| line.get(at + name.len()..));
        let value = behind.and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
        let value = value.and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\""));
        value.is_some_and(|value| {
            LEVELS.iter().any(|level| value.strip_prefix(*level).is_some_and(|rest| rest.starts_with(b"\"")))
        })
    }

    fn ends(self, byte: u8) -> bool {
        self == Self::Console || byte == b'}' || byte == b'\n' || byte == b'\r'
    }
}

/// Whether a word is this level, of which a colour may run into the beginning: `ESC [31mERR`.
fn is_level(word: &[u8], level: &str) -> bool {
    let before = word.strip_suffix(level.as_bytes());
    before.is_some_and(|before| before.iter().all(u8::is_ascii_digit) || before.ends_with(b"m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_whole_record_is_noticed_wherever_it_stands() {
        let whole = b"{\"level\":\"info\",\"message\":\"x\"}\n".repeat(4);
        let first = |form: Form, text: &[u8]| {
            form.first_stray(text).map(|(number, line)| (number, String::from_utf8_lossy(line).into_owned()))
        };
        assert_eq!(first(Form::Json, &whole), None);
        let spaced = br#"{ "message": "x", "level" : "warn" }"#;
        assert_eq!(first(Form::Json, &[&whole[..], b"\r\n\n", spaced, b"\r\n"].concat()), None);
        for stray in [
            "panic",
            "{\"level\":\"er",
            "{}",
            "{\"level\":\"eror\",\"message\":\"x\"}",
            "{\"message\":\"no level\"}",
            "{\"level\":\"info\",\"msg\":\"of another program\"}",
            "no healthy upstream}",
            "x",
        ] {
            for at in 0..=4 {
                for bad in [&b""[..], b"\xff"] {
                    let mut text = whole.clone();
                    let place = at * whole.len() / 4;
                    text.splice(place..place, [stray.as_bytes(), b"\n", b"{", bad, b"}\n"].concat());
                    assert_eq!(first(Form::Json, &text), Some((at as u64, stray.to_owned())), "{stray} {bad:?}");
                }
            }
        }
        assert_eq!(first(Form::Console, b"3:04AM INF a\n\x1b[90m3:05AM\x1b[0m \x1b[32mINF\x1b[0m b\n"), None);
        assert_eq!(first(Form::Console, b"3:04AM INF a\n3:05AM ??? b\n"), Some((1, "3:05AM ??? b".to_owned())));
        assert_eq!(first(Form::Console, b"3:04AM INF a\ngoroutine 1\n"), Some((1, "goroutine 1".to_owned())));
    }

    #[test]
    fn the_form_is_told_by_a_line() {
        assert_eq!(Form::of(r#"{ "level" : "info" }"#), Some(Form::Json));
        assert_eq!(Form::of(r#"{"level":30,"msg":"x"}"#), None);
        assert_eq!(Form::of("3:04AM INF x"), Some(Form::Console));
        assert_eq!(Form::of("INFO x"), None);
    }
}
