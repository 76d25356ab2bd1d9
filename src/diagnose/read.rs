//! Reads whatever was pasted, in constant memory, and hands it to those who understand it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::blocks::{BLOCK, Blocks, in_order};
use super::envelope::{self, Envelopes};
use super::form::Form;
use super::knowledge::{KNOWLEDGE, Knowledge};
use super::line::Line;
use super::notes::Notes;
use super::plain::plain;
use super::reflow::reflow;
use super::sightings::{Sightings, shown};
use super::utf16::{self, Utf16};
use super::{Counts, Diagnosis, Kind, ReadError, Unexplained, har, owner, token};
use flate2::bufread::MultiGzDecoder;

/// So much of a line is looked at, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// After so many bytes, a faster scanner is worth the time that it takes to build.
const LONG: u64 = 4 * 1024 * 1024;
/// So much tells what the input is, in bytes; a shorter input is known whole.
const HEAD: usize = 16 * 1024;

/// A text that was broken, in an envelope, and broken again is enough.
const MOST_LAYERS: usize = 3;

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
    let is_enveloped = !is_whole && envelope::begins(text);
    let whole = is_whole.then(|| text.to_owned());
    let mut input = Cursor::new(head).chain(input);
    let knowledge = knowledge()?;
    if is_har {
        match har::read(knowledge, &mut input) {
            // One that breaks off in its first request still has what was copied of that.
            Err(ReadError::Har(_)) if whole.as_deref().is_some_and(|text| text.contains("://")) => {}
            read => return read,
        }
    }
    let Some(text) = whole else {
        return Ok(if is_enveloped {
            read_envelopes(knowledge, &mut input, progress)
        } else {
            read_lines(knowledge, &mut input, progress)
        }?);
    };
    let mut diagnosis = read_packed(knowledge, &text, MOST_LAYERS)?;
    if diagnosis.says_nothing() {
        diagnosis.clues.learn_alone(&Line::of(&text));
    }
    // A token in a sentence, a command or an address is what was meant, if nothing else says anything.
    let token = Some(&text).filter(|_| diagnosis.says_nothing()).and_then(|text| token::inside(text, now));
    Ok(token.map_or(diagnosis, |reading| of_token(reading, text.len() as u64)))
}

/// Reads a text line by line.
fn read_lines(
    knowledge: &'static Knowledge,
    input: &mut dyn Read,
    progress: &mut dyn FnMut(Progress),
) -> io::Result<Diagnosis> {
    let mut lines = Lines::new(knowledge);
    lines.read(input, progress)?;
    Ok(lines.finish())
}

/// Reads what collectors packed as the records in it, and says where they stand in what was pasted.
fn read_envelopes(
    knowledge: &'static Knowledge,
    input: &mut dyn Read,
    progress: &mut dyn FnMut(Progress),
) -> io::Result<Diagnosis> {
    let mut input = Envelopes::new(input);
    let mut diagnosis = read_lines(knowledge, &mut input, progress)?;
    diagnosis.place(|record| (input.line_of(record), input.line_of(record)));
    diagnosis.counts.bytes = input.bytes;
    diagnosis.counts.lines = input.lines();
    diagnosis.counts.shortened += input.shortened();
    Ok(diagnosis)
}

/// Reads a text that is no longer than a head.
fn read_whole(knowledge: &'static Knowledge, text: &str) -> io::Result<Diagnosis> {
    let text = unbroken(text);
    let mut lines = Lines::new(knowledge);
    // However it is marked, coloured or escaped.
    let is_record = |line: &&str| owner::is_log(owner::unmarked(&plain(line)));
    // One page or message, of which perhaps a line is one of a log.
    if records(&text).lines().filter(is_record).count() < 2 {
        lines.page(&text);
    } else {
        lines.read(&mut text.as_bytes(), &mut |_| {})?;
    }
    Ok(lines.finish())
}

