//! What complains: a line that says itself, in the way of its form, that something went wrong.

use super::access;
use super::form::Form;
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

/// Fields that are filled only where something failed: of zerolog and others, and of Envoy, which tells of a handshake that failed at
/// `info` (`internal/controlplane/grpc_accesslog.go`).
const FIELDS_OF_ERRORS: [&str; 7] = [
    "error",
    "err",
    "errors",
    "error_description",
    "handle-error",
    "downstream-transport-failure-reason",
    "upstream-transport-failure-reason",
];

static ERROR_FIELDS: Texts = Texts::new(&["err", "transport-failure-reason"]);

/// How the words begin with which a message tells of a failure. (`expired` is none: to delete an old session is routine.)
pub(super) const FAILED: [&str; 16] = [
    "fail",
    "reject",
    "refus",
    "denied",
    "malformed",
    "mismatch",
    "unsupported",
    "unavailable",
    "unable to",
    "could not",
    "couldn't",
    "cannot",
    "can't",
    "not found",
    "invalid ",
    "found for refresh",
];

static TELLING: Texts = Texts::new(&FAILED);

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
        || has_error_field(line)
        || tells_a_failure(line)
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

/// Whether a field for errors is filled, at whatever level: as JSON, or in pairs, as zerolog writes them on a console.
fn has_error_field(line: &Line) -> bool {
    let lower = line.lower.as_str();
    let is_filled = |value: &str| !["\"\"", "{}", "[]", "null"].iter().any(|empty| value.starts_with(empty));
    let of_json = |rest: &str| {
        let value = rest.strip_prefix('"')?.trim_start().strip_prefix(':')?.trim_start();
        Some(value.starts_with(['"', '{', '[']) && is_filled(value))
    };
    let of_pairs = |before: &str, rest: &str| {
        let value = rest.strip_prefix('=')?;
        Some(before.ends_with(' ') && !value.starts_with(' ') && !value.is_empty() && is_filled(value))
    };
    ERROR_FIELDS.any_in(lower)
        && FIELDS_OF_ERRORS.iter().any(|name| {
            lower.match_indices(name).any(|(at, _)| {
                let (before, rest) = (lower.get(..at).unwrap_or_default(), lower.get(at + name.len()..));
                let rest = rest.unwrap_or_default();
                let in_json = || before.ends_with('"').then(|| of_json(rest)).flatten();
                let in_pairs = || of_pairs(before, rest).map(|is_filled| is_filled && is_of_pairs(line));
                in_json().or_else(in_pairs).unwrap_or_default()
            })
        })
}

/// Whether a line is a record of a log with pairs behind its message.
fn is_of_pairs(line: &Line) -> bool {
    Form::of(&line.plain) == Some(Form::Console) || level(line).is_some()
}

/// Whether the message of a record tells of a failure, at whatever level: Pomerium refuses a token or a request at `info` and `debug`,
/// too (`authenticate/csrf.go`, `authorize/grpc.go`, `pkg/grpcutil/options.go`).
fn tells_a_failure(line: &Line) -> bool {
    let is_begun = |before: &str| before.is_empty() || before.ends_with([' ', '(', '/']);
    TELLING.any_in(&line.lower)
        && message(line).is_some_and(|message| {
            FAILED.iter().any(|word| {
                message.match_indices(word).any(|(at, _)| {
                    let rest = message.get(at + word.len()..).unwrap_or_default();
                    let rest = rest.trim_start_matches(|char: char| char.is_ascii_lowercase());
                    is_begun(message.get(..at).unwrap_or_default()) && !rest.starts_with(['_', '=', '-'])
                })
            })
        })
}

/// The message of a record, in lower case.
fn message(line: &Line) -> Option<&str> {
    let lower = line.lower.as_str();
    let of_json = || {
        let (_, rest) = ["\"message\"", "\"msg\""].iter().find_map(|name| lower.split_once(name))?;
        rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?.split('"').next()
    };
    let of_pairs = || lower.split_once(" msg=\"")?.1.split('"').next();
    // Behind the level, and before the first pair.
    let of_a_console = || {
        Form::of(&line.plain).filter(|form| *form == Form::Console)?;
        let pair = lower.find('=').unwrap_or(lower.len());
        let end = lower.get(..pair)?.rfind(' ').filter(|_| pair < lower.len()).unwrap_or(pair);
        lower.get(..end)
    };
    of_json().or_else(of_pairs).or_else(of_a_console)
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
        // In every form of a log, whatever the field for errors is called.
        for complaint in [
            "8:31AM INF malformed token error=\"unexpected length (want 32, got 0)\"",
            "8:31AM DBG a service=databroker error=EOF",
            "level=info msg=x err=\"EOF\"",
            r#"{"level":"info","message":"x","err":"EOF"}"#,
            r#"{"level":"info","message":"x","errors":["EOF"]}"#,
            r#"{"level":"info","message":"x","downstream-transport-failure-reason":"TLS_error:|1:SSL"}"#,
        ] {
            assert!(is(complaint), "{complaint}");
        }
        for fine in [
            "8:31AM INF a error= service=x",
            "8:31AM INF a error=\"\" service=x",
            r#"{"level":"info","message":"x","err":null,"errors":[]}"#,
            "see https://a.example/?error=x and error=y",
        ] {
            assert!(!is(fine), "{fine}");
        }
        assert!(!is(r#"{"level":"info","path":"/","size":404,"response-code":200,"message":"http-request"}"#));
        assert!(!is(r#"{"level":"info","status":"404 pages were read"}"#));
    }

    #[test]
    fn a_message_that_tells_of_a_failure_complains_at_every_level() {
        let is = |text: &str| is_complaint(&Line::of(text));
        for complaint in [
            r#"{"level":"info","message":"both a cookie and a header; rejecting as 400"}"#,
            r#"{"level":"debug","message":"no session oauth2 token found for refresh"}"#,
            "8:31AM DBG rejected gRPC request due to invalid JWT service=databroker",
            "level=info msg=\"login failed for bob\"",
        ] {
            assert!(is(complaint), "{complaint}");
        }
        for fine in [
            r#"{"level":"info","message":"http-request","path":"/failed","user-agent":"not found"}"#,
            r#"{"level":"info","message":"storage/cache: invalidating all data"}"#,
            r#"{"level":"info","message":"envoy.overload_actions.reject_incoming_connections"}"#,
            "8:31AM INF authorize check allow=true deny=false path=/denied",
            "8:31AM INF deleting expired session",
        ] {
            assert!(!is(fine), "{fine}");
        }
    }

    #[test]
    fn a_line_without_a_level_complains_by_its_words() {
        let is = |text: &str| is_outcry(&Line::of(text));
        assert!(is("panic: boom") && is("fatal error: all goroutines are asleep") && is("[critical] x"));
        assert!(is("exec /bin/pomerium: exec format error") && is("Error: unknown flag: --x"));
        assert!(!is(r#"{"level":"info","message":"panic: no"}"#) && !is("no terror: fine"));
    }
}
