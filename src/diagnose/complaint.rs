//! What complains: a line that says itself, in the way of its form, that something went wrong.

use super::access;
use super::line::Line;
use super::plain::words;
use super::texts::Texts;

/// The levels of zerolog and others from which on somebody has to look.
const LEVELS: [&str; 10] =
    ["warn", "warning", "error", "err", "fatal", "panic", "critical", "crit", "alert", "emergency"];

/// The same as zerolog writes them on a console.
static CONSOLE: Texts = Texts::new(&["WRN", "ERR", "FTL", "PNC"]);

/// How programs begin what they say before they end, and what the kernel, a shell and other programs say in their place.
pub(super) const OUTCRIES: [&str; 15] = [
    "panic: ",
    "panic(",
    "fatal error",
    "fatal: ",
    "error: ",
    "[error]",
    "[crit]",
    "[critical]",
    "[alert]",
    "[emerg]",
    "exec format error",
    "segmentation fault",
    "out of memory",
    "oomkilled",
    "traceback (most recent call last)",
];

/// How a message begins, or what is in it, that tells of a failure at whatever level.
pub(super) const FAILURES: [&str; 28] = [
    "\"message\":\"failed",
    "\"message\":\"error",
    "\"msg\":\"failed",
    "\"msg\":\"error",
    "\"message\":\"could not",
    "\"message\":\"cannot",
    "\"message\":\"can't",
    "\"message\":\"unable",
    "\"message\":\"invalid",
    "\"msg\":\"could not",
    "\"msg\":\"cannot",
    "\"msg\":\"unable",
    "connection refused",
    "connection reset by peer",
    "permission denied",
    "context deadline exceeded",
    "i/o timeout",
    "giving up",
    "handshake failure",
    "handshake error",
    "certificate has expired",
    "certificate expired",
    "\"x509: ",
    "\"tls: ",
    " x509: ",
    "no space left on device",
    "no such host",
    "certificate signed by unknown authority",
];

static FINDER: Texts = Texts::new(&FAILURES);

/// What logs call the level.
static NAMES: Texts = Texts::new(&["level", "severity", "lvl"]);

/// The level that a line names, in lower case: in JSON however it is laid out, in pairs, or on a console.
pub(super) fn level(line: &Line) -> Option<&str> {
    if !NAMES.any_in(&line.lower) {
        return None;
    }
    let quoted = |name: &str| {
        let (_, rest) = line.lower.split_once(name)?;
        let rest = rest.trim_start().strip_prefix(':')?.trim_start();
        rest.strip_prefix('"')?.split('"').next()
    };
    let paired = |name: &str| {
        let (_, rest) = line.lower.split_once(name)?;
        rest.trim_start_matches('"').split(|char: char| !char.is_ascii_alphabetic()).next()
    };
    let json = || ["\"level\"", "\"severity\"", "\"lvl\""].iter().find_map(|name| quoted(name));
    let pairs = || ["level=", "lvl=", "severity="].iter().find_map(|name| paired(name));
    json().or_else(pairs)
}

/// Whether a line says by its level, by a field for errors or by the status of an answer that something went wrong.
pub(super) fn is_complaint(line: &Line) -> bool {
    level(line).is_some_and(|level| LEVELS.contains(&level))
        || has_error_field(&line.lower)
        || FINDER.any_in(&line.lower)
        || CONSOLE.any_in(&line.plain) && words(&line.plain).any(|word| CONSOLE.has(word))
        || access::is_refused(line)
}

/// Whether a line that has no level says so in the words with which programs end.
pub(super) fn is_outcry(line: &Line) -> bool {
    level(line).is_none() && OUTCRIES.iter().any(|outcry| begins_word(&line.lower, outcry))
}

fn begins_word(lower: &str, text: &str) -> bool {
    let is_free = |(at, _): (usize, &str)| {
        lower.get(..at).is_some_and(|before| !before.ends_with(|char: char| char.is_ascii_alphanumeric()))
    };
    lower.match_indices(text).any(is_free)
}

/// A field `error` that is not empty, at whatever level.
fn has_error_field(lower: &str) -> bool {
    let filled = |(at, name): (usize, &str)| {
        let rest = lower.get(at + name.len()..).unwrap_or_default().trim_start();
        let Some(rest) = rest.strip_prefix(':').map(str::trim_start) else { return false };
        rest.starts_with('"') && !rest.starts_with("\"\"") || rest.starts_with('{') && !rest.starts_with("{}")
    };
    lower.contains("\"error\"") && lower.match_indices("\"error\"").any(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_complains_by_its_level_its_error_or_its_status() {
        let is = |text: &str| is_complaint(&Line::of(text));
        assert!(is(r#"{"level":"debug","error":"not found"}"#) && is(r#"{"level" : "error"}"#) && is("3:04AM ERR x"));
        assert!(is(r#"{"level":"warn","message":"x"}"#) && is("level=warning msg=x") && is("3:04AM WRN x"));
        assert!(is(r#"{"level":"info","path":"/","response-code": 403,"message":"http-request"}"#));
        assert!(is("3:04AM INF http-request method=GET path=/ response-code=503"));
        assert!(
            is(r#"{"level":"info","message":"failed to dial"}"#) && is(r#"{"level":"info","x":"connection refused"}"#)
        );
        assert!(!is(r#"{"level":"info","error":""}"#) && !is("terror of errors"));
        assert!(!is(r#"{"level":"info","path":"/","size":404,"response-code":200,"message":"http-request"}"#));
        assert!(!is(r#"{"level":"info","status":"404 pages were read"}"#));
    }

    #[test]
    fn a_line_without_a_level_complains_by_its_words() {
        let is = |text: &str| is_outcry(&Line::of(text));
        assert!(is("panic: boom") && is("fatal error: all goroutines are asleep") && is("[critical] x"));
        assert!(is("exec /bin/pomerium: exec format error") && is("Error: unknown flag: --x"));
        assert!(!is(r#"{"level":"info","message":"panic: no"}"#) && !is("no terror: fine"));
    }
}
