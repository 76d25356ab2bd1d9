//! Takes the records of the log of Pomerium out of JSON, piece by piece as it is read.

use std::mem::take;

use super::form::Form;

/// An envelope in an envelope in an envelope is enough.
const DEEPEST: usize = 3;
/// So much of a string, or of what is left as it is, is kept, in bytes.
const LONGEST: usize = 64 * 1024;
/// Where so many records stand is known; the others are counted on from there.
const MOST_MARKS: usize = 32 * 1024;

/// Records stand under the same few names.
const MOST_KEYS: usize = 16;

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// At the beginning of a line.
    #[default]
    Line,
    /// In a line that is no JSON, or behind JSON.
    Text,
    /// In JSON, outside a string.
    Sign,
    /// In a string; whether the byte is escaped.
    String(bool),
}

/// What is being opened.
#[derive(Default)]
pub(super) struct Opener {
    /// What was opened: one record on each line; and the lines that are left as they are.
    pub(super) ready: Vec<u8>,
    pub(super) places: Places,
    /// So many records stood in envelopes.
    pub(super) found: u64,
    /// So many lines stood in none.
    pub(super) left: u64,
    /// So many strings were longer than is kept.
    pub(super) shortened: u64,
    /// So many envelopes are around this one.
    around: usize,
    at: At,
    depth: usize,
    /// What is no envelope yet, as it was written, and its first line.
    raw: Vec<u8>,
    raw_line: u64,
    envelope: Envelope,
    string: Vec<u8>,
    /// A string that ended, and may be a name or a value.
    last: Option<Vec<u8>>,
    key: Vec<u8>,
    /// The names under which records were found: whatever else stands there is a line of the log, too.
    keys: Vec<Vec<u8>>,
    /// Other strings of what is no envelope yet, each with its name and line.
    waiting: Vec<(Vec<u8>, String, u64)>,
    waiting_bytes: usize,
}

/// What is known of the JSON that is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Envelope {
    #[default]
    Perhaps,
    Is,
    /// It is a record itself.
    IsNone,
}

impl Opener {
    pub(super) fn take(&mut self, mut rest: &[u8]) {
        while let Some(first) = rest.first() {
            let length = match self.at {
                At::String(_) => self.in_string(rest),
                At::Text => self.in_text(rest),
                At::Line | At::Sign => {
                    self.sign(*first);
                    1
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
    }

    /// Takes the end of the text for that of what is open.
    pub(super) fn finish(&mut self) {
        self.value();
        self.end();
    }

    /// So much is kept, in bytes.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        let keys = self.keys.iter().chain([&self.key, &self.raw, &self.string]).chain(&self.last).map(Vec::len);
        keys.sum::<usize>() + self.waiting_bytes + self.places.marks.len() * size_of::<Mark>()
    }

    fn sign(&mut self, byte: u8) {
        if self.at == At::Line && self.raw.is_empty() {
            self.raw_line = self.places.line();
        }
        self.keep(&[byte]);
        match (self.at, byte) {
            (At::Line, b'\n') => {
                self.raw.clear();
                self.places.newlines += 1;
            }
            (At::Line, b'{' | b'[') => (self.at, self.depth) = (At::Sign, 1),
            (At::Line, _) if byte.is_ascii_whitespace() => {}
            (At::Line, _) => self.at = At::Text,
            (_, b'"') => self.at = At::String(false),
            (_, b'{' | b'[') => self.depth += 1,
            (_, b'}' | b']') => {
                self.value();
                self.depth -= 1;
                if self.depth == 0 {
                    self.at = At::Text;
                }
            }
            (_, b':') => self.key = self.last.take().unwrap_or_default(),
            (_, b',') => self.value(),
            (_, b'\n') => {
                self.places.newlines += 1;
                // What goes on over so many lines and is no envelope yet is read line by line, and nothing of it is lost.
                if self.envelope != Envelope::Is && self.raw.len() > LONGEST / 2 {
                    self.end();
                }
            }
            _ => {}
        }
    }

    /// What no string of JSON may have in it is the end of one that was cut.
    fn in_string(&mut self, rest: &[u8]) -> usize {
        let is_escaped = self.at == At::String(true);
        let length = if is_escaped { 1 } else { memchr::memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len()) };
        let (part, behind) = rest.split_at(length);
        self.keep(part);
        add(&mut self.string, part);
        self.at = At::String(false);
        let Some(sign) = behind.first().filter(|_| !is_escaped) else { return length };
        match sign {
            b'\\' => {
                add(&mut self.string, b"\\");
                self.at = At::String(true);
            }
            b'"' => {
                self.last = Some(take(&mut self.string));
                self.at = At::Sign;
            }
            _ => {
                self.last = Some(take(&mut self.string));
                self.value();
                self.at = At::Text;
                return length;
            }
        }
        self.keep(&[*sign]);
        length + 1
    }

    fn in_text(&mut self, rest: &[u8]) -> usize {
        let end = memchr::memchr(b'\n', rest);
        let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        // What stands behind an envelope is a line by itself.
        if self.envelope == Envelope::Is && !text.trim_ascii().is_empty() {
            self.end();
            (self.at, self.raw_line) = (At::Text, self.places.line());
        }
        self.keep(text);
        let Some(end) = end else { return rest.len() };
        self.end();
        self.places.newlines += 1;
        end + 1
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.envelope != Envelope::Is {
            add(&mut self.raw, bytes);
        }
    }

    /// Ends what is open: what was no envelope is left as it is.
    fn end(&mut self) {
        let (raw, first) = (take(&mut self.raw), self.raw_line);
        if self.envelope != Envelope::Is && !raw.trim_ascii().is_empty() {
            let text = raw.strip_suffix(b"\n").unwrap_or(&raw);
            // Of a single line it is seen that it is long.
            self.shortened += u64::from(raw.len() > LONGEST && text.contains(&b'\n'));
            for (number, line) in (first..).zip(text.split(|byte| *byte == b'\n')) {
                self.tell(line, number);
                self.left += 1;
            }
        }
        self.waiting.clear();
        (self.envelope, self.at, self.depth, self.waiting_bytes) = (Envelope::Perhaps, At::Line, 0, 0);
        (self.last, self.key) = (None, Vec::new());
        self.string.clear();
    }

    /// Takes a string that is a value.
    fn value(&mut self) {
        let Some(raw) = self.last.take().filter(|_| self.envelope != Envelope::IsNone) else { return };
        self.shortened += u64::from(raw.len() > LONGEST);
        let text = unescaped(&raw);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if is_record(line) {
                self.record(line.as_bytes());
            } else if let Some(inner) = self.inner(line) {
                inner
                    .ready
                    .split(|byte| *byte == b'\n')
                    .filter(|line| !line.is_empty())
                    .for_each(|line| self.record(line));
            } else if self.keys.contains(&self.key) && !line.bytes().all(|byte| byte.is_ascii_digit()) {
                self.record(line.as_bytes());
            } else if self.envelope == Envelope::Perhaps && self.waiting_bytes < LONGEST {
                self.waiting_bytes += self.key.len() + line.len();
                self.waiting.push((self.key.clone(), line.to_owned(), self.places.line()));
            }
        }
    }

