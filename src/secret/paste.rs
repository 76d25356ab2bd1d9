//! What somebody pasted, as it may be shown again: whoever reads the answer puts it into a ticket.
//!
//! The rule is *default deny*, and rather too much is cut than too little: whatever stands under a name that ends as names of
//! secrets do, whatever is shaped like one, and in a structured text (JSON, the pairs of a log, the query of an address)
//! everything under a name that is not known to be harmless. Nothing is recognised by what is shown: matching works on the text
//! as it was pasted.

mod address;
mod extent;
mod json;
mod names;
mod pairs;
mod shapes;
mod sign;
mod speaking;
mod tables;
mod tags;
mod tools;
mod words;
mod wrapped;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

pub(crate) use tools::password_flag;

use super::Clean;
use super::percent::Decoded;
use crate::offset;

/// What stands in for a cut value. Plain letters, so that a cut URL is still a URL.
pub const CUT: &str = "CUT";

/// Whether something of this text was cut, as a word of its own.
pub fn is_cut(text: &str) -> bool {
    let is_of_word = |letter: char| letter.is_alphanumeric();
    text.match_indices(CUT).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + CUT.len()..).unwrap_or_default());
        // Behind `%3D`, the code of a sign is none of its letters.
        let is_coded = before.get(before.len().saturating_sub(3)..).is_some_and(|code| code.starts_with('%'));
        (is_coded || !before.ends_with(is_of_word)) && !after.starts_with(is_of_word)
    })
}

/// JSON in JSON in JSON is looked into so deep.
const DEEPEST: usize = 8;

/// An address in an address in an address is decoded so often.
const ROUNDS: usize = 3;

/// Whether a word, in lower case, is one of our own pages: then it is nobody's secret.
pub type Known = fn(&str) -> bool;

/// A pasted text, or a piece of one, without what must not be shown.
pub fn clean(text: &str, known: Known) -> Clean {
    let text = address::unescaped(&with_quotes(&without_colours(text)));
    Clean::new(clean_at(&decoded(&text, known), 0, known))
}

/// A text of which is known who writes it, without what is shaped like a secret.
pub(crate) fn shapeless(text: &str) -> Clean {
    let text = without_colours(text);
    Clean::new(without(&text, shaped(&text)))
}

/// The text with those quotes that a page or a program wrote in other signs.
fn with_quotes(text: &str) -> String {
    let codes = [("&quot;", "\""), ("&#34;", "\""), ("&#x22;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&#x27;", "'")];
    let escapes =
        [("\\u0022", "\""), ("\\x22", "\""), ("\\u0027", "'"), ("\\x27", "'"), ("\\u003d", "="), ("\\u003a", ":")];
    // Signs that people copy, and ends of lines that no editor shows.
    let others = [("﹦", "="), ("≔", "="), ("\u{2028}", "\n"), ("\u{2029}", "\n")];
    let signs = codes.iter().chain(&escapes).chain(&others).filter(|(code, _)| text.contains(code));
    signs.fold(text.to_owned(), |text, (code, sign)| text.replace(code, sign))
}

/// Whether a name speaks of a secret, in any style of writing.
pub(crate) fn tells(name: &str) -> bool {
    matches!(names::judge(name), names::Name::Telling | names::Name::Password | names::Name::Header)
}

/// Whether a word is one of prose: then it is no value, whatever stands before it.
pub(crate) fn is_of_prose(word: &str) -> bool {
    words::is_of_prose(word)
}

/// The places of what is shaped like a secret, whatever stands before it.
pub(crate) fn shaped(text: &str) -> Vec<Range<usize>> {
    shapes::find(text)
}

/// The places of the users and passwords of addresses with a scheme, whatever stands in them: blanks, slashes, quotes.
pub(crate) fn credentials_of_addresses(text: &str) -> Vec<Range<usize>> {
    shapes::credentials_of_addresses(text)
}

/// The text with those words decoded in which encoding hides quotes, brackets or signs, if something has to be cut there.
fn decoded(text: &str, known: Known) -> Cow<'_, str> {
    let hides =
        |word: &str| ["%22", "%27", "%7B", "%7b", "%5B", "%5b", "%5C", "%5c"].iter().any(|code| word.contains(code));
    if !hides(text) {
        return Cow::Borrowed(text);
    }
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let plain = percent_decoded(word);
        if hides(word) && clean_at(&plain, 1, known) != plain { Cow::Owned(plain) } else { Cow::Borrowed(word) }
    });
    Cow::Owned(words.collect())
}

/// Undoes `%22`, also where it is encoded again.
fn percent_decoded(word: &str) -> String {
    let once = |plain: String| Decoded::of(&plain).map_or(plain, |decoded| decoded.text);
    (0..ROUNDS).fold(word.to_owned(), |plain, _| once(plain))
}

