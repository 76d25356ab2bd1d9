//! The secrets in a text that does not parse: an error is shown with the line it stands on, and the secret may be on that line.
//!
//! Without a tree there are only words to go by, so rather too much is taken for a secret than too little.

use std::ops::Range;

use super::disguise::{is_generated, passwords};
use super::line::{NAME, Names, Others, VALUE, after, first_word, values};
use super::once;
use crate::config::releases::options::{OPTIONS, ROUTE};
use crate::config::text::{SourceId, Span};
use crate::secret::{Secret, paste};

/// What follows a name that tells of a secret, as secrets with their places.
pub(in crate::config) fn secrets(text: &str, source: SourceId) -> Vec<(Secret, Span)> {
    let mut secrets = Vec::new();
    let mut take = |start: usize, part: &str| {
        let value = part.trim();
        if !value.contains(char::is_alphanumeric) {
            return;
        }
        // Without the `*` before the name of an anchor, and whatever else YAML has around a value, as messages say it.
        let bare = value.trim_start_matches(['*', '&', '!', '[', '{', '-', ' ']).trim_end_matches([']', '}', ',']);
        for value in std::iter::once(value).chain((bare != value).then_some(bare)) {
            let start = start + part.find(value).unwrap_or_default();
            secrets.push((Secret::new(value), Span { source, start, end: start + value.len() }));
        }
    };
    // Deeper lines than this one belong to a secret that was named before, and those in which nothing else is named.
    let mut inside: Option<(usize, bool)> = None;
    // `name: IDP_CLIENT_SECRET`, of which the value is to come.
    let mut named = false;
    let mut telling = Names::default();
    let mut others = Others::of(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let key = others.line(start, line);
        if inside.is_none() && key.is_some_and(|key| telling.passes(key)) {
            start += line.len();
            continue;
        }
        let indent = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        named = after(line, &NAME)
            .map_or(named, |at| first_word(line.get(at..).unwrap_or_default()).is_some_and(|name| telling.tells(name)));
        let named_value = after(line, &VALUE).filter(|_| named);
        let values: Vec<usize> = values(line, &mut telling).into_iter().chain(named_value).collect();
        if let Some(value) = values.first() {
            let rest = line.get(*value..).unwrap_or_default();
            take(start + value, rest);
            inside = Some((indent, is_continued(rest.trim())));
            // The value alone, wherever else it stands. `secret=secret=secret=…` is looked into as far as it costs little.
            let mut room = MOST_NESTED + line.len();
            for value in values {
                let (before, alone) = alone(line.get(value..).unwrap_or_default());
                let Some(left) = room.checked_sub(alone.len()) else { break };
                room = left;
                take(start + value + before, alone);
            }
        } else if !line.trim().is_empty()
            && let Some((outer, is_continued)) = inside
            && (is_continued || line.len() <= LONGEST_LINE && !line.trim_start().starts_with('#'))
            && (indent > outer || !line.contains([':', '=']))
        {
            take(start, line);
        } else if !line.trim().is_empty() {
            inside = None;
            if let Some(word) = nameless(line) {
                take(start + line.trim_end().len() - word.len(), word);
            }
        }
        start += line.len();
    }
    let shaped = |part| passwords(part).into_iter().chain(paste::shaped(part)).chain(generated(part));
    let whole = Span { source, start: 0, end: text.len() };
    let place = |at: &Range<usize>| Span { source, start: at.start, end: at.end };
    secrets.extend(once::secrets(text, others.find(shaped), whole, place));
    secrets
}

/// A longer line does not go on with what the line before it says.
const LONGEST_LINE: usize = 1024;

/// So much of the values on one line may be parts of others, in bytes.
const MOST_NESTED: usize = 16 * 1024;

/// The word that is all of a line, and no name of an option or near one: perhaps a value that has lost its name.
fn nameless(line: &str) -> Option<&str> {
    /// Shorter ones are words.
    const SHORTEST: usize = 8;
    let word = line.trim().trim_start_matches(['=', ':', '|']).trim_start();
    let key = word.to_ascii_lowercase();
    let is_option = || [&OPTIONS, &ROUTE].iter().any(|object| object.field(&key).is_some() || object.is_near(&key));
    let is_value =
        word.len() >= SHORTEST && !word.contains([' ', '\t', ':', '=', '#', '{', '[']) && !word.starts_with('-');
    (is_value && !is_option()).then_some(word)
}

