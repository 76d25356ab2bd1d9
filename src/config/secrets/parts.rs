//! The parts of a secret that somebody may write elsewhere.

use super::disguise::passwords;
use super::open::is_nobodys;
use super::within::told;
use crate::config::releases::options::OPTIONS;
use crate::go;
use crate::spelling::lower;

/// What stands before the credentials of a header: registered ones, and those of well-known services.
const AUTH_SCHEMES: [&str; 12] = [
    "Bearer",
    "Basic",
    "Token",
    "ApiKey",
    "Api-Key",
    "Key",
    "Negotiate",
    "DPoP",
    "PrivateToken",
    "SSWS",
    "Splunk",
    "Bot",
];

/// A shorter password is a word of a report.
const SHORTEST: usize = 6;

/// Whether a secret is a whole configuration, as a `Secret` may hold one: it is not shown in its place, and the secrets in it nowhere;
/// looked for everywhere, each line of it would be missing in what is said to do.
pub(crate) fn is_configuration(secret: &str) -> bool {
    /// Fewer options may stand in a sentence.
    const FEWEST: usize = 2;
    let is_option = |line: &&str| {
        let name = line.split([':', '=']).next().unwrap_or_default();
        name.len() < line.len() && OPTIONS.field(&lower(name.trim().trim_matches('"'))).is_some()
    };
    secret.lines().filter(is_option).take(FEWEST).count() == FEWEST
}

/// What somebody may have of a secret alone: what stands in a configuration, the credentials of a header (RFC 9110, 11.4), and the password of an
/// address or of HTTP Basic.
pub(in crate::config) fn parts(secret: &str) -> Vec<String> {
    let mut parts = Vec::new();
    if is_configuration(secret) {
        parts.extend(told(secret).into_iter().filter_map(|at| secret.get(at).map(str::to_owned)));
    }
    if let Some((scheme, credentials)) = secret.trim().split_once(' ')
        && AUTH_SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme))
    {
        let credentials = credentials.trim();
        parts.push(credentials.to_owned());
        let basic = go::base64::decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        parts.extend(basic.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, password)| password.to_owned()));
    }
    if secret.contains('@') {
        parts.extend(passwords(secret).into_iter().filter_map(|at| secret.get(at).map(str::to_owned)));
    }
    parts.retain(|part| part.len() >= SHORTEST && !is_nobodys(part));
    parts
}
