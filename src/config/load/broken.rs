//! The secrets in a text that does not parse: an error is shown with the line it stands on, and the secret may be on that line.
//!
//! Without a tree there are only words to go by, so rather too much is taken for a secret than too little.

use super::super::options::{OPTIONS, ROUTE};
use super::super::source::{SourceId, Span};
use super::gather::is_telling;
use crate::secret::Secret;

/// What follows a name that tells of a secret, as secrets with their places.
pub(super) fn secrets(text: &str, source: SourceId) -> Vec<(Secret, Span)> {
    let mut secrets = Vec::new();
    let mut take = |start: usize, part: &str| {
        let value = part.trim();
        if !value.is_empty() {
            let start = start + (part.len() - part.trim_start().len());
            secrets.push((Secret::new(value), Span { source, start, end: start + value.len() }));
        }
    };
    // Deeper lines than this one belong to a secret that was named before.
    let mut inside: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        if let Some(value) = values(line).next() {
            let rest = line.get(value..).unwrap_or_default();
            take(start + value, rest);
            inside = is_continued(rest.trim()).then_some(indent);
            // The value alone, wherever else it stands.
            for value in values(line) {
                let (before, alone) = alone(line.get(value..).unwrap_or_default());
                take(start + value + before, alone);
            }
        } else if !line.trim().is_empty() && inside.is_some_and(|outer| indent > outer || !line.contains([':', '='])) {
            take(start, line);
        } else if !line.trim().is_empty() {
            inside = None;
        }
        start += line.len();
    }
    secrets
}

/// Where a value begins behind each telling name of a line.
fn values(line: &str) -> impl Iterator<Item = usize> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    let mut at = 0;
    let mut found = Vec::new();
    for word in line.split(|character| !is_name(character)) {
        let end = at + word.len();
        let rest = line.get(end..).unwrap_or_default();
        let after = rest.trim_start_matches(['"', '\'', ' ', '\t']);
        // A separator may be what is missing.
        let is_first = ["", "export"].contains(&line.get(..at).unwrap_or_default().trim());
        let bare = || Some(after).filter(|value| is_first && value.len() < rest.len() && !value.is_empty());
        if let Some(value) = after.strip_prefix([':', '=']).or_else(bare)
            && !after.starts_with("://")
            && is_secret(&word.to_ascii_lowercase())
        {
            found.push(line.len() - value.len());
        }
        // What splits is one character, perhaps of several bytes.
        at = end + rest.chars().next().map_or(0, char::len_utf8);
    }
    found.into_iter()
}

fn is_secret(name: &str) -> bool {
    let field = OPTIONS.field(name).or_else(|| ROUTE.field(name));
    field.map_or_else(|| is_telling(name) || name == "authorization", |field| field.secret)
}

/// The value goes on in the lines below: a block, a list, or a quotation that does not end here.
fn is_continued(value: &str) -> bool {
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    value.is_empty()
        || value.starts_with(['|', '>', '[', '{', '&', '!'])
        || quote.is_some_and(|quote| value.matches(quote).count() < 2)
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
    use super::super::super::source::{Source, SourceKind, Sources};
    use super::*;

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
    fn other_words_are_left_alone() {
        for text in ["idp_client_secret_file: /run/x", "idp_client_id: abc", "from: https://secret://x", "secret"] {
            let mut sources = Sources::default();
            let source = sources.add(Source::new("c.yaml", SourceKind::File, text));
            assert!(secrets(text, source).is_empty(), "{text}");
        }
    }
}
