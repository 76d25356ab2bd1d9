//! Whether a message is quoted: who has an error pastes the line itself, who writes about one puts a sentence around it, a placeholder
//! into it, or makes it an item of a list.

use std::ops::Range;

use super::complaint::level;
use super::line::Line;
use super::owner::{is_log, unmarked};

/// Words that hold a sentence together, and that programs spare between what they quote.
const OF_SENTENCES: &[&str] = &[
    "a", "after", "an", "and", "are", "as", "at", "be", "because", "before", "but", "by", "can", "did", "do", "does",
    "for", "from", "had", "has", "have", "he", "i", "if", "in", "instead", "is", "it", "its", "like", "may", "means",
    "my", "now", "of", "on", "or", "our", "say", "says", "see", "she", "should", "show", "shows", "so", "than", "that",
    "the", "their", "then", "there", "they", "this", "to", "until", "was", "we", "were", "what", "when", "where",
    "which", "will", "with", "would", "you", "your", "appears", "comes", "every", "logged", "occurs", "once", "per",
    "printed", "reported", "returned", "shown",
];

/// The same in German, French and Spanish, without accents.
const OF_OTHER_SENTENCES: &[&str] = &[
    "das", "dass", "dem", "den", "der", "die", "ein", "eine", "es", "im", "ist", "mit", "nach", "sie", "und", "von",
    "wenn", "wird", "avec", "ce", "dans", "est", "et", "la", "le", "les", "que", "quand", "si", "une", "vous", "con",
    "cuando", "del", "el", "en", "los", "por", "se", "una",
];

/// How sentences begin that lead to a message. What Cognito and browsers say begins so, too, but is the message itself.
const OPENERS: &[&str] = &[
    "a", "after", "an", "any", "as", "because", "before", "both", "but", "by", "each", "every", "for", "here", "if",
    "in", "its", "most", "newer", "now", "older", "on", "once", "only", "our", "since", "some", "such", "that", "the",
    "then", "there", "these", "this", "those", "until", "when", "with", "you",
];

/// Words before a colon behind which somebody says what a message is like. (`The page says:` is what those write who have one.)
const ANNOUNCING: &[&str] = &["are", "as", "example", "follows", "is", "like", "means", "reads"];

/// Elements of HTML that people keep when they copy a page; other words in angle brackets stand for what is to be filled in.
const ELEMENTS: &[&str] =
    &["a", "b", "body", "br", "center", "code", "div", "em", "h1", "hr", "html", "i", "li", "p", "pre", "span"];

/// A line in which somebody may quote.
pub(super) struct Quoting<'a> {
    /// In lower case.
    text: &'a str,
    /// Where its own words begin, behind the marks of a list or a quotation.
    start: usize,
    spans: Vec<Range<usize>>,
    /// Words of a sentence stand around what is quoted.
    is_sentence: bool,
    is_item: bool,
}

impl<'a> Quoting<'a> {
    /// The line, unless it is a record of a log, an answer, a page, or has an address: these are had.
    pub(super) fn of(line: &'a Line) -> Option<Self> {
        let text = line.lower.as_str();
        let own = unmarked(text);
        let is_had = own.starts_with(['{', '<'])
            || is_log(unmarked(&line.plain))
            || level(line).is_some()
            || line.addresses().iter().any(|address| address.host.is_some());
        if is_had {
            return None;
        }
        let spans = spans(text);
        let mut telling = outside(text, &spans);
        telling.retain(|word| is_of_a_sentence(word));
        telling.sort_unstable();
        telling.dedup();
        let mark = text.trim_start().split(' ').next().unwrap_or_default();
        let is_number = mark.strip_suffix('.').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        Some(Self {
            text,
            start: text.len() - own.len(),
            is_sentence: telling.len() > 1,
            is_item: ["-", "*", "+", "•"].contains(&mark) || is_number,
            spans,
        })
    }

    /// Whether what begins here is quoted; `first` is where the first of all begins that is known in the line.
    pub(super) fn is_quoted(&self, at: usize, first: usize) -> bool {
        let span = self.spans.iter().find(|span| span.contains(&at));
        span.is_some_and(|span| self.is_sentence || self.is_alone(span))
            || self.is_led_to(first)
            || self.is_of_a_change()
            || self.has_gap()
    }

    /// Whether a sentence leads to what begins here: a full stop ends it, or it says that a message follows.
    fn is_led_to(&self, first: usize) -> bool {
        let own = self.text.get(self.start..).unwrap_or_default();
        let lead = self.text.get(self.start..first).unwrap_or_default();
        let before = words(lead);
        let is_announced =
            lead.trim_end().ends_with(':') && before.last().is_some_and(|word| ANNOUNCING.contains(word));
        let is_opened = before.first().is_some_and(|word| OPENERS.contains(word));
        let is_ended = own.trim_end_matches(['"', '`', ')', ' ', '*', '_']).ends_with(['.', '!', '?']);
        let is_sentence = || is_opened || self.is_sentence && before.iter().any(|word| is_of_a_sentence(word));
        is_announced || is_ended && is_sentence()
    }

