//! What the key names of which Pomerium logs that it is no option: it tells more than the message (`config/options_check.go`).

use super::line::Line;
use super::{Named, What};
use crate::config::{Retired, known_since, retired_key, retired_of_policy};
use crate::page::Strength;
use crate::rules;

/// The message, in lower case.
pub(super) const MESSAGE: &str = "unknown config option";

/// How the key stands before or behind the message: in JSON, in pairs, on a console.
const KEYS: [&str; 3] = ["\"key\":", " key=", "key:"];

/// The rule that an option which once was one names: the line says nothing else then.
pub(super) fn named(line: &Line) -> Option<Named> {
    let key = key(line)?;
    let rule = match retired(key)? {
        retired if retired.stops_start() => "removed-key-stops-start",
        _ => "removed-key-ignored",
    };
    let rule = rules::find(rule)?;
    Some(Named::because(What::Rule(rule), Strength::Likely, format!("{MESSAGE} {key}")))
}

/// Whether a word in lower case is the path of an option, or of one that is gone: that is nobody's secret.
pub(super) fn is_option(word: &str) -> bool {
    let is = |path: &str| known_since(path).is_some() || retired(path).is_some();
    is(word) || is(&format!("routes.{word}"))
}

fn retired(path: &str) -> Option<&'static Retired> {
    retired_key(path).or_else(|| retired_of_policy(path))
}

fn key(line: &Line) -> Option<&str> {
    let lower = line.lower.as_str();
    // Almost no line has it.
    if !lower.contains(MESSAGE) {
        return None;
    }
    let (_, behind) = KEYS.iter().find_map(|name| lower.split_once(name))?;
    let is_of_key = |letter: char| letter.is_ascii_alphanumeric() || "_.-[]".contains(letter);
    let key = behind.trim_start_matches([' ', '"']);
    key.split(|letter| !is_of_key(letter)).next().filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_decides() {
        let rule = |text: &str| named(&Line::of(text)).map(|named| named.what.name());
        for text in [
            r#"{"level":"warn","config-file":"/c.yaml","key":"forward_auth_url","message":"unknown config option"}"#,
            r#"{"message": "unknown config option", "key": "policy.allowed_groups"}"#,
            "8:14AM ERR unknown config option config-file=/c.yaml key=forward_auth_url",
        ] {
            assert!(rule(text).is_some_and(|name| name.starts_with("removed-key-")), "{text}");
        }
        for text in [
            "8:14AM ERR unknown config option config-file=/c.yaml key=idp_providerurl",
            r#"{"key":"forward_auth_url","message":"http-request"}"#,
            "unknown config option",
        ] {
            assert_eq!(rule(text), None, "{text}");
        }
        assert!(is_option("idp_provider_url") && is_option("forward_auth_url") && is_option("allowed_groups"));
        assert!(!is_option("hunterzwo") && !is_option("correct-horse"));
    }
}
