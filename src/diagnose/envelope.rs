//! Records of the log of Pomerium in the JSON of those who collected them: Loki, AWS, Datadog, Docker. What takes many records to show, as
//! a loop does, shows only where they stand one below the other.

use std::io::{self, Read};

use super::opener::{Opener, Places, is_record};

/// So much is read at once, in bytes.
const CHUNK: usize = 16 * 1024;

/// The records of a text, one on each line.
pub(super) struct Opened {
    pub(super) text: String,
    places: Places,
}

impl Opened {
    /// The line of what was pasted that a record is from, both counted from 1.
    pub(super) fn line_of(&self, record: u64) -> u64 {
        self.places.line_of(record)
    }
}

/// The records in a text, if it has several, and each stands in an envelope.
pub(super) fn open(text: &str) -> Option<Opened> {
    let text = text.trim();
    // What somebody copied out of one string.
    let is_escaped = !text.contains('\n') && text.contains("\\n") && text.contains("\\\"");
    let unpacked = is_escaped.then(|| opened(&format!("[\"{text}\"]"))).flatten();
    unpacked.or_else(|| opened(text))
}

/// Whether a text may begin with an envelope: JSON that is no record by itself.
fn may_begin(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    first.starts_with(['{', '[']) && !is_record(first)
}

fn opened(text: &str) -> Option<Opened> {
    if !may_begin(text) {
        return None;
    }
    let mut opener = Opener::default();
    opener.take(text.as_bytes());
    opener.finish();
    let is_opened = opener.found > 1 && opener.left == 0;
    let text = String::from_utf8_lossy(&opener.ready);
    is_opened.then(|| Opened { text: text.trim_end().to_owned(), places: opener.places })
}

/// Whether a long text begins with records in an envelope.
pub(super) fn begins(head: &str) -> bool {
    let mut opener = Opener::default();
    if may_begin(head) {
        opener.take(head.as_bytes());
    }
    opener.found > 0 && opener.left == 0
}

/// Reads a stream with its envelopes opened, in constant memory, however long they are; what stands in none is left as it is.
pub(super) struct Envelopes<R> {
    input: R,
    opener: Opener,
    given: usize,
    pub(super) bytes: u64,
    newlines: u64,
    is_line_open: bool,
}

impl<R: Read> Envelopes<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, opener: Opener::default(), given: 0, bytes: 0, newlines: 0, is_line_open: false }
    }

    /// The line of the stream that a record is from, both counted from 1.
    pub(super) fn line_of(&self, record: u64) -> u64 {
        self.opener.places.line_of(record)
    }

    /// The lines of the stream.
    pub(super) fn lines(&self) -> u64 {
        self.newlines + u64::from(self.is_line_open)
    }

    /// Records that were longer than is looked at.
    pub(super) fn shortened(&self) -> u64 {
        self.opener.shortened
    }
}

impl<R: Read> Read for Envelopes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.opener.ready.len() {
            self.opener.ready.clear();
            self.given = 0;
            let mut chunk = [0; CHUNK];
            let read = self.input.read(&mut chunk)?;
            let chunk = chunk.get(..read).unwrap_or_default();
            let Some(last) = chunk.last() else {
                self.opener.finish();
                if self.opener.ready.is_empty() {
                    return Ok(0);
                }
                continue;
            };
            self.bytes += read as u64;
            self.newlines += memchr::memchr_iter(b'\n', chunk).count() as u64;
            self.is_line_open = *last != b'\n';
            self.opener.take(chunk);
        }
        let mut rest = self.opener.ready.get(self.given..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_are_taken_out_of_their_envelopes() {
        let [a, b] = [r#"{"level":"info","message":"a"}"#, r#"{"level":"info","message":"b"}"#];
        let opened = |text: &str| open(text).map(|opened| (opened.text.clone(), opened.line_of(2)));
        let loki = json!({"streams": [{"stream": {"app": "p"}, "values": [["1", a], ["2", b]]}]}).to_string();
        let cloudwatch = json!({"events": [{"message": a}, {"message": format!("{b}\n")}]}).to_string();
        let both = format!("{a}\n{b}");
        let escaped = serde_json::to_string(&both).unwrap();
        for one in [loki.as_str(), &cloudwatch, escaped.trim_matches('"')] {
            assert_eq!(opened(one), Some((both.clone(), 1)), "{one}");
        }
        let docker =
            [a, b].map(|record| json!({"log": format!("{record}\n"), "stream": "stderr"}).to_string()).join("\n");
        assert_eq!(opened(&docker), Some((both.clone(), 2)));
        let twice = docker.lines().map(|line| json!({"content": {"message": line}}).to_string()).collect::<Vec<_>>();
        assert_eq!(opened(&twice.join("\n\n")), Some((both.clone(), 3)));
    }

    #[test]
    fn what_stands_beside_records_is_no_less_of_the_log() {
        let record = r#"{"level":"info","message":"a"}"#;
        let packed = json!([["1", "before"], ["2", record], ["3", "panic: x"], ["4", record]]).to_string();
        assert_eq!(open(&packed).unwrap().text, format!("before\n{record}\npanic: x\n{record}"));
    }

    #[test]
    fn of_long_json_that_is_no_envelope_no_line_is_lost() {
        let own = format!("{{\n{}  \"error\": \"invalid_client\"\n}}\n", "  \"a\": \"b\",\n".repeat(20_000));
        let mut opener = Opener::default();
        opener.take(own.as_bytes());
        opener.finish();
        assert_eq!((String::from_utf8_lossy(&opener.ready), opener.shortened), (own.into(), 0));
    }

    #[test]
    fn memory_does_not_grow_with_what_is_opened() {
        let hostile = |piece: &str| {
            let mut opener = Opener::default();
            for _ in 0..40_000 {
                opener.take(piece.as_bytes());
                opener.ready.clear();
            }
            opener.kept()
        };
        for piece in
            ["[", "{\"a\":\"b\",", "\"\\\\\\", "[\"{\\\"level\\\":\\\"info\\\"}\",", "{\"log\": 1}\n", "[\n\"x\",", "a"]
        {
            assert!(hostile(piece) < 1024 * 1024, "{piece}");
        }
    }

    #[test]
    fn what_is_no_envelope_is_left() {
        for text in [
            "{\"level\":\"info\",\"message\":\"a\"}\n{\"level\":\"info\",\"message\":\"b\"}",
            "{\"log\":\"plain\"}\n{\"log\":\"words\"}",
            "{\"log\":\"{\\\"level\\\":\\\"info\\\"}\"}\nwhat now?",
            "{\"log\":\"{\\\"level\\\":\\\"info\\\"}\"}",
            "words\\nand \\\"quotes\\\"",
            "{",
        ] {
            assert!(open(text).is_none(), "{text}");
        }
    }
}