    /// Whether what is quoted is an item of a list, or stands behind a single word: `- "text"  # comment`, `msgid "text"`.
    fn is_alone(&self, span: &Range<usize>) -> bool {
        let before = self.text.get(self.start..span.start.saturating_sub(1)).unwrap_or_default().trim();
        let after = self.text.get(span.end + 1..).unwrap_or_default().trim_start_matches(',').trim();
        let before = [" =", " :="].iter().find_map(|sign| before.strip_suffix(sign)).unwrap_or(before);
        let is_word =
            !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
        let is_commented = ["#", "//", "--", "/*"].iter().any(|mark| after.starts_with(mark));
        (after.is_empty() || is_commented) && (is_word || before.is_empty() && (self.is_item || is_commented))
    }

    /// Whether the line names the change that it is about: `(#2211)`.
    fn is_of_a_change(&self) -> bool {
        let number = |(at, mark): (usize, &str)| self.text.get(at + mark.len()..)?.split(')').next();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        self.text.match_indices("(#").filter_map(number).any(is_number)
    }

    /// Whether a sentence leaves open what a program would have said: `failed with error <message>`.
    fn has_gap(&self) -> bool {
        let gap = |(at, _): (usize, &str)| self.text.get(at + 1..)?.split_once('>').map(|(gap, _)| gap);
        let is_gap = |gap: &str| {
            !ELEMENTS.contains(&gap)
                && gap.starts_with(|char: char| char.is_ascii_lowercase())
                && gap.chars().all(|char| char.is_ascii_lowercase() || "_- ".contains(char))
        };
        self.is_sentence && self.text.match_indices('<').filter_map(gap).any(is_gap)
    }
}

/// What stands between quotes of the same kind.
fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut open: Option<(usize, char)> = None;
    let mut before = ' ';
    for (at, char) in text.char_indices() {
        match open {
            // An apostrophe stands within a word.
            Some((start, quote)) if char == quote && (quote != '\'' || is_edge(text, at + 1)) => {
                spans.push(start..at);
                open = None;
            }
            None if matches!(char, '"' | '`') || char == '\'' && !before.is_alphanumeric() => {
                open = Some((at + 1, char));
            }
            _ => {}
        }
        before = char;
    }
    spans
}

fn is_edge(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_none_or(|char| !char.is_alphanumeric())
}

/// The words that are not quoted.
fn outside<'a>(text: &'a str, spans: &[Range<usize>]) -> Vec<&'a str> {
    let mut from = 0;
    let mut parts: Vec<&str> = Vec::new();
    for span in spans {
        parts.extend(text.get(from..span.start));
        from = span.end;
    }
    parts.extend(text.get(from..));
    parts.into_iter().flat_map(words).collect()
}

fn words(text: &str) -> Vec<&str> {
    text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

fn is_of_a_sentence(word: &str) -> bool {
    OF_SENTENCES.contains(&word) || OF_OTHER_SENTENCES.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_quoted_by_its_form() {
        let is = |text: &str, message: &str| {
            let line = Line::of(text);
            let at = line.lower.find(message);
            Quoting::of(&line).zip(at).is_some_and(|(quoting, at)| quoting.is_quoted(at, at))
        };
        for text in [
            "The cookie did not come back: \"x_y failed\" is what v0.33 says.",
            "If provider is unset you will see \"x_y failed\" in the log.",
            "A refresh failure reads: x_y failed, deleting session.",
            "The error `x_y failed` means the audience is not allowed.",
            "In case of a Lambda error you get x_y failed with error <message>.",
            "The server then answers with `{\"error\":\"x_y failed\"}`, see RFC 6749.",
            "  - \"x_y failed\"  # new in v0.33",
            "* authenticate: add \"x_y failed\" error (#2211)",
            "msgid \"x_y failed\"",
            "Users reported \"x_y failed\" after their second login.",
            "Look for lines such as x_y failed, deleting session in the log.",
            "A line of that kind reads: x_y failed → clear cookies",
            "`x_y failed` is logged once per retry",
            "We handle x_y failed with error X by showing a toast.",
            "error.login = \"x_y failed\"",
            "die Meldung \"x_y failed\" ist nicht von uns",
        ] {
            assert!(is(text, "x_y failed"), "{text}");
        }
        for text in [
            "x_y failed",
            "\"x_y failed\"",
            "`x_y failed`",
            "- x_y failed",
            "oidc: issuer did not match the issuer returned by provider, x_y failed, expected \"a\" got \"b\"",
            "identity/oidc: token exchange failed: oauth2: \"x_y failed\"",
            "3:04AM ERR the user is told error=\"x_y failed\"",
            "{\"error\":\"x_y failed\"}",
            "The page says: x_y failed",
            "I get x_y failed since we changed the provider",
            "see https://a.example/x, it is \"x_y failed\"",
        ] {
            assert!(!is(text, "x_y failed"), "{text}");
        }
        assert!(!is("The request x_y failed. This may be because", "the request"));
    }
}