/// The value goes on in the lines below: a block, a list, or a quotation that does not end here.
fn is_continued(value: &str) -> bool {
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    value.is_empty()
        || value.starts_with(['|', '>', '[', '{', '&', '!'])
        || quote.is_some_and(|quote| value.matches(quote).count() < 2)
}

/// The places of the words that a program made, whatever they stand behind.
fn generated(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-' | b'~');
    let mut start = 0;
    let words = text.as_bytes().split(move |byte| !is_of_word(byte)).filter_map(move |word| {
        let at = start;
        start += word.len() + 1;
        Some((at, text.get(at..at + word.len())?))
    });
    words.filter(|(_, word)| is_generated(word)).map(|(at, word)| at..at + word.len())
}

/// Whether a name with a value on this line tells of a secret.
pub fn names_secret(line: &str) -> bool {
    !values(line.trim_start_matches(['#', ' ', '\t']), &mut Names::default()).is_empty()
}

/// The value without its quotes, or up to what would end it, and how far behind the name it begins.
fn alone(rest: &str) -> (usize, &str) {
    let value = rest.trim_start();
    let blank = rest.len() - value.len();
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let inside = value.get(1..).unwrap_or_default();
            (blank + 1, inside.split(quote).next().unwrap_or(inside))
        }
        _ => (blank, value.split([',', '}', ']', ' ', '\t', '\r', '\n']).next().unwrap_or(value).trim_end_matches(':')),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::text::{Source, SourceKind, Sources};

    #[test]
    fn what_follows_a_telling_name_is_taken() {
        for text in [
            "idp_client_secret: CANARY-1234: x",
            "idp_client_secret: \"CANARY-1234",
            "{\"a\": 1, \"idp_client_secret\": \"CANARY-1234\" \"x\": 1}",
            "IDP_CLIENT_SECRET=CANARY-1234",
            "a: b\nIDP_CLIENT_SECRET \"CANARY-1234",
            "idp_client_secret = CANARY-1234 # ours",
            "idp_client_secrets: CANARY-1234",
            "shared_secret:\n  CANARY-1234\n x",
            "shared_secret: |\n    CANARY-1234\nb: c",
            "signing_key: \"first\nCANARY-1234\"",
            "  set_request_headers:\n    Authorization: Bearer CANARY-1234\n",
            "Authorization: CANARY-1234 ]",
            "ü: {shared_secret: CANARY-1234, b: c}",
            "shared_secret: *CANARY-1234",
            "shared_secret: a\n  CANARY-1234\nx: y",
            "- name: IDP_CLIENT_SECRET\n  value: *CANARY-1234",
            "- {name: IDP_CLIENT_SECRET, value: *CANARY-1234}",
            "{\"shared_secret\" \"CANARY-1234\"}",
            "idp_client_secrt:\n  - *CANARY-1234",
            "idp_provider_url: https://me:CANARY-1234@example.com",
            "IDP_PROVIDER=cognito\nCANARY-1234\n",
            "=CANARY-1234",
        ] {
            let mut sources = Sources::default();
            let source = sources.add(Source::new("c.yaml", SourceKind::File, text));
            let found = secrets(text, source);
            assert!(found.iter().any(|(secret, _)| secret.expose().contains("CANARY-1234")), "{text}");
            for (secret, span) in &found {
                assert_eq!(sources.slice(*span), secret.expose(), "{text}");
            }
        }
    }

    #[test]
    fn what_repeats_is_not_copied_for_each_time() {
        let source = Sources::default().add(Source::new("c.yaml", SourceKind::File, ""));
        for text in [
            "secret=".repeat(20_000),
            "secret='".repeat(20_000),
            "?secret=".repeat(20_000),
            "x://?token=".repeat(20_000),
        ] {
            let size: usize = secrets(&text, source).iter().map(|(secret, _)| secret.expose().len()).sum();
            assert!(size < 8 * text.len() + MOST_NESTED, "{text:.20}: {size}");
        }
    }

    #[test]
    fn other_words_are_left_alone() {
        for text in [
            "authenticate_service_url\nidp_provder\n- app.corp.example.com",
            "idp_client_secret_file: /run/x",
            "idp_client_id: abc",
            "from: https://secret://x",
            "secret",
        ] {
            let mut sources = Sources::default();
            let source = sources.add(Source::new("c.yaml", SourceKind::File, text));
            assert!(secrets(text, source).is_empty(), "{text}");
        }
    }
}
