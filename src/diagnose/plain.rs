//! A text as its author meant it: without the colours, escapes, entities and signs that a terminal, a log, a page or a word
//! processor puts into it.

use std::borrow::Cow;

use crate::offset;
use crate::secret::paste::without_colours;
use crate::spelling::unaccented;

/// Undoing escapes in escapes in escapes is enough: a log line in JSON, in a log line in JSON.
const ROUNDS: usize = 3;

/// The entities of HTML that stand for a sign of a message. The ampersand is the last, or it would make others.
const ENTITIES: [(&str, &str); 20] = [
    ("&quot;", "\""),
    ("&apos;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&nbsp;", " "),
    ("&ensp;", " "),
    ("&emsp;", " "),
    ("&thinsp;", " "),
    ("&lsquo;", "'"),
    ("&rsquo;", "'"),
    ("&ldquo;", "\""),
    ("&rdquo;", "\""),
    ("&laquo;", "\""),
    ("&raquo;", "\""),
    ("&equals;", "="),
    ("&lowbar;", "_"),
    ("&sol;", "/"),
    ("&quest;", "?"),
    ("&colon;", ":"),
    ("&amp;", "&"),
];

/// How an address begins that was encoded as a whole.
pub(super) const ENCODED: [&str; 2] = ["%3A%2F%2F", "%3a%2f%2f"];

/// The line without colours, escapes of JSON, Go, CSV and Markdown, entities, and typographic signs.
pub(super) fn plain(line: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(line);
    if plain.contains('\u{1b}') {
        plain = Cow::Owned(without_colours(&plain));
    }
    // A table of CloudWatch or Splunk doubles the quotes of a log line.
    if plain.contains("\"\"") && (plain.contains("{\"\"") || is_of_a_table(&plain)) {
        plain = Cow::Owned(plain.replace("\"\"", "\""));
    }
    // An address that was encoded as a whole, as one is that went through another program's.
    if ENCODED.iter().any(|start| plain.contains(start)) {
        plain = Cow::Owned(without_encoding(&plain));
    }
    // Entities may stand for the quotes of escapes, and escapes for the ampersands of entities.
    let has_entities = |plain: &str| plain.contains('&') && plain.contains(';');
    if has_entities(&plain) {
        plain = Cow::Owned(without_entities(&plain));
    }
    for _ in 0..ROUNDS {
        if !plain.contains('\\') {
            break;
        }
        plain = Cow::Owned(unescape(&plain));
    }
    if has_entities(&plain) {
        plain = Cow::Owned(without_entities(&plain));
    }
    if !plain.is_ascii() {
        plain = Cow::Owned(plain.chars().filter_map(typed).collect());
    }
    // A mail of which each `=` is encoded, as mails have it.
    if plain.contains("=3D") && plain.matches('=').count() == plain.matches("=3D").count() {
        plain = Cow::Owned(plain.replace("=3D", "="));
    }
    // `[label](address)` of Markdown.
    if plain.contains("](") {
        plain = Cow::Owned(plain.replace("](", "] ("));
    }
    plain
}

/// The line with those words decoded that are an encoded address from their beginning on.
fn without_encoding(line: &str) -> String {
    /// `https%3A%2F%2F`, in bytes.
    const LONGEST: usize = 14;
    let is_address = |word: &str| {
        let start = word.trim_start_matches(|sign: char| !sign.is_ascii_alphanumeric());
        let start = offset::head(start, LONGEST).to_ascii_lowercase();
        ["http%3a%2f%2f", "https%3a%2f%2f"].iter().any(|scheme| start.starts_with(scheme))
    };
    // Quotes of a record and the marks of a page stand around it; what stands before it in an address has it for a parameter.
    let words = line.split_inclusive(|sign: char| sign.is_whitespace() || "\"'<>`".contains(sign));
    words.map(|word| if is_address(word) { unencoded(word) } else { word.to_owned() }).collect()
}

