//! How far a value goes.

use std::ops::Range;

use super::names::{Name, judge};
use super::pairs::Scan;
use super::sign::{Named, Sign, is_named, opens};

impl Scan<'_> {
    /// The value behind a sign.
    pub(super) fn value(&self, named: &Named<'_>, sign: Sign, behind: usize) -> Range<usize> {
        let rest = self.text.get(behind..).unwrap_or_default();
        let is_blank = |character: char| character.is_whitespace() || sign == Sign::Column && character == '|';
        let is_pair = matches!(sign, Sign::Equals | Sign::Colon);
        let mut value = rest.trim_start_matches(is_blank);
        if sign == Sign::Equals
            && named.quote.is_none()
            && rest.starts_with(char::is_whitespace)
            && matches!(named.before, Some('?' | '&'))
        {
            // `?code= …`: nothing.
            return behind..behind;
        }
        // What YAML has before a value.
        if is_pair && rest.starts_with(char::is_whitespace) && value.starts_with(['|', '>', '&', '!', '*']) {
            let mark = value.split(char::is_whitespace).next().unwrap_or_default();
            if mark.len() < 3 || value.starts_with(['&', '!']) {
                value = value.get(mark.len()..).unwrap_or_default().trim_start();
            }
        }
        let start = self.text.len() - value.len();
        let escapes = value.len() - value.trim_start_matches('\\').len();
        let unescaped = value.get(escapes..).unwrap_or_default();
        let first = unescaped.chars().next().unwrap_or_default();
        let end = match first {
            '"' | '\'' | '`' | '“' | '”' => {
                let inner = start + escapes + first.len_utf8();
                return inner..self.quotation_end(inner, if first == '“' { '”' } else { first });
            }
            _ if opens(value) => self.brackets_end(start),
            _ if judge(named.name) == Name::Header && is_pair => self.line_end(named, start),
            _ if sign == Sign::Element => start + value.find("</").unwrap_or(value.len()),
            _ if judge(named.name) == Name::Password && is_pair && rest.starts_with(' ') => self.words_end(start),
            _ => self.word_end(start, named.quote),
        };
        start..end
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
        rest.match_indices(quote).map(|(at, _)| at).find(closes).map_or(self.text.len(), |at| from + at)
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
        let is_end = |character: char| {
            character == '\n' || Some(character) == quote || quote.is_none() && matches!(character, '"' | '`')
        };
        from + rest.find(is_end).unwrap_or(rest.len())
    }

    /// A passphrase goes on to the end of its line, or to the next name.
    fn words_end(&self, from: usize) -> usize {
        let line = self.text.get(from..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let mut end = self.word_end(from, None);
        while let Some(rest) = self.text.get(end..from + line.len()) {
            let next = rest.trim_start();
            if next.is_empty() || next.starts_with([',', ';', '|', '}', ')', ']', '"', '\'']) || is_named(next) {
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
        for (at, character) in rest.char_indices() {
            let behind = rest.get(at + character.len_utf8()..).unwrap_or_default();
            let is_last = || {
                behind.is_empty()
                    || behind.starts_with(|next: char| next.is_whitespace() || ",;)]}>\"'&|:".contains(next))
            };
            let is_end = match character {
                _ if character.is_whitespace() => true,
                '&' | ',' | ';' => is_last() || is_named(behind.trim_start()) || behind.starts_with("amp;"),
                ')' | ']' | '}' => is_last(),
                '"' | '\'' | '`' => is_last() || Some(character) == quote,
                '<' => {
                    behind.starts_with('/')
                        || behind.starts_with(|next: char| next.is_ascii_alphabetic()) && behind.contains('>')
                }
                '%' => behind.get(..2).is_some_and(|code| ["26", "22", "20", "3C", "3c", "23"].contains(&code)),
                '#' => is_named(behind),
                '|' => true,
                _ => false,
            };
            if is_end {
                return from + at;
            }
        }
        self.text.len()
    }
}
