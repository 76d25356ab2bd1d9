//! Lines that speak of a secret, in whatever words and signs: `(client_secret . "…")`, `client_secret/…`, `the secret ends with …`.
//!
//! No list of notations is ever long enough. So of such a line only those words are shown that somebody knows: words of our own
//! pages, ids and addresses that the diagnosis needs, times, and what stands alone under a name that is known to be harmless.

use std::ops::Range;

use super::Known;
use super::names::{Name, is_compound, judge};
use super::shapes::is_public;
use super::words::{begins_name, is_harmless, is_of_message, is_of_prose};
use crate::offset;

/// What also means other things, such as `token` or `code`, speaks of so many words behind it.
const NEAR: usize = 6;

/// What surely means a secret speaks of so many lines, its own included.
const LINES: usize = 4;

/// A name that stands alone on its line has no more words.
const LABEL: usize = 3;

/// Shorter words are no secrets, in letters.
const SHORTEST: usize = 4;

/// Signs inside of words that people and programs write: a word with another one is nobody's.
const SIGNS: &str = "-_./:,;'’=&@+()?%#";

/// How a word may end that is known without it: `rotates`.
const ENDINGS: [&str; 6] = ["s", "es", "d", "ed", "ly", "ing"];

/// The places of what nobody knows in lines that speak of a secret.
pub(super) fn find(text: &str, known: Known) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut ahead = 0_usize;
    let mut below = 0_usize;
    for line in text.split_inclusive('\n') {
        let words = words(line);
        let told: Vec<Told> = (0..words.len()).map(|index| told(&words, index)).collect();
        // `Here is the client secret`, and on the next line it stands.
        ahead = if told.contains(&Told::Surely) { LINES } else { ahead.saturating_sub(1) };
        let is_spoken = ahead > 0 || line.contains(is_foreign);
        let mut near = below;
        // A row that was copied out of a table of a browser: the name, and below it the value.
        let is_label = words.len() <= LABEL && told.iter().any(|told| *told != Told::No);
        below = if is_label { NEAR } else { 0 };
        for (index, (word, told)) in words.iter().zip(&told).enumerate() {
            near = if *told == Told::No { near.saturating_sub(1) } else { NEAR + 1 };
            if is_spoken || near > 0 {
                let before = index.checked_sub(1).and_then(|before| words.get(before));
                let is_shown = word.is_shown(before) || !is_spoken && word.is_host();
                let place =
                    word.unknown(known).filter(|_| !is_shown).map(|place| start + place.start..start + place.end);
                found.extend(place);
            }
        }
        start += line.len();
    }
    found
}

/// A letter of a script of which nobody here knows how it names a secret: Greek to Vietnamese, and those of East Asia.
fn is_foreign(letter: char) -> bool {
    letter.is_alphabetic() && matches!(letter, '\u{370}'..='\u{1fff}' | '\u{2e80}'..='\u{faff}')
}

/// Whether a word speaks of a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    No,
    /// It may mean another thing.
    Perhaps,
    Surely,
}

/// A word between blanks.
struct Word<'t> {
    text: &'t str,
    /// Where it begins on its line.
    start: usize,
}

fn words(line: &str) -> Vec<Word<'_>> {
    let place = |text: &str| offset::of(text, line);
    line.split_whitespace().map(|text| Word { text, start: place(text) }).collect()
}