/// A text with `%20` and `+` decoded.
pub(super) fn unencoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(at) = memchr::memchr2(b'%', b'+', rest) {
        bytes.extend_from_slice(rest.get(..at).unwrap_or_default());
        let code = rest.get(at + 1..at + 3).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| rest.get(at) == Some(&b'%'));
        let (byte, length) = match (byte, rest.get(at)) {
            (Some(byte), _) => (byte, 3),
            (None, Some(b'+')) => (b' ', 1),
            _ => (b'%', 1),
        };
        bytes.push(byte);
        rest = rest.get(at + length..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest);
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Whether a line is a row of a table with commas, as RFC 4180 has them: a quote is doubled, or stands beside a comma or at an end.
fn is_of_a_table(line: &str) -> bool {
    let left = line.trim().replace("\"\"", "");
    let is_at_an_edge = |at: usize| {
        let before = left.get(..at).unwrap_or_default();
        let behind = left.get(at + 1..).unwrap_or_default();
        before.is_empty() || behind.is_empty() || before.ends_with(',') || behind.starts_with(',')
    };
    left.contains('"') && left.match_indices('"').all(|(at, _)| is_at_an_edge(at))
}

/// The sign that a keyboard has for one of typography; `None` for what cannot be seen.
fn typed(character: char) -> Option<char> {
    Some(match character {
        '’' | '‘' | '‚' | '′' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
            return None;
        }
        // What East Asian keyboards write.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character),
        other => other,
    })
}

fn unescape(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut characters = after.chars();
        match characters.next() {
            Some(character @ ('"' | '\\' | '/' | '\'' | '_' | '*' | '[' | ']' | '`' | '#')) => plain.push(character),
            // A word processor took the quote behind it for its own.
            Some('“' | '”') => plain.push('"'),
            Some('‘' | '’') => plain.push('\''),
            Some('n' | 'r' | 't' | 'N' | 'R' | 'T') => plain.push(' '),
            Some(letter @ ('u' | 'U')) => {
                let code = after.get(1..5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                if let Some(character) = code.and_then(char::from_u32) {
                    plain.push(character);
                    characters = after.get(5..).unwrap_or_default().chars();
                } else {
                    plain.extend(['\\', letter]);
                }
            }
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
        rest = characters.as_str();
    }
    plain.push_str(rest);
    plain
}

fn without_entities(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        let (sign, length) = entity(after).unwrap_or_else(|| ("&".to_owned(), 1));
        plain.push_str(&sign);
        rest = after.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// The sign that an entity at the beginning of a text stands for, and how long the entity is.
fn entity(text: &str) -> Option<(String, usize)> {
    /// Longer entities are none of ours.
    const LONGEST: usize = 10;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(..=end)?;
    if let Some(number) = name.strip_prefix("&#").and_then(|rest| rest.strip_suffix(';')) {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32).map(|sign| (sign.to_string(), end + 1));
    }
    let (_, sign) = ENTITIES.iter().find(|(entity, _)| name.eq_ignore_ascii_case(entity))?;
    Some(((*sign).to_owned(), end + 1))
}

/// Several lines as one, as their author meant them: without the signs of a quotation before each, and with an address whole that
/// a window or a mail broke.
pub(super) fn fold(text: &str) -> String {
    /// A shorter line was not broken for want of room.
    const ROOM: usize = 40;
    let mut folded = String::with_capacity(text.len());
    let mut is_broken = false;
    for line in text.lines() {
        let line = unquoted(line);
        let first = line.split_whitespace().next().unwrap_or_default();
        let is_the_same_address = is_broken && continues_address(first);
        if !folded.is_empty() && !is_the_same_address {
            folded.push(' ');
        }
        let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
        is_broken =
            line.len() >= ROOM && (last.contains("://") || is_broken && line == last) && last.contains(['?', '%']);
        folded.extend(line.split_whitespace().flat_map(|word| [word, " "]));
        folded.truncate(folded.trim_end().len());
    }
    folded
}

/// Whether a word may be the rest of an address: it has a sign of one, and begins neither another nor the line of a status.
pub(super) fn continues_address(word: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>".contains(&byte);
    let is_sign = |byte: u8| byte.is_ascii_digit() || b"%&=+/".contains(&byte);
    let lower = word.to_ascii_lowercase();
    let is_status = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()) || lower.starts_with("http/");
    word.bytes().all(is_part) && word.bytes().any(is_sign) && !is_status && !lower.starts_with("http")
}

