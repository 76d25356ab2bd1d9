//! How far a value goes.

use std::ops::Range;

use super::names::{Name, ends_as_secret, is_compound, judge};
use super::pairs::Scan;
use super::sign::{BARS, Named, Sign, is_named, is_named_encoded, opens};
use super::words::{is_filler, is_harmless};

impl Scan<'_> {
    /// The value behind a sign.
    pub(super) fn value(&self, named: &Named<'_>, sign: Sign, behind: usize) -> Range<usize> {
        let rest = self.text.get(behind..).unwrap_or_default();
        let is_blank = |character: char| {
            let is_bar = character == '|' || BARS.contains(&character);
            character.is_whitespace() || character == '*' || sign == Sign::Column && is_bar
        };
        let is_pair = matches!(sign, Sign::Equals | Sign::Colon);
        if sign == Sign::Equals && named.quote.is_none() && rest.starts_with(char::is_whitespace) && is_of_query(named)
        {
            // `?code= …`: nothing.
            return behind..behind;
        }
        if sign == Sign::Column && rest.split('\n').next().is_some_and(|line| line.chars().all(is_blank)) {
            return behind..behind;
        }
        let mut value = rest.trim_start_matches(is_blank);
        if sign == Sign::Colon {
            value = without_tags(value);
        }
        // What YAML has before a value.
        let is_spaced = rest.starts_with(char::is_whitespace);
        if is_pair && is_spaced && value.starts_with(['&', '!']) {
            let mark = value.split(char::is_whitespace).next().unwrap_or_default();
            value = value.get(mark.len()..).unwrap_or_default().trim_start();
        }
        let start = self.text.len() - value.len();
        if is_pair && (is_block(rest) || start_of_line(self.text, start) > behind && !is_quoted(value) && !opens(value))
        {
            return start..self.below(named, behind);
        }
        let unprefixed = without_prefix(value);
        let escapes = unprefixed.len() - unprefixed.trim_start_matches('\\').len();
        let first = unprefixed.get(escapes..).and_then(|text| text.chars().next()).unwrap_or_default();
        let end = match first {
            '"' | '\'' | '`' | '“' | '”' => {
                let inner = self.text.len() - unprefixed.len() + escapes + first.len_utf8();
                return inner..self.quotation_end(inner, if first == '“' { '”' } else { first });
            }
            _ if opens(value) => self.brackets_end(start),
            _ if judge(named.name) == Name::Header && is_pair => self.line_end(named, start),
            _ if sign == Sign::Element => start + value.find("</").unwrap_or(value.len()),
            _ if sign == Sign::Column => self.cell_end(start),
            _ if sign == Sign::Call => start + value.find([')', '\n']).unwrap_or(value.len()),
            _ => {
                let end = self.word_end(start, named.quote);
                let is_value = self.text.get(start..end).is_some_and(|word| !is_harmless(word));
                if is_value && self.has_words(named, sign, behind) { self.words_end(named, start) } else { end }
            }
        };
        start..end
    }

    /// Whether a bare value may be several words.
    fn has_words(&self, named: &Named<'_>, sign: Sign, behind: usize) -> bool {
        let judged = judge(named.name);
        let is_known = judged == Name::Value || ends_as_secret(named.name);
        let is_enclosed = || matches!(named.before, Some('"' | '\'' | '(' | '{' | '['));
        let is_sure = || {
            matches!(judged, Name::Password | Name::Value)
                || is_compound(named.name)
                || is_enclosed()
                || self.begins_line(named)
        };
        let is_spaced = || self.text.get(behind..).is_some_and(|rest| rest.starts_with(' '));
        let before = || self.text.get(..behind).unwrap_or_default().trim_end();
        is_known
            && !is_of_query(named)
            && match sign {
                Sign::Colon => is_sure(),
                Sign::Equals => is_spaced() || is_sure(),
                Sign::Blank => {
                    let word = before().rsplit(char::is_whitespace).next().unwrap_or_default();
                    word.ends_with(':') || is_filler(word)
                }
                _ => false,
            }
    }

    /// Whether nothing stands before the name on its line but what a shell or a list has there.
    fn begins_line(&self, named: &Named<'_>) -> bool {
        let before = self.text.get(start_of_line(self.text, named.start)..named.start).unwrap_or_default();
        let before =
            before.trim_matches(|character: char| character.is_whitespace() || "-*>|+#\"'`$".contains(character));
        before.is_empty() || ["export", "set", "ENV", "ARG", "env:", "setx"].contains(&before)
    }

    /// Behind the lines below a name that belong to it: those that are indented more, the elements of a list, or the next one.
    fn below(&self, named: &Named<'_>, behind: usize) -> usize {
        let line = self.text.get(start_of_line(self.text, named.start)..).unwrap_or_default();
        let lead = line.len() - line.trim_start_matches([' ', '\t']).len();
        let outer = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        let rest = self.text.get(behind..).unwrap_or_default();
        let mut at = behind + rest.find('\n').map_or(rest.len(), |end| end + 1);
        let mut end = at.min(self.text.len());
        let mut is_first = true;
        for line in self.text.get(at..).unwrap_or_default().split_inclusive('\n') {
            let bare = line.trim_start_matches([' ', '\t']);
            let indent = line.len() - bare.len();
            at += line.len();
            if bare.trim().is_empty() {
                continue;
            }
            let is_element = bare.starts_with("- ") && indent >= lead;
            if !(indent > outer || is_element || is_first && !is_named(bare)) {
                break;
            }
            end = at - (line.len() - line.trim_end().len());
            is_first = false;
        }
        end
    }

    /// A cell goes on to the next bar, tabulator or run of blanks.
    fn cell_end(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let ends = ["\t", "  ", "\n"].iter().filter_map(|end| rest.find(end));
        let bar = rest.find(|character: char| character == '|' || BARS.contains(&character));
        from + ends.chain(bar).min().unwrap_or(rest.len())
    }

    /// The closing quote: one behind which a word may end.
    fn quotation_end(&self, from: usize, quote: char) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let closes = |at: &usize| {
            let before = rest.get(..*at).unwrap_or_default().trim_end_matches('\\').len();
            let escapes = at - before;
            let behind = rest.get(at + quote.len_utf8()..).and_then(|behind| behind.chars().next());
            let opening = self.text.get(..from).unwrap_or_default().trim_end_matches(quote);
            let outer = opening.len() - opening.trim_end_matches('\\').len();
            escapes <= outer && behind.is_none_or(|next| next.is_whitespace() || ",}])&;|<>:\\\"'`/".contains(next))
        };
        let end = rest.match_indices(quote).map(|(at, _)| at).find(closes).unwrap_or(rest.len());
        from + rest.get(..end).unwrap_or_default().trim_end_matches('\\').len()
    }

    /// Behind the brackets that are closed here: `[]string{…}`.
    fn brackets_end(&self, from: usize) -> usize {
        let mut end = self.bracket_end(from);
        while self.text.get(end..).is_some_and(|rest| !rest.starts_with(char::is_whitespace) && opens(rest)) {
            end = self.bracket_end(end);
        }
        end
    }

    /// Behind the bracket that closes what is opened here.
    fn bracket_end(&self, from: usize) -> usize {
        let mut depth = 0_usize;
        for (at, character) in self.text.get(from..).unwrap_or_default().char_indices() {
            match character {
                '[' | '{' | '(' => depth += 1,
                ']' | '}' | ')' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return from + at + 1;
                    }
                }
                _ => {}
            }
        }
        self.text.len()
    }

    /// A header goes on to the end of its line, or to the quote that was opened before its name.
    fn line_end(&self, named: &Named<'_>, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let quote = self
            .text
            .get(..named.start)
            .and_then(|before| before.chars().next_back())
            .filter(|before| matches!(before, '"' | '\''));
        let mut opened = false;
        let closes = |(at, character): (usize, char)| {
            let behind = rest.get(at + character.len_utf8()..).unwrap_or_default();
            // A quote inside a word is a part of it.
            let is_last = !behind.starts_with(|next: char| next.is_alphanumeric());
            // `Digest username="…", response="…"`: the pair of one that was opened in the value, or the one that opens it.
            let is_inner = character == '"' && {
                let is_open = opened;
                opened = !opened && rest.get(..at).is_some_and(|before| before.ends_with('='));
                is_open || opened
            };
            let is_quote =
                Some(character) == quote || quote.is_none() && !is_inner && matches!(character, '"' | '`') && is_last;
            (character == '\n' || is_quote).then_some(at)
        };
        from + rest.char_indices().find_map(closes).unwrap_or(rest.len())
    }

    /// A passphrase goes on to the end of its line, or to the next name; where it stands inside a line, to what closes something.
    fn words_end(&self, named: &Named<'_>, from: usize) -> usize {
        let line = self.text.get(from..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let begins = self.begins_line(named);
        let mut end = self.word_end(from, named.quote);
        while let Some(rest) = self.text.get(end..from + line.len()) {
            let next = rest.trim_start();
            let is_closed =
                next.starts_with(['|', '}', ')', ']', '"', '\'']) || !begins && next.starts_with([',', ';']);
            if next.is_empty() || is_closed || is_named(next.trim_start_matches([',', ';', ' '])) {
                break;
            }
            let start = end + rest.len() - next.len();
            end = self.word_end(start, None).max(start + 1);
            end += (0..4).find(|more| self.text.is_char_boundary(end + more)).unwrap_or(0);
        }
        end.min(from + line.len())
    }

    /// A bare value goes on to a blank, to what closes something, or to the next name.
    fn word_end(&self, from: usize, quote: Option<char>) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        let mut depth = 0_usize;
        for (at, character) in rest.char_indices() {
            let behind = rest.get(at + character.len_utf8()..).unwrap_or_default();
            let is_last = || {
                behind.is_empty()
                    || behind.starts_with(|next: char| next.is_whitespace() || ",;)]}>\"'&|:".contains(next))
            };
            let is_end = match character {
                _ if character.is_whitespace() => true,
                '&' | ',' | ';' => is_last() || is_named(behind.trim_start()) || behind.starts_with("amp;"),
                '(' | '[' | '{' => {
                    depth += 1;
                    false
                }
                ')' | ']' | '}' if depth > 0 => {
                    depth -= 1;
                    false
                }
                ')' | ']' | '}' | '|' => is_last(),
                '"' | '\'' | '`' => is_last() || Some(character) == quote,
                '<' => {
                    behind.starts_with('/')
                        || behind.starts_with(|next: char| next.is_ascii_alphabetic()) && behind.contains('>')
                }
                '%' => ["26", "23"].iter().any(|code| behind.strip_prefix(code).is_some_and(is_named_encoded)),
                '#' => is_named(behind),
                _ => false,
            };
            if is_end {
                return from + at;
            }
        }
        self.text.len()
    }
}

