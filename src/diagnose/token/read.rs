//! Finds a token in what was pasted, wrapped, framed or decoded already, and takes it apart.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{ENCRYPTED, ID_TOKEN, Read, Signed, TokenReading};
use crate::diagnose::clues::Clues;
use crate::diagnose::plain;
use crate::secret::paste::without_colours;

/// Longer tokens are nobody's: browsers keep no longer cookies.
const LONGEST: usize = 16 * 1024;
/// What stands around a token that was copied out of an answer or a header is not longer, in bytes.
const LONGEST_FRAME: usize = 600;
/// The header and payload of a token are not shorter together, in bytes.
const SHORTEST: usize = 40;

/// Reads a text if it is a token, wrapped or not, several of them, an answer or header with one, or what a token says, decoded.
pub(in crate::diagnose) fn find(text: &str, now: u64) -> Option<Read> {
    let text = unquoted(text);
    let whole: String = text.split_whitespace().collect();
    let whole = whole.strip_prefix("Bearer").unwrap_or(&whole);
    let of_frame = || framed(&text).and_then(|words| foremost(words.filter_map(|word| read(word, now)).collect()));
    several(&text, now).or_else(|| read(whole, now)).or_else(of_frame).or_else(|| decoded(&text, now))
}

/// The token that stands anywhere in a text, of which nothing else is known.
pub(in crate::diagnose) fn inside(text: &str, now: u64) -> Option<Read> {
    foremost(tokens(&unquoted(text)).filter_map(|word| read(word, now)).collect())
}

/// A text without colours and the marks of a quotation: what is left of a token's lines is the token.
fn unquoted(text: &str) -> String {
    let lines: Vec<String> = without_colours(text).lines().map(|line| plain::unquoted(line).to_owned()).collect();
    lines.join("\n")
}

/// Tokens and nothing else, below or beside each other, each perhaps wrapped.
fn several(text: &str, now: u64) -> Option<Read> {
    let mut tokens: Vec<String> = Vec::new();
    for word in text.split(|char: char| char.is_whitespace() || char == ',').filter(|word| !word.is_empty()) {
        match tokens.last_mut() {
            // The second part of a token begins like the first.
            Some(last) if !word.starts_with("eyJ") || last.ends_with('.') => last.push_str(word),
            _ => tokens.push(word.to_owned()),
        }
    }
    let read: Vec<Read> = tokens.iter().filter_map(|token| read(token, now)).collect();
    let is_whole =
        |read: &Read| !read.token.checks.iter().any(|check| check.name == "form") || read.token.is_encrypted();
    (tokens.len() > 1 && read.len() == tokens.len() && read.iter().all(is_whole)).then(|| foremost(read))?
}

/// The tokens of an answer of a token endpoint, or of a header.
fn framed(text: &str) -> Option<impl Iterator<Item = &str>> {
    let frame = text.len().saturating_sub(tokens(text).map(str::len).sum());
    (frame <= LONGEST_FRAME && is_of_a_frame(text)).then(|| tokens(text))
}

/// Whether a text is what may stand around a token.
fn is_frame(text: &str) -> bool {
    text.len() <= LONGEST_FRAME && is_of_a_frame(text)
}

/// Whether a text has nothing that says more than a token does.
fn is_of_a_frame(text: &str) -> bool {
    let lower = text.to_lowercase();
    !["://", "error", "\"level\"", "http/"].iter().any(|sign| lower.contains(sign))
}

/// The words of a text that are tokens by their form.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "-_.".contains(char);
    let words = text.split(move |char| !is_part(char)).map(|word| word.trim_matches('.'));
    words.filter(|word| word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() >= SHORTEST)
}

/// Of several tokens the one that tells most of a login: an ID token, and of two of these the one that fares worse.
fn foremost(mut read: Vec<Read>) -> Option<Read> {
    read.dedup_by(|one, other| one.token.signed.message == other.token.signed.message);
    let rank = |read: &Read| {
        let token = &read.token;
        (
            token.kind == ID_TOKEN,
            token.first_failure().is_some(),
            !token.names.is_empty(),
            token.first_doubt().is_some(),
        )
    };
    let best = read.iter().map(rank).max()?;
    let at = read.iter().position(|read| rank(read) == best)?;
    let mut foremost = read.swap_remove(at);
    let others = read.iter().filter(|other| other.token.kind == foremost.token.kind).count();
    if others > 0 {
        foremost.token.stand_beside(others);
    }
    Some(foremost)
}

/// What a token says, if somebody has decoded it already and says perhaps in a few words what it is.
fn decoded(text: &str, now: u64) -> Option<Read> {
    let (before, _) = text.split_once('{').filter(|(before, _)| is_frame(before))?;
    let mut values = serde_json::Deserializer::from_str(text.get(before.len()..)?).into_iter();
    let claims: Map<String, Value> = values.next()?.ok()?;
    let behind = text.get(before.len() + values.byte_offset()..)?;
    if !is_frame(behind) {
        return None;
    }
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
        ENCRYPTED.clone_into(&mut reading.kind);
        reading.fail("form", "it can be read by Cognito alone, as its refresh tokens are");
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