fn told(words: &[Word<'_>], index: usize) -> Told {
    let Some(word) = words.get(index) else { return Told::No };
    let before = || index.checked_sub(1).and_then(|before| words.get(before)).map_or("", |before| before.text);
    let of_name = |name: &str| match judge(name) {
        Name::Password => Told::Surely,
        Name::Telling | Name::Header if is_compound(name) || begins_name(before()) => Told::Surely,
        Name::Telling | Name::Header => Told::Perhaps,
        _ => Told::No,
    };
    let all = || names(word.text).map(|(_, name)| of_name(name));
    if all().any(|told| told == Told::Surely) {
        Told::Surely
    } else if all().any(|told| told == Told::Perhaps) {
        Told::Perhaps
    } else {
        Told::No
    }
}

/// What may be names in a word, each with its place.
fn names(word: &str) -> impl Iterator<Item = (usize, &str)> {
    runs(word, |letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
}

/// Letters and digits in a row, each with its place; those of scripts that have no blanks between words are none.
fn letters(word: &str) -> impl Iterator<Item = (usize, &str)> {
    runs(word, |letter| letter.is_alphanumeric() && letter < '\u{2e80}')
}

fn runs(word: &str, is_of: impl Fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    word.split(move |letter| !is_of(letter)).filter_map(move |run| {
        let start = offset::of(run, word);
        // `%20token`
        let is_code = word.get(..start).is_some_and(|before| before.ends_with('%'));
        let code = if is_code { run.bytes().take(2).take_while(u8::is_ascii_hexdigit).count() } else { 0 };
        run.get(code..).filter(|run| !run.is_empty()).map(|run| (start + code, run))
    })
}

impl Word<'_> {
    /// The place on the line of what nobody knows in this word.
    fn unknown(&self, known: Known) -> Option<Range<usize>> {
        // What stands behind a name is its value as a whole, and without a name the word is.
        let is_address = self.text.contains("http://") || self.text.contains("https://");
        let is_telling = |name: &str| match judge(name) {
            Name::Password => true,
            Name::Telling | Name::Header => !is_address || is_compound(name),
            _ => false,
        };
        let mut ends = names(self.text).filter(|(_, name)| is_telling(name)).map(|(at, name)| at + name.len());
        // Of an address, only what stands behind a name in its path is looked at here.
        let behind = if is_address { ends.next()? } else { 0 };
        let path = self.text.find("#/").map_or(0, |at| at + 1);
        let end =
            self.text.get(path..)?.find(['?', '#']).filter(|_| is_address).map_or(self.text.len(), |end| path + end);
        let mut inside = letters(self.text).filter(|(at, _)| (behind..end).contains(at));
        let first = inside.find(|(_, run)| !is_known(run, known)).map(|(at, _)| at);
        let first = first.or_else(|| (!is_address && self.has_odd_sign()).then_some(0))?;
        let from = ends.take_while(|end| *end <= first).last().unwrap_or(behind);
        let is_sign = |letter: char| !letter.is_alphanumeric();
        let rest = self.text.get(from..)?;
        let start = from + rest.len() - rest.trim_start_matches(is_sign).len();
        Some(self.start + start..self.start + self.text.get(..end)?.trim_end_matches(is_sign).len())
    }

    /// Whether a sign stands between letters that no word has. What has names and values is none.
    fn has_odd_sign(&self) -> bool {
        let inner = self.text.trim_matches(|letter: char| !letter.is_alphanumeric());
        // What stands around it is of the sentence.
        !inner.contains([':', '=', ','])
            && inner.contains(|sign: char| !sign.is_alphanumeric() && !SIGNS.contains(sign))
    }

    /// Whether it may be the name of a host: `auth.corp.example.com`.
    fn is_host(&self) -> bool {
        let bare = self.text.trim_matches(|letter: char| !letter.is_alphanumeric());
        let is_of_host = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:".contains(&byte);
        bare.matches('.').count() > 1 && bare.bytes().all(is_of_host)
    }

    /// Without the signs around it.
    fn bare(&self) -> &str {
        self.text.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '/')
    }

    /// Whether it is something that the diagnosis needs.
    fn is_shown(&self, before: Option<&Self>) -> bool {
        let bare = self.bare();
        let is_zone = || before.is_some_and(|before| is_time(before.bare())) && is_zone(self.text);
        let is_person = || bare.split_once('@').is_some_and(|(_, host)| host.contains('.') && !bare.contains(':'));
        let is_of_harmless = || {
            let (name, value) = self.text.split_once(['=', ':']).unwrap_or_default();
            let is_whole =
                !value.starts_with(['"', '\'', '`']) || value.len() > 1 && value.ends_with(['"', '\'', '`', ',']);
            judge(name) == Name::Harmless && is_whole && !value.is_empty()
        };
        // `request id: …`
        let is_id = || {
            before.is_some_and(|before| {
                let name = before.text.trim_matches(|letter: char| !letter.is_alphanumeric()).to_ascii_lowercase();
                name == "id" || name.ends_with("id") && judge(&name) == Name::Harmless
            })
        };
        is_public(bare)
            || is_harmless(bare)
            || is_time(bare)
            || is_zone()
            || is_element(self.text)
            || is_person()
            || is_of_harmless()
            || is_id()
    }
}

/// Elements of a page with nothing but a harmless value: `<Error><Code>AccessDenied</Code>`.
fn is_element(text: &str) -> bool {
    const NAMES: [&str; 4] = ["Error", "Code", "/Code", "/Error"];
    let mut pieces = text.trim_end_matches([',', '.', ';']).split(['<', '>']).filter(|piece| !piece.is_empty());
    text.starts_with('<') && pieces.all(|piece| NAMES.contains(&piece) || is_harmless(piece))
}

/// A day, or the time of one.
fn is_time(bare: &str) -> bool {
    bare.bytes().all(|byte| byte.is_ascii_digit() || b":.-+TZ/".contains(&byte))
        && bare.matches([':', '.', '-', '/']).count() > 1
}

/// How far from UTC a time is, as Go writes it: `+0530`. Every zone is less than fifteen hours off, by whole quarters.
fn is_zone(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).map(|rest| rest.trim_end_matches(|sign: char| !sign.is_alphanumeric()));
    digits.and_then(|digits| digits.split_at_checked(2)).is_some_and(|(hours, minutes)| {
        hours.parse::<u8>().is_ok_and(|hours| hours < 15) && ["00", "15", "30", "45"].contains(&minutes)
    })
}

fn is_known(run: &str, known: Known) -> bool {
    let is_word = |word: &str| {
        let lower = word.to_lowercase();
        let stem = |end: &&str| lower.strip_suffix(*end).filter(|stem| stem.len() + 1 >= SHORTEST);
        is_of_prose(word) || is_of_message(word) || known(&lower) || ENDINGS.iter().filter_map(stem).any(known)
    };
    // `VerifyToken`
    run.chars().count() < SHORTEST || is_word(run) || is_harmless(run) || is_compound(run) && parts(run).all(is_word)
}

/// The words of a name in camel case.
fn parts(run: &str) -> impl Iterator<Item = &str> {
    let mut rest = run;
    std::iter::from_fn(move || {
        let capital = rest.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase());
        let (part, behind) = rest.split_at(capital.map_or(rest.len(), |(at, _)| at));
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}