/// A value without the elements that end or begin before it: `<b>Password:</b> <code>…`.
fn without_tags(value: &str) -> &str {
    /// No element between a name and its value is longer, and there are no more, in bytes.
    const LONGEST: usize = 64;
    const MOST: usize = 4;
    let mut bare = value;
    for _ in 0..MOST {
        let Some(inside) =
            bare.strip_prefix('<').filter(|inside| inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'))
        else {
            break;
        };
        let Some(end) = inside.bytes().take(LONGEST).position(|byte| byte == b'>') else { break };
        bare = inside.get(end + 1..).unwrap_or_default().trim_start();
    }
    bare
}

fn is_of_query(named: &Named<'_>) -> bool {
    matches!(named.before, Some('?' | '&'))
}

fn start_of_line(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// `|`, `>-`: the value is the lines below.
fn is_block(rest: &str) -> bool {
    let mark = rest.split('\n').next().unwrap_or_default().trim();
    mark.starts_with(['|', '>']) && mark.len() < 4 && rest.contains('\n')
}

fn is_quoted(value: &str) -> bool {
    without_prefix(value).trim_start_matches('\\').starts_with(['"', '\'', '`', '“'])
}

/// A quotation without the letters that some languages put before it: `b'…'`, `rb"…"`, `@"…"`.
fn without_prefix(value: &str) -> &str {
    let letters = value.bytes().take(2).take_while(|byte| b"bBuUrRfFnNeELl@$".contains(byte)).count();
    let bare = value.get(letters..).unwrap_or_default();
    if bare.trim_start_matches('\\').starts_with(['"', '\'']) { bare } else { value }
}
