//! What divides a name from its value, and the name before it.

/// No name is longer, in bytes.
const LONGEST_NAME: usize = 64;

/// A name before a sign.
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    /// The first byte of the name.
    pub(super) start: usize,
    /// What quotes it.
    pub(super) quote: Option<char>,
    /// The character before it and its quotes.
    pub(super) before: Option<char>,
}

impl Named<'_> {
    /// `is` stands before there.
    pub(super) fn is_said(&self, text: &str, behind: usize) -> bool {
        text.get(self.start..behind).is_some_and(|said| LINKS.iter().any(|link| said.ends_with(link)))
    }
}

/// What divides a name from its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Equals,
    Colon,
    /// `, ` between two quotations.
    Comma,
    /// `>` of an element.
    Element,
    /// A bar, a tabulator, blanks.
    Column,
    /// `(` of a call: `setPassword("…")`.
    Call,
    /// One blank.
    Blank,
}

/// The lines of tables that terminals draw.
pub(super) const BARS: [char; 4] = ['│', '┃', '║', '┆'];

/// What stands between a name and what it is, in four languages.
const LINKS: [&str; 9] = [" is ", " was ", " ist ", " lautet ", " war ", " est ", " était ", " es ", " era "];

/// How long an arrow is that begins here: `→`, `=>`, `->`, `------>`.
pub(super) fn arrow(text: &str) -> Option<usize> {
    /// A longer one is a line.
    const LONGEST: usize = 40;
    if text.starts_with('→') {
        return Some('→'.len_utf8());
    }
    let first = *text.as_bytes().first().filter(|first| matches!(first, b'-' | b'='))?;
    let length = text.bytes().take(LONGEST).take_while(|byte| *byte == first).count();
    text.get(length..).is_some_and(|rest| rest.starts_with('>')).then_some(length + 1)
}

/// The sign at a place, and its length.
pub(super) fn sign(text: &str, at: usize) -> Option<(Sign, usize)> {
    let rest = text.get(at..)?;
    let before = text.get(..at)?.chars().next_back();
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    if let Some(length) = arrow(rest) {
        return Some((Sign::Equals, length));
    }
    if let Some(bar) = BARS.iter().find(|bar| rest.starts_with(**bar)) {
        return Some((Sign::Column, bar.len_utf8()));
    }
    match rest.as_bytes().first()? {
        b'=' => Some((Sign::Equals, if rest.starts_with("==") { 2 } else { 1 })),
        b':' if rest.starts_with("://") => None,
        b':' => Some((Sign::Colon, if rest.starts_with(":=") { 2 } else { 1 })),
        b',' | b';' => Some((Sign::Comma, 1)),
        b'(' => Some((Sign::Call, 1)),
        b'>' => Some((Sign::Element, 1)),
        b'<' => next_element(rest),
        b'|' | b'\t' => Some((Sign::Column, 1)),
        b' ' if before.is_some_and(char::is_whitespace) => None,
        b' ' if rest.trim_start().starts_with(['=', ':', '|', '→']) || arrow(rest.trim_start()).is_some() => None,
        b' ' if rest.trim_start().starts_with(BARS) => None,
        b' ' if ["?=", "+=", "!="].iter().any(|sign| rest.trim_start().starts_with(sign)) => None,
        // What East Asian keyboards write.
        0xef if rest.starts_with('：') => Some((Sign::Colon, '：'.len_utf8())),
        0xef if rest.starts_with('＝') => Some((Sign::Equals, '＝'.len_utf8())),
        b' ' if let Some(link) = LINKS.iter().find(|link| rest.starts_with(**link)) => Some((Sign::Blank, link.len())),
        b' ' if blanks > 1 => Some((Sign::Column, blanks)),
        b' ' => Some((Sign::Blank, 1)),
        b'%' => encoded_sign(rest),
        _ => None,
    }
}

/// `</key><string>`: a name that is the text of an element has its value in the next one.
fn next_element(rest: &str) -> Option<(Sign, usize)> {
    let (_, behind) = rest.get(..LONGEST_NAME.min(rest.len()))?.strip_prefix("</")?.split_once('>')?;
    let open = behind.trim_start().strip_prefix('<').filter(|open| !open.starts_with('/'))?;
    let (_, value) = open.split_once('>')?;
    Some((Sign::Element, rest.get(..LONGEST_NAME.min(rest.len()))?.len() - value.len()))
}

/// `%3D`, `%253D`, `%3A`.
fn encoded_sign(rest: &str) -> Option<(Sign, usize)> {
    let mut code = rest.strip_prefix('%')?;
    while let Some(deeper) = code.strip_prefix("25") {
        code = deeper;
    }
    let digits = code.get(..2)?;
    let sign = match digits.to_ascii_lowercase().as_str() {
        "3d" => Sign::Equals,
        "3a" => Sign::Colon,
        _ => return None,
    };
    Some((sign, rest.len() - code.len() + 2))
}

