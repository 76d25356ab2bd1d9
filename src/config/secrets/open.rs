//! Which values may be read, under whatever name they stand: nobody can use them as a secret.

use super::disguise::{is_generated, literals};
use super::hidden::is_plain;
use super::names::{squeezed, tells};
use crate::config::text::{ValueKind, classify};
use crate::secret::paste;

/// Of a longer line, what stands beside a name is not looked at; nor is a longer value one that may be shown.
pub(super) const LONGEST: usize = 1024;

/// Whether a value under such a name may be read: nobody can use it as a secret.
pub(super) fn is_open(name: &str, value: &str) -> bool {
    if value.len() > LONGEST {
        return false;
    }
    let is_template = value.starts_with("{{") && value.ends_with("}}") && literals(value).is_empty();
    let is_variable = value.strip_prefix(['$', '*']).is_some_and(is_identifier);
    let is_address = value.contains("://") && is_plain(value);
    // `namespace/name`, of a Secret.
    let is_place = || {
        let is_part =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'/');
        squeezed(name).trim_end_matches('s').ends_with("secret")
            && value.matches('/').count() == 1
            && value.bytes().all(is_part)
            && !is_generated(value)
            && !value.split('/').any(is_mixed)
    };
    // `key: client_secret` says what a secret is called, and `key: tls.key` where it is.
    let is_name = || is_identifier(value) && (value.contains(['_', '-']) && tells(value) || squeezed(name) == "key");
    let is_flag = || ["true", "false", "null", "None", "none"].contains(&value);
    let is_short = value.len() < 4 || value.len() < 6 && value.starts_with(|first: char| first.is_ascii_digit());
    is_short || is_flag() || is_nobodys(value) || is_template || is_variable || is_address || is_place() || is_name()
}

pub(super) fn is_identifier(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'))
}

/// No name of a thing: a digit before a letter inside of a word.
fn is_mixed(word: &str) -> bool {
    /// Shorter ones are names, too: `k8s`.
    const SHORTEST: usize = 6;
    let mixes = || word.as_bytes().windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic());
    word.len() >= SHORTEST && !word.contains(['-', '.']) && mixes()
}

/// Whether nobody could use this as a secret: a placeholder, or a reference without a default. It stays readable, since what is
/// wrong may be that it stands there.
pub(in crate::config) fn is_nobodys(text: &str) -> bool {
    stands_for_another(text) && literals(text).is_empty()
}

/// A placeholder, or nothing but a reference.
pub(super) fn stands_for_another(text: &str) -> bool {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    match classify(text) {
        ValueKind::Literal => false,
        // `changeme-` may stand before what a program made.
        ValueKind::Unfilled => paste::shaped(text).is_empty(),
        // `$(NAME)`, of a container's variables; `$(echo x | base64)` is a command.
        ValueKind::Reference => {
            let variable = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
            text.starts_with("${") && text.find('}') == Some(text.len() - 1)
                || variable.is_some_and(|name| name.chars().all(is_of_name))
        }
    }
}
