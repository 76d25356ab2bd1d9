//! Percent-encoding as Go's `net/url` has it, which differs by part of the URL.

use crate::go::is_format;

/// Which part of a URL a text belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Path,
    Host,
    Zone,
    UserPassword,
    Query,
    Fragment,
}

/// Whether a byte must be written as `%XX` in this part.
fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
        return false;
    }
    let allowed: &[u8] = match part {
        Part::Path => b"$&+,/:;=@",
        Part::Host | Part::Zone => b"!$&'()*+,;=:[]<>\"",
        Part::UserPassword => b"$&+,;=",
        Part::Query => b"",
        Part::Fragment => b"$&+,/:;=?@!()*",
    };
    !allowed.contains(&byte)
}

/// The bytes as they stand in this part of a URL.
pub(super) fn escape(bytes: &[u8], part: Part) -> String {
    // Most need no escape.
    if let Ok(text) = std::str::from_utf8(bytes)
        && !bytes.iter().any(|byte| must_escape(*byte, part))
    {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte == b' ' && part == Part::Query {
            text.push('+');
        } else if must_escape(byte, part) {
            text.extend([format!("%{byte:02X}")]);
        } else {
            text.push(char::from(byte));
        }
    }
    text
}

/// The bytes this part of a URL stands for, or Go's words about what is wrong with it.
pub(super) fn unescape(text: &str, part: Part) -> Result<Vec<u8>, String> {
    let host = matches!(part, Part::Host | Part::Zone);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'%' => {
                let (value, after) = hex_pair(after).ok_or_else(|| bad_escape(b'%', after))?;
                // A host may write only bytes beyond ASCII, and the percent sign of a zone, this way (RFC 3986, RFC 6874).
                let refused = match part {
                    Part::Host => value < 0x80 && value != b'%',
                    Part::Zone => value != b'%' && value != b' ' && must_escape(value, Part::Host),
                    _ => false,
                };
                if refused {
                    return Err(bad_escape(b'%', rest));
                }
                bytes.push(value);
                rest = after;
            }
            b'+' if part == Part::Query => bytes.push(b' '),
            _ if host && byte.is_ascii() && must_escape(*byte, part) => {
                return Err(format!("invalid character {} in host name", quote(&[*byte])));
            }
            _ => bytes.push(*byte),
        }
    }
    Ok(bytes)
}

fn hex_pair(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, rest @ ..] = bytes else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some((digit(high)? << 4 | digit(low)?, rest))
}

/// Go shows the percent sign and at most two bytes after it.
fn bad_escape(percent: u8, after: &[u8]) -> String {
    let shown: Vec<u8> = std::iter::once(percent).chain(after.iter().copied().take(2)).collect();
    format!("invalid URL escape {}", quote(&shown))
}

/// Whether a path or fragment is already written as it may stand in a URL; Go then leaves it alone.
pub(super) fn is_escaped(text: &str, part: Part) -> bool {
    text.bytes().all(|byte| b"!$&'()*+,;=:@[]%".contains(&byte) || !must_escape(byte, part))
}

/// A text as Go's `%q` shows it.
pub(crate) fn quote(bytes: &[u8]) -> String {
    let mut quoted = String::from("\"");
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    for chunk in bytes.utf8_chunks() {
        if chunk.valid().bytes().all(is_plain) {
            quoted.push_str(chunk.valid());
        } else {
            quoted.extend(chunk.valid().chars().map(quote_character));
        }
        quoted.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    quoted.push('"');
    quoted
}

fn quote_character(character: char) -> String {
    let code = u32::from(character);
    match character {
        '"' | '\\' => format!("\\{character}"),
        '\u{7}' => "\\a".to_owned(),
        '\u{8}' => "\\b".to_owned(),
        '\u{b}' => "\\v".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        _ if character.is_ascii_control() => format!("\\x{code:02x}"),
        // Go escapes what is neither graphic nor the plain space, such as U+00A0 and U+FEFF.
        _ if character != ' ' && (character.is_control() || character.is_whitespace() || is_format(character)) => {
            format!("\\u{code:04x}")
        }
        _ => character.to_string(),
    }
}