/// Reads a text that is no longer than a head, as it was before its lines were broken or packed, so many times at most.
fn read_packed(knowledge: &'static Knowledge, text: &str, layers: usize) -> io::Result<Diagnosis> {
    if layers == 0 {
        return read_whole(knowledge, text);
    }
    let as_it_was = |inner: &str, lines_of: &dyn Fn(u64) -> (u64, u64)| {
        let mut diagnosis = read_packed(knowledge, inner, layers - 1)?;
        diagnosis.place(lines_of);
        diagnosis.counts.bytes = text.len() as u64;
        diagnosis.counts.lines = text.lines().count() as u64;
        Ok(diagnosis)
    };
    if let Some(opened) = envelope::open(text) {
        return as_it_was(&opened.text, &|record| (opened.line_of(record), opened.line_of(record)));
    }
    let Some(reflowed) = reflow(text) else { return read_whole(knowledge, text) };
    let as_it_was = as_it_was(&reflowed.text, &|line| reflowed.lines_of(line))?;
    if reflowed.is_sure {
        Ok(as_it_was)
    } else {
        Ok(surer(read_whole(knowledge, text)?, as_it_was, reflowed.cuts_an_address))
    }
}

impl Diagnosis {
    /// Says where each line stands that was numbered otherwise: the first and the last line of what it is from.
    fn place(&mut self, lines_of: impl Fn(u64) -> (u64, u64)) {
        for sighting in &mut self.sightings {
            sighting.first = lines_of(sighting.first).0;
            sighting.last = lines_of(sighting.last).1;
        }
        for line in self.unexplained.iter_mut().chain(&mut self.stray) {
            line.line = lines_of(line.line).0;
        }
    }
}

/// The reading that names something more surely; if none does, as it was written, unless that has but a piece of an address.
fn surer(written: Diagnosis, reflowed: Diagnosis, is_a_piece: bool) -> Diagnosis {
    let strength = |diagnosis: &Diagnosis| diagnosis.names().first().map(|named| named.strength);
    let is_surer = match strength(&reflowed).cmp(&strength(&written)) {
        Ordering::Equal => is_a_piece && strength(&reflowed).is_some(),
        order => order == Ordering::Greater,
    };
    if is_surer { reflowed } else { written }
}

/// A text with each record of a log in JSON on one line, however a window or a program broke it.
fn unbroken(text: &str) -> Cow<'_, str> {
    let depth = |line: &str| line.matches('{').count().cast_signed() - line.matches('}').count().cast_signed();
    let opens = |line: &str| line.trim_start().starts_with('{') && depth(line) > 0;
    if !text.lines().any(opens) || text.lines().filter(|line| line.trim_start().starts_with('{')).count() < 2 {
        return Cow::Borrowed(text);
    }
    Cow::Owned(records(text))
}

/// The lines of a text, of which those of a record in JSON are one.
fn records(text: &str) -> String {
    let depth = |line: &str| line.matches('{').count().cast_signed() - line.matches('}').count().cast_signed();
    let mut whole = String::with_capacity(text.len());
    let mut open = 0;
    for line in text.lines() {
        if open <= 0 || line.starts_with('{') {
            open = 0;
            if !whole.is_empty() {
                whole.push('\n');
            }
        }
        let is_inside = open > 0 || line.trim_start().starts_with('{') && depth(line) > 0;
        open = if is_inside { open + depth(line) } else { 0 };
        whole.push_str(line);
    }
    whole
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
    stray: Option<Unexplained>,
}

/// What was noticed in a part of a text.
#[derive(Default)]
struct Looked {
    notes: Notes,
    bytes: u64,
    lines: u64,
    shortened: u64,
    /// The first line that is no whole one of Pomerium's log, and its number, counted from 0.
    stray: Option<(u64, String)>,
}

impl Lines {
    fn new(knowledge: &'static Knowledge) -> Self {
        Self { knowledge, sightings: Sightings::new(knowledge), counts: Counts::default(), stray: None }
    }

    /// Notes how a log is written, by its first line.
    fn begin(&mut self, first: &str) -> Option<Form> {
        let form = Form::of(first);
        self.counts.is_log = form.is_some();
        form
    }