/// The name that ends before a place.
pub(super) fn named(text: &str, at: usize, sign: Sign) -> Option<Named<'_>> {
    let mut floor = at.saturating_sub(LONGEST_NAME);
    while !text.is_char_boundary(floor) {
        floor += 1;
    }
    let before = text.get(floor..at)?;
    let trimmed = before.trim_end_matches([' ', '\t']);
    // `name ?= value`, `name += value`, `**name:** value`.
    let trimmed = match sign {
        Sign::Equals | Sign::Colon => without_remark(trimmed.trim_end_matches(['?', '+', '!', '~', '*', ':', ' '])),
        // `**name** value`
        Sign::Blank if trimmed.ends_with(['*', '~']) => trimmed.trim_end_matches(['*', '~']),
        _ => trimmed,
    };
    let quotes = ['"', '\'', '`', '\\', '”', '“'];
    let unquoted = trimmed.trim_end_matches(quotes);
    let quote = trimmed.get(unquoted.len()..).and_then(|quotes| quotes.chars().find(|quote| *quote != '\\'));
    let is_block = || text.get(at..).is_some_and(|rest| rest.trim_start_matches(' ').starts_with('{'));
    // "The `name` is `value`".
    let is_said =
        || quote == Some('`') && text.get(at..).is_some_and(|rest| LINKS.iter().any(|link| rest.starts_with(link)));
    if quote.is_some()
        && (matches!(sign, Sign::Element | Sign::Call) || sign == Sign::Blank && !is_block() && !is_said())
    {
        return None;
    }
    let indexed =
        unquoted.trim_end_matches(']').trim_end_matches(|digit: char| digit.is_ascii_digit()).trim_end_matches('[');
    // `settings["name"] = value`
    let indexed = if indexed.len() < unquoted.len() { indexed.trim_end_matches(quotes) } else { indexed };
    let is_name = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let length = indexed.chars().rev().take_while(is_name).map(char::len_utf8).sum::<usize>();
    let name = indexed.get(indexed.len() - length..)?;
    let first = indexed.len() - length;
    let front = indexed.get(..first).unwrap_or_default();
    // `%26name`, `\u0026name`: the code runs into the name.
    let (name, code) = without_code(front, name);
    let start = floor + first + code;
    let outside = if quote.is_some() { front.trim_end_matches(['"', '\'', '`', '\\']) } else { front };
    let outside = match (code, outside.ends_with("&amp;")) {
        (0, false) => outside.chars().next_back(),
        _ => Some('&'),
    };
    let outside = if front.ends_with(';') && front.ends_with("&amp;") { Some('&') } else { outside };
    name.contains(char::is_alphabetic).then_some(Named { name, start, quote, before: outside })
}

/// A name without what stands in brackets behind it: `name (required): value`.
fn without_remark(name: &str) -> &str {
    let open = name.strip_suffix(')').and_then(|inside| inside.rfind('('));
    open.and_then(|open| name.get(..open)).map_or(name, str::trim_end)
}

/// A name without the escape of the sign before it, and the length of that.
fn without_code<'n>(front: &str, name: &'n str) -> (&'n str, usize) {
    let code = match front.chars().next_back() {
        Some('%') => {
            let deeper = name.len() - name.trim_start_matches("25").len();
            let code = name.get(deeper..deeper + 2).map(str::to_ascii_lowercase);
            code.filter(|code| ["26", "3f", "23", "3b", "20", "22"].contains(&code.as_str())).map_or(0, |_| deeper + 2)
        }
        Some('\\') => ["u0026", "u003f", "u0022", "n", "t", "r"]
            .iter()
            .find(|code| name.starts_with(**code))
            .map_or(0, |code| code.len()),
        _ => 0,
    };
    (name.get(code..).unwrap_or(name), code)
}

/// Whether a text begins with a name and a sign.
pub(super) fn is_named(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'']);
    let length = text
        .bytes()
        .take(LONGEST_NAME)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        .count();
    let behind = text.get(length..).unwrap_or_default().trim_start_matches(['"', '\'']);
    length > 0 && behind.starts_with(['=', ':']) && !behind.starts_with("://")
}

/// Whether a text begins with a name and a sign that is encoded, or none is.
pub(super) fn is_named_encoded(text: &str) -> bool {
    let length =
        text.bytes().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let behind = text.get(length..).unwrap_or_default();
    is_named(text) || length > 0 && (behind.starts_with('[') || encoded_sign(behind).is_some())
}

/// Whether a value is a list or a mapping: `[`, `map[`, `&{`, `[]string{`, `url.Values{`.
pub(super) fn opens(value: &str) -> bool {
    let kind = value
        .bytes()
        .take(LONGEST_NAME)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'&' | b'_'))
        .count();
    value.get(kind..).is_some_and(|rest| rest.starts_with(['[', '{', '(']))
        && !value.get(..kind).is_some_and(|kind| kind.contains('&') && kind.len() > 1 && !kind.starts_with('&'))
}
