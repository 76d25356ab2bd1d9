//! The words of an error hold nothing of a secret at which they point.
//!
//! Parsers and checks quote what they stumble over, whole, shortened, or in other letters. The scrubber knows whole values; of an
//! error that points at a secret, no piece of that value is left either, whatever the one who wrote the words made of it.

use std::collections::HashSet;

use super::named::untold;
use crate::config::settings::Reading;
use crate::config::text::{Refusal, Sources, Span};
use crate::secret::Secret;

/// So many bytes in a row are a piece of a secret.
const PIECE: usize = 6;

/// So many bytes of a value go-yaml says (`decode.go`, `terror`).
const SHORTENED: usize = 7;

/// Of a longer secret, so many bytes are looked for.
const LONGEST: usize = 4096;

/// Takes the pieces of secrets out of everything that reading brought up.
pub(in crate::config) fn conceal(
    reading: &mut Reading,
    secrets: &[(Secret, Span)],
    hidden: &[Span],
    sources: &Sources,
) {
    let words_at = |words: &mut String, at: Span| {
        without_secrets(words, at, secrets);
        let named = sources.get(at.source).map(untold).unwrap_or_default();
        // They are in order, and apart.
        let first = named.partition_point(|place| place.end < at.start);
        let named = named.get(first..).unwrap_or_default().iter().take_while(|place| place.start <= at.end);
        let named = named.map(|place| Span { source: at.source, start: place.start, end: place.end });
        for span in hidden.iter().copied().filter(|span| is_at(*span, at)).chain(named) {
            let text = sources.slice(span).trim();
            if text.len() >= PIECE {
                // Whole, or as go-yaml shortens it.
                let short = text.get(..SHORTENED).map(|start| format!("{start}..."));
                *words = short.into_iter().fold(words.replace(text, "…"), |words, short| words.replace(&short, "…"));
            }
        }
    };
    let refusals = reading.refusal.iter_mut().chain(&mut reading.type_errors).chain(&mut reading.start_errors);
    for Refusal { words, at, .. } in refusals.chain(&mut reading.behind_files) {
        if let Some(at) = at {
            words_at(words, *at);
        }
    }
    if let Some(error) = &mut reading.syntax_error {
        words_at(&mut error.words, error.at);
    }
    for rejection in &mut reading.rejections {
        words_at(&mut rejection.words, rejection.at);
        rejection.fix.iter_mut().for_each(|line| words_at(line, rejection.at));
    }
}

fn is_at(span: Span, at: Span) -> bool {
    span.source == at.source && span.start <= at.end && at.start <= span.end
}

fn without_secrets(words: &mut String, at: Span, secrets: &[(Secret, Span)]) {
    let mut here = secrets.iter().filter(|(_, span)| is_at(*span, at)).peekable();
    if here.peek().is_none() {
        return;
    }
    let said = words.clone();
    let said: HashSet<&[u8]> = said.as_bytes().windows(PIECE).collect();
    for (secret, _) in here {
        let whole = secret.expose().trim();
        // There may be any number of them, and most have nothing in these words.
        if pieces(whole).any(|piece| said.contains(piece)) {
            // The whole is left to the scrubber, which says what it was.
            let pieces: Vec<String> = words.split(whole).map(|part| without_pieces(part, whole)).collect();
            *words = pieces.join(whole);
        }
    }
}

/// The pieces of a secret that are looked for.
fn pieces(secret: &str) -> impl Iterator<Item = &[u8]> {
    let bytes = secret.as_bytes();
    bytes.get(..LONGEST).unwrap_or(bytes).windows(PIECE)
}

/// The words with an ellipsis for each piece of a secret.
fn without_pieces(words: &str, secret: &str) -> String {
    let pieces: HashSet<&[u8]> = pieces(secret).collect();
    let mut hidden = vec![false; words.len()];
    for (at, piece) in words.as_bytes().windows(PIECE).enumerate() {
        if pieces.contains(piece) {
            hidden.iter_mut().skip(at).take(PIECE).for_each(|byte| *byte = true);
        }
    }
    let mut clean = String::with_capacity(words.len());
    for (at, character) in words.char_indices() {
        match hidden.get(at) {
            Some(true) if clean.ends_with('…') => {}
            Some(true) => clean.push('…'),
            _ => clean.push(character),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_of_a_secret_is_left() {
        let said = "cannot unmarshal !!str `zq7CANA...` into map; near \"CANARYs3cr3t\"";
        assert_eq!(
            without_pieces(said, "zq7CANARYs3cr3tvalue0123"),
            "cannot unmarshal !!str `…...` into map; near \"…\""
        );
        assert_eq!(without_pieces("'shared_secret' is wrong", "zq7CANARY"), "'shared_secret' is wrong");
    }
}
