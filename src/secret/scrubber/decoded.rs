//! Of more secrets than are spelled in every way, those that stand encoded in a text: what is decoded of it holds one.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::spelled::Spelled;
use crate::secret::Secret;
use crate::secret::percent::Decoded;

/// So often something is encoded.
const DEEPEST: usize = 3;

/// Base64 of the shortest secret has no fewer letters.
const SHORTEST: usize = 6;

/// Four letters are three bytes.
const GROUP: usize = 4;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The length of the word that begins here and holds a secret once it is decoded, and the number of that. Where all secrets are
/// spelled, there is none.
pub(super) fn at(text: &str, start: usize, spelled: &mut Spelled, secrets: &[Secret]) -> Option<(usize, usize)> {
    spelled.many.as_ref()?;
    let is_end = |letter: char| letter.is_whitespace() || "\"'`<>".contains(letter);
    let (before, rest) = text.split_at_checked(start)?;
    if !before.chars().next_back().is_none_or(is_end) {
        return None;
    }
    let word = rest.split(is_end).next()?;
    Some((word.len(), inside(word, DEEPEST, spelled, secrets)?))
}

/// The secret that a word holds encoded.
fn inside(word: &str, depth: usize, spelled: &mut Spelled, secrets: &[Secret]) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    let mut holds = |plain: &str| {
        let number = (0..plain.len()).find_map(|start| spelled.at(plain, start, secrets)).map(|(_, number)| number);
        number.or_else(|| inside(plain, depth, spelled, secrets))
    };
    if let Some(decoded) = Decoded::of(word)
        && let Some(number) = holds(&Zeroizing::new(decoded.text))
    {
        return Some(number);
    }
    let is_of_run = |letter: char| letter.is_ascii_alphanumeric() || "+/-_".contains(letter);
    let runs = word.split(|letter| !is_of_run(letter)).filter(|run| run.len() >= SHORTEST);
    let mut runs = runs.map(|run| Zeroizing::new(run.replace('-', "+").replace('_', "/")));
    runs.find_map(|run| {
        (0..GROUP).find_map(|skipped| {
            let run = run.get(skipped..)?;
            // One letter alone is no byte.
            let run = run.get(..run.len() - usize::from(run.len() % GROUP == 1))?;
            let bytes = Zeroizing::new(BASE64.decode(run).ok()?);
            holds(&Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
        })
    })
}
