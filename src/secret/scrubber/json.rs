//! The strings of a JSON text, and what they say.

use zeroize::Zeroizing;

/// The insides of the strings of a JSON text.
pub(super) fn strings(json: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut start = None;
    let mut escaped = false;
    json.bytes().enumerate().filter_map(move |(at, byte)| {
        match (byte, start) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"', Some(from)) => {
                start = None;
                return Some((from, at));
            }
            (b'"', None) => start = Some(at + 1),
            _ => {}
        }
        None
    })
}

/// What the inside of a JSON string says, and where each byte of that is written.
pub(super) fn unescaped(written: &str) -> (Zeroizing<String>, Vec<usize>) {
    let mut said = Zeroizing::new(String::with_capacity(written.len()));
    let mut places = Vec::with_capacity(written.len());
    let mut at = 0;
    while let Some(rest) = written.get(at..).filter(|rest| !rest.is_empty()) {
        let (character, length) = character(rest);
        said.push(character);
        places.resize(said.len(), at);
        at += length;
    }
    (said, places)
}

/// The character with which the inside of a JSON string begins, and how many bytes it takes there.
fn character(written: &str) -> (char, usize) {
    let mut characters = written.chars();
    let first = characters.next().unwrap_or_default();
    let plain = |character| (character, 2);
    match (first, characters.next()) {
        ('\\', Some('n')) => plain('\n'),
        ('\\', Some('r')) => plain('\r'),
        ('\\', Some('t')) => plain('\t'),
        ('\\', Some('b')) => plain('\u{8}'),
        ('\\', Some('f')) => plain('\u{c}'),
        ('\\', Some('u')) => match (unit(written), written.get(6..).and_then(unit)) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
            }
            (Some(unit), _) => (char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
            (None, _) => plain('u'),
        },
        ('\\', Some(other)) => (other, 1 + other.len_utf8()),
        _ => (first, first.len_utf8()),
    }
}

/// The number in `\u00e4`.
fn unit(written: &str) -> Option<u32> {
    u32::from_str_radix(written.strip_prefix("\\u")?.get(..4)?, 16).ok()
}
