//! Which name was probably meant: the nearest of those that are known.

use std::borrow::Cow;

/// A name in lower case; most names are that as they are written.
pub fn lower(name: &str) -> Cow<'_, str> {
    let is_lower = name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(name) } else { Cow::Owned(name.to_lowercase()) }
}

/// What there is in place of what somebody named.
pub fn there_are(names: &[impl AsRef<str>]) -> String {
    if names.is_empty() {
        return "there is none at all".to_owned();
    }
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    format!("there are {}", names.join(", "))
}

/// The letter without its accent, in lower case if it had one.
pub fn unaccented(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'Á' | 'À' | 'Â' | 'Ä' | 'Ã' | 'Å' | 'ạ' | 'ậ' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'Ó' | 'Ò' | 'Ô' | 'Ö' | 'Õ' | 'ø' | 'Ø' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ş' | 'ś' | 'Ş' | 'Ś' => 's',
        'ł' | 'Ł' => 'l',
        'ñ' | 'Ñ' => 'n',
        'ç' | 'Ç' => 'c',
        other => other,
    }
}

/// Words in lower case that are looked for in a text all at once, in any letter case.
///
/// In most texts there is none, which three letters of it tell: so nothing has to be built before the first text.
pub struct Words<const N: usize> {
    known: [&'static str; N],
    /// For each first letter, which second letters there are.
    seconds: [u32; 32],
    /// For each second letter, which third letters there are; any, where a word ends.
    thirds: [u32; 32],
}

impl<const N: usize> Words<N> {
    /// Words of two letters and more.
    pub const fn new(words: [&'static str; N]) -> Self {
        let (mut seconds, mut thirds) = ([0; 32], [0; 32]);
        let mut number = 0;
        while number < N {
            let word = words[number].as_bytes();
            let (first, second) = (letter(word[0]) as usize, letter(word[1]) as usize);
            seconds[first] |= 1 << second;
            thirds[second] |= if word.len() > 2 { 1 << letter(word[2]) } else { u32::MAX };
            number += 1;
        }
        Self { known: words, seconds, thirds }
    }

    /// Whether any of them is in a text.
    pub fn is_any_in(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let begins = |rest: &[u8]| {
            let is_it =
                |word: &&str| rest.get(..word.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(word.as_bytes()));
            self.known.iter().any(is_it)
        };
        // Behind each byte, the letters with which a word may go on that begins with it.
        let mut after = 0_u32;
        text.iter().enumerate().any(|(at, byte)| {
            let letter = LETTERS[usize::from(*byte)];
            let is_second = after >> letter & 1 != 0;
            after = self.seconds[usize::from(letter)];
            let third = || text.get(at + 1).map_or(NO_LETTER, |third| LETTERS[usize::from(*third)]);
            is_second && self.thirds[usize::from(letter)] >> third() & 1 != 0 && begins(&text[at - 1..])
        })
    }
}

/// The number of each byte's letter.
static LETTERS: [u8; 256] = letters();

const fn letters() -> [u8; 256] {
    let mut letters = [0; 256];
    let mut byte = u8::MAX;
    loop {
        letters[byte as usize] = letter(byte);
        if byte == 0 {
            return letters;
        }
        byte -= 1;
    }
}

/// The number of a letter in either case, and one for whatever is none; below 32.
const fn letter(byte: u8) -> u8 {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => letter - b'a',
        b'_' => 26,
        b'.' => 27,
        _ => NO_LETTER,
    }
}

const NO_LETTER: u8 = 31;

/// How many slips of the pen lie between two names; two letters that changed places are one.
pub fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(one, other)
}

/// So many slips are forgiven in a name of that length: a fifth of its letters, and one in a short one. Beyond that a suggestion
/// is noise.
pub fn slips(length: usize) -> usize {
    (length / 5).clamp(1, 4)
}

/// The nearest of these names, if it is at most so many slips away; of equally near ones the first of the alphabet.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>, most: usize) -> Option<&'k str> {
    let near = known.into_iter().filter(|known| known.len().abs_diff(name.len()) <= most);
    let near = near.map(|known| (distance(name, known), known)).filter(|(slips, _)| *slips <= most);
    near.min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_stand() {
        const WORDS: Words<3> = Words::new(["client", "op://", ".."]);
        for text in ["client", "IDP_CLIENT_ID", "äclient", "x op://y", "a..", "..b", "clclient", "ä..ä"] {
            assert!(WORDS.is_any_in(text), "{text}");
        }
        for text in ["", "c", "clien", "clientless".get(..5).unwrap_or_default(), "op:/", "a.b.", "öp://"] {
            assert!(!WORDS.is_any_in(text), "{text}");
        }
    }

    #[test]
    fn the_nearest_name_is_found_if_it_is_near() {
        let names = ["domain", "email", "user", "users"];
        assert_eq!(nearest("domian", names, 1), Some("domain"));
        assert_eq!(nearest("usser", names, 1), Some("user"));
        assert_eq!(nearest("userr", names, 1), Some("user"), "of two as near, the first of the alphabet");
        assert_eq!(nearest("mail", names, 0), None);
        assert_eq!(nearest("groups", names, 2), None);
    }
}