/// Several lines as one, with nothing between them: how a text was before it was broken in the middle of its words.
pub(super) fn joined(text: &str) -> String {
    text.lines().map(unquoted).collect()
}

/// A line without the signs of a quotation.
pub(super) fn unquoted(line: &str) -> &str {
    let line = line.trim_start_matches(['>', '|', '│', ' ', '\t']);
    line.strip_prefix("* ").unwrap_or(line).trim()
}

/// Lower case, and letters without accents: how people type in a hurry.
pub(super) fn spoken(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut spoken = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            'ß' => spoken.push_str("ss"),
            other => spoken.push(unaccented(other)),
        }
    }
    spoken
}

/// The words of a line. `ERR_CONNECTION_REFUSED` is one.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|char: char| !char.is_ascii_alphanumeric() && char != '_')
}

/// A line of nginx without the address behind it that it asked: browsers know the host alone.
pub(super) fn without_upstream(line: &str) -> Cow<'_, str> {
    let parts = line.split_once(" upstream: \"").and_then(|(before, rest)| Some((before, rest.split_once('"')?.1)));
    parts
        .filter(|(_, rest)| rest.contains(" host: \""))
        .map_or(Cow::Borrowed(line), |(before, rest)| Cow::Owned(format!("{before}{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(
            plain(r#"{"error":"oauth2: \"invalid_client\" a\u0026b\n"}"#),
            r#"{"error":"oauth2: "invalid_client" a&b "}"#
        );
        assert_eq!(plain("\u{1b}[31mERR\u{1b}[0m a\u{1b}"), "ERR a");
        assert_eq!(plain("can’t &amp; &quot;x&#39;"), "can't & \"x'");
        assert_eq!(plain("\\u12 \\ud800 \\q \\"), "\\u12 \\ud800 \\q \\");
        assert_eq!(plain("a&#x26;b&#61;c&nbsp;d &copy; &"), "a&b=c d &copy; &");
        assert_eq!(plain("redirect\\_mismatch in [a](https://h/x?e=1)"), "redirect_mismatch in [a] (https://h/x?e=1)");
        assert_eq!(plain(r#""{""level"":""error""}""#), r#""{"level":"error"}""#);
        assert_eq!(plain(r#"1,"oauth2: ""invalid_client""","x""#), r#"1,"oauth2: "invalid_client"","x""#);
        assert_eq!(plain(r#"{"email":"","a":["x"]}"#), r#"{"email":"","a":["x"]}"#);
        assert_eq!(plain("https://h/x?e=3Da&amp;b=3Dc"), "https://h/x?e=a&b=c");
        assert_eq!(plain("https://h/x?e=3Da&b=c ｅ＝\u{202a}1\u{202c}"), "https://h/x?e=3Da&b=c e=1");
        assert_eq!(plain("{&quot;a&quot;:&quot;b \\&quot;c\\&#34; \\u0026quot;&quot;}"), r#"{"a":"b "c" ""}"#);
        assert_eq!(plain("no\u{a0}break\u{200b}ing „blanks“"), "no breaking \"blanks\"");
    }

    #[test]
    fn broken_lines_are_put_together() {
        assert_eq!(fold("> Invalid identity\n> provider\r\n"), "Invalid identity provider");
        assert_eq!(joined("redirect_mis\n> match"), "redirect_mismatch");
        let address = "https://acme.example/error?error=redirect_mismatch&client_id=4";
        let (first, rest) = address.split_at(45);
        assert_eq!(fold(&format!("see\n{first}\n{rest}\nthanks")), format!("see {address} thanks"));
        assert_eq!(fold("https://a.example/?b=c\nthen"), "https://a.example/?b=c then");
        for other in ["help", "HTTP/1.1 503", "404", "https://b.example/?d=e", "what-now"] {
            assert_eq!(fold(&format!("{first}\n{other}")), format!("{first} {other}"));
        }
    }
}
