//! How a secret may be spelt in what is shown or sent.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// Shorter values are ordinary words: cutting them would garble the report and, by the gaps, tell the secret.
const SHORTEST: usize = 4;

/// A line of a secret of several lines is looked for by itself from this length on.
const SHORTEST_LINE: usize = 8;

/// Longer secrets are looked for in pieces of this length: no comparison takes long, and a secret that was cut short is found.
const PIECE: usize = 256;

/// No spelling is shorter, in bytes.
pub(super) const HEAD: usize = 4;

/// How a spelling begins.
pub(super) type Head = [u8; HEAD];

/// How each spelling begins: found without spelling the secret.
pub(super) fn heads(secret: &str, how: Spell) -> impl Iterator<Item = Head> {
    let spellings = parts(secret).flat_map(move |piece| how(beginning(piece)).into_iter().map(Zeroizing::new));
    spellings.filter_map(|spelling| spelling.as_bytes().first_chunk().copied())
}

/// So much of a piece that each of its spellings begins as those of the whole.
fn beginning(piece: &str) -> &str {
    /// In base64, four digits behind two bytes of others are of five bytes.
    const ENOUGH: usize = 16;
    // What is the small letter of another may depend on what follows.
    piece.get(..ENOUGH).filter(|beginning| beginning.is_ascii()).unwrap_or(piece)
}

/// Whether nothing is looked for of a secret.
pub(super) fn is_short(secret: &str) -> bool {
    secret.chars().nth(SHORTEST - 1).is_none()
}

/// What is looked for of a secret: all of it, its lines, and of what is long its pieces.
fn parts(secret: &str) -> impl Iterator<Item = &str> {
    let whole = [secret, secret.trim()].into_iter().filter(|value| value.chars().count() >= SHORTEST);
    let lines = secret.lines().map(str::trim).filter(|line| line.chars().count() >= SHORTEST_LINE);
    let mut known = HashSet::new();
    whole.chain(lines).flat_map(pieces).filter(move |piece| known.insert(*piece))
}

/// The spellings of a piece.
pub(super) type Spell = fn(&str) -> Vec<String>;

/// Every spelling that is looked for.
pub(super) fn spellings(secret: &str, how: Spell) -> Vec<Zeroizing<String>> {
    let mut spellings = Vec::new();
    for piece in parts(secret) {
        // What goes on and on is no secret that anybody encodes: of the rest, what stands there is looked for.
        let all = if spellings.len() < MOST_SPELLINGS { how(piece) } else { vec![piece.to_owned()] };
        spellings.extend(all.into_iter().map(Zeroizing::new));
    }
    spellings
}

/// So many spellings one secret may have: those of a chain of certificates, and of the keys to them.
const MOST_SPELLINGS: usize = 40_000;

/// One piece as it stands in a text: in which nothing is encoded, but what would end a quotation or an element.
pub(super) fn as_it_stands(piece: &str) -> Vec<String> {
    let mut all = vec![piece.to_owned()];
    if piece.chars().count() >= SHORTEST_LINE {
        // As Pomerium makes it of a key, and of the name of a host.
        all.push(piece.to_lowercase());
    }
    if !piece.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        all.extend([json(piece), xml(piece)]);
    }
    all
}

/// The same, and whatever it is encoded as.
pub(super) fn encoded(piece: &str) -> Vec<String> {
    let mut all = as_it_stands(piece);
    // Nothing else becomes of letters and digits, and most secrets are made of them.
    if !piece.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        for percent in percent_encoded(piece) {
            all.extend(base64(&percent));
            all.push(percent.replace('%', "%25"));
            all.push(percent);
        }
    }
    all.extend(base64(piece));
    all
}

/// The text in pieces of about [`PIECE`] characters; the last one takes what would be too short by itself.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((end, _)) = rest.char_indices().nth(PIECE)
        && rest.len() >= end + PIECE
    {
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

fn xml(text: &str) -> String {
    let escapes = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&apos;")];
    escapes.iter().fold(text.to_owned(), |text, (character, escape)| text.replace(*character, escape))
}

/// As forms, browsers, Go and RFC 3986 encode, in either letter case of the digits.
fn percent_encoded(text: &str) -> Vec<String> {
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let mut all = vec![form.replace('+', "%20"), form];
    for kept in ["-_.~", "-_.!~*'()", "-_.~$&+=:@", ""] {
        let encode = |byte: u8| match char::from(byte) {
            plain if plain.is_ascii_alphanumeric() || kept.contains(plain) => plain.to_string(),
            _ => format!("%{byte:02X}"),
        };
        all.push(text.bytes().map(encode).collect());
    }
    let lower: Vec<String> = all.iter().map(|text| lower_digits(text)).collect();
    all.extend(lower);
    all.sort_unstable();
    all.dedup();
    all
}

/// The same with the digits of `%2F` in lower case.
fn lower_digits(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut lower = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// The characters that a text gives whatever is encoded before and after it: base64 takes three bytes at a time, so there are
/// three ways to lie. The characters at its ends are shared with the neighbours.
fn base64(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for before in 0..3 {
        let padded = [&b"\0\0"[..before], text.as_bytes()].concat();
        let own = (before * 8).div_ceil(6)..padded.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            all.extend(encoded.get(own.clone()).filter(|own| own.len() >= SHORTEST).map(str::to_owned));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_secret_is_cut_into_pieces_of_which_none_is_short() {
        let text = "ä".repeat(3000);
        let pieces = pieces(&text);
        assert_eq!(pieces.concat(), text);
        assert!(pieces.len() > 5 && pieces.iter().all(|piece| (256..=1024).contains(&piece.len())));
    }

    #[test]
    fn a_text_that_goes_on_and_on_has_few_spellings_and_all_of_it_is_found() {
        let long = (0..100_000).map(|number| format!("{number:05}+")).collect::<Vec<_>>().concat();
        let spelt = spellings(&long, encoded);
        assert!(spelt.len() < MOST_SPELLINGS + 100 + long.len() / PIECE, "{}", spelt.len());
        assert!(spelt.iter().any(|piece| piece.contains("99999+")));
        assert!(spellings(&"x".repeat(1 << 20), encoded).len() < 100);
    }

    #[test]
    fn the_heads_are_those_of_the_spellings() {
        let mixed = "Zq7+ CaNaRy/=\"&<'%25:é \n second line ~_-.!*() of it\n";
        let long = (0..500).map(|number| format!("{number:05}+")).collect::<Vec<_>>().concat();
        for secret in ["abcd", "abc", "Zq7CaNaRy", " s3cret/+ \"välue\"&\n", "ÄΣΣΑΣ grüße", mixed, &mixed[3..], &long]
        {
            let heads: HashSet<Head> = heads(secret, encoded).collect();
            for spelling in spellings(secret, encoded) {
                let head = spelling.as_bytes().first_chunk().copied();
                assert!(head.is_some_and(|head| heads.contains(&head)), "{secret:?}: {:?}", spelling.as_str());
            }
        }
    }

    #[test]
    fn short_words_are_left_alone() {
        assert!(spellings("abc", encoded).is_empty());
        assert!(spellings(" abc \n", encoded).iter().all(|spelling| spelling.len() > 3));
    }
}
