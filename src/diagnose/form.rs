//! The form of Pomerium's log: a line that is no whole record of it may say anything, so it proves nothing.

use super::plain::words;

/// Levels as zerolog writes them on a console.
const CONSOLE: [&str; 5] = ["INF", "WRN", "ERR", "DBG", "FTL"];

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
        words(line).take(12).any(|word| CONSOLE.contains(&word)).then_some(Self::Console)
    }

    /// How many lines of a text are no whole records of this form, at most: one may count twice. Empty lines are nothing.
    pub(super) fn strays(self, text: &[u8]) -> u64 {
        let begins = match text.first() {
            Some(first) => u64::from(!self.begins(*first)),
            None => 0,
        };
        let ends = match text {
            [.., last] => u64::from(*last != b'\n' && !self.ends(*last)),
            [] => 0,
        };
        let next = text.get(1..).unwrap_or_default();
        // In pieces that the compiler can count with vectors of bytes.
        let pairs = text.chunks(127).zip(next.chunks(127));
        let within: u64 = pairs
            .map(|(before, after)| {
                let wrong = before.iter().zip(after).map(|(before, after)| {
                    let is_begin = *before == b'\n' && !self.begins(*after);
                    let is_end = *after == b'\n' && !self.ends(*before);
                    u8::from(is_begin) + u8::from(is_end)
                });
                u64::from(wrong.sum::<u8>())
            })
            .sum();
        begins + within + ends
    }

    /// The first line of a text that is no whole record of this form, and its number, counted from 0.
    pub(super) fn first_stray(self, text: &[u8]) -> Option<(u64, &[u8])> {
        let lines = text.split(|byte| *byte == b'\n').zip(0..);
        let mut strays = lines.filter(|(line, _)| match line {
            [] => false,
            [first, .., last] => !self.begins(*first) || !self.ends(*last),
            [only] => !self.begins(*only),
        });
        strays.next().map(|(line, number)| (number, line))
    }

    fn begins(self, byte: u8) -> bool {
        let is_record = match self {
            Self::Json => byte == b'{',
            Self::Console => byte.is_ascii_digit() || byte == 0x1b,
        };
        is_record || byte == b'\n' || byte == b'\r'
    }

    fn ends(self, byte: u8) -> bool {
        self == Self::Console || byte == b'}' || byte == b'\n' || byte == b'\r'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_whole_record_is_noticed_wherever_it_stands() {
        let whole = b"{\"level\":\"info\"}\n".repeat(40);
        assert_eq!((Form::Json.strays(&whole), Form::Json.first_stray(&whole)), (0, None));
        assert_eq!(Form::Json.strays(b"{}\r\n\r\n{}\r\n\n{}"), 0);
        for stray in ["panic\n", "{\"level\":\"er\n", "no healthy upstream}\n", "x"] {
            for at in 0..=40 {
                let mut text = whole.clone();
                let place = at * whole.len() / 40;
                text.splice(place..place, stray.bytes());
                if stray == "x" && at < 40 {
                    text.insert(place + 1, b'\n');
                }
                assert!(Form::Json.strays(&text) > 0, "{stray:?} before line {at}");
                let first = Form::Json.first_stray(&text).map(|(number, line)| (number as usize, line.to_vec()));
                assert_eq!(first, Some((at, stray.trim_end().as_bytes().to_vec())));
            }
        }
        assert_eq!(Form::Console.strays(b"3:04AM INF a\n3:05AM INF b\n"), 0);
        assert_eq!(Form::Console.strays(b"3:04AM INF a\ngoroutine 1\n"), 1);
    }

    #[test]
    fn the_form_is_told_by_a_line() {
        assert_eq!(Form::of(r#"{ "level" : "info" }"#), Some(Form::Json));
        assert_eq!(Form::of(r#"{"level":30,"msg":"x"}"#), None);
        assert_eq!(Form::of("3:04AM INF x"), Some(Form::Console));
        assert_eq!(Form::of("INFO x"), None);
    }
}