/// Cleans a text that stands so deep in others.
fn clean_at(text: &str, depth: usize, known: Known) -> String {
    if depth >= DEEPEST {
        return loose(text, known);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut tries = 0;
    while let Some((start, end, value)) = json::first(rest, &mut tries) {
        let before = rest.get(..start).unwrap_or_default();
        // What stands under a telling name is cut as a whole: `token: {…}`.
        let found: Vec<Range<usize>> = pairs::find(rest.get(..end).unwrap_or_default(), known);
        if found.iter().any(|at| at.start <= start && at.end > start) {
            clean.push_str(&loose(rest.get(..end).unwrap_or_default(), known));
        } else {
            clean.push_str(&loose(before, known));
            clean.push_str(&json::shown(&value, before, depth, known));
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    clean.push_str(&loose(rest, known));
    clean
}

/// The same lines without what the lines before them tell to be a secret: for whoever shows one of them by itself.
pub(crate) fn in_context(text: &str, known: Known) -> String {
    let mut found = found(text, known);
    let first = text.find('\n').map_or(text.len(), |end| end + 1);
    found.retain(|place| place.end > first);
    for whole in wrapped::joined(text) {
        let places = self::found(&whole.text, known);
        // What diagnosis needs stays, although the line above runs into it.
        let is_secret = |place: &Range<usize>| {
            let word = text.get(place.clone()).unwrap_or_default().trim();
            let bare = word.trim_end_matches(':').to_lowercase();
            !words::is_harmless(word) && !words::is_of_prose(word) && !known(&bare)
        };
        found.extend(places.iter().flat_map(|place| whole.places(place)).filter(is_secret));
    }
    found.sort_unstable_by_key(|place| place.start);
    if found.is_empty() {
        return text.to_owned();
    }
    let mut places = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        let first = start + line.len() - line.trim_start().len();
        // What a line tells by itself is left to whoever cleans it.
        let own = self::found(line, known);
        let is_own = |from: usize| own.iter().any(|place| start + place.start <= from && from < start + place.end);
        let here = found.iter().map(|place| place.start.max(first)..place.end.min(end));
        places.extend(here.filter(|place| place.start < place.end && !is_own(place.start)));
        start += line.len();
    }
    without(text, places)
}

/// Whether the name of an option may stand under this one.
fn names_of_options(name: &str) -> bool {
    ["key", "name"].contains(&name)
}

/// Whether what stands under the name `key` is the name of an option, as in Pomerium's log: `key=idp_scopes`.
fn is_option(name: &str, value: &str, known: Known) -> bool {
    names_of_options(name)
        && (names::judge(value) == names::Name::Harmless || value.contains('_') && known(&value.to_lowercase()))
}

/// Cleans text in which no structure is certain.
fn loose(text: &str, known: Known) -> String {
    without(text, found(text, known))
}

/// The places of what nobody knows in the lines of a text that speak of a secret.
pub(crate) fn spoken(text: &str, known: Known) -> Vec<Range<usize>> {
    speaking::find(text, known)
}

fn found(text: &str, known: Known) -> Vec<Range<usize>> {
    found_in(text, known, 0)
}

/// The same in a text that is encoded so often.
fn found_in(text: &str, known: Known, depth: usize) -> Vec<Range<usize>> {
    let finders = [shapes::find, tables::find, tags::find, tools::find];
    let mut places: Vec<Range<usize>> = finders.iter().flat_map(|find| find(text)).collect();
    places.extend(pairs::find(text, known));
    places.extend(speaking::find(text, known));
    places.extend(address::find(text, known));
    places.extend(encoded(text, known, depth));
    places.extend(again(text, &places));
    places
}

/// The places of what the words of a text and the parts of its addresses say when they are decoded.
fn encoded(text: &str, known: Known, depth: usize) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    if depth >= ROUNDS || memchr::memchr(b'%', text.as_bytes()).is_none() {
        return places;
    }
    for part in text.split(|end: char| end.is_whitespace() || "?&#\"'`<>".contains(end)) {
        let Some(decoded) = Decoded::of(part) else { continue };
        let at = offset::of(part, text);
        let inside = found_in(&decoded.text, known, depth + 1).into_iter().map(|inside| decoded.place(&inside));
        places.extend(inside.map(|inside| at + inside.start..at + inside.end));
    }
    places
}

/// Where what was found stands once more, under no name.
fn again(text: &str, found: &[Range<usize>]) -> Vec<Range<usize>> {
    /// Shorter ones are words.
    const SHORTEST: usize = 8;
    /// So many different ones are looked for.
    const MOST: usize = 16;
    let mut values: Vec<&str> = found.iter().filter_map(|place| text.get(place.clone())).map(str::trim).collect();
    values.retain(|value| value.len() >= SHORTEST && !words::is_of_prose(value));
    values.sort_unstable();
    values.dedup();
    let of = |value: &&str| text.match_indices(*value).map(|(at, value)| at..at + value.len()).collect::<Vec<_>>();
    values.iter().take(MOST).flat_map(of).collect()
}

/// The text with [`CUT`] in these places, which may overlap.
fn without(text: &str, mut places: Vec<Range<usize>>) -> String {
    places.retain(|place| !place.is_empty());
    places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for place in places {
        if place.start >= done {
            clean.push_str(text.get(done..place.start).unwrap_or_default());
            clean.push_str(CUT);
        }
        done = done.max(place.end);
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    clean
}

/// Drops the colours of a terminal, `ESC [ … letter`: they stand between the parts of a pair, and within what is looked for.
pub(crate) fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
        } else if characters.next() == Some('[') {
            // What follows are parameters up to a letter.
            let _ = characters.by_ref().find(|character| ('\u{40}'..='\u{7e}').contains(character));
        }
    }
    plain
}
