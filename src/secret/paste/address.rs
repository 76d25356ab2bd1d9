//! The query of an address, and the body of a form: all of it is pairs, however they are called and whatever stands in them.

use std::ops::Range;

use super::names::{Name, judge};
use super::words::is_harmless;
use super::{Known, speaking};
use crate::offset;

/// What may stand behind an address that is no part of it.
const BEHIND: [char; 9] = [')', ']', '}', '>', ',', ';', '.', '|', '\\'];

/// The places of values that are not shown.
pub(super) fn find(text: &str, known: Known) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if memchr::memchr2(b'?', b'&', text.as_bytes()).is_none() {
        return found;
    }
    let words = text.split(|end: char| end.is_whitespace() || "\"'`".contains(end));
    for word in words.filter(|word| word.contains('=') && word.contains(['?', '&'])) {
        let query = word.find('?').map_or(0, |mark| mark + 1);
        for pair in word.get(query..).unwrap_or_default().split(['?', '&', '#']) {
            let pair = pair.strip_prefix("amp;").unwrap_or(pair).split("</").next().unwrap_or_default();
            let pair = pair.trim_end_matches(BEHIND);
            let at = offset::of(pair, text);
            match pair.split_once('=') {
                Some((name, value)) => {
                    let start = at + name.len() + 1;
                    found.extend(hidden(name, value, known).map(|place| start + place.start..start + place.end));
                }
                // A value that has lost its name; the path of a page in a fragment is none.
                None if judge(pair) == Name::Unknown || !is_plain(pair) => {
                    found.extend((!pair.starts_with('/') && !is_harmless(pair)).then_some(at..at + pair.len()));
                }
                None => {}
            }
        }
    }
    found
}

/// What of a value is not shown.
fn hidden(name: &str, value: &str, known: Known) -> impl Iterator<Item = Range<usize>> {
    let is_shown = match judge(name) {
        _ if !is_plain(name) => false,
        Name::Harmless | Name::Code | Name::Value => true,
        Name::Telling | Name::Password | Name::Header | Name::Unknown => false,
    };
    let whole = (!is_shown && !is_harmless(value)).then_some(0..value.len());
    // What a server says is a sentence, of which the blanks are encoded.
    let is_sentence = is_shown && (value.contains('+') || value.contains("%20"));
    let spoken = is_sentence.then(|| speaking::find(&value.replace('+', " ").replace("%20", "   "), known));
    whole.into_iter().chain(spoken.into_iter().flatten())
}

/// A name as programs give them to parameters.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte))
}

/// The text with those letters and digits as they are that somebody encoded without need, once or more often (RFC 3986, 2.3).
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, code)) = rest.split_once('%') {
        plain.push_str(before);
        let digits = code.trim_start_matches("25");
        let byte = [digits, code].iter().find_map(|code| {
            let byte = u8::from_str_radix(code.get(..2)?, 16).ok()?;
            Some((char::from(byte), code.get(2..)?))
        });
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
        if let Some((letter, behind)) = byte.filter(|(letter, _)| is_plain(*letter)) {
            plain.push(letter);
            rest = behind;
        } else {
            plain.push('%');
            rest = code;
        }
    }
    plain.push_str(rest);
    plain
}
