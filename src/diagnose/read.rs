//! Reads whatever was pasted, in constant memory, and hands it to those who understand it.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::form::Form;
use super::knowledge::{KNOWLEDGE, Knowledge};
use super::sightings::{Sightings, shown};
use super::utf16::{self, Utf16};
use super::{Counts, Diagnosis, Kind, ReadError, Unexplained, har, owner, token};
use flate2::bufread::MultiGzDecoder;

/// Read at once, in bytes; also the longest line that is kept whole before it is shortened.
const BLOCK: usize = 256 * 1024;
/// So much of a line is looked at, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// So much tells what the input is, in bytes; a shorter input is known whole.
const HEAD: usize = 16 * 1024;

/// How far the reading is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Bytes so far, after unpacking.
    pub bytes: u64,
    /// Lines so far.
    pub lines: u64,
}

/// Reads what was pasted as an argument.
///
/// # Errors
/// As [`read`].
pub fn read_text(text: &str, now: u64) -> Result<Diagnosis, ReadError> {
    read(&mut text.as_bytes(), now, &mut |_| {})
}

/// Reads a stream, packed with gzip or not. `now` is the time in seconds since 1970, for tokens.
///
/// # Errors
/// If it cannot be read to its end, or is a HAR file that breaks off.
pub fn read(input: &mut dyn Read, now: u64, progress: &mut dyn FnMut(Progress)) -> Result<Diagnosis, ReadError> {
    let mut input = BufReader::with_capacity(BLOCK, input);
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return read_plain(&mut BufReader::with_capacity(BLOCK, MultiGzDecoder::new(input)), now, progress);
    }
    read_plain(&mut input, now, progress)
}

fn read_plain(input: &mut dyn Read, now: u64, progress: &mut dyn FnMut(Progress)) -> Result<Diagnosis, ReadError> {
    let mut head = Vec::with_capacity(HEAD);
    input.take(HEAD as u64).read_to_end(&mut head)?;
    let Some(is_big) = utf16::order(&head) else { return read_utf8(head, input, now, progress) };
    let mut input = Utf16::new(Cursor::new(head).chain(input), is_big);
    let mut head = Vec::with_capacity(HEAD);
    (&mut input).take(HEAD as u64).read_to_end(&mut head)?;
    read_utf8(head, &mut input, now, progress)
}

/// Reads what begins with this head, which is no shorter than what was pasted, or as long as heads are.
fn read_utf8(
    head: Vec<u8>,
    input: &mut dyn Read,
    now: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<Diagnosis, ReadError> {
    let text = String::from_utf8_lossy(&head);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let is_whole = head.len() < HEAD;
    if let Some(reading) = token::find(text, now).filter(|_| is_whole) {
        return Ok(of_token(reading, head.len() as u64));
    }
    let is_har = har::is_har(text);
    let whole = is_whole.then(|| text.to_owned());
    let mut input = Cursor::new(head).chain(input);
    let knowledge = knowledge()?;
    if is_har {
        return har::read(knowledge, &mut input);
    }
    let mut lines = Lines::new(knowledge);
    match whole.as_deref().map(unbroken) {
        // One page or message, of which perhaps a line is one of a log.
        Some(text) if text.lines().filter(|line| owner::is_log(line)).count() < 2 => lines.page(&text),
        Some(text) => lines.read(&mut text.as_bytes(), progress)?,
        None => lines.read(&mut input, progress)?,
    }
    Ok(lines.finish())
}

/// A text with each record of a log in JSON on one line, however a window or a program broke it.
fn unbroken(text: &str) -> Cow<'_, str> {
    let depth = |line: &str| line.matches('{').count().cast_signed() - line.matches('}').count().cast_signed();
    let opens = |line: &str| line.trim_start().starts_with('{') && depth(line) > 0;
    if !text.lines().any(opens) || text.lines().filter(|line| line.trim_start().starts_with('{')).count() < 2 {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut open = 0;
    for line in text.lines() {
        if open <= 0 || line.starts_with('{') {
            open = 0;
            if !whole.is_empty() {
                whole.push('\n');
            }
        }
        let is_inside = open > 0 || opens(line);
        open = if is_inside { open + depth(line) } else { 0 };
        whole.push_str(line);
    }
    Cow::Owned(whole)
}

/// The first line; the whole, if that is where one of JSON begins which goes on over several lines.
fn first_record(text: &str) -> Cow<'_, str> {
    match text.trim_start().lines().next().unwrap_or_default() {
        first if first.trim() == "{" => Cow::Owned(text.split_whitespace().collect()),
        first => Cow::Borrowed(first),
    }
}

pub(super) fn knowledge() -> Result<&'static Knowledge, ReadError> {
    KNOWLEDGE.as_ref().map_err(|why| ReadError::Knowledge(why))
}

