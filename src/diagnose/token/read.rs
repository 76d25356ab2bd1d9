//! Finds a token in what was pasted, wrapped, framed or decoded already, and takes it apart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Read, Signed, TokenReading};
use crate::diagnose::clues::Clues;

/// Longer tokens are nobody's: browsers keep no longer cookies.
const LONGEST: usize = 16 * 1024;
/// What stands around a token that was copied out of an answer or a header is not longer, in bytes.
const LONGEST_FRAME: usize = 600;
/// The header and payload of a token are not shorter together, in bytes.
const SHORTEST: usize = 40;

/// Reads a text if it is a token, wrapped or not, an answer or header with one, or what a token says, decoded.
pub(in crate::diagnose) fn find(text: &str, now: u64) -> Option<Read> {
    let whole: String = text.split_whitespace().collect();
    let whole = whole.strip_prefix("Bearer").unwrap_or(&whole);
    read(whole, now).or_else(|| framed(text, now)).or_else(|| decoded(text, now))
}

/// The token of an answer of a token endpoint, or of a header: the ID token, if there are several.
fn framed(text: &str, now: u64) -> Option<Read> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let words = || {
        let words = text.split(|char: char| !is_part(char));
        words.filter(|word| word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() >= SHORTEST)
    };
    let frame = text.len().saturating_sub(words().map(str::len).sum());
    let lower = text.to_lowercase();
    if frame > LONGEST_FRAME || ["://", "error", "\"level\"", "http/"].iter().any(|sign| lower.contains(sign)) {
        return None;
    }
    let mut tokens: Vec<Read> = words().filter_map(|word| read(word, now)).collect();
    let best = tokens.iter().position(|found| found.token.kind == "ID token").unwrap_or(0);
    (best < tokens.len()).then(|| tokens.swap_remove(best))
}

/// What a token says, if somebody has decoded it already.
fn decoded(text: &str, now: u64) -> Option<Read> {
    let claims: Map<String, Value> = serde_json::from_str(text.trim()).ok()?;
    let is_token =
        claims.contains_key("iss") && ["aud", "client_id", "token_use"].iter().any(|name| claims.contains_key(*name));
    is_token.then(|| {
        let mut reading = TokenReading::empty();
        reading.signed.claims = claims;
        reading.described(now)
    })
}

/// Reads a text if it is a token and nothing else.
fn read(text: &str, now: u64) -> Option<Read> {
    let text = text.strip_prefix("Bearer ").unwrap_or(text).trim();
    let parts: Vec<&str> = text.split('.').collect();
    let is_part = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte));
    if !text.starts_with("eyJ") || text.len() > LONGEST || !(2..=5).contains(&parts.len()) || !parts.iter().all(is_part)
    {
        return None;
    }
    let mut reading = TokenReading::empty();
    if parts.len() == 5 {
        "encrypted token".clone_into(&mut reading.kind);
        reading.fail("form", "it is encrypted, as Cognito's refresh tokens are: only Cognito can read it");
        return Some(Read { token: reading, clues: Clues::default() });
    }
    let decoded = match *parts {
        [header, payload, signature] => object(header).zip(object(payload)).zip(decode(signature)),
        _ => None,
    };
    let Some(((header, claims), signature)) = decoded else {
        reading.fail("form", "it cannot be decoded: it was not copied whole, or is no token of OpenID Connect");
        return Some(Read { token: reading, clues: Clues::default() });
    };
    let word = |object: &Map<String, Value>, name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    reading.signed = Signed {
        algorithm: word(&header, "alg").unwrap_or_default(),
        key_id: word(&header, "kid").unwrap_or_default(),
        message: text.rsplit_once('.').map_or_else(String::new, |(message, _)| message.to_owned()),
        signature,
        claims,
    };
    Some(reading.described(now))
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decode(part)?).ok()
}