    /// What stands in an envelope within this one.
    fn inner(&self, line: &str) -> Option<Self> {
        let may_be = line.starts_with(['{', '[']) && self.around < DEEPEST;
        let mut inner = may_be.then(|| Self { around: self.around + 1, ..Self::default() })?;
        inner.take(line.as_bytes());
        inner.finish();
        (inner.found > 0).then_some(inner)
    }

    fn record(&mut self, line: &[u8]) {
        if self.envelope == Envelope::Perhaps {
            self.envelope =
                if is_record(&String::from_utf8_lossy(&self.raw)) { Envelope::IsNone } else { Envelope::Is };
            let waiting = take(&mut self.waiting);
            if self.envelope == Envelope::Is {
                self.raw.clear();
                let is_beside = |(key, text, _): &&(Vec<u8>, String, u64)| {
                    *key == self.key && !text.bytes().all(|byte| byte.is_ascii_digit())
                };
                let beside: Vec<_> = waiting.iter().filter(is_beside).collect();
                for (_, text, at) in beside {
                    self.tell(text.as_bytes(), *at);
                }
            }
        }
        if self.envelope == Envelope::Is {
            if self.keys.len() < MOST_KEYS && !self.keys.contains(&self.key) {
                self.keys.push(self.key.clone());
            }
            self.tell(line, self.places.line());
            self.found += 1;
        }
    }

    fn tell(&mut self, line: &[u8], number: u64) {
        self.ready.extend_from_slice(line);
        self.ready.push(b'\n');
        self.places.note(number);
    }
}

/// Keeps what comes, as long as there is not more of it than is kept.
fn add(kept: &mut Vec<u8>, bytes: &[u8]) {
    let free = (LONGEST + 1).saturating_sub(kept.len());
    kept.extend_from_slice(bytes.get(..bytes.len().min(free)).unwrap_or_default());
}

/// Whether a text is a record by itself.
pub(super) fn is_record(text: &str) -> bool {
    Form::of(text).is_some()
}

/// The text of a string of JSON, also where that was cut within an escape.
fn unescaped(raw: &[u8]) -> String {
    /// `\u0000`, in bytes.
    const LONGEST_ESCAPE: usize = 6;
    let raw = String::from_utf8_lossy(raw);
    if !raw.contains('\\') {
        return raw.into_owned();
    }
    let read = |cut: usize| serde_json::from_str(&format!("\"{}\"", raw.get(..raw.len().checked_sub(cut)?)?)).ok();
    (0..LONGEST_ESCAPE).find_map(read).unwrap_or_else(|| raw.clone().into_owned())
}

/// On which lines of what was read the lines stand that were told.
#[derive(Default)]
pub(super) struct Places {
    marks: Vec<Mark>,
    told: u64,
    newlines: u64,
}

/// A line that was told, where it stands, and how many lines further the next one, and so on.
struct Mark {
    told: u64,
    line: u64,
    step: Option<u64>,
}

impl Places {
    /// The line that is being read.
    fn line(&self) -> u64 {
        self.newlines + 1
    }

    fn note(&mut self, line: u64) {
        self.told += 1;
        if let Some(mark) = self.marks.last_mut() {
            let after = self.told - mark.told;
            let step = *mark.step.get_or_insert(line.saturating_sub(mark.line));
            if mark.line + after * step == line || self.marks.len() >= MOST_MARKS {
                return;
            }
        }
        self.marks.push(Mark { told: self.told, line, step: None });
    }

    /// The line of one that was told, both counted from 1.
    pub(super) fn line_of(&self, told: u64) -> u64 {
        let behind = self.marks.partition_point(|mark| mark.told <= told);
        let mark = behind.checked_sub(1).and_then(|at| self.marks.get(at));
        mark.map_or(1, |mark| mark.line + (told - mark.told) * mark.step.unwrap_or_default())
    }
}