fn of_token(reading: token::Read, bytes: u64) -> Diagnosis {
    Diagnosis {
        kind: Kind::Token,
        sightings: Vec::new(),
        clues: reading.clues,
        token: Some(reading.token),
        release: None,
        counts: Counts { bytes, lines: 1, ..Counts::default() },
        unexplained: Vec::new(),
        stray: None,
    }
}

/// A text that is being read.
struct Lines {
    knowledge: &'static Knowledge,
    sightings: Sightings,
    counts: Counts,
    /// How Pomerium's log is written, if this is one.
    form: Option<Form>,
    stray: Option<Unexplained>,
}

impl Lines {
    fn new(knowledge: &'static Knowledge) -> Self {
        let (sightings, counts) = (Sightings::default(), Counts::default());
        Self { knowledge, sightings, counts, form: None, stray: None }
    }

    /// Notes how a log is written, by its first line.
    fn begin(&mut self, first: &str) {
        self.form = Form::of(first);
        self.counts.is_log = self.form.is_some();
    }

    /// Notices the first of these lines that is no whole one of Pomerium's log.
    fn watch(&mut self, text: &[u8]) {
        let Some(form) = self.form.filter(|_| self.stray.is_none()) else { return };
        self.stray = form.first_stray(text).map(|(number, line)| Unexplained {
            line: self.counts.lines + number + 1,
            text: shown(&String::from_utf8_lossy(line.get(..LONGEST_LINE).unwrap_or(line))),
        });
    }

    /// Looks at what is one page.
    fn page(&mut self, text: &str) {
        self.counts.bytes = text.len() as u64;
        let record = first_record(text);
        self.begin(&record);
        match record {
            Cow::Owned(record) => self.watch(record.as_bytes()),
            Cow::Borrowed(_) => self.watch(text.trim().as_bytes()),
        }
        self.counts.lines = text.lines().count() as u64;
        self.sightings.page(self.knowledge, text);
    }

    fn read(&mut self, input: &mut dyn Read, progress: &mut dyn FnMut(Progress)) -> io::Result<()> {
        let mut block = vec![0; BLOCK];
        let mut kept = 0;
        // The rest of a line whose beginning was looked at already.
        let mut skipping = false;
        while let Some(free) = block.get_mut(kept..) {
            let read = match input.read(free) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            self.counts.bytes += read as u64;
            let filled = kept + read;
            let Some(mut text) = block.get(..filled) else { break };
            if skipping && let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                text = text.get(end + 1..).unwrap_or_default();
                skipping = false;
            }
            if skipping {
                kept = 0;
                if read == 0 {
                    break;
                }
                continue;
            }
            let whole = match text.iter().rposition(|byte| *byte == b'\n') {
                _ if read == 0 => text.len(),
                Some(end) => end + 1,
                None if text.len() == BLOCK => {
                    skipping = true;
                    text.len()
                }
                None => 0,
            };
            self.block(text.get(..whole).unwrap_or_default());
            let rest = filled - (text.len() - whole)..filled;
            kept = rest.len();
            block.copy_within(rest, 0);
            progress(Progress { bytes: self.counts.bytes, lines: self.counts.lines });
            if read == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Looks at whole lines: at those in which something may be found.
    fn block(&mut self, text: &[u8]) {
        if self.counts.lines == 0 {
            let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let first = String::from_utf8_lossy(first.get(..LONGEST_LINE).unwrap_or(first));
            self.begin(&first);
        }
        self.watch(text);
        let mut from = 0;
        while let Some(at) = self.knowledge.next(text, from) {
            let before = text.get(from..at).unwrap_or_default();
            let start = from + before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let length = text.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\n'));
            let end = length.map_or(text.len(), |length| at + length);
            self.counts.lines += newlines(text.get(from..start).unwrap_or_default()) + 1;
            self.line(text.get(start..end).unwrap_or_default());
            from = end + 1;
        }
        let rest = text.get(from..).unwrap_or_default();
        self.counts.lines += newlines(rest) + u64::from(rest.last().is_some_and(|last| *last != b'\n'));
    }

    fn line(&mut self, line: &[u8]) {
        if line.len() > LONGEST_LINE {
            self.counts.shortened += 1;
        }
        let line = String::from_utf8_lossy(line.get(..LONGEST_LINE).unwrap_or(line));
        self.sightings.line(self.knowledge, self.counts.lines, &line, true);
    }

    fn finish(self) -> Diagnosis {
        let Self { mut sightings, counts, stray, .. } = self;
        let release = sightings.release;
        let counts = Counts { unexplained: sightings.unexplained_count, beyond: sightings.beyond, ..counts };
        let mut diagnosis = Diagnosis {
            kind: Kind::Text,
            token: None,
            clues: std::mem::take(&mut sightings.clues),
            unexplained: std::mem::take(&mut sightings.unexplained),
            stray,
            counts,
            release,
            sightings: sightings.into_found(counts.lines),
        };
        diagnosis.heed_release(None);
        diagnosis
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