    /// Looks at what is one page.
    fn page(&mut self, text: &str) {
        let record = first_record(text);
        let form = self.begin(&record);
        let whole = if let Cow::Owned(record) = &record { record } else { text.trim() };
        let (bytes, lines) = (text.len() as u64, text.lines().count() as u64);
        let mut looked = Looked { bytes, lines, stray: stray(form, whole.as_bytes()), ..Looked::default() };
        self.counts.is_of_one_thing = looked.notes.page(self.knowledge, text);
        self.join(looked);
    }

    /// Looks at lines: at those behind the first block on all cores there are.
    fn read(&mut self, input: &mut dyn Read, progress: &mut dyn FnMut(Progress)) -> io::Result<()> {
        let mut blocks = Blocks::new(input);
        let Some(first) = blocks.next()? else { return Ok(()) };
        let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let form = self.begin(&whole_characters(line));
        let knowledge = self.knowledge;
        self.join(look(knowledge, form, &first));
        let next = || blocks.next();
        in_order(
            next,
            |block| look(knowledge, form, block),
            |looked| {
                self.join(looked);
                if self.counts.bytes >= LONG {
                    knowledge.hurry();
                }
                progress(Progress { bytes: self.counts.bytes, lines: self.counts.lines });
            },
        )?;
        self.counts.bytes = blocks.bytes();
        Ok(())
    }

    /// Adds what was noticed behind all that was looked at before.
    fn join(&mut self, looked: Looked) {
        let before = self.counts.lines;
        if let Some((number, line)) = looked.stray.filter(|_| self.stray.is_none()) {
            self.stray = Some(Unexplained { line: before + number + 1, text: shown(&line) });
        }
        self.sightings.join(looked.notes, before);
        self.counts.bytes += looked.bytes;
        self.counts.lines += looked.lines;
        self.counts.shortened += looked.shortened;
    }

    fn finish(self) -> Diagnosis {
        let Self { mut sightings, counts, stray, .. } = self;
        let release = sightings.release;
        let counts = Counts { unexplained: sightings.unexplained_count, beyond: sightings.beyond, ..counts };
        let clues = std::mem::take(&mut sightings.clues);
        let mut diagnosis = Diagnosis {
            kind: Kind::Text,
            token: None,
            unexplained: sightings.take_unexplained(),
            stray,
            counts,
            release,
            sightings: sightings.into_found(counts.lines, &clues),
            clues,
        };
        diagnosis.heed_release(None);
        diagnosis
    }
}

/// Looks at whole lines: at those in which something may be found.
fn look(knowledge: &'static Knowledge, form: Option<Form>, text: &[u8]) -> Looked {
    let mut looked = Looked { bytes: text.len() as u64, stray: stray(form, text), ..Looked::default() };
    let mut from = 0;
    while let Some(at) = knowledge.next(text, from) {
        let before = text.get(from..at).unwrap_or_default();
        let start = from + memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let length = text.get(at..).and_then(|rest| memchr::memchr(b'\n', rest));
        let end = length.map_or(text.len(), |length| at + length);
        looked.lines += newlines(text.get(from..start).unwrap_or_default()) + 1;
        let line = text.get(start..end).unwrap_or_default();
        looked.shortened += u64::from(line.len() > LONGEST_LINE);
        looked.notes.line(knowledge, looked.lines, &whole_characters(line), true);
        from = end + 1;
    }
    let rest = text.get(from..).unwrap_or_default();
    looked.lines += newlines(rest) + u64::from(rest.last().is_some_and(|last| *last != b'\n'));
    looked
}

/// The first line of a text that is no whole one of Pomerium's log.
fn stray(form: Option<Form>, text: &[u8]) -> Option<(u64, String)> {
    let (number, line) = form?.first_stray(text)?;
    Some((number, whole_characters(line).into_owned()))
}

/// What is looked at of a line.
fn whole_characters(line: &[u8]) -> Cow<'_, str> {
    let line = line.get(..LONGEST_LINE).unwrap_or(line);
    // Much faster than to look for what is wrong, and mostly nothing is.
    std::str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed)
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
